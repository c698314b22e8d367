/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_groups: which group a key belongs to, and that the groups add up to the whole. */
#include "policies/registry.h"
#include "sim/input/groups.h"
#include "sim/server/registry.h"
#include "sim/server/values/object.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_group(const char *by, const char *separator, const char *key, const char *name)
{
    struct error error = {0};
    struct group_rule *rule = group_rule_parse(by, separator, &error);
    struct key_groups *groups;
    struct record record = {.key = key, .key_bytes = (uint32_t)strlen(key), .client = 3};

    assert_non_null(rule);
    groups = key_groups_new(rule);
    key_groups_note(groups, 70000, &record);
    assert_string_equal(groups->names[key_group_of(groups, 70000)], name);
    assert_string_equal(groups->names[key_group_of(groups, NO_KEY)], "(no key)");
    key_groups_free(groups);
    group_rule_free(rule);
}

static void a_name_says_its_group(void **state)
{
    (void)state;
    expect_group("prefix", ":", "user:12:name", "user");
    expect_group("prefix", ":", "user", "(no prefix)");
    expect_group("prefix", ":", ":12", "(no prefix)");
    expect_group("prefix", ":", "", "(no prefix)");
    expect_group("prefix:2", ":", "user:12:name", "user:12");
    expect_group("prefix:2", ":", "user:12", "user");
    expect_group("prefix:3", "::", "a::b::c:d::e", "a::b::c:d");
    expect_group("prefix", "/", "img/a:b", "img");
    expect_group("client", ":", "user:12", "client 3");
    expect_group("^[a-z]+:([0-9])", ":", "user:12", "1");
    expect_group("^(a|b)", ":", "cart", "(no match)");
    expect_group("user", ":", "my user:12", "user");
}

static void a_column_says_the_tenant(void **state)
{
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("tenant", ":", &error);
    struct key_groups *groups = key_groups_new(rule);
    struct record of_ads = {.key = "k", .key_bytes = 1, .tenant = "ads"}, of_nobody = {.key = "l", .tenant = ""};
    struct record unsaid = {.key = "m", .key_bytes = 1};

    (void)state;
    key_groups_note(groups, 0, &of_ads);
    key_groups_note(groups, 1, &of_nobody);
    assert_string_equal(groups->names[key_group_of(groups, 0)], "ads");
    assert_string_equal(groups->names[key_group_of(groups, 1)], "(no tenant)");
    assert_false(groups->lacks_tenants);
    key_groups_note(groups, 2, &unsaid);
    assert_true(groups->lacks_tenants);
    key_groups_free(groups);
    group_rule_free(rule);
}

static void a_number_is_a_name_of_digits(void **state)
{
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("^([0-9])", ":", &error);
    struct key_groups *groups = key_groups_new(rule);
    struct record record = {.key_number = 4711};

    (void)state;
    key_groups_note(groups, 0, &record);
    assert_string_equal(groups->names[key_group_of(groups, 0)], "4");
    key_groups_free(groups);
    group_rule_free(rule);
}

static void a_bad_rule_is_an_error(void **state)
{
    static const char *const bad[] = {"", "prefix:", "prefix:0", "prefix:17", "prefix:x", "(", "a{2,1}"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error error = {0};

        assert_null(group_rule_parse(bad[i], ":", &error));
        assert_int_equal(error.code, ERROR_USAGE);
    }
}

static void too_many_groups_share_one(void **state)
{
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("prefix", ":", &error);
    struct key_groups *groups = key_groups_new(rule);
    char name[32];

    (void)state;
    for (uint32_t i = 0; i < 2 * GROUPS_MOST; i++) {
        struct record record = {.key = name, .key_bytes = (uint32_t)snprintf(name, sizeof name, "g%u:x", i)};

        key_groups_note(groups, i, &record);
    }
    assert_int_equal(groups->count, GROUPS_MOST);
    assert_string_equal(groups->names[key_group_of(groups, 5)], "g5");
    assert_string_equal(groups->names[key_group_of(groups, 2 * GROUPS_MOST - 1)], "(other)");
    key_groups_free(groups);
    group_rule_free(rule);
}

/* ---- the sums ---- */

enum { KEYS = 200, COMMANDS = 3000 };

static struct key_groups *five_groups(const struct group_rule *rule)
{
    struct key_groups *groups = key_groups_new(rule);
    char name[32];

    for (uint32_t i = 0; i < KEYS; i++) {
        struct record record = {.key = name, .key_bytes = (uint32_t)snprintf(name, sizeof name, "g%u:%u", i % 5, i)};

        key_groups_note(groups, i, &record);
    }
    return groups;
}

static void check_sums(const struct cell *cell, const struct key_groups *groups)
{
    const struct redis *redis = cell->redis;
    const struct counters *counters = &redis->counters;
    struct group sum = {0};
    uint64_t evictions = 0, bytes[GROUPS_MOST] = {0};

    for (uint32_t i = 0; i < groups->count; i++) {
        const struct group *group = &redis->groups->list[i];

#define ADD_TEXT(name)
#define ADD_VALUE(type, name) sum.name += group->name;
#define ADD(kind, ...)        ADD_##kind(__VA_ARGS__)
        GROUP_FIELDS(ADD)
        for (uint32_t of = 0; of < groups->count; of++)
            evictions += redis->groups->evicted_for[i] ? redis->groups->evicted_for[i][of] : 0;
    }
    assert_int_equal(sum.requests, counters->requests);
    assert_int_equal(sum.reads, counters->reads);
    assert_int_equal(sum.hits, counters->hits);
    assert_int_equal(sum.misses, counters->misses);
#define SAME(kind, type, name) assert_int_equal(sum.name, counters->name);
    MISS_FIELDS(SAME)
    assert_int_equal(sum.misses_evicted_expired, counters->misses_evicted_expired);
    assert_int_equal(sum.oom_rejections, counters->oom_rejections);
    assert_int_equal(sum.evicted_keys, counters->evicted_keys);
    assert_int_equal(evictions, counters->evicted_keys);
    assert_int_equal(sum.expired_keys, counters->expired_keys);
    assert_int_equal(sum.keys, keyspace_keys(redis));
    assert_int_equal(sum.expires, keyspace_expires(redis));
    for (uint32_t id = 0; id < redis->capacity && id < KEYS; id++) {
        const struct entry *entry = entry_of(redis, id);

        if (entry->encoding != ENCODING_ABSENT)
            bytes[key_group_of(groups, id)] += entry_key_bytes(redis, id) + entry_value_bytes(redis, entry) +
                                               (entry->expire_ms == NO_EXPIRE ? 0 : entry_ttl_bytes(redis));
    }
    for (uint32_t i = 0; i < groups->count; i++)
        assert_int_equal(redis->groups->list[i].bytes, bytes[i]);
}

/* At each sample, what the curves of the groups have is what the curve has. */
static void check_curves(struct cell *cell)
{
    struct result result = cell_finish_result(cell);

    assert_true(result.curve.count > 100);
    assert_int_equal(result.group_curve_count, 6); /* five, and commands without a key */
    for (size_t i = 0; i < result.curve.count; i++) {
        const struct sample *sample = &result.curve.samples[i];
        struct group_point sum = {0};

        for (size_t group = 0; group < result.group_curve_count; group++) {
            assert_int_equal(result.group_curves[group].count, result.curve.count);
#define SUM(kind, type, name) sum.name += result.group_curves[group].points[i].name;
            GROUP_POINT_FIELDS(SUM)
#undef SUM
        }
        assert_int_equal(sum.hits, sample->hits);
        assert_int_equal(sum.misses, sample->misses);
        assert_int_equal(sum.evicted_keys, sample->evicted_keys);
        assert_int_equal(sum.oom_rejections, sample->oom_rejections);
        assert_int_equal(sum.keys, sample->keys);
        assert_true(sum.bytes < sample->used_memory);
    }
    result_release(&result);
}

static struct row random_row(struct random *random)
{
    static const enum op ops[] = {OP_SET,  OP_SET,    OP_SET,    OP_GET,    OP_GET,     OP_GET,
                                  OP_INCR, OP_APPEND, OP_EXPIRE, OP_DEL,    OP_PERSIST, OP_SETRANGE,
                                  OP_PING, OP_GETDEL, OP_GETEX,  OP_EXISTS, OP_FLUSHALL};
    struct row row = {.op = ops[random_below(random, sizeof ops / sizeof *ops)],
                      .id = (uint32_t)random_below(random, KEYS),
                      .key_len = 8,
                      .value_len = VALUE_UNKNOWN};

    if (row.op == OP_FLUSHALL && random_below(random, 50))
        row.op = OP_GET;
    if (row.op == OP_PING || row.op == OP_FLUSHALL)
        row.id = NO_KEY;
    if (row.op == OP_SET || row.op == OP_APPEND || row.op == OP_SETRANGE)
        row.value_len = (uint32_t)random_below(random, 4000);
    if (row.op == OP_EXPIRE || (row.op == OP_SET && random_below(random, 2))) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = (int64_t)random_below(random, 20000) - (row.op == OP_EXPIRE ? 100 : -1);
    }
    return row;
}

static void groups_add_up_on(const char *server, const char *policy, const struct key_groups *groups)
{
    struct random random = random_stream(random_seed());
    struct cell *cell = cell_open((struct cell_setup){
        .server = server, .policy = policy, .maxmemory = 1100000, .seed = 3, .options = {.groups = groups}});

    cell->key_count = KEYS;
    for (int i = 0; i < COMMANDS; i++) {
        cell_wait_us(cell, (int64_t)random_below(&random, 20000));
        cell_do(cell, random_row(&random));
        if (i % 50 == 0)
            check_sums(cell, groups);
    }
    check_sums(cell, groups);
    check_curves(cell);
    cell_close(cell);
}

/* Beyond GROUP_CURVES_MOST the smaller ones share a curve. */
static void many_groups_have_the_largest_curves(void **state)
{
    struct group groups[100] = {{0}};
    struct sample samples[3] = {{.time_us = 0}, {.time_us = 10}, {.time_us = 20}};
    struct result result = {.curve = {.samples = samples, .count = 0}};
    struct group_curves curves = {0};
    char names[100][8], *name[100];

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "g%u", i);
        name[i] = names[i];
    }
    for (uint32_t row = 0; row < 3; row++) {
        for (uint32_t i = 0; i < 100; i++)
            groups[i] = (struct group){.requests = row + 1, .bytes = row == 1 ? i : 1};
        result.curve.count = row + 1;
        group_curves_add(&curves, &result.curve, samples[row].time_us, groups, row ? 100 : 50);
        if (row == 1) /* a point that the curve has dropped at once */
            group_curves_add(&curves, &result.curve, 15, groups, 100);
    }
    group_curves_finish(&curves, name, &result);
    assert_int_equal(result.group_curve_count, GROUP_CURVES_MOST);
    assert_string_equal(result.group_curves[0].name, "g99");
    assert_int_equal(result.group_curves[0].points[0].bytes, 0); /* not met by then */
    assert_int_equal(result.group_curves[0].points[1].bytes, 99);
    assert_string_equal(result.group_curves[GROUP_CURVES_MOST - 1].name, GROUP_CURVES_REST);
    assert_int_equal(result.group_curves[GROUP_CURVES_MOST - 1].points[1].bytes, 68 * 69 / 2);
    assert_int_equal(result.group_curves[GROUP_CURVES_MOST - 1].points[2].requests, 3 * 69);
    group_curves_release(&curves);
    result.curve = (struct curve){0};
    result_release(&result);
}

static void groups_add_up(void **state)
{
    static const char *const some[] = {"noeviction", "allkeys-lfu", "volatile-ttl"};
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("prefix", ":", &error);
    struct key_groups *groups = five_groups(rule);

    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        for (size_t j = 0; j < sizeof some / sizeof *some && servers[i].profile; j++) {
            print_message("%s, %s\n", servers[i].name, some[j]);
            groups_add_up_on(servers[i].name, some[j], groups);
        }
    key_groups_free(groups);
    group_rule_free(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_says_its_group),
        cmocka_unit_test(a_number_is_a_name_of_digits),
        cmocka_unit_test(a_column_says_the_tenant),
        cmocka_unit_test(a_bad_rule_is_an_error),
        cmocka_unit_test(too_many_groups_share_one),
        cmocka_unit_test(groups_add_up),
        cmocka_unit_test(many_groups_have_the_largest_curves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
