/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_twice: a trace that a fuzzer has made, replayed in two cells that are the same, which must end alike. */
#ifndef TESTS_FUZZ_RUN_TWICE_H
#define TESTS_FUZZ_RUN_TWICE_H

#include "sim/error.h"
#include "sim/model.h"
#include "sim/result.h"

#include <stddef.h>

/* Replays the text, which is of that format, and frees it. 0, and both results are to be released; or -1 with what the cell or the trace
 * was refused for. Aborts, with a word, if the two have other counters. */
int run_twice(char *text, size_t bytes, const char *format, const struct cell_config *cell, struct result results[2],
              struct error *error);

#endif
