/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/urn.h"

#include "sim/alloc.h"

#include <stdlib.h>

void urn_add(struct urn *urn, uint32_t i, uint64_t by)
{
    urn->left += by;
    urn->left_of[i] += by;
    for (uint32_t at = i + 1; at <= urn->room; at += at & -at)
        urn->tree[at] += by;
}

void urn_init(struct urn *urn, const struct symbol *symbols, uint32_t count)
{
    *urn = (struct urn){.symbols = symbols, .count = count, .room = 1};
    while (urn->room < count)
        urn->room *= 2;
    urn->tree = xcalloc(urn->room + 1ull, sizeof *urn->tree);
    urn->left_of = xcalloc(count + 1ull, sizeof *urn->left_of);
    for (uint32_t i = 0; i < count; i++)
        urn_add(urn, i, symbols[i].count);
}

void urn_release(struct urn *urn)
{
    free(urn->tree);
    free(urn->left_of);
}

uint32_t urn_look(const struct urn *urn, gsl_rng *rng)
{
    uint64_t before = (uint64_t)(gsl_rng_uniform(rng) * (double)urn->left);
    uint32_t at = 0;

    if (before >= urn->left)
        before = urn->left - 1;
    for (uint32_t step = urn->room; step; step /= 2)
        if (at + step <= urn->room && urn->tree[at + step] <= before) {
            at += step;
            before -= urn->tree[at];
        }
    return at;
}

uint32_t urn_find(const struct urn *urn, uint64_t first, uint64_t span, uint64_t step)
{
    uint32_t low = 0, high = urn->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (urn->symbols[middle].what < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < urn->count && urn->symbols[low].what < first + span; low++)
        if ((urn->symbols[low].what - first) % step == 0 && urn->left_of[low])
            return low;
    return urn->count;
}
