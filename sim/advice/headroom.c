/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/headroom.h"

#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/server/profile.h"
#include "sim/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 4096,
    BUCKETS = 65536,
    FIRST_WIDTH_US = 100000,
    FIXED_PAGES = 4,    /* entry, bucket, object, and what a value begins or ends in */
    REMOVED_PAGES = 3,  /* entry, bucket, object */
    COMMAND_BYTES = 48, /* of a command in the replication stream, besides its key and its value */
    BACKLOG_BYTES = 1 << 20,
};

/* ---- what the trace writes ---- */

void write_load_open(struct write_load *load)
{
    *load = (struct write_load){.width_us = FIRST_WIDTH_US};
}

void write_load_release(struct write_load *load)
{
    free(load->buckets);
    *load = (struct write_load){0};
}

/* Buckets become twice as wide. */
static void widen(struct write_load *load)
{
    size_t count = (load->count + 1) / 2;

    for (size_t i = 0; i < count; i++) {
        struct write_bucket sum = load->buckets[2 * i];

        if (2 * i + 1 < load->count) {
            sum.pages += load->buckets[2 * i + 1].pages;
            sum.bytes += load->buckets[2 * i + 1].bytes;
        }
        load->buckets[i] = sum;
    }
    load->count = count;
    load->width_us *= 2;
}

static struct write_bucket *bucket_at(struct write_load *load, int64_t time_us)
{
    while (time_us / load->width_us >= BUCKETS)
        widen(load);
    while (load->count <= (size_t)(time_us / load->width_us)) {
        if (load->count == load->room) {
            load->room = load->room ? 2 * load->room : 64;
            load->buckets = xrealloc(load->buckets, load->room * sizeof *load->buckets);
        }
        load->buckets[load->count++] = (struct write_bucket){0};
    }
    return &load->buckets[time_us / load->width_us];
}

void write_load_see_row(struct write_load *load, const struct batch *batch, uint32_t row)
{
    struct write_bucket *bucket;
    uint64_t bytes = batch->value_len[row] == VALUE_UNKNOWN ? 0 : batch->value_len[row];
    uint32_t elements = batch->has_elements ? batch->elements[row] : 0;

    if (!command_writes((enum op)batch->op[row]))
        return;
    for (uint32_t i = 0; i < elements; i++)
        bytes += batch->list[batch->first_element[row] + i].value_len;
    bucket = bucket_at(load, batch->time_us[row]);
    bucket->pages += FIXED_PAGES + 2 * (uint64_t)elements + bytes / PAGE;
    bucket->bytes += COMMAND_BYTES + batch->key_len[row] + bytes;
    load->writes++;
    load->value_bytes += bytes;
}

void write_load_see(struct write_load *load, const struct batch *batch)
{
    for (uint32_t row = 0; row < batch->count; row++)
        write_load_see_row(load, batch, row);
}

struct write_bucket write_load_worst(const struct write_load *load, int64_t length_us, int64_t every_us)
{
    /* A time of that length touches at most one bucket more than it is long. */
    uint64_t wide = (uint64_t)((length_us + load->width_us - 1) / load->width_us) + 1;
    int64_t step_us = every_us > load->width_us ? every_us : load->width_us;
    struct write_bucket worst = {0};

    for (int64_t from_us = 0; (size_t)(from_us / load->width_us) < load->count; from_us += step_us) {
        size_t first = (size_t)(from_us / load->width_us);
        struct write_bucket sum = {0};

        for (size_t i = first; i < load->count && i < first + wide; i++) {
            sum.pages += load->buckets[i].pages;
            sum.bytes += load->buckets[i].bytes;
        }
        worst.pages = sum.pages > worst.pages ? sum.pages : worst.pages;
        worst.bytes = sum.bytes > worst.bytes ? sum.bytes : worst.bytes;
    }
    return worst;
}

/* ---- what a cell did ---- */

int64_t headroom_save_us(const struct headroom_request *request, uint64_t maxmemory)
{
    return (int64_t)((double)maxmemory / (double)request->save_bytes_per_s * 1e6) + 1;
}

/* Evictions and expiries, and with fills the misses, until a point. */
static uint64_t removed(const struct sample *sample, bool fills)
{
    return sample->evicted_keys + sample->expired_keys + (fills ? sample->misses : 0);
}

/* The most between two points of the curve that are at least so far apart. A time that is shorter than theirs has its part
 * of that, and as much again. */
static uint64_t most_removals(const struct curve *curve, int64_t length_us, bool fills)
{
    uint64_t most = 0;

    for (size_t from = 0, to = 0; from < curve->count; from++) {
        uint64_t grown, before = from ? removed(&curve->samples[from - 1], fills) : 0;
        int64_t from_us = from ? curve->samples[from - 1].time_us : 0;

        while (to + 1 < curve->count && curve->samples[to].time_us - from_us < length_us + curve->interval_us)
            to++;
        grown = removed(&curve->samples[to], fills) - before;
        if (curve->samples[to].time_us - from_us > 2 * length_us)
            grown =
                (uint64_t)(2 * (double)grown * (double)length_us / (double)(curve->samples[to].time_us - from_us)) + 1;
        most = grown > most ? grown : most;
    }
    return most;
}

struct headroom_facts headroom_facts(const struct headroom_request *request, const struct result *result, bool fills)
{
    uint64_t memory = result->maxmemory ? result->maxmemory : result->counters.used_memory_peak;
    struct headroom_facts facts = {
        .used_memory_peak = result->counters.used_memory_peak,
        .removals = most_removals(&result->curve, headroom_save_us(request, memory), fills),
    };

    for (size_t i = 0; i < result->curve.count; i++) {
        const struct sample *sample = &result->curve.samples[i];
        uint64_t above =
            sample->used_memory_rss > sample->used_memory ? sample->used_memory_rss - sample->used_memory : 0;

        facts.table_bytes = sample->memory_tables > facts.table_bytes ? sample->memory_tables : facts.table_bytes;
        facts.above_used = above > facts.above_used ? above : facts.above_used;
    }
    return facts;
}

/* ---- the parts ---- */

static void add(struct sized_line *line, const char *name, uint64_t bytes, bool is_counted, const char *assumes)
{
    line->headroom = xrealloc(line->headroom, (line->headroom_count + 1) * sizeof *line->headroom);
    line->headroom[line->headroom_count++] = (struct sized_headroom){
        .name = xstrdup(name), .bytes = bytes, .is_counted = is_counted, .assumes = xstrdup(assumes)};
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void tell_fork(const struct headroom_request *request, const struct write_load *load,
                      const struct headroom_facts *facts, struct sized_line *line)
{
    int64_t save_us = headroom_save_us(request, line->maxmemory);
    uint64_t mean = load->writes ? load->value_bytes / load->writes : 0;
    uint64_t pages = write_load_worst(load, save_us, request->save_every_us).pages +
                     facts->removals * (REMOVED_PAGES + mean / PAGE + 1);
    char text[200], lasts[UNITS_TEXT], speed[UNITS_TEXT], every[UNITS_TEXT];

    if (request->save_every_us)
        snprintf(text, sizeof text, "a save every %s, at %s a second: %s each",
                 print_duration(every, request->save_every_us), print_bytes(speed, request->save_bytes_per_s),
                 print_duration(lasts, save_us));
    else
        snprintf(text, sizeof text, "a save at the worst moment, at %s a second: %s",
                 print_bytes(speed, request->save_bytes_per_s), print_duration(lasts, save_us));
    add(line, "fork", least_of(pages * PAGE, facts->used_memory_peak), false, text);
}

static uint64_t backlog_of(const struct server *server, const struct redis_config *config)
{
    const struct server_profile *profile = server->profile;

    if (config->repl_backlog_size)
        return config->repl_backlog_size;
    return profile->repl_backlog_bytes ? profile->repl_backlog_bytes : BACKLOG_BYTES;
}

static void tell_replicas(const struct headroom_request *request, const struct write_load *load,
                          const struct server *server, const struct redis_config *config, struct sized_line *line)
{
    uint64_t backlog = backlog_of(server, config), hard = config->client_output_buffer_limit.of[CLASS_REPLICA].hard;
    uint64_t stream = write_load_worst(load, headroom_save_us(request, line->maxmemory), 0).bytes;
    uint64_t waits = stream > backlog ? stream - backlog : 0;
    char text[200];

    if (!request->replicas)
        return;
    add(line, "backlog", backlog, true, "repl-backlog-size");
    snprintf(text, sizeof text, "what waits for %ju replica%s a snapshot%s", (uintmax_t)request->replicas,
             request->replicas == 1 ? " that loads" : "s, which share it, that load",
             hard && waits > hard ? ", up to the hard limit" : "");
    add(line, "replicas", hard ? least_of(waits, hard) : waits, false, text);
}

void headroom_tell(const struct headroom_request *request, const struct write_load *load,
                   const struct headroom_facts *facts, const struct server *server,
                   const struct simulation_options *options, struct sized_line *line)
{
    if (!server->profile || !line->found)
        return;
    tell_fork(request, load, facts, line);
    tell_replicas(request, load, server, &options->redis, line);
    add(line, "table", 2 * facts->table_bytes, true, "the keys double: a table twice as large beside the present one");
    if (options->rss)
        add(line, "fragmentation", facts->above_used, false,
            "used_memory_rss above used_memory, at most, as simulated");
    line->needed_memory = line->maxmemory;
    for (size_t i = 0; i < line->headroom_count; i++)
        line->needed_memory += line->headroom[i].bytes;
}

void headroom_release(struct sized_line *line)
{
    for (size_t i = 0; i < line->headroom_count; i++)
        fields_release(&sized_headroom_layout, &line->headroom[i]);
    free(line->headroom);
    line->headroom = NULL;
    line->headroom_count = 0;
}
