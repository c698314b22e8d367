/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_generate: synthetic traces have the shares, the popularity and the rates that the options ask for. */
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "sim/generate/generate.h"
#include "sim/input/raw_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The trace in memory, to be freed. */
static char *generate(const struct generate_target *target, const struct generate_params *params, size_t *bytes)
{
    struct error error = {0};
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    assert_int_equal(generate_trace(params, target, out, NULL, &error), 0);
    fclose(out);
    return text;
}

static struct generate_params small(void)
{
    struct generate_params params;

    generate_defaults(&params);
    params.requests = 20000;
    params.keys = 500;
    return params;
}

static struct generate_params small_reads(void)
{
    struct generate_params params = small();

    params.write_share = params.population.ttl_share = 0;
    return params;
}

/* 17 of "cart:item:17" */
static uint64_t number_at_the_end(const struct record *record)
{
    uint64_t number = 0, power = 1;

    for (uint32_t at = record->key_bytes; at > 0 && record->key[at - 1] != ':'; at--) {
        number += power * (uint64_t)(record->key[at - 1] - '0');
        power *= 10;
    }
    return number;
}

/* The records of a generated trace, to be freed; their keys are in key_number. */
static struct record *read_back(const char *text, size_t bytes, const char *format, size_t count)
{
    char *path = write_temporary("x", text, bytes);
    struct record *records = xmalloc((count + 1) * sizeof *records);
    struct format_options options = {0};
    struct error error = {0};
    struct raw_trace trace;
    size_t got = 0;
    int more;

    assert_int_equal(raw_trace_open(&trace, path, format_choose, NULL, &options, &error), 0);
    assert_string_equal(trace.format->name, format);
    while ((more = raw_trace_read(&trace, records + got, (int)(count + 1 - got), &error)) > 0)
        for (int i = 0; i < more; i++, got++)
            if (records[got].key)
                records[got].key_number = number_at_the_end(&records[got]);
    assert_int_equal(more, 0);
    assert_int_equal(got, count);
    raw_trace_close(&trace);
    remove_temporary(path);
    return records;
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    static const struct generate_target *const targets[] = {&generate_target_twitter, &generate_target_oracle_general};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct generate_params params = small_reads();
        size_t a_bytes, b_bytes, c_bytes;
        char *a = generate(targets[i], &params, &a_bytes);
        char *b = generate(targets[i], &params, &b_bytes);
        params.seed = 2;
        char *c = generate(targets[i], &params, &c_bytes);
        assert_int_equal(a_bytes, b_bytes);
        assert_memory_equal(a, b, a_bytes);
        assert_false(a_bytes == c_bytes && !memcmp(a, c, a_bytes));
        free(a);
        free(b);
        free(c);
    }
}

static void a_longer_trace_begins_like_a_shorter_one(void **state)
{
    struct generate_params params = small();
    size_t bytes, more_bytes;

    (void)state;
    params.drift = 0.01;
    char *text = generate(&generate_target_twitter, &params, &bytes);
    params.requests *= 2;
    char *more = generate(&generate_target_twitter, &params, &more_bytes);
    assert_true(more_bytes > bytes);
    assert_memory_equal(more, text, bytes);
    free(text);
    free(more);
}

static void shares_are_met_and_traits_stay_with_their_key(void **state)
{
    struct generate_params params = small();
    uint32_t size[500] = {0};
    int64_t ttl[500] = {0};
    size_t bytes, reads = 0, writes = 0, deletes = 0;
    int64_t last_us = 0;

    (void)state;
    params.read_share = 7;
    params.write_share = 2;
    params.delete_share = 1;
    params.population.value_min_bytes = 10;
    params.population.value_max_bytes = 2000;
    char *text = generate(&generate_target_twitter, &params, &bytes);
    struct record *records = read_back(text, bytes, "twitter", params.requests);
    for (size_t i = 0; i < params.requests; i++) {
        const struct record *r = &records[i];
        assert_true(r->time_us >= last_us);
        last_us = r->time_us;
        reads += r->op == OP_GET;
        writes += r->op == OP_SET;
        deletes += r->op == OP_DEL;
        if (r->op == OP_DEL)
            continue;
        assert_in_range(r->value_len, 10, 2000);
        if (!size[r->key_number]) {
            size[r->key_number] = r->value_len;
            ttl[r->key_number] = r->ttl_ms;
        }
        assert_int_equal(r->value_len, size[r->key_number]);
        assert_int_equal(r->ttl_ms, ttl[r->key_number]);
        if (r->flags & REQUEST_TTL)
            assert_in_range(r->ttl_ms, 60000, 86400000);
    }
    /* five standard deviations of a binomial: 324, 283, 212 */
    assert_in_range(reads, 14000 - 324, 14000 + 324);
    assert_in_range(writes, 4000 - 283, 4000 + 283);
    assert_in_range(deletes, 2000 - 212, 2000 + 212);
    free(records);
    free(text);
}

static int falling(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? 1 : x > y ? -1 : 0;
}

static void popularity_follows_zipf(void **state)
{
    struct generate_params params = small_reads();
    uint32_t counts[500] = {0};
    size_t bytes;
    double harmonic = 0;

    (void)state;
    params.requests = 200000;
    for (int rank = 1; rank <= 500; rank++)
        harmonic += 1.0 / rank;
    char *text = generate(&generate_target_oracle_general, &params, &bytes);
    struct record *records = read_back(text, bytes, "oracleGeneral", params.requests);
    for (size_t i = 0; i < params.requests; i++)
        counts[records[i].key_number - 1]++;
    qsort(counts, 500, sizeof *counts, falling);
    for (int rank = 1; rank <= 10; rank++) {
        double expected = (double)params.requests / harmonic / rank;
        assert_true(fabs(counts[rank - 1] - expected) < 5 * sqrt(expected));
    }
    free(records);
    free(text);
}

static void the_popular_keys_are_not_the_first(void **state)
{
    struct generate_params params = small_reads();
    uint32_t counts[500] = {0};
    size_t bytes, best = 0;

    (void)state;
    char *text = generate(&generate_target_oracle_general, &params, &bytes);
    struct record *records = read_back(text, bytes, "oracleGeneral", params.requests);
    for (size_t i = 0; i < params.requests; i++)
        counts[records[i].key_number - 1]++;
    for (size_t key = 1; key < 500; key++)
        if (counts[key] > counts[best])
            best = key;
    assert_true(best > 10);
    free(records);
    free(text);
}

static void the_next_request_is_the_objects_next(void **state)
{
    struct generate_params params = small_reads();
    size_t bytes;

    (void)state;
    params.requests = 2000;
    char *text = generate(&generate_target_oracle_general, &params, &bytes);
    assert_int_equal(bytes, 24 * params.requests);
    for (size_t i = 0; i < params.requests; i++) {
        size_t later = i + 1;
        int64_t next;
        memcpy(&next, text + 24 * i + 16, sizeof next);
        while (later < params.requests && memcmp(text + 24 * i + 4, text + 24 * later + 4, 8))
            later++;
        assert_int_equal(next, later < params.requests ? (int64_t)later : -1);
    }
    free(text);
}

static void arrivals_meet_their_rate(void **state)
{
    struct generate_params params = small();
    size_t bytes;

    (void)state;
    params.arrivals.poisson = false;
    generate_set_duration(&params, 50000000);
    char *text = generate(&generate_target_twitter, &params, &bytes);
    struct record *records = read_back(text, bytes, "twitter", params.requests);
    for (size_t i = 0; i < params.requests; i++)
        assert_int_equal(records[i].time_us, 2500 * i);
    free(records);
    free(text);

    params.arrivals.poisson = true;
    text = generate(&generate_target_twitter, &params, &bytes);
    records = read_back(text, bytes, "twitter", params.requests);
    double end_s = (double)records[params.requests - 1].time_us / 1e6;
    assert_true(fabs(end_s - 50) < 5 * 50 / sqrt((double)params.requests));
    free(records);
    free(text);
}

static void drift_moves_the_popularity(void **state)
{
    struct generate_params params = small_reads();
    size_t bytes, still = 0;
    uint64_t favourite = 0;

    (void)state;
    params.popularity.exponent = 3; /* the first rank has 83 % */
    params.drift = 0.2;
    char *text = generate(&generate_target_oracle_general, &params, &bytes);
    struct record *records = read_back(text, bytes, "oracleGeneral", params.requests);
    favourite = records[0].key_number;
    for (size_t i = 0; i < params.requests; i++)
        still += records[i].key_number == favourite;
    assert_true(still < params.requests / 4);
    free(records);
    free(text);
}

static void impossible_parameters_are_refused(void **state)
{
    struct error error = {0};
    struct generate_params params = small();

    (void)state;
    params.keys = 0;
    assert_int_equal(generate_trace(&params, &generate_target_twitter, stdout, NULL, &error), -1);
    assert_int_equal(error.code, ERROR_USAGE);
    assert_string_equal(error.text, "cannot generate a trace: requests and keys must be at least 1");
    params = small();
    params.popularity.exponent = NAN;
    error = (struct error){0};
    assert_int_equal(generate_trace(&params, &generate_target_twitter, stdout, NULL, &error), -1);
    params = small();
    error = (struct error){0};
    assert_int_equal(generate_trace(&params, &generate_target_oracle_general, stdout, NULL, &error), -1);
    assert_string_equal(error.text, "cannot generate a trace: oracleGeneral has no writes, deletes "
                                    "or ttls, their shares must be 0");
}

static void a_full_disk_is_an_output_error(void **state)
{
    struct generate_params params = small();
    struct error error = {0};
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    if (!full)
        skip();
    assert_int_equal(generate_trace(&params, &generate_target_twitter, full, NULL, &error), -1);
    assert_int_equal(error.code, ERROR_OUTPUT);
    assert_string_equal(error.text, "cannot write the trace: No space left on device");
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(a_longer_trace_begins_like_a_shorter_one),
        cmocka_unit_test(shares_are_met_and_traits_stay_with_their_key),
        cmocka_unit_test(popularity_follows_zipf),
        cmocka_unit_test(the_popular_keys_are_not_the_first),
        cmocka_unit_test(the_next_request_is_the_objects_next),
        cmocka_unit_test(arrivals_meet_their_rate),
        cmocka_unit_test(drift_moves_the_popularity),
        cmocka_unit_test(impossible_parameters_are_refused),
        cmocka_unit_test(a_full_disk_is_an_output_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
