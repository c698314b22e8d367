/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect: looks at a trace, and at what it leaves in servers without a limit, in one reading.
 *
 *     reader ─▶ batch ─▶ accesses.h      every row: rates, sizes, ttls, popularity, reuse, working set
 *                   └──▶ cells           a server each, whose maxmemory is 0: what fills its memory */
#ifndef SIM_INSPECT_INSPECT_H
#define SIM_INSPECT_INSPECT_H

#include "sim/engine/replay.h"
#include "sim/inspect/portrait.h"

#include <stddef.h>
#include <stdint.h>

struct inspect_request {
    struct replay_plan plan; /* without cells */
    const struct server *const *servers;
    size_t server_count;
    const struct policy *noeviction;
    uint64_t seed;
    const char *separator; /* what ends a prefix */
};

/* Fills all of the portrait but the versions, command and settings. 0; or -1 as replay_run. The portrait is to be
 * released either way. */
int inspect_make(const struct inspect_request *request, struct portrait *portrait, struct error *error);

#endif
