/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_html: report.html: its data are those of the other files to the last digit, nothing in it escapes from where it stands,
 * it asks for no other file, and it stays small. What scripts make of it, `make browser` looks at. */
#include "reports/figure.h"
#include "reports/html_page.h"
#include "reports/registry.h"
#include "reports/side_by_side.h"
#include "reports/writer.h"
#include "sim/alloc.h"
#include "tests/support_run.h"

#include <jansson.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SMALL = 3000000 };

/* Not inlined: gcc 12 takes the text for the address of the pointer to it, and warns. */
__attribute__((noinline)) static char *text_of_outcome(const char *report, const struct outcome *outcome)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    struct error error = {0};

    assert_int_equal(report_print(report_find(report), outcome, out, report, &error), 0);
    fclose(out);
    return text;
}

static char *text_of(const char *report, const struct run *run)
{
    const struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};

    return text_of_outcome(report, &outcome);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* What the scripts read of one run: whatever is between the tags, to the first end tag, as a browser finds it. */
static json_t *data_of_run(const char *page, size_t run)
{
    static const char begin[] = "<script type=\"application/json\" id=\"data\">";
    const char *from = strstr(page, begin), *end;
    json_error_t error;
    json_t *data, *one;

    assert_non_null(from);
    from += strlen(begin);
    end = strstr(from, "</script");
    assert_non_null(end);
    data = json_loadb(from, (size_t)(end - from), 0, &error);
    if (!data)
        fail_msg("the page's data are no JSON: line %d: %s", error.line, error.text);
    one = json_incref(json_array_get(json_object_get(data, "runs"), run));
    assert_non_null(one);
    json_decref(data);
    return one;
}

static json_t *data_of(const char *page)
{
    return data_of_run(page, 0);
}

/* ---- numbers ---- */

static void every_number_of_summary_csv_is_there(void **state)
{
    struct run run = support_day_run(3, 3, 40);
    char *page = text_of("report.html", &run), *summary = text_of("summary.csv", &run);
    json_t *data = data_of(page);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(data, "summary")), summary);
    json_decref(data);
    free(page);
    free(summary);
    run_release(&run);
}

/* The value of a column at a row, as the scripts expand it. */
static json_t *value_at(const json_t *blocks, size_t block, size_t column, size_t row)
{
    json_t *values = json_array_get(json_object_get(json_array_get(blocks, block), "columns"), column);

    if (json_is_object(values))
        return value_at(blocks, (size_t)json_integer_value(json_object_get(values, "as")), column, row);
    return json_is_array(values) ? json_array_get(values, row) : values;
}

static void assert_value(const char *name, json_t *value, const char *text)
{
    double number = strtod(text, NULL);

    if (isnan(number) ? !json_is_null(value) : !json_is_number(value) || json_number_value(value) != number)
        fail_msg("%s: a value of the data file, %s, is another in the page", name, text);
}

/* Compares with the text of a data file, line by line. Returns how many values there were. */
static size_t compare(const char *name, char *text, const json_t *blocks)
{
    size_t block = SIZE_MAX, row = 0, values = 0;

    for (char *line; (line = strsep(&text, "\n"));) {
        size_t column = 0;

        if (*line == '#')
            row = 0;
        if (*line == '#' || !*line)
            continue;
        block += row == 0;
        for (char *value; (value = strsep(&line, " ")); column++, values++)
            assert_value(name, value_at(blocks, block, column, row), value);
        row++;
        assert_true(row <= (size_t)json_integer_value(json_object_get(json_array_get(blocks, block), "rows")));
    }
    assert_int_equal(block + 1, json_array_size(blocks));
    return values;
}

static const json_t *figure_of(const json_t *data, const char *name)
{
    const json_t *figures = json_object_get(data, "figures");

    for (size_t i = 0; i < json_array_size(figures); i++) {
        const json_t *figure = json_array_get(figures, i);

        if (!strcmp(json_string_value(json_object_get(json_object_get(figure, "layout"), "name")), name))
            return figure;
    }
    return NULL;
}

/* How many series its panels name; a panel without any is one block. */
static size_t count_series(const json_t *figure)
{
    const json_t *panels = json_object_get(json_object_get(figure, "layout"), "panels");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(panels); i++) {
        const json_t *series = json_object_get(json_array_get(panels, i), "series");

        count += series ? json_array_size(series) : 1;
    }
    return count;
}

/* Of all figures of the run, in a page about it. Returns how many are drawn. */
static size_t compare_figures_of(const char *page, const struct run *run)
{
    json_t *data = data_of(page);
    size_t drawn = 0;
    struct plan plan;

    plan_init(&plan, run);
    for (size_t i = 0; i < figure_count; i++) {
        const struct figure *figure = figure_at(i);
        const json_t *shown = figure_of(data, figure->name);
        char *text = NULL, place[96];
        size_t bytes;
        FILE *out;

        snprintf(place, sizeof place, "<figure id=\"figure-%s\">", figure->name);
        assert_int_equal(count_of(page, place), shown ? 1 : 0);
        assert_int_equal(shown != NULL, !figure->kind->why_not(&plan, figure));
        if (!shown)
            continue;
        out = open_memstream(&text, &bytes);
        figure->kind->write_data(&plan, figure, out);
        fclose(out);
        assert_true(compare(figure->name, text, json_object_get(shown, "blocks")) > 0);
        assert_int_equal(count_series(shown), json_array_size(json_object_get(shown, "blocks")));
        free(text);
        drawn++;
    }
    assert_int_equal(json_array_size(json_object_get(data, "figures")), drawn);
    plan_release(&plan);
    json_decref(data);
    return drawn;
}

static size_t compare_figures(const struct run *run)
{
    char *page = text_of("report.html", run);
    size_t drawn = compare_figures_of(page, run);

    free(page);
    return drawn;
}

static void figures_have_the_numbers_of_their_data_files(void **state)
{
    struct run run = support_day_run(3, 3, 60), small = support_small_run();
    struct outcome all = support_outcome(OUTCOME_RUN, SUPPORT_MEDIUM);

    (void)state;
    assert_true(compare_figures(&run) >= 8);
    assert_true(compare_figures(&small) >= 4);
    assert_true(compare_figures(all.run) >= 12); /* with groups and shards */
    run_release(&run);
    run_release(&small);
    support_outcome_free(all);
}

static void rows_have_the_exact_numbers(void **state)
{
    struct run run = support_day_run(2, 1, 20);
    char *page = text_of("report.html", &run), value[64];

    (void)state;
    for (size_t i = 0; i < run.result_count; i++) {
        snprintf(value, sizeof value, " data-value=\"%.17g\">", result_hit_ratio(&run.results[i]));
        assert_true(count_of(page, value) > 0);
        snprintf(value, sizeof value, " data-value=\"%.17g\">", (double)run.results[i].counters.used_memory_peak);
        assert_true(count_of(page, value) > 0);
    }
    assert_int_equal(count_of(page, "<tr><th scope=\"row\" class=\"text\">"), 2 * run.result_count);
    free(page);
    run_release(&run);
}

static void bounds_stand_below_their_block(void **state)
{
    struct run run = support_small_run();
    char *page, value[96];

    (void)state;
    run.bounds = xcalloc(run.bound_count = 2, sizeof *run.bounds);
    run.bounds[0] = (struct bound){.maxmemory = 1 << 20, .reads = 12000, .hits = 9500, .read_bytes = 7, .hit_bytes = 3};
    run.bounds[1] = (struct bound){.reads = 12000, .hits = 11000, .read_bytes = 7, .hit_bytes = 6};
    page = text_of("report.html", &run);
    assert_int_equal(count_of(page, "<th scope=\"row\" class=\"text\">(at most)</th>"), 1);
    snprintf(value, sizeof value, "<td data-value=\"%.17g\">79.17\xc2\xa0%%</td><td data-value=\"9500\">9,500</td>",
             9500.0 / 12000);
    assert_non_null(strstr(page, value));
    free(page);
    run_release(&run);
}

/* ---- several runs ---- */

static char *side_by_side(const struct run *a, const struct run *b, const char *a_name, const char *b_name)
{
    const struct run *runs[] = {a, b};
    const char *names[] = {a_name, b_name};
    char *directory = support_directory(), *page;
    struct error error = {0};

    assert_int_equal(side_by_side_write(runs, names, 2, directory, &error), 0);
    page = support_read_file(directory, "report.html", NULL);
    assert_non_null(page);
    support_remove(directory);
    free(directory);
    return page;
}

/* Each run's data are those that its own page has, but for looks. */
static void assert_same_data(const char *page, size_t run, const struct run *one)
{
    char *own = text_of("report.html", one);
    json_t *apart = data_of(own), *together = data_of_run(page, run);

    assert_true(json_equal(json_object_get(apart, "summary"), json_object_get(together, "summary")));
    assert_true(json_equal(json_object_get(apart, "figures"), json_object_get(together, "figures")));
    assert_true(json_equal(json_object_get(apart, "sizes"), json_object_get(together, "sizes")));
    json_decref(apart);
    json_decref(together);
    free(own);
}

static const char *colour_of(const char *page, size_t run, const char *policy, char *colour)
{
    json_t *data = data_of_run(page, run), *policies = json_object_get(data, "policies");

    *colour = '\0';
    for (size_t i = 0; i < json_array_size(policies); i++) {
        const json_t *look = json_array_get(policies, i);

        if (!strcmp(json_string_value(json_object_get(look, "name")), policy))
            strcpy(colour, json_string_value(json_object_get(look, "colour")));
    }
    json_decref(data);
    return colour;
}

static void replace(char **text, const char *by)
{
    free(*text);
    *text = xstrdup(by);
}

static void runs_stand_side_by_side_with_their_own_data(void **state)
{
    struct run day = support_day_run(2, 2, 30), small = support_small_run();
    char *page = side_by_side(&day, &small, "out/day", "out/small");

    (void)state;
    assert_same_data(page, 0, &day);
    assert_same_data(page, 1, &small);
    assert_int_equal(count_of(page, "<figure id=\"figure-memory-1\">"), 1);
    assert_int_equal(count_of(page, "<figure id=\"figure-memory-2\">"), 1);
    /* the small run has one maxmemory */
    assert_int_equal(count_of(page, "<figure id=\"figure-hit-ratio-by-maxmemory-2\">"), 0);
    assert_non_null(strstr(page, "<strong>out/small</strong>: not drawn: there is one maxmemory"));
    free(page);
    run_release(&day);
    run_release(&small);
}

static void a_policy_looks_the_same_in_every_run(void **state)
{
    struct run a = support_small_run(), b = support_small_run();
    char *page, colours[4][16];

    (void)state;
    replace((char **)&a.results[0].policy, "sieve");
    replace((char **)&a.results[1].policy, "s3fifo");
    replace((char **)&b.results[0].policy, "s3fifo");
    replace((char **)&b.results[1].policy, "arc");
    page = side_by_side(&a, &b, "a", "b");
    assert_string_equal(colour_of(page, 0, "s3fifo", colours[0]), colour_of(page, 1, "s3fifo", colours[1]));
    assert_string_not_equal(colour_of(page, 0, "sieve", colours[2]), colour_of(page, 1, "arc", colours[3]));
    assert_string_not_equal(colours[0], colours[2]);
    free(page);
    run_release(&a);
    run_release(&b);
}

static void what_differs_between_runs_is_said(void **state)
{
    struct run a = support_small_run(), b = support_small_run();
    char *page = side_by_side(&a, &b, "a", "b");

    (void)state;
    assert_non_null(strstr(page, "Nothing: they are of one trace, with the same settings."));
    free(page);
    replace((char **)&b.settings[1].value, "<10>");
    replace((char **)&b.version, "other");
    page = side_by_side(&a, &b, "a", "b<c>");
    assert_null(strstr(page, "Nothing: they are"));
    assert_non_null(strstr(page, "<tr><th scope=\"row\">maxmemory-samples</th><td>5</td><td>&lt;10&gt;</td></tr>"));
    assert_non_null(strstr(page, "<tr><th scope=\"row\">version of evsim</th><td>test</td><td>other</td></tr>"));
    assert_int_equal(count_of(page, "<tr><th scope=\"row\">maxmemory</th><td>1mb</td><td>"), 0);
    assert_null(strstr(page, "b<c>"));
    assert_non_null(strstr(page, "hit ratio, b&lt;c&gt;"));
    free(page);
    run_release(&a);
    run_release(&b);
}

/* ---- a diagnosis ---- */

static void a_diagnosis_is_told_whole(void **state)
{
    struct diagnosis diagnosis = support_diagnosis(3, 4);
    const struct outcome outcome = {.kind = OUTCOME_DIAGNOSIS, .diagnosis = &diagnosis};
    char *page;

    (void)state;
    replace((char **)&diagnosis.verdict, "It <is> full.");
    replace((char **)&diagnosis.causes[0].evidence, "For <b>.");
    replace((char **)&diagnosis.remedies[0].command, "CONFIG SET \"x\" <y>");
    diagnosis.remedies[0].has_no_effect = false;
    page = text_of_outcome("doctor.html", &outcome);
    assert_non_null(strstr(page, "<p>It &lt;is&gt; full.</p>"));
    assert_non_null(strstr(page, "For &lt;b&gt;.</p>"));
    assert_non_null(strstr(page, "<code>CONFIG SET &quot;x&quot; &lt;y&gt;</code>"));
    for (size_t i = 0; i < diagnosis.cause_count; i++)
        assert_non_null(strstr(page, diagnosis.causes[i].name));
    for (size_t i = 0; i < diagnosis.remedy_count; i++)
        if (!diagnosis.remedies[i].has_no_effect)
            assert_non_null(strstr(page, diagnosis.remedies[i].name));
    if (diagnosis.run.result_count)
        assert_true(compare_figures_of(page, &diagnosis.run) > 0);
    free(page);
    diagnosis_release(&diagnosis);
}

/* ---- safety ---- */

#define EVIL "</script></style><img src=x onerror=alert(1)>\"'&<!--\x1b[2J\xff"

static void nothing_escapes(void **state)
{
    struct run run = support_small_run(), plain = support_small_run();
    char *page, *before = text_of("report.html", &plain);
    json_t *data;

    (void)state;
    replace((char **)&run.trace, EVIL);
    replace((char **)&run.format, EVIL);
    replace((char **)&run.command, EVIL);
    replace((char **)&run.version, EVIL);
    replace((char **)&run.on_miss_reason, EVIL);
    replace((char **)&run.settings[0].name, EVIL);
    replace((char **)&run.settings[0].value, EVIL);
    for (size_t i = 0; i < run.result_count; i++) {
        replace((char **)&run.results[i].policy, i ? EVIL : EVIL "2");
        replace((char **)&run.results[i].server, EVIL);
    }
    run.warnings = xcalloc(run.warning_count = 1, sizeof *run.warnings);
    run.warnings[0] = (struct warning){xstrdup(EVIL), xstrdup(EVIL)};
    page = text_of("report.html", &run);
    assert_null(strstr(page, "<img"));
    assert_null(strchr(page, '\x1b'));
    assert_null(strchr(page, '\xff'));
    assert_int_equal(count_of(page, "<script"), count_of(before, "<script"));
    assert_int_equal(count_of(page, "</script"), count_of(before, "</script"));
    assert_int_equal(count_of(page, "</style"), 1);
    assert_int_equal(count_of(page, "<!--"), 0);
    data = data_of(page);
    assert_non_null(
        strstr(json_string_value(json_object_get(json_array_get(json_object_get(data, "policies"), 1), "name")),
               "</script></style><img src=x onerror=alert(1)>"));
    json_decref(data);
    free(page);
    free(before);
    run_release(&run);
    run_release(&plain);
}

static void it_asks_for_no_other_file(void **state)
{
    static const char *const ways[] = {"src=",           "url(",    "@import", "fetch(",
                                       "XMLHttpRequest", "import(", "https:",  "eval("};
    struct run run = support_day_run(2, 2, 20);
    char *page = text_of("report.html", &run);

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strstr(page, ways[i]))
            fail_msg("the page has %s", ways[i]);
    assert_int_equal(count_of(page, "http:"),
                     count_of(page, "http://www.w3.org/2000/svg")); /* a name, not an address */
    assert_non_null(strstr(page, "Content-Security-Policy\" content=\"default-src 'none'"));
    assert_int_equal(count_of(page, "'sha256-"), count_of(page, "<style>") + count_of(page, "<script>"));
    free(page);
    run_release(&run);
}

/* Style and scripts stand in the page as they are in their files, so none may end its element. */
static void sources_end_no_element(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct html_source *source = html_sources; source->name; source++, count++) {
        const char *text = (const char *)source->text;
        char *file = support_read_file("reports/html", source->name, NULL);

        assert_null(strstr(text, "</"));
        assert_null(strstr(text, "<!--"));
        if (file)
            assert_string_equal(file, text);
        free(file);
    }
    assert_true(count > 1);
}

/* ---- size and structure ---- */

static void forty_cells_are_small(void **state)
{
    struct run run = support_day_run(5, 3, 250);
    char *page = text_of("report.html", &run);

    (void)state;
    assert_int_equal(run.result_count, 5 * 8 * 3);
    if (strlen(page) >= SMALL)
        fail_msg("the page of 40 cells has %zu bytes", strlen(page));
    free(page);
    run_release(&run);
}

/* Past an end tag, or a tag: the depth behind it. */
static size_t follow_tag(const char *tag, char open[][16], size_t depth)
{
    static const char *const empty[] = {"meta", "link"};
    char name[16];

    if (sscanf(tag, "</%15[a-z0-9]", name) == 1) {
        if (!depth || strcmp(open[depth - 1], name) != 0)
            fail_msg("</%s> closes <%s>", name, depth ? open[depth - 1] : "nothing");
        return depth - 1;
    }
    if (sscanf(tag, "<%15[a-z0-9]", name) != 1)
        return depth; /* <!DOCTYPE */
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        if (!strcmp(name, empty[i]))
            return depth;
    strcpy(open[depth], name);
    return depth + 1;
}

static void assert_nested(const char *page)
{
    char open[32][16];
    size_t depth = 0, tags = 0;

    for (size_t at = strcspn(page, "<"); page[at]; at += strcspn(page + at, "<"), tags++) {
        bool is_raw = !strncmp(page + at, "<script", 7) || !strncmp(page + at, "<style", 6);

        depth = follow_tag(page + at, open, depth);
        assert_true(depth < 32);
        at += is_raw ? (size_t)(strstr(page + at, "</") - (page + at)) : 1; /* what is in scripts is not of elements */
    }
    assert_int_equal(depth, 0);
    assert_true(tags > 100);
}

static void elements_are_nested(void **state)
{
    struct outcome run = support_outcome(OUTCOME_RUN, SUPPORT_MEDIUM);
    struct outcome diagnosis = support_outcome(OUTCOME_DIAGNOSIS, SUPPORT_MEDIUM);
    char *pages[] = {text_of("report.html", run.run), text_of_outcome("doctor.html", &diagnosis),
                     side_by_side(run.run, run.run, "a", "b")};

    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        assert_nested(pages[i]);
        free(pages[i]);
    }
    support_outcome_free(run);
    support_outcome_free(diagnosis);
}

static void warnings_and_settings_are_said(void **state)
{
    struct run run = support_small_run();
    char *page;

    (void)state;
    run.warnings = xcalloc(run.warning_count = 1, sizeof *run.warnings);
    run.warnings[0] = (struct warning){xstrdup("warm-start"), xstrdup("the server was warm & full")};
    page = text_of("report.html", &run);
    assert_non_null(strstr(page, "<li>the server was warm &amp; full (<code>warm-start</code>)</li>"));
    for (size_t i = 0; i < run.setting_count; i++) {
        char row[256];

        snprintf(row, sizeof row, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>", run.settings[i].name,
                 run.settings[i].value);
        assert_non_null(strstr(page, row));
    }
    free(page);
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_summary_csv_is_there),
        cmocka_unit_test(figures_have_the_numbers_of_their_data_files),
        cmocka_unit_test(rows_have_the_exact_numbers),
        cmocka_unit_test(bounds_stand_below_their_block),
        cmocka_unit_test(runs_stand_side_by_side_with_their_own_data),
        cmocka_unit_test(a_policy_looks_the_same_in_every_run),
        cmocka_unit_test(what_differs_between_runs_is_said),
        cmocka_unit_test(a_diagnosis_is_told_whole),
        cmocka_unit_test(nothing_escapes),
        cmocka_unit_test(it_asks_for_no_other_file),
        cmocka_unit_test(sources_end_no_element),
        cmocka_unit_test(forty_cells_are_small),
        cmocka_unit_test(elements_are_nested),
        cmocka_unit_test(warnings_and_settings_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
