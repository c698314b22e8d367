/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/faults/support_file_tree.h"

#include "sim/alloc.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

uint64_t file_digest(const char *path)
{
    FILE *in = fopen(path, "re");
    XXH3_state_t *state;
    char block[1 << 14];
    uint64_t digest;
    size_t bytes;

    if (!in)
        return 0;
    state = XXH3_createState();
    XXH3_64bits_reset(state);
    while ((bytes = fread(block, 1, sizeof block, in)) > 0)
        XXH3_64bits_update(state, block, bytes);
    digest = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    fclose(in);
    return digest ? digest : 1;
}

/* Calls with each file and folder below, folders after what is in them. */
static void walk(const char *folder, const char *below, void (*visit)(const char *path, const char *below, void *),
                 void *owner)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;

    while (directory && (entry = readdir(directory)) != NULL) {
        char path[PATH_MAX], name[PATH_MAX];
        struct stat about;

        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path ||
            snprintf(name, sizeof name, "%s%s%s", below, *below ? "/" : "", entry->d_name) >= (int)sizeof name)
            abort();
        if (!lstat(path, &about) && S_ISDIR(about.st_mode))
            walk(path, name, visit, owner);
        visit(path, name, owner);
    }
    if (directory)
        closedir(directory);
}

static void add(const char *path, const char *below, void *owner)
{
    struct file_tree *tree = owner;
    struct stat about;

    if (lstat(path, &about) || !S_ISREG(about.st_mode))
        return;
    tree->files = xrealloc(tree->files, (tree->count + 1) * sizeof *tree->files);
    tree->files[tree->count++] = (struct tree_file){xstrdup(below), file_digest(path)};
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct tree_file *)a)->path, ((const struct tree_file *)b)->path);
}

struct file_tree file_tree_of(const char *folder)
{
    struct file_tree tree = {0};

    walk(folder, "", add, &tree);
    if (tree.count)
        qsort(tree.files, tree.count, sizeof *tree.files, by_path);
    return tree;
}

void file_tree_release(struct file_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        free(tree->files[i].path);
    free(tree->files);
    *tree = (struct file_tree){0};
}

const struct tree_file *file_tree_find(const struct file_tree *tree, const char *path)
{
    for (size_t i = 0; i < tree->count; i++)
        if (!strcmp(tree->files[i].path, path))
            return &tree->files[i];
    return NULL;
}

bool file_trees_equal(const struct file_tree *a, const struct file_tree *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->files[i].path, b->files[i].path) != 0 || a->files[i].digest != b->files[i].digest)
            return false;
    return true;
}

static void remove_one(const char *path, const char *below, void *owner)
{
    (void)below;
    (void)owner;
    if (unlink(path))
        rmdir(path);
}

void folder_empty(const char *folder)
{
    if (mkdir(folder, 0777))
        walk(folder, "", remove_one, NULL);
}

static void make_folders(const char *folder, const char *path)
{
    char name[PATH_MAX];

    for (const char *slash = path; (slash = strchr(slash, '/')) != NULL; slash++) {
        snprintf(name, sizeof name, "%s/%.*s", folder, (int)(slash - path), path);
        mkdir(name, 0777);
    }
}

static void copy_one(const char *path, const char *below, void *owner)
{
    char to[PATH_MAX], link[PATH_MAX];
    struct stat about;
    int in, out;

    snprintf(to, sizeof to, "%s/%s", (const char *)owner, below);
    make_folders(owner, below);
    if (lstat(path, &about))
        abort();
    if (S_ISDIR(about.st_mode)) {
        mkdir(to, 0777);
        return;
    }
    if (S_ISLNK(about.st_mode)) {
        ssize_t bytes = readlink(path, link, sizeof link - 1);

        link[bytes < 0 ? 0 : bytes] = '\0';
        if (symlink(link, to))
            abort();
        return;
    }
    in = open(path, O_RDONLY | O_CLOEXEC);
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, about.st_mode & 0777);
    if (in < 0 || out < 0 || sendfile(out, in, NULL, (size_t)about.st_size) != about.st_size)
        abort();
    close(in);
    close(out);
}

void folder_copy(const char *from, const char *to)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s", to);
    walk(from, "", copy_one, path);
}
