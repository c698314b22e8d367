/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines: the complete lines that a source holds at the moment, one after the other.
 *
 * For text formats whose records point into the source's window. A read() of such a format looks
 * once, takes lines while there is room, and releases them. The bytes stay where they are until the
 * next look, that is, until the next read().
 *
 *     lines_look()   ->  line, line, line, (piece of a line)
 *     lines_next()   ->  a line without its end, LF or CRLF
 *     lines_done()       consumes the lines taken */
#ifndef TRACES_TEXT_LINES_H
#define TRACES_TEXT_LINES_H

#include "sim/input/source.h"

#include <string.h>

enum { LINE_LIMIT = 64 << 20 }; /* a longer line is an error: a binary file, most likely */

struct lines {
    struct source *source;
    const char *begin, *next, *end;
    uint64_t number; /* of the line last taken, from 1 */
};

static inline void lines_init(struct lines *lines, struct source *source)
{
    *lines = (struct lines){.source = source};
}

/* 1 when there is a line to take, 0 at the end of the trace, -1 on failure. */
int lines_look(struct lines *lines, struct error *error);

/* The next line; false when no complete one is left to see. */
static inline bool lines_next(struct lines *lines, const char **line, const char **line_end)
{
    if (lines->next == lines->end)
        return false;
    const char *newline = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));
    const char *end = newline ? newline : lines->end; /* the trace may end without one */

    *line = lines->next;
    lines->next = newline ? newline + 1 : lines->end;
    if (__builtin_expect(!newline, 0))
        source_note_open_line(lines->source);
    *line_end = end > *line && end[-1] == '\r' ? end - 1 : end;
    lines->number++;
    return true;
}

static inline void lines_done(struct lines *lines)
{
    source_consume(lines->source, (size_t)(lines->next - lines->begin));
    lines->begin = lines->next;
}

#endif
