/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_like: a stand-in has the original's curves, mix, sizes and ttls, and none of its names. */
#include "tests/support_command.h"
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "sim/generate/generate.h"
#include "sim/generate/like.h"
#include "sim/generate/recency.h"
#include "sim/input/raw_trace.h"
#include "traces/registry.h"

#include <jansson.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- recency, beside a list ---- */

enum { KEYS = 60, CLASSES = 4 };

struct naive {
    uint32_t order[KEYS], count; /* the most recent first */
    uint64_t bytes[KEYS];
};

static uint64_t naive_depth(const struct naive *naive, uint32_t key)
{
    uint64_t depth = 0;

    for (uint32_t i = 0; i < naive->count; i++) {
        depth += naive->bytes[naive->order[i]];
        if (naive->order[i] == key)
            return depth;
    }
    return 0;
}

static void naive_touch(struct naive *naive, uint32_t key)
{
    uint32_t i = 0;

    while (i < naive->count && naive->order[i] != key)
        i++;
    naive->count += i == naive->count;
    memmove(naive->order + 1, naive->order, i * sizeof *naive->order);
    naive->order[0] = key;
}

static struct recency_pair naive_near(const struct naive *naive, uint32_t class, uint64_t depth)
{
    struct recency_pair pair = {UINT32_MAX, UINT32_MAX};

    for (uint32_t i = 0; i < naive->count; i++) {
        uint32_t key = naive->order[i];
        if (key % CLASSES != class)
            continue;
        if (naive_depth(naive, key) < depth)
            pair.higher = key;
        else if (pair.deeper == UINT32_MAX)
            pair.deeper = key;
    }
    return pair;
}

static void recency_is_as_a_list_has_it(void **state)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    struct recency recency;
    struct naive naive = {.count = 0};
    uint64_t total = 0;

    (void)state;
    gsl_rng_set(rng, 7);
    recency_init(&recency, KEYS, CLASSES);
    for (uint32_t key = 0; key < KEYS; key++)
        naive.bytes[key] = 1 + gsl_rng_uniform_int(rng, 100);
    for (int step = 0; step < 20000; step++) {
        uint32_t key = (uint32_t)gsl_rng_uniform_int(rng, step < 5000 ? 10 : KEYS);
        assert_int_equal(recency_depth(&recency, key), naive_depth(&naive, key));
        total += naive_depth(&naive, key) ? 0 : naive.bytes[key];
        recency_touch(&recency, key, key % CLASSES, naive.bytes[key]);
        naive_touch(&naive, key);
        uint64_t depth = 1 + gsl_rng_uniform_int(rng, total);
        uint32_t class = (uint32_t)gsl_rng_uniform_int(rng, CLASSES), at = 0;
        struct recency_pair got = recency_near(&recency, class, depth), wanted = naive_near(&naive, class, depth);
        assert_int_equal(got.deeper, wanted.deeper);
        assert_int_equal(got.higher, wanted.higher);
        while (naive_depth(&naive, naive.order[at]) < depth)
            at++;
        assert_int_equal(recency_at(&recency, depth), naive.order[at]);
        assert_int_equal(recency_at(&recency, total + 5), naive.order[naive.count - 1]);
    }
    recency_release(&recency);
    gsl_rng_free(rng);
}

/* ---- stand-ins ---- */

static char *written_like(const char *path, uint32_t seed, const struct generate_target *target, size_t *bytes)
{
    struct trace_request request = {.path = path};
    struct like_summary summary;
    struct error error = {0};
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    if (like_write(&request, format_choose, seed, target, out, &summary, &error))
        fail_msg("%s: %s", path, error.text);
    fclose(out);
    return text;
}

/* What a trace is, summed over its rows. */
struct sums {
    uint64_t rows, gets, sets, deletes, others;
    double value_bytes, key_bytes, with_ttl;
    int64_t last_us;
    char **names; /* of keys, in the order of rows */
};

static struct sums summed(const char *path)
{
    struct format_options options = {0};
    struct error error = {0};
    struct raw_trace trace;
    struct record records[256];
    struct sums sums = {0};
    size_t room = 0;
    int64_t first_us = 0;
    int more;

    if (raw_trace_open(&trace, path, format_choose, NULL, &options, &error))
        fail_msg("%s", error.text);
    while ((more = raw_trace_read(&trace, records, 256, &error)) > 0)
        for (int i = 0; i < more; i++) {
            const struct record *record = &records[i];
            if (!sums.rows)
                first_us = record->time_us;
            if (sums.rows == room) {
                room = room ? 2 * room : 1024;
                sums.names = xrealloc(sums.names, room * sizeof *sums.names);
            }
            sums.names[sums.rows++] = strndup(record->key, record->key_bytes);
            sums.gets += record->op == OP_GET;
            sums.sets += record->op == OP_SET;
            sums.deletes += record->op == OP_DEL;
            sums.others += record->op != OP_GET && record->op != OP_SET && record->op != OP_DEL;
            sums.value_bytes += record->op == OP_DEL ? 0 : record->value_len;
            sums.key_bytes += record->key_len;
            sums.with_ttl += record->flags & REQUEST_TTL && record->ttl_ms > 0;
            sums.last_us = record->time_us - first_us;
        }
    if (more < 0)
        fail_msg("%s", error.text);
    raw_trace_close(&trace);
    return sums;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Distinct ones, sorted, in place; others are freed. */
static size_t distinct(char **names, size_t count)
{
    size_t kept = 0;

    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 0; i < count; i++)
        if (kept && !strcmp(names[kept - 1], names[i]))
            free(names[i]);
        else
            names[kept++] = names[i];
    return kept;
}

static void expect_no_name_of(char **originals, size_t original_count, char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bsearch(&names[i], originals, original_count, sizeof *originals, by_text))
            fail_msg("'%s' is a key of the original", names[i]);
}

static json_t *curve_of(const char *path, const char *sizes)
{
    char *text = command_output_of(".", "\"$EVSIM\" mrc '%s' --method exact %s --json", path, sizes);
    json_t *root = json_loads(text, 0, NULL);

    assert_non_null(root);
    free(text);
    return root;
}

static json_t *points_of(const json_t *root)
{
    return json_object_get(json_array_get(json_object_get(root, "curves"), 0), "points");
}

/* At 20 sizes, as evsim mrc measures them: from a thousandth of all keys' bytes to all of them. */
static void expect_curve(const char *what, const char *original, const char *standin, double most_points)
{
    json_t *first = curve_of(original, "--points 5");
    double footprint = (double)json_integer_value(json_object_get(first, "footprint")), most = 0, at = 0;
    char sizes[1000] = "--sizes ";

    assert_true(footprint > 1000);
    for (int i = 0; i < 20; i++)
        snprintf(sizes + strlen(sizes), sizeof sizes - strlen(sizes), "%s%.0f", i ? "," : "",
                 footprint * pow(1000, (i - 19) / 19.0));
    json_t *one = curve_of(original, sizes), *other = curve_of(standin, sizes);
    assert_int_equal(json_array_size(points_of(one)), 20);
    for (size_t i = 0; i < 20; i++) {
        const json_t *a = json_array_get(points_of(one), i), *b = json_array_get(points_of(other), i);
        double difference = fabs(json_number_value(json_object_get(a, "miss_ratio")) -
                                 json_number_value(json_object_get(b, "miss_ratio")));
        if (difference > most) {
            most = difference;
            at = json_number_value(json_object_get(a, "size"));
        }
    }
    print_message("%s: miss-ratio curves differ by up to %.3f points\n", what, 100 * most);
    if (100 * most > most_points)
        fail_msg("%s: at %.0f bytes the miss ratios differ by %.3f points", what, at, 100 * most);
    json_decref(first);
    json_decref(one);
    json_decref(other);
}

static void check(const char *what, const char *original, double most_points)
{
    size_t bytes, again_bytes;
    char *text = written_like(original, 1, &generate_target_twitter, &bytes);
    char *again = written_like(original, 1, &generate_target_twitter, &again_bytes);
    char *path = write_temporary("x", text, bytes);
    struct sums a = summed(original), b = summed(path);

    assert_int_equal(bytes, again_bytes);
    assert_memory_equal(text, again, bytes);
    assert_int_equal(a.rows, b.rows);
    assert_int_equal(a.gets, b.gets);
    assert_int_equal(a.sets, b.sets);
    assert_int_equal(a.deletes, b.deletes);
    assert_true(fabs(b.with_ttl - a.with_ttl) <= 0.02 * (double)a.rows);
    assert_true(fabs((double)(b.last_us - a.last_us)) <= 0.01 * (double)a.last_us + 1e6);
    size_t originals = distinct(a.names, a.rows), names = distinct(b.names, b.rows);
    assert_true(fabs((double)names - (double)originals) <= 0.01 * (double)originals);
    expect_no_name_of(a.names, originals, b.names, names);
    expect_curve(what, original, path, most_points);
    for (size_t i = 0; i < originals; i++)
        free(a.names[i]);
    for (size_t i = 0; i < names; i++)
        free(b.names[i]);
    free(a.names);
    free(b.names);
    remove_temporary(path);
    free(text);
    free(again);
}

/* A path in ../shared that can be read; NULL: it is not there. To be freed. */
static char *shared(const char *name)
{
    const char *folder = getenv("EVSIM_SHARED");
    char *path;

    assert_true(asprintf(&path, "%s/%s", folder ? folder : "../shared", name) > 0);
    if (!access(path, R_OK))
        return path;
    free(path);
    return NULL;
}

static void d1_has_a_stand_in(void **state)
{
    char *path = shared("golden/d1.csv.zst");

    (void)state;
    if (!path)
        skip();
    check("d1", path, 1);
    free(path);
}

static void metas_cdn_has_a_stand_in(void **state)
{
    char *path = shared("traces/cachelib/short_bigcache_traces.csv");

    (void)state;
    if (!path)
        skip();
    check("Meta CDN", path, 1);
    free(path);
}

static void generated_traces_have_stand_ins(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct generate_params params;
        struct error error = {0};
        char *text = NULL;
        size_t bytes;
        FILE *out = open_memstream(&text, &bytes);
        generate_defaults(&params);
        params.requests = 60000;
        params.keys = 6000;
        params.delete_share = kind == 1 ? 0.05 : 0;
        params.population.ttl_share = kind == 1 ? 0.5 : 0;
        params.population.value_sigma = kind == 2 ? 2 : 0.5;
        params.new_key_share = kind == 2 ? 0.1 : 0;
        params.arrivals.swing = 0.7;
        params.arrivals.period_us = 30000000;
        assert_int_equal(generate_trace(&params, &generate_target_twitter, out, NULL, &error), 0);
        fclose(out);
        char *path = write_temporary("x", text, bytes);
        check(kind == 0 ? "generated" : kind == 1 ? "with deletes and ttls" : "with new keys", path, 1);
        remove_temporary(path);
        free(text);
    }
}

static void small_traces_have_stand_ins(void **state)
{
    static const char *const texts[] = {
        "0.5,a,1,10,0,get,0\n",
        "0,a,1,10,0,get,0\n0,a,1,0,0,get,0\n0,b,1,0,0,delete,0\n",
        "1,a,1,0,0,incr,0\n2,a,1,5,0,append,9\n3,a,1,5,0,expire,9\n4,long:name,9,5,0,cas,9\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *path = write_temporary("x", texts[i], strlen(texts[i]));
        size_t bytes, rows = 0, wanted = 0;
        char *text = written_like(path, 3, &generate_target_twitter, &bytes);
        for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
            rows++;
        for (const char *at = texts[i]; (at = strchr(at, '\n')) != NULL; at++)
            wanted++;
        assert_int_equal(rows, wanted);
        free(text);
        remove_temporary(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recency_is_as_a_list_has_it), cmocka_unit_test(d1_has_a_stand_in),
        cmocka_unit_test(metas_cdn_has_a_stand_in),    cmocka_unit_test(generated_traces_have_stand_ins),
        cmocka_unit_test(small_traces_have_stand_ins),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
