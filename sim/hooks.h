/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hooks: a model's side of a policy (policy.h): how it opens one, calls its hooks, and takes its answers.
 *
 * What a policy is told it may believe. What it answers a model checks, once, where the answer enters: a victim is a
 * key that is there and in scope. A policy that names another has a fault (a plug-in may), and whatever the model made
 * of its answer would look like a result. So the answer is an error of the run, and the policy is dismissed: it is told
 * and asked nothing any more, while the model comes to the end of its batch.
 *
 *     victim(), surplus() ──▶ a key that may go?  ── yes ──▶ evicted
 *                                                 ── no  ──▶ hooks_reject(): an error, and nobody is asked again
 *
 * NO_KEY is never a fault here, though check-policy calls it one while keys are in scope: a policy may decline to evict,
 * and then the write is refused and counted (oom_rejections), as it is under noeviction. */
#ifndef SIM_HOOKS_H
#define SIM_HOOKS_H

#include "sim/model.h"
#include "sim/policy.h"

/* Allocates state and calls init. The other fields of the context are set; parameters are copied, NULL stands
 * for the initial ones. 0, or -1 with an error. */
int policy_open(struct policy_context *context, const struct policy *policy, const double *parameters,
                struct error *error);
void policy_close(struct policy_context *context); /* safe after a failed or missing open */

/* Of the context's policy; NULL: the initial ones. */
void policy_set_parameters(struct policy_context *context, const double *parameters);

/* Whoever listens to the hooks of every policy that comes into force in a cell: options.wrap. */
struct policy_wrap {
    /* Answers with a policy that stands in front of the one given and passes on all that it is told and asked. It must
     * have `arriving`, `admits` and `surplus` only if that one has: models look. */
    const struct policy *(*wrap)(void *owner, const struct policy *policy);
    void *owner;
};

/* The policy, or what stands in front of it. */
static inline const struct policy *policy_wrapped(const struct simulation_options *options, const struct policy *policy)
{
    return options->wrap ? options->wrap->wrap(options->wrap->owner, policy) : policy;
}

static inline void policy_call(struct policy_context *context, policy_hook_fn *hook, uint32_t id)
{
    if (hook)
        hook(context, id);
}

/* What policy.h's table says of each. */
static inline void policy_arriving(struct policy_context *context, uint32_t id)
{
    policy_call(context, context->policy->arriving, id);
}

static inline void policy_added(struct policy_context *context, uint32_t id)
{
    policy_call(context, context->policy->added, id);
}

static inline void policy_read(struct policy_context *context, uint32_t id)
{
    policy_call(context, context->policy->read, id);
}

static inline void policy_written(struct policy_context *context, uint32_t id)
{
    policy_call(context, context->policy->written, id);
}

static inline void policy_retimed(struct policy_context *context, uint32_t id)
{
    policy_call(context, context->policy->retimed, id);
}

static inline void policy_removed(struct policy_context *context, uint32_t id)
{
    policy_call(context, context->policy->removed, id);
}

static inline void policy_evicted(struct policy_context *context, uint32_t id)
{
    policy_call(context, context->policy->evicted ? context->policy->evicted : context->policy->removed, id);
}

/* What was wrong with an answer. */
struct wrong_answer {
    const char *hook; /* that gave it: "victim" */
    uint32_t id;
    uint32_t key_count; /* every id so far is below it */
};

/* It is told and asked nothing any more. Its state goes unreleased: it may be in no better order than its answers. */
void policy_dismiss(struct policy_context *context);

/* Says so (ERROR_LAW), naming the policy or its object, the cell, the key, and check-policy; dismisses the policy.
 * Returns NO_KEY. */
__attribute__((cold)) uint32_t policy_reject(struct policy_context *context, const struct cell_config *config,
                                             const struct wrong_answer *answer, struct error *error);

#endif
