/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/depart.h"

#include "sim/input/departures.h"
#include "sim/server/connections.h"
#include "sim/server/commands/commands.h"
#include "sim/server/serve.h"

/* With `timeout` the server itself closes who is silent, and nobody needs to conclude that the client has. */
static void leave(struct redis *redis, uint32_t number, bool is_shown)
{
    if (!connection_place(&redis->connections, number) ||
        (!is_shown && (redis->config.timeout || connections_awaits(redis, number))))
        return;
    if (redis->blocked.count)
        serve_end_waits(redis, number, true);
    if (number == redis->connections.current) {
        client_written(&redis->client);
        connections_close_current(redis);
    } else {
        connections_kill(redis, number);
    }
}

/* NO_CLIENT: it has not spoken to this shard. Meanwhile others get numbers (engine/shard_part.h). */
static uint32_t number_here(const struct redis *redis, uint32_t client)
{
    const uint32_t *numbers = redis->options->client_numbers;
    uint32_t number = numbers ? __atomic_load_n(&numbers[client], __ATOMIC_RELAXED) : client + 1;

    return number ? number - 1 : NO_CLIENT;
}

int64_t depart_due_us(const struct redis *redis)
{
    const struct departures *departures = redis->options->departures;

    return departures && redis->connections.departed < departures->count
               ? departures->list[redis->connections.departed].time_us
               : INT64_MAX;
}

void depart_run(struct redis *redis)
{
    const struct departures *departures = redis->options->departures;

    while (depart_due_us(redis) < redis->now_us) {
        const struct departure *departure = &departures->list[redis->connections.departed++];
        uint32_t number = number_here(redis, departure->client);

        if (number != NO_CLIENT)
            leave(redis, number, departures->are_shown);
    }
}
