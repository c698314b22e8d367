/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_shards_live: what evsim run --shards says of each shard, against real servers in cluster mode, in virtual time: each has its
 * slots, and is sent what the cluster would send it, cut out of the trace as text.
 *
 * A node that starts takes two seconds until it believes in its cluster (CLUSTER_WRITABLE_DELAY), so the trace begins three seconds
 * later, behind an EXISTS of a key that is not there. (An error would weigh: a server has a counter for each kind of them.) The trace
 * is d1 of the shared material. The servers' runs differ by their own randomness, by a few hundred bytes before the first request
 * too; the model's by their seeds, and each begins with what one of the servers weighed. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/replay.h"
#include "sim/input/source.h"
#include "sim/live/play.h"
#include "sim/live/script.h"
#include "sim/server/registry.h"
#include "sim/slots.h"
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

enum { SHARDS = 2, RUNS = 4, SEEDS = 24, MAXMEMORY = 5 << 20, INFO_EVERY_US = 60000000, START_S = 3 };

static const char *const tested_policies[] = {"allkeys-lru", "volatile-ttl"};
enum { POLICIES = sizeof tested_policies / sizeof *tested_policies };

enum { HITS, MISSES, EVICTED, EXPIRED, REFUSED, KEYS, COUNTS };
static const char *const count_names[COUNTS] = {"hits", "misses", "evicted", "expired", "refused", "keys"};

/* Of one run, or one seed. */
struct counts {
    double values[COUNTS];
};

/* ---- the trace, and its parts ---- */

struct parts {
    FILE *whole, *parts[SHARDS];
    char paths[1 + SHARDS][4200]; /* of the whole, of each */
    char keys[SHARDS][24];        /* that are not there, one in each shard */
};

static void put_line(struct parts *parts, const struct slot_table *table, const char *key, size_t bytes, double time_s,
                     const char *rest)
{
    fprintf(parts->whole, "%.3f,%.*s,%s\n", time_s, (int)bytes, key, rest);
    fprintf(parts->parts[table->shard_of[slot_of_name(key, bytes)]], "%.3f,%.*s,%s\n", time_s, (int)bytes, key, rest);
}

/* So that all parts begin and end when the trace does. */
static void put_marks(struct parts *parts, const struct slot_table *table, double time_s)
{
    for (int i = 0; i < SHARDS; i++) {
        char rest[64];

        snprintf(rest, sizeof rest, "%zu,0,1,exists,0", strlen(parts->keys[i]));
        put_line(parts, table, parts->keys[i], strlen(parts->keys[i]), time_s, rest);
    }
}

static char *text_of(const char *path)
{
    struct error error = {0};
    struct source *source = source_open(path, &error);
    char *text = NULL;
    size_t bytes, used = 0;

    assert_non_null(source);
    for (const char *piece; (piece = source_peek(source, 1, &bytes, &error)) && bytes; used += bytes) {
        text = xrealloc(text, used + bytes + 1);
        memcpy(text + used, piece, bytes);
        text[used + bytes] = '\0';
        source_consume(source, bytes);
    }
    assert_string_equal(error.text, "");
    source_close(source);
    return text;
}

static void cut(const char *trace, const struct slot_table *table, const char *directory, struct parts *parts)
{
    char *text = text_of(trace), *rest = text, *line;
    double last_s = START_S;

    for (int i = 0, number = 0; i < SHARDS; i++)
        do
            snprintf(parts->keys[i], sizeof parts->keys[i], "none:%d", number++);
        while (table->shard_of[slot_of_name(parts->keys[i], strlen(parts->keys[i]))] != i);
    for (int i = 0; i <= SHARDS; i++) {
        snprintf(parts->paths[i], sizeof parts->paths[i], "%s/trace-%d.csv", directory, i);
        *(i ? &parts->parts[i - 1] : &parts->whole) = fopen(parts->paths[i], "w");
    }
    for (int i = 0; i <= SHARDS; i++)
        fputs("time,key,key-size,value-size,client,op,ttl\n", i ? parts->parts[i - 1] : parts->whole);
    put_marks(parts, table, 0);
    while ((line = strsep(&rest, "\n")) && *line) {
        char *key = strchr(line, ',') + 1, *more = strchr(key, ',');

        last_s = START_S + strtod(line, NULL);
        put_line(parts, table, key, (size_t)(more - key), last_s, more + 1);
    }
    put_marks(parts, table, last_s);
    fclose(parts->whole);
    for (int i = 0; i < SHARDS; i++)
        fclose(parts->parts[i]);
    free(text);
}

/* ---- the servers ---- */

/* What a node reads when it starts: itself, with all slots. Which of them are its own decides nothing but who may ask. */
static void write_nodes(const char *path)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fputs("0123456789abcdef0123456789abcdef01234567 :0@0 myself,master - 0 0 1 connected 0-16383\n"
          "vars currentEpoch 1 lastVoteEpoch 0\n",
          out);
    fclose(out);
}

static void serve(const struct program *program, const struct parts *parts, const char *directory,
                  struct play_run *runs)
{
    enum { ALL = POLICIES * SHARDS * RUNS };
    static char nodes[ALL][4300], ports[ALL][16], scripts[SHARDS][4300];
    static const char *arguments[ALL][16];
    struct play play = {.program = program, .parallel = (size_t)sysconf(_SC_NPROCESSORS_ONLN), .directory = directory};
    struct error error = {0};

    for (int i = 0; i < SHARDS; i++) {
        struct trace_request request = {.path = parts->paths[1 + i], .format = "csv"};
        struct script_options options = {.fill = true, .info_every_us = INFO_EVERY_US, .hz = 10};

        snprintf(scripts[i], sizeof scripts[i], "%s/script-%d", directory, i);
        if (script_write(scripts[i], format_choose, &request, &options, &error))
            fail_msg("%s", error.text);
    }
    for (size_t i = 0; i < ALL; i++) {
        const char *const all[] = {"--cluster-enabled",
                                   "yes",
                                   "--cluster-allow-reads-when-down",
                                   "yes",
                                   "--cluster-config-file",
                                   nodes[i],
                                   "--cluster-port",
                                   ports[i],
                                   "--bind",
                                   "127.0.0.1",
                                   "--latency-tracking",
                                   "no",
                                   NULL};

        snprintf(nodes[i], sizeof nodes[i], "%s/nodes-%02zu.conf", directory, i);
        snprintf(ports[i], sizeof ports[i], "%zu", 20000 + (size_t)getpid() % 20000 + i);
        write_nodes(nodes[i]);
        memcpy(arguments[i], all, sizeof all);
        runs[i] = (struct play_run){.script = scripts[i / RUNS % SHARDS],
                                    .policy = tested_policies[i / RUNS / SHARDS],
                                    .maxmemory = MAXMEMORY,
                                    .arguments = arguments[i]};
    }
    if (play_runs(&play, runs, ALL, &error))
        fail_msg("%s", error.text);
}

static struct counts counts_of_server(const struct counters *counters)
{
    return (struct counts){{(double)counters->hits, (double)counters->misses, (double)counters->evicted_keys,
                            (double)counters->expired_keys, (double)counters->oom_rejections, (double)counters->keys}};
}

/* ---- the model ---- */

static void simulate(const char *server, const char *trace, const struct slot_table *table, const struct play_run *runs,
                     struct counts counts[POLICIES][SHARDS][SEEDS])
{
    struct simulation_options options[POLICIES * SEEDS];
    struct cell_config configs[POLICIES * SEEDS];
    struct error error = {0};
    struct replay_plan plan = {
        .trace = {.path = trace, .format = "csv"},
        .choose_format = format_choose,
        .cells = configs,
        .cell_count = POLICIES * SEEDS,
        .on_miss = ON_MISS_FILL,
        .workers = (int)sysconf(_SC_NPROCESSORS_ONLN),
        .sharding = {.tables = &table, .table_count = 1},
    };
    struct run run = {0};

    for (size_t i = 0; i < POLICIES * SEEDS; i++) {
        const struct play_run *baselines = runs + i / SEEDS * SHARDS * RUNS;

        options[i] = (struct simulation_options){
            .baseline_memory = baselines[i % (SHARDS * RUNS)].counters.baseline_memory, .info_every_us = INFO_EVERY_US};
        redis_config_init(&options[i].redis);
        options[i].redis.latency_tracking = false; /* as the servers are told */
        configs[i] = (struct cell_config){.server = server_find(server),
                                          .policy = policy_find(tested_policies[i / SEEDS]),
                                          .maxmemory = MAXMEMORY,
                                          .seed = 1 + i,
                                          .options = &options[i]};
    }
    if (replay_run(&plan, &run, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < POLICIES * SEEDS; i++)
        for (size_t shard = 0; shard < SHARDS; shard++) {
            const struct shard *of = &run.results[i].shards[shard];

            counts[i / SEEDS][shard][i % SEEDS] =
                (struct counts){{(double)of->hits, (double)of->misses, (double)of->evicted_keys,
                                 (double)of->expired_keys, (double)of->oom_rejections, (double)of->keys}};
        }
    run_release(&run);
}

/* ---- the two ---- */

static struct sample_moments moments(const struct counts *counts, size_t count, int which)
{
    double values[SEEDS];

    for (size_t i = 0; i < count; i++)
        values[i] = counts[i].values[which];
    return sample_moments(values, count);
}

static void shards_are_servers_of_a_cluster(void **state)
{
    enum { TESTS = POLICIES * SHARDS * COUNTS };
    static struct counts model[POLICIES][SHARDS][SEEDS];
    struct program program = {0};
    struct play_run runs[POLICIES * SHARDS * RUNS];
    struct parts parts;
    struct slot_table *table;
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
    table = slot_table_deal(SHARDS);
    cut(trace, table, directory, &parts);
    serve(&program, &parts, directory, runs);
    simulate(program.server, parts.paths[0], table, runs, model);
    for (size_t policy = 0; policy < POLICIES; policy++)
        for (size_t shard = 0; shard < SHARDS; shard++)
            for (int which = 0; which < COUNTS; which++, next++) {
                struct counts real[RUNS];
                struct sample_moments server, evsim;

                for (size_t i = 0; i < RUNS; i++)
                    real[i] = counts_of_server(&runs[(policy * SHARDS + shard) * RUNS + i].counters);
                server = moments(real, RUNS, which);
                evsim = moments(model[policy][shard], SEEDS, which);
                p[next] = counts_p(&server, &evsim, &distances);
                print_message("%-12s shard %zu %-7s: server %.1f +- %.1f, evsim %.1f +- %.1f, p %.2g\n",
                              tested_policies[policy], shard + 1, count_names[which], server.mean, server.sd,
                              evsim.mean, evsim.sd, p[next]);
            }
    holm(p, TESTS, 0.001, significant);
    print_message("an empty node weighs %ju bytes\n", (uintmax_t)runs[0].counters.baseline_memory);
    print_message("mean |z| %.2f over %zu counts\n", distances.sum / (double)distances.count, distances.count);
    for (size_t i = 0; i < TESTS; i++)
        assert_false(significant[i]);
    for (size_t i = 0; i < POLICIES * SHARDS * RUNS; i++)
        play_run_release(&runs[i]);
    slot_table_free(table);
    support_remove(directory);
    free(directory);
    free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shards_are_servers_of_a_cluster)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
