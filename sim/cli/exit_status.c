/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/exit_status.h"

#include "sim/error.h"

const struct exit_status exit_statuses[EXIT_STATUSES] = {
    {ERROR_NONE, "done"},
    {ERROR_LAW, "a policy breaks a law"},
    {ERROR_USAGE, "usage"},
    {ERROR_INPUT, "input"},
    {ERROR_OUTPUT, "output"},
    {ERROR_INTERNAL, "out of memory"},
    {ERROR_INTERRUPTED, "interrupted"},
    {ERROR_TERMINATED, "terminated"},
};
