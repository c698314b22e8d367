/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export: outcomes in the forms of other tools. One form, one file in this folder, one line in export.c. Like a report, a form is a
 * pure function of the outcome; unlike one it is written only when somebody asks for it. */
#ifndef REPORTS_EXPORT_H
#define REPORTS_EXPORT_H

#include "sim/report.h"

/* Writes the outcome to `out`, in plain C numbers, whatever the locale is. `name` is for messages. -1 (ERROR_USAGE) for a form that does not
 * exist, or that has nothing of this kind of outcome. */
int export_write(const struct outcome *outcome, const char *form, FILE *out, const char *name, struct error *error);

/* Whether export_write would; -1 with why not. For before the work is done. */
int export_check(enum outcome_kind kind, const char *form, struct error *error);

extern const struct export_form *const export_forms[];
extern const size_t export_form_count;

#endif
