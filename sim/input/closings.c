/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/closings.h"

#include "sim/alloc.h"

#include <stdlib.h>

void closings_add(struct closings *closings, int64_t time_us, uint32_t client)
{
    if (!closings)
        return;
    closings->list = xgrow(closings->list, &closings->capacity, closings->count + 1, sizeof *closings->list);
    closings->list[closings->count++] = (struct closing){.time_us = time_us, .client = client};
}

uint64_t closings_bytes(const struct closings *closings, uint32_t more)
{
    return 2 * sizeof *closings->list * ((uint64_t)closings->count + more); /* its capacity is doubled */
}

void closings_release(struct closings *closings)
{
    free(closings->list);
    *closings = (struct closings){0};
}
