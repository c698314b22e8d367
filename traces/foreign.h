/* SPDX-License-Identifier: GPL-3.0-or-later */
/* foreign: files that people take for a trace and that are none: what they are, and what to do. One kind of file, one row. */
#ifndef TRACES_FOREIGN_H
#define TRACES_FOREIGN_H

#include <stddef.h>

struct foreign {
    const char *what;   /* "a PNG image" */
    const char *remedy; /* a sentence that goes on after a colon */
};

/* What a file that begins so is; NULL: nobody knows. Of the first there is no doubt, whatever the file is called. */
const struct foreign *foreign_beginning(const char *head, size_t bytes);
const struct foreign *foreign_file(const char *head, size_t bytes);

#endif
