/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flat: a cache of plain sizes, as the cache literature has it. */
#ifndef SIM_FLAT_FLAT_H
#define SIM_FLAT_FLAT_H

#include "sim/model.h"

extern const struct model flat_model;

#endif
