/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trials.h"

#include "sim/confine.h"
#include "sim/hook_trace.h"
#include "sim/scope.h"
#include "sim/units.h"

#include <stdio.h>
#include <string.h>

/* The notes of the child, in memory shared with it. */
struct notes {
    const char *world;
    uint64_t seed;
    struct hook_note hook;
    struct error found;
};

struct work {
    const struct trials *trials;
    const struct law *law;
    struct notes *notes;
    /* Hooks of the policy itself are traced, also when scope.h wraps the policy. */
    struct hook_trace trace;
    struct policy narrowed;
};

static const struct policy *traced(struct work *work)
{
    const struct policy *policy = work->trials->policy;

    hook_trace(&work->trace, policy->inner ? policy->inner : policy, &work->notes->hook);
    if (!policy->inner)
        return &work->trace.policy;
    scope_narrow(&work->trace.policy, &work->narrowed);
    return &work->narrowed;
}

static void try(void *owner)
{
    struct work *work = owner;
    const struct trials *trials = work->trials;
    struct trial trial = {.policy = traced(work), .parameters = trials->parameters};

    for (size_t w = 0; w < trials->world_count; w++)
        for (trial.seed = 1; trial.seed <= trials->seeds; trial.seed++) {
            trial.server = trials->worlds[w];
            work->notes->world = trial.server->name;
            work->notes->seed = trial.seed;
            if (work->law->check(&trial, &work->notes->found))
                return;
        }
}

/* Prints "in victim(), call 12,345 of its hooks". */
static const char *print_place(const struct hook_note *note, char *text, size_t bytes)
{
    char calls[UNITS_TEXT];

    if (!note->calls)
        snprintf(text, bytes, "before its first hook");
    else
        snprintf(text, bytes, "%s %s(), call %s of its hooks", note->runs ? "in" : "after", note->hook,
                 print_count(calls, note->calls));
    return text;
}

/* Explains an end of the child that it could not report itself. */
static int report_ending(const struct trials *trials, const struct confined *confined, const struct notes *notes,
                         struct error *error)
{
    char place[128], limit[UNITS_TEXT];

    print_place(&notes->hook, place, sizeof place);
    if (confined->ending == ENDING_SIGNAL)
        return error_set(error, ERROR_LAW, "the policy crashed (SIG%s) %s", sigabbrev_np(confined->number), place);
    if (confined->ending == ENDING_EXIT)
        return error_set(error, ERROR_LAW, "the policy ended the program (exit status %d) %s", confined->number, place);
    return error_set(error, ERROR_LAW, "not done after %s: the policy was %s", print_duration(limit, trials->limit_us),
                     place);
}

int trials_run(const struct trials *trials, const struct law *law, struct error *error)
{
    struct work work = {.trials = trials, .law = law, .notes = confine_share(sizeof *work.notes)};
    struct confined confined;
    int status;

    if (!work.notes)
        return error_set(error, ERROR_INTERNAL, "no memory for a law");
    status = confine(try, &work, trials->limit_us, &confined, error);
    if (!status && confined.ending != ENDING_DONE)
        status = report_ending(trials, &confined, work.notes, error);
    else if (!status && error_is_set(&work.notes->found))
        status = error_set(error, ERROR_LAW, "%s", work.notes->found.text);
    if (status && error->code == ERROR_LAW)
        error_prefix(error, "%s, seed %d: ", work.notes->world, (int)work.notes->seed);
    confine_unshare(work.notes, sizeof *work.notes);
    return status;
}
