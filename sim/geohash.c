/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/geohash.h"

#include "sim/elementary.h"

#include <math.h>

enum { STEPS = 26 };

static const double longitude_most = 180, latitude_most = 85.05112878;
static const double earth_radius_m = 6372797.560856, mercator_most_m = 20037726.37;

static double radians(double degrees)
{
    return degrees * (M_PI / 180.0);
}

static double degrees(double radians_of)
{
    return radians_of / (M_PI / 180.0);
}

bool geo_is_valid(struct geo_point point)
{
    return fabs(point.longitude) <= longitude_most && fabs(point.latitude) <= latitude_most;
}

/* ---- cells: squares of the map, of which 2^steps are in a row and in a column ---- */

struct cell {
    uint64_t x, y; /* counted from the west and from the south */
    int steps;
};

/* The edges of a cell. */
struct area {
    struct geo_point least, most;
};

static struct cell cell_of(struct geo_point point, int steps)
{
    double x = (point.longitude + longitude_most) / (2 * longitude_most);
    double y = (point.latitude + latitude_most) / (latitude_most + latitude_most);

    return (struct cell){(uint64_t)(x * (double)(UINT64_C(1) << steps)), (uint64_t)(y * (double)(UINT64_C(1) << steps)),
                         steps};
}

static double edge(uint64_t place, int steps, double most)
{
    return -most + ((double)place * 1.0 / (double)(UINT64_C(1) << steps)) * (most + most);
}

static struct area area_of(struct cell cell)
{
    return (struct area){
        {edge(cell.x, cell.steps, longitude_most), edge(cell.y, cell.steps, latitude_most)},
        {edge(cell.x + 1, cell.steps, longitude_most), edge(cell.y + 1, cell.steps, latitude_most)},
    };
}

/* The neighbor of a cell. Both directions wrap around the earth. */
static struct cell beside(struct cell cell, int east, int north)
{
    uint64_t mask = (UINT64_C(1) << cell.steps) - 1;

    return (struct cell){(cell.x + (uint64_t)(int64_t)east) & mask, (cell.y + (uint64_t)(int64_t)north) & mask,
                         cell.steps};
}

/* The latitude's bits have even places, the longitude's odd ones. */
static uint64_t interleave(struct cell cell)
{
    uint64_t bits = 0;

    for (int bit = 0; bit < cell.steps; bit++)
        bits |= (cell.y >> bit & 1) << 2 * bit | (cell.x >> bit & 1) << (2 * bit + 1);
    return bits;
}

uint64_t geohash_encode(struct geo_point point)
{
    return interleave(cell_of(point, STEPS));
}

struct geo_point geohash_decode(uint64_t bits)
{
    struct cell cell = {.steps = STEPS};
    struct area area;
    struct geo_point point;

    for (int bit = 0; bit < 32; bit++) {
        cell.y |= (bits >> 2 * bit & 1) << bit;
        cell.x |= (bits >> (2 * bit + 1) & 1) << bit;
    }
    area = area_of(cell);
    point = (struct geo_point){(area.least.longitude + area.most.longitude) / 2,
                               (area.least.latitude + area.most.latitude) / 2};
    point.longitude = fmax(-longitude_most, fmin(point.longitude, longitude_most));
    point.latitude = fmax(-latitude_most, fmin(point.latitude, latitude_most));
    return point;
}

/* ---- distances ---- */

static double latitude_distance(double from, double to)
{
    return earth_radius_m * fabs(radians(to) - radians(from));
}

double geo_distance(struct geo_point from, struct geo_point to)
{
    double v = elementary_sin((radians(to.longitude) - radians(from.longitude)) / 2), u;

    if (v == 0.0)
        return latitude_distance(from.latitude, to.latitude);
    u = elementary_sin((radians(to.latitude) - radians(from.latitude)) / 2);
    return 2.0 * earth_radius_m *
           elementary_asin(
               sqrt(u * u + elementary_cos(radians(from.latitude)) * elementary_cos(radians(to.latitude)) * v * v));
}

bool geo_covers(const struct geo_shape *shape, struct geo_point point, double *distance)
{
    struct geo_point across = {shape->center.longitude, point.latitude};

    if (shape->is_box && (latitude_distance(point.latitude, shape->center.latitude) > shape->height / 2 ||
                          geo_distance(point, across) > shape->width / 2))
        return false;
    *distance = geo_distance(shape->center, point);
    return shape->is_box || *distance <= shape->radius;
}

/* ---- the cells of a search ---- */

/* geohashEstimateStepsByRadius of geohash_helper.c. */
static int steps_for(double radius_m, double latitude)
{
    int steps = 1;

    if (radius_m == 0)
        return STEPS;
    for (; radius_m < mercator_most_m; radius_m *= 2)
        steps++;
    steps -= 2 + (fabs(latitude) > 66) + (fabs(latitude) > 80);
    return steps < 1 ? 1 : steps > STEPS ? STEPS : steps;
}

/* geohashBoundingBox of geohash_helper.c. */
static struct area bounds_of(const struct geo_shape *shape)
{
    double height = shape->is_box ? shape->height / 2 : shape->radius;
    double width = shape->is_box ? shape->width / 2 : shape->radius;
    double up = degrees(height / earth_radius_m), latitude = shape->center.latitude;
    double nearer = latitude < 0 ? latitude - up : latitude + up;
    double across = degrees(width / earth_radius_m / elementary_cos(radians(nearer)));

    return (struct area){{shape->center.longitude - across, latitude - up},
                         {shape->center.longitude + across, latitude + up}};
}

/* Whether the cell and its neighbors cover the bounds. */
static bool reaches(struct cell cell, const struct area *bounds)
{
    return area_of(beside(cell, 0, 1)).most.latitude >= bounds->most.latitude &&
           area_of(beside(cell, 0, -1)).least.latitude <= bounds->least.latitude &&
           area_of(beside(cell, 1, 0)).most.longitude >= bounds->most.longitude &&
           area_of(beside(cell, -1, 0)).least.longitude <= bounds->least.longitude;
}

/* Whether a neighbor can hold nothing of the shape, because the cell itself reaches farther than the bounds. */
static bool is_useless(const struct area *area, const struct area *bounds, int east, int north)
{
    return (north < 0 && area->least.latitude < bounds->least.latitude) ||
           (north > 0 && area->most.latitude > bounds->most.latitude) ||
           (east < 0 && area->least.longitude < bounds->least.longitude) ||
           (east > 0 && area->most.longitude > bounds->most.longitude);
}

int geohash_ranges(const struct geo_shape *shape, struct geo_range ranges[GEO_RANGES])
{
    static const struct {
        int east, north;
    } order[GEO_RANGES] = {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
    struct area bounds = bounds_of(shape), area;
    double radius = shape->is_box
                        ? sqrt(shape->width / 2 * (shape->width / 2) + shape->height / 2 * (shape->height / 2))
                        : shape->radius;
    int steps = steps_for(radius, shape->center.latitude), count = 0;
    struct cell cell = cell_of(shape->center, steps);

    if (steps > 1 && !reaches(cell, &bounds))
        cell = cell_of(shape->center, --steps);
    area = area_of(cell);
    for (int i = 0; i < GEO_RANGES; i++) {
        struct cell next = beside(cell, order[i].east, order[i].north);
        uint64_t bits = interleave(next);
        struct geo_range range = {bits << (52 - 2 * steps), (bits + 1) << (52 - 2 * steps)};

        if (steps >= 2 && is_useless(&area, &bounds, order[i].east, order[i].north))
            continue;
        if (count && ranges[count - 1].least == range.least)
            continue;
        ranges[count++] = range;
    }
    return count;
}
