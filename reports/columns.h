/* SPDX-License-Identifier: GPL-3.0-or-later */
/* columns: which columns what is printed has, of which some are wanted (sim/column_choice.h). */
#ifndef REPORTS_COLUMNS_H
#define REPORTS_COLUMNS_H

#include "sim/column_choice.h"
#include "sim/report.h"

/* Whether what is printed of the kind has those columns, in any run, or in this one, whose goals `besides` names (up to NULL; may be
 * NULL): before anything is simulated. -1 with a usage error that names those there are, or says why none are to choose. */
int columns_check(enum outcome_kind kind, enum report_print print, const struct column_choice *choice,
                  const char *const *besides, struct error *error);

#endif
