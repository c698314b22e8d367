/* SPDX-License-Identifier: GPL-3.0-or-later */
/* adaptsize: a key is admitted by chance, which falls with its value's size: exp(-size / c). A model of the cache finds
 * the c that gives the most hits, again after every window of requests.
 *
 * The model: a key has request rate r and size s. A miss admits it with chance p = exp(-s / c), and it leaves an lru
 * list when it was not requested for about T. It is then a Markov chain that is in the cache for the share
 *
 *     p (e^(rT) - 1) / (1 + p (e^(rT) - 1))
 *
 * of the time, and the same share of its requests are hits. T is the value for which the expected sizes in the cache
 * add up to the capacity. Rates are smoothed over windows.
 *
 * That is the limit after a long time: once a popular key of small p is in, it stays nearly forever. But it may take
 * longer to get in than its rate lasts. So hits are multiplied by how near the chain comes to the limit within the H
 * windows that the smoothing remembers, 1 - exp(-H r (p + 1 / (e^(rT) - 1))). (Without this factor c comes out ten
 * times too small on independent requests.)
 *
 * Keys of about the same rate and size (within a quarter of a power of two) form one class, so the model takes some
 * milliseconds for millions of keys. c is searched among powers of two, then around the best one by golden sections.
 * The first search comes early in the first window, and the next at each doubling of the requests; before it every key
 * is admitted. The paper has lru behind the rule; here it may be any policy.
 *
 * Source: Berger, Sitaraman, Harchol-Balter, AdaptSize: orchestrating the hot object memory cache in a content
 * delivery network, NSDI 2017. */
#include "sim/admission.h"

#include "sim/alloc.h"
#include "sim/elementary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW, SMOOTHING };
enum {
    STEPS = 4,          /* classes per power of two */
    RATES = 32 * STEPS, /* from LEAST_RATE up */
    SIZES = 33 * STEPS,
    BISECTIONS = 12, /* bisection steps to find T */
    SECTION_ROUNDS = 8,
    FIRST_LOOK = 256, /* the first search comes after this part of the first window, the next at each doubling */
};

static const double LEAST_RATE = 0.1;             /* requests per window; a key below is forgotten */
static const double LEAST_T = 1e-9, MOST_T = 1e6; /* in windows */

struct key {
    float rate;     /* requests per window, smoothed */
    uint32_t count; /* requests in this window */
    uint32_t bytes;
};

struct class
{
    double keys, rate, bytes; /* sums while they are collected, then means; rate in requests per window */
    double chance;            /* of admission, with the c that is being tried */
};

struct state {
    struct key *keys; /* indexed by id */
    uint32_t capacity;
    uint64_t requests; /* in this window */
    double next_look;  /* the search comes after this many requests */
    bool is_first;     /* first window: it is searched several times */
    double c;          /* INFINITY: every key is admitted */
    double memory;     /* windows that rates are remembered for */
    double t;          /* T of the last search, in windows; the next one starts there */
    struct class *classes;
    size_t class_count;
};

static int init(struct admission_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    state->c = INFINITY;
    state->next_look = fmax(context->parameters[WINDOW] / FIRST_LOOK, 1);
    state->t = 1;
    state->memory = 1 / (1 - context->parameters[SMOOTHING]);
    state->classes = xcalloc(RATES * SIZES, sizeof *state->classes);
    return 0;
}

static void release(struct admission_context *context)
{
    struct state *state = context->state;

    free(state->keys);
    free(state->classes);
}

/* ---- classes of keys ---- */

static size_t class_of(const struct key *key)
{
    double rate = elementary_log2(key->rate / LEAST_RATE) * STEPS, size = elementary_log2(key->bytes + 1.0) * STEPS;

    return (size_t)fmin(rate, RATES - 1) * SIZES + (size_t)fmin(size, SIZES - 1);
}

static void smooth(struct key *key, double smoothing)
{
    key->rate = (float)(key->rate * smoothing + key->count * (1 - smoothing));
    key->count = 0;
    if (key->rate < LEAST_RATE)
        key->rate = 0;
}

static void take_rates(struct state *state, double smoothing)
{
    for (uint32_t id = 0; id < state->capacity; id++)
        if (state->is_first)
            state->keys[id].rate = (float)state->keys[id].count;
        else
            smooth(&state->keys[id], smoothing);
}

static void add_to_class(struct class *class, const struct key *key)
{
    class->keys++;
    class->rate += key->rate;
    class->bytes += key->bytes;
}

/* Moves the classes that have keys to the front, and turns their sums into means. */
static void classify(struct state *state)
{
    memset(state->classes, 0, RATES * SIZES * sizeof *state->classes);
    for (uint32_t id = 0; id < state->capacity; id++) {
        const struct key *key = &state->keys[id];

        if (key->rate > 0)
            add_to_class(&state->classes[class_of(key)], key);
    }
    state->class_count = 0;
    for (size_t i = 0; i < RATES * SIZES; i++) {
        struct class class = state->classes[i];

        if (class.keys > 0)
            state->classes[state->class_count++] =
                (struct class){class.keys, class.rate / class.keys, class.bytes / class.keys, 1};
    }
}

/* ---- the model ---- */

/* The share of the time that a key of the class is in the cache, in the limit of a long time. */
static double share_of_time(const struct class *class, double t)
{
    double odds = class->chance > 0 ? class->chance * elementary_expm1(class->rate * t) : 0;

    return isinf(odds) ? 1 : odds / (1 + odds);
}

/* How near a key comes to the limit in so many windows: it enters at rate rp and leaves at rate r / (e^(rT) - 1). */
static double nearness(const struct class *class, double t, double windows)
{
    double turnover = class->rate * (class->chance + 1 / elementary_expm1(class->rate * t));

    return -elementary_expm1(-turnover * windows);
}

static double bytes_in_cache(const struct state *state, double t)
{
    double bytes = 0;

    for (size_t i = 0; i < state->class_count; i++)
        bytes += state->classes[i].keys * state->classes[i].bytes * share_of_time(&state->classes[i], t);
    return bytes;
}

/* The T that fills the cache: a longer one leads to more bytes in it. MOST_T when there is room for all. */
static double lifetime(const struct state *state, double capacity)
{
    double low = state->t, high = state->t;

    while (low > LEAST_T && bytes_in_cache(state, low) > capacity)
        low /= 2;
    while (high < MOST_T && bytes_in_cache(state, high) < capacity)
        high *= 2;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;

        *(bytes_in_cache(state, middle) < capacity ? &low : &high) = middle;
    }
    return high;
}

/* Expected hits per window with this c. */
static double hits(struct state *state, double log2_c, double capacity)
{
    double sum = 0;

    for (size_t i = 0; i < state->class_count; i++)
        state->classes[i].chance = elementary_exp(-state->classes[i].bytes / elementary_exp2(log2_c));
    state->t = lifetime(state, capacity);
    for (size_t i = 0; i < state->class_count; i++) {
        const struct class *class = &state->classes[i];

        sum += class->keys * class->rate * share_of_time(class, state->t) * nearness(class, state->t, state->memory);
    }
    return sum;
}

/* Golden-section search for the most hits within [low, high]. It takes the function to have one maximum. */
static double section(struct state *state, double low, double high, double capacity)
{
    const double golden = (sqrt(5) - 1) / 2;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double left_hits = hits(state, left, capacity), right_hits = hits(state, right, capacity);

    for (int i = 0; i < SECTION_ROUNDS; i++) {
        if (left_hits > right_hits) {
            high = right;
            right = left;
            right_hits = left_hits;
            left = high - golden * (high - low);
            left_hits = hits(state, left, capacity);
        } else {
            low = left;
            left = right;
            left_hits = right_hits;
            right = low + golden * (high - low);
            right_hits = hits(state, right, capacity);
        }
    }
    return (low + high) / 2;
}

/* The search ends a little above the capacity: with such a c nearly all values are admitted. */
static double best_c(struct state *state, double capacity)
{
    double last = elementary_log2(capacity) + 2, best = last, most = -1;

    for (double log2_c = 0; log2_c <= last; log2_c++) {
        double now = hits(state, log2_c, capacity);

        if (now > most) {
            most = now;
            best = log2_c;
        }
    }
    return elementary_exp2(section(state, best - 1, best + 1, capacity));
}

/* ---- the rule ---- */

static void look(struct admission_context *context)
{
    struct state *state = context->state;
    uint64_t capacity = context->view->capacity(context->owner);

    take_rates(state, context->parameters[SMOOTHING]);
    classify(state);
    if (capacity && capacity != UINT64_MAX && state->class_count)
        state->c = best_c(state, (double)capacity);
}

/* Searches are frequent at first, at each doubling, because a popular key that was admitted early stays, however large
 * it is. */
static void count_request(struct admission_context *context)
{
    struct state *state = context->state;

    if ((double)++state->requests < state->next_look)
        return;
    state->is_first = state->next_look < context->parameters[WINDOW];
    look(context);
    if (!state->is_first)
        state->requests = 0;
    state->next_look = fmin(state->is_first ? 2 * state->next_look : INFINITY, context->parameters[WINDOW]);
}

static void seen(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    struct state *state = context->state;

    if (id >= state->capacity)
        state->keys = xgrow(state->keys, &state->capacity, id + 1, sizeof *state->keys);
    state->keys[id].count++;
    if (bytes != VALUE_UNKNOWN)
        state->keys[id].bytes = bytes;
    count_request(context);
}

static bool admits(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    const struct state *state = context->state;

    (void)id;
    return gsl_rng_uniform(context->rng) < elementary_exp(-(double)bytes / state->c);
}

static const struct policy_parameter parameters[] = {
    [WINDOW] = {"window", 250000, 1, 1e12, "requests between two looks for the best c"},
    [SMOOTHING] = {"smoothing", 0.3, 0, 0.999, "weight of a key's rate before, against that of the last window"},
    {0},
};

const struct admission admission_adaptsize = {
    .name = "adaptsize",
    .summary = "by chance that falls with the value's size, as steeply as a model of the cache finds best",
    .source = "Berger et al., NSDI 2017",
    .parameters = parameters,
    .state_size = sizeof(struct state),
    .init = init,
    .release = release,
    .seen = seen,
    .admits = admits,
};
