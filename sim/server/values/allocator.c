/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/allocator.h"

#include <string.h>

/* Size classes: 0 to 64 bytes in steps of 8, where builds differ, then four per doubling, which all builds share. */
#define SMALL(c0, c1, c2, c3, c4, c5, c6, c7, c8)                                                                      \
    c0, c1, c2, c3, c4, c5, c6, c7, c8,     /* 0 to 64 */                                                              \
        80, 80, 96, 96, 112, 112, 128, 128, /* 72 to 128 */                                                            \
        160, 160, 160, 160, 192, 192, 192, 192, 224, 224, 224, 224, 256, 256, 256, 256, 320, 320, 320, 320, 320, 320,  \
        320, 320, 384, 384, 384, 384, 384, 384, 384, 384, 448, 448, 448, 448, 448, 448, 448, 448, 512, 512, 512, 512,  \
        512, 512, 512, 512, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 768, 768,  \
        768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 896, 896, 896, 896, 896, 896, 896, 896,  \
        896, 896, 896, 896, 896, 896, 896, 896, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024,      \
        1024, 1024, 1024, 1024, 1024

/* Classes of the C library are 16 bytes apart. The table has an entry for every 8 bytes, so each class stands twice. */
#define LIBC_64(n)  n + 8, n + 8, n + 24, n + 24, n + 40, n + 40, n + 56, n + 56
#define LIBC_256(n) LIBC_64(n), LIBC_64(n + 64), LIBC_64(n + 128), LIBC_64(n + 192)

static uint64_t four_per_doubling(uint64_t bytes)
{
    /* Each range between two powers of two is divided into four steps. */
    uint64_t step = (UINT64_C(1) << (63 - __builtin_clzll(bytes - 1))) / 4;

    return (bytes + step - 1) / step * step;
}

static uint64_t pages(uint64_t bytes)
{
    return bytes > 16384 ? (bytes + 4095) / 4096 * 4096 : four_per_doubling(bytes);
}

static uint64_t less_a_header(uint64_t bytes)
{
    return (bytes + 8 + 15) / 16 * 16 - 8;
}

static const struct allocator allocators[] = {
    {.name = "jemalloc", .large = four_per_doubling, .small = {SMALL(8, 8, 16, 24, 32, 40, 48, 56, 64)}},
    {.name = "jemalloc-q16",
     .large = four_per_doubling,
     .small = {SMALL(8, 8, 16, 32, 32, 48, 48, 64, 64)},
     .has_slack_page = true},
    {.name = "jemalloc-5.3.1",
     .large = pages,
     .small = {SMALL(8, 8, 16, 32, 32, 48, 48, 64, 64)},
     .has_slack_page = true},
    {.name = "libc",
     .large = less_a_header,
     .small = {24, 24, 24, 24, 40, 40, 56, 56, LIBC_64(64), LIBC_64(128), LIBC_64(192), LIBC_256(256), LIBC_256(512),
               LIBC_256(768), 1032},
     .has_no_slabs = true},
};

const struct allocator *allocator_find(const char *name)
{
    for (unsigned i = 0; i < sizeof allocators / sizeof *allocators; i++)
        if (!strcmp(allocators[i].name, name))
            return &allocators[i];
    return NULL;
}
