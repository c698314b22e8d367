/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/dealing.h"

#include "sim/alloc.h"
#include "sim/engine/shard_part.h"
#include "sim/input/groups.h"
#include "sim/scenario/scenario.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Of a key of the trace. */
struct place {
    uint32_t id; /* 1 + the id that it has in its shard; 0: it has not come yet */
    uint16_t slot, shard;
    uint64_t requests;
};

struct row {
    REQUEST_COLUMNS(REQUEST_FIELD)
};

/* What is to be known of a client of the trace. */
struct sender {
    uint32_t last_shard;
    bool in_transaction;
    uint32_t opened_count; /* shards to which the transaction has gone */
    bool *opened;          /* by shard; owned; NULL: it never had one */
    struct row multi;
};

struct dealing {
    const struct slot_table *table;
    const struct keys *keys; /* of the trace */
    struct shard_part *parts;
    struct place *places; /* by the trace's id */
    uint32_t places_capacity;
    struct sender *senders; /* by number in the trace */
    uint32_t senders_capacity;
    uint32_t plain_shard; /* of the last command, as long as client 0 is the only one */
    uint64_t reads;       /* pipelines, counted by their first commands */
    struct batch *script; /* an EVAL that waits for its first call: one row, or none */
    bool has_script;      /* one is running, */
    uint32_t script_shard, script_client;
    struct id_range unspelled; /* as of the last batch */
    int64_t warmup_us;
    int64_t now_us;                    /* when the command that is dealt counts: a script's calls do with the script, */
    bool in_script;                    /* whose calls these are */
    struct cluster_traffic traffic[2]; /* what is counted, and what was sent in the warm-up */
};

struct dealing *dealing_new(struct reader *reader, const struct slot_table *table, int64_t warmup_us)
{
    struct dealing *dealing = xcalloc(1, sizeof *dealing);

    dealing->table = table;
    dealing->warmup_us = warmup_us;
    dealing->keys = reader_keys(reader);
    dealing->parts = xcalloc(table->shard_count, sizeof *dealing->parts);
    dealing->script = xcalloc(1, sizeof *dealing->script);
    for (uint32_t i = 0; i < table->shard_count; i++)
        shard_part_init(&dealing->parts[i], dealing->keys);
    return dealing;
}

void dealing_free(struct dealing *dealing)
{
    if (!dealing)
        return;
    for (uint32_t i = 0; i < dealing->table->shard_count; i++)
        shard_part_release(&dealing->parts[i]);
    for (uint32_t i = 0; i < dealing->senders_capacity; i++)
        free(dealing->senders[i].opened);
    batch_release(dealing->script);
    free(dealing->script);
    free(dealing->parts);
    free(dealing->places);
    free(dealing->senders);
    free(dealing);
}

/* Where what is sent at this time is counted. */
static inline struct cluster_traffic *traffic_at(struct dealing *dealing, int64_t time_us)
{
    return &dealing->traffic[time_us < dealing->warmup_us];
}

/* ---- keys and clients ---- */

static struct place *place_of(struct dealing *dealing, uint32_t id)
{
    struct place *place;

    if (id >= dealing->places_capacity)
        dealing->places = xgrow(dealing->places, &dealing->places_capacity, dealing->keys->count, sizeof *place);
    place = &dealing->places[id];
    if (__builtin_expect(!place->id, 0)) {
        place->slot = (uint16_t)key_slot_of(dealing->keys->cluster, id);
        place->shard = dealing->table->shard_of[place->slot];
        place->id = 1 + shard_part_add_key(&dealing->parts[place->shard], dealing->keys, id);
    }
    return place;
}

static struct sender *sender_of(struct dealing *dealing, uint32_t client)
{
    if (client == CLIENT_SCRIPT)
        client = dealing->script_client;
    if (client >= dealing->senders_capacity) {
        bool is_first = !dealing->senders;

        dealing->senders = xgrow(dealing->senders, &dealing->senders_capacity, client + 1, sizeof *dealing->senders);
        if (is_first)
            dealing->senders[0].last_shard = dealing->plain_shard;
    }
    return &dealing->senders[client];
}

/* ---- a shard's rows ---- */

/* Clients of filters of CLIENT KILL are numbered as they are in the shard. */
static void renumber_killed(struct shard_part *part, struct batch *to, uint32_t row)
{
    struct element *elements = &to->list[to->first_element[row]];

    for (uint32_t i = 0; i < to->elements[row]; i++)
        if (elements[i].flags & ELEMENT_CONTENT && elements[i].value_len == KILL_ADDRESS)
            elements[i].number = shard_part_client(part, (uint32_t)elements[i].number);
}

/* The row is of the trace's first client, which may not be the shard's. */
static void put_first_client(struct shard_part *part, struct batch *to, uint32_t at)
{
    uint32_t client = shard_part_client(part, 0);

    part->first_is_first = !client;
    to->client[at] = client;
    to->has_client |= client != 0;
    to->has_sparse |= client != 0;
}

/* Appends a row to the shard's batch, in which there is room. */
static void put(struct dealing *dealing, uint32_t shard, struct batch *to, const struct batch *from, uint32_t row,
                bool has_more)
{
    struct shard_part *part = &dealing->parts[shard];
    uint32_t at = to->count, id = from->id[row];

    if (__builtin_expect(from->has_sparse, 0)) {
        batch_append(to, from, row, 1);
        to->client[at] = shard_part_client(part, from->client[row]);
        to->has_client |= to->client[at] != 0;
        to->behind[at] = from->behind[row] && part->last_read == dealing->reads;
        part->last_read = dealing->reads;
        if (from->op[row] == OP_CLIENT_KILL && from->elements[row])
            renumber_killed(part, to, at);
    } else {
#define X(type, name) to->name[at] = from->name[row];
        DENSE_COLUMNS(X)
#undef X
        to->count++;
        to->members = from->members;
        if (__builtin_expect(!part->first_is_first, 0))
            put_first_client(part, to, at);
    }
    if (id != NO_KEY)
        to->id[at] = dealing->places[id].id - 1;
    to->flags[at] = (uint16_t)((from->flags[row] & ~REQUEST_MORE) | (has_more ? REQUEST_MORE : 0));
}

static void put_row(struct dealing *dealing, int turn, uint32_t shard, const struct batch *from, uint32_t row)
{
    put(dealing, shard, shard_part_room(&dealing->parts[shard], turn, 1), from, row, false);
}

/* ---- transactions ---- */

static void copy_row(struct row *to, const struct batch *from, uint32_t row)
{
#define X(type, name) to->name = from->name[row];
    REQUEST_COLUMNS(X)
#undef X
}

/* Sends the MULTI that waits to the shard, at this time. */
static void open_transaction(struct dealing *dealing, int turn, struct sender *sender, uint32_t shard, int64_t time_us)
{
    struct shard_part *part = &dealing->parts[shard];
    struct cluster_traffic *traffic = traffic_at(dealing, time_us);
    struct batch *to;
    uint32_t at;

    if (!sender->in_transaction || sender->opened[shard])
        return;
    sender->opened[shard] = true;
    if (!sender->opened_count) {
        traffic_at(dealing, sender->multi.time_us)->commands--;
        traffic->commands++;
    }
    traffic->commands_added += sender->opened_count > 0;
    traffic->transactions_split += sender->opened_count++ == 1;
    to = shard_part_room(part, turn, 1);
    at = to->count++;
#define X(type, name) to->name[at] = sender->multi.name;
    DENSE_COLUMNS(X)
#undef X
    to->time_us[at] = time_us;
    to->db[at] = sender->multi.db;
    to->number[at] = sender->multi.number;
    to->client[at] = shard_part_client(part, sender->multi.client);
    to->has_db |= to->db[at] != 0;
    to->has_number |= to->number[at] != 0;
    to->has_client |= to->client[at] != 0;
    to->has_sparse |= to->has_db | to->has_number | to->has_client;
    part->last_read = dealing->reads;
}

static void begin_transaction(struct dealing *dealing, struct sender *sender, const struct batch *batch, uint32_t row)
{
    uint32_t shards = dealing->table->shard_count;

    if (!sender->opened)
        sender->opened = xcalloc(shards, sizeof *sender->opened);
    memset(sender->opened, 0, shards * sizeof *sender->opened);
    sender->in_transaction = true;
    sender->opened_count = 0;
    copy_row(&sender->multi, batch, row);
}

static void end_transaction(struct dealing *dealing, int turn, struct sender *sender, const struct batch *batch,
                            uint32_t row)
{
    if (!sender->in_transaction) {
        put_row(dealing, turn, sender->last_shard, batch, row);
        return;
    }
    if (!sender->opened_count)
        open_transaction(dealing, turn, sender, sender->last_shard, batch->time_us[row]);
    for (uint32_t shard = 0; shard < dealing->table->shard_count; shard++)
        if (sender->opened[shard])
            put_row(dealing, turn, shard, batch, row);
    traffic_at(dealing, dealing->now_us)->commands_added += sender->opened_count - 1;
    sender->in_transaction = false;
}

/* ---- scripts ---- */

/* The EVAL that waits goes to the shard; its calls follow. */
static void send_script(struct dealing *dealing, int turn, uint32_t shard)
{
    struct sender *sender = sender_of(dealing, dealing->script_client);

    open_transaction(dealing, turn, sender, shard, dealing->script->time_us[0]);
    sender->last_shard = shard;
    dealing->script_shard = shard;
    dealing->has_script = true;
    put_row(dealing, turn, shard, dealing->script, 0);
    batch_clear(dealing->script);
}

static void hold_script(struct dealing *dealing, const struct batch *batch, uint32_t row)
{
    dealing->script_client = batch->client[row];
    batch_append(dealing->script, batch, row, 1);
}

/* ---- commands ---- */

static void to_every_shard(struct dealing *dealing, int turn, const struct batch *batch, uint32_t row)
{
    struct cluster_traffic *traffic = traffic_at(dealing, dealing->now_us);

    for (uint32_t shard = 0; shard < dealing->table->shard_count; shard++)
        put_row(dealing, turn, shard, batch, row);
    traffic->commands_everywhere++;
    traffic->commands_added += dealing->table->shard_count - 1;
}

/* What no key says where it goes. */
static void take_without_key(struct dealing *dealing, int turn, const struct batch *batch, uint32_t row)
{
    struct sender *sender = sender_of(dealing, batch->client[row]);
    enum op op = (enum op)batch->op[row];

    if (dealing->has_script && batch->client[row] == CLIENT_SCRIPT)
        put_row(dealing, turn, dealing->script_shard, batch, row);
    else if (dealing->table->shard_count == 1)
        put_row(dealing, turn, 0, batch, row);
    else if (command_table[op].runs_script)
        hold_script(dealing, batch, row);
    else if (op == OP_MULTI && !sender->in_transaction)
        begin_transaction(dealing, sender, batch, row);
    else if (op == OP_EXEC || op == OP_DISCARD || op == OP_MULTI)
        end_transaction(dealing, turn, sender, batch, row);
    else if (command_table[op].skipped)
        put_row(dealing, turn, sender->last_shard, batch, row);
    else
        to_every_shard(dealing, turn, batch, row);
    if (op == OP_RESET || op == OP_QUIT)
        sender->in_transaction = false;
}

/* Where one slot's rows of a command go. */
static void send_rows(struct dealing *dealing, int turn, uint32_t shard, const struct batch *batch,
                      const uint32_t *rows, uint32_t count)
{
    struct sender *sender = sender_of(dealing, batch->client[rows[0]]);
    struct batch *to;

    if (dealing->table->shard_count > 1)
        open_transaction(dealing, turn, sender, shard, batch->time_us[rows[0]]);
    sender->last_shard = shard;
    to = shard_part_room(&dealing->parts[shard], turn, count);
    for (uint32_t i = 0; i < count; i++)
        put(dealing, shard, to, batch, rows[i], i + 1 < count);
}

/* The rows from `first` on that are in one slot with the first of those that are not taken; they are now. */
static uint32_t take_slot(const struct dealing *dealing, const struct batch *batch, uint32_t first, uint32_t rows,
                          bool *taken, uint32_t *found)
{
    uint32_t count = 0, slot = SLOT_COUNT;

    for (uint32_t i = 0; i < rows; i++) {
        uint32_t own = dealing->places[batch->id[first + i]].slot;

        if (taken[i] || (count && own != slot))
            continue;
        slot = own;
        taken[i] = true;
        found[count++] = first + i;
    }
    return count;
}

static void split(struct dealing *dealing, int turn, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct cluster_traffic *traffic = traffic_at(dealing, dealing->now_us);
    bool taken[BATCH_CAPACITY] = {false};
    uint32_t found[BATCH_CAPACITY], count, pieces = 0;

    for (; (count = take_slot(dealing, batch, first, rows, taken, found)); pieces++)
        send_rows(dealing, turn, dealing->places[batch->id[found[0]]].shard, batch, found, count);
    traffic->commands_split++;
    traffic->commands_added += pieces - 1;
}

static void send_whole(struct dealing *dealing, int turn, const struct batch *batch, uint32_t first, uint32_t rows)
{
    uint32_t list[BATCH_CAPACITY];

    for (uint32_t i = 0; i < rows; i++)
        list[i] = first + i;
    send_rows(dealing, turn, dealing->places[batch->id[first]].shard, batch, list, rows);
}

/* Whether the script that runs cannot reach the key. */
static bool is_elsewhere(const struct dealing *dealing, const struct batch *batch, uint32_t row, uint32_t shard)
{
    return batch->client[row] == CLIENT_SCRIPT && dealing->has_script && dealing->script_shard != shard;
}

static void take_with_keys(struct dealing *dealing, int turn, const struct batch *batch, uint32_t first, uint32_t rows)
{
    bool is_one_slot = true, counts = dealing->now_us >= dealing->warmup_us;
    uint32_t shard = place_of(dealing, batch->id[first])->shard;

    for (uint32_t row = first; row < first + rows; row++) {
        struct place *place = place_of(dealing, batch->id[row]);

        place->requests += counts;
        is_one_slot &= place->slot == dealing->places[batch->id[first]].slot;
    }
    if (is_elsewhere(dealing, batch, first, shard))
        traffic_at(dealing, dealing->now_us)->calls_elsewhere++;
    else if (is_one_slot)
        send_whole(dealing, turn, batch, first, rows);
    else if (command_table[batch->op[first]].splits && batch->client[first] != CLIENT_SCRIPT)
        split(dealing, turn, batch, first, rows);
    else
        traffic_at(dealing, dealing->now_us)->crossslot++;
}

/* A script runs, or waits for its first call. */
static void go_on_with_script(struct dealing *dealing, int turn, const struct batch *batch, uint32_t row)
{
    bool is_called = batch->client[row] == CLIENT_SCRIPT;

    if (dealing->script->count && !(is_called && batch->id[row] == NO_KEY))
        send_script(dealing, turn,
                    is_called ? place_of(dealing, batch->id[row])->shard
                              : sender_of(dealing, dealing->script_client)->last_shard);
    else if (dealing->script->count)
        send_script(dealing, turn, sender_of(dealing, dealing->script_client)->last_shard);
    dealing->has_script &= is_called;
}

/* The common row: one key, one client, no script. */
static inline void take_plain(struct dealing *dealing, int turn, const struct batch *batch, uint32_t row)
{
    struct place *place = place_of(dealing, batch->id[row]);

    place->requests += batch->time_us[row] >= dealing->warmup_us;
    dealing->plain_shard = place->shard;
    put_row(dealing, turn, place->shard, batch, row);
}

/* The server runs a script at once: a warm-up that ends meanwhile has the calls that are still to come, too. */
static void set_time(struct dealing *dealing, const struct batch *batch, uint32_t row)
{
    bool is_called = dealing->in_script && batch->client[row] == CLIENT_SCRIPT;

    if (!is_called)
        dealing->now_us = batch->time_us[row];
    dealing->in_script = is_called || command_table[batch->op[row]].runs_script;
}

void dealing_take(struct dealing *dealing, int turn, const struct batch *batch)
{
    bool is_plain = !batch->has_sparse && !dealing->has_script && !dealing->script->count && !dealing->senders;

    dealing->unspelled = batch->unspelled_members;
    for (uint32_t row = 0, rows; row < batch->count; row += rows) {
        for (rows = 1; batch->flags[row + rows - 1] & REQUEST_MORE; rows++)
            ;
        if (is_plain && rows == 1 && batch->id[row] != NO_KEY) {
            traffic_at(dealing, batch->time_us[row])->commands++;
            take_plain(dealing, turn, batch, row);
            continue;
        }
        set_time(dealing, batch, row);
        traffic_at(dealing, dealing->now_us)->commands++;
        is_plain &= batch->id[row] != NO_KEY;
        dealing->reads += !batch->behind[row];
        if (dealing->has_script | (dealing->script->count > 0))
            go_on_with_script(dealing, turn, batch, row);
        if (batch->id[row] == NO_KEY)
            take_without_key(dealing, turn, batch, row);
        else
            take_with_keys(dealing, turn, batch, row, rows);
    }
}

/* ---- rounds ---- */

void dealing_begin_round(struct dealing *dealing, int turn)
{
    for (uint32_t i = 0; i < dealing->table->shard_count; i++)
        shard_part_begin_round(&dealing->parts[i], turn);
}

bool dealing_end_round(struct dealing *dealing, int turn, bool is_last)
{
    bool has_waited = is_last && dealing->script->count;

    if (has_waited)
        send_script(dealing, turn, sender_of(dealing, dealing->script_client)->last_shard);
    for (uint32_t i = 0; i < dealing->table->shard_count; i++)
        shard_part_end_round(&dealing->parts[i], dealing->keys, dealing->unspelled, turn);
    return has_waited;
}

const struct batch *const *dealing_batches(const struct dealing *dealing, int turn, uint32_t shard, uint32_t *count)
{
    const struct shard_batches *round = &dealing->parts[shard].rounds[turn];

    *count = round->count;
    return (const struct batch *const *)round->list;
}

/* ---- the scenario ---- */

/* Which rows of the event are this shard's; the others are not there. A command whose keys are in several slots has none. */
static uint32_t rows_in(struct dealing *dealing, const struct scenario *scenario, const struct scenario_event *event,
                        uint32_t shard, uint32_t *list)
{
    uint32_t count = 0, slot = SLOT_COUNT;
    bool is_one_slot = true;

    for (uint32_t row = event->first; row < event->first + event->rows; row++) {
        uint32_t id = scenario->rows.id[row];
        const struct place *place = id == NO_KEY ? NULL : place_of(dealing, id);

        if (!place || place->shard == shard)
            list[count++] = row;
        if (place && slot != SLOT_COUNT)
            is_one_slot &= place->slot == slot;
        slot = place ? place->slot : slot;
    }
    if (!is_one_slot && !command_table[scenario->rows.op[event->first]].splits)
        return 0;
    return count;
}

static void copy_event(struct dealing *dealing, const struct scenario *from, size_t place, struct scenario *to,
                       uint32_t shard)
{
    uint32_t list[BATCH_CAPACITY];
    struct scenario_event event = from->events[place];
    uint32_t count = rows_in(dealing, from, &event, shard, list), first = to->rows.count;

    if (event.rows && !count)
        return;
    for (uint32_t i = 0; i < count; i++)
        put(dealing, shard, &to->rows, &from->rows, list[i], i + 1 < count);
    event.first = first;
    event.rows = count;
    to->events[to->count++] = event;
}

void dealing_expect(struct dealing *dealing, const struct scenario *scenario)
{
    for (uint32_t shard = 0; shard < dealing->table->shard_count; shard++) {
        struct scenario *copy = xcalloc(1, sizeof *copy);

        *copy = *scenario;
        memset(&copy->rows, 0, sizeof copy->rows);
        copy->rows.members = scenario->rows.members;
        copy->events = xcalloc(scenario->count + 1, sizeof *copy->events);
        copy->count = 0;
        copy->matches = dealing->parts[shard].patterns;
        for (size_t i = 0; i < scenario->count; i++)
            copy_event(dealing, scenario, i, copy, shard);
        dealing->parts[shard].scenario = copy;
    }
}

void dealing_expect_clients(struct dealing *dealing, uint32_t clients)
{
    for (uint32_t shard = 0; shard < dealing->table->shard_count; shard++)
        shard_part_expect_clients(&dealing->parts[shard], clients);
}

/* ---- what is asked ---- */

const struct slot_table *dealing_table(const struct dealing *dealing)
{
    return dealing->table;
}

const struct scenario *dealing_scenario(const struct dealing *dealing, uint32_t shard)
{
    return dealing->parts[shard].scenario;
}

const uint32_t *dealing_clients(const struct dealing *dealing, uint32_t shard)
{
    return dealing->parts[shard].clients;
}

const struct key_slots *dealing_slots(const struct dealing *dealing, uint32_t shard)
{
    return dealing->parts[shard].slots;
}

const struct key_groups *dealing_groups(const struct dealing *dealing, uint32_t shard)
{
    return dealing->parts[shard].groups;
}

const struct key_patterns *dealing_rules(const struct dealing *dealing, uint32_t shard)
{
    return dealing->parts[shard].rules;
}

const struct cluster_traffic *dealing_traffic(const struct dealing *dealing)
{
    return &dealing->traffic[0];
}

uint64_t dealing_requests_of(const struct dealing *dealing, uint32_t id)
{
    return id < dealing->places_capacity ? dealing->places[id].requests : 0;
}

uint32_t dealing_trace_id(const struct dealing *dealing, uint32_t shard, uint32_t id)
{
    return dealing->parts[shard].trace_ids[id];
}
