/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_payload: what RESTORE makes of the payloads of tests/data/payloads.csv, which three servers gave and took. What is not random
 * is equal to the byte. */
#include "sim/server/inspect.h"
#include "sim/server/values/encoding.h"
#include "tests/support_server.h"
#include "traces/commands/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A line of the file. */
struct dumped {
    char *server, *key, *encoding;
    uint64_t memory_usage;
    unsigned char *payload; /* owned */
    uint32_t bytes;
};

static void read_payload(struct dumped *dumped, const char *hex)
{
    char pair[3] = "";

    dumped->bytes = (uint32_t)(strcspn(hex, "\n") / 2);
    dumped->payload = malloc(dumped->bytes);
    assert_non_null(dumped->payload);
    for (uint32_t i = 0; i < dumped->bytes; i++) {
        memcpy(pair, hex + 2 * (size_t)i, 2);
        dumped->payload[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
}

static struct dumped read_dumped(char *line)
{
    struct dumped dumped = {strsep(&line, ","), strsep(&line, ","), strsep(&line, ","), 0, NULL, 0};

    assert_non_null(line);
    dumped.memory_usage = strtoull(strsep(&line, ","), NULL, 10);
    assert_non_null(line);
    read_payload(&dumped, line);
    return dumped;
}

static void restore(struct cell *cell, const struct dumped *dumped, const char *option)
{
    const struct argument words[] = {{"RESTORE", 7},
                                     {dumped->key, (uint32_t)strlen(dumped->key)},
                                     {"0", 1},
                                     {(const char *)dumped->payload, dumped->bytes},
                                     {option, (uint32_t)strlen(option)}};

    cell_send(cell, words, *option ? 5 : 4);
}

/* Calls the law for every line. */
static void for_each_dumped(void (*law)(const struct dumped *dumped))
{
    FILE *file = fopen("tests/data/payloads.csv", "r");
    char *line = NULL;
    size_t room = 0, lines = 0;

    assert_non_null(file);
    while (getline(&line, &room, file) > 0) {
        struct dumped dumped;

        if (*line == '#' || !strncmp(line, "server,", 7))
            continue;
        dumped = read_dumped(line);
        law(&dumped);
        free(dumped.payload);
        lines++;
    }
    assert_true(lines > 50);
    free(line);
    fclose(file);
}

/* A skip list's levels are random. So is, in Valkey's tables, which buckets have a second one. */
static bool is_allowed(const struct dumped *dumped, int64_t difference)
{
    enum { BUCKET = 64, BUCKETS = 16 };

    if (!strcmp(dumped->encoding, "skiplist"))
        return llabs(difference) <= (int64_t)dumped->memory_usage / 10;
    if (!strcmp(dumped->encoding, "hashtable") && !strncmp(dumped->server, "valkey", 6))
        return difference % BUCKET == 0 && llabs(difference) <= BUCKET * BUCKETS;
    return !difference;
}

static void weighs_what_the_server_says(const struct dumped *dumped)
{
    struct cell *cell = cell_open((struct cell_setup){.server = dumped->server});
    struct inspection found;

    restore(cell, dumped, "");
    found = inspect_key(cell->redis, cell_id(cell, dumped->key));
    assert_int_equal(cell->redis->counters.command_errors, 0);
    if (strcmp(found.encoding, dumped->encoding))
        fail_msg("%s %s: %s, evsim %s", dumped->server, dumped->key, dumped->encoding, found.encoding);
    if (!is_allowed(dumped, (int64_t)found.memory_usage - (int64_t)dumped->memory_usage))
        fail_msg("%s %s: %ju bytes, evsim %ju", dumped->server, dumped->key, (uintmax_t)dumped->memory_usage,
                 (uintmax_t)found.memory_usage);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

/* One byte is another: the checksum says so. Every byte is tried of short payloads, some of long ones. */
static void is_refused_if_a_byte_is_wrong(const struct dumped *dumped)
{
    struct cell *cell = cell_open((struct cell_setup){.server = dumped->server});
    uint64_t errors = 0;

    for (uint32_t i = 0; i < dumped->bytes; i += 1 + dumped->bytes / 64) {
        dumped->payload[i] ^= 0x55;
        restore(cell, dumped, "");
        dumped->payload[i] ^= 0x55;
        assert_int_equal(cell->redis->counters.command_errors, ++errors);
    }
    assert_int_equal(entry_of(cell->redis, cell_id(cell, dumped->key))->encoding, ENCODING_ABSENT);
    cell_close(cell);
}

static void a_payload_becomes_what_a_server_makes_of_it(void **state)
{
    (void)state;
    for_each_dumped(weighs_what_the_server_says);
}

static void what_was_damaged_is_refused(void **state)
{
    (void)state;
    for_each_dumped(is_refused_if_a_byte_is_wrong);
}

/* A key that is there stays unless it is told to go; a format of a later version is refused. */
static void a_key_that_is_there_is_busy(const struct dumped *dumped)
{
    struct cell *cell = cell_open((struct cell_setup){.server = dumped->server});
    const struct counters *counters = &cell->redis->counters;

    restore(cell, dumped, "");
    restore(cell, dumped, "");
    assert_int_equal(counters->command_errors, 1);
    restore(cell, dumped, "replace");
    assert_int_equal(counters->command_errors, 1);
    assert_int_equal(counters->deleted_keys, 1);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
    if (!strncmp(dumped->server, "redis-7.0", 9))
        return;
    cell = cell_open((struct cell_setup){0});
    restore(cell, dumped, "");
    assert_int_equal(cell->redis->counters.command_errors, 1);
    cell_close(cell);
}

static void keys_and_versions_are_looked_at(void **state)
{
    (void)state;
    for_each_dumped(a_key_that_is_there_is_busy);
}

/* Jones's CRC64, bit by bit. */
static uint64_t checksum(const unsigned char *bytes, size_t count)
{
    uint64_t crc = 0;

    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ UINT64_C(0x95ac9329ac4bc9b5) : crc >> 1;
    }
    return crc;
}

/* Every byte of streams and HyperLogLogs is another in turn, and the checksum is right all the same: RESTORE may refuse it or make
 * something of it, as a server without sanitize-dump-payload does, and what it makes can be used and freed. */
static void is_safe_if_a_byte_is_another(const struct dumped *dumped)
{
    if (strcmp(dumped->key, "xfew") != 0 && strcmp(dumped->key, "xgroups") != 0 &&
        strcmp(dumped->key, "hllsparse") != 0)
        return;
    for (uint32_t i = 0; i < dumped->bytes - 10; i += 1 + dumped->bytes / 256) {
        struct cell *cell = cell_open((struct cell_setup){.server = dumped->server});
        unsigned char kept = dumped->payload[i];
        uint64_t crc;

        dumped->payload[i] ^= (unsigned char)(1 << i % 8);
        crc = checksum(dumped->payload, dumped->bytes - 8);
        for (int byte = 0; byte < 8; byte++)
            dumped->payload[dumped->bytes - 8 + (uint32_t)byte] = (unsigned char)(crc >> 8 * byte);
        restore(cell, dumped, "");
        cell_say(cell, "xtrim xfew maxlen 1");
        cell_say(cell, "xtrim xgroups maxlen 1");
        cell_say(cell, "pfadd hllsparse a b c");
        cell_close(cell);
        dumped->payload[i] = kept;
    }
}

static void no_payload_breaks_it(void **state)
{
    (void)state;
    for_each_dumped(is_safe_if_a_byte_is_another);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payload_becomes_what_a_server_makes_of_it),
        cmocka_unit_test(what_was_damaged_is_refused),
        cmocka_unit_test(keys_and_versions_are_looked_at),
        cmocka_unit_test(no_payload_breaks_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
