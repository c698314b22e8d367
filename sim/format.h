/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format: the contract of a trace format. One format, one file in traces/, one registry line.
 *
 * A format turns the bytes of a source into struct record. It pulls: the engine asks for records,
 * the format asks its source for bytes. It never interns, sorts or invents: what the format lacks is
 * left out by a rule that traces/README.md names, and counted in struct intake.
 *
 * The generic layer (the reader) allocates state_size bytes, zeroed, for each open trace. */
#ifndef SIM_FORMAT_H
#define SIM_FORMAT_H

#include "sim/error.h"
#include "sim/format_options.h"
#include "sim/input/intake.h"
#include "sim/input/source.h"
#include "sim/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct format;
struct selection;

/* How sure a format is that a trace is its own, by how it begins. The surest takes it; of equals, the first in the
 * registry. */
enum format_sureness {
    FORMAT_NO,
    FORMAT_BY_NAME, /* nothing says that it is not: it is taken for one if its name says so */
    FORMAT_POSSIBLE,
    FORMAT_LIKELY,
    FORMAT_CERTAIN
};

/* What the user's --format and --columns come to for this trace, each NULL when not given; the intake learns what the name of the
 * file had to do with it. NULL, with an error. */
typedef const struct format *format_choose_fn(struct source *source, const char *name, const char *columns,
                                              struct intake *intake, struct error *error);

struct format {
    const char *name;    /* "twitter", as --format takes it */
    const char *summary; /* one line for --help and the README */
    const char *
        file_names; /* words apart by blanks: one between dots in a file's name says that it is of this format; or NULL */
    const struct format
        *looks_like; /* whose traces have the same look: these are told from them by the file's name alone; or NULL */
    size_t state_size;
    bool numeric_keys;   /* keys are numbers: record.key is NULL */
    bool executed_only;  /* the trace shows what a server executed, not what it refused, and no replies */
    bool answered;       /* executed_only, but with replies: what was refused shows, and what reads have found */
    bool self_contained; /* every read carries its size: no row needs what an earlier one said, if 0 is a size */
    bool lacks_fills;    /* what is behind the cache was traced: no write of it stores what a read has missed */
    bool loads;          /* its rows are no requests, but keys that are there before the first one (REQUEST_LOADED) */
    bool zero_is_empty;  /* a read of size 0 is one of an empty value, unless the user says otherwise */

    /* Looks at `head`: the first bytes of the trace, up to 64 KiB, fewer if the trace is shorter. */
    enum format_sureness (*detect)(const char *head, size_t bytes);

    /* Reads the header, if any. 0, or -1. */
    int (*open)(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                struct error *error);

    /* Fills up to `room` records (room >= 1) in trace order; returns how many, 0 at the end, -1 on error. When
     * records precede a bad row they may be returned with the error set: the caller looks at them first, because
     * they come first in the trace. After an error read is not called again.
     * Rows of one command (REQUEST_MORE) come in one call or are split between two: both are fine.
     * Errors name the file and the line: "x.csv:17: ...". Time that runs backwards is checked by the
     * caller, bad numbers and missing sizes here. */
    int (*read)(void *state, struct record *records, int room, struct error *error);

    /* Drops the records of the row at this line that read() has not returned yet: the caller has dropped the first one.
     * NULL: the format never makes more records of a row than one call returns, or nothing can be wrong with them. */
    void (*forget)(void *state, uint64_t line);

    /* Goes on with the trace's next file, of which nothing has been read: lines count from 1. 0, or -1. NULL: it is closed and opened. */
    int (*next_file)(void *state, struct error *error);

    void (*close)(void *state); /* NULL when nothing is owned */

    /* ---- of a format that holds traces which were of another (evt); NULL in all others ---- */

    /* What is so of this trace, and what it was called: known when it is open. As long as the state. */
    const struct format *(*stands_for)(const void *state);
    /* Of which bytes it was made, when its end has been read: their digest, as source_digest(), and how many they were. False: it is
     * not what it was made from, or not known. */
    bool (*made_from)(const void *state, char digest[33], uint64_t *bytes);
    /* Whether the rows have their ids, and read_rows() may be used, instead of read(): for all of the trace. */
    bool (*has_ids)(const void *state);
    /* Appends rows to the batch, as many as there are and as it has room for, with ids, key_count, and times as the trace has them: what
     * the reader would have made of read()'s records. Returns how many, 0 at the end, -1 on error. */
    int (*read_rows)(void *state, struct batch *batch, struct error *error);
    /* By which rules the trace itself says when keys are requested next, for all of its rows. NULL: by none. */
    enum request_rules (*foresees)(const void *state);
    /* From now on read_rows() fills next_access, and read() writes the same of its records to `next`: rows counted from the trace's
     * first, or NEXT_NEVER. Before anything is read. */
    void (*foresee)(void *state, int64_t *next);
    /* Before the first record: all records are asked for, and those whose keys are not in the wanted part are then left out (selection.h),
     * so that of such keys any names will do that are unlike each other and not in the part. NULL: names are not what takes memory. */
    void (*select)(void *state, const struct selection *selection);
};

#endif
