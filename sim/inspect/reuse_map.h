/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reuse_map: when keys were named again, and how long after: a row for each power of two of microseconds, a column for a span of
 * time. When there are too many columns, two become one. */
#ifndef SIM_INSPECT_REUSE_MAP_H
#define SIM_INSPECT_REUSE_MAP_H

#include "sim/inspect/portrait.h"

#include <stddef.h>
#include <stdint.h>

enum { REUSE_COLUMNS = 128, REUSE_ROWS = 65 };

struct reuse_map {
    int64_t column_us;               /* 0: nothing came yet */
    uint64_t (*columns)[REUSE_ROWS]; /* owned, REUSE_COLUMNS of them */
    uint64_t *column;                /* at hand, */
    int64_t end_us;                  /* which ends here */
};

/* Zeroed to begin with. */
void reuse_map_release(struct reuse_map *map);
void reuse_map_go_on(struct reuse_map *map, int64_t time_us);

/* At this time, which is not before the last one, a key is named that was named so long before. */
static inline void reuse_map_add(struct reuse_map *map, int64_t time_us, uint64_t reuse_us)
{
    if (time_us >= map->end_us)
        reuse_map_go_on(map, time_us);
    map->column[reuse_us ? 64 - __builtin_clzll(reuse_us) : 0]++;
}

/* Cells with a request, by time, then by reuse; to be freed. */
struct reuse_cell *reuse_map_cells(const struct reuse_map *map, size_t *count);

#endif
