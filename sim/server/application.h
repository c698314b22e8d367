/* SPDX-License-Identifier: GPL-3.0-or-later */
/* application: the program that sends the commands. After a missed read it loads the value and stores it (--on-miss
 * fill), if its admission rule lets the key in. A server stores whatever it is told to store, so the rule belongs
 * to the client. */
#ifndef SIM_SERVER_APPLICATION_H
#define SIM_SERVER_APPLICATION_H

#include "sim/model.h"
#include "sim/server/state.h"

/* 0, or -1. */
int application_open(struct redis *redis, const struct cell_config *config, struct error *error);
void application_close(struct redis *redis);

/* It is about to send a command. */
void application_sends(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
/* Whether it stores the key that it missed. If not, that is counted (not_admitted). */
bool application_stores(struct redis *redis, const struct batch *batch, uint32_t row);

#endif
