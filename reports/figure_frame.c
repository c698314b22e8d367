/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_frame.h"

#include "sim/advice/comparison.h"
#include "sim/advice/diagnosis.h"
#include "sim/advice/sizing.h"
#include "sim/inspect/portrait.h"
#include "sim/mrc/mrc.h"
#include "sim/printable.h"
#include "sim/result.h"
#include "sim/units.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct run *run_of(const struct outcome *outcome)
{
    switch (outcome->kind) {
    case OUTCOME_RUN:
        return outcome->run;
    case OUTCOME_SIZING:
        return &outcome->sizing->run;
    case OUTCOME_DIAGNOSIS:
        return &outcome->diagnosis->run;
    case OUTCOME_COMPARISON:
        return &outcome->comparison->run;
    case OUTCOME_PORTRAIT:
        return &outcome->portrait->run;
    case OUTCOME_MRC:
    case OUTCOME_KINDS:
        break;
    }
    return NULL;
}

/* Which evsim found it: every kind of outcome says so. */
static const char *version_of(const struct outcome *outcome)
{
    const struct layout_field *field = layout_find(outcome_types[outcome->kind].layout, "version");
    const char *version;

    assert(field && (field->kind == FIELD_TEXT || field->kind == FIELD_TEXT_OR_NULL) && outcome->data);
    version = *(const char *const *)(const void *)((const char *)outcome->data + field->offset);
    return version ? version : "";
}

/* ", 2023-11-14 22:13 UTC, 2h 01m" */
static void put_when(const struct run *run, char *text, size_t bytes)
{
    const time_t seconds = (time_t)(run->start_unix_us / 1000000);
    char duration[UNITS_TEXT], date[64] = "";
    struct tm utc;
    bool is_untimed = intake_is_untimed(&run->intake, run->commands);

    if (!run->start_assumed && !is_untimed && gmtime_r(&seconds, &utc))
        strftime(date, sizeof date, ", %Y-%m-%d %H:%M UTC", &utc);
    print_duration(duration, run->duration_us);
    if (is_untimed)
        snprintf(text, bytes, ", times made up");
    else
        snprintf(text, bytes, "%s, %s%s", date, duration, run->start_assumed ? ", relative times" : "");
}

struct figure_frame figure_frame_of(const struct outcome *outcome)
{
    const struct run *run = run_of(outcome);
    const char *path = run ? run->trace : outcome->kind == OUTCOME_MRC ? outcome->mrc->trace : NULL;
    struct figure_frame frame = {.wishes = outcome->figures};
    const char *version = version_of(outcome), *name = path ? path : "";
    char trace[240], when[120] = "";

    name = strrchr(name, '/') && strrchr(name, '/')[1] ? strrchr(name, '/') + 1 : name;
    printable_copy(trace, sizeof trace, name, strlen(name));
    if (run)
        put_when(run, when, sizeof when);
    snprintf(frame.source, sizeof frame.source, "%s%s%sevsim %.*s", trace, when, *trace ? " \u00b7 " : "",
             (int)strcspn(version, "+"), version);
    return frame;
}
