/* SPDX-License-Identifier: GPL-3.0-or-later */
/* moments: when a cell's memory was first short. Microseconds since the trace's start; -1: it never was. Of a cluster: in the
 * first of its shards. A warm-up that totals leave out is left out of the first eviction and the first refusal, too; when
 * memory became full does not depend on it. */
#ifndef SIM_MOMENTS_H
#define SIM_MOMENTS_H

#include "sim/fields.h"

#include <stddef.h>
#include <stdint.h>

#define MOMENT_FIELDS(X)                                                                                               \
    X(VALUE, int64_t, full_after_us)     /* what is there, and what comes, was first more than maxmemory */            \
    X(VALUE, int64_t, first_eviction_us) /* a key was first evicted, ... */                                            \
    X(VALUE, int64_t, first_oom_us)      /* ... and a write refused */

struct moments {
    MOMENT_FIELDS(FIELD_DECLARE)
};

enum { MOMENTS = 3 };
struct moment_field {
    const char *name;                /* as a column of seconds: "full_after_s" */
    const char *title, *description; /* of a table for people */
    size_t offset;                   /* of an int64_t in struct moments */
};
extern const struct moment_field moment_fields[MOMENTS];

static const struct moments moments_none = {-1, -1, -1};

static inline int64_t moment_get(const struct moments *moments, int field)
{
    return *(const int64_t *)(const void *)((const char *)moments + moment_fields[field].offset);
}

/* It happens now: unless it has happened before, that is when. */
static inline void moment_note(int64_t *moment, int64_t now_us)
{
    if (__builtin_expect(*moment < 0, 0))
        *moment = now_us;
}

extern const struct layout moments_layout;

#endif
