/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_options: what the user says of how a trace is to be read. */
#ifndef SIM_FORMAT_OPTIONS_H
#define SIM_FORMAT_OPTIONS_H

#include <stdbool.h>

/* What a read of size 0 is: of an empty value, which an application that misses stores; or one whose size nobody knows,
 * for the traced cache missed. AUTO: as the format says. */
enum size_zero { SIZE_ZERO_AUTO, SIZE_ZERO_UNKNOWN, SIZE_ZERO_EMPTY };

struct format_options {
    const char *columns;      /* --columns, NULL: the format's own; only csv takes it */
    bool lenient;             /* skip and count what would be an error */
    enum size_zero size_zero; /* of reads */
};

#endif
