/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/text.h"

#include "sim/printable.h"

#include <string.h>

int display_width(const char *text)
{
    int width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void put_wrapped(const char *text, FILE *out)
{
    enum { INDENT = 9, WIDTH = 110 };
    int column = INDENT;

    while (*text) {
        size_t length = strcspn(text, " ");
        char word[256];

        snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), text);
        if (column > INDENT && column + 1 + display_width(word) > WIDTH) {
            fprintf(out, "\n%*s", INDENT, "");
            column = INDENT;
        }
        column += fprintf(out, "%s%s", column > INDENT ? " " : "", word);
        text += length + strspn(text + length, " ");
    }
    putc('\n', out);
}

void paragraph_put(const char *label, int indent, const char *text, FILE *out)
{
    enum { WIDTH = 80 };
    int column = indent;

    fprintf(out, "%s%*s", label, indent - display_width(label), "");
    while (*text) {
        size_t length = strcspn(text, " ");
        char word[256];

        printable_copy(word, sizeof word, text, length < sizeof word - 1 ? length : sizeof word - 1);
        if (column > indent && column + 1 + display_width(word) > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        fprintf(out, "%s%s", column > indent ? " " : "", word);
        column += (column > indent) + display_width(word);
        text += length + strspn(text + length, " ");
    }
    putc('\n', out);
}

void warnings_put(const struct warning *warnings, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        fputs("WARNING  ", out);
        put_wrapped(warnings[i].text, out);
    }
}
