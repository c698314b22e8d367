/* SPDX-License-Identifier: GPL-3.0-or-later */
/* note: what evsim says on standard error: messages and notes, one line each, masked (sim/printable.h). */
#ifndef SIM_CLI_NOTE_H
#define SIM_CLI_NOTE_H

/* "evsim: ..." and a line feed. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
