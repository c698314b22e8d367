/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scope.h"

/* SET key value EX 10 on a key with a ttl removes the ttl and sets another. Without care the policy would forget the
 * key in between. So a key that has lost its ttl is fading: it is taken from the policy when the next hook is about
 * something else. */

#include "sim/hooks.h"

/* These follow the policy's own entry and state. */
struct narrow_entry {
    uint32_t is_known; /* the policy knows the key */
};

struct narrow_state {
    uint32_t fading; /* a key that the policy knows and that has lost its ttl; or NO_KEY */
};

static size_t rounded(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

static struct narrow_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return (struct narrow_entry *)((char *)policy_entry(context, id) +
                                   rounded(context->policy->inner->entry_size, sizeof(uint32_t)));
}

static struct narrow_state *state_of(const struct policy_context *context)
{
    return (struct narrow_state *)((char *)context->state + rounded(context->policy->inner->state_size, 8));
}

/* Takes the fading key from the policy, unless it is the key `but`. */
static void settle(struct policy_context *context, uint32_t but)
{
    uint32_t id = state_of(context)->fading;

    if (id == NO_KEY || id == but)
        return;
    state_of(context)->fading = NO_KEY;
    entry_of(context, id)->is_known = false;
    policy_call(context, context->policy->inner->removed, id);
}

static int init(struct policy_context *context, struct error *error)
{
    const struct policy *policy = context->policy->inner;

    state_of(context)->fading = NO_KEY;
    return policy->init ? policy->init(context, error) : 0;
}

static void introduce(struct policy_context *context, uint32_t id)
{
    entry_of(context, id)->is_known = true;
    context->arriving_bytes = policy_size(context, id);
    policy_call(context, context->policy->inner->arriving, id);
    policy_call(context, context->policy->inner->added, id);
}

static void retimed(struct policy_context *context, uint32_t id)
{
    bool has_ttl = context->view->is_candidate(context->keyspace, id, SCOPE_VOLATILE);

    settle(context, id);
    if (!entry_of(context, id)->is_known) {
        if (has_ttl)
            introduce(context, id);
        return;
    }
    state_of(context)->fading = has_ttl ? NO_KEY : id;
    if (has_ttl)
        policy_call(context, context->policy->inner->retimed, id);
}

/* When a policy comes into force, `added` is called for all keys, and some have a ttl already. */
static void added(struct policy_context *context, uint32_t id)
{
    entry_of(context, id)->is_known = false;
    retimed(context, id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    settle(context, NO_KEY);
    if (entry_of(context, id)->is_known)
        policy_call(context, context->policy->inner->read, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    settle(context, id);
    if (entry_of(context, id)->is_known)
        policy_call(context, context->policy->inner->written, id);
}

/* Returns whether the policy knew the key, which is gone now. */
static bool forget(struct policy_context *context, uint32_t id)
{
    bool is_known = entry_of(context, id)->is_known;

    if (state_of(context)->fading == id)
        state_of(context)->fading = NO_KEY;
    entry_of(context, id)->is_known = false;
    return is_known;
}

static void removed(struct policy_context *context, uint32_t id)
{
    if (forget(context, id))
        policy_call(context, context->policy->inner->removed, id);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    const struct policy *policy = context->policy->inner;

    if (forget(context, id))
        policy_call(context, policy->evicted ? policy->evicted : policy->removed, id);
}

static uint32_t victim(struct policy_context *context)
{
    settle(context, NO_KEY);
    return context->policy->inner->victim(context);
}

static uint32_t surplus(struct policy_context *context)
{
    settle(context, NO_KEY);
    return context->policy->inner->surplus(context);
}

void scope_narrow(const struct policy *policy, struct policy *narrowed)
{
    *narrowed = *policy;
    narrowed->inner = policy;
    narrowed->scope = SCOPE_VOLATILE;
    narrowed->entry_size = rounded(policy->entry_size, sizeof(uint32_t)) + sizeof(struct narrow_entry);
    narrowed->state_size = rounded(policy->state_size, 8) + sizeof(struct narrow_state);
    narrowed->init = init;
    narrowed->arriving = NULL; /* a key gets its ttl only after it has arrived */
    narrowed->admits = NULL;
    narrowed->added = added;
    narrowed->read = read_key;
    narrowed->written = written;
    narrowed->retimed = retimed;
    narrowed->removed = removed;
    narrowed->evicted = evicted;
    narrowed->victim = victim;
    narrowed->surplus = policy->surplus ? surplus : NULL;
}
