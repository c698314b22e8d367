/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_frequency_policies: policies that order keys by their uses, against naive twins that search all keys for each
 * victim.
 *
 * Random reads, writes of other sizes, deletions and expirations run in a flat cache and in a Redis server. The twin
 * gets the same calls as the policy, and every victim is compared. EVSIM_TEST_STEPS sets the number of requests. */
#include "policies/registry.h"
#include "sim/hooks.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 200 };

struct twin_key {
    bool resident;
    double value, uses;
    uint64_t turn; /* of the last use */
    uint64_t size;
    double ratio; /* of camp, rounded */
};

struct twin {
    const struct policy *policy; /* the one under test */
    double (*value)(struct twin_key *key, bool is_new);
    bool ages;               /* to the value of a victim */
    bool ages_to_least;      /* that is left, after an eviction */
    bool only_within_ratios; /* the key used longest ago goes first; else among all of a value */
};

static struct twin twin;
static struct twin_key keys[KEYS];
static double age;
static uint64_t turn, victims;
static double most_bytes; /* of a key so far */

/* ---- the twin ---- */

static uint32_t least(void)
{
    uint32_t best = NO_KEY;

    for (uint32_t id = 0; id < KEYS; id++)
        if (keys[id].resident && (best == NO_KEY || keys[id].value < keys[best].value ||
                                  (keys[id].value == keys[best].value && keys[id].turn < keys[best].turn)))
            best = id;
    return best;
}

static void use(struct policy_context *context, uint32_t id, bool is_new)
{
    struct twin_key *key = &keys[id];

    key->resident = true;
    key->uses = is_new ? 1 : key->uses + 1;
    key->turn = ++turn;
    key->size = policy_size(context, id);
    key->value = twin.value(key, is_new);
}

static double value_of_lfu(struct twin_key *key, bool is_new)
{
    (void)is_new;
    return key->uses;
}

static double value_of_lfuda(struct twin_key *key, bool is_new)
{
    (void)is_new;
    return key->uses + age;
}

static double value_of_compound_lfuda(struct twin_key *key, bool is_new)
{
    return is_new ? age + 1 : key->value + age;
}

static double value_of_size(struct twin_key *key, bool is_new)
{
    (void)is_new;
    return -(double)key->size;
}

static double value_of_gdsf(struct twin_key *key, bool is_new)
{
    (void)is_new;
    return age + key->uses / (double)(key->size ? key->size : 1);
}

static double value_of_gdsf_by_packets(struct twin_key *key, bool is_new)
{
    double size = (double)(key->size ? key->size : 1);

    (void)is_new;
    return age + key->uses * (2 + size / 536) / size;
}

static double value_of_greedy_dual(struct twin_key *key, bool is_new)
{
    (void)is_new;
    return age + round(2 + (double)key->size / 536);
}

/* Five bits of the ratio, by division. */
static double value_of_camp(struct twin_key *key, bool is_new)
{
    double size = (double)(key->size ? key->size : 1), ratio, unit = 1;

    most_bytes = size > most_bytes ? size : most_bytes;
    ratio = floor(most_bytes / size);
    while (ratio / unit >= 32)
        unit *= 2;
    key->ratio = floor(ratio / unit) * unit;
    if (!is_new) {
        key->resident = false;
        age = least() == NO_KEY ? age : keys[least()].value;
        key->resident = true;
    }
    return age + key->ratio;
}

/* ---- the policy under test, watched ---- */

static void added(struct policy_context *context, uint32_t id)
{
    twin.policy->added(context, id);
    use(context, id, true);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    twin.policy->read(context, id);
    use(context, id, false);
}

static void written(struct policy_context *context, uint32_t id)
{
    twin.policy->written(context, id);
    use(context, id, false);
}

static void removed(struct policy_context *context, uint32_t id)
{
    twin.policy->removed(context, id);
    keys[id].resident = false;
}

static uint32_t victim(struct policy_context *context)
{
    uint32_t id = twin.policy->victim(context);

    if (!twin.only_within_ratios || id == NO_KEY || least() == NO_KEY) {
        assert_int_equal(id, least());
        return id;
    }
    assert_true(keys[id].value == keys[least()].value);
    for (uint32_t other = 0; other < KEYS; other++)
        assert_false(keys[other].resident && keys[other].ratio == keys[id].ratio && keys[other].turn < keys[id].turn);
    return id;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    policy_call(context, twin.policy->evicted ? twin.policy->evicted : twin.policy->removed, id);
    keys[id].resident = false;
    if (twin.ages)
        age = keys[id].value;
    if (twin.ages_to_least && least() != NO_KEY)
        age = keys[least()].value;
    victims++;
}

static struct policy watched(const struct policy_parameter *parameters)
{
    struct policy policy = *twin.policy;

    policy.parameters = parameters ? parameters : policy.parameters;
    policy.added = added;
    policy.read = read_key;
    policy.written = written;
    policy.removed = removed;
    policy.victim = victim;
    policy.evicted = evicted;
    return policy;
}

/* ---- traffic ---- */

static int steps(void)
{
    const char *text = getenv("EVSIM_TEST_STEPS");

    return text ? atoi(text) : 60000;
}

static void send(struct cell *cell, struct random *random)
{
    static const enum op ops[] = {OP_GET, OP_GET, OP_GET, OP_GET, OP_GET, OP_SET, OP_SET, OP_APPEND, OP_EXPIRE, OP_DEL};
    uint32_t id = (uint32_t)random_below(random, 1 + random_below(random, KEYS));
    struct row row = {.op = ops[random_below(random, 10)], .id = id, .key_len = 4};

    row.value_len = 1 + (uint32_t)random_below(random, row.op == OP_APPEND ? 20 : 400);
    if (row.op == OP_EXPIRE) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = 1000 + (int64_t)random_below(random, 20000);
    }
    cell_do(cell, row);
    cell->now_us += (int64_t)random_below(random, 50000);
}

static void run(const char *server, uint64_t maxmemory, const struct policy *policy)
{
    struct random random = random_stream(random_seed());
    struct cell *cell = cell_open((struct cell_setup){
        .server = server,
        .wrapped = policy,
        .maxmemory = maxmemory,
        .seed = 7,
        .options = {.fill = true, .interval_us = INT64_C(1) << 60},
    });

    memset(keys, 0, sizeof keys);
    age = most_bytes = 0;
    turn = victims = 0;
    for (int i = 0; i < steps(); i++)
        send(cell, &random);
    print_message("%s, %s: %lu victims\n", server, policy->name, victims);
    assert_true(victims > (uint64_t)steps() / 10);
    cell_finish(cell, NULL);
    cell_close(cell);
}

static void compare(struct twin with, const struct policy_parameter *parameters)
{
    struct policy policy;

    printf("seed %lu\n", random_seed());
    twin = with;
    policy = watched(parameters);
    run("flat", 10000, &policy);
    run("redis-7.0.15", 1020000, &policy);
}

static void lfu_evicts_the_least_used(void **state)
{
    (void)state;
    compare((struct twin){.policy = policy_find("lfu"), .value = value_of_lfu}, NULL);
}

static void lfuda_evicts_the_least_used_and_ages(void **state)
{
    (void)state;
    compare((struct twin){.policy = policy_find("lfuda"), .value = value_of_lfuda, .ages = true}, NULL);
}

static void compound_lfuda_adds_the_least_value_left(void **state)
{
    static const struct policy_parameter parameters[] = {{.name = "compound", .initial = 1, .most = 1}, {0}};

    (void)state;
    compare(
        (struct twin){
            .policy = policy_find("lfuda"), .value = value_of_compound_lfuda, .ages = true, .ages_to_least = true},
        parameters);
}

static void size_evicts_the_largest(void **state)
{
    (void)state;
    compare((struct twin){.policy = policy_find("size"), .value = value_of_size}, NULL);
}

static void gdsf_evicts_the_least_used_per_byte(void **state)
{
    (void)state;
    compare((struct twin){.policy = policy_find("gdsf"), .value = value_of_gdsf, .ages = true}, NULL);
}

static void gdsf_may_count_packets(void **state)
{
    static const struct policy_parameter parameters[] = {{.name = "cost", .initial = 1, .most = 1}, {0}};

    (void)state;
    compare((struct twin){.policy = policy_find("gdsf"), .value = value_of_gdsf_by_packets, .ages = true}, parameters);
}

static void camp_evicts_the_least_cost_per_byte(void **state)
{
    (void)state;
    compare(
        (struct twin){.policy = policy_find("camp"), .value = value_of_camp, .ages = true, .only_within_ratios = true},
        NULL);
}

/* A wheel that no cost exceeds is exact. */
static void one_wheel_is_greedy_dual(void **state)
{
    static const struct policy_parameter parameters[] = {{.name = "wheels", .initial = 1, .most = 1},
                                                         {.name = "queues", .initial = 16, .most = 16},
                                                         {.name = "cost", .initial = 1, .most = 1},
                                                         {0}};

    (void)state;
    compare((struct twin){.policy = policy_find("gd-wheel"), .value = value_of_greedy_dual, .ages = true}, parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lfu_evicts_the_least_used),
        cmocka_unit_test(lfuda_evicts_the_least_used_and_ages),
        cmocka_unit_test(compound_lfuda_adds_the_least_value_left),
        cmocka_unit_test(size_evicts_the_largest),
        cmocka_unit_test(gdsf_evicts_the_least_used_per_byte),
        cmocka_unit_test(gdsf_may_count_packets),
        cmocka_unit_test(camp_evicts_the_least_cost_per_byte),
        cmocka_unit_test(one_wheel_is_greedy_dual),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
