/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * w-tinylfu: a small lru window before a large main part that keys must earn their way into.
 *
 *     new key ---> window (1 %, lru) ---oldest---> asked for more often than the oldest of probation?
 *                                                     yes: probation's oldest goes   no: the newcomer goes
 *     main (99 %)   probation  --- a hit ---> protected (80 % of main, lru)
 *                              <--- oldest, when protected is over its share
 *
 * How often is what a sketch remembers, also of keys that are gone (policies/sketch.h). The window lets through bursts
 * that a sketch sees too late. With adaptive=1 its share climbs the hill of the hit ratio: every period it moves on in
 * the direction that helped, or turns around; steps grow smaller until the hit ratio jumps.
 *
 * The papers count objects. Here shares are of bytes, and a newcomer contests one victim after the other until it
 * fits; the window holds one key at least.
 *
 * Source: Einziger, Friedman, Manes, TinyLFU: a highly efficient cache admission policy, ACM TOS 13(4), 2017. The
 * climber: Einziger, Eytan, Friedman, Manes, Adaptive software cache management, Middleware 2018. */
#include "policies/queue.h"
#include "policies/sketch.h"

#include <math.h>

enum { WINDOW_SHARE, PROTECTED_SHARE, SAMPLE, COUNTERS, DOORKEEPER, ADAPTIVE, STEP };
enum home { WINDOW, PROBATION, PROTECTED, HOMES };

/* Of the climber, as its authors set them. */
static const double STEP_DECAY = 0.98, RESTART = 0.05, WINDOW_MOST = 0.8;

struct wtinylfu_entry {
    uint32_t place;
    uint32_t bytes;
    uint32_t home; /* enum home */
};

struct climber {
    uint64_t requests, hits;  /* of this period */
    double hit_ratio;         /* of the last one */
    double step;              /* signed, of the capacity */
};

struct state {
    struct queue queues[HOMES];
    struct sketch sketch;
    double window_share;
    struct climber climber;
};

static struct queue *queue_of(const struct policy_context *context, enum home home)
{
    return &((struct state *)context->state)->queues[home];
}

static void enter(struct policy_context *context, uint32_t id, enum home home)
{
    struct wtinylfu_entry *entry = policy_entry(context, id);

    entry->home = home;
    queue_push(context, queue_of(context, home), id);
    queue_of(context, home)->bytes += entry->bytes;
}

static void leave(struct policy_context *context, uint32_t id)
{
    const struct wtinylfu_entry *entry = policy_entry(context, id);
    struct queue *queue = queue_of(context, (enum home)entry->home);

    queue->bytes -= entry->bytes;
    queue_take(context, queue, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;
    const double *parameters = context->parameters;

    (void)error;
    for (uint32_t home = 0; home < HOMES; home++)
        queue_init(&state->queues[home], home);
    sketch_init(&state->sketch, parameters[SAMPLE], parameters[COUNTERS], parameters[DOORKEEPER] != 0);
    state->window_share = parameters[WINDOW_SHARE];
    state->climber.step = parameters[STEP];
    return 0;
}

static void release(struct policy_context *context)
{
    for (enum home home = 0; home < HOMES; home++)
        queue_release(queue_of(context, home));
    sketch_release(&((struct state *)context->state)->sketch);
}

static uint64_t held(const struct policy_context *context)
{
    const struct queue *queues = ((const struct state *)context->state)->queues;

    return queues[WINDOW].bytes + queues[PROBATION].bytes + queues[PROTECTED].bytes;
}

/* A cache without limit is large, but can be multiplied. */
static uint64_t capacity(const struct policy_context *context)
{
    const uint64_t large = UINT64_C(1) << 60;
    uint64_t bytes = policy_capacity(context, held(context));

    return bytes < large ? bytes : large;
}

static uint64_t window_most(const struct policy_context *context)
{
    return (uint64_t)((double)capacity(context) * ((const struct state *)context->state)->window_share);
}

/* ---- the climber ---- */

static void climb(struct state *state, double first_step)
{
    struct climber *climber = &state->climber;
    double hit_ratio = (double)climber->hits / (double)climber->requests;
    double gain = hit_ratio - climber->hit_ratio;

    if (fabs(gain) >= RESTART)
        climber->step = copysign(first_step, climber->step);
    if (gain < 0)
        climber->step = -climber->step;
    state->window_share = fmin(fmax(state->window_share + climber->step, 0), WINDOW_MOST);
    climber->step *= STEP_DECAY;
    *climber = (struct climber){.hit_ratio = hit_ratio, .step = climber->step};
}

static void count(struct policy_context *context, uint32_t id, bool is_hit)
{
    struct state *state = context->state;

    sketch_add(&state->sketch, id);
    if (!context->parameters[ADAPTIVE])
        return;
    state->climber.hits += is_hit;
    if ((double)++state->climber.requests >= context->parameters[SAMPLE] * state->sketch.keys)
        climb(state, context->parameters[STEP]);
}

/* ---- hooks ---- */

static void arriving(struct policy_context *context, uint32_t id)
{
    count(context, id, false);
}

/* The window's oldest keys move on while the main part has room. */
static void overflow(struct policy_context *context, uint64_t coming)
{
    struct queue *window = queue_of(context, WINDOW);
    uint64_t most = window_most(context), all = capacity(context);

    while (window->keys > !coming && window->bytes + coming > most) {
        uint32_t id = queue_oldest(context, window);
        uint64_t main = queue_of(context, PROBATION)->bytes + queue_of(context, PROTECTED)->bytes;

        if (main + ((struct wtinylfu_entry *)policy_entry(context, id))->bytes > all - most)
            break;
        leave(context, id);
        enter(context, id, PROBATION);
    }
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    const struct queue *queues = state->queues;

    ((struct wtinylfu_entry *)policy_entry(context, id))->bytes = (uint32_t)policy_size(context, id);
    enter(context, id, WINDOW);
    sketch_expect(&state->sketch, queues[WINDOW].keys + queues[PROBATION].keys + queues[PROTECTED].keys, held(context),
                  capacity(context));
    overflow(context, 0);
}

static void protect(struct policy_context *context, uint32_t id)
{
    struct queue *protected = queue_of(context, PROTECTED);
    double most = (double)(capacity(context) - window_most(context)) * context->parameters[PROTECTED_SHARE];

    leave(context, id);
    enter(context, id, PROTECTED);
    while ((double)protected->bytes > most) {
        id = queue_oldest(context, protected);
        leave(context, id);
        enter(context, id, PROBATION);
    }
}

static void read_key(struct policy_context *context, uint32_t id)
{
    enum home home = (enum home)((struct wtinylfu_entry *)policy_entry(context, id))->home;

    count(context, id, true);
    if (home == PROBATION)
        protect(context, id);
    else
        queue_renew(context, queue_of(context, home), id);
}

static void written(struct policy_context *context, uint32_t id)
{
    struct wtinylfu_entry *entry = policy_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    queue_of(context, (enum home)entry->home)->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
    read_key(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    const struct sketch *sketch = &((struct state *)context->state)->sketch;
    struct queue *window = queue_of(context, WINDOW);
    uint32_t newcomer, oldest;

    overflow(context, context->arriving_bytes);
    newcomer = queue_oldest(context, window);
    oldest = queue_oldest(context, queue_of(context, PROBATION));
    if (oldest == NO_KEY)
        oldest = queue_oldest(context, queue_of(context, PROTECTED));
    if (oldest == NO_KEY || newcomer == NO_KEY)
        return oldest == NO_KEY ? newcomer : oldest;
    if (window->bytes + context->arriving_bytes <= window_most(context))
        return oldest;
    return sketch_count(sketch, newcomer) > sketch_count(sketch, oldest) ? oldest : newcomer;
}

static const struct policy_parameter parameters[] = {
    [WINDOW_SHARE] = {"window", 0.01, 0, 1, "share of the capacity for the window"},
    [PROTECTED_SHARE] = {"protected", 0.8, 0, 1, "share of the main part for keys that were hit in it"},
    [SAMPLE] = {"sample", 10, 1, 1e6, "requests per key held after which counts are halved"},
    [COUNTERS] = {"counters", 4, 0.1, 1000, "of the sketch, per key held and row"},
    [DOORKEEPER] = {"doorkeeper", 1, 0, 1, "1: the first request in a sample does not reach the counters"},
    [ADAPTIVE] = {"adaptive", 0, 0, 1, "1: the window's share follows the hit ratio"},
    [STEP] = {"step", 0.0625, 0.0001, 1, "of the capacity, by which an adaptive window moves first"},
    {0},
};

const struct policy policy_wtinylfu = {
    .name = "w-tinylfu",
    .summary = "an lru window, and a segmented lru that newcomers enter if a sketch finds them popular",
    .source = "Einziger et al., ACM TOS 2017",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct wtinylfu_entry),
    .init = init,
    .release = release,
    .arriving = arriving,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = leave,
    .victim = victim,
};
