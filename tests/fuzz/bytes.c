/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/bytes.h"

#include "sim/alloc.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[BYTES_PATH / 2];
static pid_t owner; /* a target may fork */

static void path_of_file(char path[BYTES_PATH])
{
    snprintf(path, BYTES_PATH, "%s/input", bytes_folder());
}

static void remove_folder(void)
{
    char path[BYTES_PATH];

    if (getpid() != owner)
        return;
    path_of_file(path);
    unlink(path);
    rmdir(folder);
}

/* In memory, where there is such a file system. */
const char *bytes_folder(void)
{
    if (owner)
        return folder;
    snprintf(folder, sizeof folder, "%s/evsim-fuzz-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    if (!mkdtemp(folder))
        abort();
    owner = getpid();
    if (atexit(remove_folder))
        abort();
    return folder;
}

int bytes_as_file(const uint8_t *bytes, size_t count, char path[BYTES_PATH])
{
    int fd;

    path_of_file(path);
    unlink(path); /* its twin may be open */
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, count) != (ssize_t)count)
        abort();
    return fd;
}

char *bytes_as_text(const uint8_t *bytes, size_t count)
{
    char *text = xmalloc(count + 1);

    memcpy(text, bytes, count);
    text[count] = '\0';
    return text;
}

uint8_t *bytes_that_stay(const uint8_t *bytes, size_t count)
{
    uint8_t *copy = xmalloc(count + 1);

    for (size_t i = 0; i < count; i++) {
        bool leads_out = bytes[i] == '/' || (i && bytes[i] == '.' && copy[i - 1] == '.');

        copy[i] = leads_out ? '-' : bytes[i];
    }
    return copy;
}
