/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_set_memory: the memory of sets, compared with MEMORY USAGE key SAMPLES 0 of real servers. Needs
 * ../shared/golden/memory (EVSIM_SHARED): the rows of its composite tables that begin with set_. The progress of
 * rehashing was not recorded, and which members share a bucket is random, so rows with tables agree within 1 % and 16
 * nodes. */
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

enum { KEY_BYTES = 12, LONGEST = 100, FEW_NODES = 16 };

/* The members of a row: so many bytes, or the numbers from 0 or 2^40 on. */
static uint32_t member_of_row(struct cell *cell, const char *kind, uint32_t number)
{
    char text[LONGEST + 1];

    if (!strcmp(kind, "set_int"))
        snprintf(text, sizeof text, "%" PRIu32, number);
    else if (!strcmp(kind, "set_int64"))
        snprintf(text, sizeof text, "%" PRIu64, (UINT64_C(1) << 40) + number);
    else
        snprintf(text, sizeof text, "m%0*" PRIu32, (int)strtoul(kind + strlen("set_"), NULL, 10) - 1, number);
    return cell_member(cell, text);
}

static bool is_in_two_halves(const struct cell *cell)
{
    const struct entry *entry = entry_of(cell->redis, 0);

    return entry->encoding == ENCODING_SET_TABLE &&
           table_is_rehashing(((const struct collection *)entry->structure)->table);
}

static uint64_t gap_of(const struct cell *cell, uint64_t usage)
{
    uint64_t own = inspect_key(cell->state, 0).memory_usage;

    return own > usage ? own - usage : usage - own;
}

static void compare(const char *server, const char *kind, uint32_t count, const char *encoding, uint64_t usage)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server});
    struct inspection inspected;
    uint64_t gap, allowed = strcmp(encoding, "hashtable") ? 0 : usage / 100 + FEW_NODES * 16;

    for (uint32_t i = 0; i < count; i++) {
        struct element element = {.member = member_of_row(cell, kind, i)};

        cell_add(cell, (struct row){.op = OP_SADD, .id = 0, .key_len = KEY_BYTES, .elements = 1, .list = &element});
    }
    cell_flush(cell);
    gap = gap_of(cell, usage);
    for (uint32_t i = 0; i < count && gap > allowed && is_in_two_halves(cell); i++) {
        struct element element = {.member = member_of_row(cell, kind, i)};

        cell_do(cell, (struct row){.op = OP_SISMEMBER, .id = 0, .key_len = KEY_BYTES, .elements = 1, .list = &element});
        gap = gap_of(cell, usage);
    }
    inspected = inspect_key(cell->state, 0);
    if (strcmp(inspected.encoding, encoding) || gap > allowed)
        fail_msg("%s, %s of %u: %s of %" PRIu64 ", the server said %s of %" PRIu64, server, kind, count,
                 inspected.encoding, inspected.memory_usage, encoding, usage);
    cell_close(cell);
}

static void every_row_of_every_table_agrees(void **state)
{
    (void)state;
    compare_composite_rows("set_", compare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_of_every_table_agrees)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
