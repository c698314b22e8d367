/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mrc/team.h"

#include "sim/alloc.h"
#include "sim/crash.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct team {
    pthread_mutex_t lock;
    pthread_cond_t begun, done;
    pthread_t *threads;
    int thread_count;
    /* The round. */
    void (*task)(void *owner, size_t i);
    void *owner;
    size_t count, next, under_way;
    bool closes;
};

/* Does tasks as long as there are any; with the lock held, which it gives up meanwhile. */
static void do_tasks(struct team *team)
{
    while (team->next < team->count) {
        size_t i = team->next++;

        team->under_way++;
        pthread_mutex_unlock(&team->lock);
        team->task(team->owner, i);
        pthread_mutex_lock(&team->lock);
        if (!--team->under_way && team->next == team->count)
            pthread_cond_signal(&team->done);
    }
}

static void *work(void *argument)
{
    struct team *team = argument;
    void *stack = crash_thread_begins();

    pthread_mutex_lock(&team->lock);
    while (!team->closes) {
        do_tasks(team);
        if (!team->closes)
            pthread_cond_wait(&team->begun, &team->lock);
    }
    pthread_mutex_unlock(&team->lock);
    crash_thread_ends(stack);
    return NULL;
}

struct team *team_open(int workers)
{
    struct team *team = xcalloc(1, sizeof *team);

    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->begun, NULL);
    pthread_cond_init(&team->done, NULL);
    team->threads = xcalloc((size_t)(workers > 0 ? workers : 1), sizeof *team->threads);
    /* If the machine gives fewer threads, these do all. */
    while (team->thread_count < workers - 1 && !pthread_create(&team->threads[team->thread_count], NULL, work, team))
        team->thread_count++;
    return team;
}

void team_run(struct team *team, size_t count, void (*task)(void *owner, size_t i), void *owner)
{
    pthread_mutex_lock(&team->lock);
    team->task = task;
    team->owner = owner;
    team->next = 0;
    team->count = count;
    if (count > 1)
        pthread_cond_broadcast(&team->begun);
    do_tasks(team);
    while (team->under_way)
        pthread_cond_wait(&team->done, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

void team_close(struct team *team)
{
    if (!team)
        return;
    pthread_mutex_lock(&team->lock);
    team->closes = true;
    pthread_cond_broadcast(&team->begun);
    pthread_mutex_unlock(&team->lock);
    for (int i = 0; i < team->thread_count; i++)
        pthread_join(team->threads[i], NULL);
    pthread_cond_destroy(&team->begun);
    pthread_cond_destroy(&team->done);
    pthread_mutex_destroy(&team->lock);
    free(team->threads);
    free(team);
}
