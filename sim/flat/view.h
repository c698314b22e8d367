/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view: what policies and admission rules see of a flat cache. It has one database, and random keys are uniform. */
#ifndef SIM_FLAT_VIEW_H
#define SIM_FLAT_VIEW_H

#include "sim/flat/state.h"

extern const struct keyspace_view flat_view; /* its `keyspace` is a struct flat; so is the `owner` below */
extern const struct admission_view flat_admission_view;

#endif
