/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_warmup: what is left out is the trace's part before the warm-up's end, whatever the policy and the server: counters,
 * groups, who evicts whom, misses' cost, eviction quality. Nothing is simulated otherwise. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/input/groups.h"
#include "sim/scope.h"
#include "sim/server/registry.h"
#include "sim/warmup.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 200, COMMANDS = 1500, MISS_COST_US = 400000, MINUTE_US = 60000000 };

/* ---- a trace, in memory ---- */

struct traffic {
    struct row rows[COMMANDS];
    int64_t at_us[COMMANDS];
    struct group_rule *rule;
    struct key_groups *groups;
};

static struct row random_row(struct random *random)
{
    double u = random_unit(random);
    uint32_t id = (uint32_t)(u * u * KEYS);
    struct row row = {.id = id, .key_len = 4 + id % 30, .value_len = VALUE_UNKNOWN};
    uint64_t kind = random_below(random, 100);

    row.op = kind < 40 ? OP_SET : kind < 90 ? OP_GET : kind < 95 ? OP_DEL : OP_EXPIRE;
    if (row.op == OP_GET && id % 3)
        row.value_len = 50 + 3 * id; /* known, so that a miss is filled */
    if (row.op == OP_SET)
        row.value_len = (uint32_t)random_below(random, 600);
    if (row.op == OP_EXPIRE || (row.op == OP_SET && random_chance(random, 50))) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = random_chance(random, 50) ? 50 : 1000 + (int64_t)random_below(random, 60000);
    }
    return row;
}

/* Where each key comes next, for policies that know the future. */
static void foresee(struct traffic *traffic)
{
    int64_t next[KEYS];

    for (int id = 0; id < KEYS; id++)
        next[id] = NEXT_NEVER;
    for (int i = COMMANDS - 1; i >= 0; i--) {
        struct row *row = &traffic->rows[i];

        row->next_access = next[row->id];
        next[row->id] = row->op == OP_DEL ? NEXT_NEVER : i;
    }
}

/* Some commands come at one time, and twice nothing comes for some minutes. */
static struct traffic *traffic_new(void)
{
    struct traffic *traffic = xcalloc(1, sizeof *traffic);
    struct random random = random_stream(random_seed());
    struct error error = {0};
    int64_t now_us = 0;
    char name[32];

    for (int i = 0; i < COMMANDS; i++) {
        traffic->rows[i] = random_row(&random);
        traffic->at_us[i] = now_us;
        now_us += i % 500 == 499 ? 200000000 : random_chance(&random, 20) ? 0 : (int64_t)random_below(&random, 50000);
    }
    foresee(traffic);
    traffic->rule = group_rule_parse("prefix", ":", &error);
    traffic->groups = key_groups_new(traffic->rule);
    for (uint32_t id = 0; id < KEYS; id++) {
        struct record record = {.key = name, .key_bytes = (uint32_t)snprintf(name, sizeof name, "g%u:%u", id % 5, id)};

        key_groups_note(traffic->groups, id, &record);
    }
    return traffic;
}

static void traffic_free(struct traffic *traffic)
{
    key_groups_free(traffic->groups);
    group_rule_free(traffic->rule);
    free(traffic);
}

/* ---- replays ---- */

/* Replays what comes before until_us, and ends there; all of it: INT64_MAX, and ends with the last command. */
static struct result play(const char *server, const struct policy *policy, const struct traffic *traffic,
                          int64_t until_us, int64_t warmup_us, struct minute_log *minutes)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server,
                                                      .wrapped = policy,
                                                      .maxmemory = strcmp(server, "flat") ? 0 : 20000,
                                                      .seed = 7,
                                                      .options = {.fill = true,
                                                                  .miss_cost_us = MISS_COST_US,
                                                                  .interval_us = 7000000,
                                                                  .warmup_us = warmup_us,
                                                                  .minutes = minutes,
                                                                  .groups = traffic->groups}});
    struct result result;

    if (cell->redis) /* servers weigh more or less when empty; a client and its buffers take 80 KB */
        cell->redis->maxmemory = cell->redis->used + 120000;
    cell->key_count = KEYS;
    for (int i = 0; i < COMMANDS && traffic->at_us[i] < until_us; i++) {
        cell->now_us = traffic->at_us[i];
        cell_add(cell, traffic->rows[i]);
    }
    cell_flush(cell);
    if (until_us != INT64_MAX)
        cell->now_us = until_us;
    result = cell_finish_result(cell);
    cell_close(cell);
    return result;
}

/* ---- the law ---- */

static void expect_difference(const char *name, uint64_t whole, uint64_t before, uint64_t after)
{
    if (after != whole - before)
        fail_msg("%s: %llu of the whole - %llu before = %llu, not %llu", name, (unsigned long long)whole,
                 (unsigned long long)before, (unsigned long long)(whole - before), (unsigned long long)after);
}

static void compare_counters(const struct result *whole, const struct result *before, const struct result *after)
{
    for (int i = 0; i < COUNTER_COUNT; i++) {
        uint64_t all = counter_get(&whole->counters, i), rest = counter_get(&after->counters, i);

        if (counter_is_cumulative(i))
            expect_difference(counter_fields[i].name, all, counter_get(&before->counters, i), rest);
        else if (i != COUNTER_used_memory_peak)
            expect_difference(counter_fields[i].name, all, 0, rest);
    }
    assert_in_range(after->counters.used_memory_peak, before->counters.used_memory,
                    whole->counters.used_memory_peak > before->counters.used_memory ? whole->counters.used_memory_peak
                                                                                    : before->counters.used_memory);
    expect_difference("fetches", whole->load.fetches, before->load.fetches, after->load.fetches);
    expect_difference("repeated_fetches", whole->load.repeated_fetches, before->load.repeated_fetches,
                      after->load.repeated_fetches);
    expect_difference("cost_us", whole->load.cost_us, before->load.cost_us, after->load.cost_us);
    assert_true(after->load.fetches_at_once <= whole->load.fetches_at_once);
}

static uint64_t in_bucket(const struct bucket *buckets, size_t count, int64_t from_us)
{
    for (size_t i = 0; i < count; i++)
        if (buckets[i].from_us == from_us)
            return buckets[i].count;
    return 0;
}

/* The trace goes on for lasted_us behind the warm-up. */
static void compare_quality(const struct result *whole, const struct result *before, const struct result *after,
                            int64_t lasted_us)
{
    const struct eviction_quality *all = &whole->quality, *part = &before->quality, *rest = &after->quality;

    uint64_t asked_again = 0;

    /* Of victims alone that went after the warm-up: none was away for longer, and their share of all is at most 1. */
    for (size_t i = 0; i < all->asked_again_count; i++) {
        const struct bucket *bucket = &all->asked_again[i];
        uint64_t earlier = in_bucket(part->asked_again, part->asked_again_count, bucket->from_us);
        uint64_t count = in_bucket(rest->asked_again, rest->asked_again_count, bucket->from_us);

        assert_true(count <= bucket->count - earlier);
        assert_true(!count || bucket->from_us <= lasted_us);
        asked_again += count;
    }
    assert_true(asked_again <= after->counters.evicted_keys);
    for (size_t i = 0; i < all->ttl_left_count; i++)
        expect_difference("ttl_left", all->ttl_left[i].count,
                          in_bucket(part->ttl_left, part->ttl_left_count, all->ttl_left[i].from_us),
                          in_bucket(rest->ttl_left, rest->ttl_left_count, all->ttl_left[i].from_us));
}

static struct minute minute_at(const struct minute_log *log, int64_t place)
{
    return place < log->count ? log->list[place] : (struct minute){0};
}

/* Minutes are whole from the warm-up's end on: the same as the trace's, where that is at the end of a minute. */
static void compare_minutes(const struct minute_log *whole, const struct minute_log *after, int64_t warmup_us)
{
    const int64_t first = warmup_us / MINUTE_US;

    for (int64_t i = 0; first + i < whole->count && !(warmup_us % MINUTE_US); i++) {
        struct minute all = minute_at(whole, first + i), rest = minute_at(after, i);

        assert_int_equal(all.misses, rest.misses);
        assert_int_equal(all.evicted_keys, rest.evicted_keys);
    }
}

static const struct group *find_group(const struct result *result, const char *name)
{
    static const struct group none = {0};

    for (size_t i = 0; i < result->group_count; i++)
        if (!strcmp(result->groups[i].name, name))
            return &result->groups[i];
    return &none;
}

static uint64_t evicted_for(const struct result *result, const char *by, const char *of)
{
    for (size_t i = 0; i < result->evicted_for_count; i++) {
        const struct group_eviction *eviction = &result->evicted_for[i];

        if (!strcmp(result->groups[eviction->by].name, by) && !strcmp(result->groups[eviction->of].name, of))
            return eviction->evicted_keys;
    }
    return 0;
}

static void compare_groups(const struct result *whole, const struct result *before, const struct result *after)
{
    uint64_t evictions = 0, misses = 0, requests = 0;

    assert_int_equal(whole->group_count, after->group_count);
    for (size_t i = 0; i < whole->group_count; i++) {
        const char *name = whole->groups[i].name;
        const struct group *all = &whole->groups[i], *part = find_group(before, name), *rest = &after->groups[i];
        struct group expected = *rest;

        assert_string_equal(name, rest->name);
#define LEAVE_OUT_TEXT(field)
#define LEAVE_OUT_VALUE(type, field) expected.field = all->field - part->field;
#define LEAVE_OUT(kind, ...)         LEAVE_OUT_##kind(__VA_ARGS__)
        GROUP_FIELDS(LEAVE_OUT)
#undef LEAVE_OUT
#undef LEAVE_OUT_VALUE
#undef LEAVE_OUT_TEXT
        expected.keys = all->keys;
        expected.expires = all->expires;
        expected.bytes = all->bytes;
        assert_memory_equal(&expected, rest, sizeof expected);
        misses += rest->misses;
        requests += rest->requests;
        for (size_t j = 0; j < whole->group_count; j++) {
            const char *of = whole->groups[j].name;

            expect_difference("evicted_for", evicted_for(whole, name, of), evicted_for(before, name, of),
                              evicted_for(after, name, of));
        }
    }
    for (size_t i = 0; i < after->evicted_for_count; i++)
        evictions += after->evicted_for[i].evicted_keys;
    assert_int_equal(requests, after->counters.requests);
    assert_int_equal(misses, after->counters.misses);
    assert_int_equal(evictions, after->counters.evicted_keys);
}

/* Over all cells of servers. */
struct seen {
    uint64_t before[COUNTER_COUNT], after[COUNTER_COUNT], moments[MOMENTS];
};

/* What ends just before the moment has no eviction and no refusal; what ends just behind it, has. */
static void check_moment(const char *server, const struct policy *policy, const struct traffic *traffic,
                         int64_t warmup_us, int64_t moment_us, int counter)
{
    struct result before, behind;

    if (moment_us < 0)
        return;
    behind = play(server, policy, traffic, moment_us + 1, warmup_us < moment_us + 1 ? warmup_us : 0, NULL);
    assert_true(counter_get(&behind.counters, counter) > 0);
    if (moment_us > warmup_us) {
        before = play(server, policy, traffic, moment_us - 1, warmup_us < moment_us - 1 ? warmup_us : 0, NULL);
        if (warmup_us < moment_us - 1)
            assert_int_equal(counter_get(&before.counters, counter), 0);
        result_release(&before);
    }
    result_release(&behind);
}

/* Each moment comes if and only if something is counted, and when it is. Memory is full no later than that, whatever is left
 * out; but a policy may evict for reasons of its own, and a flat cache refuses what is larger than it. */
static void check_moments(const char *server, const struct policy *policy, const struct traffic *traffic,
                          const struct result *result, int64_t warmup_us)
{
    const struct moments *moments = &result->moments;

    assert_true((moments->first_eviction_us >= 0) == (result->counters.evicted_keys > 0));
    assert_true((moments->first_oom_us >= 0) == (result->counters.oom_rejections > 0));
    assert_true(moments->first_eviction_us < 0 || moments->first_eviction_us >= warmup_us);
    assert_true(moments->first_oom_us < 0 || moments->first_oom_us >= warmup_us);
    check_moment(server, policy, traffic, warmup_us, moments->first_eviction_us, COUNTER_evicted_keys);
    check_moment(server, policy, traffic, warmup_us, moments->first_oom_us, COUNTER_oom_rejections);
    if (strcmp(server, "flat") && !policy->surplus && (moments->first_eviction_us >= 0 || moments->first_oom_us >= 0))
        assert_true(moments->full_after_us >= 0);
    if (strcmp(server, "flat") && moments->first_oom_us >= 0)
        assert_true(moments->full_after_us <= moments->first_oom_us);
    if (!policy->surplus && moments->first_eviction_us >= 0)
        assert_true(moments->full_after_us >= 0 && moments->full_after_us <= moments->first_eviction_us);
}

static void check(const char *server, const struct policy *policy, const struct traffic *traffic, int64_t warmup_us,
                  struct seen *seen)
{
    struct minute_log minutes = {0}, minutes_after = {0};
    struct result whole = play(server, policy, traffic, INT64_MAX, 0, &minutes);
    struct result before = play(server, policy, traffic, warmup_us, 0, NULL);
    struct result after = play(server, policy, traffic, INT64_MAX, warmup_us, &minutes_after);

    print_message("%s, %s, %lld us\n", server, policy->name, (long long)warmup_us);
    assert_true(before.counters.requests > 0 && after.counters.requests > 0);
    compare_counters(&whole, &before, &after);
    compare_quality(&whole, &before, &after, traffic->at_us[COMMANDS - 1] - warmup_us);
    check_moments(server, policy, traffic, &whole, 0);
    check_moments(server, policy, traffic, &after, warmup_us);
    assert_int_equal(whole.moments.full_after_us, after.moments.full_after_us);
    for (int i = 0; i < MOMENTS && strcmp(server, "flat"); i++)
        seen->moments[i] += moment_get(&after.moments, i) >= 0;
    compare_groups(&whole, &before, &after);
    assert_true(fields_equal(&curve_layout, &whole.curve, &after.curve));
    compare_minutes(&minutes, &minutes_after, warmup_us);
    for (int i = 0; i < COUNTER_COUNT && strcmp(server, "flat"); i++) {
        seen->before[i] += counter_get(&before.counters, i);
        seen->after[i] += counter_get(&after.counters, i);
    }
    free(minutes.list);
    free(minutes_after.list);
    result_release(&whole);
    result_release(&before);
    result_release(&after);
}

/* On a command's time, between two, and in a time without any. */
static void what_is_left_out_is_what_was_before(void **state)
{
    struct traffic *traffic = traffic_new();
    const int64_t ends_us[] = {traffic->at_us[COMMANDS / 2], traffic->at_us[COMMANDS / 5] + 1,
                               traffic->at_us[499] / MINUTE_US * MINUTE_US + 2 * MINUTE_US};
    static const int happens[] = {
        COUNTER_hits,           COUNTER_misses_cold,    COUNTER_misses_expired_lazily, COUNTER_misses_expired_by_cycle,
        COUNTER_misses_evicted, COUNTER_misses_deleted, COUNTER_misses_refused,        COUNTER_fills,
        COUNTER_oom_rejections, COUNTER_evicted_keys,   COUNTER_expired_keys,          COUNTER_deleted_keys};
    struct seen seen = {0};
    size_t turn = 0;

    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t s = 0; s < server_count; s++)
        for (size_t i = 0; i < policy_count; i++) {
            struct policy narrowed;

            check(servers[s].name, policies[i], traffic, ends_us[turn++ % 3], &seen);
            if (policies[i]->redis)
                continue;
            scope_narrow(policies[i], &narrowed);
            check(servers[s].name, &narrowed, traffic, ends_us[turn++ % 3], &seen);
        }
    for (size_t i = 0; i < sizeof happens / sizeof *happens; i++)
        if (!seen.before[happens[i]] || !seen.after[happens[i]])
            fail_msg("%s: %llu before, %llu after", counter_fields[happens[i]].name,
                     (unsigned long long)seen.before[happens[i]], (unsigned long long)seen.after[happens[i]]);
    for (int i = 0; i < MOMENTS; i++)
        assert_true(seen.moments[i] > 0);
    traffic_free(traffic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_what_was_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
