/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_slabs: random allocations and deallocations, against a twin that looks through all slabs for the one that jemalloc
 * would take. Sizes of slabs as `MEMORY MALLOC-STATS` of a real server lists them. Dirty pages go within ten seconds. */
#include "sim/server/values/slabs.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { BLOCKS = 20000, STEPS = 400000, SLABS = 20000, NONE = -1 };

/* ---- the twin ---- */

struct twin_slab {
    unsigned size_class; /* 0: given up */
    unsigned used, regions, pages;
};

struct twin {
    struct twin_slab slabs[SLABS];
    int count;
    int current[SLAB_CLASSES];
    uint64_t active;
};

static unsigned smallest_slab_pages(unsigned bytes)
{
    unsigned pages = 1;

    while (pages * 4096 % bytes)
        pages++;
    return pages;
}

static bool has_room(const struct twin_slab *slab, unsigned size_class)
{
    return slab->size_class == size_class && slab->used < slab->regions;
}

static int twin_new(struct twin *twin, unsigned size_class, unsigned bytes)
{
    unsigned pages = smallest_slab_pages(bytes);
    int place = 0;

    while (place < twin->count && (twin->slabs[place].size_class || twin->slabs[place].pages != pages))
        place++;
    if (place == twin->count)
        twin->count++;
    assert_true(twin->count < SLABS);
    twin->slabs[place] = (struct twin_slab){size_class, 0, pages * 4096 / bytes, pages};
    twin->active += pages;
    return place;
}

static int twin_allocate(struct twin *twin, unsigned size_class, unsigned bytes)
{
    int *current = &twin->current[size_class];

    if (*current == NONE || !has_room(&twin->slabs[*current], size_class)) {
        *current = 0;
        while (*current < twin->count && !has_room(&twin->slabs[*current], size_class))
            (*current)++;
        if (*current == twin->count)
            *current = twin_new(twin, size_class, bytes);
    }
    twin->slabs[*current].used++;
    return *current;
}

static void twin_free(struct twin *twin, int place)
{
    struct twin_slab *slab = &twin->slabs[place];
    int *current = &twin->current[slab->size_class];
    bool was_full = slab->used == slab->regions;

    if (!--slab->used) {
        if (*current == place)
            *current = NONE;
        twin->active -= slab->pages;
        slab->size_class = 0;
    } else if (was_full && *current > place) {
        *current = place;
    }
}

/* ---- tests ---- */

/* What the size class that holds so many bytes has. */
static unsigned class_size(unsigned size_class)
{
    static const unsigned sizes[SLAB_CLASSES] = {0,    8,    16,   24,   32,   40,   48,   56,    64,    80,
                                                 96,   112,  128,  160,  192,  224,  256,  320,   384,   448,
                                                 512,  640,  768,  896,  1024, 1280, 1536, 1792,  2048,  2560,
                                                 3072, 3584, 4096, 5120, 6144, 7168, 8192, 10240, 12288, 14336};

    return sizes[size_class];
}

static void classes_are_jemallocs(void **state)
{
    static const struct {
        unsigned bytes, regions, pages;
    } listed[] = {{8, 512, 1},   {16, 256, 1},  {32, 128, 1},  {48, 256, 3}, {64, 64, 1},   {80, 256, 5}, {96, 128, 3},
                  {112, 256, 7}, {128, 32, 1},  {160, 128, 5}, {192, 64, 3}, {224, 128, 7}, {256, 16, 1}, {320, 64, 5},
                  {384, 32, 3},  {448, 64, 7},  {512, 8, 1},   {640, 32, 5}, {768, 16, 3},  {1024, 4, 1}, {1280, 16, 5},
                  {1536, 8, 3},  {1792, 16, 7}, {2048, 2, 1},  {2560, 8, 5}, {3072, 4, 3},  {4096, 1, 1}, {8192, 1, 2}};
    struct slabs slabs = {0};

    (void)state;
    slabs_init(&slabs);
    for (unsigned i = 1; i < SLAB_CLASSES; i++) {
        assert_int_equal(slab_class(class_size(i)), i);
        assert_int_equal(slab_class(class_size(i - 1) + 1), i);
    }
    assert_int_equal(slab_class(14337), 0);
    for (unsigned i = 0; i < sizeof listed / sizeof *listed; i++) {
        const struct slab_bin *bin = &slabs.bins[slab_class(listed[i].bytes)];

        assert_int_equal(bin->regions, listed[i].regions);
        assert_int_equal(bin->pages, listed[i].pages);
    }
    slabs_release(&slabs);
}

/* Few classes, one of which has a single block in each slab. The number of blocks rises and falls. */
static void blocks_come_and_go(void **state)
{
    static const unsigned classes[] = {1, 4, 6, 18, 32, 39, 28};
    struct random random = random_start();
    struct slabs slabs = {0};
    struct twin *twin = calloc(1, sizeof *twin);
    uint32_t *blocks = calloc(BLOCKS, sizeof *blocks);
    unsigned count = 0;

    (void)state;
    assert_non_null(twin);
    assert_non_null(blocks);
    for (int i = 0; i < SLAB_CLASSES; i++)
        twin->current[i] = NONE;
    slabs_init(&slabs);
    for (int step = 0; step < STEPS; step++) {
        bool grows = step / 5000 % 3 != 2;

        if (count < 2000 && (!count || random_below(&random, 100) < (grows ? 60 : 25))) {
            unsigned size_class = classes[random_below(&random, sizeof classes / sizeof *classes)];

            blocks[count] = slabs_allocate(&slabs, size_class);
            assert_int_equal(blocks[count], twin_allocate(twin, size_class, class_size(size_class)));
            assert_int_equal(slabs_class_of(&slabs, blocks[count]), size_class);
            count++;
        } else {
            uint64_t i = random_below(&random, count);

            slabs_free(&slabs, blocks[i]);
            twin_free(twin, (int)blocks[i]);
            blocks[i] = blocks[--count];
        }
        assert_int_equal(slabs.active, twin->active);
    }
    while (count) {
        slabs_free(&slabs, blocks[--count]);
        twin_free(twin, (int)blocks[count]);
    }
    assert_int_equal(slabs.active, 0);
    assert_int_equal(twin->active, 0);
    slabs_release(&slabs);
    free(blocks);
    free(twin);
}

/* As the smooth step from 1 to 0: half of the pages are left after half of the time. */
static void dirty_pages_go_in_ten_seconds(void **state)
{
    struct slabs slabs = {0};
    uint64_t before = 10000;

    (void)state;
    slabs_init(&slabs);
    slabs_pass(&slabs, 60 * 1000000);
    slabs_take_pages(&slabs, 10000);
    slabs_give_pages(&slabs, 10000);
    assert_int_equal(slabs.dirty, 10000);
    for (int64_t ms = 0; ms <= 11000; ms += 10) {
        slabs_pass(&slabs, 60 * 1000000 + ms * 1000);
        assert_true(slabs.dirty <= before);
        before = slabs.dirty;
        if (ms == 2000)
            assert_in_range(slabs.dirty, 9300, 9500);
        if (ms == 5000)
            assert_in_range(slabs.dirty, 4850, 5150);
    }
    assert_int_equal(slabs.dirty, 0);
    slabs_release(&slabs);
}

/* Dirty pages are used before others, and the result does not depend on how often somebody looks. */
static void looks_change_nothing(void **state)
{
    struct random random = random_start();
    struct slabs looked = {0}, alone = {0};
    uint64_t pages = 0;

    (void)state;
    slabs_init(&looked);
    slabs_init(&alone);
    for (int64_t now_us = 0; now_us < 100 * 1000000; now_us += (int64_t)random_below(&random, 700000)) {
        uint64_t taken = random_below(&random, 1000), given;

        for (int64_t at_us = now_us - 100000; at_us < now_us; at_us += 10000)
            slabs_pass(&looked, at_us);
        slabs_pass(&looked, now_us);
        slabs_pass(&alone, now_us);
        assert_int_equal(looked.dirty, alone.dirty);
        slabs_take_pages(&looked, taken);
        slabs_take_pages(&alone, taken);
        pages += taken;
        given = random_below(&random, (uint32_t)pages + 1);
        slabs_give_pages(&looked, given);
        slabs_give_pages(&alone, given);
        pages -= given;
        assert_int_equal(looked.active, pages);
    }
    slabs_release(&looked);
    slabs_release(&alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_jemallocs),
        cmocka_unit_test(blocks_come_and_go),
        cmocka_unit_test(dirty_pages_go_in_ten_seconds),
        cmocka_unit_test(looks_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
