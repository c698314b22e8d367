/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_command_workloads: captures of commands of every kind are replayed, and compared with INFO of the real server
 * before and after them. The server ran in real time, so the buffers of its connection, up to 25 KB, depend on the
 * moment of the INFO. Needs ../shared/golden/commands (EVSIM_SHARED). */
#include "sim/config.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

static const char *const servers_recorded[] = {"redis-7.0.15-debian", "redis-8.0.2-debian",  "redis-8.0.6-debian",
                                               "redis-8.6.3-debian",  "redict-7.3.6-debian", "valkey-9.1.2-debian"};

enum { SEEDS = 4 }; /* where there are evictions, which are random */

struct workload {
    const char *name;
    int asked_after_s;     /* INFO was asked so long after the last command; 0: a second */
    bool asked_by_another; /* the client that asked sent nothing else, so that the capture does not have it */
    const char *server;    /* the only one of which the capture is whole; NULL: all are */
    const char *scenario;  /* what the capture does not show */
    const char
        *rows; /* an awk program that makes the rows from the capture and the workload's words; NULL: the capture's */
    double granule; /* the largest value, by which memory at the limit may differ, too */
    double
        key_bytes; /* of each key that one evicted and the other did not, where memory is not at the limit in the end */
    double share;  /* used_memory may be off by this share of what it grew by; 0: by the buffers of a connection */
    double garbage; /* what Lua had not collected in the end, where its heap counts, which evsim does not say */
    bool peak;      /* used_memory_peak is compared: INFO came while cron took buffers back, when is not known */
};

/* From the words of a command a row of MONITOR, of the capture's client, 0.1 ms after the one before. */
#define MAKE_ROWS                                                                                                      \
    "function row(text) { gsub(/[^ ]+/, \"\\\"&\\\"\", text); printf \"%.6f %s %s %s\\n\", $1 + 0.0001 * n++, $2, "    \
    "$3, text } "                                                                                                      \
    "BEGIN { v = sprintf(\"%500s\", \"\"); gsub(/ /, \"v\", v) } "

/* A server that was being watched took up to 10 ms between two commands of a pipeline. */
#define PIPELINES_OF_300 "$4 ~ /GET/ { if (n++ % 300) t += 0.000001; else t = $1; $1 = sprintf(\"%.6f\", t) } { print }"

/* Whoever asked INFO was there before the others. */
#define OBSERVER_FIRST "NR == 1 { print $1, $2, \"127.0.0.1:1]\", \"\\\"PING\\\"\" } { print }"

/* With MONITOR attached one round of GETs filled the eight seconds. How many there were without it is not known; with 16 or 160
 * memory is the same. */
#define ROUNDS_OF_8_S                                                                                                  \
    "/SET/ { print } /GET/ { if (!n) t = $1; of[n++] = $3 } "                                                          \
    "END { for (r = 0; r < 16; r++) for (i = 0; i < n; i++) "                                                          \
    "printf \"%.6f [0 %s \\\"GET\\\" \\\"a\\\"\\n\", t + r * 0.5 + i * 0.0009, of[i] }"

/* What no capture shows of acl_log: 128 entries of ACL LOG, 100 of 1,120 bytes and 28 of 1,128; ACL SETUSER, 672 bytes and a
 * histogram. Of a live 7.0.15. */
#define ACL_LOG_AND_USER "0 CLIENT-OUTPUT 169040 for 1d"

/* Those whose commands are all executed. cluster: which of the slots have a key is random. */
static const struct workload workloads[] = {
    {.name = "acl_log", .scenario = ACL_LOG_AND_USER},
    {.name = "aof"},
    {.name = "aof_evict"},
    {.name = "aof_pipeline"},
    {.name = "append_setrange"},
    {.name = "big_values", .granule = 100000},
    {.name = "big_values_nolimit"},
    {.name = "blocked", .asked_by_another = true},
    {.name = "clients_100", .asked_by_another = true},
    {.name = "clients_1000", .rows = OBSERVER_FIRST, .server = "redis-7.0.15-debian", .peak = true},
    {.name = "clients_1000_idle", .asked_by_another = true, .asked_after_s = 9},
    {.name = "clients_500_busy", .asked_by_another = true, .server = "valkey-9.1.2-debian"},
    {.name = "clients_500_busy", .asked_by_another = true, .server = "redis-7.0.15-debian", .rows = ROUNDS_OF_8_S},
    {.name = "cluster", .share = 0.01},
    {.name = "copy_rename"},
    {.name = "dbs"},
    {.name = "dbs_above_16"},
    {.name = "errors_distinct"},
    {.name = "expire_flags"},
    {.name = "expiry", .asked_after_s = 4},
    {.name = "flushall_async"},
    {.name = "getex_getdel"},
    {.name = "hash_listpack"},
    {.name = "hash_table"},
    {.name = "histogram_20_commands",
     .rows = "{ print } END { print $1, $2, $3, \"\\\"CONFIG\\\" \\\"GET\\\" \\\"port\\\"\" }"},
    {.name = "incr"},
    {.name = "latency_tracking_no"},
    {.name = "lazy_strings"},
    {.name = "list_push"},
    {.name = "lua_evict"},
    {.name = "move_swapdb"},
    {.name = "msetnx_incrbyfloat"},
    {.name = "multi_oom",
     .rows = MAKE_ROWS "{ for (i = 0; i < 5000; i++) row(\"SET k:\" i \" \" v); for (i = 0; i < 100; i++) { "
                       "row(\"MULTI\"); row(\"GET k:1\"); row(\"SET m:\" i \" v\"); row(\"EXEC\") } exit }"},
    {.name = "multi_overshoot"},
    {.name = "oom_monitor",
     .asked_after_s = 2,
     .rows = MAKE_ROWS "{ for (i = 0; i < 10000; i++) row(\"SET k:\" i \" \" v); exit }"},
    {.name = "pipeline_get", .rows = PIPELINES_OF_300, .key_bytes = 10300},
    {.name = "pipeline_set"},
    {.name = "query_buffer_small", .asked_by_another = true, .scenario = "0 CLIENTS 201", .share = 0.01},
    {.name = "replica_slow", .scenario = "0 REPLICA attach reads 0"},
    {.name = "script_cache", .garbage = 39504}, /* of 8.0.6 in each run: what collectgarbage() gave back then */
    {.name = "script_load"},
    {.name = "pfadd"},
    {.name = "pubsub_channels", .asked_by_another = true},
    {.name = "serial_get"},
    {.name = "set_add"},
    {.name = "setbit"},
    {.name = "slowlog"},
    {.name = "slowlog_10000"},
    {.name = "strings"},
    {.name = "tracking", .asked_by_another = true},
    {.name = "watch_keys"},
    {.name = "wrong_type"},
    {.name = "zset_add"},
};

static double number_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_number(value))
        fail_msg("no number '%s'", name);
    return json_number_value(value);
}

static bool is_modeled(const char *option)
{
    return redis_option_find(option);
}

/* The server's options that evsim has under the same name; to be freed. */
static char *options_of(const json_t *recorded)
{
    const json_t *options = json_object_get(recorded, "server_options");
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    for (size_t i = 0; i + 1 < json_array_size(options); i += 2)
        if (is_modeled(json_string_value(json_array_get(options, i)) + 2))
            fprintf(out, " %s %s", json_string_value(json_array_get(options, i)),
                    json_string_value(json_array_get(options, i + 1)));
    fclose(out);
    return text;
}

/* What evsim says of the capture: its one result. A PING later lets cron do what it did in the server before INFO was
 * asked. */
static json_t *replay(const struct workload *workload, const char *folder, const char *server, const json_t *recorded,
                      const char *options)
{
    const char *program = getenv("EVSIM");
    char command[2000];
    json_error_t error;
    json_t *results;
    FILE *out;

    snprintf(
        command, sizeof command,
        "last=$(zstdcat %s/capture.txt.zst | tail -n 1 | cut -c 1-100); t=${last%%%%.*}; c=${last%%%%]*}; c=${c##* }; "
        "s=$(mktemp); trap 'rm -f $s' EXIT; echo '%s' > $s; "
        "(zstdcat %s/capture.txt.zst | awk '%s'; echo \"$((${t#+} + %d)).000000 [0 %s] \\\"PING\\\"\") | "
        "%s run - --scenario $s --server %s --policy %s --maxmemory %.0f --baseline-memory %.0f --on-miss none --json "
        "--seeds %d --jobs 1%s",
        folder, workload->scenario ? workload->scenario : "", folder, workload->rows ? workload->rows : "{ print }",
        workload->asked_after_s ? workload->asked_after_s : 1, workload->asked_by_another ? "127.0.0.1:1" : "$c",
        program ? program : "build/release/evsim", server, json_string_value(json_object_get(recorded, "policy")),
        number_of(recorded, "maxmemory"), number_of(json_object_get(recorded, "real"), "base"),
        number_of(json_object_get(recorded, "real"), "evicted") > 0 ? SEEDS : 1, options);
    out = popen(command, "r");
    assert_non_null(out);
    results = json_loadf(out, 0, &error);
    assert_int_equal(pclose(out), 0);
    if (!results)
        fail_msg("%s: %s", command, error.text);
    return results;
}

struct spread {
    double mean, sd;
};

static struct spread spread_of(const json_t *results, const char *name)
{
    const json_t *list = json_is_array(results) ? results : json_object_get(results, "results");
    size_t count = json_array_size(list);
    double sum = 0, squares = 0;

    assert_true(count == 1 || count == SEEDS);
    for (size_t i = 0; i < count; i++) {
        double number = number_of(json_array_get(list, i), name);

        sum += number;
        squares += number * number;
    }
    return (struct spread){sum / (double)count,
                           count > 1 ? sqrt(fmax(0, squares - sum * sum / SEEDS) / (SEEDS - 1)) : 0};
}

/* How far one run of the server may be from the mean: 2 %, and three standard deviations of that difference. */
static double most_apart(struct spread spread, double real)
{
    return 0.02 * real + 3 * spread.sd * sqrt(1 + 1.0 / SEEDS);
}

static void compare(const struct workload *workload, const char *server, const char *folder, const json_t *recorded)
{
    enum { BUFFERS = 25000, HISTOGRAM = 24688 };
    char *options = options_of(recorded);
    const json_t *real = json_object_get(recorded, "real");
    json_t *results = replay(workload, folder, server, recorded, options);
    double base = number_of(real, "base");
    double delta = number_of(real, workload->peak ? "peak" : "end") - base;
    double histogram = strstr(options, "--latency-tracking no") ? 0 : HISTOGRAM; /* PING's */
    struct spread evictions = spread_of(results, "evicted_keys"), refusals = spread_of(results, "oom_rejections");
    double evicted = number_of(real, "evicted"), evicted_off = evictions.mean - evicted;
    double refused = number_of(real, "oom"), refused_off = refusals.mean - refused;
    double most = workload->share > 0 ? workload->share * delta : BUFFERS + workload->granule;
    double used = spread_of(results, workload->peak ? "used_memory_peak" : "used_memory").mean;
    double off = used - histogram - base - delta + evicted_off * workload->key_bytes;

    if (!strncmp(server, "redis-8.", 8))
        off += workload->garbage;

    print_message("%-20s %-20s used_memory +%.0f, %+.0f; evicted %.0f, %+.0f +- %.0f; OOM %.0f, %+.0f\n",
                  workload->name, server, delta, off, evicted, evicted_off, evictions.sd, refused, refused_off);
    assert_true(fabs(off) < most);
    assert_true(fabs(evicted_off) <= most_apart(evictions, evicted));
    assert_true(fabs(refused_off) <= most_apart(refusals, refused));
    if (evicted == 0 && refused == 0)
        assert_true(spread_of(results, "keys").mean == number_of(real, "keys"));
    assert_true(spread_of(results, "expires").mean == number_of(real, "expires"));
    json_decref(results);
    free(options);
}

static void memory_keys_and_evictions_are_the_servers(void **state)
{
    const char *shared = getenv("EVSIM_SHARED");
    int compared = 0;

    (void)state;
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        for (size_t j = 0; j < sizeof servers_recorded / sizeof *servers_recorded; j++) {
            char folder[512], path[600];
            json_error_t error;
            json_t *recorded;

            snprintf(folder, sizeof folder, "%s/golden/commands/%s/%s", shared ? shared : "../shared",
                     workloads[i].name, servers_recorded[j]);
            snprintf(path, sizeof path, "%s/case.json", folder);
            if (access(path, R_OK))
                continue;
            if (workloads[i].server && strcmp(workloads[i].server, servers_recorded[j]) != 0)
                continue;
            recorded = json_load_file(path, 0, &error);
            if (!recorded)
                fail_msg("%s: %s", path, error.text);
            compare(&workloads[i], servers_recorded[j], folder, recorded);
            json_decref(recorded);
            compared++;
        }
    if (!compared) {
        printf("skipped: no golden/commands in EVSIM_SHARED\n");
        skip();
    }
    print_message("%d captures\n", compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_keys_and_evictions_are_the_servers)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
