// What a mask costs: training steps without masks and under masks at several densities, taking turns on
// made-up batches, medians of their processor time. TRAIN_HEADER and TRAIN_QUERY name the generated library
// (see masked.sh).
#include TRAIN_HEADER

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    batches = 16,
    sentences = 10,
    longest = 40,
    most = sentences * longest,
    longest_form = 14,
    variants = 4
};

static const double densities[variants] = {-1.0, 1.0, 0.5, 0.1}; // the first: no mask

static uint64_t state = 1;

// SplitMix64 (Steele et al. 2014).
static uint64_t bits(void) {
    uint64_t x = state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static int32_t below(int32_t limit) {
    return (int32_t)(bits() % (uint64_t)limit);
}

static double uniform(void) {
    return (double)(bits() >> 11) * 0x1p-53;
}

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *memory(size_t bytes) {
    void *block = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    if (block == NULL)
        abort();
    memset(block, 0, bytes);
    return block;
}

// First rows of the steps of sequences of these lengths, longest first.
static int32_t *offsets(int32_t count, int32_t steps, const int32_t *lengths) {
    int32_t *first = memory((size_t)(steps + 1) * sizeof(int32_t));
    for (int32_t step = 0; step < steps; step++) {
        int32_t active = 0;
        while (active < count && lengths[active] > step)
            active++;
        first[step + 1] = first[step] + active;
    }
    return first;
}

static int descending(const void *a, const void *b) {
    return *(const int32_t *)b - *(const int32_t *)a;
}

// Ten sentences of 4 to 28 tokens and as many forms as tokens, as in a corpus with few repetitions.
static weft_batch make_batch(const weft_tables *tables) {
    weft_batch batch;
    memset(&batch, 0, sizeof batch);
    int32_t lengths[sentences], form_lengths[most], tokens = 0, scalars = 0;
    for (int i = 0; i < sentences; i++)
        tokens += lengths[i] = 4 + below(25);
    for (int i = 0; i < tokens; i++)
        scalars += form_lengths[i] = 1 + below(longest_form);
    qsort(lengths, sentences, sizeof *lengths, descending);
    qsort(form_lengths, (size_t)tokens, sizeof *form_lengths, descending);
    batch.extent = (weft_extent){sentences, tokens, tokens, scalars, lengths[0], form_lengths[0]};
    batch.token_offsets = offsets(sentences, lengths[0], lengths);
    batch.scalar_offsets = offsets(tokens, form_lengths[0], form_lengths);
    int32_t *ids = memory(sentences * sizeof(int32_t));
    for (int32_t i = 0; i < sentences; i++)
        ids[i] = i;
    batch.sentence_ids = ids;
    const int32_t **inputs = memory(tables->input_count * sizeof *inputs);
    for (uint32_t i = 0; i < tables->input_count; i++) {
        const weft_input *input = &tables->inputs[i];
        const int32_t rows = input->rows == WEFT_SCALAR ? scalars : tokens;
        const int32_t limit = input->limit < INT32_MAX ? input->limit : tokens;
        int32_t *values = memory((size_t)rows * sizeof *values);
        for (int32_t row = 0; row < rows; row++)
            values[row] = below(limit);
        inputs[i] = values;
    }
    batch.inputs = inputs;
    return batch;
}

static void check(weft_status status) {
    if (status != WEFT_OK) {
        fprintf(stderr, "status %d\n", (int)status);
        exit(1);
    }
}

static weft_trainer *make_trainer(const weft_training *library, double density) {
    const weft_tables *tables = library->tables;
    const size_t bytes = library->trainer_size(1, 0);
    weft_trainer *trainer;
    check(library->trainer_init(memory(bytes), bytes, 1, 0, getenv("ISA"), NULL, &trainer));
    float *parameters = library->parameters(trainer);
    for (uint64_t i = 0; i < tables->parameter_floats; i++)
        parameters[i] = (float)(0.2 * uniform() - 0.1);
    library->changed(trainer);
    uint8_t *mask = memory(tables->prunable_weights);
    for (uint32_t task = 0; task < tables->task_count && density >= 0.0; task++) {
        for (uint64_t i = 0; i < tables->prunable_weights; i++)
            mask[i] = uniform() < density;
        check(library->set_mask(trainer, (int32_t)task, mask));
    }
    free(mask);
    return trainer;
}

// One step with clipping by norm, as the training loop makes it -> seconds.
static double step(const weft_training *library, weft_trainer *trainer, const weft_batch *batch,
                   void *workspace, size_t bytes, uint32_t task, uint64_t number) {
    const weft_random random = {.seed = 1, .task = task, .step = number};
    const uint64_t tasks = UINT64_C(1) << task;
    float seeds[64];
    double losses[64];
    for (int i = 0; i < 64; i++)
        seeds[i] = 1.0f;
    weft_update update = {.optimizer = WEFT_SGD, .rate = 0.01f, .momentum = 0.9f, .clip_value = INFINITY};
    const double start = processor_seconds();
    check(library->forward(trainer, workspace, bytes, batch, tasks, &random, losses));
    library->zero(trainer, 0);
    check(library->backward(trainer, workspace, batch, tasks, seeds, 0));
    const double norm = sqrt(library->sum_of_squares(trainer, 0, tasks));
    update.gradient_scale = norm > 5.0 ? (float)(5.0 / norm) : 1.0f;
    check(library->apply(trainer, 0, tasks, &update));
    return processor_seconds() - start;
}

static int ascending(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

int main(int count, char **arguments) {
    const int rounds = count > 1 ? atoi(arguments[1]) : 40;
    const weft_training *library = TRAIN_QUERY(WEFT_ABI_VERSION);
    weft_batch batch[batches];
    weft_trainer *trainer[variants];
    size_t bytes = 0;
    double tokens = 0;
    for (int i = 0; i < batches; i++) {
        batch[i] = make_batch(library->tables);
        const size_t needed = library->workspace_size(&batch[i].extent);
        bytes = needed > bytes ? needed : bytes;
        tokens += batch[i].extent.tokens / (double)batches;
    }
    void *workspace = memory(bytes);
    for (int v = 0; v < variants; v++)
        trainer[v] = make_trainer(library, densities[v]);
    // The same batch for all variants, one after the other, so that a slow phase of the machine hits them
    // alike.
    const int samples = rounds * batches;
    double *ratio[variants], *seconds[variants];
    for (int v = 0; v < variants; v++) {
        ratio[v] = memory((size_t)samples * sizeof(double));
        seconds[v] = memory((size_t)samples * sizeof(double));
    }
    for (int n = -batches; n < samples; n++) {
        const uint64_t number = (uint64_t)(n + batches);
        double taken[variants];
        for (int i = 0; i < variants; i++) {
            // Another one begins each time: what a step leaves in the caches serves the next.
            const int v = (int)((number / batches + (uint64_t)i) % variants);
            taken[v] = step(library, trainer[v], &batch[number % batches], workspace, bytes,
                            (uint32_t)(number % library->tables->task_count), number);
        }
        for (int v = 0; v < variants && n >= 0; v++) {
            ratio[v][n] = taken[v] / taken[0];
            seconds[v][n] = taken[v];
        }
    }
    printf("%s, %s, %.0f tokens a step, %d steps of each\n\n", library->tables->name,
           library->trainer_isa(trainer[0]), tokens, samples);
    printf("| mask | ms a step, median | tokens/s | times the dense step, median (quartiles) "
           "|\n|---|---|---|---|\n");
    for (int v = 0; v < variants; v++) {
        qsort(ratio[v], (size_t)samples, sizeof(double), ascending);
        qsort(seconds[v], (size_t)samples, sizeof(double), ascending);
        char name[32] = "none";
        if (densities[v] >= 0.0)
            snprintf(name, sizeof name, "density %.1f", densities[v]);
        printf("| %s | %.3f | %.0f | %.3f (%.3f – %.3f) |\n", name, 1e3 * seconds[v][samples / 2],
               tokens / seconds[v][samples / 2], ratio[v][samples / 2], ratio[v][samples / 4],
               ratio[v][samples * 3 / 4]);
    }
    return 0;
}
