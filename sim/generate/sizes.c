/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/sizes.h"

#include "sim/alloc.h"
#include "sim/draws.h"
#include "sim/elementary.h"
#include "sim/host_memory.h"
#include "sim/json_text.h"
#include "sim/line_file.h"

#include <assert.h>
#include <jansson.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What --value-sizes and --key-sizes take, in the order of the enum. */
static const struct {
    const char *name;
    int numbers;
} kinds[] = {
    [SIZES_FIXED] = {"fixed", 1}, [SIZES_LOGNORMAL] = {"lognormal", 2}, [SIZES_PARETO] = {"pareto", 2},
    [SIZES_GPD] = {"gpd", 3},     [SIZES_TABLE] = {"file", 0},
};

/* ---- tables from files ---- */

/* Rows as they are read. */
struct table {
    struct sizes_row *rows;
    size_t count, capacity;
    double sum;
};

static int add_row(struct table *table, double value, double weight, const char *path, size_t line, struct error *error)
{
    if (!(value >= 0 && value <= UINT32_MAX) || !(weight >= 0) || !isfinite(weight))
        return error_set(error, ERROR_INPUT, "%s:%zu: a size must be between 0 and 4 GB, and its weight not negative",
                         path, line);
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? 2 * table->capacity : 64;
        table->rows = xrealloc(table->rows, table->capacity * sizeof *table->rows);
    }
    table->rows[table->count++] = (struct sizes_row){value, weight};
    table->sum += weight;
    return 0;
}

static int read_csv(struct table *table, char *text, const char *path, struct error *error)
{
    size_t line = 0;

    for (char *row = text, *next; row && *row; row = next) {
        char *end;

        next = strchr(row, '\n');
        if (next)
            *next++ = '\0';
        line++;
        row[strcspn(row, "\r")] = '\0';
        double value = strtod(row, &end);
        if (end == row) {
            if (line == 1 || !*row)
                continue; /* a header, an empty line */
            return error_set(error, ERROR_INPUT, "%s:%zu: '%.40s' is not value,weight", path, line, row);
        }
        end += strspn(end, " \t,;");
        char *number = end;
        double weight = strtod(number, &end);
        if (end == number || end[strspn(end, " \t")])
            return error_set(error, ERROR_INPUT, "%s:%zu: '%.40s' is not value,weight", path, line, row);
        if (add_row(table, value, weight, path, line, error))
            return -1;
    }
    return 0;
}

static int bad_json(const char *path, struct error *error)
{
    return error_set(error, ERROR_INPUT,
                     "%s: expected {\"value\": weight, ...}, [[value, weight], ...], or CacheLib's valSizeRange and "
                     "valSizeRangeProbability",
                     path);
}

/* Two lists side by side. */
static int read_lists(struct table *table, const json_t *values, const json_t *weights, const char *path,
                      struct error *error)
{
    if (!json_is_array(values) || !json_is_array(weights) || json_array_size(values) != json_array_size(weights))
        return bad_json(path, error);
    for (size_t i = 0; i < json_array_size(values); i++)
        if (!json_is_number(json_array_get(values, i)) || !json_is_number(json_array_get(weights, i)))
            return bad_json(path, error);
        else if (add_row(table, json_number_value(json_array_get(values, i)),
                         json_number_value(json_array_get(weights, i)), path, i + 1, error))
            return -1;
    return 0;
}

static int read_pairs(struct table *table, json_t *root, const char *path, struct error *error)
{
    const char *name;
    json_t *weight;
    size_t line = 0;

    for (size_t i = 0; json_is_array(root) && i < json_array_size(root); i++) {
        const json_t *pair = json_array_get(root, i);
        if (!json_is_number(json_array_get(pair, 0)) || !json_is_number(json_array_get(pair, 1)))
            return bad_json(path, error);
        if (add_row(table, json_number_value(json_array_get(pair, 0)), json_number_value(json_array_get(pair, 1)), path,
                    i + 1, error))
            return -1;
    }
    json_object_foreach(root, name, weight)
    {
        char *end;
        double value = strtod(name, &end);
        if (end == name || *end || !json_is_number(weight))
            return bad_json(path, error);
        if (add_row(table, value, json_number_value(weight), path, ++line, error))
            return -1;
    }
    return 0;
}

static int read_json(struct table *table, const char *text, bool *spread, const char *path, struct error *error)
{
    json_error_t fault;
    json_t *root = json_loads(text, 0, &fault), *values;
    int status;

    if (!root)
        return error_set(error, ERROR_INPUT, "%s:%d: %s", path, fault.line, fault.text);
    values = json_object_get(root, "valSizeRange");
    *spread = values != NULL;
    if (values)
        status = read_lists(table, values, json_object_get(root, "valSizeRangeProbability"), path, error);
    else
        status = read_pairs(table, root, path, error);
    json_decref(root);
    return status;
}

/* The whole file, which ends with a 0; to be freed. */
static char *read_file(const char *path, struct error *error)
{
    struct line_file file;
    char *text = NULL;

    if (line_file_open(&file, path, HOST_MEMORY_ALL)) {
        error_set(error, ERROR_INPUT, "%s: cannot read: %s", path, strerror(errno));
        return NULL;
    }
    if (line_file_rest(&file, error) > 0 &&
        !line_file_may_take(&file, json_text_memory(file.text, file.bytes), "its table", error))
        text = xstrdup(file.text);
    else if (!error_is_set(error))
        error_set(error, ERROR_INPUT, "%s: cannot read: %s", path, file.reason ? strerror(file.reason) : "it is empty");
    line_file_close(&file);
    return text;
}

static int rising(const void *a, const void *b)
{
    double x = ((const struct sizes_row *)a)->value, y = ((const struct sizes_row *)b)->value;

    return (x > y) - (x < y);
}

static int read_table(struct sizes *distribution, const char *path, struct error *error)
{
    struct table table = {0};
    char *text = read_file(path, error);
    int status;

    if (!text)
        return -1;
    if (strchr("{[", text[strspn(text, " \t\r\n")]) && text[strspn(text, " \t\r\n")])
        status = read_json(&table, text, &distribution->spread, path, error);
    else
        status = read_csv(&table, text, path, error);
    free(text);
    if (!status && !(table.sum > 0))
        status = error_set(error, ERROR_INPUT, "%s: it has no size of any weight", path);
    if (!status) { /* the order of a JSON object's names is nobody's choice */
        assert(table.rows);
        qsort(table.rows, table.count, sizeof *table.rows, rising);
    }
    distribution->rows = distribution->owned = table.rows;
    distribution->row_count = table.count;
    return status;
}

/* ---- parsing ---- */

static bool makes_sense(const struct sizes *d)
{
    switch (d->kind) {
    case SIZES_FIXED:
        return d->a >= 0;
    case SIZES_LOGNORMAL:
        return d->a > 0 && d->b >= 0 && d->b <= 10;
    case SIZES_PARETO:
        return d->a > 0 && d->b > 0;
    case SIZES_GPD:
        return d->a >= 0 && d->b > 0 && d->c > -10;
    case SIZES_NONE:
    case SIZES_TABLE:
        break;
    }
    return true;
}

int sizes_parse(struct sizes *distribution, const char *text, struct error *error)
{
    const char *colon = strchr(text, ':');
    size_t kind, length = colon ? (size_t)(colon - text) : 0;
    double *numbers[] = {&distribution->a, &distribution->b, &distribution->c};
    char *end;

    *distribution = (struct sizes){0};
    for (kind = SIZES_FIXED; kind < sizeof kinds / sizeof *kinds; kind++)
        if (strlen(kinds[kind].name) == length && !strncmp(kinds[kind].name, text, length))
            break;
    if (kind == sizeof kinds / sizeof *kinds)
        return error_set(error, ERROR_USAGE,
                         "'%s' is none of fixed:BYTES, lognormal:MEAN,SIGMA, pareto:LEAST,SHAPE, "
                         "gpd:LOCATION,SCALE,SHAPE, file:PATH",
                         text);
    distribution->kind = (enum sizes_kind)kind;
    if (kind == SIZES_TABLE)
        return read_table(distribution, colon + 1, error);
    assert(kinds[kind].numbers <= (int)(sizeof numbers / sizeof *numbers));
    assert(colon); /* no kind has an empty name */
    text = colon + 1;
    for (int i = 0; i < kinds[kind].numbers; i++) {
        *numbers[i] = strtod(text, &end);
        if (end == text || !isfinite(*numbers[i]) || *end != (i + 1 < kinds[kind].numbers ? ',' : '\0'))
            return error_set(error, ERROR_USAGE, "%s wants %d number%s, separated by commas: '%s'", kinds[kind].name,
                             kinds[kind].numbers, kinds[kind].numbers > 1 ? "s" : "", colon + 1);
        text = end + 1;
    }
    if (!makes_sense(distribution))
        return error_set(error, ERROR_USAGE, "there is no %s distribution of '%s'", kinds[kind].name, colon + 1);
    return 0;
}

void sizes_prepare(struct sizes *distribution)
{
    double *weights;

    if (distribution->kind != SIZES_TABLE || distribution->alias)
        return;
    weights = xmalloc(distribution->row_count * sizeof *weights);
    for (size_t i = 0; i < distribution->row_count; i++)
        weights[i] = distribution->rows[i].weight;
    distribution->alias = gsl_ran_discrete_preproc(distribution->row_count, weights);
    free(weights);
}

void sizes_release(struct sizes *distribution)
{
    if (distribution->alias)
        gsl_ran_discrete_free(distribution->alias);
    free(distribution->owned);
    *distribution = (struct sizes){0};
}

/* ---- drawing ---- */

static double range_begin(const struct sizes *d, size_t row)
{
    return row ? d->rows[row - 1].value + 1 : 1;
}

static double draw_row(const struct sizes *d, gsl_rng *rng)
{
    size_t row = gsl_ran_discrete(rng, d->alias);

    if (!d->spread)
        return d->rows[row].value;
    double first = range_begin(d, row);
    return first + floor(gsl_rng_uniform(rng) * (d->rows[row].value - first + 1));
}

double sizes_draw(const struct sizes *d, gsl_rng *rng)
{
    double tail;

    switch (d->kind) {
    case SIZES_FIXED:
        return round(d->a);
    case SIZES_LOGNORMAL: /* this zeta gives the mean that was asked for */
        return round(draw_lognormal(rng, elementary_log(d->a) - d->b * d->b / 2, d->b));
    case SIZES_PARETO:
        return round(draw_pareto(rng, d->b, d->a));
    case SIZES_GPD:
        tail = gsl_rng_uniform_pos(rng);
        return round(d->a + d->b * (d->c != 0 ? (elementary_pow(tail, -d->c) - 1) / d->c : -elementary_log(tail)));
    case SIZES_TABLE:
        return round(draw_row(d, rng));
    case SIZES_NONE:
        break;
    }
    return 0;
}

double sizes_mean(const struct sizes *d)
{
    double sum = 0, weight = 0;

    switch (d->kind) {
    case SIZES_FIXED:
    case SIZES_LOGNORMAL:
        return d->a;
    case SIZES_PARETO:
        return d->b > 1 ? d->a * d->b / (d->b - 1) : INFINITY;
    case SIZES_GPD:
        return d->c < 1 ? d->a + d->b / (1 - d->c) : INFINITY;
    case SIZES_TABLE:
        for (size_t i = 0; i < d->row_count; i++) {
            double value = d->spread ? (range_begin(d, i) + d->rows[i].value) / 2 : d->rows[i].value;
            sum += value * d->rows[i].weight;
            weight += d->rows[i].weight;
        }
        return sum / weight;
    case SIZES_NONE:
        break;
    }
    return 0;
}
