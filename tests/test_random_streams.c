/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_random_streams: the model against the installed redis-server on random streams of commands: a short `make
 * streams`. The harness must also find a difference, and shrink it to the command that causes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/server/registry.h"
#include "tests/fidelity/support_stream_rows.h"
#include "tests/fidelity/support_streams.h"
#include "tests/support_installed.h"
#include "tests/support_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the server ---- */

/* Skips without one that evsim models. The directory is to be removed. */
static struct twins find_twins(void)
{
    struct twins twins = {0};

    find_installed_server(&twins.program);
    twins.model = server_find(twins.program.server)->name;
    twins.directory = support_directory();
    return twins;
}

static void leave_twins(struct twins *twins)
{
    support_remove(twins->directory);
    free((char *)twins->directory);
}

static struct streams_options few(struct twins twins, uint64_t count)
{
    return (struct streams_options){.twins = twins,
                                    .seed = random_seed(),
                                    .count = count,
                                    .commands = 100,
                                    .compare_every = 10,
                                    .streams_of_process = 10,
                                    .most_shown = 3,
                                    .out = stdout};
}

static void server_and_model_agree_on_random_streams(void **state)
{
    struct twins twins = find_twins();
    const struct streams_options options = few(twins, 40);
    struct streams_report report;
    struct error error = {0};

    (void)state;
    printf("seed %" PRIu64 "\n", options.seed);
    if (streams_run(&options, &report, &error))
        fail_msg("%s", error.text);
    assert_int_equal(report.different, 0);
    assert_int_equal(report.streams, 40);
    assert_int_equal(report.tally.commands, 4000);
    assert_true(report.tally.comparisons == 400 && report.tally.keys > 400 && report.tally.errors > 40);
    streams_report_release(&report);
    leave_twins(&twins);
}

/* ---- what it takes to fail ---- */

/* Another build's model: its blocks have other sizes, whatever the command. */
static void a_wrong_model_is_found_and_shrunk(void **state)
{
    struct twins twins = find_twins();
    struct streams_options options = few(twins, 10);
    struct streams_report report;
    struct error error = {0};

    (void)state;
    options.twins.model = strcmp(twins.model, "redis-7.0.15") ? "redis-7.0.15" : "redis-7.0.15-debian";
    options.most_shown = 1;
    options.out = NULL;
    if (streams_run(&options, &report, &error))
        fail_msg("%s", error.text);
    assert_true(report.different > 0);
    assert_int_equal(report.finding_count, 1);
    assert_true(report.findings[0].stream.count <= 4);
    streams_report_release(&report);
    leave_twins(&twins);
}

/* A threshold that only one side has been told: of all commands the one is left that crosses it. The script that is printed
 * shows it again. */
static void a_wrong_threshold_is_found_and_shrunk(void **state)
{
    static const char *const arguments[] = {"--proto-max-bulk-len", "1048576", NULL};
    static const struct argument words[] = {{"setrange", 8}, {"somewhere", 9}, {"2000000", 7}, {"x", 1}};
    struct twins twins = find_twins();
    const struct streams_options options = few(twins, 1);
    struct stream halves[2], stream = {0}, again = {0};
    struct difference difference;
    struct error error = {0};
    char *text;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    (void)state;
    streams_draw(&options, 0, &halves[0]);
    streams_draw(&options, 1, &halves[1]);
    stream_append(&stream, &halves[0]);
    stream_add(&stream, words, 4);
    stream_append(&stream, &halves[1]);
    assert_int_equal(streams_compare(&twins, &stream, 1, NULL, &difference, &error), 0);
    assert_false(difference.found);
    twins.arguments = arguments;
    assert_int_equal(streams_compare(&twins, &stream, 1, NULL, &difference, &error), 0);
    assert_true(difference.found);
    assert_int_equal(streams_shrink(&twins, &stream, &difference, &error), 0);
    stream_print(&stream, file);
    fclose(file);
    assert_string_equal(text, "setrange somewhere 2000000 x\n");
    file = fmemopen(text, bytes, "r");
    assert_int_equal(stream_read(&again, file, &error), 0);
    fclose(file);
    assert_int_equal(streams_compare(&twins, &again, 1, NULL, &difference, &error), 0);
    assert_true(difference.found);
    assert_string_equal(difference.key, "the reply setrange");
    free(text);
    stream_release(&again);
    stream_release(&stream);
    stream_release(&halves[0]);
    stream_release(&halves[1]);
    leave_twins(&twins);
}

/* ---- its parts ---- */

static char *text_of(const struct stream *stream)
{
    char *text;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    stream_print(stream, file);
    fclose(file);
    return text;
}

static void streams_are_read_as_they_were_printed(void **state)
{
    static const char script[] =
        "config hz 10\nset key \"\"\nwait 150\nset key v7...4096\nset \"a b\" \"\\x01\\xff\"\ncompare\n";
    struct stream stream = {0};
    struct error error = {0};
    FILE *file = fmemopen((char *)script, sizeof script - 1, "r");
    char *text;

    (void)state;
    assert_int_equal(stream_read(&stream, file, &error), 0);
    fclose(file);
    assert_int_equal(stream.count, 5);
    assert_int_equal(stream.steps[2].words[2].bytes, 4096);
    assert_memory_equal(stream.steps[2].words[2].text, "v7xx", 4);
    text = text_of(&stream);
    assert_string_equal(text, script);
    free(text);
    stream_release(&stream);
    file = fmemopen((char *)"get a\nget \"b\n", 13, "r");
    assert_int_equal(stream_read(&stream, file, &error), -1);
    assert_string_equal(error.text, "line 2: quotes that do not end, or too many words");
    fclose(file);
    stream_release(&stream);
}

static void a_stream_is_a_function_of_its_seed_and_number(void **state)
{
    struct streams_options options = few((struct twins){0}, 1);
    struct stream streams[3];
    char *texts[3];

    (void)state;
    streams_draw(&options, 7, &streams[0]);
    streams_draw(&options, 7, &streams[1]);
    streams_draw(&options, 8, &streams[2]);
    for (int i = 0; i < 3; i++) {
        texts[i] = text_of(&streams[i]);
        stream_release(&streams[i]);
    }
    assert_string_equal(texts[0], texts[1]);
    assert_string_not_equal(texts[0], texts[2]);
    for (int i = 0; i < 3; i++)
        free(texts[i]);
}

/* How many of some draws the parser of traces takes. */
static int accepted(struct random *random, size_t row, int draws)
{
    struct intake *intake = calloc(1, sizeof *intake);
    struct queue queue = {0};
    int taken = 0;

    for (int i = 0; i < draws; i++) {
        struct stream stream = {0};
        struct record record;

        draw_row(random, row, &stream);
        command_queue(&queue, &(struct record){0}, stream.steps[0].words, stream.steps[0].word_count, intake);
        taken += queue.count > 0;
        while (queue_hand_out(&queue, &record, 1))
            continue;
        stream_release(&stream);
    }
    queue_release(&queue);
    free(intake);
    return taken;
}

static void every_row_is_a_command_that_the_parser_takes(void **state)
{
    struct random random = random_start();
    char types[16];

    (void)state;
    for (size_t i = 0; i < drawn_row_count; i++) {
        if (drawn_op(i) == OP_COUNT)
            fail_msg("no such command: '%s'", drawn_row(i));
        if (!accepted(&random, i, 20))
            fail_msg("never a valid command: '%s'", drawn_row(i));
    }
    drawn_types(types);
    assert_non_null(strchr(types, 's'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_read_as_they_were_printed),
        cmocka_unit_test(a_stream_is_a_function_of_its_seed_and_number),
        cmocka_unit_test(every_row_is_a_command_that_the_parser_takes),
        cmocka_unit_test(server_and_model_agree_on_random_streams),
        cmocka_unit_test(a_wrong_model_is_found_and_shrunk),
        cmocka_unit_test(a_wrong_threshold_is_found_and_shrunk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
