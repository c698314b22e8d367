/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleGeneralOpNS: oracleGeneral with an operation and a namespace.
 *
 *     0        4                12       16   17     19                27   little-endian, packed
 *     | time s |    object id    |  size  | op | ns   |  next request   |
 *       u32      u64               u32      u8   u16    i64
 *
 * A trace may have been made from one without operations, which then are all nop: such a record is a read. The namespace
 * is a tenant. */
#include "traces/binary/records.h"
#include "traces/binary/verbs.h"

enum { RECORD_BYTES = 27 };

extern const struct format format_oracle_general_op_ns;

static int open_op_ns(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                      struct error *error)
{
    (void)error;
    records_init(state, source, options, intake);
    return 0;
}

static int decode(struct records *records, const char *at, uint64_t number, struct record *record, struct error *error)
{
    (void)error;
    record_begin(record, (int64_t)binary_u32(at) * 1000000, binary_u64(at + 4), number);
    if (record_set_verb_or_get(records, record, (unsigned char)at[16]) == RECORD_LEFT_OUT)
        return RECORD_LEFT_OUT;
    record_size(records, record, binary_u32(at + 12), format_oracle_general_op_ns.zero_is_empty);
    record_set_tenant(records, record, binary_u16(at + 17));
    return RECORD_DONE;
}

static int read_op_ns(void *state, struct record *records, int room, struct error *error)
{
    return records_read(state, RECORD_BYTES, decode, records, room, error);
}

static void close_op_ns(void *state)
{
    records_release(state);
}

/* As oracleGeneral; and every operation is one that there is. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    bool objects = false;

    for (size_t at = 0; bytes - at >= RECORD_BYTES; at += RECORD_BYTES) {
        objects |= binary_u64(head + at + 4) != 0;
        if (!verb_exists((unsigned char)head[at + 16]))
            return FORMAT_NO;
    }
    if (!objects || !binary_times_ascend(head, bytes, RECORD_BYTES, 0))
        return FORMAT_NO;
    return binary_next_requests(head, bytes, RECORD_BYTES, 19);
}

const struct format format_oracle_general_op_ns = {
    .name = "oracleGeneralOpNS",
    .summary = "oracleGeneral with an operation and a namespace (libCacheSim)",
    .file_names = "oracleGeneralOpNS",
    .state_size = sizeof(struct records),
    .numeric_keys = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open_op_ns,
    .read = read_op_ns,
    .close = close_op_ns,
};
