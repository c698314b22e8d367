/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/columns.h"

#include "sim/request.h"
#include "sim/digits.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ITEM_BYTES = 128 }; /* of an item of --columns */

static const char *const role_names[ROLES] = {
    [TIME] = "time",
    [KEY] = "key",
    [OP] = "op",
    [VALUE_SIZE] = "value-size",
    [KEY_SIZE] = "key-size",
    [TTL] = "ttl",
    [COUNT] = "count",
    [VALUE] = "value",
    [DB] = "db",
    [TENANT] = "tenant",
};

/* What libCacheSim's csv calls the roles: time-col=1,obj-id-col=2. */
static const struct {
    const char *name;
    enum role role;
} other_names[] = {
    {"time-col", TIME}, {"obj-id-col", KEY}, {"obj-size-col", VALUE_SIZE}, {"op-col", OP},
    {"ttl-col", TTL},   {"cnt-col", COUNT},  {"tenant-col", TENANT},
};

/* Header names that are known without --columns, in the form of columns_plain_name. The names in role_names are known
 * as well. The list has the columns of Meta's key-value and CDN traces, of Twitter's traces, and of libCacheSim's CSV
 * files. */
static const struct {
    const char *name;
    enum role role;
} header_names[] = {
    {"timestamp", TIME},
    {"optime", TIME},
    {"clocktime", TIME},
    {"ts", TIME},
    {"datetime", TIME},
    {"unixtime", TIME},
    {"unixtimestamp", TIME},
    {"epoch", TIME},
    {"eventtime", TIME},
    {"requesttime", TIME},
    {"cachekey", KEY},
    {"anonymizedkey", KEY},
    {"object", KEY},
    {"objectid", KEY},
    {"obj", KEY},
    {"objid", KEY},
    {"optype", OP},
    {"operation", OP},
    {"command", OP},
    {"cmd", OP},
    {"size", VALUE_SIZE},
    {"objectsize", VALUE_SIZE},
    {"objsize", VALUE_SIZE},
    {"valuebytes", VALUE_SIZE},
    {"valuelen", VALUE_SIZE},
    {"valuelength", VALUE_SIZE},
    {"bytes", VALUE_SIZE},
    {"length", VALUE_SIZE},
    {"keybytes", KEY_SIZE},
    {"keylen", KEY_SIZE},
    {"keylength", KEY_SIZE},
    {"opcount", COUNT},
    {"database", DB},
    {"tenantid", TENANT},
    {"expire", TTL},
    {"expiry", TTL},
    {"usecase", TENANT},
};

/* A unit at the end of a name of a time or a ttl. `apart`: a separator must come before it, or "times" would be
 * seconds. */
static const struct {
    const char *name;
    int places; /* decimal places of the unit in microseconds */
    bool apart;
} unit_names[] = {
    {"s", 6, true},    {"sec", 6, false},   {"secs", 6, false},   {"seconds", 6, false},
    {"ms", 3, false},  {"msec", 3, false},  {"millis", 3, false}, {"milliseconds", 3, false},
    {"us", 0, false},  {"usec", 0, false},  {"micros", 0, false}, {"microseconds", 0, false},
    {"ns", -3, false}, {"nsec", -3, false}, {"nanos", -3, false}, {"nanoseconds", -3, false},
};

/* The names of SET's options for a ttl are names of a ttl as well. */
static const struct {
    const char *name;
    int places; /* decimal places of the unit in milliseconds */
} ttl_names[] = {{"px", 0}, {"pttl", 0}, {"ex", 3}};

/* These are known in addition to Redis's commands: the verbs of memcached and of Meta's traces. */
static const struct {
    const char *name;
    struct verb verb;
} verb_names[] = {
    {"gets", {OP_GET, 0, false}},         {"get_lease", {OP_GET, 0, false}},        {"set_lease", {OP_SET, 0, false}},
    {"add", {OP_SET, REQUEST_NX, false}}, {"replace", {OP_SET, REQUEST_XX, false}}, {"delete", {OP_DEL, 0, false}},
    {"cas", {OP_SET, 0, true}},           {"prepend", {OP_APPEND, 0, true}},
};

void columns_init(struct columns *columns)
{
    *columns = (struct columns){.times.places = 6, .ttl_places = 3, .by_header = true};
    for (int role = 0; role < ROLES; role++)
        columns->of[role].index = -1;
}

/* ---- operations ---- */

/* A row has one key and one column for the argument that is written, a value or a number. So commands with two keys do
 * not fit; a database to move to counts as a second key. A read with an argument, such as GETBIT's number, does not fit
 * either, because for a read that column is the value. */
static bool fits_a_row(const struct command *command)
{
    size_t keys = 0, written = command->measures;

    for (const char *letter = command->arguments; *letter; letter++) {
        keys += *letter == 'k' || *letter == 'd';
        written += *letter == 'v' || *letter == 'n';
    }
    return keys <= 1 && written <= 1;
}

static bool find_command(const char *name, size_t length, struct verb *verb)
{
    for (size_t i = 0; i < sizeof verb_names / sizeof *verb_names; i++)
        if (strlen(verb_names[i].name) == length && !strncasecmp(verb_names[i].name, name, length)) {
            *verb = verb_names[i].verb;
            return true;
        }
    *verb = (struct verb){.op = (uint16_t)op_find(name, length)};
    return verb->op != OP_COUNT && fits_a_row(&command_table[verb->op]);
}

static bool find_mapped(const struct columns *columns, const char *name, size_t length, struct verb *verb)
{
    for (int i = 0; i < columns->op_map_count; i++)
        if (strlen(columns->op_maps[i].text) == length && !memcmp(columns->op_maps[i].text, name, length)) {
            *verb = columns->op_maps[i].verb;
            return true;
        }
    return false;
}

bool columns_find_verb(const struct columns *columns, const char *name, size_t length, struct verb *verb)
{
    return find_mapped(columns, name, length, verb) || find_command(name, length, verb);
}

bool columns_add_op_map(struct columns *columns, const char *value)
{
    const char *colon = strrchr(value, ':');
    struct op_map *map = &columns->op_maps[columns->op_map_count];

    if (columns->op_map_count == OP_MAPS || !colon || colon == value || colon - value >= COLUMN_NAME)
        return false;
    snprintf(map->text, sizeof map->text, "%.*s", (int)(colon - value), value);
    if (!find_command(colon + 1, strlen(colon + 1), &map->verb))
        return false;
    columns->op_map_count++;
    return true;
}

/* ---- --columns ---- */

static int bad_columns(struct error *error, const char *what, const char *text)
{
    return error_set(error, ERROR_USAGE, "--columns: %s '%s'", what, text);
}

static bool choose(const char *value, const char *const *names, int *chosen)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], value)) {
            *chosen = i;
            return true;
        }
    return false;
}

static const char *const delimiter_names[] = {"comma", "tab", "semicolon", "space", "pipe", NULL};
static const char *const delimiters[] = {",", "\t", ";", " ", "|", NULL};

const char *columns_delimiter_name(char delimiter)
{
    for (int i = 0; delimiters[i]; i++)
        if (delimiters[i][0] == delimiter)
            return delimiter_names[i];
    return "";
}

static bool set_delimiter(struct columns *columns, const char *value)
{
    int chosen;

    if (!choose(value, delimiter_names, &chosen) && !choose(value, delimiters, &chosen))
        return false;
    columns->delimiter = delimiters[chosen][0];
    return true;
}

static bool set_option(struct columns *columns, const char *name, const char *value, bool *known)
{
    static const char *const time_units[] = {"us", "ms", "s", "ns", NULL};
    static const char *const ttl_units[] = {"ms", "s", NULL};
    static const char *const headers[] = {"auto", "yes", "no", NULL};
    static const char *const truths[] = {"1", "true", "0", "false", NULL};
    static const int time_places[] = {0, 3, 6, -3};
    int chosen;

    *known = true;
    if (!strcmp(name, "delimiter"))
        return set_delimiter(columns, value);
    if (!strcmp(name, "op-map"))
        return columns_add_op_map(columns, value);
    if (!strcmp(name, "time-unit")) {
        if (!choose(value, time_units, &chosen))
            return false;
        columns->times = (struct times){.places = time_places[chosen], .given = true};
        return true;
    }
    if (!strcmp(name, "has-header")) {
        if (!choose(value, truths, &chosen))
            return false;
        columns->header = chosen < 2 ? HEADER_YES : HEADER_NO;
        return true;
    }
    if (!strcmp(name, "obj-id-is-num")) /* a key is its text either way */
        return choose(value, truths, &chosen);
    if (!strcmp(name, "ttl-unit")) {
        if (!choose(value, ttl_units, &chosen))
            return false;
        columns->ttl_places = 3 * chosen;
        columns->ttl_unit_given = true;
        return true;
    }
    if (!strcmp(name, "header")) {
        if (!choose(value, headers, &chosen))
            return false;
        columns->header = (enum header)chosen;
        return true;
    }
    *known = false;
    return false;
}

/* Sets one `name=value` of --columns. */
static int set_column(struct columns *columns, char *item, struct error *error)
{
    char whole[ITEM_BYTES];
    char *value = strchr(item, '=');
    uint64_t number;
    bool known;
    int role;

    memcpy(whole, item, ITEM_BYTES);
    if (!value || !value[1])
        return bad_columns(error, "expected NAME=COLUMN, found", whole);
    *value++ = '\0';
    if (set_option(columns, item, value, &known))
        return 0;
    if (known)
        return bad_columns(error, "bad value in", whole);
    for (role = 0; role < ROLES && strcmp(role_names[role], item); role++)
        ;
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (!strcmp(other_names[i].name, item))
            role = (int)other_names[i].role;
    if (role == ROLES)
        return bad_columns(error, "no such role or option", item);
    struct column *column = &columns->of[role];
    if (!strcmp(value, "none")) {
        column->none = true;
        return role == KEY ? bad_columns(error, "there must be a key, found", whole) : 0;
    }
    if (digits_scan(value, value + strlen(value), &number)) {
        if (!number || number > 100000)
            return bad_columns(error, "columns count from 1, found", whole);
        column->index = (int)number - 1;
        return 0;
    }
    if (strlen(value) >= COLUMN_NAME)
        return bad_columns(error, "column name too long in", whole);
    memcpy(column->name, value, strlen(value) + 1);
    columns->by_name = true;
    return 0;
}

/* Commas separate the items, except for the one in `delimiter=,`. */
int columns_scan(struct columns *columns, const char *text, struct error *error)
{
    static const char comma[] = "delimiter=,";
    char item[ITEM_BYTES] = "";

    while (*text) {
        size_t length =
            !strncmp(text, comma, sizeof comma - 1) && (text[sizeof comma - 1] == ',' || !text[sizeof comma - 1])
                ? sizeof comma - 1
                : strcspn(text, ",");
        if (length >= sizeof item)
            return bad_columns(error, "too long", text);
        snprintf(item, sizeof item, "%.*s", (int)length, text);
        if (set_column(columns, item, error) < 0)
            return -1;
        text += length;
        text += *text == ',';
    }
    for (int role = 0; role < ROLES; role++)
        if (columns->of[role].name[0] && columns->header == HEADER_NO)
            return bad_columns(error, "header=no, but there is a column named", columns->of[role].name);
    columns->by_header = columns->of[KEY].index < 0 && !columns->of[KEY].name[0];
    if (columns->by_header && columns->header == HEADER_NO)
        return error_set(error, ERROR_USAGE, "--columns: no column for key, as in key=2");
    return 0;
}

/* ---- names of columns ---- */

const char *columns_role_name(enum role role)
{
    return role_names[role];
}

const char *columns_role_text(enum role role)
{
    static const char *const texts[ROLES] = {
        [TIME] = "time",
        [KEY] = "key",
        [OP] = "op",
        [VALUE_SIZE] = "value size",
        [KEY_SIZE] = "key size",
        [TTL] = "ttl",
        [COUNT] = "count",
        [VALUE] = "value",
        [DB] = "db",
        [TENANT] = "tenant",
    };

    return texts[role];
}

void columns_plain_name(char plain[COLUMN_NAME], const char *name, size_t length)
{
    size_t bytes = 0;

    for (size_t i = 0; i < length && bytes < COLUMN_NAME - 1; i++)
        if (isalnum((unsigned char)name[i]) || (unsigned char)name[i] >= 0x80)
            plain[bytes++] = (char)tolower((unsigned char)name[i]);
    plain[bytes] = '\0';
}

/* The role of a name without a unit: the role's own name, or one of header_names. */
static struct known_column known_name(const char *plain)
{
    char own[COLUMN_NAME];

    for (int role = 0; role < ROLES; role++) {
        columns_plain_name(own, role_names[role], strlen(role_names[role]));
        if (!strcmp(plain, own))
            return (struct known_column){.role = (enum role)role};
    }
    for (size_t i = 0; i < sizeof header_names / sizeof *header_names; i++)
        if (!strcmp(plain, header_names[i].name))
            return (struct known_column){.role = header_names[i].role, .rank = 1};
    return (struct known_column){.role = ROLES};
}

/* Whether a separator comes before the unit at the end of the name, as in time_s or time (s). */
static bool stands_apart(const char *name, size_t length, size_t unit_bytes)
{
    while (length && !isalnum((unsigned char)name[length - 1]))
        length--;
    return length > unit_bytes && !isalnum((unsigned char)name[length - unit_bytes - 1]);
}

struct known_column columns_known(const char *name, size_t length)
{
    char plain[COLUMN_NAME];
    struct known_column known;
    size_t bytes;

    columns_plain_name(plain, name, length);
    known = known_name(plain);
    bytes = strlen(plain);
    for (size_t i = 0; known.role == ROLES && i < sizeof ttl_names / sizeof *ttl_names; i++)
        if (!strcmp(plain, ttl_names[i].name))
            return (struct known_column){.role = TTL, .rank = 1, .has_unit = true, .places = ttl_names[i].places};
    for (size_t i = 0; known.role == ROLES && i < sizeof unit_names / sizeof *unit_names; i++) {
        size_t unit = strlen(unit_names[i].name);

        if (bytes <= unit || strcmp(plain + bytes - unit, unit_names[i].name) ||
            (unit_names[i].apart && !stands_apart(name, length, unit)))
            continue;
        plain[bytes - unit] = '\0';
        known = known_name(plain);
        plain[bytes - unit] = *unit_names[i].name;
        known.has_unit = true;
        known.places = unit_names[i].places - (known.role == TTL ? 3 : 0);
        if (known.role != TIME && (known.role != TTL || known.places < 0))
            known = (struct known_column){.role = ROLES};
    }
    return known;
}
