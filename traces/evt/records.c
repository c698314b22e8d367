/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/evt/records.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { ELEMENTS_MOST = 1 << 24 };

static int64_t value_of(const struct evt *evt, enum evt_kind kind, uint32_t i)
{
    return evt->values[(uint32_t)kind * EVT_RECORDS_AT_ONCE + i];
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
    if (source_may_take(evt->file.source, all * sizeof *evt->elements, "the elements of its rows", error))
        return -1;
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
        if (text && (!(flags & ELEMENT_SPELLED) || evt->options->keeps_origin))
            named->text = evt_text(&evt->file.strings, (uint32_t)text - 1, &named->bytes);
        else
            named->element.flags &= ~(uint32_t)ELEMENT_SPELLED;
    }
    return 0;
}

static const char *label_of(const struct evt *evt, int64_t label, uint32_t *bytes)
{
    const char *text = label ? evt_text(&evt->file.labels, (uint32_t)label - 1, bytes) : NULL;

    *bytes = text ? *bytes - 1 : 0; /* without the 0 */
    return text;
}

/* A name, or a number, for a key that is left out. */
static void stand_in(const struct evt *evt, uint32_t i, uint32_t id, uint32_t place, struct record *record)
{
    uint32_t n = place & (EVT_STAND_IN_NUMBER - 1);

    if (place & EVT_STAND_IN_NUMBER) {
        record->key_number = evt_stand_in_number(id, n);
        return;
    }
    record->key = evt->stand_ins[i];
    record->key_bytes = evt_stand_in_name(evt->stand_ins[i], id, n);
}

/* The key of row i. */
static void make_key(const struct evt *evt, uint32_t i, struct record *record)
{
    uint32_t id = (uint32_t)value_of(evt, EVT_ID, i);
    const struct evt_key *key;
    uint32_t place = id - 1;

    if (!id) {
        record->key = evt->kind.numeric_keys ? NULL : "";
        return;
    }
    if (evt->file.wanted) {
        place = evt->file.places[place];
        if (place & EVT_STAND_IN) {
            stand_in(evt, i, id - 1, place, record);
            return;
        }
    }
    key = &evt->file.keys_of[place];
    if (key->is_number) {
        record->key_number = key->number;
        return;
    }
    record->key = evt->file.names.bytes + key->number;
    record->key_bytes = key->bytes;
}

/* Fetches where the keys of later rows of `count` are found: of one where its key's place is, of a nearer one the key. Always
 * inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void prefetch_keys(const struct evt *evt, uint32_t i, uint32_t count)
{
    enum { PLACES = 16, KEYS = 8 };
    uint32_t later = i + PLACES < count ? (uint32_t)value_of(evt, EVT_ID, i + PLACES) : 0;
    uint32_t nearer = i + KEYS < count ? (uint32_t)value_of(evt, EVT_ID, i + KEYS) : 0, place = nearer - 1;

    if (later && evt->file.wanted)
        __builtin_prefetch(&evt->file.places[later - 1]);
    if (nearer && evt->file.wanted)
        place = evt->file.places[nearer - 1];
    if (nearer && !(place & EVT_STAND_IN))
        __builtin_prefetch(&evt->file.keys_of[place]);
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

int evt_make_records(struct evt *evt, struct record *records, uint32_t count, struct error *error)
{
    uint32_t element = 0;

    if (!evt->row &&
        (evt_unpack_all(&evt->file, EVT_TIME, EVT_KEY_BYTES, error) || evt_unpack(&evt->file, EVT_TEXT, error)))
        return -1;
    for (int kind = EVT_TIME; kind < EVT_ROW_KINDS; kind++)
        column_i64(&evt->file.columns[kind], evt->row, count, &evt->values[kind * EVT_RECORDS_AT_ONCE]);
    if (!are_in_range(evt, count))
        return evt_damaged(&evt->file, error, "a row names what has not come");
    if (make_elements(evt, count, error))
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bytes;

        prefetch_keys(evt, i, count);
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
