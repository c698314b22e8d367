/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PATH_BYTES = 4096, SAID_BYTES = 600 };

static const char *const kinds[] = {"svg", "png"};

#define PREFIX ".part-"

/* What gnuplot says, on one line; what does not fit is read all the same, so that it never blocks.
 */
static void read_all(int fd, char *said)
{
    size_t used = 0;
    char block[512];
    ssize_t got;

    while ((got = read(fd, block, sizeof block)) > 0 || (got < 0 && errno == EINTR))
        for (ssize_t i = 0; i < got && used < SAID_BYTES - 1; i++) {
            char c = block[i] == '\n' || block[i] == '\t' ? ' ' : block[i];

            if (c != ' ' || (used && said[used - 1] != ' '))
                said[used++] = c;
        }
    said[used] = '\0';
}

/* 0 and the process, or an errno. -d: the figures do not depend on the user's gnuplot settings. */
static int start(const char *directory, const char *script, int stderr_fd, pid_t *process)
{
    /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): "prefix = '...'" is one argument */
    char *const arguments[] = {"gnuplot", "-d", "-e", "prefix = '" PREFIX "'", (char *)script, NULL};
    posix_spawn_file_actions_t actions;
    int reason;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, stderr_fd, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, directory);
    reason = posix_spawnp(process, "gnuplot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

static int wait_for(pid_t process)
{
    int status;

    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

static int run_script(const char *directory, const char *name, struct error *error)
{
    char script[256], said[SAID_BYTES];
    int pipe_fds[2], status, reason;
    pid_t process;

    snprintf(script, sizeof script, "%s.gp", name);
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return error_set(error, ERROR_OUTPUT, "cannot run gnuplot: %s", strerror(errno));
    reason = start(directory, script, pipe_fds[1], &process);
    close(pipe_fds[1]);
    if (reason != 0) {
        close(pipe_fds[0]);
        return error_set(error, ERROR_OUTPUT,
                         "cannot run gnuplot: %s: install gnuplot to draw the figures; "
                         "their data and scripts are in '%s'",
                         strerror(reason), directory);
    }
    read_all(pipe_fds[0], said);
    close(pipe_fds[0]);
    status = wait_for(process);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return error_set(error, ERROR_OUTPUT, "gnuplot failed on '%s/%s': %s", directory, script,
                     *said                 ? said
                     : WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                                           : "no message");
}

static void picture_paths(const char *directory, const char *name, const char *kind, char *part, char *whole)
{
    snprintf(part, PATH_BYTES, "%s/" PREFIX "%s.%s", directory, name, kind);
    snprintf(whole, PATH_BYTES, "%s/%s.%s", directory, name, kind);
}

int gnuplot_draw(const char *directory, const char *name, struct error *error)
{
    char part[PATH_BYTES], whole[PATH_BYTES];
    int status;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        picture_paths(directory, name, kinds[i], part, whole);
        unlink(part); /* gnuplot would write through a link that lies there */
    }
    status = run_script(directory, name, error);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        picture_paths(directory, name, kinds[i], part, whole);
        if (status == 0 && rename(part, whole) != 0)
            status = error_set(error, ERROR_OUTPUT, "%s: gnuplot did not draw it: %s", whole, strerror(errno));
        if (status != 0)
            unlink(part);
    }
    return status;
}
