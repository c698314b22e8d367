/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_transactions_live: MULTI, WATCH and scripts of three clients, with and without enough memory, in the installed
 * redis-server (or REDIS_SERVER) and in its model. Every reply must have the same length and the same kind in both. */
#include "sim/alloc.h"
#include "sim/live/program.h"
#include "sim/server/registry.h"
#include "sim/server/turn.h"
#include "tests/support_command.h"
#include "tests/support_installed.h"
#include "tests/support_random.h"
#include "tests/support_run.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 3, KEYS = 6, COMMANDS = 8000, REPLY = 1 << 16 };

/* ---- the server ---- */

struct server_process {
    pid_t process;
    int admin, clients[CLIENTS];
};

static struct server_process start_server(const struct program *program, const char *folder)
{
    char *path = path_join(folder, "socket");
    struct server_process server = {.process = fork()};

    assert_true(server.process >= 0);
    if (server.process == 0) {
        int null = open("/dev/null", O_RDWR);

        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no server behind */
        if (chdir(folder) || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
            _exit(126);
        execl(program->path, program->name, "--port", "0", "--unixsocket", path, "--save", "", "--maxmemory-policy",
              "noeviction", (char *)NULL);
        _exit(127);
    }
    server.admin = connect_to_installed(path);
    for (int i = 0; i < CLIENTS; i++)
        server.clients[i] = connect_to_installed(path);
    free(path);
    return server;
}

static void stop_server(struct server_process *server)
{
    int status;

    close(server->admin);
    for (int i = 0; i < CLIENTS; i++)
        close(server->clients[i]);
    kill(server->process, SIGTERM);
    waitpid(server->process, &status, 0);
}

/* Where a whole reply ends; NULL while some of it is missing. */
static const char *end_of_reply(const char *text, const char *end)
{
    const char *line = memmem(text, (size_t)(end - text), "\r\n", 2);
    long count;

    if (!line)
        return NULL;
    count = strtol(text + 1, NULL, 10);
    line += 2;
    if (*text == '$' && count >= 0)
        return end - line >= count + 2 ? line + count + 2 : NULL;
    for (long i = 0; *text == '*' && i < count && line; i++)
        line = line < end ? end_of_reply(line, end) : NULL;
    return line;
}

/* Sends the words; the reply, terminated, and its length. */
static size_t ask(int connection, const char *const *words, size_t count, char reply[REPLY])
{
    size_t length = 0;

    dprintf(connection, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        dprintf(connection, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
    do {
        ssize_t got = read(connection, reply + length, REPLY - 1 - length);

        assert_true(got > 0);
        length += (size_t)got;
        reply[length] = '\0';
    } while (end_of_reply(reply, reply + length) != reply + length);
    return length;
}

/* ---- a command in both ---- */

struct twins {
    struct server_process server;
    struct cell *cell;
    struct random random;
    uint64_t kinds[4]; /* replies: of EXEC with results, OOM, EXECABORT, nil of EXEC */
};

static void expect_same(struct twins *twins, const char *const *words, size_t count, int client, uint64_t ooms_before)
{
    char reply[REPLY];
    size_t length = ask(twins->server.clients[client], words, count, reply);
    const struct redis *redis = twins->cell->redis;
    uint64_t ooms = 0;

    for (const char *at = reply; (at = strstr(at, "-OOM")); at++)
        ooms++;
    if (redis->client.reply_pending != length || redis->counters.oom_rejections - ooms_before != ooms)
        fail_msg("client %d, %s %s: the server says '%s' (%zu bytes, OOM %ju); in evsim %ju bytes, OOM %ju", client,
                 words[0], count > 1 ? words[1] : "", reply, length, (uintmax_t)ooms,
                 (uintmax_t)redis->client.reply_pending, (uintmax_t)(redis->counters.oom_rejections - ooms_before));
    twins->kinds[0] += !strcmp(words[0], "EXEC") && *reply == '*' && reply[1] > '0';
    twins->kinds[1] += ooms;
    twins->kinds[2] += !strncmp(reply, "-EXECABORT", 10);
    twins->kinds[3] += !strcmp(reply, "*-1\r\n");
}

static const char *const key_names[KEYS] = {"k0", "k1", "k2", "k3", "k4", "k5"};

static uint32_t random_key(struct twins *twins)
{
    return (uint32_t)random_below(&twins->random, KEYS);
}

static struct row on_key(enum op op, uint32_t id, uint32_t client)
{
    bool takes_value = command_takes(op, 'v');

    return (struct row){
        .op = op, .id = id, .key_len = 2, .value_len = takes_value ? 20 : VALUE_UNKNOWN, .client = client};
}

/* A command on one or two keys. */
static void send_plain(struct twins *twins, int client)
{
    static const enum op ops[] = {OP_GET, OP_SET, OP_SET, OP_DEL, OP_APPEND, OP_STRLEN, OP_EXISTS, OP_MGET, OP_SETNX};
    static const char value[] = "vvvvvvvvvvvvvvvvvvvv";
    enum op op = ops[random_below(&twins->random, sizeof ops / sizeof *ops)];
    const char *words[6] = {op_name(op)};
    size_t count = 1;
    int keys = command_takes(op, '+') ? 2 : 1;
    uint64_t ooms = twins->cell->redis->counters.oom_rejections;

    for (int i = 0; i < keys; i++) {
        struct row row = on_key(op, random_key(twins), (uint32_t)client);

        words[count++] = key_names[row.id];
        if (command_takes(op, 'v'))
            words[count++] = value;
        row.flags = i + 1 < keys ? REQUEST_MORE : 0;
        cell_add(twins->cell, row);
    }
    cell_flush(twins->cell);
    expect_same(twins, words, count, client, ooms);
}

static void send_word(struct twins *twins, int client, enum op op, const char *name)
{
    uint64_t ooms = twins->cell->redis->counters.oom_rejections;

    cell_do(twins->cell, (struct row){.op = op, .id = NO_KEY, .client = (uint32_t)client});
    expect_same(twins, &name, 1, client, ooms);
}

static void send_watch(struct twins *twins, int client)
{
    struct row row = on_key(OP_WATCH, random_key(twins), (uint32_t)client);
    const char *words[2] = {"WATCH", key_names[row.id]};
    uint64_t ooms = twins->cell->redis->counters.oom_rejections;

    cell_do(twins->cell, row);
    expect_same(twins, words, 2, client, ooms);
}

/* Scripts, and what they call on their key. */
static const struct {
    const char *text;
    int64_t flags;
    enum op calls[2];
    int call_count;
} scripts[] = {
    {"redis.call('GET', KEYS[1]) return 1", 0, {OP_GET}, 1},
    {"redis.call('SET', KEYS[1], 'vvvvvvvvvvvvvvvvvvvv') return 1", 0, {OP_SET}, 1},
    {"redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], 'vvvvvvvvvvvvvvvvvvvv') return 1", 0, {OP_DEL, OP_SET}, 2},
    {"redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], 'vvvvvvvvvvvvvvvvvvvv') return 1", 0, {OP_GET, OP_SET}, 2},
    {"#!lua\nredis.call('SET', KEYS[1], 'vvvvvvvvvvvvvvvvvvvv') return 1", SCRIPT_DECLARES, {OP_SET}, 1},
    {"#!lua flags=no-writes\nredis.call('GET', KEYS[1]) return 1",
     SCRIPT_DECLARES | SCRIPT_WRITES_NOTHING,
     {OP_GET},
     1},
    {"#!lua flags=allow-oom\nredis.call('SET', KEYS[1], 'vvvvvvvvvvvvvvvvvvvv') return 1",
     SCRIPT_DECLARES | SCRIPT_ALLOWS_OOM,
     {OP_SET},
     1},
};

static void send_script(struct twins *twins, int client)
{
    size_t i = random_below(&twins->random, sizeof scripts / sizeof *scripts);
    uint32_t key = random_key(twins);
    const char *words[4] = {"EVAL", scripts[i].text, "1", key_names[key]};
    uint64_t ooms = twins->cell->redis->counters.oom_rejections;
    struct element element = {.member = cell_member(twins->cell, scripts[i].text),
                              .value_len = (uint32_t)strlen(scripts[i].text),
                              .number = scripts[i].flags,
                              .flags = ELEMENT_SCRIPT | ELEMENT_SCRIPT_TEXT};

    cell_do(twins->cell,
            (struct row){.op = OP_EVAL, .id = NO_KEY, .client = (uint32_t)client, .elements = 1, .list = &element});
    /* MONITOR shows no call of a script that was refused. */
    if (twins->cell->redis->script.is_open || twins->cell->redis->transactions.calls_of)
        for (int call = 0; call < scripts[i].call_count; call++)
            cell_do(twins->cell, on_key(scripts[i].calls[call], key, CLIENT_SCRIPT));
    cell_wait_us(twins->cell, 0);
    expect_same(twins, words, 4, client, ooms);
}

/* Memory becomes full, or is no longer. */
static void set_limit(struct twins *twins)
{
    const char *limit = random_chance(&twins->random, 50) ? "1" : "0";
    const char *words[4] = {"CONFIG", "SET", "maxmemory", limit};
    char reply[REPLY];

    ask(twins->server.admin, words, 4, reply);
    assert_string_equal(reply, "+OK\r\n");
    twins->cell->redis->maxmemory = (uint64_t)(*limit - '0');
}

static void send_any(struct twins *twins)
{
    int client = (int)random_below(&twins->random, CLIENTS);

    switch (random_below(&twins->random, 16)) {
    case 0:
        set_limit(twins);
        break;
    case 1:
    case 2:
        send_word(twins, client, OP_MULTI, "MULTI");
        break;
    case 3:
    case 4:
    case 5:
        send_word(twins, client, OP_EXEC, "EXEC");
        break;
    case 6:
        send_word(twins, client, OP_DISCARD, "DISCARD");
        break;
    case 7:
        send_watch(twins, client);
        break;
    case 8:
        send_word(twins, client, OP_UNWATCH, "UNWATCH");
        break;
    case 9:
    case 10:
    case 11:
        send_script(twins, client);
        break;
    default:
        send_plain(twins, client);
        break;
    }
}

static void replies_are_the_servers(void **state)
{
    struct program program;
    struct twins twins = {.random = random_start()};
    char *folder;

    (void)state;
    find_installed_server(&program);
    folder = support_directory();
    twins.server = start_server(&program, folder);
    twins.cell = cell_open((struct cell_setup){.server = program.server, .policy = "noeviction"});
    twins.cell->key_count = KEYS;
    for (int i = 0; i < COMMANDS; i++)
        send_any(&twins);
    assert_true(twins.cell->redis->used == recount_used_memory(twins.cell->redis));
    printf("%s: %ju EXEC with results, %ju OOM, %ju EXECABORT, %ju EXEC without results\n", program.server,
           (uintmax_t)twins.kinds[0], (uintmax_t)twins.kinds[1], (uintmax_t)twins.kinds[2], (uintmax_t)twins.kinds[3]);
    for (int kind = 0; kind < 4; kind++)
        assert_true(twins.kinds[kind] > 5);
    cell_close(twins.cell);
    stop_server(&twins.server);
    support_remove(folder);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(replies_are_the_servers)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
