/* SPDX-License-Identifier: GPL-3.0-or-later */
/* txt: a list of object ids, one a line, as libCacheSim and others read it: a GET each.
 *
 *     user:17
 *     http://example.org/a
 *
 * The rows are untimed, and each value is of --block-size bytes. A list of numbers is the same as lirs, which takes it. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {{.name = "id", .role = ROW_KEY}};

static const struct row_layout layout = {
    .delimiter = ' ',
    .column_count = 1,
    .least = 1,
    .columns = columns,
    .one_size = true,
    .clock = ROW_UNTIMED,
};

static int open(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                struct error *error)
{
    return rows_open(state, &layout, source, options, intake, error);
}

/* At least two lines, each of one word without what other formats have between columns or in front of commands, not all of
 * them numbers. A last line without an end may be cut off. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    static const char foreign[] = ",;|\"'{}[]<>*$+ \t";
    const char *end = head + bytes, *newline;
    unsigned lines = 0, numbers = 0;
    uint64_t number;

    for (; head < end; head = newline + 1) {
        newline = memchr(head, '\n', (size_t)(end - head));
        if (!newline && lines > 1)
            break;
        struct piece word = piece_of(head, newline ? newline : end);
        word.end -= word.end > word.text && word.end[-1] == '\r';
        for (const char *at = word.text; at < word.end; at++)
            if ((unsigned char)*at < 0x20 || memchr(foreign, *at, sizeof foreign))
                return FORMAT_NO;
        lines += !piece_is_empty(word);
        numbers += digits_scan(word.text, word.end, &number);
        if (!newline)
            break;
    }
    return lines > 1 && numbers < lines ? FORMAT_CERTAIN : FORMAT_NO;
}

const struct format format_txt = {
    .name = "txt",
    .summary = "a list of object ids, one a line: a GET each",
    .state_size = sizeof(struct rows),
    .self_contained = true,
    .lacks_fills = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open,
    .read = rows_read,
    .forget = rows_forget,
};
