/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_installed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/server/registry.h"

#include <stdio.h>
#include <stdlib.h>

void find_installed_server(struct program *program)
{
    struct error error = {0};
    int status = program_find(program, getenv("REDIS_SERVER"), &error);

    if (status < 0)
        fail_msg("%s", error.text);
    if (status > 0) {
        printf("skipped: no redis-server on PATH\n");
        skip();
    }
    if (!server_find(program->server)) {
        printf("skipped: evsim does not model %s\n", program->server);
        skip();
    }
}
