/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion_words: what may stand next on a command line, as words, for any shell: from the option tables and the registries. */
#ifndef SIM_CLI_COMPLETION_WORDS_H
#define SIM_CLI_COMPLETION_WORDS_H

#include "sim/cli/cli.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct completion_word {
    char *word;
    const char *summary; /* NULL: none */
};

struct completion_words {
    struct completion_word *list;
    size_t count;
};

/* Those that the registry of this kind has; none of files and folders, nor where there is no registry. */
struct completion_words completion_words_of(const struct catalog *catalog, enum option_values values);
/* Those besides that the option's row has: a choice's words, a word that stands for 0. */
struct completion_words completion_words_of_row(const struct option *option);
/* Likewise of a subcommand's arguments that are no options. */
struct completion_words completion_words_of_operands(const struct subcommand *subcommand);
/* "s3fifo:small=", of every parameter of every policy. */
struct completion_words completion_words_of_parameters(const struct catalog *catalog);
void completion_words_release(struct completion_words *words);

/* What scripts call the kind: "policies". */
const char *completion_kind(enum option_values values);

bool completion_takes_value(const struct option *option);
/* Whether its value may be several words, with commas between them. */
bool completion_takes_several(const struct option *option);

/* What a shell shows beside a word: the text to its first semicolon, or as many words of it as fit into a line. To be freed. */
char *completion_summary(const char *text);

/* Writes the text; `escape` stands before each character of `special`. */
void completion_put(const char *text, const char *special, const char *escape, FILE *out);

#endif
