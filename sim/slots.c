/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/slots.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANGE_TEXT = 16, CRC_POLYNOMIAL = 0x1021 };

/* ---- the slot of a key ---- */

uint16_t slot_crc16(const char *text, size_t bytes)
{
    uint16_t crc = 0;

    for (size_t i = 0; i < bytes; i++) {
        crc = (uint16_t)(crc ^ (unsigned char)text[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ CRC_POLYNOMIAL : crc << 1);
    }
    return crc;
}

const char *slot_hash_tag(const char *name, size_t length, size_t *bytes)
{
    const char *open = length ? memchr(name, '{', length) : NULL, *close;

    if (!open)
        return NULL;
    open++;
    close = memchr(open, '}', length - (size_t)(open - name));
    if (!close || close == open)
        return NULL;
    *bytes = (size_t)(close - open);
    return open;
}

unsigned slot_of_name(const char *name, size_t bytes)
{
    size_t tag_bytes;
    const char *tag = slot_hash_tag(name, bytes, &tag_bytes);

    return (tag ? slot_crc16(tag, tag_bytes) : slot_crc16(name, bytes)) % SLOT_COUNT;
}

struct key_slots *key_slots_new(void)
{
    return xcalloc(1, sizeof(struct key_slots));
}

void key_slots_free(struct key_slots *slots)
{
    if (!slots)
        return;
    for (size_t i = 0; i < sizeof slots->chunks / sizeof *slots->chunks; i++)
        free(slots->chunks[i]);
    free(slots);
}

void key_slots_set(struct key_slots *slots, uint32_t id, unsigned slot)
{
    uint16_t **chunk = &slots->chunks[id >> SLOT_CHUNK_BITS];

    if (!*chunk)
        *chunk = xcalloc((size_t)1 << SLOT_CHUNK_BITS, sizeof **chunk);
    (*chunk)[id & ((1u << SLOT_CHUNK_BITS) - 1)] = (uint16_t)slot;
}

void key_slots_note(struct key_slots *slots, uint32_t id, const struct record *record)
{
    char number[24];
    const char *name = record->key;
    size_t bytes = record->key_bytes;

    if (!name) {
        bytes = (size_t)snprintf(number, sizeof number, "%" PRIu64, record->key_number);
        name = number;
    }
    key_slots_set(slots, id, slot_of_name(name, bytes));
}

/* ---- tables ---- */

static uint32_t add_shard(struct slot_table *table, const char *name)
{
    table->names = xrealloc(table->names, (table->shard_count + 1) * sizeof *table->names);
    table->names[table->shard_count] = xstrdup(name);
    return table->shard_count++;
}

uint32_t slot_table_shard(struct slot_table *table, const char *name)
{
    for (uint32_t i = 0; i < table->shard_count; i++)
        if (!strcmp(table->names[i], name))
            return i;
    return add_shard(table, name);
}

void slot_table_label(struct slot_table *table, const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path;
    size_t bytes = (name ? strlen(name) : 0) + 32;

    table->label = xmalloc(bytes);
    snprintf(table->label, bytes, "%" PRIu32 " shard%s%s%s", table->shard_count, table->shard_count == 1 ? "" : "s",
             name ? " of " : "", name ? name : "");
}

struct slot_table *slot_table_deal(uint32_t shards)
{
    struct slot_table *table = xcalloc(1, sizeof *table);
    float each = (float)SLOT_COUNT / (float)shards, cursor = 0; /* floats, as in redis-cli: ends are the same */
    long first = 0;

    for (uint32_t shard = 0; shard < shards; shard++, cursor += each) {
        long last = shard == shards - 1 ? SLOT_COUNT - 1 : lround((double)(cursor + each - 1));
        char name[16];

        snprintf(name, sizeof name, "%" PRIu32, shard + 1);
        add_shard(table, name);
        for (; first <= last && first < SLOT_COUNT; first++)
            table->shard_of[first] = (uint16_t)shard;
    }
    slot_table_label(table, NULL);
    return table;
}

void slot_table_free(struct slot_table *table)
{
    if (!table)
        return;
    for (uint32_t i = 0; i < table->shard_count; i++)
        free(table->names[i]);
    free(table->names);
    free(table->label);
    free(table);
}

uint32_t slot_table_slots(const struct slot_table *table, uint32_t shard)
{
    uint32_t count = 0;

    for (int slot = 0; slot < SLOT_COUNT; slot++)
        count += table->shard_of[slot] == shard;
    return count;
}

char *slot_table_print(const struct slot_table *table, uint32_t shard)
{
    char *text = xcalloc(1, 1);
    size_t length = 0;

    for (int first = 0, last; first < SLOT_COUNT; first = last + 1) {
        last = first;
        if (table->shard_of[first] != shard)
            continue;
        while (last + 1 < SLOT_COUNT && table->shard_of[last + 1] == shard)
            last++;
        text = xrealloc(text, length + RANGE_TEXT);
        length += (size_t)snprintf(text + length, RANGE_TEXT, last > first ? "%s%d-%d" : "%s%d", length ? "," : "",
                                   first, last);
    }
    return text;
}
