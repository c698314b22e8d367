/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_departures: which clients of a capture are taken to have left, and what a server then has of them. */
#include "sim/input/departures.h"
#include "sim/input/reader.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A trace of MONITOR that grows line by line. */
struct capture {
    char *text;
    size_t length;
    FILE *out;
};

static void begin(struct capture *capture)
{
    capture->out = open_memstream(&capture->text, &capture->length);
    assert_non_null(capture->out);
}

static void speak(struct capture *capture, int64_t time_us, unsigned client)
{
    fprintf(capture->out, "%lld.%06lld [0 127.0.0.1:%u] \"SET\" \"k%u\" \"v\"\n", (long long)(1000 + time_us / 1000000),
            (long long)(time_us % 1000000), 20000 + client, client);
}

/* Who has left, of the text so far: to be released. */
static struct departures departures_of(struct capture *capture)
{
    struct format_options options = {.lenient = false};
    struct departures departures = {0};
    struct intake intake = {0};
    struct error error = {0};
    struct source *source;
    struct reader *reader;
    char *path;

    fclose(capture->out);
    path = write_temporary("monitor.txt", capture->text, capture->length);
    source = source_open(path, &error);
    reader = reader_open(source, format_detect(source, NULL, &error), &options, &intake, &error);
    assert_non_null(reader);
    assert_int_equal(departures_read(&departures, reader, &error), 0);
    reader_close(reader);
    source_close(source);
    remove_temporary(path);
    free(capture->text);
    return departures;
}

static void who_connects_for_each_job_leaves_behind_it(void **state)
{
    enum { JOBS = 40, LAST_OF_JOB = 1 };
    struct capture capture;
    struct departures departures;

    (void)state;
    begin(&capture);
    for (unsigned job = 0; job < JOBS; job++) {
        speak(&capture, job * 500000, 1 + job);
        speak(&capture, job * 500000 + 1000, 1 + job);
        speak(&capture, job * 500000 + 2000, 0); /* one that stays, and is used by all */
    }
    departures = departures_of(&capture);
    assert_int_equal(departures.count, JOBS + 1);
    assert_true(
        departures_has_left(&departures, 0, LAST_OF_JOB + 1)); /* the first job's: numbered as they first speak */
    assert_false(departures_has_left(&departures, 0, LAST_OF_JOB));
    assert_false(departures_has_left(&departures, 1, UINT64_MAX - 1)); /* who stays */
    /* Behind the last ones no ten others come. */
    assert_int_equal(departures.gone, JOBS - 12);
    departures_release(&departures);
}

static void a_pool_stays_however_long_it_is_silent(void **state)
{
    enum { POOL = 50 };
    struct capture capture;
    struct departures departures;

    (void)state;
    begin(&capture);
    for (unsigned client = 0; client < POOL; client++)
        speak(&capture, client * 10000, client);
    speak(&capture, INT64_C(3600000000), 0);
    departures = departures_of(&capture);
    assert_int_equal(departures.gone, 0);
    departures_release(&departures);
}

/* ---- a naive twin ---- */

enum { CLIENTS = 60, LINES = 400 };

struct line {
    int64_t time_us;
    unsigned client;
};

static bool leaves(const struct line *lines, unsigned client)
{
    int64_t last_us = -1, limit_us = 1000000;
    bool is_known[CLIENTS] = {false};
    int others = 0;

    for (int i = 0; i < LINES; i++)
        if (lines[i].client == client) {
            if (last_us >= 0 && (lines[i].time_us - last_us) * 10 > limit_us)
                limit_us = (lines[i].time_us - last_us) * 10;
            last_us = lines[i].time_us;
        }
    for (int i = 0; i < LINES; i++) {
        others += !is_known[lines[i].client] && lines[i].time_us - last_us > limit_us;
        is_known[lines[i].client] = true;
    }
    return others >= 10;
}

static void it_is_what_a_look_at_all_lines_for_each_client_finds(void **state)
{
    unsigned long left = 0, stayed = 0;

    (void)state;
    srand(1);
    for (int turn = 0; turn < 30; turn++) {
        struct capture capture;
        struct line lines[LINES];
        unsigned numbers[CLIENTS], known = 0;
        int64_t time_us = 0;
        struct departures departures;

        begin(&capture);
        for (int i = 0; i < LINES; i++) {
            unsigned newest = (unsigned)(i * CLIENTS / LINES), back = (unsigned)rand() % (1 + (unsigned)turn);
            unsigned client = back > newest ? 0 : newest - back, number = 0;

            lines[i] = (struct line){.time_us = time_us += rand() % 300000, .client = client};
            speak(&capture, time_us, client);
            while (number < known && numbers[number] != client)
                number++;
            if (number == known)
                numbers[known++] = client;
        }
        departures = departures_of(&capture);
        assert_int_equal(departures.count, known);
        for (unsigned number = 0; number < known; number++) {
            bool has_left = departures.last_row[number] != UINT64_MAX;

            assert_int_equal(has_left, leaves(lines, numbers[number]));
            left += has_left;
            stayed += !has_left;
        }
        departures_release(&departures);
    }
    assert_true(left > 100 && stayed > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_connects_for_each_job_leaves_behind_it),
        cmocka_unit_test(a_pool_stays_however_long_it_is_silent),
        cmocka_unit_test(it_is_what_a_look_at_all_lines_for_each_client_finds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
