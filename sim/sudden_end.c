/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sudden_end.h"

#include "sim/error.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Never freed, and used again, so that a handler may walk along them at any time. */
struct unfinished {
    char *path;
    size_t room; /* bytes of `path` */
    struct unfinished *next;
    pid_t owner;
    atomic_bool is_used;
};

static struct unfinished *_Atomic all; /* a handler can reach only static variables */

static struct {
    pid_t owner;
    _Atomic pid_t group; /* 0: none */
} started;

static struct unfinished *find_free(size_t bytes)
{
    for (struct unfinished *at = all; at; at = at->next)
        if (!at->is_used && at->room >= bytes)
            return at;
    return NULL;
}

/* As xmalloc(), which is made of this file. */
static void *get(size_t bytes)
{
    void *memory = malloc(bytes);

    if (!memory)
        sudden_end_out_of_memory(bytes);
    return memory;
}

struct unfinished *unfinished_add(const char *path)
{
    size_t bytes = strlen(path) + 1;
    struct unfinished *unfinished = find_free(bytes);

    if (!unfinished) {
        unfinished = get(sizeof *unfinished);
        *unfinished = (struct unfinished){.path = get(bytes), .room = bytes, .next = all};
        all = unfinished;
    }
    memcpy(unfinished->path, path, bytes);
    unfinished->owner = getpid();
    unfinished->is_used = true;
    return unfinished;
}

void unfinished_forget(struct unfinished *unfinished)
{
    if (unfinished)
        unfinished->is_used = false;
}

enum { TREE_DEPTH = 8 };

/* readdir() asks for memory, so a handler asks the kernel itself. Entries are removed while they are read, so it reads again
 * until there are none, or none could be removed. */
static void remove_at(int folder, const char *name, int depth)
{
    _Alignas(struct dirent64) char block[4096];
    long bytes;
    int fd;
    bool removes = true;

    if (!unlinkat(folder, name, 0) || depth == TREE_DEPTH)
        return;
    fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    while (fd >= 0 && removes && !lseek(fd, 0, SEEK_SET)) {
        removes = false;
        while ((bytes = syscall(SYS_getdents64, fd, block, sizeof block)) > 0)
            for (long at = 0; at < bytes;) {
                const struct dirent64 *entry = (const void *)(block + at);

                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                    remove_at(fd, entry->d_name, depth + 1);
                    removes |= faccessat(fd, entry->d_name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
                }
                at += entry->d_reclen;
            }
    }
    if (fd >= 0)
        close(fd);
    unlinkat(folder, name, AT_REMOVEDIR);
}

void tree_remove(const char *path)
{
    remove_at(AT_FDCWD, path, 0);
}

void sudden_end_kills(pid_t group)
{
    started.owner = getpid();
    started.group = group;
}

void sudden_end_clean(void)
{
    pid_t process = getpid();

    if (started.group && started.owner == process)
        kill(-started.group, SIGKILL); /* first: it may still write */

    for (struct unfinished *at = all; at; at = at->next)
        if (at->is_used && at->owner == process)
            tree_remove(at->path);
}

void sudden_end_out_of_memory(size_t bytes)
{
    static atomic_flag is_ending = ATOMIC_FLAG_INIT;
    char line[96];
    int length = snprintf(line, sizeof line, "evsim: out of memory, asking the host for %zu bytes\n", bytes);

    while (atomic_flag_test_and_set(&is_ending))
        pause(); /* one line is enough: other threads end with the first */
    sudden_end_clean();
    (void)!write(STDERR_FILENO, line, (size_t)length); /* else nobody can be told */
    for (;;)
        syscall(SYS_exit_group, ERROR_INTERNAL); /* not _exit(), which would blame a policy (host_exit.c) */
}
