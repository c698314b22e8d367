/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/config_file.h"

#include "sim/alloc.h"
#include "sim/line_file.h"
#include "sim/units.h"
#include "sim/words.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    WORDS = 64,         /* the name and the values of a line; all but one option have one value */
    INCLUDES_DEEP = 16, /* a server that includes itself ends without a message; evsim stops at this depth */
};

/* The file that is being read, and what is built from it. */
struct reading {
    struct redis_config *config;
    struct redis_conf_file *file;
    struct error *error;
    uint64_t memory_limit;
    char *directory; /* from `dir`, owned; NULL: none yet */
    int depth;
};

/* ---- lines ---- */

/* Removes blanks at both ends. */
static char *trim(char *line)
{
    static const char blanks[] = " \t\r\n";
    size_t length;

    line += strspn(line, blanks);
    for (length = strlen(line); length && strchr(blanks, line[length - 1]); length--)
        line[length - 1] = '\0';
    return line;
}

/* ---- include ---- */

/* `place` is the file and line of the include, NULL for the first file. */
static int read_file(struct reading *reading, const char *path, const char *place);

/* "directory/name", from the first `length` bytes of `directory`. The caller frees it. */
static char *join(const char *directory, size_t length, const char *name)
{
    char *path;

    if (asprintf(&path, "%.*s/%s", (int)length, directory, name) < 0)
        abort();
    return path;
}

static char *beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');

    return slash ? join(file, (size_t)(slash - file), name) : xstrdup(name);
}

static bool is_there(const char *pattern)
{
    glob_t found;
    bool any = !glob(pattern, GLOB_NOCHECK, NULL, &found) && found.gl_pathc && !access(found.gl_pathv[0], F_OK);

    globfree(&found);
    return any;
}

/* The first path that exists, or the last one that was tried. The caller frees it. */
static char *find_included(const struct reading *reading, const char *from, const char *name)
{
    char *path = NULL;

    if (*name == '/')
        return xstrdup(name);
    for (int where = 0; where < 3 && !(path && is_there(path)); where++) {
        free(path);
        path = where == 0 && reading->directory ? join(reading->directory, strlen(reading->directory), name)
               : where == 1                     ? beside(from, name)
                                                : xstrdup(name);
    }
    return path;
}

static int include(struct reading *reading, const char *from, const char *name, const char *place)
{
    bool is_pattern = strpbrk(name, "*?[") != NULL;
    char *path;
    glob_t found;
    int status = 0;

    if (reading->depth == INCLUDES_DEEP)
        return error_set(reading->error, ERROR_USAGE, "%s: include: files include one another without end: %s", place,
                         name);
    path = find_included(reading, from, name);
    reading->depth++;
    if (!is_pattern)
        status = read_file(reading, path, place);
    else if (!glob(path, 0, NULL, &found)) {
        for (size_t i = 0; !status && i < found.gl_pathc; i++)
            status = read_file(reading, found.gl_pathv[i], place);
        globfree(&found);
    }
    reading->depth--;
    free(path);
    return status;
}

/* ---- directives ---- */

/* Replaces *text and frees the old one. */
static void replace(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void replace(char **text, const char *format, ...)
{
    va_list args;

    char *before = *text; /* the new text may be made of it */

    va_start(args, format);
    if (vasprintf(text, format, args) < 0)
        abort();
    va_end(args);
    free(before);
}

static int set_option(struct reading *reading, const struct redis_option *option, const char *value, const char *place)
{
    char **clamped = &reading->file->clamped[option - redis_options];
    int status = redis_option_set(reading->config, option, value, reading->error);

    free(*clamped);
    *clamped = NULL;
    if (status < 0)
        return error_prefix(reading->error, "%s: %s: ", place, option->name);
    if (status)
        replace(clamped, "%s: %s %s", place, option->name, value);
    return 0;
}

static int set_maxmemory(struct reading *reading, const char *value, const char *place)
{
    uint64_t bytes, same;

    if (!redis_memory_scan(value, &bytes))
        return error_set(reading->error, ERROR_USAGE, "%s: bad maxmemory '%s'", place, value);
    if (scan_bytes(value, &same) && same == bytes)
        replace(&reading->file->maxmemory, "%s", value);
    else
        replace(&reading->file->maxmemory, "%ju", (uintmax_t)bytes);
    return 0;
}

static void change_directory(struct reading *reading, const char *to)
{
    char *path =
        reading->directory && *to != '/' ? join(reading->directory, strlen(reading->directory), to) : xstrdup(to);

    free(reading->directory);
    reading->directory = path;
}

/* Sets the option from the words of its line, one behind the other. */
static int set_from_words(struct reading *reading, const struct redis_option *option, char *const *words, size_t count,
                          const char *place)
{
    char *value = xstrdup("");
    int status;

    for (size_t i = 1; i < count; i++)
        replace(&value, "%s%s%s", value, i > 1 ? " " : "", words[i]);
    status = set_option(reading, option, value, place);
    free(value);
    return status;
}

static int apply(struct reading *reading, char *const *words, size_t count, const char *path, const char *place)
{
    const char *name = words[0], *value = words[1];
    const struct redis_option *option = redis_option_find(name);
    bool has_value = count == 2;
    bool is_maxmemory = !strcasecmp(name, "maxmemory"), is_policy = !strcasecmp(name, "maxmemory-policy");
    bool is_include = !strcasecmp(name, "include");

    if (option && option->kind == REDIS_LIMITS && count <= WORDS)
        return set_from_words(reading, option, words, count, place);
    if (!has_value && (option || is_maxmemory || is_policy || is_include))
        return error_set(reading->error, ERROR_USAGE,
                         "%s: %s takes one value, in quotes if it has blanks; a comment has a line of its own", place,
                         name);
    if (option)
        return set_option(reading, option, value, place);
    if (is_maxmemory)
        return set_maxmemory(reading, value, place);
    if (is_include)
        return include(reading, path, value, place);
    if (is_policy) {
        replace(&reading->file->maxmemory_policy, "%s", value);
        replace(&reading->file->policy_place, "%s", place);
        return 0;
    }
    if (has_value && !strcasecmp(name, "dir"))
        change_directory(reading, value);
    text_index_add(&reading->file->not_modeled, name);
    return 0;
}

/* Options of servers and of their modules have names of these. What has others is a file of another kind. */
static bool is_name(const char *word)
{
    for (; *word; word++)
        if (!isalnum((unsigned char)*word) && !strchr("-_.", *word))
            return false;
    return true;
}

static int read_line(struct reading *reading, const char *path, int number, char *line)
{
    char *words[WORDS] = {NULL}, *place = NULL;
    size_t count;
    int status = 0;

    line = trim(number == 1 && !strncmp(line, "\xef\xbb\xbf", 3) ? line + 3 : line); /* a byte order mark */
    if (!*line || *line == '#')
        return 0;
    replace(&place, "%s:%d", path, number);
    if (words_split(line, words, WORDS, &count)) {
        status =
            error_set(reading->error, ERROR_USAGE, "%s: quotes that do not end, or not at the end of a word", place);
    } else if (count && !is_name(words[0])) {
        status = error_set(reading->error, ERROR_USAGE,
                           "%s: an option's name is of letters, digits and dashes, and this line begins otherwise: is "
                           "it a redis.conf? CONFIG REWRITE writes the one of a server",
                           place);
    } else if (count) {
        for (char *c = words[0]; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        status = apply(reading, words, count, path, place);
    }
    free(place);
    return status;
}

static int read_file(struct reading *reading, const char *path, const char *place)
{
    struct line_file file;
    int status = 0, more;

    if (line_file_open(&file, path, reading->memory_limit))
        return error_set(reading->error, ERROR_USAGE, "%s%s%s: cannot open: %s", place ? place : "",
                         place ? ": include: " : "", path, strerror(errno));
    while (!status && (more = line_file_next(&file, reading->error)))
        status = more < 0 ? -1 : read_line(reading, path, file.number, file.text);
    if (!status && file.reason && file.reason != EISDIR) /* a server reads nothing from a directory either */
        status = error_set(reading->error, ERROR_USAGE, "%s: %s", path, strerror(file.reason));
    line_file_close(&file);
    return status;
}

int redis_conf_read(const char *path, uint64_t memory_limit, struct redis_config *config, struct redis_conf_file *file,
                    struct error *error)
{
    struct reading reading = {.memory_limit = memory_limit, .config = config, .file = file, .error = error};
    int status;

    memset(file, 0, sizeof *file);
    status = read_file(&reading, path, NULL);
    free(reading.directory);
    return status;
}

void redis_conf_file_release(struct redis_conf_file *file)
{
    free(file->maxmemory);
    free(file->maxmemory_policy);
    free(file->policy_place);
    text_index_release(&file->not_modeled);
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        free(file->clamped[i]);
}

char *redis_conf_not_modeled(const struct redis_conf_file *file)
{
    const struct text_index *names = &file->not_modeled;
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    for (size_t i = 0; i < names->count; i++)
        fprintf(out, "%s%s", i ? ", " : "", names->texts[i]);
    fclose(out);
    return text;
}
