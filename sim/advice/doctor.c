/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/doctor.h"

#include "sim/advice/causes.h"
#include "sim/advice/enough.h"
#include "sim/advice/first_answer.h"
#include "sim/advice/growth.h"
#include "sim/advice/key_sample.h"
#include "sim/advice/large_keys.h"
#include "sim/advice/phrase.h"
#include "sim/advice/rank.h"
#include "sim/advice/remedies.h"
#include "sim/advice/trials.h"
#include "sim/advice/ttl_advisor.h"
#include "sim/advice/verdict.h"
#include "sim/alloc.h"
#include "sim/census.h"
#include "sim/input/groups.h"
#include "sim/shard_skew.h"
#include "sim/units.h"
#include "sim/warnings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_READS_AT_LEAST = 20 };                              /* to tell a cache from a store by them */
enum { MANY_COMMANDS = 1000000, VERY_MANY_COMMANDS = 10000000 }; /* of which fewer simulations are made */

struct doctor {
    const struct doctor_request *request;
    struct diagnosis *diagnosis;
    struct replay_plan plan; /* the role's */
    struct run cluster;      /* a reading before that: all shards; empty: it is one server */
    struct run run;          /* the first reading: as it is, and without a limit */
    struct census census, unlimited_census;
    struct ttl_curves ttls; /* of the latter */
    struct group_rule *by_prefix;
    struct key_sample sample;
    int sample_status; /* of what it was asked while the trace was read */
    struct error sample_error;
    struct error *error;
};

/* ---- the first reading ---- */

static struct cell_config cell_of(const struct doctor_request *request, uint64_t maxmemory,
                                  const struct simulation_options *options)
{
    return (struct cell_config){
        .server = request->server,
        .policy = request->policy.policy,
        .parameters = request->policy.parameters,
        .policy_label = request->policy.label,
        .policy_path = request->policy.path,
        .maxmemory = maxmemory,
        .seed = request->first_seed,
        .options = options,
    };
}

static void see(void *owner, const struct batch *batch)
{
    struct doctor *doctor = owner;

    key_sample_see(&doctor->sample, batch);
    if (key_sample_is_due(&doctor->sample))
        doctor->sample_status =
            first_answer_so_far(doctor->request, &doctor->sample, &doctor->run, &doctor->sample_error);
}

static int read_first(struct doctor *doctor)
{
    struct simulation_options options[2] = {doctor->plan.options, doctor->plan.options};
    const struct cell_config cells[2] = {cell_of(doctor->request, doctor->request->maxmemory, &options[0]),
                                         cell_of(doctor->request, 0, &options[1])};

    options[0].census = &doctor->census;
    options[1].census = &doctor->unlimited_census;
    doctor->unlimited_census.ttls = &doctor->ttls;
    doctor->plan.cells = cells;
    doctor->plan.cell_count = 2;
    doctor->plan.by = doctor->by_prefix;
    doctor->plan.keeps_names = true;
    doctor->plan.watch = doctor->request->tell_first ? see : NULL;
    doctor->plan.watch_owner = doctor;
    if (replay_run(&doctor->plan, &doctor->run, doctor->error))
        return -1;
    if (doctor->sample_status) {
        *doctor->error = doctor->sample_error;
        return -1;
    }
    doctor->plan.by = NULL;
    doctor->plan.keeps_names = false;
    doctor->plan.watch = NULL;
    warnings_find(&doctor->run);
    doctor->plan.cells = NULL;
    doctor->plan.cell_count = 0;
    return 0;
}

/* ---- clusters ---- */

/* The shard that refuses first; where none does, the one that is worst off. */
static uint32_t shard_to_look_at(const struct result *cluster)
{
    uint32_t found = shard_worst(cluster);

    for (uint32_t i = 0; i < cluster->shard_count; i++) {
        int64_t first_us = cluster->shards[i].first_refusal_us, least_us = cluster->shards[found].first_refusal_us;

        if (first_us >= 0 && (least_us < 0 || first_us < least_us))
            found = i;
    }
    return found;
}

/* Replays all shards, and chooses the one that the rest is about. */
static int read_cluster(struct doctor *doctor)
{
    const struct cell_config cell = cell_of(doctor->request, doctor->request->maxmemory, NULL);
    uint32_t shard;

    if (!doctor->plan.sharding.table_count)
        return 0;
    doctor->plan.cells = &cell;
    doctor->plan.cell_count = 1;
    if (replay_run(&doctor->plan, &doctor->cluster, doctor->error))
        return -1;
    shard = shard_to_look_at(&doctor->cluster.results[0]);
    doctor->plan.sharding.only = shard + 1;
    doctor->diagnosis->cluster = xstrdup(doctor->cluster.results[0].cluster);
    doctor->diagnosis->shard = xstrdup(doctor->cluster.results[0].shards[shard].name);
    return 0;
}

/* ---- a cache or a store ---- */

static void tell_role(struct doctor *doctor)
{
    struct diagnosis *diagnosis = doctor->diagnosis;
    const struct census *census = &doctor->census;
    double refilled =
        census->refills.first_reads ? (double)census->refills.refilled / (double)census->refills.first_reads : 0;
    struct told reason = {0};
    bool is_cache = false;

    diagnosis->first_reads = census->refills.first_reads;
    diagnosis->refilled = census->refills.refilled;
    if (doctor->request->role != ROLE_AUTO) {
        is_cache = doctor->request->role == ROLE_CACHE;
        tell(&reason, "--role says so");
    } else if (census->refills.first_reads >= FIRST_READS_AT_LEAST && refilled >= 0.5) {
        is_cache = true;
        tell(&reason,
             "of %N keys that were read before they were written, %P %% were written within %N s; if what is evicted "
             "cannot be had again, say --role store",
             "first_reads", (double)census->refills.first_reads, "refilled_share", refilled, "refill_s",
             (double)REFILL_US / 1e6);
    } else if (!strcmp(doctor->run.on_miss, "fill")) {
        is_cache = true;
        tell(&reason, "the application is taken to write what it misses: see --on-miss");
    } else if (census->refills.first_reads >= FIRST_READS_AT_LEAST && !census->refills.refilled) {
        tell(&reason, "of %N keys that were read before they were written, none was written within %N s", "first_reads",
             (double)census->refills.first_reads, "refill_s", (double)REFILL_US / 1e6);
    } else if (census->refills.first_reads >= FIRST_READS_AT_LEAST) {
        tell(&reason, "of %N keys that were read before they were written, only %P %% were written within %N s",
             "first_reads", (double)census->refills.first_reads, "refilled_share", refilled, "refill_s",
             (double)REFILL_US / 1e6);
    } else {
        tell(&reason, "the trace has too few misses to tell; a store is the careful guess, --role cache overrides it");
    }
    told_take(&reason, &diagnosis->role_reason, &diagnosis->role_facts, &diagnosis->role_fact_count);
    diagnosis->role = xstrdup(is_cache ? "cache" : "store");
}

/* ---- what was counted ---- */

static void tell_counts(struct diagnosis *diagnosis, const struct counters *counters)
{
    diagnosis->writes = counters->writes;
    diagnosis->refused_writes = counters->oom_rejections;
    diagnosis->evicted = counters->evicted_keys;
    diagnosis->missed_evicted = counters->misses_evicted;
    diagnosis->missed_evicted_share = counters->reads ? (double)counters->misses_evicted / (double)counters->reads : 0;
    diagnosis->used_memory_peak = counters->used_memory_peak;
    diagnosis->used_memory_peak_share = (double)counters->used_memory_peak / (double)diagnosis->maxmemory;
    diagnosis->confidence = 0.95;
}

static void tell_excess(struct doctor *doctor)
{
    struct diagnosis *diagnosis = doctor->diagnosis;

    for (int way = 0; way < CENSUS_WAYS; way++)
        if (diagnosis->excess <= doctor->census.excess[way].bytes) {
            diagnosis->excess = doctor->census.excess[way].bytes;
            diagnosis->excess_us = doctor->census.excess[way].time_us;
        }
}

/* ---- growth ---- */

static void add_outlook(struct diagnosis *diagnosis, double factor)
{
    const struct growth *growth = &diagnosis->growth;
    struct outlook *outlook = &diagnosis->outlooks[diagnosis->outlook_count++];
    double room;

    *outlook = (struct outlook){.factor = factor, .maxmemory = (uint64_t)((double)diagnosis->maxmemory * factor)};
    outlook->full_in_trace = diagnosis->unlimited_peak > outlook->maxmemory;
    room = (double)outlook->maxmemory - (double)diagnosis->unlimited_end;
    if (outlook->full_in_trace)
        return;
    outlook->hours = growth_hours(room, growth->bytes_per_hour);
    outlook->soonest = growth_hours(room, growth->high);
    outlook->latest = growth_hours(room, growth->low);
}

static void tell_growth(struct doctor *doctor)
{
    static const double factors[] = {1, 1.5, 2, 4};
    struct diagnosis *diagnosis = doctor->diagnosis;
    const struct result *unlimited = &doctor->run.results[1];

    diagnosis->growth = diagnosis->is_untimed
                            ? (struct growth){.bytes_per_hour = NAN, .low = NAN, .high = NAN, .keys_per_hour = NAN}
                            : growth_of(&unlimited->curve);
    diagnosis->unlimited_hit_ratio = result_hit_ratio(unlimited);
    diagnosis->unlimited_peak = unlimited->counters.used_memory_peak;
    diagnosis->unlimited_end = unlimited->counters.used_memory;
    diagnosis->outlooks = xcalloc(sizeof factors / sizeof *factors, sizeof *diagnosis->outlooks);
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        add_outlook(diagnosis, factors[i]);
}

/* ---- all of it ---- */

static uint64_t seeds_for(uint64_t commands)
{
    return commands <= MANY_COMMANDS ? 5 : commands <= VERY_MANY_COMMANDS ? 3 : 2;
}

static void take_run(struct doctor *doctor)
{
    struct diagnosis *diagnosis = doctor->diagnosis;

    diagnosis->warnings = doctor->run.warnings;
    diagnosis->warning_count = doctor->run.warning_count;
    doctor->run.warnings = NULL;
    doctor->run.warning_count = 0;
    result_release(&doctor->run.results[1]);
    doctor->run.result_count = 1;
    doctor->run.version = diagnosis->run.version;
    doctor->run.command = diagnosis->run.command;
    diagnosis->run = doctor->run;
    doctor->run = (struct run){0};
}

/* How the server stood when it first refused a write, else when it first evicted a key; NULL: it did neither. */
static const struct census_look *onset_of(const struct doctor *doctor)
{
    const struct census *census = &doctor->census;

    return census->refusal.sample.used_memory    ? &census->refusal
           : census->eviction.sample.used_memory ? &census->eviction
                                                 : NULL;
}

static void find_causes(struct doctor *doctor)
{
    const struct census *census = &doctor->census;
    struct findings findings = {
        .diagnosis = doctor->diagnosis,
        .policy = &doctor->request->policy,
        .now = &doctor->run.results[0],
        .unlimited = &doctor->run.results[1],
        .cluster = doctor->cluster.result_count ? &doctor->cluster.results[0] : NULL,
        .census = census,
        .unlimited_census = &doctor->unlimited_census,
        .onset = onset_of(doctor),
        .refuses = census->refusal.sample.used_memory > 0,
        .is_cache = !strcmp(doctor->diagnosis->role, "cache"),
    };

    causes_find(&findings);
}

static int try_remedies(struct doctor *doctor, const struct doctor_request *trials, uint64_t seeds)
{
    struct remedies remedies = {0};
    const struct remedies_from from = {.request = doctor->request,
                                       .first = &doctor->run,
                                       .onset = onset_of(doctor),
                                       .diagnosis = doctor->diagnosis,
                                       .is_long = doctor->run.commands > MANY_COMMANDS};
    int status;

    if (seeds)
        remedies_choose(&remedies, &from);
    status = trials_make(trials, &remedies, &doctor->run, seeds, doctor->diagnosis, doctor->error);
    remedies_release(&remedies);
    return status;
}

static int make(struct doctor *doctor)
{
    const struct doctor_request *request = doctor->request;
    struct diagnosis *diagnosis = doctor->diagnosis;
    struct doctor_request trials = *request;
    struct counters counters;
    bool is_ill;
    uint64_t seeds = request->seeds;

    if (read_cluster(doctor) || read_first(doctor) ||
        first_answer_tell(request, &doctor->sample, &doctor->run, doctor->error))
        return -1;
    key_sample_release(&doctor->sample);
    counters = doctor->run.results[0].counters;
    is_ill = counters.oom_rejections || counters.evicted_keys;
    diagnosis->server = xstrdup(request->server->name);
    diagnosis->policy = xstrdup(request->policy.label ? request->policy.label : request->policy.policy->name);
    diagnosis->maxmemory = request->maxmemory;
    diagnosis->first_refusal = doctor->census.refusal.sample;
    diagnosis->first_eviction = doctor->census.eviction.sample;
    tell_counts(diagnosis, &counters);
    tell_excess(doctor);
    tell_role(doctor);
    diagnosis->is_untimed = intake_is_untimed(&doctor->run.intake, doctor->run.commands);
    tell_growth(doctor);
    if (!diagnosis->is_untimed)
        ttl_advisor_advise(diagnosis, &doctor->ttls, request->separator, doctor->run.duration_us);
    if (!seeds)
        seeds = seeds_for(doctor->run.commands);
    diagnosis->seeds = seeds;
    trials.plan = doctor->plan;
    large_keys_tell(onset_of(doctor) ? onset_of(doctor) : &doctor->census.end, diagnosis);
    if (try_remedies(doctor, &trials, is_ill ? seeds : 0))
        return -1;
    if (counters.oom_rejections &&
        enough_find(&trials, seeds, doctor->run.commands > MANY_COMMANDS, diagnosis, doctor->error))
        return -1;
    trials_rank(diagnosis);
    find_causes(doctor);
    take_run(doctor);
    verdict_tell(diagnosis, &counters);
    return 0;
}

int doctor_make(const struct doctor_request *request, struct diagnosis *diagnosis, struct error *error)
{
    struct doctor doctor = {.request = request, .diagnosis = diagnosis, .plan = request->plan, .error = error};
    int status;

    if (!trace_is_rereadable(request->plan.trace.path))
        return error_set(error, ERROR_USAGE, "the trace is read several times: give a file");
    doctor.by_prefix = group_rule_parse("prefix", request->separator, error);
    ttl_curves_init(&doctor.ttls, GROUPS_MOST);
    key_sample_open(&doctor.sample);
    if (request->role == ROLE_STORE && doctor.plan.on_miss == ON_MISS_AUTO)
        doctor.plan.on_miss = ON_MISS_NONE;
    status = make(&doctor);
    run_release(&doctor.run);
    run_release(&doctor.cluster);
    census_release(&doctor.census);
    census_release(&doctor.unlimited_census);
    ttl_curves_release(&doctor.ttls);
    key_sample_release(&doctor.sample);
    group_rule_free(doctor.by_prefix);
    return status;
}
