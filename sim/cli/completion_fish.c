/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion_fish: the script for fish. */
#include "sim/cli/completion_shell.h"
#include "sim/cli/completion_words.h"

#include <stdio.h>
#include <stdlib.h>

static const char head[] =
    "# fish completion for evsim. Made of its option tables by: evsim completion fish\n"
    "\n"
    "# Whether the subcommand is this one; without one: whether there is none yet.\n"
    "function __evsim_is\n"
    "    set -l tokens (commandline -opc)\n"
    "    test \"$tokens[2]\" = \"$argv[1]\"\n"
    "end\n"
    "\n"
    "# KIND one|several WORD...: words of this kind, and these; of several those behind the last comma.\n"
    "function __evsim_words\n"
    "    set -l before ''\n"
    "    if test $argv[2] = several\n"
    "        set before (string match -r -g '^(?:--[^=]*=)?(.*,)' -- (commandline -ct))\n"
    "    end\n"
    "    begin\n"
    "        printf '%s\\n' $argv[3..-1]\n"
    "        switch $argv[1]\n";

static void put_quoted(const char *text, FILE *out)
{
    fputc('\'', out);
    completion_put(text, "'\\", "\\", out);
    fputc('\'', out);
}

/* A line that prints them, each with its summary. */
static void put_words(struct completion_words words, FILE *out)
{
    fputs("                printf '%s\\t%s\\n' \\\n", out);
    for (size_t i = 0; i < words.count; i++) {
        char *summary = completion_summary(words.list[i].summary ? words.list[i].summary : "");

        fputs("                    ", out);
        put_quoted(words.list[i].word, out);
        fputc(' ', out);
        put_quoted(summary, out);
        fputs(i + 1 < words.count ? " \\\n" : "\n", out);
        free(summary);
    }
    completion_words_release(&words);
}

static void put_kinds(const struct catalog *catalog, FILE *out)
{
    for (enum option_values values = VALUES_FREE; values < VALUES_KINDS; values++) {
        struct completion_words words = completion_words_of(catalog, values);

        if (!words.count)
            continue;
        fprintf(out, "            case %s\n", completion_kind(values));
        if (values == VALUES_POLICIES) {
            fputs("                if string match -qr ':[^,]*$' -- (commandline -ct)\n", out);
            put_words(completion_words_of_parameters(catalog), out);
            fputs("                else\n", out);
        }
        put_words(words, out);
        if (values == VALUES_POLICIES)
            fputs("                end\n", out);
    }
    fputs("        end\n    end | string replace -r '^' -- \"$before\"\nend\n\ncomplete -c evsim -f\n", out);
}

/* What completes a value: "-r -F" are files, "-x" nothing else. */
static void put_values(enum option_values values, bool several, struct completion_words words, FILE *out)
{
    fputs(values == VALUES_FILES ? " -r -F" : " -x", out);
    if (values == VALUES_FOLDERS)
        fputs(" -a '(__fish_complete_directories)'", out);
    else if (words.count || (values != VALUES_FREE && values != VALUES_FILES)) {
        fprintf(out, " -a '(__evsim_words %s %s", completion_kind(values), several ? "several" : "one");
        for (size_t i = 0; i < words.count; i++)
            fprintf(out, " %s", words.list[i].word);
        fputs(")'", out);
    }
    completion_words_release(&words);
}

static void put_option(const struct subcommand *subcommand, const struct option *option, const char *name, char letter,
                       FILE *out)
{
    char *summary = completion_summary(option->help);

    fprintf(out, "complete -c evsim -n '__evsim_is %s'", subcommand->name);
    if (letter)
        fprintf(out, " -s %c", letter);
    fprintf(out, " -l %s", name);
    if (completion_takes_value(option))
        put_values(option->values, completion_takes_several(option), completion_words_of_row(option), out);
    fputs(" -d ", out);
    put_quoted(summary, out);
    fputc('\n', out);
    free(summary);
}

static void put_subcommand(const struct subcommand *subcommand, FILE *out)
{
    for (size_t g = 0; g < subcommand->option_groups; g++)
        for (size_t i = 0; i < subcommand->options[g].count; i++) {
            const struct option *option = &subcommand->options[g].options[i];

            put_option(subcommand, option, option->name, option->letter, out);
            if (option->alias)
                put_option(subcommand, option, option->alias, '\0', out);
        }
    fprintf(out, "complete -c evsim -n '__evsim_is %s' -s h -l help -d 'this text'\n", subcommand->name);
    if (subcommand->operands == VALUES_FREE && !subcommand->operand_words)
        return;
    fprintf(out, "complete -c evsim -n '__evsim_is %s'", subcommand->name);
    if (subcommand->operands == VALUES_FILES || subcommand->operands == VALUES_POLICIES) /* shared objects */
        fputs(" -F", out);
    if (subcommand->operands != VALUES_FILES)
        fprintf(out, " -a '(__evsim_words %s one", completion_kind(subcommand->operands));
    for (size_t i = 0; subcommand->operand_words && subcommand->operand_words[i]; i++)
        fprintf(out, " %s", subcommand->operand_words[i]);
    fputs(subcommand->operands != VALUES_FILES ? ")'\n" : "\n", out);
}

static void write_script(const struct catalog *catalog, FILE *out)
{
    fputs(head, out);
    put_kinds(catalog, out);
    fputs("complete -c evsim -n '__evsim_is' -s h -l help -d 'the subcommands'\n"
          "complete -c evsim -n '__evsim_is' -l version -d 'the version'\n"
          "complete -c evsim -n '__evsim_is' -a '(__evsim_words subcommands one help)'\n"
          "complete -c evsim -n '__evsim_is help' -a '(__evsim_words subcommands one)'\n",
          out);
    for (size_t s = 0; s < catalog->subcommand_count; s++)
        put_subcommand(catalog->subcommands[s], out);
}

const struct completion_shell completion_fish = {.name = "fish", .write = write_script};
