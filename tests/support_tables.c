/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_tables.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t node_bytes(const struct table *table)
{
    return table->dict.node_bytes * table->dict.nodes;
}

/* Memory apart from the connection's buffers, which the value passes through, and from nodes that a table needs for keys that
 * happen to share a bucket. */
static uint64_t keyspace_bytes(const struct cell *cell)
{
    const struct client *client = &cell->redis->client;
    const struct database *database = &cell->redis->databases[0];

    return cell->redis->used - client_query_bytes(client) - client->reply_capacity - node_bytes(&database->keys) -
           node_bytes(&database->expires);
}

/* Tables, histogram and the ttl's table are there before anything is weighed. */
struct cell *tables_warm_server(const char *server)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server});

    cell_run(cell, "set warm 10 ex 1000000; del none");
    return cell;
}

static int64_t power_of_ten(unsigned exponent)
{
    return exponent ? 10 * power_of_ten(exponent - 1) : 1;
}

uint64_t tables_weigh(struct cell *cell, const struct table_row *row)
{
    uint32_t id = cell_id(cell, "weighed");
    uint64_t before = keyspace_bytes(cell), after;
    struct row set = {.op = OP_SET,
                      .id = id,
                      .key_len = row->key_len,
                      .value_len = row->value_len,
                      .flags = (uint16_t)((row->has_ttl ? REQUEST_TTL : 0) | (row->is_integer ? REQUEST_INTEGER : 0)),
                      .ttl_ms = 100000000,
                      .number = row->is_integer ? power_of_ten(row->value_len - 1) : 0};

    cell_do(cell, set);
    after = keyspace_bytes(cell);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_do(cell, (struct row){.op = OP_DEL, .id = id, .key_len = row->key_len});
    assert_int_equal(keyspace_bytes(cell), before);
    return after - before;
}

/* Opens a recording behind its header; NULL: it is not there. */
static FILE *open_recording(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];

    if (file && !fgets(line, sizeof line, file)) {
        fclose(file);
        return NULL;
    }
    return file;
}

static bool read_row(FILE *file, struct table_row *row)
{
    char kind[8];
    int got = fscanf(file, "%u,%u,%7[a-z],%u,%lu,%lu", &row->key_len, &row->value_len, kind, &row->has_ttl, &row->usage,
                     &row->delta);

    row->is_integer = got == 6 && !strcmp(kind, "int");
    return got == 6;
}

bool tables_compare(const char *server, const char *path, struct table_match *match)
{
    FILE *file = open_recording(path);
    struct table_row row;
    struct cell *cell;

    *match = (struct table_match){0};
    if (!file)
        return false;
    cell = tables_warm_server(server);
    for (; read_row(file, &row); match->rows++) {
        uint64_t weighed = tables_weigh(cell, &row);

        if (weighed == row.delta)
            continue;
        match->mismatches++;
        printf("key %u, value %u%s%s: %lu, not %lu\n", row.key_len, row.value_len, row.is_integer ? " (integer)" : "",
               row.has_ttl ? ", ttl" : "", weighed, row.delta);
    }
    cell_close(cell);
    fclose(file);
    return true;
}

/* ---- growth ---- */

struct growth_row {
    unsigned keys;
    unsigned long used, size0, used0, size1, used1;
};

static bool read_growth(FILE *file, struct growth_row *row)
{
    return fscanf(file, "%u,%lu,%lu,%lu,%lu,%lu,%*u,%*u", &row->keys, &row->used, &row->size0, &row->used0, &row->size1,
                  &row->used1) == 6;
}

static void fill_up_to(struct cell *cell, uint32_t keys)
{
    for (uint32_t id = cell->key_count; id < keys; id++)
        cell_add(cell, (struct row){.op = OP_SET, .id = id, .key_len = 16, .value_len = 40});
    cell_flush(cell);
}

static bool has_tables_of(const struct table *table, const struct growth_row *row)
{
    const struct dict *dict = &table->dict;

    if (table->kind == TABLE_BUCKETS) /* these recordings do not say where rehashing is */
        return true;
    return dict->size[0] == row->size0 && dict->size[1] == row->size1;
}

bool tables_compare_growth(const char *server, const char *path, unsigned from_keys, struct growth_match *match)
{
    FILE *file = open_recording(path);
    struct growth_row zero, row;
    const struct table *table;
    struct cell *cell;
    double base;

    *match = (struct growth_match){0};
    if (!file)
        return false;
    cell = cell_open((struct cell_setup){.server = server});
    table = &cell->redis->databases[0].keys;
    base = (double)cell->redis->used;
    assert_true(read_growth(file, &zero) && zero.keys == 0);
    while (read_growth(file, &row)) {
        double recorded = (double)(row.used - zero.used), modeled;

        fill_up_to(cell, row.keys);
        modeled = (double)cell->redis->used - base;
        if (row.keys == from_keys)
            match->left_out = recorded - modeled;
        if (!has_tables_of(table, &row))
            match->drained++;
        else if (row.keys >= from_keys)
            match->worst = fmax(match->worst, fabs(modeled + match->left_out - recorded) / recorded);
    }
    cell_close(cell);
    fclose(file);
    return true;
}
