/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/groups.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4 * GROUPS_MOST, NAME_LONGEST = 256, DEPTH_MOST = 16 };

enum group_kind { GROUP_BY_PREFIX, GROUP_BY_CLIENT, GROUP_BY_TENANT, GROUP_BY_REGEX };

struct group_rule {
    enum group_kind kind;
    unsigned depth;        /* of a prefix */
    const char *separator; /* likewise */
    regex_t regex;
};

/* ---- the rule ---- */

static int parse_depth(struct group_rule *rule, const char *text, struct error *error)
{
    uint64_t depth;

    if (!scan_uint64(text, &depth) || !depth || depth > DEPTH_MOST)
        return error_set(error, ERROR_USAGE, "bad --by 'prefix:%s': a whole number from 1 to %d follows prefix:", text,
                         DEPTH_MOST);
    rule->depth = (unsigned)depth;
    return 0;
}

static int parse_regex(struct group_rule *rule, const char *text, struct error *error)
{
    char what[128];
    int status;

    rule->kind = GROUP_BY_REGEX;
    status = regcomp(&rule->regex, text, REG_EXTENDED);
    if (!status)
        return 0;
    regerror(status, &rule->regex, what, sizeof what);
    rule->kind = GROUP_BY_PREFIX; /* there is nothing to be freed */
    return error_set(error, ERROR_USAGE, "bad --by '%s': not a POSIX extended regular expression: %s", text, what);
}

struct group_rule *group_rule_parse(const char *text, const char *separator, struct error *error)
{
    struct group_rule *rule = xcalloc(1, sizeof *rule);
    int status = 0;

    rule->kind = GROUP_BY_PREFIX;
    rule->depth = 1;
    rule->separator = separator;
    if (!strcmp(text, "client"))
        rule->kind = GROUP_BY_CLIENT;
    else if (!strcmp(text, "tenant"))
        rule->kind = GROUP_BY_TENANT;
    else if (!strncmp(text, "prefix:", strlen("prefix:")))
        status = parse_depth(rule, text + strlen("prefix:"), error);
    else if (!*text)
        status = error_set(error, ERROR_USAGE,
                           "bad --by '': it is prefix, prefix:N, client, tenant, or a regular expression");
    else if (strcmp(text, "prefix"))
        status = parse_regex(rule, text, error);
    if (!status)
        return rule;
    group_rule_free(rule);
    return NULL;
}

void group_rule_free(struct group_rule *rule)
{
    if (rule && rule->kind == GROUP_BY_REGEX)
        regfree(&rule->regex);
    free(rule);
}

/* ---- names ---- */

static uint32_t hash_of(const char *name, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return hash;
}

static void add_name(struct key_groups *groups, const char *name, size_t length)
{
    groups->names[groups->count] = xcalloc(length + 1, 1);
    memcpy(groups->names[groups->count++], name, length);
}

/* The group of that name, a new one if there is room for it. */
static unsigned group_named(struct key_groups *groups, const char *name, size_t length)
{
    uint32_t slot;

    length = strnlen(name, length); /* a key may have a byte of value 0; a group's name ends there */
    slot = hash_of(name, length) % SLOTS;
    for (; groups->slots[slot]; slot = (slot + 1) % SLOTS) {
        const char *known = groups->names[groups->slots[slot] - 1];

        if (!strncmp(known, name, length) && !known[length])
            return groups->slots[slot] - 1;
    }
    if (groups->count == GROUPS_MOST)
        return GROUP_OTHER;
    add_name(groups, name, length);
    groups->slots[slot] = groups->count;
    return groups->count - 1;
}

struct key_groups *key_groups_new(const struct group_rule *rule)
{
    struct key_groups *groups = xcalloc(1, sizeof *groups);
    const char *none;

    groups->rule = rule;
    groups->names = xcalloc(GROUPS_MOST, sizeof *groups->names);
    groups->slots = xcalloc(SLOTS, sizeof *groups->slots);
    add_name(groups, "(no key)", strlen("(no key)"));
    none = rule->kind == GROUP_BY_REGEX ? "(no match)" : rule->kind == GROUP_BY_TENANT ? "(no tenant)" : "(no prefix)";
    add_name(groups, none, strlen(none));
    add_name(groups, "(other)", strlen("(other)"));
    return groups;
}

void key_groups_free(struct key_groups *groups)
{
    if (!groups)
        return;
    for (uint32_t i = 0; i < groups->count && !groups->is_view; i++)
        free(groups->names[i]);
    for (size_t i = 0; i < sizeof groups->chunks / sizeof *groups->chunks; i++)
        free(groups->chunks[i]);
    if (!groups->is_view) {
        free(groups->names);
        free(groups->slots);
    }
    free(groups);
}

/* ---- the groups of keys ---- */

static const char *find(const char *text, size_t bytes, const char *what, size_t length)
{
    for (size_t i = 0; i + length <= bytes; i++)
        if (!memcmp(text + i, what, length))
            return text + i;
    return NULL;
}

/* How much of the name is the prefix; 0: it has none. */
static size_t prefix_of(const struct group_rule *rule, const char *name, size_t bytes)
{
    size_t length = strlen(rule->separator), prefix = 0, from = 0;

    for (unsigned i = 0; i < rule->depth; i++) {
        const char *place = find(name + from, bytes - from, rule->separator, length);

        if (!place)
            break;
        prefix = (size_t)(place - name);
        from = prefix + length;
    }
    return prefix;
}

/* regexec wants a text that ends with a 0: longer names are cut, and so are those that have one within. */
static unsigned group_by_regex(struct key_groups *groups, const char *name, size_t bytes)
{
    char text[4096];
    regmatch_t match[2] = {{.rm_so = -1}, {.rm_so = -1}};
    const regmatch_t *part;

    bytes = bytes < sizeof text ? bytes : sizeof text - 1;
    memcpy(text, name, bytes);
    text[bytes] = '\0';
    if (regexec(&groups->rule->regex, text, 2, match, 0))
        return GROUP_NONE;
    part = match[1].rm_so >= 0 ? &match[1] : &match[0];
    return group_named(groups, text + part->rm_so, (size_t)(part->rm_eo - part->rm_so));
}

static unsigned group_of_record(struct key_groups *groups, const struct record *record)
{
    char text[40];
    const char *name = record->key;
    size_t bytes = record->key_bytes - record->mark_bytes, prefix;

    if (groups->rule->kind == GROUP_BY_CLIENT)
        return group_named(groups, text, (size_t)snprintf(text, sizeof text, "client %" PRIu32, record->client));
    if (groups->rule->kind == GROUP_BY_TENANT) {
        size_t length = record->tenant ? strlen(record->tenant) : 0;

        groups->lacks_tenants |= !record->tenant;
        return length ? group_named(groups, record->tenant, length < NAME_LONGEST ? length : NAME_LONGEST) : GROUP_NONE;
    }
    if (!name) {
        bytes = (size_t)snprintf(text, sizeof text, "%" PRIu64, record->key_number);
        name = text;
    }
    if (groups->rule->kind == GROUP_BY_REGEX)
        return group_by_regex(groups, name, bytes);
    prefix = prefix_of(groups->rule, name, bytes);
    return prefix ? group_named(groups, name, prefix < NAME_LONGEST ? prefix : NAME_LONGEST) : GROUP_NONE;
}

static void set_group(struct key_groups *groups, uint32_t id, unsigned group)
{
    uint16_t **chunk = &groups->chunks[id >> GROUP_CHUNK_BITS];

    if (!*chunk)
        *chunk = xcalloc((size_t)1 << GROUP_CHUNK_BITS, sizeof **chunk);
    (*chunk)[id & ((1u << GROUP_CHUNK_BITS) - 1)] = (uint16_t)group;
}

void key_groups_note(struct key_groups *groups, uint32_t id, const struct record *record)
{
    set_group(groups, id, group_of_record(groups, record));
}

struct key_groups *key_groups_view(const struct key_groups *groups)
{
    struct key_groups *view = xcalloc(1, sizeof *view);

    view->rule = groups->rule;
    view->names = groups->names;
    view->slots = groups->slots;
    view->is_view = true;
    key_groups_update(view, groups);
    return view;
}

void key_groups_alias(struct key_groups *view, uint32_t id, const struct key_groups *groups, uint32_t of)
{
    set_group(view, id, key_group_of(groups, of));
}

void key_groups_update(struct key_groups *view, const struct key_groups *groups)
{
    view->count = groups->count;
}
