// Time of training steps on single sentences, of several generated libraries that take turns: medians of wall time.
//
//   steps ROUNDS THREADS [NAME=LIBRARY.so:QUERY ...]
//
// Ratios are to the first library named. Every library gets the same made-up sentences.
#include "weft_abi.h"
#include "weft_host.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { sentences = 32, most_libraries = 8, most_tokens = 64, longest_form = 12 };

struct subject {
    char name[64];
    const weft_training *library;
    weft_trainer *trainer;
    weft_batch batches[sentences];
    double *seconds, *ratio;
};

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t hash(const char *text, uint64_t seed) {
    uint64_t h = seed;
    for (; *text != 0; text++)
        h = mix(h * 31 + (uint64_t)*text + 1);
    return h;
}

static double uniform(uint64_t key) {
    return (double)(mix(key * UINT64_C(0x9e3779b97f4a7c15)) >> 11) * 0x1p-53;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *memory(size_t bytes) {
    void *block = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    if (block == NULL)
        abort();
    memset(block, 0, bytes);
    return block;
}

static void check(weft_status status, const char *what) {
    if (status != WEFT_OK) {
        fprintf(stderr, "%s: status %d\n", what, (int)status);
        exit(1);
    }
}

// Sentence number n: 5 to 40 tokens, all of different forms of 1 to 12 characters.
static weft_batch make_sentence(const weft_tables *tables, int n) {
    const int32_t tokens = 5 + (int32_t)(36 * uniform((uint64_t)n + 7));
    weft_batch batch;
    memset(&batch, 0, sizeof batch);
    int32_t *token_offsets = memory((size_t)(tokens + 1) * sizeof(int32_t));
    for (int32_t i = 0; i <= tokens; i++)
        token_offsets[i] = i;
    int32_t counts[longest_form + 1] = {0}, scalars = 0;
    for (int32_t i = 0; i < tokens; i++) {
        const int32_t length = 1 + (int32_t)(longest_form * uniform((uint64_t)(1000 * n + i)));
        for (int32_t step = 0; step < length; step++)
            counts[step]++;
    }
    int32_t steps = 0;
    int32_t *scalar_offsets = memory((longest_form + 1) * sizeof(int32_t));
    for (; steps < longest_form && counts[steps] > 0; steps++)
        scalar_offsets[steps + 1] = scalars += counts[steps];
    batch.extent = (weft_extent){1, tokens, tokens, scalars, tokens, steps};
    batch.token_offsets = token_offsets;
    batch.scalar_offsets = scalar_offsets;
    int32_t *ids = memory(sizeof(int32_t));
    ids[0] = n;
    batch.sentence_ids = ids;
    const int32_t **inputs = memory(tables->input_count * sizeof *inputs);
    for (uint32_t i = 0; i < tables->input_count; i++) {
        const weft_input *input = &tables->inputs[i];
        const int32_t rows = input->rows == WEFT_SCALAR ? scalars : tokens;
        int32_t *values = memory((size_t)rows * sizeof *values);
        for (int32_t row = 0; row < rows; row++)
            values[row] = strcmp(input->name, "form") == 0
                              ? row
                              : (int32_t)((double)input->limit *
                                          uniform(hash(input->name, (uint64_t)(n * 4096 + row))));
        inputs[i] = values;
    }
    batch.inputs = inputs;
    return batch;
}

static void start(struct subject *s, const weft_threads *threads) {
    const weft_tables *tables = s->library->tables;
    const size_t bytes = s->library->trainer_size(1, 0);
    check(s->library->trainer_init(memory(bytes), bytes, 1, 0, getenv("ISA"), threads, &s->trainer), s->name);
    float *parameters = s->library->parameters(s->trainer);
    for (uint32_t p = 0; p < tables->parameter_count; p++) {
        const weft_parameter *parameter = &tables->parameters[p];
        const uint64_t count = (uint64_t)parameter->rows * parameter->columns;
        // Mixtures are sums of few things.
        const double bound = parameter->columns < 16 ? 0.5 : sqrt(3.0 / parameter->columns);
        for (uint64_t i = 0; i < count; i++)
            parameters[parameter->offset + i] = (float)(bound * (2.0 * uniform(hash(parameter->name, i)) - 1.0));
    }
    s->library->changed(s->trainer);
    for (int n = 0; n < sentences; n++)
        s->batches[n] = make_sentence(tables, n);
}

// One step as the training loop makes it -> seconds.
static double step(struct subject *s, void *workspace, size_t bytes, int number) {
    const weft_batch *batch = &s->batches[number % sentences];
    const uint32_t task = (uint32_t)(number / sentences) % s->library->tables->task_count;
    const weft_random random = {.seed = 1, .task = task, .step = (uint64_t)number};
    const uint64_t tasks = UINT64_C(1) << task;
    float seeds[64];
    double losses[64];
    for (int i = 0; i < 64; i++)
        seeds[i] = 1.0f;
    weft_update update = {.optimizer = WEFT_SGD, .rate = 0.01f, .clip_value = INFINITY};
    const double begin = now();
    check(s->library->forward(s->trainer, workspace, bytes, batch, tasks, &random, losses), "forward");
    s->library->zero(s->trainer, 0);
    check(s->library->backward(s->trainer, workspace, batch, tasks, seeds, 0), "backward");
    const double norm = sqrt(s->library->sum_of_squares(s->trainer, 0, tasks));
    update.gradient_scale = norm > 5.0 ? (float)(5.0 / norm) : 1.0f;
    check(s->library->apply(s->trainer, 0, tasks, &update), "apply");
    return now() - begin;
}

static int ascending(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static double mean(const double *values, int count) {
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: steps ROUNDS THREADS NAME=LIBRARY.so:QUERY ...\n");
        return 64;
    }
    const int samples = atoi(arguments[1]) * sentences, subjects = count - 3;
    const int32_t thread_count = atoi(arguments[2]);
    weft_team *team = thread_count > 1 ? weft_team_create(thread_count) : NULL;
    const weft_threads threads = {weft_team_parallel, team};
    static struct subject subject[most_libraries];
    size_t bytes = 0;
    double tokens = 0.0;
    for (int i = 0; i < subjects && i < most_libraries; i++) {
        struct subject *s = &subject[i];
        char path[4096], query[256];
        if (sscanf(arguments[i + 3], "%63[^=]=%4095[^:]:%255s", s->name, path, query) != 3)
            return 64;
        void *handle = dlopen(path, RTLD_NOW);
        const weft_training_query find = handle == NULL ? NULL : (weft_training_query)dlsym(handle, query);
        if (find == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        s->library = find(WEFT_ABI_VERSION);
        start(s, team == NULL ? NULL : &threads);
        s->seconds = memory((size_t)samples * sizeof(double));
        s->ratio = memory((size_t)samples * sizeof(double));
        for (int n = 0; n < sentences; n++) {
            const size_t needed = s->library->workspace_size(&s->batches[n].extent);
            bytes = needed > bytes ? needed : bytes;
            tokens += i == 0 ? s->batches[n].extent.tokens / (double)sentences : 0.0;
        }
    }
    void *workspace = memory(bytes);
    for (int n = -sentences; n < samples; n++) {
        double taken[most_libraries];
        for (int i = 0; i < subjects; i++) {
            const int v = (n + sentences + i) % subjects;
            // What a penalty that comes now and then costs is in the mean of its steps.
            taken[v] = step(&subject[v], workspace, bytes, n + sentences);
        }
        for (int i = 0; i < subjects && n >= 0; i++) {
            subject[i].seconds[n] = taken[i];
            subject[i].ratio[n] = taken[i] / taken[0];
        }
    }
    printf("%s, %d thread%s, %.1f tokens a sentence, %d steps of each\n\n",
           subject[0].library->trainer_isa(subject[0].trainer), (int)thread_count, thread_count > 1 ? "s" : "",
           tokens, samples);
    printf("| network | ms a step, median | mean | times the first, median (quartiles) | of means |\n|---|---|---|---|---|\n");
    const double first = mean(subject[0].seconds, samples);
    for (int i = 0; i < subjects; i++) {
        struct subject *s = &subject[i];
        const double average = mean(s->seconds, samples);
        qsort(s->seconds, (size_t)samples, sizeof(double), ascending);
        qsort(s->ratio, (size_t)samples, sizeof(double), ascending);
        printf("| %s | %.3f | %.3f | %.3f (%.3f – %.3f) | %.3f |\n", s->name, 1e3 * s->seconds[samples / 2],
               1e3 * average, s->ratio[samples / 2], s->ratio[samples / 4], s->ratio[samples * 3 / 4],
               average / first);
    }
    weft_team_destroy(team);
    return 0;
}
