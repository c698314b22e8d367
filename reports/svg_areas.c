/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/svg_areas.h"

#include "sim/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLOUR = 64 };

/* From x0 to x1, between the base and y: in units of the picture. */
struct step {
    char colour[COLOUR];
    double x0, x1, base, y;
};

/* What is looked for stands there: returns what is behind it; else NULL, of NULL, too. */
static const char *behind(const char *at, const char *wanted)
{
    size_t length = strlen(wanted);

    return at && !strncmp(at, wanted, length) ? at + length : NULL;
}

static const char *behind_space(const char *at)
{
    while (at && isspace((unsigned char)*at))
        at++;
    return at;
}

static const char *take_number(const char *at, double *number)
{
    char *end;

    if (!at)
        return NULL;
    *number = strtod(at, &end);
    return end == at ? NULL : end;
}

static const char *take_colour(const char *at, char colour[COLOUR])
{
    const char *end = at ? strchr(at, '\'') : NULL;

    if (!end || end - at >= COLOUR)
        return NULL;
    memcpy(colour, at, (size_t)(end - at));
    colour[end - at] = '\0';
    return end;
}

/* "1.00,2.00 " */
static const char *take_point(const char *at, double *x, double *y)
{
    return behind(take_number(behind(take_number(at, x), ","), y), " ");
}

/* A rectangle as gnuplot writes one; what is behind it, or NULL. */
static const char *take_step(const char *at, struct step *step)
{
    double x[4] = {0}, y[4] = {0};

    at = behind(at, "<g stroke='none' shape-rendering='crispEdges'>");
    at = take_colour(behind(behind_space(at), "<polygon fill = '"), step->colour);
    at = behind(at, "' points = '");
    for (int i = 0; i < 4; i++)
        at = take_point(at, &x[i], &y[i]);
    at = behind(behind_space(behind(at, "'/>")), "</g>");
    if (!at || x[0] != x[3] || x[1] != x[2] || y[0] != y[1] || y[2] != y[3])
        return NULL;
    step->x0 = x[0];
    step->x1 = x[1];
    step->base = y[0];
    step->y = y[2];
    return at;
}

/* The upright line at the step's right end, in its colour, if it is there; what is behind it. */
static const char *skip_seam(const char *at, const struct step *step)
{
    char colour[COLOUR];
    double x[2] = {0}, y[2] = {0};
    const char *next = take_colour(behind(behind_space(at), "<path stroke='"), colour);

    next = take_number(behind(behind_space(behind(next, "'")), "d='M"), &x[0]);
    next = take_number(behind(next, ","), &y[0]);
    next = take_number(behind(next, " L"), &x[1]);
    next = take_number(behind(next, ","), &y[1]);
    next = behind(behind_space(next), "'/>");
    return next && !strcmp(colour, step->colour) && x[0] == step->x1 && x[1] == step->x1 ? next : at;
}

static bool goes_on(const struct step *step, const struct step *next)
{
    return !strcmp(step->colour, next->colour) && step->base == next->base && step->x1 == next->x0;
}

/* The first step was taken. Writes all that go on from it; returns what is behind the last. */
static const char *put_area(const char *at, struct step step, FILE *out)
{
    struct step next;
    const char *end;

    fprintf(out, "<path stroke='none' fill='%s' d='M%.2f,%.2fV%.2f", step.colour, step.x0, step.base, step.y);
    for (;;) {
        at = skip_seam(at, &step);
        end = take_step(behind_space(at), &next);
        if (!end || !goes_on(&step, &next))
            break;
        if (next.y != step.y)
            fprintf(out, "H%.2fV%.2f", step.x1, next.y);
        step = next;
        at = end;
    }
    fprintf(out, "H%.2fV%.2fZ'/>\n", step.x1, step.base);
    return at;
}

char *svg_joined(const char *svg)
{
    char *joined = NULL;
    size_t bytes;
    FILE *out = open_memstream(&joined, &bytes);
    struct step step;

    while (*svg) {
        const char *next = strstr(svg, "<g stroke='none'"), *end = next ? take_step(next, &step) : NULL;

        if (!next) {
            fputs(svg, out);
            break;
        }
        if (!end)
            next++; /* another group: it stays */
        fwrite(svg, 1, (size_t)(next - svg), out);
        svg = end ? put_area(end, step, out) : next;
    }
    fclose(out);
    return joined;
}

/* NULL: the file could not be read to its end. */
static char *read_text(FILE *file)
{
    char *text = NULL, block[1 << 16];
    size_t bytes, got;
    FILE *out = open_memstream(&text, &bytes);

    while ((got = fread(block, 1, sizeof block, file)) > 0)
        fwrite(block, 1, got, out);
    fclose(out);
    if (!ferror(file))
        return text;
    free(text);
    return NULL;
}

int svg_join_areas(const char *path, struct error *error)
{
    FILE *file = fopen(path, "r");
    char *svg, *joined;
    bool is_written;

    if (!file)
        return error_set(error, ERROR_OUTPUT, "%s: cannot open: %s", path, strerror(errno));
    svg = read_text(file);
    if (!svg)
        error_set(error, ERROR_OUTPUT, "%s: cannot read: %s", path, strerror(errno));
    fclose(file);
    if (!svg)
        return -1;
    joined = svg_joined(svg);
    file = fopen(path, "w");
    is_written = file && fputs(joined, file) >= 0;
    is_written &= file && !fclose(file);
    free(joined);
    free(svg);
    return is_written ? 0 : error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
}
