/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view: what policies and admission rules see of a flat cache: one database, uniform draws. */
#ifndef SIM_FLAT_VIEW_H
#define SIM_FLAT_VIEW_H

#include "sim/flat/state.h"

extern const struct keyspace_view flat_view; /* of a struct flat, as are the arguments of the other */
extern const struct admission_view flat_admission_view;

#endif
