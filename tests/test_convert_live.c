/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_convert_live: what evsim convert writes for redis-cli --pipe makes the installed redis-server (or REDIS_SERVER) hold what evsim
 * says that a server without a limit holds of the trace itself: the same keys, of the same types, encodings and ttls, and MEMORY
 * USAGE of each to the byte, but where chance decides in the server: the levels of a skip list, and how far a hash table that grows has
 * been moved, a step of which skips empty buckets.
 *
 * The trace is a second of two clients: operations on strings, hashes, lists, sets and sorted sets, transactions of both, a script and what it
 * calls, other databases. Ttls are long, and are compared to within the time that the test takes. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/replay.h"
#include "sim/key_visit.h"
#include "sim/live/process.h"
#include "sim/live/program.h"
#include "sim/server/registry.h"
#include "tests/support_command.h"
#include "tests/support_installed.h"
#include "tests/support_run.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 10000, REPLY = 1 << 16, TTL_SLACK_MS = 60000, KEYS_MOST = 20000 };

/* ---- the trace ---- */

/* A client's transaction, with another client's command between its MULTI and what is behind it; a script, and what it calls. */
static void write_transactions(FILE *out)
{
    double time_s = 1700000010;

    for (int i = 0; i < 200; i++) {
        const char *client = i % 2 ? "127.0.0.1:11" : "127.0.0.1:12", *other = i % 2 ? "127.0.0.1:12" : "127.0.0.1:11";

        time_s += 0.0001;
        fprintf(out, "%.6f [0 %s] \"MULTI\"\n", time_s, client);
        fprintf(out, "%.6f [%d %s] \"SET\" \"between:%d\" \"%d\"\n", time_s, i % 3, other, i, i * 1000);
        fprintf(out, "%.6f [0 %s] \"HSET\" \"in:%d\" \"f\" \"v%d\" \"g\" \"%d\"\n", time_s, client, i % 50, i, i);
        fprintf(out, "%.6f [1 %s] \"RPUSH\" \"in:list:%d\" \"a%d\" \"b\" \"%d\"\n", time_s, client, i % 7, i, i);
        fprintf(out, "%.6f [0 %s] \"EXPIRE\" \"in:%d\" \"%d\"\n", time_s, client, i % 50, 100000 + i);
        fprintf(out, "%.6f [0 %s] \"ZADD\" \"in:scores\" \"%d\" \"member %d\"\n", time_s, client, i * 7 % 100, i);
        fprintf(out, "%.6f [0 %s] \"INCR\" \"in:count:%d\"\n", time_s, client, i % 20);
        fprintf(out, "%.6f [0 %s] \"EXEC\"\n", time_s, client);
        fprintf(out,
                "%.6f [0 %s] \"EVAL\" \"redis.call('set', KEYS[1], ARGV[1]); return redis.call('sadd', KEYS[2], "
                "ARGV[1])\" \"2\" \"script:%d\" \"script:set\" \"argument %d\"\n",
                time_s, client, i, i);
        fprintf(out, "%.6f [0 lua] \"set\" \"script:%d\" \"argument %d\"\n", time_s, i, i);
        fprintf(out, "%.6f [0 lua] \"sadd\" \"script:set\" \"argument %d\"\n", time_s, i);
    }
}

static void write_trace(const char *folder)
{
    char *path = path_join(folder, "capture");
    FILE *out;

    free(command_output_of(
        folder, "\"$EVSIM\" gen --format monitor -n 30000 -k 3000 --rate 30000 --seed 7 --ttl 30h=0.3 --ttl none=0.7 "
                "--op set=20 --op replace=3 --op delete=4 --op get=3 --op append=3 --op "
                "expire=2 --op hset=15 --op hincrby=4 --op hdel=2 --op lpush=6 --op rpush=6 --op lpop=2 "
                "--op sadd=8 --op srem=1 --op zadd=8 --op zincrby=2 --output capture"));
    out = fopen(path, "a");
    assert_non_null(out);
    write_transactions(out);
    assert_int_equal(fclose(out), 0);
    free(path);
}

/* ---- the server ---- */

static pid_t start_server(const struct program *program, const char *folder)
{
    char *socket_path = path_join(folder, "socket");
    const char *arguments[] = {program->name, "--port", "0", "--unixsocket", socket_path, "--dir", folder,
                               "--save",      "",       NULL};
    struct process_start start = {.path = program->path,
                                  .arguments = arguments,
                                  .environment = (const char *const[]){NULL},
                                  .directory = folder,
                                  .output = open("/dev/null", O_WRONLY)};
    struct error error = {0};
    pid_t server = process_start(&start, &error);

    assert_true(server > 0);
    close(start.output);
    free(socket_path);
    return server;
}

/* Sends all of it, and reads what comes back until it ends with this. Returns how many replies are errors. */
static int send_all(int connection, const char *bytes, size_t count, const char *last)
{
    static char reply[REPLY + 1];
    size_t sent = 0, kept = 0, length = strlen(last);
    int errors = 0;

    for (;;) {
        struct pollfd ready = {.fd = connection, .events = (short)(POLLIN | (sent < count ? POLLOUT : 0))};

        assert_true(poll(&ready, 1, WAIT_MS) > 0);
        if (ready.revents & POLLOUT) {
            ssize_t put = send(connection, bytes + sent, count - sent, MSG_DONTWAIT);

            sent += put > 0 ? (size_t)put : 0;
        }
        if (!(ready.revents & POLLIN))
            continue;
        ssize_t got = recv(connection, reply + kept, REPLY - kept, MSG_DONTWAIT);
        assert_true(got > 0);
        kept += (size_t)got;
        reply[kept] = '\0';
        for (const char *at = reply; (at = strstr(at, "\n-")); at++) {
            if (errors++ < 5)
                printf("the server says: %.60s\n", at + 1);
        }
        if (kept >= length && !strcmp(reply + kept - length, last))
            return errors;
        if (kept > 64) { /* an error, or the end, may lie across */
            memmove(reply, reply + kept - 64, 64);
            kept = 64;
        }
        for (char *at = reply; (at = strstr(at, "\n-")); at++)
            *at = ' '; /* counted */
    }
}

/* One command about a key, which has no argument but it. */
static void ask(int connection, const char *command, const char *option, const struct visited_key *key, char *reply)
{
    char text[1024];
    int words = 1 + (strchr(command, ' ') != NULL) + 1 + (option ? 2 : 0), bytes;
    const char *blank = strchr(command, ' ');
    size_t length = 0;

    bytes =
        snprintf(text, sizeof text, "*2\r\n$6\r\nSELECT\r\n$%d\r\n%u\r\n*%d\r\n", key->db < 10 ? 1 : 2, key->db, words);
    if (blank)
        bytes += snprintf(text + bytes, sizeof text - (size_t)bytes, "$%d\r\n%.*s\r\n$%zu\r\n%s\r\n",
                          (int)(blank - command), (int)(blank - command), command, strlen(blank + 1), blank + 1);
    else
        bytes += snprintf(text + bytes, sizeof text - (size_t)bytes, "$%zu\r\n%s\r\n", strlen(command), command);
    bytes += snprintf(text + bytes, sizeof text - (size_t)bytes, "$%zu\r\n%.*s\r\n", key->name_bytes,
                      (int)key->name_bytes, key->name);
    if (option)
        bytes += snprintf(text + bytes, sizeof text - (size_t)bytes, "$7\r\nSAMPLES\r\n$1\r\n%s\r\n", option);
    assert_int_equal(write(connection, text, (size_t)bytes), bytes);
    for (;;) { /* +OK, and one more line, or two if it is a bulk */
        ssize_t got = read(connection, reply + length, 256 - length);
        const char *answer;

        assert_true(got > 0);
        length += (size_t)got;
        reply[length] = '\0';
        answer = strstr(reply, "\r\n");
        answer = answer ? answer + 2 : "";
        if (strstr(answer, "\r\n") && (*answer != '$' || strstr(strstr(answer, "\r\n") + 2, "\r\n"))) {
            const char *value = *answer == '$' ? strstr(answer, "\r\n") + 2 : answer + 1;

            memmove(reply, value, strlen(value) + 1);
            reply[strcspn(reply, "\r")] = '\0';
            return;
        }
    }
}

/* ---- both ---- */

struct comparison_of_keys {
    int connection;
    uint64_t keys, bytes, server_bytes, other, by_chance;
};

static void note_other(struct comparison_of_keys *both, const struct visited_key *key, const char *what,
                       const char *server, const char *model)
{
    if (both->other++ < 10)
        printf("%u %.*s: %s is %s, evsim says %s\n", key->db, (int)key->name_bytes, key->name, what, server, model);
}

static void compare_key(void *owner, const struct visited_key *key)
{
    struct comparison_of_keys *both = owner;
    char reply[300], text[32];
    int64_t ttl_ms, bytes;

    both->keys++;
    ask(both->connection, "TYPE", NULL, key, reply);
    if (strcmp(reply, key->type) != 0)
        note_other(both, key, "TYPE", reply, key->type);
    ask(both->connection, "OBJECT ENCODING", NULL, key, reply);
    if (strcmp(reply, key->encoding) != 0)
        note_other(both, key, "OBJECT ENCODING", reply, key->encoding);
    ask(both->connection, "PTTL", NULL, key, reply);
    ttl_ms = strtoll(reply, NULL, 10);
    snprintf(text, sizeof text, "%jd", key->has_ttl ? (intmax_t)key->ttl_ms : -1);
    if (key->has_ttl ? llabs(ttl_ms - key->ttl_ms) > TTL_SLACK_MS : ttl_ms != -1)
        note_other(both, key, "PTTL", reply, text);
    ask(both->connection, "MEMORY USAGE", "0", key, reply);
    bytes = strtoll(reply, NULL, 10);
    both->bytes += key->bytes;
    both->server_bytes += (uint64_t)bytes;
    snprintf(text, sizeof text, "%ju", (uintmax_t)key->bytes);
    if (bytes == (int64_t)key->bytes)
        return;
    if (!strcmp(key->encoding, "skiplist") || !strcmp(key->encoding, "hashtable"))
        both->by_chance++;
    else
        note_other(both, key, "MEMORY USAGE", reply, text);
}

static uint64_t keys_in(int connection)
{
    static char reply[REPLY];
    size_t length = 0;
    uint64_t keys = 0;

    dprintf(connection, "INFO keyspace\r\nPING\r\n");
    while (length < 7 || strcmp(reply + length - 7, "+PONG\r\n") != 0) {
        ssize_t got = read(connection, reply + length, REPLY - 1 - length);

        assert_true(got > 0);
        length += (size_t)got;
        reply[length] = '\0';
    }
    for (const char *at = reply; (at = strstr(at, ":keys=")); at++)
        keys += strtoull(at + 6, NULL, 10);
    return keys;
}

static void replay_into(const struct program *program, const char *folder, struct comparison_of_keys *both)
{
    char *path = path_join(folder, "capture");
    struct key_visitor visitor = {.visit = compare_key, .owner = both};
    struct cell_config cell = {
        .server = server_find(program->server), .policy = policy_find("noeviction"), .maxmemory = 0, .seed = 1};
    struct replay_plan plan = {.trace.path = path,
                               .choose_format = format_choose,
                               .cells = &cell,
                               .cell_count = 1,
                               .on_miss = ON_MISS_NONE,
                               .keeps_names = true,
                               .workers = 1,
                               .options.visitor = &visitor};
    struct error error = {0};
    struct run run = {0};

    redis_config_init(&plan.options.redis);
    replay_run(&plan, &run, &error);
    assert_string_equal(error.text, "");
    run_release(&run);
    free(path);
}

static void a_server_that_was_sent_it_holds_what_evsim_says(void **state)
{
    static const char end[] = "*2\r\n$4\r\nECHO\r\n$8\r\nthe--end\r\n";
    char *folder = support_directory(), *said, *commands, *all, *socket_path;
    struct comparison_of_keys both = {0};
    struct program program;
    size_t bytes;
    pid_t server;

    (void)state;
    find_installed_server(&program);
    write_trace(folder);
    said = command_output_of(folder, "\"$EVSIM\" convert capture capture.resp");
    printf("%s", said);
    assert_null(strstr(said, "commands: ")); /* nothing is left out */
    commands = support_read_file(folder, "capture.resp", &bytes);
    assert_non_null(commands);
    all = xmalloc(bytes + sizeof end);
    memcpy(all, commands, bytes);
    memcpy(all + bytes, end, sizeof end);
    server = start_server(&program, folder);
    socket_path = path_join(folder, "socket");
    both.connection = connect_to_installed(socket_path);
    free(socket_path);
    assert_int_equal(send_all(both.connection, all, bytes + sizeof end - 1, "$8\r\nthe--end\r\n"), 0);
    replay_into(&program, folder, &both);
    printf("%s: %ju keys, %ju bytes; evsim says %ju, and %ju bytes; %ju keys have others by chance\n", program.server,
           (uintmax_t)keys_in(both.connection), (uintmax_t)both.server_bytes, (uintmax_t)both.keys,
           (uintmax_t)both.bytes, (uintmax_t)both.by_chance);
    assert_true(both.keys > 1000 && both.keys < KEYS_MOST);
    assert_int_equal(keys_in(both.connection), both.keys);
    assert_int_equal(both.other, 0);
    assert_true(both.by_chance * 100 < both.keys);
    assert_true(llabs((int64_t)both.bytes - (int64_t)both.server_bytes) * 1000 < (int64_t)both.server_bytes);
    close(both.connection);
    process_stop(server);
    support_remove(folder);
    free(folder);
    free(said);
    free(commands);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_server_that_was_sent_it_holds_what_evsim_says)};

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
