/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_slots: which slot a key is in, and which shard has the slot. */
#include "sim/slot_file.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void crc_is_that_of_the_cluster_specification(void **state)
{
    (void)state;
    assert_int_equal(slot_crc16("123456789", 9), 0x31c3);
    assert_int_equal(slot_crc16("", 0), 0);
}

static void expect_slot_of(const char *name, const char *hashed)
{
    assert_int_equal(slot_of_name(name, strlen(name)), slot_crc16(hashed, strlen(hashed)) % SLOT_COUNT);
}

/* The examples of the specification, and odd ones. */
static void a_hash_tag_decides(void **state)
{
    (void)state;
    expect_slot_of("{user1000}.following", "user1000");
    expect_slot_of("foo{}{bar}", "foo{}{bar}");
    expect_slot_of("foo{{bar}}zap", "{bar");
    expect_slot_of("foo{bar}{zap}", "bar");
    expect_slot_of("plain", "plain");
    expect_slot_of("open{only", "open{only");
    expect_slot_of("}{", "}{");
    expect_slot_of("}{a}", "a");
    assert_int_equal(slot_of_name("foo", 3), 12182); /* CLUSTER KEYSLOT of Redis 7.0.15; likewise the next */
    assert_int_equal(slot_of_name("{user:7}.cart", 13), slot_of_name("{user:7}.name", 13));
    assert_int_equal(slot_of_name("somekey", 7), 11058);
}

static void ranges_are_those_of_redis_cli(void **state)
{
    static const struct {
        uint32_t shards, shard;
        const char *slots;
    } expected[] = {{1, 0, "0-16383"},     {3, 0, "0-5460"},    {3, 1, "5461-10922"},
                    {3, 2, "10923-16383"}, {5, 2, "6554-9829"}, {6, 5, "13653-16383"}};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct slot_table *table = slot_table_deal(expected[i].shards);
        char *slots = slot_table_print(table, expected[i].shard);

        assert_string_equal(slots, expected[i].slots);
        free(slots);
        slot_table_free(table);
    }
}

static void every_slot_has_a_shard(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= SHARDS_MOST; shards += shards < 40 ? 1 : 37) {
        struct slot_table *table = slot_table_deal(shards);
        uint32_t all = 0;

        for (uint32_t i = 0; i < shards; i++) {
            uint32_t own = slot_table_slots(table, i);

            assert_in_range(own, SLOT_COUNT / shards - 1, SLOT_COUNT / shards + 2);
            all += own;
        }
        assert_int_equal(all, SLOT_COUNT);
        slot_table_free(table);
    }
}

static struct slot_table *read_table(const char *text, struct error *error)
{
    char *path = write_temporary("slots.txt", text, strlen(text));
    struct slot_table *table = slot_table_read(path, 0, error);

    remove_temporary(path);
    return table;
}

static void expect_table(const char *text, const char *const *names, const char *const *slots, uint32_t shards)
{
    struct error error = {0};
    struct slot_table *table = read_table(text, &error);

    assert_string_equal(error.text, "");
    assert_int_equal(table->shard_count, shards);
    for (uint32_t i = 0; i < shards; i++) {
        char *own = slot_table_print(table, i);

        assert_string_equal(table->names[i], names[i]);
        assert_string_equal(own, slots[i]);
        free(own);
    }
    slot_table_free(table);
}

static void tables_come_from_files(void **state)
{
    (void)state;
    expect_table("# two\n0-8191 east\n8193-16383 west # the rest\n\n8192 east\n", (const char *[]){"east", "west"},
                 (const char *[]){"0-8192", "8193-16383"}, 2);
    expect_table("9f 127.0.0.1:7002@17002,host2 master - 0 1426238316232 2 connected 5461-16383\n"
                 "e7 127.0.0.1:7003@17003 slave 9f 0 1426238318243 3 connected\n"
                 "07 127.0.0.1:7001@17001 myself,master - 0 0 1 connected 0-5000 5001 5002-5460 [93->-9f]\n",
                 (const char *[]){"127.0.0.1:7002", "127.0.0.1:7001"}, (const char *[]){"5461-16383", "0-5460"}, 2);
}

/* What a cluster of three nodes said, in every form in which redis-cli prints it, and as it came. */
static void what_a_cluster_says_is_a_table(void **state)
{
    static const char *const files[] = {
        "nodes.txt",      "nodes.resp",      "nodes3.resp", "slots_raw.txt", "slots_tty.txt",
        "slots.csv",      "slots.json",      "slots.resp",  "shards.csv",    "shards_raw.txt",
        "shards_tty.txt", "shards_tty3.txt", "shards.json", "shards.resp",   "shards3.resp",
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[100], *one, *other;
        struct error error = {0};
        struct slot_table *table;

        snprintf(path, sizeof path, "tests/data/cluster/%s", files[i]);
        table = slot_table_read(path, 0, &error);
        if (!table)
            fail_msg("%s", error.text);
        assert_int_equal(table->shard_count, 2);
        one = slot_table_print(table, 0);
        other = slot_table_print(table, 1);
        assert_string_equal(table->names[0], "127.0.0.1:7911");
        assert_string_equal(table->names[1], "127.0.0.1:7912");
        assert_string_equal(one, "0-5460,8000-8001");
        assert_string_equal(other, "5461-7999,8002-16383");
        free(one);
        free(other);
        slot_table_free(table);
    }
}

/* After a failover two nodes call themselves master; a host's name, an address that is not known, a port for TLS alone. */
static void a_shard_is_called_by_its_master(void **state)
{
    (void)state;
    expect_table("[{\"slots\":[0,16383],\"nodes\":["
                 "{\"id\":\"a\",\"port\":1,\"ip\":\"10.0.0.1\",\"role\":\"master\",\"health\":\"fail\"},"
                 "{\"id\":\"b\",\"port\":2,\"ip\":\"10.0.0.2\",\"role\":\"replica\",\"health\":\"online\"},"
                 "{\"id\":\"c\",\"tls-port\":3,\"ip\":\"fe80::1\",\"role\":\"master\",\"health\":\"online\"}]},"
                 "{\"slots\":[],\"nodes\":[{\"id\":\"d\",\"port\":4,\"ip\":\"10.0.0.4\",\"role\":\"master\"}]}]",
                 (const char *[]){"fe80::1:3"}, (const char *[]){"0-16383"}, 1);
    expect_table("1) 1) (integer) 0\n   2) (integer) 16383\n   3) 1) \"\"\n      2) (integer) 7000\n      3) \"aa\"\n"
                 "      4) 1) \"hostname\"\n         2) \"one.example.com\"\n   4) 1) \"10.0.0.2\"\n"
                 "      2) (integer) 7000\n      3) \"bb\"\n      4) (empty array)\n",
                 (const char *[]){":7000"}, (const char *[]){"0-16383"}, 1);
}

static void expect_no_table(const char *text, const char *part)
{
    struct error error = {0};

    assert_null(read_table(text, &error));
    if (!strstr(error.text, part))
        fail_msg("'%s' is not in: %s", part, error.text);
}

static void what_is_no_table_is_told(void **state)
{
    (void)state;
    expect_no_table("", "no shard has slot 0");
    expect_no_table("0-16382 a\n", "no shard has slot 16383:");
    expect_no_table("0-16384 a\n", "slots.txt:1: no slots");
    expect_no_table("0-x a\n", "slots.txt:1: no slots");
    expect_no_table("0-16383 a\n7 b\n", "slots.txt:2: slot 7 has shard 'a' already, and now 'b'");
    expect_no_table("9-3 a\n", "ends before it begins");
    expect_no_table("0-16383 a b\n", "not two words");
    expect_no_table("0-16383\n", "not two words");
    expect_no_table("1) 1) (integer) 0\n   2) (integer) 16384\n   3) 1) \"a\"\n      2) (integer) 7\n",
                    "txt:1: no slots");
    expect_no_table("1) 1) (integer) 0\n   2) (integer) 5\n   3) 1) \"a\"\n      2) (integer) 7\n",
                    "no shard has slot 6");
    expect_no_table("0\n", "no range of slots");
    expect_no_table("0\n5\nhere\nthere\n", "txt:1: slots without a node's port: 'there'");
    expect_no_table("[[0,16383,[\"a\",1,\"x\"]],[7,7,[\"b\",2,\"y\"]]]",
                    "slot 7 has shard 'a:1' already, and now 'b:2'");
    expect_no_table("slots\n0\nnodes\n", "no slots of a shard");
    expect_no_table("slots\n0\n16383\nnodes\n", "slots without a node's port");
    expect_no_table("*1\r\n*2\r\n", "no shard has slot 0");
    expect_no_table("[", "no shard has slot 0");
}

static void numbers_are_hashed_as_digits(void **state)
{
    struct key_slots *slots = key_slots_new();
    struct record number = {.key_number = 123456789}, text = {.key = "123456789", .key_bytes = 9};

    (void)state;
    key_slots_note(slots, 0, &number);
    key_slots_note(slots, 70000, &text);
    assert_int_equal(key_slot_of(slots, 0), 0x31c3 % SLOT_COUNT);
    assert_int_equal(key_slot_of(slots, 70000), 0x31c3 % SLOT_COUNT);
    key_slots_free(slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_is_that_of_the_cluster_specification),
        cmocka_unit_test(a_hash_tag_decides),
        cmocka_unit_test(ranges_are_those_of_redis_cli),
        cmocka_unit_test(every_slot_has_a_shard),
        cmocka_unit_test(tables_come_from_files),
        cmocka_unit_test(what_a_cluster_says_is_a_table),
        cmocka_unit_test(a_shard_is_called_by_its_master),
        cmocka_unit_test(what_is_no_table_is_told),
        cmocka_unit_test(numbers_are_hashed_as_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
