/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/side_by_side.h"

#include "reports/html_report.h"
#include "reports/plain_locale.h"
#include "sim/alloc.h"
#include "sim/output.h"

#include <stdlib.h>

int side_by_side_write(const struct run *const *runs, const char *const *names, size_t count, const char *directory,
                       struct error *error)
{
    struct plain_locale locale;
    struct html_run *all;
    struct output output;

    if (output_make_directory(directory, error) || output_open(&output, directory, "report.html", error))
        return -1;
    all = xcalloc(count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct html_run){.run = runs[i], .name = names[i]};
    locale = plain_locale_begin();
    html_report_put(all, count, output.file);
    plain_locale_end(locale);
    free(all);
    return output_close(&output, error);
}
