/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/future.h"

#include "sim/alloc.h"
#include "sim/input/reader.h"
#include "sim/options.h"
#include "sim/policy.h"

#include <stdlib.h>

static const uint32_t NEVER = UINT32_MAX;
static const uint32_t NO_ROW_KEY = UINT32_MAX;     /* forward pass: a row without a key */
static const uint32_t FLUSHES = UINT32_MAX - 1;    /* a row that removes every key */
static const uint32_t DELETES = UINT32_C(1) << 31; /* this bit beside an id: the row removes the key */

static uint32_t mark_of(const struct batch *batch, uint32_t row, enum request_rules rules)
{
    enum op op = (enum op)batch->op[row];

    if (rules != RULES_OF_SERVERS)
        return request_asks(batch, row, rules == RULES_OF_UNIT_CACHES) ? batch->id[row] : NO_ROW_KEY;
    if (command_table[op].flushes_all)
        return FLUSHES;
    if (batch->id[row] == NO_KEY)
        return NO_ROW_KEY;
    return batch->id[row] | (request_deletes(batch, row) && !request_looks_up(batch, row) ? DELETES : 0);
}

/* Those of the rules by which the row requests what it requests by `rules`. */
static enum request_rules alike(const struct batch *batch, uint32_t row, enum request_rules rules, uint32_t mark)
{
    for (int other = 1; other < RULES_ALL; other <<= 1)
        if (rules & (unsigned)other && mark_of(batch, row, (enum request_rules)other) != mark)
            rules &= ~(unsigned)other;
    return rules;
}

struct forward {
    struct future *future;
    uint64_t capacity; /* rows that it has room for */
    enum request_rules rules;
    enum request_rules *others; /* those remain that come to the same; NULL: nobody asks */
};

/* The forward pass: stores each row's key, or what the row removes. */
static int mark_batch(void *owner, const struct batch *batch, struct error *error)
{
    struct forward *forward = owner;
    struct future *future = forward->future;

    if (future->rows + batch->count >= NEVER || batch->key_count >= (FLUSHES & ~DELETES))
        return error_set(error, ERROR_INPUT,
                         "a policy that knows the future takes fewer than 2^32 rows "
                         "and 2^31 keys");
    if (future->rows + batch->count > forward->capacity) {
        forward->capacity = forward->capacity ? forward->capacity * 2 : UINT64_C(1) << 20;
        future->next = xrealloc(future->next, forward->capacity * sizeof *future->next);
    }
    for (uint32_t row = 0; row < batch->count; row++) {
        uint32_t mark = mark_of(batch, row, forward->rules);

        future->next[future->rows++] = mark;
        if (forward->others)
            *forward->others = alike(batch, row, *forward->others, mark);
    }
    return 0;
}

/* The backward pass: replaces each key by the row of its next request. */
static void resolve(struct future *future, uint32_t key_count)
{
    uint32_t *seen = xmalloc((key_count + UINT64_C(1)) * sizeof *seen); /* by id: the row of the key's next request */
    uint32_t flushed = NEVER;

    for (uint32_t id = 0; id < key_count; id++)
        seen[id] = NEVER;
    for (uint64_t row = future->rows; row--;) {
        uint32_t mark = future->next[row], id = mark & ~DELETES;

        future->next[row] = NEVER;
        if (mark == FLUSHES)
            flushed = (uint32_t)row;
        if (mark == FLUSHES || mark == NO_ROW_KEY)
            continue;
        if (seen[id] < flushed)
            future->next[row] = seen[id];
        seen[id] = mark & DELETES ? NEVER : (uint32_t)row;
    }
    free(seen);
}

static int read_by(struct future *future, struct reader *reader, enum request_rules rules, enum request_rules *others,
                   struct error *error)
{
    struct forward forward = {.future = future, .rules = rules, .others = others};

    *future = (struct future){0};
    if (reader_read_all(reader, mark_batch, &forward, error)) {
        future_release(future);
        return -1;
    }
    resolve(future, reader_key_count(reader));
    return 0;
}

enum request_rules future_rules(const struct simulation_options *options)
{
    return !options->libcachesim ? RULES_OF_SERVERS : options->unit_sizes ? RULES_OF_UNIT_CACHES : RULES_OF_CACHES;
}

int future_read(struct future *future, struct reader *reader, const struct simulation_options *options,
                struct error *error)
{
    return read_by(future, reader, future_rules(options), NULL, error);
}

int future_read_alike(struct future *future, struct reader *reader, enum request_rules *rules, struct error *error)
{
    *rules = RULES_ALL;
    return read_by(future, reader, RULES_OF_SERVERS, rules, error);
}

int64_t future_next(const struct future *future, uint64_t row)
{
    return future->next[row] == NEVER ? NEXT_NEVER : future->next[row];
}

void future_release(struct future *future)
{
    free(future->next);
    future->next = NULL;
}

/* Returns -1 for rows beyond those that were read. */
static int fill(const void *owner, uint64_t row, struct batch *batch)
{
    const struct future *future = owner;

    if (row + batch->count > future->rows)
        return -1;
    batch->first_row = (int64_t)row;
    for (uint32_t i = 0; i < batch->count; i++)
        batch->next_access[i] = future_next(future, row + i);
    return 0;
}

void future_tell(const struct future *future, struct reader *reader)
{
    reader_extend(reader, fill, future);
}
