/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html_text.h"

#include "reports/json_values.h"
#include "sim/alloc.h"
#include "sim/printable.h"

#include <stdlib.h>

void html_put(const char *text, FILE *out)
{
    json_t *clean = json_from_text(text);
    char *copy = xstrdup(json_string_value(clean));

    printable(copy);
    for (const char *c = copy; *c; c++)
        switch (*c) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            putc(*c, out);
        }
    free(copy);
    json_decref(clean);
}

/* In JSON these stand in strings only, where they may be escaped. "</script>" and "<!--" have one of them. */
void html_put_json(json_t *value, FILE *out)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));

    for (const char *c = text; *c; c++)
        if (*c == '<' || *c == '>' || *c == '&' || *c == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)*c);
        else if (*c == '\xc2' && (unsigned char)c[1] >= 0x80 && (unsigned char)c[1] <= 0x9f)
            fprintf(out, "\\u%04x", (unsigned char)*++c);
        else
            putc(*c, out);
    free(text);
    json_decref(value);
}
