/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/hot_slots.h"

#include "sim/alloc.h"
#include "sim/input/names.h"

#include <stdlib.h>
#include <string.h>

struct slot_requests {
    uint64_t requests, most; /* of all its keys, of one */
    uint32_t hottest;        /* the trace's id of that one */
};

struct hot_slots {
    const struct dealing *dealing;
    const struct keys *keys;
    struct slot_requests slots[SLOT_COUNT];
};

struct hot_slots *hot_slots_new(const struct dealing *dealing, const struct reader *reader)
{
    struct hot_slots *hot = xcalloc(1, sizeof *hot);

    hot->dealing = dealing;
    hot->keys = reader_keys(reader);
    for (uint32_t id = 0; id < hot->keys->count; id++) {
        struct slot_requests *slot = &hot->slots[key_slot_of(hot->keys->cluster, id)];
        uint64_t requests = dealing_requests_of(dealing, id);

        slot->requests += requests;
        if (requests > slot->most) {
            slot->most = requests;
            slot->hottest = id;
        }
    }
    return hot;
}

void hot_slots_free(struct hot_slots *hot)
{
    free(hot);
}

static char *text_of(const char *text, size_t bytes)
{
    char *copy = xcalloc(bytes + 1, 1);

    memcpy(copy, text, bytes);
    return copy;
}

static char *name_of(const struct hot_slots *hot, uint32_t trace_id)
{
    size_t bytes;
    uint32_t db;
    const char *name;

    if (!hot->keys->names || !key_names_has(hot->keys->names, trace_id))
        return NULL;
    name = key_names_of(hot->keys->names, trace_id, &bytes, &db);
    return text_of(name, bytes);
}

static struct hot_slot describe(const struct hot_slots *hot, const struct slot_census *censuses, unsigned slot)
{
    const struct slot_requests *asked = &hot->slots[slot];
    uint32_t shard = dealing_table(hot->dealing)->shard_of[slot];
    const struct slot_weight *weight = &censuses[shard].slots[slot];
    struct hot_slot found = {
        .slot = slot,
        .shard = shard,
        .requests = asked->requests,
        .keys = weight->keys,
        .bytes = weight->bytes,
        .hottest_key = asked->most ? name_of(hot, asked->hottest) : NULL,
        .hottest_key_requests = asked->most,
        .largest_key = weight->keys ? name_of(hot, dealing_trace_id(hot->dealing, shard, weight->largest)) : NULL,
        .largest_key_bytes = weight->largest_bytes,
    };
    const char *name = found.hottest_key ? found.hottest_key : found.largest_key, *tag;
    size_t bytes;

    if (name && (tag = slot_hash_tag(name, strlen(name), &bytes)))
        found.hash_tag = text_of(tag, bytes);
    return found;
}

/* Those with the highest values, the lower slot first among equals. How many. */
static size_t choose(const uint64_t *values, unsigned *chosen)
{
    size_t count = 0;

    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        size_t place = count;

        if (!values[slot] || (count == HOT_SLOTS && values[chosen[count - 1]] >= values[slot]))
            continue;
        place -= count == HOT_SLOTS;
        for (; place && values[chosen[place - 1]] < values[slot]; place--)
            chosen[place] = chosen[place - 1];
        chosen[place] = slot;
        count += count < HOT_SLOTS;
    }
    return count;
}

static struct hot_slot *find(const struct hot_slots *hot, const struct slot_census *censuses, const uint64_t *values,
                             size_t *count)
{
    unsigned chosen[HOT_SLOTS];
    struct hot_slot *list;

    *count = choose(values, chosen);
    list = xcalloc(*count + 1, sizeof *list);
    for (size_t i = 0; i < *count; i++)
        list[i] = describe(hot, censuses, chosen[i]);
    return list;
}

void hot_slots_find(const struct hot_slots *hot, const struct slot_census *censuses, struct result *result)
{
    uint64_t *requests = xcalloc(SLOT_COUNT, sizeof *requests), *bytes = xcalloc(SLOT_COUNT, sizeof *bytes);

    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        requests[slot] = hot->slots[slot].requests;
        bytes[slot] = censuses[dealing_table(hot->dealing)->shard_of[slot]].slots[slot].bytes;
    }
    result->slots_by_requests = find(hot, censuses, requests, &result->slots_by_requests_count);
    result->slots_by_bytes = find(hot, censuses, bytes, &result->slots_by_bytes_count);
    free(requests);
    free(bytes);
}
