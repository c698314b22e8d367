/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hooks: a model's side of a policy (policy.h): how it opens one, calls its hooks, and takes its answers.
 *
 * A policy may trust what a model tells it. A model does not trust the policy: it checks each answer once, where the
 * answer enters. A victim must be a key that is there and in scope. A policy that names another one has a fault (a
 * plug-in may have), and a model that went on would produce something that looks like a result. So the run ends with
 * an error. Until the model comes to the end of its batch, the policy is dismissed: nobody calls it any more.
 *
 *     victim(), surplus() ──▶ a key that may go?  ── yes ──▶ evicted
 *                                                 ── no  ──▶ policy_reject(): an error, and nobody asks again
 *
 * NO_KEY is never a fault here, though check-policy calls it one while keys are in scope: a policy may decline to
 * evict, and then the write is refused and counted (oom_rejections), as it is under noeviction. */
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

/* Puts a listener in front of every policy that comes into force in a cell: options.wrap. */
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

/* The calls of policy.h's table. */
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

/* The policy is not called any more, not even to release its state: that may be as wrong as its answer. */
void policy_dismiss(struct policy_context *context);

/* Sets the error (ERROR_LAW), which names the policy or its object, the cell, the key, and check-policy; dismisses
 * the policy. Returns NO_KEY. */
__attribute__((cold)) uint32_t policy_reject(struct policy_context *context, const struct cell_config *config,
                                             const struct wrong_answer *answer, struct error *error);

#endif
