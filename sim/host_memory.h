/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_memory: how much of this machine's memory may be asked for, and what is said when that is too little.
 *
 * What a file says of itself is not to be believed: the length of a line, a window, a dictionary, a number of keys. Before it is given
 * memory for it, whoever reads asks here (of a trace by source_may_take()). The limit is what --memory-limit says, otherwise all that the
 * machine has. It is one for each thing that is asked for, and for what keys take in sum; what every program needs besides, some
 * 10 MiB, is not counted. Simulated memory has nothing to do with it. */
#ifndef SIM_HOST_MEMORY_H
#define SIM_HOST_MEMORY_H

#include "sim/error.h"

#include <stdint.h>

/* As a limit: what the machine has, and no option of the command allows more. */
#define HOST_MEMORY_ALL UINT64_MAX

/* Bytes that this machine has for the process: its memory, or less where a control group or a resource limit (ulimit -v) has less. */
uint64_t host_memory_size(void);

/* Bytes that may be asked for under a limit as the user gives it; 0 and HOST_MEMORY_ALL: host_memory_size(). */
uint64_t host_memory_most(uint64_t limit);

/* 0 if so many bytes may be taken under the limit (0 and HOST_MEMORY_ALL: what there is). -1 with an error of input: "WHERE: WHAT takes 2.00 GiB of this
 * machine's memory, more than --memory-limit 64.0 MiB: raise it, or REMEDY". `what` may be a sentence's subject of any length below
 * 300 bytes. */
int host_memory_ask(uint64_t limit, uint64_t bytes, const char *where, const char *what, const char *remedy,
                    struct error *error);

#endif
