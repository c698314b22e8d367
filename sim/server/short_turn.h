/* SPDX-License-Identifier: GPL-3.0-or-later */
/* short_turn: the turn of a GET that finds a string, while nothing else goes on in the server.
 *
 * Most commands of most traces are such, and nearly all that turn.c asks has the same answer for all of them: it is asked
 * once, behind each turn that was not short (short_turns_settle). What may differ from one to the next is here, step
 * by step as there. A turn that would evict or expire a key is never short. */
#ifndef SIM_SERVER_SHORT_TURN_H
#define SIM_SERVER_SHORT_TURN_H

#include "sim/hooks.h"
#include "sim/server/keyspace.h"
#include "sim/server/reply.h"
#include "sim/server/turn.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/resp.h"

/* What is asked once. */
struct short_turns {
    bool are_possible;
    uint64_t get_bytes;    /* of the arguments without the key, and their vector */
    uint64_t length_below; /* of values; longer ones are referred to */
};

/* At the beginning of a batch, and behind everything that is not a short turn. */
void short_turns_settle(struct short_turns *turns, const struct redis *redis, const struct batch *batch);

/* What a GET's arguments weigh, as far as that matters (turn_arguments_matter); `most` is what they weigh at most. */
static inline uint64_t short_turn_arguments(const struct short_turns *turns, const struct redis *redis,
                                            const struct database *database, uint32_t key_len, uint64_t most)
{
    return turn_arguments_matter(redis, database, most) ? turns->get_bytes + argument_bytes(redis, key_len) : 0;
}

/* False: the row's turn is not short, and nothing has been done. The server's time is the row's. */
static inline bool short_turn_take(const struct short_turns *turns, struct redis *redis, const struct batch *batch,
                                   uint32_t row)
{
    const uint32_t id = batch->id[row], key_len = batch->key_len[row];
    const uint64_t most = turn_most_bytes(batch->value_len[row], key_len);
    /* What a GET that misses is filled with is all the same here. */
    const uint16_t others = (uint16_t) ~(REQUEST_INTEGER | REQUEST_DECIMAL | REQUEST_UNTIMED | REQUEST_TTL |
                                         REQUEST_MILLIS | REQUEST_ABSOLUTE);
    const struct entry *entry;
    struct database *database;
    uint64_t arguments, reply;
    uint32_t length;

    if (!turns->are_possible | (batch->op[row] != OP_GET) | ((batch->flags[row] & others) != 0) | (id == NO_KEY))
        return false;
    entry = entry_of(redis, id);
    if (entry->encoding == ENCODING_ABSENT || !entry_is_string(entry))
        return false;
    length = entry_value_length(entry);
    reply = resp_bulk_bytes(length);
    if ((redis->unix_ms > entry->expire_ms && entry->expire_ms != NO_EXPIRE) | (length >= turns->length_below) |
        (reply > redis->client.reply_capacity) | (redis->now_us >= redis->cron_due_us) |
        !client_request_is_small(&redis->client, most))
        return false;
    if (batch->has_sparse && batch->elements[row])
        return false;
    database = database_of(redis, entry);
    arguments = short_turn_arguments(turns, redis, database, key_len, most);
    if (redis->maxmemory && redis->used + arguments > redis->maxmemory)
        return false;

    redis->counters.requests++;
    redis->eviction.row = batch->first_row + row;
    redis->missed_count = 0;
    redis->request_bytes = 0;
    redis->arguments = arguments;
    redis->found_full = false;
    turn_update_cached_time(redis);
    table_find(&database->keys, id);
    key_is_expired(redis, id, true); /* it is not, but looking for that moves the tables on */
    redis->counters.reads++;
    redis->counters.hits++;
    key_note_read(redis, id);
    redis->counters.read_bytes += length;
    redis->counters.hit_bytes += length;
    reply_end(redis, reply, REPLY_COPIED, true);
    return true;
}

#endif
