/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/evt/column.h"

#include "sim/alloc.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { PACKED_LEAST = 64 }; /* bytes; fewer are not worth a frame */

char *evt_buffer_add(struct evt_buffer *buffer, size_t bytes)
{
    if (!buffer->bytes || buffer->count + bytes > buffer->capacity) {
        do
            buffer->capacity = buffer->capacity ? 2 * buffer->capacity : 4096;
        while (buffer->count + bytes > buffer->capacity);
        buffer->bytes = xrealloc(buffer->bytes, buffer->capacity);
    }
    buffer->count += bytes;
    return buffer->bytes + buffer->count - bytes;
}

/* ---- writing ---- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* In bits. */
static uint8_t width_of(uint64_t most)
{
    return most >> 32   ? 64
           : most >> 16 ? 32
           : most >> 8  ? 16
           : most >> 4  ? 8
           : most >> 2  ? 4
           : most >> 1  ? 2
           : most       ? 1
                        : 0;
}

static size_t bytes_of(uint32_t count, uint8_t width)
{
    return ((size_t)count * width + 7) / 8;
}

/* As offsets from the least value. */
static struct section plan_offsets(const int64_t *values, uint32_t count)
{
    struct section section = {.encoding = EVT_OFFSETS, .step = 0};
    int64_t least = values[0], most = values[0];

    for (uint32_t i = 1; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    section.base = least;
    for (uint32_t i = 0; i < count && section.step != 1; i++)
        section.step = common_divisor((uint64_t)values[i] - (uint64_t)least, section.step);
    if (section.step)
        section.width = width_of(((uint64_t)most - (uint64_t)least) / section.step);
    return section;
}

/* As steps from one value to the next. False: some go back. */
static bool plan_steps(const int64_t *values, uint32_t count, struct section *section)
{
    uint64_t most = 0, least = UINT64_MAX;

    *section = (struct section){.encoding = EVT_STEPS, .base = values[0]};
    for (uint32_t i = 1; i < count; i++) {
        uint64_t step = (uint64_t)values[i] - (uint64_t)values[i - 1];

        if (values[i] < values[i - 1])
            return false;
        most = step > most ? step : most;
        least = step < least ? step : least;
        if (section->step != 1)
            section->step = common_divisor(step, section->step);
    }
    if (section->step && least != most)
        section->width = width_of(most / section->step);
    return true;
}

static void put(char *to, uint32_t i, uint8_t width, uint64_t value)
{
    uint16_t two = htole16((uint16_t)value);
    uint32_t four = htole32((uint32_t)value);
    uint64_t eight = htole64(value);

    switch (width) {
    case 8:
        to[i] = (char)value;
        break;
    case 16:
        memcpy(to + (size_t)i * 2, &two, 2);
        break;
    case 32:
        memcpy(to + (size_t)i * 4, &four, 4);
        break;
    case 64:
        memcpy(to + (size_t)i * 8, &eight, 8);
        break;
    default: /* several in a byte, which was zeroed: the first in the lowest bits */
        to[(size_t)i * width / 8] |= (char)(value << (size_t)i * width % 8);
    }
}

/* Packs the last `bytes` of the buffer, if that saves more than unpacking costs: an eighth of them, or three quarters of what every
 * replay reads. */
static void pack(struct section *section, struct ZSTD_CCtx_s *packer, struct evt_buffer *to, size_t bytes)
{
    size_t room = ZSTD_compressBound(bytes), packed;

    section->stored = (uint32_t)bytes;
    section->packing = EVT_UNPACKED;
    if (!packer || bytes < PACKED_LEAST)
        return;
    evt_buffer_add(to, room);
    to->count -= room;
    packed = ZSTD_compress2(packer, to->bytes + to->count, room, to->bytes + to->count - bytes, bytes);
    if (ZSTD_isError(packed) || packed > (section->kind < EVT_NUMBER ? bytes / 4 : bytes - bytes / 8))
        return;
    memmove(to->bytes + to->count - bytes, to->bytes + to->count, packed);
    to->count -= bytes - packed;
    section->stored = (uint32_t)packed;
    section->packing = EVT_ZSTD;
}

void section_write_integers(struct section *section, enum evt_kind kind, const int64_t *values, uint32_t count,
                            struct ZSTD_CCtx_s *packer, struct evt_buffer *to)
{
    struct section steps;
    size_t bytes;
    char *place;

    *section = plan_offsets(values, count);
    if (section->width && plan_steps(values, count, &steps) && steps.width < section->width)
        *section = steps;
    section->kind = (uint16_t)kind;
    section->count = count;
    bytes = bytes_of(count, section->width);
    place = evt_buffer_add(to, bytes);
    memset(place, 0, section->width < 8 ? bytes : 0);
    for (uint32_t i = 0; section->width && i < count; i++) {
        uint64_t from = section->encoding == EVT_OFFSETS ? (uint64_t)section->base : (uint64_t)values[i ? i - 1 : 0];
        put(place, i, section->width, ((uint64_t)values[i] - from) / section->step);
    }
    pack(section, packer, to, bytes);
}

void section_write_bytes(struct section *section, enum evt_kind kind, const char *bytes, uint32_t count,
                         struct ZSTD_CCtx_s *packer, struct evt_buffer *to)
{
    *section = (struct section){.kind = (uint16_t)kind, .encoding = EVT_BYTES, .width = 8, .count = count};
    if (count)
        memcpy(evt_buffer_add(to, count), bytes, count);
    pack(section, packer, to, count);
}

void section_store(const struct section *section, char *to)
{
    uint16_t kind = htole16(section->kind);
    uint32_t stored = htole32(section->stored), count = htole32(section->count), packing = htole32(section->packing);
    uint64_t base = htole64((uint64_t)section->base), step = htole64(section->step);

    memcpy(to, &kind, 2);
    to[2] = (char)section->encoding;
    to[3] = (char)section->width;
    memcpy(to + 4, &stored, 4);
    memcpy(to + 8, &count, 4);
    memcpy(to + 12, &packing, 4);
    memcpy(to + 16, &base, 8);
    memcpy(to + 24, &step, 8);
}

/* ---- reading ---- */

static inline __attribute__((always_inline)) uint64_t load(const char *from, size_t i, uint8_t width)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    switch (width) {
    case 8:
        return (unsigned char)from[i];
    case 16:
        memcpy(&two, from + i * 2, 2);
        return le16toh(two);
    case 32:
        memcpy(&four, from + i * 4, 4);
        return le32toh(four);
    case 64:
        memcpy(&eight, from + i * 8, 8);
        return le64toh(eight);
    default: /* 1, 2, 4 */
        return (unsigned char)from[i * width / 8] >> i * width % 8 & ((1u << width) - 1);
    }
}

void section_load(struct section *section, const char *from)
{
    *section = (struct section){
        .kind = (uint16_t)load(from, 0, 16),
        .encoding = (uint8_t)from[2],
        .width = (uint8_t)from[3],
        .stored = (uint32_t)load(from + 4, 0, 32),
        .count = (uint32_t)load(from + 8, 0, 32),
        .packing = (uint32_t)load(from + 12, 0, 32),
        .base = (int64_t)load(from + 16, 0, 64),
        .step = load(from + 24, 0, 64),
    };
}

uint64_t section_bytes(const struct section *section)
{
    uint8_t width = section->width;
    uint64_t bytes = bytes_of(section->count, width);
    bool is_integers = evt_kind_is_integers(section->kind), fits;

    if (is_integers)
        fits = (section->encoding == EVT_OFFSETS || section->encoding == EVT_STEPS) && width <= 64 &&
               (width & (width - 1)) == 0;
    else
        fits = section->encoding == EVT_BYTES && width == 8;
    if (!fits || bytes > EVT_BODY_MOST || section->packing > EVT_ZSTD ||
        (section->packing == EVT_UNPACKED && section->stored != bytes))
        return UINT64_MAX;
    return bytes;
}

int column_unpack(struct column *column, struct ZSTD_DCtx_s *unpacker)
{
    uint64_t bytes = section_bytes(&column->section);
    size_t made;

    if (!column->is_there || column->values)
        return 0;
    if (column->section.packing == EVT_UNPACKED) {
        column->values = column->bytes;
        return 0;
    }
    if (ZSTD_getFrameContentSize(column->bytes, column->section.stored) != bytes)
        return -1;
    if (bytes > column->capacity) {
        free(column->unpacked);
        column->unpacked = xmalloc(bytes);
        column->capacity = bytes;
    }
    made = ZSTD_decompressDCtx(unpacker, column->unpacked, bytes, column->bytes, column->section.stored);
    if (made != bytes) /* which is also so if it is an error */
        return -1;
    column->values = column->unpacked;
    return 0;
}

/* Numbers that are made at a time: `width` bits each (0: all are 0), number i of them at `from`. */
struct numbers {
    const char *from;
    uint32_t count;
    uint8_t width;
};

/* Numbers wrap around: what a damaged file says is no overflow. Nothing is computed with more bits than are wanted, nor
 * multiplied by 1, so that the compiler can make several at a time. */
static inline __attribute__((always_inline)) void offsets(const struct column *column, struct numbers numbers,
                                                          uint64_t less, void *to, size_t bytes)
{
    const uint64_t base = (uint64_t)column->section.base - less, step = column->section.step;

#define OFFSETS(type)                                                                                                  \
    do {                                                                                                               \
        const type from_base = (type)base, by = (type)step;                                                            \
                                                                                                                       \
        if (numbers.width && step != 1)                                                                                \
            for (uint32_t i = 0; i < numbers.count; i++)                                                               \
                ((type *)to)[i] = (type)(from_base + (type)(by * (type)load(numbers.from, i, numbers.width)));         \
        else                                                                                                           \
            for (uint32_t i = 0; i < numbers.count; i++)                                                               \
                ((type *)to)[i] =                                                                                      \
                    (type)(from_base + (numbers.width ? (type)load(numbers.from, i, numbers.width) : 0));              \
    } while (0)
    if (bytes == 8)
        OFFSETS(uint64_t);
    else if (bytes == 4)
        OFFSETS(uint32_t);
    else
        OFFSETS(uint16_t);
#undef OFFSETS
}

static inline __attribute__((always_inline)) void put_value(void *to, uint32_t i, size_t bytes, uint64_t value)
{
    if (bytes == 8)
        ((uint64_t *)to)[i] = value;
    else if (bytes == 4)
        ((uint32_t *)to)[i] = (uint32_t)value;
    else
        ((uint16_t *)to)[i] = (uint16_t)value;
}

/* Goes on from column->last. In a trace of many requests a second, times in seconds stand still for many rows. */
static inline __attribute__((always_inline)) void steps(struct column *column, struct numbers numbers, uint64_t less,
                                                        void *to, size_t bytes)
{
    enum { STILL = 8 };
    const uint64_t step = column->section.step;
    uint64_t value = (uint64_t)column->last;

    for (uint32_t i = 0, end; i < numbers.count; i = end) {
        end = numbers.width == 8 && i + STILL < numbers.count ? i + STILL : numbers.count;
        if (numbers.width == 8 && end == i + STILL && !load(numbers.from + i, 0, 64)) {
            for (uint32_t j = 0; j < STILL; j++)
                put_value(to, i + j, bytes, value - less);
            continue;
        }
        for (uint32_t j = i; j < end; j++) {
            value += numbers.width ? step * load(numbers.from, j, numbers.width) : step;
            put_value(to, j, bytes, value - less);
        }
    }
    column->last = (int64_t)value;
}

/* A loop for each width, so that the compiler knows it. */
static inline __attribute__((always_inline)) void make(struct column *column, struct numbers numbers, uint64_t less,
                                                       void *to, size_t bytes)
{
#define FOR_WIDTH(w)                                                                                                   \
    do {                                                                                                               \
        numbers.width = w;                                                                                             \
        if (column->section.encoding == EVT_OFFSETS)                                                                   \
            offsets(column, numbers, less, to, bytes);                                                                 \
        else                                                                                                           \
            steps(column, numbers, less, to, bytes);                                                                   \
    } while (0)
    if (numbers.width == 0)
        FOR_WIDTH(0);
    else if (numbers.width == 8)
        FOR_WIDTH(8);
    else if (numbers.width == 16)
        FOR_WIDTH(16);
    else if (numbers.width == 32)
        FOR_WIDTH(32);
    else
        FOR_WIDTH(64);
#undef FOR_WIDTH
}

enum { WIDENED = 512 };

/* Numbers of 1, 2 or 4 bits as one byte each, of `count` whole bytes. */
static inline __attribute__((always_inline)) void widen_by(const char *from, uint32_t count, unsigned width, char *to)
{
    for (uint32_t i = 0; i < count; i++)
        for (unsigned j = 0; j < 8 / width; j++)
            to[i * (8 / width) + j] = (char)((unsigned char)from[i] >> j * width & ((1u << width) - 1));
}

/* Of numbers that share bytes, the next ones from `first` on, at most WIDENED and `count`. Returns how many. */
static uint32_t widen(const struct column *column, uint32_t first, uint32_t count, char to[WIDENED])
{
    const uint8_t width = column->section.width;
    const uint32_t in_byte = 8 / width, begun = first % in_byte;
    const char *from = column->values + first / in_byte;

    if (begun || count < in_byte) { /* the rest of a byte */
        count = count < in_byte - begun ? count : in_byte - begun;
        for (uint32_t i = 0; i < count; i++)
            to[i] = (char)load(column->values, first + i, width);
        return count;
    }
    count = (count < WIDENED ? count : WIDENED) / in_byte;
    if (width == 1)
        widen_by(from, count, 1, to);
    else if (width == 2)
        widen_by(from, count, 2, to);
    else
        widen_by(from, count, 4, to);
    return count * in_byte;
}

static inline __attribute__((always_inline)) void make_values(struct column *column, uint32_t first, uint32_t count,
                                                              uint64_t less, void *to, size_t bytes)
{
    const struct section *section = &column->section;
    uint8_t width = section->width;

    if (!first && section->encoding == EVT_STEPS) /* u[0] is 0 */
        column->last = (int64_t)((uint64_t)section->base - (width ? 0 : section->step));
    if (!width || width >= 8) {
        make(column, (struct numbers){column->values + (size_t)first * width / 8, count, width}, less, to, bytes);
        return;
    }
    for (uint32_t done = 0, made; done < count; done += made) {
        char wide[WIDENED];

        made = widen(column, first + done, count - done, wide);
        make(column, (struct numbers){wide, made, 8}, less, (char *)to + done * bytes, bytes);
    }
}

void column_i64(struct column *column, uint32_t first, uint32_t count, int64_t *to)
{
    if (column->is_there)
        make_values(column, first, count, 0, to, sizeof *to);
    else
        memset(to, 0, count * sizeof *to);
}

void column_u32(struct column *column, uint32_t first, uint32_t count, uint32_t less, uint32_t *to)
{
    if (column->is_there) {
        make_values(column, first, count, less, to, sizeof *to);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        to[i] = 0 - less;
}

bool column_is_one_value(const struct column *column, int64_t *value)
{
    *value = column->is_there ? column->section.base : 0;
    return !column->is_there || (column->section.encoding == EVT_OFFSETS && !column->section.width);
}

bool column_cannot_fall(const struct column *column)
{
    const struct section *section = &column->section;

    if (!column->is_there)
        return true;
    /* Those of a block, 2^15 at most, come to less than TIME_MOST_US. */
    return section->encoding == EVT_STEPS && section->width <= 32 &&
           section->step < UINT64_C(1) << (46 - section->width) && section->base >= -TIME_MOST_US &&
           section->base <= TIME_MOST_US;
}

void column_u16(struct column *column, uint32_t first, uint32_t count, uint16_t *to)
{
    if (column->is_there)
        make_values(column, first, count, 0, to, sizeof *to);
    else
        memset(to, 0, count * sizeof *to);
}
