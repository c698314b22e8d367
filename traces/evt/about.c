/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/evt/about.h"

#include "sim/alloc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_OF struct evt_about
static const struct layout evt_about_layout = LAYOUT("about", EVT_ABOUT_FIELDS);
#undef FIELDS_OF

char *evt_about_print(const struct evt_about *about)
{
    json_t *json = fields_to_json(&evt_about_layout, about, NULL);
    char *text = json_dumps(json, JSON_COMPACT);

    json_decref(json);
    if (!text)
        abort();
    return text;
}

int evt_about_read(struct evt_about *about, const char *text, size_t bytes, struct error *error)
{
    json_error_t where;
    json_t *json = json_loadb(text, bytes, 0, &where), *all;
    int status;

    *about = (struct evt_about){0};
    if (!json_is_object(json)) {
        json_decref(json);
        return error_set(error, ERROR_INPUT, "what it says of itself is no JSON object");
    }
    all = fields_to_json(&evt_about_layout, about, NULL);
    json_t *intake = json_object_get(json, "intake"), *all_intake = json_object_get(all, "intake");
    if (json_is_object(intake))
        json_object_update_existing(all_intake, intake);
    json_object_del(json, "intake");
    json_object_update_existing(all, json);
    status = fields_from_json(&evt_about_layout, all, about, NULL, error);
    json_decref(json);
    json_decref(all);
    return status;
}
