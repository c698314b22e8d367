/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vscsi: disk requests as VMware's vSCSI tracer writes them (CloudPhysics; VMware's vscsiStats).
 *
 *     version 1   0    4     8     12    14        16           24           32
 *                 | sn | len | nSG | cmd | version | first block | time us    |
 *     version 2   0     2         4    8     12    16           24           32              40
 *                 | cmd | version | sn | len | nSG | first block | time us    | response time |
 *
 * cmd is the SCSI operation code: READ is a GET, WRITE a SET of as many bytes as the request has. A request is one object, the
 * one that begins at that block: so do libCacheSim and its conversions to other formats, whose counts these are. The
 * version is the high byte of its field, the same in all records. */
#include "traces/binary/records.h"

#include <stdio.h>

enum { BYTES_1 = 32, BYTES_2 = 40 };

struct vscsi {
    struct records records; /* first */
    int version;
};

extern const struct format format_vscsi;

/* 1, 2, or 0: it is neither, as the first two records say. */
static int version_of(const char *head, size_t bytes)
{
    size_t looked = bytes < 2 * BYTES_1 ? 1 : 2;
    bool first = bytes >= BYTES_1, second = bytes >= BYTES_2;

    for (size_t i = 0; i < looked; i++) {
        first = first && binary_u16(head + i * BYTES_1 + 14) >> 8 == 1;
        second = second && (i + 1) * BYTES_2 <= bytes && binary_u16(head + i * BYTES_2 + 2) >> 8 == 2;
    }
    return second ? 2 : first ? 1 : 0;
}

static int open_vscsi(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                      struct error *error)
{
    struct vscsi *vscsi = state;
    size_t bytes;
    const char *head = source_peek(source, 2 * BYTES_2, &bytes, error);

    if (!head)
        return -1;
    records_init(&vscsi->records, source, options, intake);
    vscsi->version = version_of(head, bytes);
    if (!vscsi->version && bytes)
        return error_set(error, ERROR_INPUT, "%s:1: no record of vscsi, neither of version 1 nor of version 2",
                         source_name(source));
    return 0;
}

/* Of SCSI's block commands. */
static enum op op_of(unsigned command)
{
    switch (command) {
    case 0x08: /* READ of 6, 10, 12, 16 bytes */
    case 0x28:
    case 0xa8:
    case 0x88:
        return OP_GET;
    case 0x0a: /* WRITE, likewise; WRITE AND VERIFY */
    case 0x2a:
    case 0xaa:
    case 0x8a:
    case 0x2e:
    case 0xae:
    case 0x8e:
        return OP_SET;
    default:
        return OP_COUNT;
    }
}

static int decode(struct records *records, uint64_t number, uint64_t time_us, uint64_t block, uint32_t bytes,
                  unsigned command, unsigned version, unsigned expected, struct record *record, struct error *error)
{
    enum op op = op_of(command);

    if (version >> 8 != expected)
        return record_bad(records, number, error, "bad version %u, the first record has %u", version >> 8, expected);
    if (time_us > INT64_MAX)
        return record_bad(records, number, error, "bad time %ju", (uintmax_t)time_us);
    if (bytes == VALUE_UNKNOWN)
        return record_bad(records, number, error, "bad size %u", bytes);
    if (op == OP_COUNT) {
        char name[16];

        snprintf(name, sizeof name, "scsi 0x%02x", command);
        intake_unknown(records->intake, name, strlen(name));
        return RECORD_LEFT_OUT;
    }
    record_begin(record, (int64_t)time_us, block, number);
    record->op = (uint16_t)op;
    record_size(records, record, bytes, format_vscsi.zero_is_empty);
    return RECORD_DONE;
}

static int decode_1(struct records *records, const char *at, uint64_t number, struct record *record,
                    struct error *error)
{
    return decode(records, number, binary_u64(at + 24), binary_u64(at + 16), binary_u32(at + 4), binary_u16(at + 12),
                  binary_u16(at + 14), 1, record, error);
}

static int decode_2(struct records *records, const char *at, uint64_t number, struct record *record,
                    struct error *error)
{
    return decode(records, number, binary_u64(at + 24), binary_u64(at + 16), binary_u32(at + 8), binary_u16(at),
                  binary_u16(at + 2), 2, record, error);
}

static int read_vscsi(void *state, struct record *records, int room, struct error *error)
{
    struct vscsi *vscsi = state;

    if (vscsi->version == 2)
        return records_read(&vscsi->records, BYTES_2, decode_2, records, room, error);
    return records_read(&vscsi->records, BYTES_1, decode_1, records, room, error);
}

/* Every record is of one version, and time never goes back. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    int version = version_of(head, bytes);
    size_t record_bytes = version == 2 ? BYTES_2 : BYTES_1;
    uint64_t last = 0;

    if (!version)
        return FORMAT_NO;
    for (size_t at = 0; bytes - at >= record_bytes; at += record_bytes) {
        uint64_t time = binary_u64(head + at + 24);

        if (time < last || time > INT64_MAX || binary_u16(head + at + (version == 2 ? 2 : 14)) >> 8 != version)
            return FORMAT_NO;
        last = time;
    }
    return FORMAT_CERTAIN;
}

const struct format format_vscsi = {
    .name = "vscsi",
    .summary = "disk requests as VMware's vSCSI tracer writes them, versions 1 and 2",
    .file_names = "vscsi vscsitrace",
    .state_size = sizeof(struct vscsi),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open_vscsi,
    .read = read_vscsi,
};
