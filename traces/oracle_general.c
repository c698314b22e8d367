/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleGeneral: the binary format of the cache-simulation literature.
 *
 *     0        4                12       16                24   little-endian, packed
 *     | time s |    object id    |  size  |  next request   |
 *       u32      u64               u32      i64: index of the object's next request, -1: none
 *
 * Every record is a read. Objects are numbers, so a key's name is assumed to be its decimal digits. The next request is
 * not used: evsim finds it in the trace itself. */
#include "sim/format.h"

#include "sim/digits.h"

#include <endian.h>
#include <string.h>

enum {
    RECORD_BYTES = 24,
    PLAUSIBLE_BITS = 40, /* no trace has as many requests, so a larger index shows other data */
};

extern const struct format format_oracle_general;

struct oracle_general {
    struct source *source;
    const struct format_options *options;
    struct intake *intake;
    uint64_t records; /* read so far */
};

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

static int open_oracle_general(void *state, struct source *source, const struct format_options *options,
                               struct intake *intake, struct error *error)
{
    (void)error;
    *(struct oracle_general *)state = (struct oracle_general){.source = source, .options = options, .intake = intake};
    intake->key_names_assumed = true;
    return 0;
}

static void decode(struct oracle_general *trace, const char *at, uint64_t line, struct record *record)
{
    uint64_t id = load_u64(at + 4);

    record_clear(record);
    record->time_us = (int64_t)load_u32(at) * 1000000;
    record->key_number = id;
    record->key_len = digits_count(id);
    record->value_len = load_u32(at + 12);
    record->op = OP_GET;
    record->line = line;
    if (!record->value_len &&
        !intake_zero_size(trace->intake, trace->options->size_zero, format_oracle_general.zero_is_empty))
        record->value_len = VALUE_UNKNOWN;
}

static int read_oracle_general(void *state, struct record *records, int room, struct error *error)
{
    struct oracle_general *trace = state;
    size_t bytes;
    const char *at = source_peek(trace->source, RECORD_BYTES, &bytes, error);

    if (!at)
        return -1;
    if (bytes > 0 && bytes < RECORD_BYTES) {
        source_consume(trace->source, bytes);
        trace->intake->rows++;
        return intake_bad_row(trace->intake, trace->options, trace->source, trace->records + 1, error,
                              "truncated record, %zu of %d bytes", bytes, RECORD_BYTES);
    }
    size_t whole = bytes / RECORD_BYTES;
    int count = whole < (size_t)room ? (int)whole : room;
    for (int i = 0; i < count; i++)
        decode(trace, at + i * RECORD_BYTES, trace->records + (uint64_t)i + 1, &records[i]);
    trace->records += (uint64_t)count;
    trace->intake->rows += (uint64_t)count;
    source_consume(trace->source, (size_t)count * RECORD_BYTES);
    return count;
}

/* The format has no magic number. But time never goes back, and the next request lies ahead. Text never passes, because
 * eight letters read as an index are far beyond PLAUSIBLE_BITS. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    uint32_t last_time = 0;
    bool ahead = true, objects = false;
    size_t count = bytes / RECORD_BYTES;

    for (size_t i = 0; i < count; i++, head += RECORD_BYTES) {
        int64_t next = (int64_t)load_u64(head + 16);
        uint32_t time = load_u32(head);

        bool none = next == -1 || next == -2 || next == INT64_MAX;
        if (time < last_time || (!none && (next < 0 || next >> PLAUSIBLE_BITS)))
            return FORMAT_NO;
        ahead &= none || next > (int64_t)i;
        objects |= load_u64(head + 4) != 0;
        last_time = time;
    }
    return !count || !objects ? FORMAT_NO : ahead ? FORMAT_CERTAIN : FORMAT_LIKELY;
}

const struct format format_oracle_general = {
    .name = "oracleGeneral",
    .summary = "binary records of time, object id, size and next request (libCacheSim)",
    .state_size = sizeof(struct oracle_general),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open_oracle_general,
    .read = read_oracle_general,
};
