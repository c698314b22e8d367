/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_linger.h"

#include "tests/support_random.h"
#include "tests/support_server.h"

#include <stdio.h>
#include <string.h>

enum { CROWD = 200000, KEYS_PER_MS = 200, LAST_TTL_S = 20, FROM_MS = 12000, TO_MS = 17000, LOOK_MS = 251 };

/* 200 keys in each of the first 1,000 ms, with ttls of 1 to 20 s. */
static struct cell *open_crowd(const struct linger_setup *setup, uint64_t seed, int64_t *expire_ms)
{
    struct cell *cell = cell_open((struct cell_setup){.server = setup->server,
                                                      .effort = setup->effort,
                                                      .options.speed.expirations = setup->expirations_per_s,
                                                      .seed = seed});
    struct random random = random_stream(seed);

    for (uint32_t id = 0; id < CROWD; id++) {
        int64_t ttl_ms = 1000 * (1 + (int64_t)random_below(&random, LAST_TTL_S));

        expire_ms[id] = cell->now_us / 1000 + ttl_ms;
        cell_add(cell, (struct row){.op = OP_SET,
                                    .id = id,
                                    .key_len = 10,
                                    .value_len = 10,
                                    .flags = REQUEST_TTL | REQUEST_MILLIS,
                                    .ttl_ms = ttl_ms});
        if (id % KEYS_PER_MS < KEYS_PER_MS - 1)
            continue;
        cell_flush(cell);
        cell_wait_us(cell, 1000);
    }
    return cell;
}

double linger_simulate(const struct linger_setup *setup, uint64_t seed)
{
    static int64_t expire_ms[CROWD];
    struct cell *cell = open_crowd(setup, seed, expire_ms);
    double sum = 0;
    int looks = 0;

    cell_wait_us(cell, FROM_MS * 1000 - cell->now_us);
    for (; cell->now_us < TO_MS * 1000; looks++) {
        uint64_t present = keyspace_keys(cell->redis), alive = 0;

        for (uint32_t id = 0; id < CROWD; id++)
            alive += expire_ms[id] * 1000 >= cell->now_us;
        sum += ((double)present - (double)alive) / (double)present;
        cell_wait_us(cell, LOOK_MS * 1000);
    }
    cell_close(cell);
    return sum / looks;
}

double linger_mean(const struct linger_setup *setup, uint64_t first_seed, int seeds)
{
    double sum = 0;

    for (int i = 0; i < seeds; i++)
        sum += linger_simulate(setup, first_seed + (uint64_t)i);
    return sum / seeds;
}

bool linger_read(const char *path, struct linger_recording *recording)
{
    FILE *file = fopen(path, "r");
    char line[256];
    int first_limited = 0;
    long present, first_present = 0, cycle_ms, first_cycle_ms = 0;

    *recording = (struct linger_recording){.looks = 0};
    while (file && fgets(line, sizeof line, file)) {
        long t_ms;
        double share;
        int limited;

        if (sscanf(line, "%ld,%ld,%*d,%*d,%lf,%*f,%d,%ld", &t_ms, &present, &share, &limited, &cycle_ms) != 5 ||
            t_ms < FROM_MS || t_ms >= TO_MS)
            continue;
        if (!recording->looks++) {
            first_limited = limited;
            first_present = present;
            first_cycle_ms = cycle_ms;
        }
        recording->share += share;
        recording->limited = limited - first_limited;
        if (cycle_ms > first_cycle_ms)
            recording->expirations_per_s = (uint64_t)(1000 * (first_present - present) / (cycle_ms - first_cycle_ms));
    }
    if (file)
        fclose(file);
    if (recording->looks)
        recording->share /= recording->looks;
    return recording->looks > 0;
}

int linger_read_rows(struct linger_row *rows, int room)
{
    FILE *file = fopen("tests/data/lingering.csv", "r");
    char line[256];
    int count = 0, runs = 0;

    while (file && fgets(line, sizeof line, file)) {
        struct linger_row row;

        if (sscanf(line, "%31[^,],%u,%lf", row.server, &row.effort, &row.share) != 3)
            continue; /* the header */
        if (count && !strcmp(rows[count - 1].server, row.server) && rows[count - 1].effort == row.effort) {
            rows[count - 1].share += (row.share - rows[count - 1].share) / ++runs;
        } else if (count < room) {
            rows[count++] = row;
            runs = 1;
        }
    }
    if (file)
        fclose(file);
    return count;
}
