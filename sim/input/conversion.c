/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/conversion.h"

#include "sim/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int conversion_open(struct conversion *conversion, format_choose_fn *choose, const struct trace_request *request,
                    struct error *error)
{
    struct trace_request kept = *request;
    bool is_whole = !forecast_is_any(&request->forecast) && !request->options.sort_window_us;

    kept.options.keeps_origin = true;
    conversion->options = kept.options;
    for (int db = 0; db < DB_MAX; db++)
        conversion->database[db] = (uint8_t)db;
    if (trace_open(&conversion->trace, choose, &kept, &conversion->intake, error))
        return -1;
    conversion->about = (struct trace_about){
        .format = conversion->trace.format,
        .options = &conversion->options,
        .intake = &conversion->intake,
        .is_whole = is_whole,
        .keeps_text = is_whole && source_is_single(conversion->trace.source),
    };
    return 0;
}

void conversion_change(struct conversion *conversion, const struct selection *selection, const char *secret,
                       const char *separator)
{
    if (!selection_is_any(selection) && !secret)
        return;
    conversion->about.is_whole = conversion->about.keeps_text = false;
    if (secret)
        conversion->anonymizer = anonymizer_new(secret, separator);
    if (!selection_is_any(selection))
        return;
    conversion->selection = *selection;
    reader_select(conversion->trace.reader, &conversion->selection);
}

/* The first of two readings, of what is wanted. */
static int read_future(struct conversion *conversion, format_choose_fn *choose, const struct trace_request *request,
                       struct error *error)
{
    struct selection selection = conversion->selection;
    struct intake intake = {0};
    struct trace trace;
    int status;

    if (trace_open(&trace, choose, request, &intake, error))
        return -1;
    if (selection_is_any(&selection))
        reader_select(trace.reader, &selection);
    status = future_read_alike(&conversion->future, trace.reader, &conversion->rules, error);
    trace_close(&trace);
    return status;
}

int conversion_foresee(struct conversion *conversion, format_choose_fn *choose, const struct trace_request *request,
                       struct error *error)
{
    struct reader *reader = conversion->trace.reader;

    conversion->rules = reader_foresees(reader);
    if (conversion->rules) {
        reader_foresee(reader);
        return 0;
    }
    if (!trace_is_rereadable(request->path))
        return error_set(error, ERROR_USAGE, "--next-access reads the trace twice: give a file");
    return read_future(conversion, choose, request, error);
}

void conversion_close(struct conversion *conversion)
{
    future_release(&conversion->future);
    anonymizer_free(conversion->anonymizer);
    trace_close(&conversion->trace);
}

/* SWAPDB is followed by the reader: what a command was sent to is found again. */
static uint8_t database_as_sent(struct conversion *conversion, const struct record *record)
{
    uint8_t *database = conversion->database;

    if (record->op == OP_SWAPDB) {
        int first = 0, second = 0;

        for (int db = 0; db < DB_MAX; db++) {
            first = database[db] == record->number ? db : first;
            second = database[db] == record->second ? db : second;
        }
        database[first] = (uint8_t)record->second;
        database[second] = (uint8_t)record->number;
    }
    return database[record->db];
}

static void note_gap(struct conversion *conversion, const struct record *record)
{
    if (conversion->written + conversion->left_out &&
        record->time_us - conversion->last_us > conversion->longest_gap_us) {
        conversion->longest_gap_us = record->time_us - conversion->last_us;
        conversion->gap_line = record->line;
    }
    conversion->last_us = record->time_us;
}

static void take(void *owner, const struct record *record, const struct record *completed, int64_t next_access)
{
    struct conversion *conversion = owner;
    struct record sent = *record, known = *completed;
    struct trace_row row = {.record = &sent,
                            .completed = &known,
                            .id = record->id,
                            .wants_names = conversion->intake.wants_names,
                            .row = conversion->written + conversion->left_out,
                            .next_access = next_access};
    int status;

    if (error_is_set(conversion->error))
        return;
    if (!conversion->about.is_whole) { /* spaced anew, what is left would have other times */
        sent.flags &= (uint16_t)~REQUEST_UNTIMED;
        known.flags &= (uint16_t)~REQUEST_UNTIMED;
    }
    if (conversion->future.rows && row.row >= conversion->future.rows) {
        error_set(conversion->error, ERROR_INPUT, "%s: the trace has become longer while it was read",
                  source_name(conversion->trace.source));
        return;
    }
    if (conversion->future.rows)
        row.next_access = future_next(&conversion->future, row.row);
    sent.db = database_as_sent(conversion, record);
    if (conversion->anonymizer)
        conversion->named += anonymizer_take(conversion->anonymizer, &sent);
    note_gap(conversion, record);
    status = conversion->writer->write(conversion->state, &row, &conversion->omissions, conversion->error);
    conversion->written += status > 0;
    conversion->left_out += status == 0;
}

/* The rows were taken as they were decoded; a tap has no way to say that one could not be written. */
static int see_failure(void *owner, const struct batch *batch, struct error *error)
{
    (void)owner;
    (void)batch;
    return error_is_set(error) ? -1 : 0;
}

static int write_rows(struct conversion *conversion, struct error *error)
{
    int status;

    conversion->error = error;
    reader_tap(conversion->trace.reader, take, conversion);
    status = reader_read_all(conversion->trace.reader, see_failure, NULL, error);
    return error_is_set(error) ? -1 : status;
}

/* What is known at the end. */
static void complete_about(struct conversion *conversion)
{
    struct trace_about *about = &conversion->about;

    reader_made_from(conversion->trace.reader, about->digest, &about->bytes);
    conversion->rows_read = conversion->intake.rows;
    if (selection_is_any(&conversion->selection)) { /* of what was not wanted nothing is said */
        struct intake *intake = &conversion->intake;

        intake->rows = conversion->written + conversion->left_out + intake->skipped + intake->unknown_commands;
        intake->longest_gap_us = conversion->longest_gap_us;
        intake->gap_line = conversion->gap_line;
    }
    about->text_behind = conversion->intake.text_behind;
    about->text_behind_bytes = conversion->intake.text_behind_bytes;
}

int conversion_write(struct conversion *conversion, const struct trace_writer *writer,
                     const struct writer_options *options, FILE *out, const char *path, struct error *error)
{
    int status;

    struct writer_options complete = *options;

    complete.foresees = conversion->rules;
    conversion->writer = writer;
    conversion->state = xcalloc(1, writer->state_size);
    status = writer->open(conversion->state, out, path, &conversion->about, &complete, error);
    if (!status)
        status = write_rows(conversion, error);
    if (!status) {
        complete_about(conversion);
        status = writer->close(conversion->state, &conversion->omissions, error);
    }
    if (!status && fflush(out))
        status = error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    if (writer->release)
        writer->release(conversion->state);
    free(conversion->state);
    conversion->state = NULL;
    return status;
}
