/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/ebuckets.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEGMENT_MOST = 16, /* EB_SEG_MAX_ITEMS, EB_LIST_MAX_ITEMS */
    HALF = SEGMENT_MOST / 2,
    FIRST_HEADER = 16, /* FirstSegHdr */
    NEXT_HEADER = 24,  /* NextSegHdr */
    METADATA = 8,      /* of the tree: how many items there are */
    KEY_BYTES = 6,
};

/* Items in order of their times. */
struct eb_segment {
    struct eb_bucket *bucket; /* NULL: of the list */
    struct eb_segment *next, *previous;
    uint32_t count;
    uint32_t ids[SEGMENT_MOST];
};

struct eb_bucket {
    int64_t key;              /* none of its items expires before it */
    struct eb_segment *first; /* where there are more, the items of all have one time */
};

void ebuckets_init(struct ebuckets *ebuckets, const struct allocator *allocator, uint64_t *memory, eb_item_fn *item,
                   void *owner)
{
    *ebuckets = (struct ebuckets){.item = item, .owner = owner, .allocator = allocator, .memory = memory};
}

static struct eb_item *item_of(const struct ebuckets *ebuckets, uint32_t id)
{
    return ebuckets->item(ebuckets->owner, id);
}

static int64_t ms_of(const struct ebuckets *ebuckets, const struct eb_segment *segment, uint32_t i)
{
    return item_of(ebuckets, segment->ids[i])->ms;
}

/* ---- memory ---- */

static void count_bytes(struct ebuckets *ebuckets, uint64_t bytes)
{
    ebuckets->bytes += bytes;
    *ebuckets->memory += bytes;
}

static void count_header(struct ebuckets *ebuckets, uint64_t bytes)
{
    count_bytes(ebuckets, allocator_class(ebuckets->allocator, bytes));
}

static void uncount_header(struct ebuckets *ebuckets, uint64_t bytes)
{
    count_bytes(ebuckets, 0 - allocator_class(ebuckets->allocator, bytes));
}

static void key_to_bytes(int64_t key, unsigned char bytes[KEY_BYTES])
{
    for (int i = KEY_BYTES - 1; i >= 0; i--, key >>= 8)
        bytes[i] = (unsigned char)(key & 0xff);
}

/* Puts a bucket's key into the tree, or takes it out. */
static void move_key(struct ebuckets *ebuckets, int64_t key, bool is_in)
{
    unsigned char bytes[KEY_BYTES];
    uint64_t before = ebuckets->tree.bytes;

    key_to_bytes(key, bytes);
    if (is_in)
        rax_insert(&ebuckets->tree, bytes, KEY_BYTES, true, 0);
    else
        rax_remove(&ebuckets->tree, bytes, KEY_BYTES);
    ebuckets->bytes += ebuckets->tree.bytes - before;
}

static void release_bucket(struct eb_bucket *bucket)
{
    for (struct eb_segment *segment = bucket->first, *next; segment; segment = next) {
        next = segment->next;
        free(segment);
    }
    free(bucket);
}

void ebuckets_release(struct ebuckets *ebuckets)
{
    for (uint32_t i = ebuckets->begin; i < ebuckets->end; i++)
        release_bucket(ebuckets->buckets[i]);
    free(ebuckets->buckets);
    free(ebuckets->list);
    if (ebuckets->has_tree)
        rax_release(&ebuckets->tree);
    ebuckets->buckets = NULL;
    ebuckets->list = NULL;
    ebuckets->has_tree = false;
    ebuckets->begin = ebuckets->end = ebuckets->capacity = 0;
    ebuckets->count = 0;
}

void ebuckets_clear(struct ebuckets *ebuckets)
{
    count_bytes(ebuckets, 0 - ebuckets->bytes);
    ebuckets_release(ebuckets);
}

/* ---- segments ---- */

static struct eb_segment *new_segment(struct eb_bucket *bucket)
{
    struct eb_segment *segment = xcalloc(1, sizeof *segment);

    segment->bucket = bucket;
    return segment;
}

/* Behind those that expire no later; there is room. */
static void segment_insert(struct ebuckets *ebuckets, struct eb_segment *segment, uint32_t id)
{
    struct eb_item *item = item_of(ebuckets, id);
    uint32_t place = segment->count;

    assert(segment->count < SEGMENT_MOST);
    while (place && ms_of(ebuckets, segment, place - 1) > item->ms)
        place--;
    memmove(&segment->ids[place + 1], &segment->ids[place], (segment->count - place) * sizeof *segment->ids);
    segment->ids[place] = id;
    segment->count++;
    item->segment = segment;
}

static void segment_take(struct eb_segment *segment, uint32_t place)
{
    segment->count--;
    memmove(&segment->ids[place], &segment->ids[place + 1], (segment->count - place) * sizeof *segment->ids);
}

/* ---- buckets ---- */

/* The place of the last bucket whose key is not above this one, counted from 1; 0: none. */
static uint32_t find_bucket(const struct ebuckets *ebuckets, int64_t key)
{
    uint32_t low = ebuckets->begin, high = ebuckets->end;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (ebuckets->buckets[middle]->key <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low - ebuckets->begin;
}

static void place_bucket(struct ebuckets *ebuckets, struct eb_bucket *bucket)
{
    uint32_t place = ebuckets->begin + find_bucket(ebuckets, bucket->key);

    if (place == ebuckets->begin && ebuckets->begin) { /* room in front of the first */
        ebuckets->buckets[--ebuckets->begin] = bucket;
        return;
    }
    if (ebuckets->end == ebuckets->capacity) {
        ebuckets->capacity = ebuckets->capacity ? 2 * ebuckets->capacity : 4;
        ebuckets->buckets = xrealloc(ebuckets->buckets, ebuckets->capacity * sizeof(struct eb_bucket *));
    }
    memmove(&ebuckets->buckets[place + 1], &ebuckets->buckets[place],
            (ebuckets->end - place) * sizeof(struct eb_bucket *));
    ebuckets->buckets[place] = bucket;
    ebuckets->end++;
}

static void unplace_bucket(struct ebuckets *ebuckets, const struct eb_bucket *bucket)
{
    uint32_t place = ebuckets->begin + find_bucket(ebuckets, bucket->key) - 1;

    assert(ebuckets->buckets[place] == bucket);
    if (place == ebuckets->begin) {
        ebuckets->begin++;
        return;
    }
    memmove(&ebuckets->buckets[place], &ebuckets->buckets[place + 1],
            (ebuckets->end - place - 1) * sizeof(struct eb_bucket *));
    ebuckets->end--;
}

/* A bucket of one segment, which has its header and its key from now on. */
static void add_bucket(struct ebuckets *ebuckets, int64_t key, struct eb_segment *segment)
{
    struct eb_bucket *bucket = xcalloc(1, sizeof *bucket);

    bucket->key = key;
    bucket->first = segment;
    segment->bucket = bucket;
    count_header(ebuckets, FIRST_HEADER);
    move_key(ebuckets, key, true);
    place_bucket(ebuckets, bucket);
}

static void drop_tree(struct ebuckets *ebuckets)
{
    uint64_t bytes = ebuckets->tree.bytes;

    rax_clear(&ebuckets->tree);
    ebuckets->bytes -= bytes;
    ebuckets->has_tree = false;
}

static void remove_bucket(struct ebuckets *ebuckets, struct eb_bucket *bucket)
{
    unplace_bucket(ebuckets, bucket);
    uncount_header(ebuckets, FIRST_HEADER);
    move_key(ebuckets, bucket->key, false);
    release_bucket(bucket);
}

static void change_key(struct ebuckets *ebuckets, struct eb_bucket *bucket, int64_t key)
{
    if (bucket->key == key)
        return;
    unplace_bucket(ebuckets, bucket);
    move_key(ebuckets, bucket->key, false);
    bucket->key = key;
    move_key(ebuckets, key, true);
    place_bucket(ebuckets, bucket);
}

/* ebTrySegSplit: behind which item a full segment is parted best, counted from 1; 0: they all have one time. */
static uint32_t split_place(const struct ebuckets *ebuckets, const struct eb_segment *segment)
{
    uint32_t best = 0, distance = HALF;

    for (uint32_t i = 0; i + 1 < SEGMENT_MOST; i++) {
        if (ms_of(ebuckets, segment, i + 1) == ms_of(ebuckets, segment, i))
            continue;
        if (i < HALF) {
            best = i + 1;
            distance = HALF - i;
        } else if (distance > i + 1 - HALF) {
            best = i + 1;
            distance = i + 1 - HALF;
        }
    }
    return best;
}

/* The later items of the full segment, as one of their own. */
static struct eb_segment *split(struct ebuckets *ebuckets, struct eb_segment *segment, uint32_t place)
{
    struct eb_segment *later = new_segment(NULL);

    later->count = segment->count - place;
    memcpy(later->ids, &segment->ids[place], later->count * sizeof *later->ids);
    segment->count = place;
    for (uint32_t i = 0; i < later->count; i++)
        item_of(ebuckets, later->ids[i])->segment = later;
    return later;
}

/* The bucket's one segment is full, and its items have not all one time. */
static void split_and_insert(struct ebuckets *ebuckets, struct eb_bucket *bucket, uint32_t id, uint32_t place)
{
    struct eb_segment *later = split(ebuckets, bucket->first, place);
    int64_t key = ms_of(ebuckets, later, 0);

    segment_insert(ebuckets, item_of(ebuckets, id)->ms < key ? bucket->first : later, id);
    add_bucket(ebuckets, key, later);
}

static void extend(struct ebuckets *ebuckets, struct eb_bucket *bucket, uint32_t id)
{
    struct eb_segment *segment = new_segment(bucket);

    segment->next = bucket->first;
    bucket->first->previous = segment;
    bucket->first = segment;
    count_header(ebuckets, NEXT_HEADER);
    segment_insert(ebuckets, segment, id);
}

static void add_alone(struct ebuckets *ebuckets, uint32_t id)
{
    struct eb_segment *segment = new_segment(NULL);

    segment_insert(ebuckets, segment, id);
    add_bucket(ebuckets, item_of(ebuckets, id)->ms, segment);
}

/* ebAddToBucket, and what ebAddToRax makes of it. */
static void add_to_bucket(struct ebuckets *ebuckets, struct eb_bucket *bucket, uint32_t id)
{
    int64_t ms = item_of(ebuckets, id)->ms, its_ms;
    bool is_extended = bucket->first->next != NULL;
    uint32_t place = 0;

    if (!is_extended && bucket->first->count < SEGMENT_MOST) {
        segment_insert(ebuckets, bucket->first, id);
        return;
    }
    if (!is_extended)
        place = split_place(ebuckets, bucket->first);
    if (place) {
        split_and_insert(ebuckets, bucket, id, place);
        return;
    }
    its_ms = ms_of(ebuckets, bucket->first, 0);
    if (ms == its_ms && bucket->first->count < SEGMENT_MOST) {
        segment_insert(ebuckets, bucket->first, id);
        return;
    }
    if ((ms == its_ms && !is_extended) || its_ms > ms)
        change_key(ebuckets, bucket, its_ms);
    if (ms == its_ms)
        extend(ebuckets, bucket, id);
    else
        add_alone(ebuckets, id);
}

/* ---- adding, removing ---- */

static void convert_to_tree(struct ebuckets *ebuckets)
{
    struct eb_segment *segment = ebuckets->list;

    rax_init_with(&ebuckets->tree, ebuckets->allocator, ebuckets->memory, METADATA);
    ebuckets->bytes += ebuckets->tree.bytes;
    ebuckets->has_tree = true;
    ebuckets->list = NULL;
    add_bucket(ebuckets, ms_of(ebuckets, segment, 0), segment);
}

void ebuckets_add(struct ebuckets *ebuckets, uint32_t id, int64_t ms)
{
    uint32_t place;

    assert(!eb_item_is_in(item_of(ebuckets, id)));
    item_of(ebuckets, id)->ms = ms;
    ebuckets->count++;
    if (!ebuckets->has_tree && ebuckets->list && ebuckets->list->count == SEGMENT_MOST)
        convert_to_tree(ebuckets);
    if (!ebuckets->has_tree) {
        if (!ebuckets->list)
            ebuckets->list = new_segment(NULL);
        segment_insert(ebuckets, ebuckets->list, id);
        return;
    }
    place = find_bucket(ebuckets, ms);
    if (place)
        add_to_bucket(ebuckets, ebuckets->buckets[ebuckets->begin + place - 1], id);
    else
        add_alone(ebuckets, id);
}

/* Of several: its header goes, or the next one's. */
static void remove_segment(struct ebuckets *ebuckets, struct eb_segment *segment)
{
    if (segment->next)
        segment->next->previous = segment->previous;
    if (segment->previous)
        segment->previous->next = segment->next;
    else
        segment->bucket->first = segment->next;
    uncount_header(ebuckets, NEXT_HEADER);
    free(segment);
}

/* What an emptied segment leaves: nothing. */
static void remove_if_empty(struct ebuckets *ebuckets, struct eb_segment *segment)
{
    struct eb_bucket *bucket = segment->bucket;

    if (segment->count)
        return;
    if (!bucket) {
        ebuckets->list = NULL;
        free(segment);
    } else if (bucket->first->next) {
        remove_segment(ebuckets, segment);
    } else {
        remove_bucket(ebuckets, bucket);
    }
}

void ebuckets_remove(struct ebuckets *ebuckets, uint32_t id)
{
    struct eb_item *item = item_of(ebuckets, id);
    struct eb_segment *segment = item->segment;
    uint32_t place = 0;

    while (segment->ids[place] != id)
        place++;
    item->segment = NULL;
    segment_take(segment, place);
    ebuckets->count--;
    remove_if_empty(ebuckets, segment);
    if (ebuckets->has_tree && ebuckets->begin == ebuckets->end)
        drop_tree(ebuckets);
}

/* The first segment; NULL. */
static struct eb_segment *first_segment(const struct ebuckets *ebuckets)
{
    if (!ebuckets->has_tree)
        return ebuckets->list;
    return ebuckets->begin < ebuckets->end ? ebuckets->buckets[ebuckets->begin]->first : NULL;
}

int64_t ebuckets_first_ms(const struct ebuckets *ebuckets)
{
    const struct eb_segment *first = first_segment(ebuckets);

    return first ? ms_of(ebuckets, first, 0) : EB_NEVER;
}

/* ---- expiry ---- */

/* Items that come back at another time, the last first. */
struct returning {
    uint32_t *ids;
    int64_t *ms;
    uint32_t count, capacity, ms_capacity;
};

static void note_returning(struct returning *returning, uint32_t id, int64_t ms)
{
    returning->ids = xgrow(returning->ids, &returning->capacity, returning->count + 1, sizeof *returning->ids);
    returning->ms = xgrow(returning->ms, &returning->ms_capacity, returning->count + 1, sizeof *returning->ms);
    returning->ids[returning->count] = id;
    returning->ms[returning->count++] = ms;
}

/* Whether a segment is due: a bucket of the tree is looked at once its key has passed. */
static bool is_due(const struct ebuckets *ebuckets, const struct eb_segment *segment, int64_t now_ms)
{
    return (!segment->bucket || segment->bucket->key < now_ms) && ms_of(ebuckets, segment, 0) <= now_ms;
}

uint64_t ebuckets_expire(struct ebuckets *ebuckets, int64_t now_ms, uint64_t most, eb_expire_fn *expire, void *owner,
                         int64_t *next_ms)
{
    struct returning returning = {0};
    struct eb_segment *segment;
    uint64_t expired = 0;

    while (expired < most && (segment = first_segment(ebuckets)) && is_due(ebuckets, segment, now_ms)) {
        uint32_t id = segment->ids[0];
        int64_t again_ms = EB_NEVER;
        enum eb_action action;

        item_of(ebuckets, id)->segment = NULL;
        action = expire(owner, id, &again_ms);
        if (action == EB_STOP) {
            item_of(ebuckets, id)->segment = segment;
            break;
        }
        if (action == EB_RETIMED)
            note_returning(&returning, id, again_ms);
        segment_take(segment, 0);
        ebuckets->count--;
        expired++;
        remove_if_empty(ebuckets, segment);
    }
    if (ebuckets->has_tree && ebuckets->begin == ebuckets->end && !returning.count)
        drop_tree(ebuckets);
    while (returning.count--)
        ebuckets_add(ebuckets, returning.ids[returning.count], returning.ms[returning.count]);
    free(returning.ids);
    free(returning.ms);
    *next_ms = ebuckets_first_ms(ebuckets);
    return expired;
}

/* ebExpireDryRun. */
uint64_t ebuckets_expired(const struct ebuckets *ebuckets, int64_t now_ms)
{
    uint64_t expired = 0;
    uint32_t bucket = ebuckets->begin;

    for (struct eb_segment *segment = first_segment(ebuckets); segment;) {
        for (uint32_t i = 0; i < segment->count; i++) {
            if (ms_of(ebuckets, segment, i) >= now_ms)
                return expired;
            expired++;
        }
        segment = segment->next;
        if (!segment && ebuckets->has_tree && ++bucket < ebuckets->end)
            segment = ebuckets->buckets[bucket]->first;
    }
    return expired;
}
