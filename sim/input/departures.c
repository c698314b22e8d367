/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/departures.h"

#include "sim/alloc.h"
#include "sim/input/reader.h"

#include <stdlib.h>

enum {
    SILENCE_US = 1000000, /* at least */
    SILENCE_TIMES = 10,   /* the longest before */
    OTHERS = 10,          /* that connect behind it */
};

/* What is known of a client so far. */
struct life {
    uint64_t last_row;
    int64_t first_us, last_us, longest_us; /* its first and last command, the longest time between two */
    bool has_spoken;
};

struct lives {
    struct life *list; /* by client: they are numbered as they first speak, so first_us never decreases */
    uint32_t count, capacity;
};

static void note(struct lives *lives, uint32_t client, int64_t now_us, uint64_t row)
{
    struct life *life;

    if (client == CLIENT_SCRIPT) /* called by the one that spoke before */
        return;
    if (client >= lives->count) {
        lives->list = xgrow(lives->list, &lives->capacity, client + 1, sizeof *lives->list);
        lives->count = client + 1;
    }
    life = &lives->list[client];
    if (!life->has_spoken)
        life->first_us = life->last_us = now_us;
    if (now_us - life->last_us > life->longest_us)
        life->longest_us = now_us - life->last_us;
    life->has_spoken = true;
    life->last_us = now_us;
    life->last_row = row;
}

static int note_batch(void *lives, const struct batch *batch, struct error *error)
{
    (void)error;
    for (uint32_t row = 0; row < batch->count; row++)
        note(lives, batch->has_client ? batch->client[row] : 0, batch->time_us[row], (uint64_t)batch->first_row + row);
    return 0;
}

/* How many clients connect after that time. */
static uint32_t later(const struct lives *lives, int64_t time_us)
{
    uint32_t low = 0, high = lives->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (lives->list[middle].first_us <= time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return lives->count - low;
}

static bool has_left(const struct lives *lives, const struct life *life, int64_t end_us)
{
    int64_t silence_us = life->longest_us * SILENCE_TIMES;

    if (silence_us < SILENCE_US)
        silence_us = SILENCE_US;
    return life->has_spoken && end_us - life->last_us > silence_us &&
           later(lives, life->last_us + silence_us) >= OTHERS;
}

int departures_read(struct departures *departures, struct reader *reader, struct error *error)
{
    struct lives lives = {0};
    int status = reader_read_all(reader, note_batch, &lives, error);

    if (!status) {
        departures->count = lives.count;
        departures->last_row = xcalloc(lives.count + UINT64_C(1), sizeof *departures->last_row);
        for (uint32_t client = 0; client < lives.count; client++) {
            bool left = has_left(&lives, &lives.list[client], reader_last_time_us(reader));

            departures->last_row[client] = left ? lives.list[client].last_row : UINT64_MAX;
            departures->gone += left;
        }
    }
    free(lives.list);
    return status;
}

void departures_release(struct departures *departures)
{
    free(departures->last_row);
    departures->last_row = NULL;
}
