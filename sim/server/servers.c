/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * servers: the names that --server takes. One row per build.
 *
 * The byte counts are measured: used_memory_startup, and what INFO shows before and after the first
 * connection, in virtual time so that nothing idles away meanwhile. */
#include "sim/server/flat.h"
#include "sim/server/profile.h"
#include "sim/server/redis.h"

#include <string.h>

static const struct server_profile redis_7_0_15 = {
    .allocator = "jemalloc",
    .startup_bytes = 858768,
    .client_bytes = 38058,
    .info_bytes = 1824,
    .info_once_bytes = 592,
    .info_reply_bytes = 5000,
    .child_growth_ratio = 5,
    .child_rehash_ratio = 5,
    .idle_client_bytes = 2226,
    .overwrite_renews_clock = true,
};

static const struct server_profile redis_7_0_15_debian = {
    .allocator = "jemalloc-q16",
    .startup_bytes = 876144,
    .client_bytes = 38090,
    .info_bytes = 1832,
    .info_once_bytes = 688,
    .info_reply_bytes = 5000,
    .child_growth_ratio = 5,
    .child_rehash_ratio = 5,
    .idle_client_bytes = 2258,
    .overwrite_renews_clock = true,
};

const struct server servers[] = {
    {"redis-7.0.15", "Redis 7.0.15, upstream build (bundled jemalloc)", &redis_model,
     &redis_7_0_15},
    {"redis-7.0.15-debian", "Redis 7.0.15, Debian 12's package (system jemalloc)", &redis_model,
     &redis_7_0_15_debian},
    {"flat", "plain sizes: every object weighs its value, or 1 under --unit-sizes", &flat_model,
     NULL},
};
const size_t server_count = sizeof servers / sizeof *servers;

const struct server *server_find(const char *name)
{
    for (size_t i = 0; i < server_count; i++)
        if (!strcmp(servers[i].name, name))
            return &servers[i];
    return NULL;
}
