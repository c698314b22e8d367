/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc_table: mrc.txt, miss ratios for people to read, one line per size and one column per curve. */
#include "reports/mrc_curves.h"
#include "reports/reading.h"
#include "reports/text.h"
#include "reports/text_table.h"
#include "sim/printable.h"
#include "sim/report.h"
#include "sim/units.h"

#include <string.h>

enum { SIZE_COLUMNS = 12, CURVE_COLUMNS = 16 };

static void print_size(const struct mrc *mrc, uint64_t size, char text[UNITS_TEXT])
{
    if (mrc->unit_sizes)
        print_count(text, size);
    else if (mrc->of_servers)
        print_maxmemory(text, size); /* to be typed */
    else
        print_bytes(text, size);
}

/* Behind the point of a server at which writes were refused stands a '!'. */
static void print_point(const struct mrc *mrc, const struct mrc_point *point, bool width, char text[MRC_LABEL])
{
    int used =
        snprintf(text, MRC_LABEL, mrc->miss_ratios_are_least ? "≥ %.2f %%" : "%6.2f %%", 100 * point->miss_ratio);

    if (width && point->high >= point->low)
        used += snprintf(text + used, MRC_LABEL - (size_t)used, " ±%5.2f", 50 * (point->high - point->low));
    if (mrc->of_servers)
        snprintf(text + used, MRC_LABEL - (size_t)used, "%s", point->oom_rejections > 0 ? "!" : "");
}

/* Without a '!' there is a blank in its place, which is put before what comes next. Returns how many are due. */
static int put_point(const struct mrc *mrc, const struct mrc_point *point, bool width, int columns, int due, FILE *out)
{
    char text[MRC_LABEL];
    int blank = mrc->of_servers && !(point->oom_rejections > 0);

    print_point(mrc, point, width, text);
    fprintf(out, "%*s  %*s", due, "", columns - blank + (int)strlen(text) - display_width(text), text);
    return blank;
}

static bool samples(const struct mrc *mrc)
{
    for (size_t c = 0; !mrc->of_servers && c < mrc->curve_count; c++)
        if (strcmp(mrc->curves[c].method, mrc_exact.name) != 0)
            return true;
    return false;
}

static bool refuses(const struct mrc *mrc)
{
    for (size_t c = 0; c < mrc->curve_count; c++)
        for (size_t i = 0; i < mrc->curves[c].count; i++)
            if (mrc->curves[c].points[i].oom_rejections > 0)
                return true;
    return false;
}

static bool is_of_one_server(const struct mrc *mrc)
{
    bool is_of_one = mrc->of_servers && mrc->curve_count;

    for (size_t i = 1; i < mrc->curve_count; i++)
        is_of_one &= !strcmp(mrc->curves[i].server, mrc->curves[0].server);
    return is_of_one;
}

/* What stands above a curve: of one server, the policy alone. Returns how wide the column is. */
static int head(const struct mrc *mrc, size_t c, char label[MRC_LABEL])
{
    if (is_of_one_server(mrc)) {
        snprintf(label, MRC_LABEL, "%s", mrc->curves[c].policy);
        printable(label);
    } else {
        mrc_label(&mrc->curves[c], label);
    }
    return (int)strlen(label) < CURVE_COLUMNS ? CURVE_COLUMNS : (int)strlen(label);
}

/* The first curve that does not stand beside `first` any more on lines of so many columns; 0: all do. */
static size_t block_end(const struct mrc *mrc, size_t first, int columns)
{
    char label[MRC_LABEL];
    int used = SIZE_COLUMNS + 2 + head(mrc, first, label);
    size_t end = first + 1;

    while (end < mrc->curve_count && (!columns || used + 2 + head(mrc, end, label) <= columns))
        used += 2 + head(mrc, end++, label);
    return end;
}

static void put_block(const struct mrc *mrc, size_t first, size_t end, FILE *out)
{
    char text[UNITS_TEXT], label[MRC_LABEL];

    fprintf(out, "\n%*s", SIZE_COLUMNS, mrc->unit_sizes ? "objects" : mrc->of_servers ? "maxmemory" : "cache");
    for (size_t c = first; c < end; c++) {
        int columns = head(mrc, c, label);

        fprintf(out, "  %*s", columns, label);
    }
    putc('\n', out);
    for (size_t i = 0; i < mrc->curves[first].count; i++) {
        print_size(mrc, mrc->curves[first].points[i].size, text);
        fprintf(out, "%*s", SIZE_COLUMNS, text);
        for (size_t c = first, due = 0; c < end; c++)
            due = (size_t)put_point(mrc, &mrc->curves[c].points[i], mrc_has_width(&mrc->curves[c]), head(mrc, c, label),
                                    (int)due, out);
        putc('\n', out);
    }
}

static void put_markdown(const struct mrc *mrc, FILE *out)
{
    char text[UNITS_TEXT], label[MRC_LABEL];

    fputs("\n|", out);
    text_put_markdown(mrc->unit_sizes ? "objects" : mrc->of_servers ? "maxmemory" : "cache", out);
    for (size_t c = 0; c < mrc->curve_count; c++) {
        head(mrc, c, label);
        text_put_markdown(label, out);
    }
    fputs("\n|---:|", out);
    for (size_t c = 0; c < mrc->curve_count; c++)
        fputs("---:|", out);
    putc('\n', out);
    for (size_t i = 0; mrc->curve_count && i < mrc->curves[0].count; i++) {
        putc('|', out);
        print_size(mrc, mrc->curves[0].points[i].size, text);
        text_put_markdown(text, out);
        for (size_t c = 0; c < mrc->curve_count; c++) {
            print_point(mrc, &mrc->curves[c].points[i], mrc_has_width(&mrc->curves[c]), label);
            text_put_markdown(label, out);
        }
        putc('\n', out);
    }
}

static void put_text(const char *title, const char *text, FILE *out)
{
    if (!text)
        return;
    fputs(title, out);
    printable_put(text, out);
    putc('\n', out);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct mrc *mrc = outcome->mrc;
    char text[UNITS_TEXT], keys[UNITS_TEXT], requests[UNITS_TEXT];

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
    if (mrc->of_servers)
        fprintf(out, "\nserver   %s: each point is a simulation; on-miss %s",
                is_of_one_server(mrc) ? mrc->curves[0].server : "as the columns say", mrc->on_miss);
    putc('\n', out);
    put_text("admission ", mrc->admission, out);
    put_text("scenario ", mrc->scenario, out);
    reading_put(&mrc->intake, mrc->start_unix_us, out);
    warnings_put(mrc->warnings, mrc->warning_count, out);
    if (outcome->markdown)
        put_markdown(mrc, out);
    for (size_t first = 0, end; first < mrc->curve_count && !outcome->markdown; first = end) {
        end = block_end(mrc, first, outcome->columns);
        put_block(mrc, first, end, out);
    }
    fprintf(out, "\nmiss ratio%s%s\n",
            !(samples(mrc) || mrc->of_servers) || mrc->salts < 2 ? ""
                                                                 : "; ± half of the 95 % confidence interval over the ",
            !(samples(mrc) || mrc->of_servers) || mrc->salts < 2 ? ""
            : mrc->of_servers                                    ? "seeds"
                                                                 : "salts");
    if (refuses(mrc))
        fputs("! there the server refused writes (OOM)\n", out);
    return 0;
}

const struct report report_mrc_table = {
    .name = "mrc.txt",
    .summary = "miss-ratio curves: the table on standard output, to be read",
    .takes = OUTCOME_MRC,
    .print = PRINT_TABLE,
    .has_markdown = true,
    .whole = "the table has a column for each policy, which --policy chooses; of the CSV columns are to choose "
             "(--print csv)",
    .write = write,
};
