/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pieces: a line of text and its columns. A piece is a column without the blanks, and without a pair of quotes, around it. */
#ifndef TRACES_TEXT_PIECES_H
#define TRACES_TEXT_PIECES_H

#include "sim/digits.h"

#include <stdbool.h>
#include <stdint.h>

enum { PIECES = 32 }; /* of a line are looked at */

struct piece {
    const char *text, *end;
};

static inline bool piece_is_empty(struct piece piece)
{
    return piece.text == piece.end;
}

/* The text without what is around it. */
struct piece piece_of(const char *text, const char *end);

/* Returns how many columns there are, of which the first PIECES are stored. An empty line has none. The delimiter is a
 * byte; a blank stands for blanks and tabs, as many as there are. */
unsigned pieces_split(const char *line, const char *end, char delimiter, struct piece pieces[PIECES]);

/* The line without a byte order mark. */
const char *pieces_without_mark(const char *line, const char *end);

/* "1f" or "0x1f". */
bool piece_hex(struct piece piece, uint64_t *number);
/* "12.5", "-1", "1.5e-4". */
bool piece_is_real(struct piece piece);
/* Hexadecimal digits, as many as there are. */
bool piece_is_digest(struct piece piece);

#endif
