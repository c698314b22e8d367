/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/size_words.h"

#include <math.h>
#include <stdio.h>

char *size_text(char text[UNITS_TEXT], const struct sizing *sizing, uint64_t maxmemory)
{
    if (!sizing->unit_sizes)
        return print_maxmemory(text, maxmemory);
    snprintf(text, UNITS_TEXT, "%ju", (uintmax_t)maxmemory);
    return text;
}

const struct sized_point *size_answer(const struct sized_line *line)
{
    return line->maxmemory ? sized_point(line, line->maxmemory) : NULL;
}

const struct sized_point *size_point_with_more(const struct sized_line *line, double share)
{
    double wanted = (1 + share) * (double)line->maxmemory;
    const struct sized_point *nearest = NULL;

    for (size_t i = 0; line->maxmemory && i < line->point_count; i++) {
        const struct sized_point *point = &line->points[i];

        if ((double)point->maxmemory >= 1.025 * (double)line->maxmemory &&
            (!nearest || fabs((double)point->maxmemory - wanted) < fabs((double)nearest->maxmemory - wanted)))
            nearest = point;
    }
    return nearest;
}

const struct sized_line *size_smallest(const struct sizing *sizing)
{
    const struct sized_line *smallest = NULL;

    for (size_t i = 0; i < sizing->line_count; i++)
        if (sizing->lines[i].found && (!smallest || sizing->lines[i].maxmemory < smallest->maxmemory))
            smallest = &sizing->lines[i];
    return smallest;
}
