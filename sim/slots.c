/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/slots.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOBODY = UINT16_MAX, NODES_WORDS = 8, RANGE_TEXT = 16, CRC_POLYNOMIAL = 0x1021 };

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

/* `path`: of the file that it is from; NULL: none. */
static void set_label(struct slot_table *table, const char *path)
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
    set_label(table, NULL);
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

/* ---- tables from files ---- */

struct table_file {
    const char *path;
    int line;
    struct slot_table *table;
};

static int bad_line(const struct table_file *file, struct error *error, const char *what, const char *text)
{
    return error_set(error, ERROR_INPUT,
                     "%s:%d: %s '%s': a line is '0-5460 NAME', slots and the shard that has them, or one of CLUSTER "
                     "NODES",
                     file->path, file->line, what, text);
}

static uint32_t shard_named(struct slot_table *table, const char *name)
{
    for (uint32_t i = 0; i < table->shard_count; i++)
        if (!strcmp(table->names[i], name))
            return i;
    return add_shard(table, name);
}

static bool scan_slot(const char *text, uint64_t *slot)
{
    return scan_uint64(text, slot) && *slot < SLOT_COUNT;
}

/* Takes "first-last" or one slot. */
static int take_range(struct table_file *file, char *text, const char *name, struct error *error)
{
    char *dash = strchr(text, '-');
    uint64_t first, last;
    uint32_t shard;

    if (dash)
        *dash = '\0';
    if (!scan_slot(text, &first) || (dash && !scan_slot(dash + 1, &last)))
        return bad_line(file, error, "no slots, which are from 0 to 16383:", dash ? dash + 1 : text);
    if (!dash)
        last = first;
    if (last < first)
        return bad_line(file, error, "a range that ends before it begins:", text);
    shard = shard_named(file->table, name);
    if (shard >= SHARDS_MOST)
        return error_set(error, ERROR_INPUT, "%s:%d: more than %d shards", file->path, file->line, SHARDS_MOST);
    for (uint64_t slot = first; slot <= last; slot++) {
        uint16_t *owner = &file->table->shard_of[slot];

        if (*owner != NOBODY && *owner != shard)
            return error_set(error, ERROR_INPUT, "%s:%d: slot %" PRIu64 " has shard '%s' already, and now '%s'",
                             file->path, file->line, slot, file->table->names[*owner], name);
        *owner = (uint16_t)shard;
    }
    return 0;
}

/* A line of CLUSTER NODES: id address flags master ping pong epoch link slot... Slots in brackets are on their way to
 * another node; the line's own node has them still. */
static int take_node(struct table_file *file, char **words, size_t count, struct error *error)
{
    words[1][strcspn(words[1], "@,")] = '\0';
    if (!strstr(words[2], "master"))
        return 0;
    for (size_t i = NODES_WORDS; i < count; i++)
        if (words[i][0] != '[' && take_range(file, words[i], words[1], error))
            return -1;
    return 0;
}

static int take_line(struct table_file *file, char *line, struct error *error)
{
    char *words[SLOT_COUNT + NODES_WORDS], *rest = line, *word;
    size_t count = 0;

    line[strcspn(line, "#\r\n")] = '\0';
    while (count < sizeof words / sizeof *words && (word = strtok_r(rest, " \t", &rest)))
        words[count++] = word;
    if (!count)
        return 0;
    if (count >= NODES_WORDS)
        return take_node(file, words, count, error);
    if (count != 2)
        return bad_line(file, error, "not two words:", words[0]);
    return take_range(file, words[0], words[1], error);
}

static int check_complete(const struct table_file *file, struct error *error)
{
    uint32_t missing = 0, first = 0;

    for (uint32_t slot = SLOT_COUNT; slot--;)
        if (file->table->shard_of[slot] == NOBODY) {
            missing++;
            first = slot;
        }
    if (!missing)
        return 0;
    return error_set(error, ERROR_INPUT,
                     "%s: no shard has slot %" PRIu32 "%s: a cluster is down until each of the 16384 slots has one",
                     file->path, first, missing > 1 ? " and others" : "");
}

struct slot_table *slot_table_read(const char *path, struct error *error)
{
    FILE *in = fopen(path, "r");
    struct table_file file = {.path = path};
    char *line = NULL;
    size_t room = 0;
    int status = 0;

    if (!in) {
        error_set(error, ERROR_INPUT, "cannot open slot table '%s': %s", path, strerror(errno));
        return NULL;
    }
    file.table = xcalloc(1, sizeof *file.table);
    memset(file.table->shard_of, 0xff, sizeof file.table->shard_of);
    while (!status && getline(&line, &room, in) >= 0) {
        file.line++;
        status = take_line(&file, line, error);
    }
    if (!status && ferror(in))
        status = error_set(error, ERROR_INPUT, "cannot read slot table '%s': %s", path, strerror(errno));
    if (!status)
        status = check_complete(&file, error);
    free(line);
    fclose(in);
    if (!status) {
        set_label(file.table, path);
        return file.table;
    }
    slot_table_free(file.table);
    return NULL;
}
