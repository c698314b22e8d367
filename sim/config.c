/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/config.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct redis_option redis_options[REDIS_OPTIONS] = {
#define X(field, key, kind_of_value, initial_value, low, high, text)                                                   \
    {.name = key,                                                                                                      \
     .help = text,                                                                                                     \
     .offset = offsetof(struct redis_config, field),                                                                   \
     .kind = kind_of_value,                                                                                            \
     .initial = initial_value,                                                                                         \
     .lowest = low,                                                                                                    \
     .highest = high},
    REDIS_OPTION_LIST(X)
#undef X
};

static uint32_t *value_of(struct redis_config *config, const struct redis_option *option)
{
    return (uint32_t *)(void *)((char *)config + option->offset);
}

static uint32_t value_in(const struct redis_config *config, const struct redis_option *option)
{
    return *(const uint32_t *)(const void *)((const char *)config + option->offset);
}

void redis_config_init(struct redis_config *config)
{
    struct error none = {0};

    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        redis_option_set(config, &redis_options[i], redis_options[i].initial, &none);
}

const struct redis_option *redis_option_find(const char *name)
{
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        if (!strcasecmp(redis_options[i].name, name))
            return &redis_options[i];
    return NULL;
}

int redis_option_set(struct redis_config *config, const struct redis_option *option, const char *text,
                     struct error *error)
{
    int64_t value = 0;
    uint64_t bytes;

    switch (option->kind) {
    case REDIS_FLAG:
        if (strcasecmp(text, "yes") && strcasecmp(text, "no"))
            return error_set(error, ERROR_USAGE, "'%s' is neither yes nor no", text);
        value = !strcasecmp(text, "yes");
        break;
    case REDIS_SIZE:
        if (!scan_bytes(text, &bytes))
            return error_set(error, ERROR_USAGE, "bad size '%s'", text);
        value = bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
        break;
    case REDIS_NUMBER:
        if (!scan_int64(text, &value))
            return error_set(error, ERROR_USAGE, "bad number '%s'", text);
        break;
    }
    if (value < option->lowest || value > option->highest)
        return error_set(error, ERROR_USAGE, "'%s' is not between %" PRId64 " and %" PRId64, text, option->lowest,
                         option->highest);
    *value_of(config, option) = (uint32_t)value;
    return 0;
}

void redis_option_copy(struct redis_config *to, const struct redis_config *from, const struct redis_option *option)
{
    *value_of(to, option) = value_in(from, option);
}

char *redis_option_print(const struct redis_config *config, const struct redis_option *option,
                         char text[REDIS_OPTION_TEXT])
{
    uint32_t value = value_in(config, option);

    if (option->kind == REDIS_FLAG)
        snprintf(text, REDIS_OPTION_TEXT, "%s", value ? "yes" : "no");
    else
        snprintf(text, REDIS_OPTION_TEXT, "%" PRIu32, value);
    return text;
}

/* Appends a directive to the list of those that are not modeled, unless it is there already. */
static void note(char **list, const char *name)
{
    size_t length = *list ? strlen(*list) : 0;

    for (const char *at = *list; at; at = strstr(at, ", ") ? strstr(at, ", ") + 2 : NULL)
        if (!strncmp(at, name, strlen(name)) && strchr(",", at[strlen(name)]))
            return;
    *list = xrealloc(*list, length + strlen(name) + 3);
    sprintf(*list + length, "%s%s", length ? ", " : "", name);
}

static void replace(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

/* Cuts a line into directive and argument; quotes around the argument go. False: nothing there. */
static bool split(char *line, char **name, char **value)
{
    char *end = line + strlen(line);

    while (end > line && isspace((unsigned char)end[-1]))
        *--end = '\0';
    while (isspace((unsigned char)*line))
        line++;
    if (!*line || *line == '#')
        return false;
    *name = line;
    line += strcspn(line, " \t");
    if (*line)
        *line++ = '\0';
    line += strspn(line, " \t");
    end = line + strlen(line);
    if (end - line >= 2 && (*line == '"' || *line == '\'') && end[-1] == *line) {
        *--end = '\0';
        line++;
    }
    *value = line;
    return true;
}

static int apply(const char *name, const char *value, struct redis_config *config, struct redis_conf_file *file,
                 struct error *error)
{
    const struct redis_option *option = redis_option_find(name);
    uint64_t bytes;

    if (option)
        return redis_option_set(config, option, value, error) ? error_prefix(error, "%s: ", option->name) : 0;
    if (!strcasecmp(name, "maxmemory")) {
        if (!scan_bytes(value, &bytes))
            return error_set(error, ERROR_USAGE, "bad maxmemory '%s'", value);
        replace(&file->maxmemory, value);
    } else if (!strcasecmp(name, "maxmemory-policy")) {
        replace(&file->maxmemory_policy, value);
    } else if (!strcasecmp(name, "include")) {
        return error_set(error, ERROR_USAGE, "include is not followed: give the file itself");
    } else {
        note(&file->not_modeled, name);
    }
    return 0;
}

int redis_conf_read(const char *path, struct redis_config *config, struct redis_conf_file *file, struct error *error)
{
    FILE *in = fopen(path, "r");
    char *line = NULL, *name, *value;
    size_t capacity = 0;
    int number = 0, status = 0;

    memset(file, 0, sizeof *file);
    if (!in)
        return error_set(error, ERROR_USAGE, "%s: cannot open: %s", path, strerror(errno));
    while (!status && getline(&line, &capacity, in) >= 0) {
        number++;
        if (split(line, &name, &value) && apply(name, value, config, file, error)) {
            error_prefix(error, "%s:%d: ", path, number);
            status = -1;
        }
    }
    if (!status && ferror(in))
        status = error_set(error, ERROR_USAGE, "%s: %s", path, strerror(errno));
    free(line);
    fclose(in);
    return status;
}

void redis_conf_file_release(struct redis_conf_file *file)
{
    free(file->maxmemory);
    free(file->maxmemory_policy);
    free(file->not_modeled);
}
