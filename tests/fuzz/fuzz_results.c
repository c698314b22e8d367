/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_results: any bytes as a file of results whose checks are right, which no fuzzer would find. What was read can be written, and
 * reads back as the same. */
#include "sim/alloc.h"
#include "sim/result_file.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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

static char *written(const struct outcome *outcome, size_t *bytes)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    result_file_write(outcome, out);
    fclose(out);
    return text;
}

/* 0, or -1 where the file is no outcome. */
static int read_bytes(const char *text, size_t bytes, struct outcome *outcome)
{
    char path[BYTES_PATH];
    int fd = bytes_as_file((const uint8_t *)text, bytes, path);
    struct error error = {0};
    int status = result_file_read(path, outcome, &error);

    if (status && !error.text[0])
        abort();
    close(fd);
    return status;
}

int fuzz_results(const uint8_t *bytes, size_t count)
{
    char *file = bytes_as_text(bytes, count), *first, *second;
    struct outcome outcome = {0}, again = {0};
    size_t first_bytes, second_bytes;

    seal(file, count);
    if (!read_bytes(file, count, &outcome)) {
        first = written(&outcome, &first_bytes);
        if (read_bytes(first, first_bytes, &again))
            abort();
        second = written(&again, &second_bytes);
        if (first_bytes != second_bytes || memcmp(first, second, first_bytes) != 0)
            abort();
        free(first);
        free(second);
        outcome_free(&again);
        outcome_free(&outcome);
    }
    free(file);
    return 0;
}
