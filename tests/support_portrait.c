/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_portrait: portraits of traces that are made up, for the tests of the reports. */
#include "sim/alloc.h"
#include "sim/inspect/accesses.h"
#include "sim/inspect/verdict.h"
#include "tests/support_random.h"
#include "tests/support_run.h"

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

struct portrait support_portrait(size_t requests)
{
    struct portrait portrait = {.version = xstrdup("0"), .run = support_small_run()};
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
    portrait.verdict = inspect_verdict(&portrait);
    accesses_release(&accesses);
    batch_release(batch);
    free(batch);
    return portrait;
}
