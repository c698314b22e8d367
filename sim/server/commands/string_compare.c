/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/string_compare.h"

#include "sim/server/commands/zset.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"

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

bool string_is_equal_to_option(const struct call *call)
{
    const struct comparand text = comparand_of(call_elements(call) + call->elements - 1); /* the last one said */

    return compares_equal(call, &text);
}

static void delete_compared(struct call *call)
{
    key_delete(call->redis, call->id);
    call_propagate_deletion(call, false);
    call_rewrite_as_name_and_key(call);
    call->redis->counters.deleted_keys++;
    call_reply_integer(call, 1);
}

/* Whether the condition of DELEX holds. Of digests nothing is known: the comparison is left out. */
static bool condition_holds(struct call *call)
{
    const struct element *elements = call_elements(call);
    enum word word = (enum word)elements->number;
    struct comparand text;
    bool known, equal;

    if (word == WORD_IFDEQ || word == WORD_IFDNE) {
        call->redis->counters.comparisons_left_out++;
        return false;
    }
    text = comparand_of(elements + 1);
    equal = is_equal(call->redis, call->id, &text, &known);
    call->redis->counters.comparisons_left_out += !known;
    return known && equal == (word == WORD_IFEQ);
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
    if (!entry)
        call_reply_integer(call, 0);
    else if (call_is_invalid(call) || !entry_is_string(entry))
        call_reply_error(call);
    else if (condition_holds(call))
        delete_compared(call);
    else
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
