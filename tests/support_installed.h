/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_installed: the real server that a test compares the model with. */
#ifndef TESTS_SUPPORT_INSTALLED_H
#define TESTS_SUPPORT_INSTALLED_H

#include "sim/live/program.h"

/* The program that REDIS_SERVER names, or a redis-server on PATH, if evsim models it. Otherwise the running test is skipped
 * with a word; it fails if REDIS_SERVER is not a server. Call it before anything is made. */
void find_installed_server(struct program *program);

/* A connection to the server that listens, or will within ten seconds, at this unix socket; to be closed. Fails the test if
 * nobody does. */
int connect_to_installed(const char *path);

#endif
