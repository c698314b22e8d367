/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run: replay a trace through policies x maxmemory sizes x servers x seeds. */
#include "sim/cli/choice.h"
#include "sim/cli/cli.h"
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

/* Everything the command line says. */
struct request_of_user {
    const struct catalog *catalog;
    const char *format, *columns, *servers, *policies, *maxmemory, *on_miss, *directory, *config, *scenario_path;
    const char *admission_text;
    struct choice_list policy;
    struct admission_choice admission;
    enum scope scope;
    const struct server *server[LIST_MAX];
    uint64_t sizes[LIST_MAX];
    size_t server_count, size_count;
    uint64_t seed, seeds;
    int jobs;
    bool lenient, json, timing, bounds, help;
    struct simulation_options options;
    struct scenario *scenario;
    struct redis_conf_file conf;
    bool redis_option_given[32]; /* on the command line: it beats the configuration file */
    struct redis_config given;
};

/* ---- setters ---- */

#define SETTER(name) static int name(void *target, const char *value, struct error *error)
#define USER         ((struct request_of_user *)target)

static int bad(struct error *error, const char *what, const char *value)
{
    return error_set(error, ERROR_USAGE, "bad %s '%s'", what, value);
}

#define TEXT_SETTER(field)                                                                                             \
    SETTER(set_##field)                                                                                                \
    {                                                                                                                  \
        (void)error;                                                                                                   \
        USER->field = value;                                                                                           \
        return 0;                                                                                                      \
    }
TEXT_SETTER(format)
TEXT_SETTER(columns)
TEXT_SETTER(admission_text)
TEXT_SETTER(servers)
TEXT_SETTER(policies)
TEXT_SETTER(maxmemory)
TEXT_SETTER(directory)
TEXT_SETTER(config)
TEXT_SETTER(scenario_path)

#define SWITCH_SETTER(name, field)                                                                                     \
    SETTER(name)                                                                                                       \
    {                                                                                                                  \
        (void)error, (void)value;                                                                                      \
        USER->field = true;                                                                                            \
        return 0;                                                                                                      \
    }
SWITCH_SETTER(set_lenient, lenient)
SWITCH_SETTER(set_json, json)
SWITCH_SETTER(set_timing, timing)
SWITCH_SETTER(set_bounds, bounds)
SWITCH_SETTER(set_help, help)
SWITCH_SETTER(set_unit_sizes, options.unit_sizes)

SETTER(set_seed)
{
    return scan_uint64(value, &USER->seed) ? 0 : bad(error, "number", value);
}

SETTER(set_seeds)
{
    if (!scan_uint64(value, &USER->seeds) || !USER->seeds || USER->seeds > 10000)
        return error_set(error, ERROR_USAGE, "'%s' is not between 1 and 10000", value);
    return 0;
}

SETTER(set_jobs)
{
    uint64_t jobs;

    if (!strcmp(value, "cores"))
        jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    else if (!scan_uint64(value, &jobs) || !jobs || jobs > 1024)
        return error_set(error, ERROR_USAGE, "'%s' is not between 1 and 1024", value);
    USER->jobs = (int)jobs;
    return 0;
}

SETTER(set_on_miss)
{
    if (strcmp(value, "fill") && strcmp(value, "none") && strcmp(value, "auto"))
        return error_set(error, ERROR_USAGE, "'%s' is not one of fill, none, auto", value);
    USER->on_miss = value;
    return 0;
}

SETTER(set_scope)
{
    if (!scan_scope(value, &USER->scope))
        return error_set(error, ERROR_USAGE, "'%s' is not one of allkeys, volatile", value);
    return 0;
}

SETTER(set_compat)
{
    if (strcmp(value, "libcachesim"))
        return error_set(error, ERROR_USAGE, "'%s' is not libcachesim", value);
    USER->options.libcachesim = USER->policy.libcachesim = true;
    return 0;
}

SETTER(set_baseline)
{
    return scan_bytes(value, &USER->options.baseline_memory) ? 0 : bad(error, "size", value);
}

SETTER(set_allocator)
{
    if (!allocator_find(value))
        return error_set(error, ERROR_USAGE,
                         "unknown allocator '%s': it is one of jemalloc, jemalloc-q16, "
                         "jemalloc-5.3.1, libc",
                         value);
    USER->options.allocator = value;
    return 0;
}

static int duration(const char *value, int64_t *duration_us, struct error *error)
{
    if (!scan_duration(value, duration_us) || *duration_us < 0)
        return bad(error, "duration", value);
    return 0;
}

SETTER(set_info_every)
{
    return duration(value, &USER->options.info_every_us, error);
}

SETTER(set_interval)
{
    return duration(value, &USER->options.interval_us, error);
}

SETTER(set_eviction_speed)
{
    return scan_uint64(value, &USER->options.eviction_speed) ? 0 : bad(error, "number", value);
}

/* Redis's own options, by their own names. */
static bool set_redis_option(void *target, const char *name, const char *value, struct error *error)
{
    const struct redis_option *option = redis_option_find(name);

    if (option && value && !redis_option_set(&USER->given, option, value, error))
        USER->redis_option_given[option - redis_options] = true;
    return option != NULL;
}

static const char *redis_option_name(size_t i)
{
    return redis_options[i].name;
}

static const struct option run_options[] = {
    {"maxmemory", 'm', "SIZE[,SIZE...]", NULL, "memory limits to try: 512mb,1gb (1mb = 1024^2, 1m = 1000^2); 0 = none",
     set_maxmemory},
    {"policy", 'p', "NAME[,NAME...]", NULL,
     "eviction policies; all = Redis's eight (all, or maxmemory-policy of --config)", set_policies},
    {"scope", '\0', "allkeys|volatile", "allkeys",
     "which keys may go, for policies that Redis does not have; for one: sieve@volatile", set_scope},
    {"admission", '\0', "NAME", NULL,
     "which keys may come in at all: size, prob, bloom, tinylfu or adaptsize, see evsim policies; all by default",
     set_admission_text},
    {"server", 's', "NAME[,NAME...]", "redis-7.0.15", "servers to model, see evsim servers; all = every one but flat",
     set_servers},
    {"allocator", '\0', "NAME", NULL, "jemalloc, jemalloc-q16, jemalloc-5.3.1 or libc instead of the server's own",
     set_allocator},
    {"format", 'f', "NAME", NULL, "trace format; by default found by looking at the trace", set_format},
    {"columns", 'c', "MAP", NULL, "csv: time=1,key=2,op=3,value-size=4,ttl=5 (numbers, or header names)", set_columns},
    {"on-miss", '\0', "fill|none|auto", "auto",
     "what follows a missed read: a SET, or nothing; auto: a SET where the trace writes less than "
     "half as often as it reads",
     set_on_miss},
    {"config", '\0', "FILE", NULL,
     "a redis.conf: maxmemory, maxmemory-policy and the options below; the command line wins", set_config},
    {"scenario", '\0', "FILE", NULL, "what happens besides the trace, a line each, see below", set_scenario_path},
    {"seed", '\0', "N", "1", "every random choice follows from it", set_seed},
    {"seeds", '\0', "N", "1", "N runs of everything; the table shows mean and 95 % interval", set_seeds},
    {"jobs", 'j', "N", "cores", "worker threads; results do not depend on it", set_jobs},
    {"output", 'o', "DIR", NULL, "write CSV, JSON and figures there", set_directory},
    {"json", '\0', NULL, NULL, "print the results as JSON instead of the table", set_json},
    {"lenient", '\0', NULL, NULL, "skip and count bad rows instead of stopping", set_lenient},
    {"baseline-memory", '\0', "BYTES", "0",
     "used_memory in INFO before the first request; 0 = as measured on the server", set_baseline},
    {"info-every", '\0', "TIME", "0", "a client asks INFO at the start, this often and at the end; 0 = none",
     set_info_every},
    {"interval", '\0', "TIME", "0", "between points of the curves; 0 = a few hundred points", set_interval},
    {"eviction-speed", '\0', "KEYS", "0", "keys evicted per second of server time; 0 = no limit", set_eviction_speed},
    {"unit-sizes", '\0', NULL, NULL, "with --server flat: every object weighs 1", set_unit_sizes},
    {"compat", '\0', "libcachesim", NULL,
     "with --server flat: requests, sizes and parameters as libCacheSim has them, for equal counts", set_compat},
    {"bounds", '\0', NULL, NULL,
     "with --server flat: beside each block what no policy can exceed, for objects of any sizes (PFOO-L)", set_bounds},
    {"timing", '\0', NULL, NULL, "say on standard error how fast each cell was replayed", set_timing},
    {"help", 'h', NULL, NULL, "this text", set_help},
};

static struct option_set option_set_of(struct request_of_user *user)
{
    return (struct option_set){
        .options = run_options,
        .count = sizeof run_options / sizeof *run_options,
        .other = set_redis_option,
        .other_name = redis_option_name,
        .other_count = redis_option_count,
        .target = user,
    };
}

static void print_help(struct request_of_user *user)
{
    struct option_set set = option_set_of(user);

    printf("usage: evsim run TRACE --maxmemory SIZE[,SIZE...] [options]\n\n"
           "Replays TRACE (a file, or - for standard input; plain, gzip or zstd) through each "
           "policy,\n"
           "maxmemory, server and seed, and prints what each would have done.\n\n");
    options_print(&set, stdout);
    printf("\nRedis's options, as in redis.conf:\n");
    for (size_t i = 0; i < redis_option_count; i++) {
        char value[24], left[64];

        redis_config_init(&user->given);
        snprintf(left, sizeof left, "    --%s %s", redis_options[i].name,
                 redis_options[i].is_flag   ? "yes|no"
                 : redis_options[i].is_size ? "SIZE"
                                            : "N");
        options_print_line(stdout, left, redis_options[i].help,
                           redis_option_print(&user->given, &redis_options[i], value));
    }
    printf("\nLines of a scenario:\n"
           "  at 45m CONFIG SET maxmemory 16mb     also maxmemory-policy and Redis's options above\n"
           "  2700 DEL tmp:*                       any command on keys, patterns too; FLUSHALL, FLUSHDB\n"
           "  every 5m BGSAVE 30s                  a child that lives so long\n"
           "  at 15m REPLICA attach 30s            a replica, whose snapshot takes so long; REPLICA detach\n"
           "  at 10m CLIENTS 500                   connections in all, idle ones\n"
           "  at 20m CLIENT-OUTPUT 64mb for 20s    replies that wait\n"
           "  at 30m LUA 20mb for 1m               the heap of scripts\n");
    printf("\nformats:");
    for (size_t i = 0; i < user->catalog->format_count; i++)
        printf(" %s", user->catalog->formats[i]->name);
    printf("\npolicies: see evsim policies   servers: see evsim servers\n\n"
           "  evsim run trace.csv.zst --maxmemory 512mb,1gb --output results\n"
           "  evsim run monitor.txt --config /etc/redis/redis.conf --policy all\n");
}

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
static int append_server(struct request_of_user *user, const struct server *server, struct error *error)
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
static int add_server(struct request_of_user *user, const char *name, struct error *error)
{
    bool all = !strcmp(name, "all");

    if (!all && !server_find(name))
        return unknown_name("server", name, server_name, NULL, server_count, error);
    for (size_t i = 0; i < server_count; i++)
        if ((all ? servers[i].profile != NULL : &servers[i] == server_find(name)) &&
            append_server(user, &servers[i], error))
            return -1;
    return 0;
}

static int add_size(struct request_of_user *user, const char *text, struct error *error)
{
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

/* Hands every item of "a,b,c" to `add`; `where` the list was found goes before its complaint. */
static int for_each_name(const char *where, const char *list, struct request_of_user *user,
                         int (*add)(struct request_of_user *, const char *, struct error *), struct error *error)
{
    char *copy = xstrdup(list), *rest = copy, *name;
    int status = 0;

    while (!status && (name = strsep(&rest, ",")))
        status = *name ? add(user, name, error) : error_set(error, ERROR_USAGE, "empty item in '%s'", list);
    free(copy);
    return status ? error_prefix(error, "%s: ", where) : 0;
}

static int add_policies(struct request_of_user *user, const char *where, struct error *error)
{
    return choice_list_add(&user->policy, user->catalog, user->policies, user->scope, error)
               ? error_prefix(error, "%s: ", where)
               : 0;
}

static int settle_admission(struct request_of_user *user, struct error *error)
{
    if (!user->admission_text || !admission_choose(&user->admission, user->catalog, user->admission_text, error))
        return 0;
    return error_prefix(error, "--admission: ");
}

/* What is asked of caches of plain sizes alone. */
static int check_flat(const struct request_of_user *user, struct error *error)
{
    const char *option = user->options.unit_sizes    ? "--unit-sizes"
                         : user->bounds              ? "--bounds"
                         : user->options.libcachesim ? "--compat"
                                                     : NULL;

    for (size_t i = 0; option && i < user->server_count; i++)
        if (user->server[i]->profile)
            return error_set(error, ERROR_USAGE, "%s goes with --server flat: '%s' weighs its keys in bytes", option,
                             user->server[i]->name);
    if (user->options.libcachesim && !strcmp(user->on_miss, "none"))
        return error_set(error, ERROR_USAGE, "--compat libcachesim fills every miss: not with --on-miss none");
    if (user->bounds && user->scenario_path)
        return error_set(error, ERROR_USAGE, "--bounds are for a maxmemory that stays: not with --scenario");
    return 0;
}

/* The configuration file first, then what the command line says. */
static int settle_options(struct request_of_user *user, struct error *error)
{
    const char *policies_from = "--policy";

    redis_config_init(&user->options.redis);
    if (user->config && redis_conf_read(user->config, &user->options.redis, &user->conf, error))
        return -1;
    for (size_t i = 0; i < redis_option_count; i++) {
        char value[24];

        if (user->redis_option_given[i])
            redis_option_set(&user->options.redis, &redis_options[i],
                             redis_option_print(&user->given, &redis_options[i], value), error);
    }
    if (!user->maxmemory)
        user->maxmemory = user->conf.maxmemory;
    if (!user->maxmemory)
        return error_set(error, ERROR_USAGE,
                         "--maxmemory is missing: how much memory may the server "
                         "use? as in --maxmemory 512mb,1gb");
    if (!user->policies && user->conf.maxmemory_policy) {
        user->policies = user->conf.maxmemory_policy;
        policies_from = user->config;
    }
    if (!user->policies)
        user->policies = "all";
    if (for_each_name("--maxmemory", user->maxmemory, user, add_size, error) ||
        add_policies(user, policies_from, error) || settle_admission(user, error) ||
        for_each_name("--server", user->servers, user, add_server, error))
        return -1;
    return check_flat(user, error);
}

static int settle_scenario(struct request_of_user *user, struct error *error)
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
static int settle_on_miss(struct request_of_user *user, struct reader *reader, const struct source *source,
                          struct run *run, struct error *error)
{
    struct reader_mix mix;
    char reads[UNITS_TEXT], writes[UNITS_TEXT], rows[UNITS_TEXT], reason[200];

    if (reader_look_ahead(reader, &mix, error))
        return -1;
    if (!mix.rows)
        return nothing_to_replay(source, &run->intake, error);
    user->options.fill = !strcmp(user->on_miss, "fill") || user->options.libcachesim;
    snprintf(reason, sizeof reason, user->options.libcachesim ? "--compat libcachesim" : "asked for");
    if (!strcmp(user->on_miss, "auto") && !user->options.libcachesim) {
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

static struct cell_config *make_grid(const struct request_of_user *user, size_t *count)
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

static void add_setting(struct run *run, const char *name, const char *value)
{
    run->settings = xrealloc(run->settings, (run->setting_count + 1) * sizeof *run->settings);
    run->settings[run->setting_count++] = (struct setting){.name = xstrdup(name), .value = xstrdup(value ? value : "")};
}

static void add_number(struct run *run, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    add_setting(run, name, text);
}

/* Every option with the value in force. Not the number of threads: nothing in the results depends
 * on it. */
static void echo_settings(const struct request_of_user *user, struct run *run)
{
    char text[24];

    add_setting(run, "server", user->servers);
    add_setting(run, "policy", user->policies);
    if (user->scope == SCOPE_VOLATILE)
        add_setting(run, "scope", "volatile");
    if (user->admission_text)
        add_setting(run, "admission", user->admission_text);
    add_setting(run, "maxmemory", user->maxmemory);
    add_number(run, "seed", user->seed);
    add_number(run, "seeds", user->seeds);
    add_setting(run, "format", run->format);
    add_setting(run, "columns", user->columns);
    add_setting(run, "on-miss", user->on_miss);
    add_setting(run, "lenient", user->lenient ? "yes" : "no");
    add_setting(run, "config", user->config);
    add_setting(run, "config-not-modeled", user->conf.not_modeled);
    add_setting(run, "scenario", user->scenario_path);
    add_setting(run, "scenario-events", run->scenario);
    add_number(run, "baseline-memory", user->options.baseline_memory);
    add_number(run, "info-every-us", (uint64_t)user->options.info_every_us);
    add_number(run, "interval-us", (uint64_t)user->options.interval_us);
    add_number(run, "eviction-speed", user->options.eviction_speed);
    if (user->options.allocator)
        add_setting(run, "allocator", user->options.allocator);
    add_setting(run, "unit-sizes", user->options.unit_sizes ? "yes" : "no");
    add_setting(run, "bounds", user->bounds ? "yes" : "no");
    add_setting(run, "compat", user->options.libcachesim ? "libcachesim" : "");
    for (size_t i = 0; i < redis_option_count; i++)
        add_setting(run, redis_options[i].name, redis_option_print(&user->options.redis, &redis_options[i], text));
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

static void collect_bounds(const struct request_of_user *user, const struct bounds *bounds, struct run *run)
{
    run->bounds = xcalloc(user->size_count + 1, sizeof *run->bounds);
    for (size_t i = 0; i < user->size_count; i++)
        run->bounds[run->bound_count++] = bounds_at(bounds, user->sizes[i]);
    if (!run_bound(run, 0))
        run->bounds[run->bound_count++] = bounds_at(bounds, 0);
}

/* ---- the future ---- */

static const char *offline_policy(const struct request_of_user *user)
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
static int read_future(const struct request_of_user *user, const char *path, struct future *future, struct error *error)
{
    struct format_options options = {.columns = user->columns, .lenient = user->lenient};
    struct intake intake = {0};
    struct trace trace;
    int status;

    if (trace_open(&trace, user->catalog->choose_format, path, user->format, &options, &intake, error))
        return -1;
    status = future_read(future, trace.reader, &user->options, error);
    trace_close(&trace);
    return status;
}

static int replay(struct request_of_user *user, struct reader *reader, const struct source *source, struct run *run,
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
    status = sweep_run(reader, cells, run->result_count, user->jobs, show_progress, &progress, run->results, error);
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

static int read_and_replay(struct request_of_user *user, struct run *run, struct error *error)
{
    struct format_options options = {.columns = user->columns, .lenient = user->lenient};
    struct future future = {0};
    bool foresees = offline_policy(user) != NULL;
    struct trace trace;
    int status = -1;

    if (trace_open(&trace, user->catalog->choose_format, run->trace, user->format, &options, &run->intake, error))
        return -1;
    if (!foresees || !read_future(user, run->trace, &future, error)) {
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

static int write_output(const struct request_of_user *user, const struct run *run, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};

    if (user->catalog->print(&outcome, user->json, error))
        return -1;
    if (user->timing)
        print_timing(run);
    if (user->conf.not_modeled)
        fprintf(stderr, "evsim: %s: not modeled, without effect: %s\n", user->config, user->conf.not_modeled);
    for (size_t i = 0; user->scenario && i < user->scenario->count; i++)
        if (user->scenario->events[i].at_us > run->duration_us && !user->scenario->events[i].follows)
            fprintf(stderr, "evsim: %s:%d: the trace ends before it: %s\n", user->scenario_path,
                    user->scenario->events[i].line, user->scenario->events[i].text);
    if (!user->directory)
        return 0;
    if (user->catalog->write_reports(&outcome, user->directory, error)) {
        if (stop_asked) { /* Ctrl-C goes to gnuplot too: what it says of that helps nobody */
            *error = (struct error){0};
            error_set(error, ERROR_INTERRUPTED, "interrupted: %s is incomplete", user->directory);
        }
        return -1;
    }
    fprintf(stderr, "evsim: results and figures are in %s\n", user->directory);
    return 0;
}

static int run_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct request_of_user *user = xcalloc(1, sizeof *user);
    struct option_set set = option_set_of(user);
    struct run run = {.version = catalog->version};
    int operands, status = -1;

    user->catalog = catalog;
    redis_config_init(&user->given);
    run.command = quote_command("run", argc, argv);
    if (options_parse(&set, argc, argv, &operands, error))
        goto out;
    if (user->help) {
        print_help(user);
        status = 0;
        goto out;
    }
    if (operands != 1 || !*argv[0]) {
        error_set(error, ERROR_USAGE,
                  operands > 1 ? "one trace at a time, please: '%s' is the second"
                               : "no trace given: evsim run TRACE --maxmemory SIZE",
                  operands > 1 ? argv[1] : "");
        goto out;
    }
    run.trace = xstrdup(argv[0]);
    if (settle_options(user, error) || settle_scenario(user, error) ||
        (offline_policy(user) && check_readable_twice(run.trace, offline_policy(user), error)) ||
        (user->directory && output_check_directory(user->directory, error)) || read_and_replay(user, &run, error))
        goto out;
    if (user->scenario)
        run.scenario = scenario_print(user->scenario);
    run.admission = user->admission_text;
    echo_settings(user, &run);
    status = write_output(user, &run, error);
out:
    run_release(&run);
    redis_conf_file_release(&user->conf);
    scenario_free(user->scenario);
    choice_list_release(&user->policy);
    free(user);
    return status;
}

const struct subcommand subcommand_run = {
    .name = "run",
    .summary = "replay a trace through policies x maxmemory sizes x servers; table, CSV, JSON, figures",
    .run = run_main,
};
