/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source: a window over the decompressed bytes of a trace.
 *
 *     file ─▶ raw ─▶ decoder ─▶ window:  |  consumed, hashed  |  consumed  |  next bytes  |  room  |
 *                                        0                 hashed       begin           end   capacity
 *
 * A plain file is read straight into the window. Compressed data passes through `raw`, a piece of the file, and a
 * decoder that is chosen by the file's first bytes. Frames (zstd) and members (gzip) may follow one another. A file
 * that ends within one is truncated, which is an error.
 *
 * Consuming only moves `begin`. The digest is updated when the window is refilled or the digest is asked for. By then
 * the pieces are large and still in the processor's cache, so hashing runs at memory speed. */
#include "sim/input/source.h"

#include "sim/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

enum {
    WINDOW_BYTES = 256 << 10, /* at first; a larger peek makes it grow */
    RAW_BYTES = 128 << 10,
    MAGIC_BYTES = 4,
};

/* A compression method. `step` decodes from raw into out. It returns the number of bytes, or -1. It keeps
 * source->in_frame. It must take input or give output as long as there is either. */
struct decoder {
    const char *name;
    bool (*matches)(const unsigned char *head, size_t bytes);
    void (*start)(struct source *source);
    ssize_t (*step)(struct source *source, char *out, size_t room, struct error *error);
    void (*stop)(struct source *source);
};

struct source {
    char *name;
    int fd;
    uint64_t position, size;
    char *window;
    size_t capacity, hashed, begin, end;
    uint64_t window_offset; /* place of window[0] in the decompressed bytes */
    bool at_end;
    struct error failure; /* found while filling; every later attempt reports it again */
    XXH3_state_t *digest;
    source_goes_on_fn *goes_on; /* asked before each read; may be NULL */
    void *owner;

    const struct decoder *decoder; /* NULL: the file is not compressed */
    unsigned char *raw;
    size_t raw_begin, raw_end;
    bool in_frame; /* a frame or member has begun and not ended yet */
    bool drained;  /* the decoder holds no more output back */
    z_stream gzip;
    ZSTD_DStream *zstd;
};

static bool gzip_matches(const unsigned char *head, size_t bytes)
{
    return bytes >= 2 && head[0] == 0x1f && head[1] == 0x8b;
}

static void gzip_start(struct source *source)
{
    /* 15 bits of window; + 16: only a gzip header is accepted */
    if (inflateInit2(&source->gzip, 15 + 16) != Z_OK)
        abort(); /* out of memory, or another zlib than the one that evsim was compiled with */
}

static int damaged(struct source *source, const char *why, struct error *error)
{
    return error_set(error, ERROR_INPUT, "%s: damaged %s data before byte %ju: %s", source->name, source->decoder->name,
                     (uintmax_t)source->position, why);
}

static ssize_t gzip_step(struct source *source, char *out, size_t room, struct error *error)
{
    z_stream *z = &source->gzip;
    size_t given = source->raw_end - source->raw_begin;

    z->next_in = source->raw + source->raw_begin;
    z->avail_in = (uInt)given;
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)room;
    source->in_frame = true;
    int status = inflate(z, Z_NO_FLUSH);
    source->raw_begin = source->raw_end - z->avail_in;
    if (status == Z_STREAM_END) {
        source->in_frame = false;
        inflateReset(z);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
        return damaged(source, z->msg ? z->msg : zError(status), error);
    }
    return (ssize_t)(room - z->avail_out);
}

static void gzip_stop(struct source *source)
{
    inflateEnd(&source->gzip);
}

static uint32_t load_u32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static bool zstd_matches(const unsigned char *head, size_t bytes)
{
    uint32_t magic = bytes >= MAGIC_BYTES ? load_u32(head) : 0;

    return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static void zstd_start(struct source *source)
{
    source->zstd = ZSTD_createDStream();
    if (!source->zstd)
        abort();
    ZSTD_DCtx_setParameter(source->zstd, ZSTD_d_windowLogMax, 31); /* accepts files made with --long=31 */
}

static ssize_t zstd_step(struct source *source, char *out, size_t room, struct error *error)
{
    ZSTD_inBuffer in = {source->raw, source->raw_end, source->raw_begin};
    ZSTD_outBuffer to = {out, room, 0};
    size_t status = ZSTD_decompressStream(source->zstd, &to, &in);

    source->raw_begin = in.pos;
    if (ZSTD_isError(status))
        return damaged(source, ZSTD_getErrorName(status), error);
    source->in_frame = status != 0;
    return (ssize_t)to.pos;
}

static void zstd_stop(struct source *source)
{
    ZSTD_freeDStream(source->zstd);
}

static const struct decoder decoders[] = {
    {"gzip", gzip_matches, gzip_start, gzip_step, gzip_stop},
    {"zstd", zstd_matches, zstd_start, zstd_step, zstd_stop},
};

/* Reads bytes of the file itself. Returns their number, 0 at the end of the file, -1 on error. */
static ssize_t read_file(struct source *source, void *to, size_t room, struct error *error)
{
    ssize_t got;

    do
        got = read(source->fd, to, room);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_set(error, ERROR_INPUT, "%s: cannot read: %s", source->name, strerror(errno));
    source->position += (uint64_t)got;
    return got;
}

static ssize_t decode(struct source *source, char *out, size_t room, struct error *error)
{
    for (;;) {
        if (source->raw_begin == source->raw_end && source->drained) {
            ssize_t got = read_file(source, source->raw, RAW_BYTES, error);
            if (got == 0 && source->in_frame)
                return error_set(error, ERROR_INPUT, "%s: truncated %s data at byte %ju", source->name,
                                 source->decoder->name, (uintmax_t)source->position);
            if (got <= 0)
                return got;
            source->raw_begin = 0;
            source->raw_end = (size_t)got;
        }
        ssize_t made = source->decoder->step(source, out, room, error);
        source->drained = made < (ssize_t)room || !source->in_frame;
        if (made)
            return made;
    }
}

static void hash_consumed(struct source *source)
{
    XXH3_128bits_update(source->digest, source->window + source->hashed, source->begin - source->hashed);
    source->hashed = source->begin;
}

/* Moves unread bytes to the front and makes room for `wanted` bytes. */
static void make_room(struct source *source, size_t wanted)
{
    hash_consumed(source);
    source->window_offset += source->begin;
    source->end -= source->begin;
    memmove(source->window, source->window + source->begin, source->end);
    source->begin = source->hashed = 0;
    if (wanted > source->capacity) {
        while (source->capacity < wanted)
            source->capacity *= 2;
        source->window = xrealloc(source->window, source->capacity);
    }
}

static int fill(struct source *source, size_t wanted)
{
    make_room(source, wanted);
    while (source->end < wanted && !source->at_end) {
        if (source->goes_on && !source->goes_on(source->owner))
            return error_set(&source->failure, ERROR_INTERRUPTED, "interrupted");
        char *to = source->window + source->end;
        size_t room = source->capacity - source->end;
        ssize_t got = source->decoder ? decode(source, to, room, &source->failure)
                                      : read_file(source, to, room, &source->failure);
        if (got < 0)
            return -1;
        source->at_end = got == 0;
        source->end += (size_t)got;
    }
    return 0;
}

const char *source_peek(struct source *source, size_t wanted, size_t *bytes, struct error *error)
{
    if (source->end - source->begin < wanted && !source->at_end) {
        if (error_is_set(&source->failure) || fill(source, wanted) < 0) {
            error_set(error, source->failure.code, "%s", source->failure.text);
            return NULL;
        }
    }
    *bytes = source->end - source->begin;
    return source->window + source->begin;
}

void source_ask(struct source *source, source_goes_on_fn *goes_on, void *owner)
{
    source->goes_on = goes_on;
    source->owner = owner;
}

void source_consume(struct source *source, size_t bytes)
{
    source->begin += bytes;
}

/* Reads the first bytes, and hands them to the decoder that recognizes them. */
static int choose_decoder(struct source *source)
{
    if (fill(source, MAGIC_BYTES) < 0)
        return -1;
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders && !source->decoder; i++)
        if (decoders[i].matches((unsigned char *)source->window, source->end))
            source->decoder = &decoders[i];
    if (!source->decoder)
        return 0;
    source->raw = xmalloc(source->end > RAW_BYTES ? source->end : RAW_BYTES);
    memcpy(source->raw, source->window, source->end);
    source->raw_end = source->end;
    source->end = 0;
    source->at_end = false;
    source->drained = true;
    source->decoder->start(source);
    return fill(source, 1); /* reports a damaged header at once */
}

struct source *source_open(const char *path, struct error *error)
{
    bool is_stdin = !strcmp(path, "-");
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;

    if (fd < 0) {
        error_set(error, ERROR_INPUT, "%s: cannot open: %s", path, strerror(errno));
        return NULL;
    }
    struct source *source = xcalloc(1, sizeof *source);
    source->name = xstrdup(is_stdin ? "standard input" : path);
    source->fd = fd;
    source->size = !fstat(fd, &about) && S_ISREG(about.st_mode) ? (uint64_t)about.st_size : 0;
    source->capacity = WINDOW_BYTES;
    source->window = xmalloc(source->capacity);
    source->digest = XXH3_createState();
    if (!source->digest)
        abort();
    XXH3_128bits_reset(source->digest);
    if (choose_decoder(source) < 0) {
        error_set(error, source->failure.code, "%s", source->failure.text);
        source_close(source);
        return NULL;
    }
    return source;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    if (source->decoder)
        source->decoder->stop(source);
    if (source->fd != STDIN_FILENO)
        close(source->fd);
    XXH3_freeState(source->digest);
    free(source->raw);
    free(source->window);
    free(source->name);
    free(source);
}

const char *source_name(const struct source *source)
{
    return source->name;
}

uint64_t source_position(const struct source *source)
{
    return source->position;
}

uint64_t source_size(const struct source *source)
{
    return source->size;
}

uint64_t source_consumed(const struct source *source)
{
    return source->window_offset + source->begin;
}

void source_digest(const struct source *source, char text[33])
{
    XXH3_state_t *digest = XXH3_createState();

    if (!digest)
        abort();
    XXH3_copyState(digest, source->digest);
    XXH3_128bits_update(digest, source->window + source->hashed, source->begin - source->hashed);
    XXH128_hash_t hash = XXH3_128bits_digest(digest);
    snprintf(text, 33, "%016jx%016jx", (uintmax_t)hash.high64, (uintmax_t)hash.low64);
    XXH3_freeState(digest);
}
