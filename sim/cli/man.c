/* SPDX-License-Identifier: GPL-3.0-or-later */
/* man: prints a man page, or writes all of them into a folder. */
#include "sim/cli/help.h"
#include "sim/cli/man_page.h"
#include "sim/cli/option_groups.h"
#include "sim/output.h"
#include "sim/output_stage.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user {
    const char *directory;
};

static const struct option man_options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "DIR",
     .values = VALUES_FOLDERS,
     .brief = "write all pages there",
     .help = "write all pages there: evsim.1, evsim-run.1 ...",
     OPTION_IN(struct user, directory)},
};
static const struct option_group man_groups[] = {{OPTIONS_OF(man_options)}};
enum { MAN_GROUPS = sizeof man_groups / sizeof *man_groups };

static int write_page(const struct subcommand *subcommand, const struct catalog *catalog, const char *directory,
                      struct error *error)
{
    struct output output;
    char name[MAN_PAGE_NAME], file[MAN_PAGE_NAME + 2];

    snprintf(file, sizeof file, "%s.1", man_page_name(subcommand, catalog, name));
    if (output_open(&output, directory, file, error))
        return -1;
    man_page_put(subcommand, catalog, output.file);
    return output_close(&output, error);
}

/* All of them together: pages of two versions are no set. */
static int write_all(const struct catalog *catalog, const char *directory, struct error *error)
{
    struct output_stage stage;
    int status;

    if (output_stage_begin(&stage, directory, error))
        return -1;
    status = write_page(catalog->program, catalog, stage.path, error);
    for (size_t i = 0; !status && i < catalog->subcommand_count; i++)
        status = write_page(catalog->subcommands[i], catalog, stage.path, error);
    return output_stage_end(&stage, "evsim.1", error);
}

static int print_one(const struct catalog *catalog, const char *name, struct error *error)
{
    const struct subcommand *subcommand = name ? subcommand_find(catalog, name, error) : catalog->program;

    if (!subcommand)
        return -1;
    man_page_put(subcommand, catalog, stdout);
    return 0;
}

static int man_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                    struct error *error)
{
    struct user user = {0};
    struct option_set set = {.groups = man_groups, .group_count = MAN_GROUPS, .target = &user};
    int status = options_parse(&set, self->name, argc, argv, error);

    options_release(&set);
    if (status)
        return -1;
    if (set.help) {
        help_print(self, catalog, &set, stdout);
        return 0;
    }
    if (set.operands > (user.directory ? 0 : 1))
        return error_set(error, ERROR_USAGE, "man prints one page, or with --output writes all of them: not '%s'",
                         argv[set.operands - 1]);
    return user.directory ? write_all(catalog, user.directory, error)
                          : print_one(catalog, set.operands ? argv[0] : NULL, error);
}

static const struct cli_example examples[] = {
    {"evsim man run", "evsim-run.1; to read it: evsim man run | man -l -"},
    {"evsim man --output pages", "all of them, as files"},
    {0},
};

const struct subcommand subcommand_man = {
    .name = "man",
    .summary = "the man page of a subcommand, made of its options",
    .usage = "evsim man [COMMAND]\nevsim man --output DIR",
    .about =
        "Prints the man page of evsim, or of one of its subcommands, in the language of man pages. make install and "
        "the Debian package put them where man finds them.",
    .examples = examples,
    .options = man_groups,
    .option_groups = MAN_GROUPS,
    .operands = VALUES_SUBCOMMANDS,
    .about_program = true,
    .run = man_main,
};
