/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evt: the compiled form of a trace, which evsim convert makes: columns in blocks (evt/layout.h).
 *
 *     block ─▶ read_rows()  columns of a batch, with ids: no key is looked up, no record made
 *           └▶ read()       records, as the source's format made them
 *
 * The reader takes rows if nobody asks for names of keys or changes the trace on its way; what it then gets is what it
 * would have made of the records itself, for the writer took that down. In all that is said of the trace, its format, its
 * digest, what was assumed and left out, the source speaks. */
#include "sim/format.h"

#include "sim/alloc.h"
#include "sim/input/closings.h"
#include "sim/policy.h"
#include "traces/evt/records.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct format format_evt;

/* ---- opening ---- */

static void describe(struct evt *evt)
{
    const struct evt_about *about = &evt->file.about;

    evt->kind = format_evt;
    if (!evt->file.has_head)
        return;
    evt->kind.name = about->format;
    evt->kind.numeric_keys = about->numeric_keys || !about->has_names;
    evt->kind.executed_only = about->executed_only;
    evt->kind.answered = about->answered;
    evt->kind.self_contained = about->self_contained;
    evt->kind.lacks_fills = about->lacks_fills;
    evt->kind.loads = about->loads;
    evt->kind.zero_is_empty = about->zero_is_empty;
}

/* What size 0 of a read means was decided when the file was made. */
static int check_size_zero(const struct evt *evt, struct error *error)
{
    const struct evt_about *about = &evt->file.about;
    bool is_empty = about->zero_as_empty || (about->zero_is_empty && !about->zero_as_unknown);
    enum size_zero said = evt->options->size_zero;

    if (said == SIZE_ZERO_AUTO || !evt->file.has_head || (said == SIZE_ZERO_EMPTY) == is_empty)
        return 0;
    return error_set(error, ERROR_USAGE,
                     "%s: reads of size 0 were taken for %s when it was made: evsim convert --size-zero %s makes it "
                     "otherwise",
                     source_name(evt->file.source), is_empty ? "empty values" : "unknown sizes",
                     is_empty ? "unknown" : "empty");
}

static int open_evt(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                    struct error *error)
{
    struct evt *evt = state;

    evt->options = options;
    evt->intake = intake;
    evt->before = *intake;
    evt->last_us = INT64_MIN;
    source_hash_late(source); /* made_from() is what is asked, and each part has its checksum */
    if (evt_open(&evt->file, source, error))
        return -1;
    describe(evt);
    intake_add(intake, &evt->file.about.intake);
    intake->key_names_assumed |= evt->file.has_head && !evt->file.about.has_names;
    return check_size_zero(evt, error);
}

static void close_evt(void *state)
{
    struct evt *evt = state;

    evt_close(&evt->file);
    free(evt->values);
    free(evt->elements);
    free(evt->origins);
    free(evt->stand_ins);
}

static const struct format *stands_for(const void *state)
{
    return &((const struct evt *)state)->kind;
}

static bool made_from(const void *state, char digest[33], uint64_t *bytes)
{
    const struct evt *evt = state;

    if (!evt->file.ended || !evt->file.about.is_whole || !source_is_single(evt->file.source))
        return false;
    memcpy(digest, evt->file.about.digest, 33);
    *bytes = evt->file.about.bytes;
    return true;
}

/* ---- the end ---- */

/* What the source's reading had counted. The reader counts some of it itself, of records. */
static void take_counts(struct evt *evt)
{
    const struct intake *counted = &evt->file.about.intake;
    struct intake now = *evt->intake;

    *evt->intake = evt->before;
    intake_add(evt->intake, counted);
    evt->intake->key_names_assumed |= !evt->file.about.has_names;
    evt->intake->executed_only = now.executed_only;
    evt->intake->reads_lack_sizes = now.reads_lack_sizes;
    evt->intake->lookups = now.lookups;
    evt->intake->lookups_of_unwritten = now.lookups_of_unwritten;
    evt->intake->untimed = evt->by_rows || counted->untimed > now.untimed ? counted->untimed : now.untimed;
    evt->intake->longest_gap_us = evt->by_rows ? counted->longest_gap_us : now.longest_gap_us;
    evt->intake->gap_line = evt->by_rows ? counted->gap_line : now.gap_line;
    memcpy(evt->intake->grown, now.grown, sizeof now.grown);
    evt->intake->preloaded = now.preloaded;
    evt->intake->preload_ended = now.preload_ended;
    evt->intake->preload_left_out = now.preload_left_out;
    memcpy(evt->intake->preload_fault, now.preload_fault, sizeof now.preload_fault);
    evt->intake->dumped_us = now.dumped_us ? now.dumped_us : counted->dumped_us;
    evt->intake->wants_names = now.wants_names;
}

/* The connections that were closed among the rows of the block, or before it. 0, or -1. */
static int add_closings(struct evt *evt, struct error *error)
{
    struct column *times = &evt->file.columns[EVT_CLOSING_TIME], *clients = &evt->file.columns[EVT_CLOSING_CLIENT];
    uint32_t count = times->is_there ? times->section.count : 0;

    if (count != (clients->is_there ? clients->section.count : 0))
        return evt_damaged(&evt->file, error, "its closed connections have not as many times as clients");
    if (evt->intake->closings && source_may_take(evt->file.source, closings_bytes(evt->intake->closings, count),
                                                 "the list of closed connections", error))
        return -1;
    if (evt_unpack(&evt->file, EVT_CLOSING_TIME, error) || evt_unpack(&evt->file, EVT_CLOSING_CLIENT, error))
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        int64_t time_us, client;

        column_i64(times, i, 1, &time_us);
        column_i64(clients, i, 1, &client);
        if (client < 0 || client >= CLIENT_SCRIPT || time_us < -TIME_MOST_US || time_us > TIME_MOST_US)
            return evt_damaged(&evt->file, error, "a closed connection is not as it can be");
        closings_add(evt->intake->closings, time_us, (uint32_t)client);
    }
    return 0;
}

/* Makes the block's next rows ready, after the next block if this one has none left. How many; 0 at the end; -1. */
static int rows_left(struct evt *evt, struct error *error)
{
    evt->file.keeps_keys = !evt->by_rows;
    if (!evt->began || evt->row == evt->file.block_rows) {
        bool ended = evt->file.ended;
        int status = evt_next_block(&evt->file, error);

        evt->began = true;
        evt->row = evt->element = 0;
        evt->text = 0;
        if (!status && !ended)
            take_counts(evt);
        if (status <= 0)
            return status;
        if (add_closings(evt, error))
            return -1;
    }
    return (int)(evt->file.block_rows - evt->row);
}

/* ---- rows ---- */

static bool has_ids(const void *state)
{
    const struct evt *evt = state;

    return evt->file.traits & EVT_PLAIN && evt->file.rows != EVT_NOT_KNOWN && !evt->kind.executed_only &&
           !evt->kind.loads && source_is_single(evt->file.source);
}

static enum request_rules foresees(const void *state)
{
    const struct evt *evt = state;

    return (evt->file.traits & EVT_FORESEES_ALL) / EVT_FORESEES;
}

static void foresee(void *state, int64_t *next)
{
    struct evt *evt = state;

    evt->foresees = true;
    evt->next_access = next;
}

static void select_keys(void *state, const struct selection *selection)
{
    struct evt *evt = state;

    evt->file.wanted = selection;
    evt->stand_ins = xcalloc(EVT_RECORDS_AT_ONCE, sizeof *evt->stand_ins);
}

/* Of the next rows of the block: in which row of the trace their keys are requested next. 0, or -1. */
static int take_next(struct evt *evt, uint32_t count, int64_t *next, struct error *error)
{
    const uint64_t first = evt->file.rows_before + evt->row;
    const uint64_t rows = evt->file.rows == EVT_NOT_KNOWN ? INT64_MAX : evt->file.rows;
    bool beyond = false;

    if (!evt->row && evt_unpack(&evt->file, EVT_NEXT_ACCESS, error))
        return -1;
    column_i64(&evt->file.columns[EVT_NEXT_ACCESS], evt->row, count, next);
    for (uint32_t i = 0; i < count; i++) {
        beyond |= (uint64_t)next[i] >= rows - (first + i);
        next[i] = next[i] ? (int64_t)(first + i) + next[i] : NEXT_NEVER;
    }
    return beyond ? evt_damaged(&evt->file, error, "a row's next request is beyond the last row") : 0;
}

/* The rows' commands, which the file says by their places in its list. 0, or -1: one is beyond it. */
static int take_commands(struct evt *evt, uint32_t count, uint16_t *ops)
{
    struct column *column = &evt->file.columns[EVT_OP];
    int64_t place;

    if (column_is_one_value(column, &place)) {
        if (place < 0 || place >= (int64_t)evt->file.command_count)
            return -1;
        for (uint32_t i = 0; i < count; i++)
            ops[i] = evt->file.commands[place];
        return 0;
    }
    column_u16(column, evt->row, count, ops);
    for (uint32_t i = 0; i < count; i++) {
        if (ops[i] >= evt->file.command_count)
            return -1;
        ops[i] = evt->file.commands[ops[i]];
    }
    return 0;
}

/* Whether the ids are of keys that have come, and time does not run backwards. */
static bool are_possible(struct evt *evt, const struct batch *batch, uint32_t first, uint32_t count)
{
    const int64_t *time_us = &batch->time_us[first];
    const uint32_t *id = &batch->id[first];
    const bool may_fall = !column_cannot_fall(&evt->file.columns[EVT_TIME]);
    const uint32_t known = evt->file.keys_known;
    uint32_t beyond = known, back = time_us[0] < evt->last_us;

    /* NO_KEY is 0 here. Of numbers below 2^31 the difference says which is greater: the compiler looks at several at a time. */
    for (uint32_t i = 0; i < count; i++)
        beyond |= (known - (id[i] + 1)) | (id[i] + 1);
    if (beyond >> 31) {
        beyond = 0;
        for (uint32_t i = 0; i < count; i++)
            beyond |= (uint32_t)(id[i] + 1 > known) << 31;
    }
    for (uint32_t i = 1; i < count && may_fall; i++)
        back |= time_us[i] < time_us[i - 1];
    evt->last_us = time_us[count - 1];
    return !(beyond >> 31) && !back && time_us[0] >= -TIME_MOST_US && evt->last_us <= TIME_MOST_US;
}

/* The columns that are zero in most traces. */
static void take_sparse(struct evt *evt, struct batch *batch, uint32_t first, uint32_t count)
{
    struct column *columns = evt->file.columns;
    uint16_t small[BATCH_CAPACITY];

    if (columns[EVT_NUMBER].is_there)
        column_i64(&columns[EVT_NUMBER], evt->row, count, &batch->number[first]), batch->has_number = true;
    if (columns[EVT_SECOND].is_there)
        column_i64(&columns[EVT_SECOND], evt->row, count, &batch->second[first]), batch->has_second = true;
    if (columns[EVT_CLIENT].is_there)
        column_u32(&columns[EVT_CLIENT], evt->row, count, 0, &batch->client[first]), batch->has_client = true;
    if (columns[EVT_BEHIND].is_there) {
        column_u16(&columns[EVT_BEHIND], evt->row, count, small);
        for (uint32_t i = 0; i < count; i++)
            batch->behind[first + i] = small[i] != 0;
        batch->has_behind = true;
    }
    if (columns[EVT_DB].is_there) {
        column_u16(&columns[EVT_DB], evt->row, count, small);
        for (uint32_t i = 0; i < count; i++)
            batch->db[first + i] = (uint8_t)small[i];
        batch->has_db = true;
    }
    batch->has_sparse |=
        batch->has_number || batch->has_second || batch->has_client || batch->has_behind || batch->has_db;
}

static int read_rows(void *state, struct batch *batch, struct error *error)
{
    struct evt *evt = state;
    struct column *columns = evt->file.columns;
    uint32_t first = batch->count, room = BATCH_CAPACITY - first, count;
    int left;

    evt->by_rows = true;
    left = rows_left(evt, error);
    if (left <= 0)
        return left;
    count = (uint32_t)left < room ? (uint32_t)left : room;
    if (!evt->row && (evt_unpack_all(&evt->file, EVT_TIME, EVT_ELEMENTS, error) ||
                      evt_unpack_all(&evt->file, EVT_CLIENT, EVT_NOTES, error)))
        return -1;
    column_i64(&columns[EVT_TIME], evt->row, count, &batch->time_us[first]);
    column_i64(&columns[EVT_TTL], evt->row, count, &batch->ttl_ms[first]);
    column_u32(&columns[EVT_ID], evt->row, count, 1, &batch->id[first]);
    column_u32(&columns[EVT_KEY_LEN], evt->row, count, 0, &batch->key_len[first]);
    column_u32(&columns[EVT_VALUE_LEN], evt->row, count, 1, &batch->value_len[first]);
    column_u16(&columns[EVT_FLAGS], evt->row, count, &batch->flags[first]);
    take_sparse(evt, batch, first, count);
    if (take_commands(evt, count, &batch->op[first]) || !are_possible(evt, batch, first, count))
        return evt_damaged(&evt->file, error, "a row names what has not come");
    if (evt->foresees && take_next(evt, count, &batch->next_access[first], error))
        return -1;
    batch->count += count;
    batch->key_count = evt->file.keys_known;
    evt->row += count;
    return (int)count;
}

/* ---- records ---- */

static int read_evt(void *state, struct record *records, int room, struct error *error)
{
    struct evt *evt = state;
    int left = rows_left(evt, error);
    uint32_t count;

    if (left <= 0)
        return left;
    if (!evt->values) {
        evt->values = xcalloc((size_t)EVT_ROW_KINDS * EVT_RECORDS_AT_ONCE, sizeof *evt->values);
        evt->origins = xcalloc(EVT_RECORDS_AT_ONCE, sizeof *evt->origins);
    }
    count = (uint32_t)(left < room ? left : room);
    count = count < EVT_RECORDS_AT_ONCE ? count : EVT_RECORDS_AT_ONCE;
    if (evt_make_records(evt, records, count, error) ||
        (evt->foresees && take_next(evt, count, evt->next_access, error)))
        return -1;
    evt->row += count;
    return (int)count;
}

static enum format_sureness detect(const char *head, size_t bytes)
{
    return bytes >= EVT_MAGIC_BYTES && !memcmp(head, EVT_MAGIC, EVT_MAGIC_BYTES) ? FORMAT_CERTAIN : FORMAT_NO;
}

const struct format format_evt = {
    .name = "evt",
    .summary = "a trace that evsim convert has compiled: columns with ids, the fastest",
    .state_size = sizeof(struct evt),
    .detect = detect,
    .open = open_evt,
    .read = read_evt,
    .close = close_evt,
    .stands_for = stands_for,
    .made_from = made_from,
    .has_ids = has_ids,
    .read_rows = read_rows,
    .foresees = foresees,
    .foresee = foresee,
    .select = select_keys,
};
