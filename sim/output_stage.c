/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output_stage.h"

#include "sim/alloc.h"
#include "sim/output.h"
#include "sim/sudden_end.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OLD_INDEX ".index.old" /* within the stage: the index of the earlier run, until the first file is replaced */

static struct output_stage *current; /* output_stale() is called far below whoever has the stage */

static void stage_release(struct output_stage *stage)
{
    current = NULL;
    unfinished_forget(stage->unfinished);
    for (size_t i = 0; i < stage->stale_count; i++)
        free(stage->stale[i]);
    free(stage->stale);
    free(stage->path);
    free(stage->directory);
    *stage = (struct output_stage){0};
}

int output_stage_begin(struct output_stage *stage, const char *directory, struct error *error)
{
    int reason;

    if (output_make_directory(directory, error))
        return -1;
    *stage = (struct output_stage){.directory = xstrdup(directory), .path = output_path(directory, OUTPUT_STAGE_NAME)};
    tree_remove(stage->path);
    stage->unfinished = unfinished_add(stage->path);
    if (!mkdir(stage->path, 0777)) {
        current = stage;
        return 0;
    }
    reason = errno;
    stage_release(stage);
    return error_set(error, ERROR_OUTPUT, "%s: cannot write there: %s", directory, strerror(reason));
}

void output_stale(const char *directory, const char *name)
{
    size_t length = current ? strlen(current->path) : 0;
    char *path = output_path(directory, name);

    if (!current || strncmp(path, current->path, length) != 0 || path[length] != '/') {
        unlink(path);
        free(path);
        return;
    }
    memmove(path, path + length + 1, strlen(path + length + 1) + 1);
    current->stale = xrealloc(current->stale, (current->stale_count + 1) * sizeof *current->stale);
    current->stale[current->stale_count++] = path;
}

/* A folder of the stage, and where its files go. */
struct move {
    const struct output_stage *stage;
    const char *below; /* "figures", or "" */
    const char *index;
    int from, to; /* descriptors; -1: not open */
    size_t *moved;
};

static int cannot_replace(const struct move *move, const char *name, int reason, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s%s%s/%s: cannot replace: %s", move->stage->directory,
                     *move->below ? "/" : "", move->below, name, strerror(reason));
}

/* Never through a symbolic link: files would end up elsewhere. */
static int open_places(struct move *move, struct error *error)
{
    int stage = open(move->stage->path, O_PATH | O_DIRECTORY | O_CLOEXEC),
        directory = open(move->stage->directory, O_PATH | O_DIRECTORY | O_CLOEXEC), reason;
    const char *below = *move->below ? move->below : ".";

    move->from = stage < 0 ? -1 : openat(stage, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory >= 0 && *move->below && mkdirat(directory, below, 0777) && errno != EEXIST)
        move->to = -1;
    else
        move->to = directory < 0 ? -1 : openat(directory, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    reason = errno;
    if (stage >= 0)
        close(stage);
    if (directory >= 0)
        close(directory);
    if (move->from >= 0 && move->to >= 0)
        return 0;
    return error_set(error, ERROR_OUTPUT, "%s%s%s: cannot write there: %s", move->stage->directory,
                     *move->below ? "/" : "", move->below,
                     reason == ENOTDIR || reason == ELOOP ? "it is a symbolic link, or no folder" : strerror(reason));
}

static bool is_folder(int at, const char *name)
{
    struct stat about;

    return !fstatat(at, name, &about, AT_SYMLINK_NOFOLLOW) && S_ISDIR(about.st_mode);
}

static int move_folder(const struct output_stage *stage, const char *below, const char *index, size_t *moved,
                       struct error *error);

static int move_entry(const struct move *move, const char *name, struct error *error)
{
    if (!strcmp(name, ".") || !strcmp(name, ".."))
        return 0;
    if (is_folder(move->from, name))
        return *move->below ? 0 : move_folder(move->stage, name, move->index, move->moved, error);
    if (!move->moved || (!*move->below && (!strcmp(name, OLD_INDEX) || !strcmp(name, move->index))))
        return 0;
    if (renameat(move->from, name, move->to, name))
        return cannot_replace(move, name, errno, error);
    ++*move->moved;
    return 0;
}

/* Reads the folder once. */
static int move_entries(const struct move *move, struct error *error)
{
    DIR *folder = fdopendir(openat(move->from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct dirent *entry;
    int status = 0;

    if (folder)
        while (!status && (errno = 0, entry = readdir(folder)) != NULL)
            status = move_entry(move, entry->d_name, error);
    if (!status && errno)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot read: %s", move->stage->path, strerror(errno));
    if (folder)
        closedir(folder);
    return status;
}

/* Gives every file of a folder its place but the index, and counts them; with `moved` NULL it only finds out whether the places can be
 * reached. What is renamed while a folder is read may hide another entry, so it is read until nothing was. */
static int move_folder(const struct output_stage *stage, const char *below, const char *index, size_t *moved,
                       struct error *error)
{
    struct move move = {.stage = stage, .below = below, .index = index, .from = -1, .to = -1, .moved = moved};
    int status = open_places(&move, error);
    size_t before;

    do {
        before = moved ? *moved : 0;
        status = status ? status : move_entries(&move, error);
    } while (!status && moved && *moved != before);
    if (move.from >= 0)
        close(move.from);
    if (move.to >= 0)
        close(move.to);
    return status;
}

/* Figures of an earlier run that this one did not draw. */
static int remove_stale(const struct output_stage *stage, size_t *removed, struct error *error)
{
    int status = 0;

    for (size_t i = 0; i < stage->stale_count && !status; i++) {
        char *written = output_path(stage->path, stage->stale[i]),
             *old = output_path(stage->directory, stage->stale[i]);
        char *folder = xstrdup(old);
        bool is_outside;

        *strrchr(folder, '/') = '\0';
        is_outside = strlen(folder) > strlen(stage->directory) && !is_folder(AT_FDCWD, folder);
        if (access(written, F_OK) && !is_outside) {
            if (!unlink(old))
                ++*removed;
            else if (errno != ENOENT && errno != ENOTDIR)
                status = error_set(error, ERROR_OUTPUT, "%s: cannot remove: %s", old, strerror(errno));
        }
        free(folder);
        free(old);
        free(written);
    }
    return status;
}

/* With the old index put aside nobody takes the folder for complete; it is put back if nothing has been replaced. */
static int replace(const struct output_stage *stage, const char *index, struct error *error)
{
    char *place = output_path(stage->directory, index), *aside = output_path(stage->path, OLD_INDEX),
         *fresh = output_path(stage->path, index);
    size_t changes = 0;
    int status = move_folder(stage, "", index, NULL, error);

    if (!status && rename(place, aside) && errno != ENOENT)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot replace: %s", place, strerror(errno));
    if (!status)
        status = remove_stale(stage, &changes, error);
    if (!status)
        status = move_folder(stage, "", index, &changes, error);
    if (!status && rename(fresh, place))
        status = error_set(error, ERROR_OUTPUT, "%s: cannot replace: %s", place, strerror(errno));
    if (status && changes)
        error_prefix(error, "%s is incomplete, run the command again: ", stage->directory);
    else if (status)
        rename(aside, place);
    free(place);
    free(aside);
    free(fresh);
    return status;
}

void output_stage_name_places(struct error *error)
{
    static const char inner[] = "/" OUTPUT_STAGE_NAME;
    char *at;

    while ((at = strstr(error->text, inner)) != NULL)
        memmove(at, at + strlen(inner), strlen(at + strlen(inner)) + 1);
}

int output_stage_end(struct output_stage *stage, const char *index, struct error *error)
{
    int status = error_is_set(error) ? -1 : replace(stage, index, error);

    output_stage_name_places(error);
    for (int i = 0; i < 2 && !access(stage->path, F_OK); i++) /* again: descriptors may have been short for a moment */
        tree_remove(stage->path);
    if (!status && !access(stage->path, F_OK))
        status =
            error_set(error, ERROR_OUTPUT, "%s: the results are complete, but this cannot be removed", stage->path);
    stage_release(stage);
    return status;
}
