/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_set: random commands on one or more sets, against a naive twin that is a table of members. After every command
 * the server must have the twin's members, and used_memory must equal a recount. The twin takes the members that SPOP
 * popped from the server, and checks their number. */
#include "sim/server/registry.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/set.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 6, MEMBERS = 90, ELEMENTS_MOST = 25, SOURCES_MOST = 4, COMMANDS = 4000 };

struct world {
    struct cell *cell;
    struct random random;
    bool has[KEYS][MEMBERS];
    uint32_t ids[MEMBERS]; /* of the members' texts */
    uint64_t encodings_seen;
};

/* Integers of all widths, every third; the others short, or too long for a listpack. */
static void name_members(struct world *world)
{
    for (int i = 0; i < MEMBERS; i++) {
        char text[128];

        if (i % 3 == 0)
            snprintf(text, sizeof text, "%d", i < 60 ? i * 50 - 1000 : (i - 74) * 40000000);
        else
            snprintf(text, sizeof text, "m%0*d", i % 40 == 1 ? 70 : i % 12, i);
        world->ids[i] = cell_member(world->cell, text);
    }
}

static uint32_t count_of(const bool has[MEMBERS])
{
    uint32_t count = 0;

    for (int i = 0; i < MEMBERS; i++)
        count += has[i];
    return count;
}

static uint32_t random_key(struct world *world)
{
    return (uint32_t)random_below(&world->random, KEYS);
}

static void compare(const struct world *world)
{
    for (uint32_t id = 0; id < KEYS; id++) {
        const struct entry *entry = entry_of(world->cell->redis, id);
        uint32_t count = count_of(world->has[id]);

        assert_int_equal(encodings[entry->encoding].type, count ? TYPE_SET : TYPE_ANY);
        if (!count)
            continue;
        assert_int_equal(set_of(entry)->count, count);
        for (int member = 0; member < MEMBERS; member++)
            assert_int_equal(collection_find(set_of(entry), world->ids[member]) != NO_SLOT, world->has[id][member]);
    }
    assert_true(world->cell->redis->used == recount_used_memory(world->cell->redis));
}

static void do_elements(struct world *world, enum op op)
{
    struct element elements[ELEMENTS_MOST];
    bool integers = random_chance(&world->random, 60);
    struct row row = {.op = op, .id = random_key(world), .key_len = 3, .list = elements};

    row.elements = op == OP_SISMEMBER ? 1 : 1 + (uint32_t)random_below(&world->random, ELEMENTS_MOST);
    for (uint32_t i = 0; i < row.elements; i++) {
        uint64_t member = random_below(&world->random, MEMBERS);

        if (integers)
            member = member / 3 * 3;
        elements[i] = (struct element){.member = world->ids[member]};
        if (op == OP_SADD || op == OP_SREM)
            world->has[row.id][member] = op == OP_SADD;
    }
    cell_do(world->cell, row);
}

/* One key, no element named. */
static void do_key(struct world *world, enum op op)
{
    struct row row = {.op = op, .id = random_key(world), .key_len = 3};
    uint32_t count = count_of(world->has[row.id]), takes = op == OP_SPOP && count;
    const struct entry *entry;

    if (command_takes(op, 'n') && random_chance(&world->random, 50)) {
        row.second = 1;
        row.number = (int64_t)random_below(&world->random, count + 3);
        takes = op != OP_SPOP ? 0 : row.number < count ? (uint32_t)row.number : count;
        if (op == OP_SRANDMEMBER && random_chance(&world->random, 50))
            row.number = -row.number;
    }
    cell_do(world->cell, row);
    if (!takes)
        return;
    entry = entry_of(world->cell->redis, row.id);
    for (int i = 0; i < MEMBERS; i++)
        if (takes == count || collection_find(set_of(entry), world->ids[i]) == NO_SLOT)
            world->has[row.id][i] = false;
    assert_int_equal(count_of(world->has[row.id]), count - takes);
}

static void do_smove(struct world *world)
{
    uint32_t from = random_key(world), to = random_key(world);
    uint64_t member = random_below(&world->random, MEMBERS);
    struct element element = {.member = world->ids[member]};

    cell_add(world->cell, (struct row){.op = OP_SMOVE, .id = from, .key_len = 3, .flags = REQUEST_MORE});
    cell_do(world->cell, (struct row){.op = OP_SMOVE, .id = to, .key_len = 3, .elements = 1, .list = &element});
    if (!world->has[from][member])
        return;
    world->has[from][member] = false;
    world->has[to][member] = true;
}

static bool twin_keeps(const struct world *world, enum op op, const uint32_t sources[], uint32_t count, int member)
{
    uint32_t having = 0;

    for (uint32_t i = 0; i < count; i++)
        having += world->has[sources[i]][member];
    switch ((int)op) {
    case OP_SINTERSTORE:
        return having == count;
    case OP_SUNIONSTORE:
        return having > 0;
    default: /* the first, and only that one */
        return having == 1 && world->has[sources[0]][member];
    }
}

static void do_several(struct world *world, enum op op)
{
    uint32_t sources[SOURCES_MOST], count = 1 + (uint32_t)random_below(&world->random, SOURCES_MOST);
    uint32_t to = random_key(world);
    bool stores = command_table[op].stores, stored[MEMBERS];

    for (uint32_t i = 0; i < count; i++)
        sources[i] = random_key(world);
    if (stores)
        cell_add(world->cell, (struct row){.op = op, .id = to, .key_len = 3, .flags = REQUEST_MORE});
    for (uint32_t i = 0; i < count; i++)
        cell_add(world->cell, (struct row){.op = op,
                                           .id = sources[i],
                                           .key_len = 3,
                                           .number = op == OP_SINTERCARD ? count : 0,
                                           .second = op == OP_SINTERCARD && i + 1 == count ? 3 : 0,
                                           .flags = i + 1 < count ? REQUEST_MORE : 0});
    cell_flush(world->cell);
    for (int i = 0; i < MEMBERS; i++)
        stored[i] = twin_keeps(world, op, sources, count, i);
    if (stores)
        memcpy(world->has[to], stored, sizeof stored);
}

static void do_one(struct world *world)
{
    enum op op;

    do
        op = (enum op)random_below(&world->random, OP_COUNT);
    while (command_table[op].type != TYPE_SET);
    if (op == OP_SMOVE)
        do_smove(world);
    else if (command_takes_elements(op))
        do_elements(world, op);
    else if (strpbrk(command_table[op].arguments, "+#:"))
        do_several(world, op);
    else
        do_key(world, op);
}

static void run_beside_the_twin(const char *server)
{
    struct world world = {.cell = cell_open((struct cell_setup){.server = server}),
                          .random = random_stream(random_seed())};
    const struct redis *redis = world.cell->redis;

    world.cell->redis->config.set_max_intset_entries = 12;
    world.cell->redis->config.set_max_listpack_entries = 15;
    world.cell->key_count = KEYS;
    cell_flush(world.cell);
    name_members(&world);
    for (int i = 0; i < COMMANDS; i++) {
        do_one(&world);
        compare(&world);
        for (uint32_t id = 0; id < KEYS; id++)
            world.encodings_seen |= UINT64_C(1) << entry_of(redis, id)->encoding;
    }
    assert_true(world.encodings_seen >> ENCODING_SET_INTSET & world.encodings_seen >> ENCODING_SET_TABLE & 1);
    assert_int_equal(world.encodings_seen >> ENCODING_SET_LISTPACK & 1, redis->profile->sets_have_listpacks);
    cell_run(world.cell, "flushall");
    assert_true(redis->used == recount_used_memory(redis));
    cell_close(world.cell);
}

/* SDIFFSTORE of a listpack adds its members in their order: the first decides what the result becomes, where no intset may
 * be. Redis 8.0.2 answers listpack. */
static void a_listpack_keeps_its_order(void **state)
{
    static const char *const texts[] = {"4095", "", "3", "257"};
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.0.2-debian"});
    struct element elements[4] = {{0}};

    (void)state;
    cell->redis->config.set_max_intset_entries = 0;
    for (int i = 0; i < 4; i++)
        elements[i].member = cell_member(cell, texts[i]);
    cell_do(cell, (struct row){.op = OP_SADD, .id = 0, .key_len = 3, .elements = 4, .list = elements});
    cell_do(cell, (struct row){.op = OP_SREM, .id = 0, .key_len = 3, .elements = 1, .list = elements});
    cell_add(cell, (struct row){.op = OP_SDIFFSTORE, .id = 0, .key_len = 3, .flags = REQUEST_MORE});
    cell_do(cell, (struct row){.op = OP_SDIFFSTORE, .id = 0, .key_len = 3});
    assert_int_equal(entry_of(cell->redis, 0)->encoding, ENCODING_SET_LISTPACK);
    cell_close(cell);
}

static void sets_and_memory_are_the_twins(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        if (servers[i].profile)
            run_beside_the_twin(servers[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sets_and_memory_are_the_twins),
                                       cmocka_unit_test(a_listpack_keeps_its_order)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
