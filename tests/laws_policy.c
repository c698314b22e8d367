/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_policy: laws that hold for every policy, in a Redis server and in a flat cache. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/hooks.h"
#include "sim/laws.h"
#include "sim/scope.h"
#include "sim/server/histograms.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 400, REQUESTS = 20000 };

/* maxmemory at which the traffic below evicts or is refused. */
static uint64_t tight(const char *server)
{
    return strcmp(server, "flat") ? 1060000 : 20000;
}

/* ---- traffic ---- */

struct traffic {
    struct random random;
    int ttl_per_cent; /* of the SETs */
    bool only_reads_and_sets;
    uint64_t writes; /* commands that may need memory */
    uint64_t reads;
};

static struct row random_set(struct traffic *traffic, uint32_t id)
{
    struct row row = {
        .op = OP_SET, .id = id, .key_len = 4 + id % 30, .value_len = (uint32_t)random_below(&traffic->random, 600)};

    if (random_chance(&traffic->random, traffic->ttl_per_cent)) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = 1000 + (int64_t)random_below(&traffic->random, 60000);
    }
    traffic->writes++;
    return row;
}

/* Low ids are asked for more often. */
static struct row random_request(struct traffic *traffic)
{
    double u = random_unit(&traffic->random);
    uint32_t id = (uint32_t)(u * u * KEYS);
    struct row row = {.id = id, .key_len = 4 + id % 30, .value_len = VALUE_UNKNOWN};
    uint64_t kind = random_below(&traffic->random, 100);

    if (kind < 40 || (kind >= 90 && traffic->only_reads_and_sets))
        return random_set(traffic, id);
    if (kind < 90) {
        row.op = OP_GET;
        traffic->reads++;
    } else if (kind < 95) {
        row.op = OP_DEL;
    } else if (kind < 97) {
        row.op = OP_PERSIST;
    } else {
        row.op = traffic->ttl_per_cent ? OP_EXPIRE : OP_DEL;
        row.flags = REQUEST_TTL;
        row.ttl_ms = (int64_t)random_below(&traffic->random, 30000);
    }
    return row;
}

struct timed_row {
    struct row row;
    int64_t at_us;
};

/* Where each key comes next, for policies that know the future: up to the end of what is sent now. */
static void foresee(struct timed_row *rows, int count, int64_t first_row)
{
    int64_t next[KEYS];

    for (int id = 0; id < KEYS; id++)
        next[id] = NEXT_NEVER;
    for (int i = count - 1; i >= 0; i--) {
        uint32_t id = rows[i].row.id;

        rows[i].row.next_access = next[id];
        next[id] = rows[i].row.op == OP_DEL ? NEXT_NEVER : first_row + i;
    }
}

static void send(struct cell *cell, struct traffic *traffic, int requests)
{
    struct timed_row *rows = xcalloc((size_t)requests, sizeof *rows);

    cell_flush(cell);
    for (int i = 0; i < requests; i++) {
        rows[i] = (struct timed_row){.row = random_request(traffic), .at_us = cell->now_us};
        cell->now_us += (int64_t)random_below(&traffic->random, 20000);
    }
    foresee(rows, requests, cell->rows);
    for (int i = 0; i < requests; i++) {
        cell->now_us = rows[i].at_us;
        cell_add(cell, rows[i].row);
    }
    cell_flush(cell);
    free(rows);
}

static struct traffic traffic_with_ttls(int per_cent)
{
    return (struct traffic){.random = random_stream(random_seed()), .ttl_per_cent = per_cent};
}

/* Calls law(server, policy) for all of them, and for those of the literature also in scope volatile; a failure
 * names the two. */
typedef void law_fn(const char *server, const struct policy *policy);

static void check(law_fn *law, const char *server, const struct policy *policy)
{
    print_message("%s, %s%s\n", server, policy->name, policy->inner ? "@volatile" : "");
    law(server, policy);
}

static void for_all(law_fn *law)
{
    printf("seed %lu\n", random_seed());
    for (size_t s = 0; model_server(s); s++)
        for (size_t i = 0; i < policy_count; i++) {
            struct policy narrowed;

            check(law, model_server(s), policies[i]);
            if (policies[i]->redis)
                continue;
            scope_narrow(policies[i], &narrowed);
            check(law, model_server(s), &narrowed);
        }
}

static struct cell *open_tight(const char *server, const struct policy *policy)
{
    return cell_open((struct cell_setup){.server = server, .wrapped = policy, .maxmemory = tight(server), .seed = 7});
}

/* ---- the laws that check-policy runs too ---- */

static void all_laws_hold(const char *server, const struct policy *policy)
{
    struct trial trial = {.server = server_find(server), .policy = policy, .seed = random_seed()};

    for (size_t i = 0; i < law_count && policy->scope != SCOPE_NONE; i++) {
        struct error error = {0};

        if (laws[i].check(&trial, &error))
            fail_msg("%s: %s", laws[i].name, error.text);
    }
}

static void every_law_holds(void **state)
{
    (void)state;
    for_all(all_laws_hold);
}

/* ---- the budget ---- */

/* Tables, buffers, histograms: what is not keys. */
static int64_t bytes_besides_keys(const struct redis *redis)
{
    int64_t bytes = 24688 * histograms_kinds(redis);

    for (int db = 0; db < redis->database_ready; db++)
        bytes +=
            8 * (int64_t)(dict_slots(&redis->databases[db].keys.dict) + dict_slots(&redis->databases[db].expires.dict));
    return bytes + (int64_t)(redis->client.query_bytes + redis->client.reply_capacity);
}

/* The gate has seen the arguments; what the command adds beyond them is the key's name, two
 * entries, and what tables, buffers and histograms grow by. */
static void expect_write_within_budget(const struct redis *redis, const struct row *row, int64_t grown)
{
    int64_t over = (int64_t)redis->used - (int64_t)redis->maxmemory;
    int64_t may_add = (grown > 0 ? grown : 0) + 2 * 24 + 64;

    assert_true(row->op == OP_SET);
    assert_true(over <= may_add);
}

static void budgets_are_kept(const char *server, const struct policy *policy)
{
    struct traffic traffic = traffic_with_ttls(50);
    struct cell *cell = open_tight(server, policy);

    if (!cell->redis) {
        send(cell, &traffic, REQUESTS);
        assert_true(cell_finish(cell, NULL).used_memory_peak <= tight(server));
        cell_close(cell);
        return;
    }
    for (int i = 0; i < REQUESTS; i++) {
        struct row row = random_request(&traffic);
        uint64_t refused = cell->redis->counters.oom_rejections;
        int64_t before = bytes_besides_keys(cell->redis);

        cell_do(cell, row);
        if (row.op == OP_SET && cell->redis->counters.oom_rejections == refused)
            expect_write_within_budget(cell->redis, &row, bytes_besides_keys(cell->redis) - before);
        cell->now_us += (int64_t)random_below(&traffic.random, 20000);
    }
    cell_close(cell);
}

static void after_a_write_memory_is_within_budget_or_the_write_was_refused(void **state)
{
    (void)state;
    for_all(budgets_are_kept);
}

/* ---- arrivals ---- */

enum { LARGE_KEYS = 60 };

static const struct policy *watched; /* the policy under test, where a wrapper watches it */
static bool has_arrived[LARGE_KEYS];
static uint32_t own_victims; /* keys that were evicted by the command that writes them */
static uint32_t being_written;

static void noted_arrival(struct policy_context *context, uint32_t id)
{
    has_arrived[id] = true;
    policy_call(context, watched->arriving, id);
}

static void expected_arrival(struct policy_context *context, uint32_t id)
{
    assert_true(has_arrived[id]);
    has_arrived[id] = false;
    policy_call(context, watched->added, id);
}

static void noted_eviction(struct policy_context *context, uint32_t id)
{
    own_victims += id == being_written;
    policy_call(context, watched->evicted ? watched->evicted : watched->removed, id);
}

/* Few keys, so large that a key is often evicted to make room for its own new value. */
static void arrivals_come_first(const char *server, const struct policy *policy)
{
    struct random random = random_stream(random_seed());
    struct policy wrapper = *policy;
    struct cell *cell;

    if (policy->inner || policy->scope != SCOPE_ALLKEYS || policy->offline)
        return;
    watched = policy;
    wrapper.arriving = noted_arrival;
    wrapper.added = expected_arrival;
    wrapper.evicted = noted_eviction;
    memset(has_arrived, 0, sizeof has_arrived);
    own_victims = 0;
    cell = cell_open((struct cell_setup){
        .server = server, .wrapped = &wrapper, .maxmemory = strcmp(server, "flat") ? 1330000 : 400000, .seed = 7});
    for (int i = 0; i < REQUESTS / 4; i++) {
        being_written = (uint32_t)random_below(&random, LARGE_KEYS);
        cell_do(cell, (struct row){.op = random_chance(&random, 60) ? OP_SET : OP_GET,
                                   .id = being_written,
                                   .key_len = 4,
                                   .value_len = (uint32_t)random_below(&random, 20000)});
        cell->now_us += 100000;
    }
    /* A flat cache asks before it knows a key's new size: size then names it only if it was the largest, and grows. */
    assert_true(own_victims > 0 || (!cell->redis && !strcmp(policy->name, "size")));
    cell_close(cell);
}

static void a_key_arrives_before_it_is_added_also_when_it_made_room_for_itself(void **state)
{
    (void)state;
    for_all(arrivals_come_first);
}

/* ---- volatile without ttls ---- */

static struct counters run_without_ttls(const struct policy *policy)
{
    struct traffic traffic = traffic_with_ttls(0);
    struct cell *cell = cell_open((struct cell_setup){.wrapped = policy, .maxmemory = 1060000});
    struct counters counters;

    send(cell, &traffic, REQUESTS);
    counters = cell_finish(cell, NULL);
    cell_close(cell);
    return counters;
}

static void volatile_policies_without_a_ttl_behave_exactly_as_noeviction(void **state)
{
    struct counters noeviction = run_without_ttls(policy_find("noeviction"));

    (void)state;
    assert_true(noeviction.oom_rejections > 0);
    for (size_t i = 0; i < policy_count; i++) {
        struct policy narrowed;
        struct counters counters;

        if (policies[i]->redis && policies[i]->scope != SCOPE_VOLATILE)
            continue;
        scope_narrow(policies[i], &narrowed);
        counters = run_without_ttls(policies[i]->redis ? policies[i] : &narrowed);
        assert_memory_equal(&counters, &noeviction, sizeof counters);
    }
}

/* ---- hit ratios of a cache of equal objects ---- */

enum { POPULATION = 2000, LOOKUPS = 60000 };

/* A look-aside cache before skewed reads, one a second so that Redis's clock tells them apart. */
struct lookups {
    int count;
    uint32_t population, *ids;
    int64_t *next; /* row of the key's next lookup */
};

static struct lookups draw_lookups(int count, uint32_t population)
{
    struct lookups lookups = {.count = count, .population = population};
    struct random random = random_stream(random_seed());
    int64_t *seen = xmalloc(population * sizeof *seen);

    lookups.ids = xcalloc((size_t)count, sizeof *lookups.ids);
    lookups.next = xcalloc((size_t)count, sizeof *lookups.next);
    for (int i = 0; i < count; i++) {
        double u = random_unit(&random);

        lookups.ids[i] = (uint32_t)(u * u * u * population);
    }
    for (uint32_t id = 0; id < population; id++)
        seen[id] = NEXT_NEVER;
    for (int i = count - 1; i >= 0; i--) {
        lookups.next[i] = seen[lookups.ids[i]];
        seen[lookups.ids[i]] = i;
    }
    free(seen);
    return lookups;
}

static void free_lookups(struct lookups *lookups)
{
    free(lookups->ids);
    free(lookups->next);
}

static struct counters counters_with(const struct simulation_options *options, const char *policy, uint64_t capacity,
                                     uint32_t samples, const struct lookups *lookups)
{
    struct cell *cell = cell_open((struct cell_setup){
        .server = "flat",
        .policy = policy,
        .maxmemory = capacity,
        .samples = samples,
        .seed = 3,
        .options = *options,
    });
    struct counters counters;

    for (int i = 0; i < lookups->count; i++) {
        cell_add(
            cell,
            (struct row){
                .op = OP_GET, .id = lookups->ids[i], .key_len = 4, .value_len = 1, .next_access = lookups->next[i]});
        cell->now_us += 1000000;
    }
    counters = cell_finish(cell, NULL);
    assert_int_equal(counters.reads, lookups->count);
    cell_close(cell);
    return counters;
}

static const struct simulation_options lookups_alone = {
    .fill = true, .unit_sizes = true, .interval_us = INT64_C(1) << 60};

static struct counters counters_of(const char *policy, uint64_t capacity, uint32_t samples,
                                   const struct lookups *lookups)
{
    return counters_with(&lookups_alone, policy, capacity, samples, lookups);
}

static uint64_t hits_of(const char *policy, uint64_t capacity, uint32_t samples, const struct lookups *lookups)
{
    return counters_of(policy, capacity, samples, lookups).hits;
}

static void exact_lru_never_hits_less_with_more_memory(void **state)
{
    struct lookups lookups = draw_lookups(LOOKUPS, POPULATION);
    uint64_t last = 0;

    (void)state;
    for (uint64_t capacity = 1; capacity <= POPULATION; capacity += 1 + capacity / 4) {
        uint64_t hits = hits_of("lru", capacity, 5, &lookups);

        assert_true(hits >= last);
        last = hits;
    }
    assert_true(last > 0);
    free_lookups(&lookups);
}

/* A flat cache takes batches that are nothing but reads in a loop of their own, cut where a sample is due, and fetches
 * ahead there what policies say that they will touch. With --miss-cost it looks at each row. */
static void plain_reads_are_replayed_as_their_rows_are_one_by_one(void **state)
{
    static const uint64_t capacities[] = {0, 50, 700};
    struct lookups lookups = draw_lookups(LOOKUPS / 4, POPULATION);
    struct simulation_options sampled = lookups_alone, one_by_one = lookups_alone;

    (void)state;
    sampled.interval_us = 777 * 1000000;
    one_by_one.miss_cost_us = 1;
    for (size_t i = 0; i < policy_count; i++)
        for (size_t j = 0; j < sizeof capacities / sizeof *capacities; j++) {
            struct counters wanted = counters_with(&one_by_one, policies[i]->name, capacities[j], 5, &lookups);
            struct counters plain = counters_of(policies[i]->name, capacities[j], 5, &lookups);
            struct counters cut = counters_with(&sampled, policies[i]->name, capacities[j], 5, &lookups);

            assert_memory_equal(&plain, &wanted, sizeof wanted);
            assert_memory_equal(&cut, &wanted, sizeof wanted);
        }
    free_lookups(&lookups);
}

/* Belady's MIN by a search of all keys: what is asked for again last goes; the newcomer, too, if it may be turned
 * away. */
static uint64_t hits_of_min(uint64_t capacity, const struct lookups *lookups, bool may_turn_away)
{
    static int64_t due[POPULATION]; /* -1: absent */
    uint64_t hits = 0, count = 0;

    memset(due, -1, sizeof due);
    for (int i = 0; i < lookups->count; i++) {
        uint32_t id = lookups->ids[i], latest = may_turn_away ? id : NO_KEY;
        bool resident = due[id] >= 0;

        hits += resident;
        count += !resident;
        due[id] = lookups->next[i];
        if (count <= capacity)
            continue;
        for (uint32_t other = 0; other < POPULATION; other++)
            if (other != id && due[other] >= 0 && (latest == NO_KEY || due[other] > due[latest]))
                latest = other;
        due[latest] = -1;
        count--;
    }
    return hits;
}

/* Who stores every key that is asked for hits no more than belady does, which hits as often as can be; who may turn
 * keys away, no more than a belady that does. */
static void no_policy_beats_belady(void **state)
{
    static const uint64_t capacities[] = {20, 100, 500, 1500};
    struct lookups lookups = draw_lookups(LOOKUPS, POPULATION);

    (void)state;
    for (size_t c = 0; c < sizeof capacities / sizeof *capacities; c++) {
        uint64_t best = hits_of("belady", capacities[c], 5, &lookups);
        uint64_t choosy = hits_of_min(capacities[c], &lookups, true);

        assert_int_equal(best, hits_of_min(capacities[c], &lookups, false));
        assert_true(choosy >= best);
        for (size_t i = 0; i < policy_count; i++) {
            uint64_t hits = hits_of(policies[i]->name, capacities[c], 5, &lookups);
            bool stores_all = policies[i]->scope == SCOPE_ALLKEYS && !policies[i]->admits;

            if (hits > (stores_all ? best : choosy))
                fail_msg("%s beats belady: %llu hits, %llu", policies[i]->name, (unsigned long long)hits,
                         (unsigned long long)best);
        }
        assert_true(hits_of("lru", capacities[c], 5, &lookups) > best / 4);
    }
    free_lookups(&lookups);
}

static uint64_t distinct(const struct lookups *lookups)
{
    uint64_t keys = 0;

    for (int i = 0; i < lookups->count; i++)
        keys += lookups->next[i] == NEXT_NEVER;
    return keys;
}

/* A policy that keeps a share of the capacity for some keys needs more than everything. */
static void with_room_for_everything_only_first_lookups_miss(void **state)
{
    struct lookups lookups = draw_lookups(LOOKUPS, POPULATION);
    uint64_t keys = distinct(&lookups);

    (void)state;
    for (size_t i = 0; i < policy_count; i++) {
        struct counters exactly = counters_of(policies[i]->name, keys, 5, &lookups);
        struct counters ample = counters_of(policies[i]->name, 10000 * keys, 5, &lookups);

        assert_int_equal(ample.misses, keys);
        assert_int_equal(ample.evicted_keys, 0);
        if (exactly.evicted_keys)
            printf("%s evicts %llu keys though all have room\n", policies[i]->name,
                   (unsigned long long)exactly.evicted_keys);
        else
            assert_int_equal(exactly.misses, keys);
        assert_true(!policies[i]->redis || !exactly.evicted_keys);
    }
    assert_int_equal(counters_of("lru", keys, 5, &lookups).evicted_keys, 0);
    free_lookups(&lookups);
}

/* Redis's lru on a long trace: the more keys are sampled, the nearer it comes to the exact order. */
static void more_samples_come_closer_to_exact_lru(void **state)
{
    static const uint32_t samples[] = {1, 3, 5, 10, 20, 64};
    struct lookups lookups = draw_lookups(1000000, 20000);
    double exact = (double)hits_of("lru", 2000, 5, &lookups) / lookups.count, last = 1;

    (void)state;
    printf("hit ratio of exact lru %.4f\n", exact);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        double hits = (double)hits_of("allkeys-lru", 2000, samples[i], &lookups) / lookups.count;
        double gap = fabs(hits - exact), noise = 3 * sqrt(hits * (1 - hits) / lookups.count);

        printf("%u samples: %.4f, %.4f away\n", samples[i], hits, gap);
        assert_true(gap < last + noise);
        last = gap;
    }
    assert_true(last < 0.001);
    free_lookups(&lookups);
}

/* ---- allkeys and volatile ---- */

static struct counters run_all_volatile(const char *server, const char *policy, uint64_t seed)
{
    struct traffic traffic = {.random = random_stream(random_seed()), .ttl_per_cent = 100, .only_reads_and_sets = true};
    struct cell *cell =
        cell_open((struct cell_setup){.server = server, .policy = policy, .maxmemory = tight(server), .seed = seed});
    struct counters counters;

    send(cell, &traffic, 2 * REQUESTS);
    counters = cell_finish(cell, NULL);
    cell_close(cell);
    return counters;
}

/* What Redis has of the policy for keys with a ttl only; NULL: it is not for all keys, or has no such twin. */
static const struct policy *volatile_twin(const struct policy *policy)
{
    char name[64];

    if (!policy->redis || strncmp(policy->name, "allkeys-", 8) != 0)
        return NULL;
    snprintf(name, sizeof name, "volatile-%s", policy->name + 8);
    return policy_find(name);
}

static void in_a_flat_cache_allkeys_and_volatile_are_one_when_every_key_has_a_ttl(void **state)
{
    int pairs = 0;

    (void)state;
    for (size_t i = 0; i < policy_count; i++) {
        const struct policy *twin = volatile_twin(policies[i]);
        struct counters all, some;

        if (!twin)
            continue;
        all = run_all_volatile("flat", policies[i]->name, 5);
        some = run_all_volatile("flat", twin->name, 5);
        assert_memory_equal(&all, &some, sizeof all);
        pairs++;
    }
    assert_true(pairs >= 3);
}

/* A mean over runs that differ in their seed. */
struct mean {
    double sum, squares;
    int count;
};

static void add_to(struct mean *mean, uint64_t value)
{
    mean->sum += (double)value;
    mean->squares += (double)value * (double)value;
    mean->count++;
}

static double mean_of(const struct mean *mean)
{
    return mean->sum / mean->count;
}

static double variance_of_mean(const struct mean *mean)
{
    double about = mean->squares / mean->count - mean_of(mean) * mean_of(mean);

    return about / (mean->count - 1);
}

static void expect_same_mean(const char *what, const struct mean mean[2])
{
    double gap = fabs(mean_of(&mean[0]) - mean_of(&mean[1]));
    double noise = sqrt(variance_of_mean(&mean[0]) + variance_of_mean(&mean[1]));

    printf("%s: %.1f and %.1f (noise %.1f)\n", what, mean_of(&mean[0]), mean_of(&mean[1]), noise);
    assert_true(gap < 4 * noise);
}

/* In a server the tables of keys and of ttls go through their rehashing apart, so that the samples
 * differ and with them the runs; their means agree to what the number of runs allows to tell. */
static void in_a_server_their_means_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < policy_count; i++) {
        const struct policy *pair[] = {policies[i], volatile_twin(policies[i])};
        struct mean evicted[2] = {{0, 0, 0}}, hits[2] = {{0, 0, 0}};

        for (uint64_t run = 0; pair[1] && run < 32; run++) {
            struct counters counters = run_all_volatile("redis-7.0.15", pair[run % 2]->name, random_seed() * 100 + run);

            add_to(&evicted[run % 2], counters.evicted_keys);
            add_to(&hits[run % 2], counters.hits);
        }
        if (!pair[1])
            continue;
        printf("%s, %s\n", pair[0]->name, pair[1]->name);
        expect_same_mean("evicted", evicted);
        expect_same_mean("hits", hits);
    }
}

/* ---- exact lru ---- */

enum { TWIN_KEYS = 300, TWIN_CAPACITY = 100, TWIN_STEPS = 1000000 };

static struct {
    bool resident[TWIN_KEYS];
    int touched[TWIN_KEYS]; /* step of the last touch */
    int step, count;
    uint64_t hits;
} twin;

static uint32_t twin_victim(void)
{
    uint32_t oldest = NO_KEY;

    for (uint32_t id = 0; id < TWIN_KEYS; id++)
        if (twin.resident[id] && (oldest == NO_KEY || twin.touched[id] < twin.touched[oldest]))
            oldest = id;
    return oldest;
}

static uint32_t compared_victim(struct policy_context *context)
{
    uint32_t id = watched->victim(context);

    assert_int_equal(id, twin_victim());
    twin.resident[id] = false;
    twin.count--;
    return id;
}

/* The twin's part of a step comes after the cache's, which asks it about victims. */
static void twin_step(enum op op, uint32_t id, bool was_resident)
{
    twin.touched[id] = twin.step++;
    twin.hits += op == OP_GET && was_resident;
    twin.count += (op != OP_DEL) - twin.resident[id];
    twin.resident[id] = op != OP_DEL;
    assert_true(twin.count <= TWIN_CAPACITY);
}

static void exact_lru_evicts_what_a_search_of_all_keys_would(void **state)
{
    struct random random = random_start();
    struct policy wrapper = *policy_find("lru");
    struct counters counters;
    struct cell *cell;

    (void)state;
    watched = policy_find("lru");
    wrapper.victim = compared_victim;
    memset(&twin, 0, sizeof twin);
    cell = cell_open((struct cell_setup){
        .server = "flat",
        .wrapped = &wrapper,
        .maxmemory = TWIN_CAPACITY,
        .options = {.fill = true, .unit_sizes = true, .interval_us = INT64_C(1) << 60},
    });
    for (int i = 0; i < TWIN_STEPS; i++) {
        static const enum op ops[] = {OP_GET, OP_GET, OP_GET, OP_GET, OP_SET, OP_SET, OP_DEL};
        uint32_t id = (uint32_t)random_below(&random, 1 + random_below(&random, TWIN_KEYS));
        enum op op = ops[random_below(&random, 7)];
        bool was_resident = twin.resident[id];

        cell_do(cell, (struct row){.op = op, .id = id, .key_len = 4, .value_len = 1});
        twin_step(op, id, was_resident);
    }
    counters = cell_finish(cell, NULL);
    assert_int_equal(counters.hits, twin.hits);
    assert_int_equal(counters.keys, twin.count);
    assert_true(counters.evicted_keys > 100000);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_law_holds),
        cmocka_unit_test(after_a_write_memory_is_within_budget_or_the_write_was_refused),
        cmocka_unit_test(a_key_arrives_before_it_is_added_also_when_it_made_room_for_itself),
        cmocka_unit_test(volatile_policies_without_a_ttl_behave_exactly_as_noeviction),
        cmocka_unit_test(exact_lru_never_hits_less_with_more_memory),
        cmocka_unit_test(plain_reads_are_replayed_as_their_rows_are_one_by_one),
        cmocka_unit_test(no_policy_beats_belady),
        cmocka_unit_test(with_room_for_everything_only_first_lookups_miss),
        cmocka_unit_test(more_samples_come_closer_to_exact_lru),
        cmocka_unit_test(in_a_flat_cache_allkeys_and_volatile_are_one_when_every_key_has_a_ttl),
        cmocka_unit_test(in_a_server_their_means_agree),
        cmocka_unit_test(exact_lru_evicts_what_a_search_of_all_keys_would),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
