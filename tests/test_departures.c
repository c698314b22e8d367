/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_departures: which clients of a capture are taken to have left, and what a server then has of them. */
#include "sim/input/departures.h"
#include "sim/input/reader.h"
#include "tests/support_convert.h"
#include "tests/support_packets.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A trace of MONITOR that grows line by line. */
struct capture {
    char *text;
    size_t length;
    FILE *out;
};

static void begin(struct capture *capture)
{
    capture->out = open_memstream(&capture->text, &capture->length);
    assert_non_null(capture->out);
}

static void speak(struct capture *capture, int64_t time_us, unsigned client)
{
    fprintf(capture->out, "%lld.%06lld [0 127.0.0.1:%u] \"SET\" \"k%u\" \"v\"\n", (long long)(1000 + time_us / 1000000),
            (long long)(time_us % 1000000), 20000 + client, client);
}

/* Who has left, of the trace at this path: to be released. *clients: how many there are in all. */
static struct departures departures_of_file(const char *path, uint32_t *clients)
{
    struct format_options options = {.lenient = false};
    struct departures departures = {0};
    struct intake intake = {0};
    struct error error = {0};
    struct source *source = source_open(path, &error);
    struct reader *reader = reader_open(source, format_detect(source, NULL, &error), &options, &intake, &error);

    assert_non_null(reader);
    assert_int_equal(departures_read(&departures, reader, &error), 0);
    *clients = intake.clients;
    reader_close(reader);
    source_close(source);
    return departures;
}

/* The same of the text so far. */
static struct departures departures_of(struct capture *capture, uint32_t *clients)
{
    struct departures departures;
    char *path;

    fclose(capture->out);
    path = write_temporary("monitor.txt", capture->text, capture->length);
    departures = departures_of_file(path, clients);
    remove_temporary(path);
    free(capture->text);
    return departures;
}

/* When the client leaves; -1: it stays. */
static int64_t leaves_at(const struct departures *departures, uint32_t client)
{
    for (uint32_t i = 0; i < departures->count; i++)
        if (departures->list[i].client == client)
            return departures->list[i].time_us;
    return -1;
}

static void who_connects_for_each_job_leaves_behind_it(void **state)
{
    enum { JOBS = 40, LAST_OF_JOB_US = 1000 };
    struct capture capture;
    struct departures departures;
    uint32_t clients;

    (void)state;
    begin(&capture);
    for (unsigned job = 0; job < JOBS; job++) {
        speak(&capture, job * 500000, 1 + job);
        speak(&capture, job * 500000 + 1000, 1 + job);
        speak(&capture, job * 500000 + 2000, 0); /* one that stays, and is used by all */
    }
    departures = departures_of(&capture, &clients);
    assert_int_equal(clients, JOBS + 1);
    assert_false(departures.are_shown);
    assert_int_equal(leaves_at(&departures, 0), LAST_OF_JOB_US); /* the first job's: numbered as they first speak */
    assert_int_equal(leaves_at(&departures, 1), -1);             /* who stays */
    /* Behind the last ones no ten others come. */
    assert_int_equal(departures.count, JOBS - 12);
    departures_release(&departures);
}

static void a_pool_stays_however_long_it_is_silent(void **state)
{
    enum { POOL = 50 };
    struct capture capture;
    struct departures departures;
    uint32_t clients;

    (void)state;
    begin(&capture);
    for (unsigned client = 0; client < POOL; client++)
        speak(&capture, client * 10000, client);
    speak(&capture, INT64_C(3600000000), 0);
    departures = departures_of(&capture, &clients);
    assert_int_equal(departures.count, 0);
    departures_release(&departures);
}

/* How many leave where a client connects every 5 ms, sends three commands within 3 ms, and is gone, while so many others come
 * again and again; behind them `last_silent` connect at once. No stayer leaves. */
static uint32_t short_lives(unsigned stayers, unsigned last_silent)
{
    enum { LIVES = 1000 };
    struct capture capture;
    struct departures departures;
    uint32_t clients, count;

    begin(&capture);
    for (unsigned life = 0; life < LIVES; life++) {
        for (unsigned i = 0; i < 3; i++)
            speak(&capture, life * 5000 + i * 1500, stayers + life);
        if (stayers)
            speak(&capture, life * 5000 + 4000, life % stayers);
    }
    for (unsigned client = 0; client < last_silent; client++)
        speak(&capture, LIVES * 5000 + client, stayers + LIVES + client);
    departures = departures_of(&capture, &clients);
    assert_int_equal(clients, LIVES + stayers + last_silent);
    for (unsigned client = 0; client < clients; client++) /* numbered as they first speak: a life, a stayer, in turn */
        if (stayers && client < 2 * stayers && client % 2)
            assert_int_equal(leaves_at(&departures, client), -1);
    count = departures.count;
    departures_release(&departures);
    return count;
}

static void those_who_come_last_are_like_those_who_came_before(void **state)
{
    (void)state;
    assert_int_equal(short_lives(0, 0), 999);   /* all but the one that speaks last */
    assert_int_equal(short_lives(0, 20), 1000); /* those 20 have been silent for 20 us at most */
    assert_int_equal(short_lives(50, 0), 999);  /* the last one is silent for 1 ms: a stayer speaks behind it */
    assert_true(short_lives(200, 0) < 810); /* so many stay that it is no rule: those of the last second stay, too */
}

/* ---- a naive twin ---- */

enum { CLIENTS = 60, LINES = 400 };

struct line {
    int64_t time_us;
    unsigned client;
};

static bool leaves(const struct line *lines, unsigned client)
{
    int64_t last_us = -1, limit_us = 1000000;
    bool is_known[CLIENTS] = {false};
    int others = 0;

    for (int i = 0; i < LINES; i++)
        if (lines[i].client == client) {
            if (last_us >= 0 && (lines[i].time_us - last_us) * 10 > limit_us)
                limit_us = (lines[i].time_us - last_us) * 10;
            last_us = lines[i].time_us;
        }
    for (int i = 0; i < LINES; i++) {
        others += !is_known[lines[i].client] && lines[i].time_us - last_us > limit_us;
        is_known[lines[i].client] = true;
    }
    return others >= 10;
}

static void it_is_what_a_look_at_all_lines_for_each_client_finds(void **state)
{
    unsigned long left = 0, stayed = 0;

    (void)state;
    srand(1);
    for (int turn = 0; turn < 30; turn++) {
        struct capture capture;
        struct line lines[LINES];
        unsigned numbers[CLIENTS], known = 0;
        int64_t time_us = 0;
        struct departures departures;
        uint32_t clients;

        begin(&capture);
        for (int i = 0; i < LINES; i++) {
            unsigned newest = (unsigned)(i * CLIENTS / LINES), back = (unsigned)rand() % (1 + (unsigned)turn);
            unsigned client = back > newest ? 0 : newest - back, number = 0;

            lines[i] = (struct line){.time_us = time_us += rand() % 300000, .client = client};
            speak(&capture, time_us, client);
            while (number < known && numbers[number] != client)
                number++;
            if (number == known)
                numbers[known++] = client;
        }
        departures = departures_of(&capture, &clients);
        assert_int_equal(clients, known);
        for (unsigned number = 0; number < known; number++) {
            bool has_left = leaves_at(&departures, number) >= 0;

            assert_int_equal(has_left, leaves(lines, numbers[number]));
            left += has_left;
            stayed += !has_left;
        }
        departures_release(&departures);
    }
    assert_true(left > 100 && stayed > 100);
}

/* ---- packets, which show it ---- */

enum { SECOND_US = 1000000 };

/* Of one client's connection: sequence numbers that follow from what was sent. */
struct talk {
    struct packets *packets;
    unsigned client;
    uint32_t sent, answered;
};

static void say(struct talk *talk, int64_t time_us, bool from_server, unsigned flags, const char *text)
{
    uint32_t *own = from_server ? &talk->answered : &talk->sent;

    packets_add(talk->packets, &(struct packet){.time_us = INT64_C(1700000000) * SECOND_US + time_us,
                                                .client = talk->client,
                                                .from_server = from_server,
                                                .flags = flags,
                                                .sequence = *own,
                                                .acknowledged = from_server ? talk->sent : talk->answered,
                                                .data = text,
                                                .bytes = strlen(text)});
    *own += (uint32_t)strlen(text) + (flags & (PACKET_SYN | PACKET_FIN) ? 1 : 0);
}

/* The client connects, and sets a key. */
static struct talk set_key(struct packets *packets, unsigned client, int64_t time_us)
{
    struct talk talk = {.packets = packets, .client = client, .sent = 100 + (uint32_t)time_us, .answered = 700};

    say(&talk, time_us, false, PACKET_SYN, "");
    say(&talk, time_us, true, PACKET_SYN | PACKET_ACK, "");
    say(&talk, time_us, false, PACKET_ACK, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");
    say(&talk, time_us, true, PACKET_ACK, "+OK\r\n");
    return talk;
}

static void expect_departure(const struct departure *departure, int64_t time_us, uint32_t client)
{
    assert_int_equal(departure->time_us, time_us);
    assert_int_equal(departure->client, client);
}

/* Each way in which a connection ends, an address that is used again, and one that only opens a connection. */
static void packets_show_when_a_connection_is_closed(void **state)
{
    struct packets packets = {.link = DLT_EN10MB};
    struct talk talks[5], silent = {.packets = &packets, .client = 9, .sent = 5, .answered = 5};
    struct departures departures;
    struct converted *compiled;
    uint32_t clients;

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        talks[i] = set_key(&packets, i, i * SECOND_US);
    say(&silent, 5 * SECOND_US, false, PACKET_SYN, "");
    say(&silent, 5 * SECOND_US, false, PACKET_RST, "");
    say(&talks[1], 6 * SECOND_US, false, PACKET_FIN | PACKET_ACK, ""); /* the client is the first to end it, */
    say(&talks[1], 6 * SECOND_US + 5, true, PACKET_FIN | PACKET_ACK, "");
    say(&talks[2], 7 * SECOND_US, true, PACKET_FIN | PACKET_ACK, ""); /* the server is, */
    say(&talks[2], 8 * SECOND_US, false, PACKET_RST, "");
    say(&talks[3], 9 * SECOND_US, false, PACKET_RST, "");
    set_key(&packets, 4, 10 * SECOND_US); /* what ended it was not captured: there is a new one */
    talks[1] = set_key(&packets, 1, 11 * SECOND_US);
    say(&talks[1], 12 * SECOND_US, false, PACKET_FIN | PACKET_ACK, "");
    say(&talks[0], 13 * SECOND_US, false, PACKET_ACK, "*1\r\n$4\r\nPING\r\n");
    say(&talks[0], 14 * SECOND_US, false, PACKET_FIN | PACKET_ACK, ""); /* behind the last request */
    compiled = convert_bytes((struct how){0}, packets.bytes, packets.count, "evt", true);
    for (int is_compiled = 0; is_compiled < 2; is_compiled++) {
        char *path = write_temporary("x", is_compiled ? compiled->bytes : packets.bytes,
                                     is_compiled ? compiled->count : packets.count);

        departures = departures_of_file(path, &clients);
        remove_temporary(path);
        assert_int_equal(clients, 5);
        assert_true(departures.are_shown);
        assert_int_equal(departures.count, 5);
        expect_departure(&departures.list[0], 6 * SECOND_US, 1);
        expect_departure(&departures.list[1], 7 * SECOND_US, 2);
        expect_departure(&departures.list[2], 9 * SECOND_US, 3);
        expect_departure(&departures.list[3], 10 * SECOND_US, 4);
        expect_departure(&departures.list[4], 12 * SECOND_US, 1);
        departures_release(&departures);
    }
    converted_free(compiled);
    packets_release(&packets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_connects_for_each_job_leaves_behind_it),
        cmocka_unit_test(a_pool_stays_however_long_it_is_silent),
        cmocka_unit_test(those_who_come_last_are_like_those_who_came_before),
        cmocka_unit_test(it_is_what_a_look_at_all_lines_for_each_client_finds),
        cmocka_unit_test(packets_show_when_a_connection_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
