/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_script.h"

#include "sim/alloc.h"
#include "sim/units.h"
#include "tests/fidelity/script.h"
#include "tests/support_open_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- scenarios ---- */

static int add_event(struct script_events *scenario, char *line, struct error *error)
{
    char *save, *word = strtok_r(line, " \t\r\n", &save);
    struct script_event event;

    if (!word || *word == '#')
        return 0;
    if (!strcasecmp(word, "at"))
        word = strtok_r(NULL, " \t\r\n", &save);
    if (!word || !scan_duration(word, &event.at_us))
        return error_set(error, ERROR_USAGE, "bad time '%s'", word ? word : "");
    event.command = strtok_r(NULL, "\r\n", &save);
    if (!event.command || !event.command[strspn(event.command, " \t")])
        return error_set(error, ERROR_USAGE, "no command after the time");
    if (scenario->count && event.at_us < scenario->events[scenario->count - 1].at_us)
        return error_set(error, ERROR_USAGE, "time runs backwards: '%s'", word);
    scenario->events = xrealloc(scenario->events, (scenario->count + 1) * sizeof *scenario->events);
    event.command = xstrdup(event.command);
    scenario->events[scenario->count++] = event;
    return 0;
}

int script_events_read(struct script_events *scenario, const char *path, struct error *error)
{
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    int number = 0, status = 0;

    *scenario = (struct script_events){0};
    if (!in)
        return error_set(error, ERROR_USAGE, "%s: %s", path, strerror(errno));
    while (!status && getline(&line, &capacity, in) >= 0) {
        number++;
        if (add_event(scenario, line, error))
            status = error_prefix(error, "%s:%d: ", path, number);
    }
    free(line);
    fclose(in);
    return status;
}

void script_events_release(struct script_events *scenario)
{
    for (size_t i = 0; i < scenario->count; i++)
        free(scenario->events[i].command);
    free(scenario->events);
    *scenario = (struct script_events){0};
}

/* ---- requests ---- */

/* A request as it is built: the bytes before its value's content, and those behind. */
struct wire {
    char *head, *tail;
    size_t head_bytes, tail_bytes, value_bytes;
    FILE *out; /* the memory stream that is being written to */
    FILE *head_out, *tail_out;
};

static void wire_open(struct wire *wire, int arguments)
{
    *wire = (struct wire){0};
    wire->head_out = open_memstream(&wire->head, &wire->head_bytes);
    wire->tail_out = open_memstream(&wire->tail, &wire->tail_bytes);
    if (!wire->head_out || !wire->tail_out)
        abort();
    wire->out = wire->head_out;
    fprintf(wire->out, "*%d\r\n", arguments);
}

static void wire_close(struct wire *wire)
{
    fclose(wire->head_out);
    fclose(wire->tail_out);
}

static void wire_release(struct wire *wire)
{
    free(wire->head);
    free(wire->tail);
}

static void put_text(struct wire *wire, const char *text, size_t bytes)
{
    fprintf(wire->out, "$%zu\r\n", bytes);
    fwrite(text, 1, bytes, wire->out);
    fputs("\r\n", wire->out);
}

static void put_word(struct wire *wire, const char *word)
{
    put_text(wire, word, strlen(word));
}

static void put_number(struct wire *wire, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    put_word(wire, text);
}

static void put_value(struct wire *wire, const struct record *record)
{
    if (record->flags & REQUEST_INTEGER) {
        put_number(wire, record->number);
        return;
    }
    fprintf(wire->out, "$%" PRIu32 "\r\n", record->value_len);
    wire->value_bytes = record->value_len;
    wire->out = wire->tail_out;
    fputs("\r\n", wire->out);
}

static void put_key(struct wire *wire, const struct record *record)
{
    if (record->key)
        put_text(wire, record->key, record->key_bytes);
    else
        put_number(wire, (int64_t)record->key_number);
}

static int64_t ttl_of(const struct record *record)
{
    return record->flags & REQUEST_MILLIS ? record->ttl_ms : record->ttl_ms / 1000;
}

static const char *const option_names[] = {"NX", "XX", "GT", "LT", "KEEPTTL", "GET", "PERSIST"};

/* Options behind the arguments; with out NULL it only counts them. */
static int put_options(struct wire *wire, const struct record *record)
{
    static const char *const units[] = {"EX", "PX", "EXAT", "PXAT"};
    uint16_t flags = record->flags;
    int count = 0;

    if (flags & REQUEST_TTL && command_table[record->op].options != OPTIONS_EXPIRE) {
        count += 2;
        if (wire) {
            put_word(wire, units[2 * !!(flags & REQUEST_ABSOLUTE) + !!(flags & REQUEST_MILLIS)]);
            put_number(wire, ttl_of(record));
        }
    }
    for (unsigned i = 0; i < sizeof option_names / sizeof *option_names; i++) {
        if (flags & (unsigned)REQUEST_NX << i) {
            count++;
            if (wire)
                put_word(wire, option_names[i]);
        }
    }
    return count;
}

static struct wire wire_of(const struct record *record)
{
    const char *takes = command_table[record->op].arguments;
    bool has_options = strchr(takes, 'o') != NULL;
    int count = (int)strcspn(takes, "+*") + (has_options ? put_options(NULL, record) - 1 : 0);
    struct wire wire;

    wire_open(&wire, 1 + count);
    put_word(&wire, op_name((enum op)record->op));
    for (; *takes; takes++) {
        switch (*takes) {
        case 'k':
            put_key(&wire, record);
            break;
        case 'v':
            put_value(&wire, record);
            break;
        case 'n':
            put_number(&wire, record->number);
            break;
        case 't':
            put_number(&wire, ttl_of(record));
            break;
        case 'o':
            put_options(&wire, record);
            break;
        }
    }
    wire_close(&wire);
    return wire;
}

static struct wire wire_of_words(const char *command)
{
    char *words = xstrdup(command), *save;
    int count = 0;
    struct wire wire;

    for (char *word = strtok_r(words, " \t", &save); word; word = strtok_r(NULL, " \t", &save))
        count++;
    strcpy(words, command);
    wire_open(&wire, count);
    for (char *word = strtok_r(words, " \t", &save); word; word = strtok_r(NULL, " \t", &save))
        put_word(&wire, word);
    wire_close(&wire);
    free(words);
    return wire;
}

/* ---- turns ---- */

struct writer {
    const struct script_options *options;
    FILE *out;
    int64_t period_us, next_wake_us, next_info_us;
    size_t next_event;
    int64_t first_us, last_us;
    bool started;
};

static struct turn_request describe(const struct wire *wire)
{
    return (struct turn_request){.head_bytes = (uint32_t)wire->head_bytes,
                                 .value_bytes = (uint32_t)wire->value_bytes,
                                 .tail_bytes = (uint32_t)wire->tail_bytes};
}

/* Redis 8 and Valkey leave it to a thread to free what was flushed; in the script's time it is fast. */
static uint32_t rest_after(const struct wire *command)
{
    enum { FLUSH_MS = 50 };

    return command->head_bytes && strcasestr(command->head, "\r\nFLUSH") ? FLUSH_MS : 0;
}

/* Takes over the wires; their texts are freed. */
static void put_turn(struct writer *writer, enum turn_kind kind, int64_t at_us, struct wire command, struct wire fill)
{
    static const char zeros[8];
    struct turn turn = {.at_us = at_us,
                        .kind = kind,
                        .command = describe(&command),
                        .fill = describe(&fill),
                        .rest_ms = rest_after(&command)};
    size_t bytes = command.head_bytes + command.tail_bytes + fill.head_bytes + fill.tail_bytes;

    fwrite(&turn, sizeof turn, 1, writer->out);
    for (int i = 0; i < 2; i++) {
        const struct wire *wire = i ? &fill : &command;

        if (wire->head_bytes)
            fwrite(wire->head, 1, wire->head_bytes, writer->out);
        if (wire->tail_bytes)
            fwrite(wire->tail, 1, wire->tail_bytes, writer->out);
    }
    fwrite(zeros, 1, (8 - bytes % 8) % 8, writer->out);
    wire_release(&command);
    wire_release(&fill);
}

static void put_info(struct writer *writer, int64_t at_us)
{
    put_turn(writer, TURN_INFO, at_us, wire_of_words("INFO"), (struct wire){0});
}

/* The idle loop wakes up at multiples of the period, which the scenario may change. */
static void set_hz(struct writer *writer, const char *command, int64_t at_us)
{
    int hz;

    if (strncasecmp(command, "CONFIG SET hz ", 14) || sscanf(command + 14, "%d", &hz) != 1 || hz < 1)
        return;
    writer->period_us = 1000000 / hz;
    writer->next_wake_us = (at_us / writer->period_us + 1) * writer->period_us;
}

static int64_t next_event_us(const struct writer *writer)
{
    const struct script_events *scenario = writer->options->events;

    return scenario && writer->next_event < scenario->count ? scenario->events[writer->next_event].at_us : INT64_MAX;
}

static void put_event(struct writer *writer)
{
    const struct script_event *event = &writer->options->events->events[writer->next_event++];
    const char *command = event->command + strspn(event->command, " \t");

    put_turn(writer, TURN_COMMAND, event->at_us, wire_of_words(command), (struct wire){0});
    set_hz(writer, command, event->at_us);
}

/* Everything that happens up to and at `at_us`, apart from the trace. */
static void put_others(struct writer *writer, int64_t at_us)
{
    for (;;) {
        int64_t wake = writer->next_wake_us, info = writer->next_info_us;
        int64_t event = next_event_us(writer);

        if (wake > at_us && info > at_us && event > at_us)
            return;
        if (wake <= info && wake <= event) {
            put_turn(writer, TURN_WAKE, wake, (struct wire){0}, (struct wire){0});
            writer->next_wake_us += writer->period_us;
        } else if (info <= event) {
            put_info(writer, info);
            writer->next_info_us += writer->options->info_every_us;
        } else {
            put_event(writer);
        }
    }
}

static const char *fault_of(const struct record *record)
{
    if (command_table[record->op].skipped || record->flags & REQUEST_MORE)
        return "a command that the script cannot say";
    if (record->flags & REQUEST_UNTIMED || record->db)
        return "a row without a time, or of another database";
    if (record->key && record->key_len != record->key_bytes)
        return "a key whose name is not in the trace";
    if (record->op == OP_GET && record->value_len == VALUE_UNKNOWN)
        return "a read without a size";
    return NULL;
}

static int put_record(struct writer *writer, const struct record *record, struct error *error)
{
    const char *fault = fault_of(record);
    struct wire fill = {0};
    int64_t at_us;

    if (fault)
        return error_set(error, ERROR_INPUT, "row %" PRIu64 " has %s", record->line, fault);
    if (!writer->started)
        writer->first_us = record->time_us;
    writer->started = true;
    at_us = writer->last_us = record->time_us - writer->first_us;
    put_others(writer, at_us);
    if (record->op == OP_GET && writer->options->fill) {
        struct record set = *record;

        set.op = OP_SET;
        fill = wire_of(&set);
    }
    put_turn(writer, record->op == OP_GET ? TURN_GET : TURN_COMMAND, at_us, wire_of(record), fill);
    return 0;
}

static int put_trace(struct writer *writer, const char *path, struct error *error)
{
    static const struct format_options plain;
    struct record records[256];
    struct raw_trace trace;
    int count, status = raw_trace_open(&trace, path, "twitter", &plain, error);

    while (!status && (count = raw_trace_read(&trace, records, 256, error)) != 0) {
        if (count < 0)
            status = -1;
        for (int i = 0; !status && i < count; i++)
            status = put_record(writer, &records[i], error);
    }
    raw_trace_close(&trace);
    return status;
}

int script_write(const char *path, const char *trace, const struct script_options *options, struct error *error)
{
    struct writer writer = {
        .options = options,
        .period_us = options->cron_period_us,
        .next_wake_us = options->cron_period_us,
        .out = fopen(path, "w"),
    };
    int status;

    if (!writer.out)
        return error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    put_info(&writer, 0); /* the baseline */
    status = put_trace(&writer, trace, error);
    put_info(&writer, writer.last_us);
    if (ferror(writer.out) | fclose(writer.out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    return status;
}
