/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/cell_lists.h"

#include "sim/advice/phrase.h"
#include "sim/units.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int list_full(size_t most, struct error *error)
{
    return error_set(error, ERROR_USAGE, "more than %zu items", most);
}

static int append_server(const struct server **list, size_t *count, size_t most, const struct server *server,
                         struct error *error)
{
    for (size_t i = 0; i < *count; i++)
        if (list[i] == server)
            return 0;
    if (*count == most)
        return list_full(most, error);
    list[(*count)++] = server;
    return 0;
}

int server_list_add(const struct server **list, size_t *count, size_t most, const struct catalog *catalog,
                    const char *name, struct error *error)
{
    const struct server *server = catalog_server(catalog, name);

    if (server)
        return append_server(list, count, most, server, error);
    if (strcasecmp(name, "all"))
        return catalog_no_server(catalog, name, error);
    for (size_t i = 0; i < catalog->server_count; i++)
        if (catalog->servers[i].profile && append_server(list, count, most, &catalog->servers[i], error))
            return -1;
    return 0;
}

static int append_size(uint64_t *list, size_t *count, size_t most, uint64_t bytes, struct error *error)
{
    for (size_t i = 0; i < *count; i++)
        if (list[i] == bytes)
            return 0;
    if (*count == most)
        return list_full(most, error);
    list[(*count)++] = bytes;
    return 0;
}

char *range_turned(const char *text)
{
    const char *dots = strstr(text, ".."), *colon = dots ? strchr(dots, ':') : NULL;

    if (!colon)
        return NULL;
    return text_of("%.*s..%.*s%s", (int)(colon - dots - 2), dots + 2, (int)(dots - text), text, colon);
}

static int bad_range(const char *text, struct error *error)
{
    struct size_range range;
    char *turned = range_turned(text);

    if (turned && scan_size_range(turned, &range))
        error_set(error, ERROR_USAGE, "bad range '%s': the smaller size comes first: did you mean '%s'?", text, turned);
    else
        error_set(error, ERROR_USAGE, "bad range '%s': as 1mb..64mb:x2 or 8..16mb:+1mb", text);
    free(turned);
    return -1;
}

int size_list_add(uint64_t *list, size_t *count, size_t most, const char *text, struct error *error)
{
    struct size_range range;
    uint64_t bytes;

    if (scan_size_range(text, &range)) {
        bytes = range.first;
        do
            if (append_size(list, count, most, bytes, error))
                return -1;
        while (size_range_next(&range, &bytes));
        return 0;
    }
    if (strstr(text, ".."))
        return bad_range(text, error);
    if (!scan_size(text, &bytes))
        return error_set(error, ERROR_USAGE, "bad size '%s': a number and a unit, as 512mb or 2gb", text);
    return append_size(list, count, most, bytes, error);
}
