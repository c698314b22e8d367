/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_plan: any bytes as a plan. A plan that was read can be written, and reads back as the same. */
#include "sim/cli/plan_file.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *written(const struct plan_file *plan, size_t *bytes)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    plan_file_write(plan, out);
    fclose(out);
    return text;
}

static int read_bytes(const void *text, size_t bytes, struct plan_file *plan)
{
    char path[BYTES_PATH];
    int fd = bytes_as_file(text, bytes, path);
    struct error error = {0};
    int status = plan_file_read(path, plan, &error);

    if (status && !error.text[0])
        abort();
    close(fd);
    return status;
}

int fuzz_plan(const uint8_t *bytes, size_t count)
{
    struct plan_file plan = {0}, again = {0};

    if (!read_bytes(bytes, count, &plan)) {
        size_t first_bytes, second_bytes;
        char *first = written(&plan, &first_bytes), *second;

        if (read_bytes(first, first_bytes, &again))
            abort();
        second = written(&again, &second_bytes);
        if (first_bytes != second_bytes || memcmp(first, second, first_bytes) != 0)
            abort();
        free(first);
        free(second);
        plan_file_release(&again);
    }
    plan_file_release(&plan);
    return 0;
}
