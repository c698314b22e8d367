/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/evt/file.h"

#include "sim/alloc.h"
#include "sim/json_text.h"
#include "sim/input/selection.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

static uint32_t load_u32(const char *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static uint64_t load_u64(const char *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

/* ---- texts ---- */

const char *evt_text(const struct evt_texts *texts, uint32_t i, uint32_t *bytes)
{
    *bytes = (uint32_t)(texts->begins[i + 1] - texts->begins[i]);
    return texts->bytes.bytes + texts->begins[i];
}

static void add_text(struct evt_texts *texts, const char *text, uint32_t bytes, bool terminated)
{
    if (texts->count + 2 > texts->capacity)
        texts->begins = xgrow(texts->begins, &texts->capacity, texts->count + 2, sizeof *texts->begins);
    memcpy(evt_buffer_add(&texts->bytes, bytes), text, bytes);
    if (terminated)
        *evt_buffer_add(&texts->bytes, 1) = '\0';
    texts->begins[++texts->count] = texts->bytes.count;
}

static void release_texts(struct evt_texts *texts)
{
    free(texts->bytes.bytes);
    free(texts->begins);
}

/* ---- errors ---- */

int evt_damaged(const struct evt_file *file, struct error *error, const char *why)
{
    return error_set(error, ERROR_INPUT, "%s:%" PRIu64 ": block at byte %" PRIu64 " is damaged: %s",
                     source_name(file->source), file->rows_before + 1, file->block_at, why);
}

static int wrong_part(const struct evt_file *file, struct error *error, const char *part, const char *why)
{
    return error_set(error, ERROR_INPUT, "%s:%" PRIu64 ": %s at byte %" PRIu64 " %s", source_name(file->source),
                     file->rows_before + 1, part, file->block_at, why);
}

/* Takes so many bytes, which stay until the next are taken. NULL, with an error. */
static const char *take(struct evt_file *file, size_t bytes, const char *part, struct error *error)
{
    size_t there;
    const char *at = source_peek_part(file->source, bytes, &there, error);

    if (!at)
        return NULL;
    if (there < bytes) {
        wrong_part(file, error, part, "was cut off: the file ends within it");
        return NULL;
    }
    source_consume(file->source, bytes);
    return at;
}

static bool is_checked(const char *bytes, size_t count, uint64_t sum)
{
    return XXH64(bytes, count, 0) == sum;
}

/* ---- the head ---- */

static int read_head(struct evt_file *file, struct error *error)
{
    const char *head = take(file, EVT_HEAD_BYTES, "the head", error), *json;
    uint32_t bytes;
    uint64_t sum;

    if (!head)
        return -1;
    if (memcmp(head, EVT_MAGIC, EVT_MAGIC_BYTES) != 0)
        return wrong_part(file, error, "the head", "is not that of an .evt file");
    if (!is_checked(head, 56, load_u64(head + 56)))
        return wrong_part(file, error, "the head", "is damaged: its checksum is wrong");
    file->version = load_u32(head + 8);
    bytes = load_u32(head + 12);
    file->rows = load_u64(head + 16);
    file->keys = load_u64(head + 24);
    file->traits = load_u32(head + 32);
    sum = load_u64(head + 48);
    if (file->version < EVT_VERSION_LEAST || file->version > EVT_VERSION)
        return error_set(error, ERROR_INPUT,
                         "%s:1: version %" PRIu32 " of .evt, and this evsim reads versions %d to %d: make it anew, "
                         "with evsim convert",
                         source_name(file->source), file->version, EVT_VERSION_LEAST, EVT_VERSION);
    if (file->version < 2)
        file->traits &= ~(uint32_t)EVT_FORESEES_ALL;
    if (bytes > EVT_ABOUT_MOST)
        return wrong_part(file, error, "the head", "is damaged: it is too long");
    json = take(file, bytes, "the head", error);
    if (!json)
        return -1;
    if (!is_checked(json, bytes, sum))
        return wrong_part(file, error, "the head", "is damaged: its checksum is wrong");
    if (source_may_take(file->source, json_text_memory(json, bytes), "what its head says", error))
        return -1;
    if (evt_about_read(&file->about, json, bytes, error))
        return error_prefix(error, "%s:1: the head: ", source_name(file->source));
    return 0;
}

int evt_open(struct evt_file *file, struct source *source, struct error *error)
{
    size_t bytes;

    *file = (struct evt_file){.source = source};
    if (!source_peek(source, 1, &bytes, error))
        return -1;
    if (!bytes) {
        file->ended = true;
        return 0;
    }
    file->begins = source_consumed(source);
    file->has_head = true;
    file->unpacker = ZSTD_createDCtx();
    if (!file->unpacker)
        abort();
    return read_head(file, error);
}

void evt_close(struct evt_file *file)
{
    ZSTD_freeDCtx(file->unpacker);
    for (int kind = 0; kind < EVT_KINDS; kind++)
        free(file->columns[kind].unpacked);
    release_texts(&file->labels);
    release_texts(&file->strings);
    free(file->names.bytes);
    free(file->places);
    free(file->keys_of);
    free(file->commands);
    free(file->behind.bytes);
}

/* ---- a block ---- */

int evt_unpack(struct evt_file *file, enum evt_kind kind, struct error *error)
{
    if (column_unpack(&file->columns[kind], file->unpacker))
        return evt_damaged(file, error, "a section cannot be unpacked");
    return 0;
}

int evt_unpack_all(struct evt_file *file, enum evt_kind first, enum evt_kind end, struct error *error)
{
    for (int kind = (int)first; kind < (int)end; kind++)
        if (evt_unpack(file, (enum evt_kind)kind, error))
            return -1;
    return 0;
}

/* The sections' places. 0, or -1. */
static int read_table(struct evt_file *file, const char *body, uint32_t sections, uint32_t bytes, struct error *error)
{
    uint64_t at = (uint64_t)sections * EVT_SECTION_BYTES;

    uint64_t unpacked = 0;

    for (int kind = 0; kind < EVT_KINDS; kind++) {
        file->columns[kind].is_there = false;
        file->columns[kind].values = NULL;
    }
    if (at > bytes)
        return evt_damaged(file, error, "its table is longer than itself");
    for (uint32_t i = 0; i < sections; i++) {
        struct section section;
        struct column *column;

        section_load(&section, body + (size_t)i * EVT_SECTION_BYTES);
        if (section.kind == 0 || section.kind >= evt_kinds_of(file->version))
            return evt_damaged(file, error, "it has a section that this version does not know");
        column = &file->columns[section.kind];
        if (column->is_there || section_bytes(&section) == UINT64_MAX || section.stored > bytes - at)
            return evt_damaged(file, error, "a section is not as it can be");
        if (evt_kind_is_of_rows(section.kind) && section.count != file->block_rows)
            return evt_damaged(file, error, "a column has not as many values as there are rows");
        unpacked += section.packing == EVT_UNPACKED ? 0 : section_bytes(&section);
        column->section = section;
        column->is_there = true;
        column->bytes = body + at;
        at += section.stored;
    }
    if (at != bytes)
        return evt_damaged(file, error, "its sections are not all of it");
    return source_may_take(file->source, unpacked, "unpacking a block", error);
}

/* Texts that come first in the block: their lengths, and they themselves. */
static int add_texts(struct evt_file *file, struct evt_texts *texts, enum evt_kind lengths, enum evt_kind all,
                     bool terminated, struct error *error)
{
    struct column *bytes = &file->columns[lengths], *text = &file->columns[all];
    uint64_t at = 0, end = text->is_there ? text->section.count : 0;

    if (!bytes->is_there)
        return end ? evt_damaged(file, error, "texts without their lengths") : 0;
    if (source_may_take(file->source, 2 * sizeof *texts->begins * ((uint64_t)texts->count + bytes->section.count),
                        "the places of its texts", error) ||
        evt_unpack(file, lengths, error) || evt_unpack(file, all, error))
        return -1;
    for (uint32_t i = 0; i < bytes->section.count; i++) {
        int64_t length;

        column_i64(bytes, i, 1, &length);
        if (length < 0 || (uint64_t)length > end - at)
            return evt_damaged(file, error, "a text is longer than all texts");
        add_text(texts, text->values ? text->values + at : "", (uint32_t)length, terminated);
        at += (uint64_t)length;
    }
    return at == end ? 0 : evt_damaged(file, error, "its texts have other lengths");
}

static enum op find_command(const char *name, uint32_t bytes)
{
    for (int op = 0; op < OP_COUNT; op++)
        if (strlen(op_name((enum op)op)) == bytes && !memcmp(op_name((enum op)op), name, bytes))
            return (enum op)op;
    return OP_COUNT;
}

static int add_commands(struct evt_file *file, struct error *error)
{
    struct evt_texts names = {0};
    int status = add_texts(file, &names, EVT_COMMAND_BYTES, EVT_COMMANDS, false, error);

    for (uint32_t i = 0; i < names.count && !status; i++) {
        uint32_t bytes;
        const char *name = evt_text(&names, i, &bytes);
        enum op op = find_command(name, bytes);

        if (op == OP_COUNT)
            status = error_set(error, ERROR_INPUT,
                               "%s:%" PRIu64 ": block at byte %" PRIu64
                               ": command '%.*s' is unknown: the file was made by a later evsim",
                               source_name(file->source), file->rows_before + 1, file->block_at,
                               (int)(bytes < 40 ? bytes : 40), name);
        file->commands = xrealloc(file->commands, (file->command_count + 1) * sizeof *file->commands);
        file->commands[file->command_count++] = (uint16_t)op;
    }
    release_texts(&names);
    return status;
}

static uint32_t put_digits(char *to, uint32_t number)
{
    char digits[10];
    uint32_t bytes = 0, count = 0;

    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        to[bytes++] = digits[--count];
    return bytes;
}

uint32_t evt_stand_in_name(char *name, uint32_t id, uint32_t n)
{
    uint32_t bytes = put_digits(name, id);

    name[bytes++] = '~';
    return bytes + put_digits(name + bytes, n);
}

uint64_t evt_stand_in_number(uint32_t id, uint32_t n)
{
    return (uint64_t)n << 32 | id;
}

/* Which name, or number, stands for a key that is not in the part: the first that is not, either. Of two parts every other is not. */
static uint32_t stand_in_of(const struct evt_file *file, uint32_t id, bool is_number)
{
    char name[EVT_STAND_IN_BYTES];
    uint32_t n = 0;

    while (n < EVT_STAND_IN_NUMBER - 1 &&
           (is_number ? selection_has_number(file->wanted, evt_stand_in_number(id, n))
                      : selection_has_name(file->wanted, name, evt_stand_in_name(name, id, n))))
        n++;
    return EVT_STAND_IN | (is_number ? EVT_STAND_IN_NUMBER : 0) | n;
}

/* Takes a key, whose name is at `name`, into the part; or notes what stands for it. */
static void add_key_of_part(struct evt_file *file, uint32_t id, struct evt_key key, const char *name)
{
    bool has = key.is_number ? selection_has_number(file->wanted, key.number)
                             : selection_has_name(file->wanted, name, key.bytes);

    if (!has) {
        file->places[id] = stand_in_of(file, id, key.is_number);
        return;
    }
    file->places[id] = file->part_keys;
    file->keys_of = xgrow(file->keys_of, &file->key_capacity, file->part_keys + 1, sizeof *file->keys_of);
    if (!key.is_number) {
        key.number = file->names.count;
        if (key.bytes)
            memcpy(evt_buffer_add(&file->names, key.bytes), name, key.bytes);
    }
    file->keys_of[file->part_keys++] = key;
}

/* The new keys, of which the block's head says how many there are with those before. */
static int add_keys(struct evt_file *file, uint32_t known, struct error *error)
{
    struct column *lengths = &file->columns[EVT_KEY_BYTES], *numbers = &file->columns[EVT_KEY_NUMBER],
                  *names = &file->columns[EVT_KEY_NAMES];
    uint32_t first = file->keys_known, number = 0, number_count = numbers->is_there ? numbers->section.count : 0;
    uint64_t at = 0, end = names->is_there ? names->section.count : 0, names_at = file->names.count;

    if (known < first || known - first != (lengths->is_there ? lengths->section.count : number_count))
        return evt_damaged(file, error, "it has not as many new keys as it says");
    file->keys_known = known;
    if (!file->keeps_keys || known == first)
        return 0;
    if (source_may_take(file->source,
                        file->wanted ? grown_capacity(file->place_capacity, known) * (uint64_t)sizeof *file->places
                                     : grown_capacity(file->key_capacity, known) * (uint64_t)sizeof *file->keys_of,
                        "the list of its keys", error) ||
        evt_unpack(file, EVT_KEY_BYTES, error) || evt_unpack(file, EVT_KEY_NUMBER, error) ||
        evt_unpack(file, EVT_KEY_NAMES, error))
        return -1;
    if (file->wanted)
        file->places = xgrow(file->places, &file->place_capacity, known, sizeof *file->places);
    else
        file->keys_of = xgrow(file->keys_of, &file->key_capacity, known, sizeof *file->keys_of);
    for (uint32_t i = 0; i < known - first; i++) {
        struct evt_key key;
        const char *name = names->values + at;
        int64_t bytes, value;

        column_i64(lengths, i, 1, &bytes);
        if (bytes) {
            if (bytes < 0 || (uint64_t)bytes - 1 > end - at)
                return evt_damaged(file, error, "a name is longer than all names");
            key = (struct evt_key){.number = names_at + at, .bytes = (uint32_t)bytes - 1};
            at += (uint64_t)bytes - 1;
        } else {
            if (number == number_count)
                return evt_damaged(file, error, "it has fewer numbers than keys that are some");
            column_i64(numbers, number++, 1, &value);
            key = (struct evt_key){.number = (uint64_t)value, .is_number = true};
        }
        if (file->wanted)
            add_key_of_part(file, first + i, key, name);
        else
            file->keys_of[first + i] = key;
    }
    if (at != end || number != number_count)
        return evt_damaged(file, error, "it has names of no key");
    if (end && !file->wanted)
        memcpy(evt_buffer_add(&file->names, end), names->values, end);
    return 0;
}

static int read_block(struct evt_file *file, struct error *error)
{
    const char *head = take(file, EVT_BLOCK_HEAD_BYTES, "block", error), *body;
    uint32_t sections, bytes, known;
    uint64_t first, sum;

    if (!head)
        return -1;
    if (!is_checked(head, 40, load_u64(head + 40)))
        return evt_damaged(file, error, "the checksum of its head is wrong");
    file->block_rows = load_u32(head + 8);
    sections = load_u32(head + 12);
    first = load_u64(head + 16);
    bytes = load_u32(head + 24);
    known = load_u32(head + 28);
    sum = load_u64(head + 32);
    if (first != file->rows_before || !file->block_rows || file->block_rows > EVT_ROWS || bytes > EVT_BODY_MOST)
        return evt_damaged(file, error, "it is not the one that belongs here");
    body = take(file, bytes, "block", error);
    if (!body)
        return -1;
    if (!is_checked(body, bytes, sum))
        return evt_damaged(file, error, "its checksum is wrong");
    file->blocks++;
    if (read_table(file, body, sections, bytes, error) || add_keys(file, known, error) ||
        add_texts(file, &file->labels, EVT_LABEL_BYTES, EVT_LABELS, true, error) ||
        add_texts(file, &file->strings, EVT_STRING_BYTES, EVT_STRINGS, false, error))
        return -1;
    return add_commands(file, error);
}

/* ---- the trailer ---- */

static int read_trailer(struct evt_file *file, struct error *error)
{
    const char *head = take(file, EVT_TRAILER_BYTES, "the trailer", error), *rest;
    uint64_t rows, keys, blocks, sum, behind;
    uint32_t bytes;
    size_t more;

    if (!head)
        return -1;
    if (!is_checked(head, 56, load_u64(head + 56)))
        return wrong_part(file, error, "the trailer", "is damaged: its checksum is wrong");
    bytes = load_u32(head + 8);
    rows = load_u64(head + 16);
    keys = load_u64(head + 24);
    blocks = load_u64(head + 32);
    behind = load_u64(head + 40);
    sum = load_u64(head + 48);
    if (bytes > EVT_ABOUT_MOST || behind > EVT_TEXT_BEHIND_MOST)
        return wrong_part(file, error, "the trailer", "is damaged: it is too long");
    rest = take(file, bytes + (size_t)behind, "the trailer", error);
    if (!rest)
        return -1;
    if (!is_checked(rest, bytes + (size_t)behind, sum))
        return wrong_part(file, error, "the trailer", "is damaged: its checksum is wrong");
    if (rows != file->rows_before || keys != file->keys_known || blocks != file->blocks)
        return wrong_part(file, error, "the trailer", "counts other blocks, rows or keys than there are");
    if (source_may_take(file->source, json_text_memory(rest, bytes), "what its trailer says", error))
        return -1;
    if (evt_about_read(&file->about, rest, bytes, error))
        return error_prefix(error, "%s:%" PRIu64 ": the trailer: ", source_name(file->source), file->rows_before + 1);
    memcpy(evt_buffer_add(&file->behind, (size_t)behind), rest + bytes, (size_t)behind);
    if (!source_peek(file->source, 1, &more, error))
        return -1;
    if (more)
        return wrong_part(file, error, "the trailer", "is not the end of the file");
    file->ended = true;
    return 0;
}

int evt_next_block(struct evt_file *file, struct error *error)
{
    const char *magic;
    size_t bytes;

    if (file->ended)
        return 0;
    file->rows_before += file->block_rows;
    file->block_rows = 0;
    file->block_at = source_consumed(file->source) - file->begins;
    magic = source_peek_part(file->source, EVT_MAGIC_BYTES, &bytes, error);
    if (!magic)
        return -1;
    if (bytes < EVT_MAGIC_BYTES)
        return wrong_part(file, error, "the file was cut off", "where a block or the trailer should begin");
    if (!memcmp(magic, EVT_BLOCK_MAGIC, EVT_MAGIC_BYTES))
        return read_block(file, error) ? -1 : 1;
    if (!memcmp(magic, EVT_TRAILER_MAGIC, EVT_MAGIC_BYTES))
        return read_trailer(file, error);
    return evt_damaged(file, error, "it begins as none does");
}
