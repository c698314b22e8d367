/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/process.h"

#include "sim/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_RUN = 70 };

extern char **environ;

/* Joins the two environments. `theirs` comes first, because the first variable of a name counts. The caller frees the
 * array. */
static char **join(const char *const *theirs)
{
    size_t more = 0, ours = 0;
    char **all;

    while (theirs[more])
        more++;
    while (environ[ours])
        ours++;
    all = xcalloc(more + ours + 1, sizeof *all);
    memcpy(all, theirs, more * sizeof *all);
    memcpy(all + more, environ, ours * sizeof *all);
    return all;
}

/* Turns the child into the program. */
__attribute__((noreturn)) static void exec_program(const struct process_start *what, char **environment, pid_t parent)
{
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (null < 0 || chdir(what->directory) || getppid() != parent)
        _exit(CANNOT_RUN);
    dup2(null, STDIN_FILENO);
    dup2(what->output, STDOUT_FILENO);
    dup2(what->output, STDERR_FILENO);
    execve(what->path, (char *const *)what->arguments, environment);
    dprintf(STDERR_FILENO, "%s: %s\n", what->path, strerror(errno));
    _exit(CANNOT_RUN);
}

pid_t process_start(const struct process_start *what, struct error *error)
{
    char **environment = join(what->environment);
    pid_t parent = getpid(), child = fork();

    if (!child)
        exec_program(what, environment, parent);
    free(environment);
    return child > 0 ? child : error_set(error, ERROR_INTERNAL, "cannot start a process: %s", strerror(errno));
}

int process_look(pid_t process, bool wait, bool *succeeded)
{
    int status;
    pid_t ended;

    do
        ended = waitpid(process, &status, wait ? 0 : WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended != process)
        return 0;
    *succeeded = WIFEXITED(status) && !WEXITSTATUS(status);
    return 1;
}

void process_stop(pid_t process)
{
    bool succeeded;

    kill(-process, SIGKILL); /* a group, since the program may be a script that has started the server */
    kill(process, SIGKILL);
    process_look(process, true, &succeeded);
}
