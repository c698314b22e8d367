/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_figure_looks: what makes a printed figure readable: greys that differ, axes that say how far they go. */
#include "reports/figure.h"
#include "reports/figure_axis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- greys ---- */

/* As a printer has it, from 0 to 255 (ITU-R BT.601). */
static double grey_of(const char *colour)
{
    unsigned red, green, blue;

    assert_int_equal(sscanf(colour, "#%2x%2x%2x", &red, &green, &blue), 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/* What lies on one another: one part and the next. */
static void parts_of_a_stack_are_told_apart_in_grey(void **state)
{
    static const struct stack *const stacks[] = {&stack_misses_by_cause, &stack_memory_by_part, &stack_memory_by_group};
    (void)state;

    for (size_t i = 0; i < sizeof stacks / sizeof *stacks; i++) {
        size_t parts = stacks[i]->parts ? stacks[i]->parts : PLAN_GROUPS + 2;

        for (size_t part = 1; part < parts; part++)
            if (fabs(grey_of(stacks[i]->colours[part]) - grey_of(stacks[i]->colours[part - 1])) < 20)
                fail_msg("stack %zu: parts %zu and %zu, %s and %s, are one grey", i, part - 1, part,
                         stacks[i]->colours[part - 1], stacks[i]->colours[part]);
    }
}

/* ---- ticks ---- */

static void differences_have_a_tick_besides_0(void **state)
{
    (void)state;
    for (double size = 1e-6; size < 1e13; size *= 1.7)
        for (double other = 0; other <= 1; other += 0.25)
            for (int form = 0; form < 4; form++) {
                bool in_bytes = form & 1, is_below = form & 2;
                struct axis axis =
                    axis_differences(is_below ? -size : -size * other, is_below ? size * other : size, in_bytes, 2.2);

                if (in_bytes && size < 1) /* no difference is less than a byte */
                    continue;
                if (floor(axis.high / axis.step) < 1 && floor(-axis.low / axis.step) < 1)
                    fail_msg("from %g to %g: the step is %g", axis.low, axis.high, axis.step);
                assert_true((axis.high - axis.low) / axis.step < 7);
            }
}

/* The names of the ticks of a panel, from 1, with commas. To be freed. */
static char *names_of(char *script, size_t panel)
{
    char *ticks = script, *names, *end;

    for (size_t i = 0; i < panel; i++) {
        ticks = strstr(ticks + 1, "set xtics ('");
        assert_non_null(ticks);
    }
    end = strchr(ticks, '\n');
    names = calloc(1, (size_t)(end - ticks));
    for (char *name = strchr(ticks, '\''); name && name < end; name = strchr(name, '\'')) {
        size_t length = strcspn(++name, "'");

        if (length)
            sprintf(names + strlen(names), "%s%.*s", *names ? "," : "", (int)length, name);
        name += length + 1;
    }
    return names;
}

/* The axes of sizes in a row of panels. To be freed. */
static char *draw_sizes(size_t panels, const uint64_t *sizes, size_t count)
{
    static const char *const titles[] = {"a", "b", "c"}, *const names[] = {"lru"};
    const struct sheet sheet = {.name = "x",
                                .comment = "x",
                                .y_name = "",
                                .x_name = "",
                                .panels = panels,
                                .titles = titles,
                                .legend = {.names = names, .entries = 1}};
    const struct figure_frame frame = {.source = ""};
    char *script = NULL;
    size_t bytes;
    FILE *out = open_memstream(&script, &bytes);
    struct page page = page_begin(out, &sheet, &frame);

    for (size_t i = 0; i < panels; i++) {
        page_panel(&page, i);
        page_size_axis(&page, sizes, count, true, tick_maxmemory);
    }
    page_end(&page);
    fclose(out);
    return script;
}

static void an_axis_of_sizes_names_its_end(void **state)
{
    static const struct {
        size_t panels, count;
        uint64_t sizes[8];
        const char *first, *second; /* of the first panel and the last */
    } cases[] = {
        /* the name of the last before that of the one beside it, for which there is no room */
        {1, 6, {1126400, 1433600, 1740800, 2048000, 2355200, 2662400}, "1100kb,1400kb,1700kb,2000kb,2600kb", NULL},
        /* the first panel of a row has room at its left, below its numbers */
        {2, 3, {1572864, 2097152, 3145728}, "1536kb,2mb,3mb", "2mb,3mb"},
        {2, 2, {1433600, 2097152}, "1400kb,2mb", "1400kb,2mb"},
        {1, 3, {1048576, 2097152, 0}, "1mb,2mb,no limit", NULL},
        /* "no limit" is never left out, a size before it is */
        {2, 5, {1048576, 1070000, 1090000, 1100000, 0}, "1mb,no limit", "1mb,no limit"},
        {1, 1, {2097152}, "2mb", NULL},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *script = draw_sizes(cases[i].panels, cases[i].sizes, cases[i].count), *names = names_of(script, 1);

        assert_string_equal(names, cases[i].first);
        free(names);
        if (cases[i].second) {
            names = names_of(script, cases[i].panels);
            assert_string_equal(names, cases[i].second);
            free(names);
        }
        free(script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_stack_are_told_apart_in_grey),
        cmocka_unit_test(differences_have_a_tick_besides_0),
        cmocka_unit_test(an_axis_of_sizes_names_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
