/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unstable_qsort: qsort() as a C library may have it: of elements that compare as equal the last comes first. What evsim prints may not
 * depend on it. */
#include <stdlib.h>
#include <string.h>

void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    char *items = base, *held = malloc(size + 1);

    if (!held)
        abort();
    for (size_t gap = count; gap;) { /* Shell's sort, from the last element */
        gap = gap == 2 ? 1 : gap * 5 / 11;
        for (size_t i = count - gap; gap && i-- > 0;) {
            size_t place = i;

            memcpy(held, items + i * size, size);
            for (; place + gap < count && compare(held, items + (place + gap) * size) >= 0; place += gap)
                memcpy(items + place * size, items + (place + gap) * size, size);
            memcpy(items + place * size, held, size);
        }
    }
    free(held);
}
