/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/run_options.h"
#include "sim/cli/results.h"

#include "sim/cli/cell_lists.h"
#include "sim/cli/explain.h"
#include "sim/cli/results.h"
#include "sim/output.h"
#include "sim/server/values/allocator.h"
#include "sim/units.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SPEED_MOST = 1000000000 }; /* keys a second */

/* ---- options that are lists ---- */

static int add_server(void *target, const char *name, struct error *error)
{
    struct run_request *request = target;

    return server_list_add(request->server, &request->server_count, RUN_LIST_MAX, request->catalog, name, error);
}

static int bad_share_range(const char *text, struct error *error)
{
    double shares[RUN_LIST_MAX];
    char *turned = range_turned(text);

    if (turned && size_share_range_scan(turned, shares, RUN_LIST_MAX))
        error_set(error, ERROR_USAGE, "bad range '%s': the smaller share comes first: did you mean '%s'?", text,
                  turned);
    else
        error_set(error, ERROR_USAGE, "bad range '%s': of shares as 10%%..80%%:x2 or 10%%..50%%:+10%%, up to 1000%%",
                  text);
    free(turned);
    return -1;
}

/* A share of what the data take, or a range of shares. */
static int add_share(struct run_request *request, const char *text, struct error *error)
{
    size_t room = RUN_LIST_MAX - request->share_count - request->size_count, count = 1;
    double shares[RUN_LIST_MAX];

    if (!size_share_scan(text, shares))
        count = size_share_range_scan(text, shares, room);
    if (!count && strstr(text, ".."))
        return bad_share_range(text, error);
    if (!count)
        return error_set(error, ERROR_USAGE,
                         "bad share '%s': of what the data take, as 25%%: above 0%% and up to 1000%%", text);
    if (count > room)
        return error_set(error, ERROR_USAGE, "more than %d items", RUN_LIST_MAX);
    memcpy(request->shares + request->share_count, shares, count * sizeof *shares);
    request->share_count += count;
    return 0;
}

static int add_size(void *target, const char *text, struct error *error)
{
    struct run_request *request = target;

    if (request->answers == OUTCOME_RUN && strchr(text, '%'))
        return add_share(request, text, error);
    return size_list_add(request->sizes, &request->size_count, RUN_LIST_MAX - request->share_count, text, error);
}

static uint64_t *speed_of_kind(struct speed *speed, const char *kind, size_t length)
{
    const struct {
        const char *kind;
        uint64_t *per_second;
    } kinds[] = {
        {"deletions", &speed->deletions}, {"expirations", &speed->expirations}, {"elements", &speed->elements}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].kind) == length && !strncasecmp(kinds[i].kind, kind, length))
            return kinds[i].per_second;
    return NULL;
}

static int add_speed(void *target, const char *text, struct error *error)
{
    struct run_request *request = target;
    const char *equals = strchr(text, '=');
    uint64_t *per_second = equals ? speed_of_kind(&request->options.speed, text, (size_t)(equals - text)) : NULL;
    char number[32];

    if (!per_second)
        return error_set(error, ERROR_USAGE,
                         "bad speed '%s': it is deletions=N or expirations=N, keys a second, or elements=N", text);
    snprintf(number, sizeof number, "%s", equals + 1);
    if (strlen(number) > 2 && !strcmp(number + strlen(number) - 2, "/s"))
        number[strlen(number) - 2] = '\0';
    if (!scan_uint64(number, per_second) || !*per_second || *per_second > SPEED_MOST)
        return error_set(error, ERROR_USAGE, "bad speed '%s': %s is not a whole number a second from 1 to %d", text,
                         number, SPEED_MOST);
    return 0;
}

/* ---- the options of run ---- */

static int check_allocator(const char *name, struct error *error)
{
    if (allocator_find(name))
        return 0;
    return error_set(error, ERROR_USAGE,
                     "unknown allocator '%s': it is one of jemalloc, jemalloc-q16, jemalloc-5.3.1, libc", name);
}

static const char *const scope_words[] = {"allkeys", "volatile", NULL};
static const char *const on_miss_words[] = {"fill", "none", "auto", NULL};
static const char *const weigh_words[] = {"auto", "value", "key+value", NULL};
static const char *const compat_words[] = {"no", "libcachesim", NULL};

/* For completion: what else is valid. */
static const char *const all_words[] = {"all", NULL};
static const char *const server_words[] = {"all", "redis", "valkey", NULL};
static const char *const line_words[] = {"redis", "valkey", NULL};
static const char *const allocator_words[] = {"jemalloc", "jemalloc-q16", "jemalloc-5.3.1", "libc", NULL};
static const char *const by_words[] = {"prefix", "prefix:2", "client", "tenant", NULL};
static const char *const warmup_words[] = {"auto", NULL};
static const char *const explain_words[] = {"evictions", NULL};

#define AT(member) OPTION_IN(struct run_request, member)

const struct option run_maxmemory_options[RUN_MAXMEMORY_OPTIONS] = {
    {.name = "maxmemory",
     .letter = 'm',
     .kind = OPTION_LIST,
     .argument = "SIZE[,SIZE...]",
     .add = add_size,
     .brief = "memory limits: 512mb,1gb or 1mb..64mb:x2",
     .help = "memory limits to try: 512mb,1gb (1mb = 1024^2, 1m = 1000^2), 1mb..64mb:x2, 8..16mb:+1mb; 0 = none; run "
             "also takes shares of what the data take: 10%,25%, 5%..80%:x2",
     AT(maxmemory)},
};

const struct option run_grid_options[RUN_GRID_OPTIONS] = {
    {.name = "policy",
     .alias = "maxmemory-policy",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .argument = "NAME[,NAME...]",
     .words = all_words,
     .values = VALUES_POLICIES,
     .brief = "to try: allkeys-lru,sieve or 'allkeys-*'",
     .joins = true,
     .help = "eviction policies, also by a pattern: 'allkeys-*'; all = Redis's own, of those servers (all, or "
             "maxmemory-policy of "
             "--config)",
     AT(policies)},
    {.name = "scope",
     .kind = OPTION_CHOICE,
     .words = scope_words,
     .least = SCOPE_ALLKEYS,
     .initial = "allkeys",
     .help = "which keys a policy that Redis does not have may evict; for one policy: sieve@volatile",
     AT(scope)},
};

const struct option run_admission_options[RUN_ADMISSION_OPTIONS] = {
    {.name = "admission",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .values = VALUES_ADMISSIONS,
     .help = "a rule that keeps some keys out of the cache: size, prob, bloom, tinylfu or adaptsize, see evsim "
             "policies; by default none does",
     AT(admission_text)},
};

const struct option run_server_options[RUN_SERVER_OPTIONS] = {
    {.name = "server",
     .letter = 's',
     .kind = OPTION_LIST,
     .argument = "NAME[,NAME...]",
     .initial = "redis-7.0.15",
     .words = server_words,
     .values = VALUES_SERVERS,
     .add = add_server,
     .brief = "to model: redis-7.2,valkey (evsim servers)",
     .help = "servers to model, see evsim servers; redis, redis-8, valkey = the newest of these; all = all but flat",
     AT(servers)},
    {.name = "allocator",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .check = check_allocator,
     .words = allocator_words,
     .help = "take jemalloc, jemalloc-q16, jemalloc-5.3.1 or libc instead of the allocator of the server's build",
     AT(options.allocator)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .help = "the same seed gives the same results",
     AT(seed)},
};

const struct option run_one_server_options[RUN_ONE_SERVER_OPTIONS] = {
    {.name = "maxmemory",
     .letter = 'm',
     .kind = OPTION_LIST,
     .argument = "SIZE",
     .add = add_size,
     .brief = "its maxmemory: 512mb, 2gb",
     .help = "its maxmemory: 512mb (1mb = 1024^2, 1m = 1000^2)",
     AT(maxmemory)},
    {.name = "policy",
     .alias = "maxmemory-policy",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .values = VALUES_POLICIES,
     .brief = "its maxmemory-policy: allkeys-lru, noeviction",
     .help = "its maxmemory-policy, or a policy that stands in for it: allkeys-lru, sieve (noeviction, or "
             "maxmemory-policy of --config)",
     AT(policies)},
    {.name = "server",
     .letter = 's',
     .kind = OPTION_LIST,
     .argument = "NAME",
     .initial = "redis-7.0.15",
     .words = line_words,
     .values = VALUES_SERVERS,
     .add = add_server,
     .brief = "which it is: redis-7.2, valkey (evsim servers)",
     .help = "which server it is, see evsim servers; redis, redis-8, valkey = the newest of these",
     AT(servers)},
};

static const struct option seeds_options[] = {
    {.name = "budget",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = 1000000,
     .help = "add up to N simulations, at sizes halfway between two of --maxmemory where a policy's hit ratio, or its "
             "share "
             "of refused writes, changes by more than one point, the steepest first; a size costs one for each server, "
             "policy and seed, and each round reads the trace again",
     AT(budget)},
    {.name = "seeds",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "auto",
     .zero = "auto",
     .least = 1,
     .most = 10000,
     .brief = "run N seeds, for 95 % intervals",
     .help = "run everything with N seeds; the table shows the mean and its 95 % confidence interval; auto: 1, with "
             "--what-if or --sample 5",
     AT(seeds)},
};

const struct option run_replay_options[RUN_REPLAY_OPTIONS] = {
    {.name = "on-miss",
     .kind = OPTION_CHOICE,
     .words = on_miss_words,
     .initial = "auto",
     .help = "fill: the application sends a SET after each missed read; none: it does not; auto: fill if the trace "
             "writes less than half as often as it reads",
     AT(on_miss)},
    {.name = "scenario",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .values = VALUES_FILES,
     .help = "events besides the trace, one on each line: evsim run --help says which",
     AT(scenario_path)},
    {.name = "baseline-memory",
     .kind = OPTION_SIZE,
     .argument = "BYTES",
     .initial = "0",
     .help = "used_memory in INFO before the first request; 0 = as measured on the server",
     AT(options.baseline_memory)},
    {.name = "clients-stay",
     .kind = OPTION_SWITCH,
     .help =
         "all connections of a capture stay open; without it, one is closed when packets show it, or behind its last "
         "command if it is silent from then on, while others connect",
     AT(options.clients_stay)},
    {.name = "info-every",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "0",
     .help = "a client sends INFO at the start, once in every TIME, and at the end; 0 = never",
     AT(options.info_every_us)},
    {.name = "speed",
     .kind = OPTION_LIST,
     .argument = "KIND=N[/s],...",
     .add = add_speed,
     .help = "how many keys a second the server can evict (deletions=N) and delete in its active expiry cycle "
             "(expirations=N), and how many elements of large values it frees (elements=N), as evsim speed measures "
             "them; by default "
             "all take no time, and no time limit strikes",
     AT(speed)},
    {.name = "interval",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "0",
     .help = "time between two points of the curves; 0 = a few hundred points in all",
     AT(options.interval_us)},
};

const struct option run_rss_options[RUN_RSS_OPTIONS] = {
    {.name = "rss",
     .kind = OPTION_SWITCH,
     .help =
         "also say what is in memory page by page: used_memory_rss, mem_fragmentation_ratio and allocator_active, of "
         "builds with jemalloc, without active defragmentation",
     AT(options.rss)},
};

const struct option run_flat_options[RUN_FLAT_OPTIONS] = {
    {.name = "unit-sizes",
     .kind = OPTION_SWITCH,
     .help = "with --server flat: every object weighs 1",
     AT(options.unit_sizes)},
    {.name = "weigh",
     .kind = OPTION_CHOICE,
     .words = weigh_words,
     .initial = "auto",
     .help = "with --server flat: an object weighs its value, or its key and its value; auto: its value, and with "
             "--compat libcachesim also its key if the trace says how long keys are",
     AT(weigh)},
    {.name = "compat",
     .kind = OPTION_CHOICE,
     .words = compat_words,
     .initial = "no",
     .help =
         "with --server flat: treat requests, sizes and parameters as libCacheSim does, so that its counts are equal",
     AT(compat)},
};

/* What evsim run also tells. */
static const struct option also_options[] = {
    {.name = "by",
     .kind = OPTION_TEXT,
     .argument = "RULE",
     .words = by_words,
     .brief = "also by group: prefix, client, ...",
     .help = "also tell groups of keys apart: prefix (up to the first separator), prefix:N, client, tenant, or a "
             "regular expression whose parentheses match the group's name",
     AT(by_text)},
    {.name = "separator",
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .initial = ":",
     .help = "what ends a prefix",
     AT(separator)},
    {.name = "miss-cost",
     .kind = OPTION_TEXT,
     .argument = "TIME|FILE",
     .values = VALUES_FILES,
     .help =
         "how long a missed read takes its application, as 5ms: also say what misses cost in all, and how many ask for "
         "one key at once, see below; or, with --by, a file that says so for each group",
     AT(miss_cost_text)},
    {.name = "warmup",
     .kind = OPTION_TEXT,
     .argument = "TIME|N%|'N requests'|auto",
     .initial = "0",
     .words = warmup_words,
     .help =
         "leave the trace's beginning out of all totals, not of curves and figures over time: a time as 30m; a part "
         "of the trace's time, or so many requests, which read the trace once more; auto: until the miss ratio has "
         "settled (MSER-5), which replays everything twice",
     AT(warmup_text)},
    {.name = "bounds",
     .kind = OPTION_SWITCH,
     .help = "with --server flat: print beside each block the most hits that any policy could have (PFOO-L)",
     AT(bounds)},
};

static const struct option work_options[] = {
    {.name = "explain",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "KEY|N|evictions",
     .words = explain_words,
     .help = "print the events of one cell instead of the table: those of a key (key:NAME if its name is a number), of "
             "the Nth request and its neighbours, or all evictions",
     AT(explain_text)},
    {.name = "timing",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "print on standard error how fast each cell was replayed",
     AT(timing)},
    {.name = "unit-cells",
     .kind = OPTION_NUMBER,
     .role = OPTION_OF_HOST,
     .argument = "N",
     .initial = "all",
     .zero = "all",
     .least = 1,
     .most = UINT32_MAX,
     .help = "replay so many cells at a time, each time reading the trace; with --output, those that have ended are "
             "kept, and the same command goes on behind them",
     AT(limits.cells)},
    {.name = "memory-limit",
     .kind = OPTION_SIZE,
     .role = OPTION_OF_HOST,
     .argument = "SIZE",
     .initial = "0",
     .help =
         "replay as many cells at a time as this host memory is forecast to hold; reads the trace once more, to count "
         "its keys; what a line, a frame or a header of it asks for beyond that is an error; 0: all, and what the "
         "machine has",
     AT(trace.memory_limit)},
};

const struct option_group run_option_groups[RUN_OPTION_GROUPS] = {
    {.heading = "What to try", OPTIONS_OF(run_maxmemory_options)},
    {OPTIONS_OF(run_grid_options)},
    {OPTIONS_OF(run_admission_options)},
    {OPTIONS_OF(run_server_options)},
    {OPTIONS_OF(seeds_options)},
    {OPTIONS_OF(sample_options), .offset = offsetof(struct run_request, sample)},
    {OPTIONS_OF(what_if_options), .offset = offsetof(struct run_request, what_if)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct run_request, trace)},
    {OPTIONS_OF(preload_options), .offset = offsetof(struct run_request, trace)},
    {.heading = "The replay", OPTIONS_OF(run_replay_options)},
    {OPTIONS_OF(run_rss_options)},
    {OPTIONS_OF(run_flat_options)},
    {OPTIONS_OF(also_options)},
    {OPTIONS_OF(shard_options), .offset = offsetof(struct run_request, clusters)},
    {OPTIONS_OF(shard_memory_options), .offset = offsetof(struct run_request, clusters)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct run_request, output)},
    {OPTIONS_OF(jobs_options), .offset = offsetof(struct run_request, jobs)},
    {OPTIONS_OF(work_options)},
    {.heading = "Redis's options, as in redis.conf",
     OPTIONS_OF(config_options),
     .offset = offsetof(struct run_request, redis)},
    {OPTIONS_OF(redis_request_options), .offset = offsetof(struct run_request, redis)},
};
/* ---- checking the options ---- */

static int add_policies(struct run_request *request, const char *where, struct error *error)
{
    request->policy.servers = request->server;
    request->policy.server_count = request->server_count;
    return choice_list_add(&request->policy, request->catalog, request->policies, request->scope, error)
               ? error_prefix(error, "%s: ", where)
               : 0;
}

static int settle_admission(struct run_request *request, struct error *error)
{
    if (!request->admission_text ||
        !admission_choose(&request->admission, request->catalog, request->admission_text, error))
        return 0;
    return error_prefix(error, "--admission: ");
}

/* Some options work only with caches of plain sizes. */
static int check_flat(const struct run_request *request, struct error *error)
{
    const char *option = request->options.unit_sizes    ? "--unit-sizes"
                         : request->bounds              ? "--bounds"
                         : request->options.libcachesim ? "--compat"
                         : request->weigh               ? "--weigh"
                                                        : NULL;

    for (size_t i = 0; option && i < request->server_count; i++)
        if (request->server[i]->profile)
            return error_set(error, ERROR_USAGE, "%s goes with --server flat: '%s' weighs its keys in bytes", option,
                             request->server[i]->name);
    if (request->options.libcachesim && request->on_miss == ON_MISS_NONE)
        return error_set(error, ERROR_USAGE, "--compat libcachesim fills every miss: not with --on-miss none");
    if (request->options.unit_sizes && request->weigh == WEIGH_KEY_AND_VALUE)
        return error_set(error, ERROR_USAGE, "with --unit-sizes every object weighs 1: not with --weigh key+value");
    if (request->bounds && request->scenario_path)
        return error_set(error, ERROR_USAGE, "--bounds are for a maxmemory that stays: not with --scenario");
    return 0;
}

/* Which pages are in memory is known of jemalloc only. */
static int check_rss(const struct run_request *request, struct error *error)
{
    if (!request->options.rss)
        return 0;
    for (size_t i = 0; i < request->server_count; i++)
        if (!request->server[i]->profile)
            return error_set(error, ERROR_USAGE,
                             "--rss goes with servers that have pages: '%s' has plain sizes; choose another --server",
                             request->server[i]->name);
    if (request->options.allocator && !allocator_has_slabs(allocator_find(request->options.allocator)))
        return error_set(error, ERROR_USAGE,
                         "--rss is modeled for jemalloc: not with --allocator %s, whose pages are not known",
                         request->options.allocator);
    return 0;
}

static int check_config(const struct run_request *request, struct error *error)
{
    for (size_t i = 0; i < request->server_count; i++) {
        const struct server *server = request->server[i];

        if (server->model->check_config && server->model->check_config(server, &request->options.redis, error))
            return error_prefix(error, "%s does not start: ", server->name);
    }
    return 0;
}

/* Options of the command line override those of the configuration file. */
static int settle_options(struct run_request *request, const struct option_set *set, struct error *error)
{
    const char *policies_from = "--policy";

    if (redis_request_settle(&request->redis, request->trace.memory_limit, error))
        return -1;
    request->options.redis = request->redis.in_force;
    request->options.libcachesim = request->policy.libcachesim = request->compat == COMPAT_LIBCACHESIM;
    if (!request->maxmemory && !request->finds_sizes)
        request->maxmemory = request->redis.file.maxmemory;
    if (!request->maxmemory && !request->finds_sizes)
        return error_set(error, ERROR_USAGE,
                         "--maxmemory is missing: how much memory may the server "
                         "use? as in --maxmemory 512mb,1gb");
    if (!request->policies && request->redis.file.maxmemory_policy) {
        request->policies = request->redis.file.maxmemory_policy;
        policies_from = request->redis.file.policy_place;
    }
    if (!request->policies)
        request->policies = request->default_policies ? request->default_policies : "all";
    if (options_fill_lists(set, error) || add_policies(request, policies_from, error) ||
        settle_admission(request, error))
        return -1;
    return check_config(request, error) || check_flat(request, error) || check_rss(request, error) ? -1 : 0;
}

static int settle_scenario(struct run_request *request, struct error *error)
{
    struct scenario_language language = {
        .policies = request->catalog->policies,
        .policy_count = request->catalog->policy_count,
        .command = request->catalog->parse_command,
        .memory_limit = request->trace.memory_limit,
    };

    if (!request->scenario_path)
        return 0;
    request->scenario = scenario_read(request->scenario_path, &language, error);
    return request->scenario ? 0 : -1;
}

/* --explain takes a single cell. Appends to the message that there are `count` of this option. */
static void demand_one(char *text, size_t bytes, const char *option, size_t count)
{
    size_t used = strlen(text);

    if (count > 1)
        snprintf(text + used, bytes - used, "%sone %s of %zu", used ? ", " : "", option, count);
}

static int settle_explain(struct run_request *request, struct error *error)
{
    char text[256] = "";

    if (!request->explain_text)
        return 0;
    if (explain_choose(request->explain_text, &request->explain, error))
        return -1;
    demand_one(text, sizeof text, "--server", request->server_count);
    demand_one(text, sizeof text, "--maxmemory", request->size_count + request->share_count);
    demand_one(text, sizeof text, "--policy", request->policy.count);
    demand_one(text, sizeof text, "seed (--seeds)", request->seeds);
    if (*text)
        return error_set(error, ERROR_USAGE, "--explain is about one cell: choose %s", text);
    if (request->output.directory || request->bounds)
        return error_set(error, ERROR_USAGE, "--explain prints what happens instead of results: not with %s",
                         request->bounds ? "--bounds" : "--output");
    return 0;
}

static int settle_groups(struct run_request *request, struct error *error)
{
    if (request->separator && !*request->separator)
        return error_set(error, ERROR_USAGE, "--separator '' separates nothing: give a text, as ':'");
    if (request->by_text && !(request->by = group_rule_parse(request->by_text, request->separator, error)))
        return -1;
    if (request->miss_cost_text && miss_costs_parse(&request->miss_costs, request->miss_cost_text, request->by != NULL,
                                                    request->trace.memory_limit, &request->options.miss_cost_us, error))
        return -1;
    if (miss_costs_least(&request->miss_costs))
        request->options.miss_costs = &request->miss_costs;
    return 0;
}

/* What is counted beside the cells knows no warm-up. */
static int settle_warmup(struct run_request *request, struct error *error)
{
    const char *other = request->bounds ? "--bounds" : request->explain_text ? "--explain" : NULL;

    if (!request->warmup_text)
        return 0;
    if (warmup_wish_parse(&request->warmup, request->warmup_text, error))
        return error_prefix(error, "--warmup: ");
    if (other && (request->warmup.kind != WARMUP_TIME || request->warmup.time_us))
        return error_set(error, ERROR_USAGE, "--warmup leaves something out of the totals of cells: not with %s",
                         other);
    return 0;
}

int run_request_check_sizes(const struct run_request *request, struct error *error)
{
    for (size_t i = 0; request->scenario && i < request->scenario->count; i++)
        for (size_t j = 0; j < request->scenario->events[i].setting_count; j++)
            if (!request->scenario->events[i].settings[j].option && !request->scenario->events[i].settings[j].policy)
                return error_set(error, ERROR_USAGE, "%s:%d: it sets maxmemory, which is %s: leave the line out",
                                 request->scenario_path, request->scenario->events[i].line,
                                 request->answers == OUTCOME_MRC ? "what curves are over" : "looked for");
    return 0;
}

static int settle_shards(struct run_request *request, struct error *error)
{
    struct named_policy policies[CHOICES];
    const char *option = request->bounds ? "--bounds" : request->explain_text ? "--explain" : NULL;

    return shard_request_settle(&request->clusters, option, policies, choice_list_name(&request->policy, policies),
                                request->trace.memory_limit, error);
}

/* What cannot be told from a part of the keys, or is not yet. */
static const char *told_of_all_keys(const struct run_request *request)
{
    return request->clusters.table_count               ? "--shards"
           : request->options.redis.cluster_enabled    ? "--cluster-enabled"
           : request->what_if.count                    ? "--what-if"
           : request->explain_text                     ? "--explain"
           : request->bounds                           ? "--bounds"
           : request->budget                           ? "--budget"
           : request->compat                           ? "--compat"
           : request->scenario_path                    ? "--scenario"
           : request->by_text                          ? "--by"
           : request->miss_cost_text                   ? "--miss-cost"
           : request->options.rss                      ? "--rss"
           : request->speed                            ? "--speed"
           : request->trace.preload                    ? "--preload"
           : forecast_is_any(&request->trace.forecast) ? "--grow"
           : request->warmup.kind == WARMUP_AUTO       ? "--warmup auto"
           : request->share_count                      ? "--maxmemory as a share"
                                                       : NULL;
}

static int settle_sample(struct run_request *request, struct error *error)
{
    return sample_request_settle(&request->sample, told_of_all_keys(request), request->seeds, error);
}

int run_request_settle(struct run_request *request, const struct option_set *set, struct error *error)
{
    if (settle_options(request, set, error) || settle_groups(request, error) || settle_scenario(request, error) ||
        settle_explain(request, error) || settle_shards(request, error) || settle_warmup(request, error) ||
        settle_sample(request, error))
        return -1;
    request->limits.bytes = request->trace.memory_limit;
    return results_check(request->catalog, &request->output,
                         request->what_if.count ? OUTCOME_COMPARISON : request->answers, error);
}

struct replay_plan run_request_plan(const struct run_request *request)
{
    return (struct replay_plan){
        .trace = request->trace,
        .choose_format = request->catalog->choose_format,
        .options = request->options,
        .on_miss = request->on_miss,
        .weigh = request->weigh,
        .sharding = shard_request_plan(&request->clusters),
        .by = request->by,
        .scenario = request->scenario,
        .workers = jobs_workers(&request->jobs),
    };
}

void run_request_release(struct run_request *request)
{
    redis_request_release(&request->redis);
    what_if_release(&request->what_if);
    group_rule_free(request->by);
    miss_costs_release(&request->miss_costs);
    free(request->replay_seconds);
    for (size_t i = 0; i < request->whole_size_count; i++)
        fields_release(&whole_size_layout, &request->whole_sizes[i]);
    free(request->whole_sizes);
    shard_request_release(&request->clusters);
    scenario_free(request->scenario);
    choice_list_release(&request->policy);
}
