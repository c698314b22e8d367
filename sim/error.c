/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *error, enum error_code code, const char *format, ...)
{
    va_list args;

    if (error_is_set(error))
        return -1;
    error->code = code;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return -1;
}

int error_prefix(struct error *error, const char *format, ...)
{
    char prefix[sizeof error->text / 2];
    char text[sizeof error->text];
    va_list args;

    va_start(args, format);
    vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    memcpy(text, error->text, sizeof text);
    text[sizeof text - 1] = '\0';
    snprintf(error->text, sizeof error->text, "%s%.*s", prefix, (int)(sizeof error->text - sizeof prefix - 1), text);
    return -1;
}
