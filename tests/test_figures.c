/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_figures: figures show what was computed. Their data are compared with the results and with the printed table.
 * Then `set table` makes gnuplot itself list the coordinates at which it draws. */
#include "reports/grid.h"
#include "reports/registry.h"
#include "reports/writer.h"
#include "sim/figure_wishes.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "tests/support_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { COLUMNS = 17, ROWS = 700, BLOCKS = 80, ELEMENTS = 800 };

/* ---- the data ---- */

struct block {
    char title[200]; /* its first comment */
    size_t rows;
    double (*values)[COLUMNS];
};

struct data {
    struct block blocks[BLOCKS];
    size_t count;
};

static char *read_figure(const char *directory, const char *name, const char *suffix)
{
    char file[200], *text;

    snprintf(file, sizeof file, "%s.%s", name, suffix);
    text = support_read_file(directory, file, NULL);
    if (!text)
        fail_msg("there is no %s", file);
    return text;
}

static struct data *read_data(const char *directory, const char *name)
{
    struct data *data = xcalloc(1, sizeof *data);
    char *text = read_figure(directory, name, "dat"), *rest = text, *line;
    bool in_block = false;

    while ((line = strsep(&rest, "\n"))) {
        struct block *block = &data->blocks[data->count ? data->count - 1 : 0];
        char *end = line;

        if (!*line) {
            in_block = false;
        } else if (*line == '#' && !in_block) {
            assert_true(data->count < BLOCKS);
            block = &data->blocks[data->count++];
            snprintf(block->title, sizeof block->title, "%s", line + 2);
            block->values = xcalloc(ROWS, sizeof *block->values);
            in_block = true;
        } else if (*line != '#') {
            assert_true(block->rows < ROWS);
            for (int i = 0; i < COLUMNS; i++)
                block->values[block->rows][i] = strtod(end, &end);
            block->rows++;
        }
    }
    free(text);
    return data;
}

static void free_data(struct data *data)
{
    for (size_t i = 0; i < data->count; i++)
        free(data->blocks[i].values);
    free(data);
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static void assert_same(double a, double b, const char *where)
{
    if (!same(a, b))
        fail_msg("%s: %.12g instead of %.12g", where, a, b);
}

/* ---- what is drawn ---- */

/* One of the things that a plot command draws. */
struct plot_element {
    size_t block, every, first;
    char style[24];
    bool is_behind; /* in pale grey, behind the lines of a panel */
    bool is_white;
    size_t count;
    double x[ROWS], y[ROWS];
    bool undefined[ROWS];
};

struct drawing {
    struct plot_element *elements;
    size_t count;
};

/* "... data index 3 every 5::2 using (...):(...) with points ls 4 notitle ..." */
static void read_elements(struct drawing *drawing, const char *script)
{
    for (const char *at = script; (at = strstr(at, " data index ")) != NULL; at++) {
        struct plot_element *element = &drawing->elements[drawing->count++];
        const char *with = strstr(at, " with "), *every = strstr(at, " every ");

        assert_true(drawing->count < ELEMENTS);
        assert_non_null(with);
        element->every = 1;
        assert_int_equal(sscanf(at, " data index %zu", &element->block), 1);
        assert_int_equal(sscanf(with, " with %23s", element->style), 1);
        element->is_white = strstr(with, "#FFFFFF") && strstr(with, "#FFFFFF") < strchr(with, '\n');
        element->is_behind = strstr(with, "#C9C9C9") && strstr(with, "#C9C9C9") < strchr(with, '\n');
        if (every && every < with)
            assert_int_equal(sscanf(every, " every %zu::%zu", &element->every, &element->first), 2);
    }
}

/* "6291456 31.6  i", "NaN 64.2  u"; intervals have more columns. */
static void read_drawn(struct drawing *drawing, char *text)
{
    struct plot_element *element = NULL;
    size_t next = 0;
    char *line;

    while ((line = strsep(&text, "\n"))) {
        char *end = line;

        if (!strncmp(line, "# Curve", 7))
            element = next < drawing->count ? &drawing->elements[next++] : NULL;
        if (!element || !*line || *line == '#')
            continue;
        assert_true(element->count < ROWS);
        element->x[element->count] = strtod(end, &end);
        element->y[element->count] = strtod(end, &end);
        element->undefined[element->count++] = line[strlen(line) - 1] == 'u' || strstr(line, "NaN");
    }
    assert_int_equal(next, drawing->count);
}

/* Has gnuplot say what it draws. */
static struct drawing read_drawing(const char *directory, const char *name)
{
    struct drawing drawing = {.elements = xcalloc(ELEMENTS, sizeof *drawing.elements)};
    char *script = read_figure(directory, name, "gp"), command[6000], *drawn;

    read_elements(&drawing, script);
    snprintf(command, sizeof command,
             "cd '%s' && sed -e \"s/^set multiplot/set table 'drawn'; set format '%%.17g'/\" "
             "-e 's/^unset multiplot/unset table/' %s.gp >told.gp && gnuplot -d -e \"prefix = 'told-'\" told.gp",
             directory, name);
    assert_int_equal(system(command), 0);
    drawn = support_read_file(directory, "drawn", NULL);
    assert_non_null(drawn);
    read_drawn(&drawing, drawn);
    free(drawn);
    free(script);
    return drawing;
}

/* As SVG only, which takes gnuplot the least time. */
static void write_figures(const struct outcome *outcome, const char *directory, const char *name)
{
    const struct figure_wishes wishes = {.forms = FIGURE_SVG};
    struct outcome wished = *outcome;
    struct error error = {0};

    wished.figures = &wishes;
    if (report_write(report_find(name), &wished, directory, &error))
        fail_msg("%s", error.text);
}

/* ---- where figures are written ---- */

struct folder {
    char *directory, *figures;
};

/* Skips the test where there is no gnuplot. */
static struct folder folder_open(void)
{
    struct folder folder = {0};

    if (!support_has_gnuplot())
        skip();
    folder.directory = support_directory();
    folder.figures = output_path(folder.directory, "figures");
    return folder;
}

static void folder_close(struct folder *folder)
{
    support_remove(folder->directory);
    free(folder->figures);
    free(folder->directory);
}

static void draw(const struct folder *folder, const struct run *run)
{
    const struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};

    write_figures(&outcome, folder->directory, "figures");
}

/* ---- by maxmemory ---- */

/* Sizes that were not asked for in order, one without a limit, and one cell that read nothing. */
static struct run mixed_run(void)
{
    struct run run = support_day_run(5, 3, 40);
    size_t half = run.result_count / 5 * 2;
    struct result *swapped = xcalloc(half, sizeof *swapped);

    memcpy(swapped, run.results, half * sizeof *swapped);
    memmove(run.results, run.results + half, (run.result_count - half) * sizeof *run.results);
    memcpy(run.results + run.result_count - half, swapped, half * sizeof *swapped);
    free(swapped);
    for (size_t i = 0; i < run.result_count; i++)
        if (run.results[i].maxmemory == 16 << 20)
            run.results[i].maxmemory = 0;
    for (size_t i = 0; i < 3; i++)
        run.results[i].counters.reads = run.results[i].counters.hits = 0;
    return run;
}

/* Cells, by naive search. */
static struct cell find_cell(const struct run *run, const char *title, uint64_t maxmemory)
{
    struct cell cell = {0};

    for (size_t i = 0; i < run->result_count; i++) {
        char named[200];

        snprintf(named, sizeof named, "%s %s", run->results[i].server, run->results[i].policy);
        if (strcmp(named, title) != 0 || run->results[i].maxmemory != maxmemory)
            continue;
        if (!cell.count++)
            cell.results = &run->results[i];
    }
    return cell;
}

static void expect_by_maxmemory(const struct run *run, const char *directory, const char *name,
                                double (*ratio)(const struct result *result), size_t rows)
{
    struct data *data = read_data(directory, name);
    size_t found = 0;

    for (size_t b = 0; b < data->count; b++)
        for (size_t i = 0; i < data->blocks[b].rows; i++, found++) {
            const double *row = data->blocks[b].values[i];
            struct cell cell = find_cell(run, data->blocks[b].title, (uint64_t)row[0]);
            struct estimate estimate;

            assert_true(cell.count > 0);
            estimate = cell_ratio(cell, ratio);
            assert_same(row[1], estimate.mean, name);
            assert_same(row[2], estimate.half_width, name);
            /* sizes increase, no limit comes last */
            assert_true(!i || row[0] == 0 || row[0] > data->blocks[b].values[i - 1][0]);
            assert_true(row[0] > 0 || i == data->blocks[b].rows - 1);
        }
    assert_int_equal(found, rows);
    free_data(data);
}

static void data_by_maxmemory_are_the_results(void **state)
{
    struct run run = mixed_run();
    struct folder folder = folder_open();

    (void)state;
    draw(&folder, &run);
    expect_by_maxmemory(&run, folder.figures, "hit-ratio-by-maxmemory", result_hit_ratio, 8 * 5);
    expect_by_maxmemory(&run, folder.figures, "oom-by-maxmemory", result_oom_share, 8 * 5);
    folder_close(&folder);
    run_release(&run);
}

/* Columns of a line, which two blanks part. */
static size_t cut_columns(char *line, char **columns)
{
    size_t count = 0;

    while (line && *line) {
        char *gap = strstr(line, "  ");

        if (gap)
            *gap++ = '\0';
        columns[count++] = line;
        line = gap ? gap + strspn(gap, " ") : NULL;
    }
    return count;
}

static double find_value(const struct data *data, const char *policy, uint64_t maxmemory)
{
    for (size_t b = 0; b < data->count; b++)
        for (size_t i = 0; i < data->blocks[b].rows; i++)
            if (!strcmp(strchr(data->blocks[b].title, ' ') + 1, policy) &&
                data->blocks[b].values[i][0] == (double)maxmemory)
                return data->blocks[b].values[i][1];
    fail_msg("%s is not drawn at %llu", policy, (unsigned long long)maxmemory);
    return NAN;
}

/* "54.31 ± 0.14 %*" or "-" */
static void expect_printed(const char *column, double ratio)
{
    char printed[32];

    snprintf(printed, sizeof printed, isnan(ratio) ? "-" : "%.2f ", 100 * ratio);
    if (strncmp(column, printed, strlen(printed)) != 0)
        fail_msg("the table has %s, the figure %s", column, printed);
}

static void data_by_maxmemory_are_what_the_table_prints(void **state)
{
    struct run run = mixed_run();
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = &run};
    struct folder folder = folder_open();
    char *table, *rest, *line;
    char *columns[20];
    struct data *hits, *oom;
    size_t rows = 0;

    (void)state;
    draw(&folder, &run);
    write_figures(&outcome, folder.directory, "table.txt");
    hits = read_data(folder.figures, "hit-ratio-by-maxmemory");
    oom = read_data(folder.figures, "oom-by-maxmemory");
    rest = table = support_read_file(folder.directory, "table.txt", NULL);
    while ((line = strsep(&rest, "\n"))) {
        uint64_t megabytes;

        if (cut_columns(line, columns) < 12 || !strcmp(columns[0], "policy"))
            continue;
        megabytes = strcmp(columns[1], "no limit") ? strtoull(columns[1], NULL, 10) : 0;
        expect_printed(columns[2], find_value(hits, columns[0], megabytes << 20));
        expect_printed(columns[8], find_value(oom, columns[0], megabytes << 20));
        rows++;
    }
    assert_int_equal(rows, 8 * 5);
    free(table);
    free_data(hits);
    free_data(oom);
    folder_close(&folder);
    run_release(&run);
}

/* ---- over time ---- */

static double naive(const char *figure, const struct cell *cell, size_t j, size_t window)
{
    double hits = 0, reads = 0, rejections = 0, evicted = 0, memory = 0, seconds;
    const struct sample zero = {0};

    for (size_t s = 0; s < cell->count; s++) {
        const struct sample *now = &cell->results[s].curve.samples[j], *then = j >= window ? now - window : &zero;

        hits += (double)(now->hits - then->hits);
        reads += (double)(now->hits + now->misses - then->hits - then->misses);
        rejections += (double)(now->oom_rejections - then->oom_rejections);
        evicted += (double)(now->evicted_keys - then->evicted_keys);
        memory += (double)now->used_memory;
    }
    seconds = (double)(cell->results->curve.samples[j].time_us -
                       (j >= window ? cell->results->curve.samples[j - window].time_us : 0)) /
              1e6 * (double)cell->count;
    if (!strcmp(figure, "memory"))
        return memory / (double)cell->count;
    if (!strcmp(figure, "hit-ratio"))
        return reads > 0 ? hits / reads : NAN;
    return (!strcmp(figure, "oom-rejections") ? rejections : evicted) / seconds;
}

static void expect_over_time(const struct run *run, const char *directory, const char *name, size_t window)
{
    struct data *data = read_data(directory, name);
    struct cell_list list = cell_list_make(run);

    assert_int_equal(data->count, list.count);
    for (size_t b = 0; b < data->count; b++) {
        const struct cell *cell = &list.cells[b];
        char title[200];

        snprintf(title, sizeof title, "%s %s maxmemory %llu", cell->results->server, cell->results->policy,
                 (unsigned long long)cell->results->maxmemory);
        assert_string_equal(data->blocks[b].title, title);
        assert_int_equal(data->blocks[b].rows, cell->results->curve.count);
        for (size_t j = 0; j < data->blocks[b].rows; j++) {
            assert_same(data->blocks[b].values[j][0], (double)cell->results->curve.samples[j].time_us / 1e6, name);
            assert_same(data->blocks[b].values[j][1], naive(name, cell, j, window), name);
        }
    }
    cell_list_release(&list);
    free_data(data);
}

/* Nobody reads in this stretch. */
static void silence(struct run *run, size_t from, size_t to)
{
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t j = from; j < to; j++) {
            run->results[i].curve.samples[j].hits = run->results[i].curve.samples[from - 1].hits;
            run->results[i].curve.samples[j].misses = run->results[i].curve.samples[from - 1].misses;
        }
}

static void data_over_time_are_the_curves(void **state)
{
    static const char *const names[] = {"memory", "hit-ratio", "oom-rejections", "evictions"};
    struct run run = support_day_run(2, 3, 100);
    struct folder folder = folder_open();

    (void)state;
    silence(&run, 30, 50);
    draw(&folder, &run);
    for (size_t i = 0; i < 4; i++)
        expect_over_time(&run, folder.figures, names[i], 4); /* 100 samples, 25 windows */
    folder_close(&folder);
    run_release(&run);
}

/* ---- gnuplot ---- */

/* Whether an element of this style has something to draw of the row: no line leads to where there is no limit; of values
 * over time those to which no step leads have one of their own. */
static bool is_to_be_drawn(const struct plot_element *element, const double *row, bool by_size)
{
    if (isnan(row[1]) || (!strcmp(element->style, "vectors") && isnan(row[2])))
        return false;
    if (by_size)
        return row[0] > 0 || strcmp(element->style, "steps") != 0;
    return strcmp(element->style, "vectors") != 0 || !isnan(row[2]);
}

/* Every element draws the rows of its block where they are: x as it is, or in units of time; y as it is, in units of bytes
 * or rates, or in percent. Without a limit there is no x: those points are beyond all others. */
static void expect_drawn(const char *directory, const char *name, double time_unit, double y_factor)
{
    struct data *data = read_data(directory, name);
    struct drawing drawing = read_drawing(directory, name);
    bool by_size = time_unit == 0;
    double highest = 0;

    assert_true(drawing.count > 0);
    for (size_t b = 0; b < data->count; b++)
        for (size_t i = 0; i < data->blocks[b].rows; i++)
            highest = fmax(highest, data->blocks[b].values[i][0]);
    for (size_t e = 0; e < drawing.count; e++) {
        const struct plot_element *element = &drawing.elements[e];
        const struct block *block = &data->blocks[element->block];
        size_t place = 0;

        for (size_t i = element->first; i < block->rows; i += element->every, place++) {
            const double *row = block->values[i];
            bool is_there = place < element->count && !element->undefined[place];

            if (is_there != is_to_be_drawn(element, row, by_size))
                fail_msg("%s: row %zu of block %zu is %s %s", name, i, element->block, is_there ? "" : "not",
                         element->style);
            if (!is_there)
                continue;
            if (by_size && row[0] == 0)
                assert_true(element->x[place] > highest);
            else
                assert_same(element->x[place], by_size ? row[0] : row[0] / time_unit, name);
            if (by_size && !strcmp(element->style, "vectors")) /* the low end: of curves it is in the data */
                assert_same(element->y[place], (!strcmp(name, "mrc") ? row[2] : row[1] - row[2]) * y_factor, name);
            else if (by_size || element->y[place] != row[2]) /* the line of maxmemory */
                assert_same(element->y[place], row[1] * y_factor, name);
        }
        assert_true(place >= element->count);
    }
    free(drawing.elements);
    free_data(data);
}

static void gnuplot_draws_the_data_where_they_are(void **state)
{
    struct run run = mixed_run();
    struct mrc mrc = support_mrc(4, 24);
    struct outcome curves = {.kind = OUTCOME_MRC, .mrc = &mrc};
    struct folder folder = folder_open();

    (void)state;
    draw(&folder, &run);
    write_figures(&curves, folder.directory, "mrc.svg");
    expect_drawn(folder.figures, "hit-ratio-by-maxmemory", 0, 100);
    expect_drawn(folder.figures, "oom-by-maxmemory", 0, 100);
    expect_drawn(folder.figures, "memory", 3600, 1);
    expect_drawn(folder.figures, "hit-ratio", 3600, 100);
    expect_drawn(folder.figures, "oom-rejections", 3600, 60);
    expect_drawn(folder.figures, "evictions", 3600, 60);
    expect_drawn(folder.directory, "mrc", 0, 100);
    folder_close(&folder);
    run_release(&run);
    mrc_release(&mrc);
}

/* ---- stacked over time ---- */

static const size_t causes[MISS_CAUSES] = {
    offsetof(struct sample, misses_cold),
    offsetof(struct sample, misses_expired_lazily),
    offsetof(struct sample, misses_expired_by_cycle),
    offsetof(struct sample, misses_evicted),
    offsetof(struct sample, misses_deleted),
    offsetof(struct sample, misses_flushed),
    offsetof(struct sample, misses_refused),
    offsetof(struct sample, misses_not_admitted),
};

static uint64_t count_at(const struct sample *sample, size_t offset)
{
    return *(const uint64_t *)((const char *)sample + offset);
}

/* Per second, over all seeds. */
static double naive_rate(const struct cell *cell, size_t j, size_t window, size_t offset)
{
    const struct sample zero = {0};
    double sum = 0, seconds = 0;

    for (size_t s = 0; s < cell->count; s++) {
        const struct sample *now = &cell->results[s].curve.samples[j], *then = j >= window ? now - window : &zero;

        sum += (double)count_at(now, offset) - (double)count_at(then, offset);
        seconds += (double)(now->time_us - then->time_us) / 1e6;
    }
    return sum / seconds;
}

/* "redis-7.2 allkeys-lru maxmemory 8388608" */
static struct cell cell_of_title(const struct run *run, const char *title)
{
    char *name = xstrdup(title), *maxmemory = strstr(name, " maxmemory ");
    struct cell cell;

    assert_non_null(maxmemory);
    *maxmemory = '\0';
    cell = find_cell(run, name, strtoull(maxmemory + strlen(" maxmemory "), NULL, 10));
    assert_true(cell.count > 0);
    free(name);
    return cell;
}

/* What a figure stacks. */
struct stacking {
    const char *name;
    size_t parts;
    double (*whole)(const struct cell *cell, size_t sample, size_t window); /* what they add up to */
    void (*expect_row)(const struct cell *cell, size_t sample, const double *values);
};

static double used_at(const struct cell *cell, size_t sample, size_t window)
{
    double used = 0;

    (void)window;
    for (size_t seed = 0; seed < cell->count; seed++)
        used += (double)cell->results[seed].curve.samples[sample].used_memory / (double)cell->count;
    return used;
}

static double misses_of_groups_at(const struct cell *cell, size_t sample, size_t window)
{
    double misses = 0, seconds = 0;

    for (size_t seed = 0; seed < cell->count; seed++) {
        const struct result *result = &cell->results[seed];
        const struct sample *samples = result->curve.samples;

        for (size_t group = 0; group < 20; group++)
            misses += (double)result->group_curves[group].points[sample].misses -
                      (sample < window ? 0 : (double)result->group_curves[group].points[sample - window].misses);
        seconds += (double)(samples[sample].time_us - (sample < window ? 0 : samples[sample - window].time_us)) / 1e6;
    }
    return misses / seconds;
}

static double misses_at(const struct cell *cell, size_t sample, size_t window)
{
    return naive_rate(cell, sample, window, offsetof(struct sample, misses));
}

/* Behind the 15 parts is maxmemory. */
static void expect_maxmemory(const struct cell *cell, size_t sample, const double *values)
{
    assert_same(values[16], (double)cell->results->curve.samples[sample].maxmemory, "maxmemory");
}

/* Of each row: not of keys, the largest 14 of 20 groups, all others. */
static void expect_largest_group(const struct cell *cell, size_t sample, const double *values)
{
    double largest = 0;

    for (size_t seed = 0; seed < cell->count; seed++)
        largest += (double)cell->results[seed].group_curves[19].points[sample].bytes / (double)cell->count;
    assert_true(fabs(values[2] - largest) <= 1e-9 * largest);
}

static void expect_stacked(const struct run *run, const char *directory, size_t window, struct stacking stacking)
{
    struct data *data = read_data(directory, stacking.name);

    assert_true(data->count > 0);
    for (size_t b = 0; b < data->count; b++) {
        const struct block *block = &data->blocks[b];
        struct cell cell = cell_of_title(run, block->title);
        const struct sample *samples = cell.results->curve.samples;

        assert_int_equal(block->rows, cell.results->curve.count + 1);
        for (size_t i = 0; i < block->rows; i++) {
            size_t sample = i < block->rows - 1 ? i : i - 1; /* the last row only ends the last step */
            double sum = 0, whole = stacking.whole(&cell, sample, window);

            for (size_t part = 0; part < stacking.parts; part++)
                sum += block->values[i][1 + part];
            assert_true(fabs(sum - whole) <= 1e-9 * whole);
            assert_same(block->values[i][0], i ? (double)samples[i - 1].time_us / 1e6 : 0, "from_s");
            if (stacking.expect_row)
                stacking.expect_row(&cell, sample, block->values[i]);
        }
    }
    free_data(data);
}

static void expect_misses_by_cause(const struct run *run, const char *directory, size_t window, size_t panels)
{
    struct data *data = read_data(directory, "misses-by-cause");

    expect_stacked(run, directory, window, (struct stacking){"misses-by-cause", MISS_CAUSES, misses_at, NULL});
    assert_int_equal(data->count, panels);
    for (size_t b = 0; b < data->count; b++) {
        const struct block *block = &data->blocks[b];
        struct cell cell = cell_of_title(run, block->title);

        for (size_t i = 0; i + 1 < block->rows; i++)
            for (size_t cause = 0; cause < MISS_CAUSES; cause++)
                assert_same(block->values[i][1 + cause], naive_rate(&cell, i, window, causes[cause]), "cause");
    }
    free_data(data);
}

/* The squares of a panel are all evicted keys. */
static void expect_who_evicts_whom(const struct run *run, const char *directory)
{
    struct data *data = read_data(directory, "who-evicts-whom");

    assert_int_equal(data->count, 12); /* a page has no more */
    for (size_t b = 0; b < data->count; b++) {
        const struct block *block = &data->blocks[b];
        struct cell cell = cell_of_title(run, block->title);
        double shares = 0, keys = 0, all = 0;

        for (size_t i = 0; i < block->rows; i++) {
            shares += block->values[i][2];
            keys += block->values[i][3];
        }
        for (size_t seed = 0; seed < cell.count; seed++)
            for (size_t i = 0; i < cell.results[seed].evicted_for_count; i++)
                all += (double)cell.results[seed].evicted_for[i].evicted_keys;
        assert_true(fabs(shares - 1) < 1e-9);
        assert_true(keys == all);
        assert_int_equal(block->rows, 81); /* 8 groups and all others */
    }
    free_data(data);
}

static void misses_by_cause_are_the_curves_and_add_up(void **state)
{
    struct run run = support_day_run(2, 3, 100);
    struct folder folder = folder_open();

    (void)state;
    draw(&folder, &run);
    expect_misses_by_cause(&run, folder.figures, 4, 16);
    expect_stacked(&run, folder.figures, 1, (struct stacking){"memory-by-part", 15, used_at, expect_maxmemory});
    expect_stacked(&run, folder.figures, 1, (struct stacking){"memory-by-group", 16, used_at, expect_largest_group});
    expect_stacked(&run, folder.figures, 4, (struct stacking){"misses-by-group", 16, misses_of_groups_at, NULL});
    expect_who_evicts_whom(&run, folder.figures);
    folder_close(&folder);
    run_release(&run);
}

/* From the top down, each area reaches up to the sum of what is below it, where a white line parts it from the next. */
static void areas_are_stacked(void **state)
{
    struct run run = support_day_run(1, 1, 40);
    struct folder folder = folder_open();
    struct drawing drawing;
    struct data *data;
    size_t shown[MISS_CAUSES], shown_count = 0, areas = 0, edges = 0, lines = 0;

    (void)state;
    draw(&folder, &run);
    data = read_data(folder.figures, "misses-by-cause");
    drawing = read_drawing(folder.figures, "misses-by-cause");
    for (size_t cause = 0; cause < MISS_CAUSES; cause++)
        for (size_t i = 0; i < run.result_count; i++)
            if (count_at(result_last_sample(&run.results[i]), causes[cause]) > 0) {
                shown[shown_count++] = cause;
                break;
            }
    assert_int_equal(shown_count, 6); /* nothing is flushed, and everything admitted */
    for (size_t e = 0; e < drawing.count; e++) {
        const struct plot_element *element = &drawing.elements[e];
        const struct block *block = &data->blocks[element->block];
        size_t top = MISS_CAUSES - 1;

        if (!strcmp(element->style, "fillsteps"))
            top = shown[shown_count - 1 - areas++ % shown_count];
        else if (element->is_white)
            top = shown[edges++ % shown_count];
        else
            lines++;
        assert_int_equal(element->count, block->rows);
        for (size_t i = 0; i < block->rows; i++) {
            double sum = 0;

            for (size_t cause = 0; cause <= top; cause++)
                sum += block->values[i][1 + cause];
            assert_same(element->x[i], block->values[i][0] / 3600, "time");
            assert_same(element->y[i], sum * 60, "sum");
        }
    }
    assert_int_equal(areas, shown_count * run.result_count);
    assert_int_equal(edges, shown_count * run.result_count);
    assert_int_equal(lines, run.result_count);
    free(drawing.elements);
    free_data(data);
    folder_close(&folder);
    run_release(&run);
}

static size_t count_text(const char *text, const char *what)
{
    size_t count = 0;

    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        count++;
    return count;
}

/* Of five sizes the first has eight panels, the second, at which all policies are alike, one for all, the third eight, and
 * the fourth seven. */
static void a_page_of_areas_is_not_too_long(void **state)
{
    struct run run = support_day_run(5, 1, 20);
    struct folder folder = folder_open();
    char *captions, *script;

    (void)state;
    for (size_t i = 9; i < 16; i++) /* of the second size */
        memcpy(run.results[i].curve.samples, run.results[8].curve.samples, 20 * sizeof(struct sample));
    draw(&folder, &run);
    expect_misses_by_cause(&run, folder.figures, 1, 24);
    script = read_figure(folder.figures, "misses-by-cause", "gp");
    assert_non_null(strstr(script, "'all policies,' at screen"));
    assert_int_equal(count_text(script, "'16mb' at screen"), 1);
    assert_int_equal(count_text(script, "'noeviction, 8mb' at screen"), 1);
    assert_null(strstr(script, "64mb'"));
    captions = support_read_file(folder.figures, "captions.txt", NULL);
    assert_non_null(strstr(captions, "; 24 panels, from the smallest maxmemory on: what is left out is in curves.csv"));
    free(captions);
    free(script);
    folder_close(&folder);
    run_release(&run);
}

/* ---- evictions ---- */

static double naive_share(struct cell cell, bool asked_again, double below_s)
{
    double sum = 0, all = 0;

    for (size_t s = 0; s < cell.count; s++) {
        const struct eviction_quality *quality = &cell.results[s].quality;
        const struct bucket *buckets = asked_again ? quality->asked_again : quality->ttl_left;
        size_t count = asked_again ? quality->asked_again_count : quality->ttl_left_count;

        for (size_t i = 0; i < count; i++)
            if ((double)buckets[i].from_us / 1e6 < below_s)
                sum += (double)buckets[i].count;
        all += (double)cell.results[s].counters.evicted_keys;
    }
    return sum / all;
}

static void evictions_are_drawn_from_their_histograms(void **state)
{
    static const char *const names[] = {"evicted-asked-again", "evicted-ttl-left"};
    struct run run = support_day_run(3, 2, 40);
    struct folder folder = folder_open();

    (void)state;
    draw(&folder, &run);
    for (size_t n = 0; n < 2; n++) {
        struct data *data = read_data(folder.figures, names[n]);

        assert_int_equal(data->count, 3 * 7); /* noeviction evicts nothing */
        for (size_t b = 0; b < data->count; b++) {
            struct cell cell = cell_of_title(&run, data->blocks[b].title);
            const struct block *block = &data->blocks[b];

            assert_true(block->rows >= 40);
            for (size_t i = 0; i < block->rows; i++) {
                assert_same(block->values[i][1], naive_share(cell, n == 0, block->values[i][0]), names[n]);
                assert_true(!i || block->values[i][0] == 2 * block->values[i - 1][0]);
            }
            assert_same(block->values[block->rows - 1][1], naive_share(cell, n == 0, INFINITY), names[n]);
        }
        free_data(data);
        expect_drawn(folder.figures, names[n], 0, 100);
    }
    folder_close(&folder);
    run_release(&run);
}

/* How many points of the block an element of the style really draws at row i: those of its own panel, or behind another's. */
static size_t count_drawn(const struct drawing *drawing, size_t block, const char *style, size_t i, bool is_behind)
{
    size_t count = 0;

    for (size_t e = 0; e < drawing->count; e++) {
        const struct plot_element *element = &drawing->elements[e];

        count += element->block == block && element->is_behind == is_behind && element->every == 1 &&
                 !strcmp(element->style, style) && i < element->count && !element->undefined[i];
    }
    return count;
}

/* Every row that has a value is a point, and a line reaches it, but for those without a limit. */
static void every_size_is_a_point_and_lines_are_steps(void **state)
{
    struct run run = mixed_run();
    struct folder folder = folder_open();
    struct drawing drawing;
    struct data *data;

    (void)state;
    draw(&folder, &run);
    data = read_data(folder.figures, "hit-ratio-by-maxmemory");
    drawing = read_drawing(folder.figures, "hit-ratio-by-maxmemory");
    for (size_t b = 0; b < data->count; b++)
        for (size_t i = 0; i < data->blocks[b].rows; i++) {
            bool there = !isnan(data->blocks[b].values[i][1]);

            assert_int_equal(count_drawn(&drawing, b, "points", i, false), there ? 2 : 0);
            assert_int_equal(count_drawn(&drawing, b, "vectors", i, false), there);
            for (int is_behind = 0; is_behind < 2; is_behind++) /* eight policies are two panels */
                assert_int_equal(count_drawn(&drawing, b, "steps", i, is_behind),
                                 data->blocks[b].values[i][0] > 0 ? there : 0);
        }
    free(drawing.elements);
    free_data(data);
    folder_close(&folder);
    run_release(&run);
}

/* Styles that go straight from one point to the next. */
static void no_figure_joins_what_it_does_not_know(void **state)
{
    static const char *const names[] = {"figures/memory",
                                        "figures/hit-ratio",
                                        "figures/oom-rejections",
                                        "figures/evictions",
                                        "figures/misses-by-cause",
                                        "figures/memory-by-part",
                                        "figures/evicted-asked-again",
                                        "figures/evicted-ttl-left",
                                        "figures/hit-ratio-by-maxmemory",
                                        "figures/oom-by-maxmemory",
                                        "mrc"};
    struct run run = support_day_run(3, 2, 40);
    struct mrc mrc = support_mrc(4, 24);
    struct outcome curves = {.kind = OUTCOME_MRC, .mrc = &mrc};
    struct folder folder = folder_open();

    (void)state;
    draw(&folder, &run);
    write_figures(&curves, folder.directory, "mrc.svg");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *script = read_figure(folder.directory, names[i], "gp");
        struct drawing drawing = {.elements = xcalloc(ELEMENTS, sizeof *drawing.elements)};

        read_elements(&drawing, script);
        for (size_t e = 0; e < drawing.count; e++)
            if (strcmp(drawing.elements[e].style, "steps") && strcmp(drawing.elements[e].style, "fsteps") &&
                strcmp(drawing.elements[e].style, "points") && strcmp(drawing.elements[e].style, "vectors") &&
                strcmp(drawing.elements[e].style, "fillsteps"))
                fail_msg("%s is drawn with %s", names[i], drawing.elements[e].style);
        assert_null(strstr(script, "smooth"));
        assert_null(strstr(script, "datafile missing")); /* gnuplot would draw across the gap */
        free(drawing.elements);
        free(script);
    }
    folder_close(&folder);
    run_release(&run);
    mrc_release(&mrc);
}

static void where_nothing_was_read_there_is_a_gap(void **state)
{
    struct run run = support_day_run(1, 1, 100);
    struct folder folder = folder_open();
    struct drawing drawing;

    (void)state;
    silence(&run, 30, 50); /* and a window of 4 samples */
    draw(&folder, &run);
    drawing = read_drawing(folder.figures, "hit-ratio");
    for (size_t i = 0; i < 100; i++) {
        bool is_silent = i >= 33 && i < 50;

        for (int is_behind = 0; is_behind < 2; is_behind++) {
            assert_int_equal(count_drawn(&drawing, 0, "fsteps", i, is_behind), !is_silent);
            /* the first ones, to which fsteps does not come */
            assert_int_equal(count_drawn(&drawing, 0, "vectors", i, is_behind), i == 0 || i == 50);
        }
    }
    free(drawing.elements);
    folder_close(&folder);
    run_release(&run);
}

static void the_line_of_maxmemory_follows_a_scenario(void **state)
{
    struct run run = support_day_run(1, 1, 100);
    struct folder folder = folder_open();
    struct drawing drawing;
    bool found = false;

    (void)state;
    for (size_t i = 0; i < run.result_count; i++)
        for (size_t j = 60; j < 100; j++)
            run.results[i].curve.samples[j].maxmemory = 32 << 20;
    draw(&folder, &run);
    drawing = read_drawing(folder.figures, "memory");
    for (size_t e = 0; e < drawing.count; e++)
        found = found || (drawing.elements[e].y[59] == 8 << 20 && drawing.elements[e].y[60] == 32 << 20 &&
                          !strcmp(drawing.elements[e].style, "steps"));
    assert_true(found);
    free(drawing.elements);
    folder_close(&folder);
    run_release(&run);
}

/* Of two seeds that differ much the interval reaches beyond what a ratio can be: it is drawn to its end all the
 * same. */
static void an_interval_is_not_cut_off(void **state)
{
    struct run run = support_day_run(2, 2, 40);
    struct folder folder = folder_open();
    char *script;
    struct data *data;
    double low, high;

    (void)state;
    run.results[0].counters.hits = run.results[0].counters.reads / 100;
    run.results[1].counters.hits = run.results[1].counters.reads;
    draw(&folder, &run);
    data = read_data(folder.figures, "hit-ratio-by-maxmemory");
    script = read_figure(folder.figures, "hit-ratio-by-maxmemory", "gp");
    assert_int_equal(sscanf(strstr(script, "set yrange"), "set yrange [%lf:%lf]", &low, &high), 2);
    assert_true(low < 0 && high > 100);
    for (size_t b = 0; b < data->count; b++)
        for (size_t i = 0; i < data->blocks[b].rows; i++) {
            const double *row = data->blocks[b].values[i];

            assert_true(100 * (row[1] - row[2]) >= low && 100 * (row[1] + row[2]) <= high);
        }
    free(script);
    free_data(data);
    folder_close(&folder);
    run_release(&run);
}

/* Cells that are missing leave the others where they are. */
static void a_run_that_lacks_cells_is_drawn(void **state)
{
    struct run run = mixed_run();
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = &run};
    struct folder folder = folder_open();
    size_t kept = 0, cells = 8 * 5 - 3;

    (void)state;
    for (size_t i = 0; i < run.result_count; i++) /* cell 5, 20 and the last; the second seed of cell 7 */
        if (i / 3 == 5 || i / 3 == 20 || i / 3 == 39 || i == 7 * 3 + 1)
            result_release(&run.results[i]);
        else
            run.results[kept++] = run.results[i];
    run.result_count = kept;
    draw(&folder, &run);
    write_figures(&outcome, folder.directory, "table.txt");
    expect_by_maxmemory(&run, folder.figures, "hit-ratio-by-maxmemory", result_hit_ratio, cells);
    expect_over_time(&run, folder.figures, "memory", 1);
    expect_drawn(folder.figures, "hit-ratio-by-maxmemory", 0, 100);
    expect_drawn(folder.figures, "hit-ratio", 3600, 100);
    folder_close(&folder);
    run_release(&run);
}

/* ---- curves of miss ratios ---- */

static void data_of_curves_are_the_points_and_what_the_table_prints(void **state)
{
    struct mrc mrc = support_mrc(4, 24);
    struct outcome outcome = {.kind = OUTCOME_MRC, .mrc = &mrc};
    struct folder folder = folder_open();
    char *table, *rest, *line, *columns[20];
    struct data *data;
    size_t size = 0;

    (void)state;
    write_figures(&outcome, folder.directory, "mrc.svg");
    write_figures(&outcome, folder.directory, "mrc.txt");
    data = read_data(folder.directory, "mrc");
    assert_int_equal(data->count, mrc.curve_count);
    for (size_t c = 0; c < data->count; c++)
        for (size_t i = 0; i < mrc.curves[c].count; i++) {
            assert_same(data->blocks[c].values[i][0], (double)mrc.curves[c].points[i].size, "mrc");
            assert_same(data->blocks[c].values[i][1], mrc.curves[c].points[i].miss_ratio, "mrc");
            assert_same(data->blocks[c].values[i][2], mrc.curves[c].points[i].low, "mrc");
            assert_same(data->blocks[c].values[i][3], mrc.curves[c].points[i].high, "mrc");
        }
    rest = table = support_read_file(folder.directory, "mrc.txt", NULL);
    while ((line = strsep(&rest, "\n"))) {
        line += strspn(line, " ");
        if (cut_columns(line, columns) != mrc.curve_count + 1 || !strstr(columns[1], "%"))
            continue;
        for (size_t c = 0; c < mrc.curve_count; c++)
            expect_printed(columns[c + 1], data->blocks[c].values[size][1]);
        size++;
    }
    assert_int_equal(size, 24);
    free(table);
    free_data(data);
    folder_close(&folder);
    mrc_release(&mrc);
}

/* ---- what is left out ---- */

/* In every panel over time, to its end and no further; not in the legend, nor in figures that have no time. */
static void the_warmup_is_shaded(void **state)
{
    static const struct {
        const char *name, *span;
        size_t panels;
    } over_time[] = {{"memory", "behind", 3},          {"hit-ratio", "behind", 6},
                     {"oom-rejections", "behind", 3},  {"evictions", "behind", 6},
                     {"memory-by-part", "front", 24},  {"misses-by-cause", "front", 24},
                     {"memory-by-group", "front", 24}, {"misses-by-group", "front", 24}};
    static const char *const others[] = {"hit-ratio-by-maxmemory", "evicted-asked-again", "who-evicts-whom"};
    struct run run = support_day_run(3, 1, 40);
    struct folder folder = folder_open();
    char *captions, *script, *picture;

    (void)state;
    draw(&folder, &run);
    captions = support_read_file(folder.figures, "captions.txt", NULL);
    script = read_figure(folder.figures, "memory", "gp");
    assert_null(strstr(captions, "warm-up"));
    assert_null(strstr(script, "warm-up"));
    free(script);
    free(captions);
    run.warmup_us = INT64_C(3) * 3600 * 1000000;
    draw(&folder, &run);
    captions = support_read_file(folder.figures, "captions.txt", NULL);
    assert_int_equal(count_text(captions, "; shaded: the warm-up of 3h 00m, which totals leave out"), 4);
    assert_int_equal(count_text(captions, "; paler: the warm-up of 3h 00m, which totals leave out"), 4);
    assert_true(count_text(captions, "; without the first 3h 00m") >= 4);
    for (size_t i = 0; i < sizeof over_time / sizeof *over_time; i++) {
        char span[100];

        script = read_figure(folder.figures, over_time[i].name, "gp");
        picture = read_figure(folder.figures, over_time[i].name, "svg");
        snprintf(span, sizeof span, "rectangle from graph 0, graph 0 to first 3, graph 1 %s", over_time[i].span);
        if (count_text(script, span) != over_time[i].panels)
            fail_msg("%s: %zu panels are shaded", over_time[i].name, count_text(script, span));
        assert_int_equal(count_text(script, "'warm-up ends' at first 3, "), over_time[i].panels);
        assert_int_equal(count_text(picture, "warm-up ends"), over_time[i].panels);
        free(picture);
        free(script);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        script = read_figure(folder.figures, others[i], "gp");
        assert_null(strstr(script, "warm-up"));
        free(script);
    }
    free(captions);
    folder_close(&folder);
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_by_maxmemory_are_the_results),
        cmocka_unit_test(data_by_maxmemory_are_what_the_table_prints),
        cmocka_unit_test(data_over_time_are_the_curves),
        cmocka_unit_test(gnuplot_draws_the_data_where_they_are),
        cmocka_unit_test(every_size_is_a_point_and_lines_are_steps),
        cmocka_unit_test(no_figure_joins_what_it_does_not_know),
        cmocka_unit_test(where_nothing_was_read_there_is_a_gap),
        cmocka_unit_test(the_line_of_maxmemory_follows_a_scenario),
        cmocka_unit_test(an_interval_is_not_cut_off),
        cmocka_unit_test(a_run_that_lacks_cells_is_drawn),
        cmocka_unit_test(misses_by_cause_are_the_curves_and_add_up),
        cmocka_unit_test(areas_are_stacked),
        cmocka_unit_test(a_page_of_areas_is_not_too_long),
        cmocka_unit_test(evictions_are_drawn_from_their_histograms),
        cmocka_unit_test(the_warmup_is_shaded),
        cmocka_unit_test(data_of_curves_are_the_points_and_what_the_table_prints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
