/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/large_keys.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/printable.h"

#include <stdlib.h>
#include <string.h>

/* Of all keys' memory: keys of a prefix that have less are not bounded, or split. */
static const double LEAST_SHARE = 0.05;
enum { ELEMENTS_LEAST = 20, STREAM_LEAST = 100 /* about a node, which goes as a whole */, PARTS_MOST = 1024 };

static double share_of_look(const struct census_look *look, uint64_t bytes)
{
    return look->all.bytes ? (double)bytes / (double)look->all.bytes : 0;
}

/* ---- which way ---- */

enum way { BY_NOTHING, BY_LTRIM, BY_ZREMRANGE, BY_XTRIM, BY_SPLITTING };

static enum way way_of(const struct census_key *key)
{
    if (key->taken_op)
        return BY_NOTHING;
    if (!strcmp(key->type, "list"))
        return key->pushed_at == PUSHED_LEFT || key->pushed_at == PUSHED_RIGHT ? BY_LTRIM : BY_NOTHING;
    if (!strcmp(key->type, "zset"))
        return BY_ZREMRANGE;
    if (!strcmp(key->type, "stream"))
        return BY_XTRIM;
    if (!strcmp(key->type, "hash") || !strcmp(key->type, "set"))
        return key->unsplit_op ? BY_NOTHING : BY_SPLITTING;
    return BY_NOTHING;
}

static char *why_not(const struct census_key *key)
{
    if (way_of(key) != BY_NOTHING)
        return xstrdup("");
    if (!strcmp(key->type, "string"))
        return xstrdup("a string is written as a whole: only the application can store less, or divide it");
    if (key->taken_op)
        return text_of("it is a queue, and a bound would drop what %s has not taken yet: have it taken sooner",
                       op_name((enum op)(key->taken_op - 1)));
    if (!strcmp(key->type, "list"))
        return xstrdup("elements come to both ends, or from another list: which are old the trace does not tell");
    if (key->unsplit_op)
        return text_of("%s takes it as a whole", op_name((enum op)(key->unsplit_op - 1)));
    return xstrdup("the trace does not tell");
}

void large_keys_tell(const struct census_look *look, struct diagnosis *diagnosis)
{
    static const char *const ways[] = {"", "LTRIM", "ZREMRANGEBYRANK", "XTRIM", "split"};

    diagnosis->largest = xcalloc(CENSUS_LARGEST, sizeof *diagnosis->largest);
    for (size_t i = 0; i < look->largest_count; i++) {
        const struct census_key *key = &look->largest[i];
        char *name = xstrdup(key->name);

        printable(name);
        diagnosis->largest[diagnosis->largest_count++] = (struct large_key){
            .name = name,
            .db = key->db,
            .type = xstrdup(key->type),
            .bytes = key->bytes,
            .share = share_of_look(look, key->bytes),
            .elements = key->elements,
            .way = xstrdup(ways[way_of(key)]),
            .why = why_not(key),
        };
    }
}

/* ---- bounds ---- */

/* The key's prefix with its separator and a '*', else its name, as a pattern; to be freed. */
static char *pattern_of(const char *name, const char *separator)
{
    const char *end = *separator ? strstr(name, separator) : NULL;
    size_t length = end && end > name ? (size_t)(end - name) + strlen(separator) : strlen(name), used = 0;
    char *pattern = xmalloc(2 * length + 2);

    for (size_t i = 0; i < length; i++) {
        if (strchr("*?[]\\^", name[i]))
            pattern[used++] = '\\';
        pattern[used++] = name[i];
    }
    if (end && end > name)
        pattern[used++] = '*';
    pattern[used] = '\0';
    return pattern;
}

/* The largest of 1, 2 and 5 with zeros behind them that is no larger. */
static uint64_t round_down(uint64_t number)
{
    uint64_t power = 1;

    while (power <= number / 10)
        power *= 10;
    return number / power >= 5 ? 5 * power : number / power >= 2 ? 2 * power : power;
}

static struct trim_rule rule_of(const struct census_key *key, uint64_t elements)
{
    int64_t count = (int64_t)elements;

    if (way_of(key) == BY_LTRIM)
        return key->pushed_at == PUSHED_LEFT ? (struct trim_rule){.op = OP_LTRIM, .last = count - 1}
                                             : (struct trim_rule){.op = OP_LTRIM, .first = -count, .last = -1};
    if (way_of(key) == BY_ZREMRANGE)
        return (struct trim_rule){.op = OP_ZREMRANGEBYRANK, .last = -count - 1};
    return (struct trim_rule){.op = OP_XTRIM, .first = count, .approximately = true};
}

/* Of the keys of this one's prefix that are made smaller in the same way. */
static uint64_t bytes_of_kind(const struct census_look *look, const struct census_key *key, const char *separator)
{
    char *pattern = pattern_of(key->name, separator);
    uint64_t bytes = 0;

    for (size_t i = 0; i < look->largest_count; i++) {
        char *other = pattern_of(look->largest[i].name, separator);

        if (!strcmp(other, pattern) && way_of(&look->largest[i]) == way_of(key))
            bytes += look->largest[i].bytes;
        free(other);
    }
    free(pattern);
    return bytes;
}

static bool is_bounded(enum way way)
{
    return way == BY_LTRIM || way == BY_ZREMRANGE || way == BY_XTRIM;
}

size_t large_keys_trims(const struct census_look *look, const char *separator, bool is_long,
                        struct large_keys_trim *trims)
{
    static const unsigned parts[] = {2, 10};
    size_t count = 0, most = is_long ? 2 : LARGE_KEYS_TRIMS;

    for (size_t i = 0; i < look->largest_count && count < most; i++) {
        const struct census_key *key = &look->largest[i];
        char *pattern = pattern_of(key->name, separator);
        bool is_known = false;

        for (size_t k = 0; k < count; k++)
            is_known |= !strcmp(trims[k].pattern, pattern) && trims[k].rule.op == rule_of(key, 1).op;
        if (!is_known && is_bounded(way_of(key)) && key->elements >= ELEMENTS_LEAST &&
            share_of_look(look, bytes_of_kind(look, key, separator)) >= LEAST_SHARE)
            for (size_t p = 0; p < sizeof parts / sizeof *parts && count < most; p++)
                if (way_of(key) != BY_XTRIM || key->elements / parts[p] >= STREAM_LEAST)
                    trims[count++] =
                        (struct large_keys_trim){xstrdup(pattern), rule_of(key, round_down(key->elements / parts[p]))};
        free(pattern);
    }
    return count;
}

/* ---- parts ---- */

/* So many parts that each is half as large as a listpack may be: the parts are not equally large. */
static unsigned parts_of(const struct census_key *key, const struct redis_config *config)
{
    uint64_t entries =
        !strcmp(key->type, "hash") ? config->hash_max_listpack_entries : config->set_max_listpack_entries;
    uint64_t wanted = entries ? 2 * key->elements / entries + 1 : 16;
    unsigned parts = 2;

    while (parts < wanted && parts < PARTS_MOST)
        parts *= 2;
    return parts;
}

struct split_rule large_keys_split(const struct census_look *look, const struct redis_config *config)
{
    struct split_rule rule = {.count = 0};
    uint64_t bytes = 0;

    for (size_t i = 0; i < look->largest_count && rule.count < SPLIT_KEYS; i++) {
        const struct census_key *key = &look->largest[i];

        if (way_of(key) != BY_SPLITTING || key->elements < 2 * ELEMENTS_LEAST || key->db)
            continue;
        bytes += key->bytes;
        rule.keys[rule.count++] = (struct split_key){key->name, parts_of(key, config)};
    }
    if (share_of_look(look, bytes) < LEAST_SHARE)
        rule.count = 0;
    return rule;
}
