/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpack: gzip, zstd and xz, piece by piece, in as much memory as may be asked for.
 *
 *     a piece of the file ─▶ step ─▶ decompressed bytes
 *
 * Frames (zstd), members (gzip) and streams (xz) may follow one another, and zeros those of gzip and xz, as on a tape. How much memory a frame
 * takes it says itself: up to 2 GiB for a zstd's window, 4 GiB for an xz's dictionary. Implemented in sim/input/unpack.c. */
#ifndef SIM_INPUT_UNPACK_H
#define SIM_INPUT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a step is given, and what it leaves. */
struct unpacking {
    const unsigned char *in;
    size_t in_bytes; /* those that are not taken yet; `in` moves with them */
    char *out;
    size_t room;
    bool in_frame;   /* a frame has begun and not ended yet */
    const char *why; /* it failed: the data are damaged; */
    uint64_t wants;  /* or they want so many bytes of memory, which is more than they may have; 0: damaged */
};

struct unpacker {
    const char *name; /* "gzip" */
    bool (*matches)(const unsigned char *head, size_t bytes);
    /* To be closed. Frames that want more memory than this are not unpacked. */
    void *(*open)(uint64_t memory_most);
    /* Takes input or gives output as long as there is either. Returns how many bytes it gave, or -1. */
    ssize_t (*step)(void *state, struct unpacking *unpacking);
    void (*close)(void *state);
    const char *memory_what;   /* of which `wants` is told: "a zstd frame's window" */
    const char *memory_remedy; /* "zstd -d --long=31 FILE unpacks it" */
};

/* By the first bytes; NULL: none of these. */
const struct unpacker *unpacker_of(const unsigned char *head, size_t bytes);

#endif
