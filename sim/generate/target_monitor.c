/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target_monitor: what redis-cli MONITOR would print; see traces/monitor.c. Values are written out, so that they weigh what they
 * should: x after x, or if some operation counts, a number of as many digits, up to the 18 that a number may have. */
#include "sim/generate/target.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdlib.h>

static const int64_t BEGIN_S =
    1700000000; /* MONITOR has Unix times: where a trace begins that has none (sim/input/reader.h) */
enum { WHOLE_NUMBER_BYTES = 18 };

struct monitor {
    FILE *out;
    bool whole_numbers;
};

static int begin(void *state, const struct generate_plan *plan, FILE *out, struct error *error)
{
    struct monitor *monitor = state;

    (void)error;
    *monitor = (struct monitor){.out = out, .whole_numbers = plan->whole_numbers};
    return 0;
}

static void put_value(const struct monitor *monitor, uint32_t bytes)
{
    char block[4096];

    memset(block, monitor->whole_numbers && bytes <= WHOLE_NUMBER_BYTES ? '1' : 'x', sizeof block);
    for (; bytes > sizeof block; bytes -= (uint32_t)sizeof block)
        fwrite_unlocked(block, sizeof block, 1, monitor->out);
    if (bytes)
        fwrite_unlocked(block, bytes, 1, monitor->out);
}

/* One argument of the pattern, between quotes. */
static void put_argument(const struct monitor *monitor, const struct generate_row *row, const char *word, size_t length)
{
    char text[TARGET_ROW_BYTES], *to = text;
    bool is_value = false;

    *to++ = ' ';
    *to++ = '"';
    switch (length == 2 && *word == '%' ? word[1] : '\0') {
    case 'k':
        to = put_key(to, row);
        break;
    case 'v':
        is_value = true;
        break;
    case 'm':
        to = put_number(put_text(to, "member:", 7), row->member);
        break;
    case 's':
        to = put_number(to, row->score);
        break;
    case 't':
        to = put_number(to, row->ttl_s);
        break;
    default:
        to = put_text(to, word, length);
    }
    if (is_value) {
        fwrite_unlocked(text, (size_t)(to - text), 1, monitor->out);
        put_value(monitor, row->value_bytes);
        to = text;
    }
    *to++ = '"';
    fwrite_unlocked(text, (size_t)(to - text), 1, monitor->out);
}

static int put(void *state, const struct generate_row *row)
{
    const struct monitor *monitor = state;
    const char *word = row->operation->command;
    char text[64], *to;

    to = put_time(text, BEGIN_S * 1000000 + row->time_us);
    to = put_text(to, " [0 127.0.0.1:6379]", 19);
    fwrite_unlocked(text, (size_t)(to - text), 1, monitor->out);
    for (size_t length; *word; word += length + (word[length] == ' ')) {
        length = strcspn(word, " ");
        put_argument(monitor, row, word, length);
    }
    if (row->operation->sets && row->ttl_s) {
        put_argument(monitor, row, "EX", 2);
        put_argument(monitor, row, "%t", 2);
    }
    putc_unlocked('\n', monitor->out);
    return ferror(monitor->out) ? -1 : 0;
}

static int end(void *state, bool failed)
{
    const struct monitor *monitor = state;

    return failed || !fflush(monitor->out) ? 0 : -1;
}

const struct generate_target generate_target_monitor = {
    .name = "monitor",
    .summary = "monitor (all operations, values in full)",
    .state_size = sizeof(struct monitor),
    .begin = begin,
    .put = put,
    .end = end,
};
