/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect_memory: the part of inspect.txt that says what fills memory: each server, then keys by type and prefix, and the
 * largest ones. */
#ifndef REPORTS_INSPECT_MEMORY_H
#define REPORTS_INSPECT_MEMORY_H

#include "reports/article.h"
#include "sim/inspect/portrait.h"

/* Tables of 80 columns. */
void inspect_memory_put(const struct portrait *portrait, struct article *to);

#endif
