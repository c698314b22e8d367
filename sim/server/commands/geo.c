/* SPDX-License-Identifier: GPL-3.0-or-later */
/* geo: the commands on sorted sets whose scores are geohashes. GEOADD is a ZADD (see zset.c).
 *
 * Source: geo.c of Redis 7.0.15. */
#include "sim/server/commands/zset.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "sim/geohash.h"
#include "sim/server/commands/commands.h"

#include <math.h>
#include <stdlib.h>

static struct geo_point point_of_score(double score)
{
    return geohash_decode(score < 0 ? 0 : (uint64_t)score);
}

/* The point of a member. Returns false if there is no such member. */
static bool point_of_member(struct call *call, struct entry *entry, uint32_t member, struct geo_point *point)
{
    uint32_t slot = entry ? zset_find(call->redis, entry, member) : NO_SLOT;

    if (slot != NO_SLOT)
        *point = point_of_score(collection_score(zset_of(entry), slot));
    return slot != NO_SLOT;
}

/* The metres of one unit. */
static double unit_of(const struct element *element)
{
    switch (element->number) {
    case WORD_KM:
        return 1000;
    case WORD_FT:
        return 0.3048;
    case WORD_MI:
        return 1609.34;
    default:
        return 1;
    }
}

/* The text always has four decimals. */
static void reply_distance(struct call *call, double distance)
{
    call_reply_bulk(call, digits_count((uint64_t)llrint(distance * 10000) / 10000) + 5);
}

static void reply_point(struct call *call, struct geo_point point)
{
    call_reply_array(call, 2);
    call_reply_bulk(call, call_decimal_length(point.longitude));
    call_reply_bulk(call, call_decimal_length(point.latitude));
}

/* ---- members ---- */

void run_geodist(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_typed(call);
    struct geo_point from, to;

    if (call->failed)
        return;
    if (point_of_member(call, entry, elements[0].member, &from) &&
        point_of_member(call, entry, elements[1].member, &to))
        reply_distance(call, geo_distance(from, to) / (call->elements > 2 ? unit_of(&elements[2]) : 1));
    else
        call_reply_nil(call);
}

/* GEOHASH, GEOPOS */
void run_geopos(struct call *call)
{
    enum { HASH_BYTES = 11 };
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_typed(call);
    struct geo_point point;

    if (call->failed)
        return;
    call_reply_array(call, call->elements);
    for (uint32_t i = 0; i < call->elements; i++)
        if (!point_of_member(call, entry, elements[i].member, &point))
            call_reply_nil(call);
        else if (call->op == OP_GEOHASH)
            call_reply_bulk(call, HASH_BYTES);
        else
            reply_point(call, point);
}

/* ---- searches ---- */

struct found {
    struct place place;
    double distance; /* in metres */
};

struct search {
    struct geo_shape shape;
    double unit;
    int64_t most; /* 0: no limit */
    bool any, stores, stores_distance;
    struct found *found;
    uint32_t count, capacity;
};

/* Reads center and shape from the options of GEOSEARCH. Returns false if the member does not exist. */
static bool read_shape_by_name(struct call *call, struct entry *entry, struct search *search)
{
    const struct element *member = call_option(call, WORD_FROMMEMBER), *point = call_option(call, WORD_FROMLONLAT);
    const struct element *radius = call_option(call, WORD_BYRADIUS), *box = call_option(call, WORD_BYBOX);

    if (radius) {
        search->unit = unit_of(&radius[2]);
        search->shape.radius = zset_element_double(&radius[1]) * search->unit;
    } else {
        search->unit = unit_of(&box[3]);
        search->shape.is_box = true;
        search->shape.width = zset_element_double(&box[1]) * search->unit;
        search->shape.height = zset_element_double(&box[2]) * search->unit;
    }
    if (!point)
        return point_of_member(call, entry, member[1].member, &search->shape.center);
    search->shape.center = (struct geo_point){zset_element_double(&point[1]), zset_element_double(&point[2])};
    return true;
}

/* Reads center and shape from the arguments of GEORADIUS and GEORADIUSBYMEMBER: center, radius, unit. Returns false if
 * the member does not exist. */
static bool read_shape_by_place(struct call *call, struct entry *entry, struct search *search)
{
    const struct element *elements = call_elements(call);
    bool by_member = elements->member != NO_MEMBER;
    const struct element *radius = elements + 2 - by_member;

    search->unit = unit_of(&radius[1]);
    search->shape.radius = zset_element_double(radius) * search->unit;
    if (by_member)
        return point_of_member(call, entry, elements->member, &search->shape.center);
    search->shape.center = (struct geo_point){zset_element_double(elements), zset_element_double(elements + 1)};
    return true;
}

static void note_found(struct search *search, struct found found)
{
    if (search->count == search->capacity) {
        search->capacity = 2 * search->capacity + 16;
        search->found = xrealloc(search->found, search->capacity * sizeof *search->found);
    }
    search->found[search->count++] = found;
}

/* As membersOfAllNeighbors. With ANY the search ends at the wanted number of members. */
static void look_around(struct call *call, const struct entry *entry, struct search *search)
{
    struct geo_range ranges[GEO_RANGES];
    int count = geohash_ranges(&search->shape, ranges);
    const struct collection *zset = zset_of(entry);

    for (int i = 0; i < count; i++) {
        struct range_end least = {.kind = BOUND_SCORE, .place = {.score = (double)ranges[i].least}};
        struct range_end end = {.kind = BOUND_SCORE, .place = {.score = (double)ranges[i].end}, .excludes = true};
        struct range range = zset_range(call->redis, entry, least, end);
        uint32_t slot = range.count ? zset_at(entry, range.rank) : NO_SLOT;

        for (; range.count && !(search->any && search->count >= search->most); range.count--) {
            struct found found = {.place = {collection_score(zset, slot), zset->member[slot]}};

            if (geo_covers(&search->shape, point_of_score(found.place.score), &found.distance))
                note_found(search, found);
            slot = zset_next(entry, slot);
        }
    }
}

static int nearer_first(const void *left, const void *right)
{
    double a = ((const struct found *)left)->distance, b = ((const struct found *)right)->distance;

    return a < b ? -1 : a > b;
}

static int farther_first(const void *left, const void *right)
{
    return nearer_first(right, left);
}

/* Sorts the results if the command asks for it, and keeps the wanted number. */
static void choose(struct call *call, struct search *search)
{
    bool descends = call_option(call, WORD_DESC);

    if (descends || call_option(call, WORD_ASC) || (search->most && !search->any))
        qsort(search->found, search->count, sizeof *search->found, descends ? farther_first : nearer_first);
    if (search->most && search->count > search->most)
        search->count = (uint32_t)search->most;
}

static void reply_found(struct call *call, const struct search *search)
{
    bool distance = call_option(call, WORD_WITHDIST), hash = call_option(call, WORD_WITHHASH);
    bool coordinates = call_option(call, WORD_WITHCOORD);

    call_reply_array(call, search->count);
    for (uint32_t i = 0; i < search->count; i++) {
        const struct found *found = &search->found[i];

        if (distance || hash || coordinates)
            call_reply_array(call, 1 + (uint64_t)distance + hash + coordinates);
        call_reply_bulk(call, text_of_member(member_of(call->redis->members, found->place.member)).length);
        if (distance)
            reply_distance(call, found->distance / search->unit);
        if (hash)
            call_reply_integer(call, (int64_t)found->place.score);
        if (coordinates)
            reply_point(call, point_of_score(found->place.score));
    }
}

static void store_found(struct call *call, const struct search *search)
{
    struct entry result = zset_begin(call->redis, ENCODING_ZSET_SKIPLIST, 0);

    for (uint32_t i = 0; i < search->count; i++) {
        const struct found *found = &search->found[i];

        if (collection_find(zset_of(&result), found->place.member) == NO_SLOT)
            zset_put(call->redis, &result, found->place.member,
                     search->stores_distance ? found->distance / search->unit : found->place.score);
    }
    if (search->count)
        zset_compact(call->redis, &result);
    zset_store(call, &result);
}

/* As georadiusGeneric. The call is at the row of the searched sorted set, whose elements are the options. `into` is the
 * row of the key to store under. */
static void search_and_answer(struct call *call, uint32_t into, bool stores)
{
    bool by_place = call->op != OP_GEOSEARCH && call->op != OP_GEOSEARCHSTORE;
    const struct element *count = call_option(call, WORD_COUNT);
    struct search search = {.any = call_option(call, WORD_ANY),
                            .most = count ? count[1].number : 0,
                            .stores_distance = call_option(call, WORD_STOREDIST)};
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    if (entry && !(by_place ? read_shape_by_place : read_shape_by_name)(call, entry, &search)) {
        call_reply_error(call); /* could not decode requested zset member */
        return;
    }
    if (entry)
        look_around(call, entry, &search);
    if (search.count)
        choose(call, &search);
    if (stores) {
        call_turn_to(call, into);
        store_found(call, &search);
    } else {
        reply_found(call, &search);
    }
    free(search.found);
}

/* GEOSEARCH, GEOSEARCHSTORE. The first row of GEOSEARCHSTORE is the key to store under. */
void run_geosearch(struct call *call)
{
    if (!(call->flags & REQUEST_MORE))
        search_and_answer(call, call->row - (call->op == OP_GEOSEARCHSTORE), call->op == OP_GEOSEARCHSTORE);
}

/* GEORADIUS, GEORADIUSBYMEMBER and their _RO forms. A key to store under is the last row. */
void run_georadius(struct call *call)
{
    uint32_t last = call->row, first;

    if (call->flags & REQUEST_MORE)
        return;
    first = call_first_row(call);
    call_turn_to(call, first);
    call->first_element = call->batch->first_element[first];
    call->elements = call->batch->elements[first];
    search_and_answer(call, last, last != first);
}
