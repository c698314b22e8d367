/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_streams: random streams through a server and its model, side by side; where they differ, a short stream that
 * shows it.
 *
 * What is compared, and by which rule:
 *
 *     TYPE, OBJECT ENCODING, errors   equal
 *     MEMORY USAGE    exact           equal
 *                     skiplist        the levels of its nodes are random: the sum over all such keys is tested, |z| < 4.5
 *                     table           a dict within the value may be in two halves on one side and not, or no longer, on
 *                                     the other: they differ by the slots of a half
 *                     buckets         servers with buckets: by whole buckets, as overflow is random
 *     used_memory     exact           equal, less what MEMORY USAGE was allowed to differ by
 *                     rehashing       a table of keys is in two halves: within its slots
 *                     buckets         by whole buckets, no more than there are
 *                     table           by the slots that a dict of functions has had, which is rehashed sooner or later
 *                     nodes           by nodes of dicts without values: which members share a bucket is random; the sum is tested, too
 *
 * A table's members come in an order that its seed decides: SUNIONSTORE of a table with integers among its members makes a
 * listpack or a table, as they come; a table that shrinks is done with it sooner or later. So a stream that differs is played
 * again, as it was, with other seeds. If there is one with which it does not differ, it was chance.
 *
 * used_memory is counted from the start of the process, behind the prologue (support_plan.h), and without the reply buffer
 * of the connection, for that shrinks to the lengths of replies, and those of the questions are not the model's. */
#ifndef TESTS_FIDELITY_SUPPORT_STREAMS_H
#define TESTS_FIDELITY_SUPPORT_STREAMS_H

#include "tests/fidelity/support_twin.h"
#include "tests/support_random.h"

#include <stdbool.h>
#include <stdint.h>

enum rule { RULE_EXACT, RULE_SKIPLIST, RULE_TABLE, RULE_BUCKETS, RULE_REHASHING, RULE_NODES, RULES };
extern const char *const rule_names[RULES];

/* What is random, of each stream: server's less model's bytes, their sum, and the sum of their squares. */
struct chance {
    double of_stream, sum, squares;
    uint32_t stream;
};

/* What was compared. */
struct tally {
    uint64_t commands, errors, comparisons, keys;
    uint64_t by_rule[RULES];     /* of MEMORY USAGE and of used_memory */
    struct chance levels, nodes; /* of skip lists; of dicts */
    uint64_t types[8];           /* keys by type: see type_names */
};
extern const char *const type_names[8];

/* Where two answers differ. */
struct difference {
    bool found;
    enum act_kind kind;
    uint32_t stream, step;
    char text[512]; /* "MEMORY USAGE s1: redis-7.0.15-debian 104, evsim 96" */
    char key[64];   /* what is different, of which key's type: two of the same kind have the same */
};

struct streams_options {
    struct twins twins;
    uint64_t seed;
    uint64_t first, count; /* streams by number: any one can be had alone */
    uint32_t commands;     /* of a stream */
    uint32_t compare_every;
    uint32_t streams_of_process;
    const char *types;   /* letters of those that are wanted (support_stream_rows.h); NULL: all that the model has */
    uint32_t most_shown; /* so many differences are shrunk and shown; then it ends */
    FILE *out;           /* progress and findings; NULL: none */
};

struct finding {
    struct difference difference;
    struct stream stream; /* shrunk; owned */
    uint64_t number;      /* of the stream that it was found in */
};

struct streams_report {
    struct tally tally;
    uint64_t streams, different;
    uint64_t by_chance; /* streams that differ, and with other seeds of the tables do not; not in `different` */
    uint64_t died;      /* streams that the server did not survive */
    struct finding *findings;
    size_t finding_count;
};

/* Plays streams [first, first + count) until most_shown kinds of differences, or 40 streams that differ, have been found. 0,
 * or -1. */
int streams_run(const struct streams_options *options, struct streams_report *report, struct error *error);
/* By how many standard errors the sum is not 0; 0 when there was nothing. */
double chance_z(const struct chance *chance);
void streams_report_release(struct streams_report *report);

/* The stream of this number. */
void streams_draw(const struct streams_options *options, uint64_t number, struct stream *stream);

/* Plays some streams in one process. */
int streams_compare(const struct twins *twins, const struct stream *streams, size_t count, struct tally *tally,
                    struct difference *difference, struct error *error);

/* Leaves of the stream the shortest prefix that still differs in the same way, less every step, setting and word that is
 * not needed for that. */
int streams_shrink(const struct twins *twins, struct stream *stream, struct difference *difference,
                   struct error *error);

#endif
