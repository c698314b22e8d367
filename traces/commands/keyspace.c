/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyspace: the arguments of commands on keys of any type (traces/commands/words.h): SCAN, SORT, RESTORE, BLESS, MEMORY USAGE; LINDEX.
 *
 * Source: scanGenericCommand (db.c), sortCommandGeneric (sort.c), restoreCommand (cluster.c), memoryCommand (object.c) of Redis 7.0. */
#include "traces/rdb/payload.h"
#include "traces/commands/options.h"
#include "traces/commands/words.h"

#include "sim/digits.h"

#include <string.h>

/* The enum value_type of a type's name in SCAN. TYPE_ANY if no type has this name. */
static enum value_type type_named(const struct argument *name)
{
    static const char *const names[] = {[TYPE_STRING] = "string", [TYPE_HASH] = "hash", [TYPE_LIST] = "list",
                                        [TYPE_SET] = "set",       [TYPE_ZSET] = "zset", [TYPE_STREAM] = "stream"};

    for (size_t type = TYPE_STRING; type < sizeof names / sizeof *names; type++)
        if (argument_is(name, names[type]))
            return (enum value_type)type;
    return TYPE_ANY;
}

/* The cursor, which may exceed int64, is followed by COUNT, MATCH and TYPE. */
enum outcome words_scan(struct words *words)
{
    static const struct named_word names[] = {{"count", WORD_COUNT}, {"match", WORD_MATCH}, {"type", WORD_TYPE}};
    const struct argument *cursor = &words->list[words->next];
    uint64_t number;
    int64_t count;
    enum word word;

    if (!words_left(words))
        return ARITY;
    if (!digits_scan(cursor->text, cursor->text + cursor->bytes, &number))
        return NUMBER;
    words_take(words)->number = (int64_t)number;
    while (words_left(words)) {
        if (!words_take_name(words, names, 3, &word) || !words_left(words))
            return SYNTAX;
        if (word == WORD_TYPE)
            words_take(words)->number = type_named(&words->list[words->next - 1]);
        else if (word == WORD_MATCH)
            words_take_member(words)->flags = ELEMENT_TEXT;
        else if (!words_take_integer(words, &count))
            return NUMBER;
        else if (count < 1)
            return SYNTAX;
    }
    return DONE;
}

/* What the key's value is compared with: the condition, and its value. Which condition it is the server reads when it has found the
 * key. */
enum outcome words_delex(struct words *words)
{
    static const struct named_word names[] = {
        {"ifeq", WORD_IFEQ}, {"ifne", WORD_IFNE}, {"ifdeq", WORD_IFDEQ}, {"ifdne", WORD_IFDNE}};
    struct element *element;
    enum word word = WORD_IFEQ;

    if (!words_left(words))
        return DONE;
    if (words_left(words) != 2)
        return ARITY;
    words->queue->compares = true;
    if (!words_take_name(words, names, 4, &word))
        words_take(words)->flags = ELEMENT_INVALID;
    element = words_take(words);
    if (word == WORD_IFDEQ || word == WORD_IFDNE)
        element_set_digest(element, &words->list[words->next - 1]);
    else
        element_set_text(element, &words->list[words->next - 1]);
    return DONE;
}

/* One flag or more; there is one alone, and none may be said twice. */
enum outcome words_bless(struct words *words)
{
    if (!words_left(words))
        return ARITY;
    if (words_left(words) > 1 || !argument_is(&words->list[words->next], "no-evict"))
        return SYNTAX;
    words_take(words);
    return DONE;
}

/* The cursor, the flag, COUNT. */
enum outcome words_bless_scan(struct words *words)
{
    static const struct named_word names[] = {{"count", WORD_COUNT}};
    const struct argument *cursor = &words->list[words->next];
    uint64_t number;
    int64_t count;
    enum word word;

    if (words_left(words) < 2)
        return ARITY;
    if (!digits_scan(cursor->text, cursor->text + cursor->bytes, &number))
        return NUMBER;
    words_take(words)->number = (int64_t)number;
    if (!argument_is(&words->list[words->next], "no-evict"))
        return SYNTAX;
    words_take(words);
    while (words_left(words)) {
        if (!words_take_name(words, names, 1, &word) || !words_left(words))
            return SYNTAX;
        if (!words_take_integer(words, &count))
            return NUMBER;
        if (count < 1)
            return SYNTAX;
    }
    return DONE;
}

enum outcome words_keys(struct words *words)
{
    if (words_left(words) != 1)
        return ARITY;
    words_take_member(words)->flags = ELEMENT_TEXT;
    return DONE;
}

static void queue_text(struct words *words, const char *text, uint32_t bytes)
{
    struct named_element *named = queue_element(words->queue, &words->queue->records[words->record]);

    named->element.flags = ELEMENT_CONTENT;
    named->text = text;
    named->bytes = bytes;
}

/* Two elements behind the pattern's: its field, if it is one such as user:*->name; and the empty text, which stands for what is not
 * found. */
static void queue_field(struct words *words, const struct argument *pattern)
{
    const char *end = pattern->text + pattern->bytes, *star = memchr(pattern->text, '*', pattern->bytes);
    const char *arrow = memmem(star + 1, (size_t)(end - star - 1), "->", 2);

    queue_text(words, arrow ? arrow + 2 : "", arrow ? (uint32_t)(end - arrow - 2) : 0);
    queue_text(words, "", 0);
}

/* Takes the pattern of BY or GET. Its element has an enum sort_pattern as its number. */
static void take_pattern(struct words *words)
{
    const struct argument *pattern = &words->list[words->next];
    enum sort_pattern kind = PATTERN_CONSTANT;
    struct named_element *named;

    if (argument_is(pattern, "#"))
        kind = PATTERN_ELEMENT;
    else if (memchr(pattern->text, '*', pattern->bytes))
        kind = PATTERN_KEYS;
    named = words_take_named(words);
    named->element.flags = ELEMENT_BOUND | (kind == PATTERN_KEYS ? ELEMENT_TEXT : 0);
    named->element.number = kind;
    named->text = ""; /* a constant pattern finds the empty text */
    if (kind == PATTERN_KEYS) {
        named->text = pattern->text;
        named->bytes = pattern->bytes;
        queue_field(words, pattern);
    }
}

/* SORT, SORT_RO. The key to store under has a row of its own and is taken last. */
enum outcome words_sort(struct words *words)
{
    static const struct named_word names[] = {{"asc", WORD_ASC},    {"desc", WORD_DESC}, {"alpha", WORD_ALPHA},
                                              {"by", WORD_BY},      {"get", WORD_GET},   {"limit", WORD_LIMIT},
                                              {"store", WORD_STORE}};
    const size_t known = words->row->op == OP_SORT ? 7 : 6;
    size_t store_at = 0;
    int64_t number;
    enum word word;

    while (words_left(words)) {
        if (!words_take_name(words, names, known, &word))
            return SYNTAX;
        if (word == WORD_LIMIT) {
            if (words_left(words) < 2)
                return SYNTAX;
            if (!words_take_integer(words, &number) || !words_take_integer(words, &number))
                return NUMBER;
        } else if (word == WORD_STORE || word == WORD_BY || word == WORD_GET) {
            if (!words_left(words))
                return SYNTAX;
            if (word == WORD_STORE)
                store_at = words->next++;
            else
                take_pattern(words);
        }
    }
    if (store_at) {
        words->next = store_at;
        words_take_key(words);
    }
    return DONE;
}

/* Of a list. The server looks at the index only when it has found the key. */
enum outcome words_lindex(struct words *words)
{
    int64_t index;

    if (words_left(words) != 1)
        return ARITY;
    if (!words_take_integer(words, &index))
        words->queue->named[words->queue->named_count - 1].element.flags |= ELEMENT_INVALID;
    return DONE;
}

enum outcome words_memory_usage(struct words *words)
{
    static const struct named_word samples = {"samples", WORD_SAMPLES};
    enum word word;
    int64_t number;

    while (words_left(words)) {
        if (!words_take_name(words, &samples, 1, &word) || !words_left(words))
            return SYNTAX;
        if (!words_take_integer(words, &number))
            return NUMBER;
        if (number < 0)
            return SYNTAX;
    }
    return DONE;
}

/* The options of RESTORE. */
static enum outcome take_restore_options(struct words *words)
{
    static const struct named_word names[] = {
        {"replace", WORD_REPLACE}, {"absttl", WORD_ABSTTL}, {"idletime", WORD_IDLETIME}, {"freq", WORD_FREQ}};
    enum word word;
    int64_t number;
    int aged = 0; /* the one of IDLETIME and FREQ that was given, which excludes the other */

    while (words_left(words)) {
        if (!words_take_name(words, names, 4, &word))
            return SYNTAX;
        if (word == WORD_ABSTTL)
            words->queue->records[words->record].flags |= REQUEST_ABSOLUTE;
        if (word != WORD_IDLETIME && word != WORD_FREQ)
            continue;
        if (!words_left(words) || (aged && aged != (int)word))
            return SYNTAX;
        aged = (int)word;
        if (!words_take_integer(words, &number) || number < 0 || (word == WORD_FREQ && number > 255))
            return NUMBER;
    }
    return DONE;
}

/* A ttl, the payload, and options: an element each. What the payload holds follows. */
enum outcome words_restore(struct words *words)
{
    const struct argument *payload = &words->list[words->next + 1];
    struct record *record;
    size_t place;
    int64_t ttl;
    unsigned version;
    enum payload_kind kind;
    enum outcome outcome;

    if (words_left(words) < 2)
        return ARITY;
    if (!words_take_integer(words, &ttl))
        return NUMBER;
    place = words->queue->named_count;
    words_take(words)->flags = ELEMENT_INTEGER;
    outcome = take_restore_options(words);
    record = &words->queue->records[words->record];
    record->ttl_ms = ttl;
    if (ttl)
        record->flags |= REQUEST_TTL | REQUEST_MILLIS;
    if (outcome != DONE)
        return outcome;
    kind = payload_queue(words->queue, record, payload, &version);
    words->queue->named[place].element.number = (int64_t)kind | (int64_t)version << 8;
    return kind == PAYLOAD_UNKNOWN ? PARTLY : DONE;
}
