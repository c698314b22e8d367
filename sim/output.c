/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output.h"

#include "sim/alloc.h"
#include "sim/sudden_end.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *join(const char *directory, const char *before, const char *name, const char *after)
{
    size_t bytes = strlen(directory) + strlen(before) + strlen(name) + strlen(after) + 2;
    char *path = xmalloc(bytes);

    snprintf(path, bytes, "%s/%s%s%s", directory, before, name, after);
    return path;
}

char *output_path(const char *directory, const char *name)
{
    return join(directory, "", name, "");
}

/* The name is fixed, so a run overwrites what a killed run has left. */
char *output_temporary(const char *directory, const char *name)
{
    return join(directory, ".", name, ".part");
}

static int make_one_directory(const char *path, struct error *error)
{
    struct stat status;
    int reason;

    if (mkdir(path, 0777) == 0)
        return 0;
    reason = errno;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return 0;
    if (reason == EEXIST)
        reason = ENOTDIR;
    return error_set(error, ERROR_OUTPUT, "%s: cannot make the directory: %s", path, strerror(reason));
}

int output_make_directory(const char *path, struct error *error)
{
    char *prefix = xstrdup(path);
    int status = 0;

    for (char *slash = prefix; status == 0 && *slash && (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = '\0';
        status = make_one_directory(prefix, error);
        *slash = '/';
    }
    if (status == 0)
        status = make_one_directory(path, error);
    free(prefix);
    return status;
}

int output_check_directory(const char *path, struct error *error)
{
    char *copy = xstrdup(path), *existing = copy;
    struct stat status;
    int reason = 0;

    /* Finds the longest part of the path a/b/c that exists: a/b/c, a/b, a, or the working directory. */
    while (stat(existing, &status) != 0 && errno == ENOENT && strcmp(existing, ".") != 0)
        existing = dirname(existing);
    if (stat(existing, &status) != 0 || (S_ISDIR(status.st_mode) && access(existing, W_OK | X_OK) != 0))
        reason = errno;
    else if (!S_ISDIR(status.st_mode))
        reason = ENOTDIR;
    free(copy);
    if (!*path)
        reason = ENOENT;
    if (!reason)
        return 0;
    return error_set(error, ERROR_OUTPUT, "'%s': cannot write there: %s", path, strerror(reason));
}

int output_check_file(const char *path, struct error *error)
{
    char *copy = xstrdup(path);
    struct stat status;
    int reason = 0;

    if (!*path)
        reason = ENOENT;
    else if (!stat(path, &status) && S_ISDIR(status.st_mode))
        reason = EISDIR;
    else if (access(dirname(copy), W_OK | X_OK))
        reason = errno;
    free(copy);
    return reason ? error_set(error, ERROR_OUTPUT, "'%s': cannot write: %s", path, strerror(reason)) : 0;
}

int output_flush(FILE *out, const char *name, struct error *error)
{
    errno = 0;
    if (fflush(out) == 0 && !ferror(out))
        return 0;
    if (!errno) { /* an earlier write failed, and nothing was left to be written: one more fails for the same reason */
        putc('\n', out);
        fflush(out);
    }
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", name, strerror(errno ? errno : EIO));
}

void stdout_outlives_readers(void)
{
    signal(SIGPIPE, SIG_IGN);
}

/* A pipe that nobody reads any more says so to whoever asks. */
static bool has_no_reader(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};

    return poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLERR;
}

int stdout_finish(struct error *error)
{
    if (!fflush(stdout) && !ferror(stdout))
        return 0;
    if (has_no_reader(STDOUT_FILENO)) { /* as it would have ended, had there been no files to write */
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    return output_flush(stdout, "standard output", error);
}

void standard_streams_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* takes the lowest number, this one */
}

static void release(struct output *output)
{
    unfinished_forget(output->unfinished);
    free(output->path);
    free(output->temporary);
}

/* Another user who may write to the directory, such as /tmp, might have put a link there. */
static FILE *create(const char *path)
{
    int fd;
    FILE *file;

    unlink(path);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return NULL;
    file = fdopen(fd, "w");
    if (!file)
        close(fd);
    return file;
}

static int open_temporary(struct output *output, struct error *error)
{
    output->unfinished = unfinished_add(output->temporary);
    output->file = create(output->temporary);
    if (output->file)
        return 0;
    error_set(error, ERROR_OUTPUT, "%s: cannot create: %s", output->path, strerror(errno));
    release(output);
    return -1;
}

int output_open(struct output *output, const char *directory, const char *name, struct error *error)
{
    *output = (struct output){.path = output_path(directory, name), .temporary = output_temporary(directory, name)};
    return open_temporary(output, error);
}

int output_open_path(struct output *output, const char *path, struct error *error)
{
    char *directory = xstrdup(path), *name = xstrdup(path); /* dirname and basename change their arguments */

    *output = (struct output){.path = xstrdup(path), .temporary = output_temporary(dirname(directory), basename(name))};
    free(directory);
    free(name);
    return open_temporary(output, error);
}

int output_close(struct output *output, struct error *error)
{
    if (!error_is_set(error))
        output_flush(output->file, output->path, error);
    if (fclose(output->file) != 0)
        error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", output->path, strerror(errno));
    if (!error_is_set(error) && rename(output->temporary, output->path) != 0)
        error_set(error, ERROR_OUTPUT, "%s: cannot replace: %s", output->path, strerror(errno));
    if (error_is_set(error))
        unlink(output->temporary);
    release(output);
    return error_is_set(error) ? -1 : 0;
}
