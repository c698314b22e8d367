/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_tables: what keys weigh in a model, and how that compares with what a real server's did: the files of
 * golden/memory, which record_server writes. */
#ifndef TESTS_SUPPORT_TABLES_H
#define TESTS_SUPPORT_TABLES_H

#include "tests/support_server.h"

#include <stdbool.h>
#include <stdint.h>

/* A row of a memory table: SET of a key on an otherwise idle server. */
struct table_row {
    unsigned key_len, value_len, has_ttl;
    bool is_integer;
    unsigned long usage, delta; /* MEMORY USAGE, and what used_memory grew by */
};

/* A server whose tables, histogram and ttl's table are there. */
struct cell *tables_warm_server(const char *server);
/* What the row's key weighs in it. It is gone afterwards. */
uint64_t tables_weigh(struct cell *cell, const struct table_row *row);

/* Rows of the file, and how many of them the model gives another weight, which is printed. False: no such file. */
struct table_match {
    int rows, mismatches;
};
bool tables_compare(const char *server, const char *path, struct table_match *match);

/* used_memory while keys are added, from so many keys on; the first row that counts takes a constant off: what the recording's
 * own connections did. */
struct growth_match {
    double worst;     /* row, relative */
    double left_out;  /* that constant, bytes */
    unsigned drained; /* rows at which the recorder's cron had rehashed to the end, and the model has not */
};
bool tables_compare_growth(const char *server, const char *path, unsigned from_keys, struct growth_match *match);

#endif
