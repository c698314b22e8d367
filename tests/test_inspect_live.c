/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_inspect_live: what evsim inspect says that a dump weighs is what it weighs in the installed redis-server (or
 * REDIS_SERVER): used_memory with the dump, less used_memory without one. A skip list's levels and the buckets of Valkey's tables are the
 * server's chance. */
#include "sim/live/process.h"
#include "sim/live/program.h"
#include "tests/support_command.h"
#include "tests/support_installed.h"
#include "tests/support_run.h"

#include <jansson.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPLY = 16384 };

/* Reads until the reply has the text; 0 at its end. */
static const char *wait_for(int connection, const char *text, char *reply)
{
    size_t length = 0;

    memset(reply, 0, REPLY);
    while (length + 1 < REPLY) {
        ssize_t got = read(connection, reply + length, REPLY - 1 - length);
        const char *found;

        assert_true(got > 0);
        length += (size_t)got;
        found = strstr(reply, text);
        if (found && strchr(found, '\n'))
            return found + strlen(text);
    }
    fail_msg("the server does not say %s", text);
    return NULL;
}

/* What the server uses when it has started in the folder, with the dump that lies there, if one does. */
static int64_t used_memory_in(const struct program *program, const char *folder)
{
    static char reply[REPLY];
    char socket_path[512];
    const char *arguments[] = {program->name, "--port", "0", "--unixsocket",       socket_path, "--dir",
                               folder,        "--save", "",  "--latency-tracking", "no",        NULL};
    struct process_start start = {.path = program->path,
                                  .arguments = arguments,
                                  .environment = (const char *const[]){NULL},
                                  .directory = folder,
                                  .output = open("/dev/null", O_WRONLY)};
    struct error error = {0};
    pid_t server;
    int connection;
    int64_t used;

    snprintf(socket_path, sizeof socket_path, "%s/socket", folder);
    server = process_start(&start, &error);
    assert_true(server > 0);
    connection = connect_to_installed(socket_path);
    do /* it listens while it loads */
        dprintf(connection, "PING\r\n");
    while (strncmp(wait_for(connection, "", reply) ? reply : "", "+PONG", 5));
    dprintf(connection, "INFO memory\r\n");
    used = strtoll(wait_for(connection, "used_memory:", reply), NULL, 10);
    close(connection);
    close(start.output);
    process_stop(server);
    return used;
}

static void a_dump_weighs_what_it_weighs_in_the_server(void **state)
{
    struct program program;
    char *folder, *text;
    int64_t empty, full, found;
    json_t *json, *server;

    (void)state;
    find_installed_server(&program);
    folder = support_directory();
    empty = used_memory_in(&program, folder);
    free(command_output_of(".", "zstd -dcq tests/data/dumps/redis-7.0.15.rdb.zst > '%s/dump.rdb'", folder));
    full = used_memory_in(&program, folder);
    text = command_output_of(".", "\"$EVSIM\" inspect '%s/dump.rdb' -s %s --json 2>/dev/null", folder, program.server);
    json = json_loads(text, 0, NULL);
    server = json_array_get(json_object_get(json, "servers"), 0);
    found =
        json_integer_value(json_object_get(server, "dataset")) + json_integer_value(json_object_get(server, "tables"));
    printf("%s: the dump takes %jd bytes, evsim says %jd\n", program.server, (intmax_t)(full - empty), (intmax_t)found);
    assert_true(llabs(full - empty - found) * 100 < full - empty);
    json_decref(json);
    support_remove(folder);
    free(folder);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_dump_weighs_what_it_weighs_in_the_server)};

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
