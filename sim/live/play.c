/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/play.h"

#include "sim/alloc.h"
#include "sim/live/process.h"
#include "sim/live/record.h"
#include "sim/live/script_file.h"
#include "sim/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    POLL_MS = 2,
    START_LIMIT_MS = 20000,
    RUN_LIMIT_MS = 600000,
    ARGUMENTS = 128, /* of a server, with the NULL at the end */
};

/* As long as an address of TCP with its port, for the server takes it for its clients' address, which is memory. */
#define SOCKET_NAME "socket-to-server"

/* A server that plays a script. */
struct player {
    struct play_run *run; /* NULL: the player is idle */
    pid_t process;        /* 0: no process */
    int connection;       /* -1 until the server listens */
    int64_t started_ms;
    char directory[PROGRAM_PATH + 32], record[PROGRAM_PATH + 40], log[PROGRAM_PATH + 40];
};

static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- one player ---- */

static int fails(const struct player *player, struct error *error, const char *what)
{
    char line[512] = "", last[512] = "";
    FILE *log = fopen(player->log, "r");

    while (log && fgets(line, sizeof line, log))
        if (line[0] != '\n')
            strcpy(last, line);
    if (log)
        fclose(log);
    last[strcspn(last, "\r\n")] = '\0';
    return error_set(error, ERROR_INPUT, "the server %s; its last words: '%s'", what, last);
}

/* Starts the server. Debian's jemalloc runs a thread of its own; with virtual time its timed waits would end at once,
 * so the thread is turned off. */
static int launch(struct player *player, const struct program *program, int output, struct error *error)
{
    char maxmemory[32], preload[PROGRAM_PATH + 16], script[PROGRAM_PATH + 16], record[PROGRAM_PATH + 64];
    const char *arguments[ARGUMENTS] = {program->name,
                                        "--port",
                                        "0",
                                        "--unixsocket",
                                        SOCKET_NAME,
                                        "--save",
                                        "",
                                        "--appendonly",
                                        "no",
                                        "--jemalloc-bg-thread",
                                        "no",
                                        "--maxmemory",
                                        maxmemory,
                                        "--maxmemory-policy",
                                        player->run->policy};
    const char *const *more = player->run->arguments;
    size_t count = 0;
    const struct process_start what = {
        .path = program->path,
        .arguments = arguments,
        .environment = (const char *[]){preload, script, record, NULL},
        .directory = player->directory,
        .output = output,
    };

    while (arguments[count])
        count++;
    while (more && *more && count < ARGUMENTS - 1)
        arguments[count++] = *more++;
    if (more && *more)
        return error_set(error, ERROR_USAGE, "a server is given at most %d arguments", ARGUMENTS - 1);
    snprintf(maxmemory, sizeof maxmemory, "%" PRIu64, player->run->maxmemory);
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s", program->library);
    snprintf(script, sizeof script, SCRIPT_ENV "=%s", player->run->script);
    snprintf(record, sizeof record, RECORD_ENV "=%s", player->record);
    player->process = process_start(&what, error);
    return player->process > 0 ? 0 : -1;
}

static int start(struct player *player, const struct play *play, struct play_run *run, size_t number,
                 struct error *error)
{
    int output, status;

    *player = (struct player){.run = run, .connection = -1, .started_ms = real_ms()};
    snprintf(player->directory, sizeof player->directory, "%.*s/%04zu", PROGRAM_PATH, play->directory, number);
    snprintf(player->record, sizeof player->record, "%s/record", player->directory);
    snprintf(player->log, sizeof player->log, "%s/log", player->directory);
    if (mkdir(player->directory, 0700))
        return error_set(error, ERROR_OUTPUT, "%s: %s", player->directory, strerror(errno));
    output = open(player->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output < 0)
        return error_set(error, ERROR_OUTPUT, "%s: %s", player->log, strerror(errno));
    status = launch(player, play->program, output, error);
    close(output);
    return status;
}

/* Connects once the server listens. The byte makes the connection readable forever. A socket's path must be short, so
 * it is given through the descriptor of its directory. */
static void try_to_connect(struct player *player)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int directory = open(player->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" SOCKET_NAME, directory);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) || send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
        close(fd);
    else
        player->connection = fd;
    close(directory);
}

static void stop(struct player *player)
{
    if (!player->run)
        return;
    if (player->process > 0)
        process_stop(player->process);
    if (player->connection >= 0)
        close(player->connection);
    player->run = NULL;
}

/* Returns 1 if the player has finished, 0 if not yet, -1 if it failed. */
static int check_player(struct player *player, struct error *error)
{
    int64_t age_ms = real_ms() - player->started_ms;
    bool succeeded;

    if (process_look(player->process, false, &succeeded)) {
        player->process = 0;
        if (!succeeded)
            return fails(player, error, "did not survive the script");
        if (!record_read(player->record, &player->run->counters, &player->run->curve, &player->run->waiting))
            return fails(player, error, "did not play the whole script");
        stop(player);
        return 1;
    }
    if (player->connection < 0)
        try_to_connect(player);
    if (player->connection < 0 && age_ms > START_LIMIT_MS)
        return fails(player, error, "does not listen");
    if (age_ms > RUN_LIMIT_MS)
        return fails(player, error, "does not finish");
    return 0;
}

/* ---- all players ---- */

int play_runs(const struct play *play, struct play_run *runs, size_t count, struct error *error)
{
    struct player *players = xcalloc(play->parallel, sizeof *players);
    size_t started = 0, finished = 0;
    int status = 0;

    while (!status && finished < count) {
        for (size_t i = 0; !status && i < play->parallel; i++) {
            if (players[i].run) {
                int look = check_player(&players[i], error);

                finished += look > 0;
                status = look < 0 ? -1 : 0;
            } else if (started < count) {
                status = start(&players[i], play, &runs[started], started, error);
                started++;
            }
        }
        if (!status && play->keep_on && !play->keep_on(play->owner))
            status = stop_error(error);
        if (!status && finished < count)
            nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
    for (size_t i = 0; i < play->parallel; i++)
        stop(&players[i]);
    free(players);
    return status;
}

void play_run_release(struct play_run *run)
{
    free(run->curve.samples);
    run->curve.samples = NULL;
}
