/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleGeneral: writes libCacheSim's records of time, object, size and next request (traces/oracle_general.c), all of which are
 * reads. What else touches a value is written as one, too; a deletion is left out. */
#include "traces/write/packed.h"

enum { RECORD_BYTES = 24 };

static int open_oracle_general(void *state, FILE *out, const char *path, const struct trace_about *about,
                               const struct writer_options *options, struct error *error)
{
    (void)options;
    return packed_open(state, out, path, 0, RECORD_BYTES, 16, about, error);
}

static int write_oracle_general(void *state, const struct trace_row *row, struct omissions *omissions,
                                struct error *error)
{
    const struct record *record = row->record;
    char what[OMISSION_TEXT], *to;
    struct packed_row taken;

    if (command_table[record->op].deletes) {
        snprintf(what, sizeof what, "commands: %s", op_name((enum op)record->op));
        omissions_add(omissions, what, 1);
        return 0;
    }
    if (!packed_take(row, &taken, omissions))
        return 0;
    if (record->op != OP_GET)
        omissions_add(omissions, "what a request does: it is a read", 1);
    if (record->flags & REQUEST_TTL)
        omissions_add(omissions, "ttls", 1);
    if (record->tenant)
        omissions_add(omissions, "tenants", 1);
    to = packed_add(state, row, error);
    if (!to)
        return -1;
    packed_u32(to, taken.time_s);
    packed_u64(to + 4, taken.object);
    packed_u32(to + 12, taken.bytes);
    return 1;
}

static int close_oracle_general(void *state, struct omissions *omissions, struct error *error)
{
    (void)omissions;
    return packed_close(state, error);
}

static void release_oracle_general(void *state)
{
    packed_release(state);
}

extern const struct trace_writer writer_oracle_general;
const struct trace_writer writer_oracle_general = {
    .name = "oracleGeneral",
    .summary = "libCacheSim: time in seconds, object, size, next request",
    .suffixes = ".oracleGeneral .bin",
    .state_size = sizeof(struct packed),
    .needs_file = true,
    .open = open_oracle_general,
    .write = write_oracle_general,
    .close = close_oracle_general,
    .release = release_oracle_general,
};
