/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { MACHINE = (int)AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { MACHINE = (int)AUDIT_ARCH_AARCH64 };
#else
enum { MACHINE = 0 }; /* no kernel says so: everything is refused, and the caller told */
#endif

enum { STACK_BYTES = 64 << 10, SPARE = 8 };

/* ---- why it ended ---- */

/* For the signal handler, which gets no context. One process has one seal. */
static struct seal_note *noted;
static uint64_t memory_limit;

/* Whether an eighth of the memory cannot be had any more: what asked for more has failed, and most programs then use what
 * they have not got. */
static bool is_full(void)
{
    void *memory = mmap(NULL, memory_limit / SPARE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return true;
    munmap(memory, memory_limit / SPARE);
    return false;
}

#ifdef __SANITIZE_ADDRESS__
/* Its leak checker asks at the end of each process. In a sealed one it could not look: it would need a thread, which is refused,
 * and exit() would be told as a system call of the policy's. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return noted != NULL;
}
#endif

static void on_crash(int number)
{
    noted->is_full = is_full();
    signal(number, SIG_DFL);
    raise(number);
}

static void on_refusal(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    noted->is_refused = true;
    noted->system_call = info->si_syscall;
    _exit(ERROR_LAW);
}

static void on_exit_of_the_policy(void)
{
    noted->is_full = is_full();
}

static void watch(struct seal_note *note)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    static char stack_bytes[STACK_BYTES];
    const stack_t stack = {.ss_sp = stack_bytes, .ss_size = sizeof stack_bytes};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_NODEFER};

    noted = note;
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigaction(crashes[i], &action, NULL);
    action = (struct sigaction){.sa_sigaction = on_refusal, .sa_flags = SA_ONSTACK | SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    atexit(on_exit_of_the_policy);
}

/* ---- the filter ---- */

/* What memory, clocks, signals of its own and printing to nowhere need. */
static const int for_work[] = {
    SYS_brk,           SYS_mmap,           SYS_munmap,       SYS_mremap,
    SYS_mprotect,      SYS_madvise,        SYS_exit,         SYS_exit_group,
    SYS_rt_sigreturn,  SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_sigaltstack,
    SYS_clock_gettime, SYS_clock_getres,   SYS_gettimeofday, SYS_getpid,
    SYS_getppid,       SYS_gettid,         SYS_futex,        SYS_sched_yield,
    SYS_getrusage,     SYS_sysinfo,        SYS_uname,        SYS_getrandom,
    SYS_read,          SYS_write,          SYS_writev,       SYS_fstat,
    SYS_newfstatat,    SYS_lseek,          SYS_close,        SYS_restart_syscall,
#ifdef SYS_time
    SYS_time,
#endif
};

/* And what loading a shared object needs, besides openat: these look at files, and change none. */
static const int for_loading[] = {
    SYS_pread64,  SYS_getcwd, SYS_readlinkat, SYS_faccessat, SYS_seccomp, SYS_prctl, SYS_statx,
#ifdef SYS_readlink
    SYS_readlink, SYS_access, SYS_stat,
#endif
};

enum { INSTRUCTIONS = 4 * (sizeof for_work / sizeof *for_work + sizeof for_loading / sizeof *for_loading) + 32 };

struct filter {
    struct sock_filter program[INSTRUCTIONS];
    unsigned short length;
};

static void add(struct filter *filter, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false)
{
    filter->program[filter->length++] = (struct sock_filter){code, if_true, if_false, value};
}

static void load(struct filter *filter, size_t offset)
{
    add(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void allow(struct filter *filter, int system_call)
{
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)system_call, 0, 1);
    add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* Only with this argument; or, with `lacks`, only if the argument has none of these bits. */
static void allow_with(struct filter *filter, int system_call, int argument, uint32_t value, bool lacks)
{
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)system_call, 0, 4);
    load(filter, offsetof(struct seccomp_data, args) + (size_t)argument * sizeof(uint64_t));
    add(filter, BPF_JMP | (lacks ? BPF_JSET : BPF_JEQ) | BPF_K, value, lacks, !lacks);
    add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    add(filter, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
}

static void begin(struct filter *filter)
{
    load(filter, offsetof(struct seccomp_data, arch));
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)MACHINE, 1, 0);
    add(filter, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
    load(filter, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof for_work / sizeof *for_work; i++)
        allow(filter, for_work[i]);
    allow_with(filter, SYS_ioctl, 1, TCGETS, false);
    allow_with(filter, SYS_tgkill, 0, (uint32_t)getpid(), false);
    allow_with(filter, SYS_prlimit64, 2, 0, false);
}

/* Filters add up: what an earlier one refuses stays refused. */
static int install(struct filter *filter, struct error *error)
{
    struct sock_fprog program = {.filter = filter->program};

    add(filter, BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
    program.len = filter->length;
    if (MACHINE && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
        !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
        return 0;
    return error_set(error, ERROR_INTERNAL, "no policy is loaded, as this kernel does not confine it: seccomp: %s",
                     MACHINE ? strerror(errno) : "not for this machine");
}

/* ---- limits ---- */

static uint64_t address_space_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    if (file && fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void close_all(void)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int stream = 0; stream <= 2 && nowhere >= 0; stream++)
        dup2(nowhere, stream);
    syscall(SYS_close_range, 3U, ~0U, 0U);
}

int seal_for_loading(uint64_t memory_bytes, struct seal_note *note, struct error *error)
{
    const struct rlimit memory = {address_space_bytes() + memory_bytes, address_space_bytes() + memory_bytes};
    struct filter filter = {.length = 0};

    memory_limit = memory_bytes;
    watch(note);
    close_all();
    if (setrlimit(RLIMIT_AS, &memory))
        return error_set(error, ERROR_INTERNAL, "cannot limit memory: %s", strerror(errno));
    begin(&filter);
    for (size_t i = 0; i < sizeof for_loading / sizeof *for_loading; i++)
        allow(&filter, for_loading[i]);
    allow_with(&filter, SYS_openat, 2, O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND, true);
    return install(&filter, error);
}

int seal_for_work(struct error *error)
{
    struct filter filter = {.length = 0};

    watch(noted); /* loading may have set handlers of its own */
    begin(&filter);
    return install(&filter, error);
}

const char *seal_call_name(int system_call, char *text, size_t bytes)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {SYS_openat, "openat"},       {SYS_socket, "socket"},     {SYS_connect, "connect"},
        {SYS_execve, "execve"},       {SYS_clone, "clone"},       {SYS_kill, "kill"},
        {SYS_ptrace, "ptrace"},       {SYS_unlinkat, "unlinkat"}, {SYS_clock_nanosleep, "clock_nanosleep"},
        {SYS_ppoll, "ppoll"},         {SYS_pselect6, "pselect6"}, {SYS_setrlimit, "setrlimit"},
        {SYS_prctl, "prctl"},         {SYS_ioctl, "ioctl"},       {SYS_tgkill, "tgkill"},
        {SYS_prlimit64, "prlimit64"},
#ifdef SYS_open
        {SYS_open, "open"},           {SYS_fork, "fork"},         {SYS_vfork, "vfork"},
        {SYS_unlink, "unlink"},       {SYS_pause, "pause"},       {SYS_poll, "poll"},
        {SYS_mkdir, "mkdir"},         {SYS_rename, "rename"},
#endif
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == system_call)
            return names[i].name;
    snprintf(text, bytes, "number %d", system_call);
    return text;
}
