/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/mrc.h"

#include "reports/csv.h"
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "reports/gnuplot.h"
#include "reports/json_values.h"
#include "reports/output.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- table ---- */

enum { LABEL_BYTES = 256 };

/* "sieve (miniature)" */
static void label_of(const struct mrc_curve *curve, char label[LABEL_BYTES])
{
    snprintf(label, LABEL_BYTES, "%s (%s)", curve->policy, curve->method);
}

static bool has_width(const struct mrc_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++)
        if (curve->points[i].high > curve->points[i].low)
            return true;
    return false;
}

static void print_size(const struct mrc *mrc, uint64_t size, char text[UNITS_TEXT])
{
    if (mrc->unit_sizes)
        print_count(text, size);
    else
        print_bytes(text, size);
}

static void put_point(const struct mrc_point *point, bool width, int columns, FILE *out)
{
    char text[48];

    if (width && point->high >= point->low)
        snprintf(text, sizeof text, "%6.2f %% ±%5.2f", 100 * point->miss_ratio, 50 * (point->high - point->low));
    else
        snprintf(text, sizeof text, "%6.2f %%%s", 100 * point->miss_ratio, width ? "       " : "");
    fprintf(out, "  %*s", columns + (strstr(text, "±") != NULL), text); /* two bytes, one column */
}

static bool samples(const struct mrc *mrc)
{
    for (size_t c = 0; c < mrc->curve_count; c++)
        if (strcmp(mrc->curves[c].method, mrc_exact.name) != 0)
            return true;
    return false;
}

static void put_table(const struct mrc *mrc, FILE *out)
{
    char text[UNITS_TEXT], keys[UNITS_TEXT], requests[UNITS_TEXT], label[LABEL_BYTES];

    fprintf(out, "trace    %s (%s): %s requests, %s keys", mrc->trace, mrc->format,
            print_count(requests, mrc->requests), print_count(keys, mrc->keys));
    if (mrc->footprint && !mrc->unit_sizes)
        fprintf(out, ", %s of values", print_bytes(text, mrc->footprint));
    if (samples(mrc) && mrc->most_keys)
        fprintf(out, "\nsample   at most %s keys", print_count(keys, mrc->most_keys));
    else if (samples(mrc))
        fprintf(out, "\nsample   %g %% of the keys", 100 * mrc->rate);
    if (samples(mrc))
        fprintf(out, ", %u salt%s", mrc->salts, mrc->salts == 1 ? "" : "s");
    fprintf(out, "\n\n%12s", mrc->unit_sizes ? "objects" : "cache");
    for (size_t c = 0; c < mrc->curve_count; c++) {
        label_of(&mrc->curves[c], label);
        fprintf(out, "  %*s", (int)strlen(label) < 16 ? 16 : (int)strlen(label), label);
    }
    putc('\n', out);
    for (size_t i = 0; i < mrc->curves[0].count; i++) {
        print_size(mrc, mrc->curves[0].points[i].size, text);
        fprintf(out, "%12s", text);
        for (size_t c = 0; c < mrc->curve_count; c++) {
            const struct mrc_curve *curve = &mrc->curves[c];

            label_of(curve, label);
            put_point(&curve->points[i], has_width(curve), (int)strlen(label) < 16 ? 16 : (int)strlen(label), out);
        }
        putc('\n', out);
    }
    fputs(samples(mrc) && mrc->salts > 1 ? "\nmiss ratio; ± half of the 95 % confidence interval over the salts\n"
                                         : "\nmiss ratio\n",
          out);
}

/* ---- JSON ---- */

static json_t *curve_object(const struct mrc_curve *curve)
{
    json_t *object = json_object(), *points = json_array();

    json_object_set_new(object, "policy", json_from_text(curve->policy));
    json_object_set_new(object, "method", json_from_text(curve->method));
    for (size_t i = 0; i < curve->count; i++) {
        json_t *point = json_object();

        json_object_set_new(point, "size", json_from_count(curve->points[i].size));
        json_object_set_new(point, "miss_ratio", json_from_real(curve->points[i].miss_ratio));
        json_object_set_new(point, "low", json_from_real(curve->points[i].low));
        json_object_set_new(point, "high", json_from_real(curve->points[i].high));
        json_array_append_new(points, point);
    }
    json_object_set_new(object, "points", points);
    return object;
}

static int write_json(const struct mrc *mrc, FILE *out, struct error *error)
{
    json_t *object = json_object(), *curves = json_array();

    json_object_set_new(object, "evsim", json_from_text(mrc->version));
    json_object_set_new(object, "command", json_from_text(mrc->command));
    json_object_set_new(object, "trace", json_from_text(mrc->trace));
    json_object_set_new(object, "format", json_from_text(mrc->format));
    json_object_set_new(object, "requests", json_from_count(mrc->requests));
    json_object_set_new(object, "reads", json_from_count(mrc->reads));
    json_object_set_new(object, "keys", json_from_count(mrc->keys));
    json_object_set_new(object, "footprint", json_from_count(mrc->footprint));
    json_object_set_new(object, "unit_sizes", json_boolean(mrc->unit_sizes));
    json_object_set_new(object, "rate", json_from_real(mrc->rate));
    json_object_set_new(object, "most_keys", json_from_count(mrc->most_keys));
    json_object_set_new(object, "salts", json_from_count(mrc->salts));
    for (size_t c = 0; c < mrc->curve_count; c++)
        json_array_append_new(curves, curve_object(&mrc->curves[c]));
    json_object_set_new(object, "curves", curves);
    return json_write(object, out, error);
}

int mrc_print(const struct mrc *mrc, bool json, FILE *out, const char *name, struct error *error)
{
    if (json && write_json(mrc, out, error))
        return error_prefix(error, "%s: ", name);
    if (!json)
        put_table(mrc, out);
    if (fflush(out) || ferror(out))
        return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", name, strerror(errno));
    return 0;
}

/* ---- CSV ---- */

static int write_csv(const struct mrc *mrc, FILE *out, struct error *error)
{
    (void)error;
    fputs("policy,method,size,miss_ratio,low,high\n", out);
    for (size_t c = 0; c < mrc->curve_count; c++)
        for (size_t i = 0; i < mrc->curves[c].count; i++) {
            const struct mrc_point *point = &mrc->curves[c].points[i];

            csv_text(out, mrc->curves[c].policy, false);
            csv_text(out, mrc->curves[c].method, false);
            csv_count(out, point->size, false);
            csv_real(out, point->miss_ratio, false);
            csv_real(out, point->low, false);
            csv_real(out, point->high, true);
        }
    return 0;
}

/* ---- the figure ---- */

static int write_data(const struct mrc *mrc, FILE *out, struct error *error)
{
    char label[LABEL_BYTES];

    (void)error;
    for (size_t c = 0; c < mrc->curve_count; c++) {
        label_of(&mrc->curves[c], label);
        fprintf(out, "%s# %s\n# size miss_ratio low high\n", c ? "\n\n" : "", label);
        for (size_t i = 0; i < mrc->curves[c].count; i++) {
            const struct mrc_point *point = &mrc->curves[c].points[i];

            fprintf(out, "%llu ", (unsigned long long)point->size);
            figure_put_value(out, point->miss_ratio);
            putc(' ', out);
            figure_put_value(out, point->low);
            putc(' ', out);
            figure_put_value(out, point->high);
            putc('\n', out);
        }
    }
    return 0;
}

/* Sizes span decades, so the axis is logarithmic: a tick at each power of ten, or of 1024 with halves between. */
static void write_size_axis(const struct page *page, const struct mrc *mrc)
{
    const struct mrc_curve *curve = &mrc->curves[0];
    double low = (double)curve->points[0].size, high = (double)curve->points[curve->count - 1].size;
    double base = mrc->unit_sizes ? 10 : 4;
    const char *separator = "";
    char text[UNITS_TEXT];

    fprintf(page->out, "set logscale x %g\nset xrange [%.9g:%.9g]\nset xtics (", base, low,
            high > low ? high : 2 * low);
    for (double tick = pow(base, ceil(log(low) / log(base) - 1e-9)); tick <= high * 1.0001; tick *= base) {
        (mrc->unit_sizes ? tick_number : tick_bytes)(text, tick);
        fprintf(page->out, "%s'%s' %.9g", separator, text, tick);
        separator = ", ";
    }
    fputs(")\n", page->out);
}

static struct range range_of(const struct mrc *mrc)
{
    struct range range = range_empty();

    for (size_t c = 0; c < mrc->curve_count; c++)
        for (size_t i = 0; i < mrc->curves[c].count; i++) {
            range_widen(&range, mrc->curves[c].points[i].miss_ratio);
            range_widen(&range, mrc->curves[c].points[i].low);
            range_widen(&range, mrc->curves[c].points[i].high);
        }
    return range;
}

static void plot(const struct page *page, const struct mrc *mrc)
{
    fputs("plot", page->out);
    for (size_t c = 0; c < mrc->curve_count; c++)
        if (has_width(&mrc->curves[c]))
            fprintf(page->out,
                    " data index %zu using 1:($3*100):($4*100) with filledcurves ls %zu fs transparent "
                    "solid 0.25 noborder notitle, \\\n    ",
                    c, c + 1);
    for (size_t c = 0; c < mrc->curve_count; c++)
        fprintf(page->out, "%s data index %zu using 1:($2*100) with linespoints ls %zu notitle", c ? ", \\\n    " : "",
                c, c + 1);
    putc('\n', page->out);
}

static int write_script(const struct mrc *mrc, FILE *out, struct error *error)
{
    const char **labels = xcalloc(mrc->curve_count, sizeof *labels);
    char *texts = xmalloc(mrc->curve_count * LABEL_BYTES);
    struct range range = range_of(mrc);
    struct page page;

    (void)error;
    for (size_t c = 0; c < mrc->curve_count; c++) {
        labels[c] = texts + c * LABEL_BYTES;
        label_of(&mrc->curves[c], texts + c * LABEL_BYTES);
    }
    page = page_begin(out, "mrc", "miss ratio by the size of the cache", 1, labels, mrc->curve_count);
    page_panel(&page, 0, "", mrc->unit_sizes ? "size of the cache (objects)" : "size of the cache", "miss ratio (%)");
    write_size_axis(&page, mrc);
    page_axis(&page, 'y', axis_percent(range.lowest * 100, range.highest * 100), tick_number);
    plot(&page, mrc);
    page_end(&page);
    free(labels);
    free(texts);
    return 0;
}

/* ---- files ---- */

static int write_file(const struct mrc *mrc, const char *directory, const char *name,
                      int (*write)(const struct mrc *, FILE *, struct error *), struct error *error)
{
    struct output output;

    if (output_open(&output, directory, name, error))
        return -1;
    if (write(mrc, output.file, error))
        error_prefix(error, "%s: ", output.path);
    return output_close(&output, error);
}

int mrc_write(const struct mrc *mrc, const char *directory, struct error *error)
{
    if (output_make_directory(directory, error) || write_file(mrc, directory, "mrc.csv", write_csv, error) ||
        write_file(mrc, directory, "mrc.json", write_json, error) ||
        write_file(mrc, directory, "mrc.dat", write_data, error) ||
        write_file(mrc, directory, "mrc.gp", write_script, error))
        return -1;
    return gnuplot_draw(directory, "mrc", error);
}
