/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/frequency_lists.h"

#include "sim/alloc.h"

#include <stdlib.h>

enum { LEAST_CAPACITY = 64 };

void frequency_lists_init(struct frequency_lists *lists, size_t offset)
{
    *lists = (struct frequency_lists){.least = 1, .offset = offset};
}

void frequency_lists_release(struct frequency_lists *lists)
{
    free(lists->lists);
}

static void grow(struct frequency_lists *lists, uint32_t frequency)
{
    uint32_t capacity = lists->capacity ? lists->capacity : LEAST_CAPACITY;

    while (capacity <= frequency)
        capacity *= 2;
    lists->lists = xrealloc_zero(lists->lists, lists->capacity * sizeof *lists->lists, capacity * sizeof *lists->lists);
    lists->capacity = capacity;
}

void frequency_push(const struct policy_context *context, struct frequency_lists *lists, uint32_t id,
                    uint32_t frequency)
{
    struct frequency_links *links = frequency_links_of(context, lists, id);
    struct frequency_list *list;

    if (frequency > FREQUENCY_MOST)
        frequency = FREQUENCY_MOST;
    if (frequency >= lists->capacity)
        grow(lists, frequency);
    list = &lists->lists[frequency];
    *links = (struct frequency_links){.older = list->newest, .frequency = frequency};
    if (list->newest)
        frequency_links_of(context, lists, list->newest - 1)->newer = id + 1;
    else
        list->oldest = id + 1;
    list->newest = id + 1;
    if (frequency < lists->least || !lists->keys)
        lists->least = frequency;
    lists->keys++;
}

void frequency_take(const struct policy_context *context, struct frequency_lists *lists, uint32_t id)
{
    const struct frequency_links *links = frequency_links_of(context, lists, id);
    struct frequency_list *list = &lists->lists[links->frequency];

    if (links->older)
        frequency_links_of(context, lists, links->older - 1)->newer = links->newer;
    else
        list->oldest = links->newer;
    if (links->newer)
        frequency_links_of(context, lists, links->newer - 1)->older = links->older;
    else
        list->newest = links->older;
    lists->keys--;
}

void frequency_use(const struct policy_context *context, struct frequency_lists *lists, uint32_t id)
{
    uint32_t frequency = frequency_links_of(context, lists, id)->frequency;

    frequency_take(context, lists, id);
    frequency_push(context, lists, id, frequency + 1);
}

/* NULL if all lists are empty. */
static const struct frequency_list *lowest(struct frequency_lists *lists)
{
    if (!lists->keys)
        return NULL;
    while (!lists->lists[lists->least].oldest)
        lists->least++;
    return &lists->lists[lists->least];
}

uint32_t frequency_oldest(struct frequency_lists *lists)
{
    const struct frequency_list *list = lowest(lists);

    return list ? list->oldest - 1 : NO_KEY;
}

uint32_t frequency_newest(struct frequency_lists *lists)
{
    const struct frequency_list *list = lowest(lists);

    return list ? list->newest - 1 : NO_KEY;
}
