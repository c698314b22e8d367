/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/sizing.h"

#define FIELDS_OF struct sized_goal
const struct layout sized_goal_layout = LAYOUT("sized_goal", SIZED_GOAL_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sized_value
const struct layout sized_value_layout = LAYOUT("sized_value", SIZED_VALUE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sized_point
const struct layout sized_point_layout = LAYOUT("sized_point", SIZED_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sized_window
const struct layout sized_window_layout = LAYOUT("sized_window", SIZED_WINDOW_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sized_headroom
const struct layout sized_headroom_layout = LAYOUT("sized_headroom", SIZED_HEADROOM_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sized_instance
const struct layout sized_instance_layout = LAYOUT("sized_instance", SIZED_INSTANCE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sized_line
const struct layout sized_line_layout = LAYOUT("sized_line", SIZED_LINE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sizing
const struct layout sizing_layout = LAYOUT("sizing", SIZING_FIELDS);
#undef FIELDS_OF

void sizing_release(struct sizing *sizing)
{
    fields_release(&sizing_layout, sizing);
}

const struct sized_point *sized_point(const struct sized_line *line, uint64_t maxmemory)
{
    for (size_t i = 0; i < line->point_count; i++)
        if (line->points[i].maxmemory == maxmemory)
            return &line->points[i];
    return NULL;
}

static int check_line(const struct sizing *sizing, const struct sized_line *line, struct error *error)
{
    for (size_t i = 0; i < line->point_count; i++)
        if (line->points[i].value_count != sizing->goal_count)
            return error_set(error, ERROR_INPUT, "%s %s: a size has %zu values of %zu goals", line->server,
                             line->policy, line->points[i].value_count, sizing->goal_count);
    return 0;
}

int sizing_check(const struct sizing *sizing, struct error *error)
{
    for (size_t i = 0; i < sizing->line_count; i++)
        if (check_line(sizing, &sizing->lines[i], error))
            return -1;
    return run_check(&sizing->run, error);
}
