/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record: what a server did with a script, read back as the counters and the curve that a model hands over. */
#ifndef SIM_LIVE_RECORD_H
#define SIM_LIVE_RECORD_H

#include "sim/result.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads the file that virtual_time.c wrote. Of the counters it fills those that INFO has, fills, oom_rejections and
 * command_errors: baseline_memory is used_memory in the first INFO, the others are as the last one says. The curve
 * has a point for each INFO but the first; its samples pass to the caller, also when the record is cut short, which
 * is false. *waiting: waits for a key that were ended. */
bool record_read(const char *path, struct counters *counters, struct curve *curve, uint64_t *waiting);

#endif
