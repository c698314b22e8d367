/* SPDX-License-Identifier: GPL-3.0-or-later */
/* application: who sends the commands. It loads what it missed and stores it (--on-miss fill), if its admission rule
 * lets the key in: a server stores what it is told to store, so the rule is a client's. */
#ifndef SIM_SERVER_APPLICATION_H
#define SIM_SERVER_APPLICATION_H

#include "sim/model.h"
#include "sim/server/state.h"

/* 0, or -1. */
int application_open(struct redis *redis, const struct cell_config *config, struct error *error);
void application_close(struct redis *redis);

/* It is about to send a command. */
void application_sends(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
/* Whether it stores what it missed. One that it does not is counted. */
bool application_stores(struct redis *redis, const struct batch *batch, uint32_t row);

#endif
