/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/round_trip.h"

#include "sim/alloc.h"
#include "tests/fuzz/bytes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The thing, to be given to release_thing(); NULL: it was refused. */
static void *read_thing(const struct round_trip *kind, const uint8_t *bytes, size_t count)
{
    char path[BYTES_PATH];
    int fd = bytes_as_file(bytes, count, path);
    struct error error = {0};
    void *thing = xcalloc(1, kind->thing_bytes);
    int status = kind->read(path, thing, &error);

    close(fd);
    if (!status)
        return thing;
    if (!error.text[0])
        abort();
    free(thing);
    return NULL;
}

static void release_thing(const struct round_trip *kind, void *thing)
{
    kind->release(thing);
    free(thing);
}

static char *written(const struct round_trip *kind, const void *thing, size_t *count)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, count);

    kind->write(thing, out);
    fclose(out);
    return text;
}

void round_trip_must_hold(const struct round_trip *kind, const uint8_t *bytes, size_t count)
{
    size_t first_bytes, second_bytes;
    char *first, *second;
    void *thing = read_thing(kind, bytes, count), *again;

    if (!thing)
        return;
    first = written(kind, thing, &first_bytes);
    again = read_thing(kind, (const uint8_t *)first, first_bytes);
    if (!again)
        abort();
    second = written(kind, again, &second_bytes);
    if (first_bytes != second_bytes || memcmp(first, second, first_bytes) != 0)
        abort();
    free(first);
    free(second);
    release_thing(kind, thing);
    release_thing(kind, again);
}
