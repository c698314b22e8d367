/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/curve.h"

#include "sim/alloc.h"
#include "sim/engine/event.h"

#include <stdlib.h>
#include <string.h>

enum {
    POINTS_MAX = 600,
    SILENT_POINTS = 10000,        /* points of one silence before the distance between them grows */
    SILENT_POINTS_PER_STEP = 500, /* points after which it is doubled again */
};

/* In milliseconds. Each divides the next. */
static const int64_t ladder_ms[] = {
    1,     5,      10,     50,      100,     500,      1000,     5000,     10000,     30000,
    60000, 300000, 600000, 1800000, 3600000, 21600000, 43200000, 86400000, 604800000, 2419200000,
};
static const int64_t coarsest_ms = 2419200000; /* four weeks; beyond, intervals are doubled */

static int64_t coarser(int64_t interval_us)
{
    for (size_t i = 0; i < sizeof ladder_ms / sizeof *ladder_ms; i++)
        if (ladder_ms[i] * 1000 > interval_us)
            return ladder_ms[i] * 1000;
    return interval_us < coarsest_ms * 1000 ? coarsest_ms * 1000 : interval_us * 2;
}

void curve_recorder_init(struct curve_recorder *recorder, int64_t interval_us)
{
    memset(recorder, 0, sizeof *recorder);
    recorder->adaptive = !interval_us;
    recorder->curve.interval_us = interval_us ? interval_us : ladder_ms[0] * 1000;
}

void curve_recorder_release(struct curve_recorder *recorder)
{
    free(recorder->curve.samples);
    recorder->curve.samples = NULL;
}

static void thin(struct curve *curve)
{
    size_t kept = 0;

    curve->interval_us = coarser(curve->interval_us);
    for (size_t i = 0; i < curve->count; i++)
        if (curve->samples[i].time_us % curve->interval_us == 0)
            curve->samples[kept++] = curve->samples[i];
    curve->count = kept;
}

void curve_recorder_add(struct curve_recorder *recorder, const struct sample *sample)
{
    struct curve *curve = &recorder->curve;

    if (curve->count == recorder->capacity) {
        recorder->capacity = recorder->capacity ? recorder->capacity * 2 : POINTS_MAX + 2;
        curve->samples = xrealloc(curve->samples, recorder->capacity * sizeof *curve->samples);
    }
    curve->samples[curve->count++] = *sample;
    recorder->silent++;
    while (recorder->adaptive && curve->count > POINTS_MAX)
        thin(curve);
}

/* The present distance between points: the interval, doubled during a long silence. */
static int64_t step_of(const struct curve_recorder *recorder, int64_t interval_us)
{
    uint64_t doublings = recorder->adaptive || recorder->silent < SILENT_POINTS
                             ? 0
                             : 1 + (recorder->silent - SILENT_POINTS) / SILENT_POINTS_PER_STEP;

    while (doublings-- && interval_us < INT64_MAX / 4)
        interval_us *= 2;
    return interval_us;
}

int64_t curve_recorder_next_of(const struct curve_recorder *recorder, int64_t interval_us, int64_t time_us,
                               int64_t until_us)
{
    int64_t step_us = step_of(recorder, interval_us), next_us = time_us - time_us % step_us, last_us;

    if (next_us > INT64_MAX - step_us)
        return EVENT_NEVER;
    next_us += step_us;
    if (next_us <= until_us || step_us == interval_us)
        return next_us;
    last_us = until_us - until_us % interval_us;
    return last_us > time_us ? last_us : time_us - time_us % interval_us + interval_us;
}

int64_t curve_recorder_next(const struct curve_recorder *recorder, int64_t time_us, int64_t until_us)
{
    return curve_recorder_next_of(recorder, recorder->curve.interval_us, time_us, until_us);
}

struct curve curve_recorder_finish(struct curve_recorder *recorder, const struct sample *last)
{
    struct curve curve;

    while (recorder->curve.count && recorder->curve.samples[recorder->curve.count - 1].time_us >= last->time_us)
        recorder->curve.count--;
    recorder->adaptive = false;
    curve_recorder_add(recorder, last);
    curve = recorder->curve;
    memset(&recorder->curve, 0, sizeof recorder->curve);
    recorder->capacity = 0;
    return curve;
}
