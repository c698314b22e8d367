/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_figures_drawn: what can be read off a picture is what was found. Figures of every subcommand are drawn; their SVGs are read back,
 * point by point and line by line, and compared with what gnuplot was told, to the last digit that a coordinate has; their data are
 * compared with summary.csv and the other tables that are written beside them, to the last digit of these. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- a figure, read back ---- */

/* A panel's place in the picture and its axes. */
struct drawn_panel {
    double left, right, top, bottom; /* 0 to 1, of the screen; from below */
    double low[2], high[2];          /* of x and y */
    bool is_log[2];
};

/* An element of a plot, as the script has it, and where gnuplot says that it draws it. */
struct drawn_element {
    struct drawn_panel panel;
    char style[24];
    size_t block, count;
    double (*values)[6];
    bool *is_there;
};

struct drawn_figure {
    char *script, *picture, *told;
    double width, height;
    struct drawn_element elements[3000];
    size_t count;
};

enum { X, Y };

static char *read_file(const char *directory, const char *name, const char *suffix)
{
    char file[300], *text;

    snprintf(file, sizeof file, "%.250s%s", name, suffix);
    text = support_read_file(directory, file, NULL);
    if (!text)
        fail_msg("there is no %s/%s", directory, file);
    return text;
}

static void read_axis(struct drawn_panel *panel, const char *line, int axis)
{
    char name = axis == X ? 'x' : 'y', range[20], logarithm[20];

    snprintf(range, sizeof range, "set %crange [", name);
    snprintf(logarithm, sizeof logarithm, "set logscale %c", name);
    if (!strncmp(line, range, strlen(range)))
        assert_int_equal(sscanf(line + strlen(range), "%lf:%lf", &panel->low[axis], &panel->high[axis]), 2);
    if (!strncmp(line, logarithm, strlen(logarithm)))
        panel->is_log[axis] = true;
}

static void read_script(struct drawn_figure *figure)
{
    struct drawn_panel panel = {0};
    char *copy = xstrdup(figure->script), *rest = copy, *line;

    while ((line = strsep(&rest, "\n"))) {
        struct drawn_element *element = &figure->elements[figure->count];
        const char *with = strstr(line, " with ");

        if (strstr(line, "set terminal svg"))
            assert_int_equal(sscanf(strstr(line, "size ") + 5, "%lf,%lf", &figure->width, &figure->height), 2);
        sscanf(line, "set lmargin at screen %lf", &panel.left);
        sscanf(line, "set rmargin at screen %lf", &panel.right);
        sscanf(line, "set tmargin at screen %lf", &panel.top);
        sscanf(line, "set bmargin at screen %lf", &panel.bottom);
        read_axis(&panel, line, X);
        read_axis(&panel, line, Y);
        if (!with || (strncmp(line, "plot data ", 10) != 0 && strncmp(line, "     data ", 10) != 0))
            continue;
        assert_true(++figure->count < 3000);
        element->panel = panel;
        sscanf(line + 5, "data index %zu", &element->block);
        assert_int_equal(sscanf(with, " with %23s", element->style), 1);
    }
    free(copy);
}

/* "6291456 31.6  i", "NaN 64.2  u": the letter says whether it is drawn. */
static void read_told(struct drawn_figure *figure)
{
    struct drawn_element *element = NULL;
    char *rest = figure->told, *line;
    size_t next = 0, room = 0;

    while ((line = strsep(&rest, "\n"))) {
        size_t length = strlen(line);

        if (!strncmp(line, "# Curve", 7)) {
            element = next < figure->count ? &figure->elements[next++] : NULL;
            room = 0;
        }
        if (!element || !length || *line == '#')
            continue;
        if (element->count == room) {
            room = room ? 2 * room : 64;
            element->values = xrealloc(element->values, room * sizeof *element->values);
            element->is_there = xrealloc(element->is_there, room * sizeof *element->is_there);
        }
        for (int i = 0; i < 6; i++)
            element->values[element->count][i] = strtod(line, &line);
        element->is_there[element->count] = strchr(line, 'i') && isfinite(element->values[element->count][X]) &&
                                            isfinite(element->values[element->count][Y]);
        element->count++;
    }
    assert_int_equal(next, figure->count);
}

static struct drawn_figure *read_figure(const char *directory, const char *name)
{
    struct drawn_figure *figure = xcalloc(1, sizeof *figure);

    free(
        command_output_of(directory,
                          "sed -e \"s/in 'svg png '/in 'svg'/\" "
                          "-e \"s/^set multiplot/set table 'told.table'; set format '%%.17g'/\" "
                          "-e 's/^unset multiplot/unset table/' %s.gp >told && gnuplot -d -e \"prefix = 'told-'\" told",
                          name));
    figure->script = read_file(directory, name, ".gp");
    figure->picture = read_file(directory, name, ".svg");
    figure->told = read_file(directory, "told", ".table");
    read_script(figure);
    read_told(figure);
    return figure;
}

static void free_figure(struct drawn_figure *figure)
{
    for (size_t i = 0; i < figure->count; i++) {
        free(figure->elements[i].values);
        free(figure->elements[i].is_there);
    }
    free(figure->script);
    free(figure->picture);
    free(figure->told);
    free(figure);
}

/* ---- coordinates ---- */

/* Where a value is in the picture. */
static double pixel_of(const struct drawn_figure *figure, const struct drawn_panel *panel, int axis, double value)
{
    double from = axis == X ? panel->left * figure->width : (1 - panel->bottom) * figure->height;
    double to = axis == X ? panel->right * figure->width : (1 - panel->top) * figure->height;
    double low = panel->low[axis], high = panel->high[axis];
    double share = panel->is_log[axis] ? log(value / low) / log(high / low) : (value - low) / (high - low);

    return from + (to - from) * share;
}

/* The last digit of a coordinate is a hundredth of a pixel: one for its own rounding, and one for that of each edge of the panel. */
static const double last_digits = 0.03;

/* Points that are drawn: of markers their middles, of paths their corners. */
struct points {
    double (*at)[2];
    size_t count;
};

static void add_point(struct points *points, double x, double y)
{
    points->at = xrealloc(points->at, (points->count + 1) * sizeof *points->at);
    points->at[points->count][X] = x;
    points->at[points->count++][Y] = y;
}

/* The element's part of the picture: up to the end of its group, which of areas has groups in it: these go on up to the next element. */
static const char *next_group(const char *at, bool is_marker, const char **end)
{
    static const char begin[] = "<g id=\"gnuplot_plot_";

    at = strstr(at, begin);
    assert_non_null(at);
    *end = strstr(at + 1, is_marker ? "\n\t</g>" : begin);
    if (!*end)
        *end = at + strlen(at);
    return at;
}

static struct points read_markers(const char *from, const char *end)
{
    struct points points = {0};

    for (const char *at = from; (at = strstr(at, "transform='translate(")) != NULL && at < end; at++) {
        double x, y;

        assert_int_equal(sscanf(at, "transform='translate(%lf,%lf)", &x, &y), 2);
        add_point(&points, x, y);
    }
    return points;
}

static struct points read_paths(const char *from, const char *end)
{
    struct points points = {0};

    double x = NAN, y = NAN;

    for (const char *at = from; at < end && (at = strpbrk(at, "MLHV")) != NULL && at < end; at++) {
        double next_x, next_y;

        if (strchr("ML", *at) && sscanf(at + 1, "%lf,%lf", &next_x, &next_y) == 2)
            x = next_x, y = next_y;
        else if (!strchr("HV", *at) || sscanf(at + 1, "%lf", *at == 'H' ? &x : &y) != 1)
            continue;
        if (*at == 'M')
            add_point(&points, NAN, NAN); /* no line leads there */
        add_point(&points, x, y);
    }
    for (const char *at = from; (at = strstr(at, "points = '")) != NULL && at < end; at++) {
        const char *pair = at + 10;
        int used;

        for (; sscanf(pair, "%lf,%lf%n", &x, &y, &used) == 2; pair += used)
            add_point(&points, x, y);
    }
    return points;
}

static bool is_said(const struct drawn_figure *figure, const struct drawn_panel *panel, const struct points *points,
                    double x, double y)
{
    double at_x = pixel_of(figure, panel, X, x), at_y = pixel_of(figure, panel, Y, y);

    for (size_t i = 0; i < points->count; i++)
        if ((isnan(x) || fabs(points->at[i][X] - at_x) <= last_digits) && fabs(points->at[i][Y] - at_y) <= last_digits)
            return true;
    return false;
}

/* Of an area, whose steps of one height are one line: whether a level line goes through it. */
static bool is_on_a_line(const struct drawn_figure *figure, const struct drawn_panel *panel,
                         const struct points *points, double x, double y)
{
    double at_x = pixel_of(figure, panel, X, x), at_y = pixel_of(figure, panel, Y, y);

    for (size_t i = 1; i < points->count; i++)
        if (fabs(points->at[i - 1][Y] - at_y) <= last_digits && fabs(points->at[i][Y] - at_y) <= last_digits &&
            points->at[i - 1][X] <= at_x + last_digits && points->at[i][X] >= at_x - last_digits)
            return true;
    return false;
}

/* The corner of what is drawn of a row: where bars stand side by side, its height alone. */
static void corner_of(const struct drawn_element *element, size_t row, double *x, double *y)
{
    const double *values = element->values[row];
    bool is_box = !strcmp(element->style, "boxxyerror");

    *x = is_box ? values[2] : strcmp(element->style, "boxes") ? values[X] : (double)NAN;
    *y = is_box ? values[4] : values[Y];
}

static bool is_within(const struct drawn_panel *panel, int axis, double value)
{
    double low = fmin(panel->low[axis], panel->high[axis]), high = fmax(panel->low[axis], panel->high[axis]);

    return isnan(value) || (value >= low && value <= high);
}

/* Everything that gnuplot was told to draw is there, at its values; and every marker is of something that it was told. Returns how many
 * values were compared. */
static size_t compare_picture(const char *directory, const char *name)
{
    struct drawn_figure *figure = read_figure(directory, name);
    const char *at = figure->picture, *end;
    size_t compared = 0;

    assert_true(figure->count > 0);
    for (size_t e = 0; e < figure->count; e++) {
        const struct drawn_element *element = &figure->elements[e];
        bool is_marker = !strcmp(element->style, "points");
        struct points points;
        size_t there = 0;

        at = next_group(at, is_marker, &end);
        points = is_marker || !strcmp(element->style, "xerrorbars") ? read_markers(at, end) : read_paths(at, end);
        for (size_t i = 0; i < element->count && strcmp(element->style, "labels") != 0; i++) {
            double x, y;

            corner_of(element, i, &x, &y);
            if (!strcmp(element->style, "fillsteps") && i + 1 < element->count && element->values[i + 1][X] == x)
                continue; /* an area of no width */
            if (!strcmp(element->style, "vectors") && element->values[i][2] == 0 && element->values[i][3] == 0)
                continue; /* an interval of no length */
            if (!element->is_there[i] || !is_within(&element->panel, X, x) || !is_within(&element->panel, Y, y))
                continue;
            there++;
            if (!is_said(figure, &element->panel, &points, x, y) &&
                (strcmp(element->style, "fillsteps") != 0 || !is_on_a_line(figure, &element->panel, &points, x, y)))
                fail_msg("%s: element %zu (%s) does not draw row %zu at %.17g %.17g", name, e, element->style, i, x, y);
        }
        if (is_marker && points.count != there)
            fail_msg("%s: element %zu has %zu markers of %zu values", name, e, points.count, there);
        compared += there;
        free(points.at);
        at = end;
    }
    free_figure(figure);
    return compared;
}

/* ---- tables ---- */

/* The value in a column of the line of a CSV file that has these texts in other columns. The column's name may end the search: NULL. */
static char *field_of(const char *line, size_t column)
{
    static char field[300];

    for (; column; column--)
        line = strchr(line, ',') + 1;
    snprintf(field, sizeof field, "%.*s", (int)strcspn(line, ",\n"), line);
    return field;
}

/* The text up to a blank. */
static const char *field_of_blanks(const char *line)
{
    static char field[100];

    snprintf(field, sizeof field, "%.*s", (int)strcspn(line, " \n"), line);
    return field;
}

static size_t column_of(const char *csv, const char *name)
{
    size_t length = strlen(name), column = 0;

    for (const char *at = csv; *at && *at != '\n'; column++) {
        size_t here = strcspn(at, ",\n");

        if (here == length && !strncmp(at, name, length))
            return column;
        at += here + (at[here] == ',');
    }
    fail_msg("there is no column %s", name);
    return 0;
}

struct where {
    const char *column, *text;
};

static double csv_value(const char *csv, const struct where *where, size_t count, const char *column)
{
    for (const char *line = strchr(csv, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
        size_t met = 0;

        for (size_t i = 0; i < count; i++)
            met += !strcmp(field_of(line, column_of(csv, where[i].column)), where[i].text);
        if (met == count) {
            const char *text = field_of(line, column_of(csv, column));

            return *text ? strtod(text, NULL) : (double)NAN;
        }
    }
    fail_msg("no line has %s %s", where[0].column, where[0].text);
    return NAN;
}

static void assert_equal(double a, double b, const char *what)
{
    if (a != b && !(isnan(a) && isnan(b)))
        fail_msg("%s: %.17g is not %.17g", what, a, b);
}

/* Each row of each block, which is titled "# redis-7.0.15 allkeys-lru ...": of a figure by maxmemory, against summary.csv. */
static size_t compare_by_maxmemory(const char *data, const char *csv, const char *column)
{
    char server[100] = "", policy[100] = "", *copy = xstrdup(data), *rest = copy, *line;
    size_t compared = 0;

    while ((line = strsep(&rest, "\n"))) {
        char maxmemory[40];
        double value;

        if (*line == '#' && strncmp(line, "# maxmemory_bytes", 17) != 0)
            assert_int_equal(sscanf(line, "# %99s %99s", server, policy), 2);
        if (sscanf(line, "%39[0-9] %lf", maxmemory, &value) != 2)
            continue;
        assert_equal(value,
                     csv_value(csv, (struct where[]){{"server", server}, {"policy", policy}, {"maxmemory", maxmemory}},
                               3, column),
                     column);
        compared++;
    }
    free(copy);
    return compared;
}

/* Where the markers of a block's element stand in the picture: at the maxmemory and the ratio of summary.csv, in percent. Returns how many. */
static size_t compare_block(const struct drawn_figure *figure, const struct drawn_element *element,
                            const struct points *markers, const char *block, const char *csv, const char *column)
{
    char server[100], policy[100];
    size_t compared = 0;

    assert_int_equal(sscanf(block, "# %99s %99s", server, policy), 2);
    for (const char *line = strchr(block, '\n') + 1; *line && *line != '\n'; line = strchr(line, '\n') + 1) {
        const struct where where[] = {{"server", server}, {"policy", policy}, {"maxmemory", field_of_blanks(line)}};
        double ratio;

        if (*line == '#' || strtod(line, NULL) == 0) /* without a limit it has a place beside the axis */
            continue;
        ratio = csv_value(csv, where, 3, column);
        if (!is_said(figure, &element->panel, markers, strtod(line, NULL), 100 * ratio))
            fail_msg("%s %s %s: no marker says %.17g", server, policy, where[2].text, ratio);
        compared++;
    }
    return compared;
}

/* From summary.csv to the coordinates of the picture, with nothing but the block's names in between. */
static size_t compare_markers(const char *directory, const char *name, const char *csv, const char *column)
{
    struct drawn_figure *figure = read_figure(directory, name);
    char *data = read_file(directory, name, ".dat");
    const char *at = figure->picture, *end;
    size_t compared = 0;

    for (size_t e = 0; e < figure->count; e++) {
        const struct drawn_element *element = &figure->elements[e];
        bool is_marker = !strcmp(element->style, "points");
        const char *block = data;
        struct points markers;

        at = next_group(at, is_marker, &end);
        for (size_t i = 0; i < element->block; i++)
            block = strstr(block, "\n\n\n") + 3;
        markers = read_markers(at, end);
        if (is_marker)
            compared += compare_block(figure, element, &markers, block, csv, column);
        free(markers.at);
        at = end;
    }
    free(data);
    free_figure(figure);
    return compared;
}

/* Rows "time value ..." of a figure over time, against curves.csv, line by line: both are in the order of the cells. */
static size_t compare_over_time(const char *data, const char *csv, const char *column)
{
    const char *line = strchr(csv, '\n') + 1;
    char *copy = xstrdup(data), *rest = copy, *row;
    size_t compared = 0;

    while ((row = strsep(&rest, "\n"))) {
        double time, value;

        if (sscanf(row, "%lf %lf", &time, &value) != 2)
            continue;
        assert_true(*line);
        assert_equal(time, strtod(field_of(line, column_of(csv, "time_s")), NULL), "time");
        assert_equal(value, strtod(field_of(line, column_of(csv, column)), NULL), column);
        line = strchr(line, '\n') + 1;
        compared++;
    }
    assert_int_equal(*line, '\0');
    free(copy);
    return compared;
}

/* ---- the tests ---- */

/* Every figure in the folder. */
static size_t compare_pictures(const char *directory)
{
    DIR *folder = opendir(directory);
    const struct dirent *entry;
    size_t figures = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        const char *suffix = strrchr(entry->d_name, '.');
        char name[300];

        if (!suffix || strcmp(suffix, ".gp") != 0 || *entry->d_name == '.')
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(suffix - entry->d_name), entry->d_name);
        assert_true(compare_picture(directory, name) > 0);
        figures++;
    }
    closedir(folder);
    return figures;
}

static const char *const commands[] = {
    "run -s redis-7.0.15 -m 1200kb,2mb,0 --by prefix --interval 3m",
    "run -s redis-7.0.15,valkey-8.1 -p lru,fifo,random -m 1mb,2mb --seeds 2 --rss --warmup 30m --interval 3m",
    "run -s valkey-8.1 -p allkeys-lru,noeviction -m 1300kb,1500kb --shards 3 --interval 3m",
    "mrc -p lru,fifo,sieve,arc,lirs,clock,lfu --sample 0.2 --salts 3",
    "size -g 'hit_ratio>=0.7' --figure-size 120x100",
    "doctor -m 2mb -p noeviction --interval 3m",
    "inspect --no-figure-footer --interval 3m",
    "run -s redis-7.0.15 -p allkeys-lru,noeviction -m 2mb --seeds 2 --interval 3m --what-if 'maxmemory x1.5'",
};

static void every_picture_says_what_was_found(void **state)
{
    char *directory = support_directory(), sample[4096];
    size_t figures = 0;

    (void)state;
    if (!support_has_gnuplot())
        skip();
    assert_non_null(realpath("tests/data/sample.csv.zst", sample));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        static const char *const below[] = {"", "/figures", "/now/figures"};
        char *told =
            command_output_of(directory, "\"$EVSIM\" %.*s '%s' %s -o %zu -q 2>&1", (int)strcspn(commands[i], " "),
                              commands[i], sample, strchr(commands[i], ' '), i);

        for (size_t j = 0; j < sizeof below / sizeof *below; j++) {
            char folder[400];
            DIR *there;

            snprintf(folder, sizeof folder, "%s/%zu%s", directory, i, below[j]);
            if ((there = opendir(folder)) != NULL) {
                closedir(there);
                figures += compare_pictures(folder);
            }
        }
        free(told);
    }
    assert_true(figures >= 50);
    support_remove(directory);
    free(directory);
}

static void data_are_the_tables_to_the_last_digit(void **state)
{
    enum { MARKED = 2 * 8 * 3 };
    char *directory = support_directory(), *figures, *summary, *curves, *data, sample[4096];

    (void)state;
    if (!support_has_gnuplot())
        skip();
    assert_non_null(realpath("tests/data/sample.csv.zst", sample));
    free(command_output_of(directory, "\"$EVSIM\" run '%s' -s redis-7.0.15,flat -m 1200kb,1500kb,2mb,0 -o . -q 2>&1",
                           sample));
    summary = read_file(directory, "summary", ".csv");
    curves = read_file(directory, "curves", ".csv");
    data = read_file(directory, "figures/hit-ratio-by-maxmemory", ".dat");
    assert_int_equal(compare_by_maxmemory(data, summary, "hit_ratio"), 2 * 8 * 4);
    free(data);
    data = read_file(directory, "figures/oom-by-maxmemory", ".dat");
    assert_int_equal(compare_by_maxmemory(data, summary, "oom_share"), 2 * 8 * 4);
    free(data);
    figures = path_join(directory, "figures");
    /* each marker is drawn twice, on white and in its colour */
    assert_int_equal(compare_markers(figures, "hit-ratio-by-maxmemory", summary, "hit_ratio"), 2 * MARKED);
    assert_true(compare_markers(figures, "oom-by-maxmemory", summary, "oom_share") > MARKED / 2);
    free(figures);
    data = read_file(directory, "figures/memory", ".dat");
    assert_true(compare_over_time(data, curves, "used_memory") > 1000);
    free(data);
    free(summary);
    free(curves);
    support_remove(directory);
    free(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_are_the_tables_to_the_last_digit),
        cmocka_unit_test(every_picture_says_what_was_found),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
