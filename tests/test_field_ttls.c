/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_field_ttls: fields of hashes that expire: when they are looked at, by the active cycle, in empty time. */
#include "sim/server/values/hash.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cell *open_server(void)
{
    return cell_open((struct cell_setup){.server = "redis-8.0.2-debian"});
}

/* Without cron nothing but look-ups can expire a field. */
static struct cell *open_without_cron(void)
{
    struct cell *cell = open_server();

    event_cancel(&cell->redis->events, &cell->redis->cron);
    cell->redis->cron_due_us = INT64_MAX;
    return cell;
}

static void expect(const struct cell *cell, uint64_t keys, uint64_t expired_fields)
{
    assert_int_equal(keyspace_keys(cell->redis), keys);
    assert_int_equal(cell->redis->counters.expired_subkeys, expired_fields);
    assert_int_equal(cell->redis->counters.expired_keys, 0);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
}

/* HLEN and HGETALL leave it where it is; HSET makes it a field without a ttl. */
static void a_field_that_is_looked_at_goes_and_the_key_with_the_last(void **state)
{
    static const char *const looks[] = {"hget h f",    "hmget h f x",         "hexists h f",
                                        "hstrlen h f", "hgetex h fields 1 f", "hgetdel h fields 1 f",
                                        "hrandfield h"};

    (void)state;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        struct cell *cell = open_without_cron();

        cell_say(cell, "hset h f v");
        cell_say(cell, "hpexpire h 1000 fields 1 f");
        cell_wait_us(cell, 1000000);
        cell_say(cell, "hget h f"); /* its last millisecond */
        expect(cell, 1, 0);
        cell_wait_us(cell, 1000);
        cell_say(cell, "hlen h");
        cell_say(cell, "hgetall h");
        cell_say(cell, "hpersist h fields 1 f");
        expect(cell, 1, 0);
        cell_say(cell, looks[i]);
        expect(cell, 0, 1);
        cell_close(cell);
    }
}

static void what_is_set_anew_has_no_ttl_and_what_is_counted_keeps_it(void **state)
{
    struct cell *cell = open_server();

    (void)state;
    cell_say(cell, "hset h set 1 counted 1 kept 1");
    cell_say(cell, "hpexpire h 5000 fields 3 set counted kept");
    cell_say(cell, "hset h set 2");
    cell_say(cell, "hincrby h counted 1");
    cell_say(cell, "hsetex h keepttl fields 1 kept 2");
    cell_wait_us(cell, 6000000);
    expect(cell, 1, 2);
    cell_say(cell, "hdel h set");
    expect(cell, 0, 2);
    cell_close(cell);
}

/* COPY and RENAME take the ttls along, where the cycle finds them; FLUSHDB forgets them. */
static void ttls_go_where_their_hash_goes(void **state)
{
    struct cell *cell = open_server();

    (void)state;
    cell_say(cell, "hset h f v");
    cell_say(cell, "hpexpire h 5000 fields 1 f");
    cell_say(cell, "copy h copied");
    cell_say(cell, "rename h renamed");
    expect(cell, 2, 0);
    cell_wait_us(cell, 5200000);
    expect(cell, 0, 2);
    cell_say(cell, "hset h f v");
    cell_say(cell, "hpexpire h 5000 fields 1 f");
    cell_say(cell, "flushdb");
    cell_wait_us(cell, 5200000);
    expect(cell, 0, 2);
    cell_close(cell);
}

/* Sixteen times a thousand fields in one run of cron; a Redis 8.0.2 that has 150,000 to delete does so in as many steps. */
static void the_cycle_takes_a_thousand_fields_sixteen_times(void **state)
{
    enum { HASHES = 40, FIELDS = 500 };
    struct cell *cell = open_server();
    char words[FIELDS * 8 + 64];

    (void)state;
    for (int h = 0; h < HASHES; h++) {
        int at = snprintf(words, sizeof words, "hset h%d", h);

        for (int f = 0; f < FIELDS; f++)
            at += snprintf(words + at, sizeof words - (size_t)at, " f%d v", f);
        cell_say(cell, words);
        at = snprintf(words, sizeof words, "hpexpireat h%d 1700000060000 fields %d", h, FIELDS);
        for (int f = 0; f < FIELDS; f++)
            at += snprintf(words + at, sizeof words - (size_t)at, " f%d", f);
        cell_say(cell, words);
    }
    cell_wait_us(cell, 60100000 - cell->now_us);
    expect(cell, HASHES - 32, 16000);
    cell_wait_us(cell, 100000);
    expect(cell, 0, HASHES * FIELDS);
    cell_close(cell);
}

/* A day without a request is skipped, but not the end of a ttl in it. */
static void empty_time_ends_with_a_ttl(void **state)
{
    struct cell *cell = open_server();

    (void)state;
    cell_say(cell, "hset h f v g v");
    cell_say(cell, "hexpire h 40000 fields 1 f");
    cell_wait_us(cell, INT64_C(39999) * 1000000);
    expect(cell, 1, 0);
    cell_wait_us(cell, INT64_C(86400) * 1000000);
    expect(cell, 1, 1);
    cell_close(cell);
}

/* ---- Valkey ---- */

static struct cell *open_valkey(void)
{
    return cell_open((struct cell_setup){.server = "valkey-9.1.2-debian"});
}

static uint64_t fields_of(struct cell *cell, const char *key)
{
    uint32_t id = cell_id(cell, key);
    const struct entry *entry = entry_of(cell->redis, id);

    return entry->encoding == ENCODING_ABSENT ? 0 : hash_of(entry)->count;
}

/* A field with a ttl makes a table of the hash, which it stays; one that does not get it leaves the listpack alone. */
static void a_ttl_makes_a_table(void **state)
{
    struct cell *cell = open_valkey();
    uint32_t id;

    (void)state;
    cell_say(cell, "hset h f v g v");
    id = cell_id(cell, "h");
    cell_say(cell, "hpexpire h 5000 xx fields 1 f");
    cell_say(cell, "hpexpire h 5000 fields 1 none");
    assert_int_equal(entry_of(cell->redis, id)->encoding, ENCODING_HASH_LISTPACK);
    cell_say(cell, "hpexpire h 0 fields 1 g");
    assert_int_equal(entry_of(cell->redis, id)->encoding, ENCODING_HASH_LISTPACK);
    assert_int_equal(fields_of(cell, "h"), 1);
    cell_say(cell, "hpexpire h 5000 fields 1 f");
    assert_int_equal(entry_of(cell->redis, id)->encoding, ENCODING_HASH_TABLE);
    cell_say(cell, "hpersist h fields 1 f");
    assert_int_equal(entry_of(cell->redis, id)->encoding, ENCODING_HASH_TABLE);
    assert_int_equal(table_count(&cell->redis->databases[0].volatile_hashes), 0);
    expect(cell, 1, 1);
    cell_close(cell);
}

/* Nobody sees a field that has expired, HDEL does not delete it, HLEN counts it; HSET puts another in its place. */
static void a_field_that_has_expired_stays_until_the_cycle_comes(void **state)
{
    struct cell *cell = open_valkey();

    (void)state;
    event_cancel(&cell->redis->events, &cell->redis->cron);
    cell->redis->cron_due_us = INT64_MAX;
    cell_say(cell, "hset h f v g v");
    cell_say(cell, "hpexpire h 1000 fields 2 f g");
    cell_wait_us(cell, 1001000);
    cell_say(cell, "hget h f");
    cell_say(cell, "hdel h f g");
    cell_say(cell, "hgetdel h fields 2 f g");
    cell_say(cell, "hpersist h fields 1 f");
    expect(cell, 1, 0);
    assert_int_equal(fields_of(cell, "h"), 2);
    cell_say(cell, "hset h f w");
    expect(cell, 1, 1);
    cell_say(cell, "copy h c");
    assert_int_equal(fields_of(cell, "h"), 2);
    assert_int_equal(fields_of(cell, "c"), 1);
    cell_say(cell, "hsetex h px 0 fields 1 g v"); /* deletes what nobody sees, too */
    assert_int_equal(fields_of(cell, "h"), 1);
    expect(cell, 2, 2);
    cell_close(cell);
}

/* COPY of a hash whose fields have all expired makes one without fields, as the server does: it is there until HMGET reads it. */
static void a_copy_of_what_has_expired_is_an_empty_hash(void **state)
{
    struct cell *cell = open_valkey();

    (void)state;
    event_cancel(&cell->redis->events, &cell->redis->cron);
    cell->redis->cron_due_us = INT64_MAX;
    cell_say(cell, "hsetex h px 1000 fields 1 f v");
    cell_wait_us(cell, 1001000);
    cell_say(cell, "copy h c");
    cell_say(cell, "hpexpire c 10000 fields 1 f");
    cell_say(cell, "hdel c f");
    cell_say(cell, "hgetdel c fields 1 f");
    cell_say(cell, "hgetex c px 0 fields 1 f");
    cell_say(cell, "hrandfield c");
    expect(cell, 2, 0);
    assert_int_equal(fields_of(cell, "c"), 0);
    cell_say(cell, "hmget c f");
    expect(cell, 1, 0);
    cell_close(cell);
}

/* Eighty fields of a hash at a time, until there is nothing left to do. In a tree a field goes when its span has ended. */
static void the_cycle_of_valkey_takes_all_that_is_due(void **state)
{
    enum { FIELDS = 500 };
    struct cell *cell = open_valkey();
    char words[FIELDS * 8 + 64];
    int at = snprintf(words, sizeof words, "hset h kept v");

    (void)state;
    for (int f = 0; f < FIELDS; f++)
        at += snprintf(words + at, sizeof words - (size_t)at, " f%d v", f);
    cell_say(cell, words);
    for (int f = 0; f < FIELDS; f++) {
        snprintf(words, sizeof words, "hpexpireat h %lld fields 1 f%d", 1700000060000LL + 100 * f, f);
        cell_say(cell, words);
    }
    expect(cell, 1, 0);
    cell_wait_us(cell, 60000000 + 50000 * FIELDS - cell->now_us);
    assert_true(cell->redis->counters.expired_subkeys >= FIELDS / 2 - 82 - 2 &&
                cell->redis->counters.expired_subkeys <= FIELDS / 2 + 2);
    cell_wait_us(cell, 60000000 + 100000 * FIELDS + 8300000 - cell->now_us);
    expect(cell, 1, FIELDS);
    assert_int_equal(fields_of(cell, "h"), 1);
    cell_wait_us(cell, INT64_C(86400) * 1000000);
    expect(cell, 1, FIELDS);
    cell_close(cell);
}

/* A day without a request is skipped, but not the end of a ttl in it. */
static void empty_time_of_valkey_ends_with_a_ttl(void **state)
{
    struct cell *cell = open_valkey();

    (void)state;
    cell_say(cell, "hset h f v g v");
    cell_say(cell, "hexpire h 40000 fields 1 f");
    cell_say(cell, "rename h k");
    cell_wait_us(cell, INT64_C(39999) * 1000000);
    expect(cell, 1, 0);
    cell_wait_us(cell, INT64_C(86400) * 1000000);
    expect(cell, 1, 1);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_that_is_looked_at_goes_and_the_key_with_the_last),
        cmocka_unit_test(what_is_set_anew_has_no_ttl_and_what_is_counted_keeps_it),
        cmocka_unit_test(ttls_go_where_their_hash_goes),
        cmocka_unit_test(the_cycle_takes_a_thousand_fields_sixteen_times),
        cmocka_unit_test(empty_time_ends_with_a_ttl),
        cmocka_unit_test(a_ttl_makes_a_table),
        cmocka_unit_test(a_field_that_has_expired_stays_until_the_cycle_comes),
        cmocka_unit_test(a_copy_of_what_has_expired_is_an_empty_hash),
        cmocka_unit_test(the_cycle_of_valkey_takes_all_that_is_due),
        cmocka_unit_test(empty_time_of_valkey_ends_with_a_ttl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
