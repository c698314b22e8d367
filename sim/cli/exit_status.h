/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exit_status: what the program's exit statuses mean, for those who read: --help, man pages. sim/error.h has them by name. */
#ifndef SIM_CLI_EXIT_STATUS_H
#define SIM_CLI_EXIT_STATUS_H

#include <stddef.h>

struct exit_status {
    int status; /* enum error_code */
    const char *meaning;
};

enum { EXIT_STATUSES = 8 };
extern const struct exit_status exit_statuses[EXIT_STATUSES];

#endif
