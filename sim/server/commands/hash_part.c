/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash_part: the commands that read a part of a hash: HSCAN, HRANDFIELD.
 *
 * Source: hrandfieldWithCountCommand (t_hash.c), scanGenericCommand (db.c). */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "sim/server/commands/hash_field.h"
#include "sim/server/keyspace.h"
#include "sim/server/names.h"

#include <stdlib.h>

/* The fields of a reply. */
struct fields {
    struct call *call;
    const struct collection *hash;
    bool with_values;
    int64_t count;               /* number of fields replied so far */
    const struct element *match; /* HSCAN's option; NULL: none */
    int64_t seen;                /* fields that were looked at */
};

static void reply_field(void *owner, uint32_t slot)
{
    struct fields *fields = owner;

    fields->seen++;
    if (fields->match &&
        !names_member_matches(fields->call->redis, fields->hash->member[slot], fields->match[1].member))
        return;
    if (fields->hash->ttls && fields->hash->ttls->item[slot].ms < fields->call->redis->unix_ms)
        return; /* a field that has expired: HRANDFIELD of Redis sees none */
    call_reply_bulk(fields->call, collection_text(fields->call->redis, fields->hash, slot).length);
    if (fields->with_values)
        call_reply_bulk(fields->call, fields->hash->value[slot].length);
    fields->count++;
}

static void reply_all(struct fields *fields)
{
    for (uint32_t slot = collection_next(fields->hash, 0); slot != NO_SLOT;
         slot = collection_next(fields->hash, slot + 1))
        reply_field(fields, slot);
}

/* A listpack is replied as a whole, a table from the cursor on. */
void run_hscan(struct call *call)
{
    enum { COUNT = 10, LOOKS_PER_FIELD = 10 };
    const struct element *count = call_option(call, WORD_COUNT);
    int64_t wanted = count ? count[1].number : COUNT, looks;
    uint64_t cursor = (uint64_t)call_elements(call)->number;
    struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);
    struct fields fields = {call, NULL, !call_option(call, WORD_NOVALUES), 0, call_option(call, WORD_MATCH), 0};

    if (call_is_wrong_type(call, entry))
        return;
    if (entry && (call_is_invalid(call) || !(fields.with_values || call->redis->profile->has_novalues))) {
        call_reply_error(call);
        return;
    }
    if (__builtin_mul_overflow(wanted, (int64_t)LOOKS_PER_FIELD, &looks))
        looks = INT64_MAX;
    if (entry)
        fields.hash = hash_of(entry);
    if (entry && fields.hash->table) {
        do
            cursor = table_scan(fields.hash->table, cursor, reply_field, &fields);
        while (cursor && looks-- > 0 && fields.seen < wanted);
    } else {
        cursor = 0;
        if (entry)
            reply_all(&fields);
    }
    call_reply_array(call, 2);
    call_reply_bulk(call, digits_count(cursor));
    call_reply_array(call, (uint64_t)fields.count << fields.with_values);
}

/* Replies with `wanted` random fields. Each field has the same chance. */
static void reply_some(struct fields *fields, uint32_t wanted)
{
    uint32_t left = fields->hash->count;

    for (uint32_t slot = collection_next(fields->hash, 0); wanted;
         slot = collection_next(fields->hash, slot + 1), left--)
        if (gsl_rng_uniform_int(fields->call->redis->rng, left) < wanted) {
            reply_field(fields, slot);
            wanted--;
        }
}

/* In Valkey one that has expired is drawn again, a hundred times. */
static uint32_t random_field(struct redis *redis, struct entry *entry)
{
    enum { TRIES = 100 };
    uint32_t slot = hash_random(redis, entry);

    for (int tries = 1; tries < TRIES && hash_is_past(redis, entry, slot); tries++)
        slot = hash_random(redis, entry);
    return slot;
}

/* Draws fields until `wanted` different ones have come. This suits a small part of a large hash. */
static void reply_few(struct fields *fields, struct entry *entry, uint32_t wanted)
{
    bool *seen = xcalloc(fields->hash->used, sizeof *seen);

    while (wanted) {
        uint32_t slot = random_field(fields->call->redis, entry);

        if (!seen[slot]) {
            reply_field(fields, slot);
            wanted--;
        }
        seen[slot] = true;
    }
    free(seen);
}

static void reply_different(struct fields *fields, struct entry *entry, uint64_t wanted)
{
    enum { TAKES_AWAY = 3 }; /* HRANDFIELD_SUB_STRATEGY_MUL */

    if (wanted >= fields->hash->count)
        reply_all(fields);
    else if (entry->encoding != ENCODING_HASH_TABLE || wanted * TAKES_AWAY > fields->hash->count)
        reply_some(fields, (uint32_t)wanted);
    else
        reply_few(fields, entry, (uint32_t)wanted);
}

struct drawing {
    struct fields *fields;
    struct entry *entry;
};

static void draw_field(struct call *call, void *owner)
{
    struct drawing *drawing = owner;

    reply_field(drawing->fields, random_field(call->redis, drawing->entry));
}

/* With a positive count the fields are all different; with a negative count some may be equal. */
void run_hrandfield(struct call *call)
{
    const struct element *count = call_elements(call);
    struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);
    struct fields fields = {call, NULL, call->elements > 1, 0, NULL, 0};
    uint64_t wanted = 1;

    if (call_is_wrong_type(call, entry))
        return;
    if (!entry && !call->elements) {
        call_reply_nil(call);
        return;
    }
    if (!entry) {
        call_reply_array(call, 0);
        return;
    }
    if (!call_expire_fields(call, entry)) {
        call->elements ? call_reply_array(call, 0) : call_reply_nil(call);
        return;
    }
    fields.hash = hash_of(entry);
    if (!fields.hash->count) {
        call->elements ? call_reply_array(call, 0) : call_reply_nil(call);
        return;
    }
    if (call->elements) {
        wanted = count->number < 0 ? 0 - (uint64_t)count->number : (uint64_t)count->number;
        if (count->number >= 0 && wanted > fields.hash->count)
            wanted = fields.hash->count;
        call_reply_array(call, wanted << fields.with_values);
        if (call->redis->profile->hash_counts_last)
            call->reply_way = REPLY_IN_BLOCKS;
    }
    if (call->elements && count->number >= 0 && count->number != 1)
        reply_different(&fields, entry, wanted);
    else
        call_reply_draws(call, wanted, draw_field, &(struct drawing){&fields, entry});
}
