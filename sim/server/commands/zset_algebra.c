/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zset_algebra: unions, intersections and differences of sorted sets, and of sets, whose members have score 1. They are
 * replied or stored under another key.
 *
 * The result is built as in the server: a skip list, which becomes a listpack at the end if it is small enough. All
 * work is done at the command's last row.
 *
 * Source: zunionInterDiffGenericCommand (t_zset.c of Redis 7.0.15, 8.0). */
#include "sim/server/commands/zset.h"

#include "sim/alloc.h"
#include "sim/server/commands/commands.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/set.h"

#include <math.h>
#include <stdlib.h>

struct source {
    struct entry *entry; /* NULL: the key is absent */
    double weight;
};

struct sources {
    struct source *list;
    uint32_t count;
    enum word aggregate; /* WORD_SUM, WORD_MIN or WORD_MAX */
};

static uint32_t size_of(const struct source *source)
{
    return source->entry ? zset_of(source->entry)->count : 0;
}

static bool is_set(const struct entry *entry)
{
    return encodings[entry->encoding].type == TYPE_SET;
}

/* The sources of the rows from `first` on. Returns false if a key has another type; the command has then failed. */
static bool look_up_sources(struct call *call, uint32_t first, struct sources *sources)
{
    const struct element *weights = call_option(call, WORD_WEIGHTS), *aggregate = call_option(call, WORD_AGGREGATE);

    sources->count = call->row - first + 1;
    sources->list = xcalloc(sources->count, sizeof *sources->list);
    sources->aggregate = aggregate ? (enum word)aggregate[1].number : WORD_SUM;
    for (uint32_t i = 0; i < sources->count; i++) {
        struct entry *entry = key_lookup(call->redis, call->batch->id[first + i], LOOKUP_READ);

        if (entry && !is_set(entry) && call_is_wrong_type(call, entry)) {
            free(sources->list);
            return false;
        }
        sources->list[i] = (struct source){entry, weights ? zset_element_double(&weights[1 + i]) : 1};
    }
    return true;
}

static void sort_by_size(struct source *list, uint32_t count, bool ascending)
{
    for (uint32_t i = 1; i < count; i++) {
        struct source source = list[i];
        uint32_t place = i;

        for (; place && (ascending ? size_of(&list[place - 1]) > size_of(&source)
                                   : size_of(&list[place - 1]) < size_of(&source));
             place--)
            list[place] = list[place - 1];
        list[place] = source;
    }
}

/* ---- elements of a source ---- */

/* The elements in the order of the server's iterator. Lookups of other keys cannot disturb the copy. The caller frees
 * it. */
static struct place *elements_of(const struct entry *entry)
{
    const struct collection *from = zset_of(entry);
    struct place *places = xcalloc(from->count + 1, sizeof *places);
    uint32_t count = 0;

    for (uint32_t slot = collection_next(from, 0); slot != NO_SLOT; slot = collection_next(from, slot + 1))
        places[count++] = (struct place){is_set(entry) ? 1 : collection_score(from, slot), from->member[slot]};
    return places;
}

/* As zuiFind. */
static bool find(struct redis *redis, struct entry *entry, uint32_t member, double *score)
{
    uint32_t slot;

    *score = 1;
    if (is_set(entry))
        return set_has(redis, entry, member);
    slot = zset_find(redis, entry, member);
    if (slot != NO_SLOT)
        *score = collection_score(zset_of(entry), slot);
    return slot != NO_SLOT;
}

static double number_or_zero(double number)
{
    return isnan(number) ? 0 : number;
}

/* As zunionInterAggregate. */
static double aggregated(enum word aggregate, double score, double other)
{
    if (aggregate == WORD_SUM)
        return number_or_zero(score + other);
    return (aggregate == WORD_MIN) == (other < score) && other != score ? other : score;
}

/* ---- the three operations ---- */

/* Whether all sources have the member. *score is its score in the first source, and becomes that of the result. */
static bool all_have(struct redis *redis, const struct sources *sources, uint32_t member, double *score)
{
    double own = *score;

    *score = number_or_zero(sources->list[0].weight * own);
    for (uint32_t i = 1; i < sources->count; i++) {
        const struct source *other = &sources->list[i];
        double value = own;

        if (other->entry != sources->list[0].entry && !find(redis, other->entry, member, &value))
            return false;
        *score = aggregated(sources->aggregate, *score, value * other->weight);
    }
    return true;
}

/* Adds the members that all sources have to the result, or counts them if it is NULL, up to `most` (0: no limit). The
 * sources are sorted by size. */
static int64_t intersect(struct redis *redis, const struct sources *sources, struct entry *result, int64_t most)
{
    uint32_t size = size_of(&sources->list[0]);
    struct place *places;
    int64_t count = 0;

    if (!size)
        return 0;
    places = elements_of(sources->list[0].entry);
    for (uint32_t i = 0; i < size && !(most && count == most); i++) {
        double score = places[i].score;

        if (!all_have(redis, sources, places[i].member, &score))
            continue;
        count++;
        if (result)
            zset_put(redis, result, places[i].member, score);
    }
    free(places);
    return count;
}

/* Adds an element of the next source to the union. Since 8.0 the union is the result itself, where a lookup may move a
 * bucket of the table. */
static void unite_one(struct redis *redis, const struct sources *sources, struct entry *united, uint32_t member,
                      double score)
{
    struct collection *zset = zset_of(united);
    uint32_t slot = collection_find(zset, member);

    if (slot == NO_SLOT) {
        zset_put(redis, united, member, score);
        return;
    }
    member_table_visit(redis, zset, slot);
    score = aggregated(sources->aggregate, collection_score(zset, slot), score);
    if (score != collection_score(zset, slot))
        skiplist_set_score(redis, zset, slot, score);
}

static struct entry unite(struct redis *redis, const struct sources *sources)
{
    const struct source *largest = &sources->list[sources->count - 1];
    struct entry united = zset_begin(redis, ENCODING_ZSET_SKIPLIST, size_of(largest)), result;
    struct collection *from = zset_of(&united);

    for (uint32_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->list[i];
        struct place *places = source->entry ? elements_of(source->entry) : NULL;

        for (uint32_t j = 0; j < size_of(source); j++)
            unite_one(redis, sources, &united, places[j].member, number_or_zero(source->weight * places[j].score));
        free(places);
    }
    if (redis->profile->zset_unites_in_place)
        return united;
    /* Before 8.0 the scores were collected in a table of their own. */
    result = zset_begin(redis, ENCODING_ZSET_SKIPLIST, from->count);
    for (uint32_t slot = collection_next(from, 0); slot != NO_SLOT; slot = collection_next(from, slot + 1))
        zset_put(redis, &result, from->member[slot], collection_score(from, slot));
    zset_discard(redis, &united);
    return result;
}

/* Adds the members of the first source that are in no other. */
static void subtract_each(struct redis *redis, const struct sources *sources, struct entry *result)
{
    struct place *places = elements_of(sources->list[0].entry);

    for (uint32_t i = 0; i < size_of(&sources->list[0]); i++) {
        bool has = false;
        double score;

        for (uint32_t other = 1; other < sources->count && !has; other++)
            has = sources->list[other].entry && find(redis, sources->list[other].entry, places[i].member, &score);
        if (!has)
            zset_put(redis, result, places[i].member, places[i].score);
    }
    free(places);
}

/* Adds the members of the first source, then removes those of the others. The table shrinks only at the end. */
static void subtract_all(struct redis *redis, const struct sources *sources, struct entry *result)
{
    struct collection *zset = zset_of(result);

    for (uint32_t i = 0; i < sources->count && (i == 0 || zset->count); i++) {
        struct place *places = sources->list[i].entry ? elements_of(sources->list[i].entry) : NULL;

        for (uint32_t j = 0; j < size_of(&sources->list[i]) && (i == 0 || zset->count); j++)
            if (i == 0)
                zset_put(redis, result, places[j].member, places[j].score);
            else
                zset_remove(redis, result, places[j].member);
        free(places);
        if (i == 0)
            member_table_keep_size(redis, zset, true);
    }
    member_table_keep_size(redis, zset, false);
}

/* As zdiff: the server chooses the method that it expects to be cheaper. */
static void subtract(struct redis *redis, struct sources *sources, struct entry *result)
{
    uint64_t each = 0, all = 0;

    if (!size_of(&sources->list[0]))
        return;
    for (uint32_t i = 0; i < sources->count; i++) {
        if (i && sources->list[i].entry == sources->list[0].entry)
            return;
        each += size_of(&sources->list[0]);
        all += size_of(&sources->list[i]);
    }
    if (each / 2 > all) {
        subtract_all(redis, sources, result);
        return;
    }
    sort_by_size(sources->list + 1, sources->count - 1, false);
    subtract_each(redis, sources, result);
}

/* Returns false if the command has failed or this is not its last row. */
static bool combine(struct call *call, uint32_t skip, struct entry *result)
{
    struct sources sources;

    if (call->flags & REQUEST_MORE || !look_up_sources(call, call_first_row(call) + skip, &sources))
        return false;
    if (call->op == OP_ZUNION || call->op == OP_ZUNIONSTORE) {
        sort_by_size(sources.list, sources.count, true);
        *result = unite(call->redis, &sources);
    } else {
        *result = zset_begin(call->redis, ENCODING_ZSET_SKIPLIST, 0);
        if (call->op == OP_ZDIFF || call->op == OP_ZDIFFSTORE) {
            subtract(call->redis, &sources, result);
        } else {
            sort_by_size(sources.list, sources.count, true);
            intersect(call->redis, &sources, result, 0);
        }
    }
    free(sources.list);
    return true;
}

/* ZUNION, ZINTER, ZDIFF */
void run_zcombine(struct call *call)
{
    struct entry result;

    if (!combine(call, 0, &result))
        return;
    zset_reply_range(call, &result, (struct range){0, zset_of(&result)->count}, call_option(call, WORD_WITHSCORES));
    zset_discard(call->redis, &result);
}

/* ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE */
void run_zcombinestore(struct call *call)
{
    struct entry result;

    if (!combine(call, 1, &result))
        return;
    zset_compact(call->redis, &result);
    call_turn_to(call, call_first_row(call));
    zset_store(call, &result);
}

void run_zintercard(struct call *call)
{
    const struct element *limit = call_option(call, WORD_LIMIT);
    struct sources sources;

    if (call->flags & REQUEST_MORE || !look_up_sources(call, call_first_row(call), &sources))
        return;
    sort_by_size(sources.list, sources.count, true);
    call_reply_integer(call, intersect(call->redis, &sources, NULL, limit ? limit[1].number : 0));
    free(sources.list);
}
