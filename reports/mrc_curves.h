/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc_curves: what the table and the figure of miss-ratio curves have in common. */
#ifndef REPORTS_MRC_CURVES_H
#define REPORTS_MRC_CURVES_H

#include "sim/mrc/mrc.h"

#include <stdbool.h>

enum { MRC_LABEL = 256 }; /* a buffer of this size is always enough */

/* "sieve (miniature)" */
void mrc_label(const struct mrc_curve *curve, char label[MRC_LABEL]);

/* Whether the curve has an interval anywhere that is not a point: it was sampled, with several salts. */
bool mrc_has_width(const struct mrc_curve *curve);

#endif
