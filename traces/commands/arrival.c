/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/commands/arrival.h"

#include <string.h>

/* The number of the client that sent the command. */
static uint32_t find_client(struct arrival *arrival, const struct argument *client)
{
    const char *end = client->text + client->bytes;
    struct known_client *known;

    if (client->bytes == 3 && !memcmp(client->text, "lua", 3))
        return CLIENT_SCRIPT;
    if (client->bytes < 2 || client->bytes > ARRIVAL_TEXT)
        return member_index_intern(&arrival->clients, client->text, client->bytes);
    known = &arrival->known[(unsigned)((unsigned char)end[-1] * 10 + (unsigned char)end[-2]) % ARRIVAL_KNOWN];
    if (known->bytes != client->bytes || memcmp(known->text, client->text, client->bytes) != 0) {
        known->bytes = client->bytes;
        known->number = member_index_intern(&arrival->clients, client->text, client->bytes);
        memcpy(known->text, client->text, client->bytes);
    }
    return known->number;
}

/* It came in a pipeline: a client that waits for each reply takes longer to send the next command. */
static bool is_behind(struct arrival *arrival, const struct record *row, int64_t gap_us)
{
    int64_t step_us = row->time_us - arrival->last_us; /* below 0: the row comes too late */
    bool behind = arrival->has_last && row->client == arrival->last_client && step_us >= 0 && step_us <= gap_us;

    arrival->last_us = row->time_us;
    if (row->client == CLIENT_SCRIPT)
        return false;
    arrival->last_client = row->client;
    arrival->has_last = gap_us > 0;
    return behind;
}

void arrival_note(struct arrival *arrival, struct record *row, const struct argument *client,
                  const struct format_options *options, struct intake *intake)
{
    row->client = find_client(arrival, client);
    if (row->client >= intake->clients && row->client != CLIENT_SCRIPT)
        intake->clients = row->client + 1;
    row->behind = is_behind(arrival, row, options->pipeline_gap_us);
    intake->pipelined += row->behind;
}

void arrival_release(struct arrival *arrival)
{
    member_index_release(&arrival->clients);
}
