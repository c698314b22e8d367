/* flat: a cache of plain sizes, as the cache literature has it. */
#ifndef SIM_SERVER_FLAT_H
#define SIM_SERVER_FLAT_H

#include "sim/model.h"

extern const struct model flat_model;

#endif
