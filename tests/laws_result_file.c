/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_result_file: laws that hold for the file of every kind of outcome. It reads back without a loss and has every
 * field. A file that is incomplete or was changed is refused, with the line of the fault. */
#include "reports/registry.h"
#include "reports/writer.h"
#include "sim/alloc.h"
#include "sim/mrc/mrc.h"
#include "sim/output.h"
#include "sim/result.h"
#include "sim/result_file.h"
#include "tests/support_fields.h"
#include "tests/support_run.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include <cmocka.h>

typedef void law_fn(enum outcome_kind kind);

static void for_every_kind(law_fn *law)
{
    for (int kind = 0; kind < OUTCOME_KINDS; kind++)
        law((enum outcome_kind)kind);
}

static const struct layout *layout_of(enum outcome_kind kind)
{
    return outcome_types[kind].layout;
}

/* The file's bytes; to be freed. */
static char *text_of(const struct outcome *outcome, size_t *bytes)
{
    char *text = NULL, *copy;
    FILE *out = open_memstream(&text, bytes);

    result_file_write(outcome, out);
    fclose(out);
    copy = memcpy(xmalloc(*bytes + 1), text, *bytes + 1);
    free(text);
    return copy;
}

struct place {
    char *directory, *path;
};

static struct place make_place(void)
{
    struct place place = {.directory = support_directory()};

    place.path = output_path(place.directory, "x.results");
    return place;
}

static void free_place(struct place place)
{
    support_remove(place.directory);
    free(place.path);
    free(place.directory);
}

static void put_file(const char *path, const char *text, size_t bytes)
{
    FILE *file;

    unlink(path); /* some file systems wait for the disk when a file is emptied and written again */
    file = fopen(path, "w");
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    fclose(file);
}

static void expect_back(const struct outcome *outcome, const char *path)
{
    struct outcome back;
    struct error error = {0};

    if (result_file_read(path, &back, &error))
        fail_msg("%s", error.text);
    assert_int_equal(back.kind, outcome->kind);
    assert_true(fields_equal(layout_of(outcome->kind), back.data, outcome->data));
    outcome_free(&back);
}

static void comes_back(const struct outcome *outcome)
{
    struct place place = make_place();
    size_t bytes;
    char *text = text_of(outcome, &bytes);

    put_file(place.path, text, bytes);
    expect_back(outcome, place.path);
    free(text);
    free_place(place);
}

/* Of every size, the empty ones too. */
static void made_up_outcomes_come_back(enum outcome_kind kind)
{
    for (int size = SUPPORT_SMALL; size <= SUPPORT_HOLLOW; size++) {
        struct outcome outcome = support_outcome(kind, (enum support_size)size);

        comes_back(&outcome);
        support_outcome_free(outcome);
    }
}

static void order_buckets(struct bucket *buckets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buckets[i].from_us = (int64_t)(i * i);
}

static void make_sense_of_run(struct run *run)
{
    run->duration_us &= INT64_MAX;
    run->warmup_us = 0;
    run->bound_count = run->bounds ? run->bound_count : 0;
    while (run->bound_count)
        fields_release(&bound_layout, &run->bounds[--run->bound_count]);
    for (size_t i = 0; i < run->result_count; i++) {
        struct result *result = &run->results[i];
        struct curve *curve = &result->curve;

        for (size_t j = 0; j < result->evicted_for_count; j++) {
            result->evicted_for[j].by %= result->group_count ? (uint32_t)result->group_count : 1;
            result->evicted_for[j].of %= result->group_count ? (uint32_t)result->group_count : 1;
        }
        if (!result->group_count)
            result->evicted_for_count = 0;
        for (size_t j = 0; j < result->group_curve_count; j++) {
            free(result->group_curves[j].points);
            result->group_curves[j].points = xcalloc(curve->count + 1, sizeof *result->group_curves[j].points);
            result->group_curves[j].count = curve->count;
        }

        order_buckets(result->quality.asked_again, result->quality.asked_again_count);
        order_buckets(result->quality.ttl_left, result->quality.ttl_left_count);
        curve->interval_us &= INT64_MAX;
        for (size_t j = 0; j < curve->count; j++)
            curve->samples[j].time_us = (int64_t)(j * j);
    }
}

/* What the reports rely on, and a reader looks at. */
static void make_sense(enum outcome_kind kind, void *data)
{
    if (kind == OUTCOME_RUN) {
        make_sense_of_run(data);
    } else if (kind == OUTCOME_SIZING) {
        struct sizing *sizing = data;

        make_sense_of_run(&sizing->run);
        for (size_t i = 0; i < sizing->line_count; i++)
            for (size_t p = 0; p < sizing->lines[i].point_count; p++) {
                struct sized_point *point = &sizing->lines[i].points[p];

                free(point->values);
                point->value_count = sizing->goal_count;
                point->values = xcalloc(sizing->goal_count + 1, sizeof *point->values);
            }
    } else if (kind == OUTCOME_DIAGNOSIS) {
        struct diagnosis *diagnosis = data;

        free(diagnosis->state);
        free(diagnosis->verdict);
        diagnosis->state = xstrdup("healthy");
        diagnosis->verdict = xstrdup("Healthy.");
    } else if (kind == OUTCOME_COMPARISON) {
        struct comparison *comparison = data;

        comparison->is_what_if = true;
        make_sense_of_run(&comparison->run);
    } else if (kind == OUTCOME_PORTRAIT) {
        struct portrait *portrait = data;

        make_sense_of_run(&portrait->run);
        free(portrait->verdict);
        portrait->verdict = xstrdup("A trace.");
    } else {
        struct mrc *mrc = data;

        for (size_t c = 0; c < mrc->curve_count; c++) {
            struct mrc_curve *curve = &mrc->curves[c];

            curve->count = curve->count < mrc->curves[0].count ? curve->count : mrc->curves[0].count;
            mrc->curves[0].count = curve->count;
        }
        for (size_t c = 0; c < mrc->curve_count; c++) {
            mrc->curves[c].count = mrc->curves[0].count;
            for (size_t i = 0; i < mrc->curves[c].count; i++)
                mrc->curves[c].points[i].size = i + 1;
        }
    }
}

static void random_outcomes_come_back(enum outcome_kind kind)
{
    struct random random = random_stream(random_seed() + (uint64_t)kind);

    for (int i = 0; i < 200; i++) {
        void *data = xcalloc(1, layout_of(kind)->size);
        struct outcome outcome = {.kind = kind, .data = data};

        support_fill(layout_of(kind), data, &random);
        make_sense(kind, data);
        comes_back(&outcome);
        outcome_free(&outcome);
    }
}

/* All of a struct's single values one after the other: with another value there is another file, which comes back. */
static void every_field_is_in_the_file(enum outcome_kind kind)
{
    struct outcome outcome = support_outcome(kind, SUPPORT_SMALL);
    size_t leaves = support_count_leaves(layout_of(kind), outcome.data), bytes, changed_bytes;
    char *text = text_of(&outcome, &bytes);

    assert_true(leaves > 50);
    for (size_t leaf = 0; leaf < leaves; leaf++) {
        struct outcome other = support_outcome(kind, SUPPORT_SMALL);
        char name[300], *changed;

        support_change_leaf(layout_of(kind), (void *)other.data, leaf, name, sizeof name);
        changed = text_of(&other, &changed_bytes);
        if (bytes == changed_bytes && !memcmp(text, changed, bytes))
            fail_msg("%s is not in the file", name);
        free(changed);
        /* times and sizes that do not increase, and two runs that are three, are refused */
        if (!strstr(name, "sample.time_us") && !strstr(name, "bucket.from_us") && !strstr(name, "point.size") &&
            !strstr(name, "is_what_if"))
            comes_back(&other);
        support_outcome_free(other);
    }
    free(text);
    support_outcome_free(outcome);
}

static void every_counter_comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < COUNTER_COUNT; i++) {
        struct run run = support_small_run();
        struct outcome outcome = {.kind = OUTCOME_RUN, .run = &run};

        *(uint64_t *)(void *)((char *)&run.results[1].counters + counter_fields[i].offset) = UINT64_MAX - (uint64_t)i;
        comes_back(&outcome);
        run_release(&run);
    }
}

/* ---- what is refused ---- */

static uint64_t line_at(const char *text, size_t byte)
{
    uint64_t line = 1;

    for (size_t i = 0; i < byte; i++)
        line += text[i] == '\n';
    return line;
}

/* Refused, with one line that names the file and the line in it. line 0: any. */
static void expect_refused(const struct place *place, const char *text, size_t bytes, uint64_t line, const char *what)
{
    struct outcome back;
    struct error error = {0};
    char where[5000];

    put_file(place->path, text, bytes);
    if (!result_file_read(place->path, &back, &error))
        fail_msg("%s at line %" PRIu64 " is not noticed", what, line);
    assert_null(back.data);
    assert_int_equal(error.code, ERROR_INPUT);
    assert_null(strchr(error.text, '\n'));
    snprintf(where, sizeof where, "%s:%" PRIu64 ": ", place->path, line);
    if (line && strncmp(error.text, where, strlen(where)) != 0)
        fail_msg("%s at line %" PRIu64 ": %s", what, line, error.text);
}

static void a_changed_byte_is_found(enum outcome_kind kind)
{
    struct outcome outcome = support_outcome(kind, SUPPORT_SMALL);
    struct place place = make_place();
    struct random random = random_stream(random_seed());
    size_t bytes;
    char *text = text_of(&outcome, &bytes);

    for (size_t i = 0; i < bytes; i++) {
        char before = text[i];

        text[i] = (char)(before ^ (1 << random_below(&random, 8)));
        if (text[i] != '\n' && before != '\n') /* else lines are counted otherwise */
            expect_refused(&place, text, bytes, line_at(text, i), "a changed byte");
        else
            expect_refused(&place, text, bytes, 0, "a changed byte");
        text[i] = before;
    }
    free(text);
    free_place(place);
    support_outcome_free(outcome);
}

static void a_file_that_is_cut_off_is_found(enum outcome_kind kind)
{
    struct outcome outcome = support_outcome(kind, SUPPORT_SMALL);
    struct place place = make_place();
    size_t bytes;
    char *text = text_of(&outcome, &bytes);

    for (size_t length = 0; length < bytes; length++)
        expect_refused(&place, text, length, line_at(text, length), "the end");
    put_file(place.path, text, bytes);
    expect_back(&outcome, place.path);
    free(text);
    free_place(place);
    support_outcome_free(outcome);
}

/* The start of line `number`, from 0. */
static size_t start_of(const char *text, size_t number)
{
    size_t at = 0;

    while (number--)
        at = (size_t)(strchr(text + at, '\n') - text) + 1;
    return at;
}

/* Lines are whole, but in the wrong place. */
static void a_line_that_is_lost_doubled_or_of_another_file_is_found(enum outcome_kind kind)
{
    struct outcome outcome = support_outcome(kind, SUPPORT_SMALL), other = support_outcome(kind, SUPPORT_MEDIUM);
    struct place place = make_place();
    size_t bytes, other_bytes, lines;
    char *text = text_of(&outcome, &bytes), *other_text = text_of(&other, &other_bytes);
    char *changed = xmalloc(2 * (bytes + other_bytes));

    lines = line_at(text, bytes) - 1;
    for (size_t i = 0; i < lines; i++) {
        size_t from = start_of(text, i), to = start_of(text, i + 1);
        size_t foreign_from = start_of(other_text, i), foreign_to = start_of(other_text, i + 1);
        bool alike;

        memcpy(changed, text, from); /* lost */
        memcpy(changed + from, text + to, bytes - to);
        expect_refused(&place, changed, bytes - (to - from), i + 1, "a lost line");
        memcpy(changed, text, to); /* doubled */
        memcpy(changed + to, text + from, bytes - from);
        expect_refused(&place, changed, bytes + (to - from), i + 2, "a doubled line");
        if (to - from == foreign_to - foreign_from && !memcmp(text + from, other_text + foreign_from, to - from))
            continue; /* it is the same in both */
        /* Of another file. Where both are alike up to there it fits, and what follows does not. */
        alike = from == foreign_from && !memcmp(text, other_text, from);
        memcpy(changed, text, from);
        memcpy(changed + from, other_text + foreign_from, foreign_to - foreign_from);
        memcpy(changed + from + (foreign_to - foreign_from), text + to, bytes - to);
        expect_refused(&place, changed, bytes - (to - from) + (foreign_to - foreign_from), i + 1 + alike,
                       "another's line");
    }
    free(changed);
    free(text);
    free(other_text);
    free_place(place);
    support_outcome_free(outcome);
    support_outcome_free(other);
}

/* The file with its first occurrence of `what` replaced, and checks made anew: as another program might write it. */
static char *rewrite(const char *text, const char *what, const char *with, size_t *bytes)
{
    char *changed = xmalloc(strlen(text) + strlen(with) + 1), *line, *end;
    const char *at = strstr(text, what);
    uint64_t check = 0;

    assert_non_null(at);
    sprintf(changed, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
    for (line = changed; *line; line = end + 1) {
        char digits[17];

        end = strchr(line, '\n');
        check = XXH3_64bits_withSeed(line + 28, (size_t)(end - line) - 28, check);
        snprintf(digits, sizeof digits, "%016" PRIx64, check);
        memcpy(line + 10, digits, 16);
    }
    *bytes = strlen(changed);
    return changed;
}

static void expect_says(const char *text, const char *what, const char *with, const char *says)
{
    struct place place = make_place();
    size_t bytes;
    char *changed = rewrite(text, what, with, &bytes);
    struct outcome back;
    struct error error = {0};

    put_file(place.path, changed, bytes);
    if (!result_file_read(place.path, &back, &error))
        fail_msg("'%s' is accepted", with);
    if (!strstr(error.text, says))
        fail_msg("'%s': %s", with, error.text);
    free(changed);
    free_place(place);
}

static void what_does_not_fit_is_named(void **state)
{
    struct outcome outcome = support_outcome(OUTCOME_RUN, SUPPORT_SMALL);
    size_t bytes;
    char *text = text_of(&outcome, &bytes), *same = rewrite(text, "\"run\"", "\"run\"", &bytes);
    char present[32];

    (void)state;
    assert_string_equal(same, text); /* the test's own checks are right */
    free(same);
    snprintf(present, sizeof present, "\"format\":%d", RESULT_FILE_FORMAT);
    expect_says(text, present, "\"format\":99", ":1: was written by a newer evsim, test, in format 99 of such files");
    expect_says(text, present, "\"format\":0", ":1: was written by an older evsim, test, in format 0");
    expect_says(text, "\"kind\":\"run\"", "\"kind\":\"oracle\"", ":1: holds 'oracle', which this evsim does not know");
    expect_says(text, "\"fields\":\"", "\"fields\":\"0",
                ":1: was written by evsim test, whose results have other fields");
    expect_says(text, "\"trace_bytes\":123456,", "", ":2: run: trace_bytes: is missing");
    expect_says(text, "\"trace_bytes\":", "\"weather\":1,\"trace_bytes\":", ":2: run: weather: is not known");
    expect_says(text, "\"trace_bytes\":123456", "\"trace_bytes\":-1", ":2: run: trace_bytes: is not a whole number");
    expect_says(text, "\"trace_bytes\":123456", "\"trace_bytes\":\"12\"",
                ":2: run: trace_bytes: is not a whole number");
    expect_says(text, "\"trace_bytes\":123456", "\"trace_bytes\":1.5", ":2: run: trace_bytes: is not a whole number");
    expect_says(text, "\"trace_bytes\":123456", "\"trace_bytes\":99999999999999999999", ":2: is not JSON");
    expect_says(text, "\"trace\":\"small.csv\"", "\"trace\":null", ":2: run: trace: is not a text");
    expect_says(text, "\"trace\":\"small.csv\"", "\"trace\":{\"bytes\":\"4g\"}", ":2: run: trace: is not a text");
    expect_says(text, "\"trace_digest\":\"", "\"trace_digest\":\"0", ":2: run: trace_digest: is not a text that fits");
    expect_says(text, "\"start_assumed\":false", "\"start_assumed\":0", ":2: run: start_assumed: is not true or false");
    expect_says(text, "\"hits\":6000", "\"hits\":{}", ":3: result: counters: hits: is not a whole number");
    expect_says(text, "\"hits\":[3000,6000]", "\"hits\":[3000]", ":3: result: curve: samples: hits: has 1 values");
    expect_says(text, "[1800000000,3600000000]", "[3600000000,1800000000]", ": times of a curve run backwards");
    expect_says(text, "\"end\":{\"rows\":2}", "\"end\":{\"rows\":3}", ":5: is not the line that comes next");
    expect_says(text, "{\"check\"", "{\"chekc\"", ":1: is not a file of results, which evsim run -o DIR leaves");
    free(text);
    support_outcome_free(outcome);
}

/* Every report that is not a picture, for nobody. */
static void report_all(const struct outcome *outcome)
{
    FILE *out = fopen("/dev/null", "w");
    struct error error = {0};

    for (size_t i = 0; i < report_count; i++)
        if (reports[i]->takes == outcome->kind && reports[i]->write)
            report_print(reports[i], outcome, out, "nowhere", &error);
    fclose(out);
}

/* Nothing that bytes can be makes the reader do anything but say no. */
static void random_changes_with_right_checks_do_no_harm(enum outcome_kind kind)
{
    struct outcome outcome = support_outcome(kind, SUPPORT_SMALL);
    struct place place = make_place();
    struct random random = random_stream(random_seed() + 7);
    size_t bytes, changed_bytes;
    char *text = text_of(&outcome, &bytes);

    for (int i = 0; i < 3000; i++) {
        size_t at = random_below(&random, bytes - 40), length = 1 + random_below(&random, 12);
        char what[16] = {0}, with[16] = {0}, *changed;
        struct outcome back;
        struct error error = {0};

        memcpy(what, text + at, length);
        if (strchr(what, '\n') || strstr(what, "check") || at < 30)
            continue;
        for (size_t j = 0; j < random_below(&random, 8); j++)
            with[j] = "\"{}[],:0123456789-.eEnulltrefalse"[random_below(&random, 33)];
        changed = rewrite(text, what, with, &changed_bytes);
        put_file(place.path, changed, changed_bytes);
        if (!result_file_read(place.path, &back, &error)) {
            report_all(&back); /* what is accepted can be reported */
            outcome_free(&back);
        }
        free(changed);
    }
    free(text);
    free_place(place);
    support_outcome_free(outcome);
}

static void what_is_no_file_of_results_is_named(void **state)
{
    struct outcome back;
    struct error missing = {0}, directory = {0}, none = {0};
    struct place place = make_place();
    const char *paths[] = {place.directory};

    (void)state;
    assert_int_equal(result_file_read("/no/such/file", &back, &missing), -1);
    assert_string_equal(missing.text, "/no/such/file: cannot read: No such file or directory");
    assert_int_equal(result_file_read(place.directory, &back, &directory), -1);
    assert_non_null(strstr(directory.text, ": cannot read: Is a directory"));
    assert_int_equal(result_files_read(paths, 1, &back, &none), -1);
    assert_non_null(strstr(none.text, ": there are no results, no file *.results: evsim run -o DIR writes one"));
    expect_refused(&place, "server,policy\n", 14, 1, "CSV");
    expect_refused(&place, "", 0, 1, "nothing");
    free_place(place);
}

#define LAW(law)                                                                                                       \
    static void law##_of_every_kind(void **state)                                                                      \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        for_every_kind(law);                                                                                           \
    }
LAW(made_up_outcomes_come_back)
LAW(random_outcomes_come_back)
LAW(every_field_is_in_the_file)
LAW(a_changed_byte_is_found)
LAW(a_file_that_is_cut_off_is_found)
LAW(a_line_that_is_lost_doubled_or_of_another_file_is_found)
LAW(random_changes_with_right_checks_do_no_harm)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_outcomes_come_back_of_every_kind),
        cmocka_unit_test(random_outcomes_come_back_of_every_kind),
        cmocka_unit_test(every_counter_comes_back),
        cmocka_unit_test(every_field_is_in_the_file_of_every_kind),
        cmocka_unit_test(a_changed_byte_is_found_of_every_kind),
        cmocka_unit_test(a_file_that_is_cut_off_is_found_of_every_kind),
        cmocka_unit_test(a_line_that_is_lost_doubled_or_of_another_file_is_found_of_every_kind),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(random_changes_with_right_checks_do_no_harm_of_every_kind),
        cmocka_unit_test(what_is_no_file_of_results_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
