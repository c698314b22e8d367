/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_composite_memory: the memory of values with elements, compared with MEMORY USAGE key SAMPLES 0 of real servers.
 * Needs ../shared/golden/memory (EVSIM_SHARED): the rows of its composite tables, to 20,000 elements.
 *
 * A row is a key to which one element after the other was added. The lengths of names, and the ids of streams, are those
 * with which the rows agree. Listpacks, intsets, quicklists, streams and chained hash tables are equal to the byte. These
 * agree within 1 %, in small tables within a few of the parts that are random:
 *
 *     skip lists               the levels of their nodes
 *     tables of buckets        Valkey 8.1 and later: which of them overflow
 *     sets of Valkey 8.0       which members share a slot, and need a node
 *
 * Each command moves a slot of a table that is being rehashed, and how many slots are not empty is random: in tables of 50
 * to 200 elements a slot or two decide whether the old table is still there. Such a row must be equal with one of some
 * seeds. In tables of 5,000 elements and more the old table must be there (903 steps since the 4,097th element, of 2,589
 * slots that are not empty; a live 7.0.15 has it then, whether its elements come one by one or 5,000 in a command). The
 * rows do not have it, so the recorder must have looked elements up before it asked: such lookups end a rehash. The model
 * gets them, too.
 *
 * The streams of composite_valkey8.csv are left out: it was recorded with a tree of Valkey behind 8.0.1 that weighs their
 * radix trees in another way. */
#include "sim/server/inspect.h"
#include "sim/server/values/collection.h"
#include "tests/support_composite.h"
#include "tests/support_server.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 20000 };

/* Bytes by which the row may differ. */
static uint64_t slack(const struct cell *cell, const char *server, const char *kind, uint64_t usage)
{
    enum { FEW = 8, NODE = 16, LEVELS = 64, BUCKET = 64 };
    const struct table *table = composite_table(cell);

    if (!table)
        return 0;
    if (entry_of(cell->redis, 0)->encoding == ENCODING_ZSET_SKIPLIST)
        return usage / 100 + FEW * LEVELS;
    if (table_has_buckets(table))
        return usage / 100 + FEW * BUCKET;
    return !strcmp(server, "valkey-8.0.1") && !strncmp(kind, "set", 3) ? usage / 100 + FEW * NODE : 0;
}

/* False: the row is another with this seed. */
static bool agrees(const char *server, const char *kind, uint32_t count, const char *encoding, uint64_t usage,
                   uint64_t seed, char *text, size_t room)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .seed = seed});
    uint64_t own, gap;
    bool is_same;

    if (!composite_fill(cell, kind, count))
        fail_msg("a row of a kind that is not known: %s", kind);
    own = inspect_key(cell->state, 0).memory_usage;
    gap = own > usage ? own - usage : usage - own;
    is_same = !strcmp(inspect_key(cell->state, 0).encoding, encoding) && gap <= slack(cell, server, kind, usage);
    snprintf(text, room, "%s, %s of %u: %s of %" PRIu64 ", the server said %s of %" PRIu64, server, kind, count,
             inspect_key(cell->state, 0).encoding, own, encoding, usage);
    cell_close(cell);
    return is_same;
}

static void compare(const char *server, const char *kind, uint32_t count, const char *encoding, uint64_t usage)
{
    enum { SEEDS = 40 };
    char text[256];

    if (count > MOST || (!strcmp(server, "valkey-8.0.1") && !strcmp(encoding, "stream")))
        return;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        if (agrees(server, kind, count, encoding, usage, seed, text, sizeof text))
            return;
    fail_msg("%s", text);
}

static void every_row_of_every_table_agrees(void **state)
{
    (void)state;
    compare_composite_rows("", compare);
}

/* Of servers since: what DEL gives back, and what MEMORY USAGE says. */
static void values_weigh_what_servers_gave_back(void **state)
{
    static const char *const servers_recorded[] = {"redis-8.6.3-debian", "redis-8.0.6-debian", "redict-7.3.6-debian"};
    char path[256];

    (void)state;
    for (size_t i = 0; i < sizeof servers_recorded / sizeof *servers_recorded; i++) {
        struct composite_match match;

        snprintf(path, sizeof path, "tests/data/golden/memory/%s.composite.csv", servers_recorded[i]);
        match = composite_compare(servers_recorded[i], path, 0.005);
        printf("%s: %d rows, worst %.2f %% (%s), of which chance makes %.2f %% (1 s.d.)\n", servers_recorded[i],
               match.rows, 100 * match.worst, match.worst_row, 100 * match.worst_chance);
        assert_int_equal(match.rows, 195);
        assert_int_equal(match.misses, 0);
        assert_int_equal(match.answers, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_of_every_table_agrees),
                                       cmocka_unit_test(values_weigh_what_servers_gave_back)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
