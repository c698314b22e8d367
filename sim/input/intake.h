/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intake: what was assumed, skipped or not understood while a trace was read. It goes into the report. */
#ifndef SIM_INPUT_INTAKE_H
#define SIM_INPUT_INTAKE_H

#include "sim/error.h"
#include "sim/fields.h"
#include "sim/format_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source;

enum { UNKNOWN_COMMANDS = 32, UNKNOWN_NAME = 24, IGNORED_COLUMNS = 32, IGNORED_NAME = 48 };
enum { SKIP_REASONS = 8, SKIP_REASON = 64, SKIP_PLACE = 128 };
enum { UNTIMED_SPACING_US = 1000 }; /* between rows without a time */

/* A command that the model does not execute. */
#define UNKNOWN_COMMAND_FIELDS(X)                                                                                      \
    X(CHARS, UNKNOWN_NAME, name)                                                                                       \
    X(VALUE, uint64_t, count)

struct unknown_command {
    UNKNOWN_COMMAND_FIELDS(FIELD_DECLARE)
};

/* Rows that were left out for one reason. */
#define SKIP_REASON_FIELDS(X)                                                                                          \
    X(CHARS, SKIP_REASON, name) /* "bad value-size": the message without what differs from row to row */               \
    X(CHARS, SKIP_PLACE, first) /* "x.csv:17" */                                                                       \
    X(VALUE, uint64_t, count)

struct skip_reason {
    SKIP_REASON_FIELDS(FIELD_DECLARE)
};

/* A column of a CSV file that has no role. */
#define IGNORED_COLUMN_FIELDS(X) X(CHARS, IGNORED_NAME, name) /* or its number, from 1 */

struct ignored_column {
    IGNORED_COLUMN_FIELDS(FIELD_DECLARE)
};

/* What was assumed, skipped or not understood while reading: it goes into the report. A line here is a field of the
 * struct, and of the file of results. */
#define INTAKE_FIELDS(X)                                                                                               \
    X(VALUE, uint64_t, rows)                             /* lines or records read, the skipped ones included */        \
    X(VALUE, uint64_t, skipped)                          /* rows left out under lenient */                             \
    X(CHARS, 256, first_skipped)                         /* why the first one was: "x.csv:17: bad number '1o'" */      \
    X(FIXED, skip_reason, reasons, SKIP_REASONS)         /* of those rows, as they came; last slot: "other reasons" */ \
    X(VALUE, uint64_t, unknown_commands)                 /* commands that the model does not execute */                \
    X(FIXED, unknown_command, unknown, UNKNOWN_COMMANDS) /* by name; last slot: "(others)" */                          \
    X(VALUE, uint64_t, skipped_writes)                   /* of those, the ones that take memory (denyoom) */           \
    X(VALUE, uint64_t, element_commands)     /* commands on the elements of values (struct command: type) */           \
    X(VALUE, bool, executed_only)            /* the trace shows what a server executed, not what it refused */         \
    X(VALUE, bool, reads_lack_sizes)         /* no row says what a read found: the next two are counted then */        \
    X(VALUE, uint64_t, lookups)              /* keys looked up */                                                      \
    X(VALUE, uint64_t, lookups_of_unwritten) /* of those, of keys that no row writes */                                \
    X(VALUE, bool, closings_shown)           /* the trace shows when connections are closed, and that is used */       \
    X(VALUE, uint32_t, clients_gone)         /* how often one is, or is taken to be, behind its last command */        \
    X(VALUE, uint32_t, clients)              /* connections that the trace tells apart; 0: it does not say */          \
    X(VALUE, uint64_t, pipelined)            /* commands taken to have come together with the one before */            \
    X(VALUE, uint64_t, renamed_commands)     /* memcached verbs without a Redis twin (prepend, cas, ...) */            \
    X(VALUE, bool, key_names_assumed)        /* numeric ids: a key's name is its decimal digits */                     \
    X(VALUE, bool, has_key_sizes)            /* the trace says how long keys are, besides what they are called */      \
    X(VALUE, uint64_t, zero_sizes)           /* reads of a value of size 0, */                                         \
    X(VALUE, bool, zero_is_empty)            /* which were taken for empty values, not for unknown sizes */            \
    X(VALUE, uint32_t, block_bytes)          /* requests are cut into blocks of so many bytes; 0: they are not */      \
    X(VALUE, bool, block_size_unused)        /* the user said one, and they are not */                                 \
    X(VALUE, uint64_t, empty_requests)       /* of no bytes, which touch no block */                                   \
    X(VALUE, uint64_t, late_rows)     /* a little earlier than the row before, and taken to have come with it */       \
    X(VALUE, int64_t, sort_window_us) /* rows were put in order of time within this; 0: they were not (sorter.h) */    \
    X(VALUE, uint64_t, sorted_rows)   /* of them, those that were not in order, */                                     \
    X(VALUE, int64_t, sorted_most_us) /* and by how much they came too late, at most */                                \
    X(VALUE, uint64_t, cut_sizes)     /* values of more bytes than evsim counts, taken for that many */                \
    X(VALUE, uint64_t, untimed)       /* records without a time: they are UNTIMED_SPACING_US apart */                  \
    X(VALUE, int64_t, longest_gap_us) /* between two requests, */                                                      \
    X(VALUE, uint64_t, gap_line)      /* and the line of the second */                                                 \
    X(CHARS, 8, time_unit)  /* of times, where nobody said it: "s", "ms", "us", "ns", "dates"; "": none was assumed */ \
    X(CHARS, 8, ttl_unit)   /* likewise of ttls: "s" */                                                                \
    X(CHARS, 12, delimiter) /* of columns, likewise: "semicolon", ... */                                               \
    X(VALUE, bool, header_assumed) /* the first row is a header: it has a name where a number should be */             \
    X(CHARS, 128, columns) /* of a CSV without a header, by what its first rows have: "time=1,key=2"; "": not so */    \
    X(VALUE, uint64_t, comment_lines)  /* of a CSV, that begin with '#' */                                             \
    X(VALUE, uint64_t, decimal_commas) /* numbers of a CSV that have a comma for a point */                            \
    X(VALUE, bool, blanks_trimmed) /* blanks follow the delimiters in the header: those around columns mean nothing */ \
    X(CHARS, 96, grown)            /* how the trace was made to grow: "keys=2x"; "": it was not */                     \
    X(VALUE, uint64_t, preloaded)  /* keys of a dump that are there before the first request, */                       \
    X(VALUE, uint64_t, preload_ended)    /* but for these, whose ttl had ended by then; */                             \
    X(VALUE, uint64_t, preload_left_out) /* and what of the dump is not modeled: values of modules, functions */       \
    X(CHARS, 256, preload_fault)         /* why it was not read to its end, under lenient */                           \
    X(VALUE, int64_t, dumped_us) /* Unix time at which the dump was written; 0: none was read, or it does not say */   \
    X(VALUE, uint64_t, capture_packets)     /* of a capture of packets; 0: it is none */                               \
    X(VALUE, uint64_t, capture_connections) /* of TCP, */                                                              \
    X(VALUE, uint64_t, capture_midway)      /* of these, those whose beginning is not in the capture; */               \
    X(VALUE, uint64_t, capture_others)      /* those that are none of Redis, */                                        \
    X(VALUE, uint64_t, capture_encrypted)   /* and of these the ones of TLS */                                         \
    X(VALUE, uint64_t, capture_gaps)        /* places where bytes of connections are missing, */                       \
    X(VALUE, uint64_t, capture_gap_bytes)   /* and how many are */                                                     \
    X(VALUE, uint64_t, capture_damaged)     /* commands that were left out because bytes of them are missing */        \
    X(VALUE, uint64_t, capture_unanswered)  /* commands whose replies are missing, or cannot be told apart */          \
    X(VALUE, uint64_t, capture_refused)     /* commands that the traced server refused for lack of memory */           \
    X(VALUE, uint64_t, capture_hits)        /* keys that reads found in the traced server, */                          \
    X(VALUE, uint64_t, capture_misses)      /* and those that they did not find */                                     \
    X(VALUE, uint64_t, capture_assumed_db)  /* commands before which a SELECT may be missing */                        \
    X(VALUE, uint64_t, scripts_unseen)      /* calls of scripts, where what they call does not show */                 \
    X(CHARS, 24, named_format)   /* the format that the file's name says, if it decided, or if it is another one; */   \
    X(VALUE, bool, name_decided) /* it did */                                                                          \
    X(VALUE, uint32_t, ignored_columns)                /* columns of a CSV file that have no role */                   \
    X(FIXED, ignored_column, ignored, IGNORED_COLUMNS) /* the first of them */

struct intake {
    INTAKE_FIELDS(FIELD_DECLARE)
    /* Not a part of the report: */
    bool has_refused; /* the error is of a row that --lenient would have left out */
    struct closings
        *closings;           /* where a format that shows them adds them (closings.h): the reader's, while it is open */
    bool wants_names;        /* clients track keys: their names matter from here on */
    const char *text_behind; /* the source's bytes behind its last record so far, if they are kept (keeps_origin), */
    size_t text_behind_bytes; /* as long as the format's state */
};

extern const struct layout skip_reason_layout, unknown_command_layout, ignored_column_layout, intake_layout;

/* The message for a bad row: fails (-1) with "name:line: text", or under lenient counts it and returns 0. */
int intake_bad_row(struct intake *intake, const struct format_options *options, const struct source *source,
                   uint64_t line, struct error *error, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Counts a read of size 0. True: its value is empty; false: its size is unknown. `is_empty` is what the format says. */
static inline bool intake_zero_size(struct intake *intake, enum size_zero said, bool is_empty)
{
    intake->zero_sizes++;
    return intake->zero_is_empty = said == SIZE_ZERO_EMPTY || (said == SIZE_ZERO_AUTO && is_empty);
}

/* Whether none of so many records has a time: what is said of times is made up. */
static inline bool intake_is_untimed(const struct intake *intake, uint64_t records)
{
    return intake->untimed && intake->untimed >= records;
}

/* Adds what was found in a further file of the trace: counts add up, what was assumed of one is said of all. */
void intake_add(struct intake *intake, const struct intake *found);

/* Notes a column without a role. */
void intake_ignored_column(struct intake *intake, const char *name, size_t length);
/* Counts a command that the model does not execute. */
void intake_unknown(struct intake *intake, const char *name, size_t length);

#endif
