/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion_zsh: the script for zsh, in the language of its _arguments. */
#include "sim/cli/completion_shell.h"
#include "sim/cli/completion_words.h"

#include <stdio.h>
#include <stdlib.h>

static const char head[] =
    "#compdef evsim\n"
    "# zsh completion for evsim. Made of its option tables by: evsim completion zsh\n"
    "\n"
    "# KIND one|several WORD...: words of this kind, and these; several have commas between them.\n"
    "_evsim_words()\n"
    "{\n"
    "    local kind=$1 several=$2\n"
    "    local -a words suffix\n"
    "    shift 2\n"
    "    words=(\"${@//:/\\\\:}\")\n"
    "    if [[ $several == several ]]; then\n"
    "        compset -P '*,'\n"
    "        suffix=(-S '')\n"
    "    fi\n"
    "    case $kind in\n"
    "    files) _files && return ;;\n"
    "    folders) _files -/ && return ;;\n";

/* Text between single quotes: what is special in it for _arguments and _describe, and the quote itself. */
static void put_quoted(const char *text, const char *special, FILE *out)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            completion_put((char[]){*text, '\0'}, special, "\\", out);
}

static void put_word(const struct completion_word *word, FILE *out)
{
    fputc('\'', out);
    put_quoted(word->word, ":\\", out);
    if (word->summary) {
        char *summary = completion_summary(word->summary);

        fputc(':', out);
        put_quoted(summary, "\\", out);
        free(summary);
    }
    fputc('\'', out);
}

/* "words+=(...)", a word a line. */
static void put_words(struct completion_words words, FILE *out)
{
    fputs("        words+=(\n", out);
    for (size_t i = 0; i < words.count; i++) {
        fputs("            ", out);
        put_word(&words.list[i], out);
        fputc('\n', out);
    }
    fputs("        )\n", out);
    completion_words_release(&words);
}

static void put_kinds(const struct catalog *catalog, FILE *out)
{
    for (enum option_values values = VALUES_FREE; values < VALUES_KINDS; values++) {
        struct completion_words words = completion_words_of(catalog, values);

        if (!words.count)
            continue;
        fprintf(out, "    %s)\n", completion_kind(values));
        if (values == VALUES_POLICIES) {
            fputs("        [[ $PREFIX != */* ]] || { _files; return } # a shared object\n"
                  "        if [[ $PREFIX == *:* ]]; then\n        suffix=(-S '') # a value follows\n",
                  out);
            put_words(completion_words_of_parameters(catalog), out);
            fputs("        else\n", out);
        }
        put_words(words, out);
        fputs(values == VALUES_POLICIES ? "        fi ;;\n" : "        ;;\n", out);
    }
    fputs("    esac\n    (( ! $#words )) || _describe -t $kind $kind words \"${suffix[@]}\"\n}\n", out);
}

/* ":what it is: what completes it" */
static void put_action(const char *message, enum option_values values, bool several, struct completion_words words,
                       FILE *out)
{
    fputc(':', out);
    put_quoted(message, ":\\", out);
    fputs(": ", out); /* nothing but the message, if nothing follows */
    if (values != VALUES_FREE || words.count)
        fprintf(out, "_evsim_words %s %s", completion_kind(values), several ? "several" : "one");
    for (size_t i = 0; i < words.count; i++) {
        fputc(' ', out);
        put_quoted(words.list[i].word, ":\\", out);
    }
    completion_words_release(&words);
}

/* A way to write the option, "-m+" or "--maxmemory="; with `repeats`, it may be given again. */
static void put_spec(const struct option *option, const char *dashes, const char *name, const char *sign, FILE *out)
{
    char *summary = completion_summary(option->help);
    bool repeats = option->kind == OPTION_CUSTOM && !option->words;

    fputs("            '", out);
    if (option->letter && !repeats)
        fprintf(out, "(-%c --%s)", option->letter, option->name);
    fprintf(out, "%s%s%s%s[", repeats ? "*" : "", dashes, name, completion_takes_value(option) ? sign : "");
    put_quoted(summary, "[]\\", out);
    fputc(']', out);
    if (completion_takes_value(option))
        put_action(option->argument ? option->argument : option->name, option->values, completion_takes_several(option),
                   completion_words_of_row(option), out);
    fputs("' \\\n", out);
    free(summary);
}

static void put_option(const struct option *option, FILE *out)
{
    if (option->letter)
        put_spec(option, "-", (char[]){option->letter, '\0'}, "+", out);
    put_spec(option, "--", option->name, "=", out);
    if (option->alias)
        put_spec(option, "--", option->alias, "=", out);
}

static void put_subcommand(const struct subcommand *subcommand, FILE *out)
{
    fprintf(out, "    %s)\n        _arguments -S \\\n", subcommand->name);
    for (size_t g = 0; g < subcommand->option_groups; g++)
        for (size_t i = 0; i < subcommand->options[g].count; i++)
            put_option(&subcommand->options[g].options[i], out);
    fputs("            '(- *)'{-h,--help}'[this text]'", out);
    if (subcommand->operands != VALUES_FREE || subcommand->operand_words) {
        fputs(" \\\n            '*", out);
        put_action(subcommand->name, subcommand->operands, false, completion_words_of_operands(subcommand), out);
        fputc('\'', out);
    }
    fputs(" ;;\n", out);
}

static void write_script(const struct catalog *catalog, FILE *out)
{
    fputs(head, out);
    put_kinds(catalog, out);
    fputs("\n_evsim()\n{\n"
          "    local curcontext=$curcontext state line\n"
          "    typeset -A opt_args\n"
          "    _arguments -C -S \\\n"
          "        '(- *)'{-h,--help}'[the subcommands]' \\\n"
          "        '(- *)--version[the version]' \\\n"
          "        '1:command: _evsim_words subcommands one help' \\\n"
          "        '*:: :->rest' && return\n"
          "    [[ $state == rest ]] || return\n"
          "    case $words[1] in\n"
          "    help)\n        _arguments '1:command: _evsim_words subcommands one' ;;\n",
          out);
    for (size_t s = 0; s < catalog->subcommand_count; s++)
        put_subcommand(catalog->subcommands[s], out);
    fputs("    esac\n}\n\n"
          "if [[ $funcstack[1] == _evsim ]]; then\n"
          "    _evsim \"$@\"\n"
          "else\n"
          "    compdef _evsim evsim\n"
          "fi\n",
          out);
}

const struct completion_shell completion_zsh = {.name = "zsh", .write = write_script};
