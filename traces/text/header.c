/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/header.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MOST = 64 }; /* of a line that is looked at for a message */

/* ---- names ---- */

static bool is_around(char byte)
{
    return isblank((unsigned char)byte) || byte == '"' || byte == '\'' || byte == '\r';
}

/* Removes blanks and quotes around the name. `first`: also a byte order mark and '#'. */
static struct name trimmed(struct name name, bool first)
{
    if (first && name.bytes >= 3 && !memcmp(name.text, "\xef\xbb\xbf", 3))
        name.text += 3, name.bytes -= 3;
    while (name.bytes && (is_around(*name.text) || (first && *name.text == '#')))
        name.text++, name.bytes--;
    while (name.bytes && is_around(name.text[name.bytes - 1]))
        name.bytes--;
    return name;
}

/* Lists the names: "'time', 'object', 'size'". */
static const char *list_names(char list[HEADER_LIST], const struct name *names, size_t count)
{
    size_t length = 0;

    *list = '\0';
    for (size_t i = 0; i < count; i++) {
        struct name name = trimmed(names[i], !i);
        int bytes = name.bytes < COLUMN_NAME ? (int)name.bytes : COLUMN_NAME;

        if (length + (size_t)bytes + sizeof ", '', ..." > HEADER_LIST) {
            snprintf(list + length, HEADER_LIST - length, ", ...");
            break;
        }
        length += (size_t)snprintf(list + length, HEADER_LIST - length, "%s'%.*s'", i ? ", " : "", bytes, name.text);
    }
    return list;
}

bool header_is_name(const char *text, size_t bytes)
{
    struct name name = trimmed((struct name){text, bytes}, true);

    return name.bytes && isalpha((unsigned char)*name.text);
}

bool header_has_blanks(const struct name *names, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (names[i].bytes && isblank((unsigned char)*names[i].text))
            return true;
    return false;
}

/* ---- the roles of the columns ---- */

/* Finds a name exactly, or else by its plain form. */
static int find_named(const char *wanted, const struct name *names, size_t count)
{
    char plain[COLUMN_NAME], other[COLUMN_NAME];

    for (size_t i = 0; i < count; i++) {
        struct name name = trimmed(names[i], !i);

        if ((strlen(wanted) == names[i].bytes && !memcmp(wanted, names[i].text, names[i].bytes)) ||
            (strlen(wanted) == name.bytes && !memcmp(wanted, name.text, name.bytes)))
            return (int)i;
    }
    columns_plain_name(plain, wanted, strlen(wanted));
    for (size_t i = 0; *plain && i < count; i++) {
        columns_plain_name(other, names[i].text, names[i].bytes);
        if (!strcmp(plain, other))
            return (int)i;
    }
    return -1;
}

static bool has_role(const struct columns *columns, size_t column)
{
    for (int role = 0; role < ROLES; role++)
        if (columns->of[role].index == (int)column)
            return true;
    return false;
}

/* Gives roles that --columns leaves open to columns with known names that have no role yet. */
static void map_known(struct columns *columns, const struct name *names, size_t count)
{
    int rank[ROLES];

    for (int role = 0; role < ROLES; role++)
        rank[role] = columns->of[role].none || columns->of[role].index >= 0 ? -1 : 2;
    for (size_t i = 0; i < count; i++) {
        struct known_column known = columns_known(names[i].text, names[i].bytes);

        if (known.role == ROLES || known.rank >= rank[known.role] || has_role(columns, i))
            continue;
        columns->of[known.role].index = (int)i;
        rank[known.role] = known.rank;
    }
}

/* A unit in a column's name is used unless --columns sets one. */
static void take_units(struct columns *columns, const struct name *names, size_t count)
{
    int time = columns->of[TIME].index, ttl = columns->of[TTL].index;
    struct known_column known;

    if (time >= 0 && (size_t)time < count && !columns->times.given) {
        known = columns_known(names[time].text, names[time].bytes);
        if (known.role == TIME && known.has_unit)
            columns->times = (struct times){.places = known.places, .given = true};
    }
    if (ttl >= 0 && (size_t)ttl < count && !columns->ttl_unit_given) {
        known = columns_known(names[ttl].text, names[ttl].bytes);
        if (known.role == TTL && known.has_unit) {
            columns->ttl_places = known.places;
            columns->ttl_unit_given = true;
        }
    }
}

void header_note_ignored(const struct columns *columns, const struct name *names, size_t count, bool numbers,
                         struct intake *intake)
{
    for (size_t i = 0; i < count; i++) {
        struct name name = trimmed(names[i], !i);
        char number[24];

        if (has_role(columns, i))
            continue;
        if (numbers || !name.bytes)
            name = (struct name){number, (size_t)snprintf(number, sizeof number, "%zu", i + 1)};
        intake_ignored_column(intake, name.text, name.bytes);
    }
}

int header_map(struct columns *columns, const struct name *names, size_t count, struct intake *intake,
               const char *where, struct error *error)
{
    char list[HEADER_LIST];
    bool any_unknown = false;

    for (int role = 0; role < ROLES; role++) {
        struct column *column = &columns->of[role];

        if (!column->name[0])
            continue;
        column->index = find_named(column->name, names, count);
        if (column->index < 0)
            return error_set(error, ERROR_INPUT, "%s: no column '%s' in the header, which has %s", where, column->name,
                             list_names(list, names, count));
    }
    if (columns->by_header)
        map_known(columns, names, count);
    if (columns->of[KEY].index < 0)
        return error_set(error, ERROR_INPUT,
                         "%s: no known name of a key in the header, which has %s: name the columns with "
                         "--columns time=NAME,key=NAME,op=NAME,value-size=NAME, or by numbers from 1",
                         where, list_names(list, names, count));
    for (size_t i = 0; i < count; i++)
        any_unknown |= !has_role(columns, i) && columns_known(names[i].text, names[i].bytes).role == ROLES;
    if (columns->by_header && columns->of[TIME].index < 0 && !columns->of[TIME].none && any_unknown)
        return error_set(error, ERROR_INPUT,
                         "%s: no known name of a time in the header, which has %s: say which it is with "
                         "--columns time=NAME, or time=none if there is none",
                         where, list_names(list, names, count));
    take_units(columns, names, count);
    header_note_ignored(columns, names, count, false, intake);
    return 0;
}

/* ---- the first line ---- */

/* The end of the line, in front of its line feed. */
static const char *line_end(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));

    return newline ? newline : end;
}

/* Whether the names of a line are those of a header. */
static bool has_names(const char *line, const char *end);

/* "sep=;" */
static bool says_delimiter(const char *line, const char *end)
{
    return end - line >= 5 && !memcmp(line, "sep=", 4) && (end - line == 5 || (end - line == 6 && line[5] == '\r'));
}

size_t header_skip(const char *head, size_t bytes, uint64_t *lines, uint64_t *comments)
{
    const char *end = head + bytes, *line = head;

    *lines = *comments = 0;
    while (line < end) {
        const char *stop = line_end(line, end);
        bool is_comment = *line == '#' && !has_names(line, stop);

        if (stop == end || !(is_comment || *line == '\n' || *line == '\r' || says_delimiter(line, stop)))
            break;
        *comments += is_comment;
        (*lines)++;
        line = stop + 1;
    }
    return (size_t)(line - head);
}

/* Skips what header_skip does. *end becomes the end of the line. */
static const char *first_line(const char *head, const char **end)
{
    uint64_t lines, comments;

    head += header_skip(head, (size_t)(*end - head), &lines, &comments);
    *end = line_end(head, *end);
    return head;
}

static bool is_between_digits(const char *at, const char *line, const char *end)
{
    return at > line && at + 1 < end && isdigit((unsigned char)at[-1]) && isdigit((unsigned char)at[1]);
}

/* A comma if there is one outside of quotes; but among semicolons those within numbers are decimal commas. */
static char delimiter_of(const char *line, const char *end)
{
    static const char others[] = {';', '\t', '|'};
    unsigned count[256] = {0};
    bool quoted = false, are_decimal = true;
    char most = ',';

    for (const char *at = line; at < end; at++) {
        quoted ^= *at == '"';
        count[(unsigned char)*at] += !quoted;
        are_decimal &= *at != ',' || quoted || is_between_digits(at, line, end);
    }
    if (count[';'] > 1 && count[','] && count[','] <= count[';'] && are_decimal)
        return ';';
    for (size_t i = 0; i < sizeof others && !count[',']; i++)
        if (count[(unsigned char)others[i]] > count[(unsigned char)most])
            most = others[i];
    return most == ',' && !count[','] && count[' '] ? ' ' : most;
}

char header_delimiter(const char *head, size_t bytes)
{
    const char *end = head + bytes;

    head = first_line(head, &end);
    return delimiter_of(head, end);
}

/* Takes the next name of a line. Moves *head behind its delimiter. */
static struct name take_name(const char **head, const char *end, char delimiter)
{
    const char *next = memchr(*head, delimiter, (size_t)(end - *head));
    struct name name = {*head, (size_t)((next ? next : end) - *head)};

    *head = next ? next + 1 : end;
    return name;
}

static bool has_names(const char *line, const char *end)
{
    char delimiter = delimiter_of(line, end);
    bool seen[ROLES + 1] = {false};

    while (line < end) {
        struct name name = take_name(&line, end, delimiter);
        seen[columns_known(name.text, name.bytes).role] = true;
    }
    return seen[KEY] && (seen[TIME] || seen[OP] || seen[VALUE_SIZE] || seen[VALUE]);
}

enum format_sureness header_detect(const char *head, size_t bytes)
{
    const char *begin = head, *end = head + bytes;
    char guess[HEADER_GUESS];

    head = first_line(head, &end);
    if (head < end && !isdigit((unsigned char)*head) && has_names(head, end)) /* with a digit begins a row, no header */
        return FORMAT_CERTAIN;
    return header_sure_guess(guess, begin, bytes) ? FORMAT_POSSIBLE : FORMAT_NO;
}

/* How many fields the first line has that are stored; 0 if it is no text, or has none that a delimiter other than blanks parts. */
static size_t take_fields(struct name names[FIELDS_MOST], const char *head, size_t bytes)
{
    const char *end = head + bytes;
    char delimiter = header_delimiter(head, bytes);
    size_t count = 0;

    head = first_line(head, &end);
    for (const char *at = head; at < end; at++)
        if (iscntrl((unsigned char)*at) && *at != '\t' && *at != '\r')
            return 0;
    while (head < end && count < FIELDS_MOST)
        names[count++] = take_name(&head, end, delimiter);
    return count > 1 && delimiter != ' ' ? count : 0;
}

const char *header_list(char list[HEADER_LIST], const char *head, size_t bytes)
{
    struct name names[FIELDS_MOST];
    size_t count = take_fields(names, head, bytes);

    return count ? list_names(list, names, count) : NULL;
}

/* ---- a line without names ---- */

static bool is_number(struct name name)
{
    size_t points = 0;

    for (size_t i = 0; i < name.bytes; i++)
        if (name.text[i] == '.' || name.text[i] == ',') /* a comma within a field is that of a decimal */
            points++;
        else if (!isdigit((unsigned char)name.text[i]))
            return false;
    return name.bytes && points <= 1 && name.bytes > points;
}

/* A time comes first, or where the first date or number is; what is a command's name is the op; the key is the first of the others; numbers behind it
 * are a size and a ttl. */
static void guess_roles(const struct name *names, size_t count, int of[ROLES])
{
    static const struct columns none;

    for (int role = 0; role < ROLES; role++)
        of[role] = -1;
    for (size_t i = 0; i < count; i++) {
        struct name name = trimmed(names[i], !i);
        struct verb verb;
        bool number = is_number(name), is_date = name.bytes >= 10 && name.text[4] == '-' && name.text[7] == '-';

        if (!number && of[OP] < 0 && name.bytes && columns_find_verb(&none, name.text, name.bytes, &verb))
            of[OP] = (int)i;
        else if (of[TIME] < 0 && (number || is_date))
            of[TIME] = (int)i;
        else if (of[KEY] < 0)
            of[KEY] = (int)i;
        else if (number && of[VALUE_SIZE] < 0)
            of[VALUE_SIZE] = (int)i;
        else if (number && of[TTL] < 0)
            of[TTL] = (int)i;
    }
}

static const char *print_guess(char guess[HEADER_GUESS], const int of[ROLES])
{
    static const struct {
        enum role role;
        const char *name;
    } told[] = {{TIME, "time"}, {KEY, "key"}, {OP, "op"}, {VALUE_SIZE, "value-size"}, {TTL, "ttl"}};
    size_t length = 0;

    if (of[TIME] < 0 || of[KEY] < 0)
        return NULL;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (of[told[i].role] >= 0)
            length += (size_t)snprintf(guess + length, HEADER_GUESS - length, "%s%s=%d", length ? "," : "",
                                       told[i].name, of[told[i].role] + 1);
    return guess;
}

const char *header_guess(char guess[HEADER_GUESS], const char *head, size_t bytes)
{
    struct name names[FIELDS_MOST];
    int of[ROLES];

    guess_roles(names, take_fields(names, head, bytes), of);
    return print_guess(guess, of);
}

/* ---- several lines without names ---- */

/* Whether the field is what its column is to hold. */
static bool fits(struct name field, enum role role)
{
    static const struct columns none;
    struct verb verb;

    field = trimmed(field, false);
    if (role == OP)
        return columns_find_verb(&none, field.text, field.bytes, &verb);
    if (role == KEY)
        return field.bytes > 0;
    if (role == TTL && field.bytes == 2 && !memcmp(field.text, "-1", 2))
        return true;
    return role == TIME ? field.bytes > 0 : !field.bytes || is_number(field);
}

/* Whether a further line has as many fields, of these kinds. */
static bool agrees(const char *line, const char *end, char delimiter, const int of[ROLES], size_t count, bool *has_name)
{
    struct name fields[FIELDS_MOST] = {{0}};
    size_t found = 0;

    while (line < end && found < FIELDS_MOST)
        fields[found++] = take_name(&line, end, delimiter);
    for (int role = 0; found == count && role < ROLES; role++)
        if (of[role] >= 0 && !fits(fields[of[role]], (enum role)role))
            return false;
    *has_name |= found == count && !is_number(trimmed(fields[of[KEY]], false));
    return found == count;
}

const char *header_sure_guess(char guess[HEADER_GUESS], const char *head, size_t bytes)
{
    enum { LOOKED_AT = 50 };
    struct name names[FIELDS_MOST];
    size_t count = take_fields(names, head, bytes), roles = 0;
    const char *end = head + bytes, *line = head, *stop;
    char delimiter = header_delimiter(head, bytes);
    uint64_t lines, comments;
    bool has_name = false;
    int of[ROLES];

    guess_roles(names, count, of);
    for (int role = 0; role < ROLES; role++)
        roles += of[role] >= 0;
    if (of[TIME] || of[KEY] < 0 || of[OP] < 0 || of[VALUE_SIZE] < 0 || roles != count)
        return NULL;
    line += header_skip(head, bytes, &lines, &comments);
    for (int i = 0; i < LOOKED_AT && line < end; i++, line = stop + 1) {
        stop = line_end(line, end);
        if (stop == end && i)
            break; /* the head may end within it */
        if (line < stop && *line != '#' && *line != '\r' && !agrees(line, stop, delimiter, of, count, &has_name))
            return NULL;
        if (stop == end)
            break;
    }
    return has_name ? print_guess(guess, of) : NULL;
}
