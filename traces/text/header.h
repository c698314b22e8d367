/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header: the first line of a CSV file, and the roles that follow from its names.
 *
 * A name is what is left without the blanks and quotes around it, a leading '#' of the line and a byte order mark;
 * letters count in any case, and what separates them does not: `# Value_Size` is value-size. A name may end with the
 * unit of a time or a ttl, as in time_ms or ttl(s), which then holds unless --columns says another.
 *
 *     columns named by --columns      are looked up: the run stops where one is missing, and says which there are
 *     roles that it leaves open       go to the columns with a known name, unless it names the key: then it is all there is
 *     no time, but unknown names      stops the run, too, for one of them may be the time: time=NAME or time=none
 *     columns without a role          are ignored, and the report lists them
 */
#ifndef TRACES_TEXT_HEADER_H
#define TRACES_TEXT_HEADER_H

#include "sim/error.h"
#include "sim/format.h"
#include "sim/input/intake.h"
#include "traces/text/columns.h"

#include <stdbool.h>
#include <stddef.h>

struct name {
    const char *text;
    size_t bytes;
};

/* How many bytes before the header, or the first row, are lines that are none: comments, which begin with '#' and are no header, empty
 * lines, and the line by which spreadsheets say the delimiter, "sep=;". *lines becomes their number, *comments that of comments. */
size_t header_skip(const char *head, size_t bytes, uint64_t *lines, uint64_t *comments);

/* The delimiter of the first line: a comma if there is one outside of quotes, else the most frequent of semicolon, tab
 * and pipe, else a blank; a comma when there is none of these. */
char header_delimiter(const char *head, size_t bytes);

/* How sure one can be that a file which begins so is CSV with a header of known names. */
enum format_sureness header_detect(const char *head, size_t bytes);

/* Gives roles to the columns of a header with these names. 0, or -1; `where` is "x.csv:1". */
int header_map(struct columns *columns, const struct name *names, size_t count, struct intake *intake,
               const char *where, struct error *error);

/* Notes the columns that have no role: by their names, or, without a header, by their numbers. */
void header_note_ignored(const struct columns *columns, const struct name *names, size_t count, bool numbers,
                         struct intake *intake);

/* The names of the first line, "'when', 'who'", when it is text with a delimiter other than blanks: for messages.
 * NULL otherwise. */
enum { HEADER_LIST = 400 };
const char *header_list(char list[HEADER_LIST], const char *head, size_t bytes);

/* What --columns may say of a first line without names, by what its fields are: "time=1,key=2,op=3,value-size=4,ttl=5". NULL if it has
 * no time and no key. */
enum { HEADER_GUESS = 128 };
const char *header_guess(char guess[HEADER_GUESS], const char *head, size_t bytes);

/* The same, if it is beyond doubt: there are a time, a key that is no number, a command and a value size, nothing else but a ttl, and
 * the first rows all agree. NULL: it is not. */
const char *header_sure_guess(char guess[HEADER_GUESS], const char *head, size_t bytes);

/* Whether the text of a number column can only be a name: a letter is the first thing in it that counts. */
bool header_is_name(const char *text, size_t bytes);
/* Whether a name behind the first begins with a blank: then blanks around columns mean nothing in this file. */
bool header_has_blanks(const struct name *names, size_t count);

#endif
