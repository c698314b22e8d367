/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/text.h"

#include "sim/printable.h"

#include <string.h>

int display_width(const char *text)
{
    int width = 0;

    for (; *text; text++)
        if (!strncmp(text, "\033[", 2)) /* bold on and off take no room */
            text += strcspn(text, "m") - !strchr(text, 'm');
        else
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

/* The length of the next word; a unit stays with its number. */
static size_t word_length(const char *text)
{
    static const char *const units[] = {"%", "B", "KiB", "MiB", "GiB", "TiB", NULL};
    size_t length = strcspn(text, " ");

    if (!length || text[length] != ' ' || text[length - 1] < '0' || text[length - 1] > '9')
        return length;
    for (int i = 0; units[i]; i++) {
        size_t bytes = strlen(units[i]);

        if (!strncmp(text + length + 1, units[i], bytes) && strchr(" ,.;:)", text[length + 1 + bytes]))
            return length + 1 + strcspn(text + length + 1, " ");
    }
    return length;
}

void paragraph_put(const char *label, int indent, const char *text, FILE *out)
{
    enum { WIDTH = 80 };
    int column = indent;

    fprintf(out, "%s%*s", label, indent - display_width(label), "");
    while (*text) {
        size_t length = word_length(text);
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
