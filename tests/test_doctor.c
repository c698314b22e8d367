/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_doctor: planted causes are named first, healthy servers are called healthy, and every number of the text is in the
 * JSON. */
#include "sim/advice/growth.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "tests/support_command.h"
#include "tests/support_run.h"
#include "tests/support_numbers.h"
#include "tests/support_sick.h"

#include <jansson.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void write_file(const char *path, const struct sick *planted, bool scenario)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    if (scenario)
        fputs(planted->scenario, out);
    else
        planted->write(out);
    assert_int_equal(fclose(out), 0);
}

/* The folder's name, which is another each time, goes from the text. */
static void forget(char *text, const char *folder)
{
    size_t length = strlen(folder);

    for (char *at = text; (at = strstr(at, folder));)
        memmove(at, at + length, strlen(at + length) + 1);
}

/* What evsim doctor prints; to be freed. */
static char *run_doctor(const char *arguments)
{
    return command_output_of(".", "\"$EVSIM\" doctor %s 2>/dev/null", arguments);
}

static char *run_cells(const char *arguments)
{
    return command_output_of(".", "\"$EVSIM\" run %s 2>/dev/null", arguments);
}

enum { SICK_MOST = 64 };

/* What it prints of what was planted, and what it prints with --json, which is doctor.json, too; to be freed. */
struct answer {
    char *text, *json;
};

static struct answer ask_anew(const struct sick *planted)
{
    char *folder = support_directory(), *trace = output_path(folder, "trace"), *lines = output_path(folder, "lines");
    char *arguments;
    struct answer answer;

    write_file(trace, planted, false);
    if (planted->scenario)
        write_file(lines, planted, true);
    if (asprintf(&arguments, "%s %s %s%s --seeds 2 --figures none -o %s/out", trace, planted->options,
                 planted->scenario ? "--scenario " : "", planted->scenario ? lines : "", folder) < 0)
        abort();
    answer.text = run_doctor(arguments);
    answer.json = command_output_of(folder, "cat out/doctor.json");
    forget(answer.text, folder);
    forget(answer.json, folder);
    support_remove(folder);
    free(arguments);
    free(lines);
    free(trace);
    free(folder);
    return answer;
}

/* One of the two. Of the list's, it is asked once: the tests look at the same answers. */
static char *ask(const struct sick *planted, bool json)
{
    static struct answer answers[SICK_MOST], other;
    bool is_listed = planted >= sick && planted < sick + sick_count;
    struct answer *answer = is_listed ? &answers[planted - sick] : &other;

    assert_true(sick_count <= SICK_MOST);
    if (!is_listed) {
        free(other.text);
        free(other.json);
        other.text = NULL;
    }
    if (!answer->text)
        *answer = ask_anew(planted);
    return xstrdup(json ? answer->json : answer->text);
}

static json_t *diagnose(const struct sick *planted)
{
    char *text = ask(planted, true);
    json_t *diagnosis = json_loads(text, 0, NULL);

    if (!json_is_object(diagnosis))
        fail_msg("%s: %s", planted->name, text);
    free(text);
    return diagnosis;
}

static const char *text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static const char *cause_at(const json_t *diagnosis, size_t place)
{
    return text_at(json_array_get(json_object_get(diagnosis, "causes"), place), "name");
}

static void check_planted(const struct sick *planted)
{
    json_t *diagnosis = diagnose(planted);

    if (strcmp(text_at(diagnosis, "state"), planted->state))
        fail_msg("%s: it is %s, not %s: %s", planted->name, text_at(diagnosis, "state"), planted->state,
                 text_at(diagnosis, "verdict"));
    if (strcmp(cause_at(diagnosis, 0), planted->cause ? planted->cause : ""))
        fail_msg("%s: the first cause is %s, not %s", planted->name, cause_at(diagnosis, 0), planted->cause);
    if (planted->second && strcmp(cause_at(diagnosis, 1), planted->second))
        fail_msg("%s: the second cause is %s, not %s", planted->name, cause_at(diagnosis, 1), planted->second);
    json_decref(diagnosis);
}

static void the_planted_cause_comes_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < sick_count; i++)
        check_planted(&sick[i]);
}

/* The parts at the first refusal add up, and it is the first: none was refused before. */
static void check_onset(const json_t *onset)
{
    json_int_t sum = 0;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)onset, name, value) if (!strncmp(name, "memory_", 7)) sum +=
        json_integer_value(value);
    assert_int_equal(sum, json_integer_value(json_object_get(onset, "used_memory")));
    assert_int_equal(json_integer_value(json_object_get(onset, "oom_rejections")), 0);
}

static void the_first_refusal_is_the_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < sick_count; i++) {
        json_t *diagnosis = diagnose(&sick[i]), *refusal = json_object_get(diagnosis, "first_refusal");

        if (!strcmp(sick[i].state, "refuses-writes"))
            check_onset(refusal);
        else
            assert_true(json_is_null(refusal));
        json_decref(diagnosis);
    }
}

static double seconds_of(const json_t *moment)
{
    return json_is_null(moment) ? -1 : json_number_value(json_object_get(moment, "time_us")) / 1e6;
}

/* The doctor and a run's table tell of the same moments. */
static void a_run_has_the_same_moments(void **state)
{
    static const char *const options[] = {"--maxmemory 2mb --policy noeviction", "--maxmemory 2mb --policy allkeys-lru",
                                          "--maxmemory 4mb --policy noeviction"};

    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char *doctor, *run, arguments[160];
        json_t *diagnosis, *cells, *cell;

        snprintf(arguments, sizeof arguments, "tests/data/sample.csv.zst %s --seeds 1 --json", options[i]);
        doctor = run_doctor(arguments);
        run = run_cells(arguments);
        diagnosis = json_loads(doctor, 0, NULL);
        cells = json_loads(run, 0, NULL);
        cell = json_array_get(cells, 0);
        assert_true(json_is_object(diagnosis) && json_is_object(cell));
        assert_true(seconds_of(json_object_get(diagnosis, "first_refusal")) ==
                    (i == 0 ? json_real_value(json_object_get(cell, "first_oom_s")) : -1));
        assert_true(seconds_of(json_object_get(diagnosis, "first_eviction")) ==
                    (i == 1 ? json_real_value(json_object_get(cell, "first_eviction_s")) : -1));
        assert_true(json_is_null(json_object_get(cell, "full_after_s")) == (i == 2));
        json_decref(diagnosis);
        json_decref(cells);
        free(doctor);
        free(run);
    }
}

/* No line is wider than a terminal. */
static void lines_are_80_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sick_count; i++) {
        char *text = ask(&sick[i], false);

        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
            int width = 0;

            for (const char *c = line; *c; c++)
                width += ((unsigned char)*c & 0xc0) != 0x80;
            if (width > 80)
                fail_msg("%s: %d columns: %s", sick[i].name, width, line);
        }
        free(text);
    }
}

/* With any number altered, the text is not that of the JSON. Returns how many alterations there are. */
static size_t check_altered(const struct sick *planted, const char *text, const char *json)
{
    size_t place = 0, count;
    char why[256];

    for (;; place++) {
        char *other = xstrdup(text);
        bool has = support_numbers_alter(other, place), holds;

        holds = has && support_numbers_hold(NUMBERS_OF_DOCTOR, other, json, &count, why, sizeof why);
        free(other);
        if (!has)
            return place;
        if (holds)
            fail_msg("%s: number %zu of the text may be another", planted->name, place);
    }
}

static size_t check_numbers(const struct sick *planted)
{
    char *text = ask(planted, false), *json = ask(planted, true), why[256];
    size_t count, altered;

    if (!support_numbers_hold(NUMBERS_OF_DOCTOR, text, json, &count, why, sizeof why))
        fail_msg("%s: %s\n%s", planted->name, why, text);
    assert_true(count > 8);
    altered = check_altered(planted, text, json);
    free(json);
    free(text);
    return altered;
}

/* Keys of one hash tag, and others: one shard is full. */
static void write_hash_tag(FILE *out)
{
    fputs("time,op,key,value_size,ttl\n", out);
    for (int i = 0; i < 12000; i++)
        if (i % 2)
            fprintf(out, "%.3f,set,{eu}:%d,300,\n", i * 0.5, i);
        else
            fprintf(out, "%.3f,set,user:%d,100,\n", i * 0.5, i % 1000);
}

/* Every number of the text is in the JSON, and is the one that belongs there. */
static void every_number_is_in_the_json(void **state)
{
    static const struct sick others[] = {
        {"a cluster", write_hash_tag, NULL, "-m 2mb -p noeviction --shards 3", "", "", ""},
        {"a forecast", write_hash_tag, NULL, "-m 4mb -p noeviction --grow keys=1.5x", "", "", ""},
        {"a store that evicts", write_hash_tag, NULL, "-m 2mb -p allkeys-lru", "", "", ""},
    };
    size_t all = 0;

    (void)state;
    for (size_t i = 0; i < sick_count; i++)
        all += check_numbers(&sick[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        all += check_numbers(&others[i]);
    print_message("%zu numbers\n", all);
}

/* Theil and Sen: odd points do not bend the line, and the interval holds the slope. */
static void odd_points_do_not_bend_a_slope(void **state)
{
    double x[40], y[40];
    struct slope slope;

    (void)state;
    for (int i = 0; i < 40; i++) {
        x[i] = i;
        y[i] = 100 + 3 * i + (i % 2 ? 0.5 : -0.5);
    }
    y[5] = 1e9;
    y[30] = -1e9;
    slope = theil_sen(x, y, 40);
    assert_true(fabs(slope.value - 3) < 0.05);
    assert_true(slope.low <= 3 && slope.high >= 3 && slope.high - slope.low < 0.5);
    assert_true(isnan(theil_sen(x, y, 4).value));
    for (int i = 0; i < 40; i++)
        y[i] = 7;
    slope = theil_sen(x, y, 40);
    assert_true(slope.value == 0 && slope.low == 0 && slope.high == 0);
}

/* What the advice says of a remedy is true of it: of a store that evicts, a ttl that leaves the evictions, or loses more, is none. */
static void a_store_is_not_advised_to_lose_more(void **state)
{
    static const struct sick planted = {
        "a store that evicts", write_hash_tag, NULL, "-m 2mb -p allkeys-lru", "", "", ""};
    json_t *diagnosis = diagnose(&planted);
    const char *first = json_string_value(json_object_get(diagnosis, "first"));

    (void)state;
    assert_string_equal(json_string_value(json_object_get(diagnosis, "state")), "loses-data");
    assert_null(strstr(first, "EXPIRE"));
    assert_null(strstr(first, "refused"));
    assert_non_null(strstr(first, "CONFIG SET maxmemory 3240kb"));
    json_decref(diagnosis);
}

/* What is tried together is told once, in whatever order its parts were found: here the best two are also the best policy and more
 * samples. A store of record is told what it loses now, beside what it would lose. */
static void no_remedy_is_told_twice(void **state)
{
    char *text =
        run_doctor("tests/data/sample.csv.zst --maxmemory 1200kb --policy allkeys-lfu --role store --seeds 2 --json");
    json_t *diagnosis = json_loads(text, 0, NULL), *remedies = json_object_get(diagnosis, "remedies");

    (void)state;
    free(text);
    assert_true(json_array_size(remedies) > 5);
    for (size_t i = 0; i < json_array_size(remedies); i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(json_string_value(json_object_get(json_array_get(remedies, i), "name")),
                                    json_string_value(json_object_get(json_array_get(remedies, k), "name")));
    json_decref(diagnosis);
    text = run_doctor("tests/data/sample.csv.zst --maxmemory 1200kb --policy allkeys-lfu --role store --seeds 2");
    assert_non_null(strstr(text, "\n  loses "));
    assert_non_null(strstr(strstr(text, "\n  loses "), "\n  now  "));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_is_not_advised_to_lose_more),
        cmocka_unit_test(no_remedy_is_told_twice),
        cmocka_unit_test(odd_points_do_not_bend_a_slope),
        cmocka_unit_test(the_planted_cause_comes_first),
        cmocka_unit_test(the_first_refusal_is_the_first),
        cmocka_unit_test(a_run_has_the_same_moments),
        cmocka_unit_test(lines_are_80_columns),
        cmocka_unit_test(every_number_is_in_the_json),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
