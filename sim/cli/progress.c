/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/progress.h"

#include "sim/cli/note.h"
#include "sim/cli/terminal.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <stdio.h>
#include <unistd.h>

static void start(struct progress *progress)
{
    stop_on_signals();
    clock_gettime(CLOCK_MONOTONIC, &progress->start);
    progress->is_terminal = !progress->is_silent && !notes_are_silent() && isatty(STDERR_FILENO) && !terminal_is_dumb();
}

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

static void print_line(const char *what, const struct replay_progress *done, double elapsed)
{
    double share = done->size ? (double)done->position / (double)done->size : 0;
    char count[UNITS_TEXT];

    fprintf(stderr, "\r\033[K%s%s requests, %.2f M/s", what ? what : "", print_count(count, done->commands),
            (double)done->commands / elapsed / 1e6);
    if (share > 0 && share <= 1)
        fprintf(stderr, ", %.0f %%, %.0f s left", 100 * share, elapsed / share - elapsed);
}

bool progress_show(void *owner, const struct replay_progress *done)
{
    struct progress *progress = owner;
    struct timespec now;

    if (!progress->start.tv_sec && !progress->start.tv_nsec)
        start(progress);
    if (!progress->is_terminal || !done->commands || stop_signal())
        return !stop_signal();
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (seconds_between(&progress->shown, &now) < 0.2)
        return true;
    progress->shown = now;
    print_line(progress->what, done, seconds_between(&progress->start, &now));
    return true;
}

void progress_end(const struct progress *progress)
{
    if (progress->is_terminal)
        fprintf(stderr, "\r\033[K");
}
