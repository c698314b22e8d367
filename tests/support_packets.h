/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_packets: captures of TCP traffic, made up packet by packet.
 *
 *     struct packets packets = {.link = DLT_EN10MB};
 *     packets_add(&packets, &(struct packet){.time_us = 5, .flags = PACKET_SYN, .sequence = 99});
 *     packets_add(&packets, &(struct packet){.time_us = 6, .sequence = 100, .data = "PING\r\n", .bytes = 6});
 *     ... packets.bytes, packets.count ...
 *     packets_release(&packets);
 *
 * The server is 10.0.0.1:6379, or [fd00::1]:6379; client n is 10.0.0.2:40000+n, or [fd00::2]. */
#ifndef TESTS_SUPPORT_PACKETS_H
#define TESTS_SUPPORT_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_flag { PACKET_FIN = 1, PACKET_SYN = 2, PACKET_RST = 4, PACKET_ACK = 16 };

struct packet {
    int64_t time_us;
    unsigned client;
    bool from_server;
    unsigned flags; /* enum packet_flag */
    uint32_t sequence, acknowledged;
    const char *data;
    size_t bytes;
    size_t lacking; /* of its last bytes, as many are not in the capture */
};

/* Zeroed but for what is said here. */
struct packets {
    int link; /* a DLT_ */
    bool is_v6, is_ng, has_vlan, is_big_endian, is_nano;
    uint16_t server_port; /* 0: 6379 */
    char *bytes;
    size_t count, capacity;
};

void packets_add(struct packets *packets, const struct packet *packet);
void packets_release(struct packets *packets);

#endif
