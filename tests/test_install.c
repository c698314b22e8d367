/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_install: make install puts there what works there, and make uninstall takes it away, and nothing else. */
#include "sim/cli/registry.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run(const char *folder, const char *line)
{
    free(command_output_of(".", "to='%s' && %s", folder, line));
}

static int make_folder(void **state)
{
    char *folder = support_directory();

    run(folder, "mkdir -p \"$to/usr/bin\" \"$to/usr/share/man/man1\" && touch \"$to/usr/bin/other\" "
                "\"$to/usr/share/man/man1/evsim-other.1\" && make -s install DESTDIR=\"$to\" PREFIX=/usr");
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

static void there_is_a_page_for_each_subcommand(void **state)
{
    char *count = command_output_of(*state, "ls usr/share/man/man1/evsim*.1 | grep -cv other");

    assert_int_equal(atoi(count), subcommand_count + 1);
    free(count);
    for (size_t s = 0; s < subcommand_count; s++)
        free(command_output_of(*state, "usr/bin/evsim man %s | cmp - usr/share/man/man1/evsim-%s.1",
                               subcommands[s]->name, subcommands[s]->name));
}

static void the_installed_sample_runs(void **state)
{
    char *out =
        command_output_of(*state, "usr/bin/evsim run usr/share/doc/evsim/examples/sample.csv.zst -m 2mb --json");

    assert_non_null(strstr(out, "allkeys-lru"));
    free(out);
}

static void each_shell_gets_its_script(void **state)
{
    free(
        command_output_of(*state, "usr/bin/evsim completion bash | cmp - usr/share/bash-completion/completions/evsim"));
    free(command_output_of(*state,
                           "usr/bin/evsim completion fish | cmp - usr/share/fish/vendor_completions.d/evsim.fish"));
    free(command_output_of(*state, "usr/bin/evsim completion zsh | cmp - usr/share/zsh/site-functions/_evsim"));
}

/* The last one. */
static void nothing_is_left(void **state)
{
    char *left;

    run(*state, "make -s uninstall DESTDIR=\"$to\" PREFIX=/usr");
    left = command_output_of(*state, "find . ! -type d -o -name '*evsim*' | LC_ALL=C sort");
    assert_string_equal(left, "./usr/bin/other\n./usr/share/man/man1/evsim-other.1\n");
    free(left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_a_page_for_each_subcommand),
        cmocka_unit_test(the_installed_sample_runs),
        cmocka_unit_test(each_shell_gets_its_script),
        cmocka_unit_test(nothing_is_left),
    };

    command_init();
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
