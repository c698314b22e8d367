/* SPDX-License-Identifier: GPL-3.0-or-later */
/* object: which blocks hold a key and its value, and what they weigh.
 *
 *     apart           dictEntry 24 | sds of the name | value | dictEntry 24 of the ttl
 *     name in entry   dictEntry 17 + sds of the name | value | dictEntry 24 of the ttl
 *     object          robj 16 + ttl 8? + sds of the name + value?    | value, if it does not fit
 *
 * The value, where it is apart: see string.h. In an object, `ttl?` is a field that is there from the start
 * when the block has room for it, or once a ttl was set, and then stays; an integer is the robj's pointer.
 *
 * Source: createEmbeddedEntry (dict.c of Valkey 8.0), createObjectWithKeyAndExpire, objectSetKeyAndExpire
 * (object.c of Valkey 8.1 and 9.1). */
#ifndef SIM_SERVER_VALUES_OBJECT_H
#define SIM_SERVER_VALUES_OBJECT_H

#include "sim/server/state.h"
#include "sim/server/values/sds.h"

/* A value on its way into the keyspace. */
struct value {
    enum encoding encoding;
    uint32_t length, capacity;
    bool has_wide_header; /* as in struct entry */
    bool needs_object;    /* the key's object is an argument of the command as well, so that another is made */
    union {
        int64_t number;
        void *structure;
    };
    uint64_t bytes; /* what it weighs as an argument, header and object included */
};

/* One object for key, ttl and value. */
static inline bool has_objects(const struct redis *redis)
{
    return __builtin_expect(redis->has_objects, 0);
}

/* Likewise, and their tables have no entries (dict.h, has_node). */
static inline bool has_kvobjs(const struct redis *redis)
{
    return redis->profile->layout == LAYOUT_KVOBJ;
}

/* A string of `length` bytes as an argument of a command (createStringObject). */
static inline uint64_t argument_bytes(const struct redis *redis, uint64_t length)
{
    if (length <= redis->embstr_limit)
        return allocator_class(redis->allocator, redis->embstr_overhead + length);
    return allocator_class(redis->allocator, ROBJ_BYTES) + sds_bytes(redis->allocator, length);
}

/* What follows from the profile's layout, once the allocator is known. */
void object_init(struct redis *redis);

/* tryObjectEncoding of a string argument: integer (shared or not), embstr or raw. `adopted_capacity`
 * is that of the query buffer which the argument took over, or 0. */
struct value value_of_argument(const struct redis *redis, uint32_t length, bool is_integer, int64_t number,
                               uint64_t adopted_capacity);
struct value value_of_integer(const struct redis *redis, int64_t number);
/* A raw string of `length` bytes, made at exactly that length. */
struct value value_of_raw(const struct redis *redis, uint32_t length);

/* The value of a key, as if it were an argument. */
struct value value_of_entry(const struct redis *redis, const struct entry *entry);
/* dupStringObject of it, or hashTypeDup and its like. */
struct value value_of_copy(struct redis *redis, const struct entry *entry);

/* A value of an encoding that has elements. */
struct value value_of_structure(const struct redis *redis, enum encoding encoding, void *structure);
/* Frees what the host keeps of the entry's elements, if it has any: the simulated bytes are the caller's. */
void entry_release_structure(struct entry *entry);
static inline void entry_release_value(struct entry *entry)
{
    if (encoding_is_structure(entry->encoding))
        entry_release_structure(entry);
}

/* Whether a string that is kept so shares the block of its object. */
static inline bool encoding_is_embstr(unsigned encoding)
{
    return encoding == ENCODING_EMBSTR || encoding == ENCODING_HLL_EMBSTR;
}

static inline bool entry_is_embstr(const struct entry *entry)
{
    return encoding_is_embstr(entry->encoding);
}

/* The blocks of a value that are its own: none when the object holds it. */
uint64_t entry_value_bytes(const struct redis *redis, const struct entry *entry);
uint32_t entry_other_length(const struct entry *entry);
static inline uint32_t entry_value_length(const struct entry *entry)
{
    return entry->encoding == ENCODING_EMBSTR || entry->encoding == ENCODING_RAW ? entry->length
                                                                                 : entry_other_length(entry);
}

/* A dictEntry of the expires, or 0: objects are shared by both tables. */
static inline uint64_t entry_ttl_bytes(const struct redis *redis)
{
    return has_objects(redis) ? 0 : redis->entry_bytes;
}

void entry_copy_value(struct entry *entry, const struct value *value);
/* Settles how the entry's new object is laid out: whether it holds the value, and a ttl. */
void entry_lay_out(const struct redis *redis, uint32_t id, bool has_ttl);

static inline uint32_t key_length(const struct redis *redis, uint32_t id)
{
    uint16_t length = entry_of(redis, id)->key_len;

    return length == KEY_LEN_LONG ? redis->long_key_len[id] : length;
}

/* Name and entry in one block. */
uint64_t entry_joined_bytes(const struct redis *redis, uint32_t id);

/* Everything about the key but its value's blocks and its ttl's dictEntry. */
static inline uint64_t entry_key_bytes(const struct redis *redis, uint32_t id)
{
    if (__builtin_expect(redis->profile->layout == LAYOUT_APART, 1))
        return redis->key_entry_bytes + sds_bytes(redis->allocator, key_length(redis, id));
    return entry_joined_bytes(redis, id);
}

#endif
