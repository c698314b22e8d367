/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/growth.h"

#include "sim/alloc.h"

#include <xxhash.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t APART_MOST_US = 1000000; /* a sibling's command is this long before its original's, at most */
static const uint64_t NUMBER_STEP = UINT64_C(0x9e3779b97f4a7c15); /* between the numbers of siblings */

/* ---- texts ---- */

/* Memory that is given back all at once, and never moves before. */
struct piece {
    struct piece *next;
    size_t used, size;
    char bytes[];
};

enum { PIECE_BYTES = 64 << 10, ALIGNMENT = 16 };

static void *piece_take(struct piece **pieces, size_t bytes)
{
    void *memory;

    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!*pieces || (*pieces)->size - (*pieces)->used < bytes) {
        size_t size = bytes > PIECE_BYTES ? bytes : PIECE_BYTES;
        struct piece *piece = xmalloc(sizeof *piece + size);

        *piece = (struct piece){.next = *pieces, .size = size};
        *pieces = piece;
    }
    memory = (*pieces)->bytes + (*pieces)->used;
    (*pieces)->used += bytes;
    return memory;
}

/* All but `kept` pieces are freed. */
static void pieces_clear(struct piece **pieces, int kept)
{
    while (*pieces && ((*pieces)->next || !kept)) {
        struct piece *next = (*pieces)->next;

        free(*pieces);
        *pieces = next;
    }
    if (*pieces)
        (*pieces)->used = 0;
}

/* ---- at work ---- */

/* What is to be known of a client, and of each of its copies. */
struct growing_client {
    struct growing_copy {
        uint32_t number; /* 1 + that which it has now; 0: none yet */
        bool has_opened; /* its transaction */
        bool has_watched;
    } * copies;
    bool in_transaction;
    struct record multi; /* which began it */
};

struct grower {
    const char *name;
    struct intake *intake;
    double keys, rate, sizes;
    bool adds_keys;
    uint32_t whole;  /* siblings that every key has, itself among them, */
    double fraction; /* and the share of the keys that have one more */

    const struct record *given;
    int given_count, given_next;
    bool has_ended;

    /* The rows of a command whose end was not among the records that were given. */
    struct record *begun;
    uint32_t begun_count, begun_capacity;
    struct piece *begun_texts;

    /* The command that is being repeated, which is the given records or the begun ones. */
    const struct record *rows;
    uint32_t row_count, row;
    uint32_t copies, copy; /* copy counts down to 0, the original */
    int64_t time_us, gap_us;
    bool has_started;
    int64_t first_us;

    struct piece *texts; /* of the records that were taken last */

    bool has_clients;               /* the trace tells them apart, or a transaction did */
    struct growing_client *clients; /* by the trace's client */
    uint32_t client_capacity, client_count;
};

static void tell(struct grower *grower)
{
    const double factors[GROWINGS] = {grower->keys, grower->rate, grower->sizes};
    size_t used = 0;

    for (int i = 0; i < GROWINGS; i++)
        if (!growth_is_none(factors[i]))
            used += (size_t)snprintf(grower->intake->grown + used, sizeof grower->intake->grown - used, "%s%s=%.6gx",
                                     used ? "," : "", growing_name((enum growing)i), factors[i]);
}

struct grower *grower_new(const struct forecast *forecast, const char *name, struct intake *intake)
{
    struct grower *grower = xcalloc(1, sizeof *grower);

    grower->name = name;
    grower->intake = intake;
    grower->keys = forecast_factor(forecast, GROW_KEYS);
    grower->rate = forecast_factor(forecast, GROW_RATE);
    grower->sizes = forecast_factor(forecast, GROW_SIZES);
    grower->adds_keys = grower->keys > 1;
    grower->whole = (uint32_t)grower->keys;
    grower->fraction = grower->keys - grower->whole;
    grower->has_clients = intake->clients > 0;
    tell(grower);
    return grower;
}

void grower_free(struct grower *grower)
{
    if (!grower)
        return;
    free(grower->begun);
    pieces_clear(&grower->begun_texts, 0);
    pieces_clear(&grower->texts, 0);
    for (uint32_t i = 0; i < grower->client_capacity; i++)
        free(grower->clients[i].copies);
    free(grower->clients);
    free(grower);
}

void grower_give(struct grower *grower, const struct record *records, int count)
{
    grower->given = records;
    grower->given_count = count;
    grower->given_next = 0;
    grower->has_ended = !count;
}

static void *copy_bytes(struct piece **pieces, const void *bytes, size_t count)
{
    void *copy = piece_take(pieces, count ? count : 1);

    if (count)
        memcpy(copy, bytes, count);
    return copy;
}

/* The elements of a record, a list of their own. */
static struct named_element *copy_elements(struct piece **pieces, struct record *record)
{
    struct named_element *list =
        copy_bytes(pieces, record->named + record->first_element, record->elements * sizeof *list);

    record->named = list;
    record->first_element = 0;
    return list;
}

/* Keeps a row whose command has not ended. */
static void keep(struct grower *grower, const struct record *row)
{
    struct record *record;

    grower->begun = xgrow(grower->begun, &grower->begun_capacity, grower->begun_count + 1, sizeof *grower->begun);
    record = &grower->begun[grower->begun_count++];
    *record = *row;
    if (row->key)
        record->key = copy_bytes(&grower->begun_texts, row->key, row->key_bytes);
    if (row->tenant)
        record->tenant = copy_bytes(&grower->begun_texts, row->tenant, strlen(row->tenant) + 1);
    if (row->elements) {
        struct named_element *list = copy_elements(&grower->begun_texts, record);

        for (uint32_t i = 0; i < row->elements; i++)
            if (list[i].text)
                list[i].text = copy_bytes(&grower->begun_texts, list[i].text, list[i].bytes);
    }
}

/* ---- siblings ---- */

/* A number below 1 that the key alone decides, or its hash tag. */
static double chance_of(const struct record *record)
{
    const char *text = record->key, *open, *close;
    size_t bytes = record->key_bytes;
    char digits[24];

    if (!text) {
        bytes = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, record->key_number);
        text = digits;
    } else if ((open = memchr(text, '{', bytes))) {
        close = memchr(open + 1, '}', (size_t)(text + bytes - open - 1));
        if (close && close > open + 1) {
            text = open + 1;
            bytes = (size_t)(close - open - 1);
        }
    }
    return (double)(XXH3_64bits_withSeed(text, bytes, NUMBER_STEP) >> 11) * 0x1p-53;
}

static uint32_t siblings_of(const struct grower *grower, const struct record *record)
{
    return grower->whole + (grower->fraction > 0 && chance_of(record) < grower->fraction);
}

/* ---- clients ---- */

static bool is_call(const struct record *row)
{
    return row->client == CLIENT_SCRIPT;
}

static struct growing_client *client_of(struct grower *grower, uint32_t client)
{
    struct growing_client *growing;

    if (client >= grower->client_capacity)
        grower->clients = xgrow(grower->clients, &grower->client_capacity, client + 1, sizeof *grower->clients);
    growing = &grower->clients[client];
    if (!growing->copies)
        growing->copies = xcalloc(grower->whole + 1, sizeof *growing->copies);
    return growing;
}

/* The number of a client's copy, in order of appearance. */
static uint32_t number_of(struct grower *grower, uint32_t client, uint32_t copy)
{
    uint32_t *number = &client_of(grower, client)->copies[copy].number;

    if (!*number)
        *number = ++grower->client_count;
    return *number - 1;
}

/* Copies of transactions need clients of their own, even where the trace has one client alone. */
static void tell_clients_apart(struct grower *grower)
{
    if (!grower->has_clients)
        number_of(grower, 0, 0);
    grower->has_clients = true;
}

static bool ends_transaction(enum op op)
{
    return op == OP_EXEC || op == OP_DISCARD || op == OP_RESET || op == OP_QUIT;
}

/* Ends what copies have begun: it is sent by those that have. */
static bool ends_something(enum op op)
{
    return ends_transaction(op) || op == OP_UNWATCH;
}

/* ---- how often ---- */

/* What asks something of the connection that it comes by. */
static const enum op of_connections[] = {OP_CLIENT_TRACKING, OP_CLIENT_KILL, OP_CLIENT_REPLY};

static int refuse(const struct grower *grower, const char *what, struct error *error)
{
    return error_set(error, ERROR_INPUT, "%s:%" PRIu64 ": %s: --grow keys cannot repeat %s: grow rate and sizes alone",
                     grower->name, grower->rows->line, op_name((enum op)grower->rows->op), what);
}

static int check_command(struct grower *grower, struct error *error)
{
    const struct record *first = grower->rows;

    for (size_t i = 0; i < sizeof of_connections / sizeof *of_connections; i++)
        if (first->op == of_connections[i])
            return refuse(grower, "what a client asks of its connection", error);
    if (command_table[first->op].runs_script && client_of(grower, first->client)->in_transaction)
        return refuse(grower, "a script that a transaction runs", error);
    return 0;
}

/* Of a script, the copies that the first key of its calls has. */
static uint32_t count_scripts(const struct grower *grower)
{
    for (uint32_t i = 1; i < grower->row_count; i++)
        if (command_has_key((enum op)grower->rows[i].op))
            return siblings_of(grower, &grower->rows[i]);
    return 1;
}

/* How often the command is sent, its original included. */
static uint32_t count_copies(const struct grower *grower)
{
    const struct record *rows = grower->rows;
    bool splits = command_table[rows->op].splits;
    uint32_t copies;

    if (command_table[rows->op].runs_script)
        return count_scripts(grower);
    if (ends_something((enum op)rows->op))
        return grower->whole + (grower->fraction > 0);
    if (!command_has_key((enum op)rows->op))
        return 1;
    copies = siblings_of(grower, rows);
    for (uint32_t i = 1; i < grower->row_count && grower->fraction > 0 && !is_call(&rows[i]); i++) {
        uint32_t siblings = siblings_of(grower, &rows[i]);

        if (splits ? siblings > copies : siblings < copies)
            copies = siblings;
    }
    return copies;
}

/* The rows of the command that this row is one of: a script's calls are commands of their own. */
static void find_command(const struct grower *grower, uint32_t row, uint32_t *first, uint32_t *last)
{
    *first = *last = row;
    while (*first && grower->rows[*first - 1].flags & REQUEST_MORE)
        --*first;
    while (*last + 1 < grower->row_count && grower->rows[*last].flags & REQUEST_MORE)
        ++*last;
}

/* Whether this row is sent in the present copy: what splits leaves out keys without a sibling, others are not sent then. */
static bool is_sent(const struct grower *grower, uint32_t row)
{
    enum op op = (enum op)grower->rows[row].op;
    uint32_t first, last;

    if (!grower->copy || grower->copy < grower->whole || !command_has_key(op))
        return true;
    if (command_table[op].splits)
        return grower->copy < siblings_of(grower, &grower->rows[row]);
    find_command(grower, row, &first, &last);
    for (uint32_t i = first; i <= last; i++)
        if (grower->copy >= siblings_of(grower, &grower->rows[i]))
            return false;
    return true;
}

/* Whether no row of its command is sent behind this one. */
static bool is_last_sent(const struct grower *grower, uint32_t row)
{
    uint32_t first, last;

    if (grower->copy < grower->whole)
        return !(grower->rows[row].flags & REQUEST_MORE);
    find_command(grower, row, &first, &last);
    while (last > row && !is_sent(grower, last))
        last--;
    return last == row;
}

/* The next copy that there is, or the original. */
static void begin_copy(struct grower *grower)
{
    const struct growing_copy *copies;

    grower->row = 0;
    if (!ends_something((enum op)grower->rows->op))
        return;
    copies = client_of(grower, grower->rows->client)->copies;
    while (grower->copy && !copies[grower->copy].has_opened && !copies[grower->copy].has_watched)
        grower->copy--;
}

static int64_t grown_time(const struct grower *grower, int64_t time_us)
{
    if (growth_is_none(grower->rate))
        return time_us;
    return grower->first_us + (int64_t)((double)(time_us - grower->first_us) / grower->rate);
}

/* Its copies send MULTI when they have something to send behind it. */
static void begin_transaction(struct growing_client *client, const struct record *multi)
{
    if (client->in_transaction) /* the server refuses it */
        return;
    client->in_transaction = true;
    client->multi = *multi;
    client->multi.key = client->multi.key ? "" : NULL;
    client->multi.key_bytes = 0;
    client->multi.tenant = NULL;
    client->multi.named = NULL;
}

static int begin_command(struct grower *grower, struct error *error)
{
    const struct record *first = grower->rows;
    int64_t time_us;

    if (!grower->has_started) {
        grower->has_started = true;
        grower->first_us = grower->time_us = first->time_us;
    }
    if ((double)(first->time_us - grower->first_us) / grower->rate > (double)(TIME_MOST_US - grower->first_us))
        return error_set(error, ERROR_INPUT,
                         "%s:%" PRIu64 ": --grow rate=%gx: the time becomes too large: give a larger factor",
                         grower->name, first->line, grower->rate);
    time_us = grown_time(grower, first->time_us);
    grower->gap_us = time_us - grower->time_us < APART_MOST_US ? time_us - grower->time_us : APART_MOST_US;
    grower->time_us = time_us;
    grower->copies = 1;
    if (grower->adds_keys && !is_call(first)) {
        if (check_command(grower, error))
            return -1;
        if (first->op == OP_MULTI || first->op == OP_WATCH)
            tell_clients_apart(grower);
        if (first->op == OP_MULTI)
            begin_transaction(client_of(grower, first->client), first);
    }
    if (grower->adds_keys)
        grower->copies = count_copies(grower);
    grower->copy = grower->copies - 1;
    begin_copy(grower);
    return 1;
}

/* A row of those that have begun and then of those that were given. */
static const struct record *row_at(const struct grower *grower, uint32_t row)
{
    return row < grower->begun_count ? &grower->begun[row]
                                     : &grower->given[grower->given_next + (int)(row - grower->begun_count)];
}

/* How many of `count` rows are the next command, with the calls of the script that it runs; 0: its end has not been given. */
static uint32_t find_end(const struct grower *grower, uint32_t count)
{
    uint32_t end = 0;

    do {
        while (end < count && row_at(grower, end)->flags & REQUEST_MORE)
            end++;
        if (end++ >= count)
            return 0;
        if (!grower->adds_keys ||
            !(command_table[row_at(grower, 0)->op].runs_script || row_at(grower, 0)->op == OP_EXEC))
            return end;
        if (end == count)
            return 0;
    } while (is_call(row_at(grower, end)));
    return end;
}

/* Finds the next whole command. Returns 1, 0 if more is to be given, -1 on error. */
static int next_command(struct grower *grower, struct error *error)
{
    uint32_t count = grower->begun_count + (uint32_t)(grower->given_count - grower->given_next);
    uint32_t end = find_end(grower, count);

    if (end && !grower->begun_count) {
        grower->rows = &grower->given[grower->given_next];
        grower->row_count = end;
        grower->given_next += (int)end;
        return begin_command(grower, error);
    }
    while (grower->begun_count < (end ? end : count))
        keep(grower, &grower->given[grower->given_next++]);
    if (!grower->begun_count || (!end && !grower->has_ended))
        return 0;
    if (!end)
        grower->begun[grower->begun_count - 1].flags &= (uint16_t)~REQUEST_MORE;
    grower->rows = grower->begun;
    grower->row_count = grower->begun_count;
    return begin_command(grower, error);
}

/* ---- what a sibling's record is ---- */

static uint32_t grown_size(const struct grower *grower, uint32_t bytes)
{
    double grown = round(bytes * grower->sizes);

    if (!bytes || bytes == VALUE_UNKNOWN)
        return bytes;
    return grown < 1 ? 1 : grown < (double)(VALUE_UNKNOWN - 1) ? (uint32_t)grown : VALUE_UNKNOWN - 1;
}

static void grow_sizes(struct grower *grower, struct record *record)
{
    enum op op = (enum op)record->op;
    const struct command *command = &command_table[op];

    if (command_takes(op, 'm') && command_takes(op, 'v')) { /* fields of a hash */
        struct named_element *list = copy_elements(&grower->texts, record);

        for (uint32_t i = 0; i < record->elements; i++)
            if (!(list[i].element.flags & (ELEMENT_INTEGER | ELEMENT_DECIMAL)))
                list[i].element.value_len = grown_size(grower, list[i].element.value_len);
        return;
    }
    if (!(command_takes(op, 'v') || command->measures) || record->flags & (REQUEST_INTEGER | REQUEST_DECIMAL))
        return;
    record->value_len = grown_size(grower, record->value_len);
    if (command->change == CHANGE_EXTENDS) /* where the piece begins */
        record->number = llround((double)record->number * grower->sizes);
}

static void name_sibling(struct grower *grower, struct record *record)
{
    char mark[24], *name;

    if (!record->key) {
        record->key_number += grower->copy * NUMBER_STEP;
        return;
    }
    record->mark_bytes = (uint32_t)snprintf(mark, sizeof mark, "~copy%" PRIu32, grower->copy);
    name = piece_take(&grower->texts, record->key_bytes + (size_t)record->mark_bytes);
    memcpy(name, record->key, record->key_bytes);
    memcpy(name + record->key_bytes, mark, record->mark_bytes);
    record->key = name;
    record->key_bytes += record->mark_bytes;
}

/* When the present copy is sent: a script's copy all at once, as its server runs it. */
static int64_t copy_time(const struct grower *grower, int64_t time_us)
{
    if (!grower->copy)
        return grown_time(grower, time_us);
    return grower->time_us - grower->gap_us * grower->copy / grower->copies;
}

static void send_as_copy(struct grower *grower, struct record *record)
{
    record->behind = 0;
    if (grower->has_clients && !is_call(record))
        record->client = number_of(grower, record->client, grower->copy);
}

static void make_record(struct grower *grower, struct record *record)
{
    int64_t time_us;

    *record = grower->rows[grower->row];
    time_us = copy_time(grower, record->time_us);
    if (record->flags & REQUEST_ABSOLUTE && record->flags & REQUEST_TTL)
        record->ttl_ms += (time_us - record->time_us) / 1000;
    record->time_us = time_us;
    if (!growth_is_none(grower->sizes))
        grow_sizes(grower, record);
    if (!grower->adds_keys)
        return;
    send_as_copy(grower, record);
    if (!grower->copy)
        return;
    if (command_has_key((enum op)record->op))
        name_sibling(grower, record);
    if ((record->op == OP_EXEC || record->op == OP_DISCARD) &&
        !client_of(grower, grower->rows->client)->copies[grower->copy].has_opened)
        record->op = OP_UNWATCH; /* it had nothing to send behind MULTI */
    if (is_last_sent(grower, grower->row))
        record->flags &= (uint16_t)~REQUEST_MORE;
}

/* The client whose transaction the present copy has still to open; NULL: there is none. */
static struct growing_client *unopened(struct grower *grower)
{
    struct growing_client *client;

    if (!grower->copy || grower->row || is_call(grower->rows) || !command_has_key((enum op)grower->rows->op))
        return NULL;
    client = client_of(grower, grower->rows->client);
    return client->in_transaction && !client->copies[grower->copy].has_opened ? client : NULL;
}

static void make_multi(struct grower *grower, struct growing_client *client, struct record *record)
{
    client->copies[grower->copy].has_opened = true;
    *record = client->multi;
    record->time_us = copy_time(grower, 0);
    send_as_copy(grower, record);
}

/* The present copy of the command has been sent, or its original. */
static void end_copy(struct grower *grower)
{
    enum op op = (enum op)grower->rows->op;
    struct growing_client *client =
        grower->adds_keys && !is_call(grower->rows) ? client_of(grower, grower->rows->client) : NULL;

    if (client && op == OP_WATCH)
        client->copies[grower->copy].has_watched = true;
    if (client && ends_something(op))
        client->copies[grower->copy].has_watched = false;
    if (client && ends_transaction(op)) {
        client->copies[grower->copy].has_opened = false;
        client->in_transaction &= grower->copy > 0;
    }
    if (grower->copy) {
        grower->copy--;
        begin_copy(grower);
        return;
    }
    grower->time_us = grown_time(grower, grower->rows[grower->row_count - 1].time_us);
    if (grower->rows == grower->begun)
        grower->begun_count = 0;
    grower->rows = NULL;
}

int grower_take(struct grower *grower, struct record *records, int room, struct error *error)
{
    int count = 0;

    pieces_clear(&grower->texts, 1);
    if (!grower->begun_count)
        pieces_clear(&grower->begun_texts, 1);
    while (count < room) {
        struct growing_client *client;

        if (!grower->rows) {
            int status = next_command(grower, error);

            if (status < 0)
                return -1;
            if (!status)
                break;
        }
        if (grower->adds_keys && (client = unopened(grower))) {
            make_multi(grower, client, &records[count++]);
            if (count == room)
                break;
        }
        if (is_sent(grower, grower->row))
            make_record(grower, &records[count++]);
        if (++grower->row == grower->row_count)
            end_copy(grower);
    }
    if (grower->adds_keys && grower->client_count > grower->intake->clients)
        grower->intake->clients = grower->client_count;
    return count;
}
