/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/set.h"

#include "sim/server/values/encoding.h"
#include "sim/server/values/listpack.h"

enum { INTSET_MOST = 1 << 30 };

static uint64_t intset_entries_most(const struct redis *redis)
{
    uint64_t most = redis->config.set_max_intset_entries;

    return most < INTSET_MOST ? most : INTSET_MOST;
}

struct entry set_begin(struct redis *redis, enum encoding encoding, uint64_t expected)
{
    struct entry set = {.encoding = encoding & 0x3f};

    set.structure = collection_new(false);
    encodings[encoding].collection->begin(redis, set.structure, expected);
    return set;
}

struct entry set_create(struct redis *redis, uint32_t member, uint64_t members)
{
    bool is_integer = member_of(redis->members, member)->is_integer;

    if (!redis->profile->sets_have_listpacks)
        return set_begin(redis, is_integer ? ENCODING_SET_INTSET : ENCODING_SET_TABLE, 0);
    if (is_integer && members <= redis->config.set_max_intset_entries)
        return set_begin(redis, ENCODING_SET_INTSET, 0);
    if (members <= redis->config.set_max_listpack_entries)
        return set_begin(redis, ENCODING_SET_LISTPACK, 0);
    return set_begin(redis, ENCODING_SET_TABLE, members);
}

struct value set_hand_over(struct redis *redis, const struct entry *set)
{
    struct value value = value_of_structure(redis, (enum encoding)set->encoding, set->structure);

    redis->used -= encodings[set->encoding].bytes(redis, set->structure);
    redis->arguments += value.bytes;
    return value;
}

void set_discard(struct redis *redis, struct entry *set)
{
    collection_encoding_of(set)->end(redis, set_of(set));
    collection_release(set_of(set));
}

void set_expect(struct redis *redis, struct entry *set, uint64_t members)
{
    if (!redis->profile->sets_have_listpacks)
        return;
    if ((set->encoding == ENCODING_SET_LISTPACK && members > redis->config.set_max_listpack_entries) ||
        (set->encoding == ENCODING_SET_INTSET && members > redis->config.set_max_intset_entries))
        collection_convert(redis, set, ENCODING_SET_TABLE, members);
}

static void add(struct redis *redis, struct entry *set, uint32_t member)
{
    uint32_t slot = collection_add(set_of(set), member);

    collection_encoding_of(set)->add(redis, set_of(set), slot);
}

/* Whether a listpack may take another text of this length. */
static bool fits_listpack(const struct redis *redis, uint64_t entries, uint64_t bytes, uint64_t length)
{
    return entries < redis->config.set_max_listpack_entries && length <= redis->config.set_max_listpack_value &&
           bytes + length <= LISTPACK_MOST;
}

/* Whether a listpack may take the integers as texts, and another text. The server assumes the longest for each of
 * them. */
static bool integers_fit_listpack(const struct redis *redis, const struct collection *set, uint64_t length)
{
    uint32_t longest = 0;
    uint64_t bytes = 0;

    for (uint32_t slot = 0; slot < set->used; slot++) {
        struct text text = collection_text(redis, set, slot);

        longest = text.length > longest ? text.length : longest;
        bytes = listpack_entry_bytes(text) > bytes ? listpack_entry_bytes(text) : bytes;
    }
    return longest <= redis->config.set_max_listpack_value &&
           fits_listpack(redis, set->count, LISTPACK_FRAME + set->count * bytes, length);
}

/* Adds a member that is not there yet. It may change the encoding. */
static void add_to_intset(struct redis *redis, struct entry *set, uint32_t member)
{
    const struct member *text = member_of(redis->members, member);
    bool has_listpacks = redis->profile->sets_have_listpacks;

    if (text->is_integer) {
        add(redis, set, member);
        if (set_of(set)->count > intset_entries_most(redis))
            collection_convert(redis, set, ENCODING_SET_TABLE, set_of(set)->count);
        return;
    }
    if (has_listpacks && integers_fit_listpack(redis, set_of(set), text->length))
        collection_convert(redis, set, ENCODING_SET_LISTPACK, 0);
    else
        collection_convert(redis, set, ENCODING_SET_TABLE, set_of(set)->count + UINT64_C(1) * has_listpacks);
    add(redis, set, member);
}

bool set_add(struct redis *redis, struct entry *set, uint32_t member)
{
    uint32_t slot = collection_find(set_of(set), member);

    if (set->encoding == ENCODING_SET_TABLE && redis->profile->adds_at_link)
        collection_encoding_of(set)->find(redis, set_of(set), member);
    else if (set->encoding == ENCODING_SET_TABLE && slot != NO_SLOT)
        member_table_visit(redis, set_of(set), slot);
    if (slot != NO_SLOT)
        return false;
    if (set->encoding == ENCODING_SET_INTSET) {
        add_to_intset(redis, set, member);
        return true;
    }
    if (set->encoding == ENCODING_SET_LISTPACK &&
        !fits_listpack(redis, set_of(set)->count, set_of(set)->bytes, member_of(redis->members, member)->length))
        collection_convert(redis, set, ENCODING_SET_TABLE, set_of(set)->count + UINT64_C(1));
    add(redis, set, member);
    return true;
}

bool set_remove(struct redis *redis, struct entry *set, uint32_t member)
{
    uint32_t slot = collection_find(set_of(set), member);

    if (slot == NO_SLOT) {
        collection_encoding_of(set)->find(redis, set_of(set), member);
        return false;
    }
    collection_encoding_of(set)->remove(redis, set_of(set), slot);
    collection_remove(set_of(set), slot);
    return true;
}

bool set_has(struct redis *redis, struct entry *set, uint32_t member)
{
    collection_encoding_of(set)->find(redis, set_of(set), member);
    return collection_find(set_of(set), member) != NO_SLOT;
}

uint32_t set_random(struct redis *redis, struct entry *set)
{
    struct collection *members = set_of(set);
    uint32_t slot = set->encoding == ENCODING_SET_TABLE ? member_table_random(redis, members)
                                                        : (uint32_t)gsl_rng_uniform_int(redis->rng, members->count);

    return members->member[slot];
}

void set_become_intset(struct redis *redis, struct entry *set)
{
    struct entry intset;

    if (set->encoding == ENCODING_SET_INTSET || set_of(set)->count > intset_entries_most(redis))
        return;
    intset = set_begin(redis, ENCODING_SET_INTSET, 0);
    for (uint32_t slot = collection_next(set_of(set), 0); slot != NO_SLOT;
         slot = collection_next(set_of(set), slot + 1))
        add(redis, &intset, set_of(set)->member[slot]);
    set_discard(redis, set);
    *set = intset;
}

/* ---- loading ---- */

static struct entry load_compact(struct redis *redis, enum encoding encoding, uint64_t most,
                                 const struct element *elements, uint32_t count)
{
    struct entry set = set_begin(redis, encoding, 0);

    for (uint32_t i = 0; i < count; i++)
        if (collection_find(set_of(&set), elements[i].member) == NO_SLOT)
            add(redis, &set, elements[i].member);
    if (set_of(&set)->count > most)
        collection_convert(redis, &set, ENCODING_SET_TABLE, set_of(&set)->count);
    return set;
}

/* Member by member: integers for as long as there is nothing else. A table has room for all from its beginning. */
static struct entry load_members(struct redis *redis, const struct element *elements, uint32_t count)
{
    uint64_t most = intset_entries_most(redis), expected = count > DICT_INITIAL_SIZE ? count : 0;
    struct entry set;

    if (redis->profile->sets_have_listpacks && redis->config.set_max_listpack_entries > most)
        most = redis->config.set_max_listpack_entries;
    set = count > most ? set_begin(redis, ENCODING_SET_TABLE, expected) : set_begin(redis, ENCODING_SET_INTSET, 0);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *text = member_of(redis->members, elements[i].member);
        const struct collection *members = set_of(&set);

        if (collection_find(members, elements[i].member) != NO_SLOT)
            continue;
        if (set.encoding == ENCODING_SET_INTSET && !text->is_integer)
            collection_convert(redis, &set,
                               redis->profile->sets_have_listpacks &&
                                       integers_fit_listpack(redis, members, text->length)
                                   ? ENCODING_SET_LISTPACK
                                   : ENCODING_SET_TABLE,
                               count);
        else if (set.encoding == ENCODING_SET_LISTPACK &&
                 !fits_listpack(redis, members->count, members->bytes, text->length))
            collection_convert(redis, &set, ENCODING_SET_TABLE, count);
        add(redis, &set, elements[i].member);
    }
    return set;
}

struct entry set_load(struct redis *redis, enum payload_kind kind, const struct element *elements, uint32_t count)
{
    if (kind == PAYLOAD_SET_INTSET)
        return load_compact(redis, ENCODING_SET_INTSET, redis->config.set_max_intset_entries, elements, count);
    if (kind == PAYLOAD_SET_LISTPACK)
        return load_compact(redis, ENCODING_SET_LISTPACK, redis->config.set_max_listpack_entries, elements, count);
    return load_members(redis, elements, count);
}
