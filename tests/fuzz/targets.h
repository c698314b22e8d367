/* SPDX-License-Identifier: GPL-3.0-or-later */
/* targets: what fuzzers try. Each is a file of its name, and a program of its own, in which libFuzzer calls it by the name that it knows
 * (see the Makefile); test_fuzz_corpus calls all of them. They return 0, and abort when something does not hold that must. */
#ifndef TESTS_FUZZ_TARGETS_H
#define TESTS_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

int fuzz_columns(const uint8_t *bytes, size_t count);
int fuzz_config(const uint8_t *bytes, size_t count);
int fuzz_evt(const uint8_t *bytes, size_t count);
int fuzz_formats(const uint8_t *bytes, size_t count);
int fuzz_plan(const uint8_t *bytes, size_t count);
int fuzz_policy(const uint8_t *bytes, size_t count);
int fuzz_results(const uint8_t *bytes, size_t count);
int fuzz_run(const uint8_t *bytes, size_t count);
int fuzz_scenario(const uint8_t *bytes, size_t count);
int fuzz_source(const uint8_t *bytes, size_t count);
int fuzz_units(const uint8_t *bytes, size_t count);

#endif
