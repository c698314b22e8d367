/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/fit.h"

#include "reports/text.h"
#include "sim/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct line {
    const char *begin;
    size_t bytes; /* without its end */
};

/* Takes the next line of the text; false: there is none. */
static bool take(const char **text, struct line *line)
{
    if (!**text)
        return false;
    *line = (struct line){*text, strcspn(*text, "\n")};
    *text += line->bytes;
    *text += **text == '\n';
    return true;
}

static int width_of(struct line line)
{
    char *copy = xmalloc(line.bytes + 1);
    int width;

    memcpy(copy, line.begin, line.bytes);
    copy[line.bytes] = '\0';
    width = display_width(copy);
    free(copy);
    return width;
}

static size_t blanks_at(struct line line)
{
    size_t blanks = 0;

    while (blanks < line.bytes && line.begin[blanks] == ' ')
        blanks++;
    return blanks;
}

/* Where the text behind the labels begins: behind the last blanks, two or more, that end in the left half of the terminal.
 * Where there are none, where the line does. */
static size_t indent_of(struct line line, int columns)
{
    size_t indent = blanks_at(line);

    for (size_t i = indent; i + 1 < line.bytes && i < (size_t)columns / 2; i++)
        if (line.begin[i] == ' ' && line.begin[i + 1] == ' ') {
            while (i < line.bytes && line.begin[i] == ' ')
                i++;
            if (i <= (size_t)columns / 2)
                indent = i;
        }
    return indent;
}

/* The next word of the line, which begins at `at`; of one that is wider than `room` no more than to the last comma in it. */
static struct line word_at(struct line line, size_t at, int room)
{
    struct line word = {line.begin + at, 0};
    size_t comma = 0;

    for (; word.bytes < line.bytes - at && word.begin[word.bytes] != ' '; word.bytes++)
        if (word.begin[word.bytes] == ',' && (int)word.bytes < room)
            comma = word.bytes + 1;
    if (comma && width_of(word) > room)
        word.bytes = comma;
    return word;
}

/* Writes words from `column` on, each but the first behind a blank. Returns the column behind the last. */
static int put_words(struct line words, int column, size_t indent, int columns, bool is_first, FILE *out)
{
    size_t at = blanks_at(words);

    while (at < words.bytes) {
        struct line word = word_at(words, at, columns - (int)indent);
        bool is_behind_comma = at && words.begin[at - 1] == ',';
        int width = width_of(word), gap = !is_first && !is_behind_comma;

        if (!is_first && column + gap + width > columns) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = (int)indent;
            gap = 0;
        }
        fprintf(out, "%s%.*s", gap ? " " : "", (int)word.bytes, word.begin);
        column += gap + width;
        is_first = false;
        at += word.bytes;
        while (at < words.bytes && words.begin[at] == ' ')
            at++;
    }
    return column;
}

/* Whether the line goes on with what the one before began. */
static bool goes_on(struct line line, size_t indent)
{
    return indent && blanks_at(line) == indent && line.bytes > indent;
}

void fit_put(const char *text, int columns, FILE *out)
{
    struct line first, next;

    while (take(&text, &first)) {
        const char *end = text, *rest = text;
        size_t indent = indent_of(first, columns);
        bool is_wide = width_of(first) > columns;
        int column;

        while (indent > blanks_at(first) && take(&rest, &next) && goes_on(next, indent)) {
            is_wide |= width_of(next) > columns;
            end = rest;
        }
        if (!is_wide) {
            fprintf(out, "%.*s\n", (int)first.bytes, first.begin);
            continue;
        }
        fprintf(out, "%.*s", (int)indent, first.begin);
        column = put_words((struct line){first.begin + indent, first.bytes - indent}, (int)indent, indent, columns,
                           true, out);
        while (text < end && take(&text, &next))
            column = put_words(next, column, indent, columns, false, out);
        putc('\n', out);
    }
}
