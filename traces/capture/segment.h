/* SPDX-License-Identifier: GPL-3.0-or-later */
/* segment: the TCP segment that a captured packet carries.
 *
 *     link layer (Ethernet, with VLAN tags; loopback; Linux's "any"; none)  ->  IPv4 or IPv6  ->  TCP
 *
 * Lengths are those that the headers say: a capture may have kept the beginning of a packet only, and Ethernet fills short
 * ones up. Checksums are not looked at: where the network card computes them a capture has wrong ones.
 *
 * Source: RFC 791, 8200, 9293; https://www.tcpdump.org/linktypes.html. */
#ifndef TRACES_CAPTURE_SEGMENT_H
#define TRACES_CAPTURE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of an end of a connection: 16 of its address, an IPv4 one mapped to IPv6's, and its port. */
struct endpoint {
    uint8_t address[16];
    uint16_t port;
};

enum { ENDPOINT_TEXT = 64 };

/* "127.0.0.1:6379", "[::1]:6379", as MONITOR prints it. Returns its length. */
uint32_t endpoint_print(const struct endpoint *endpoint, char text[ENDPOINT_TEXT]);

struct segment {
    struct endpoint from, to;
    uint32_t sequence, acknowledged; /* of the first byte; valid with has_ack */
    bool has_syn, has_fin, has_rst, has_ack;
    const char *data;
    uint32_t captured; /* bytes at data, */
    uint32_t bytes;    /* of so many that were sent */
    int64_t time_us;
    uint64_t packet; /* which it was in the file, from 1 */
};

/* What a packet has. OTHER: it is none of TCP. CUT: it is, or may be, and the capture has too little of it. */
enum segment_found { SEGMENT_TCP, SEGMENT_OTHER, SEGMENT_CUT };

/* Whether packets of this link layer (a DLT_ of libpcap) can be read. */
bool segment_knows_link(int link);

/* Fills all but the time and the number. `captured` bytes are there, of `length`. */
enum segment_found segment_read(struct segment *segment, int link, const uint8_t *packet, uint32_t captured,
                                uint32_t length);

#endif
