/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/speed.h"

#include "sim/alloc.h"
#include "sim/live/at_hand.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIPELINE = 1000,
    POLL_MS = 50,
    EXPIRE_LIMIT_MS = 120000,
    MARGIN_MS = 2000, /* between the last SET and the time at which all keys expire */
};

struct trial_server {
    struct server_at_hand at_hand;
    char *value; /* value_bytes letters */
};

static int start(struct trial_server *server, const struct speed_trial *trial, struct error *error)
{
    static const char *const options[] = {"--maxmemory-policy", "allkeys-lru", "--maxmemory-eviction-tenacity", "100",
                                          NULL};

    server->value = xmalloc(trial->value_bytes + 1);
    memset(server->value, 'v', trial->value_bytes);
    return at_hand_start(&server->at_hand, trial->program, options, error);
}

static void stop(struct trial_server *server)
{
    at_hand_stop(&server->at_hand);
    free(server->value);
}

/* ---- commands ---- */

static int set_maxmemory(struct trial_server *server, double bytes, struct error *error)
{
    return at_hand_check(&server->at_hand, redisCommand(server->at_hand.connection, "CONFIG SET maxmemory %.0f", bytes),
                         error);
}

static int ask_name(struct trial_server *server, char name[PROGRAM_NAME], struct error *error)
{
    redisReply *reply = redisCommand(server->at_hand.connection, "INFO");
    char valkey[16], version[16], allocator[24];

    if (reply && reply->type == REDIS_REPLY_STRING) {
        at_hand_text(reply->str, "valkey_version:", valkey, sizeof valkey);
        at_hand_text(reply->str, "redis_version:", version, sizeof version);
        at_hand_text(reply->str, "mem_allocator:", allocator, sizeof allocator);
        snprintf(name, PROGRAM_NAME, "%s %s, %s", *valkey ? "valkey" : "redis", *valkey ? valkey : version, allocator);
    }
    return at_hand_check(&server->at_hand, reply, error);
}

struct readings {
    double cpu_seconds; /* of the main thread, user and system */
    double used_memory, evicted_keys, expired_keys;
};

static int look(struct trial_server *server, struct readings *readings, struct error *error)
{
    redisReply *reply = redisCommand(server->at_hand.connection, "INFO");

    if (reply && reply->type == REDIS_REPLY_STRING)
        *readings = (struct readings){
            .cpu_seconds = at_hand_field(reply->str, "used_cpu_user_main_thread:") +
                           at_hand_field(reply->str, "used_cpu_sys_main_thread:"),
            .used_memory = at_hand_field(reply->str, "used_memory:"),
            .evicted_keys = at_hand_field(reply->str, "evicted_keys:"),
            .expired_keys = at_hand_field(reply->str, "expired_keys:"),
        };
    return at_hand_check(&server->at_hand, reply, error);
}

/* Sets `count` keys, from number `first` on. `expire_ms` is a Unix time as text, or NULL for keys without a ttl. */
static int set_keys(struct trial_server *server, const struct speed_trial *trial, uint64_t first, uint64_t count,
                    const char *expire_ms, struct error *error)
{
    for (uint64_t i = first; i < first + count; i++)
        if (expire_ms)
            redisAppendCommand(server->at_hand.connection, "SET key:%012" PRIu64 " %b PXAT %s", i, server->value,
                               (size_t)trial->value_bytes, expire_ms);
        else
            redisAppendCommand(server->at_hand.connection, "SET key:%012" PRIu64 " %b", i, server->value,
                               (size_t)trial->value_bytes);
    for (uint64_t i = 0; i < count; i++) {
        void *reply = NULL;

        redisGetReply(server->at_hand.connection, &reply);
        if (at_hand_check(&server->at_hand, reply, error))
            return -1;
    }
    return 0;
}

static int fill(struct trial_server *server, const struct speed_trial *trial, const char *expire_ms,
                struct error *error)
{
    for (uint64_t i = 0; i < trial->keys; i += PIPELINE) {
        uint64_t left = trial->keys - i;

        if (set_keys(server, trial, i, left < PIPELINE ? left : PIPELINE, expire_ms, error))
            return -1;
    }
    return 0;
}

/* ---- the trials ---- */

static int rate(double keys, double seconds, const char *what, uint64_t *per_second, struct error *error)
{
    if (keys < 1 || seconds <= 0)
        return error_set(error, ERROR_INPUT,
                         "nothing to measure: %.0f keys %s in %.6f s of processor time; try more --keys", keys, what,
                         seconds);
    *per_second = (uint64_t)(keys / seconds);
    return 0;
}

/* With tenacity 100 one call of the eviction loop evicts as much as needed. CONFIG SET starts it, and the next INFO is
 * answered after it. */
static int measure_deletions(struct trial_server *server, const struct speed_trial *trial, uint64_t *per_second,
                             struct error *error)
{
    struct readings empty = {0}, before = {0}, after = {0};

    if (look(server, &empty, error) || fill(server, trial, NULL, error) || look(server, &before, error) ||
        set_maxmemory(server, (empty.used_memory + before.used_memory) / 2, error) || look(server, &after, error))
        return -1;
    return rate(after.evicted_keys - before.evicted_keys, after.cpu_seconds - before.cpu_seconds, "evicted", per_second,
                error);
}

/* Waits until the last key has expired. */
static int await_expiry(struct trial_server *server, const struct speed_trial *trial, const struct readings *before,
                        int64_t expire_ms, struct readings *after, struct error *error)
{
    int64_t wait_ms = expire_ms - at_hand_unix_ms();

    at_hand_sleep(wait_ms > 0 ? wait_ms : 0);
    do {
        if (at_hand_unix_ms() > expire_ms + EXPIRE_LIMIT_MS)
            return error_set(error, ERROR_INPUT, "the server's active expiry cycle did not end within %d s",
                             EXPIRE_LIMIT_MS / 1000);
        at_hand_sleep(POLL_MS);
        if (look(server, after, error))
            return -1;
    } while (after->expired_keys - before->expired_keys < (double)trial->keys);
    return 0;
}

/* All keys expire at once, and the cycle deletes them as fast as it can. `fill_ms` is the time allowed for setting
 * them. */
static int measure_expirations(struct trial_server *server, const struct speed_trial *trial, int64_t fill_ms,
                               uint64_t *per_second, struct error *error)
{
    int64_t expire_ms = at_hand_unix_ms() + fill_ms + MARGIN_MS;
    struct readings before = {0}, after = {0};
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, expire_ms);
    if (set_maxmemory(server, 0, error) || at_hand_run(&server->at_hand, "FLUSHALL SYNC", error) ||
        fill(server, trial, text, error) || look(server, &before, error))
        return -1;
    if (at_hand_unix_ms() >= expire_ms)
        return error_set(error, ERROR_INPUT, "the server took too long to be filled a second time; try again");
    if (await_expiry(server, trial, &before, expire_ms, &after, error))
        return -1;
    return rate(after.expired_keys - before.expired_keys, after.cpu_seconds - before.cpu_seconds, "expired", per_second,
                error);
}

/* Hashes of FIELDS fields, as many elements as there were keys. */
static int measure_elements(struct trial_server *server, const struct speed_trial *trial, uint64_t *per_second,
                            struct error *error)
{
    enum { FIELDS = 1000 };
    uint64_t hashes = trial->keys / FIELDS + 1;
    struct readings before = {0}, after = {0};

    if (at_hand_run(&server->at_hand, "FLUSHALL SYNC", error) ||
        at_hand_run(&server->at_hand, "CONFIG SET lazyfree-lazy-user-del no", error))
        return -1;
    for (uint64_t i = 0; i < hashes; i++) {
        static const char script[] =
            "for i = 1, ARGV[1] do redis.call('HSET', KEYS[1], 'field:' .. i, 'value:' .. i) end";
        redisReply *reply =
            redisCommand(server->at_hand.connection, "EVAL %s 1 hash:%" PRIu64 " %d", script, i, (int)FIELDS);

        if (at_hand_check(&server->at_hand, reply, error))
            return -1;
    }
    if (look(server, &before, error))
        return -1;
    for (uint64_t i = 0; i < hashes; i++)
        if (at_hand_check(&server->at_hand, redisCommand(server->at_hand.connection, "DEL hash:%" PRIu64, i), error))
            return -1;
    if (look(server, &after, error))
        return -1;
    return rate((double)(hashes * FIELDS), after.cpu_seconds - before.cpu_seconds, "freed", per_second, error);
}

int speed_measure(const struct speed_trial *trial, struct speed_result *result, struct error *error)
{
    struct trial_server server = {.value = NULL};
    int64_t start_ms = at_hand_unix_ms();
    int status = start(&server, trial, error) || ask_name(&server, result->server, error) ||
                         measure_deletions(&server, trial, &result->speed.deletions, error) ||
                         measure_expirations(&server, trial, 2 * (at_hand_unix_ms() - start_ms),
                                             &result->speed.expirations, error) ||
                         measure_elements(&server, trial, &result->speed.elements, error)
                     ? -1
                     : 0;

    stop(&server);
    return status;
}
