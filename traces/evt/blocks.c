/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/evt/blocks.h"

#include "sim/alloc.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

enum {
    ZSTD_LEVEL = 3,
    BLOCK_BYTES = 8 << 20,    /* of names and texts; a block with more is written before it is full, */
    BLOCK_ELEMENTS = 1 << 20, /* or with so many elements */
};

static int failed(const struct evt_blocks *blocks, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", blocks->path, strerror(errno));
}

static void put_u32(char *to, uint32_t value)
{
    value = htole32(value);
    memcpy(to, &value, sizeof value);
}

static void put_u64(char *to, uint64_t value)
{
    value = htole64(value);
    memcpy(to, &value, sizeof value);
}

/* ---- head and trailer ---- */

/* The head, and the JSON behind it. `rows` and `keys` are EVT_NOT_KNOWN until the end. */
static int write_head(struct evt_blocks *blocks, uint64_t rows, uint64_t keys, struct error *error)
{
    char head[EVT_HEAD_BYTES] = {0};
    const char *json = blocks->json;
    size_t bytes = strlen(json);

    memcpy(head, EVT_MAGIC, EVT_MAGIC_BYTES);
    put_u32(head + 8, EVT_VERSION);
    put_u32(head + 12, (uint32_t)bytes);
    put_u64(head + 16, rows);
    put_u64(head + 24, keys);
    put_u32(head + 32, rows == EVT_NOT_KNOWN ? blocks->traits & EVT_FORESEES_ALL : blocks->traits);
    put_u64(head + 48, XXH64(json, bytes, 0));
    put_u64(head + 56, XXH64(head, 56, 0));
    if (fwrite(head, sizeof head, 1, blocks->out) != 1 || fwrite(json, bytes, 1, blocks->out) != 1)
        return failed(blocks, error);
    return 0;
}

static int write_trailer(struct evt_blocks *blocks, const char *json, const char *behind, size_t behind_bytes,
                         struct error *error)
{
    char head[EVT_TRAILER_BYTES] = {0};
    struct evt_buffer rest = {0};
    size_t bytes = strlen(json);
    int status = 0;

    assert(bytes);
    memcpy(evt_buffer_add(&rest, bytes), json, bytes);
    if (behind_bytes)
        memcpy(evt_buffer_add(&rest, behind_bytes), behind, behind_bytes);
    assert(rest.bytes && rest.count);
    memcpy(head, EVT_TRAILER_MAGIC, EVT_MAGIC_BYTES);
    put_u32(head + 8, (uint32_t)bytes);
    put_u64(head + 16, blocks->rows_written);
    put_u64(head + 24, blocks->keys);
    put_u64(head + 32, blocks->blocks);
    put_u64(head + 40, behind_bytes);
    put_u64(head + 48, XXH64(rest.bytes, rest.count, 0));
    put_u64(head + 56, XXH64(head, 56, 0));
    if (fwrite(head, sizeof head, 1, blocks->out) != 1 || fwrite(rest.bytes, rest.count, 1, blocks->out) != 1)
        status = failed(blocks, error);
    free(rest.bytes);
    return status;
}

int evt_blocks_open(struct evt_blocks *blocks, FILE *out, const char *path, bool packs, uint32_t traits, char *json,
                    struct error *error)
{
    *blocks = (struct evt_blocks){.out = out, .path = path, .json = json, .traits = traits};
    blocks->can_go_back = ftello(out) == 0 && !fseeko(out, 0, SEEK_SET);
    blocks->rows = xmalloc((size_t)EVT_ROW_KINDS * EVT_ROWS * sizeof *blocks->rows);
    if (packs) {
        blocks->packer = ZSTD_createCCtx();
        if (!blocks->packer)
            abort();
        ZSTD_CCtx_setParameter(blocks->packer, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    }
    return write_head(blocks, EVT_NOT_KNOWN, EVT_NOT_KNOWN, error);
}

void evt_blocks_release(struct evt_blocks *blocks)
{
    ZSTD_freeCCtx(blocks->packer);
    free(blocks->json);
    free(blocks->rows);
    for (int kind = 0; kind < EVT_KINDS; kind++)
        free(blocks->more[kind].values);
    for (int kind = 0; kind < EVT_KINDS; kind++)
        free(blocks->bytes[kind].bytes);
    free(blocks->body.bytes);
}

/* ---- a block ---- */

void evt_add_integer(struct evt_blocks *blocks, enum evt_kind kind, int64_t value)
{
    struct integers *integers = &blocks->more[kind];

    if (integers->count == integers->capacity) {
        integers->capacity = integers->capacity ? 2 * integers->capacity : 1024;
        integers->values = xrealloc(integers->values, integers->capacity * sizeof *integers->values);
    }
    integers->values[integers->count++] = value;
}

void evt_add_bytes(struct evt_blocks *blocks, enum evt_kind kind, const char *bytes, size_t count)
{
    if (count)
        memcpy(evt_buffer_add(&blocks->bytes[kind], count), bytes, count);
}

/* A section of the block: its entry, and behind all entries its bytes. */
static void add_section(struct evt_buffer *table, const struct section *section)
{
    section_store(section, evt_buffer_add(table, EVT_SECTION_BYTES));
}

static bool any(const int64_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (values[i])
            return true;
    return false;
}

static uint32_t write_sections(struct evt_blocks *blocks, struct evt_buffer *table)
{
    struct section section;
    uint32_t count = 0;

    for (int kind = 1; kind < EVT_ROW_KINDS; kind++) {
        if (!blocks->used[kind])
            continue;
        section_write_integers(&section, (enum evt_kind)kind, &blocks->rows[(size_t)kind * EVT_ROWS], blocks->row_count,
                               blocks->packer, &blocks->body);
        add_section(table, &section);
        count++;
    }
    for (int kind = EVT_ROW_KINDS; kind < EVT_KINDS; kind++) {
        const struct integers *integers = &blocks->more[kind];
        bool is_list = kind > EVT_KEY_BYTES; /* that there is one is said, too, even if it is zero */

        if (!integers->count || (!is_list && !any(integers->values, integers->count)))
            continue;
        section_write_integers(&section, (enum evt_kind)kind, integers->values, integers->count, blocks->packer,
                               &blocks->body);
        add_section(table, &section);
        count++;
    }
    for (int kind = EVT_INTEGERS; kind < EVT_KINDS; kind++) {
        const struct evt_buffer *bytes = &blocks->bytes[kind];

        if (!bytes->count)
            continue;
        section_write_bytes(&section, (enum evt_kind)kind, bytes->bytes, (uint32_t)bytes->count, blocks->packer,
                            &blocks->body);
        add_section(table, &section);
        count++;
    }
    return count;
}

static void clear_block(struct evt_blocks *blocks)
{
    blocks->row_count = 0;
    memset(blocks->used, 0, sizeof blocks->used);
    for (int kind = 0; kind < EVT_KINDS; kind++)
        blocks->more[kind].count = 0;
    for (int kind = 0; kind < EVT_KINDS; kind++)
        blocks->bytes[kind].count = 0;
    blocks->body.count = 0;
}

static int write_block(struct evt_blocks *blocks, struct error *error)
{
    char head[EVT_BLOCK_HEAD_BYTES] = {0};
    struct evt_buffer table = {0};
    XXH64_state_t *sum;
    uint32_t sections;
    size_t bytes;
    int status = 0;

    if (!blocks->row_count)
        return 0;
    sections = write_sections(blocks, &table);
    bytes = table.count + blocks->body.count;
    if (bytes > EVT_BODY_MOST) {
        free(table.bytes);
        return error_set(error, ERROR_OUTPUT, "%s: a block of more than 1 GiB", blocks->path);
    }
    sum = XXH64_createState();
    if (!sum)
        abort();
    XXH64_reset(sum, 0);
    XXH64_update(sum, table.bytes, table.count);
    XXH64_update(sum, blocks->body.bytes ? blocks->body.bytes : "", blocks->body.count);
    memcpy(head, EVT_BLOCK_MAGIC, EVT_MAGIC_BYTES);
    put_u32(head + 8, blocks->row_count);
    put_u32(head + 12, sections);
    put_u64(head + 16, blocks->rows_written);
    put_u32(head + 24, (uint32_t)bytes);
    put_u32(head + 28, (uint32_t)blocks->keys);
    put_u64(head + 32, XXH64_digest(sum));
    put_u64(head + 40, XXH64(head, 40, 0));
    XXH64_freeState(sum);
    if (fwrite(head, sizeof head, 1, blocks->out) != 1 || fwrite(table.bytes, table.count, 1, blocks->out) != 1 ||
        (blocks->body.count && fwrite(blocks->body.bytes, blocks->body.count, 1, blocks->out) != 1))
        status = failed(blocks, error);
    free(table.bytes);
    blocks->rows_written += blocks->row_count;
    blocks->blocks++;
    clear_block(blocks);
    return status;
}

int evt_end_row(struct evt_blocks *blocks, struct error *error)
{
    blocks->row_count++;
    if (blocks->row_count < EVT_ROWS && blocks->more[EVT_ELEMENT_FLAGS].count < BLOCK_ELEMENTS &&
        blocks->bytes[EVT_STRINGS].count + blocks->bytes[EVT_KEY_NAMES].count + blocks->bytes[EVT_TEXT].count <
            BLOCK_BYTES)
        return 0;
    return write_block(blocks, error);
}

int evt_blocks_close(struct evt_blocks *blocks, const char *json, const char *behind, size_t behind_bytes,
                     struct error *error)
{
    if (write_block(blocks, error) || write_trailer(blocks, json, behind, behind_bytes, error))
        return -1;
    if (!blocks->can_go_back)
        return 0;
    if (fflush(blocks->out) || fseeko(blocks->out, 0, SEEK_SET))
        return failed(blocks, error);
    return write_head(blocks, blocks->rows_written, blocks->keys, error);
}
