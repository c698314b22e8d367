/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_server.h"

#include "sim/alloc.h"
#include "tests/fidelity/script.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    POLL_MS = 2,
    START_LIMIT_MS = 20000,
    RUN_LIMIT_MS = 600000,
};

/* ---- signals ---- */

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
enum { CAUGHT = sizeof caught / sizeof *caught };
static volatile sig_atomic_t interrupted;
static struct sigaction before[CAUGHT];

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

void server_signals_catch(void)
{
    struct sigaction action = {.sa_handler = interrupt};

    for (int i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &action, &before[i]);
}

void server_signals_restore(void)
{
    for (int i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &before[i], NULL);
}

bool server_interrupted(void)
{
    return interrupted;
}

/* ---- processes ---- */

static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
}

/* In the child: becomes the server, under the library, with its words in the file `log`. It does not outlive
 * its parent. */
__attribute__((noreturn)) static void become(const struct server_program *program, const char *const *arguments,
                                             const char *directory, const char *log, pid_t parent)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (fd < 0 || null < 0 || chdir(directory) || getppid() != parent)
        _exit(70);
    dup2(null, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    setenv("LD_PRELOAD", program->library, 1);
    execv(program->path, (char *const *)arguments);
    fprintf(stderr, "%s: %s\n", program->path, strerror(errno));
    _exit(70);
}

/* A process that is playing. */
struct player {
    struct server_run *run; /* NULL: idle */
    pid_t pid;
    int connection; /* -1 until the server listens */
    int64_t started_ms;
    char directory[4096], record[4096], log[4096];
};

static int player_fails(const struct player *player, struct error *error, const char *what)
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

static int player_start(struct player *player, const struct server_program *program, struct server_run *run,
                        const char *directory, size_t number, struct error *error)
{
    char maxmemory[32];
    pid_t parent = getpid();

    player->run = run;
    player->connection = -1;
    player->started_ms = real_ms();
    snprintf(player->directory, sizeof player->directory, "%.4000s/%zu", directory, number);
    snprintf(player->record, sizeof player->record, "%.4040s/record", player->directory);
    snprintf(player->log, sizeof player->log, "%.4040s/log", player->directory);
    snprintf(maxmemory, sizeof maxmemory, "%llu", (unsigned long long)run->maxmemory);
    if (mkdir(player->directory, 0700))
        return error_set(error, ERROR_OUTPUT, "%s: %s", player->directory, strerror(errno));

    const char *arguments[] = {
        program->name,
        "--port",
        "0",
        "--unixsocket",
        "socket",
        "--save",
        "",
        "--appendonly",
        "no",
        "--jemalloc-bg-thread",
        "no", /* its timed waits end at once: they are in the past */
        "--maxmemory",
        maxmemory,
        "--maxmemory-policy",
        run->policy,
        NULL,
    };

    fflush(NULL);
    player->pid = fork();
    if (player->pid < 0)
        return error_set(error, ERROR_INTERNAL, "fork: %s", strerror(errno));
    if (!player->pid) {
        setenv(SCRIPT_ENV, run->script, 1);
        setenv(RECORD_ENV, player->record, 1);
        become(program, arguments, player->directory, player->log, parent);
    }
    return 0;
}

/* Connects once the server listens. The byte makes the connection readable for ever. A socket's path has to
 * be short, so it goes through the descriptor of its directory. */
static void player_connect(struct player *player)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int directory = open(player->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/socket", directory);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) || send(fd, "\n", 1, 0) != 1)
        close(fd);
    else
        player->connection = fd;
    close(directory);
}

static void player_stop(struct player *player)
{
    if (!player->run)
        return;
    if (player->pid > 0) {
        kill(-player->pid, SIGKILL); /* its group: the program may be a script */
        kill(player->pid, SIGKILL);
        waitpid(player->pid, NULL, 0);
    }
    if (player->connection >= 0)
        close(player->connection);
    player->run = NULL;
}

/* ---- records ---- */

static uint64_t info_number(const char *info, const char *name)
{
    const char *at = strstr(info, name);

    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

struct reading_state {
    size_t infos;
    double used_sum;
    bool ended;
};

static void take_info(struct server_run *run, struct reading_state *state, const char *info)
{
    const char *db = strstr(info, "\ndb0:keys=");

    run->used_memory = info_number(info, "\nused_memory:");
    run->evicted = info_number(info, "\nevicted_keys:");
    run->expired = info_number(info, "\nexpired_keys:");
    run->keys = db ? info_number(db, "keys=") : 0;
    run->expires = db ? info_number(db, ",expires=") : 0;
    if (!state->infos++)
        run->baseline_memory = run->used_memory;
    else
        state->used_sum += (double)run->used_memory;
}

static void take_line(struct server_run *run, struct reading_state *state, const char *line, FILE *in)
{
    unsigned long long hits, misses, fills, oom, errors;
    long long at_us;
    size_t bytes;

    if (sscanf(line, RECORD_INFO, &at_us, &bytes) == 2 && bytes < (1 << 20)) {
        char *info = xcalloc(1, bytes + 1);

        if (fread(info, 1, bytes, in) == bytes)
            take_info(run, state, info);
        free(info);
    } else if (sscanf(line, RECORD_END, &hits, &misses, &fills, &oom, &errors) == 5) {
        run->hits = hits;
        run->misses = misses;
        run->fills = fills;
        run->oom = oom;
        run->errors = errors;
        state->ended = true;
    }
}

/* False: the record is not complete. */
static bool read_record(struct server_run *run, const char *path)
{
    struct reading_state state = {0};
    FILE *in = fopen(path, "r");
    char line[256];

    while (in && fgets(line, sizeof line, in))
        take_line(run, &state, line, in);
    if (in)
        fclose(in);
    run->curve_mean = state.infos > 1 ? state.used_sum / (double)(state.infos - 1) : 0;
    return state.ended && state.infos > 1;
}

/* ---- many runs ---- */

/* 1: it has finished, 0: not yet, -1: it failed. */
static int player_look(struct player *player, struct error *error)
{
    int64_t age_ms = real_ms() - player->started_ms;
    int status;

    if (waitpid(player->pid, &status, WNOHANG) == player->pid) {
        player->pid = 0;
        if (!WIFEXITED(status) || WEXITSTATUS(status))
            return player_fails(player, error, "did not survive the script");
        if (!read_record(player->run, player->record))
            return player_fails(player, error, "did not play the whole script");
        if (player->run->errors)
            return player_fails(player, error, "refused a command");
        player_stop(player);
        return 1;
    }
    if (player->connection < 0)
        player_connect(player);
    if (player->connection < 0 && age_ms > START_LIMIT_MS)
        return player_fails(player, error, "does not listen");
    if (age_ms > RUN_LIMIT_MS)
        return player_fails(player, error, "does not finish");
    return 0;
}

int server_runs_play(const struct server_program *program, struct server_run *runs, size_t count, size_t parallel,
                     const char *directory, struct error *error)
{
    struct player *players = xcalloc(parallel, sizeof *players);
    size_t started = 0, finished = 0;
    int status = 0;

    while (!status && finished < count) {
        for (size_t i = 0; !status && i < parallel; i++) {
            if (players[i].run) {
                int look = player_look(&players[i], error);

                finished += look > 0;
                status = look < 0 ? -1 : 0;
            } else if (started < count) {
                status = player_start(&players[i], program, &runs[started], directory, started, error);
                started++;
            }
        }
        if (interrupted)
            status = error_set(error, ERROR_INTERRUPTED, "interrupted");
        if (!status && finished < count)
            pause_a_little();
    }
    for (size_t i = 0; i < parallel; i++)
        player_stop(&players[i]);
    free(players);
    return status;
}

/* ---- which program ---- */

static bool find_on_path(const char *name, char *path, size_t room)
{
    const char *at = getenv("PATH");

    while (at && *at) {
        size_t length = strcspn(at, ":");

        snprintf(path, room, "%.*s/%s", (int)length, at, name);
        if (!access(path, X_OK))
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

static int find_program(struct server_program *program, const char *binary, struct error *error)
{
    if (!binary || !*binary) {
        if (find_on_path("redis-server", program->path, sizeof program->path) ||
            find_on_path("redis-check-rdb", program->path, sizeof program->path))
            return 0;
        return 1;
    }
    if (strchr(binary, '/') ? !realpath(binary, program->path)
                            : !find_on_path(binary, program->path, sizeof program->path))
        return error_set(error, ERROR_USAGE, "no such server: '%s'", binary);
    return 0;
}

/* The library lies beside the drivers, one folder below the tests. */
static int find_library(struct server_program *program, struct error *error)
{
    static const char *const places[] = {"virtual_time.so", "fidelity/virtual_time.so"};
    char self[3000];
    ssize_t bytes = readlink("/proc/self/exe", self, sizeof self - 1);

    self[bytes > 0 ? bytes : 0] = '\0';
    *(strrchr(self, '/') ? strrchr(self, '/') : self) = '\0';
    for (int i = 0; i < 2; i++) {
        snprintf(program->library, sizeof program->library, "%s/%s", self, places[i]);
        if (access(program->library, R_OK))
            continue;
        if (strpbrk(program->library, " :"))
            return error_set(error, ERROR_USAGE, "cannot preload '%s': blanks and colons separate libraries",
                             program->library);
        return 0;
    }
    return error_set(error, ERROR_USAGE, "virtual_time.so is not beside this program");
}

/* What `program --version` says, under the library's probe. */
static int ask_version(const struct server_program *program, char *answer, size_t room, struct error *error)
{
    const char *arguments[] = {program->name, "--version", NULL};
    char log[] = "/tmp/evsim-version-XXXXXX";
    int fd = mkstemp(log), status = -1;
    pid_t parent = getpid(), pid;
    ssize_t bytes;

    if (fd < 0)
        return error_set(error, ERROR_OUTPUT, "%s: %s", log, strerror(errno));
    fflush(NULL);
    pid = fork();
    if (!pid) {
        setenv(PROBE_ENV, "1", 1);
        become(program, arguments, "/", log, parent);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    bytes = read(fd, answer, room - 1);
    answer[bytes > 0 ? bytes : 0] = '\0';
    close(fd);
    unlink(log);
    if (!strstr(answer, "server v="))
        return error_set(error, ERROR_USAGE, "%s: not a server: '%.*s'", program->path, (int)strcspn(answer, "\n"),
                         answer);
    return 0;
}

int server_program_find(struct server_program *program, const char *binary, struct error *error)
{
    char answer[4096], version[32];
    bool is_valkey;
    int status;

    *program = (struct server_program){.name = "redis-server"};
    status = find_program(program, binary, error);
    if (status)
        return status;
    if (find_library(program, error) || ask_version(program, answer, sizeof answer, error))
        return -1;
    is_valkey = strstr(answer, "Valkey") != NULL;
    if (is_valkey)
        strcpy(program->name, "valkey-server");
    snprintf(version, sizeof version, "%s", strstr(answer, "server v=") + strlen("server v="));
    version[strcspn(version, " \n")] = '\0';
    snprintf(program->model, sizeof program->model, "%s-%s%s", is_valkey ? "valkey" : "redis", version,
             strstr(answer, PROBE_ANSWER) ? "-debian" : "");
    return 0;
}
