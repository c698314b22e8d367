/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/connection_list.h"

#include "sim/alloc.h"

#include <stdlib.h>

/* ---- rings ---- */

/* The ring that a function works on. */
enum ring { RING_SERVER, RING_SILENCE, RING_SIZE };

static struct ring_links *links_of(const struct connections *all, enum ring ring, uint32_t place)
{
    struct connection *connection = &all->list[place];

    return ring == RING_SERVER ? &connection->server : ring == RING_SILENCE ? &connection->silence : &connection->size;
}

/* Inserts the place after `last`; `last` is 0 for an empty ring. */
static void ring_insert(struct connections *all, enum ring ring, uint32_t last, uint32_t place)
{
    struct ring_links *links = links_of(all, ring, place);

    links->before = links->after = place;
    if (!last)
        return;
    links->before = last;
    links->after = links_of(all, ring, last)->after;
    links_of(all, ring, links->before)->after = place;
    links_of(all, ring, links->after)->before = place;
}

/* Returns the place before it, or 0 if the ring is empty now. */
static uint32_t ring_remove(struct connections *all, enum ring ring, uint32_t place)
{
    struct ring_links *links = links_of(all, ring, place);

    if (links->before == place)
        return 0;
    links_of(all, ring, links->before)->after = links->after;
    links_of(all, ring, links->after)->before = links->before;
    return links->before;
}

/* ---- the list of connections ---- */

static uint32_t take_place(struct connections *all)
{
    uint32_t place = all->free;

    if (place) {
        all->free = all->list[place].silence.after;
        return place;
    }
    if (!all->list_count)
        all->list_count = 1;
    place = all->list_count++;
    all->list = xgrow(all->list, &all->list_capacity, all->list_count, sizeof *all->list);
    return place;
}

/* Adds the connection at the end of the server's list, which cron visits next (linkClient). */
uint32_t connection_add(struct connections *all, uint32_t number)
{
    uint32_t place = take_place(all);

    all->list[place].number = number;
    all->list[place].bytes = 0;
    all->list[place].bucket = BUCKET_NONE;
    ring_insert(all, RING_SERVER, all->visited, place);
    ring_insert(all, RING_SILENCE, all->spoke, place);
    all->visited = all->spoke = place;
    if (number >= all->place_capacity)
        all->places = xgrow(all->places, &all->place_capacity, number + 1, sizeof *all->places);
    all->places[number] = place;
    all->count++;
    return place;
}

void connection_spoke(struct connections *all, uint32_t place)
{
    uint32_t before = ring_remove(all, RING_SILENCE, place);

    if (all->spoke == place)
        all->spoke = before;
    ring_insert(all, RING_SILENCE, all->spoke, place);
    all->spoke = place;
}

uint32_t connection_silent(const struct connections *all)
{
    return all->list[all->spoke].silence.after;
}

void connection_classify(struct connections *all, uint32_t place, unsigned bucket)
{
    struct connection *connection = &all->list[place];

    if (connection->bucket == bucket)
        return;
    if (connection->bucket != BUCKET_NONE) {
        uint32_t before = ring_remove(all, RING_SIZE, place);

        if (all->largest[connection->bucket] == place)
            all->largest[connection->bucket] = before;
    }
    connection->bucket = bucket;
    if (bucket == BUCKET_NONE)
        return;
    ring_insert(all, RING_SIZE, all->largest[bucket], place);
    all->largest[bucket] = place;
}

uint32_t connection_largest(const struct connections *all)
{
    for (unsigned bucket = CLIENT_BUCKETS; bucket--;)
        if (all->largest[bucket])
            return all->list[all->largest[bucket]].size.after;
    return 0;
}

void connection_remove(struct connections *all, uint32_t place)
{
    uint32_t before = ring_remove(all, RING_SERVER, place);

    connection_classify(all, place, BUCKET_NONE);
    all->clients_bytes -= all->list[place].bytes;
    if (all->visited == place)
        all->visited = before;
    before = ring_remove(all, RING_SILENCE, place);
    if (all->spoke == place)
        all->spoke = before;
    all->places[all->list[place].number] = 0;
    all->list[place].silence.after = all->free;
    all->free = place;
    all->count--;
}

void connections_release(struct connections *connections)
{
    free(connections->list);
    free(connections->places);
}
