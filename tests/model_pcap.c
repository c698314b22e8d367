/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_pcap: random sessions of a naive server, as MONITOR would print them and as packets: cut anywhere, out of order, sent
 * again and over each other. Both are the same requests, and what evsim run prints of them is the same; sizes are what the
 * server replied. Where packets are lost as well, what is still there is right. */
#include "tests/support_packets.h"
#include "tests/support_random.h"
#include "tests/support_trace.h"

#include "sim/alloc.h"

#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    CLIENTS = 4,
    KEYS = 20,
    DATABASES = 2,
    ROUNDS = 150,
    SESSIONS = 24,
    RUNS = 5,
    COMMANDS = 8,
    PIECES = 64,
    STEP_US = 20,
    ABSENT = -1
};

struct text {
    char *bytes;
    size_t count, capacity;
};

static void put(struct text *text, const char *bytes, size_t count)
{
    if (text->count + count + 1 > text->capacity) {
        text->capacity = 2 * (text->count + count + 1);
        text->bytes = xrealloc(text->bytes, text->capacity);
    }
    memcpy(text->bytes + text->count, bytes, count);
    text->count += count;
    text->bytes[text->count] = '\0';
}

__attribute__((format(printf, 2, 3))) static void print(struct text *text, const char *format, ...)
{
    char line[256];
    va_list args;

    va_start(args, format);
    put(text, line, (size_t)vsnprintf(line, sizeof line, format, args));
    va_end(args);
}

/* ---- the naive server ---- */

enum verb { SET, GET, MGET, DEL, INCR, SELECT, MULTI, EXEC, DISCARD, VERBS };

struct sent {
    enum verb verb;
    unsigned key, other;
    int size;   /* of SET; database of SELECT */
    size_t end; /* behind its last byte, in what its client sends in this round */
};

struct client {
    uint32_t sent, received; /* sequence numbers that come next: the client's, the server's */
    unsigned db;
    bool in_multi;
    struct sent queued[64];
    unsigned queued_count;
    /* Of this round: */
    struct sent commands[COMMANDS];
    unsigned count, executed;
    struct text request, reply;
    size_t arrived; /* bytes of the request that are there in order */
    bool has[1 << 16];
    struct text expected; /* records, when packets are lost */
};

struct session {
    struct random *random;
    struct client clients[CLIENTS];
    int sizes[CLIENTS][DATABASES][KEYS]; /* of values; ABSENT */
    bool is_number[CLIENTS][DATABASES][KEYS];
    struct packets packets;
    struct text monitor, sizes_read; /* sizes, or "?", a line for each key that a read asked for */
    int64_t time_us;
    unsigned loss;  /* of a thousand segments */
    bool only_sets; /* sizes change by SET alone, which MONITOR knows */
};

static unsigned draw(struct session *session, unsigned below)
{
    return (unsigned)random_below(session->random, below);
}

static void name_of(const struct session *session, const struct client *client, unsigned key, char name[32])
{
    snprintf(name, 32, "c%u:k%u", (unsigned)(client - session->clients), key);
}

/* Sizes are told apart by what they are: a value that was shifted to another key shows. */
static void reply_value(struct session *session, struct client *client, unsigned key, const char *shape)
{
    unsigned number = (unsigned)(client - session->clients);
    int size = session->sizes[number][client->db][key];
    char name[32], line[64];

    name_of(session, client, key, name);
    if (size == ABSENT) {
        print(&client->reply, "$-1\r\n");
        print(&session->sizes_read, "?\n");
        snprintf(line, sizeof line, "%s ?%s\n", name, shape);
    } else {
        print(&client->reply, "$%d\r\n", size);
        for (int i = 0; i < size; i++)
            put(&client->reply, "*$+\r\n-:" + i % 7, 1);
        print(&client->reply, "\r\n");
        print(&session->sizes_read, "%d\n", size);
        snprintf(line, sizeof line, "%s %d%s\n", name, size, shape);
    }
    put(&client->expected, line, strlen(line));
}

/* MONITOR's line. */
static void show(struct session *session, const struct client *client, const char *format, const char *a, const char *b)
{
    char line[160];

    snprintf(line, sizeof line, format, a, b);
    print(&session->monitor, "%jd.%06d [%u 10.0.0.2:%u] %s", (intmax_t)(session->time_us / 1000000),
          (int)(session->time_us % 1000000), client->db, 40000 + (unsigned)(client - session->clients), line);
}

static void execute(struct session *session, struct client *client, const struct sent *command)
{
    unsigned number = (unsigned)(client - session->clients);
    int *size = &session->sizes[number][client->db][command->key];
    bool *is_number = &session->is_number[number][client->db][command->key];
    char key[32], other[32];

    name_of(session, client, command->key, key);
    name_of(session, client, command->other, other);
    switch (command->verb) {
    case SET:
        show(session, client, "\"SET\" \"%s\" \"", key, "");
        for (int i = 0; i < command->size; i++)
            put(&session->monitor, "v", 1);
        print(&session->monitor, "\"\n");
        *size = command->size;
        *is_number = false;
        print(&client->reply, "+OK\r\n");
        print(&client->expected, "%s %d\n", key, command->size);
        break;
    case GET:
        show(session, client, "\"GET\" \"%s\"\n", key, "");
        reply_value(session, client, command->key, "");
        break;
    case MGET:
        show(session, client, "\"MGET\" \"%s\" \"%s\"\n", key, other);
        print(&client->reply, "*2\r\n");
        reply_value(session, client, command->key, " more");
        reply_value(session, client, command->other, "");
        break;
    case DEL:
        show(session, client, "\"DEL\" \"%s\"\n", key, "");
        print(&client->reply, ":%d\r\n", *size != ABSENT);
        *size = ABSENT;
        print(&client->expected, "%s 0\n", key);
        break;
    case INCR:
        show(session, client, "\"INCR\" \"%s\"\n", key, "");
        if (*size != ABSENT && !*is_number) {
            print(&client->reply, "-ERR value is not an integer or out of range\r\n");
        } else { /* it never comes to ten */
            print(&client->reply, ":1\r\n");
            *size = 1;
            *is_number = true;
        }
        print(&client->expected, "%s 0\n", key);
        break;
    case SELECT:
        show(session, client, "\"SELECT\" \"%s\"\n", command->size ? "1" : "0", "");
        client->db = (unsigned)command->size;
        print(&client->reply, "+OK\r\n");
        break;
    case MULTI:
    case EXEC:
    case DISCARD:
    case VERBS:
        break;
    }
}

static void receive(struct session *session, struct client *client, const struct sent *command)
{
    if (command->verb == MULTI) {
        show(session, client, "\"MULTI\"\n", "", "");
        client->in_multi = true;
        client->queued_count = 0;
        print(&client->reply, "+OK\r\n");
    } else if (command->verb == EXEC) {
        client->in_multi = false;
        print(&client->reply, "*%u\r\n", client->queued_count);
        for (unsigned i = 0; i < client->queued_count; i++)
            execute(session, client, &client->queued[i]);
        show(session, client, "\"EXEC\"\n", "", "");
    } else if (command->verb == DISCARD) {
        client->in_multi = false;
        print(&client->reply, "+OK\r\n");
        show(session, client, "\"DISCARD\"\n", "", "");
    } else if (client->in_multi) {
        client->queued[client->queued_count++] = *command;
        print(&client->reply, "+QUEUED\r\n");
    } else {
        execute(session, client, command);
    }
}

/* ---- what a client sends ---- */

static void put_word(struct text *text, const char *word)
{
    print(text, "$%zu\r\n%s\r\n", strlen(word), word);
}

static void send_command(struct session *session, struct client *client, struct sent *command)
{
    static const char *const names[] = {"SET", "GET", "MGET", "DEL", "INCR", "SELECT", "MULTI", "EXEC", "DISCARD"};
    static const unsigned words[] = {3, 2, 3, 2, 2, 2, 1, 1, 1};
    char key[32];

    print(&client->request, "*%u\r\n", words[command->verb]);
    put_word(&client->request, names[command->verb]);
    name_of(session, client, command->key, key);
    if (command->verb < SELECT)
        put_word(&client->request, key);
    if (command->verb == SELECT)
        put_word(&client->request, command->size ? "1" : "0");
    name_of(session, client, command->other, key);
    if (command->verb == MGET)
        put_word(&client->request, key);
    if (command->verb == SET) {
        print(&client->request, "$%d\r\n", command->size);
        for (int i = 0; i < command->size; i++)
            put(&client->request, "v", 1);
        print(&client->request, "\r\n");
    }
    command->end = client->request.count;
}

static void draw_commands(struct session *session, struct client *client)
{
    bool in_multi = client->in_multi;
    unsigned queued = client->queued_count;

    client->request.count = client->reply.count = 0;
    client->executed = 0;
    client->arrived = 0;
    memset(client->has, 0, sizeof client->has);
    client->count = 1 + draw(session, 2) * draw(session, COMMANDS);
    for (unsigned i = 0; i < client->count; i++) {
        struct sent *command = &client->commands[i];

        *command = (struct sent){.verb = (enum verb)draw(session, session->loss ? SELECT : VERBS),
                                 .key = draw(session, KEYS),
                                 .other = draw(session, KEYS),
                                 .size = (int)draw(session, draw(session, 10) ? 100 : 4000)};
        if (command->verb == INCR && session->only_sets)
            command->verb = GET;
        if (in_multi && (command->verb >= MULTI || queued > 40))
            command->verb = draw(session, 3) ? EXEC : DISCARD;
        else if (!in_multi && command->verb > MULTI)
            command->verb = GET;
        if (command->verb == SELECT)
            command->size = (int)draw(session, DATABASES);
        queued = command->verb == MULTI ? 0 : queued + 1;
        in_multi = command->verb == MULTI || (in_multi && command->verb != EXEC && command->verb != DISCARD);
        send_command(session, client, command);
    }
}

/* ---- packets ---- */

struct piece {
    unsigned client;
    size_t begin, end;
};

/* Cuts what each of the clients sends, or gets, into pieces: in order, then some pairs out of order, some again. */
static unsigned cut(struct session *session, const unsigned *list, unsigned clients, bool replies, struct piece *pieces)
{
    unsigned count = 0;
    size_t at[CLIENTS] = {0};

    for (bool any = true; any && count < PIECES - 2;) {
        unsigned client = list[draw(session, clients)];
        const struct text *text = replies ? &session->clients[client].reply : &session->clients[client].request;
        size_t left = text->count - at[client], bytes = count > PIECES / 2 ? 60000 : 1 + draw(session, 1400);

        if (left) {
            struct piece piece = {client, at[client], at[client] + (bytes < left ? bytes : left)};

            at[client] = piece.end;
            if (piece.begin && !draw(session, 8)) /* over what came before */
                piece.begin -= 1 + draw(session, (unsigned)(piece.begin < 50 ? piece.begin : 50));
            pieces[count++] = piece;
            if (!draw(session, 12))
                pieces[count++] = piece;
        }
        any = false;
        for (unsigned i = 0; i < clients; i++)
            any |=
                at[list[i]] < (replies ? &session->clients[list[i]].reply : &session->clients[list[i]].request)->count;
    }
    for (unsigned i = 1; i < count; i++)
        if (!draw(session, 6)) {
            unsigned with = i - 1 - draw(session, i < 5 ? i : 5);
            struct piece piece = pieces[i];

            pieces[i] = pieces[with];
            pieces[with] = piece;
        }
    return count;
}

static void add_piece(struct session *session, const struct piece *piece, bool is_reply)
{
    const struct client *client = &session->clients[piece->client];
    uint32_t begin = (uint32_t)piece->begin, request = (uint32_t)client->request.count;

    session->time_us += STEP_US;
    if (draw(session, 1000) < session->loss)
        return;
    packets_add(&session->packets,
                &(struct packet){.time_us = session->time_us,
                                 .client = piece->client,
                                 .from_server = is_reply,
                                 .flags = PACKET_ACK,
                                 .sequence = (is_reply ? client->received : client->sent) + begin,
                                 .acknowledged = is_reply ? client->sent + request : client->received,
                                 .data = (is_reply ? client->reply : client->request).bytes + piece->begin,
                                 .bytes = piece->end - piece->begin});
}

/* Bytes of a request arrive: the commands that are whole are executed, in order. */
static void arrive(struct session *session, const struct piece *piece)
{
    struct client *client = &session->clients[piece->client];

    memset(client->has + piece->begin, true, piece->end - piece->begin);
    while (client->arrived < client->request.count && client->has[client->arrived])
        client->arrived++;
    for (; client->executed < client->count && client->commands[client->executed].end <= client->arrived;
         client->executed++)
        receive(session, client, &client->commands[client->executed]);
}

/* Some clients send some commands each, and get their replies. */
static void play_round(struct session *session)
{
    struct piece pieces[PIECES + 8];
    unsigned list[CLIENTS], clients = 0, count;

    for (unsigned i = 0; i < CLIENTS; i++)
        if (draw(session, 2)) {
            list[clients++] = i;
            draw_commands(session, &session->clients[i]);
        }
    if (!clients)
        return;
    count = cut(session, list, clients, false, pieces);
    for (unsigned i = 0; i < count; i++) {
        add_piece(session, &pieces[i], false);
        arrive(session, &pieces[i]);
    }
    count = cut(session, list, clients, true, pieces);
    for (unsigned i = 0; i < count; i++)
        add_piece(session, &pieces[i], true);
    for (unsigned i = 0; i < clients; i++) {
        session->clients[list[i]].sent += (uint32_t)session->clients[list[i]].request.count;
        session->clients[list[i]].received += (uint32_t)session->clients[list[i]].reply.count;
    }
}

static void open_connection(struct session *session, unsigned number)
{
    struct client *client = &session->clients[number];
    struct packet packet = {.client = number, .time_us = session->time_us};

    client->sent = (uint32_t)random_next(session->random);
    client->received = (uint32_t)random_next(session->random);
    packet.flags = PACKET_SYN;
    packet.sequence = client->sent - 1;
    packets_add(&session->packets, &packet);
    packet.flags = PACKET_SYN | PACKET_ACK;
    packet.from_server = true;
    packet.acknowledged = client->sent;
    packet.sequence = client->received - 1;
    packets_add(&session->packets, &packet);
}

static struct session *play(struct random *random, unsigned loss, bool only_sets)
{
    struct session *session = xcalloc(1, sizeof *session);

    session->random = random;
    session->loss = loss;
    session->only_sets = only_sets;
    session->time_us = INT64_C(1700000000000000);
    session->packets.link = draw(session, 2) ? DLT_EN10MB : DLT_LINUX_SLL;
    session->packets.is_ng = draw(session, 2);
    for (unsigned i = 0; i < CLIENTS; i++) {
        for (unsigned k = 0; k < DATABASES * KEYS; k++)
            (&session->sizes[i][0][0])[k] = ABSENT;
        open_connection(session, i);
    }
    for (unsigned i = 0; i < ROUNDS; i++)
        play_round(session);
    return session;
}

static void end(struct session *session)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        free(session->clients[i].request.bytes);
        free(session->clients[i].reply.bytes);
        free(session->clients[i].expected.bytes);
    }
    free(session->monitor.bytes);
    free(session->sizes_read.bytes);
    packets_release(&session->packets);
    free(session);
}

/* ---- what must hold ---- */

/* The records of MONITOR with the sizes that were read: "get k ?" is "get k 17". */
static char *with_sizes(const char *records, const char *sizes)
{
    struct text text = {0};

    for (const char *mark; (mark = strstr(records, " ?")); records = mark + 2) {
        put(&text, records, (size_t)(mark + 1 - records));
        put(&text, sizes, strcspn(sizes, "\n"));
        sizes += strcspn(sizes, "\n") + 1;
    }
    print(&text, "%s", "");
    put(&text, records, strlen(records));
    assert_int_equal(*sizes, 0);
    return text.bytes;
}

/* What evsim run prints, from its table on; to be freed. Without marks of lower bounds: of MONITOR nobody knows whether what it does not
 * show was refused, or was there before. */
static char *run(const char *format, const void *bytes, size_t count)
{
    char *path = write_temporary("x", bytes, count), command[512], line[512];
    struct text text = {0};
    bool begun = false;
    FILE *output;

    snprintf(command, sizeof command,
             "%s run %s --format %s -m 1mb,2mb,100mb -p noeviction,allkeys-lru,allkeys-lfu --on-miss none",
             getenv("EVSIM"), path, format);
    assert_non_null(output = popen(command, "r"));
    while (fgets(line, sizeof line, output)) {
        begun |= !strncmp(line, "policy", 6);
        for (const char *c = line; begun && *c; c++)
            if (*c != ' ' && *c != '-' && *c != '*' && (unsigned char)*c < 128)
                put(&text, c, 1);
    }
    assert_int_equal(pclose(output), 0);
    remove_temporary(path);
    assert_non_null(text.bytes);
    return text.bytes;
}

static void packets_and_monitor_are_the_same_requests(void **state)
{
    struct random random = random_start();

    (void)state;
    for (int i = 0; i < SESSIONS; i++) {
        struct session *session = play(&random, 0, i < RUNS);
        struct reading *packets = read_bytes((struct how){0}, session->packets.bytes, session->packets.count);
        struct reading *monitor =
            read_bytes((struct how){.format = "monitor"}, session->monitor.bytes, session->monitor.count);
        char *expected = with_sizes(monitor->text, session->sizes_read.bytes);

        assert_string_equal(packets->error.text, "");
        assert_string_equal(packets->text, expected);
        assert_int_equal(packets->intake.capture_gaps, 0);
        assert_int_equal(packets->intake.late_rows, 0);
        assert_int_equal(packets->intake.capture_unanswered, 0);
        assert_int_equal(packets->intake.clients, monitor->intake.clients);
        assert_int_equal(packets->intake.pipelined, monitor->intake.pipelined);
        if (getenv("EVSIM") && i < RUNS) {
            char *ours = run("pcap", session->packets.bytes, session->packets.count);
            char *theirs = run("monitor", session->monitor.bytes, session->monitor.count);
            assert_string_equal(ours, theirs);
            free(ours);
            free(theirs);
        }
        free(expected);
        reading_free(packets);
        reading_free(monitor);
        end(session);
    }
}

/* Finds the record, "c1:k2 17", from *at on among those that its client sent. A size may be unknown. */
static bool find_record(const char **at, const char *record, size_t bytes)
{
    size_t key = strcspn(record, " ") + 1;
    bool is_unknown = record[key] == '?';

    for (const char *line = *at; *line; line = strchr(line, '\n') + 1) {
        size_t length = strcspn(line, "\n");
        bool is_same = is_unknown ? !strncmp(line, record, key) : length == bytes && !strncmp(line, record, bytes);

        if (is_same) {
            *at = line + length + 1;
            return true;
        }
    }
    return false;
}

static void what_is_left_where_packets_are_lost_is_right(void **state)
{
    struct random random = random_start();
    uint64_t rows = 0, known = 0, all = 0, gaps = 0;

    (void)state;
    for (int i = 0; i < SESSIONS; i++) {
        struct session *session = play(&random, 5 + 40 * (unsigned)(i % 3), false);
        struct reading *r = read_bytes((struct how){0}, session->packets.bytes, session->packets.count);
        const char *at[CLIENTS];
        char *text = r->text, *line;

        assert_string_equal(r->error.text, "");
        gaps += r->intake.capture_gaps;
        for (unsigned k = 0; k < CLIENTS; k++) {
            at[k] = session->clients[k].expected.bytes;
            for (const char *c = at[k]; *c; c++)
                all += *c == '\n';
        }
        while ((line = strsep(&text, "\n")) && *line) {
            const char *record = strchr(strchr(line, ' ') + 1, ' ') + 1;
            unsigned client = (unsigned)atoi(record + 1);

            assert_true(client < CLIENTS);
            if (!find_record(&at[client], record, strlen(record)))
                fail_msg("session %d: no such request, or none of this size: %s", i, line);
            rows++;
            known += !strchr(record, '?');
        }
        reading_free(r);
        end(session);
    }
    print_message("%ju gaps, %ju of %ju requests are there, %ju with a size\n", (uintmax_t)gaps, (uintmax_t)rows,
                  (uintmax_t)all, (uintmax_t)known);
    assert_true(gaps > SESSIONS && rows > all / 2 && known > rows / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_and_monitor_are_the_same_requests),
        cmocka_unit_test(what_is_left_where_packets_are_lost_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
