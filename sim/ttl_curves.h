/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ttl_curves: what a ttl would do to keys that have none: how many reads would still hit, and how many bytes would be there on
 * the average, for each group of keys and each of TTL_CURVE_POINTS ttls, without a limit of memory.
 *
 * Each key's life is followed once for all ttls. The ttl is given as EXPIRE key ttl NX behind each write gives it
 * (ttl_rules.h): a key that has one keeps it, a SET takes it away. Where the application fills misses, a read of a key that has
 * expired is followed by a SET; elsewhere the key stays away until the next write. Keys with a ttl of their own count as they are.
 *
 * No more than TTL_CURVE_KEYS keys are followed: beyond, half of them go, drawn by their ids, and those that are left count
 * twice (as SHARDS does with a fixed number of keys: Waldspurger et al., FAST 2015). */
#ifndef SIM_TTL_CURVES_H
#define SIM_TTL_CURVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TTL_CURVE_POINTS = 24,
    TTL_CURVE_KEYS = 65536,
    TTL_CURVE_GAPS = 256, /* of reuse times: eight for each doubling of milliseconds */
};

/* Seconds; from the least on. Those that are easily said. */
extern const int64_t ttl_curve_seconds[TTL_CURVE_POINTS];

/* Of a group. Sampled keys stand for others, so counts are no whole numbers. */
struct ttl_curve {
    char *name;  /* owned; NULL: nobody has given it one */
    double keys; /* that were there at some time */
    double reads;
    double hits;        /* as it is; */
    double byte_us;     /* bytes times microseconds: by the time they are the mean bytes */
    double own_byte_us; /* of it: while the key had a ttl of its own */
    double hits_at[TTL_CURVE_POINTS];
    double byte_us_at[TTL_CURVE_POINTS];
    double gaps[TTL_CURVE_GAPS]; /* hits, by the time since the key was last named */
};

struct ttl_curves {
    struct ttl_curve *groups; /* owned */
    size_t group_count;
    double share;           /* of the keys that are followed */
    struct ttl_life *lives; /* of those; owned */
    uint32_t count, capacity;
    uint32_t *places; /* by id: 1 + the place of its life, 0: it is not followed; owned */
    uint32_t place_capacity;
};

/* What a command did to one key. */
struct ttl_event {
    uint32_t id;
    unsigned group;
    int64_t now_us;
    uint64_t bytes;      /* of the key behind it; 0: it is not there */
    bool is_read;        /* it looks the key up; a hit if it is there */
    bool is_write;       /* or may give it a value; */
    bool takes_ttl;      /* ... a SET, which takes the ttl away */
    bool has_ttl;        /* the key has one of its own behind it */
    bool fills_misses;   /* the application does, ... */
    int64_t fill_ttl_us; /* ... with this ttl; 0: without one */
};

void ttl_curves_init(struct ttl_curves *curves, size_t groups);
void ttl_curves_release(struct ttl_curves *curves);
/* Whether this key is followed, now that a command names it: else there is no need to see. */
bool ttl_curves_follow(struct ttl_curves *curves, uint32_t id);
/* Of a key that is followed. */
void ttl_curves_see(struct ttl_curves *curves, const struct ttl_event *event);
/* The trace has ended. */
void ttl_curves_finish(struct ttl_curves *curves, int64_t end_us);

/* The time within which so many of the hits (0 to 1) came after the key was last named, in seconds; NaN: there were none. */
double ttl_curve_gap(const struct ttl_curve *curve, double quantile);

#endif
