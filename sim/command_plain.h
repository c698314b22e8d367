/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command_plain: the commands that change nothing: they ask a server about itself, or tell it what no model needs. They cost
 * what every command costs: room for their arguments, a look at the gate, a reply, a latency histogram at the first call, and
 * the clock.
 *
 *     P(name in C, name in Redis, reply, each)                     reply: its bytes; each: for every argument that names
 *     Q(name in C, container, subcommand, reply, each)             something, then `reply` is of the command without
 *
 * The lengths are those of a Redis 7.0.15 that was just started, with one client and without a cluster; where a reply tells
 * of the server's state they are those of a short one. In cluster mode CLUSTER SLOTS and its like answer more. */
#ifndef SIM_COMMAND_PLAIN_H
#define SIM_COMMAND_PLAIN_H

/* clang-format off */
#define PLAIN_COMMAND_LIST(P, Q) \
    /* values */ \
    P(PFSELFTEST,       "pfselftest",                 5, 0) \
    Q(OBJECT_HELP,      "object", "help",           662, 0) \
    Q(XGROUP_HELP,      "xgroup", "help",           715, 0) \
    Q(XINFO_HELP,       "xinfo", "help",           299, 0) \
    /* scripts */ \
    Q(FUNCTION_DUMP,    "function", "dump",          17, 0) \
    Q(FUNCTION_LIST,    "function", "list",           4, 0) \
    Q(PUBSUB_HELP,      "pubsub", "help",           652, 0) \
    Q(FUNCTION_HELP,    "function", "help",        2006, 0) \
    Q(FUNCTION_KILL,    "function", "kill",          45, 0) \
    Q(FUNCTION_STATS,   "function", "stats",        112, 0) \
    Q(SCRIPT_DEBUG,     "script", "debug",            5, 0) \
    Q(SCRIPT_HELP,      "script", "help",           780, 0) \
    Q(SCRIPT_KILL,      "script", "kill",            45, 0) \
    Q(SCRIPT_SHOW,      "script", "show",           256, 0) \
    /* connection */ \
    P(ASKING,           "asking",                     5, 0) \
    P(AUTH,             "auth",                       5, 0) \
    Q(CLIENT_CAPA,      "client", "capa",             5, 0) \
    Q(CLIENT_GETNAME,   "client", "getname",          5, 0) \
    Q(CLIENT_GETREDIR,  "client", "getredir",         5, 0) \
    Q(CLIENT_HELP,      "client", "help",          1915, 0) \
    Q(CLIENT_ID,        "client", "id",               5, 0) \
    Q(CLIENT_IMPORT_SOURCE, "client", "import-source", 5, 0) \
    Q(CLIENT_INFO,      "client", "info",           338, 0) \
    Q(CLIENT_LIST,      "client", "list",           338, 0) \
    Q(CLIENT_PAUSE,     "client", "pause",            5, 0) \
    Q(CLIENT_TRACKINGINFO, "client", "trackinginfo", 65, 0) \
    Q(CLIENT_UNBLOCK,   "client", "unblock",          4, 0) \
    Q(CLIENT_UNPAUSE,   "client", "unpause",          5, 0) \
    Q(PUBSUB_CHANNELS,  "pubsub", "channels",         4, 0) \
    Q(PUBSUB_NUMPAT,    "pubsub", "numpat",           4, 0) \
    Q(PUBSUB_NUMSUB,    "pubsub", "numsub",           4, 0) \
    Q(PUBSUB_SHARDCHANNELS, "pubsub", "shardchannels", 4, 0) \
    Q(PUBSUB_SHARDNUMSUB, "pubsub", "shardnumsub",    4, 0) \
    P(READONLY,         "readonly",                   5, 0) \
    P(READWRITE,        "readwrite",                  5, 0) \
    P(WAIT,             "wait",                       4, 0) \
    P(WAITAOF,          "waitaof",                   12, 0) \
    /* server */ \
    Q(ACL_CAT,          "acl", "cat",               269, 0) \
    Q(ACL_DRYRUN,       "acl", "dryrun",              5, 0) \
    Q(ACL_GENPASS,      "acl", "genpass",            71, 0) \
    Q(ACL_GETUSER,      "acl", "getuser",           143, 0) \
    Q(ACL_HELP,         "acl", "help",             1053, 0) \
    Q(ACL_LIST,         "acl", "list",               45, 0) \
    Q(ACL_LOG,          "acl", "log",                 4, 0) \
    Q(ACL_SAVE,         "acl", "save",                5, 0) \
    Q(ACL_USERS,        "acl", "users",              17, 0) \
    Q(ACL_WHOAMI,       "acl", "whoami",             13, 0) \
    Q(CLUSTER_COUNT_FAILURE_REPORTS, "cluster", "count-failure-reports", 4, 0) \
    Q(CLUSTER_COUNTKEYSINSLOT, "cluster", "countkeysinslot", 4, 0) \
    Q(CLUSTER_GETKEYSINSLOT, "cluster", "getkeysinslot", 4, 0) \
    Q(CLUSTER_HELP,     "cluster", "help",           49, 0) \
    Q(CLUSTER_INFO,     "cluster", "info",           49, 0) \
    Q(CLUSTER_KEYSLOT,  "cluster", "keyslot",        49, 0) \
    Q(CLUSTER_LINKS,    "cluster", "links",          49, 0) \
    Q(CLUSTER_MYID,     "cluster", "myid",           49, 0) \
    Q(CLUSTER_MYSHARDID, "cluster", "myshardid",     49, 0) \
    Q(CLUSTER_NODES,    "cluster", "nodes",          49, 0) \
    Q(CLUSTER_REPLICAS, "cluster", "replicas",       49, 0) \
    Q(CLUSTER_SAVECONFIG, "cluster", "saveconfig",   49, 0) \
    Q(CLUSTER_SHARDS,   "cluster", "shards",         49, 0) \
    Q(CLUSTER_SLAVES,   "cluster", "slaves",         49, 0) \
    Q(CLUSTER_SLOTS,    "cluster", "slots",          49, 0) \
    Q(CLUSTER_SLOT_STATS, "cluster", "slot-stats",   49, 0) \
    P(COMMAND,          "command",                90181, 0) \
    Q(COMMAND_COUNT,    "command", "count",           6, 0) \
    Q(COMMAND_DOCS,     "command", "docs",       172298, 214) \
    Q(COMMAND_GETKEYS,  "command", "getkeys",        11, 0) \
    Q(COMMAND_GETKEYSANDFLAGS, "command", "getkeysandflags", 33, 0) \
    Q(COMMAND_HELP,     "command", "help",          848, 0) \
    Q(COMMAND_INFO,     "command", "info",        90181, 303) \
    Q(COMMAND_LIST,     "command", "list",         5713, 0) \
    Q(CONFIG_GET,       "config", "get",              4, 40) \
    Q(CONFIG_HELP,      "config", "help",           384, 0) \
    Q(CONFIG_REWRITE,   "config", "rewrite",          5, 0) \
    P(LASTSAVE,         "lastsave",                  13, 0) \
    Q(LATENCY_DOCTOR,   "latency", "doctor",        296, 0) \
    Q(LATENCY_GRAPH,    "latency", "graph",          41, 0) \
    Q(LATENCY_HELP,     "latency", "help",          723, 0) \
    Q(LATENCY_HISTOGRAM, "latency", "histogram",    440, 0) \
    Q(LATENCY_HISTORY,  "latency", "history",         4, 0) \
    Q(LATENCY_LATEST,   "latency", "latest",          4, 0) \
    Q(LATENCY_RESET,    "latency", "reset",           4, 0) \
    P(LOLWUT,           "lolwut",                    25, 0) \
    Q(MEMORY_DOCTOR,    "memory", "doctor",         276, 0) \
    Q(MEMORY_HELP,      "memory", "help",           555, 0) \
    Q(MEMORY_MALLOC_STATS, "memory", "malloc-stats", 24539, 0) \
    Q(MEMORY_PURGE,     "memory", "purge",            5, 0) \
    Q(MEMORY_STATS,     "memory", "stats",          948, 0) \
    Q(MODULE_HELP,      "module", "help",           465, 0) \
    Q(MODULE_LIST,      "module", "list",             4, 0) \
    P(ROLE,             "role",                      24, 0) \
    P(SAVE,             "save",                       5, 0) \
    Q(COMMANDLOG_GET,   "commandlog", "get",          4, 0) \
    Q(COMMANDLOG_HELP,  "commandlog", "help",       616, 0) \
    Q(SLOWLOG_GET,      "slowlog", "get",             4, 0) \
    Q(SLOWLOG_HELP,     "slowlog", "help",          401, 0) \
    P(TIME,             "time",                      33, 0)

#define PLAIN_COMMAND(symbol, name, reply, each) \
    X(symbol, name, "*", plain, .reply_bytes = reply, .reply_each = each)
#define PLAIN_SUBCOMMAND(symbol, parent, name, reply, each) \
    X(symbol, parent "|" name, "*", plain, .container = sizeof(parent) - 1, .reply_bytes = reply, \
      .reply_each = each)
/* clang-format on */

#endif
