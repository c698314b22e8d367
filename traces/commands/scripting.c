/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scripting: EVAL, EVALSHA, FCALL and their kin, SCRIPT LOAD, and the libraries of functions (library.h). The first element of the row is the script: its text,
 * the SHA1 of its text, or a function's name. The commands that it calls are rows of their own, with client
 * CLIENT_SCRIPT.
 *
 *     #!lua flags=no-writes,allow-oom       a script's first line may declare its needs
 *
 * Source: evalExtractShebangFlags (eval.c), evalGenericCommand, fcallCommandGeneric, functionLoadCommand,
 * functionRestoreCommand (functions.c). */
#include "traces/commands/lua_chunk.h"
#include "traces/commands/library.h"
#include "traces/rdb/payload.h"
#include "traces/commands/words.h"

#include "sim/digits.h"

#include <string.h>

enum { SPELLED_MOST = 4096 }; /* bytes; what keeps traces keeps each text once, for good */

/* Whether the list of flags has this one. Commas separate the flags. */
static bool lists_flag(const char *text, const char *end, const char *flag)
{
    while (text < end) {
        const char *comma = memchr(text, ',', (size_t)(end - text)), *stop = comma ? comma : end;

        if ((size_t)(stop - text) == strlen(flag) && !memcmp(text, flag, strlen(flag)))
            return true;
        text = stop + 1;
    }
    return false;
}

/* The flags that the script's first line declares: enum script_flag. */
static int64_t flags_of(const struct argument *script)
{
    const char *text = script->text, *end, *flags;
    int64_t found = SCRIPT_DECLARES;

    if (script->bytes < 2 || memcmp(text, "#!", 2) != 0)
        return 0;
    end = memchr(text, '\n', script->bytes);
    end = end ? end : text + script->bytes;
    flags = memmem(text, (size_t)(end - text), " flags=", 7);
    if (!flags)
        return found;
    flags += 7;
    const char *space = memchr(flags, ' ', (size_t)(end - flags));
    end = space ? space : end;
    found |= lists_flag(flags, end, "no-writes") ? SCRIPT_WRITES_NOTHING : 0;
    found |= lists_flag(flags, end, "allow-oom") ? SCRIPT_ALLOWS_OOM : 0;
    return found;
}

static enum outcome take_script(struct words *words, unsigned flag)
{
    const struct argument *script = &words->list[words->next];
    struct element *element;

    if (!words_left(words))
        return ARITY;
    element = words_take_member(words);
    element->value_len = script->bytes;
    element->flags = ELEMENT_SCRIPT | flag;
    if (flag == ELEMENT_SCRIPT_TEXT)
        element->number =
            flags_of(script) | (int64_t)lua_chunk_weigh(script->text, script->bytes).block_bytes * SCRIPT_BYTES;
    return DONE;
}

/* Takes an argument that nobody looks at. */
static void take_argument(struct words *words)
{
    const struct argument *argument = &words->list[words->next];
    struct named_element *named = words_take_named(words);

    if (!words->queue->spells || argument->bytes > SPELLED_MOST)
        return;
    named->text = argument->text;
    named->bytes = argument->bytes;
    named->element.flags |= ELEMENT_SPELLED;
}

/* Takes the number of keys, the keys, and the other arguments of the script. */
static enum outcome take_keys_and_rest(struct words *words)
{
    int64_t keys;

    if (!words_left(words))
        return ARITY;
    if (!digits_canonical(words->list[words->next].text, words->list[words->next].text + words->list[words->next].bytes,
                          &keys) ||
        keys < 0)
        return NUMBER;
    if ((uint64_t)keys > words_left(words) - 1)
        return SYNTAX;
    while (words_left(words))
        take_argument(words);
    return DONE;
}

enum outcome words_eval(struct words *words)
{
    return take_script(words, ELEMENT_SCRIPT_TEXT) == DONE ? take_keys_and_rest(words) : ARITY;
}

enum outcome words_evalsha(struct words *words)
{
    return take_script(words, ELEMENT_SCRIPT_SHA1) == DONE ? take_keys_and_rest(words) : ARITY;
}

enum outcome words_fcall(struct words *words)
{
    return take_script(words, ELEMENT_ANY_CASE) == DONE ? take_keys_and_rest(words) : ARITY;
}

/* ---- libraries ---- */

enum outcome words_function_load(struct words *words)
{
    static const struct named_word replace = {"replace", WORD_REPLACE};
    const struct argument *text;
    enum word word;

    if (words_left(words) > 1 && (words_left(words) > 2 || !words_take_name(words, &replace, 1, &word)))
        return SYNTAX;
    if (!words_left(words))
        return ARITY;
    text = &words->list[words->next];
    words_take(words)->flags = ELEMENT_WORD;
    return library_queue(words->queue, &words->queue->records[words->record], text->text, text->bytes);
}

enum outcome words_function_delete(struct words *words)
{
    if (words_left(words) != 1)
        return ARITY;
    words_take_member(words);
    return DONE;
}

enum outcome words_function_flush(struct words *words)
{
    static const struct named_word names[] = {{"async", WORD_ASYNC}, {"sync", WORD_SYNC}};
    enum word word;

    if (words_left(words) > 1)
        return ARITY;
    return !words_left(words) || words_take_name(words, names, 2, &word) ? DONE : SYNTAX;
}

enum outcome words_function_restore(struct words *words)
{
    static const struct named_word names[] = {
        {"flush", WORD_FLUSH}, {"append", WORD_APPEND}, {"replace", WORD_REPLACE}};
    const struct argument *payload = &words->list[words->next];
    enum word word;

    if (words_left(words) < 1 || words_left(words) > 2)
        return ARITY;
    words_take(words)->flags = ELEMENT_WORD;
    words->queue->named[words->queue->named_count - 1].element.number = WORD_PAYLOAD;
    if (words_left(words) && !words_take_name(words, names, 3, &word))
        return SYNTAX;
    return payload_queue_libraries(words->queue, &words->queue->records[words->record], payload);
}

enum outcome words_script_load(struct words *words)
{
    return take_script(words, ELEMENT_SCRIPT_TEXT) == DONE && !words_left(words) ? DONE : ARITY;
}
