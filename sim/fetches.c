/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fetches.h"

#include "sim/alloc.h"
#include "sim/policy.h"

#include <stdlib.h>

enum { SMALLEST = 64, MILLISECOND_US = 1000, SECOND_US = 1000000 };

static struct fetch_window *empty_windows(uint32_t capacity)
{
    struct fetch_window *windows = xcalloc(capacity, sizeof *windows);

    for (uint32_t i = 0; i < capacity; i++)
        windows[i].id = NO_KEY;
    return windows;
}

void fetches_init(struct fetches *fetches, int64_t cost_us, bool hits_are_early)
{
    *fetches = (struct fetches){.cost_us = cost_us, .hits_are_early = hits_are_early};
    if (!cost_us)
        return;
    fetches->capacity = SMALLEST;
    fetches->windows = empty_windows(SMALLEST);
    fetches->load.clock_us = SECOND_US;
}

void fetches_by_group(struct fetches *fetches, struct group_account *groups, const struct miss_costs *costs)
{
    if (!fetches->cost_us || !groups)
        return;
    fetches->groups = groups;
    fetches->costs = costs;
    fetches->group_cost_us = xmalloc(GROUPS_MOST * sizeof *fetches->group_cost_us);
    for (int i = 0; i < GROUPS_MOST; i++)
        fetches->group_cost_us[i] = costs ? -1 : fetches->cost_us;
}

void fetches_release(struct fetches *fetches)
{
    free(fetches->windows);
    free(fetches->group_cost_us);
    fetches->windows = NULL;
    fetches->group_cost_us = NULL;
}

/* The key's window, or the empty place where it would be. */
static struct fetch_window *place_of(const struct fetches *fetches, uint32_t id)
{
    uint32_t mask = fetches->capacity - 1, place = (uint32_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;

    while (fetches->windows[place].id != NO_KEY && fetches->windows[place].id != id)
        place = (place + 1) & mask;
    return &fetches->windows[place];
}

/* Windows that are closed go; if too many are open, there is room for twice as many. */
static void make_room(struct fetches *fetches, int64_t now_us)
{
    struct fetch_window *old = fetches->windows;
    uint32_t places = fetches->capacity;

    fetches->used = 0;
    for (uint32_t i = 0; i < places; i++)
        fetches->used += old[i].id != NO_KEY && old[i].end_us > now_us;
    if (fetches->used > places / 4)
        fetches->capacity *= 2;
    fetches->windows = empty_windows(fetches->capacity);
    for (uint32_t i = 0; i < places; i++)
        if (old[i].id != NO_KEY && old[i].end_us > now_us)
            *place_of(fetches, old[i].id) = old[i];
    free(old);
}

/* How coarse the trace's clock is, as far as it was looked at. */
static void look_at_clock(struct miss_load *load, int64_t now_us)
{
    while (load->clock_us > 1 && now_us % load->clock_us)
        load->clock_us = load->clock_us == SECOND_US ? MILLISECOND_US : 1;
}

static int64_t cost_of(const struct fetches *fetches, uint32_t id)
{
    unsigned group;

    if (!fetches->groups)
        return fetches->cost_us;
    group = key_group_of(fetches->groups->groups, id);
    if (fetches->group_cost_us[group] < 0)
        fetches->group_cost_us[group] = miss_costs_of(fetches->costs, fetches->groups->groups->names[group]);
    return fetches->group_cost_us[group];
}

static void count(struct fetches *fetches, struct fetch_window *window)
{
    struct miss_load *load = &fetches->load;
    uint64_t cost_us = (uint64_t)cost_of(fetches, window->id);

    load->fetches++;
    load->repeated_fetches += window->fetches > 0;
    load->cost_us += cost_us;
    if (fetches->groups) {
        struct group *group = group_of_key(fetches->groups, window->id);

        group->fetches++;
        group->repeated_fetches += window->fetches > 0;
        group->miss_cost_us += cost_us;
    }
    if (++window->fetches > load->fetches_at_once)
        load->fetches_at_once = window->fetches;
}

void fetches_note(struct fetches *fetches, uint32_t id, int64_t now_us, bool found)
{
    struct fetch_window *window;

    look_at_clock(&fetches->load, now_us);
    if (found && !fetches->hits_are_early)
        return;
    window = place_of(fetches, id);
    if (window->id == id && window->end_us > now_us) {
        count(fetches, window);
        return;
    }
    if (found)
        return;
    if (window->id == NO_KEY && ++fetches->used > fetches->capacity / 2) {
        make_room(fetches, now_us);
        window = place_of(fetches, id);
        fetches->used++;
    }
    *window = (struct fetch_window){.id = id, .end_us = now_us + cost_of(fetches, id)};
    count(fetches, window);
}
