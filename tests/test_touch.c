/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_touch: what decides how old a key looks to the policies besides its use: RESTORE with IDLETIME and FREQ, CLIENT NO-TOUCH. */
#include "sim/hooks.h"
#include "tests/support_server.h"
#include "traces/commands/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* DUMP of "v", of Redis 7.0. */
static const char payload[] = "\x00\x01v\x0a\x00\x91\x08\xce\xb2\x19\x38\x8a\xce";

static uint32_t field_of(struct cell *cell, const char *key)
{
    return *(const uint32_t *)policy_entry(&cell->redis->eviction, cell_id(cell, key));
}

static void restore(struct cell *cell, const char *option, const char *number)
{
    const struct argument words[] = {
        {"restore", 7},
        {"k", 1},
        {"0", 1},
        {payload, sizeof payload - 1},
        {"replace", 7},
        {option, (uint32_t)strlen(option)},
        {number, (uint32_t)strlen(number)},
    };

    cell_send(cell, words, 7);
}

static void a_restored_key_has_the_age_that_was_said(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-lru"});

    (void)state;
    restore(cell, "idletime", "1000");
    assert_int_equal(cell->redis->counters.command_errors, 0);
    assert_int_equal(field_of(cell, "k"), cell->redis->eviction.clock.lru_clock - 1000);
    restore(cell, "freq", "200"); /* no LFU: it is new */
    assert_int_equal(field_of(cell, "k"), cell->redis->eviction.clock.lru_clock);
    cell_close(cell);
    cell = cell_open((struct cell_setup){.policy = "allkeys-lfu"});
    restore(cell, "freq", "200");
    assert_int_equal(field_of(cell, "k") & 255, 200);
    restore(cell, "idletime", "1000");
    assert_int_equal(field_of(cell, "k") & 255, 5);
    cell_close(cell);
}

/* Of each command whether it is a use of k. */
static void expect_touches(const char *server, const char *before, const char *command, bool touches)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .policy = "allkeys-lru"});
    uint32_t field;

    cell_say(cell, "set k 12345");
    cell_say(cell, before);
    field = field_of(cell, "k");
    cell_wait_us(cell, 10000000);
    cell_say(cell, command);
    if ((field_of(cell, "k") != field) != touches)
        fail_msg("%s: %s, %s: %s", server, before, command, touches ? "not touched" : "touched");
    cell_close(cell);
}

static void who_says_no_touch_touches_by_touch_alone(void **state)
{
    (void)state;
    expect_touches("redis-7.2.6", "ping", "get k", true);
    expect_touches("redis-7.2.6", "client no-touch on", "get k", false);
    expect_touches("redis-7.2.6", "client no-touch on", "append k x", false);
    expect_touches("redis-7.2.6", "client no-touch on", "touch k", true);
    expect_touches("redis-7.2.6", "client no-touch off", "get k", true);
    expect_touches("valkey-9.1.2-debian", "client no-touch on", "get k", false);
    expect_touches("redis-7.0.15", "client no-touch on", "get k", true); /* it has no such command */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_key_has_the_age_that_was_said),
        cmocka_unit_test(who_says_no_touch_touches_by_touch_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
