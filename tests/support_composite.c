/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_composite.h"

#include "sim/server/values/collection.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int compare_table(const char *server, const char *name, const char *prefix, composite_row *compare)
{
    const char *shared = getenv("EVSIM_SHARED");
    char path[512], line[256];
    int rows = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/golden/memory/%s", shared ? shared : "../shared", name);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        char kind[32], encoding[32];
        uint32_t count;
        uint64_t usage;

        if (sscanf(line, "%31[^,],%" SCNu32 ",%31[^,],%" SCNu64, kind, &count, encoding, &usage) != 4 ||
            strncmp(kind, prefix, strlen(prefix)))
            continue;
        compare(server, kind, count, encoding, usage);
        rows++;
    }
    if (file)
        fclose(file);
    return rows;
}

void compare_composite_rows(const char *prefix, composite_row *compare)
{
    static const char *const tables[][2] = {
        {"redis-7.0.15", "composite_redis7up.csv"},
        {"redis-7.4.1", "composite_redis8.csv"},
        {"valkey-8.0.1", "composite_valkey8.csv"},
        {"redis-8.0.2-debian", "redis-8.0.2-debian.composite.csv"},
        {"valkey-8.1.1-debian", "valkey-8.1.1-debian.composite.csv"},
        {"valkey-9.1.2-debian", "valkey-9.1.2-debian.composite.csv"},
    };
    int rows = 0;

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        rows += compare_table(tables[i][0], tables[i][1], prefix, compare);
    if (!rows) {
        printf("skipped: no golden/memory in EVSIM_SHARED\n");
        skip();
    }
    print_message("%d rows\n", rows);
}

/* ---- the kinds ---- */

enum { LONGEST = 5200, LOOKED_AT = 5000, MOST = 20000 };

#define KEY           "k12345678901"
#define NUMBER        "%" PRIu64
#define DIGITS(bytes) "%0" #bytes PRIu64
#define BYTES_16      "vvvvvvvvvvvvvvvv"
#define BYTES_65      BYTES_16 BYTES_16 BYTES_16 BYTES_16 "v"

/* The words that add an element, and those that look it up. */
static const struct {
    const char *kind, *add, *look_up;
    uint64_t first; /* its number; that of the others follow */
} kinds[] = {
    {"hash_f8_v16", "hset " KEY " f" DIGITS(7) " " BYTES_16, "hexists " KEY " f" DIGITS(7), 0},
    {"hash_f8_v65", "hset " KEY " f" DIGITS(7) " " BYTES_65, "hexists " KEY " f" DIGITS(7), 0},
    {"hash_f8_vint", "hset " KEY " f" DIGITS(7) " 123456", "hexists " KEY " f" DIGITS(7), 0},
    {"list_16", "rpush " KEY " " DIGITS(16), NULL, 0},
    {"list_100", "rpush " KEY " " DIGITS(100), NULL, 0},
    {"list_5000", "rpush " KEY " " DIGITS(5000), NULL, 0},
    {"list_int", "rpush " KEY " " NUMBER, NULL, 0},
    {"set_16", "sadd " KEY " m" DIGITS(15), "sismember " KEY " m" DIGITS(15), 0},
    {"set_65", "sadd " KEY " m" DIGITS(64), "sismember " KEY " m" DIGITS(64), 0},
    {"set_int", "sadd " KEY " " NUMBER, "sismember " KEY " " NUMBER, 0},
    {"set_int64", "sadd " KEY " " NUMBER, "sismember " KEY " " NUMBER, UINT64_C(1) << 40},
    {"zset_16", "zadd " KEY " 1 m" DIGITS(15), "zscore " KEY " m" DIGITS(15), 0},
    {"zset_65", "zadd " KEY " 1 m" DIGITS(64), "zscore " KEY " m" DIGITS(64), 0},
    {"stream_1f", "xadd " KEY " " NUMBER "-1 f " BYTES_16, NULL, 1000},
    {"stream_4f", "xadd " KEY " " NUMBER "-1 f1 vvvvvvvvvv f2 vvvvvvvvvv f3 vvvvvvvvvv f4 vvvvvvvvvvvv", NULL, 1000},
};

static void say(struct cell *cell, const char *words, uint64_t number)
{
    char text[LONGEST];

    snprintf(text, sizeof text, words, number);
    cell_say(cell, text);
}

const struct table *composite_table(const struct cell *cell)
{
    const struct entry *entry = entry_of(cell->redis, 0);
    bool has_table = entry->encoding == ENCODING_SET_TABLE || entry->encoding == ENCODING_HASH_TABLE ||
                     entry->encoding == ENCODING_ZSET_SKIPLIST;

    return has_table ? ((const struct collection *)entry->structure)->table : NULL;
}

bool composite_fill(struct cell *cell, const char *kind, uint32_t count)
{
    size_t i = 0;

    while (i < sizeof kinds / sizeof *kinds && strcmp(kinds[i].kind, kind))
        i++;
    if (i == sizeof kinds / sizeof *kinds)
        return false;
    for (uint64_t number = 0; number < count; number++)
        say(cell, kinds[i].add, kinds[i].first + number);
    for (uint64_t number = 0; count >= LOOKED_AT && number < count; number++)
        if (composite_table(cell) && table_is_rehashing(composite_table(cell)))
            say(cell, kinds[i].look_up, kinds[i].first + number);
    return true;
}

/* ---- bytes ---- */

/* What DEL of the key gives back, of so many elements; 0: no such kind. */
static uint64_t weight(const char *server, const char *kind, uint32_t count, uint64_t seed)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .seed = seed});
    uint64_t bytes = 0;

    if (composite_fill(cell, kind, count))
        bytes = entry_key_bytes(cell->redis, 0) + entry_value_bytes(cell->redis, entry_of(cell->redis, 0));
    cell_close(cell);
    return bytes;
}

/* What is random is whether a table of some hundred elements has ended its rehash, which of them share a bucket, and levels: the
 * weight of that of some seeds which comes nearest. */
static double nearest(const char *server, const char *kind, uint32_t count, double recorded)
{
    enum { SEEDS = 12, MANY = 5000 };
    double best = 0;

    for (uint64_t seed = 1; seed <= (count < MANY ? SEEDS : 1); seed++) {
        double own = (double)weight(server, kind, count, seed);

        if (seed == 1 || fabs(own - recorded) < fabs(best - recorded))
            best = own;
    }
    return best;
}

struct composite_match composite_compare(const char *server, const char *path, double bound)
{
    enum { FEW = 128 };
    struct composite_match match = {.worst = 0};
    FILE *file = fopen(path, "r");
    char line[256], kind[32];

    while (file && fgets(line, sizeof line, file)) {
        double recorded, own, gap;
        uint32_t count;

        if (sscanf(line, "%31[^,],%" SCNu32 ",%*[^,],%*u,%lf", kind, &count, &recorded) != 3 || count > MOST)
            continue;
        own = nearest(server, kind, count, recorded);
        gap = fabs(own - recorded);
        match.rows++;
        if (gap > FEW && gap / recorded > bound) {
            match.misses++;
            printf("  %s of %" PRIu32 ": %.0f, the server %.0f\n", kind, count, own, recorded);
        }
        if (gap > FEW && gap / recorded > match.worst) {
            match.worst = gap / recorded;
            snprintf(match.worst_row, sizeof match.worst_row, "%s of %" PRIu32, kind, count);
        }
    }
    if (file)
        fclose(file);
    return match;
}
