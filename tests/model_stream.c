/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_stream: random commands on streams, against a naive twin that has a list of ids and the pending ids of each
 * group. After every command the stream must have the twin's entries, the group the twin's pending ones, and
 * used_memory must equal a recount. Listpacks are short, so that they fill and are dropped. */
#include "sim/server/registry.h"
#include "sim/server/values/stream.h"
#include "tests/support_random.h"
#include "tests/support_server.h"
#include "traces/commands/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IDS = 400, COMMANDS = 4000, KEY_ID = 1, CONSUMERS = 3 };

struct world {
    struct cell *cell;
    struct random random;
    bool exists, has_group;
    uint64_t last, delivered; /* ms of the newest entry, and of the newest that the group was given */
    bool has[IDS];            /* by ms */
    int owner[IDS];           /* 1 + consumer: it is pending; 0: not */
    bool has_consumer[CONSUMERS];
};

/* A command as it is written. */
__attribute__((format(printf, 2, 3))) static void send(struct world *world, const char *format, ...)
{
    char text[512];
    const char *words[64];
    char *rest = text;
    size_t count = 0;
    struct record record;
    struct error error = {0};
    struct element elements[64];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    while ((words[count] = strsep(&rest, " ")))
        count++;
    if (command_parse(words, count, &record, 1, &error) != 1)
        fail_msg("%s", error.text);
    for (uint32_t i = 0; i < record.elements; i++) {
        const struct named_element *named = &record.named[record.first_element + i];

        elements[i] = named->element;
        if (named->text)
            elements[i].member = member_index_intern(&world->cell->members, named->text, named->bytes);
    }
    cell_do(world->cell,
            (struct row){
                .op = (enum op)record.op, .id = KEY_ID, .key_len = 3, .elements = record.elements, .list = elements});
    free((void *)(uintptr_t)record.named);
}

static int below(struct world *world, int bound)
{
    return (int)random_below(&world->random, (uint64_t)bound);
}

static uint64_t length_of(const struct world *world)
{
    uint64_t length = 0;

    for (int ms = 0; ms < IDS; ms++)
        length += world->has[ms];
    return length;
}

static void trim(struct world *world, uint64_t most)
{
    for (int ms = 0; ms < IDS && length_of(world) > most; ms++)
        world->has[ms] = false;
}

static void forget_all(struct world *world)
{
    memset(world->has, 0, sizeof world->has);
    memset(world->owner, 0, sizeof world->owner);
    memset(world->has_consumer, 0, sizeof world->has_consumer);
    world->exists = world->has_group = false;
    world->last = world->delivered = 0;
}

static void add(struct world *world)
{
    int ms = (int)world->last + 1 + below(world, 2), most = 20 + below(world, 60);
    bool trims = below(world, 10) == 0;

    if (ms >= IDS) {
        send(world, "del key");
        forget_all(world);
        return;
    }
    if (trims)
        send(world, "xadd key maxlen %d %d-1 field %0*d", most, ms, below(world, 90), below(world, 100000));
    else if (below(world, 3))
        send(world, "xadd key %d-1 field %d other text", ms, below(world, 100000));
    else
        send(world, "xadd key %d-1 f%d value", ms, below(world, 3));
    world->exists = true;
    world->has[ms] = true;
    world->last = (uint64_t)ms;
    if (trims)
        trim(world, (uint64_t)most);
}

static void read_group(struct world *world)
{
    int consumer = below(world, CONSUMERS), count = 1 + below(world, 10);

    send(world, "xreadgroup group g c%d count %d streams key >", consumer, count);
    if (!world->has_group)
        return;
    world->has_consumer[consumer] = true;
    for (int ms = (int)world->delivered + 1; ms < IDS && count; ms++) {
        if (!world->has[ms])
            continue;
        world->owner[ms] = consumer + 1;
        world->delivered = (uint64_t)ms;
        count--;
    }
}

static void take_consumer_away(struct world *world)
{
    int consumer = below(world, CONSUMERS);

    send(world, "xgroup delconsumer key g c%d", consumer);
    if (!world->has_group)
        return;
    for (int ms = 0; ms < IDS; ms++)
        if (world->owner[ms] == consumer + 1)
            world->owner[ms] = 0;
    world->has_consumer[consumer] = false;
}

static void claim(struct world *world)
{
    int consumer = below(world, CONSUMERS), ms = below(world, IDS);

    send(world, "xclaim key g c%d 0 %d-1", consumer, ms);
    if (!world->has_group)
        return;
    world->has_consumer[consumer] = true;
    if (world->owner[ms])
        world->owner[ms] = world->has[ms] ? consumer + 1 : 0;
}

static void change_group(struct world *world)
{
    if (below(world, 3)) {
        send(world, "xgroup create key g %s", below(world, 2) ? "0" : "$");
        /* Which of the two was drawn shows in what the group was given. */
        if (world->exists && !world->has_group) {
            const struct stream *stream = stream_of(entry_of(world->cell->redis, KEY_ID));

            world->has_group = true;
            world->delivered = stream->group[stream->group_count - 1].last.ms;
            assert_true(world->delivered == 0 || world->delivered == world->last);
        }
        return;
    }
    send(world, "xgroup destroy key g");
    world->has_group = false;
    memset(world->owner, 0, sizeof world->owner);
    memset(world->has_consumer, 0, sizeof world->has_consumer);
}

static void do_something(struct world *world)
{
    int what = below(world, 100), ms = below(world, IDS), most;

    if (what < 50) {
        add(world);
    } else if (what < 60) {
        send(world, "xdel key %d-1", ms);
        world->has[ms] = false;
    } else if (what < 63) {
        most = below(world, 60);
        send(world, "xtrim key maxlen %d", most);
        trim(world, (uint64_t)most);
    } else if (what < 80) {
        read_group(world);
    } else if (what < 90) {
        send(world, "xack key g %d-1", ms);
        world->owner[ms] = 0;
    } else if (what < 93) {
        claim(world);
    } else if (what < 95) {
        take_consumer_away(world);
    } else {
        change_group(world);
    }
}

static bool check_entry(void *owner, const struct stream_entry *entry)
{
    struct world *world = owner;

    assert_true(entry->id.ms < IDS && entry->id.seq == 1);
    assert_true(world->has[entry->id.ms]);
    return true;
}

static void compare(struct world *world)
{
    const struct redis *redis = world->cell->redis;
    const struct entry *entry = entry_of(redis, KEY_ID);
    const struct stream *stream;
    const struct stream_group *group;
    uint64_t pending = 0;

    assert_true(redis->used == recount_used_memory(redis));
    assert_int_equal(entry->encoding, world->exists ? ENCODING_STREAM : ENCODING_ABSENT);
    if (!world->exists)
        return;
    stream = stream_of(entry);
    assert_int_equal(stream->length, length_of(world));
    stream_range(stream, (struct stream_id){0, 0}, (struct stream_id){IDS, 0}, below(world, 2), check_entry, world);
    group = stream_group_find(stream, cell_member(world->cell, "g"));
    assert_int_equal(group != NULL, world->has_group);
    for (int ms = 0; group && ms < IDS; ms++) {
        const struct stream_pending *found = stream_pending_find(group, (struct stream_id){(uint64_t)ms, 1});

        assert_int_equal(found != NULL, world->owner[ms] != 0);
        pending += found != NULL;
        if (found)
            assert_int_equal(stream_consumer_find(
                                 group, cell_member(world->cell, (char[]){'c', (char)('0' + world->owner[ms] - 1), 0})),
                             found->consumer);
    }
    if (group)
        assert_int_equal(group->pending.count, pending);
}

static void run_beside_the_twin(const char *server)
{
    struct world world = {.cell = cell_open((struct cell_setup){.server = server}),
                          .random = random_stream(random_seed())};

    world.cell->redis->config.stream_node_max_entries = 12;
    for (int i = 0; i < COMMANDS; i++) {
        do_something(&world);
        compare(&world);
    }
    cell_run(world.cell, "flushall");
    assert_true(world.cell->redis->used == recount_used_memory(world.cell->redis));
    cell_close(world.cell);
}

static void entries_and_memory_are_the_twins(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        if (servers[i].profile)
            run_beside_the_twin(servers[i].name);
}

static void a_copy_weighs_what_it_holds(void **state)
{
    struct world world = {.cell = cell_open((struct cell_setup){0}), .random = random_stream(random_seed())};
    struct redis *redis = world.cell->redis;

    (void)state;
    send(&world, "xadd key 1-1 field value");
    send(&world, "xgroup create key g 0");
    send(&world, "xreadgroup group g c0 streams key >");
    cell_add(world.cell, (struct row){.op = OP_COPY, .id = KEY_ID, .key_len = 3, .flags = REQUEST_MORE});
    cell_do(world.cell, (struct row){.op = OP_COPY, .id = 2, .key_len = 3});
    assert_int_equal(entry_of(redis, 2)->encoding, ENCODING_STREAM);
    assert_int_equal(stream_of(entry_of(redis, 2))->group[0].pending.count, 1);
    assert_true(redis->used == recount_used_memory(redis));
    cell_close(world.cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_and_memory_are_the_twins),
        cmocka_unit_test(a_copy_weighs_what_it_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
