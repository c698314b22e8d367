/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_collection: random commands on the elements of values, against a naive twin that is only a table of each key's
 * elements. After every command the server must have the twin's elements, and used_memory must equal a recount. The
 * limits of every encoding are low enough to be reached. */
#include "sim/server/availability.h"
#include "sim/server/registry.h"
#include "sim/server/values/collection.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hash.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 6, MEMBERS = 60, ELEMENTS_MOST = 12, COMMANDS = 3000 };

/* What a key's elements are; a length of 0 in `type` says that the key is absent. */
struct twin_key {
    enum value_type type;
    uint32_t count;
    bool has[MEMBERS];
    uint32_t length[MEMBERS];
    bool is_number[MEMBERS];
    int64_t number[MEMBERS];
    int64_t expire_ms[MEMBERS]; /* EB_NEVER: no ttl */
};

struct world {
    struct cell *cell;
    struct random random;
    struct twin_key keys[KEYS];
    uint32_t ids[MEMBERS]; /* of the members' texts */
};

/* Texts around the limits: short ones, numbers, and some too long for a listpack. */
static void name_members(struct world *world)
{
    for (int i = 0; i < MEMBERS; i++) {
        char text[128];

        if (i % 3 == 0)
            snprintf(text, sizeof text, "%d", i * i * i * 1000 - 4000);
        else
            snprintf(text, sizeof text, "m%0*d", i % 20 == 1 ? 70 : i % 12, i);
        world->ids[i] = cell_member(world->cell, text);
    }
}

static int member_number(const struct world *world, uint32_t id)
{
    int i = 0;

    while (world->ids[i] != id)
        i++;
    return i;
}

static enum op random_op(struct random *random)
{
    enum op op;

    do
        op = (enum op)random_below(random, OP_COUNT);
    while (command_table[op].skipped || command_table[op].type == TYPE_LIST || command_table[op].type == TYPE_ZSET ||
           command_table[op].type == TYPE_STREAM || command_table[op].type == TYPE_HLL ||
           (command_table[op].type <= TYPE_STRING && op != OP_DEL) || op == OP_SPOP || command_table[op].moves ||
           command_table[op].stores || strpbrk(command_table[op].arguments, "+#")); /* see the other models */
    return op;
}

/* Every third member is an integer. */
static struct element random_element(struct world *world, bool is_integer)
{
    static const uint32_t lengths[] = {0, 1, 12, 63, 64, 65, 127, 200};
    uint64_t member = random_below(&world->random, MEMBERS);
    struct element element = {.member = world->ids[is_integer ? member / 3 * 3 : member]};

    if (random_chance(&world->random, 3)) {
        element.flags = ELEMENT_INTEGER;
        element.number = (int64_t)random_below(&world->random, 100000) - 50000;
        element.value_len = decimal_length(element.number);
    } else {
        element.value_len = lengths[random_below(&world->random, random_chance(&world->random, 20) ? 8 : 4)];
    }
    return element;
}

static void twin_set(struct twin_key *key, int member, const struct element *element)
{
    if (!key->has[member])
        key->expire_ms[member] = EB_NEVER;
    key->count += !key->has[member];
    key->has[member] = true;
    key->length[member] = element->value_len;
    key->is_number[member] = element->flags & ELEMENT_INTEGER;
    key->number[member] = element->number;
}

static void twin_remove(struct twin_key *key, int member)
{
    key->count -= key->has[member];
    key->has[member] = false;
    if (!key->count)
        memset(key, 0, sizeof *key);
}

/* A field that has expired may be gone, or wait for somebody to look at it. */
static void twin_expire(struct world *world)
{
    const struct redis *redis = world->cell->redis;

    for (uint32_t id = 0; id < KEYS; id++) {
        const struct entry *entry = entry_of(redis, id);
        bool exists = entry->encoding != ENCODING_ABSENT;

        for (int member = 0; member < MEMBERS && world->keys[id].type == TYPE_HASH; member++)
            if (world->keys[id].has[member] && world->keys[id].expire_ms[member] <= redis->unix_ms &&
                (!exists || collection_find(entry->structure, world->ids[member]) == NO_SLOT))
                twin_remove(&world->keys[id], member);
    }
}

/* Those commands that look at a field find it gone. */
static bool looks_at_fields(enum op op)
{
    return command_table[op].adds || op == OP_HGETEX || op == OP_HGETDEL;
}

/* In Valkey they do not see it, and it stays; but HSETEX, with a ttl that is past, deletes it. */
static bool is_unseen(const struct world *world, const struct row *row, const struct twin_key *key, int member)
{
    const struct command *command = &command_table[row->op];
    int64_t now = world->cell->redis->unix_ms;

    return world->cell->redis->profile->field_ttls == FIELD_TTLS_IN_SPANS && key->has[member] &&
           key->expire_ms[member] < now && (command->removes || command->retimes_elements) && row->op != OP_HSETEX;
}

/* HEXPIRE and its kin, HPERSIST, HGETEX, HSETEX. */
static void twin_retime(struct world *world, const struct row *row, struct twin_key *key, int member)
{
    int64_t now = world->cell->redis->unix_ms, when = row->ttl_ms + (row->flags & REQUEST_ABSOLUTE ? 0 : now);

    if (!key->has[member] || (row->op != OP_HPERSIST && !(row->flags & REQUEST_TTL)))
        return;
    if (row->op == OP_HPERSIST) {
        if (key->expire_ms[member] >= now)
            key->expire_ms[member] = EB_NEVER;
    } else if (when <= now) {
        twin_remove(key, member);
    } else {
        key->expire_ms[member] = when;
    }
}

/* What the command does to the twin's key. */
static void twin_do(struct world *world, const struct row *row)
{
    const struct command *command = &command_table[row->op];
    struct twin_key *key = &world->keys[row->id];
    int64_t now = world->cell->redis->unix_ms;

    if (command->deletes)
        memset(key, 0, sizeof *key);
    if (key->type && command->type && key->type != command->type)
        return;
    for (uint32_t i = 0; i < row->elements; i++) {
        struct element element = row->list[i];
        int member = member_number(world, element.member);

        if (is_unseen(world, row, key, member))
            continue;
        if (looks_at_fields(row->op) && key->has[member] && key->expire_ms[member] < now && row->op != OP_HSET &&
            row->op != OP_HMSET && row->op != OP_HSETEX)
            twin_remove(key, member);
        if (row->op == OP_HSETNX && key->has[member])
            continue;
        if (row->op == OP_HINCRBY) {
            if (key->has[member] && !key->is_number[member])
                continue;
            element.number = row->number + (key->has[member] ? key->number[member] : 0);
            element.value_len = decimal_length(element.number);
            element.flags = ELEMENT_INTEGER;
        }
        if (command->adds) {
            key->type = command->type;
            twin_set(key, member, &element);
            if (row->op == OP_HSET || row->op == OP_HMSET || (row->op == OP_HSETEX && !(row->flags & REQUEST_TTL)))
                key->expire_ms[member] = EB_NEVER;
        }
        if (command->removes && key->has[member])
            twin_remove(key, member);
        if (command->retimes_elements)
            twin_retime(world, row, key, member);
    }
    if (!key->count)
        memset(key, 0, sizeof *key);
}

static void compare(const struct world *world)
{
    for (uint32_t id = 0; id < KEYS; id++) {
        const struct entry *entry = entry_of(world->cell->redis, id);
        const struct twin_key *key = &world->keys[id];
        const struct collection *collection;

        assert_int_equal(encodings[entry->encoding].type, key->type);
        if (!key->type)
            continue;
        collection = entry->structure;
        assert_int_equal(collection->count, key->count);
        for (int member = 0; member < MEMBERS; member++) {
            uint32_t slot = collection_find(collection, world->ids[member]);

            assert_int_equal(slot != NO_SLOT, key->has[member]);
            if (slot != NO_SLOT && collection->value)
                assert_int_equal(collection->value[slot].length, key->length[member]);
            if (slot != NO_SLOT && key->type == TYPE_HASH)
                assert_true(hash_ttl_ms(entry, slot) == key->expire_ms[member]);
        }
    }
    assert_true(world->cell->redis->used == recount_used_memory(world->cell->redis));
}

/* To HEXPIRE and its kin, and mostly to what may do without. */
static void give_ttl(struct world *world, struct row *row)
{
    const struct command *command = &command_table[row->op];

    if (!command->retimes_elements || (!command_takes(row->op, 't') && random_chance(&world->random, 20)))
        return;
    row->flags = REQUEST_TTL | REQUEST_MILLIS | (command->absolute ? REQUEST_ABSOLUTE : 0);
    row->ttl_ms = (int64_t)random_below(&world->random, random_chance(&world->random, 50) ? 400 : 100000) +
                  (command->absolute ? world->cell->redis->unix_ms : 0);
}

static bool has_ttls(const char *server)
{
    const struct server_profile *profile = server_find(server)->profile;
    return profile->field_ttls == FIELD_TTLS_IN_TREES;
}

static void run_beside_the_twin(const char *server)
{
    struct world world = {.cell = cell_open((struct cell_setup){.server = server}),
                          .random = random_stream(random_seed())};
    uint64_t encodings_seen = 0;

    world.cell->redis->config.hash_max_listpack_entries = 20;
    world.cell->redis->config.hash_max_listpack_value = 127; /* so that some stay what they are */
    world.cell->redis->config.set_max_intset_entries = 10;
    world.cell->redis->config.set_max_listpack_entries = 15;
    world.cell->key_count = KEYS;
    cell_flush(world.cell);
    name_members(&world);
    for (int i = 0; i < COMMANDS; i++) {
        struct element elements[ELEMENTS_MOST];
        bool integers = random_chance(&world.random, 60);
        struct row row = {
            .op = random_op(&world.random), .id = (uint32_t)random_below(&world.random, KEYS), .key_len = 3};

        if (row.op == OP_DEL && !random_chance(&world.random, 30))
            continue;
        if (row.op == OP_HINCRBYFLOAT) /* its text is the server's own */
            continue;
        row.number = (int64_t)random_below(&world.random, 100) - 50;
        row.elements = (uint32_t)(!command_takes_elements(row.op) ? 0
                                  : strchr(command_table[row.op].arguments, ':') != 0
                                      ? 1 + random_below(&world.random, ELEMENTS_MOST)
                                      : 1);
        for (uint32_t element = 0; element < row.elements; element++)
            elements[element] = random_element(&world, integers);
        row.list = elements;
        cell_wait_us(world.cell, (int64_t)random_below(&world.random, 60) * 1000);
        twin_expire(&world);
        give_ttl(&world, &row);
        cell_do(world.cell, row);
        if (!command_is_unknown(world.cell->redis->profile, row.op))
            twin_do(&world, &row);
        twin_expire(&world);
        compare(&world);
        encodings_seen |= UINT64_C(1) << entry_of(world.cell->redis, row.id)->encoding;
    }
    for (unsigned encoding = ENCODING_HASH_LISTPACK; encoding < ENCODINGS; encoding++)
        if (encodings[encoding].type == TYPE_HASH && (encoding != ENCODING_HASH_LISTPACK_EX || has_ttls(server)))
            assert_true(encodings_seen >> encoding & 1);
    cell_run(world.cell, "flushall");
    assert_true(world.cell->redis->used == recount_used_memory(world.cell->redis));
    cell_close(world.cell);
}

static void elements_and_memory_are_the_twins(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        if (servers[i].profile)
            run_beside_the_twin(servers[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(elements_and_memory_are_the_twins)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
