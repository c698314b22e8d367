/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_what_if: the run as it is, is that without --what-if; the run with a change is that of whoever makes the change by hand; ttls that
 * the application would give are those of a trace that has them. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/advice/change.h"
#include "sim/alloc.h"
#include "sim/server/registry.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int make_folder(void **state)
{
    char *folder = support_directory();

    free(command_output(folder, "\"$EVSIM\" gen -n 20000 -k 3000 --duration 20m --ttl-share 0.5 --ttl-max 10m "
                                "--writes 6 --deletes 0.5 -o trace.csv"));
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

/* The comparison of this command line. */
static json_t *comparison_of(const char *folder, const char *options)
{
    char *text = command_output_of(folder, "\"$EVSIM\" run %s --seeds 1 --json 2>/dev/null", options);
    json_t *comparison = json_loads(text, 0, NULL);

    assert_non_null(comparison);
    free(text);
    return comparison;
}

static json_t *cells_of(const json_t *comparison, size_t variant)
{
    return json_object_get(json_array_get(json_object_get(comparison, "what_if"), variant), "cells");
}

/* Of the numbers of these names ("": all of a comparison): those of a what-if ("b"), or of the run as it is ("a"), are those of a
 * run by hand. */
static void assert_same(const char *folder, const json_t *comparison, size_t variant, const char *which,
                        const char *by_hand, const char *names)
{
    char *text = command_output_of(folder, "\"$EVSIM\" run %s --json 2>/dev/null", by_hand), name[64];
    json_t *results = json_loads(text, 0, NULL), *cells = cells_of(comparison, variant), *measure;
    const char *key;
    size_t compared = 0;

    assert_true(json_array_size(cells) > 0);
    assert_int_equal(json_array_size(cells), json_array_size(results));
    for (size_t i = 0; i < json_array_size(cells); i++)
        json_object_foreach(json_object_get(json_array_get(cells, i), "measures"), key, measure)
        {
            const json_t *one = json_object_get(measure, which),
                         *other = json_object_get(json_array_get(results, i), key);

            snprintf(name, sizeof name, " %s ", key);
            if (*names && !strstr(names, name))
                continue;
            compared++;
            if (json_is_null(one) != json_is_null(other) || json_number_value(one) != json_number_value(other))
                fail_msg("%s, cell %zu: %s is %.17g, not %.17g", by_hand, i, key, json_number_value(one),
                         json_number_value(other));
        }
    assert_true(compared > 0);
    json_decref(results);
    free(text);
}

#define CELLS "trace.csv -p allkeys-lru,volatile-ttl,noeviction -m 1mb,1200kb --on-miss none"

static void a_change_is_what_it_says(void **state)
{
    static const struct {
        const char *change, *server, *by_hand;
    } cases[] = {
        {"maxmemory-samples 10", "redis-7.0.15", CELLS " -s redis-7.0.15 --maxmemory-samples 10"},
        {"CONFIG SET hz 100", "valkey-8.0.1", CELLS " -s valkey-8.0.1 --hz 100"},
        {"server redis-7.4.1", "redis-7.0.15", CELLS " -s redis-7.4.1"},
        {"client-output-buffer-limit normal 1mb 1kb 5; repl-backlog-size 2mb", "redis-7.2.6",
         CELLS " -s redis-7.2.6 --client-output-buffer-limit 'normal 1mb 1kb 5' --repl-backlog-size 2mb"},
        {"maxmemory x1.5 and active-expire-effort 10", "redis-8.0.2-debian",
         "trace.csv -p allkeys-lru,volatile-ttl,noeviction -m 1536kb,1800kb --on-miss none -s redis-8.0.2-debian "
         "--active-expire-effort 10"},
        {"maxmemory x2", "flat",
         "trace.csv -p allkeys-lru,volatile-ttl,noeviction -m 2mb,2400kb --on-miss none -s flat"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[512];
        json_t *comparison;

        snprintf(line, sizeof line, CELLS " -s %s --what-if '%s' --what-if 'hz 10'", cases[i].server, cases[i].change);
        comparison = comparison_of(*state, line);
        assert_same(*state, comparison, 0, "b", cases[i].by_hand, "");
        snprintf(line, sizeof line, CELLS " -s %s", cases[i].server);
        assert_same(*state, comparison, 0, "a", line, "");
        assert_same(*state, comparison, 1, "b", line, ""); /* hz is 10 */
        json_decref(comparison);
    }
}

static void a_policy_is_changed(void **state)
{
    json_t *comparison =
        comparison_of(*state, "trace.csv -m 1mb -p allkeys-lru --what-if 'maxmemory-policy s3fifo:small=0.2'");

    assert_same(*state, comparison, 0, "b", "trace.csv -m 1mb -p s3fifo:small=0.2", "");
    json_decref(comparison);
}

/* Without a limit, where the bytes of an argument more decide nothing: what is found, and why it is not. Whether the active expiry
 * cycle or a command finds an expired key is drawn. */
#define KEPT " reads hits misses misses_cold misses_deleted expired_keys keys expires "

/* A SET of a key without a ttl gets one: EX in the trace, EXPIRE of --what-if. And the other way round. */
static void ttls_are_those_of_a_trace_that_has_them(void **state)
{
    static const char *const named[] = {"redis-7.0.15", "valkey-9.1.2-debian", "flat"};

    free(command_output_of(
        *state,
        "awk -F, 'BEGIN { OFS = \",\" } $2 ~ /^user:/ && $7 == 0 { $7 = 100 } { print }' trace.csv > with.csv"));
    free(command_output_of(
        *state, "awk -F, 'BEGIN { OFS = \",\" } $2 ~ /^cart/ { $7 = 0 } { print }' trace.csv > without.csv"));
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        for (int fills = 0; fills < 2; fills++) {
            char line[256], rest[128];
            json_t *comparison;

            snprintf(rest, sizeof rest, "-m 0 -p noeviction -s %s --on-miss %s", named[i], fills ? "fill" : "none");
            snprintf(line, sizeof line, "trace.csv %s --what-if 'EXPIRE user:* 100' --what-if 'PERSIST cart*'", rest);
            comparison = comparison_of(*state, line);
            snprintf(line, sizeof line, "with.csv %s", rest);
            assert_same(*state, comparison, 0, "b", line, KEPT);
            snprintf(line, sizeof line, "without.csv %s", rest);
            assert_same(*state, comparison, 1, "b", line, KEPT);
            json_decref(comparison);
        }
}

/* INCR, APPEND and SET KEEPTTL leave a ttl as it is; a plain SET takes it, and the key gets a new one. */
static void a_ttl_is_given_to_keys_without_one(void **state)
{
    static const char trace[] =
        "0 set a\\n1 append a\\n9 get a\\n11 get a\\n20 set b\\n25 set b\\n31 get b\\n36 get b\\n"
        "40 set other\\n60 get other\\n";
    json_t *comparison, *numbers;

    free(command_output_of(*state,
                           "printf '%s' | awk 'BEGIN { print \"time,op,key,value-size\" } "
                           "{ print $1 \",\" $2 \",\" $3 \",10\" }' > small.csv",
                           trace));
    comparison = comparison_of(*state, "small.csv -m 0 -p noeviction --on-miss none --what-if 'EXPIRE ? 10'");
    numbers = json_object_get(json_array_get(cells_of(comparison, 0), 0), "measures");
    /* hits: a at 9 s, b at 31 s, other; misses: a at 11 s, b at 36 s */
    assert_true(json_number_value(json_object_get(json_object_get(numbers, "hits"), "b")) == 3);
    assert_true(json_number_value(json_object_get(json_object_get(numbers, "misses"), "b")) == 2);
    json_decref(comparison);
}

/* A row of the figure for each cell as a heading, each change and its worst shard: hit ratios in points, with both ends of the
 * interval, and 0 differs, 1 may be noise, 2 is the same. */
static void the_figure_has_the_differences(void **state)
{
    static const char *const names[2][4] = {{"hit_ratio", "oom_rejections", "evicted_keys", "used_memory_peak"},
                                            {"lowest_hit_ratio_of_a_shard", "most_oom_rejections_of_a_shard",
                                             "most_evicted_keys_of_a_shard", "most_used_memory_peak_of_a_shard"}};
    static const char *const kinds[] = {"differs", "noise", "same"};
    const char *line =
        "trace.csv -p volatile-ttl,noeviction -m 1700kb --shards 2 --on-miss none --seeds 3 --what-if 'maxmemory x2' "
        "--what-if 'hz 20'";
    char *written = command_output_of(*state, "\"$EVSIM\" run %s -o figure --json 2>/dev/null", line);
    json_t *comparison = json_loads(written, 0, NULL);
    char *text = command_output_of(*state, "cat figure/differences.dat"), *rest = text, *row = strsep(&rest, "\n");
    int rows = 0;

    assert_string_equal(
        row, "# row low hit_ratio_points high kind low oom_rejections high kind low evicted_keys high kind low "
             "used_memory_peak high kind");
    for (; (row = strsep(&rest, "\n")) && *row; rows++) {
        size_t cell = (size_t)rows / 5, variant;
        int line_of = rows % 5;
        char *at = row;

        assert_int_equal(strtol(at, &at, 10), 10 - rows);
        for (int i = 0; i < 4; i++) {
            double low = strtod(at, &at), mean = strtod(at, &at), high = strtod(at, &at);
            long kind = strtol(at, &at, 10);
            json_t *all, *one;
            double scale = i ? 1 : 100, half;

            if (!line_of) { /* a heading */
                assert_true(isnan(mean));
                continue;
            }
            variant = (size_t)(line_of - 1) / 2;
            all = json_object_get(json_array_get(cells_of(comparison, variant), cell), "measures");
            one = json_object_get(all, names[(line_of - 1) % 2][i]);
            half = scale * json_number_value(json_object_get(one, "half_width"));
            assert_true(mean == scale * json_number_value(json_object_get(one, "difference")));
            assert_true(low == mean - half && high == mean + half);
            assert_string_equal(json_string_value(json_object_get(one, "verdict")), kinds[kind]);
        }
    }
    assert_int_equal(rows, 10);
    free(text);
    free(written);
    json_decref(comparison);
}

static void lines_are_80_columns(void **state)
{
    char *text = command_output_of(
        *state, "\"$EVSIM\" run trace.csv -m 1mb,2mb,1gb -p all --what-if 'maxmemory x3' --what-if "
                "'EXPIRE user:* 100; PERSIST cart*; maxmemory-samples 64; hz 500; server redis-7.4.1' "
                "--what-if 'maxmemory-policy volatile-lfu'");

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        int width = 0;

        for (const char *c = line; *c; c++)
            width += ((unsigned char)*c & 0xc0) != 0x80;
        if (width > 80)
            fail_msg("%d columns: %s", width, line);
    }
    free(text);
}

/* ---- changes ---- */

static int find_server(void *owner, const char *name, const struct server **server, struct error *error)
{
    static const struct server one = {.name = "redis-7.4.1"};

    (void)owner;
    *server = &one;
    return strcmp(name, one.name) ? error_set(error, ERROR_USAGE, "unknown server '%s'", name) : 0;
}

static int find_policy(void *owner, const char *name, struct named_policy *policy, struct error *error)
{
    static const struct policy one = {.name = "allkeys-lfu"};

    (void)owner;
    *policy = (struct named_policy){.policy = &one};
    return strcmp(name, one.name) ? error_set(error, ERROR_USAGE, "unknown policy '%s'", name) : 0;
}

static void changes_are_read_and_said(void **state)
{
    static const struct {
        const char *text, *printed, *command, *config;
    } cases[] = {
        {"maxmemory 2gb", "maxmemory 2gb", "CONFIG SET maxmemory 2gb", "maxmemory 2gb"},
        {"MAXMEMORY X1.5", "maxmemory x1.5", "CONFIG SET maxmemory x1.5", "maxmemory x1.5"},
        {"maxmemory-policy allkeys-lfu;hz 100", "maxmemory-policy allkeys-lfu; hz 100",
         "CONFIG SET maxmemory-policy allkeys-lfu; CONFIG SET hz 100", "maxmemory-policy allkeys-lfu; hz 100"},
        {"config set hz 100 AND server redis-7.4.1", "hz 100; server redis-7.4.1", "CONFIG SET hz 100; run redis-7.4.1",
         "hz 100"},
        {"expire 'my keys;*' 1h", "EXPIRE my keys;* 3600", "EXPIRE <key> 3600 NX, sent behind each write of my keys;*",
         ""},
        {"UNUSED a* 1d; hz 20", "unused a* 86400; hz 20",
         "EXPIRE <key> 86400, sent behind each read and write of a* of a key that has no ttl of its own; CONFIG SET hz "
         "20",
         "hz 20"},
        {"EXPIRE * 0.25", "EXPIRE * 0.250", "EXPIRE <key> 0.250 NX, sent behind each write", ""},
        {"PERSIST a* ; PERSIST b*", "PERSIST a*; PERSIST b*", "no ttl for a*; no ttl for b*", ""},
    };
    const struct change_names names = {
        .find_server = find_server, .find_policy = find_policy, .rules = servers[0].model->rules};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct changes changes;
        struct change_patterns patterns = {0};
        struct error error = {0};
        char *printed, *command, *config;

        if (change_parse(&changes, cases[i].text, &names, &patterns, &error))
            fail_msg("%s: %s", cases[i].text, error.text);
        printed = change_print(&changes);
        command = change_command(&changes);
        config = change_config(&changes);
        assert_string_equal(printed, cases[i].printed);
        assert_string_equal(command, cases[i].command);
        assert_string_equal(config, cases[i].config);
        free(printed);
        free(command);
        free(config);
        change_release(&changes);
    }
}

static int find_any_server(void *owner, const char *name, const struct server **server, struct error *error)
{
    (void)owner;
    *server = server_find(name);
    return *server || !strcmp(name, "next") ? 0 : error_set(error, ERROR_USAGE, "unknown server '%s'", name);
}

/* All groups of rules, one after the other, are the other server; 'next' is the one behind in the list, of its family. */
static void a_server_takes_anothers_rules(void **state)
{
    static const struct {
        const char *from, *text, *to;
    } cases[] = {
        {"redis-8.0.2-debian", "server next", "redis-8.0.6-debian"},
        {"valkey-9.2-forkless", "server next", "valkey-9.2-forkless"},
        {"redict-7.3.6-debian", "rules layout of next", "redict-7.3.6-debian"},
        {"redis-8.0.2-debian", "rules allocator of next", "redis-8.0.6-debian"},
        {"redis-8.10", "rule has_bless of redis-8.12", "redis-8.12"},
        {"redis-7.0.15",
         "rules layout of valkey-8.1; rules values of valkey-8.1; rules allocator of valkey-8.1; rules policy of "
         "valkey-8.1; rules server of valkey-8.1; rules commands of valkey-8.1", /* the layout has brought the tables along */
         "valkey-8.1.1-debian"},
    };
    const struct change_names names = {
        .find_server = find_any_server, .find_policy = find_policy, .rules = servers[0].model->rules};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct server *from = server_find(cases[i].from), *to = server_find(cases[i].to);
        struct cell_config cell = {.server = from};
        struct simulation_options options = {.fill = false};
        struct change_rules rules = {0};
        struct changes changes;
        struct change_patterns patterns = {0};
        struct error error = {0};

        if (change_parse(&changes, cases[i].text, &names, &patterns, &error))
            fail_msg("%s: %s", cases[i].text, error.text);
        change_apply(&changes, &cell, &options, &rules);
        if (i != 3)
            assert_memory_equal(cell.server->profile, to->profile, to->model->rules->profile_size);
        else /* of the two 8.0 the allocator, and what else was measured, are different */
            assert_false(from->model->rules->differences(cell.server->profile, to->profile, 3, NULL, NULL));
        change_rules_release(&rules);
        change_release(&changes);
    }
}

static double difference_of(const json_t *comparison, size_t variant, size_t cell, const char *measure)
{
    json_t *all = json_object_get(json_array_get(cells_of(comparison, variant), cell), "measures");

    return json_number_value(json_object_get(json_object_get(all, measure), "difference"));
}

/* Rule by rule: what they change by themselves and their interaction add up to the upgrade, in every cell, also where one of them brings
 * others along (valkey-8.0 to 8.1). */
static void an_upgrade_is_its_rules_and_their_interaction(void **state)
{
    static const char *const names[] = {"hits", "evicted_keys", "oom_rejections", "used_memory", "used_memory_peak"};
    json_t *comparison = comparison_of(*state, "trace.csv -m 1800kb -p allkeys-lru -s redis-8.0,redis-8.4,valkey-8.0 "
                                               "--what-if 'upgrade next by rule' --what-if 'maxmemory-samples 10'");
    size_t variants = json_array_size(json_object_get(comparison, "what_if")), last = variants - 2;
    bool any = false;

    assert_in_range(variants, 30, 200);
    assert_int_equal(json_array_size(cells_of(comparison, 0)), 3);
    for (size_t cell = 0; cell < 3; cell++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            double whole = difference_of(comparison, 0, cell, names[i]), sum = 0;

            for (size_t variant = 1; variant <= last; variant++)
                sum += difference_of(comparison, variant, cell, names[i]);
            assert_true(fabs(whole - sum) < 1e-6);
            any |= difference_of(comparison, last, cell, names[i]) != 0;
        }
    assert_true(any);
    json_decref(comparison);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_takes_anothers_rules),
        cmocka_unit_test(changes_are_read_and_said),
        cmocka_unit_test(an_upgrade_is_its_rules_and_their_interaction),
        cmocka_unit_test(a_change_is_what_it_says),
        cmocka_unit_test(a_policy_is_changed),
        cmocka_unit_test(ttls_are_those_of_a_trace_that_has_them),
        cmocka_unit_test(a_ttl_is_given_to_keys_without_one),
        cmocka_unit_test(the_figure_has_the_differences),
        cmocka_unit_test(lines_are_80_columns),
    };

    command_init();
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
