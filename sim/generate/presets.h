/* SPDX-License-Identifier: GPL-3.0-or-later */
/* presets: parameters of traces that somebody measured or knows, by name.
 *
 *     twitter:cluster1 ... cluster54     twitter_clusters.h
 *     meta:kvcache, meta:cdn             cachelib_workloads.h
 *     lru-test                           redis-cli --lru-test
 *     sessions, rate_limiter, ...        shapes of applications: nobody's measurements
 *
 * A cluster's trace is a sample of the cluster's keys: it lasts as long as the cluster's did (its working set and the requests of a
 * key say how many requests that was, the rate says how long), and rate, keys and working set are all as much less as
 * requests are asked for. What the table does not say is filled by these rules:
 *
 *     length         a day, where the working set is not given, or rounded to 0
 *     values         lognormal, sigma 1; but the most popular keys, whose requests decide the mean over requests, have the mean
 *     names          all as long as the mean, or as their number, if that is longer
 *     ttls           the shares that are listed, relative to their sum; without any: none
 *     operations     likewise; where only reads are listed, set has the rest, 0.5 % if the reads are rounded to 1
 *     Zipf           0.9
 *
 * The number of keys is what makes the share of first requests the table's, with as many keys that come once as make the
 * one-hit wonders the table's; if the keys cannot be so few, or the one-hit wonders, they are as few as they can. Keys that
 * are requested again soon (repeat) are as many as the miss ratio needs. What comes of it is told by tests/test_presets.c. */
#ifndef SIM_GENERATE_PRESETS_H
#define SIM_GENERATE_PRESETS_H

#include "sim/error.h"
#include "sim/generate/generate.h"

#include <stddef.h>

struct preset {
    char name[32];
    const char *source;  /* where its figures are from */
    const char *matches; /* which statistics of it a trace has */
};

size_t preset_count(void);
struct preset preset_at(size_t i);

/* Sets everything but the number of requests, which it goes by, and the seed. 0, or -1: there is none of this name. */
int preset_apply(const char *name, struct generate_params *params, struct error *error);

/* Bytes of a cluster's working set, as the table has it, times the share of its requests that the parameters have: of keys
 * whose ttl has not passed. NaN: not known, or no cluster. */
double preset_working_set(const char *name, const struct generate_params *params);

#endif
