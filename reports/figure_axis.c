/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_axis.h"

#include "reports/figure_text.h"
#include "sim/elementary.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    TICK_GAP = 6, /* units between the texts of two ticks on the x axis */
    ROUND_TICKS = 12,
};

static const double ABOVE_BYTES = 0.16; /* of the span: room above the highest, for the text at maxmemory */

/* The smallest of 1, 2 or 5 times a power of ten that needs at most `most` steps. */
static double decimal_step(double span, double most)
{
    double power;

    if (!(span > 0))
        return 1;
    power = elementary_pow(10, floor(elementary_log10(span / most)));
    if (span / power <= most)
        return power;
    if (span / (2 * power) <= most)
        return 2 * power;
    return span / (5 * power) <= most ? 5 * power : 10 * power;
}

struct axis axis_counts(double highest, double ticks)
{
    double step = decimal_step(highest, ticks);

    /* up to the first tick: a narrow axis would have none but 0 otherwise */
    return (struct axis){0, highest > 0 ? fmax(highest * 1.05, step) : 1, step, 0, INFINITY};
}

/* Whether there is a text beside the axis that is longer than "1.5 MiB", for which there is room. */
static bool has_long_text(double low, double high, double step)
{
    enum { ROOM = 7 };
    char text[UNITS_TEXT];

    for (double i = ceil(low / step); i * step <= high; i++) {
        tick_bytes(text, i * step);
        if (strlen(text) > ROOM)
            return true;
    }
    return false;
}

/* A power of two that needs about so many steps; fewer where texts would be long, but two at least up to the axis's end. */
static double byte_step(double low, double high, double ticks)
{
    double step = high - low > ticks ? elementary_exp2(ceil(elementary_log2((high - low) / ticks))) : 1;
    double end = high + ABOVE_BYTES * (high - low);

    while (has_long_text(low, end, step) && floor(end / (2 * step)) > ceil(low / (2 * step)))
        step *= 2;
    return step;
}

struct axis axis_bytes(double highest, double ticks)
{
    return (struct axis){0, highest * (1 + ABOVE_BYTES), byte_step(0, highest, ticks), 0, INFINITY};
}

struct axis axis_byte_range(double lowest, double highest, double ticks)
{
    double low = fmin(lowest, 0.75 * highest), span = highest - low, step = byte_step(low, highest, ticks);

    if (!(low > 0.25 * highest))
        return axis_bytes(highest, ticks);
    return (struct axis){floor(low / step) * step, highest + ABOVE_BYTES * span, step, 0, INFINITY};
}

struct axis axis_percent(double lowest, double highest, double ticks)
{
    double step = decimal_step(fmax(fmin(highest, 100) - fmax(lowest, 0), 0.1), ticks);

    return (struct axis){floor(lowest / step) * step, ceil(highest / step) * step + step * 0.1, step, 0, 100};
}

struct axis axis_differences(double lowest, double highest, bool in_bytes, double ticks)
{
    double span = highest > lowest ? highest - lowest : 1, step = decimal_step(span, ticks);
    const double farthest = fmax(fabs(lowest), fabs(highest));

    if (in_bytes)
        step = span > ticks ? elementary_exp2(ceil(elementary_log2(span / ticks))) : 1;
    if (step > farthest && farthest > 0) /* 0 alone says nothing of the scale */
        step =
            in_bytes && farthest > 1 ? elementary_exp2(floor(elementary_log2(farthest))) : decimal_step(farthest, 2.5);
    return (struct axis){lowest - 0.06 * span, highest + 0.06 * span, step, -INFINITY, INFINITY};
}

/* Uses the steps of clocks and calendars: 5, 15, 30 minutes, 6 or 12 hours, a week. */
struct axis axis_time(double duration, double unit_s, double ticks)
{
    static const double sixty[] = {1, 2, 5, 10, 15, 20, 30, 60};
    static const double hours[] = {1, 2, 3, 4, 6, 12, 24};
    const bool in_hours = unit_s == 3600;
    const double *steps = in_hours ? hours : sixty;
    size_t count = in_hours ? sizeof hours / sizeof *hours : sizeof sixty / sizeof *sixty;
    double span = duration / unit_s, step = decimal_step(span, ticks);

    if (unit_s < 86400 && span > 3)
        for (size_t i = count; i-- > 0;)
            if (span / steps[i] <= ticks)
                step = steps[i];
    if (unit_s == 86400 && span > 7 && span <= 7 * ticks)
        step = span > 2 * ticks ? 7 : 2;
    return (struct axis){0, span > 0 ? span : 1, step, 0, INFINITY};
}

void tick_number(char *text, double value)
{
    if (value >= 1e9)
        snprintf(text, UNITS_TEXT, "%.4g G", value / 1e9);
    else if (value >= 1e6)
        snprintf(text, UNITS_TEXT, "%.4g M", value / 1e6);
    else if (value >= 1e4)
        print_count(text, (uint64_t)llround(value));
    else
        snprintf(text, UNITS_TEXT, "%.6g", value);
}

void tick_bytes(char *text, double value)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t unit = 0;

    for (; value >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    if (value == 0)
        snprintf(text, UNITS_TEXT, "0");
    else
        snprintf(text, UNITS_TEXT, "%.4g %s", value, units[unit]);
}

void tick_maxmemory(char *text, double value)
{
    char typed[UNITS_TEXT];

    tick_bytes(text, value);
    print_maxmemory(typed, (uint64_t)value);
    if (strlen(typed) <= strlen(text))
        strcpy(text, typed);
}

/* Of an x axis the names that would touch the one before are left out. */
void page_axis(const struct page *page, char which, struct axis axis, tick_text_fn *tick_text)
{
    const char *separator = "";
    char text[UNITS_TEXT];
    double named = -INFINITY;

    fprintf(page->out, "set %crange [%.9g:%.9g]\nset %ctics (", which, axis.low, axis.high, which);
    /* ceil may return -0, which would become the tick's text; adding 0.0 makes it 0 */
    for (double i = ceil(fmax(axis.low, axis.least) / axis.step - 1e-9) + 0.0;
         i * axis.step <= fmin(axis.high, axis.most) * (1 + 1e-9); i++) {
        double place = page->area_width * (i * axis.step - axis.low) / (axis.high - axis.low), half;

        tick_text(text, i * axis.step);
        half = figure_text_width(text, FIGURE_TEXT_SIZE) / 2;
        if (which == 'x' && place - half < named + TICK_GAP)
            *text = '\0';
        else
            named = place + half;
        fputs(separator, page->out);
        page_tick(page, which, text, i * axis.step);
        separator = ", ";
    }
    fputs(")\n", page->out);
}

/* The place of runs without a limit on a logarithmic axis of sizes: as far right as both names have room, of a panel alone. */
static double unlimited_place(double lowest, double highest)
{
    return highest * elementary_pow(fmax(highest / lowest, 2), 0.2);
}

/* Where the next tick's name may begin, in units from the panel's left; and where the last one must end. */
struct tick_names {
    double named, last;
};

/* Where a name is, in units from the panel's left. */
struct tick_name {
    char text[UNITS_TEXT];
    double begin, end;
};

static struct tick_name name_at(double pixel, const char *text)
{
    double half = figure_text_width(text, FIGURE_TEXT_SIZE) / 2;
    struct tick_name name = {.begin = pixel - half, .end = pixel + half};

    snprintf(name.text, sizeof name.text, "%s", text);
    return name;
}

/* A logarithmic axis, and how many units it is long. */
struct size_scale {
    double low, high, width;
};

static double scale_place(const struct size_scale *scale, double size)
{
    return scale->width * elementary_log(size / scale->low) / elementary_log(scale->high / scale->low);
}

static struct tick_name name_of(const struct size_scale *scale, double size, tick_text_fn *tick_text)
{
    char text[UNITS_TEXT];

    tick_text(text, size);
    return name_at(scale_place(scale, size), text);
}

/* A tick on the axis whose name is left out where it would touch the one before, or go beyond `most`. */
static void put_size_tick(const struct page *page, struct tick_names *names, double size, const struct tick_name *name,
                          double most)
{
    bool has_room = name->begin >= names->named + TICK_GAP && name->end <= most;

    if (has_room)
        names->named = name->end;
    page_tick(page, 'x', has_room ? name->text : "", size);
}

/* Powers of two times these, the finest that are few enough. */
static size_t round_sizes(double low, double high, double sizes[])
{
    static const double factors[] = {1, 1.5, 1.25, 1.75};
    size_t count = 0;

    for (int finest = 4; finest >= 1; finest /= 2) {
        count = 0;
        for (double power = floor(elementary_log2(low)); power <= elementary_log2(high); power++)
            for (int quarter = 0; quarter < 4; quarter++) {
                const double at = elementary_exp2(power) * (1 + quarter / 4.0);
                bool is_taken = false;

                for (int i = 0; i < finest; i++)
                    is_taken |= factors[i] == 1 + quarter / 4.0;
                if (is_taken && at >= low && at <= high && count < ROUND_TICKS)
                    sizes[count++] = at;
            }
        if (count < ROUND_TICKS)
            break;
    }
    return count;
}

/* Of all ticks the last has its name first, for it says how far the axis goes; the others have theirs from the left on, as far as there
 * is room before it. The first panel of a row may begin its names left of itself, below its numbers; the others, behind the last name
 * of the panel beside, which is the same as their own. */
double page_size_axis(const struct page *page, const uint64_t *sizes, size_t count, bool of_all,
                      tick_text_fn *tick_text)
{
    bool has_unlimited = count && !sizes[count - 1], is_first = page_row_first(page, page->panel) == page->panel;
    size_t limits = count - has_unlimited, ticks = limits;
    double lowest = (double)sizes[0], highest = (double)sizes[limits - 1], round[ROUND_TICKS];
    double place = has_unlimited ? unlimited_place(lowest, highest) : 0, end = fmax(highest, place);
    double margin = elementary_pow(fmax(end / lowest, 2), 0.05), width = page->area_width;
    const struct size_scale scale = {lowest / margin, end * margin, width};
    struct tick_names names = {.named = -page->left, .last = width + page->gap / 2.0 - TICK_GAP / 2.0};
    struct tick_name last;

    fprintf(page->out, "set logscale x 2\nset xrange [%.9g:%.9g]\nset xtics (", scale.low, scale.high);
    if (!of_all)
        ticks = round_sizes(scale.low, highest * margin, round);
    last = has_unlimited
               ? name_at(scale_place(&scale, place), "no limit")
               : name_of(&scale, ticks ? of_all ? (double)sizes[ticks - 1] : round[ticks - 1] : highest, tick_text);
    if (!is_first)
        names.named = fmax(last.end - width - page->gap, -page->gap);
    for (size_t i = 0; i < ticks; i++) {
        const double size = of_all ? (double)sizes[i] : round[i];
        const bool is_last = i + 1 == ticks && !has_unlimited;
        const struct tick_name name = name_of(&scale, size, tick_text);

        fputs(i ? ", " : "", page->out);
        put_size_tick(page, &names, size, &name, is_last ? names.last : fmin(names.last, last.begin - TICK_GAP));
    }
    if (has_unlimited) {
        fputs(ticks ? ", " : "", page->out);
        page_tick(page, 'x', last.text, place);
    }
    fputs(")\n", page->out);
    if (has_unlimited)
        fprintf(page->out,
                "set arrow 2 from first %.9g, graph 0 to first %.9g, graph 1 nohead back lc rgb '#909090' dt (2,3)\n",
                sqrt(highest * place), sqrt(highest * place));
    return place;
}

/* How closely a logarithmic axis is ticked: at a base's powers times these. */
struct log_ticks {
    double base;
    unsigned count;
    double factors[4];
};

static unsigned ticks_between(const struct log_ticks *ticks, double low, double high)
{
    unsigned count = 0;

    for (double power = floor(elementary_log(low) / elementary_log(ticks->base));
         elementary_pow(ticks->base, power) <= high; power++)
        for (unsigned i = 0; i < ticks->count; i++) {
            double at = ticks->factors[i] * elementary_pow(ticks->base, power);

            count += at >= low && at <= high;
        }
    return count;
}

void page_log_axis(const struct page *page, char which, double low, double high, double base, tick_text_fn *tick_text)
{
    const struct log_ticks tens[] = {{10, 1, {1}}, {10, 3, {1, 2, 5}}, {10, 4, {1, 2, 3, 5}}};
    const struct log_ticks twos[] = {{base, 1, {1}}, {2, 1, {1}}, {2, 4, {1, 1.25, 1.5, 1.75}}};
    const struct log_ticks *ticks = base == 10 ? tens : twos;
    double from, to, step;
    unsigned powers;
    const char *separator = "";
    char text[UNITS_TEXT];

    while (ticks_between(ticks, low, high) < 3 && ticks != &tens[2] && ticks != &twos[2])
        ticks++;
    from = ticks->count == 1 ? ceil(elementary_log(low) / elementary_log(ticks->base) - 1e-9)
                             : floor(elementary_log(low) / elementary_log(ticks->base) + 1e-9);
    to = ceil(elementary_log(high) / elementary_log(ticks->base) - 1e-9);
    fprintf(page->out, "set logscale %c\nset %crange [%.9g:%.9g]\nset %ctics (", which, which, low, high, which);
    powers = ticks_between(ticks, low, high) / ticks->count;
    step = ceil(powers / page_ticks(page, which));
    for (double power = from; power <= to; power += fmax(1, step))
        for (unsigned i = 0; i < ticks->count; i++) {
            const double at = ticks->factors[i] * elementary_pow(ticks->base, power);

            if (at < low || at > high)
                continue;
            tick_text(text, at);
            fputs(separator, page->out);
            page_tick(page, which, text, at);
            separator = ", ";
        }
    fputs(")\n", page->out);
}
