/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_recorder.h"

#include "sim/alloc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 5, GROWTH_STEP = 10000, GROWTH_KEYS = 1000000, PIPELINE = 1000 };

/* Redis before 7 has no such option, and needs none. */
static const char *const quiet[] = {"--hz", "1", "--dynamic-hz", "no", "--enable-debug-command", "yes", NULL};

static FILE *create(const char *directory, const char *name, const char *what, const char *header, struct error *error)
{
    char path[PROGRAM_PATH];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s.%s.csv", directory, name, what);
    out = fopen(path, "w");
    if (!out)
        error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    else
        fprintf(out, "%s\n", header);
    return out;
}

static int close_file(FILE *out, struct error *error)
{
    if (ferror(out) | fclose(out))
        return error_is_set(error) ? -1 : error_set(error, ERROR_OUTPUT, "cannot write: %s", strerror(errno));
    return error_is_set(error) ? -1 : 0;
}

/* ---- asking ---- */

/* The reply of a command, as a number. */
static int64_t number(struct server_at_hand *server, struct error *error, redisReply *reply)
{
    int64_t value = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;

    at_hand_check(server, reply, error);
    return value;
}

/* INFO of a section; the caller frees the text. "" after an error. */
static char *info(struct server_at_hand *server, const char *section, struct error *error)
{
    redisReply *reply = redisCommand(server->connection, "INFO %s", section);
    char *text = xstrdup(reply && reply->type == REDIS_REPLY_STRING ? reply->str : "");

    at_hand_check(server, reply, error);
    return text;
}

static int64_t used_memory(struct server_at_hand *server, struct error *error)
{
    char *text = info(server, "memory", error);
    int64_t used = (int64_t)at_hand_field(text, "used_memory:");

    free(text);
    return used;
}

/* What DEL of the key gives back. */
static int64_t weight(struct server_at_hand *server, const char *key, size_t key_bytes, struct error *error)
{
    int64_t before = used_memory(server, error);

    number(server, error, redisCommand(server->connection, "DEL %b", key, key_bytes));
    return before - used_memory(server, error);
}

/* What most of the values are; the smallest of those. */
static int64_t most_frequent(const int64_t *values, int count)
{
    int64_t best = 0;
    int most = 0;

    for (int i = 0; i < count; i++) {
        int same = 0;

        for (int j = 0; j < count; j++)
            same += values[j] == values[i];
        if (same > most || (same == most && values[i] < best)) {
            most = same;
            best = values[i];
        }
    }
    return best;
}

/* What the connection and the commands need for good is there before anything is weighed. */
static int warm_up(struct server_at_hand *server, struct error *error)
{
    at_hand_run(server, "SET warm 1 EX 1000000", error);
    at_hand_run(server, "MEMORY USAGE warm SAMPLES 0", error);
    at_hand_run(server, "OBJECT ENCODING warm", error);
    weight(server, "none", 4, error);
    return error_is_set(error) ? -1 : 0;
}

/* ---- SET ---- */

struct table_value {
    unsigned length;
    bool is_integer;
};

/* A name of exactly so many letters, another for each try where there is room. */
static void name_key(char *key, unsigned length, int try)
{
    memset(key, 'k', length);
    key[length - 1] = (char)('a' + try);
}

static int weigh_key(struct server_at_hand *server, unsigned key_len, struct table_value value, bool has_ttl,
                     int64_t *usage, int64_t *delta, struct error *error)
{
    char key[256], *text = xmalloc(value.length + 1);
    int64_t usages[TRIES], deltas[TRIES];

    memset(text, value.is_integer ? '0' : 'v', value.length);
    if (value.is_integer)
        text[0] = '1';
    for (int try = 0; try < TRIES; try++) {
        name_key(key, key_len, try);
        if (has_ttl)
            at_hand_check(server,
                          redisCommand(server->connection, "SET %b %b EX 100000", key, (size_t)key_len, text,
                                       (size_t)value.length),
                          error);
        else
            at_hand_check(
                server, redisCommand(server->connection, "SET %b %b", key, (size_t)key_len, text, (size_t)value.length),
                error);
        usages[try] =
            number(server, error, redisCommand(server->connection, "MEMORY USAGE %b SAMPLES 0", key, (size_t)key_len));
        deltas[try] = weight(server, key, key_len, error);
    }
    free(text);
    *usage = most_frequent(usages, TRIES);
    *delta = most_frequent(deltas, TRIES);
    return error_is_set(error) ? -1 : 0;
}

int recorder_memory_table(const struct program *program, const char *directory, const char *name, struct error *error)
{
    static const unsigned key_lengths[] = {1, 8, 16, 23, 32, 44, 64, 100, 255};
    static const struct table_value values[] = {
        {0, false},   {1, false},    {1, true},     {4, true},     {5, true},      {10, true},     {20, false},
        {44, false},  {45, false},   {64, false},   {100, false},  {128, false},   {200, false},   {256, false},
        {512, false}, {1000, false}, {1024, false}, {4096, false}, {10000, false}, {65536, false}, {1000000, false},
    };
    struct server_at_hand server = {.process = 0};
    FILE *out = create(directory, name, "memory_table", "keylen,vallen,kind,ttl,memory_usage,delta_used_memory", error);
    int64_t usage, delta;

    if (!out)
        return -1;
    if (!at_hand_start(&server, program, quiet, error) && !warm_up(&server, error))
        for (int ttl = 0; ttl < 2; ttl++)
            for (size_t k = 0; k < sizeof key_lengths / sizeof *key_lengths; k++)
                for (size_t v = 0; v < sizeof values / sizeof *values; v++)
                    if (!weigh_key(&server, key_lengths[k], values[v], ttl, &usage, &delta, error))
                        fprintf(out, "%u,%u,%s,%d,%" PRId64 ",%" PRId64 "\n", key_lengths[k], values[v].length,
                                values[v].is_integer ? "int" : "str", ttl, usage, delta);
    at_hand_stop(&server);
    return close_file(out, error);
}

/* ---- growth ---- */

/* The tables of the keys, as DEBUG HTSTATS says it: " table size: 16384", " number of elements: 10000". */
static void ask_tables(struct server_at_hand *server, double *sizes, double *used)
{
    redisReply *reply = redisCommand(server->connection, "DEBUG HTSTATS 0");
    const char *at = reply && reply->type != REDIS_REPLY_ERROR && reply->str ? reply->str : "";
    const char *end = strstr(at, "[Expires");

    for (int i = 0; i < 2; i++) {
        sizes[i] = used[i] = 0;
        at = strstr(at, "table size:");
        if (!at || (end && at > end))
            break;
        sizes[i] = at_hand_field(at, "table size:");
        used[i] = at_hand_field(at, "number of elements:");
        at++;
    }
    if (reply)
        freeReplyObject(reply);
}

static int set_up_to(struct server_at_hand *server, unsigned first, unsigned end, struct error *error)
{
    for (unsigned i = first; i < end; i += PIPELINE) {
        for (unsigned j = i; j < i + PIPELINE; j++)
            redisAppendCommand(server->connection, "SET key:%012u %s", j, "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv");
        for (unsigned j = i; j < i + PIPELINE; j++) {
            void *reply = NULL;

            redisGetReply(server->connection, &reply);
            if (at_hand_check(server, reply, error))
                return -1;
        }
    }
    return 0;
}

static void put_growth(struct server_at_hand *server, unsigned keys, FILE *out, struct error *error)
{
    double sizes[2], used[2];
    char *text;

    ask_tables(server, sizes, used);
    text = info(server, "memory", error);
    fprintf(out, "%u,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f\n", keys, at_hand_field(text, "used_memory:"), sizes[0],
            used[0], sizes[1], used[1], at_hand_field(text, "used_memory_dataset:"),
            at_hand_field(text, "used_memory_overhead:"));
    free(text);
}

int recorder_growth(const struct program *program, const char *directory, const char *name, struct error *error)
{
    struct server_at_hand server = {.process = 0};
    FILE *out =
        create(directory, name, "growth",
               "keys,used_memory,ht0_size,ht0_used,ht1_size,ht1_used,used_memory_dataset,used_memory_overhead", error);

    if (!out)
        return -1;
    if (!at_hand_start(&server, program, quiet, error)) {
        used_memory(&server, error);
        put_growth(&server, 0, out, error);
        for (unsigned keys = GROWTH_STEP; !error_is_set(error) && keys <= GROWTH_KEYS; keys += GROWTH_STEP)
            if (!set_up_to(&server, keys - GROWTH_STEP, keys, error))
                put_growth(&server, keys, out, error);
    }
    at_hand_stop(&server);
    return close_file(out, error);
}

/* ---- values with elements ---- */

#define BYTES_16 "vvvvvvvvvvvvvvvv"
#define BYTES_65 BYTES_16 BYTES_16 BYTES_16 BYTES_16 "v"

/* The words that add an element to %s, and those that look it up; %1$s is the key, %2 the element's number. */
static const struct {
    const char *kind, *add, *look_up;
    uint64_t first; /* number; the others follow */
} kinds[] = {
    {"hash_f8_v16", "HSET %s f%07" PRIu64 " " BYTES_16, "HEXISTS %s f%07" PRIu64, 0},
    {"hash_f8_v65", "HSET %s f%07" PRIu64 " " BYTES_65, "HEXISTS %s f%07" PRIu64, 0},
    {"hash_f8_vint", "HSET %s f%07" PRIu64 " 123456", "HEXISTS %s f%07" PRIu64, 0},
    {"list_16", "RPUSH %s %016" PRIu64, NULL, 0},
    {"list_100", "RPUSH %s %0100" PRIu64, NULL, 0},
    {"list_5000", "RPUSH %s %05000" PRIu64, NULL, 0},
    {"list_int", "RPUSH %s %" PRIu64, NULL, 0},
    {"set_16", "SADD %s m%015" PRIu64, "SISMEMBER %s m%015" PRIu64, 0},
    {"set_65", "SADD %s m%064" PRIu64, "SISMEMBER %s m%064" PRIu64, 0},
    {"set_int", "SADD %s %" PRIu64, "SISMEMBER %s %" PRIu64, 0},
    {"set_int64", "SADD %s %" PRIu64, "SISMEMBER %s %" PRIu64, UINT64_C(1) << 40},
    {"zset_16", "ZADD %s 1 m%015" PRIu64, "ZSCORE %s m%015" PRIu64, 0},
    {"zset_65", "ZADD %s 1 m%064" PRIu64, "ZSCORE %s m%064" PRIu64, 0},
    {"stream_1f", "XADD %s %" PRIu64 "-1 f " BYTES_16, NULL, 1000},
    {"stream_4f", "XADD %s %" PRIu64 "-1 f1 vvvvvvvvvv f2 vvvvvvvvvv f3 vvvvvvvvvv f4 vvvvvvvvvvvv", NULL, 1000},
};

static int say(struct server_at_hand *server, const char *words, const char *key, uint64_t first, uint64_t count,
               struct error *error)
{
    char text[6000];
    void *reply;

    for (uint64_t i = 0; i < count; i += PIPELINE) {
        uint64_t end = count < i + PIPELINE ? count : i + PIPELINE;

        for (uint64_t j = i; j < end; j++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(text, sizeof text, words, key, first + j);
#pragma GCC diagnostic pop
            redisAppendCommand(server->connection, text);
        }
        for (uint64_t j = i; j < end; j++) {
            reply = NULL;
            redisGetReply(server->connection, &reply);
            if (at_hand_check(server, reply, error))
                return -1;
        }
    }
    return 0;
}

enum { NAMES = 10, KEY_BYTES = 12 };

/* A name of 12 letters that shares its bucket with no other key: in a table without entries such a key has a node. */
static int choose_name(struct server_at_hand *server, char key[KEY_BYTES + 1], struct error *error)
{
    int64_t least = 0;
    char name[KEY_BYTES + 1] = "k1234567890?";

    for (int i = 0; i < NAMES; i++) {
        int64_t bytes;

        name[KEY_BYTES - 1] = (char)('0' + i);
        at_hand_check(server, redisCommand(server->connection, "SET %s v", name), error);
        bytes = weight(server, name, KEY_BYTES, error);
        if (!i || bytes < least)
            strcpy(key, name);
        if (!i || bytes < least)
            least = bytes;
    }
    return error_is_set(error) ? -1 : 0;
}

/* A key with so many elements. Lookups end the rehash of a large table. */
static int weigh_value(struct server_at_hand *server, const char *key, size_t kind, uint64_t count, FILE *out,
                       struct error *error)
{
    enum { LOOKED_AT = 5000 };
    int64_t usage, delta;
    redisReply *reply;
    char encoding[32];

    if (say(server, kinds[kind].add, key, kinds[kind].first, count, error) ||
        (kinds[kind].look_up && count >= LOOKED_AT &&
         say(server, kinds[kind].look_up, key, kinds[kind].first, count, error)))
        return -1;
    usage = number(server, error, redisCommand(server->connection, "MEMORY USAGE %s SAMPLES 0", key));
    reply = redisCommand(server->connection, "OBJECT ENCODING %s", key);
    snprintf(encoding, sizeof encoding, "%s", reply && reply->str ? reply->str : "?");
    if (at_hand_check(server, reply, error))
        return -1;
    delta = weight(server, key, KEY_BYTES, error);
    fprintf(out, "%s,%" PRIu64 ",%s,%" PRId64 ",%" PRId64 ",%.2f\n", kinds[kind].kind, count, encoding, usage, delta,
            (double)delta / (double)count);
    return error_is_set(error) ? -1 : 0;
}

int recorder_composite(const struct program *program, const char *directory, const char *name, struct error *error)
{
    static const uint64_t counts[] = {1, 2, 10, 50, 100, 128, 129, 200, 512, 513, 1000, 5000, 20000, 100000};
    static const uint64_t BYTES_MOST = 120000000;
    struct server_at_hand server = {.process = 0};
    char key[KEY_BYTES + 1];
    FILE *out = create(directory, name, "composite",
                       "type,count,encoding,memory_usage,delta_used_memory,bytes_per_elem", error);

    if (!out)
        return -1;
    if (!at_hand_start(&server, program, quiet, error) && !warm_up(&server, error) &&
        !at_hand_run(&server, "CONFIG SET lazyfree-lazy-user-del no", error) && !choose_name(&server, key, error))
        for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
            for (size_t i = 0; i < sizeof counts / sizeof *counts && !error_is_set(error); i++)
                if (strcmp(kinds[kind].kind, "list_5000") || counts[i] * 5000 < BYTES_MOST)
                    weigh_value(&server, key, kind, counts[i], out, error);
    at_hand_stop(&server);
    return close_file(out, error);
}

/* ---- expiry ---- */

enum { LINGER_KEYS = 200000, LINGER_MS = 20000 };

static int set_to_expire(struct server_at_hand *server, int64_t start_ms, struct error *error)
{
    for (unsigned i = 0; i < LINGER_KEYS; i += PIPELINE) {
        for (unsigned j = i; j < i + PIPELINE; j++)
            redisAppendCommand(server->connection, "SET key:%012u vvvvvvvvvvvvvvvv PXAT %" PRId64, j,
                               start_ms + 1000 + (int64_t)(j * 7919 % LINGER_KEYS) * LINGER_MS / LINGER_KEYS);
        for (unsigned j = i; j < i + PIPELINE; j++) {
            void *reply = NULL;

            redisGetReply(server->connection, &reply);
            if (at_hand_check(server, reply, error))
                return -1;
        }
    }
    return 0;
}

static void put_lingering(struct server_at_hand *server, int64_t start_ms, FILE *out, struct error *error)
{
    char *text = info(server, "stats", error);
    int64_t present = number(server, error, redisCommand(server->connection, "DBSIZE"));
    int64_t t_ms = at_hand_unix_ms() - start_ms, alive = LINGER_KEYS;

    if (t_ms > 1000)
        alive = t_ms > 1000 + LINGER_MS ? 0 : LINGER_KEYS - (t_ms - 1000) * LINGER_KEYS / LINGER_MS;
    fprintf(out, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%.4f,%.2f,%.0f,%.0f\n", t_ms, present, alive,
            present - alive, present ? (double)(present - alive) / (double)present : 0,
            at_hand_field(text, "expired_stale_perc:"), at_hand_field(text, "expired_time_cap_reached_count:"),
            at_hand_field(text, "expire_cycle_cpu_milliseconds:"));
    free(text);
}

int recorder_expire(const struct program *program, const char *directory, const char *name, struct error *error)
{
    static const char *const options[] = {NULL};
    enum { LOOK_MS = 250 };
    struct server_at_hand server = {.process = 0};
    FILE *out = create(directory, name, "expire",
                       "t_ms,dbsize,logically_alive,lingering,linger_frac_of_db,expired_stale_perc,"
                       "expired_time_cap_reached_count,expire_cycle_cpu_ms",
                       error);
    int64_t start_ms;

    if (!out)
        return -1;
    if (!at_hand_start(&server, program, options, error)) {
        start_ms = at_hand_unix_ms();
        if (!set_to_expire(&server, start_ms, error))
            while (!error_is_set(error) && at_hand_unix_ms() < start_ms + LINGER_MS + 1500) {
                put_lingering(&server, start_ms, out, error);
                at_hand_sleep(LOOK_MS);
            }
    }
    at_hand_stop(&server);
    return close_file(out, error);
}
