/* SPDX-License-Identifier: GPL-3.0-or-later */
/* note: what evsim says on standard error: messages and notes, one line each, masked (sim/printable.h). */
#ifndef SIM_CLI_NOTE_H
#define SIM_CLI_NOTE_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>

struct warning;

/* "evsim: ..." and a line feed: something to know, unless --quiet was given. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same of a warning or an error, which is always said. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on notes, and progress, are not said. For the whole process, as standard error is. */
void notes_silence(void);
bool notes_are_silent(void);

/* Every warning; under --strict the first one is an error, and nothing is to be written: -1. */
int note_warnings(const struct warning *warnings, size_t count, bool strict, struct error *error);

#endif
