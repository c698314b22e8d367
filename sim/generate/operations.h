/* SPDX-License-Identifier: GPL-3.0-or-later */
/* operations: what requests do. A row each: what --op takes, and how it is written.
 *
 * Operations on collections have keys of their own: key 17 of a hash is called "hash:17" behind its prefix, so that no command
 * meets a key of another type. A request for it is as popular as for the string of that number. */
#ifndef SIM_GENERATE_OPERATIONS_H
#define SIM_GENERATE_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* What becomes of the key, in a cache that never evicts. */
enum operation_effect {
    EFFECT_NONE,    /* a read */
    EFFECT_STORE,   /* it is there, with its own ttl or none */
    EFFECT_ADD,     /* likewise, unless it was there */
    EFFECT_REPLACE, /* likewise, if it was there */
    EFFECT_CHANGE,  /* it is there; one that was not has no ttl */
    EFFECT_DELETE,
    EFFECT_RETIME, /* it gets its ttl anew, if it was there */
};

struct operation {
    const char *name;    /* as --op takes it */
    const char *verb;    /* memcached's, in Twitter's format; NULL: it has none */
    const char *infix;   /* in the names of its keys */
    const char *command; /* of Redis: %k is the key, %v a value, %m a member, %s a score, %t the key's ttl in seconds */
    enum operation_effect effect;
    bool has_value; /* it carries the key's value, or reads it: the row has its size and its ttl */
    bool sets;      /* SET: followed by EX and the ttl, of a key that has one */
};

extern const struct operation operations[];
extern const size_t operation_count;

/* NULL: none has this name. */
const struct operation *operation_find(const char *name, size_t length);

#endif
