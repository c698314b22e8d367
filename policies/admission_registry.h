/* SPDX-License-Identifier: GPL-3.0-or-later */
/* admission_registry: the list of admission rules, by name. */
#ifndef POLICIES_ADMISSION_REGISTRY_H
#define POLICIES_ADMISSION_REGISTRY_H

#include "sim/admission.h"

extern const struct admission *const admissions[];
extern const size_t admission_count;

const struct admission *admission_find(const char *name); /* NULL for an unknown name */

#endif
