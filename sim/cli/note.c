/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/note.h"

#include "sim/alloc.h"
#include "sim/printable.h"

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
