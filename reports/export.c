/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/export.h"

#include "reports/plain_locale.h"
#include "sim/output.h"

#include <assert.h>
#include <string.h>

#define EXPORT_LIST(X)                                                                                                 \
    X(sqlite)                                                                                                          \
    X(openmetrics)

#define X(name) extern const struct export_form export_##name;
EXPORT_LIST(X)
#undef X

const struct export_form *const export_forms[] = {
#define X(name) &export_##name,
    EXPORT_LIST(X)
#undef X
};
const size_t export_form_count = sizeof export_forms / sizeof *export_forms;

static const struct export_form *find(const char *name)
{
    for (size_t i = 0; i < export_form_count; i++)
        if (!strcmp(export_forms[i]->name, name))
            return export_forms[i];
    return NULL;
}

int export_check(enum outcome_kind kind, const char *name, struct error *error)
{
    const struct export_form *form = find(name);

    if (!form)
        return error_set(error, ERROR_USAGE, "no form '%s' to export to", name);
    if (!form->takes[kind])
        return error_set(error, ERROR_USAGE, "--%s: it has no form for %s, only for those of evsim run", name,
                         outcome_types[kind].summary);
    return 0;
}

int export_write(const struct outcome *outcome, const char *form, FILE *out, const char *name, struct error *error)
{
    const struct export_form *found;
    struct plain_locale locale;
    int status;

    if (export_check(outcome->kind, form, error))
        return -1;
    found = find(form);
    assert(found); /* export_check() has found it */
    locale = plain_locale_begin();
    status = found->write(outcome, out, error);
    plain_locale_end(locale);
    return status ? error_prefix(error, "%s: ", name) : output_flush(out, name, error);
}
