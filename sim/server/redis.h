/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redis: the modeled server as a cell of a run (see model.h). Its profile is a struct server_profile. */
#ifndef SIM_SERVER_REDIS_H
#define SIM_SERVER_REDIS_H

#include "sim/model.h"

extern const struct model redis_model;

#endif
