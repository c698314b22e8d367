/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target_twitter: time,key,key size,value size,client,op,ttl; see traces/twitter.c. A read's row has the size and ttl that its fill
 * would have. */
#include "sim/generate/target.h"

struct twitter {
    FILE *out;
};

static int begin(void *state, const struct generate_plan *plan, FILE *out, struct error *error)
{
    struct twitter *twitter = state;

    (void)plan;
    (void)error;
    twitter->out = out;
    return 0;
}

static int put(void *state, const struct generate_row *row)
{
    struct twitter *twitter = state;
    const struct operation *operation = row->operation;
    char text[TARGET_ROW_BYTES], *to = text, *key;

    to = put_time(to, row->time_us);
    *to++ = ',';
    key = to;
    to = put_key(to, row);
    size_t key_bytes = (size_t)(to - key);
    *to++ = ',';
    to = put_number(to, key_bytes);
    *to++ = ',';
    to = put_number(to, operation->has_value ? row->value_bytes : 0);
    to = put_text(to, ",0,", 3);
    to = put_text(to, operation->verb, strlen(operation->verb));
    *to++ = ',';
    to = put_number(to, operation->has_value ? row->ttl_s : 0);
    *to++ = '\n';
    return fwrite_unlocked(text, (size_t)(to - text), 1, twitter->out) == 1 ? 0 : -1;
}

static int end(void *state, bool failed)
{
    struct twitter *twitter = state;

    return failed || !fflush(twitter->out) ? 0 : -1;
}

const struct generate_target generate_target_twitter = {
    .name = "twitter",
    .summary = "twitter",
    .state_size = sizeof(struct twitter),
    .memcached = true,
    .begin = begin,
    .put = put,
    .end = end,
};
