/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_structure.h"

#include "sim/server/values/collection.h"
#include "sim/server/values/field_ttls.h"
#include "sim/server/values/stream.h"
#include "sim/server/values/hyperloglog.h"
#include "sim/server/values/list.h"
#include "sim/server/values/skiplist.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Entry of a listpack, from the bits that a number needs. */
static uint64_t plain_entry(bool is_integer, int64_t number, uint64_t length)
{
    static const struct {
        int64_t least, most;
        uint64_t bytes;
    } integers[] = {{0, 127, 1},
                    {-4096, 4095, 2},
                    {-32768, 32767, 3},
                    {-8388608, 8388607, 4},
                    {-2147483648, 2147483647, 5},
                    {INT64_MIN, INT64_MAX, 9}};
    uint64_t bytes = length + (length <= 63 ? 1 : length <= 4095 ? 2 : 5);

    for (size_t i = 0; is_integer; i++)
        if (number >= integers[i].least && number <= integers[i].most)
            return integers[i].bytes + 1;
    return bytes + (bytes < 128 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : 4);
}

static uint64_t plain_string(const char *allocator, uint64_t length)
{
    uint64_t header = length == 0 ? 3 : length < 32 ? 1 : length < 256 ? 3 : length < 65536 ? 5 : 9;

    return plain_class(allocator, header + length + 1);
}

static bool is_integer(const struct collection *collection, uint32_t slot)
{
    return collection->value[slot].kind != TEXT_STRING && collection->value[slot].kind != TEXT_DECIMAL;
}

/* A sorted set's element, whose number is the score; before 7.2 it has up to 17 digits. */
static uint64_t plain_score(const struct redis *redis, double score)
{
    char text[64];
    int precision = 17;

    if (score == trunc(score) && fabs(score) <= 0x1p62)
        return plain_entry(true, (int64_t)score, 0);
    if (!redis->profile->scores_are_short || isinf(score))
        return plain_entry(false, 0, (uint64_t)snprintf(text, sizeof text, "%.17g", score));
    for (int digits = 17; digits > 0; digits--) {
        snprintf(text, sizeof text, "%.*g", digits, score);
        precision = strtod(text, NULL) == score ? digits : precision;
    }
    /* Neither very large nor very small: as printf writes it. */
    assert_true(fabs(score) < 1e6 && fabs(score) > 1e-4);
    return plain_entry(false, 0, (uint64_t)snprintf(text, sizeof text, "%.*g", precision, score));
}

/* The ttl of a field in a listpack, or 0; those that have one come first, and in order. */
static uint64_t plain_ttl(const struct collection *collection, uint32_t slot)
{
    int64_t ms;

    if (!collection->ttls)
        return 0;
    ms = collection->ttls->item[slot].ms;
    if (slot)
        assert_true(collection->ttls->item[slot - 1].ms <= ms);
    return plain_entry(true, ms == EB_NEVER ? 0 : ms, 0);
}

static uint64_t plain_listpack(const struct redis *redis, const struct collection *collection, bool is_sorted)
{
    uint64_t bytes = 7;

    assert_null(collection->table);
    assert_int_equal(collection->count, collection->used);
    for (uint32_t slot = 0; slot < collection->used; slot++) {
        const struct member *member = member_of(redis->members, collection->member[slot]);

        bytes += plain_entry(member->is_integer, member->number, member->length) + plain_ttl(collection, slot);
        if (is_sorted)
            bytes += plain_score(redis, collection_score(collection, slot));
        else if (collection->value)
            bytes +=
                plain_entry(is_integer(collection, slot), is_integer(collection, slot) ? collection->number[slot] : 0,
                            collection->value[slot].length);
    }
    assert_int_equal(bytes, collection->bytes);
    return plain_class(redis->allocator->name, bytes);
}

static uint64_t plain_intset(const struct redis *redis, const struct collection *collection)
{
    uint64_t widest = 2;

    assert_null(collection->table);
    for (uint32_t slot = 0; slot < collection->used; slot++) {
        const struct member *member = member_of(redis->members, collection->member[slot]);

        assert_true(member->is_integer);
        if (member->number > INT16_MAX || member->number < INT16_MIN)
            widest = widest < 4 ? 4 : widest;
        if (member->number > INT32_MAX || member->number < INT32_MIN)
            widest = 8;
    }
    assert_true(collection->width >= widest); /* a wider one may have gone */
    return plain_class(redis->allocator->name, 8 + (uint64_t)collection->count * collection->width);
}

/* Members of a dict without values that have a node, each of 16 bytes. A chain has one at least for each member but its
 * last. */
uint64_t recount_nodes(const struct redis *redis, const struct dict *dict)
{
    uint64_t nodes = 0;

    for (int table = 0; table < 2; table++)
        for (uint64_t bucket = 0; bucket < dict->size[table]; bucket++)
            for (uint32_t id = dict_head(dict, table, bucket); id != DICT_END; id = dict_next(dict, id)) {
                assert_true(dict->has_node[id] || dict_next(dict, id) == DICT_END);
                nodes += dict->has_node[id];
            }
    return nodes * plain_class(redis->allocator->name, 16);
}

/* A field and its value in Valkey: one block of at most 128 bytes, in which the value before may have been longer, or
 * two. */
static uint64_t plain_hash_entry(const struct redis *redis, uint64_t field, uint64_t value, uint64_t block,
                                 bool has_ttl)
{
    const char *allocator = redis->allocator->name;
    uint64_t short_header = has_ttl ? 3 : 1, ttl = has_ttl ? 8 : 0;
    uint64_t least = ttl +
                     (field < 32    ? short_header
                      : field < 256 ? UINT64_C(3)
                                    : UINT64_C(5)) +
                     field + 1 + 3 + value + 1;

    if (!block) {
        assert_true(least > (redis->profile->entries_shorten_header || field >= 32 ? UINT64_C(128) : UINT64_C(126)));
        return plain_class(allocator, ttl + 8 + (field < 256 ? UINT64_C(3) : UINT64_C(5)) + field + 1) +
               plain_string(allocator, value);
    }
    assert_true(least <= block && block <= 128);
    assert_true(plain_class(allocator, least) == block || least >= block * 3 / 4);
    return block;
}

/* Each field with a ttl is in it. The trees of long ones weigh what they say: model_rax holds them to that. */
static uint64_t plain_volatile_set(const struct collection *collection)
{
    uint64_t count = 0;

    if (!collection->ttls)
        return 0;
    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT;
         slot = collection_next(collection, slot + 1)) {
        bool has_ttl = collection->ttls->item[slot].ms != EB_NEVER;

        assert_int_equal(has_ttl, collection->ttls->attached[slot]);
        count += has_ttl;
    }
    assert_int_equal(count, volatile_set_count(&collection->ttls->set));
    assert_int_equal(collection->ttls->set.shared.bytes, volatile_set_recount(&collection->ttls->set));
    assert_int_equal(collection->ttls->is_listed, count != 0);
    return collection->ttls->set.shared.bytes;
}

static uint64_t plain_member_hashtable(const struct redis *redis, const struct collection *collection)
{
    const char *allocator = redis->allocator->name;
    const struct hashtable *table = &collection->table->hashtable;
    uint64_t buckets = hashtable_buckets(table) + table->children[0] + table->children[1];
    uint64_t object =
        redis->profile->keys_table_bytes - 16 + (collection->value && redis->profile->hash_metadata_bytes ? 8 : 0);
    uint64_t bytes = plain_class(allocator, object) + 64 * buckets;
    uint32_t elements = 0;

    assert_int_equal(table_count(collection->table), collection->count);
    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT;
         slot = collection_next(collection, slot + 1), elements++) {
        uint32_t length = member_of(redis->members, collection->member[slot])->length;

        assert_int_equal(collection_find(collection, collection->member[slot]), slot);
        bytes += collection->value ? plain_hash_entry(redis, length, collection->value[slot].length,
                                                      UINT64_C(8) * collection->block[slot],
                                                      collection->ttls && collection->ttls->item[slot].ms != EB_NEVER)
                                   : plain_string(allocator, length);
    }
    assert_int_equal(elements, collection->count);
    return bytes + plain_volatile_set(collection);
}

/* A field, since Redis 7.4: 16 bytes of ttl and 2 of flags before the header, if it has one or had one. */
static uint64_t plain_field(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    uint64_t length = member_of(redis->members, collection->member[slot])->length;
    uint64_t header = length < 32 ? 1 : length < 65536 ? 3 : 9;
    bool has_ttl = collection->ttls && collection->ttls->item[slot].ms != EB_NEVER;

    if (has_ttl) {
        assert_true(collection->ttls->attached[slot]);
        assert_true(eb_item_is_in(&collection->ttls->item[slot]));
    }
    return plain_class(redis->allocator->name,
                       header + length + 1 + (collection->ttls && collection->ttls->attached[slot] ? 18 : 0));
}

/* The ebuckets weigh what they say: model_ebuckets holds them to that. */
static uint64_t plain_ttls(const struct collection *collection)
{
    uint64_t count = 0;

    if (!collection->ttls)
        return 0;
    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT; slot = collection_next(collection, slot + 1))
        count += collection->ttls->item[slot].ms != EB_NEVER;
    assert_int_equal(count, collection->ttls->fields.count);
    return collection->ttls->fields.bytes;
}

/* The same in Redis since 8.6: `room` is what the value's header says, and what the first one needed; 0: the value is apart. A ttl
 * has 16 bytes. */
static uint64_t plain_redis_entry(const struct redis *redis, uint64_t field, uint64_t value, uint64_t room,
                                  bool has_ttl)
{
    const char *allocator = redis->allocator->name;
    uint64_t long_header = field < 256 ? 3 : field < 65536 ? 5 : 9, header = field < 32 && !has_ttl ? 1 : long_header;
    uint64_t ttl = has_ttl ? 16 : 0;

    if (!room) {
        assert_true(ttl + header + field + 1 + 3 + value + 1 > 128);
        return plain_class(allocator, ttl + 8 + long_header + field + 1) + plain_string(allocator, value);
    }
    assert_true(3 + value + 1 <= room && (3 + value + 1 == room || 3 + value + 1 >= room * 3 / 4));
    assert_true(ttl + header + field + 1 + room <= 128);
    return plain_class(allocator, ttl + header + field + 1 + room);
}

static uint64_t plain_dict_object(const struct redis *redis, const struct collection *collection)
{
    bool knows_size = redis->profile->dicts_know_size && !collection->order;

    return plain_class(redis->allocator->name, 56 + (collection->ttls ? 32 : knows_size ? 8 : 0));
}

static uint64_t plain_member_table(const struct redis *redis, const struct collection *collection)
{
    const char *allocator = redis->allocator->name;
    const struct dict *dict = &collection->table->dict;
    uint64_t bytes = plain_dict_object(redis, collection) + 8 * (dict->size[0] + dict->size[1]);
    bool has_mstrs = collection->value && redis->profile->fields_are_mstrs;
    uint32_t elements = 0;

    if (table_has_buckets(collection->table))
        return plain_member_hashtable(redis, collection);
    assert_int_equal(table_count(collection->table), collection->count);
    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT;
         slot = collection_next(collection, slot + 1), elements++) {
        assert_int_equal(collection_find(collection, collection->member[slot]), slot);
        if (collection->block) {
            bytes += plain_redis_entry(redis, member_of(redis->members, collection->member[slot])->length,
                                       collection->value[slot].length, collection->block[slot],
                                       collection->ttls && collection->ttls->attached[slot]);
            continue;
        }
        bytes += (dict->has_node ? 0 : plain_class(allocator, 24)) +
                 (has_mstrs ? plain_field(redis, collection, slot)
                            : plain_string(allocator, member_of(redis->members, collection->member[slot])->length));
        if (collection->value)
            bytes += plain_string(allocator, collection->value[slot].length);
    }
    assert_int_equal(elements, collection->count);
    bytes += plain_ttls(collection);
    return bytes + (dict->has_node ? recount_nodes(redis, dict) : 0) +
           (dict_is_rehashing(dict) ? dict->rehash_bytes : 0);
}

/* Each element as who it is says it is; of SORT's, who they are is not known. */
static uint64_t plain_list(const struct redis *redis, const struct list *list, bool is_quicklist)
{
    const char *allocator = redis->allocator->name;
    const struct list_node *previous = NULL;
    uint64_t bytes = is_quicklist ? plain_class(allocator, redis->profile->lists_know_size ? 48 : 40) : 0, elements = 0,
             nodes = 0;

    assert_true(is_quicklist || (list->head == list->tail && !list->head->is_plain));
    for (const struct list_node *node = list->head; node; previous = node, node = node->next, nodes++) {
        uint64_t content = node->is_plain ? 0 : 7;

        assert_ptr_equal(node->previous, previous);
        assert_in_range(node->ring.count, 1, node->is_plain ? 1 : UINT32_MAX);
        for (uint32_t i = 0; i < node->ring.count; i++, elements++) {
            struct list_element element = list_at((struct list_place){(struct list_node *)(uintptr_t)node, i});
            const struct member *member = member_of(redis->members, element.member);

            assert_int_equal(element.text.length, member->length);
            content +=
                node->is_plain ? member->length : plain_entry(member->is_integer, member->number, member->length);
        }
        assert_int_equal(content, node->bytes);
        bytes += plain_class(allocator, content) + (is_quicklist ? plain_class(allocator, 40) : 0);
    }
    assert_ptr_equal(list->tail, previous);
    assert_int_equal(elements, list->count);
    assert_int_equal(nodes, list->node_count);
    assert_int_equal(bytes, list->bytes);
    return bytes;
}

/* Every node of the order is found by its rank, and the levels are what the nodes weigh. */
static uint64_t plain_skiplist(const struct redis *redis, const struct collection *zset)
{
    const char *allocator = redis->allocator->name;
    bool has_members = redis->profile->members_in_nodes;
    bool is_bare = redis->profile->nodes_are_bare; /* of the length of the header */
    uint64_t bytes =
        plain_class(allocator, 16) + (has_members ? plain_class(allocator, 16 + 16 * 32)
                                                  : plain_class(allocator, 32) + plain_class(allocator, 24 + 16 * 32));
    uint64_t texts = 0;
    uint32_t rank = 0, before = NO_SLOT;

    assert_null(zset->value);
    if (is_bare)
        bytes += plain_class(allocator, 40);
    for (uint32_t slot = skiplist_at(zset, 0); slot != NO_SLOT; slot = skiplist_next(zset, slot), rank++) {
        struct place place = {collection_score(zset, slot), zset->member[slot]};

        assert_int_equal(skiplist_rank(redis, zset, place), rank);
        assert_int_equal(skiplist_at(zset, rank), slot);
        if (before != NO_SLOT)
            assert_true(place_compare(redis->members,
                                      (struct place){collection_score(zset, before), zset->member[before]}, place) < 0);
        if (has_members) {
            uint64_t length = member_of(redis->members, zset->member[slot])->length;
            uint64_t header = length == 0 && !is_bare ? 3 : length < 32 ? 1 : length < 256 ? 3 : 5;

            texts += plain_string(allocator, length);
            bytes += plain_class(allocator,
                                 (is_bare ? 17 : 18) + 16 * (uint64_t)skiplist_levels(zset, slot) + header + length);
        } else {
            bytes += plain_class(allocator, 24 + 16 * (uint64_t)skiplist_levels(zset, slot));
        }
        before = slot;
    }
    assert_int_equal(rank, zset->count);
    return bytes + plain_member_table(redis, zset) - texts;
}

/* Of a tree: what it says of itself; model_rax holds it to that. */
static uint64_t plain_group(const struct redis *redis, const char *allocator, const struct stream_group *group)
{
    uint64_t bytes = plain_class(allocator, redis->profile->pending_is_ordered ? 56 : 40) + group->pending.bytes +
                     group->names.bytes,
             pending = 0;
    uint64_t consumer = redis->profile->stream_consumer_bytes ? redis->profile->stream_consumer_bytes : 24;

    for (uint32_t i = 0; i < group->consumer_count; i++) {
        if (group->consumers[i].gone)
            continue;
        pending += group->consumers[i].pending.count;
        bytes += plain_class(allocator, consumer) + group->consumers[i].pending.bytes +
                 plain_string(allocator, member_of(redis->members, group->consumers[i].name)->length);
    }
    assert_int_equal(pending, group->pending.count);
    return bytes + pending * plain_class(allocator, redis->profile->pending_is_ordered    ? 64
                                                    : redis->profile->streams_know_groups ? 32
                                                                                          : 24);
}

static bool is_held_before(const struct stream *stream, uint32_t group, struct stream_id id)
{
    for (uint32_t i = 0; i < group; i++)
        if (!stream->group[i].gone && stream_pending_find(&stream->group[i], id))
            return true;
    return false;
}

/* Since Redis 8.6: a list for each entry that is pending, with a node for each group. Of the tree: what it says. */
static uint64_t plain_holders(const struct redis *redis, const char *allocator, const struct stream *stream)
{
    uint64_t bytes = stream->holders ? stream->holders->bytes : 0, lists = 0;

    for (uint32_t i = 0; redis->profile->streams_know_groups && i < stream->group_count; i++)
        for (struct stream_id id = {0, 0};
             !stream->group[i].gone && stream_next_pending(&stream->group[i].pending, &id); id.seq++) {
            bool begins = !is_held_before(stream, i, id);

            lists += begins;
            bytes += plain_class(allocator, 24) + (begins ? plain_class(allocator, 48) : 0);
        }
    assert_int_equal(lists, stream->holders ? stream->holders->count : 0);
    return bytes;
}

static uint64_t plain_stream(const struct redis *redis, const struct stream *stream)
{
    const char *allocator = redis->allocator->name;
    uint64_t bytes = plain_class(allocator, redis->profile->pending_is_ordered    ? 160
                                            : redis->profile->lists_know_size     ? 120
                                            : redis->profile->streams_know_groups ? 112
                                                                                  : 80) +
                     stream->index.bytes,
             entries = 0;

    assert_int_equal(stream->index.count, stream->node_count);
    for (uint32_t i = stream->node_first; i < stream->node_first + stream->node_count; i++) {
        const struct stream_node *node = &stream->nodes[i];
        uint32_t live = 0;

        for (uint32_t entry = 0; entry < node->count; entry++) {
            live += !node->entries[entry].deleted;
            if (entry)
                assert_true(stream_id_compare(node->entries[entry - 1].id, node->entries[entry].id) < 0);
        }
        assert_int_equal(live, node->live);
        assert_int_equal(node->count - live, node->deleted);
        assert_true(live && node->bytes <= plain_class(allocator, node->block));
        entries += live;
        bytes += plain_class(allocator, node->block);
    }
    assert_int_equal(entries, stream->length);
    for (uint32_t i = 0; i < stream->group_count; i++)
        if (!stream->group[i].gone)
            bytes += plain_group(redis, allocator, &stream->group[i]);
    return bytes + (stream->groups ? stream->groups->bytes : 0) + plain_holders(redis, allocator, stream);
}

/* The string is as long as the runs say, or 16 bytes and 6 bits for each register. */
static uint64_t plain_hll(const struct redis *redis, const struct hll *hll)
{
    uint64_t length = 16, registers = 0, header = hll->capacity < 32 ? 1 : hll->capacity < 256 ? 3 : 5;

    for (uint32_t i = 0; hll->runs && i < hll->run_count; i++) {
        assert_true(hll->runs[i].rank == 0 || hll->runs[i].registers < 4);
        assert_true(!i || hll->runs[i].rank || hll->runs[i - 1].rank);
        registers += hll->runs[i].registers + 1u;
        length += hll->runs[i].rank == 0 && hll->runs[i].registers >= 64 ? 2 : 1;
    }
    assert_int_equal(hll->runs ? registers : 16384, 16384);
    assert_int_equal(hll->length, hll->dense ? 16 + 12288 : length);
    assert_true(hll->capacity >= hll->length);
    return plain_class(redis->allocator->name, header + hll->capacity + 1);
}

uint64_t recount_structure(const struct redis *redis, const struct entry *entry)
{
    switch (entry->encoding) {
    case ENCODING_HLL:
        return plain_hll(redis, entry->structure);
    case ENCODING_HLL_EMBSTR:
        return 0;
    case ENCODING_SET_INTSET:
        return plain_intset(redis, entry->structure);
    case ENCODING_HASH_LISTPACK:
    case ENCODING_SET_LISTPACK:
        return plain_listpack(redis, entry->structure, false);
    case ENCODING_HASH_LISTPACK_EX:
        return plain_listpack(redis, entry->structure, false) + plain_class(redis->allocator->name, 32);
    case ENCODING_HASH_TABLE:
    case ENCODING_SET_TABLE:
        return plain_member_table(redis, entry->structure);
    case ENCODING_LIST_LISTPACK:
    case ENCODING_LIST_QUICKLIST:
        return plain_list(redis, entry->structure, entry->encoding == ENCODING_LIST_QUICKLIST);
    case ENCODING_ZSET_LISTPACK:
        return plain_listpack(redis, entry->structure, true);
    case ENCODING_ZSET_SKIPLIST:
        return plain_skiplist(redis, entry->structure);
    case ENCODING_STREAM:
        return plain_stream(redis, entry->structure);
    default:
        fail_msg("no structure is kept in encoding %d", entry->encoding);
        return 0;
    }
}
