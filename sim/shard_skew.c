/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/shard_skew.h"

#include <math.h>
#include <stddef.h>

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

static uint64_t value_at(const struct shard *shard, size_t offset)
{
    return *(const uint64_t *)((const char *)shard + offset);
}

static struct skew skew_of(const struct result *result, size_t offset)
{
    struct skew skew = {0};
    double sum = 0;

    for (uint32_t i = 0; i < result->shard_count; i++) {
        sum += (double)value_at(&result->shards[i], offset);
        if (value_at(&result->shards[i], offset) > value_at(&result->shards[skew.shard], offset))
            skew.shard = i;
    }
    skew.ratio = sum > 0 ? (double)value_at(&result->shards[skew.shard], offset) * (double)result->shard_count / sum
                         : (double)NAN;
    return skew;
}

struct skew skew_of_requests(const struct result *result)
{
    return skew_of(result, offsetof(struct shard, requests));
}

struct skew skew_of_memory(const struct result *result)
{
    return skew_of(result, offsetof(struct shard, used_memory_peak));
}

double shard_hit_ratio(const struct shard *shard)
{
    return ratio(shard->hits, shard->reads);
}

double shard_oom_share(const struct shard *shard)
{
    return ratio(shard->oom_rejections, shard->writes);
}

double shard_fullness(const struct shard *shard)
{
    return ratio(shard->used_memory_peak, shard->maxmemory);
}

static bool is_worse(const struct shard *shard, const struct shard *than)
{
    double own = shard->oom_rejections ? shard_oom_share(shard) : 0;
    double other = than->oom_rejections ? shard_oom_share(than) : 0;

    return own > other || (own == other && shard_hit_ratio(shard) < shard_hit_ratio(than)) ||
           (own == other && !than->reads && shard->reads);
}

uint32_t shard_worst(const struct result *result)
{
    uint32_t worst = 0;

    for (uint32_t i = 1; i < result->shard_count; i++)
        if (is_worse(&result->shards[i], &result->shards[worst]))
            worst = i;
    return worst;
}

int shard_full_beside_half_empty(const struct result *result)
{
    int found = -1;

    for (uint32_t i = 0; i < result->shard_count; i++) {
        const struct shard *shard = &result->shards[i];

        if (shard->first_refusal_us >= 0 && shard->least_full != i && shard->least_full_share <= 0.5 &&
            (found < 0 || shard->first_refusal_us < result->shards[found].first_refusal_us))
            found = (int)i;
    }
    return found;
}
