/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/verdict.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 1024 };

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

    if (!popularity->keys)
        return;
    if (isnan(popularity->zipf))
        snprintf(text + used, TEXT - used, " No Zipf line fits: %s.", popularity->why_not);
    else
        snprintf(text + used, TEXT - used,
                 " Popularity is %s Zipf's law with a slope of %.2f; %.1f %% of the keys are named once.",
                 popularity->fits ? "near" : "not quite", popularity->zipf, 100 * popularity->one_hit_share);
}

char *inspect_verdict(const struct portrait *portrait)
{
    char text[TEXT], requests[UNITS_TEXT], keys[UNITS_TEXT], time[UNITS_TEXT];

    snprintf(text, sizeof text, "%s: %s requests for %s keys in %s%s.", kind_of(portrait),
             print_count(requests, portrait->requests), print_count(keys, portrait->keys),
             print_duration(time, portrait->duration_us), portrait->is_untimed ? ", a made-up time" : "");
    put_popularity(&portrait->popularity, text);
    return xstrdup(text);
}
