/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_explain: laws that hold for --explain with every policy: it changes no result, and it reports what really
 * happens. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/explain/explain.h"
#include "sim/engine/sweep.h"
#include "sim/hooks.h"
#include "sim/input/future.h"
#include "sim/scope.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { REQUESTS = 8000, KEYS = 900 };

/* ---- the trace, and a cell that is tight for it ---- */

/* SETs with and without a ttl, GETs, DELs, EXPIREs, and commands with several keys; half a second between them, so that
 * keys expire. */
static char *make_trace(void)
{
    struct random random = random_stream(random_seed());
    size_t bytes;
    char *text, *path;
    FILE *out = open_memstream(&text, &bytes);

    for (int i = 0; i < REQUESTS; i++) {
        double u = random_unit(&random);
        int key = (int)(u * u * KEYS), other = (int)random_below(&random, KEYS), kind = (int)random_below(&random, 100);

        fprintf(out, "%d.%d00000 [0 127.0.0.1:1] ", 1700000000 + i / 2, i % 2 * 5);
        if (kind < 50)
            fprintf(out, "\"GET\" \"key%d\"\n", key);
        else if (kind < 60)
            fprintf(out, "\"MGET\" \"key%d\" \"key%d\"\n", key, other);
        else if (kind < 75)
            fprintf(out, "\"SET\" \"key%d\" \"%0*d\"\n", key, 20 + key % 500, 1);
        else if (kind < 90)
            fprintf(out, "\"SET\" \"key%d\" \"%0*d\" \"EX\" \"%d\"\n", key, 20 + other % 500, 1, 1 + other);
        else if (kind < 94)
            fprintf(out, "\"DEL\" \"key%d\" \"key%d\"\n", key, other);
        else if (kind < 97)
            fprintf(out, "\"EXPIRE\" \"key%d\" \"%d\"\n", key, other);
        else
            fprintf(out, "\"APPEND\" \"key%d\" \"%0*d\"\n", key, 1 + other % 50, 1);
    }
    fclose(out);
    path = write_temporary("trace.txt", text, bytes);
    free(text);
    return path;
}

static struct simulation_options options_of(bool fill)
{
    struct simulation_options options = {.fill = fill, .start_unix_us = INT64_C(1700000000000000)};

    redis_config_init(&options.redis);
    return options;
}

/* ---- one cell, explained or not ---- */

struct opened {
    struct source *source;
    struct intake intake;
    struct reader *reader;
    struct error error;
};

static void open_trace(struct opened *opened, const char *path)
{
    struct format_options options = {.lenient = false};

    memset(opened, 0, sizeof *opened);
    opened->source = source_open(path, &opened->error);
    assert_non_null(opened->source);
    opened->reader =
        reader_open(opened->source, format_find("monitor", &opened->error), &options, &opened->intake, &opened->error);
    assert_non_null(opened->reader);
}

static void close_trace(struct opened *opened)
{
    reader_close(opened->reader);
    source_close(opened->source);
}

/* Explained where there is a request. */
static int run_cell(const char *path, const struct cell_config *cell, const struct explain_request *request,
                    struct result *result, struct error *error)
{
    struct future future = {0};
    struct opened opened;
    int status;

    if (cell->policy->offline) {
        open_trace(&opened, path);
        assert_int_equal(future_read(&future, opened.reader, cell->options, &opened.error), 0);
        close_trace(&opened);
    }
    open_trace(&opened, path);
    if (request)
        reader_keep_names(opened.reader);
    if (cell->policy->offline)
        future_tell(&future, opened.reader);
    status = request ? explain_run(opened.reader, cell, request, NULL, NULL, result, error)
                     : sweep_run(opened.reader, cell, 1, 1, NULL, NULL, result, NULL, error);
    close_trace(&opened);
    future_release(&future);
    return status;
}

/* ---- the victims ---- */

struct victims {
    uint32_t *ids;
    size_t count, room;
};

static void push(struct victims *victims, uint32_t id)
{
    if (victims->count == victims->room) {
        victims->room = victims->room ? victims->room * 2 : 1024;
        victims->ids = xrealloc(victims->ids, victims->room * sizeof *victims->ids);
    }
    victims->ids[victims->count++] = id;
}

/* What was evicted from a cell that nobody explains: a wrapper of its policy takes note. */
static struct victims evicted_victims;
static const struct policy *watched;

static void note_evicted(struct policy_context *context, uint32_t id)
{
    push(&evicted_victims, id);
    policy_call(context, watched->evicted ? watched->evicted : watched->removed, id);
}

static void check_eviction(const struct explain *explain, const struct moment *moment)
{
    const struct moment_candidate *candidates = explain_candidates(explain, moment);

    assert_true(moment->is_evicted);
    assert_true(moment->bytes > 0);
    assert_true(moment->used_after < moment->used_before);
    assert_true(moment->surplus || moment->gate.used + moment->gate.wanted > moment->gate.maxmemory);
    assert_true(moment->last_us <= moment->time_us);
    if (moment->candidate_count)
        assert_int_equal(candidates[0].id, moment->id);
    for (int i = 1; i < moment->candidate_count; i++) /* the idlest first, else the lowest */
        assert_true(!strcmp(moment->score, "idle ms") ? candidates[i].score <= candidates[i - 1].score
                                                      : candidates[i].score >= candidates[i - 1].score);
}

static void note_explained(void *owner, const struct explain *explain, const struct moment *moment)
{
    assert_true(moment->kind == MOMENT_CELL || moment->kind == MOMENT_COMMAND || moment->kind == MOMENT_VICTIM);
    if (moment->kind != MOMENT_VICTIM)
        return;
    check_eviction(explain, moment);
    push(owner, moment->id);
}

static void explaining_changes_nothing(const char *path, const struct cell_config *cell)
{
    struct policy noted = *cell->policy;
    struct cell_config plain = *cell;
    struct victims explained = {0};
    struct explain_request request = {.what = EXPLAIN_EVICTIONS, .tell = note_explained, .owner = &explained};
    struct result results[2] = {0};
    struct error error = {0};

    watched = cell->policy;
    noted.evicted = note_evicted;
    plain.policy = &noted;
    evicted_victims.count = 0;
    if (run_cell(path, &plain, NULL, &results[0], &error) || run_cell(path, cell, &request, &results[1], &error))
        fail_msg("%s", error.text);
    assert_memory_equal(&results[0].counters, &results[1].counters, sizeof results[0].counters);
    assert_int_equal(results[0].curve.count, results[1].curve.count);
    assert_memory_equal(results[0].curve.samples, results[1].curve.samples,
                        results[0].curve.count * sizeof *results[0].curve.samples);
    assert_int_equal(explained.count, results[0].counters.evicted_keys);
    assert_int_equal(explained.count, evicted_victims.count);
    if (explained.count)
        assert_memory_equal(explained.ids, evicted_victims.ids, explained.count * sizeof *explained.ids);
    result_release(&results[0]);
    result_release(&results[1]);
    free(explained.ids);
}

static void check_policy(const char *path, const struct policy *policy)
{
    static const char *const worlds[] = {"flat", "redis-7.0.15", "valkey-8.1.1-debian"};

    for (size_t w = 0; w < sizeof worlds / sizeof *worlds; w++)
        for (int fill = 0; fill < 2; fill++) {
            struct simulation_options options = options_of(fill);
            struct cell_config cell = {.server = server_find(worlds[w]),
                                       .policy = policy,
                                       .maxmemory = strcmp(worlds[w], "flat") ? 1130000 : 60000,
                                       .seed = 1,
                                       .options = &options};

            print_message("%s, %s%s\n", worlds[w], policy->name, policy->inner ? "@volatile" : "");
            explaining_changes_nothing(path, &cell);
        }
}

static void the_explained_victims_are_the_evicted_ones_and_the_result_is_the_same(void **state)
{
    char *path = make_trace();

    (void)state;
    for (size_t i = 0; i < policy_count; i++) {
        struct policy narrowed;

        check_policy(path, policies[i]);
        if (policies[i]->redis)
            continue;
        scope_narrow(policies[i], &narrowed);
        check_policy(path, &narrowed);
    }
    free(evicted_victims.ids);
    evicted_victims = (struct victims){0};
    remove_temporary(path);
}

/* ---- a key ---- */

struct life {
    bool there;
    uint64_t hits, misses, gone; /* evicted, expired or removed */
};

/* It comes before it goes, it is hit while it is there, and missed while it is not. */
static void follow(void *owner, const struct explain *explain, const struct moment *moment)
{
    struct life *life = owner;

    (void)explain;
    switch (moment->kind) {
    case MOMENT_CELL:
    case MOMENT_NOBODY:
        return;
    case MOMENT_COMMAND:
        if (moment->rows == 1 && moment->found >= 0) {
            assert_int_equal(moment->change->hits, moment->found == 1);
            assert_int_equal(moment->change->misses, moment->found == 0);
            life->hits += moment->change->hits;
            life->misses += moment->change->misses;
        }
        if (moment->found >= 0 && moment->change->hits == moment->rows)
            assert_int_equal(moment->found, 1);
        if (moment->found >= 0 && moment->change->misses == moment->rows)
            assert_int_equal(moment->found, 0);
        return;
    case MOMENT_ADDED:
        assert_false(life->there);
        life->there = true;
        return;
    case MOMENT_WRITTEN:
    case MOMENT_RETIMED:
        assert_true(life->there);
        return;
    case MOMENT_VICTIM:
        assert_true(moment->is_evicted);
        break;
    case MOMENT_EXPIRED:
    case MOMENT_REMOVED:
        break;
    }
    assert_true(life->there);
    life->there = false;
    life->gone++;
}

static void follow_keys(const char *path, const char *server, const char *policy, uint64_t maxmemory)
{
    struct simulation_options options = options_of(true);
    struct cell_config cell = {.server = server_find(server),
                               .policy = policy_find(policy),
                               .maxmemory = maxmemory,
                               .seed = 1,
                               .options = &options};
    uint64_t asked = 0, gone = 0;

    for (int key = 0; key < KEYS; key += 37) {
        struct life life = {0};
        char name[16];
        struct explain_request request = {.what = EXPLAIN_KEY, .key = name, .tell = follow, .owner = &life};
        struct result result = {0};
        struct error error = {0};

        snprintf(name, sizeof name, "key%d", key);
        if (run_cell(path, &cell, &request, &result, &error))
            fail_msg("%s", error.text);
        asked += life.hits + life.misses;
        gone += life.gone;
        result_release(&result);
    }
    assert_true(asked > 100 && gone > 20);
}

static void a_key_comes_before_it_goes_and_is_hit_in_between(void **state)
{
    char *path = make_trace();

    (void)state;
    follow_keys(path, "flat", "lru", 60000);
    follow_keys(path, "redis-7.0.15", "allkeys-lru", 1130000);
    follow_keys(path, "valkey-9.1.2-debian", "volatile-ttl", 1130000);
    remove_temporary(path);
}

/* ---- a command ---- */

struct window {
    uint64_t least, most, commands;
};

static void look_through(void *owner, const struct explain *explain, const struct moment *moment)
{
    struct window *window = owner;

    (void)explain;
    if (moment->kind != MOMENT_COMMAND)
        return;
    window->least = window->commands ? window->least : moment->command;
    assert_int_equal(moment->command, window->least + window->commands);
    window->most = moment->command;
    window->commands++;
}

static void a_command_is_told_with_those_around_it(void **state)
{
    static const uint64_t numbers[] = {1, 2, 5000, REQUESTS - 1, REQUESTS};
    struct simulation_options options = options_of(true);
    struct cell_config cell = {.server = server_find("redis-7.0.15"),
                               .policy = policy_find("allkeys-lru"),
                               .maxmemory = 1130000,
                               .seed = 1,
                               .options = &options};
    char *path = make_trace();

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct window window = {0};
        struct explain_request request = {
            .what = EXPLAIN_COMMAND, .number = numbers[i], .tell = look_through, .owner = &window};
        struct result result = {0};
        struct error error = {0};

        if (run_cell(path, &cell, &request, &result, &error))
            fail_msg("%s", error.text);
        assert_int_equal(window.least, numbers[i] > EXPLAIN_AROUND ? numbers[i] - EXPLAIN_AROUND : 1);
        assert_int_equal(window.most, numbers[i] + EXPLAIN_AROUND < REQUESTS ? numbers[i] + EXPLAIN_AROUND : REQUESTS);
        result_release(&result);
    }
    remove_temporary(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_explained_victims_are_the_evicted_ones_and_the_result_is_the_same),
        cmocka_unit_test(a_key_comes_before_it_goes_and_is_hit_in_between),
        cmocka_unit_test(a_command_is_told_with_those_around_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
