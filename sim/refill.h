/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refill: whether the application stores what it misses, as far as a trace shows it. A key whose first command is a read was
 * absent then (or was there before the trace began): if the next is a write within REFILL_US, that was the fill. */
#ifndef SIM_REFILL_H
#define SIM_REFILL_H

#include "sim/command.h"

#include <stdint.h>

enum { REFILL_US = 10000000 };

enum refill_state { REFILL_NOT_MET, REFILL_FIRST_WAS_READ, REFILL_MET };

/* Keys whose first command was a read: how many, and of how many the next was such a write. */
struct refills {
    uint64_t first_reads, refilled;
};

/* A command names a key that is in this state and was named so long before. Returns its next state. */
static inline enum refill_state refills_see(struct refills *refills, enum refill_state state,
                                            const struct command *command, int64_t since_us)
{
    if (state == REFILL_MET)
        return state;
    if (state == REFILL_NOT_MET) {
        refills->first_reads += command->looks_up;
        return command->looks_up ? REFILL_FIRST_WAS_READ : REFILL_MET;
    }
    refills->refilled += command->denyoom && since_us <= REFILL_US;
    return REFILL_MET;
}

#endif
