/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/census.h"

#include <stdlib.h>

void census_release(struct census *census)
{
    free(census->uses);
    *census = (struct census){0};
}
