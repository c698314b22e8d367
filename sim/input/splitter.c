/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/splitter.h"

#include "sim/alloc.h"

#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct splitter {
    struct split {
        const char *name;
        size_t bytes;
        unsigned parts, next; /* next: the part that answers what any can answer */
        char **names;         /* of the parts; owned */
    } splits[SPLIT_KEYS];
    size_t count;
    struct record *records; /* made of those that were given; owned */
    uint32_t made, taken, capacity;
    struct named_element *elements; /* of those records; owned */
    uint32_t element_count, element_capacity;
};

struct splitter *splitter_new(const struct split_rule *rule)
{
    struct splitter *splitter = xcalloc(1, sizeof *splitter);

    for (size_t i = 0; i < rule->count; i++) {
        struct split *split = &splitter->splits[splitter->count++];

        *split = (struct split){rule->keys[i].name, strlen(rule->keys[i].name), rule->keys[i].parts, 0,
                                xcalloc(rule->keys[i].parts, sizeof(char *))};
        for (unsigned p = 0; p < split->parts; p++) {
            split->names[p] = xmalloc(split->bytes + 12);
            snprintf(split->names[p], split->bytes + 12, "%s:%u", split->name, p);
        }
    }
    return splitter;
}

void splitter_free(struct splitter *splitter)
{
    if (!splitter)
        return;
    for (size_t i = 0; i < splitter->count; i++) {
        for (unsigned p = 0; p < splitter->splits[i].parts; p++)
            free(splitter->splits[i].names[p]);
        free(splitter->splits[i].names);
    }
    free(splitter->records);
    free(splitter->elements);
    free(splitter);
}

/* NULL: the record's key is not split. */
static struct split *split_of(struct splitter *splitter, const struct record *record)
{
    if (!record->key || record->db || !command_has_key((enum op)record->op))
        return NULL;
    for (size_t i = 0; i < splitter->count; i++)
        if (splitter->splits[i].bytes == record->key_bytes &&
            !memcmp(splitter->splits[i].name, record->key, record->key_bytes))
            return &splitter->splits[i];
    return NULL;
}

static struct record *add_record(struct splitter *splitter, const struct record *record)
{
    splitter->records = xgrow(splitter->records, &splitter->capacity, splitter->made + 1, sizeof *splitter->records);
    splitter->records[splitter->made] = *record;
    return &splitter->records[splitter->made++];
}

/* A record of one of the parts. Of a command of its own the rows before belong to another. */
static struct record *add_part(struct splitter *splitter, const struct record *record, const struct split *split,
                               unsigned part)
{
    struct record *added = add_record(splitter, record);

    added->key = split->names[part];
    added->key_len = added->key_bytes = (uint32_t)strlen(added->key);
    return added;
}

/* All parts: rows of one command if it may have several keys, else a command for each. */
static void split_to_all(struct splitter *splitter, const struct record *record, const struct split *split)
{
    bool takes_keys = command_table[record->op].splits;

    for (unsigned p = 0; p < split->parts; p++) {
        struct record *added = add_part(splitter, record, split, p);

        if (takes_keys && p + 1 < split->parts)
            added->flags |= REQUEST_MORE;
    }
}

static unsigned part_of(const struct split *split, const struct named_element *element)
{
    return (unsigned)(XXH3_64bits(element->text ? element->text : "", element->text ? element->bytes : 0) %
                      split->parts);
}

static void add_element(struct splitter *splitter, const struct named_element *element)
{
    splitter->elements =
        xgrow(splitter->elements, &splitter->element_capacity, splitter->element_count + 1, sizeof *splitter->elements);
    splitter->elements[splitter->element_count++] = *element;
}

/* A command for each part that one of the elements is in. The records' lists are found once all are there. */
static void split_by_element(struct splitter *splitter, const struct record *record, const struct split *split)
{
    const struct named_element *list = record->named + record->first_element;

    for (uint32_t i = 0; i < record->elements; i++) {
        unsigned part = part_of(split, &list[i]);
        uint32_t first = splitter->element_count;
        struct record *added;
        bool is_done = false;

        for (uint32_t k = 0; k < i; k++)
            is_done |= part_of(split, &list[k]) == part;
        if (is_done)
            continue;
        for (uint32_t k = i; k < record->elements; k++)
            if (part_of(split, &list[k]) == part)
                add_element(splitter, &list[k]);
        added = add_part(splitter, record, split, part);
        added->named = NULL;
        added->first_element = first;
        added->elements = splitter->element_count - first;
    }
}

static void split_record(struct splitter *splitter, const struct record *record, struct split *split)
{
    switch (split_way_of((enum op)record->op)) {
    case SPLIT_BY_ELEMENT:
        split_by_element(splitter, record, split);
        break;
    case SPLIT_ALL:
        split_to_all(splitter, record, split);
        break;
    case SPLIT_ANY:
        add_part(splitter, record, split, split->next++ % split->parts);
        break;
    case SPLIT_FIRST:
    case SPLIT_NEVER:
        add_part(splitter, record, split, 0);
        break;
    }
}

void splitter_give(struct splitter *splitter, const struct record *records, int count)
{
    splitter->made = splitter->taken = splitter->element_count = 0;
    for (int i = 0; i < count; i++) {
        struct split *split = split_of(splitter, &records[i]);

        if (split)
            split_record(splitter, &records[i], split);
        else
            add_record(splitter, &records[i]);
    }
    for (uint32_t i = 0; i < splitter->made; i++)
        if (splitter->records[i].elements && !splitter->records[i].named)
            splitter->records[i].named = splitter->elements;
}

int splitter_take(struct splitter *splitter, struct record *records, int room)
{
    uint32_t left = splitter->made - splitter->taken, count = left < (uint32_t)room ? left : (uint32_t)room;

    memcpy(records, splitter->records + splitter->taken, count * sizeof *records);
    splitter->taken += count;
    return (int)count;
}
