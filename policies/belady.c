/* SPDX-License-Identifier: GPL-3.0-or-later */
/* belady: the key whose next request is farthest away. With equal sizes, and if every missed read is filled, nothing
 * hits more (MIN): it is the bound that others are measured against.
 *
 * belady-size: the key with the largest product of its size and the distance to its next request: the room it would
 * take up until then. With different sizes belady is not optimal, and neither is this, though it mostly misses less.
 * For a bound that no policy can beat there, see evsim run --bounds.
 *
 *     row 100      size  next  distance x size
 *         a           1   900        800           belady's victim
 *         b          64   300      12800           belady-size's victim
 *
 * Keys are kept by size class, each class in a heap. The first key of every class is compared, by its own size. Sizes
 * within a class differ by less than an eighth, and its farthest key goes first.
 *
 * Source: Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 1966.
 * belady-size is libCacheSim's BeladySize, which weighs 128 keys drawn at random instead of the first of each class. */
#include "policies/farthest.h"

enum { CLASS_BITS = 3, CLASSES = (64 - CLASS_BITS + 1) << CLASS_BITS };

struct belady {
    struct queue done; /* keys that are never requested again */
    bool by_size;
    uint32_t classes; /* numbers below this are in use */
    struct farthest heaps[CLASSES];
};

/* The sizes of the classes are 0, 1, 2 ... 7, 8, 9 ... 15, 16-17, 18-19 ... */
static uint32_t class_of_size(uint64_t size)
{
    unsigned bits = 63 - (unsigned)__builtin_clzll(size | 1), drop = bits > CLASS_BITS ? bits - CLASS_BITS : 0;

    return (drop << CLASS_BITS) + (uint32_t)(size >> drop);
}

static int init(struct policy_context *context, struct error *error)
{
    struct belady *belady = context->state;

    (void)error;
    queue_init(&belady->done, 0);
    return 0;
}

static int init_by_size(struct policy_context *context, struct error *error)
{
    struct belady *belady = context->state;

    belady->by_size = true;
    return init(context, error);
}

static void release(struct policy_context *context)
{
    struct belady *belady = context->state;

    queue_release(&belady->done);
    for (uint32_t i = 0; i < CLASSES; i++)
        farthest_release(&belady->heaps[i]);
}

static uint32_t next_row(const struct policy_context *context, const struct farthest_entry *entry)
{
    if (context->next_access == NEXT_UNKNOWN)
        return entry->next ? entry->next : FARTHEST_NEVER;
    return context->next_access < FARTHEST_NEVER ? (uint32_t)context->next_access : FARTHEST_NEVER;
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct belady *belady = context->state;
    struct farthest_entry *entry = policy_entry(context, id);

    if (queue_has(context, &belady->done, id))
        queue_take(context, &belady->done, id);
    entry->next = 0;
}

static void requested(struct policy_context *context, uint32_t id)
{
    struct belady *belady = context->state;
    struct farthest_entry *entry = policy_entry(context, id);
    uint32_t next = next_row(context, entry), class;

    if (next == entry->next)
        return;
    removed(context, id);
    entry->next = next;
    if (next == FARTHEST_NEVER) {
        queue_push(context, &belady->done, id);
        return;
    }
    class = belady->by_size ? class_of_size(policy_size(context, id)) : 0;
    if (class >= belady->classes)
        belady->classes = class + 1;
    farthest_push(context, &belady->heaps[class], id);
}

static double room_until_next(const struct policy_context *context, uint32_t id)
{
    const struct farthest_entry *entry = policy_entry(context, id);

    return ((double)entry->next - (double)context->row) * (double)policy_size(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    struct belady *belady = context->state;
    uint32_t best = queue_oldest(context, &belady->done);
    double most = 0;

    if (best != NO_KEY || !belady->by_size)
        return best != NO_KEY ? best : farthest_first(context, &belady->heaps[0]);
    for (uint32_t i = 0; i < belady->classes; i++) {
        uint32_t id = farthest_first(context, &belady->heaps[i]);
        double room = id == NO_KEY ? 0 : room_until_next(context, id);

        if (id != NO_KEY && (best == NO_KEY || room > most)) {
            best = id;
            most = room;
        }
    }
    return best;
}

#define BELADY(symbol, init_fn, name_, summary_, source_)                                                              \
    const struct policy policy_##symbol = {                                                                            \
        .name = name_,                                                                                                 \
        .summary = summary_,                                                                                           \
        .source = source_,                                                                                             \
        .scope = SCOPE_ALLKEYS,                                                                                        \
        .offline = true,                                                                                               \
        .state_size = sizeof(struct belady),                                                                           \
        .entry_size = sizeof(struct farthest_entry),                                                                   \
        .init = init_fn,                                                                                               \
        .release = release,                                                                                            \
        .added = requested,                                                                                            \
        .read = requested,                                                                                             \
        .written = requested,                                                                                          \
        .removed = removed,                                                                                            \
        .victim = victim,                                                                                              \
    }
BELADY(belady, init, "belady",
       "the key that is requested again last: no policy hits more if all sizes are equal (offline)",
       "Belady, IBM Systems Journal 1966");
BELADY(belady_size, init_by_size, "belady-size", "largest distance to the next request times size (offline)",
       "libCacheSim's BeladySize");
