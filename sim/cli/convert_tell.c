/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/convert_tell.h"

#include "sim/json_text.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static uint64_t not_chosen(const struct conversion *done)
{
    uint64_t requests = 0;

    for (int by = 0; by < SELECTIONS; by++)
        requests += done->selection.refused[by];
    return requests;
}

static bool to_standard_output(const struct convert_tale *tale)
{
    return !strcmp(tale->target, "-");
}

/* ---- as lines ---- */

enum { UNKNOWN_SHOWN = 5 };

static void put_read(const struct conversion *done, FILE *out)
{
    const struct intake *intake = &done->intake;
    char skipped[UNITS_TEXT], rows[UNITS_TEXT], count[UNITS_TEXT];

    if (intake->skipped) {
        fprintf(out, "  rows skipped, %s of %s: the first: ", print_count(skipped, intake->skipped),
                print_count(rows, done->rows_read));
        printable_put(intake->first_skipped, out);
        putc('\n', out);
    }
    for (int i = 0; i < SKIP_REASONS && intake->reasons[1].count && intake->reasons[i].count; i++) {
        fprintf(out, "    %s: ", print_count(skipped, intake->reasons[i].count));
        printable_put(intake->reasons[i].name, out);
        fputs(", the first in ", out);
        printable_put(intake->reasons[i].first, out);
        putc('\n', out);
    }
    if (!intake->unknown_commands)
        return;
    fprintf(out, "  commands that evsim does not execute, %s:", print_count(count, intake->unknown_commands));
    for (int i = 0; i < UNKNOWN_SHOWN && *intake->unknown[i].name; i++) {
        fputs(i ? ", " : " ", out);
        printable_put(intake->unknown[i].name, out);
    }
    fputs(*intake->unknown[UNKNOWN_SHOWN].name ? ", ... (all by --json)\n" : "\n", out);
}

void convert_tell_secret(const struct convert_tale *tale, FILE *out)
{
    if (*tale->secret)
        fprintf(out, "  anonymized with the secret %s: who has it can try names\n", tale->secret);
}

void convert_tell(const struct convert_tale *tale, FILE *out)
{
    const struct conversion *done = tale->done;
    char requests[UNITS_TEXT], keys[UNITS_TEXT], count[UNITS_TEXT];
    uint32_t key_count = reader_key_count(done->trace.reader);

    fprintf(out, "%s: %s, %s request%s of %s key%s\n", to_standard_output(tale) ? "standard output" : tale->target,
            done->writer->name, print_count(requests, done->written), done->written == 1 ? "" : "s",
            print_count(keys, key_count), key_count == 1 ? "" : "s");
    put_read(done, out);
    for (int by = 0; by < SELECTIONS; by++)
        if (done->selection.refused[by])
            fprintf(out, "  not chosen, %s: by %s\n", print_count(count, done->selection.refused[by]),
                    selection_option((enum selection_by)by));
    for (int i = 0; i < done->omissions.count; i++)
        fprintf(out, "  does not hold, %s: %s\n", print_count(count, done->omissions.list[i].count),
                done->omissions.list[i].what);
    if (done->named)
        fprintf(out, "  not anonymized, %s: texts of scripts, channels, patterns, ranges\n",
                print_count(count, done->named));
    convert_tell_secret(tale, out);
    if (done->left_out)
        fprintf(out, "  requests left out: %s\n", print_count(count, done->left_out));
}

/* ---- as JSON ---- */

static json_t *count_of(uint64_t count)
{
    return json_integer((json_int_t)count);
}

static json_t *files_of(const struct trace_request *request)
{
    json_t *files = json_array();

    if (!request->paths)
        json_array_append_new(files, json_from_text(request->path));
    for (size_t i = 0; request->paths && i < request->path_count; i++)
        json_array_append_new(files, json_from_text(request->paths[i]));
    return files;
}

/* JSON requires names to be UTF-8 as well. */
static void set_counted(json_t *object, const char *name, uint64_t count)
{
    json_t *text = json_from_text(name);

    json_object_set_new(object, json_string_value(text), count_of(count));
    json_decref(text);
}

static json_t *read_object(const struct convert_tale *tale)
{
    const struct conversion *done = tale->done;
    const struct intake *intake = &done->intake;
    json_t *read = json_object(), *unknown = json_object();

    for (int i = 0; i < UNKNOWN_COMMANDS && *intake->unknown[i].name; i++)
        set_counted(unknown, intake->unknown[i].name, intake->unknown[i].count);
    json_object_set_new(read, "files", files_of(tale->request));
    json_object_set_new(read, "format", json_from_text(done->trace.format->name));
    json_object_set_new(read, "digest", json_from_text(done->about.digest));
    json_object_set_new(read, "bytes", count_of(done->about.bytes));
    json_object_set_new(read, "rows", count_of(done->rows_read));
    json_object_set_new(read, "skipped_rows", count_of(intake->skipped));
    json_object_set_new(read, "first_skipped", intake->skipped ? json_from_text(intake->first_skipped) : json_null());
    json_object_set_new(read, "unknown_commands", count_of(intake->unknown_commands));
    json_object_set_new(read, "unknown_commands_by_name", unknown);
    json_object_set_new(read, "requests", count_of(not_chosen(done) + done->left_out + done->written));
    return read;
}

static json_t *filtered_object(const struct conversion *done)
{
    static const char *const names[SELECTIONS] = {"time", "op", "prefix", "sample"};
    json_t *filtered = json_object(), *reasons = json_object();

    for (int by = 0; by < SELECTIONS; by++)
        json_object_set_new(reasons, names[by], count_of(done->selection.refused[by]));
    json_object_set_new(filtered, "requests", count_of(not_chosen(done)));
    json_object_set_new(filtered, "by", reasons);
    return filtered;
}

static json_t *lost_object(const struct conversion *done)
{
    json_t *lost = json_object(), *reasons = json_array();

    for (int i = 0; i < done->omissions.count; i++) {
        json_t *reason = json_object();

        json_object_set_new(reason, "what", json_from_text(done->omissions.list[i].what));
        json_object_set_new(reason, "count", count_of(done->omissions.list[i].count));
        json_array_append_new(reasons, reason);
    }
    json_object_set_new(lost, "requests", count_of(done->left_out));
    json_object_set_new(lost, "reasons", reasons);
    return lost;
}

static json_t *written_object(const struct convert_tale *tale)
{
    const struct conversion *done = tale->done;
    json_t *written = json_object();
    struct stat about;
    bool is_file = !to_standard_output(tale) && !stat(tale->target, &about) && S_ISREG(about.st_mode);

    json_object_set_new(written, "file", json_from_text(tale->target));
    json_object_set_new(written, "format", json_from_text(done->writer->name));
    json_object_set_new(written, "bytes", is_file ? count_of((uint64_t)about.st_size) : json_null());
    json_object_set_new(written, "requests", count_of(done->written));
    json_object_set_new(written, "keys", count_of(reader_key_count(done->trace.reader)));
    json_object_set_new(written, "next_access", json_boolean(done->rules != 0));
    return written;
}

static json_t *anonymized_object(const struct convert_tale *tale)
{
    json_t *anonymized;

    if (!tale->done->anonymizer)
        return json_null();
    anonymized = json_object();
    json_object_set_new(anonymized, "drawn_secret", *tale->secret ? json_from_text(tale->secret) : json_null());
    json_object_set_new(anonymized, "texts_kept", count_of(tale->done->named));
    return anonymized;
}

void convert_tell_json(const struct convert_tale *tale, FILE *out)
{
    json_t *object = json_object();

    json_object_set_new(object, "read", read_object(tale));
    json_object_set_new(object, "filtered", filtered_object(tale->done));
    json_object_set_new(object, "lost", lost_object(tale->done));
    json_object_set_new(object, "written", written_object(tale));
    json_object_set_new(object, "anonymized", anonymized_object(tale));
    json_text_put(object, JSON_INDENT(2) | JSON_ENSURE_ASCII, out);
}
