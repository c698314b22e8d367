/* SPDX-License-Identifier: GPL-3.0-or-later */
/* like: a trace that stands in for another one, and can be shown to others: nothing of its keys' names is in it.
 *
 *     first reading     what each key is: its size, its ttl, the length of its name, how often it is requested. Keys that
 *                       are alike in size, ttl and number of requests (by powers of two) are a class.
 *     second reading    of each request: its operation, its key's class, and how deep the key lay in the stack of
 *                       the keys by their last request, in bytes (or that it was new); counted by phases of the trace, which
 *                       is cut into up to 64 of as many requests each
 *     writing           in each phase, what was counted there comes in another order, drawn without replacement. A new key
 *                       gets size, ttl and length of some key of its class; a request for a known one is for the key of the class
 *                       that lies nearest to the depth. Times are spread over the phase.
 *
 * It is the LRU stack model (Mattson et al. 1970) of the distances' distribution, by classes: curves of LRU follow from
 * distances and sizes alone, so they agree; popularity is kept by classes of it; the order of requests within a phase is not
 * kept. The model of one class is known to lose popularity (Almeida et al., Characterizing reference locality in the WWW,
 * 1996), and ttls and sizes with it. Host memory: 200 bytes a key, about, and what differs between the requests: class,
 * operation and depth, in steps of a 32nd of an octave. */
#ifndef SIM_GENERATE_LIKE_H
#define SIM_GENERATE_LIKE_H

#include "sim/error.h"
#include "sim/format.h"
#include "sim/generate/target.h"
#include "sim/input/trace.h"

#include <stdint.h>
#include <stdio.h>

struct like_summary {
    uint64_t requests; /* rows written */
    uint32_t keys, classes, phases;
    uint64_t
        replaced; /* rows whose operation is none of a string's, or none of the generator's: they are get or set now, */
    uint64_t replaced_of[OP_COUNT]; /* by command; of these, */
    uint64_t structured;            /* those of hashes, lists, sets, sorted sets, streams, whose keys are strings now */
};

/* Reads the trace twice and writes one like it. 0, or -1: it cannot be read so often (ERROR_INPUT), it has no requests, or
 * the other cannot be written. The summary is filled. */
int like_write(const struct trace_request *request, format_choose_fn *choose, uint32_t seed,
               const struct generate_target *target, FILE *out, struct like_summary *summary, struct error *error);

#endif
