/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verbs: the operations of libCacheSim's binary traces, by the numbers that it gives them (req_op_e): memcached's verbs, as
 * twitter has them by name, and read, write and update.
 *
 *     0 nop  1 get  2 gets  3 set  4 add  5 cas  6 replace  7 append  8 prepend  9 delete  10 incr  11 decr
 *     12 read  13 write  14 update  255 invalid */
#ifndef TRACES_BINARY_VERBS_H
#define TRACES_BINARY_VERBS_H

#include "traces/binary/records.h"

/* Whether there is an operation of this number. */
static inline bool verb_exists(unsigned number)
{
    return number <= 14 || number == 255;
}

/* Gives the record its operation, and counts what has no equal. RECORD_DONE; RECORD_LEFT_OUT: it is not modeled, which is
 * counted. */
int record_set_verb(struct records *records, struct record *record, unsigned number);

/* The same where traces without operations are converted, too: nop and invalid are what they have, and mean get. */
static inline int record_set_verb_or_get(struct records *records, struct record *record, unsigned number)
{
    return number == 0 || number == 255 ? RECORD_DONE : record_set_verb(records, record, number);
}

#endif
