/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_axis: axes of panels (figure_page.h), with ticks for people, as many as have room. */
#ifndef REPORTS_FIGURE_AXIS_H
#define REPORTS_FIGURE_AXIS_H

#include "reports/figure_page.h"

#include <stddef.h>
#include <stdint.h>

/* A range from low to high with a tick at each multiple of step, where such a value can be. */
struct axis {
    double low, high, step;
    double least, most; /* values beyond have no tick; intervals may reach there */
};

/* `ticks` is how many there may be (page_ticks). */
struct axis axis_counts(double highest, double ticks); /* from 0, decimal steps */
struct axis axis_bytes(double highest, double ticks); /* from 0, steps that are powers of two, room for a name on top */
/* The same, but from about the lowest on, unless that is less than a fourth of the way up. */
struct axis axis_byte_range(double lowest, double highest, double ticks);
struct axis axis_percent(double lowest, double highest,
                         double ticks); /* low may be above 0; nothing of an interval is cut off */
struct axis axis_differences(double lowest, double highest, bool in_bytes,
                             double ticks);                          /* 0 is within; a margin each way */
struct axis axis_time(double duration, double unit_s, double ticks); /* both in seconds; ticks in units */

typedef void tick_text_fn(char *text, double value); /* into UNITS_TEXT bytes */
tick_text_fn tick_number, tick_bytes;
/* A size that somebody has chosen, as it is typed where that is shorter: 1450kb, not 1.416 MiB. */
tick_text_fn tick_maxmemory;

/* Writes range and ticks of axis 'x' or 'y'. */
void page_axis(const struct page *page, char which, struct axis axis, tick_text_fn *tick_text);

/* A logarithmic x axis, for sizes that double are equal steps, with a tick at each of the sizes, named where there is
 * room; or, unless they are those of every panel, at round sizes. `sizes` increase; a 0 behind them, no limit, gets a place
 * of its own at the right, beyond a line. Returns that place, or 0 when there is none. */
double page_size_axis(const struct page *page, const uint64_t *sizes, size_t count, bool of_all,
                      tick_text_fn *tick_text);

/* A logarithmic axis with a tick at each power of the base, every one of them named where there are few, and some in between where
 * there are fewer than three: one number says nothing of an axis. */
void page_log_axis(const struct page *page, char which, double low, double high, double base, tick_text_fn *tick_text);

#endif
