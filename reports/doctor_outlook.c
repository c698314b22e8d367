/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/doctor_outlook.h"

#include "sim/units.h"

#include <math.h>

enum { NEVER_HOURS = 24 * 3650 };

static void print_hours(char text[UNITS_TEXT], double hours)
{
    if (isnan(hours))
        snprintf(text, UNITS_TEXT, "unknown");
    else if (hours > NEVER_HOURS)
        snprintf(text, UNITS_TEXT, "never");
    else if (hours > 72)
        snprintf(text, UNITS_TEXT, "%.1f days", hours / 24);
    else
        print_duration(text, (int64_t)(hours * 3600e6));
}

void doctor_outlook_put(const struct diagnosis *diagnosis, int indent, struct article *to)
{
    const struct growth *growth = &diagnosis->growth;
    char text[400], mean[UNITS_TEXT], low[UNITS_TEXT], high[UNITS_TEXT], peak[UNITS_TEXT];

    if (diagnosis->is_untimed)
        snprintf(text, sizeof text,
                 "The trace has no times: nothing is said of growth, nor of ttls; the times above are made up.");
    else if (isnan(growth->bytes_per_hour))
        snprintf(text, sizeof text, "The trace is too short to say how fast memory grows.");
    else if (growth->low <= 0)
        snprintf(text, sizeof text, "Without a limit used_memory comes to %s, and does not grow for certain.",
                 print_bytes(peak, diagnosis->unlimited_peak));
    else
        snprintf(text, sizeof text,
                 "Without a limit used_memory comes to %s and grows by %s an hour (95 %%: %s to %s).",
                 print_bytes(peak, diagnosis->unlimited_peak), print_bytes(mean, (uint64_t)growth->bytes_per_hour),
                 print_bytes(low, (uint64_t)growth->low), print_bytes(high, (uint64_t)growth->high));
    article_gap(to);
    article_paragraph(to, "growth", indent, text);
    for (size_t i = 0; i < diagnosis->outlook_count; i++) {
        const struct outlook *outlook = &diagnosis->outlooks[i];

        if (outlook->full_in_trace) {
            snprintf(text, sizeof text, "maxmemory x%g (%s) is full within the trace.", outlook->factor,
                     print_bytes(peak, outlook->maxmemory));
        } else if (isnan(outlook->hours) || outlook->soonest > NEVER_HOURS) {
            snprintf(text, sizeof text, "maxmemory x%g (%s) is enough %s.", outlook->factor,
                     print_bytes(peak, outlook->maxmemory), isnan(outlook->hours) ? "for the trace" : "at this growth");
        } else {
            print_hours(mean, outlook->hours);
            print_hours(low, outlook->soonest);
            print_hours(high, outlook->latest);
            snprintf(text, sizeof text,
                     "maxmemory x%g (%s) is full %s after the trace's end at this growth (%s to %s).", outlook->factor,
                     print_bytes(peak, outlook->maxmemory), mean, low, high);
        }
        article_paragraph(to, i ? "" : "RAM", indent, text);
    }
}
