/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_usage: the blocks of a quicklist, one by one, and what MEMORY USAGE makes of them. */
#include "sim/server/values/list.h"

#include "sim/server/values/block_tally.h"
#include "sim/server/values/usage.h"

void quicklist_tally(const struct redis *redis, const void *structure, struct block_tally *tally)
{
    const struct list *list = structure;

    tally_add(tally, allocator_class(redis->allocator, list_struct_bytes(redis)));
    for (const struct list_node *node = list->head; node; node = node->next) {
        tally_add(tally, allocator_class(redis->allocator, LIST_NODE_BYTES));
        tally_add(tally, allocator_class(redis->allocator, node->bytes));
    }
}

/* quicklist.alloc_size: its blocks, but of a node's listpack only what it holds. */
static struct usage_sample sample_asked_for(const struct redis *redis, const struct list *list)
{
    uint64_t bytes = list->bytes;

    for (const struct list_node *node = list->head; node; node = node->next)
        bytes -= allocator_class(redis->allocator, node->bytes) - node->bytes;
    return (struct usage_sample){.besides = bytes};
}

/* MEMORY USAGE samples the nodes. */
struct usage_sample quicklist_sample(const struct redis *redis, const void *structure)
{
    const struct list *list = structure;
    uint64_t nodes;

    if (redis->profile->usage_is_asked_for)
        return sample_asked_for(redis, list);
    nodes = list->bytes - allocator_class(redis->allocator, list_struct_bytes(redis)) -
            list->node_count * usage_leaves_out(redis, LIST_NODE_BYTES);

    return (struct usage_sample){.besides = list_struct_bytes(redis),
                                 .elements = nodes,
                                 .count = redis->profile->usage_averages_elements ? list->count : list->node_count};
}
