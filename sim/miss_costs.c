/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/miss_costs.h"

#include "sim/alloc.h"
#include "sim/line_file.h"
#include "sim/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *trim(char *text)
{
    size_t length;

    text += strspn(text, " \t");
    length = strlen(text);
    while (length && strchr(" \t\r\n", text[length - 1]))
        text[--length] = '\0';
    return text;
}

int miss_costs_add(struct miss_costs *costs, const char *group, int64_t cost_us, int line)
{
    size_t before = costs->groups.count, number;

    if (!strcmp(group, "*")) {
        if (costs->others_line)
            return costs->others_line;
        costs->others_us = cost_us;
        costs->others_line = line;
        return 0;
    }
    number = text_index_add(&costs->groups, group);
    if (number < before)
        return costs->list[number].line;
    if (!(number & (number - 1))) /* a power of two, or 0: there is room for as many */
        costs->list = xrealloc(costs->list, (number ? 2 * number : 1) * sizeof *costs->list);
    costs->list[number] = (struct miss_cost){cost_us, line};
    return 0;
}

/* "GROUP TIME" */
static int read_line(struct miss_costs *costs, char *text, const char *path, int line, struct error *error)
{
    int64_t cost_us;
    char *time;
    int before;

    text = trim(text);
    if (!*text || *text == '#')
        return 0;
    time = text + strlen(text);
    while (time > text && !strchr(" \t", time[-1]))
        time--;
    if (time == text || !scan_duration(time, &cost_us) || cost_us < 0 || cost_us > MISS_COST_MOST_US)
        return error_set(error, ERROR_INPUT,
                         "%s:%d: '%s' is not a group and what a miss of it costs, up to a day, as 'user 5ms'", path,
                         line, text);
    time[-1] = '\0';
    text = trim(text);
    before = miss_costs_add(costs, text, cost_us, line);
    if (before)
        return error_set(error, ERROR_INPUT, "%s:%d: %s'%s' has a cost already, in line %d", path, line,
                         strcmp(text, "*") != 0 ? "group " : "", text, before);
    return 0;
}

int miss_costs_read(struct miss_costs *costs, const char *path, uint64_t memory_limit, struct error *error)
{
    struct line_file file;
    int status = 0, more;

    *costs = (struct miss_costs){0};
    if (line_file_open(&file, path, memory_limit))
        return error_set(error, ERROR_INPUT,
                         "--miss-cost: '%s' is not a time, as 5ms, and cannot be read as a file: %s", path,
                         strerror(errno));
    while (!status && (more = line_file_next(&file, error)))
        status = more < 0 ? -1 : read_line(costs, file.text, path, file.number, error);
    if (!status && file.reason)
        status = error_set(error, ERROR_INPUT, "%s: cannot read: %s", path, strerror(file.reason));
    if (!status && !miss_costs_least(costs))
        status =
            error_set(error, ERROR_INPUT, "%s: no group has a cost: a line is a group and a time, as 'user 5ms'", path);
    line_file_close(&file);
    if (status)
        miss_costs_release(costs);
    return status;
}

int miss_costs_parse(struct miss_costs *costs, const char *text, bool has_groups, uint64_t memory_limit,
                     int64_t *least_us, struct error *error)
{
    *costs = (struct miss_costs){0};
    if (scan_duration(text, least_us)) {
        if (*least_us <= 0 || *least_us > MISS_COST_MOST_US)
            return error_set(error, ERROR_USAGE, "--miss-cost: '%s' is not above 0s and up to a day", text);
        return 0;
    }
    if (!has_groups && strspn(text, "-.0123456789"))
        return error_set(error, ERROR_USAGE, "--miss-cost: bad duration '%s': a number and a unit, as 5ms or 1s", text);
    if (!has_groups)
        return error_set(error, ERROR_USAGE,
                         "--miss-cost: '%s' is not a time, as 5ms; a file says it for groups of keys: add --by prefix",
                         text);
    if (miss_costs_read(costs, text, memory_limit, error))
        return -1;
    *least_us = miss_costs_least(costs);
    return 0;
}

void miss_costs_release(struct miss_costs *costs)
{
    text_index_release(&costs->groups);
    free(costs->list);
    *costs = (struct miss_costs){0};
}

int64_t miss_costs_of(const struct miss_costs *costs, const char *group)
{
    size_t number;

    return text_index_find(&costs->groups, group, &number) ? costs->list[number].cost_us : costs->others_us;
}

int64_t miss_costs_least(const struct miss_costs *costs)
{
    int64_t least = costs->others_us;

    for (size_t i = 0; i < costs->groups.count; i++)
        if (costs->list[i].cost_us && (!least || costs->list[i].cost_us < least))
            least = costs->list[i].cost_us;
    return least;
}

char *miss_costs_print(const struct miss_costs *costs)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    for (size_t i = 0; i < costs->groups.count; i++)
        fprintf(out, "%s %" PRId64 "; ", costs->groups.texts[i], costs->list[i].cost_us);
    fprintf(out, "* %" PRId64, costs->others_us);
    fclose(out);
    return text;
}
