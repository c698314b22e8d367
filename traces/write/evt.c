/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evt: writes the compiled form of a trace (traces/evt/layout.h).
 *
 * Rows are collected in columns until a block is full, or holds some MB of texts. Then each column becomes a section. What comes
 * first in a block, keys, labels, texts and names of commands, is stored with it, so that the file can be read from its beginning
 * to its end, also from a pipe. Where it can, the writer goes back at the end and says in the head how much there is. */
#include "sim/policy.h"
#include "sim/trace_writer.h"

#include "sim/alloc.h"
#include "sim/input/closings.h"
#include "sim/input/keys.h"
#include "traces/evt/about.h"
#include "traces/evt/blocks.h"
#include "traces/write/rows.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

struct evt_writer {
    struct evt_blocks blocks;
    const struct trace_about *about;
    bool keeps_text, drops_names, foresees;

    uint32_t *key_place; /* by id: 1 + the key's number in this file; 0: none yet */
    uint32_t key_place_count;
    struct keys labels, strings; /* by text: their places in the lists */
    uint16_t command_place[OP_COUNT];
    uint16_t commands;
    uint32_t closings;           /* so many of the trace's have been written */
    struct line line, head_line; /* what a row of the source would be written as; the csv header */
};

static char *print_about(const struct evt_writer *writer)
{
    const struct trace_about *trace = writer->about;
    struct evt_about about = {
        .numeric_keys = trace->format->numeric_keys,
        .executed_only = trace->format->executed_only,
        .answered = trace->format->answered,
        .self_contained = trace->format->self_contained,
        .lacks_fills = trace->format->lacks_fills,
        .loads = trace->format->loads,
        .zero_is_empty = trace->format->zero_is_empty,
        .has_names = !writer->drops_names,
        .zero_as_empty = trace->options->size_zero == SIZE_ZERO_EMPTY,
        .zero_as_unknown = trace->options->size_zero == SIZE_ZERO_UNKNOWN,
        .is_whole = trace->is_whole && !writer->drops_names,
        .bytes = trace->bytes,
        .intake = *trace->intake,
    };

    snprintf(about.format, sizeof about.format, "%s", trace->format->name);
    memcpy(about.digest, trace->digest, sizeof about.digest);
    return evt_about_print(&about);
}

static int open_evt(void *state, FILE *out, const char *path, const struct trace_about *about,
                    const struct writer_options *options, struct error *error)
{
    struct evt_writer *writer = state;

    writer->about = about;
    writer->drops_names = options->drops_names;
    writer->keeps_text = about->keeps_text && !options->drops_names;
    keys_init(&writer->labels);
    keys_init(&writer->strings);
    if (!strcmp(about->format->name, "csv"))
        line_text(&writer->head_line, CSV_HEADER);
    writer->foresees = options->foresees != 0;
    return evt_blocks_open(&writer->blocks, out, path, options->packs, EVT_PLAIN | options->foresees * EVT_FORESEES,
                           print_about(writer), error);
}

/* ---- a row ---- */

/* 1 + the number of the key in this file. A new one is stored. */
static int64_t place_of_key(struct evt_writer *writer, const struct record *record, uint32_t id)
{
    struct evt_blocks *blocks = &writer->blocks;
    uint32_t *place, known;

    if (id == NO_KEY)
        return 0;
    if (id >= writer->key_place_count)
        writer->key_place = xgrow(writer->key_place, &writer->key_place_count, id + 1, sizeof *writer->key_place);
    place = &writer->key_place[id];
    known = *place;
    if (known)
        return known;
    *place = (uint32_t)++writer->blocks.keys;
    if (record->key && !writer->drops_names) {
        evt_add_integer(blocks, EVT_KEY_BYTES, 1 + (int64_t)record->key_bytes);
        evt_add_bytes(blocks, EVT_KEY_NAMES, record->key, record->key_bytes);
        return *place;
    }
    evt_add_integer(blocks, EVT_KEY_BYTES, 0);
    evt_add_integer(blocks, EVT_KEY_NUMBER,
                    record->key ? (int64_t)XXH3_64bits(record->key, record->key_bytes) : (int64_t)record->key_number);
    return *place;
}

/* 1 + the place of a text in one of the lists. */
static int64_t place_of_text(struct evt_writer *writer, struct keys *index, enum evt_kind lengths, enum evt_kind bytes,
                             const char *text, uint32_t count)
{
    uint32_t known = index->count, place = keys_intern_text(index, text, count);

    if (place == known) {
        evt_add_integer(&writer->blocks, lengths, count);
        evt_add_bytes(&writer->blocks, bytes, text, count);
    }
    return (int64_t)place + 1;
}

static int64_t place_of_label(struct evt_writer *writer, const char *text, size_t bytes)
{
    return text ? place_of_text(writer, &writer->labels, EVT_LABEL_BYTES, EVT_LABELS, text, (uint32_t)bytes) : 0;
}

static int64_t place_of_command(struct evt_writer *writer, enum op op)
{
    if (!writer->command_place[op]) {
        writer->command_place[op] = ++writer->commands;
        evt_add_integer(&writer->blocks, EVT_COMMAND_BYTES, (int64_t)strlen(op_name(op)));
        evt_add_bytes(&writer->blocks, EVT_COMMANDS, op_name(op), strlen(op_name(op)));
    }
    return writer->command_place[op];
}

static void add_elements(struct evt_writer *writer, const struct record *record)
{
    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = &record->named[record->first_element + i];

        evt_add_integer(&writer->blocks, EVT_ELEMENT_NUMBER, named->element.number);
        evt_add_integer(&writer->blocks, EVT_ELEMENT_MEMBER, named->element.member);
        evt_add_integer(&writer->blocks, EVT_ELEMENT_VALUE_LEN, named->element.value_len);
        evt_add_integer(&writer->blocks, EVT_ELEMENT_FLAGS, named->element.flags);
        evt_add_integer(&writer->blocks, EVT_ELEMENT_TEXT,
                        named->text ? place_of_text(writer, &writer->strings, EVT_STRING_BYTES, EVT_STRINGS,
                                                    named->text, named->bytes)
                                    : 0);
    }
}

/* What the row of the source would be, if it were written anew. 0: its format is none that is. */
static int write_anew(struct evt_writer *writer, const struct trace_row *row)
{
    const char *format = writer->about->format->name;

    writer->line.bytes = 0;
    if (writer->blocks.rows_written + writer->blocks.row_count == 0)
        line_bytes(&writer->line, writer->head_line.text, writer->head_line.bytes);
    if (!strcmp(format, "twitter"))
        return row_twitter(&writer->line, row, NULL);
    return !strcmp(format, "csv") ? row_csv(&writer->line, row, NULL) : 0;
}

/* The row's text, if it is not what would be written. */
static void add_text(struct evt_writer *writer, const struct trace_row *row)
{
    const struct record_origin *origin = row->record->origin;

    evt_set(&writer->blocks, EVT_TEXT_BYTES, 0);
    if (!writer->keeps_text || !origin || !origin->text ||
        (write_anew(writer, row) && writer->line.bytes == origin->text_bytes &&
         !memcmp(writer->line.text, origin->text, origin->text_bytes)))
        return;
    evt_set(&writer->blocks, EVT_TEXT_BYTES, 1 + (int64_t)origin->text_bytes);
    evt_add_bytes(&writer->blocks, EVT_TEXT, origin->text, origin->text_bytes);
}

static void add_origin(struct evt_writer *writer, const struct trace_row *row, struct omissions *omissions)
{
    static const struct record_origin none = {0};
    const struct record_origin *origin = row->record->origin ? row->record->origin : &none;
    int64_t next = 0;

    evt_set(&writer->blocks, EVT_CALLER, place_of_label(writer, origin->caller, origin->caller_bytes));
    evt_set(&writer->blocks, EVT_VERB, place_of_label(writer, origin->verb, origin->verb_bytes));
    evt_set(&writer->blocks, EVT_DECIMALS, origin->decimals);
    if (origin->has_next)
        next = evt_next_code(origin->next, writer->blocks.rows_written + writer->blocks.row_count);
    if (origin->has_next && next == EVT_NEXT_NONE)
        omissions_add(omissions, "indices of next requests that are below -2", 1);
    evt_set(&writer->blocks, EVT_NEXT, next);
    add_text(writer, row);
}

/* The connections that were closed since the row before. */
static void add_closings(struct evt_writer *writer)
{
    const struct closings *closings = writer->about->intake->closings;

    for (; closings && writer->closings < closings->count; writer->closings++) {
        evt_add_integer(&writer->blocks, EVT_CLOSING_TIME, closings->list[writer->closings].time_us);
        evt_add_integer(&writer->blocks, EVT_CLOSING_CLIENT, closings->list[writer->closings].client);
    }
}

static int write_evt(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct evt_writer *writer = state;
    const struct record *record = row->record, *completed = row->completed;
    enum op op = (enum op)record->op;
    int64_t notes = row->wants_names ? EVT_WANTS_NAMES : 0;

    if (record->value_len != completed->value_len)
        notes |= EVT_SIZE_COMPLETED;
    if (completed->flags & ~record->flags & REQUEST_TTL)
        notes |= EVT_TTL_COMPLETED;
    if (record->elements || op == OP_SWAPDB)
        writer->blocks.traits &= ~(uint32_t)EVT_PLAIN;
    evt_set(&writer->blocks, EVT_TIME, record->time_us);
    evt_set(&writer->blocks, EVT_ID, place_of_key(writer, record, row->id));
    evt_set(&writer->blocks, EVT_KEY_LEN, record->key_len);
    evt_set(&writer->blocks, EVT_VALUE_LEN, (int64_t)(uint32_t)(completed->value_len + 1));
    evt_set(&writer->blocks, EVT_TTL, completed->ttl_ms);
    evt_set(&writer->blocks, EVT_FLAGS, completed->flags);
    evt_set(&writer->blocks, EVT_OP, place_of_command(writer, op) - 1);
    evt_set(&writer->blocks, EVT_NUMBER, record->number);
    evt_set(&writer->blocks, EVT_SECOND,
            command_table[op].refused && (uint64_t)record->second < OP_COUNT
                ? place_of_command(writer, (enum op)record->second)
            : command_table[op].refused ? 0
                                        : record->second);
    evt_set(&writer->blocks, EVT_ELEMENTS, record->elements);
    evt_set(&writer->blocks, EVT_CLIENT, record->client == CLIENT_SCRIPT ? -1 : (int64_t)record->client);
    evt_set(&writer->blocks, EVT_BEHIND, record->behind);
    evt_set(&writer->blocks, EVT_DB, record->db);
    evt_set(&writer->blocks, EVT_NOTES, notes);
    evt_set(&writer->blocks, EVT_LINE, (int64_t)record->line);
    evt_set(&writer->blocks, EVT_TENANT,
            place_of_label(writer, record->tenant, record->tenant ? strlen(record->tenant) : 0));
    if (writer->foresees)
        evt_add_integer(&writer->blocks, EVT_NEXT_ACCESS,
                        row->next_access == NEXT_NEVER ? 0 : row->next_access - (int64_t)row->row);
    add_elements(writer, record);
    add_origin(writer, row, omissions);
    add_closings(writer);
    return evt_end_row(&writer->blocks, error) ? -1 : 1;
}

static int close_evt(void *state, struct omissions *omissions, struct error *error)
{
    struct evt_writer *writer = state;

    (void)omissions;
    char *json = print_about(writer);
    int status = evt_blocks_close(&writer->blocks, json, writer->about->text_behind,
                                  writer->keeps_text ? writer->about->text_behind_bytes : 0, error);

    free(json);
    return status;
}

static void release_evt(void *state)
{
    struct evt_writer *writer = state;

    evt_blocks_release(&writer->blocks);
    free(writer->key_place);
    keys_release(&writer->labels);
    keys_release(&writer->strings);
    free(writer->line.text);
    free(writer->head_line.text);
}

extern const struct trace_writer writer_evt;
const struct trace_writer writer_evt = {
    .name = "evt",
    .summary = "evsim's compiled form: everything, and the fastest to read",
    .suffixes = ".evt",
    .foresees = true,
    .state_size = sizeof(struct evt_writer),
    .open = open_evt,
    .write = write_evt,
    .close = close_evt,
    .release = release_evt,
};
