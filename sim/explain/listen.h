/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen: a policy that stands in front of the one that is explained. It passes every call on, and records the
 * moments that the user wants; explain.c replays the trace and tells them. */
#ifndef SIM_EXPLAIN_LISTEN_H
#define SIM_EXPLAIN_LISTEN_H

#include "sim/explain/moment.h"

struct reader;

#define EXPLAIN_ABSENT INT64_MIN

/* A cell that is explained. */
struct explain {
    const struct explain_request *request;
    const struct cell_config *cell;
    const struct reader *reader;
    bool has_begun; /* somebody was told */
    const struct model *model;
    void *state;

    /* What stands in front of the policy. */
    struct policy in_front;
    const struct policy *behind;

    /* Keys. */
    int64_t *last_us; /* by id: when the policy was last told of an access; EXPLAIN_ABSENT */
    uint32_t capacity;
    uint32_t names_seen; /* ids below it are known to be the key that was asked for, or not to be */
    uint32_t *watched;   /* the key that was asked for, in each database that has it */
    size_t watched_count;

    /* The command at hand, and what has happened in and before it. */
    uint64_t number;
    bool is_over; /* there are no more */
    int64_t time_us;
    struct counters before;
    bool was_there; /* one of the watched keys */
    struct moment *moments;
    size_t count, room;
    struct moment_candidate *candidates;
    size_t candidate_count, candidate_room;

    /* Removals whose cause is not known yet: a model counts them right after it has told of them. */
    uint64_t removals, expired_before, deleted_before;
    size_t first_removal; /* among the moments */

    struct gate gate;
    bool gate_is_open;
    /* As they were when it opened: the request, and a fill, come to gates of their own. */
    bool gate_is_between;
    uint64_t gate_fills;
};

static inline struct model_look explain_look(const struct explain *explain)
{
    return explain->model->look(explain->state);
}

/* Whether it is the key that was asked for. */
static inline bool explain_watches(const struct explain *explain, uint32_t id)
{
    for (size_t i = 0; i < explain->watched_count; i++)
        if (explain->watched[i] == id)
            return true;
    return false;
}

/* Whether moments of that kind are told, now and of that key. */
bool explain_wants(const struct explain *explain, enum moment_kind kind, uint32_t id);
/* Finds the causes of removals from the counters; to be called when the model has surely counted them. */
void explain_settle_removals(struct explain *explain);
/* The function of a policy_wrap whose owner is a struct explain: returns the policy that listens. */
const struct policy *explain_stand_in_front(void *owner, const struct policy *policy);

#endif
