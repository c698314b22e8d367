/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/sweep.h"

#include "sim/alloc.h"
#include "sim/contract.h"
#include "sim/crash.h"
#include "sim/engine/cell_memory.h"
#include "sim/engine/dealing.h"
#include "sim/host_memory.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* In a round: the first, which shows early what is wrong with a cell, and the later ones. Several cells take turns, and
 * each finds little of its own in the processor's caches when its turn comes: so their rounds become longer. One cell by
 * itself has its batches there as long as they are few. */
enum { BATCHES_FIRST = 8, BATCHES_MOST = 32 };

struct cell {
    const struct cell_config *config;
    void *state;
    struct cell *leader;   /* of the team that it is replayed in, which may be itself; NULL: it is replayed alone */
    uint32_t team;         /* how many they are; the leader knows */
    struct error error;    /* the error of its model */
    double replay_seconds; /* of a team each has its share; those that do not lead it get theirs when it ends */
};

struct round {
    struct batch *batches; /* BATCHES_MOST */
    int count;
    int turn; /* 0 or 1: whose set of dealt batches is the round's, too */
};

struct sweep {
    struct cell *cells;
    size_t count;
    struct dealing **dealings; /* those of the cells, each once */
    size_t dealing_count;
    bool takes_turns;    /* several cells, or teams of them, do */
    int round_batches;   /* how many the next round has, at most */
    int64_t last_us;     /* of the trace: what has been read ends then */
    uint64_t asked_keys; /* of the trace: for so many memory has been asked for */
    /* The workers share these; the lock protects them. */
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    const struct round *round;
    size_t next_cell;  /* the next cell of this round that no worker has taken */
    size_t cells_left; /* cells that have not finished this round */
    bool stop;
};

static const struct model *model_of(const struct cell *cell)
{
    return cell->config->server->model;
}

static double thread_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A round of many cells takes seconds; a cell's batch does not. */
static bool is_stopped(struct cell *cell)
{
    return stop_signal() && stop_error(&cell->error);
}

static void replay_batches(struct cell *cell, const struct round *round)
{
    for (int i = 0; i < round->count; i++)
        if (is_stopped(cell) || model_of(cell)->replay(cell->state, &round->batches[i], &cell->error))
            break;
}

static void replay_dealt(struct cell *cell, const struct round *round)
{
    uint32_t count;
    const struct batch *const *batches =
        dealing_batches(cell->config->dealing, round->turn, cell->config->shard, &count);

    for (uint32_t i = 0; i < count; i++)
        if (is_stopped(cell) || model_of(cell)->replay(cell->state, batches[i], &cell->error))
            break;
}

static void replay_round(struct cell *cell, const struct round *round)
{
    double start = thread_seconds();

    if (cell->leader && cell->leader != cell)
        return;
    crash_blame(cell->config->policy_path);
    if (cell->config->dealing)
        replay_dealt(cell, round);
    else
        replay_batches(cell, round);
    crash_blame(NULL);
    cell->replay_seconds += (thread_seconds() - start) / (cell->leader ? cell->team : 1);
}

static void replay_in_turn(struct sweep *sweep, const struct round *round)
{
    for (size_t i = 0; i < sweep->count; i++)
        replay_round(&sweep->cells[i], round);
}

static void *worker(void *argument)
{
    struct sweep *sweep = argument;
    void *stack = crash_thread_begins();

    pthread_mutex_lock(&sweep->lock);
    for (;;) {
        const struct round *round;
        struct cell *cell;

        while (!sweep->stop && sweep->next_cell == sweep->count)
            pthread_cond_wait(&sweep->work, &sweep->lock);
        if (sweep->stop)
            break;
        cell = &sweep->cells[sweep->next_cell++];
        round = sweep->round;
        pthread_mutex_unlock(&sweep->lock);
        replay_round(cell, round);
        pthread_mutex_lock(&sweep->lock);
        if (--sweep->cells_left == 0)
            pthread_cond_signal(&sweep->idle);
    }
    pthread_mutex_unlock(&sweep->lock);
    crash_thread_ends(stack);
    return NULL;
}

/* Waits until every cell has finished the last round. Until the next one the cells belong to the caller. */
static void wait_for_cells(struct sweep *sweep)
{
    pthread_mutex_lock(&sweep->lock);
    while (sweep->cells_left)
        pthread_cond_wait(&sweep->idle, &sweep->lock);
    pthread_mutex_unlock(&sweep->lock);
}

/* Hands the next round to the workers, which are idle; NULL ends them. */
static void hand_out(struct sweep *sweep, const struct round *round)
{
    pthread_mutex_lock(&sweep->lock);
    if (round) {
        sweep->round = round;
        sweep->next_cell = 0;
        sweep->cells_left = sweep->count;
    } else {
        sweep->stop = true;
    }
    pthread_cond_broadcast(&sweep->work);
    pthread_mutex_unlock(&sweep->lock);
}

/* Reports the error of the first cell that has one. All cells have finished the same round, so the error does not
 * depend on the number of workers. It takes precedence over an error of the trace in the next round. Returns 0 or
 * -1. */
static int check_cells(const struct sweep *sweep, struct error *error)
{
    for (size_t i = 0; i < sweep->count; i++)
        if (error_is_set(&sweep->cells[i].error)) {
            *error = sweep->cells[i].error;
            return -1;
        }
    return 0;
}

/* What the reader promises of a batch, at its ends, and in a debug build in each row. Returns the time of the last row. */
static int64_t check_batch(const struct batch *batch, const struct reader *reader, int64_t last_us)
{
    const uint32_t end = batch->count - 1, first_id = batch->id[0], last_id = batch->id[end];

    CONTRACT(batch->count && batch->count <= BATCH_CAPACITY, "a batch has rows, and no more than there is room for");
    CONTRACT(batch->key_count <= reader_key_count(reader), "ids have been given to all keys of a batch");
    CONTRACT((first_id < batch->key_count || first_id == NO_KEY) && (last_id < batch->key_count || last_id == NO_KEY),
             "ids are below the number of keys");
    CONTRACT(batch->time_us[0] >= last_us && batch->time_us[end] >= batch->time_us[0], "time does not run backwards");
    for (uint32_t row = 0; EVSIM_CONTRACTS && row <= end; row++) {
        CONTRACT_DEBUG(batch->id[row] < batch->key_count || batch->id[row] == NO_KEY,
                       "ids are below the number of keys");
        CONTRACT_DEBUG(!row || batch->time_us[row] >= batch->time_us[row - 1], "time does not run backwards");
        CONTRACT_DEBUG(batch->op[row] < OP_COUNT, "commands are those of the table");
        CONTRACT_DEBUG(!batch->has_elements || batch->elements[row] <= batch->list_count,
                       "the elements of a row are in the batch's list");
    }
    CONTRACT_DEBUG(!(batch->flags[end] & REQUEST_MORE), "a batch ends with a command");
    return batch->time_us[end];
}

static int read_round(struct sweep *sweep, struct reader *reader, struct round *round, struct error *error)
{
    bool is_last = false, has_more = false;

    round->count = 0;
    for (size_t i = 0; i < sweep->dealing_count; i++)
        dealing_begin_round(sweep->dealings[i], round->turn);
    while (round->count < sweep->round_batches && !is_last) {
        int status = reader_next(reader, &round->batches[round->count], error);

        if (status < 0)
            return -1;
        is_last = !status;
        if (status)
            sweep->last_us = check_batch(&round->batches[round->count], reader, sweep->last_us);
        for (size_t i = 0; i < sweep->dealing_count && status; i++)
            dealing_take(sweep->dealings[i], round->turn, &round->batches[round->count]);
        round->count += status;
    }
    if (sweep->takes_turns && sweep->round_batches < BATCHES_MOST)
        sweep->round_batches *= 2;
    for (size_t i = 0; i < sweep->dealing_count; i++)
        has_more |= dealing_end_round(sweep->dealings[i], round->turn, is_last);
    return round->count > 0 || has_more;
}

/* Each time that the trace has an eighth more keys: whether this machine has the memory that the cells will take for them. 0, or -1. */
static int check_memory(struct sweep *sweep, const struct reader *reader, struct error *error)
{
    const uint64_t keys = reader_key_count(reader);
    uint64_t bytes = reader_key_bytes(keys);
    char count[UNITS_TEXT], cells[UNITS_TEXT], what[2 * UNITS_TEXT + 64];

    if (keys < sweep->asked_keys)
        return 0;
    sweep->asked_keys = keys + keys / 8 + 1;
    for (size_t i = 0; i < sweep->count; i++)
        bytes += work_cell_bytes(sweep->cells[i].config, keys);
    snprintf(what, sizeof what, "replaying %s cell%s over its first %s keys", print_count(cells, sweep->count),
             sweep->count == 1 ? "" : "s", print_count(count, keys));
    return host_memory_ask(
        reader_memory_limit(reader), bytes, reader_name(reader), what,
        sweep->count > 1 ? "replay one cell at a time (evsim run --unit-cells 1), or a part of the keys (--sample 1/8)"
                         : "replay a part of the keys (evsim run --sample 1/8)",
        error);
}

/* Cells that their model can replay together become teams. */
static void form_teams(struct sweep *sweep)
{
    size_t turns = 0;

    for (size_t i = 0; i < sweep->count; i++) {
        struct cell *cell = &sweep->cells[i];

        for (size_t j = 0; j < i && !cell->leader && model_of(cell)->join && !cell->config->dealing; j++) {
            struct cell *leader = &sweep->cells[j];

            if ((leader->leader && leader->leader != leader) || leader->config->dealing ||
                model_of(leader) != model_of(cell) || !model_of(cell)->join(leader->state, cell->state))
                continue;
            cell->leader = leader->leader = leader;
            leader->team += leader->team ? 1 : 2;
        }
        turns += !cell->leader;
    }
    sweep->takes_turns = turns > 1;
}

/* Of the cells of teams that are none any more, or of all, as the sweep ends: each is by itself again. The workers are idle. */
static void end_teams(struct sweep *sweep, bool all)
{
    for (size_t i = 0; i < sweep->count; i++) {
        struct cell *leader = &sweep->cells[i];

        if (leader->leader != leader || (!all && !model_of(leader)->disband(leader->state)))
            continue;
        for (size_t j = i; j < sweep->count; j++) {
            struct cell *cell = &sweep->cells[j];

            if (cell->leader != leader)
                continue;
            cell->leader = NULL;
            cell->replay_seconds = leader->replay_seconds;
        }
    }
}

static int replay_all(struct sweep *sweep, struct reader *reader, bool threaded, sweep_progress_fn *progress,
                      void *owner, struct error *error)
{
    struct round rounds[2];
    int status = 0, turn = 0;

    for (int i = 0; i < 2; i++) {
        rounds[i].batches = xcalloc(BATCHES_MOST, sizeof *rounds[i].batches); /* zeroed: no future is known */
        rounds[i].turn = i;
    }
    while ((status = read_round(sweep, reader, &rounds[turn], error)) > 0) {
        if (check_memory(sweep, reader, error)) {
            status = -1;
            break;
        }
        if (threaded)
            wait_for_cells(sweep);
        else
            replay_in_turn(sweep, &rounds[turn]);
        if (check_cells(sweep, error))
            break;
        end_teams(sweep, false);
        if (threaded)
            hand_out(sweep, &rounds[turn]);
        turn ^= threaded;
        if (progress && !progress(owner, reader_commands(reader))) {
            status = stop_error(error);
            break;
        }
    }
    if (threaded) {
        wait_for_cells(sweep);
        hand_out(sweep, NULL);
    }
    if (check_cells(sweep, error))
        status = -1;
    end_teams(sweep, true);
    for (int i = 0; i < 2; i++) {
        for (int j = 0; rounds[i].batches && j < BATCHES_MOST; j++)
            batch_release(&rounds[i].batches[j]);
        free(rounds[i].batches);
    }
    return status;
}

static int replay_threaded(struct sweep *sweep, struct reader *reader, int workers, sweep_progress_fn *progress,
                           void *owner, struct error *error)
{
    pthread_t *threads = xmalloc((size_t)workers * sizeof *threads);
    int started = 0, status;

    pthread_mutex_init(&sweep->lock, NULL);
    pthread_cond_init(&sweep->work, NULL);
    pthread_cond_init(&sweep->idle, NULL);
    while (started < workers && !pthread_create(&threads[started], NULL, worker, sweep))
        started++;
    status = replay_all(sweep, reader, started > 0, progress, owner, error);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&sweep->idle);
    pthread_cond_destroy(&sweep->work);
    pthread_mutex_destroy(&sweep->lock);
    free(threads);
    return status;
}

static void find_dealings(struct sweep *sweep, const struct cell_config *cells)
{
    sweep->dealings = xcalloc(sweep->count, sizeof *sweep->dealings);
    for (size_t i = 0; i < sweep->count; i++) {
        size_t known = 0;

        while (known < sweep->dealing_count && sweep->dealings[known] != cells[i].dealing)
            known++;
        if (cells[i].dealing && known == sweep->dealing_count)
            sweep->dealings[sweep->dealing_count++] = cells[i].dealing;
    }
}

static int open_cells(struct sweep *sweep, const struct cell_config *configs, struct error *error)
{
    int status = 0;

    for (size_t i = 0; i < sweep->count && !status; i++) {
        struct cell *cell = &sweep->cells[i];

        cell->config = &configs[i];
        cell->state = xcalloc(1, model_of(cell)->state_size);
        crash_blame(configs[i].policy_path);
        status = model_of(cell)->init(cell->state, &configs[i], error);
        crash_blame(NULL);
    }
    return status;
}

/* What a model promises of its counts, whatever was left out of them. */
static void check_counters(const struct counters *counters)
{
    CONTRACT(counters->hits + counters->misses == counters->reads, "hits and misses are the lookups");
    CONTRACT(counters->misses == counters->misses_cold + counters->misses_expired_lazily +
                                     counters->misses_expired_by_cycle + counters->misses_evicted +
                                     counters->misses_deleted + counters->misses_flushed + counters->misses_refused +
                                     counters->misses_not_admitted,
             "each miss has one cause");
    CONTRACT(counters->hit_bytes <= counters->read_bytes, "no more bytes are found than asked for");
    CONTRACT(counters->oom_rejections <= counters->writes, "refused writes are writes");
    CONTRACT(counters->expires <= counters->keys, "keys with a ttl are keys");
}

static int collect(const struct cell *cell, int64_t end_us, struct result *result, struct error *error)
{
    result->server = xstrdup(cell->config->server->name);
    result->server_is_read = cell->config->server->is_read;
    result->policy_is_elsewhere = cell->config->server->profile && cell->config->policy->redis &&
                                  !cell->config->server->model->has_policy(cell->config->server, cell->config->policy);
    result->policy = xstrdup(cell->config->policy_label ? cell->config->policy_label : cell->config->policy->name);
    result->maxmemory = cell->config->maxmemory;
    result->seed = cell->config->seed;
    result->unit_sizes = cell->config->options->unit_sizes;
    result->sizes_alone = !cell->config->server->profile;
    if (model_of(cell)->finish(cell->state, end_us, result, error))
        return -1;
    check_counters(&result->counters);
    return 0;
}

int sweep_run(struct reader *reader, const struct cell_config *cells, size_t count, int workers,
              sweep_progress_fn *progress, void *owner, struct result *results, double *replay_seconds,
              struct error *error)
{
    struct sweep sweep = {.count = count, .next_cell = count, .last_us = INT64_MIN, .round_batches = BATCHES_FIRST};
    int status;

    sweep.cells = xcalloc(count, sizeof *sweep.cells);
    find_dealings(&sweep, cells);
    status = open_cells(&sweep, cells, error);
    if (!status)
        form_teams(&sweep);
    if (!status && workers > 1)
        status = replay_threaded(&sweep, reader, workers, progress, owner, error);
    else if (!status)
        status = replay_all(&sweep, reader, false, progress, owner, error);
    for (size_t i = 0; i < count; i++) {
        if (!status && replay_seconds)
            replay_seconds[i] = sweep.cells[i].replay_seconds;
        crash_blame(cells[i].policy_path);
        if (!status)
            status = collect(&sweep.cells[i], reader_last_time_us(reader), &results[i], error);
        if (sweep.cells[i].state)
            model_of(&sweep.cells[i])->release(sweep.cells[i].state);
        crash_blame(NULL);
        free(sweep.cells[i].state);
    }
    for (size_t i = 0; i < count && status; i++)
        result_release(&results[i]);
    free(sweep.cells);
    free(sweep.dealings);
    return status;
}
