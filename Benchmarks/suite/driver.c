// Tags through the public functions of a package and times each call. TAGGER is the header, T(name) a
// function of it, TASKS how many tasks it has. With two threads: one session for one sentence, whose
// directions run at the same time, or one session each for many.
#define _GNU_SOURCE
#include TAGGER

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JOIN(a, b) a##b
#define JOINED(a, b) JOIN(a, b)
#define T(name) JOINED(PREFIX, name)

enum { most_threads = 2 };

// A thread that waits for work without sleeping while a measurement goes on.
struct helper {
    pthread_t thread;
    atomic_int state; // 0 idle, 1 has work, 2 asleep, 3 to end
    pthread_mutex_t lock;
    pthread_cond_t wake;
    void (*run)(void *argument, int32_t index);
    void *argument;
    int32_t index;
};

struct tagger {
    const T(_model) * model;
    T(_session) * session[most_threads];
    int threads;
    struct helper helper;
};

// The sentences of a call: their words one after the other, and where each begins.
struct sentences {
    const T(_text) * words;
    const int32_t *lengths;
};

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void *help(void *argument) {
    struct helper *h = argument;
    for (;;) {
        for (long spins = 0; atomic_load_explicit(&h->state, memory_order_acquire) == 0; spins++) {
            pause_briefly();
            int idle = 0;
            if (spins > 2000000 && atomic_compare_exchange_strong(&h->state, &idle, 2)) {
                pthread_mutex_lock(&h->lock);
                while (atomic_load(&h->state) == 2)
                    pthread_cond_wait(&h->wake, &h->lock);
                pthread_mutex_unlock(&h->lock);
            }
        }
        if (atomic_load(&h->state) == 3)
            return NULL;
        h->run(h->argument, h->index);
        atomic_store_explicit(&h->state, 0, memory_order_release);
    }
}

static void hand_over(struct helper *h, int state) {
    if (atomic_load(&h->state) == 2 || state == 3) {
        pthread_mutex_lock(&h->lock);
        atomic_store(&h->state, state);
        pthread_cond_signal(&h->wake);
        pthread_mutex_unlock(&h->lock);
        return;
    }
    int idle = 0;
    if (!atomic_compare_exchange_strong(&h->state, &idle, state)) // fell asleep in between
        hand_over(h, state);
}

static void finish(struct helper *h) {
    while (atomic_load_explicit(&h->state, memory_order_acquire) == 1)
        pause_briefly();
}

static void parallel(void *context, void (*run)(void *argument, int32_t index), void *argument,
                     int32_t count) {
    struct helper *h = context;
    for (int32_t i = 0; i < count; i += 2) {
        if (i + 1 < count) {
            h->run = run, h->argument = argument, h->index = i + 1;
            hand_over(h, 1);
        }
        run(argument, i);
        finish(h);
    }
}

struct tagger *driver_open(const char *weights, int threads, int tokens, int sentences) {
    struct tagger *t = calloc(1, sizeof *t);
    const T(_limits) limits = {.tokens = tokens, .sentences = sentences, .batch_tokens = tokens * sentences};
    t->threads = threads;
    if (T(_open_file)(weights, &t->model) != 0)
        return NULL;
    for (int i = 0; i < threads; i++) {
        if (T(_session_new)(t->model, &limits, &t->session[i]) != 0)
            return NULL;
    }
    if (threads == 2) {
        pthread_mutex_init(&t->helper.lock, NULL);
        pthread_cond_init(&t->helper.wake, NULL);
        pthread_create(&t->helper.thread, NULL, help, &t->helper);
    }
    return t;
}

const char *driver_isa(const struct tagger *t) {
    return T(_model_isa)(t->model);
}

void driver_close(struct tagger *t) {
    if (t->threads == 2) {
        hand_over(&t->helper, 3);
        pthread_join(t->helper.thread, NULL);
    }
    for (int i = 0; i < t->threads; i++)
        T(_session_free)(t->session[i]);
    T(_close)(t->model);
    free(t);
}

// Tags one batch with one session; scores of a task, if wanted, into `scores`.
int driver_tag(struct tagger *t, const T(_text) * words, const int32_t *lengths, int32_t sentences,
               uint64_t tasks, int32_t task, float *scores, int32_t *labels) {
    T(_lend_threads)(t->session[0], NULL, NULL);
    const int status =
        (int)T(_tag_batch)(t->session[0], words, lengths, sentences, tasks, scores == NULL ? 0 : 1);
    if (status != 0)
        return status;
    size_t count = 0;
    for (int32_t i = 0; i < sentences; i++)
        count += (size_t)lengths[i];
    if (scores != NULL)
        memcpy(scores, T(_scores)(t->session[0], (T(_task))task),
               count * (size_t)T(_label_count)((T(_task))task) * sizeof *scores);
    memcpy(labels, T(_labels)(t->session[0], (T(_task))task), count * sizeof *labels);
    return 0;
}

// Times `calls` calls of one sentence each, in turn from `sentences` ones -> seconds of each.
int driver_time_sentences(struct tagger *t, const T(_text) * words, const int32_t *lengths, int32_t sentences,
                          uint64_t tasks, int32_t calls, double *taken) {
    T(_lend_threads)(t->session[0], t->threads == 2 ? parallel : NULL, &t->helper);
    const T(_text) *next = words;
    for (int32_t i = 0; i < calls; i++) {
        const int32_t sentence = i % sentences;
        if (sentence == 0)
            next = words;
        const double start = seconds();
        const int status = (int)T(_tag)(t->session[0], next, lengths[sentence], tasks, 0);
        taken[i] = seconds() - start;
        if (status != 0)
            return status;
        next += lengths[sentence];
    }
    return 0;
}

struct bulk {
    struct tagger *tagger;
    const T(_text) * words;
    const int32_t *lengths;
    int32_t sentences, batch;
    uint64_t tasks;
    atomic_int next, status;
    size_t *first; // word of each batch
};

static void tag_batches(void *argument, int32_t index) {
    struct bulk *b = argument;
    const int32_t batches = (b->sentences + b->batch - 1) / b->batch;
    T(_lend_threads)(b->tagger->session[index], NULL, NULL);
    for (int32_t i; (i = atomic_fetch_add(&b->next, 1)) < batches;) {
        const int32_t first = i * b->batch, left = b->sentences - first;
        const int status =
            (int)T(_tag_batch)(b->tagger->session[index], b->words + b->first[i], b->lengths + first,
                               left < b->batch ? left : b->batch, b->tasks, 0);
        if (status != 0)
            atomic_store(&b->status, status);
    }
}

// Tags all sentences in batches -> seconds, or less than 0.
double driver_time_bulk(struct tagger *t, const T(_text) * words, const int32_t *lengths, int32_t sentences,
                        int32_t batch, uint64_t tasks) {
    struct bulk bulk = {.tagger = t,
                        .words = words,
                        .lengths = lengths,
                        .sentences = sentences,
                        .batch = batch,
                        .tasks = tasks};
    bulk.first = malloc(((size_t)sentences / (size_t)batch + 1) * sizeof *bulk.first);
    size_t word = 0;
    for (int32_t i = 0; i < sentences; i++) {
        if (i % batch == 0)
            bulk.first[i / batch] = word;
        word += (size_t)lengths[i];
    }
    const double start = seconds();
    if (t->threads == 2)
        parallel(&t->helper, tag_batches, &bulk, 2);
    else
        tag_batches(&bulk, 0);
    const double taken = seconds() - start;
    free(bulk.first);
    return atomic_load(&bulk.status) == 0 ? taken : -1.0;
}
