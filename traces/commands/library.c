/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/commands/library.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- the first line ---- */

static bool is_name(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return bytes > 0;
}

/* The name in "#!lua name=NAME"; no bytes if the line is another. */
static struct argument name_of(const char *text, uint32_t bytes)
{
    static const char engine[] = "#!lua", option[] = "name=";
    const char *end = memchr(text, '\n', bytes), *at = text + strlen(engine), *name;

    if (!end || (size_t)(end - text) < strlen(engine) || strncasecmp(text, engine, strlen(engine)) != 0)
        return (struct argument){"", 0};
    while (at < end && isspace((unsigned char)*at))
        at++;
    if ((size_t)(end - at) < strlen(option) || strncasecmp(at, option, strlen(option)) != 0)
        return (struct argument){"", 0};
    name = at += strlen(option);
    while (at < end && !isspace((unsigned char)*at))
        at++;
    return (struct argument){name, is_name(name, (size_t)(at - name)) ? (uint32_t)(at - name) : 0};
}

/* ---- Lua's tokens ---- */

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_SIGN };

/* A sign is one character, a string what is between its quotes. */
struct token {
    enum token_kind kind;
    const char *text;
    uint32_t bytes;
};

struct code {
    const char *at, *end;
};

/* The bytes between the brackets of [[...]] or [==[...]==]; false: none begins here. */
static bool take_long_bracket(struct code *code, struct token *token)
{
    const char *at = code->at + 1;
    size_t level = 0;

    while (at < code->end && *at == '=') {
        at++;
        level++;
    }
    if (at >= code->end || *at != '[')
        return false;
    token->text = ++at;
    for (; at < code->end; at++) {
        size_t signs = 0;

        while (*at == ']' && at + 1 + signs < code->end && at[1 + signs] == '=')
            signs++;
        if (*at == ']' && signs == level && at + 1 + signs < code->end && at[1 + signs] == ']')
            break;
    }
    token->bytes = (uint32_t)(at - token->text);
    code->at = (size_t)(code->end - at) > level + 2 ? at + level + 2 : code->end;
    return true;
}

/* Blanks and comments. */
static void skip_blanks(struct code *code)
{
    struct token ignored;

    for (;;) {
        while (code->at < code->end && isspace((unsigned char)*code->at))
            code->at++;
        if (code->end - code->at < 2 || memcmp(code->at, "--", 2) != 0)
            return;
        code->at += 2;
        if (code->at < code->end && *code->at == '[' && take_long_bracket(code, &ignored))
            continue;
        while (code->at < code->end && *code->at != '\n')
            code->at++;
    }
}

/* A character behind a backslash counts as it stands, the backslash does not. */
static struct token take_quoted(struct code *code)
{
    const char quote = *code->at++;
    struct token token = {TOKEN_STRING, code->at, 0};

    while (code->at < code->end && *code->at != quote) {
        code->at += *code->at == '\\' && code->at + 1 < code->end ? 2 : 1;
        token.bytes++;
    }
    code->at += code->at < code->end;
    return token;
}

static struct token take_token(struct code *code)
{
    struct token token = {.kind = TOKEN_END};

    skip_blanks(code);
    if (code->at >= code->end)
        return token;
    if (*code->at == '\'' || *code->at == '"')
        return take_quoted(code);
    if (*code->at == '[' && take_long_bracket(code, &token)) {
        token.kind = TOKEN_STRING;
        return token;
    }
    token = (struct token){TOKEN_SIGN, code->at, 1};
    if (isalpha((unsigned char)*code->at) || *code->at == '_')
        token.kind = TOKEN_NAME;
    do {
        code->at++;
    } while (token.kind == TOKEN_NAME && code->at < code->end &&
             (isalnum((unsigned char)*code->at) || *code->at == '_'));
    token.bytes = (uint32_t)(code->at - token.text);
    return token;
}

static bool token_is(const struct token *token, const char *text)
{
    return token->kind != TOKEN_STRING && token->bytes == strlen(text) && !memcmp(token->text, text, token->bytes);
}

/* ---- functions ---- */

struct registration {
    struct token name, description;
    int64_t flags;
};

static bool string_is(const struct token *token, const char *text)
{
    return token->kind == TOKEN_STRING && token->bytes == strlen(text) && !memcmp(token->text, text, token->bytes);
}

static int64_t take_flags(struct code *code)
{
    struct token token = take_token(code);
    int64_t flags = 0;

    while (token.kind != TOKEN_END && !token_is(&token, "}")) {
        flags |= string_is(&token, "no-writes") ? SCRIPT_WRITES_NOTHING : 0;
        flags |= string_is(&token, "allow-oom") ? SCRIPT_ALLOWS_OOM : 0;
        token = take_token(code);
    }
    return flags;
}

/* function_name='...', callback=..., flags={...}, description='...', in any order, up to the brace that ends them. */
static void take_named_arguments(struct code *code, struct registration *registration)
{
    struct token before = {TOKEN_SIGN, ",", 1}, token;

    for (int depth = 1; depth; before = token) {
        bool begins = depth == 1 && (token_is(&before, ",") || token_is(&before, ";"));
        struct code behind;
        struct token sign, value;

        token = take_token(code);
        if (token.kind == TOKEN_END)
            return;
        depth += token_is(&token, "{") - token_is(&token, "}");
        behind = *code;
        sign = take_token(&behind);
        if (!begins || token.kind != TOKEN_NAME || !token_is(&sign, "="))
            continue;
        value = take_token(&behind);
        if (token_is(&token, "function_name") && value.kind == TOKEN_STRING)
            registration->name = value;
        else if (token_is(&token, "description") && value.kind == TOKEN_STRING)
            registration->description = value;
        else if (token_is(&token, "flags") && token_is(&value, "{"))
            registration->flags |= take_flags(&behind);
        else
            continue;
        *code = behind;
    }
}

/* What follows register_function: ('name', ...) or {...}, perhaps in brackets. */
static struct registration take_registration(struct code *code)
{
    struct registration registration = {.flags = SCRIPT_DECLARES};
    struct token token = take_token(code);

    if (token_is(&token, "("))
        token = take_token(code);
    if (token.kind == TOKEN_STRING)
        registration.name = token;
    else if (token_is(&token, "{"))
        take_named_arguments(code, &registration);
    return registration;
}

static void queue_function(struct queue *queue, struct record *record, const struct registration *registration)
{
    struct named_element *named;
    named = queue_element(queue, record);
    named->text = registration->name.text;
    named->bytes = registration->name.bytes;
    named->element.flags = ELEMENT_CONTENT | ELEMENT_ANY_CASE;
    named->element.number = registration->flags;
    if (registration->description.kind != TOKEN_END) {
        named->element.flags |= ELEMENT_SCORED;
        named->element.value_len = registration->description.bytes;
    }
}

enum outcome library_queue(struct queue *queue, struct record *record, const char *text, uint32_t bytes)
{
    struct argument name = name_of(text, bytes);
    struct code code = {name.text + name.bytes, text + bytes};
    struct token module = {.kind = TOKEN_END}, dot = module, token;
    struct named_element *library;
    bool is_whole = true;
    uint32_t functions = 0;

    if (!name.bytes)
        return SYNTAX;
    library = queue_element(queue, record);
    library->text = name.text;
    library->bytes = name.bytes;
    library->element.flags = ELEMENT_CONTENT | ELEMENT_SCRIPT;
    library->element.value_len = bytes;
    for (; (token = take_token(&code)).kind != TOKEN_END; module = dot, dot = token) {
        struct registration registration;

        if (!token_is(&token, "register_function") || !token_is(&dot, ".") ||
            !(token_is(&module, "redis") || token_is(&module, "server")))
            continue;
        registration = take_registration(&code);
        is_whole &= registration.name.kind == TOKEN_STRING;
        functions++;
        if (registration.name.kind == TOKEN_STRING)
            queue_function(queue, record, &registration);
    }
    return !functions ? SYNTAX : is_whole ? DONE : PARTLY;
}
