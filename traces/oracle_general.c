/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleGeneral: the binary format of the cache-simulation literature.
 *
 *     0        4                12       16                24   little-endian, packed
 *     | time s |    object id    |  size  |  next request   |
 *       u32      u64               u32      i64: index of the object's next request, -1: none
 *
 * Every record is a read. The next request is not used, evsim finds it in the trace itself; who converts the trace gets it. */
#include "traces/binary/records.h"

enum { RECORD_BYTES = 24 };

extern const struct format format_oracle_general;

static int open_oracle_general(void *state, struct source *source, const struct format_options *options,
                               struct intake *intake, struct error *error)
{
    (void)error;
    records_init(state, source, options, intake);
    return 0;
}

static int decode(struct records *records, const char *at, uint64_t number, struct record *record, struct error *error)
{
    (void)error;
    record_begin(record, (int64_t)binary_u32(at) * 1000000, binary_u64(at + 4), number);
    record_size(records, record, binary_u32(at + 12), format_oracle_general.zero_is_empty);
    record_next(records, record, binary_u64(at + 16));
    return RECORD_DONE;
}

static int read_oracle_general(void *state, struct record *records, int room, struct error *error)
{
    return records_read(state, RECORD_BYTES, decode, records, room, error);
}

static void close_oracle_general(void *state)
{
    records_release(state);
}

/* Time never goes back, and the next request lies ahead. Text never passes, because eight letters read as an index are far
 * beyond what is plausible. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    bool objects = false;

    for (size_t at = 0; bytes - at >= RECORD_BYTES; at += RECORD_BYTES)
        objects |= binary_u64(head + at + 4) != 0;
    if (!objects || !binary_times_ascend(head, bytes, RECORD_BYTES, 0))
        return FORMAT_NO;
    return binary_next_requests(head, bytes, RECORD_BYTES, 16);
}

const struct format format_oracle_general = {
    .name = "oracleGeneral",
    .summary = "binary records of time, object id, size and next request (libCacheSim)",
    .file_names = "oracleGeneral oracleGeneralBin",
    .state_size = sizeof(struct records),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open_oracle_general,
    .read = read_oracle_general,
    .close = close_oracle_general,
};
