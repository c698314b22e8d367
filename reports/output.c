/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/output.h"

#include "sim/alloc.h"

#include <assert.h>
#include <errno.h>
#include <libgen.h>
#include <locale.h>
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

/* A fixed name: what a killed run leaves is overwritten by the next one, not added to. */
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

    /* What is there already of a/b/c: itself, a/b, a, or the working directory. */
    while (stat(existing, &status) != 0 && errno == ENOENT && strcmp(existing, ".") != 0)
        existing = dirname(existing);
    if (stat(existing, &status) != 0)
        reason = errno;
    else if (!S_ISDIR(status.st_mode))
        reason = ENOTDIR;
    else if (access(existing, W_OK | X_OK) != 0)
        reason = errno;
    free(copy);
    if (!*path)
        reason = ENOENT;
    if (!reason)
        return 0;
    return error_set(error, ERROR_OUTPUT, "'%s': cannot write there: %s", path, strerror(reason));
}

/* Flushes and looks at the stream: stdio keeps quiet about a failed write until asked. */
static int check_stream(FILE *out, const char *name, struct error *error)
{
    errno = 0;
    if (fflush(out) == 0 && !ferror(out))
        return 0;
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", name, strerror(errno ? errno : EIO));
}

int output_open(struct output *output, const char *directory, const char *name, struct error *error)
{
    *output = (struct output){.path = output_path(directory, name), .temporary = output_temporary(directory, name)};
    output->file = fopen(output->temporary, "w");
    if (output->file)
        return 0;
    error_set(error, ERROR_OUTPUT, "%s: cannot create: %s", output->path, strerror(errno));
    free(output->path);
    free(output->temporary);
    return -1;
}

int output_close(struct output *output, struct error *error)
{
    if (!error_is_set(error))
        check_stream(output->file, output->path, error);
    if (fclose(output->file) != 0)
        error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", output->path, strerror(errno));
    if (!error_is_set(error) && rename(output->temporary, output->path) != 0)
        error_set(error, ERROR_OUTPUT, "%s: cannot replace: %s", output->path, strerror(errno));
    if (error_is_set(error))
        unlink(output->temporary);
    free(output->path);
    free(output->temporary);
    return error_is_set(error) ? -1 : 0;
}

static int write_file(const struct report *report, const struct run *run, const char *directory, struct error *error)
{
    struct output output;

    if (output_open(&output, directory, report->name, error) != 0)
        return -1;
    if (report->write(run, output.file, error) != 0)
        error_prefix(error, "%s: ", output.path);
    return output_close(&output, error);
}

int output_report(const struct report *report, const struct run *run, const char *directory, struct error *error)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", NULL);
    locale_t before = uselocale(plain);
    int status = report->write ? write_file(report, run, directory, error) : report->write_files(run, directory, error);

    uselocale(before);
    freelocale(plain);
    return status;
}

int output_stream(const struct report *report, const struct run *run, FILE *out, const char *name, struct error *error)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", NULL);
    locale_t before = uselocale(plain);
    int status;

    assert(report->write);
    status = report->write(run, out, error);
    if (status != 0)
        error_prefix(error, "%s: ", name);
    else
        status = check_stream(out, name, error);
    uselocale(before);
    freelocale(plain);
    return status;
}
