/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/phrase.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *text_of(const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return xstrdup(text);
}

static void add_text(struct told *told, const char *text, size_t bytes)
{
    size_t used = told->text ? strlen(told->text) : 0;

    told->text = xrealloc(told->text, used + bytes + 1);
    memcpy(told->text + used, text, bytes);
    told->text[used + bytes] = '\0';
}

static void add_fact(struct told *told, const char *name, double value, const char *unit, const char *text)
{
    told->facts = xrealloc(told->facts, (told->fact_count + 1) * sizeof *told->facts);
    told->facts[told->fact_count++] =
        (struct fact){.name = xstrdup(name), .value = value, .unit = xstrdup(unit), .text = xstrdup(text)};
    add_text(told, text, strlen(text));
}

static void add_number(struct told *told, char kind, int decimals, const char *name, double value)
{
    uint64_t whole = value > 0 ? (uint64_t)llround(value) : 0;
    char text[UNITS_TEXT];

    switch (kind) {
    case 'N':
        add_fact(told, name, value, "count", print_count(text, whole));
        break;
    case 'B':
        add_fact(told, name, value, "bytes", print_bytes(text, whole));
        break;
    case 'M':
        add_fact(told, name, value, "maxmemory", print_maxmemory(text, whole));
        break;
    case 'T':
        add_fact(told, name, value / 1e6, "seconds", print_duration(text, (int64_t)value));
        break;
    default:
        snprintf(text, sizeof text, "%.*f", decimals, 100 * value);
        add_fact(told, name, value, "share", text);
    }
}

static void add_told(struct told *told, const struct told *other)
{
    if (!other->text)
        return;
    add_text(told, other->text, strlen(other->text));
    told->facts = xrealloc(told->facts, (told->fact_count + other->fact_count + 1) * sizeof *told->facts);
    for (size_t i = 0; i < other->fact_count; i++) {
        const struct fact *fact = &other->facts[i];

        told->facts[told->fact_count++] =
            (struct fact){xstrdup(fact->name), fact->value, xstrdup(fact->unit), xstrdup(fact->text)};
    }
}

void tell(struct told *told, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    while (*format) {
        size_t plain = strcspn(format, "%");
        int decimals = 0;
        const char *text, *name;

        add_text(told, format, plain);
        format += plain;
        if (!*format++)
            break;
        if (*format >= '0' && *format <= '9')
            decimals = *format++ - '0';
        switch (*format++) {
        case '%':
            add_text(told, "%", 1);
            break;
        case 's':
            text = va_arg(arguments, const char *);
            add_text(told, text, strlen(text));
            break;
        case 'K':
            name = va_arg(arguments, const char *);
            add_fact(told, name, NAN, "text", va_arg(arguments, const char *));
            break;
        case 'A':
            add_told(told, va_arg(arguments, const struct told *));
            break;
        default:
            name = va_arg(arguments, const char *);
            add_number(told, format[-1], decimals, name, va_arg(arguments, double));
        }
    }
    va_end(arguments);
}

void told_release(struct told *told)
{
    for (size_t i = 0; i < told->fact_count; i++)
        fields_release(&fact_layout, &told->facts[i]);
    free(told->facts);
    free(told->text);
    *told = (struct told){0};
}

void told_take(struct told *told, char **text, struct fact **facts, size_t *fact_count)
{
    *text = told->text ? told->text : xstrdup("");
    *facts = told->facts;
    *fact_count = told->fact_count;
    *told = (struct told){0};
}
