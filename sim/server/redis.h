/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redis: the modeled server as a cell of a run (see model.h). Its profile is a struct server_profile. */
#ifndef SIM_SERVER_REDIS_H
#define SIM_SERVER_REDIS_H

#include "sim/model.h"

extern const struct model redis_model;

struct redis;
/* Lets time pass without requests: runs the events that are due up to that time, and at it. */
void redis_pass_until(struct redis *redis, int64_t until_us);

#endif
