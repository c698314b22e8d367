/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lhd: the least hit density: hits to be expected of a key, per byte and time that it will hold.
 *
 *                       hits at this age and later
 *     density(age) = ---------------------------------      from the ages at which keys of its class were hit
 *                     time until a hit or an eviction        or evicted; a key's age: requests since its last use
 *
 *     rank = density / size        the lowest of a sample goes
 *
 * Keys are classed by the ages of their last two hits: who came back soon will come back sooner. Ages are counted in
 * steps of 2^shift requests, so that 20,000 of them are enough; every period the counts are weighed into those of
 * before, and the densities computed anew. Until then density = (class + 1) / (age + 1), much as gdsf ranks.
 * A few keys ("explorers") are spared, so that later ages are seen at all. Keys that looked poor when they came
 * in are always in the sample, so that large ones do not stay for long.
 *
 * Source: Beckmann, Chen, Cidon, LHD: improving cache hit rate by maximizing hit density, NSDI 2018; what the paper
 * leaves open is as in its authors' program. It replays one application, and so does this. */
#include "policies/sample.h"

#include "sim/alloc.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { SAMPLES, EARLY_SAMPLES, ADMISSIONS, PERIOD, DECAY, EXPLORERS };
enum {
    CLASSES = 16,
    AGES = 20000,
    SHIFT = 10,               /* at first */
    ADMISSIONS_MOST = 64,
    EARLY_PERIODS = 50,       /* while these last, fewer keys are sampled and some explore */
    EXPLORER_ODDS = 32,       /* one key in so many explores */
    FIRST_RANK = 17,          /* of a new key: the authors' application is number 1, and has classes 16 to 31 */
};
static const int shift_periods[] = {5, 25}; /* at whose ends the steps of age are chosen anew */
static const double AGE_ERROR = 0.01;       /* a step of age over the age at which keys go */

/* Packed: entries are 4-byte aligned. */
struct lhd_entry {
    uint64_t used;                 /* time of the last use */
    uint32_t bytes;
    uint16_t last_age, age_before; /* at its last two hits */
    uint16_t is_resident, explores;
} __attribute__((packed, aligned(4)));

struct class {
    float hits[AGES], evictions[AGES], density[AGES];
};

struct state {
    struct class *classes;
    uint64_t now;             /* in uses of any key */
    uint64_t period_end, periods;
    int shift;
    uint32_t keys;
    double mean_keys, weight; /* at the ends of periods; their weighted sum, the sum of the weights */
    uint64_t bytes, explorer_bytes;
    double victim_rank;       /* mean of the last ones */
    uint32_t admitted[ADMISSIONS_MOST], admissions; /* keys that looked poor when they came in */
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    state->classes = xcalloc(CLASSES, sizeof *state->classes);
    for (int class = 0; class < CLASSES; class++)
        for (int age = 0; age < AGES; age++)
            state->classes[class].density[age] = (float)(FIRST_RANK + class) / (float)(age + 1);
    state->shift = SHIFT;
    state->period_end = (uint64_t)context->parameters[PERIOD];
    for (int i = 0; i < ADMISSIONS_MOST; i++)
        state->admitted[i] = NO_KEY;
    return 0;
}

static void release(struct policy_context *context)
{
    free(((struct state *)context->state)->classes);
}

/* ---- ranks ---- */

static uint32_t age_of(const struct state *state, const struct lhd_entry *entry)
{
    uint64_t age = (state->now - entry->used) >> state->shift;

    return age < AGES ? (uint32_t)age : AGES - 1;
}

/* How many times the ages of the last hits fit into the greatest age, as a power of two. */
static struct class *class_of(const struct state *state, const struct lhd_entry *entry)
{
    uint32_t age = (uint32_t)entry->last_age + entry->age_before;
    int class = 0;

    if (!age)
        return &state->classes[CLASSES - 1];
    for (; age < AGES && class < CLASSES - 1; age <<= 1)
        class++;
    return &state->classes[class];
}

static double rank(struct policy_context *context, uint32_t id)
{
    const struct state *state = context->state;
    const struct lhd_entry *entry = policy_entry(context, id);
    uint32_t age = age_of(state, entry);

    if (age == AGES - 1)
        return -FLT_MAX;
    return (double)class_of(state, entry)->density[age] / (entry->bytes ? entry->bytes : 1) + entry->explores;
}

/* ---- learning ---- */

static void weigh(struct class *class, double decay)
{
    for (int age = 0; age < AGES; age++) {
        class->hits[age] *= (float)decay;
        class->evictions[age] *= (float)decay;
    }
}

/* Ages in steps twice as long. */
static void compress(float *counts)
{
    for (int age = 0; age < AGES / 2; age++)
        counts[age] = counts[2 * age] + counts[2 * age + 1];
    for (int age = AGES / 2; age < AGES - 1; age++)
        counts[age] = 0;
}

/* In steps half as long: what was at later ages is now at the last. */
static void stretch(float *counts)
{
    for (int age = AGES / 2; age < AGES - 1; age++)
        counts[AGES - 1] += counts[age];
    for (int age = AGES - 2; age >= 0; age--)
        counts[age] = counts[age / 2] / 2;
}

/* Steps so long that keys go long before the greatest age, and no longer. */
static void choose_shift(struct state *state)
{
    double step = state->mean_keys / state->weight / (AGE_ERROR * AGES);
    int shift = 1;

    while (ldexp(1, shift) < step)
        shift++;
    for (; state->shift != shift; state->shift += state->shift < shift ? 1 : -1)
        for (int class = 0; class < CLASSES; class++) {
            void (*rescale)(float *) = state->shift < shift ? compress : stretch;

            rescale(state->classes[class].hits);
            rescale(state->classes[class].evictions);
        }
    state->mean_keys *= 8; /* the next choice is to weigh more than what comes until then */
    state->weight *= 8;
}

/* From the last age down: `events` keys get to this age; the sum of these is the time that they have left. */
static void compute_densities(struct class *class)
{
    double hits = class->hits[AGES - 1], events = hits + class->evictions[AGES - 1], time = events;

    for (int age = AGES - 2; age >= 0; age--) {
        hits += class->hits[age];
        events += class->hits[age] + class->evictions[age];
        time += events;
        class->density[age] = events > 1e-5 ? (float)(hits / time) : 0;
    }
}

static void end_period(struct policy_context *context)
{
    struct state *state = context->state;
    double decay = context->parameters[DECAY];

    for (int class = 0; class < CLASSES; class++)
        weigh(&state->classes[class], decay);
    state->mean_keys = state->mean_keys * decay + state->keys;
    state->weight = state->weight * decay + 1;
    for (size_t i = 0; i < sizeof shift_periods / sizeof *shift_periods; i++)
        if (state->periods == (uint64_t)shift_periods[i])
            choose_shift(state);
    for (int class = 0; class < CLASSES; class++)
        compute_densities(&state->classes[class]);
    state->period_end = state->now + (uint64_t)context->parameters[PERIOD];
    state->periods++;
}

/* ---- hooks ---- */

static void set_bytes(struct state *state, struct lhd_entry *entry, uint64_t bytes)
{
    state->bytes -= entry->bytes;
    entry->bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    state->bytes += entry->bytes;
}

/* One use in 32 is drawn; the key explores until its next one if the budget allows. */
static bool draw_explorer(struct policy_context *context, struct lhd_entry *entry)
{
    struct state *state = context->state;
    double budget = (double)policy_capacity(context, state->bytes) * context->parameters[EXPLORERS];

    if (gsl_rng_uniform_int(context->rng, EXPLORER_ODDS))
        return false;
    entry->explores = (double)state->explorer_bytes < budget && state->periods < EARLY_PERIODS;
    state->explorer_bytes += entry->explores ? entry->bytes : 0;
    return true;
}

static void stop_exploring(struct state *state, struct lhd_entry *entry)
{
    state->explorer_bytes -= entry->explores ? entry->bytes : 0;
    entry->explores = 0;
}

/* The key, whose ages are up to date, was used now. Whether it was drawn to explore. */
static bool use(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lhd_entry *entry = policy_entry(context, id);

    entry->used = state->now;
    set_bytes(state, entry, policy_size(context, id));
    return draw_explorer(context, entry);
}

static void pass_time(struct policy_context *context)
{
    struct state *state = context->state;

    if (++state->now >= state->period_end)
        end_period(context);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lhd_entry *entry = policy_entry(context, id);

    *entry = (struct lhd_entry){.is_resident = true, .age_before = AGES};
    state->keys++;
    if (!use(context, id) && context->parameters[ADMISSIONS] && rank(context, id) < state->victim_rank)
        state->admitted[state->admissions++ % (uint32_t)context->parameters[ADMISSIONS]] = id;
    pass_time(context);
}

static void hit(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lhd_entry *entry = policy_entry(context, id);
    uint32_t age = age_of(state, entry);

    class_of(state, entry)->hits[age]++;
    stop_exploring(state, entry);
    entry->age_before = entry->last_age;
    entry->last_age = (uint16_t)age;
    use(context, id);
    pass_time(context);
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lhd_entry *entry = policy_entry(context, id);

    stop_exploring(state, entry);
    set_bytes(state, entry, 0);
    entry->is_resident = false;
    state->keys--;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lhd_entry *entry = policy_entry(context, id);

    class_of(state, entry)->evictions[age_of(state, entry)]++;
    removed(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    double lowest = 0, decay = context->parameters[DECAY];
    int samples = (int)context->parameters[state->periods > EARLY_PERIODS ? SAMPLES : EARLY_SAMPLES];
    uint32_t best = sample_lowest(context, samples, rank, &lowest);

    if (best == NO_KEY)
        return NO_KEY;
    for (int i = 0; i < (int)context->parameters[ADMISSIONS]; i++) {
        uint32_t id = state->admitted[i];

        if (id != NO_KEY && ((const struct lhd_entry *)policy_entry(context, id))->is_resident &&
            rank(context, id) < lowest) {
            best = id;
            lowest = rank(context, id);
        }
    }
    state->victim_rank = decay * state->victim_rank + (1 - decay) * lowest;
    return best;
}

static const struct policy_parameter parameters[] = {
    [SAMPLES] = {"samples", 32, 1, SAMPLE_MOST, "keys that are compared for a victim"},
    [EARLY_SAMPLES] = {"early", 8, 1, SAMPLE_MOST, "as many during the first 50 periods"},
    [ADMISSIONS] = {"admissions", 8, 0, ADMISSIONS_MOST, "new keys that looked poor, which are compared as well"},
    [PERIOD] = {"period", 1 << 20, 1000, 1e12, "uses after which densities are computed anew"},
    [DECAY] = {"decay", 0.9, 0, 0.999, "weight of what was counted before the last period"},
    [EXPLORERS] = {"explorers", 0.01, 0, 1, "share of the capacity for keys that are spared to learn from"},
    {0},
};

const struct policy policy_lhd = {
    .name = "lhd",
    .summary = "least hits to be expected per byte and time, learned from ages, of a sample",
    .source = "Beckmann et al., NSDI 2018",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct lhd_entry),
    .samples = true,
    .init = init,
    .release = release,
    .added = added,
    .read = hit,
    .written = hit,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};
