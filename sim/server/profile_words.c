/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/profile_words.h"

#include "sim/units.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum kind { KIND_BOOL, KIND_NUMBER, KIND_TEXT, KIND_ENUM };

struct field {
    const char *name;
    enum kind kind;
    enum profile_group group;
    size_t offset, bytes;
    const char *words;
    const char *const *values; /* of an enum: what each value says */
};

/* ---- what the values of enums say ---- */

static const char *const layout_words[] = {
    "entry, name and value apart, and another entry for the ttl",
    "the name in the entry; the value and the ttl's entry apart",
    "one object for name, ttl and a value if all fit into 64 bytes, in buckets",
    "one object for name, ttl and a value if all fit into 128 bytes, in buckets",
    "one object for name, ttl and a short value, which tables point to without an entry",
};
static const char *const pxat_rewrite_words[] = {
    "as SET ... PXAT, a new argument vector",
    "as SET ... PXAT, unless it said PXAT already",
    "as SET ... PXAT, in the argument vector that it came in",
    "as SET ... PXAT; SET key value EX time, without more, in the argument vector that it came in",
};
static const char *const past_ttl_words[] = {
    "SET stores the key",
    "all delete it",
    "all delete it, and count it as expired",
};
static const char *const sort_numbers_words[] = {
    "what strtod takes, even an empty text",
    "what strtod takes, but neither blanks nor hexadecimal digits",
    "no blanks, no hexadecimal digits, no empty text, nothing out of range",
};
static const char *const tables_words[] = {"chains of entries (dict)", "buckets of seven (hashtable)"};
static const char *const resize_words[] = {
    "they shrink by cron, below 10 %",
    "they shrink at deletions, at an eighth; cron drains all of them",
};
static const char *const expire_scan_words[] = {
    "bucket after bucket",
    "by dictScan",
    "by kvstoreScan, and the end of a round ends the cycle",
};
static const char *const query_buffer_words[] = {
    "is the client's own",
    "is the thread's, made anew when a client has kept it",
    "is the thread's, and another is made at once",
};
static const char *const field_ttls_words[] = {
    "none",
    "HEXPIRE and its kin; whoever finds what has expired deletes it",
    "HEXPIRE and its kin; what has expired is not seen, and only the cycle deletes it",
};

/* ---- the fields ---- */

#define AT(field, member) offsetof(struct server_profile, member), sizeof((struct server_profile *)0)->field

#define FIELD_BOOL(name, group, words)        {#name, KIND_BOOL, GROUP_##group, AT(name, name), words, NULL},
#define FIELD_NUMBER(name, group, words)      {#name, KIND_NUMBER, GROUP_##group, AT(name, name), words, NULL},
#define FIELD_TEXT(name, group, words)        {#name, KIND_TEXT, GROUP_##group, AT(name, name), words, NULL},
#define FIELD_ENUM(name, group, words)        {#name, KIND_ENUM, GROUP_##group, AT(name, name), words, name##_words},
#define FIELD_STRUCT(name, group, words)      /* its parts are below */
#define FIELD(kind, type, name, group, words) FIELD_##kind(name, group, words)
#define PART(kind, name, group, words)        {#name, KIND_##kind, GROUP_##group, AT(name, name), words, NULL},

static const struct field fields[] = {
    PROFILE_FIELDS(FIELD)
    /* What dict.c does since Redis 7.4, and did not before. */
    PART(BOOL, dict.steps_at_key, TABLES, "a step of rehashing moves the bucket of the key that is looked up")
        PART(BOOL, dict.replaces_empty, TABLES, "the table of an empty dict is replaced, not rehashed") PART(
            BOOL, dict.shrinks_at_delete, TABLES, "a dict shrinks at one key in eight slots, at a deletion")
            PART(BOOL, dict.adds_at_link, TABLES, "a key is added where its lookup has ended") PART(
                BOOL, dict.resists_less, TABLES, "while a child saves a dict is resized at 4 keys a slot")
                PART(BOOL, hashtable.guards_growth_only, TABLES, "shrinking a hashtable needs no permission") PART(
                    BOOL, hashtable.rehashes_undisturbed, TABLES, "a hashtable is not resized while it rehashes")
                    PART(BOOL, hashtable.ends_when_empty, TABLES,
                         "rehashing ends with the last key, not with the last bucket")
                        PART(BOOL, hashtable.skips_empty, TABLES,
                             "while a hashtable shrinks a step passes over ten empty buckets")
                            PART(BOOL, hashtable.scans_then_shrinks, TABLES,
                                 "the end of a scan shrinks a hashtable, not its removals")
                                PART(BOOL, hashtable.compacts_after_scan, TABLES,
                                     "chains that a scan thinned out are compacted")
                                    PART(BOOL, hashtable.jumps, TABLES, "a random key is drawn from buckets far apart")
                                        PART(BOOL, pubsub.patterns_in_table, COMMANDS,
                                             "a client's patterns are a table, not a list")
                                            PART(NUMBER, pubsub.clients_bytes, COMMANDS,
                                                 "the table of a channel's clients (0: a list)")
                                                PART(BOOL, pubsub.shares_names, COMMANDS,
                                                     "all subscribers of a channel share its name's object")
                                                    PART(BOOL, pubsub.clients_in_slots, COMMANDS,
                                                         "a subscriber needs no entry if its slot is free")
                                                        PART(BOOL, pubsub.channels_in_buckets, COMMANDS,
                                                             "the tables of channels are hashtables")
                                                            PART(BOOL, pubsub.all_in_buckets, COMMANDS,
                                                                 "the tables of a client's topics, and of a topic's "
                                                                 "clients, are hashtables")
                                                                PART(NUMBER, pubsub.client_state_bytes, COMMANDS,
                                                                     "what a client's first subscription makes")};
enum { FIELDS = sizeof fields / sizeof *fields };

/* ---- telling ---- */

const char *profile_group_name(size_t group)
{
    static const char *const names[PROFILE_GROUPS] = {
        [GROUP_LAYOUT] = "layout of keys",       [GROUP_TABLES] = "hash tables",
        [GROUP_VALUES] = "values with elements", [GROUP_ALLOCATOR] = "allocator",
        [GROUP_POLICY] = "eviction and expiry",  [GROUP_SERVER] = "empty server and clients",
        [GROUP_COMMANDS] = "commands",
    };

    return group < PROFILE_GROUPS ? names[group] : NULL;
}

const char *profile_group_word(size_t group)
{
    static const char *const words[PROFILE_GROUPS] = {
        [GROUP_LAYOUT] = "layout",       [GROUP_TABLES] = "tables", [GROUP_VALUES] = "values",
        [GROUP_ALLOCATOR] = "allocator", [GROUP_POLICY] = "policy", [GROUP_SERVER] = "server",
        [GROUP_COMMANDS] = "commands",
    };

    return group < PROFILE_GROUPS ? words[group] : NULL;
}

static uint32_t number_of(const struct server_profile *profile, const struct field *field)
{
    uint32_t number = 0;

    assert(field->bytes == sizeof number);
    memcpy(&number, (const char *)profile + field->offset, sizeof number);
    return number;
}

static bool is_set(const struct server_profile *profile, const struct field *field)
{
    return *((const bool *)profile + field->offset);
}

static const char *text_of(const struct server_profile *profile, const struct field *field)
{
    const char *text;

    memcpy(&text, (const char *)profile + field->offset, sizeof text);
    return text;
}

static bool differs(const struct server_profile *a, const struct server_profile *b, const struct field *field)
{
    if (field->kind == KIND_TEXT)
        return strcmp(text_of(a, field), text_of(b, field)) != 0;
    return memcmp((const char *)a + field->offset, (const char *)b + field->offset, field->bytes) != 0;
}

static void say(const struct server_profile *a, const struct server_profile *b, const struct field *field, char *line,
                size_t room)
{
    char before[UNITS_TEXT], after[UNITS_TEXT];

    switch (field->kind) {
    case KIND_BOOL:
        snprintf(line, room, "%c %s [%s]", is_set(b, field) ? '+' : '-', field->words, field->name);
        break;
    case KIND_NUMBER:
        snprintf(line, room, "  %s: %s -> %s [%s]", field->words, print_count(before, number_of(a, field)),
                 print_count(after, number_of(b, field)), field->name);
        break;
    case KIND_TEXT:
        snprintf(line, room, "  %s: %s -> %s [%s]", field->words, text_of(a, field), text_of(b, field), field->name);
        break;
    case KIND_ENUM:
        snprintf(line, room, "  %s: %s -> %s [%s]", field->words, field->values[number_of(a, field)],
                 field->values[number_of(b, field)], field->name);
        break;
    }
}

bool profile_differences(const struct server_profile *a, const struct server_profile *b, size_t group,
                         model_tell_fn *tell, void *owner)
{
    bool any = false;
    char line[512];

    for (size_t i = 0; i < FIELDS; i++) {
        if (fields[i].group != group || !differs(a, b, &fields[i]))
            continue;
        any = true;
        say(a, b, &fields[i], line, sizeof line);
        if (tell)
            tell(owner, line);
    }
    return any;
}

/* Entries belong to chains, and objects that are looked for by their own name to buckets: where the kind of table changes, it does so
 * with the layout. */
static bool go_along(const struct server_profile *profile, const struct server_profile *from, size_t group,
                     size_t other)
{
    return profile->tables != from->tables && (group == GROUP_LAYOUT || group == GROUP_TABLES) &&
           (other == GROUP_LAYOUT || other == GROUP_TABLES);
}

void profile_exchange(struct server_profile *profile, const struct server_profile *from, size_t group)
{
    const struct server_profile before = *profile;

    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].group == group || go_along(&before, from, group, fields[i].group))
            memcpy((char *)profile + fields[i].offset, (const char *)from + fields[i].offset, fields[i].bytes);
}

/* ---- rule by rule ---- */

const char *profile_rule_word(size_t rule)
{
    return rule < FIELDS ? fields[rule].name : NULL;
}

bool profile_rule_differs(const struct server_profile *a, const struct server_profile *b, size_t rule)
{
    return differs(a, b, &fields[rule]);
}

void profile_exchange_rule(struct server_profile *profile, const struct server_profile *from, size_t rule)
{
    const struct field *field = &fields[rule];

    if (go_along(profile, from, field->group, GROUP_TABLES))
        profile_exchange(profile, from, GROUP_TABLES);
    else
        memcpy((char *)profile + field->offset, (const char *)from + field->offset, field->bytes);
}
