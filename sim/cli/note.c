/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/note.h"

#include "sim/alloc.h"
#include "sim/cli/terminal.h"
#include "sim/printable.h"
#include "sim/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool silent;

/* What is not ASCII is ours, and one column wide. */
static int width_of(const char *text, size_t bytes)
{
    int width = 0;

    for (size_t i = 0; i < bytes; i++)
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

/* On a terminal the line is broken between words, further lines below the first word of the text; anywhere else it is one line. */
static void put_line(const char *text)
{
    enum { INDENT = 7 };
    int columns = terminal_error_columns(), column = INDENT;

    fputs("evsim: ", stderr);
    while (columns > INDENT && *text) {
        size_t bytes = strcspn(text, " "), blanks = strspn(text + bytes, " ");
        int width = width_of(text, bytes);

        if (column > INDENT && column + width > columns) {
            fprintf(stderr, "\n%*s", INDENT, "");
            column = INDENT;
        }
        fwrite(text, 1, bytes, stderr);
        column += width;
        text += bytes;
        if (blanks && column + (int)blanks < columns) {
            fprintf(stderr, "%*s", (int)blanks, "");
            column += (int)blanks;
        } else if (blanks) {
            column = columns; /* the next word has a line of its own */
        }
        text += blanks;
    }
    fprintf(stderr, "%s\n", text);
}

static void put(const char *format, va_list args)
{
    va_list again;
    char *text;
    int length;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    text = xmalloc((size_t)(length > 0 ? length : 0) + 1);
    *text = '\0';
    vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, again);
    va_end(again);
    printable(text);
    put_line(text);
    free(text);
}

void note(const char *format, ...)
{
    va_list args;

    if (silent)
        return;
    va_start(args, format);
    put(format, args);
    va_end(args);
}

void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(format, args);
    va_end(args);
}

void notes_silence(void)
{
    silent = true;
}

bool notes_are_silent(void)
{
    return silent;
}

int note_warnings(const struct warning *warnings, size_t count, bool strict, struct error *error)
{
    if (strict && count)
        return error_set(error, ERROR_INPUT, "--strict: %s: %s", warnings[0].code, warnings[0].text);
    for (size_t i = 0; i < count; i++)
        complain("warning: %s: %s", warnings[i].code, warnings[i].text);
    return 0;
}
