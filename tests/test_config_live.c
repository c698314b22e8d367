/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_config_live: redis.conf as the installed redis-server reads it. Each text is given to both. If the server does
 * not start with it, evsim must refuse it; otherwise evsim must have the value that CONFIG GET shows. */
#include "sim/config_file.h"
#include "sim/live/program.h"
#include "sim/server/registry.h"
#include "sim/units.h"
#include "tests/support_command.h"
#include "tests/support_installed.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 10000, STEP_MS = 5 };

/* A text, and the option of which the value is asked. */
struct sample_conf {
    const char *text, *option;
};

static const struct sample_conf texts[] = {
    /* bounds, and what counts as a number */
    {"hz 1000", "hz"},
    {"hz 0", "hz"},
    {"hz -1", "hz"},
    {"hz 500", "hz"},
    {"hz 501", "hz"},
    {"hz 2147483647", "hz"},
    {"hz 2147483648", "hz"},
    {"hz 010", "hz"},
    {"hz +5", "hz"},
    {"hz -0", "hz"},
    {"hz 5.0", "hz"},
    {"hz 1k", "hz"},
    {"hz 99999999999999999999", "hz"},
    {"maxmemory-samples 0", "maxmemory-samples"},
    {"maxmemory-samples 64", "maxmemory-samples"},
    {"maxmemory-samples 65", "maxmemory-samples"},
    {"maxmemory-samples 100", "maxmemory-samples"},
    {"maxmemory-samples 1000000", "maxmemory-samples"},
    {"lfu-log-factor 0", "lfu-log-factor"},
    {"lfu-log-factor -1", "lfu-log-factor"},
    {"lfu-log-factor 2147483647", "lfu-log-factor"},
    {"lfu-log-factor 2147483648", "lfu-log-factor"},
    {"lfu-decay-time 0", "lfu-decay-time"},
    {"lfu-decay-time 2147483648", "lfu-decay-time"},
    {"active-expire-effort 0", "active-expire-effort"},
    {"active-expire-effort 10", "active-expire-effort"},
    {"active-expire-effort 11", "active-expire-effort"},
    {"maxmemory-eviction-tenacity 0", "maxmemory-eviction-tenacity"},
    {"maxmemory-eviction-tenacity 100", "maxmemory-eviction-tenacity"},
    {"maxmemory-eviction-tenacity 101", "maxmemory-eviction-tenacity"},
    {"proto-max-bulk-len 1048575", "proto-max-bulk-len"},
    {"proto-max-bulk-len 1MB", "proto-max-bulk-len"},
    {"proto-max-bulk-len 9223372036854775807", "proto-max-bulk-len"},
    {"proto-max-bulk-len 0", "proto-max-bulk-len"},
    {"proto-max-bulk-len -1", "proto-max-bulk-len"},
    {"client-query-buffer-limit 1048575", "client-query-buffer-limit"},
    {"client-query-buffer-limit 1mb", "client-query-buffer-limit"},
    {"client-query-buffer-limit 2gb", "client-query-buffer-limit"},
    {"repl-backlog-size 0", "repl-backlog-size"},
    {"repl-backlog-size 1", "repl-backlog-size"},
    {"repl-backlog-size 10GB", "repl-backlog-size"},
    {"repl-backlog-size 9223372036854775807", "repl-backlog-size"},
    {"repl-backlog-size 9223372036854775808", "repl-backlog-size"},
    {"repl-backlog-ttl -1", "repl-backlog-ttl"},
    {"repl-backlog-ttl 0", "repl-backlog-ttl"},
    {"repl-backlog-ttl 9223372036854775807", "repl-backlog-ttl"},
    {"repl-backlog-ttl 9223372036854775808", "repl-backlog-ttl"},
    {"client-output-buffer-limit normal 1mb 512kb 10\nclient-output-buffer-limit replica 5k 4K 3",
     "client-output-buffer-limit"},
    {"client-output-buffer-limit slave 1gb 0 0 NORMAL 5 6 7", "client-output-buffer-limit"},
    {"client-output-buffer-limit \"pubsub 1mb 512kb 10\"", "client-output-buffer-limit"},
    {"client-output-buffer-limit normal 1mb 512kb", "client-output-buffer-limit"},
    {"client-output-buffer-limit master 1mb 512kb 1", "client-output-buffer-limit"},
    {"client-output-buffer-limit normal 1mb 512kb -1", "client-output-buffer-limit"},
    {"client-output-buffer-limit", "client-output-buffer-limit"},
    {"maxmemory-clients 10%", "maxmemory-clients"},
    {"maxmemory-clients 10mb", "maxmemory-clients"},
    {"maxmemory-clients 101%", "maxmemory-clients"},
    {"maxmemory-clients -1", "maxmemory-clients"},
    {"activerehashing YES", "activerehashing"},
    {"activerehashing No", "activerehashing"},
    {"activerehashing true", "activerehashing"},
    {"activerehashing 1", "activerehashing"},
    /* sizes */
    {"maxmemory 100MB", "maxmemory"},
    {"maxmemory 1K", "maxmemory"},
    {"maxmemory 5B", "maxmemory"},
    {"maxmemory 010mb", "maxmemory"},
    {"maxmemory mb", "maxmemory"},
    {"maxmemory \"\"", "maxmemory"},
    {"maxmemory -1", "maxmemory"},
    {"maxmemory 1.5gb", "maxmemory"},
    {"maxmemory 50%", "maxmemory"},
    {"maxmemory 1t", "maxmemory"},
    {"maxmemory 100 mb", "maxmemory"},
    {"maxmemory 18446744073709551616", "maxmemory"},
    {"maxmemory 17179869185gb", "maxmemory"},
    /* names and words */
    {"HZ 20", "hz"},
    {"maxmemory-policy ALLKEYS-LRU", "maxmemory-policy"},
    {"MaxMemory-Policy \"Volatile-TTL\"", "maxmemory-policy"},
    /* lines and quotes */
    {"hz 20\nhz 30", "hz"},
    {"# hz 3\n \t#hz 4\n\nhz 21 \t\r", "hz"},
    {"\vhz 20", "hz"},
    {"hz  \t 20", "hz"},
    {"hz '20'", "hz"},
    {"\"hz\" 40", "hz"},
    {"h\"z\" 50", "hz"},
    {"hz \"\\x32\\x30\"", "hz"},
    {"hz '2\\'0'", "hz"},
    {"hz \"a", "hz"},
    {"hz 'a", "hz"},
    {"hz \"1\"0", "hz"},
    {"hz \"\"", "hz"},
    {"hz 20 \"\"", "hz"},
    {"hz 10 # ten", "hz"},
    {"hz", "hz"},
    {"maxmemory-policy allkeys-lru volatile-lru", "maxmemory-policy"},
    /* files: both are started in their folder */
    {"hz 5\ninclude a.conf", "hz"},
    {"INCLUDE 'a.conf'\nhz 5", "hz"},
    {"include nowhere.conf", "hz"},
    {"hz 5\ninclude nowhere*.conf", "hz"},
    {"include [ab].conf", "hz"},
    {"include a.conf b.conf", "hz"},
    {"dir sub\ninclude c.conf", "hz"},
    {"hz 5\ninclude sub", "hz"},
};

static struct program program;

/* ---- the server ---- */

/* The process, or -1 when it ended before its socket was there. */
static pid_t start_server(const char *folder)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);

        if (chdir(folder) || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
            _exit(126);
        unlink("socket");
        execl(program.path, program.name, "redis.conf", "--port", "0", "--unixsocket", "socket", "--save", "",
              "--daemonize", "no", (char *)NULL);
        _exit(127);
    }
    for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
        char *path = path_join(folder, "socket"), *sub = path_join(folder, "sub/socket");
        bool is_up = !access(path, F_OK) || !access(sub, F_OK);

        free(path);
        free(sub);
        if (is_up)
            return child;
        if (waitpid(child, &status, WNOHANG) == child)
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    fail_msg("the server neither starts nor ends");
    return -1;
}

static void stop_server(pid_t server)
{
    int status;

    kill(server, SIGTERM);
    waitpid(server, &status, 0);
}

static int connect_to(const char *folder)
{
    int connection = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
        snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder,
                 waited / STEP_MS % 2 ? "sub/socket" : "socket");
        if (!connect(connection, (struct sockaddr *)&address, sizeof address))
            return connection;
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
    fail_msg("cannot connect: %s", strerror(errno));
    return -1;
}

/* The bulk string behind the name: "*2 $2 hz $3 500". */
static void ask(const char *folder, const char *option, char *value, size_t bytes)
{
    char reply[512] = "", *at = reply;
    int connection = connect_to(folder);
    size_t length = 0;

    dprintf(connection, "CONFIG GET %s\r\n", option);
    while (length + 1 < sizeof reply) {
        ssize_t got = read(connection, reply + length, sizeof reply - 1 - length);
        int lines = 0;

        assert_true(got > 0);
        length += (size_t)got;
        for (size_t i = 0; i < length; i++)
            lines += reply[i] == '\n';
        if (lines == 5)
            break;
    }
    close(connection);
    for (int line = 0; line < 4; line++)
        at = strchr(at, '\n') + 1;
    at[strcspn(at, "\r")] = '\0';
    snprintf(value, bytes, "%s", at);
}

/* ---- evsim ---- */

/* Whether the model of that server takes the file; then the option's value as CONFIG GET would have it. */
static bool read_file(const char *folder, const char *option, char *value, size_t bytes)
{
    const struct server *model = server_find(program.server);
    const struct redis_option *of = redis_option_find(option);
    char *path = path_join(folder, "redis.conf"), text[REDIS_OPTION_TEXT];
    struct redis_conf_file file;
    struct redis_config config;
    struct error error = {0};
    uint64_t maxmemory = 0;
    bool taken;

    redis_config_init(&config);
    taken = !redis_conf_read(path, 0, &config, &file, &error) && !model->model->check_config(model, &config, &error);
    if (of) {
        snprintf(value, bytes, "%s", redis_option_print(&config, of, text));
    } else if (!strcmp(option, "maxmemory")) {
        assert_true(!file.maxmemory || scan_bytes(file.maxmemory, &maxmemory));
        snprintf(value, bytes, "%ju", (uintmax_t)maxmemory);
    } else {
        snprintf(value, bytes, "%s", file.maxmemory_policy ? file.maxmemory_policy : "noeviction");
        for (char *c = value; *c; c++)
            *c = (char)tolower((unsigned char)*c);
    }
    redis_conf_file_release(&file);
    free(path);
    return taken;
}

/* ---- both ---- */

static void write_text(const char *folder, const char *name, const char *text)
{
    char *path = path_join(folder, name);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fprintf(out, "%s\n", text);
    fclose(out);
    free(path);
}

static void compare(const char *folder, const struct sample_conf *conf)
{
    char server_says[REDIS_OPTION_TEXT] = "", evsim_says[REDIS_OPTION_TEXT];
    bool taken;
    pid_t server;

    write_text(folder, "redis.conf", conf->text);
    taken = read_file(folder, conf->option, evsim_says, sizeof evsim_says);
    server = start_server(folder);
    if (server > 0) {
        ask(folder, conf->option, server_says, sizeof server_says);
        stop_server(server);
    }
    if ((server > 0) != taken)
        fail_msg("'%s': the server %s, evsim %s", conf->text, server > 0 ? "starts" : "does not start",
                 taken ? "takes it" : "does not");
    if (taken && strcmp(server_says, evsim_says) != 0)
        fail_msg("'%s': %s is %s, and %s in evsim", conf->text, conf->option, server_says, evsim_says);
}

static void a_server_and_evsim_read_the_same_in_a_file(void **state)
{
    char *folder, *sub;

    (void)state;
    find_installed_server(&program);
    folder = support_directory();
    sub = path_join(folder, "sub");
    assert_int_equal(mkdir(sub, 0700), 0);
    write_text(folder, "a.conf", "hz 77");
    write_text(folder, "b.conf", "hz 88");
    write_text(sub, "c.conf", "hz 99");
    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        compare(folder, &texts[i]);
    assert_int_equal(chdir("/"), 0);
    support_remove(folder);
    free(sub);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_server_and_evsim_read_the_same_in_a_file)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
