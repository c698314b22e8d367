/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_stream.h"

#include "sim/alloc.h"
#include "sim/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_WHOLE = 60, WORDS_OF_A_LINE = 4096 };

static const char padding[] = "...";

static struct step *new_step(struct stream *stream, enum step_kind kind)
{
    if (stream->count == stream->capacity) {
        stream->capacity = stream->capacity ? 2 * stream->capacity : 64;
        stream->steps = xrealloc(stream->steps, stream->capacity * sizeof *stream->steps);
    }
    stream->steps[stream->count] = (struct step){.kind = kind};
    return &stream->steps[stream->count++];
}

void stream_add(struct stream *stream, const struct argument *words, size_t count)
{
    struct step *step = new_step(stream, STEP_COMMAND);
    size_t bytes = count * sizeof *words;
    char *text;

    for (size_t i = 0; i < count; i++)
        bytes += words[i].bytes + 1;
    step->words = xcalloc(1, bytes);
    step->word_count = count;
    text = (char *)(step->words + count);
    for (size_t i = 0; i < count; i++) {
        memcpy(text, words[i].text, words[i].bytes);
        step->words[i] = (struct argument){text, words[i].bytes};
        text += words[i].bytes + 1;
    }
}

void stream_wait(struct stream *stream, int64_t ms)
{
    new_step(stream, STEP_WAIT)->wait_ms = ms;
}

void stream_compare(struct stream *stream)
{
    new_step(stream, STEP_COMPARE);
}

void stream_set(struct stream *stream, const char *name, const char *value)
{
    struct stream_setting *setting = &stream->settings[stream->setting_count];

    if (stream->setting_count == STREAM_SETTINGS)
        return;
    snprintf(setting->name, sizeof setting->name, "%s", name);
    snprintf(setting->value, sizeof setting->value, "%s", value);
    stream->setting_count++;
}

void stream_append(struct stream *stream, const struct stream *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct step *step = &from->steps[i];

        if (step->kind == STEP_COMMAND)
            stream_add(stream, step->words, step->word_count);
        else if (step->kind == STEP_WAIT)
            stream_wait(stream, step->wait_ms);
        else
            stream_compare(stream);
    }
    for (size_t i = stream->setting_count; i < from->setting_count; i++)
        stream_set(stream, from->settings[i].name, from->settings[i].value);
}

void stream_release(struct stream *stream)
{
    for (size_t i = 0; i < stream->count; i++)
        free(stream->steps[i].words);
    free(stream->steps);
    *stream = (struct stream){0};
}

struct stream stream_part(const struct stream *stream)
{
    struct stream part = *stream;

    part.steps = xcalloc(stream->count + 1, sizeof *part.steps);
    part.capacity = stream->count + 1;
    memcpy(part.steps, stream->steps, stream->count * sizeof *part.steps);
    return part;
}

void stream_release_part(struct stream *part)
{
    free(part->steps);
    *part = (struct stream){0};
}

/* ---- text ---- */

static void print_word(const struct argument *word, FILE *out)
{
    uint32_t own = word->bytes;

    while (own && word->text[own - 1] == 'x')
        own--;
    if (word->bytes > SHOWN_WHOLE && word->bytes - own > sizeof padding) {
        fprintf(out, "%.*s%s%" PRIu32, (int)own, word->text, padding, word->bytes);
        return;
    }
    for (own = 0; own < word->bytes; own++)
        if (!isgraph((unsigned char)word->text[own]) || strchr("\"'\\#", word->text[own]))
            break;
    if (word->bytes && own == word->bytes) {
        fwrite(word->text, 1, word->bytes, out);
        return;
    }
    fputc('"', out);
    for (uint32_t i = 0; i < word->bytes; i++) {
        unsigned char c = (unsigned char)word->text[i];

        fprintf(out, isprint(c) && c != '"' && c != '\\' ? "%c" : "\\x%02x", c);
    }
    fputc('"', out);
}

static void print_step(const struct step *step, FILE *out)
{
    if (step->kind == STEP_WAIT)
        fprintf(out, "wait %" PRId64, step->wait_ms);
    else if (step->kind == STEP_COMPARE)
        fputs("compare", out);
    for (size_t i = 0; i < step->word_count; i++) {
        if (i)
            fputc(' ', out);
        print_word(&step->words[i], out);
    }
    fputc('\n', out);
}

void stream_print(const struct stream *stream, FILE *out)
{
    for (size_t i = 0; i < stream->setting_count; i++)
        fprintf(out, "config %s %s\n", stream->settings[i].name, stream->settings[i].value);
    for (size_t i = 0; i < stream->count; i++)
        print_step(&stream->steps[i], out);
}

/* "v7...4096", to be freed; other words as they are. */
static char *padded(const char *word)
{
    const char *dots = strstr(word, padding);
    size_t own = dots ? (size_t)(dots - word) : 0, bytes;
    char *end = NULL, *text;

    bytes = dots ? strtoul(dots + strlen(padding), &end, 10) : 0;
    if (!dots || !isdigit((unsigned char)dots[strlen(padding)]) || *end || bytes < own)
        return xstrdup(word);
    text = xcalloc(1, bytes + 1);
    memset(text, 'x', bytes);
    memcpy(text, word, own);
    return text;
}

static void read_command(struct stream *stream, char **words, size_t count)
{
    struct argument *arguments = xcalloc(count, sizeof *arguments);
    char **texts = xcalloc(count, sizeof *texts);

    for (size_t i = 0; i < count; i++) {
        texts[i] = padded(words[i]);
        arguments[i] = (struct argument){texts[i], (uint32_t)strlen(texts[i])};
    }
    stream_add(stream, arguments, count);
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
    free(arguments);
}

static void read_step(struct stream *stream, char **words, size_t count)
{
    if (!strcmp(words[0], "config") && count == 3)
        stream_set(stream, words[1], words[2]);
    else if (!strcmp(words[0], "wait") && count == 2)
        stream_wait(stream, strtoll(words[1], NULL, 10));
    else if (!strcmp(words[0], "compare") && count == 1)
        stream_compare(stream);
    else
        read_command(stream, words, count);
}

int stream_read(struct stream *stream, FILE *in, struct error *error)
{
    char **words = xcalloc(WORDS_OF_A_LINE, sizeof *words), *line = NULL;
    size_t capacity = 0, count;
    int number = 0, status = 0;

    while (!status && getline(&line, &capacity, in) > 0) {
        number++;
        if (*line == '#')
            continue;
        if (words_split(line, words, WORDS_OF_A_LINE, &count) || count > WORDS_OF_A_LINE)
            status = error_set(error, ERROR_INPUT, "line %d: quotes that do not end, or too many words", number);
        else if (count)
            read_step(stream, words, count);
    }
    free(line);
    free(words);
    return status;
}
