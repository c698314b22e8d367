/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/collection.h"

#include "sim/alloc.h"
#include "sim/server/values/field_ttls.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct collection *collection_new(bool has_values)
{
    struct collection *collection = xcalloc(1, sizeof *collection);

    collection->free_slot = NO_SLOT;
    if (has_values)
        collection->value = xcalloc(1, sizeof *collection->value);
    return collection;
}

void collection_release_table(struct collection *collection)
{
    if (collection->table) {
        table_release(collection->table);
        free(collection->table->dict.has_node);
    }
    free(collection->table);
    free(collection->block);
    collection->table = NULL;
    collection->block = NULL;
}

void collection_release(void *structure)
{
    struct collection *collection = structure;

    collection_release_table(collection);
    free(collection->member);
    free(collection->value);
    free(collection->number);
    free(collection->link);
    field_ttls_release(collection->ttls);
    free(collection);
}

static void reserve(struct collection *collection, uint32_t slots)
{
    uint32_t capacity = collection->capacity;

    if (slots <= capacity)
        return;
    capacity = capacity < 4 ? 4 : capacity + capacity / 2;
    capacity = capacity < slots ? slots : capacity;
    collection->member = xrealloc(collection->member, capacity * sizeof *collection->member);
    if (collection->value)
        collection->value = xrealloc(collection->value, capacity * sizeof *collection->value);
    if (collection->number)
        collection->number = xrealloc(collection->number, capacity * sizeof *collection->number);
    if (collection->table) {
        struct dict *dict = &collection->table->dict;

        if (collection->block)
            collection->block = xrealloc(collection->block, capacity * sizeof *collection->block);
        if (dict->has_node)
            dict->has_node = xrealloc(dict->has_node, capacity * sizeof *dict->has_node);
        collection->link = xrealloc(collection->link, capacity * sizeof *collection->link);
        dict->links = (char *)collection->link;
        dict->hashed = collection->table->hashtable.hashed = collection->member;
    }
    if (collection->ttls)
        field_ttls_reserve(collection->ttls, capacity);
    collection->capacity = capacity;
}

struct collection *collection_copy(const struct collection *from)
{
    struct collection *to = collection_new(from->value != NULL);

    reserve(to, from->count);
    if (from->ttls)
        to->ttls = field_ttls_new(to->capacity);
    for (uint32_t slot = collection_next(from, 0); slot != NO_SLOT; slot = collection_next(from, slot + 1)) {
        uint32_t place = collection_add(to, from->member[slot]);

        if (from->value)
            to->value[place] = from->value[slot];
        if (from->number && (!from->value || from->value[slot].kind != TEXT_STRING))
            collection_set_number(to, place, from->number[slot]);
        if (from->ttls)
            field_ttls_set(to->ttls, place, from->ttls->item[slot].ms);
    }
    return to;
}

uint32_t collection_find(const struct collection *collection, uint32_t member)
{
    if (collection->table)
        return table_lookup(collection->table, member);
    for (uint32_t slot = 0; slot < collection->used; slot++)
        if (collection->member[slot] == member)
            return slot;
    return NO_SLOT;
}

uint32_t collection_add(struct collection *collection, uint32_t member)
{
    uint32_t slot = collection->free_slot;

    if (slot != NO_SLOT) {
        collection->free_slot = collection->link[slot];
    } else {
        reserve(collection, collection->used + 1);
        slot = collection->used++;
    }
    collection->member[slot] = member;
    if (collection->value)
        collection->value[slot] = (struct text){0};
    if (collection->ttls)
        field_ttls_set(collection->ttls, slot, EB_NEVER);
    collection->count++;
    return slot;
}

void collection_remove(struct collection *collection, uint32_t slot)
{
    uint32_t behind = collection->used - slot - 1;

    collection->count--;
    if (collection->table) {
        collection->member[slot] = NO_MEMBER;
        collection->link[slot] = collection->free_slot;
        collection->free_slot = slot;
        return;
    }
    memmove(&collection->member[slot], &collection->member[slot + 1], behind * sizeof *collection->member);
    if (collection->value)
        memmove(&collection->value[slot], &collection->value[slot + 1], behind * sizeof *collection->value);
    if (collection->number)
        memmove(&collection->number[slot], &collection->number[slot + 1], behind * sizeof *collection->number);
    if (collection->ttls)
        field_ttls_remove(collection->ttls, slot, behind);
    collection->used--;
}

static void exchange(struct collection *collection, uint32_t slot, uint32_t other)
{
#define EXCHANGE(type, column)                                                                                         \
    if (collection->column) {                                                                                          \
        type kept = collection->column[slot];                                                                          \
        collection->column[slot] = collection->column[other];                                                          \
        collection->column[other] = kept;                                                                              \
    }
    EXCHANGE(uint32_t, member)
    EXCHANGE(struct text, value)
    EXCHANGE(int64_t, number)
#undef EXCHANGE
    if (collection->ttls)
        field_ttls_exchange(collection->ttls, slot, other);
}

void collection_move(struct collection *collection, uint32_t slot, uint32_t place)
{
    for (; slot < place; slot++)
        exchange(collection, slot, slot + 1);
    for (; slot > place; slot--)
        exchange(collection, slot, slot - 1);
}

void collection_set_number(struct collection *collection, uint32_t slot, int64_t number)
{
    if (!collection->number)
        collection->number = xcalloc(collection->capacity, sizeof *collection->number);
    collection->number[slot] = number;
}

uint32_t collection_next(const struct collection *collection, uint32_t slot)
{
    for (; slot < collection->used; slot++)
        if (collection->member[slot] != NO_MEMBER)
            return slot;
    return NO_SLOT;
}

struct listing {
    const struct collection *collection;
    uint32_t *next;
};

static void list_slot(void *owner, uint32_t slot)
{
    struct listing *listing = owner;

    *listing->next++ = listing->collection->member[slot];
}

void collection_list(const struct collection *collection, uint32_t *members)
{
    struct listing listing = {collection, members};

    if (collection->table)
        table_each(collection->table, list_slot, &listing);
    else if (collection->count)
        memcpy(members, collection->member, collection->count * sizeof *members);
}
