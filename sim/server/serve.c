/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/serve.h"

#include "sim/server/histograms.h"

void serve_ready(struct redis *redis)
{
    struct blocked *blocked = &redis->blocked;
    uint32_t id;

    while (blocked_take_ready(blocked, &id)) {
        uint32_t place = blocked_find(blocked, id, 0);

        while (place < blocked->count) {
            if (blocked->list[place].serve(redis, &blocked->list[place], id)) {
                histograms_note(redis, blocked->list[place].op);
                blocked_remove(blocked, place);
            } else {
                place++;
            }
            place = blocked_find(blocked, id, place);
        }
    }
}

void serve_end_waits(struct redis *redis, uint32_t client)
{
    uint32_t place;

    while ((place = blocked_find_ended(&redis->blocked, client, redis->now_us)) < redis->blocked.count) {
        histograms_note(redis, redis->blocked.list[place].op);
        blocked_remove(&redis->blocked, place);
    }
}
