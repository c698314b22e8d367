/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_keys: two keys have the same id exactly if their database and name are equal. */
#include "sim/alloc.h"
#include "sim/input/keys.h"
#include "sim/input/names.h"
#include "sim/policy.h"
#include "tests/support_random.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NAME_MOST = 40, DATABASES = 200, RECORDS = 200000 };

/* A set of records whose names lie in one array. */
struct names {
    struct record *records;
    char *bytes;
    uint32_t *ids;
    int count;
};

static struct names names_new(int capacity)
{
    return (struct names){.records = xcalloc((size_t)capacity, sizeof(struct record)),
                          .bytes = xcalloc((size_t)capacity, NAME_MOST + 1),
                          .ids = xcalloc((size_t)capacity, sizeof(uint32_t))};
}

static void names_release(struct names *names)
{
    free(names->records);
    free(names->bytes);
    free(names->ids);
}

static void add_name(struct names *names, unsigned db, const char *name, size_t bytes)
{
    char *copy = names->bytes + (size_t)names->count * (NAME_MOST + 1);
    struct record *record = &names->records[names->count++];

    memcpy(copy, name, bytes);
    *record = (struct record){.key = copy, .key_bytes = (uint32_t)bytes, .key_len = (uint32_t)bytes};
    record->db = (uint8_t)db;
}

static void add_number(struct names *names, unsigned db, uint64_t number)
{
    struct record *record = &names->records[names->count++];

    *record = (struct record){.key_number = number};
    record->db = (uint8_t)db;
}

static int compare(const void *a, const void *b)
{
    const struct record *left = *(const struct record *const *)a, *right = *(const struct record *const *)b;

    if (left->db != right->db)
        return left->db < right->db ? -1 : 1;
    if (left->key_number != right->key_number)
        return left->key_number < right->key_number ? -1 : 1;
    if (left->key_bytes != right->key_bytes)
        return left->key_bytes < right->key_bytes ? -1 : 1;
    return left->key ? memcmp(left->key, right->key, left->key_bytes) : 0;
}

/* Gives ids to all, and holds them against a comparison of the names: as many ids as names, and two records have
 * the same one just when they are equal. */
static void expect_ids_of_names(struct names *names)
{
    const struct record **sorted = xcalloc((size_t)names->count, sizeof *sorted);
    struct keys keys;
    uint32_t distinct = 0;

    keys_init(&keys);
    for (int i = 0; i < names->count; i += BATCH_CAPACITY)
        keys_intern(&keys, &names->records[i], names->count - i < BATCH_CAPACITY ? names->count - i : BATCH_CAPACITY,
                    &names->ids[i]);
    for (int i = 0; i < names->count; i++)
        sorted[i] = &names->records[i];
    qsort(sorted, (size_t)names->count, sizeof *sorted, compare);
    for (int i = 0; i < names->count; i++) {
        bool new = !i || compare(&sorted[i - 1], &sorted[i]);

        if (!new)
            assert_int_equal(names->ids[sorted[i] - names->records], names->ids[sorted[i - 1] - names->records]);
        distinct += new;
    }
    assert_int_equal(keys.count, distinct);
    keys_release(&keys);
    free(sorted);
}

/* The fault that this is for: names of 4 to 8 bytes whose first or last characters differ by the bits in which two
 * databases do. So the alphabet is small and its letters are near each other. */
static void random_short_names_of_random_databases(void **state)
{
    struct random random = random_start();

    (void)state;
    for (int length = 0; length <= NAME_MOST; length++) {
        struct names names = names_new(RECORDS / 10);

        for (int i = 0; i < RECORDS / 10; i++) {
            char name[NAME_MOST];

            for (int k = 0; k < length; k++)
                name[k] = (char)("01234567abc\0\1\2\3\377"[random_below(&random, 16)]);
            /* Few names, so that many databases have the same */
            for (int k = 3; k < length - 2; k++)
                name[k] = ':';
            add_name(&names, (unsigned)random_below(&random, length % 2 ? DATABASES : 16), name, (size_t)length);
        }
        expect_ids_of_names(&names);
        names_release(&names);
    }
}

static void random_names_of_random_lengths(void **state)
{
    struct random random = random_start();
    struct names names = names_new(RECORDS);

    (void)state;
    for (int i = 0; i < RECORDS; i++) {
        char name[NAME_MOST];
        size_t length = random_below(&random, NAME_MOST + 1);

        for (size_t k = 0; k < length; k++)
            name[k] = (char)random_next(&random);
        add_name(&names, (unsigned)random_below(&random, DATABASES), name, length);
    }
    expect_ids_of_names(&names);
    names_release(&names);
}

/* As applications have them: "20000" to "20999" and so on, of every length, the same in all databases. */
static void counted_names_in_every_database(void **state)
{
    (void)state;
    for (int width = 4; width <= 24; width++) {
        struct names names = names_new(DATABASES * 1000);

        for (unsigned db = 0; db < DATABASES; db++)
            for (int i = 0; i < 1000; i++) {
                char name[NAME_MOST + 1];

                snprintf(name, sizeof name, "u:%0*d", width - 2, i);
                add_name(&names, db, name, strlen(name));
            }
        expect_ids_of_names(&names);
        names_release(&names);
    }
}

/* Keys that were one: recorded on redis-server 7.0.15 as two. */
static void names_that_once_were_one(void **state)
{
    struct names names = names_new(16);

    (void)state;
    add_name(&names, 0, "a:000007", 8);
    add_name(&names, 3, "b:000004", 8);
    add_name(&names, 0, "u:10000", 7);
    add_name(&names, 1, "t:1000x", 7);
    add_name(&names, 0, "20000", 5);
    add_name(&names, 1, "30001", 5);
    expect_ids_of_names(&names);
    assert_int_equal(names.ids[5], 5);
    names_release(&names);
}

static void numbers_in_databases(void **state)
{
    struct random random = random_start();
    struct names names = names_new(RECORDS);

    (void)state;
    for (int i = 0; i < RECORDS; i++) {
        uint64_t number = random_below(&random, 1000);

        number |= random_below(&random, 4) << 56; /* where the number and a database could meet */
        number = random_chance(&random, 2) ? random_next(&random) : number;
        add_number(&names, (unsigned)random_below(&random, DATABASES), number);
    }
    expect_ids_of_names(&names);
    names_release(&names);
}

static void a_number_is_not_the_text_of_it(void **state)
{
    struct record records[] = {{.key_number = 7}, {.key = "7", .key_bytes = 1}};
    uint32_t ids[2];
    struct keys keys;

    (void)state;
    keys_init(&keys);
    keys_intern(&keys, records, 2, ids);
    assert_int_equal(keys.count, 2);
    keys_release(&keys);
}

/* ---- names ---- */

static void expect_name(const struct keys *keys, uint32_t id, unsigned db, const char *name, size_t bytes)
{
    size_t length;
    uint32_t its_db;
    const char *text = keys_name(keys, id, &length, &its_db);

    assert_int_equal(length, bytes);
    assert_int_equal(its_db, db);
    if (bytes)
        assert_memory_equal(text, name, bytes);
}

static void kept_names_are_those_of_the_records(void **state)
{
    struct random random = random_start();
    struct names names = names_new(RECORDS);
    struct keys keys;

    (void)state;
    keys_init(&keys);
    keys_keep_names(&keys);
    for (int i = 0; i < RECORDS; i++) {
        char name[NAME_MOST];
        size_t length = random_below(&random, NAME_MOST + 1);

        for (size_t k = 0; k < length; k++)
            name[k] = "ab"[random_below(&random, 2)];
        add_name(&names, (unsigned)random_below(&random, DATABASES), name, length);
    }
    for (int i = 0; i < RECORDS; i += 1000)
        keys_intern(&keys, &names.records[i], 1000, &names.ids[i]);
    for (int i = 0; i < RECORDS; i++)
        expect_name(&keys, names.ids[i], names.records[i].db, names.records[i].key, names.records[i].key_bytes);
    keys_release(&keys);
    names_release(&names);
}

static void a_number_has_its_digits_for_a_name(void **state)
{
    struct record records[] = {{.key_number = 0}, {.key_number = UINT64_MAX, .db = 3}, {.key_number = 0}};
    uint32_t ids[3];
    struct keys keys;

    (void)state;
    keys_init(&keys);
    keys_keep_names(&keys);
    keys_intern(&keys, records, 3, ids);
    expect_name(&keys, ids[0], 0, "0", 1);
    expect_name(&keys, ids[1], 3, "18446744073709551615", 20);
    assert_int_equal(keys.count, 2);
    keys_release(&keys);
}

static void names_may_be_longer_than_a_block(void **state)
{
    size_t bytes = 5 << 20;
    char *long_name = xmalloc(bytes);
    struct record records[] = {{.key = "a", .key_bytes = 1},
                               {.key = long_name, .key_bytes = (uint32_t)bytes, .db = 200},
                               {.key = "", .key_bytes = 0, .db = 1},
                               {.key = "b", .key_bytes = 1}};
    uint32_t ids[4];
    struct keys keys;

    (void)state;
    memset(long_name, 'x', bytes);
    keys_init(&keys);
    keys_keep_names(&keys);
    keys_intern(&keys, records, 4, ids);
    expect_name(&keys, ids[0], 0, "a", 1);
    expect_name(&keys, ids[1], 200, long_name, bytes);
    expect_name(&keys, ids[2], 1, "", 0);
    expect_name(&keys, ids[3], 0, "b", 1);
    keys_release(&keys);
    free(long_name);
}

/* Interns keys called "0000", "0001" and so on. */
static void intern_numbered(struct keys *keys, int first, int end)
{
    for (int i = first; i < end; i++) {
        char name[8];
        struct record record = {.key = name, .key_bytes = 4};
        uint32_t id;

        snprintf(name, sizeof name, "%04d", i % 10000);
        keys_intern(keys, &record, 1, &id);
        assert_int_equal(id, i);
    }
}

/* Names that nobody has asked for stop when they take too much; from the demand on there are names again, and the keys in
 * between are known to have none. */
static void names_stop_until_they_are_asked_for(void **state)
{
    struct keys keys;

    (void)state;
    keys_init(&keys);
    keys_keep_some_names(&keys, 1000);
    intern_numbered(&keys, 0, 100); /* the first block is larger than that */
    assert_int_equal(keys.unnamed.end, UINT32_MAX);
    assert_true(keys.unnamed.first > 0 && keys.unnamed.first < 100);
    keys_keep_later_names(&keys);
    assert_int_equal(keys.unnamed.end, 100);
    intern_numbered(&keys, 100, 200);
    for (uint32_t id = 0; id < 200; id++)
        assert_int_equal(key_names_has(keys.names, id), !id_range_has(keys.unnamed, id));
    expect_name(&keys, 150, 0, "0150", 4);
    keys_release(&keys);
}

static void a_key_is_found_by_its_name(void **state)
{
    struct keys keys;
    struct record record = {.key = "0007", .key_bytes = 4, .db = 3};
    uint32_t id;

    (void)state;
    keys_init(&keys);
    intern_numbered(&keys, 0, 1000);
    keys_intern(&keys, &record, 1, &id);
    assert_int_equal(keys_find(&keys, "0007", 4, 0), 7);
    assert_int_equal(keys_find(&keys, "0007", 4, 3), id);
    assert_int_equal(keys_find(&keys, "0007", 4, 1), NO_KEY);
    assert_int_equal(keys_find(&keys, "1007", 4, 0), NO_KEY);
    assert_int_equal(keys.count, 1001);
    keys_release(&keys);
}

/* What names.h says they cost. */
static void a_name_costs_its_bytes_and_ten_more(void **state)
{
    struct names names = names_new(1 << 17);
    struct keys keys;
    char name[NAME_MOST + 1];

    (void)state;
    keys_init(&keys);
    keys_keep_names(&keys);
    assert_true(keys.names->bytes == 0);
    for (int i = 0; i < 1 << 17; i++) {
        snprintf(name, sizeof name, "%040d", i);
        add_name(&names, 0, name, 40);
    }
    for (int i = 0; i < 1 << 17; i += 4096)
        keys_intern(&keys, &names.records[i], 4096, &names.ids[i]);
    assert_in_range(keys.names->bytes, 50ull << 17, (50ull << 17) + (1 << 20));
    keys_release(&keys);
    names_release(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_short_names_of_random_databases),
        cmocka_unit_test(random_names_of_random_lengths),
        cmocka_unit_test(counted_names_in_every_database),
        cmocka_unit_test(names_that_once_were_one),
        cmocka_unit_test(numbers_in_databases),
        cmocka_unit_test(a_number_is_not_the_text_of_it),
        cmocka_unit_test(kept_names_are_those_of_the_records),
        cmocka_unit_test(a_number_has_its_digits_for_a_name),
        cmocka_unit_test(names_may_be_longer_than_a_block),
        cmocka_unit_test(names_stop_until_they_are_asked_for),
        cmocka_unit_test(a_key_is_found_by_its_name),
        cmocka_unit_test(a_name_costs_its_bytes_and_ten_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
