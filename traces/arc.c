/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arc: the .lis traces of the ARC paper, disk reads as text.
 *
 *     110765 64 0 0          first block, how many, (ignored), number of the request
 *
 * Every block of a line is a GET of its own, in order, as the paper counts. The format has no times. The blocks are of
 * one size, which it does not tell.
 *
 * Source: Megiddo, Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003. */
#include "sim/format.h"

#include "sim/digits.h"
#include "traces/text/blocks.h"
#include "traces/text/expansion.h"
#include "traces/text/lines.h"

#include <stdio.h>

enum {
    BLOCK_BYTES = 512, /* unless --block-size says another: the page size of the paper's P traces */
};

enum { START, BLOCKS, IGNORED, REQUEST, COLUMNS };

struct arc {
    struct lines lines;
    const struct format_options *options;
    struct intake *intake;
    uint32_t block_bytes;
    uint64_t next_block; /* of the current line */
    uint64_t blocks;     /* blocks of the current line that were not handed out yet */
};

/* A column of the line. */
struct column {
    const char *text, *end;
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Splits the line. Returns the number of its columns, which may be more than COLUMNS. */
static int split(const char *at, const char *end, struct column columns[COLUMNS])
{
    int count = 0;

    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            return count;
        const char *text = at;
        while (at < end && !is_blank(*at))
            at++;
        if (count < COLUMNS)
            columns[count] = (struct column){text, at};
        count++;
    }
}

static bool scan(struct column column, uint64_t *number)
{
    return digits_scan(column.text, column.end, number);
}

static bool scan_blocks(struct column column, uint64_t *blocks)
{
    uint64_t number;

    if (!scan(column, &number) || number < 1)
        return false;
    *blocks = number;
    return true;
}

static int bad_because(struct arc *arc, struct error *error, const char *what, struct column column, const char *why)
{
    int length = column.end - column.text < 60 ? (int)(column.end - column.text) : 60;

    return intake_bad_row(arc->intake, arc->options, arc->lines.source, arc->lines.number, error, "bad %s '%.*s'%s%s",
                          what, length, column.text, *why ? ": " : "", why);
}

static int bad(struct arc *arc, struct error *error, const char *what, struct column column)
{
    return bad_because(arc, error, what, column, "");
}

static int bad_number_of_blocks(struct arc *arc, struct error *error, struct column column)
{
    char bound[EXPANSION_WHY], why[EXPANSION_WHY + 40];

    snprintf(why, sizeof why, "%s, --lenient leaves out such rows",
             expansion_why(bound, arc->options, EXPANSION_BLOCKS));
    return bad_because(arc, error, "number of blocks", column, why);
}

/* Returns 0, also if the line gives no block, or -1 on error. */
static int parse(struct arc *arc, const char *line, const char *end, struct error *error)
{
    struct column columns[COLUMNS];
    int found = split(line, end, columns);
    uint64_t start, blocks;

    if (!found)
        return 0; /* an empty line does not count as a row */
    arc->intake->rows++;
    if (found != COLUMNS)
        return intake_bad_row(arc->intake, arc->options, arc->lines.source, arc->lines.number, error,
                              "expected %d columns, found %d", COLUMNS, found);
    if (!scan(columns[START], &start))
        return bad(arc, error, "block", columns[START]);
    if (!scan_blocks(columns[BLOCKS], &blocks))
        return bad(arc, error, "number of blocks", columns[BLOCKS]);
    if (blocks > expansion_most(arc->options, EXPANSION_BLOCKS))
        return bad_number_of_blocks(arc, error, columns[BLOCKS]);
    arc->blocks = blocks;
    arc->next_block = start;
    return 0;
}

static int open_arc(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                    struct error *error)
{
    struct arc *arc = state;

    arc->options = options;
    arc->intake = intake;
    intake->key_names_assumed = true;
    lines_init(&arc->lines, source);
    return blocks_settle(&arc->block_bytes, BLOCK_BYTES, options, intake, error);
}

/* Hands out the blocks of the current line, up to `room` of them. */
static int expand(struct arc *arc, struct record *records, int room)
{
    int count = 0;

    for (; count < room && arc->blocks; count++, arc->blocks--) {
        uint64_t block = arc->next_block++;

        records[count] = (struct record){
            .key_number = block,
            .key_len = digits_count(block),
            .value_len = arc->block_bytes,
            .op = OP_GET,
            .flags = REQUEST_UNTIMED,
            .line = arc->lines.number,
        };
    }
    return count;
}

static int read_arc(void *state, struct record *records, int room, struct error *error)
{
    struct arc *arc = state;
    int count = expand(arc, records, room);
    const char *line, *end;

    while (count == 0) {
        int status = lines_look(&arc->lines, error);
        if (status <= 0)
            return status;
        while (count < room && lines_next(&arc->lines, &line, &end)) {
            if (parse(arc, line, end, error) < 0)
                return count ? count : -1;
            count += expand(arc, records + count, room - count);
        }
        lines_done(&arc->lines);
    }
    return count;
}

/* A line has four numbers. The last counts requests: it is equal to that of the line before, or one more. A last line
 * without an end may be cut off, so it is ignored unless it is the only one. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    const char *end = head + bytes, *newline;
    uint64_t start, blocks, ignored, request, last = 0;
    bool seen = false;

    for (; head < end; head = newline + 1) {
        struct column columns[COLUMNS];

        newline = memchr(head, '\n', (size_t)(end - head));
        if (!newline && seen)
            break;
        const char *stop = newline ? newline : end;
        int found = split(head, stop > head && stop[-1] == '\r' ? stop - 1 : stop, columns);
        if (found) {
            if (found != COLUMNS || !scan(columns[START], &start) || !scan_blocks(columns[BLOCKS], &blocks) ||
                blocks > EXPANSION_BLOCKS || !scan(columns[IGNORED], &ignored) || !scan(columns[REQUEST], &request) ||
                (seen && request != last && request != last + 1))
                return FORMAT_NO;
            last = request;
            seen = true;
        }
        if (!newline)
            break;
    }
    return seen ? FORMAT_CERTAIN : FORMAT_NO;
}

const struct format format_arc = {
    .name = "arc",
    .summary = "ARC .lis: first block, number of blocks, (ignored), request; a GET per block",
    .file_names = "lis",
    .state_size = sizeof(struct arc),
    .numeric_keys = true,
    .self_contained = true,
    .detect = detect,
    .open = open_arc,
    .read = read_arc,
};
