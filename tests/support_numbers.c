/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_numbers.h"

#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <jansson.h>

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- what is expected ---- */

struct expected {
    char **list; /* in the order of the text; owned */
    size_t count;
};

char *support_numbers_joined(const char *text)
{
    char *line = xmalloc(strlen(text) + 1), *end = line;

    for (; *text; text++)
        if (!isspace((unsigned char)*text))
            *end++ = *text;
        else if (end > line && end[-1] != ' ')
            *end++ = ' ';
    *end = '\0';
    return line;
}

/* A text in which there are no digits need not be found. */
static void expect(struct expected *expected, const char *text)
{
    char *copy = support_numbers_joined(text);

    printable(copy);
    if (!strpbrk(copy, "0123456789")) {
        free(copy);
        return;
    }
    expected->list = xrealloc(expected->list, (expected->count + 1) * sizeof *expected->list);
    expected->list[expected->count++] = copy;
}

__attribute__((format(printf, 2, 3))) static void expect_as(struct expected *expected, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    expect(expected, text);
}

static json_t *at(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

static const char *text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(at(object, name));

    return text ? text : "";
}

/* NaN: it is null, or not there. */
static double number_at(const json_t *object, const char *name)
{
    return json_is_number(at(object, name)) ? json_number_value(at(object, name)) : NAN;
}

static bool is_true(const json_t *object, const char *name)
{
    return json_is_true(at(object, name));
}

static uint64_t whole(double value)
{
    return value > 0 ? (uint64_t)llround(value) : 0;
}

static void expect_count(struct expected *expected, double value)
{
    char text[UNITS_TEXT];

    if (!isnan(value))
        expect(expected, print_count(text, whole(value)));
}

static void expect_bytes(struct expected *expected, double value)
{
    char text[UNITS_TEXT];

    if (!isnan(value))
        expect(expected, print_bytes(text, whole(value)));
}

static void expect_seconds(struct expected *expected, double value)
{
    char text[UNITS_TEXT];

    if (!isnan(value))
        expect(expected, print_duration(text, llround(value * 1e6)));
}

static void expect_percent(struct expected *expected, int decimals, double ratio)
{
    if (!isnan(ratio))
        expect_as(expected, "%.*f", decimals, 100 * ratio);
}

/* ---- sentences ---- */

/* What a fact says of itself must be its value, in its unit. */
static void expect_fact(struct expected *expected, const json_t *fact)
{
    const char *unit = text_at(fact, "unit"), *text = text_at(fact, "text"), *point = strchr(text, '.');
    double value = number_at(fact, "value");
    char exact[UNITS_TEXT];

    if (!strcmp(unit, "text"))
        expect(expected, text);
    else if (!strcmp(unit, "count"))
        expect_count(expected, value);
    else if (!strcmp(unit, "bytes"))
        expect_bytes(expected, value);
    else if (!strcmp(unit, "maxmemory"))
        expect(expected, print_maxmemory(exact, whole(value)));
    else if (!strcmp(unit, "seconds"))
        expect_seconds(expected, value);
    else if (!strcmp(unit, "share"))
        expect_percent(expected, point ? (int)strlen(point + 1) : 0, value);
    else
        expect_as(expected, "0 is of no known unit: %s", unit);
}

static void expect_facts(struct expected *expected, const json_t *owner, const char *name)
{
    const json_t *facts = at(owner, name), *fact;
    size_t i;

    json_array_foreach(facts, i, fact) expect_fact(expected, fact);
}

static void expect_warnings(struct expected *expected, const json_t *owner)
{
    const json_t *warning;
    size_t i;

    json_array_foreach(at(owner, "warnings"), i, warning) expect(expected, text_at(warning, "text"));
}

static void expect_trace(struct expected *expected, const json_t *trace)
{
    expect(expected, text_at(trace, "path"));
    expect(expected, text_at(trace, "format_shown"));
    expect_count(expected, number_at(trace, "commands"));
    expect_count(expected, number_at(trace, "keys"));
    expect_seconds(expected, number_at(trace, "duration_s"));
}

/* ---- doctor ---- */

static void expect_sample(struct expected *expected, const json_t *sample)
{
    static const char *const parts[] = {"strings", "hashes", "lists",      "sets",    "zsets",         "streams",
                                        "keys",    "tables", "rehashing",  "expires", "query_buffers", "output_buffers",
                                        "clients", "pubsub", "arguments",  "backlog", "replicas",      "scripts",
                                        "logs",    "other",  "histograms", "startup"};
    char name[64];

    if (!json_is_object(sample))
        return;
    expect_seconds(expected, number_at(sample, "time_us") / 1e6);
    expect_bytes(expected, number_at(sample, "used_memory"));
    expect_bytes(expected, number_at(sample, "maxmemory"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(name, sizeof name, "memory_%s", parts[i]);
        if (number_at(sample, name) > 0)
            expect_bytes(expected, number_at(sample, name));
    }
}

static const char *command_of(const json_t *cause)
{
    const json_t *fact = json_array_get(at(cause, "first_facts"), 0);

    return !strcmp(text_at(fact, "name"), "command") ? text_at(fact, "text") : "";
}

static bool is_known(const json_t *causes, size_t place)
{
    const json_t *cause = json_array_get(causes, place);

    for (size_t i = 0; i < place; i++) {
        const json_t *before = json_array_get(causes, i);

        if (!strcmp(text_at(before, "first"), text_at(cause, "first")) ||
            (*command_of(cause) && !strcmp(command_of(before), command_of(cause))))
            return true;
    }
    return !place;
}

static void expect_causes(struct expected *expected, const json_t *causes)
{
    const json_t *cause;
    size_t i;

    json_array_foreach(causes, i, cause)
    {
        expect_facts(expected, cause, "says_facts");
        expect_facts(expected, cause, "facts");
        if (!is_known(causes, i))
            expect_facts(expected, cause, "first_facts");
    }
}

static bool has_cause(const json_t *causes, const char *name)
{
    const json_t *cause;
    size_t i;

    json_array_foreach(causes, i, cause) if (!strcmp(text_at(cause, "name"), name)) return true;
    return false;
}

static void expect_large_keys(struct expected *expected, const json_t *largest)
{
    double most = number_at(json_array_get(largest, 0), "bytes");
    size_t count = 0;

    for (; count < json_array_size(largest); count++) {
        const json_t *key = json_array_get(largest, count);

        if (10 * number_at(key, "bytes") < most)
            break;
        expect(expected, text_at(key, "name"));
        if (number_at(key, "db") > 0)
            expect_count(expected, number_at(key, "db"));
        if (number_at(key, "elements") > 0)
            expect_count(expected, number_at(key, "elements"));
        expect_bytes(expected, number_at(key, "bytes"));
        expect_percent(expected, 1, number_at(key, "share"));
    }
    for (size_t i = 0; i < count; i++) {
        const char *why = text_at(json_array_get(largest, i), "why");
        bool is_told = !*why;

        for (size_t k = 0; k < i; k++)
            is_told |= !strcmp(text_at(json_array_get(largest, k), "why"), why);
        if (!is_told)
            expect(expected, text_at(json_array_get(largest, i), "name"));
    }
}

static void expect_seen(struct expected *expected, const json_t *seen, bool is_ratio)
{
    double mean = number_at(seen, "mean"), half = number_at(seen, "half_width");

    if (isnan(mean))
        return;
    if (is_ratio && half >= 0.1) {
        expect_percent(expected, 1, mean);
        expect_percent(expected, 0, half);
    } else if (is_ratio) {
        expect_percent(expected, 2, mean);
        if (half >= 5e-5)
            expect_percent(expected, 2, half);
    } else {
        expect_count(expected, mean);
        if (half >= 0.5)
            expect_count(expected, half);
    }
}

static const char *short_name(const json_t *trial)
{
    static const char prefix[] = "maxmemory-policy ";
    const char *name = text_at(trial, "name");

    return strncmp(name, prefix, sizeof prefix - 1) ? name : name + sizeof prefix - 1;
}

static void expect_trial(struct expected *expected, const json_t *trial)
{
    expect(expected, short_name(trial));
    expect_seen(expected, at(trial, "oom_rejections"), false);
    expect_seen(expected, at(trial, "hit_ratio"), true);
    expect_seen(expected, at(trial, "evicted_keys"), false);
    expect_bytes(expected, number_at(at(trial, "used_memory_peak"), "most"));
}

static void expect_remedies(struct expected *expected, const json_t *diagnosis)
{
    const json_t *remedies = at(diagnosis, "remedies"), *trial;
    size_t i, commands = 0;

    if (!json_array_size(remedies))
        return;
    expect_trial(expected, at(diagnosis, "now"));
    json_array_foreach(remedies, i, trial) if (is_true(trial, "is_told")) expect_trial(expected, trial);
    expect_count(expected, number_at(at(diagnosis, "now"), "seeds"));
    expect_percent(expected, 0, number_at(diagnosis, "confidence"));
    if (number_at(diagnosis, "without_effect") > 0)
        expect_count(expected, number_at(diagnosis, "without_effect"));
    json_array_foreach(remedies, i, trial) if (is_true(trial, "is_told") && commands++ < 3)
        expect(expected, text_at(trial, "command"));
}

static double mean_of(const json_t *trial, const char *name)
{
    return number_at(at(trial, name), "mean");
}

static void expect_loss(struct expected *expected, const json_t *trial, const char *lost, const char *for_good,
                        const char *in_vain)
{
    expect(expected, short_name(trial));
    expect_count(expected, mean_of(trial, lost));
    expect_count(expected, mean_of(trial, for_good));
    expect_count(expected, mean_of(trial, in_vain));
}

static void expect_losses(struct expected *expected, const json_t *diagnosis)
{
    const json_t *now = at(diagnosis, "now"), *trial;
    size_t i;

    if (strcmp(text_at(diagnosis, "role"), "store") != 0)
        return;
    if (mean_of(now, "evicted_keys") > 0)
        expect_loss(expected, now, "evicted_keys", "evicted_for_good", "misses_evicted");
    json_array_foreach(at(diagnosis, "remedies"), i, trial)
    {
        if (!is_true(trial, "is_told"))
            continue;
        if (mean_of(trial, "evicted_keys") > 0)
            expect_loss(expected, trial, "evicted_keys", "evicted_for_good", "misses_evicted");
        if (is_true(trial, "changes_application") && mean_of(trial, "expired_keys") > mean_of(now, "expired_keys"))
            expect_loss(expected, trial, "expired_keys", "expired_for_good", "misses_expired");
        if (mean_of(trial, "trimmed_elements") > 0)
            expect_loss(expected, trial, "trimmed_elements", "", "");
    }
}

static void expect_ttls(struct expected *expected, const json_t *diagnosis)
{
    const json_t *ttl;
    size_t i;

    if (!json_array_size(at(diagnosis, "remedies")))
        return;
    json_array_foreach(at(diagnosis, "ttls"), i, ttl)
    {
        expect(expected, text_at(ttl, "prefix"));
        expect_count(expected, number_at(ttl, "keys"));
        expect_bytes(expected, number_at(ttl, "mean_bytes"));
        expect_percent(expected, 2, number_at(ttl, "hit_ratio"));
        if (!(number_at(ttl, "knee_s") > 0))
            continue;
        expect_seconds(expected, number_at(ttl, "knee_s"));
        expect_bytes(expected, number_at(ttl, "knee_mean_bytes"));
        expect_percent(expected, 2, number_at(ttl, "knee_hit_ratio"));
    }
}

/* Infinite is null in the JSON. */
static void expect_hours(struct expected *expected, double hours)
{
    char text[UNITS_TEXT];

    if (isnan(hours) || hours > 24 * 3650)
        return;
    if (hours > 72)
        expect_as(expected, "%.1f days", hours / 24);
    else
        expect(expected, print_duration(text, (int64_t)(hours * 3600e6)));
}

static void expect_growth(struct expected *expected, const json_t *diagnosis)
{
    const json_t *growth = at(diagnosis, "growth"), *outlook;
    size_t i;

    if (!isnan(number_at(growth, "bytes_per_hour"))) {
        expect_bytes(expected, number_at(diagnosis, "unlimited_peak"));
        if (number_at(growth, "low") > 0) {
            expect_bytes(expected, number_at(growth, "bytes_per_hour"));
            expect_percent(expected, 0, number_at(diagnosis, "confidence"));
            expect_bytes(expected, number_at(growth, "low"));
            expect_bytes(expected, number_at(growth, "high"));
        }
    }
    json_array_foreach(at(diagnosis, "outlooks"), i, outlook)
    {
        expect_as(expected, "x%g", number_at(outlook, "factor"));
        expect_bytes(expected, number_at(outlook, "maxmemory"));
        if (is_true(outlook, "full_in_trace"))
            continue;
        if (number_at(outlook, "soonest") > 24 * 3650)
            continue;
        expect_hours(expected, number_at(outlook, "hours"));
        expect_hours(expected, number_at(outlook, "soonest"));
        expect_hours(expected, number_at(outlook, "latest"));
    }
}

static void expect_doctor(struct expected *expected, const json_t *diagnosis)
{
    const json_t *refusal = at(diagnosis, "first_refusal");

    expect_facts(expected, diagnosis, "verdict_facts");
    expect_facts(expected, diagnosis, "first_facts");
    expect(expected, text_at(at(diagnosis, "trace"), "grow"));
    expect(expected, text_at(diagnosis, "cluster"));
    expect(expected, text_at(diagnosis, "shard"));
    expect_sample(expected, json_is_object(refusal) ? refusal : at(diagnosis, "first_eviction"));
    expect_causes(expected, at(diagnosis, "causes"));
    expect_facts(expected, diagnosis, "role_facts");
    expect_trace(expected, at(diagnosis, "trace"));
    if (has_cause(at(diagnosis, "causes"), "few-large-keys"))
        expect_large_keys(expected, at(diagnosis, "largest"));
    expect_remedies(expected, diagnosis);
    expect_losses(expected, diagnosis);
    expect_ttls(expected, diagnosis);
    expect_growth(expected, diagnosis);
    expect_warnings(expected, diagnosis);
}

/* ---- size ---- */

static void expect_size_text(struct expected *expected, double bytes)
{
    char text[UNITS_TEXT];

    if (!isnan(bytes))
        expect(expected, print_maxmemory(text, whole(bytes)));
}

static const json_t *smallest_of(const json_t *lines)
{
    const json_t *smallest = NULL, *line;
    size_t i;

    json_array_foreach(lines, i, line) if (!isnan(number_at(line, "maxmemory")) &&
                                           (!smallest || number_at(line, "maxmemory") <
                                                             number_at(smallest, "maxmemory"))) smallest = line;
    return smallest;
}

static bool has_servers(const json_t *lines)
{
    const json_t *line;
    size_t i;

    json_array_foreach(
        lines, i, line) if (strcmp(text_at(line, "server"), text_at(json_array_get(lines, 0), "server"))) return true;
    return false;
}

static void expect_name(struct expected *expected, const json_t *lines, const json_t *line)
{
    expect(expected, text_at(line, "policy"));
    if (has_servers(lines))
        expect(expected, text_at(line, "server"));
}

static void expect_answer(struct expected *expected, const json_t *lines)
{
    const json_t *line = smallest_of(lines);

    if (!line)
        return;
    expect_name(expected, lines, line);
    expect_size_text(expected, number_at(line, "maxmemory"));
    expect_bytes(expected, number_at(line, "maxmemory"));
    expect(expected, text_at(line, "policy"));
    expect_size_text(expected, number_at(line, at(line, "shard_maxmemory") ? "shard_maxmemory" : "maxmemory"));
}

/* As a summary of the reading says when the trace began, if it does not say so itself. */
static void expect_start(struct expected *expected, const json_t *trace)
{
    time_t seconds = (time_t)(number_at(trace, "start_unix_us") / 1e6);
    char text[64];
    struct tm tm;

    strftime(text, sizeof text, "start %Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &tm));
    if (is_true(at(trace, "assumed"), "start"))
        expect(expected, text);
}

static void expect_search(struct expected *expected, const json_t *line)
{
    const json_t *trace = at(line, "trace"), *search = at(line, "search"), *goal;
    size_t i;

    expect(expected, text_at(trace, "path"));
    expect(expected, text_at(trace, "format"));
    expect_count(expected, number_at(trace, "commands"));
    expect_count(expected, number_at(trace, "keys"));
    expect_seconds(expected, number_at(trace, "duration_s"));
    if (number_at(trace, "warmup_s") > 0)
        expect_seconds(expected, number_at(trace, "warmup_s"));
    json_array_foreach(at(json_array_get(at(line, "tried"), 0), "goals"), i, goal)
        expect(expected, text_at(goal, "goal"));
    expect_as(expected, "%.0f simulations", number_at(search, "simulations"));
    expect_as(expected, "%.0f readings", number_at(search, "readings"));
    expect_as(expected, "%g %%", 100 * number_at(search, "precision"));
    if (number_at(search, "seeds") > 1)
        expect_as(expected, "%.0f seeds", number_at(search, "seeds"));
    expect(expected, text_at(line, at(line, "slots") ? "slots" : "shards"));
    expect(expected, text_at(trace, "grow"));
    expect_start(expected, trace);
    expect_warnings(expected, line);
}

static void expect_value(struct expected *expected, const json_t *goal)
{
    const char *name = text_at(goal, "name");
    double value = number_at(goal, "mean");

    if (isnan(value))
        return;
    if (!strcmp(name, "hit_ratio") || !strcmp(name, "byte_hit_ratio") || !strcmp(name, "oom_share"))
        expect_percent(expected, 3, value);
    else if (value >= 100 || value <= floor(value))
        expect_count(expected, value);
    else
        expect_as(expected, "%.3g", value);
}

static void expect_rows(struct expected *expected, const json_t *lines)
{
    const json_t *line, *goal;
    size_t i, g;

    json_array_foreach(at(json_array_get(at(json_array_get(lines, 0), "tried"), 0), "goals"), g, goal)
        expect(expected, text_at(goal, "name"));
    expect(expected, "hits +10 %");
    json_array_foreach(lines, i, line)
    {
        if (has_servers(lines))
            expect(expected, text_at(line, "server"));
        expect(expected, text_at(line, "policy"));
        expect_size_text(expected, number_at(line, "maxmemory"));
        json_array_foreach(at(line, "goals"), g, goal) expect_value(expected, goal);
        expect_percent(expected, 3, number_at(at(line, "with_10_percent_more"), "hit_ratio"));
    }
}

static void expect_impossible(struct expected *expected, const json_t *line)
{
    const json_t *goal;
    size_t g;

    json_array_foreach(at(line, "goals"), g, goal)
    {
        if (is_true(goal, "meets"))
            continue;
        expect(expected, text_at(goal, "goal"));
        expect_value(expected, goal);
    }
    expect_size_text(expected, number_at(line, "nearest_maxmemory"));
}

/* A smaller size at which some seeds meet the goals. */
static void expect_lucky(struct expected *expected, const json_t *lines, const json_t *line)
{
    const json_t *point;
    size_t i;

    json_array_foreach(at(line, "tried"), i, point)
    {
        double size = number_at(point, "maxmemory");

        if (!(size > 0) || !(size < number_at(line, "maxmemory")) || !(number_at(point, "seeds") > 1) ||
            !(number_at(point, "seeds_met") > 0))
            continue;
        expect_name(expected, lines, line);
        expect_size_text(expected, size);
        expect_as(expected, "%.0f of %.0f seeds", number_at(point, "seeds_met"), number_at(point, "seeds"));
        return;
    }
}

static void expect_windows(struct expected *expected, const json_t *windows)
{
    double least = INFINITY, most = 0, none = 0;
    const json_t *window;
    size_t i;

    json_array_foreach(windows, i, window)
    {
        double size = number_at(window, "maxmemory");

        none += isnan(size);
        least = size < least ? size : least;
        most = size > most ? size : most;
    }
    expect_as(expected, "%zu parts", json_array_size(windows));
    if (most > 0) {
        expect_size_text(expected, least);
        expect_size_text(expected, most);
    }
    if (none > 0)
        expect_as(expected, "%.0f of them", none);
}

static void expect_notes(struct expected *expected, const json_t *lines)
{
    const json_t *line;
    size_t i;

    json_array_foreach(lines, i, line)
    {
        if (isnan(number_at(line, "maxmemory"))) {
            expect_name(expected, lines, line);
            expect_impossible(expected, line);
        } else {
            expect_lucky(expected, lines, line);
        }
        if (number_at(line, "misses_again_at") > 0) {
            expect_name(expected, lines, line);
            expect_size_text(expected, number_at(line, "misses_again_at"));
        }
        if (at(line, "windows")) {
            expect_name(expected, lines, line);
            expect_windows(expected, at(line, "windows"));
        }
    }
}

static void expect_machine(struct expected *expected, const json_t *lines)
{
    const json_t *line = smallest_of(lines), *instance = at(line, "instance"), *part;
    size_t i;

    if (!line || isnan(number_at(line, "needed_memory")))
        return;
    expect_name(expected, lines, line);
    expect(expected, text_at(line, "headroom_shard"));
    json_array_foreach(at(line, "headroom"), i, part)
    {
        expect_bytes(expected, number_at(part, "bytes"));
        expect(expected, text_at(part, "assumes"));
    }
    expect_bytes(expected, number_at(line, "needed_memory"));
    if (!json_is_object(instance))
        return;
    expect_bytes(expected, number_at(instance, "needs"));
    expect(expected, text_at(instance, "rule"));
    expect_as(expected, "%g %%", 100 * number_at(instance, "reserve"));
    expect(expected, text_at(instance, "source"));
    if (json_is_string(at(instance, "name"))) {
        expect(expected, text_at(instance, "name"));
        expect_bytes(expected, number_at(instance, "memory"));
    }
    if (!isnan(number_at(instance, "cost")))
        expect_as(expected, "%.2f", number_at(instance, "cost"));
    if (!isnan(number_at(instance, "cost")) && number_at(instance, "machines") > 1)
        expect_count(expected, number_at(instance, "machines"));
}

static void expect_size(struct expected *expected, const json_t *lines)
{
    expect_answer(expected, lines);
    expect_search(expected, json_array_get(lines, 0));
    expect_rows(expected, lines);
    expect_notes(expected, lines);
    expect_machine(expected, lines);
}

/* ---- the text ---- */

/* Whether what ends here is no part of a longer number. */
static bool ends_number(const char *end)
{
    return !isdigit((unsigned char)*end) && !((*end == '.' || *end == ',') && isdigit((unsigned char)end[1]));
}

/* Where the text begins that covers the digit at `digit`; NULL: it does not. */
static const char *cover(const char *from, const char *digit, const char *text)
{
    size_t length = strlen(text);

    for (const char *start = from; start <= digit; start++)
        if (!strncmp(start, text, length))
            return start + length > digit && ends_number(start + length) &&
                           (!isdigit((unsigned char)*text) || start == from ||
                            (!isdigit((unsigned char)start[-1]) && start[-1] != '.'))
                       ? start
                       : NULL;
    return NULL;
}

static bool walk(const char *line, const struct expected *expected, size_t *count, char *why, size_t bytes)
{
    const char *from = line;

    for (size_t i = 0;; i++) {
        const char *digit = from + strcspn(from, "0123456789"), *start;

        *count = i;
        if (!*digit && i == expected->count)
            return true;
        if (!*digit || i == expected->count) {
            snprintf(why, bytes, *digit ? "left over: %.80s" : "the text ends before %.80s",
                     *digit ? digit : expected->list[i]);
            return false;
        }
        start = cover(from, digit, expected->list[i]);
        if (!start) {
            snprintf(why, bytes, "expected %.80s, found %.60s", expected->list[i], digit);
            return false;
        }
        from = start + strlen(expected->list[i]);
    }
}

bool support_numbers_hold(enum numbers_of of, const char *text, const char *json, size_t *count, char *why,
                          size_t bytes)
{
    json_t *answer = json_loads(json, 0, NULL);
    struct expected expected = {0};
    char *line = support_numbers_joined(text);
    bool holds;

    if (of == NUMBERS_OF_DOCTOR)
        expect_doctor(&expected, answer);
    else
        expect_size(&expected, answer);
    holds = walk(line, &expected, count, why, bytes);
    for (size_t i = 0; i < expected.count; i++)
        free(expected.list[i]);
    free(expected.list);
    free(line);
    json_decref(answer);
    return holds;
}

bool support_numbers_alter(char *text, size_t place)
{
    for (char *at = text; *at; at++) {
        if (!isdigit((unsigned char)*at) || !ends_number(at + 1))
            continue;
        if (!place--) {
            *at = (char)(*at == '9' ? '8' : *at + 1);
            return true;
        }
    }
    return false;
}
