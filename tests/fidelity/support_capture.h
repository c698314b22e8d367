/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_capture: what MONITOR showed of an application, as one client sends it: a script for a server in virtual time, and a trace
 * of the same for the model.
 *
 *     capture (many clients)  ->  the calls of one client  ->  script of a server
 *                                                          \-> trace of the model, again as MONITOR shows it
 *
 * One client cannot send everything that many have sent, and a script that finds other keys than it found when it was captured
 * calls other commands. So both get the same, changed in these ways:
 *
 *     EVAL, EVALSHA, FCALL  a script that calls the very commands that were captured, until memory is full
 *     MULTI                 comes right before the commands it belongs to: behind it one client's are queued, whoever sent them
 *     BLPOP and its kin     LPOP and its kin: they wait for nobody
 *     SELECT                where the database changes
 *     HELLO, SUBSCRIBE ...  what is about a connection alone is left out */
#ifndef TESTS_FIDELITY_SUPPORT_CAPTURE_H
#define TESTS_FIDELITY_SUPPORT_CAPTURE_H

#include "sim/error.h"
#include "sim/live/script.h"

#include <stddef.h>
#include <stdint.h>

/* What a capture has become. */
struct capture_summary {
    uint64_t calls;    /* that the client sends */
    uint64_t scripted; /* besides, those that its scripts call */
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
