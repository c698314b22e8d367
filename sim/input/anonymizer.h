/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anonymizer: other names for keys, members, tenants and clients, which tell nothing of those that they stand for to who does not have
 * the secret.
 *
 *     user:17:name  ─▶  user:Qk3_x0a        the prefix stays, to the first separator; the length stays
 *
 * A name's letters are drawn by HMAC-SHA256 of the secret and the whole name. Different names stay different: of two that would
 * become the same the later one is drawn anew, and becomes longer if need be (its length in the server, which the record has
 * besides, does not). Numbers become numbers below 2^62. Members that are integers stay, because what they weigh follows from that,
 * and so do words of commands, scripts, channels, patterns. */
#ifndef SIM_INPUT_ANONYMIZER_H
#define SIM_INPUT_ANONYMIZER_H

#include "sim/request.h"

#include <stddef.h>

struct anonymizer;

/* Both outlive it. The separator is not empty. */
struct anonymizer *anonymizer_new(const char *secret, const char *separator);
void anonymizer_free(struct anonymizer *anonymizer); /* NULL is fine */

/* Gives the record other names, which stay until the next one. Returns how many texts of it stay as they were (scripts, channels ...). */
uint32_t anonymizer_take(struct anonymizer *anonymizer, struct record *record);

#endif
