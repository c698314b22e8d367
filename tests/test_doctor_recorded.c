/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_doctor_recorded: the diagnosis of recorded traces: those of ../shared/golden, of which real servers' counters are there, a
 * session store that a server refused 3,363 writes of at 2 MB (../shared/cases/hash-sessions), and what MONITOR showed of
 * applications (tests/data/applications). What it must be follows from the trace and from those counters:
 *
 *     d1, noeviction     a look-aside cache; the server refused some 64,000 writes, under allkeys-lru none: the policy
 *     d1, volatile-lru   the server refused 112,000, and no key with a ttl was left: too few have one
 *     d1, allkeys-lru    nothing refused, 30,000 evictions, 72.7 % hits where all would have been 78: too little memory
 *     d2, noeviction     six of ten commands write, and what a read misses is not written: a store that has outgrown its memory
 *     d2, volatile-ttl   4,300 evictions and no key with a ttl left, 120,000 refusals: too few have one
 *     d2, allkeys-lru    52,000 keys of a store evicted: it loses data
 *     sessions           reads first, then writes what it missed; all keys have a ttl; noeviction keeps them all: the policy
 *     cache_aside        likewise
 *     job_queue          scripts, statistics and clients alone need 2.0 MB: no room for keys in 2 MB
 *     leaderboard        three boards and a feed have half of the keys' memory: few large keys; they only grow
 *     hash sessions      written once, with a ttl of a day that nothing reaches: the data outgrew the memory */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <jansson.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct recorded {
    const char *trace; /* of EVSIM_SHARED, or tests/data */
    bool is_shared;
    const char *options, *state, *role;
    const char *cause, *second; /* NULL: whichever */
    const char *first;          /* how what to do first begins */
    const char *policy;         /* of servers.jsonl, with its maxmemory; NULL: it is not there */
};

static const struct recorded recorded[] = {
    {"golden/d1.csv.zst", true, "-m 8mb -p noeviction", "refuses-writes", "cache", "noeviction-full",
     "data-outgrew-memory", "CONFIG SET maxmemory-policy allkeys-", "noeviction"},
    {"golden/d1.csv.zst", true, "-m 8mb -p volatile-lru", "refuses-writes", "cache", "few-keys-with-ttl", NULL,
     "CONFIG SET maxmemory-policy allkeys-", "volatile-lru"},
    {"golden/d1.csv.zst", true, "-m 8mb -p allkeys-lru", "evicts", "cache", "data-outgrew-memory", NULL,
     "CONFIG SET maxmemory ", "allkeys-lru"},
    {"golden/d2.csv.zst", true, "-m 12mb -p noeviction", "refuses-writes", "store", "data-outgrew-memory", NULL,
     "CONFIG SET maxmemory ", "noeviction"},
    {"golden/d2.csv.zst", true, "-m 12mb -p volatile-ttl", "refuses-writes", "store", "few-keys-with-ttl", NULL,
     "CONFIG SET maxmemory ", "volatile-ttl"},
    {"golden/d2.csv.zst", true, "-m 12mb -p allkeys-lru", "loses-data", "store", "data-outgrew-memory", NULL,
     "CONFIG SET maxmemory ", "allkeys-lru"},
    {"cases/hash-sessions/sess.txt.zst", true, "-m 2mb -p noeviction", "refuses-writes", "store", "data-outgrew-memory",
     NULL, "CONFIG SET maxmemory ", NULL},
    {"applications/sessions.monitor.zst", false, "-m 1400kb -p noeviction", "refuses-writes", "cache",
     "noeviction-full", NULL, "CONFIG SET maxmemory-policy ", NULL},
    {"applications/cache_aside.monitor.zst", false, "-m 1800kb -p noeviction", "refuses-writes", "cache",
     "noeviction-full", NULL, "CONFIG SET maxmemory-policy ", NULL},
    {"applications/job_queue.monitor.zst", false, "-m 2mb -p noeviction", "refuses-writes", "store",
     "maxmemory-below-empty-server", NULL, "CONFIG SET maxmemory ", NULL},
    {"applications/leaderboard.monitor.zst", false, "-m 1700kb -p noeviction", "refuses-writes", "store",
     "few-large-keys", "collections-grow", "ZREMRANGEBYRANK <key> 0 -", NULL},
};
enum { RECORDED = sizeof recorded / sizeof *recorded };

static const char *shared(void)
{
    const char *folder = getenv("EVSIM_SHARED");

    return folder ? folder : "../shared";
}

static const char *text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static const char *cause_at(const json_t *diagnosis, size_t place)
{
    return text_at(json_array_get(json_object_get(diagnosis, "causes"), place), "name");
}

/* NULL: the trace is not there. */
static json_t *diagnose(const struct recorded *one)
{
    char here[4096], path[4400], *folder, *text;
    json_t *diagnosis;

    assert_non_null(getcwd(here, sizeof here));
    if (one->is_shared && *shared() == '/')
        snprintf(path, sizeof path, "%s/%s", shared(), one->trace);
    else
        snprintf(path, sizeof path, "%s/%s/%s", here, one->is_shared ? shared() : "tests/data", one->trace);
    if (access(path, R_OK)) {
        print_message("no %s: skipped\n", one->trace);
        return NULL;
    }
    folder = support_directory();
    text = command_output_of(folder, "\"$EVSIM\" doctor %s %s -s redis-7.0.15-debian --seeds 2 --json 2>/dev/null",
                             path, one->options);
    diagnosis = json_loads(text, 0, NULL);
    if (!diagnosis)
        fail_msg("%s: %s", one->trace, text);
    free(text);
    support_remove(folder);
    free(folder);
    return diagnosis;
}

/* ---- what real servers counted ---- */

struct counted {
    double oom, evicted, hit_ratio; /* means over their runs */
    int runs;
};

/* Of redis-7.0.15-debian with this policy, of a trace of ../shared/golden. */
static struct counted counted_of(const struct recorded *one, const char *policy)
{
    char path[4400], line[4096], name[16];
    struct counted sum = {0};
    FILE *in;

    snprintf(name, sizeof name, "%.2s.csv", strrchr(one->trace, '/') + 1);
    snprintf(path, sizeof path, "%s/golden/servers.jsonl", shared());
    in = fopen(path, "r");
    if (!in)
        return sum;
    while (fgets(line, sizeof line, in)) {
        json_t *row = json_loads(line, 0, NULL), *result = json_object_get(row, "result");

        if (!strcmp(text_at(row, "server"), "redis-7.0.15-debian") && !strcmp(text_at(row, "trace"), name) &&
            !strcmp(text_at(row, "policy"), policy) && !*text_at(row, "options")) {
            sum.oom += json_number_value(json_object_get(result, "oom"));
            sum.evicted += json_number_value(json_object_get(result, "evicted"));
            sum.hit_ratio += json_number_value(json_object_get(result, "hit_ratio"));
            sum.runs++;
        }
        json_decref(row);
    }
    fclose(in);
    if (sum.runs)
        return (struct counted){sum.oom / sum.runs, sum.evicted / sum.runs, sum.hit_ratio / sum.runs, sum.runs};
    return sum;
}

static double mean_of(const json_t *trial, const char *name)
{
    return json_number_value(json_object_get(json_object_get(trial, name), "mean"));
}

/* What a configuration would do is what servers did: within the noise of those, which is 15 % of refusals under noeviction, and
 * a point of the hit ratio. */
static void check_counted(const struct recorded *one, const char *policy, const json_t *trial)
{
    struct counted real = counted_of(one, policy);

    if (!real.runs) {
        print_message("no counters of %s with %s: skipped\n", one->trace, policy);
        return;
    }
    if (fabs(mean_of(trial, "oom_rejections") - real.oom) > 0.15 * real.oom ||
        fabs(mean_of(trial, "evicted_keys") - real.evicted) > 0.12 * real.evicted ||
        fabs(mean_of(trial, "hit_ratio") - real.hit_ratio) > 0.015)
        fail_msg("%s %s: %.0f refusals, %.0f evictions, %.4f; the server: %.0f, %.0f, %.4f", one->trace, policy,
                 mean_of(trial, "oom_rejections"), mean_of(trial, "evicted_keys"), mean_of(trial, "hit_ratio"),
                 real.oom, real.evicted, real.hit_ratio);
}

/* The server as it is, and each policy that was tried. */
static void check_trials(const struct recorded *one, const json_t *diagnosis)
{
    static const char prefix[] = "maxmemory-policy ";
    const json_t *remedy;
    size_t i;

    check_counted(one, one->policy, json_object_get(diagnosis, "now"));
    json_array_foreach(json_object_get(diagnosis, "remedies"), i, remedy)
    {
        const char *name = text_at(remedy, "name");

        if (!strncmp(name, prefix, sizeof prefix - 1) && !strchr(name, ';'))
            check_counted(one, name + sizeof prefix - 1, remedy);
    }
}

static void check_recorded(const struct recorded *one)
{
    json_t *diagnosis = diagnose(one);

    if (!diagnosis)
        return;
    if (strcmp(text_at(diagnosis, "state"), one->state) || strcmp(text_at(diagnosis, "role"), one->role) ||
        strcmp(cause_at(diagnosis, 0), one->cause) || (one->second && strcmp(cause_at(diagnosis, 1), one->second)) ||
        strncmp(text_at(diagnosis, "first"), one->first, strlen(one->first)))
        fail_msg("%s %s: %s, a %s, because of %s, then %s; first %s", one->trace, one->options,
                 text_at(diagnosis, "state"), text_at(diagnosis, "role"), cause_at(diagnosis, 0),
                 cause_at(diagnosis, 1), text_at(diagnosis, "first"));
    if (one->policy)
        check_trials(one, diagnosis);
    json_decref(diagnosis);
}

static void the_diagnosis_is_what_the_trace_says(void **state)
{
    (void)state;
    for (int i = 0; i < RECORDED; i++)
        check_recorded(&recorded[i]);
}

/* Nothing is foretold for hours from a capture of seconds; and a queue is not bounded. */
static void short_captures_are_not_stretched(void **state)
{
    json_t *diagnosis = diagnose(&recorded[RECORDED - 2]);
    const json_t *remedy;
    size_t i;

    (void)state;
    assert_non_null(diagnosis);
    assert_true(json_is_null(json_object_get(json_object_get(diagnosis, "growth"), "bytes_per_hour")));
    json_array_foreach(json_object_get(diagnosis, "remedies"), i, remedy)
        assert_int_equal(strncmp(text_at(remedy, "name"), "LTRIM bull:", 11) &&
                                 strncmp(text_at(remedy, "name"), "ZREMRANGEBYRANK bull:", 21)
                             ? 0
                             : 1,
                         0);
    json_decref(diagnosis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_diagnosis_is_what_the_trace_says),
        cmocka_unit_test(short_captures_are_not_stretched),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
