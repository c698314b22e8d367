/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_composite.h"

#include <inttypes.h>
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
