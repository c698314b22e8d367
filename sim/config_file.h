/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_file: redis.conf, read as redis-server reads it.
 *
 *     include common.conf                # names and words in any case, quotes as in C or sh,
 *     maxmemory       "100MB"            # but a comment has a line of its own
 *     MAXMEMORY-POLICY allkeys-lru
 *     hz 1000                            # taken: the server works with 500
 *     hz 20                              # the last of several counts
 *
 * A relative path of `include` is looked for where the server would (in the directory that an earlier `dir` names, or
 * in the one that the program was started in) and, for files that were copied from there, beside the file that
 * includes it; * ? [ ] stand for several files, or none.
 *
 * Source: loadServerConfig and loadServerConfigFromString in config.c, sdssplitargs in sds.c of Redis 7.0.15. */
#ifndef SIM_CONFIG_FILE_H
#define SIM_CONFIG_FILE_H

#include "sim/config.h"
#include "sim/error.h"
#include "sim/text_index.h"

/* What a redis.conf says besides the options of the table. Texts are owned, NULL when absent. */
struct redis_conf_file {
    char *maxmemory;               /* a size that scan_bytes() reads */
    char *maxmemory_policy;        /* as written: any policy's name */
    char *policy_place;            /* where it was said: "redis.conf:12" */
    struct text_index not_modeled; /* save, appendonly ...: directives that change nothing here */
    char *clamped[REDIS_OPTIONS];  /* "redis.conf:3: hz 1000", where the server works with another value */
};

/* Reads the file into `config`, which has the defaults, and `file`. 0; or -1 with "redis.conf:12: ..." where the server
 * would not start either: on an unreadable file, a bad value, quotes that do not end. To be released either way. */
int redis_conf_read(const char *path, uint64_t memory_limit, struct redis_config *config, struct redis_conf_file *file,
                    struct error *error);
void redis_conf_file_release(struct redis_conf_file *file);

/* "save, appendonly": what is not modeled, "" if nothing is. To be freed. */
char *redis_conf_not_modeled(const struct redis_conf_file *file);

#endif
