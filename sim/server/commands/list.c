/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: the commands on lists, each in the server's order.
 *
 * Source: t_list.c of Redis 7.0.15; the rules of the profile name what others do. */
#include "sim/server/commands/commands.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/list.h"

/* NULL: there is no list; then call->failed says whether there is something else. */
static struct entry *lookup_read(struct call *call)
{
    struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);

    return call_is_wrong_type(call, entry) ? NULL : entry;
}

/* Likewise; who gets an entry says whether it is written or touched. */
static struct entry *lookup_write(struct call *call)
{
    struct entry *entry = call_lookup_write(call);

    if (!call_is_wrong_type(call, entry))
        return entry;
    call_touched(call);
    return NULL;
}

/* The row's key, which is absent, gets an empty list. */
static struct entry *new_list(struct call *call)
{
    enum encoding encoding;
    struct list *list = list_new(call->redis, &encoding);
    struct value value = call_allocated(call, value_of_structure(call->redis, encoding, list));

    key_add(call->redis, call->id, call->db, call->key_len, &value);
    return entry_of(call->redis, call->id);
}

/* listElementsRemoved: the key goes with its last element. */
static void elements_removed(struct call *call, uint32_t id)
{
    struct entry *entry = entry_of(call->redis, id);

    if (list_of(entry)->count) {
        list_has_shrunk(call->redis, entry);
        return;
    }
    key_delete(call->redis, id);
    call->redis->counters.deleted_keys++;
}

static void reply_element(struct call *call, struct list_element element)
{
    call_reply_bulk(call, element.text.length);
}

/* ---- both ends ---- */

/* pushGenericCommand */
static void push(struct call *call, enum list_end end)
{
    const struct element *elements = call_elements(call);
    struct redis *redis = call->redis;
    struct entry *entry = lookup_write(call);
    uint64_t bytes = 0;

    if (call->failed)
        return;
    if (!entry)
        entry = new_list(call);
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
    push(call, call->op == OP_LPUSH ? LIST_HEAD : LIST_TAIL);
}

/* The reply is the elements from the first on; then they go. */
static void pop_range(struct call *call, struct entry *entry, enum list_end end, uint64_t count)
{
    struct list *list = list_of(entry);
    struct list_place place = list_end_place(list, end);

    count = count < list->count ? count : list->count;
    call_reply_array(call, count);
    for (uint64_t i = 0; i < count; i++, place = list_step(place, end == LIST_HEAD ? LIST_TAIL : LIST_HEAD))
        reply_element(call, list_at(place));
    list_delete_range(call->redis, entry, end == LIST_HEAD ? 0 : list->count - count, count);
}

/* popGenericCommand: LPOP, RPOP */
void run_pop(struct call *call)
{
    enum list_end end = call->op == OP_LPOP ? LIST_HEAD : LIST_TAIL;
    bool has_count = call->second;
    struct entry *entry;

    if (has_count && call->number < 0) {
        call_reply_error(call); /* value is out of range, must be positive */
        return;
    }
    entry = lookup_write(call);
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
        pop_range(call, entry, end, (uint64_t)call->number);
    else
        reply_element(call, list_pop(call->redis, entry, end));
    call_written(call);
    call_propagate(call);
    elements_removed(call, call->id);
}

/* ---- reads ---- */

void run_llen(struct call *call)
{
    const struct entry *entry = lookup_read(call);

    if (!call->failed)
        call_reply_integer(call, entry ? (int64_t)list_of(entry)->count : 0);
}

/* Of a list of so many elements, from the first to the last index, both of which may count from the end. */
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

static void read_element(struct call *call, struct list_element element)
{
    reply_element(call, element);
    call->redis->counters.read_bytes += element.text.length;
    call->redis->counters.hit_bytes += element.text.length;
}

void run_lrange(struct call *call)
{
    const struct entry *entry = lookup_read(call);
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
