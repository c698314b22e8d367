/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_inspect: what evsim inspect says of a trace is what a naive reckoning of all its rows says; quantiles are those that
 * sorting gives; the slope of Zipf's law is the one that the requests were drawn with, and its p-value small as often as it says. */
#include "sim/alloc.h"
#include "sim/inspect/accesses.h"
#include "sim/inspect/goodness.h"
#include "sim/inspect/popularity.h"
#include "sim/policy.h"
#include "tests/support_random.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- naive twins ---- */

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Of numbers in any order: the nearest rank. */
static uint64_t naive_quantile(const uint64_t *numbers, size_t count, double share)
{
    uint64_t *sorted = xcalloc(count + 1, sizeof *sorted), found;
    size_t rank = (size_t)ceil(share * (double)count);

    memcpy(sorted, numbers, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    found = count ? sorted[rank ? rank - 1 : 0] : 0;
    free(sorted);
    return found;
}

static void expect_quantile(uint64_t found, uint64_t naive)
{
    if (naive < 2048)
        assert_true(found == naive);
    assert_true(found <= naive && (double)found >= (double)naive * (1 - 0x1p-10));
}

static void expect_spread(const struct spread *spread, const uint64_t *numbers, size_t count)
{
    double sum = 0;

    assert_true(spread->count == count);
    if (!count) {
        assert_true(isnan(spread->mean) && !spread->max);
        return;
    }
    for (size_t i = 0; i < count; i++)
        sum += (double)numbers[i];
    assert_true(fabs(spread->mean - sum / (double)count) <= 1e-9 * sum / (double)count);
    assert_true(spread->min == naive_quantile(numbers, count, 0));
    assert_true(spread->max == naive_quantile(numbers, count, 1));
    expect_quantile(spread->median, naive_quantile(numbers, count, 0.5));
    expect_quantile(spread->p90, naive_quantile(numbers, count, 0.9));
    expect_quantile(spread->p99, naive_quantile(numbers, count, 0.99));
    expect_quantile(spread->p999, naive_quantile(numbers, count, 0.999));
}

static void quantiles_are_those_that_sorting_gives(void **state)
{
    enum { NUMBERS = 3000 };
    static uint64_t numbers[NUMBERS];
    struct random random = random_start();

    (void)state;
    for (int round = 0; round < 60; round++) {
        struct distribution distribution = {0};
        size_t count = random_below(&random, round % 3 ? NUMBERS : 12);
        unsigned bits = (unsigned)(round + 4);
        struct spread spread;

        for (size_t i = 0; i < count; i++) {
            numbers[i] = random_next(&random) >> (64 - bits) >> random_below(&random, bits);
            distribution_add(&distribution, numbers[i]);
        }
        spread = distribution_spread(&distribution);
        expect_spread(&spread, numbers, count);
        distribution_release(&distribution);
    }
}

/* ---- random traces ---- */

enum { ROWS = 6000, KEYS = 400 };

struct row {
    int64_t time_us;
    uint32_t id, key_len, value_len;
    uint16_t op, flags;
    int64_t ttl_ms;
};

static int64_t draw_step(struct random *random, int pace)
{
    static const uint64_t steps_us[] = {1000, 500000, 30000000, 4000000000};

    return (int64_t)(random_chance(random, 20) ? 0 : random_below(random, steps_us[pace]));
}

static void draw(struct random *random, struct row *rows, size_t count, int pace)
{
    static const uint16_t ops[] = {OP_GET, OP_GET, OP_GET, OP_GET, OP_SET, OP_SET, OP_DEL, OP_EXPIRE, OP_PING};
    int64_t time_us = 0;

    for (size_t i = 0; i < count; i++) {
        double unit = random_unit(random);
        uint32_t id = (uint32_t)(KEYS * unit * unit);
        struct row *row = &rows[i];

        *row = (struct row){.time_us = time_us,
                            .id = id,
                            .key_len = 3 + id % 40,
                            .value_len = (uint32_t)random_below(random, 1u << random_below(random, 20)),
                            .op = ops[random_below(random, sizeof ops / sizeof *ops)]};
        if (row->op == OP_PING)
            row->id = NO_KEY;
        if (row->op == OP_GET && random_chance(random, 10))
            row->value_len = VALUE_UNKNOWN;
        if (row->op == OP_EXPIRE || (row->op != OP_DEL && random_chance(random, 40))) {
            row->flags = REQUEST_TTL;
            row->ttl_ms = 1 + (int64_t)random_below(random, 100000000);
        }
        time_us += draw_step(random, pace);
    }
}

static void look_at(const struct row *rows, size_t count, struct portrait *portrait)
{
    static const int64_t start_unix_us = 1700000000000000;
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct accesses accesses;

    accesses_init(&accesses, &start_unix_us);
    batch->key_count = KEYS;
    for (size_t i = 0; i < count; i++) {
        struct record record = {.time_us = rows[i].time_us,
                                .id = rows[i].id,
                                .key_len = rows[i].key_len,
                                .value_len = rows[i].value_len,
                                .op = rows[i].op,
                                .flags = rows[i].flags,
                                .ttl_ms = rows[i].ttl_ms};

        batch_add(batch, &record);
        if (batch->count == 1 + i % BATCH_CAPACITY % 700 || i + 1 == count) {
            accesses_see(&accesses, batch);
            batch_clear(batch);
        }
    }
    accesses_tell(&accesses, portrait);
    accesses_release(&accesses);
    batch_release(batch);
    free(batch);
}

/* The last row before this one of the same key; -1: there is none. */
static long row_before(const struct row *rows, size_t i)
{
    for (size_t k = i; k--;)
        if (rows[k].id == rows[i].id)
            return (long)k;
    return -1;
}

static bool has_value(const struct row *row)
{
    return row->op == OP_GET || row->op == OP_SET;
}

static void expect_sizes_and_times(const struct row *rows, size_t count, const struct portrait *portrait)
{
    static uint64_t values[ROWS], write_ttls[ROWS], read_ttls[ROWS], reuse[ROWS];
    size_t value_count = 0, write_ttl_count = 0, read_ttl_count = 0, reuse_count = 0;
    uint64_t unsized = 0, without_ttl = 0, first = 0;

    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        uint64_t ttl_us = row->flags & REQUEST_TTL ? 1000 * (uint64_t)row->ttl_ms : 0;
        long before;

        if (row->id == NO_KEY)
            continue;
        if (has_value(row) && row->value_len != VALUE_UNKNOWN)
            values[value_count++] = row->value_len;
        unsized += has_value(row) && row->value_len == VALUE_UNKNOWN;
        if ((row->op == OP_SET || row->op == OP_EXPIRE) && ttl_us)
            write_ttls[write_ttl_count++] = ttl_us;
        if (row->op == OP_GET && ttl_us)
            read_ttls[read_ttl_count++] = ttl_us;
        without_ttl += row->op == OP_SET && !ttl_us;
        before = row_before(rows, i);
        if (before < 0)
            first++;
        else
            reuse[reuse_count++] = (uint64_t)(row->time_us - rows[before].time_us);
    }
    expect_spread(&portrait->value_sizes, values, value_count);
    expect_spread(&portrait->write_ttls_us, write_ttls, write_ttl_count);
    expect_spread(&portrait->read_ttls_us, read_ttls, read_ttl_count);
    expect_spread(&portrait->reuse_us, reuse, reuse_count);
    assert_true(portrait->unsized == unsized && portrait->writes_without_ttl == without_ttl);
    assert_true(portrait->first_requests == first);
}

/* Key by key, from the rows alone. */
static void expect_keys(const struct row *rows, size_t count, const struct portrait *portrait)
{
    uint64_t requests[KEYS] = {0}, sizes[KEYS], key_sizes[KEYS], all = 0, top = 0, reads_first = 0, refilled = 0;
    size_t keys = 0, ones = 0, sized = 0, tenth;

    for (uint32_t id = 0; id < KEYS; id++) {
        const struct row *first = NULL, *second = NULL;
        uint32_t size = VALUE_UNKNOWN;

        for (size_t i = 0; i < count; i++) {
            if (rows[i].id != id)
                continue;
            requests[id]++;
            second = first && !second ? &rows[i] : second;
            first = first ? first : &rows[i];
            if (has_value(&rows[i]) && rows[i].value_len != VALUE_UNKNOWN)
                size = rows[i].value_len;
        }
        if (!first)
            continue;
        key_sizes[keys++] = first->key_len;
        all += requests[id];
        ones += requests[id] == 1;
        if (size != VALUE_UNKNOWN)
            sizes[sized++] = size;
        reads_first += first->op == OP_GET;
        refilled +=
            first->op == OP_GET && second && second->op == OP_SET && second->time_us - first->time_us <= 10000000;
    }
    qsort(requests, KEYS, sizeof *requests, compare);
    tenth = (keys + 9) / 10;
    for (size_t i = 0; i < tenth; i++)
        top += requests[KEYS - 1 - i];
    assert_true(portrait->popularity.keys == keys && portrait->popularity.requests == all);
    assert_true(portrait->popularity.one_hit_keys == ones);
    assert_true(!keys || portrait->popularity.top_requests == requests[KEYS - 1]);
    assert_true(!keys || fabs(portrait->popularity.top_10_share - (double)top / (double)all) < 1e-12);
    assert_true(portrait->fills.first_reads == reads_first && portrait->fills.refilled == refilled);
    expect_spread(&portrait->key_sizes, key_sizes, keys);
    expect_spread(&portrait->value_sizes_by_key, sizes, sized);
}

static void expect_mix(const struct row *rows, size_t count, const struct mix *mix)
{
    uint64_t gets = 0, sets = 0, dels = 0, listed = 0;

    for (size_t i = 0; i < count; i++) {
        gets += rows[i].op == OP_GET;
        sets += rows[i].op == OP_SET;
        dels += rows[i].op == OP_DEL;
    }
    assert_true(mix->reads == gets && mix->writes == sets && mix->deletes == dels);
    assert_true(mix->others == count - gets - sets - dels);
    for (size_t i = 0; i < mix->command_count; i++) {
        listed += mix->commands[i].count;
        assert_true(!i || mix->commands[i].count <= mix->commands[i - 1].count);
        if (!strcmp(mix->commands[i].name, "get"))
            assert_true(mix->commands[i].count == gets);
    }
    assert_true(listed == count);
}

/* Requests in each interval that is over; of the only one, if none is. */
static void expect_rate(const struct row *rows, size_t count, const struct rate *rate)
{
    int64_t last_us = rows[count - 1].time_us;
    size_t intervals = (size_t)((last_us + 1) / rate->interval_us), whole = intervals ? intervals : 1;
    uint64_t *requests = xcalloc(whole, sizeof *requests);

    for (size_t i = 0; i < count; i++)
        if ((size_t)(rows[i].time_us / rate->interval_us) < whole)
            requests[rows[i].time_us / rate->interval_us]++;
    assert_true(rate->intervals == whole);
    assert_true(rate->min == naive_quantile(requests, whole, 0) && rate->max == naive_quantile(requests, whole, 1));
    assert_true(rate->median == naive_quantile(requests, whole, 0.5));
    assert_true(rate->p99 == naive_quantile(requests, whole, 0.99));
    assert_true(requests[rate->max_us / rate->interval_us] == rate->max);
    free(requests);
}

/* Each point is the mean of its windows; all of them together are the whole windows, in their order. */
static void expect_points(const struct portrait *portrait, int64_t window_us, const uint64_t *keys,
                          const uint64_t *bytes, size_t windows)
{
    size_t next = 0, points = 0;

    for (size_t i = 0; i < portrait->working_set_point_count; i++) {
        const struct working_set_point *point = &portrait->working_set_points[i];
        double mean_keys = 0, mean_bytes = 0;

        if (point->window_us != window_us)
            continue;
        assert_true(point->from_us == (int64_t)next * window_us && point->windows && next + point->windows <= windows);
        for (size_t k = next; k < next + point->windows; k++) {
            mean_keys += (double)keys[k] / (double)point->windows;
            mean_bytes += (double)bytes[k] / (double)point->windows;
        }
        assert_true(fabs(point->keys - mean_keys) < 1e-6 && fabs(point->bytes - mean_bytes) < 1e-3);
        next += point->windows;
        points++;
    }
    assert_true(next == windows && points <= 500);
}

static void expect_working_set(const struct portrait *portrait, const struct row *rows, size_t count,
                               const struct working_set *set)
{
    int64_t last_us = rows[count - 1].time_us;
    size_t windows = (size_t)((last_us + 1) / set->window_us), whole = windows ? windows : 1, i = 0;
    uint64_t *keys = xcalloc(whole, sizeof *keys), *bytes = xcalloc(whole, sizeof *bytes);
    uint32_t known[KEYS];

    memset(known, 0xff, sizeof known);
    for (size_t window = 0; window < whole; window++) {
        bool named[KEYS] = {false};

        for (; i < count && rows[i].time_us < ((int64_t)window + 1) * set->window_us; i++) {
            if (rows[i].id == NO_KEY)
                continue;
            named[rows[i].id] = true;
            if (has_value(&rows[i]) && rows[i].value_len != VALUE_UNKNOWN)
                known[rows[i].id] = rows[i].value_len;
        }
        for (uint32_t id = 0; id < KEYS; id++)
            if (named[id]) {
                keys[window]++;
                bytes[window] += 3 + id % 40 + (known[id] == VALUE_UNKNOWN ? 0 : known[id]);
            }
    }
    assert_true(set->windows == whole && set->is_cut == !windows);
    assert_true(set->keys_median == naive_quantile(keys, whole, 0.5) &&
                set->keys_max == naive_quantile(keys, whole, 1));
    assert_true(set->keys_p99 == naive_quantile(keys, whole, 0.99));
    assert_true(set->bytes_median == naive_quantile(bytes, whole, 0.5));
    assert_true(set->bytes_p99 == naive_quantile(bytes, whole, 0.99));
    assert_true(set->bytes_max == naive_quantile(bytes, whole, 1));
    expect_points(portrait, set->window_us, keys, bytes, windows);
    free(keys);
    free(bytes);
}

/* The cells of the heat map are the requests that came again, each in its place. */
static void expect_reuse_cells(const struct row *rows, size_t count, const struct portrait *portrait)
{
    uint64_t listed = 0;

    for (size_t c = 0; c < portrait->reuse_cell_count; c++) {
        const struct reuse_cell *cell = &portrait->reuse_cells[c];
        uint64_t requests = 0;

        listed += cell->requests;
        if (c % 37)
            continue;
        for (size_t i = 0; i < count; i++) {
            long before = rows[i].id == NO_KEY ? -1 : row_before(rows, i);
            int64_t reuse_us = before < 0 ? -1 : rows[i].time_us - rows[before].time_us;

            requests += reuse_us >= cell->reuse_us && reuse_us < (cell->reuse_us ? 2 * cell->reuse_us : 1) &&
                        rows[i].time_us >= cell->from_us && rows[i].time_us < cell->from_us + portrait->reuse_column_us;
        }
        assert_true(requests == cell->requests);
    }
    assert_true(listed == portrait->reuse_us.count);
}

static void random_traces_are_what_a_naive_reckoning_says(void **state)
{
    static struct row rows[ROWS];
    struct random random = random_start();

    (void)state;
    for (int round = 0; round < 24; round++) {
        size_t count = 1 + random_below(&random, round % 4 ? ROWS / 6 : 20);
        struct portrait portrait = {0};

        draw(&random, rows, count, round % 4);
        look_at(rows, count, &portrait);
        expect_mix(rows, count, &portrait.mix);
        expect_sizes_and_times(rows, count, &portrait);
        expect_keys(rows, count, &portrait);
        expect_rate(rows, count, &portrait.rate);
        for (size_t i = 0; i < portrait.working_set_count; i++)
            expect_working_set(&portrait, rows, count, &portrait.working_sets[i]);
        expect_reuse_cells(rows, count, &portrait);
        portrait_release(&portrait);
    }
}

/* ---- popularity ---- */

static struct popularity popularity_of_requests(const uint64_t *requests, size_t keys)
{
    struct popularity_counts counts = {0};
    struct popularity_step *steps;
    struct popularity found;
    size_t count;

    for (size_t i = 0; i < keys; i++)
        if (requests[i])
            popularity_count(&counts, requests[i]);
    steps = popularity_steps(&counts, &count);
    found = popularity_of(steps, count);
    free(steps);
    popularity_counts_release(&counts);
    return found;
}

static struct popularity popularity_of_zipf(double slope, size_t keys, size_t draws, unsigned long seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    double *rates = xcalloc(keys, sizeof *rates);
    uint64_t *requests = xcalloc(keys, sizeof *requests);
    gsl_ran_discrete_t *table;
    struct popularity found;

    gsl_rng_set(rng, seed);
    for (size_t i = 0; i < keys; i++)
        rates[i] = pow((double)i + 1, -slope);
    table = gsl_ran_discrete_preproc(keys, rates);
    for (size_t i = 0; i < draws; i++)
        requests[gsl_ran_discrete(rng, table)]++;
    found = popularity_of_requests(requests, keys);
    gsl_ran_discrete_free(table);
    gsl_rng_free(rng);
    free(rates);
    free(requests);
    return found;
}

static void the_slope_is_the_one_that_was_drawn(void **state)
{
    static const double slopes[] = {0.4, 0.6, 0.8, 1, 1.2, 1.5};
    int beyond = 0, all = 0;

    (void)state;
    for (size_t i = 0; i < sizeof slopes / sizeof *slopes; i++)
        for (unsigned long seed = 1; seed <= 4; seed++) {
            struct popularity found = popularity_of_zipf(slopes[i], 50000, 1000000, seed);

            assert_true(fabs(found.zipf - slopes[i]) < 4 * found.zipf_error);
            assert_true(found.zipf_error < 0.05 && found.fits);
            beyond += found.zipf_low > slopes[i] || found.zipf_high < slopes[i];
            all++;
            fields_release(&popularity_layout, &found);
        }
    assert_true(beyond <= all / 8); /* the intervals are of 95 % */
}

static void what_is_no_zipf_says_so(void **state)
{
    enum { MANY = 20000 };
    static uint64_t requests[MANY];
    struct popularity even = popularity_of_zipf(0, 5000, 200000, 1), few, scan, two;

    (void)state;
    assert_true(isnan(even.zipf) && *even.why_not && !even.misfit_count);
    few = popularity_of_requests((uint64_t[]){9, 5, 3}, 3);
    assert_true(isnan(few.zipf) && *few.why_not);
    for (size_t i = 0; i < MANY; i++)
        requests[i] = 3;
    scan = popularity_of_requests(requests, MANY);
    assert_true(isnan(scan.zipf) && scan.top_10_share == 0.1);
    for (size_t i = 0; i < MANY; i++) /* a fifth of the keys have 80 % of the requests, evenly */
        requests[i] = i % 5 ? 100 + i % 10 : 1600 + i % 40;
    two = popularity_of_requests(requests, MANY);
    assert_true(isnan(two.zipf) || !two.fits);
    fields_release(&popularity_layout, &even);
    fields_release(&popularity_layout, &few);
    fields_release(&popularity_layout, &scan);
    fields_release(&popularity_layout, &two);
}

/* Keys whose rates are such a law, from so many requests on, or lognormal: and Poisson's counts of them. */
static struct popularity popularity_of_rates(gsl_rng *random, bool are_zipf, double slope, size_t keys)
{
    uint64_t *requests = xcalloc(keys, sizeof *requests);
    struct popularity found;

    for (size_t i = 0; i < keys; i++)
        requests[i] = gsl_ran_poisson(
            random, fmin(are_zipf ? gsl_ran_pareto(random, 1 / slope, 2) : gsl_ran_lognormal(random, 1, slope), 1e8));
    found = popularity_of_requests(requests, keys);
    free(requests);
    return found;
}

/* Of samples of the law a tenth has a p-value of 0.1 and less. */
static void the_p_value_refuses_zipf_as_often_as_it_says(void **state)
{
    enum { SAMPLES = 60 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    int refused = 0;
    double sum = 0;

    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        struct popularity found = popularity_of_rates(random, true, i % 2 ? 0.7 : 1.1, 2000);

        assert_true(found.p_value > 0 && found.p_value <= 1 && found.p_samples >= GOODNESS_WORSE &&
                    found.p_samples <= GOODNESS_SAMPLES);
        refused += found.p_value <= GOODNESS_REFUSED;
        sum += found.p_value;
        fields_release(&popularity_layout, &found);
    }
    gsl_rng_free(random);
    printf("of %d samples of Zipf's law %d are refused; mean p %.2f\n", SAMPLES, refused, sum / SAMPLES);
    assert_in_range(refused, 1, 14);               /* 99.8 % of a binomial with a chance of 0.1 */
    assert_true(fabs(sum / SAMPLES - 0.5) < 0.12); /* as uniform numbers: 3 standard errors */
}

static void what_is_near_zipf_but_is_not_is_refused(void **state)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    struct popularity lognormal = popularity_of_rates(random, false, 1, 20000), again, few;

    (void)state;
    assert_true(lognormal.p_value <= GOODNESS_REFUSED);
    gsl_rng_set(random, 0);
    again = popularity_of_rates(random, false, 1, 20000);
    assert_true(again.p_value == lognormal.p_value && again.p_samples == lognormal.p_samples);
    few = popularity_of_zipf(0, 5000, 200000, 1);
    assert_true(isnan(few.p_value) && !few.p_samples);
    fields_release(&popularity_layout, &lognormal);
    fields_release(&popularity_layout, &again);
    fields_release(&popularity_layout, &few);
    gsl_rng_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_that_sorting_gives),
        cmocka_unit_test(random_traces_are_what_a_naive_reckoning_says),
        cmocka_unit_test(the_slope_is_the_one_that_was_drawn),
        cmocka_unit_test(what_is_no_zipf_says_so),
        cmocka_unit_test(the_p_value_refuses_zipf_as_often_as_it_says),
        cmocka_unit_test(what_is_near_zipf_but_is_not_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
