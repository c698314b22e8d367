/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script: what a scripted client does inside a real server, turn by turn, as a file.
 *
 *     driver (support_script.c)  ->  script  ->  virtual_time.c, preloaded into the server
 *
 * The file is a sequence of turns, each a struct turn followed by the heads and tails of its requests, as
 * they go over the wire, padded to eight bytes:
 *
 *     | struct turn | command head | command tail | fill head | fill tail | padding |
 *
 * Between a head and its tail the client sends `value_bytes` letters 'v': values are long, their content
 * does not matter. Times never decrease. The server's clock shows SCRIPT_EPOCH_US + at_us while the turn
 * lasts. Nothing of this is kept: driver and library come from the same build. */
#ifndef TESTS_FIDELITY_SCRIPT_H
#define TESTS_FIDELITY_SCRIPT_H

#include <stdint.h>

enum turn_kind {
    TURN_WAKE, /* nothing to read: the idle event loop wakes up for its timers */
    TURN_COMMAND,
    TURN_GET,  /* a hit or a miss; after a miss the fill follows at once, if the turn has one */
    TURN_INFO, /* the reply goes into the record */
};

/* A request in pieces; all zero: none. */
struct turn_request {
    uint32_t head_bytes, value_bytes, tail_bytes;
};

struct turn {
    int64_t at_us;
    uint32_t kind; /* enum turn_kind */
    struct turn_request command, fill;
    uint32_t rest_ms; /* real time that the server's other threads get afterwards */
};

static const int64_t SCRIPT_EPOCH_US = INT64_C(1700000000000000);

/* What the server's environment says to the library. */
#define SCRIPT_ENV   "EVSIM_SCRIPT" /* the script */
#define RECORD_ENV   "EVSIM_RECORD" /* where to write what happened */
#define PROBE_ENV    "EVSIM_PROBE"  /* set: only say whether the system's jemalloc is linked in */
#define PROBE_ANSWER "evsim: system jemalloc"

/* The record is text: for each INFO the line below and its reply; at the end of the script the other line,
 * without which the server has not played it all. */
#define RECORD_INFO "info %lld %zu\n" /* microseconds, bytes of the reply */
#define RECORD_END  "end hits %llu misses %llu fills %llu oom %llu errors %llu\n"

#endif
