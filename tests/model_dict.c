/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_dict: the hash table against a naive twin without chains. The twin knows only which of the two tables each key
 * is in, and finds a bucket's keys by looking at all keys.
 *
 * A failing run gives the number of operations after which the two first differ, which is the shortest run of that seed
 * that fails. */
#include "sim/draws_ahead.h"
#include "sim/server/tables/dict.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 600, STEPS = 30000, ABSENT = -1 };

struct twin {
    int table[KEYS]; /* 0, 1 or ABSENT */
    uint64_t size[2];
    int64_t rehash_index;
    bool may_grow; /* what the guard answers */
    bool rests;    /* a child saves */
    int asked;     /* how often it was asked */
};

struct world {
    struct dict dict;
    struct twin twin;
    uint32_t links[KEYS];
    uint64_t memory;
    struct random random;
    gsl_rng *rng;
    uint64_t largest;       /* table there has been */
    const char *difference; /* NULL while the two agree */
};

/* ---- the twin ---- */

static uint32_t count_in(const struct twin *twin, int table)
{
    uint32_t count = 0;

    for (int id = 0; id < KEYS; id++)
        count += twin->table[id] == table;
    return count;
}

static uint32_t count(const struct twin *twin)
{
    return count_in(twin, 0) + count_in(twin, 1);
}

static bool in_bucket(const struct world *world, uint32_t id, int table, uint64_t bucket)
{
    return world->twin.table[id] == table && (dict_hash(&world->dict, id) & (world->twin.size[table] - 1)) == bucket;
}

static bool is_empty(const struct world *world, int table, uint64_t bucket)
{
    for (uint32_t id = 0; id < KEYS; id++)
        if (in_bucket(world, id, table, bucket))
            return false;
    return true;
}

static void second_table_becomes_the_first(struct twin *twin)
{
    for (int id = 0; id < KEYS; id++)
        if (twin->table[id] == 1)
            twin->table[id] = 0;
    twin->size[0] = twin->size[1];
    twin->size[1] = 0;
    twin->rehash_index = -1;
}

/* Where an empty table is replaced instead of rehashed. */
static void resize_empty(struct twin *twin, uint64_t size)
{
    twin->size[0] = size;
    twin->rehash_index = -1;
}

/* With a child only what differs much is rehashed: by 5, or since 7.4 by 4 upwards and 32 downwards. */
static bool may_rehash(const struct world *world)
{
    const struct twin *twin = &world->twin;
    uint64_t up = world->dict.rules.resists_less ? 4 : 5, down = world->dict.rules.resists_less ? 32 : 5;

    return twin->rehash_index >= 0 &&
           (!twin->rests || twin->size[1] >= up * twin->size[0] || twin->size[0] >= down * twin->size[1]);
}

static void rehash(struct world *world, int buckets)
{
    struct twin *twin = &world->twin;
    int visits = 10 * buckets;

    if (!may_rehash(world))
        return;
    for (; buckets && count_in(twin, 0); buckets--) {
        while (is_empty(world, 0, (uint64_t)twin->rehash_index)) {
            twin->rehash_index++;
            if (--visits == 0)
                return;
        }
        for (uint32_t id = 0; id < KEYS; id++)
            if (in_bucket(world, id, 0, (uint64_t)twin->rehash_index))
                twin->table[id] = 1;
        twin->rehash_index++;
    }
    if (!count_in(twin, 0))
        second_table_becomes_the_first(twin);
}

static uint64_t power_of_two_from_4(uint64_t least)
{
    uint64_t size = 4;

    while (size < least)
        size *= 2;
    return size;
}

static void resize(struct twin *twin, uint64_t least)
{
    uint64_t size = power_of_two_from_4(least);

    if (size == twin->size[0])
        return;
    twin->size[twin->size[0] != 0] = size;
    twin->rehash_index = twin->size[1] ? 0 : -1;
}

/* On behalf of a key: its own bucket, where that is the rule and the bucket is still to be moved. */
static void rehash_at_key(struct world *world, uint32_t id)
{
    struct twin *twin = &world->twin;
    uint64_t bucket;

    if (!may_rehash(world))
        return;
    bucket = dict_hash(&world->dict, id) & (twin->size[0] - 1);
    if (!world->dict.rules.steps_at_key || bucket < (uint64_t)twin->rehash_index || is_empty(world, 0, bucket)) {
        rehash(world, 1);
        return;
    }
    for (uint32_t other = 0; other < KEYS; other++)
        if (in_bucket(world, other, 0, bucket))
            twin->table[other] = 1;
    if (!count_in(twin, 0))
        second_table_becomes_the_first(twin);
}

static void grow_if_due(struct twin *twin, const struct dict_rules *rules)
{
    uint64_t factor = !twin->rests ? 1 : rules->resists_less ? 4 : 6; /* more than 5, in whole numbers */
    uint32_t used = count_in(twin, 0);

    if (twin->rehash_index >= 0 || (twin->size[0] && used < factor * twin->size[0]))
        return;
    if (twin->size[0])
        twin->asked++;
    if (!twin->size[0] || twin->may_grow)
        resize(twin, used + 1);
}

/* ---- both ---- */

/* At one key in eight slots. An empty table is replaced. */
static void shrink_if_due(struct twin *twin)
{
    uint32_t used = count_in(twin, 0);

    if (twin->rehash_index >= 0 || twin->size[0] <= 4 || used * (twin->rests ? 32 : 8) > twin->size[0])
        return;
    twin->asked++;
    if (!twin->may_grow)
        return;
    if (used)
        resize(twin, used);
    else
        resize_empty(twin, 4);
}

/* dictTypeExpandAllowed is asked with the bytes of the new table and the load of the old. */
static bool may_grow(void *owner, uint64_t bytes, uint64_t used, uint64_t size)
{
    struct world *world = owner;
    const struct twin *twin = &world->twin;
    bool grows = used >= size;

    world->twin.asked--;
    if (used != count_in(twin, 0) || size != twin->size[0] || (!grows && used * 8 > size) ||
        bytes != 8 * power_of_two_from_4(used + grows))
        world->difference = "the guard is asked about another table";
    return twin->may_grow;
}

static void add(struct world *world, uint32_t id)
{
    rehash_at_key(world, id); /* the twin first: it answers for the guard */
    dict_add(&world->dict, id);
    grow_if_due(&world->twin, &world->dict.rules);
    world->twin.table[id] = world->twin.rehash_index >= 0;
}

static void remove_key(struct world *world, uint32_t id)
{
    rehash_at_key(world, id);
    world->twin.table[id] = ABSENT;
    dict_remove(&world->dict, id);
    if (world->dict.rules.shrinks_at_delete)
        shrink_if_due(&world->twin);
}

static void visit(struct world *world)
{
    rehash_at_key(world, 0);
    dict_visit(&world->dict, 0);
    grow_if_due(&world->twin, &world->dict.rules);
}

static void shrink(struct world *world)
{
    dict_shrink(&world->dict);
    if (world->twin.rehash_index >= 0)
        return;
    if (world->twin.size[0] && !count(&world->twin) && world->dict.rules.replaces_empty)
        resize_empty(&world->twin, 4);
    else
        resize(&world->twin, count(&world->twin));
}

static void clear(struct world *world)
{
    dict_clear(&world->dict);
    for (int id = 0; id < KEYS; id++)
        world->twin.table[id] = ABSENT;
    world->twin.size[0] = world->twin.size[1] = 0;
    world->twin.rehash_index = -1;
}

/* Samples are keys that are there, as many as asked for or fewer; keys may repeat. */
static void sample(struct world *world)
{
    uint32_t ids[64], left = count(&world->twin);
    int want = 1 + (int)random_below(&world->random, 64);
    int got = dict_sample(&world->dict, world->rng, want, ids);

    for (uint32_t i = 0; i < (uint32_t)want && i < left; i++) /* one step per key wanted */
        rehash(world, 1);
    if (got > want || (uint32_t)got > left)
        world->difference = "more samples than keys, or than asked for";
    for (int i = 0; i < got; i++)
        if (ids[i] >= KEYS || world->twin.table[ids[i]] == ABSENT)
            world->difference = "a sample is not in the dict";
}

static void draw(struct world *world)
{
    uint32_t id = dict_random_key(&world->dict, world->rng);

    rehash(world, 1);
    if (id >= KEYS || world->twin.table[id] == ABSENT)
        world->difference = "a random key is not in the dict";
}

static void step(struct world *world, int done)
{
    uint32_t id = (uint32_t)random_below(&world->random, KEYS);
    bool is_there = world->twin.table[id] != ABSENT;
    uint64_t kind = random_below(&world->random, 1000);
    bool fills = done / 3000 % 2 == 0;
    int buckets = 1 + (int)random_below(&world->random, 20);

    if (kind < 700) {
        /* Whole stretches in which keys mostly come, or mostly go. */
        if (!is_there && random_chance(&world->random, fills ? 90 : 40))
            add(world, id);
        else if (is_there && random_chance(&world->random, fills ? 30 : 90))
            remove_key(world, id);
    } else if (kind < 760) {
        dict_rehash(&world->dict, buckets);
        rehash(world, buckets);
    } else if (kind < 820) {
        visit(world);
    } else if (kind < 840) {
        shrink(world);
    } else if (kind < 841) {
        if (random_chance(&world->random, 30))
            clear(world);
    } else if (kind < 845) {
        world->dict.rests = world->twin.rests = random_chance(&world->random, 40);
    } else if (kind < 860) {
        world->twin.may_grow = random_chance(&world->random, 70);
    } else if (count(&world->twin)) {
        (kind < 930 ? sample : draw)(world);
    }
}

/* ---- comparing ---- */

/* Every key of every chain is where the twin has it; how many there were. */
static uint32_t walk(struct world *world, int table)
{
    uint32_t found = 0;

    for (uint64_t bucket = 0; bucket < world->dict.size[table]; bucket++) {
        uint32_t id = dict_head(&world->dict, table, bucket);

        for (; id != DICT_END && found <= KEYS; id = dict_next(&world->dict, id), found++)
            if (id >= KEYS || !in_bucket(world, id, table, bucket))
                world->difference = "a key lies in another bucket";
    }
    return found;
}

static void compare(struct world *world)
{
    const struct dict *dict = &world->dict;
    const struct twin *twin = &world->twin;

    if (twin->asked)
        world->difference = "the guard was asked too often, or not at all";
    for (int table = 0; table < 2; table++) {
        uint32_t there = count_in(twin, table);

        if (dict->size[table] != twin->size[table])
            world->difference = "another number of buckets";
        else if (dict->used[table] != there || walk(world, table) != there)
            world->difference = "a key is lost or there twice";
    }
    if (dict->size[0] > world->largest)
        world->largest = dict->size[0];
    if (dict->rehash_index != twin->rehash_index)
        world->difference = "rehashing is elsewhere";
    if (world->memory != 8 * (dict->size[0] + dict->size[1]) + (dict_is_rehashing(dict) ? dict->rehash_bytes : 0))
        world->difference = "the tables weigh something else";
}

static void open_world(struct world *world, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->random = random_stream(seed);
    world->rng = gsl_rng_alloc(&draws_ahead);
    gsl_rng_set(world->rng, (unsigned long)seed + 1);
    dict_init(&world->dict, seed);
    world->dict.links = (char *)world->links;
    world->dict.stride = sizeof *world->links;
    world->dict.may_grow = may_grow;
    world->dict.owner = world;
    world->dict.memory = &world->memory;
    world->twin.may_grow = true;
    clear(world);
}

static void run(struct dict_rules rules, uint64_t seed, int steps)
{
    static struct world world;
    int done = 0;

    open_world(&world, seed);
    world.dict.rules = rules;
    world.dict.rehash_bytes = rules.shrinks_at_delete ? 24 : 0;
    while (!world.difference && done < steps) {
        step(&world, done);
        compare(&world);
        done++;
    }
    if (world.difference)
        fail_msg("seed %lu: after %d operations: %s", seed, done, world.difference);
    assert_true(world.largest >= 512);
    dict_release(&world.dict);
    gsl_rng_free(world.rng);
}

static void dict_does_what_its_twin_does(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (uint64_t i = 0; i < 4; i++) {
        run((struct dict_rules){0}, random_seed() * 4 + i, STEPS);
        run(
            (struct dict_rules){
                .steps_at_key = true, .replaces_empty = true, .shrinks_at_delete = true, .resists_less = true},
            random_seed() * 4 + i, STEPS);
    }
}

/* ---- draws ---- */

static void draw_until_all_were_seen(struct world *world, uint32_t keys, bool by_sampling)
{
    uint32_t seen[KEYS] = {0}, ids[64], missing = keys;

    for (int draws = 0; missing && draws < 200000; draws++) {
        int got = 1;

        if (by_sampling)
            got = dict_sample(&world->dict, world->rng, 5, ids);
        else
            ids[0] = dict_random_key(&world->dict, world->rng);
        for (int i = 0; i < got; i++)
            missing -= !seen[ids[i]]++;
    }
    assert_int_equal(missing, 0);
}

static void every_key_is_drawn_sooner_or_later(void **state)
{
    static struct world world;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint32_t keys = 1 + (uint32_t)seed * 29;

        open_world(&world, random_seed() + seed);
        for (uint32_t id = 0; id < keys; id++)
            dict_add(&world.dict, id);
        for (int by_sampling = 0; by_sampling < 2; by_sampling++)
            draw_until_all_were_seen(&world, keys, by_sampling);
        dict_release(&world.dict);
        gsl_rng_free(world.rng);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dict_does_what_its_twin_does),
        cmocka_unit_test(every_key_is_drawn_sooner_or_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
