/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change_parse: a change as the user writes it (change.h). */
#include "sim/advice/change.h"

#include "sim/alloc.h"
#include "sim/units.h"
#include "sim/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORDS = 32 };

struct parser {
    struct changes *change;
    const struct change_names *names;
    struct change_patterns *patterns;
    struct error *error;
};

static int parse_maxmemory(struct parser *parser, const char *value)
{
    uint64_t bytes;
    double factor;
    char *end;

    if (*value == 'x' || *value == 'X') {
        factor = strtod(value + 1, &end);
        if (end == value + 1 || *end || !(factor > 0 && factor <= 1000000))
            return error_set(parser->error, ERROR_USAGE, "maxmemory: bad factor '%s': as in maxmemory x1.5", value);
        return change_maxmemory(parser->change, 0, factor, parser->error);
    }
    if (!scan_bytes(value, &bytes))
        return error_set(parser->error, ERROR_USAGE,
                         "maxmemory: bad size '%s': a whole number and a unit, as 512mb, or a factor, as x1.5", value);
    return change_maxmemory(parser->change, bytes, 0, parser->error);
}

static int parse_policy(struct parser *parser, const char *value)
{
    struct named_policy policy;

    return parser->names->find_policy(parser->names->owner, value, &policy, parser->error)
               ? -1
               : change_policy(parser->change, &policy, parser->error);
}

static int parse_server(struct parser *parser, const char *value)
{
    const struct server *server;

    return parser->names->find_server(parser->names->owner, value, &server, parser->error)
               ? -1
               : change_server(parser->change, server, parser->error);
}

/* rules GROUP of SERVER, rule NAME of SERVER */
static int parse_rules(struct parser *parser, char **words, size_t count)
{
    bool is_one = !strcasecmp(words[0], "rule");
    const struct server *server;

    if (count != 4 || strcasecmp(words[2], "of") != 0)
        return error_set(parser->error, ERROR_USAGE, "as in '%s of redis-8.6': a %s, and whose",
                         is_one ? "rule reserves_ttl" : "rules layout", is_one ? "rule" : "group of rules");
    if (parser->names->find_server(parser->names->owner, words[3], &server, parser->error))
        return -1;
    return change_rules_of(parser->change, parser->names->rules, is_one, words[1], server, parser->error);
}

static int parse_ttl(struct parser *parser, char **words, size_t count)
{
    bool persists = !strcasecmp(words[0], "PERSIST"), is_unused = !strcasecmp(words[0], "UNUSED");
    int64_t ttl_us = 0;

    if (count != (persists ? 2 : 3))
        return error_set(parser->error, ERROR_USAGE, "%s takes %s, as in %s", words[0],
                         persists ? "a pattern" : "a pattern and seconds",
                         persists    ? "PERSIST session:*"
                         : is_unused ? "UNUSED session:* 86400"
                                     : "EXPIRE session:* 3600");
    if (!persists && (!scan_duration(words[2], &ttl_us) || ttl_us < 1000))
        return error_set(parser->error, ERROR_USAGE, "%s %s: bad ttl '%s': seconds, or as in 1h", words[0], words[1],
                         words[2]);
    return is_unused ? change_unused(parser->change, words[1], ttl_us / 1000, parser->patterns, parser->error)
                     : change_ttl(parser->change, words[1], ttl_us / 1000, parser->patterns, parser->error);
}

/* LTRIM pattern first last, ZREMRANGEBYRANK pattern first last, XTRIM pattern MAXLEN [~|=] count. */
static int parse_trim(struct parser *parser, enum op op, char **words, size_t count)
{
    struct trim_rule trim = {.op = op};
    bool is_stream = op == OP_XTRIM, has_sign = count == 5;

    if (is_stream && (count == 4 || count == 5) && !strcasecmp(words[2], "MAXLEN") &&
        (!has_sign || !strcmp(words[3], "~") || !strcmp(words[3], "=")) && scan_int64(words[count - 1], &trim.first) &&
        trim.first >= 0) {
        trim.approximately = has_sign && *words[3] == '~';
        return change_trim(parser->change, words[1], trim, parser->patterns, parser->error);
    }
    if (!is_stream && count == 4 && scan_int64(words[2], &trim.first) && scan_int64(words[3], &trim.last))
        return change_trim(parser->change, words[1], trim, parser->patterns, parser->error);
    return error_set(parser->error, ERROR_USAGE, "%s takes %s", words[0],
                     is_stream        ? "a pattern and MAXLEN, as in XTRIM events:* MAXLEN ~ 1000"
                     : op == OP_LTRIM ? "a pattern and two indexes, as in LTRIM feed:* -1000 -1"
                                      : "a pattern and two ranks, as in ZREMRANGEBYRANK scores:* 0 -1001");
}

/* The words from `first` on as one, with a space between them; to be freed. */
static char *join(char **words, size_t first, size_t count)
{
    size_t bytes = 1;
    char *text;

    for (size_t i = first; i < count; i++)
        bytes += strlen(words[i]) + 1;
    text = xcalloc(bytes, 1);
    for (size_t i = first; i < count; i++) {
        strcat(text, i > first ? " " : "");
        strcat(text, words[i]);
    }
    return text;
}

static int parse_setting(struct parser *parser, char **words, size_t count)
{
    char *value;
    int status;

    if (count < 2)
        return error_set(parser->error, ERROR_USAGE, "'%s' has no value, as in 'maxmemory-samples 10'", words[0]);
    value = join(words, 1, count);
    status = !strcasecmp(words[0], "maxmemory")          ? parse_maxmemory(parser, value)
             : !strcasecmp(words[0], "maxmemory-policy") ? parse_policy(parser, value)
             : !strcasecmp(words[0], "server")           ? parse_server(parser, value)
                                               : change_option(parser->change, words[0], value, parser->error);
    free(value);
    return status;
}

static int parse_part(struct parser *parser, char **words, size_t count)
{
    static const enum op trims[] = {OP_LTRIM, OP_ZREMRANGEBYRANK, OP_XTRIM};

    if (count >= 2 && !strcasecmp(words[0], "CONFIG") && !strcasecmp(words[1], "SET")) {
        words += 2;
        count -= 2;
    }
    if (!count)
        return error_set(parser->error, ERROR_USAGE, "there is nothing in it, as in 'maxmemory-samples 10'");
    if (!strcasecmp(words[0], "rules") || !strcasecmp(words[0], "rule"))
        return parse_rules(parser, words, count);
    if (!strcasecmp(words[0], "EXPIRE") || !strcasecmp(words[0], "PERSIST") || !strcasecmp(words[0], "UNUSED"))
        return parse_ttl(parser, words, count);
    for (size_t i = 0; i < sizeof trims / sizeof *trims; i++)
        if (!strcasecmp(words[0], command_table[trims[i]].name))
            return parse_trim(parser, trims[i], words, count);
    return parse_setting(parser, words, count);
}

/* Puts spaces around each ';' that is not in quotes; to be freed. */
static char *space_out(const char *text)
{
    char *spaced = xcalloc(3 * strlen(text) + 1, 1), *out = spaced, quote = 0;

    for (; *text; text++) {
        if (quote ? *text == quote : (*text == '"' || *text == '\''))
            quote = quote ? 0 : *text;
        if (*text == ';' && !quote) {
            memcpy(out, " ; ", 3);
            out += 3;
        } else {
            *out++ = *text;
        }
    }
    return spaced;
}

static int parse_words(struct parser *parser, char **words, size_t count)
{
    size_t first = 0;

    for (size_t i = 0; i <= count; i++) {
        if (i < count && strcmp(words[i], ";") != 0 && strcasecmp(words[i], "and") != 0)
            continue;
        if (parse_part(parser, words + first, i - first))
            return -1;
        first = i + 1;
    }
    return 0;
}

int change_parse(struct changes *change, const char *text, const struct change_names *names,
                 struct change_patterns *patterns, struct error *error)
{
    struct parser parser = {change, names, patterns, error};
    char *line = space_out(text), *words[WORDS];
    size_t count;
    int status;

    *change = (struct changes){0};
    if (words_split(line, words, WORDS, &count))
        status = error_set(error, ERROR_USAGE, "quotes that do not end, or not at the end of a word");
    else if (count > WORDS)
        status = error_set(error, ERROR_USAGE, "more than %d words", WORDS);
    else
        status = parse_words(&parser, words, count);
    free(line);
    return status;
}
