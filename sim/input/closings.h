/* SPDX-License-Identifier: GPL-3.0-or-later */
/* closings: when clients closed their connections, where a trace shows it: packets do, a log of commands does not. */
#ifndef SIM_INPUT_CLOSINGS_H
#define SIM_INPUT_CLOSINGS_H

#include <stdint.h>

struct closing {
    int64_t time_us; /* as the trace has it */
    uint32_t client; /* record.client */
};

/* In the order of the trace: no later record of the connection is earlier. Zeroed to begin with. */
struct closings {
    struct closing *list; /* owned */
    uint32_t count, capacity;
};

/* NULL: nobody wants them. */
void closings_add(struct closings *closings, int64_t time_us, uint32_t client);
/* Bytes of this machine's memory that the list takes with so many more. */
uint64_t closings_bytes(const struct closings *closings, uint32_t more);
void closings_release(struct closings *closings);

#endif
