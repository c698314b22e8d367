/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_evt: any bytes as a compiled trace whose checksums are right, which no fuzzer would find: what is behind them is looked at, too. The
 * rest is fuzz_formats. */
#include "sim/alloc.h"
#include "tests/fuzz/targets.h"
#include "traces/evt/layout.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A part of the file: its first bytes, of which the last sixteen are the checksums of what is behind them, and of themselves. */
struct part {
    uint8_t *at;
    size_t head, room; /* room: to the end of the file */
};

static uint64_t number_at(const uint8_t *at, size_t bytes)
{
    uint64_t number = 0;

    memcpy(&number, at, bytes);
    return le64toh(number);
}

static void seal(uint8_t *at, const uint8_t *bytes, size_t count)
{
    uint64_t sum = htole64(XXH64(bytes, count, 0));

    memcpy(at, &sum, sizeof sum);
}

/* Gives it the checksums of `bytes` behind its head, as many as there are. Returns where the next part begins. */
static size_t seal_part(struct part part, uint64_t bytes)
{
    size_t behind = bytes < part.room - part.head ? (size_t)bytes : part.room - part.head;

    seal(part.at + part.head - 16, part.at + part.head, behind);
    seal(part.at + part.head - 8, part.at, part.head - 8);
    return part.head + behind;
}

static void seal_file(uint8_t *file, size_t count)
{
    size_t at = 0;

    if (count < EVT_HEAD_BYTES)
        return;
    at = seal_part((struct part){file, EVT_HEAD_BYTES, count}, number_at(file + 12, 4));
    while (count - at >= EVT_BLOCK_HEAD_BYTES) {
        struct part part = {file + at, EVT_BLOCK_HEAD_BYTES, count - at};

        if (memcmp(part.at, EVT_TRAILER_MAGIC, EVT_MAGIC_BYTES) != 0) {
            at += seal_part(part, number_at(part.at + 24, 4));
            continue;
        }
        part.head = EVT_TRAILER_BYTES;
        if (part.room < part.head)
            return;
        at += seal_part(part, number_at(part.at + 8, 4) + number_at(part.at + 40, 4));
    }
}

int fuzz_evt(const uint8_t *bytes, size_t count)
{
    uint8_t *file = xmalloc(count + 1);
    int status;

    memcpy(file, bytes, count);
    seal_file(file, count);
    setenv("EVSIM_FUZZ_FORMAT", "evt", 1);
    status = fuzz_formats(file, count);
    unsetenv("EVSIM_FUZZ_FORMAT");
    free(file);
    return status;
}
