/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostile: a policy that does what none should, in victim() or while it is loaded, and must not disturb who tries it. fault=0
 * evicts random keys. */
#include "sim/policy_plugin.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FAULT };
enum {
    NONE,
    TAKES_MEMORY, /* until there is none, and uses what it has not got */
    ASKS_TOO_MUCH,
    PRINTS, /* and goes on */
    WRITES_A_FILE,
    READS_A_FILE,
    OPENS_A_SOCKET,
    FORKS,
    RUNS_A_PROGRAM,
    KILLS_ITS_PARENT,
    SLEEPS,
    LEAKS_A_LITTLE, /* and goes on */
    HIDES_CRASHES,
    FAULTS
};

static void ignore(int number)
{
    (void)number;
    _exit(0);
}

static void take_memory(size_t bytes)
{
    for (;;)
        memset(malloc(bytes), 1, bytes);
}

static void misbehave(int fault)
{
    const struct timespec second = {.tv_sec = 1000};

    switch (fault) {
    case TAKES_MEMORY:
        take_memory(1 << 16);
        break;
    case ASKS_TOO_MUCH:
        take_memory((size_t)1 << 40);
        break;
    case PRINTS:
        printf("{\"policy\":\"hostile\",\"miss_ratio\":0}\n");
        fprintf(stderr, "hostile\n");
        fflush(NULL);
        break;
    case WRITES_A_FILE:
        close(open("hostile.was.here", O_WRONLY | O_CREAT, 0666));
        break;
    case READS_A_FILE:
        close(open("/etc/passwd", O_RDONLY));
        break;
    case OPENS_A_SOCKET:
        close(socket(AF_INET, SOCK_STREAM, 0));
        break;
    case FORKS:
        if (!fork())
            for (;;)
                pause();
        break;
    case RUNS_A_PROGRAM:
        execl("/bin/echo", "echo", "hostile", (char *)NULL);
        break;
    case KILLS_ITS_PARENT:
        kill(getppid(), SIGKILL);
        break;
    case SLEEPS:
        nanosleep(&second, NULL);
        break;
    case LEAKS_A_LITTLE:
        free(strdup("a little"));
        break;
    case HIDES_CRASHES:
        signal(SIGSEGV, ignore);
        *(volatile int *)0 = 1;
        break;
    default:
        break;
    }
}

static uint32_t victim(struct policy_context *context)
{
    misbehave((int)context->parameters[FAULT]);
    if (!context->view->candidates(context->keyspace, 0, context->scope))
        return NO_KEY;
    return context->view->random_key(context->keyspace, 0, context->scope);
}

/* What HOSTILE_AT_LOAD says, before anybody calls a hook. */
__attribute__((constructor)) static void loaded(void)
{
    const char *fault = getenv("HOSTILE_AT_LOAD");

    if (fault)
        misbehave(atoi(fault));
}

static const struct policy_parameter parameters[] = {
    [FAULT] = {"fault", NONE, NONE, FAULTS - 1, "what it does"},
    {0},
};

static const struct policy hostile = {
    .name = "hostile",
    .summary = "does what none should",
    .scope = SCOPE_ALLKEYS,
    .samples = true,
    .parameters = parameters,
    .victim = victim,
};

POLICY_PLUGIN(hostile);
