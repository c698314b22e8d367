/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/key_sample.h"

#include "sim/alloc.h"
#include "sim/engine/key_parts.h"
#include "sim/mrc/mrc.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SALT = 0x51, KEYS_LEAST = 2000, FIRST_PARTS = 4 };

static const double INSEPARABLE_MOST = 0.01;  /* of the commands */
static const double ELEMENTS_OFF_MOST = 0.25; /* of the elements that so many of the keys would have */

static int64_t clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void key_sample_open(struct key_sample *sample)
{
    *sample = (struct key_sample){.parts = FIRST_PARTS, .opened_us = clock_us(), .due_us = SAMPLE_DUE_US};
}

void key_sample_release(struct key_sample *sample)
{
    for (size_t i = 0; i < sample->count; i++) {
        batch_release(sample->batches[i]);
        free(sample->batches[i]);
    }
    free(sample->batches);
    members_release(&sample->members);
    *sample = (struct key_sample){0};
}

/* ---- filling it ---- */

/* How many elements the row may add to its key's value. */
static uint32_t elements_added(const struct batch *batch, uint32_t row)
{
    return command_table[batch->op[row]].adds ? batch->elements[row] : 0;
}

/* A batch with room for the row. What the server finds as it starts is in batches of its own (request_is_loaded). */
static struct batch *room_for(struct key_sample *sample, const struct batch *batch, uint32_t row)
{
    struct batch *last = sample->count ? sample->batches[sample->count - 1] : NULL;

    if (!last || last->count == BATCH_CAPACITY || request_is_loaded(last, 0) != request_is_loaded(batch, row)) {
        last = xcalloc(1, sizeof *last);
        sample->batches = xrealloc(sample->batches, (sample->count + 1) * sizeof *sample->batches);
        sample->batches[sample->count++] = last;
    }
    return last;
}

/* Appends a row as a command of its own, as miniatures have it (mrc/miniature.c), and of one connection. */
static void add_row(struct key_sample *sample, const struct batch *batch, uint32_t row)
{
    struct batch *last = room_for(sample, batch, row);
    uint32_t added = last->count;

    batch_append(last, batch, row, 1);
    last->flags[added] &= (uint16_t)~REQUEST_MORE;
    last->client[added] = 0;
    last->behind[added] = 0;
    if (request_gives(batch, row))
        last->op[added] = request_deletes(batch, row) ? OP_DEL : OP_EXISTS;
    sample->elements += elements_added(batch, row);
    sample->rows++;
}

/* Whatever empties a database is in every sample. */
static bool is_drawn(const struct key_sample *sample, const struct batch *batch, uint32_t row)
{
    uint32_t id = batch->id[row];

    return id == NO_KEY ? command_table[batch->op[row]].flushes : mrc_draw(id, SALT) * sample->parts < 1;
}

/* The same, of one in so many of the keys. */
static struct key_sample thinned(const struct key_sample *sample, uint32_t parts)
{
    struct key_sample kept = *sample;

    kept.batches = NULL;
    kept.members = (struct members){0};
    members_hold(&kept.members, &sample->members);
    kept.count = kept.rows = kept.elements = 0;
    kept.parts = parts;
    for (size_t i = 0; i < sample->count; i++)
        for (uint32_t row = 0; row < sample->batches[i]->count; row++)
            if (is_drawn(&kept, sample->batches[i], row))
                add_row(&kept, sample->batches[i], row);
    return kept;
}

static void halve(struct key_sample *sample)
{
    struct key_sample kept = thinned(sample, sample->parts * 2);

    key_sample_release(sample);
    *sample = kept;
}

/* Whether the row is one of several, and what happens to its key depends on the others'. */
static bool is_inseparable(const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];
    bool has_siblings = batch->flags[row] & REQUEST_MORE || (row && batch->flags[row - 1] & REQUEST_MORE);

    return has_siblings && (command->moves || command->stores || command->transfer || command->all_or_none ||
                            (command->removes && command->type != TYPE_ANY));
}

/* Whether a miniature has the row. Of a command that cannot be cut, it has what it does to the key that gives. */
static bool is_kept(const struct key_sample *sample, const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];

    if (!is_drawn(sample, batch, row) || command->runs_script || batch->op[row] == OP_WATCH)
        return false;
    return request_gives(batch, row) || !is_inseparable(batch, row);
}

void key_sample_see(void *owner, const struct batch *batch)
{
    struct key_sample *sample = owner;

    if (batch->members)
        members_hold(&sample->members, batch->members);
    for (uint32_t row = 0; row < batch->count; row++) {
        bool is_last = !(batch->flags[row] & REQUEST_MORE) && !request_is_loaded(batch, row);

        sample->commands += is_last;
        sample->inseparable += is_last && is_inseparable(batch, row);
        sample->reads += request_looks_up(batch, row);
        sample->all_elements += elements_added(batch, row);
        if (!is_kept(sample, batch, row))
            continue;
        add_row(sample, batch, row);
        if (sample->rows > SAMPLE_ROWS)
            halve(sample);
    }
    if (batch->count)
        sample->last_us = batch->time_us[batch->count - 1];
}

bool key_sample_is_due(struct key_sample *sample)
{
    if (!sample->due_us || clock_us() - sample->opened_us < sample->due_us)
        return false;
    sample->due_us = 0;
    return true;
}

bool key_sample_so_far(const struct key_sample *sample, struct key_sample *copy)
{
    *copy = thinned(sample, sample->parts);
    while (copy->rows > SAMPLE_ROWS_SO_FAR)
        halve(copy);
    return key_sample_close(copy, sample->last_us);
}

static bool is_like_the_whole(const struct key_sample *sample)
{
    double elements = (double)sample->all_elements / sample->parts;

    return sample->keys >= KEYS_LEAST && (double)sample->inseparable <= INSEPARABLE_MOST * (double)sample->commands &&
           fabs((double)sample->elements - elements) <= ELEMENTS_OFF_MOST * elements;
}

bool key_sample_close(struct key_sample *sample, int64_t end_us)
{
    uint32_t *ids = NULL, capacity = 0;

    sample->end_us = end_us;
    for (size_t i = 0; i < sample->count; i++) {
        struct batch *batch = sample->batches[i];

        for (uint32_t row = 0; row < batch->count; row++) {
            uint32_t id = batch->id[row];

            if (id == NO_KEY)
                continue;
            if (id >= capacity)
                ids = xgrow(ids, &capacity, id + 1, sizeof *ids);
            if (!ids[id])
                ids[id] = ++sample->keys;
            batch->id[row] = ids[id] - 1;
        }
        batch->key_count = sample->keys;
        batch->members = &sample->members;
    }
    free(ids);
    return is_like_the_whole(sample);
}

/* ---- replaying it ---- */

uint64_t key_sample_size(const struct key_sample *sample, uint64_t size, uint64_t baseline)
{
    double keys = size > baseline ? (double)(size - baseline) : 1;

    return baseline + (uint64_t)fmax(1, round(keys / sample->parts));
}

struct work {
    const struct key_sample *sample;
    const struct cell_config *cells;
    size_t count, next;
    struct result *results;
    struct error *errors; /* by cell */
    pthread_mutex_t lock;
};

static void replay_cell(const struct work *work, size_t i)
{
    const struct cell_config *cell = &work->cells[i];
    const struct model *model = cell->server->model;
    void *state = xcalloc(1, model->state_size);
    int status = model->init(state, cell, &work->errors[i]);

    for (size_t b = 0; b < work->sample->count && !status; b++)
        status = model->replay(state, work->sample->batches[b], &work->errors[i]);
    work->results[i].server = xstrdup(cell->server->name);
    work->results[i].policy = xstrdup("");
    work->results[i].maxmemory = cell->maxmemory;
    if (!status)
        model->finish(state, work->sample->end_us, &work->results[i], &work->errors[i]);
    model->release(state);
    free(state);
}

static void *work_on(void *argument)
{
    struct work *work = argument;

    for (;;) {
        size_t i;

        pthread_mutex_lock(&work->lock);
        i = work->next++;
        pthread_mutex_unlock(&work->lock);
        if (i >= work->count)
            return NULL;
        replay_cell(work, i);
    }
}

int key_sample_replay(const struct key_sample *sample, const struct cell_config *cells, size_t count, int workers,
                      struct result *results, struct error *error)
{
    struct work work = {.sample = sample, .cells = cells, .count = count, .results = results};
    pthread_t *threads = xcalloc((size_t)workers, sizeof *threads);
    int started = 0, status = 0;

    work.errors = xcalloc(count ? count : 1, sizeof *work.errors);
    pthread_mutex_init(&work.lock, NULL);
    while (started < workers - 1 && !pthread_create(&threads[started], NULL, work_on, &work))
        started++;
    work_on(&work);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < count && !status; i++)
        if (error_is_set(&work.errors[i])) {
            *error = work.errors[i];
            status = -1;
        }
    pthread_mutex_destroy(&work.lock);
    free(threads);
    free(work.errors);
    return status;
}

/* ---- what it says of the whole ---- */

void key_sample_scale(const struct key_sample *sample, const struct counters *whole, struct result *result)
{
    const struct key_whole known = {.requests = whole->requests,
                                    .reads = whole->reads,
                                    .read_bytes = whole->read_bytes,
                                    .other_memory = whole->baseline_memory};

    key_parts_scale(&result->counters, sample->parts, &known);
    result->quality.evicted_keys_per_s_p99_minute *= sample->parts;
    result->quality.misses_per_s_p99_minute *= sample->parts;
}

struct counters key_sample_whole(const struct key_sample *sample, const struct result *unlimited)
{
    struct counters whole = unlimited->counters;
    double times = whole.reads && sample->reads ? (double)sample->reads / (double)whole.reads : sample->parts;

    whole.requests = sample->commands;
    whole.reads = sample->reads;
    whole.read_bytes = (uint64_t)((double)whole.read_bytes * times);
    whole.used_memory_peak += (sample->parts - 1) * (whole.used_memory_peak - whole.baseline_memory);
    return whole;
}
