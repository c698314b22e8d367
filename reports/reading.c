/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/reading.h"

#include "sim/printable.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { UNKNOWN_SHOWN = 6 };

static const int64_t GAP_SAID_US = INT64_C(30) * 24 * 3600 * 1000000;

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- the report as text ---- */

/* A line of items. It is written only if there is an item. */
struct line {
    FILE *out;
    const char *title;
    bool begun;
};

__attribute__((format(printf, 2, 3))) static void put_item(struct line *line, const char *format, ...)
{
    va_list args;

    fprintf(line->out, "%s", line->begun ? ", " : line->title);
    line->begun = true;
    va_start(args, format);
    vfprintf(line->out, format, args);
    va_end(args);
}

static void end_line(const struct line *line)
{
    if (line->begun)
        putc('\n', line->out);
}

/* The word for a unit: "milliseconds" for "ms". */
static const char *unit_word(const char *unit)
{
    static const char *const words[][2] = {
        {"s", "seconds"}, {"ms", "milliseconds"}, {"us", "microseconds"}, {"ns", "nanoseconds"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i][0], unit))
            return words[i][1];
    return unit;
}

static void put_times(struct line *line, const struct intake *intake, int64_t start_unix_us)
{
    time_t start = (time_t)(start_unix_us / 1000000);
    char date[32];
    struct tm tm;

    if (start && gmtime_r(&start, &tm) && strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm))
        put_item(line, "start %s UTC (%s)", date,
                 intake->dumped_us ? "when the dump was written"
                 : intake->untimed ? "untimed: rows are 1 ms apart"
                                   : "the trace has relative times");
    if (!strcmp(intake->time_unit, "dates"))
        put_item(line, "dates are UTC where they do not say");
    else if (*intake->time_unit)
        put_item(line, "times in %s", unit_word(intake->time_unit));
    if (*intake->ttl_unit)
        put_item(line, "ttls in %s", unit_word(intake->ttl_unit));
}

static void put_preload(const struct intake *intake, FILE *out)
{
    struct line line = {out, "preload  ", false};
    char text[UNITS_TEXT];

    if (!intake->preloaded && !*intake->preload_fault)
        return;
    put_item(&line, "%s key%s of the dump before the first request",
             print_count(text, intake->preloaded - intake->preload_ended),
             plural(intake->preloaded - intake->preload_ended));
    if (intake->preload_ended)
        put_item(&line, "%s whose ttl had ended by then %s not loaded", print_count(text, intake->preload_ended),
                 intake->preload_ended == 1 ? "is" : "are");
    if (intake->preload_left_out)
        put_item(&line, "%s that evsim does not model (modules, functions) left out",
                 print_count(text, intake->preload_left_out));
    if (*intake->preload_fault)
        put_item(&line, "not the rest: %s", intake->preload_fault);
    end_line(&line);
}

static void put_assumed(const struct intake *intake, int64_t start_unix_us, FILE *out)
{
    struct line line = {out, "assumed  ", false};
    char text[UNITS_TEXT], late[UNITS_TEXT], window[UNITS_TEXT];

    if (intake->name_decided)
        put_item(&line, "%s by the file's name", intake->named_format);
    else if (*intake->named_format)
        put_item(&line, "the format is that of the bytes, not %s as the file's name says", intake->named_format);
    put_times(&line, intake, start_unix_us);
    if (*intake->delimiter)
        put_item(&line, "columns apart by a %s", intake->delimiter);
    if (*intake->columns)
        put_item(&line, "no header: columns %s by what the first rows have", intake->columns);
    if (intake->comment_lines)
        put_item(&line, "%s line%s of comments (#) left out", print_count(text, intake->comment_lines),
                 plural(intake->comment_lines));
    if (intake->decimal_commas)
        put_item(&line, "%s number%s with a decimal comma", print_count(text, intake->decimal_commas),
                 plural(intake->decimal_commas));
    if (intake->header_assumed)
        put_item(&line, "the first row is a header");
    if (intake->blanks_trimmed)
        put_item(&line, "blanks around columns are no part of them");
    if (intake->key_names_assumed)
        put_item(&line, "key names are the ids in decimal");
    if (intake->zero_sizes)
        put_item(&line, "%s read%s of size 0 taken for %s", print_count(text, intake->zero_sizes),
                 plural(intake->zero_sizes), intake->zero_is_empty ? "empty values" : "unknown sizes");
    if (intake->block_bytes)
        put_item(&line, "each key weighs %s (--block-size)", print_maxmemory(text, intake->block_bytes));
    if (intake->block_size_unused)
        put_item(&line, "--block-size is not used: the trace says itself how large values are");
    if (intake->empty_requests)
        put_item(&line, "%s request%s of no bytes left out", print_count(text, intake->empty_requests),
                 plural(intake->empty_requests));
    if (intake->late_rows)
        put_item(&line, "%s row%s up to a minute earlier than the one before, taken to come with it",
                 print_count(text, intake->late_rows), plural(intake->late_rows));
    if (intake->sorted_rows)
        put_item(&line, "%s row%s put in order of time, late by up to %s (--sort-window %s)",
                 print_count(text, intake->sorted_rows), plural(intake->sorted_rows),
                 print_duration(late, intake->sorted_most_us), print_duration(window, intake->sort_window_us));
    if (intake->cut_sizes)
        put_item(&line, "%s value%s beyond 4 GB counted as 4 GB", print_count(text, intake->cut_sizes),
                 plural(intake->cut_sizes));
    if (intake->renamed_commands)
        put_item(&line, "%s command%s taken for the nearest of Redis", print_count(text, intake->renamed_commands),
                 plural(intake->renamed_commands));
    if (intake->closings_shown && !intake->clients_gone)
        put_item(&line, "%s connection%s open until the end, as the packets show it",
                 print_count(text, intake->clients), intake->clients == 1 ? " stays" : "s stay");
    else if (intake->closings_shown)
        put_item(&line, "%s connection%s closed as the packets show it (--clients-stay: none)",
                 print_count(text, intake->clients_gone), intake->clients_gone == 1 ? " was" : "s were");
    else if (intake->clients_gone)
        put_item(&line, "%s of %s connections were closed behind their last command (--clients-stay: none was)",
                 print_count(text, intake->clients_gone), print_count(late, intake->clients));
    else if (intake->clients > 1)
        put_item(&line, "%s connections stay open unless the trace has QUIT (or --timeout)",
                 print_count(text, intake->clients));
    if (intake->pipelined)
        put_item(&line, "%s commands came in pipelines (--pipeline-gap)", print_count(text, intake->pipelined));
    end_line(&line);
}

/* A long time without a request often shows a fault of the trace: a clock that jumped, a wrong unit, or two logs in
 * one. */
static void put_gap(const struct intake *intake, FILE *out)
{
    char duration[UNITS_TEXT];

    if (intake->longest_gap_us >= GAP_SAID_US)
        fprintf(out, "gap      %s without a request before line %" PRIu64 "\n",
                print_duration(duration, intake->longest_gap_us), intake->gap_line);
}

static void put_ignored(const struct intake *intake, FILE *out)
{
    if (!intake->ignored_columns)
        return;
    fputs("ignored columns: ", out);
    for (uint32_t i = 0; i < intake->ignored_columns && i < IGNORED_COLUMNS; i++) {
        fputs(i ? ", " : "", out);
        printable_put(intake->ignored[i].name, out);
    }
    fputs(intake->ignored_columns > IGNORED_COLUMNS ? ", ...\n" : "\n", out);
}

/* The most frequent name that is not `shown` yet; UNKNOWN_COMMANDS if all are shown. */
static int next_unknown(const struct intake *intake, const bool *shown)
{
    int most = UNKNOWN_COMMANDS;

    for (int i = 0; i < UNKNOWN_COMMANDS; i++)
        if (!shown[i] && intake->unknown[i].count &&
            (most == UNKNOWN_COMMANDS || intake->unknown[i].count > intake->unknown[most].count))
            most = i;
    return most;
}

static void put_unknown(const struct intake *intake, FILE *out)
{
    bool shown[UNKNOWN_COMMANDS] = {false};
    bool is_first = true;
    char text[UNITS_TEXT];
    int next;

    if (!intake->unknown_commands)
        return;
    fprintf(out, "unknown  %s command%s not executed: ", print_count(text, intake->unknown_commands),
            plural(intake->unknown_commands));
    for (int i = 0; i < UNKNOWN_SHOWN; i++) {
        if ((next = next_unknown(intake, shown)) == UNKNOWN_COMMANDS)
            break;
        shown[next] = true;
        fputs(is_first ? "" : ", ", out);
        is_first = false;
        printable_put(intake->unknown[next].name, out);
        fprintf(out, " %s", print_count(text, intake->unknown[next].count));
    }
    if (next_unknown(intake, shown) != UNKNOWN_COMMANDS)
        fputs(", ... (all in run.json)", out);
    putc('\n', out);
}

static void put_skipped(const struct intake *intake, FILE *out)
{
    char skipped[UNITS_TEXT], rows[UNITS_TEXT];

    if (!intake->skipped)
        return;
    fprintf(out, "skipped  %s of %s row%s, the first: ", print_count(skipped, intake->skipped),
            print_count(rows, intake->rows), plural(intake->rows));
    printable_put(intake->first_skipped, out);
    putc('\n', out);
    for (int i = 0; i < SKIP_REASONS && intake->reasons[1].count && intake->reasons[i].count; i++) {
        fprintf(out, "         %s: ", print_count(skipped, intake->reasons[i].count));
        printable_put(intake->reasons[i].name, out);
        fputs(", the first in ", out);
        printable_put(intake->reasons[i].first, out);
        putc('\n', out);
    }
}

static void put_grown(const struct intake *intake, FILE *out)
{
    if (!*intake->grown)
        return;
    fprintf(out, "forecast the trace with %s (--grow)%s\n", intake->grown,
            strstr(intake->grown, "sizes=") && intake->element_commands
                ? "; of structures only the values of hashes' fields grow"
                : "");
}

/* What the traced server did, which a capture of its replies says. */
static void put_replies(const struct intake *intake, FILE *out)
{
    uint64_t reads = intake->capture_hits + intake->capture_misses;
    struct line line = {out, "traced   ", false};
    char text[UNITS_TEXT];

    if (reads)
        put_item(&line, "the server that was traced hit %.2f %% of %s key%s read by GET and its kin",
                 100.0 * (double)intake->capture_hits / (double)reads, print_count(text, reads), plural(reads));
    if (intake->capture_refused)
        put_item(&line, "refused %s command%s for lack of memory", print_count(text, intake->capture_refused),
                 plural(intake->capture_refused));
    end_line(&line);
}

/* What a capture of packets lacks. */
static void put_capture(const struct intake *intake, FILE *out)
{
    struct line line = {out, "capture  ", false};
    char text[UNITS_TEXT], bytes[UNITS_TEXT];

    if (!intake->capture_packets)
        return;
    put_item(&line, "%s packet%s", print_count(text, intake->capture_packets), plural(intake->capture_packets));
    put_item(&line, "%s connection%s", print_count(text, intake->capture_connections),
             plural(intake->capture_connections));
    if (intake->capture_midway)
        put_item(&line, "%s begun before it (database 0 assumed)", print_count(text, intake->capture_midway));
    if (intake->capture_others)
        put_item(&line, "%s none of Redis", print_count(text, intake->capture_others));
    if (intake->capture_encrypted)
        put_item(&line, "%s of them encrypted", print_count(text, intake->capture_encrypted));
    if (intake->capture_gaps)
        put_item(&line, "%s gap%s of %s in all", print_count(text, intake->capture_gaps), plural(intake->capture_gaps),
                 print_bytes(bytes, intake->capture_gap_bytes));
    if (intake->capture_damaged)
        put_item(&line, "%s command%s with a gap left out", print_count(text, intake->capture_damaged),
                 plural(intake->capture_damaged));
    if (intake->capture_unanswered)
        put_item(&line, "%s command%s whose reply is not known", print_count(text, intake->capture_unanswered),
                 plural(intake->capture_unanswered));
    if (intake->capture_assumed_db)
        put_item(&line, "%s command%s before which a SELECT may be missing (the database of before, or 0, assumed)",
                 print_count(text, intake->capture_assumed_db), plural(intake->capture_assumed_db));
    end_line(&line);
    put_replies(intake, out);
}

void reading_put(const struct intake *intake, int64_t start_unix_us, FILE *out)
{
    put_grown(intake, out);
    put_preload(intake, out);
    put_capture(intake, out);
    put_assumed(intake, start_unix_us, out);
    put_ignored(intake, out);
    put_gap(intake, out);
    put_unknown(intake, out);
    put_skipped(intake, out);
}

/* ---- the report as JSON ---- */

static json_t *unknown_object(const struct intake *intake)
{
    json_t *object = json_object();

    for (int i = 0; i < UNKNOWN_COMMANDS && intake->unknown[i].count; i++) {
        json_t *name = json_from_text(intake->unknown[i].name); /* JSON requires keys to be UTF-8 as well */

        json_object_set_new(object, json_string_value(name), json_from_count(intake->unknown[i].count));
        json_decref(name);
    }
    return object;
}

static json_t *reasons_array(const struct intake *intake)
{
    json_t *array = json_array();

    for (int i = 0; i < SKIP_REASONS && intake->reasons[i].count; i++) {
        json_t *object = json_object();

        json_object_set_new(object, "reason", json_from_text(intake->reasons[i].name));
        json_object_set_new(object, "rows", json_from_count(intake->reasons[i].count));
        json_object_set_new(object, "first", json_from_text(intake->reasons[i].first));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *ignored_array(const struct intake *intake)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < intake->ignored_columns && i < IGNORED_COLUMNS; i++)
        json_array_append_new(array, json_from_text(intake->ignored[i].name));
    return array;
}

static json_t *json_unless_empty(const char *text)
{
    return json_from_text(*text ? text : NULL);
}

static json_t *capture_object(const struct intake *intake)
{
    json_t *object;

    if (!intake->capture_packets)
        return json_null();
    object = json_object();
    json_object_set_new(object, "packets", json_from_count(intake->capture_packets));
    json_object_set_new(object, "connections", json_from_count(intake->capture_connections));
    json_object_set_new(object, "connections_begun_before", json_from_count(intake->capture_midway));
    json_object_set_new(object, "connections_of_others", json_from_count(intake->capture_others));
    json_object_set_new(object, "connections_encrypted", json_from_count(intake->capture_encrypted));
    json_object_set_new(object, "gaps", json_from_count(intake->capture_gaps));
    json_object_set_new(object, "gap_bytes", json_from_count(intake->capture_gap_bytes));
    json_object_set_new(object, "commands_left_out", json_from_count(intake->capture_damaged));
    json_object_set_new(object, "commands_unanswered", json_from_count(intake->capture_unanswered));
    json_object_set_new(object, "commands_of_an_assumed_database", json_from_count(intake->capture_assumed_db));
    json_object_set_new(object, "traced_oom_rejections", json_from_count(intake->capture_refused));
    json_object_set_new(object, "traced_hits", json_from_count(intake->capture_hits));
    json_object_set_new(object, "traced_misses", json_from_count(intake->capture_misses));
    return object;
}

json_t *reading_object(const struct intake *intake, bool start_assumed)
{
    json_t *object = json_object();

    json_object_set_new(object, "named_format", json_unless_empty(intake->named_format));
    json_object_set_new(object, "format_by_name", json_boolean(intake->name_decided));
    json_object_set_new(object, "start", json_boolean(start_assumed));
    json_object_set_new(object, "preloaded_keys", json_from_count(intake->preloaded - intake->preload_ended));
    json_object_set_new(object, "preloaded_keys_ended", json_from_count(intake->preload_ended));
    json_object_set_new(object, "preload_left_out", json_from_count(intake->preload_left_out));
    json_object_set_new(object, "preload_fault", json_unless_empty(intake->preload_fault));
    json_object_set_new(object, "untimed_rows", json_from_count(intake->untimed));
    json_object_set_new(object, "longest_gap_us", json_integer(intake->longest_gap_us));
    json_object_set_new(object, "longest_gap_before_line", json_from_count(intake->gap_line));
    json_object_set_new(object, "time_unit", json_unless_empty(intake->time_unit));
    json_object_set_new(object, "ttl_unit", json_unless_empty(intake->ttl_unit));
    json_object_set_new(object, "delimiter", json_unless_empty(intake->delimiter));
    json_object_set_new(object, "columns", json_unless_empty(intake->columns));
    json_object_set_new(object, "comment_lines", json_from_count(intake->comment_lines));
    json_object_set_new(object, "decimal_commas", json_from_count(intake->decimal_commas));
    json_object_set_new(object, "header", json_boolean(intake->header_assumed));
    json_object_set_new(object, "blanks_trimmed", json_boolean(intake->blanks_trimmed));
    json_object_set_new(object, "key_names", json_boolean(intake->key_names_assumed));
    json_object_set_new(object, "renamed_commands", json_from_count(intake->renamed_commands));
    json_object_set_new(object, "size_zero_reads", json_from_count(intake->zero_sizes));
    json_object_set_new(object, "size_zero",
                        json_from_text(!intake->zero_sizes     ? NULL
                                       : intake->zero_is_empty ? "empty"
                                                               : "unknown"));
    json_object_set_new(object, "block_bytes",
                        intake->block_bytes ? json_from_count(intake->block_bytes) : json_null());
    json_object_set_new(object, "block_size_unused", json_boolean(intake->block_size_unused));
    json_object_set_new(object, "empty_requests", json_from_count(intake->empty_requests));
    json_object_set_new(object, "late_rows", json_from_count(intake->late_rows));
    json_object_set_new(object, "sort_window_us", json_integer(intake->sort_window_us));
    json_object_set_new(object, "sorted_rows", json_from_count(intake->sorted_rows));
    json_object_set_new(object, "sorted_most_us", json_integer(intake->sorted_most_us));
    json_object_set_new(object, "cut_sizes", json_from_count(intake->cut_sizes));
    json_object_set_new(object, "capture", capture_object(intake));
    json_object_set_new(object, "clients", intake->clients ? json_from_count(intake->clients) : json_null());
    json_object_set_new(object, "pipelined_commands", json_from_count(intake->pipelined));
    json_object_set_new(object, "ignored_columns", ignored_array(intake));
    json_object_set_new(object, "grow", json_unless_empty(intake->grown));
    json_object_set_new(object, "skipped_rows", json_from_count(intake->skipped));
    json_object_set_new(object, "first_skipped", json_from_text(intake->skipped ? intake->first_skipped : NULL));
    json_object_set_new(object, "skipped_by_reason", reasons_array(intake));
    json_object_set_new(object, "unknown_commands", json_from_count(intake->unknown_commands));
    json_object_set_new(object, "unknown_commands_by_name", unknown_object(intake));
    return object;
}
