/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lingering: keys whose ttl has passed are counted while they are still there, at every point of the curve, or not at
 * all; and at the end in any case. */
#include "sim/server/inspect.h"
#include "sim/server/lingering.h"
#include "sim/server/registry.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { WITH_TTL = 30000, WITHOUT = 1000, TTL_MS = 2000 };

static void set(struct cell *cell, uint32_t id, int64_t ttl_ms)
{
    struct row row = {.op = OP_SET, .id = id, .key_len = 10, .value_len = 100};

    if (ttl_ms) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = ttl_ms;
    }
    cell_do(cell, row);
}

/* All ttls end at once, and the cycle takes some seconds. */
static void lingering_keys_are_counted_on(const char *server)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server,
                                                      .policy = "noeviction",
                                                      .maxmemory = 0,
                                                      .seed = 3,
                                                      .options = {.interval_us = 500000, .speed.expirations = 20000}});
    struct result result;
    uint64_t each, seen = 0, unknown = 0;

    cell->key_count = WITH_TTL + WITHOUT;
    for (uint32_t id = 0; id < WITHOUT; id++)
        set(cell, id, 0);
    for (uint32_t id = WITHOUT; id < WITHOUT + WITH_TTL; id++)
        set(cell, id, TTL_MS);
    cell_flush(cell);
    each = inspect_key(cell->redis, WITHOUT).memory_usage;
    cell_wait_us(cell, (TTL_MS + 3200) * 1000);
    result = cell_finish_result(cell);
    for (size_t i = 0; i < result.curve.count; i++) {
        const struct sample *sample = &result.curve.samples[i];

        if (sample->lingering_keys == COUNT_UNKNOWN) {
            unknown++;
            continue;
        }
        assert_int_equal(sample->lingering_keys, sample->time_us > TTL_MS * 1000 ? sample->expires : 0);
        assert_int_equal(sample->lingering_bytes, sample->lingering_keys * each);
        seen += sample->lingering_keys;
    }
    assert_true(seen > 0);
    assert_true(unknown > 0); /* no more commands come, so looks at 31,000 keys come to an end */
    assert_true(result_last_sample(&result)->lingering_keys != COUNT_UNKNOWN);
    result_release(&result);
    cell_close(cell);
}

static void lingering_keys_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < server_count; i++)
        if (servers[i].profile)
            lingering_keys_are_counted_on(servers[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lingering_keys_are_counted)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
