/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/sort_pattern.h"

#include "sim/alloc.h"
#include "sim/server/commands/hash_field.h"
#include "sim/server/keyspace.h"
#include "sim/server/names.h"
#include "sim/server/values/encoding.h"

#include <stdlib.h>
#include <string.h>

static uint32_t field_length(const struct call *call, const struct element *pattern)
{
    return member_of(call->redis->members, pattern[1].member)->length;
}

/* The key whose name the pattern makes of the element; NO_KEY: nobody has named it, or the element's text is not known. */
static uint32_t find_key(const struct call *call, const struct element *pattern, uint32_t member)
{
    const struct members *members = call->redis->members;
    const char *text = member_text(members, pattern->member), *star;
    size_t bytes = member_of(members, pattern->member)->length, before, inserted, behind;
    char room[MEMBER_SPELLED], *name;
    const char *element = names_spell(call->redis, member, room);
    uint32_t id;

    if (!text || !element)
        return NO_KEY;
    if (field_length(call, pattern)) /* "->" and the field follow the key's name */
        bytes -= strlen("->") + field_length(call, pattern);
    star = memchr(text, '*', bytes);
    before = (size_t)(star - text);
    behind = bytes - before - 1;
    inserted = member_of(members, member)->length;
    name = xmalloc(before + inserted + behind + 1);
    memcpy(name, text, before);
    memcpy(name + before, element, inserted);
    memcpy(name + before + inserted, star + 1, behind);
    id = names_find_key(call->redis, call->db, name, before + inserted + behind);
    free(name);
    return id;
}

static struct sort_find found_string(const struct redis *redis, const struct entry *entry)
{
    struct sort_find find = {.element.member = NO_MEMBER, .is_there = true};
    uint32_t id = entry_id(redis, entry);

    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED) {
        find.element.text = text_of_integer(entry->number);
        find.number = (double)entry->number;
        find.is_number = true;
        return find;
    }
    find.element.text = text_of_string(entry_value_length(entry));
    if (redis->decimals && redis->decimals[id].known) {
        find.number = (double)redis->decimals[id].value;
        find.is_number = true;
    }
    return find;
}

static struct sort_find found_field(struct call *call, struct entry *entry, const struct element *pattern)
{
    struct sort_find find = {.element.member = NO_MEMBER, .is_there = true};
    uint32_t own = call->id, slot;

    call->id = entry_id(call->redis, entry);
    slot = call_find_field(call, entry, pattern[1].member, EMPTIED_GOES, NULL);
    call->id = own;
    if (slot == NO_SLOT)
        return (struct sort_find){.element.member = pattern[2].member};
    find.element.text = collection_value(hash_of(entry), slot);
    if (text_is_integer(find.element.text)) {
        find.number = (double)hash_of(entry)->number[slot];
        find.is_number = true;
    } else if (find.element.text.kind == TEXT_DECIMAL) {
        memcpy(&find.number, &hash_of(entry)->number[slot], sizeof find.number);
        find.is_number = true;
    }
    return find;
}

struct sort_find sort_find(struct call *call, const struct element *pattern, uint32_t member)
{
    struct sort_find nothing = {.element.member = pattern[2].member};
    bool wants_field = field_length(call, pattern);
    uint32_t id = find_key(call, pattern, member);
    struct entry *entry;

    if (id == NO_KEY) {
        key_miss_unnamed(call->redis, call->db);
        return nothing;
    }
    entry = key_lookup(call->redis, id, LOOKUP_READ);
    if (entry && wants_field && encodings[entry->encoding].type == TYPE_HASH)
        return found_field(call, entry, pattern);
    return entry && !wants_field && entry_is_string(entry) ? found_string(call->redis, entry) : nothing;
}
