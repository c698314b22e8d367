/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/host_memory.h"

#include "sim/units.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LINE = 4096 };

/* Found once. */
static pthread_once_t measured = PTHREAD_ONCE_INIT;
static uint64_t size;

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number that a file begins with; UINT64_MAX: it has none ("max"), or is not there. */
static uint64_t number_of(const char *path)
{
    char line[LINE], *end;
    FILE *file = fopen(path, "re");
    uint64_t number = UINT64_MAX;

    if (!file)
        return number;
    if (fgets(line, sizeof line, file)) {
        number = strtoull(line, &end, 10);
        number = end == line ? UINT64_MAX : number;
    }
    fclose(file);
    return number;
}

/* What the groups on the way from the root to this one allow: /a/b has those of /a/b, /a and /. */
static uint64_t group_most(const char *root, char *group, const char *name)
{
    uint64_t most = UINT64_MAX;
    char path[2 * LINE];

    for (;;) {
        char *slash = strrchr(group, '/');

        if (snprintf(path, sizeof path, "%s%s/%s", root, group, name) < (int)sizeof path)
            most = lesser(most, number_of(path));
        if (!slash)
            return most;
        *slash = '\0';
    }
}

/* The control group of this process, in version 2 ("0::/user.slice") and 1 ("4:memory:/docker/1f"). */
static uint64_t control_group_most(void)
{
    FILE *groups = fopen("/proc/self/cgroup", "re");
    uint64_t most = UINT64_MAX;
    char line[LINE];

    if (!groups)
        return most;
    while (fgets(line, sizeof line, groups)) {
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;

        line[strcspn(line, "\n")] = '\0';
        if (!group)
            continue;
        *group++ = '\0';
        group[strlen(group) - (*group && group[strlen(group) - 1] == '/')] = '\0';
        if (!controllers[1])
            most = lesser(most, group_most("/sys/fs/cgroup", group, "memory.max"));
        else if (!strcmp(controllers + 1, "memory"))
            most = lesser(most, group_most("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
    }
    fclose(groups);
    return most;
}

static uint64_t resource_most(int resource)
{
    struct rlimit limit;

    return getrlimit((__rlimit_resource_t)resource, &limit) || limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX
                                                                                               : limit.rlim_cur;
}

static void measure(void)
{
    uint64_t most = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

    most = lesser(most, resource_most(RLIMIT_AS));
    size = lesser(most, control_group_most());
}

uint64_t host_memory_size(void)
{
    pthread_once(&measured, measure);
    return size;
}

uint64_t host_memory_most(uint64_t limit)
{
    return limit && limit != HOST_MEMORY_ALL ? limit : host_memory_size();
}

int host_memory_ask(uint64_t limit, uint64_t bytes, const char *where, const char *what, const char *remedy,
                    struct error *error)
{
    char needed[UNITS_TEXT], most[UNITS_TEXT];

    if (bytes <= host_memory_most(limit))
        return 0;
    print_bytes(needed, bytes);
    print_bytes(most, host_memory_most(limit));
    if (limit && limit != HOST_MEMORY_ALL)
        return error_set(error, ERROR_INPUT,
                         "%s: %s takes %s of this machine's memory, more than --memory-limit %s: raise it, or %s",
                         where, what, needed, most, remedy);
    return error_set(error, ERROR_INPUT, "%s: %s takes %s of memory, and this machine has %s: %s%s", where, what,
                     needed, most, remedy, limit ? "" : " (--memory-limit takes more)");
}
