/* What a generated library and its host agree on. Generated files hold a copy of these declarations, so that
   they stand alone; the host compares WEFT_ABI_VERSION before it touches anything else. */
#ifndef WEFT_ABI_H
#define WEFT_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_ABI_VERSION 2u

/* Alignment of every memory block that the host supplies, in bytes. */
#define WEFT_ALIGNMENT 64u

typedef enum weft_status {
    WEFT_OK = 0,
    WEFT_BAD_ARGUMENT = 1, /* a count, id or pointer that cannot be */
    WEFT_TOO_SMALL = 2,    /* the memory given is smaller than the size function says */
    WEFT_NOT_SUPPORTED = 3 /* an instruction set that this processor or library lacks */
} weft_status;

/* The index sets, in the order of weft_extent. */
typedef enum weft_rows {
    WEFT_ONE = 0,
    WEFT_SENTENCE = 1,
    WEFT_TOKEN = 2,
    WEFT_FORM = 3,
    WEFT_SCALAR = 4
} weft_rows;

/* How large a batch is. */
typedef struct weft_extent {
    int32_t sentences, tokens, forms, scalars;
    int32_t longest_sentence; /* tokens */
    int32_t longest_form;     /* scalars */
} weft_extent;

/* A mini-batch in the time-major packed layout: the tokens at position t of the active sentences, longest
   sentence first, are rows token_offsets[t] to token_offsets[t + 1] - 1; scalars of the forms likewise. */
typedef struct weft_batch {
    weft_extent extent;
    const int32_t *token_offsets;  /* [longest_sentence + 1] */
    const int32_t *scalar_offsets; /* [longest_form + 1] */
    const int32_t *sentence_ids;   /* [sentences]: keys of the random streams */
    const int32_t *const *inputs;  /* one for each entry of the library's input table */
} weft_batch;

/* Splits work: calls run(argument, i) once for each i < count, possibly at the same time, and returns when
   all are done. A null pointer in its place means: one after the other. */
typedef struct weft_threads {
    void (*parallel)(void *context, void (*run)(void *argument, int32_t index), void *argument,
                     int32_t count);
    void *context;
} weft_threads;

/* ---- tables ----------------------------------------------------------------------------------------- */

enum { WEFT_PRUNABLE = 1, WEFT_ROW_SPARSE = 2, WEFT_TRAINABLE = 4 };

typedef struct weft_parameter {
    const char *name;
    uint64_t offset;        /* floats from the start of the parameter block; a multiple of 16 */
    uint32_t rows, columns; /* row-major, no padding between rows */
    uint32_t flags;
    uint64_t tasks; /* bit t: task t reaches this parameter */
} weft_parameter;

typedef struct weft_input {
    const char *name;
    weft_rows rows;
    int32_t limit; /* ids must be below it */
} weft_input;

typedef struct weft_task {
    const char *name;
    int32_t labels;
    int32_t is_crf;
} weft_task;

/* A source of random values in training. */
typedef struct weft_site {
    const char *name;
    weft_rows rows;
    int32_t columns;
} weft_site;

typedef struct weft_tables {
    const char *name, *tool_version, *architecture_hash;
    const char *instruction_sets; /* compiled in, best first, separated by spaces */
    uint32_t parameter_count, input_count, task_count, site_count;
    const weft_parameter *parameters;
    const weft_input *inputs;
    const weft_task *tasks;
    const weft_site *sites;
    uint64_t parameter_floats; /* length of the parameter block */
    uint64_t prunable_weights; /* length of a mask: the weights of the parameters with WEFT_PRUNABLE */
} weft_tables;

/* ---- inference -------------------------------------------------------------------------------------- */

typedef struct weft_model weft_model; /* packed weights, read only once opened */

/* Where results are, for one task; rows are tokens in packed order. Valid until the next call with the
   workspace. */
typedef struct weft_output {
    const float *scores;        /* [tokens x labels] */
    const int32_t *prediction;  /* [tokens] */
    const float *probabilities; /* [tokens x labels] softmax or CRF marginals; null unless asked for */
} weft_output;

enum { WEFT_PREDICTION = 1, WEFT_PROBABILITIES = 2 };

typedef struct weft_inference {
    uint32_t abi;
    const weft_tables *tables;
    /* Bytes of a model in memory. */
    size_t (*model_size)(void);
    /* Packs a parameter block (canonical layout of the parameter table) into memory. isa: name, or null for
       the best. */
    weft_status (*model_open)(void *memory, size_t bytes, const float *parameters, const char *isa,
                              weft_model **model);
    const char *(*model_isa)(const weft_model *model);
    /* Bytes that run needs for a batch of this extent. */
    size_t (*workspace_size)(const weft_extent *extent);
    /* Scores, predictions and (if asked) probabilities of the tasks whose bits are set. outputs: one for each
       task. */
    weft_status (*run)(const weft_model *model, const weft_threads *threads, void *workspace, size_t bytes,
                       const weft_batch *batch, uint64_t tasks, uint32_t wanted, weft_output *outputs);
    /* The n best label sequences of one sentence from its scores [tokens x labels], best first. paths: [n x
       tokens], log_probabilities: [n]. found: how many there are. */
    size_t (*nbest_size)(int32_t task, int32_t tokens, int32_t n);
    weft_status (*nbest)(const weft_model *model, int32_t task, int32_t tokens, const float *scores,
                         int32_t n, void *workspace, size_t bytes, int32_t *paths, float *log_probabilities,
                         int32_t *found);
} weft_inference;

/* ---- training --------------------------------------------------------------------------------------- */

typedef struct weft_trainer weft_trainer; /* parameters, gradients, optimiser state, packed weights */

typedef enum weft_optimizer { WEFT_SGD = 0, WEFT_ADAM = 1, WEFT_ADAMW = 2 } weft_optimizer;

/* One update. */
typedef struct weft_update {
    weft_optimizer optimizer;
    int32_t nesterov;
    /* nonzero: Adam moves the rows of a table that have no gradient too, as its old moments say */
    int32_t dense;
    float rate, momentum, decay, beta1, beta2, epsilon;
    float gradient_scale; /* every gradient is multiplied by it first (clipping by norm, accumulation) */
    float clip_value;     /* then clamped to plus or minus this; infinity: not at all */
    /* nonzero: weights outside the tasks' masks move too, by momentum and decay, with gradient 0 */
    int32_t ignore_masks;
} weft_update;

/* Keys of the random streams of one forward pass, and values that replace them. */
typedef struct weft_random {
    uint64_t seed;
    uint64_t task;  /* index of the task the step is for; the number of tasks for a joint step */
    uint64_t step;  /* steps of that task so far */
    int32_t is_off; /* nonzero: no dropout, noise or replacement (dev loss) */
    const float *const *injected; /* null, or for each site null or values [rows x columns] in packed order */
} weft_random;

typedef struct weft_training {
    uint32_t abi;
    const weft_tables *tables;
    /* slots: gradient blocks, at least 1. adam: nonzero if Adam's second moments are wanted. */
    size_t (*trainer_size)(int32_t slots, int32_t adam);
    weft_status (*trainer_init)(void *memory, size_t bytes, int32_t slots, int32_t adam, const char *isa,
                                const weft_threads *threads, weft_trainer **trainer);
    const char *(*trainer_isa)(const weft_trainer *trainer);

    /* State, for initialisation and checkpoints; all in the canonical layout. */
    float *(*parameters)(weft_trainer *trainer);     /* call changed() after writing */
    float *(*first_moments)(weft_trainer *trainer);  /* momentum, or Adam's m */
    float *(*second_moments)(weft_trainer *trainer); /* Adam's v, or null */
    const float *(*gradient)(weft_trainer *trainer, int32_t slot);
    int64_t *(*clocks)(weft_trainer *trainer); /* [parameters]: updates so far */
    /* [rows]: updates since the last catch_up that a row has seen; row-sparse parameters only, else null */
    int32_t *(*row_lags)(weft_trainer *trainer, uint32_t parameter);
    /* [length x 4]: row k maps (w, v) over the last k + 1 updates */
    double *(*lag_table)(weft_trainer *trainer, uint32_t parameter, int32_t *length);
    weft_status (*set_lag_length)(weft_trainer *trainer, uint32_t parameter, int32_t length);
    int32_t lag_capacity;
    void (*changed)(weft_trainer *trainer);
    /* Which weights a task uses (M_t of Sun et al. 2020): [prunable_weights] bytes, 0 or 1, of the prunable
       parameters in the order of the table, row-major; copied. Null: all of them, as at first. Passes of the
       task read M_t times the parameters, its gradient is 0 outside, and its updates change neither weights
       nor moments there. A forward pass must come between this and the next backward. */
    weft_status (*set_mask)(weft_trainer *trainer, int32_t task, const uint8_t *mask);

    /* Bytes that forward and backward need for a batch of this extent. */
    size_t (*workspace_size)(const weft_extent *extent);

    /* Losses of the tasks whose bits are set: losses[task] (mean over the batch, in nats). Keeps what
       backward needs. WEFT_BAD_ARGUMENT if the tasks' masks differ (one without a mask differs from one with
       a mask). */
    weft_status (*forward)(weft_trainer *trainer, void *workspace, size_t bytes, const weft_batch *batch,
                           uint64_t tasks, const weft_random *random, double *losses);
    /* Adds the gradient of the sum over tasks of seeds[task] * loss to a slot. Follows forward with the same
       batch, once: gradients take the place of what forward kept. Under a mask, the slot must hold nothing or
       gradients under the same mask, else WEFT_BAD_ARGUMENT: gradients under different masks are formed in
       slots of their own and added by axpy. */
    weft_status (*backward)(weft_trainer *trainer, void *workspace, const weft_batch *batch, uint64_t tasks,
                            const float *seeds, int32_t slot);
    void (*zero)(weft_trainer *trainer, int32_t slot);
    /* Over the update set of the tasks: the parameters that at least one of them reaches. */
    double (*sum_of_squares)(const weft_trainer *trainer, int32_t slot, uint64_t tasks);
    double (*dot)(const weft_trainer *trainer, int32_t slot, int32_t other, uint64_t tasks);
    void (*axpy)(weft_trainer *trainer, float factor, int32_t from, int32_t to, uint64_t tasks);
    /* One update of that set, under the tasks' mask. WEFT_BAD_ARGUMENT if their masks differ and are not to
       be ignored. Adam's bias correction counts the updates of a parameter, not of each of its weights. */
    weft_status (*apply)(weft_trainer *trainer, int32_t slot, uint64_t tasks, const weft_update *update);
    /* Brings rows that have missed updates up to date: at an epoch's end, never for saving or scoring. */
    void (*catch_up)(weft_trainer *trainer);
    /* Parameters as they would be after catch_up, without changing the trainer. */
    void (*snapshot)(const weft_trainer *trainer, float *parameters);
    /* average = decay * average + (1 - decay) * snapshot. */
    void (*average)(const weft_trainer *trainer, float decay, float *average);
} weft_training;

typedef const weft_inference *(*weft_inference_query)(uint32_t max_abi);
typedef const weft_training *(*weft_training_query)(uint32_t max_abi);

#ifdef __cplusplus
}
#endif

#endif
