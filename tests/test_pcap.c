/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pcap: packets become the commands that they carry, with what the replies say of them. */
#include "tests/support_packets.h"
#include "tests/support_trace.h"

#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A conversation: packets[] in the order of the capture, sequence numbers that follow from what was said. */
struct talk {
    struct packets packets;
    int64_t time_us;
    uint32_t client, server; /* next sequence numbers */
    unsigned number;         /* of the client */
};

static void say_packet(struct talk *talk, bool from_server, unsigned flags, const char *text, size_t bytes,
                       size_t lacking)
{
    uint32_t *own = from_server ? &talk->server : &talk->client, *other = from_server ? &talk->client : &talk->server;

    packets_add(&talk->packets, &(struct packet){.time_us = talk->time_us += 1000,
                                                 .client = talk->number,
                                                 .from_server = from_server,
                                                 .flags = flags,
                                                 .sequence = *own,
                                                 .acknowledged = flags & PACKET_ACK ? *other : 0,
                                                 .data = text,
                                                 .bytes = bytes,
                                                 .lacking = lacking});
    *own += (uint32_t)bytes + (flags & (PACKET_SYN | PACKET_FIN) ? 1 : 0);
}

static void ask(struct talk *talk, const char *text)
{
    say_packet(talk, false, PACKET_ACK, text, strlen(text), 0);
}

static void answer(struct talk *talk, const char *text)
{
    say_packet(talk, true, PACKET_ACK, text, strlen(text), 0);
}

static void hello(struct talk *talk)
{
    if (!talk->time_us)
        talk->time_us = INT64_C(1700000000000000);
    say_packet(talk, false, PACKET_SYN, "", 0, 0);
    say_packet(talk, true, PACKET_SYN | PACKET_ACK, "", 0, 0);
    say_packet(talk, false, PACKET_ACK, "", 0, 0);
}

static void expect_talk(struct talk *talk, const char *records)
{
    struct reading *r = read_bytes((struct how){0}, talk->packets.bytes, talk->packets.count);

    assert_string_equal(r->error.text, "");
    assert_string_equal(r->format, "pcap");
    assert_string_equal(r->text, records);
    reading_free(r);
}

static struct talk talk_of(int link)
{
    return (struct talk){.packets.link = link, .client = UINT32_MAX - 20, .server = 7000};
}

/* The same session in packets of every kind of file and link layer. */
static void every_kind_of_file_and_link_is_read(void **state)
{
    static const int links[] = {DLT_EN10MB, DLT_NULL, DLT_LOOP, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2};

    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        for (unsigned bits = 0; bits < 32; bits++) {
            struct talk talk = talk_of(links[i] == DLT_RAW ? 101 : links[i]); /* LINKTYPE_RAW */

            talk.packets.is_v6 = bits & 1;
            talk.packets.is_ng = bits & 2;
            talk.packets.has_vlan = bits & 4;
            talk.packets.is_big_endian = bits & 8;
            talk.packets.is_nano = bits & 16;
            if (links[i] == DLT_LOOP)
                talk.packets.link = 108; /* LINKTYPE_LOOP */
            hello(&talk);
            ask(&talk, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello\r\n");
            answer(&talk, "+OK\r\n");
            ask(&talk, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n");
            answer(&talk, "$5\r\nhello\r\n$-1\r\n");
            expect_talk(&talk, "1700000000004000 set a 5\n1700000000006000 get a 5\n1700000000006000 get b ?\n");
            packets_release(&talk.packets);
        }
}

static void replies_say_what_reads_found(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);

    (void)state;
    hello(&talk);
    ask(&talk, "*4\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n*2\r\n$6\r\nSTRLEN\r\n$1\r\na\r\n");
    answer(&talk, "*3\r\n$3\r\nabc\r\n$-1\r\n$0\r\n\r\n:3\r\n");
    ask(&talk, "get a\r\nGETDEL 'b c'\r\n");
    answer(&talk, ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n|1\r\n+ttl\r\n:3\r\n$3\r\nabc\r\n_\r\n");
    ask(&talk, "*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n"
               "*1\r\n$4\r\nEXEC\r\n");
    answer(&talk, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\nabc\r\n*2\r\n$-1\r\n$2\r\nxy\r\n");
    expect_talk(&talk, "1700000000004000 mget a 3 more\n1700000000004000 mget b ? more\n1700000000004000 mget c 0\n"
                       "1700000000004000 strlen a 3\n1700000000006000 get a 3\n1700000000006000 getdel b\\x20c ?\n"
                       "1700000000008000 multi  0\n1700000000008000 get a 3\n1700000000008000 mget a ? more\n"
                       "1700000000008000 mget b 2\n1700000000008000 exec  0\n");
    packets_release(&talk.packets);
}

/* What is behind MULTI is executed by EXEC, or not at all. */
static void what_is_not_executed_is_no_request(void **state)
{
    static const char *const ends[][3] = {{"DISCARD\r\n", "+OK\r\n", "discard"},
                                          {"EXEC\r\n", "*-1\r\n", "exec"},
                                          {"EXEC\r\n", "-EXECABORT x\r\n", "exec"}};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct talk talk = talk_of(DLT_EN10MB);
        char records[256];

        hello(&talk);
        ask(&talk, "MULTI\r\n");
        answer(&talk, "+OK\r\n");
        ask(&talk, "SET a b\r\n");
        answer(&talk, "+QUEUED\r\n");
        ask(&talk, ends[i][0]);
        answer(&talk, ends[i][1]);
        snprintf(records, sizeof records, "1700000000004000 multi  0\n1700000000008000 %s  0\n", ends[i][2]);
        expect_talk(&talk, records);
        packets_release(&talk.packets);
    }
}

static void what_the_server_refused_is_said(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);

    (void)state;
    hello(&talk);
    ask(&talk, "SET a b\r\n");
    answer(&talk, "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    ask(&talk, "SET a b\r\n");
    answer(&talk, "-MOVED 15495 10.0.0.3:6379\r\n");
    struct reading *r = read_bytes((struct how){0}, talk.packets.bytes, talk.packets.count);
    assert_string_equal(r->text, "1700000000004000 set a 1\n");
    assert_int_equal(r->intake.capture_refused, 1);
    assert_int_equal(r->intake.unknown_commands, 1);
    assert_string_equal(r->intake.unknown[0].name, "set (moved)");
    reading_free(r);
    packets_release(&talk.packets);
}

/* The database is the one that the connection has selected, if the server did so. */
static void databases_are_those_of_connections(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);

    (void)state;
    hello(&talk);
    ask(&talk, "SELECT 3\r\nSET a b\r\nSELECT 99\r\nSET a b\r\n");
    answer(&talk, "+OK\r\n+OK\r\n-ERR DB index is out of range\r\n+OK\r\n");
    talk.number = 1;
    talk.client = talk.server = 5;
    hello(&talk);
    ask(&talk, "SET a b\r\n");
    answer(&talk, "+OK\r\n");
    expect_talk(&talk, "1700000000004000 select  0 number=3\n1700000000004000 set a 1 db=3\n"
                       "1700000000004000 select  0 db=3 number=99\n1700000000004000 set a 1 db=3\n"
                       "1700000000009000 set a 1\n");
    packets_release(&talk.packets);
}

/* A connection that was there before, from the middle of a value on: from the first command on, with sizes when it is clear
 * whose the replies are. */
static void a_connection_that_was_there_before_is_picked_up(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);
    char expected[1024] = "", *to = expected;

    (void)state;
    talk.time_us = INT64_C(1700000000000000);
    ask(&talk, "of a value\r\n*2\r\n$3\r\n");
    answer(&talk, "lue\r\n");
    for (int i = 0; i < 8; i++) {
        ask(&talk, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
        to += sprintf(to, "%jd get a %s\n", (intmax_t)talk.time_us, i < 5 ? "?" : "5");
        answer(&talk, "$5\r\nhello\r\n");
    }
    struct reading *r = read_bytes((struct how){0}, talk.packets.bytes, talk.packets.count);
    assert_string_equal(r->text, expected);
    assert_int_equal(r->intake.capture_midway, 1);
    assert_int_equal(r->intake.capture_unanswered, 5);
    assert_int_equal(r->intake.capture_assumed_db, 8);
    reading_free(r);
    packets_release(&talk.packets);
}

/* tcpdump -s: the end of a value is missing, its length is not. Of a key that lacks bytes nobody knows which it is. */
static void of_packets_that_are_cut_lengths_are_known(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);
    static const char set[] =
        "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$50\r\n01234567890123456789012345678901234567890123456789\r\n";

    (void)state;
    hello(&talk);
    say_packet(&talk, false, PACKET_ACK, set, sizeof set - 1 - 2, 40);
    ask(&talk, "\r\n");
    answer(&talk, "+OK\r\n");
    say_packet(&talk, false, PACKET_ACK, "*2\r\n$3\r\nGET\r\n$8\r\nabcdefgh", 25, 4);
    ask(&talk, "\r\n");
    say_packet(&talk, true, PACKET_ACK, "$8\r\nabcdefgh", 12, 5);
    answer(&talk, "\r\n");
    ask(&talk, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
    answer(&talk, "$-1\r\n");
    struct reading *r = read_bytes((struct how){0}, talk.packets.bytes, talk.packets.count);
    assert_string_equal(r->text, "1700000000005000 set a 50\n1700000000011000 get a ?\n");
    assert_int_equal(r->intake.capture_damaged, 1);
    assert_int_equal(r->intake.capture_gaps, 3);
    assert_int_equal(r->intake.capture_gap_bytes, 49);
    assert_int_equal(r->intake.capture_assumed_db, 0); /* it lies within arguments */
    assert_int_equal(r->intake.capture_misses, 1);
    reading_free(r);
    packets_release(&talk.packets);
}

/* Behind bytes that are missing the database is assumed, until it is selected again. */
static void a_select_may_be_missing_in_a_gap(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);
    static const char get[] = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";

    (void)state;
    hello(&talk);
    ask(&talk, get);
    answer(&talk, "$-1\r\n");
    talk.client += 23; /* SELECT 1 */
    talk.server += 5;
    for (int i = 0; i < 3; i++) {
        ask(&talk, get);
        answer(&talk, "$-1\r\n");
    }
    ask(&talk, "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n");
    answer(&talk, "+OK\r\n");
    ask(&talk, get);
    answer(&talk, "$-1\r\n");
    struct reading *r = read_bytes((struct how){0}, talk.packets.bytes, talk.packets.count);
    assert_int_equal(r->intake.capture_assumed_db, 3);
    assert_true(r->intake.capture_gaps > 0 && r->intake.rows == 6);
    reading_free(r);
    packets_release(&talk.packets);
}

static void what_is_none_of_redis_is_left_out(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);

    (void)state;
    talk.packets.server_port = 443;
    hello(&talk);
    ask(&talk, "\x16\x03\x01 client hello");
    answer(&talk, "\x16\x03\x03 server hello");
    struct reading *r = read_bytes((struct how){0}, talk.packets.bytes, talk.packets.count);
    assert_string_equal(r->error.text,
                        "x:5: no command of Redis in its packets (1 connections of TCP, 1 of them encrypted by TLS): "
                        "capture the server's port (tcpdump -i any -s 0 -w x.pcap port 6379), behind what decrypts");
    reading_free(r);
    talk.number = 1;
    hello(&talk);
    ask(&talk, "PING\r\n");
    answer(&talk, "+PONG\r\n");
    expect_talk(&talk, "1700000000009000 ping  0\n");
    packets_release(&talk.packets);
}

/* A file that ends within a packet, as tcpdump leaves it when it is killed; one that is damaged; a link that is not read. */
static void what_is_wrong_with_a_file_is_said(void **state)
{
    struct talk talk = talk_of(DLT_EN10MB);

    (void)state;
    hello(&talk);
    ask(&talk, "SET a b\r\n");
    size_t whole = talk.packets.count;
    answer(&talk, "+OK\r\n");
    for (size_t count = whole + 1; count < talk.packets.count; count++) {
        struct reading *r = read_bytes((struct how){0}, talk.packets.bytes, count);
        assert_string_equal(r->text, "1700000000004000 set a 1\n");
        assert_string_equal(r->intake.first_skipped, "x:5: the last packet is cut off");
        reading_free(r);
    }
    memset(talk.packets.bytes + whole + 8, 0xff, 4);
    struct reading *r = read_bytes((struct how){0}, talk.packets.bytes, talk.packets.count);
    assert_non_null(strstr(r->error.text, "x:5: invalid packet capture length"));
    assert_non_null(strstr(r->error.text, "--lenient takes what came before"));
    reading_free(r);
    packets_release(&talk.packets);
    talk = talk_of(DLT_IEEE802_11);
    hello(&talk);
    r = read_bytes((struct how){0}, talk.packets.bytes, talk.packets.count);
    assert_string_equal(r->error.text,
                        "x:1: packets of a link layer that is not read (IEEE802_11): capture on an Ethernet device, on "
                        "lo, or with tcpdump -i any");
    reading_free(r);
    packets_release(&talk.packets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_file_and_link_is_read),
        cmocka_unit_test(replies_say_what_reads_found),
        cmocka_unit_test(what_is_not_executed_is_no_request),
        cmocka_unit_test(what_the_server_refused_is_said),
        cmocka_unit_test(databases_are_those_of_connections),
        cmocka_unit_test(a_connection_that_was_there_before_is_picked_up),
        cmocka_unit_test(of_packets_that_are_cut_lengths_are_known),
        cmocka_unit_test(a_select_may_be_missing_in_a_gap),
        cmocka_unit_test(what_is_none_of_redis_is_left_out),
        cmocka_unit_test(what_is_wrong_with_a_file_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
