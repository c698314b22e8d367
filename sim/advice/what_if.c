/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/what_if.h"

#include "sim/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the cells of one change take of it. */
struct changed {
    struct simulation_options options;
    struct change_rules rules;
};

static void free_changed(struct changed *changed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        change_rules_release(&changed[i].rules);
    free(changed);
}

static struct changed *changed_of(const struct what_if *what_if, const struct replay_plan *plan)
{
    struct changed *changed = xcalloc(what_if->count + 1, sizeof *changed);

    for (size_t i = 0; i < what_if->count; i++)
        changed[i].options = plan->options;
    return changed;
}

/* The cell with the change, whose options are then complete. */
static struct cell_config changed_cell(const struct what_if *what_if, size_t i, const struct cell_config *cell,
                                       struct changed *changed)
{
    struct cell_config other = *cell;

    change_apply(&what_if->list[i], &other, &changed[i].options, &changed[i].rules);
    return other;
}

/* ---- what cannot be ---- */

static int check_cell(const struct replay_plan *plan, const struct cell_config *cell, const struct cell_config *changed,
                      struct error *error)
{
    const struct server *server = changed->server;

    if (plan->sharding.table_count && changed->policy->offline)
        return error_set(error, ERROR_USAGE, "%s knows the future of the whole trace, not of a shard",
                         changed->policy->name);
    if (!server->profile != !cell->server->profile)
        return error_set(error, ERROR_USAGE, "%s has plain sizes, %s weighs its keys in bytes: they cannot be compared",
                         server->profile ? cell->server->name : server->name,
                         server->profile ? server->name : cell->server->name);
    if (!plan->sharding.table_count && changed->options->redis.cluster_enabled != plan->options.redis.cluster_enabled)
        return error_set(error, ERROR_USAGE,
                         "cluster-enabled decides which commands are sent at all: run once with and once without, and "
                         "compare the two by evsim diff");
    if (changed->options->trim_rules.count && !server->profile)
        return error_set(error, ERROR_USAGE, "%s keeps no lists, sorted sets or streams: there is nothing to trim",
                         server->name);
    if (changed->options->libcachesim && changed->options->ttl_rules.count)
        return error_set(error, ERROR_USAGE, "with --compat libcachesim no key has a ttl");
    if (server->model->check_config && server->model->check_config(server, &changed->options->redis, error))
        return error_prefix(error, "%s does not start: ", server->name);
    return 0;
}

int what_if_check(const struct what_if *what_if, const struct replay_plan *plan, struct error *error)
{
    struct changed *changed = changed_of(what_if, plan);
    int status = 0;

    for (size_t i = 0; i < what_if->count && !status; i++)
        for (size_t c = 0; c < plan->cell_count && !status; c++) {
            struct cell_config other = changed_cell(what_if, i, &plan->cells[c], changed);

            status = check_cell(plan, &plan->cells[c], &other, error);
            if (status) {
                char *name = change_print(&what_if->list[i]);

                error_prefix(error, "--what-if '%s': ", name);
                free(name);
            }
        }
    free_changed(changed, what_if->count);
    return status;
}

/* ---- the replay ---- */

/* A replay has the cells of all changes with the first table of slots, then with the second; here all tables of one change are
 * together. */
static void put_changes_together(struct run *run, size_t cells, size_t changes)
{
    size_t tables = run->result_count / (cells * changes);
    struct result *results = xcalloc(run->result_count + 1, sizeof *results);

    for (size_t table = 0; table < tables; table++)
        for (size_t change = 0; change < changes; change++)
            memcpy(&results[(change * tables + table) * cells], &run->results[(table * changes + change) * cells],
                   cells * sizeof *results);
    free(run->results);
    run->results = results;
}

/* The plan with the changed cells behind its own. */
struct changed_plan {
    struct replay_plan plan;
    struct cell_config *cells;
    struct changed *changed;
};

static struct changed_plan plan_with_changes(const struct what_if *what_if, const struct replay_plan *plan)
{
    size_t count = plan->cell_count;
    struct changed_plan all = {
        .plan = *plan,
        .cells = xcalloc(count * (1 + what_if->count), sizeof *all.cells),
        .changed = changed_of(what_if, plan),
    };

    memcpy(all.cells, plan->cells, count * sizeof *all.cells);
    for (size_t i = 0; i < what_if->count; i++)
        for (size_t c = 0; c < count; c++)
            all.cells[(1 + i) * count + c] = changed_cell(what_if, i, &plan->cells[c], all.changed);
    all.plan.cells = all.cells;
    all.plan.cell_count = count * (1 + what_if->count);
    all.plan.ttl_patterns = what_if->patterns->list;
    all.plan.ttl_pattern_count = what_if->patterns->count;
    all.plan.replay_seconds = NULL;
    return all;
}

static void release_changes(const struct what_if *what_if, struct changed_plan *all)
{
    free(all->cells);
    free_changed(all->changed, what_if->count);
}

int what_if_settle_warmup(const struct what_if *what_if, struct replay_plan *plan, const struct warmup_wish *warmup,
                          bool *missed, struct error *error)
{
    struct changed_plan all = plan_with_changes(what_if, plan);
    int status = warmup_wish_settle(warmup, &all.plan, missed, error);

    plan->options.warmup_us = all.plan.options.warmup_us;
    release_changes(what_if, &all);
    return status;
}

int what_if_replay(const struct what_if *what_if, const struct replay_plan *plan, const struct warmup_wish *warmup,
                   struct run *run, struct error *error)
{
    struct changed_plan all = plan_with_changes(what_if, plan);
    int status = warmup_wish_settle(warmup, &all.plan, &run->warmup_missed, error) || replay_run(&all.plan, run, error);

    if (!status)
        put_changes_together(run, plan->cell_count, 1 + what_if->count);
    release_changes(what_if, &all);
    return status ? -1 : 0;
}

/* ---- what is different ---- */

/* The pairs of one change: each cell with the one that was made of it, seed by seed. */
static struct pairs pairs_of(const struct result *results, const struct result *changed, size_t count, uint64_t seeds)
{
    struct pairs pairs = {.list = xcalloc(count / seeds + 1, sizeof *pairs.list)};

    for (size_t c = 0; c < count; c += seeds) {
        struct pair *pair = &pairs.list[pairs.count++];

        pair->seeds = seeds;
        pair->a = xcalloc(seeds, sizeof *pair->a);
        pair->b = xcalloc(seeds, sizeof *pair->b);
        for (size_t s = 0; s < seeds; s++) {
            pair->a[s] = &results[c + s];
            pair->b[s] = &changed[c + s];
        }
    }
    return pairs;
}

/* What is left of a change beyond the sum of its parts, which are the changes behind it. */
static struct variant interaction_of(const struct what_if *what_if, const struct run *run, size_t change)
{
    size_t count = run->result_count / (1 + what_if->count), parts = what_if->parts[change];
    struct pairs pairs = pairs_of(run->results, run->results + (1 + change) * count, count, what_if->seeds);
    char *of = change_print(&what_if->list[change]), name[256];
    struct variant variant;

    for (size_t p = 0; p < pairs.count; p++) {
        struct pair *pair = &pairs.list[p];

        pair->part_count = parts;
        pair->parts = xcalloc(parts * pair->seeds, sizeof *pair->parts);
        for (size_t part = 0; part < parts; part++)
            for (size_t s = 0; s < pair->seeds; s++)
                pair->parts[part * pair->seeds + s] =
                    &run->results[(2 + change + part) * count + p * what_if->seeds + s];
    }
    snprintf(name, sizeof name, "interaction within %s", of);
    variant = variant_of(&pairs, name, "");
    pairs_release(&pairs);
    free(of);
    return variant;
}

void what_if_compare(const struct what_if *what_if, const struct run *run, struct comparison *comparison)
{
    size_t count = run->result_count / (1 + what_if->count), parts_end = 0, whole = 0;

    comparison->is_what_if = true;
    comparison->name = xstrdup("as it is");
    comparison->variants = xcalloc(2 * what_if->count + 1, sizeof *comparison->variants);
    for (size_t i = 0; i < what_if->count; i++) {
        struct pairs pairs = pairs_of(run->results, run->results + (1 + i) * count, count, what_if->seeds);
        char *name = change_print(&what_if->list[i]), *command = change_command(&what_if->list[i]);

        comparison->variants[comparison->variant_count++] = variant_of(&pairs, name, command);
        pairs_release(&pairs);
        free(name);
        free(command);
        if (what_if->parts && what_if->parts[i] > 1) {
            whole = i;
            parts_end = i + what_if->parts[i];
        }
        if (parts_end && i == parts_end)
            comparison->variants[comparison->variant_count++] = interaction_of(what_if, run, whole);
    }
}
