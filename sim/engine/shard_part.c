/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/shard_part.h"

#include "sim/alloc.h"
#include "sim/input/groups.h"
#include "sim/input/names.h"
#include "sim/input/patterns.h"
#include "sim/scenario/scenario.h"

#include <stdlib.h>

void shard_part_init(struct shard_part *part, const struct keys *keys)
{
    part->slots = key_slots_new();
    if (keys->groups)
        part->groups = key_groups_view(keys->groups);
    if (keys->patterns)
        part->patterns = key_patterns_new(keys->patterns->patterns, keys->patterns->count);
    if (keys->rules)
        part->rules = key_patterns_new(keys->rules->patterns, keys->rules->count);
}

static void release_scenario(struct scenario *scenario)
{
    if (!scenario)
        return;
    free(scenario->events);
    batch_release(&scenario->rows);
    free(scenario);
}

void shard_part_release(struct shard_part *part)
{
    free(part->trace_ids);
    free(part->clients);
    key_slots_free(part->slots);
    key_names_free(part->names);
    key_groups_free(part->groups);
    key_patterns_free(part->patterns);
    key_patterns_free(part->rules);
    release_scenario(part->scenario);
    for (int turn = 0; turn < 2; turn++) {
        struct shard_batches *round = &part->rounds[turn];

        for (uint32_t i = 0; i < round->capacity; i++)
            if (round->list[i]) {
                batch_release(round->list[i]);
                free(round->list[i]);
            }
        free(round->list);
    }
}

static void note_name(struct shard_part *part, const struct keys *keys, uint32_t id)
{
    if (!part->names)
        part->names = key_names_new();
    if (!key_names_has(part->names, id) && key_names_has(keys->names, part->trace_ids[id]))
        key_names_alias(part->names, id, keys->names, part->trace_ids[id]);
}

uint32_t shard_part_add_key(struct shard_part *part, const struct keys *keys, uint32_t trace_id)
{
    uint32_t id = part->key_count++;

    part->trace_ids = xgrow(part->trace_ids, &part->trace_ids_capacity, part->key_count, sizeof *part->trace_ids);
    part->trace_ids[id] = trace_id;
    key_slots_set(part->slots, id, key_slot_of(keys->cluster, trace_id));
    if (keys->names)
        note_name(part, keys, id);
    if (part->groups)
        key_groups_alias(part->groups, id, keys->groups, trace_id);
    if (part->patterns)
        key_patterns_alias(part->patterns, id, keys->patterns, trace_id);
    if (part->rules)
        key_patterns_alias(part->rules, id, keys->rules, trace_id);
    return id;
}

void shard_part_expect_clients(struct shard_part *part, uint32_t clients)
{
    part->clients = xgrow(part->clients, &part->clients_capacity, clients, sizeof *part->clients);
}

uint32_t shard_part_client(struct shard_part *part, uint32_t client)
{
    if (client == CLIENT_SCRIPT)
        return client;
    if (client >= part->clients_capacity)
        part->clients = xgrow(part->clients, &part->clients_capacity, client + 1, sizeof *part->clients);
    if (!part->clients[client])
        __atomic_store_n(&part->clients[client], ++part->client_count, __ATOMIC_RELAXED);
    return part->clients[client] - 1;
}

void shard_part_begin_round(struct shard_part *part, int turn)
{
    part->rounds[turn].count = 0;
}

struct batch *shard_part_room(struct shard_part *part, int turn, uint32_t rows)
{
    struct shard_batches *round = &part->rounds[turn];
    struct batch *last = round->count ? round->list[round->count - 1] : NULL;

    if (last && last->count + rows <= BATCH_CAPACITY)
        return last;
    round->list = xgrow(round->list, &round->capacity, round->count + 1, sizeof(struct batch *));
    if (!round->list[round->count])
        round->list[round->count] = xcalloc(1, sizeof(struct batch));
    last = round->list[round->count++];
    batch_clear(last);
    return last;
}

/* Keys that have got their names after their ids. */
static void note_names(struct shard_part *part, const struct keys *keys, const struct batch *batch)
{
    for (uint32_t row = 0; row < batch->count; row++)
        if (batch->id[row] != NO_KEY)
            note_name(part, keys, batch->id[row]);
}

void shard_part_end_round(struct shard_part *part, const struct keys *keys, struct id_range unspelled, int turn)
{
    struct shard_batches *round = &part->rounds[turn];

    if (part->groups)
        key_groups_update(part->groups, keys->groups);
    for (uint32_t i = 0; i < round->count; i++) {
        round->list[i]->key_count = part->key_count;
        if (keys->names && keys->names_are_late)
            note_names(part, keys, round->list[i]);
        round->list[i]->names = part->names;
        round->list[i]->unspelled_members = unspelled;
    }
}
