/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry: the trace formats that evsim reads. A new format is a file and a line in registry.c. */
#ifndef TRACES_REGISTRY_H
#define TRACES_REGISTRY_H

#include "sim/format.h"

extern const struct format *const formats[];
extern const size_t format_count;

/* By the name that --format takes; NULL, with an error that lists the names, when there is none. */
const struct format *format_find(const char *name, struct error *error);

/* The format that is surest of the trace's first bytes, the earlier of two that are equally sure. Where none is certain, that which the file's
 * name says, if nothing in the bytes says that it is not. The intake, if there is one, learns the format that the name says if that decided, or if it is
 * another. NULL, with an error, when none recognizes it. */
const struct format *format_detect(struct source *source, struct intake *intake, struct error *error);

/* What the user's --format and --columns come to, each NULL when not given: the named format; csv, or jsonl, when
 * there is a column map; else what is detected. NULL, with an error. */
const struct format *format_choose(struct source *source, const char *name, const char *columns, struct intake *intake,
                                   struct error *error);

#endif
