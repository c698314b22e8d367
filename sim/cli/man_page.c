/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/man_page.h"

#include "sim/alloc.h"
#include "sim/cli/completion_words.h"
#include "sim/cli/exit_status.h"
#include "sim/cli/roff.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADING_BYTES = 48, /* a longer line with a colon at its end is a sentence */
    CONTINUED = 8,      /* so many blanks in front: the line before goes on */
};

/* A part of a text. */
struct part {
    const char *begin;
    size_t bytes;
};

static struct part part_of(const char *text)
{
    return (struct part){text, strlen(text)};
}

/* Takes the next line, without its end; false: there is none. */
static bool take_line(struct part *text, struct part *line)
{
    const char *end = memchr(text->begin, '\n', text->bytes);

    if (!text->bytes)
        return false;
    *line = (struct part){text->begin, end ? (size_t)(end - text->begin) : text->bytes};
    text->begin += line->bytes + (end != NULL);
    text->bytes -= line->bytes + (end != NULL);
    return true;
}

/* Takes the lines up to an empty one; false: there are none. */
static bool take_block(struct part *text, struct part *block)
{
    struct part line, rest;

    while (text->bytes && *text->begin == '\n')
        take_line(text, &line);
    *block = (struct part){text->begin, 0};
    for (rest = *text; take_line(&rest, &line) && line.bytes; *text = rest)
        block->bytes = (size_t)(rest.begin - block->begin);
    return block->bytes > 0;
}

static size_t blanks_at(struct part line)
{
    size_t blanks = 0;

    while (blanks < line.bytes && line.begin[blanks] == ' ')
        blanks++;
    return blanks;
}

static void put_words(struct part text, FILE *out)
{
    roff_put_words(text.begin, text.bytes, out);
}

/* ---- sections ---- */

static void put_title(const char *name, const struct subcommand *subcommand, const struct catalog *catalog, FILE *out)
{
    bool is_program = subcommand == catalog->program;

    fprintf(out, ".\\\" Made of the option tables by: evsim man%s%s\n.TH ", is_program ? "" : " ",
            is_program ? "" : subcommand->name);
    for (const char *c = name; *c; c++)
        fputc(toupper((unsigned char)*c), out);
    fprintf(out, " 1 %s \"evsim %.*s\" \"User Commands\"\n.nh\n.ad l\n.ds AD l\n.SH NAME\n", catalog->released,
            (int)strcspn(catalog->version, "+"), catalog->version);
    roff_put_line(name, strlen(name), out);
    fputs(" \\-\n", out);
    put_words(part_of(subcommand->summary), out);
}

static void put_synopsis(const char *usage, FILE *out)
{
    struct part text = part_of(usage), line;

    fputs(".SH SYNOPSIS\n.nf\n", out);
    while (take_line(&text, &line)) {
        roff_put_line(line.begin, line.bytes, out);
        fputc('\n', out);
    }
    fputs(".fi\n", out);
}

/* Rows "  word   what it is": the last column is the text, what is before it the label. */
static void put_rows(struct part block, FILE *out)
{
    struct part line;
    bool is_open = false;

    while (take_line(&block, &line)) {
        size_t blanks = blanks_at(line), at = line.bytes;
        struct part words = {line.begin + blanks, line.bytes - blanks};

        if (blanks >= CONTINUED && is_open) {
            put_words(words, out);
            continue;
        }
        while (at > blanks + 1 && !(line.begin[at - 1] == ' ' && line.begin[at - 2] == ' '))
            at--;
        if (at <= blanks + 1)
            at = line.bytes;
        fputs(".TP\n.B ", out);
        put_words((struct part){line.begin + blanks, at - blanks}, out);
        put_words((struct part){line.begin + at, line.bytes - at}, out);
        is_open = true;
    }
}

/* The lines before the rows, if there are any; "a short one:" is a heading. */
static struct part sentence_of(struct part block)
{
    struct part rest = block, line, sentence = {block.begin, 0};

    while (rest.bytes && *rest.begin != ' ' && take_line(&rest, &line))
        sentence.bytes = (size_t)(rest.begin - block.begin);
    return sentence;
}

static struct part heading_of(struct part block)
{
    struct part sentence = sentence_of(block);
    bool is_one = sentence.bytes > 2 && sentence.bytes < block.bytes && sentence.bytes <= HEADING_BYTES &&
                  !strncmp(sentence.begin + sentence.bytes - 2, ":\n", 2);

    return (struct part){sentence.begin, is_one ? sentence.bytes - 2 : 0};
}

/* A section's first paragraph needs no macro. */
static void put_block(struct part block, bool is_first, FILE *out)
{
    struct part sentence = sentence_of(block), heading = heading_of(block);

    if (heading.bytes) {
        fprintf(out, ".SS %c", toupper((unsigned char)*heading.begin));
        put_words((struct part){heading.begin + 1, heading.bytes - 1}, out);
    } else if (sentence.bytes) {
        fputs(is_first ? "" : ".PP\n", out);
        put_words(sentence, out);
    }
    put_rows((struct part){block.begin + sentence.bytes, block.bytes - sentence.bytes}, out);
}

/* The blocks with a heading, or those without; the first stands at a section's begin if there is none before. Returns how many. */
static int put_blocks(struct part text, bool headed, int before, FILE *out)
{
    struct part block;
    int count = before;

    while (take_block(&text, &block))
        if (headed == (heading_of(block).bytes > 0))
            put_block(block, !count++, out);
    return count;
}

/* What --help says behind the options. What has no heading of its own goes first: it would stand below another's. */
static void put_more(const struct subcommand *subcommand, const struct catalog *catalog, FILE *out)
{
    char *text;
    size_t bytes;
    FILE *memory;

    if (!subcommand->more)
        return;
    memory = open_memstream(&text, &bytes);
    subcommand->more(catalog, memory);
    fclose(memory);
    fputs(".SH NOTES\n", out);
    put_blocks(part_of(text), true, put_blocks(part_of(text), false, 0, out), out);
    free(text);
}

/* Each line below what it shows. */
static void put_examples(const struct cli_example *examples, FILE *out)
{
    fputs(".SH EXAMPLES\n", out);
    for (size_t i = 0; examples[i].line; i++) {
        fputs(".TP\n.B ", out);
        roff_put_line(examples[i].line, strlen(examples[i].line), out);
        fputc('\n', out);
        put_words(part_of(examples[i].what), out);
    }
}

static void put_names(const struct option *option, FILE *out)
{
    fputs(".TP\n.B ", out);
    if (option->letter)
        fprintf(out, "\\-%c, ", option->letter);
    fputs("\\-\\-", out);
    roff_put_line(option->name, strlen(option->name), out);
    if (option->argument) {
        fputs(" \\fI", out);
        roff_put_line(option->argument, strlen(option->argument), out);
        fputs("\\fR", out);
    } else if (option->kind == OPTION_CHOICE) {
        for (size_t i = 0; option->words[i]; i++) {
            fputs(i ? "|" : " ", out);
            roff_put_line(option->words[i], strlen(option->words[i]), out);
        }
    }
    fputc('\n', out);
}

/* What its help does not say: words, bounds, default, alias. */
static void put_facts(const struct option *option, FILE *out)
{
    if (option->kind == OPTION_CHOICE && option->argument) {
        fputs(" One of", out);
        for (size_t i = 0; option->words[i]; i++)
            fprintf(out, "%s %s", i ? "," : "", option->words[i]);
        fputc('.', out);
    }
    if (option->kind == OPTION_NUMBER && option->most)
        fprintf(out, " From %" PRIu64 " to %" PRIu64 ".", option->least, option->most);
    if (option->initial || option->shown)
        fprintf(out, " Default: %s.", option->initial ? option->initial : option->shown);
    if (option->alias)
        fprintf(out, " Also --%s, as redis.conf has it.", option->alias);
}

static void put_option(const struct option *option, FILE *out)
{
    char *text;
    size_t bytes, length = strlen(option->help);
    FILE *memory = open_memstream(&text, &bytes);

    fprintf(memory, "%s%s", option->help, length && option->help[length - 1] == '.' ? "" : ".");
    put_facts(option, memory);
    fclose(memory);
    put_names(option, out);
    put_words(part_of(text), out);
    free(text);
}

static void put_options(const struct subcommand *subcommand, FILE *out)
{
    fputs(".SH OPTIONS\n", out);
    for (size_t g = 0; g < subcommand->option_groups; g++) {
        if (subcommand->options[g].heading) {
            fputs(".SS ", out);
            put_words(part_of(subcommand->options[g].heading), out);
        }
        for (size_t i = 0; i < subcommand->options[g].count; i++)
            put_option(&subcommand->options[g].options[i], out);
    }
    if (subcommand->option_groups && subcommand->options[0].heading)
        fputs(".SS Help\n", out);
    put_option(&options_help, out);
}

static void put_exit_statuses(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < EXIT_STATUSES; i++)
        fprintf(out, ".TP\n.B %d\n%s\n", exit_statuses[i].status, exit_statuses[i].meaning);
}

static void put_page_name(const struct subcommand *subcommand, const struct catalog *catalog, FILE *out)
{
    char name[MAN_PAGE_NAME];

    man_page_name(subcommand, catalog, name);
    fputs(".BR ", out);
    roff_put_line(name, strlen(name), out);
    fputs(" (1)", out);
}

static void put_commands(const struct catalog *catalog, FILE *out)
{
    fputs(".SH COMMANDS\n", out);
    for (size_t i = 0; i < catalog->subcommand_count; i++) {
        fputs(".TP\n", out);
        put_page_name(catalog->subcommands[i], catalog, out);
        fputc('\n', out);
        put_words(part_of(catalog->subcommands[i]->summary), out);
    }
}

/* All pages but this one. */
static void put_see_also(const struct subcommand *self, const struct catalog *catalog, FILE *out)
{
    bool is_first = self == catalog->program;

    fputs(".SH SEE ALSO\n", out);
    if (!is_first)
        put_page_name(catalog->program, catalog, out);
    for (size_t i = 0; i < catalog->subcommand_count; i++) {
        if (catalog->subcommands[i] == self)
            continue;
        fputs(is_first ? "" : ",\n", out);
        put_page_name(catalog->subcommands[i], catalog, out);
        is_first = false;
    }
    fputc('\n', out);
}

/* ---- pages ---- */

char *man_page_name(const struct subcommand *subcommand, const struct catalog *catalog, char name[MAN_PAGE_NAME])
{
    bool is_program = subcommand == catalog->program;

    snprintf(name, MAN_PAGE_NAME, "%s%s%s", catalog->program->name, is_program ? "" : "-",
             is_program ? "" : subcommand->name);
    return name;
}

void man_page_put(const struct subcommand *subcommand, const struct catalog *catalog, FILE *out)
{
    char name[MAN_PAGE_NAME];

    put_title(man_page_name(subcommand, catalog, name), subcommand, catalog, out);
    put_synopsis(subcommand->usage, out);
    fputs(".SH DESCRIPTION\n", out);
    put_words(part_of(subcommand->about ? subcommand->about : subcommand->summary), out);
    if (subcommand == catalog->program)
        put_commands(catalog, out);
    else
        put_options(subcommand, out);
    put_more(subcommand, catalog, out);
    put_examples(subcommand->examples, out);
    put_exit_statuses(out);
    put_see_also(subcommand, catalog, out);
}
