/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_convert.h"

#include "sim/alloc.h"
#include "sim/input/conversion.h"
#include "traces/registry.h"
#include "traces/write/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct trace_writer *writer_named(const char *name)
{
    for (size_t i = 0; i < trace_writer_count; i++)
        if (!strcmp(trace_writers[i]->name, name))
            return trace_writers[i];
    fail_msg("no writer %s", name);
    return NULL;
}

struct converted *convert_file(struct how how, const char *path, const char *writer, bool packs)
{
    struct trace_request request = {.path = path,
                                    .format = how.format,
                                    .options = {.columns = how.columns,
                                                .lenient = how.lenient,
                                                .size_zero = how.size_zero,
                                                .block_bytes = how.block_bytes,
                                                .row_requests = how.row_requests,
                                                .pipeline_gap_us = 10}};
    char *target = write_temporary("out", "", 0);
    struct writer_options options = {.packs = packs, .file = target};
    struct converted *converted = xcalloc(1, sizeof *converted);
    struct conversion *conversion = xcalloc(1, sizeof *conversion);
    FILE *out = fopen(target, "w+");

    assert_non_null(out);
    if (!conversion_open(conversion, format_choose, &request, &converted->error) &&
        (!how.foresees || !conversion_foresee(conversion, format_choose, &request, &converted->error)))
        conversion_write(conversion, writer_named(writer), &options, out, "out", &converted->error);
    fclose(out);
    out = fopen(target, "r");
    assert_non_null(out);
    assert_int_equal(fseek(out, 0, SEEK_END), 0);
    converted->count = (size_t)ftell(out);
    converted->bytes = xmalloc(converted->count + 1);
    rewind(out);
    assert_int_equal(fread(converted->bytes, 1, converted->count, out), converted->count);
    converted->bytes[converted->count] = '\0';
    converted->written = conversion->written;
    converted->left_out = conversion->left_out;
    converted->omissions = conversion->omissions;
    conversion_close(conversion);
    free(conversion);
    fclose(out);
    remove_temporary(target);
    return converted;
}

struct converted *convert_bytes(struct how how, const void *bytes, size_t count, const char *writer, bool packs)
{
    char *path = write_temporary(how.name ? how.name : "x", bytes, count);
    struct converted *converted = convert_file(how, path, writer, packs);

    remove_temporary(path);
    return converted;
}

void converted_free(struct converted *converted)
{
    free(converted->bytes);
    free(converted);
}
