/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/hash.h"

#include "sim/server/values/encoding.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/values/listpack.h"

struct value hash_new(struct redis *redis)
{
    struct collection *hash = collection_new(true);
    uint64_t used = redis->used;
    struct value value;

    listpack_encoding.begin(redis, hash, 0);
    redis->used = used;
    value = value_of_structure(redis, ENCODING_HASH_LISTPACK, hash);
    redis->arguments += value.bytes;
    return value;
}

/* hashTypeConvert: into a table. */
static void convert(struct redis *redis, struct entry *entry, uint64_t expected)
{
    int64_t due_ms = hash_expires_forget(redis, entry);
    struct collection *hash = hash_of(entry);

    collection_convert(redis, entry, ENCODING_HASH_TABLE, expected);
    if (hash->ttls)
        field_ttls_gather(hash->ttls, redis->allocator, &redis->used, hash->used);
    hash_expires_note(redis, entry, due_ms);
}

static bool is_compact(const struct entry *entry)
{
    return entry->encoding != ENCODING_HASH_TABLE;
}

static bool is_long(const struct redis *redis, struct text text)
{
    return text.length > redis->config.hash_max_listpack_value;
}

void hash_expect(struct redis *redis, struct entry *entry, const struct element *elements, uint32_t count)
{
    struct collection *hash = hash_of(entry);
    uint64_t bytes = 0;

    if (!is_compact(entry))
        return;
    if (redis->profile->hash_presizes && count > redis->config.hash_max_listpack_entries) {
        convert(redis, entry, hash->count > count ? hash->count : count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct text field = text_of_member(member_of(redis->members, elements[i].member));
        struct text value = text_of_element(&elements[i]);

        if (is_long(redis, field) || is_long(redis, value)) {
            convert(redis, entry, hash->count);
            return;
        }
        bytes += (uint64_t)field.length + value.length;
    }
    if (hash->bytes + bytes > LISTPACK_MOST)
        convert(redis, entry, hash->count);
}

uint32_t hash_find(struct redis *redis, struct entry *entry, uint32_t field)
{
    collection_encoding_of(entry)->find(redis, hash_of(entry), field);
    return collection_find(hash_of(entry), field);
}

uint32_t hash_random(struct redis *redis, struct entry *entry)
{
    struct collection *hash = hash_of(entry);

    return is_compact(entry) ? (uint32_t)gsl_rng_uniform_int(redis->rng, hash->count)
                             : member_table_random(redis, hash);
}

/* Finds a field in order to set it. Some servers look it up, and look again to add a new one; others look up or add in
 * one step. */
static uint32_t find_to_set(struct redis *redis, struct entry *entry, uint32_t field)
{
    uint32_t slot;

    if (is_compact(entry) || !redis->profile->hash_adds_or_finds)
        return hash_find(redis, entry, field);
    slot = collection_find(hash_of(entry), field);
    if (slot != NO_SLOT)
        member_table_visit(redis, hash_of(entry), slot);
    return slot;
}

/* A field that is there, in a hash that keeps ttls, is set: in a listpack what has no ttl comes last; in a table the field
 * is another mstr (Redis 7.4), or another entry (8.6). */
static void drop_ttl(struct redis *redis, struct entry *entry, uint32_t slot, bool keeps_ttl)
{
    struct collection *hash = hash_of(entry);
    bool has_ttl = hash->ttls->item[slot].ms != EB_NEVER;

    if (has_ttl && keeps_ttl)
        return;
    if (has_ttl)
        hash_set_ttl(redis, entry, slot, EB_NEVER);
    if (!is_compact(entry) && ((redis->profile->hset_renews_fields && !keeps_ttl) ||
                               (redis->profile->fields_have_entries && hash->ttls->attached[slot])))
        member_table_attach(redis, hash, slot, false);
}

bool hash_set(struct redis *redis, struct entry *entry, uint32_t field, struct text value, int64_t number,
              bool keeps_ttl)
{
    struct collection *hash = hash_of(entry);
    struct text before;
    bool is_new, overwrites_past = false;
    uint32_t slot;

    /* HINCRBY does not call hash_expect. */
    if (is_compact(entry) &&
        (is_long(redis, text_of_member(member_of(redis->members, field))) || is_long(redis, value)))
        convert(redis, entry, hash->count);
    slot = find_to_set(redis, entry, field);
    is_new = slot == NO_SLOT;
    if (is_new)
        slot = collection_add(hash, field);
    else if (has_spans(redis) && hash_ttl_ms(entry, slot) <= redis->unix_ms)
        overwrites_past = true;
    before = hash->value[slot];
    hash->value[slot] = value;
    if (value.kind != TEXT_STRING)
        collection_set_number(hash, slot, number);
    if (is_new)
        collection_encoding_of(entry)->add(redis, hash, slot);
    else
        collection_encoding_of(entry)->change(redis, hash, slot, before);
    if (!is_new && hash->ttls)
        drop_ttl(redis, entry, slot, keeps_ttl);
    if (is_compact(entry) && hash->count > redis->config.hash_max_listpack_entries)
        convert(redis, entry, hash->count);
    redis->counters.expired_subkeys += overwrites_past;
    return is_new || overwrites_past;
}

/* Of what finds it by its ttl it is out. */
static void take_slot(struct redis *redis, struct entry *entry, uint32_t slot)
{
    struct collection *hash = hash_of(entry);

    collection_encoding_of(entry)->remove(redis, hash, slot);
    if (hash->ttls && !is_compact(entry))
        field_ttls_set(hash->ttls, slot, EB_NEVER);
    collection_remove(hash, slot);
}

/* It is about to go: a table's forget its ttl, too. */
static void remove_slot(struct redis *redis, struct entry *entry, uint32_t slot)
{
    struct collection *hash = hash_of(entry);

    if (hash->ttls && eb_item_is_in(&hash->ttls->item[slot]))
        ebuckets_remove(&hash->ttls->fields, slot);
    if (has_spans(redis) && hash_ttl_ms(entry, slot) != EB_NEVER)
        volatile_set_remove(&hash->ttls->set, slot, hash->ttls->item[slot].ms);
    take_slot(redis, entry, slot);
    if (has_spans(redis))
        hash_expires_settle(redis, entry);
}

bool hash_delete_past_too(struct redis *redis, struct entry *entry, uint32_t field)
{
    uint32_t slot = collection_find(hash_of(entry), field);

    if (slot == NO_SLOT) {
        collection_encoding_of(entry)->find(redis, hash_of(entry), field);
        return false;
    }
    remove_slot(redis, entry, slot);
    return true;
}

bool hash_delete(struct redis *redis, struct entry *entry, uint32_t field)
{
    uint32_t slot = has_spans(redis) ? collection_find(hash_of(entry), field) : NO_SLOT;

    if (slot != NO_SLOT && hash_is_past(redis, entry, slot)) {
        collection_encoding_of(entry)->find(redis, hash_of(entry), field);
        return false;
    }
    return hash_delete_past_too(redis, entry, field);
}

/* ---- ttls of fields ---- */

/* dbFind. */
static void look_up(struct redis *redis, const struct entry *entry)
{
    table_find(&database_of(redis, entry)->keys, entry_id(redis, entry));
}

void hash_keep_ttls(struct redis *redis, struct entry *entry)
{
    struct collection *hash = hash_of(entry);

    if (has_spans(redis)) {
        if (is_compact(entry))
            convert(redis, entry, hash->count);
        if (!hash->ttls)
            member_table_keep_ttls(redis, hash);
        return;
    }
    if (!hash->ttls && is_compact(entry)) {
        hash->ttls = field_ttls_new(hash->capacity);
        collection_convert(redis, entry, ENCODING_HASH_LISTPACK_EX, 0);
    } else if (!hash->ttls) {
        member_table_keep_ttls(redis, hash);
    } else if (!redis->profile->forgets_with_last_ttl || hash_expires_ms(entry) != EB_NEVER) {
        return; /* it knows its key */
    }
    look_up(redis, entry);
}

/* Where a field with this ttl belongs in a listpack: before those that expire no sooner. */
static uint32_t place_of_ttl(const struct collection *hash, int64_t ms)
{
    uint32_t place = 0;

    while (place < hash->used && hash->ttls->item[place].ms < ms)
        place++;
    return place;
}

/* listpackExUpdateExpiry. */
static void set_ttl_in_listpack(struct redis *redis, struct entry *entry, uint32_t slot, int64_t ms)
{
    struct collection *hash = hash_of(entry);
    uint32_t last = hash->used - 1;

    collection_encoding_of(entry)->remove(redis, hash, slot);
    collection_move(hash, slot, last);
    field_ttls_set(hash->ttls, last, EB_NEVER);
    slot = ms == EB_NEVER ? last : place_of_ttl(hash, ms);
    field_ttls_set(hash->ttls, last, ms);
    collection_move(hash, last, slot);
    collection_encoding_of(entry)->add(redis, hash, slot);
}

/* hashTypeTrackUpdateEntry */
static void set_ttl_in_set(struct redis *redis, struct entry *entry, uint32_t slot, int64_t ms)
{
    struct field_ttls *ttls = hash_of(entry)->ttls;
    int64_t before = ttls->item[slot].ms;

    if (before != EB_NEVER && ms == EB_NEVER)
        volatile_set_remove(&ttls->set, slot, before);
    ttls->item[slot].ms = ms;
    if ((before == EB_NEVER) != (ms == EB_NEVER))
        member_table_attach(redis, hash_of(entry), slot, ms != EB_NEVER);
    if (before == EB_NEVER && ms != EB_NEVER)
        volatile_set_add(&ttls->set, slot);
    else if (ms != EB_NEVER)
        volatile_set_retime(&ttls->set, slot, before);
    hash_expires_settle(redis, entry);
}

void hash_set_ttl(struct redis *redis, struct entry *entry, uint32_t slot, int64_t ms)
{
    struct field_ttls *ttls = hash_of(entry)->ttls;

    if (has_spans(redis)) {
        set_ttl_in_set(redis, entry, slot, ms);
        return;
    }
    if (is_compact(entry)) {
        set_ttl_in_listpack(redis, entry, slot, ms);
        return;
    }
    if (eb_item_is_in(&ttls->item[slot]))
        ebuckets_remove(&ttls->fields, slot);
    ttls->item[slot].ms = EB_NEVER;
    if (ms == EB_NEVER)
        return;
    if (!ttls->attached[slot])
        member_table_attach(redis, hash_of(entry), slot, true);
    ebuckets_add(&ttls->fields, slot, ms);
}

int64_t hash_first_ms(const struct entry *entry)
{
    const struct collection *hash = hash_of(entry);

    if (!hash->ttls || !hash->count)
        return EB_NEVER;
    if (hash->ttls->set.memory)
        return volatile_set_first_ms(&hash->ttls->set);
    return is_compact(entry) ? hash->ttls->item[0].ms : ebuckets_first_ms(&hash->ttls->fields);
}

/* Who is told of a field of a table that expires. */
struct passing {
    struct redis *redis;
    struct entry *entry;
    hash_gone_fn *gone;
};

static void pass(const struct passing *passing, uint32_t slot)
{
    passing->gone(passing->redis, passing->entry,
                  collection_text(passing->redis, hash_of(passing->entry), slot).length);
    remove_slot(passing->redis, passing->entry, slot);
}

static enum eb_action pass_item(void *owner, uint32_t slot, int64_t *again_ms)
{
    (void)again_ms;
    pass(owner, slot);
    return EB_REMOVED;
}

static void pass_field(void *owner, uint32_t slot)
{
    const struct passing *passing = owner;

    passing->gone(passing->redis, passing->entry,
                  collection_text(passing->redis, hash_of(passing->entry), slot).length);
    take_slot(passing->redis, passing->entry, slot);
}

uint64_t hash_expire(struct redis *redis, struct entry *entry, uint64_t most, hash_gone_fn *gone)
{
    struct passing passing = {redis, entry, gone};
    struct collection *hash = hash_of(entry);
    uint64_t expired = 0;
    int64_t next_ms;

    if (has_spans(redis))
        return volatile_set_expire(&hash->ttls->set, redis->unix_ms, most, pass_field, &passing);
    if (!is_compact(entry))
        return ebuckets_expire(&hash->ttls->fields, redis->unix_ms, most, pass_item, &passing, &next_ms);
    for (; expired < most && hash->count && hash->ttls->item[0].ms <= redis->unix_ms; expired++)
        pass(&passing, 0);
    return expired;
}

uint32_t hash_past_count(const struct redis *redis, const struct entry *entry)
{
    const struct collection *hash = hash_of(entry);
    uint32_t count = 0;

    if (hash_expires_ms(entry) == EB_NEVER)
        return 0;
    if (has_spans(redis)) {
        for (uint32_t slot = collection_next(hash, 0); slot != NO_SLOT; slot = collection_next(hash, slot + 1))
            count += hash_is_past(redis, entry, slot);
        return count;
    }
    if (!is_compact(entry))
        return (uint32_t)ebuckets_expired(&hash->ttls->fields, redis->unix_ms);
    while (count < hash->used && hash->ttls->item[count].ms < redis->unix_ms)
        count++;
    return count;
}

/* ---- loading ---- */

/* A field that is not there yet. */
static void put(struct redis *redis, struct entry *entry, const struct element *element, struct text value)
{
    struct collection *hash = hash_of(entry);
    uint32_t slot = collection_add(hash, element->member);

    hash->value[slot] = value;
    if (value.kind != TEXT_STRING)
        collection_set_number(hash, slot, element->number);
    collection_encoding_of(entry)->add(redis, hash, slot);
}

/* dictTryExpand, for so many fields that are still to come. */
static void make_room(struct collection *hash, uint32_t left)
{
    if (left > DICT_INITIAL_SIZE && hash->count <= left && !table_is_rehashing(hash->table))
        table_presize(hash->table, left);
}

/* What is loaded in a listpack stays there unless it has too many fields. */
struct entry hash_load(struct redis *redis, bool is_listpack, bool has_ttls, const struct element *elements,
                       uint32_t count)
{
    struct entry entry = {.encoding = ENCODING_HASH_LISTPACK, .structure = collection_new(true)};
    uint64_t most = redis->config.hash_max_listpack_entries;
    struct collection *hash = hash_of(&entry);

    listpack_encoding.begin(redis, hash, 0);
    if (!is_listpack && count > most)
        convert(redis, &entry, count > DICT_INITIAL_SIZE && !(has_ttls && !has_spans(redis)) ? count : 0);
    for (uint32_t i = 0; i < count; i++) {
        struct text field = text_of_member(member_of(redis->members, elements[i].member));
        struct text value = text_of_element(&elements[i]);
        bool converts = !is_listpack && entry.encoding == ENCODING_HASH_LISTPACK &&
                        (is_long(redis, field) || is_long(redis, value));

        if (collection_find(hash, elements[i].member) != NO_SLOT)
            continue;
        if (converts)
            convert(redis, &entry, hash->count);
        put(redis, &entry, &elements[i], value);
        if (converts)
            make_room(hash, count - i - 1);
    }
    if (is_listpack && count > most)
        convert(redis, &entry, count);
    return entry;
}
