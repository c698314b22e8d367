/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source: where the bytes of a trace come from.
 *
 * A file, several one after the other, or "-" for standard input; plain, gzip, zstd, xz, bzip2, lz4, or the members of a tar,
 * told apart by their first bytes, never by the name. The source hashes what it hands out (after decompression) so that a report can name the
 * trace by its digest. Implemented in sim/input/source.c. */
#ifndef SIM_INPUT_SOURCE_H
#define SIM_INPUT_SOURCE_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source;

/* NULL on failure: no such file, a damaged header. */
struct source *source_open(const char *path, struct error *error);
/* Likewise, of several files in this order; a pattern (*, ?, []) stands for those that match it, in the order of their names, and the manifest
 * of an append-only file for those that it lists. If there are several each must be a regular file. What the files say
 * of themselves is given no more than memory_limit bytes of this machine's memory; 0: what the machine has (host_memory.h). */
struct source *source_open_files(const char *const *paths, size_t count, uint64_t memory_limit, struct error *error);
void source_close(struct source *source); /* NULL is fine */

/* The next file, or member of an archive, when the bytes of the one before have ended. 1, 0 if there is none, -1 on failure. */
int source_next_file(struct source *source, struct error *error);

/* Whether other files follow this one. */
bool source_has_more_files(const struct source *source);

/* Whether no other bytes than these can come: neither a further file, nor a further member of an archive; nor have any come. */
bool source_is_single(const struct source *source);

/* The path of the file whose bytes these are, "x.tar:member" of a tar's, "standard input" for "-": for messages. Valid until the
 * next file. */
const char *source_name(const struct source *source);

/* Looks at the next bytes without consuming them: at least `wanted`, unless the file ends before.
 * *bytes is how many there are at the returned address, valid until the next peek: consuming does not
 * move them, so a format may consume what the records that it returns still point to.
 * NULL on failure (unreadable, damaged or truncated compressed data, named with its offset). */
const char *source_peek(struct source *source, size_t wanted, size_t *bytes, struct error *error);
/* Likewise, for who knows how long the next part is: no more is read of the file than that, so that nothing of the part behind it has to
 * be moved when its turn comes. */
const char *source_peek_part(struct source *source, size_t wanted, size_t *bytes, struct error *error);
void source_consume(struct source *source, size_t bytes);

/* Whether a reader may take so many bytes of this machine's memory because the file says so. 0; or -1 with an error that names the file
 * and says what the user can do. `what` is what takes them ("its 50,000,000 columns"); NULL: what is read next, by its place.
 * The window asks itself: what is within a peek needs no asking. Cheap below 1 MiB, which is always given. */
int source_may_take(const struct source *source, uint64_t bytes, const char *what, struct error *error);
/* As it was opened with: for what is kept beside the source. */
uint64_t source_memory_limit(const struct source *source);

/* A reader has come to the last line of the file, which has no line feed. If it makes no sense it was cut off: see intake_bad_row. */
void source_note_open_line(struct source *source);
bool source_line_is_open(const struct source *source);
/* It did make sense: what is wrong is a row before it. */
void source_forget_open_line(struct source *source);

/* From now on goes_on() is asked before more of the file is read; false stops the reading, with ERROR_INTERRUPTED. So
 * Ctrl-C soon ends whatever is done with a trace, even if all of its rows are left out. */
typedef bool source_goes_on_fn(void *owner);
void source_ask(struct source *source, source_goes_on_fn *goes_on, void *owner);

/* Bytes read from the file itself (compressed), and its size, 0 when unknown: for progress. */
uint64_t source_position(const struct source *source);
uint64_t source_size(const struct source *source);

/* 128-bit XXH3 of all decompressed bytes consumed so far, as 32 hexadecimal digits + NUL. */
void source_digest(const struct source *source, char text[33]);
/* From now on bytes are not hashed as they are consumed, where they can be read again when the digest is asked for: of a regular file
 * that is not compressed. For a format whose traces have another digest. Before anything is consumed. */
void source_hash_late(struct source *source);
/* Decompressed bytes consumed so far. */
uint64_t source_consumed(const struct source *source);

#endif
