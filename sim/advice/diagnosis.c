/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/diagnosis.h"

#include <string.h>

#define FIELDS_OF struct seen
const struct layout seen_layout = LAYOUT("seen", SEEN_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct tried
const struct layout tried_layout = LAYOUT("tried", TRIED_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct fact
const struct layout fact_layout = LAYOUT("fact", FACT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct cause
const struct layout cause_layout = LAYOUT("cause", CAUSE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct growth
const struct layout growth_layout = LAYOUT("growth", GROWTH_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct ttl_point
const struct layout ttl_point_layout = LAYOUT("ttl_point", TTL_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct ttl_advice
const struct layout ttl_advice_layout = LAYOUT("ttl_advice", TTL_ADVICE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct large_key
const struct layout large_key_layout = LAYOUT("large_key", LARGE_KEY_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct outlook
const struct layout outlook_layout = LAYOUT("outlook", OUTLOOK_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct diagnosis
const struct layout diagnosis_layout = LAYOUT("diagnosis", DIAGNOSIS_FIELDS);
#undef FIELDS_OF

void diagnosis_release(struct diagnosis *diagnosis)
{
    fields_release(&diagnosis_layout, diagnosis);
}

int diagnosis_check(const struct diagnosis *diagnosis, struct error *error)
{
    if (!*diagnosis->state || !*diagnosis->verdict)
        return error_set(error, ERROR_INPUT, "a diagnosis without a verdict");
    return 0;
}

const struct tried *diagnosis_remedy(const struct diagnosis *diagnosis, const char *name)
{
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        if (!strcmp(diagnosis->remedies[i].name, name))
            return &diagnosis->remedies[i];
    return NULL;
}

struct part {
    const char *name;
    size_t offset;
};

static const struct part outside[] = {
    {"client query buffers", offsetof(struct sample, memory_query_buffers)},
    {"client output buffers", offsetof(struct sample, memory_output_buffers)},
    {"clients", offsetof(struct sample, memory_clients)},
    {"subscriptions", offsetof(struct sample, memory_pubsub)},
    {"arguments of commands", offsetof(struct sample, memory_arguments)},
    {"the replication backlog", offsetof(struct sample, memory_backlog)},
    {"scripts", offsetof(struct sample, memory_scripts)},
    {"logs", offsetof(struct sample, memory_logs)},
    {"a buffer for compressing", offsetof(struct sample, memory_other)},
};
enum { OUTSIDE = sizeof outside / sizeof *outside };

static uint64_t part_of(const struct sample *sample, const struct part *part)
{
    return *(const uint64_t *)(const void *)((const char *)sample + part->offset);
}

uint64_t sample_outside_keys(const struct sample *sample)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < OUTSIDE; i++)
        sum += part_of(sample, &outside[i]);
    return sum;
}

const char *sample_largest_outside(const struct sample *sample, uint64_t *bytes)
{
    const struct part *largest = outside;

    for (size_t i = 1; i < OUTSIDE; i++)
        if (part_of(sample, &outside[i]) > part_of(sample, largest))
            largest = &outside[i];
    *bytes = part_of(sample, largest);
    return largest->name;
}
