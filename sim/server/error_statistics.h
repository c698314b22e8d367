/* SPDX-License-Identifier: GPL-3.0-or-later */
/* error_statistics: the kinds of errors that a server has answered with. It counts each (INFO errorstats) in a radix tree
 * by the error's first word, and the first of a kind makes room for its counter for good: 32 bytes for the very first, for
 * others what the tree has to split.
 *
 * Source: incrementErrorCount (server.c). */
#ifndef SIM_SERVER_ERROR_STATISTICS_H
#define SIM_SERVER_ERROR_STATISTICS_H

#include "sim/server/tables/rax.h"

/* X(name in C and on the wire) */
#define ERROR_KINDS(X)                                                                                                 \
    X(ERR)                                                                                                             \
    X(OOM)                                                                                                             \
    X(WRONGTYPE)                                                                                                       \
    X(BUSYGROUP)                                                                                                       \
    X(NOGROUP)                                                                                                         \
    X(EXECABORT)                                                                                                       \
    X(NOSCRIPT)                                                                                                        \
    X(BUSYKEY)                                                                                                         \
    X(UNKILLABLE)

enum error_kind {
#define X(name) ERROR_OF_##name,
    ERROR_KINDS(X)
#undef X
        ERROR_KIND_COUNT
};

struct error_statistics {
    struct rax tree;
    uint64_t empty_bytes; /* of the tree before the first error */
    bool seen[ERROR_KIND_COUNT];
};

/* *memory has what the empty tree weighs already: it is there from the start. */
void error_statistics_init(struct error_statistics *errors, const struct allocator *allocator, uint64_t *memory);
void error_statistics_release(struct error_statistics *errors);
void error_statistics_count(struct error_statistics *errors, enum error_kind kind);
/* CONFIG RESETSTAT: nothing has been answered yet. */
void error_statistics_reset(struct error_statistics *errors);
/* What the errors so far have added. */
uint64_t error_statistics_bytes(const struct error_statistics *errors);

#endif
