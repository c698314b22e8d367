/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files: a format at work on a trace of several files.
 *
 * Each file is read as if it were alone, with its own header, lines from 1, and a last line that may lack its end: where one
 * ends the format is closed, and opened for the next. A format that knows of clients goes on instead (next_file). */
#ifndef SIM_INPUT_FILES_H
#define SIM_INPUT_FILES_H

#include "sim/format.h"

/* As format->read(), and goes on with the next file at the end of one. *begun: it has, before these records; else it is left alone. */
int files_read(const struct format *format, void *state, struct source *source, const struct format_options *options,
               struct intake *intake, struct record *records, int room, bool *begun, struct error *error);

#endif
