/* SPDX-License-Identifier: GPL-3.0-or-later */
/* moment: one thing that happened in a cell, as --explain tells it, and which of them a user can ask for. */
#ifndef SIM_EXPLAIN_MOMENT_H
#define SIM_EXPLAIN_MOMENT_H

#include "sim/model.h"
#include "sim/request.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum explain_what {
    EXPLAIN_EVICTIONS,
    EXPLAIN_KEY,    /* all that happens to a key */
    EXPLAIN_COMMAND /* a command of the trace, and EXPLAIN_AROUND on either side */
};

enum { EXPLAIN_AROUND = 3, EXPLAIN_CANDIDATES = 16 };

enum moment_kind {
    MOMENT_CELL, /* it begins: see explain_cell() */
    MOMENT_COMMAND,
    MOMENT_VICTIM,  /* the policy was asked, and named a key */
    MOMENT_NOBODY,  /* the policy was asked, and named none */
    MOMENT_ADDED,   /* the key is there now */
    MOMENT_WRITTEN, /* its value was written */
    MOMENT_RETIMED, /* it has a ttl, another one, or none */
    MOMENT_EXPIRED, /* gone, because its ttl had passed */
    MOMENT_REMOVED, /* gone, because a command said so */
};

/* A gate that memory did not pass: evictions follow. */
struct gate {
    unsigned number;    /* counted from 1 */
    uint64_t used;      /* what counted against maxmemory, */
    uint64_t wanted;    /* what was about to come in, where the model makes room for it beforehand, */
    uint64_t maxmemory; /* and what both may be together */
};

struct moment {
    enum moment_kind kind;
    int64_t time_us;
    uint64_t command;                 /* its number in the trace, from 1; 0: before it, by serverCron or a scenario */
    bool fill;                        /* it happened in the SET that fills a miss */
    uint32_t id;                      /* of the key; NO_KEY for CELL, COMMAND and NOBODY */
    uint64_t bytes;                   /* ADDED, WRITTEN: what the key weighs now. VICTIM: before it went */
    uint64_t used_before, used_after; /* what counts against maxmemory. VICTIM; COMMAND: since the one before */
    int64_t expire_ms;                /* RETIMED: Unix ms; INT64_MAX: no ttl any more */

    /* COMMAND */
    const struct batch *batch;
    uint32_t first, rows;
    const struct counters *change; /* how much each counter grew; of those that never fall */
    int found; /* EXPLAIN_KEY: whether the key was there when the command looked for it; -1: it did not look */

    /* VICTIM, NOBODY */
    struct gate gate;
    bool surplus;    /* it was asked for by surplus(), with no gate */
    bool is_evicted; /* else an admission rule asked for it, and it stays */
    int64_t last_us; /* when the policy was last told of an access */
    size_t first_candidate;
    int candidate_count; /* 0: the policy cannot say */
    const char *score;   /* of the candidates, and what it is */
};

/* A key that the policy weighed. */
struct moment_candidate {
    uint32_t id;
    double score;
    bool is_gone; /* it was deleted since it became a candidate */
};

struct explain;
typedef void explain_tell_fn(void *owner, const struct explain *explain, const struct moment *moment);

struct explain_request {
    enum explain_what what;
    const char *key; /* EXPLAIN_KEY: its name, in any database */
    uint64_t number; /* EXPLAIN_COMMAND: counted from 1 */
    explain_tell_fn *tell;
    void *owner;
};

#endif
