/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtual_time: a library to preload into a redis-server or valkey-server. It plays a script (script_file.h) inside the
 * server. The server sees the script's time: hours of a trace take seconds, and a run depends only on the script and on
 * the server's own randomness.
 *
 *     clock_gettime, gettimeofday, time    show the script's time; clocks of CPU time are real
 *     fopen                                hides /proc/cpuinfo: without it no server reads the processor's
 *                                          own clock, which cannot be intercepted
 *     epoll_wait                           does not block once the client is connected; the client can be
 *                                          read in every turn but a TURN_WAKE
 *     accept, accept4                      the first connection becomes the scripted client
 *     read, recv, readv, recvmsg           on that connection: the next bytes of the request
 *     write, send, writev, sendmsg         on that connection: the reply
 *
 * The driver connects and sends a byte that nobody reads, so that the connection is always readable:
 *
 *     epoll_wait -> read: the next turn's command -> executed -> timers -> reply written -> epoll_wait
 *
 * The clock stands still within a turn, so no time limit inside the server is ever reached. In a TURN_WAKE the client
 * sends nothing: the clock moves and the loop runs its timers. The server is not told then that the client can be read.
 * It would make room for 16 KB before the read, and an idle client's query buffer would differ. Other threads live in
 * real time. Their work, such as freeing a flushed keyspace, is done in the rest after a turn, which lasts until they sleep.
 *
 * The server must read its connections in the main thread (io-threads 1, the default). */
#include "sim/live/script_file.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { ACCEPT_POLL_MS = 10 };

/* A preloaded library has no caller that could pass it a context. So this file alone has globals. */
static int64_t now_us = INT64_C(1700000000000000); /* Unix time of the turn; without a script the time stands still */
static int client = -1;

static struct {
    const char *at, *end;    /* the rest of the mapped script */
    const struct turn *turn; /* the turn that is being played; NULL before the first */
    const char *texts;       /* the texts of its requests */
    bool is_filling;
    FILE *record;
} play;

/* The request that the server is reading, in three pieces. A piece with a NULL text is a run of 'v's. */
static struct {
    struct {
        const char *text;
        size_t left;
    } pieces[3];
    bool is_open; /* the reply is not complete yet */
} request;

static struct {
    char *text;
    size_t length, capacity;
} reply;

static struct {
    unsigned long long fills, oom, errors;
} tally;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fprintf(stderr, "virtual_time: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    _exit(70);
}

/* ---- the script ---- */

static void open_script(void)
{
    const char *script = getenv(SCRIPT_ENV), *record = getenv(RECORD_ENV);
    int fd = script ? open(script, O_RDONLY | O_CLOEXEC) : -1;
    struct stat status;

    if (fd < 0 || fstat(fd, &status))
        die("no script");
    play.at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (play.at == MAP_FAILED)
        die("cannot map the script");
    play.end = play.at + status.st_size;
    close(fd);
    if ((size_t)status.st_size < sizeof *play.turn)
        die("the script is empty");
    now_us = ((const struct turn *)(const void *)play.at)->unix_us;
    play.record = record ? fopen(record, "we") : NULL;
    if (!play.record)
        die("no record");
}

static void send_request(const char *texts, const struct turn_request *what)
{
    request.pieces[0].text = texts;
    request.pieces[0].left = what->head_bytes;
    request.pieces[1].text = NULL;
    request.pieces[1].left = what->value_bytes;
    request.pieces[2].text = texts + what->head_bytes;
    request.pieces[2].left = what->tail_bytes;
    request.is_open = true;
    reply.length = 0;
}

static void finish(void)
{
    fprintf(play.record, RECORD_END, tally.fills, tally.oom, tally.errors);
    if (fclose(play.record))
        die("cannot write the record");
    _exit(0);
}

/* Whether this thread runs, or would run if it were its turn. */
static bool is_busy(const char *thread)
{
    char path[64], text[256];
    const char *state;
    ssize_t bytes;
    int fd;

    snprintf(path, sizeof path, "/proc/self/task/%.20s/stat", thread);
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bytes = syscall(SYS_read, fd, text, sizeof text - 1);
    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    state = strrchr(text, ')'); /* behind the program's name */
    return state && (state[2] == 'R' || state[2] == 'D');
}

static bool another_is_busy(void)
{
    DIR *threads = opendir("/proc/self/task");
    const struct dirent *thread;
    bool is = false;

    while (threads && !is && (thread = readdir(threads)))
        is = atoi(thread->d_name) && atoi(thread->d_name) != getpid() && is_busy(thread->d_name);
    if (threads)
        closedir(threads);
    return is;
}

/* A thread that was given something to do is busy from then on until it is done. On a machine that is busy, too, that
 * may take long. */
static void rest(uint32_t ms)
{
    enum { STEPS = 10000, STEP_US = 100 };
    const struct timespec step = {.tv_nsec = STEP_US * 1000};

    for (uint32_t i = 0; ms && i < STEPS * ms && another_is_busy(); i++)
        syscall(SYS_nanosleep, &step, NULL);
}

static bool next_is_wake(void)
{
    return play.at != play.end && ((const struct turn *)(const void *)play.at)->kind == TURN_WAKE;
}

/* Begins the next turn. A TURN_WAKE sends no request. */
static void next_turn(void)
{
    size_t bytes;

    if (play.turn)
        rest(play.turn->rest_ms);
    if (play.at == play.end)
        finish();
    play.turn = (const struct turn *)(const void *)play.at;
    play.texts = play.at + sizeof *play.turn;
    bytes = sizeof *play.turn + play.turn->command.head_bytes + play.turn->command.tail_bytes +
            play.turn->fill.head_bytes + play.turn->fill.tail_bytes;
    bytes = (bytes + 7) / 8 * 8;
    if (bytes > (size_t)(play.end - play.at))
        die("the script is cut short");
    play.at += bytes;
    play.is_filling = false;
    now_us = play.turn->unix_us;
    if (play.turn->kind != TURN_WAKE)
        send_request(play.texts, &play.turn->command);
}

static void fill_miss(void)
{
    const struct turn_request *command = &play.turn->command;

    if (!play.turn->fill.head_bytes)
        return;
    tally.fills++;
    play.is_filling = true;
    send_request(play.texts + command->head_bytes + command->tail_bytes, &play.turn->fill);
}

/* ---- bytes for the server to read ---- */

static ssize_t give_bytes(char *to, size_t room)
{
    size_t given = 0;

    if (!request.is_open)
        next_turn();
    for (int i = 0; request.is_open && i < 3 && given < room; i++) {
        size_t bytes = request.pieces[i].left;

        if (bytes > room - given)
            bytes = room - given;
        if (request.pieces[i].text) {
            memcpy(to + given, request.pieces[i].text, bytes);
            request.pieces[i].text += bytes;
        } else {
            memset(to + given, 'v', bytes);
        }
        request.pieces[i].left -= bytes;
        given += bytes;
    }
    if (!given) {
        errno = EAGAIN;
        return -1;
    }
    return (ssize_t)given;
}

/* ---- the replies of the server ---- */

/* The length of the first value (RESP2 or 3) in `text`; 0 while it is incomplete. */
static size_t value_length(const char *text, size_t length)
{
    const char *newline = memchr(text, '\n', length);
    size_t used;
    long count;

    if (!newline)
        return 0;
    used = (size_t)(newline - text) + 1;
    if (!strchr("$=!*~>%|", text[0]))
        return used;
    count = atol(text + 1);
    if (count < 0)
        return used;
    if (strchr("$=!", text[0]))
        return length >= used + (size_t)count + 2 ? used + (size_t)count + 2 : 0;
    count *= strchr("%|", text[0]) ? 2 : 1;
    while (count--) {
        size_t element = value_length(text + used, length - used);

        if (!element)
            return 0;
        used += element;
    }
    return used;
}

static void take_error(void)
{
    if (!strncmp(reply.text, "-OOM", 4))
        tally.oom++;
    else if (!tally.errors++)
        fprintf(stderr, "virtual_time: %.*s\n", (int)strcspn(reply.text, "\r"), reply.text);
}

static void take_reply(void)
{
    request.is_open = false;
    if (play.turn->kind == TURN_TELL) {
        fprintf(play.record, RECORD_TOLD, (long long)play.turn->unix_us, reply.length);
        fwrite(reply.text, 1, reply.length, play.record);
    } else if (reply.text[0] == '-') {
        take_error();
    } else if (play.turn->kind == TURN_INFO) {
        fprintf(play.record, RECORD_INFO, (long long)play.turn->unix_us, reply.length);
        fwrite(reply.text, 1, reply.length, play.record);
    } else if (play.turn->kind == TURN_READ && !play.is_filling && !(reply.text[0] == '$' && reply.text[1] != '-')) {
        fill_miss();
    }
}

static void take_bytes(const void *bytes, size_t count)
{
    if (!request.is_open) /* a push message, or a message at the end */
        return;
    if (reply.length + count >= reply.capacity) {
        reply.capacity = (reply.length + count + 1) * 2;
        reply.text = realloc(reply.text, reply.capacity);
        if (!reply.text)
            die("out of memory");
    }
    memcpy(reply.text + reply.length, bytes, count);
    reply.length += count;
    reply.text[reply.length] = '\0';
    if (value_length(reply.text, reply.length))
        take_reply();
}

static ssize_t take_pieces(const struct iovec *pieces, size_t count)
{
    ssize_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        take_bytes(pieces[i].iov_base, pieces[i].iov_len);
        taken += (ssize_t)pieces[i].iov_len;
    }
    return taken;
}

/* ---- functions that replace those of the C library ---- */

int clock_gettime(clockid_t clock, struct timespec *to)
{
    if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0)
        return (int)syscall(SYS_clock_gettime, clock, to);
    *to = (struct timespec){.tv_sec = now_us / 1000000, .tv_nsec = now_us % 1000000 * 1000};
    return 0;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    (void)zone;
    *to = (struct timeval){.tv_sec = now_us / 1000000, .tv_usec = now_us % 1000000};
    return 0;
}

time_t time(time_t *to)
{
    time_t seconds = now_us / 1000000;

    if (to)
        *to = seconds;
    return seconds;
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
    union {
        void *symbol;
        FILE *(*call)(const char *, const char *);
    } real;

    if (!strcmp(path, "/proc/cpuinfo")) {
        errno = ENOENT;
        return NULL;
    }
    real.symbol = dlsym(RTLD_NEXT, "fopen");
    return real.call(path, mode);
}

/* Removes the client from the events. Returns the number of events left. */
static int without_client(struct epoll_event *events, int count)
{
    int kept = 0;

    for (int i = 0; i < count; i++)
        if (events[i].data.fd != client)
            events[kept++] = events[i];
    return kept;
}

static bool has_client(const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++)
        if (events[i].data.fd == client)
            return true;
    return false;
}

int epoll_wait(int epoll, struct epoll_event *events, int room, int timeout_ms)
{
    int count;

    if (client >= 0)
        timeout_ms = 0;
    else if (timeout_ms < 0 || timeout_ms > ACCEPT_POLL_MS)
        timeout_ms = ACCEPT_POLL_MS;
    count = (int)syscall(SYS_epoll_pwait, epoll, events, room, timeout_ms, NULL, 0);
    if (client < 0 || request.is_open || !has_client(events, count) || !next_is_wake())
        return count;
    next_turn();
    return without_client(events, count);
}

static int accepted(int fd)
{
    if (client < 0)
        client = fd;
    return fd;
}

int accept(int fd, __SOCKADDR_ARG address, socklen_t *restrict bytes)
{
    return accepted((int)syscall(SYS_accept, fd, address.__sockaddr__, bytes));
}

int accept4(int fd, __SOCKADDR_ARG address, socklen_t *restrict bytes, int flags)
{
    return accepted((int)syscall(SYS_accept4, fd, address.__sockaddr__, bytes, flags));
}

static bool is_client(int fd)
{
    return fd >= 0 && fd == client;
}

ssize_t read(int fd, void *to, size_t room)
{
    return is_client(fd) ? give_bytes(to, room) : (ssize_t)syscall(SYS_read, fd, to, room);
}

ssize_t recv(int fd, void *to, size_t room, int flags)
{
    return is_client(fd) ? give_bytes(to, room) : (ssize_t)syscall(SYS_recvfrom, fd, to, room, flags, NULL, NULL);
}

ssize_t readv(int fd, const struct iovec *to, int count)
{
    return is_client(fd) ? give_bytes(to[0].iov_base, to[0].iov_len) : (ssize_t)syscall(SYS_readv, fd, to, count);
}

ssize_t recvmsg(int fd, struct msghdr *to, int flags)
{
    return is_client(fd) ? give_bytes(to->msg_iov[0].iov_base, to->msg_iov[0].iov_len)
                         : (ssize_t)syscall(SYS_recvmsg, fd, to, flags);
}

ssize_t write(int fd, const void *from, size_t bytes)
{
    if (!is_client(fd))
        return (ssize_t)syscall(SYS_write, fd, from, bytes);
    take_bytes(from, bytes);
    return (ssize_t)bytes;
}

ssize_t send(int fd, const void *from, size_t bytes, int flags)
{
    if (!is_client(fd))
        return (ssize_t)syscall(SYS_sendto, fd, from, bytes, flags, NULL, 0);
    take_bytes(from, bytes);
    return (ssize_t)bytes;
}

ssize_t writev(int fd, const struct iovec *from, int count)
{
    return is_client(fd) ? take_pieces(from, (size_t)count) : (ssize_t)syscall(SYS_writev, fd, from, count);
}

ssize_t sendmsg(int fd, const struct msghdr *from, int flags)
{
    return is_client(fd) ? take_pieces(from->msg_iov, from->msg_iovlen)
                         : (ssize_t)syscall(SYS_sendmsg, fd, from, flags);
}

/* ---- the start of the library ---- */

/* A server that brings its own jemalloc gives its functions a prefix. The system's library does not, so mallctl is
 * found. */
__attribute__((constructor)) static void begin(void)
{
    if (getenv(PROBE_ENV) && dlsym(RTLD_DEFAULT, "mallctl"))
        puts(PROBE_ANSWER);
    if (getenv(SCRIPT_ENV))
        open_script();
}
