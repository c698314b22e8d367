/* profile: how one build of a server differs from the others. Adding a build is adding a row. */
#ifndef SIM_SERVER_PROFILE_H
#define SIM_SERVER_PROFILE_H

#include "sim/server/allocator.h"

#include <stdbool.h>
#include <stdint.h>

struct server_profile {
    const char *allocator;        /* name of the allocator it is built with */
    uint32_t startup_bytes;       /* used_memory of the empty server, no client */
    uint32_t client_bytes;        /* one active connection, its two buffers included */
    uint32_t info_bytes;          /* what INFO holds while it prints used_memory */
    uint32_t info_once_bytes;     /* what the first INFO keeps for ever (its section dict) */
    uint32_t info_reply_bytes;    /* length of INFO's reply */
    /* While a child saves, so that pages stay shared: */
    uint32_t child_growth_ratio;  /* a table grows from more keys per bucket than this (a whole number) */
    uint32_t child_rehash_ratio;  /* it is rehashed when the new one is this many times larger */
    uint32_t idle_client_bytes;   /* of a connection that has been idle for seconds */
    bool counts_lua;              /* the Lua heap is part of used_memory */
    bool overwrite_renews_clock;  /* a key whose value is replaced is touched all the same */
};

#endif
