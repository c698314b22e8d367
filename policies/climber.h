/* SPDX-License-Identifier: GPL-3.0-or-later */
/* climber: a share of the capacity that is adjusted, step by step, towards more hits.
 *
 *     hit ratio of a period higher than that of the one before: a step further in the same direction
 *                           lower: a step back; steps shrink, and are long again when the hit ratio jumps
 *
 * Source: Einziger, Eytan, Friedman, Manes, Adaptive software cache management, Middleware 2018. */
#ifndef POLICIES_CLIMBER_H
#define POLICIES_CLIMBER_H

#include <stdbool.h>
#include <stdint.h>

struct climber {
    double share;            /* in force now */
    double first_step, step; /* the second with its direction as sign */
    double hit_ratio;        /* of the last period */
    uint64_t requests, hits; /* of this one */
};

void climber_init(struct climber *climber, double share, double first_step);
/* A request was a hit or not; a period is so many of them. */
void climber_note(struct climber *climber, bool is_hit, double period);

#endif
