/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/admission_registry.h"

#include <string.h>

/* One line for each rule. */
#define ADMISSION_LIST(X)                                                                                              \
    X(size)                                                                                                            \
    X(prob)                                                                                                            \
    X(bloom)                                                                                                           \
    X(tinylfu)                                                                                                         \
    X(adaptsize)

#define X(name) extern const struct admission admission_##name;
ADMISSION_LIST(X)
#undef X

const struct admission *const admissions[] = {
#define X(name) &admission_##name,
    ADMISSION_LIST(X)
#undef X
};
const size_t admission_count = sizeof admissions / sizeof *admissions;

const struct admission *admission_find(const char *name)
{
    for (size_t i = 0; i < admission_count; i++)
        if (!strcmp(admissions[i]->name, name))
            return admissions[i];
    return NULL;
}
