/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/goals.h"

#include "sim/units.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const shape =
    "a goal is NAME>=NUMBER, with >=, >, <=, < or =, as in hit_ratio>=0.95,oom_rejections=0";

static const struct {
    const char *name;
    enum goal_measure measure;
} measures[] = {
    {"hit_ratio", GOAL_HIT_RATIO},     {"byte_hit_ratio", GOAL_BYTE_HIT_RATIO},
    {"oom_share", GOAL_OOM_SHARE},     {"evicted_keys/s@p99", GOAL_EVICTED_P99},
    {"misses/s@p99", GOAL_MISSES_P99},
};

static const struct {
    const char *sign;
    enum goal_compare compare;
} signs[] = {
    {">=", GOAL_AT_LEAST}, {"<=", GOAL_AT_MOST}, {"==", GOAL_EQUAL},
    {"=", GOAL_EQUAL},     {">", GOAL_ABOVE},    {"<", GOAL_BELOW},
};

/* ---- reading them ---- */

/* The counter of this name, or COUNTER_COUNT. */
static int find_counter(const char *name)
{
    int field = 0;

    while (field < COUNTER_COUNT && strcmp(counter_fields[field].name, name))
        field++;
    return field;
}

static int unknown_name(const char *name, struct error *error)
{
    if (strstr(name, "/s@"))
        return error_set(error, ERROR_USAGE,
                         "'%s' is not known: rates of minutes are evicted_keys/s@p99 and misses/s@p99", name);
    return error_set(error, ERROR_USAGE,
                     "nothing is called '%s': a goal is about hit_ratio, byte_hit_ratio, oom_share, or a counter of "
                     "summary.json as oom_rejections, evicted_keys, evicted_keys/s, used_memory_peak",
                     name);
}

static int scan_name(struct goal *goal, struct error *error)
{
    char counter[GOAL_TEXT];
    size_t length = strlen(goal->name);

    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (!strcmp(goal->name, measures[i].name)) {
            goal->measure = measures[i].measure;
            return 0;
        }
    memcpy(counter, goal->name, length + 1);
    goal->measure = GOAL_COUNTER;
    if (length > 2 && !strcmp(goal->name + length - 2, "/s")) {
        goal->measure = GOAL_COUNTER_RATE;
        counter[length - 2] = '\0';
    }
    goal->counter = find_counter(counter);
    return goal->counter == COUNTER_COUNT ? unknown_name(goal->name, error) : 0;
}

static bool is_ratio(const struct goal *goal)
{
    return goal->measure <= GOAL_OOM_SHARE;
}

static int scan_target(struct goal *goal, const char *text, struct error *error)
{
    char *end = "";
    uint64_t bytes;
    bool in_bytes = goal->measure == GOAL_COUNTER && !strcmp(counter_fields[goal->counter].unit, "bytes");

    if (in_bytes && scan_size(text, &bytes)) {
        goal->target = (double)bytes;
        return 0;
    }
    goal->target = isdigit((unsigned char)*text) || *text == '.' ? strtod(text, &end) : NAN;
    if (!isnan(goal->target) && is_ratio(goal) && !strcmp(end, "%")) {
        goal->target /= 100;
        end++;
    }
    if (isnan(goal->target) || isinf(goal->target) || *end || strpbrk(text, "xX"))
        return error_set(error, ERROR_USAGE, "'%s' is not a number to compare %s with: %s", text, goal->name, shape);
    if (is_ratio(goal) && goal->target > 1)
        return error_set(error, ERROR_USAGE, "%s is from 0 to 1, and never %s: say 0.95 or 95%%", goal->name, text);
    return 0;
}

/* One goal, without blanks. */
static int scan_goal(struct goal *goal, const char *text, struct error *error)
{
    size_t length = strcspn(text, "<>=");

    if (strlen(text) >= sizeof goal->text)
        return error_set(error, ERROR_USAGE, "'%.40s...' is too long: %s", text, shape);
    if (!length || !text[length])
        return error_set(error, ERROR_USAGE, "'%s' compares nothing: %s", text, shape);
    *goal = (struct goal){0};
    memcpy(goal->text, text, strlen(text) + 1);
    memcpy(goal->name, text, length);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (!strncmp(text + length, signs[i].sign, strlen(signs[i].sign))) {
            goal->compare = signs[i].compare;
            text += length + strlen(signs[i].sign);
            break;
        }
    return scan_name(goal, error) || scan_target(goal, text, error) ? -1 : 0;
}

/* Copies without blanks what lies before the comma, and moves past it. False if there is no room. */
static bool next_item(const char **text, char *item, size_t bytes)
{
    size_t used = 0;

    for (; **text && **text != ','; (*text)++)
        if (!isspace((unsigned char)**text)) {
            if (used + 1 >= bytes)
                return false;
            item[used++] = **text;
        }
    item[used] = '\0';
    return true;
}

int goals_scan(struct goals *goals, const char *text, struct error *error)
{
    char item[256];

    goals->count = 0;
    for (;; text++) {
        if (!next_item(&text, item, sizeof item))
            return error_set(error, ERROR_USAGE, "a goal is too long: %s", shape);
        if (!*item)
            return error_set(error, ERROR_USAGE, "a goal is empty: %s", shape);
        if (goals->count == GOALS)
            return error_set(error, ERROR_USAGE, "more than %d goals", GOALS);
        if (scan_goal(&goals->goals[goals->count], item, error))
            return -1;
        for (size_t i = 0; i < goals->count; i++)
            if (!strcmp(goals->goals[i].text, item))
                return error_set(error, ERROR_USAGE, "'%s' is there twice", item);
        goals->count++;
        if (!*text)
            return 0;
    }
}

/* ---- what results say ---- */

static double per_second(double count, int64_t duration_us)
{
    return duration_us > 0 ? count / ((double)duration_us / 1e6) : NAN;
}

/* Of a measure that is a ratio; NaN of others. */
static double ratio_of_shard(const struct goal *goal, const struct shard *shard)
{
    double part = goal->measure == GOAL_HIT_RATIO        ? (double)shard->hits
                  : goal->measure == GOAL_BYTE_HIT_RATIO ? (double)shard->hit_bytes
                                                         : (double)shard->oom_rejections;
    uint64_t whole = goal->measure == GOAL_HIT_RATIO        ? shard->reads
                     : goal->measure == GOAL_BYTE_HIT_RATIO ? shard->read_bytes
                     : goal->measure == GOAL_OOM_SHARE      ? shard->writes
                                                            : 0;

    return whole ? part / (double)whole : (double)NAN;
}

static double value_in_all(const struct goal *goal, const struct result *result, int64_t duration_us)
{
    switch (goal->measure) {
    case GOAL_HIT_RATIO:
        return result_hit_ratio(result);
    case GOAL_BYTE_HIT_RATIO:
        return result_byte_hit_ratio(result);
    case GOAL_OOM_SHARE:
        return result_oom_share(result);
    case GOAL_EVICTED_P99:
        return result->quality.evicted_keys_per_s_p99_minute;
    case GOAL_MISSES_P99:
        return result->quality.misses_per_s_p99_minute;
    case GOAL_COUNTER:
        return (double)counter_get(&result->counters, goal->counter);
    case GOAL_COUNTER_RATE:
        return per_second((double)counter_get(&result->counters, goal->counter), duration_us);
    }
    return NAN;
}

double goal_value(const struct goal *goal, const struct result *result, int64_t duration_us)
{
    double worst = value_in_all(goal, result, duration_us);

    for (size_t i = 0; i < result->shard_count; i++) {
        double value = ratio_of_shard(goal, &result->shards[i]);

        if (!isnan(value) && (isnan(worst) || goal_lack(goal, value) > goal_lack(goal, worst)))
            worst = value;
    }
    return worst;
}

bool goal_meets(const struct goal *goal, double value)
{
    switch (goal->compare) {
    case GOAL_AT_LEAST:
        return value >= goal->target;
    case GOAL_ABOVE:
        return value > goal->target;
    case GOAL_AT_MOST:
        return value <= goal->target;
    case GOAL_BELOW:
        return value < goal->target;
    case GOAL_EQUAL:
        return value == goal->target;
    }
    return false;
}

double goal_lack(const struct goal *goal, double value)
{
    switch (goal->compare) {
    case GOAL_AT_LEAST:
    case GOAL_ABOVE:
        return goal->target - value;
    case GOAL_AT_MOST:
    case GOAL_BELOW:
        return value - goal->target;
    case GOAL_EQUAL:
        return fabs(value - goal->target);
    }
    return NAN;
}

/* ---- windows ---- */

/* Counters that every point of a curve has. */
static const struct {
    int counter;
    size_t offset;
} window_counters[] = {
    {COUNTER_hits, offsetof(struct sample, hits)},
    {COUNTER_misses, offsetof(struct sample, misses)},
    {COUNTER_misses_cold, offsetof(struct sample, misses_cold)},
    {COUNTER_misses_expired_lazily, offsetof(struct sample, misses_expired_lazily)},
    {COUNTER_misses_expired_by_cycle, offsetof(struct sample, misses_expired_by_cycle)},
    {COUNTER_misses_evicted, offsetof(struct sample, misses_evicted)},
    {COUNTER_misses_deleted, offsetof(struct sample, misses_deleted)},
    {COUNTER_misses_flushed, offsetof(struct sample, misses_flushed)},
    {COUNTER_misses_refused, offsetof(struct sample, misses_refused)},
    {COUNTER_misses_not_admitted, offsetof(struct sample, misses_not_admitted)},
    {COUNTER_evicted_keys, offsetof(struct sample, evicted_keys)},
    {COUNTER_expired_keys, offsetof(struct sample, expired_keys)},
    {COUNTER_oom_rejections, offsetof(struct sample, oom_rejections)},
};
enum { WINDOW_COUNTERS = sizeof window_counters / sizeof *window_counters };

static int find_window_counter(const struct goal *goal)
{
    int i = 0;

    if (goal->measure != GOAL_COUNTER && goal->measure != GOAL_COUNTER_RATE)
        return WINDOW_COUNTERS;
    while (i < WINDOW_COUNTERS && window_counters[i].counter != goal->counter)
        i++;
    return i;
}

bool goal_has_windows(const struct goal *goal)
{
    return goal->measure == GOAL_HIT_RATIO || find_window_counter(goal) < WINDOW_COUNTERS;
}

static double counted(const struct sample *from, const struct sample *to, size_t offset)
{
    uint64_t end = *(const uint64_t *)((const char *)to + offset);

    return (double)(end - (from ? *(const uint64_t *)((const char *)from + offset) : 0));
}

double goal_window_value(const struct goal *goal, const struct sample *from, const struct sample *to)
{
    double hits = counted(from, to, offsetof(struct sample, hits));
    double misses = counted(from, to, offsetof(struct sample, misses));
    double count;

    if (goal->measure == GOAL_HIT_RATIO)
        return hits + misses > 0 ? hits / (hits + misses) : NAN;
    assert(goal_has_windows(goal));
    count = counted(from, to, window_counters[find_window_counter(goal)].offset);
    return goal->measure == GOAL_COUNTER ? count : per_second(count, to->time_us - (from ? from->time_us : 0));
}
