/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_installed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/server/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum { WAIT_MS = 10000, STEP_MS = 5 };

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

int connect_to_installed(const char *path)
{
    int connection = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
        if (!connect(connection, (struct sockaddr *)&address, sizeof address))
            return connection;
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
    fail_msg("cannot connect to %s: %s", path, strerror(errno));
    return -1;
}
