/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/registry.h"

#include <string.h>

const struct report *const reports[] = {
#define X(name) &report_##name,
    REPORT_LIST(X)
#undef X
};

const size_t report_count = sizeof reports / sizeof *reports;

const struct report *report_find(const char *name)
{
    for (size_t i = 0; i < report_count; i++)
        if (strcmp(reports[i]->name, name) == 0)
            return reports[i];
    return NULL;
}
