/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/census.h"

#include <stdlib.h>

void census_look_release(struct census_look *look)
{
    for (size_t i = 0; i < look->largest_count; i++)
        free(look->largest[i].name);
    *look = (struct census_look){0};
}

void census_release(struct census *census)
{
    census_look_release(&census->refusal);
    census_look_release(&census->eviction);
    census_look_release(&census->end);
    free(census->uses);
    *census = (struct census){0};
}
