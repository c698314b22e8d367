/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crasher: a policy that does not return from a hook, in several ways. fault=0 evicts random keys and does return. */
#include "sim/policy_plugin.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { FAULT };
enum {
    NONE,
    NULL_IN_INIT,
    NULL_IN_ADDED,
    NULL_IN_READ,
    NULL_IN_VICTIM,
    NULL_IN_EVICTED,
    NULL_IN_RELEASE,
    ABORTS,
    EXITS_WITH_0,
    EXITS_WITH_3,
    LEAVES_AT_ONCE,
    LOOPS,
    SLEEPS,
    STOPS,
    RECURSES,
    DIVIDES,
    FAULTS
};

static bool has(const struct policy_context *context, int fault)
{
    return (int)context->parameters[FAULT] == fault;
}

static void dereference_null(void)
{
    *(volatile int *)0 = 1;
}

static int init(struct policy_context *context, struct error *error)
{
    (void)error;
    if (has(context, NULL_IN_INIT))
        dereference_null();
    return 0;
}

static void release(struct policy_context *context)
{
    if (has(context, NULL_IN_RELEASE))
        dereference_null();
}

static void added(struct policy_context *context, uint32_t id)
{
    (void)id;
    if (has(context, NULL_IN_ADDED))
        dereference_null();
}

static void read_key(struct policy_context *context, uint32_t id)
{
    (void)id;
    if (has(context, NULL_IN_READ))
        dereference_null();
}

static void evicted(struct policy_context *context, uint32_t id)
{
    (void)id;
    if (has(context, NULL_IN_EVICTED))
        dereference_null();
}

/* The stack is full long before that. */
static int recurse(volatile int *depth)
{
    volatile int deeper = *depth + 1;

    if (deeper == 1 << 30)
        return 0;
    return recurse(&deeper) + deeper;
}

static uint32_t victim(struct policy_context *context)
{
    volatile int zero = 0;

    switch ((int)context->parameters[FAULT]) {
    case NULL_IN_VICTIM:
        dereference_null();
        break;
    case ABORTS:
        abort();
    case EXITS_WITH_0:
        exit(0);
    case EXITS_WITH_3:
        exit(3);
    case LEAVES_AT_ONCE:
        _exit(0);
    case LOOPS:
        for (;;)
            zero++;
    case SLEEPS:
        for (;;)
            pause();
    case STOPS:
        raise(SIGSTOP);
        break;
    case RECURSES:
        zero = recurse(&zero);
        break;
    case DIVIDES:
        raise(SIGFPE);
        break;
    default:
        break;
    }
    for (int db = 0; db < context->database_count; db++)
        if (context->view->candidates(context->keyspace, db, context->scope))
            return context->view->random_key(context->keyspace, db, context->scope);
    return NO_KEY;
}

static const struct policy_parameter parameters[] = {
    [FAULT] = {"fault", NONE, NONE, FAULTS - 1, "how it goes"},
    {0},
};

static const struct policy crasher = {
    .name = "crasher",
    .summary = "does not come back",
    .scope = SCOPE_ALLKEYS,
    .samples = true,
    .parameters = parameters,
    .init = init,
    .release = release,
    .added = added,
    .read = read_key,
    .evicted = evicted,
    .victim = victim,
};

POLICY_PLUGIN(crasher);
