/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/contract.h"

#include "sim/sudden_end.h"

#include <stdio.h>
#include <stdlib.h>

void contract_broken(const char *file, int line, const char *promise, const char *condition)
{
    fprintf(stderr, "evsim: bug: %s:%d: %s (%s): please report it\n", file, line, promise, condition);
    sudden_end_clean();
    abort();
}
