/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_stream: a stream of commands for a server and its model, as text and in memory.
 *
 *     config hash-max-listpack-entries 8     before it starts, on both sides
 *     set s1 v7...4096                       the word v7xxx... of 4096 bytes
 *     wait 150                               milliseconds, of virtual time
 *     compare                                ask both about every key that was named, and about used_memory
 *
 * A line is a step; words are quoted as in redis-cli, and hold no NUL; empty lines and those that begin with # are left
 * out. */
#ifndef TESTS_FIDELITY_SUPPORT_STREAM_H
#define TESTS_FIDELITY_SUPPORT_STREAM_H

#include "sim/error.h"
#include "traces/commands/command.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum step_kind { STEP_COMMAND, STEP_WAIT, STEP_COMPARE };

struct step {
    enum step_kind kind;
    int64_t wait_ms;
    struct argument *words; /* of a command; one block with their text, each with a NUL behind it */
    size_t word_count;
};

enum { STREAM_SETTINGS = 24, SETTING_TEXT = 24 };

struct stream_setting {
    char name[48], value[SETTING_TEXT];
};

struct stream {
    struct step *steps;
    size_t count, capacity;
    struct stream_setting settings[STREAM_SETTINGS];
    size_t setting_count;
};

/* Zeroed to begin with. Words are copied. */
void stream_add(struct stream *stream, const struct argument *words, size_t count);
void stream_wait(struct stream *stream, int64_t ms);
void stream_compare(struct stream *stream);
void stream_set(struct stream *stream, const char *name, const char *value);
/* Copies the steps of another behind its own, and its settings if it has none. */
void stream_append(struct stream *stream, const struct stream *from);
void stream_release(struct stream *stream);

/* Some of the steps of a stream, whose words they still are: to be released with stream_release_part. */
struct stream stream_part(const struct stream *stream);
void stream_release_part(struct stream *part);

/* As text; the other way round: -1 with the line's number. */
void stream_print(const struct stream *stream, FILE *out);
int stream_read(struct stream *stream, FILE *in, struct error *error);

#endif
