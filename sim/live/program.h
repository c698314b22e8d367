/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program: a server's program, and what it says of itself. */
#ifndef SIM_LIVE_PROGRAM_H
#define SIM_LIVE_PROGRAM_H

#include "sim/error.h"

enum { PROGRAM_PATH = 4096, PROGRAM_NAME = 64 };

struct program {
    char path[PROGRAM_PATH];
    char name[PROGRAM_NAME];    /* "redis-server", "valkey-server": its argv[0] as well */
    char server[PROGRAM_NAME];  /* the name evsim would have for it: "redis-7.0.15-debian" */
    char library[PROGRAM_PATH]; /* virtual_time.so, of this build */
};

/* Finds the path of `binary` and nothing else: it need not be a server. Otherwise as program_find(). */
int program_locate(struct program *program, const char *binary, struct error *error);

/* Looks for `binary`, or for a redis-server on PATH when it is NULL or empty, and asks for its version. Debian's
 * redis-tools has the same program as redis-check-rdb: that will do. 0; 1 when there is no redis-server on
 * PATH; -1 on error. */
int program_find(struct program *program, const char *binary, struct error *error);

#endif
