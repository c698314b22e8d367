/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_recorded_commands: rules of single commands, compared with the replies of eight servers in virtual time on
 * 2026-11-22. */
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COMMANDS = 11, BASELINE = 1000000, SECOND_US = 1000000 };

/* ---- used_memory ---- */

/* A command at 0.5 s, 1.5 s, ... and an INFO at 0 s, 1 s, ... */
struct recording {
    const char *server;
    uint64_t expired;        /* keys, at the end */
    uint32_t used[COMMANDS]; /* after each command, above the first INFO; 0: the script was shorter */
};

/* Times that have passed: the key goes, and what is left of the command is DEL key. Redis stores what SET
 * gives such a time, and finds it expired. */
static const char *const past_times[COMMANDS] = {
    "set a 300",
    "expire a -1",
    "set b 20 ex 1000",
    "pexpire b -5",
    "set c 60",
    "expireat c 1600000000",
    "set d 30 exat 1600000000",
    "set d 30",
    "set d 300 exat 1600000000",
    "get d",
};
static const struct recording past_times_of[] = {
    {"redis-7.0.15-debian", 2, {34424, 59760, 61960, 90624, 90744, 108144, 109168, 111320, 115312, 140000}},
    {"redis-7.0.15", 2, {34416, 59760, 61936, 90624, 90736, 108144, 109168, 111304, 115312, 140000}},
    {"redis-7.2.6", 2, {34416, 59760, 61936, 90624, 90736, 108144, 109168, 111304, 115312, 140000}},
    {"redis-7.4.1", 2, {34480, 59824, 62064, 90752, 90864, 108272, 109296, 111432, 115440, 140128}},
    {"redis-8.0.2-debian", 2, {37008, 62328, 64624, 93256, 93392, 110776, 111832, 113984, 117976, 142664}},
    {"valkey-8.0.1", 0, {34488, 59840, 62088, 90784, 90888, 108304, 109328, 111456, 115472, 140160}},
    {"valkey-8.1.1-debian", 4, {34528, 59888, 62160, 90880, 90976, 108400, 109424, 111536, 115568, 140256}},
    {"valkey-9.1.2-debian", 4, {34528, 59888, 62144, 90880, 90960, 108400, 109424, 111520, 115568, 140256}},
};

/* Commands that go to replicas as others: Redis 8 keeps the vector of the other one. */
static const char *const rewritten[COMMANDS] = {
    "set a 300", "getex a",  "getex a ex 100", "getex a persist", "getex a exat 1600000000", "set b =12345 ex 100",
    "getdel b",  "getdel b", "setex c 100 10", "set a 20 get",    "set a 20 xx get",
};
static const struct recording rewritten_of[] = {
    {"redis-7.0.15-debian", 0, {34424, 60136, 62248, 66312, 65936, 58856, 84480, 86528, 115416, 115504, 108336}},
    {"redis-7.0.15", 0, {34416, 60128, 62232, 66304, 65936, 58840, 84480, 86528, 115400, 115472, 108304}},
    {"redis-7.2.6", 0, {34416, 60128, 62232, 66304, 65936, 58840, 84480, 86528, 115400, 115472, 108304}},
    {"redis-7.4.1", 0, {34480, 60192, 62360, 66432, 66064, 58968, 84608, 86656, 115528, 115600, 108432}},
    {"redis-8.0.2-debian", 0, {37008, 62720, 64896, 68944, 68568, 61520, 87112, 89160, 118080, 118152, 110984}},
    {"valkey-8.0.1", 0, {34488, 60200, 62384, 66456, 66096, 58992, 84640, 86688, 115552, 115616, 108448}},
    {"valkey-8.1.1-debian", 1, {34528, 60240, 62448, 66544, 66192, 59056, 84736, 86784, 115616, 115664, 108496}},
    {"valkey-9.1.2-debian", 1, {34528, 60240, 62448, 66544, 66192, 59056, 84736, 86784, 115616, 115664, 108496}},
};

static void replay(const char *const *script, const struct recording *recording)
{
    struct cell *cell = cell_open((struct cell_setup){
        .server = recording->server,
        .options = {.baseline_memory = BASELINE, .info_every_us = SECOND_US},
    });
    struct counters counters;
    struct curve curve;
    size_t count = 0;
    char statement[80];

    cell_wait_us(cell, SECOND_US / 2);
    for (; count < COMMANDS && script[count]; count++) {
        snprintf(statement, sizeof statement, "%s", script[count]);
        cell_run(cell, statement);
        cell_wait_us(cell, SECOND_US);
    }
    counters = cell_finish(cell, &curve);
    assert_true(curve.count > count);
    for (size_t i = 0; i < count; i++)
        if (curve.samples[i + 1].used_memory - BASELINE != recording->used[i])
            fail_msg("%s after '%s': %llu, the server %u", recording->server, script[i],
                     (unsigned long long)curve.samples[i + 1].used_memory - BASELINE, recording->used[i]);
    assert_int_equal(counters.expired_keys, recording->expired);
    free(curve.samples);
    cell_close(cell);
}

static void a_time_that_has_passed_deletes_the_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof past_times_of / sizeof *past_times_of; i++)
        replay(past_times, &past_times_of[i]);
}

static void a_command_that_replicas_see_as_another_leaves_that_ones_vector(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rewritten_of / sizeof *rewritten_of; i++)
        replay(rewritten, &rewritten_of[i]);
}

/* ---- used_memory_peak ---- */

struct peak_recording {
    const char *server;
    uint32_t peak;       /* above the first INFO */
    uint32_t first_info; /* above used_memory_startup */
};

/* 60,000 bytes are stored 200,000 below the limit; 150,000 with a ttl behind them are refused. The server
 * notes its peak while it still waits for the ttl: with the value, a buffer for another, and all that was
 * parsed before. */
static const struct peak_recording peaks[] = {
    {"redis-7.0.15-debian", 406160, 40768}, {"redis-7.0.15", 406136, 40624},        {"redis-7.2.6", 406136, 40760},
    {"redis-7.4.1", 406200, 40760},         {"redis-8.0.2-debian", 408720, 41024},  {"valkey-8.0.1", 426432, 20536},
    {"valkey-8.1.1-debian", 426488, 20128}, {"valkey-9.1.2-debian", 397800, 20384},
};

static void a_refused_value_counts_in_the_peak_while_it_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
        struct cell *cell = cell_open((struct cell_setup){
            .server = peaks[i].server,
            .maxmemory = BASELINE + 200000,
            .options = {.baseline_memory = BASELINE, .info_every_us = SECOND_US},
        });
        struct counters counters;

        cell_wait_us(cell, SECOND_US / 2);
        cell_run(cell, "set a 60000; wait 1; set b 150000 ex 9");
        cell_wait_us(cell, SECOND_US / 2);
        counters = cell_finish(cell, NULL);
        assert_int_equal(counters.oom_rejections, 1);
        assert_int_equal(counters.used_memory_peak - BASELINE, peaks[i].peak);
        cell_close(cell);
    }
}

/* Redis 8.6.3: 21,000 bytes are stored, then 21,500. For the first of them the query buffer grows, and for a moment there are two
 * of them: the allocator looks, since it has last looked 100 KB below. Later it does not look again, and without it the peak would be
 * what is there when a turn has ended. The server said 910,864; here 64 bytes more of that request have been allocated by then. */
static void a_buffer_of_a_moment_counts_where_the_allocator_looks(void **state)
{
    enum { FIRST_INFO = 758152, PEAK = 910864 + 64, AT_REST = 873000 };
    struct cell *cell = cell_open((struct cell_setup){
        .server = "redis-8.6.3-debian",
        .maxmemory = 8 << 20,
        .options = {.baseline_memory = FIRST_INFO, .info_every_us = INT64_C(60) * SECOND_US},
    });
    struct counters counters;

    (void)state;
    cell_run(cell, "get k00; set k00 21000; wait 1; get k01; set k01 21500");
    counters = cell_finish(cell, NULL);
    assert_int_equal(counters.used_memory_peak, PEAK);
    assert_true(counters.used_memory < AT_REST);
    cell_close(cell);
}

/* What --baseline-memory would be told. */
static void the_first_info_prints_what_the_server_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
        struct cell *cell = cell_open((struct cell_setup){
            .server = peaks[i].server,
            .options = {.info_every_us = SECOND_US},
        });
        const struct server_profile *profile = cell->config.server->profile;
        struct counters counters = cell_finish(cell, NULL);

        assert_int_equal(counters.baseline_memory - profile->startup_bytes, peaks[i].first_info);
        cell_close(cell);
    }
}

/* ---- the LRU clock ---- */

/* Commands that come where cron falls due keep it at x.x5 s: it ran at 0.95 s, and runs next at 1.1 s. At
 * 2.05 s OBJECT IDLETIME says 1 on Valkey 9.1.2 and 2 on the seven others. */
static void a_key_is_touched_at_the_clock_of_cron_or_of_the_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
        struct cell *cell = cell_open((struct cell_setup){
            .server = peaks[i].server,
            .policy = "allkeys-lru",
        });
        uint32_t clock_at_zero = cell->redis->eviction.clock.lru_clock;

        cell_wait_us(cell, SECOND_US / 20);
        for (int n = 0; n < 10; n++) {
            cell_run(cell, "ping");
            cell_wait_us(cell, n < 9 ? SECOND_US / 10 : SECOND_US * 7 / 100);
        }
        cell_run(cell, "set a 1");
        assert_int_equal(cell->redis->eviction.clock.lru_clock - clock_at_zero,
                         strncmp(peaks[i].server, "valkey-9", 8) ? 0 : 1);
        cell_finish(cell, NULL);
        cell_close(cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_that_has_passed_deletes_the_key),
        cmocka_unit_test(a_command_that_replicas_see_as_another_leaves_that_ones_vector),
        cmocka_unit_test(a_refused_value_counts_in_the_peak_while_it_is_read),
        cmocka_unit_test(a_buffer_of_a_moment_counts_where_the_allocator_looks),
        cmocka_unit_test(the_first_info_prints_what_the_server_does),
        cmocka_unit_test(a_key_is_touched_at_the_clock_of_cron_or_of_the_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
