/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_request: what the doctor is asked: a trace, and one server as it is configured. */
#ifndef SIM_ADVICE_DOCTOR_REQUEST_H
#define SIM_ADVICE_DOCTOR_REQUEST_H

#include "sim/engine/replay.h"

#include <stddef.h>
#include <stdint.h>

/* AUTO: found out from the trace. */
enum role { ROLE_AUTO, ROLE_CACHE, ROLE_STORE };

struct doctor_request {
    struct replay_plan plan; /* without cells. With ROLE_STORE no miss is filled unless on_miss says so */
    const struct server *server;
    struct named_policy policy;
    uint64_t maxmemory; /* not 0 */
    uint64_t first_seed;
    uint64_t seeds; /* 0: as many as suit the trace */
    enum role role;
    const char *separator;                /* what ends a prefix */
    const struct policy *const *policies; /* those to try */
    size_t policy_count;
    /* Called before each reading but the first; NULL: nobody asks. */
    void (*tell)(void *owner, uint64_t reading, size_t simulations);
    /* Called for each line of a first answer, from a sample of a long trace; NULL: nobody asks. */
    void (*tell_first)(void *owner, const char *line);
    void *tell_owner;
};

#endif
