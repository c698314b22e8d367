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
#include "traces/evt/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS_AT_ONCE = 1024, ELEMENTS_MOST = 1 << 24 };
static const int64_t TIME_MOST_US = INT64_MAX / 4; /* the reader's */

struct evt {
    struct evt_file file;
    const struct format_options *options;
    struct intake *intake;
    struct intake before; /* as it was when this file began: what the trace's earlier files say */
    struct format kind;   /* what the trace is */
    uint32_t row;         /* next of the block */
    bool began, by_rows;

    int64_t *values; /* of the rows that are made: an array for each column */
    uint32_t element, element_capacity;
    struct named_element *elements;
    uint64_t text; /* place in the block's EVT_TEXT */
    struct record_origin *origins;
};

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

static int unpack_all(struct evt *evt, enum evt_kind first, enum evt_kind end, struct error *error)
{
    for (int kind = (int)first; kind < (int)end; kind++)
        if (evt_unpack(&evt->file, (enum evt_kind)kind, error))
            return -1;
    return 0;
}

/* Commands by their places in the file's list. 0, or -1: one is beyond it. */
static int name_commands(const struct evt *evt, uint16_t *ops, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (ops[i] >= evt->file.command_count)
            return -1;
        ops[i] = evt->file.commands[ops[i]];
    }
    return 0;
}

/* Whether the ids are of keys that have come, and time does not run backwards. */
static bool are_possible(const struct evt *evt, const struct batch *batch, uint32_t first, uint32_t count)
{
    uint32_t beyond = 0, back = 0;

    for (uint32_t i = first; i < first + count; i++)
        beyond |= batch->id[i] + 1 > evt->file.keys_known;
    for (uint32_t i = first + 1; i < first + count; i++)
        back |= batch->time_us[i] < batch->time_us[i - 1];
    return !beyond && !back && batch->time_us[first + count - 1] <= TIME_MOST_US;
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
    if (!evt->row && (unpack_all(evt, EVT_TIME, EVT_ELEMENTS, error) || unpack_all(evt, EVT_CLIENT, EVT_NOTES, error)))
        return -1;
    column_i64(&columns[EVT_TIME], evt->row, count, &batch->time_us[first]);
    column_i64(&columns[EVT_TTL], evt->row, count, &batch->ttl_ms[first]);
    column_u32(&columns[EVT_ID], evt->row, count, 1, &batch->id[first]);
    column_u32(&columns[EVT_KEY_LEN], evt->row, count, 0, &batch->key_len[first]);
    column_u32(&columns[EVT_VALUE_LEN], evt->row, count, 1, &batch->value_len[first]);
    column_u16(&columns[EVT_FLAGS], evt->row, count, &batch->flags[first]);
    column_u16(&columns[EVT_OP], evt->row, count, &batch->op[first]);
    take_sparse(evt, batch, first, count);
    if (name_commands(evt, &batch->op[first], count) || !are_possible(evt, batch, first, count))
        return evt_damaged(&evt->file, error, "a row names what has not come");
    batch->count += count;
    batch->key_count = evt->file.keys_known;
    evt->row += count;
    return (int)count;
}

/* ---- records ---- */

static int64_t value_of(const struct evt *evt, enum evt_kind kind, uint32_t i)
{
    return evt->values[(uint32_t)kind * RECORDS_AT_ONCE + i];
}

/* The values of rows that are in range: for each column, from 0 to this. */
static bool are_in_range(const struct evt *evt, uint32_t count)
{
    const uint64_t labels = evt->file.labels.count;
    const uint64_t most[EVT_ROW_KINDS] = {
        [EVT_ID] = evt->file.keys_known,
        [EVT_KEY_LEN] = UINT32_MAX,
        [EVT_VALUE_LEN] = UINT32_MAX,
        [EVT_FLAGS] = UINT16_MAX,
        [EVT_OP] = evt->file.command_count - UINT64_C(1),
        [EVT_ELEMENTS] = ELEMENTS_MOST,
        [EVT_BEHIND] = 1,
        [EVT_DB] = DB_MAX - 1,
        [EVT_NOTES] = UINT8_MAX,
        [EVT_TENANT] = labels,
        [EVT_CALLER] = labels,
        [EVT_VERB] = labels,
        [EVT_DECIMALS] = UINT8_MAX,
        [EVT_TEXT_BYTES] = EVT_BODY_MOST,
    };

    for (int kind = EVT_ID; kind < EVT_ROW_KINDS; kind++) {
        if (kind == EVT_TTL || kind == EVT_NUMBER || kind == EVT_SECOND || kind == EVT_CLIENT || kind == EVT_LINE ||
            kind == EVT_NEXT)
            continue;
        for (uint32_t i = 0; i < count; i++)
            if ((uint64_t)value_of(evt, (enum evt_kind)kind, i) > most[kind])
                return false;
    }
    return evt->file.command_count > 0;
}

/* The elements of the rows. 0, or -1. */
static int make_elements(struct evt *evt, uint32_t count, struct error *error)
{
    struct column *columns = evt->file.columns;
    uint64_t all = 0;

    for (uint32_t i = 0; i < count; i++)
        all += (uint64_t)value_of(evt, EVT_ELEMENTS, i);
    if (!all)
        return 0;
    for (int kind = EVT_ELEMENT_NUMBER; kind <= EVT_ELEMENT_TEXT; kind++)
        if (columns[kind].is_there && evt->element + all > columns[kind].section.count)
            return evt_damaged(&evt->file, error, "it has fewer elements than its rows say");
    if (all > ELEMENTS_MOST)
        return evt_damaged(&evt->file, error, "it has more elements than there can be");
    if (all > evt->element_capacity) {
        evt->element_capacity = grown_capacity(evt->element_capacity, (uint32_t)all);
        free(evt->elements);
        evt->elements = xcalloc(evt->element_capacity, sizeof *evt->elements);
    }
    for (uint32_t i = 0; i < all; i++) {
        struct named_element *named = &evt->elements[i];
        int64_t number, member, value_len, flags, text;

        column_i64(&columns[EVT_ELEMENT_NUMBER], evt->element, 1, &number);
        column_i64(&columns[EVT_ELEMENT_MEMBER], evt->element, 1, &member);
        column_i64(&columns[EVT_ELEMENT_VALUE_LEN], evt->element, 1, &value_len);
        column_i64(&columns[EVT_ELEMENT_FLAGS], evt->element, 1, &flags);
        column_i64(&columns[EVT_ELEMENT_TEXT], evt->element, 1, &text);
        evt->element++;
        *named = (struct named_element){
            {.number = number, .member = (uint32_t)member, .value_len = (uint32_t)value_len, .flags = (uint32_t)flags},
            .text = NULL};
        if (text < 0 || text > (int64_t)evt->file.strings.count)
            return evt_damaged(&evt->file, error, "an element names a text that has not come");
        if (text)
            named->text = evt_text(&evt->file.strings, (uint32_t)text - 1, &named->bytes);
    }
    return 0;
}

static const char *label_of(const struct evt *evt, int64_t label, uint32_t *bytes)
{
    const char *text = label ? evt_text(&evt->file.labels, (uint32_t)label - 1, bytes) : NULL;

    *bytes = text ? *bytes - 1 : 0; /* without the 0 */
    return text;
}

/* The key of row i. */
static void make_key(const struct evt *evt, uint32_t i, struct record *record)
{
    uint32_t id = (uint32_t)value_of(evt, EVT_ID, i);
    const struct evt_key *key;

    if (!id) {
        record->key = evt->kind.numeric_keys ? NULL : "";
        return;
    }
    key = &evt->file.keys_of[id - 1];
    if (key->is_number) {
        record->key_number = key->number;
        return;
    }
    record->key = evt->file.names.bytes + key->number;
    record->key_bytes = key->bytes;
}

/* What the source had besides. 0, or -1. */
static int make_origin(struct evt *evt, uint32_t i, struct record *record, struct error *error)
{
    struct record_origin *origin = &evt->origins[i];
    const struct column *text = &evt->file.columns[EVT_TEXT];
    int64_t bytes = value_of(evt, EVT_TEXT_BYTES, i);
    uint64_t row = evt->file.rows_before + evt->row + i;

    *origin = (struct record_origin){.decimals = (uint8_t)value_of(evt, EVT_DECIMALS, i)};
    origin->caller = label_of(evt, value_of(evt, EVT_CALLER, i), &origin->caller_bytes);
    origin->verb = label_of(evt, value_of(evt, EVT_VERB, i), &origin->verb_bytes);
    origin->has_next = value_of(evt, EVT_NEXT, i) != EVT_NEXT_NONE;
    if (origin->has_next)
        origin->next = evt_next_of(value_of(evt, EVT_NEXT, i), row);
    if (bytes) {
        if (!text->values || (uint64_t)bytes - 1 > text->section.count - evt->text)
            return evt_damaged(&evt->file, error, "its text is shorter than its rows say");
        origin->text = text->values + evt->text;
        origin->text_bytes = (uint32_t)bytes - 1;
        evt->text += (uint64_t)bytes - 1;
    }
    record->origin = origin;
    return 0;
}

static void make_record(const struct evt *evt, uint32_t i, struct record *record)
{
    int64_t notes = value_of(evt, EVT_NOTES, i);

    record_clear(record);
    record->time_us = value_of(evt, EVT_TIME, i);
    record->ttl_ms = value_of(evt, EVT_TTL, i);
    record->key_len = (uint32_t)value_of(evt, EVT_KEY_LEN, i);
    record->value_len = (uint32_t)value_of(evt, EVT_VALUE_LEN, i) - 1;
    record->flags = (uint16_t)value_of(evt, EVT_FLAGS, i);
    record->op = evt->file.commands[value_of(evt, EVT_OP, i)];
    record->number = value_of(evt, EVT_NUMBER, i);
    record->second = value_of(evt, EVT_SECOND, i);
    record->elements = (uint32_t)value_of(evt, EVT_ELEMENTS, i);
    record->client = (uint32_t)value_of(evt, EVT_CLIENT, i);
    record->behind = (uint8_t)value_of(evt, EVT_BEHIND, i);
    record->db = (uint8_t)value_of(evt, EVT_DB, i);
    record->line = (uint64_t)value_of(evt, EVT_LINE, i);
    if (notes & EVT_SIZE_COMPLETED)
        record->value_len = VALUE_UNKNOWN;
    if (notes & EVT_TTL_COMPLETED) {
        record->flags &= (uint16_t)~REQUEST_TTL;
        record->ttl_ms = 0;
    }
    if (notes & EVT_WANTS_NAMES)
        evt->intake->wants_names = true;
    make_key(evt, i, record);
}

/* Of what the server refused `second` says which command it was, by its place in the list. */
static int name_refused(const struct evt *evt, struct record *record)
{
    if (!command_table[record->op].refused)
        return 0;
    if (record->second < 0 || record->second > (int64_t)evt->file.command_count)
        return -1;
    record->second = record->second ? evt->file.commands[record->second - 1] : OP_COUNT;
    return 0;
}

static int make_records(struct evt *evt, struct record *records, uint32_t count, struct error *error)
{
    uint32_t element = 0;

    if (!evt->row && (unpack_all(evt, EVT_TIME, EVT_KEY_BYTES, error) || evt_unpack(&evt->file, EVT_TEXT, error)))
        return -1;
    for (int kind = EVT_TIME; kind < EVT_ROW_KINDS; kind++)
        column_i64(&evt->file.columns[kind], evt->row, count, &evt->values[kind * RECORDS_AT_ONCE]);
    if (!are_in_range(evt, count))
        return evt_damaged(&evt->file, error, "a row names what has not come");
    if (make_elements(evt, count, error))
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bytes;

        make_record(evt, i, &records[i]);
        records[i].tenant = label_of(evt, value_of(evt, EVT_TENANT, i), &bytes);
        records[i].named = evt->elements;
        records[i].first_element = records[i].elements ? element : 0;
        element += records[i].elements;
        if (name_refused(evt, &records[i]))
            return evt_damaged(&evt->file, error, "a row names a command that has not come");
        if (evt->options->keeps_origin && make_origin(evt, i, &records[i], error))
            return -1;
    }
    return 0;
}

static int read_evt(void *state, struct record *records, int room, struct error *error)
{
    struct evt *evt = state;
    int left = rows_left(evt, error);
    uint32_t count;

    if (left <= 0)
        return left;
    if (!evt->values) {
        evt->values = xcalloc((size_t)EVT_ROW_KINDS * RECORDS_AT_ONCE, sizeof *evt->values);
        evt->origins = xcalloc(RECORDS_AT_ONCE, sizeof *evt->origins);
    }
    count = (uint32_t)(left < room ? left : room);
    count = count < RECORDS_AT_ONCE ? count : RECORDS_AT_ONCE;
    if (make_records(evt, records, count, error))
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
};
