/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_sick: traffic with a planted cause, and the configuration under which it shows; and healthy ones. */
#ifndef TESTS_SUPPORT_SICK_H
#define TESTS_SUPPORT_SICK_H

#include <stddef.h>
#include <stdio.h>

struct sick {
    const char *name;
    void (*write)(FILE *out);  /* a trace, as CSV or as MONITOR shows it; the same each time */
    const char *scenario;      /* lines of a scenario; NULL: none */
    const char *options;       /* of evsim doctor */
    const char *state, *cause; /* the first; NULL: there is to be none */
    const char *second;        /* likewise; NULL: it does not matter */
};

extern const struct sick sick[];
extern const size_t sick_count;

#endif
