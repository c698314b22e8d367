/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion_bash: the script for bash. It needs nothing of the package bash-completion.
 *
 * Bash breaks words at ':', '=' and '@', too, which stand inside of names here (twitter:cluster52, --policy=lru,sieve): the script
 * looks at the line instead, and leaves out of its answers what stands before the last break, as bash replaces only what is
 * behind it. */
#include "sim/cli/completion_shell.h"
#include "sim/cli/completion_words.h"

#include <stdio.h>

static const char head[] = "# bash completion for evsim. Made of its option tables by: evsim completion bash\n"
                           "\n"
                           "# Adds those of the words that begin with what was typed, in any case. Of a list "
                           "($several): behind its last comma,\n"
                           "# without what it has already.\n"
                           "_evsim_reply()\n"
                           "{\n"
                           "    local before= item=$value word\n"
                           "    if [[ $several && $value == *,* ]]; then\n"
                           "        before=${value%,*},\n"
                           "        item=${value##*,}\n"
                           "    fi\n"
                           "    for word in $1; do\n"
                           "        [[ ${word,,} == \"${item,,}\"* && ,$before != *,\"$word\",* ]] || continue\n"
                           "        word=$prefix$before$word\n"
                           "        COMPREPLY+=(\"${word:${#cut}}\")\n"
                           "    done\n"
                           "    [[ ! $several && ! $open ]] || compopt -o nospace 2>/dev/null\n"
                           "}\n"
                           "\n"
                           "# What $kind and $words say that the value may be.\n"
                           "_evsim_value()\n"
                           "{\n"
                           "    local open=\n"
                           "    case $kind in\n"
                           "    files) compopt -o default 2>/dev/null ;;\n"
                           "    folders) compopt -o dirnames 2>/dev/null ;;\n";

static const char tail[] = "\n"
                           "_evsim()\n"
                           "{\n"
                           "    local line=${COMP_LINE:0:COMP_POINT} whole cut= prefix= value tokens last breaks= c\n"
                           "    local command= option= options= kind= words= several= takes=\n"
                           "    COMPREPLY=()\n"
                           "    whole=${line##*[[:blank:]]}\n"
                           "    read -ra tokens <<< \"${line%\"$whole\"}\"\n"
                           "    for c in : = @; do\n"
                           "        [[ $COMP_WORDBREAKS != *$c* ]] || breaks+=$c\n"
                           "    done\n"
                           "    [[ ! $breaks ]] || cut=${whole%\"${whole##*[$breaks]}\"}\n"
                           "    value=$whole\n"
                           "    if (( ${#tokens[@]} < 2 )); then\n"
                           "        _evsim_reply \"$_evsim_commands\"\n"
                           "        return\n"
                           "    fi\n"
                           "    command=${tokens[1]}\n"
                           "    last=${tokens[${#tokens[@]} - 1]}\n"
                           "    if [[ $whole == --*=* ]]; then\n"
                           "        option=${whole%%=*}\n"
                           "        prefix=$option=\n"
                           "        value=${whole#*=}\n"
                           "    elif [[ $last == -* ]]; then\n"
                           "        option=$last\n"
                           "    fi\n"
                           "    _evsim_option\n"
                           "    if [[ $takes ]]; then\n"
                           "        _evsim_value\n"
                           "    elif [[ $whole == -* ]]; then\n"
                           "        value=$whole prefix= several=\n"
                           "        _evsim_reply \"$options\"\n"
                           "    else\n"
                           "        option= value=$whole prefix=\n"
                           "        _evsim_operand\n"
                           "        _evsim_value\n"
                           "    fi\n"
                           "}\n"
                           "\n"
                           "complete -F _evsim evsim\n";

/* 'lru sieve' */
static void put_words(struct completion_words words, FILE *out)
{
    for (size_t i = 0; i < words.count; i++) {
        fputs(i ? " " : "", out);
        completion_put(words.list[i].word, "'", "'\\'", out);
    }
    completion_words_release(&words);
}

static void put_kinds(const struct catalog *catalog, FILE *out)
{
    for (enum option_values values = VALUES_FREE; values < VALUES_KINDS; values++) {
        struct completion_words words = completion_words_of(catalog, values);

        if (!words.count)
            continue;
        fprintf(out, "    %s) ", completion_kind(values));
        if (values == VALUES_POLICIES) {
            fputs("\n        if [[ ${value##*,} == */* ]]; then\n"
                  "            compopt -o default 2>/dev/null # a shared object\n"
                  "            return\n"
                  "        elif [[ ${value##*,} == *:* ]]; then\n"
                  "            open=yes\n"
                  "            _evsim_reply '",
                  out);
            put_words(completion_words_of_parameters(catalog), out);
            fputs("'\n            return\n        fi\n        ", out);
        }
        fputs("words+=' ", out);
        put_words(words, out);
        fputs("' ;;\n", out);
    }
    fputs("    esac\n    _evsim_reply \"$words\"\n}\n", out);
}

static void put_names(const struct option *option, const char *between, FILE *out)
{
    if (option->letter)
        fprintf(out, "-%c%s", option->letter, between);
    fprintf(out, "--%s", option->name);
    if (option->alias)
        fprintf(out, "%s--%s", between, option->alias);
}

static void put_value(const struct option *option, FILE *out)
{
    fputs("        ", out);
    put_names(option, "|", out);
    fprintf(out, ") takes=yes kind=%s words='", completion_kind(option->values));
    put_words(completion_words_of_row(option), out);
    fprintf(out, "'%s ;;\n", completion_takes_several(option) ? " several=yes" : "");
}

static void put_subcommand(const struct subcommand *subcommand, FILE *out)
{
    fprintf(out, "    %s)\n        options='", subcommand->name);
    for (size_t g = 0; g < subcommand->option_groups; g++)
        for (size_t i = 0; i < subcommand->options[g].count; i++) {
            put_names(&subcommand->options[g].options[i], " ", out);
            fputc(' ', out);
        }
    fputs("-h --help'\n        case $option in\n", out);
    for (size_t g = 0; g < subcommand->option_groups; g++)
        for (size_t i = 0; i < subcommand->options[g].count; i++)
            if (completion_takes_value(&subcommand->options[g].options[i]))
                put_value(&subcommand->options[g].options[i], out);
    fputs("        esac ;;\n", out);
}

static void put_operands(const struct catalog *catalog, FILE *out)
{
    fputs("\n# What an argument of $command that is no option may be.\n"
          "_evsim_operand()\n{\n    case $command in\n    help) kind=subcommands ;;\n",
          out);
    for (size_t s = 0; s < catalog->subcommand_count; s++) {
        fprintf(out, "    %s) kind=%s words='", catalog->subcommands[s]->name,
                completion_kind(catalog->subcommands[s]->operands));
        put_words(completion_words_of_operands(catalog->subcommands[s]), out);
        fputs("' ;;\n", out);
    }
    fputs("    esac\n}\n", out);
}

static void write_script(const struct catalog *catalog, FILE *out)
{
    fputs(head, out);
    put_kinds(catalog, out);
    put_operands(catalog, out);
    fputs("\n# The options of $command; and, if $option takes a value, what it may be.\n_evsim_option()\n{\n"
          "    case $command in\n",
          out);
    for (size_t s = 0; s < catalog->subcommand_count; s++)
        put_subcommand(catalog->subcommands[s], out);
    fputs("    esac\n}\n\n_evsim_commands='", out);
    put_words(completion_words_of(catalog, VALUES_SUBCOMMANDS), out);
    fputs(" help -h --help --version'\n", out);
    fputs(tail, out);
}

const struct completion_shell completion_bash = {.name = "bash", .write = write_script};
