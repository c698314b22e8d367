/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source: a window over the decompressed bytes of a trace, file by file.
 *
 *     file ─▶ raw ─▶ unpacker ┬──────────────▶ window:  |  consumed, hashed  |  consumed  |  next bytes  |  room  |
 *                             └─▶ libarchive ─▶          0                 hashed       begin           end   capacity
 *
 * A plain file is read straight into the window. gzip, zstd and xz pass through `raw`, a piece of the file, and an
 * unpacker (unpack.h) that is chosen by the file's first bytes. A file that ends within a frame is truncated, which is an error.
 * bzip2, lz4 and tar are left to
 * libarchive: it would be as fast for gzip and zstd (158.7 MB: 0.34 s against 0.35 s, 0.18 s against 0.19 s, the source's with its
 * digest). By its source (3.6.2; read, not tried) it does not compare gzip's checksums, refuses zstd's long windows, and gives an xz's
 * dictionary all the memory that it asks for.
 *
 * The window never holds bytes of two files: where one ends, so do the bytes, until source_next_file(). So a format sees the
 * end of each, and what it says of a row has that file's name.
 *
 * Consuming only moves `begin`. The digest is updated when the window is refilled or the digest is asked for. By then
 * the pieces are large and still in the processor's cache, so hashing runs at memory speed. A format that has checksums of its
 * own, and says itself what it was made from, has it made late (source_hash_late): then nearly nobody asks. */
#include "sim/input/source.h"

#include "sim/alloc.h"
#include "sim/contract.h"
#include "sim/host_memory.h"
#include "sim/input/unpack.h"
#include "sim/stop.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    WINDOW_BYTES = 256 << 10, /* at first; a larger peek makes it grow */
    RAW_BYTES = 128 << 10,
    ALWAYS_BYTES = 1 << 20, /* less than that every reader may take without asking long */
    HEAD_BYTES = 512,       /* what is looked at: a tar header says what it is at byte 257 */
};

struct source {
    char **files; /* owned, */
    size_t file_count, file;
    char *name;        /* of the one that is being read, with that of an archive's member */
    int fd;            /* of it; -1: none */
    uint64_t position; /* in all of them, */
    uint64_t size;
    char *window;
    size_t capacity, hashed, begin, end;
    uint64_t window_offset; /* place of window[0] in the decompressed bytes */
    bool at_end;
    bool line_is_open;
    struct error failure; /* found while filling; every later attempt reports it again */
    XXH3_state_t *digest;
    bool hashes_late;           /* not as bytes are consumed, but when the digest is asked for */
    source_goes_on_fn *goes_on; /* asked before each read; may be NULL */
    void *owner;

    uint64_t memory_limit; /* as the user gives it */

    const struct unpacker *unpacker; /* NULL: the file is not compressed */
    void *unpacking;                 /* its state */
    unsigned char *raw;
    size_t raw_begin, raw_end;
    bool in_frame;           /* a frame or member has begun and not ended yet */
    bool drained;            /* the unpacker holds no more output back */
    struct archive *archive; /* NULL: neither tar nor a compression that is left to libarchive */
    const char *kind;        /* which it is: "xz", "tar" */
    unsigned char *block;    /* what it is given next, */
    size_t block_bytes;      /* already there: the file's beginning */
    uint64_t given;          /* bytes in all */
    bool is_tar;
};

/* Reads bytes of the file itself. Returns their number, 0 at the end of the file, -1 on error. */
static ssize_t read_file(struct source *source, void *to, size_t room, struct error *error)
{
    ssize_t got;

    do
        got = read(source->fd, to, room);
    while (got < 0 && errno == EINTR && !stop_signal());
    if (got < 0 && stop_signal()) /* while it waited for a trace that does not come */
        return stop_error(error);
    if (got < 0)
        return error_set(error, ERROR_INPUT, "%s: cannot read: %s", source->name, strerror(errno));
    source->position += (uint64_t)got;
    return got;
}

/* Unpacks from raw into out. Returns the number of bytes, or -1. */
static ssize_t unpack_piece(struct source *source, char *out, size_t room, struct error *error)
{
    struct unpacking piece = {.in = source->raw + source->raw_begin,
                              .in_bytes = source->raw_end - source->raw_begin,
                              .out = out,
                              .room = room,
                              .in_frame = source->in_frame};
    const struct unpacker *unpacker = source->unpacker;
    ssize_t made = unpacker->step(source->unpacking, &piece);

    source->raw_begin = source->raw_end - piece.in_bytes;
    source->in_frame = piece.in_frame;
    if (made >= 0)
        return made;
    if (piece.wants && host_memory_ask(source->memory_limit, piece.wants, source->name, unpacker->memory_what,
                                       unpacker->memory_remedy, error))
        return -1;
    return error_set(error, ERROR_INPUT, "%s: damaged %s data before byte %ju: %s", source->name, unpacker->name,
                     (uintmax_t)source->position, piece.why);
}

static ssize_t decode(struct source *source, char *out, size_t room, struct error *error)
{
    for (;;) {
        if (source->raw_begin == source->raw_end && source->drained) {
            ssize_t got = read_file(source, source->raw, RAW_BYTES, error);
            if (got == 0 && source->in_frame)
                return error_set(error, ERROR_INPUT, "%s: truncated %s data at byte %ju", source->name,
                                 source->unpacker->name, (uintmax_t)source->position);
            if (got <= 0)
                return got;
            source->raw_begin = 0;
            source->raw_end = (size_t)got;
        }
        ssize_t made = unpack_piece(source, out, room, error);
        if (made < 0)
            return -1;
        source->drained = made < (ssize_t)room || !source->in_frame;
        if (made)
            return made;
    }
}

/* ---- what libarchive unpacks ---- */

/* The file's bytes, unpacked if it is packed. */
static ssize_t unpack(struct source *source, void *to, size_t room, struct error *error)
{
    return source->unpacker ? decode(source, to, room, error) : read_file(source, to, room, error);
}

/* libarchive asks for more. */
static ssize_t give(struct archive *archive, void *owner, const void **block)
{
    struct source *source = owner;
    ssize_t got = (ssize_t)source->block_bytes;

    (void)archive;
    if (!got)
        got = unpack(source, source->block, WINDOW_BYTES, &source->failure);
    source->block_bytes = 0;
    source->given += got > 0 ? (uint64_t)got : 0;
    *block = source->block;
    return got;
}

static int archive_failed(struct source *source, struct error *error)
{
    if (error_is_set(&source->failure)) {
        if (error != &source->failure)
            *error = source->failure;
        return -1;
    }
    const char *why = archive_error_string(source->archive);

    return error_set(error, ERROR_INPUT, "%s: damaged or truncated %s data before byte %ju: %s", source->name,
                     source->kind, (uintmax_t)source->position, why ? why : "no reason given");
}

/* Something other than zeros behind compressed data is not looked into, so it may not be there. */
static int check_rest(struct source *source, struct error *error)
{
    int64_t used = archive_filter_bytes(source->archive, -1);

    if (!source->is_tar && used >= 0 && (uint64_t)used < source->given)
        return error_set(error, ERROR_INPUT, "%s: %ju bytes behind the end of the %s data", source->name,
                         (uintmax_t)(source->given - (uint64_t)used), source->kind);
    return 0;
}

static ssize_t read_archive(struct source *source, void *to, size_t room, struct error *error)
{
    ssize_t got = archive_read_data(source->archive, to, room);

    if (got < 0)
        return archive_failed(source, error);
    return got || !check_rest(source, error) ? got : -1;
}

/* Goes on to the next member that is a file with something in it. 1, 0 if there is none, -1 on error. */
static int next_member(struct source *source)
{
    struct archive_entry *entry;
    int status;

    while ((status = archive_read_next_header(source->archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
        source->is_tar = archive_format(source->archive) != ARCHIVE_FORMAT_RAW;
        if (!source->is_tar)
            return 1;
        if (archive_entry_filetype(entry) == AE_IFREG && archive_entry_size(entry) > 0) {
            const char *member = archive_entry_pathname(entry);
            char *name;

            if (asprintf(&name, "%s:%s", source->files[source->file], member ? member : "?") < 0)
                abort();
            free(source->name);
            source->name = name;
            return 1;
        }
    }
    return status == ARCHIVE_EOF ? 0 : archive_failed(source, &source->failure);
}

/* Which of libarchive's kinds the bytes are; NULL: of none. */
static const char *archive_kind(const char *head, size_t bytes)
{
    if (bytes >= 10 && !memcmp(head, "BZh", 3) && !memcmp(head + 4, "1AY&SY", 6))
        return "bzip2";
    if (bytes >= 4 && (!memcmp(head, "\x04\x22\x4d\x18", 4) || !memcmp(head, "\x02\x21\x4c\x18", 4)))
        return "lz4";
    return bytes >= 262 && !memcmp(head + 257, "ustar", 5) ? "tar" : NULL;
}

/* Leaves the file to libarchive, with what is in the window. 0, or -1. */
static int open_archive(struct source *source, const char *kind)
{
    source->archive = archive_read_new();
    if (!source->archive)
        abort();
    source->kind = kind;
    source->block = xmalloc(source->end > WINDOW_BYTES ? source->end : WINDOW_BYTES);
    memcpy(source->block, source->window, source->end);
    source->block_bytes = source->end;
    source->end = 0;
    source->given = 0;
    source->at_end = false;
    archive_read_support_format_tar(source->archive);
    if (strcmp(kind, "tar") != 0) {
        archive_read_support_format_raw(source->archive);
        archive_read_support_format_empty(source->archive);
        archive_read_support_filter_bzip2(source->archive);
        archive_read_support_filter_lz4(source->archive);
    }
    if (archive_read_open(source->archive, source, NULL, give, NULL) != ARCHIVE_OK)
        return archive_failed(source, &source->failure);
    int found = next_member(source);
    source->at_end = !found;
    return found < 0 ? -1 : 0;
}

/* ---- the window ---- */

static void hash_consumed(struct source *source)
{
    if (!source->hashes_late)
        XXH3_128bits_update(source->digest, source->window + source->hashed, source->begin - source->hashed);
    source->hashed = source->begin;
}

int source_may_take(const struct source *source, uint64_t bytes, const char *what, struct error *error)
{
    char place[64];

    if (bytes <= ALWAYS_BYTES)
        return 0;
    snprintf(place, sizeof place, "what begins at byte %" PRIu64, source_consumed(source));
    return host_memory_ask(source->memory_limit, bytes, source->name, what ? what : place,
                           "look whether it is a whole trace of this format", error);
}

uint64_t source_memory_limit(const struct source *source)
{
    return source->memory_limit;
}

/* Moves unread bytes to the front and makes room for `wanted` bytes. 0, or -1. */
static int make_room(struct source *source, size_t wanted)
{
    size_t capacity = source->capacity;

    while (capacity < wanted)
        capacity *= 2;
    if (capacity > source->capacity && source_may_take(source, capacity, NULL, &source->failure))
        return -1;
    hash_consumed(source);
    source->window_offset += source->begin;
    source->end -= source->begin;
    memmove(source->window, source->window + source->begin, source->end);
    source->begin = source->hashed = 0;
    if (capacity > source->capacity)
        source->window = xrealloc(source->window, source->capacity = capacity);
    return 0;
}

/* Reads until there are `wanted` bytes, and no more than `most`. 0, or -1. */
static int fill_up_to(struct source *source, size_t wanted, size_t most)
{
    if (make_room(source, wanted))
        return -1;
    most = most < source->capacity ? most : source->capacity;
    while (source->end < wanted && !source->at_end) {
        if (source->goes_on && !source->goes_on(source->owner))
            return stop_error(&source->failure);
        char *to = source->window + source->end;
        size_t room = most - source->end;
        ssize_t got = source->archive ? read_archive(source, to, room, &source->failure)
                                      : unpack(source, to, room, &source->failure);
        if (got < 0)
            return -1;
        source->at_end = got == 0;
        source->end += (size_t)got;
    }
    return 0;
}

static int fill(struct source *source, size_t wanted)
{
    return fill_up_to(source, wanted, SIZE_MAX);
}

static const char *peek(struct source *source, size_t wanted, size_t most, size_t *bytes, struct error *error)
{
    if (source->end - source->begin < wanted && !source->at_end) {
        if (error_is_set(&source->failure) || fill_up_to(source, wanted, most) < 0) {
            error_set(error, source->failure.code, "%s", source->failure.text);
            return NULL;
        }
    }
    *bytes = source->end - source->begin;
    return source->window + source->begin;
}

const char *source_peek(struct source *source, size_t wanted, size_t *bytes, struct error *error)
{
    return peek(source, wanted, SIZE_MAX, bytes, error);
}

const char *source_peek_part(struct source *source, size_t wanted, size_t *bytes, struct error *error)
{
    return peek(source, wanted, wanted, bytes, error);
}

void source_ask(struct source *source, source_goes_on_fn *goes_on, void *owner)
{
    source->goes_on = goes_on;
    source->owner = owner;
}

void source_consume(struct source *source, size_t bytes)
{
    CONTRACT(bytes <= source->end - source->begin, "a format consumes what it was shown");
    source->begin += bytes;
}

/* Reads the first bytes, and hands them to the unpacker that recognizes them, and then to libarchive, if it does. */
static int choose_unpacker(struct source *source)
{
    if (fill(source, HEAD_BYTES) < 0)
        return -1;
    source->unpacker = unpacker_of((unsigned char *)source->window, source->end);
    if (source->unpacker) {
        source->raw = xmalloc(source->end > RAW_BYTES ? source->end : RAW_BYTES);
        memcpy(source->raw, source->window, source->end);
        source->raw_begin = 0;
        source->raw_end = source->end;
        source->end = 0;
        source->at_end = false;
        source->drained = true;
        source->in_frame = false;
        source->unpacking = source->unpacker->open(host_memory_most(source->memory_limit));
        if (fill(source, HEAD_BYTES) < 0) /* reports a damaged header at once */
            return -1;
    }
    const char *kind = archive_kind(source->window, source->end);
    return kind && (!source->unpacker || !strcmp(kind, "tar")) ? open_archive(source, kind) : 0;
}

/* A byte order mark is no part of a text; in numbers, among which zeros are, such bytes mean something else. */
static int skip_mark(struct source *source)
{
    if (fill(source, HEAD_BYTES) < 0)
        return -1;
    if (source->end >= 3 && !memcmp(source->window, "\xef\xbb\xbf", 3) &&
        !memchr(source->window, '\0', source->end < HEAD_BYTES ? source->end : HEAD_BYTES))
        source->begin = 3;
    return 0;
}

/* A member of an archive may be compressed, too. That is said, not read. */
static int refuse_packed_member(struct source *source)
{
    size_t bytes = source->end;
    const struct unpacker *unpacker = unpacker_of((unsigned char *)source->window, bytes);
    const char *kind = unpacker ? unpacker->name : archive_kind(source->window, bytes);

    return kind ? error_set(&source->failure, ERROR_INPUT, "%s: %s inside of an archive: unpack the archive first",
                            source->name, kind)
                : 0;
}

static void close_file(struct source *source)
{
    if (source->archive)
        archive_read_free(source->archive);
    if (source->unpacker)
        source->unpacker->close(source->unpacking);
    if (source->fd > STDIN_FILENO)
        close(source->fd);
    free(source->raw);
    free(source->block);
    source->archive = NULL;
    source->unpacker = NULL;
    source->raw = source->block = NULL;
    source->fd = -1;
}

/* Opens the file whose turn it is. 0, or -1. */
static int open_file(struct source *source)
{
    const char *path = source->files[source->file];
    bool is_stdin = !strcmp(path, "-");

    free(source->name);
    source->name = xstrdup(is_stdin ? "standard input" : path);
    source->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0)
        return error_set(&source->failure, ERROR_INPUT, "%s: cannot open: %s", path, strerror(errno));
    if (choose_unpacker(source) < 0 || skip_mark(source) < 0)
        return -1;
    return source->archive && source->is_tar ? refuse_packed_member(source) : 0;
}

void source_note_open_line(struct source *source)
{
    source->line_is_open = true;
}

void source_forget_open_line(struct source *source)
{
    source->line_is_open = false;
}

bool source_line_is_open(const struct source *source)
{
    return source->line_is_open;
}

int source_next_file(struct source *source, struct error *error)
{
    int found = 0;

    source->line_is_open = false;
    hash_consumed(source);
    source->window_offset += source->begin;
    source->begin = source->end = source->hashed = 0;
    if (source->archive && source->is_tar && (found = next_member(source)) > 0) {
        source->at_end = false;
        found = skip_mark(source) < 0 || refuse_packed_member(source) < 0 ? -1 : 1;
    } else if (!found && source->file + 1 < source->file_count) {
        close_file(source);
        source->file++;
        source->at_end = false;
        found = open_file(source) < 0 ? -1 : 1;
    }
    if (found < 0)
        error_set(error, source->failure.code, "%s", source->failure.text);
    return found;
}

bool source_has_more_files(const struct source *source)
{
    return source->file + 1 < source->file_count;
}

bool source_is_single(const struct source *source)
{
    return source->file_count == 1 && !source->is_tar;
}

static int refuse_address(const char *path, struct error *error)
{
    static const char *const schemes[] = {"http://", "https://", "ftp://", "s3://"};

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (!strncasecmp(path, schemes[i], strlen(schemes[i])))
            return error_set(error, ERROR_INPUT,
                             "%s: evsim reads files, never the network: fetch it first, or pipe it into 'evsim run -'",
                             path);
    return 0;
}

static void add_file(struct source *source, const char *path)
{
    source->files = xrealloc(source->files, (source->file_count + 1) * sizeof *source->files);
    source->files[source->file_count++] = xstrdup(path);
}

/* If the file is the manifest of an append-only file of Redis 7 or later, adds the files that it lists, which are in its folder:
 *
 *     file appendonly.aof.2.base.rdb seq 2 type b          b: base, i: what came behind it, h: of before, not used any more
 *
 * Returns how many, 0 if it is none; -1 with an error if it cannot be read to its end. */
static ssize_t add_listed_files(struct source *source, const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    FILE *manifest = fopen(path, "re");
    char line[1100], name[1025], path_of[4096], type;
    unsigned long long number;
    size_t before = source->file_count;

    while (manifest && fgets(line, sizeof line, manifest) &&
           sscanf(line, "file %1024s seq %llu type %c", name, &number, &type) == 3) {
        snprintf(path_of, sizeof path_of, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, name);
        if (type != 'h')
            add_file(source, path_of);
    }
    if (manifest && ferror(manifest))
        error_set(error, ERROR_INPUT, "%s: cannot read: %s", path, strerror(errno));
    if (manifest)
        fclose(manifest);
    return error_is_set(error) ? -1 : (ssize_t)(source->file_count - before);
}

/* A file, those that a manifest lists, or those that match a pattern, if no file is called that. 0, or -1. */
static int add_files(struct source *source, const char *path, struct error *error)
{
    struct stat about = {0};
    glob_t matches;

    if (refuse_address(path, error))
        return -1;
    if (!stat(path, &about) || !strpbrk(path, "*?[")) {
        ssize_t listed = S_ISREG(about.st_mode) ? add_listed_files(source, path, error) : 0;

        if (!listed)
            add_file(source, path);
        return listed < 0 ? -1 : 0;
    }
    if (glob(path, 0, NULL, &matches) != 0 || !matches.gl_pathc) {
        globfree(&matches);
        return error_set(error, ERROR_INPUT, "%s: no file matches", path);
    }
    for (size_t i = 0; i < matches.gl_pathc; i++)
        add_file(source, matches.gl_pathv[i]);
    globfree(&matches);
    return 0;
}

/* Of several files each must be one that can be read again, and whose size is known. 0, or -1. */
static int measure_files(struct source *source, struct error *error)
{
    struct stat about;

    for (size_t i = 0; i < source->file_count; i++) {
        const char *path = source->files[i];
        bool is_stdin = !strcmp(path, "-");
        int status = is_stdin ? fstat(STDIN_FILENO, &about) : stat(path, &about);

        if (!status && S_ISREG(about.st_mode))
            source->size += (uint64_t)about.st_size;
        else if (source->file_count > 1 && status)
            return error_set(error, ERROR_INPUT, "%s: cannot open, as number %zu of the trace's %zu files: %s", path,
                             i + 1, source->file_count, strerror(errno));
        else if (source->file_count > 1)
            return error_set(error, ERROR_INPUT, "%s: no regular file: it cannot be one of several",
                             is_stdin ? "standard input" : path);
    }
    return 0;
}

struct source *source_open(const char *path, struct error *error)
{
    return source_open_files(&path, 1, 0, error);
}

struct source *source_open_files(const char *const *paths, size_t count, uint64_t memory_limit, struct error *error)
{
    struct source *source = xcalloc(1, sizeof *source);
    int status = 0;

    source->fd = -1;
    source->memory_limit = memory_limit;
    source->capacity = WINDOW_BYTES;
    source->window = xmalloc(source->capacity);
    source->digest = XXH3_createState();
    if (!source->digest)
        abort();
    XXH3_128bits_reset(source->digest);
    for (size_t i = 0; i < count && !status; i++)
        status = add_files(source, paths[i], error);
    if (!status)
        status = measure_files(source, error);
    if (!status && open_file(source) < 0)
        status = error_set(error, source->failure.code, "%s", source->failure.text);
    if (status) {
        source_close(source);
        return NULL;
    }
    return source;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    close_file(source);
    for (size_t i = 0; i < source->file_count; i++)
        free(source->files[i]);
    free(source->files);
    XXH3_freeState(source->digest);
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

void source_hash_late(struct source *source)
{
    struct stat about;

    source->hashes_late = source_is_single(source) && !source->unpacker && !source->archive &&
                          source->fd > STDIN_FILENO && !source->window_offset && !source->hashed &&
                          !fstat(source->fd, &about) && S_ISREG(about.st_mode);
}

/* The file's bytes up to where they have been consumed, as far as it still has them. */
static void hash_again(const struct source *source, XXH3_state_t *digest)
{
    const uint64_t bytes = source_consumed(source);
    char *piece = xmalloc(WINDOW_BYTES);
    ssize_t got = 1;

    for (uint64_t at = 0; at < bytes && got > 0; at += got > 0 ? (uint64_t)got : 0) {
        got = pread(source->fd, piece, bytes - at < WINDOW_BYTES ? (size_t)(bytes - at) : WINDOW_BYTES, (off_t)at);
        if (got > 0)
            XXH3_128bits_update(digest, piece, (size_t)got);
    }
    free(piece);
}

void source_digest(const struct source *source, char text[33])
{
    XXH3_state_t *digest = XXH3_createState();

    if (!digest)
        abort();
    XXH3_copyState(digest, source->digest);
    if (source->hashes_late)
        hash_again(source, digest);
    else
        XXH3_128bits_update(digest, source->window + source->hashed, source->begin - source->hashed);
    XXH128_hash_t hash = XXH3_128bits_digest(digest);
    snprintf(text, 33, "%016jx%016jx", (uintmax_t)hash.high64, (uintmax_t)hash.low64);
    XXH3_freeState(digest);
}
