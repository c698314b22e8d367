/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zset_range: the commands on a part of a sorted set: by rank, score or text, from an end, or at random.
 *
 * Every range becomes a range of ranks once its ends are found. Its direction does not matter for the length of the
 * reply.
 *
 * Source: zrangeGenericCommand, zremrangeGenericCommand, genericZpopCommand (t_zset.c of Redis 7.0.15). */
#include "sim/server/commands/zset.h"

#include "sim/digits.h"
#include "sim/server/commands/commands.h"
#include "sim/server/keyspace.h"
#include "sim/server/names.h"

/* ---- ranges ---- */

static struct range_end range_end_of(const struct element *element)
{
    struct range_end end = {.place = {0, element->member}, .excludes = element->flags & ELEMENT_EXCLUDES};

    if (element->member != NO_MEMBER) {
        end.kind = BOUND_TEXT;
    } else {
        end.kind = BOUND_SCORE;
        end.place.score = zset_element_double(element);
    }
    return end;
}

/* The ends - and + of texts have neither a member nor a score. */
static struct range_end lex_end_of(const struct element *element)
{
    struct range_end end = range_end_of(element);

    if (end.kind == BOUND_SCORE)
        end.kind = element->flags & ELEMENT_MOST ? BOUND_MOST : BOUND_LEAST;
    return end;
}

static bool is_by_lex(const struct call *call)
{
    return call->op == OP_ZRANGEBYLEX || call->op == OP_ZREVRANGEBYLEX || call->op == OP_ZLEXCOUNT ||
           call->op == OP_ZREMRANGEBYLEX || call_option(call, WORD_BYLEX);
}

static bool is_reversed(const struct call *call)
{
    return call->op == OP_ZREVRANGE || call->op == OP_ZREVRANGEBYSCORE || call->op == OP_ZREVRANGEBYLEX ||
           call_option(call, WORD_REV);
}

/* Applies LIMIT. A negative offset leaves nothing, a negative count leaves all. */
static struct range limit(struct range range, int64_t offset, int64_t count, bool reversed)
{
    uint32_t skipped = offset < 0 || offset > range.count ? range.count : (uint32_t)offset;
    uint32_t left = range.count - skipped;

    range.count = count < 0 || count > left ? left : (uint32_t)count;
    range.rank += reversed ? left - range.count : skipped;
    return range;
}

/* LIMIT's offset. Where the server steps to it through the levels of a skip list (zslNthInRange), a negative one counts from the
 * range's end. */
static int64_t offset_of(const struct call *call, const struct entry *entry, struct range range, int64_t offset)
{
    const struct server_profile *profile = call->redis->profile;

    if (offset < 0 && zset_of(entry)->table && profile->limits_count_back && !profile->limits_count_forward)
        offset += range.count;
    return offset;
}

/* The range of the row, whose ends are its last two elements. */
struct range zset_range_asked(const struct call *call, const struct entry *entry)
{
    const struct element *ends = call_elements(call) + call->elements - 2, *limits = call_option(call, WORD_LIMIT);
    bool reversed = is_reversed(call);
    struct range range;

    if (!(ends->flags & ELEMENT_BOUND)) {
        range = zset_range_of_ranks(entry, ends[0].number, ends[1].number);
        if (reversed)
            range.rank = zset_of(entry)->count - range.rank - range.count;
        return range;
    }
    if (is_by_lex(call) && call->op != OP_ZLEXCOUNT)
        range = zset_range_of_texts(call->redis, entry, lex_end_of(&ends[0]), lex_end_of(&ends[1]));
    else if (is_by_lex(call))
        range = zset_range(call->redis, entry, lex_end_of(&ends[0]), lex_end_of(&ends[1]));
    else
        range = zset_range(call->redis, entry, range_end_of(&ends[0]), range_end_of(&ends[1]));
    if (!limits)
        return range;
    return limit(range, offset_of(call, entry, range, limits[1].number), limits[2].number, reversed);
}

/* ZRANGE and ZREVRANGE, also with BYSCORE and BYLEX. How many elements have such scores shows only when they have been sent. */
void run_zrange(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    if (entry && call_elements(call)[call->elements - 1].flags & ELEMENT_BOUND)
        call->reply_way = REPLY_IN_BLOCKS;
    if (entry)
        zset_reply_range(call, entry, zset_range_asked(call, entry), call_option(call, WORD_WITHSCORES));
    else
        call_reply_array(call, 0);
}

/* ZCOUNT, ZLEXCOUNT */
void run_zcount(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, entry ? zset_range_asked(call, entry).count : 0);
}

/* ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX */
void run_zremrange(struct call *call)
{
    struct entry *entry = call_lookup_typed_write(call);
    struct range range = {0};

    if (call->failed)
        return;
    if (entry) {
        range = zset_range_asked(call, entry);
        if (range.count || call->op != OP_ZREMRANGEBYRANK)
            zset_remove_range(call->redis, entry, range.rank, range.count);
        zset_end_removal(call, entry, range.count);
    }
    call_reply_integer(call, range.count);
}

/* Creates the result. Before 7.2 the server compares only the number of elements with the listpack's limits. */
static struct entry create_for(struct redis *redis, uint64_t elements)
{
    if (redis->profile->zset_presizes)
        return zset_create(redis, elements, 0);
    return zset_begin(
        redis, elements > redis->config.zset_max_listpack_entries ? ENCODING_ZSET_SKIPLIST : ENCODING_ZSET_LISTPACK, 0);
}

/* The server knows the number of elements in advance only for a range of ranks. Elements are added one by one. */
void run_zrangestore(struct call *call)
{
    struct redis *redis = call->redis;
    const struct element *last;
    struct entry *source, result;
    struct range range = {0};
    uint32_t slot;

    if (call->flags & REQUEST_MORE)
        return;
    last = call_elements(call) + call->elements - 1;
    source = call_lookup_typed(call);
    if (call->failed)
        return;
    if (source)
        range = zset_range_asked(call, source);
    result = create_for(redis, last->flags & ELEMENT_BOUND ? 0 : range.count);
    slot = range.count ? zset_at(source, range.rank) : NO_SLOT;
    for (uint32_t left = range.count; left; left--, slot = zset_next(source, slot)) {
        const struct collection *from = zset_of(source);
        double score;

        zset_add(redis, &result, from->member[slot], collection_score(from, slot), 0, &score);
    }
    call_turn_to(call, call->row - 1);
    zset_store(call, &result);
}

/* ---- pops ---- */

/* ZPOPMIN, ZPOPMAX */
void run_zpop(struct call *call)
{
    int64_t count = call->elements ? call_elements(call)->number : 1;
    struct entry *entry = call_lookup_typed_write(call);

    if (call->failed)
        return;
    if (entry && count) {
        zset_pop(call, entry, count, call->op == OP_ZPOPMAX);
        return;
    }
    if (entry)
        call_touched(call);
    call_reply_array(call, 0);
}

/* Removes the elements one by one, as ZREM does. */
void zset_pop(struct call *call, struct entry *entry, int64_t count, bool from_end)
{
    const struct collection *zset = zset_of(entry);
    uint32_t popped = count > zset->count ? zset->count : (uint32_t)count;

    call_reply_array(call, popped * UINT64_C(2) + (call->op == OP_BZPOPMIN || call->op == OP_BZPOPMAX));
    for (uint32_t left = popped; left; left--) {
        uint32_t slot = zset_at(entry, from_end ? zset->count - 1 : 0);

        zset_reply_element(call, zset, slot, true);
        zset_remove(call->redis, entry, zset->member[slot]);
    }
    zset_end_removal(call, entry, popped);
}

/* ---- ranks ---- */

/* ZRANK, ZREVRANK */
void run_zrank(struct call *call)
{
    const struct element *member = call_elements(call);
    bool with_score = call->elements > 1;
    struct entry *entry = call_lookup_typed(call);
    uint32_t slot, rank;

    if (call->failed)
        return;
    slot = entry ? zset_find(call->redis, entry, member->member) : NO_SLOT;
    if (slot == NO_SLOT) {
        call_reply_nil(call); /* the nil array has the same length */
        return;
    }
    rank = zset_rank(call->redis, entry, slot);
    if (with_score)
        call_reply_array(call, 2);
    call_reply_integer(call, call->op == OP_ZREVRANK ? zset_of(entry)->count - 1 - rank : rank);
    if (with_score)
        zset_reply_score(call, collection_score(zset_of(entry), slot));
}

/* ---- ZSCAN ---- */

struct scanned {
    struct call *call;
    const struct collection *zset;
    const struct element *match; /* the option; NULL: none */
    int64_t count, seen;
};

static void reply_scanned(void *owner, uint32_t slot)
{
    struct scanned *scanned = owner;

    scanned->seen++;
    if (scanned->match &&
        !names_member_matches(scanned->call->redis, scanned->zset->member[slot], scanned->match[1].member))
        return;
    zset_reply_element(scanned->call, scanned->zset, slot, true);
    scanned->count++;
}

/* As scanGenericCommand: a skip list is scanned through its table from the cursor on, a listpack is replied as a whole. */
void run_zscan(struct call *call)
{
    const struct element *count = call_option(call, WORD_COUNT);
    int64_t wanted = count ? count[1].number : 10, looks = wanted > INT64_MAX / 10 ? INT64_MAX : wanted * 10;
    uint64_t cursor = (uint64_t)call_elements(call)->number;
    struct entry *entry = call_lookup_typed(call);
    struct scanned scanned = {call, entry ? zset_of(entry) : NULL, call_option(call, WORD_MATCH), 0, 0};

    if (call->failed)
        return;
    if (entry && call_is_invalid(call)) {
        call_reply_error(call);
        return;
    }
    if (entry && scanned.zset->table) {
        do
            cursor = table_scan(scanned.zset->table, cursor, reply_scanned, &scanned);
        while (cursor && looks-- > 0 && scanned.seen < wanted);
    } else if (entry) {
        cursor = 0;
        for (uint32_t slot = 0; slot < scanned.zset->used; slot++)
            reply_scanned(&scanned, slot);
    } else {
        cursor = 0;
    }
    call_reply_array(call, 2);
    call_reply_bulk(call, digits_count(cursor));
    call_reply_array(call, 2 * (uint64_t)scanned.count);
}

/* ---- ZRANDMEMBER ---- */

static uint32_t random_slot(struct call *call, const struct entry *entry)
{
    return zset_at(entry, (uint32_t)gsl_rng_uniform_int(call->redis->rng, zset_of(entry)->count));
}

/* Replies with `wanted` different random elements. Each element has the same chance. */
static void reply_different(struct call *call, const struct entry *entry, uint32_t wanted, bool with_scores)
{
    uint32_t left = zset_of(entry)->count;

    for (uint32_t slot = zset_at(entry, 0); wanted; slot = zset_next(entry, slot), left--)
        if (gsl_rng_uniform_int(call->redis->rng, left) < wanted) {
            zset_reply_element(call, zset_of(entry), slot, with_scores);
            wanted--;
        }
}

struct drawing {
    const struct entry *entry;
    bool with_scores;
};

static void draw_element(struct call *call, void *owner)
{
    const struct drawing *drawing = owner;

    zset_reply_element(call, zset_of(drawing->entry), random_slot(call, drawing->entry), drawing->with_scores);
}

/* With a positive count the elements are all different; with a negative count some may be equal. */
void run_zrandmember(struct call *call)
{
    const struct element *count = call_elements(call);
    bool with_scores = call->elements > 1;
    struct entry *entry = call_lookup_typed(call);
    uint32_t size = entry ? zset_of(entry)->count : 0;
    uint64_t wanted = 1;

    if (call->failed)
        return;
    if (!call->elements) {
        if (entry)
            zset_reply_element(call, zset_of(entry), random_slot(call, entry), false);
        else
            call_reply_nil(call);
        return;
    }
    wanted = count->number < 0 ? 0 - (uint64_t)count->number : (uint64_t)count->number;
    if (!size || (count->number >= 0 && wanted > size))
        wanted = size;
    if (count->number >= 0 && wanted == size) {
        zset_reply_range(call, entry, (struct range){0, size}, with_scores);
        return;
    }
    call_reply_array(call, wanted << with_scores);
    if (count->number > 1)
        reply_different(call, entry, (uint32_t)wanted, with_scores);
    else
        call_reply_draws(call, wanted, draw_element, &(struct drawing){entry, with_scores});
}
