/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ttl_advisor: which ttl suits the keys of each prefix: the one at the knee of the curve of hit ratio against bytes.
 *
 * The curve is that of ttl_curves.h, without a limit of memory. Its knee is Kneedle's (Satopaa, Albrecht, Irwin and Raghavan,
 * SIMPLEX 2011): with bytes and hits both scaled to reach from 0, at no time at all, to 1, without a ttl, the point that lies
 * farthest above the diagonal. A shorter ttl loses more than its share of the hits, a longer one buys few. What the ttl would do
 * on the server as it is, a simulation says (trials.h). */
#ifndef SIM_ADVICE_TTL_ADVISOR_H
#define SIM_ADVICE_TTL_ADVISOR_H

#include "sim/advice/diagnosis.h"
#include "sim/ttl_curves.h"

enum { TTL_PREFIXES = 8 }; /* of which it is told */

/* Fills diagnosis->ttls, which is to be empty, from the curves of a run of this length, whose groups are prefixes that end with
 * this separator. */
void ttl_advisor_advise(struct diagnosis *diagnosis, const struct ttl_curves *curves, const char *separator,
                        int64_t duration_us);

#endif
