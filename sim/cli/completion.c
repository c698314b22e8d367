/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion: prints what completes evsim's command lines in a shell. */
#include "sim/cli/cli.h"
#include "sim/cli/completion_shell.h"
#include "sim/cli/help.h"

#include <stdlib.h>
#include <string.h>

/* One line per shell, and its name for its own completion. */
static const struct completion_shell *const shells[] = {&completion_bash, &completion_fish, &completion_zsh};
static const char *const shell_names[] = {"bash", "fish", "zsh", NULL};
enum { SHELLS = sizeof shells / sizeof *shells };

static int write_script(const struct catalog *catalog, const char *shell, struct error *error)
{
    for (size_t i = 0; i < SHELLS; i++)
        if (!strcmp(shells[i]->name, shell)) {
            shells[i]->write(catalog, stdout);
            return 0;
        }
    return error_set(error, ERROR_USAGE, "unknown shell '%s': it is one of bash, fish, zsh", shell);
}

static int completion_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                           struct error *error)
{
    struct option_set set = {0};
    int status = options_parse(&set, self->name, argc, argv, error);

    options_release(&set);
    if (status)
        return -1;
    if (set.help) {
        help_print(self, catalog, &set, stdout);
        return 0;
    }
    if (set.operands != 1)
        return error_set(error, ERROR_USAGE, "completion takes one shell: evsim completion bash, fish or zsh");
    return write_script(catalog, argv[0], error);
}

static void print_more(const struct catalog *catalog, FILE *out)
{
    (void)catalog;
    fprintf(out, "\nWhere it was not installed:\n"
                 "  bash   in ~/.bashrc: source <(evsim completion bash)\n"
                 "  fish   in ~/.config/fish/config.fish: evsim completion fish | source\n"
                 "  zsh    in ~/.zshrc, behind compinit: source <(evsim completion zsh)\n");
}

static const struct cli_example examples[] = {
    {"evsim completion bash", "the script for bash; also fish and zsh"},
    {0},
};

const struct subcommand subcommand_completion = {
    .name = "completion",
    .summary = "a script that completes command lines in bash, fish or zsh",
    .usage = "evsim completion bash|fish|zsh",
    .about =
        "Prints a script that completes evsim's command lines in this shell: subcommands, options, and the names of "
        "policies, servers, formats and presets. make install and the Debian package put it where the shell looks "
        "for it.",
    .examples = examples,
    .more = print_more,
    .operand_words = shell_names,
    .about_program = true,
    .run = completion_main,
};
