/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lhd: the least hit density. Of a sample, the key goes that is expected to bring the fewest hits per byte and per time
 * that it will stay.
 *
 *     rank = density(class, age) / size        learned from what happened to other keys: policies/hit_density.h
 *
 * A few keys ("explorers") are spared, so that hits at greater ages are seen at all. New keys that look poor are in
 * every sample, so that large ones do not stay for long.
 *
 * Source: Beckmann, Chen, Cidon, LHD: improving cache hit rate by maximizing hit density, NSDI 2018. Where the paper
 * leaves something open, this does as its authors' program. */
#include "policies/hit_density.h"
#include "policies/sample.h"

#include <float.h>

enum { SAMPLES, EARLY_SAMPLES, ADMISSIONS, PERIOD, DECAY, EXPLORERS };
enum {
    ADMISSIONS_MOST = 64,
    EARLY_PERIODS = 50, /* before these have ended, fewer keys are sampled and some explore */
    EXPLORER_ODDS = 32, /* one use in this many is drawn */
};

/* Packed, because entries are 4-byte aligned. */
struct lhd_entry {
    uint64_t used; /* time of the last use */
    uint32_t bytes;
    uint16_t last_age, age_before; /* its ages at its last two hits */
    uint16_t is_resident, explores;
} __attribute__((packed, aligned(4)));

struct state {
    struct hit_density density;
    uint64_t now; /* the time: uses of any key */
    uint64_t period_end;
    uint32_t keys;
    uint64_t bytes, explorer_bytes;
    double victim_rank;                             /* mean rank of the last victims */
    uint32_t admitted[ADMISSIONS_MOST], admissions; /* keys that looked poor when they came in */
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    hit_density_init(&state->density, context->parameters[DECAY]);
    state->period_end = (uint64_t)context->parameters[PERIOD];
    for (int i = 0; i < ADMISSIONS_MOST; i++)
        state->admitted[i] = NO_KEY;
    return 0;
}

static void release(struct policy_context *context)
{
    hit_density_release(&((struct state *)context->state)->density);
}

static uint32_t age_of(const struct state *state, const struct lhd_entry *entry)
{
    return hit_density_age(&state->density, state->now - entry->used);
}

static struct density_class *class_of(const struct state *state, const struct lhd_entry *entry)
{
    return hit_density_class(&state->density, entry->last_age, entry->age_before);
}

static double rank(struct policy_context *context, uint32_t id)
{
    const struct state *state = context->state;
    const struct lhd_entry *entry = policy_entry(context, id);
    uint32_t age = age_of(state, entry);

    if (age == DENSITY_AGES - 1)
        return -FLT_MAX;
    return (double)class_of(state, entry)->density[age] / (entry->bytes ? entry->bytes : 1) + entry->explores;
}

/* ---- the policy's functions ---- */

static void set_bytes(struct state *state, struct lhd_entry *entry, uint64_t bytes)
{
    state->bytes -= entry->bytes;
    entry->bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    state->bytes += entry->bytes;
}

/* Draws one use in EXPLORER_ODDS. If the budget allows, the key then explores until its next use. Returns whether it
 * was drawn. */
static bool draw_explorer(struct policy_context *context, struct lhd_entry *entry)
{
    struct state *state = context->state;
    double budget = (double)policy_capacity(context, state->bytes) * context->parameters[EXPLORERS];

    if (gsl_rng_uniform_int(context->rng, EXPLORER_ODDS))
        return false;
    entry->explores = (double)state->explorer_bytes < budget && state->density.periods < EARLY_PERIODS;
    state->explorer_bytes += entry->explores ? entry->bytes : 0;
    return true;
}

static void stop_exploring(struct state *state, struct lhd_entry *entry)
{
    state->explorer_bytes -= entry->explores ? entry->bytes : 0;
    entry->explores = 0;
}

/* Notes a use now. The ages of the key's last hits have been updated before. Returns whether it was drawn to
 * explore. */
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

    if (++state->now < state->period_end)
        return;
    hit_density_end_period(&state->density, state->keys);
    state->period_end += (uint64_t)context->parameters[PERIOD];
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lhd_entry *entry = policy_entry(context, id);

    *entry = (struct lhd_entry){.is_resident = true, .age_before = DENSITY_AGES};
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
    int samples = (int)context->parameters[state->density.periods > EARLY_PERIODS ? SAMPLES : EARLY_SAMPLES];
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
    [EARLY_SAMPLES] = {"early", 8, 1, SAMPLE_MOST, "the same during the first 50 periods"},
    [ADMISSIONS] = {"admissions", 8, 0, ADMISSIONS_MOST, "new keys that looked poor, which are compared as well"},
    [PERIOD] = {"period", 1 << 20, 1000, 1e12, "uses after which densities are computed anew"},
    [DECAY] = {"decay", 0.9, 0, 0.999, "weight of what was counted before the last period"},
    [EXPLORERS] = {"explorers", 0.01, 0, 1, "share of the capacity for keys that are kept only to learn from"},
    {0},
};

const struct policy policy_lhd = {
    .name = "lhd",
    .summary = "fewest hits expected per byte and time, of a sample; learned from the ages at which keys were hit",
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
