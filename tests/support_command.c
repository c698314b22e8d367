/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_command.h"

#include "sim/alloc.h"
#include "tests/support_run.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char *path_join(const char *directory, const char *name)
{
    char *path;

    if (asprintf(&path, "%s/%s", directory, name) < 0)
        abort();
    return path;
}

/* Policies in shared objects; of a test program that has none of its own there may be none. */
static void find_plugins(void)
{
    const char *given = getenv("EVSIM_PLUGINS");
    char *path = realpath(given ? given : "build/release/tests/plugins", NULL);

    if (path)
        setenv("EVSIM_PLUGINS", path, 1);
    free(path);
}

void command_init(void)
{
    const char *given = getenv("EVSIM");
    char *path = realpath(given ? given : "build/release/evsim", NULL);

    find_plugins();

    if (!path || access(path, X_OK) != 0) {
        fprintf(stderr, "no program at EVSIM=%s\n", given ? given : "build/release/evsim");
        exit(1);
    }
    setenv("EVSIM", path, 1);
    free(path);
}

static void redirect(const char *directory, const char *name, int fd)
{
    char *path = path_join(directory, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (file < 0 || dup2(file, fd) < 0)
        _exit(126);
    close(file);
    free(path);
}

int command_run(const char *directory, const char *results, const char *line)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        redirect(results, "stdout", STDOUT_FILENO);
        redirect(results, "stderr", STDERR_FILENO);
        if (chdir(directory) != 0)
            _exit(126);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

char *command_output(const char *directory, const char *line)
{
    char *results = support_directory(), *out, *err;
    int status = command_run(directory, results, line);

    out = support_read_file(results, "stdout", NULL);
    err = support_read_file(results, "stderr", NULL);
    if (status != 0)
        fail_msg("%s\nexit status %d: %s", line, status, err);
    free(err);
    support_remove(results);
    free(results);
    return out;
}

char *command_output_of(const char *directory, const char *format, ...)
{
    va_list args;
    char *line, *text;

    va_start(args, format);
    if (vasprintf(&line, format, args) < 0)
        abort();
    va_end(args);
    text = command_output(directory, line);
    free(line);
    return text;
}
