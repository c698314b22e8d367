/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/rdb/crc64.h"

void crc64_begin(struct crc64 *crc64)
{
    const uint64_t polynomial = UINT64_C(0x95ac9329ac4bc9b5);

    crc64->sum = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t sum = byte;

        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ polynomial : sum >> 1;
        crc64->table[byte] = sum;
    }
}

void crc64_add(struct crc64 *crc64, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    uint64_t sum = crc64->sum;

    for (size_t i = 0; i < count; i++)
        sum = crc64->table[(sum ^ at[i]) & 255] ^ sum >> 8;
    crc64->sum = sum;
}
