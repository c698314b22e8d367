/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lirs: the .trc traces of the LIRS paper, one number per line.
 *
 *     560
 *     40
 *     *           separates the phases of a trace; ignored
 *
 * Every number is a GET of that block. The format has no times. The blocks are of one size, which it does not tell.
 *
 * Source: Jiang, Zhang, LIRS: an efficient low inter-reference recency set replacement policy to improve buffer
 * cache performance, SIGMETRICS 2002, whose simulator reads them. */
#include "sim/format.h"

#include "sim/digits.h"
#include "traces/text/blocks.h"
#include "traces/text/lines.h"

enum { BLOCK_BYTES = 4096 }; /* a page, unless --block-size says another */

struct lirs {
    struct lines lines;
    const struct format_options *options;
    struct intake *intake;
    uint32_t block_bytes;
};

enum row { NOTHING, MARK, BLOCK, DAMAGE };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Removes blanks around the line and returns its kind. */
static enum row scan_line(const char **text, const char **end, uint64_t *block)
{
    while (*text < *end && is_blank(**text))
        ++*text;
    while (*text < *end && is_blank((*end)[-1]))
        --*end;
    if (*text == *end)
        return NOTHING;
    if (*end - *text == 1 && **text == '*')
        return MARK;
    return digits_scan(*text, *end, block) ? BLOCK : DAMAGE;
}

/* Returns 1 if *record is complete, 0 if the line gives none, -1 on error. */
static int parse(struct lirs *lirs, const char *line, const char *end, struct record *record, struct error *error)
{
    uint64_t block = 0;
    enum row row = scan_line(&line, &end, &block);

    if (row == NOTHING || row == MARK)
        return 0;
    lirs->intake->rows++;
    if (row == DAMAGE)
        return intake_bad_row(lirs->intake, lirs->options, lirs->lines.source, lirs->lines.number, error,
                              "bad block '%.*s'", end - line < 60 ? (int)(end - line) : 60, line);
    *record = (struct record){
        .key_number = block,
        .key_len = digits_count(block),
        .value_len = lirs->block_bytes,
        .op = OP_GET,
        .flags = REQUEST_UNTIMED,
        .line = lirs->lines.number,
    };
    return 1;
}

static int open_lirs(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                     struct error *error)
{
    struct lirs *lirs = state;

    lirs->options = options;
    lirs->intake = intake;
    intake->key_names_assumed = true;
    lines_init(&lirs->lines, source);
    return blocks_settle(&lirs->block_bytes, BLOCK_BYTES, options, intake, error);
}

static int read_lirs(void *state, struct record *records, int room, struct error *error)
{
    struct lirs *lirs = state;
    const char *line, *end;
    int count = 0;

    while (count == 0) {
        int status = lines_look(&lirs->lines, error);
        if (status <= 0)
            return status;
        while (count < room && lines_next(&lirs->lines, &line, &end)) {
            status = parse(lirs, line, end, &records[count], error);
            if (status < 0)
                return count ? count : -1;
            count += status;
        }
        lines_done(&lirs->lines);
    }
    return count;
}

/* Only numbers and marks are allowed. A single number may be anything; a list of numbers is a list of blocks. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    const char *end = head + bytes, *next;
    uint64_t block;
    int blocks = 0;

    for (; head < end; head = next) {
        const char *newline = memchr(head, '\n', (size_t)(end - head));
        const char *stop = newline ? newline : end;

        next = newline ? newline + 1 : end;
        switch (scan_line(&head, &stop, &block)) {
        case DAMAGE:
            return FORMAT_NO;
        case BLOCK:
            blocks++;
            break;
        case NOTHING:
        case MARK:
            break;
        }
    }
    return blocks > 1 ? FORMAT_CERTAIN : blocks ? FORMAT_POSSIBLE : FORMAT_NO;
}

const struct format format_lirs = {
    .name = "lirs",
    .summary = "LIRS .trc: one block number per line, a GET each; lines of * are ignored",
    .file_names = "trc",
    .state_size = sizeof(struct lirs),
    .numeric_keys = true,
    .self_contained = true,
    .detect = detect,
    .open = open_lirs,
    .read = read_lirs,
};
