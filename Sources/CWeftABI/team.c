#include "weft_host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A job is handed out through one word, `ticket`: the job's number in the high half and how many of its
   indices are still to be taken in the low half. Whoever takes one down by compare-and-swap owns that index;
   a worker that comes late finds another number or nothing left and touches no other field. So a job ends
   when its indices are done, not when every worker has noticed it, and fields are rewritten only when no
   claim on them is open. */
struct weft_team {
    _Atomic uint64_t ticket;
    _Atomic int32_t finished;
    _Atomic int32_t sleepers; /* workers asleep or about to be */
    _Atomic int32_t is_caller_asleep;
    _Atomic int32_t is_ending;
    void (*run)(void *argument, int32_t index);
    void *argument;
    int32_t count;
    uint64_t float_mode;
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    int32_t workers;
    pthread_t threads[];
};

/* Some tens of microseconds: longer than the gaps between the parallel parts of a step. */
enum { SPINS = 4000 };

static _Thread_local int is_inside_run;

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Takes and runs indices of the job that `ticket` shows until none is left. */
static void work_on(struct weft_team *team, int takes_mode) {
    uint64_t ticket = atomic_load(&team->ticket);
    while ((uint32_t)ticket != 0) {
        if (!atomic_compare_exchange_weak(&team->ticket, &ticket, ticket - 1)) {
            continue;
        }
        /* The index is ours and not finished, so the job's fields stay as they are. */
        const int32_t count = team->count;
        if (takes_mode) {
            weft_set_float_mode(team->float_mode);
        }
        is_inside_run = 1;
        team->run(team->argument, count - (int32_t)(uint32_t)ticket);
        is_inside_run = 0;
        if (atomic_fetch_add(&team->finished, 1) + 1 == count && atomic_load(&team->is_caller_asleep)) {
            pthread_mutex_lock(&team->mutex);
            pthread_cond_signal(&team->done);
            pthread_mutex_unlock(&team->mutex);
        }
        ticket = atomic_load(&team->ticket);
    }
}

static int has_work(struct weft_team *team) {
    return (uint32_t)atomic_load(&team->ticket) != 0 || atomic_load(&team->is_ending);
}

static void *worker(void *context) {
    struct weft_team *team = context;
    while (!atomic_load(&team->is_ending)) {
        for (int i = 0; i < SPINS && !has_work(team); i++) {
            relax();
        }
        if (!has_work(team)) {
            /* The caller publishes work before it reads `sleepers`, and we count ourselves before we look for
               work again: one of the two sees the other. */
            pthread_mutex_lock(&team->mutex);
            atomic_fetch_add(&team->sleepers, 1);
            while (!has_work(team)) {
                pthread_cond_wait(&team->work, &team->mutex);
            }
            atomic_fetch_sub(&team->sleepers, 1);
            pthread_mutex_unlock(&team->mutex);
        }
        work_on(team, 1);
    }
    return NULL;
}

weft_team *weft_team_create(int32_t threads) {
    const int32_t workers = threads > 1 ? threads - 1 : 0;
    struct weft_team *team = calloc(1, sizeof *team + (size_t)workers * sizeof(pthread_t));
    if (!team) {
        return NULL;
    }
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->work, NULL);
    pthread_cond_init(&team->done, NULL);
    for (int32_t i = 0; i < workers; i++) {
        if (pthread_create(&team->threads[i], NULL, worker, team) != 0) {
            weft_team_destroy(team);
            return NULL;
        }
        team->workers++;
    }
    return team;
}

void weft_team_destroy(weft_team *team) {
    if (!team) {
        return;
    }
    atomic_store(&team->is_ending, 1);
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->work);
    pthread_mutex_unlock(&team->mutex);
    for (int32_t i = 0; i < team->workers; i++) {
        pthread_join(team->threads[i], NULL);
    }
    pthread_cond_destroy(&team->done);
    pthread_cond_destroy(&team->work);
    pthread_mutex_destroy(&team->mutex);
    free(team);
}

void weft_team_parallel(void *context, void (*run)(void *argument, int32_t index), void *argument,
                        int32_t count) {
    struct weft_team *team = context;
    if (count <= 1 || is_inside_run || team->workers == 0) {
        for (int32_t i = 0; i < count; i++) {
            run(argument, i);
        }
        return;
    }
    team->run = run;
    team->argument = argument;
    team->count = count;
    team->float_mode = weft_float_mode();
    atomic_store(&team->finished, 0);
    const uint64_t job = (atomic_load(&team->ticket) >> 32) + 1;
    atomic_store(&team->ticket, (job << 32) | (uint32_t)count);
    if (atomic_load(&team->sleepers) > 0) {
        pthread_mutex_lock(&team->mutex);
        pthread_cond_broadcast(&team->work);
        pthread_mutex_unlock(&team->mutex);
    }
    work_on(team, 0);
    for (int i = 0; i < SPINS && atomic_load(&team->finished) != count; i++) {
        relax();
    }
    if (atomic_load(&team->finished) != count) {
        pthread_mutex_lock(&team->mutex);
        atomic_store(&team->is_caller_asleep, 1);
        while (atomic_load(&team->finished) != count) {
            pthread_cond_wait(&team->done, &team->mutex);
        }
        atomic_store(&team->is_caller_asleep, 0);
        pthread_mutex_unlock(&team->mutex);
    }
}
