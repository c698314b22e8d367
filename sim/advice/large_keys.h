/* SPDX-License-Identifier: GPL-3.0-or-later */
/* large_keys: the largest keys, and how each can be made smaller, as far as the trace's commands allow it.
 *
 *     list         LTRIM behind each push, where all pushes are at one end: the newest elements stay
 *     sorted set   ZREMRANGEBYRANK behind each ZADD: the highest scores stay
 *     stream       XTRIM MAXLEN ~: the newest entries stay
 *     hash, set    split into several keys by the hash of the field or member (sim/split.h), unless a command takes it as a whole
 *     queue        no: what LPOP, ZPOPMIN, XREADGROUP ... have not taken yet would be dropped
 *     string       no: it is written as a whole, and only its application can store less
 *
 * A bound loses what is beyond it, and a split key loses nothing. Both are tried: a bound of a half and of a tenth of what the
 * largest key of the prefix has; parts so small that each is a listpack, if the encoding can be one. */
#ifndef SIM_ADVICE_LARGE_KEYS_H
#define SIM_ADVICE_LARGE_KEYS_H

#include "sim/advice/change.h"
#include "sim/advice/diagnosis.h"
#include "sim/census.h"
#include "sim/config.h"
#include "sim/split.h"

/* Fills diagnosis->largest. */
void large_keys_tell(const struct census_look *look, struct diagnosis *diagnosis);

/* Bounds that are worth a trial. */
enum { LARGE_KEYS_TRIMS = 4 };
struct large_keys_trim {
    char *pattern; /* owned */
    struct trim_rule rule;
};
/* At most LARGE_KEYS_TRIMS; fewer of a long trace. Returns how many. */
size_t large_keys_trims(const struct census_look *look, const char *separator, bool is_long,
                        struct large_keys_trim *trims);

/* The hashes and sets of `look` that are worth splitting, and in how many parts; count 0: none is. The names are the look's. */
struct split_rule large_keys_split(const struct census_look *look, const struct redis_config *config);

#endif
