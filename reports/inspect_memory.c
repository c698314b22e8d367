/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/inspect_memory.h"

#include "reports/text.h"
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

static const int64_t HOUR_US = 3600000000;

static void put(const char *label, const char *text, FILE *out)
{
    paragraph_put(label, LABEL, text, out);
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

/* ---- servers ---- */

static void put_pages(const struct portrait *portrait, FILE *out)
{
    char text[UNITS_TEXT];

    fprintf(out, "\n  %-*s %15s %15s %13s\n", SERVER, "pages in memory", "used_memory_rss", "active", "rss/used");
    for (size_t i = 0; i < portrait->server_count; i++) {
        const struct holdings *server = &portrait->servers[i];

        fprintf(out, "  %-*s", SERVER, server->server);
        fprintf(out, " %15s", print_count(text, server->used_memory_rss));
        fprintf(out, " %15s", print_count(text, server->allocator_active));
        fprintf(out, " %13.3f\n", server->mem_fragmentation_ratio);
    }
}

static void put_servers(const struct portrait *portrait, FILE *out)
{
    char text[UNITS_TEXT];

    fprintf(out, "\n  %-*s %15s %15s %13s %10s\n", SERVER, "without a limit", "used_memory", "dataset", "overhead",
            "keys");
    for (size_t i = 0; i < portrait->server_count; i++) {
        const struct holdings *server = &portrait->servers[i];

        fprintf(out, "  %-*s", SERVER, server->server);
        fprintf(out, " %15s", print_count(text, server->used_memory));
        fprintf(out, " %15s", print_count(text, server->dataset));
        fprintf(out, " %13s", print_count(text, server->overhead));
        fprintf(out, " %10s\n", print_count(text, server->keys));
    }
    put("",
        "Bytes. Dataset: names, entries and values of the keys; overhead: hash tables, ttls, clients, the empty "
        "server.",
        out);
    if (portrait->run.has_rss)
        put_pages(portrait, out);
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
                          bytes_of_fn *bytes_of, FILE *out)
{
    char text[UNITS_TEXT];

    fprintf(out, "\n  %-*s", SERVER, title);
    for (size_t k = 0; k < count; k++)
        fprintf(out, " %*s", COLUMN, cut_name(text, names[k], COLUMN));
    putc('\n', out);
    for (size_t i = 0; i < portrait->server_count; i++) {
        fprintf(out, "  %-*s", SERVER, portrait->servers[i].server);
        for (size_t k = 0; k < count; k++)
            fprintf(out, " %*s", COLUMN, print_bytes(text, bytes_of(&portrait->servers[i], names[k])));
        putc('\n', out);
    }
}

static void put_servers_apart(const struct portrait *portrait, FILE *out)
{
    const struct holdings *first = &portrait->servers[0];
    const char *names[COLUMNS];
    size_t count = 0;

    for (; count < first->type_count && count < COLUMNS; count++)
        names[count] = first->types[count].type;
    put_by_server(portrait, "by type", names, count, bytes_of_type, out);
    for (count = 0; count < first->prefix_count && count < COLUMNS; count++)
        names[count] = first->prefixes[count].prefix;
    put_by_server(portrait, "by prefix", names, count, bytes_of_prefix, out);
    put("", "MEMORY USAGE of all keys. What follows is of the first server; --json has it of each, to the byte.", out);
}

/* ---- one server ---- */

static void put_share(uint64_t part, uint64_t whole, FILE *out)
{
    fprintf(out, " %6.1f", whole ? 100 * (double)part / (double)whole : 0);
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

static void put_types(const struct holdings *server, FILE *out)
{
    char text[UNITS_TEXT];

    fprintf(out, "\n  %-7s %11s %9s %6s %9s  %12s\n", "type", "keys", "bytes", "%", "mean", "mean length");
    for (size_t i = 0; i < server->type_count; i++) {
        const struct held_type *type = &server->types[i];

        fprintf(out, "  %-7s", type->type);
        fprintf(out, " %11s", print_count(text, type->keys));
        fprintf(out, " %9s", print_bytes(text, type->bytes));
        put_share(type->bytes, server->bytes, out);
        fprintf(out, " %9s", print_bytes(text, (uint64_t)llround(type->mean_bytes)));
        if (type->mean_length < 1000)
            fprintf(out, "  %12.1f %s\n", type->mean_length, unit_of(type->type));
        else
            fprintf(out, "  %12s %s\n", print_count(text, (uint64_t)llround(type->mean_length)), unit_of(type->type));
    }
    fprintf(out, "\n  %-7s %11s %-7s %-*s %9s %s\n", "biggest", "longest", "", BIGGEST, "(--bigkeys)", "largest",
            "(--memkeys)");
    for (size_t i = 0; i < server->type_count; i++) {
        const struct held_type *type = &server->types[i];
        char name[BIGGEST + 1];

        fprintf(out, "  %-7s", type->type);
        fprintf(out, " %11s", print_count(text, type->longest.length));
        fprintf(out, " %-7s", unit_of(type->type));
        fprintf(out, " %-*s", BIGGEST, cut_name(name, type->longest.name, BIGGEST));
        fprintf(out, " %9s", print_bytes(text, type->largest.bytes));
        fprintf(out, " %s\n", cut_name(name, type->largest.name, BIGGEST));
    }
    put("",
        "The keys that redis-cli finds. Its --memkeys estimates bytes from five elements of a key (--memkeys-samples); "
        "here all are counted. \"key in memory\" above is the distribution of --keystats.",
        out);
}

/* "hash listpack"; a type that has one encoding, of its own name, is called once. */
static const char *name_encoding(char text[40], const char *type, const char *encoding)
{
    snprintf(text, 40, "%s%s%s", type, strcmp(type, encoding) ? " " : "", strcmp(type, encoding) ? encoding : "");
    return text;
}

static void put_encodings(const struct holdings *server, FILE *out)
{
    char text[TEXT] = "", keys[UNITS_TEXT], bytes[UNITS_TEXT], how[40];
    size_t used = 0;

    for (size_t i = 0; i < server->encoding_count && i < MOST_ENCODINGS && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s of %s in %s", i ? ", " : "",
                                 name_encoding(how, server->encodings[i].type, server->encodings[i].encoding),
                                 print_count(keys, server->encodings[i].keys),
                                 print_bytes(bytes, server->encodings[i].bytes));
    if (*text)
        put("encoded", text, out);
}

static void put_prefixes(const struct holdings *server, FILE *out)
{
    char text[UNITS_TEXT], name[SHORT_NAME + 1];

    fprintf(out, "\n  %-*s %-7s %11s %9s %6s %9s\n", SHORT_NAME, "prefix", "type", "keys", "bytes", "%", "no ttl");
    for (size_t i = 0; i < server->prefix_count && i < MOST_PREFIXES; i++) {
        const struct held_prefix *prefix = &server->prefixes[i];

        fprintf(out, "  %-*s", SHORT_NAME, cut_name(name, prefix->prefix, SHORT_NAME));
        fprintf(out, " %-7s", prefix->type);
        fprintf(out, " %11s", print_count(text, prefix->keys));
        fprintf(out, " %9s", print_bytes(text, prefix->bytes));
        put_share(prefix->bytes, server->bytes, out);
        fprintf(out, " %9s\n", print_bytes(text, prefix->bytes_without_ttl));
    }
    if (server->prefix_count > MOST_PREFIXES)
        put("", "The largest; --json has all.", out);
}

static void put_largest(const struct holdings *server, FILE *out)
{
    char text[UNITS_TEXT], name[NAME + 1], how[40];

    fprintf(out, "\n  %-*s %-16s %9s %10s %9s\n", NAME, "largest keys", "kept as", "bytes", "length", "ttl");
    for (size_t i = 0; i < server->largest_count; i++) {
        const struct held_key *key = &server->largest[i];

        fprintf(out, "  %-*s", NAME, cut_name(name, key->name, NAME));
        fprintf(out, " %-16.16s", name_encoding(how, key->type, key->encoding));
        fprintf(out, " %9s", print_bytes(text, key->bytes));
        fprintf(out, " %10s", print_count(text, key->length));
        fprintf(out, " %9s\n", key->ttl_us < 0 ? "-" : print_duration(text, key->ttl_us));
    }
}

static void put_growth(const struct portrait *portrait, const struct holdings *server, FILE *out)
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
    put("growth", text, out);
}

static void put_lives(const struct holdings *server, FILE *out)
{
    char text[TEXT], keys[UNITS_TEXT], bytes[UNITS_TEXT], expired[UNITS_TEXT], expired_bytes[UNITS_TEXT];
    int used = snprintf(text, sizeof text, "%s keys have none, and hold %s (%.1f %% of all keys' bytes)",
                        print_count(keys, server->keys_without_ttl), print_bytes(bytes, server->bytes_without_ttl),
                        server->bytes ? 100 * (double)server->bytes_without_ttl / (double)server->bytes : 0);

    if (server->expired_keys && used > 0)
        snprintf(text + used, sizeof text - (size_t)used, "; the ttl of %s has passed, and they still hold %s",
                 print_count(expired, server->expired_keys), print_bytes(expired_bytes, server->expired_bytes));
    strcat(text, ".");
    put("ttls", text, out);
}

void inspect_memory_put(const struct portrait *portrait, FILE *out)
{
    const struct holdings *server = portrait->servers;

    if (!portrait->server_count)
        return;
    put_servers(portrait, out);
    if (portrait->server_count > 1)
        put_servers_apart(portrait, out);
    if (!server->keys)
        return;
    if (portrait->server_count > 1)
        fprintf(out, "\nin %s:\n", server->server);
    put_types(server, out);
    put_encodings(server, out);
    put_prefixes(server, out);
    put_lives(server, out);
    put_growth(portrait, server, out);
    put_largest(server, out);
}
