/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleSimTwrNS: Twitter's traces for simulators of sizes alone, with the next request (libCacheSim).
 *
 *     0        4                12       16      20   22              30   little-endian, packed
 *     | time s |    object id    |  size  | ttl s | ns | next request |
 *
 * No operation: every record is a GET. Whether the size has the key's in it the source does not say. A namespace is a tenant.
 *
 * oracleAkamai has the same fields but for the six bytes in front of the last one, which may be anything in both. So these traces are found
 * by the file's name alone. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 30,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4},
    .ttl = {16, 4},
    .tenant = {20, 2},
    .next = {22, 8},
};

PLACES_FORMAT(oracle_sim_twr_ns, places)

extern const struct format format_oracle_akamai;

static enum format_sureness detect(const char *head, size_t bytes)
{
    return detect_oracle_sim_twr_ns(head, bytes) ? FORMAT_BY_NAME : FORMAT_NO;
}

const struct format format_oracle_sim_twr_ns = {
    .name = "oracleSimTwrNS",
    .summary = "oracleAkamai with a ttl (libCacheSim), found by the file's name",
    .file_names = "oracleSimTwrNS",
    .looks_like = &format_oracle_akamai,
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open_oracle_sim_twr_ns,
    .read = read_oracle_sim_twr_ns,
    .close = places_close,
};
