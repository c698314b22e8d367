/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_readme_python: README's example for Python's standard library is run, as it stands there, on results in out/run. Skipped where there
 * is no python3. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void the_example_prints_a_line_for_each_cell(void **state)
{
    char *readme = realpath("README.md", NULL), *sample = realpath("tests/data/sample.csv.zst", NULL), *out;

    if (system("python3 -c 'import csv' 2>/dev/null"))
        skip();
    assert_non_null(readme);
    assert_non_null(sample);
    out = command_output_of(
        *state,
        "\"$EVSIM\" run '%s' -m 2mb,3mb -p allkeys-lru,noeviction -o out/run --figures none -q >table && "
        "sed -n '/^```python$/,/^```$/p' '%s' | sed -n '2,/^```$/p' | sed '$d' >example.py && "
        "grep -q '^import csv' example.py && python3 example.py",
        sample, readme);
    assert_string_equal(out, "allkeys-lru 2097152 68.73%\nnoeviction 2097152 62.44%\n"
                             "allkeys-lru 3145728 72.40%\nnoeviction 3145728 72.40%\n");
    free(out);
    free(sample);
    free(readme);
}

static int make_folder(void **state)
{
    *state = support_directory();
    return 0;
}

static int remove_folder(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_example_prints_a_line_for_each_cell)};

    command_init();
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
