/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_twin: a plan played twice: by a real server in virtual time, and by its model. Each gives an answer to each act.
 *
 *     plan --> a script --> sim/live, the server --> its record ---> answers
 *          \-> traces/commands/command.c --> a batch for each command --> the model, sim/server/inspect.h --> answers  */
#ifndef TESTS_FIDELITY_SUPPORT_TWIN_H
#define TESTS_FIDELITY_SUPPORT_TWIN_H

#include "sim/error.h"
#include "sim/live/program.h"
#include "tests/fidelity/support_plan.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct answer {
    bool failed;   /* an error */
    char word[24]; /* the type, or the encoding, "" when there is none; of an error, how it begins */
    /* MEMORY USAGE, 0 of no key; used_memory. */
    int64_t bytes;
    /* Of INFO, as the model knows it: see inspect.h. */
    bool is_rehashing;
    int64_t bucket_bytes, buckets, node_bytes, bare_members, library_slots;
};

struct twins {
    struct program program;
    const char *model;            /* the name of the model's server */
    const char *const *arguments; /* more for the server, NULL-terminated, which the model is not told; NULL: none */
    const char *directory;        /* for files; is there */
    uint32_t seed;                /* the model's; the server draws its own each time */
    FILE *log;                    /* every answer of both goes there; NULL: none does */
};

/* Each into answers[plan->count], zeroed. 0, or -1. */
int twins_play_server(const struct twins *twins, const struct plan *plan, struct answer *answers, struct error *error);
int twins_play_model(const struct twins *twins, const struct plan *plan, struct answer *answers, struct error *error);

/* Whether the model has an option of this name: both are given the settings that it has, and no other. */
bool twins_have_setting(const char *name);

#endif
