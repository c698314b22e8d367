/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/anonymizer.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "sim/input/keys.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, MAC = 32, TRIES_A_LENGTH = 16 };

struct name {
    char *text;
    size_t capacity;
};

/* Names of one kind: those that have come, and what they have become. */
struct names {
    struct keys from, to;
    uint16_t *tries; /* by number in `from`: how often it was drawn */
    uint32_t tries_count;
};

enum kind { KEYS, MEMBERS, TENANTS, CALLERS, KINDS };

struct anonymizer {
    unsigned char inner[BLOCK], outer[BLOCK]; /* the secret, as HMAC has it */
    const char *separator;
    struct names names[KINDS];
    struct name key, tenant, caller, *members;
    uint32_t member_count;
    struct named_element *elements;
    struct record_origin origin;
};

struct anonymizer *anonymizer_new(const char *secret, const char *separator)
{
    struct anonymizer *anonymizer = xcalloc(1, sizeof *anonymizer);
    unsigned char key[BLOCK] = {0};
    size_t bytes = strlen(secret);
    SHA2_CTX hash;

    if (bytes > BLOCK) { /* RFC 2104 */
        SHA256Init(&hash);
        SHA256Update(&hash, (const uint8_t *)secret, bytes);
        SHA256Final(key, &hash);
    } else {
        memcpy(key, secret, bytes);
    }
    for (int i = 0; i < BLOCK; i++) {
        anonymizer->inner[i] = key[i] ^ 0x36;
        anonymizer->outer[i] = key[i] ^ 0x5c;
    }
    anonymizer->separator = separator;
    for (int kind = 0; kind < KINDS; kind++) {
        keys_init(&anonymizer->names[kind].from);
        keys_init(&anonymizer->names[kind].to);
    }
    return anonymizer;
}

void anonymizer_free(struct anonymizer *anonymizer)
{
    if (!anonymizer)
        return;
    for (int kind = 0; kind < KINDS; kind++) {
        keys_release(&anonymizer->names[kind].from);
        keys_release(&anonymizer->names[kind].to);
        free(anonymizer->names[kind].tries);
    }
    free(anonymizer->key.text);
    free(anonymizer->tenant.text);
    free(anonymizer->caller.text);
    for (uint32_t i = 0; i < anonymizer->member_count; i++)
        free(anonymizer->members[i].text);
    free(anonymizer->members);
    free(anonymizer->elements);
    free(anonymizer);
}

/* HMAC-SHA256 of the text and two numbers. */
static void draw(const struct anonymizer *anonymizer, const char *text, size_t bytes, uint32_t try, uint32_t piece,
                 unsigned char mac[MAC])
{
    unsigned char numbers[8], inner[MAC];
    SHA2_CTX hash;

    for (int i = 0; i < 4; i++) {
        numbers[i] = (unsigned char)(try >> 8 * i);
        numbers[4 + i] = (unsigned char)(piece >> 8 * i);
    }
    SHA256Init(&hash);
    SHA256Update(&hash, anonymizer->inner, BLOCK);
    SHA256Update(&hash, numbers, sizeof numbers);
    SHA256Update(&hash, (const uint8_t *)text, bytes);
    SHA256Final(inner, &hash);
    SHA256Init(&hash);
    SHA256Update(&hash, anonymizer->outer, BLOCK);
    SHA256Update(&hash, inner, MAC);
    SHA256Final(mac, &hash);
}

/* The name's other text, of its `try`-th drawing: its bytes. */
static size_t spell(const struct anonymizer *anonymizer, const char *text, size_t bytes, size_t prefix, uint32_t try,
                    struct name *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = bytes + try / TRIES_A_LENGTH;
    unsigned char mac[MAC] = {0};

    if (length > name->capacity) {
        name->capacity = 2 * length;
        name->text = xrealloc(name->text, name->capacity);
    }
    if (prefix)
        memcpy(name->text, text, prefix);
    for (size_t i = prefix; i < length; i++) {
        if ((i - prefix) % MAC == 0)
            draw(anonymizer, text, bytes, try, (uint32_t)((i - prefix) / MAC), mac);
        name->text[i] = letters[mac[(i - prefix) % MAC] % 64];
    }
    return length;
}

/* Another name, which no other of its kind has: its bytes. */
static size_t rename_text(struct anonymizer *anonymizer, enum kind kind, const char *text, size_t bytes, size_t prefix,
                          struct name *name)
{
    struct names *names = &anonymizer->names[kind];
    uint32_t known = names->from.count, number = keys_intern_text(&names->from, text, (uint32_t)bytes);
    uint16_t *tries;
    size_t length;

    if (number >= names->tries_count)
        names->tries = xgrow(names->tries, &names->tries_count, number + 1, sizeof *names->tries);
    tries = &names->tries[number];
    length = spell(anonymizer, text, bytes, prefix, *tries, name);
    if (number < known)
        return length;
    for (;;) {
        uint32_t taken = names->to.count;

        if (keys_intern_text(&names->to, name->text, (uint32_t)length) == taken || *tries == UINT16_MAX)
            return length;
        length = spell(anonymizer, text, bytes, prefix, ++*tries, name);
    }
}

/* Bytes of the prefix, with its separator. */
static size_t prefix_of(const struct anonymizer *anonymizer, const char *key, size_t bytes)
{
    size_t separator = strlen(anonymizer->separator);
    const char *found = memmem(key, bytes, anonymizer->separator, separator);

    return found ? (size_t)(found - key) + separator : 0;
}

static void take_key(struct anonymizer *anonymizer, struct record *record)
{
    unsigned char mac[MAC];
    uint64_t number = 0;

    if (!command_has_key((enum op)record->op))
        return;
    if (record->key) {
        size_t prefix = prefix_of(anonymizer, record->key, record->key_bytes);

        if (prefix < record->key_bytes)
            record->key_bytes =
                (uint32_t)rename_text(anonymizer, KEYS, record->key, record->key_bytes, prefix, &anonymizer->key);
        else
            return; /* a prefix and nothing behind it */
        record->key = anonymizer->key.text;
        return;
    }
    draw(anonymizer, (const char *)&record->key_number, sizeof record->key_number, 0, 0, mac);
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)mac[i] << 8 * i;
    record->key_number = number >> 2;
}

/* Whether the element's text is a member of a value, and nothing that a command means. */
static bool is_member(const struct named_element *named)
{
    const uint32_t others = ELEMENT_WORD | ELEMENT_BOUND | ELEMENT_SCRIPT | ELEMENT_SCRIPT_TEXT | ELEMENT_SCRIPT_SHA1 |
                            ELEMENT_ID | ELEMENT_INVALID | ELEMENT_TEXT | ELEMENT_ANY_CASE;

    return !(named->element.flags & others);
}

/* Whether the command's elements are members of its key's value: those of EVAL, SCAN or SORT are arguments that mean something. */
static bool has_members(const struct record *record)
{
    return command_has_key((enum op)record->op) && record->op != OP_SORT && record->op != OP_SORT_RO;
}

static uint32_t take_elements(struct anonymizer *anonymizer, struct record *record)
{
    uint32_t stayed = 0;

    if (!record->elements)
        return 0;
    if (record->elements > anonymizer->member_count) {
        anonymizer->members = xrealloc(anonymizer->members, record->elements * sizeof *anonymizer->members);
        memset(anonymizer->members + anonymizer->member_count, 0,
               (record->elements - anonymizer->member_count) * sizeof *anonymizer->members);
        anonymizer->elements = xrealloc(anonymizer->elements, record->elements * sizeof *anonymizer->elements);
        anonymizer->member_count = record->elements;
    }
    for (uint32_t i = 0; i < record->elements; i++) {
        struct named_element *named = &anonymizer->elements[i];
        int64_t number;

        *named = record->named[record->first_element + i];
        if (named->element.flags & ELEMENT_SPELLED) { /* keys may be among them */
            named->text = NULL;
            named->element.flags &= ~(uint32_t)ELEMENT_SPELLED;
        }
        if (!named->text || !named->bytes || digits_canonical(named->text, named->text + named->bytes, &number))
            continue;
        if (!has_members(record) || !is_member(named)) {
            stayed++;
            continue;
        }
        named->bytes =
            (uint32_t)rename_text(anonymizer, MEMBERS, named->text, named->bytes, 0, &anonymizer->members[i]);
        named->text = anonymizer->members[i].text;
    }
    record->named = anonymizer->elements;
    record->first_element = 0;
    return stayed;
}

uint32_t anonymizer_take(struct anonymizer *anonymizer, struct record *record)
{
    take_key(anonymizer, record);
    if (record->tenant && *record->tenant) {
        size_t bytes = rename_text(anonymizer, TENANTS, record->tenant, strlen(record->tenant), 0, &anonymizer->tenant);

        anonymizer->tenant.text = xrealloc(anonymizer->tenant.text, anonymizer->tenant.capacity + 1);
        anonymizer->tenant.text[bytes] = '\0';
        record->tenant = anonymizer->tenant.text;
    }
    if (record->origin) {
        struct record_origin *origin = &anonymizer->origin;

        *origin = *record->origin;
        origin->text = NULL;
        if (origin->caller && origin->caller_bytes) {
            origin->caller_bytes = (uint32_t)rename_text(anonymizer, CALLERS, origin->caller, origin->caller_bytes, 0,
                                                         &anonymizer->caller);
            origin->caller = anonymizer->caller.text;
        }
        record->origin = origin;
    }
    return take_elements(anonymizer, record);
}
