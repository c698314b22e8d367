/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/speed.h"

#include "sim/alloc.h"
#include "sim/live/process.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    PIPELINE = 1000,
    POLL_MS = 50,
    START_LIMIT_MS = 20000,
    EXPIRE_LIMIT_MS = 120000,
    MARGIN_MS = 2000, /* between the last SET and the time at which all keys expire */
};

static int64_t unix_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_ms(int64_t ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- the server ---- */

struct server_at_hand {
    pid_t process;
    redisContext *connection;
    char *value; /* value_bytes letters */
};

static pid_t launch(const struct program *program, const char *directory, int output, struct error *error)
{
    const struct process_start what = {
        .path = program->path,
        .arguments =
            (const char *[]){program->name, "--port", "0", "--unixsocket", "socket", "--save", "", "--appendonly", "no",
                             "--maxmemory-policy", "allkeys-lru", "--maxmemory-eviction-tenacity", "100", NULL},
        .environment = (const char *[]){NULL},
        .directory = directory,
        .output = output,
    };

    return process_start(&what, error);
}

/* Waits until the server listens. */
static redisContext *connect_to(const char *socket, pid_t process)
{
    int64_t until_ms = unix_ms() + START_LIMIT_MS;
    bool succeeded;

    do {
        redisContext *connection = redisConnectUnix(socket);

        if (connection && !connection->err)
            return connection;
        if (connection)
            redisFree(connection);
        sleep_ms(POLL_MS);
    } while (unix_ms() < until_ms && !process_look(process, false, &succeeded));
    return NULL;
}

/* The socket's folder is removed as soon as the connection stands, so nothing is left behind, however the trial
 * ends. */
static int start(struct server_at_hand *server, const struct speed_trial *trial, struct error *error)
{
    char directory[] = "/tmp/evsim-speed-XXXXXX", socket[sizeof directory + 16];
    int output = memfd_create("output", MFD_CLOEXEC);

    if (output < 0 || !mkdtemp(directory))
        return error_set(error, ERROR_OUTPUT, "%s: %s", directory, strerror(errno));
    snprintf(socket, sizeof socket, "%s/socket", directory);
    server->process = launch(trial->program, directory, output, error);
    if (server->process > 0)
        server->connection = connect_to(socket, server->process);
    close(output);
    unlink(socket);
    rmdir(directory);
    if (server->process > 0 && !server->connection)
        error_set(error, ERROR_INPUT, "%s: the server does not start, or cannot be reached over a unix socket",
                  trial->program->path);
    server->value = xmalloc(trial->value_bytes + 1);
    memset(server->value, 'v', trial->value_bytes);
    return error_is_set(error) ? -1 : 0;
}

static void stop(struct server_at_hand *server)
{
    if (server->connection)
        redisFree(server->connection);
    if (server->process > 0)
        process_stop(server->process);
    free(server->value);
}

/* ---- commands ---- */

static int check_reply(const struct server_at_hand *server, redisReply *reply, struct error *error)
{
    if (!reply)
        return error_set(error, ERROR_INPUT, "the server has gone away: %s", server->connection->errstr);
    if (reply->type == REDIS_REPLY_ERROR)
        error_set(error, ERROR_INPUT, "the server says: %s", reply->str);
    freeReplyObject(reply);
    return error_is_set(error) ? -1 : 0;
}

static int run(struct server_at_hand *server, const char *command, struct error *error)
{
    return check_reply(server, redisCommand(server->connection, command), error);
}

static int set_maxmemory(struct server_at_hand *server, double bytes, struct error *error)
{
    return check_reply(server, redisCommand(server->connection, "CONFIG SET maxmemory %.0f", bytes), error);
}

/* The text of a field up to the end of its line; "" if INFO has no such field. */
static void text_field(const char *info, const char *name, char *text, size_t room)
{
    const char *at = strstr(info, name);

    snprintf(text, room, "%s", at ? at + strlen(name) : "");
    text[strcspn(text, "\r\n")] = '\0';
}

static int ask_name(struct server_at_hand *server, char name[PROGRAM_NAME], struct error *error)
{
    redisReply *reply = redisCommand(server->connection, "INFO");
    char valkey[16], version[16], allocator[24];

    if (reply && reply->type == REDIS_REPLY_STRING) {
        text_field(reply->str, "valkey_version:", valkey, sizeof valkey);
        text_field(reply->str, "redis_version:", version, sizeof version);
        text_field(reply->str, "mem_allocator:", allocator, sizeof allocator);
        snprintf(name, PROGRAM_NAME, "%s %s, %s", *valkey ? "valkey" : "redis", *valkey ? valkey : version, allocator);
    }
    return check_reply(server, reply, error);
}

struct readings {
    double cpu_seconds; /* of the main thread, user and system */
    double used_memory, evicted_keys, expired_keys;
};

static double field(const char *info, const char *name)
{
    const char *at = strstr(info, name);

    return at ? strtod(at + strlen(name), NULL) : 0;
}

static int look(struct server_at_hand *server, struct readings *readings, struct error *error)
{
    redisReply *reply = redisCommand(server->connection, "INFO");

    if (reply && reply->type == REDIS_REPLY_STRING)
        *readings = (struct readings){
            .cpu_seconds =
                field(reply->str, "used_cpu_user_main_thread:") + field(reply->str, "used_cpu_sys_main_thread:"),
            .used_memory = field(reply->str, "used_memory:"),
            .evicted_keys = field(reply->str, "evicted_keys:"),
            .expired_keys = field(reply->str, "expired_keys:"),
        };
    return check_reply(server, reply, error);
}

/* Sets `count` keys, from number `first` on. `expire_ms` is a Unix time as text, or NULL for keys without a ttl. */
static int set_keys(struct server_at_hand *server, const struct speed_trial *trial, uint64_t first, uint64_t count,
                    const char *expire_ms, struct error *error)
{
    for (uint64_t i = first; i < first + count; i++)
        if (expire_ms)
            redisAppendCommand(server->connection, "SET key:%012" PRIu64 " %b PXAT %s", i, server->value,
                               (size_t)trial->value_bytes, expire_ms);
        else
            redisAppendCommand(server->connection, "SET key:%012" PRIu64 " %b", i, server->value,
                               (size_t)trial->value_bytes);
    for (uint64_t i = 0; i < count; i++) {
        void *reply = NULL;

        redisGetReply(server->connection, &reply);
        if (check_reply(server, reply, error))
            return -1;
    }
    return 0;
}

static int fill(struct server_at_hand *server, const struct speed_trial *trial, const char *expire_ms,
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
static int measure_deletions(struct server_at_hand *server, const struct speed_trial *trial, uint64_t *per_second,
                             struct error *error)
{
    struct readings empty, before, after;

    if (look(server, &empty, error) || fill(server, trial, NULL, error) || look(server, &before, error) ||
        set_maxmemory(server, (empty.used_memory + before.used_memory) / 2, error) || look(server, &after, error))
        return -1;
    return rate(after.evicted_keys - before.evicted_keys, after.cpu_seconds - before.cpu_seconds, "evicted", per_second,
                error);
}

/* Waits until the last key has expired. */
static int await_expiry(struct server_at_hand *server, const struct speed_trial *trial, const struct readings *before,
                        int64_t expire_ms, struct readings *after, struct error *error)
{
    int64_t wait_ms = expire_ms - unix_ms();

    sleep_ms(wait_ms > 0 ? wait_ms : 0);
    do {
        if (unix_ms() > expire_ms + EXPIRE_LIMIT_MS)
            return error_set(error, ERROR_INPUT, "the server's active expiry cycle did not end within %d s",
                             EXPIRE_LIMIT_MS / 1000);
        sleep_ms(POLL_MS);
        if (look(server, after, error))
            return -1;
    } while (after->expired_keys - before->expired_keys < (double)trial->keys);
    return 0;
}

/* All keys expire at once, and the cycle deletes them as fast as it can. `fill_ms` is the time allowed for setting
 * them. */
static int measure_expirations(struct server_at_hand *server, const struct speed_trial *trial, int64_t fill_ms,
                               uint64_t *per_second, struct error *error)
{
    int64_t expire_ms = unix_ms() + fill_ms + MARGIN_MS;
    struct readings before, after;
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, expire_ms);
    if (set_maxmemory(server, 0, error) || run(server, "FLUSHALL SYNC", error) || fill(server, trial, text, error) ||
        look(server, &before, error))
        return -1;
    if (unix_ms() >= expire_ms)
        return error_set(error, ERROR_INPUT, "the server took too long to be filled a second time; try again");
    if (await_expiry(server, trial, &before, expire_ms, &after, error))
        return -1;
    return rate(after.expired_keys - before.expired_keys, after.cpu_seconds - before.cpu_seconds, "expired", per_second,
                error);
}

/* Hashes of FIELDS fields, as many elements as there were keys. */
static int measure_elements(struct server_at_hand *server, const struct speed_trial *trial, uint64_t *per_second,
                            struct error *error)
{
    enum { FIELDS = 1000 };
    uint64_t hashes = trial->keys / FIELDS + 1;
    struct readings before, after;

    if (run(server, "FLUSHALL SYNC", error) || run(server, "CONFIG SET lazyfree-lazy-user-del no", error))
        return -1;
    for (uint64_t i = 0; i < hashes; i++) {
        static const char script[] =
            "for i = 1, ARGV[1] do redis.call('HSET', KEYS[1], 'field:' .. i, 'value:' .. i) end";
        redisReply *reply = redisCommand(server->connection, "EVAL %s 1 hash:%" PRIu64 " %d", script, i, (int)FIELDS);

        if (check_reply(server, reply, error))
            return -1;
    }
    if (look(server, &before, error))
        return -1;
    for (uint64_t i = 0; i < hashes; i++)
        if (check_reply(server, redisCommand(server->connection, "DEL hash:%" PRIu64, i), error))
            return -1;
    if (look(server, &after, error))
        return -1;
    return rate((double)(hashes * FIELDS), after.cpu_seconds - before.cpu_seconds, "freed", per_second, error);
}

int speed_measure(const struct speed_trial *trial, struct speed_result *result, struct error *error)
{
    struct server_at_hand server = {.process = 0};
    int64_t start_ms = unix_ms();
    int status =
        start(&server, trial, error) || ask_name(&server, result->server, error) ||
                measure_deletions(&server, trial, &result->speed.deletions, error) ||
                measure_expirations(&server, trial, 2 * (unix_ms() - start_ms), &result->speed.expirations, error) ||
                measure_elements(&server, trial, &result->speed.elements, error)
            ? -1
            : 0;

    stop(&server);
    return status;
}
