/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pcap_live: a session with a real server, captured from the loopback device and by MONITOR, is the same requests. What
 * the packets say and MONITOR does not: the sizes of what reads found. Skipped where packets may not be captured. */
#include "sim/alloc.h"
#include "sim/live/process.h"
#include "tests/support_installed.h"
#include "tests/support_trace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLIENTS = 5, STEPS = 4000, KEYS = 200, SNAPLEN = 262144, SEED = 20261128 };

struct session {
    char folder[64], packets[96], monitor[96];
    int port;
    pid_t server;
    pcap_t *capture;
    pcap_dumper_t *to;
    redisContext *watcher, *clients[CLIENTS];
    uint32_t random;
    unsigned pending[CLIENTS]; /* replies that a client has not read yet */
};

static unsigned draw(struct session *session, unsigned below)
{
    session->random = session->random * 1664525 + 1013904223;
    return (session->random >> 8) % below;
}

/* ---- the server, and who listens ---- */

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, bytes), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &bytes), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static redisContext *join(const struct session *session, const char *host)
{
    redisContext *context = NULL;

    for (int i = 0; i < 200; i++) {
        context = redisConnect(host, session->port);
        if (context && !context->err)
            return context;
        redisFree(context);
        usleep(25000);
    }
    fail_msg("no server on port %d", session->port);
    return NULL;
}

static void start_server(struct session *session, const struct program *program)
{
    char port[16];
    const char *arguments[] = {"redis-server", "--port", port,           "--bind", "127.0.0.1 ::1",
                               "--save",       "",       "--appendonly", "no",     NULL};
    const char *environment[] = {NULL};
    struct error error = {0};
    char log[96];

    strcpy(session->folder, "/tmp/evsim-pcap-XXXXXX");
    assert_non_null(mkdtemp(session->folder));
    session->port = free_port();
    snprintf(port, sizeof port, "%d", session->port);
    snprintf(log, sizeof log, "%s/log", session->folder);
    snprintf(session->packets, sizeof session->packets, "%s/x.pcap", session->folder);
    snprintf(session->monitor, sizeof session->monitor, "%s/x.monitor", session->folder);
    int output = open(log, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    session->server = process_start(&(struct process_start){.path = program->path,
                                                            .arguments = arguments,
                                                            .environment = environment,
                                                            .directory = session->folder,
                                                            .output = output},
                                    &error);
    if (session->server < 0)
        fail_msg("%s", error.text);
    close(output);
}

static void listen_to_packets(struct session *session)
{
    char why[PCAP_ERRBUF_SIZE] = "", filter[64];
    struct bpf_program compiled;

    session->capture = pcap_create("lo", why);
    if (session->capture) {
        pcap_set_snaplen(session->capture, SNAPLEN);
        pcap_set_buffer_size(session->capture, 64 << 20);
        pcap_set_timeout(session->capture, 10);
    }
    if (!session->capture || pcap_activate(session->capture) < 0) {
        printf("skipped: packets of lo may not be captured here (it needs CAP_NET_RAW)\n");
        skip();
    }
    snprintf(filter, sizeof filter, "tcp port %d", session->port);
    assert_int_equal(pcap_compile(session->capture, &compiled, filter, 1, PCAP_NETMASK_UNKNOWN), 0);
    assert_int_equal(pcap_setfilter(session->capture, &compiled), 0);
    pcap_freecode(&compiled);
    assert_int_equal(pcap_setnonblock(session->capture, 1, why), 0);
    assert_non_null(session->to = pcap_dump_open(session->capture, session->packets));
}

/* Writes what has been captured so far. */
static void write_packets(struct session *session)
{
    while (pcap_dispatch(session->capture, -1, pcap_dump, (u_char *)session->to) > 0)
        ;
}

static void end_packets(struct session *session)
{
    struct pcap_stat statistics;

    usleep(50000);
    write_packets(session);
    pcap_dump_close(session->to);
    assert_int_equal(pcap_stats(session->capture, &statistics), 0);
    assert_int_equal(statistics.ps_drop, 0);
}

/* Up to the last command, which is ECHO. The watcher's own connection is not there. */
static void write_monitor(struct session *session)
{
    FILE *to = fopen(session->monitor, "w");
    redisReply *reply;
    bool goes_on = true;

    assert_non_null(to);
    while (goes_on) {
        assert_int_equal(redisGetReply(session->watcher, (void **)&reply), REDIS_OK);
        fprintf(to, "%s\n", reply->str);
        goes_on = !strstr(reply->str, "\"ECHO\" \"the end\"");
        freeReplyObject(reply);
    }
    fclose(to);
}

/* ---- what clients do ---- */

static void receive(struct session *session, unsigned client)
{
    redisReply *reply;

    for (; session->pending[client]; session->pending[client]--) {
        assert_int_equal(redisGetReply(session->clients[client], (void **)&reply), REDIS_OK);
        freeReplyObject(reply);
    }
}

static void send_words(struct session *session, unsigned client, int count, const char **words, const size_t *bytes)
{
    redisAppendCommandArgv(session->clients[client], count, words, bytes);
    session->pending[client]++;
}

/* The words are formats that hiredis has: %s, %b, %d. */
#define SEND(client, ...) (redisAppendCommand(session->clients[client], __VA_ARGS__), session->pending[client]++)

static void send_value(struct session *session, unsigned client, const char *key)
{
    static const unsigned sizes[] = {0, 1, 20, 300, 5000, 100000};
    unsigned size = sizes[draw(session, sizeof sizes / sizeof *sizes)];
    char *value = xmalloc(size + 1);

    for (unsigned i = 0; i < size; i++)
        value[i] = (char)(97 + draw(session, 26)); /* Valkey 8.1 does not escape quotes */
    send_words(session, client, 3, (const char *[]){"SET", key, value}, (const size_t[]){3, strlen(key), size});
    free(value);
}

static void send_transaction(struct session *session, unsigned client, const char *key, const char *other)
{
    static const char *const ends[] = {"EXEC", "EXEC", "DISCARD"};

    SEND(client, "MULTI");
    SEND(client, "GET %s", key);
    SEND(client, "MGET %s %s", key, other);
    SEND(client, "SET %s x", other);
    SEND(client, ends[draw(session, 3)]);
}

/* What another changes meanwhile is not executed. */
static void send_aborted(struct session *session, unsigned client, const char *key)
{
    SEND(client, "WATCH %s", key);
    receive(session, client);
    SEND((client + 1) % CLIENTS, "SET %s changed", key);
    receive(session, (client + 1) % CLIENTS);
    SEND(client, "MULTI");
    SEND(client, "INCR never");
    SEND(client, "EXEC");
}

static void send_something(struct session *session, unsigned client)
{
    char key[16], other[16];

    snprintf(key, sizeof key, "key:%u", draw(session, KEYS));
    snprintf(other, sizeof other, "key:%u", draw(session, KEYS));
    switch (draw(session, 24)) {
    case 0:
    case 1:
    case 2:
    case 3:
        send_value(session, client, key);
        break;
    case 4:
        SEND(client, "MGET %s %s nothing", key, other);
        break;
    case 5:
        SEND(client, "SET n:%s %d EX 100", key, (int)draw(session, 1000));
        break;
    case 6:
        SEND(client, "INCR n:%s", key);
        break;
    case 7:
        SEND(client, "HSET h:%s field %s", key, other);
        break;
    case 8:
        SEND(client, "HGETALL h:%s", key);
        break;
    case 9:
        SEND(client, "LPUSH l:%s a b c", key);
        break;
    case 10:
        SEND(client, "LRANGE l:%s 0 -1", key);
        break;
    case 11:
        SEND(client, "DEL %s", key);
        break;
    case 12:
        SEND(client, "SELECT %d", (int)draw(session, 3));
        break;
    case 13:
        SEND(client, "SELECT 99");
        break;
    case 14:
        receive(session, client);
        send_transaction(session, client, key, other);
        break;
    case 15:
        receive(session, client);
        send_aborted(session, client, key);
        break;
    case 16:
        SEND(client, "EXPIRE %s 1000", key);
        break;
    case 17:
        SEND(client, "STRLEN %s", key);
        break;
    case 18:
        SEND(client, "GET h:%s", key); /* WRONGTYPE, if it is there */
        break;
    default:
        SEND(client, "GET %s", key);
        break;
    }
}

/* A client of RESP3, which hiredis 0.14 does not speak; inline commands, too. */
static void play_resp3(struct session *session)
{
    static const char commands[] =
        "HELLO 3\r\nSET r 'a value'\r\nHSET rh f v\r\nHGETALL rh\r\nGET r\r\nGET nothing\r\n"
        "MULTI\r\nGET r\r\nMGET r nothing\r\nEXEC\r\nCLIENT TRACKING on\r\nGET r\r\nSET r 5\r\n"
        "GET r\r\nECHO bye\r\n";
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)session->port)};
    char replies[4096] = "";
    size_t bytes = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(fd, commands, sizeof commands - 1), sizeof commands - 1);
    while (!memmem(replies, bytes, "bye\r\n", 5)) {
        ssize_t more = read(fd, replies + bytes, sizeof replies - bytes);

        assert_true(more > 0);
        bytes += (size_t)more;
    }
    close(fd);
}

/* Clients come and go, one of IPv6; some commands wait for the reply, others are sent behind one another. */
static void play(struct session *session)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        session->clients[i] = join(session, i == 1 ? "::1" : "127.0.0.1");
    play_resp3(session);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned client = draw(session, CLIENTS);

        send_something(session, client);
        write_packets(session);
        if (draw(session, 4))
            receive(session, client);
        if (!draw(session, 200)) {
            receive(session, client);
            redisFree(session->clients[client]);
            session->clients[client] = join(session, "127.0.0.1");
        }
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        receive(session, i);
    send_words(session, 2, 2, (const char *[]){"ECHO", "the end"}, (const size_t[]){4, 7});
    receive(session, 2);
}

/* ---- what came of it ---- */

/* A record's line without its time, cut off the text; NULL at the end. */
static char *next_record(char **text, char **time)
{
    char *line = strsep(text, "\n");

    *time = line;
    return line && *line ? strchr(line, ' ') + 1 : NULL;
}

/* Whether both say the same, but for a size that only the packets say: "get k ? more", "get k 17 more". */
static bool is_same(const char *packets, const char *monitor, bool *is_better)
{
    const char *unknown = strstr(monitor, " ? ");
    size_t head;

    *is_better = false;
    if (!strcmp(packets, monitor) || !strncmp(packets, "select", 6)) /* MONITOR shows the database behind SELECT */
        return true;
    if (!unknown && strlen(monitor) > 2 && !strcmp(monitor + strlen(monitor) - 2, " ?"))
        unknown = monitor + strlen(monitor) - 2;
    if (!unknown)
        return false;
    head = (size_t)(unknown - monitor) + 1;
    *is_better =
        !strncmp(packets, monitor, head) && !strcmp(packets + head + strspn(packets + head, "0123456789"), unknown + 2);
    return *is_better;
}

static void compare(struct session *session)
{
    struct reading *packets = read_file((struct how){0}, session->packets);
    struct reading *monitor = read_file((struct how){0}, session->monitor);
    char *ours = packets->text, *theirs = monitor->text, *record, *other, *time, *then;
    unsigned count = 0, better = 0;
    int64_t worst_us = 0;
    bool is_better = false;

    assert_string_equal(packets->error.text, "");
    assert_string_equal(packets->format, "pcap");
    while ((record = next_record(&ours, &time))) {
        other = next_record(&theirs, &then);
        if (!other || !is_same(record, other, &is_better))
            fail_msg("request %u: packets have '%s', MONITOR '%s'", count, record, other ? other : "nothing");
        if (llabs(atoll(time) - atoll(then)) > worst_us)
            worst_us = llabs(atoll(time) - atoll(then));
        better += is_better;
        count++;
    }
    assert_null(next_record(&theirs, &then));
    print_message(
        "%u requests, of which %u have sizes from replies; times differ by up to %jd us; %ju keys found, %ju not\n",
        count, better, (intmax_t)worst_us, (uintmax_t)packets->intake.capture_hits,
        (uintmax_t)packets->intake.capture_misses);
    assert_int_equal(packets->intake.clients, monitor->intake.clients);
    assert_int_equal(packets->intake.unknown_commands, monitor->intake.unknown_commands);
    assert_int_equal(packets->intake.capture_gaps, 0);
    assert_int_equal(packets->intake.capture_unanswered, 0);
    assert_true(better > 100 && packets->intake.capture_misses > 10);
    reading_free(packets);
    reading_free(monitor);
}

static void packets_are_the_requests_that_monitor_shows(void **state)
{
    struct program program;
    struct session *session = xcalloc(1, sizeof *session);
    const char *seed = getenv("EVSIM_TEST_SEED");

    (void)state;
    find_installed_server(&program);
    session->random = seed ? (uint32_t)strtoul(seed, NULL, 10) : SEED;
    printf("seed %u\n", session->random);
    start_server(session, &program);
    redisFree(join(session, "127.0.0.1"));
    session->watcher = join(session, "127.0.0.1");
    freeReplyObject(redisCommand(session->watcher, "MONITOR"));
    listen_to_packets(session);
    play(session);
    end_packets(session);
    write_monitor(session);
    process_stop(session->server);
    for (unsigned i = 0; i < CLIENTS; i++)
        redisFree(session->clients[i]);
    redisFree(session->watcher);
    pcap_close(session->capture);
    compare(session);
    if (!getenv("EVSIM_TEST_KEEP")) {
        char command[128];
        snprintf(command, sizeof command, "rm -r %s", session->folder);
        assert_int_equal(system(command), 0);
    }
    free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_the_requests_that_monitor_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
