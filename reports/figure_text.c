/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_text.h"

#include <string.h>

/* Of a byte, in sizes: DejaVu Sans's own widths by kinds of letters. Bytes that go on a character have none; what is not ASCII is
 * taken for a wide letter. */
static double width_of(unsigned char c)
{
    if (c >= 0x80)
        return c < 0xC0 ? 0 : 0.84;
    if (strchr("ijl'|", c))
        return 0.28;
    if (strchr(" ,.:;-()[]ftrI/!", c))
        return 0.4;
    if (strchr("mwMW%@", c))
        return 0.97;
    if (strchr("=+<>~#", c))
        return 0.84;
    return (c >= 'A' && c <= 'Z') ? 0.72 : 0.62;
}

double figure_text_width(const char *text, double size)
{
    double width = 0;

    for (; *text; text++)
        width += width_of((unsigned char)*text);
    return width * size;
}

size_t figure_text_line(const char *text, double size, double width)
{
    size_t end = 0, length = strlen(text);
    double used = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == ' ')
            end = i;
        used += width_of((unsigned char)text[i]) * size;
        if (used > width && end)
            return end;
    }
    return length;
}

int figure_text_lines(const char *text, double size, double width)
{
    int lines = 0;

    while (*text) {
        text += figure_text_line(text, size, width);
        text += *text == ' ';
        lines++;
    }
    return lines;
}
