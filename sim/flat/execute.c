/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/execute.h"

#include "sim/flat/cache.h"

static int64_t expire_at(const struct flat *flat, const struct batch *batch, uint32_t row)
{
    if (batch->flags[row] & REQUEST_ABSOLUTE)
        return batch->ttl_ms[row];
    return flat->eviction.clock.unix_ms + batch->ttl_ms[row];
}

static void store(struct flat *flat, const struct batch *batch, uint32_t row, uint32_t size)
{
    uint32_t id = batch->id[row];

    cache_insert(flat, id, size);
    if (batch->flags[row] & REQUEST_TTL && object_of(flat, id)->position)
        cache_set_expire(flat, id, expire_at(flat, batch, row));
}

static void miss(struct flat *flat, const struct batch *batch, uint32_t row, bool fills)
{
    uint32_t size = row_size(flat, batch, row);

    flat->counters.misses++;
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

static void read_key(struct flat *flat, const struct batch *batch, uint32_t row, bool fills)
{
    uint32_t id = batch->id[row];

    flat->counters.reads++;
    if (!cache_is_resident(flat, id)) {
        miss(flat, batch, row, fills);
        return;
    }
    flat->counters.hits++;
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
    cache_remove(flat, id);
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
        if (object_of(flat, id)->position)
            delete_key(flat, id);
}

/* What is there already, for commands that change a part of it. */
static uint64_t present_size(struct flat *flat, uint32_t id)
{
    return cache_is_resident(flat, id) ? object_of(flat, id)->size : 0;
}

static uint32_t clamp_size(const struct flat *flat, uint64_t size)
{
    return flat->unit_sizes ? 1 : size < VALUE_UNKNOWN ? (uint32_t)size : VALUE_UNKNOWN - 1;
}

void execute_ask(struct flat *flat, const struct batch *batch, uint32_t row)
{
    uint32_t id = batch->id[row], size = row_size(flat, batch, row);

    if (!request_asks(batch, row, flat->unit_sizes))
        return;
    admission_seen(&flat->admission, OP_GET, id, size);
    flat->counters.reads++;
    flat->counters.read_bytes += size;
    if (object_of(flat, id)->position) {
        flat->counters.hits++;
        flat->counters.hit_bytes += size;
        cache_hit(flat, flat->eviction.policy->read, id);
        return;
    }
    flat->counters.misses++;
    if (!cache_lets_in(flat, id, size))
        return;
    flat->counters.fills++;
    cache_insert(flat, id, size);
}

void execute_row(struct flat *flat, const struct batch *batch, uint32_t row)
{
    uint32_t id = batch->id[row];
    uint64_t size;

    switch ((enum op)batch->op[row]) {
    case OP_GET:
    case OP_MGET:
        read_key(flat, batch, row, true);
        break;
    case OP_GETEX:
        read_key(flat, batch, row, true);
        if (batch->flags[row] & REQUEST_TTL)
            expire_key(flat, batch, row);
        else if (batch->flags[row] & REQUEST_PERSIST && cache_is_resident(flat, id))
            cache_drop_expire(flat, id);
        break;
    case OP_EXISTS:
    case OP_STRLEN:
    case OP_TOUCH:
    case OP_TTL:
    case OP_PTTL:
    case OP_TYPE:
        read_key(flat, batch, row, false);
        break;
    case OP_GETDEL:
        read_key(flat, batch, row, false);
        delete_key(flat, id);
        break;
    case OP_GETSET:
        read_key(flat, batch, row, false);
        write_key(flat, batch, row, row_size(flat, batch, row), true);
        break;
    case OP_SETNX:
        if (!cache_is_resident(flat, id))
            write_key(flat, batch, row, row_size(flat, batch, row), true);
        break;
    case OP_SET:
    case OP_SETEX:
    case OP_PSETEX:
    case OP_MSET:
        write_key(flat, batch, row, row_size(flat, batch, row), true);
        break;
    case OP_APPEND:
        size = present_size(flat, id) + batch->value_len[row];
        write_key(flat, batch, row, clamp_size(flat, size), false);
        break;
    case OP_SETRANGE:
        size = (uint64_t)batch->number[row] + batch->value_len[row];
        if (size < present_size(flat, id))
            size = present_size(flat, id);
        write_key(flat, batch, row, clamp_size(flat, size), false);
        break;
    case OP_INCR:
    case OP_DECR:
    case OP_INCRBY:
    case OP_DECRBY:
        size = present_size(flat, id);
        write_key(flat, batch, row, clamp_size(flat, size ? size : 1), false);
        break;
    case OP_DEL:
    case OP_UNLINK:
        delete_key(flat, id);
        break;
    case OP_EXPIRE:
    case OP_PEXPIRE:
    case OP_EXPIREAT:
    case OP_PEXPIREAT:
        expire_key(flat, batch, row);
        break;
    case OP_PERSIST:
        if (cache_is_resident(flat, id))
            cache_drop_expire(flat, id);
        break;
    case OP_FLUSHALL:
    case OP_FLUSHDB:
        execute_flush(flat);
        break;
    case OP_SELECT:
    case OP_PING:
    case OP_INFO:
    case OP_COUNT:
        break;
    }
}
