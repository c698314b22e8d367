/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redis: the modeled server as a cell of a run (see model.h). Its profile is a struct server_profile. */
#ifndef SIM_SERVER_REDIS_H
#define SIM_SERVER_REDIS_H

#include "sim/model.h"

extern const struct model redis_model;

struct redis;
/* Nothing is sent until then: what falls due happens, up to and at that time. */
void redis_pass_until(struct redis *redis, int64_t until_us);

#endif
