/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blocks: how large a block is, in traces of them: --block-size, or what the format takes it for. */
#ifndef TRACES_TEXT_BLOCKS_H
#define TRACES_TEXT_BLOCKS_H

#include "sim/error.h"
#include "sim/format_options.h"
#include "sim/input/intake.h"

enum { BLOCKS_LARGEST = 256 << 20 };

/* Settles *bytes, and notes it in the intake. 0, or -1: ERROR_USAGE, the user wants more than BLOCKS_LARGEST. */
int blocks_settle(uint32_t *bytes, uint32_t own, const struct format_options *options, struct intake *intake,
                  struct error *error);

#endif
