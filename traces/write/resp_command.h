/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resp_command: the arguments of a command, as a client sends them, from its rows.
 *
 * A trace knows how long values are, not what they are: values are as many x; integers, and members of values, are what they
 * were. Which arguments a command has says its row (struct command); of those that have words only ZADD and ZINCRBY are
 * written, and scripts.
 *
 * A script is written if its text and its arguments are known, and then what it calls is not, for it will call it again. */
#ifndef TRACES_WRITE_RESP_COMMAND_H
#define TRACES_WRITE_RESP_COMMAND_H

#include "sim/input/members.h"
#include "sim/trace_writer.h"
#include "traces/write/line.h"

/* Zeroed to begin with. */
struct resp_command {
    struct line arguments; /* each with its length, of the rows so far */
    uint32_t argument_count;

    bool writes_scripts;         /* the owner sets it */
    bool in_script;              /* the command was a script; the owner says when it is over */
    struct member_index scripts; /* by SHA1 */
    bool *loaded;                /* by its number there: the server has it */
    uint32_t loaded_count;
};

/* Adds the arguments of this row, the first with the command's name. False: they are not known as they were. */
bool resp_command_add(struct resp_command *command, const struct record *record, struct omissions *omissions);
/* The next row is another command's. */
void resp_command_clear(struct resp_command *command);
void resp_command_release(struct resp_command *command);

#endif
