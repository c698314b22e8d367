/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/zset.h"

#include "sim/digits.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/listpack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- scores as text ---- */

/* The length of the text that fpconv_dtoa writes for digits * 10^exponent, without the sign. */
static uint32_t short_length(uint32_t digits, int exponent)
{
    int scientific = abs(exponent + (int)digits - 1);

    if (exponent >= 0 && scientific < (int)digits + 7)
        return digits + (uint32_t)exponent;
    if (exponent < 0 && (exponent > -7 || scientific < 4))
        return (int)digits + exponent <= 0 ? 2 + (uint32_t)-exponent : digits + 1;
    return digits + (digits > 1) + 2 + (scientific > 99 ? 3 : scientific > 9 ? 2 : 1);
}

/* The shortest text that reads back as the same number. A text of digits alone that fits 64 bits counts as an
 * integer. */
static struct text short_text(double score)
{
    char text[40];
    int precision = 0, exponent;
    uint32_t digits, sign = score < 0;
    struct text written;

    do
        snprintf(text, sizeof text, "%.*e", precision, score);
    while (strtod(text, NULL) != score && precision++ < 16);
    digits = (uint32_t)precision + 1;
    exponent = atoi(strchr(text, 'e') + 1) - precision;
    written = text_of_string(sign + short_length(digits, exponent));
    written.kind = TEXT_DECIMAL;
    if (exponent >= 0 && written.length == sign + digits + (uint32_t)exponent && fabs(score) < 0x1p63)
        written = text_of_integer((int64_t)score);
    return written;
}

/* As double2ll, which does not try beyond 2^62. */
static bool is_integer(double score)
{
    /* cppcheck-suppress incorrectLogicOperator ; it does not read 0x1p62 */
    return score >= -0x1p62 && score <= 0x1p62 && score == trunc(score);
}

struct text zset_score_text(const struct redis *redis, double score)
{
    struct text text;

    if (is_integer(score))
        return text_of_integer((int64_t)score);
    if (!isinf(score) && redis->profile->scores_are_short)
        return short_text(score);
    text = text_of_string((uint64_t)snprintf(NULL, 0, "%.17g", score)); /* also for inf and -inf */
    text.kind = TEXT_DECIMAL;
    return text;
}

/* ---- creating and converting ---- */

static bool is_compact(const struct entry *entry)
{
    return entry->encoding == ENCODING_ZSET_LISTPACK;
}

struct entry zset_begin(struct redis *redis, enum encoding encoding, uint64_t expected)
{
    struct entry zset = {.encoding = encoding & 0x3f};

    zset.structure = collection_new(true);
    encodings[encoding].collection->begin(redis, zset.structure, expected);
    return zset;
}

struct entry zset_create(struct redis *redis, uint64_t elements, uint64_t member_length)
{
    const struct redis_config *config = &redis->config;
    bool presizes = redis->profile->zset_presizes;
    bool few = presizes ? elements <= config->zset_max_listpack_entries : config->zset_max_listpack_entries > 0;

    if (few && member_length <= config->zset_max_listpack_value)
        return zset_begin(redis, ENCODING_ZSET_LISTPACK, 0);
    return zset_begin(redis, ENCODING_ZSET_SKIPLIST, presizes ? elements : 0);
}

struct value zset_hand_over(struct redis *redis, const struct entry *zset)
{
    struct value value = value_of_structure(redis, (enum encoding)zset->encoding, zset->structure);

    redis->used -= encodings[zset->encoding].bytes(redis, zset->structure);
    redis->arguments += value.bytes;
    return value;
}

void zset_discard(struct redis *redis, struct entry *zset)
{
    redis->used -= encodings[zset->encoding].bytes(redis, zset->structure);
    encodings[zset->encoding].release(zset->structure);
}

static void convert(struct redis *redis, struct entry *entry, uint64_t expected)
{
    redis->unlike_zsets += redis->profile->has_zset_trees;
    collection_convert(redis, entry, ENCODING_ZSET_SKIPLIST, redis->profile->zset_presizes ? expected : 0);
}

void zset_become_skiplist(struct redis *redis, struct entry *zset)
{
    convert(redis, zset, zset_of(zset)->count);
}

void zset_expect(struct redis *redis, struct entry *entry, uint64_t elements, uint64_t member_length)
{
    if (redis->profile->zset_presizes && is_compact(entry) &&
        (elements > redis->config.zset_max_listpack_entries || member_length > redis->config.zset_max_listpack_value))
        convert(redis, entry, elements);
}

/* ---- elements of a listpack ---- */

/* Moves `count` elements in all columns. */
static void move(struct collection *zset, uint32_t to, uint32_t from, uint32_t count)
{
    memmove(zset->member + to, zset->member + from, count * sizeof *zset->member);
    memmove(zset->number + to, zset->number + from, count * sizeof *zset->number);
    memmove(zset->value + to, zset->value + from, count * sizeof *zset->value);
}

static int64_t bits_of(double score)
{
    int64_t bits;

    memcpy(&bits, &score, sizeof bits);
    return bits;
}

static void insert_compact(struct redis *redis, struct collection *zset, struct place place)
{
    uint32_t slot = 0, end = zset->used, last;

    while (slot < end) {
        uint32_t middle = slot + (end - slot) / 2;
        struct place there = {collection_score(zset, middle), zset->member[middle]};

        if (place_compare(redis->members, there, place) < 0)
            slot = middle + 1;
        else
            end = middle;
    }
    last = collection_add(zset, place.member);
    collection_set_number(zset, last, 0);
    move(zset, slot + 1, slot, last - slot);
    zset->member[slot] = place.member;
    zset->number[slot] = bits_of(place.score);
    zset->value[slot] = zset_score_text(redis, place.score);
    listpack_encoding.add(redis, zset, slot);
}

static void remove_compact(struct redis *redis, struct collection *zset, uint32_t slot)
{
    listpack_encoding.remove(redis, zset, slot);
    move(zset, slot, slot + 1, zset->used - slot - 1);
    zset->used--;
    zset->count--;
}

/* ---- one element ---- */

uint32_t zset_find(struct redis *redis, struct entry *entry, uint32_t member)
{
    encodings[entry->encoding].collection->find(redis, zset_of(entry), member);
    return collection_find(zset_of(entry), member);
}

static void set_score(struct redis *redis, struct entry *entry, uint32_t slot, double score)
{
    struct collection *zset = zset_of(entry);
    uint32_t member = zset->member[slot];

    if (!is_compact(entry)) {
        skiplist_set_score(redis, zset, slot, score);
        return;
    }
    remove_compact(redis, zset, slot);
    insert_compact(redis, zset, (struct place){score, member});
}

static enum zset_change update(struct redis *redis, struct entry *entry, uint32_t slot, double score, unsigned flags,
                               double *result)
{
    double before = collection_score(zset_of(entry), slot);

    if (flags & ZSET_NX)
        return ZSET_NOTHING;
    if (flags & ZSET_INCR)
        score += before;
    if (isnan(score))
        return ZSET_NAN;
    if ((flags & ZSET_LT && score >= before) || (flags & ZSET_GT && score <= before))
        return ZSET_NOTHING;
    *result = score;
    if (score == before)
        return ZSET_SAME;
    set_score(redis, entry, slot, score);
    return ZSET_UPDATED;
}

void zset_put(struct redis *redis, struct entry *entry, uint32_t member, double score)
{
    struct collection *zset = zset_of(entry);
    uint32_t slot = collection_add(zset, member);

    collection_set_number(zset, slot, bits_of(score));
    skiplist_encoding.add(redis, zset, slot);
}

enum zset_change zset_add(struct redis *redis, struct entry *entry, uint32_t member, double score, unsigned flags,
                          double *result)
{
    struct collection *zset = zset_of(entry);
    uint64_t length = member_of(redis->members, member)->length;
    uint32_t slot = zset_find(redis, entry, member);

    if (slot != NO_SLOT)
        return update(redis, entry, slot, score, flags, result);
    if (flags & ZSET_XX)
        return ZSET_NOTHING;
    *result = score;
    if (is_compact(entry) && (zset->count + UINT64_C(1) > redis->config.zset_max_listpack_entries ||
                              length > redis->config.zset_max_listpack_value || zset->bytes + length > LISTPACK_MOST)) {
        convert(redis, entry, zset->count + UINT64_C(1));
        zset_find(redis, entry, member);
    }
    if (is_compact(entry)) {
        insert_compact(redis, zset, (struct place){score, member});
        return ZSET_ADDED;
    }
    zset_put(redis, entry, member, score);
    return ZSET_ADDED;
}

static void remove_slot(struct redis *redis, struct entry *entry, uint32_t slot)
{
    struct collection *zset = zset_of(entry);

    if (is_compact(entry)) {
        remove_compact(redis, zset, slot);
        return;
    }
    skiplist_encoding.remove(redis, zset, slot);
    collection_remove(zset, slot);
}

bool zset_remove(struct redis *redis, struct entry *entry, uint32_t member)
{
    uint32_t slot = collection_find(zset_of(entry), member);

    if (slot == NO_SLOT) {
        zset_find(redis, entry, member);
        return false;
    }
    remove_slot(redis, entry, slot);
    return true;
}

/* ---- ranges ---- */

struct end_of_range {
    const struct redis *redis;
    const struct collection *zset;
    struct range_end bound;
    bool takes_equals;
};

/* Whether the element is below the bound; with takes_equals, also when it is equal. */
static bool is_below(const void *owner, uint32_t slot)
{
    const struct end_of_range *to = owner;
    int order;

    switch (to->bound.kind) {
    case BOUND_LEAST:
        return false;
    case BOUND_MOST:
        return true;
    case BOUND_SCORE: {
        double score = collection_score(to->zset, slot);

        return to->takes_equals ? score <= to->bound.place.score : score < to->bound.place.score;
    }
    case BOUND_TEXT:
        break;
    }
    order = member_compare(to->redis->members, to->zset->member[slot], to->bound.place.member);
    return to->takes_equals ? order <= 0 : order < 0;
}

static uint32_t count_below(const struct redis *redis, const struct entry *entry, struct range_end bound,
                            bool takes_equals)
{
    struct end_of_range to = {redis, zset_of(entry), bound, takes_equals};
    uint32_t count = 0;

    if (!is_compact(entry))
        return skiplist_count(to.zset, is_below, &to);
    while (count < to.zset->used && is_below(&to, count))
        count++;
    return count;
}

struct range zset_range(const struct redis *redis, const struct entry *entry, struct range_end least,
                        struct range_end most)
{
    uint32_t first = count_below(redis, entry, least, least.excludes);
    uint32_t end = count_below(redis, entry, most, !most.excludes);

    return (struct range){first, end > first ? end - first : 0};
}

static bool is_at(const struct redis *redis, const struct entry *entry, uint32_t rank, struct range_end end,
                  bool takes_equals)
{
    struct end_of_range to = {redis, zset_of(entry), end, takes_equals};

    return is_below(&to, zset_at(entry, rank));
}

struct range zset_range_of_texts(const struct redis *redis, const struct entry *entry, struct range_end least,
                                 struct range_end most)
{
    struct end_of_range to = {redis, zset_of(entry), most, !most.excludes};
    struct range range = {0};

    if (is_at(redis, entry, to.zset->count - 1, least, least.excludes) ||
        !is_at(redis, entry, 0, most, to.takes_equals))
        return range;
    range.rank = count_below(redis, entry, least, least.excludes);
    for (uint32_t slot = zset_at(entry, range.rank); slot != NO_SLOT && is_below(&to, slot);
         slot = zset_next(entry, slot))
        range.count++;
    return range;
}

struct range zset_range_of_ranks(const struct entry *entry, int64_t first, int64_t last)
{
    int64_t length = zset_of(entry)->count;

    first = first < 0 ? first + length : first;
    last = last < 0 ? last + length : last;
    first = first < 0 ? 0 : first;
    if (first > last || first >= length)
        return (struct range){0, 0};
    last = last >= length ? length - 1 : last;
    return (struct range){(uint32_t)first, (uint32_t)(last - first + 1)};
}

uint32_t zset_rank(const struct redis *redis, const struct entry *entry, uint32_t slot)
{
    const struct collection *zset = zset_of(entry);

    return is_compact(entry)
               ? slot
               : skiplist_rank(redis, zset, (struct place){collection_score(zset, slot), zset->member[slot]});
}

uint32_t zset_at(const struct entry *entry, uint32_t rank)
{
    if (is_compact(entry))
        return rank < zset_of(entry)->used ? rank : NO_SLOT;
    return skiplist_at(zset_of(entry), rank);
}

uint32_t zset_next(const struct entry *entry, uint32_t slot)
{
    return is_compact(entry) ? zset_at(entry, slot + 1) : skiplist_next(zset_of(entry), slot);
}

void zset_remove_range(struct redis *redis, struct entry *entry, uint32_t rank, uint32_t count)
{
    uint32_t slot = count ? zset_at(entry, rank) : NO_SLOT;

    if (!is_compact(entry))
        member_table_keep_size(redis, zset_of(entry), true);
    for (; count; count--) {
        uint32_t next = is_compact(entry) ? slot : zset_next(entry, slot);

        remove_slot(redis, entry, slot);
        slot = next;
    }
    if (!is_compact(entry))
        member_table_keep_size(redis, zset_of(entry), false);
}

void zset_compact(struct redis *redis, struct entry *zset)
{
    const struct collection *from = zset_of(zset);
    uint64_t bytes = 0;
    uint32_t longest = 0;
    struct entry listpack;

    if (is_compact(zset) || from->count > redis->config.zset_max_listpack_entries)
        return;
    for (uint32_t slot = collection_next(from, 0); slot != NO_SLOT; slot = collection_next(from, slot + 1)) {
        uint32_t length = collection_text(redis, from, slot).length;

        longest = length > longest ? length : longest;
        bytes += length;
    }
    if (longest > redis->config.zset_max_listpack_value || bytes > LISTPACK_MOST)
        return;
    listpack = zset_begin(redis, ENCODING_ZSET_LISTPACK, 0);
    for (uint32_t slot = zset_at(zset, 0); slot != NO_SLOT; slot = zset_next(zset, slot))
        insert_compact(redis, zset_of(&listpack), (struct place){collection_score(from, slot), from->member[slot]});
    zset_discard(redis, zset);
    *zset = listpack;
}
