/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/accesses.h"

#include "sim/alloc.h"
#include "sim/inspect/popularity.h"
#include "sim/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PREFETCH_ROWS = 16, RATE_POINTS = 600, SIZE_POINTS = 500, WINDOW_POINTS = 500 };
static const int64_t window_lengths_us[ACCESS_WINDOWS] = {60000000, 3600000000, 86400000000};

void accesses_init(struct accesses *accesses, const int64_t *start_unix_us)
{
    *accesses = (struct accesses){.start_unix_us = start_unix_us};
    for (size_t i = 0; i < ACCESS_WINDOWS; i++)
        accesses->windows[i].window_us = window_lengths_us[i];
}

void accesses_release(struct accesses *accesses)
{
    free(accesses->uses);
    distribution_release(&accesses->value_sizes);
    distribution_release(&accesses->write_ttls);
    distribution_release(&accesses->read_ttls);
    distribution_release(&accesses->reuse);
    rate_counts_release(&accesses->rate);
    for (size_t i = 0; i < ACCESS_WINDOWS; i++)
        windows_release(&accesses->windows[i]);
    reuse_map_release(&accesses->reuse_map);
}

/* ---- rows ---- */

static void see_command(struct accesses *accesses, const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];

    accesses->commands++;
    accesses->ops[batch->op[row]]++;
    if (command->denyoom)
        accesses->writes++;
    else if (request_deletes(batch, row))
        accesses->deletes++;
    else
        accesses->reads += command->looks_up;
    rate_counts_add(&accesses->rate, batch->time_us[row]);
}

/* The ttl that the row gives, in us, or 0. */
static uint64_t ttl_of(const struct accesses *accesses, const struct batch *batch, uint32_t row)
{
    int64_t ttl_ms = batch->ttl_ms[row], ttl_us;

    if (!(batch->flags[row] & REQUEST_TTL))
        return 0;
    if (batch->flags[row] & REQUEST_ABSOLUTE)
        ttl_ms -= (*accesses->start_unix_us + batch->time_us[row]) / 1000;
    if (ttl_ms <= 0)
        return 0;
    return __builtin_mul_overflow(ttl_ms, 1000, &ttl_us) ? INT64_MAX : (uint64_t)ttl_us;
}

static void see_ttl(struct accesses *accesses, const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];
    uint64_t ttl_us = ttl_of(accesses, batch, row);

    if (command->sets || command->retimes) {
        if (ttl_us)
            distribution_add(&accesses->write_ttls, ttl_us);
        else
            accesses->writes_without_ttl += command->sets;
    } else if (ttl_us && command->returns) {
        distribution_add(&accesses->read_ttls, ttl_us);
    }
}

/* The size of the row's value, if it is about a whole one and its size is known, becomes that of its key. */
static void see_value(struct accesses *accesses, const struct batch *batch, uint32_t row, struct key_use *use)
{
    const struct command *command = &command_table[batch->op[row]];
    uint32_t size = batch->value_len[row];

    if (!command->sets && !command->returns)
        return;
    if (size == VALUE_UNKNOWN) {
        accesses->unsized++;
        return;
    }
    distribution_add(&accesses->value_sizes, size);
    use->value_next = size + 1;
}

static uint64_t weight_of_use(const struct key_use *use)
{
    return (uint64_t)use->key_len + (use->value_next ? use->value_next - 1 : 0);
}

static void see_key(struct accesses *accesses, const struct batch *batch, uint32_t row)
{
    struct key_use *use = &accesses->uses[batch->id[row]];
    int64_t now_us = batch->time_us[row], last_us = use->requests ? use->last_us : INT64_MIN;
    uint64_t before = weight_of_use(use), weight;

    use->key_len = batch->key_len[row];
    see_value(accesses, batch, row, use);
    see_ttl(accesses, batch, row);
    weight = weight_of_use(use);
    for (size_t i = 0; i < ACCESS_WINDOWS; i++)
        windows_add(&accesses->windows[i], now_us, last_us, before, weight);
    if (use->requests) {
        distribution_add(&accesses->reuse, (uint64_t)(now_us - last_us));
        reuse_map_add(&accesses->reuse_map, now_us, (uint64_t)(now_us - last_us));
    } else {
        accesses->first_requests++;
    }
    use->state = (unsigned)refills_see(&accesses->refills, (enum refill_state)use->state,
                                       &command_table[batch->op[row]], now_us - use->last_us) &
                 3u;
    use->requests++;
    use->last_us = now_us;
}

void accesses_see(struct accesses *accesses, const struct batch *batch)
{
    accesses->key_count = batch->key_count;
    if (accesses->capacity < batch->key_count)
        accesses->uses = xgrow(accesses->uses, &accesses->capacity, batch->key_count, sizeof *accesses->uses);
    if (!batch->count || request_is_loaded(batch, 0))
        return;
    for (uint32_t row = 0; row < batch->count; row++) {
        if (row + PREFETCH_ROWS < batch->count && batch->id[row + PREFETCH_ROWS] != NO_KEY)
            __builtin_prefetch(&accesses->uses[batch->id[row + PREFETCH_ROWS]], 1);
        if (!row || !(batch->flags[row - 1] & REQUEST_MORE))
            see_command(accesses, batch, row);
        if (batch->id[row] != NO_KEY)
            see_key(accesses, batch, row);
    }
    accesses->last_us = batch->time_us[batch->count - 1];
}

/* ---- what follows ---- */

static double share_of(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

static int by_count(const void *a, const void *b)
{
    const struct op_share *x = a, *y = b;

    return x->count < y->count ? 1 : x->count > y->count ? -1 : strcmp(x->name, y->name);
}

static struct mix mix_of(const struct accesses *accesses)
{
    uint64_t all = accesses->commands;
    struct mix mix = {
        .reads = accesses->reads,
        .writes = accesses->writes,
        .deletes = accesses->deletes,
        .others = all - accesses->reads - accesses->writes - accesses->deletes,
        .read_share = share_of(accesses->reads, all),
        .write_share = share_of(accesses->writes, all),
        .delete_share = share_of(accesses->deletes, all),
        .commands = xcalloc(OP_COUNT, sizeof *mix.commands),
    };

    for (int op = 0; op < OP_COUNT; op++)
        if (accesses->ops[op])
            mix.commands[mix.command_count++] = (struct op_share){
                .name = xstrdup(op_name((enum op)op)),
                .count = accesses->ops[op],
                .share = share_of(accesses->ops[op], all),
            };
    qsort(mix.commands, mix.command_count, sizeof *mix.commands, by_count);
    return mix;
}

static struct fills fills_of(const struct accesses *accesses)
{
    double share = share_of(accesses->refills.refilled, accesses->refills.first_reads);
    const char *held = "no";

    if (!accesses->refills.first_reads)
        held = "no reads";
    else if (!accesses->writes)
        held = "no writes";
    else if (share >= 0.5)
        held = "yes";
    else if (share >= 0.1)
        held = "partly";
    return (struct fills){.first_reads = accesses->refills.first_reads,
                          .refilled = accesses->refills.refilled,
                          .share = share,
                          .held = xstrdup(held)};
}

size_t accesses_hottest(const struct accesses *accesses, uint32_t *ids, size_t most)
{
    const struct key_use *uses = accesses->uses;
    size_t count = 0;

    for (uint32_t id = 0; id < accesses->key_count; id++) {
        size_t place;

        if (!uses[id].requests || (count == most && uses[ids[count - 1]].requests >= uses[id].requests))
            continue;
        place = count < most ? count++ : count - 1;
        for (; place && uses[ids[place - 1]].requests < uses[id].requests; place--)
            ids[place] = ids[place - 1];
        ids[place] = id;
    }
    return count;
}

/* What is said of keys one by one. */
static void tell_keys(const struct accesses *accesses, struct portrait *portrait)
{
    struct popularity_counts counts = {0};
    struct distribution key_sizes = {0}, value_sizes = {0};
    struct popularity_step *steps;
    size_t count;

    for (uint32_t id = 0; id < accesses->key_count; id++) {
        const struct key_use *use = &accesses->uses[id];

        if (!use->requests)
            continue;
        popularity_count(&counts, use->requests);
        distribution_add(&key_sizes, use->key_len);
        if (use->value_next)
            distribution_add(&value_sizes, use->value_next - 1);
    }
    steps = popularity_steps(&counts, &count);
    portrait->popularity = popularity_of(steps, count);
    portrait->key_sizes = distribution_spread(&key_sizes);
    portrait->value_sizes_by_key = distribution_spread(&value_sizes);
    free(steps);
    popularity_counts_release(&counts);
    distribution_release(&key_sizes);
    distribution_release(&value_sizes);
}

void accesses_tell(const struct accesses *accesses, struct portrait *portrait)
{
    portrait->mix = mix_of(accesses);
    portrait->rate = rate_counts_found(&accesses->rate, accesses->last_us);
    portrait->value_sizes = distribution_spread(&accesses->value_sizes);
    portrait->unsized = accesses->unsized;
    portrait->write_ttls_us = distribution_spread(&accesses->write_ttls);
    portrait->writes_without_ttl = accesses->writes_without_ttl;
    portrait->read_ttls_us = distribution_spread(&accesses->read_ttls);
    portrait->first_requests = accesses->first_requests;
    portrait->reuse_us = distribution_spread(&accesses->reuse);
    portrait->fills = fills_of(accesses);
    portrait->working_sets = xcalloc(ACCESS_WINDOWS, sizeof *portrait->working_sets);
    for (size_t i = 0; i < ACCESS_WINDOWS; i++) {
        portrait->working_sets[portrait->working_set_count++] = windows_found(&accesses->windows[i], accesses->last_us);
        windows_points(&accesses->windows[i], accesses->last_us, WINDOW_POINTS, &portrait->working_set_points,
                       &portrait->working_set_point_count);
    }
    portrait->rate_points =
        rate_counts_points(&accesses->rate, RATE_POINTS, &portrait->rate_point_count, &portrait->rate_points_us);
    portrait->reuse_column_us = accesses->reuse_map.column_us;
    portrait->reuse_cells = reuse_map_cells(&accesses->reuse_map, &portrait->reuse_cell_count);
    portrait->size_points = distribution_curve(&accesses->value_sizes, SIZE_POINTS, &portrait->size_point_count);
    tell_keys(accesses, portrait);
}
