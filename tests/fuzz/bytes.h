/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bytes: what a fuzzer tries, as a file that the readers of files can open, and as a text. The file is alone in a folder of this
 * process's own, so that a reader that looks for others beside it, by a name or a pattern in the bytes, finds the same on every machine:
 * nothing. */
#ifndef TESTS_FUZZ_BYTES_H
#define TESTS_FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>

enum { BYTES_PATH = 64 };

/* A file that holds the bytes, instead of those before it; its path is written to `path`. Returns its descriptor, to be closed. The
 * folder goes when the process ends. */
int bytes_as_file(const uint8_t *bytes, size_t count, char path[BYTES_PATH]);
/* The folder of that file. */
const char *bytes_folder(void);

/* The bytes up to the first NUL as a text, to be freed. */
char *bytes_as_text(const uint8_t *bytes, size_t count);

/* Their copy without what leads out of a folder, to be freed: every / is a -, and of each .. the second point. */
uint8_t *bytes_that_stay(const uint8_t *bytes, size_t count);

#endif
