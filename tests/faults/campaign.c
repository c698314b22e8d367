/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign: every command of evsim under every fault, and a table of what came of it.
 *
 *     campaign [--full] [--places 150] [--faults memory,memory-on,calls,write-enospc,...,streams,out-closed,...,kill,terminate] [--commands run,mrc-o,...]
 *     campaign --one memory run-json 376
 *
 * Faults are tried at so many places of each command, with --full at all. Exits with 1 if anything but RIGHT and REFUSED came of it. */
#include "tests/faults/support_faults.h"
#include "tests/support_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 150, KILLS = 100, TOLD = 6, FAULTS = 64 };

static bool is_in(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = list; (at = strstr(at, name)) != NULL; at++)
        if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ','))
            return true;
    return false;
}

static const struct {
    const char *name;
    enum fault_kind kind;
} own[] = {
    {"memory", FAULT_MEMORY}, {"memory-on", FAULT_MEMORY_ON}, {"kill", FAULT_KILL}, {"terminate", FAULT_TERMINATE}};
enum { OWN = sizeof own / sizeof *own };

static const char *fault_at(size_t index, struct fault *fault)
{
    if (index < OWN) {
        *fault = (struct fault){.kind = own[index].kind};
        return own[index].name;
    }
    index -= OWN;
    if (index < call_fault_count) {
        *fault = (struct fault){.kind = FAULT_CALL, .call = &call_faults[index]};
        return call_faults[index].name;
    }
    index -= call_fault_count;
    *fault = (struct fault){.kind = FAULT_STREAM, .stream = &stream_faults[index]};
    return stream_faults[index].name;
}

/* `places`: how many at most; 0: all. */
static long run_command(struct faults *faults, const struct fault_command *command, const char *name,
                        struct fault fault, long places)
{
    long stride = 1, wrong = 0, runs = 0;
    struct tally tally;

    if (fault.kind < FAULT_KILL && (command->kind & FAULT_COMMAND_LONG))
        return 0;
    if (fault.kind >= FAULT_KILL) {
        if (!command->before)
            return 0;
        stride = places ? KILLS / 5 : KILLS;
    } else if (places) {
        stride = -places;
    }
    tally = faults_run(faults, command, fault, stride, TOLD);
    for (int i = 0; i < VERDICTS; i++) {
        runs += tally.verdicts[i];
        wrong += i > VERDICT_REFUSED ? tally.verdicts[i] : 0;
    }
    printf("%-16s %-16s %7ld %7ld", name, command->name, tally.places, runs);
    for (int i = 0; i < VERDICTS; i++)
        printf(" %8ld", tally.verdicts[i]);
    putchar('\n');
    fflush(stdout);
    return wrong;
}

int main(int argc, char **argv)
{
    const char *wanted = "memory,memory-on,calls,streams,kill,terminate", *commands = NULL, *one = NULL;
    struct faults *faults;
    long places = PLACES, wrong = 0;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--full"))
            places = 0;
        else if (!strcmp(argv[i], "--places") && i + 1 < argc && strtol(argv[i + 1], NULL, 10) > 0)
            places = strtol(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--faults") && i + 1 < argc)
            wanted = argv[++i];
        else if (!strcmp(argv[i], "--commands") && i + 1 < argc)
            commands = argv[++i];
        else if (!strcmp(argv[i], "--one") && i + 3 < argc) {
            wanted = argv[i + 1];
            commands = argv[i + 2];
            one = argv[i + 3];
            i += 3;
        } else {
            fprintf(stderr,
                    "usage: %s [--full | --places N] [--faults LIST] [--commands LIST] [--one FAULT COMMAND PLACE]\n",
                    argv[0]);
            return 2;
        }
    }
    command_init();
    faults = faults_begin();
    if (!one) {
        printf("%-16s %-16s %7s %7s", "fault", "command", "places", "runs");
        for (int i = 0; i < VERDICTS; i++)
            printf(" %8s", verdict_names[i]);
        putchar('\n');
    }
    for (size_t i = 0; i < OWN + call_fault_count + stream_fault_count; i++) {
        struct fault fault;
        const char *name = fault_at(i, &fault);

        if (!is_in(wanted, name) && !(fault.kind == FAULT_CALL && is_in(wanted, "calls")) &&
            !(fault.kind == FAULT_STREAM && is_in(wanted, "streams")))
            continue;
        for (size_t j = 0; j < fault_command_count; j++) {
            if (commands && !is_in(commands, fault_commands[j].name))
                continue;
            if (one) {
                faults_run_one(faults, &fault_commands[j], fault, strtol(one, NULL, 10));
                return 0;
            }
            wrong += run_command(faults, &fault_commands[j], name, fault, places);
        }
    }
    faults_end(faults);
    printf("%ld of all were neither right nor refused\n", wrong);
    return wrong != 0;
}
