/* SPDX-License-Identifier: GPL-3.0-or-later */
/* geohash: places on the earth as numbers of 52 bits, which are the scores of a sorted set.
 *
 *     26 bits of the longitude and 26 of the latitude, in turns: places that lie close together mostly have scores close
 *     together, and a square of the map is a range of scores
 *
 * Source: geohash.c, geohash_helper.c of Redis 7.0: the same arithmetic in the same order, to the last bit. */
#ifndef SIM_GEOHASH_H
#define SIM_GEOHASH_H

#include <stdbool.h>
#include <stdint.h>

/* Degrees. */
struct geo_point {
    double longitude, latitude;
};

/* What a search covers: a circle, or a box that lies along the axes. Metres. */
struct geo_shape {
    struct geo_point center;
    bool is_box;
    double radius, width, height;
};

/* Scores from `least` on, below `end`. */
struct geo_range {
    uint64_t least, end;
};
enum { GEO_RANGES = 9 };

/* Longitude -180 to 180, latitude -85.05112878 to 85.05112878. */
bool geo_is_valid(struct geo_point point);
uint64_t geohash_encode(struct geo_point point);
/* The middle of what the number stands for. */
struct geo_point geohash_decode(uint64_t bits);
/* Metres. */
double geo_distance(struct geo_point from, struct geo_point to);
/* Whether the shape has the point; then *distance is that from its centre. */
bool geo_covers(const struct geo_shape *shape, struct geo_point point, double *distance);
/* The ranges that hold all points of the shape, in the server's order; returns how many. */
int geohash_ranges(const struct geo_shape *shape, struct geo_range ranges[GEO_RANGES]);

#endif
