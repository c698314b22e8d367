/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/write/line.h"

#include "sim/alloc.h"

#include <string.h>

void line_bytes(struct line *line, const char *text, size_t bytes)
{
    if (line->bytes + bytes > line->capacity) {
        while (line->bytes + bytes > line->capacity)
            line->capacity = line->capacity ? 2 * line->capacity : 256;
        line->text = xrealloc(line->text, line->capacity);
    }
    if (bytes)
        memcpy(line->text + line->bytes, text, bytes);
    line->bytes += bytes;
}

void line_text(struct line *line, const char *text)
{
    line_bytes(line, text, strlen(text));
}

void line_char(struct line *line, char byte)
{
    line_bytes(line, &byte, 1);
}

void line_number(struct line *line, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    line_bytes(line, digits + at, sizeof digits - at);
}

void line_signed(struct line *line, int64_t number)
{
    if (number < 0)
        line_char(line, '-');
    line_number(line, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void line_seconds(struct line *line, int64_t time_us, int decimals)
{
    uint64_t magnitude = time_us < 0 ? 0 - (uint64_t)time_us : (uint64_t)time_us;
    uint32_t rest = (uint32_t)(magnitude % 1000000);
    char digits[7] = {'.'};

    if (time_us < 0)
        line_char(line, '-');
    line_number(line, magnitude / 1000000);
    for (int i = 6; i > 0; i--, rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    if (decimals > 0)
        line_bytes(line, digits, 1 + (size_t)decimals);
}

int line_decimals(int64_t time_us)
{
    int decimals = 6;

    for (int64_t rest = time_us; decimals && rest % 10 == 0; rest /= 10)
        decimals--;
    return decimals;
}

int line_flush(struct line *line, FILE *out)
{
    size_t bytes = line->bytes;

    line->bytes = 0;
    return fwrite_unlocked(line->text, 1, bytes, out) == bytes ? 0 : -1;
}
