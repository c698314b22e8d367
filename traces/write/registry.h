/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry: what evsim convert writes. A new kind is a file and a line in registry.c. */
#ifndef TRACES_WRITE_REGISTRY_H
#define TRACES_WRITE_REGISTRY_H

#include "sim/trace_writer.h"

extern const struct trace_writer *const trace_writers[];
extern const size_t trace_writer_count;

#endif
