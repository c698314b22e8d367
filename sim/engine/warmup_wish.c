/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/warmup_wish.h"

#include "sim/alloc.h"
#include "sim/steady_state.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the text ---- */

/* Whether the text is a number and then one of the words; the digits go to `number`. */
static bool scan_number(const char *text, const char *digits, char *number, size_t bytes, const char *const *words)
{
    size_t length = strspn(text, digits);
    const char *word = text + length;

    if (!length || length >= bytes)
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    word += strspn(word, " ");
    for (; *words; words++)
        if (!strcasecmp(word, *words))
            return true;
    return false;
}

int warmup_wish_parse(struct warmup_wish *wish, const char *text, struct error *error)
{
    static const char *const percent[] = {"%", NULL}, *const requests[] = {"requests", "request", NULL};
    char number[32], *end;

    *wish = (struct warmup_wish){.kind = WARMUP_TIME};
    if (!strcasecmp(text, "auto")) {
        wish->kind = WARMUP_AUTO;
        return 0;
    }
    if (scan_number(text, "0123456789.", number, sizeof number, percent)) {
        wish->kind = WARMUP_PERCENT;
        wish->percent = strtod(number, &end);
        if (!*end && wish->percent > 0 && wish->percent < 100)
            return 0;
        return error_set(error, ERROR_USAGE, "'%s' is not a part of the trace: above 0%% and below 100%%", text);
    }
    if (scan_number(text, "0123456789", number, sizeof number, requests)) {
        wish->kind = WARMUP_REQUESTS;
        if (scan_uint64(number, &wish->requests) && wish->requests)
            return 0;
        return error_set(error, ERROR_USAGE, "bad count '%s': it is a whole number of requests from 1 on", text);
    }
    if (scan_duration(text, &wish->time_us))
        return 0;
    return error_set(error, ERROR_USAGE, "bad value '%s': a time as 30m, a part as 10%%, '1000 requests', or auto",
                     text);
}

/* ---- one more reading ---- */

struct reading {
    uint64_t wanted;  /* the number of the request that is looked for; 0: none is */
    uint64_t found;   /* requests so far */
    int64_t found_us; /* its time; INT64_MAX: there is no such */
    int64_t end_us;   /* the last request's */
};

static int note_batch(void *owner, const struct batch *batch, struct error *error)
{
    struct reading *reading = owner;

    (void)error;
    for (uint32_t row = 0; row < batch->count; row++)
        if (!(batch->flags[row] & REQUEST_MORE) && ++reading->found == reading->wanted)
            reading->found_us = batch->time_us[row];
    if (batch->count)
        reading->end_us = batch->time_us[batch->count - 1];
    return 0;
}

static int read_through(const struct replay_plan *plan, struct reading *reading, struct error *error)
{
    struct intake intake = {0};
    struct trace trace;
    int status;

    if (trace_open(&trace, plan->choose_format, &plan->trace, &intake, error))
        return -1;
    status = reader_read_all(trace.reader, note_batch, reading, error);
    trace_close(&trace);
    return status;
}

static int settle_by_reading(const struct warmup_wish *wish, struct replay_plan *plan, struct error *error)
{
    char time[UNITS_TEXT];
    struct reading reading = {.wanted = wish->requests, .found_us = INT64_MAX};

    if (read_through(plan, &reading, error))
        return -1;
    if (!reading.found) /* the replay tells of it */
        return 0;
    if (wish->kind == WARMUP_PERCENT) {
        plan->options.warmup_us = llround((double)reading.end_us * wish->percent / 100);
        if (plan->options.warmup_us > 0 && plan->options.warmup_us < reading.end_us)
            return 0;
        return error_set(error, ERROR_USAGE, "the trace lasts %s, which has no such part: leave out requests",
                         print_duration(time, reading.end_us));
    }
    if (reading.found_us >= reading.end_us)
        return error_set(error, ERROR_USAGE,
                         "none of the trace's %llu requests is later than the first %llu: leave out fewer",
                         (unsigned long long)reading.found, (unsigned long long)wish->requests);
    plan->options.warmup_us = reading.found_us + 1;
    return 0;
}

/* ---- one more replay ---- */

bool warmup_ends_in(const struct result *result, int64_t *end_us)
{
    const struct curve *curve = &result->curve;
    double *ratios = xcalloc(curve->count + 1, sizeof *ratios);
    int64_t *ends_us = xcalloc(curve->count + 1, sizeof *ends_us);
    size_t count = 0, begin = 0;
    bool is_found;

    for (size_t i = 1; i < curve->count; i++) {
        const struct sample *now = &curve->samples[i], *before = now - 1;
        uint64_t misses = now->misses - before->misses, reads = misses + now->hits - before->hits;

        if (!reads || now->time_us - before->time_us < curve->interval_us) /* the last interval is cut short */
            continue;
        ratios[count] = (double)misses / (double)reads;
        ends_us[count++] = now->time_us;
    }
    is_found = steady_state_begin(ratios, count, &begin);
    *end_us = is_found && begin ? ends_us[begin - 1] : 0;
    free(ratios);
    free(ends_us);
    return is_found;
}

static int settle_by_replay(struct replay_plan *plan, bool *missed, struct error *error)
{
    struct replay_plan first = *plan;
    struct run run = {0};
    int64_t latest_us = 0;
    int status;

    first.replay_seconds = NULL;
    status = replay_run(&first, &run, error);
    for (size_t i = 0; i < run.result_count && !status; i++) {
        int64_t end_us;

        *missed |= !warmup_ends_in(&run.results[i], &end_us);
        latest_us = end_us > latest_us ? end_us : latest_us;
    }
    run_release(&run);
    plan->options.warmup_us = *missed ? 0 : latest_us;
    return status;
}

int warmup_wish_settle(const struct warmup_wish *wish, struct replay_plan *plan, bool *missed, struct error *error)
{
    *missed = wish->is_found && wish->found_none;
    if (wish->is_found) {
        plan->options.warmup_us = wish->found_us;
        return 0;
    }
    if (wish->kind == WARMUP_TIME) {
        plan->options.warmup_us = wish->time_us;
        return 0;
    }
    if (!trace_is_rereadable(plan->trace.path))
        return error_set(error, ERROR_USAGE,
                         "this reads the trace twice: give a file, or leave out a time, as --warmup 30m");
    return wish->kind == WARMUP_AUTO ? settle_by_replay(plan, missed, error) : settle_by_reading(wish, plan, error);
}
