/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/unpack.h"

#include "sim/alloc.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { MAGIC_BYTES = 4 };

/* Whether there is more to unpack. Between and behind frames, of which the first has ended then, zeros are padding: so are they in
 * gzip's files of several members, and in xz's of several streams. */
static bool has_more(struct unpacking *unpacking, bool frame_has_ended)
{
    while (frame_has_ended && !unpacking->in_frame && unpacking->in_bytes && !*unpacking->in)
        unpacking->in++, unpacking->in_bytes--;
    return unpacking->in_bytes || unpacking->in_frame;
}

/* ---- gzip ---- */

struct gzip {
    z_stream stream;
    bool member_has_ended;
};

static bool gzip_matches(const unsigned char *head, size_t bytes)
{
    return bytes >= 2 && head[0] == 0x1f && head[1] == 0x8b;
}

static void *gzip_open(uint64_t memory_most)
{
    struct gzip *gzip = xcalloc(1, sizeof *gzip);

    (void)memory_most; /* its window is 32 KiB, whatever the file says */
    /* 15 bits of window; + 16: only a gzip header is accepted */
    if (inflateInit2(&gzip->stream, 15 + 16) != Z_OK)
        abort(); /* out of memory, or another zlib than the one that evsim was compiled with */
    return gzip;
}

static ssize_t gzip_step(void *state, struct unpacking *unpacking)
{
    struct gzip *gzip = state;
    z_stream *z = &gzip->stream;

    if (!has_more(unpacking, gzip->member_has_ended))
        return 0;
    z->next_in = (Bytef *)(uintptr_t)unpacking->in; /* which zlib does not write to */
    z->avail_in = (uInt)unpacking->in_bytes;
    z->next_out = (Bytef *)unpacking->out;
    z->avail_out = (uInt)unpacking->room;
    unpacking->in_frame = true;
    int status = inflate(z, Z_NO_FLUSH);
    unpacking->in = z->next_in;
    unpacking->in_bytes = z->avail_in;
    if (status == Z_STREAM_END) {
        unpacking->in_frame = false;
        gzip->member_has_ended = true;
        inflateReset(z);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
        unpacking->why = z->msg ? z->msg : zError(status);
        return -1;
    }
    return (ssize_t)(unpacking->room - z->avail_out);
}

static void gzip_close(void *state)
{
    inflateEnd(&((struct gzip *)state)->stream);
    free(state);
}

/* ---- zstd ---- */

static uint32_t load_u32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static bool zstd_matches(const unsigned char *head, size_t bytes)
{
    uint32_t magic = bytes >= MAGIC_BYTES ? load_u32(head) : 0;

    return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static void *zstd_open(uint64_t memory_most)
{
    enum { LEAST = 10, MOST = 31 }; /* of a window's binary logarithm; 31: files made with --long=31 */
    ZSTD_DStream *zstd = ZSTD_createDStream();
    int log = LEAST;

    if (!zstd)
        abort();
    while (log < MOST && UINT64_C(2) << log <= memory_most)
        log++;
    ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, log);
    return zstd;
}

/* What the head of a frame says of its window (RFC 8878, 3.1.1.1); 0: not all of it is there. */
static uint64_t zstd_window(const unsigned char *head, size_t bytes)
{
    enum { DESCRIPTOR = MAGIC_BYTES, SINGLE_SEGMENT = 1 << 5 };
    static const unsigned char dictionary_bytes[] = {0, 1, 2, 4}, size_bytes[] = {1, 2, 4, 8};
    uint64_t window = 0;
    size_t at = DESCRIPTOR + 1;

    if (bytes <= at)
        return 0;
    if (!(head[DESCRIPTOR] & SINGLE_SEGMENT)) {
        window = UINT64_C(1) << (10 + (head[at] >> 3));
        return window + window / 8 * (head[at] & 7);
    }
    at += dictionary_bytes[head[DESCRIPTOR] & 3];
    size_t size = size_bytes[head[DESCRIPTOR] >> 6];
    if (bytes < at + size)
        return 0;
    for (size_t i = 0; i < size; i++)
        window |= (uint64_t)head[at + i] << (8 * i);
    return window;
}

static ssize_t zstd_step(void *state, struct unpacking *unpacking)
{
    ZSTD_inBuffer in = {unpacking->in, unpacking->in_bytes, 0};
    ZSTD_outBuffer to = {unpacking->out, unpacking->room, 0};
    bool begins = !unpacking->in_frame;
    size_t status = ZSTD_decompressStream(state, &to, &in);

    if (ZSTD_isError(status)) {
        unpacking->why = ZSTD_getErrorName(status);
        if (ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge) {
            uint64_t window = begins ? zstd_window(unpacking->in, unpacking->in_bytes) : 0;

            unpacking->wants = window; /* 0, of a head that comes in two pieces: libzstd's words say it */
        }
        return -1;
    }
    unpacking->in += in.pos;
    unpacking->in_bytes -= in.pos;
    unpacking->in_frame = status != 0;
    return (ssize_t)to.pos;
}

static void zstd_close(void *state)
{
    ZSTD_freeDStream(state);
}

/* ---- xz ---- */

struct xz {
    lzma_stream stream;
    uint64_t memory_most;
    bool stream_has_ended;
};

static bool xz_matches(const unsigned char *head, size_t bytes)
{
    return bytes >= 6 && !memcmp(head, "\xfd\x37zXZ", 6);
}

static void xz_begin(struct xz *xz)
{
    if (lzma_stream_decoder(&xz->stream, xz->memory_most, 0) != LZMA_OK)
        abort(); /* out of memory, or another liblzma than the one that evsim was compiled with */
}

static void *xz_open(uint64_t memory_most)
{
    struct xz *xz = xcalloc(1, sizeof *xz);

    xz->memory_most = memory_most;
    xz_begin(xz);
    return xz;
}

static ssize_t xz_step(void *state, struct unpacking *unpacking)
{
    struct xz *xz = state;
    lzma_stream *stream = &xz->stream;

    if (!has_more(unpacking, xz->stream_has_ended))
        return 0;
    if (!unpacking->in_frame && xz->stream_has_ended) {
        xz->stream_has_ended = false;
        xz_begin(xz);
    }
    stream->next_in = unpacking->in;
    stream->avail_in = unpacking->in_bytes;
    stream->next_out = (uint8_t *)unpacking->out;
    stream->avail_out = unpacking->room;
    unpacking->in_frame = true;
    lzma_ret status = lzma_code(stream, LZMA_RUN);
    unpacking->in = stream->next_in;
    unpacking->in_bytes = stream->avail_in;
    if (status == LZMA_STREAM_END) {
        unpacking->in_frame = false;
        xz->stream_has_ended = true;
    } else if (status == LZMA_MEMLIMIT_ERROR) {
        unpacking->wants = lzma_memusage(stream);
        unpacking->why = "its dictionary is too large";
        return -1;
    } else if (status != LZMA_OK && status != LZMA_BUF_ERROR) {
        unpacking->why = status == LZMA_FORMAT_ERROR    ? "what follows is no xz stream"
                         : status == LZMA_OPTIONS_ERROR ? "it was packed in a way that liblzma does not know"
                                                        : "its blocks or its index are not as their checks say";
        return -1;
    }
    return (ssize_t)(unpacking->room - stream->avail_out);
}

static void xz_close(void *state)
{
    lzma_end(&((struct xz *)state)->stream);
    free(state);
}

static const struct unpacker unpackers[] = {
    {"gzip", gzip_matches, gzip_open, gzip_step, gzip_close, NULL, NULL},
    {"zstd", zstd_matches, zstd_open, zstd_step, zstd_close, "a zstd frame's window",
     "pack it anew without --long, or pipe 'zstd -dc --memory=2048MB' into evsim"},
    {"xz", xz_matches, xz_open, xz_step, xz_close, "an xz block's dictionary",
     "pack it anew with a smaller one (xz -6), or pipe 'xz -dc' into evsim"},
};

const struct unpacker *unpacker_of(const unsigned char *head, size_t bytes)
{
    for (size_t i = 0; i < sizeof unpackers / sizeof *unpackers; i++)
        if (unpackers[i].matches(head, bytes))
            return &unpackers[i];
    return NULL;
}
