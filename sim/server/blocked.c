/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/blocked.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

void blocked_add(struct blocked *blocked, struct waiter waiter)
{
    if (blocked->count == blocked->capacity)
        blocked->list = xgrow(blocked->list, &blocked->capacity, blocked->count + 1, sizeof *blocked->list);
    blocked->list[blocked->count++] = waiter;
}

void blocked_remove(struct blocked *blocked, uint32_t place)
{
    free(blocked->list[place].keys);
    free(blocked->list[place].wanted);
    blocked->count--;
    memmove(&blocked->list[place], &blocked->list[place + 1], (blocked->count - place) * sizeof *blocked->list);
}

void blocked_note_ready(struct blocked *blocked, uint32_t id)
{
    if (blocked->ready_count == blocked->ready_capacity)
        blocked->ready =
            xgrow(blocked->ready, &blocked->ready_capacity, blocked->ready_count + 1, sizeof *blocked->ready);
    blocked->ready[blocked->ready_count++] = id;
}

bool blocked_take_ready(struct blocked *blocked, uint32_t *id)
{
    if (!blocked->ready_count)
        return false;
    *id = blocked->ready[0];
    blocked->ready_count--;
    memmove(blocked->ready, blocked->ready + 1, blocked->ready_count * sizeof *blocked->ready);
    return true;
}

static bool waits_for(const struct waiter *waiter, uint32_t id)
{
    for (uint32_t i = 0; i < waiter->key_count; i++)
        if (waiter->keys[i] == id)
            return true;
    return false;
}

bool blocked_repeats(const struct waiter *waiter, uint32_t key)
{
    for (uint32_t i = 0; i < key; i++)
        if (waiter->keys[i] == waiter->keys[key])
            return true;
    return false;
}

bool blocked_has_another(const struct blocked *blocked, const struct waiter *waiter, uint32_t key)
{
    for (uint32_t i = 0; i < blocked->count; i++)
        if (&blocked->list[i] != waiter && waits_for(&blocked->list[i], waiter->keys[key]))
            return true;
    return false;
}

uint32_t blocked_find(const struct blocked *blocked, uint32_t id, uint32_t from)
{
    while (from < blocked->count && !waits_for(&blocked->list[from], id))
        from++;
    return from;
}

uint32_t blocked_find_ended(const struct blocked *blocked, uint32_t client, int64_t now_us)
{
    uint32_t place = 0;

    while (place < blocked->count && blocked->list[place].client != client && blocked->list[place].until_us > now_us)
        place++;
    return place;
}

int64_t blocked_first_end_us(const struct blocked *blocked)
{
    int64_t first_us = INT64_MAX;

    for (uint32_t place = 0; place < blocked->count; place++)
        if (blocked->list[place].until_us < first_us)
            first_us = blocked->list[place].until_us;
    return first_us;
}

void blocked_release(struct blocked *blocked)
{
    while (blocked->count)
        blocked_remove(blocked, blocked->count - 1);
    free(blocked->list);
    free(blocked->ready);
}
