/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_printable: text from outside, as it reaches a terminal. */
#include "sim/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text, *masked;
} cases[] = {
    {"", ""},
    {"plain text 123 ~", "plain text 123 ~"},
    {"a\nb\tc\rd", "a?b?c?d"},
    {"\x1b[31mred\x7f", "?[31mred?"},
    {"\x9b"
     "31m",
     "?31m"}, /* one byte, CSI of terminals that are not UTF-8 */
    {"\xc2\x9b"
     "31m",
     "??31m"},                                                    /* the same in UTF-8 */
    {"\xc2\x80\xc2\x9f\xc2\xa0\xc2\xa9", "????\xc2\xa0\xc2\xa9"}, /* U+0080, U+009F, U+00A0, a copyright sign */
    {"caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80 \xc3\x9b", "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80 \xc3\x9b"},
    {"\xe6\x97", "\xe6?"}, /* a character that is cut off */
    {"\xc3\x28\x80\xff", "\xc3(?\xff"},
};

static void control_bytes_are_masked_and_letters_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];

        strcpy(text, cases[i].text);
        printable(text);
        assert_string_equal(text, cases[i].masked);
        printable_copy(text, sizeof text, cases[i].text, strlen(cases[i].text));
        assert_string_equal(text, cases[i].masked);
    }
}

static void a_copy_ends_where_its_room_does(void **state)
{
    char text[4];

    (void)state;
    printable_copy(text, sizeof text, "\nabcdef", 7);
    assert_string_equal(text, "?ab");
}

/* Characters on the seams of its pieces, too. */
static void long_text_is_printed_whole(void **state)
{
    char *text = malloc(3001), *out = NULL;
    size_t bytes;

    (void)state;
    for (int shift = 0; shift < 3; shift++) {
        FILE *file = open_memstream(&out, &bytes);

        for (int i = 0; i < 3000; i++)
            text[i] = i < shift ? 'x' : "\xe6\x97\xa5"[(i - shift) % 3];
        text[3000 - (3000 - shift) % 3] = '\0';
        printable_put(text, file);
        fclose(file);
        assert_string_equal(out, text);
        free(out);
    }
    free(text);
}

static void expect_put(void (*put)(const char *text, FILE *out), const char *text, const char *expected)
{
    char *out = NULL;
    size_t bytes;
    FILE *file = open_memstream(&out, &bytes);

    put(text, file);
    fclose(file);
    assert_string_equal(out, expected);
    free(out);
}

static void in_files_they_are_escaped(void **state)
{
    (void)state;
    expect_put(printable_put_csv, "caf\xc3\xa9", "caf\xc3\xa9");
    expect_put(printable_put_csv, "a\x1b[31m", "a\\x1b[31m");
    expect_put(printable_put_csv, "a\r,\"b\"", "\"a\\x0d,\"\"b\"\"\"");
    expect_put(printable_put_csv, "\xc2\x9bm\x9b\x7f", "\\xc2\\x9bm\\x9b\\x7f");
    expect_put(printable_put_csv, "two\nlines", "\"two\nlines\"");
    expect_put(printable_put_json, "\"caf\xc3\xa9 \x7f\xc2\x9b\"", "\"caf\xc3\xa9 \\u007f\\u009b\"");
}

/* The last: it stays so. */
static void a_spreadsheet_finds_no_formula(void **state)
{
    (void)state;
    expect_put(printable_put_csv, "=1+2", "=1+2");
    printable_csv_has_no_formulas();
    expect_put(printable_put_csv, "=1+2", "'=1+2");
    expect_put(printable_put_csv, "=HYPERLINK(\"a\",1)", "\"'=HYPERLINK(\"\"a\"\",1)\"");
    expect_put(printable_put_csv, "-a", "'-a");
    expect_put(printable_put_csv, "+a", "'+a");
    expect_put(printable_put_csv, "@a", "'@a");
    expect_put(printable_put_csv, "\t=a", "\\x09=a");
    expect_put(printable_put_csv, "a=b", "a=b");
    expect_put(printable_put_csv, "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_bytes_are_masked_and_letters_are_not),
        cmocka_unit_test(a_copy_ends_where_its_room_does),
        cmocka_unit_test(long_text_is_printed_whole),
        cmocka_unit_test(in_files_they_are_escaped),
        cmocka_unit_test(a_spreadsheet_finds_no_formula),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
