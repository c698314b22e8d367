/* SPDX-License-Identifier: GPL-3.0-or-later */
/* split: a key with many elements as several keys, each with a part of them: what evsim doctor tries for large hashes and sets.
 *
 *     HSET basket:7 tea 1 milk 2      ->  HSET basket:7:12 tea 1;  HSET basket:7:3 milk 2     by the hash of the field
 *     HGETALL basket:7                ->  HGETALL basket:7:0;  HGETALL basket:7:1;  ...      all parts
 *     TTL basket:7                    ->  TTL basket:7:0                                      one will do
 *     SPOP basket:7                   ->  SPOP basket:7:5                                     any, one after the other
 *
 * A list has an order, a sorted set, too, and a string is written as a whole: only their application can divide them. Nor can a
 * command be divided that takes whole values, or two keys: SUNIONSTORE, SORT, RENAME, DUMP. */
#ifndef SIM_SPLIT_H
#define SIM_SPLIT_H

#include "sim/command.h"

#include <stddef.h>

enum split_way { SPLIT_NEVER, SPLIT_BY_ELEMENT, SPLIT_ALL, SPLIT_FIRST, SPLIT_ANY };

/* What becomes of a command on a key that is split. */
enum split_way split_way_of(enum op op);

/* The keys that are split, by their names, and in how many parts: at least 2. */
enum { SPLIT_KEYS = 16 };
struct split_rule {
    struct split_key {
        const char *name;
        unsigned parts;
    } keys[SPLIT_KEYS];
    size_t count;
};

#endif
