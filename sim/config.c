/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/config.h"

#include "sim/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct redis_option redis_options[REDIS_OPTIONS] = {
#define X(field, key, kind_of_value, initial_value, low, high, at_least, at_most, text)                                \
    {.name = key,                                                                                                      \
     .help = text,                                                                                                     \
     .offset = offsetof(struct redis_config, field),                                                                   \
     .bytes = sizeof(((struct redis_config *)NULL)->field),                                                            \
     .kind = kind_of_value,                                                                                            \
     .initial = initial_value,                                                                                         \
     .lowest = low,                                                                                                    \
     .highest = high,                                                                                                  \
     .least = at_least,                                                                                                \
     .most = at_most},
    REDIS_OPTION_LIST(X)
#undef X
};

/* ---- fields of the configuration ---- */

static void store(struct redis_config *config, const struct redis_option *option, int64_t value)
{
    void *member = (char *)config + option->offset;

    if (option->bytes == sizeof(uint64_t))
        *(uint64_t *)member = (uint64_t)value;
    else
        *(uint32_t *)member = (uint32_t)value;
}

static int64_t load(const struct redis_config *config, const struct redis_option *option)
{
    const void *member = (const char *)config + option->offset;

    return option->bytes == sizeof(uint64_t) ? (int64_t) * (const uint64_t *)member : *(const uint32_t *)member;
}

static struct output_limits *limits_in(struct redis_config *config, const struct redis_option *option)
{
    return (struct output_limits *)(void *)((char *)config + option->offset);
}

/* ---- reading values ---- */

bool redis_memory_scan(const char *text, uint64_t *bytes)
{
    static const struct {
        const char *name;
        uint64_t factor;
    } units[] = {
        {"", 1},        {"b", 1},        {"k", 1000},       {"kb", 1 << 10},
        {"m", 1000000}, {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30},
    };
    size_t digits = strspn(text, "0123456789");
    char number[128]; /* as large as memtoull's buffer; longer numbers are refused */

    if (digits >= sizeof number)
        return false;
    memcpy(number, text, digits);
    number[digits] = '\0';
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcasecmp(units[i].name, text + digits)) {
            *bytes = strtoull(number, NULL, 10) * units[i].factor; /* the digits give 2^64 - 1 at most */
            return true;
        }
    return false;
}

/* As Redis's string2ll: no plus sign, no leading zero. */
static bool scan_integer(const char *text, int64_t *value)
{
    const char *digits = text + (*text == '-');

    return (*digits != '0' || (!digits[1] && digits == text)) && scan_int64(text, value);
}

/* A size, or per cent, which are kept as a negative number. */
static bool scan_share(const char *text, int64_t *value)
{
    size_t length = strlen(text);
    uint64_t bytes;
    char number[32];

    if (redis_memory_scan(text, &bytes)) {
        *value = bytes > INT64_MAX ? INT64_MIN : (int64_t)bytes;
        return true;
    }
    if (length < 2 || length > sizeof number || text[length - 1] != '%')
        return false;
    memcpy(number, text, length - 1);
    number[length - 1] = '\0';
    if (!scan_integer(number, value) || *value < 0)
        return false;
    *value = -*value;
    return true;
}

static int scan(const struct redis_option *option, const char *text, int64_t *value, struct error *error)
{
    uint64_t bytes;

    switch (option->kind) {
    case REDIS_LIMITS: /* not a number: see scan_limits() */
        break;
    case REDIS_SHARE:
        if (scan_share(text, value))
            return 0;
        return error_set(error, ERROR_USAGE, "bad size '%s': as 512mb or 2gb, or per cent of maxmemory, as 5%%", text);
    case REDIS_FLAG:
        *value = !strcasecmp(text, "yes");
        if (!*value && strcasecmp(text, "no"))
            return error_set(error, ERROR_USAGE, "'%s' is neither yes nor no", text);
        return 0;
    case REDIS_SIZE:
        if (!redis_memory_scan(text, &bytes))
            return error_set(error, ERROR_USAGE, "bad size '%s': a whole number and a unit, as 512mb or 2gb", text);
        *value = bytes > INT64_MAX ? -1 : (int64_t)bytes;
        return 0;
    case REDIS_NUMBER:
        if (!scan_integer(text, value))
            return error_set(error, ERROR_USAGE, "bad number '%s'", text);
        return 0;
    }
    return 0;
}

static int out_of_bounds(const struct redis_option *option, const char *text, struct error *error)
{
    return error_set(error, ERROR_USAGE, "'%s' is not between %" PRId64 " and %" PRId64, text, option->lowest,
                     option->highest);
}

/* ---- output-buffer limits ---- */

static int find_class(const char *name)
{
    static const char *const names[CLIENT_CLASSES][2] = {
        [CLASS_NORMAL] = {"normal", "normal"},
        [CLASS_REPLICA] = {"replica", "slave"},
        [CLASS_PUBSUB] = {"pubsub", "pubsub"},
    };

    for (int class = 0; class < CLIENT_CLASSES; class ++)
        if (!strcasecmp(name, names[class][0]) || !strcasecmp(name, names[class][1]))
            return class;
    return -1;
}

/* As updateClientOutputBufferLimit: class, hard limit, soft limit, seconds, for as many classes as there are. A class that
 * is not named keeps its limits. */
static int scan_limits(const char *text, struct output_limits *limits, struct error *error)
{
    enum { WORDS_OF_CLASS = 4, WORDS_AT_MOST = 64, TEXT_AT_MOST = 1024 };
    char copy[TEXT_AT_MOST], *words[WORDS_AT_MOST], *rest = copy;
    struct output_limits changed = *limits;
    size_t count = 0;

    if (strlen(text) >= sizeof copy)
        return error_set(error, ERROR_USAGE, "too long");
    strcpy(copy, text);
    while (count < WORDS_AT_MOST && (words[count] = strtok_r(rest, " \t", &rest)))
        count++;
    if (count % WORDS_OF_CLASS || count == WORDS_AT_MOST)
        return error_set(error, ERROR_USAGE,
                         "'%s' is not a class (normal, replica, pubsub), a hard limit, a soft limit and seconds, as in "
                         "replica 256mb 64mb 60",
                         text);
    for (size_t i = 0; i < count; i += WORDS_OF_CLASS) {
        int class = find_class(words[i]);
        struct output_limit limit;
        int64_t seconds;

        if (class < 0)
            return error_set(error, ERROR_USAGE, "'%s' is not a class of clients: normal, replica or pubsub", words[i]);
        if (!redis_memory_scan(words[i + 1], &limit.hard) || !redis_memory_scan(words[i + 2], &limit.soft) ||
            !scan_int64(words[i + 3], &seconds) || seconds < 0 || seconds > INT32_MAX)
            return error_set(error, ERROR_USAGE, "'%s %s %s' are not a hard limit, a soft limit and seconds",
                             words[i + 1], words[i + 2], words[i + 3]);
        limit.seconds = (uint64_t)seconds;
        changed.of[class] = limit;
    }
    *limits = changed;
    return 0;
}

/* ---- the options ---- */

void redis_option_reset(struct redis_config *config, const struct redis_option *option)
{
    struct error none = {0};
    int64_t value = 0;

    if (option->kind == REDIS_LIMITS) {
        scan_limits(option->initial, limits_in(config, option), &none);
        return;
    }
    scan(option, option->initial, &value, &none);
    store(config, option, value);
}

void redis_config_init(struct redis_config *config)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        redis_option_reset(config, &redis_options[i]);
}

const struct redis_option *redis_option_find(const char *name)
{
    static const char *const old_names[][2] = {
        {"hash-max-ziplist-entries", "hash-max-listpack-entries"},
        {"hash-max-ziplist-value", "hash-max-listpack-value"},
        {"list-max-ziplist-size", "list-max-listpack-size"},
        {"zset-max-ziplist-entries", "zset-max-listpack-entries"},
        {"zset-max-ziplist-value", "zset-max-listpack-value"},
        {"commandlog-execution-slower-than", "slowlog-log-slower-than"}, /* Valkey 9's name */
        {"commandlog-slow-execution-max-len", "slowlog-max-len"},
    };

    for (size_t i = 0; i < sizeof old_names / sizeof *old_names; i++)
        if (!strcasecmp(old_names[i][0], name))
            name = old_names[i][1];
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        if (!strcasecmp(redis_options[i].name, name))
            return &redis_options[i];
    return NULL;
}

int redis_option_set(struct redis_config *config, const struct redis_option *option, const char *text,
                     struct error *error)
{
    int64_t value = 0, works;

    if (option->kind == REDIS_LIMITS)
        return scan_limits(text, limits_in(config, option), error);
    if (scan(option, text, &value, error))
        return -1;
    if (value < option->lowest || value > option->highest)
        return out_of_bounds(option, text, error);
    works = value < option->least ? option->least : value > option->most ? option->most : value;
    store(config, option, works);
    return works != value;
}

void redis_option_copy(struct redis_config *to, const struct redis_config *from, const struct redis_option *option)
{
    memcpy((char *)to + option->offset, (const char *)from + option->offset, option->bytes);
}

static char *print_limits(const struct output_limits *limits, char text[REDIS_OPTION_TEXT])
{
    static const char *const names[CLIENT_CLASSES] = {"normal", "slave", "pubsub"}; /* as CONFIG GET */
    int used = 0;

    for (int class = 0; class < CLIENT_CLASSES; class ++)
        used += snprintf(text + used, (size_t)(REDIS_OPTION_TEXT - used), "%s%s %" PRIu64 " %" PRIu64 " %" PRIu64,
                         class ? " " : "", names[class], limits->of[class].hard, limits->of[class].soft,
                         limits->of[class].seconds);
    return text;
}

char *redis_option_print(const struct redis_config *config, const struct redis_option *option,
                         char text[REDIS_OPTION_TEXT])
{
    int64_t value;

    if (option->kind == REDIS_LIMITS)
        return print_limits(&config->client_output_buffer_limit, text);
    value = load(config, option);
    if (option->kind == REDIS_FLAG)
        snprintf(text, REDIS_OPTION_TEXT, "%s", value ? "yes" : "no");
    else if (value < 0 && option->kind == REDIS_SHARE)
        snprintf(text, REDIS_OPTION_TEXT, "%" PRId64 "%%", -value);
    else
        snprintf(text, REDIS_OPTION_TEXT, "%" PRId64, value);
    return text;
}
