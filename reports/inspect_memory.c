/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/inspect_memory.h"

#include "sim/printable.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LABEL = 9,
    TEXT = 1024,
    MOST_PREFIXES = 10,
    MOST_ENCODINGS = 12,
    COLUMNS = 6,
    COLUMN = 8,
    SERVER = 19,
    NAME = 29,
    SHORT_NAME = 22,
    BIGGEST = 19
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const int64_t HOUR_US = 3600000000;

static void put(const char *label, const char *text, struct article *to)
{
    article_paragraph(to, label, LABEL, text);
}

/* At most so many columns, masked; what is cut ends with "...". */
static const char *cut_name(char *text, const char *name, size_t columns)
{
    size_t bytes = strlen(name);

    printable_copy(text, columns + 1, name, bytes);
    if (bytes > columns)
        memcpy(text + columns - 3, "...", 3);
    return text;
}

static void put_count(uint64_t count, struct article *to)
{
    char text[UNITS_TEXT];

    article_number(to, print_count(text, count), (double)count);
}

static void put_bytes(uint64_t bytes, struct article *to)
{
    char text[UNITS_TEXT];

    article_number(to, print_bytes(text, bytes), (double)bytes);
}

/* ---- servers ---- */

static const struct article_column pages_columns[] = {
    {.title = "pages in memory", .gap = 2, .width = SERVER, .is_text = true},
    {.title = "used_memory_rss", .gap = 1, .width = 15},
    {.title = "active", .gap = 1, .width = 15},
    {.title = "rss/used", .gap = 1, .width = 13},
};
const struct article_table inspect_pages_table = {
    .caption = "Pages in memory", .columns = pages_columns, .count = COUNT(pages_columns)};

static void put_pages(const struct portrait *portrait, struct article *to)
{
    char text[UNITS_TEXT];

    article_gap(to);
    article_table(to, &inspect_pages_table);
    for (size_t i = 0; i < portrait->server_count; i++) {
        const struct holdings *server = &portrait->servers[i];

        article_cell(to, server->server);
        put_count(server->used_memory_rss, to);
        put_count(server->allocator_active, to);
        snprintf(text, sizeof text, "%.3f", server->mem_fragmentation_ratio);
        article_number(to, text, server->mem_fragmentation_ratio);
    }
    article_table_end(to);
}

static const struct article_column servers_columns[] = {
    {.title = "without a limit", .gap = 2, .width = SERVER, .is_text = true},
    {.title = "used_memory", .gap = 1, .width = 15},
    {.title = "dataset", .gap = 1, .width = 15},
    {.title = "overhead", .gap = 1, .width = 13},
    {.title = "keys", .gap = 1, .width = 10},
};
const struct article_table inspect_servers_table = {
    .caption = "Without a limit", .columns = servers_columns, .count = COUNT(servers_columns)};

static void put_servers(const struct portrait *portrait, struct article *to)
{
    article_gap(to);
    article_table(to, &inspect_servers_table);
    for (size_t i = 0; i < portrait->server_count; i++) {
        const struct holdings *server = &portrait->servers[i];

        article_cell(to, server->server);
        put_count(server->used_memory, to);
        put_count(server->dataset, to);
        put_count(server->overhead, to);
        put_count(server->keys, to);
    }
    article_table_end(to);
    put("",
        "Bytes. Dataset: names, entries and values of the keys; overhead: hash tables, ttls, clients, the empty "
        "server.",
        to);
    if (portrait->run.has_rss)
        put_pages(portrait, to);
}

/* What each server's keys of a name weigh: of a type, or of a prefix. */
typedef uint64_t bytes_of_fn(const struct holdings *server, const char *name);

static uint64_t bytes_of_type(const struct holdings *server, const char *name)
{
    for (size_t i = 0; i < server->type_count; i++)
        if (!strcmp(server->types[i].type, name))
            return server->types[i].bytes;
    return 0;
}

static uint64_t bytes_of_prefix(const struct holdings *server, const char *name)
{
    for (size_t i = 0; i < server->prefix_count; i++)
        if (!strcmp(server->prefixes[i].prefix, name))
            return server->prefixes[i].bytes;
    return 0;
}

static void put_by_server(const struct portrait *portrait, const char *title, const char *const *names, size_t count,
                          bytes_of_fn *bytes_of, struct article *to)
{
    struct article_column columns[1 + COLUMNS] = {{.title = title, .gap = 2, .width = SERVER, .is_text = true}};
    const struct article_table table = {.caption = title, .columns = columns, .count = 1 + count};
    char titles[COLUMNS][UNITS_TEXT];

    for (size_t k = 0; k < count; k++)
        columns[1 + k] =
            (struct article_column){.title = cut_name(titles[k], names[k], COLUMN), .gap = 1, .width = COLUMN};
    article_gap(to);
    article_table(to, &table);
    for (size_t i = 0; i < portrait->server_count; i++) {
        article_cell(to, portrait->servers[i].server);
        for (size_t k = 0; k < count; k++)
            put_bytes(bytes_of(&portrait->servers[i], names[k]), to);
    }
    article_table_end(to);
}

static void put_servers_apart(const struct portrait *portrait, struct article *to)
{
    const struct holdings *first = &portrait->servers[0];
    const char *names[COLUMNS];
    size_t count = 0;

    for (; count < first->type_count && count < COLUMNS; count++)
        names[count] = first->types[count].type;
    put_by_server(portrait, "by type", names, count, bytes_of_type, to);
    for (count = 0; count < first->prefix_count && count < COLUMNS; count++)
        names[count] = first->prefixes[count].prefix;
    put_by_server(portrait, "by prefix", names, count, bytes_of_prefix, to);
    put("", "MEMORY USAGE of all keys. What follows is of the first server; --json has it of each, to the byte.", to);
}

/* ---- one server ---- */

static void put_share(uint64_t part, uint64_t whole, struct article *to)
{
    double share = whole ? 100 * (double)part / (double)whole : 0;
    char text[UNITS_TEXT];

    snprintf(text, sizeof text, "%.1f", share);
    article_number(to, text, share);
}

/* What redis-cli calls the parts of a type's length. */
static const char *unit_of(const char *type)
{
    static const char *const units[][2] = {{"string", "bytes"}, {"list", "items"},  {"set", "members"},
                                           {"zset", "members"}, {"hash", "fields"}, {"stream", "entries"}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(units[i][0], type))
            return units[i][1];
    return "";
}

static const struct article_column type_columns[] = {
    {.title = "type", .gap = 2, .width = 7, .is_text = true},
    {.title = "keys", .gap = 1, .width = 11},
    {.title = "bytes", .gap = 1, .width = 9},
    {.title = "%", .gap = 1, .width = 6},
    {.title = "mean", .gap = 1, .width = 9},
    {.title = "mean length", .gap = 2, .width = 12},
    {.title = "", .gap = 1, .width = 0, .is_text = true},
};
const struct article_table inspect_type_table = {
    .caption = "Keys by type", .columns = type_columns, .count = COUNT(type_columns)};

static const struct article_column biggest_columns[] = {
    {.title = "biggest", .gap = 2, .width = 7, .is_text = true},
    {.title = "longest", .gap = 1, .width = 11},
    {.title = "", .gap = 1, .width = 7, .is_text = true},
    {.title = "(--bigkeys)", .gap = 1, .width = BIGGEST, .is_text = true},
    {.title = "largest", .gap = 1, .width = 9},
    {.title = "(--memkeys)", .gap = 1, .width = 0, .is_text = true},
};
const struct article_table inspect_biggest_table = {
    .caption = "The biggest keys of each type", .columns = biggest_columns, .count = COUNT(biggest_columns)};

static void put_type(const struct held_type *type, const struct holdings *server, struct article *to)
{
    char text[UNITS_TEXT];

    article_cell(to, type->type);
    put_count(type->keys, to);
    put_bytes(type->bytes, to);
    put_share(type->bytes, server->bytes, to);
    put_bytes((uint64_t)llround(type->mean_bytes), to);
    if (type->mean_length < 1000)
        snprintf(text, sizeof text, "%.1f", type->mean_length);
    else
        print_count(text, (uint64_t)llround(type->mean_length));
    article_number(to, text, type->mean_length);
    article_cell(to, unit_of(type->type));
}

static void put_types(const struct holdings *server, struct article *to)
{
    article_gap(to);
    article_table(to, &inspect_type_table);
    for (size_t i = 0; i < server->type_count; i++)
        put_type(&server->types[i], server, to);
    article_table_end(to);
    article_gap(to);
    article_table(to, &inspect_biggest_table);
    for (size_t i = 0; i < server->type_count; i++) {
        const struct held_type *type = &server->types[i];
        char name[BIGGEST + 1];

        article_cell(to, type->type);
        put_count(type->longest.length, to);
        article_cell(to, unit_of(type->type));
        article_cell(to, cut_name(name, type->longest.name, BIGGEST));
        put_bytes(type->largest.bytes, to);
        article_cell(to, cut_name(name, type->largest.name, BIGGEST));
    }
    article_table_end(to);
    put("",
        "The keys that redis-cli finds. Its --memkeys estimates bytes from five elements of a key (--memkeys-samples); "
        "here all are counted. \"key in memory\" above is the distribution of --keystats.",
        to);
}

/* "hash listpack"; a type that has one encoding, of its own name, is called once. */
static const char *name_encoding(char text[40], const char *type, const char *encoding)
{
    snprintf(text, 40, "%s%s%s", type, strcmp(type, encoding) ? " " : "", strcmp(type, encoding) ? encoding : "");
    return text;
}

static void put_encodings(const struct holdings *server, struct article *to)
{
    char text[TEXT] = "", keys[UNITS_TEXT], bytes[UNITS_TEXT], how[40];
    size_t used = 0;

    for (size_t i = 0; i < server->encoding_count && i < MOST_ENCODINGS && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s of %s in %s", i ? ", " : "",
                                 name_encoding(how, server->encodings[i].type, server->encodings[i].encoding),
                                 print_count(keys, server->encodings[i].keys),
                                 print_bytes(bytes, server->encodings[i].bytes));
    if (*text)
        put("encoded", text, to);
}

static const struct article_column prefix_columns[] = {
    {.title = "prefix", .gap = 2, .width = SHORT_NAME, .is_text = true},
    {.title = "type", .gap = 1, .width = 7, .is_text = true},
    {.title = "keys", .gap = 1, .width = 11},
    {.title = "bytes", .gap = 1, .width = 9},
    {.title = "%", .gap = 1, .width = 6},
    {.title = "no ttl", .gap = 1, .width = 9},
};
const struct article_table inspect_prefix_table = {
    .caption = "Keys by prefix", .columns = prefix_columns, .count = COUNT(prefix_columns)};

static void put_prefixes(const struct holdings *server, struct article *to)
{
    char name[SHORT_NAME + 1];

    article_gap(to);
    article_table(to, &inspect_prefix_table);
    for (size_t i = 0; i < server->prefix_count && i < MOST_PREFIXES; i++) {
        const struct held_prefix *prefix = &server->prefixes[i];

        article_cell(to, cut_name(name, prefix->prefix, SHORT_NAME));
        article_cell(to, prefix->type);
        put_count(prefix->keys, to);
        put_bytes(prefix->bytes, to);
        put_share(prefix->bytes, server->bytes, to);
        put_bytes(prefix->bytes_without_ttl, to);
    }
    article_table_end(to);
    if (server->prefix_count > MOST_PREFIXES)
        put("", "The largest; --json has all.", to);
}

static const struct article_column largest_columns[] = {
    {.title = "largest keys", .gap = 2, .width = NAME, .is_text = true},
    {.title = "kept as", .gap = 1, .width = 16, .is_text = true},
    {.title = "bytes", .gap = 1, .width = 9},
    {.title = "length", .gap = 1, .width = 10},
    {.title = "ttl", .gap = 1, .width = 9},
};
const struct article_table inspect_largest_table = {
    .caption = "The largest keys", .columns = largest_columns, .count = COUNT(largest_columns)};

static void put_largest(const struct holdings *server, struct article *to)
{
    char text[UNITS_TEXT], name[NAME + 1], how[40];

    article_gap(to);
    article_table(to, &inspect_largest_table);
    for (size_t i = 0; i < server->largest_count; i++) {
        const struct held_key *key = &server->largest[i];

        name_encoding(how, key->type, key->encoding);
        how[16] = '\0';
        article_cell(to, cut_name(name, key->name, NAME));
        article_cell(to, how);
        put_bytes(key->bytes, to);
        put_count(key->length, to);
        if (key->ttl_us < 0)
            article_cell(to, "-");
        else
            article_number(to, print_duration(text, key->ttl_us), (double)key->ttl_us);
    }
    article_table_end(to);
}

static void put_growth(const struct portrait *portrait, const struct holdings *server, struct article *to)
{
    const struct growth *growth = &server->growth;
    char text[TEXT], mean[UNITS_TEXT], low[UNITS_TEXT], high[UNITS_TEXT], keys[UNITS_TEXT];

    if (isnan(growth->bytes_per_hour) || portrait->is_untimed)
        return;
    if (growth->low > 0)
        snprintf(text, sizeof text, "used_memory grows by %s an hour (95 %%: %s to %s), %s keys.",
                 print_bytes(mean, (uint64_t)growth->bytes_per_hour), print_bytes(low, (uint64_t)growth->low),
                 print_bytes(high, (uint64_t)growth->high),
                 print_count(keys, growth->keys_per_hour > 0 ? (uint64_t)growth->keys_per_hour : 0));
    else
        snprintf(text, sizeof text, "used_memory does not grow for certain.");
    if (portrait->duration_us < HOUR_US && growth->low > 0)
        snprintf(text + strlen(text), sizeof text - strlen(text), " The trace has no more than %s.",
                 print_duration(mean, portrait->duration_us));
    put("growth", text, to);
}

static void put_lives(const struct holdings *server, struct article *to)
{
    char text[TEXT], keys[UNITS_TEXT], bytes[UNITS_TEXT], expired[UNITS_TEXT], expired_bytes[UNITS_TEXT];
    int used = snprintf(text, sizeof text, "%s keys have none, and hold %s (%.1f %% of all keys' bytes)",
                        print_count(keys, server->keys_without_ttl), print_bytes(bytes, server->bytes_without_ttl),
                        server->bytes ? 100 * (double)server->bytes_without_ttl / (double)server->bytes : 0);

    if (server->expired_keys && used > 0)
        snprintf(text + used, sizeof text - (size_t)used, "; the ttl of %s has passed, and they still hold %s",
                 print_count(expired, server->expired_keys), print_bytes(expired_bytes, server->expired_bytes));
    strcat(text, ".");
    put("ttls", text, to);
}

/* Whose the tables are that follow. */
static void put_name_of(const struct holdings *server, struct article *to)
{
    char text[160];

    snprintf(text, sizeof text, "in %s:", server->server);
    article_gap(to);
    article_paragraph(to, "", 0, text);
}

void inspect_memory_put(const struct portrait *portrait, struct article *to)
{
    const struct holdings *server = portrait->servers;

    if (!portrait->server_count)
        return;
    put_servers(portrait, to);
    if (portrait->server_count > 1)
        put_servers_apart(portrait, to);
    if (!server->keys)
        return;
    if (portrait->server_count > 1)
        put_name_of(server, to);
    put_types(server, to);
    put_encodings(server, to);
    put_prefixes(server, to);
    put_lives(server, to);
    put_growth(portrait, server, to);
    put_largest(server, to);
}
