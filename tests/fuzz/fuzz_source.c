/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_source: any bytes as a packed file. The first byte chooses by what, and the rest gets the bytes that such a file begins with: gzip, zstd, xz,
 * bzip2, lz4, a tar, or none.
 *
 * These must hold: an error's text is never empty, what is looked at is there, and what was consumed is counted. */
#include "sim/input/source.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES_MOST = 32 << 20 }; /* that are unpacked: more is more of the same */

static const struct {
    size_t at, count;
    const char *bytes;
} beginnings[] = {
    {0, 0, ""},     {0, 3, "\x1f\x8b\x08"},     {0, 4, "\x28\xb5\x2f\xfd"}, {0, 6, "\xfd\x37zXZ\0"},
    {0, 4, "BZh9"}, {0, 4, "\x04\x22\x4d\x18"}, {257, 8, "ustar\00000"},
};

/* 0 at the end of the bytes, -1 with an error. */
static int read_file(struct source *source, uint64_t *sum, struct error *error)
{
    for (size_t bytes; *sum < BYTES_MOST;) {
        const char *text = source_peek(source, 1 + *sum % 5000, &bytes, error);
        volatile char last;

        if (!text)
            return -1;
        if (!bytes)
            return 0;
        last = text[bytes - 1];
        (void)last;
        source_consume(source, bytes - bytes / 3);
        *sum += bytes - bytes / 3;
    }
    return 0;
}

int fuzz_source(const uint8_t *bytes, size_t count)
{
    size_t kind = count ? bytes[0] % (sizeof beginnings / sizeof *beginnings) : 0;
    struct error error = {0};
    struct source *source;
    char path[BYTES_PATH];
    uint8_t *file;
    uint64_t sum = 0, files = 0; /* each may begin with a byte order mark, which is consumed unseen */
    int fd, status = 0;

    if (!count || count - 1 < beginnings[kind].at + beginnings[kind].count)
        return 0;
    file = malloc(count);
    if (!file)
        abort();
    memcpy(file, bytes + 1, count - 1);
    memcpy(file + beginnings[kind].at, beginnings[kind].bytes, beginnings[kind].count);
    fd = bytes_as_file(file, count - 1, path);
    source = source_open(path, &error);
    if (source) {
        do {
            status = read_file(source, &sum, &error);
            files++;
        } while (!status && sum < BYTES_MOST && (status = source_next_file(source, &error)) > 0);
        if (!status && (source_consumed(source) < sum || source_consumed(source) > sum + 3 * files))
            abort();
    }
    if ((!source || status < 0) && !error.text[0])
        abort();
    source_close(source);
    close(fd);
    free(file);
    return 0;
}
