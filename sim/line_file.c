/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/line_file.h"

#include "sim/alloc.h"
#include "sim/host_memory.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

enum {
    ROOM = 256,              /* to begin with */
    ALWAYS_BYTES = 64 << 10, /* so much is taken without asking, as of a trace */
    PLACE = 280,
};

int line_file_open(struct line_file *file, const char *path, uint64_t memory_limit)
{
    *file = (struct line_file){.path = path, .in = fopen(path, "re"), .memory_limit = memory_limit};
    return file->in ? 0 : -1;
}

int line_file_may_take(const struct line_file *file, uint64_t bytes, const char *what, struct error *error)
{
    char place[PLACE];

    if (bytes <= ALWAYS_BYTES)
        return 0;
    if (file->number)
        snprintf(place, sizeof place, "%.250s:%d", file->path, file->number);
    else
        snprintf(place, sizeof place, "%.250s", file->path);
    return host_memory_ask(file->memory_limit, bytes, place, what, "look whether it is the file that was meant", error);
}

/* Reads up to a byte of this kind, or to the end. */
static int read_to(struct line_file *file, int last, const char *what, struct error *error)
{
    int c;

    file->bytes = 0;
    errno = 0;
    do {
        c = getc_unlocked(file->in);
        if (file->bytes + 2 > file->room) {
            size_t room = file->room ? 2 * file->room : ROOM;

            if (line_file_may_take(file, room, what, error))
                return -1;
            file->text = xrealloc(file->text, file->room = room);
        }
        if (c != EOF)
            file->text[file->bytes++] = (char)c;
    } while (c != EOF && c != last);
    file->text[file->bytes] = '\0';
    if (c == EOF && ferror(file->in)) {
        file->reason = errno ? errno : EIO;
        return 0;
    }
    return file->bytes > 0;
}

int line_file_next(struct line_file *file, struct error *error)
{
    file->number += file->number < INT_MAX;
    return read_to(file, '\n', "this line", error);
}

int line_file_rest(struct line_file *file, struct error *error)
{
    return read_to(file, EOF, "its text", error);
}

void line_file_close(struct line_file *file)
{
    fclose(file->in);
    free(file->text);
}
