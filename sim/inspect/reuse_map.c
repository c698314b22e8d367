/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/reuse_map.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

void reuse_map_release(struct reuse_map *map)
{
    free(map->columns);
    *map = (struct reuse_map){0};
}

static void merge_columns(struct reuse_map *map)
{
    for (size_t i = 0; i < REUSE_COLUMNS / 2; i++)
        for (size_t row = 0; row < REUSE_ROWS; row++)
            map->columns[i][row] = map->columns[2 * i][row] + map->columns[2 * i + 1][row];
    memset(map->columns[REUSE_COLUMNS / 2], 0, REUSE_COLUMNS / 2 * sizeof *map->columns);
    map->column_us *= 2;
}

void reuse_map_go_on(struct reuse_map *map, int64_t time_us)
{
    if (!map->columns) {
        map->columns = xcalloc(REUSE_COLUMNS, sizeof *map->columns);
        map->column_us = 1000;
    }
    while (time_us / map->column_us >= REUSE_COLUMNS)
        merge_columns(map);
    map->column = map->columns[time_us / map->column_us];
    map->end_us = (time_us / map->column_us + 1) * map->column_us;
}

struct reuse_cell *reuse_map_cells(const struct reuse_map *map, size_t *count)
{
    struct reuse_cell *cells = xcalloc(map->columns ? REUSE_COLUMNS * REUSE_ROWS : 1, sizeof *cells);

    *count = 0;
    for (size_t i = 0; map->columns && i < REUSE_COLUMNS; i++)
        for (size_t row = 0; row < REUSE_ROWS; row++)
            if (map->columns[i][row])
                cells[(*count)++] = (struct reuse_cell){
                    (int64_t)i * map->column_us, row ? (int64_t)(UINT64_C(1) << (row - 1)) : 0, map->columns[i][row]};
    return cells;
}
