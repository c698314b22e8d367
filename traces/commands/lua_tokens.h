/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua_tokens: the tokens of a script in Lua 5.1, one by one (llex.c).
 *
 * A name or a string is known by its text as Lua has it, escapes undone. What is no Lua ends in TOKEN_BAD, again and again. */
#ifndef TRACES_COMMANDS_LUA_TOKENS_H
#define TRACES_COMMANDS_LUA_TOKENS_H

#include <stdint.h>
#include <stdlib.h>

/* Keywords are in alphabetical order, as in lua_keywords. */
enum token {
    TOKEN_NONE, /* the script is at its end */
    TOKEN_BAD,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_AND,
    TOKEN_BREAK,
    TOKEN_DO,
    TOKEN_ELSE,
    TOKEN_ELSEIF,
    TOKEN_END,
    TOKEN_FALSE,
    TOKEN_FOR,
    TOKEN_FUNCTION,
    TOKEN_IF,
    TOKEN_IN,
    TOKEN_LOCAL,
    TOKEN_NIL,
    TOKEN_NOT,
    TOKEN_OR,
    TOKEN_REPEAT,
    TOKEN_RETURN,
    TOKEN_THEN,
    TOKEN_TRUE,
    TOKEN_UNTIL,
    TOKEN_WHILE,
    TOKEN_CONCAT,
    TOKEN_DOTS,
    TOKEN_EQUAL,
    TOKEN_AT_MOST,
    TOKEN_AT_LEAST,
    TOKEN_UNEQUAL,
    TOKEN_SIGN, /* of one character, which `sign` says */
};

struct lua_tokens {
    const char *at, *end;
    enum token token;
    char sign;
    const char *text; /* of a name or a string: valid until the next token */
    size_t bytes;
    double number;
    char *escaped; /* owned: room for a string with escapes; NULL until there is one */
    size_t room;
};

extern const char *const lua_keywords[TOKEN_WHILE - TOKEN_AND + 1];

/* The caller releases it. The text is to live as long. */
void lua_tokens_init(struct lua_tokens *tokens, const char *text, size_t bytes);
void lua_tokens_release(struct lua_tokens *tokens);
void lua_tokens_next(struct lua_tokens *tokens);

#endif
