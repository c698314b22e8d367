/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/mrc_curves.h"

#include "sim/printable.h"

#include <stdio.h>
#include <string.h>

void mrc_label(const struct mrc_curve *curve, char label[MRC_LABEL])
{
    snprintf(label, MRC_LABEL, "%s (%s)", curve->policy, strcmp(curve->server, "flat") ? curve->server : curve->method);
    printable(label);
}

bool mrc_has_width(const struct mrc_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++)
        if (curve->points[i].high > curve->points[i].low)
            return true;
    return false;
}
