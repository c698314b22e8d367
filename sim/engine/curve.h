/* SPDX-License-Identifier: GPL-3.0-or-later */
/* curve: the points of a run over time.
 *
 * With an interval of 0 the recorder finds one: it starts at a millisecond and, each time it holds more
 * than a few hundred points, keeps those that lie on the next coarser interval of a ladder whose steps
 * are multiples of one another. Points hold counts since the start, so dropping some loses nothing. */
#ifndef SIM_ENGINE_CURVE_H
#define SIM_ENGINE_CURVE_H

#include "sim/result.h"

#include <stdbool.h>

struct curve_recorder {
    struct curve curve;
    size_t capacity;
    bool adaptive;
};

void curve_recorder_init(struct curve_recorder *recorder, int64_t interval_us);
void curve_recorder_release(struct curve_recorder *recorder);
/* Adds a point, later than the ones before. */
void curve_recorder_add(struct curve_recorder *recorder, const struct sample *sample);
/* The first time after `time_us` at which a point is due. */
int64_t curve_recorder_next(const struct curve_recorder *recorder, int64_t time_us);
/* The last point, whatever its time (it replaces one at the same time). The samples pass to the caller. */
struct curve curve_recorder_finish(struct curve_recorder *recorder, const struct sample *last);

#endif
