/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/origins.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void free_joined(struct origins *origins)
{
    while (origins->joined_count)
        free(origins->joined[--origins->joined_count]);
}

void origins_release(struct origins *origins)
{
    free_joined(origins);
    free(origins->joined);
    free(origins->list);
    free(origins->kept);
    *origins = (struct origins){0};
}

void origins_begin(struct origins *origins, int room)
{
    free_joined(origins);
    if ((size_t)room > origins->room) {
        origins->room = (size_t)room;
        origins->list = xrealloc(origins->list, origins->room * sizeof *origins->list);
    }
}

int origins_may_keep(const struct source *source, size_t bytes, struct error *error)
{
    enum { MOST = 1 << 30 };

    if (bytes > MOST)
        return error_set(error, ERROR_INPUT,
                         "%s: more than 1 GiB without a request before byte %" PRIu64
                         ", which evsim convert would keep: is it a trace?",
                         source_name(source), source_consumed(source));
    return source_may_take(source, 2 * (uint64_t)bytes, "the text between two requests, which evsim convert keeps,",
                           error);
}

void origins_keep(struct origins *origins, struct intake *intake, const char *text, size_t bytes)
{
    if (origins->kept_bytes + bytes > origins->kept_room) {
        origins->kept_room = 2 * (origins->kept_bytes + bytes);
        origins->kept = xrealloc(origins->kept, origins->kept_room);
    }
    memcpy(origins->kept + origins->kept_bytes, text, bytes);
    origins->kept_bytes += bytes;
    intake->text_behind = origins->kept;
    intake->text_behind_bytes = origins->kept_bytes;
}

static char *join(struct origins *origins, const char *text, size_t bytes)
{
    char *joined = xmalloc(origins->kept_bytes + bytes);

    memcpy(joined, origins->kept, origins->kept_bytes);
    memcpy(joined + origins->kept_bytes, text, bytes);
    if (origins->joined_count == origins->joined_room) {
        origins->joined_room = origins->joined_room ? 2 * origins->joined_room : 16;
        origins->joined = xrealloc(origins->joined, origins->joined_room * sizeof *origins->joined);
    }
    return origins->joined[origins->joined_count++] = joined;
}

struct record_origin *origins_take(struct origins *origins, struct intake *intake, int i, const char *text,
                                   size_t bytes)
{
    struct record_origin *origin = &origins->list[i];

    *origin = (struct record_origin){.text = text, .text_bytes = (uint32_t)bytes};
    if (origins->kept_bytes) {
        origin->text = join(origins, text, bytes);
        origin->text_bytes = (uint32_t)(origins->kept_bytes + bytes);
        intake->text_behind_bytes = origins->kept_bytes = 0;
    }
    return origin;
}
