/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/inspect.h"

#include "sim/alloc.h"
#include "sim/inspect/accesses.h"
#include "sim/inspect/memory.h"
#include "sim/inspect/verdict.h"
#include "sim/input/groups.h"
#include "sim/warnings.h"

#include <stdlib.h>

/* What a reading fills. */
struct look {
    struct accesses accesses;
    struct portrait *portrait;
    struct memory_count **memory; /* by cell; owned, as are the next two */
    struct key_visitor *visitors;
    struct simulation_options *options;
};

static void watch(void *owner, const struct batch *batch)
{
    accesses_see(&((struct look *)owner)->accesses, batch);
}

/* Names are known as long as the trace is open. */
static void name_hottest(void *owner, const struct reader *reader)
{
    struct look *look = owner;
    struct portrait *portrait = look->portrait;
    uint32_t hottest[PORTRAIT_LARGEST];
    size_t count = accesses_hottest(&look->accesses, hottest, PORTRAIT_LARGEST);

    portrait->hottest = xcalloc(count + 1, sizeof *portrait->hottest);
    for (size_t i = 0; i < count; i++) {
        struct hot_key *key = &portrait->hottest[portrait->hottest_count++];
        size_t bytes;
        const char *name = reader_key_name(reader, hottest[i], &bytes, &key->db);

        key->name = xcalloc(bytes + 1, 1);
        for (size_t k = 0; k < bytes; k++)
            key->name[k] = name[k] ? name[k] : '?';
        key->requests = look->accesses.uses[hottest[i]].requests;
    }
}

static void tell(struct look *look)
{
    struct portrait *portrait = look->portrait;
    struct run *run = &portrait->run;

    warnings_find(run);
    portrait->warnings = run->warnings;
    portrait->warning_count = run->warning_count;
    run->warnings = NULL;
    run->warning_count = 0;
    portrait->requests = run->commands;
    portrait->keys = run->key_count;
    portrait->duration_us = run->duration_us;
    portrait->is_untimed = intake_is_untimed(&run->intake, run->commands);
    accesses_tell(&look->accesses, portrait);
    portrait->servers = xcalloc(run->result_count, sizeof *portrait->servers);
    for (size_t i = 0; i < run->result_count; i++)
        portrait->servers[portrait->server_count++] = memory_count_found(look->memory[i], &run->results[i]);
    portrait->verdict = inspect_verdict(portrait);
}

static struct cell_config *cells_of(const struct inspect_request *request, struct look *look)
{
    struct cell_config *cells = xcalloc(request->server_count, sizeof *cells);

    look->memory = xcalloc(request->server_count, sizeof(struct memory_count *));
    look->visitors = xcalloc(request->server_count, sizeof *look->visitors);
    look->options = xcalloc(request->server_count, sizeof *look->options);
    for (size_t i = 0; i < request->server_count; i++) {
        look->memory[i] = memory_count_new(&look->accesses);
        look->visitors[i] = (struct key_visitor){.visit = memory_count_visit, .owner = look->memory[i]};
        look->options[i] = request->plan.options;
        look->options[i].visitor = &look->visitors[i];
        cells[i] = (struct cell_config){.server = request->servers[i],
                                        .policy = request->noeviction,
                                        .seed = request->seed,
                                        .options = &look->options[i]};
    }
    return cells;
}

static void release(struct look *look, size_t cells)
{
    for (size_t i = 0; i < cells; i++)
        memory_count_free(look->memory[i]);
    free(look->memory);
    free(look->visitors);
    free(look->options);
    accesses_release(&look->accesses);
}

int inspect_make(const struct inspect_request *request, struct portrait *portrait, struct error *error)
{
    struct look look = {.portrait = portrait};
    struct cell_config *cells = cells_of(request, &look);
    struct replay_plan plan = request->plan;
    int status = -1;

    accesses_init(&look.accesses, &portrait->run.start_unix_us);
    plan.cells = cells;
    plan.cell_count = request->server_count;
    plan.keeps_names = true;
    plan.by = group_rule_parse("prefix", request->separator, error);
    plan.watch = watch;
    plan.watch_owner = &look;
    plan.ended = name_hottest;
    plan.ended_owner = &look;
    portrait->run.seed_count = 1;
    if (plan.by)
        status = replay_run(&plan, &portrait->run, error);
    if (!status)
        tell(&look);
    group_rule_free((struct group_rule *)plan.by);
    release(&look, request->server_count);
    free(cells);
    return status;
}
