/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/note.h"

#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool silent;

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
    fprintf(stderr, "evsim: %s\n", text);
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
