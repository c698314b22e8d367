/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/files.h"

static int go_on(const struct format *format, void *state, struct source *source, const struct format_options *options,
                 struct intake *intake, struct error *error)
{
    uint32_t ignored = intake->ignored_columns;

    if (format->next_file)
        return format->next_file(state, error);
    if (format->close)
        format->close(state);
    memset(state, 0, format->state_size);
    int status = format->open(state, source, options, intake, error);
    if (intake->ignored_columns >= ignored && ignored)
        intake->ignored_columns = ignored; /* the first file's stand for all */
    return status;
}

int files_read(const struct format *format, void *state, struct source *source, const struct format_options *options,
               struct intake *intake, struct record *records, int room, bool *begun, struct error *error)
{
    for (;;) {
        int more, count = format->read(state, records, room, error);

        if (count || error_is_set(error))
            return count;
        more = source_next_file(source, error);
        if (more <= 0)
            return more;
        *begun = true;
        if (go_on(format, state, source, options, intake, error))
            return -1;
    }
}
