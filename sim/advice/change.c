/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/change.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/config_file.h"
#include "sim/units.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- parts ---- */

static struct change_part *add_part(struct changes *change, enum change_kind kind, struct error *error)
{
    struct change_part *part;

    if (change->count == CHANGE_PARTS) {
        error_set(error, ERROR_USAGE, "more than %d changes in one", CHANGE_PARTS);
        return NULL;
    }
    part = &change->parts[change->count++];
    *part = (struct change_part){.kind = kind};
    return part;
}

int change_maxmemory(struct changes *change, uint64_t bytes, double factor, struct error *error)
{
    struct change_part *part = add_part(change, CHANGE_MAXMEMORY, error);
    char text[UNITS_TEXT];

    if (!part)
        return -1;
    part->maxmemory = bytes;
    part->factor = factor;
    part->value = factor > 0 ? text_of("x%g", factor) : xstrdup(print_maxmemory(text, bytes));
    return 0;
}

int change_policy(struct changes *change, const struct named_policy *policy, struct error *error)
{
    struct change_part *part = add_part(change, CHANGE_POLICY, error);

    if (!part)
        return -1;
    part->policy = *policy;
    part->value = xstrdup(policy->label ? policy->label : policy->policy->name);
    return 0;
}

int change_option(struct changes *change, const char *name, const char *value, struct error *error)
{
    const struct redis_option *option = redis_option_find(name);
    struct redis_config scratch;
    struct change_part *part;
    int status;

    if (!option)
        return error_set(error, ERROR_USAGE,
                         "'%s' is no change that evsim knows: EXPIRE, PERSIST, UNUSED, LTRIM, ZREMRANGEBYRANK, XTRIM, "
                         "server, maxmemory, maxmemory-policy, or an option of redis.conf that evsim run --help lists",
                         name);
    redis_config_init(&scratch);
    status = redis_option_set(&scratch, option, value, error);
    if (status < 0)
        return error_prefix(error, "%s: ", option->name);
    part = add_part(change, CHANGE_OPTION, error);
    if (!part)
        return -1;
    part->option = option;
    part->is_clamped = status > 0;
    part->value = xstrdup(value);
    return 0;
}

int change_server(struct changes *change, const struct server *server, struct error *error)
{
    struct change_part *part = add_part(change, CHANGE_SERVER, error);

    if (!part)
        return -1;
    part->server = server;
    part->value = xstrdup(server ? server->name : "next");
    return 0;
}

static const struct model_pieces *pieces_of(const struct model_rules *rules, bool is_single)
{
    return is_single ? &rules->single : &rules->groups;
}

static int find_piece(const struct model_rules *rules, bool is_single, const char *word, size_t *piece,
                      struct error *error)
{
    char words[256] = "";

    for (*piece = 0; rules && pieces_of(rules, is_single)->word(*piece); ++*piece) {
        const char *name = pieces_of(rules, is_single)->word(*piece);

        if (!strcasecmp(name, word))
            return 0;
        if (!is_single)
            snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s", *piece ? ", " : "", name);
    }
    if (is_single)
        return error_set(error, ERROR_USAGE,
                         "'%s' is no rule: evsim servers --diff A B names those in which two servers differ", word);
    return error_set(error, ERROR_USAGE, "'%s' is no group of rules: it is one of %s", word, words);
}

int change_rules_of(struct changes *change, const struct model_rules *rules, bool is_single, const char *word,
                    const struct server *server, struct error *error)
{
    struct change_part *part = add_part(change, is_single ? CHANGE_RULE : CHANGE_RULES, error);

    if (!part)
        return -1;
    part->server = server;
    part->value = text_of("%s of %s", word, server ? server->name : "next");
    if (server && !server->model->rules)
        return error_set(error, ERROR_USAGE, "%s has plain sizes, and no rules", server->name);
    return find_piece(rules, is_single, word, &part->piece, error);
}

/* The number of the pattern, which is added unless it is there; CHANGE_PATTERNS: there are too many. */
static unsigned number_of(struct change_patterns *patterns, const char *pattern)
{
    unsigned i = 0;

    while (i < patterns->count && strcmp(patterns->list[i], pattern) != 0)
        i++;
    if (i == patterns->count && i < CHANGE_PATTERNS)
        patterns->list[patterns->count++] = pattern;
    return i;
}

/* A part of the application's, whose value says what with the keys of the pattern. */
static struct change_part *add_pattern(struct changes *change, enum change_kind kind, const char *pattern,
                                       struct change_patterns *patterns, struct error *error)
{
    struct change_part *part = add_part(change, kind, error);

    if (!part)
        return NULL;
    part->pattern = xstrdup(pattern);
    part->number = number_of(patterns, part->pattern);
    if (part->number < CHANGE_PATTERNS)
        return part;
    error_set(error, ERROR_USAGE, "more than %d patterns of keys", CHANGE_PATTERNS);
    return NULL;
}

static int add_ttl(struct changes *change, enum change_kind kind, const char *pattern, int64_t ttl_ms,
                   struct change_patterns *patterns, struct error *error)
{
    struct change_part *part = add_pattern(change, kind, pattern, patterns, error);

    if (!part)
        return -1;
    part->ttl_ms = ttl_ms;
    part->value = !ttl_ms              ? xstrdup(pattern)
                  : ttl_ms % 1000 == 0 ? text_of("%s %jd", pattern, (intmax_t)(ttl_ms / 1000))
                                       : text_of("%s %.3f", pattern, (double)ttl_ms / 1000);
    return 0;
}

int change_ttl(struct changes *change, const char *pattern, int64_t ttl_ms, struct change_patterns *patterns,
               struct error *error)
{
    return add_ttl(change, ttl_ms ? CHANGE_EXPIRE : CHANGE_PERSIST, pattern, ttl_ms, patterns, error);
}

int change_unused(struct changes *change, const char *pattern, int64_t ttl_ms, struct change_patterns *patterns,
                  struct error *error)
{
    return add_ttl(change, CHANGE_UNUSED, pattern, ttl_ms, patterns, error);
}

int change_trim(struct changes *change, const char *pattern, struct trim_rule trim, struct change_patterns *patterns,
                struct error *error)
{
    struct change_part *part = add_pattern(change, CHANGE_TRIM, pattern, patterns, error);

    if (!part)
        return -1;
    part->trim = trim;
    part->value = trim.op == OP_XTRIM
                      ? text_of("%s MAXLEN %s%jd", pattern, trim.approximately ? "~ " : "", (intmax_t)trim.first)
                      : text_of("%s %jd %jd", pattern, (intmax_t)trim.first, (intmax_t)trim.last);
    return 0;
}

int change_join(struct changes *change, const struct changes *other, struct change_patterns *patterns,
                struct error *error)
{
    for (size_t i = 0; i < other->count; i++) {
        struct change_part *part = add_part(change, other->parts[i].kind, error);

        if (!part)
            return -1;
        *part = other->parts[i];
        part->value = xstrdup(part->value);
        if (!part->pattern)
            continue;
        part->pattern = xstrdup(part->pattern);
        part->number = number_of(patterns, part->pattern);
        if (part->number == CHANGE_PATTERNS)
            return error_set(error, ERROR_USAGE, "more than %d patterns of keys", CHANGE_PATTERNS);
    }
    return 0;
}

void change_release(struct changes *change)
{
    for (size_t i = 0; i < change->count; i++) {
        free(change->parts[i].value);
        free(change->parts[i].pattern);
    }
    change->count = 0;
}

/* ---- text ---- */

static const char *name_of(const struct change_part *part)
{
    switch (part->kind) {
    case CHANGE_MAXMEMORY:
        return "maxmemory";
    case CHANGE_POLICY:
        return "maxmemory-policy";
    case CHANGE_OPTION:
        return part->option->name;
    case CHANGE_SERVER:
        return "server";
    case CHANGE_RULES:
        return "rules";
    case CHANGE_RULE:
        return "rule";
    case CHANGE_EXPIRE:
        return "EXPIRE";
    case CHANGE_UNUSED:
        return "unused";
    case CHANGE_TRIM:
        return part->trim.op == OP_LTRIM ? "LTRIM" : part->trim.op == OP_XTRIM ? "XTRIM" : "ZREMRANGEBYRANK";
    case CHANGE_PERSIST:
        break;
    }
    return "PERSIST";
}

static bool is_setting(const struct change_part *part)
{
    return part->kind == CHANGE_MAXMEMORY || part->kind == CHANGE_POLICY || part->kind == CHANGE_OPTION;
}

/* How a part is said; to be freed. */
static char *print_part(const struct change_part *part)
{
    return text_of("%s %s", name_of(part), part->value);
}

static char *print_title(const struct change_part *part)
{
    char ttl[UNITS_TEXT];

    if (!part->ttl_ms)
        return print_part(part);
    return text_of("%s %s %s", name_of(part), part->pattern, print_duration(ttl, part->ttl_ms * 1000));
}

/* What a bound follows. */
static const char *adder_of(enum op op)
{
    return op == OP_LTRIM ? "push" : op == OP_XTRIM ? "XADD" : "ZADD";
}

static char *print_command(const struct change_part *part)
{
    bool is_all = part->pattern && !strcmp(part->pattern, "*");

    assert(part->pattern || (part->kind != CHANGE_EXPIRE && part->kind != CHANGE_UNUSED &&
                             part->kind != CHANGE_PERSIST && part->kind != CHANGE_TRIM));

    if (part->kind == CHANGE_EXPIRE)
        return text_of("EXPIRE <key> %s NX, sent behind each write%s%s", part->value + strlen(part->pattern) + 1,
                       is_all ? "" : " of ", is_all ? "" : part->pattern);
    if (part->kind == CHANGE_UNUSED)
        return text_of("EXPIRE <key> %s, sent behind each read and write%s%s of a key that has no ttl of its own",
                       part->value + strlen(part->pattern) + 1, is_all ? "" : " of ", is_all ? "" : part->pattern);
    if (part->kind == CHANGE_PERSIST)
        return text_of("no ttl for %s", part->pattern);
    if (part->kind == CHANGE_TRIM)
        return text_of("%s <key> %s, sent behind each %s%s%s", name_of(part), part->value + strlen(part->pattern) + 1,
                       adder_of(part->trim.op), is_all ? "" : " to ", is_all ? "" : part->pattern);
    if (part->kind == CHANGE_SERVER)
        return text_of("run %s", part->value);
    if (part->kind == CHANGE_RULES || part->kind == CHANGE_RULE)
        return text_of("no server has these rules: run %s", strstr(part->value, " of ") + strlen(" of "));
    return text_of("CONFIG SET %s %s", name_of(part), part->value);
}

/* All parts that `takes` (NULL: every) as one text; to be freed. */
static char *print(const struct changes *change, char *(*one)(const struct change_part *part),
                   bool (*takes)(const struct change_part *part))
{
    char *all = xstrdup("");

    for (size_t i = 0; i < change->count; i++) {
        char *part, *longer;

        if (takes && !takes(&change->parts[i]))
            continue;
        part = one(&change->parts[i]);
        longer = xmalloc(strlen(all) + strlen(part) + 3);
        strcpy(longer, all);
        strcat(longer, *all ? "; " : "");
        strcat(longer, part);
        free(all);
        free(part);
        all = longer;
    }
    return all;
}

char *change_print(const struct changes *change)
{
    return print(change, print_part, NULL);
}

char *change_title(const struct changes *change)
{
    return print(change, print_title, NULL);
}

char *change_command(const struct changes *change)
{
    return print(change, print_command, NULL);
}

char *change_config(const struct changes *change)
{
    return print(change, print_part, is_setting);
}

bool change_is_of_application(const struct changes *change)
{
    for (size_t i = 0; i < change->count; i++)
        if (change->parts[i].pattern)
            return true;
    return false;
}

bool change_is_a_bound(const struct changes *change)
{
    for (size_t i = 0; i < change->count; i++)
        if (change->parts[i].kind == CHANGE_TRIM)
            return true;
    return false;
}

/* ---- a cell ---- */

/* ---- servers ---- */

const struct server *server_next(const struct server *server)
{
    size_t family = strcspn(server->name, "-") + 1;

    return server->profile && !strncmp(server[1].name, server->name, family) ? server + 1 : server;
}

/* What stands in the list for a server that was made here. */
static const struct server *base_of(const struct change_rules *rules, const struct server *server)
{
    for (const struct made_server *made = rules->made; made; made = made->next)
        if (&made->server == server)
            return made->base;
    return server;
}

bool change_differ(const struct server *from, const struct server *to, bool is_single, size_t piece)
{
    const struct model_rules *rules = from->model->rules;
    const struct model_pieces *pieces = pieces_of(rules, is_single);
    bool differs = pieces->differs(from->profile, to->profile, piece);
    void *copy = xmalloc(rules->profile_size);

    for (size_t before = 0; differs && before < piece; before++) {
        memcpy(copy, from->profile, rules->profile_size);
        if (!pieces->differs(copy, to->profile, before))
            continue;
        pieces->exchange(copy, to->profile, before);
        differs = pieces->differs(copy, to->profile, piece);
    }
    free(copy);
    return differs;
}

/* The server with a group of another's rules, or one of them. */
static const struct server *make_server(const struct server *server, const struct change_part *part,
                                        struct change_rules *rules)
{
    const struct server *base = base_of(rules, server), *from = part->server ? part->server : server_next(base);
    const struct model_rules *model = server->model->rules;
    const bool is_single = part->kind == CHANGE_RULE;
    struct made_server *made;
    void *profile;

    if (!model || !from->profile)
        return server;
    if (part->is_of_upgrade && !change_differ(base, from, is_single, part->piece))
        return server;
    profile = xmalloc(model->profile_size);
    memcpy(profile, server->profile, model->profile_size);
    pieces_of(model, is_single)->exchange(profile, from->profile, part->piece);
    made = xcalloc(1, sizeof *made);
    made->server = *server;
    made->server.profile = profile;
    made->base = base;
    made->next = rules->made;
    rules->made = made;
    return &made->server;
}

void change_rules_release(struct change_rules *rules)
{
    while (rules->made) {
        struct made_server *made = rules->made;

        rules->made = made->next;
        free((void *)(uintptr_t)made->server.profile);
        free(made);
    }
}

void change_apply(const struct changes *change, struct cell_config *cell, struct simulation_options *options,
                  struct change_rules *rules)
{
    struct error none = {0};
    size_t rule_count = 0, trim_count = 0;

    cell->options = options;
    for (size_t i = 0; i < change->count; i++) {
        const struct change_part *part = &change->parts[i];

        switch (part->kind) {
        case CHANGE_MAXMEMORY:
            cell->maxmemory =
                part->factor > 0 ? (uint64_t)llround((double)cell->maxmemory * part->factor) : part->maxmemory;
            break;
        case CHANGE_POLICY:
            cell->policy = part->policy.policy;
            cell->parameters = part->policy.parameters;
            cell->policy_label = part->policy.label;
            cell->policy_path = part->policy.path;
            break;
        case CHANGE_OPTION:
            redis_option_set(&options->redis, part->option, part->value, &none);
            break;
        case CHANGE_SERVER:
            cell->server = part->server ? part->server : server_next(base_of(rules, cell->server));
            break;
        case CHANGE_RULES:
        case CHANGE_RULE:
            cell->server = make_server(cell->server, part, rules);
            break;
        case CHANGE_EXPIRE:
        case CHANGE_UNUSED:
        case CHANGE_PERSIST:
            rules->ttls[rule_count++] = (struct ttl_rule){part->number, part->ttl_ms, part->kind == CHANGE_UNUSED};
            options->ttl_rules.follow_reads |= part->kind == CHANGE_UNUSED;
            break;
        case CHANGE_TRIM:
            rules->trims[trim_count] = part->trim;
            rules->trims[trim_count++].pattern = part->number;
            break;
        }
    }
    if (rule_count) {
        options->ttl_rules.list = rules->ttls;
        options->ttl_rules.count = rule_count;
    }
    if (trim_count)
        options->trim_rules = (struct trim_rules){rules->trims, trim_count};
}
