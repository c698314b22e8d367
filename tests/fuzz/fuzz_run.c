/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_run: any bytes as a whole run. The first eight choose a server, a policy, an admission rule, a maxmemory, a seed and options; each five of the rest
 * are a command, its key, its size, its ttl and the time since the one before, which become the output of MONITOR.
 *
 * These must hold: the run ends without an error, twice with the same result; hits and misses are the lookups, the causes of misses are the
 * misses; no part of memory is negative, and all together are used_memory, at each sample; keys with a ttl are keys; a flat cache keeps to its limit. */
#include "policies/admission_registry.h"
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/server/registry.h"
#include "tests/fuzz/run_twice.h"
#include "tests/fuzz/targets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 8, ROW = 5, ROWS_MOST = 600, VALUE_MOST = 3000 };

/* %k: a key, %o: another, %v: a value, %m: a member, %n: a number, %t: seconds. */
static const char *const commands[] = {
    "SET %k %v",
    "SET %k %v EX %t",
    "GET %k",
    "GET %k",
    "SET %k %n PX %t",
    "SETNX %k %v",
    "GETSET %k %v",
    "GETEX %k PERSIST",
    "DEL %k %o",
    "UNLINK %k",
    "MGET %k %o",
    "MSET %k %v %o %v",
    "INCRBY %k %n",
    "INCRBYFLOAT %k 0.%n",
    "APPEND %k %v",
    "SETRANGE %k %n %v",
    "SETBIT %k %n 1",
    "EXPIRE %k %t",
    "PEXPIRE %k %n NX",
    "PERSIST %k",
    "RENAME %k %o",
    "COPY %k %o",
    "TYPE %k",
    "LPUSH %k %v %m",
    "RPUSH %k %n",
    "LPOP %k %n",
    "RPOPLPUSH %k %o",
    "LTRIM %k 0 %n",
    "LINSERT %k BEFORE %m %v",
    "LSET %k 0 %v",
    "SADD %k %m %n",
    "SREM %k %m",
    "SPOP %k",
    "SMOVE %k %o %m",
    "SUNIONSTORE %k %o %k",
    "HSET %k %m %v",
    "HSETEX %k EX %t FIELDS 1 %m %v",
    "HINCRBY %k %m %n",
    "HDEL %k %m",
    "HEXPIRE %k %t FIELDS 1 %m",
    "HGETALL %k",
    "ZADD %k %n %m",
    "ZINCRBY %k %n %m",
    "ZREM %k %m",
    "ZPOPMIN %k",
    "ZRANGESTORE %k %o 0 %n",
    "XADD %k * %m %v",
    "XADD %k MAXLEN ~ %n * %m %v",
    "XTRIM %k MAXLEN %n",
    "XGROUP CREATE %k %m 0 MKSTREAM",
    "XREADGROUP GROUP %m c COUNT %n STREAMS %k >",
    "XDEL %k 0-1",
    "PFADD %k %m %n",
    "PFMERGE %k %o",
    "GEOADD %k 1.%n 2.%n %m",
    "BITOP OR %k %o %k",
    "FLUSHALL",
    "MULTI",
    "EXEC",
    "SUBSCRIBE %k",
    "PUBLISH %k %v",
    "EVAL \"redis.call('SET',KEYS[1],ARGV[1])\" 1 %k %v",
    "BLPOP %k 0.%n",
    "OBJECT FREQ %k",
    "CONFIG SET maxmemory-samples 3",
    "SORT %k STORE %o",
    "SELECT 1",
    "SELECT 0",
    "SINTERSTORE %k %o %k",
    "LMOVE %k %o LEFT RIGHT",
};

static void put_value(FILE *out, uint32_t bytes)
{
    fputc('"', out);
    for (uint32_t i = 0; i < bytes; i++)
        fputc('a' + (int)(i % 23), out);
    fputc('"', out);
}

static void put_word(FILE *out, char kind, const uint8_t *row)
{
    uint32_t size = row[2] < 200 ? row[2] : (uint32_t)(row[2] - 199) * (VALUE_MOST / 56);

    if (kind == 'k' || kind == 'o')
        fprintf(out, "\"key:%d\"", (row[1] + (kind == 'o')) % 64);
    else if (kind == 'v')
        put_value(out, size);
    else if (kind == 'm')
        fprintf(out, "\"m%d\"", row[2] % 32);
    else if (kind == 'n')
        fprintf(out, "\"%d\"", row[2] * (row[3] % 8 ? 1 : 257));
    else
        fprintf(out, "\"%d\"", 1 + row[3]);
}

/* A line of MONITOR, every word in quotes. */
static void put_command(FILE *out, int64_t time_us, const uint8_t *row)
{
    const char *text = commands[row[0] % (sizeof commands / sizeof *commands)];
    bool in_word = false, in_quotes = false;

    fprintf(out, "%" PRId64 ".%06" PRId64 " [0 10.0.0.%d:1]", time_us / 1000000, time_us % 1000000, row[3] % 3);
    for (; *text; text++) {
        if (*text == '%' && !in_word) {
            fputc(' ', out);
            put_word(out, *++text, row);
        } else if (*text == '"') {
            in_quotes = !in_quotes;
            fputs(in_quotes ? " \"" : "\"", out);
        } else if (*text == '%') {
            fprintf(out, "%d", row[2]);
            text++;
        } else if (*text == ' ' && !in_quotes) {
            fputs(in_word ? "\"" : "", out);
            in_word = false;
        } else {
            fputs(in_word || in_quotes ? "" : " \"", out);
            in_word = !in_quotes;
            fputc(*text, out);
        }
    }
    fputs(in_word ? "\"\n" : "\n", out);
}

static char *make_trace(const uint8_t *rows, size_t count, size_t *bytes)
{
    int64_t time_us = INT64_C(1700000000000000);
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    for (size_t i = 0; i + ROW <= count && i < (size_t)ROWS_MOST * ROW; i += ROW) {
        uint8_t wait = rows[i + 4];

        time_us += wait < 128 ? wait * 100 : wait < 250 ? (wait - 127) * 50000 : (wait - 249) * INT64_C(20000000);
        put_command(out, time_us, rows + i);
    }
    fclose(out);
    return text;
}

static void must(bool holds, const struct cell_config *cell, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s, %s, maxmemory %" PRIu64 ": %s\n", cell->server->name, cell->policy->name, cell->maxmemory,
            what);
    abort();
}

static void check_counters(const struct cell_config *cell, const struct counters *c)
{
    uint64_t causes = c->misses_cold + c->misses_expired_lazily + c->misses_expired_by_cycle + c->misses_evicted +
                      c->misses_deleted + c->misses_flushed + c->misses_refused + c->misses_not_admitted;

    must(c->hits + c->misses == c->reads, cell, "hits and misses are the lookups");
    must(causes == c->misses, cell, "the causes of misses are the misses");
    must(c->hit_bytes <= c->read_bytes, cell, "no more bytes are found than asked for");
    must(c->expires <= c->keys, cell, "keys with a ttl are keys");
    must(c->oom_rejections <= c->writes, cell, "refused writes are writes");
    must(c->used_memory < UINT64_C(1) << 40 && c->used_memory_peak < UINT64_C(1) << 40, cell, "memory is not negative");
    if (!cell->server->profile)
        must(!cell->maxmemory || c->used_memory_peak <= cell->maxmemory, cell, "a flat cache keeps to its limit");
}

static void check_curve(const struct cell_config *cell, const struct result *result)
{
    const struct counters *totals = &result->counters;
    const struct curve *curve = &result->curve;

    for (size_t i = 0; i < curve->count; i++) {
        const struct sample *sample = &curve->samples[i];
        const uint64_t *part = &sample->memory_strings, *last = &sample->memory_startup;
        uint64_t sum = 0;

        for (; part <= last; part++) {
            must(*part <= sample->used_memory, cell, "no part of memory is negative, nor more than all");
            sum += *part;
        }
        must(!cell->server->profile || sum == sample->used_memory, cell, "the parts of memory add up");
        must(sample->expires <= sample->keys, cell, "keys with a ttl are keys, at each sample");
        must(sample->hits <= totals->hits && sample->misses <= totals->misses &&
                 sample->evicted_keys <= totals->evicted_keys,
             cell, "a curve goes up to the totals");
        must(!i || (sample->hits >= sample[-1].hits && sample->evicted_keys >= sample[-1].evicted_keys), cell,
             "counts do not fall");
    }
}

int fuzz_run(const uint8_t *bytes, size_t count)
{
    struct simulation_options options = {.interval_us = 1000000, .start_unix_us = INT64_C(1700000000000000)};
    struct cell_config cell;
    struct result results[2] = {0};
    struct error error = {0};
    char *text;
    size_t length;

    if (count < HEAD + ROW)
        return 0;
    redis_config_init(&options.redis);
    options.fill = bytes[4] & 1;
    options.rss = bytes[4] & 2;
    options.info_every_us = bytes[4] & 4 ? 3000000 : 0;
    options.unit_sizes = bytes[4] & 8;
    options.miss_cost_us = bytes[4] & 16 ? 20000 : 0;
    options.weighs_keys = bytes[4] & 32;
    cell = (struct cell_config){.server = &servers[bytes[0] % server_count],
                                .policy = policies[bytes[1] % policy_count],
                                .maxmemory = bytes[2] < 8 ? 0 : (uint64_t)bytes[2] * 1000,
                                .seed = bytes[3],
                                .options = &options};
    if (cell.server->profile) {
        options.unit_sizes = options.weighs_keys = false;
        cell.maxmemory += cell.maxmemory ? 900000 : 0;
    } else
        options.rss = false;
    if (bytes[5] % 4 == 0)
        cell.admission = admissions[bytes[5] / 4 % admission_count];
    if (cell.policy->offline)
        return 0;
    text = make_trace(bytes + HEAD, count - HEAD, &length);
    must(!run_twice(text, length, "monitor", &cell, results, &error), &cell, error.text);
    for (int i = 0; i < 2; i++) {
        check_counters(&cell, &results[i].counters);
        check_curve(&cell, &results[i]);
        result_release(&results[i]);
    }
    return 0;
}
