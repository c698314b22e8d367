/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/lines.h"

#include <inttypes.h>
#include <stdio.h>

/* Whether the window may grow so that it holds a line that is longer than it. 0, or -1. */
static int ask(const struct lines *lines, size_t wanted, struct error *error)
{
    char what[48];
    size_t window = 1;

    if (wanted <= 1)
        return 0;
    while (window < wanted)
        window *= 2;
    snprintf(what, sizeof what, "line %ju", (uintmax_t)lines->number + 1);
    return source_may_take(lines->source, window, what, error);
}

int lines_look(struct lines *lines, struct error *error)
{
    size_t wanted = 1, bytes;

    for (;;) {
        if (ask(lines, wanted, error))
            return -1;
        const char *text = source_peek(lines->source, wanted, &bytes, error);
        if (!text)
            return -1;
        const char *newline = memrchr(text, '\n', bytes);
        bool is_last = bytes < wanted; /* the trace ends here, with or without a line feed */
        if (newline || is_last) {
            lines->begin = lines->next = text;
            lines->end = is_last ? text + bytes : newline + 1;
            return lines->end > text;
        }
        if (bytes > LINE_LIMIT)
            return error_set(error, ERROR_INPUT, "%s:%ju: line longer than %d bytes", source_name(lines->source),
                             (uintmax_t)lines->number + 1, LINE_LIMIT);
        wanted = bytes < 4096 ? bytes + 1 : 2 * bytes; /* doubled, so that a long line is searched only a few times */
    }
}
