/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_published_lirs: lirs against the miss counts of its authors on their traces. Those of libCacheSim, which differ,
 * are in test_published. */
#include "policies/registry.h"
#include "sim/server/registry.h"
#include "tests/support_replay.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINES = 64 };

struct line {
    char trace[32];
    unsigned long blocks, requests, misses;
};

/* "cs 100 6781 6300  7.1%" */
static size_t read_lines(const char *path, struct line *lines)
{
    FILE *in = fopen(path, "r");
    char text[128];
    size_t count = 0;

    assert_non_null(in);
    while (count < LINES && fgets(text, sizeof text, in))
        count += sscanf(text, "%31s %lu %lu %lu", lines[count].trace, &lines[count].blocks, &lines[count].requests,
                        &lines[count].misses) == 4;
    fclose(in);
    assert_true(count > 30);
    return count;
}

/* The lines from `lines` on that are of the same trace; returns how many. */
static size_t compare_trace(const struct line *lines, size_t count)
{
    struct simulation_options options = {
        .fill = true, .unit_sizes = true, .start_unix_us = INT64_C(1700000000000000), .interval_us = INT64_C(1) << 60};
    struct cell_config cells[LINES];
    struct result results[LINES] = {0};
    size_t made = 0;
    char relative[64], *path;

    redis_config_init(&options.redis);
    for (; made < count && !strcmp(lines[made].trace, lines->trace); made++)
        cells[made] = (struct cell_config){.server = server_find("flat"),
                                           .policy = policy_find("lirs"),
                                           .maxmemory = lines[made].blocks,
                                           .options = &options};
    snprintf(relative, sizeof relative, "traces/lirs/%s.trace.gz", lines->trace);
    path = shared_path(relative);
    assert_non_null(path);
    assert_true(replay_trace(path, cells, made, results));
    free(path);
    for (size_t i = 0; i < made; i++) {
        printf("%-8s %5lu blocks: %ju misses, published %lu\n", lines[i].trace, lines[i].blocks,
               (uintmax_t)results[i].counters.misses, lines[i].misses);
        assert_int_equal(results[i].counters.reads, lines[i].requests);
        assert_int_equal(results[i].counters.misses, lines[i].misses);
    }
    return made;
}

static void the_misses_of_the_authors_simulator(void **state)
{
    char *path = shared_path("published/lirs_misses.txt");
    struct line lines[LINES];
    size_t count;

    (void)state;
    if (!path)
        skip();
    count = read_lines(path, lines);
    free(path);
    for (size_t first = 0; first < count;)
        first += compare_trace(&lines[first], count - first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_misses_of_the_authors_simulator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
