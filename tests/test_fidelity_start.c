/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_fidelity_start: used_memory to the byte in the first 33 seconds of the recorded cache trace, which INFO read
 * from real servers every second. It ends at the first random decision: which of the expired keys the active cycle
 * finds. In servers with buckets memory is random before that: each overflowing bucket adds 64 bytes. */
#include "tests/support_recorded.h"
#include "tests/support_trace.h"

#include "policies/registry.h"
#include "sim/input/source.h"
#include "sim/server/registry.h"

#include <gsl/gsl_statistics_double.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LOOKS = 34, SEEDS = 24, MAXMEMORY = 8 << 20, BUCKET_BYTES = 64 };

/* What a server said, second by second. */
struct start {
    char server[32];
    uint64_t baseline;
    size_t looks;
    uint64_t used_memory[LOOKS], keys[LOOKS];
};

static struct start starts[32];
static size_t count;
static char *trace; /* the beginning of the recorded cache trace; NULL: it is not there */

/* The rows of the first LOOKS seconds, in a file of their own. */
static void cut_trace(const char *path)
{
    struct error error = {0};
    struct source *source = source_open(path, &error);
    size_t bytes = 0, length = 0;
    const char *rows = source ? source_peek(source, 1 << 20, &bytes, &error) : NULL;

    if (!rows)
        fail_msg("%s", error.text);
    while (length < bytes && atof(rows + length) < LOOKS)
        length += (size_t)((const char *)memchr(rows + length, '\n', bytes - length) - (rows + length)) + 1;
    trace = write_temporary("start.csv", rows, length);
    source_close(source);
}

static int read_starts(void **state)
{
    FILE *in = fopen("tests/data/start_used_memory.csv", "r");
    char line[256];

    char *path = shared_path("golden/d1.csv.zst");

    (void)state;
    if (!in)
        return -1;
    if (path)
        cut_trace(path);
    free(path);
    while (fgets(line, sizeof line, in)) {
        struct start row = {.looks = 0};
        size_t second;

        if (sscanf(line, "%31[^,],%lu,%zu,%lu,%lu", row.server, &row.baseline, &second, &row.used_memory[0],
                   &row.keys[0]) != 5)
            continue; /* the header */
        if (!count || strcmp(starts[count - 1].server, row.server)) {
            starts[count] = row;
            starts[count++].looks = 0;
        }
        if (second != starts[count - 1].looks || second >= LOOKS)
            return -1;
        starts[count - 1].used_memory[second] = row.used_memory[0];
        starts[count - 1].keys[second] = row.keys[0];
        starts[count - 1].looks++;
    }
    fclose(in);
    return 0;
}

static int remove_trace(void **state)
{
    (void)state;
    if (trace)
        remove_temporary(trace);
    return 0;
}

static const struct sample *sample_at(const struct result *result, size_t second)
{
    for (size_t i = 0; i < result->curve.count; i++)
        if (result->curve.samples[i].time_us == (int64_t)second * 1000000)
            return &result->curve.samples[i];
    fail_msg("%s: no INFO at %zu s", result->server, second);
    return NULL;
}

static void replay(const struct start *start, struct result results[SEEDS])
{
    struct simulation_options options[SEEDS];
    struct cell_config configs[SEEDS];
    struct error error = {0};

    memset(results, 0, SEEDS * sizeof *results);
    for (size_t n = 0; n < SEEDS; n++) {
        recorded_options(&options[n], (double)start->baseline, 1000000);
        options[n].fill = true;
        configs[n] = (struct cell_config){.server = server_find(start->server),
                                          .policy = policy_find("noeviction"),
                                          .maxmemory = MAXMEMORY,
                                          .seed = 1 + n,
                                          .options = &options[n]};
        assert_non_null(configs[n].server);
    }
    if (recorded_replay(trace, configs, options, SEEDS, results, &error))
        fail_msg("%s", error.text);
}

static void expect_byte(const struct start *start, size_t second, const struct sample *sample)
{
    if (sample->used_memory != start->used_memory[second])
        fail_msg("%s at %zu s: %lu bytes, not %lu", start->server, second, sample->used_memory,
                 start->used_memory[second]);
}

/* A whole number of buckets from each seed's, and as near to their mean as they are themselves. */
static void expect_buckets(const struct start *start, size_t second, const struct result *results)
{
    double used[SEEDS], real = (double)start->used_memory[second], mean, sd;

    for (size_t n = 0; n < SEEDS; n++) {
        used[n] = (double)sample_at(&results[n], second)->used_memory;
        assert_int_equal((int64_t)(real - used[n]) % BUCKET_BYTES, 0);
    }
    mean = gsl_stats_mean(used, 1, SEEDS);
    sd = gsl_stats_sd(used, 1, SEEDS);
    if (fabs(real - mean) > 4 * sd)
        fail_msg("%s at %zu s: %.0f bytes with a standard deviation of %.0f, not %.0f", start->server, second, mean, sd,
                 real);
}

static void used_memory_is_equal_until_something_is_random(void **state)
{
    (void)state;
    if (!trace)
        skip();
    assert_true(count >= 8);
    for (size_t i = 0; i < count; i++) {
        bool buckets = !strncmp(starts[i].server, "valkey-8.1", 10) || !strncmp(starts[i].server, "valkey-9", 8);
        struct result results[SEEDS];

        assert_int_equal(starts[i].looks, LOOKS);
        replay(&starts[i], results);
        for (size_t second = 0; second < LOOKS; second++) {
            for (size_t n = 0; n < SEEDS; n++) {
                assert_int_equal(sample_at(&results[n], second)->keys, starts[i].keys[second]);
                if (!buckets || second == 0)
                    expect_byte(&starts[i], second, sample_at(&results[n], second));
            }
            expect_buckets(&starts[i], second, results);
        }
        for (size_t n = 0; n < SEEDS; n++)
            result_release(&results[n]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(used_memory_is_equal_until_something_is_random),
    };

    return cmocka_run_group_tests(tests, read_starts, remove_trace);
}
