/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/encoding.h"

#include "sim/server/values/block_tally.h"
#include "sim/server/values/collection.h"
#include "sim/server/values/hyperloglog.h"
#include "sim/server/values/list.h"
#include "sim/server/values/skiplist.h"
#include "sim/server/values/stream.h"

/* Those that are one block. */
#define ONE_BLOCK(name, weighs)                                                                                        \
    static void name(const struct redis *redis, const void *structure, struct block_tally *tally)                      \
    {                                                                                                                  \
        tally_add(tally, weighs(redis, structure));                                                                    \
    }
ONE_BLOCK(listpack_tally, listpack_bytes)
ONE_BLOCK(intset_tally, intset_bytes)
ONE_BLOCK(list_tally, list_bytes)
ONE_BLOCK(hll_tally, hll_bytes)

static void listpackex_tally(const struct redis *redis, const void *structure, struct block_tally *tally)
{
    tally_add(tally, listpack_bytes(redis, structure));
    tally_add(tally, listpackex_bytes(redis, structure) - listpack_bytes(redis, structure));
}

#define STRING(encoding)                                                                                               \
    {                                                                                                                  \
        .type_name = "string", .name = encoding, .type = TYPE_STRING                                                   \
    }
#define COLLECTION(of_type, its_type, encoding, way, samples)                                                          \
    {                                                                                                                  \
        .type_name = of_type, .name = encoding, .type = its_type, .bytes = way##_bytes, .release = collection_release, \
        .copy = way##_copy, .sample = samples, .tally = way##_tally, .collection = &way##_encoding                     \
    }
#define LIST(encoding, samples, tallies)                                                                               \
    {                                                                                                                  \
        .type_name = "list", .name = encoding, .type = TYPE_LIST, .bytes = list_bytes, .release = list_release,        \
        .copy = list_copy, .sample = samples, .tally = tallies                                                         \
    }

const struct encoding_rules encodings[ENCODINGS] = {
    [ENCODING_ABSENT] = {.type_name = "none", .name = ""},
    [ENCODING_SHARED] = STRING("int"),
    [ENCODING_INT] = STRING("int"),
    [ENCODING_EMBSTR] = STRING("embstr"),
    [ENCODING_RAW] = STRING("raw"),
    [ENCODING_HASH_LISTPACK] = COLLECTION("hash", TYPE_HASH, "listpack", listpack, NULL),
    [ENCODING_HASH_LISTPACK_EX] = COLLECTION("hash", TYPE_HASH, "listpackex", listpackex, NULL),
    [ENCODING_HASH_TABLE] = COLLECTION("hash", TYPE_HASH, "hashtable", member_table, member_table_sample),
    [ENCODING_SET_INTSET] = COLLECTION("set", TYPE_SET, "intset", intset, NULL),
    [ENCODING_SET_LISTPACK] = COLLECTION("set", TYPE_SET, "listpack", listpack, NULL),
    [ENCODING_SET_TABLE] = COLLECTION("set", TYPE_SET, "hashtable", member_table, member_table_sample),
    [ENCODING_LIST_LISTPACK] = LIST("listpack", NULL, list_tally),
    [ENCODING_LIST_QUICKLIST] = LIST("quicklist", quicklist_sample, quicklist_tally),
    [ENCODING_ZSET_LISTPACK] = COLLECTION("zset", TYPE_ZSET, "listpack", listpack, NULL),
    [ENCODING_ZSET_SKIPLIST] = {.type_name = "zset",
                                .name = "skiplist",
                                .type = TYPE_ZSET,
                                .bytes = skiplist_bytes,
                                .sample = skiplist_sample,
                                .tally = member_table_tally,
                                .release = skiplist_release,
                                .copy = skiplist_copy,
                                .collection = &skiplist_encoding},
    [ENCODING_STREAM] = {.type_name = "stream",
                         .name = "stream",
                         .type = TYPE_STREAM,
                         .bytes = stream_bytes,
                         .usage = stream_usage,
                         .release = stream_free,
                         .copy = stream_copy},
    [ENCODING_HLL] = {.type_name = "string",
                      .name = "raw",
                      .type = TYPE_HLL,
                      .bytes = hll_bytes,
                      .tally = hll_tally,
                      .release = hll_release,
                      .copy = hll_copy},
    [ENCODING_HLL_EMBSTR] = {.type_name = "string",
                             .name = "embstr",
                             .type = TYPE_HLL,
                             .bytes = hll_embstr_bytes,
                             .release = hll_release,
                             .copy = hll_copy},
};

void collection_convert(struct redis *redis, struct entry *entry, enum encoding encoding, uint64_t expected)
{
    struct collection *collection = entry->structure;
    const struct collection_encoding *to = encodings[encoding].collection;

    encodings[entry->encoding].collection->end(redis, collection);
    to->begin(redis, collection, expected);
    for (uint32_t slot = 0; slot < collection->used; slot++)
        to->add(redis, collection, slot);
    entry->encoding = encoding & 0x3f;
}

/* Of a stream: its nodes, its groups, and of each group as many pending entries as the first has. */
static uint64_t stream_effort(const struct stream *stream)
{
    const struct stream_group *first = NULL;
    uint64_t groups = 0;

    for (uint32_t i = 0; i < stream->group_count; i++)
        if (!stream->group[i].gone) {
            first = first ? first : &stream->group[i];
            groups++;
        }
    return stream->index.nodes + (first ? groups * (1 + first->pending.count) : 0);
}

uint64_t entry_free_effort(const struct entry *entry)
{
    switch (entry->encoding) {
    case ENCODING_HASH_TABLE:
    case ENCODING_SET_TABLE:
    case ENCODING_ZSET_SKIPLIST:
        return ((const struct collection *)entry->structure)->count;
    case ENCODING_LIST_QUICKLIST:
        return list_of(entry)->node_count;
    case ENCODING_STREAM:
        return stream_effort(stream_of(entry));
    default:
        return 1;
    }
}

double entry_free_us(const struct redis *redis, const struct entry *entry)
{
    uint64_t per_second = redis->options->speed.elements;

    return per_second && encoding_is_structure(entry->encoding)
               ? 1e6 * (double)entry_free_effort(entry) / (double)per_second
               : 0;
}
