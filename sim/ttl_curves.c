/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/ttl_curves.h"

#include "sim/alloc.h"
#include "sim/elementary.h"

#include <math.h>
#include <stdlib.h>

const int64_t ttl_curve_seconds[TTL_CURVE_POINTS] = {1,     2,     5,      10,     20,     30,      60,      120,
                                                     300,   600,   1200,   1800,   3600,   7200,    14400,   28800,
                                                     43200, 86400, 172800, 259200, 604800, 1209600, 2592000, 7776000};

struct ttl_life {
    uint32_t id;
    unsigned group;
    bool is_followed, has_ttl;
    int64_t last_us;                    /* it was last named */
    uint64_t bytes;                     /* since then; 0: it is not there */
    int64_t until_us[TTL_CURVE_POINTS]; /* with each ttl; in the past: it is not there */
};

void ttl_curves_init(struct ttl_curves *curves, size_t groups)
{
    *curves = (struct ttl_curves){.share = 1, .group_count = groups};
    curves->groups = xcalloc(groups, sizeof *curves->groups);
}

void ttl_curves_release(struct ttl_curves *curves)
{
    for (size_t g = 0; g < curves->group_count; g++)
        free(curves->groups[g].name);
    free(curves->groups);
    free(curves->lives);
    free(curves->places);
    *curves = (struct ttl_curves){0};
}

/* ---- which keys are followed ---- */

/* Uniform in [0, 1) by the id alone: the finalizer of splitmix64. */
static double draw(uint32_t id)
{
    uint64_t x = id + UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return (double)(x >> 11) * 0x1p-53;
}

/* The last place is moved into one that becomes free. */
static void forget(struct ttl_curves *curves, uint32_t place)
{
    curves->places[curves->lives[place].id] = 0;
    curves->count--;
    if (place == curves->count)
        return;
    curves->lives[place] = curves->lives[curves->count];
    curves->places[curves->lives[place].id] = place + 1;
}

static void halve(struct ttl_curves *curves)
{
    curves->share /= 2;
    for (uint32_t place = curves->count; place--;)
        if (draw(curves->lives[place].id) >= curves->share)
            forget(curves, place);
}

bool ttl_curves_follow(struct ttl_curves *curves, uint32_t id)
{
    if (curves->place_capacity <= id)
        curves->places = xgrow(curves->places, &curves->place_capacity, id + 1, sizeof *curves->places);
    if (curves->places[id])
        return true;
    if (curves->share < 1 && draw(id) >= curves->share)
        return false;
    if (curves->count == TTL_CURVE_KEYS) {
        halve(curves);
        if (draw(id) >= curves->share)
            return false;
    }
    if (curves->count == curves->capacity)
        curves->lives = xgrow(curves->lives, &curves->capacity, curves->count + 1, sizeof *curves->lives);
    curves->lives[curves->count] = (struct ttl_life){.id = id};
    curves->places[id] = ++curves->count;
    return true;
}

/* ---- a key's life ---- */

/* The time since the key was last named is over: it was there for all of it, or until a ttl had passed. */
static void pass(struct ttl_curve *curve, const struct ttl_life *life, int64_t now_us, double weight)
{
    double bytes = (double)life->bytes * weight, all = bytes * (double)(now_us - life->last_us);

    if (!life->bytes)
        return;
    curve->byte_us += all;
    if (life->has_ttl)
        curve->own_byte_us += all;
    for (int i = 0; i < TTL_CURVE_POINTS; i++) {
        int64_t until_us = life->has_ttl || life->until_us[i] > now_us ? now_us : life->until_us[i];

        if (until_us > life->last_us)
            curve->byte_us_at[i] += bytes * (double)(until_us - life->last_us);
    }
}

static void count_gap(struct ttl_curve *curve, int64_t gap_us, double weight)
{
    double place = gap_us > 1000 ? 8 * elementary_log2((double)gap_us / 1000) : 0;

    curve->gaps[place < TTL_CURVE_GAPS - 1 ? (int)place : TTL_CURVE_GAPS - 1] += weight;
}

static void read_key(struct ttl_curve *curve, struct ttl_life *life, const struct ttl_event *event, double weight)
{
    curve->reads += weight;
    if (!life->bytes || !event->bytes)
        return;
    curve->hits += weight;
    count_gap(curve, event->now_us - life->last_us, weight);
    for (int i = 0; i < TTL_CURVE_POINTS; i++)
        if (life->has_ttl || life->until_us[i] >= event->now_us)
            curve->hits_at[i] += weight;
        else if (event->fills_misses)
            life->until_us[i] =
                event->now_us + (event->fill_ttl_us ? event->fill_ttl_us : ttl_curve_seconds[i] * 1000000);
}

static void write_key(struct ttl_life *life, const struct ttl_event *event)
{
    for (int i = 0; i < TTL_CURVE_POINTS; i++)
        if (event->takes_ttl || life->has_ttl || !life->bytes || life->until_us[i] < event->now_us)
            life->until_us[i] = event->now_us + ttl_curve_seconds[i] * 1000000;
}

void ttl_curves_see(struct ttl_curves *curves, const struct ttl_event *event)
{
    struct ttl_life *life = &curves->lives[curves->places[event->id] - 1];
    struct ttl_curve *curve = &curves->groups[event->group];
    double weight = 1 / curves->share;

    pass(curve, life, event->now_us, weight);
    if (event->is_read)
        read_key(curve, life, event, weight);
    if (event->bytes && event->is_write)
        write_key(life, event);
    if (event->bytes && !life->is_followed)
        curve->keys += weight;
    life->is_followed |= event->bytes > 0;
    life->group = event->group;
    life->bytes = event->bytes;
    life->has_ttl = event->has_ttl;
    life->last_us = event->now_us;
}

void ttl_curves_finish(struct ttl_curves *curves, int64_t end_us)
{
    for (uint32_t place = 0; place < curves->count; place++) {
        struct ttl_life *life = &curves->lives[place];

        pass(&curves->groups[life->group], life, end_us, 1 / curves->share);
        life->last_us = end_us;
    }
}

double ttl_curve_gap(const struct ttl_curve *curve, double quantile)
{
    double all = 0, sum = 0;

    for (int i = 0; i < TTL_CURVE_GAPS; i++)
        all += curve->gaps[i];
    for (int i = 0; i < TTL_CURVE_GAPS && all > 0; i++) {
        sum += curve->gaps[i];
        if (sum >= quantile * all)
            return elementary_exp2((i + 1) / 8.0) / 1000;
    }
    return NAN;
}
