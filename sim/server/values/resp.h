/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resp: how long the parts of the protocol are, in requests, replies and what replicas are sent. */
#ifndef SIM_SERVER_VALUES_RESP_H
#define SIM_SERVER_VALUES_RESP_H

#include "sim/server/values/sds.h"

/* "*count\r\n", how an array begins, and "$length\r\n", how a string does. */
static inline uint64_t resp_header_bytes(uint64_t count)
{
    return 1 + decimal_length((int64_t)count) + 2;
}

/* A string: "$length\r\n", its bytes, "\r\n". */
static inline uint64_t resp_bulk_bytes(uint64_t length)
{
    return resp_header_bytes(length) + length + 2;
}

#endif
