/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/score/contest.h"

#include "sim/alloc.h"
#include "sim/confine.h"
#include "sim/seal.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_EVERY_NS = 1000000, CLOCK_TIMES = 10 };

const char *const score_end_names[SCORE_ENDS] = {
    [SCORE_DONE] = "done", [SCORE_LOAD] = "load", [SCORE_LAW] = "law",       [SCORE_CRASH] = "crash",
    [SCORE_EXIT] = "exit", [SCORE_TIME] = "time", [SCORE_MEMORY] = "memory", [SCORE_SYSTEM_CALL] = "system call",
};

/* The notes of a child, in memory that it shares. */
struct notes {
    struct seal_note seal;
    struct score score;
    struct error sealing, found; /* what is wrong with this machine, and with the policy */
};

/* A process and its policy, or an answer that waits for its turn. */
struct entrant {
    const struct contest *contest;
    const char *policy;
    struct notes *notes;
    struct confined_child child;
    bool answered;
    struct score_answer answer;
};

/* In the child. */
static void compete(void *owner)
{
    struct entrant *entrant = owner;
    const struct contest *contest = entrant->contest;
    struct notes *notes = entrant->notes;
    struct named_policy policy = {0};
    struct score score;

    if (seal_for_loading(contest->memory_bytes, &notes->seal, &notes->sealing) ||
        contest->choose(contest->owner, entrant->policy, &policy, &notes->found) || seal_for_work(&notes->sealing) ||
        score_policy(&contest->plan, &policy, &score, &notes->found))
        return;
    notes->score = score;
}

/* ---- what a child's end says ---- */

static void say(struct score_answer *answer, enum score_end end, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct score_answer *answer, enum score_end end, const char *format, ...)
{
    va_list arguments;

    answer->end = end;
    va_start(arguments, format);
    vsnprintf(answer->why, sizeof answer->why, format, arguments);
    va_end(arguments);
}

static void say_ended(const struct entrant *entrant, const struct confined *confined, struct score_answer *answer)
{
    const struct contest *contest = entrant->contest;
    char text[UNITS_TEXT], call[UNITS_TEXT];
    bool is_full =
        entrant->notes->seal.is_full || (confined->ending == ENDING_EXIT && confined->number == ERROR_INTERNAL);

    if (entrant->notes->seal.is_refused)
        say(answer, SCORE_SYSTEM_CALL, "made a system call that policies may not: %s",
            seal_call_name(entrant->notes->seal.system_call, call, sizeof call));
    else if (confined->ending == ENDING_LATE)
        say(answer, SCORE_TIME, "not done after %s", print_duration(text, contest->time_us));
    else if (is_full)
        say(answer, SCORE_MEMORY, "took more than %s of memory", print_bytes(text, contest->memory_bytes));
    else if (confined->ending == ENDING_SIGNAL)
        say(answer, SCORE_CRASH, "crashed (SIG%s)", sigabbrev_np(confined->number));
    else
        say(answer, SCORE_EXIT, "ended the process (exit status %d)", confined->number);
}

static void answer(struct entrant *entrant, const struct confined *confined)
{
    const struct notes *notes = entrant->notes;
    struct score_answer *given = &entrant->answer;

    entrant->answered = true;
    *given = (struct score_answer){.policy = entrant->policy};
    if (confined->ending != ENDING_DONE)
        say_ended(entrant, confined, given);
    else if (error_is_set(&notes->found))
        say(given, notes->found.code == ERROR_LAW ? SCORE_LAW : SCORE_LOAD, "%s", notes->found.text);
    else
        given->score = notes->score;
}

/* ---- some at a time ---- */

static int start(struct entrant *entrant, const struct contest *contest, size_t which, struct error *error)
{
    *entrant = (struct entrant){.contest = contest, .policy = contest->policies[which]};
    entrant->notes = confine_share(sizeof *entrant->notes);
    if (!entrant->notes)
        return error_set(error, ERROR_INTERNAL, "no memory for the notes of a process");
    return confine_start(compete, entrant, CLOCK_TIMES * contest->time_us, contest->time_us, &entrant->child, error);
}

/* -1: it is not the policy's fault. */
static int look(struct entrant *entrant, struct error *error)
{
    struct confined confined;

    if (!entrant->child.pid || !confine_look(&entrant->child, &confined))
        return 0;
    if (error_is_set(&entrant->notes->sealing)) {
        *error = entrant->notes->sealing;
        return -1;
    }
    answer(entrant, &confined);
    confine_unshare(entrant->notes, sizeof *entrant->notes);
    entrant->notes = NULL;
    return 0;
}

/* Processes run ahead of the answer that is due by twice as many as there are at a time, so that a slow one does not
 * stop the others at once. */
int contest_run(const struct contest *contest, struct error *error)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_NS};
    const size_t places = 2 * contest->jobs;
    struct entrant *ring = xcalloc(places, sizeof *ring);
    size_t begun = 0, told = 0;
    int status = 0;

    while (told < contest->count && !status) {
        size_t running = 0;
        bool moved = false;

        for (size_t i = told; i < begun && !status; i++) {
            status = look(&ring[i % places], error);
            running += ring[i % places].child.pid != 0;
        }
        while (!status && begun < contest->count && begun < told + places && running < contest->jobs) {
            status = start(&ring[begun % places], contest, begun, error);
            begun++;
            running++;
            moved = true;
        }
        while (!status && told < begun && ring[told % places].answered) {
            status = contest->tell(contest->owner, &ring[told % places].answer, error);
            ring[told++ % places].answered = false;
            moved = true;
        }
        if (!status && stop_signal())
            status = stop_error(error);
        if (!status && !moved)
            nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < places; i++) {
        confine_kill(&ring[i].child);
        confine_unshare(ring[i].notes, sizeof *ring[i].notes);
    }
    free(ring);
    return status;
}
