/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/execute.h"

#include "sim/flat/cache.h"

static int64_t expire_at(const struct flat *flat, const struct batch *batch, uint32_t row)
{
    return request_expire_ms(batch, row, flat->eviction.clock.unix_ms);
}

static void store(struct flat *flat, const struct batch *batch, uint32_t row, uint32_t size)
{
    uint32_t id = batch->id[row];

    cache_insert(flat, id, size);
    if (batch->flags[row] & REQUEST_TTL && object_of(flat, id)->position)
        cache_set_expire(flat, id, expire_at(flat, batch, row));
}

static inline void count_read(struct flat *flat, uint32_t id, bool found)
{
    if (__builtin_expect(flat->groups != NULL, 0))
        group_read(flat->groups, id, found);
}

static void miss(struct flat *flat, const struct batch *batch, uint32_t row, bool fills)
{
    uint32_t size = row_size(flat, batch, row);

    flat->counters.misses++;
    cache_count_miss(flat, batch->id[row]);
    cache_note_read(flat, batch->id[row], false);
    if (size != VALUE_UNKNOWN)
        flat->counters.read_bytes += size;
    if (!fills || !flat->fill)
        return;
    if (size == VALUE_UNKNOWN) {
        flat->counters.unfilled_misses++;
        return;
    }
    if (!cache_lets_in(flat, batch->id[row], size))
        return;
    flat->counters.fills++;
    store(flat, batch, row, size);
}

static inline void read_key(struct flat *flat, const struct batch *batch, uint32_t row, bool fills)
{
    uint32_t id = batch->id[row];

    flat->counters.reads++;
    count_read(flat, id, cache_is_resident(flat, id));
    if (!object_of(flat, id)->position) {
        miss(flat, batch, row, fills);
        return;
    }
    flat->counters.hits++;
    cache_note_read(flat, id, true);
    flat->counters.read_bytes += object_of(flat, id)->size;
    flat->counters.hit_bytes += object_of(flat, id)->size;
    cache_hit(flat, flat->eviction.policy->read, id);
}

static void write_key(struct flat *flat, const struct batch *batch, uint32_t row, uint32_t size, bool replaces)
{
    uint32_t id = batch->id[row];
    uint16_t flags = batch->flags[row];
    bool found = cache_is_resident(flat, id);

    if ((flags & REQUEST_NX && found) || (flags & REQUEST_XX && !found)) {
        flat->counters.writes++;
        return;
    }
    if (!found && !cache_lets_in(flat, id, size)) {
        flat->counters.writes++;
        return;
    }
    if (!found) {
        store(flat, batch, row, size);
        return;
    }
    cache_resize(flat, id, size);
    if (!object_of(flat, id)->position)
        return;
    if (flags & REQUEST_TTL)
        cache_set_expire(flat, id, expire_at(flat, batch, row));
    else if (replaces && !(flags & REQUEST_KEEPTTL))
        cache_drop_expire(flat, id);
}

static void delete_key(struct flat *flat, uint32_t id)
{
    if (!cache_is_resident(flat, id))
        return;
    cache_remove(flat, id, MISS_DELETED);
    flat->counters.deleted_keys++;
}

static void expire_key(struct flat *flat, const struct batch *batch, uint32_t row)
{
    int64_t when = expire_at(flat, batch, row);

    if (!cache_is_resident(flat, batch->id[row]))
        return;
    if (when <= flat->eviction.clock.unix_ms)
        delete_key(flat, batch->id[row]);
    else
        cache_set_expire(flat, batch->id[row], when);
}

void execute_flush(struct flat *flat)
{
    for (uint32_t id = 0; id < flat->capacity; id++)
        if (object_of(flat, id)->position) {
            delete_key(flat, id);
            cache_note_absence(flat, id, MISS_FLUSHED);
        }
}

/* The present size, for commands that change a part of the value; 0 if the key is absent. */
static uint32_t present_size(struct flat *flat, uint32_t id)
{
    return cache_is_resident(flat, id) ? object_of(flat, id)->size : 0;
}

void execute_ask(struct flat *flat, const struct batch *batch, uint32_t row)
{
    uint32_t id = batch->id[row], size = row_size(flat, batch, row);

    if (!request_asks(batch, row, flat->unit_sizes))
        return;
    admission_seen(&flat->admission, OP_GET, id, size);
    flat->counters.reads++;
    flat->counters.read_bytes += size;
    count_read(flat, id, object_of(flat, id)->position != 0);
    if (object_of(flat, id)->position) {
        flat->counters.hits++;
        cache_note_read(flat, id, true);
        flat->counters.hit_bytes += size;
        cache_hit(flat, flat->eviction.policy->read, id);
        return;
    }
    flat->counters.misses++;
    cache_count_miss(flat, id);
    cache_note_read(flat, id, false);
    if (!cache_lets_in(flat, id, size))
        return;
    flat->counters.fills++;
    cache_insert(flat, id, size);
}

/* Writes the value with the size that it has after a part of it is changed. */
static void change_key(struct flat *flat, const struct batch *batch, uint32_t row)
{
    uint32_t key_len = batch->key_len[row], present = present_size(flat, batch->id[row]);
    uint32_t value_len =
        command_changed_size((enum op)batch->op[row], weight_of_value(flat->weighs_keys, present, key_len),
                             batch->number[row], batch->value_len[row]);

    write_key(flat, batch, row, weight_of(flat->unit_sizes, flat->weighs_keys, value_len, key_len), false);
}

/* RENAME, MOVE, COPY: executed at the second key's row. A renamed key enters the cache as a new object; the room of the
 * old one is free. */
static void transfer_key(struct flat *flat, const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];
    uint32_t from = batch->id[row - 1], to = batch->id[row], size;
    bool replaces = !command->only_new || batch->flags[row] & REQUEST_REPLACE, has_ttl;
    int64_t expire_ms;

    if (from == to || !cache_is_resident(flat, from) || (!replaces && cache_is_resident(flat, to))) {
        flat->counters.writes += command->denyoom;
        return;
    }
    size = weight_of_value(flat->weighs_keys, object_of(flat, from)->size, batch->key_len[row - 1]);
    size = weight_of(flat->unit_sizes, flat->weighs_keys, size, batch->key_len[row]);
    has_ttl = cache_has_ttl(flat, from);
    expire_ms = has_ttl ? flat->expire_ms[from] : 0;
    delete_key(flat, to);
    if (command->transfer == TRANSFER_MOVES)
        delete_key(flat, from);
    cache_insert(flat, to, size);
    flat->counters.writes -= !command->denyoom;
    if (has_ttl && object_of(flat, to)->position)
        cache_set_expire(flat, to, expire_ms);
}

/* MSETNX sets all of its keys or none, and MSETEX with NX or XX does. This is decided at its first row. */
static bool all_are_wanted(struct flat *flat, const struct batch *batch, uint32_t row)
{
    bool wants_present = batch->flags[row] & REQUEST_XX, any_unwanted = false;

    if (row && batch->flags[row - 1] & REQUEST_MORE)
        return flat->all_wanted;
    for (uint32_t i = row;; i++) {
        any_unwanted |= cache_is_resident(flat, batch->id[i]) != wants_present;
        if (!(batch->flags[i] & REQUEST_MORE))
            return flat->all_wanted = !any_unwanted;
    }
}

static bool sets_key(struct flat *flat, const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];

    if (command->all_or_none || (command->options == OPTIONS_MSETEX && batch->flags[row] & (REQUEST_NX | REQUEST_XX)))
        return all_are_wanted(flat, batch, row);
    return command->sets && !(command->only_new && cache_is_resident(flat, batch->id[row]));
}

void execute_get(struct flat *flat, const struct batch *batch, uint32_t row)
{
    read_key(flat, batch, row, true);
}

void execute_row(struct flat *flat, const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];
    uint32_t id = batch->id[row];

    if (!request_has_size(batch, row))
        return;
    if (request_looks_up(batch, row))
        read_key(flat, batch, row, command->fills);
    if (request_receives(batch, row))
        transfer_key(flat, batch, row);
    if (sets_key(flat, batch, row))
        write_key(flat, batch, row, row_size(flat, batch, row), true);
    if (command->change)
        change_key(flat, batch, row);
    if (command->deletes)
        delete_key(flat, id);
    if (request_retimes(batch, row))
        expire_key(flat, batch, row);
    else if (!command->sets && request_drops_ttl(batch, row) && cache_is_resident(flat, id))
        cache_drop_expire(flat, id);
    if (command->flushes)
        execute_flush(flat);
}
