/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_groups_live: which keys are evicted and which expire, by prefix: the model against the installed redis-server in
 * virtual time, which tells a subscriber of each (notify-keyspace-events).
 *
 * The trace is d1 of the shared material, whose keys have four prefixes or none. The server's runs differ by its own
 * randomness, the model's by their seeds. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/replay.h"
#include "sim/input/groups.h"
#include "sim/live/play.h"
#include "sim/live/script.h"
#include "sim/server/registry.h"
#include "tests/fidelity/support_welch.h"
#include "tests/support_installed.h"
#include "tests/support_run.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { RUNS = 4, SEEDS = 24, MAXMEMORY = 8 << 20, INFO_EVERY_US = 60000000, GROUP_COUNT = 5, TOLD_MOST = 4096 };

static const char *const group_names[GROUP_COUNT] = {"(no prefix)", "user", "cart", "feed", "session"};
static const char *const tested_policies[] = {"allkeys-lru", "volatile-ttl"};
enum { POLICIES = sizeof tested_policies / sizeof *tested_policies };

enum { EVICTED, EXPIRED, KINDS };
static const char *const kind_names[KINDS] = {"evicted", "expired"};

/* Of one run, or one seed. */
struct counts {
    double keys[KINDS][GROUP_COUNT];
    uint64_t subscriber_bytes; /* of a server: what the client weighs that is told */
};

static size_t group_of(const char *name, size_t bytes)
{
    const char *colon = memchr(name, ':', bytes);

    for (size_t i = 1; colon && i < GROUP_COUNT; i++)
        if ((size_t)(colon - name) == strlen(group_names[i]) && !memcmp(name, group_names[i], (size_t)(colon - name)))
            return i;
    return 0;
}

/* ---- the server ---- */

/* *3 message, "__keyevent@0__:evicted", the key. */
static void take_message(struct counts *counts, char *message)
{
    char *words[3] = {0}, *rest = message;

    for (size_t i = 0; i < 3; i++) {
        char *end;

        rest = strstr(rest, "\r\n$") + 3;
        words[i] = strstr(rest, "\r\n") + 2;
        end = words[i] + atol(rest);
        rest = end;
    }
    for (int kind = 0; kind < KINDS; kind++)
        if (!strncmp(words[1] + strlen("__keyevent@0__:"), kind_names[kind], 7))
            counts->keys[kind][group_of(words[2], (size_t)(rest - words[2]))]++;
}

/* What CLIENT LIST says of the one that has subscribed. */
static uint64_t subscriber_bytes(const char *list)
{
    const char *line = strstr(list, " sub=2 ");
    const char *bytes = line ? strstr(line, " tot-mem=") : NULL;

    assert_non_null(bytes);
    return strtoull(bytes + strlen(" tot-mem="), NULL, 10);
}

static struct counts read_messages(const char *directory, size_t run)
{
    struct counts counts = {0};
    char path[4096], line[256], message[TOLD_MOST + 1];
    long long unix_us;
    size_t bytes;
    FILE *in;

    snprintf(path, sizeof path, "%s/%04zu/record", directory, run);
    in = fopen(path, "r");
    assert_non_null(in);
    while (fgets(line, sizeof line, in))
        if (sscanf(line, RECORD_TOLD, &unix_us, &bytes) == 2) {
            assert_true(bytes <= TOLD_MOST);
            assert_int_equal(fread(message, 1, bytes, in), bytes);
            message[bytes] = '\0';
            if (!strncmp(message, "*3\r\n$7\r\nmessage", 15))
                take_message(&counts, message);
            else if (message[0] == '$')
                counts.subscriber_bytes = subscriber_bytes(message);
        }
    fclose(in);
    return counts;
}

static size_t turn_bytes(const struct turn *turn)
{
    return (sizeof *turn + turn->command.head_bytes + turn->command.tail_bytes + turn->fill.head_bytes +
            turn->fill.tail_bytes + 7) /
           8 * 8;
}

/* The script of the trace. When the first INFO has said what the server weighs without keys, a second client subscribes. At
 * the end the first asks what that one weighs. */
static void write_script(const char *trace, const char *directory, char *path, size_t room)
{
    char rest[4096], *bytes;
    struct trace_request request = {.path = trace, .format = "twitter"};
    struct script_options options = {.fill = true, .info_every_us = INFO_EVERY_US, .hz = 10};
    struct wire subscribe = {0}, list = {0}, none = {0};
    struct error error = {0};
    const struct turn *first, *last;
    size_t count, first_bytes;
    FILE *out;

    snprintf(rest, sizeof rest, "%s/rest", directory);
    snprintf(path, room, "%s/script", directory);
    if (script_write(rest, format_choose, &request, &options, &error))
        fail_msg("%s", error.text);
    bytes = support_read_file(directory, "rest", &count);
    last = first = (const struct turn *)(void *)bytes;
    assert_int_equal(first->kind, TURN_INFO);
    first_bytes = turn_bytes(first);
    for (size_t at = 0; at < count; at += turn_bytes(last))
        last = (const struct turn *)(void *)(bytes + at);
    wire_begin(&subscribe, "SUBSCRIBE");
    wire_word(&subscribe, "__keyevent@0__:evicted");
    wire_word(&subscribe, "__keyevent@0__:expired");
    wire_end(&subscribe);
    wire_begin(&list, "CLIENT");
    wire_word(&list, "LIST");
    wire_end(&list);
    out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, first_bytes, out), first_bytes);
    script_put(out, (struct turn){.unix_us = first->unix_us, .kind = TURN_LISTEN, .client = 1}, &subscribe, &none);
    assert_int_equal(fwrite(bytes + first_bytes, 1, count - first_bytes, out), count - first_bytes);
    script_put(out, (struct turn){.unix_us = last->unix_us, .kind = TURN_TELL}, &list, &none);
    assert_int_equal(fclose(out), 0);
    wire_release(&subscribe);
    wire_release(&list);
    free(bytes);
}

static void serve(const struct program *program, const char *trace, const char *directory, struct play_run *runs,
                  struct counts *counts)
{
    static const char *const arguments[] = {"--notify-keyspace-events", "Exe", "--latency-tracking", "no", NULL};
    struct play play = {.program = program, .parallel = (size_t)sysconf(_SC_NPROCESSORS_ONLN), .directory = directory};
    struct error error = {0};
    char script[4096];

    write_script(trace, directory, script, sizeof script);
    for (size_t i = 0; i < POLICIES * RUNS; i++)
        runs[i] = (struct play_run){
            .script = script, .policy = tested_policies[i / RUNS], .maxmemory = MAXMEMORY, .arguments = arguments};
    if (play_runs(&play, runs, POLICIES * RUNS, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < POLICIES * RUNS; i++) {
        double sums[KINDS] = {0};

        counts[i] = read_messages(directory, i);
        for (int kind = 0; kind < KINDS; kind++)
            for (size_t group = 0; group < GROUP_COUNT; group++)
                sums[kind] += counts[i].keys[kind][group];
        assert_float_equal(sums[EVICTED], (double)runs[i].counters.evicted_keys, 0); /* nothing was missed */
        assert_float_equal(sums[EXPIRED], (double)runs[i].counters.expired_keys, 0);
    }
}

/* ---- the model ---- */

/* The subscriber is there from the start: it is written to all the time, so its buffers stay as they are. */
static void simulate(const char *server, const char *trace, const struct play_run *runs, const struct counts *real,
                     struct counts *counts)
{
    struct simulation_options options[POLICIES * SEEDS];
    struct cell_config configs[POLICIES * SEEDS];
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("prefix", ":", &error);
    struct replay_plan plan = {
        .trace = {.path = trace, .format = "twitter"},
        .choose_format = format_choose,
        .cells = configs,
        .cell_count = POLICIES * SEEDS,
        .on_miss = ON_MISS_FILL,
        .by = rule,
        .workers = (int)sysconf(_SC_NPROCESSORS_ONLN),
    };
    struct run run = {0};

    for (size_t i = 0; i < POLICIES * SEEDS; i++) {
        options[i] = (struct simulation_options){.baseline_memory = runs[i / SEEDS * RUNS].counters.baseline_memory +
                                                                    real[i / SEEDS * RUNS].subscriber_bytes,
                                                 .info_every_us = INFO_EVERY_US};
        redis_config_init(&options[i].redis);
        options[i].redis.latency_tracking =
            false; /* SUBSCRIBE's histogram would be memory that the model does not see */
        configs[i] = (struct cell_config){.server = server_find(server),
                                          .policy = policy_find(tested_policies[i / SEEDS]),
                                          .maxmemory = MAXMEMORY,
                                          .seed = 1 + i,
                                          .options = &options[i]};
    }
    if (replay_run(&plan, &run, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < POLICIES * SEEDS; i++) {
        counts[i] = (struct counts){0};
        for (size_t j = 0; j < run.results[i].group_count; j++)
            for (size_t group = 0; group < GROUP_COUNT; group++)
                if (!strcmp(run.results[i].groups[j].name, group_names[group])) {
                    counts[i].keys[EVICTED][group] = (double)run.results[i].groups[j].evicted_keys;
                    counts[i].keys[EXPIRED][group] = (double)run.results[i].groups[j].expired_keys;
                }
    }
    run_release(&run);
    group_rule_free(rule);
}

/* ---- the two ---- */

static struct sample_moments moments(const struct counts *counts, size_t count, int kind, size_t group)
{
    double values[SEEDS];

    for (size_t i = 0; i < count; i++)
        values[i] = counts[i].keys[kind][group];
    return sample_moments(values, count);
}

static void prefixes_lose_what_they_lose_on_the_server(void **state)
{
    enum { TESTS = POLICIES * KINDS * GROUP_COUNT };
    struct program program = {0};
    struct play_run runs[POLICIES * RUNS];
    struct counts real[POLICIES * RUNS], model[POLICIES * SEEDS];
    double p[TESTS];
    struct distances distances = {0};
    bool significant[TESTS];
    size_t next = 0;
    char *trace, *directory;

    (void)state;
    find_installed_server(&program);
    trace = shared_path("golden/d1.csv.zst");
    if (!trace)
        skip();
    directory = support_directory();
    serve(&program, trace, directory, runs, real);
    simulate(program.server, trace, runs, real, model);
    for (size_t policy = 0; policy < POLICIES; policy++)
        for (int kind = 0; kind < KINDS; kind++)
            for (size_t group = 0; group < GROUP_COUNT; group++, next++) {
                struct sample_moments server = moments(&real[policy * RUNS], RUNS, kind, group);
                struct sample_moments evsim = moments(&model[policy * SEEDS], SEEDS, kind, group);

                p[next] = counts_p(&server, &evsim, &distances);
                print_message("%-12s %-11s %s: server %.1f +- %.1f, evsim %.1f +- %.1f, p %.2g\n",
                              tested_policies[policy], group_names[group], kind_names[kind], server.mean, server.sd,
                              evsim.mean, evsim.sd, p[next]);
            }
    holm(p, TESTS, 0.001, significant);
    for (size_t i = 0; i < TESTS; i++)
        assert_false(significant[i]);
    print_message("the subscriber weighs %ju bytes\n", (uintmax_t)real[0].subscriber_bytes);
    print_message("mean |z| %.2f over %zu counts\n", distances.sum / (double)distances.count, distances.count);
    for (size_t i = 0; i < POLICIES * RUNS; i++)
        play_run_release(&runs[i]);
    support_remove(directory);
    free(directory);
    free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prefixes_lose_what_they_lose_on_the_server)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
