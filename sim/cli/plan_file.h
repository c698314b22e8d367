/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan_file: a grid as numbered units, for machines that share nothing but files: what evsim plan writes, and unit and
 * merge read. Lines of JSON:
 *
 *     {"evsim-plan": 1, "version": "0.2.0 (1a2b3c4)", "arguments": ["trace.evt", "-m", "1gb,2gb"], "trace": {...}, "units": 3}
 *     {"unit": 0, "first": 0, "cells": 4, "memory": 1234567, "cost": 80000000}
 *
 * The first line also has what sizes that are shares, and the warm-up, come to in this trace, which a unit cannot find alone:
 *
 *     "whole_sizes": [{"server": "redis-7.0.15", ...}], "warmup": {"us": 600000000, "missed": false}
 *
 * The arguments are those of evsim run, and paths among them are as they were given: units run where those lead to the
 * same files. `memory` is a forecast in bytes, `cost` requests times cells. */
#ifndef SIM_CLI_PLAN_FILE_H
#define SIM_CLI_PLAN_FILE_H

#include "sim/engine/work_units.h"
#include "sim/error.h"

#include <stddef.h>
#include <stdio.h>

struct plan_file {
    char *version;    /* of the evsim that wrote it */
    char **arguments; /* of evsim run */
    int argument_count;
    struct work_trace trace;
    struct whole_size *whole_sizes; /* by server; none: no size is a share */
    size_t whole_size_count;
    bool has_warmup; /* that was found in the trace */
    int64_t warmup_us;
    bool warmup_missed;
    struct work_unit *units;
    size_t unit_count;
};

/* Failed writes are found by whoever closes the stream. */
void plan_file_write(const struct plan_file *plan, FILE *out);

/* 0, or -1 (ERROR_INPUT) with file, line and cause. To be released either way. */
int plan_file_read(const char *path, struct plan_file *plan, struct error *error);
void plan_file_release(struct plan_file *plan);

/* -1 with an error, unless this version of evsim wrote it: numbers of two versions do not stand side by side. */
int plan_file_check_version(const struct plan_file *plan, const char *path, const char *version, struct error *error);

/* The name of a unit's results: "unit-000007.results". */
enum { PLAN_UNIT_NAME = 40 };
char *plan_unit_name(char *name, size_t unit);

#endif
