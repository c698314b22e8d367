/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_allocator: the allocator's class of a block, compared with the lists of classes of the builds. */
#include "sim/server/values/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* From 64 on both builds are alike: four classes per doubling. */
#define SHARED_CLASSES                                                                                                 \
    64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560,   \
        3072, 3584, 4096, 5120, 6144, 7168, 8192, 10240, 12288, 14336, 16384, 20480, 24576, 28672, 32768, 40960,       \
        49152, 57344, 65536, 81920, 98304, 114688, 131072, 0

static const uint64_t classes_upstream[] = {8, 16, 24, 32, 40, 48, 56, SHARED_CLASSES};
static const uint64_t classes_debian[] = {8, 16, 32, 48, SHARED_CLASSES};

static const struct {
    const char *name;
    const uint64_t *classes;
} builds[] = {{"jemalloc", classes_upstream}, {"jemalloc-q16", classes_debian}};

static void every_size_goes_to_the_smallest_class_that_holds_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        const struct allocator *allocator = allocator_find(builds[i].name);
        const uint64_t *class = builds[i].classes;

        for (uint64_t bytes = 1; bytes <= 131072; bytes++) {
            if (bytes > *class)
                class ++;
            assert_int_equal(allocator_class(allocator, bytes), *class);
        }
    }
}

static void a_block_of_no_bytes_is_one_of_eight(void **state)
{
    (void)state;
    assert_int_equal(allocator_class(allocator_find("jemalloc"), 0), 8);
    assert_int_equal(allocator_class(allocator_find("jemalloc-q16"), 0), 8);
}

static void whole_pages_follow_the_classes_of_jemalloc_5_3_1(void **state)
{
    const struct allocator *debian = allocator_find("jemalloc-q16");
    const struct allocator *newer = allocator_find("jemalloc-5.3.1");

    (void)state;
    for (uint64_t bytes = 0; bytes <= 16384; bytes++)
        assert_int_equal(allocator_class(newer, bytes), allocator_class(debian, bytes));
    assert_int_equal(allocator_class(newer, 16385), 20480);
    assert_int_equal(allocator_class(newer, 20481), 24576);
    assert_int_equal(allocator_class(newer, 100000), 102400);
}

static void libc_has_blocks_of_sixteen_less_a_header(void **state)
{
    const struct allocator *libc = allocator_find("libc");

    (void)state;
    for (uint64_t bytes = 0; bytes <= 5000; bytes++) {
        uint64_t usable = 24;

        while (usable < bytes)
            usable += 16;
        assert_int_equal(allocator_class(libc, bytes), usable);
    }
}

static void debian_rounds_small_sizes_to_sixteen(void **state)
{
    const struct allocator *upstream = allocator_find("jemalloc");
    const struct allocator *debian = allocator_find("jemalloc-q16");

    (void)state;
    assert_int_equal(allocator_class(upstream, 24), 24);
    assert_int_equal(allocator_class(debian, 24), 32);
    assert_int_equal(allocator_class(upstream, 40), 40);
    assert_int_equal(allocator_class(debian, 40), 48);
    assert_int_equal(allocator_class(upstream, 56), 56);
    assert_int_equal(allocator_class(debian, 56), 64);
}

static void classes_never_fall_and_are_their_own_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        const struct allocator *allocator = allocator_find(builds[i].name);
        uint64_t last = 0;

        for (uint64_t bytes = 0; bytes < UINT64_C(1) << 40; bytes += 1 + bytes / 1000) {
            uint64_t class = allocator_class(allocator, bytes);

            assert_true(class >= bytes && class >= last);
            assert_int_equal(allocator_class(allocator, class), class);
            last = class;
        }
    }
}

static void waste_above_64_bytes_is_below_a_quarter(void **state)
{
    const struct allocator *allocator = allocator_find("jemalloc");

    (void)state;
    for (uint64_t bytes = 65; bytes < UINT64_C(1) << 40; bytes += 1 + bytes / 777)
        assert_true((allocator_class(allocator, bytes) - bytes) * 4 < bytes);
}

static void large_sizes_step_by_a_quarter_of_the_power_below(void **state)
{
    static const struct {
        uint64_t bytes, class;
    } cases[] = {
        {1024, 1024},       {1025, 1280},
        {1280, 1280},       {1281, 1536},
        {2048, 2048},       {2049, 2560},
        {65537, 81920},     {1000000, 1048576},
        {1048577, 1310720}, {UINT64_C(4294967297), UINT64_C(5368709120)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(allocator_class(allocator_find("jemalloc"), cases[i].bytes), cases[i].class);
}

static void an_unknown_build_is_not_found(void **state)
{
    (void)state;
    assert_null(allocator_find("tcmalloc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_goes_to_the_smallest_class_that_holds_it),
        cmocka_unit_test(a_block_of_no_bytes_is_one_of_eight),
        cmocka_unit_test(whole_pages_follow_the_classes_of_jemalloc_5_3_1),
        cmocka_unit_test(libc_has_blocks_of_sixteen_less_a_header),
        cmocka_unit_test(debian_rounds_small_sizes_to_sixteen),
        cmocka_unit_test(classes_never_fall_and_are_their_own_class),
        cmocka_unit_test(waste_above_64_bytes_is_below_a_quarter),
        cmocka_unit_test(large_sizes_step_by_a_quarter_of_the_power_below),
        cmocka_unit_test(an_unknown_build_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
