/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/bounds.h"

#include "sim/alloc.h"
#include "sim/policy.h"
#include "sim/weight.h"

#include <math.h>
#include <stdlib.h>

/* A key as the cache would have it that keeps everything. */
struct kept {
    int64_t expire_ms; /* Unix ms, the latest time until which a cache may keep it; or NO_EXPIRE */
    uint32_t row;      /* row of its last request */
    uint32_t size;
    bool stored; /* a cache may have it */
};

#define NO_EXPIRE INT64_MAX

struct bounds {
    struct kept *keys;
    uint32_t key_count;
    uint64_t rows, reads, read_bytes;
    uint64_t *gaps; /* one for each lookup that might hit: rows since the last request << 32 | size */
    size_t count, capacity;
};

struct bounds *bounds_new(void)
{
    return xcalloc(1, sizeof(struct bounds));
}

void bounds_free(struct bounds *bounds)
{
    if (!bounds)
        return;
    free(bounds->keys);
    free(bounds->gaps);
    free(bounds);
}

static struct kept *kept_of(struct bounds *bounds, uint32_t id)
{
    if (id >= bounds->key_count)
        bounds->keys = xgrow(bounds->keys, &bounds->key_count, id + 1, sizeof *bounds->keys);
    return &bounds->keys[id];
}

/* ---- the gaps between requests ---- */

/* The command overwrites an old value. */
static bool replaces(const struct command *command)
{
    return command->sets && !command->only_new;
}

static void add_gap(struct bounds *bounds, uint64_t rows, uint32_t size)
{
    if (bounds->count == bounds->capacity) {
        bounds->capacity = bounds->capacity ? bounds->capacity * 2 : 1 << 16;
        bounds->gaps = xrealloc(bounds->gaps, bounds->capacity * sizeof *bounds->gaps);
    }
    bounds->gaps[bounds->count++] = rows << 32 | size;
}

static void look_up(struct bounds *bounds, const struct kept *kept, uint32_t size)
{
    bounds->reads++;
    if (kept->stored)
        add_gap(bounds, (uint32_t)((uint32_t)bounds->rows - kept->row), kept->size);
    if (kept->stored || size != VALUE_UNKNOWN)
        bounds->read_bytes += kept->stored ? kept->size : size;
}

/* ---- how long a key may stay ---- */

static int64_t unix_ms(const struct simulation_options *options, const struct batch *batch, uint32_t row)
{
    return (options->start_unix_us + batch->time_us[row]) / 1000;
}

/* The time of expiry that the row gives to a key which it stores or finds. */
static int64_t expire_of(const struct simulation_options *options, const struct batch *batch, uint32_t row)
{
    if (!(batch->flags[row] & REQUEST_TTL))
        return NO_EXPIRE;
    return request_expire_ms(batch, row, unix_ms(options, batch, row));
}

/* A key that is found keeps its ttl; a key that is loaded gets the row's. It depends on the cache which of the two
 * happens, so the later time counts. */
static void time_key(struct kept *kept, const struct simulation_options *options, const struct batch *batch,
                     uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];
    int64_t expire_ms = expire_of(options, batch, row);
    bool drops = request_drops_ttl(batch, row), retimes = request_retimes(batch, row);
    bool exact = retimes || (!command->sets && drops) ||
                 (replaces(command) && !(batch->flags[row] & (REQUEST_NX | REQUEST_KEEPTTL)));

    if (!command->sets && drops)
        expire_ms = NO_EXPIRE;
    if (exact || expire_ms > kept->expire_ms)
        kept->expire_ms = expire_ms;
    if (retimes && expire_ms <= unix_ms(options, batch, row))
        kept->stored = false;
}

static uint32_t weigh(const struct simulation_options *options, uint32_t value_len, uint32_t key_len)
{
    return weight_of(options->unit_sizes, options->weighs_keys, value_len, key_len);
}

static uint32_t value_part(const struct simulation_options *options, const struct kept *kept, uint32_t key_len)
{
    return kept->stored ? weight_of_value(options->weighs_keys, kept->size, key_len) : 0;
}

/* Updates the key's size, state and time of expiry after the row. */
static void store(struct kept *kept, const struct simulation_options *options, const struct batch *batch, uint32_t row)
{
    enum op op = (enum op)batch->op[row];
    const struct command *command = &command_table[op];
    uint32_t size = batch->value_len[row], key_len = batch->key_len[row];
    bool creates = request_makes_key(batch, row) ? !(batch->flags[row] & REQUEST_XX)
                                                 : command->fills && options->fill && size != VALUE_UNKNOWN;

    if (command->change)
        kept->size = weigh(
            options, command_changed_size(op, value_part(options, kept, key_len), batch->number[row], size), key_len);
    else if ((replaces(command) && !(kept->stored && batch->flags[row] & REQUEST_NX)) || (creates && !kept->stored))
        kept->size = weigh(options, size, key_len);
    if (!kept->stored)
        kept->expire_ms = 0;
    kept->stored = (kept->stored || creates) && !request_deletes(batch, row);
    if (creates || replaces(command) || request_retimes(batch, row) || request_drops_ttl(batch, row))
        time_key(kept, options, batch, row);
}

/* RENAME and COPY. A cache that had lost the first key keeps its second, so the second key may have either ttl: the
 * later one counts. */
static void receive(struct bounds *bounds, const struct simulation_options *options, const struct batch *batch,
                    uint32_t row)
{
    struct kept *from = &bounds->keys[batch->id[row - 1]], *to = &bounds->keys[batch->id[row]];
    bool moves = command_table[batch->op[row]].transfer == TRANSFER_MOVES;

    if (from == to || !from->stored)
        return;
    to->expire_ms = to->stored && to->expire_ms > from->expire_ms ? to->expire_ms : from->expire_ms;
    to->size = weigh(options, value_part(options, from, batch->key_len[row - 1]), batch->key_len[row]);
    to->stored = true;
    from->stored = !moves;
}

/* Under --compat libcachesim all requests are of one kind. */
static void ask(struct bounds *bounds, const struct simulation_options *options, const struct batch *batch,
                uint32_t row)
{
    struct kept *kept = kept_of(bounds, batch->id[row]);
    uint32_t size = weight_of_row(options, batch, row);

    bounds->reads++;
    bounds->read_bytes += size;
    if (kept->stored)
        add_gap(bounds, (uint32_t)((uint32_t)bounds->rows - kept->row), kept->size);
    else
        kept->size = size;
    kept->stored = true;
    kept->row = (uint32_t)bounds->rows;
}

static void forget_all(struct bounds *bounds)
{
    for (uint32_t id = 0; id < bounds->key_count; id++)
        bounds->keys[id].stored = false;
}

void bounds_see(struct bounds *bounds, const struct simulation_options *options, const struct batch *batch)
{
    for (uint32_t row = 0; row < batch->count; row++, bounds->rows++) {
        enum op op = (enum op)batch->op[row];
        struct kept *kept;

        if (options->libcachesim) {
            if (request_asks(batch, row, options->unit_sizes))
                ask(bounds, options, batch, row);
            continue;
        }
        if (command_table[op].flushes)
            forget_all(bounds);
        if (batch->id[row] == NO_KEY || !request_has_size(batch, row))
            continue;
        kept = kept_of(bounds, batch->id[row]);
        if (unix_ms(options, batch, row) > kept->expire_ms)
            kept->stored = false;
        if (request_looks_up(batch, row))
            look_up(bounds, kept, weight_of_row(options, batch, row));
        if (request_receives(batch, row))
            receive(bounds, options, batch, row);
        else if (!request_gives(batch, row))
            store(kept, options, batch, row);
        if (request_looks_up(batch, row) || request_makes_key(batch, row))
            kept->row = (uint32_t)bounds->rows;
    }
}

/* ---- the bounds: requests that need the least room count first ---- */

/* Radix sort by value, from the lowest byte. `spare` is as large as `values`. Returns the one that holds the result. */
static uint64_t *sort(uint64_t *values, uint64_t *spare, size_t count)
{
    for (int shift = 0; shift < 64; shift += 8) {
        size_t starts[257] = {0};
        uint64_t *sorted = spare;

        for (size_t i = 0; i < count; i++)
            starts[(values[i] >> shift & 255) + 1]++;
        for (int byte = 0; byte < 256; byte++)
            starts[byte + 1] += starts[byte];
        for (size_t i = 0; i < count; i++)
            sorted[starts[values[i] >> shift & 255]++] = values[i];
        spare = values;
        values = sorted;
    }
    return values;
}

static uint32_t size_of(uint64_t gap)
{
    return (uint32_t)gap;
}

static double room_of(uint64_t gap)
{
    return (double)(gap >> 32) * (double)size_of(gap);
}

/* Copies the gaps of objects that fit into the cache at all. */
static size_t copy_fitting(const struct bounds *bounds, uint64_t maxmemory, uint64_t *fitting)
{
    size_t count = 0;

    for (size_t i = 0; i < bounds->count; i++)
        if (!maxmemory || size_of(bounds->gaps[i]) <= maxmemory)
            fitting[count++] = bounds->gaps[i];
    return count;
}

/* The bytes of the gaps with the fewest rows that fit into the room. The last one counts in part. */
static uint64_t most_hit_bytes(const uint64_t *gaps, size_t count, double room)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        if (room_of(gaps[i]) > room)
            return bytes + (uint64_t)(room / (double)(gaps[i] >> 32));
        room -= room_of(gaps[i]);
        bytes += size_of(gaps[i]);
    }
    return bytes;
}

static uint64_t most_hits(const uint64_t *rooms, size_t count, double room)
{
    for (size_t i = 0; i < count; i++) {
        if ((double)rooms[i] > room)
            return i;
        room -= (double)rooms[i];
    }
    return count;
}

struct bound bounds_at(const struct bounds *bounds, uint64_t maxmemory)
{
    struct bound bound = {.maxmemory = maxmemory, .reads = bounds->reads, .read_bytes = bounds->read_bytes};
    uint64_t *values = xmalloc((bounds->count + 1) * sizeof *values);
    uint64_t *spare = xmalloc((bounds->count + 1) * sizeof *spare), *sorted;
    size_t count = copy_fitting(bounds, maxmemory, values);
    double room = maxmemory ? (double)maxmemory * (double)bounds->rows : INFINITY;

    sorted = sort(values, spare, count);
    bound.hit_bytes = most_hit_bytes(sorted, count, room);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (sorted[i] >> 32) * size_of(sorted[i]);
    sorted = sort(sorted, sorted == values ? spare : values, count);
    bound.hits = most_hits(sorted, count, room);
    free(values);
    free(spare);
    return bound;
}
