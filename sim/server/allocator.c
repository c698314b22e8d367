/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/allocator.h"

#include <string.h>

/* Classes of 0..64 bytes in steps of 8, then four per doubling, which all builds share. */
#define SMALL(c0, c1, c2, c3, c4, c5, c6, c7, c8)                                                  \
    c0, c1, c2, c3, c4, c5, c6, c7, c8, /* 0 .. 64 */                                              \
        80, 80, 96, 96, 112, 112, 128, 128, /* 72 .. 128 */                                        \
        160, 160, 160, 160, 192, 192, 192, 192, 224, 224, 224, 224, 256, 256, 256, 256,            \
        320, 320, 320, 320, 320, 320, 320, 320, 384, 384, 384, 384, 384, 384, 384, 384,            \
        448, 448, 448, 448, 448, 448, 448, 448, 512, 512, 512, 512, 512, 512, 512, 512,            \
        640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640, 640,            \
        768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768, 768,            \
        896, 896, 896, 896, 896, 896, 896, 896, 896, 896, 896, 896, 896, 896, 896, 896,            \
        1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024,  \
        1024

static const struct allocator allocators[] = {
    {.name = "jemalloc", .small = {SMALL(8, 8, 16, 24, 32, 40, 48, 56, 64)}},
    {.name = "jemalloc-q16", .small = {SMALL(8, 8, 16, 32, 32, 48, 48, 64, 64)}},
};

const struct allocator *allocator_find(const char *name)
{
    for (unsigned i = 0; i < sizeof allocators / sizeof *allocators; i++)
        if (!strcmp(allocators[i].name, name))
            return &allocators[i];
    return NULL;
}

uint64_t allocator_large(uint64_t bytes)
{
    /* The largest power of two below `bytes` is split in four. */
    uint64_t step = (UINT64_C(1) << (63 - __builtin_clzll(bytes - 1))) / 4;

    return (bytes + step - 1) / step * step;
}
