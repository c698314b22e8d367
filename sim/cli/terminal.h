/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminal: what shows standard output, and standard error. */
#ifndef SIM_CLI_TERMINAL_H
#define SIM_CLI_TERMINAL_H

#include <stdbool.h>

/* Its columns: TERMINAL_COLUMNS if it does not say. 0: standard output is no terminal. */
enum { TERMINAL_COLUMNS = 80 };
int terminal_columns(void);
/* The same of standard error. */
int terminal_error_columns(void);
/* TERM is not set, or says that escape sequences are not understood: no bold, and no line that is written over. */
bool terminal_is_dumb(void);

#endif
