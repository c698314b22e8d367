/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_list: random commands on lists, against a naive twin that is only an array of texts. After every command the
 * server must have the twin's elements in the twin's order, and used_memory must equal a recount. */
#include "sim/alloc.h"
#include "sim/server/registry.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/list.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 4, TEXTS = 40, TEXT_LONGEST = 10000, LIST_LONGEST = 4000, ELEMENTS_MOST = 8, COMMANDS = 4000 };

struct twin_list {
    uint32_t count;
    uint32_t texts[LIST_LONGEST]; /* ids */
};

struct world {
    struct cell *cell;
    struct random random;
    struct twin_list lists[KEYS];
    uint32_t ids[TEXTS];
    bool is_quicklist_seen, is_listpack_seen, is_plain_seen;
    uint64_t most_nodes;
};

/* Numbers, short texts, and texts around the bytes that a node may have. */
static void name_texts(struct world *world)
{
    static const int lengths[] = {0,    1,    5,    30,   62,   63,   64,   100,  500, 1000,
                                  2000, 4000, 4080, 4095, 4096, 4097, 8170, 8192, 8193};
    char text[TEXT_LONGEST + 1];

    for (int i = 0; i < TEXTS; i++) {
        int length = lengths[(size_t)i / 2 % (sizeof lengths / sizeof *lengths)];

        if (i % 2)
            snprintf(text, sizeof text, "%lld", (1LL << (i % 62)) * (i % 3 ? 1 : -1));
        else
            snprintf(text, sizeof text, "%.*s%0*d", length > 5 ? 3 : 0, "abc", length > 5 ? length - 3 : length, i);
        world->ids[i] = cell_member(world->cell, text);
    }
}

static uint32_t random_text(struct world *world)
{
    bool is_long = random_chance(&world->random, 40);

    return world->ids[random_below(&world->random, is_long ? TEXTS : TEXTS / 3)];
}

static void twin_insert(struct twin_list *list, uint32_t at, uint32_t text)
{
    memmove(list->texts + at + 1, list->texts + at, (list->count - at) * sizeof *list->texts);
    list->texts[at] = text;
    list->count++;
}

static void twin_remove(struct twin_list *list, uint32_t at, uint32_t count)
{
    list->count -= count;
    memmove(list->texts + at, list->texts + at + count, (list->count - at) * sizeof *list->texts);
}

static uint32_t twin_find(const struct twin_list *list, uint32_t text)
{
    uint32_t at = 0;

    while (at < list->count && list->texts[at] != text)
        at++;
    return at;
}

static void twin_remove_all(struct twin_list *list, uint32_t text, int64_t count)
{
    int64_t removed = 0, most = count < 0 ? -count : count;

    for (uint32_t i = 0, length = list->count, kept = 0; i < length; i++) {
        uint32_t at = count < 0 ? length - 1 - i : kept;

        if (list->texts[at] == text && (!most || removed < most)) {
            twin_remove(list, at, 1);
            removed++;
        } else {
            kept++;
        }
    }
}

static void twin_trim(struct twin_list *list, int64_t first, int64_t last)
{
    int64_t count = list->count;

    first = first < 0 ? first + count : first;
    last = last < 0 ? last + count : last;
    for (int64_t i = count - 1; i >= 0; i--)
        if (i < first || i > last)
            twin_remove(list, (uint32_t)i, 1);
}

static void twin_do(struct world *world, const struct row *row)
{
    struct twin_list *list = &world->lists[row->id];
    uint32_t count;
    int64_t at;

    switch ((int)row->op) {
    case OP_DEL:
        list->count = 0;
        break;
    case OP_LPUSH:
    case OP_RPUSH:
        for (uint32_t i = 0; i < row->elements; i++)
            twin_insert(list, row->op == OP_LPUSH ? 0 : list->count, row->list[i].member);
        break;
    case OP_LPOP:
    case OP_RPOP:
        count = row->second ? (uint32_t)row->number : 1;
        count = count < list->count ? count : list->count;
        twin_remove(list, row->op == OP_LPOP ? 0 : list->count - count, count);
        break;
    case OP_LPUSHX:
    case OP_RPUSHX:
        for (uint32_t i = 0; list->count && i < row->elements; i++)
            twin_insert(list, row->op == OP_LPUSHX ? 0 : list->count, row->list[i].member);
        break;
    case OP_LINSERT:
        at = twin_find(list, row->list[0].member);
        if (at < list->count)
            twin_insert(list, (uint32_t)at + !!(row->flags & REQUEST_RIGHT), row->list[1].member);
        break;
    case OP_LSET:
        at = row->number < 0 ? list->count + row->number : row->number;
        if (at >= 0 && at < list->count)
            list->texts[at] = row->list[0].member;
        break;
    case OP_LREM:
        twin_remove_all(list, row->list[0].member, row->number);
        break;
    case OP_LTRIM:
        twin_trim(list, row->number, row->second);
        break;
    case OP_BLPOP:
    case OP_BRPOP:
        if (list->count)
            twin_remove(list, row->op == OP_BLPOP ? 0 : list->count - 1, 1);
        break;
    case OP_LMPOP:
    case OP_BLMPOP:
        count = row->second ? (uint32_t)row->second : 1;
        count = count < list->count ? count : list->count;
        twin_remove(list, row->flags & REQUEST_RIGHT ? list->count - count : 0, count);
        break;
    default:
        break;
    }
}

/* At the second row. */
static void twin_move(struct twin_list *from, struct twin_list *to, const struct row *row)
{
    bool has_sides = row->op == OP_LMOVE || row->op == OP_BLMOVE;
    bool is_from_tail = !has_sides || row->flags & REQUEST_RIGHT;
    bool is_to_tail = has_sides && row->flags & REQUEST_TO_RIGHT;
    uint32_t text;

    if (!from->count)
        return;
    text = from->texts[is_from_tail ? from->count - 1 : 0];
    twin_remove(from, is_from_tail ? from->count - 1 : 0, 1);
    twin_insert(to, is_to_tail ? to->count : 0, text);
}

static void compare(struct world *world)
{
    struct redis *redis = world->cell->redis;

    for (uint32_t id = 0; id < KEYS; id++) {
        const struct entry *entry = entry_of(redis, id);
        const struct twin_list *twin = &world->lists[id];
        struct list_place place;

        assert_int_equal(encodings[entry->encoding].type, twin->count ? TYPE_LIST : TYPE_ANY);
        if (!twin->count)
            continue;
        assert_int_equal(list_of(entry)->count, twin->count);
        place = list_end_place(list_of(entry), LIST_HEAD);
        for (uint32_t i = 0; i < twin->count; i++, place = list_step(place, LIST_TAIL))
            assert_int_equal(list_at(place).member, twin->texts[i]);
        assert_null(place.node);
        world->is_listpack_seen |= entry->encoding == ENCODING_LIST_LISTPACK;
        world->is_quicklist_seen |= entry->encoding == ENCODING_LIST_QUICKLIST;
        for (const struct list_node *node = list_of(entry)->head; node; node = node->next)
            world->is_plain_seen |= node->is_plain;
        if (list_of(entry)->node_count > world->most_nodes)
            world->most_nodes = list_of(entry)->node_count;
    }
    assert_true(redis->used == recount_used_memory(redis));
}

static enum op random_op(struct random *random)
{
    enum op op;

    do
        op = (enum op)random_below(random, OP_COUNT);
    while (command_table[op].skipped || (command_table[op].type != TYPE_LIST && op != OP_DEL));
    return op;
}

/* An index of the list, from either end, or just beyond. */
static int64_t random_index(struct world *world, uint32_t id)
{
    return (int64_t)random_below(&world->random, 2 * world->lists[id].count + 4) - world->lists[id].count - 2;
}

static uint32_t elements_of(struct world *world, enum op op)
{
    uint32_t elements = 0;

    for (const char *letter = command_table[op].arguments; *letter; letter++)
        elements += *letter == 'm';
    return strchr(command_table[op].arguments, ':') ? 1 + (uint32_t)random_below(&world->random, ELEMENTS_MOST)
                                                    : elements;
}

static void random_command(struct world *world)
{
    struct element elements[ELEMENTS_MOST];
    struct row row = {.op = random_op(&world->random), .key_len = 3};
    uint32_t from = (uint32_t)random_below(&world->random, KEYS), to = from;

    if (row.op == OP_DEL && !random_chance(&world->random, 20))
        row.op = OP_RPUSH;
    if ((row.op == OP_LTRIM || row.op == OP_LREM) && random_chance(&world->random, 80))
        row.op = OP_LPUSH;
    if (world->lists[from].count > LIST_LONGEST / 2)
        row.op = OP_DEL;
    row.id = from;
    row.number = random_index(world, from);
    row.second = random_index(world, from);
    if (row.op == OP_LPOP || row.op == OP_RPOP) {
        row.second = random_chance(&world->random, 20);
        row.number = row.number < 0 ? -row.number / 4 : row.number / 4;
    }
    row.elements = elements_of(world, row.op);
    for (uint32_t element = 0; element < row.elements; element++)
        elements[element] = (struct element){.member = random_text(world)};
    row.list = elements;
    if (command_table[row.op].moves) {
        to = (uint32_t)random_below(&world->random, KEYS);
        row.flags = REQUEST_MORE;
        cell_add(world->cell, row);
        row.id = to;
        row.flags = (uint16_t)random_below(&world->random, 2) * REQUEST_RIGHT |
                    (uint16_t)random_below(&world->random, 2) * REQUEST_TO_RIGHT;
    } else if (row.op == OP_LMPOP || row.op == OP_BLMPOP) {
        row.flags = (uint16_t)random_below(&world->random, 2) * REQUEST_RIGHT;
        row.second = (int64_t)random_below(&world->random, 4);
    } else if (row.op == OP_LINSERT) {
        row.flags = (uint16_t)random_below(&world->random, 2) * REQUEST_RIGHT;
    }
    cell_do(world->cell, row);
    if (command_table[row.op].moves)
        twin_move(&world->lists[from], &world->lists[to], &row);
    else
        twin_do(world, &row);
    compare(world);
}

static void run_beside_the_twin(const char *server, int64_t fill)
{
    struct world *world = xcalloc(1, sizeof *world);
    struct server_profile rules;

    *world = (struct world){.cell = cell_open((struct cell_setup){.server = server}),
                            .random = random_stream(random_seed() + (uint64_t)fill)};
    rules = *world->cell->redis->profile;
    world->cell->redis->config.list_max_listpack_size = fill;
    world->cell->key_count = KEYS;
    cell_flush(world->cell);
    name_texts(world);
    for (int i = 0; i < COMMANDS; i++)
        random_command(world);
    assert_int_equal(world->is_listpack_seen, rules.list_begins_in_listpack);
    assert_true(world->is_quicklist_seen && world->most_nodes >= 5);
    assert_int_equal(world->is_plain_seen, rules.list_has_plain_nodes && fill > -3);
    cell_run(world->cell, "flushall");
    assert_true(world->cell->redis->used == recount_used_memory(world->cell->redis));
    cell_close(world->cell);
    free(world);
}

static void elements_and_memory_are_the_twins(void **state)
{
    static const int64_t fills[] = {-2, -1, 7, 128};

    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        for (size_t fill = 0; servers[i].profile && fill < sizeof fills / sizeof *fills; fill++)
            run_beside_the_twin(servers[i].name, fills[fill]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(elements_and_memory_are_the_twins)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
