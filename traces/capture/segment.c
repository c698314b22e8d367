/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/capture/segment.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

enum {
    ETHERNET_HEADER = 14,
    ETHERTYPE_V4 = 0x0800,
    ETHERTYPE_V6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_QINQ_OLD = 0x9100,
    VLAN_TAG = 4,
    NULL_HEADER = 4,
    SLL_HEADER = 16,
    SLL2_HEADER = 20,
    PROTOCOL_TCP = 6,
    TCP_HEADER = 20,
};

/* What is left of a packet: the bytes that are there, of those that were sent. */
struct rest {
    const uint8_t *at;
    uint32_t captured, length;
};

static unsigned big_16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint32_t big_32(const uint8_t *at)
{
    return (uint32_t)big_16(at) << 16 | big_16(at + 2);
}

static bool skip(struct rest *rest, uint32_t bytes)
{
    if (rest->captured < bytes)
        return false;
    rest->at += bytes;
    rest->captured -= bytes;
    rest->length -= bytes < rest->length ? bytes : rest->length;
    return true;
}

/* What follows was sent in so many bytes; more is filling. */
static void bound(struct rest *rest, uint32_t length)
{
    rest->length = length;
    if (rest->captured > length)
        rest->captured = length;
}

bool segment_knows_link(int link)
{
    switch (link) {
    case DLT_EN10MB:
    case DLT_NULL:
    case DLT_LOOP:
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
    case DLT_LINUX_SLL:
    case DLT_LINUX_SLL2:
        return true;
    default:
        return false;
    }
}

/* Takes the link layer's header off. */
static enum segment_found take_link(struct rest *rest, int link)
{
    unsigned type = ETHERTYPE_V4; /* of those that do not say it: the IP header does */
    const uint8_t *header = rest->at;
    uint32_t bytes;

    switch (link) {
    case DLT_EN10MB:
        bytes = ETHERNET_HEADER;
        while (rest->captured >= bytes) {
            type = big_16(header + bytes - 2);
            if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ && type != ETHERTYPE_QINQ_OLD)
                break;
            bytes += VLAN_TAG;
        }
        break;
    case DLT_NULL:
    case DLT_LOOP:
        bytes = NULL_HEADER;
        break;
    case DLT_LINUX_SLL:
        bytes = SLL_HEADER;
        if (rest->captured >= bytes)
            type = big_16(header + 14);
        break;
    case DLT_LINUX_SLL2:
        bytes = SLL2_HEADER;
        if (rest->captured >= bytes)
            type = big_16(header);
        break;
    default:
        bytes = 0;
        break;
    }
    if (!skip(rest, bytes))
        return SEGMENT_CUT;
    return type == ETHERTYPE_V4 || type == ETHERTYPE_V6 ? SEGMENT_TCP : SEGMENT_OTHER;
}

static enum segment_found take_v4(struct rest *rest, struct segment *segment)
{
    const uint8_t *header = rest->at;
    uint32_t bytes, total;

    if (rest->captured < 20)
        return SEGMENT_CUT;
    bytes = 4 * (uint32_t)(header[0] & 15);
    total = big_16(header + 2);
    if (!total) /* the card cuts it into packets: nobody has said yet how long they are */
        total = rest->length;
    /* Of a packet in pieces only the first has a TCP header, and none has all the data. */
    if (header[9] != PROTOCOL_TCP || bytes < 20 || total < bytes || big_16(header + 6) & 0x3fff)
        return SEGMENT_OTHER;
    for (int i = 0; i < 2; i++) {
        struct endpoint *end = i ? &segment->to : &segment->from;

        memset(end->address, 0, 10);
        memset(end->address + 10, 0xff, 2);
        memcpy(end->address + 12, header + 12 + 4 * i, 4);
    }
    bound(rest, total);
    return skip(rest, bytes) ? SEGMENT_TCP : SEGMENT_CUT;
}

/* Skips the headers that may stand between IPv6's and TCP's. */
static enum segment_found take_extensions(struct rest *rest, unsigned next)
{
    enum { HOP_BY_HOP = 0, ROUTING = 43, AUTHENTICATION = 51, DESTINATION = 60 };

    while (next != PROTOCOL_TCP) {
        const uint8_t *header = rest->at;
        uint32_t bytes;

        if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION && next != AUTHENTICATION)
            return SEGMENT_OTHER;
        if (rest->captured < 8)
            return SEGMENT_CUT;
        bytes = next == AUTHENTICATION ? 4 * ((uint32_t)header[1] + 2) : 8 * ((uint32_t)header[1] + 1);
        next = header[0];
        if (!skip(rest, bytes))
            return SEGMENT_CUT;
    }
    return SEGMENT_TCP;
}

static enum segment_found take_v6(struct rest *rest, struct segment *segment)
{
    enum { HEADER = 40 };
    const uint8_t *header = rest->at;
    uint32_t payload;

    if (rest->captured < HEADER)
        return SEGMENT_CUT;
    payload = big_16(header + 4);
    memcpy(segment->from.address, header + 8, 16);
    memcpy(segment->to.address, header + 24, 16);
    skip(rest, HEADER);
    if (payload)
        bound(rest, payload);
    return take_extensions(rest, header[6]);
}

static enum segment_found take_tcp(struct rest *rest, struct segment *segment)
{
    enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
    const uint8_t *header = rest->at;
    uint32_t bytes;
    unsigned flags;

    if (rest->captured < TCP_HEADER)
        return SEGMENT_CUT;
    bytes = 4 * (uint32_t)(header[12] >> 4);
    if (bytes < TCP_HEADER || rest->length < bytes)
        return SEGMENT_OTHER;
    flags = header[13];
    segment->from.port = (uint16_t)big_16(header);
    segment->to.port = (uint16_t)big_16(header + 2);
    segment->sequence = big_32(header + 4);
    segment->acknowledged = big_32(header + 8);
    segment->has_fin = flags & FIN;
    segment->has_syn = flags & SYN;
    segment->has_rst = flags & RST;
    segment->has_ack = flags & ACK;
    segment->bytes = rest->length - bytes;
    segment->captured = rest->captured > bytes ? rest->captured - bytes : 0;
    segment->data = (const char *)header + (rest->captured > bytes ? bytes : 0);
    return SEGMENT_TCP;
}

enum segment_found segment_read(struct segment *segment, int link, const uint8_t *packet, uint32_t captured,
                                uint32_t length)
{
    struct rest rest = {packet, captured, length > captured ? length : captured};
    enum segment_found found = take_link(&rest, link);

    if (found != SEGMENT_TCP)
        return found;
    if (!rest.captured)
        return SEGMENT_CUT;
    switch (*rest.at >> 4) {
    case 4:
        found = take_v4(&rest, segment);
        break;
    case 6:
        found = take_v6(&rest, segment);
        break;
    default:
        return SEGMENT_OTHER;
    }
    return found == SEGMENT_TCP ? take_tcp(&rest, segment) : found;
}

uint32_t endpoint_print(const struct endpoint *endpoint, char text[ENDPOINT_TEXT])
{
    static const uint8_t mapped[12] = {[10] = 0xff, 0xff};
    bool is_v4 = !memcmp(endpoint->address, mapped, sizeof mapped);
    char address[INET6_ADDRSTRLEN];

    inet_ntop(is_v4 ? AF_INET : AF_INET6, endpoint->address + (is_v4 ? sizeof mapped : 0), address, sizeof address);
    return (uint32_t)snprintf(text, ENDPOINT_TEXT, is_v4 ? "%s:%u" : "[%s]:%u", address, endpoint->port);
}
