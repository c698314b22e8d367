/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run: replays a trace through policies x maxmemory sizes x servers x seeds. */
#include "sim/cli/run_units.h"

#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/results.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- output ---- */

/* The times are those of the replay alone; reading the trace is shared by all cells. They go to standard error, as they
 * differ from run to run. */
static void print_timing(const struct run *run, const double *seconds)
{
    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];

        if (seconds[i] > 0)
            note("replay: %s %s %" PRIu64 ": %.3f s, %.1f Mreq/s", result->server, result->policy, result->maxmemory,
                 seconds[i], (double)result->counters.requests / seconds[i] * 1e-6);
    }
}

/* Notes where a setting of the scenario has another effect on a server than its text says. */
static void print_setting_notes(const struct run_request *request, const struct scenario_event *event,
                                const struct scenario_setting *setting)
{
    struct redis_config config;
    char works[REDIS_OPTION_TEXT];
    struct error error = {0};

    redis_config_init(&config);
    redis_option_set(&config, setting->option, setting->value, &error);
    if (setting->is_clamped)
        note("%s:%d: %s %s: the server works with %s", request->scenario_path, event->line, setting->option->name,
             setting->value, redis_option_print(&config, setting->option, works));
    for (size_t i = 0; i < request->server_count; i++) {
        const struct server *server = request->server[i];

        error = (struct error){0};
        if (server->model->check_config && server->model->check_config(server, &config, &error))
            note("%s:%d: %s refuses it: %s", request->scenario_path, event->line, server->name, error.text);
    }
}

static void print_event_notes(const struct run_request *request, const struct scenario_event *event,
                              int64_t duration_us)
{
    if (event->at_us > duration_us && !event->follows)
        note("%s:%d: the trace ends before it: %s", request->scenario_path, event->line, event->text);
    for (size_t i = 0; i < event->setting_count; i++)
        if (event->settings[i].option)
            print_setting_notes(request, event, &event->settings[i]);
}

/* A name in the file that no key has is probably another's. */
static void print_cost_notes(const struct run_request *request, const struct run *run)
{
    const struct miss_costs *costs = request->options.miss_costs;
    struct text_index there = {0};
    size_t number;

    for (size_t i = 0; costs && i < run->result_count; i++)
        for (size_t j = 0; j < run->results[i].group_count; j++)
            text_index_add(&there, run->results[i].groups[j].name);
    for (size_t i = 0; costs && i < costs->groups.count; i++)
        if (!text_index_find(&there, costs->groups.texts[i], &number))
            note("%s:%d: no key is in group '%s'", request->miss_cost_text, costs->list[i].line,
                 costs->groups.texts[i]);
    text_index_release(&there);
}

static void print_notes(const struct run_request *request, const struct run *run)
{
    redis_request_note(&request->redis);
    print_cost_notes(request, run);
    for (size_t i = 0; request->scenario && i < request->scenario->count; i++)
        print_event_notes(request, &request->scenario->events[i], run->duration_us);
}

static int write_output(struct run_request *request, const struct option_set *set, const struct run *run,
                        struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};

    if (!request->explain_text && results_print(request->catalog, &request->output, &outcome, error))
        return -1;
    if (request->timing && request->replay_seconds)
        print_timing(run, request->replay_seconds);
    print_notes(request, run);
    if (results_write(request->catalog, &request->output, &outcome, "results and figures", error)) {
        run_units_forget_written(request, set);
        return -1;
    }
    return run_units_forget(request->output.directory, error);
}

static int write_what_if(const struct run_request *request, struct run *run, struct error *error)
{
    struct what_if what_if = what_if_of(&request->what_if, request->seeds);

    print_notes(request, run);
    return what_if_write(&what_if, request->catalog, &request->output, run, error) ||
                   run_units_forget(request->output.directory, error)
               ? -1
               : 0;
}

static int run_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                    struct error *error)
{
    struct run_request *request = xcalloc(1, sizeof *request);
    struct option_set set = {.groups = run_option_groups, .group_count = RUN_OPTION_GROUPS, .target = request};
    struct run run = {0};
    int status = -1;

    if (run_request_open(request, &set, catalog, argc, argv, error))
        goto out;
    if (set.help) {
        help_print(self, catalog, &set, stdout);
        status = 0;
        goto out;
    }
    if (run_replay(request, &set, &run, error))
        goto out;
    if (note_warnings(run.warnings, run.warning_count, request->output.strict, error))
        goto out;
    if (request->what_if.count)
        status = write_what_if(request, &run, error);
    else
        status = write_output(request, &set, &run, error);
out:
    run_release(&run);
    run_request_release(request);
    options_release(&set);
    free(request);
    return status;
}

static void print_more(const struct catalog *catalog, FILE *out)
{
    fprintf(
        out,
        "\nLines of a scenario:\n"
        "  at 45m CONFIG SET maxmemory 16mb     also maxmemory-policy and Redis's options above\n"
        "  2700 DEL tmp:*                       any command on keys, patterns too; FLUSHALL, FLUSHDB\n"
        "  every 5m BGSAVE 30s                  a save, whose child process lives for 30 s\n"
        "  at 15m REPLICA attach 30s            a replica connects, and its snapshot takes 30 s; REPLICA detach\n"
        "  at 1h REPLICA reads 2mb/s            the last replica reads no more than that, or all; also behind attach\n"
        "  at 10m CLIENTS 500                   500 connections in all; those beside the trace's are idle\n"
        "  at 20m CLIENT-OUTPUT 64mb for 20s    64 MB of replies that clients have not read yet\n"
        "  at 30m LUA 20mb for 1m               scripts take 20 MB of memory\n");
    fprintf(
        out,
        "\nWith --miss-cost, each missed read fetches its value from what stands behind, for so long. A read that "
        "misses\n"
        "the same key meanwhile fetches it, too. With --on-miss fill the value is stored at once, so hits within that\n"
        "time are counted as fetches: their value would not have come yet. Hits and misses stay what they are.\n"
        "A file for --by has lines of a group and a time, as 'user 5ms'; '*' is every other group.\n");
    fprintf(
        out,
        "\nWhat --what-if may change, several at once joined by ';' or 'and':\n"
        "  maxmemory 2gb                        or so many times what it is: maxmemory x1.5\n"
        "  maxmemory-policy allkeys-lfu         also maxmemory-samples 10, hz 100 ... as in redis.conf\n"
        "  server redis-7.4.1\n"
        "  rules allocator of redis-8.6         the server as it is but for one group of rules: layout, tables,\n"
        "                                       values, allocator, policy, server, commands (evsim servers --diff)\n"
        "  upgrade redis-8.6                    that server, and each group in which it differs, by itself; with\n"
        "                                       --server all: 'upgrade next', of each version to the one behind it;\n"
        "                                       'upgrade redis-8.6 by rule': each rule in which it differs, and what\n"
        "                                       is left of the whole beyond their sum, as interaction\n"
        "  rule reserves_ttl of redis-8.6       the server as it is, but for one rule, which is the other's\n"
        "  EXPIRE session:* 3600                as if EXPIRE key 3600 NX followed each write of such a key\n"
        "  PERSIST session:*                    as if PERSIST followed each command that gives it a ttl\n"
        "  UNUSED session:* 86400               as if EXPIRE followed each use of a key that has no ttl of its own\n"
        "  LTRIM feed:* -1000 -1                as if LTRIM followed each push to such a list; likewise\n"
        "  ZREMRANGEBYRANK scores:* 0 -1001     of sorted sets, and\n"
        "  XTRIM events:* MAXLEN ~ 1000         of streams\n");
    fprintf(out, "\nformats, told by how a trace begins:\n");
    for (size_t i = 0; i < catalog->format_count; i++)
        fprintf(out, "  %-17s %s\n", catalog->formats[i]->name, catalog->formats[i]->summary);
    fprintf(out, "\npolicies: see evsim policies   servers: see evsim servers\n");
}

static const struct cli_example examples[] = {
    {"evsim run trace.csv.zst -m 512mb,1gb", "all policies"},
    {"evsim run trace.csv.zst -m 1mb..64mb:x2 -s valkey -o out", "and figures"},
    {"evsim run monitor.txt --config redis.conf -p 'allkeys-*'", "as it is set"},
    {0},
};

const struct subcommand subcommand_run = {
    .name = "run",
    .summary = "replay a trace through policies x memory sizes x servers",
    .usage = "evsim run TRACE... --maxmemory SIZE[,SIZE...] [options]",
    .about = "Replays TRACE (a file, several, or - for standard input; plain or compressed) through each policy, "
             "maxmemory, server and seed, and prints what each would have done.",
    .examples = examples,
    .more = print_more,
    .options = run_option_groups,
    .option_groups = RUN_OPTION_GROUPS,
    .operands = VALUES_FILES,
    .run = run_main,
};
