/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origins: how the rows of a text were written, for who converts it (struct record_origin).
 *
 *     row   row   (empty line)   (row that gives no record)   row
 *     └text └text └─────────────────────── text ────────────────┘      kept until a record takes it
 *
 * What is behind the last record is the intake's text_behind. */
#ifndef TRACES_TEXT_ORIGINS_H
#define TRACES_TEXT_ORIGINS_H

#include "sim/input/intake.h"
#include "sim/input/source.h"
#include "sim/request.h"

#include <stddef.h>

/* Zeroed to begin with. */
struct origins {
    struct record_origin *list; /* of the records of this read(): owned, */
    size_t room;
    char **joined; /* texts of theirs that are not in one piece: owned */
    size_t joined_count, joined_room;
    char *kept; /* bytes that no record has taken */
    size_t kept_bytes, kept_room;
};

void origins_release(struct origins *origins);

/* Whether so much text may be kept until a record takes it: what the machine has, or --memory-limit, and 1 GiB at most, for a text's length
 * has 32 bits. 0, or -1 with an error that names the place. */
int origins_may_keep(const struct source *source, size_t bytes, struct error *error);

/* A read() of at most so many records begins: those of the one before are gone. */
void origins_begin(struct origins *origins, int room);
/* Bytes that gave no record. */
void origins_keep(struct origins *origins, struct intake *intake, const char *text, size_t bytes);
/* The origin of this read()'s record number i, zeroed but for its text, which ends with these bytes. */
struct record_origin *origins_take(struct origins *origins, struct intake *intake, int i, const char *text,
                                   size_t bytes);

#endif
