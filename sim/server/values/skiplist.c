/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/skiplist.h"

#include "sim/alloc.h"
#include "sim/server/values/usage.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ZSET_BYTES = 16,
    LIST_BYTES = 32,
    COUNTING_LIST_BYTES = 40, /* which knows its bytes */
    NODE_BYTES = 24,
    NODE_WITH_MEMBER_BYTES = 16, /* followed by the member, with one byte for the length of its header */
    LEVEL_BYTES = 16,
    HEADER = 0, /* place of the header's pairs */
};

struct pair {
    uint32_t next, span; /* next is NO_SLOT at the end; then span counts the nodes up to the last */
};

struct skip_list {
    struct pair *pairs;
    uint32_t used, capacity;
    uint32_t *place; /* by slot: place of the node's pairs */
    uint8_t *level;  /* by slot: number of levels */
    uint32_t slots;
    uint32_t free[SKIPLIST_LEVELS + 1]; /* the first free place of so many pairs, which names the next; 0: none */
    int height;                         /* levels in use */
    uint32_t length;                    /* number of nodes, without the header */
    uint64_t node_bytes;                /* of all nodes, without the header */
};

/* ---- order ---- */

static int compare_numbers(uint64_t left, uint64_t right)
{
    return left < right ? -1 : left > right;
}

int member_compare(const struct members *members, uint32_t left, uint32_t right)
{
    const struct member *a = member_of(members, left), *b = member_of(members, right);

    if (left == right)
        return 0;
    if (a->begins != b->begins)
        return compare_numbers(a->begins, b->begins);
    if (a->length == b->length && a->is_integer && b->is_integer) /* the same sign, since they begin alike */
        return a->number < 0 ? compare_numbers((uint64_t)b->number, (uint64_t)a->number)
                             : compare_numbers((uint64_t)a->number, (uint64_t)b->number);
    return a->length != b->length ? compare_numbers(a->length, b->length) : compare_numbers(left, right);
}

int place_compare(const struct members *members, struct place left, struct place right)
{
    if (left.score != right.score)
        return left.score < right.score ? -1 : 1;
    return member_compare(members, left.member, right.member);
}

static struct place place_of(const struct collection *zset, uint32_t slot)
{
    return (struct place){collection_score(zset, slot), zset->member[slot]};
}

/* ---- nodes ---- */

static struct pair *pairs_of(struct skip_list *list, uint32_t place)
{
    return &list->pairs[place];
}

static uint32_t take_place(struct skip_list *list, int level)
{
    uint32_t place = list->free[level];

    if (place) {
        list->free[level] = list->pairs[place].next;
        return place;
    }
    place = list->used;
    list->used += (uint32_t)level;
    if (list->used > list->capacity) {
        list->capacity = list->used + list->used / 2;
        list->pairs = xrealloc(list->pairs, list->capacity * sizeof *list->pairs);
    }
    return place;
}

static void make_node(struct skip_list *list, uint32_t slot, int level)
{
    if (slot >= list->slots) {
        list->slots = slot + slot / 2 + 4;
        list->place = xrealloc(list->place, list->slots * sizeof *list->place);
        list->level = xrealloc(list->level, list->slots * sizeof *list->level);
    }
    list->place[slot] = take_place(list, level);
    list->level[slot] = (uint8_t)level;
}

static void free_node(struct skip_list *list, uint32_t slot)
{
    int level = list->level[slot];

    list->pairs[list->place[slot]].next = list->free[level];
    list->free[level] = list->place[slot];
}

static uint64_t node_bytes(const struct redis *redis, const struct collection *zset, uint32_t slot, int level)
{
    uint64_t bytes = NODE_BYTES + LEVEL_BYTES * (uint64_t)level, length;

    if (redis->profile->members_in_nodes) {
        length = collection_text(redis, zset, slot).length;
        bytes = NODE_WITH_MEMBER_BYTES + LEVEL_BYTES * (uint64_t)level + length + 1;
        if (redis->profile->nodes_are_bare)
            bytes += sds_header(length ? length : 1);
        else
            bytes += 1 + sds_header(length);
    }
    return allocator_class(redis->allocator, bytes);
}

/* As zslRandomLevel. */
static int random_level(struct redis *redis)
{
    int level = 1;

    while (level < SKIPLIST_LEVELS && gsl_rng_uniform_int(redis->rng, 4) == 0)
        level++;
    return level;
}

/* ---- the list ---- */

/* For each level the last node before a place: the place of its pairs, and the number of nodes up to it. */
struct way {
    uint32_t place[SKIPLIST_LEVELS], rank[SKIPLIST_LEVELS];
    uint32_t before; /* the slot just before the place; NO_SLOT if there is none */
};

static void find_way(const struct redis *redis, const struct collection *zset, struct place to, struct way *way)
{
    struct skip_list *list = zset->order;
    uint32_t at = HEADER, rank = 0;

    assert(list->height > 0);
    way->before = NO_SLOT;
    for (int level = list->height - 1; level >= 0; level--) {
        for (;;) {
            struct pair pair = pairs_of(list, at)[level];

            if (pair.next == NO_SLOT || place_compare(redis->members, place_of(zset, pair.next), to) >= 0)
                break;
            rank += pair.span;
            way->before = pair.next;
            at = list->place[pair.next];
        }
        way->place[level] = at;
        way->rank[level] = rank;
    }
}

static void link_node(struct collection *zset, struct way *way, uint32_t slot, int level)
{
    struct skip_list *list = zset->order;
    uint32_t rank = way->rank[0];

    make_node(list, slot, level);
    for (; list->height < level; list->height++) {
        way->place[list->height] = HEADER;
        way->rank[list->height] = 0;
        pairs_of(list, HEADER)[list->height] = (struct pair){NO_SLOT, list->length};
    }
    for (int i = 0; i < list->height; i++) {
        struct pair *before = &pairs_of(list, way->place[i])[i];

        if (i >= level) {
            before->span++;
            continue;
        }
        pairs_of(list, list->place[slot])[i] = (struct pair){before->next, before->span - (rank - way->rank[i])};
        *before = (struct pair){slot, rank - way->rank[i] + 1};
    }
    list->length++;
}

static void unlink_node(struct collection *zset, const struct way *way, uint32_t slot)
{
    struct skip_list *list = zset->order;
    const struct pair *own = pairs_of(list, list->place[slot]);

    for (int i = 0; i < list->height; i++) {
        struct pair *before = &pairs_of(list, way->place[i])[i];

        if (before->next == slot)
            *before = (struct pair){own[i].next, before->span + own[i].span - 1};
        else
            before->span--;
    }
    while (list->height > 1 && pairs_of(list, HEADER)[list->height - 1].next == NO_SLOT)
        list->height--;
    list->length--;
    free_node(list, slot);
}

/* Counts the bytes of the element's node when it comes or goes. */
static void count_node(struct redis *redis, struct collection *zset, uint32_t slot, bool comes)
{
    uint64_t bytes = node_bytes(redis, zset, slot, zset->order->level[slot]);

    bytes = comes ? bytes : 0 - bytes;
    zset->order->node_bytes += bytes;
    redis->used += bytes;
}

static void insert(struct redis *redis, struct collection *zset, uint32_t slot, int level)
{
    struct way way;

    find_way(redis, zset, place_of(zset, slot), &way);
    link_node(zset, &way, slot, level);
    count_node(redis, zset, slot, true);
}

static void take_out(struct redis *redis, struct collection *zset, uint32_t slot)
{
    struct way way;

    find_way(redis, zset, place_of(zset, slot), &way);
    count_node(redis, zset, slot, false);
    unlink_node(zset, &way, slot);
}

void skiplist_set_score(struct redis *redis, struct collection *zset, uint32_t slot, double score)
{
    struct way way;
    uint32_t after = skiplist_next(zset, slot);
    int64_t bits;
    int level;

    memcpy(&bits, &score, sizeof bits);
    find_way(redis, zset, place_of(zset, slot), &way);
    if ((way.before == NO_SLOT || collection_score(zset, way.before) < score) &&
        (after == NO_SLOT || collection_score(zset, after) > score)) {
        zset->number[slot] = bits;
        return;
    }
    level = redis->profile->members_in_nodes ? zset->order->level[slot] : random_level(redis);
    count_node(redis, zset, slot, false);
    unlink_node(zset, &way, slot);
    zset->number[slot] = bits;
    insert(redis, zset, slot, level);
}

uint32_t skiplist_rank(const struct redis *redis, const struct collection *zset, struct place place)
{
    struct way way;

    find_way(redis, zset, place, &way);
    return way.rank[0];
}

uint32_t skiplist_count(const struct collection *zset, bool (*is_below)(const void *bound, uint32_t slot),
                        const void *bound)
{
    struct skip_list *list = zset->order;
    uint32_t at = HEADER, rank = 0;

    for (int level = list->height - 1; level >= 0; level--)
        for (;;) {
            struct pair pair = pairs_of(list, at)[level];

            if (pair.next == NO_SLOT || !is_below(bound, pair.next))
                break;
            rank += pair.span;
            at = list->place[pair.next];
        }
    return rank;
}

uint32_t skiplist_at(const struct collection *zset, uint32_t rank)
{
    struct skip_list *list = zset->order;
    uint32_t at = HEADER, passed = 0;

    for (int level = list->height - 1; level >= 0; level--)
        for (;;) {
            struct pair pair = pairs_of(list, at)[level];

            if (pair.next == NO_SLOT || passed + pair.span > rank + 1)
                break;
            passed += pair.span;
            if (passed == rank + 1)
                return pair.next;
            at = list->place[pair.next];
        }
    return NO_SLOT;
}

uint32_t skiplist_next(const struct collection *zset, uint32_t slot)
{
    return zset->order->pairs[zset->order->place[slot]].next;
}

int skiplist_levels(const struct collection *zset, uint32_t slot)
{
    return zset->order->level[slot];
}

static void release_list(struct skip_list *list)
{
    free(list->pairs);
    free(list->place);
    free(list->level);
    free(list);
}

/* ---- the encoding ---- */

static uint64_t own_bytes(const struct redis *redis)
{
    const struct allocator *allocator = redis->allocator;
    uint64_t levels = LEVEL_BYTES * SKIPLIST_LEVELS;

    if (redis->profile->nodes_are_bare)
        return allocator_class(allocator, ZSET_BYTES) + allocator_class(allocator, COUNTING_LIST_BYTES) +
               allocator_class(allocator, NODE_WITH_MEMBER_BYTES + levels);
    if (redis->profile->members_in_nodes)
        return allocator_class(allocator, ZSET_BYTES) + allocator_class(allocator, NODE_WITH_MEMBER_BYTES + levels);
    return allocator_class(allocator, ZSET_BYTES) + allocator_class(allocator, LIST_BYTES) +
           allocator_class(allocator, NODE_BYTES + levels);
}

static void begin(struct redis *redis, struct collection *zset, uint64_t expected)
{
    struct skip_list *list = xcalloc(1, sizeof *list);

    free(zset->value); /* this encoding has scores as numbers, not as texts */
    zset->value = NULL;
    list->height = 1;
    take_place(list, SKIPLIST_LEVELS);
    list->pairs[HEADER] = (struct pair){NO_SLOT, 0};
    zset->order = list;
    redis->used += own_bytes(redis);
    member_table_encoding.begin(redis, zset, expected);
}

static void add(struct redis *redis, struct collection *zset, uint32_t slot)
{
    insert(redis, zset, slot, random_level(redis));
    member_table_encoding.add(redis, zset, slot);
}

/* skiplist_set_score has already done it. */
static void change(struct redis *redis, struct collection *zset, uint32_t slot, struct text before)
{
    (void)redis;
    (void)zset;
    (void)slot;
    (void)before;
}

static void remove_element(struct redis *redis, struct collection *zset, uint32_t slot)
{
    take_out(redis, zset, slot);
    member_table_encoding.remove(redis, zset, slot);
}

static void find(struct redis *redis, struct collection *zset, uint32_t member)
{
    member_table_encoding.find(redis, zset, member);
}

static void end(struct redis *redis, struct collection *zset)
{
    redis->used -= own_bytes(redis) + zset->order->node_bytes;
    release_list(zset->order);
    zset->order = NULL;
    member_table_encoding.end(redis, zset);
}

void skiplist_release(void *structure)
{
    release_list(((struct collection *)structure)->order);
    collection_release(structure);
}

const struct collection_encoding skiplist_encoding = {begin, add, change, remove_element, find, end};

uint64_t skiplist_bytes(const struct redis *redis, const void *structure)
{
    const struct collection *zset = structure;

    return own_bytes(redis) + zset->order->node_bytes + member_table_bytes(redis, structure);
}

/* Where the header is the list itself, MEMORY USAGE takes its sizeof instead of its block. */
struct usage_sample skiplist_sample(const struct redis *redis, const void *structure)
{
    const struct collection *zset = structure;
    uint64_t header = NODE_WITH_MEMBER_BYTES + LEVEL_BYTES * SKIPLIST_LEVELS;
    uint64_t own;

    if (redis->profile
            ->usage_is_asked_for) /* the list knows its bytes; each member counts with an entry that it does not have */
        return (struct usage_sample){.besides = own_bytes(redis) + zset->order->node_bytes +
                                                member_table_usage_empty(redis, zset) +
                                                member_table_usage_elements(redis, zset)};
    own = own_bytes(redis) - (redis->profile->members_in_nodes ? usage_leaves_out(redis, header) : 0);

    return (struct usage_sample){.besides = own + member_table_usage_empty(redis, zset),
                                 .elements = zset->order->node_bytes + member_table_usage_elements(redis, zset),
                                 .count = zset->count};
}

/* As zsetDup: the table has room for all elements, and the nodes get new levels. */
void *skiplist_copy(struct redis *redis, const void *structure)
{
    struct collection *copy = collection_copy(structure);
    uint64_t used = redis->used;

    begin(redis, copy, copy->count);
    for (uint32_t slot = 0; slot < copy->used; slot++)
        add(redis, copy, slot);
    redis->used = used;
    return copy;
}
