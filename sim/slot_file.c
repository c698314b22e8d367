/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/slot_file.h"

#include "sim/alloc.h"
#include "sim/line_file.h"
#include "sim/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint16_t NOBODY = UINT16_MAX;
enum { NODES_WORDS = 8 }; /* of a line of CLUSTER NODES before its slots */

struct table_file {
    const char *path;
    int line;
    struct slot_table *table;
};

/* ---- slots ---- */

static int bad_line(const struct table_file *file, struct error *error, const char *what, const char *text)
{
    return error_set(error, ERROR_INPUT,
                     "%s:%d: %s '%s': a line is '0-5460 NAME', slots and the shard that has them, or one of CLUSTER "
                     "NODES; or the file is what CLUSTER SLOTS or CLUSTER SHARDS says",
                     file->path, file->line, what, text);
}

static bool scan_slot(const char *text, uint64_t *slot)
{
    return scan_uint64(text, slot) && *slot < SLOT_COUNT;
}

static int give(struct table_file *file, uint64_t first, uint64_t last, const char *name, struct error *error)
{
    uint32_t shard = slot_table_shard(file->table, name);

    if (shard >= SHARDS_MOST)
        return error_set(error, ERROR_INPUT, "%s:%d: more than %d shards", file->path, file->line, SHARDS_MOST);
    for (uint64_t slot = first; slot <= last; slot++) {
        uint16_t *owner = &file->table->shard_of[slot];

        if (*owner != NOBODY && *owner != shard)
            return error_set(error, ERROR_INPUT, "%s:%d: slot %" PRIu64 " has shard '%s' already, and now '%s'",
                             file->path, file->line, slot, file->table->names[*owner], name);
        *owner = (uint16_t)shard;
    }
    return 0;
}

static int give_range(struct table_file *file, const char *from, const char *to, const char *name, struct error *error)
{
    uint64_t first, last;

    if (!scan_slot(from, &first) || !scan_slot(to, &last))
        return bad_line(file, error, "no slots, which are from 0 to 16383:", scan_slot(from, &first) ? to : from);
    if (last < first)
        return bad_line(file, error, "a range that ends before it begins:", from);
    return give(file, first, last, name, error);
}

/* Takes "first-last" or one slot. */
static int take_range(struct table_file *file, char *text, const char *name, struct error *error)
{
    char *dash = strchr(text, '-');

    if (dash)
        *dash = '\0';
    return give_range(file, text, dash ? dash + 1 : text, name, error);
}

/* ---- lines ---- */

/* A line of CLUSTER NODES: id address flags master ping pong epoch link slot... Slots in brackets are on their way to
 * another node; the line's own node has them still. */
static int take_node(struct table_file *file, char **words, size_t count, struct error *error)
{
    words[1][strcspn(words[1], "@,")] = '\0';
    if (!strstr(words[2], "master"))
        return 0;
    for (size_t i = NODES_WORDS; i < count; i++)
        if (words[i][0] != '[' && take_range(file, words[i], words[1], error))
            return -1;
    return 0;
}

static int take_line(struct table_file *file, char *line, struct error *error)
{
    char *words[SLOT_COUNT + NODES_WORDS], *rest = line, *word;
    size_t count = 0;

    line[strcspn(line, "#\r\n")] = '\0';
    while (count < sizeof words / sizeof *words && (word = strtok_r(rest, " \t", &rest)))
        words[count++] = word;
    if (!count)
        return 0;
    if (count >= NODES_WORDS)
        return take_node(file, words, count, error);
    if (count != 2)
        return bad_line(file, error, "not two words:", words[0]);
    return take_range(file, words[0], words[1], error);
}

/* The header of a bulk string, or of a verbatim one: "$1234", "=1234". */
static bool is_header(const char *line)
{
    return (*line == '$' || *line == '=') && isdigit((unsigned char)line[1]) &&
           line[1 + strspn(line + 1, "0123456789")] == '\0';
}

static int take_lines(struct table_file *file, char *text, struct error *error)
{
    char *line;

    for (file->line = 1; (line = strsep(&text, "\n")); file->line++) {
        line[strcspn(line, "\r")] = '\0';
        if (is_header(line))
            continue;
        if (!strncmp(line, "txt:", 4))
            line += 4;
        if (take_line(file, line, error))
            return -1;
    }
    return 0;
}

/* ---- replies ---- */

/* What a reply says, without what it is put in: brackets, numbers of elements, names of types. */
struct token {
    const char *text;
    int line;
};

struct tokens {
    struct token *list;
    uint32_t count, capacity;
};

static void add_token(struct tokens *tokens, const char *text, int line)
{
    tokens->list = xgrow(tokens->list, &tokens->capacity, tokens->count + 1, sizeof *tokens->list);
    tokens->list[tokens->count++] = (struct token){text, line};
}

/* "1)", "2#", "=>", "(integer)", "(empty array)" of redis-cli; "*4", "%2", "$9" of the protocol. */
static bool is_structure(const char *word)
{
    size_t digits = strspn(word, "0123456789");

    if (digits && (word[digits] == ')' || word[digits] == '#') && !word[digits + 1])
        return true;
    if (strchr("*%$=~", *word) && *word && word[1] && !word[1 + strspn(word + 1, "0123456789")])
        return true;
    return !strcmp(word, "=>") || !strcmp(word, "(integer)") || !strcmp(word, "(empty") || !strcmp(word, "array)") ||
           !strcmp(word, "hash)") || !strcmp(word, "(nil)") || !strcmp(word, "_");
}

/* Cuts the text into tokens. JSON has its punctuation between them; in other texts a colon may be an address's. */
static struct tokens cut(char *text, bool is_json)
{
    const char *between = is_json ? " \t\r[]{},:" : " \t\r,";
    struct tokens tokens = {0};
    int line = 1;

    for (char *at = text; *at;) {
        char *begin, ended;

        if (*at == '\n') {
            line++;
            at++;
        } else if (strchr(between, *at)) {
            at++;
        } else if (*at == '"') {
            begin = ++at;
            at += strcspn(at, "\"\n");
            add_token(&tokens, begin, line);
            if (*at == '"')
                *at++ = '\0';
        } else {
            begin = at;
            at += strcspn(at, is_json ? " \t\r\n[]{},:\"" : " \t\r\n,");
            ended = *at;
            *at = '\0';
            if (!is_structure(begin))
                add_token(&tokens, *begin == ':' && isdigit((unsigned char)begin[1]) ? begin + 1 : begin, line);
            line += ended == '\n';
            at += ended != '\0';
        }
    }
    return tokens;
}

static const char *token_at(const struct tokens *tokens, uint32_t at)
{
    return at < tokens->count ? tokens->list[at].text : "";
}

static bool is_number(const struct tokens *tokens, uint32_t at)
{
    const char *text = token_at(tokens, at);

    return *text && !text[strspn(text, "0123456789")];
}

static bool is_token(const struct tokens *tokens, uint32_t at, const char *word)
{
    return at < tokens->count && !strcmp(tokens->list[at].text, word);
}

static void name_shard(char *name, size_t bytes, const char *address, const char *port)
{
    snprintf(name, bytes, "%s:%s", address, port);
}

/* CLUSTER SLOTS: first, last, and the nodes: the master's address, port, id, what else is known of it; its replicas'. Two numbers
 * behind one another are the next range. */
static int take_slots(struct table_file *file, const struct tokens *tokens, struct error *error)
{
    for (uint32_t at = 0; at < tokens->count;) {
        uint32_t first = at, address = at + 2, port = is_number(tokens, address) ? address : address + 1;
        char name[300];

        file->line = tokens->list[at].line;
        if (!is_number(tokens, first) || !is_number(tokens, first + 1))
            return bad_line(file, error,
                            "no range of slots:", token_at(tokens, is_number(tokens, first) ? first + 1 : first));
        if (!is_number(tokens, port))
            return bad_line(file, error, "slots without a node's port:", token_at(tokens, port));
        name_shard(name, sizeof name, port == address ? "" : token_at(tokens, address), token_at(tokens, port));
        if (give_range(file, token_at(tokens, first), token_at(tokens, first + 1), name, error))
            return -1;
        for (at = port + 1; at < tokens->count && !(is_number(tokens, at) && is_number(tokens, at + 1)); at++)
            ;
    }
    return 0;
}

/* What CLUSTER SHARDS says of a node. */
struct node {
    const char *address, *port; /* "": not yet */
    bool is_master, is_offline;
};

/* How well the node stands for its shard; 0: it is none. */
static int rank_of(const struct node *node)
{
    if (!*node->port)
        return 0;
    return node->is_master ? 3 - node->is_offline : 1;
}

/* Notes a property of the node, which two tokens say. False: it is none that matters. */
static bool take_property(const struct tokens *tokens, uint32_t at, struct node *node)
{
    if (is_token(tokens, at, "port") || (is_token(tokens, at, "tls-port") && !*node->port))
        node->port = token_at(tokens, at + 1);
    else if (is_token(tokens, at, "ip"))
        node->address = token_at(tokens, at + 1);
    else if (is_token(tokens, at, "role"))
        node->is_master = is_token(tokens, at + 1, "master");
    else if (is_token(tokens, at, "health"))
        node->is_offline = !is_token(tokens, at + 1, "online");
    else
        return false;
    return true;
}

/* Reads a shard's nodes from `at` on, and chooses the master that is online, or any master, or any node. Where the next shard
 * begins. */
static uint32_t choose_node(const struct tokens *tokens, uint32_t at, struct node *chosen)
{
    const struct node none = {"", "", false, false};
    struct node node = none;

    *chosen = none;
    for (;; at++) {
        bool is_end = at >= tokens->count || is_token(tokens, at, "slots");

        if ((is_end || is_token(tokens, at, "id")) && rank_of(&node) > rank_of(chosen))
            *chosen = node;
        if (is_end)
            return at;
        if (is_token(tokens, at, "id"))
            node = none;
        if (is_token(tokens, at, "id") || take_property(tokens, at, &node))
            at++; /* its value */
    }
}

/* CLUSTER SHARDS: of each, "slots", first, last, ..., "nodes", and of each node its properties by name. */
static int take_shards(struct table_file *file, const struct tokens *tokens, struct error *error)
{
    for (uint32_t at = 0, first, end; at < tokens->count;) {
        struct node node;
        char name[300];

        file->line = tokens->list[at].line;
        first = end = at + 1;
        while (is_number(tokens, end))
            end++;
        if (!is_token(tokens, at, "slots") || !is_token(tokens, end, "nodes") || (end - first) % 2)
            return bad_line(file, error, "no slots of a shard and its nodes:", token_at(tokens, end));
        at = choose_node(tokens, end + 1, &node);
        if (end > first && !rank_of(&node))
            return bad_line(file, error, "slots without a node's port:", token_at(tokens, first));
        name_shard(name, sizeof name, node.address, node.port);
        for (; first < end; first += 2)
            if (give_range(file, token_at(tokens, first), token_at(tokens, first + 1), name, error))
                return -1;
    }
    return 0;
}

/* ---- a file ---- */

/* Whether it is a reply of several parts: JSON, redis-cli's numbered lines, an array of the protocol, or what redis-cli prints into
 * a file, or with --csv. */
static bool is_reply(const char *text)
{
    size_t digits;

    text += strspn(text, " \t\r\n");
    digits = strspn(text, "0123456789");
    if (strchr("[{*", *text) || !strncmp(text, "slots", 5) || !strncmp(text, "\"slots\"", 7))
        return *text;
    return digits && strchr("),\r\n", text[digits]);
}

static int take_reply(struct table_file *file, char *text, struct error *error)
{
    struct tokens tokens = cut(text, strchr("[{", text[strspn(text, " \t\r\n")]));
    int status = is_token(&tokens, 0, "slots") ? take_shards(file, &tokens, error) : take_slots(file, &tokens, error);

    free(tokens.list);
    return status;
}

static int check_complete(const struct table_file *file, struct error *error)
{
    uint32_t missing = 0, first = 0;

    for (uint32_t slot = SLOT_COUNT; slot--;)
        if (file->table->shard_of[slot] == NOBODY) {
            missing++;
            first = slot;
        }
    if (!missing)
        return 0;
    return error_set(error, ERROR_INPUT,
                     "%s: no shard has slot %" PRIu32 "%s: a cluster is down until each of the 16384 slots has one",
                     file->path, first, missing > 1 ? " and others" : "");
}

/* The whole file as text; NULL with an error. To be freed. */
static char *read_text(const char *path, uint64_t memory_limit, struct error *error)
{
    struct line_file file;
    char *text = NULL;

    if (line_file_open(&file, path, memory_limit)) {
        error_set(error, ERROR_INPUT, "cannot open slot table '%s': %s", path, strerror(errno));
        return NULL;
    }
    if (line_file_rest(&file, error) >= 0) {
        if (file.reason)
            error_set(error, ERROR_INPUT, "cannot read slot table '%s': %s", path, strerror(file.reason));
        else if (strlen(file.text) < file.bytes)
            error_set(error, ERROR_INPUT, "slot table '%s' is no text: it has a byte of 0", path);
        else
            text = xstrdup(file.text);
    }
    line_file_close(&file);
    return text;
}

struct slot_table *slot_table_read(const char *path, uint64_t memory_limit, struct error *error)
{
    struct table_file file = {.path = path};
    char *text = read_text(path, memory_limit, error);
    int status;

    if (!text)
        return NULL;
    file.table = xcalloc(1, sizeof *file.table);
    memset(file.table->shard_of, 0xff, sizeof file.table->shard_of);
    status = is_reply(text) ? take_reply(&file, text, error) : take_lines(&file, text, error);
    if (!status)
        status = check_complete(&file, error);
    free(text);
    if (!status) {
        slot_table_label(file.table, path);
        return file.table;
    }
    slot_table_free(file.table);
    return NULL;
}
