/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_replication: the bytes that are sent to replicas, the blocks that hold them, and the part of them that counts.
 *
 * The numbers were read from real servers with a real replica: master_repl_offset, mem_total_replication_buffers,
 * mem_not_counted_for_evict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/server/replication.h"
#include "sim/server/tables/rax.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is propagated ---- */

enum { GROUPS = 3, SERVERS_PER_GROUP = 3 };

static const char *const groups[GROUPS][SERVERS_PER_GROUP] = {
    {"redis-7.0.15", "redis-7.0.15-debian", NULL},
    {"redis-7.2.6", "redis-7.4.1", "redis-8.0.2-debian"},
    {"valkey-8.0.1", "valkey-8.1.1-debian", "valkey-9.1.2-debian"},
};

/* Bytes that master_repl_offset grew by, on each group of servers; all of a group agree. */
static const struct propagation {
    const char *statement;
    uint64_t bytes[GROUPS];
} propagations[] = {
    {"set a 10", {37, 37, 37}},
    {"set a 10 ex 100", {67, 67, 67}},
    {"set a 10 exat 1999999999", {67, 67, 67}},
    {"set a 10 pxat 1999999999999 get", {67, 76, 76}},
    {"set a 10 px 5000 nx", {0, 0, 0}},
    {"set a 10 get", {37, 37, 37}},
    {"set a 10 xx keepttl", {58, 58, 58}},
    {"setex a 5 10", {67, 67, 67}},
    {"psetex a 5000 10", {67, 67, 67}},
    {"setnx a 10", {0, 0, 0}},
    {"setnx b 10", {39, 39, 39}},
    {"getset a 10", {37, 37, 37}},
    {"mset a 10 b 200", {253, 253, 253}},
    {"append a 5", {34, 34, 34}},
    {"setrange a 2 3", {41, 41, 41}},
    {"setrange a 2 0", {0, 0, 0}},
    {"incrby n 5", {30, 30, 30}},
    {"incr n", {21, 21, 21}},
    {"incr a", {0, 0, 0}},
    {"get a", {0, 0, 0}},
    {"expire a 100", {46, 46, 46}},
    {"pexpire a 500000 gt", {54, 54, 54}},
    {"expire a 1 gt", {0, 0, 0}},
    {"persist a", {24, 24, 24}},
    {"persist a", {0, 0, 0}},
    {"expire a -1", {20, 20, 23}},
    {"getex b ex 10", {46, 46, 46}},
    {"getex b persist", {24, 24, 24}},
    {"getex b", {0, 0, 0}},
    {"getdel b", {20, 20, 20}},
    {"set a 5; set b 5; del a c b", {96, 96, 96}},
    {"unlink a", {0, 0, 0}},
    {"set a 5; unlink a", {54, 54, 54}},
    {"set a 5 px 1; wait 0.004; get a", {81, 81, 84}},
    {"set a 5 px 1; wait 0.004; set a 7", {143, 143, 146}}, /* in a transaction */
    {"set a 5 px 1; wait 0.004; del a", {81, 81, 84}},
    {"set a 5 px 1; set b 5 px 1; wait 0.004; mget a b", {191, 191, 197}},
    {"set a 9 exat 1000", {58, 58, 0}},
    {"set a 9; set a 9 exat 1000", {142, 142, 58}},
    {"flushdb", {17, 17, 17}},
    {"flushall", {18, 18, 18}},
    {"select 1; set a 5", {54, 54, 54}},
    {"select 12; set a 5", {55, 55, 55}},
    {"select 0; get a", {0, 0, 0}},
};

static void propagates_like(const char *server, int group)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server});
    const struct replication *replication = &cell->redis->replication;

    cell_run(cell, "set a 1; wait 1.05");
    assert_true(replication_attach(&cell->redis->replication, 0, REPLICA_READS_ALL));
    cell_run(cell, "set a 1"); /* the first one comes with a SELECT */
    assert_int_equal(replication->offset, 27 + 23);
    for (size_t i = 0; i < sizeof propagations / sizeof *propagations; i++) {
        uint64_t before = replication->offset;

        cell_run(cell, propagations[i].statement);
        if (replication->offset - before != propagations[i].bytes[group])
            fail_msg("%s: %s: %ju bytes instead of %ju", server, propagations[i].statement,
                     (uintmax_t)(replication->offset - before), (uintmax_t)propagations[i].bytes[group]);
    }
    cell_close(cell);
}

static void commands_are_propagated_as_on_the_servers(void **state)
{
    (void)state;
    for (int group = 0; group < GROUPS; group++)
        for (int i = 0; i < SERVERS_PER_GROUP; i++)
            if (groups[group][i])
                propagates_like(groups[group][i], group);
}

/* What goes to replicas in place of a command: bytes that master_repl_offset grew by, on each of these servers. */
static const char *const rewriters[] = {"redis-7.0.15-debian", "redis-8.0.2-debian", "valkey-8.1.1-debian",
                                        "valkey-9.1.2-debian"};
enum { REWRITERS = sizeof rewriters / sizeof *rewriters };
static const struct {
    const char *command;
    uint64_t bytes[REWRITERS];
} rewritten[] = {
    {"xgroup create x g 0 mkstream", {63, 63, 63, 63}},
    {"xadd x 1-1 f v", {44, 44, 44, 44}},
    {"xadd x 2-1 f v", {44, 44, 44, 44}},
    {"xadd x 3-1 f v", {44, 44, 44, 44}},
    {"xadd x 4-1 f v", {44, 44, 44, 44}},
    {"xadd x 5-1 f v", {44, 44, 44, 44}},
    {"xadd x 6-1 f v", {44, 44, 44, 44}},
    {"xreadgroup group g c count 1 streams x >", {152, 256, 256, 256}},
    {"xreadgroup group g c count 2 streams x >", {333, 408, 408, 408}},
    {"xreadgroup group g c2 count 1 noack streams x >", {163, 163, 163, 163}},
    {"xreadgroup group g c2 streams x 0", {0, 0, 0, 0}},
    {"xreadgroup group g c streams x >", {333, 408, 408, 408}},
    {"xreadgroup group g c streams x >", {0, 0, 0, 0}},
    {"xclaim x g c2 0 1-1", {153, 153, 153, 153}},
    {"xclaim x g c2 0 1-1 2-1", {335, 335, 335, 335}},
    {"xclaim x g c2 0 1-1 2-1 justid", {335, 335, 335, 335}},
    {"xclaim x g c3 0 9-1 lastid 9-0", {75, 75, 75, 75}},
    {"xautoclaim x g c4 0 0 count 2", {335, 335, 335, 335}},
    {"xdel x 3-1", {30, 30, 30, 30}},
    {"xclaim x g c4 0 3-1", {152, 152, 152, 152}},
    {"xack x g 1-1", {37, 37, 37, 37}},
    {"geoadd p 13.361389 38.115556 Palermo", {57, 57, 57, 57}},
    {"geoadd p ch 15.087269 37.502669 Catania 13.5 38 b", {95, 95, 95, 95}},
    {"geoadd p nx 15.087269 37.502669 Catania", {0, 0, 0, 0}},
    {"sadd s a b c d e f g h i j", {92, 92, 92, 92}},
    {"spop s 3", {113, 42, 42, 42}},
    {"spop s 6", {197, 63, 63, 63}},
    {"spop s 1", {20, 20, 23, 23}},
    {"sadd s a b c", {42, 42, 42, 42}},
    {"spop s 5", {20, 20, 23, 23}},
    {"xgroup setid x g 1-1 entriesread 12", {76, 76, 76, 76}},
    {"xreadgroup group g c9 count 1 streams x >", {153, 258, 258, 258}},
    {"xclaim x g c9 0 4-1 retrycount 100", {0, 0, 0, 0}},
    {"xreadgroup group g c9 streams x 0", {0, 0, 0, 0}},
    {"xclaim x g c9 0 4-1", {0, 0, 0, 0}},
    {"xclaim x g c9 0 6-1 force", {153, 153, 153, 153}},
    {"xreadgroup group g c10 streams x 0", {0, 0, 0, 0}},
    {"sadd s 1 2 3", {42, 42, 42, 42}},
    {"spop s 2", {85, 35, 35, 35}},
};

static void other_commands_are_sent_in_a_commands_place(void **state)
{
    (void)state;
    for (int server = 0; server < REWRITERS; server++) {
        struct cell *cell = cell_open((struct cell_setup){.server = rewriters[server]});
        const struct replication *replication = &cell->redis->replication;

        cell_wait_us(cell, 1050000);
        assert_true(replication_attach(&cell->redis->replication, 0, REPLICA_READS_ALL));
        cell_say(cell, "set a 1");
        for (size_t i = 0; i < sizeof rewritten / sizeof *rewritten; i++) {
            uint64_t before = replication->offset;

            cell_say(cell, rewritten[i].command);
            if (replication->offset - before != rewritten[i].bytes[server])
                fail_msg("%s: %s: %ju bytes instead of %ju", rewriters[server], rewritten[i].command,
                         (uintmax_t)(replication->offset - before), (uintmax_t)rewritten[i].bytes[server]);
        }
        cell_close(cell);
    }
}

static void expired_and_evicted_keys_are_deleted_on_replicas(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-random", .maxmemory = 2 << 20});
    const struct replication *replication = &cell->redis->replication;
    uint64_t before, evicted;

    (void)state;
    cell_run(cell, "set abc 10 px 5; wait 1.05");
    assert_true(replication_attach(&cell->redis->replication, 0, REPLICA_READS_ALL));
    cell_run(cell, "set abc 10 px 5; set abd 10 px 5; wait 0.2");
    assert_int_equal(cell->redis->counters.expired_keys, 3);
    assert_int_equal(replication->offset, 23 + 2 * 69 + 2 * 22); /* the active cycle's: no MULTI */
    before = replication->offset;
    for (uint32_t id = 100; id < 1000; id++)
        cell_do(cell, (struct row){.op = OP_SET, .id = id, .key_len = 8, .value_len = 2000});
    evicted = cell->redis->counters.evicted_keys;
    assert_true(evicted > 100);
    assert_int_equal(replication->offset - before, 900 * 2036 + evicted * 27);
    cell_close(cell);
}

/* ---- blocks ---- */

/* SET k with a value of i * 7919 % 60000 bytes, for i to 599: what INFO says after every hundred. */
static const struct block_row {
    const char *server;
    uint64_t points[6][3]; /* offset, memory, not counted */
} block_rows[] = {
    {"redis-7.0.15",
     {{2962050, 1061560, 8824},
      {5914080, 1094400, 41664},
      {8916112, 1098472, 45736},
      {11908142, 1053416, 680},
      {14950175, 1057536, 4800},
      {17922205, 1065704, 12968}}},
    {"redis-8.0.2-debian",
     {{2962050, 1061560, 8824},
      {5914080, 1094400, 41664},
      {8916112, 1098472, 45736},
      {11908142, 1053416, 680},
      {14950175, 1057536, 4800},
      {17922205, 1065704, 12968}}},
    {"valkey-8.0.1",
     {{2962050, 2967544, 0},
      {5914080, 5943304, 0},
      {8916112, 8935448, 0},
      {11908142, 10525776, 0},
      {14950175, 10529944, 3160},
      {17922205, 10546376, 19592}}},
};

static void blocks_weigh_what_info_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof block_rows / sizeof *block_rows; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = block_rows[i].server});
        const struct replication *replication = &cell->redis->replication;

        cell_wait_us(cell, 1050000);
        assert_true(replication_attach(&cell->redis->replication, 0, REPLICA_READS_ALL));
        for (uint32_t n = 0; n < 600; n++) {
            const uint64_t *point = block_rows[i].points[n / 100];

            cell_do(cell, (struct row){.op = OP_SET, .id = 1, .key_len = 1, .value_len = n * 7919 % 60000});
            if (n % 100 != 99)
                continue;
            assert_int_equal(replication->offset, point[0]);
            assert_int_equal(replication->memory, point[1]);
            assert_int_equal(replication_not_counted(&cell->redis->replication), point[2]);
        }
        cell_close(cell);
    }
}

/* used_memory of a real server with a replica online, less without, the backlog and a block of it being there; steady for seconds. */
static void a_replicas_connection_weighs(void **state)
{
    static const struct {
        const char *server;
        uint64_t bytes;
    } weighed[] = {{"redis-7.0.15-debian", 22784}, {"redis-8.0.6-debian", 2528},  {"redis-8.6.3-debian", 2848},
                   {"redict-7.3.6-debian", 22928}, {"valkey-8.1.1-debian", 2112}, {"valkey-9.1.2-debian", 2112}};

    (void)state;
    for (size_t i = 0; i < sizeof weighed / sizeof *weighed; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = weighed[i].server});
        struct redis *redis = cell->redis;
        uint64_t before;

        cell_run(cell, "set a 1; wait 1.05");
        assert_true(replication_attach(&redis->replication, 0, REPLICA_READS_ALL));
        cell_run(cell, "set a 1");
        assert_true(replication_detach(&redis->replication, redis->cached_unix_s));
        before = redis->used;
        assert_true(replication_attach(&redis->replication, 0, REPLICA_READS_ALL));
        if (redis->used - before != weighed[i].bytes)
            fail_msg("%s: %ju bytes instead of %ju", weighed[i].server, (uintmax_t)(redis->used - before),
                     (uintmax_t)weighed[i].bytes);
        cell_close(cell);
    }
}

/* All of it comes and goes with the backlog, index and all. */
static void a_backlog_goes_without_a_trace(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "valkey-8.0.1"});
    struct redis *redis = cell->redis;

    (void)state;
    redis->config.repl_backlog_ttl = 60;
    cell_run(cell, "set a 1000; ping; wait 1.05");
    assert_true(replication_attach(&redis->replication, 0, REPLICA_READS_ALL));
    for (int i = 0; i < 12000; i++)
        cell_run(cell, "set a 1000");
    assert_true(redis->replication.index.bytes > 300);
    assert_true(replication_detach(&redis->replication, redis->cached_unix_s));
    assert_false(replication_detach(&redis->replication, redis->cached_unix_s));
    cell_run(cell, "set a 1000"); /* it is kept, and fed */
    assert_int_equal(redis->replication.offset, 12001 * 1029 + 23);
    assert_true(redis->used > recount_used_memory(redis) + (10 << 20));
    cell_run(cell, "wait 59; set a 1000");
    assert_true(replication_is_on(&redis->replication));
    cell_run(cell, "wait 5; set a 1000");
    assert_false(replication_is_on(&redis->replication));
    assert_int_equal(redis->used, recount_used_memory(redis));
    cell_close(cell);
}

/* One that comes back soon is served from the backlog; later it needs a child. */
static void a_replica_continues_where_it_left(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});
    struct redis *redis = cell->redis;

    (void)state;
    assert_true(replication_attach(&redis->replication, 1000000, REPLICA_READS_ALL));
    assert_int_equal(replication_child_wanted(&redis->replication), 1000000);
    assert_int_equal(replication_child_ended(&redis->replication), 0);
    cell_run(cell, "set a 1000");
    assert_true(replication_detach(&redis->replication, redis->cached_unix_s));
    cell_run(cell, "set a 1000");
    assert_true(replication_attach(&redis->replication, 1000000, REPLICA_READS_ALL));
    assert_int_equal(replication_child_wanted(&redis->replication), 0);
    assert_true(replication_detach(&redis->replication, redis->cached_unix_s));
    for (int i = 0; i < 1100; i++)
        cell_run(cell, "set a 1000");
    assert_true(replication_attach(&redis->replication, 1000000, REPLICA_READS_ALL));
    assert_int_equal(replication_child_wanted(&redis->replication), 1000000);
    for (int i = 1; i < REPLICAS_AT_MOST; i++)
        assert_true(replication_attach(&redis->replication, 0, REPLICA_READS_ALL));
    assert_false(replication_attach(&redis->replication, 0, REPLICA_READS_ALL));
    cell_close(cell);
}

/* A replica that loads holds on to everything since, which does not count; afterwards the backlog is cut. */
static void what_a_loading_replica_holds_does_not_count(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-lru", .maxmemory = 4 << 20});
    struct redis *redis = cell->redis;
    uint64_t counted;

    (void)state;
    cell_run(cell, "set a 1000");
    assert_true(replication_attach(&redis->replication, 1000000, REPLICA_READS_ALL));
    assert_int_equal(replication_child_wanted(&redis->replication), 1000000);
    for (int i = 0; i < 10000; i++)
        cell_run(cell, "set a 1000");
    assert_int_equal(redis->counters.evicted_keys, 0);
    assert_true(redis->used > redis->maxmemory + (6 << 20));
    counted = redis->used - replication_not_counted(&redis->replication);
    assert_in_range(redis->replication.memory - replication_not_counted(&redis->replication), 1 << 20,
                    (1 << 20) + 5000);
    assert_int_equal(replication_child_ended(&redis->replication), 0);
    cell_run(cell, "set a 1000");
    assert_in_range(redis->used, counted - 30000, counted + 30000);
    cell_close(cell);
}

/* ---- replicas that read slowly ---- */

/* As `SET k:N v...1000` of k:1 to k:99 and k:0 over and over. */
static void set_many(struct cell *cell, uint32_t from, uint32_t to)
{
    for (uint32_t n = from; n <= to; n++)
        cell_do(cell, (struct row){.op = OP_SET, .id = n % 100, .key_len = n % 100 < 10 ? 3 : 4, .value_len = 1000});
}

/* Measured on 7.0.15, 8.0.2 and Valkey 9.1.2, which agree: a replica that never reads, after so many of them. */
static const struct slow_row {
    const char *limit, *backlog;
    uint32_t held_until, gone_at; /* SETs */
    uint64_t offset, memory;      /* master_repl_offset, mem_total_replication_buffers then */
} slow_rows[] = {
    {"replica 2mb 0 0", "64kb", 2000, 2025, 2089614, 82016},
    {"replica 512kb 0 0", "1mb", 1000, 1025, 1057714, 1066208}, /* the backlog's size is the least */
};

static void a_replica_beyond_the_hard_limit_is_closed(void **state)
{
    struct error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof slow_rows / sizeof *slow_rows; i++) {
        const struct slow_row *row = &slow_rows[i];
        struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});
        struct redis *redis = cell->redis;

        redis_option_set(&redis->config, redis_option_find("client-output-buffer-limit"), row->limit, &error);
        redis_option_set(&redis->config, redis_option_find("repl-backlog-size"), row->backlog, &error);
        cell_run(cell, "set a 1; wait 1.05");
        assert_true(replication_attach(&redis->replication, 0, 0));
        set_many(cell, 1, row->held_until);
        assert_int_equal(redis->replication.replicas[0].state, REPLICA_ONLINE);
        assert_int_equal(redis->counters.client_output_buffer_limit_disconnections, 0);
        set_many(cell, row->held_until + 1, row->gone_at);
        assert_int_equal(redis->replication.replicas[0].state, REPLICA_AWAY);
        assert_int_equal(redis->counters.client_output_buffer_limit_disconnections, 1);
        assert_int_equal(redis->replication.offset, row->offset);
        assert_int_equal(redis->replication.memory, row->memory);
        cell_close(cell);
    }
}

/* A second later it is back. What it lacks is no longer in the backlog, so it needs a child, unless it needs no time. */
static void a_closed_replica_comes_back(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});
    struct redis *redis = cell->redis;
    struct error error = {0};
    uint64_t alone;

    (void)state;
    redis_option_set(&redis->config, redis_option_find("client-output-buffer-limit"), "replica 2mb 1500kb 3", &error);
    cell_run(cell, "set a 1; wait 1.05");
    assert_true(replication_attach(&redis->replication, 2000000, REPLICA_READS_ALL));
    cell_run(cell, "set a 1; wait 2.5; set a 1");
    assert_int_equal(redis->replication.replicas[0].state, REPLICA_ONLINE);
    alone = redis->used;
    assert_true(replication_set_rate(&redis->replication, 0));
    set_many(cell, 1, 1600); /* over the soft limit, for three seconds and more */
    cell_run(cell, "wait 2.5; set a 1");
    assert_int_equal(redis->replication.replicas[0].state, REPLICA_ONLINE);
    cell_run(cell, "wait 1.6");
    assert_int_equal(redis->replication.replicas[0].state, REPLICA_AWAY);
    assert_int_equal(redis->counters.client_output_buffer_limit_disconnections, 1);
    cell_run(cell, "wait 1");
    assert_int_equal(redis->replication.replicas[0].state, REPLICA_LOADS);
    assert_true(redis->child);
    cell_run(cell, "wait 2.2");
    assert_int_equal(redis->replication.replicas[0].state, REPLICA_ONLINE);
    assert_true(replication_set_rate(&redis->replication, REPLICA_READS_ALL));
    cell_run(cell, "set a 1");
    assert_in_range(redis->used, alone, alone + (1 << 20) + 120000); /* the backlog, and the keys */
    cell_close(cell);
}

/* 100,000 bytes a second: what waits has been read after so many seconds, also when nothing happens meanwhile. */
static void a_slow_replica_catches_up(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});
    struct redis *redis = cell->redis;
    uint64_t beyond;

    (void)state;
    cell_run(cell, "set a 1; wait 1.05");
    assert_true(replication_attach(&redis->replication, 0, 100000));
    set_many(cell, 1, 3000);
    beyond = replication_not_counted(&redis->replication);
    assert_in_range(beyond, 3096000 - (1 << 20), 3096000 - (1 << 20) + 40000);
    cell_run(cell, "wait 10");
    assert_in_range(replication_not_counted(&redis->replication), beyond - 1000000 - 30000, beyond - 1000000 + 30000);
    cell_run(cell, "wait 15");
    assert_in_range(replication_not_counted(&redis->replication), 0, 30000);
    assert_int_equal(redis->counters.client_output_buffer_limit_disconnections, 0);
    cell_run(cell, "wait 8; set a 1; wait 1");
    assert_int_equal(redis->replication.replicas[0].read_offset, redis->replication.offset);
    cell_close(cell);
}

/* ---- the index ---- */

static unsigned byte_of(uint64_t offset, int depth)
{
    return offset >> (56 - 8 * depth) & 0xff;
}

static bool all_share(const uint64_t *offsets, size_t count, int depth)
{
    for (size_t i = 1; i < count; i++)
        if (byte_of(offsets[i], depth) != byte_of(offsets[0], depth))
            return false;
    return true;
}

/* A node with its characters, padded to whole pointers, and as many pointers. */
static uint64_t plain_node(uint64_t characters, uint64_t pointers)
{
    uint64_t bytes = 4 + characters;

    while (bytes % 8)
        bytes++;
    return plain_class("jemalloc", bytes + 8 * pointers);
}

/* The tree by its definition: whoever shares the next bytes shares a node, then every byte is asked for. */
static uint64_t plain_index(const uint64_t *offsets, size_t count, int depth)
{
    uint64_t bytes = 0, branches = 0, run = 0;

    if (depth == 8)
        return plain_node(0, 1);
    while (depth + (int)run < 8 && all_share(offsets, count, depth + (int)run))
        run++;
    if (run)
        return plain_node(run, 1) + plain_index(offsets, count, depth + (int)run);
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t matching[64];
        size_t n = 0;

        for (size_t i = 0; i < count; i++)
            if (byte_of(offsets[i], depth) == byte)
                matching[n++] = offsets[i];
        branches += n != 0;
        bytes += n ? plain_index(matching, n, depth + 1) : 0;
    }
    return bytes + plain_node(branches, branches);
}

static uint64_t bytes_of_tree(const uint64_t *offsets, size_t count)
{
    uint64_t used = 0, bytes;
    struct rax rax;

    rax_init(&rax, allocator_find("jemalloc"), &used);
    for (size_t i = 0; i < count; i++) {
        unsigned char key[8];

        for (int at = 0; at < 8; at++)
            key[at] = (unsigned char)byte_of(offsets[i], at);
        rax_insert(&rax, key, sizeof key, true, 0);
    }
    bytes = rax.bytes - 24; /* the tree's own */
    rax_clear(&rax);
    assert_int_equal(used, 0);
    return bytes;
}

static void the_index_is_a_radix_tree(void **state)
{
    struct random random = random_stream(random_seed());
    const uint64_t recorded = 11; /* one offset alone: a node of 24 bytes, a leaf of 16; measured */

    (void)state;
    assert_int_equal(bytes_of_tree(NULL, 0), 8);
    assert_int_equal(bytes_of_tree(&recorded, 1), 40);
    for (int round = 0; round < 300; round++) {
        uint64_t offsets[64], at = random_below(&random, UINT64_C(1) << (1 + round % 50));
        size_t count = 1 + (size_t)random_below(&random, 64);

        for (size_t i = 0; i < count; i++)
            offsets[i] = at += 1 + random_below(&random, UINT64_C(1) << (1 + round % 23));
        assert_int_equal(bytes_of_tree(offsets, count), plain_index(offsets, count, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_propagated_as_on_the_servers),
        cmocka_unit_test(other_commands_are_sent_in_a_commands_place),
        cmocka_unit_test(expired_and_evicted_keys_are_deleted_on_replicas),
        cmocka_unit_test(blocks_weigh_what_info_says),
        cmocka_unit_test(a_replicas_connection_weighs),
        cmocka_unit_test(a_backlog_goes_without_a_trace),
        cmocka_unit_test(a_replica_continues_where_it_left),
        cmocka_unit_test(what_a_loading_replica_holds_does_not_count),
        cmocka_unit_test(a_replica_beyond_the_hard_limit_is_closed),
        cmocka_unit_test(a_closed_replica_comes_back),
        cmocka_unit_test(a_slow_replica_catches_up),
        cmocka_unit_test(the_index_is_a_radix_tree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
