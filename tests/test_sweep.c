/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sweep: many cells at once give the results of each cell alone, on any number of threads. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/input/future.h"
#include "sim/engine/sweep.h"
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

enum { REQUESTS = 60000, KEYS = 3000, CELLS_MAX = 400 };

/* timestamp,key,key size,value size,client,operation,ttl */
static char *make_trace(void)
{
    struct random random = random_stream(random_seed());
    size_t bytes;
    char *text, *path;
    FILE *out = open_memstream(&text, &bytes);

    for (int i = 0; i < REQUESTS; i++) {
        double u = random_unit(&random);
        int key = (int)(u * u * KEYS);
        bool reads = random_chance(&random, 60);

        fprintf(out, "%d.%03d,key%d,0,%d,1,%s,%d\n", i / 200, i % 200 * 5, key, 20 + key % 900, reads ? "get" : "set",
                key % 3 ? 0 : 1 + key % 100);
    }
    fclose(out);
    path = write_temporary("trace.csv", text, bytes);
    free(text);
    return path;
}

static struct simulation_options options_of(void)
{
    struct simulation_options options = {.fill = true, .start_unix_us = INT64_C(1700000000000000)};

    redis_config_init(&options.redis);
    return options;
}

/* Every policy on both models, two seeds. */
static size_t make_cells(struct cell_config *cells, const struct simulation_options *options)
{
    size_t count = 0;

    for (size_t i = 0; i < policy_count; i++)
        for (uint64_t seed = 1; seed <= 2; seed++) {
            cells[count++] = (struct cell_config){.server = server_find("redis-7.0.15"),
                                                  .policy = policies[i],
                                                  .maxmemory = 1500000,
                                                  .seed = seed,
                                                  .options = options};
            cells[count++] = (struct cell_config){.server = server_find("flat"),
                                                  .policy = policies[i],
                                                  .maxmemory = 300000,
                                                  .seed = seed,
                                                  .options = options};
        }
    return count;
}

static struct reader *open_reader(struct source *source, struct intake *intake, struct error *error)
{
    struct format_options options = {.lenient = false};
    struct reader *reader = reader_open(source, format_find("twitter", error), &options, intake, error);

    assert_non_null(reader);
    return reader;
}

static int foresee(const char *path, const struct simulation_options *options, struct future *future,
                   struct error *error)
{
    struct source *source = source_open(path, error);
    struct intake intake = {0};
    struct reader *reader;
    int status;

    assert_non_null(source);
    reader = open_reader(source, &intake, error);
    status = future_read(future, reader, options, error);
    reader_close(reader);
    source_close(source);
    return status;
}

static int sweep(const char *path, const struct cell_config *cells, size_t count, int workers,
                 sweep_progress_fn *progress, void *owner, struct result *results, struct error *error)
{
    struct source *source = source_open(path, error);
    struct intake intake = {0};
    struct future future;
    struct reader *reader;
    int status;

    assert_non_null(source);
    reader = open_reader(source, &intake, error);
    status = foresee(path, cells->options, &future, error);
    if (!status) {
        future_tell(&future, reader);
        status = sweep_run(reader, cells, count, workers, progress, owner, results, NULL, error);
        future_release(&future);
    }
    reader_close(reader);
    source_close(source);
    return status;
}

static void expect_equal(const struct result *a, const struct result *b)
{
    assert_string_equal(a->server, b->server);
    assert_string_equal(a->policy, b->policy);
    assert_memory_equal(&a->counters, &b->counters, sizeof a->counters);
    assert_int_equal(a->curve.interval_us, b->curve.interval_us);
    assert_int_equal(a->curve.count, b->curve.count);
    assert_memory_equal(a->curve.samples, b->curve.samples, a->curve.count * sizeof *a->curve.samples);
}

static void free_results(struct result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        result_release(&results[i]);
}

static void results_do_not_depend_on_the_number_of_workers(void **state)
{
    static const int workers[] = {2, 5};
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    size_t count = make_cells(cells, &options);
    struct result alone[CELLS_MAX] = {0}, together[CELLS_MAX];
    struct error error = {0};
    char *path = make_trace();

    (void)state;
    assert_int_equal(sweep(path, cells, count, 1, NULL, NULL, alone, &error), 0);
    for (size_t w = 0; w < 2; w++) {
        memset(together, 0, sizeof together);
        assert_int_equal(sweep(path, cells, count, workers[w], NULL, NULL, together, &error), 0);
        for (size_t i = 0; i < count; i++)
            expect_equal(&alone[i], &together[i]);
        free_results(together, count);
    }
    assert_int_equal(alone[0].counters.requests, REQUESTS);
    free_results(alone, count);
    remove_temporary(path);
}

/* Figures take the mean of the seeds, sample by sample. */
static void every_cell_has_its_samples_at_the_same_times(void **state)
{
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    size_t count = make_cells(cells, &options);
    struct result results[CELLS_MAX] = {0};
    struct error error = {0};
    char *path = make_trace();

    (void)state;
    assert_int_equal(sweep(path, cells, count, 2, NULL, NULL, results, &error), 0);
    assert_true(results[0].curve.count > 50);
    for (size_t i = 1; i < count; i++) {
        assert_int_equal(results[i].curve.count, results[0].curve.count);
        for (size_t j = 0; j < results[0].curve.count; j++)
            assert_int_equal(results[i].curve.samples[j].time_us, results[0].curve.samples[j].time_us);
    }
    free_results(results, count);
    remove_temporary(path);
}

static void a_cell_among_others_gives_what_it_gives_alone(void **state)
{
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    size_t count = make_cells(cells, &options);
    struct result all[CELLS_MAX] = {0}, alone = {0};
    struct error error = {0};
    char *path = make_trace();

    (void)state;
    assert_int_equal(sweep(path, cells, count, 2, NULL, NULL, all, &error), 0);
    for (size_t i = 0; i < count; i += 7) {
        assert_int_equal(sweep(path, &cells[i], 1, 1, NULL, NULL, &alone, &error), 0);
        expect_equal(&alone, &all[i]);
        result_release(&alone);
    }
    free_results(all, count);
    remove_temporary(path);
}

static void seeds_tell_sampled_runs_apart(void **state)
{
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    size_t count = make_cells(cells, &options);
    struct result results[CELLS_MAX] = {0};
    struct error error = {0};
    char *path = make_trace();

    (void)state;
    assert_int_equal(sweep(path, cells, count, 2, NULL, NULL, results, &error), 0);
    for (size_t i = 0; i < count; i += 4) { /* seed 1 is at i and i + 1, seed 2 at i + 2, i + 3 */
        bool differ = results[i].counters.hits != results[i + 2].counters.hits ||
                      results[i].counters.evicted_keys != results[i + 2].counters.evicted_keys;

        assert_true(differ || !cells[i].policy->samples);
    }
    free_results(results, count);
    remove_temporary(path);
}

static bool stop_at_once(void *owner, uint64_t commands)
{
    *(uint64_t *)owner = commands;
    return false;
}

static void a_run_can_be_stopped(void **state)
{
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    size_t count = make_cells(cells, &options);
    char *path = make_trace();

    (void)state;
    for (int workers = 1; workers <= 3; workers++) {
        struct result results[CELLS_MAX] = {0};
        struct error error = {0};
        uint64_t commands = 0;

        assert_int_equal(sweep(path, cells, count, workers, stop_at_once, &commands, results, &error), -1);
        assert_int_equal(error.code, ERROR_INTERRUPTED);
        assert_true(commands > 0 && commands < REQUESTS);
        assert_null(results[0].curve.samples);
    }
    remove_temporary(path);
}

static void a_bad_row_ends_the_run_with_its_line(void **state)
{
    static const char text[] = "1,a,0,5,1,get,0\n2,b,0,5,1,set,0\n1,c,0,5,1,get,0\n";
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    size_t count = make_cells(cells, &options);
    char *path = write_temporary("trace.csv", text, strlen(text));

    (void)state;
    for (int workers = 1; workers <= 3; workers++) {
        struct result results[CELLS_MAX] = {0};
        struct error error = {0};

        assert_int_equal(sweep(path, cells, count, workers, NULL, NULL, results, &error), -1);
        assert_int_equal(error.code, ERROR_INPUT);
        assert_non_null(strstr(error.text, "trace.csv:3: time runs backwards: '1' after '2'"));
    }
    remove_temporary(path);
}

static void a_bad_cell_ends_the_run(void **state)
{
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    struct result results[CELLS_MAX] = {0};
    struct error error = {0};
    size_t count = make_cells(cells, &options);
    char *path = make_trace();

    (void)state;
    options.baseline_memory = 100;
    assert_int_equal(sweep(path, cells, count, 2, NULL, NULL, results, &error), -1);
    assert_int_equal(error.code, ERROR_USAGE);
    remove_temporary(path);
}

static uint32_t no_such_key(struct policy_context *context)
{
    (void)context;
    return 1000000;
}

/* Evicts nothing before a time of the trace, and then the wrong key. */
static uint32_t wrong_in_the_end(struct policy_context *context)
{
    return context->clock.unix_ms < 1700000250000 ? NO_KEY : 1000000;
}

/* The cells that lie are not the first, and the first that lies is not the first of the grid to do so. */
static void the_first_cell_with_a_wrong_answer_ends_the_run_whatever_the_workers(void **state)
{
    static const struct policy late = {.name = "late", .scope = SCOPE_ALLKEYS, .victim = wrong_in_the_end};
    static const struct policy wrong = {.name = "wrong", .scope = SCOPE_ALLKEYS, .victim = no_such_key};
    struct simulation_options options = options_of();
    struct cell_config cells[CELLS_MAX];
    size_t count = make_cells(cells, &options);
    char *path = make_trace(), expected[1024] = "";

    (void)state;
    cells[10].policy = &late;  /* redis-7.0.15 */
    cells[21].policy = &wrong; /* flat */
    cells[31].policy = &wrong;
    for (int workers = 1; workers <= 5; workers++) {
        struct result results[CELLS_MAX] = {0};
        struct error error = {0};

        assert_int_equal(sweep(path, cells, count, workers, NULL, NULL, results, &error), -1);
        assert_int_equal(error.code, ERROR_LAW);
        if (workers == 1)
            strcpy(expected, error.text);
        assert_string_equal(error.text, expected);
        assert_non_null(strstr(error.text, "wrong: victim() of policy wrong named key 1000000"));
        for (size_t i = 0; i < count; i++)
            assert_null(results[i].curve.samples);
    }
    cells[21].policy = cells[31].policy = policies[0];
    for (int workers = 1; workers <= 2; workers++) {
        struct result results[CELLS_MAX] = {0};
        struct error error = {0};

        assert_int_equal(sweep(path, cells, count, workers, NULL, NULL, results, &error), -1);
        assert_non_null(strstr(error.text, "late: victim() of policy late named key 1000000"));
    }
    remove_temporary(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_do_not_depend_on_the_number_of_workers),
        cmocka_unit_test(every_cell_has_its_samples_at_the_same_times),
        cmocka_unit_test(a_cell_among_others_gives_what_it_gives_alone),
        cmocka_unit_test(seeds_tell_sampled_runs_apart),
        cmocka_unit_test(a_run_can_be_stopped),
        cmocka_unit_test(a_bad_row_ends_the_run_with_its_line),
        cmocka_unit_test(a_bad_cell_ends_the_run),
        cmocka_unit_test(the_first_cell_with_a_wrong_answer_ends_the_run_whatever_the_workers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
