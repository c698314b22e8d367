/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/note.h"

#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void note(const char *format, ...)
{
    va_list args, again;
    char *text;
    int length;

    va_start(args, format);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    text = xmalloc((size_t)(length > 0 ? length : 0) + 1);
    *text = '\0';
    vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, again);
    va_end(again);
    va_end(args);
    printable(text);
    fprintf(stderr, "evsim: %s\n", text);
    free(text);
}

int note_warnings(const struct warning *warnings, size_t count, bool strict, struct error *error)
{
    if (strict && count)
        return error_set(error, ERROR_INPUT, "--strict: %s: %s", warnings[0].code, warnings[0].text);
    for (size_t i = 0; i < count; i++)
        note("warning: %s: %s", warnings[i].code, warnings[i].text);
    return 0;
}
