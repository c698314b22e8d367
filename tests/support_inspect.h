/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_inspect: evsim inspect on any trace, for what holds for all of them. */
#ifndef TESTS_SUPPORT_INSPECT_H
#define TESTS_SUPPORT_INSPECT_H

#include "sim/format.h"

/* Fails the test unless the trace at the path can be inspected, and what is counted in different ways agrees. */
void expect_inspected(const struct format *format, const char *path);

#endif
