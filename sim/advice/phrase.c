/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/phrase.h"

#include "sim/alloc.h"

#include <stdarg.h>
#include <stdio.h>

char *text_of(const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return xstrdup(text);
}
