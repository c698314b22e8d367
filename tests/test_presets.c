/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_presets: laws that hold for every preset of evsim gen; and for ten clusters of Twitter, that a generated trace has the
 * figures of the published table: operations, mean sizes, slope of Zipf's law, ttls, and the miss ratio of a cache as
 * large as the table's working set.
 *
 * The ten are those that all figures could be met for. The others', and how far they are off, stand in traces/README.md. */
#include "tests/support_command.h"
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "sim/generate/presets.h"
#include "sim/generate/twitter_clusters.h"
#include "sim/input/raw_trace.h"
#include "sim/units.h"
#include "traces/registry.h"

#include <gsl/gsl_fit.h>
#include <jansson.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- every preset ---- */

static bool needs_monitor(const struct generate_params *params)
{
    for (int i = 0; i < params->mix.count; i++)
        if (!params->mix.shares[i].operation->verb)
            return true;
    return false;
}

static char *generated(const char *name, uint64_t requests, uint32_t seed, const struct generate_target *target,
                       size_t *bytes)
{
    struct generate_params params = {.requests = requests, .seed = seed};
    struct error error = {0};
    char *text = NULL;

    assert_int_equal(preset_apply(name, &params, &error), 0);
    if (!target)
        target = needs_monitor(&params) ? &generate_target_monitor : &generate_target_twitter;
    FILE *out = open_memstream(&text, bytes);
    if (generate_trace(&params, target, out, NULL, &error))
        fail_msg("%s: %s", name, error.text);
    fclose(out);
    return text;
}

static void every_preset_states_its_source_and_runs(void **state)
{
    (void)state;
    assert_int_equal(preset_count(), TWITTER_CLUSTERS + 2 + 1 + 6);
    for (size_t i = 0; i < preset_count(); i++) {
        struct preset preset = preset_at(i);
        size_t bytes, again_bytes, lines = 0;
        char *text = generated(preset.name, 5000, 3, NULL, &bytes);
        char *again = generated(preset.name, 5000, 3, NULL, &again_bytes);

        assert_true(*preset.name && strlen(preset.source) > 10 && strlen(preset.matches) > 10);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(preset.name, preset_at(j).name);
        for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
            lines++;
        assert_int_equal(lines, 5000);
        assert_int_equal(bytes, again_bytes);
        assert_memory_equal(text, again, bytes);
        free(again);
        again = generated(preset.name, 5000, 4, NULL, &again_bytes);
        assert_false(bytes == again_bytes && !memcmp(text, again, bytes));
        free(again);
        free(text);
        text = generated(preset.name, 1, 3, NULL, &bytes); /* as short as can be */
        free(text);
        text = generated(preset.name, 1000, 3, &generate_target_monitor, &bytes);
        free(text);
    }
}

static void the_list_names_every_preset_with_its_source(void **state)
{
    char *list = command_output_of(".", "\"$EVSIM\" gen --list-presets"), *at = list;

    (void)state;
    for (size_t i = 0; i < preset_count(); i++) {
        struct preset preset = preset_at(i);
        at = strstr(at, preset.name);
        assert_non_null(at);
        assert_ptr_equal(strstr(at, preset.source), strstr(at, "source: ") + strlen("source: "));
        at = strstr(at, preset.matches);
        assert_non_null(at);
    }
    free(list);
}

/* ---- the clusters' figures are the table's ---- */

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);

    return end == text ? NAN : value;
}

static bool same(double a, double b)
{
    return isnan(a) ? isnan(b) : fabs(a - b) < 1e-9;
}

static char *without_blanks(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        if (*from != ' ' && *from != ',')
            *to++ = *from;
    *to = '\0';
    return text;
}

static void the_clusters_are_those_of_the_table(void **state)
{
    const char *shared = getenv("EVSIM_SHARED");
    char *path, *line = NULL, ttls[512], listed[512];
    size_t room = 0, found = 0;

    (void)state;
    assert_true(asprintf(&path, "%s/traces/stats/twitter-2020Mar.md", shared ? shared : "../shared") > 0);
    FILE *file = fopen(path, "r");
    free(path);
    if (!file)
        skip();
    while (getline(&line, &room, file) > 0) {
        char *columns[20], *rest = line;
        int count = 0;
        for (char *word; count < 20 && (word = strsep(&rest, "|")) != NULL;)
            columns[count++] = word + strspn(word, " ");
        if (count < 15 || strncmp(columns[1], "cluster", 7) || columns[1][7] < '0' || columns[1][7] > '9')
            continue;
        const struct twitter_cluster *cluster = &twitter_clusters[found++];
        size_t length = strcspn(columns[1], " ");
        assert_int_equal(strlen(cluster->name), length);
        assert_memory_equal(columns[1], cluster->name, length);
        const double figures[] = {cluster->miss_ratio,    cluster->key_bytes,      cluster->value_bytes,
                                  cluster->rate_kqps,     cluster->mean_frequency, cluster->one_hit_percent,
                                  cluster->first_percent, cluster->all_mb,         cluster->live_mb,
                                  cluster->zipf};
        const int places[] = {2, 4, 5, 6, 7, 8, 9, 11, 12, 14};
        for (int i = 0; i < 10; i++)
            if (!same(number(columns[places[i]]), figures[i]))
                fail_msg("%s: '%s' is not %g", cluster->name, columns[places[i]], figures[i]);
        snprintf(ttls, sizeof ttls, "%s", cluster->ttls);
        snprintf(listed, sizeof listed, "%s", cluster->operations);
        if (!isnan(cluster->mean_frequency)) {
            assert_string_equal(without_blanks(ttls), without_blanks(columns[10]));
            assert_string_equal(without_blanks(listed), without_blanks(columns[13]));
        }
    }
    assert_int_equal(found, TWITTER_CLUSTERS);
    free(line);
    fclose(file);
}

/* ---- ten clusters ---- */

enum { REQUESTS = 1000000, MOST_KEYS = 6 * REQUESTS, SHARES = 40 };
static const double MOST_OFF = 0.05;

/* What a share is of, as the trace has it: "get", or seconds. */
struct counted {
    char name[SHARES][32];
    double count[SHARES], all;
    int names;
};

static void count(struct counted *counted, const char *name, double by)
{
    int i = 0;

    while (i < counted->names && strcmp(counted->name[i], name))
        i++;
    assert_true(i < SHARES);
    if (i == counted->names)
        snprintf(counted->name[counted->names++], sizeof counted->name[0], "%s", name);
    counted->count[i] += by;
    counted->all += by;
}

static double share_of(const struct counted *counted, const char *name)
{
    for (int i = 0; i < counted->names; i++)
        if (!strcmp(counted->name[i], name))
            return counted->count[i] / counted->all;
    return 0;
}

static void expect_near(const char *cluster, const char *what, double found, double published, double rounding)
{
    if (!(fabs(found - published) <= MOST_OFF * published + rounding))
        fail_msg("%s: %s is %g, published is %g", cluster, what, found, published);
}

/* Shares of the table, relative to their sum; each is rounded to a hundredth. */
static void expect_shares(const char *cluster, const char *text, const struct counted *counted, bool are_times)
{
    struct counted published = {0};

    while (*text) {
        char name[32], *end;
        size_t length = strcspn(text, ":");
        int64_t us = 0;
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        if (are_times) {
            assert_true(scan_duration(name, &us));
            snprintf(name, sizeof name, "%lld", (long long)(us / 1000000));
        }
        count(&published, name, strtod(text + length + 1, &end));
        text = end + strspn(end, " ");
    }
    for (int i = 0; i < published.names; i++)
        expect_near(cluster, published.name[i], share_of(counted, published.name[i]),
                    share_of(&published, published.name[i]), 0.005);
}

static int falling(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* Of the line through ranks at equal steps in the log-log plot, as the table's authors fit it, of keys with 10 requests or
 * more: what has fewer is chance. */
static double slope_of(uint32_t *requests, size_t keys)
{
    double x[200], y[200], intercept, slope, ignored;
    size_t count = 0, points = 0;

    for (size_t i = 0; i < keys; i++)
        if (requests[i] >= 10)
            requests[count++] = requests[i];
    qsort(requests, count, sizeof *requests, falling);
    for (double rank = 1; rank <= (double)count; rank *= 1.1) {
        x[points] = log(floor(rank));
        y[points++] = log(requests[(size_t)rank - 1]);
    }
    gsl_fit_linear(x, 1, y, 1, points, &intercept, &slope, &ignored, &ignored, &ignored, &ignored);
    return -slope;
}

static double miss_ratio_of(const char *path, double bytes)
{
    char *text = command_output_of(".", "\"$EVSIM\" run '%s' -m %.0f --server flat --policy lru --on-miss none --json",
                                   path, bytes);
    json_t *cells = json_loads(text, 0, NULL);
    double misses = json_number_value(json_object_get(json_array_get(cells, 0), "misses"));
    double reads = json_number_value(json_object_get(json_array_get(cells, 0), "reads"));

    assert_true(reads > 0);
    json_decref(cells);
    free(text);
    return misses / reads;
}

static const struct twitter_cluster *cluster_called(const char *name)
{
    for (size_t i = 0; i < TWITTER_CLUSTERS; i++)
        if (!strcmp(twitter_clusters[i].name, name))
            return &twitter_clusters[i];
    fail_msg("there is no %s", name);
    return NULL;
}

static void check_cluster(const char *name)
{
    const struct twitter_cluster *cluster = cluster_called(name);
    struct generate_params params = {.requests = REQUESTS, .seed = 1};
    struct counted verbs = {0}, ttls = {0};
    struct error error = {0};
    double key_bytes = 0, value_bytes = 0, values = 0;
    uint32_t *requests = xcalloc(MOST_KEYS, sizeof *requests);
    char preset[32];
    size_t bytes;

    snprintf(preset, sizeof preset, "twitter:%s", name);
    assert_int_equal(preset_apply(preset, &params, &error), 0);
    char *text = generated(preset, REQUESTS, 1, &generate_target_twitter, &bytes);
    char *path = write_temporary("x", text, bytes);
    for (char *line = text, *next; *line; line = next) {
        char *columns[7];
        next = strchr(line, '\n') + 1;
        next[-1] = '\0';
        for (int i = 0; i < 7; i++)
            columns[i] = strsep(&line, ",");
        count(&verbs, columns[5], 1);
        key_bytes += number(columns[2]);
        if (strcmp(columns[5], "delete")) {
            value_bytes += number(columns[3]);
            values++;
            count(&ttls, columns[6], 1);
        }
        size_t key = strtoul(columns[1], NULL, 10);
        assert_true(key < MOST_KEYS);
        requests[key]++;
    }
    expect_shares(name, cluster->operations, &verbs, false);
    expect_shares(name, cluster->ttls, &ttls, true);
    expect_near(name, "mean key size", key_bytes / REQUESTS, cluster->key_bytes, 0);
    expect_near(name, "mean value size", value_bytes / values, cluster->value_bytes, 0);
    double slope = slope_of(requests, MOST_KEYS);
    expect_near(name, "Zipf slope", slope, cluster->zipf, 0);
    double working_set = preset_working_set(preset, &params);
    assert_true(working_set > 0);
    double miss_ratio = miss_ratio_of(path, working_set);
    print_message("%s: value size %.1f / %.0f, slope %.3f / %.3f, miss ratio %.4f / %.4f\n", name, value_bytes / values,
                  cluster->value_bytes, slope, cluster->zipf, miss_ratio, cluster->miss_ratio);
    expect_near(name, "miss ratio", miss_ratio, cluster->miss_ratio, 0.00005);
    remove_temporary(path);
    free(text);
    free(requests);
}

static void ten_clusters_have_the_tables_figures(void **state)
{
    static const char *const names[] = {"cluster16", "cluster22", "cluster29", "cluster36", "cluster42",
                                        "cluster47", "cluster48", "cluster50", "cluster52", "cluster53"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_cluster(names[i]);
}

/* ---- the others ---- */

/* As LRUTestMode sends them. */
static void lru_test_is_redis_clis(void **state)
{
    size_t bytes;
    char *text = generated("lru-test", 100000, 1, NULL, &bytes), *rest = text, *line;
    uint64_t fifth = 0, all = 0;

    (void)state;
    for (uint64_t i = 0; (line = strsep(&rest, "\n")) && *line; i++) {
        char *columns[7];
        for (int c = 0; c < 7; c++)
            columns[c] = strsep(&line, ",");
        uint64_t key = strtoull(columns[1] + 4, NULL, 10), keys = 100000;
        assert_memory_equal(columns[1], "lru:", 4);
        assert_true(key >= 1 && key <= keys);
        fifth += key <= keys / 5;
        all++;
        assert_string_equal(columns[3], "5");
        assert_string_equal(columns[5], i % 500 < 250 ? "set" : "get");
        assert_string_equal(columns[6], "0");
    }
    assert_true(fabs((double)fifth / (double)all - 0.7995) < 5 * sqrt(0.16 / (double)all)); /* 1 - 0.8^7.2 */
    free(text);
}

/* Mean sizes and requests per key are the sources': sizes.json and pop.json of CacheLib. */
static void meta_has_the_means_of_its_tables(void **state)
{
    static const struct {
        const char *name;
        double value_bytes, requests_per_key, once;
    } cases[] = {{"meta:cdn", 33008, 4.928, 0.00884}, {"meta:kvcache", 319.7, 39.80, 0.1204}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct generate_params params = {.requests = REQUESTS, .seed = 1};
        struct error error = {0};
        assert_int_equal(preset_apply(cases[i].name, &params, &error), 0);
        assert_true(fabs(sizes_mean(&params.population.value_sizes) / cases[i].value_bytes - 1) < 0.005);
        assert_true(fabs(params.one_hit_share / cases[i].once - 1) < 0.005);
        assert_true(fabs(REQUESTS * (1 - params.one_hit_share) / params.keys / cases[i].requests_per_key - 1) < 0.001);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preset_states_its_source_and_runs),
        cmocka_unit_test(the_list_names_every_preset_with_its_source),
        cmocka_unit_test(the_clusters_are_those_of_the_table),
        cmocka_unit_test(ten_clusters_have_the_tables_figures),
        cmocka_unit_test(lru_test_is_redis_clis),
        cmocka_unit_test(meta_has_the_means_of_its_tables),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
