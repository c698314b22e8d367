/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/hyperloglog.h"

#include "sim/alloc.h"
#include "sim/server/values/room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_BYTES = 16,
    DENSE_BYTES = HEADER_BYTES + HLL_REGISTERS * 6 / 8,
    RANK_MOST = 32,    /* the highest rank of a run */
    RUN_MOST = 4,      /* registers of a run that is not of zeros */
    SHORT_ZEROS = 64,  /* registers of a run of zeros that takes one byte */
    GROWTH_BYTES = 3,  /* an update lengthens the string by at most so many */
    GROWTH_MOST = 300, /* since 7.2, the spare room in addition to that */
    MERGES_LOOKED_AT = 5,
};

static uint32_t run_registers(const struct hll_run *run)
{
    return run->registers + 1u;
}

static uint32_t run_bytes(struct hll_run run)
{
    return run.rank || run_registers(&run) <= SHORT_ZEROS ? 1 : 2;
}

static void set_capacity(struct redis *redis, struct hll *hll, uint32_t capacity)
{
    redis->used += block_bytes(redis, capacity) - block_bytes(redis, hll->capacity);
    hll->capacity = capacity;
}

struct hll *hll_new(struct redis *redis)
{
    struct hll *hll = xcalloc(1, sizeof *hll);

    hll->run_capacity = 8;
    hll->runs = xcalloc(hll->run_capacity, sizeof *hll->runs);
    hll->runs[hll->run_count++].registers = HLL_REGISTERS - 1;
    hll->length = HEADER_BYTES + run_bytes(hll->runs[0]);
    hll->capacity = capacity_of_new(redis, hll->length);
    hll->counted = true;
    redis->used += block_bytes(redis, hll->capacity);
    return hll;
}

struct hll *hll_load(struct redis *redis, const struct element *elements, uint32_t count)
{
    struct hll *hll = xcalloc(1, sizeof *hll);
    uint32_t index = 0;

    hll->length = elements[0].value_len;
    hll->capacity = capacity_of_new(redis, hll->length);
    hll->counted = elements[count - 1].number;
    redis->used += block_bytes(redis, hll->capacity);
    if (elements[0].number) {
        hll->dense = xcalloc(HLL_REGISTERS, sizeof *hll->dense);
        for (uint32_t i = 1; i < count - 1; index += elements[i++].value_len)
            memset(hll->dense + index, (int)elements[i].number, elements[i].value_len);
        return hll;
    }
    hll->run_count = hll->run_capacity = count - 2;
    hll->runs = xcalloc(hll->run_capacity, sizeof *hll->runs);
    for (uint32_t i = 0; i < hll->run_count; i++)
        hll->runs[i] = (struct hll_run){(uint16_t)(elements[i + 1].value_len - 1), (uint8_t)elements[i + 1].number};
    return hll;
}

void hll_become_dense(struct redis *redis, struct hll *hll)
{
    uint8_t *ranks;

    if (hll->dense)
        return;
    ranks = xcalloc(HLL_REGISTERS, sizeof *ranks);
    hll_raise(hll, ranks);
    hll->dense = ranks;
    free(hll->runs);
    hll->runs = NULL;
    hll->length = DENSE_BYTES;
    set_capacity(redis, hll, capacity_of_new(redis, DENSE_BYTES));
}

static uint32_t room_for(const struct redis *redis, uint64_t length)
{
    uint32_t header = sds_growing_header(length);

    return room_of_block(redis, allocator_class(redis->allocator, header + length + 1), header);
}

/* The server does this before it knows whether anything is to be updated. Before 7.2 the room becomes twice the length;
 * since then, at most the limit. */
static void make_room(struct redis *redis, struct hll *hll)
{
    uint64_t most = redis->config.hll_sparse_max_bytes, length = (uint64_t)hll->length + GROWTH_BYTES;

    if (hll->capacity - hll->length >= GROWTH_BYTES)
        return;
    if (!redis->profile->hll_grows_to_limit) {
        set_capacity(redis, hll, room_for(redis, 2 * length));
        return;
    }
    if (hll->capacity >= most)
        return;
    length += length < GROWTH_MOST ? length : GROWTH_MOST;
    length = length < most ? length : most;
    set_capacity(redis, hll, redis->profile->header_follows_room ? room_for(redis, length) : (uint32_t)length);
}

/* The run with the register. *first is the first register of that run. */
static uint32_t find_run(const struct hll *hll, uint32_t index, uint32_t *first)
{
    uint32_t run = 0;

    for (*first = 0; index >= *first + run_registers(&hll->runs[run]); run++)
        *first += run_registers(&hll->runs[run]);
    return run;
}

/* Makes room for `count` more runs after a run. */
static void insert_runs(struct hll *hll, uint32_t run, uint32_t count)
{
    if (hll->run_count + count > hll->run_capacity) {
        hll->run_capacity = 2 * hll->run_capacity + count;
        hll->runs = xrealloc(hll->runs, hll->run_capacity * sizeof *hll->runs);
    }
    memmove(&hll->runs[run + 1 + count], &hll->runs[run + 1], (hll->run_count - run - 1) * sizeof *hll->runs);
    hll->run_count += count;
}

/* Gives register number `place` of a run the rank. The run becomes one, two or three runs. */
static uint32_t split(struct hll_run run, uint32_t place, uint8_t rank, struct hll_run parts[3])
{
    uint32_t behind = run_registers(&run) - place - 1, count = 0;

    if (place)
        parts[count++] = (struct hll_run){(uint16_t)(place - 1), run.rank};
    parts[count++] = (struct hll_run){0, rank};
    if (behind)
        parts[count++] = (struct hll_run){(uint16_t)(behind - 1), run.rank};
    return count;
}

/* Merges runs of the same rank from here on, in the part where the server looks for them. */
static void merge(struct hll *hll, uint32_t run)
{
    for (int looks = MERGES_LOOKED_AT; looks && run < hll->run_count; looks--) {
        struct hll_run *at = &hll->runs[run];

        if (at->rank && run + 1 < hll->run_count && at[1].rank == at->rank &&
            run_registers(at) + run_registers(at + 1) <= RUN_MOST) {
            at->registers = (uint16_t)(run_registers(at) + run_registers(at + 1) - 1);
            memmove(at + 1, at + 2, (hll->run_count - run - 2) * sizeof *at);
            hll->run_count--;
            hll->length--;
        } else {
            run++;
        }
    }
}

/* Returns false if the sparse form has no room. *is_new: there was something to update. */
static bool set_sparse(struct redis *redis, struct hll *hll, uint32_t index, uint8_t rank, bool *is_new)
{
    struct hll_run parts[3];
    uint32_t first, run, count, bytes = 0, before;

    make_room(redis, hll);
    run = find_run(hll, index, &first);
    *is_new = hll->runs[run].rank < rank;
    if (!*is_new)
        return true;
    count = split(hll->runs[run], index - first, rank, parts);
    for (uint32_t i = 0; i < count; i++)
        bytes += run_bytes(parts[i]);
    before = run_bytes(hll->runs[run]);
    if (bytes > before && hll->length + bytes - before > redis->config.hll_sparse_max_bytes)
        return false;
    insert_runs(hll, run, count - 1);
    memcpy(&hll->runs[run], parts, count * sizeof *parts);
    hll->length += bytes - before;
    merge(hll, run ? run - 1 : 0);
    return true;
}

bool hll_set(struct redis *redis, struct hll *hll, uint32_t index, uint8_t rank)
{
    bool is_new;

    if (!hll->dense && rank <= RANK_MOST && set_sparse(redis, hll, index, rank, &is_new)) {
        hll->counted &= !is_new;
        return is_new;
    }
    hll_become_dense(redis, hll);
    is_new = hll->dense[index] < rank;
    if (is_new)
        hll->dense[index] = rank;
    hll->counted &= !is_new;
    return is_new;
}

void hll_raise(const struct hll *hll, uint8_t *ranks)
{
    uint32_t index = 0;

    for (uint32_t i = 0; hll->dense && i < HLL_REGISTERS; i++)
        ranks[i] = ranks[i] < hll->dense[i] ? hll->dense[i] : ranks[i];
    for (uint32_t run = 0; hll->runs && run < hll->run_count; run++)
        for (uint32_t left = run_registers(&hll->runs[run]); left; left--, index++)
            ranks[index] = ranks[index] < hll->runs[run].rank ? hll->runs[run].rank : ranks[index];
}

/* Ertl's sigma, for the registers that are zero. */
static double sigma(double x)
{
    double power = 1, sum = x, before;

    if (x == 1)
        return INFINITY;
    do {
        before = sum;
        x *= x;
        sum += x * power;
        power += power;
    } while (sum != before);
    return sum;
}

/* Ertl's tau, for the registers with the highest rank. */
static double tau(double x)
{
    double power = 1, sum = 1 - x, before;

    if (x == 0 || x == 1)
        return 0;
    do {
        before = sum;
        x = sqrt(x);
        power *= 0.5;
        sum -= (1 - x) * (1 - x) * power;
    } while (sum != before);
    return sum / 3;
}

/* Ertl, New cardinality estimation algorithms for HyperLogLog sketches, arXiv:1702.01284, algorithm 6. */
uint64_t hll_estimate(const uint8_t *ranks)
{
    const double alpha = 0.721347520444481703680, registers = HLL_REGISTERS;
    uint32_t of_rank[HLL_RANKS] = {0};
    double z;

    for (uint32_t i = 0; i < HLL_REGISTERS; i++)
        of_rank[ranks[i]]++;
    z = registers * tau((registers - of_rank[HLL_RANKS - 1]) / registers);
    for (int rank = HLL_RANKS - 2; rank >= 1; rank--)
        z = (z + of_rank[rank]) * 0.5;
    z += registers * sigma(of_rank[0] / registers);
    return (uint64_t)llround(alpha * registers * registers / z);
}

void hll_become_string(struct entry *entry)
{
    struct hll *hll = entry->structure;

    entry->encoding = ENCODING_RAW;
    entry->length = hll->length;
    entry->capacity = hll->capacity;
    entry->has_wide_header = false;
    hll_release(hll);
}

uint64_t hll_bytes(const struct redis *redis, const void *structure)
{
    return block_bytes(redis, ((const struct hll *)structure)->capacity);
}

uint64_t hll_embstr_bytes(const struct redis *redis, const void *structure)
{
    (void)redis;
    (void)structure;
    return 0;
}

bool hll_fits_embstr(const struct redis *redis, const struct hll *hll)
{
    return hll->length <= redis->embstr_limit;
}

void hll_release(void *structure)
{
    struct hll *hll = structure;

    free(hll->runs);
    free(hll->dense);
    free(hll);
}

/* Like a string, it is copied without spare room. */
void *hll_copy(struct redis *redis, const void *structure)
{
    const struct hll *hll = structure;
    struct hll *copy = xcalloc(1, sizeof *copy);

    *copy = *hll;
    copy->capacity = capacity_of_new(redis, hll->length);
    if (hll->runs) {
        copy->runs = xcalloc(hll->run_capacity, sizeof *copy->runs);
        memcpy(copy->runs, hll->runs, hll->run_count * sizeof *copy->runs);
    } else {
        copy->dense = xcalloc(HLL_REGISTERS, sizeof *copy->dense);
        memcpy(copy->dense, hll->dense, HLL_REGISTERS * sizeof *copy->dense);
    }
    return copy;
}
