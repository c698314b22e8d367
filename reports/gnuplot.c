/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/gnuplot.h"

#include "reports/svg_areas.h"
#include "sim/alloc.h"
#include "sim/figure_wishes.h"
#include "sim/report.h"
#include "sim/stop.h"
#include "sim/sudden_end.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { PATH_BYTES = 4096, SAID_BYTES = 600 };

static const struct {
    const char *name;
    unsigned form;
    const char *end; /* what stands at the end of one that is whole */
} kinds[] = {{"svg", FIGURE_SVG, "</svg>"}, {"png", FIGURE_PNG, "IEND"}, {"pdf", FIGURE_PDF, "%%EOF"}};

#define PREFIX ".part-"

/* Gnuplot's messages, as one line. */
struct message {
    int fd; /* its standard error; -1: it is closed */
    char text[SAID_BYTES];
    size_t used;
};

/* Reads what there is. What does not fit is read as well and dropped, so that gnuplot never blocks. */
static void read_message(struct message *message)
{
    char block[512];
    ssize_t got = 1;

    while (message->fd >= 0 && got > 0) {
        got = read(message->fd, block, sizeof block);
        for (ssize_t i = 0; i < got && message->used < SAID_BYTES - 1; i++) {
            char c = block[i] == '\n' || block[i] == '\t' ? ' ' : block[i];

            if (c != ' ' || (message->used && message->text[message->used - 1] != ' '))
                message->text[message->used++] = c;
        }
    }
    if (message->fd >= 0 && (got == 0 || (errno != EAGAIN && errno != EINTR))) {
        close(message->fd);
        message->fd = -1;
    }
    message->text[message->used] = '\0';
}

/* The environment with another time zone; to be freed, not what is in it. */
static char **in_utc(void)
{
    static char utc[] = "TZ=UTC0";
    size_t count = 0, kept = 0;
    char **environment;

    while (environ[count])
        count++;
    environment = xcalloc(count + 2, sizeof *environment);
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "TZ=", 3) != 0)
            environment[kept++] = environ[i];
    environment[kept] = utc;
    return environment;
}

/* What the child needs. */
struct launch {
    const char *directory;
    char *const *arguments, *const *environment;
    const sigset_t *mask;
    int stderr_fd, failed; /* that end of a pipe takes an errno; it is closed when gnuplot runs */
    pid_t parent;
};

/* In the child, where only what is safe in a handler is called: other threads may hold locks. If evsim is killed the kernel ends gnuplot, too:
 * nobody else would. */
static _Noreturn void become_gnuplot(const struct launch *launch)
{
    int nothing = open("/dev/null", O_RDWR);

    if (nothing >= 0 && setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == launch->parent &&
        chdir(launch->directory) == 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(nothing, STDOUT_FILENO) >= 0 &&
        dup2(launch->stderr_fd, STDERR_FILENO) >= 0 && sigprocmask(SIG_SETMASK, launch->mask, NULL) == 0)
        execvpe("gnuplot", launch->arguments, launch->environment);
    int reason = errno;
    ssize_t told = write(launch->failed, &reason, sizeof reason);
    _exit(told < 0 ? 127 : 126);
}

/* Starts gnuplot in a process group of its own. Returns 0 or an errno. With -d the figures do not depend on the user's
 * gnuplot settings. */
static int start(const char *directory, const char *script, int stderr_fd, const sigset_t *mask, pid_t *process)
{
    /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): "prefix = '...'" is one argument */
    char *const arguments[] = {"gnuplot", "-d", "-e", "prefix = '" PREFIX "'", (char *)script, NULL};
    char **environment;
    int ends[2], reason = 0;
    ssize_t got;

    *process = -1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return errno;
    environment = in_utc();
    const struct launch launch = {directory, arguments, environment, mask, stderr_fd, ends[1], getpid()};
    *process = fork();
    if (!*process)
        become_gnuplot(&launch);
    reason = *process < 0 ? errno : 0;
    close(ends[1]);
    do
        got = reason ? 0 : read(ends[0], &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    close(ends[0]);
    free(environment);
    if (got > 0) /* it could not be run, and has ended */
        while (waitpid(*process, NULL, 0) < 0 && errno == EINTR)
            continue;
    return reason;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The process has ended but is not reaped, so its number cannot belong to another process yet. */
static bool has_ended(pid_t process)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == process;
}

enum ending { ENDED, STOPPED, TOO_LATE };

/* Waits until gnuplot ends, a signal asks to stop, or the time is over. Signals arrive only during the sleep, in which
 * the mask is `mask`, the caller's. If gnuplot closes its standard error and goes on, its end is polled for. */
static enum ending watch(pid_t process, struct message *message, int seconds, const sigset_t *mask)
{
    const struct timespec short_while = {.tv_nsec = 100 * 1000000}, blink = {.tv_nsec = 5 * 1000000};
    int64_t until_ms = now_ms() + (int64_t)seconds * 1000;

    while (!has_ended(process)) {
        struct pollfd readable = {.fd = message->fd, .events = POLLIN};

        if (stop_signal())
            return STOPPED;
        if (now_ms() >= until_ms)
            return TOO_LATE;
        ppoll(&readable, 1, message->fd < 0 ? &blink : &short_while, mask);
        read_message(message);
    }
    read_message(message);
    return ENDED;
}

/* Ends everything that gnuplot has started: otherwise it might still write a picture that was given up. */
static int end_group(pid_t process)
{
    int status;

    kill(-process, SIGKILL);
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* Says why there is no picture. */
static int explain(const char *directory, const char *script, enum ending ending, int status, int seconds,
                   const char *message, struct error *error)
{
    if (ending == STOPPED)
        return stop_error(error);
    if (ending == TOO_LATE)
        error_set(error, ERROR_OUTPUT,
                  "gnuplot did not finish '%s/%s' within %d s and was ended: the data and the scripts are there, "
                  "gnuplot %s draws the figure again",
                  directory, script, seconds, script);
    else
        error_set(error, ERROR_OUTPUT, "gnuplot failed on '%s/%s': %s", directory, script,
                  *message              ? message
                  : WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                                        : "no message");
    return REPORT_UNDRAWN;
}

static int run_script(const char *directory, const char *name, int seconds, const sigset_t *mask, struct error *error)
{
    struct message message = {.fd = -1};
    int pipe_fds[2], status, reason;
    enum ending ending;
    char script[256];
    pid_t process;

    snprintf(script, sizeof script, "%s.gp", name);
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return error_set(error, ERROR_OUTPUT, "cannot run gnuplot: %s", strerror(errno));
    reason = start(directory, script, pipe_fds[1], mask, &process);
    close(pipe_fds[1]);
    if (reason != 0) {
        close(pipe_fds[0]);
        error_set(error, ERROR_OUTPUT,
                  "cannot run gnuplot: %s: install gnuplot to draw the figures; "
                  "their data and scripts are in '%s'",
                  strerror(reason), directory);
        return REPORT_UNDRAWN;
    }
    message.fd = pipe_fds[0];
    fcntl(message.fd, F_SETFL, O_NONBLOCK);
    sudden_end_kills(process);
    ending = watch(process, &message, seconds, mask);
    sudden_end_kills(0);
    status = end_group(process);
    if (message.fd >= 0)
        close(message.fd);
    if (ending == ENDED && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return explain(directory, script, ending, status, seconds, message.text, error);
}

static void picture_paths(const char *directory, const char *name, const char *kind, char *part, char *whole)
{
    snprintf(part, PATH_BYTES, "%s/" PREFIX "%s.%s", directory, name, kind);
    snprintf(whole, PATH_BYTES, "%s/%s.%s", directory, name, kind);
}

/* cairo writes when it made a PDF. The same figure is the same bytes: those of that time become 1970, as builds that can be repeated
 * have it. Where they stand does not change, for gnuplot ran in UTC. */
static int forget_time(const char *path, struct error *error)
{
    static const char key[] = "/CreationDate (D:", never[] = "19700101000000";
    FILE *file = fopen(path, "r+b");
    char window[sizeof key - 1] = "";
    int c, status = 0;

    if (!file)
        return error_set(error, ERROR_OUTPUT, "%s: gnuplot did not draw it: %s", path, strerror(errno));
    while ((c = getc(file)) != EOF) {
        memmove(window, window + 1, sizeof window - 1);
        window[sizeof window - 1] = (char)c;
        if (memcmp(window, key, sizeof window) != 0)
            continue;
        if (fseek(file, 0, SEEK_CUR) != 0 || fwrite(never, 1, sizeof never - 1, file) != sizeof never - 1)
            status = -1;
        break;
    }
    if (fclose(file) != 0 || status)
        return error_set(error, ERROR_OUTPUT, "%s: cannot write it: %s", path, strerror(errno));
    return 0;
}

/* gnuplot ends with status 0 where it could not write all of a picture, too. */
static int check_whole(const char *path, const char *end, struct error *error)
{
    FILE *file = fopen(path, "rb");
    char tail[64] = "";
    size_t bytes = 0;

    if (!file)
        return error_set(error, ERROR_OUTPUT, "%s: gnuplot did not draw it: %s", path, strerror(errno));
    if (fseek(file, -(long)sizeof tail, SEEK_END))
        rewind(file); /* it is shorter */
    bytes = fread(tail, 1, sizeof tail, file);
    fclose(file);
    if (memmem(tail, bytes, end, strlen(end)))
        return 0;
    return error_set(error, ERROR_OUTPUT, "%s: gnuplot did not draw all of it: is there room on the disk?", path);
}

static int draw(const char *directory, const char *name, unsigned forms, int seconds, const sigset_t *mask,
                struct error *error)
{
    char part[PATH_BYTES], whole[PATH_BYTES];
    int status;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        picture_paths(directory, name, kinds[i].name, part, whole);
        unlink(part); /* gnuplot would write through a symbolic link of this name */
    }
    status = stop_signal() ? stop_error(error) : run_script(directory, name, seconds, mask, error);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        picture_paths(directory, name, kinds[i].name, part, whole);
        if (status == 0 && (forms & kinds[i].form) && check_whole(part, kinds[i].end, error))
            status = REPORT_UNDRAWN;
        if (status == 0 && (forms & kinds[i].form) && kinds[i].form == FIGURE_PDF)
            status = forget_time(part, error);
        if (status == 0 && (forms & kinds[i].form) && kinds[i].form == FIGURE_SVG && !access(part, F_OK))
            status = svg_join_areas(part, error);
        if (status == 0 && (forms & kinds[i].form) && rename(part, whole) != 0)
            status = error_set(error, ERROR_OUTPUT, "%s: gnuplot did not draw it: %s", whole, strerror(errno));
        if (status != 0)
            unlink(part);
    }
    return status;
}

/* A second signal ends the program, but only after gnuplot has ended and its unfinished pictures are removed. */
int gnuplot_draw(const char *directory, const char *name, unsigned forms, int seconds, struct error *error)
{
    sigset_t stopping, before;
    int status;

    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stopping, &before);
    status = draw(directory, name, forms, seconds, &before, error);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}
