/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain_locale: the C locale for this thread, while numbers are written, whatever the program's is. */
#ifndef REPORTS_PLAIN_LOCALE_H
#define REPORTS_PLAIN_LOCALE_H

#include <locale.h>

struct plain_locale {
    locale_t plain, before;
};

/* To be ended. */
static inline struct plain_locale plain_locale_begin(void)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", NULL);

    return (struct plain_locale){plain, uselocale(plain)};
}

static inline void plain_locale_end(struct plain_locale locale)
{
    uselocale(locale.before);
    freelocale(locale.plain);
}

#endif
