/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set_algebra: intersections, unions and differences of sets, which are replied or stored under another key.
 *
 * The result is built member by member, as in the server, because its encoding depends on the order of the steps. All
 * work is done at the command's last row.
 *
 * Source: sinterGenericCommand, sunionDiffGenericCommand (t_set.c of Redis 7.0.15, 7.2.6). */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/server/commands/set_reply.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/set.h"

#include <stdlib.h>

/* The sets of a command's keys from row `first` on. A missing key is NULL. */
struct sources {
    struct entry **sets;
    uint32_t count;
    bool lacks_one;
};

/* Returns false if a key has another type; the command has then failed. */
static bool look_up_sources(struct call *call, uint32_t first, struct sources *sources)
{
    sources->count = call->row - first + 1;
    sources->sets = xcalloc(sources->count, sizeof(struct entry *));
    sources->lacks_one = false;
    for (uint32_t i = 0; i < sources->count; i++) {
        struct entry *entry = key_lookup(call->redis, call->batch->id[first + i], LOOKUP_READ);

        if (call_is_wrong_type(call, entry)) {
            free(sources->sets);
            return false;
        }
        sources->sets[i] = entry;
        sources->lacks_one |= !entry;
    }
    return true;
}

static uint32_t size_of(const struct entry *set)
{
    return set ? set_of(set)->count : 0;
}

/* Sorts the sets by size. */
static void sort_by_size(struct entry **sets, uint32_t count, bool ascending)
{
    for (uint32_t i = 1; i < count; i++) {
        struct entry *set = sets[i];
        uint32_t place = i;

        for (; place && (ascending ? size_of(sets[place - 1]) > size_of(set) : size_of(sets[place - 1]) < size_of(set));
             place--)
            sets[place] = sets[place - 1];
        sets[place] = set;
    }
}

static uint32_t *members_of(const struct entry *set)
{
    uint32_t *members = xmalloc((size_of(set) + 1) * sizeof *members);

    collection_list(set_of(set), members);
    return members;
}

static bool all_have(struct redis *redis, const struct sources *sources, uint32_t member)
{
    for (uint32_t i = 1; i < sources->count; i++)
        if (sources->sets[i] != sources->sets[0] && !set_has(redis, sources->sets[i], member))
            return false;
    return true;
}

static bool another_has(struct redis *redis, const struct sources *sources, uint32_t member)
{
    for (uint32_t i = 1; i < sources->count; i++)
        if (sources->sets[i] && set_has(redis, sources->sets[i], member))
            return true;
    return false;
}

/* Takes the members of a result: stores them, or counts them and replies. */
struct sink {
    struct call *call;
    struct entry *stored; /* NULL: the members are replied */
    struct call reply;
    uint64_t count, most; /* most is 0: no limit */
    bool only_integers;
};

/* Returns false if no more members are wanted. */
static bool take(struct sink *sink, uint32_t member)
{
    sink->count++;
    sink->only_integers &= member_of(sink->call->redis->members, member)->is_integer;
    if (sink->stored)
        set_add(sink->call->redis, sink->stored, member);
    else
        reply_member(&sink->reply, member);
    return sink->count != sink->most;
}

/* All sets must exist and be sorted by size. */
static void intersect(struct sink *sink, const struct sources *sources)
{
    uint32_t *members = members_of(sources->sets[0]), count = size_of(sources->sets[0]);
    bool goes_on = true;

    for (uint32_t i = 0; i < count && goes_on; i++)
        if (all_have(sink->call->redis, sources, members[i]))
            goes_on = take(sink, members[i]);
    free(members);
}

/* Adds the members of all sets to `set`. */
static void unite(struct redis *redis, struct entry *set, const struct sources *sources)
{
    for (uint32_t i = 0; i < sources->count; i++) {
        uint32_t *members;

        if (!sources->sets[i])
            continue;
        members = members_of(sources->sets[i]);
        for (uint32_t j = 0; j < size_of(sources->sets[i]); j++)
            set_add(redis, set, members[j]);
        free(members);
    }
}

/* Adds the members of the first set, then removes those of the others. */
static void subtract_all(struct redis *redis, struct entry *set, const struct sources *sources)
{
    for (uint32_t i = 0; i < sources->count && (i == 0 || size_of(set)); i++) {
        uint32_t *members;

        if (!sources->sets[i])
            continue;
        members = members_of(sources->sets[i]);
        for (uint32_t j = 0; j < size_of(sources->sets[i]); j++)
            if (i == 0)
                set_add(redis, set, members[j]);
            else
                set_remove(redis, set, members[j]);
        free(members);
    }
}

/* Adds the members of the first set that are in no other. */
static void subtract_each(struct redis *redis, struct entry *set, const struct sources *sources)
{
    uint32_t *members = members_of(sources->sets[0]);

    for (uint32_t i = 0; i < size_of(sources->sets[0]); i++)
        if (!another_has(redis, sources, members[i]))
            set_add(redis, set, members[i]);
    free(members);
}

/* Puts the difference into `set`. The server chooses the method that it expects to be cheaper. */
static void subtract(struct redis *redis, struct entry *set, struct sources *sources)
{
    uint64_t each = 0, all = 0;

    if (!sources->sets[0])
        return;
    for (uint32_t i = 0; i < sources->count; i++) {
        if (i && sources->sets[i] == sources->sets[0])
            return;
        each += sources->sets[i] ? size_of(sources->sets[0]) : 0;
        all += size_of(sources->sets[i]);
    }
    if (each / 2 > all) {
        subtract_all(redis, set, sources);
        return;
    }
    sort_by_size(sources->sets + 1, sources->count - 1, false);
    subtract_each(redis, set, sources);
}

/* Stores the set. The call is at the key to store under, which is the command's first row. */
static void store(struct call *call, struct entry *set)
{
    struct redis *redis = call->redis;
    struct value value;

    call_reply_integer(call, set_of(set)->count);
    if (set_of(set)->count) {
        value = set_hand_over(redis, set);
        call_set_key(call, &value);
        call_propagate(call);
        return;
    }
    set_discard(redis, set);
    if (key_delete_if_there(redis, call->id)) {
        redis->counters.deleted_keys++;
        call_propagate(call);
    }
}

/* SINTER, SINTERCARD */
void run_sinter(struct call *call)
{
    struct sources sources;
    struct sink sink = {.call = call, .reply = {.redis = call->redis}};

    if (call->flags & REQUEST_MORE || !look_up_sources(call, call_first_row(call), &sources))
        return;
    if (call->op == OP_SINTERCARD)
        sink.most = (uint64_t)call->second;
    if (!sources.lacks_one) {
        sort_by_size(sources.sets, sources.count, true);
        intersect(&sink, &sources);
    }
    free(sources.sets);
    if (call->op == OP_SINTERCARD) {
        call_reply_integer(call, (int64_t)sink.count);
        return;
    }
    call_reply_array_deferred(call, sink.count);
    call->reply += sink.reply.reply;
}

/* Creates the result. Since 7.2 it has the encoding of the smallest set, but it never begins as a table. */
static struct entry begin_intersection(struct redis *redis, const struct sources *sources)
{
    bool is_intset =
        !redis->profile->sets_have_listpacks || sources->lacks_one || sources->sets[0]->encoding == ENCODING_SET_INTSET;

    return set_begin(redis, is_intset ? ENCODING_SET_INTSET : ENCODING_SET_LISTPACK, 0);
}

void run_sinterstore(struct call *call)
{
    struct redis *redis = call->redis;
    uint32_t first = call_first_row(call);
    struct sources sources;
    struct sink sink = {.call = call, .only_integers = true};
    struct entry set;

    if (call->flags & REQUEST_MORE || !look_up_sources(call, first + 1, &sources))
        return;
    if (!sources.lacks_one)
        sort_by_size(sources.sets, sources.count, true);
    set = begin_intersection(redis, &sources);
    sink.stored = &set;
    if (!sources.lacks_one)
        intersect(&sink, &sources);
    free(sources.sets);
    if (redis->profile->sets_have_listpacks && sink.count && sink.only_integers)
        set_become_intset(redis, &set);
    call_turn_to(call, first);
    store(call, &set);
}

/* SUNION, SDIFF and their STORE forms. The result begins as an intset. Returns false if the command has failed or this
 * is not its last row. */
static bool combine(struct call *call, uint32_t skip, bool unites, struct entry *set)
{
    struct sources sources;

    if (call->flags & REQUEST_MORE || !look_up_sources(call, call_first_row(call) + skip, &sources))
        return false;
    *set = set_begin(call->redis, ENCODING_SET_INTSET, 0);
    if (unites)
        unite(call->redis, set, &sources);
    else
        subtract(call->redis, set, &sources);
    free(sources.sets);
    return true;
}

static void reply_combined(struct call *call, bool unites)
{
    struct entry set;

    if (!combine(call, 0, unites, &set))
        return;
    reply_members(call, set_of(&set));
    set_discard(call->redis, &set);
}

static void store_combined(struct call *call, bool unites)
{
    struct entry set;

    if (!combine(call, 1, unites, &set))
        return;
    call_turn_to(call, call_first_row(call));
    store(call, &set);
}

void run_sunion(struct call *call)
{
    reply_combined(call, true);
}

void run_sdiff(struct call *call)
{
    reply_combined(call, false);
}

void run_sunionstore(struct call *call)
{
    store_combined(call, true);
}

void run_sdiffstore(struct call *call)
{
    store_combined(call, false);
}
