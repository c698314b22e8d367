/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/memory.h"

#include "sim/advice/growth.h"
#include "sim/alloc.h"
#include "sim/input/groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENCODINGS_MOST = 32 };

struct tally {
    uint64_t keys, bytes;
};

struct type_tally {
    const char *type; /* NULL: no key has it */
    struct tally all;
    uint64_t length;
    struct held_key largest, longest; /* owned; bytes 0: none yet */
};

struct prefix_tally {
    char *name; /* owned; NULL: no key has it */
    struct tally types[VALUE_TYPES], without_ttl;
};

struct memory_count {
    const struct accesses *accesses;
    struct type_tally types[VALUE_TYPES];
    struct {
        const char *type, *encoding;
        struct tally all;
    } encodings[ENCODINGS_MOST];
    size_t encoding_count;
    struct prefix_tally *prefixes; /* owned: by group, GROUPS_MOST of them */
    struct tally all, without_ttl, expired;
    struct distribution bytes;
    struct held_key largest[PORTRAIT_LARGEST]; /* owned */
    size_t largest_count;
};

struct memory_count *memory_count_new(const struct accesses *accesses)
{
    struct memory_count *count = xcalloc(1, sizeof *count);

    count->accesses = accesses;
    count->prefixes = xcalloc(GROUPS_MOST, sizeof *count->prefixes);
    return count;
}

static void release_key(struct held_key *key)
{
    fields_release(&held_key_layout, key);
}

void memory_count_free(struct memory_count *count)
{
    if (!count)
        return;
    for (size_t i = 0; i < VALUE_TYPES; i++) {
        release_key(&count->types[i].largest);
        release_key(&count->types[i].longest);
    }
    for (size_t i = 0; i < GROUPS_MOST; i++)
        free(count->prefixes[i].name);
    for (size_t i = 0; i < count->largest_count; i++)
        release_key(&count->largest[i]);
    distribution_release(&count->bytes);
    free(count->prefixes);
    free(count);
}

/* ---- keys ---- */

/* Without a name: "key 7". */
static char *name_of(const struct visited_key *key)
{
    char *name = xcalloc((key->name ? key->name_bytes : 24) + 1, 1);

    if (!key->name)
        snprintf(name, 24, "key %u", key->id);
    for (size_t i = 0; key->name && i < key->name_bytes; i++)
        name[i] = key->name[i] ? key->name[i] : '?';
    return name;
}

static struct held_key held_key_of(const struct memory_count *count, const struct visited_key *key)
{
    const struct accesses *accesses = count->accesses;

    return (struct held_key){
        .name = name_of(key),
        .db = key->db,
        .type = xstrdup(key->type),
        .encoding = xstrdup(key->encoding),
        .bytes = key->bytes,
        .length = key->length,
        .ttl_us = !key->has_ttl     ? -1
                  : key->ttl_ms > 0 ? 1000 * (key->ttl_ms < INT64_MAX / 1000 ? key->ttl_ms : INT64_MAX / 1000)
                                    : 0,
        .requests = key->id < accesses->key_count ? accesses->uses[key->id].requests : 0,
    };
}

static void replace(const struct memory_count *count, struct held_key *place, const struct visited_key *key)
{
    release_key(place);
    *place = held_key_of(count, key);
}

static void add(struct tally *tally, uint64_t bytes)
{
    tally->keys++;
    tally->bytes += bytes;
}

static void add_type(struct memory_count *count, const struct visited_key *key, enum value_type type)
{
    struct type_tally *tally = &count->types[type];
    bool is_first = !tally->type;

    tally->type = key->type;
    add(&tally->all, key->bytes);
    tally->length += key->length;
    if (is_first || key->bytes > tally->largest.bytes)
        replace(count, &tally->largest, key);
    if (is_first || key->length > tally->longest.length)
        replace(count, &tally->longest, key);
}

static void add_encoding(struct memory_count *count, const struct visited_key *key)
{
    size_t place = 0;

    while (place < count->encoding_count &&
           (strcmp(count->encodings[place].encoding, key->encoding) || strcmp(count->encodings[place].type, key->type)))
        place++;
    if (place == ENCODINGS_MOST)
        return;
    if (place == count->encoding_count)
        count->encoding_count++;
    count->encodings[place].type = key->type;
    count->encodings[place].encoding = key->encoding;
    add(&count->encodings[place].all, key->bytes);
}

static void add_largest(struct memory_count *count, const struct visited_key *key)
{
    size_t place = count->largest_count;

    if (place == PORTRAIT_LARGEST) {
        if (count->largest[place - 1].bytes >= key->bytes)
            return;
        release_key(&count->largest[--place]);
    } else {
        count->largest_count++;
    }
    for (; place && count->largest[place - 1].bytes < key->bytes; place--)
        count->largest[place] = count->largest[place - 1];
    count->largest[place] = held_key_of(count, key);
}

void memory_count_visit(void *owner, const struct visited_key *key)
{
    struct memory_count *count = owner;
    enum value_type type = key->value_type == TYPE_HLL ? TYPE_STRING : key->value_type;
    struct prefix_tally *prefix = &count->prefixes[key->group];

    add(&count->all, key->bytes);
    if (!key->has_ttl)
        add(&count->without_ttl, key->bytes);
    else if (key->ttl_ms < 0)
        add(&count->expired, key->bytes);
    distribution_add(&count->bytes, key->bytes);
    add_type(count, key, type);
    add_encoding(count, key);
    add_largest(count, key);
    if (!key->group_name)
        return;
    if (!prefix->name)
        prefix->name = xstrdup(key->group_name);
    add(&prefix->types[type], key->bytes);
    if (!key->has_ttl)
        add(&prefix->without_ttl, key->bytes);
}

/* ---- what follows ---- */

static int by_bytes(uint64_t a, uint64_t b)
{
    return a < b ? 1 : a > b ? -1 : 0;
}

static int compare_types(const void *a, const void *b)
{
    return by_bytes(((const struct held_type *)a)->bytes, ((const struct held_type *)b)->bytes);
}

static int compare_encodings(const void *a, const void *b)
{
    const struct held_encoding *x = a, *y = b;
    int order = by_bytes(x->bytes, y->bytes);

    return order ? order : strcmp(x->encoding, y->encoding);
}

static int compare_prefixes(const void *a, const void *b)
{
    const struct held_prefix *x = a, *y = b;
    int order = by_bytes(x->bytes, y->bytes);

    return order ? order : strcmp(x->prefix, y->prefix);
}

static int compare_parts(const void *a, const void *b)
{
    const struct held_part *x = a, *y = b;
    int order = by_bytes(x->bytes, y->bytes);

    order = order ? order : strcmp(x->prefix, y->prefix);
    return order ? order : strcmp(x->type, y->type);
}

/* The keys pass to the holdings. */
static void tell_types(struct memory_count *count, struct holdings *found)
{
    found->types = xcalloc(VALUE_TYPES, sizeof *found->types);
    for (size_t i = 0; i < VALUE_TYPES; i++) {
        struct type_tally *tally = &count->types[i];

        if (!tally->type)
            continue;
        found->types[found->type_count++] =
            (struct held_type){.type = xstrdup(tally->type),
                               .keys = tally->all.keys,
                               .bytes = tally->all.bytes,
                               .length = tally->length,
                               .mean_bytes = (double)tally->all.bytes / (double)tally->all.keys,
                               .mean_length = (double)tally->length / (double)tally->all.keys,
                               .largest = tally->largest,
                               .longest = tally->longest};
        tally->largest = tally->longest = (struct held_key){0};
    }
    qsort(found->types, found->type_count, sizeof *found->types, compare_types);
    found->encodings = xcalloc(ENCODINGS_MOST, sizeof *found->encodings);
    for (size_t i = 0; i < count->encoding_count; i++)
        found->encodings[found->encoding_count++] =
            (struct held_encoding){.type = xstrdup(count->encodings[i].type),
                                   .encoding = xstrdup(count->encodings[i].encoding),
                                   .keys = count->encodings[i].all.keys,
                                   .bytes = count->encodings[i].all.bytes};
    qsort(found->encodings, found->encoding_count, sizeof *found->encodings, compare_encodings);
}

static void tell_prefix(const struct memory_count *count, const struct prefix_tally *tally, struct holdings *found)
{
    struct held_prefix prefix = {.prefix = xstrdup(tally->name),
                                 .keys_without_ttl = tally->without_ttl.keys,
                                 .bytes_without_ttl = tally->without_ttl.bytes};
    const char *type = NULL;

    for (size_t i = 0; i < VALUE_TYPES; i++) {
        if (!tally->types[i].keys)
            continue;
        type = type ? "mixed" : count->types[i].type;
        prefix.keys += tally->types[i].keys;
        prefix.bytes += tally->types[i].bytes;
        found->parts[found->part_count++] = (struct held_part){.prefix = xstrdup(tally->name),
                                                               .type = xstrdup(count->types[i].type),
                                                               .keys = tally->types[i].keys,
                                                               .bytes = tally->types[i].bytes};
    }
    prefix.type = xstrdup(type);
    prefix.share = (double)prefix.bytes / (double)count->all.bytes;
    found->prefixes[found->prefix_count++] = prefix;
}

static void tell_prefixes(const struct memory_count *count, struct holdings *found)
{
    found->prefixes = xcalloc(GROUPS_MOST, sizeof *found->prefixes);
    found->parts = xcalloc(GROUPS_MOST * VALUE_TYPES, sizeof *found->parts);
    for (size_t i = 0; i < GROUPS_MOST; i++)
        if (count->prefixes[i].name)
            tell_prefix(count, &count->prefixes[i], found);
    qsort(found->prefixes, found->prefix_count, sizeof *found->prefixes, compare_prefixes);
    qsort(found->parts, found->part_count, sizeof *found->parts, compare_parts);
}

struct holdings memory_count_found(struct memory_count *count, const struct result *result)
{
    const struct sample *last = result_last_sample(result);
    struct holdings found = {
        .server = xstrdup(result->server),
        .used_memory = last->used_memory,
        .dataset = last->memory_strings + last->memory_hashes + last->memory_lists + last->memory_sets +
                   last->memory_zsets + last->memory_streams + last->memory_keys,
        .tables = last->memory_tables + last->memory_rehashing + last->memory_expires + last->memory_blessed,
        .startup = last->memory_startup,
        .used_memory_peak = result->counters.used_memory_peak,
        .used_memory_rss = last->used_memory_rss,
        .allocator_active = last->allocator_active,
        .mem_fragmentation_ratio = last->used_memory_rss ? sample_fragmentation_ratio(last) : NAN,
        .keys = count->all.keys,
        .bytes = count->all.bytes,
        .keys_without_ttl = count->without_ttl.keys,
        .bytes_without_ttl = count->without_ttl.bytes,
        .expired_keys = count->expired.keys,
        .expired_bytes = count->expired.bytes,
        .key_bytes = distribution_spread(&count->bytes),
        .growth = growth_of(&result->curve),
    };

    found.overhead = found.used_memory - found.dataset;
    found.others = found.overhead - found.tables - found.startup;
    tell_types(count, &found);
    tell_prefixes(count, &found);
    found.largest = xcalloc(PORTRAIT_LARGEST, sizeof *found.largest);
    memcpy(found.largest, count->largest, count->largest_count * sizeof *found.largest);
    found.largest_count = count->largest_count;
    count->largest_count = 0;
    return found;
}
