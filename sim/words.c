/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/words.h"

#include <ctype.h>
#include <string.h>

static int hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The character that a backslash within double quotes stands for. *at is moved to its last character. */
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

/* Copies the text between quotes. *at is at the first quote, and is moved behind the second. Returns -1 if the second
 * quote is missing or something follows it. */
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
            return copy_quoted(at, to); /* a quote ends the word */
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
        at += *at != '\0'; /* skips the blank that ends the word */
        *to = '\0';
    }
}
