/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory_speed: what this machine's memory can do, to hold replay rates against. Usage: memory_speed BYTES
 *
 * Prints nanoseconds of one load whose address the load before has brought, anywhere in so many bytes; then the bytes a
 * nanosecond that one thread reads in their order. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE = 64 / sizeof(uint64_t) };

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

/* A xorshift step: the order of the lines must not be one that the processor foresees. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* Links the lines in one cycle, by Sattolo's shuffle: the first word of each is the number of the next. */
static void link_lines(uint64_t *words, uint64_t lines)
{
    uint64_t state = 88172645463325252u;

    for (uint64_t i = 0; i < lines; i++)
        words[i * LINE] = i;
    for (uint64_t i = lines - 1; i > 0; i--) {
        uint64_t other = next_random(&state) % i, line = words[i * LINE];

        words[i * LINE] = words[other * LINE];
        words[other * LINE] = line;
    }
}

int main(int argc, char **argv)
{
    uint64_t bytes = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, lines = bytes / 64, line = 0, sum = 0, loads = 4000000;
    uint64_t *words = lines > 1 ? aligned_alloc(64, lines * 64) : NULL;
    double began;

    if (!words) {
        fprintf(stderr, "memory_speed: %s: a number of bytes, 128 and more, that can be had\n",
                argc > 1 ? argv[1] : "");
        return 64;
    }
    for (uint64_t i = 0; i < lines * LINE; i++)
        words[i] = 0;
    link_lines(words, lines);
    began = now_ns();
    for (uint64_t i = 0; i < loads; i++)
        line = words[line * LINE];
    printf("%.1f ", (now_ns() - began) / (double)loads);
    began = now_ns();
    for (int pass = 0; pass < 4; pass++)
        for (uint64_t i = 0; i < lines * LINE; i++)
            sum += words[i] ^ line;
    printf("%.1f\n", 4.0 * (double)(lines * 64) / (now_ns() - began));
    free(words);
    return sum == 1; /* so that nothing is left out */
}
