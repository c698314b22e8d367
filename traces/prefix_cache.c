/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prefix_cache: what large language models were asked, as the blocks of tokens that a prompt begins with: the traces of
 * Mooncake (Kimi) and of Qwen (Alibaba's Bailian).
 *
 *     {"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47, 48, 2353]}       Mooncake: ms
 *     {"chat_id": 159, "parent_chat_id": -1, "timestamp": 61.114, "input_length": 521, "output_length": 132,
 *      "type": "text", "turn": 1, "hash_ids": [1089, 1090]}                                                 Qwen: s
 *
 * A line is a request. Each id is a block of 512 (Mooncake) or 16 tokens (Qwen), hashed with all that comes before it, whose
 * keys and values a cache keeps: a GET each, in the order of the prompt. How many bytes a block has depends on the model;
 * --block-size says it. Times are milliseconds, or seconds if there is a chat_id; the first line decides.
 *
 * Source: Qin et al., Mooncake, FAST 2025, and the README of its traces; the README of
 * github.com/alibaba-edu/qwen-bailian-usagetraces-anon. */
#include "sim/format.h"

#include "sim/digits.h"
#include "traces/text/blocks.h"
#include "traces/text/json.h"
#include "traces/text/lines.h"

enum { BLOCK_BYTES = 4096 };

struct prefix_cache {
    struct lines lines;
    const struct format_options *options;
    struct intake *intake;
    uint32_t block_bytes;
    int places; /* the unit of times is 10^places us */
    bool settled;
    int64_t time_us;      /* of the current line, */
    const char *at, *end; /* and its ids that were not handed out yet; NULL: none */
};

/* What a line says. */
struct prompt {
    struct json_value time, ids;
    bool has_time, has_ids, has_chat;
};

static bool is_named(struct piece name, const char *wanted)
{
    size_t bytes = (size_t)(name.end - name.text);

    return bytes == strlen(wanted) && !memcmp(name.text, wanted, bytes);
}

/* False if the line is no JSON object. */
static bool scan_prompt(const char *line, const char *end, struct prompt *prompt)
{
    struct piece name;
    struct json_value value;
    int status;

    *prompt = (struct prompt){.has_ids = false};
    if (!json_open(&line, end, '{'))
        return false;
    while ((status = json_member(&line, end, &name, &value)) > 0)
        if (is_named(name, "timestamp")) {
            prompt->time = value;
            prompt->has_time = value.kind == JSON_IS_NUMBER;
        } else if (is_named(name, "hash_ids")) {
            prompt->ids = value;
            prompt->has_ids = value.kind == JSON_IS_ARRAY;
        } else if (is_named(name, "chat_id")) {
            prompt->has_chat = true;
        }
    return !status && json_ends(line, end);
}

static int bad(struct prefix_cache *trace, struct error *error, const char *what)
{
    return intake_bad_row(trace->intake, trace->options, trace->lines.source, trace->lines.number, error,
                          "%s; --lenient leaves out such rows", what);
}

/* An id is a whole number, or a text. */
static bool is_id(const struct json_value *value)
{
    uint64_t number;

    return value->kind == JSON_IS_TEXT
               ? !piece_is_empty(value->piece) && value->piece.end - value->piece.text < 512
               : value->kind == JSON_IS_NUMBER && digits_scan(value->piece.text, value->piece.end, &number);
}

static bool ids_are_fine(const struct prompt *prompt)
{
    const char *at = prompt->ids.piece.text;
    struct json_value value;
    int status;

    if (!json_open(&at, prompt->ids.piece.end, '['))
        return false;
    while ((status = json_element(&at, prompt->ids.piece.end, &value)) > 0)
        if (!is_id(&value))
            return false;
    return !status;
}

/* Returns 0, also if the line gives nothing, or -1 on error. */
static int parse(struct prefix_cache *trace, const char *line, const char *end, struct error *error)
{
    struct prompt prompt;

    if (trace->lines.number == 1)
        line = pieces_without_mark(line, end);
    if (json_ends(line, end))
        return 0; /* an empty line does not count as a row */
    trace->intake->rows++;
    if (!scan_prompt(line, end, &prompt))
        return bad(trace, error, "not one JSON object");
    if (!prompt.has_time || !prompt.has_ids)
        return bad(trace, error, prompt.has_ids ? "missing timestamp" : "missing hash_ids");
    if (!trace->settled)
        trace->places = prompt.has_chat ? 6 : 3;
    if (!digits_decimal(prompt.time.piece.text, prompt.time.piece.end, trace->places, &trace->time_us))
        return bad(trace, error, "bad timestamp");
    if (!ids_are_fine(&prompt))
        return bad(trace, error, "bad hash_ids: not whole numbers or texts");
    trace->settled = true;
    trace->at = prompt.ids.piece.text + 1;
    trace->end = prompt.ids.piece.end;
    return 0;
}

static int open_prefix_cache(void *state, struct source *source, const struct format_options *options,
                             struct intake *intake, struct error *error)
{
    struct prefix_cache *trace = state;

    trace->options = options;
    trace->intake = intake;
    intake->key_names_assumed = true;
    lines_init(&trace->lines, source);
    return blocks_settle(&trace->block_bytes, BLOCK_BYTES, options, intake, error);
}

/* Hands out blocks of the current line, up to `room` of them. */
static int expand(struct prefix_cache *trace, struct record *records, int room)
{
    struct json_value value;
    int count = 0;

    for (; trace->at && count < room; count++) {
        struct record *record = &records[count];

        if (json_element(&trace->at, trace->end, &value) <= 0) {
            trace->at = NULL;
            break;
        }
        record_clear(record);
        record->time_us = trace->time_us;
        record->op = OP_GET;
        record->value_len = trace->block_bytes;
        record->line = trace->lines.number;
        record->key_len = (uint32_t)(value.piece.end - value.piece.text);
        if (value.kind == JSON_IS_TEXT) {
            record->key = value.piece.text;
            record->key_bytes = record->key_len;
        } else {
            digits_scan(value.piece.text, value.piece.end, &record->key_number);
            record->key_len = digits_count(record->key_number);
        }
    }
    return count;
}

static int read_prefix_cache(void *state, struct record *records, int room, struct error *error)
{
    struct prefix_cache *trace = state;
    int count = expand(trace, records, room);
    const char *line, *end;

    while (count == 0) {
        int status = lines_look(&trace->lines, error);
        if (status <= 0)
            return status;
        while (count < room && !trace->at && lines_next(&trace->lines, &line, &end)) {
            if (parse(trace, line, end, error) < 0)
                return count ? count : -1;
            count += expand(trace, records + count, room - count);
        }
        lines_done(&trace->lines);
    }
    return count;
}

static void forget(void *state, uint64_t line)
{
    struct prefix_cache *trace = state;

    if (trace->lines.number == line)
        trace->at = NULL;
}

/* The first line has a timestamp and hash_ids. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    const char *end = head + bytes, *newline;
    struct prompt prompt;

    head = pieces_without_mark(head, end);
    newline = memchr(head, '\n', (size_t)(end - head));
    if (scan_prompt(head, newline ? newline : end, &prompt))
        return prompt.has_time && prompt.has_ids ? FORMAT_CERTAIN : FORMAT_NO;
    if (newline || head == end || *head != '{')
        return FORMAT_NO;
    /* A prompt may be longer than what is to be seen. */
    return memmem(head, (size_t)(end - head), "\"hash_ids\"", 10) &&
                   memmem(head, (size_t)(end - head), "\"timestamp\"", 11)
               ? FORMAT_LIKELY
               : FORMAT_NO;
}

const struct format format_prefix_cache = {
    .name = "prefix_cache",
    .summary = "Mooncake's and Qwen's JSON lines: a GET for each of a prompt's hash_ids",
    .state_size = sizeof(struct prefix_cache),
    .numeric_keys = true,
    .self_contained = true,
    .lacks_fills = true,
    .detect = detect,
    .open = open_prefix_cache,
    .read = read_prefix_cache,
    .forget = forget,
};
