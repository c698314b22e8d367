/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/printable.h"

#include <stdbool.h>
#include <string.h>

/* The length of the UTF-8 character that begins here; 0 if it is not a whole one. */
static size_t character(const unsigned char *at, size_t bytes)
{
    size_t length = *at < 0x80 ? 1 : *at >= 0xc2 && *at < 0xe0 ? 2 : *at >= 0xe0 && *at < 0xf0 ? 3 : 4;

    if ((*at >= 0x80 && *at < 0xc2) || *at > 0xf4 || length > bytes)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

static bool is_control(const unsigned char *at, size_t length)
{
    if (!length)
        return *at >= 0x80 && *at <= 0x9f;
    return *at < 0x20 || *at == 0x7f || (length == 2 && *at == 0xc2 && at[1] <= 0x9f);
}

void printable_mask(char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes;) {
        const unsigned char *at = (const unsigned char *)text + i;
        size_t length = character(at, bytes - i), step = length ? length : 1;

        if (is_control(at, length))
            memset(text + i, '?', step);
        i += step;
    }
}

void printable(char *text)
{
    printable_mask(text, strlen(text));
}

void printable_copy(char *copy, size_t size, const char *text, size_t bytes)
{
    bytes = bytes < size ? bytes : size - 1;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    printable_mask(copy, bytes);
}

void printable_put(const char *text, FILE *out)
{
    char piece[256];

    for (size_t rest = strlen(text), bytes; rest; text += bytes, rest -= bytes) {
        bytes = rest < sizeof piece ? rest : sizeof piece - 1;
        while (bytes < rest && bytes > 1 && ((unsigned char)text[bytes] & 0xc0) == 0x80)
            bytes--; /* the cut must not fall within a character */
        memcpy(piece, text, bytes);
        printable_mask(piece, bytes);
        fwrite(piece, 1, bytes, out);
    }
}

/* Jansson escapes what JSON requires, so of the rest DEL and U+0080 to U+009F stand in strings alone. */
void printable_put_json(const char *text, FILE *out)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text, next = (unsigned char)text[1];

        if (byte == 0x7f)
            fputs("\\u007f", out);
        else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f)
            fprintf(out, "\\u%04x", (unsigned char)*++text);
        else
            putc(byte, out);
    }
}

static bool has_no_formulas; /* csv_text() is called far below whoever knows */

void printable_csv_has_no_formulas(void)
{
    has_no_formulas = true;
}

void printable_put_csv(const char *text, FILE *out)
{
    size_t bytes = strlen(text);
    bool is_plain = !text[strcspn(text, ",\"\n")];

    if (!is_plain)
        putc('"', out);
    if (has_no_formulas && *text && strchr("=+-@", *text))
        putc('\'', out);
    for (size_t i = 0; i < bytes;) {
        const unsigned char *at = (const unsigned char *)text + i;
        size_t length = character(at, bytes - i), step = length ? length : 1;

        if (*at == '"')
            putc('"', out);
        for (size_t j = 0; j < step; j++)
            if (is_control(at, length) && *at != '\n')
                fprintf(out, "\\x%02x", at[j]);
            else
                putc(at[j], out);
        i += step;
    }
    if (!is_plain)
        putc('"', out);
}
