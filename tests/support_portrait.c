/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_portrait: portraits of traces that are made up, for the tests of the reports. */
#include "sim/alloc.h"
#include "sim/inspect/accesses.h"
#include "sim/inspect/memory.h"
#include "sim/inspect/verdict.h"
#include "tests/support_random.h"
#include "tests/support_run.h"

#include <stdio.h>
#include <stdlib.h>

/* Rows of reads, writes and deletes of a few hundred keys, the first of which are named most. */
static void add_row(struct batch *batch, struct random *random, size_t number)
{
    double unit = random_unit(random);
    uint32_t id = (uint32_t)(300 * unit * unit * unit);
    struct record record = {.time_us = (int64_t)(number * 700000 + random_below(random, 700000)),
                            .id = id,
                            .key_len = 6 + id % 7,
                            .value_len = 10 + id * 7,
                            .op = OP_GET};

    if (number % 5 == 0) {
        record.op = OP_SET;
        record.flags = number % 2 ? REQUEST_TTL : 0;
        record.ttl_ms = 1000 * (int64_t)(1 + id);
    } else if (number % 31 == 0) {
        record.op = OP_DEL;
    }
    batch_add(batch, &record);
    batch->key_count = batch->key_count > id + 1 ? batch->key_count : id + 1;
}

/* Keys of two types and three prefixes, every other with a ttl. */
static struct holdings held_by(const struct accesses *accesses, const struct result *result, uint32_t keys)
{
    static const char *const types[] = {"string", "hash"}, *const encodings[] = {"raw", "listpack"};
    static const char *const prefixes[] = {"user", "session", "(no prefix)"};
    static const enum value_type value_types[] = {TYPE_STRING, TYPE_HASH};
    struct memory_count *count = memory_count_new(accesses);
    struct holdings found;

    for (uint32_t id = 0; id < keys; id++) {
        char name[32];
        struct visited_key key = {.id = id,
                                  .name = name,
                                  .name_bytes = (size_t)snprintf(name, sizeof name, "%s:%u", prefixes[id % 3], id),
                                  .group = 3 + id % 3,
                                  .group_name = prefixes[id % 3],
                                  .value_type = value_types[id % 2],
                                  .type = types[id % 2],
                                  .encoding = encodings[id % 2],
                                  .bytes = 56 + 8 * (id % 91),
                                  .length = id,
                                  .has_ttl = id % 2,
                                  .ttl_ms = 1000 * (int64_t)id - 5000};

        memory_count_visit(count, &key);
    }
    found = memory_count_found(count, result);
    memory_count_free(count);
    return found;
}

struct portrait support_portrait(size_t requests)
{
    struct portrait portrait = {.version = xstrdup("0"),
                                .run = requests < 1000 ? support_small_run() : support_day_run(1, 1, 20)};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct random random = random_stream(7);
    struct accesses accesses;

    accesses_init(&accesses, &portrait.run.start_unix_us);
    for (size_t i = 0; i < requests; i++) {
        add_row(batch, &random, i);
        if (batch->count == BATCH_CAPACITY || i + 1 == requests) {
            accesses_see(&accesses, batch);
            batch_clear(batch);
        }
    }
    portrait.requests = portrait.run.commands = requests;
    portrait.keys = portrait.run.key_count = accesses.key_count;
    portrait.duration_us = portrait.run.duration_us = accesses.last_us;
    accesses_tell(&accesses, &portrait);
    portrait.servers = xcalloc(2, sizeof *portrait.servers);
    for (; portrait.server_count < 2; portrait.server_count++)
        portrait.servers[portrait.server_count] =
            held_by(&accesses, &portrait.run.results[portrait.server_count], accesses.key_count);
    portrait.hottest = xcalloc(1, sizeof *portrait.hottest);
    portrait.hottest[portrait.hottest_count++] = (struct hot_key){.name = xstrdup("user:0"), .requests = requests};
    portrait.verdict = inspect_verdict(&portrait);
    accesses_release(&accesses);
    batch_release(batch);
    free(batch);
    return portrait;
}
