/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_tinylfu_policies: tinylfu and w-tinylfu against naive twins that keep their keys in plain arrays, oldest first,
 * and add up sizes anew each time. A twin has its own sketch of the same kind; the sketch itself is tested elsewhere.
 *
 * Random reads, writes of other sizes, deletions and expirations run in a flat cache and in a Redis server. Every
 * victim and every admission is compared. EVSIM_TEST_STEPS sets the number of requests. */
#include "policies/registry.h"
#include "policies/sketch.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 200, WINDOW = 0, PROBATION, PROTECTED, LINES };

struct line {
    uint32_t ids[KEYS];
    uint32_t count;
};

/* What a twin does after the policy did. */
struct twin {
    const char *name;
    policy_hook_fn *added, *hit;
    bool (*admits)(struct policy_context *context, uint32_t id);
    uint32_t (*victim)(struct policy_context *context);
};

static struct twin twin;
static const struct policy *policy; /* under test */
static struct line lines[LINES];    /* tinylfu has but the first */
static uint64_t sizes[KEYS];
static struct sketch sketch;
static uint32_t at_door, let_in;
static uint64_t victims, refusals;
static double window_share;

/* ---- lines ---- */

static void push(int line, uint32_t id)
{
    lines[line].ids[lines[line].count++] = id;
}

/* Which line it was in. */
static int take(uint32_t id)
{
    for (int line = 0; line < LINES; line++)
        for (uint32_t i = 0; i < lines[line].count; i++)
            if (lines[line].ids[i] == id) {
                lines[line].count--;
                memmove(&lines[line].ids[i], &lines[line].ids[i + 1], (lines[line].count - i) * sizeof id);
                return line;
            }
    fail_msg("key %u is in no line", id);
    return -1;
}

static uint64_t bytes_of(int line)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < lines[line].count; i++)
        bytes += sizes[lines[line].ids[i]];
    return bytes;
}

static uint64_t capacity(struct policy_context *context)
{
    return policy_capacity(context, bytes_of(WINDOW) + bytes_of(PROBATION) + bytes_of(PROTECTED));
}

static void expect_keys(struct policy_context *context)
{
    sketch_expect(&sketch, lines[WINDOW].count + lines[PROBATION].count + lines[PROTECTED].count,
                  bytes_of(WINDOW) + bytes_of(PROBATION) + bytes_of(PROTECTED), capacity(context));
}

/* ---- w-tinylfu ---- */

static uint64_t window_most(struct policy_context *context)
{
    return (uint64_t)((double)capacity(context) * window_share);
}

static void overflow(struct policy_context *context, uint64_t coming)
{
    while (lines[WINDOW].count > (coming ? 0 : 1) && bytes_of(WINDOW) + coming > window_most(context)) {
        uint32_t id = lines[WINDOW].ids[0];

        if (bytes_of(PROBATION) + bytes_of(PROTECTED) + sizes[id] > capacity(context) - window_most(context))
            return;
        take(id);
        push(PROBATION, id);
    }
}

static void window_added(struct policy_context *context, uint32_t id)
{
    push(WINDOW, id);
    expect_keys(context);
    overflow(context, 0);
}

static void window_hit(struct policy_context *context, uint32_t id)
{
    int line = take(id);

    push(line == PROBATION ? PROTECTED : line, id);
    while (line == PROBATION &&
           (double)bytes_of(PROTECTED) > (double)(capacity(context) - window_most(context)) * 0.8) {
        id = lines[PROTECTED].ids[0];
        take(id);
        push(PROBATION, id);
    }
}

static uint32_t window_victim(struct policy_context *context)
{
    uint32_t newcomer, oldest;

    overflow(context, context->arriving_bytes);
    newcomer = lines[WINDOW].count ? lines[WINDOW].ids[0] : NO_KEY;
    oldest = lines[PROTECTED].count ? lines[PROTECTED].ids[0] : NO_KEY;
    if (lines[PROBATION].count)
        oldest = lines[PROBATION].ids[0];
    if (newcomer == NO_KEY)
        return oldest;
    if (oldest == NO_KEY)
        return newcomer;
    if (bytes_of(WINDOW) + context->arriving_bytes <= window_most(context))
        return oldest;
    return sketch_count(&sketch, newcomer) > sketch_count(&sketch, oldest) ? oldest : newcomer;
}

/* ---- tinylfu ---- */

static bool door_admits(struct policy_context *context, uint32_t id)
{
    if (bytes_of(0) + context->arriving_bytes > capacity(context) && lines[0].count &&
        sketch_count(&sketch, id) <= sketch_count(&sketch, lines[0].ids[0]))
        return false;
    let_in = id;
    return true;
}

static void door_added(struct policy_context *context, uint32_t id)
{
    push(0, id);
    expect_keys(context);
    at_door = let_in == id ? NO_KEY : id;
    let_in = NO_KEY;
}

static void door_hit(struct policy_context *context, uint32_t id)
{
    (void)context;
    push(take(id), id);
}

static uint32_t door_victim(struct policy_context *context)
{
    uint32_t newcomer = at_door, oldest = lines[0].count ? lines[0].ids[0] : NO_KEY;

    (void)context;
    at_door = NO_KEY;
    return newcomer != NO_KEY && sketch_count(&sketch, newcomer) <= sketch_count(&sketch, oldest) ? newcomer : oldest;
}

/* ---- the policy under test, watched ---- */

static void arriving(struct policy_context *context, uint32_t id)
{
    policy->arriving(context, id);
    sketch_add(&sketch, id);
}

static bool admits(struct policy_context *context, uint32_t id)
{
    bool admitted = policy->admits(context, id);

    assert_int_equal(admitted, twin.admits(context, id));
    refusals += !admitted;
    return admitted;
}

static void added(struct policy_context *context, uint32_t id)
{
    policy->added(context, id);
    sizes[id] = policy_size(context, id);
    twin.added(context, id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    policy->read(context, id);
    sketch_add(&sketch, id);
    twin.hit(context, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    policy->written(context, id);
    sizes[id] = policy_size(context, id);
    sketch_add(&sketch, id);
    twin.hit(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    policy->removed(context, id);
    take(id);
    if (at_door == id)
        at_door = NO_KEY;
}

static uint32_t victim(struct policy_context *context)
{
    uint32_t id = policy->victim(context);

    assert_int_equal(id, twin.victim(context));
    victims++;
    return id;
}

/* ---- traffic ---- */

static int steps(void)
{
    const char *text = getenv("EVSIM_TEST_STEPS");

    return text ? atoi(text) : 60000;
}

static void send(struct cell *cell, struct random *random)
{
    static const enum op ops[] = {OP_GET, OP_GET, OP_GET, OP_GET, OP_GET, OP_SET, OP_SET, OP_APPEND, OP_EXPIRE, OP_DEL};
    uint32_t id = (uint32_t)random_below(random, 1 + random_below(random, KEYS));
    struct row row = {.op = ops[random_below(random, 10)], .id = id, .key_len = 4};

    row.value_len = 1 + (uint32_t)random_below(random, row.op == OP_APPEND ? 20 : 400);
    if (row.op == OP_EXPIRE) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = 1000 + (int64_t)random_below(random, 20000);
    }
    cell_do(cell, row);
    cell->now_us += (int64_t)random_below(random, 50000);
}

static void start(void)
{
    memset(lines, 0, sizeof lines);
    sketch_init(&sketch, 10, 4, true);
    at_door = let_in = NO_KEY;
    victims = refusals = 0;
}

static void run(const char *server, uint64_t maxmemory)
{
    struct random random = random_stream(random_seed());
    struct policy_parameter parameters[POLICY_PARAMETERS + 1] = {0};
    struct policy watched = *policy;
    struct cell *cell;

    for (int i = 0; policy->parameters[i].name; i++) {
        parameters[i] = policy->parameters[i];
        if (!strcmp(parameters[i].name, "window"))
            parameters[i].initial = window_share;
    }
    watched.parameters = parameters;
    watched.arriving = arriving;
    watched.admits = policy->admits ? admits : NULL;
    watched.added = added;
    watched.read = read_key;
    watched.written = written;
    watched.removed = removed;
    watched.victim = victim;
    start();
    cell = cell_open((struct cell_setup){.server = server,
                                         .wrapped = &watched,
                                         .maxmemory = maxmemory,
                                         .seed = 7,
                                         .options = {.fill = true, .interval_us = INT64_C(1) << 60}});
    for (int i = 0; i < steps(); i++)
        send(cell, &random);
    print_message("%s, %s: %lu victims, %lu refused\n", server, policy->name, victims, refusals);
    assert_true(victims > (uint64_t)steps() / 20);
    cell_finish(cell, NULL);
    cell_close(cell);
    sketch_release(&sketch);
}

static void compare(struct twin with)
{
    printf("seed %lu\n", random_seed());
    twin = with;
    policy = policy_find(twin.name);
    run("flat", 10000);
    run("redis-7.0.15", 1020000);
}

static void tinylfu_lets_in_what_is_more_popular(void **state)
{
    (void)state;
    compare((struct twin){"tinylfu", door_added, door_hit, door_admits, door_victim});
    assert_int_equal(refusals, 0); /* by the server, which came last */
}

static void w_tinylfu_keeps_its_segments(void **state)
{
    static const double shares[] = {0.01, 0.3, 1};

    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        window_share = shares[i];
        compare((struct twin){"w-tinylfu", window_added, window_hit, NULL, window_victim});
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tinylfu_lets_in_what_is_more_popular),
        cmocka_unit_test(w_tinylfu_keeps_its_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
