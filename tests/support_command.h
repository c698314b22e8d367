/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_command: the program under test, run as a shell would.
 *
 * EVSIM names the binary (tests/run.sh sets it); the commands see it as $EVSIM, absolute, whatever
 * their working directory. */
#ifndef TESTS_SUPPORT_COMMAND_H
#define TESTS_SUPPORT_COMMAND_H

/* Runs `sh -c line` in the directory, its outputs in files `stdout` and `stderr` of `results`.
 * Returns the exit status, 128 + the signal's number after a signal. */
int command_run(const char *directory, const char *results, const char *line);

/* The same, for commands that must succeed and say nothing on stderr but "evsim: results ...";
 * fails the test otherwise. The caller frees what they wrote on stdout. */
char *command_output(const char *directory, const char *line);

/* Likewise, of a line that is printed as printf() does. */
char *command_output_of(const char *directory, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes EVSIM and EVSIM_PLUGINS absolute paths. Before the tests: ends the program when there is nothing to test.
 */
void command_init(void);

/* "a/b": the caller frees. */
char *path_join(const char *directory, const char *name);

#endif
