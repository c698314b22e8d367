/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/catalog.h"

#include "sim/alloc.h"
#include "sim/cli/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct policy *catalog_policy(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (!strcasecmp(catalog->policies[i]->name, name))
            return catalog->policies[i];
    return NULL;
}

enum { VERSION_BYTES = 32 };

/* "redis-8.0.2" of "redis-8.0.2-debian": a build's name without what comes behind its version. */
static const char *version_of(const char *name, char text[VERSION_BYTES])
{
    const char *version = strchr(name, '-'), *end = version ? strchr(version + 1, '-') : NULL;
    size_t bytes = end ? (size_t)(end - name) : strlen(name);

    bytes = bytes < VERSION_BYTES ? bytes : VERSION_BYTES - 1;
    memcpy(text, name, bytes);
    text[bytes] = '\0';
    return text;
}

/* Whether the line has the server: "redis", "redis-8" and "redis-8.0" have redis-8.0.2-debian. */
static bool is_in_line(const char *server, const char *line)
{
    size_t bytes = strlen(line);

    return bytes && !strncasecmp(server, line, bytes) && (server[bytes] == '-' || server[bytes] == '.');
}

/* Of one version the first that the registry has. What was measured comes before what was only read. */
static const struct server *newest_of_line(const struct catalog *catalog, const char *line)
{
    const struct server *newest = NULL;
    char one[VERSION_BYTES], other[VERSION_BYTES];

    for (size_t i = 0; i < catalog->server_count; i++) {
        const struct server *server = &catalog->servers[i];

        if (!is_in_line(server->name, line))
            continue;
        if (newest && server->is_read != newest->is_read) {
            newest = newest->is_read ? server : newest;
            continue;
        }
        if ((!newest || strverscmp(version_of(server->name, one), version_of(newest->name, other)) > 0))
            newest = server;
    }
    return newest;
}

const struct server *catalog_server(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->server_count; i++) {
        const struct server *server = &catalog->servers[i];

        if (!strcasecmp(server->name, name) || (server->alias && !strcasecmp(server->alias, name)))
            return server;
    }
    return newest_of_line(catalog, name);
}

const char *catalog_policy_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->policies[i]->name;
}

/* ---- a server that there is not ---- */

/* What one types for the server; NULL: another build of one that has such a name. */
static const char *short_name(const struct server *server)
{
    const char *version = strchr(server->name, '-');

    return server->alias ? server->alias : version && strchr(version + 1, '-') ? NULL : server->name;
}

static const char *name_at(const void *names, size_t i)
{
    return ((char *const *)names)[i];
}

/* The short names of the servers of a line, "redis"; with an empty one of all, and the lines. Each is to be freed, and the list. */
static char **short_names(const struct catalog *catalog, const char *line, size_t *count)
{
    char **names = xcalloc(2 * catalog->server_count, sizeof *names);

    *count = 0;
    for (size_t i = 0; i < catalog->server_count; i++) {
        const struct server *server = &catalog->servers[i];

        if (!*line)
            names[(*count)++] = strndup(server->name, strcspn(server->name, "-"));
        if (short_name(server) && (!*line || is_in_line(server->name, line)))
            names[(*count)++] = xstrdup(short_name(server));
    }
    return names;
}

int catalog_no_server(const struct catalog *catalog, const char *name, struct error *error)
{
    char *line = strndup(name, strcspn(name, "-")), list[256];
    size_t count;
    bool is_version = strchr(name, '-') && newest_of_line(catalog, line);
    char **names = short_names(catalog, is_version ? line : "", &count);
    const char *nearest = nearest_name(name, name_at, names, count);

    join_names(list, sizeof list, name_at, names, count);
    if (is_version)
        error_set(error, ERROR_USAGE, "unknown server '%s': it is one of %s (see evsim servers)", name, list);
    else if (nearest)
        error_set(error, ERROR_USAGE, "unknown server '%s': did you mean '%s'? (see evsim servers)", name, nearest);
    else
        error_set(error, ERROR_USAGE, "unknown server '%s': see evsim servers", name);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    free(line);
    return -1;
}

const char *catalog_admission_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->admissions[i]->name;
}

const struct trace_writer *catalog_trace_writer(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->trace_writer_count; i++)
        if (!strcasecmp(catalog->trace_writers[i]->name, name))
            return catalog->trace_writers[i];
    return NULL;
}

const char *catalog_trace_writer_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->trace_writers[i]->name;
}
