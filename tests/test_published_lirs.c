/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lirs against published miss counts: its authors', and those of libCacheSim, which differs from them. */
#include "tests/support_published.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CELLS_MAX = 64 };

/* "cs 100 6781 6300  7.1%": trace, blocks, requests, misses. */
static void the_misses_of_the_authors_simulator(void **state)
{
    struct published_cell cells[CELLS_MAX] = {0};
    char line[128], names[CELLS_MAX][32], path[64];
    unsigned long blocks[CELLS_MAX], requests[CELLS_MAX], misses[CELLS_MAX];
    FILE *file = published_figures("lirs_misses.txt");
    size_t count = 0;

    (void)state;
    if (!file)
        skip();
    while (count < CELLS_MAX && fgets(line, sizeof line, file))
        count += sscanf(line, "%31s %lu %lu %lu", names[count], &blocks[count], &requests[count],
                        &misses[count]) == 4;
    fclose(file);
    assert_true(count > 30);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && !strcmp(names[end], names[first]); end++)
            cells[end] = (struct published_cell){.policy = "lirs", .capacity = blocks[end]};
        snprintf(path, sizeof path, "traces/lirs/%s.trace.gz", names[first]);
        if (!published_replay(path, true, &cells[first], end - first))
            skip();
    }
    for (size_t i = 0; i < count; i++) {
        printf("%s, %lu blocks: %lu misses of %lu\n", names[i], blocks[i], cells[i].counters.misses,
               cells[i].counters.reads);
        assert_int_equal(cells[i].counters.reads, requests[i]);
        assert_int_equal(cells[i].counters.misses, misses[i]);
    }
}

/* What libCacheSim does otherwise (policies/lirs.c): hir, hir-keys, stack, repeats, strict. */
static const double as_libcachesim[] = {0.01, 1, 2, 1, 1};

enum { OBJECTS = 48974 };
static const double WORKING_SET = 2029769728;

/* "0.1", "100mb", "1gb" */
static uint64_t capacity_of(const char *text, bool unit_sizes)
{
    double number;
    char unit[4] = "";

    assert_true(sscanf(text, "%lf%3s", &number, unit) >= 1);
    if (!strcmp(unit, "mb"))
        return (uint64_t)number << 20;
    if (!strcmp(unit, "gb"))
        return (uint64_t)number << 30;
    return (uint64_t)(number * (unit_sizes ? OBJECTS : WORKING_SET));
}

/* "lirs,cloudPhysicsIO.oracleGeneral.bin,0.01,0,113872,93607,...": capacity, whether unit sizes, requests, misses. */
static void expect_libcachesim(bool unit_sizes)
{
    struct published_cell cells[CELLS_MAX] = {0};
    unsigned long misses[CELLS_MAX], requests;
    FILE *file = published_figures("libcachesim_2024-10_misses.csv");
    char line[256], capacity[16];
    size_t count = 0;
    int unit;

    if (!file)
        skip();
    while (count < CELLS_MAX && fgets(line, sizeof line, file))
        if (sscanf(line, "lirs,%*[^,],%15[^,],%d,%lu,%lu", capacity, &unit, &requests, &misses[count]) == 4 &&
            unit == unit_sizes)
            cells[count++] = (struct published_cell){
                .policy = "lirs", .capacity = capacity_of(capacity, unit_sizes), .parameters = as_libcachesim};
    fclose(file);
    assert_int_equal(count, 4);
    if (!published_replay("traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst", unit_sizes, cells, count))
        skip();
    for (size_t i = 0; i < count; i++) {
        printf("%lu: %lu misses of %lu\n", cells[i].capacity, cells[i].counters.misses, cells[i].counters.reads);
        assert_int_equal(cells[i].counters.misses, misses[i]);
    }
}

static void the_misses_of_libcachesim_by_objects(void **state)
{
    (void)state;
    expect_libcachesim(true);
}

static void the_misses_of_libcachesim_by_bytes(void **state)
{
    (void)state;
    expect_libcachesim(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_misses_of_the_authors_simulator),
        cmocka_unit_test(the_misses_of_libcachesim_by_objects),
        cmocka_unit_test(the_misses_of_libcachesim_by_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
