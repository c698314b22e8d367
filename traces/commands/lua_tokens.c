/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/commands/lua_tokens.h"

#include "sim/alloc.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { NUMBER_MOST = 200 }; /* characters of a number; Lua has no limit, and nobody writes such */

const char *const lua_keywords[] = {"and", "break",    "do",     "else", "elseif", "end",   "false",
                                    "for", "function", "if",     "in",   "local",  "nil",   "not",
                                    "or",  "repeat",   "return", "then", "true",   "until", "while"};

void lua_tokens_init(struct lua_tokens *tokens, const char *text, size_t bytes)
{
    *tokens = (struct lua_tokens){.at = text, .end = text + bytes};
    lua_tokens_next(tokens);
}

void lua_tokens_release(struct lua_tokens *tokens)
{
    free(tokens->escaped);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool begins(const struct lua_tokens *tokens, const char *with)
{
    size_t bytes = strlen(with);

    return (size_t)(tokens->end - tokens->at) >= bytes && !memcmp(tokens->at, with, bytes);
}

/* At "[=*[": how many "=", and -1 elsewhere. */
static long level_of(const struct lua_tokens *tokens)
{
    const char *at = tokens->at;

    if (at == tokens->end || *at++ != '[')
        return -1;
    while (at < tokens->end && *at == '=')
        at++;
    return at < tokens->end && *at == '[' ? at - tokens->at - 1 : -1;
}

/* At "[=*[": its text, without the line break that it may begin with. False: it has no end. */
static bool take_long(struct lua_tokens *tokens, long level)
{
    const char *at = tokens->at + level + 2, *close;

    if (at < tokens->end && (*at == '\n' || *at == '\r')) {
        char first = *at++;

        at += at < tokens->end && (*at == '\n' || *at == '\r') && *at != first;
    }
    for (close = at; tokens->end - close >= level + 2; close++) {
        long same = 0;

        if (*close != ']')
            continue;
        while (same < level && close[1 + same] == '=')
            same++;
        if (same < level || close[1 + level] != ']')
            continue;
        tokens->text = at;
        tokens->bytes = (size_t)(close - at);
        tokens->at = close + level + 2;
        return true;
    }
    return false;
}

/* Blanks and comments. False: a comment has no end. */
static bool skip(struct lua_tokens *tokens)
{
    for (;;) {
        long level;

        while (tokens->at < tokens->end && *tokens->at && strchr(" \t\r\n\f\v", *tokens->at))
            tokens->at++;
        if (!begins(tokens, "--"))
            return true;
        tokens->at += 2;
        level = level_of(tokens);
        if (level >= 0 && !take_long(tokens, level))
            return false;
        if (level < 0)
            while (tokens->at < tokens->end && *tokens->at != '\n')
                tokens->at++;
    }
}

/* What follows a backslash, as one character. False: a decimal number above 255. */
static bool unescape(struct lua_tokens *tokens, char *character)
{
    static const char letters[] = "abfnrtv", means[] = "\a\b\f\n\r\t\v";
    const char *found = *tokens->at ? strchr(letters, *tokens->at) : NULL;
    int number = 0;

    if (!is_digit(*tokens->at)) {
        *character = found ? means[found - letters] : *tokens->at;
        tokens->at++;
        return true;
    }
    for (int i = 0; i < 3 && tokens->at < tokens->end && is_digit(*tokens->at); i++)
        number = 10 * number + (*tokens->at++ - '0');
    *character = (char)number;
    return number <= 255;
}

static bool take_string(struct lua_tokens *tokens)
{
    char quote = *tokens->at++;
    size_t most = (size_t)(tokens->end - tokens->at), bytes = 0;

    if (most > tokens->room) {
        tokens->escaped = xrealloc(tokens->escaped, most);
        tokens->room = most;
    }
    while (tokens->at < tokens->end && *tokens->at != quote && *tokens->at != '\n' && *tokens->at != '\r') {
        char character = *tokens->at++;

        if (character == '\\' && (tokens->at == tokens->end || !unescape(tokens, &character)))
            return false;
        tokens->escaped[bytes++] = character;
    }
    if (tokens->at == tokens->end || *tokens->at != quote)
        return false;
    tokens->at++;
    tokens->text = tokens->escaped;
    tokens->bytes = bytes;
    return true;
}

/* read_numeral: digits and points, an exponent's sign, letters; then it is a number or it is not. */
static bool take_number(struct lua_tokens *tokens)
{
    char digits[NUMBER_MOST + 1], *end;
    size_t count = 0;

    while (tokens->at < tokens->end && count < NUMBER_MOST) {
        bool is_sign = count && (*tokens->at == '+' || *tokens->at == '-') && strchr("eE", digits[count - 1]) &&
                       !(count > 1 && strchr("xX", digits[1]));

        if (!is_sign && !is_digit(*tokens->at) && !is_letter(*tokens->at) && *tokens->at != '.')
            break;
        digits[count++] = *tokens->at++;
    }
    digits[count] = '\0';
    tokens->number = strtod(digits, &end);
    return end == digits + count;
}

static enum token word(const struct lua_tokens *tokens)
{
    for (size_t i = 0; i < sizeof lua_keywords / sizeof *lua_keywords; i++)
        if (strlen(lua_keywords[i]) == tokens->bytes && !memcmp(lua_keywords[i], tokens->text, tokens->bytes))
            return (enum token)(TOKEN_AND + i);
    return TOKEN_NAME;
}

static enum token take_name(struct lua_tokens *tokens)
{
    tokens->text = tokens->at;
    while (tokens->at < tokens->end && (is_letter(*tokens->at) || is_digit(*tokens->at)))
        tokens->at++;
    tokens->bytes = (size_t)(tokens->at - tokens->text);
    return word(tokens);
}

static enum token take_sign(struct lua_tokens *tokens)
{
    static const struct {
        const char *text;
        enum token token;
    } longer[] = {{"...", TOKEN_DOTS},   {"..", TOKEN_CONCAT},   {"==", TOKEN_EQUAL},
                  {"<=", TOKEN_AT_MOST}, {">=", TOKEN_AT_LEAST}, {"~=", TOKEN_UNEQUAL}};

    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++)
        if (begins(tokens, longer[i].text)) {
            tokens->at += strlen(longer[i].text);
            return longer[i].token;
        }
    tokens->sign = *tokens->at++;
    return tokens->sign && strchr("+-*/%^#<>=(){}[];:,.", tokens->sign) ? TOKEN_SIGN : TOKEN_BAD;
}

void lua_tokens_next(struct lua_tokens *tokens)
{
    long level;

    tokens->sign = '\0';
    if (tokens->token == TOKEN_BAD)
        return;
    if (!skip(tokens)) {
        tokens->token = TOKEN_BAD;
    } else if (tokens->at == tokens->end) {
        tokens->token = TOKEN_NONE;
    } else if (is_letter(*tokens->at)) {
        tokens->token = take_name(tokens);
    } else if (is_digit(*tokens->at) ||
               (*tokens->at == '.' && tokens->at + 1 < tokens->end && is_digit(tokens->at[1]))) {
        tokens->token = take_number(tokens) ? TOKEN_NUMBER : TOKEN_BAD;
    } else if (*tokens->at == '"' || *tokens->at == '\'') {
        tokens->token = take_string(tokens) ? TOKEN_STRING : TOKEN_BAD;
    } else if ((level = level_of(tokens)) >= 0) {
        tokens->token = take_long(tokens, level) ? TOKEN_STRING : TOKEN_BAD;
    } else {
        tokens->token = take_sign(tokens);
    }
}
