/* SPDX-License-Identifier: GPL-3.0-or-later */
/* columns: which column of a CSV file has which role.
 *
 * The user says so with --columns, `time=1,key=2,op-map=1:get`, by number or by the names in the header
 * line; or the names in the header tell (header.h). traces/README.md has the roles and options. */
#ifndef TRACES_TEXT_COLUMNS_H
#define TRACES_TEXT_COLUMNS_H

#include "sim/error.h"
#include "traces/text/times.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role { TIME, KEY, OP, VALUE_SIZE, KEY_SIZE, TTL, COUNT, VALUE, DB, TENANT, ROLES };

enum { COLUMN_NAME = 64, OP_MAPS = 16 };

enum header { HEADER_AUTO, HEADER_YES, HEADER_NO };

struct column {
    int index;              /* from 0; -1: no such column, or its name is yet to be found */
    bool none;              /* the user wants none, whatever the header has */
    char name[COLUMN_NAME]; /* in the header; "" when the column is known by its number */
};

/* What the op column says, once understood. */
struct verb {
    uint16_t op;
    uint16_t flags;
    bool renamed; /* without a Redis twin: counted */
};

struct op_map {
    char text[COLUMN_NAME]; /* as in the op column */
    struct verb verb;
};

struct columns {
    struct column of[ROLES];
    bool by_header; /* the header's names give the roles that --columns does not: it has no key */
    bool by_name;   /* some column is known by its name only */
    enum header header;
    char delimiter;      /* 0: to be found by looking */
    struct times times;  /* the unit of times, if it is given */
    int ttl_places;      /* the ttl unit is 10^places milliseconds */
    bool ttl_unit_given; /* by --columns, or by the name of the column */
    struct op_map op_maps[OP_MAPS];
    int op_map_count;
};

/* No columns yet, and the defaults of the options. */
void columns_init(struct columns *columns);

/* Adds what --columns says. 0, or -1: ERROR_USAGE. */
int columns_scan(struct columns *columns, const char *text, struct error *error);

/* "semicolon" for ';'. */
const char *columns_delimiter_name(char delimiter);
/* "value size", for messages. */
const char *columns_role_text(enum role role);
const char *columns_role_name(enum role role); /* as --columns has it */

/* What a name in a header says by itself. */
struct known_column {
    enum role role; /* ROLES: nothing */
    int rank;       /* of two columns for one role the lower one is taken: a role's own name is 0 */
    bool has_unit;  /* time_ms, ttl(s): */
    int places;     /* 10^places microseconds of a time, milliseconds of a ttl */
};
struct known_column columns_known(const char *name, size_t length);

/* Letters and digits of a name in lower case: "Value_Size", "#value-size" and " valueSize" are the same. */
void columns_plain_name(char plain[COLUMN_NAME], const char *name, size_t length);

/* Understands "1:get": what the op column has, and what it means. */
bool columns_add_op_map(struct columns *columns, const char *value);
/* What the text in an op column means: by an op-map, the name of a Redis command, or a verb of
 * memcached or of Meta's traces; false when none. */
bool columns_find_verb(const struct columns *columns, const char *name, size_t length, struct verb *verb);

#endif
