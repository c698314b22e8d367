/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/json.h"

#include <assert.h>
#include <string.h>

enum { DEPTH_MOST = 64 }; /* as deep as brackets may be nested in what is passed over */

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

/* `at` is behind the first quote. Returns the place of the last one; NULL if there is none. */
static const char *text_end(const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at == '"')
            return at;
        if ((unsigned char)*at < 0x20)
            return NULL;
        at += *at == '\\';
    }
    return NULL;
}

/* `at` is a bracket. Returns the place behind the one that closes it; NULL if there is none. */
static const char *nested_end(const char *at, const char *end)
{
    char closing[DEPTH_MOST];
    int depth = 0;

    for (; at < end; at++)
        if (*at == '"') {
            at = text_end(at + 1, end);
            if (!at)
                return NULL;
        } else if (*at == '{' || *at == '[') {
            if (depth == DEPTH_MOST)
                return NULL;
            closing[depth++] = *at == '{' ? '}' : ']';
        } else if (*at == '}' || *at == ']') {
            assert(depth > 0);
            /* cppcheck-suppress negativeIndex ; a bracket was opened before */
            if (closing[--depth] != *at)
                return NULL;
            if (!depth)
                return at + 1;
        }
    return NULL;
}

static bool is_word(struct piece piece)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t bytes = (size_t)(piece.end - piece.text);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (bytes == strlen(words[i]) && !memcmp(words[i], piece.text, bytes))
            return true;
    return false;
}

/* A number, true, false or null. */
static bool take_plain(const char **at, const char *end, struct json_value *value)
{
    const char *text = *at;

    while (*at < end && !memchr(",]} \t\r", **at, 6))
        ++*at;
    value->piece = (struct piece){text, *at};
    value->kind = *at > text && (*text == '-' || (unsigned char)(*text - '0') <= 9) ? JSON_IS_NUMBER : JSON_IS_WORD;
    return value->kind == JSON_IS_NUMBER ? piece_is_real(value->piece) : is_word(value->piece);
}

static bool take_value(const char **at, const char *end, struct json_value *value)
{
    const char *text = *at = skip_blanks(*at, end), *stop;

    if (text == end)
        return false;
    if (*text == '"') {
        stop = text_end(text + 1, end);
        *value = (struct json_value){{text + 1, stop}, JSON_IS_TEXT};
        *at = stop ? stop + 1 : end;
        return stop;
    }
    if (*text != '{' && *text != '[')
        return take_plain(at, end, value);
    stop = nested_end(text, end);
    *value = (struct json_value){{text, stop}, *text == '{' ? JSON_IS_OBJECT : JSON_IS_ARRAY};
    *at = stop ? stop : end;
    return stop;
}

/* What comes behind a value: a comma, with something behind it, or the bracket that closes. */
static bool take_comma(const char **at, const char *end, char closing)
{
    *at = skip_blanks(*at, end);
    if (*at == end)
        return false;
    if (**at == closing)
        return true;
    if (**at != ',')
        return false;
    *at = skip_blanks(*at + 1, end);
    return *at < end && **at != closing;
}

bool json_open(const char **at, const char *end, char bracket)
{
    *at = skip_blanks(*at, end);
    if (*at == end || **at != bracket)
        return false;
    ++*at;
    return true;
}

/* 1: it ends here; 0: it goes on; -1: the text does. */
static int at_end(const char **at, const char *end, char closing)
{
    *at = skip_blanks(*at, end);
    if (*at == end)
        return -1;
    if (**at != closing)
        return 0;
    ++*at;
    return 1;
}

int json_member(const char **at, const char *end, struct piece *name, struct json_value *value)
{
    int ended = at_end(at, end, '}');
    const char *stop;

    if (ended)
        return ended < 0 ? -1 : 0;
    if (**at != '"' || !(stop = text_end(*at + 1, end)))
        return -1;
    *name = (struct piece){*at + 1, stop};
    *at = skip_blanks(stop + 1, end);
    if (*at == end || **at != ':')
        return -1;
    ++*at;
    return take_value(at, end, value) && take_comma(at, end, '}') ? 1 : -1;
}

int json_element(const char **at, const char *end, struct json_value *value)
{
    int ended = at_end(at, end, ']');

    if (ended)
        return ended < 0 ? -1 : 0;
    return take_value(at, end, value) && take_comma(at, end, ']') ? 1 : -1;
}

bool json_ends(const char *at, const char *end)
{
    return skip_blanks(at, end) == end;
}
