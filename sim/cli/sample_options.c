/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sample_options.h"

#include "sim/engine/key_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 5 };

#define AT(member) OPTION_IN(struct sample_request, member)

const struct option sample_options[SAMPLE_OPTIONS] = {
    {.name = "sample",
     .kind = OPTION_TEXT,
     .argument = "SHARE",
     .help =
         "replay a share of the keys, 1/2, 1/4, 1/8 ..., with the like part of the room that keys have, and say what "
         "all would come to; each of 5 seeds takes other keys, so the intervals are of that, too; for traces whose "
         "keys are too many for this machine, or for the time there is",
     AT(text)},
};

/* How many parts of that share there are: of "1/8", "0.125", "12.5%". 0: that is no share. */
static double parts_of(const char *text)
{
    char *end;
    bool is_fraction = !strncmp(text, "1/", 2);
    double number = strtod(is_fraction ? text + 2 : text, &end);

    if (is_fraction)
        return *end ? 0 : number;
    if (!strcmp(end, "%"))
        return 100 / number;
    return *end ? 0 : 1 / number;
}

int sample_request_settle(struct sample_request *sample, const char *other, uint64_t seeds, struct error *error)
{
    double parts;

    if (!sample->text)
        return 0;
    parts = parts_of(sample->text);
    if (!key_parts_is_count(parts))
        return error_set(
            error, ERROR_USAGE,
            "bad share '%s' of --sample: it is 1/2, 1/4, 1/8 and so on to 1/%d, so that hash tables grow when "
            "those of all keys would",
            sample->text, KEY_PARTS_MOST);
    if (other)
        return error_set(error, ERROR_USAGE, "--sample does not go with %s: leave one of them out", other);
    if ((double)seeds > parts)
        return error_set(error, ERROR_USAGE,
                         "each seed takes other keys, and with --sample %s there are %.0f parts: fewer --seeds, or a "
                         "smaller share",
                         sample->text, parts);
    sample->parts = (uint32_t)parts;
    return 0;
}

uint64_t sample_request_seeds(const struct sample_request *sample)
{
    return !sample->parts ? 1 : sample->parts < SEEDS ? sample->parts : SEEDS;
}
