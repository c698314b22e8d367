/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/field_ttls.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

struct field_ttls *field_ttls_new(uint32_t capacity)
{
    struct field_ttls *ttls = xcalloc(1, sizeof *ttls);

    ttls->hash.ms = EB_NEVER;
    field_ttls_reserve(ttls, capacity);
    for (uint32_t slot = 0; slot < capacity; slot++)
        field_ttls_set(ttls, slot, EB_NEVER);
    return ttls;
}

void field_ttls_release(struct field_ttls *ttls)
{
    if (!ttls)
        return;
    ebuckets_release(&ttls->fields);
    volatile_set_release(&ttls->set);
    free(ttls->item);
    free(ttls->attached);
    free(ttls);
}

void field_ttls_reserve(struct field_ttls *ttls, uint32_t capacity)
{
    ttls->item = xrealloc(ttls->item, (capacity + 1) * sizeof *ttls->item);
    ttls->attached = xrealloc(ttls->attached, (capacity + 1) * sizeof *ttls->attached);
}

void field_ttls_set(struct field_ttls *ttls, uint32_t slot, int64_t ms)
{
    ttls->item[slot] = (struct eb_item){.ms = ms};
    ttls->attached[slot] = ms != EB_NEVER;
}

void field_ttls_remove(struct field_ttls *ttls, uint32_t slot, uint32_t behind)
{
    memmove(&ttls->item[slot], &ttls->item[slot + 1], behind * sizeof *ttls->item);
    memmove(&ttls->attached[slot], &ttls->attached[slot + 1], behind * sizeof *ttls->attached);
}

void field_ttls_exchange(struct field_ttls *ttls, uint32_t slot, uint32_t other)
{
    int64_t ms = ttls->item[slot].ms;

    field_ttls_set(ttls, slot, ttls->item[other].ms);
    field_ttls_set(ttls, other, ms);
}

struct eb_item *field_ttls_item(void *owner, uint32_t id)
{
    return &((struct field_ttls *)owner)->item[id];
}

int64_t field_ttls_ms(const void *owner, uint32_t slot)
{
    return ((const struct field_ttls *)owner)->item[slot].ms;
}

void field_ttls_gather(struct field_ttls *ttls, const struct allocator *allocator, uint64_t *memory, uint32_t used)
{
    ebuckets_init(&ttls->fields, allocator, memory, field_ttls_item, ttls);
    for (uint32_t slot = 0; slot < used; slot++)
        if (ttls->item[slot].ms != EB_NEVER)
            ebuckets_add(&ttls->fields, slot, ttls->item[slot].ms);
}
