/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/selection.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

bool selection_is_any(const struct selection *selection)
{
    return selection->from_us || selection->until_us || selection->share > 0 || selection->prefix ||
           selection->by_command || selection->parts;
}

const char *selection_option(enum selection_by by)
{
    static const char *const options[SELECTIONS] = {"--from and --until", "--op", "--prefix", "--sample"};

    return options[by];
}

static bool refuse(struct selection *selection, enum selection_by by)
{
    selection->refused[by]++;
    selection->refused_by = by;
    return false;
}

/* A number from 0 to less than 1, which is the same for a name in any trace. Not inlined: of a short buffer GCC warns about what XXH3 does
 * with long ones. */
__attribute__((noinline)) static double place_of(const char *name, size_t bytes)
{
    return (double)(XXH3_64bits(name, bytes) >> 11) * 0x1p-53;
}

bool selection_has_name(const struct selection *selection, const char *name, size_t bytes)
{
    return (uint32_t)(place_of(name, bytes) * selection->parts) == selection->part;
}

bool selection_has_number(const struct selection *selection, uint64_t number)
{
    char digits[24];

    return selection_has_name(selection, digits, (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number));
}

static bool takes_key(struct selection *selection, const struct record *record)
{
    size_t prefix_bytes = selection->prefix ? strlen(selection->prefix) : 0;
    const char *name = record->key;
    size_t bytes = record->key_bytes;
    char digits[24];

    if (!name) {
        bytes = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, record->key_number);
        name = digits;
    }
    if (prefix_bytes && (bytes < prefix_bytes || memcmp(name, selection->prefix, prefix_bytes) != 0))
        return refuse(selection, BY_PREFIX);
    if (selection->parts && !selection_has_name(selection, name, bytes))
        return refuse(selection, BY_SHARE);
    return !(selection->share > 0) || place_of(name, bytes) < selection->share || refuse(selection, BY_SHARE);
}

static bool takes(struct selection *selection, struct record *record, int64_t since_us)
{
    const struct command *command = &command_table[record->op];
    bool follows = selection->in_command, more = record->flags & REQUEST_MORE;
    bool by_key = selection->share > 0 || selection->prefix || selection->parts;

    selection->in_command = more;
    if (since_us < selection->from_us || (selection->until_us && since_us >= selection->until_us))
        return refuse(selection, BY_TIME);
    if (selection->by_command && !selection->commands[record->op])
        return refuse(selection, BY_COMMAND);
    if (!by_key || !command_has_key((enum op)record->op))
        return true;
    if (command->splits) {
        record->flags &= (uint16_t)~REQUEST_MORE;
        return takes_key(selection, record);
    }
    if (!follows)
        return selection->takes_command = takes_key(selection, record);
    return selection->takes_command || refuse(selection, selection->refused_by);
}

bool selection_takes(struct selection *selection, struct record *record, int64_t since_us)
{
    struct selection_whole *whole = &selection->whole[since_us >= selection->counted_from_us];
    uint64_t refused = selection->refused[BY_SHARE];
    const struct command *command = &command_table[record->op];
    bool follows = selection->in_command, is_taken;
    bool looks_up = command->looks_up || (follows ? command->stores : command->transfer == TRANSFER_COPIES);

    selection->last_us = since_us;
    whole->commands += !follows;
    is_taken = takes(selection, record, since_us);
    selection->taken += is_taken;
    whole->reads_refused += looks_up && selection->refused[BY_SHARE] != refused;
    return is_taken;
}
