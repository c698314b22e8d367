/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_faults: a few commands while memory or system calls fail, at a few places each. make faults tries all. */
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

static void survives(struct fault fault)
{
    long refused = 0;

    for (size_t i = 0; i < fault_command_count; i++) {
        struct tally tally;

        if (!fault_commands[i].is_quick)
            continue;
        tally = faults_run(faults, &fault_commands[i], fault, -PLACES, TOLD);
        for (int verdict = VERDICT_REFUSED + 1; verdict < VERDICTS; verdict++)
            assert_int_equal(tally.verdicts[verdict], 0);
        refused += tally.verdicts[VERDICT_REFUSED];
    }
    assert_true(refused > 0); /* else no fault was ever met */
}

static void a_command_without_memory_says_so(void **state)
{
    (void)state;
#ifdef HAS_SANITIZER
    skip(); /* their allocators end the program themselves */
#endif
    survives((struct fault){.kind = FAULT_MEMORY});
    survives((struct fault){.kind = FAULT_MEMORY_ON});
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
    survives((struct fault){FAULT_CALL, call_fault("write-enospc")});
    survives((struct fault){FAULT_CALL, call_fault("rename-eio")});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_without_memory_says_so),
        cmocka_unit_test(a_command_that_cannot_write_says_so),
    };
    int failed;

    command_init();
    faults = faults_begin();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    faults_end(faults);
    return failed;
}
