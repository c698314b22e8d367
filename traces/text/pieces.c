/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/pieces.h"

#include <endian.h>
#include <string.h>

static inline bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static inline struct piece trimmed(const char *text, const char *end)
{
    while (text < end && is_blank(*text))
        text++;
    while (text < end && is_blank(end[-1]))
        end--;
    if (end - text >= 2 && *text == '"' && end[-1] == '"')
        text++, end--;
    return (struct piece){text, end};
}

struct piece piece_of(const char *text, const char *end)
{
    return trimmed(text, end);
}

/* Columns apart by as many blanks as there are. */
static unsigned split_at_blanks(const char *at, const char *end, struct piece pieces[PIECES])
{
    unsigned count = 0;

    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            return count;
        const char *text = at;
        while (at < end && !is_blank(*at))
            at++;
        if (count < PIECES)
            pieces[count] = trimmed(text, at);
        count++;
    }
}

/* Bit 7 of each byte of the word that is the delimiter, whose byte is in each of `eight`. */
static inline uint64_t delimiters_in(const char *text, uint64_t eight)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t word;

    memcpy(&word, text, sizeof word);
    word = le64toh(word) ^ eight;
    return ~(((word & low) + low) | word | low);
}

unsigned pieces_split(const char *line, const char *end, char delimiter, struct piece pieces[PIECES])
{
    const uint64_t eight = (unsigned char)delimiter * UINT64_C(0x0101010101010101);
    const char *text = line, *at = line;
    unsigned count = 0;

    if (delimiter == ' ')
        return split_at_blanks(line, end, pieces);
    for (; end - at >= 8; at += 8)
        for (uint64_t found = delimiters_in(at, eight); found; found &= found - 1) {
            const char *stop = at + __builtin_ctzll(found) / 8;

            if (count < PIECES)
                pieces[count] = trimmed(text, stop);
            count++;
            text = stop + 1;
        }
    for (; at <= end; at++)
        if (at == end || *at == delimiter) {
            if (count < PIECES)
                pieces[count] = trimmed(text, at);
            count++;
            text = at + 1;
        }
    return count == 1 && piece_is_empty(pieces[0]) ? 0 : count;
}

const char *pieces_without_mark(const char *line, const char *end)
{
    return end - line >= 3 && !memcmp(line, "\xef\xbb\xbf", 3) ? line + 3 : line;
}

bool piece_hex(struct piece piece, uint64_t *number)
{
    uint64_t value = 0;

    if (piece.end - piece.text > 2 && piece.text[0] == '0' && (piece.text[1] | 0x20) == 'x')
        piece.text += 2;
    if (piece_is_empty(piece) || piece.end - piece.text > 16)
        return false;
    for (; piece.text < piece.end; piece.text++) {
        unsigned digit = (unsigned char)*piece.text;

        if (digit - '0' <= 9)
            digit -= '0';
        else if ((digit | 0x20) - 'a' <= 5)
            digit = (digit | 0x20) - 'a' + 10;
        else
            return false;
        value = value << 4 | digit;
    }
    *number = value;
    return true;
}

bool piece_is_real(struct piece piece)
{
    int64_t number, places;

    return digits_decimal(piece.text, piece.end, 0, &number) || digits_float(piece.text, piece.end, &number, &places);
}

bool piece_is_digest(struct piece piece)
{
    uint64_t number;

    for (; piece.end - piece.text > 16; piece.text += 16)
        if (!piece_hex((struct piece){piece.text, piece.text + 16}, &number))
            return false;
    return piece_hex(piece, &number);
}
