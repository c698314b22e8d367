/* SPDX-License-Identifier: GPL-3.0-or-later */
/* curve: the points of a run over time.
 *
 * With an interval of 0 the recorder finds one: it starts at a millisecond and, each time it holds more
 * than a few hundred points, keeps those that lie on the next coarser interval of a ladder whose steps
 * are multiples of one another. Points hold counts since the start, so dropping some loses nothing.
 *
 * With an interval that the user asked for, a time without requests may be long enough for millions of points in
 * which nothing happens. The first ten thousand come at the interval; from then on the points lie twice as far apart
 * after every further five hundred. The last one before the next request is at its place. */
#ifndef SIM_ENGINE_CURVE_H
#define SIM_ENGINE_CURVE_H

#include "sim/result.h"

#include <stdbool.h>

struct curve_recorder {
    struct curve curve;
    size_t capacity;
    bool adaptive;
    uint64_t silent; /* points since the last request */
};

void curve_recorder_init(struct curve_recorder *recorder, int64_t interval_us);
void curve_recorder_release(struct curve_recorder *recorder);
/* Adds a point, later than the ones before. */
void curve_recorder_add(struct curve_recorder *recorder, const struct sample *sample);
/* A time without requests begins. */
static inline void curve_recorder_falls_silent(struct curve_recorder *recorder)
{
    recorder->silent = 0;
}
/* The first time after `time_us` at which a point is due, while no request comes until `until_us`; later points are
 * due as usual. EVENT_NEVER: never. */
int64_t curve_recorder_next(const struct curve_recorder *recorder, int64_t time_us, int64_t until_us);
/* Likewise, for points that come every interval_us. */
int64_t curve_recorder_next_of(const struct curve_recorder *recorder, int64_t interval_us, int64_t time_us,
                               int64_t until_us);
/* The last point, whatever its time (it replaces one at the same time). The samples pass to the caller. */
struct curve curve_recorder_finish(struct curve_recorder *recorder, const struct sample *last);

#endif
