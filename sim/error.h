/* SPDX-License-Identifier: GPL-3.0-or-later */
/* error: the one way a failure travels.
 *
 * A function that can fail because the world is wrong (a file, an option, a line of a trace) takes a
 * struct error * as its last argument, fills it and returns -1 or NULL. The first failure wins: later
 * calls on the same struct change nothing. Only main prints and exits.
 *
 * Grammar of a message: lower case, no full stop, where, what failed, then the thing in quotes:
 *     trace.csv:1042: bad value size '12x'
 *
 * A broken contract between two functions is not an error but a bug: assert. A simulated server
 * that is out of memory is neither: it is data (oom_rejections). */
#ifndef SIM_ERROR_H
#define SIM_ERROR_H

#include <stdbool.h>

/* Also the exit status of the program. */
enum error_code {
    ERROR_NONE = 0,
    ERROR_LAW = 1,           /* a policy breaks a law: check-policy finds it, or a run meets it */
    ERROR_USAGE = 2,         /* the command line, or a configuration file */
    ERROR_INPUT = 3,         /* a trace that cannot be read or understood */
    ERROR_OUTPUT = 4,        /* a result that cannot be written */
    ERROR_INTERNAL = 70,     /* the host is out of memory */
    ERROR_INTERRUPTED = 130, /* Ctrl-C, SIGINT */
    ERROR_TERMINATED = 143,  /* SIGTERM */
};

struct error {
    enum error_code code;
    char text[1024]; /* complete sentence for the user; "" when code is ERROR_NONE */
};

/* Records the failure unless one is already there. Returns -1, so that a caller can return it. */
int error_set(struct error *error, enum error_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix" in front of the text of a failure that is already there. Returns -1. */
int error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline bool error_is_set(const struct error *error)
{
    return error->code != ERROR_NONE;
}

#endif
