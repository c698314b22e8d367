/* SPDX-License-Identifier: GPL-3.0-or-later */
/* operator: carries out the events of a scenario. */
#ifndef SIM_SERVER_OPERATOR_H
#define SIM_SERVER_OPERATOR_H

#include "sim/server/state.h"

/* Called where a turn of the event loop ends. */
typedef void operator_turn_fn(struct redis *redis);

/* Puts the policy in force. Every Redis keeps the LRU clock of its keys, whatever its policy is; the model does so
 * only if the scenario will change the policy, and then from the start. */
void operator_set_policy(struct redis *redis, const struct policy *policy);
/* One event of the scenario: a command, or one for each key of a pattern. */
void operator_execute(struct redis *redis, const struct scenario_event *event, operator_turn_fn *end_of_turn);
/* cron reaps the child once its time is over. */
void operator_reap_child(struct redis *redis);
/* Cron, while some output of CLIENT-OUTPUT is over the soft limit of client-output-buffer-limit. */
void operator_close_outputs(struct redis *redis);
/* Before the event loop sleeps, with a backlog: replicas that are over their limit go, others come back. */
void operator_tend_replicas(struct redis *redis);
/* Whether a server of this profile takes the configuration, at its start or by CONFIG SET. -1 with what it objects
 * to. */
int operator_check_config(const struct server_profile *profile, const struct redis_config *config, struct error *error);

void operator_release(struct redis *redis);

#endif
