/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lcs: libCacheSim's own binary format: a header, then records, little-endian and packed.
 *
 *     header    0       8         16                  8008         8184    8192
 *               | magic | version | statistics        | unused     | magic |
 *     version   0        4             12      16       20          24    28      36
 *      1        | time s | object u64  | size  | next i64                                        24 bytes
 *      2        | time s | object u64  | size  | op u8, tenant u24 | next i64                    28
 *      3        | time s | object u64  | size i64       | op, tenant | ttl s | next i64          36
 *      4 to 8   | as 3, and 1, 2, 4, 8, 16 numbers of 4 bytes that describe the object           40, 44, 52, 68, 100
 *
 * The header of 2024 has 1024 bytes. It says with Python's letters which fields a record has, and which of them is what:
 *
 *     0       8         248                               257   1000     1004        1008      1016    1024
 *     | magic | letters | id, size, time, ..., op, ttl ... | ... | fields | item size | version | magic |
 *
 * A trace may have been made from one without operations: then they are all nop, or invalid, and each record is a read.
 * The statistics and the next requests are not used. */
#include "traces/binary/records.h"
#include "traces/binary/verbs.h"

enum { HEADER = 8192, OLD_HEADER = 1024, OLD_LETTERS = 240, VERSIONS = 8, MICROS = 1000000 };
static const uint64_t magic = 0x123456789abcdef0;

/* A field of a record: bytes 0: there is none. */
struct field {
    uint16_t offset;
    uint8_t bytes;
    bool is_signed;
};

enum role { TIME, OBJECT, SIZE, OP, TENANT, TTL, ROLES };

struct lcs {
    struct records records; /* first */
    size_t record_bytes;
    bool is_version_1;
    struct field of[ROLES];
};

extern const struct format format_lcs;

/* Where the header ends: its second magic number says. 0: it is none. */
static size_t header_of(const char *head, size_t bytes)
{
    if (bytes < 8 || binary_u64(head) != magic)
        return 0;
    if (bytes >= HEADER && binary_u64(head + HEADER - 8) == magic)
        return HEADER;
    return bytes >= OLD_HEADER && binary_u64(head + OLD_HEADER - 8) == magic ? OLD_HEADER : 0;
}

static size_t letter_bytes(char letter)
{
    switch (letter) {
    case 'c':
    case 'b':
    case 'B':
        return 1;
    case 'h':
    case 'H':
        return 2;
    case 'i':
    case 'I':
    case 'l':
    case 'L':
    case 'f':
        return 4;
    case 'q':
    case 'Q':
    case 'd':
        return 8;
    default:
        return 0;
    }
}

/* Reads the older header. 0, or -1. */
static int take_letters(struct lcs *lcs, const char *head, struct error *error)
{
    /* The places of the fields' numbers, from 1; 0: there is no such field. */
    static const uint16_t places[ROLES] = {
        [OBJECT] = 248, [SIZE] = 249, [TIME] = 250, [OP] = 253, [TTL] = 254, [TENANT] = 255};
    const char *name = source_name(lcs->records.source), *letters = head + 8 + (head[8] == '<');
    size_t count = 0;

    for (; letters + count < head + 8 + OLD_LETTERS && letters[count]; count++) {
        size_t bytes = letter_bytes(letters[count]);

        if (!bytes)
            return error_set(error, ERROR_INPUT, "%s:1: lcs header: unknown letter '%c' in its format", name,
                             letters[count] > 32 && letters[count] < 127 ? letters[count] : '?');
        for (int role = 0; role < ROLES; role++)
            if ((unsigned char)head[places[role]] == count + 1)
                lcs->of[role] = (struct field){.offset = (uint16_t)lcs->record_bytes,
                                               .bytes = (uint8_t)bytes,
                                               .is_signed = strchr("bhilq", letters[count]) != NULL};
        for (int role = 0; role < ROLES && strchr("fdc", letters[count]); role++)
            if ((unsigned char)head[places[role]] == count + 1)
                return error_set(error, ERROR_INPUT, "%s:1: lcs header: field %zu is no integer", name, count + 1);
        lcs->record_bytes += bytes;
    }
    if (binary_u32(head + 1000) != count || binary_u32(head + 1004) != lcs->record_bytes)
        return error_set(error, ERROR_INPUT, "%s:1: lcs header: %u fields of %u bytes, its format has %zu of %zu", name,
                         binary_u32(head + 1000), binary_u32(head + 1004), count, lcs->record_bytes);
    if (!lcs->of[OBJECT].bytes)
        return error_set(error, ERROR_INPUT, "%s:1: lcs header: no field is the object", name);
    return 0;
}

/* Reads the newer header. 0, or -1. */
static int take_version(struct lcs *lcs, const char *head, struct error *error)
{
    static const uint8_t record_bytes[VERSIONS + 1] = {0, 24, 28, 36, 40, 44, 52, 68, 100};
    uint64_t version = binary_u64(head + 8);

    if (version < 1 || version > VERSIONS)
        return error_set(error, ERROR_INPUT, "%s:1: lcs version %ju is not known: it is 1 to %d",
                         source_name(lcs->records.source), (uintmax_t)version, VERSIONS);
    lcs->record_bytes = record_bytes[version];
    lcs->is_version_1 = version == 1;
    lcs->of[TIME] = (struct field){0, 4, false};
    lcs->of[OBJECT] = (struct field){4, 8, false};
    lcs->of[SIZE] = (struct field){12, version < 3 ? 4 : 8, version >= 3};
    if (version >= 2) {
        lcs->of[OP] = (struct field){version < 3 ? 16 : 20, 1, false};
        lcs->of[TENANT] = (struct field){version < 3 ? 17 : 21, 3, false};
    }
    if (version >= 3)
        lcs->of[TTL] = (struct field){24, 4, true};
    return 0;
}

static int open_lcs(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                    struct error *error)
{
    struct lcs *lcs = state;
    size_t bytes, header;
    const char *head = source_peek(source, HEADER, &bytes, error);

    if (!head)
        return -1;
    records_init(&lcs->records, source, options, intake);
    header = header_of(head, bytes);
    if (!header && bytes)
        return error_set(error, ERROR_INPUT, "%s:1: damaged or truncated lcs header, %zu bytes", source_name(source),
                         bytes);
    if (header && (header == HEADER ? take_version(lcs, head, error) : take_letters(lcs, head, error)) < 0)
        return -1;
    source_consume(source, header);
    return 0;
}

/* The number that is there; 0 without such a field. */
static int64_t load(const struct lcs *lcs, const char *at, enum role role)
{
    const struct field *field = &lcs->of[role];
    unsigned unused = 64 - 8u * field->bytes;
    uint64_t value = 0;

    if (!field->bytes)
        return 0;
    for (unsigned i = 0; i < field->bytes; i++)
        value |= (uint64_t)(unsigned char)at[field->offset + i] << 8 * i;
    return field->is_signed ? (int64_t)(value << unused) >> unused : (int64_t)value;
}

static int decode(struct records *records, const char *at, uint64_t number, struct record *record, struct error *error)
{
    const struct lcs *lcs = (const struct lcs *)(const void *)records;
    int64_t time_s = load(lcs, at, TIME), bytes = lcs->of[SIZE].bytes ? load(lcs, at, SIZE) : 1;
    int64_t ttl_s = load(lcs, at, TTL);

    if (time_s < 0 || time_s > INT64_MAX / MICROS)
        return record_bad(records, number, error, "bad time %jd", (intmax_t)time_s);
    if (bytes < 0 || bytes >= VALUE_UNKNOWN)
        return record_bad(records, number, error, "bad size %jd", (intmax_t)bytes);
    record_begin(record, time_s * MICROS, (uint64_t)load(lcs, at, OBJECT), number);
    if (record_set_verb_or_get(records, record, (unsigned)load(lcs, at, OP) & 255) == RECORD_LEFT_OUT)
        return RECORD_LEFT_OUT;
    record_size(records, record, (uint32_t)bytes, format_lcs.zero_is_empty);
    if (ttl_s > 0) {
        record->flags |= REQUEST_TTL;
        record->ttl_ms = ttl_s > INT64_MAX / 1000 ? INT64_MAX : ttl_s * 1000;
    }
    if (lcs->of[TENANT].bytes)
        record_set_tenant(records, record, (uint32_t)load(lcs, at, TENANT));
    if (!lcs->of[TIME].bytes)
        record->flags |= REQUEST_UNTIMED;
    return RECORD_DONE;
}

/* Of version 1, which most traces have: the same without looking where things are. */
static int decode_1(struct records *records, const char *at, uint64_t number, struct record *record,
                    struct error *error)
{
    (void)error;
    record_begin(record, (int64_t)binary_u32(at) * MICROS, binary_u64(at + 4), number);
    record_size(records, record, binary_u32(at + 12), format_lcs.zero_is_empty);
    return RECORD_DONE;
}

static int read_lcs(void *state, struct record *records, int room, struct error *error)
{
    struct lcs *lcs = state;

    if (lcs->is_version_1)
        return records_read(&lcs->records, 24, decode_1, records, room, error);
    return records_read(&lcs->records, lcs->record_bytes, decode, records, room, error);
}

static void close_lcs(void *state)
{
    struct lcs *lcs = state;

    records_release(&lcs->records);
}

static enum format_sureness detect(const char *head, size_t bytes)
{
    return header_of(head, bytes) ? FORMAT_CERTAIN : FORMAT_NO;
}

const struct format format_lcs = {
    .name = "lcs",
    .summary = "libCacheSim's own binary format, versions 1 to 8, and that of 2024",
    .file_names = "lcs",
    .state_size = sizeof(struct lcs),
    .numeric_keys = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open_lcs,
    .read = read_lcs,
    .close = close_lcs,
};
