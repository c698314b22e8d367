/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jsonl: JSON lines, an object a row, whose members the user or their own names give roles, as in csv.
 *
 *     {"timestamp": 1700000000.5, "key": "user:1", "op": "set", "size": 120, "ttl": 60}
 *     --columns time=when,key=request_path,value-size=bytes
 *
 * The roles are those of csv but for `value`; a member that is null, or not there, is an empty column of csv. Members may
 * come in any order, and differ from row to row. Of two for one role the one with the role's own name is taken, then the
 * first. Nested values have no role. If the first row has no time, no row may have one.
 *
 * What a text's escapes stand for is written into the state; all other bytes stay where they are. */
#include "sim/format.h"

#include "sim/digits.h"
#include "traces/text/columns.h"
#include "traces/text/expansion.h"
#include "traces/text/json.h"
#include "traces/text/lines.h"

#include <stdio.h>

enum {
    NAMES = 64,             /* of members are known at once; others are looked up anew */
    DECODED = 256 << 10,    /* bytes for the texts of one call */
    LINE_MOST = DECODED / 4 /* bytes of a line */
};

extern const struct format format_jsonl;

/* A member's name that was seen, and the role it has. */
struct seen {
    char name[COLUMN_NAME];
    unsigned bytes;
    enum role role;
    int rank; /* the lower, the rather */
};

struct jsonl {
    struct lines lines;
    const struct format_options *options;
    struct intake *intake;
    struct columns columns;
    struct seen seen[NAMES];
    unsigned seen_count, next; /* the one that is expected next: rows are alike */
    bool begun, timed;         /* the first row has been, and has a time */
    struct record record;      /* the current row, so many times more: */
    uint64_t repeats;
    size_t used;
    char decoded[DECODED];
};

/* A row's values by their roles. */
struct row {
    struct json_value of[ROLES];
    int rank[ROLES]; /* -1: there is none */
};

/* ---- names ---- */

static bool is_wanted(const struct columns *columns, enum role role, struct piece name)
{
    const char *wanted = columns->of[role].name;
    char plain[COLUMN_NAME], other[COLUMN_NAME];

    if (!*wanted)
        return false;
    columns_plain_name(plain, wanted, strlen(wanted));
    columns_plain_name(other, name.text, (size_t)(name.end - name.text));
    return !strcmp(plain, other);
}

/* The role of a member that was not seen before. */
static void learn(struct jsonl *jsonl, struct piece name, struct seen *seen)
{
    struct columns *columns = &jsonl->columns;
    struct known_column known = columns_known(name.text, (size_t)(name.end - name.text));

    *seen = (struct seen){.role = ROLES};
    for (int role = 0; role < ROLES; role++)
        if (is_wanted(columns, (enum role)role, name))
            *seen = (struct seen){.role = (enum role)role};
    if (seen->role == ROLES && columns->by_header && known.role != ROLES && known.role != VALUE &&
        !columns->of[known.role].none && !*columns->of[known.role].name)
        *seen = (struct seen){.role = known.role, .rank = known.rank + 1};
    if (seen->role == TIME && known.has_unit && !columns->times.given)
        columns->times = (struct times){.places = known.places, .given = true};
    if (seen->role == TTL && known.has_unit && !columns->ttl_unit_given) {
        columns->ttl_places = known.places;
        columns->ttl_unit_given = true;
    }
    if (seen->role == ROLES)
        intake_ignored_column(jsonl->intake, name.text, (size_t)(name.end - name.text));
}

/* Finds the member's name among those that were seen, or adds it. */
static const struct seen *look_up(struct jsonl *jsonl, struct piece name, struct seen *other)
{
    size_t bytes = (size_t)(name.end - name.text);

    for (unsigned i = 0; i < jsonl->seen_count; i++) {
        unsigned at = (jsonl->next + i) % jsonl->seen_count;
        const struct seen *seen = &jsonl->seen[at];

        if (seen->bytes == bytes && !memcmp(seen->name, name.text, bytes)) {
            jsonl->next = at + 1;
            return seen;
        }
    }
    if (jsonl->seen_count == NAMES || bytes >= COLUMN_NAME) {
        learn(jsonl, name, other);
        return other;
    }
    struct seen *seen = &jsonl->seen[jsonl->seen_count++];
    learn(jsonl, name, seen);
    memcpy(seen->name, name.text, bytes);
    seen->bytes = (unsigned)bytes;
    return seen;
}

/* ---- a row ---- */

static int bad(struct jsonl *jsonl, const char *what, const struct json_value *value, const char *why,
               struct error *error)
{
    struct piece piece = value ? value->piece : (struct piece){"", ""};
    int length = piece.end - piece.text < 60 ? (int)(piece.end - piece.text) : 60;

    if (!length)
        return intake_bad_row(jsonl->intake, jsonl->options, jsonl->lines.source, jsonl->lines.number, error,
                              "%s; --lenient leaves out such rows", what);
    return intake_bad_row(jsonl->intake, jsonl->options, jsonl->lines.source, jsonl->lines.number, error,
                          "bad %s '%.*s'%s%s; --lenient leaves out such rows", what, length, piece.text,
                          *why ? ": " : "", why);
}

static int bad_role(struct jsonl *jsonl, enum role role, const struct row *row, const char *why, struct error *error)
{
    char missing[COLUMN_NAME];

    if (row->rank[role] >= 0)
        return bad(jsonl, columns_role_text(role), &row->of[role], why, error);
    snprintf(missing, sizeof missing, "missing %s", columns_role_text(role));
    return bad(jsonl, missing, NULL, "", error);
}

static bool scan_row(struct jsonl *jsonl, const char *line, const char *end, struct row *row)
{
    struct piece name;
    struct json_value value;
    struct seen other;
    int status;

    for (int role = 0; role < ROLES; role++)
        row->rank[role] = -1;
    if (!json_open(&line, end, '{'))
        return false;
    jsonl->next = 0;
    while ((status = json_member(&line, end, &name, &value)) > 0) {
        const struct seen *seen = look_up(jsonl, name, &other);
        bool is_null = value.kind == JSON_IS_WORD && *value.piece.text == 'n';

        if (seen->role == ROLES || is_null || piece_is_empty(value.piece) || value.kind == JSON_IS_ARRAY ||
            value.kind == JSON_IS_OBJECT)
            continue;
        if (row->rank[seen->role] >= 0 && row->rank[seen->role] <= seen->rank)
            continue;
        row->of[seen->role] = value;
        row->rank[seen->role] = seen->rank;
    }
    return !status && json_ends(line, end);
}

static bool scan_signed(struct piece piece, int places, int64_t *number)
{
    bool negative = !piece_is_empty(piece) && *piece.text == '-';

    if (!digits_decimal(piece.text + negative, piece.end, places, number))
        return false;
    if (negative)
        *number = -*number;
    return true;
}

static unsigned hex4(const char *text)
{
    uint64_t number = 0;

    return piece_hex((struct piece){text, text + 4}, &number) ? (unsigned)number : 0xfffd;
}

/* Writes the UTF-8 of a code point. */
static char *put_utf8(char *to, unsigned point)
{
    if (point < 0x80) {
        *to++ = (char)point;
        return to;
    }
    if (point >= 0x800) {
        if (point >= 0x10000) {
            *to++ = (char)(0xf0 | point >> 18);
            *to++ = (char)(0x80 | (point >> 12 & 0x3f));
        } else {
            *to++ = (char)(0xe0 | point >> 12);
        }
        *to++ = (char)(0x80 | (point >> 6 & 0x3f));
    } else {
        *to++ = (char)(0xc0 | point >> 6);
    }
    *to++ = (char)(0x80 | (point & 0x3f));
    return to;
}

/* The text without escapes, which are decoded into the state; a half of a pair of surrogates becomes U+FFFD. There is
 * room for it: it is no longer than the line. */
static struct piece decode(struct jsonl *jsonl, struct piece text)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char *begin = jsonl->decoded + jsonl->used, *to = begin;

    if (!memchr(text.text, '\\', (size_t)(text.end - text.text)))
        return text;
    for (const char *at = text.text; at < text.end; at++) {
        const char *letter = *at == '\\' && at + 1 < text.end ? strchr(letters, at[1]) : NULL;

        if (letter && *letter) {
            *to++ = meant[letter - letters];
            at++;
        } else if (*at == '\\' && text.end - at >= 6 && at[1] == 'u') {
            unsigned point = hex4(at + 2);

            at += 5;
            if (point >> 10 == 0x36 && text.end - at >= 7 && at[1] == '\\' && at[2] == 'u' &&
                hex4(at + 3) >> 10 == 0x37) {
                point = 0x10000 + ((point & 0x3ff) << 10 | (hex4(at + 3) & 0x3ff));
                at += 6;
            }
            to = put_utf8(to, point >> 11 == 0x1b ? 0xfffd : point);
        } else {
            *to++ = *at;
        }
    }
    jsonl->used += (size_t)(to - begin);
    return (struct piece){begin, to};
}

/* Each take_* completes the record. 1; 0 if the row is left out; -1 on error. */
static int take_time(struct jsonl *jsonl, const struct row *row, struct error *error)
{
    const struct piece piece = row->of[TIME].piece;
    bool is_there = row->rank[TIME] >= 0;
    const char *why;

    if (!jsonl->begun)
        jsonl->timed = is_there || *jsonl->columns.of[TIME].name;
    jsonl->begun = true;
    if (!jsonl->timed && is_there)
        return bad(jsonl, "a time, which the first row does not have", NULL, "", error);
    if (!jsonl->timed) {
        jsonl->record.flags |= REQUEST_UNTIMED;
        return 1;
    }
    if (!is_there)
        return bad_role(jsonl, TIME, row, "", error);
    why = times_scan(&jsonl->columns.times, piece.text, piece.end, &jsonl->record.time_us);
    if (why)
        return bad_role(jsonl, TIME, row, why, error);
    if (!jsonl->columns.times.given && !*jsonl->intake->time_unit)
        snprintf(jsonl->intake->time_unit, sizeof jsonl->intake->time_unit, "%s", times_unit(&jsonl->columns.times));
    return 1;
}

static int take_op(struct jsonl *jsonl, const struct row *row)
{
    const struct piece piece = row->of[OP].piece;
    struct verb verb = {.op = OP_GET};

    if (row->rank[OP] < 0)
        return 1;
    size_t length = (size_t)(piece.end - piece.text);
    if (!columns_find_verb(&jsonl->columns, piece.text, length, &verb) || command_table[verb.op].skipped ||
        command_table[verb.op].type > TYPE_STRING || command_takes((enum op)verb.op, 'n')) {
        intake_unknown(jsonl->intake, piece.text, length);
        return 0;
    }
    jsonl->record.op = verb.op;
    jsonl->record.flags |= verb.flags;
    jsonl->intake->renamed_commands += verb.renamed;
    return 1;
}

static int take_key(struct jsonl *jsonl, const struct row *row, struct error *error)
{
    struct record *record = &jsonl->record;
    uint64_t size = 0;

    if (!command_has_key((enum op)record->op))
        return 1;
    if (row->rank[KEY] < 0)
        return bad_role(jsonl, KEY, row, "", error);
    if (row->rank[KEY_SIZE] >= 0 &&
        (!digits_scan(row->of[KEY_SIZE].piece.text, row->of[KEY_SIZE].piece.end, &size) || size >= VALUE_UNKNOWN))
        return bad_role(jsonl, KEY_SIZE, row, "", error);
    jsonl->intake->has_key_sizes |= row->rank[KEY_SIZE] >= 0;
    struct piece key = decode(jsonl, row->of[KEY].piece);
    record->key = key.text;
    record->key_bytes = (uint32_t)(key.end - key.text);
    record->key_len = size ? (uint32_t)size : record->key_bytes;
    return 1;
}

static int take_value(struct jsonl *jsonl, const struct row *row, struct error *error)
{
    struct record *record = &jsonl->record;
    bool measures = command_table[record->op].measures, writes = command_takes((enum op)record->op, 'v');
    int64_t size = -1;

    if (row->rank[VALUE_SIZE] < 0 && !writes) {
        record->value_len = measures ? VALUE_UNKNOWN : 0;
        return 1;
    }
    if (row->rank[VALUE_SIZE] < 0 || !scan_signed(row->of[VALUE_SIZE].piece, 0, &size) || size >= VALUE_UNKNOWN ||
        (size < 0 && writes))
        return bad_role(jsonl, VALUE_SIZE, row, "", error);
    bool is_unknown =
        size < 0 || (!size && measures && !writes &&
                     !intake_zero_size(jsonl->intake, jsonl->options->size_zero, format_jsonl.zero_is_empty));
    record->value_len = !is_unknown ? (uint32_t)size : measures ? VALUE_UNKNOWN : 0;
    return 1;
}

/* 0 and -1 mean "no ttl", except for commands that only set one. */
static int take_ttl(struct jsonl *jsonl, const struct row *row, struct error *error)
{
    struct record *record = &jsonl->record;
    const struct command *command = &command_table[record->op];
    bool needed = command_takes((enum op)record->op, 't');

    if (row->rank[TTL] < 0)
        return needed ? bad_role(jsonl, TTL, row, "", error) : 1;
    if (!jsonl->columns.ttl_unit_given && !*jsonl->intake->ttl_unit)
        snprintf(jsonl->intake->ttl_unit, sizeof jsonl->intake->ttl_unit, "s");
    if (!scan_signed(row->of[TTL].piece, jsonl->columns.ttl_places, &record->ttl_ms))
        return bad_role(jsonl, TTL, row, "", error);
    if (needed)
        record->flags |=
            (uint16_t)((command->millis ? REQUEST_MILLIS : 0) | (command->absolute ? REQUEST_ABSOLUTE : 0));
    if (record->ttl_ms > 0 || (needed && command->retimes))
        record->flags |= REQUEST_TTL;
    else if (needed)
        return bad_role(jsonl, TTL, row, "", error);
    else
        record->ttl_ms = 0;
    return 1;
}

static int take_others(struct jsonl *jsonl, const struct row *row, struct error *error)
{
    struct piece count = row->of[COUNT].piece, db = row->of[DB].piece;
    uint64_t repeats = 1, number = 0;
    char bound[EXPANSION_WHY], why[EXPANSION_WHY + 80];

    if (row->rank[COUNT] >= 0 && (!digits_scan(count.text, count.end, &repeats) || !repeats))
        return bad_role(jsonl, COUNT, row, "", error);
    if (repeats > expansion_most(jsonl->options, EXPANSION_MOST)) {
        snprintf(why, sizeof why, "%s, --columns count=none ignores the member",
                 expansion_why(bound, jsonl->options, EXPANSION_MOST));
        return bad_role(jsonl, COUNT, row, why, error);
    }
    if (row->rank[DB] >= 0 && (!digits_scan(db.text, db.end, &number) || number >= DB_MAX))
        return bad_role(jsonl, DB, row, "", error);
    jsonl->record.db = (uint8_t)number;
    jsonl->repeats = repeats;
    if (row->rank[TENANT] < 0)
        return 1;
    struct piece tenant = decode(jsonl, row->of[TENANT].piece);
    char *copy = jsonl->decoded + jsonl->used, *end = mempcpy(copy, tenant.text, (size_t)(tenant.end - tenant.text));
    *end++ = '\0';
    jsonl->used += (size_t)(end - copy);
    jsonl->record.tenant = copy;
    return 1;
}

/* Returns 0, also if the line gives nothing, or -1 on error. */
static int parse(struct jsonl *jsonl, const char *line, const char *end, struct error *error)
{
    struct row row;
    int status;

    jsonl->repeats = 0;
    if (jsonl->lines.number == 1)
        line = pieces_without_mark(line, end);
    if (json_ends(line, end))
        return 0; /* an empty line does not count as a row */
    jsonl->intake->rows++;
    if (end - line > LINE_MOST)
        return bad(jsonl, "a line of more than 64 KB", NULL, "", error);
    if (!scan_row(jsonl, line, end, &row))
        return bad(jsonl, "not one JSON object", NULL, "", error);
    record_clear(&jsonl->record);
    jsonl->record.line = jsonl->lines.number;
    jsonl->record.op = OP_GET;
    if ((status = take_op(jsonl, &row)) <= 0 || (status = take_time(jsonl, &row, error)) <= 0 ||
        (status = take_key(jsonl, &row, error)) <= 0 || (status = take_value(jsonl, &row, error)) <= 0 ||
        (status = take_ttl(jsonl, &row, error)) <= 0 || (status = take_others(jsonl, &row, error)) <= 0) {
        jsonl->repeats = 0;
        return status;
    }
    return 0;
}

static int open_jsonl(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                      struct error *error)
{
    struct jsonl *jsonl = state;

    jsonl->options = options;
    jsonl->intake = intake;
    columns_init(&jsonl->columns);
    lines_init(&jsonl->lines, source);
    if (options->columns && columns_scan(&jsonl->columns, options->columns, error) < 0)
        return -1;
    for (int role = 0; role < ROLES; role++)
        if (jsonl->columns.of[role].index >= 0 || (role == VALUE && *jsonl->columns.of[role].name))
            return error_set(error, ERROR_USAGE, "--columns: JSON lines have names: %s=NAME%s", columns_role_text(role),
                             role == VALUE ? " is for csv" : "");
    return 0;
}

static int expand(struct jsonl *jsonl, struct record *records, int room)
{
    int count = 0;

    for (; count < room && jsonl->repeats; jsonl->repeats--)
        records[count++] = jsonl->record;
    return count;
}

static int read_jsonl(void *state, struct record *records, int room, struct error *error)
{
    struct jsonl *jsonl = state;
    int count = expand(jsonl, records, room);
    const char *line, *end;

    while (count == 0) {
        int status = lines_look(&jsonl->lines, error);
        if (status <= 0)
            return status;
        jsonl->used = 0;
        while (count < room && !jsonl->repeats && jsonl->used <= DECODED - 2 * LINE_MOST - 1 &&
               lines_next(&jsonl->lines, &line, &end)) {
            if (parse(jsonl, line, end, error) < 0)
                return count ? count : -1;
            count += expand(jsonl, records + count, room - count);
        }
        lines_done(&jsonl->lines);
    }
    return count;
}

static void forget(void *state, uint64_t line)
{
    struct jsonl *jsonl = state;

    if (jsonl->record.line == line)
        jsonl->repeats = 0;
}

/* The first line is an object that has a key, and something else that is known. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    const char *end = head + bytes, *newline;
    bool seen[ROLES + 1] = {false};
    struct piece name;
    struct json_value value;
    int status;

    head = pieces_without_mark(head, end);
    newline = memchr(head, '\n', (size_t)(end - head));
    end = newline ? newline : end;
    if (!json_open(&head, end, '{'))
        return FORMAT_NO;
    while ((status = json_member(&head, end, &name, &value)) > 0)
        seen[columns_known(name.text, (size_t)(name.end - name.text)).role] = true;
    return !status && seen[KEY] && (seen[TIME] || seen[OP] || seen[VALUE_SIZE]) ? FORMAT_CERTAIN : FORMAT_NO;
}

const struct format format_jsonl = {
    .name = "jsonl",
    .summary = "any JSON lines: members by --columns, or by their names",
    .state_size = sizeof(struct jsonl),
    .detect = detect,
    .open = open_jsonl,
    .read = read_jsonl,
    .forget = forget,
};
