/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_hashtable: the table of buckets against a naive twin that knows only the keys in it, and against laws of its
 * own: each key is in the right bucket, chains have no needless links, and memory is 64 bytes per bucket.
 *
 * Both sets of rules are tested, those of Valkey 8.1 and of 9.1. A failing run gives the number of operations after
 * which the first fault appeared. */
#include "sim/server/tables/hashtable.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 3000, STEPS = 40000, NODE = 32 };

struct world {
    struct hashtable table;
    bool is_there[KEYS];
    uint32_t count;
    uint64_t memory;
    bool may_resize; /* what the guard answers */
    struct random random;
    gsl_rng *rng;
    uint64_t largest;    /* table there has been, in buckets */
    uint32_t seen[KEYS]; /* how often a scan met it */
    uint32_t removed_by_scan;
    const char *wrong; /* NULL while all is well */
};

static const struct hashtable_rules rules_8_1;
static const struct hashtable_rules rules_9_1 = {
    .guards_growth_only = true,
    .rehashes_undisturbed = true,
    .ends_when_empty = true,
    .skips_empty = true,
    .scans_then_shrinks = true,
    .compacts_after_scan = true,
    .jumps = true,
};

static bool may_resize(void *owner, uint64_t bytes)
{
    const struct world *world = owner;

    return world->may_resize && bytes;
}

static void open_world(struct world *world, const struct hashtable_rules *rules, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->random = random_stream(seed);
    world->rng = gsl_rng_alloc(gsl_rng_taus2);
    gsl_rng_set(world->rng, (unsigned long)seed + 1);
    world->may_resize = true;
    hashtable_init(&world->table, seed);
    world->table.rules = *rules;
    world->table.rehash_bytes = NODE;
    world->table.may_resize = may_resize;
    world->table.owner = world;
    world->table.memory = &world->memory;
}

static void close_world(struct world *world)
{
    hashtable_release(&world->table);
    gsl_rng_free(world->rng);
}

static void add(struct world *world, uint32_t id)
{
    hashtable_add(&world->table, id);
    world->is_there[id] = true;
    world->count++;
}

static void remove_key(struct world *world, uint32_t id)
{
    hashtable_remove(&world->table, id);
    world->is_there[id] = false;
    world->count--;
}

/* ---- the laws ---- */

/* Walks a chain: how many keys; the children are counted, too. */
static uint32_t walk_chain(struct world *world, int which, uint64_t index, uint32_t *children)
{
    const struct hashtable *table = &world->table;
    const struct hashtable_bucket *bucket = &table->table[which][index];
    uint32_t keys = 0;

    for (;;) {
        int places = HASHTABLE_BUCKET_ENTRIES - bucket->chained;

        for (int place = 0; place < places; place++) {
            uint32_t id = bucket->entries[place];

            if (!(bucket->presence >> place & 1))
                continue;
            keys++;
            if (id >= KEYS || !world->is_there[id])
                world->wrong = "a key is in it that should not be";
            else if ((hash_id(id, table->hash_seed) & (hashtable_size(table, which) - 1)) != index)
                world->wrong = "a key lies in another bucket";
        }
        if (bucket->presence >> places)
            world->wrong = "a position is filled that is none";
        if (!bucket->chained)
            return keys;
        bucket = &table->pool[bucket->entries[HASHTABLE_BUCKET_ENTRIES - 1]];
        ++*children;
    }
}

static void check(struct world *world)
{
    const struct hashtable *table = &world->table;
    uint64_t bytes = hashtable_is_rehashing(table) ? NODE : 0;

    for (int which = 0; which < 2; which++) {
        uint32_t keys = 0, children = 0;

        for (uint64_t index = 0; index < hashtable_size(table, which); index++)
            keys += walk_chain(world, which, index, &children);
        if (keys != table->used[which] || children != table->children[which])
            world->wrong = "keys or children are miscounted";
        bytes += 64 * (hashtable_size(table, which) + children);
    }
    if (hashtable_count(table) != world->count)
        world->wrong = "a key is lost or there twice";
    if (bytes != world->memory)
        world->wrong = "it weighs something else";
    if (!hashtable_is_rehashing(table) && table->exponent[1] >= 0)
        world->wrong = "a second table is left over";
    if (hashtable_buckets(table) > world->largest)
        world->largest = hashtable_buckets(table);
}

/* ---- scans and samples ---- */

static void meet(void *owner, uint32_t id)
{
    struct world *world = owner;

    world->seen[id]++;
    if (random_chance(&world->random, 20)) {
        remove_key(world, id);
        world->removed_by_scan++;
    }
}

/* A whole round meets every key that was there all the time, though keys come and go and tables change. */
static void scan_a_round(struct world *world)
{
    static bool before[KEYS];
    uint64_t cursor = 0;

    memcpy(before, world->is_there, sizeof before);
    memset(world->seen, 0, sizeof world->seen);
    do {
        uint32_t id = (uint32_t)random_below(&world->random, KEYS);

        cursor = hashtable_scan(&world->table, cursor, meet, world);
        if (!world->is_there[id]) {
            add(world, id);
            before[id] = false;
        }
        if (random_chance(&world->random, 30))
            hashtable_step(&world->table);
    } while (cursor && world->count);
    for (uint32_t id = 0; id < KEYS; id++)
        if (before[id] && world->is_there[id] && !world->seen[id])
            world->wrong = "a round of scans missed a key";
}

static void sample(struct world *world)
{
    uint32_t ids[64];
    int want = 1 + (int)random_below(&world->random, 64);
    int got = hashtable_sample(&world->table, world->rng, want, ids);

    if (got != (want < (int)world->count ? want : (int)world->count))
        world->wrong = "more or fewer samples than keys, or than asked for";
    for (int i = 0; i < got; i++)
        if (ids[i] >= KEYS || !world->is_there[ids[i]])
            world->wrong = "a sample is not in the table";
}

static void draw(struct world *world)
{
    uint32_t id = hashtable_random_key(&world->table, world->rng);

    if (id >= KEYS || !world->is_there[id])
        world->wrong = "a random key is not in the table";
}

static void step(struct world *world, int done)
{
    uint32_t id = (uint32_t)random_below(&world->random, KEYS);
    uint64_t kind = random_below(&world->random, 1000);
    bool fills = done / 8000 % 2 == 0;

    if (kind < 900) {
        /* Whole stretches in which keys mostly come, or mostly go. */
        if (!world->is_there[id] && random_chance(&world->random, fills ? 90 : 10))
            add(world, id);
        else if (world->is_there[id] && random_chance(&world->random, fills ? 10 : 95))
            remove_key(world, id);
    } else if (kind < 940) {
        hashtable_step(&world->table);
    } else if (kind < 950) {
        if (!hashtable_shrink_if_due(&world->table) && world->count)
            hashtable_grow_if_due(&world->table);
    } else if (kind < 951) {
        world->table.rests = random_chance(&world->random, 40);
    } else if (kind < 953) {
        scan_a_round(world);
    } else if (kind < 960) {
        world->may_resize = random_chance(&world->random, 70);
    } else if (world->count) {
        (kind < 980 ? sample : draw)(world);
    }
}

static void run(const char *name, const struct hashtable_rules *rules, uint64_t seed)
{
    static struct world world;
    int done = 0;

    open_world(&world, rules, seed);
    while (!world.wrong && done < STEPS) {
        step(&world, done++);
        if (done % 7 == 0 || done < 2000)
            check(&world);
    }
    if (world.wrong)
        fail_msg("rules of %s, seed %lu: after %d operations: %s", name, seed, done, world.wrong);
    assert_true(world.largest >= 256);
    assert_true(world.removed_by_scan > 0);
    hashtable_clear(&world.table);
    assert_int_equal(world.memory, 0);
    close_world(&world);
}

static void hashtable_keeps_its_laws(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (uint64_t i = 0; i < 2; i++) {
        run("Valkey 8.1", &rules_8_1, random_seed() * 2 + i);
        run("Valkey 9.1", &rules_9_1, random_seed() * 2 + i);
    }
}

/* ---- sizes ---- */

static void tables_grow_and_shrink_at_known_counts(void **state)
{
    static struct world world;

    (void)state;
    open_world(&world, &rules_8_1, random_seed());
    for (uint32_t id = 0; id < 2000; id++) {
        add(&world, id);
        while (hashtable_is_rehashing(&world.table))
            hashtable_rehash(&world.table);
        if (id + 1 == 7)
            assert_int_equal(hashtable_size(&world.table, 0), 1);
        if (id + 1 == 8)
            assert_int_equal(hashtable_size(&world.table, 0), 2); /* more than seven to a bucket */
    }
    assert_int_equal(hashtable_size(&world.table, 0), 512);
    for (uint32_t id = 0; id < 2000; id++) {
        remove_key(&world, id);
        while (hashtable_is_rehashing(&world.table))
            hashtable_rehash(&world.table);
        if (world.count == 466)
            assert_int_equal(hashtable_size(&world.table, 0), 512);
        if (world.count == 465)
            assert_int_equal(hashtable_size(&world.table, 0), 128); /* 13 %: as small as will do */
    }
    assert_int_equal(world.memory, 64);
    close_world(&world);
}

/* With a child: 500 % upwards, 3 % downwards; only insertions move buckets, one each. */
static void a_child_resists_resizing(void **state)
{
    static struct world world;

    (void)state;
    open_world(&world, &rules_8_1, random_seed());
    for (uint32_t id = 0; id < 50; id++)
        add(&world, id);
    while (hashtable_is_rehashing(&world.table))
        hashtable_rehash(&world.table);
    assert_int_equal(hashtable_size(&world.table, 0), 8);
    world.table.rests = true;
    for (uint32_t id = 50; id < 280; id++)
        add(&world, id);
    assert_int_equal(hashtable_buckets(&world.table), 8); /* 280 keys in room for 56 */
    add(&world, 280);
    assert_int_equal(hashtable_size(&world.table, 1), 64);
    assert_int_equal(world.table.rehash_index, 1); /* the insertion's own step */
    hashtable_step(&world.table);
    remove_key(&world, 280);
    assert_int_equal(world.table.rehash_index, 1);
    for (uint32_t id = 281; id < 288; id++)
        add(&world, id);
    assert_int_equal(hashtable_buckets(&world.table), 64);
    for (uint32_t id = 0; world.count > 14; id++)
        if (world.is_there[id])
            remove_key(&world, id);
    assert_int_equal(hashtable_buckets(&world.table), 64);
    remove_key(&world, 287); /* 13 of 448 are 2.9 % */
    assert_int_equal(hashtable_size(&world.table, 1), 4);
    check(&world);
    assert_null(world.wrong);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashtable_keeps_its_laws),
        cmocka_unit_test(tables_grow_and_shrink_at_known_counts),
        cmocka_unit_test(a_child_resists_resizing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
