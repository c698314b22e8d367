/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_packets.h"

#include "sim/alloc.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPLEN = 262144, ADDRESS_4 = 4, ADDRESS_6 = 16 };

static void add(struct packets *packets, const void *bytes, size_t count)
{
    if (packets->count + count > packets->capacity) {
        packets->capacity = 2 * (packets->count + count);
        packets->bytes = xrealloc(packets->bytes, packets->capacity);
    }
    if (bytes)
        memcpy(packets->bytes + packets->count, bytes, count);
    else
        memset(packets->bytes + packets->count, 0, count);
    packets->count += count;
}

/* A number of the file's own. */
static void add_number(struct packets *packets, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        add(packets, &(uint8_t){(uint8_t)(number >> 8 * (packets->is_big_endian ? bytes - 1 - i : i))}, 1);
}

static void put_16(uint8_t *at, unsigned number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static void put_32(uint8_t *at, uint32_t number)
{
    put_16(at, number >> 16);
    put_16(at + 2, number & 0xffff);
}

static size_t link_header(const struct packets *packets, uint8_t *to)
{
    unsigned type = packets->is_v6 ? 0x86dd : 0x0800;

    switch (packets->link) {
    case DLT_EN10MB:
        if (packets->has_vlan) {
            put_16(to + 12, 0x8100);
            put_16(to + 14, 7);
        }
        put_16(to + (packets->has_vlan ? 16 : 12), type);
        return packets->has_vlan ? 18 : 14;
    case DLT_NULL:
    case DLT_LOOP:
        to[3] = packets->is_v6 ? 10 : 2;
        return 4;
    case DLT_LINUX_SLL:
        put_16(to + 14, type);
        return 16;
    case DLT_LINUX_SLL2:
        put_16(to, type);
        return 20;
    default:
        return 0;
    }
}

static size_t ip_header(const struct packets *packets, const struct packet *packet, uint8_t *to)
{
    unsigned server = packet->from_server ? 0 : 1, client = !server;

    if (packets->is_v6) {
        to[0] = 0x60;
        put_16(to + 4, (unsigned)(20 + packet->bytes));
        to[6] = 6;
        for (unsigned i = 0; i < 2; i++) {
            to[8 + ADDRESS_6 * i] = 0xfd;
            to[8 + ADDRESS_6 * i + 15] = i == server ? 1 : 2;
        }
        return 40;
    }
    to[0] = 0x45;
    put_16(to + 2, (unsigned)(40 + packet->bytes));
    to[9] = 6;
    put_32(to + 12 + ADDRESS_4 * server, 0x0a000001);
    put_32(to + 12 + ADDRESS_4 * client, 0x0a000002);
    return 20;
}

static size_t tcp_header(const struct packets *packets, const struct packet *packet, uint8_t *to)
{
    unsigned port = packets->server_port ? packets->server_port : 6379, client = 40000 + packet->client;

    put_16(to, packet->from_server ? port : client);
    put_16(to + 2, packet->from_server ? client : port);
    put_32(to + 4, packet->sequence);
    put_32(to + 8, packet->acknowledged);
    to[12] = 5 << 4;
    to[13] = (uint8_t)packet->flags;
    return 20;
}

static void begin_file(struct packets *packets)
{
    if (packets->is_ng) {
        add_number(packets, 0x0a0d0d0a, 4); /* section header */
        add_number(packets, 28, 4);
        add_number(packets, 0x1a2b3c4d, 4);
        add_number(packets, 1, 2);
        add_number(packets, 0, 2);
        add_number(packets, UINT64_MAX, 8);
        add_number(packets, 28, 4);
        add_number(packets, 1, 4); /* interface description; times are in microseconds */
        add_number(packets, 20, 4);
        add_number(packets, (uint64_t)packets->link, 2);
        add_number(packets, 0, 2);
        add_number(packets, SNAPLEN, 4);
        add_number(packets, 20, 4);
        return;
    }
    add_number(packets, packets->is_nano ? 0xa1b23c4d : 0xa1b2c3d4, 4);
    add_number(packets, 2, 2);
    add_number(packets, 4, 2);
    add_number(packets, 0, 8);
    add_number(packets, SNAPLEN, 4);
    add_number(packets, (uint64_t)packets->link, 4);
}

void packets_add(struct packets *packets, const struct packet *packet)
{
    uint8_t header[128] = {0};
    size_t bytes = link_header(packets, header), length, captured, filling = 0;

    if (!packets->count)
        begin_file(packets);
    bytes += ip_header(packets, packet, header + bytes);
    bytes += tcp_header(packets, packet, header + bytes);
    length = bytes + packet->bytes;
    captured = length - packet->lacking;
    if (packets->is_ng) {
        filling = -captured & 3;
        add_number(packets, 6, 4); /* enhanced packet */
        add_number(packets, 32 + captured + filling, 4);
        add_number(packets, 0, 4);
        add_number(packets, (uint64_t)packet->time_us >> 32, 4);
        add_number(packets, (uint64_t)packet->time_us & UINT32_MAX, 4);
    } else {
        add_number(packets, (uint64_t)(packet->time_us / 1000000), 4);
        add_number(packets, (uint64_t)(packet->time_us % 1000000) * (packets->is_nano ? 1000 : 1), 4);
    }
    add_number(packets, captured, 4);
    add_number(packets, length, 4);
    add(packets, header, captured < bytes ? captured : bytes);
    if (captured > bytes)
        add(packets, packet->data, captured - bytes);
    if (packets->is_ng) {
        add(packets, NULL, filling);
        add_number(packets, 32 + captured + filling, 4);
    }
}

void packets_release(struct packets *packets)
{
    free(packets->bytes);
    packets->bytes = NULL;
    packets->count = packets->capacity = 0;
}
