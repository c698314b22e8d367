/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_reports: the CSV and JSON reports of a run made by hand, and files that are either complete or absent. */
#include "reports/csv.h"
#include "reports/registry.h"
#include "reports/writer.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "tests/support_run.h"

#include <jansson.h>

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { FIELDS = 128 };

static char *text_of(const char *report, const struct run *run)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    struct error error = {0};

    assert_int_equal(report_print(report_find(report), &outcome, out, report, &error), 0);
    fclose(out);
    return text;
}

static json_t *json_of(const char *report, const struct run *run)
{
    char *text = text_of(report, run);
    json_error_t error;
    json_t *document = json_loads(text, 0, &error);

    if (!document)
        fail_msg("%s does not parse: %s", report, error.text);
    free(text);
    return document;
}

/* CSV */

/* Cuts a line without quotes into its fields, in place. */
static size_t cut(char *line, char **fields)
{
    size_t count = 0;

    for (; line; assert_true(count < FIELDS))
        fields[count++] = strsep(&line, ",");
    return count;
}

static size_t column(char **header, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(header[i], name) == 0)
            return i;
    fail_msg("no column %s", name);
    return 0;
}

#define COUNT(kind, type, name) 1 +

static void summary_csv_reads_back_identically(void **state)
{
    struct run run = support_day_run(3, 2, 20);
    char *text = text_of("summary.csv", &run), *rest = text;
    char *header[FIELDS], *fields[FIELDS];
    size_t columns = cut(strsep(&rest, "\n"), header);

    (void)state;
    assert_int_equal(columns, 7 + COUNTER_COUNT + MOMENTS + 4 + MEMORY_FIELDS(COUNT) LINGERING_FIELDS(COUNT) 0);
    for (size_t i = 0; i < run.result_count; i++) {
        const struct result *result = &run.results[i];

        assert_int_equal(cut(strsep(&rest, "\n"), fields), columns);
        assert_string_equal(fields[column(header, columns, "policy")], result->policy);
        assert_int_equal(strtoull(fields[column(header, columns, "seed")], NULL, 10), result->seed);
        assert_true(strtod(fields[column(header, columns, "hit_ratio")], NULL) == result_hit_ratio(result));
        assert_true(strtod(fields[column(header, columns, "oom_share")], NULL) == result_oom_share(result));
        assert_string_equal(fields[column(header, columns, "memory_is_least")], result->memory_is_least ? "1" : "0");
        assert_string_equal(fields[column(header, columns, "oom_is_least")], result->oom_is_least ? "1" : "0");
        for (int j = 0; j < MOMENTS; j++) {
            const char *field = fields[column(header, columns, moment_fields[j].name)];

            if (moment_get(&result->moments, j) < 0)
                assert_string_equal(field, "");
            else
                assert_int_equal(llround(strtod(field, NULL) * 1e6), moment_get(&result->moments, j));
        }
        for (int j = 0; j < COUNTER_COUNT; j++)
            assert_int_equal(strtoull(fields[column(header, columns, counter_fields[j].name)], NULL, 10),
                             counter_get(&result->counters, j));
    }
    assert_string_equal(rest, "");
    free(text);
    run_release(&run);
}

/* Whether the causes add up to the misses in every line of a CSV report. Returns how many lines there are. */
static size_t count_lines_that_add_up(const char *report, const struct run *run)
{
    char *text = text_of(report, run), *rest = text, *names[FIELDS], *fields[FIELDS];
    size_t columns = cut(strsep(&rest, "\n"), names), lines = 0;

    for (char *line; (line = strsep(&rest, "\n")) && *line; lines++) {
        uint64_t misses = UINT64_MAX, sum = 0;
        size_t causes = 0;

        assert_int_equal(cut(line, fields), columns);
        for (size_t i = 0; i < columns; i++) {
            if (!strcmp(names[i], "misses"))
                misses = strtoull(fields[i], NULL, 10);
            else if (!strncmp(names[i], "misses_", 7) && strcmp(names[i], "misses_evicted_expired") &&
                     !strstr(names[i], "per_s")) {
                sum += strtoull(fields[i], NULL, 10);
                causes++;
            }
        }
        assert_int_equal(causes, MISS_CAUSES);
        assert_int_equal(sum, misses);
    }
    free(text);
    return lines;
}

static void causes_add_up_to_misses(void **state)
{
    struct run run = support_day_run(2, 2, 40);

    (void)state;
    assert_int_equal(count_lines_that_add_up("summary.csv", &run), run.result_count);
    assert_int_equal(count_lines_that_add_up("curves.csv", &run), run.result_count * 40);
    run_release(&run);
}

#define NAME(kind, type, name) #name ","

static void curves_csv_has_every_sample(void **state)
{
    struct run run = support_small_run();
    char *text = text_of("curves.csv", &run);

    (void)state;
    assert_string_equal(text, "server,policy,maxmemory,seed,time_s,used_memory," MEMORY_FIELDS(NAME)
                                  LINGERING_FIELDS(NAME) "keys,expires,hits,misses," MISS_FIELDS(
                                      NAME) "evicted_keys,expired_keys,oom_rejections\n"
                                            "redis-7.2,noeviction,1048576,1,1800.000000,900000,"
                                            "776000,0,0,0,0,0,24000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,100000,0,0,"
                                            "900,10,3000,3000,1000,2,3,0,0,0,1995,0,0,17,600\n"
                                            "redis-7.2,noeviction,1048576,1,3600.000000,1000000,"
                                            "876000,0,0,0,0,0,24000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,100000,0,0,"
                                            "1000,10,6000,6000,1000,2,3,0,0,0,4995,0,0,17,1200\n"
                                            "redis-7.2,allkeys-lru,1048576,1,1800.000000,900000,"
                                            "776000,0,0,0,0,0,24000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,100000,0,0,"
                                            "900,10,4500,1500,1000,2,3,495,0,0,0,0,2345,17,0\n"
                                            "redis-7.2,allkeys-lru,1048576,1,3600.000000,1000000,"
                                            "876000,0,0,0,0,0,24000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,100000,0,0,"
                                            "1000,10,9000,3000,1000,2,3,1995,0,0,0,0,2345,17,0\n");
    free(text);
    run_release(&run);
}

static void csv_fields_are_quoted_where_they_must_be(void **state)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    (void)state;
    csv_text(out, "plain", false);
    csv_text(out, "a,b", false);
    csv_text(out, "say \"x\"", false);
    csv_text(out, "two\nlines", false);
    csv_text(out, "", true);
    csv_real(out, 0.1, false);
    csv_real(out, NAN, false);
    csv_count(out, UINT64_MAX, false);
    csv_seconds(out, 1500000, true);
    fclose(out);
    assert_string_equal(text, "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\n"
                              "0.10000000000000001,,18446744073709551615,1.500000\n");
    free(text);
}

static void every_column_is_in_the_readme(void **state)
{
    char *text = support_read_file("reports", "README.md", NULL), name[64];

    (void)state;
    if (!text)
        skip(); /* not run from the top of the tree */
    for (int i = 0; i < MOMENTS; i++) {
        snprintf(name, sizeof name, "`%s`", moment_fields[i].name);
        if (!strstr(text, name))
            fail_msg("reports/README.md does not explain %s", name);
    }
    for (int i = 0; i < COUNTER_COUNT; i++) {
        snprintf(name, sizeof name, "`%s`", counter_fields[i].name);
        if (!strstr(text, name))
            fail_msg("reports/README.md does not explain %s", name);
    }
    free(text);
}

/* JSON */

static void summary_json_has_the_names(void **state)
{
    static const char *const names[] = {"server",    "policy",         "maxmemory", "seed",
                                        "hit_ratio", "byte_hit_ratio", "oom_share"};
    struct run run = support_day_run(2, 2, 20);
    json_t *array = json_of("summary.json", &run);

    (void)state;
    assert_int_equal(json_array_size(array), run.result_count);
    for (size_t i = 0; i < run.result_count; i++) {
        json_t *object = json_array_get(array, i);
        const struct result *result = &run.results[i];

        assert_int_equal(json_object_size(object), 7 + COUNTER_COUNT + MOMENTS + 11);
        assert_true(json_is_true(json_object_get(object, "memory_is_least")) == result->memory_is_least);
        assert_true(json_is_true(json_object_get(object, "oom_is_least")) == result->oom_is_least);
        assert_int_equal(json_array_size(json_object_get(object, "warnings")), run.warning_count);
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            assert_non_null(json_object_get(object, names[j]));
        for (int j = 0; j < MOMENTS; j++) {
            const json_t *value = json_object_get(object, moment_fields[j].name);

            if (moment_get(&result->moments, j) < 0)
                assert_true(json_is_null(value));
            else
                assert_int_equal(llround(json_real_value(value) * 1e6), moment_get(&result->moments, j));
        }
        for (int j = 0; j < COUNTER_COUNT; j++)
            assert_int_equal(json_integer_value(json_object_get(object, counter_fields[j].name)),
                             counter_get(&result->counters, j));
        assert_string_equal(json_string_value(json_object_get(object, "policy")), result->policy);
        assert_true(json_real_value(json_object_get(object, "hit_ratio")) == result_hit_ratio(result));
    }
    json_decref(array);
    run_release(&run);
}

static void a_ratio_of_nothing_is_null(void **state)
{
    struct run run = support_small_run();
    json_t *array;

    (void)state;
    run.results[0].counters.reads = 0;
    array = json_of("summary.json", &run);
    assert_true(json_is_null(json_object_get(json_array_get(array, 0), "hit_ratio")));
    json_decref(array);
    run_release(&run);
}

static void a_seed_beyond_json_integers_keeps_its_digits(void **state)
{
    struct run run = support_small_run();
    json_t *array;

    (void)state;
    run.results[0].seed = UINT64_MAX;
    array = json_of("summary.json", &run);
    assert_string_equal(json_string_value(json_object_get(json_array_get(array, 0), "seed")), "18446744073709551615");
    json_decref(array);
    run_release(&run);
}

static void run_json_says_what_led_to_the_numbers(void **state)
{
    struct run run = support_small_run();
    json_t *object, *part;

    (void)state;
    run.start_assumed = true;
    run.intake.unknown_commands = 3;
    strcpy(run.intake.unknown[0].name, "XADD");
    run.intake.unknown[0].count = 3;
    object = json_of("run.json", &run);
    assert_int_equal(json_integer_value(json_object_get(object, "schema")), 1);
    assert_string_equal(json_string_value(json_object_get(object, "command")), run.command);
    assert_string_equal(json_string_value(json_object_get(object, "on_miss_reason")), "asked for");
    part = json_object_get(object, "settings");
    assert_string_equal(json_string_value(json_object_get(part, "maxmemory-samples")), "5");
    part = json_object_get(object, "trace");
    assert_string_equal(json_string_value(json_object_get(part, "xxh3_128")), run.trace_digest);
    assert_int_equal(json_integer_value(json_object_get(part, "duration_us")), 3600000000);
    part = json_object_get(object, "assumed");
    assert_true(json_is_true(json_object_get(part, "start")));
    part = json_object_get(part, "unknown_commands_by_name");
    assert_int_equal(json_integer_value(json_object_get(part, "XADD")), 3);
    json_decref(object);
    run_release(&run);
}

static void text_that_is_not_utf8_is_still_json(void **state)
{
    struct run run = support_small_run();
    json_t *object;

    (void)state;
    free(run.trace);
    run.trace = xstrdup("caf\xe9/\xc3\xa9\xe2\x82");
    strcpy(run.intake.unknown[0].name, "\xff\xfeX");
    run.intake.unknown[0].count = 1;
    object = json_of("run.json", &run);
    assert_string_equal(json_string_value(json_object_get(json_object_get(object, "trace"), "path")),
                        "caf\xef\xbf\xbd/\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd");
    json_decref(object);
    run_release(&run);
}

/* Directories */

static void a_directory_is_made_with_its_parents(void **state)
{
    char *directory = support_directory();
    char *deep = output_path(directory, "a/b//c/");
    struct error error = {0};
    struct stat status;

    (void)state;
    assert_int_equal(output_make_directory(deep, &error), 0);
    assert_int_equal(output_make_directory(deep, &error), 0);
    assert_int_equal(stat(deep, &status), 0);
    assert_int_equal(output_make_directory(".", &error), 0);
    assert_int_equal(output_make_directory("/", &error), 0);
    support_remove(directory);
    free(deep);
    free(directory);
}

static void a_file_in_the_way_is_an_error(void **state)
{
    char *directory = support_directory();
    char *file = output_path(directory, "file"), *below = output_path(file, "out");
    struct error error = {0}, deeper = {0};

    (void)state;
    fclose(fopen(file, "w"));
    assert_int_equal(output_make_directory(file, &error), -1);
    assert_non_null(strstr(error.text, "file: cannot make the directory: Not a directory"));
    assert_int_equal(error.code, ERROR_OUTPUT);
    assert_int_equal(output_make_directory(below, &deeper), -1);
    support_remove(directory);
    free(below);
    free(file);
    free(directory);
}

/* Figures */

static bool has_file(const char *directory, const char *name)
{
    char *path = output_path(directory, name);
    bool is_there = access(path, F_OK) == 0;

    free(path);
    return is_there;
}

static int draw(const struct run *run, const char *directory, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};

    *error = (struct error){0};
    return report_write(report_find("figures"), &outcome, directory, error);
}

static void figures_without_events_are_left_out_and_removed(void **state)
{
    struct run run = support_day_run(2, 1, 40), calm = support_day_run(1, 1, 40);
    char *directory = support_directory(), *captions;
    struct error error;

    (void)state;
    if (!support_has_gnuplot())
        skip();
    for (size_t i = 0; i < calm.result_count; i++)
        for (size_t j = 0; j < calm.results[i].curve.count; j++)
            calm.results[i].curve.samples[j].oom_rejections = 0;
    assert_int_equal(draw(&run, directory, &error), 0);
    assert_true(has_file(directory, "figures/oom-rejections.svg"));
    assert_true(has_file(directory, "figures/hit-ratio-by-maxmemory.png"));
    assert_int_equal(draw(&calm, directory, &error), 0);
    assert_true(has_file(directory, "figures/memory.svg"));
    assert_true(has_file(directory, "figures/memory.png"));
    assert_false(has_file(directory, "figures/oom-rejections.svg"));
    assert_false(has_file(directory, "figures/hit-ratio-by-maxmemory.png"));
    captions = support_read_file(directory, "figures/captions.txt", NULL);
    assert_non_null(strstr(captions, "oom-rejections: not drawn: no write was refused\n"));
    free(captions);
    support_remove(directory);
    free(directory);
    run_release(&run);
    run_release(&calm);
}

static void a_script_draws_again_by_itself(void **state)
{
    struct run run = support_day_run(1, 1, 40);
    char *directory = support_directory(), *command = xmalloc(5000);
    struct error error;

    (void)state;
    if (!support_has_gnuplot())
        skip();
    assert_int_equal(draw(&run, directory, &error), 0);
    snprintf(command, 5000, "cd '%s/figures' && rm memory.svg memory.png && gnuplot memory.gp", directory);
    assert_int_equal(system(command), 0);
    assert_true(has_file(directory, "figures/memory.svg"));
    assert_true(has_file(directory, "figures/memory.png"));
    support_remove(directory);
    free(command);
    free(directory);
    run_release(&run);
}

static void pictures_are_not_drawn_through_a_link(void **state)
{
    struct run run = support_day_run(1, 1, 40);
    char *directory = support_directory(), *figures = output_path(directory, "figures"), *text;
    char *precious = output_path(directory, "precious"), *part = output_path(figures, ".part-memory.svg");
    struct error error = {0};
    FILE *file = fopen(precious, "w");

    (void)state;
    fputs("mine", file);
    fclose(file);
    if (support_has_gnuplot()) {
        assert_int_equal(output_make_directory(figures, &error), 0);
        assert_int_equal(symlink(precious, part), 0);
        assert_int_equal(draw(&run, directory, &error), 0);
        text = support_read_file(directory, "precious", NULL);
        assert_string_equal(text, "mine");
        free(text);
        assert_false(has_file(directory, "figures/.part-memory.svg"));
    }
    support_remove(directory);
    free(precious);
    free(part);
    free(figures);
    free(directory);
    run_release(&run);
}

/* Draws with a PATH that holds only `directory`. */
static void draw_with_path(const struct run *run, const char *path, const char *directory, struct error *error)
{
    char *before = xstrdup(getenv("PATH"));

    setenv("PATH", path, 1);
    assert_int_equal(draw(run, directory, error), REPORT_UNDRAWN);
    setenv("PATH", before, 1);
    free(before);
    assert_int_equal(error->code, ERROR_OUTPUT);
    assert_true(has_file(directory, "figures/memory.dat"));
    assert_true(has_file(directory, "figures/memory.gp"));
    assert_true(has_file(directory, "figures/evictions.gp"));
    assert_false(has_file(directory, "figures/memory.svg"));
}

static void a_missing_gnuplot_is_named_and_the_data_stay(void **state)
{
    struct run run = support_day_run(1, 1, 40);
    char *directory = support_directory();
    struct error error;

    (void)state;
    draw_with_path(&run, directory, directory, &error);
    assert_non_null(strstr(error.text, "cannot run gnuplot: No such file or directory"));
    assert_non_null(strstr(error.text, directory));
    support_remove(directory);
    free(directory);
    run_release(&run);
}

static void what_a_failing_gnuplot_says_is_in_the_error(void **state)
{
    struct run run = support_day_run(1, 1, 40);
    char *directory = support_directory(), *program = output_path(directory, "gnuplot");
    struct error error;
    FILE *file = fopen(program, "w");

    (void)state;
    fputs("#!/bin/sh\necho half > .part-memory.svg\necho 'line 7:' >&2\necho 'no such font' >&2\n"
          "exit 1\n",
          file);
    fclose(file);
    chmod(program, 0755);
    draw_with_path(&run, directory, directory, &error);
    assert_non_null(strstr(error.text, "gnuplot failed on '"));
    assert_non_null(strstr(error.text, "/figures/memory.gp': line 7: no such font"));
    assert_false(has_file(directory, "figures/.part-memory.svg"));
    support_remove(directory);
    free(program);
    free(directory);
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_csv_reads_back_identically),
        cmocka_unit_test(causes_add_up_to_misses),
        cmocka_unit_test(curves_csv_has_every_sample),
        cmocka_unit_test(csv_fields_are_quoted_where_they_must_be),
        cmocka_unit_test(every_column_is_in_the_readme),
        cmocka_unit_test(summary_json_has_the_names),
        cmocka_unit_test(a_ratio_of_nothing_is_null),
        cmocka_unit_test(a_seed_beyond_json_integers_keeps_its_digits),
        cmocka_unit_test(run_json_says_what_led_to_the_numbers),
        cmocka_unit_test(text_that_is_not_utf8_is_still_json),
        cmocka_unit_test(a_directory_is_made_with_its_parents),
        cmocka_unit_test(a_file_in_the_way_is_an_error),
        cmocka_unit_test(figures_without_events_are_left_out_and_removed),
        cmocka_unit_test(a_script_draws_again_by_itself),
        cmocka_unit_test(pictures_are_not_drawn_through_a_link),
        cmocka_unit_test(a_missing_gnuplot_is_named_and_the_data_stay),
        cmocka_unit_test(what_a_failing_gnuplot_says_is_in_the_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
