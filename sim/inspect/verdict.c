/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/verdict.h"

#include "sim/alloc.h"
#include "sim/inspect/goodness.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 1024 };
static const int64_t HOUR_US = 3600000000; /* of a shorter trace nobody knows what it would be in an hour */

static const char *kind_of(const struct portrait *portrait)
{
    const struct mix *mix = &portrait->mix;

    if (!mix->reads)
        return mix->writes ? "A stream of writes" : "A trace without reads or writes";
    if (!mix->writes)
        return "A trace of reads";
    if (!strcmp(portrait->fills.held, "yes"))
        return "A cache's trace, whose misses are written";
    return 2 * mix->writes < mix->reads ? "A trace that mostly reads" : "A store's trace";
}

static void put_popularity(const struct popularity *popularity, char *text)
{
    size_t used = strlen(text);
    char keys[UNITS_TEXT];

    if (!popularity->keys)
        return;
    if (isnan(popularity->zipf)) {
        snprintf(text + used, TEXT - used, " No Zipf line fits: %s.", popularity->why_not);
        return;
    }
    if (popularity->p_value > GOODNESS_REFUSED)
        snprintf(
            text + used, TEXT - used,
            " The %s most popular keys (%.1f %% of the requests) follow Zipf's law with a slope of %.2f%s (p %.2g)",
            print_count(keys, popularity->fitted_keys), 100 * popularity->fitted_share, popularity->zipf,
            popularity->fits ? "" : ", but for some ranks", popularity->p_value);
    else
        snprintf(text + used, TEXT - used,
                 popularity->fits ? " Popularity is near Zipf's law with a slope of %.2f, but differs from it (p %.2g)"
                                  : " Popularity does not follow Zipf's law; the nearest slope is %.2f (p %.2g)",
                 popularity->zipf, popularity->p_value);
    used = strlen(text);
    snprintf(text + used, TEXT - used, "; %.1f %% of the keys are named once.", 100 * popularity->one_hit_share);
}

static void put_memory(const struct portrait *portrait, char *text)
{
    const struct holdings *server = portrait->servers, *least = server, *most = server;
    char used[UNITS_TEXT], more[UNITS_TEXT], grows[UNITS_TEXT];
    double without_ttl = 0;
    size_t length = strlen(text);

    if (!portrait->server_count)
        return;
    without_ttl = server->bytes ? 100 * (double)server->bytes_without_ttl / (double)server->bytes : 0;
    for (size_t i = 0; i < portrait->server_count; i++) {
        least = portrait->servers[i].used_memory < least->used_memory ? &portrait->servers[i] : least;
        most = portrait->servers[i].used_memory > most->used_memory ? &portrait->servers[i] : most;
    }
    if (least != most)
        snprintf(text + length, TEXT - length, " Without a limit it takes from %s (%s) to %s (%s).",
                 print_bytes(used, least->used_memory), least->server, print_bytes(more, most->used_memory),
                 most->server);
    else
        snprintf(text + length, TEXT - length, " Without a limit it takes %s in %s.",
                 print_bytes(used, server->used_memory), server->server);
    length = strlen(text);
    if (server->prefix_count && *server->prefixes[0].prefix != '(')
        snprintf(text + length, TEXT - length,
                 " %.1f %% of the keys' bytes are of the prefix %.40s, and %.1f %% have no ttl.",
                 100 * server->prefixes[0].share, server->prefixes[0].prefix, without_ttl);
    else if (server->bytes)
        snprintf(text + length, TEXT - length, " %.1f %% of the keys' bytes have no ttl.", without_ttl);
    length = strlen(text);
    if (server->growth.low > 0 && !portrait->is_untimed && portrait->duration_us >= HOUR_US)
        snprintf(text + length, TEXT - length, " It grows by %s an hour.",
                 print_bytes(grows, (uint64_t)server->growth.bytes_per_hour));
}

char *inspect_verdict(const struct portrait *portrait)
{
    char text[TEXT], requests[UNITS_TEXT], keys[UNITS_TEXT], time[UNITS_TEXT];

    if (portrait->requests)
        snprintf(text, sizeof text, "%s: %s requests for %s keys in %s%s.", kind_of(portrait),
                 print_count(requests, portrait->requests), print_count(keys, portrait->keys),
                 print_duration(time, portrait->duration_us), portrait->is_untimed ? ", a made-up time" : "");
    else
        snprintf(text, sizeof text, "A dump of %s keys.", print_count(keys, portrait->keys));
    put_popularity(&portrait->popularity, text);
    put_memory(portrait, text);
    return xstrdup(text);
}
