/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace_writer: the contract of a kind of file that evsim convert writes. One kind, one file in traces/write/, one registry line.
 *
 *     open(head)   write(row) write(row) ...   close()
 *
 * A writer gets every request, in order, as the trace's format made it, with its key's id and what the reader completed. What its
 * target cannot hold it leaves out, and says so: omissions_add(). It never invents what the trace does not have, unless its target
 * must have something there; that is said, too.
 *
 * The generic layer (sim/cli/convert.c) opens the file under a temporary name and renames it at the end, so a writer may write
 * into it as it likes. */
#ifndef SIM_TRACE_WRITER_H
#define SIM_TRACE_WRITER_H

#include "sim/error.h"
#include "sim/format.h"
#include "sim/input/intake.h"
#include "sim/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What was left out of the target, or put there for want of something better: a sentence's end, and how often. */
enum { OMISSIONS = 24, OMISSION_TEXT = 96 };
struct omission {
    char what[OMISSION_TEXT]; /* "ttls", "commands: hset": of what there are `count` */
    uint64_t count;
};
struct omissions {
    struct omission list[OMISSIONS]; /* the last: of all that have no place of their own */
    int count;
};

void omissions_add(struct omissions *omissions, const char *what, uint64_t count);

/* What is known of the trace before its first request; and of it all at the end, by then. */
struct trace_about {
    const struct format *format; /* what the trace is */
    const struct format_options *options;
    const struct intake *intake;
    bool is_whole;   /* no filter, no change: all of its requests, as they are */
    bool keeps_text; /* and of one file: a row's text, if it is kept, can stand for it */
    char digest[33];
    uint64_t bytes;          /* both of the source's, when it has been read; only then */
    const char *text_behind; /* of the source's bytes, those behind its last request, if they were kept */
    size_t text_behind_bytes;
};

struct writer_options {
    bool packs;       /* --compression: as the target has it */
    bool drops_names; /* of keys */
    enum request_rules
        foresees;     /* by which rules the rows' next_access is right; 0: it is not known, or not to be kept */
    const char *file; /* that is written, by the name that it has meanwhile; NULL: it has none, it is a pipe */
};

struct trace_row {
    const struct record
        *record; /* as the format made it; its db is that of the command as it was sent, before any SWAPDB */
    const struct record *completed; /* with the size and the ttl that the reader knew */
    uint32_t id;                    /* or NO_KEY */
    bool wants_names;               /* struct intake, as it was by then */
    uint64_t row;                   /* counted from 0 */
    int64_t next_access;            /* in which row the key is requested next, or NEXT_NEVER; if the options say so */
};

struct trace_writer {
    const char *name;     /* as --to takes it */
    const char *summary;  /* one line for --help */
    const char *suffixes; /* ".evt", or several, each with a blank behind it but the last */
    size_t state_size;
    bool needs_file; /* it goes back in what it has written: no pipe */
    bool foresees;   /* it can hold next_access */

    /* `out` and `about` outlive the state, which is zeroed. 0, or -1. */
    int (*open)(void *state, FILE *out, const char *path, const struct trace_about *about,
                const struct writer_options *options, struct error *error);
    /* 1: written; 0: the target cannot hold it, and omissions say so; -1. */
    int (*write)(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error);
    /* Completes the file. 0, or -1. Not called after an error. */
    int (*close)(void *state, struct omissions *omissions, struct error *error);
    void (*release)(void *state); /* frees what the state owns; NULL: nothing */
};

#endif
