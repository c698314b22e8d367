/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_stream_rows: what random streams are made of: a row for each kind of command, and how its words are drawn.
 *
 * A row is drawn as soon as the model executes its command: commands that it skips (sim/command.h) are left out. A row's
 * words are separated by blanks:
 *
 *     set          a small letter or sign begins a word that stands for itself
 *     K            a capital letter is drawn: see the table `classes` in the .c file
 *     (a|b c|)     one of these, the last of which is nothing
 *     {F V}        again and again, by the counts of the stream
 *
 * Each stream has some keys of each of the few types that it is about, a set of fields, a longest value, and counts: they
 * are drawn first, so that one stream stays below the thresholds, another crosses them, and members repeat. */
#ifndef TESTS_FIDELITY_SUPPORT_STREAM_ROWS_H
#define TESTS_FIDELITY_SUPPORT_STREAM_ROWS_H

#include "tests/fidelity/support_stream.h"
#include "tests/support_random.h"

struct drawing {
    const char *
        types; /* letters of the types that are wanted: "s" strings, "h", "l", "t" sets, "z", "x", "b" bitmaps, "p", "f" hashes with ttls of fields, "u" libraries of functions; NULL: any */
    const char *server; /* "redis-8.0.2": of some servers a type is left out */
    uint32_t commands, compare_every;
};

/* Thresholds by which values are converted: small ones, so that it happens often. Those that the model has, and the server
 * of this name. */
void draw_settings(struct random *random, const char *server, struct stream *stream);
void draw_stream(struct random *random, const struct drawing *drawing, struct stream *stream);

/* The rows there are, and their commands; OP_COUNT: evsim does not know it. */
extern const size_t drawn_row_count;
const char *drawn_row(size_t i);
enum op drawn_op(size_t i);
/* A command of the row alone, behind the steps of the stream. */
void draw_row(struct random *random, size_t i, struct stream *stream);

/* Letters of the types of which the model executes a command that makes a value. */
void drawn_types(char types[16]);

#endif
