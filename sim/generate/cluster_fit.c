/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/cluster_fit.h"

#include "sim/elementary.h"

#include <math.h>

enum { ROUNDS = 50 };
static const double ONE_BY_ONE = 256, BLOCK_GROWTH = 1.03;

/* Sums f(expected requests of a rank) over the ranks, which share `draws` by Zipf's law. */
typedef double rank_fn(double requests, const void *owner);

static double sum_over_ranks(double keys, double zipf, double draws, rank_fn *f, const void *owner)
{
    double all = 0, sum = 0;

    for (int pass = 0; pass < 2; pass++)
        for (double rank = 1, width = 1; rank <= keys; rank += width) {
            width = rank < ONE_BY_ONE ? 1 : fmin(ceil(rank * (BLOCK_GROWTH - 1)), keys - rank + 1);
            double weight = elementary_pow(rank + (width - 1) / 2, -zipf);
            if (!pass)
                all += weight * width;
            else
                sum += f(draws * weight / all, owner) * width;
        }
    return sum;
}

static double is_named(double requests, const void *owner)
{
    (void)owner;
    return -elementary_expm1(-requests);
}

static double is_named_once(double requests, const void *owner)
{
    (void)owner;
    return requests * elementary_exp(-requests);
}

/* The number of ranks that makes the different keys so many; as many as there can be, if that is too few. */
static double ranks_for(double wanted, double zipf, double draws)
{
    double low = 1, high = fmax(2, 4 * draws);

    if (!(draws >= 1) || sum_over_ranks(high, zipf, draws, is_named, NULL) < wanted)
        return draws >= 1 ? high : 1;
    for (int round = 0; round < ROUNDS && high / low > 1.0005; round++) {
        double middle = sqrt(low * high);
        if (sum_over_ranks(middle, zipf, draws, is_named, NULL) < wanted)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* Different keys, all that come once included. */
static double keys_with(struct cluster_fit *fit, double share)
{
    double draws = fit->draws * (1 - share);

    fit->one_hit_share = share;
    fit->keys = round(ranks_for(fit->wanted_keys - share * fit->draws, fit->zipf, draws));
    return sum_over_ranks(fit->keys, fit->zipf, draws, is_named, NULL) + share * fit->draws;
}

void cluster_fit(struct cluster_fit *fit)
{
    double low = 0, high = fmin(1, fit->wanted_keys / fit->draws);

    for (int round = 0; round < 20; round++) {
        double middle = (low + high) / 2, draws = fit->draws * (1 - middle);
        double keys = keys_with(fit, middle);
        double once = sum_over_ranks(fit->keys, fit->zipf, draws, is_named_once, NULL) + middle * fit->draws;
        if (keys < 0.999 * fit->wanted_keys || once < fit->wanted_once)
            low = middle;
        else
            high = middle;
    }
    keys_with(fit, high > 1e-4 ? high : 0);
}

/* What one ttl has to say about a rank: it is there for that long, then absent until the next request. */
struct life {
    double ttl_share; /* of the trace */
};

static double absent_requests(double requests, const void *owner)
{
    const struct life *life = owner;

    return requests / (1 + requests * life->ttl_share);
}

double cluster_absent_share(const struct cluster_fit *fit, const struct generate_ttl *ttls, int ttl_count,
                            double seconds)
{
    double shares = 0, absent = 0, draws = fit->draws * (1 - fit->one_hit_share);

    for (int i = 0; i < ttl_count; i++) {
        struct life life = {ttls[i].ttl_s > 0 && ttls[i].ttl_s < seconds ? ttls[i].ttl_s / seconds : 1};
        shares += ttls[i].share;
        absent += ttls[i].share * sum_over_ranks(fit->keys, fit->zipf, draws, absent_requests, &life);
    }
    if (!ttl_count)
        absent = sum_over_ranks(fit->keys, fit->zipf, draws, is_named, NULL);
    else
        absent /= shares;
    return absent / fit->draws + fit->one_hit_share;
}
