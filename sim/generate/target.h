/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target: the contract of what a generated trace is written as. One target, one file, one line in targets.c. */
#ifndef SIM_GENERATE_TARGET_H
#define SIM_GENERATE_TARGET_H

#include "sim/error.h"
#include "sim/generate/operations.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A generated request. */
struct generate_row {
    int64_t time_us; /* from the trace's begin */
    const struct operation *operation;
    uint64_t number; /* of the key: no two have the same */
    uint32_t key;    /* its place, which a later key may take */
    uint32_t value_bytes;
    uint32_t ttl_s;  /* 0: none */
    uint32_t member; /* of a collection, number of the element */
    uint32_t score;
    const char
        *prefix; /* its name: the prefix, the operation's infix, the number, with zeros in front of it to fill so */
    size_t prefix_bytes, key_bytes; /* many bytes */
};

/* What a trace as a whole is. */
struct generate_plan {
    uint64_t requests;
    uint32_t keys;                       /* places of keys: all of a row are below */
    double seconds;                      /* about so long */
    bool has_ttls, has_other_operations; /* than reads */
    bool whole_numbers; /* values of up to 18 bytes are numbers, because some operation wants them to be */
};

struct generate_target {
    const char *name;    /* as --format takes it */
    const char *summary; /* for --help: "twitter" or "oracleGeneral (binary, reads only)" */
    size_t state_size;   /* allocated by the caller, zeroed */
    bool reads_only;     /* it knows neither operations nor ttls */
    bool memcached;      /* it knows operations that have a verb */
    /* 0, or -1: the trace cannot be written like this (ERROR_USAGE), or there is no room (ERROR_OUTPUT). */
    int (*begin)(void *state, const struct generate_plan *plan, FILE *out, struct error *error);
    /* 0, or -1: the stream cannot be written, errno says why. */
    int (*put)(void *state, const struct generate_row *row);
    /* Completes the trace, unless it has failed; releases the state. 0, or -1 likewise. */
    int (*end)(void *state, bool failed);
};

extern const struct generate_target generate_target_twitter, generate_target_oracle_general, generate_target_monitor;

extern const struct generate_target *const generate_targets[];
extern const size_t generate_target_count;

/* NULL: there is none of this name. */
const struct generate_target *generate_target_find(const char *name);

/* ---- for text ---- */

enum { TARGET_ROW_BYTES = 2048 }; /* more than a row without its value */

/* printf would take longer than all the rest together. */
static inline char *put_number(char *to, uint64_t number)
{
    char digits[20];
    int count = 0;

    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

/* Seconds with six places. */
static inline char *put_time(char *to, int64_t time_us)
{
    uint32_t us = (uint32_t)(time_us % 1000000);

    to = put_number(to, (uint64_t)(time_us / 1000000));
    *to++ = '.';
    for (int i = 5; i >= 0; i--, us /= 10)
        to[i] = (char)('0' + us % 10);
    return to + 6;
}

static inline char *put_text(char *to, const char *text, size_t bytes)
{
    memcpy(to, text, bytes);
    return to + bytes;
}

/* The key's name. */
static inline char *put_key(char *to, const struct generate_row *row)
{
    char *begin = to, *number;
    size_t bytes;

    to = put_text(to, row->prefix, row->prefix_bytes);
    to = put_text(to, row->operation->infix, strlen(row->operation->infix));
    number = to;
    to = put_number(to, row->number);
    bytes = (size_t)(to - begin);
    if (bytes < row->key_bytes) {
        memmove(number + (row->key_bytes - bytes), number, (size_t)(to - number));
        memset(number, '0', row->key_bytes - bytes);
        to += row->key_bytes - bytes;
    }
    return to;
}

#endif
