/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/words.h"

#include <ctype.h>
#include <string.h>

static int hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* What stands behind a backslash within double quotes; *at is left on its last character. */
static char escaped(char **at)
{
    static const char names[] = "nrtba", values[] = "\n\r\t\b\a";
    const char *name;

    if (**at == 'x' && isxdigit((unsigned char)(*at)[1]) && isxdigit((unsigned char)(*at)[2])) {
        *at += 2;
        return (char)(hex_digit((*at)[-1]) << 4 | hex_digit((*at)[0]));
    }
    name = strchr(names, **at);
    return name ? values[name - names] : **at;
}

/* Copies what is between quotes, *at being the first of them, which leaves *at behind the second. -1 when there is no
 * second, or when something follows it. */
static int copy_quoted(char **at, char **to)
{
    char quote = **at;

    for (++*at; **at && **at != quote; ++*at) {
        if (**at == '\\' && (*at)[1] && (quote == '"' || (*at)[1] == '\'')) {
            ++*at;
            *(*to)++ = quote == '"' ? escaped(at) : '\'';
        } else {
            *(*to)++ = **at;
        }
    }
    if (!**at)
        return -1;
    ++*at;
    return **at && !isspace((unsigned char)**at) ? -1 : 0;
}

static int copy_word(char **at, char **to)
{
    while (**at && !strchr(" \n\r\t", **at)) {
        if (**at != '"' && **at != '\'')
            *(*to)++ = *(*at)++;
        else
            return copy_quoted(at, to); /* quotes end their word */
    }
    return 0;
}

int words_split(char *line, char **words, size_t room, size_t *count)
{
    char *at = line;

    *count = 0;
    for (;;) {
        char *to;

        while (isspace((unsigned char)*at))
            at++;
        if (!*at)
            return 0;
        to = at;
        if (*count < room)
            words[*count] = at;
        ++*count;
        if (copy_word(&at, &to))
            return -1;
        at += *at != '\0'; /* the end of the word may be the blank that follows it */
        *to = '\0';
    }
}
