/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/loading.h"

#include "sim/server/commands/restore.h"
#include "sim/server/execute.h"
#include "sim/server/keyspace.h"
#include "sim/server/reply.h"

void loading_take(struct call *call)
{
    struct redis *redis = call->redis;
    struct database *database;

    enter_database(redis, call);
    if (entry_of(redis, call->id)->encoding != ENCODING_ABSENT)
        return; /* twice in one file, or in two */
    restore_loaded(call);
    database = &redis->databases[call->db];
    table_drain(&database->keys);
    table_drain(&database->expires);
    redis->arguments = 0;
    reply_note_peak(redis);
}
