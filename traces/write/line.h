/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line: a line of text that is being written, in room that grows. */
#ifndef TRACES_WRITE_LINE_H
#define TRACES_WRITE_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Zeroed to begin with; the owner frees `text`. */
struct line {
    char *text;
    size_t bytes, capacity;
};

void line_bytes(struct line *line, const char *text, size_t bytes);
void line_text(struct line *line, const char *text);
void line_char(struct line *line, char byte);
void line_number(struct line *line, uint64_t number);
void line_signed(struct line *line, int64_t number);
/* Microseconds as seconds, with so many digits behind the point; those that are not asked for must be 0. */
void line_seconds(struct line *line, int64_t time_us, int decimals);
/* How many digits behind the point it takes. */
int line_decimals(int64_t time_us);

/* Writes the line, and empties it. 0, or -1. */
int line_flush(struct line *line, FILE *out);

#endif
