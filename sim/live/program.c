/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/program.h"

#include "sim/live/process.h"
#include "sim/live/script_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool find_on_path(const char *name, char path[PROGRAM_PATH])
{
    const char *at = getenv("PATH");

    while (at && *at) {
        size_t length = strcspn(at, ":");

        snprintf(path, PROGRAM_PATH, "%.*s/%s", (int)length, at, name);
        if (!access(path, X_OK))
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

int program_locate(struct program *program, const char *binary, struct error *error)
{
    bool found;

    *program = (struct program){.name = "redis-server"};
    if (!binary || !*binary)
        return find_on_path("redis-server", program->path) || find_on_path("redis-check-rdb", program->path) ? 0 : 1;
    if (strchr(binary, '/')) {
        char *path = realpath(binary, NULL);

        found = path && strlen(path) < PROGRAM_PATH;
        if (found)
            strcpy(program->path, path);
        free(path);
    } else {
        found = find_on_path(binary, program->path);
    }
    return found ? 0 : error_set(error, ERROR_USAGE, "no such server: '%s'", binary);
}

/* Finds the library: in the folder below that of the running program, or below one or two folders up, or where it was
 * installed. */
static int find_library(struct program *program, struct error *error)
{
    static const char *const places[] = {"sim/live", "../sim/live", "../../sim/live", "../lib/evsim"};
    char self[PROGRAM_PATH - 64];
    ssize_t bytes = readlink("/proc/self/exe", self, sizeof self - 1);

    self[bytes > 0 ? bytes : 0] = '\0';
    *(strrchr(self, '/') ? strrchr(self, '/') : self) = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(program->library, sizeof program->library, "%s/%s/virtual_time.so", self, places[i]);
        if (access(program->library, R_OK))
            continue;
        if (strpbrk(program->library, " :"))
            return error_set(error, ERROR_USAGE, "cannot preload '%s': blanks and colons separate libraries",
                             program->library);
        return 0;
    }
    return error_set(error, ERROR_USAGE, "cannot find virtual_time.so near %s", self);
}

/* Runs `program --version` with the library, and takes its output. */
static int ask_version(const struct program *program, char *answer, size_t room, struct error *error)
{
    char preload[PROGRAM_PATH + 16];
    int output = memfd_create("version", MFD_CLOEXEC);
    const struct process_start what = {
        .path = program->path,
        .arguments = (const char *[]){program->name, "--version", NULL},
        .environment = (const char *[]){preload, PROBE_ENV "=1", NULL},
        .directory = "/",
        .output = output,
    };
    bool succeeded;
    ssize_t bytes;
    pid_t process;

    if (output < 0)
        return error_set(error, ERROR_INTERNAL, "cannot make a file in memory: %s", strerror(errno));
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s", program->library);
    process = process_start(&what, error);
    if (process > 0)
        process_look(process, true, &succeeded);
    bytes = process > 0 ? pread(output, answer, room - 1, 0) : 0;
    answer[bytes > 0 ? bytes : 0] = '\0';
    close(output);
    if (process > 0 && !strstr(answer, "server v="))
        error_set(error, ERROR_USAGE, "%s: not a server: '%.*s'", program->path, (int)strcspn(answer, "\n"), answer);
    return error_is_set(error) ? -1 : 0;
}

int program_find(struct program *program, const char *binary, struct error *error)
{
    char answer[4096], version[32];
    bool is_valkey;
    int status;

    status = program_locate(program, binary, error);
    if (status)
        return status;
    if (find_library(program, error) || ask_version(program, answer, sizeof answer, error))
        return -1;
    is_valkey = strstr(answer, "Valkey") != NULL;
    if (is_valkey)
        strcpy(program->name, "valkey-server");
    snprintf(version, sizeof version, "%s", strstr(answer, "server v=") + strlen("server v="));
    version[strcspn(version, " \n")] = '\0';
    snprintf(program->server, sizeof program->server, "%s-%s%s",
             is_valkey                  ? "valkey"
             : strstr(answer, "Redict") ? "redict"
                                        : "redis",
             version, strstr(answer, PROBE_ANSWER) ? "-debian" : "");
    return 0;
}
