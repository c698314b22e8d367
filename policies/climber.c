/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/climber.h"

#include <math.h>

/* The values of the authors. */
static const double STEP_DECAY = 0.98, JUMP = 0.05, SHARE_MOST = 0.8;

void climber_init(struct climber *climber, double share, double first_step)
{
    *climber = (struct climber){.share = share, .first_step = first_step, .step = first_step};
}

static void climb(struct climber *climber)
{
    double hit_ratio = (double)climber->hits / (double)climber->requests;
    double gain = hit_ratio - climber->hit_ratio;

    if (fabs(gain) >= JUMP)
        climber->step = copysign(climber->first_step, climber->step);
    if (gain < 0)
        climber->step = -climber->step;
    climber->share = fmin(fmax(climber->share + climber->step, 0), SHARE_MOST);
    climber->step *= STEP_DECAY;
    climber->hit_ratio = hit_ratio;
}

void climber_note(struct climber *climber, bool is_hit, double period)
{
    climber->hits += is_hit;
    if ((double)++climber->requests < period)
        return;
    climb(climber);
    climber->requests = climber->hits = 0;
}
