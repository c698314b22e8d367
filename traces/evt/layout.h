/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layout: where everything is in an .evt file, the compiled form of a trace. traces/README.md has it as tables.
 *
 *     head │ block │ block │ ... │ trailer
 *
 *     head      what the trace was, and how it is to be taken
 *     block     up to EVT_ROWS requests, a section for each column, and the keys, texts and names that come first in it
 *     trailer   how much there was, and what the report says of it
 *
 * All numbers are little-endian. Each part has two checksums (XXH64, seed 0): of its first bytes, so that its length can
 * be trusted, and of the rest. */
#ifndef TRACES_EVT_LAYOUT_H
#define TRACES_EVT_LAYOUT_H

#include "sim/request.h"

#include <stdbool.h>
#include <stdint.h>

/* A changed layout, or changed numbers of anything that is stored as a number (flags, words of elements), is a new
 * version. */
enum {
    EVT_VERSION_LEAST = 1, /* that is read */
    EVT_VERSION =
        3, /* since 2: EVT_NEXT_ACCESS and its traits, ELEMENT_SPELLED; since 3: EVT_CLOSING_TIME, EVT_CLOSING_CLIENT */
};

#define EVT_MAGIC                                                                                                      \
    "\x89"                                                                                                             \
    "EVT\r\n\x1a\n"
#define EVT_BLOCK_MAGIC   "EVTBLOCK"
#define EVT_TRAILER_MAGIC "EVTTRAIL"

enum {
    EVT_MAGIC_BYTES = 8,
    EVT_HEAD_BYTES = 64,
    EVT_BLOCK_HEAD_BYTES = 48,
    EVT_SECTION_BYTES = 32, /* of its entry in a block's table */
    EVT_TRAILER_BYTES = 64,
    EVT_ROWS = 1 << 15,
    EVT_BODY_MOST = 1 << 30,        /* bytes of a block behind its head */
    EVT_ABOUT_MOST = 1 << 20,       /* bytes of the JSON in head and trailer */
    EVT_TEXT_BEHIND_MOST = 1 << 30, /* of what the source has behind its last request */
};

/* In the head, where what is only known at the end is left open: the file was written to a pipe. */
#define EVT_NOT_KNOWN UINT64_MAX

/* Bits of the head. */
enum evt_trait {
    EVT_PLAIN = 1 << 0, /* no row has elements, none is SWAPDB, and no command may ask for names of keys */
    /* EVT_NEXT_ACCESS is there, and right by these rules (enum request_rules). From version 2 on, and in the head from the beginning. */
    EVT_FORESEES = 1 << 1, /* times the rules */
    EVT_FORESEES_ALL = RULES_ALL * EVT_FORESEES,
};

/* The sections. Of integers, a value for each row: */
enum evt_kind {
    EVT_TIME = 1,
    EVT_ID, /* 1 + id; 0: the row has no key */
    EVT_KEY_LEN,
    EVT_VALUE_LEN, /* 1 + bytes; 0: unknown */
    EVT_TTL,
    EVT_FLAGS,
    EVT_OP, /* place in the file's list of names of commands */
    EVT_NUMBER,
    EVT_SECOND, /* of what was refused: 1 + place of the command in that list; 0: none */
    EVT_ELEMENTS,
    EVT_CLIENT, /* -1: a script */
    EVT_BEHIND,
    EVT_DB,
    EVT_NOTES, /* enum evt_note */
    EVT_LINE,
    EVT_TENANT,     /* 1 + place in the list of labels; 0: none */
    EVT_CALLER,     /* likewise */
    EVT_VERB,       /* likewise */
    EVT_NEXT,       /* evt_next_code() */
    EVT_DECIMALS,   /* digits behind the point, as the time is written */
    EVT_TEXT_BYTES, /* 1 + bytes in EVT_TEXT; 0: none */
    /* ... for each element, */
    EVT_ELEMENT_NUMBER,
    EVT_ELEMENT_MEMBER,
    EVT_ELEMENT_VALUE_LEN,
    EVT_ELEMENT_FLAGS,
    EVT_ELEMENT_TEXT, /* 1 + place in the list of texts; 0: it has none */
    /* ... for each key that comes first in the block, */
    EVT_KEY_BYTES,  /* 1 + bytes of its name; 0: it is a number, one of: */
    EVT_KEY_NUMBER, /* those that are; of keys whose names were left out: XXH3 of 64 bits */
    /* ... for each new label, text, and name of a command. */
    EVT_LABEL_BYTES,
    EVT_STRING_BYTES,
    EVT_COMMAND_BYTES,
    EVT_INTEGERS, /* those above */
    /* Of bytes, one item behind the other: */
    EVT_KEY_NAMES = EVT_INTEGERS,
    EVT_LABELS,
    EVT_STRINGS,
    EVT_COMMANDS,
    EVT_TEXT,
    EVT_FIRST_KINDS, /* what version 1 has */
    /* Again an integer for each row: */
    EVT_NEXT_ACCESS =
        EVT_FIRST_KINDS, /* how many rows ahead its key is requested next (sim/input/future.h); 0: never */
    EVT_SECOND_KINDS,    /* what version 2 has */
    /* ... for each connection that was closed behind the rows before this block, or behind some of its rows. */
    EVT_CLOSING_TIME = EVT_SECOND_KINDS,
    EVT_CLOSING_CLIENT,
    EVT_KINDS,
};
enum { EVT_ROW_KINDS = EVT_TEXT_BYTES + 1 };

static inline bool evt_kind_is_of_rows(unsigned kind)
{
    return kind < EVT_ROW_KINDS || kind == EVT_NEXT_ACCESS;
}

static inline bool evt_kind_is_integers(unsigned kind)
{
    return kind < EVT_INTEGERS || kind >= EVT_NEXT_ACCESS;
}

/* The sections that a version has are those below. */
static inline unsigned evt_kinds_of(uint32_t version)
{
    return version < 2 ? EVT_FIRST_KINDS : version < 3 ? EVT_SECOND_KINDS : EVT_KINDS;
}

/* How integers are stored: as unsigned numbers u of `width` bits, 1, 2, 4, 8, 16, 32 or 64; several in a byte from its lowest bits on.
 *
 *     EVT_OFFSETS   value[i] = base + step * u[i]; width 0: all are base
 *     EVT_STEPS     value[0] = base, value[i] = value[i - 1] + step * u[i]; u[0] is 0; width 0: each is `step` more */
enum evt_encoding { EVT_BYTES, EVT_OFFSETS, EVT_STEPS };
enum evt_packing { EVT_UNPACKED, EVT_ZSTD };

/* What the reader made of a row, so that it can be taken back. */
enum evt_note {
    EVT_SIZE_COMPLETED = 1 << 0, /* a read without a size: the last one known for its key */
    EVT_TTL_COMPLETED = 1 << 1,  /* a read without a ttl: likewise */
    EVT_WANTS_NAMES = 1 << 2,    /* from here on some command asks for names of keys */
};

/* The next request of a row's object as the source has it: one that lies ahead by n is n + 3. */
enum evt_next { EVT_NEXT_NONE, EVT_NEXT_MINUS_ONE, EVT_NEXT_MOST, EVT_NEXT_MINUS_TWO };

/* Of a code that is not EVT_NEXT_NONE. */
static inline int64_t evt_next_of(int64_t code, uint64_t row)
{
    return code == EVT_NEXT_MINUS_ONE   ? -1
           : code == EVT_NEXT_MOST      ? INT64_MAX
           : code == EVT_NEXT_MINUS_TWO ? -2
           : code < 0                   ? ~code
                                        : (int64_t)(row + (uint64_t)code - EVT_NEXT_MINUS_TWO);
}

/* ... or EVT_NEXT_NONE: it has no code. */
static inline int64_t evt_next_code(int64_t next, uint64_t row)
{
    if (next < 0 || next == INT64_MAX)
        return next == -1          ? EVT_NEXT_MINUS_ONE
               : next == -2        ? EVT_NEXT_MINUS_TWO
               : next == INT64_MAX ? EVT_NEXT_MOST
                                   : EVT_NEXT_NONE;
    return next > (int64_t)row ? next - (int64_t)row + EVT_NEXT_MINUS_TWO : ~next;
}

#endif
