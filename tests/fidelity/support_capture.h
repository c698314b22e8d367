/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_capture: what MONITOR showed of an application: a script for a server in virtual time, and a trace of the same for the
 * model.
 *
 *     capture  ->  its calls  ->  script of a server: each client is a connection
 *                             \-> trace of the model, again as MONITOR shows it
 *
 * Every client connects when it first speaks, sends what it sent, when it sent it, one request at a time, and waits, watches and
 * queues as it did. One more, the observer, is there from the start, and asks for INFO. A script that finds other keys than
 * it found when it was captured calls other commands, and its text is not in the capture. So both get the same, changed in these
 * ways:
 *
 *     EVAL, EVALSHA, FCALL  a script that calls the very commands that were captured, until memory is full
 *     SELECT                where the client's database changes
 *     AUTH, WAIT ...        left out: what is about a connection alone, but HELLO, CLIENT SETNAME, SUBSCRIBE */
#ifndef TESTS_FIDELITY_SUPPORT_CAPTURE_H
#define TESTS_FIDELITY_SUPPORT_CAPTURE_H

#include "sim/error.h"
#include "sim/live/script.h"

#include <stddef.h>
#include <stdint.h>

/* What a capture has become. */
struct capture_summary {
    uint64_t clients;
    uint64_t calls;    /* that they send */
    uint64_t scripted; /* besides, those that their scripts call */
    uint64_t left_out;
    int64_t duration_us;
};

/* Reads the capture (plain, gzip or zstd), and writes the script and the trace. It lasts `stretch` times as long as it did: ttls of a
 * minute end in a capture of some seconds. info_every_us of the options may be 0: then the script has a hundred INFO, at equal
 * distances, which *info_every_us says. 0, or -1 with the line that cannot be understood. */
int capture_convert(const char *capture, double stretch, const char *script, const char *trace,
                    const struct script_options *options, int64_t *info_every_us, struct capture_summary *summary,
                    struct error *error);

#endif
