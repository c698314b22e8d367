/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_server_curves: every point of evsim mrc --server is what evsim run says of that server, policy and maxmemory, to the
 * last bit; the sizes that are chosen go from where little fits to where nothing is evicted. */
#include "tests/support_command.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE "tests/data/sample.csv.zst"

static json_t *json_of(const char *arguments)
{
    char *text = command_output_of(".", "\"$EVSIM\" %s --json 2>/dev/null", arguments);
    json_t *document = json_loads(text, 0, NULL);

    assert_non_null(document);
    free(text);
    return document;
}

static double number_of(const json_t *object, const char *member)
{
    return json_number_value(json_object_get(object, member));
}

static const char *text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* The mean over the seeds of what run says of the cell. */
static void compare(const json_t *runs, const json_t *curve, const json_t *point)
{
    double ratio = 0, refused = 0;
    size_t seeds = 0;

    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *cell = json_array_get(runs, i);

        if (strcmp(text_of(cell, "server"), text_of(curve, "server")) != 0 ||
            strcmp(text_of(cell, "policy"), text_of(curve, "policy")) != 0 ||
            number_of(cell, "maxmemory") != number_of(point, "size"))
            continue;
        ratio += number_of(cell, "misses") / number_of(cell, "reads");
        refused += number_of(cell, "oom_rejections");
        seeds++;
    }
    assert_int_equal(seeds, 2);
    assert_true(fabs(number_of(point, "miss_ratio") - ratio / 2) < 1e-15);
    assert_true(fabs(number_of(point, "oom_rejections") - refused / 2) < 1e-9);
    assert_true(number_of(point, "low") <= number_of(point, "miss_ratio"));
    assert_true(number_of(point, "high") >= number_of(point, "miss_ratio"));
}

static void points_are_runs(void **state)
{
    static const char grid[] =
        SAMPLE " -s redis-7.0.15,valkey-8.0.1 -p allkeys-lru,volatile-ttl -m 3mb,1mb..2mb:+512kb --seeds 2";
    char arguments[256];
    json_t *curves, *runs;
    size_t points = 0;

    (void)state;
    snprintf(arguments, sizeof arguments, "mrc %s", grid);
    curves = json_of(arguments);
    snprintf(arguments, sizeof arguments, "run %s", grid);
    runs = json_of(arguments);
    for (size_t c = 0; c < json_array_size(json_object_get(curves, "curves")); c++) {
        const json_t *curve = json_array_get(json_object_get(curves, "curves"), c);

        for (size_t i = 0; i < json_array_size(json_object_get(curve, "points")); i++, points++)
            compare(runs, curve, json_array_get(json_object_get(curve, "points"), i));
    }
    assert_int_equal(points, 2 * 2 * 4);
    json_decref(curves);
    json_decref(runs);
}

static void chosen_sizes_span_the_data(void **state)
{
    json_t *document = json_of("mrc " SAMPLE " -s redis-7.0.15 -p allkeys-lru");
    const json_t *points = json_object_get(json_array_get(json_object_get(document, "curves"), 0), "points");
    size_t count = json_array_size(points);
    const json_t *last = json_array_get(points, count - 1);
    char arguments[128];
    json_t *runs;

    (void)state;
    assert_int_equal(count, 24);
    for (size_t i = 1; i < count; i++)
        assert_true(number_of(json_array_get(points, i), "size") > number_of(json_array_get(points, i - 1), "size"));
    assert_true(number_of(json_array_get(points, 0), "miss_ratio") > 0.99);
    snprintf(arguments, sizeof arguments, "run " SAMPLE " -p allkeys-lru -m %.0f", number_of(last, "size"));
    runs = json_of(arguments);
    assert_true(number_of(json_array_get(runs, 0), "evicted_keys") == 0);
    json_decref(runs);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_runs),
        cmocka_unit_test(chosen_sizes_span_the_data),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
