/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change: what is done otherwise than it is: a setting of the server, another server, a ttl that the application gives.
 *
 *     maxmemory 2gb, maxmemory x1.5             the limit, or so many times what it is
 *     maxmemory-policy allkeys-lfu
 *     maxmemory-samples 10                      any option of redis.conf that evsim knows (config.h)
 *     server redis-7.4.1
 *     server next                               the one behind each cell's in the list of servers, if it is of the same family
 *     rules allocator of redis-8.6              the server as it is, but for one group of rules (model.h), which are another's
 *     rule reserves_ttl of redis-8.6            likewise, but for one rule
 *     EXPIRE session:* 3600                     the application's: sim/ttl_rules.h says what follows what
 *     PERSIST session:*
 *     UNUSED session:* 86400                    keys that nobody has used for so long go: a ttl that each use renews
 *     LTRIM feed:* -1000 -1                     the application's bound of its lists, sorted sets, streams: sim/trim_rules.h
 *     ZREMRANGEBYRANK scores:* 0 -1001
 *     XTRIM events:* MAXLEN ~ 1000
 *     CONFIG SET hz 100                         CONFIG SET may stand in front of a setting
 *     maxmemory 2gb; EXPIRE session:* 1h        several at once; 'and' does as well as ';'
 *
 * evsim doctor tries its remedies, and evsim run --what-if what the user asks, by the same changes: a change knows how it is said,
 * how it is made on a running server, and what it does to a cell. */
#ifndef SIM_ADVICE_CHANGE_H
#define SIM_ADVICE_CHANGE_H

#include "sim/error.h"
#include "sim/model.h"
#include "sim/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHANGE_PARTS = 16,   /* of one change */
    CHANGE_PATTERNS = 32 /* of keys, in all changes of a replay */
};

enum change_kind {
    CHANGE_MAXMEMORY,
    CHANGE_POLICY,
    CHANGE_OPTION,
    CHANGE_SERVER,
    CHANGE_RULES,
    CHANGE_RULE,
    CHANGE_EXPIRE,
    CHANGE_UNUSED,
    CHANGE_PERSIST,
    CHANGE_TRIM
};

struct change_part {
    enum change_kind kind;
    uint64_t maxmemory;                /* bytes; 0 with a factor: */
    double factor;                     /* of the cell's maxmemory; 0: none */
    struct named_policy policy;        /* what it points to is not the change's */
    const struct redis_option *option; /* with value */
    const struct server *server;       /* NULL: the next */
    bool is_of_upgrade;    /* of rules: nothing happens where an earlier part of the upgrade brings them along */
    size_t piece;          /* of that server's rules: a group, or one rule */
    char *value;           /* as it is said, without the name: owned */
    char *pattern;         /* of all that the application does: owned */
    unsigned number;       /* of the pattern, in struct change_patterns */
    int64_t ttl_ms;        /* of EXPIRE, and of what is unused */
    struct trim_rule trim; /* without its pattern */
    bool is_clamped;       /* of an option: the server works with another value than this */
};

struct changes {
    struct change_part parts[CHANGE_PARTS];
    size_t count;
};

/* The patterns of all changes of a replay, as its plan takes them (engine/replay.h). The texts are the changes'. */
struct change_patterns {
    const char *list[CHANGE_PATTERNS];
    unsigned count;
};

/* Where names are looked up: fill the server or the policy; -1 with an error that says what names there are. */
struct change_names {
    void *owner;
    int (*find_server)(void *owner, const char *name, const struct server **server, struct error *error);
    const struct model_rules *rules; /* whose groups have words; NULL: nobody has rules */
    int (*find_policy)(void *owner, const char *name, struct named_policy *policy, struct error *error);
};

/* Reads a change. 0; or -1 (ERROR_USAGE) with what is wrong. To be released either way. */
int change_parse(struct changes *change, const char *text, const struct change_names *names,
                 struct change_patterns *patterns, struct error *error);
void change_release(struct changes *change);

/* Whether two servers differ in a group of rules, or in one rule, and not only because they do in one before, which brings this one
 * along. */
bool change_differ(const struct server *from, const struct server *to, bool is_single, size_t piece);

/* Adds a part: what is made of a text is made of these. -1 with an error: it is one too many, or no value of the option. */
int change_maxmemory(struct changes *change, uint64_t bytes, double factor, struct error *error);
int change_policy(struct changes *change, const struct named_policy *policy, struct error *error);
int change_option(struct changes *change, const char *name, const char *value, struct error *error);
/* NULL: the next. */
int change_server(struct changes *change, const struct server *server, struct error *error);
/* The group of rules, or the single rule, that has this word becomes the server's, NULL: the next one's. */
int change_rules_of(struct changes *change, const struct model_rules *rules, bool is_single, const char *word,
                    const struct server *server, struct error *error);
/* ttl_ms 0: PERSIST. */
int change_ttl(struct changes *change, const char *pattern, int64_t ttl_ms, struct change_patterns *patterns,
               struct error *error);

/* Keys that nobody has used for so long go: a ttl that each use renews. */
int change_unused(struct changes *change, const char *pattern, int64_t ttl_ms, struct change_patterns *patterns,
                  struct error *error);
/* The bound of lists, sorted sets or streams; its pattern is found here. */
int change_trim(struct changes *change, const char *pattern, struct trim_rule trim, struct change_patterns *patterns,
                struct error *error);
/* Adds the parts of another change. */
int change_join(struct changes *change, const struct changes *other, struct change_patterns *patterns,
                struct error *error);

/* How it is said: "maxmemory 2gb; EXPIRE session:* 3600". To be freed. */
char *change_print(const struct changes *change);
/* The same to be read: ttls are "1h 00m". To be freed. */
char *change_title(const struct changes *change);
/* How it is made on a running server, or by the application: "CONFIG SET maxmemory 2gb; ...". To be freed. */
char *change_command(const struct changes *change);
/* The lines of redis.conf, joined by "; "; "" where there are none. To be freed. */
char *change_config(const struct changes *change);
/* Whether some part is the application's, and no setting of the server. */
bool change_is_of_application(const struct changes *change);

/* Whether some part bounds collections. */
bool change_is_a_bound(const struct changes *change);

/* The server behind this one in the list of servers, if they are of one family ("redis", "valkey"); else this one. Both are of the list, which
 * ends with one that has no profile. */
const struct server *server_next(const struct server *server);

/* A server that has a group of another's rules. */
struct made_server {
    struct server server;
    const struct server *base; /* whose name it has */
    struct made_server *next;
};

/* What follows the application's commands in a cell, and the servers that were made for cells. */
struct change_rules {
    struct made_server *made; /* owned */
    struct ttl_rule ttls[CHANGE_PARTS];
    struct trim_rule trims[CHANGE_PARTS];
};

/* What a cell takes of a change: `rules` outlives the options. The cell's options become `options`, which hold what is to be
 * changed. */
void change_apply(const struct changes *change, struct cell_config *cell, struct simulation_options *options,
                  struct change_rules *rules);
/* Frees the servers that were made. */
void change_rules_release(struct change_rules *rules);

#endif
