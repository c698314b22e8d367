/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lcs: writes version 3 of libCacheSim's own format (traces/lcs.c): with operations, tenants and ttls. Of the statistics in its
 * header those are filled whose places are known: 64 bits each, requests, objects, bytes of both, first and last time, reads,
 * writes, deletions, smallest and largest object. */
#include "traces/write/packed.h"

#include "sim/input/keys.h"
#include "sim/units.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 8192, RECORD_BYTES = 36, VERSION = 3, TENANT_MOST = (1 << 24) - 1 };
static const uint64_t magic = 0x123456789abcdef0;

/* The statistics, in their order behind the format's version. */
enum {
    REQUESTS,
    OBJECTS,
    REQUEST_BYTES,
    OBJECT_BYTES,
    START,
    END,
    READS,
    WRITES,
    DELETES,
    SMALLEST,
    LARGEST,
    STATISTICS
};

struct lcs_writer {
    struct packed packed; /* first */
    int64_t statistics[STATISTICS];
    struct keys tenants; /* those that are no number */
};

static int open_lcs(void *state, FILE *out, const char *path, const struct trace_about *about,
                    const struct writer_options *options, struct error *error)
{
    struct lcs_writer *writer = state;

    (void)options;
    keys_init(&writer->tenants);
    writer->statistics[SMALLEST] = INT64_MAX;
    return packed_open(&writer->packed, out, path, HEADER, RECORD_BYTES, 28, about, error);
}

/* As libCacheSim numbers operations: what the source said, if it has a name there. */
static unsigned operation_of(const struct record *record)
{
    static const char *const names[] = {"",        "get",    "gets", "set",  "add",  "cas",   "replace", "append",
                                        "prepend", "delete", "incr", "decr", "read", "write", "update"};
    const struct record_origin *origin = record->origin;
    const struct command *command = &command_table[record->op];

    for (unsigned i = 1; origin && origin->verb && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == origin->verb_bytes && !memcmp(names[i], origin->verb, origin->verb_bytes))
            return i;
    if (command->deletes && !command->returns)
        return 9;
    if (command->sets)
        return command->only_new || record->flags & REQUEST_NX ? 4 : record->flags & REQUEST_XX ? 6 : 3;
    if (command->change == CHANGE_COUNTS)
        return record->op == OP_DECR || record->op == OP_DECRBY ? 11 : 10;
    return command->change ? 7 : 1;
}

static uint32_t tenant_of(struct lcs_writer *writer, const struct record *record, struct omissions *omissions)
{
    uint64_t number;

    if (!record->tenant)
        return 0;
    if (scan_uint64(record->tenant, &number) && number <= TENANT_MOST)
        return (uint32_t)number;
    omissions_add(omissions, "names of tenants: they have numbers as they come", 1);
    number = keys_intern_text(&writer->tenants, record->tenant, (uint32_t)strlen(record->tenant));
    return (uint32_t)(number & TENANT_MOST);
}

static uint32_t ttl_of(const struct record *record, struct omissions *omissions)
{
    int64_t ttl_ms = record->ttl_ms;

    if (!(record->flags & REQUEST_TTL))
        return 0;
    if (record->flags & REQUEST_ABSOLUTE) {
        omissions_add(omissions, "that a ttl is a Unix time: what is left of it is written", 1);
        ttl_ms -= record->time_us / 1000;
    }
    if (ttl_ms <= 0) {
        omissions_add(omissions, "ttls that have ended", 1);
        return 0;
    }
    if (ttl_ms % 1000)
        omissions_add(omissions, "parts of a second of ttls, which are rounded up", 1);
    ttl_ms = ttl_ms / 1000 + (ttl_ms % 1000 != 0);
    return ttl_ms > INT32_MAX ? INT32_MAX : (uint32_t)ttl_ms;
}

static void count(struct lcs_writer *writer, const struct packed_row *taken, unsigned op, bool is_new)
{
    int64_t *statistics = writer->statistics;

    if (!statistics[REQUESTS])
        statistics[START] = taken->time_s;
    statistics[END] = taken->time_s;
    statistics[REQUESTS]++;
    statistics[REQUEST_BYTES] += taken->bytes;
    statistics[OBJECTS] += is_new;
    statistics[OBJECT_BYTES] += is_new ? taken->bytes : 0;
    statistics[DELETES] += op == 9;
    statistics[READS] += op == 1 || op == 2 || op == 12;
    statistics[WRITES] += op > 2 && op != 9 && op != 12;
    statistics[SMALLEST] = taken->bytes < statistics[SMALLEST] ? taken->bytes : statistics[SMALLEST];
    statistics[LARGEST] = taken->bytes > statistics[LARGEST] ? taken->bytes : statistics[LARGEST];
}

static int write_lcs(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct lcs_writer *writer = state;
    struct packed_row taken;
    unsigned op = operation_of(row->record);
    char *to;

    if (!packed_take(row, &taken, omissions))
        return 0;
    if (command_table[row->record->op].deletes)
        taken.bytes = row->record->value_len == VALUE_UNKNOWN ? 0 : row->record->value_len;
    bool is_new = !packed_has(&writer->packed, row->id);
    to = packed_add(&writer->packed, row, error);
    if (!to)
        return -1;
    packed_u32(to, taken.time_s);
    packed_u64(to + 4, taken.object);
    packed_u64(to + 12, taken.bytes);
    packed_u32(to + 20, op | tenant_of(writer, row->record, omissions) << 8);
    packed_u32(to + 24, ttl_of(row->record, omissions));
    count(writer, &taken, op, is_new);
    return 1;
}

static int close_lcs(void *state, struct omissions *omissions, struct error *error)
{
    struct lcs_writer *writer = state;
    char *head = writer->packed.map;

    (void)omissions;
    if (!writer->statistics[REQUESTS])
        writer->statistics[SMALLEST] = 0;
    packed_u64(head, magic);
    packed_u64(head + 8, VERSION);
    packed_u64(head + 16, VERSION);
    for (int i = 0; i < STATISTICS; i++)
        packed_u64(head + 24 + 8 * i, (uint64_t)writer->statistics[i]);
    packed_u64(head + HEADER - 8, magic);
    return packed_close(&writer->packed, error);
}

static void release_lcs(void *state)
{
    struct lcs_writer *writer = state;

    keys_release(&writer->tenants);
    packed_release(&writer->packed);
}

extern const struct trace_writer writer_lcs;
const struct trace_writer writer_lcs = {
    .name = "lcs",
    .summary = "libCacheSim's own format, version 3: and operation, tenant, ttl",
    .suffixes = ".lcs",
    .state_size = sizeof(struct lcs_writer),
    .needs_file = true,
    .open = open_lcs,
    .write = write_lcs,
    .close = close_lcs,
    .release = release_lcs,
};
