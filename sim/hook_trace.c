/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/hook_trace.h"

static const struct policy *enter(const struct policy_context *context, const char *hook)
{
    const struct hook_trace *trace = context->policy->owner;

    trace->note->hook = hook;
    trace->note->calls++;
    trace->note->runs = true;
    return trace->traced;
}

static void leave(const struct policy_context *context)
{
    const struct hook_trace *trace = context->policy->owner;

    trace->note->runs = false;
}

#define TRACED_HOOK(name)                                                                                              \
    static void name(struct policy_context *context, uint32_t id)                                                      \
    {                                                                                                                  \
        enter(context, #name)->name(context, id);                                                                      \
        leave(context);                                                                                                \
    }
TRACED_HOOK(arriving)
TRACED_HOOK(added)
TRACED_HOOK(read)
TRACED_HOOK(written)
TRACED_HOOK(retimed)
TRACED_HOOK(removed)
TRACED_HOOK(evicted)

static int init(struct policy_context *context, struct error *error)
{
    int status = enter(context, "init")->init(context, error);

    leave(context);
    return status;
}

static void release(struct policy_context *context)
{
    enter(context, "release")->release(context);
    leave(context);
}

static bool admits(struct policy_context *context, uint32_t id)
{
    bool answer = enter(context, "admits")->admits(context, id);

    leave(context);
    return answer;
}

static uint32_t victim(struct policy_context *context)
{
    uint32_t id = enter(context, "victim")->victim(context);

    leave(context);
    return id;
}

static uint32_t surplus(struct policy_context *context)
{
    uint32_t id = enter(context, "surplus")->surplus(context);

    leave(context);
    return id;
}

/* Hooks that the policy lacks stay NULL: models check for that. */
void hook_trace(struct hook_trace *trace, const struct policy *policy, struct hook_note *note)
{
#define TRACE(hook) trace->policy.hook = policy->hook ? hook : NULL
    *trace = (struct hook_trace){.policy = *policy, .traced = policy, .note = note};
    trace->policy.owner = trace;
    TRACE(init);
    TRACE(release);
    TRACE(arriving);
    TRACE(added);
    TRACE(read);
    TRACE(written);
    TRACE(retimed);
    TRACE(removed);
    TRACE(evicted);
    TRACE(admits);
    TRACE(victim);
    TRACE(surplus);
#undef TRACE
}
