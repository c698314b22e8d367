/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/record.h"

#include "sim/alloc.h"
#include "sim/live/script_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INFO_LIMIT = 1 << 20 };

struct reading {
    struct counters *counters;
    struct curve *curve;
    uint64_t *waiting;
    int64_t start_us; /* Unix time of the first INFO */
    bool begun, ended;
    size_t capacity; /* capacity of the curve */
};

/* The number after the name; 0 if the text does not have the name. */
static uint64_t number_after(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* Sums "\ndb0:keys=12,expires=3,..." over all databases. */
static void count_keys(struct counters *counters, const char *info)
{
    counters->keys = counters->expires = 0;
    for (const char *at = info; (at = strstr(at, ":keys=")); at++) {
        counters->keys += number_after(at, "keys=");
        counters->expires += number_after(at, ",expires=");
    }
}

static void take_info(struct reading *reading, int64_t unix_us, const char *info)
{
    struct counters *counters = reading->counters;

    counters->used_memory = number_after(info, "\nused_memory:");
    counters->used_memory_peak = number_after(info, "\nused_memory_peak:");
    counters->hits = number_after(info, "\nkeyspace_hits:");
    counters->misses = number_after(info, "\nkeyspace_misses:");
    counters->reads = counters->hits + counters->misses;
    counters->evicted_keys = number_after(info, "\nevicted_keys:");
    counters->expired_keys = number_after(info, "\nexpired_keys:");
    count_keys(counters, info);
    if (!reading->begun) {
        counters->baseline_memory = counters->used_memory;
        reading->start_us = unix_us;
        reading->begun = true;
        return;
    }
    if (reading->curve->count == reading->capacity) {
        reading->capacity = reading->capacity ? 2 * reading->capacity : 256;
        reading->curve->samples =
            xrealloc(reading->curve->samples, reading->capacity * sizeof *reading->curve->samples);
    }
    reading->curve->samples[reading->curve->count++] = (struct sample){
        .time_us = unix_us - reading->start_us,
        .used_memory = counters->used_memory,
        .keys = counters->keys,
        .expires = counters->expires,
        .hits = counters->hits,
        .misses = counters->misses,
        .evicted_keys = counters->evicted_keys,
        .expired_keys = counters->expired_keys,
    };
}

static void take_line(struct reading *reading, const char *line, FILE *in)
{
    unsigned long long fills, oom, errors, waiting;
    long long unix_us;
    size_t bytes;

    if (sscanf(line, RECORD_TOLD, &unix_us, &bytes) == 2) {
        fseek(in, (long)bytes, SEEK_CUR); /* a reply that another reader takes */
    } else if (sscanf(line, RECORD_INFO, &unix_us, &bytes) == 2 && bytes < INFO_LIMIT) {
        char *info = xcalloc(1, bytes + 1);

        if (fread(info, 1, bytes, in) == bytes)
            take_info(reading, unix_us, info);
        free(info);
    } else if (sscanf(line, RECORD_END, &fills, &oom, &errors, &waiting) == 4) {
        reading->counters->fills = fills;
        reading->counters->oom_rejections = oom;
        reading->counters->command_errors = errors;
        *reading->waiting = waiting;
        reading->ended = true;
    }
}

bool record_read(const char *path, struct counters *counters, struct curve *curve, uint64_t *waiting)
{
    struct reading reading = {.counters = counters, .curve = curve, .waiting = waiting};
    FILE *in = fopen(path, "r");
    char line[256];

    *counters = (struct counters){0};
    *curve = (struct curve){0};
    while (in && fgets(line, sizeof line, in))
        take_line(&reading, line, in);
    if (in)
        fclose(in);
    return reading.ended && curve->count;
}
