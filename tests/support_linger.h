/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_linger: how many of the keys present have expired and wait for the active cycle.
 *
 * 200,000 keys are set within a second and expire evenly over 20 s, nobody reads them, and from 12 to 17 s it
 * is looked four times a second, out of step with the cycle. */
#ifndef TESTS_SUPPORT_LINGER_H
#define TESTS_SUPPORT_LINGER_H

#include <stdbool.h>
#include <stdint.h>

struct linger_setup {
    const char *server;
    uint32_t effort;
    uint64_t expirations_per_s; /* 0: expiring takes no time */
};

/* Mean share of the keys present, in the model. */
double linger_simulate(const struct linger_setup *setup, uint64_t seed);
/* Mean of so many seeds. */
double linger_mean(const struct linger_setup *setup, uint64_t first_seed, int seeds);

/* The same of a server that was recorded in real time: the time limit of its cycle may have struck, which
 * leaves more keys behind. */
struct linger_recording {
    double share;
    int looks, limited;         /* how often the limit struck in these five seconds */
    uint64_t expirations_per_s; /* of the cycle's own time, as INFO says it: mean of these five seconds */
};

bool linger_read(const char *path, struct linger_recording *recording);

/* One server in virtual time, where no limit strikes: the next row of tests/data/lingering.csv. */
struct linger_row {
    char server[32];
    uint32_t effort;
    double share; /* mean of its runs */
};

/* Fills up to `room` rows; how many there are. */
int linger_read_rows(struct linger_row *rows, int room);

#endif
