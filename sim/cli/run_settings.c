/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/run_settings.h"

#include <stdlib.h>

static void add_setting(void *owner, const char *name, const char *value)
{
    struct run *run = owner;

    settings_add(&run->settings, &run->setting_count, name, value);
}

void run_settings_record(struct run_request *request, const struct option_set *set, struct run *run)
{
    const char *asked = request->trace.format;
    char *not_modeled = redis_conf_not_modeled(&request->redis.file);

    request->trace.format =
        run->format; /* the one in force, for the echo alone: the run may be gone before the request */
    options_echo(set, add_setting, run);
    request->trace.format = asked;
    add_setting(run, "config-not-modeled", not_modeled);
    free(not_modeled);
    if (request->options.miss_costs) {
        char *costs = miss_costs_print(request->options.miss_costs);

        add_setting(run, "miss-costs-us", costs);
        free(costs);
    }
    add_setting(run, "scenario-events", run->scenario ? run->scenario : "");
}
