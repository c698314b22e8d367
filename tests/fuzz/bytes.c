/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/bytes.h"

#include "sim/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int bytes_as_file(const uint8_t *bytes, size_t count, char path[BYTES_PATH])
{
    int fd = memfd_create("fuzz", 0);

    if (fd < 0 || write(fd, bytes, count) != (ssize_t)count)
        abort();
    snprintf(path, BYTES_PATH, "/proc/self/fd/%d", fd);
    return fd;
}

char *bytes_as_text(const uint8_t *bytes, size_t count)
{
    char *text = xmalloc(count + 1);

    memcpy(text, bytes, count);
    text[count] = '\0';
    return text;
}
