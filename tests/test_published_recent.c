/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Miss counts as published for CloudPhysics: equal, or for a policy that chooses by chance its mean within so many
 * points. Where a policy has a variant that does what the published simulator did, that is what is compared. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/sweep.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEEDS = 5, REQUESTS = 113872 };

/* In the order of the published run. */
static const struct capacity {
    const char *column;
    uint64_t maxmemory;
    int unit_sizes;
} capacities[] = {
    {"0.01", 20297697, 0}, {"0.1", 202976972, 0}, {"100mb", 104857600, 0},
    {"1gb", 1073741824, 0}, {"0.01", 489, 1},     {"0.1", 4897, 1},
};

enum { CAPACITIES = sizeof capacities / sizeof *capacities };

/* points: by how much the mean may differ; 0: every count is equal. */
static const struct expected {
    const char *policy, *parameter;
    double value;
    bool by_capacity; /* the parameter is which capacity of the run it is: 1, 2 ... */
    double points;
} expectations[] = {
    {.policy = "qdlp"},
    {.policy = "random", .parameter = "cycle", .value = 16, .points = 0.1},
    {.policy = "lecar", .parameter = "variant", .value = 1},
    {.policy = "cacheus", .parameter = "variant", .by_capacity = true},
};

/* -1 when the row is not there. */
static long published(FILE *file, const char *policy, const struct capacity *capacity)
{
    char line[256], start[64];
    long misses = -1;

    snprintf(start, sizeof start, "%s,cloudPhysicsIO.oracleGeneral.bin,%s,%d,113872,", policy, capacity->column,
             capacity->unit_sizes);
    rewind(file);
    while (misses < 0 && fgets(line, sizeof line, file))
        if (!strncmp(line, start, strlen(start)))
            misses = strtol(line + strlen(start), NULL, 10);
    return misses;
}

static double *parameters_of(const struct policy *policy, const struct expected *expected, int position)
{
    double *parameters = xcalloc(POLICY_PARAMETERS, sizeof *parameters);
    bool found = !expected->parameter;

    for (size_t i = 0; policy->parameters && policy->parameters[i].name; i++) {
        parameters[i] = policy->parameters[i].initial;
        if (!expected->parameter || strcmp(policy->parameters[i].name, expected->parameter) != 0)
            continue;
        parameters[i] = expected->by_capacity ? position : expected->value;
        found = true;
    }
    assert_true(found);
    return parameters;
}

static void replay(const char *path, const struct cell_config *cells, size_t count, struct result *results)
{
    struct format_options format_options = {.lenient = false};
    struct error error = {0};
    struct source *source = source_open(path, &error);
    struct intake intake = {0};
    struct reader *reader;

    assert_non_null(source);
    reader = reader_open(source, format_find("oracleGeneral", &error), &format_options, &intake, &error);
    assert_non_null(reader);
    if (sweep_run(reader, cells, count, 2, NULL, NULL, results, &error))
        fail_msg("%s", error.text);
    reader_close(reader);
    source_close(source);
}

/* The cells of one policy: every capacity, SEEDS of each. */
static void compare(const char *path, FILE *table, const struct expected *expected,
                    const struct simulation_options options[2])
{
    const struct policy *policy = policy_find(expected->policy);
    struct cell_config cells[CAPACITIES * SEEDS];
    struct result results[CAPACITIES * SEEDS] = {0};
    double *parameters[CAPACITIES];
    int count = 0;

    for (int c = 0; c < CAPACITIES; c++) {
        int position = capacities[c].unit_sizes ? c - 3 : c + 1;

        parameters[c] = parameters_of(policy, expected, position);
        for (uint64_t seed = 1; seed <= SEEDS; seed++)
            cells[count++] = (struct cell_config){.server = server_find("flat"), .policy = policy,
                .parameters = parameters[c], .maxmemory = capacities[c].maxmemory, .seed = seed,
                .options = &options[capacities[c].unit_sizes]};
    }
    replay(path, cells, (size_t)count, results);
    for (int c = 0; c < CAPACITIES; c++) {
        long misses = published(table, expected->policy, &capacities[c]);
        double mean = 0, gap;

        for (int s = 0; s < SEEDS; s++) {
            assert_int_equal(results[c * SEEDS + s].counters.requests, REQUESTS);
            mean += (double)results[c * SEEDS + s].counters.misses / SEEDS;
            free(results[c * SEEDS + s].curve.samples);
        }
        gap = (mean - (double)misses) / REQUESTS * 100;
        print_message("%-8s %-5s %-5s published %ld, mean %.1f, gap %+.3f points\n", expected->policy,
                      capacities[c].column, capacities[c].unit_sizes ? "unit" : "sized", misses, mean, gap);
        assert_true(misses > 0);
        assert_true(gap <= expected->points && gap >= -expected->points);
        free(parameters[c]);
    }
}

static void misses_are_as_published(void **state)
{
    char *path = shared_path("traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst");
    char *published_path = shared_path("published/libcachesim_2024-10_misses.csv");
    struct simulation_options options[2] = {{.fill = true}, {.fill = true, .unit_sizes = true}};
    FILE *table;

    (void)state;
    if (!path || !published_path)
        skip();
    table = fopen(published_path, "r");
    assert_non_null(table);
    for (int i = 0; i < 2; i++)
        redis_config_init(&options[i].redis);
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        compare(path, table, &expectations[i], options);
    fclose(table);
    free(path);
    free(published_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misses_are_as_published),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
