/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_distributions: what a generated trace is drawn from is what was asked for, by chi-square and Kolmogorov-Smirnov.
 * Seeds are fixed: a p-value is the same in every run, and none is that of a lucky one among many. */
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "sim/generate/generate.h"
#include "sim/input/raw_trace.h"
#include "traces/registry.h"

#include <gsl/gsl_cdf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 500, DRAWS = 200000 };

static const double LEAST_P = 1e-3;
static const double MOST_KS = 1.95; /* of D sqrt(n): p = 0.001 */

/* ---- statistics ---- */

/* Cells with less than 5 expected are put together with the next ones. */
static void expect_counts(const char *what, const uint64_t *counts, const double *weights, size_t cells)
{
    double total = 0, sum = 0, squares = 0, expected = 0, seen = 0;
    int freedom = -1;

    for (size_t i = 0; i < cells; i++) {
        total += (double)counts[i];
        sum += weights[i];
    }
    for (size_t i = 0; i < cells; i++) {
        expected += weights[i] / sum * total;
        seen += (double)counts[i];
        if (expected < 5 && i + 1 < cells)
            continue;
        squares += expected > 0 ? (seen - expected) * (seen - expected) / expected : 0;
        freedom += expected > 0;
        expected = seen = 0;
    }
    double p = gsl_cdf_chisq_Q(squares, freedom);
    if (!(p > LEAST_P))
        fail_msg("%s: chi-square %g with %d degrees of freedom, p = %g", what, squares, freedom, p);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

typedef double cdf_fn(double x, const void *parameters);

static void expect_cdf(const char *what, double *values, size_t count, cdf_fn *cdf, const void *parameters)
{
    double most = 0;

    qsort(values, count, sizeof *values, rising);
    for (size_t i = 0; i < count; i++) {
        double p = cdf(values[i], parameters);
        most = fmax(most, fmax(fabs(p - (double)i / (double)count), fabs(p - (double)(i + 1) / (double)count)));
    }
    if (!(most * sqrt((double)count) < MOST_KS))
        fail_msg("%s: Kolmogorov-Smirnov D sqrt(n) = %g", what, most * sqrt((double)count));
}

static gsl_rng *seeded(uint32_t seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

    gsl_rng_set(rng, seed);
    return rng;
}

/* ---- popularity ---- */

static void expect_popularity(const char *what, const struct popularity_params *params, const double *weights)
{
    struct ranks popularity;
    uint64_t counts[KEYS] = {0};
    gsl_rng *rng = seeded(11);

    assert_int_equal(ranks_init(&popularity, params, KEYS), 0);
    for (int i = 0; i < DRAWS; i++)
        counts[ranks_draw(&popularity, rng)]++;
    expect_counts(what, counts, weights, KEYS);
    ranks_release(&popularity);
    gsl_rng_free(rng);
}

static void ranks_follow_zipf_and_mandelbrot(void **state)
{
    static const double exponents[] = {0, 0.3, 0.99, 1, 1.2, 2.7, 10}, shifts[] = {0, 0.5, 20};

    (void)state;
    for (size_t e = 0; e < 7; e++)
        for (size_t s = 0; s < 3; s++) {
            struct popularity_params params = {.exponent = exponents[e], .shift = shifts[s]};
            double weights[KEYS];
            char what[64];
            for (int rank = 0; rank < KEYS; rank++)
                weights[rank] = pow(rank + 1 + shifts[s], -exponents[e]);
            snprintf(what, sizeof what, "exponent %g, shift %g", exponents[e], shifts[s]);
            expect_popularity(what, &params, weights);
        }
}

/* redis-cli's formula, as its source has it: key = max - 1 - (long long)pl + min, with max = keys + 1, min = 1. */
static void lru_test_draws_as_redis_cli_does(void **state)
{
    struct popularity_params params = {.kind = POPULARITY_LRU_TEST};
    double weights[KEYS], fifth = 0, all = 0;

    (void)state;
    for (int key = 1; key <= KEYS; key++) { /* the part of [0, 1] that is drawn as this key */
        double low = KEYS - key + 1, high = low + 1, span = pow(KEYS + 1, 7.2) - 1;
        weights[key - 1] = (pow(high, 7.2) - pow(low, 7.2)) / span;
        all += weights[key - 1];
        fifth += key <= KEYS / 5 ? weights[key - 1] : 0;
    }
    assert_true(fabs(all - 1) < 1e-9);
    assert_true(fabs(fifth - 0.8) < 0.005); /* 80-20 */
    expect_popularity("lru-test", &params, weights);
}

static void a_table_of_popularity_is_stretched_to_the_keys(void **state)
{
    static const struct popularity_bucket buckets[] = {{1, 100}, {9, 300}, {240, 400}};
    struct popularity_params params = {.kind = POPULARITY_TABLE, .buckets = buckets, .bucket_count = 3};
    double weights[KEYS];

    (void)state;
    for (int rank = 0; rank < KEYS; rank++) /* two keys for a rank */
        weights[rank] = rank < 2 ? 50 : rank < 20 ? 300.0 / 18 : 400.0 / 480;
    expect_popularity("table", &params, weights);
}

/* ---- sizes ---- */

static double lognormal_cdf(double x, const void *d)
{
    const struct sizes *distribution = d;
    double sigma = distribution->b;

    return gsl_cdf_lognormal_P(x, log(distribution->a) - sigma * sigma / 2, sigma);
}

static double pareto_cdf(double x, const void *d)
{
    const struct sizes *distribution = d;

    return gsl_cdf_pareto_P(x, distribution->b, distribution->a);
}

static double gpd_cdf(double x, const void *d)
{
    const struct sizes *distribution = d;
    double z = fmax(0, (x - distribution->a) / distribution->b), shape = distribution->c;

    return 1 - (shape == 0 ? exp(-z) : pow(fmax(0, 1 + shape * z), -1 / shape));
}

static struct sizes parsed(const char *text)
{
    struct sizes distribution;
    struct error error = {0};

    if (sizes_parse(&distribution, text, &error))
        fail_msg("%s: %s", text, error.text);
    sizes_prepare(&distribution);
    return distribution;
}

static void sizes_follow_their_distribution(void **state)
{
    static const struct {
        const char *text;
        cdf_fn *cdf;
        double mean;
    } cases[] = {
        /* so large that rounding does not show */
        {"lognormal:1e6,1", lognormal_cdf, 1e6},
        {"lognormal:1e6,0.2", lognormal_cdf, 1e6},
        {"pareto:1e5,1.5", pareto_cdf, 3e5},
        {"pareto:1e5,3", pareto_cdf, 1.5e5},
        {"gpd:0,214000,0.348", gpd_cdf, 214000 / 0.652},
        {"gpd:1e6,1e5,0", gpd_cdf, 1.1e6},
        {"gpd:5,1e6,-0.5", gpd_cdf, 5 + 1e6 / 1.5},
    };
    double *values = xmalloc(DRAWS * sizeof *values);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sizes distribution = parsed(cases[i].text);
        gsl_rng *rng = seeded(5);
        for (int draw = 0; draw < DRAWS; draw++)
            values[draw] = sizes_draw(&distribution, rng);
        expect_cdf(cases[i].text, values, DRAWS, cases[i].cdf, &distribution);
        assert_true(fabs(sizes_mean(&distribution) / cases[i].mean - 1) < 1e-9);
        sizes_release(&distribution);
        gsl_rng_free(rng);
    }
    free(values);
}

static void sizes_come_from_files(void **state)
{
    static const struct {
        const char *text;
        double mean;
        bool spread;
    } cases[] = {
        {"value,weight\n10,1\n20,2\r\n\n30,1\n", 20, false},
        {"30;1\n10;1\n20;2\n", 20, false},
        {"{\"20\": 2, \"10\": 1, \"30\": 1}", 20, false},
        {" [[10, 1], [20, 2], [30, 1.0]]", 20, false},
        /* 1 to 10, 11 to 20, 21 to 30 */
        {"{\"valSizeRange\": [10, 20, 30], \"valSizeRangeProbability\": [1, 2, 1]}", 15.5, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = write_temporary("x", cases[i].text, strlen(cases[i].text)), *text;
        uint64_t counts[31] = {0};
        double weights[31] = {0};
        gsl_rng *rng = seeded(5);
        assert_true(asprintf(&text, "file:%s", path) > 0);
        struct sizes distribution = parsed(text);
        assert_true(fabs(sizes_mean(&distribution) - cases[i].mean) < 1e-9);
        for (int draw = 0; draw < DRAWS; draw++)
            counts[(int)sizes_draw(&distribution, rng)]++;
        for (int value = 1; value <= 30; value++)
            weights[value] = cases[i].spread ? (value > 10 && value <= 20) + 1 : value % 10 ? 0 : value == 20 ? 2 : 1;
        expect_counts(cases[i].text, counts, weights, 31);
        sizes_release(&distribution);
        gsl_rng_free(rng);
        remove_temporary(path);
        free(text);
    }
}

static void what_is_no_distribution_is_refused(void **state)
{
    static const char *const texts[] = {
        "",           "gauss:1",        "fixed",     "fixed:",  "fixed:x",   "fixed:1,2", "fixed:-1", "pareto:1",
        "pareto:0,1", "lognormal:1,11", "gpd:0,0,1", "gpd:1,2", "fixed:nan", "fixed:1 ",  "file:",    "file:/no/such"};
    static const char *const files[] = {"",
                                        "a\nb\n",
                                        "1,2\nx,3\n",
                                        "1,2,3\n",
                                        "-1,2\n",
                                        "1,-2\n",
                                        "1,0\n",
                                        "{",
                                        "{\"a\": 1}",
                                        "{\"1\": \"x\"}",
                                        "[[1]]",
                                        "{\"valSizeRange\": [1]}",
                                        "5000000000,1\n",
                                        "1,nan\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sizes distribution;
        struct error error = {0};
        if (!sizes_parse(&distribution, texts[i], &error) || !*error.text)
            fail_msg("'%s' was taken", texts[i]);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = write_temporary("x", files[i], strlen(files[i])), *text;
        struct sizes distribution;
        struct error error = {0};
        assert_true(asprintf(&text, "file:%s", path) > 0);
        if (!sizes_parse(&distribution, text, &error))
            fail_msg("'%s' was taken", files[i]);
        assert_int_equal(error.code, ERROR_INPUT);
        assert_non_null(strstr(error.text, path));
        sizes_release(&distribution);
        remove_temporary(path);
        free(text);
    }
}

/* ---- arrivals ---- */

static double exponential_cdf(double x, const void *mean)
{
    return gsl_cdf_exponential_P(x, *(const double *)mean);
}

static void gaps_are_exponential(void **state)
{
    struct generate_params params;
    struct arrivals arrivals;
    double *gaps = xmalloc(DRAWS * sizeof *gaps), mean = 1e5;
    gsl_rng *rng = seeded(3);
    int64_t last = 0;

    (void)state;
    generate_defaults(&params);
    params.arrivals.rate_per_s = 10;
    arrivals_init(&arrivals, &params.arrivals, rng, 3);
    for (int i = 0; i < DRAWS; i++) {
        int64_t now = arrivals_next(&arrivals);
        gaps[i] = (double)(now - last);
        last = now;
    }
    expect_cdf("gaps", gaps, DRAWS, exponential_cdf, &mean);
    arrivals_release(&arrivals);
    gsl_rng_free(rng);
    free(gaps);
}

/* Requests in each of 24 parts of the period, over a hundred periods. */
static void the_rate_swings_as_a_sine(void **state)
{
    (void)state;
    for (int poisson = 0; poisson < 2; poisson++) {
        struct generate_params params;
        struct arrivals arrivals;
        uint64_t counts[24] = {0};
        double weights[24];
        gsl_rng *rng = seeded(4);
        generate_defaults(&params);
        params.arrivals.poisson = poisson;
        params.arrivals.swing = 0.8;
        params.arrivals.period_us = 1000000000;
        params.arrivals.rate_per_s = 2;
        arrivals_init(&arrivals, &params.arrivals, rng, 3);
        for (int64_t now = 0; (now = arrivals_next(&arrivals)) < 100 * params.arrivals.period_us;)
            counts[(double)(now % params.arrivals.period_us) / (double)params.arrivals.period_us * 24 >= 24
                       ? 23
                       : now % params.arrivals.period_us * 24 / params.arrivals.period_us]++;
        for (int i = 0; i < 24; i++) /* the integral of 1 + 0.8 sin */
            weights[i] = 2 * M_PI / 24 - 0.8 * (cos(2 * M_PI * (i + 1) / 24) - cos(2 * M_PI * i / 24));
        expect_counts(poisson ? "swing" : "swing, evenly", counts, weights, 24);
        arrivals_release(&arrivals);
        gsl_rng_free(rng);
    }
}

static void bursts_keep_the_mean_rate(void **state)
{
    struct generate_params params;
    struct arrivals arrivals;
    enum { SECONDS = 40000 };
    uint16_t *counts = xcalloc(SECONDS, sizeof *counts);
    gsl_rng *rng = seeded(6);
    double sum = 0, squares = 0;

    (void)state;
    generate_defaults(&params);
    params.arrivals.rate_per_s = 20;
    params.arrivals.burst_factor = 30;
    params.arrivals.burst_every_us = 10000000;
    arrivals_init(&arrivals, &params.arrivals, rng, 3);
    for (int64_t now; (now = arrivals_next(&arrivals)) < SECONDS * INT64_C(1000000);)
        counts[now / 1000000]++;
    for (int i = 0; i < SECONDS; i++) {
        sum += counts[i];
        squares += (double)counts[i] * counts[i];
    }
    double mean = sum / SECONDS, variance = squares / SECONDS - mean * mean;
    /* About 3600 bursts of 146 requests: their number and lengths make up the deviation, 2 %. */
    assert_true(fabs(mean / 20 - 1) < 0.06);
    assert_true(variance / mean > 20); /* 1 without bursts */
    arrivals_release(&arrivals);
    gsl_rng_free(rng);
    free(counts);
}

/* ---- keys ---- */

static double uniform_cdf(double x, const void *bounds)
{
    const double *b = bounds;

    return (x - b[0]) / (b[1] - b[0]);
}

static void keys_have_the_ttls_and_names_of_their_shares(void **state)
{
    struct generate_params params;
    struct population population;
    uint64_t ttls[3] = {0}, names[3] = {0};
    double jittered[100000], bounds[] = {75000, 125000};
    size_t count = 0;

    (void)state;
    generate_defaults(&params);
    params.population.keys = 100000;
    params.population.seed = 8;
    params.population.ttl_count = 3;
    params.population.ttl_jitter = 0.25;
    memcpy(params.population.ttls, (struct generate_ttl[]){{100000, 5}, {0, 3}, {1, 2}},
           sizeof(struct generate_ttl[3]));
    population_init(&population, &params.population, false);
    for (int i = 0; i < 100000; i++) {
        uint32_t ttl_s = population.traits[i].ttl_s;
        ttls[ttl_s > 1 ? 0 : ttl_s ? 2 : 1]++;
        names[population.traits[i].name]++;
        if (ttl_s > 1)
            jittered[count++] = ttl_s;
    }
    expect_counts("ttls", ttls, (double[]){5, 3, 2}, 3);
    expect_counts("names", names, (double[]){0.5, 0.3, 0.2}, 3);
    expect_cdf("jitter", jittered, count, uniform_cdf, bounds);
    population_release(&population);
}

/* ---- whole traces ---- */

struct trace {
    struct record *records;
    char *text;
    size_t bytes, count;
};

/* Its records; keys are in key_number, without what stands before the number. */
static struct trace traced(const struct generate_params *params, const struct generate_target *target)
{
    struct trace trace = {.records = xmalloc((params->requests + 1) * sizeof(struct record))};
    struct format_options options = {0};
    struct error error = {0};
    struct raw_trace raw;
    FILE *out = open_memstream(&trace.text, &trace.bytes);
    int more;

    if (generate_trace(params, target, out, NULL, &error))
        fail_msg("%s", error.text);
    fclose(out);
    char *path = write_temporary("x", trace.text, trace.bytes);
    assert_int_equal(raw_trace_open(&raw, path, format_choose, NULL, &options, &error), 0);
    while ((more = raw_trace_read(&raw, trace.records + trace.count, (int)(params->requests + 1 - trace.count),
                                  &error)) > 0)
        for (int i = 0; i < more; i++, trace.count++) {
            struct record *record = &trace.records[trace.count];
            uint32_t at = record->key ? record->key_bytes : 0;
            uint64_t power = 1;
            for (; at && record->key[at - 1] >= '0' && record->key[at - 1] <= '9'; at--, power *= 10)
                record->key_number += power * (uint64_t)(record->key[at - 1] - '0');
        }
    if (more < 0)
        fail_msg("%s", error.text);
    assert_int_equal(trace.count, params->requests);
    raw_trace_close(&raw);
    remove_temporary(path);
    return trace;
}

static void trace_free(struct trace *trace)
{
    free(trace->records);
    free(trace->text);
}

static struct generate_params small(void)
{
    struct generate_params params;

    generate_defaults(&params);
    params.requests = 50000;
    params.keys = KEYS;
    return params;
}

static void scans_and_loops_go_in_order(void **state)
{
    struct generate_params params = small();
    uint64_t next = 7, beyond = 0;

    (void)state;
    params.loop_share = 1;
    params.loop_keys = 7;
    struct trace loop = traced(&params, &generate_target_twitter);
    for (size_t i = 0; i < loop.count; i++)
        assert_int_equal(loop.records[i].key_number, i % 7);
    trace_free(&loop);
    params.scan_share = 0.4;
    params.loop_share = 0.6;
    struct trace both = traced(&params, &generate_target_twitter);
    for (size_t i = 0; i < both.count; i++) { /* keys beyond the loop's are the scan's */
        if (both.records[i].key_number < 7)
            continue;
        assert_int_equal(both.records[i].key_number, next);
        next = next + 1 < KEYS ? next + 1 : 7;
        beyond++;
    }
    double scanned = (double)beyond * KEYS / (KEYS - 7);
    assert_true(fabs(scanned / 20000 - 1) < 0.03); /* five standard deviations of a binomial */
    trace_free(&both);
}

static void new_keys_come_once_or_stay(void **state)
{
    (void)state;
    for (int stays = 0; stays < 2; stays++) {
        struct generate_params params = small();
        uint32_t *requests = xcalloc(params.keys + params.requests, sizeof *requests);
        uint64_t once = 0, more = 0, later = 0;
        *(stays ? &params.new_key_share : &params.one_hit_share) = 0.1;
        struct trace trace = traced(&params, &generate_target_twitter);
        for (size_t i = 0; i < trace.count; i++)
            requests[trace.records[i].key_number]++;
        for (size_t number = params.keys; number < params.keys + params.requests; number++) {
            once += requests[number] == 1;
            more += requests[number] > 1;
            later += requests[number];
        }
        expect_counts("new keys", (uint64_t[]){once + more, params.requests - once - more}, (double[]){0.1, 0.9}, 2);
        assert_true(stays ? later > 5 * (once + more) : more == 0);
        trace_free(&trace);
        free(requests);
    }
}

/* Keys live for a time that is exponential, of mean keys / (rate x share) = 50 s; their requests die with the half-life. */
static double mean_age_s(int64_t half_life_us)
{
    struct generate_params params = small();
    int64_t *born_us;
    double ages = 0;
    uint64_t count = 0;

    params.popularity.exponent = 0;
    params.requests = 400000;
    params.new_key_share = 0.01;
    params.half_life_us = half_life_us;
    born_us = xcalloc(params.keys + params.requests, sizeof *born_us);
    struct trace trace = traced(&params, &generate_target_twitter);
    for (size_t i = 0; i < trace.count; i++) {
        const struct record *record = &trace.records[i];
        if (record->key_number < params.keys)
            continue;
        if (!born_us[record->key_number])
            born_us[record->key_number] = record->time_us;
        ages += (double)(record->time_us - born_us[record->key_number]) / 1e6;
        count++;
    }
    trace_free(&trace);
    free(born_us);
    return ages / (double)count;
}

static void popularity_halves(void **state)
{
    (void)state;
    /* Ages of living keys are exponential, too, of mean 50 s, but those that were there from the begin do not count: over
     * 400 s that leaves 42.9 s. Weighted by 2^(-age / 20 s) their mean is 1 / (1/50 + ln 2 / 20) = 18.3 s. Requests that
     * make a key are of age 0, a hundredth of them. */
    double lasting = mean_age_s(0), fading = mean_age_s(20000000);
    assert_true(fabs(lasting / 42.9 - 1) < 0.03);
    assert_true(fabs(fading / 18.3 - 1) < 0.06);
}

static void operations_take_turns(void **state)
{
    struct generate_params params = small();

    (void)state;
    params.read_share = params.write_share = 1;
    params.mix.turns = 500;
    struct trace trace = traced(&params, &generate_target_twitter);
    for (size_t i = 0; i < trace.count; i++)
        assert_int_equal(trace.records[i].op, i % 500 < 250 ? OP_GET : OP_SET);
    trace_free(&trace);
}

/* Replays it into a cache that never evicts: reads of what is not there. */
static void the_miss_ratio_is_met(void **state)
{
    static const double ratios[] = {0.03, 0.1};

    (void)state;
    for (int r = 0; r < 2; r++) {
        struct generate_params params = small();
        int64_t *expire_us;
        uint64_t counts[3] = {0}, misses = 0;
        params.keys = 20000;
        params.requests = 200000;
        expire_us = xcalloc(params.keys + params.requests, sizeof *expire_us);
        params.read_share = 7;
        params.write_share = 2.5;
        params.delete_share = 0.5;
        params.mix.miss_ratio = ratios[r];
        struct trace trace = traced(&params, &generate_target_twitter);
        for (size_t i = 0; i < trace.count; i++) {
            const struct record *record = &trace.records[i];
            int64_t *expire = &expire_us[record->key_number];
            counts[record->op == OP_GET ? 0 : record->op == OP_SET ? 1 : 2]++;
            misses += record->op == OP_GET && *expire <= record->time_us;
            if (record->op == OP_SET)
                *expire = record->flags & REQUEST_TTL ? record->time_us + record->ttl_ms * 1000 : INT64_MAX;
            else if (record->op == OP_DEL)
                *expire = 0;
        }
        assert_true(fabs((double)misses / (double)counts[0] / ratios[r] - 1) < 0.02);
        assert_true(fabs((double)counts[0] / 140000 - 1) < 0.01);
        assert_true(fabs((double)counts[1] / 50000 - 1) < 0.02);
        assert_true(fabs((double)counts[2] / 10000 - 1) < 0.05);
        trace_free(&trace);
        free(expire_us);
    }
}

/* Every operation, written as MONITOR prints it: the reader knows each, and each has its share. */
static void monitor_has_every_operation(void **state)
{
    (void)state;
    for (size_t first = 0; first < operation_count; first += MIX_OPERATIONS) {
        struct generate_params params = small();
        size_t count = operation_count - first < MIX_OPERATIONS ? operation_count - first : MIX_OPERATIONS;
        for (size_t i = 0; i < count; i++)
            params.mix.shares[i] = (struct mix_share){&operations[first + i], 1};
        params.mix.count = (int)count;
        struct trace trace = traced(&params, &generate_target_monitor);
        const char *at = trace.text;
        for (size_t i = 0; i < trace.count; i++) { /* the command is the fourth column, in quotes */
            const char *name = strchr(at, '"') + 1;
            assert_non_null(command_table[trace.records[i].op].name);
            assert_int_equal(strncasecmp(name, command_table[trace.records[i].op].name, strcspn(name, "\"")), 0);
            at = strchr(at, '\n') + 1;
        }
        trace_free(&trace);
    }
}

static void the_same_seed_gives_the_same_bytes_whatever_is_mixed_in(void **state)
{
    struct generate_params params = small();

    (void)state;
    params.scan_share = params.loop_share = params.new_key_share = params.one_hit_share = 0.1;
    params.drift = 0.1;
    params.half_life_us = 5000000;
    params.arrivals.swing = 0.5;
    params.arrivals.burst_factor = 4;
    params.mix.miss_ratio = 0.1;
    params.population.key_sizes = (struct sizes){.kind = SIZES_LOGNORMAL, .a = 30, .b = 1};
    struct trace one = traced(&params, &generate_target_twitter), two = traced(&params, &generate_target_twitter);
    params.seed = 2;
    struct trace other = traced(&params, &generate_target_twitter);
    assert_int_equal(one.bytes, two.bytes);
    assert_memory_equal(one.text, two.text, one.bytes);
    assert_false(one.bytes == other.bytes && !memcmp(one.text, other.text, one.bytes));
    trace_free(&one);
    trace_free(&two);
    trace_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_follow_zipf_and_mandelbrot),
        cmocka_unit_test(lru_test_draws_as_redis_cli_does),
        cmocka_unit_test(a_table_of_popularity_is_stretched_to_the_keys),
        cmocka_unit_test(sizes_follow_their_distribution),
        cmocka_unit_test(sizes_come_from_files),
        cmocka_unit_test(what_is_no_distribution_is_refused),
        cmocka_unit_test(gaps_are_exponential),
        cmocka_unit_test(the_rate_swings_as_a_sine),
        cmocka_unit_test(bursts_keep_the_mean_rate),
        cmocka_unit_test(keys_have_the_ttls_and_names_of_their_shares),
        cmocka_unit_test(scans_and_loops_go_in_order),
        cmocka_unit_test(new_keys_come_once_or_stay),
        cmocka_unit_test(popularity_halves),
        cmocka_unit_test(operations_take_turns),
        cmocka_unit_test(the_miss_ratio_is_met),
        cmocka_unit_test(monitor_has_every_operation),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes_whatever_is_mixed_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
