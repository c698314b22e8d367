/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_scenario: any bytes as a scenario. A scenario that was read can be printed, and its events can be walked
 * through. */
#include "policies/registry.h"
#include "sim/engine/event.h"
#include "sim/scenario/scenario.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"
#include "traces/commands/command.h"

#include <stdlib.h>
#include <unistd.h>

enum { STEPS = 1000 };

static void walk(const struct scenario *scenario)
{
    struct scenario_cursor cursor;
    int64_t last_us = 0;

    scenario_cursor_init(&cursor, scenario);
    for (int i = 0; i < STEPS && scenario_next_us(&cursor) != EVENT_NEVER; i++) {
        if (scenario_next_us(&cursor) < last_us)
            abort();
        last_us = scenario_next_us(&cursor);
        scenario_next(&cursor);
    }
    scenario_cursor_release(&cursor);
}

int fuzz_scenario(const uint8_t *bytes, size_t count)
{
    const struct scenario_language language = {policies, policy_count, command_parse, 0};
    char path[BYTES_PATH];
    int fd = bytes_as_file(bytes, count, path);
    struct error error = {0};
    struct scenario *scenario = scenario_read(path, &language, &error);

    if (scenario) {
        walk(scenario);
        free(scenario_print(scenario));
    } else if (!error.text[0]) {
        abort();
    }
    scenario_free(scenario);
    close(fd);
    return 0;
}
