/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/at_hand.h"

#include "sim/live/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { POLL_MS = 50, START_LIMIT_MS = 20000, ARGUMENTS = 64 };

int64_t at_hand_unix_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void at_hand_sleep(int64_t ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- start and stop ---- */

static pid_t launch(const struct program *program, const char *const *options, const char *directory, int output,
                    struct error *error)
{
    const char *arguments[ARGUMENTS] = {program->name,  "--port", "0", "--unixsocket", "socket", "--save", "",
                                        "--appendonly", "no"};
    size_t count = 0;

    while (arguments[count])
        count++;
    while (*options && count + 1 < ARGUMENTS)
        arguments[count++] = *options++;
    return process_start(&(struct process_start){.path = program->path,
                                                 .arguments = arguments,
                                                 .environment = (const char *[]){NULL},
                                                 .directory = directory,
                                                 .output = output},
                         error);
}

/* Waits until the server listens. */
static redisContext *connect_to(const char *socket, pid_t process)
{
    int64_t until_ms = at_hand_unix_ms() + START_LIMIT_MS;
    bool succeeded;

    do {
        redisContext *connection = redisConnectUnix(socket);

        if (connection && !connection->err)
            return connection;
        if (connection)
            redisFree(connection);
        at_hand_sleep(POLL_MS);
    } while (at_hand_unix_ms() < until_ms && !process_look(process, false, &succeeded));
    return NULL;
}

/* The socket's folder is removed as soon as the connection stands, so nothing is left behind, however the trial ends. */
int at_hand_start(struct server_at_hand *server, const struct program *program, const char *const *options,
                  struct error *error)
{
    char directory[] = "/tmp/evsim-server-XXXXXX", socket[sizeof directory + 16];
    int output = memfd_create("output", MFD_CLOEXEC);

    server->path = program->path;
    if (output < 0 || !mkdtemp(directory))
        return error_set(error, ERROR_OUTPUT, "%s: %s", directory, strerror(errno));
    snprintf(socket, sizeof socket, "%s/socket", directory);
    server->process = launch(program, options, directory, output, error);
    if (server->process > 0)
        server->connection = connect_to(socket, server->process);
    close(output);
    unlink(socket);
    rmdir(directory);
    if (server->process > 0 && !server->connection)
        error_set(error, ERROR_INPUT, "%s: the server does not start, or cannot be reached over a unix socket",
                  program->path);
    return error_is_set(error) ? -1 : 0;
}

void at_hand_stop(struct server_at_hand *server)
{
    if (server->connection)
        redisFree(server->connection);
    if (server->process > 0)
        process_stop(server->process);
    *server = (struct server_at_hand){.process = 0};
}

/* ---- commands ---- */

int at_hand_check(const struct server_at_hand *server, redisReply *reply, struct error *error)
{
    if (!reply)
        return error_set(error, ERROR_INPUT, "the server has gone away: %s", server->connection->errstr);
    if (reply->type == REDIS_REPLY_ERROR)
        error_set(error, ERROR_INPUT, "the server says: %s", reply->str);
    freeReplyObject(reply);
    return error_is_set(error) ? -1 : 0;
}

int at_hand_run(struct server_at_hand *server, const char *command, struct error *error)
{
    return at_hand_check(server, redisCommand(server->connection, command), error);
}

void at_hand_text(const char *info, const char *name, char *text, size_t room)
{
    const char *at = strstr(info, name);

    snprintf(text, room, "%s", at ? at + strlen(name) : "");
    text[strcspn(text, "\r\n")] = '\0';
}

double at_hand_field(const char *info, const char *name)
{
    const char *at = strstr(info, name);

    return at ? strtod(at + strlen(name), NULL) : 0;
}
