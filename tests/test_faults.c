/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_faults: a few commands while memory or system calls fail, at a few places each, and without anybody who reads. make faults tries all. */
#include "sim/sanitizer.h"
#include "tests/faults/support_faults.h"
#include "tests/support_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PLACES = 4, TOLD = 3 };

static struct faults *faults;

/* Returns how often commands said why not. */
static long survives(struct fault fault)
{
    long refused = 0;

    for (size_t i = 0; i < fault_command_count; i++) {
        struct tally tally;

        if (!(fault_commands[i].kind & FAULT_COMMAND_QUICK))
            continue;
        tally = faults_run(faults, &fault_commands[i], fault, -PLACES, TOLD);
        for (int verdict = VERDICT_REFUSED + 1; verdict < VERDICTS; verdict++)
            assert_int_equal(tally.verdicts[verdict], 0);
        refused += tally.verdicts[VERDICT_REFUSED];
    }
    return refused;
}

static void a_command_without_memory_says_so(void **state)
{
    (void)state;
#ifdef HAS_SANITIZER
    skip(); /* their allocators end the program themselves */
#endif
    assert_true(survives((struct fault){.kind = FAULT_MEMORY}) > 0);
    assert_true(survives((struct fault){.kind = FAULT_MEMORY_ON}) > 0);
}

static const struct call_fault *call_fault(const char *name)
{
    for (size_t i = 0; i < call_fault_count; i++)
        if (!strcmp(call_faults[i].name, name))
            return &call_faults[i];
    fail_msg("no fault %s", name);
    return NULL;
}

static void a_command_that_cannot_write_says_so(void **state)
{
    (void)state;
    assert_true(survives((struct fault){.kind = FAULT_CALL, .call = call_fault("write-enospc")}) > 0);
    assert_true(survives((struct fault){.kind = FAULT_CALL, .call = call_fault("rename-eio")}) > 0);
}

static void a_command_without_streams_does_what_it_can(void **state)
{
    long refused = 0;

    (void)state;
    for (size_t i = 0; i < stream_fault_count; i++)
        refused += survives((struct fault){.kind = FAULT_STREAM, .stream = &stream_faults[i]});
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_without_memory_says_so),
        cmocka_unit_test(a_command_that_cannot_write_says_so),
        cmocka_unit_test(a_command_without_streams_does_what_it_can),
    };
    int failed;

    command_init();
    faults = faults_begin();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    faults_end(faults);
    return failed;
}
