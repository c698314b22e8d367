/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/script.h"

#include "sim/alloc.h"
#include "sim/engine/event.h"
#include "sim/input/raw_trace.h"
#include "sim/input/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RECORDS = 256 };

struct script_writer {
    const struct script_options *options;
    char *path; /* owned */
    FILE *out;
    int64_t period_us, next_wake_us, next_info_us;
    struct scenario_cursor scenario;
    int64_t scenario_us;             /* when the scenario's next event is due */
    int64_t first_us, start_unix_us; /* the trace's time of the first row, and the server's clock at that moment */
    int64_t last_us;                 /* time of the last row, from the first one on */
};

/* ---- writing a turn ---- */

static struct turn_request describe(const struct wire *wire)
{
    return (struct turn_request){.head_bytes = (uint32_t)wire->head_bytes,
                                 .value_bytes = (uint32_t)wire->value_bytes,
                                 .tail_bytes = (uint32_t)wire->tail_bytes};
}

void script_put(FILE *out, struct turn turn, const struct wire *command, const struct wire *fill)
{
    static const char zeros[8];
    size_t bytes = command->bytes + fill->bytes;

    turn.command = describe(command);
    turn.fill = describe(fill);
    fwrite(&turn, sizeof turn, 1, out);
    if (command->bytes)
        fwrite(command->text, 1, command->bytes, out);
    if (fill->bytes)
        fwrite(fill->text, 1, fill->bytes, out);
    fwrite(zeros, 1, (8 - bytes % 8) % 8, out);
}

/* Writes the turn and frees its parts. After a flush there is a short rest in real time: Redis 8 and Valkey free the
 * keys in a thread, which does not see the script's time. */
static void put_turn(struct script_writer *writer, struct script_step *step)
{
    enum { FLUSH_MS = 50 };
    const struct turn turn = {
        .unix_us = writer->start_unix_us + step->at_us,
        .kind = step->kind,
        .client = step->client,
        .rest_ms = step->flushes ? FLUSH_MS : 0,
    };

    script_put(writer->out, turn, &step->command, &step->fill);
    wire_release(&step->command);
    wire_release(&step->fill);
}

static struct wire wire_of_words(const char *const *words, size_t count)
{
    struct wire wire;

    wire_begin(&wire, words[0]);
    for (size_t i = 1; i < count; i++)
        wire_word(&wire, words[i]);
    wire_end(&wire);
    return wire;
}

static void put_info(struct script_writer *writer, int64_t at_us)
{
    static const char *const words[] = {"info"};

    put_turn(writer, &(struct script_step){.kind = TURN_INFO, .at_us = at_us, .command = wire_of_words(words, 1)});
}

/* ---- events besides the trace ---- */

/* An idle server wakes up at multiples of its period, which a scenario may change. */
static void set_hz(struct script_writer *writer, uint32_t hz, int64_t at_us)
{
    writer->period_us = 1000000 / hz;
    writer->next_wake_us = (at_us / writer->period_us + 1) * writer->period_us;
}

static void put_event(struct script_writer *writer)
{
    const struct scenario *scenario = writer->options->scenario;
    const struct scenario_event *event = scenario_next(&writer->scenario);
    struct script_step step = {
        .kind = TURN_COMMAND,
        .at_us = writer->scenario_us,
        .flushes = event->kind == SCENARIO_COMMAND && command_table[scenario->rows.op[event->first]].flushes,
        .command = wire_of_words(event->words, event->word_count),
    };

    put_turn(writer, &step);
    for (size_t i = 0; i < event->setting_count; i++)
        if (event->settings[i].option && !strcmp(event->settings[i].option->name, "hz"))
            set_hz(writer, (uint32_t)strtoul(event->settings[i].value, NULL, 10), step.at_us);
    writer->scenario_us = scenario_next_us(&writer->scenario);
}

/* Writes all events up to and at `at_us` that are not in the trace. */
static void put_others(struct script_writer *writer, int64_t at_us)
{
    for (;;) {
        int64_t wake = writer->next_wake_us, info = writer->next_info_us, event = writer->scenario_us;

        if (wake > at_us && info > at_us && event > at_us)
            return;
        if (wake <= info && wake <= event) {
            put_turn(writer, &(struct script_step){.kind = TURN_WAKE, .at_us = wake});
            writer->next_wake_us += writer->period_us;
        } else if (info <= event) {
            put_info(writer, info);
            writer->next_info_us += writer->options->info_every_us;
        } else {
            put_event(writer);
        }
    }
}

static int check_scenario(const struct scenario *scenario, struct error *error)
{
    for (size_t i = 0; scenario && i < scenario->count; i++) {
        const struct scenario_event *event = &scenario->events[i];

        if (event->kind != SCENARIO_COMMAND && event->kind != SCENARIO_CONFIG)
            return error_set(error, ERROR_USAGE, "%s:%d: not a command that a server can be sent as it is",
                             scenario->path, event->line);
    }
    return 0;
}

/* ---- the writer ---- */

struct script_writer *script_open(const char *path, const struct script_options *options, int64_t first_us,
                                  struct error *error)
{
    struct script_writer *writer;
    FILE *out;
    bool assumed;

    if (check_scenario(options->scenario, error))
        return NULL;
    out = fopen(path, "w");
    if (!out) {
        error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
        return NULL;
    }
    writer = xcalloc(1, sizeof *writer);
    *writer = (struct script_writer){
        .options = options,
        .path = xstrdup(path),
        .out = out,
        .scenario_us = EVENT_NEVER,
        .first_us = first_us,
        .start_unix_us = reader_start_of(first_us, &assumed),
    };
    set_hz(writer, options->hz, 0);
    if (options->scenario) {
        scenario_cursor_init(&writer->scenario, options->scenario);
        writer->scenario_us = scenario_next_us(&writer->scenario);
    }
    put_info(writer, 0); /* for the memory of the empty server */
    return writer;
}

void script_add(struct script_writer *writer, struct script_step step)
{
    put_others(writer, step.at_us);
    writer->last_us = step.at_us;
    put_turn(writer, &step);
}

int script_close(struct script_writer *writer, struct error *error)
{
    int status = 0;

    put_info(writer, writer->last_us);
    if (ferror(writer->out) | fclose(writer->out))
        status = error_set(error, ERROR_OUTPUT, "%s: %s", writer->path, strerror(errno));
    scenario_cursor_release(&writer->scenario);
    free(writer->path);
    free(writer);
    return status;
}

/* ---- the trace ---- */

/* The trace's records, and the writer that gets them; there is no writer before the first row. */
struct conversion {
    const char *path;
    const struct script_options *options;
    struct script_writer *writer;
    struct wire command; /* a command of which some rows have been read */
    int64_t at_us;       /* its time */
    bool is_open;
};

static bool is_filled(const struct script_options *options, const struct record *record)
{
    return options->fill && command_table[record->op].fills;
}

/* Texts that are compared (SET ... IFEQ has an element) are not kept, nor does a wire put the number of keys in front. */
static bool lacks_arguments(const struct record *record)
{
    return command_takes_elements((enum op)record->op) || record->elements || command_table[record->op].deletes_equal ||
           command_takes((enum op)record->op, '#');
}

static const char *fault_of(const struct script_options *options, const struct record *record)
{
    const struct command *command = &command_table[record->op];

    if (command->skipped || lacks_arguments(record))
        return "a command whose arguments are not kept";
    if (record->flags & REQUEST_UNTIMED || record->db)
        return "no time, or another database than 0";
    if (record->key && record->key_len != record->key_bytes)
        return "a key whose name is not in the trace";
    if (command_takes((enum op)record->op, 'v') && record->value_len == VALUE_UNKNOWN)
        return "a value without a size";
    if (is_filled(options, record) && command->reply_array)
        return "a read of several keys, whose misses a script cannot fill";
    if (is_filled(options, record) && record->value_len == VALUE_UNKNOWN)
        return "a read without a size, whose miss cannot be filled";
    return NULL;
}

/* The SET that an application sends after its read has missed. */
static struct wire wire_of_fill(const struct record *record)
{
    struct record set = *record;
    struct wire wire;

    set.op = OP_SET;
    set.flags &= REQUEST_TTL | REQUEST_MILLIS | REQUEST_ABSOLUTE;
    wire_begin(&wire, op_name(OP_SET));
    wire_add(&wire, &set);
    wire_end(&wire);
    return wire;
}

static int put_record(struct conversion *conversion, const struct record *record, struct error *error)
{
    const char *fault = fault_of(conversion->options, record);
    struct script_step step = {.kind = TURN_COMMAND, .flushes = command_table[record->op].flushes};

    if (fault)
        return error_set(error, ERROR_INPUT, "row %" PRIu64 " has %s", record->line, fault);
    if (!conversion->writer)
        conversion->writer = script_open(conversion->path, conversion->options, record->time_us, error);
    if (!conversion->writer)
        return -1;
    if (!conversion->is_open) {
        conversion->at_us = record->time_us - conversion->writer->first_us;
        wire_begin(&conversion->command, op_name((enum op)record->op));
    }
    wire_add(&conversion->command, record);
    conversion->is_open = record->flags & REQUEST_MORE;
    if (conversion->is_open)
        return 0;
    wire_end(&conversion->command);
    step.at_us = conversion->at_us;
    step.command = conversion->command;
    conversion->command = (struct wire){0};
    if (is_filled(conversion->options, record)) {
        step.kind = TURN_READ;
        step.fill = wire_of_fill(record);
    }
    script_add(conversion->writer, step);
    return 0;
}

static int put_trace(struct conversion *conversion, format_choose_fn *choose, const struct trace_request *request,
                     struct error *error)
{
    struct record *records = xcalloc(RECORDS, sizeof *records); /* a format leaves at 0 what it does not have */
    struct raw_trace trace;
    int count, status = raw_trace_open(&trace, request->path, choose, request->format, &request->options, error);

    while (!status && (count = raw_trace_read(&trace, records, RECORDS, error)) != 0) {
        if (count < 0)
            status = -1;
        for (int i = 0; !status && i < count; i++)
            status = put_record(conversion, &records[i], error);
    }
    if (!status && !conversion->writer)
        status = error_set(error, ERROR_INPUT, "%s: the trace is empty", request->path);
    raw_trace_close(&trace);
    free(records);
    return status;
}

int script_write(const char *path, format_choose_fn *choose, const struct trace_request *trace,
                 const struct script_options *options, struct error *error)
{
    struct conversion conversion = {.path = path, .options = options};
    struct error second = {0};
    int status = put_trace(&conversion, choose, trace, error);

    if (conversion.writer && script_close(conversion.writer, status ? &second : error))
        status = -1;
    wire_release(&conversion.command);
    return status;
}
