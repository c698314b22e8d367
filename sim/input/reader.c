/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/reader.h"

#include "sim/alloc.h"
#include "sim/contract.h"
#include "sim/host_memory.h"
#include "sim/input/closings.h"
#include "sim/input/files.h"
#include "sim/input/groups.h"
#include "sim/input/growth.h"
#include "sim/input/members.h"
#include "sim/input/names.h"
#include "sim/input/patterns.h"
#include "sim/input/raw_trace.h"
#include "sim/input/selection.h"
#include "sim/input/sorter.h"
#include "sim/input/splitter.h"
#include "sim/policy.h"
#include "sim/scenario/scenario.h"
#include "sim/slots.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCENARIO_REPEATS = 300000, /* of one event without a request; more is most likely a mistake */
    RECORDS = 1024,            /* read from the format at a time */
    LOOK_AHEAD_BATCHES = READER_MIX_ROWS / BATCH_CAPACITY,
    NAMES_UNASKED =
        64 << 20,          /* bytes that names of keys, and texts of members, may take before anybody asks for them */
    PREFETCH_RECORDS = 16, /* how many records ahead last_known is prefetched */
};

static const int64_t UNIX_US_LEAST = INT64_C(1000000000000000);    /* September 2001 */
static const int64_t START_ASSUMED_US = INT64_C(1700000000000000); /* for traces with relative times */

/* The last size and ttl of a key in the trace. */
struct last_known {
    uint32_t value_len; /* or VALUE_UNKNOWN */
    uint32_t ttl_s;     /* 0: none. In whole seconds, rounded up, 136 years at most: a fill sends it as EX */
};

struct reader {
    struct source *source;
    const struct format *format; /* who reads, */
    const struct format *kind;   /* and what the trace is */
    struct format_options options;
    struct intake *intake;
    void *state;
    struct keys keys;
    struct member_index members;
    struct last_known *last_known;
    uint32_t last_known_count;
    uint32_t *lookups; /* by id: lookups of a key that no row has written; see note_lookup() */
    uint32_t lookup_count;
    uint32_t last_id;         /* id of the last row, for a command that transfers a value */
    uint8_t database[DB_MAX]; /* the database that a number stands for, after SWAPDB */
    bool swapped;
    const struct scenario *scenario;
    const struct scenario_event *most_frequent; /* the event that repeats most often; NULL if none repeats */

    struct closings closings;    /* the format adds to it */
    struct preload *preload;     /* NULL: there is none, or it has been handed out */
    uint64_t asked_bytes;        /* of memory for keys: what has been asked for */
    struct grower *grower;       /* NULL: the trace stays as it is */
    struct record *grower_takes; /* from the format, RECORDS of them */
    struct sorter *sorter;       /* NULL: rows are to be in order */
    struct record *sorter_takes; /* from the format, RECORDS of them */
    bool sorter_ended;
    struct error sorter_error; /* of the row behind all that it has */
    struct splitter *splitter; /* NULL: no key is split */
    struct record *splitter_takes;

    struct record records[RECORDS];
    uint32_t ids[RECORDS];
    int64_t *next_access; /* of the records, RECORDS of them; NULL: the trace does not say, or nobody asks */
    int record_count, record_next;
    bool ended;

    bool completes; /* reads are completed from earlier rows */
    bool by_rows;   /* the format brings ids, and nobody asks for more: read_rows() */
    bool started;
    uint64_t dropped_line;     /* line of the row that was skipped last; 0: none yet */
    int64_t first_us, last_us; /* in the trace's own time */
    uint64_t commands;
    uint64_t rows; /* handed out so far */
    int64_t last_batch_us;
    reader_extend_fn *extend; /* may be NULL */
    const void *extend_owner;
    reader_watch_fn *watch; /* may be NULL */
    void *watch_owner;
    struct selection *selection; /* NULL: every record is wanted */
    reader_tap_fn *tap;          /* may be NULL */
    void *tap_owner;

    struct batch *carry;                     /* rows of a command that did not wholly fit into the last batch */
    struct batch *ahead[LOOK_AHEAD_BATCHES]; /* decoded by reader_look_ahead and not handed out yet */
    int ahead_count, ahead_next;
};

/* What is there before the first row. */
struct preload {
    struct raw_trace dump;
    const char *path;
    format_choose_fn *choose;
    bool is_learned; /* its keys' sizes are known, and the dump is open to be handed out */
    struct record records[RECORDS];
    uint32_t ids[RECORDS];
};

struct reader *reader_open(struct source *source, const struct format *format, const struct format_options *options,
                           struct intake *intake, struct error *error)
{
    struct reader *reader = xcalloc(1, sizeof *reader);

    reader->source = source;
    reader->format = reader->kind = format;
    for (int db = 0; db < DB_MAX; db++)
        reader->database[db] = (uint8_t)db;
    reader->options = *options;
    reader->intake = intake;
    intake->closings = &reader->closings;
    keys_init(&reader->keys);
    reader->carry = xcalloc(1, sizeof *reader->carry);
    reader->state = xcalloc(1, format->state_size ? format->state_size : 1);
    if (format->open(reader->state, source, &reader->options, intake, error)) {
        reader_close(reader);
        return NULL;
    }
    if (options->sort_window_us && !format->has_ids) { /* the compiled form is in order */
        reader->sorter = sorter_new(options->sort_window_us, intake);
        reader->sorter_takes = xcalloc(RECORDS, sizeof *reader->sorter_takes);
    }
    if (format->stands_for)
        reader->kind = format->stands_for(reader->state);
    intake->reads_lack_sizes = reader->kind->executed_only;
    intake->executed_only = reader->kind->executed_only && !reader->kind->answered;
    reader->completes = !reader->kind->self_contained || options->size_zero == SIZE_ZERO_UNKNOWN;
    if (reader->kind->executed_only) { /* some command may ask for names that came before it */
        keys_keep_some_names(&reader->keys, NAMES_UNASKED);
        member_index_keep_texts(&reader->members, NAMES_UNASKED);
    }
    intake->block_size_unused = options->block_bytes && !intake->block_bytes;
    return reader;
}

const struct format *reader_format(const struct reader *reader)
{
    return reader->kind;
}

void reader_made_from(const struct reader *reader, char digest[33], uint64_t *bytes)
{
    if (reader->format->made_from && reader->format->made_from(reader->state, digest, bytes))
        return;
    source_digest(reader->source, digest);
    *bytes = source_consumed(reader->source);
}

static void preload_free(struct preload *preload)
{
    if (!preload)
        return;
    raw_trace_close(&preload->dump);
    free(preload);
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    if (reader->format->close)
        reader->format->close(reader->state);
    free(reader->state);
    reader->intake->closings = NULL;
    closings_release(&reader->closings);
    keys_release(&reader->keys);
    free(reader->last_known);
    free(reader->lookups);
    member_index_release(&reader->members);
    preload_free(reader->preload);
    sorter_free(reader->sorter);
    free(reader->sorter_takes);
    grower_free(reader->grower);
    free(reader->grower_takes);
    splitter_free(reader->splitter);
    free(reader->splitter_takes);
    free(reader->next_access);
    batch_release(reader->carry);
    free(reader->carry);
    for (int i = reader->ahead_next; i < reader->ahead_count; i++) {
        batch_release(reader->ahead[i]);
        free(reader->ahead[i]);
    }
    free(reader);
}

void reader_grow(struct reader *reader, const struct forecast *forecast)
{
    if (!forecast_is_any(forecast))
        return;
    reader->grower = grower_new(forecast, source_name(reader->source), reader->intake);
    reader->grower_takes = xcalloc(RECORDS, sizeof *reader->grower_takes);
}

void reader_split(struct reader *reader, const struct split_rule *rule)
{
    reader->splitter = splitter_new(rule);
    reader->splitter_takes = xcalloc(RECORDS, sizeof *reader->splitter_takes);
}

void reader_keep_names(struct reader *reader)
{
    keys_keep_names(&reader->keys);
}

const struct key_groups *reader_group_keys(struct reader *reader, const struct group_rule *rule)
{
    return reader->keys.groups = key_groups_new(rule);
}

const struct key_patterns *reader_match_keys(struct reader *reader, const char *const *patterns, unsigned count)
{
    return reader->keys.rules = key_patterns_new(patterns, count);
}

const struct key_slots *reader_find_slots(struct reader *reader)
{
    if (!reader->keys.cluster)
        reader->keys.cluster = key_slots_new();
    return reader->keys.cluster;
}

const struct keys *reader_keys(const struct reader *reader)
{
    return &reader->keys;
}

const char *reader_key_name(const struct reader *reader, uint32_t id, size_t *length, uint32_t *db)
{
    return keys_name(&reader->keys, id, length, db);
}

/* Turns a text into a number where a trace with numeric ids would have that number. */
static void make_numeric(struct record *record)
{
    char name[24] = "", *end;
    uint64_t number;

    if (!record->key_bytes || record->key_bytes >= sizeof name || *record->key < '0' || *record->key > '9' ||
        (*record->key == '0' && record->key_bytes > 1))
        return;
    memcpy(name, record->key, record->key_bytes);
    errno = 0;
    number = strtoull(name, &end, 10);
    if (*end || errno)
        return;
    record->key = NULL;
    record->key_number = number;
}

/* Adds the record's elements to a row of the batch. */
static void add_elements(struct reader *reader, struct batch *batch, uint32_t row, const struct record *record)
{
    const struct named_element *named = &record->named[record->first_element];
    struct element *list;

    batch->first_element[row] = batch->list_count;
    batch->has_first_element = true;
    list = batch_add_elements(batch, record->elements);
    for (uint32_t i = 0; i < record->elements; i++) {
        list[i] = named[i].element;
        list[i].member = member_index_element(&reader->members, &named[i]);
    }
}

void reader_expect(struct reader *reader, struct scenario *scenario)
{
    if (scenario->pattern_count)
        reader->keys.patterns = key_patterns_new(scenario->patterns, scenario->pattern_count);
    scenario->matches = reader->keys.patterns;
    reader->scenario = scenario;
    for (size_t i = 0; i < scenario->count; i++) {
        const struct scenario_event *event = &scenario->events[i];

        if (event->period_us && (!reader->most_frequent || event->period_us < reader->most_frequent->period_us))
            reader->most_frequent = event;
        for (uint32_t row = event->first; row < event->first + event->rows; row++) {
            struct record record = scenario->records[row];

            if (event->kind != SCENARIO_COMMAND)
                continue;
            reader->intake->wants_names |= record.op == OP_CLIENT_TRACKING;
            if (reader->kind->numeric_keys)
                make_numeric(&record);
            if (command_has_key((enum op)record.op))
                keys_intern(&reader->keys, &record, 1, &scenario->rows.id[row]);
            if (record.elements)
                add_elements(reader, &scenario->rows, row, &record);
        }
    }
}

/* Prints the time in seconds, as in a trace: without trailing zeros. */
static const char *print_time(char text[32], int64_t time_us)
{
    uint64_t us = time_us < 0 ? 0 - (uint64_t)time_us : (uint64_t)time_us;
    char *end;

    snprintf(text, 32, "%s%" PRIu64 ".%06" PRIu64, time_us < 0 ? "-" : "", us / 1000000, us % 1000000);
    for (end = text + strlen(text) - 1; *end == '0'; end--)
        *end = '\0';
    if (*end == '.')
        *end = '\0';
    return text;
}

/* Notes the longest time without a request so far. An error if a scenario's event would repeat too often in it. */
static int note_gap(struct reader *reader, int64_t gap_us, uint64_t line, struct error *error)
{
    const struct scenario_event *most_frequent = reader->most_frequent;
    char gap[UNITS_TEXT], times[UNITS_TEXT];

    reader->intake->longest_gap_us = gap_us;
    reader->intake->gap_line = line;
    if (!most_frequent || gap_us / most_frequent->period_us <= SCENARIO_REPEATS)
        return 0;
    return error_set(error, ERROR_INPUT,
                     "%s:%ju: no request for %s, and %s:%d would come %s times meanwhile: give it a longer period "
                     "than '%s', or cut the gap",
                     source_name(reader->source), (uintmax_t)line, print_duration(gap, gap_us), reader->scenario->path,
                     most_frequent->line, print_count(times, (uint64_t)(gap_us / most_frequent->period_us)),
                     most_frequent->text);
}

/* The window that would put a row in order which comes so much too late; NULL: it is so long that something else is wrong. */
static const char *window_for(int64_t late_us)
{
    static const struct {
        int64_t us;
        const char *text;
    } windows[] = {{1000000, "1s"}, {10000000, "10s"}, {60000000, "1m"}, {600000000, "10m"}};

    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (late_us <= windows[i].us)
            return windows[i].text;
    return NULL;
}

/* A row is earlier than the one before. Returns 0 if it is skipped, or -1. */
static int refuse_late(struct reader *reader, const struct record *record, struct error *error)
{
    int64_t late_us = reader->last_us - record->time_us;
    const char *window = window_for(late_us);
    char then[32], now[32], held[UNITS_TEXT], remedy[160];

    if (reader->sorter && sorter_was_full(reader->sorter))
        snprintf(remedy, sizeof remedy, "more than %s rows are within the window: give a shorter one to --sort-window",
                 print_count(held, SORTER_ROWS));
    else if (reader->sorter)
        snprintf(remedy, sizeof remedy, "later than --sort-window %s puts in order: give it more",
                 print_duration(held, reader->options.sort_window_us));
    else if (window)
        snprintf(remedy, sizeof remedy, "--sort-window %s puts such rows in order, --lenient leaves them out", window);
    else
        snprintf(remedy, sizeof remedy, "sort the file by time, or --lenient leaves such rows out");
    if (reader->sorter &&
        !sorter_is_last(reader->sorter, record->line)) /* the last row has been read, but this is none */
        source_forget_open_line(reader->source);
    return intake_bad_row(reader->intake, &reader->options, reader->source, record->line, error,
                          "time runs backwards: '%s' after '%s'; %s", print_time(now, record->time_us),
                          print_time(then, reader->last_us), remedy);
}

/* Puts the record on the trace's clock. Returns 1, 0 if the record is skipped, -1 on error. */
static int settle_time(struct reader *reader, struct record *record, struct error *error)
{
    char then[32], now[32];

    if (record->flags & REQUEST_UNTIMED)
        record->time_us = (int64_t)reader->intake->untimed++ * UNTIMED_SPACING_US;
    if (record->time_us > TIME_MOST_US)
        return intake_bad_row(reader->intake, &reader->options, reader->source, record->line, error,
                              "time too large: '%s' s, at most '%s' can be", print_time(now, record->time_us),
                              print_time(then, TIME_MOST_US));
    if (record->time_us < -TIME_MOST_US)
        return intake_bad_row(reader->intake, &reader->options, reader->source, record->line, error,
                              "time too small: '%s' s, at least '%s' can be", print_time(now, record->time_us),
                              print_time(then, -TIME_MOST_US));
    if (!reader->started) {
        reader->started = true;
        reader->first_us = reader->last_us = record->time_us;
    }
    if (record->time_us < reader->last_us)
        return refuse_late(reader, record, error);
    if (record->time_us - reader->last_us > reader->intake->longest_gap_us &&
        note_gap(reader, record->time_us - reader->last_us, record->line, error))
        return -1;
    reader->last_us = record->time_us;
    return 1;
}

/* SWAPDB exchanges the meaning of two numbers. This is done here, once for all cells; no key is moved. */
static int follow_databases(struct reader *reader, struct record *record, struct error *error)
{
    if (record->op == OP_SWAPDB) {
        uint8_t first = reader->database[record->number];

        if (reader->scenario && reader->scenario->rows.count)
            return error_set(error, ERROR_INPUT,
                             "%s:%" PRIu64 ": SWAPDB: a scenario with commands on keys cannot follow it",
                             source_name(reader->source), record->line);
        reader->database[record->number] = reader->database[record->second];
        reader->database[record->second] = first;
        reader->swapped = true;
    }
    record->db = reader->database[record->db];
    return 0;
}

/* Like settle_time(), for a row that may have several records. A skipped row is skipped as a whole and counted once,
 * and the format drops the rest of it: a row may stand for thousands of millions of requests. */
static int settle_slowly(struct reader *reader, struct record *record, struct error *error)
{
    int settled;

    if (record->line == reader->dropped_line && record->line)
        return 0;
    settled = settle_time(reader, record, error);
    if (settled)
        return settled;
    reader->dropped_line = record->line;
    if (reader->format->forget)
        reader->format->forget(reader->state, record->line);
    return 0;
}

/* How many of the first records are what nearly every one is: a little later than the one before, when no database has ever been
 * swapped. Time goes on with them. */
static int pass_ordinary(struct reader *reader, const struct record *records, int count)
{
    uint64_t longest_us = (uint64_t)reader->intake->longest_gap_us;
    int64_t last_us = reader->last_us;
    int i = 0;

    if (!reader->started || reader->swapped)
        return 0;
    for (; i < count; i++) {
        const struct record *record = &records[i];
        uint64_t step_us = (uint64_t)record->time_us - (uint64_t)last_us; /* large, too, if it runs backwards */

        if (step_us > longest_us || record->time_us > TIME_MOST_US || record->flags & REQUEST_UNTIMED ||
            record->op == OP_SWAPDB)
            break;
        last_us = record->time_us;
    }
    reader->last_us = last_us;
    return i;
}

/* Returns 1, 0 if the record is skipped, -1 on error. */
static int settle_row(struct reader *reader, struct record *record, struct error *error)
{
    int settled = settle_slowly(reader, record, error);

    if (settled > 0 && (reader->swapped || record->op == OP_SWAPDB) && follow_databases(reader, record, error))
        return -1;
    return settled;
}

/* Gives ids to the first `count` records. Runs of records with a key are looked up together. */
static void intern(struct reader *reader, int count)
{
    const struct record *records = reader->records;

    for (int first = 0; first < count;) {
        int end = first;

        while (end < count &&
               ((end > first && records[end].op == records[first].op) || command_has_key((enum op)records[end].op)))
            end++;
        keys_intern(&reader->keys, &records[first], end - first, &reader->ids[first]);
        while (end < count && !command_has_key((enum op)records[end].op))
            reader->ids[end++] = NO_KEY;
        first = end;
    }
}

/* Rows are counted by who foresaw them, and the row is left out. */
static int unforeseen(const struct reader *reader, uint64_t line, struct error *error)
{
    return error_set(error, ERROR_INPUT,
                     "%s:%" PRIu64 ": a row that cannot be used, and the next requests that the trace has count it",
                     source_name(reader->source), line);
}

/* Records as the trace has them, or within the window that it is sorted by; likewise. */
static int next_records(struct reader *reader, struct record *records, bool *begun, struct error *bad_row)
{
    for (;;) {
        int count = sorter_take(reader->sorter, records, RECORDS);

        if (!count && reader->sorter_ended)
            *bad_row = reader->sorter_error;
        if (count || reader->sorter_ended)
            return count;
        count = files_read(reader->format, reader->state, reader->source, &reader->options, reader->intake,
                           reader->sorter_takes, RECORDS, begun, &reader->sorter_error);
        sorter_give(reader->sorter, reader->sorter_takes, count < 0 ? 0 : count);
        reader->sorter_ended = count <= 0 || error_is_set(&reader->sorter_error);
        if (reader->sorter_ended)
            sorter_end(reader->sorter);
    }
}

/* The remedy for a row that makes no sense, unless the message names one. */
static void name_lenient(const struct reader *reader, struct error *error)
{
    size_t length = strlen(error->text);

    if (reader->intake->has_refused && !strstr(error->text, "--"))
        snprintf(error->text + length, sizeof error->text - length, "; --lenient leaves out such rows");
}

/* Reads more records, and drops those that are out of order. Returns how many there are, 0 at the end, -1 on error. */
static int read_records(struct reader *reader, struct record *records, struct error *error)
{
    struct error bad_row = {0}; /* reported after the records that were read before the row */
    int count, kept = 0;

    do {
        bool begun = false;

        count = __builtin_expect(reader->sorter != NULL, 0)
                    ? next_records(reader, records, &begun, &bad_row)
                    : files_read(reader->format, reader->state, reader->source, &reader->options, reader->intake,
                                 records, RECORDS, &begun, &bad_row);
        reader->dropped_line = begun ? 0 : reader->dropped_line;
        for (int i = kept = reader->selection ? 0 : pass_ordinary(reader, records, count); i < count; i++) {
            if (!pass_ordinary(reader, &records[i], 1)) {
                int settled = settle_row(reader, &records[i], error);

                if (settled < 0)
                    return -1;
                if (!settled && reader->next_access)
                    return unforeseen(reader, records[i].line, error);
                if (!settled)
                    continue;
            }
            if (__builtin_expect(reader->selection != NULL, 0) &&
                !selection_takes(reader->selection, &records[i], records[i].time_us - reader->first_us))
                continue;
            if (kept++ != i)
                records[kept - 1] = records[i];
        }
        if (error_is_set(&bad_row)) {
            *error = bad_row;
            name_lenient(reader, error);
            return -1;
        }
    } while (count && !kept);
    return kept;
}

/* The same of the trace as it grows. */
static int read_grown_records(struct reader *reader, struct record *records, struct error *error)
{
    for (bool ended = false;;) {
        int count = grower_take(reader->grower, records, RECORDS, error);

        if (count || ended)
            return count;
        count = read_records(reader, reader->grower_takes, error);
        if (count < 0)
            return -1;
        grower_give(reader->grower, reader->grower_takes, count);
        ended = !count;
    }
}

static int read_whole_records(struct reader *reader, struct record *records, struct error *error)
{
    return reader->grower ? read_grown_records(reader, records, error) : read_records(reader, records, error);
}

/* The same with keys that are split. */
static int read_split_records(struct reader *reader, struct error *error)
{
    int count;

    while (!(count = splitter_take(reader->splitter, reader->records, RECORDS))) {
        count = read_whole_records(reader, reader->splitter_takes, error);
        if (count <= 0)
            return count;
        splitter_give(reader->splitter, reader->splitter_takes, count);
    }
    return count;
}

uint64_t reader_key_bytes(uint64_t keys)
{
    enum { INTERNED_BYTES = 104 }; /* slots of its table, also while that grows, and its last size */

    return keys * INTERNED_BYTES;
}

uint64_t reader_memory_limit(const struct reader *reader)
{
    return source_memory_limit(reader->source);
}

const char *reader_name(const struct reader *reader)
{
    return source_name(reader->source);
}

/* Each time that the keys, or their names, have grown by an eighth: whether there is memory for as many. 0, or -1. */
static int check_keys(struct reader *reader, struct error *error)
{
    const uint64_t keys = reader->keys.count, names = reader->keys.names ? reader->keys.names->bytes : 0;
    const uint64_t bytes = reader_key_bytes(keys) + names;
    char count[UNITS_TEXT], what[UNITS_TEXT + 32];

    if (bytes < reader->asked_bytes)
        return 0;
    reader->asked_bytes = bytes + bytes / 8;
    snprintf(what, sizeof what, "reading its first %s keys", print_count(count, keys));
    return host_memory_ask(source_memory_limit(reader->source), bytes, source_name(reader->source), what,
                           "take a sample of the keys (evsim run --sample 1/8, evsim convert --sample 0.1)", error);
}

/* Reads more records and gives ids to them. Returns 1, 0 at the end, -1 on error. */
static int refill(struct reader *reader, struct error *error)
{
    int count = __builtin_expect(reader->splitter != NULL, 0) ? read_split_records(reader, error)
                                                              : read_whole_records(reader, reader->records, error);

    if (count < 0)
        return -1;
    if (reader->intake->wants_names) {
        keys_keep_later_names(&reader->keys);
        member_index_keep_texts(&reader->members, UINT64_MAX);
    }
    if (!count)
        return 0;
    CONTRACT(count <= RECORDS, "a format gives no more records than there is room for");
    intern(reader, count);
    if (check_keys(reader, error))
        return -1;
    if (reader->keys.groups && reader->keys.groups->lacks_tenants)
        return error_set(error, ERROR_USAGE,
                         "%s: no column says whose the requests are, so --by tenant cannot tell them "
                         "apart: --columns tenant=N says which it is",
                         source_name(reader->source));
    reader->record_count = count;
    reader->record_next = 0;
    return 1;
}

static struct last_known *last_known_of(struct reader *reader, uint32_t id)
{
    if (id >= reader->last_known_count) {
        uint32_t count = grown_capacity(reader->last_known_count, id + 1);

        reader->last_known =
            xrealloc_zero_aligned(reader->last_known, reader->last_known_count * sizeof *reader->last_known,
                                  count * sizeof *reader->last_known);
        for (uint32_t i = reader->last_known_count; i < count; i++)
            reader->last_known[i] = (struct last_known){.value_len = VALUE_UNKNOWN};
        reader->last_known_count = count;
    }
    return &reader->last_known[id];
}

/* Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void prefetch_last_known(const struct reader *reader, int record)
{
    if (record < reader->record_count && reader->ids[record] < reader->last_known_count)
        __builtin_prefetch(&reader->last_known[reader->ids[record]], 1);
}

static uint32_t whole_seconds(int64_t ttl_ms)
{
    int64_t seconds = ttl_ms > 0 ? ttl_ms / 1000 + (ttl_ms % 1000 > 0) : 0;

    return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

/* A key that is looked up and never written existed before the trace, or does not exist at all. This counts the lookups
 * of a key until the key is written. */
static void note_lookup(struct reader *reader, const struct record *record, uint32_t id)
{
    enum { WRITTEN = UINT32_MAX };
    const struct command *command = &command_table[record->op];
    bool gives = command->transfer && record->flags & REQUEST_MORE;
    uint32_t *lookups;

    if (id >= reader->lookup_count)
        reader->lookups = xgrow(reader->lookups, &reader->lookup_count, id + 1, sizeof *reader->lookups);
    lookups = &reader->lookups[id];
    reader->intake->lookups += command->looks_up;
    if (*lookups == (uint32_t)WRITTEN || (command->measures && reader->kind->answered))
        return; /* a reply said what is there, or that nothing is */
    if (command_makes_key((enum op)record->op) && !gives) {
        reader->intake->lookups_of_unwritten -= *lookups;
        *lookups = (uint32_t)WRITTEN;
    } else if (command->looks_up && *lookups < (uint32_t)WRITTEN - 1) {
        ++*lookups;
        reader->intake->lookups_of_unwritten++;
    }
}

/* Completes a read from earlier rows of its key, and remembers this row's size and ttl. */
static void complete(struct reader *reader, struct record *record, uint32_t id)
{
    struct last_known *known;
    const struct command *command = &command_table[record->op];

    if (command->transfer && !(record->flags & REQUEST_MORE)) {
        struct last_known given = *last_known_of(reader, reader->last_id);

        *last_known_of(reader, id) = given;
        return;
    }
    reader->last_id = id;
    if (!command->sets && !command->fills)
        return;
    known = last_known_of(reader, id);
    if (record->value_len != VALUE_UNKNOWN)
        known->value_len = record->value_len;
    else
        record->value_len = known->value_len;
    if (record->flags & REQUEST_TTL) {
        if (!(record->flags & REQUEST_ABSOLUTE))
            known->ttl_s = whole_seconds(record->ttl_ms);
    } else if (command->sets) {
        known->ttl_s = 0;
    } else if (known->ttl_s && !command->retimes) {
        record->flags |= REQUEST_TTL;
        record->ttl_ms = (int64_t)known->ttl_s * 1000;
    }
}

/* Appends `count` rows of another batch, with when their keys are requested next. */
static void append_rows(const struct reader *reader, struct batch *to, const struct batch *from, uint32_t first,
                        uint32_t count)
{
    if (reader->next_access)
        memcpy(&to->next_access[to->count], &from->next_access[first], count * sizeof *to->next_access);
    batch_append(to, from, first, count);
}

/* The last row of a batch must end a command. The begun command of a full batch is carried to the next batch. A command
 * longer than a batch is cut in two. */
static void end_at_command(struct reader *reader, struct batch *batch)
{
    uint32_t whole = batch->count;

    while (whole && batch->flags[whole - 1] & REQUEST_MORE)
        whole--;
    if (whole && batch->count == BATCH_CAPACITY) {
        append_rows(reader, reader->carry, batch, whole, batch->count - whole);
        batch->count = whole;
    } else if (batch->count) {
        batch->flags[batch->count - 1] &= (uint16_t)~REQUEST_MORE;
    }
}

/* The same of one of the reader's records, with what earlier rows of its key say, and told to who listens. */
static void complete_record(struct reader *reader, int number)
{
    struct record *record = &reader->records[number];
    struct record before;

    if (reader->tap)
        before = *record;
    if (reader->completes) {
        prefetch_last_known(reader, number + PREFETCH_RECORDS);
        complete(reader, record, record->id);
        if (reader->intake->reads_lack_sizes && record->id != NO_KEY)
            note_lookup(reader, record, record->id);
    }
    if (reader->tap)
        reader->tap(reader->tap_owner, &before, record,
                    reader->next_access ? reader->next_access[number] : NEXT_UNKNOWN);
}

/* Moves records to the batch, as many as there are and as it has room for. */
static void take_records(struct reader *reader, struct batch *batch)
{
    int room = (int)(BATCH_CAPACITY - batch->count), count = reader->record_count - reader->record_next;
    int end = reader->record_next + (count < room ? count : room);
    bool as_they_are = !reader->completes && !reader->tap;
    int64_t first_us = reader->first_us;

    if (reader->next_access)
        memcpy(&batch->next_access[batch->count], &reader->next_access[reader->record_next],
               (size_t)(end - reader->record_next) * sizeof *batch->next_access);
    for (int i = reader->record_next; i < end; i++) {
        struct record *record = &reader->records[i];

        record->id = reader->ids[i];
        if (!as_they_are)
            complete_record(reader, i);
        record->time_us -= first_us;
        batch_add(batch, record);
        if (record->elements)
            add_elements(reader, batch, batch->count - 1, record);
    }
    reader->record_next = end;
}

static void finish_batch(const struct reader *reader, struct batch *batch)
{
    batch->key_count = reader->keys.count;
    batch->members = &reader->members.members;
    batch->names = reader->keys.names;
    batch->keys = &reader->keys;
    batch->unnamed_keys = reader->keys.unnamed;
    batch->unspelled_members = reader->members.unspelled;
}

/* The same of rows that have their ids: no record is made, nothing is looked up. */
static int decode_rows(struct reader *reader, struct batch *batch, struct error *error)
{
    uint32_t row;
    int more = 1;

    batch_clear(batch);
    append_rows(reader, batch, reader->carry, 0, reader->carry->count);
    batch_clear(reader->carry);
    for (row = batch->count; batch->count < BATCH_CAPACITY && more; row = batch->count) {
        more = reader->format->read_rows(reader->state, batch, error);
        if (more < 0)
            return -1;
        if (more && !reader->started) {
            reader->started = true;
            reader->first_us = batch->time_us[row];
        }
        for (; row < batch->count && reader->first_us; row++)
            batch->time_us[row] -= reader->first_us;
    }
    end_at_command(reader, batch);
    if (batch->count && batch->key_count > reader->keys.count)
        reader->keys.count = batch->key_count;
    finish_batch(reader, batch);
    return batch->count > 0;
}

/* Whether the ids that a format brings can be used. Who asks for the names of keys, or makes other rows of those that there are, needs
 * records. */
static bool takes_rows(const struct reader *reader)
{
    const struct keys *keys = &reader->keys;

    return reader->format->has_ids && reader->format->has_ids(reader->state) && !reader->sorter && !reader->grower &&
           !reader->splitter && !keys->count && !reader->scenario && !reader->tap && !reader->selection &&
           !keys->names && !keys->patterns && !keys->groups && !keys->rules && !keys->cluster;
}

static int decode(struct reader *reader, struct batch *batch, struct error *error)
{
    if (!reader->started)
        reader->by_rows = takes_rows(reader);
    if (reader->by_rows)
        return decode_rows(reader, batch, error);
    batch_clear(batch);
    append_rows(reader, batch, reader->carry, 0, reader->carry->count);
    batch_clear(reader->carry);
    while (batch->count < BATCH_CAPACITY) {
        if (reader->record_next == reader->record_count) {
            int more = reader->ended ? 0 : refill(reader, error);

            if (more < 0)
                return -1;
            if (!more) {
                reader->ended = true;
                break;
            }
        }
        take_records(reader, batch);
    }
    end_at_command(reader, batch);
    finish_batch(reader, batch);
    return batch->count > 0;
}

/* ---- what is there before the first row ---- */

static int open_dump(struct preload *preload, const struct format_options *options, struct error *error)
{
    struct format_options plain = {.lenient = options->lenient};

    if (raw_trace_open(&preload->dump, preload->path, preload->choose, NULL, &plain, error))
        return -1;
    if (!preload->dump.format->loads)
        return error_set(error, ERROR_USAGE,
                         "--preload: %s is a trace (%s), not an RDB file: a dump is what SAVE or BGSAVE writes",
                         preload->path, preload->dump.format->name);
    return 0;
}

/* The next keys of the dump, with their ids: how many; 0 at its end; -1. */
static int read_dump(struct reader *reader, struct preload *preload, struct error *error)
{
    int count = raw_trace_read(&preload->dump, preload->records, RECORDS, error);

    if (count > 0 && !error_is_set(error))
        keys_intern(&reader->keys, preload->records, count, preload->ids);
    return error_is_set(error) ? -1 : count;
}

/* What a later read of the key will find, and how long it was to live when the dump was written: that a fill gets again. */
static void learn(struct reader *reader, const struct record *record, uint32_t id, int64_t dumped_us)
{
    const struct named_element *content = &record->named[record->first_element + record->elements - 1];
    struct last_known *known = last_known_of(reader, id);

    if ((record->named[record->first_element + 1].element.number & 255) == PAYLOAD_STRING)
        known->value_len = content->element.value_len;
    if (record->flags & REQUEST_TTL && record->ttl_ms > dumped_us / 1000)
        known->ttl_s = whole_seconds(record->ttl_ms - dumped_us / 1000);
    if (reader->intake->reads_lack_sizes)
        note_lookup(reader, record, id);
}

void reader_preload(struct reader *reader, const char *path, format_choose_fn *choose)
{
    reader->preload = xcalloc(1, sizeof *reader->preload);
    reader->preload->path = path;
    reader->preload->choose = choose;
}

/* Reads the dump, for the sizes that reads of the trace lack, and opens it again. 0, or -1. */
static int learn_dump(struct reader *reader, struct error *error)
{
    struct preload *preload = reader->preload;
    struct intake *intake = reader->intake;
    int count;

    if (!preload || preload->is_learned)
        return 0;
    if (open_dump(preload, &reader->options, error))
        return -1;
    while ((count = read_dump(reader, preload, error)) > 0)
        for (int i = 0; i < count; i++)
            learn(reader, &preload->records[i], preload->ids[i], preload->dump.intake.dumped_us);
    if (count < 0)
        return -1;
    intake->dumped_us = preload->dump.intake.dumped_us;
    memcpy(intake->preload_fault, preload->dump.intake.first_skipped, sizeof intake->preload_fault);
    intake->preload_left_out = preload->dump.intake.unknown_commands;
    raw_trace_close(&preload->dump);
    preload->is_learned = true;
    return open_dump(preload, &reader->options, error);
}

/* Hands out keys of the dump. 1, 0 at its end, -1. */
static int decode_preload(struct reader *reader, struct batch *batch, struct error *error)
{
    struct preload *preload = reader->preload;
    int count = read_dump(reader, preload, error);

    batch_clear(batch);
    for (int i = 0; i < count; i++) {
        struct record *record = &preload->records[i];

        record->id = preload->ids[i];
        batch_add(batch, record);
        add_elements(reader, batch, batch->count - 1, record);
    }
    if (count > 0) {
        finish_batch(reader, batch);
        return 1;
    }
    preload_free(preload);
    reader->preload = NULL;
    return count;
}

/* Of a batch of keys that are there before the first request. */
static void account_loaded(struct reader *reader, const struct batch *batch)
{
    bool assumed;
    int64_t start_ms = reader_start_unix_us(reader, &assumed) / 1000;

    reader->intake->preloaded += batch->count;
    for (uint32_t row = 0; row < batch->count; row++)
        reader->intake->preload_ended += batch->flags[row] & REQUEST_TTL && batch->ttl_ms[row] <= start_ms;
}

static void account(struct reader *reader, const struct batch *batch)
{
    uint32_t others = 0; /* rows behind which their command goes on */

    reader->rows += batch->count;
    if (batch->count && request_is_loaded(batch, 0)) {
        account_loaded(reader, batch);
        return;
    }
    for (uint32_t row = 0; row < batch->count; row++)
        others += (batch->flags[row] & REQUEST_MORE) != 0;
    reader->commands += batch->count - others;
    if (batch->count)
        reader->last_batch_us = batch->time_us[batch->count - 1];
}

void reader_watch(struct reader *reader, reader_watch_fn *watch, void *owner)
{
    reader->watch = watch;
    reader->watch_owner = owner;
}

void reader_select(struct reader *reader, struct selection *selection)
{
    reader->selection = selection;
    if (selection->parts && reader->format->select && source_is_single(reader->source))
        reader->format->select(reader->state, selection);
}

void reader_tap(struct reader *reader, reader_tap_fn *tap, void *owner)
{
    reader->tap = tap;
    reader->tap_owner = owner;
}

void reader_extend(struct reader *reader, reader_extend_fn *extend, const void *owner)
{
    reader->extend = extend;
    reader->extend_owner = owner;
}

enum request_rules reader_foresees(const struct reader *reader)
{
    if (!reader->format->foresees || reader->sorter || reader->grower || reader->splitter || reader->preload ||
        reader->selection || !source_is_single(reader->source))
        return 0;
    return reader->format->foresees(reader->state);
}

void reader_foresee(struct reader *reader)
{
    reader->next_access = xcalloc(RECORDS, sizeof *reader->next_access);
    reader->format->foresee(reader->state, reader->next_access);
}

/* A batch that was decoded ahead becomes the caller's: its rows, and what finish_batch() said of it then. Most of a batch is columns that
 * nothing is in, and pages that nobody has touched: those stay so. */
static void hand_over(const struct reader *reader, struct batch *to, const struct batch *from)
{
    batch_clear(to);
    append_rows(reader, to, from, 0, from->count);
    to->key_count = from->key_count;
    to->members = from->members;
    to->names = from->names;
    to->keys = from->keys;
    to->unnamed_keys = from->unnamed_keys;
    to->unspelled_members = from->unspelled_members;
}

/* The dump's keys come first, then what was decoded ahead. 1, 0 at the end, -1. */
static int next_batch(struct reader *reader, struct batch *batch, struct error *error)
{
    if (learn_dump(reader, error))
        return -1;
    if (reader->preload) {
        int status = decode_preload(reader, batch, error);

        if (status)
            return status;
    }
    if (reader->ahead_next == reader->ahead_count)
        return decode(reader, batch, error);
    hand_over(reader, batch, reader->ahead[reader->ahead_next]);
    batch_release(reader->ahead[reader->ahead_next]);
    free(reader->ahead[reader->ahead_next++]);
    return 1;
}

int reader_next(struct reader *reader, struct batch *batch, struct error *error)
{
    int status = stop_signal() ? stop_error(error) : next_batch(reader, batch, error);

    if (status > 0 && reader->next_access)
        batch->first_row = (int64_t)reader->rows;
    if (status > 0 && reader->extend && reader->extend(reader->extend_owner, reader->rows, batch))
        status = error_set(error, ERROR_INPUT, "%s: the trace has become longer while it was read",
                           source_name(reader->source));
    if (status > 0)
        account(reader, batch);
    if (status > 0 && reader->watch)
        reader->watch(reader->watch_owner, batch);
    return status;
}

int reader_read_all(struct reader *reader, reader_see_fn *see, void *owner, struct error *error)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    int status;

    while ((status = reader_next(reader, batch, error)) > 0)
        if (see && (status = see(owner, batch, error)))
            break;
    batch_release(batch);
    free(batch);
    return status;
}

int reader_look_ahead(struct reader *reader, struct reader_mix *mix, struct error *error)
{
    memset(mix, 0, sizeof *mix);
    if (learn_dump(reader, error))
        return -1;
    while (reader->ahead_count < LOOK_AHEAD_BATCHES) {
        struct batch *batch = xcalloc(1, sizeof *batch); /* zeroed: no future is known */
        int status = decode(reader, batch, error);

        if (status <= 0) {
            batch_release(batch);
            free(batch);
            return status;
        }
        for (uint32_t row = 0; row < batch->count; row++) {
            mix->reads += command_table[batch->op[row]].fills;
            mix->writes += command_table[batch->op[row]].sets;
        }
        mix->rows += batch->count;
        reader->ahead[reader->ahead_count++] = batch;
    }
    return 0;
}

const struct closings *reader_closings(const struct reader *reader, int64_t *first_us)
{
    *first_us = reader->first_us;
    return reader->intake->closings_shown && !reader->grower ? &reader->closings : NULL;
}

int64_t reader_start_of(int64_t first_us, bool *assumed)
{
    *assumed = first_us < UNIX_US_LEAST;
    return *assumed ? START_ASSUMED_US : first_us;
}

int64_t reader_start_unix_us(const struct reader *reader, bool *assumed)
{
    int64_t start_us = reader_start_of(reader->first_us, assumed);

    return *assumed && reader->intake->dumped_us ? reader->intake->dumped_us : start_us;
}

int64_t reader_last_time_us(const struct reader *reader)
{
    return reader->selection && reader->selection->parts ? reader->selection->last_us : reader->last_batch_us;
}

uint64_t reader_commands(const struct reader *reader)
{
    return reader->commands;
}

uint32_t reader_key_count(const struct reader *reader)
{
    return reader->keys.count;
}
