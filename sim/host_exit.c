/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_exit: _exit() and its kin, which a policy in a shared object could end the program with, without a word and with status 0.
 *
 * These stand before the C library's for the whole program. What the C library itself does at the end of exit() does not pass here.
 * Linked into the program alone. */
#include "sim/crash.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void _exit(int status) /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
    crash_exits(&status);
    for (;;)
        syscall(SYS_exit_group, status);
}

void _Exit(int status) /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
{
    _exit(status);
}

void quick_exit(int status)
{
    _exit(status);
}
