#include "tiny.h"

#include <math.h>
#include <string.h>

#ifndef TINY_ABI
#define TINY_ABI WEFT_ABI_VERSION
#endif

struct weft_model {
    float parameters[TINY_FLOATS];
    const char *isa;
};

static const weft_input inputs[] = {{"word", WEFT_TOKEN, TINY_WORDS}, {"form", WEFT_TOKEN, INT32_MAX}};
static const weft_tables tables = TINY_TABLES(inputs, 2, "fast portable");

static size_t model_size(void) {
    return sizeof(weft_model);
}

static weft_status model_open(void *memory, size_t bytes, const float *parameters, const char *isa, weft_model **model) {
    if (bytes < sizeof(weft_model)) {
        return WEFT_TOO_SMALL;
    }
    if (((uintptr_t)memory | (uintptr_t)parameters) % WEFT_ALIGNMENT != 0) {
        return WEFT_BAD_ARGUMENT;
    }
    /* No processor has the instruction set "fast". */
    if (isa && strcmp(isa, "fast") == 0) {
        return WEFT_NOT_SUPPORTED;
    }
    *model = memory;
    memcpy((*model)->parameters, parameters, sizeof (*model)->parameters);
    (*model)->isa = "portable";
    return WEFT_OK;
}

static const char *model_isa(const weft_model *model) {
    return model->isa;
}

static size_t workspace_size(const weft_extent *extent) {
    return (size_t)extent->tokens * (2 * TINY_LABELS + 1) * sizeof(float);
}

struct job {
    const weft_model *model;
    const weft_batch *batch;
    float *scores, *probabilities;
    int32_t *prediction;
};

/* One half of the tokens. */
static void run_half(void *argument, int32_t half) {
    const struct job *job = argument;
    const int32_t n = job->batch->extent.tokens, middle = n / 2;
    for (int32_t i = half ? middle : 0; i < (half ? n : middle); i++) {
        const float *row = job->model->parameters + job->batch->inputs[0][i] * TINY_LABELS;
        float *scores = job->scores + i * TINY_LABELS, *p = job->probabilities + i * TINY_LABELS, sum = 0;
        int32_t best = 0;
        for (int32_t l = 0; l < TINY_LABELS; l++) {
            scores[l] = row[l] + job->model->parameters[TINY_BIAS + l];
            best = scores[l] > scores[best] ? l : best;
            sum += p[l] = expf(scores[l]);
        }
        for (int32_t l = 0; l < TINY_LABELS; l++) {
            p[l] /= sum;
        }
        job->prediction[i] = best;
    }
}

static weft_status run(const weft_model *model, const weft_threads *threads, void *workspace, size_t bytes,
                       const weft_batch *batch, uint64_t tasks, uint32_t wanted, weft_output *outputs) {
    if (bytes < workspace_size(&batch->extent)) {
        return WEFT_TOO_SMALL;
    }
    if (tasks != 1) {
        return WEFT_BAD_ARGUMENT;
    }
    const size_t n = (size_t)batch->extent.tokens;
    float *scores = workspace;
    struct job job = {model, batch, scores, scores + n * TINY_LABELS, (int32_t *)(scores + 2 * n * TINY_LABELS)};
    if (threads) {
        threads->parallel(threads->context, run_half, &job, 2);
    } else {
        run_half(&job, 0);
        run_half(&job, 1);
    }
    outputs[0] = (weft_output){scores, wanted & WEFT_PREDICTION ? job.prediction : NULL,
                               wanted & WEFT_PROBABILITIES ? job.probabilities : NULL};
    return WEFT_OK;
}

static size_t nbest_size(int32_t task, int32_t tokens, int32_t n) {
    (void)task, (void)tokens, (void)n;
    return 64;
}

/* Only one token: its labels by falling score. */
static weft_status nbest(const weft_model *model, int32_t task, int32_t tokens, const float *scores, int32_t n,
                         void *workspace, size_t bytes, int32_t *paths, float *log_probabilities, int32_t *found) {
    (void)model, (void)task, (void)workspace, (void)bytes;
    if (tokens != 1) {
        return WEFT_BAD_ARGUMENT;
    }
    float sum = 0;
    int used[TINY_LABELS] = {0};
    for (int32_t l = 0; l < TINY_LABELS; l++) {
        sum += expf(scores[l]);
    }
    for (*found = 0; *found < n && *found < TINY_LABELS; (*found)++) {
        int32_t best = -1;
        for (int32_t l = 0; l < TINY_LABELS; l++) {
            best = !used[l] && (best < 0 || scores[l] > scores[best]) ? l : best;
        }
        used[best] = 1;
        paths[*found] = best;
        log_probabilities[*found] = scores[best] - logf(sum);
    }
    return WEFT_OK;
}

static const weft_inference table = {TINY_ABI, &tables, model_size, model_open, model_isa, workspace_size,
                                     run, nbest_size, nbest};

__attribute__((visibility("default"))) const weft_inference *weft_tiny(uint32_t max_abi);
const weft_inference *weft_tiny(uint32_t max_abi) {
#ifdef TINY_NEEDS
    return max_abi >= TINY_NEEDS ? &table : NULL;
#else
    (void)max_abi;
    return &table;
#endif
}
