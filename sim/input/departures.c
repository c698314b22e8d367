/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/departures.h"

#include "sim/alloc.h"
#include "sim/input/closings.h"
#include "sim/input/reader.h"

#include <stdlib.h>

enum {
    SILENCE_US = 1000000, /* at least */
    SILENCE_TIMES = 10,   /* the longest before */
    OTHERS = 10,          /* that connect behind it */
    LEAVING_LEAST = 100,  /* so many are a rule for those who come last */
};

/* Of those who came early enough to have left so many have, and so many of these were never silent for longer between commands. */
static const double leaving_share = 0.9, usual_share = 0.95;

/* What is known of a client so far. */
struct life {
    int64_t first_us, last_us, longest_us; /* its first and last command, the longest time between two */
    bool has_spoken;
};

struct lives {
    struct life *list; /* by client: they are numbered as they first speak, so first_us never decreases */
    uint32_t count, capacity;
};

static void note(struct lives *lives, uint32_t client, int64_t now_us)
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
}

static int note_batch(void *lives, const struct batch *batch, struct error *error)
{
    (void)error;
    for (uint32_t row = 0; row < batch->count; row++)
        note(lives, batch->has_client ? batch->client[row] : 0, batch->time_us[row]);
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

/* Whether the client has left, of a trace that ends then. */
static bool has_left(const struct lives *lives, const struct life *life, int64_t end_us)
{
    int64_t silence_us;

    if (!life->has_spoken || __builtin_mul_overflow(life->longest_us, SILENCE_TIMES, &silence_us))
        return false;
    if (silence_us < SILENCE_US)
        silence_us = SILENCE_US;
    return end_us - life->last_us > silence_us && later(lives, life->last_us + silence_us) >= OTHERS;
}

static int by_time(const void *a, const void *b)
{
    const struct departure *one = a, *other = b;

    if (one->time_us != other->time_us)
        return one->time_us < other->time_us ? -1 : 1;
    return (one->client > other->client) - (one->client < other->client);
}

static int by_length(const void *a, const void *b)
{
    const int64_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

/* How long who has left was silent between two commands at most, as a rule, of the `early` clients that came first; INT64_MAX where
 * not nearly all of them have left, or too few. */
static int64_t usual_silence_us(const struct lives *lives, uint32_t early, int64_t end_us)
{
    int64_t *longest_us = xcalloc(early + UINT64_C(1), sizeof *longest_us), usual_us = INT64_MAX;
    uint32_t left = 0;

    for (uint32_t client = 0; client < early; client++)
        if (has_left(lives, &lives->list[client], end_us))
            longest_us[left++] = lives->list[client].longest_us;
    if (left >= LEAVING_LEAST && left >= leaving_share * early) {
        qsort(longest_us, left, sizeof *longest_us, by_length);
        usual_us = longest_us[(uint32_t)(usual_share * left)];
    }
    free(longest_us);
    return usual_us;
}

/* How many clients came early enough to have left: one command, a silence, and others behind it. */
static uint32_t early_clients(const struct lives *lives, int64_t end_us)
{
    uint32_t early = 0;

    while (early < lives->count && lives->list[early].first_us < end_us - SILENCE_US &&
           later(lives, lives->list[early].first_us + SILENCE_US) >= OTHERS)
        early++;
    return early;
}

/* Who has left, by how long all are silent. */
static void conclude(struct departures *departures, const struct lives *lives, int64_t end_us)
{
    uint32_t early = early_clients(lives, end_us), recent = early;
    int64_t usual_us = usual_silence_us(lives, early, end_us);

    /* Who came a little earlier may have spoken since. */
    while (recent && lives->list[recent - 1].first_us > end_us - 2 * SILENCE_US)
        recent--;
    departures->list = xcalloc(lives->count + UINT64_C(1), sizeof *departures->list);
    for (uint32_t client = 0; client < lives->count; client++) {
        const struct life *life = &lives->list[client];
        int64_t silence_us = end_us - life->last_us;

        if (has_left(lives, life, end_us) ||
            (client >= recent && life->has_spoken && silence_us > usual_us && silence_us > life->longest_us))
            departures->list[departures->count++] = (struct departure){.time_us = life->last_us, .client = client};
    }
}

/* Who has left before the trace's last request, as the trace shows it. */
static void take_closings(struct departures *departures, const struct closings *closings, int64_t first_us,
                          int64_t end_us)
{
    departures->are_shown = true;
    departures->list = xcalloc(closings->count + UINT64_C(1), sizeof *departures->list);
    for (uint32_t i = 0; i < closings->count; i++) {
        int64_t time_us = closings->list[i].time_us - first_us;

        if (time_us < end_us)
            departures->list[departures->count++] =
                (struct departure){.time_us = time_us, .client = closings->list[i].client};
    }
}

int departures_read(struct departures *departures, struct reader *reader, struct error *error)
{
    struct lives lives = {0};
    int status = reader_read_all(reader, note_batch, &lives, error);
    int64_t first_us;
    const struct closings *closings = reader_closings(reader, &first_us);

    if (!status && closings)
        take_closings(departures, closings, first_us, reader_last_time_us(reader));
    else if (!status)
        conclude(departures, &lives, reader_last_time_us(reader));
    departures->clients = lives.count;
    if (departures->count)
        qsort(departures->list, departures->count, sizeof *departures->list, by_time);
    free(lives.list);
    return status;
}

void departures_release(struct departures *departures)
{
    free(departures->list);
    departures->list = NULL;
}
