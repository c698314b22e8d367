/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script_file: what a scripted client does inside a real server, turn by turn, as a file.
 *
 *     script.c  ->  script  ->  virtual_time.c, preloaded into the server  ->  record  ->  record.c
 *
 * The file is a sequence of turns, each a struct turn followed by the heads and tails of its requests, as
 * they go over the wire, padded to eight bytes:
 *
 *     | struct turn | command head | command tail | fill head | fill tail | padding |
 *
 * Between a head and its tail the client sends `value_bytes` letters 'v': values are long, their content
 * does not matter. Times are Unix times and never decrease; the server's clock shows that of the turn while the turn
 * lasts, and that of the first one before. Nothing of this is kept: writer, library and reader come from the same
 * build. */
#ifndef SIM_LIVE_SCRIPT_FILE_H
#define SIM_LIVE_SCRIPT_FILE_H

#include <stdint.h>

enum turn_kind {
    TURN_WAKE, /* nothing to read: the idle event loop wakes up for its timers */
    TURN_COMMAND,
    TURN_READ, /* of one key, a hit or a miss; after a miss the fill follows at once, if the turn has one */
    TURN_INFO, /* the reply goes into the record */
    TURN_TELL, /* likewise, of any command, an error as well */
    TURN_WAIT, /* a command that may wait: the next turn comes even if it has no reply yet */
    TURN_LISTEN, /* a subscription: what the client is sent from then on goes into the record, each message as a reply that
                  * is told */
};

enum { CLIENTS = 4096 };

/* A request in pieces; all zero: none. */
struct turn_request {
    uint32_t head_bytes, value_bytes, tail_bytes;
};

struct turn {
    int64_t unix_us;
    uint32_t kind;   /* enum turn_kind */
    uint32_t client; /* who sends it: 0 is there from the start, others connect at their first turn; below CLIENTS */
    struct turn_request command, fill;
    uint32_t
        rest_ms; /* not 0: afterwards the server's other threads do what they have to, for so many seconds at most */
};

/* What the server's environment says to the library. */
#define SCRIPT_ENV   "EVSIM_SCRIPT" /* the script */
#define RECORD_ENV   "EVSIM_RECORD" /* where to write what happened */
#define PROBE_ENV    "EVSIM_PROBE"  /* set: only say whether the system's jemalloc is linked in */
#define PROBE_ANSWER "evsim: system jemalloc"

/* The record is text: for each INFO, and for each reply that was to be told, a line below and the reply; at the end of the
 * script the last line, without which the server has not played it all. */
#define RECORD_INFO "info %lld %zu\n" /* Unix time in microseconds, bytes of the reply */
#define RECORD_TOLD "told %lld %zu\n" /* likewise */
#define RECORD_END  "end fills %llu oom %llu errors %llu waiting %llu\n" /* waiting: waits that were ended */

#endif
