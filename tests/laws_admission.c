/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_admission: laws that hold for every admission rule, in front of several policies, in a Redis server and in a
 * flat cache. */
#include "policies/admission_registry.h"
#include "policies/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 500, REQUESTS = 20000 };

static uint64_t tight(const char *server)
{
    return strcmp(server, "flat") ? 1050000 : 30000;
}

/* Reads, and writes where `writes`; low ids are asked for more often. */
static struct counters run(const char *server, const char *policy, const struct admission *admission,
                           const double *parameters, bool writes)
{
    struct random random = random_stream(random_seed());
    struct cell *cell = cell_open((struct cell_setup){.server = server,
                                                      .policy = policy,
                                                      .admission = admission,
                                                      .admission_parameters = parameters,
                                                      .maxmemory = tight(server),
                                                      .seed = 7,
                                                      .options = {.fill = true}});
    struct counters counters;

    for (int i = 0; i < REQUESTS; i++) {
        double u = random_unit(&random);
        uint32_t id = (uint32_t)(u * u * KEYS);
        uint64_t kind = random_below(&random, 100);
        struct row row = {.op = OP_GET, .id = id, .key_len = 4, .value_len = 1 + id * 37 % 600};

        if (writes && kind < 30)
            row.op = OP_SET;
        else if (writes && kind < 35)
            row.op = OP_DEL;
        cell_add(cell, row);
        cell->now_us += (int64_t)random_below(&random, 20000);
    }
    counters = cell_finish(cell, NULL);
    cell_close(cell);
    return counters;
}

typedef void law_fn(const char *server, const char *policy, const struct admission *admission);

/* Whether two policies ask the same of a model: laws about what stands before a policy hold for both or for neither. */
static bool are_alike(const struct policy *a, const struct policy *b)
{
    return a->scope == b->scope && a->samples == b->samples && a->offline == b->offline && !a->redis == !b->redis &&
           !a->arriving == !b->arriving && !a->admits == !b->admits && !a->surplus == !b->surplus &&
           !a->evicted == !b->evicted && !a->retimed == !b->retimed;
}

/* One policy of each kind, the first that is registered; the traffic has no future for those who want to know it. */
static bool is_under_test(size_t policy)
{
    for (size_t before = 0; before < policy; before++)
        if (are_alike(policies[before], policies[policy]))
            return false;
    return !policies[policy]->offline;
}

static void for_all(law_fn *law)
{
    printf("seed %lu\n", random_seed());
    for (size_t s = 0; model_server(s); s++)
        for (size_t p = 0; p < policy_count; p++)
            for (size_t a = 0; a < admission_count && is_under_test(p); a++)
                law(model_server(s), policies[p]->name, admissions[a]);
}

static void runs_repeat(const char *server, const char *policy, const struct admission *admission)
{
    struct counters first = run(server, policy, admission, NULL, true);
    struct counters second = run(server, policy, admission, NULL, true);

    assert_memory_equal(&first, &second, sizeof first);
}

static void the_same_seed_gives_the_same_counters(void **state)
{
    (void)state;
    for_all(runs_repeat);
}

/* A missed read is filled, or its key was not admitted; nothing is lost between the two. */
static void misses_add_up(const char *server, const char *policy, const struct admission *admission)
{
    struct counters counters = run(server, policy, admission, NULL, false);
    bool policy_admits = policy_find(policy)->admits && !strcmp(server, "flat");

    assert_int_equal(counters.hits + counters.misses, REQUESTS);
    if (!policy_admits)
        assert_int_equal(counters.fills + counters.not_admitted, counters.misses);
    assert_int_equal(counters.writes, counters.fills);
    if (policy_find(policy)->scope == SCOPE_ALLKEYS)
        assert_int_equal(counters.oom_rejections, 0);
    assert_true(counters.used_memory_peak <= tight(server) || strcmp(server, "flat"));
}

static void every_miss_is_filled_or_not_admitted(void **state)
{
    (void)state;
    for_all(misses_add_up);
}

/* In a server whatever the trace writes is stored, or refused as OOM. */
static void writes_count(const char *server, const char *policy, const struct admission *admission)
{
    struct counters with = run(server, policy, admission, NULL, true);
    struct counters without = run(server, policy, NULL, NULL, true);

    assert_int_equal(with.writes - with.fills, without.writes - without.fills);
    assert_int_equal(with.reads, without.reads);
    if (strcmp(server, "flat"))
        assert_int_equal(with.fills + with.not_admitted, with.misses);
}

static void the_traces_own_writes_are_sent_all_the_same(void **state)
{
    (void)state;
    for_all(writes_count);
}

static void a_rule_that_lets_everything_in_changes_nothing(void **state)
{
    static const double any_size[POLICY_PARAMETERS] = {1e18};

    (void)state;
    for (size_t s = 0; model_server(s); s++)
        for (size_t p = 0; p < policy_count; p++) {
            const char *policy = policies[p]->name;

            if (policies[p]->offline) /* the traffic has no future */
                continue;
            struct counters without = run(model_server(s), policy, NULL, NULL, true);
            struct counters with = run(model_server(s), policy, admission_find("size"), any_size, true);

            assert_memory_equal(&with, &without, sizeof with);
        }
}

static void a_rule_that_lets_nothing_in_leaves_the_traces_own_writes_to_a_server_and_nothing_to_flat(void **state)
{
    static const double never[POLICY_PARAMETERS] = {0};
    struct counters counters;

    (void)state;
    counters = run("flat", "lru", admission_find("prob"), never, true);
    assert_int_equal(counters.hits, 0);
    assert_int_equal(counters.keys, 0);
    assert_int_equal(counters.used_memory_peak, 0);
    counters = run("redis-7.0.15", "lru", admission_find("prob"), never, true);
    assert_int_equal(counters.fills, 0);
    assert_true(counters.hits > 0 && counters.keys > 0);
    assert_int_equal(counters.not_admitted, counters.misses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_counters),
        cmocka_unit_test(every_miss_is_filled_or_not_admitted),
        cmocka_unit_test(the_traces_own_writes_are_sent_all_the_same),
        cmocka_unit_test(a_rule_that_lets_everything_in_changes_nothing),
        cmocka_unit_test(a_rule_that_lets_nothing_in_leaves_the_traces_own_writes_to_a_server_and_nothing_to_flat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
