/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seal: takes from this process, a child made by confine.h, what a policy has no need of.
 *
 *     seal_for_loading()   memory is limited; no file but those that are read, no socket, no other program or process;
 *                          what it prints goes nowhere
 *         the policy is loaded, which may run code of its own
 *     seal_for_work()      now nothing can be opened at all
 *
 * The kernel does it: an address space of a limited size, and a seccomp filter that has the system calls which memory,
 * clocks and loading need. Any other ends the process. This keeps a program that does not mean to do harm, as a generated
 * one, from doing any. What it cannot do: the policy shares the process with the cache that asks it, and may spoil its own
 * figures. */
#ifndef SIM_SEAL_H
#define SIM_SEAL_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why the process ended, as far as it could find out: in memory that outlives it (confine_share). */
struct seal_note {
    bool is_refused; /* it made a system call that it may not, */
    int system_call; /* of this number */
    bool is_full;    /* there was next to no memory left when it crashed or exited */
};

/* memory_bytes: how much the process may take from here on. 0; or -1 when the kernel does not do it (ERROR_INTERNAL). */
int seal_for_loading(uint64_t memory_bytes, struct seal_note *note, struct error *error);
int seal_for_work(struct error *error);

/* "socket"; or "number 41". The text is in `text` then. */
const char *seal_call_name(int system_call, char *text, size_t bytes);

#endif
