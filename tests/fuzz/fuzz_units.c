/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_units: any text as a size, a duration or a number. What was read can be printed, and a printed size reads
 * back. */
#include "sim/units.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"

#include <stdlib.h>

int fuzz_units(const uint8_t *bytes, size_t count)
{
    char *text = bytes_as_text(bytes, count), printed[UNITS_TEXT];
    uint64_t size, again;
    int64_t number;

    if (scan_bytes(text, &size)) {
        print_bytes(printed, size);
        if (!scan_bytes(print_maxmemory(printed, size), &again) || again != size)
            abort();
    }
    if (scan_duration(text, &number))
        print_duration(printed, number);
    if (scan_uint64(text, &size))
        print_count(printed, size);
    scan_int64(text, &number);
    free(text);
    return 0;
}
