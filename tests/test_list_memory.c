/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_list_memory: the memory of lists, compared with MEMORY USAGE key SAMPLES 0 of real servers. Needs
 * ../shared/golden/memory (EVSIM_SHARED): the rows of its composite tables that begin with list_. */
#include "sim/server/inspect.h"
#include "tests/support_composite.h"
#include "tests/support_server.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEY_BYTES = 12, LONGEST = 5000 };

/* The elements of a row: so many bytes, or the numbers from 0 on. */
static uint32_t element_of(struct cell *cell, const char *kind, uint32_t number)
{
    char text[LONGEST + 1] = {0};

    if (!strcmp(kind, "list_int"))
        snprintf(text, sizeof text, "%" PRIu32, number);
    else
        memset(text, 'e', strtoul(kind + strlen("list_"), NULL, 10));
    return cell_member(cell, text);
}

static void compare(const char *server, const char *kind, uint32_t count, const char *encoding, uint64_t usage)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server});
    struct inspection inspected;

    for (uint32_t i = 0; i < count; i++) {
        struct element element = {.member = element_of(cell, kind, i)};

        cell_add(cell, (struct row){.op = OP_RPUSH, .id = 0, .key_len = KEY_BYTES, .elements = 1, .list = &element});
    }
    cell_flush(cell);
    inspected = inspect_key(cell->state, 0);
    if (strcmp(inspected.encoding, encoding) || inspected.memory_usage != usage)
        fail_msg("%s, %s of %u: %s of %" PRIu64 ", the server said %s of %" PRIu64, server, kind, count,
                 inspected.encoding, inspected.memory_usage, encoding, usage);
    cell_close(cell);
}

static void every_row_of_every_table_agrees(void **state)
{
    (void)state;
    compare_composite_rows("list_", compare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_of_every_table_agrees)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
