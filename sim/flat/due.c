/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/due.h"

#include "sim/engine/event.h"
#include "sim/flat/cache.h"
#include "sim/flat/execute.h"

struct sample due_sample(const struct flat *flat, int64_t time_us)
{
    struct sample sample = {
        .time_us = time_us,
        .maxmemory = flat->maxmemory,
        .used_memory = flat->used,
        .keys = flat->keys,
        .expires = flat->expiring.count,
        .hits = flat->counters.hits,
        .misses = flat->counters.misses,
        .evicted_keys = flat->counters.evicted_keys,
        .expired_keys = flat->counters.expired_keys,
        .oom_rejections = flat->counters.oom_rejections,
    };

    sample.memory_strings = flat->used;
    sample_take_misses(&sample, &flat->counters);
    return sample;
}

/* Takes the samples that are due up to and at time_us. There are no requests until request_us. */
static void sample_until(struct flat *flat, int64_t time_us, int64_t request_us)
{
    while (flat->next_sample_us <= time_us) {
        struct sample sample = due_sample(flat, flat->next_sample_us);

        curve_recorder_add(&flat->recorder, &sample);
        group_account_sample(flat->groups, &flat->recorder.curve, sample.time_us);
        flat->next_sample_us = curve_recorder_next(&flat->recorder, flat->next_sample_us, request_us);
    }
}

static void run_event(struct flat *flat, const struct scenario_event *event)
{
    if (event->kind != SCENARIO_CONFIG) {
        execute_flush(flat);
        return;
    }
    for (size_t i = 0; i < event->setting_count; i++)
        flat->maxmemory = event->settings[i].maxmemory;
    cache_make_room(flat, 0);
}

/* Runs the events of the scenario that are due up to time_us; the next request is at request_us. A sample of the same instant sees their
 * effect. After an event that does not repeat, samples are as dense as after a request. */
static void run_events_until(struct flat *flat, int64_t time_us, int64_t request_us)
{
    if (flat->groups)
        group_no_command(flat->groups);
    while (flat->scenario_us <= time_us) {
        const struct scenario_event *event;

        sample_until(flat, flat->scenario_us - 1, request_us);
        flat_set_clock(flat, flat->scenario_us);
        event = scenario_next(&flat->scenario);
        flat->is_between = true;
        run_event(flat, event);
        flat->is_between = false;
        if (!event->period_us) {
            int64_t next_us;

            curve_recorder_falls_silent(&flat->recorder);
            next_us = curve_recorder_next(&flat->recorder, flat->scenario_us - 1, request_us);
            if (next_us < flat->next_sample_us)
                flat->next_sample_us = next_us;
        }
        flat->scenario_us = scenario_next_us(&flat->scenario);
    }
}

void due_pass(struct flat *flat, int64_t time_us, bool is_called)
{
    curve_recorder_falls_silent(&flat->recorder);
    if (time_us >= flat->warmup_ends_us && !is_called) {
        run_events_until(flat, flat->warmup_ends_us, time_us);
        sample_until(flat, flat->warmup_ends_us, time_us);
        warmup_end(&flat->warmup, flat->warmup_ends_us, flat->used, &flat->counters, &flat->moments, &flat->evictions,
                   &flat->fetches, flat->groups);
        flat->warmup_ends_us = EVENT_NEVER;
    }
    run_events_until(flat, time_us, time_us);
    sample_until(flat, time_us, time_us);
}

int64_t due_next_us(const struct flat *flat)
{
    int64_t due_us = flat->next_sample_us;

    due_us = flat->scenario_us < due_us ? flat->scenario_us : due_us;
    return flat->warmup_ends_us < due_us ? flat->warmup_ends_us : due_us;
}

uint32_t due_rows_before(const struct batch *batch, uint32_t row, int64_t due_us)
{
    uint32_t end = batch->count;

    while (row < end) {
        uint32_t middle = row + (end - row) / 2;

        if (batch->time_us[middle] < due_us)
            row = middle + 1;
        else
            end = middle;
    }
    return end;
}
