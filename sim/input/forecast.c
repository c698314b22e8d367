/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/forecast.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <xxhash.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what the user says ---- */

static const int64_t DAY_US = INT64_C(86400) * 1000000;
static const double KEYS_MOST = 1000, FACTOR_LEAST = 0.001, FACTOR_MOST = 1000;
static const int64_t APART_MOST_US = 1000000; /* a sibling's command is this long before its original's, at most */
static const int64_t TIME_MOST_US = INT64_MAX / 4;
static const uint64_t NUMBER_STEP = UINT64_C(0x9e3779b97f4a7c15); /* between the numbers of siblings */

static const char *const growing_names[GROWINGS] = {"keys", "rate", "sizes"};

static const struct period {
    const char *name, *plural, *letter;
    int days;
} periods[] = {
    {"day", "days", "d", 1},
    {"week", "weeks", "w", 7},
    {"month", "months", "mo", 30},
    {"year", "years", "y", 365},
};
enum { PERIODS = sizeof periods / sizeof *periods };

static const struct period *find_period(const char *text)
{
    for (int i = 0; i < PERIODS; i++)
        if (!strcasecmp(text, periods[i].name) || !strcasecmp(text, periods[i].plural) ||
            !strcasecmp(text, periods[i].letter))
            return &periods[i];
    return NULL;
}

static int bad_item(const char *item, struct error *error)
{
    return error_set(
        error, ERROR_USAGE,
        "bad growth '%s': keys, rate or sizes, and a factor, as keys=2x, or keys=1.5x/month with --horizon", item);
}

static int scan_item(struct forecast *forecast, const char *item, struct error *error)
{
    const char *equals = strchr(item, '=');
    int growing = 0;
    double factor;
    char *end;

    while (equals && growing < GROWINGS &&
           (strlen(growing_names[growing]) != (size_t)(equals - item) ||
            strncasecmp(growing_names[growing], item, (size_t)(equals - item)) != 0))
        growing++;
    if (!equals || growing == GROWINGS || !((equals[1] >= '0' && equals[1] <= '9') || equals[1] == '.'))
        return bad_item(item, error);
    if (forecast->of[growing].factor > 0)
        return error_set(error, ERROR_USAGE, "%s is there twice", growing_names[growing]);
    factor = strtod(equals + 1, &end);
    if (*end == 'x' || *end == 'X')
        end++;
    if (*end == '/') {
        const struct period *period = find_period(end + 1);

        if (!period)
            return error_set(error, ERROR_USAGE, "bad growth '%s': per day, week, month or year", item);
        forecast->of[growing].period_us = period->days * DAY_US;
    } else if (*end) {
        return bad_item(item, error);
    }
    if (!(factor > 0) || !isfinite(factor))
        return error_set(error, ERROR_USAGE, "bad growth '%s': the factor is above 0", item);
    forecast->of[growing].factor = factor;
    return 0;
}

int forecast_scan(struct forecast *forecast, const char *text, struct error *error)
{
    char *copy = xstrdup(text), *rest = copy, *item;
    int status = *text ? 0 : bad_item(text, error);

    while (!status && (item = strsep(&rest, ",")))
        status = scan_item(forecast, item, error);
    free(copy);
    return status;
}

int forecast_scan_horizon(struct forecast *forecast, const char *text, struct error *error)
{
    const struct period *period;
    double number;
    char *end;

    if (*text < '0' || *text > '9')
        return error_set(error, ERROR_USAGE, "bad horizon '%s': a number and a unit, as '6 months' or 90d", text);
    number = strtod(text, &end);
    while (*end == ' ')
        end++;
    period = find_period(end);
    if (!period || !(number > 0) || number * period->days > 36500)
        return error_set(error, ERROR_USAGE,
                         "bad horizon '%s': a number of days, weeks, months or years, a hundred years at most", text);
    forecast->horizon_us = (int64_t)llround(number * (double)(period->days * DAY_US));
    return 0;
}

static void put_factor(char text[UNITS_TEXT], double factor)
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, UNITS_TEXT, "%.*g", digits, factor);
        if (!(strtod(text, NULL) < factor) && !(strtod(text, NULL) > factor))
            break;
    }
}

char *forecast_print(const struct forecast *forecast)
{
    char text[256] = "", factor[UNITS_TEXT];
    size_t used = 0;

    for (int i = 0; i < GROWINGS; i++) {
        if (!(forecast->of[i].factor > 0))
            continue;
        put_factor(factor, forecast->of[i].factor);
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s=%sx", used ? "," : "", growing_names[i], factor);
        for (int p = 0; p < PERIODS; p++)
            if (forecast->of[i].period_us == periods[p].days * DAY_US)
                used += (size_t)snprintf(text + used, sizeof text - used, "/%s", periods[p].name);
    }
    return xstrdup(text);
}

char *forecast_print_horizon(const struct forecast *forecast)
{
    char text[UNITS_TEXT + 2] = "";

    if (forecast->horizon_us) {
        put_factor(text, (double)forecast->horizon_us / (double)DAY_US);
        strcat(text, "d");
    }
    return xstrdup(text);
}

double forecast_factor(const struct forecast *forecast, enum growing growing)
{
    double factor = forecast->of[growing].factor;
    int64_t period_us = forecast->of[growing].period_us;

    if (!(factor > 0))
        return 1;
    return period_us ? pow(factor, (double)forecast->horizon_us / (double)period_us) : factor;
}

int forecast_check(const struct forecast *forecast, struct error *error)
{
    bool has_period = false;

    for (int i = 0; i < GROWINGS; i++)
        has_period |= forecast->of[i].period_us != 0;
    if (has_period && !forecast->horizon_us)
        return error_set(error, ERROR_USAGE,
                         "--grow says how much in a time: --horizon says how far ahead, as '6 months'");
    if (!has_period && forecast->horizon_us)
        return error_set(error, ERROR_USAGE, "--horizon goes with --grow and a period, as keys=1.5x/month");
    for (int i = 0; i < GROWINGS; i++) {
        double factor = forecast_factor(forecast, (enum growing)i);

        if (i == GROW_KEYS && !(factor >= 1 && factor <= KEYS_MOST))
            return error_set(error, ERROR_USAGE, "--grow: keys grow by %gx: not between 1 and %g", factor, KEYS_MOST);
        if (!(factor >= FACTOR_LEAST && factor <= FACTOR_MOST))
            return error_set(error, ERROR_USAGE, "--grow: %s grow by %gx: not between %g and %g", growing_names[i],
                             factor, FACTOR_LEAST, FACTOR_MOST);
    }
    return 0;
}

static bool is_one(double factor)
{
    return !(factor < 1) && !(factor > 1);
}

bool forecast_is_any(const struct forecast *forecast)
{
    for (int i = 0; i < GROWINGS; i++)
        if (!is_one(forecast_factor(forecast, (enum growing)i)))
            return true;
    return false;
}

/* ---- texts ---- */

/* Memory that is given back all at once, and never moves before. */
struct piece {
    struct piece *next;
    size_t used, size;
    char bytes[];
};

enum { PIECE_BYTES = 64 << 10, ALIGNMENT = 16 };

static void *piece_take(struct piece **pieces, size_t bytes)
{
    void *memory;

    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!*pieces || (*pieces)->size - (*pieces)->used < bytes) {
        size_t size = bytes > PIECE_BYTES ? bytes : PIECE_BYTES;
        struct piece *piece = xmalloc(sizeof *piece + size);

        *piece = (struct piece){.next = *pieces, .size = size};
        *pieces = piece;
    }
    memory = (*pieces)->bytes + (*pieces)->used;
    (*pieces)->used += bytes;
    return memory;
}

/* All but `kept` pieces are freed. */
static void pieces_clear(struct piece **pieces, int kept)
{
    while (*pieces && ((*pieces)->next || !kept)) {
        struct piece *next = (*pieces)->next;

        free(*pieces);
        *pieces = next;
    }
    if (*pieces)
        (*pieces)->used = 0;
}

/* ---- at work ---- */

struct grower {
    const char *name;
    struct intake *intake;
    double keys, rate, sizes;
    bool adds_keys;
    uint32_t whole;  /* siblings that every key has, itself among them, */
    double fraction; /* and the share of the keys that have one more */

    const struct record *given;
    int given_count, given_next;
    bool has_ended;

    /* The rows of a command whose end was not among the records that were given. */
    struct record *begun;
    uint32_t begun_count, begun_capacity;
    struct piece *begun_texts;

    /* The command that is being repeated, which is the given records or the begun ones. */
    const struct record *rows;
    uint32_t row_count, row;
    uint32_t copies, copy; /* copy counts down to 0, the original */
    uint32_t last_row;     /* of this copy */
    int64_t time_us, gap_us;
    bool has_started;
    int64_t first_us;

    struct piece *texts; /* of the records that were taken last */

    uint32_t **clients; /* by the trace's client, then by copy: 1 + number; 0: it has none yet */
    uint32_t client_capacity, client_count;
};

static void tell(struct grower *grower)
{
    const double factors[GROWINGS] = {grower->keys, grower->rate, grower->sizes};
    size_t used = 0;

    for (int i = 0; i < GROWINGS; i++)
        if (!is_one(factors[i]))
            used += (size_t)snprintf(grower->intake->grown + used, sizeof grower->intake->grown - used, "%s%s=%.6gx",
                                     used ? "," : "", growing_names[i], factors[i]);
}

struct grower *grower_new(const struct forecast *forecast, const char *name, struct intake *intake)
{
    struct grower *grower = xcalloc(1, sizeof *grower);

    grower->name = name;
    grower->intake = intake;
    grower->keys = forecast_factor(forecast, GROW_KEYS);
    grower->rate = forecast_factor(forecast, GROW_RATE);
    grower->sizes = forecast_factor(forecast, GROW_SIZES);
    grower->adds_keys = grower->keys > 1;
    grower->whole = (uint32_t)grower->keys;
    grower->fraction = grower->keys - grower->whole;
    tell(grower);
    return grower;
}

void grower_free(struct grower *grower)
{
    if (!grower)
        return;
    free(grower->begun);
    pieces_clear(&grower->begun_texts, 0);
    pieces_clear(&grower->texts, 0);
    for (uint32_t i = 0; i < grower->client_capacity; i++)
        free(grower->clients[i]);
    free(grower->clients);
    free(grower);
}

void grower_give(struct grower *grower, const struct record *records, int count)
{
    grower->given = records;
    grower->given_count = count;
    grower->given_next = 0;
    grower->has_ended = !count;
}

static void *copy_bytes(struct piece **pieces, const void *bytes, size_t count)
{
    void *copy = piece_take(pieces, count ? count : 1);

    if (count)
        memcpy(copy, bytes, count);
    return copy;
}

/* The elements of a record, a list of their own. */
static struct named_element *copy_elements(struct piece **pieces, struct record *record)
{
    struct named_element *list =
        copy_bytes(pieces, record->named + record->first_element, record->elements * sizeof *list);

    record->named = list;
    record->first_element = 0;
    return list;
}

/* Keeps a row whose command has not ended. */
static void keep(struct grower *grower, const struct record *row)
{
    struct record *record;

    grower->begun = xgrow(grower->begun, &grower->begun_capacity, grower->begun_count + 1, sizeof *grower->begun);
    record = &grower->begun[grower->begun_count++];
    *record = *row;
    if (row->key)
        record->key = copy_bytes(&grower->begun_texts, row->key, row->key_bytes);
    if (row->tenant)
        record->tenant = copy_bytes(&grower->begun_texts, row->tenant, strlen(row->tenant) + 1);
    if (row->elements) {
        struct named_element *list = copy_elements(&grower->begun_texts, record);

        for (uint32_t i = 0; i < row->elements; i++)
            if (list[i].text)
                list[i].text = copy_bytes(&grower->begun_texts, list[i].text, list[i].bytes);
    }
}

/* ---- siblings ---- */

/* A number below 1 that the key alone decides, or its hash tag. */
static double chance_of(const struct record *record)
{
    const char *text = record->key, *open, *close;
    size_t bytes = record->key_bytes;
    char digits[24];

    if (!text) {
        bytes = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, record->key_number);
        text = digits;
    } else if ((open = memchr(text, '{', bytes))) {
        close = memchr(open + 1, '}', (size_t)(text + bytes - open - 1));
        if (close && close > open + 1) {
            text = open + 1;
            bytes = (size_t)(close - open - 1);
        }
    }
    return (double)(XXH3_64bits_withSeed(text, bytes, NUMBER_STEP) >> 11) * 0x1p-53;
}

static uint32_t siblings_of(const struct grower *grower, const struct record *record)
{
    return grower->whole + (grower->fraction > 0 && chance_of(record) < grower->fraction);
}

/* What asks something of the connection that it comes by. */
static const enum op of_connections[] = {
    OP_MULTI, OP_EXEC, OP_WATCH, OP_CLIENT_TRACKING, OP_CLIENT_KILL, OP_CLIENT_REPLY,
};

static bool is_refused(const struct record *row)
{
    for (size_t i = 0; i < sizeof of_connections / sizeof *of_connections; i++)
        if (row->op == of_connections[i])
            return true;
    return command_table[row->op].runs_script || row->client == CLIENT_SCRIPT;
}

/* How often the command is sent, its original included. */
static uint32_t count_copies(const struct grower *grower)
{
    const struct record *rows = grower->rows;
    bool splits = command_table[rows->op].splits;
    uint32_t copies;

    if (!command_has_key((enum op)rows->op))
        return 1;
    copies = siblings_of(grower, rows);
    for (uint32_t i = 1; i < grower->row_count && grower->fraction > 0; i++) {
        uint32_t siblings = siblings_of(grower, &rows[i]);

        if (splits ? siblings > copies : siblings < copies)
            copies = siblings;
    }
    return copies;
}

/* Whether this row is sent in the present copy. */
static bool is_sent(const struct grower *grower, uint32_t row)
{
    return grower->copy < grower->whole || !command_table[grower->rows->op].splits ||
           grower->copy < siblings_of(grower, &grower->rows[row]);
}

static void begin_copy(struct grower *grower)
{
    grower->row = 0;
    grower->last_row = grower->row_count - 1;
    while (grower->copy && !is_sent(grower, grower->last_row))
        grower->last_row--;
}

static int64_t grown_time(const struct grower *grower, int64_t time_us)
{
    if (is_one(grower->rate))
        return time_us;
    return grower->first_us + (int64_t)((double)(time_us - grower->first_us) / grower->rate);
}

static int begin_command(struct grower *grower, struct error *error)
{
    const struct record *first = grower->rows;
    int64_t time_us;

    if (!grower->has_started) {
        grower->has_started = true;
        grower->first_us = grower->time_us = first->time_us;
    }
    if ((double)(first->time_us - grower->first_us) / grower->rate > (double)(TIME_MOST_US - grower->first_us))
        return error_set(error, ERROR_INPUT,
                         "%s:%" PRIu64 ": --grow rate=%gx: the time becomes too large: give a larger factor",
                         grower->name, first->line, grower->rate);
    time_us = grown_time(grower, first->time_us);
    grower->gap_us = time_us - grower->time_us < APART_MOST_US ? time_us - grower->time_us : APART_MOST_US;
    grower->time_us = time_us;
    grower->copies = 1;
    if (grower->adds_keys) {
        if (is_refused(first))
            return error_set(
                error, ERROR_INPUT,
                "%s:%" PRIu64 ": %s: --grow keys cannot repeat transactions, scripts and what a client asks of its "
                "connection: grow rate and sizes alone",
                grower->name, first->line, first->client == CLIENT_SCRIPT ? "a script" : op_name((enum op)first->op));
        grower->copies = count_copies(grower);
    }
    grower->copy = grower->copies - 1;
    begin_copy(grower);
    return 1;
}

/* Finds the next whole command. Returns 1, 0 if more is to be given, -1 on error. */
static int next_command(struct grower *grower, struct error *error)
{
    int end = grower->given_next;

    while (end < grower->given_count && grower->given[end].flags & REQUEST_MORE)
        end++;
    if (end < grower->given_count && !grower->begun_count) {
        grower->rows = &grower->given[grower->given_next];
        grower->row_count = (uint32_t)(++end - grower->given_next);
        grower->given_next = end;
        return begin_command(grower, error);
    }
    end += end < grower->given_count;
    for (int i = grower->given_next; i < end; i++)
        keep(grower, &grower->given[i]);
    grower->given_next = end;
    if (!grower->begun_count)
        return 0;
    if (grower->begun[grower->begun_count - 1].flags & REQUEST_MORE) {
        if (!grower->has_ended)
            return 0;
        grower->begun[grower->begun_count - 1].flags &= (uint16_t)~REQUEST_MORE;
    }
    grower->rows = grower->begun;
    grower->row_count = grower->begun_count;
    return begin_command(grower, error);
}

/* ---- what a sibling's record is ---- */

static uint32_t client_of(struct grower *grower, uint32_t client, uint32_t copy)
{
    uint32_t *number;

    if (client >= grower->client_capacity)
        grower->clients = xgrow(grower->clients, &grower->client_capacity, client + 1, sizeof *grower->clients);
    if (!grower->clients[client])
        grower->clients[client] = xcalloc(grower->whole + 1, sizeof **grower->clients);
    number = &grower->clients[client][copy];
    if (!*number)
        *number = ++grower->client_count;
    return *number - 1;
}

static uint32_t grown_size(const struct grower *grower, uint32_t bytes)
{
    double grown = round(bytes * grower->sizes);

    if (!bytes || bytes == VALUE_UNKNOWN)
        return bytes;
    return grown < 1 ? 1 : grown < (double)(VALUE_UNKNOWN - 1) ? (uint32_t)grown : VALUE_UNKNOWN - 1;
}

static void grow_sizes(struct grower *grower, struct record *record)
{
    enum op op = (enum op)record->op;
    const struct command *command = &command_table[op];

    if (command_takes(op, 'm') && command_takes(op, 'v')) { /* fields of a hash */
        struct named_element *list = copy_elements(&grower->texts, record);

        for (uint32_t i = 0; i < record->elements; i++)
            if (!(list[i].element.flags & (ELEMENT_INTEGER | ELEMENT_DECIMAL)))
                list[i].element.value_len = grown_size(grower, list[i].element.value_len);
        return;
    }
    if (!(command_takes(op, 'v') || command->measures) || record->flags & (REQUEST_INTEGER | REQUEST_DECIMAL))
        return;
    record->value_len = grown_size(grower, record->value_len);
    if (command->change == CHANGE_EXTENDS) /* where the piece begins */
        record->number = llround((double)record->number * grower->sizes);
}

static void name_sibling(struct grower *grower, struct record *record)
{
    char mark[24], *name;

    if (!record->key) {
        record->key_number += grower->copy * NUMBER_STEP;
        return;
    }
    record->mark_bytes = (uint32_t)snprintf(mark, sizeof mark, "~copy%" PRIu32, grower->copy);
    name = piece_take(&grower->texts, record->key_bytes + (size_t)record->mark_bytes);
    memcpy(name, record->key, record->key_bytes);
    memcpy(name + record->key_bytes, mark, record->mark_bytes);
    record->key = name;
    record->key_bytes += record->mark_bytes;
}

static void make_record(struct grower *grower, struct record *record)
{
    int64_t time_us = grower->time_us - grower->gap_us * grower->copy / grower->copies;

    *record = grower->rows[grower->row];
    if (record->flags & REQUEST_ABSOLUTE && record->flags & REQUEST_TTL)
        record->ttl_ms += (time_us - record->time_us) / 1000;
    record->time_us = time_us;
    if (!is_one(grower->sizes))
        grow_sizes(grower, record);
    if (!grower->adds_keys)
        return;
    record->behind = 0;
    if (grower->intake->clients)
        record->client = client_of(grower, record->client, grower->copy);
    if (grower->copy) {
        name_sibling(grower, record);
        if (grower->row == grower->last_row)
            record->flags &= (uint16_t)~REQUEST_MORE;
    }
}

int grower_take(struct grower *grower, struct record *records, int room, struct error *error)
{
    int count = 0;

    pieces_clear(&grower->texts, 1);
    if (!grower->begun_count)
        pieces_clear(&grower->begun_texts, 1);
    while (count < room) {
        if (!grower->rows) {
            int status = next_command(grower, error);

            if (status < 0)
                return -1;
            if (!status)
                break;
        }
        if (!grower->copy || is_sent(grower, grower->row))
            make_record(grower, &records[count++]);
        if (grower->row++ < grower->last_row)
            continue;
        if (grower->copy) {
            grower->copy--;
            begin_copy(grower);
        } else {
            if (grower->rows == grower->begun)
                grower->begun_count = 0;
            grower->rows = NULL;
        }
    }
    if (grower->adds_keys && grower->client_count > grower->intake->clients)
        grower->intake->clients = grower->client_count;
    return count;
}
