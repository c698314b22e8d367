/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_sick.h"

#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing traces ---- */

static const char csv_header[] = "time,op,key,value_size,ttl\n";

static void get(FILE *out, double time, const char *prefix, long key)
{
    fprintf(out, "%.3f,get,%s:%ld,,\n", time, prefix, key);
}

static void set(FILE *out, double time, const char *prefix, long key, long bytes, long ttl)
{
    fprintf(out, "%.3f,set,%s:%ld,%ld,", time, prefix, key, bytes);
    if (ttl)
        fprintf(out, "%ld", ttl);
    putc('\n', out);
}

/* A command as MONITOR shows it. */
static void monitored(FILE *out, double time, const char *command)
{
    fprintf(out, "%.6f [0 127.0.0.1:4000] %s\n", 1700000000 + time, command);
}

static gsl_rng *new_rng(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

    gsl_rng_set(rng, 7);
    return rng;
}

static long below(gsl_rng *rng, long count)
{
    return (long)gsl_rng_uniform_int(rng, (unsigned long)count);
}

/* Of `keys`, the low ones more often: about as 1/(1 + k). */
static long skewed(gsl_rng *rng, long keys)
{
    return (long)(exp(gsl_rng_uniform(rng) * log((double)keys + 1)) - 1);
}

/* ---- what is planted ---- */

/* An application that reads first, and writes what it misses; `with_ttl` of a hundred keys get a ttl. */
static void write_cache(FILE *out, long with_ttl)
{
    enum { KEYS = 40000, REQUESTS = 30000 };
    bool *known = calloc(KEYS, sizeof *known);
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < REQUESTS; i++) {
        long key = skewed(rng, KEYS);

        get(out, i * 0.1, "page", key);
        if (!known[key])
            set(out, i * 0.1 + 0.01, "page", key, 400, key * 7919 % 100 < with_ttl ? 3600 : 0);
        known[key] = true;
    }
    gsl_rng_free(rng);
    free(known);
}

static void write_cache_without_ttls(FILE *out)
{
    write_cache(out, 0);
}

static void write_cache_with_few_ttls(FILE *out)
{
    write_cache(out, 10);
}

/* A store to which keys are added, all of them read. */
static void write_growing_store(FILE *out)
{
    gsl_rng *rng = new_rng();
    long keys = 0;

    fputs(csv_header, out);
    for (int i = 0; i < 30000; i++)
        if (i % 3 == 0)
            set(out, i * 0.5, "user", keys++, 500, 0);
        else
            get(out, i * 0.5, "user", below(rng, keys));
    gsl_rng_free(rng);
}

/* Each key is written once, and forgotten. */
static void write_log(FILE *out)
{
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < 20000; i++)
        if (i % 2)
            set(out, i * 0.5, "event", i, 500, 0);
        else
            set(out, i * 0.5, "setting", below(rng, 200), 100, 0);
    gsl_rng_free(rng);
}

/* The same keys, read and written for ever. */
static void write_steady(FILE *out)
{
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < 2000; i++)
        set(out, i * 0.1, "user", i, 300, 0);
    for (int i = 2000; i < 20000; i++)
        if (i % 2)
            set(out, i * 0.1, "user", below(rng, 2000), 300, 0);
        else
            get(out, i * 0.1, "user", below(rng, 2000));
    gsl_rng_free(rng);
}

/* Small keys, and a few large reports that are overwritten by larger ones. */
static void write_reports(FILE *out)
{
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < 12000; i++)
        if (i % 400 == 399)
            set(out, i * 0.5, "report", i / 400 % 8, 150000, 0);
        else if (i % 2 || i < 1000)
            set(out, i * 0.5, "user", below(rng, 2000), 100, 0);
        else
            get(out, i * 0.5, "user", below(rng, 2000));
    gsl_rng_free(rng);
}

static void write_appends(FILE *out)
{
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < 20000; i++)
        if (i % 2)
            fprintf(out, "%.3f,append,document:%ld,200,\n", i * 0.5, below(rng, 300));
        else
            set(out, i * 0.5, "counter", below(rng, 300), 40, 0);
    gsl_rng_free(rng);
}

static void write_feeds(FILE *out)
{
    gsl_rng *rng = new_rng();
    char command[512];

    for (int i = 0; i < 15000; i++) {
        snprintf(command, sizeof command, "\"RPUSH\" \"feed:%ld\" \"%0200d\"", below(rng, 200), i);
        monitored(out, i * 0.5, command);
        if (i % 3)
            continue;
        snprintf(command, sizeof command, "\"LRANGE\" \"feed:%ld\" \"0\" \"9\"", below(rng, 200));
        monitored(out, i * 0.5 + 0.1, command);
    }
    gsl_rng_free(rng);
}

/* So many keys at once that the table doubles with the last. */
static void write_many_keys(FILE *out)
{
    fputs(csv_header, out);
    for (int i = 0; i < 69000; i++)
        fprintf(out, "%.4f,set,user:%d,8,\n", i * 0.0001, i);
    for (int i = 0; i < 4000; i++)
        get(out, 8 + i * 0.01, "user", i * 17);
}

/* Keys that live for two seconds, 500 a second. */
static void write_short_lives(FILE *out)
{
    fputs(csv_header, out);
    for (int i = 0; i < 40000; i++)
        set(out, i * 0.002, "session", i, 300, 2);
}

/* Small keys, and now and then so many large values within a second that evicting small keys takes longer. */
static void write_bursts(FILE *out)
{
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < 30000; i++) {
        set(out, i * 0.1, "page", i % 12000, 100, 0);
        get(out, i * 0.1 + 0.05, "page", skewed(rng, i % 12000 + 1));
        if (i % 6000 == 5999)
            for (int k = 0; k < 20; k++)
                set(out, i * 0.1 + 0.06 + k * 0.001, "report", k, 50000, 60);
    }
    gsl_rng_free(rng);
}

/* Steady keys; every ten minutes a transaction, or a script, makes a hundred keys of 10 KB each by short commands, which live
 * for three minutes. */
static void write_in_batches(FILE *out, bool by_script)
{
    gsl_rng *rng = new_rng();
    char command[600];
    double time;

    for (int i = 0; i < 18000; i++) {
        time = i * 0.2;
        snprintf(command, sizeof command, "\"SET\" \"user:%ld\" \"%0200d\"", i < 3000 ? i : below(rng, 3000), i);
        monitored(out, time, command);
        if (i % 3000 != 2999 || i < 3000)
            continue;
        monitored(out, time + 0.01, by_script ? "\"EVAL\" \"for k = 0, 99 do ... end\" \"0\"" : "\"MULTI\"");
        for (int k = 0; k < 200; k++) {
            snprintf(command, sizeof command,
                     k % 2 ? "\"EXPIRE\" \"map:%d\" \"180\"" : "\"SETRANGE\" \"map:%d\" \"10000\" \"x\"", k / 2);
            if (by_script)
                fprintf(out, "%.6f [0 lua] %s\n", 1700000000 + time + 0.0101 + k * 1e-6, command);
            else
                monitored(out, time + 0.011 + k * 0.0001, command);
        }
        if (!by_script)
            monitored(out, time + 0.1, "\"EXEC\"");
    }
    gsl_rng_free(rng);
}

static void write_transactions(FILE *out)
{
    write_in_batches(out, false);
}

static void write_scripts(FILE *out)
{
    write_in_batches(out, true);
}

/* The same keys, overwritten by ever longer values. */
static void write_larger_values(FILE *out)
{
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < 20000; i++)
        if (i % 2)
            set(out, i * 0.5, "profile", below(rng, 1000), 200 + i / 5, 0);
        else
            get(out, i * 0.5, "profile", below(rng, 1000));
    gsl_rng_free(rng);
}

/* Sessions with a ttl, and notes without one that are overwritten by ever longer ones. */
static void write_notes_beside_sessions(FILE *out)
{
    gsl_rng *rng = new_rng();

    fputs(csv_header, out);
    for (int i = 0; i < 24000; i++)
        if (i % 3)
            set(out, i * 0.5, "note", below(rng, 600), 200 + i / 4, 0);
        else
            set(out, i * 0.5, "session", i, 300, 1800);
    gsl_rng_free(rng);
}

/* Members are added to sorted sets, fields to hashes, and none is taken away. */
static void write_scores(FILE *out)
{
    gsl_rng *rng = new_rng();
    char command[512];

    for (int i = 0; i < 15000; i++) {
        if (i % 2)
            snprintf(command, sizeof command, "\"ZADD\" \"scores:%ld\" \"%d\" \"%0100d\"", below(rng, 50), i, i);
        else
            snprintf(command, sizeof command, "\"HSET\" \"basket:%ld\" \"%d\" \"%0100d\"", below(rng, 50), i, i);
        monitored(out, i * 0.5, command);
    }
    gsl_rng_free(rng);
}

const struct sick sick[] = {
    {"noeviction", write_cache_without_ttls, NULL, "-m 3mb -p noeviction", "refuses-writes", "noeviction-full",
     "data-outgrew-memory"},
    {"few ttls", write_cache_with_few_ttls, NULL, "-m 3mb -p volatile-lru", "refuses-writes", "few-keys-with-ttl",
     NULL},
    {"outgrown", write_growing_store, NULL, "-m 4mb -p noeviction", "refuses-writes", "data-outgrew-memory", NULL},
    {"evicts too much", write_cache_without_ttls, NULL, "-m 2mb -p allkeys-lru", "evicts", "data-outgrew-memory", NULL},
    {"unused keys", write_log, NULL, "-m 4mb -p noeviction", "refuses-writes", "unused-keys-without-ttl",
     "data-outgrew-memory"},
    {"large keys", write_reports, NULL, "-m 2mb -p noeviction", "refuses-writes", "few-large-keys", NULL},
    {"appends", write_appends, NULL, "-m 3mb -p noeviction", "refuses-writes", "values-grow", NULL},
    {"lists", write_feeds, NULL, "-m 3mb -p noeviction", "refuses-writes", "collections-grow", NULL},
    {"output buffers", write_steady, "at 10m CLIENT-OUTPUT 2mb for 1m\n", "-m 3mb -p noeviction", "refuses-writes",
     "memory-outside-keys", NULL},
    {"below an empty server", write_steady, NULL, "-m 800kb -p noeviction", "refuses-writes",
     "maxmemory-below-empty-server", NULL},
    {"two causes", write_feeds, "at 5m CLIENT-OUTPUT 3mb for 1m\n", "-m 3mb -p noeviction", "refuses-writes",
     "collections-grow", "memory-outside-keys"},
    {"a table doubles", write_many_keys, NULL, "-m 7215000 -p noeviction", "refuses-writes", "tables-doubling", NULL},
    {"expired keys", write_short_lives, NULL, "-m 4mb -p noeviction --speed expirations=100", "refuses-writes",
     "expired-keys-linger", NULL},
    {"bursts", write_bursts, NULL, "-m 2500kb -p allkeys-lru --role cache --speed deletions=1000", "exceeds-maxmemory",
     "eviction-cannot-keep-up", NULL},
    {"transactions", write_transactions, NULL, "-m 2200kb -p noeviction", "refuses-writes",
     "transactions-exceed-maxmemory", NULL},
    {"scripts", write_scripts, NULL, "-m 2200kb -p noeviction", "refuses-writes", "transactions-exceed-maxmemory",
     NULL},
    {"transactions, evicting", write_transactions, NULL, "-m 2200kb -p allkeys-lru --role cache", "exceeds-maxmemory",
     "transactions-exceed-maxmemory", NULL},
    {"larger values", write_larger_values, NULL, "-m 3mb -p noeviction", "refuses-writes", "values-grow", NULL},
    {"scores", write_scores, NULL, "-m 3mb -p noeviction", "refuses-writes", "collections-grow", NULL},
    {"unused keys and output buffers", write_log, "at 40m CLIENT-OUTPUT 3mb for 1m\n", "-m 4mb -p noeviction",
     "refuses-writes", "unused-keys-without-ttl", "memory-outside-keys"},
    {"few ttls and larger values", write_notes_beside_sessions, NULL, "-m 4mb -p volatile-lru", "refuses-writes",
     "few-keys-with-ttl", "values-grow"},
    {"healthy", write_steady, NULL, "-m 20mb -p noeviction", "healthy", NULL, NULL},
    {"near its limit", write_steady, NULL, "-m 1750kb -p noeviction", "near-limit", NULL, NULL},
};
const size_t sick_count = sizeof sick / sizeof *sick;
