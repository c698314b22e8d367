/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sort: SORT, SORT_RO.
 *
 * An element's weight is its text as a number. If the text is no integer, only its first eight bytes are known: a
 * longer text that begins with a number is assumed to be that number. Of what BY finds at other keys only numbers are known, so
 * that with ALPHA all that is found counts as alike.
 *
 * Source: sortCommandGeneric (sort.c) of Redis 7.0.15. The profile has the rules of other servers. */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/server/commands/list.h"
#include "sim/server/commands/sort_pattern.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/set.h"
#include "sim/server/values/zset.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The options of the command. */
struct sorting {
    bool desc, alpha, unsorted, names_keys;
    int64_t first, most; /* LIMIT; most < 0: no limit */
    uint32_t gets;
    const struct element *by; /* the pattern, if it names keys; else NULL */
    const struct element *elements;
    uint32_t count;
};

static struct sorting sorting_of(const struct element *elements, uint32_t count)
{
    struct sorting sorting = {.most = -1, .elements = elements, .count = count};

    for (uint32_t i = 0; i < count; i++) {
        if (!(elements[i].flags & ELEMENT_WORD))
            continue;
        switch ((int)elements[i].number) {
        case WORD_ASC:
        case WORD_DESC:
            sorting.desc = elements[i].number == WORD_DESC;
            break;
        case WORD_ALPHA:
            sorting.alpha = true;
            break;
        case WORD_LIMIT:
            sorting.first = elements[i + 1].number;
            sorting.most = elements[i + 2].number;
            break;
        case WORD_BY:
            sorting.unsorted |= elements[i + 1].number != PATTERN_KEYS;
            sorting.names_keys |= elements[i + 1].number == PATTERN_KEYS;
            sorting.by = elements[i + 1].number == PATTERN_KEYS ? &elements[i + 1] : NULL;
            break;
        case WORD_GET:
            sorting.gets++;
            sorting.names_keys |= elements[i + 1].number == PATTERN_KEYS;
            break;
        default:
            break;
        }
    }
    return sorting;
}

struct item {
    double weight;
    struct list_element element;
};

struct vector {
    struct item *items; /* owned */
    uint64_t count;
};

static void add_item(struct vector *vector, struct list_element element)
{
    vector->items[vector->count++] = (struct item){0, element};
}

/* The elements, in the order in which the server meets them. */
static struct vector elements_of(const struct redis *redis, const struct entry *entry)
{
    struct vector vector = {0};
    enum value_type type = entry ? encodings[entry->encoding].type : TYPE_ANY;
    const struct collection *collection = type == TYPE_SET || type == TYPE_ZSET ? entry->structure : NULL;

    vector.items = xcalloc(1 + (type == TYPE_LIST ? list_of(entry)->count
                                : collection      ? collection->count
                                                  : 0),
                           sizeof *vector.items);
    if (type == TYPE_LIST)
        for (struct list_place place = list_end_place(list_of(entry), LIST_HEAD); place.node;
             place = list_step(place, LIST_TAIL))
            add_item(&vector, list_at(place));
    else if (collection && type == TYPE_ZSET) /* in the set's order; see BY */
        for (uint32_t slot = zset_at(entry, 0); slot != NO_SLOT; slot = zset_next(entry, slot))
            add_item(&vector, list_element_of(redis, collection->member[slot]));
    else if (collection)
        for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT;
             slot = collection_next(collection, slot + 1))
            add_item(&vector, list_element_of(redis, collection->member[slot]));
    return vector;
}

/* Whether fast_float reads a number where strtod() does: it takes no blanks and no hexadecimal digits. */
static bool is_fast_float(const char *text)
{
    return !isspace((unsigned char)*text) && !strpbrk(text, "xX");
}

/* Reads the text as a number into the weight. Returns false if it is no number. What a GET has stored has no identity: of a number
 * only that it is one is known. */
static bool weigh(const struct redis *redis, struct item *item)
{
    uint32_t id = item->element.member;
    const struct member *member = id == NO_MEMBER ? NULL : member_of(redis->members, id);
    enum sort_numbers rule = redis->profile->sort_numbers;
    char text[sizeof member->begins + 1] = "", *end;

    if (!member)
        return text_is_integer(item->element.text) || item->element.text.kind == TEXT_DECIMAL;
    if (member->is_integer) {
        item->weight = (double)member->number;
        return true;
    }
    for (size_t i = 0; i < sizeof member->begins; i++)
        text[i] = (char)(member->begins >> (56 - 8 * i));
    errno = 0;
    item->weight = strtod(text, &end);
    if (rule != SORT_STRTOD && !is_fast_float(text))
        return false;
    if (rule == SORT_FAST_FLOAT_NONEMPTY && !member->length)
        return false;
    if (member->length > sizeof member->begins)
        return end != text && !isnan(item->weight);
    return end == text + member->length && (errno != ERANGE || rule == SORT_FAST_FLOAT) && !isnan(item->weight);
}

/* Weighs the element by what its pattern finds. Returns false if that is no number. What is not found weighs nothing, and is before
 * all texts. */
static bool weigh_by(struct call *call, const struct sorting *sorting, struct item *item)
{
    struct sort_find find = sort_find(call, sorting->by, item->element.member);

    item->weight = sorting->alpha ? find.is_there : find.is_number ? find.number : 0;
    if (sorting->alpha || !find.is_there || find.is_number)
        return true;
    return !find.element.text.length && call->redis->profile->sort_numbers != SORT_FAST_FLOAT_NONEMPTY;
}

static int compare(const void *a, const void *b, void *members)
{
    const struct item *left = a, *right = b;

    if (left->weight != right->weight)
        return left->weight < right->weight ? -1 : 1;
    if (left->element.member != NO_MEMBER && right->element.member != NO_MEMBER)
        return member_compare(members, left->element.member, right->element.member);
    return (int)(left->element.member == NO_MEMBER) - (int)(right->element.member == NO_MEMBER);
}

/* The number of elements that LIMIT leaves, from *first on. */
static uint64_t limit(const struct sorting *sorting, uint64_t count, uint64_t *first)
{
    uint64_t left;

    *first = sorting->first < 0 ? 0 : (uint64_t)sorting->first;
    if (*first >= count) {
        *first = count;
        return 0;
    }
    left = count - *first;
    return sorting->most < 0 || (uint64_t)sorting->most > left ? left : (uint64_t)sorting->most;
}

static void reverse(struct vector *vector)
{
    for (uint64_t i = 0, j = vector->count; i + 1 < j; i++) {
        struct item kept = vector->items[i];

        vector->items[i] = vector->items[--j];
        vector->items[j] = kept;
    }
}

/* Sorts the elements. Returns false if an element's text is no number. */
static bool order(struct call *call, const struct sorting *sorting, struct vector *vector)
{
    const struct members *members = call->redis->members;
    bool are_numbers = true;

    if (!sorting->unsorted) {
        for (uint64_t i = 0; i < vector->count; i++)
            if (sorting->by)
                are_numbers &= weigh_by(call, sorting, &vector->items[i]);
            else if (!sorting->alpha)
                are_numbers &= weigh(call->redis, &vector->items[i]);
        if (are_numbers)
            qsort_r(vector->items, vector->count, sizeof *vector->items, compare, (void *)(uintptr_t)members);
    }
    if (sorting->desc)
        reverse(vector);
    return are_numbers;
}

static bool is_get(const struct element *element)
{
    return element->flags & ELEMENT_WORD && element->number == WORD_GET;
}

/* What a GET finds for an item: # the element itself, a name without * nothing. */
static struct sort_find get(struct call *call, const struct element *word, const struct item *item)
{
    struct sort_find find = {.element.member = NO_MEMBER};

    if (word[1].number == PATTERN_KEYS)
        return sort_find(call, &word[1], item->element.member);
    find.is_there = word[1].number == PATTERN_ELEMENT;
    find.element = find.is_there ? item->element : list_element_of(call->redis, word[1].member);
    return find;
}

static void reply_sorted(struct call *call, const struct sorting *sorting, const struct vector *vector)
{
    uint64_t first, count = limit(sorting, vector->count, &first);

    call_reply_array(call, count * (sorting->gets ? sorting->gets : 1));
    for (uint64_t i = first; i < first + count; i++) {
        if (!sorting->gets)
            list_reply_element(call, vector->items[i].element);
        for (uint32_t word = 0; word < sorting->count; word++) {
            struct sort_find find;

            if (!is_get(&sorting->elements[word]))
                continue;
            find = get(call, &sorting->elements[word], &vector->items[i]);
            if (find.is_there)
                list_reply_element(call, find.element);
            else
                call_reply_nil(call);
        }
    }
}

enum { QUICKLIST_FILL = -2 }; /* the fill of quicklistCreate */

/* Stores the elements as a list under the call's key. Deletes that key if there are none. */
static void store_sorted(struct call *call, const struct sorting *sorting, const struct vector *vector)
{
    struct redis *redis = call->redis;
    uint64_t first, count = limit(sorting, vector->count, &first);
    struct entry list = {.encoding = ENCODING_LIST_QUICKLIST, .structure = list_new_quicklist(redis)};
    struct value value;

    if (redis->profile->sorted_lists_have_own_nodes)
        list_of(&list)->fill = QUICKLIST_FILL;
    for (uint64_t i = first; i < first + count; i++) {
        if (!sorting->gets)
            list_push(redis, &list, vector->items[i].element, LIST_TAIL);
        for (uint32_t word = 0; word < sorting->count; word++)
            if (is_get(&sorting->elements[word]))
                list_push(redis, &list, get(call, &sorting->elements[word], &vector->items[i]).element, LIST_TAIL);
    }
    call_reply_integer(call, (int64_t)list_of(&list)->count);
    if (list_of(&list)->count) {
        list_become_listpack(redis, &list, 1);
        value = list_hand_over(redis, &list);
        value.needs_object = call->batch->id[call_first_row(call)] == call->id; /* SORT holds on to it */
        call_set_key(call, &value);
        call_propagate(call);
        return;
    }
    redis->used -= list_bytes(redis, list.structure);
    list_release(list.structure);
    if (key_delete_if_there(redis, call->id)) {
        redis->counters.deleted_keys++;
        call_propagate(call);
    }
}

static bool is_sortable(const struct entry *entry)
{
    enum value_type type = encodings[entry->encoding].type;

    return type == TYPE_LIST || type == TYPE_SET || type == TYPE_ZSET;
}

/* A key to store under is the last row. */
void run_sort(struct call *call)
{
    uint32_t last = call->row, first = call_first_row(call);
    const struct batch *batch = call->batch;
    struct sorting sorting =
        sorting_of(&batch->list[batch->first_element[first]], batch->has_elements ? batch->elements[first] : 0);
    struct entry *entry;
    struct vector vector;

    if (call->flags & REQUEST_MORE)
        return;
    call_turn_to(call, first);
    entry = key_lookup(call->redis, call->id, LOOKUP_READ);
    call_turn_to(call, last);
    if (entry && !is_sortable(entry)) {
        call_reply_wrong_type(call);
        return;
    }
    if (sorting.names_keys && call->redis->config.cluster_enabled) {
        call_reply_error(call);
        return;
    }
    if (sorting.unsorted && entry && encodings[entry->encoding].type == TYPE_SET && last > first) {
        sorting.unsorted = false;
        sorting.alpha = true;
    }
    if (entry && entry->encoding == ENCODING_ZSET_LISTPACK)
        zset_become_skiplist(call->redis, entry);
    vector = elements_of(call->redis, entry);
    if (!order(call, &sorting, &vector))
        call_reply_error(call);
    else if (last > first)
        store_sorted(call, &sorting, &vector);
    else
        reply_sorted(call, &sorting, &vector);
    free(vector.items);
}
