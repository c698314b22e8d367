/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: the commands on lists, each in the server's order.
 *
 * Source: t_list.c of Redis 7.0.15. The profile has the rules of other servers. */
#include "sim/server/commands/list.h"

#include "sim/server/commands/commands.h"
#include "sim/server/keyspace.h"

/* Adds an empty list under the row's key, which is absent. */
static struct entry *new_list(struct call *call)
{
    enum encoding encoding;
    struct list *list = list_new(call->redis, &encoding);
    struct value value = call_allocated(call, value_of_structure(call->redis, encoding, list));

    return call_create(call, &value);
}

struct value list_hand_over(struct redis *redis, const struct entry *list)
{
    struct value value = value_of_structure(redis, (enum encoding)list->encoding, list->structure);

    redis->used -= list_bytes(redis, list->structure);
    redis->arguments += value.bytes;
    return value;
}

void list_elements_removed(struct call *call, uint32_t id)
{
    struct entry *entry = entry_of(call->redis, id);

    if (list_of(entry)->count) {
        list_has_shrunk(call->redis, entry);
        return;
    }
    key_delete(call->redis, id);
    call->redis->counters.deleted_keys++;
}

void list_reply_element(struct call *call, struct list_element element)
{
    call_reply_bulk(call, element.text.length);
}

/* A number popped from a quicklist is an integer object, and the server does not count its digits
 * (listTypeTryConvertListpack). */
static bool is_popped_number(const struct entry *source, struct list_element element)
{
    return source->encoding == ENCODING_LIST_QUICKLIST && text_is_integer(element.text);
}

/* ---- both ends ---- */

/* As pushGenericCommand. */
static void push_all(struct call *call, struct entry *entry, enum list_end end)
{
    const struct element *elements = call_elements(call);
    struct redis *redis = call->redis;
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < call->elements; i++)
        bytes += member_of(redis->members, elements[i].member)->length;
    list_expect(redis, entry, call->elements, bytes);
    for (uint32_t i = 0; i < call->elements; i++)
        list_push(redis, entry, list_element_of(redis, elements[i].member), end);
    call_written(call);
    call_propagate(call);
    call_reply_integer(call, (int64_t)list_of(entry)->count);
}

/* LPUSH, RPUSH */
void run_push(struct call *call)
{
    struct entry *entry = call_lookup_typed_write(call);

    if (!call->failed)
        push_all(call, entry ? entry : new_list(call), call->op == OP_LPUSH ? LIST_HEAD : LIST_TAIL);
}

/* LPUSHX, RPUSHX */
void run_pushx(struct call *call)
{
    struct entry *entry = call_lookup_typed_write(call);

    if (entry)
        push_all(call, entry, call->op == OP_LPUSHX ? LIST_HEAD : LIST_TAIL);
    else if (!call->failed)
        call_reply_integer(call, 0);
}

uint64_t list_pop_range(struct call *call, struct entry *entry, enum list_end end, uint64_t count)
{
    struct list *list = list_of(entry);
    struct list_place place = list_end_place(list, end);

    count = count < list->count ? count : list->count;
    call_reply_array(call, count);
    for (uint64_t i = 0; i < count; i++, place = list_step(place, end == LIST_HEAD ? LIST_TAIL : LIST_HEAD))
        list_reply_element(call, list_at(place));
    list_delete_range(call->redis, entry, end == LIST_HEAD ? 0 : list->count - count, count);
    return count;
}

/* LPOP, RPOP: popGenericCommand. */
void run_pop(struct call *call)
{
    enum list_end end = call->op == OP_LPOP ? LIST_HEAD : LIST_TAIL;
    bool has_count = call->second;
    struct entry *entry;

    if (has_count && call->number < 0) {
        call_reply_error(call); /* value is out of range, must be positive */
        return;
    }
    entry = call_lookup_typed_write(call);
    if (!entry) {
        if (!call->failed)
            call_reply_nil(call);
        return;
    }
    if (has_count && !call->number) {
        call_touched(call);
        call_reply_array(call, 0);
        return;
    }
    if (has_count)
        list_pop_range(call, entry, end, (uint64_t)call->number);
    else
        list_reply_element(call, list_pop(call->redis, entry, end));
    call_written(call);
    call_propagate(call);
    list_elements_removed(call, call->id);
}

void list_move_element(struct call *call, uint32_t from, enum list_end end, enum list_end to)
{
    struct redis *redis = call->redis;
    struct entry *target = key_lookup(redis, call->id, LOOKUP_WRITE);
    struct list_element element;

    call_touched_key(call, from);
    if (call_is_wrong_type(call, target)) {
        call_touched(call);
        return;
    }
    element = list_pop(redis, entry_of(redis, from), end);
    if (!target)
        target = new_list(call);
    list_expect(redis, target, 1, is_popped_number(entry_of(redis, from), element) ? 0 : element.text.length);
    list_push(redis, target, element, to);
    call_written(call);
    list_reply_element(call, element);
    list_elements_removed(call, from);
    call_propagate(call);
}

enum list_end list_side_from(enum op op, uint16_t flags)
{
    return (op == OP_LMOVE || op == OP_BLMOVE) && !(flags & REQUEST_RIGHT) ? LIST_HEAD : LIST_TAIL;
}

enum list_end list_side_to(enum op op, uint16_t flags)
{
    return (op == OP_LMOVE || op == OP_BLMOVE) && flags & REQUEST_TO_RIGHT ? LIST_TAIL : LIST_HEAD;
}

/* LMOVE, RPOPLPUSH. They run at the second key's row. */
void run_lmove(struct call *call)
{
    struct entry *source;

    if (call->flags & REQUEST_MORE)
        return;
    source = key_lookup(call->redis, call_source(call), LOOKUP_WRITE);
    if (call_is_wrong_type(call, source))
        call_touched_key(call, call_source(call));
    else if (!source)
        call_reply_nil(call);
    else
        list_move_element(call, call_source(call), list_side_from((enum op)call->op, call->flags),
                          list_side_to((enum op)call->op, call->flags));
}

/* ---- the middle of the list ---- */

/* The first element that equals the member. */
static struct list_place find(const struct list *list, uint32_t member)
{
    struct list_place place = list_end_place(list, LIST_HEAD);

    while (place.node && list_at(place).member != member)
        place = list_step(place, LIST_TAIL);
    return place;
}

void run_linsert(struct call *call)
{
    const struct element *pivot = call_elements(call), *inserted = pivot + 1;
    struct redis *redis = call->redis;
    struct entry *entry = call_lookup_typed_write(call);
    struct list_place place;

    if (!entry) {
        if (!call->failed)
            call_reply_integer(call, 0);
        return;
    }
    list_expect(redis, entry, 1, member_of(redis->members, inserted->member)->length);
    place = find(list_of(entry), pivot->member);
    if (!place.node) {
        call_touched(call);
        call_reply_integer(call, -1);
        return;
    }
    list_insert(redis, entry, place, list_element_of(redis, inserted->member),
                call->flags & REQUEST_RIGHT ? LIST_TAIL : LIST_HEAD);
    call_written(call);
    call_propagate(call);
    call_reply_integer(call, (int64_t)list_of(entry)->count);
}

/* Finds an index, which counts from the end if it is negative. */
static struct list_place seek(const struct list *list, int64_t index)
{
    uint64_t count = list->count;

    if (index >= 0)
        return list_seek(list, (uint64_t)index);
    if ((uint64_t)0 - (uint64_t)index > count)
        return (struct list_place){0};
    return list_seek(list, count + (uint64_t)index);
}

void run_lset(struct call *call)
{
    struct redis *redis = call->redis;
    uint32_t member = call_elements(call)->member;
    struct entry *entry = call_lookup_typed_write(call);
    struct list_place place;

    if (!entry) {
        if (!call->failed)
            call_reply_error(call); /* no such key */
        return;
    }
    list_expect(redis, entry, 1, member_of(redis->members, member)->length);
    place = seek(list_of(entry), call->number);
    if (!place.node) {
        call_touched(call);
        call_reply_error(call); /* index out of range */
        return;
    }
    list_replace(redis, entry, place, list_element_of(redis, member));
    list_has_shrunk(redis, entry);
    call_written(call);
    call_propagate(call);
    call_reply_ok(call);
}

void run_lrem(struct call *call)
{
    struct redis *redis = call->redis;
    uint32_t member = call_elements(call)->member;
    enum list_end towards = call->number < 0 ? LIST_HEAD : LIST_TAIL;
    uint64_t most = call->number < 0 ? (uint64_t)0 - (uint64_t)call->number : (uint64_t)call->number, removed = 0;
    struct entry *entry = call_lookup_typed_write(call);
    struct list_place place;

    if (!entry) {
        if (!call->failed)
            call_reply_integer(call, 0);
        return;
    }
    place = list_end_place(list_of(entry), towards == LIST_HEAD ? LIST_TAIL : LIST_HEAD);
    while (place.node && (!most || removed < most)) {
        bool is_one = list_at(place).member == member;

        place = is_one ? list_delete(redis, entry, place, towards) : list_step(place, towards);
        removed += is_one;
    }
    if (removed) {
        call_written(call);
        call_propagate(call);
        list_elements_removed(call, call->id);
    } else {
        call_touched(call);
    }
    call_reply_integer(call, (int64_t)removed);
}

/* ---- ranges ---- */

/* A range between two indexes, each of which may count from the end. */
struct range {
    uint64_t first, count;
};

static struct range range_of(uint64_t length, int64_t first, int64_t last)
{
    int64_t count = (int64_t)length;

    first = first < 0 ? count + first : first;
    last = last < 0 ? count + last : last;
    first = first < 0 ? 0 : first;
    if (first > last || first >= count)
        return (struct range){0};
    last = last < count ? last : count - 1;
    return (struct range){(uint64_t)first, (uint64_t)(last - first + 1)};
}

void run_ltrim(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = call_lookup_typed_write(call);
    struct range kept;
    uint64_t behind;

    if (!entry) {
        if (!call->failed)
            call_reply_ok(call);
        return;
    }
    kept = range_of(list_of(entry)->count, call->number, call->second);
    behind = list_of(entry)->count - kept.first - kept.count;
    if (kept.first + behind) {
        list_delete_range(redis, entry, 0, kept.first);
        list_delete_range(redis, entry, kept.count, behind);
        call_written(call);
        call_propagate(call);
        list_elements_removed(call, call->id);
    } else {
        call_touched(call);
        list_has_shrunk(redis, entry); /* the server looks at it whether it has or not */
    }
    call_reply_ok(call);
}

/* ---- reads ---- */

void run_llen(struct call *call)
{
    const struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, entry ? (int64_t)list_of(entry)->count : 0);
}

static void read_element(struct call *call, struct list_element element)
{
    list_reply_element(call, element);
    call->redis->counters.read_bytes += element.text.length;
    call->redis->counters.hit_bytes += element.text.length;
}

void run_lrange(struct call *call)
{
    const struct entry *entry = call_lookup_typed(call);
    struct range range = {0};
    struct list_place place;

    if (call->failed)
        return;
    if (entry)
        range = range_of(list_of(entry)->count, call->number, call->second);
    call_reply_array(call, range.count);
    if (!range.count)
        return;
    place = list_seek(list_of(entry), range.first);
    for (uint64_t i = 0; i < range.count; i++, place = list_step(place, LIST_TAIL))
        read_element(call, list_at(place));
}

void run_lindex(struct call *call)
{
    const struct entry *entry = call_lookup_typed(call);
    struct list_place place = {0};

    if (call->failed)
        return;
    if (entry && call_is_invalid(call)) {
        call_reply_error(call);
        return;
    }
    if (entry)
        place = seek(list_of(entry), call_elements(call)->number);
    if (place.node)
        read_element(call, list_at(place));
    else
        call_reply_nil(call);
}

/* Replies with the indexes of matches, from the RANKth match on. A negative rank counts from the end of the list. Only
 * the first MAXLEN elements are compared. */
void run_lpos(struct call *call)
{
    const struct element *wanted = call_elements(call);
    const struct entry *entry = call_lookup_typed(call);
    int64_t rank = call->flags & REQUEST_RANK ? call->number : 1;
    bool counts = call->flags & REQUEST_COUNT;
    uint64_t most = counts ? (uint64_t)call->second : 1,
             maxlen = call->flags & REQUEST_MAXLEN ? (uint64_t)wanted->number : 0;
    enum list_end towards = rank < 0 ? LIST_HEAD : LIST_TAIL;
    uint64_t skipped = (uint64_t)(rank < 0 ? -rank : rank) - 1, found = 0, matches = 0;
    struct list_place place = {0};

    if (call->failed)
        return;
    if (entry)
        place = list_end_place(list_of(entry), towards == LIST_HEAD ? LIST_TAIL : LIST_HEAD);
    for (uint64_t i = 0; place.node && (!maxlen || i < maxlen) && (!most || found < most); i++) {
        if (list_at(place).member == wanted->member && matches++ >= skipped) {
            found++;
            call_reply_integer(call, (int64_t)(towards == LIST_HEAD ? list_of(entry)->count - 1 - i : i));
        }
        place = list_step(place, towards);
    }
    if (counts)
        call_reply_array_deferred(call, found);
    else if (!found)
        call_reply_nil(call);
}
