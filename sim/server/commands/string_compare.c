/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/string_compare.h"

#include "sim/decimal.h"
#include "sim/server/commands/zset.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

/* What a value is compared with. */
struct comparand {
    uint32_t length;
    enum { TEXT_INTEGER, TEXT_NUMBER, TEXT_OTHER } kind;
    int64_t number; /* the integer, or the digest of what is no number */
    long double decimal;
};

/* compareStringObjects(). *known: whether that follows from what is known of the value. Two numbers that are no integers are
 * taken for the same text if they are equal and as long. */
static bool is_equal(const struct redis *redis, uint32_t id, const struct comparand *text, bool *known)
{
    const struct entry *entry = entry_of(redis, id);
    const struct decimal *decimal = redis->decimals ? &redis->decimals[id] : NULL;

    *known = true;
    if (entry_value_length(entry) != text->length)
        return false;
    if (!text->length)
        return true;
    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED)
        return text->kind == TEXT_INTEGER && text->number == entry->number;
    if (decimal && decimal->known && text->kind == TEXT_INTEGER)
        return decimal->computed && decimal->value == (long double)text->number;
    if (decimal && decimal->known)
        return text->kind == TEXT_NUMBER && (double)decimal->value == (double)text->decimal;
    if (decimal && decimal->digest)
        return text->kind == TEXT_OTHER && decimal->digest == text->number;
    *known = false;
    return false;
}

/* Likewise; a comparison that is not known is left out, and counted. */
static bool compares_equal(const struct call *call, const struct comparand *text)
{
    bool known, equal = is_equal(call->redis, call->id, text, &known);

    call->redis->counters.comparisons_left_out += !known;
    return equal;
}

static struct comparand comparand_of(const struct element *element)
{
    struct comparand text = {.length = element->value_len, .kind = TEXT_OTHER, .number = element->number};

    if (element->flags & ELEMENT_INTEGER)
        text.kind = TEXT_INTEGER;
    if (element->flags & ELEMENT_DECIMAL) {
        text.kind = TEXT_NUMBER;
        text.decimal = zset_element_double(element);
    }
    return text;
}

/* What DIGEST says of the value, if that follows from what is known of it. */
static bool digest_of(const struct redis *redis, uint32_t id, uint64_t *digest)
{
    const struct entry *entry = entry_of(redis, id);
    const struct decimal *decimal = redis->decimals ? &redis->decimals[id] : NULL;
    char text[DECIMAL_CHARS] = "";
    size_t length = 0;

    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED)
        length = (size_t)snprintf(text, sizeof text, "%" PRId64, entry->number);
    else if (decimal && decimal->known)
        length = decimal_write(decimal->value, text);
    else if (decimal && decimal->digest)
        return *digest = (uint64_t)decimal->digest, true;
    *digest = XXH3_64bits(text, length);
    return length == entry_value_length(entry);
}

/* Whether the value's digest is that of the element, or its text: *known, whether that follows. */
static bool is_same(const struct redis *redis, uint32_t id, const struct element *element, bool *known)
{
    const struct comparand text = comparand_of(element);
    uint64_t digest;

    if (!(element->flags & ELEMENT_DIGEST))
        return is_equal(redis, id, &text, known);
    *known = element->flags & ELEMENT_INVALID || digest_of(redis, id, &digest);
    return *known && !(element->flags & ELEMENT_INVALID) && digest == (uint64_t)element->number;
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
    struct comparand text = {.length = call->value_len, .kind = TEXT_OTHER, .number = call->number};
    struct entry *entry = call_lookup_typed_write(call);

    if (call->failed)
        return;
    if (call->flags & REQUEST_INTEGER)
        text.kind = TEXT_INTEGER;
    if (call->flags & REQUEST_DECIMAL) {
        text.kind = TEXT_NUMBER;
        text.decimal = call_decimal(call);
    }
    if (!entry || !compares_equal(call, &text)) {
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
