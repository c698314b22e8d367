/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_svg_areas: rectangles of gnuplot's that stand side by side become one path through the same points; all else stays. */
#include "reports/svg_areas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define STEP(colour, x0, x1, base, y)                                                                                  \
    "<g stroke='none' shape-rendering='crispEdges'>\n\t\t<polygon fill = '" colour "' points = '" x0 "," base " " x1   \
    "," base " " x1 "," y " " x0 "," y " '/>\n\t</g>\n"
#define SEAM(colour, x, from, to) "\t<path stroke='" colour "'  d='M" x "," from " L" x "," to "  '/>"

static void check(const char *svg, const char *wanted)
{
    char *joined = svg_joined(svg);

    assert_string_equal(joined, wanted);
    free(joined);
}

static void steps_side_by_side_become_one_path(void **state)
{
    (void)state;
    check("<svg>" STEP("red", "1.00", "2.50", "9.00", "4.00") SEAM("red", "2.50", "5.00", "9.00")
              STEP("red", "2.50", "3.00", "9.00", "5.00") SEAM("red", "3.00", "5.00", "9.00")
                  STEP("red", "3.00", "4.00", "9.00", "5.00") "</svg>",
          "<svg><path stroke='none' fill='red' d='M1.00,9.00V4.00H2.50V5.00H4.00V9.00Z'/>\n\n</svg>");
}

static void another_colour_base_or_place_begins_another(void **state)
{
    (void)state;
    check(STEP("red", "1.00", "2.00", "9.00", "4.00") STEP("blue", "2.00", "3.00", "9.00", "4.00")
              STEP("blue", "3.00", "4.00", "8.00", "4.00") STEP("blue", "5.00", "6.00", "8.00", "4.00"),
          "<path stroke='none' fill='red' d='M1.00,9.00V4.00H2.00V9.00Z'/>\n\n"
          "<path stroke='none' fill='blue' d='M2.00,9.00V4.00H3.00V9.00Z'/>\n\n"
          "<path stroke='none' fill='blue' d='M3.00,8.00V4.00H4.00V8.00Z'/>\n\n"
          "<path stroke='none' fill='blue' d='M5.00,8.00V4.00H6.00V8.00Z'/>\n\n");
}

/* A line in another colour, or elsewhere, is one that is to be seen. */
static void lines_that_hide_no_seam_stay(void **state)
{
    (void)state;
    check(STEP("red", "1.00", "2.00", "9.00", "4.00") SEAM("blue", "2.00", "4.00", "9.00"),
          "<path stroke='none' fill='red' d='M1.00,9.00V4.00H2.00V9.00Z'/>\n\n" SEAM("blue", "2.00", "4.00", "9.00"));
    check(STEP("red", "1.00", "2.00", "9.00", "4.00") SEAM("red", "1.50", "4.00", "9.00"),
          "<path stroke='none' fill='red' d='M1.00,9.00V4.00H2.00V9.00Z'/>\n\n" SEAM("red", "1.50", "4.00", "9.00"));
}

static void what_is_no_rectangle_stays(void **state)
{
    static const char *const kept[] = {
        "",
        "<svg></svg>",
        "<g stroke='none'>",
        "<g stroke='none' shape-rendering='crispEdges'>",
        "<g stroke='none' shape-rendering='crispEdges'><polygon fill = 'red' points = '1,2 3,2 '/></g>",
        "<g stroke='none' shape-rendering='crispEdges'><polygon fill = 'red' points = '1,2 3,2 4,5 1,5 '/></g>",
        "<g stroke='none' shape-rendering='crispEdges'><polygon fill = 'red"};

    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        check(kept[i], kept[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_side_by_side_become_one_path),
        cmocka_unit_test(another_colour_base_or_place_begins_another),
        cmocka_unit_test(lines_that_hide_no_seam_stay),
        cmocka_unit_test(what_is_no_rectangle_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
