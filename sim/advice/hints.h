/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hints: where each line's answer may be, by a sample of a long trace (key_sample.h): the same search, in miniature. */
#ifndef SIM_ADVICE_HINTS_H
#define SIM_ADVICE_HINTS_H

#include "sim/advice/key_sample.h"
#include "sim/advice/simulations.h"

enum { HINTS_FROM = 2000000 }; /* commands of a trace that is long enough to be worth it */

/* Whether the request is one that miniatures can answer about. */
bool hints_are_possible(const struct size_request *request);

/* While the trace is first read, of which `run` knows how it began: tells what the sample says so far. 0 or -1. */
int hints_so_far(const struct simulations *simulations, const struct key_sample *sample, const struct run *run,
                 struct error *error);

/* Every line was simulated without a limit. Fills a size for each line, 0 where there is none, and tells them. 0 or -1. */
int hints_find(const struct simulations *simulations, const struct key_sample *sample, uint64_t *hints,
               struct error *error);

#endif
