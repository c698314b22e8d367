/* SPDX-License-Identifier: GPL-3.0-or-later */
/* at_hand: a real server in real time, started for a trial, with one connection to it over a unix socket. It keeps no files
 * and listens to nobody else. */
#ifndef SIM_LIVE_AT_HAND_H
#define SIM_LIVE_AT_HAND_H

#include "sim/error.h"
#include "sim/live/program.h"

#include <hiredis/hiredis.h>

#include <stdint.h>
#include <sys/types.h>

struct server_at_hand {
    pid_t process;
    redisContext *connection;
    const char *path; /* of its program, for messages */
};

/* Starts it without persistence; `options` are more of its arguments, NULL-terminated. Zero the server first, and stop it also
 * after a failure. 0, or -1. */
int at_hand_start(struct server_at_hand *server, const struct program *program, const char *const *options,
                  struct error *error);
void at_hand_stop(struct server_at_hand *server);

/* Frees the reply. 0; or -1 when there is none, or it is an error. */
int at_hand_check(const struct server_at_hand *server, redisReply *reply, struct error *error);
/* A command of words without blanks in them, whose reply is of no interest. */
int at_hand_run(struct server_at_hand *server, const char *command, struct error *error);

/* Of the text of INFO: the number behind "name:", and the text up to the end of its line. 0 and "" if there is none. */
double at_hand_field(const char *info, const char *name);
void at_hand_text(const char *info, const char *name, char *text, size_t room);

int64_t at_hand_unix_ms(void);
void at_hand_sleep(int64_t ms);

#endif
