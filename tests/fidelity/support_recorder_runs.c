/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_recorder_runs: runs of a server on traces, as lines of servers.jsonl and curves: see support_recorder.h. */
#include "tests/fidelity/support_recorder.h"

#include "sim/alloc.h"
#include "sim/live/play.h"
#include "sim/live/script.h"
#include "traces/registry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

static const char *const traces[] = {"d1", "d2"};

static int make_directory(const char *path, struct error *error)
{
    return mkdir(path, 0777) && errno != EEXIST ? error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno)) : 0;
}

/* ---- what is written ---- */

static void put_run(const struct recorder_plan *plan, size_t trace, const struct play_run *run, size_t number,
                    FILE *out)
{
    const struct counters *counters = &run->counters;
    uint64_t peak = 0;

    for (size_t i = 0; i < run->curve.count; i++)
        if (run->curve.samples[i].used_memory > peak)
            peak = run->curve.samples[i].used_memory;
    if (counters->used_memory_peak > peak)
        peak = counters->used_memory_peak;
    fprintf(out,
            "{\"trace\": \"%s.csv\", \"mode\": \"%s\", \"server\": \"%s\", \"policy\": \"%s\", \"maxmemory\": "
            "\"%" PRIu64 "\", \"options\": \"\", \"run\": %zu, \"result\": {\"reads\": %" PRIu64 ", \"hits\": %" PRIu64
            ", \"misses\": %" PRIu64 ", \"hit_ratio\": %.6f, \"fills\": %" PRIu64 ", \"oom\": %" PRIu64
            ", \"evicted\": %" PRIu64 ", \"expired\": %" PRIu64 ", \"keys\": %" PRIu64 ", \"expires\": %" PRIu64
            ", \"base_memory\": %" PRIu64 ", \"used_memory\": %" PRIu64 ", \"used_memory_peak\": %" PRIu64
            ", \"other_errors\": %" PRIu64 "}}\n",
            traces[trace], trace ? "commands" : "lookaside", plan->name, run->policy, run->maxmemory, number,
            counters->hits + counters->misses, counters->hits, counters->misses,
            (double)counters->hits / (double)(counters->hits + counters->misses), counters->fills,
            counters->oom_rejections, counters->evicted_keys, counters->expired_keys, counters->keys, counters->expires,
            counters->baseline_memory, counters->used_memory, peak, counters->command_errors);
}

static int put_curve(const struct recorder_plan *plan, size_t trace, const struct play_run *run, struct error *error)
{
    char path[PATH_ROOM];
    FILE *out;

    snprintf(path, sizeof path, "%s/curves/%s.%s.%s.csv", plan->directory, traces[trace], plan->name, run->policy);
    out = fopen(path, "w");
    if (!out)
        return error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    fprintf(out, "t_s,used_memory,keys,expires,evicted_keys,expired_keys\n");
    for (size_t i = 0; i < run->curve.count; i++) {
        const struct sample *sample = &run->curve.samples[i];

        fprintf(out, "%.3f,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
                (double)sample->time_us / 1e6, sample->used_memory, sample->keys, sample->expires, sample->evicted_keys,
                sample->expired_keys);
    }
    return ferror(out) | fclose(out) ? error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno)) : 0;
}

/* Copies the lines of other servers to the new file. */
static void keep_others(const struct recorder_plan *plan, const char *path, FILE *out)
{
    char *line = NULL, own[128];
    size_t room = 0;
    FILE *in = fopen(path, "r");

    snprintf(own, sizeof own, "\"server\": \"%s\"", plan->name);
    while (in && getline(&line, &room, in) > 0)
        if (!strstr(line, own))
            fputs(line, out);
    free(line);
    if (in)
        fclose(in);
}

/* ---- what is played ---- */

static int play_trace(const struct program *program, const struct recorder_plan *plan, size_t trace, const char *parent,
                      FILE *out, struct error *error)
{
    char path[PATH_ROOM], script[PATH_ROOM], directory[64];
    const struct trace_request request = {.path = path, .format = "twitter"};
    const struct script_options options = {.fill = !trace, .info_every_us = plan->info_every_us, .hz = 10};
    const struct play play = {.program = program, .parallel = plan->parallel, .directory = directory};
    size_t count = 0;
    struct play_run *runs;
    int status;

    snprintf(directory, sizeof directory, "%s/%s", parent, traces[trace]);
    snprintf(path, sizeof path, "%s/%s.csv.zst", plan->directory, traces[trace]);
    snprintf(script, sizeof script, "%s/script", directory);
    if (access(path, R_OK))
        return 0; /* it is not there: not recorded */
    if (make_directory(directory, error))
        return -1;
    while (plan->policies[count])
        count++;
    runs = xcalloc(count * plan->runs, sizeof *runs);
    for (size_t i = 0; i < count * plan->runs; i++)
        runs[i] = (struct play_run){
            .script = script, .policy = plan->policies[i / plan->runs], .maxmemory = plan->maxmemory[trace]};
    status = script_write(script, format_choose, &request, &options, error);
    if (!status)
        status = play_runs(&play, runs, count * plan->runs, error);
    for (size_t i = 0; i < count * plan->runs; i++) {
        if (!status) {
            put_run(plan, trace, &runs[i], i % plan->runs + 1, out);
            if (i % plan->runs == 0)
                status = put_curve(plan, trace, &runs[i], error);
        }
        play_run_release(&runs[i]);
    }
    free(runs);
    return status;
}

int recorder_runs(const struct program *program, const struct recorder_plan *plan, struct error *error)
{
    char path[PATH_ROOM], new_path[PATH_ROOM + 8], curves[PATH_ROOM], directory[] = "/tmp/evsim-record-XXXXXX",
                                                                      clean[64];
    int status = 0;
    FILE *out;

    snprintf(path, sizeof path, "%s/servers.jsonl", plan->directory);
    snprintf(new_path, sizeof new_path, "%s.new", path);
    snprintf(curves, sizeof curves, "%s/curves", plan->directory);
    if (make_directory(curves, error))
        return -1;
    if (!mkdtemp(directory))
        return error_set(error, ERROR_OUTPUT, "%s: %s", directory, strerror(errno));
    out = fopen(new_path, "w");
    if (!out)
        status = error_set(error, ERROR_OUTPUT, "%s: %s", new_path, strerror(errno));
    else
        keep_others(plan, path, out);
    for (size_t trace = 0; !status && trace < sizeof traces / sizeof *traces; trace++)
        status = play_trace(program, plan, trace, directory, out, error);
    if (out && (ferror(out) | fclose(out)) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: %s", new_path, strerror(errno));
    if (!status && rename(new_path, path))
        status = error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    snprintf(clean, sizeof clean, "rm -rf %s", directory);
    if (system(clean) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot be removed", directory);
    return status;
}
