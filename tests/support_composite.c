/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_composite.h"

#include "sim/server/inspect.h"
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

/* Of so many elements. */
struct weighed {
    double freed;   /* what DEL of the key gives back */
    double chance;  /* the standard deviation of what is random in that, on both sides */
    uint64_t usage; /* MEMORY USAGE key SAMPLES 0 */
    double levels;  /* the standard deviation of what is random in that; -1: buckets, which overflow at random */
    char encoding[24];
};

/* Of how many of n members of a dict without values do not have a bucket's first place, of so many: each such has a node. */
static double nodes_variance(double members, double slots)
{
    double each = members / slots, empty = exp(-each), beyond = each - 1 + empty;
    double variance = each * each - each + 1 - empty - beyond * beyond;

    return slots * (variance - each * (each - beyond) * (each - beyond));
}

static double chance_of(const struct cell *cell, double *levels)
{
    enum { NODE = 16, LEVEL = 20 }; /* a level is 16 bytes, beyond blocks of 128 with the next class */
    const double level_variance = 0.25 / (0.75 * 0.75); /* of a level that is one higher in one of four cases */
    const struct table *table = composite_table(cell);
    const struct dict *dict = table ? &table->dict : NULL;
    double variance = 0;

    *levels = 0;
    if (!table)
        return 0;
    if (table_has_buckets(table)) {
        *levels = -1;
        return 0;
    }
    if (dict->has_node)
        variance = 2 * NODE * NODE * nodes_variance(dict_count(dict), (double)dict->size[dict_is_rehashing(dict)]);
    if (entry_of(cell->redis, 0)->encoding == ENCODING_ZSET_SKIPLIST)
        *levels = LEVEL * sqrt(2 * level_variance * dict_count(dict));
    return sqrt(variance + *levels * *levels);
}

static bool weigh(const char *server, const char *kind, uint32_t count, uint64_t seed, struct weighed *weighed)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .seed = seed});
    bool is_known = composite_fill(cell, kind, count);

    if (is_known) {
        struct inspection inspection = inspect_key(cell->state, 0);

        weighed->freed =
            (double)(entry_key_bytes(cell->redis, 0) + entry_value_bytes(cell->redis, entry_of(cell->redis, 0)));
        weighed->chance = chance_of(cell, &weighed->levels);
        weighed->usage = inspection.memory_usage;
        snprintf(weighed->encoding, sizeof weighed->encoding, "%s", inspection.encoding);
    }
    cell_close(cell);
    return is_known;
}

static bool says_the_same(const struct weighed *weighed, const char *encoding, uint64_t usage)
{
    enum { FEW_BUCKETS = 8 * 64 };
    double gap = fabs((double)usage - (double)weighed->usage);

    if (strcmp(weighed->encoding, encoding))
        return false;
    return gap <= (weighed->levels < 0 ? (double)usage / 100 + FEW_BUCKETS : 4 * weighed->levels);
}

/* What is random is whether a table of some hundred elements has ended its rehash, which of them share a bucket, and levels: the
 * weight with one of some seeds, that which comes nearest. *same: whether the server's answer to MEMORY USAGE is one of theirs. */
static struct weighed nearest(const char *server, const char *kind, uint32_t count, const char *encoding,
                              uint64_t usage, double freed, bool *same)
{
    enum { SEEDS = 12, MANY = 5000 };
    struct weighed best = {0};

    *same = false;
    for (uint64_t seed = 1; seed <= (count < MANY ? SEEDS : 1) && !(*same && best.freed == freed); seed++) {
        struct weighed own;

        if (!weigh(server, kind, count, seed, &own))
            return best;
        *same |= says_the_same(&own, encoding, usage);
        if (seed == 1 || fabs(own.freed - freed) < fabs(best.freed - freed))
            best = own;
    }
    return best;
}

struct composite_match composite_compare(const char *server, const char *path, double bound)
{
    enum { FEW = 128 };
    struct composite_match match = {.worst = 0};
    FILE *file = fopen(path, "r");
    char line[256], kind[32], encoding[24];

    while (file && fgets(line, sizeof line, file)) {
        double recorded, gap;
        uint64_t usage;
        uint32_t count;
        struct weighed own;
        bool same;

        if (sscanf(line, "%31[^,],%" SCNu32 ",%23[^,],%" SCNu64 ",%lf", kind, &count, encoding, &usage, &recorded) !=
                5 ||
            count > MOST)
            continue;
        own = nearest(server, kind, count, encoding, usage, recorded, &same);
        gap = fabs(own.freed - recorded);
        match.rows++;
        match.answers += !same;
        if (!same)
            printf("  %s of %" PRIu32 ": MEMORY USAGE %" PRIu64 " of %s, the server %" PRIu64 " of %s\n", kind, count,
                   own.usage, own.encoding, usage, encoding);
        if (gap > FEW && gap / recorded > bound && gap > 4 * own.chance) {
            match.misses++;
            printf("  %s of %" PRIu32 ": %.0f, the server %.0f\n", kind, count, own.freed, recorded);
        }
        if (gap > FEW && gap / recorded > match.worst) {
            match.worst = gap / recorded;
            match.worst_chance = own.chance / recorded;
            snprintf(match.worst_row, sizeof match.worst_row, "%s of %" PRIu32, kind, count);
        }
    }
    if (file)
        fclose(file);
    return match;
}
