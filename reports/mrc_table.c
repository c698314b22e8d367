/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc_table: mrc.txt, miss ratios for people to read, one line per size and one column per curve. */
#include "reports/mrc_curves.h"
#include "reports/reading.h"
#include "reports/text.h"
#include "sim/printable.h"
#include "sim/report.h"
#include "sim/units.h"

#include <string.h>

static void print_size(const struct mrc *mrc, uint64_t size, char text[UNITS_TEXT])
{
    if (mrc->unit_sizes)
        print_count(text, size);
    else
        print_bytes(text, size);
}

static void put_point(const struct mrc_point *point, bool is_least, bool width, int columns, FILE *out)
{
    char text[64];
    int used = snprintf(text, sizeof text, is_least ? "≥ %.2f %%" : "%6.2f %%", 100 * point->miss_ratio);

    if (width && point->high >= point->low)
        snprintf(text + used, sizeof text - (size_t)used, " ±%5.2f", 50 * (point->high - point->low));
    else if (width)
        snprintf(text + used, sizeof text - (size_t)used, "       ");
    fprintf(out, "  %*s", columns + (int)strlen(text) - display_width(text), text);
}

static bool samples(const struct mrc *mrc)
{
    for (size_t c = 0; c < mrc->curve_count; c++)
        if (strcmp(mrc->curves[c].method, mrc_exact.name) != 0)
            return true;
    return false;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct mrc *mrc = outcome->mrc;
    char text[UNITS_TEXT], keys[UNITS_TEXT], requests[UNITS_TEXT], label[MRC_LABEL];

    (void)error;
    fputs("trace    ", out);
    printable_put(mrc->trace, out);
    fprintf(out, " (%s): %s requests, %s keys", mrc->format, print_count(requests, mrc->requests),
            print_count(keys, mrc->keys));
    if (mrc->footprint && !mrc->unit_sizes)
        fprintf(out, ", %s%s of %svalues", mrc->footprint_is_least ? "≥ " : "", print_bytes(text, mrc->footprint),
                mrc->weighs_keys ? "keys and " : "");
    if (samples(mrc) && mrc->most_keys)
        fprintf(out, "\nsample   at most %s keys", print_count(keys, mrc->most_keys));
    else if (samples(mrc))
        fprintf(out, "\nsample   %g %% of the keys", 100 * mrc->rate);
    if (samples(mrc))
        fprintf(out, ", %u salt%s", mrc->salts, mrc->salts == 1 ? "" : "s");
    putc('\n', out);
    reading_put(&mrc->intake, mrc->start_unix_us, out);
    warnings_put(mrc->warnings, mrc->warning_count, out);
    fprintf(out, "\n%12s", mrc->unit_sizes ? "objects" : "cache");
    for (size_t c = 0; c < mrc->curve_count; c++) {
        mrc_label(&mrc->curves[c], label);
        fprintf(out, "  %*s", (int)strlen(label) < 16 ? 16 : (int)strlen(label), label);
    }
    putc('\n', out);
    for (size_t i = 0; mrc->curve_count && i < mrc->curves[0].count; i++) {
        print_size(mrc, mrc->curves[0].points[i].size, text);
        fprintf(out, "%12s", text);
        for (size_t c = 0; c < mrc->curve_count; c++) {
            const struct mrc_curve *curve = &mrc->curves[c];

            mrc_label(curve, label);
            put_point(&curve->points[i], mrc->miss_ratios_are_least, mrc_has_width(curve),
                      (int)strlen(label) < 16 ? 16 : (int)strlen(label), out);
        }
        putc('\n', out);
    }
    fputs(samples(mrc) && mrc->salts > 1 ? "\nmiss ratio; ± half of the 95 % confidence interval over the salts\n"
                                         : "\nmiss ratio\n",
          out);
    return 0;
}

const struct report report_mrc_table = {
    .name = "mrc.txt",
    .summary = "miss-ratio curves: the table on standard output, to be read",
    .takes = OUTCOME_MRC,
    .print = PRINT_TABLE,
    .write = write,
};
