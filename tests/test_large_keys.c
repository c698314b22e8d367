/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_large_keys: the doctor names the largest keys; a bound that the application would set leaves what the same bound leaves that a
 * trace has; a key that is split is what a trace has that was split by hand; and what cannot be split, or bounded, is not. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"
#include "sim/output.h"

#include <jansson.h>
#include <xxhash.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COMMANDS = 6000, KEYS = 3, USERS = 300 };

/* A command as MONITOR shows it: the words between blanks, each in quotes. */
__attribute__((format(printf, 3, 4))) static void monitored(FILE *out, double time, const char *format, ...)
{
    char words[512], *rest = words, *word;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    fprintf(out, "%.6f [0 127.0.0.1:4000]", 1700000000 + time);
    while ((word = strsep(&rest, " ")))
        fprintf(out, " \"%s\"", word);
    putc('\n', out);
}

static unsigned next(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 8;
}

static FILE *open_trace(const char *folder, const char *name)
{
    char *path = output_path(folder, name);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    free(path);
    return out;
}

/* A kind of collection that grows, and its bound, as the trace has it and as it is said. */
struct grows {
    const char *adds, *bound, *what_if, *remedy, *part;
};

static const struct grows grows[] = {
    {"LPUSH big:%d e%040d", "LTRIM big:%d 0 49", "LTRIM big:* 0 49", "LTRIM big:* 0 ", "memory_lists"},
    {"RPUSH big:%d e%040d", "LTRIM big:%d -50 -1", "LTRIM big:* -50 -1", "LTRIM big:* -", "memory_lists"},
    {"ZADD big:%d %d m:%040d", "ZREMRANGEBYRANK big:%d 0 -201", "ZREMRANGEBYRANK big:* 0 -201",
     "ZREMRANGEBYRANK big:* 0 -", "memory_zsets"},
    {"XADD big:%d * f %040d", "XTRIM big:%d MAXLEN ~ 100", "XTRIM big:* MAXLEN ~ 100", "XTRIM big:* MAXLEN ~ ",
     "memory_streams"},
};
enum { GROWS = sizeof grows / sizeof *grows };

static void write_growing(const char *folder, const char *name, const struct grows *what, bool bounded)
{
    FILE *out = open_trace(folder, name);
    unsigned state = 1;

    for (int i = 0; i < COMMANDS; i++) {
        int key = (int)(next(&state) % KEYS);
        char command[256];

        if (i % 4 == 0) {
            monitored(out, i * 0.5, "SET user:%d %020d", (int)(next(&state) % USERS), i);
            continue;
        }
        if (strstr(what->adds, "ZADD"))
            snprintf(command, sizeof command, "ZADD big:%d %d m:%040d", key, (int)(next(&state) % 100000), i);
        else if (strstr(what->adds, "XADD"))
            snprintf(command, sizeof command, "XADD big:%d * f %040d", key, i);
        else
            snprintf(command, sizeof command, "%cPUSH big:%d e%040d", *what->adds, key, i);
        monitored(out, i * 0.5, "%s", command);
        if (!bounded)
            continue;
        snprintf(command, sizeof command, "%.*s%d%s", (int)(strchr(what->bound, '%') - what->bound), what->bound, key,
                 strchr(what->bound, '%') + 2);
        monitored(out, i * 0.5 + 0.1, "%s", command);
    }
    assert_int_equal(fclose(out), 0);
}

static json_t *ask(const char *folder, const char *options)
{
    char *text = command_output_of(folder, "\"$EVSIM\" %s --json 2>/dev/null", options);
    json_t *answer = json_loads(text, 0, NULL);

    if (!answer)
        fail_msg("%s: %s", options, text);
    free(text);
    return answer;
}

static double number_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_number(value))
        fail_msg("%s is no number", name);
    return json_number_value(value);
}

static const char *text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* used_memory at its highest, less what the first calls of commands take. */
static double peak_of_run(const json_t *run)
{
    return number_at(run, "used_memory_peak") - number_at(json_object_get(run, "memory_at_end"), "memory_histograms");
}

static void a_bound_is_that_of_a_trace_that_has_it(void **state)
{
    (void)state;
    for (int i = 0; i < GROWS; i++) {
        char *folder = support_directory(), options[256];
        json_t *base, *by_hand, *what_if, *measure;
        double difference, now;

        write_growing(folder, "grows.mon", &grows[i], false);
        write_growing(folder, "bounded.mon", &grows[i], true);
        base = ask(folder, "run grows.mon -m 50mb -p noeviction");
        by_hand = ask(folder, "run bounded.mon -m 50mb -p noeviction");
        snprintf(options, sizeof options, "run grows.mon -m 50mb -p noeviction --seeds 1 --what-if '%s'",
                 grows[i].what_if);
        what_if = ask(folder, options);
        measure = json_object_get(what_if, "what_if");
        measure = json_object_get(json_array_get(measure, 0), "cells");
        measure = json_object_get(json_object_get(json_array_get(measure, 0), "measures"), "used_memory_peak");
        now = peak_of_run(json_array_get(base, 0));
        difference = number_at(measure, "b") -
                     number_at(json_object_get(json_array_get(base, 0), "memory_at_end"), "memory_histograms") -
                     peak_of_run(json_array_get(by_hand, 0));
        print_message("%s: %.0f bytes less than without, %.0f from the trace that has it\n", grows[i].what_if,
                      now - number_at(measure, "b"), difference);
        assert_true(now - peak_of_run(json_array_get(by_hand, 0)) > 100000);
        assert_true(difference > -256 && difference < 256);
        json_decref(base);
        json_decref(by_hand);
        json_decref(what_if);
        support_remove(folder);
        free(folder);
    }
}

/* The remedy whose name begins so; NULL. */
static json_t *remedy_of(const json_t *diagnosis, const char *name)
{
    json_t *remedies = json_object_get(diagnosis, "remedies");

    for (size_t i = 0; i < json_array_size(remedies); i++)
        if (!strncmp(text_at(json_array_get(remedies, i), "name"), name, strlen(name)))
            return json_array_get(remedies, i);
    return NULL;
}

/* The largest keys are those of the trace, and their shares are of all. */
static void check_named(const json_t *diagnosis, size_t large)
{
    json_t *largest = json_object_get(diagnosis, "largest");

    assert_int_equal(json_array_size(largest), 10);
    for (size_t i = 0; i < large; i++) {
        json_t *key = json_array_get(largest, i);

        assert_int_equal(strncmp(text_at(key, "name"), "big:", 4), 0);
        assert_true(number_at(key, "share") > 0.1);
        assert_true(number_at(key, "elements") > 50);
    }
    assert_int_equal(strncmp(text_at(json_array_get(largest, large), "name"), "user:", 5), 0);
}

static void the_doctor_names_them_and_tries_bounds(void **state)
{
    (void)state;
    for (int i = 0; i < GROWS; i++) {
        char *folder = support_directory();
        json_t *diagnosis, *remedy;

        write_growing(folder, "grows.mon", &grows[i], false);
        diagnosis = ask(folder, "doctor grows.mon -m 1100kb -p noeviction --seeds 2 --role cache");
        assert_string_equal(text_at(diagnosis, "state"), "refuses-writes");
        assert_string_equal(text_at(json_array_get(json_object_get(diagnosis, "causes"), 0), "name"), "few-large-keys");
        check_named(diagnosis, KEYS);
        remedy = remedy_of(diagnosis, grows[i].remedy);
        if (!remedy)
            fail_msg("%s was not tried", grows[i].remedy);
        assert_true(number_at(json_object_get(remedy, "trimmed_elements"), "mean") > 100);
        assert_true(number_at(json_object_get(remedy, "oom_rejections"), "mean") <
                    0.5 * number_at(json_object_get(json_object_get(diagnosis, "now"), "oom_rejections"), "mean"));
        if (!strstr(text_at(diagnosis, "first"), "sent behind each"))
            fail_msg("first: %s", text_at(diagnosis, "first"));
        json_decref(diagnosis);
        support_remove(folder);
        free(folder);
    }
}

/* ---- keys that are several ---- */

/* Hashes of many small fields; with `parts` split by hand: what names a field goes to its part, what asks for all to all. */
static void write_hashes(const char *folder, const char *name, unsigned parts)
{
    FILE *out = open_trace(folder, name);
    unsigned state = 9;

    for (int i = 0; i < COMMANDS; i++) {
        int key = (int)(next(&state) % KEYS);
        char field[32], of[32] = "";

        snprintf(field, sizeof field, "f:%u", next(&state) % 2000);
        if (parts)
            snprintf(of, sizeof of, ":%u", (unsigned)(XXH3_64bits(field, strlen(field)) % parts));
        if (i % 8 == 0)
            monitored(out, i * 0.5, "SET user:%d %020d", (int)(next(&state) % USERS), i);
        else if (i % 101 == 0)
            for (unsigned p = 0; p < (parts ? parts : 1); p++) {
                if (parts)
                    snprintf(of, sizeof of, ":%u", p);
                monitored(out, i * 0.5, "HGETALL big:%d%s", key, of);
            }
        else if (i % 8 == 1)
            monitored(out, i * 0.5, "HGET big:%d%s %s", key, of, field);
        else if (i % 8 == 2)
            monitored(out, i * 0.5, "HDEL big:%d%s %s", key, of, field);
        else
            monitored(out, i * 0.5, "HSET big:%d%s %s %d", key, of, field, i);
    }
    assert_int_equal(fclose(out), 0);
}

static void assert_mean(const json_t *remedy, const char *name, double value)
{
    double mean = number_at(json_object_get(remedy, name), "mean");

    if (mean < value || mean > value)
        fail_msg("%s: %.17g, by hand %.17g", name, mean, value);
}

static void a_split_key_is_one_that_was_split_by_hand(void **state)
{
    char *folder = support_directory();
    json_t *diagnosis, *remedy, *by_hand;
    unsigned parts = 0;

    (void)state;
    write_hashes(folder, "whole.mon", 0);
    diagnosis = ask(folder, "doctor whole.mon -m 1080kb -p noeviction --seeds 1");
    check_named(diagnosis, KEYS);
    remedy = remedy_of(diagnosis, "split big:");
    assert_non_null(remedy);
    assert_int_equal(sscanf(strstr(text_at(remedy, "command"), "<key>:0 to <key>:"), "<key>:0 to <key>:%u", &parts), 1);
    write_hashes(folder, "split.mon", parts + 1);
    by_hand = ask(folder, "run split.mon -m 1080kb -p noeviction");
    assert_mean(remedy, "oom_rejections", number_at(json_array_get(by_hand, 0), "oom_rejections"));
    assert_mean(remedy, "used_memory_peak", number_at(json_array_get(by_hand, 0), "used_memory_peak"));
    assert_mean(remedy, "hit_ratio", number_at(json_array_get(by_hand, 0), "hit_ratio"));
    json_decref(by_hand);
    json_decref(diagnosis);
    support_remove(folder);
    free(folder);
}

/* ---- what the trace cannot decide ---- */

static json_t *large_key(const json_t *diagnosis, const char *name)
{
    json_t *largest = json_object_get(diagnosis, "largest");

    for (size_t i = 0; i < json_array_size(largest); i++)
        if (!strcmp(text_at(json_array_get(largest, i), "name"), name))
            return json_array_get(largest, i);
    fail_msg("%s is not among the largest", name);
    return NULL;
}

static void what_cannot_be_split_is_said_to_be_so(void **state)
{
    char *folder = support_directory(), *text;
    FILE *out = open_trace(folder, "mixed.mon");
    json_t *diagnosis;

    (void)state;
    for (int i = 0; i < COMMANDS; i++) {
        monitored(out, i * 0.5, "SET user:%d %020d", i % USERS, i);
        if (i % 8 == 0)
            monitored(out, i * 0.5, "SADD big:set m%040d", i);
        if (i % 8 == 1)
            monitored(out, i * 0.5, "%s big:deque e%040d", i % 16 == 1 ? "LPUSH" : "RPUSH", i);
        if (i % 8 == 2)
            monitored(out, i * 0.5, "APPEND big:text %0160d", i);
        if (i % 1000 == 0)
            monitored(out, i * 0.5, "SUNIONSTORE all big:set other");
    }
    assert_int_equal(fclose(out), 0);
    diagnosis = ask(folder, "doctor mixed.mon -m 1200kb -p noeviction --seeds 1");
    assert_non_null(strstr(text_at(large_key(diagnosis, "big:set"), "why"), "sunionstore"));
    assert_non_null(strstr(text_at(large_key(diagnosis, "big:deque"), "why"), "both ends"));
    assert_non_null(strstr(text_at(large_key(diagnosis, "big:text"), "why"), "only the application"));
    assert_null(remedy_of(diagnosis, "split "));
    assert_null(remedy_of(diagnosis, "LTRIM "));
    text = command_output(folder, "\"$EVSIM\" doctor mixed.mon -m 1200kb -p noeviction --seeds 1 2>/dev/null");
    assert_non_null(strstr(text, "big:text"));
    assert_non_null(strstr(text, "only the application"));
    free(text);
    json_decref(diagnosis);
    support_remove(folder);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_is_that_of_a_trace_that_has_it),
        cmocka_unit_test(the_doctor_names_them_and_tries_bounds),
        cmocka_unit_test(a_split_key_is_one_that_was_split_by_hand),
        cmocka_unit_test(what_cannot_be_split_is_said_to_be_so),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
