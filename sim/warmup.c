/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/warmup.h"

void warmup_end(struct warmup *warmup, int64_t now_us, uint64_t used_memory, struct counters *counters,
                struct moments *moments, struct evictions *evictions, struct fetches *fetches,
                struct group_account *groups)
{
    warmup->counters = *counters;
    warmup->load = fetches->load;
    counters->used_memory_peak = used_memory;
    moments->first_eviction_us = moments->first_oom_us = -1;
    fetches->load.fetches_at_once = 0;
    evictions_begin(evictions, now_us, counters);
    if (groups)
        group_account_begin(groups);
}

bool counter_is_cumulative(int field)
{
    switch (field) {
    case COUNTER_keys:
    case COUNTER_expires:
    case COUNTER_used_memory:
    case COUNTER_used_memory_peak:
    case COUNTER_baseline_memory:
        return false;
    default:
        return true;
    }
}

void warmup_leave_out(const struct warmup *warmup, struct result *result)
{
    result->warmup = warmup->counters;
    for (int field = 0; field < COUNTER_COUNT; field++)
        if (counter_is_cumulative(field))
            *(uint64_t *)((char *)&result->counters + counter_fields[field].offset) -=
                counter_get(&warmup->counters, field);
    result->load.fetches -= warmup->load.fetches;
    result->load.repeated_fetches -= warmup->load.repeated_fetches;
    result->load.cost_us -= warmup->load.cost_us;
}
