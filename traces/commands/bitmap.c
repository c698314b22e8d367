/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bitmap: the arguments of commands on the bits of a string (traces/commands/words.h).
 *
 * Source: bitcountCommand, bitposCommand, bitfieldGeneric, bitopCommand (bitops.c of Redis 7.0.15). */
#include "traces/commands/options.h"
#include "traces/commands/words.h"

#include <string.h>

enum { INTEGER_BITS = 64 };

static bool take_unit(struct words *words)
{
    const struct argument *unit = &words->list[words->next];

    words_take(words);
    return argument_is(unit, "byte") || argument_is(unit, "bit");
}

/* Takes [start [end [BYTE|BIT]]]. Some servers look at it only when they have found the key: what is wrong is an element that says
 * so. */
static enum outcome take_range(struct words *words)
{
    int64_t number;

    for (int i = 0; words_left(words); i++) {
        bool is_valid = i < 2 ? words_take_integer(words, &number) : i == 2 && take_unit(words);

        if (i > 2)
            words_take(words);
        if (!is_valid)
            words->queue->named[words->queue->named_count - 1].element.flags |= ELEMENT_INVALID;
    }
    return DONE;
}

enum outcome words_bitcount(struct words *words)
{
    return take_range(words);
}

enum outcome words_bitpos(struct words *words)
{
    int64_t bit;

    if (!words_left(words))
        return ARITY;
    if (!words_take_integer(words, &bit) || (bit != 0 && bit != 1))
        return NUMBER;
    return take_range(words);
}

/* Takes a field's type, such as u8 or i16. The largest are u63 and i64. */
static bool take_field(struct words *words, int64_t *bits)
{
    const struct argument *type = &words->list[words->next];
    int64_t most = INTEGER_BITS;

    words_take(words);
    *bits = 0;
    if (type->bytes < 2 || type->bytes > 3 || !strchr("uUiI", *type->text))
        return false;
    for (uint32_t i = 1; i < type->bytes; i++) {
        if (type->text[i] < '0' || type->text[i] > '9')
            return false;
        *bits = *bits * 10 + type->text[i] - '0';
    }
    most -= *type->text == 'u' || *type->text == 'U';
    return *bits >= 1 && *bits <= most;
}

/* Takes the field's first bit. #n means the n-th field of this width. */
static bool take_offset(struct words *words, int64_t bits, int64_t *bit)
{
    struct argument offset = words->list[words->next];
    bool counts_fields = offset.bytes && *offset.text == '#';

    words_take(words);
    offset.text += counts_fields;
    offset.bytes -= counts_fields;
    return argument_integer(&offset, bit) && *bit >= 0 && *bit < INT64_C(1) << 40 &&
           (*bit *= counts_fields ? bits : 1) >= 0;
}

/* The row's number is the last bit that is written, or -1 if the fields are only read. */
enum outcome words_bitfield(struct words *words)
{
    int64_t last = -1, bits, bit, value;

    while (words_left(words)) {
        const struct argument *name = &words->list[words->next];
        bool gets = argument_is(name, "get"), writes = argument_is(name, "set") || argument_is(name, "incrby");

        words_take(words);
        if (argument_is(name, "overflow") && words_left(words)) {
            words_take(words);
            continue;
        }
        if ((!gets && !writes) || (writes && words->row->op == OP_BITFIELD_RO) || words_left(words) < (gets ? 2 : 3))
            return SYNTAX;
        if (!take_field(words, &bits) || !take_offset(words, bits, &bit) ||
            (writes && !words_take_integer(words, &value)))
            return NUMBER;
        if (writes && bit + bits - 1 > last)
            last = bit + bits - 1;
    }
    words->queue->records[words->record].number = last;
    return DONE;
}

/* Makes a row for each key. The name of the operation is an element of the first row. */
enum outcome words_bitop(struct words *words)
{
    bool inverts = words->count > 1 && argument_is(&words->list[1], "not");
    size_t keys = words->count - 2;

    if (words->count < 4)
        return ARITY;
    if (!inverts && !argument_is(&words->list[1], "and") && !argument_is(&words->list[1], "or") &&
        !argument_is(&words->list[1], "xor"))
        return SYNTAX;
    if (inverts && keys != 2)
        return SYNTAX;
    for (size_t key = 0; key < keys; key++) {
        struct record *record = queue_key(words->queue, words->row, &words->list[2 + key]);

        words->record = words->queue->count - 1;
        if (key + 1 < keys)
            record->flags |= REQUEST_MORE;
        if (!key) {
            words->next = 1;
            words_take(words);
        }
    }
    return DONE;
}
