/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selection: which requests of a trace are wanted. All conditions must hold.
 *
 *     from, until    time since the trace's first request: from <= time < until
 *     share          of the keys: those whose names hash below it, the same ones in any trace
 *     prefix         that keys begin with
 *     parts          of the keys, of equal share: one of them is wanted; part 0 of 8 is a share of 0.125
 *     commands       that are wanted
 *
 * Commands without a key have no key that is not wanted. Of a command that names a list of keys (MGET, DEL) those that are wanted
 * remain, each as a command of its own; any other of several keys (RENAME) goes by its first. */
#ifndef SIM_INPUT_SELECTION_H
#define SIM_INPUT_SELECTION_H

#include "sim/request.h"

#include <stdbool.h>

enum selection_by { BY_TIME, BY_COMMAND, BY_PREFIX, BY_SHARE, SELECTIONS };

/* Zeroed: all of them. */
struct selection {
    int64_t from_us, until_us; /* 0: no end */
    double share;              /* 0: all keys */
    uint32_t parts, part;      /* part < parts; parts 0: all keys */
    const char *prefix;        /* NULL: any */
    bool commands[OP_COUNT];
    bool by_command; /* else any */

    bool in_command, takes_command; /* the rows before were of the same command */
    enum selection_by refused_by;   /* why, if it is not taken */
    uint64_t refused[SELECTIONS];   /* requests that are not wanted, by the first condition that says so */

    /* Of all keys, wanted or not: the time of the last request, and [0] before counted_from_us, [1] since then. */
    int64_t counted_from_us, last_us;
    uint64_t taken; /* rows that were wanted */
    struct selection_whole {
        uint64_t commands;
        uint64_t reads_refused; /* keys that reading commands look up, and that are in another part or share */
    } whole[2];
};

/* Whether it leaves out anything at all. */
bool selection_is_any(const struct selection *selection);

/* The conditions as the user says them: "--from and --until". */
const char *selection_option(enum selection_by by);

/* Of a key's name, or of the digits of its number: whether it is in the part that is wanted. There are parts. */
bool selection_has_name(const struct selection *selection, const char *name, size_t bytes);
bool selection_has_number(const struct selection *selection, uint64_t number);

/* Whether the record is wanted; its command may end with it then. Records in order; since_us is its time since the first one. */
bool selection_takes(struct selection *selection, struct record *record, int64_t since_us);

#endif
