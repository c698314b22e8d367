/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/string_compare.h"

#include "sim/decimal.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

/* A text, as far as it is known: the server compares texts, so 3.0 and 3e0 differ. */
struct known_text {
    uint64_t digest; /* XXH3-64 */
    uint64_t mask;   /* which of its bits are known; 0: none */
};

static const uint64_t ALL_BITS = UINT64_MAX;

static struct known_text text_of_integer(int64_t number)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRId64, number);

    return (struct known_text){XXH3_64bits(text, (size_t)length), ALL_BITS};
}

/* What INCRBYFLOAT has written. */
static struct known_text text_of_sum(long double number)
{
    char text[DECIMAL_CHARS] = "";
    uint32_t length = decimal_write(number, text);

    return (struct known_text){XXH3_64bits(text, length), ALL_BITS};
}

static struct known_text text_of_value(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);
    const struct decimal *decimal = redis->decimals ? &redis->decimals[id] : NULL;

    if (!entry_value_length(entry))
        return (struct known_text){XXH3_64bits("", 0), ALL_BITS};
    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED)
        return text_of_integer(entry->number);
    if (decimal && decimal->known && decimal->computed)
        return text_of_sum(decimal->value);
    if (decimal && decimal->digest)
        return (struct known_text){decimal->digest, decimal->known ? DECIMAL_DIGEST : ALL_BITS};
    return (struct known_text){0};
}

/* Of an element that a value is compared with. Those of files that were written when numbers had no digest are not known. */
static struct known_text text_of_element(const struct element *element)
{
    if (element->flags & ELEMENT_INTEGER)
        return text_of_integer(element->number);
    if (element->flags & ELEMENT_DECIMAL || !element->number)
        return (struct known_text){0};
    return (struct known_text){(uint64_t)element->number, ALL_BITS};
}

/* The value that DELIFEQ compares with. */
static struct known_text text_of_argument(const struct call *call)
{
    if (call->flags & REQUEST_INTEGER)
        return text_of_integer(call->number);
    if (call->flags & REQUEST_DECIMAL)
        return (struct known_text){decimal_mark_of(call->second), decimal_mark_of(call->second) ? DECIMAL_DIGEST : 0};
    return (struct known_text){(uint64_t)call->number, call->number ? ALL_BITS : 0};
}

/* *known: whether that follows. */
static bool is_equal(const struct redis *redis, uint32_t id, struct known_text text, bool *known)
{
    struct known_text value = text_of_value(redis, id);

    *known = value.mask && text.mask;
    return *known && !((value.digest ^ text.digest) & value.mask & text.mask);
}

/* Likewise, of texts whose lengths are known as well. compareStringObjects(). */
static bool is_equal_text(const struct redis *redis, uint32_t id, struct known_text text, uint32_t length, bool *known)
{
    *known = true;
    if (entry_value_length(entry_of(redis, id)) != length)
        return false;
    return !length || is_equal(redis, id, text, known);
}

/* Whether the value's digest is that of the element, or its text. */
static bool is_same(const struct redis *redis, uint32_t id, const struct element *element, bool *known)
{
    *known = true;
    if (!(element->flags & ELEMENT_DIGEST))
        return is_equal_text(redis, id, text_of_element(element), element->value_len, known);
    if (element->flags & ELEMENT_INVALID)
        return false;
    return is_equal(redis, id, (struct known_text){(uint64_t)element->number, ALL_BITS}, known);
}

/* Whether that is as the condition wants it. A digest has a length, which the server looks at when it has found the key. */
static bool meets(struct call *call, const struct element *element, bool differs)
{
    enum { DIGITS = 16 };
    bool known, same;

    if (element->flags & ELEMENT_DIGEST && element->value_len != DIGITS) {
        call_reply_error(call);
        return false;
    }
    same = is_same(call->redis, call->id, element, &known);
    call->redis->counters.comparisons_left_out += !known;
    return known && same != differs;
}

bool string_meets_condition(struct call *call, bool is_there)
{
    const struct element *last = call_elements(call) + call->elements - 1;
    bool differs = last->flags & ELEMENT_DIFFERS;

    return is_there ? meets(call, last, differs) : differs;
}

static void delete_compared(struct call *call)
{
    key_delete(call->redis, call->id);
    call_propagate_deletion(call, false);
    call_rewrite_as_name_and_key(call);
    call->redis->counters.deleted_keys++;
    call_reply_integer(call, 1);
}

/* Whether the condition of DELEX holds. */
static bool condition_holds(struct call *call)
{
    const struct element *elements = call_elements(call);
    enum word word = (enum word)elements->number;

    return meets(call, elements + 1, word == WORD_IFNE || word == WORD_IFDNE);
}

/* Without a condition it is DEL, of any type; with one the value must be a string, which is read: a hit or a miss. */
void run_delex(struct call *call)
{
    struct entry *entry;

    if (!call->elements) {
        run_del(call);
        return;
    }
    entry = key_lookup(call->redis, call->id, LOOKUP_READ);
    if (!entry) { /* and nothing is looked at that the condition says */
        call_reply_integer(call, 0);
        return;
    }
    if (call_elements(call)->flags & ELEMENT_INVALID || !entry_is_string(entry))
        call_reply_error(call);
    else if (condition_holds(call))
        delete_compared(call);
    else if (!call->failed)
        call_reply_integer(call, 0);
}

void run_delifeq(struct call *call)
{
    struct entry *entry = call_lookup_typed_write(call);
    bool known = true, equal;

    if (call->failed)
        return;
    equal = entry && is_equal_text(call->redis, call->id, text_of_argument(call), call->value_len, &known);
    call->redis->counters.comparisons_left_out += !known;
    if (!equal) {
        if (entry)
            call_touched(call);
        call_reply_integer(call, 0);
        return;
    }
    delete_compared(call);
}

void run_digest(struct call *call)
{
    enum { DIGITS = 16 };
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);

    if (call_is_wrong_type(call, entry))
        return;
    if (entry)
        call_reply_bulk(call, DIGITS);
    else
        call_reply_nil(call);
}
