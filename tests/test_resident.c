/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_resident: allocator_active and used_memory_rss, compared with what real servers said to INFO after the same commands
 * (tests/data/resident.csv, several runs of each). Real values differ between runs, because eviction and jemalloc's
 * purging do; the model must be within TOLERANCE of their range. */
#include "sim/server/resident.h"
#include "sim/server/registry.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 1000, COMMAND_US = 20, LOOK_US = 250000, REST_US = 22000000, KEY_LENGTH = 12, FULL = 32 << 20 };

/* Of allocator_active, and of used_memory_rss; and where elements are listed some at a time. */
static const double tolerance = 0.025, tolerance_of_elements = 0.03;

/* What real servers said at one point of a workload: the least and the most of all runs. */
struct range {
    double least, most;
};

struct point {
    char server[32], workload[32], name[32];
    struct range used, active, rss;
};

static struct point points[256];
static size_t point_count;

static void widen(struct range *range, double value)
{
    if (!range->most || value < range->least)
        range->least = value;
    if (value > range->most)
        range->most = value;
}

static struct point *point_find(const char *server, const char *workload, const char *name)
{
    for (size_t i = 0; i < point_count; i++)
        if (!strcmp(points[i].server, server) && !strcmp(points[i].workload, workload) && !strcmp(points[i].name, name))
            return &points[i];
    return NULL;
}

static int read_points(void **state)
{
    FILE *in = fopen("tests/data/resident.csv", "r");
    char line[256], server[32], workload[32], name[32];
    double used, allocated, active, rss;

    (void)state;
    assert_non_null(in);
    assert_non_null(fgets(line, sizeof line, in)); /* the header */
    while (fgets(line, sizeof line, in)) {
        struct point *point;

        assert_int_equal(sscanf(line, "%31[^,],%31[^,],%31[^,],%lf,%lf,%lf,%lf", server, workload, name, &used,
                                &allocated, &active, &rss),
                         7);
        point = point_find(server, workload, name);
        if (!point) {
            assert_true(point_count < sizeof points / sizeof *points);
            point = &points[point_count++];
            strcpy(point->server, server);
            strcpy(point->workload, workload);
            strcpy(point->name, name);
        }
        widen(&point->used, used);
        widen(&point->active, active);
        widen(&point->rss, rss);
    }
    fclose(in);
    return 0;
}

/* ---- workloads ---- */

struct play {
    struct cell *cell;
    const char *server, *workload;
    uint64_t state; /* of the random numbers, which the real servers' client drew likewise */
    int compared, wrong;
};

static uint32_t below(struct play *play, uint32_t bound)
{
    play->state = play->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((play->state >> 33) % bound);
}

static uint32_t any_size(struct play *play)
{
    uint32_t odd = 1 + below(play, 15);

    return odd << below(play, 9);
}

static void add(struct play *play, struct row row)
{
    cell_add(play->cell, row);
    play->cell->now_us += COMMAND_US;
    if (play->cell->batch->count >= ROWS)
        cell_flush(play->cell);
}

static void set(struct play *play, uint32_t key, uint32_t size)
{
    add(play, (struct row){.op = OP_SET, .id = key, .key_len = KEY_LENGTH, .value_len = size});
}

static void del(struct play *play, uint32_t key)
{
    add(play, (struct row){.op = OP_DEL, .id = key, .key_len = KEY_LENGTH});
}

/* A field of a hash, whose name is of so many bytes. */
static void hset(struct play *play, uint32_t hash, uint32_t field, uint32_t field_length, uint32_t size)
{
    struct element element = {.value_len = size};
    char name[32];

    snprintf(name, sizeof name, "%0*u", (int)field_length, field);
    element.member = cell_member(play->cell, name);
    add(play, (struct row){.op = size ? OP_HSET : OP_HDEL, .id = hash, .key_len = 8, .elements = 1, .list = &element});
}

static bool is_near(double value, struct range range, double off)
{
    if (!range.most) /* too different from run to run */
        return true;
    return value >= range.least * (1 - off) && value <= range.most * (1 + off);
}

static void look(struct play *play, const char *name)
{
    const struct point *point = point_find(play->server, play->workload, name);
    double off = strncmp(play->workload, "hash", 4) ? tolerance : tolerance_of_elements;
    struct resident_memory memory;

    cell_flush(play->cell);
    cell_wait_us(play->cell, LOOK_US);
    memory = resident_look(play->cell->redis);
    if (!point)
        return;
    play->compared++;
    if (is_near((double)memory.active, point->active, off) && is_near((double)memory.rss, point->rss, off))
        return;
    play->wrong++;
    print_error("%s %s %s: allocator_active %llu, real %.0f to %.0f; used_memory_rss %llu, real %.0f to %.0f\n",
                play->server, play->workload, name, (unsigned long long)memory.active, point->active.least,
                point->active.most, (unsigned long long)memory.rss, point->rss.least, point->rss.most);
}

/* Values of 100 bytes, which then become values of 150. */
static void play_resize(struct play *play)
{
    for (uint32_t i = 0; i < 250000; i++)
        set(play, i, 100);
    look(play, "filled");
    for (uint32_t i = 0; i < 300000; i++)
        set(play, below(play, 250000), 150);
    look(play, "resized");
}

/* Then with half of the memory. */
static void play_halve(struct play *play)
{
    play_resize(play);
    cell_flush(play->cell);
    play->cell->redis->maxmemory /= 2;
    set(play, 1, 150);
    look(play, "halved");
    cell_wait_us(play->cell, REST_US);
    look(play, "rested");
}

static void play_mix(struct play *play)
{
    for (uint32_t i = 0; i < 100000; i++)
        set(play, i, any_size(play));
    look(play, "filled");
    for (uint32_t i = 0; i < 300000; i++) {
        uint32_t key = below(play, 100000);

        set(play, key, any_size(play));
    }
    look(play, "mixed");
}

static void play_delete(struct play *play)
{
    for (uint32_t i = 0; i < 200000; i++)
        set(play, i, 100);
    look(play, "filled");
    for (uint32_t i = 0; i < 100000; i++)
        del(play, 2 * i);
    look(play, "deleted");
    for (uint32_t i = 0; i < 50000; i++)
        set(play, 300000 + i, 300);
    look(play, "refilled");
}

/* 100 hashes in tables. */
static void play_hash(struct play *play)
{
    for (uint32_t i = 0; i < 200000; i++)
        hset(play, i % 100, i, 12, 100);
    look(play, "filled");
    for (uint32_t i = 0; i < 100000; i++)
        hset(play, 2 * i % 100, 2 * i, 12, 0);
    look(play, "deleted");
    for (uint32_t i = 0; i < 50000; i++)
        hset(play, i % 100, 300000 + i, 12, 300);
    look(play, "refilled");
}

/* 20,000 hashes in listpacks. */
static void play_hashes(struct play *play)
{
    for (uint32_t i = 0; i < 200000; i++)
        hset(play, i % 20000, i / 20000, 8, 10);
    look(play, "filled");
    for (uint32_t i = 0; i < 200000; i++) {
        uint32_t hash = below(play, 20000), field = below(play, 20), size = any_size(play) % 60;

        hset(play, hash, field, 8, size);
    }
    look(play, "resized");
}

static const struct {
    const char *name, *policy;
    uint64_t maxmemory;
    void (*play)(struct play *play);
} workloads[] = {
    {"resize", "allkeys-lru", FULL, play_resize},
    {"resize-random", "allkeys-random", FULL, play_resize},
    {"halve", "allkeys-random", FULL, play_halve},
    {"mix", "allkeys-lru", FULL, play_mix},
    {"delete", NULL, 0, play_delete},
    {"hash", NULL, 0, play_hash},
    {"hashes", NULL, 0, play_hashes},
};

static struct cell *open_cell(const char *server, size_t workload, uint64_t seed)
{
    return cell_open((struct cell_setup){.server = server,
                                         .policy = workloads[workload].policy,
                                         .maxmemory = workloads[workload].maxmemory,
                                         .seed = seed,
                                         .options = {.rss = true}});
}

/* ---- tests ---- */

static void real_servers_agree(void **state)
{
    int compared = 0, wrong = 0;

    (void)state;
    for (size_t i = 0; i < server_count; i++)
        for (size_t j = 0; j < sizeof workloads / sizeof *workloads; j++) {
            struct play play = {.server = servers[i].name, .workload = workloads[j].name, .state = 1};

            if (!point_find(servers[i].name, workloads[j].name, "filled"))
                continue;
            play.cell = open_cell(servers[i].name, j, 1);
            workloads[j].play(&play);
            cell_close(play.cell);
            compared += play.compared;
            wrong += play.wrong;
        }
    assert_int_equal(compared, point_count);
    assert_int_equal(wrong, 0);
}

/* The same seed gives the same memory, and following it changes nothing else. */
static void following_changes_nothing(void **state)
{
    struct counters counters[3];
    struct curve curves[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct play play = {.server = "redis-7.0.15-debian", .workload = "", .state = 1};

        play.cell = cell_open((struct cell_setup){
            .server = play.server, .policy = "allkeys-lru", .maxmemory = FULL / 8, .options = {.rss = i < 2}});
        play_resize(&play);
        cell_flush(play.cell);
        counters[i] = cell_finish(play.cell, &curves[i]);
        cell_close(play.cell);
    }
    assert_memory_equal(&counters[0], &counters[1], sizeof *counters);
    assert_memory_equal(&counters[0], &counters[2], sizeof *counters);
    assert_int_equal(curves[0].count, curves[1].count);
    assert_int_equal(curves[0].count, curves[2].count);
    assert_memory_equal(curves[0].samples, curves[1].samples, curves[0].count * sizeof *curves[0].samples);
    for (size_t i = 0; i < curves[2].count; i++) {
        assert_int_equal(curves[2].samples[i].used_memory, curves[0].samples[i].used_memory);
        assert_int_equal(curves[2].samples[i].used_memory_rss, 0);
        assert_true(curves[0].samples[i].used_memory_rss > curves[0].samples[i].allocator_active);
    }
    for (int i = 0; i < 3; i++)
        free(curves[i].samples);
}

/* A key of every kind of change, then many; all are gone at the end. */
static struct resident_memory fill_and_flush(struct play *play)
{
    struct resident_memory memory = resident_look(play->cell->redis);

    cell_run(play->cell, "set a 100 ex 100; append a 5; getset a 20");
    cell_say(play->cell, "rename a b");
    cell_run(play->cell, "getset b 3000; persist b; expire b 5; append b 30000; append b 3; getdel b");
    for (uint32_t key = 100; key < 20000; key++)
        set(play, key, any_size(play));
    cell_flush(play->cell);
    assert_true(resident_look(play->cell->redis).active > memory.active + 20000 * 100);
    cell_run(play->cell, "flushall; wait 30");
    return resident_look(play->cell->redis);
}

/* When all keys are gone, what is left in memory is what the thread's cache holds: no more after twenty times than after two. And
 * ten seconds later no page is dirty: beyond what is active there is what jemalloc had at the most. */
static void nothing_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < server_count; i++) {
        struct play play = {.server = servers[i].name, .workload = "", .state = 1};
        struct resident_memory first, last;

        if (!servers[i].profile)
            continue;
        play.cell = cell_open((struct cell_setup){.server = servers[i].name, .options = {.rss = true}});
        fill_and_flush(&play);
        first = resident_look(play.cell->redis);
        for (int round = 0; round < 18; round++)
            fill_and_flush(&play);
        last = resident_look(play.cell->redis);
        assert_true(last.active < first.active + 2000000);
        assert_true(last.rss - last.active < play.cell->redis->profile->beyond_active_bytes + 1000000);
        cell_close(play.cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_servers_agree),
        cmocka_unit_test(following_changes_nothing),
        cmocka_unit_test(nothing_is_left),
    };

    return cmocka_run_group_tests(tests, read_points, NULL);
}
