/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/object.h"

#include "sim/server/blessing.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hyperloglog.h"
#include "sim/server/values/room.h"

enum {
    DICT_ENTRY = 24,
    SLOT_LINKS = 16,     /* clusterDictEntryMetadata: the keys of a slot are a list (7.0, 7.2) */
    EMBEDDED_ENTRY = 17, /* a dictEntry, and a byte with the place where the name begins */
    TTL_FIELD = 8,
    OBJECT_64 = 64, /* a cache line */
    OBJECT_128 = 128,
    LONG_NAME = 128, /* KEY_SIZE_TO_INCLUDE_EXPIRE_THRESHOLD */
};

static uint64_t class_of(const struct redis *redis, uint64_t bytes)
{
    return allocator_class(redis->allocator, bytes);
}

/* An embstr has its robj, an sds header of 3 bytes, the string and a NUL in one block, which must not exceed a cache
 * line. Since Valkey 9 the robj has no pointer, and the block may take two cache lines. */
void object_init(struct redis *redis)
{
    bool is_128 = redis->profile->layout == LAYOUT_OBJECT_128;

    redis->entry_bytes = redis->key_entry_bytes = class_of(redis, DICT_ENTRY);
    if (redis->config.cluster_enabled && !redis->profile->lists_rehashing)
        redis->key_entry_bytes = class_of(redis, DICT_ENTRY + SLOT_LINKS);
    redis->has_objects = layout_has_objects(redis->profile->layout);
    redis->embstr_overhead = ROBJ_BYTES - (is_128 ? 8 : 0) + 3 + 1;
    redis->embstr_limit = (is_128 ? OBJECT_128 : OBJECT_64) - redis->embstr_overhead;
}

/* ---- values ---- */

static uint64_t raw_bytes(const struct redis *redis, uint32_t capacity, bool has_wide_header)
{
    return class_of(redis, ROBJ_BYTES) +
           (has_wide_header ? wide_block_bytes(redis, capacity) : block_bytes(redis, capacity));
}

struct value value_of_integer(const struct redis *redis, int64_t number)
{
    struct value value = {.number = number};

    if (redis->shares_integers && number >= 0 && number < SHARED_INTEGERS) {
        value.encoding = ENCODING_SHARED;
    } else {
        value.encoding = ENCODING_INT;
        value.needs_object = redis->copies_integers && number >= 0 && number < SHARED_INTEGERS;
        value.bytes = value.needs_object ? 0 : class_of(redis, ROBJ_BYTES);
    }
    return value;
}

struct value value_of_raw(const struct redis *redis, uint32_t length)
{
    return (struct value){
        .encoding = ENCODING_RAW,
        .length = length,
        .capacity = capacity_of_new(redis, length),
        .bytes = class_of(redis, ROBJ_BYTES) + sds_bytes(redis->allocator, length),
    };
}

/* trimStringObjectIfNeeded: whether so much is free that the string moves to a new block, or to a part of its own. */
static bool is_trimmed(const struct redis *redis, const struct value *value)
{
    return value->length >= redis->profile->trims_from && value->capacity - value->length > value->length / 10;
}

/* Then nothing is free, or, where the header follows the room, the rounding of that block. `header` is that of the string as
 * it came. */
static void trim(const struct redis *redis, struct value *value, uint32_t header)
{
    const struct server_profile *profile = redis->profile;
    bool is_wide = header > sds_header(value->length);

    if (!profile->header_follows_room)
        value->capacity = value->length;
    else if (is_wide)
        value->capacity = room_of_block(redis, wide_block_bytes(redis, value->length), header);
    else
        value->capacity = capacity_of_new(redis, value->length);
    value->has_wide_header = is_wide && !profile->header_follows_room;
}

struct value value_of_argument(const struct redis *redis, uint32_t length, bool is_integer, int64_t number,
                               uint64_t adopted_capacity)
{
    struct value value;

    if (is_integer)
        return value_of_integer(redis, number);
    if (length <= redis->embstr_limit)
        return (struct value){
            .encoding = ENCODING_EMBSTR,
            .length = length,
            .bytes = argument_bytes(redis, length),
        };
    value = value_of_raw(redis, length);
    if (!adopted_capacity && !is_trimmed(redis, &value))
        return value;
    /* A string that took over a large query buffer keeps the buffer's header. */
    if (adopted_capacity)
        value.capacity = (uint32_t)adopted_capacity;
    if (is_trimmed(redis, &value))
        trim(redis, &value, adopted_capacity ? redis->client.adopted_header : sds_header(length));
    value.bytes = raw_bytes(redis, value.capacity, value.has_wide_header);
    return value;
}

/* The bytes of the structure, and of its own object where key and value are not one block. */
static uint64_t structure_bytes(const struct redis *redis, enum encoding encoding, const void *structure)
{
    return (has_objects(redis) ? 0 : class_of(redis, ROBJ_BYTES)) + encodings[encoding].bytes(redis, structure);
}

struct value value_of_structure(const struct redis *redis, enum encoding encoding, void *structure)
{
    struct value value = {.encoding = encoding, .structure = structure};

    if (encoding == ENCODING_HLL_EMBSTR)
        value.bytes = argument_bytes(redis, ((const struct hll *)structure)->length);
    else
        value.bytes = structure_bytes(redis, encoding, structure);
    return value;
}

void entry_release_structure(struct entry *entry)
{
    encodings[entry->encoding].release(entry->structure);
}

struct value value_of_entry(const struct redis *redis, const struct entry *entry)
{
    struct value value = {.encoding = (enum encoding)entry->encoding};

    if (encoding_is_structure(entry->encoding))
        return value_of_structure(redis, value.encoding, entry->structure);
    if (value.encoding == ENCODING_INT || value.encoding == ENCODING_SHARED) {
        value.number = entry->number;
    } else {
        value.length = entry->length;
        value.capacity = entry->capacity;
        value.has_wide_header = entry->has_wide_header;
    }
    switch ((int)value.encoding) {
    case ENCODING_INT:
        value.bytes = class_of(redis, ROBJ_BYTES);
        break;
    case ENCODING_EMBSTR:
        value.bytes = argument_bytes(redis, value.length);
        break;
    case ENCODING_RAW:
        value.bytes = raw_bytes(redis, value.capacity, value.has_wide_header);
        break;
    default:
        break;
    }
    return value;
}

/* A copy has no spare room, and its integer is never shared. */
struct value value_of_copy(struct redis *redis, const struct entry *entry)
{
    if (encoding_is_structure(entry->encoding))
        return value_of_structure(redis, (enum encoding)entry->encoding,
                                  encodings[entry->encoding].copy(redis, entry->structure));
    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED)
        return (struct value){.encoding = ENCODING_INT, .number = entry->number, .bytes = class_of(redis, ROBJ_BYTES)};
    if (entry->encoding == ENCODING_EMBSTR)
        return value_of_entry(redis, entry);
    return value_of_raw(redis, entry->length);
}

/* Of a value that is not kept as a text of its length. */
uint32_t entry_other_length(const struct entry *entry)
{
    return entry->encoding >= ENCODING_HLL ? ((const struct hll *)entry->structure)->length
                                           : decimal_length(entry->number);
}

uint64_t entry_value_bytes(const struct redis *redis, const struct entry *entry)
{
    if (encoding_is_structure(entry->encoding) && !entry_is_embstr(entry))
        return structure_bytes(redis, (enum encoding)entry->encoding, entry->structure);
    switch (entry->encoding) {
    case ENCODING_INT:
        return has_objects(redis) ? 0 : class_of(redis, ROBJ_BYTES);
    case ENCODING_EMBSTR:
    case ENCODING_HLL_EMBSTR:
        return has_objects(redis) ? 0 : argument_bytes(redis, entry_value_length(entry));
    case ENCODING_RAW:
        return has_objects(redis) ? block_bytes(redis, entry->capacity)
                                  : raw_bytes(redis, entry->capacity, entry->has_wide_header);
    default:
        break;
    }
    return 0;
}

void entry_copy_value(struct entry *entry, const struct value *value)
{
    entry->encoding = value->encoding & 0x3f;
    if (value->encoding == ENCODING_INT || value->encoding == ENCODING_SHARED) {
        entry->number = value->number;
    } else if (encoding_is_structure(value->encoding)) {
        entry->structure = value->structure;
    } else {
        entry->length = value->length;
        entry->capacity = value->capacity;
        entry->has_wide_header = value->has_wide_header;
    }
}

/* ---- keys ---- */

/* One byte holds the length of the header. An empty name has a header of 1 byte. */
static uint64_t name_bytes(uint32_t key_len)
{
    return 1 + sds_header(key_len ? key_len : 1) + (uint64_t)key_len + 1;
}

/* The robj and an embedded string. The string takes the place of the pointer, so the size is at least that of a
 * robj. */
static uint64_t robj_and_value_bytes(const struct redis *redis, const struct entry *entry)
{
    uint64_t bytes = 0;

    if (entry_is_embstr(entry))
        bytes = redis->embstr_overhead + (uint64_t)entry_value_length(entry);
    return bytes < ROBJ_BYTES ? ROBJ_BYTES : bytes;
}

static uint64_t object_size(const struct redis *redis, uint32_t id, bool has_field)
{
    return robj_and_value_bytes(redis, entry_of(redis, id)) + (has_field ? TTL_FIELD : 0) +
           redis->profile->key_metadata_bytes + bless_field_bytes(redis, id) + name_bytes(key_length(redis, id));
}

/* Whether name, ttl and an embstr fit into one object. Valkey 8.1 and Redis assume that a name's header takes a byte (kvobjSet:
 * so a name of 32 bytes or more may make an object of 66). */
static bool fits_object(const struct redis *redis, uint32_t id, bool has_ttl)
{
    uint64_t length = entry_value_length(entry_of(redis, id));
    uint64_t bytes = redis->embstr_overhead + length + (has_ttl && redis->profile->ttl_takes_room ? TTL_FIELD : 0);

    if (redis->profile->layout == LAYOUT_OBJECT_128)
        return bytes + redis->profile->key_metadata_bytes + name_bytes(key_length(redis, id)) <= OBJECT_128;
    return bytes + key_length(redis, id) + 3 <= OBJECT_64;
}

/* The string leaves the object, without spare room. */
static void become_raw(const struct redis *redis, struct entry *entry)
{
    uint32_t capacity = capacity_of_new(redis, entry_value_length(entry));

    if (entry->encoding == ENCODING_HLL_EMBSTR) {
        entry->encoding = ENCODING_HLL;
        ((struct hll *)entry->structure)->capacity = capacity;
    } else {
        entry->encoding = ENCODING_RAW;
        entry->capacity = capacity;
    }
}

void entry_lay_out(const struct redis *redis, uint32_t id, bool has_ttl)
{
    struct entry *entry = entry_of(redis, id);
    bool has_field = has_ttl;
    uint64_t size;

    if (entry_is_embstr(entry) && !fits_object(redis, id, has_ttl))
        become_raw(redis, entry);
    if (!entry_is_embstr(entry) && key_length(redis, id) >= LONG_NAME)
        has_field = true; /* leaves room for a ttl, since such a large object is costly to make again */
    size = object_size(redis, id, has_field);
    entry->has_ttl_field = has_field || (redis->profile->reserves_ttl && class_of(redis, size) >= size + TTL_FIELD);
}

uint64_t entry_joined_bytes(const struct redis *redis, uint32_t id)
{
    uint32_t key_len = key_length(redis, id);

    if (!has_objects(redis))
        return class_of(redis, EMBEDDED_ENTRY + sds_growing_header(key_len) + key_len + 1);
    return class_of(redis, object_size(redis, id, entry_of(redis, id)->has_ttl_field));
}
