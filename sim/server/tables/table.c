/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/table.h"

#include "sim/state_list.h"

#include <stdlib.h>

bool table_is_sparse(const struct table *table)
{
    uint64_t keys = table_count(table);
    uint64_t slots = table_has_buckets(table) ? hashtable_buckets(&table->hashtable) : dict_slots(&table->dict);

    if (!table_has_buckets(table) && slots <= DICT_INITIAL_SIZE)
        return false;
    return slots && keys * 100 / slots < 1;
}

bool table_resize_is_near(const struct table *table)
{
    return table_has_buckets(table) ? hashtable_resize_is_near(&table->hashtable) : dict_resize_is_near(&table->dict);
}

void table_resize_if_due(struct table *table)
{
    if (!table->exists)
        return;
    if (table_has_buckets(table)) {
        if (!hashtable_shrink_if_due(&table->hashtable))
            hashtable_grow_if_due(&table->hashtable);
    } else if (!dict_shrink_if_due(&table->dict)) {
        dict_grow_if_due(&table->dict);
    }
}

void table_presize(struct table *table, uint64_t keys)
{
    if (table_has_buckets(table))
        hashtable_presize(&table->hashtable, keys);
    else
        dict_presize(&table->dict, keys);
}

uint64_t table_bytes(const struct table *table)
{
    const struct dict *dict = &table->dict;
    const struct hashtable *hashtable = &table->hashtable;

    if (table_has_buckets(table))
        return 64 * (hashtable_buckets(hashtable) + hashtable->children[0] + hashtable->children[1]) +
               (hashtable_is_rehashing(hashtable) ? hashtable->rehash_bytes : 0);
    return 8 * dict_slots(dict) + dict->node_bytes * dict->nodes + (dict_is_rehashing(dict) ? dict->rehash_bytes : 0);
}

void table_rest(struct table *table, bool rests)
{
    table->dict.rests = rests;
    table->hashtable.rests = rests;
}

void table_drain(struct table *table)
{
    if (table_has_buckets(table)) {
        while (hashtable_is_rehashing(&table->hashtable))
            hashtable_rehash(&table->hashtable);
    } else {
        while (dict_rehash(&table->dict, 100))
            ;
    }
}

void table_each(const struct table *table, table_visit *visit, void *owner)
{
    if (table_has_buckets(table)) {
        hashtable_each(&table->hashtable, visit, owner);
        return;
    }
    for (int i = 0; i < 2; i++) {
        for (uint64_t bucket = 0; bucket < table->dict.size[i]; bucket++) {
            uint32_t id = dict_head(&table->dict, i, bucket);

            for (; id != DICT_END; id = dict_next(&table->dict, id))
                visit(owner, id);
        }
    }
}

void table_describe(const struct table *table, struct state_list *list)
{
    const struct dict *dict = &table->dict;
    const struct hashtable *hashtable = &table->hashtable;
    bool has_buckets = table_has_buckets(table);

    for (int i = 0; i < 2; i++) {
        state_list_add(list, has_buckets ? hashtable_size(hashtable, i) : dict->size[i]);
        state_list_add(list, has_buckets ? hashtable->used[i] : dict->used[i]);
        state_list_add(list, has_buckets ? hashtable->children[i] : 0);
    }
    state_list_add(list, (uint64_t)(has_buckets ? hashtable->rehash_index : dict->rehash_index));
}

void table_clear(struct table *table, bool anew)
{
    if (anew && table->object_bytes) {
        *table->memory -= table->exists ? table->object_bytes : 0;
        table->exists = false;
    }
    if (table->slots)
        cluster_slots_clear(table->slots);
    if (table_has_buckets(table))
        hashtable_clear(&table->hashtable);
    else
        dict_clear(&table->dict);
}

void table_release(struct table *table)
{
    free(table->slots);
    dict_release(&table->dict);
    hashtable_release(&table->hashtable);
}
