/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sorter: with --sort-window a trace whose rows come a little late is the trace in order, in every format of lines; what is
 * later than the window is named, with what to do; what was moved is counted. */
#include "sim/alloc.h"
#include "sim/output.h"
#include "tests/support_command.h"
#include "tests/support_random.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 6000, LATE_S = 40, CLIENTS = 5 };

struct line {
    long at_s, shown_s; /* its time, and the moment at which it is written: no more than LATE_S later */
    uint64_t key, size;
    int op;
};

/* ---- traces ---- */

static void put_csv(const struct line *line, FILE *out)
{
    static const char *const ops[] = {"get", "set", "del"};

    fprintf(out, "%ld,key:%llu,%s,%llu\n", 1700000000 + line->at_s, (unsigned long long)line->key, ops[line->op],
            (unsigned long long)line->size);
}

static void put_twitter(const struct line *line, FILE *out)
{
    static const char *const ops[] = {"get", "set", "delete"};

    fprintf(out, "%ld,key:%llu,8,%llu,1,%s,0\n", line->at_s, (unsigned long long)line->key,
            (unsigned long long)line->size, ops[line->op]);
}

static void put_monitor(const struct line *line, FILE *out)
{
    fprintf(out, "%ld.000000 [0 10.0.0.%d:5] ", 1700000000 + line->at_s, (int)(line->key % CLIENTS));
    if (line->op == 0) /* two keys: a command of two rows */
        fprintf(out, "\"MGET\" \"key:%llu\" \"key:%llu\"\n", (unsigned long long)line->key,
                (unsigned long long)line->size);
    else if (line->op == 1)
        fprintf(out, "\"HSET\" \"h:%llu\" \"field%llu\" \"%*s\"\n", (unsigned long long)line->key % 50,
                (unsigned long long)line->size, (int)line->size, "v");
    else
        fprintf(out, "\"SET\" \"key:%llu\" \"%*s\"\n", (unsigned long long)line->key, (int)line->size, "v");
}

static void put_jsonl(const struct line *line, FILE *out)
{
    static const char *const ops[] = {"get", "set", "del"};

    fprintf(out, "{\"time\":%ld,\"key\":\"key:%llu\",\"op\":\"%s\",\"size\":%llu}\n", 1700000000 + line->at_s,
            (unsigned long long)line->key, ops[line->op], (unsigned long long)line->size);
}

static const struct kind {
    const char *name, *header;
    void (*put)(const struct line *line, FILE *out);
} kinds[] = {
    {"csv", "time,key,op,size\n", put_csv},
    {"twitter", "", put_twitter},
    {"monitor", "OK\n", put_monitor},
    {"jsonl", "", put_jsonl},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int by_time(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

static int by_shown(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return x->shown_s != y->shown_s ? (x->shown_s > y->shown_s) - (x->shown_s < y->shown_s) : by_time(a, b);
}

/* Each time is there once, so that the order is one. */
static struct line *make_lines(void)
{
    struct line *lines = xcalloc(ROWS, sizeof *lines);
    struct random random = random_stream(random_seed());

    for (int i = 0; i < ROWS; i++) {
        lines[i] = (struct line){.at_s = 3 * i, .key = random_below(&random, 400)};
        lines[i].size = 1 + random_below(&random, 600);
        lines[i].op = (int)random_below(&random, 3);
        lines[i].shown_s = lines[i].at_s;
        if (i < CLIENTS) /* monitor's clients have numbers in the order in which they come */
            lines[i].key = (uint64_t)i;
        else if (random_chance(&random, 30))
            lines[i].shown_s += (long)random_below(&random, LATE_S + 1);
    }
    return lines;
}

static char *write_lines(const char *folder, const char *name, const struct kind *kind, const struct line *lines)
{
    char *path = output_path(folder, name);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fputs(kind->header, out);
    for (int i = 0; i < ROWS; i++)
        kind->put(&lines[i], out);
    assert_int_equal(fclose(out), 0);
    return path;
}

/* How many rows come behind a later one, and by how much at most. */
static int count_late(const struct line *lines, long *most_s)
{
    long latest_s = 0;
    int late = 0;

    *most_s = 0;
    for (int i = 0; i < ROWS; i++) {
        if (lines[i].at_s > latest_s)
            latest_s = lines[i].at_s;
        late += lines[i].at_s < latest_s;
        *most_s = latest_s - lines[i].at_s > *most_s ? latest_s - lines[i].at_s : *most_s;
    }
    return late;
}

/* ---- tests ---- */

static char *cells_of(const char *path, const struct kind *kind, const char *options)
{
    return command_output_of(".",
                             "\"$EVSIM\" run '%s' --format %s -m 1mb -p allkeys-lru,noeviction -s redis-7.0.15 %s "
                             "--print csv",
                             path, kind->name, options);
}

static void late_rows_are_put_in_order(void **state)
{
    char *folder = support_directory();
    struct line *lines = make_lines(), *shown = xcalloc(ROWS, sizeof *shown);
    long most_s;

    (void)state;
    memcpy(shown, lines, ROWS * sizeof *lines);
    qsort(shown, ROWS, sizeof *shown, by_shown);
    assert_true(count_late(shown, &most_s) > ROWS / 10);
    for (int i = 0; i < KINDS; i++) {
        char *ordered = write_lines(folder, "ordered", &kinds[i], lines);
        char *late = write_lines(folder, "late", &kinds[i], shown);
        char *expected = cells_of(ordered, &kinds[i], ""), *sorted = cells_of(late, &kinds[i], "--sort-window 40s");
        char *again = cells_of(ordered, &kinds[i], "--sort-window 40s"), *text, said[160];

        print_message("%s\n", kinds[i].name);
        assert_string_equal(expected, sorted);
        assert_string_equal(expected, again);
        text = command_output_of(".", "\"$EVSIM\" run '%s' --format %s -m 1mb -p lru --sort-window 40s", late,
                                 kinds[i].name);
        snprintf(said, sizeof said, "rows put in order of time, late by up to %ld.0s (--sort-window 40.0s)", most_s);
        if (!strstr(text, said))
            fail_msg("'%s' is not in\n%s", said, text);
        free(text);
        free(expected);
        free(sorted);
        free(again);
        free(ordered);
        free(late);
    }
    support_remove(folder);
    free(folder);
    free(lines);
    free(shown);
}

/* Converted, the trace is in order: read again without a window it is the same. */
static void what_is_converted_is_in_order(void **state)
{
    char *folder = support_directory();
    struct line *lines = make_lines(), *shown = xcalloc(ROWS, sizeof *shown);

    (void)state;
    memcpy(shown, lines, ROWS * sizeof *lines);
    qsort(shown, ROWS, sizeof *shown, by_shown);
    for (int i = 0; i < 3; i += 2) { /* csv and monitor */
        static const char *const forms[] = {"csv", "evt"};
        char *ordered = write_lines(folder, "ordered", &kinds[i], lines);
        char *late = write_lines(folder, "late", &kinds[i], shown), *expected = cells_of(ordered, &kinds[i], "");

        for (int form = i ? 1 : 0; form < 2; form++) {
            char *converted;

            free(command_output_of(folder, "\"$EVSIM\" convert late out.%s --sort-window 40s 2>&1", forms[form]));
            converted = command_output_of(
                folder, "\"$EVSIM\" run out.%s -m 1mb -p allkeys-lru,noeviction -s redis-7.0.15 --print csv",
                forms[form]);
            assert_string_equal(expected, converted);
            free(converted);
        }
        free(expected);
        free(ordered);
        free(late);
    }
    support_remove(folder);
    free(folder);
    free(lines);
    free(shown);
}

static void check_error(const char *rows, const char *options, const char *expected)
{
    char *folder = support_directory(), *path = output_path(folder, "x.csv"), *text;
    FILE *out = fopen(path, "w");

    fputs(rows, out);
    fclose(out);
    text = command_output_of(folder, "\"$EVSIM\" run x.csv -m 1mb -p lru %s 2>&1 | head -n 4", options);
    if (!strstr(text, expected))
        fail_msg("'%s' is not in\n%s", expected, text);
    free(text);
    free(path);
    support_remove(folder);
    free(folder);
}

/* Later than the window is later than the window, even where its place is still free. */
static void what_is_later_is_named(void **state)
{
    static const char rows[] = "time,key,op,size\n10,a,get,1\n20,b,get,1\n12,c,get,1\n30,d,get,1\n";

    (void)state;
    check_error(rows, "", "x.csv:4: time runs backwards: '12' after '20'; --sort-window 10s puts such rows in order");
    check_error(rows, "--sort-window 8s", "1 row put in order of time, late by up to 8.0s (--sort-window 8.0s)");
    check_error(rows, "--sort-window 7s",
                "x.csv:4: time runs backwards: '12' after '20'; later than --sort-window 7.0s puts in order");
    check_error(rows, "--sort-window 7s --lenient", "skipped  1 of 4 rows, the first: x.csv:4: time runs backwards");
    check_error("time,key,op,size\n10,a,get,1\n20,b,get,1\n12,c,get,1\nbad,d,get,1\n30,e,get,1\n", "--sort-window 8s",
                "x.csv:5: bad time 'bad'");
    check_error("time,key,op,size\n10000,a,get,1\n20,b,get,1\n", "", "sort the file by time, or --lenient leaves");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_rows_are_put_in_order),
        cmocka_unit_test(what_is_converted_is_in_order),
        cmocka_unit_test(what_is_later_is_named),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
