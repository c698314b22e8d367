/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/expansion.h"

#include <stdio.h>

const char *expansion_why(char why[EXPANSION_WHY], const struct format_options *options, uint64_t own)
{
    snprintf(why, EXPANSION_WHY, "one row stands for %ju requests at most: --row-requests allows more",
             (uintmax_t)expansion_most(options, own));
    return why;
}
