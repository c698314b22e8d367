/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run: replay a trace through policies x maxmemory sizes x servers x seeds. */
#include "sim/cli/choice.h"
#include "sim/cli/cli.h"
#include "sim/cli/names.h"
#include "sim/cli/option_groups.h"
#include "sim/input/trace.h"

#include "sim/alloc.h"
#include "sim/flat/bounds.h"
#include "sim/input/future.h"
#include "sim/input/reader.h"
#include "sim/engine/sweep.h"
#include "sim/model.h"
#include "sim/output.h"
#include "sim/server/values/allocator.h"
#include "sim/units.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LIST_MAX = 256 };

enum on_miss { ON_MISS_FILL, ON_MISS_NONE, ON_MISS_AUTO };
enum compat { COMPAT_NO, COMPAT_LIBCACHESIM };

/* Everything the command line says. */
struct user {
    const struct catalog *catalog;
    struct trace_request trace;
    struct output_request output;
    struct redis_request redis;
    const char *servers, *policies, *maxmemory, *admission_text, *scenario_path;
    struct choice_list policy;
    struct admission_choice admission;
    enum scope scope;
    const struct server *server[LIST_MAX];
    uint64_t sizes[LIST_MAX];
    size_t server_count, size_count;
    uint64_t seed, seeds;
    uint32_t jobs; /* 0: as many as the machine has cores */
    enum on_miss on_miss;
    enum compat compat;
    bool timing, bounds;
    struct simulation_options options;
    struct scenario *scenario;
};

/* ---- lists ---- */

static const char *server_name(const void *list, size_t i)
{
    (void)list;
    return servers[i].name;
}

static int unknown_name(const char *what, const char *name, const char *(*name_of)(const void *, size_t),
                        const void *list, size_t count, struct error *error)
{
    char names[768];

    join_names(names, sizeof names, name_of, list, count);
    return error_set(error, ERROR_USAGE, "unknown %s '%s': it is one of %s", what, name, names);
}

static int list_full(struct error *error)
{
    return error_set(error, ERROR_USAGE, "more than %d items", LIST_MAX);
}

/* The add functions leave out what is in the list already. */
static int append_server(struct user *user, const struct server *server, struct error *error)
{
    for (size_t i = 0; i < user->server_count; i++)
        if (user->server[i] == server)
            return 0;
    if (user->server_count == LIST_MAX)
        return list_full(error);
    user->server[user->server_count++] = server;
    return 0;
}

/* all: every server that weighs its keys as a real one does. */
static int add_server(void *target, const char *name, struct error *error)
{
    struct user *user = target;
    bool all = !strcmp(name, "all");

    if (!all && !server_find(name))
        return unknown_name("server", name, server_name, NULL, server_count, error);
    for (size_t i = 0; i < server_count; i++)
        if ((all ? servers[i].profile != NULL : &servers[i] == server_find(name)) &&
            append_server(user, &servers[i], error))
            return -1;
    return 0;
}

static int add_size(void *target, const char *text, struct error *error)
{
    struct user *user = target;
    uint64_t bytes;

    if (!scan_bytes(text, &bytes))
        return error_set(error, ERROR_USAGE, "bad size '%s': a whole number and a unit, as 512mb or 2gb", text);
    for (size_t i = 0; i < user->size_count; i++)
        if (user->sizes[i] == bytes)
            return 0;
    if (user->size_count == LIST_MAX)
        return list_full(error);
    user->sizes[user->size_count++] = bytes;
    return 0;
}

/* ---- options ---- */

static int check_allocator(const char *name, struct error *error)
{
    if (allocator_find(name))
        return 0;
    return error_set(error, ERROR_USAGE,
                     "unknown allocator '%s': it is one of jemalloc, jemalloc-q16, jemalloc-5.3.1, libc", name);
}

static const char *const scope_words[] = {"allkeys", "volatile", NULL};
static const char *const on_miss_words[] = {"fill", "none", "auto", NULL};
static const char *const compat_words[] = {"no", "libcachesim", NULL};

#define AT(member) OPTION_IN(struct user, member)

static const struct option grid_options[] = {
    {.name = "maxmemory",
     .letter = 'm',
     .kind = OPTION_LIST,
     .argument = "SIZE[,SIZE...]",
     .add = add_size,
     .help = "memory limits to try: 512mb,1gb (1mb = 1024^2, 1m = 1000^2); 0 = none",
     AT(maxmemory)},
    {.name = "policy",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .argument = "NAME[,NAME...]",
     .help = "eviction policies; all = Redis's eight (all, or maxmemory-policy of --config)",
     AT(policies)},
    {.name = "scope",
     .kind = OPTION_CHOICE,
     .words = scope_words,
     .least = SCOPE_ALLKEYS,
     .initial = "allkeys",
     .help = "which keys may go, for policies that Redis does not have; for one: sieve@volatile",
     AT(scope)},
    {.name = "admission",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .help = "which keys may come in at all: size, prob, bloom, tinylfu or adaptsize, see evsim policies; all by "
             "default",
     AT(admission_text)},
    {.name = "server",
     .letter = 's',
     .kind = OPTION_LIST,
     .argument = "NAME[,NAME...]",
     .initial = "redis-7.0.15",
     .add = add_server,
     .help = "servers to model, see evsim servers; all = every one but flat",
     AT(servers)},
    {.name = "allocator",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .check = check_allocator,
     .help = "jemalloc, jemalloc-q16, jemalloc-5.3.1 or libc instead of the server's own",
     AT(options.allocator)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .help = "every random choice follows from it",
     AT(seed)},
    {.name = "seeds",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .least = 1,
     .most = 10000,
     .help = "N runs of everything; the table shows mean and 95 % interval",
     AT(seeds)},
};

static const struct option replay_options[] = {
    {.name = "on-miss",
     .kind = OPTION_CHOICE,
     .words = on_miss_words,
     .initial = "auto",
     .help = "what follows a missed read: a SET, or nothing; auto: a SET where the trace writes less than half as "
             "often as it reads",
     AT(on_miss)},
    {.name = "scenario",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .help = "what happens besides the trace, a line each, see below",
     AT(scenario_path)},
    {.name = "baseline-memory",
     .kind = OPTION_SIZE,
     .argument = "BYTES",
     .initial = "0",
     .help = "used_memory in INFO before the first request; 0 = as measured on the server",
     AT(options.baseline_memory)},
    {.name = "info-every",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "0",
     .help = "a client asks INFO at the start, this often and at the end; 0 = none",
     AT(options.info_every_us)},
    {.name = "interval",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "0",
     .help = "between points of the curves; 0 = a few hundred points",
     AT(options.interval_us)},
    {.name = "eviction-speed",
     .kind = OPTION_NUMBER,
     .argument = "KEYS",
     .initial = "0",
     .help = "keys evicted per second of server time; 0 = no limit",
     AT(options.eviction_speed)},
    {.name = "unit-sizes",
     .kind = OPTION_SWITCH,
     .help = "with --server flat: every object weighs 1",
     AT(options.unit_sizes)},
    {.name = "compat",
     .kind = OPTION_CHOICE,
     .words = compat_words,
     .initial = "no",
     .help = "with --server flat: requests, sizes and parameters as libCacheSim has them, for equal counts",
     AT(compat)},
    {.name = "bounds",
     .kind = OPTION_SWITCH,
     .help = "with --server flat: beside each block what no policy can exceed, for objects of any sizes (PFOO-L)",
     AT(bounds)},
};

static const struct option work_options[] = {
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_NUMBER,
     .role = OPTION_OF_HOST,
     .argument = "N",
     .initial = "cores",
     .zero = "cores",
     .least = 1,
     .most = 1024,
     .help = "worker threads; results do not depend on it",
     AT(jobs)},
    {.name = "timing",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "say on standard error how fast each cell was replayed",
     AT(timing)},
};

static const struct option_group run_groups[] = {
    {.heading = "What to try", OPTIONS_OF(grid_options)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, trace)},
    {.heading = "The replay", OPTIONS_OF(replay_options)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct user, output)},
    {OPTIONS_OF(work_options)},
    {.heading = "Redis's options, as in redis.conf",
     OPTIONS_OF(config_options),
     .offset = offsetof(struct user, redis)},
    {OPTIONS_OF(redis_request_options), .offset = offsetof(struct user, redis)},
};
enum { RUN_GROUPS = sizeof run_groups / sizeof *run_groups };

static void print_help(const struct option_set *set, const struct catalog *catalog)
{
    printf("usage: evsim run TRACE --maxmemory SIZE[,SIZE...] [options]\n\n"
           "Replays TRACE (a file, or - for standard input; plain, gzip or zstd) through each "
           "policy,\n"
           "maxmemory, server and seed, and prints what each would have done.\n\n");
    options_print(set, stdout);
    printf("\nLines of a scenario:\n"
           "  at 45m CONFIG SET maxmemory 16mb     also maxmemory-policy and Redis's options above\n"
           "  2700 DEL tmp:*                       any command on keys, patterns too; FLUSHALL, FLUSHDB\n"
           "  every 5m BGSAVE 30s                  a child that lives so long\n"
           "  at 15m REPLICA attach 30s            a replica, whose snapshot takes so long; REPLICA detach\n"
           "  at 10m CLIENTS 500                   connections in all, idle ones\n"
           "  at 20m CLIENT-OUTPUT 64mb for 20s    replies that wait\n"
           "  at 30m LUA 20mb for 1m               the heap of scripts\n");
    printf("\nformats:");
    for (size_t i = 0; i < catalog->format_count; i++)
        printf(" %s", catalog->formats[i]->name);
    printf("\npolicies: see evsim policies   servers: see evsim servers\n\n"
           "  evsim run trace.csv.zst --maxmemory 512mb,1gb --output results\n"
           "  evsim run monitor.txt --config /etc/redis/redis.conf --policy all\n");
}

/* ---- what the options come to ---- */

static int add_policies(struct user *user, const char *where, struct error *error)
{
    return choice_list_add(&user->policy, user->catalog, user->policies, user->scope, error)
               ? error_prefix(error, "%s: ", where)
               : 0;
}

static int settle_admission(struct user *user, struct error *error)
{
    if (!user->admission_text || !admission_choose(&user->admission, user->catalog, user->admission_text, error))
        return 0;
    return error_prefix(error, "--admission: ");
}

/* What is asked of caches of plain sizes alone. */
static int check_flat(const struct user *user, struct error *error)
{
    const char *option = user->options.unit_sizes    ? "--unit-sizes"
                         : user->bounds              ? "--bounds"
                         : user->options.libcachesim ? "--compat"
                                                     : NULL;

    for (size_t i = 0; option && i < user->server_count; i++)
        if (user->server[i]->profile)
            return error_set(error, ERROR_USAGE, "%s goes with --server flat: '%s' weighs its keys in bytes", option,
                             user->server[i]->name);
    if (user->options.libcachesim && user->on_miss == ON_MISS_NONE)
        return error_set(error, ERROR_USAGE, "--compat libcachesim fills every miss: not with --on-miss none");
    if (user->bounds && user->scenario_path)
        return error_set(error, ERROR_USAGE, "--bounds are for a maxmemory that stays: not with --scenario");
    return 0;
}

/* The configuration file first, then what the command line says. */
static int settle_options(struct user *user, const struct option_set *set, struct error *error)
{
    const char *policies_from = "--policy";

    if (redis_request_settle(&user->redis, error))
        return -1;
    user->options.redis = user->redis.in_force;
    user->options.libcachesim = user->policy.libcachesim = user->compat == COMPAT_LIBCACHESIM;
    if (!user->maxmemory)
        user->maxmemory = user->redis.file.maxmemory;
    if (!user->maxmemory)
        return error_set(error, ERROR_USAGE,
                         "--maxmemory is missing: how much memory may the server "
                         "use? as in --maxmemory 512mb,1gb");
    if (!user->policies && user->redis.file.maxmemory_policy) {
        user->policies = user->redis.file.maxmemory_policy;
        policies_from = user->redis.path;
    }
    if (!user->policies)
        user->policies = "all";
    if (options_fill_lists(set, error) || add_policies(user, policies_from, error) || settle_admission(user, error))
        return -1;
    return check_flat(user, error);
}

static int settle_scenario(struct user *user, struct error *error)
{
    struct scenario_language language = {
        .policies = user->catalog->policies,
        .policy_count = user->catalog->policy_count,
        .command = user->catalog->parse_command,
    };

    if (!user->scenario_path)
        return 0;
    user->options.scenario = user->scenario = scenario_read(user->scenario_path, &language, error);
    return user->scenario ? 0 : -1;
}

/* ---- the run ---- */

static volatile sig_atomic_t stop_asked;

static void ask_stop(int signal)
{
    (void)signal;
    stop_asked = 1;
}

struct progress {
    const struct source *source;
    struct timespec start, shown;
    bool is_terminal;
};

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

static bool show_progress(void *owner, uint64_t commands)
{
    struct progress *progress = owner;
    struct timespec now;
    double elapsed, done;
    char count[UNITS_TEXT];

    if (!progress->is_terminal || stop_asked)
        return !stop_asked;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (seconds_between(&progress->shown, &now) < 0.2)
        return true;
    progress->shown = now;
    elapsed = seconds_between(&progress->start, &now);
    fprintf(stderr, "\r\033[K%s requests, %.2f M/s", print_count(count, commands), (double)commands / elapsed / 1e6);
    if (source_size(progress->source)) {
        done = (double)source_position(progress->source) / (double)source_size(progress->source);
        if (done > 0 && done <= 1)
            fprintf(stderr, ", %.0f %%, %.0f s left", 100 * done, elapsed / done - elapsed);
    }
    return true;
}

/* An empty trace, or one of which every row was left out. */
static int nothing_to_replay(const struct source *source, const struct intake *intake, struct error *error)
{
    const char *name = source_name(source);

    if (intake->skipped)
        return error_set(error, ERROR_INPUT, "%s: no row could be used, the first: %s", name, intake->first_skipped);
    if (intake->unknown_commands)
        return error_set(error, ERROR_INPUT, "%s: no row has a command that is modeled, the first: '%s'", name,
                         intake->unknown[0].name);
    return error_set(error, ERROR_INPUT, "%s: the trace is empty", name);
}

/* auto: a trace that writes at least half as often as it reads is a store, whose own writes are all
 * there is; anything else is a cache in front of something, whose application loads what it misses.
 */
static int settle_on_miss(struct user *user, struct reader *reader, const struct source *source, struct run *run,
                          struct error *error)
{
    struct reader_mix mix;
    char reads[UNITS_TEXT], writes[UNITS_TEXT], rows[UNITS_TEXT], reason[200];

    if (reader_look_ahead(reader, &mix, error))
        return -1;
    if (!mix.rows)
        return nothing_to_replay(source, &run->intake, error);
    user->options.fill = user->on_miss == ON_MISS_FILL || user->options.libcachesim;
    snprintf(reason, sizeof reason, user->options.libcachesim ? "--compat libcachesim" : "asked for");
    if (user->on_miss == ON_MISS_AUTO && !user->options.libcachesim) {
        user->options.fill = mix.writes * 2 < mix.reads;
        snprintf(reason, sizeof reason, "auto: %s write%s to %s read%s in the first %s request%s",
                 print_count(writes, mix.writes), mix.writes == 1 ? "" : "s", print_count(reads, mix.reads),
                 mix.reads == 1 ? "" : "s", print_count(rows, mix.rows), mix.rows == 1 ? "" : "s");
    }
    run->on_miss = user->options.fill ? "fill" : "none";
    run->on_miss_reason = xstrdup(reason);
    user->options.start_unix_us = reader_start_unix_us(reader, &run->start_assumed);
    run->start_unix_us = user->options.start_unix_us;
    return 0;
}

static struct cell_config *make_grid(const struct user *user, size_t *count)
{
    struct cell_config *cells, *cell;

    *count = user->server_count * user->size_count * user->policy.count * user->seeds;
    cells = cell = xcalloc(*count, sizeof *cells);
    for (size_t s = 0; s < user->server_count; s++)
        for (size_t m = 0; m < user->size_count; m++)
            for (size_t p = 0; p < user->policy.count; p++)
                for (uint64_t n = 0; n < user->seeds; n++)
                    *cell++ = (struct cell_config){
                        .server = user->server[s],
                        .policy = user->policy.choices[p].policy,
                        .parameters = user->policy.choices[p].parameters,
                        .policy_label = user->policy.choices[p].label,
                        .admission = user->admission.admission,
                        .admission_parameters = user->admission.parameters,
                        .maxmemory = user->sizes[m],
                        .seed = user->seed + n,
                        .options = &user->options,
                    };
    return cells;
}

static void add_setting(void *owner, const char *name, const char *value)
{
    struct run *run = owner;

    settings_add(&run->settings, &run->setting_count, name, value);
}

/* Every option with the value in force, and what the files that they name came to. */
static void echo_settings(struct user *user, const struct option_set *set, struct run *run)
{
    user->trace.format = run->format;
    options_echo(set, add_setting, run);
    add_setting(run, "config-not-modeled", user->redis.file.not_modeled ? user->redis.file.not_modeled : "");
    add_setting(run, "scenario-events", run->scenario ? run->scenario : "");
}

/* ---- bounds ---- */

struct bounds_watch {
    const struct simulation_options *options;
    struct bounds *bounds;
};

static void watch_bounds(void *owner, const struct batch *batch)
{
    struct bounds_watch *watch = owner;

    bounds_see(watch->bounds, watch->options, batch);
}

static void collect_bounds(const struct user *user, const struct bounds *bounds, struct run *run)
{
    run->bounds = xcalloc(user->size_count + 1, sizeof *run->bounds);
    for (size_t i = 0; i < user->size_count; i++)
        run->bounds[run->bound_count++] = bounds_at(bounds, user->sizes[i]);
    if (!run_bound(run, 0))
        run->bounds[run->bound_count++] = bounds_at(bounds, 0);
}

/* ---- the future ---- */

static const char *offline_policy(const struct user *user)
{
    for (size_t i = 0; i < user->policy.count; i++)
        if (user->policy.choices[i].policy->offline)
            return user->policy.choices[i].label;
    return NULL;
}

/* A pipe cannot be read twice. */
static int check_readable_twice(const char *trace, const char *policy, struct error *error)
{
    struct stat status;

    if (strcmp(trace, "-") && (stat(trace, &status) || S_ISREG(status.st_mode)))
        return 0;
    return error_set(error, ERROR_USAGE, "%s reads the trace twice: give a file", policy);
}

/* The first of two readings. What is wrong with the trace is said here; what is odd about it is counted in the
 * second. */
static int read_future(const struct user *user, struct future *future, struct error *error)
{
    struct intake intake = {0};
    struct trace trace;
    int status;

    if (trace_open(&trace, user->catalog->choose_format, &user->trace, &intake, error))
        return -1;
    status = future_read(future, trace.reader, &user->options, error);
    trace_close(&trace);
    return status;
}

static int worker_count(const struct user *user)
{
    return user->jobs ? (int)user->jobs : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static int replay(struct user *user, struct reader *reader, const struct source *source, struct run *run,
                  struct error *error)
{
    struct progress progress = {.source = source, .is_terminal = isatty(STDERR_FILENO)};
    /* The second Ctrl-C ends the program even where it waits for a trace that does not come. */
    struct sigaction stop = {.sa_handler = ask_stop, .sa_flags = (int)SA_RESETHAND};
    struct bounds_watch watch = {.options = &user->options};
    struct cell_config *cells;
    int status;

    if (user->scenario)
        reader_expect(reader, user->scenario);
    if (settle_on_miss(user, reader, source, run, error))
        return -1;
    if (user->bounds) {
        watch.bounds = bounds_new();
        reader_watch(reader, watch_bounds, &watch);
    }
    cells = make_grid(user, &run->result_count);
    run->seed_count = user->seeds;
    run->results = xcalloc(run->result_count, sizeof *run->results);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    clock_gettime(CLOCK_MONOTONIC, &progress.start);
    status =
        sweep_run(reader, cells, run->result_count, worker_count(user), show_progress, &progress, run->results, error);
    if (progress.is_terminal)
        fprintf(stderr, "\r\033[K");
    free(cells);
    if (!status && user->bounds)
        collect_bounds(user, watch.bounds, run);
    bounds_free(watch.bounds);
    if (status)
        return -1;
    run->commands = reader_commands(reader);
    run->key_count = reader_key_count(reader);
    run->duration_us = reader_last_time_us(reader);
    source_digest(source, run->trace_digest);
    run->trace_bytes = source_consumed(source);
    return 0;
}

static int read_and_replay(struct user *user, struct run *run, struct error *error)
{
    struct future future = {0};
    bool foresees = offline_policy(user) != NULL;
    struct trace trace;
    int status = -1;

    if (trace_open(&trace, user->catalog->choose_format, &user->trace, &run->intake, error))
        return -1;
    if (!foresees || !read_future(user, &future, error)) {
        run->format = trace.format->name;
        if (foresees)
            reader_foresee(trace.reader, &future);
        status = replay(user, trace.reader, trace.source, run, error);
    }
    future_release(&future);
    trace_close(&trace);
    return status;
}

/* Of the replay alone: decoding and interning are shared by all cells. Standard error, for it is never the
 * same twice. */
static void print_timing(const struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];

        fprintf(stderr, "evsim: replay: %s %s %" PRIu64 ": %.3f s, %.1f Mreq/s\n", result->server, result->policy,
                result->maxmemory, result->replay_seconds,
                (double)result->counters.requests / result->replay_seconds * 1e-6);
    }
}

static int write_output(const struct user *user, const struct run *run, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};

    if (user->catalog->print(&outcome, user->output.json, error))
        return -1;
    if (user->timing)
        print_timing(run);
    if (user->redis.file.not_modeled)
        fprintf(stderr, "evsim: %s: not modeled, without effect: %s\n", user->redis.path, user->redis.file.not_modeled);
    for (size_t i = 0; user->scenario && i < user->scenario->count; i++)
        if (user->scenario->events[i].at_us > run->duration_us && !user->scenario->events[i].follows)
            fprintf(stderr, "evsim: %s:%d: the trace ends before it: %s\n", user->scenario_path,
                    user->scenario->events[i].line, user->scenario->events[i].text);
    if (!user->output.directory)
        return 0;
    if (user->catalog->write_reports(&outcome, user->output.directory, error)) {
        if (stop_asked) { /* Ctrl-C goes to gnuplot too: what it says of that helps nobody */
            *error = (struct error){0};
            error_set(error, ERROR_INTERRUPTED, "interrupted: %s is incomplete", user->output.directory);
        }
        return -1;
    }
    fprintf(stderr, "evsim: results and figures are in %s\n", user->output.directory);
    return 0;
}

static int find_operand(const struct option_set *set, char **argv, struct user *user, struct error *error)
{
    if (set->operands > 1)
        return error_set(error, ERROR_USAGE, "one trace at a time, please: '%s' is the second", argv[1]);
    if (!set->operands || !*argv[0])
        return error_set(error, ERROR_USAGE, "no trace given: evsim run TRACE --maxmemory SIZE");
    user->trace.path = argv[0];
    return 0;
}

static int run_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = run_groups, .group_count = RUN_GROUPS, .target = user};
    struct run run = {.version = catalog->version};
    int status = -1;

    user->catalog = catalog;
    if (options_parse(&set, "run", argc, argv, error))
        goto out;
    if (set.help) {
        print_help(&set, catalog);
        status = 0;
        goto out;
    }
    if (find_operand(&set, argv, user, error) || settle_options(user, &set, error) || settle_scenario(user, error) ||
        (offline_policy(user) && check_readable_twice(user->trace.path, offline_policy(user), error)) ||
        (user->output.directory && output_check_directory(user->output.directory, error)))
        goto out;
    run.command = xstrdup(set.command);
    run.trace = xstrdup(user->trace.path);
    if (read_and_replay(user, &run, error))
        goto out;
    if (user->scenario)
        run.scenario = scenario_print(user->scenario);
    run.admission = user->admission_text;
    echo_settings(user, &set, &run);
    status = write_output(user, &run, error);
out:
    run_release(&run);
    redis_request_release(&user->redis);
    scenario_free(user->scenario);
    choice_list_release(&user->policy);
    free(set.command);
    free(user);
    return status;
}

const struct subcommand subcommand_run = {
    .name = "run",
    .summary = "replay a trace through policies x maxmemory sizes x servers; table, CSV, JSON, figures",
    .options = run_groups,
    .option_groups = RUN_GROUPS,
    .run = run_main,
};
