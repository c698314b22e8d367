/* SPDX-License-Identifier: GPL-3.0-or-later */
/* side_by_side: several runs in one page, kept apart: of different traces, settings or versions, too. */
#ifndef REPORTS_SIDE_BY_SIDE_H
#define REPORTS_SIDE_BY_SIDE_H

#include "sim/error.h"
#include "sim/result.h"

#include <stddef.h>

/* Writes report.html into the directory, which is made if it is not there. `names` say where each run is from. 0 or -1. */
int side_by_side_write(const struct run *const *runs, const char *const *names, size_t count, const char *directory,
                       struct error *error);

#endif
