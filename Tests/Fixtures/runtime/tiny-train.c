#include "tiny.h"

#include <math.h>
#include <string.h>

enum { SLOTS = 4, LAGS = 8 };

struct weft_trainer {
    float parameters[TINY_FLOATS], first[TINY_FLOATS], second[TINY_FLOATS], gradient[SLOTS][TINY_FLOATS];
    int64_t clocks[2];
    int32_t row_lags[TINY_WORDS];
    double lag_table[LAGS][4];
    int32_t lag_length, adam;
    float *probabilities; /* of the last forward pass */
    int changes;
};

static const weft_input inputs[] = {{"word", WEFT_TOKEN, TINY_WORDS}, {"label.tag", WEFT_TOKEN, TINY_LABELS}};
static const weft_tables tables = TINY_TABLES(inputs, 2, "portable");

static size_t trainer_size(int32_t slots, int32_t adam) {
    (void)slots, (void)adam;
    return sizeof(weft_trainer);
}

static weft_status trainer_init(void *memory, size_t bytes, int32_t slots, int32_t adam, const char *isa,
                                const weft_threads *threads, weft_trainer **trainer) {
    (void)isa, (void)threads;
    if (bytes < sizeof(weft_trainer)) {
        return WEFT_TOO_SMALL;
    }
    if (slots > SLOTS) {
        return WEFT_BAD_ARGUMENT;
    }
    *trainer = memory;
    memset(*trainer, 0, sizeof **trainer);
    (*trainer)->adam = adam;
    return WEFT_OK;
}

static const char *trainer_isa(const weft_trainer *trainer) {
    (void)trainer;
    return "portable";
}

static float *parameters(weft_trainer *trainer) {
    return trainer->parameters;
}

static float *first_moments(weft_trainer *trainer) {
    return trainer->first;
}

static float *second_moments(weft_trainer *trainer) {
    return trainer->adam ? trainer->second : NULL;
}

static const float *gradient(weft_trainer *trainer, int32_t slot) {
    return trainer->gradient[slot];
}

static int64_t *clocks(weft_trainer *trainer) {
    return trainer->clocks;
}

static int32_t *row_lags(weft_trainer *trainer, uint32_t parameter) {
    return parameter == 0 ? trainer->row_lags : NULL;
}

static double *lag_table(weft_trainer *trainer, uint32_t parameter, int32_t *length) {
    *length = parameter == 0 ? trainer->lag_length : 0;
    return parameter == 0 ? trainer->lag_table[0] : NULL;
}

static weft_status set_lag_length(weft_trainer *trainer, uint32_t parameter, int32_t length) {
    if (parameter != 0 || length < 0 || length > LAGS) {
        return WEFT_BAD_ARGUMENT;
    }
    trainer->lag_length = length;
    return WEFT_OK;
}

static void changed(weft_trainer *trainer) {
    trainer->changes++;
}

/* There is nothing to prune. */
static weft_status set_mask(weft_trainer *trainer, int32_t task, const uint8_t *mask) {
    (void)trainer, (void)mask;
    return task == 0 ? WEFT_OK : WEFT_BAD_ARGUMENT;
}

static size_t workspace_size(const weft_extent *extent) {
    return (size_t)extent->tokens * TINY_LABELS * sizeof(float);
}

static weft_status forward(weft_trainer *trainer, void *workspace, size_t bytes, const weft_batch *batch,
                           uint64_t tasks, const weft_random *random, double *losses) {
    if (bytes < workspace_size(&batch->extent)) {
        return WEFT_TOO_SMALL;
    }
    (void)tasks;
    float *p = trainer->probabilities = workspace;
    const float *noise = random->injected && !random->is_off ? random->injected[0] : NULL;
    double loss = 0;
    int32_t labelled = 0;
    for (int32_t i = 0; i < batch->extent.tokens; i++, p += TINY_LABELS) {
        float sum = 0;
        for (int32_t l = 0; l < TINY_LABELS; l++) {
            p[l] = expf(trainer->parameters[batch->inputs[0][i] * TINY_LABELS + l] +
                        trainer->parameters[TINY_BIAS + l] + (noise ? noise[i * TINY_LABELS + l] : 0));
            sum += p[l];
        }
        for (int32_t l = 0; l < TINY_LABELS; l++) {
            p[l] /= sum;
        }
        const int32_t label = batch->inputs[1][i];
        if (label >= 0) {
            loss -= log(p[label]);
            labelled++;
        }
    }
    losses[0] = labelled ? loss / labelled : 0;
    return WEFT_OK;
}

static weft_status backward(weft_trainer *trainer, void *workspace, const weft_batch *batch, uint64_t tasks,
                            const float *seeds, int32_t slot) {
    if (workspace != trainer->probabilities) {
        return WEFT_BAD_ARGUMENT;
    }
    (void)tasks;
    int32_t labelled = 0;
    for (int32_t i = 0; i < batch->extent.tokens; i++) {
        labelled += batch->inputs[1][i] >= 0;
    }
    for (int32_t i = 0; i < batch->extent.tokens; i++) {
        for (int32_t l = 0; l < TINY_LABELS && batch->inputs[1][i] >= 0; l++) {
            const float d = seeds[0] / (float)labelled *
                            (trainer->probabilities[i * TINY_LABELS + l] - (batch->inputs[1][i] == l));
            trainer->gradient[slot][batch->inputs[0][i] * TINY_LABELS + l] += d;
            trainer->gradient[slot][TINY_BIAS + l] += d;
        }
    }
    return WEFT_OK;
}

static void zero(weft_trainer *trainer, int32_t slot) {
    memset(trainer->gradient[slot], 0, sizeof trainer->gradient[slot]);
}

static double dot(const weft_trainer *trainer, int32_t slot, int32_t other, uint64_t tasks) {
    double sum = 0;
    for (int i = 0; i < TINY_FLOATS; i++)
        sum += (double)trainer->gradient[slot][i] * (double)trainer->gradient[other][i];
    return tasks ? sum : 0;
}

static double sum_of_squares(const weft_trainer *trainer, int32_t slot, uint64_t tasks) {
    return dot(trainer, slot, slot, tasks);
}

static void axpy(weft_trainer *trainer, float factor, int32_t from, int32_t to, uint64_t tasks) {
    if (tasks) {
        for (int i = 0; i < TINY_FLOATS; i++)
            trainer->gradient[to][i] += factor * trainer->gradient[from][i];
    }
}

/* Plain descent: an update that a row misses leaves it as it is. */
static weft_status apply(weft_trainer *trainer, int32_t slot, uint64_t tasks, const weft_update *update) {
    (void)tasks;
    for (int32_t i = 0; i < TINY_FLOATS; i++) {
        trainer->first[i] = update->momentum * trainer->first[i] + update->gradient_scale * trainer->gradient[slot][i];
        trainer->parameters[i] -= update->rate * trainer->first[i];
    }
    trainer->clocks[0]++;
    trainer->clocks[1]++;
    if (trainer->lag_length == LAGS) {
        memset(trainer->row_lags, 0, sizeof trainer->row_lags);
        trainer->lag_length = 0;
    }
    const double identity[4] = {1, 0, 0, 1};
    memcpy(trainer->lag_table[trainer->lag_length++], identity, sizeof identity);
    for (int32_t row = 0; row < TINY_WORDS; row++) {
        trainer->row_lags[row] = trainer->gradient[slot][row * TINY_LABELS] == 0 ? trainer->row_lags[row] + 1 : 0;
    }
    return WEFT_OK;
}

static void catch_up(weft_trainer *trainer) {
    memset(trainer->row_lags, 0, sizeof trainer->row_lags);
    trainer->lag_length = 0;
}

static void snapshot(const weft_trainer *trainer, float *target) {
    memcpy(target, trainer->parameters, sizeof trainer->parameters);
}

static void average(const weft_trainer *trainer, float decay, float *target) {
    for (int32_t i = 0; i < TINY_FLOATS; i++) {
        target[i] = decay * target[i] + (1 - decay) * trainer->parameters[i];
    }
}

static const weft_training table = {
    WEFT_ABI_VERSION, &tables, trainer_size, trainer_init, trainer_isa, parameters, first_moments, second_moments,
    gradient, clocks, row_lags, lag_table, set_lag_length, LAGS, changed, set_mask, workspace_size, forward, backward, zero,
    sum_of_squares, dot, axpy, apply, catch_up, snapshot, average};

__attribute__((visibility("default"))) const weft_training *weft_tiny_train(uint32_t max_abi);
const weft_training *weft_tiny_train(uint32_t max_abi) {
    (void)max_abi;
    return &table;
}
