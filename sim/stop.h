/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stop: a signal asks the program to end.
 *
 * The first SIGINT or SIGTERM is noted, and whoever does long work looks: so nothing half-written stays. Where nobody has looked
 * for 0.7 seconds the program ends all the same, and says so: no loop, whosesoever, holds it longer. A second signal
 * ends the program at once, even where it waits for a trace that does not come, as SIGHUP does; unfinished files are
 * removed then, too (sudden_end.h). The exit status is the shell's for that signal, 130 and 143. */
#ifndef SIM_STOP_H
#define SIM_STOP_H

#include "sim/error.h"

/* From now on the signals that others send, or the system at a limit, remove unfinished files before they end the program. At its
 * beginning. */
void stop_cleans_up(void);
/* From now on signals are noted. Once is enough; a second call changes nothing. */
void stop_on_signals(void);
/* The signal that asked; 0: none. */
int stop_signal(void);
/* Sets "interrupted", with the status of the signal that asked, unless there is an error already. Returns -1. */
int stop_error(struct error *error);
/* Makes the error, if there is one, that of the signal, if one asked: what else fails then helps nobody. `behind` comes
 * after "interrupted". */
void stop_explains(struct error *error, const char *behind);

#endif
