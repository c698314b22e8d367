/* SPDX-License-Identifier: GPL-3.0-or-later */
/* openmetrics: what INFO would have said at each sample of a run, under the names that redis_exporter gives it, so that Prometheus
 * takes it in (promtool tsdb create-blocks-from openmetrics) and a dashboard made for real servers shows the simulated ones.
 *
 * Each result is an instance: "redis-7.0.15 allkeys-lru 2mb seed 1". What the samples do not have (commands, clients, traffic) is left
 * out, and keys are those of all databases: db="all". */
#include "sim/report.h"

#include "sim/result.h"
#include "sim/units.h"

#include <inttypes.h>
#include <string.h>

enum of_run { ALWAYS, WITH_RSS };

struct metric {
    const char *name, *type, *labels, *help;
    double (*value)(const struct sample *sample);
    enum of_run when;
};

static double up(const struct sample *sample)
{
    (void)sample;
    return 1;
}

static double uptime(const struct sample *sample)
{
    int64_t whole = sample->time_us / 1000000;

    return (double)whole;
}

#define FIELD(name)                                                                                                    \
    static double get_##name(const struct sample *sample)                                                              \
    {                                                                                                                  \
        return (double)sample->name;                                                                                   \
    }
FIELD(used_memory)
FIELD(maxmemory)
FIELD(memory_startup)
FIELD(keys)
FIELD(expires)
FIELD(blessed_keys)
FIELD(hits)
FIELD(misses)
FIELD(evicted_keys)
FIELD(expired_keys)
FIELD(oom_rejections)
FIELD(used_memory_rss)
FIELD(allocator_active)
#undef FIELD

/* Counters without the "_total" that their samples have. */
static const struct metric metrics[] = {
    {"redis_up", "gauge", "", "the simulated server runs", up, ALWAYS},
    {"redis_uptime_in_seconds", "gauge", "", "since the first request of the trace", uptime, ALWAYS},
    {"redis_memory_used_bytes", "gauge", "", "used_memory", get_used_memory, ALWAYS},
    {"redis_memory_max_bytes", "gauge", "", "maxmemory", get_maxmemory, ALWAYS},
    {"redis_config_maxmemory", "gauge", "", "maxmemory", get_maxmemory, ALWAYS},
    {"redis_memory_used_startup_bytes", "gauge", "", "used_memory_startup", get_memory_startup, ALWAYS},
    {"redis_memory_used_rss_bytes", "gauge", "", "used_memory_rss", get_used_memory_rss, WITH_RSS},
    {"redis_mem_fragmentation_ratio", "gauge", "", "mem_fragmentation_ratio", sample_fragmentation_ratio, WITH_RSS},
    {"redis_allocator_active_bytes", "gauge", "", "allocator_active", get_allocator_active, WITH_RSS},
    {"redis_db_keys", "gauge", ",db=\"all\"", "keys", get_keys, ALWAYS},
    {"redis_db_keys_expiring", "gauge", ",db=\"all\"", "keys with a ttl", get_expires, ALWAYS},
    {"redis_blessed_keys", "gauge", "", "keys that may not be evicted", get_blessed_keys, ALWAYS},
    {"redis_keyspace_hits", "counter", "", "keyspace_hits", get_hits, ALWAYS},
    {"redis_keyspace_misses", "counter", "", "keyspace_misses", get_misses, ALWAYS},
    {"redis_evicted_keys", "counter", "", "evicted_keys", get_evicted_keys, ALWAYS},
    {"redis_expired_keys", "counter", "", "expired_keys", get_expired_keys, ALWAYS},
    {"redis_errors", "counter", ",err=\"OOM\"", "errorstat_OOM: writes refused", get_oom_rejections, ALWAYS},
};

static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            putc(*text, out);
}

static void put_label(FILE *out, const char *name, const char *value)
{
    fprintf(out, ",%s=\"", name);
    put_escaped(out, value);
    putc('"', out);
}

/* Which simulated server it is. */
static void put_labels(FILE *out, const struct result *result)
{
    char size[UNITS_TEXT];

    print_maxmemory(size, result->maxmemory);
    fputs("{job=\"evsim\",instance=\"", out);
    put_escaped(out, result->server);
    putc(' ', out);
    put_escaped(out, result->policy);
    fprintf(out, " %s seed %" PRIu64, size, result->seed);
    if (result->cluster)
        fprintf(out, " %s", result->cluster);
    putc('"', out);
    put_label(out, "server", result->server);
    put_label(out, "policy", result->policy);
    fprintf(out, ",maxmemory=\"%" PRIu64 "\",seed=\"%" PRIu64 "\"", result->maxmemory, result->seed);
    if (result->cluster)
        put_label(out, "cluster", result->cluster);
}

static int64_t time_ms(const struct run *run, const struct sample *sample)
{
    return (run->start_unix_us + sample->time_us) / 1000;
}

/* Prometheus counts milliseconds, and takes one value in each: the last. */
static bool is_last_of_its_millisecond(const struct run *run, const struct curve *curve, size_t i)
{
    return i + 1 == curve->count || time_ms(run, &curve->samples[i + 1]) != time_ms(run, &curve->samples[i]);
}

static void put_series(FILE *out, const struct run *run, const struct result *result, const struct metric *metric)
{
    const char *suffix = metric->type[0] == 'c' ? "_total" : "";

    for (size_t i = 0; i < result->curve.count; i++) {
        const struct sample *sample = &result->curve.samples[i];

        if (!is_last_of_its_millisecond(run, &result->curve, i))
            continue;
        fprintf(out, "%s%s", metric->name, suffix);
        put_labels(out, result);
        fprintf(out, "%s} %.17g %" PRId64 ".%03" PRId64 "\n", metric->labels, metric->value(sample),
                time_ms(run, sample) / 1000, time_ms(run, sample) % 1000);
    }
}

/* "7.0.15" of "redis-7.0.15". */
static const char *version_of(const char *server)
{
    const char *mark = strchr(server, '-');

    return mark ? mark + 1 : server;
}

static void put_instances(FILE *out, const struct run *run)
{
    fputs("# HELP redis_instance_info What is simulated.\n# TYPE redis_instance_info gauge\n", out);
    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];

        for (size_t j = 0; j < result->curve.count; j++) {
            if (!is_last_of_its_millisecond(run, &result->curve, j))
                continue;
            fputs("redis_instance_info", out);
            put_labels(out, result);
            put_label(out, "redis_version", version_of(result->server));
            put_label(out, "maxmemory_policy", result->policy);
            fprintf(out, ",role=\"master\",redis_mode=\"%s\"} 1 %" PRId64 ".%03" PRId64 "\n",
                    result->cluster ? "cluster" : "standalone", time_ms(run, &result->curve.samples[j]) / 1000,
                    time_ms(run, &result->curve.samples[j]) % 1000);
        }
    }
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    put_instances(out, run);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        if (metrics[i].when == WITH_RSS && !run->has_rss)
            continue;
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metrics[i].name, metrics[i].help, metrics[i].name,
                metrics[i].type);
        for (size_t j = 0; j < run->result_count; j++)
            put_series(out, run, &run->results[j], &metrics[i]);
    }
    fputs("# EOF\n", out);
    return 0;
}

extern const struct export_form export_openmetrics;
const struct export_form export_openmetrics = {
    .name = "openmetrics",
    .summary = "INFO over time, for Prometheus",
    .takes = {[OUTCOME_RUN] = true},
    .write = write,
};
