/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_geo: geohashes as scores. The numbers of the first test were read from a Redis 7.0.15. */
#include "sim/geohash.h"
#include "sim/server/values/zset.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct geo_point palermo = {13.361389, 38.115556}, catania = {15.087269, 37.502669};

static void scores_and_distances_are_the_servers(void **state)
{
    double distance;

    (void)state;
    assert_true(geohash_encode(palermo) == 3479099956230698);
    assert_true(geohash_encode(catania) == 3479447370796909);
    assert_true(geohash_encode((struct geo_point){-180, -85.05112878}) == 0);
    assert_true(geohash_decode(3479099956230698).longitude == 13.36138933897018433);
    assert_true(geohash_decode(3479099956230698).latitude == 38.11555639549629859);
    distance = geo_distance(geohash_decode(3479099956230698), geohash_decode(3479447370796909));
    assert_true(fabs(distance - 166274.1516) < 0.00005);
    assert_false(geo_is_valid((struct geo_point){180.1, 0}));
    assert_false(geo_is_valid((struct geo_point){0, 85.06}));
}

static double random_between(struct random *random, double least, double most)
{
    return least + (most - least) * (double)random_below(random, 1000000) / 1000000;
}

static struct geo_point random_point(struct random *random, double most)
{
    return (struct geo_point){random_between(random, -179, 179), random_between(random, -most, most)};
}

static bool is_in_ranges(const struct geo_shape *shape, struct geo_point point)
{
    struct geo_range ranges[GEO_RANGES];
    uint64_t score = geohash_encode(point);
    int count = geohash_ranges(shape, ranges);

    for (int i = 0; i < count; i++)
        if (score >= ranges[i].least && score < ranges[i].end)
            return true;
    return false;
}

/* Away from the poles and the date line, where the server, too, overlooks some. */
static void the_ranges_hold_all_that_is_covered(void **state)
{
    struct random random = random_stream(random_seed());
    int covered = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        double size = pow(10, random_between(&random, 1, 5.5)), distance;
        struct geo_shape shape = {
            .is_box = random_chance(&random, 2), .radius = size, .width = size, .height = 2 * size};
        struct geo_point point;

        shape.center = (struct geo_point){random_between(&random, -150, 150), random_between(&random, -60, 60)};
        point = (struct geo_point){shape.center.longitude + random_between(&random, -2, 2) * size / 111000,
                                   shape.center.latitude + random_between(&random, -1, 1) * size / 111000};
        if (!geo_covers(&shape, point, &distance))
            continue;
        covered++;
        assert_true(is_in_ranges(&shape, point));
    }
    assert_true(covered > 5000);
}

enum { POINTS = 300 };

/* How many of the points a search stores is how many a look at each of them finds. */
static void searches_find_what_is_there(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});
    struct random random = random_stream(random_seed());
    struct geo_point points[POINTS];
    char text[256];

    (void)state;
    for (int i = 0; i < POINTS; i++) {
        struct geo_point point = random_point(&random, 55);

        points[i] = geohash_decode(geohash_encode(point));
        snprintf(text, sizeof text, "geoadd places %.6f %.6f m%d", point.longitude, point.latitude, i);
        points[i] = (struct geo_point){point.longitude, point.latitude};
        cell_say(cell, text);
    }
    for (int i = 0; i < 200; i++) {
        int center = (int)random_below(&random, POINTS), count = 0, most = 1 + (int)random_below(&random, 12);
        struct geo_shape shape = {.center = geohash_decode(geohash_encode(points[center])),
                                  .radius = 1000 * (50 + (double)random_below(&random, 1500))};
        const struct entry *entry;
        double distance;

        if (fabs(shape.center.longitude) > 150)
            continue;
        for (int j = 0; j < POINTS; j++)
            count += geo_covers(&shape, geohash_decode(geohash_encode(points[j])), &distance);
        snprintf(text, sizeof text, "geosearchstore found places frommember m%d byradius %.0f km", center,
                 shape.radius / 1000);
        cell_say(cell, text);
        entry = entry_of(cell->redis, cell_id(cell, "found"));
        assert_int_equal(zset_of(entry)->count, count);
        snprintf(text, sizeof text, "georadiusbymember places m%d %.0f m count %d storedist found", center,
                 shape.radius, most);
        cell_say(cell, text);
        entry = entry_of(cell->redis, cell_id(cell, "found"));
        assert_int_equal(zset_of(entry)->count, count < most ? count : most);
        assert_true(collection_score(zset_of(entry), zset_at(entry, 0)) == 0); /* the centre itself */
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
    }
    cell_say(cell, "geosearchstore found places fromlonlat 0 0 byradius 0 m");
    assert_int_equal(entry_of(cell->redis, cell_id(cell, "found"))->encoding, ENCODING_ABSENT);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_and_distances_are_the_servers),
        cmocka_unit_test(the_ranges_hold_all_that_is_covered),
        cmocka_unit_test(searches_find_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
