/* SPDX-License-Identifier: GPL-3.0-or-later */
/* requests: the commands in what a client sends, piece by piece: arrays of strings, and inline commands.
 *
 *     *2\r\n $3\r\nGET\r\n $1\r\na\r\n
 *     GET a\r\n
 *
 * Where bytes are missing, or what stands there is no command, the reader is lost until it finds the beginning of a command
 * whose name Redis knows. What is missing within a string does no harm to what follows: its length is known.
 *
 * Source: processMultibulkBuffer, processInlineBuffer (networking.c) of Redis 7.0. */
#ifndef TRACES_CAPTURE_REQUESTS_H
#define TRACES_CAPTURE_REQUESTS_H

#include "traces/commands/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUESTS_LINE = 64 << 10 }; /* PROTO_INLINE_MAX_SIZE */

/* What stands next. */
enum request_place {
    AT_COMMAND, /* a command's first byte */
    IN_LINE,    /* its first line, */
    IN_LENGTH,  /* $3\r\n, */
    IN_STRING,  /* the string, */
    IN_END,     /* the line end behind it */
    LOST,
};

struct request_reader {
    enum request_place place;
    char *line; /* begun */
    size_t line_bytes, line_capacity;
    uint64_t arguments, missing; /* of the command; of the string, with its line end */
    /* Of the command, so far: where each argument begins in `text` is ends[n - 1]. */
    char *text;
    size_t bytes, capacity;
    size_t *ends;
    size_t count, ends_capacity;
    size_t damaged, first_damaged; /* how many arguments lack bytes, and the first that does */
    uint64_t skipped;              /* bytes that were passed over while it was lost */
};

/* A whole command is there: the arguments are those of the reader, until the next byte. */
typedef void requests_command_fn(void *owner, struct request_reader *reader);

void requests_begin(struct request_reader *reader, bool lost);
void requests_release(struct request_reader *reader);

/* Takes bytes, NULL: missing ones. Returns false when it got lost meanwhile: some commands are not known. */
bool requests_take(struct request_reader *reader, const char *data, uint64_t bytes, requests_command_fn *command,
                   void *owner);

/* The argument, which points into the reader. */
struct argument requests_argument(const struct request_reader *reader, size_t index);

/* Whether a command begins at `at`, an array whose first string is the name of one that Redis has. */
bool requests_begin_at(const char *at, const char *end);
/* Whether an inline command does, or may. */
bool requests_inline_at(const char *at, const char *end);

#endif
