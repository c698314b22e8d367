/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_results: any bytes as a file of results whose checks are right, which no fuzzer would find. What was read can be written, and
 * reads back as the same. */
#include "sim/result_file.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/round_trip.h"
#include "tests/fuzz/targets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const char check[] = "{\"check\":\"0123456789abcdef\",", fields[] = "\"fields\":\"";

enum { BEFORE_CHECK = 10, DIGITS = 16, PREFIX = sizeof check - 1 };

/* The digest of the layouts of this kind of outcome, as sim/result_file.c has it. */
static void find_fields(int kind, char digits[DIGITS])
{
    char *layouts = layout_print(outcome_types[kind].layout), text[DIGITS + 1];

    snprintf(text, sizeof text, "%016" PRIx64, (uint64_t)XXH3_64bits(layouts, strlen(layouts)));
    memcpy(digits, text, DIGITS);
    free(layouts);
}

/* The first line says of which layouts it is: those of this program. */
static void seal_fields(char *line, size_t length)
{
    for (int kind = 0; kind < OUTCOME_KINDS; kind++) {
        char word[64], *place;
        int bytes = snprintf(word, sizeof word, "\"kind\":\"%s\"", outcome_types[kind].name);

        if (!memmem(line, length, word, (size_t)bytes))
            continue;
        place = memmem(line, length, fields, sizeof fields - 1);
        if (place && length - (size_t)(place - line) > sizeof fields + DIGITS)
            find_fields(kind, place + sizeof fields - 1);
    }
}

static void seal(char *text, size_t count)
{
    uint64_t sum = 0;

    for (char *line = text, *end; line < text + count; line = end + 1) {
        char digits[DIGITS + 1];

        end = memchr(line, '\n', (size_t)(text + count - line));
        if (!end)
            break;
        if (end - line <= (ptrdiff_t)PREFIX || memcmp(line, check, BEFORE_CHECK) != 0)
            continue;
        if (line == text)
            seal_fields(line, (size_t)(end - line));
        sum = XXH3_64bits_withSeed(line + PREFIX, (size_t)(end - line) - PREFIX, sum);
        snprintf(digits, sizeof digits, "%016" PRIx64, sum);
        memcpy(line + BEFORE_CHECK, digits, DIGITS);
    }
}

static int read_outcome(const char *path, void *outcome, struct error *error)
{
    return result_file_read(path, outcome, error);
}

static void write_outcome(const void *outcome, FILE *out)
{
    result_file_write(outcome, out);
}

static void free_outcome(void *outcome)
{
    outcome_free(outcome);
}

int fuzz_results(const uint8_t *bytes, size_t count)
{
    static const struct round_trip kind = {sizeof(struct outcome), read_outcome, write_outcome, free_outcome};
    char *file = bytes_as_text(bytes, count);

    seal(file, count);
    round_trip_must_hold(&kind, (const uint8_t *)file, count);
    free(file);
    return 0;
}
