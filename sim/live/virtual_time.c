/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtual_time: a library to preload into a redis-server or valkey-server. It plays a script (script_file.h) inside the
 * server. The server sees the script's time: hours of a trace take seconds, and a run depends only on the script and on
 * the server's own randomness.
 *
 *     clock_gettime, gettimeofday, time    show the script's time; clocks of CPU time are real. What the main thread has given others
 *                                          to do is done first
 *     fopen                                hides /proc/cpuinfo: without it no server reads the processor's
 *                                          own clock, which cannot be intercepted
 *     epoll_wait                           does not block once there is a client; the client whose turn it is can be
 *                                          read, the others cannot
 *     pthread_cond_signal, _broadcast      another thread has been given something to do: by the main thread, it is told when that
 *                                          looks at the clock next. The turn ends when it sleeps again
 *     accept, accept4                      the first connection becomes client 0; the others are made here, at their first turn
 *     close                                a client whose connection the server has closed connects again at its next turn
 *     read, recv, readv, recvmsg           on a client's connection: the next bytes of its request
 *     write, send, writev, sendmsg         on a client's connection: the reply
 *
 * The driver connects and sends a byte that nobody reads, so that the connection is always readable; so does the other end
 * of a connection that is made here:
 *
 *     epoll_wait -> read: the next turn's command -> executed -> timers -> reply written -> epoll_wait
 *
 * The next turn begins when the reply is complete. Only a TURN_WAIT does not wait for it: its client may have to wait for a key, and
 * gets the reply in another's turn. If it waits still when its own next turn comes, the loop runs its timers at that time,
 * so that a wait whose time is over ends; if that does not end it, client 0 does (CLIENT UNBLOCK): a client does not send
 * while it waits, so it would have given up.
 *
 * The clock stands still within a turn, so no time limit inside the server is ever reached. In a TURN_WAKE the client
 * sends nothing: the clock moves and the loop runs its timers. The server is not told then that the client can be read.
 * It would make room for 16 KB before the read, and an idle client's query buffer would differ. Other threads live in
 * real time, so how much of a large value they have freed when the eviction loop looks, and so how many keys it evicts, depends on the
 * machine. In real time a thread is later than the look behind a key's deletion, and often than the one behind sixteen. Here
 * it sleeps until the main thread looks at the clock, as it does behind a command, and in that loop behind sixteen keys and their
 * look at memory; then the main thread waits for it. What they go on to do is done in the rest after a turn, which lasts until they
 * sleep.
 *
 * The server must read its connections in the main thread (io-threads 1, the default). */
#include "sim/live/script_file.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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
static bool threads_have_work;                     /* since the turn began */
static pthread_cond_t *held[16]; /* what the main thread has signalled, and threads are not told yet */
static size_t held_count;
static int listener = -1; /* the socket that accepted client 0 */

static struct {
    const char *at, *end;    /* the rest of the mapped script */
    const struct turn *turn; /* the turn that is being played; NULL before the first */
    const char *texts;       /* the texts of its requests */
    bool is_filling;
    const struct turn *waited_for, *unblocked_for; /* turns before which its client, which waited still, was helped */
    FILE *record;
} play;

/* The request that the server is reading, in three pieces. A piece with a NULL text is a run of 'v's. */
static struct {
    struct {
        const char *text;
        size_t left;
    } pieces[3];
    struct client *client; /* who sends it; NULL before the first */
    bool may_wait;         /* the turn is over when it has been read */
} request;

static struct client {
    int fd, other_end;       /* of its connection; 0: none. Of client 0 the driver has the other end */
    long long order;         /* among all that have connected */
    unsigned awaits;         /* replies */
    bool listens;            /* it has subscribed */
    const struct turn *turn; /* its own last one */
    struct {
        char *text; /* owned */
        size_t length, capacity;
    } reply;
} clients[CLIENTS];

enum { DESCRIPTORS = 16 * 1024, OTHER_ENDS = 5 * 1024 };
static uint16_t client_of[DESCRIPTORS]; /* by descriptor: the client's number and one; 0: none */

/* What client 0 asks besides the script, to end a client's wait. */
static struct {
    bool is_asking;
    char text[96];
    long long first_id, connected; /* the server's id of client 0; connections since */
} aside;

static struct {
    unsigned long long fills, oom, errors, waiting;
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

static void send_request(struct client *client, const char *texts, const struct turn_request *what)
{
    request.pieces[0].text = texts;
    request.pieces[0].left = what->head_bytes;
    request.pieces[1].text = NULL;
    request.pieces[1].left = what->value_bytes;
    request.pieces[2].text = texts + what->head_bytes;
    request.pieces[2].left = what->tail_bytes;
    request.client = client;
    request.may_wait = false;
    client->awaits++;
}

static bool is_given(void)
{
    return !request.pieces[0].left && !request.pieces[1].left && !request.pieces[2].left;
}

/* Whether the turn is over: its client has its reply, or need not have it. */
static bool is_over(void)
{
    return is_given() && (!request.client || request.may_wait || !request.client->awaits);
}

static void finish(void)
{
    fprintf(play.record, RECORD_END, tally.fills, tally.oom, tally.errors, tally.waiting);
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

/* The C library's function of that name; the oldest of its versions has another structure in mind. */
static int wake(const char *name, pthread_cond_t *condition)
{
    union {
        void *symbol;
        int (*call)(pthread_cond_t *);
    } real;

    real.symbol = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    if (!real.symbol)
        real.symbol = dlsym(RTLD_NEXT, name);
    threads_have_work = true;
    return real.call(condition);
}

static bool is_main_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

/* Whoever was given something to do does it now. */
static void let_threads_work(void)
{
    if (!held_count || !is_main_thread())
        return;
    while (held_count)
        wake("pthread_cond_signal", held[--held_count]);
    rest(1);
}

/* NULL at the end of the script. */
static const struct turn *peek_turn(void)
{
    return play.at == play.end ? NULL : (const struct turn *)(const void *)play.at;
}

/* Begins the next turn. A TURN_WAKE sends no request. */
static void next_turn(void)
{
    size_t bytes;

    let_threads_work();
    if (play.turn)
        rest(play.turn->rest_ms ? play.turn->rest_ms : threads_have_work);
    threads_have_work = false;
    if (!play.at || play.at == play.end)
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
    if (play.turn->kind == TURN_WAKE)
        return;
    clients[play.turn->client].turn = play.turn;
    clients[play.turn->client].listens |= play.turn->kind == TURN_LISTEN;
    send_request(&clients[play.turn->client], play.texts, &play.turn->command);
    request.may_wait = play.turn->kind == TURN_WAIT || clients[play.turn->client].awaits > 1;
}

static void fill_miss(void)
{
    const struct turn_request *command = &play.turn->command;

    if (!play.turn->fill.head_bytes)
        return;
    tally.fills++;
    play.is_filling = true;
    send_request(&clients[play.turn->client], play.texts + command->head_bytes + command->tail_bytes, &play.turn->fill);
}

/* ---- bytes for the server to read ---- */

static ssize_t give_bytes(const struct client *client, char *to, size_t room)
{
    const struct turn *next = peek_turn();
    size_t given = 0;

    if (is_over() && (!next || (next->kind != TURN_WAKE && &clients[next->client] == client)))
        next_turn();
    for (int i = 0; request.client == client && i < 3 && given < room; i++) {
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

static void take_error(const struct client *client)
{
    if (!strncmp(client->reply.text, "-OOM", 4))
        tally.oom++;
    else if (!tally.errors++)
        fprintf(stderr, "virtual_time: %.*s\n", (int)strcspn(client->reply.text, "\r"), client->reply.text);
}

static void record_reply(const struct client *client, const char *format)
{
    fprintf(play.record, format, (long long)client->turn->unix_us, client->reply.length);
    fwrite(client->reply.text, 1, client->reply.length, play.record);
}

static void take_reply(const struct client *client)
{
    const char *text = client->reply.text;

    if (aside.is_asking && client == &clients[0]) {
        aside.is_asking = false;
        aside.first_id = aside.first_id ? aside.first_id : atoll(text + 1);
        return;
    }
    if (client->turn->kind == TURN_TELL)
        record_reply(client, RECORD_TOLD);
    else if (text[0] == '-')
        take_error(client);
    else if (client->turn->kind == TURN_INFO)
        record_reply(client, RECORD_INFO);
    else if (client->turn->kind == TURN_READ && !play.is_filling && !(text[0] == '$' && text[1] != '-'))
        fill_miss();
}

/* Replies of one client; a server may write several at once to one that has waited. */
static void take_bytes(struct client *client, const void *bytes, size_t count)
{
    size_t length;

    if (!client->awaits && !client->listens) /* a push message, or a message at the end */
        return;
    if (client->reply.length + count >= client->reply.capacity) {
        client->reply.capacity = (client->reply.length + count + 1) * 2;
        client->reply.text = realloc(client->reply.text, client->reply.capacity);
        if (!client->reply.text)
            die("out of memory");
    }
    memcpy(client->reply.text + client->reply.length, bytes, count);
    client->reply.length += count;
    client->reply.text[client->reply.length] = '\0';
    while ((client->awaits || client->listens) && (length = value_length(client->reply.text, client->reply.length))) {
        size_t more = client->reply.length - length;

        client->reply.length = length;
        if (client->awaits) {
            client->awaits--;
            take_reply(client);
        } else {
            record_reply(client, RECORD_TOLD);
        }
        memmove(client->reply.text, client->reply.text + length, more + 1);
        client->reply.length = more;
    }
}

static ssize_t take_pieces(struct client *client, const struct iovec *pieces, size_t count)
{
    ssize_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        take_bytes(client, pieces[i].iov_base, pieces[i].iov_len);
        taken += (ssize_t)pieces[i].iov_len;
    }
    return taken;
}

/* ---- functions that replace those of the C library ---- */

int clock_gettime(clockid_t clock, struct timespec *to)
{
    if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0)
        return (int)syscall(SYS_clock_gettime, clock, to);
    let_threads_work();
    *to = (struct timespec){.tv_sec = now_us / 1000000, .tv_nsec = now_us % 1000000 * 1000};
    return 0;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    (void)zone;
    let_threads_work();
    *to = (struct timeval){.tv_sec = now_us / 1000000, .tv_usec = now_us % 1000000};
    return 0;
}

time_t time(time_t *to)
{
    time_t seconds = now_us / 1000000;

    let_threads_work();
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

int pthread_cond_signal(pthread_cond_t *condition)
{
    if (!play.turn || held_count == sizeof held / sizeof *held || !is_main_thread())
        return wake("pthread_cond_signal", condition);
    held[held_count++] = condition;
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
    return wake("pthread_cond_broadcast", condition);
}

/* The client whose connection it is; NULL: nobody's. */
static struct client *find_client(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS && client_of[fd] ? &clients[client_of[fd] - 1] : NULL;
}

/* Of the clients none but `reader` can be read. Returns the number of events that are left; *writes: a reply is still to be written. */
static int only_reader(struct epoll_event *events, int count, const struct client *reader, bool *writes)
{
    int kept = 0;

    *writes = false;
    for (int i = 0; i < count; i++) {
        const struct client *client = find_client(events[i].data.fd);

        if (client && client != reader)
            events[i].events &= ~(uint32_t)EPOLLIN;
        *writes |= client && events[i].events & EPOLLOUT;
        if (events[i].events)
            events[kept++] = events[i];
    }
    return kept;
}

static const char *id_text(const struct client *client, char text[24])
{
    snprintf(text, 24, "%lld", aside.first_id + client->order);
    return text;
}

/* Client 0 asks for its id, from which those of the others follow; then it ends the client's wait. */
static void ask_aside(const struct client *waiting)
{
    char id[24];

    aside.is_asking = true;
    if (!aside.first_id)
        snprintf(aside.text, sizeof aside.text, "*2\r\n$6\r\nclient\r\n$2\r\nid\r\n");
    else
        snprintf(aside.text, sizeof aside.text, "*3\r\n$6\r\nclient\r\n$7\r\nunblock\r\n$%zu\r\n%s\r\n",
                 strlen(id_text(waiting, id)), id);
    send_request(&clients[0], aside.text, &(struct turn_request){.head_bytes = (uint32_t)strlen(aside.text)});
}

/* Who can be read, so that the next turn begins; NULL: nobody, for the loop is woken up, or another client is to be accepted. */
static const struct client *begin_turn(bool *connects)
{
    const struct turn *next = peek_turn();
    const struct client *client = next ? &clients[next->client] : &clients[0];

    if (!next)
        return client; /* its read ends the script */
    if (next->kind == TURN_WAKE) {
        next_turn();
        return NULL;
    }
    if (!client->fd) {
        now_us = next->unix_us;
        *connects = true;
        return NULL;
    }
    if (client->awaits && play.waited_for != next) {
        now_us = next->unix_us;
        play.waited_for = next;
        return NULL;
    }
    if (client->awaits && play.unblocked_for != next) {
        play.unblocked_for = aside.first_id ? next : NULL;
        tally.waiting += aside.first_id > 0;
        ask_aside(client);
        return &clients[0];
    }
    return client;
}

int epoll_wait(int epoll, struct epoll_event *events, int room, int timeout_ms)
{
    bool connects = false, writes;
    const struct client *reader = NULL;
    int count;

    if (clients[0].fd)
        timeout_ms = 0;
    else if (timeout_ms < 0 || timeout_ms > ACCEPT_POLL_MS)
        timeout_ms = ACCEPT_POLL_MS;
    count = (int)syscall(SYS_epoll_pwait, epoll, events, room, timeout_ms, NULL, 0);
    if (!clients[0].fd || count < 0)
        return count;
    for (int i = 0; i < count; i++)
        if (find_client(events[i].data.fd) && events[i].events & EPOLLOUT)
            return only_reader(events, count, NULL, &writes);
    if (!is_given())
        reader = request.client;
    else if (is_over())
        reader = begin_turn(&connects);
    count = only_reader(events, count, reader, &writes);
    if (connects && count < room)
        events[count++] = (struct epoll_event){.events = EPOLLIN, .data.fd = listener};
    return count;
}

static int connected(uint32_t number, int fd, int other_end)
{
    if (fd >= DESCRIPTORS)
        die("too many connections");
    clients[number].fd = fd;
    clients[number].other_end = other_end;
    clients[number].order = aside.connected++;
    clients[number].awaits = 0;
    clients[number].reply.length = 0;
    client_of[fd] = (uint16_t)(number + 1);
    return fd;
}

/* The connection of the client whose turn is next. A server's tables grow with the largest descriptor of a client: the driver's
 * own ends are out of the way, if the limit on descriptors allows it. */
static int make_connection(uint32_t number, int flags)
{
    int ends[2], other_end;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0, ends) || syscall(SYS_write, ends[1], "\n", 1) != 1)
        die("cannot make a connection");
    other_end = fcntl(ends[1], F_DUPFD_CLOEXEC, OTHER_ENDS);
    if (other_end < 0)
        other_end = ends[1];
    else
        syscall(SYS_close, ends[1]);
    return connected(number, ends[0], other_end);
}

static int accept_any(int fd, struct sockaddr *address, socklen_t *bytes, int flags)
{
    const struct turn *next = peek_turn();
    int accepted;

    if (clients[0].fd && fd == listener && is_over() && next && next->kind != TURN_WAKE && !clients[next->client].fd) {
        if (address && *bytes >= sizeof address->sa_family) {
            address->sa_family = AF_UNIX;
            *bytes = sizeof address->sa_family;
        }
        return make_connection(next->client, flags);
    }
    accepted = (int)syscall(SYS_accept4, fd, address, bytes, flags);
    if (accepted < 0 || clients[0].fd)
        return accepted;
    listener = fd;
    return connected(0, accepted, -1);
}

int accept(int fd, __SOCKADDR_ARG address, socklen_t *restrict bytes)
{
    return accept_any(fd, address.__sockaddr__, bytes, 0);
}

int accept4(int fd, __SOCKADDR_ARG address, socklen_t *restrict bytes, int flags)
{
    return accept_any(fd, address.__sockaddr__, bytes, flags);
}

int close(int fd)
{
    struct client *client = find_client(fd);

    if (client) {
        if (client->other_end > 0)
            syscall(SYS_close, client->other_end);
        client->fd = client->other_end = 0;
        client->awaits = 0;
        client_of[fd] = 0;
    }
    return (int)syscall(SYS_close, fd);
}

ssize_t read(int fd, void *to, size_t room)
{
    const struct client *client = find_client(fd);

    return client ? give_bytes(client, to, room) : (ssize_t)syscall(SYS_read, fd, to, room);
}

ssize_t recv(int fd, void *to, size_t room, int flags)
{
    const struct client *client = find_client(fd);

    return client ? give_bytes(client, to, room) : (ssize_t)syscall(SYS_recvfrom, fd, to, room, flags, NULL, NULL);
}

ssize_t readv(int fd, const struct iovec *to, int count)
{
    const struct client *client = find_client(fd);

    return client ? give_bytes(client, to[0].iov_base, to[0].iov_len) : (ssize_t)syscall(SYS_readv, fd, to, count);
}

ssize_t recvmsg(int fd, struct msghdr *to, int flags)
{
    const struct client *client = find_client(fd);

    return client ? give_bytes(client, to->msg_iov[0].iov_base, to->msg_iov[0].iov_len)
                  : (ssize_t)syscall(SYS_recvmsg, fd, to, flags);
}

ssize_t write(int fd, const void *from, size_t bytes)
{
    struct client *client = find_client(fd);

    if (!client)
        return (ssize_t)syscall(SYS_write, fd, from, bytes);
    take_bytes(client, from, bytes);
    return (ssize_t)bytes;
}

ssize_t send(int fd, const void *from, size_t bytes, int flags)
{
    struct client *client = find_client(fd);

    if (!client)
        return (ssize_t)syscall(SYS_sendto, fd, from, bytes, flags, NULL, 0);
    take_bytes(client, from, bytes);
    return (ssize_t)bytes;
}

ssize_t writev(int fd, const struct iovec *from, int count)
{
    struct client *client = find_client(fd);

    return client ? take_pieces(client, from, (size_t)count) : (ssize_t)syscall(SYS_writev, fd, from, count);
}

ssize_t sendmsg(int fd, const struct msghdr *from, int flags)
{
    struct client *client = find_client(fd);

    return client ? take_pieces(client, from->msg_iov, from->msg_iovlen)
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
