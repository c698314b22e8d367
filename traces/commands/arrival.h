/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arrival: who sent a command, and whether it came in a pipeline, for formats that know clients by their addresses. */
#ifndef TRACES_COMMANDS_ARRIVAL_H
#define TRACES_COMMANDS_ARRIVAL_H

#include "traces/commands/queue.h"

enum { ARRIVAL_KNOWN = 256, ARRIVAL_TEXT = 24 };

/* Zeroed to begin with. */
struct arrival {
    struct member_index clients; /* numbers of the clients, by address */
    uint32_t last_client;        /* of the command before; a script's calls do not count */
    int64_t last_us;
    bool has_last;
    /* A cache of recent clients, by the end of the address: most clients send again soon. */
    struct known_client {
        char text[ARRIVAL_TEXT];
        uint32_t bytes, number; /* bytes: 0 in a free place */
    } known[ARRIVAL_KNOWN];
};

void arrival_release(struct arrival *arrival);

/* Gives the row, whose time is known, its client ("lua": a script) and whether it came right behind the command before. */
void arrival_note(struct arrival *arrival, struct record *row, const struct argument *client,
                  const struct format_options *options, struct intake *intake);

#endif
