/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/blocks.h"

int blocks_settle(uint32_t *bytes, uint32_t own, const struct format_options *options, struct intake *intake,
                  struct error *error)
{
    if (options->block_bytes > BLOCKS_LARGEST)
        return error_set(error, ERROR_USAGE, "--block-size: at most 256mb");
    *bytes = options->block_bytes ? options->block_bytes : own;
    intake->block_bytes = *bytes;
    return 0;
}
