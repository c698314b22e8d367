/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain: evsim run --explain KEY|N|evictions: reads what the user asks for, and prints moments (explain/explain.h).
 *
 *     evictions          every eviction
 *     4711               the 4711th request of the trace, and those around it
 *     user:17, key:42    what happens to a key; key: stands before a name that looks like one of the others
 *
 * A moment is a line, which goes on below itself where a terminal is narrower, or as JSON an object on a line; the first line says what the cell is. As CSV and as Markdown it is a row. */
#ifndef SIM_CLI_EXPLAIN_H
#define SIM_CLI_EXPLAIN_H

#include "sim/explain/explain.h"
#include "sim/error.h"

enum explain_form { EXPLAIN_LINES, EXPLAIN_JSON, EXPLAIN_CSV, EXPLAIN_MARKDOWN };

struct explain_printer {
    enum explain_form form;
    int columns;   /* of the terminal, at which lines are broken; 0: they are as long as they are */
    unsigned gate; /* the last that was printed */
};

/* Fills the request from the text of --explain. 0, or -1 with a usage error. */
int explain_choose(const char *text, struct explain_request *request, struct error *error);

/* An explain_tell_fn, of a struct explain_printer: on standard output. */
void explain_print(void *owner, const struct explain *explain, const struct moment *moment);

#endif
