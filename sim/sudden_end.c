/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sudden_end.h"

#include "sim/error.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static struct unfinished *find_free(size_t bytes)
{
    for (struct unfinished *at = all; at; at = at->next)
        if (!at->is_used && at->room >= bytes)
            return at;
    return NULL;
}

struct unfinished *unfinished_add(const char *path)
{
    size_t bytes = strlen(path) + 1;
    struct unfinished *unfinished = find_free(bytes);

    if (!unfinished) {
        unfinished = malloc(sizeof *unfinished);
        if (!unfinished)
            sudden_end_out_of_memory(sizeof *unfinished);
        *unfinished = (struct unfinished){.path = malloc(bytes), .room = bytes, .next = all};
        if (!unfinished->path)
            sudden_end_out_of_memory(bytes);
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

void sudden_end_clean(void)
{
    pid_t process = getpid();

    for (struct unfinished *at = all; at; at = at->next)
        if (at->is_used && at->owner == process)
            unlink(at->path);
}

void sudden_end_out_of_memory(size_t bytes)
{
    static atomic_flag is_ending = ATOMIC_FLAG_INIT;
    char line[96];
    int length = snprintf(line, sizeof line, "evsim: out of memory, asking the host for %zu bytes\n", bytes);

    while (atomic_flag_test_and_set(&is_ending))
        pause(); /* one line is enough: other threads end with the first */
    sudden_end_clean();
    if (write(STDERR_FILENO, line, (size_t)length) < 0)
        _exit(ERROR_INTERNAL);
    _exit(ERROR_INTERNAL);
}
