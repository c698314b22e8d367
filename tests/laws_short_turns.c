/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_short_turns: a short turn (short_turn.h) is the turn of a GET, to the byte. Groups look at every command, so a server that keeps
 * them has no short turns, and otherwise does the same: two servers, one of each kind, are driven side by side. */
#include "sim/input/groups.h"
#include "sim/server/registry.h"
#include "sim/server/short_turn.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 100, COMMANDS = 4000, FULL_AT = COMMANDS / 4 /* from then on it may take no more than it takes */ };

static struct row random_row(struct random *random)
{
    uint64_t kind = random_below(random, 100);
    double u = random_unit(random);
    uint32_t id = (uint32_t)(u * u * KEYS);
    struct row row = {.op = kind < 70   ? OP_GET
                            : kind < 90 ? OP_SET
                            : kind < 94 ? OP_INCR
                            : kind < 97 ? OP_EXPIRE
                                        : OP_DEL,
                      .id = id,
                      .key_len = 1 + id * 3,
                      .value_len = VALUE_UNKNOWN};

    if (row.op == OP_SET || (row.op == OP_GET && random_chance(random, 50)))
        row.value_len = (uint32_t)random_below(random, random_chance(random, 5) ? 20000 : 700);
    if (row.op == OP_EXPIRE || (row.op <= OP_SET && random_chance(random, 30))) {
        row.flags = REQUEST_TTL | REQUEST_MILLIS;
        row.ttl_ms = 1 + (int64_t)random_below(random, 3000);
    }
    return row;
}

/* What makes turns longer: a transaction, a watched key, for ten commands of fifty; near the end, for ever, that somebody tracks. */
static const char *words_before(struct random *random, int command)
{
    static const char *const others[] = {"hset h f 1", "client no-touch on", "client no-touch off",
                                         "bless set x no-evict", "bless clear x no-evict"};

    switch (command % 50) {
    case 20:
        return random_chance(random, 50) ? "multi" : "watch x";
    case 30:
        return random_chance(random, 50) ? "exec" : "unwatch";
    case 31:
        return "exec";
    case 40:
        return others[random_below(random, sizeof others / sizeof *others)];
    default:
        return command == COMMANDS * 7 / 8 ? "client tracking on" : NULL;
    }
}

enum { ALL_SETTINGS = 8 };

static void change_settings(struct redis *redis, uint64_t which)
{
    redis->config.latency_tracking = !(which & 1);
    redis->config.slowlog_log_slower_than = which & 2 ? 0 : 10000;
    redis->config.commandlog_reply_larger_than = which & 4 ? 50 : 1048576;
}

static struct cell *open_cell(const char *server, const char *policy, const struct key_groups *groups)
{
    return cell_open((struct cell_setup){
        .server = server, .policy = policy, .seed = 3, .options = {.fill = true, .groups = groups}});
}

static void expect_same(const struct redis *one, const struct redis *other, const char *server, int command)
{
    if (one->used != other->used || memcmp(&one->counters, &other->counters, sizeof one->counters) ||
        memcmp(one->was_called, other->was_called, sizeof one->was_called))
        fail_msg("%s, command %d: used %llu and %llu, hits %llu and %llu", server, command,
                 (unsigned long long)one->used, (unsigned long long)other->used, (unsigned long long)one->counters.hits,
                 (unsigned long long)other->counters.hits);
}

static void drive(const char *server, const char *policy, const struct key_groups *groups)
{
    struct cell *cells[2] = {open_cell(server, policy, NULL), open_cell(server, policy, groups)};
    struct random random = random_stream(random_seed());
    int possible = 0;

    for (int i = 0; i < COMMANDS; i++) {
        struct row row = random_row(&random);
        const char *say = words_before(&random, i);
        uint64_t settings = random_chance(&random, 4) ? random_below(&random, 3 * ALL_SETTINGS) : 3 * ALL_SETTINGS;
        int64_t pause_us = random_chance(&random, 30) ? 0 : (int64_t)random_below(&random, 40000);
        bool ends = random_chance(&random, 20);
        struct short_turns turns;

        for (int k = 0; k < 2; k++) {
            cells[k]->now_us += pause_us;
            if (i == FULL_AT)
                cells[k]->redis->maxmemory = cells[k]->redis->used;
            if (say || settings < 3 * ALL_SETTINGS)
                cell_flush(cells[k]);
            if (say)
                cell_say(cells[k], say);
            if (settings < 3 * ALL_SETTINGS)
                change_settings(cells[k]->redis, settings < ALL_SETTINGS ? settings : 0);
            cell_add(cells[k], row);
            if (ends)
                cell_flush(cells[k]);
        }
        if (ends)
            expect_same(cells[0]->redis, cells[1]->redis, server, i);
        short_turns_settle(&turns, cells[0]->redis, cells[0]->batch);
        possible += turns.are_possible;
    }
    assert_in_range(possible, COMMANDS / 3, COMMANDS);
    for (int k = 0; k < 2; k++) {
        cell_finish(cells[k], NULL);
        cell_close(cells[k]);
    }
}

static void a_short_turn_does_what_any_turn_does(void **state)
{
    static const char *const policies[] = {"noeviction", "allkeys-lru", "allkeys-lfu", "volatile-ttl", "lirs2"};
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("prefix", ":", &error);
    struct key_groups *groups = key_groups_new(rule);
    char name[32];

    (void)state;
    for (uint32_t id = 0; id < 2 * KEYS; id++) {
        struct record record = {.key = name, .key_bytes = (uint32_t)snprintf(name, sizeof name, "g%u:%u", id % 5, id)};

        key_groups_note(groups, id, &record);
    }
    for (size_t i = 0; i < server_count; i++)
        for (size_t k = 0; k < sizeof policies / sizeof *policies && servers[i].profile; k++)
            drive(servers[i].name, policies[k], groups);
    key_groups_free(groups);
    group_rule_free(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_turn_does_what_any_turn_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
