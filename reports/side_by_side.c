/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/side_by_side.h"

#include "reports/html_report.h"
#include "sim/alloc.h"
#include "sim/output.h"

#include <locale.h>
#include <stdlib.h>

int side_by_side_write(const struct run *const *runs, const char *const *names, size_t count, const char *directory,
                       struct error *error)
{
    locale_t plain, before;
    struct html_run *all;
    struct output output;

    if (output_make_directory(directory, error) || output_open(&output, directory, "report.html", error))
        return -1;
    all = xcalloc(count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct html_run){.run = runs[i], .name = names[i]};
    plain = newlocale(LC_ALL_MASK, "C", NULL);
    before = uselocale(plain);
    html_report_put(all, count, output.file);
    uselocale(before);
    freelocale(plain);
    free(all);
    return output_close(&output, error);
}
