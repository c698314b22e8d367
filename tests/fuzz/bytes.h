/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bytes: what a fuzzer tries, as a file that the readers of files can open, and as a text. */
#ifndef TESTS_FUZZ_BYTES_H
#define TESTS_FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>

enum { BYTES_PATH = 40 };

/* A file in memory that holds the bytes; its path is written to `path`. Returns its descriptor, to be closed. */
int bytes_as_file(const uint8_t *bytes, size_t count, char path[BYTES_PATH]);

/* The bytes up to the first NUL as a text, to be freed. */
char *bytes_as_text(const uint8_t *bytes, size_t count);

#endif
