/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_script: a trace as a script for a real server (script.h).
 *
 * Between the rows of the trace the script has what else happens to the server: the wake-ups of its idle
 * event loop at multiples of the cron period, an INFO at the start, at regular intervals and at the end, and
 * the commands of an events file. At the same time they come in this order, and before the row. */
#ifndef TESTS_FIDELITY_SUPPORT_SCRIPT_H
#define TESTS_FIDELITY_SUPPORT_SCRIPT_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A command at a time, in the server's own words. */
struct script_event {
    int64_t at_us;
    char *command; /* its words, separated by blanks */
};

struct script_events {
    struct script_event *events;
    size_t count;
};

/* Lines "at 2700s CONFIG SET maxmemory 16mb" or "2700 CONFIG SET maxmemory 16mb"; empty lines and those that
 * begin with # do not count. Times must not decrease. 0, or -1. */
int script_events_read(struct script_events *scenario, const char *path, struct error *error);
void script_events_release(struct script_events *scenario);

struct script_options {
    bool fill; /* a GET that misses is followed by a SET of the row's size and ttl */
    int64_t info_every_us;
    int64_t cron_period_us;             /* 1000/hz ms; CONFIG SET hz in the scenario changes it */
    const struct script_events *events; /* NULL: none */
};

/* 0, or -1. Every read of the trace must say its size, and no command may have several keys. */
int script_write(const char *path, const char *trace, const struct script_options *options, struct error *error);

#endif
