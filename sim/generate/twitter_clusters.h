/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twitter_clusters: what a row of the table says. */
#ifndef SIM_GENERATE_TWITTER_CLUSTERS_H
#define SIM_GENERATE_TWITTER_CLUSTERS_H

struct twitter_cluster {
    const char *name;
    double miss_ratio; /* in production, of reads */
    double key_bytes, value_bytes;
    double rate_kqps;
    double mean_frequency;  /* requests of a key */
    double one_hit_percent; /* of the keys */
    double first_percent;   /* compulsory misses: first requests of a key, of all requests */
    double all_mb, live_mb; /* working set: of all keys, of those whose ttl has not passed */
    double zipf;
    const char *ttls, *operations; /* their shares */
};

enum { TWITTER_CLUSTERS = 54 };
extern const struct twitter_cluster twitter_clusters[TWITTER_CLUSTERS];

#endif
