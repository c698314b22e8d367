/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crc64: the checksum of RDB files and of what DUMP gives: the polynomial of Jones, reflected, from 0, without a final
 * exclusive-or.
 *
 *     crc64_begin(&crc64); crc64_add(&crc64, bytes, count); ... crc64.sum
 *
 * Source: crc64.c of Redis 7.0. */
#ifndef TRACES_RDB_CRC64_H
#define TRACES_RDB_CRC64_H

#include <stddef.h>
#include <stdint.h>

struct crc64 {
    uint64_t sum;
    uint64_t table[256]; /* what a byte makes of an empty sum */
};

void crc64_begin(struct crc64 *crc64);
void crc64_add(struct crc64 *crc64, const void *bytes, size_t count);

#endif
