/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws: what holds for every policy. The tests check them for all registered policies, `evsim check-policy` for one of
 * the user's own. */
#ifndef SIM_LAWS_H
#define SIM_LAWS_H

#include "sim/error.h"
#include "sim/model.h"

/* Where a law is tried. */
struct trial {
    const struct server *server;
    const struct policy *policy;
    const double *parameters; /* NULL: the initial ones */
    uint64_t seed;            /* of the traffic and of the cell */
};

struct law {
    const char *name;                                             /* what holds */
    int (*check)(const struct trial *trial, struct error *error); /* -1, and the error says what was seen instead */
};

extern const struct law laws[];
extern const size_t law_count;

#endif
