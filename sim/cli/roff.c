/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/roff.h"

#include "sim/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_COLUMNS = 78 }; /* of a page's source */

static const char *escape_of(char c)
{
    switch (c) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    default:
        return NULL;
    }
}

void roff_put_line(const char *text, size_t bytes, FILE *out)
{
    if (bytes && *text == '.')
        fputs("\\&", out);
    for (size_t i = 0; i < bytes; i++)
        if (escape_of(text[i]))
            fputs(escape_of(text[i]), out);
        else
            fputc(text[i], out);
}

/* Whether the text before `end` would be taken for a sentence's end, if the line ended there: a wider gap would follow, as behind
 * no sentence that ends within a line. */
static bool ends_sentence(const char *text, size_t end)
{
    while (end && strchr(" \n)]\"'*", text[end - 1]))
        end--;
    return end && strchr(".?!", text[end - 1]);
}

void roff_put_words(const char *text, size_t bytes, FILE *out)
{
    size_t column = 0;

    for (size_t at = 0; at < bytes;) {
        size_t length = strcspn(text + at, " \n");
        char *word = NULL;
        size_t word_bytes;
        FILE *memory;

        length = length < bytes - at ? length : bytes - at;
        if (!length) {
            at++;
            continue;
        }
        memory = open_memstream(&word, &word_bytes);
        roff_put_line(text + at, length, memory);
        fclose(memory);
        if (column && column + 1 + word_bytes > SOURCE_COLUMNS) {
            fputs(ends_sentence(text, at) ? "\\&\n" : "\n", out);
            column = 0;
        }
        column += (size_t)fprintf(out, "%s%s", column ? " " : "", word);
        free(word);
        at += length;
    }
    if (column)
        fputc('\n', out);
}
