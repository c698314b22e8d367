/* SPDX-License-Identifier: GPL-3.0-or-later */
/* admission: the contract of an admission rule, the door in front of any eviction policy. One rule, one file
 * policies/admission_<name>.c, one line in policies/admission_registry.c.
 *
 *     model                                        rule
 *     a key is asked for or written        ->      seen(id, bytes)     hit or miss, before anything else
 *     an absent key would come in: may it? ->      admits(id, bytes)
 *
 * A key that is not admitted never reaches the policy, and is counted (not_admitted). In a flat cache that is every
 * key that would come in. A Redis server stores what it is told to store: there the rule is the application's, which
 * does not send the SET after a missed read; the trace's own writes are sent, and stored.
 *
 * `bytes` is the value's size as the trace gives it (1 with unit sizes), VALUE_UNKNOWN where it does not. A rule
 * may ask admission_victim() which key would be evicted for the new one. (A client of a real Redis server cannot
 * know that.) Random numbers come from context->rng, and there are no globals. */
#ifndef SIM_ADMISSION_H
#define SIM_ADMISSION_H

#include "sim/policy.h"
#include "sim/request.h"

struct admission_context;

/* What a model offers. */
struct admission_view {
    /* The key that would be evicted for a value of so many bytes, NO_KEY while there is room or no victim. If the
     * new key is admitted, this one is evicted first. */
    uint32_t (*victim)(void *owner, uint64_t bytes);
    /* About how many bytes all values together may take; UINT64_MAX without a limit. */
    uint64_t (*capacity)(void *owner);
    uint64_t (*keys)(void *owner); /* resident now */
};

struct admission {
    const char *name;
    const char *summary;
    const char *source;                        /* the paper; NULL: none */
    const struct policy_parameter *parameters; /* ended by one without a name; NULL: none */
    size_t state_size;
    int (*init)(struct admission_context *context, struct error *error);
    void (*release)(struct admission_context *context);
    void (*seen)(struct admission_context *context, uint32_t id, uint32_t bytes); /* NULL: it does not need to know */
    bool (*admits)(struct admission_context *context, uint32_t id, uint32_t bytes);
};

/* A rule at work in one cell. */
struct admission_context {
    const struct admission *admission; /* NULL: every key may come in */
    void *state;                       /* state_size bytes, zeroed before init */
    double parameters[POLICY_PARAMETERS];
    gsl_rng *rng;
    void *owner;
    const struct admission_view *view;
};

/* Allocates state and calls init; without a rule nothing. The other fields are set; parameters are copied, NULL
 * stands for the initial ones. 0, or -1. */
int admission_open(struct admission_context *context, const struct admission *admission, const double *parameters,
                   struct error *error);
void admission_close(struct admission_context *context); /* safe after a failed or missing open */

/* Whether the command asks for its key, or writes its value. */
bool admission_concerns(enum op op);

static inline void admission_seen(struct admission_context *context, enum op op, uint32_t id, uint32_t bytes)
{
    if (context->admission && context->admission->seen && admission_concerns(op))
        context->admission->seen(context, id, bytes);
}

static inline bool admission_admits(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    return !context->admission || context->admission->admits(context, id, bytes);
}

static inline uint32_t admission_victim(struct admission_context *context, uint64_t bytes)
{
    return context->view->victim(context->owner, bytes);
}

#endif
