// swift-format-ignore-file
// Written by `make templates` from Templates/; do not edit.

/// The templates by their path under `Templates/`, without `.c.in`.
enum EmbeddedTemplates {
  static let texts: [String: String] = [
    "abi": ##"""
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

"""##,
    "blocks/block_sparse": ##"""
// Rows whose products are formed at the same time, at most.
enum { block_sparse_most_@ISA@ = @BLOCK_SPARSE_ROWS@ };

// Adds the products of one kept block.
INLINE_@ISA@ void block_sparse_block_@ISA@(const struct sparse_product_@ISA@ *p, const struct block_sparse *m, size_t block, size_t row, const size_t rows, vec_@ISA@ *sum) {
    enum { slices = 16 / WIDTH_@ISA@ };
    const float *x = p->x + row * p->x_stride + m->inputs[block];
    UNROLL
    for (size_t s = 0; s < slices; s++) {
        const vec_@ISA@ w = vec_load_@ISA@(m->weights + 16 * block + s * WIDTH_@ISA@);
        UNROLL
        for (size_t r = 0; r < rows; r++) {
            const vec_@ISA@ spread = vec_set1_@ISA@(x[r * p->x_stride]);
            sum[r * slices + s] = vec_fma_@ISA@(spread, w, sum[r * slices + s]);
        }
    }
}

// The products of 16 columns, `rows` rows from `row` on. Counts are constants at each call, so that sums are
// registers.
INLINE_@ISA@ void block_sparse_columns_@ISA@(const struct sparse_product_@ISA@ *p, const struct block_sparse *m, size_t row, size_t vector, float *y, size_t y_stride, const size_t rows) {
    const size_t count = rows * (16 / WIDTH_@ISA@), chains = sparse_chains_@ISA@(count);
    vec_@ISA@ sum[SPARSE_SUMS_@ISA@];
    UNROLL
    for (size_t i = 0; i < chains * count; i++)
        sum[i] = (vec_@ISA@){0};
    size_t block = m->starts[vector];
    const size_t end = m->starts[vector + 1];
    for (; block + chains <= end; block += chains) {
        UNROLL
        for (size_t chain = 0; chain < chains; chain++)
            block_sparse_block_@ISA@(p, m, block + chain, row, rows, sum + chain * count);
    }
    for (; block < end; block++)
        block_sparse_block_@ISA@(p, m, block, row, rows, sum);
    sparse_store_@ISA@(p, row, vector, sum, y, y_stride, rows);
}

// All columns of `rows` rows, at most block_sparse_most_@ISA@.
static TARGET_@ISA@ void block_sparse_rows_@ISA@(const struct sparse_product_@ISA@ *p, size_t row, float *y, size_t y_stride, size_t rows) {
    const struct block_sparse m = block_sparse_matrix(p->columns, p->words);
    switch (rows) {
@BLOCK_SPARSE_CASES@
    }
}

"""##,
    "blocks/char_conv": ##"""
// Takes the sums of position t into the running maxima of one form.
INLINE_@ISA@ void char_conv_maximum_@ISA@(const size_t filters, int32_t t, const float *sums, float *y, int32_t *argmax) {
    const uvec_@ISA@ position = uvec_set1_@ISA@((uint32_t)t);
    for (size_t filter = 0; filter < filters; filter += WIDTH_@ISA@) {
        const size_t n = lanes(filters, filter, WIDTH_@ISA@);
        const vec_@ISA@ sum = vec_load_partial_@ISA@(sums + filter, n);
        vec_@ISA@ best = sum;
        uvec_@ISA@ where = position;
        if (t > 0) {
            const vec_@ISA@ old = vec_load_partial_@ISA@(y + filter, n);
            best = vec_select_@ISA@(sum, old, sum, old);
            if (argmax != NULL) {
                where = uvec_load_partial_@ISA@((const uint32_t *)argmax + filter, n);
                where = uvec_select_@ISA@(sum, old, position, where);
            }
        }
        vec_store_partial_@ISA@(y + filter, best, n);
        if (argmax != NULL)
            uvec_store_partial_@ISA@((uint32_t *)argmax + filter, where, n);
    }
}

// Bias and activation, which do not move the maximum.
INLINE_@ISA@ void char_conv_finish_@ISA@(const size_t filters, const int relu, const float *bias, float *y) {
    for (size_t filter = 0; filter < filters; filter += WIDTH_@ISA@) {
        const size_t n = lanes(filters, filter, WIDTH_@ISA@);
        vec_@ISA@ value = vec_load_partial_@ISA@(y + filter, n);
        value += vec_load_partial_@ISA@(bias + filter, n);
        if (relu)
            value = vec_max_@ISA@(vec_set1_@ISA@(0.0f), value);
        vec_store_partial_@ISA@(y + filter, value, n);
    }
}

"""##,
    "blocks/char_conv_gradient": ##"""
// [filters x inputs x width] as [filters x width x inputs], inputs padded with zeros to a multiple of 16.
INLINE_@ISA@ void conv_turn_@ISA@(const size_t inputs, const size_t width, size_t filters, const float *weight, float *taps) {
    const size_t padded = (inputs + 15) / 16 * 16;
    for (size_t filter = 0; filter < filters; filter++, weight += width * inputs)
        for (size_t tap = 0; tap < width; tap++, taps += padded)
            for (size_t input = 0; input < padded; input++)
                taps[input] = input < inputs ? weight[input * width + tap] : 0.0f;
}

// Adds what has been turned so to what has not.
INLINE_@ISA@ void conv_add_turned_@ISA@(const size_t inputs, const size_t width, size_t filters, const float *taps, float *weight) {
    const size_t padded = (inputs + 15) / 16 * 16;
    for (size_t filter = 0; filter < filters; filter++, weight += width * inputs)
        for (size_t tap = 0; tap < width; tap++, taps += padded)
            for (size_t input = 0; input < inputs; input++)
                weight[input * width + tap] += taps[input];
}

// y += a x for a padded y: what is stored in part could not be forwarded to the next sum.
INLINE_@ISA@ void conv_add_@ISA@(const size_t count, float a, const float *x, float *y) {
    const vec_@ISA@ factor = vec_set1_@ISA@(a);
    for (size_t i = 0; i < count; i += WIDTH_@ISA@) {
        const vec_@ISA@ term = vec_load_partial_@ISA@(x + i, lanes(count, i, WIDTH_@ISA@));
        vec_store_@ISA@(y + i, vec_fma_@ISA@(factor, term, vec_load_@ISA@(y + i)));
    }
}

// y += x
INLINE_@ISA@ void conv_add_row_@ISA@(const size_t count, const float *x, float *y) {
    for (size_t i = 0; i < count; i += WIDTH_@ISA@) {
        const size_t n = lanes(count, i, WIDTH_@ISA@);
        vec_store_partial_@ISA@(y + i, vec_load_@ISA@(x + i) + vec_load_partial_@ISA@(y + i, n), n);
    }
}

"""##,
    "blocks/crf": ##"""
// Eight doubles, whatever the registers: lattices need the range of double more than the speed of
// float.
typedef double wide_@ISA@ __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t wide_bits_@ISA@ __attribute__((vector_size(64), aligned(8), may_alias));

// e^x of 8 k values in place, relative error 1e-8; 0 below -700.
INLINE_@ISA@ void crf_exp_@ISA@(double *x, size_t padded) {
    for (size_t i = 0; i < padded; i += 8) {
        wide_@ISA@ *at = (wide_@ISA@ *)(x + i);
        const wide_bits_@ISA@ inside = *at > -700.0;
        const wide_@ISA@ value = (wide_@ISA@)((wide_bits_@ISA@)*at & inside);
        // Adding 1.5 * 2^52 + 1023 leaves the exponent of the result in the low bits of the sum.
        const wide_@ISA@ biased = value * 1.4426950408889634 + 6755399441056767.0;
        const wide_@ISA@ r = value - (biased - 6755399441056767.0) * 0.69314718055994531;
        wide_@ISA@ s = r * (1.0 / 5040.0) + 1.0 / 720.0;
        s = s * r + 1.0 / 120.0;
        s = s * r + 1.0 / 24.0;
        s = s * r + 1.0 / 6.0;
        s = s * r + 0.5;
        s = (s * r + 1.0) * r + 1.0;
        const wide_@ISA@ scaled = s * (wide_@ISA@)((wide_bits_@ISA@)biased << 52);
        *at = (wide_@ISA@)((wide_bits_@ISA@)scaled & inside);
    }
}

// Natural logarithm of any non-negative double, absolute error 1e-7 around 1.
INLINE_@ISA@ double crf_log_@ISA@(double x) {
    if (!(x > 0.0))
        return x < 0.0 || x == 0.0 ? -INFINITY : x;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int64_t exponent = (int64_t)(bits >> 52) - 1023;
    bits = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    memcpy(&x, &bits, sizeof x);
    return (double)exponent * 0.69314718055994531 + (double)logf((float)x);
}

// y = x M for M [labels x padded].
INLINE_@ISA@ void crf_step_@ISA@(const size_t labels, const size_t padded, const double *x, const double *m, double *y) {
    for (size_t column = 0; column < padded; column += 8) {
        wide_@ISA@ even = {0}, odd = {0};
        for (size_t i = 0; i + 1 < labels; i += 2) {
            even += x[i] * *(const wide_@ISA@ *)(m + i * padded + column);
            odd += x[i + 1] * *(const wide_@ISA@ *)(m + (i + 1) * padded + column);
        }
        if (labels % 2 == 1)
            even += x[labels - 1] * *(const wide_@ISA@ *)(m + (labels - 1) * padded + column);
        *(wide_@ISA@ *)(y + column) = even + odd;
    }
}

// y = x * z, element by element, and the sum of y.
INLINE_@ISA@ double crf_multiply_@ISA@(size_t padded, const double *x, const double *z, double *y) {
    wide_@ISA@ sum = {0};
    for (size_t i = 0; i < padded; i += 8) {
        const wide_@ISA@ value = *(const wide_@ISA@ *)(x + i) * *(const wide_@ISA@ *)(z + i);
        *(wide_@ISA@ *)(y + i) = value;
        sum += value;
    }
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

// y += a x
INLINE_@ISA@ void crf_add_@ISA@(size_t padded, double a, const double *x, double *y) {
    for (size_t i = 0; i < padded; i += 8)
        *(wide_@ISA@ *)(y + i) += a * *(const wide_@ISA@ *)(x + i);
}

INLINE_@ISA@ void crf_scale_@ISA@(size_t padded, double factor, double *x) {
    for (size_t i = 0; i < padded; i += 8)
        *(wide_@ISA@ *)(x + i) *= factor;
}

// Exponentials of the transitions, into work of 2 labels * padded doubles.
INLINE_@ISA@ struct crf_tables crf_tables_@ISA@(const size_t labels, const struct crf *crf, double *work) {
    const size_t padded = (labels + 7) / 8 * 8;
    struct crf_tables tables = {padded, -INFINITY, work, work + labels * padded};
    for (size_t i = 0; i < labels * labels; i++) {
        if (crf_allows(crf->allowed, i) && (double)crf->transitions[i] > tables.peak)
            tables.peak = (double)crf->transitions[i];
    }
    if (!(tables.peak > -INFINITY))
        tables.peak = 0.0;
    for (size_t i = 0; i < labels; i++) {
        for (size_t j = 0; j < padded; j++) {
            double *score = tables.from + i * padded + j;
            *score = -INFINITY;
            if (j < labels && crf_allows(crf->allowed, i * labels + j))
                *score = (double)crf->transitions[i * labels + j] - tables.peak;
        }
    }
    crf_exp_@ISA@(tables.from, labels * padded);
    for (size_t j = 0; j < labels; j++) {
        for (size_t i = 0; i < padded; i++)
            tables.to[j * padded + i] = i < labels ? tables.from[i * padded + j] : 0.0;
    }
    return tables;
}

// The lattice of a sentence over all paths, with (2 tokens + 3) * padded doubles of work.
INLINE_@ISA@ struct crf_lattice crf_lattice_@ISA@(const struct crf *crf, struct crf_tables tables, const int32_t *offsets, int32_t steps, int32_t sentence, const float *scores, size_t stride, double *work) {
    const size_t tokens = crf_tokens(offsets, steps, sentence);
    const struct crf_lattice lattice = {
        .crf = crf,
        .tables = tables,
        .offsets = offsets,
        .sentence = (size_t)sentence,
        .tokens = tokens,
        .scores = scores,
        .stride = stride,
        .backward = work,
        .emission = work + 3 * tables.padded,
        .forward = work + (tokens + 3) * tables.padded,
    };
    return lattice;
}

// The same for one sentence whose scores are [tokens x labels].
INLINE_@ISA@ struct crf_lattice crf_sentence_@ISA@(const struct crf *crf, struct crf_tables tables, size_t tokens, const float *scores, const size_t labels, double *work) {
    const struct crf_lattice lattice = {
        .crf = crf,
        .tables = tables,
        .tokens = tokens,
        .scores = scores,
        .stride = labels,
        .backward = work,
        .emission = work + 3 * tables.padded,
        .forward = work + (tokens + 3) * tables.padded,
    };
    return lattice;
}

// Exponentials of the scores of token t, start and end scores with them, 0 for labels that are
// excluded; the log of their scale.
INLINE_@ISA@ double crf_emit_@ISA@(const size_t labels, const struct crf_lattice *lattice, size_t t) {
    const struct crf *crf = lattice->crf;
    const size_t row = crf_row(lattice, t), padded = lattice->tables.padded;
    const int first = t == 0, last = t + 1 == lattice->tokens;
    const int32_t known = lattice->labels != NULL ? lattice->labels[row] : -1;
    double *e = lattice->emission + t * padded, peak = -INFINITY;
    for (size_t j = 0; j < padded; j++) {
        e[j] = -INFINITY;
        if (j >= labels || (known >= 0 && j != (size_t)known))
            continue;
        e[j] = (double)crf_single_score(crf, lattice->scores[row * lattice->stride + j], j, first, last);
        if (e[j] > peak || e[j] != e[j])
            peak = e[j];
    }
    if (peak == -INFINITY)
        peak = 0.0;
    for (size_t j = 0; j < padded; j++)
        e[j] -= peak;
    crf_exp_@ISA@(e, padded);
    return peak;
}

// Forward probabilities, each token's scaled to sum to 1; the log of the sum over all paths.
INLINE_@ISA@ double crf_forward_@ISA@(const size_t labels, const struct crf_lattice *lattice) {
    const size_t padded = lattice->tables.padded;
    double log_sum = lattice->tables.peak * (double)(lattice->tokens - 1);
    for (size_t t = 0; t < lattice->tokens; t++) {
        double *forward = lattice->forward + t * padded;
        log_sum += crf_emit_@ISA@(labels, lattice, t);
        if (t == 0)
            for (size_t j = 0; j < padded; j++)
                forward[j] = 1.0;
        else
            crf_step_@ISA@(labels, padded, forward - padded, lattice->tables.from, forward);
        const double sum = crf_multiply_@ISA@(padded, forward, lattice->emission + t * padded, forward);
        log_sum += crf_log_@ISA@(sum);
        crf_scale_@ISA@(padded, 1.0 / sum, forward);
    }
    return log_sum;
}

// Adds the expectations of token t, whose probabilities are given.
INLINE_@ISA@ void crf_expect_@ISA@(const size_t labels, const struct crf_lattice *lattice, size_t t, const double *probability, const struct crf_expectations *to) {
    float *scores = to->scores + crf_row(lattice, t) * to->stride;
    for (size_t j = 0; j < labels; j++) {
        const float value = to->factor * (float)probability[j];
        scores[j] += value;
        if (t == 0 && to->start != NULL)
            to->start[j] += value;
        if (t + 1 == lattice->tokens && to->end != NULL)
            to->end[j] += value;
    }
}

// Adds the expectations of labels and of pairs of labels, after crf_forward.
INLINE_@ISA@ void crf_backward_@ISA@(const size_t labels, const struct crf_lattice *lattice, const struct crf_expectations *to) {
    const size_t padded = lattice->tables.padded;
    double *backward = lattice->backward, *ahead = backward + padded, *probability = ahead + padded;
    for (size_t j = 0; j < padded; j++)
        backward[j] = 1.0;
    for (size_t t = lattice->tokens; t-- > 0;) {
        const double *forward = lattice->forward + t * padded;
        const double sum = crf_multiply_@ISA@(padded, forward, backward, probability);
        crf_scale_@ISA@(padded, 1.0 / sum, probability);
        crf_expect_@ISA@(labels, lattice, t, probability, to);
        if (t + 1 < lattice->tokens && to->pairs != NULL) {
            crf_scale_@ISA@(padded, to->pair_factor / sum, ahead);
            for (size_t i = 0; i < labels; i++)
                crf_add_@ISA@(padded, forward[i], ahead, to->pairs + i * padded);
        }
        if (t == 0)
            break;
        // What lies ahead of token t - 1, scaled so that its probabilities sum to about 1.
        const double scale = crf_multiply_@ISA@(padded, lattice->emission + t * padded, backward, ahead);
        crf_scale_@ISA@(padded, 1.0 / scale, ahead);
        crf_step_@ISA@(labels, padded, ahead, lattice->tables.to, backward);
    }
}

// Score of the path of a sentence that is labelled throughout.
INLINE_@ISA@ double crf_path_score_@ISA@(const size_t labels, const struct crf_lattice *lattice) {
    const struct crf *crf = lattice->crf;
    double score = 0.0;
    size_t previous = 0;
    for (size_t t = 0; t < lattice->tokens; t++) {
        const size_t row = crf_row(lattice, t), label = (size_t)lattice->labels[row];
        score += (double)lattice->scores[row * lattice->stride + label];
        if (t > 0)
            score += (double)crf->transitions[previous * labels + label];
        else if (crf->start != NULL)
            score += (double)crf->start[label];
        if (t + 1 == lattice->tokens && crf->end != NULL)
            score += (double)crf->end[label];
        previous = label;
    }
    return score;
}

// Takes the one path of a sentence that is labelled throughout off the expectations.
INLINE_@ISA@ void crf_subtract_path_@ISA@(const size_t labels, const struct crf_lattice *lattice, const struct crf_expectations *from, float *transitions) {
    size_t previous = 0;
    for (size_t t = 0; t < lattice->tokens; t++) {
        const size_t row = crf_row(lattice, t), label = (size_t)lattice->labels[row];
        from->scores[row * from->stride + label] -= from->factor;
        if (t > 0)
            transitions[previous * labels + label] -= from->factor;
        else if (from->start != NULL)
            from->start[label] -= from->factor;
        if (t + 1 == lattice->tokens && from->end != NULL)
            from->end[label] -= from->factor;
        previous = label;
    }
}

"""##,
    "blocks/joint": ##"""
// Inputs of some groups as weights are multiplied with them.
struct joint_rows_@WEIGHTS@_@ISA@ {
    const input_@WEIGHTS@_@ISA@ *x; // a row for each of them
    size_t x_stride;
    const float *scales; // as in the rows of a wide matrix
    const int32_t *groups;
};

// Sums of `count` groups x `vectors`, of as many columns of each vector of 16 as a register holds, in the
// block that begins with column `first`. Counts are constants at each call, so that sums are registers.
INLINE_@ISA@ void joint_sums_@WEIGHTS@_@ISA@(const struct joint *m, const struct joint_rows_@WEIGHTS@_@ISA@ *in, size_t first, size_t slice, const size_t count, const size_t vectors, sum_@WEIGHTS@_@ISA@ *sum) {
    const uint32_t *block = m->panels + first * m->words + slice * WIDTH_@VEC@;
    size_t g[JOINT_GROUPS]; // their numbers
    const uint32_t *users[JOINT_GROUPS];
    UNROLL
    for (size_t i = 0; i < count; i++) {
        g[i] = (size_t)in->groups[i];
        users[i] = joint_users_@WEIGHTS@_@ISA@(m, first, g[i]);
    }
    UNROLL
    for (size_t i = 0; i < count * vectors; i++)
        sum[i] = (sum_@WEIGHTS@_@ISA@){0};
    for (size_t word = 0; word < m->words; word++, block += 16 * vectors) {
        UNROLL
        for (size_t part = 0; part < PARTS_@WEIGHTS@_@ISA@; part++) {
            weight_@WEIGHTS@_@ISA@ x[JOINT_GROUPS];
            UNROLL
            for (size_t i = 0; i < count; i++)
                x[i] = joint_x_@WEIGHTS@_@ISA@(in->x + i * in->x_stride, word, part, g[i]);
            UNROLL
            for (size_t v = 0; v < vectors; v++) {
                const weight_@WEIGHTS@_@ISA@ w = weights_@WEIGHTS@_@ISA@(block + 16 * v, part);
                UNROLL
                for (size_t i = 0; i < count; i++) {
                    const uint32_t *at = users[i];
                    const kept_@WEIGHTS@_@ISA@ kept = joint_kept_@WEIGHTS@_@ISA@(at, slice, g[i], v, part);
                    sum[i * vectors + v] = joint_fma_@WEIGHTS@_@ISA@(x[i], w, kept, sum[i * vectors + v]);
                }
            }
        }
        UNROLL
        for (size_t i = 0; i < count; i++)
            users[i] += joint_step_@WEIGHTS@_@ISA@(m, vectors);
    }
}

// Sums as what they stand for.
INLINE_@ISA@ vec_@VEC@ joint_floats_@WEIGHTS@_@ISA@(const struct joint *m, const struct joint_rows_@WEIGHTS@_@ISA@ *in, size_t i, sum_@WEIGHTS@_@ISA@ sum, size_t column) {
    const struct wide own = {
        .columns = m->columns,
        .scales = m->scales,
        .excess = m->excess + (size_t)in->groups[i] * ((m->columns + 15) / 16 * 16),
    };
    return floats_@WEIGHTS@_@ISA@(&own, sum, column, in->scales, i);
}

// Products of rows of inputs, one for each of some groups, with a joint matrix.
struct joint_product_@WEIGHTS@_@ISA@ {
    struct joint m;
    struct joint_rows_@WEIGHTS@_@ISA@ in;
    const float *const *plus; // rows that are added, one for each row of inputs, or NULL
    float *y;                 // rows by the number of the group
    size_t y_stride;
    int from_the_end; // Are the last columns the first to be read?
};

INLINE_@ISA@ void joint_block_@WEIGHTS@_@ISA@(const struct joint_product_@WEIGHTS@_@ISA@ *p, size_t first, size_t slice, const size_t count, const size_t vectors) {
    sum_@WEIGHTS@_@ISA@ sum[4 * JOINT_GROUPS];
    joint_sums_@WEIGHTS@_@ISA@(&p->m, &p->in, first, slice, count, vectors, sum);
    UNROLL
    for (size_t i = 0; i < count * vectors; i++) {
        const size_t group = (size_t)p->in.groups[i / vectors];
        const size_t at = first + i % vectors * 16 + slice * WIDTH_@VEC@;
        const size_t n = lanes(p->m.columns, at, WIDTH_@VEC@);
        vec_@VEC@ value = joint_floats_@WEIGHTS@_@ISA@(&p->m, &p->in, i / vectors, sum[i], at);
        if (p->plus != NULL)
            value += vec_load_partial_@VEC@(p->plus[i / vectors] + at, n);
        vec_store_partial_@VEC@(p->y + group * p->y_stride + at, value, n);
    }
}

static TARGET_@ISA@ void joint_any_block_@WEIGHTS@_@ISA@(const struct joint_product_@WEIGHTS@_@ISA@ *p, size_t first, size_t slice, size_t count, size_t vectors) {
    switch (1000 * vectors + count) {
@JOINT_CASES@
    }
}

static TARGET_@ISA@ void joint_groups_@WEIGHTS@_@ISA@(const struct joint_product_@WEIGHTS@_@ISA@ *p, size_t count) {
    const size_t last = (p->m.columns - 1) / 64 * 64;
    for (size_t done = 0; done < p->m.columns; done += 64) {
        const size_t first = p->from_the_end ? last - done : done;
        for (size_t slice = 0; slice < 16 / WIDTH_@VEC@; slice++)
            joint_any_block_@WEIGHTS@_@ISA@(p, first, slice, count, smaller((p->m.columns - first + 15) / 16, 4));
    }
}

"""##,
    "blocks/lstm_cells": ##"""
// From gates to cells in one step of an LSTM. Gates are in the order of packed recurrent weights: those of 16
// units for i, f, g and o in turn, then as tightly those of the units that are left.
struct unit_cells_@ISA@ {
    size_t hidden;
    const float *const *gates; // of each row: input projection and biases
    float *c, *h;              // c of the previous step, which is replaced
    size_t c_stride, h_stride;
};

INLINE_@ISA@ vec_@ISA@ cell_sigmoid_@ISA@(vec_@ISA@ x, const int how) {
    return (how & CELLS_NEARLY) != 0 ? vec_sigmoid_nearly_@ISA@(x) : vec_sigmoid_@ISA@(x);
}

INLINE_@ISA@ vec_@ISA@ cell_tanh_@ISA@(vec_@ISA@ x, const int how) {
    return (how & CELLS_NEARLY) != 0 ? vec_tanh_nearly_@ISA@(x) : vec_tanh_@ISA@(x);
}

// c and h of one vector of units, n of which there are.
INLINE_@ISA@ void unit_cell_@ISA@(const struct unit_cells_@ISA@ *s, size_t row, size_t unit, size_t n, const int how, vec_@ISA@ i, vec_@ISA@ f, vec_@ISA@ g, vec_@ISA@ o) {
    float *c_at = s->c + row * s->c_stride + unit;
    vec_@ISA@ c = cell_sigmoid_@ISA@(i, how) * cell_tanh_@ISA@(g, how);
    if ((how & CELLS_FIRST) == 0)
        c = vec_fma_@ISA@(cell_sigmoid_@ISA@(f, how), vec_load_partial_@ISA@(c_at, n), c);
    vec_store_partial_@ISA@(c_at, c, n);
    const vec_@ISA@ h = cell_sigmoid_@ISA@(o, how) * cell_tanh_@ISA@(c, how);
    vec_store_partial_@ISA@(s->h + row * s->h_stride + unit, h, n);
}

// c and h of n units whose gates are `stride` apart in memory.
INLINE_@ISA@ void unit_cells_at_@ISA@(const struct unit_cells_@ISA@ *s, size_t row, size_t unit, size_t n, const int how, const float *gates, size_t stride) {
    for (size_t at = 0; at < n; at += WIDTH_@ISA@) {
        const size_t left = lanes(n, at, WIDTH_@ISA@);
        vec_@ISA@ gate[4];
        UNROLL
        for (size_t v = 0; v < 4; v++)
            gate[v] = vec_load_partial_@ISA@(gates + v * stride + at, left);
        unit_cell_@ISA@(s, row, unit + at, left, how, gate[0], gate[1], gate[2], gate[3]);
    }
}

// c and h of all units of a row.
INLINE_@ISA@ void unit_cells_row_@ISA@(const struct unit_cells_@ISA@ *s, size_t row, const int how, const float *gates) {
    size_t unit = 0;
    for (; unit + 16 <= s->hidden; unit += 16)
        unit_cells_at_@ISA@(s, row, unit, 16, how, gates + 4 * unit, 16);
    if (unit < s->hidden)
        unit_cells_at_@ISA@(s, row, unit, s->hidden - unit, how, gates + 4 * unit, s->hidden - unit);
}

// The step for rows that begin with it: h = c = 0 before.
INLINE_@ISA@ void unit_cells_start_@ISA@(const struct unit_cells_@ISA@ *s, size_t row, size_t end, const int how) {
    for (; row < end; row++)
        unit_cells_row_@ISA@(s, row, how | CELLS_FIRST, s->gates[row]);
}

"""##,
    "blocks/lstm_step": ##"""
// @COMMENT@

// Activates the gates of one vector of units and forms c and h.
INLINE_@ISA@ void @NAME@_cell_@ISA@(const struct lstm_step *s, size_t row, size_t unit) {
    const size_t n = lanes(s->hidden, unit, WIDTH_@VEC@);
    float *gate = s->gates + row * s->gates_stride + unit;
    const vec_@VEC@ i = vec_sigmoid_@VEC@(vec_load_partial_@VEC@(gate, n));
    const vec_@VEC@ f = vec_sigmoid_@VEC@(vec_load_partial_@VEC@(gate + s->hidden, n));
    const vec_@VEC@ g = vec_tanh_@VEC@(vec_load_partial_@VEC@(gate + 2 * s->hidden, n));
    const vec_@VEC@ o = vec_sigmoid_@VEC@(vec_load_partial_@VEC@(gate + 3 * s->hidden, n));
    vec_@VEC@ c = i * g;
    if (row < s->previous_rows) {
        const float *c_previous = s->c_previous + row * s->c_previous_stride + unit;
        c = vec_fma_@VEC@(f, vec_load_partial_@VEC@(c_previous, n), c);
    }
    vec_store_partial_@VEC@(gate, i, n);
    vec_store_partial_@VEC@(gate + s->hidden, f, n);
    vec_store_partial_@VEC@(gate + 2 * s->hidden, g, n);
    vec_store_partial_@VEC@(gate + 3 * s->hidden, o, n);
    vec_store_partial_@VEC@(s->c + row * s->c_stride + unit, c, n);
    vec_store_partial_@VEC@(s->h + row * s->h_stride + unit, o * vec_tanh_@VEC@(c), n);
}

@LSTM_BLOCK@

"""##,
    "blocks/lstm_step_registers": ##"""
// Adds h W_hh^T to the four gates of `groups` vectors of units in `rows` rows, as many gates at a time as
// there are registers for: so the weights of a block, which may be more than the first-level cache holds,
// are read once for all of the rows.
INLINE_@ISA@ void @NAME@_block_@ISA@(const struct lstm_step *s, size_t row, size_t unit, const size_t rows, const size_t groups, const size_t together) {
    enum { most = @LSTM_REGISTERS@ };
    const size_t hidden = s->hidden, depth = s->depth, h_stride = s->h_previous_stride;
    // Few weights wait in registers for the states of many rows, many are used as they are read.
    const size_t vectors = together * groups, waiting = vectors <= rows ? vectors : 1;
    const float *h = s->h_previous + row * h_stride;
    for (size_t first = 0; first < 4; first += together) {
        const float *panel[most];
        vec_@VEC@ sum[most];
        UNROLL
        for (size_t j = 0; j < groups; j++) {
            const size_t at = unit + j * WIDTH_@VEC@;
            panel[j] = s->panels + at / 16 * 64 * depth + at % 16 + 16 * first;
        }
        UNROLL
        for (size_t i = 0; i < rows * vectors; i++)
            sum[i] = vec_set1_@VEC@(0.0f);
        for (size_t k = 0; k < depth; k++) {
            UNROLL
            for (size_t v = 0; v < vectors; v += waiting) {
                vec_@VEC@ w[most];
                UNROLL
                for (size_t i = 0; i < waiting; i++)
                    w[i] = vec_load_@VEC@(panel[(v + i) / together] + 64 * k + 16 * ((v + i) % together));
                UNROLL
                for (size_t r = 0; r < rows; r++) {
                    const vec_@VEC@ x = vec_set1_@VEC@(h[r * h_stride + k]);
                    UNROLL
                    for (size_t i = 0; i < waiting; i++)
                        sum[r * vectors + v + i] = @MULTIPLY@_@ISA@(x, w[i], sum[r * vectors + v + i]);
                }
            }
        }
        UNROLL
        for (size_t i = 0; i < rows * vectors; i++) {
            const size_t at = unit + i % vectors / together * WIDTH_@VEC@;
            const size_t n = lanes(hidden, at, WIDTH_@VEC@);
            float *gates = s->gates + (row + i / vectors) * s->gates_stride + at;
            float *gate = gates + (first + i % together) * hidden;
            vec_store_partial_@VEC@(gate, vec_load_partial_@VEC@(gate, n) + sum[i], n);
        }
    }
}

static TARGET_@ISA@ void @NAME@_any_block_@ISA@(const struct lstm_step *s, size_t row, size_t unit, size_t rows, size_t groups) {
    switch (100 * groups + rows) {
@LSTM_CASES@
    }
}

// How many of the vectors of units that are left go into one block with this number of rows.
INLINE size_t @NAME@_groups_@ISA@(size_t rows, size_t left) {
@LSTM_WIDTHS@
    return 1;
}

// Units outside, rows inside: the weights of a vector of units are read once from the second-level
// cache.
static TARGET_@ISA@ void @NAME@_step_@ISA@(const struct lstm_step *s) {
    const size_t block = balanced(s->previous_rows, @LSTM_ROWS@);
    const size_t vectors = (s->hidden + WIDTH_@VEC@ - 1) / WIDTH_@VEC@;
    for (size_t vector = 0, groups = 1; vector < vectors; vector += groups) {
        groups = @NAME@_groups_@ISA@(block, vectors - vector);
        for (size_t row = 0, rows = 0; row < s->previous_rows; row += rows) {
            rows = balanced(s->previous_rows - row, @LSTM_ROWS@);
            @NAME@_any_block_@ISA@(s, row, vector * WIDTH_@VEC@, rows, groups);
        }
        for (size_t row = 0; row < s->rows; row++)
            for (size_t j = 0; j < groups; j++)
                @NAME@_cell_@ISA@(s, row, (vector + j) * WIDTH_@VEC@);
    }
}

"""##,
    "blocks/lstm_step_tiles": ##"""
// Tiles of a block of up to 16 rows: 0 to 3 are the sums of the gates, 4 words of the states and 5 words of
// the weights, 16 at a time; 6 and 7 as 4 and 5 for the words behind the last 16.
INLINE_@ISA@ void @NAME@_shapes_@ISA@(size_t rows, size_t depth) {
    const size_t left = depth % 16;
    struct tile_shapes shapes = {.palette = 1};
    for (size_t gate = 0; gate < 4; gate++)
        set_tile_shape(&shapes, gate, rows, 16);
    set_tile_shape(&shapes, 4, rows, 16);
    set_tile_shape(&shapes, 5, 16, 16);
    set_tile_shape(&shapes, 6, rows, left);
    set_tile_shape(&shapes, 7, left, 16);
    finish_writing(&shapes);
    _tile_loadconfig(&shapes);
}

// Adds h W_hh^T to the four gates of 16 units in the rows of a block.
INLINE_@ISA@ void @NAME@_block_@ISA@(const struct lstm_step *s, size_t row, size_t unit, size_t rows) {
    const size_t depth = s->depth, h_bytes = 4 * s->h_previous_stride;
    const float *h = s->h_previous + row * s->h_previous_stride;
    const float *panel = s->panels + unit / 16 * 64 * depth;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    size_t k = 0;
    for (; k + 16 <= depth; k += 16) {
        const float *w = panel + 64 * k;
        _tile_loadd(4, h + k, h_bytes);
        _tile_loadd(5, w, 256);
        _tile_dpbf16ps(0, 4, 5);
        _tile_loadd(5, w + 16, 256);
        _tile_dpbf16ps(1, 4, 5);
        _tile_loadd(5, w + 32, 256);
        _tile_dpbf16ps(2, 4, 5);
        _tile_loadd(5, w + 48, 256);
        _tile_dpbf16ps(3, 4, 5);
    }
    if (k < depth) {
        const float *w = panel + 64 * k;
        _tile_loadd(6, h + k, h_bytes);
        _tile_loadd(7, w, 256);
        _tile_dpbf16ps(0, 6, 7);
        _tile_loadd(7, w + 16, 256);
        _tile_dpbf16ps(1, 6, 7);
        _tile_loadd(7, w + 32, 256);
        _tile_dpbf16ps(2, 6, 7);
        _tile_loadd(7, w + 48, 256);
        _tile_dpbf16ps(3, 6, 7);
    }
    _Alignas(64) float sums[4 * 256];
    _tile_stored(0, sums, 64);
    _tile_stored(1, sums + 256, 64);
    _tile_stored(2, sums + 512, 64);
    _tile_stored(3, sums + 768, 64);
    const size_t n = lanes(s->hidden, unit, 16);
    for (size_t gate = 0; gate < 4; gate++)
        for (size_t r = 0; r < rows; r++) {
            float *to = s->gates + (row + r) * s->gates_stride + gate * s->hidden + unit;
            const vec_@VEC@ sum = vec_load_@VEC@(sums + 256 * gate + 16 * r);
            vec_store_partial_@VEC@(to, vec_load_partial_@VEC@(to, n) + sum, n);
        }
}

// Units outside, rows inside, as in registers. Tiles get other shapes only where blocks have other numbers of
// rows: once a step, unless the rows are many and cannot be parted evenly.
static TARGET_@ISA@ void @NAME@_step_@ISA@(const struct lstm_step *s) {
    size_t shaped = 0;
    for (size_t unit = 0; unit < s->hidden; unit += 16) {
        for (size_t row = 0, rows = 0; row < s->previous_rows; row += rows) {
            rows = balanced(s->previous_rows - row, 16);
            if (rows != shaped)
                @NAME@_shapes_@ISA@(rows, s->depth);
            shaped = rows;
            @NAME@_block_@ISA@(s, row, unit, rows);
        }
        for (size_t row = 0; row < s->rows; row++)
            @NAME@_cell_@ISA@(s, row, unit);
    }
    if (shaped > 0)
        _tile_release();
}

"""##,
    "blocks/nbest": ##"""
// The n best ways to reach label `to`, from the n best of each of `labels` labels (best first,
// -INFINITY for none): their scores and where they come from, label * n + rank. `next` is scratch of
// `labels` integers.
INLINE_@ISA@ void nbest_merge_@ISA@(size_t labels, size_t n, const float *score, const float *transitions, size_t stride, uint32_t *next, float *merged, uint32_t *from) {
    memset(next, 0, sizeof(uint32_t) * labels);
    for (size_t rank = 0; rank < n; rank++) {
        float best = -INFINITY;
        size_t label = 0;
        for (size_t i = 0; i < labels; i++) {
            if (next[i] == n)
                continue;
            const float step = transitions == NULL ? 0.0f : transitions[i * stride];
            const float sum = score[i * n + next[i]] + step;
            if (sum > best) {
                best = sum;
                label = i;
            }
        }
        merged[rank] = best;
        from[rank] = (uint32_t)(label * n) + next[label];
        if (best > -INFINITY)
            next[label]++;
    }
}

// Log of the sum over all label sequences of independent tokens.
INLINE_@ISA@ double nbest_log_sum_@ISA@(const size_t labels, size_t tokens, const float *scores) {
    double sum = 0.0;
    for (size_t t = 0; t < tokens; t++) {
        const float peak = row_greatest_@ISA@(scores + t * labels, labels);
        sum += (double)peak + (double)logf(row_exp_sum_@ISA@(scores + t * labels, labels, peak));
    }
    return sum;
}

"""##,
    "blocks/packed": ##"""
// Rows whose products are formed at the same time, at most.
enum { packed_most_@ISA@ = @PACKED_ROWS@ };

// The products of 16 columns, `rows` rows of x. Counts are constants at each call, so that sums and windows
// are registers.
INLINE_@ISA@ void packed_columns_@ISA@(const struct sparse_product_@ISA@ *p, const struct packed *m, const float *x, size_t x_stride, size_t row, size_t vector, float *y, size_t y_stride, const size_t rows) {
    enum { slices = 16 / WIDTH_@ISA@ };
    const size_t count = rows * slices, chains = sparse_chains_@ISA@(count), end = m->starts[vector + 1];
    vec_@ISA@ sum[SPARSE_SUMS_@ISA@];
    UNROLL
    for (size_t i = 0; i < chains * count; i++)
        sum[i] = (vec_@ISA@){0};
    for (size_t window = m->starts[vector]; window < end; window++) {
        packed_window_@ISA@ in[packed_most_@ISA@];
        UNROLL
        for (size_t r = 0; r < rows; r++)
            in[r] = packed_open_@ISA@(x + r * x_stride + m->first_inputs[window]);
        UNROLL
        for (size_t i = 0; i < PACKED_TURNS * slices; i++) {
            const size_t at = 16 * PACKED_TURNS * window + i * WIDTH_@ISA@, chain = i / slices % chains;
            const packed_numbers_@ISA@ numbers = packed_read_@ISA@(m->numbers + at);
            const vec_@ISA@ w = vec_load_@ISA@(m->weights + at);
            UNROLL
            for (size_t r = 0; r < rows; r++) {
                vec_@ISA@ *to = &sum[chain * count + r * slices + i % slices];
                *to = vec_fma_@ISA@(packed_pick_@ISA@(in[r], numbers), w, *to);
            }
        }
    }
    sparse_store_@ISA@(p, row, vector, sum, y, y_stride, rows);
}

// All columns of `rows` rows, at most packed_most_@ISA@.
static TARGET_@ISA@ void packed_rows_@ISA@(const struct sparse_product_@ISA@ *p, size_t row, float *y, size_t y_stride, size_t rows) {
    const struct packed m = packed_matrix(p->columns, p->words);
    const float *x = p->x + row * p->x_stride;
    size_t x_stride = p->x_stride;
    // Windows are read whole, even if there are fewer inputs.
    float whole[packed_most_@ISA@ * PACKED_INPUTS];
    if (p->depth < PACKED_INPUTS) {
        for (size_t i = 0; i < rows * PACKED_INPUTS; i++) {
            const size_t input = i % PACKED_INPUTS;
            whole[i] = input < p->depth ? x[i / PACKED_INPUTS * x_stride + input] : 0.0f;
        }
        x = whole;
        x_stride = PACKED_INPUTS;
    }
    switch (rows) {
@PACKED_CASES@
    }
}

"""##,
    "blocks/pair_packing": ##"""
// The columns of up to 16 rows of W [n x k] from row `first_row` on, as rows of 16 pairs that are `step`
// apart.
INLINE_@ISA@ void pack_pair_columns_@ISA@(size_t rows, size_t k, size_t first_row, const float *weight, const uint16_t *kept, float *to, size_t step) {
    enum { most = 64 };
    float weights[most], pairs[16 * most / 2];
    for (size_t first = 0; first < k; first += most) {
        const size_t columns = smaller(k - first, most), words = (columns + 1) / 2;
        for (size_t row = 0; row < rows; row++) {
            const float *part = weight + (first_row + row) * k + first;
            if (kept != NULL) {
                pack_part(k, first_row + row, first, columns, weight, kept, weights);
                part = weights;
            }
            pair_columns_@ISA@(columns, part, pairs + row * words);
        }
        pack_columns(rows, words, 0, pairs, NULL, to + first / 2 * step, step);
    }
}

// Weights of a row under a mask, padded with zeros to a multiple of 16.
INLINE_@ISA@ const float *pack_padded_@ISA@(size_t k, size_t row, size_t first, size_t columns, const float *weight, const uint16_t *kept, float *to) {
    pack_part(k, row, first, columns, weight, kept, to);
    for (size_t i = columns; i % 16 != 0; i++)
        to[i] = 0.0f;
    return to;
}

"""##,
    "blocks/product": ##"""
// @COMMENT@

// Adds what the product is added to, and writes one vector; the last of a row may be cut short.
INLINE_@ISA@ void @NAME@_store_@ISA@(const struct product *p, size_t row, size_t column, vec_@VEC@ sum) {
    const size_t n = lanes(p->columns, column, WIDTH_@VEC@);
    float *y = p->y + row * p->y_stride + column;
    if (p->bias != NULL)
        sum += vec_load_partial_@VEC@(p->bias + column, n);
    if (p->add)
        sum += vec_load_partial_@VEC@(y, n);
    if (p->kept_y != NULL)
        sum = vec_keep_@VEC@(sum, (uint32_t)p->kept_y[row * p->kept_stride + column / 16] >> column % 16);
    vec_store_partial_@VEC@(y, sum, n);
}

@PRODUCT_BLOCK@

// How many of the panels that are left go into one block with this number of rows.
INLINE size_t @NAME@_panels_@ISA@(size_t rows, size_t left, int kept) {
    (void)kept;
@PRODUCT_WIDTHS@
    return 1;
}

// Panels outside, rows inside: the panels of a block stay in the first-level cache while rows stream
// past.
static TARGET_@ISA@ void @NAME@_@ISA@(const struct product *p) {
    const size_t panels = (p->columns + 15) / 16;
    const size_t whole = p->padded ? panels : p->columns / 16;
    const size_t block = balanced(p->rows, @PRODUCT_ROWS@);
    for (size_t panel = 0, width = 1; panel < panels; panel += width) {
        const int cut = panel >= whole;
        width = cut ? 1 : @NAME@_panels_@ISA@(block, whole - panel, p->kept_b != NULL);
        for (size_t row = 0, rows = 0; row < p->rows; row += rows) {
            rows = balanced(p->rows - row, @PRODUCT_ROWS@);
            @NAME@_any_block_@ISA@(p, row, panel, rows, width, cut);
        }
    }
}

"""##,
    "blocks/product_registers": ##"""
// The same for a block of sums; a function for all blocks, since one in each would be most of the code.
static __attribute__((noinline)) TARGET_@ISA@ void @NAME@_store_block_@ISA@(const struct product *p, size_t row, size_t panel, size_t rows, size_t vectors, const vec_@VEC@ *sums) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++)
            @NAME@_store_@ISA@(p, row + r, 16 * panel + v * WIDTH_@VEC@, sums[r * vectors + v]);
    }
}

// Adds the products of one k to the sums of a block.
INLINE_@ISA@ void @NAME@_terms_@ISA@(const struct product *p, size_t panel, const float *a, const float *b, const uint16_t *bits, const size_t rows, const size_t panels, const int cut, const int kept, vec_@VEC@ *sum) {
    enum { most = @PRODUCT_REGISTERS@ };
    const size_t vectors = panels * PANEL_@VEC@, left = p->columns - 16 * panel;
    const size_t a_row = p->a_row, b_panel = p->b_panel;
    vec_@VEC@ w[most];
    UNROLL
    for (size_t v = 0; v < vectors; v++) {
        const size_t column = v % PANEL_@VEC@ * WIDTH_@VEC@;
        const float *at = b + v / PANEL_@VEC@ * b_panel + column;
        if (cut)
            w[v] = vec_load_partial_@VEC@(at, lanes(left, column, WIDTH_@VEC@));
        else
            w[v] = vec_load_@VEC@(at);
        if (kept)
            w[v] = vec_keep_@VEC@(w[v], (uint32_t)bits[v / PANEL_@VEC@] >> column);
    }
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        const vec_@VEC@ x = vec_set1_@VEC@(a[r * a_row]);
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[r * vectors + v] = @MULTIPLY@_@ISA@(x, w[v], sum[r * vectors + v]);
    }
}

// A block of `rows` x `panels` sums: constants at each call, so that all of them are registers. The few
// sums of a single panel would wait for themselves, so they are formed in parts, of every second or fourth
// k each; with more panels a mask changes how many there are in a block, but never the order of a sum.
INLINE_@ISA@ void @NAME@_block_@ISA@(const struct product *p, size_t row, size_t panel, const size_t rows, const size_t panels, const int cut, const int kept) {
    enum { most = @PRODUCT_REGISTERS@ };
    const size_t vectors = panels * PANEL_@VEC@, block = rows * vectors;
    const size_t parts = panels > 1 || block > 4 ? 1 : block > 2 ? 2 : 4;
    const size_t a_step = p->a_step, b_step = p->b_step, kept_step = kept ? p->kept_stride : 0;
    const size_t left = p->columns - 16 * panel;
    const float *a = p->a + row * p->a_row;
    const float *b = p->b + panel * p->b_panel;
    const uint16_t *bits = kept ? p->kept_b + panel : NULL;
    size_t k = p->depth;
    vec_@VEC@ sum[most];
    UNROLL
    for (size_t i = 0; i < parts * block; i++)
        sum[i] = vec_set1_@VEC@(0.0f);
    for (; parts > 1 && k >= parts; k -= parts) {
        UNROLL
        for (size_t part = 0; part < parts; part++, a += a_step, b += b_step, bits += kept_step)
            @NAME@_terms_@ISA@(p, panel, a, b, bits, rows, panels, cut, kept, sum + part * block);
    }
    for (; k > 0; k--, a += a_step, b += b_step, bits += kept_step)
        @NAME@_terms_@ISA@(p, panel, a, b, bits, rows, panels, cut, kept, sum);
    UNROLL
    for (size_t i = block; i < parts * block; i++)
        sum[i % block] += sum[i];
    // Masked sums are many where it counts.
    const int plain = p->bias == NULL && !p->add && (p->kept_y == NULL || (!kept && rows * vectors == most));
    if (!cut && plain && left >= 16 * panels) {
        float *y = p->y + row * p->y_stride + 16 * panel;
        if (!kept && rows * vectors == most && p->kept_y != NULL) {
            const uint16_t *words = p->kept_y + row * p->kept_stride + panel;
            UNROLL
            for (size_t i = 0; i < rows * vectors; i++) {
                const size_t v = i % vectors;
                const uint32_t word = words[i / vectors * p->kept_stride + v / PANEL_@VEC@];
                sum[i] = vec_keep_@VEC@(sum[i], word >> v % PANEL_@VEC@ * WIDTH_@VEC@);
            }
        }
        UNROLL
        for (size_t i = 0; i < rows * vectors; i++)
            vec_store_@VEC@(y + i / vectors * p->y_stride + i % vectors * WIDTH_@VEC@, sum[i]);
        return;
    }
    vec_@VEC@ sums[most];
    UNROLL
    for (size_t i = 0; i < rows * vectors; i++)
        sums[i] = sum[i];
    @NAME@_store_block_@ISA@(p, row, panel, rows, vectors, sums);
}

static TARGET_@ISA@ void @NAME@_any_block_@ISA@(const struct product *p, size_t row, size_t panel, size_t rows, size_t panels, int cut) {
    switch (100 * panels + rows + (cut ? 1000 : 0)@KEPT@) {
@PRODUCT_CASES@
    }
}

"""##,
    "blocks/product_tiles": ##"""
// 16 words of each of up to 16 rows that lie in columns `a_step` apart, as rows of 16 words.
INLINE_@ISA@ void @NAME@_turned_@ISA@(size_t rows, size_t words, const float *a, size_t a_step, float *to) {
    vec_@VEC@ x[16], y[16];
    UNROLL
    for (size_t k = 0; k < 16; k++)
        x[k] = k < words ? vec_load_partial_@VEC@(a + k * a_step, rows) : vec_set1_@VEC@(0.0f);
    // Squares of 2 x 2, of 4 x 4, of 8 x 8, and the whole.
    UNROLL
    for (size_t i = 0; i < 16; i += 2) {
        y[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
    }
    UNROLL
    for (size_t i = 0; i < 16; i += 4) {
        UNROLL
        for (size_t j = 0; j < 2; j++) {
            const __m512d low = _mm512_castps_pd(y[i + j]), high = _mm512_castps_pd(y[i + j + 2]);
            x[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
            x[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
        }
    }
    UNROLL
    for (size_t i = 0; i < 16; i += 8) {
        UNROLL
        for (size_t j = 0; j < 4; j++) {
            y[i + j] = _mm512_shuffle_f32x4(x[i + j], x[i + j + 4], 0x88);
            y[i + j + 4] = _mm512_shuffle_f32x4(x[i + j], x[i + j + 4], 0xdd);
        }
    }
    UNROLL
    for (size_t j = 0; j < 8; j++) {
        vec_store_@VEC@(to + 16 * j, _mm512_shuffle_f32x4(y[j], y[j + 8], 0x88));
        vec_store_@VEC@(to + 16 * (j + 8), _mm512_shuffle_f32x4(y[j], y[j + 8], 0xdd));
    }
}

// Up to 16 rows of up to 16 words as a whole tile, with zeros behind them.
INLINE_@ISA@ void @NAME@_filled_up_@ISA@(size_t rows, size_t words, const float *from, size_t step, float *to) {
    for (size_t r = 0; r < 16; r++)
        vec_store_@VEC@(to + 16 * r, r < rows ? vec_load_partial_@VEC@(from + r * step, words) : vec_set1_@VEC@(0.0f));
}

// Tiles of a block: 0 and 1 are sums of two times up to 16 rows with a panel, 2 and 3 those with the panel
// beside it, 4 and 5 words of these rows, 6 and 7 words of the panels, 16 at a time. Four sums keep the
// processor busy: a product is done long after the next one can begin.
INLINE_@ISA@ void @NAME@_shapes_@ISA@(size_t first, size_t second, size_t columns) {
    struct tile_shapes shapes = {.palette = 1};
    for (size_t tile = 0; tile < 6; tile++)
        set_tile_shape(&shapes, tile, tile % 2 == 0 ? first : second, tile < 4 ? columns : 16);
    set_tile_shape(&shapes, 6, 16, columns);
    set_tile_shape(&shapes, 7, 16, columns);
    finish_writing(&shapes);
    _tile_loadconfig(&shapes);
}

// Adds the products of the words 16 i to 16 i + 15.
INLINE_@ISA@ void @NAME@_multiply_@ISA@(const struct tile_factor *a, const struct tile_factor *b, size_t i) {
    const size_t a_at = i * a->next, b_at = i * b->next;
    _tile_loadd(6, b->first + b_at, b->bytes);
    _tile_loadd(4, a->first + a_at, a->bytes);
    _tile_dpbf16ps(0, 4, 6);
    if (a->count > 1) {
        _tile_loadd(5, a->second + a_at, a->bytes);
        _tile_dpbf16ps(1, 5, 6);
    }
    if (b->count > 1) {
        _tile_loadd(7, b->second + b_at, b->bytes);
        _tile_dpbf16ps(2, 4, 7);
        if (a->count > 1)
            _tile_dpbf16ps(3, 5, 7);
    }
}

// The sums of a block with one panel, or with two. The words behind the last 16 are filled up with zeros: of
// the rows they are so in `a_end`.
INLINE_@ISA@ void @NAME@_sums_@ISA@(const struct tile_factor *a, const struct tile_factor *a_end, const struct tile_factor *b, size_t columns, size_t depth, float *sums) {
    const size_t left = depth % 16;
    _tile_zero(0);
    if (a->count > 1)
        _tile_zero(1);
    if (b->count > 1)
        _tile_zero(2);
    if (a->count > 1 && b->count > 1)
        _tile_zero(3);
    for (size_t i = 0; i < depth / 16; i++)
        @NAME@_multiply_@ISA@(a, b, i);
    if (left > 0) {
        _Alignas(64) float end[2 * 256];
        const struct tile_factor b_end = {.count = b->count, .first = end, .second = end + 256, .bytes = 64};
        const size_t at = depth / 16 * b->next, step = b->bytes / 4;
        @NAME@_filled_up_@ISA@(left, columns, b->first + at, step, end);
        if (b->count > 1)
            @NAME@_filled_up_@ISA@(left, columns, b->second + at, step, end + 256);
        finish_writing(end);
        @NAME@_multiply_@ISA@(a_end, &b_end, 0);
    }
    _tile_stored(0, sums, 64);
    if (a->count > 1)
        _tile_stored(1, sums + 256, 64);
    if (b->count > 1)
        _tile_stored(2, sums + 512, 64);
    if (a->count > 1 && b->count > 1)
        _tile_stored(3, sums + 768, 64);
}

// A block of up to 32 rows and any number of panels, in tiles. Tiles want rows whose words lie
// together; others are turned first, as many words at a time as there is room for.
static TARGET_@ISA@ void @NAME@_any_block_@ISA@(const struct product *p, size_t row, size_t panel, size_t rows, size_t panels, int cut) {
    enum { most = 256 };
    _Alignas(64) float turned[most * 32], sums[4 * 256];
    const int lie_together = p->a_step == 1;
    const size_t first = rows > 16 ? (rows + 1) / 2 : rows, second = rows - first, count = second > 0 ? 2 : 1;
    const size_t columns = cut ? p->columns - 16 * panel : 16;
    struct product part = *p;
    @NAME@_shapes_@ISA@(first, second, columns);
    for (size_t begin = 0; begin == 0 || begin < p->depth; begin += most) {
        const size_t depth = lie_together ? p->depth : smaller(p->depth - begin, most), left = depth % 16;
        const float *from = p->a + row * p->a_row + begin * p->a_step, *from_second = from + first * p->a_row;
        struct tile_factor a_end = {.count = count, .first = turned, .second = turned + 256, .bytes = 64};
        struct tile_factor a = a_end;
        if (lie_together) {
            a.first = from, a.second = from_second, a.bytes = 4 * p->a_row, a.next = 16;
            @NAME@_filled_up_@ISA@(first, left, from + depth - left, p->a_row, turned);
            @NAME@_filled_up_@ISA@(second, left, from_second + depth - left, p->a_row, turned + 256);
        } else {
            a.next = 512;
            a_end.first += depth / 16 * a.next, a_end.second += depth / 16 * a.next;
            for (size_t k = 0; k < depth; k += 16) {
                const size_t words = smaller(depth - k, 16);
                @NAME@_turned_@ISA@(first, words, from + k * p->a_step, p->a_step, turned + 32 * k);
                if (second > 0)
                    @NAME@_turned_@ISA@(second, words, from_second + k * p->a_step, p->a_step, turned + 32 * k + 256);
            }
        }
        finish_writing(turned);
        for (size_t i = panel; i < panel + panels; i += 2) {
            const size_t beside = smaller(panel + panels - i, 2);
            const float *at = p->b + i * p->b_panel + begin * p->b_step;
            const struct tile_factor b = {
                .count = beside,
                .first = at,
                .second = at + p->b_panel,
                .bytes = 4 * p->b_step,
                .next = 16 * p->b_step,
            };
            @NAME@_sums_@ISA@(&a, &a_end, &b, columns, depth, sums);
            for (size_t j = 0; j < beside; j++)
                for (size_t r = 0; r < rows; r++) {
                    const float *sum = sums + 512 * j + (r < first ? 16 * r : 256 + 16 * (r - first));
                    @NAME@_store_@ISA@(&part, row + r, 16 * (i + j), vec_load_@VEC@(sum));
                }
        }
        if (lie_together)
            break;
        part.add = 1;
        part.bias = NULL;
    }
    _tile_release();
}

"""##,
    "blocks/random": ##"""
INLINE_@ISA@ uvec_@ISA@ lowbias32_@ISA@(uvec_@ISA@ x) {
    x = (x ^ x >> 16) * uvec_set1_@ISA@(0x7FEB352Du);
    x = (x ^ x >> 15) * uvec_set1_@ISA@(0x846CA68Bu);
    return x ^ x >> 16;
}

// random_u32 of the columns first, first + step, ...
INLINE_@ISA@ uvec_@ISA@ random_bits_@ISA@(uint64_t row_key, uint32_t first, uint32_t step) {
    const uvec_@ISA@ column = uvec_set1_@ISA@(first) + uvec_lanes_@ISA@() * uvec_set1_@ISA@(step);
    const uvec_@ISA@ spread = column * uvec_set1_@ISA@(0x9E3779B9u);
    const uvec_@ISA@ low = lowbias32_@ISA@(uvec_set1_@ISA@((uint32_t)row_key) + spread);
    return lowbias32_@ISA@(low ^ uvec_set1_@ISA@((uint32_t)(row_key >> 32)));
}

// Uniform in [0, 1).
INLINE_@ISA@ vec_@ISA@ unit_interval_@ISA@(uvec_@ISA@ bits) {
    return vec_from_uvec_@ISA@(bits >> 8) * vec_set1_@ISA@(0x1p-24f);
}

// Natural logarithm of positive normal numbers within 2 ULP: x = 2^k m with m in [sqrt(1/2), sqrt(2)),
// then the series of log((1 + s) / (1 - s)) in s = (m - 1) / (m + 1).
INLINE_@ISA@ vec_@ISA@ vec_log_@ISA@(vec_@ISA@ x) {
    const uvec_@ISA@ shifted = (uvec_@ISA@)x + uvec_set1_@ISA@(0x3F800000u - 0x3F3504F3u);
    const uvec_@ISA@ mantissa = shifted & uvec_set1_@ISA@(0x007FFFFFu);
    const vec_@ISA@ k = vec_from_uvec_@ISA@(shifted >> 23) - vec_set1_@ISA@(127.0f);
    const vec_@ISA@ m = (vec_@ISA@)(mantissa + uvec_set1_@ISA@(0x3F3504F3u));
    const vec_@ISA@ f = m - vec_set1_@ISA@(1.0f);
    const vec_@ISA@ s = f / (f + vec_set1_@ISA@(2.0f)), z = s * s;
    vec_@ISA@ series = vec_set1_@ISA@(0.24279078841f);
    series = vec_fma_@ISA@(series, z, vec_set1_@ISA@(0.28498786688f));
    series = vec_fma_@ISA@(series, z, vec_set1_@ISA@(0.40000972152f));
    series = vec_fma_@ISA@(series, z, vec_set1_@ISA@(0.66666662693f)) * z;
    const vec_@ISA@ half_square = vec_set1_@ISA@(0.5f) * f * f;
    const vec_@ISA@ rest = s * (half_square + series) - half_square;
    const vec_@ISA@ low = vec_fma_@ISA@(k, vec_set1_@ISA@(9.0580006145e-6f), rest);
    return vec_fma_@ISA@(k, vec_set1_@ISA@(6.9313812256e-1f), low + f);
}

// cos(2 pi u) for u in [0, 1], absolute error 2e-7: sin(2 pi t) for t = |u - 1/2| - 1/4, which is
// exact.
INLINE_@ISA@ vec_@ISA@ vec_cos_of_turns_@ISA@(vec_@ISA@ u) {
    const vec_@ISA@ v = u - vec_set1_@ISA@(0.5f);
    const vec_@ISA@ t = vec_max_@ISA@(v, -v) - vec_set1_@ISA@(0.25f);
    const vec_@ISA@ x = t * vec_set1_@ISA@(6.28318531f);
    const vec_@ISA@ z = x * x;
    vec_@ISA@ series = vec_set1_@ISA@(-2.50521084e-8f);
    series = vec_fma_@ISA@(series, z, vec_set1_@ISA@(2.75573192e-6f));
    series = vec_fma_@ISA@(series, z, vec_set1_@ISA@(-1.98412698e-4f));
    series = vec_fma_@ISA@(series, z, vec_set1_@ISA@(8.33333333e-3f));
    series = vec_fma_@ISA@(series, z, vec_set1_@ISA@(-1.66666667e-1f));
    return vec_fma_@ISA@(series, z * x, x);
}

"""##,
    "blocks/row": ##"""
// The first n lanes, `fill` behind them.
INLINE_@ISA@ vec_@ISA@ vec_load_filled_@ISA@(const float *p, size_t n, float fill) {
    if (n >= WIDTH_@ISA@)
        return vec_load_@ISA@(p);
    const vec_@ISA@ lane = vec_from_uvec_@ISA@(uvec_lanes_@ISA@());
    const vec_@ISA@ end = vec_set1_@ISA@((float)n);
    return vec_select_@ISA@(end, lane, vec_load_partial_@ISA@(p, n), vec_set1_@ISA@(fill));
}

INLINE_@ISA@ float row_greatest_@ISA@(const float *x, const size_t columns) {
    vec_@ISA@ greatest = vec_set1_@ISA@(-INFINITY);
    for (size_t column = 0; column < columns; column += WIDTH_@ISA@) {
        const size_t n = lanes(columns, column, WIDTH_@ISA@);
        greatest = vec_max_@ISA@(greatest, vec_load_filled_@ISA@(x + column, n, -INFINITY));
    }
    return vec_greatest_@ISA@(greatest);
}

// Sum of e^(x - peak).
INLINE_@ISA@ float row_exp_sum_@ISA@(const float *x, const size_t columns, float peak) {
    vec_@ISA@ sum = vec_set1_@ISA@(0.0f);
    for (size_t column = 0; column < columns; column += WIDTH_@ISA@) {
        const size_t n = lanes(columns, column, WIDTH_@ISA@);
        const vec_@ISA@ a = vec_load_filled_@ISA@(x + column, n, -INFINITY);
        sum += vec_exp_@ISA@(a - vec_set1_@ISA@(peak));
    }
    return vec_sum_@ISA@(sum);
}

INLINE_@ISA@ float row_sum_@ISA@(const float *x, const size_t columns) {
    vec_@ISA@ sum = vec_set1_@ISA@(0.0f);
    for (size_t column = 0; column < columns; column += WIDTH_@ISA@)
        sum += vec_load_partial_@ISA@(x + column, lanes(columns, column, WIDTH_@ISA@));
    return vec_sum_@ISA@(sum);
}

"""##,
    "blocks/sparse": ##"""
// A product of rows of x with a matrix that masks have thinned out, in one of the forms below, and what is
// added to it.
struct sparse_product_@ISA@ {
    size_t columns, depth;
    const float *words; // the matrix
    const float *x;
    size_t x_stride;
    const float *bias; // [columns] or NULL
    const float *plus; // rows that are added to the products, or NULL
    size_t plus_stride;
    const float *const *gates; // the same, wherever each row lies
};

// Registers for sums.
#define SPARSE_SUMS_@ISA@ @SPARSE_SUMS@

// How many parts each of `count` sums is formed in: several if there are few, lest additions wait for one
// another.
INLINE_@ISA@ size_t sparse_chains_@ISA@(const size_t count) {
    return 4 * count <= SPARSE_SUMS_@ISA@ ? 4 : 2 * count <= SPARSE_SUMS_@ISA@ ? 2 : 1;
}

// Stores 16 columns of `rows` rows from `row` on. The sums of a part are next to one another.
INLINE_@ISA@ void sparse_store_@ISA@(const struct sparse_product_@ISA@ *p, size_t row, size_t vector, vec_@ISA@ *sum, float *y, size_t y_stride, const size_t rows) {
    enum { slices = 16 / WIDTH_@ISA@ };
    const size_t count = rows * slices, chains = sparse_chains_@ISA@(count);
    UNROLL
    for (size_t i = count; i < chains * count; i++)
        sum[i % count] += sum[i];
    UNROLL
    for (size_t i = 0; i < count; i++) {
        const size_t r = i / slices, at = i % slices * WIDTH_@ISA@, column = 16 * vector + at;
        const size_t n = lanes(p->columns, column, WIDTH_@ISA@);
        vec_@ISA@ value = sum[i];
        if (p->bias != NULL)
            value += vec_load_partial_@ISA@(p->bias + column, n);
        if (p->plus != NULL)
            value += vec_load_partial_@ISA@(p->plus + (row + r) * p->plus_stride + column, n);
        if (p->gates != NULL)
            value += vec_load_partial_@ISA@(p->gates[row + r] + column, n);
        vec_store_partial_@ISA@(y + r * y_stride + at, value, n);
    }
}

"""##,
    "blocks/split_tiles": ##"""
// Tiles of a block of up to 16 rows: 0 to 3 are sums of four vectors of columns, 4 and 5 the upper and the
// lower halves of 32 inputs, 6 and 7 those of their weights.
INLINE_@ISA@ void wide_shapes_@WEIGHTS@_@ISA@(size_t rows, size_t words) {
    (void)words;
    struct tile_shapes shapes = {.palette = 1};
    for (size_t tile = 0; tile < 6; tile++)
        set_tile_shape(&shapes, tile, rows, 16);
    set_tile_shape(&shapes, 6, 16, 16);
    set_tile_shape(&shapes, 7, 16, 16);
    finish_writing(&shapes);
    _tile_loadconfig(&shapes);
}

// Sums [rows x 4] of a block of up to 4 vectors.
INLINE_@ISA@ void wide_sums_@WEIGHTS@_@ISA@(const struct wide *m, const struct wide_rows_@WEIGHTS@_@ISA@ *in, const uint32_t *block, size_t row, size_t vectors, sum_@WEIGHTS@_@ISA@ *sums) {
    const size_t x_bytes = 4 * in->x_stride, w_bytes = 64 * vectors;
    const uint32_t *x = in->x + row * in->x_stride, *w = block;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t input = 0; input < m->depth; input += 32, x += 16, w += 512 * vectors) {
        const uint32_t *const lower = w + 256 * vectors;
        _tile_loadd(4, x, x_bytes);
        _tile_loadd(5, x + in->x_stride / 2, x_bytes);
        _tile_loadd(6, w, w_bytes);
        _tile_loadd(7, lower, w_bytes);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(0, 5, 6);
        _tile_dpbf16ps(0, 4, 7);
        if (vectors > 1) {
            _tile_loadd(6, w + 16, w_bytes);
            _tile_loadd(7, lower + 16, w_bytes);
            _tile_dpbf16ps(1, 4, 6);
            _tile_dpbf16ps(1, 5, 6);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (vectors > 2) {
            _tile_loadd(6, w + 32, w_bytes);
            _tile_loadd(7, lower + 32, w_bytes);
            _tile_dpbf16ps(2, 4, 6);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(2, 4, 7);
        }
        if (vectors > 3) {
            _tile_loadd(6, w + 48, w_bytes);
            _tile_loadd(7, lower + 48, w_bytes);
            _tile_dpbf16ps(3, 4, 6);
            _tile_dpbf16ps(3, 5, 6);
            _tile_dpbf16ps(3, 4, 7);
        }
    }
    _tile_stored(0, sums, 256);
    _tile_stored(1, sums + 1, 256);
    _tile_stored(2, sums + 2, 256);
    _tile_stored(3, sums + 3, 256);
}

"""##,
    "blocks/viterbi": ##"""
// next[j] = max over i of score[i] + transitions[i][j], and where from; the smallest i of equals.
INLINE_@ISA@ void viterbi_step_@ISA@(const size_t labels, const size_t padded, const float *score, const float *transitions, float *next, uint32_t *back) {
    for (size_t column = 0; column < padded; column += WIDTH_@ISA@) {
        vec_@ISA@ best = vec_set1_@ISA@(score[0]) + vec_load_@ISA@(transitions + column);
        uvec_@ISA@ from = uvec_set1_@ISA@(0);
        for (size_t i = 1; i < labels; i++) {
            const vec_@ISA@ step = vec_load_@ISA@(transitions + i * padded + column);
            const vec_@ISA@ sum = vec_set1_@ISA@(score[i]) + step;
            from = uvec_select_@ISA@(sum, best, uvec_set1_@ISA@((uint32_t)i), from);
            best = vec_select_@ISA@(sum, best, sum, best);
        }
        vec_store_@ISA@(next + column, best);
        uvec_store_partial_@ISA@(back + column, from, WIDTH_@ISA@);
    }
}

"""##,
    "blocks/wide": ##"""
// Rows of inputs as weights are multiplied with them.
struct wide_rows_@WEIGHTS@_@ISA@ {
    const input_@WEIGHTS@_@ISA@ *x;
    size_t x_stride;
    const float *scales; // [rows]: what sums are multiplied with; unused if inputs are not rounded
};

@WIDE_SUMS@

"""##,
    "blocks/wide_linear": ##"""
struct wide_linear_@WEIGHTS@_@ISA@ {
    struct wide m;
    struct wide_rows_@WEIGHTS@_@ISA@ in;
    const float *bias; // [columns] or NULL
    float *y;
    size_t y_stride;
    int add;
};

@WIDE_LINEAR@

"""##,
    "blocks/wide_linear_registers": ##"""
// From the sums of a register of columns in one row to y.
INLINE_@ISA@ void wide_linear_register_@WEIGHTS@_@ISA@(const struct wide_linear_@WEIGHTS@_@ISA@ *p, sum_@WEIGHTS@_@ISA@ sum, size_t row, size_t column) {
    const size_t n = lanes(p->m.columns, column, WIDTH_@VEC@);
    float *y = p->y + row * p->y_stride + column;
    vec_@VEC@ value = floats_@WEIGHTS@_@ISA@(&p->m, sum, column, p->in.scales, row);
    if (p->bias != NULL)
        value += vec_load_partial_@VEC@(p->bias + column, n);
    if (p->add)
        value += vec_load_partial_@VEC@(y, n);
    vec_store_partial_@VEC@(y, value, n);
}

// Where a register holds all 16 columns of a vector sums stay in registers, elsewhere writing them would be
// most of the code.
INLINE_@ISA@ void wide_linear_block_@WEIGHTS@_@ISA@(const struct wide_linear_@WEIGHTS@_@ISA@ *p, const uint32_t *block, size_t row, size_t column, const size_t rows, const size_t vectors, const size_t together) {
    enum { registers = 16 / WIDTH_@VEC@ };
    sum_@WEIGHTS@_@ISA@ sums[@WIDE_ROWS@ * registers * 4];
    wide_sums_@WEIGHTS@_@ISA@(&p->m, &p->in, block, row, rows, vectors, together, sums);
    if (registers == 1) {
        UNROLL
        for (size_t i = 0; i < rows * vectors; i++)
            wide_linear_register_@WEIGHTS@_@ISA@(p, sums[i], row + i / vectors, column + i % vectors * 16);
        return;
    }
    for (size_t i = 0; i < rows * registers * vectors; i++) {
        const size_t r = i / (registers * vectors), lane = i / vectors % registers * WIDTH_@VEC@;
        wide_linear_register_@WEIGHTS@_@ISA@(p, sums[i], row + r, column + i % vectors * 16 + lane);
    }
}

static TARGET_@ISA@ void wide_linear_any_block_@WEIGHTS@_@ISA@(const struct wide_linear_@WEIGHTS@_@ISA@ *p, const uint32_t *block, size_t row, size_t column, size_t rows, size_t vectors) {
    switch (100 * vectors + rows) {
@WIDE_LINEAR_CASES@
    }
}

// Columns outside, rows inside: the weights of a block of columns are read once from the second-level cache.
static TARGET_@ISA@ void wide_linear_rows_@WEIGHTS@_@ISA@(const struct wide_linear_@WEIGHTS@_@ISA@ *p, size_t all) {
    const size_t words = (p->m.depth + WEIGHTS_@WEIGHTS@ - 1) / WEIGHTS_@WEIGHTS@;
    for (size_t first = 0; first < p->m.columns; first += 64) {
        const size_t vectors = smaller((p->m.columns - first + 15) / 16, 4);
        for (size_t row = 0, rows = 0; row < all; row += rows) {
            rows = balanced(all - row, @WIDE_ROWS@);
            wide_linear_any_block_@WEIGHTS@_@ISA@(p, p->m.panels + first * words, row, first, rows, vectors);
        }
    }
}

"""##,
    "blocks/wide_linear_tiles": ##"""
// From the sums of a block of columns to y.
INLINE_@ISA@ void wide_linear_block_@WEIGHTS@_@ISA@(const struct wide_linear_@WEIGHTS@_@ISA@ *p, const sum_@WEIGHTS@_@ISA@ *sums, size_t row, size_t column, size_t rows, size_t vectors) {
    for (size_t r = row; r < row + rows; r++, sums += 4) {
        for (size_t v = 0; v < vectors; v++) {
            const size_t at = column + v * 16, n = lanes(p->m.columns, at, 16);
            float *y = p->y + r * p->y_stride + at;
            vec_@VEC@ value = floats_@WEIGHTS@_@ISA@(&p->m, sums[v], at, p->in.scales, r);
            if (p->bias != NULL)
                value += vec_load_partial_@VEC@(p->bias + at, n);
            if (p->add)
                value += vec_load_partial_@VEC@(y, n);
            vec_store_partial_@VEC@(y, value, n);
        }
    }
}

// Rows outside, columns inside: tiles get their shapes once for as many rows as they hold.
static TARGET_@ISA@ void wide_linear_rows_@WEIGHTS@_@ISA@(const struct wide_linear_@WEIGHTS@_@ISA@ *p, size_t all) {
    const size_t words = (p->m.depth + WEIGHTS_@WEIGHTS@ - 1) / WEIGHTS_@WEIGHTS@;
    sum_@WEIGHTS@_@ISA@ sums[16 * 4];
    for (size_t row = 0, rows = 0; row < all; row += rows) {
        rows = balanced(all - row, 16);
        wide_shapes_@WEIGHTS@_@ISA@(rows, words);
        for (size_t first = 0; first < p->m.columns; first += 64) {
            const size_t vectors = smaller((p->m.columns - first + 15) / 16, 4);
            wide_sums_@WEIGHTS@_@ISA@(&p->m, &p->in, p->m.panels + first * words, row, vectors, sums);
            wide_linear_block_@WEIGHTS@_@ISA@(p, sums, row, first, rows, vectors);
        }
        _tile_release();
    }
}

"""##,
    "blocks/wide_lstm": ##"""
// One step of an LSTM over a wide matrix, whose columns are gates.
struct wide_lstm_@WEIGHTS@_@ISA@ {
    struct wide m;
    struct wide_rows_@WEIGHTS@_@ISA@ in;
    struct unit_cells_@VEC@ cells;
    int from_the_end; // Are the last columns the first to be read?
};
enum { CELLS_@WEIGHTS@_@ISA@ = ROUNDS_@WEIGHTS@_@ISA@ * CELLS_NEARLY };

@WIDE_LSTM@

"""##,
    "blocks/wide_lstm_registers": ##"""
// From the sums of a register of units in one row to cells, or of the units that are left to their gates in
// `tail`.
INLINE_@ISA@ void wide_lstm_register_@WEIGHTS@_@ISA@(const struct wide_lstm_@WEIGHTS@_@ISA@ *s, const sum_@WEIGHTS@_@ISA@ *sums, size_t row, size_t first, size_t lane, float *tail, const size_t vectors, const int is_tail) {
    const float *gates = s->cells.gates[row];
    vec_@VEC@ gate[4];
    UNROLL
    for (size_t v = 0; v < vectors; v++) {
        const size_t at = first + v * 16 + lane;
        const size_t n = is_tail ? lanes(s->m.columns, at, WIDTH_@VEC@) : WIDTH_@VEC@;
        gate[v] = floats_@WEIGHTS@_@ISA@(&s->m, sums[v], at, s->in.scales, row);
        gate[v] += vec_load_partial_@VEC@(gates + at, n);
        if (is_tail)
            vec_store_@VEC@(tail + v * 16 + lane, gate[v]);
    }
    enum { how = CELLS_@WEIGHTS@_@ISA@ };
    if (!is_tail)
        unit_cell_@VEC@(&s->cells, row, first / 4 + lane, WIDTH_@VEC@, how, gate[0], gate[1], gate[2], gate[3]);
}

// A block of columns. Where a register holds all 16 units of a vector sums stay in registers, elsewhere
// cells would be most of the code.
INLINE_@ISA@ void wide_lstm_block_@WEIGHTS@_@ISA@(const struct wide_lstm_@WEIGHTS@_@ISA@ *s, size_t row, size_t first, float *tail, const size_t rows, const size_t vectors, const size_t together, const int is_tail) {
    enum { registers = 16 / WIDTH_@VEC@ };
    const size_t words = (s->m.depth + WEIGHTS_@WEIGHTS@ - 1) / WEIGHTS_@WEIGHTS@;
    const uint32_t *block = s->m.panels + first * words;
    sum_@WEIGHTS@_@ISA@ sums[@WIDE_ROWS@ * registers * 4];
    wide_sums_@WEIGHTS@_@ISA@(&s->m, &s->in, block, row, rows, vectors, together, sums);
    if (registers == 1) {
        UNROLL
        for (size_t r = 0; r < rows; r++)
            wide_lstm_register_@WEIGHTS@_@ISA@(s, sums + r * vectors, row + r, first, 0, tail + r * 64, vectors, is_tail);
        return;
    }
    for (size_t i = 0; i < rows * registers; i++) {
        const size_t r = i / registers, lane = i % registers * WIDTH_@VEC@;
        wide_lstm_register_@WEIGHTS@_@ISA@(s, sums + i * vectors, row + r, first, lane, tail + r * 64, vectors, is_tail);
    }
}

static TARGET_@ISA@ void wide_lstm_any_block_@WEIGHTS@_@ISA@(const struct wide_lstm_@WEIGHTS@_@ISA@ *s, size_t row, size_t first, float *tail, size_t rows, size_t vectors) {
    // What is tight counts as 4 vectors more.
    switch (100 * vectors + rows) {
@WIDE_LSTM_CASES@
    }
}

// The step for rows that have a previous state.
static TARGET_@ISA@ void wide_lstm_rows_@WEIGHTS@_@ISA@(const struct wide_lstm_@WEIGHTS@_@ISA@ *s, size_t all) {
    const size_t rest = s->cells.hidden % 16, last = (s->m.columns - 1) / 64 * 64;
    float tail[@WIDE_ROWS@ * 64];
    for (size_t done = 0; done < s->m.columns; done += 64) {
        const size_t first = s->from_the_end ? last - done : done;
        const int is_tail = first + 64 > s->m.columns;
        const size_t vectors = is_tail ? 4 + (4 * rest + 15) / 16 : 4;
        for (size_t row = 0, rows = 0; row < all; row += rows) {
            rows = balanced(all - row, @WIDE_ROWS@);
            wide_lstm_any_block_@WEIGHTS@_@ISA@(s, row, first, tail, rows, vectors);
            for (size_t r = 0; is_tail && r < rows; r++)
                unit_cells_at_@VEC@(&s->cells, row + r, first / 4, rest, CELLS_@WEIGHTS@_@ISA@, tail + r * 64, rest);
        }
    }
}

"""##,
    "blocks/wide_lstm_tiles": ##"""
// A block of columns: from sums to cells, or of the units that are left to their gates in `tail`.
INLINE_@ISA@ void wide_lstm_block_@WEIGHTS@_@ISA@(const struct wide_lstm_@WEIGHTS@_@ISA@ *s, const sum_@WEIGHTS@_@ISA@ *sums, size_t row, size_t first, float *tail, size_t rows, size_t vectors, int is_tail) {
    for (size_t r = row; r < row + rows; r++, sums += 4, tail += 64) {
        const float *gates = s->cells.gates[r];
        vec_@VEC@ gate[4];
        gate[1] = gate[2] = gate[3] = vec_set1_@VEC@(0.0f);
        for (size_t v = 0; v < vectors; v++) {
            const size_t at = first + v * 16, n = lanes(s->m.columns, at, 16);
            gate[v] = floats_@WEIGHTS@_@ISA@(&s->m, sums[v], at, s->in.scales, r);
            gate[v] += vec_load_partial_@VEC@(gates + at, n);
            if (is_tail)
                vec_store_@VEC@(tail + v * 16, gate[v]);
        }
        if (!is_tail)
            unit_cell_@VEC@(&s->cells, r, first / 4, 16, CELLS_@WEIGHTS@_@ISA@, gate[0], gate[1], gate[2], gate[3]);
    }
}

// The step for rows that have a previous state.
static TARGET_@ISA@ void wide_lstm_rows_@WEIGHTS@_@ISA@(const struct wide_lstm_@WEIGHTS@_@ISA@ *s, size_t all) {
    const size_t words = (s->m.depth + WEIGHTS_@WEIGHTS@ - 1) / WEIGHTS_@WEIGHTS@, rest = s->cells.hidden % 16;
    const size_t last = (s->m.columns - 1) / 64 * 64;
    sum_@WEIGHTS@_@ISA@ sums[16 * 4];
    float tail[16 * 64];
    for (size_t row = 0, rows = 0; row < all; row += rows) {
        rows = balanced(all - row, 16);
        wide_shapes_@WEIGHTS@_@ISA@(rows, words);
        for (size_t done = 0; done < s->m.columns; done += 64) {
            const size_t first = s->from_the_end ? last - done : done;
            const int is_tail = first + 64 > s->m.columns;
            const size_t vectors = is_tail ? (4 * rest + 15) / 16 : 4;
            wide_sums_@WEIGHTS@_@ISA@(&s->m, &s->in, s->m.panels + first * words, row, vectors, sums);
            wide_lstm_block_@WEIGHTS@_@ISA@(s, sums, row, first, tail, rows, vectors, is_tail);
            for (size_t r = 0; is_tail && r < rows; r++)
                unit_cells_at_@VEC@(&s->cells, row + r, first / 4, rest, CELLS_@WEIGHTS@_@ISA@, tail + r * 64, rest);
        }
        _tile_release();
    }
}

"""##,
    "blocks/wide_registers": ##"""
// Adds the products of one word with a row's input to sums [registers of a vector][vectors].
INLINE_@ISA@ void wide_word_of_row_@WEIGHTS@_@ISA@(const input_@WEIGHTS@_@ISA@ *inputs, const weight_@WEIGHTS@_@ISA@ *w, size_t word, const size_t part, const size_t registers, sum_@WEIGHTS@_@ISA@ *sum) {
    const weight_@WEIGHTS@_@ISA@ x = spread_@WEIGHTS@_@ISA@(inputs, word, part);
    UNROLL
    for (size_t v = 0; v < registers; v++)
        sum[v] = fma_@WEIGHTS@_@ISA@(x, w[v], sum[v]);
}

// Adds the products of one word to sums [rows][registers of a vector][vectors]. Few weights wait in
// registers for the inputs of many rows, many are used as they are read.
INLINE_@ISA@ void wide_word_@WEIGHTS@_@ISA@(const struct wide_rows_@WEIGHTS@_@ISA@ *in, const uint32_t *at, size_t row, size_t word, const size_t rows, const size_t vectors, sum_@WEIGHTS@_@ISA@ *sum) {
    enum { parts = PARTS_@WEIGHTS@_@ISA@, most = 16 / WIDTH_@VEC@ * 4 };
    const size_t registers = 16 / WIDTH_@VEC@ * vectors, waiting = registers <= rows ? registers : 1;
    const input_@WEIGHTS@_@ISA@ *const inputs = in->x + row * in->x_stride;
    UNROLL
    for (size_t i = 0; i < registers / waiting * parts; i++) {
        const size_t first = i / parts * waiting, part = i % parts;
        weight_@WEIGHTS@_@ISA@ w[most];
        UNROLL
        for (size_t v = 0; v < waiting; v++) {
            const size_t at_v = (first + v) % vectors * 16 + (first + v) / vectors * WIDTH_@VEC@;
            w[v] = weights_@WEIGHTS@_@ISA@(at + at_v, part);
        }
        UNROLL
        for (size_t r = 0; r < rows; r++)
            wide_word_of_row_@WEIGHTS@_@ISA@(inputs + r * in->x_stride, w, word, part, waiting, sum + r * registers + first);
    }
}

// Sums of `rows` rows for a block of `vectors` vectors of 16 columns, [rows][registers of a
// vector][vectors]. As many vectors at a time as there are registers for, so that a block is read once for
// all of the rows: it may be larger than the first-level cache. All counts are constants at each call. A
// single row has two sums for each column, of even and of odd words, lest additions wait for one another.
INLINE_@ISA@ void wide_sums_@WEIGHTS@_@ISA@(const struct wide *m, const struct wide_rows_@WEIGHTS@_@ISA@ *in, const uint32_t *block, size_t row, const size_t rows, const size_t vectors, const size_t together, sum_@WEIGHTS@_@ISA@ *sums) {
    enum { most = @WIDE_REGISTERS@ };
    const size_t count = rows * (16 / WIDTH_@VEC@) * together;
    const size_t words = (m->depth + WEIGHTS_@WEIGHTS@ - 1) / WEIGHTS_@WEIGHTS@;
    const int is_split = rows == 1 && count <= 4;
    for (size_t first = 0; first < vectors; first += together) {
        const uint32_t *at = block + 16 * first;
        sum_@WEIGHTS@_@ISA@ sum[most], odd[most];
        UNROLL
        for (size_t i = 0; i < count; i++)
            odd[i] = sum[i] = (sum_@WEIGHTS@_@ISA@){0};
        size_t word = 0;
        for (; is_split && word + 2 <= words; word += 2, at += 32 * vectors) {
            wide_word_@WEIGHTS@_@ISA@(in, at, row, word, rows, together, sum);
            wide_word_@WEIGHTS@_@ISA@(in, at + 16 * vectors, row, word + 1, rows, together, odd);
        }
        for (; word < words; word++, at += 16 * vectors)
            wide_word_@WEIGHTS@_@ISA@(in, at, row, word, rows, together, sum);
        UNROLL
        for (size_t i = 0; is_split && i < count; i++)
            sum[i] += odd[i];
        UNROLL
        for (size_t i = 0; i < count; i++)
            sums[i / together * vectors + first + i % together] = sum[i];
    }
}

"""##,
    "blocks/wide_tiles": ##"""
// Tiles of a block of up to 16 rows: 0 to 3 are sums of four vectors of columns, 4 words of the rows and 5
// of the weights, 16 at a time; 6 and 7 as 4 and 5 for the words behind the last 16.
INLINE_@ISA@ void wide_shapes_@WEIGHTS@_@ISA@(size_t rows, size_t words) {
    const size_t left = words % 16;
    struct tile_shapes shapes = {.palette = 1};
    for (size_t vector = 0; vector < 4; vector++)
        set_tile_shape(&shapes, vector, rows, 16);
    set_tile_shape(&shapes, 4, rows, 16);
    set_tile_shape(&shapes, 5, 16, 16);
    set_tile_shape(&shapes, 6, rows, left);
    set_tile_shape(&shapes, 7, left, 16);
    finish_writing(&shapes);
    _tile_loadconfig(&shapes);
}

// Sums [rows x 4] of a block of up to 4 vectors.
INLINE_@ISA@ void wide_sums_@WEIGHTS@_@ISA@(const struct wide *m, const struct wide_rows_@WEIGHTS@_@ISA@ *in, const uint32_t *block, size_t row, size_t vectors, sum_@WEIGHTS@_@ISA@ *sums) {
    const size_t words = (m->depth + WEIGHTS_@WEIGHTS@ - 1) / WEIGHTS_@WEIGHTS@, left = words % 16;
    const size_t x_bytes = 4 * in->x_stride, w_bytes = 64 * vectors;
    const uint32_t *x = in->x + row * in->x_stride, *w = block;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (const uint32_t *end = x + words - left; x < end; x += 16, w += 256 * vectors) {
        _tile_loadd(4, x, x_bytes);
        _tile_loadd(5, w, w_bytes);
        @MULTIPLY@(0, 4, 5);
        if (vectors > 1) {
            _tile_loadd(5, w + 16, w_bytes);
            @MULTIPLY@(1, 4, 5);
        }
        if (vectors > 2) {
            _tile_loadd(5, w + 32, w_bytes);
            @MULTIPLY@(2, 4, 5);
        }
        if (vectors > 3) {
            _tile_loadd(5, w + 48, w_bytes);
            @MULTIPLY@(3, 4, 5);
        }
    }
    if (left > 0) {
        _tile_loadd(6, x, x_bytes);
        _tile_loadd(7, w, w_bytes);
        @MULTIPLY@(0, 6, 7);
        if (vectors > 1) {
            _tile_loadd(7, w + 16, w_bytes);
            @MULTIPLY@(1, 6, 7);
        }
        if (vectors > 2) {
            _tile_loadd(7, w + 32, w_bytes);
            @MULTIPLY@(2, 6, 7);
        }
        if (vectors > 3) {
            _tile_loadd(7, w + 48, w_bytes);
            @MULTIPLY@(3, 6, 7);
        }
    }
    _tile_stored(0, sums, 256);
    _tile_stored(1, sums + 1, 256);
    _tile_stored(2, sums + 2, 256);
    _tile_stored(3, sums + 3, 256);
}

"""##,
    "costs.txt": ##"""
# What products with packed matrices take, per row of inputs: nanoseconds for each KiB of weights that is read, and
# for each 16 columns of results. Written by `weft tune` on an AMD EPYC (family 26, model 2), one core.
# Joint forms, whose layout has changed since: on avx512vnni and avx512 in f32 the times of before, which are to be
# undercut; the others by their ratios to forms that are not joint on an AMD EPYC (family 25, model 17). avx2 in bf16 and
# portable in f32, whose kernels have become faster: by how much they did on that machine.
# set          form        ns/KiB   ns/16 columns
avx512vnni     f32         4.292    1.393
avx512vnni     bf16        4.328    0.000
avx512vnni     int8        5.258    0.000
avx512vnni     blocks      6.413    2.668
avx512vnni     packed      6.018    1.902
avx512vnni     joint_f32   3.254    1.290
avx512vnni     joint_bf16  2.269    3.380
avx512vnni     joint_int8  1.951    1.036
avx512         f32         4.350    1.145
avx512         bf16        5.376    0.372
avx512         int8        22.306   1.288
avx512         blocks      6.409    2.506
avx512         packed      6.014    1.873
avx512         joint_f32   3.262    1.092
avx512         joint_bf16  7.965    0.000
avx512         joint_int8  8.267    0.000
avx2           f32         4.537    6.975
avx2           bf16        9.438    3.999
avx2           int8        45.153   2.827
avx2           blocks      7.242    4.679
avx2           packed      46.806   7.597
avx2           joint_f32   10.299   0.000
avx2           joint_bf16  28.377   0.000
avx2           joint_int8  28.473   0.000
portable       f32         9.324    0.000
portable       bf16        33.989   0.389
portable       int8        123.369  3.722
portable       blocks      13.776   3.894
portable       packed      43.009   8.413
portable       joint_f32   22.826   0.000
portable       joint_bf16  52.266   0.000
portable       joint_int8  56.249   0.000

"""##,
    "elementwise/activation_gradient_relu": ##"""
// dx = y > 0 ? dy : 0; dx may be dy.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ zero = vec_set1_@ISA@(0.0f);
            const vec_@ISA@ a = vec_load_partial_@ISA@(y + row * y_stride + column, n);
            const vec_@ISA@ d = vec_load_partial_@ISA@(dy + row * dy_stride + column, n);
            vec_store_partial_@ISA@(dx + row * dx_stride + column, vec_select_@ISA@(a, zero, d, zero), n);
        }
    }
}

"""##,
    "elementwise/activation_gradient_sigmoid": ##"""
// dx = dy y (1 - y); dx may be dy.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(y + row * y_stride + column, n);
            const vec_@ISA@ d = vec_load_partial_@ISA@(dy + row * dy_stride + column, n);
            vec_store_partial_@ISA@(dx + row * dx_stride + column, d * (a * (vec_set1_@ISA@(1.0f) - a)), n);
        }
    }
}

"""##,
    "elementwise/activation_gradient_tanh": ##"""
// dx = dy (1 - y^2); dx may be dy.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(y + row * y_stride + column, n);
            const vec_@ISA@ d = vec_load_partial_@ISA@(dy + row * dy_stride + column, n);
            vec_store_partial_@ISA@(dx + row * dx_stride + column, d * vec_fnma_@ISA@(a, a, vec_set1_@ISA@(1.0f)), n);
        }
    }
}

"""##,
    "elementwise/activation_relu": ##"""
// y = max(x, 0); y may be x.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            vec_store_partial_@ISA@(y + row * y_stride + column, vec_max_@ISA@(vec_set1_@ISA@(0.0f), a), n);
        }
    }
}

"""##,
    "elementwise/activation_sigmoid": ##"""
// y = 1 / (1 + e^-x); y may be x.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            vec_store_partial_@ISA@(y + row * y_stride + column, vec_sigmoid_@ISA@(a), n);
        }
    }
}

"""##,
    "elementwise/activation_tanh": ##"""
// y = tanh x; y may be x.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            vec_store_partial_@ISA@(y + row * y_stride + column, vec_tanh_@ISA@(a), n);
        }
    }
}

"""##,
    "elementwise/adam_update": ##"""
// Adam as torch.optim.Adam, or with decoupled decay torch.optim.AdamW (Kingma & Ba 2015, algorithm 1;
// Loshchilov & Hutter 2019, algorithm 2). correction1 = 1 - beta1^t and correction2 = 1 - beta2^t at
// step t, counted from 1. What a mask (NULL: none) leaves out keeps its w, m and v, to the bit.
@SIGNATURE@ {
    const vec_@ISA@ limit = vec_set1_@ISA@(clip_value), pace = vec_set1_@ISA@(rate / correction1);
    const vec_@ISA@ spread = vec_set1_@ISA@(sqrtf(correction2)), least = vec_set1_@ISA@(epsilon);
    const vec_@ISA@ fresh1 = vec_set1_@ISA@(1.0f - beta1), fresh2 = vec_set1_@ISA@(1.0f - beta2);
    const vec_@ISA@ coupled = vec_set1_@ISA@(decoupled ? 0.0f : decay);
    const vec_@ISA@ kept = vec_set1_@ISA@(decoupled ? 1.0f - rate * decay : 1.0f);
    for (size_t i = 0; i < n; i += WIDTH_@ISA@) {
        const size_t left = lanes(n, i, WIDTH_@ISA@);
        const vec_@ISA@ weight = vec_load_partial_@ISA@(w + i, left);
        vec_@ISA@ d = vec_load_partial_@ISA@(g + i, left) * vec_set1_@ISA@(scale);
        d = vec_min_@ISA@(limit, vec_max_@ISA@(-limit, d));
        d = vec_fma_@ISA@(coupled, weight, d);
        const vec_@ISA@ old_mean = vec_load_partial_@ISA@(m + i, left);
        const vec_@ISA@ old_square = vec_load_partial_@ISA@(v + i, left);
        vec_@ISA@ mean = vec_fma_@ISA@(fresh1, d - old_mean, old_mean);
        vec_@ISA@ square = vec_fma_@ISA@(fresh2, d * d, vec_set1_@ISA@(beta2) * old_square);
        const vec_@ISA@ step = mean / (vec_sqrt_@ISA@(square) / spread + least);
        vec_@ISA@ moved = vec_fnma_@ISA@(pace, step, weight * kept);
        if (mask != NULL) {
            mean = vec_choose_@ISA@(mask + i, left, mean, old_mean);
            square = vec_choose_@ISA@(mask + i, left, square, old_square);
            moved = vec_choose_@ISA@(mask + i, left, moved, weight);
        }
        vec_store_partial_@ISA@(m + i, mean, left);
        vec_store_partial_@ISA@(v + i, square, left);
        vec_store_partial_@ISA@(w + i, moved, left);
    }
}

"""##,
    "elementwise/add_rows": ##"""
// y += x
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            float *at = y + row * y_stride + column;
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            vec_store_partial_@ISA@(at, vec_load_partial_@ISA@(at, n) + a, n);
        }
    }
}

"""##,
    "elementwise/axpy": ##"""
// y += a x
@SIGNATURE@ {
    for (size_t i = 0; i < n; i += WIDTH_@ISA@) {
        const size_t left = lanes(n, i, WIDTH_@ISA@);
        const vec_@ISA@ sum = vec_load_partial_@ISA@(y + i, left);
        const vec_@ISA@ term = vec_load_partial_@ISA@(x + i, left);
        vec_store_partial_@ISA@(y + i, vec_fma_@ISA@(vec_set1_@ISA@(a), term, sum), left);
    }
}

"""##,
    "elementwise/column_sums": ##"""
// y[column] += sum over the rows of x, in their order.
@SIGNATURE@ {
    for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
        const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
        vec_@ISA@ sum = vec_set1_@ISA@(0.0f);
        for (size_t row = 0; row < (size_t)rows; row++)
            sum += vec_load_partial_@ISA@(x + row * x_stride + column, n);
        vec_store_partial_@ISA@(y + column, vec_load_partial_@ISA@(y + column, n) + sum, n);
    }
}

"""##,
    "elementwise/copy_rows": ##"""
// y = x
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++)
        memcpy(y + row * y_stride, x + row * x_stride, sizeof(float) * (size_t)columns);
}

"""##,
    "elementwise/dot": ##"""
// Sum of x y: float partial sums over runs of 1024 elements, which are added in double.
@SIGNATURE@ {
    double total = 0.0;
    for (size_t start = 0; start < n; start += 1024) {
        const size_t end = smaller(n, start + 1024);
        vec_@ISA@ even = vec_set1_@ISA@(0.0f), odd = even;
        for (size_t i = start; i < end; i += 2 * WIDTH_@ISA@) {
            const size_t first = lanes(end, i, WIDTH_@ISA@);
            const size_t second = lanes(end, i + WIDTH_@ISA@, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + i, first);
            even = vec_fma_@ISA@(a, vec_load_partial_@ISA@(y + i, first), even);
            if (second > 0) {
                const vec_@ISA@ b = vec_load_partial_@ISA@(x + i + WIDTH_@ISA@, second);
                odd = vec_fma_@ISA@(b, vec_load_partial_@ISA@(y + i + WIDTH_@ISA@, second), odd);
            }
        }
        total += (double)vec_sum_@ISA@(even + odd);
    }
    return total;
}

"""##,
    "elementwise/dot_rows": ##"""
// Sum of x y: float partial sums of each row, which are added in double.
@SIGNATURE@ {
    double total = 0.0;
    for (size_t row = 0; row < (size_t)rows; row++) {
        vec_@ISA@ sum = vec_set1_@ISA@(0.0f);
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            sum = vec_fma_@ISA@(a, vec_load_partial_@ISA@(y + row * y_stride + column, n), sum);
        }
        total += (double)vec_sum_@ISA@(sum);
    }
    return total;
}

"""##,
    "elementwise/dropout_mask": ##"""
// 0 with probability p, else 1 / (1 - p), from one random stream a row.
@SIGNATURE@ {
    const vec_@ISA@ zero = vec_set1_@ISA@(0.0f), kept = vec_set1_@ISA@(1.0f / (1.0f - p));
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const uvec_@ISA@ bits = random_bits_@ISA@(row_keys[row], (uint32_t)column, 1);
            const vec_@ISA@ uniform = unit_interval_@ISA@(bits);
            const vec_@ISA@ value = vec_select_@ISA@(vec_set1_@ISA@(p), uniform, zero, kept);
            vec_store_partial_@ISA@(mask + row * mask_stride + column, value, n);
        }
    }
}

"""##,
    "elementwise/gather_rows": ##"""
// y[row] = x[index[row]]; a negative index gives zeros.
@SIGNATURE@ {
    const size_t bytes = sizeof(float) * (size_t)columns;
    for (size_t row = 0; row < (size_t)rows; row++) {
        if (index[row] < 0)
            memset(y + row * y_stride, 0, bytes);
        else
            memcpy(y + row * y_stride, x + (size_t)index[row] * x_stride, bytes);
    }
}

"""##,
    "elementwise/gaussian": ##"""
// Normal values of mean 0 and standard deviation sigma, by Box and Muller from columns 2c and 2c + 1
// of a row's stream.
@SIGNATURE@ {
    const vec_@ISA@ one = vec_set1_@ISA@(1.0f), deviation = vec_set1_@ISA@(sigma);
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const uint32_t first = (uint32_t)(2 * column);
            const uvec_@ISA@ even = random_bits_@ISA@(row_keys[row], first, 2);
            const uvec_@ISA@ odd = random_bits_@ISA@(row_keys[row], first + 1, 2);
            const vec_@ISA@ log = vec_log_@ISA@(one - unit_interval_@ISA@(even));
            const vec_@ISA@ radius = deviation * vec_sqrt_@ISA@(vec_set1_@ISA@(-2.0f) * log);
            const vec_@ISA@ value = radius * vec_cos_of_turns_@ISA@(unit_interval_@ISA@(odd));
            vec_store_partial_@ISA@(y + row * y_stride + column, value, n);
        }
    }
}

"""##,
    "elementwise/look_up_bf16": ##"""
// y[row] = row index[row] of a table in bfloat16.
@SIGNATURE@ {
    (void)scales;
    const size_t count = (size_t)columns;
    for (size_t row = 0; row < (size_t)rows; row++) {
        const uint16_t *from = (const uint16_t *)table + (size_t)index[row] * count;
        float *to = y + row * y_stride;
        for (size_t column = 0; column < count; column++) {
            const uint32_t bits = (uint32_t)from[column] << 16;
            memcpy(to + column, &bits, sizeof bits);
        }
    }
}

"""##,
    "elementwise/look_up_int8": ##"""
// y[row] = row index[row] of a table in eight bits, times its scale.
@SIGNATURE@ {
    const size_t count = (size_t)columns;
    for (size_t row = 0; row < (size_t)rows; row++) {
        const int8_t *from = (const int8_t *)table + (size_t)index[row] * count;
        float *to = y + row * y_stride;
        const float scale = scales[index[row]];
        for (size_t column = 0; column < count; column++)
            to[column] = scale * (float)from[column];
    }
}

"""##,
    "elementwise/mask_gradient": ##"""
// g = m g for a mask m: exactly 0 where its byte is 0, whatever g was.
@SIGNATURE@ {
    const vec_@ISA@ zero = vec_set1_@ISA@(0.0f);
    for (size_t i = 0; i < n; i += WIDTH_@ISA@) {
        const size_t left = lanes(n, i, WIDTH_@ISA@);
        const vec_@ISA@ all = vec_load_partial_@ISA@(g + i, left);
        vec_store_partial_@ISA@(g + i, vec_choose_@ISA@(mask + i, left, all, zero), left);
    }
}

"""##,
    "elementwise/multiply": ##"""
// y = x m, element by element.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            const vec_@ISA@ b = vec_load_partial_@ISA@(m + row * m_stride + column, n);
            vec_store_partial_@ISA@(y + row * y_stride + column, a * b, n);
        }
    }
}

"""##,
    "elementwise/multiply_add": ##"""
// y += x m, element by element.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            const vec_@ISA@ b = vec_load_partial_@ISA@(m + row * m_stride + column, n);
            float *at = y + row * y_stride + column;
            vec_store_partial_@ISA@(at, vec_fma_@ISA@(a, b, vec_load_partial_@ISA@(at, n)), n);
        }
    }
}

"""##,
    "elementwise/pair_columns": ##"""
// Pairs of the columns of each row, in bfloat16.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++)
        pair_columns_@ISA@((size_t)columns, x + row * x_stride, y + row * y_stride);
}

"""##,
    "elementwise/pair_rows": ##"""
// Pairs of the rows 0 and 1, 2 and 3, ..., in bfloat16; 0 beside an odd last one.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row += 2) {
        const float *next = row + 1 < (size_t)rows ? x + (row + 1) * x_stride : NULL;
        pair_rows_@ISA@((size_t)columns, x + row * x_stride, next, y + row / 2 * y_stride);
    }
}

"""##,
    "elementwise/scale_rows": ##"""
// y (+)= a x
@SIGNATURE@ {
    const vec_@ISA@ factor = vec_set1_@ISA@(a);
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            float *at = y + row * y_stride + column;
            const vec_@ISA@ term = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            vec_@ISA@ sum = factor * term;
            if (add)
                sum = vec_fma_@ISA@(factor, term, vec_load_partial_@ISA@(at, n));
            vec_store_partial_@ISA@(at, sum, n);
        }
    }
}

"""##,
    "elementwise/scatter_add_rows": ##"""
// y[index[row]] += x[row], rows in order; a negative index is left out.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        if (index[row] < 0)
            continue;
        for (size_t column = 0; column < (size_t)columns; column += WIDTH_@ISA@) {
            const size_t n = lanes((size_t)columns, column, WIDTH_@ISA@);
            float *at = y + (size_t)index[row] * y_stride + column;
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + row * x_stride + column, n);
            vec_store_partial_@ISA@(at, vec_load_partial_@ISA@(at, n) + a, n);
        }
    }
}

"""##,
    "elementwise/sgd_update": ##"""
// Stochastic gradient descent as torch.optim.SGD: d = clamp(scale g) + decay w; v = momentum v + d; w
// -= rate (nesterov ? d + momentum v : v). Without v (NULL), w -= rate d. clip_value INFINITY clamps
// nothing. What a mask (NULL: none) leaves out keeps its w and v, to the bit.
@SIGNATURE@ {
    const vec_@ISA@ limit = vec_set1_@ISA@(clip_value), mu = vec_set1_@ISA@(momentum);
    for (size_t i = 0; i < n; i += WIDTH_@ISA@) {
        const size_t left = lanes(n, i, WIDTH_@ISA@);
        const vec_@ISA@ weight = vec_load_partial_@ISA@(w + i, left);
        vec_@ISA@ d = vec_load_partial_@ISA@(g + i, left) * vec_set1_@ISA@(scale);
        d = vec_min_@ISA@(limit, vec_max_@ISA@(-limit, d));
        d = vec_fma_@ISA@(vec_set1_@ISA@(decay), weight, d);
        if (v != NULL) {
            const vec_@ISA@ old = vec_load_partial_@ISA@(v + i, left);
            const vec_@ISA@ velocity = vec_fma_@ISA@(mu, old, d);
            vec_@ISA@ next = velocity;
            if (mask != NULL)
                next = vec_choose_@ISA@(mask + i, left, velocity, old);
            vec_store_partial_@ISA@(v + i, next, left);
            d = nesterov ? vec_fma_@ISA@(mu, velocity, d) : velocity;
        }
        vec_@ISA@ moved = vec_fnma_@ISA@(vec_set1_@ISA@(rate), d, weight);
        if (mask != NULL)
            moved = vec_choose_@ISA@(mask + i, left, moved, weight);
        vec_store_partial_@ISA@(w + i, moved, left);
    }
}

"""##,
    "elementwise/sum_of_squares": ##"""
// Sum of x^2: float partial sums over runs of 1024 elements, which are added in double.
@SIGNATURE@ {
    double total = 0.0;
    for (size_t start = 0; start < n; start += 1024) {
        const size_t end = smaller(n, start + 1024);
        vec_@ISA@ even = vec_set1_@ISA@(0.0f), odd = even;
        for (size_t i = start; i < end; i += 2 * WIDTH_@ISA@) {
            const size_t first = lanes(end, i, WIDTH_@ISA@);
            const size_t second = lanes(end, i + WIDTH_@ISA@, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + i, first);
            even = vec_fma_@ISA@(a, a, even);
            if (second > 0) {
                const vec_@ISA@ b = vec_load_partial_@ISA@(x + i + WIDTH_@ISA@, second);
                odd = vec_fma_@ISA@(b, b, odd);
            }
        }
        total += (double)vec_sum_@ISA@(even + odd);
    }
    return total;
}

"""##,
    "elementwise/uniform_column0": ##"""
// Column 0 of each row's stream, uniform in [0, 1).
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++)
        u[row] = random_uniform(row_keys[row], 0);
}

"""##,
    "kernels/argmax": ##"""
// The column of the greatest of @L@ scores of each row, the first of equals.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        const float *x = scores + row * stride;
        const float greatest = row_greatest_@ISA@(x, @L@);
        int32_t label = 0;
        while (label < @L@ && x[label] != greatest)
            label++;
        best[row] = label < @L@ ? label : 0;
    }
}

"""##,
    "kernels/char_conv": ##"""
// Convolution of width @W@ over the scalars of each form, zeros beyond its ends, and the maximum over
// its positions of each of @F@ filters (Ma & Hovy 2016); argmax is the position, the first of equals.
@SIGNATURE@ {
    enum { block = 12, padded = (@F@ + 15) / 16 * 16, before = (@W@ - 1) / 2 };
    float sums[block * padded];
    for (int32_t t = 0; t < steps; t++) {
        const size_t active = (size_t)(offsets[t + 1] - offsets[t]);
        for (size_t form = 0, count = 0; form < active; form += count) {
            count = balanced(active - form, block);
            // The middle tap is there for every form, so it starts the sums; the others add where
            // there is a scalar.
            for (int32_t i = 0; i < @W@; i++) {
                const int32_t tap = i == 0 ? before : i <= before ? i - 1 : i, step = t + tap - before;
                if (step < 0 || step >= steps)
                    continue;
                const size_t present = (size_t)(offsets[step + 1] - offsets[step]);
                const struct product product = {
                    .rows = lanes(present, form, count),
                    .columns = padded,
                    .depth = @E@,
                    .a = x + ((size_t)offsets[step] + form) * x_stride,
                    .a_row = x_stride,
                    .a_step = 1,
                    .b = conv_panels + 16 * @E@ * (size_t)tap,
                    .b_panel = 16 * @E@ * @W@,
                    .b_step = 16,
                    .y = sums,
                    .y_stride = padded,
                    .add = i != 0,
                    .padded = 1,
                };
                product_@ISA@(&product);
            }
            for (size_t row = 0; row < count; row++) {
                const size_t at = form + row;
                char_conv_maximum_@ISA@(@F@, t, sums + row * padded, y + at * y_stride, argmax == NULL ? NULL : argmax + at * argmax_stride);
            }
        }
    }
    for (size_t form = 0; form < (size_t)forms; form++)
        char_conv_finish_@ISA@(@F@, @R@, bias, y + form * y_stride);
}

"""##,
    "kernels/char_conv_gradient": ##"""
// Gradient of char_conv: only the window at each filter's maximum takes part. Weights and their gradients are
// turned to [filter][@W@ taps][inputs], where a tap is contiguous as a scalar's row is, for a group of filters
// at a time; the gradients of some scalars of a form are summed up before they are added.
@SIGNATURE@ {
    enum { padded = (@E@ + 15) / 16 * 16, size = padded * @W@, fitting = 4096 / size };
    enum { some = fitting < 1 ? 1 : fitting, group = some < @F@ ? some : @F@ };
    enum { near = padded < 1024 ? 2048 / padded : 1 };
    _Alignas(64) float taps[group * size], dtaps[group * size], drows[near * padded];
    for (size_t first = 0; first < @F@; first += group) {
        const size_t filters = lanes(@F@, first, group);
        conv_turn_@ISA@(@E@, @W@, filters, weight + first * @E@ * @W@, taps);
        memset(dtaps, 0, sizeof(float) * filters * size);
        int32_t length = steps;
        for (int32_t form = 0; form < forms; form++) {
            while (length > 0 && offsets[length] - offsets[length - 1] <= form)
                length--;
            const int32_t *best = argmax + (size_t)form * argmax_stride + first;
            const float *y_row = y + (size_t)form * y_stride + first;
            const float *dy_row = dy + (size_t)form * dy_stride + first;
            for (int32_t begin = 0; begin < length; begin += near) {
                const int32_t end = length - begin < near ? length : begin + near;
                memset(drows, 0, sizeof(float) * (size_t)(end - begin) * padded);
                for (size_t filter = 0; filter < filters; filter++) {
                    const float slope = !@R@ || y_row[filter] > 0.0f ? dy_row[filter] : 0.0f;
                    if (dbias != NULL && begin == 0)
                        dbias[first + filter] += slope;
                    for (int32_t tap = 0; tap < @W@; tap++) {
                        const int32_t step = best[filter] + tap - (@W@ - 1) / 2;
                        if (step < begin || step >= end)
                            continue;
                        const size_t at = filter * size + (size_t)tap * padded;
                        if (dweight != NULL)
                            conv_add_@ISA@(@E@, slope, x + (size_t)(offsets[step] + form) * x_stride, dtaps + at);
                        conv_add_@ISA@(@E@, slope, taps + at, drows + (size_t)(step - begin) * padded);
                    }
                }
                for (int32_t step = begin; step < end && dx != NULL; step++)
                    conv_add_row_@ISA@(@E@, drows + (size_t)(step - begin) * padded, dx + (size_t)(offsets[step] + form) * dx_stride);
            }
        }
        if (dweight != NULL)
            conv_add_turned_@ISA@(@E@, @W@, filters, dtaps, dweight + first * @E@ * @W@);
    }
}

"""##,
    "kernels/char_table": ##"""
// Convolution of width @W@ over the scalars of each form, zeros beyond its ends, and the maximum over its
// positions of each of @F@ filters: sums of what the table [characters][@W@][filters] holds for each tap.
@SIGNATURE@ {
    enum { padded = (@F@ + 15) / 16 * 16, before = (@W@ - 1) / 2, vectors = padded / WIDTH_@ISA@ };
    for (int32_t form = 0, length = steps; form < forms; form++) {
        // Longest first: later forms are no longer.
        while (length > 0 && offsets[length] - offsets[length - 1] <= form)
            length--;
        float *to = y + (size_t)form * y_stride;
        for (size_t v = 0; v < vectors; v++) {
            vec_@ISA@ best = vec_set1_@ISA@(-INFINITY);
            for (int32_t t = 0; t < length; t++) {
                vec_@ISA@ sum = vec_set1_@ISA@(0.0f);
                for (int32_t tap = 0; tap < @W@; tap++) {
                    const int32_t at = t + tap - before;
                    if (at < 0 || at >= length)
                        continue;
                    const size_t row = (size_t)ids[offsets[at] + form] * @W@ + (size_t)tap;
                    sum += vec_load_@ISA@(table + row * padded + v * WIDTH_@ISA@);
                }
                best = vec_max_@ISA@(best, sum);
            }
            const size_t n = lanes(@F@, v * WIDTH_@ISA@, WIDTH_@ISA@);
            best += vec_load_partial_@ISA@(bias + v * WIDTH_@ISA@, n);
            if (@R@)
                best = vec_max_@ISA@(vec_set1_@ISA@(0.0f), best);
            vec_store_partial_@ISA@(to + v * WIDTH_@ISA@, best, n);
        }
    }
}

"""##,
    "kernels/crf_gradient": ##"""
// Gradient of crf_loss times scale: expectations over all paths less those over the paths that agree
// with the labels.
@SIGNATURE@ {
    double *buffer = work;
    const struct crf_tables tables = crf_tables_@ISA@(@L@, crf, buffer);
    double *pairs = buffer + 2 * @L@ * tables.padded;
    buffer += 3 * @L@ * tables.padded;
    for (size_t i = 0; i < @L@ * tables.padded; i++)
        pairs[i] = 0.0;
    for (int32_t sentence = 0; sentence < sentences; sentence++) {
        struct crf_lattice lattice =
            crf_lattice_@ISA@(crf, tables, offsets, steps, sentence, scores, stride, buffer);
        lattice.labels = labels;
        struct crf_expectations to = {scale, d_scores, d_stride, d_start, d_end, pairs, 1.0};
        for (size_t t = 0; t < lattice.tokens && !add; t++)
            memset(d_scores + crf_row(&lattice, t) * d_stride, 0, sizeof(float) * @L@);
        const int known = crf_labelled(&lattice);
        if (known == 0)
            continue;
        if (known == 2)
            crf_subtract_path_@ISA@(@L@, &lattice, &to, d_transitions);
        lattice.labels = NULL;
        crf_forward_@ISA@(@L@, &lattice);
        crf_backward_@ISA@(@L@, &lattice, &to);
        if (known == 2)
            continue;
        to.factor = -scale;
        to.pair_factor = -1.0;
        lattice.labels = labels;
        crf_forward_@ISA@(@L@, &lattice);
        crf_backward_@ISA@(@L@, &lattice, &to);
    }
    for (size_t i = 0; i < @L@; i++) {
        for (size_t j = 0; j < @L@; j++) {
            const double open = tables.from[i * tables.padded + j];
            if (open > 0.0)
                d_transitions[i * @L@ + j] += (float)((double)scale * open * pairs[i * tables.padded + j]);
        }
    }
}

"""##,
    "kernels/crf_loss": ##"""
// Sum over the sentences that carry a label of log Z - log Z(paths that agree with the known labels),
// and how many those are. @L@ labels.
@SIGNATURE@ {
    double *buffer = work, total = 0.0;
    const struct crf_tables tables = crf_tables_@ISA@(@L@, crf, buffer);
    buffer += 3 * @L@ * tables.padded;
    *labelled = 0;
    for (int32_t sentence = 0; sentence < sentences; sentence++) {
        struct crf_lattice lattice =
            crf_lattice_@ISA@(crf, tables, offsets, steps, sentence, scores, stride, buffer);
        lattice.labels = labels;
        const int known = crf_labelled(&lattice);
        if (known == 0)
            continue;
        total -= known == 2 ? crf_path_score_@ISA@(@L@, &lattice) : crf_forward_@ISA@(@L@, &lattice);
        lattice.labels = NULL;
        total += crf_forward_@ISA@(@L@, &lattice);
        *labelled += 1;
    }
    return total;
}

"""##,
    "kernels/crf_marginals": ##"""
// Probability of each of @L@ labels at each token.
@SIGNATURE@ {
    double *buffer = work;
    const struct crf_tables tables = crf_tables_@ISA@(@L@, crf, buffer);
    const struct crf_expectations to = {.factor = 1.0f, .scores = p, .stride = p_stride};
    buffer += 3 * @L@ * tables.padded;
    for (int32_t sentence = 0; sentence < sentences; sentence++) {
        const struct crf_lattice lattice =
            crf_lattice_@ISA@(crf, tables, offsets, steps, sentence, scores, stride, buffer);
        for (size_t t = 0; t < lattice.tokens; t++)
            memset(p + crf_row(&lattice, t) * p_stride, 0, sizeof(float) * @L@);
        if (lattice.tokens == 0)
            continue;
        crf_forward_@ISA@(@L@, &lattice);
        crf_backward_@ISA@(@L@, &lattice, &to);
    }
}

"""##,
    "kernels/crf_viterbi": ##"""
// The best path of each sentence over @L@ labels; of equals the one with the smallest labels from the
// end backwards.
@SIGNATURE@ {
    enum { padded = (@L@ + 15) / 16 * 16 };
    float *transitions = work, *score = transitions + @L@ * padded, *next = score + padded;
    uint32_t *back = (uint32_t *)(next + padded);
    for (size_t i = 0; i < @L@; i++)
        for (size_t j = 0; j < padded; j++) {
            const int open = j < @L@ && crf_allows(crf->allowed, i * @L@ + j);
            transitions[i * padded + j] = open ? crf->transitions[i * @L@ + j] : -INFINITY;
        }
    for (int32_t sentence = 0; sentence < sentences; sentence++) {
        int32_t t = 0;
        for (; t < steps && offsets[t + 1] - offsets[t] > sentence; t++) {
            const float *row = scores + (size_t)(offsets[t] + sentence) * stride;
            const int first = t == 0, last = t + 1 == steps || offsets[t + 2] - offsets[t + 1] <= sentence;
            if (!first)
                viterbi_step_@ISA@(@L@, padded, score, transitions, next, back + (size_t)t * padded);
            for (size_t j = 0; j < @L@; j++) {
                const float own = crf_single_score(crf, row[j], j, first, last);
                score[j] = first ? own : next[j] + own;
            }
        }
        if (t == 0)
            break;
        uint32_t label = 0;
        for (uint32_t j = 1; j < @L@; j++)
            label = score[j] > score[label] ? j : label;
        while (t-- > 0) {
            best[offsets[t] + sentence] = (int32_t)label;
            label = t > 0 ? back[(size_t)t * padded + label] : 0;
        }
    }
}

"""##,
    "kernels/cross_entropy": ##"""
// Sum over the labelled rows (label >= 0) of -log softmax(scores) against (1 - smoothing) one-hot +
// smoothing / @L@, and how many those are.
@SIGNATURE@ {
    double total = 0.0;
    int32_t count = 0;
    for (size_t row = 0; row < (size_t)rows; row++) {
        if (labels[row] < 0)
            continue;
        const float *x = scores + row * stride;
        const float peak = row_greatest_@ISA@(x, @L@);
        const double log_sum = (double)peak + (double)logf(row_exp_sum_@ISA@(x, @L@, peak));
        total += log_sum - (1.0 - (double)smoothing) * (double)x[labels[row]];
        if (smoothing != 0.0f)
            total -= (double)smoothing / @L@ * (double)row_sum_@ISA@(x, @L@);
        count++;
    }
    *labelled = count;
    return total;
}

"""##,
    "kernels/cross_entropy_gradient": ##"""
// d (+)= scale (softmax(scores) - target) in labelled rows, 0 in the others.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        const float *x = scores + row * stride;
        float *at = d + row * d_stride;
        if (!add)
            memset(at, 0, sizeof(float) * @L@);
        if (labels[row] < 0)
            continue;
        const float peak = row_greatest_@ISA@(x, @L@);
        const vec_@ISA@ share = vec_set1_@ISA@(scale / row_exp_sum_@ISA@(x, @L@, peak));
        const vec_@ISA@ spread = vec_set1_@ISA@(scale * smoothing / @L@);
        for (size_t column = 0; column < @L@; column += WIDTH_@ISA@) {
            const size_t n = lanes(@L@, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + column, n) - vec_set1_@ISA@(peak);
            const vec_@ISA@ change = vec_fma_@ISA@(vec_exp_@ISA@(a), share, -spread);
            vec_store_partial_@ISA@(at + column, vec_load_partial_@ISA@(at + column, n) + change, n);
        }
        at[labels[row]] -= scale * (1.0f - smoothing);
    }
}

"""##,
    "kernels/joint_linear": ##"""
// y = x W^T for W [@N@ x @K@] of which each group of tasks uses some weights.
@SIGNATURE@ {
    enum { stride = (@K@ + 63) / 64 * 64 * PARTS_@WEIGHTS@_@ISA@ / WEIGHTS_@WEIGHTS@ };
    input_@WEIGHTS@_@ISA@ prepared[@G@ * stride];
    float scales[@G@];
    for (size_t i = 0; i < (size_t)count; i++) {
        const float *from = x + (size_t)groups[i] * x_stride;
        scales[i] = prepare_row_@WEIGHTS@_@ISA@(from, @K@, 0.0f, prepared + i * stride);
    }
    const struct joint_product_@WEIGHTS@_@ISA@ product = {
        .m = joint_matrix(@N@, @K@, WEIGHTS_@WEIGHTS@, words, users),
        .in = {.x = prepared, .x_stride = stride, .scales = scales, .groups = groups},
        .y = y,
        .y_stride = y_stride,
    };
    joint_groups_@WEIGHTS@_@ISA@(&product, (size_t)count);
}

"""##,
    "kernels/joint_lstm_step": ##"""
// One step of an LSTM with @H@ units for groups of tasks, each of which uses some of its recurrent weights.
@SIGNATURE@ {
    enum { gate_stride = (4 * @H@ + 15) / 16 * 16, how = ROUNDS_@WEIGHTS@_@ISA@ * CELLS_NEARLY };
    enum { stride = (@H@ + 63) / 64 * 64 * PARTS_@WEIGHTS@_@ISA@ / WEIGHTS_@WEIGHTS@ };
    input_@WEIGHTS@_@ISA@ prepared[@G@ * stride];
    float scales[@G@], sums[@G@ * gate_stride];
    const struct joint_product_@WEIGHTS@_@ISA@ product = {
        .m = joint_matrix(4 * @H@, @H@, WEIGHTS_@WEIGHTS@, words, users),
        .in = {.x = prepared, .x_stride = stride, .scales = scales, .groups = groups},
        .plus = gates,
        .y = sums,
        .from_the_end = FROM_THE_END(step, 4 * @H@, @H@ + @H@ / 8, WEIGHTS_@WEIGHTS@),
        .y_stride = gate_stride,
    };
    const struct unit_cells_@VEC@ cells = {
        .hidden = @H@,
        .c = c,
        .h = h,
        .c_stride = c_stride,
        .h_stride = h_stride,
    };
    // States lie between -1 and 1.
    for (size_t i = 0; step > 0 && i < (size_t)count; i++) {
        const float *from = h_previous + (size_t)groups[i] * h_previous_stride;
        scales[i] = prepare_row_@WEIGHTS@_@ISA@(from, @H@, 1.0f, prepared + i * stride);
    }
    if (step > 0)
        joint_groups_@WEIGHTS@_@ISA@(&product, (size_t)count);
    // Cells follow when all sums are there: those of many units do not wait for one another.
    for (size_t i = 0; i < (size_t)count; i++) {
        const size_t group = (size_t)groups[i];
        if (step > 0)
            unit_cells_row_@VEC@(&cells, group, how, sums + group * gate_stride);
        else
            unit_cells_row_@VEC@(&cells, group, how | CELLS_FIRST, gates[i]);
    }
}

"""##,
    "kernels/linear": ##"""
// y (+)= x W^T + bias for W [@N@ x @K@] in panels of 16 rows.
@SIGNATURE@ {
    const struct product product = {
        .rows = (size_t)rows,
        .columns = @N@,
        .depth = @K@,
        .a = x,
        .a_row = x_stride,
        .a_step = 1,
        .b = panels,
        .b_panel = 16 * @K@,
        .b_step = 16,
        .bias = bias,
        .y = y,
        .y_stride = y_stride,
        .add = add,
        .padded = 1,
    };
    product_@ISA@(&product);
}

"""##,
    "kernels/linear_transposed": ##"""
// y (+)= x W for W [@K@ x @N@] as it is, under a mask (NULL: none) in rows of words of 16 bits.
@SIGNATURE@ {
    const struct product product = {
        .rows = (size_t)rows,
        .columns = @N@,
        .depth = @K@,
        .a = x,
        .a_row = x_stride,
        .a_step = 1,
        .b = weight,
        .b_panel = 16,
        .b_step = @N@,
        .y = y,
        .y_stride = y_stride,
        .add = add,
        .kept_b = kept,
        .kept_stride = (@N@ + 15) / 16,
    };
    product_@ISA@(&product);
}

"""##,
    "kernels/lstm_step": ##"""
// One step of an LSTM with @H@ units: gates, cells and states of the rows that are active.
@SIGNATURE@ {
    const struct lstm_step step = {
        .hidden = @H@,
        .depth = @H@,
        .rows = (size_t)rows,
        .previous_rows = smaller((size_t)previous_rows, (size_t)rows),
        .panels = panels,
        .gates = gates,
        .gates_stride = gates_stride,
        .h_previous = h_previous,
        .c_previous = c_previous,
        .h_previous_stride = h_previous_stride,
        .c_previous_stride = c_previous_stride,
        .h = h,
        .c = c,
        .h_stride = h_stride,
        .c_stride = c_stride,
    };
    lstm_step_@ISA@(&step);
}

"""##,
    "kernels/lstm_step_gradient": ##"""
// Gradient of one LSTM step with @H@ units, from dy and what the following step sends back: activated
// gates become gradients of their pre-activations, dc becomes the gradient of the previous cells.
@SIGNATURE@ {
    const vec_@ISA@ zero = vec_set1_@ISA@(0.0f), one = vec_set1_@ISA@(1.0f);
    for (size_t row = 0; row < (size_t)rows; row++) {
        const int continued = row < (size_t)next_rows, started = row >= (size_t)previous_rows;
        for (size_t unit = 0; unit < @H@; unit += WIDTH_@ISA@) {
            const size_t n = lanes(@H@, unit, WIDTH_@ISA@);
            float *gate = gates + row * gates_stride + unit, *dc_row = dc + row * dc_stride + unit;
            const vec_@ISA@ i = vec_load_partial_@ISA@(gate, n);
            const vec_@ISA@ f = vec_load_partial_@ISA@(gate + @H@, n);
            const vec_@ISA@ g = vec_load_partial_@ISA@(gate + 2 * @H@, n);
            const vec_@ISA@ o = vec_load_partial_@ISA@(gate + 3 * @H@, n);
            const vec_@ISA@ t = vec_tanh_@ISA@(vec_load_partial_@ISA@(c + row * c_stride + unit, n));
            vec_@ISA@ dh = vec_load_partial_@ISA@(dy + row * dy_stride + unit, n);
            vec_@ISA@ dcell = zero, before = zero;
            if (continued) {
                dh += vec_load_partial_@ISA@(dh_next + row * dh_next_stride + unit, n);
                dcell = vec_load_partial_@ISA@(dc_row, n);
            }
            if (!started)
                before = vec_load_partial_@ISA@(c_previous + row * c_previous_stride + unit, n);
            dcell = vec_fma_@ISA@(dh * o, vec_fnma_@ISA@(t, t, one), dcell);
            vec_store_partial_@ISA@(gate, dcell * g * i * (one - i), n);
            vec_store_partial_@ISA@(gate + @H@, dcell * before * f * (one - f), n);
            vec_store_partial_@ISA@(gate + 2 * @H@, dcell * i * vec_fnma_@ISA@(g, g, one), n);
            vec_store_partial_@ISA@(gate + 3 * @H@, dh * t * o * (one - o), n);
            vec_store_partial_@ISA@(dc_row, dcell * f, n);
        }
    }
}

"""##,
    "kernels/nbest": ##"""
// The n best label sequences of one sentence over @L@ labels, best first, and the log of their
// probabilities.
@SIGNATURE@ {
    const size_t length = (size_t)tokens, best = (size_t)n, all = @L@ * best;
    if (length == 0 || best == 0)
        return 0;
    double *lattice_work = work;
    double log_sum = 0.0;
    if (crf != NULL) {
        const struct crf_tables tables = crf_tables_@ISA@(@L@, crf, lattice_work);
        const struct crf_lattice lattice =
            crf_sentence_@ISA@(crf, tables, length, scores, @L@, lattice_work + 3 * @L@ * tables.padded);
        log_sum = crf_forward_@ISA@(@L@, &lattice);
    } else {
        log_sum = nbest_log_sum_@ISA@(@L@, length, scores);
    }
    // The lattice is done with: its place is taken by the search.
    float *transitions = work, *score = transitions + @L@ * @L@;
    float *next_score = score + all, *end = next_score + all;
    uint32_t *next = (uint32_t *)(end + best), *last_from = next + @L@, *from = last_from + best;
    for (size_t i = 0; i < @L@ * @L@; i++) {
        if (crf == NULL)
            transitions[i] = 0.0f;
        else
            transitions[i] = crf_allows(crf->allowed, i) ? crf->transitions[i] : -INFINITY;
    }
    for (size_t t = 0; t < length; t++) {
        for (size_t label = 0; label < @L@; label++) {
            float own = scores[t * @L@ + label];
            if (crf != NULL)
                own = crf_single_score(crf, own, label, t == 0, t + 1 == length);
            float *reached = next_score + label * best;
            if (t > 0)
                nbest_merge_@ISA@(@L@, best, score, transitions + label, @L@, next, reached, from + t * all + label * best);
            for (size_t rank = 0; rank < best; rank++)
                reached[rank] = (t > 0 ? reached[rank] : rank == 0 ? 0.0f : -INFINITY) + own;
        }
        memcpy(score, next_score, sizeof(float) * all);
    }
    nbest_merge_@ISA@(@L@, best, score, NULL, 0, next, end, last_from);
    int found = 0;
    for (size_t rank = 0; rank < best && end[rank] > -INFINITY; rank++, found++) {
        size_t at = last_from[rank];
        log_scores[rank] = (float)((double)end[rank] - log_sum);
        for (size_t t = length; t-- > 0;) {
            paths[rank * length + t] = (int32_t)(at / best);
            at = t > 0 ? from[t * all + at] : 0;
        }
    }
    return found;
}

"""##,
    "kernels/pair_linear": ##"""
// y (+)= x W^T + bias for pairs of the columns of x, and W [@N@ x @K@] in panels of such pairs.
@SIGNATURE@ {
    enum { pairs = (@K@ + 1) / 2 };
    const struct product product = {
        .rows = (size_t)rows,
        .columns = @N@,
        .depth = pairs,
        .a = x,
        .a_row = x_stride,
        .a_step = 1,
        .b = panels,
        .b_panel = 16 * pairs,
        .b_step = 16,
        .bias = bias,
        .y = y,
        .y_stride = y_stride,
        .add = add,
        .padded = 1,
    };
    pair_product_@ISA@(&product);
}

"""##,
    "kernels/pair_lstm_step": ##"""
// One step of an LSTM with @H@ units: gates, cells and states of the rows that are active, from pairs of
// the columns of the previous states.
@SIGNATURE@ {
    const struct lstm_step step = {
        .hidden = @H@,
        .depth = (@H@ + 1) / 2,
        .rows = (size_t)rows,
        .previous_rows = smaller((size_t)previous_rows, (size_t)rows),
        .panels = panels,
        .gates = gates,
        .gates_stride = gates_stride,
        .h_previous = h_previous,
        .c_previous = c_previous,
        .h_previous_stride = h_previous_stride,
        .c_previous_stride = c_previous_stride,
        .h = h,
        .c = c,
        .h_stride = h_stride,
        .c_stride = c_stride,
    };
    pair_lstm_step_@ISA@(&step);
}

"""##,
    "kernels/pair_weight_gradient": ##"""
// dW (+)= dy^T x for W [@N@ x @K@], summed over the rows of both, of which there are pairs; zero where a
// mask (NULL: none) in rows of words of 16 bits leaves it out.
@SIGNATURE@ {
    const struct product product = {
        .rows = @N@,
        .columns = @K@,
        .depth = ((size_t)rows + 1) / 2,
        .a = dy,
        .a_row = 1,
        .a_step = dy_stride,
        .b = x,
        .b_panel = 16,
        .b_step = x_stride,
        .y = dweight,
        .y_stride = @K@,
        .add = add,
        .kept_y = kept,
        .kept_stride = (@K@ + 15) / 16,
    };
    pair_product_@ISA@(&product);
}

"""##,
    "kernels/softmax": ##"""
// p = e^x / sum e^x over the @L@ columns of each row.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        const float *x = scores + row * stride;
        const float peak = row_greatest_@ISA@(x, @L@);
        const vec_@ISA@ share = vec_set1_@ISA@(1.0f / row_exp_sum_@ISA@(x, @L@, peak));
        for (size_t column = 0; column < @L@; column += WIDTH_@ISA@) {
            const size_t n = lanes(@L@, column, WIDTH_@ISA@);
            const vec_@ISA@ a = vec_load_partial_@ISA@(x + column, n) - vec_set1_@ISA@(peak);
            vec_store_partial_@ISA@(p + row * p_stride + column, vec_exp_@ISA@(a) * share, n);
        }
    }
}

"""##,
    "kernels/sparse_linear": ##"""
// y (+)= x W^T + bias for W [@N@ x @K@] of which @KEPT@ are kept.
@SIGNATURE@ {
    const struct sparse_product_@ISA@ all = {
        .columns = @N@,
        .depth = @K@,
        .words = words,
        .x = x,
        .x_stride = x_stride,
        .bias = bias,
        .plus = add ? y : NULL,
        .plus_stride = y_stride,
    };
    for (size_t row = 0, count = 0; row < (size_t)rows; row += count) {
        count = balanced((size_t)rows - row, @FORM@_most_@ISA@);
        @FORM@_rows_@ISA@(&all, row, y + row * y_stride, y_stride, count);
    }
}

"""##,
    "kernels/sparse_lstm_step": ##"""
// One step of an LSTM with @H@ units of whose recurrent weights @KEPT@ are kept.
@SIGNATURE@ {
    (void)step;
    const size_t continued = smaller((size_t)previous_rows, (size_t)rows);
    const struct unit_cells_@ISA@ cells = {
        .hidden = @H@,
        .gates = gates,
        .c = c,
        .h = h,
        .c_stride = c_stride,
        .h_stride = h_stride,
    };
    const struct sparse_product_@ISA@ product = {
        .columns = 4 * @H@,
        .depth = @H@,
        .words = words,
        .x = h_previous,
        .x_stride = h_previous_stride,
        .gates = gates,
    };
    // Cells follow when all sums are there: those of many units do not wait for one another.
    enum { stride = (4 * @H@ + 15) / 16 * 16 };
    enum { most = SPARSE_FITTING(@FORM@_most_@ISA@, stride) };
    float sums[most * stride];
    for (size_t row = 0, count = 0; row < continued; row += count) {
        count = balanced(continued - row, most);
        @FORM@_rows_@ISA@(&product, row, sums, stride, count);
        for (size_t r = 0; r < count; r++)
            unit_cells_row_@ISA@(&cells, row + r, 0, sums + r * stride);
    }
    for (size_t row = continued; row < (size_t)rows; row++)
        unit_cells_row_@ISA@(&cells, row, CELLS_FIRST, gates[row]);
}

"""##,
    "kernels/weight_gradient": ##"""
// dW (+)= dy^T x for W [@N@ x @K@], summed over the rows of both; zero where a mask (NULL: none) in
// rows of words of 16 bits leaves it out.
@SIGNATURE@ {
    const struct product product = {
        .rows = @N@,
        .columns = @K@,
        .depth = (size_t)rows,
        .a = dy,
        .a_row = 1,
        .a_step = dy_stride,
        .b = x,
        .b_panel = 16,
        .b_step = x_stride,
        .y = dweight,
        .y_stride = @K@,
        .add = add,
        .kept_y = kept,
        .kept_stride = (@K@ + 15) / 16,
    };
    product_@ISA@(&product);
}

"""##,
    "kernels/wide_linear": ##"""
// y (+)= x W^T + bias for W [@N@ x @K@] in words.
@SIGNATURE@ {@FEW_ROWS@
    enum { stride = (@K@ + 63) / 64 * 64 * PARTS_@WEIGHTS@_@ISA@ / WEIGHTS_@WEIGHTS@ };
    enum { most = PREPARED_ROWS(stride) };
    input_@WEIGHTS@_@ISA@ prepared[most * stride];
    float scales[most];
    for (size_t row = 0, count = 0; row < (size_t)rows; row += count) {
        count = balanced((size_t)rows - row, most);
        for (size_t r = 0; r < count; r++) {
            const float *from = x + (row + r) * x_stride;
            scales[r] = prepare_row_@WEIGHTS@_@ISA@(from, @K@, 0.0f, prepared + r * stride);
        }
        const struct wide_linear_@WEIGHTS@_@ISA@ part = {
            .m = wide_matrix(@N@, DEPTH_@WEIGHTS@(@K@), WEIGHTS_@WEIGHTS@, words),
            .in = {.x = prepared, .x_stride = stride, .scales = scales},
            .bias = bias,
            .y = y + row * y_stride,
            .y_stride = y_stride,
            .add = add,
        };
        wide_linear_rows_@WEIGHTS@_@ISA@(&part, count);
    }
}

"""##,
    "kernels/wide_linear_f32": ##"""
// y (+)= x W^T + bias for W [@N@ x @K@] in words.
@SIGNATURE@ {
    const struct wide_linear_f32_@ISA@ all = {
        .m = wide_matrix(@N@, @K@, WEIGHTS_f32, words),
        .in = {.x = x, .x_stride = x_stride},
        .bias = bias,
        .y = y,
        .y_stride = y_stride,
        .add = add,
    };
    wide_linear_rows_f32_@ISA@(&all, (size_t)rows);
}

"""##,
    "kernels/wide_lstm_step": ##"""
// One step of an LSTM with @H@ units whose recurrent weights are in words.
@SIGNATURE@ {@FEW_ROWS@
    enum { stride = (@H@ + 63) / 64 * 64 * PARTS_@WEIGHTS@_@ISA@ / WEIGHTS_@WEIGHTS@ };
    enum { most = PREPARED_ROWS(stride) };
    input_@WEIGHTS@_@ISA@ prepared[most * stride];
    float scales[most];
    const size_t continued = smaller((size_t)previous_rows, (size_t)rows);
    struct wide_lstm_@WEIGHTS@_@ISA@ lstm = {
        .m = wide_matrix(4 * @H@, DEPTH_@WEIGHTS@(@H@), WEIGHTS_@WEIGHTS@, words),
        .from_the_end = FROM_THE_END(step, 4 * @H@, @H@, WEIGHTS_@WEIGHTS@),
        .in = {.x = prepared, .x_stride = stride, .scales = scales},
        .cells =
            {
                .hidden = @H@,
                .gates = gates,
                .c = c,
                .h = h,
                .c_stride = c_stride,
                .h_stride = h_stride,
            },
    };
    unit_cells_start_@VEC@(&lstm.cells, continued, (size_t)rows, CELLS_@WEIGHTS@_@ISA@);
    for (size_t row = 0, count = 0; row < continued; row += count) {
        count = balanced(continued - row, most);
        // States lie between -1 and 1.
        for (size_t r = 0; r < count; r++) {
            const float *from = h_previous + (row + r) * h_previous_stride;
            scales[r] = prepare_row_@WEIGHTS@_@ISA@(from, @H@, 1.0f, prepared + r * stride);
        }
        lstm.cells.gates = gates + row;
        lstm.cells.c = c + row * c_stride;
        lstm.cells.h = h + row * h_stride;
        wide_lstm_rows_@WEIGHTS@_@ISA@(&lstm, count);
    }
}

"""##,
    "kernels/wide_lstm_step_f32": ##"""
// One step of an LSTM with @H@ units whose recurrent weights are in words.
@SIGNATURE@ {
    const size_t continued = smaller((size_t)previous_rows, (size_t)rows);
    const struct wide_lstm_f32_@ISA@ lstm = {
        .m = wide_matrix(4 * @H@, @H@, WEIGHTS_f32, words),
        .from_the_end = FROM_THE_END(step, 4 * @H@, @H@, WEIGHTS_f32),
        .in = {.x = h_previous, .x_stride = h_previous_stride},
        .cells =
            {
                .hidden = @H@,
                .gates = gates,
                .c = c,
                .h = h,
                .c_stride = c_stride,
                .h_stride = h_stride,
            },
    };
    wide_lstm_rows_f32_@ISA@(&lstm, continued);
    unit_cells_start_@VEC@(&lstm.cells, continued, (size_t)rows, CELLS_f32_@ISA@);
}

"""##,
    "layers/add_gates": ##"""
// y (+)= x
static void add_gates(const struct kernels *k, int32_t count, const float *x, float *y, int add) {
    if (add)
        k->add_rows_f32(1, count, x, 0, y, 0);
    else
        memcpy(y, x, (size_t)count * sizeof *x);
}

"""##,
    "layers/joint_lstm_steps": ##"""
// One direction of an LSTM with @HIDDEN@ units for several groups of tasks; pointers are to values of the first that runs.
struct @NAME@ {
    const struct groups *g;
    struct lstm_direction s;
};

// Where the gates of step i are of a group whose values begin so many floats behind those of the first that runs.
static const float *const *@NAME@_gates(const struct @NAME@ *all, ptrdiff_t group, int32_t i) {
    const struct lstm_direction *s = &all->s;
    const void *const of_group = (const float *)(const void *)s->gates + group;
    return (const float *const *)of_group + (lstm_row(s, i) - (size_t)s->first);
}

// Step i for one group.
static void @NAME@_own(const struct @NAME@ *all, int32_t n, const float *words, int32_t i) {
    const struct lstm_direction *s = &all->s;
    const struct groups *g = all->g;
    const ptrdiff_t group = (g->number[n] - g->number[0]) * (ptrdiff_t)g->apart;
    const size_t row = lstm_row(s, i), previous = lstm_row(s, i - 1);
    float *const y = s->y + group;
    g->run[n].k->@STEP@(lstm_rows(s, i), lstm_continued(s, i), i, words,
                        @NAME@_gates(all, group, i), y + previous * s->y_stride, s->y_stride, s->cells + group, s->cells_stride,
                        y + row * s->y_stride, s->y_stride);
}

// Step i, which has one row, for some groups of a bundle.
static void @NAME@_joint(const struct @NAME@ *all, int32_t bundle, int32_t count, const int32_t *groups, const float *words, int32_t i) {
    const struct lstm_direction *s = &all->s;
    const struct groups *g = all->g;
    // Values of the bundle's first group lie in the workspace whether it takes part or not.
    const ptrdiff_t base = (bundle * JOINT_GROUPS - g->number[0]) * (ptrdiff_t)g->apart;
    const size_t row = lstm_row(s, i), previous = lstm_row(s, i - 1);
    float *const y = s->y + base;
    const float *gates[JOINT_GROUPS];
    for (int32_t n = 0; n < count; n++)
        gates[n] = *@NAME@_gates(all, base + groups[n] * (ptrdiff_t)g->apart, i);
    g->run[0].k->@JOINT@(count, groups, i, words, words + @WORDS@ + bundle * @OF_BUNDLE@, gates, y + previous * s->y_stride,
                         g->apart, s->cells + base, g->apart, y + row * s->y_stride, g->apart);
}

// All steps for the groups that have some of the tasks. Those of one row read recurrent weights once for all groups.
// Before or behind them, group after group makes those of more rows, which read weights with the mask applied.
static void @NAME@(const struct groups *g, uint64_t tasks, struct lstm_direction s, size_t own_words, const float *joint_words) {
    struct @NAME@ all = {.g = g, .s = s};
    int32_t bundles[@BUNDLES@][JOINT_GROUPS], count[@BUNDLES@] = {0}, runs[group_count], running = 0;
    for (int32_t n = 0; n < g->count; n++)
        if ((g->tasks[n] & tasks) != 0) {
            const int32_t bundle = g->number[n] / JOINT_GROUPS;
            bundles[bundle][count[bundle]++] = g->number[n] % JOINT_GROUPS;
            runs[running++] = n;
        }
    int32_t own = s.steps; // steps that each group makes by itself: all but those of one row
    while (g->run[0].k->steps_jointly && running > 1 && own > 0 && s.offsets[own] - s.offsets[own - 1] == 1)
        own--;
    // Direction 0 begins with the steps of many rows, direction 1 ends with them.
    for (int32_t i = 0, end = 0; i < s.steps; i = end) {
        all.s.done = i;
        if (i == all.s.known) {
            const int32_t rows = lstm_window(&all.s);
            for (int32_t n = 0; n < running; n++)
                s.form_gates(&g->run[runs[n]], (size_t)s.direction, all.s.first, rows);
        }
        const int is_joint = s.direction == 0 ? i >= own : i < s.steps - own;
        end = is_joint ? i + 1 : s.direction == 0 ? own : s.steps;
        end = end < all.s.known ? end : all.s.known;
        for (int32_t bundle = 0; is_joint && bundle < @BUNDLES@; bundle++)
            if (count[bundle] > 0)
                @NAME@_joint(&all, bundle, count[bundle], bundles[bundle], joint_words, i);
        for (int32_t n = 0; !is_joint && n < running; n++)
            for (int32_t j = i; j < end; j++)
                @NAME@_own(&all, runs[n], g->run[runs[n]].own + own_words, j);
    }
}

"""##,
    "layers/look_up_gates": ##"""
// Adds the products of looked-up rows with @COLUMNS@ columns of input weights to the gates: those of the first @KNOWN@
// rows of the table are known, the others are multiplied, some at a time.
static void @NAME@(const struct run *r, int32_t rows, const int32_t *row_ids, const float *known, const float *words,
                   const float *bias, float *x, float *products, float *gates, size_t gates_stride, int add) {
    int32_t ids[@WAITING@], waiting[@WAITING@], count = 0;
    for (int32_t row = 0; row < rows; row++) {
        const int32_t id = row_ids[row];
        if (id < @KNOWN@) {
            add_gates(r->k, @GATES@, known + (size_t)id * @GATES@, gates + (size_t)row * gates_stride, add);
        } else {
            waiting[count] = row;
            ids[count++] = id;
        }
        if (count == @WAITING@ || (count > 0 && row + 1 == rows)) {
            @LOOK_UP@
            @PRODUCT@(count, x, @COLUMNS@, words, bias, products, @GATES@, 0);
            for (int32_t i = 0; i < count; i++)
                add_gates(r->k, @GATES@, products + (size_t)i * @GATES@, gates + (size_t)waiting[i] * gates_stride, add);
            count = 0;
        }
    }
}

"""##,
    "layers/lstm_direction": ##"""
// One direction of an LSTM on its way through a batch: direction 0 reads the positions first to last, direction 1 last to
// first. Only sequences that are long enough take part in a step. What the input adds to the gates is formed for
// some steps at a time, so that it is still in a near cache when they read it.
struct lstm_direction {
    int32_t direction, steps;
    const int32_t *offsets;
    void (*form_gates)(const struct run *r, size_t d, int32_t first, int32_t rows); // what so many rows of the input add
    int32_t most;                                                                   // rows at a time, if a step has no more
    const float *const *gates;                                                      // where those of each of these rows are
    const float *words;
    float *cells, *y;
    size_t cells_stride, y_stride;
    @STEP@;
    int32_t done;  // steps
    int32_t known; // steps whose gates are formed
    int32_t first; // row of the first of these gates
};

// Where the rows of step i begin; before the first step, those of that step.
static size_t lstm_row(const struct lstm_direction *s, int32_t i) {
    i = i > 0 ? i : 0;
    return (size_t)s->offsets[s->direction == 0 ? i : s->steps - 1 - i];
}

// How many rows step i has; none before the first one.
static int32_t lstm_rows(const struct lstm_direction *s, int32_t i) {
    const int32_t t = s->direction == 0 ? i : s->steps - 1 - i;
    return i < 0 ? 0 : s->offsets[t + 1] - s->offsets[t];
}

// How many rows of step i have a previous state.
static int32_t lstm_continued(const struct lstm_direction *s, int32_t i) {
    const int32_t rows = lstm_rows(s, i), previous = lstm_rows(s, i - 1);
    return previous < rows ? previous : rows;
}

// The next steps whose gates are to be formed, one at least -> how many rows they have, from `first` on.
static int32_t lstm_window(struct lstm_direction *s) {
    int32_t rows = lstm_rows(s, s->known++);
    while (s->known < s->steps && rows + lstm_rows(s, s->known) <= s->most)
        rows += lstm_rows(s, s->known++);
    s->first = (int32_t)lstm_row(s, s->direction == 0 ? s->done : s->known - 1);
    return rows;
}

"""##,
    "layers/lstm_layer": ##"""
// One direction of an LSTM layer with @HIDDEN@ units over the packed steps of a batch: direction 0 reads the positions
// first to last, direction 1 last to first. Only sequences that are long enough take part in a step.
static void @NAME@(const struct kernels *k, int32_t direction, int32_t steps, const int32_t *offsets, const float *x,
                   size_t x_stride, const float *input_panels, const float *recurrent_panels, const float *bias,
                   float *gates, size_t gates_stride, float *cells, size_t cells_stride, float *y, size_t y_stride) {
    k->@PRODUCT@(offsets[steps], x, x_stride, input_panels, bias, gates, gates_stride, 0);
    size_t previous = 0;
    int32_t previous_rows = 0;
    for (int32_t i = 0; i < steps; i++) {
        const int32_t t = direction == 0 ? i : steps - 1 - i;
        const size_t first = (size_t)offsets[t];
        const int32_t rows = offsets[t + 1] - offsets[t];
        const int32_t continued = previous_rows < rows ? previous_rows : rows;
        k->@STEP@(rows, continued, recurrent_panels, gates + first * gates_stride, gates_stride,
                  y + previous * y_stride, y_stride, cells + previous * cells_stride, cells_stride,
                  y + first * y_stride, y_stride, cells + first * cells_stride, cells_stride);
        previous = first;
        previous_rows = rows;
    }
}

"""##,
    "layers/lstm_layer_gradient": ##"""
// Backpropagation through the time of one direction of an LSTM layer with @HIDDEN@ units. Turns the gates (after
// activation) into the gradients of their pre-activations, and gathers each position's previous state beside them, so
// that the weights' gradients are single products over all positions.
static void @NAME@(const struct kernels *k, int32_t direction, int32_t steps, const int32_t *offsets, const float *y,
                   size_t y_stride, const float *recurrent, const uint16_t *kept, float *gates, size_t gates_stride,
                   const float *cells, size_t cells_stride, const float *dy, size_t dy_stride, float *dh,
                   size_t dh_stride, float *dc, size_t dc_stride, float *previous_states,
                   size_t previous_states_stride) {
    int32_t next_rows = 0;
    for (int32_t i = steps - 1; i >= 0; i--) {
        const int32_t t = direction == 0 ? i : steps - 1 - i;
        const size_t first = (size_t)offsets[t];
        const int32_t rows = offsets[t + 1] - offsets[t];
        // The step before this one in the direction of reading.
        const int32_t before = direction == 0 ? t - 1 : t + 1;
        const size_t previous = i > 0 ? (size_t)offsets[before] : 0;
        const int32_t previous_rows = i > 0 ? offsets[before + 1] - offsets[before] : 0;
        const int32_t continued = previous_rows < rows ? previous_rows : rows;
        k->@STEP@(rows, continued, next_rows < rows ? next_rows : rows, gates + first * gates_stride, gates_stride,
                  cells + first * cells_stride, cells_stride, cells + previous * cells_stride, cells_stride,
                  dy + first * dy_stride, dy_stride, dh, dh_stride, dc, dc_stride);
        k->@PRODUCT@(continued, gates + first * gates_stride, gates_stride, recurrent, kept, dh, dh_stride, 0);
        float *states = previous_states + first * previous_states_stride;
        k->copy_rows_f32(continued, @HIDDEN@, y + previous * y_stride, y_stride, states, previous_states_stride);
        zero_rows(rows - continued, @HIDDEN@, states + (size_t)continued * previous_states_stride,
                  previous_states_stride);
        next_rows = continued;
    }
}

"""##,
    "layers/lstm_steps": ##"""
// Takes the next step -> 0 if all are done.
static int lstm_next(const struct run *r, struct lstm_direction *s) {
    if (s->done == s->steps)
        return 0;
    if (s->done == s->known) {
        const int32_t rows = lstm_window(s);
        s->form_gates(r, (size_t)s->direction, s->first, rows);
    }
    const size_t row = lstm_row(s, s->done), previous = lstm_row(s, s->done - 1);
    s->step(lstm_rows(s, s->done), lstm_continued(s, s->done), s->done, s->words,
            s->gates + (row - (size_t)s->first), s->y + previous * s->y_stride, s->y_stride, s->cells, s->cells_stride,
            s->y + row * s->y_stride, s->y_stride);
    s->done++;
    return 1;
}

"""##,
    "layers/mix": ##"""
// One input's part of a mixture: y_s (+)= the sum over s' of alpha[s][s'] x_s'. Subspace s is the s-th `width` columns
// of each direction.
static void mix_input(const struct kernels *k, int32_t rows, size_t subspaces, size_t directions, int32_t width,
                      const float *alpha, size_t alpha_stride, const float *x, size_t x_stride, float *y,
                      size_t y_stride, int add) {
    for (size_t s = 0; s < subspaces; s++) {
        for (size_t other = 0; other < subspaces; other++) {
            for (size_t d = 0; d < directions; d++) {
                const size_t to = (d * subspaces + s) * (size_t)width, from = (d * subspaces + other) * (size_t)width;
                k->@SCALE@(rows, width, alpha[s * alpha_stride + other], x + from, x_stride, y + to, y_stride,
                           add || other > 0);
            }
        }
    }
}

"""##,
    "layers/mix_entries": ##"""
// Rows of a matrix some of whose entries are learned, each found at its place among the learned numbers, and the others
// (place -1) constants.
static void spread_entries(size_t count, const int32_t *places, const float *constants, const float *learned,
                           float *matrix) {
    for (size_t i = 0; i < count; i++)
        matrix[i] = places[i] < 0 ? constants[i] : learned[places[i]];
}

"""##,
    "layers/mix_entries_gradient": ##"""
// The gradient of the learned numbers from that of the entries: a number's places add up.
static void gather_entries(size_t count, const int32_t *places, const float *dmatrix, float *dlearned) {
    for (size_t i = 0; i < count; i++)
        if (places[i] >= 0)
            dlearned[places[i]] += dmatrix[i];
}

"""##,
    "layers/mix_gradient": ##"""
// Gradient of `mix_input` with respect to the input (nullable), which is set or (add) added to, and to the entries of
// alpha (nullable), which are added to.
static void mix_input_gradient(const struct kernels *k, int32_t rows, size_t subspaces, size_t directions,
                               int32_t width, const float *alpha, size_t alpha_stride, const float *x,
                               size_t x_stride, const float *dy, size_t dy_stride, float *dx, size_t dx_stride,
                               int add, float *dalpha) {
    for (size_t s = 0; s < subspaces; s++) {
        for (size_t other = 0; other < subspaces; other++) {
            double sum = 0.0;
            for (size_t d = 0; d < directions; d++) {
                const size_t to = (d * subspaces + s) * (size_t)width, from = (d * subspaces + other) * (size_t)width;
                if (dx != NULL)
                    k->@SCALE@(rows, width, alpha[s * alpha_stride + other], dy + to, dy_stride, dx + from, dx_stride,
                               add || s > 0);
                if (dalpha != NULL)
                    sum += k->@DOT@(rows, width, x + from, x_stride, dy + to, dy_stride);
            }
            if (dalpha != NULL)
                dalpha[s * alpha_stride + other] += (float)sum;
        }
    }
}

"""##,
    "layers/orthogonality": ##"""
// Adds to dw the gradient of weight times the sum over s < s' of |G_s G_s'^T|^2 (Frobenius norm). G_s are the rows of
// w [4 x @HIDDEN@ x @INPUTS@] of the units of subspace s, in all four gates.
static void @NAME@(const struct kernels *k, float weight, const float *w, float *dw, float *work) {
    enum { width = @HIDDEN@ / @SUBSPACES@, part = 4 * width, stride = (part + 15) / 16 * 16 };
    float *own = work, *other = own + @ROWS_SIZE@, *panels = other + @ROWS_SIZE@, *product = panels + @PANELS_SIZE@;
    for (size_t s = 0; s < @SUBSPACES@; s++) {
        for (size_t t = s + 1; t < @SUBSPACES@; t++) {
            for (size_t gate = 0; gate < 4; gate++) {
                const size_t to = gate * width * @INPUTS@, from = gate * @HIDDEN@;
                k->copy_rows_f32(width, @INPUTS@, w + (from + s * width) * @INPUTS@, @INPUTS@, own + to, @INPUTS@);
                k->copy_rows_f32(width, @INPUTS@, w + (from + t * width) * @INPUTS@, @INPUTS@, other + to, @INPUTS@);
            }
            k->pack_panels_f32(part, @INPUTS@, other, NULL, panels);
            k->@PRODUCT@(part, own, @INPUTS@, panels, NULL, product, stride, 0);
            k->scale_rows_f32(part, part, 2.0f * weight, product, stride, product, stride, 0);
            k->pack_panels_transposed_f32(part, @INPUTS@, other, NULL, panels);
            for (size_t gate = 0; gate < 4; gate++) {
                float *dw_s = dw + (gate * @HIDDEN@ + s * width) * @INPUTS@;
                float *dw_t = dw + (gate * @HIDDEN@ + t * width) * @INPUTS@;
                k->@BACK@(width, product + gate * width * stride, stride, panels, NULL, dw_s, @INPUTS@, 1);
                k->@ACROSS@(part, product + gate * width, stride, own, @INPUTS@, dw_t, NULL, 1);
            }
        }
    }
}

"""##,
    "layers/pair_lstm_layer": ##"""
// One direction of an LSTM layer with @HIDDEN@ units over the packed steps of a batch, as products of pairs: direction 0
// reads the positions first to last, direction 1 last to first. Only sequences that are long enough take part in a step.
static void @NAME@(const struct kernels *k, int32_t direction, int32_t steps, const int32_t *offsets,
                   const float *x_pairs, size_t x_pairs_stride, const float *input_panels,
                   const float *recurrent_panels, const float *bias, float *gates, size_t gates_stride, float *cells,
                   size_t cells_stride, float *y_pairs, size_t y_pairs_stride, float *y, size_t y_stride) {
    k->@PRODUCT@(offsets[steps], x_pairs, x_pairs_stride, input_panels, bias, gates, gates_stride, 0);
    size_t previous = 0;
    int32_t previous_rows = 0;
    for (int32_t i = 0; i < steps; i++) {
        const int32_t t = direction == 0 ? i : steps - 1 - i;
        const size_t first = (size_t)offsets[t];
        const int32_t rows = offsets[t + 1] - offsets[t];
        const int32_t continued = previous_rows < rows ? previous_rows : rows;
        k->@STEP@(rows, continued, recurrent_panels, gates + first * gates_stride, gates_stride,
                  y_pairs + previous * y_pairs_stride, y_pairs_stride, cells + previous * cells_stride, cells_stride,
                  y + first * y_stride, y_stride, cells + first * cells_stride, cells_stride);
        k->pair_columns_bf16(rows, @HIDDEN@, y + first * y_stride, y_stride, y_pairs + first * y_pairs_stride,
                             y_pairs_stride);
        previous = first;
        previous_rows = rows;
    }
}

"""##,
    "layers/pair_lstm_layer_gradient": ##"""
// Backpropagation through the time of one direction of an LSTM layer with @HIDDEN@ units. Turns the gates (after
// activation) into the gradients of their pre-activations, and gathers each position's previous state beside them, so
// that the weights' gradients are single products over all positions. Gradients flow back as products of pairs, which
// are kept for the layer's input.
static void @NAME@(const struct kernels *k, int32_t direction, int32_t steps, const int32_t *offsets, const float *y,
                   size_t y_stride, const float *recurrent_panels, float *gates, size_t gates_stride,
                   const float *cells, size_t cells_stride, const float *dy, size_t dy_stride, float *dh,
                   size_t dh_stride, float *dc, size_t dc_stride, float *previous_states,
                   size_t previous_states_stride, float *gate_pairs, size_t gate_pairs_stride) {
    int32_t next_rows = 0;
    for (int32_t i = steps - 1; i >= 0; i--) {
        const int32_t t = direction == 0 ? i : steps - 1 - i;
        const size_t first = (size_t)offsets[t];
        const int32_t rows = offsets[t + 1] - offsets[t];
        // The step before this one in the direction of reading.
        const int32_t before = direction == 0 ? t - 1 : t + 1;
        const size_t previous = i > 0 ? (size_t)offsets[before] : 0;
        const int32_t previous_rows = i > 0 ? offsets[before + 1] - offsets[before] : 0;
        const int32_t continued = previous_rows < rows ? previous_rows : rows;
        k->@STEP@(rows, continued, next_rows < rows ? next_rows : rows, gates + first * gates_stride, gates_stride,
                  cells + first * cells_stride, cells_stride, cells + previous * cells_stride, cells_stride,
                  dy + first * dy_stride, dy_stride, dh, dh_stride, dc, dc_stride);
        float *pairs = gate_pairs + first * gate_pairs_stride;
        k->pair_columns_bf16(rows, @GATES@, gates + first * gates_stride, gates_stride, pairs, gate_pairs_stride);
        k->@PRODUCT@(continued, pairs, gate_pairs_stride, recurrent_panels, NULL, dh, dh_stride, 0);
        float *states = previous_states + first * previous_states_stride;
        k->copy_rows_f32(continued, @HIDDEN@, y + previous * y_stride, y_stride, states, previous_states_stride);
        zero_rows(rows - continued, @HIDDEN@, states + (size_t)continued * previous_states_stride,
                  previous_states_stride);
        next_rows = continued;
    }
}

"""##,
    "layers/place_gates": ##"""
// Where the gates of looked-up rows are. Those of the first @KNOWN@ rows of the table are known, and are read where they
// lie; the others are multiplied with @COLUMNS@ columns of input weights, some at a time, one after the other from `gates` on.
static void @NAME@(const struct run *r, int32_t rows, const int32_t *row_ids, const float *known, const float *words,
                   const float *bias, float *x, float *gates, size_t gates_stride, const float **at) {
    int32_t ids[@WAITING@], count = 0;
    for (int32_t row = 0; row < rows; row++) {
        if (row_ids[row] < @KNOWN@) {
            at[row] = known + (size_t)row_ids[row] * @GATES@;
            // The table is larger than the caches, and steps read it soon.
            for (size_t i = 0; i < @GATES@; i += 16)
                __builtin_prefetch(at[row] + i, 0, 2);
        } else {
            at[row] = gates + (size_t)count * gates_stride;
            ids[count++] = row_ids[row];
        }
        if (count == @WAITING@ || (count > 0 && row + 1 == rows)) {
            @LOOK_UP@
            @PRODUCT@(count, x, @COLUMNS@, words, bias, gates, gates_stride, 0);
            gates += (size_t)count * gates_stride;
            count = 0;
        }
    }
}

"""##,
    "layers/place_spelled_gates": ##"""
// Adds the products of what is formed of characters with @COLUMNS@ columns of input weights to gates that have their places.
// Those of the first @SPELLED@ words have that in them for the form that the vocabulary has: nothing is added for a token
// of that form (-1 in form_ids), the difference for another form, which then has its gates behind those that were
// multiplied.
static void @NAME@(const struct run *r, int32_t rows, const int32_t *row_ids, const int32_t *form_ids, const float *forms,
                   size_t forms_stride, const float *spellings, const float *words, float *x, float *gates, size_t gates_stride,
                   const float **at) {
    int32_t waiting[@WAITING@], count = 0;
    for (int32_t row = 0; row < rows; row++) {
        if (row_ids[row] >= @KNOWN@)
            memcpy(x + (size_t)count++ * @COLUMNS@, forms + (size_t)form_ids[row] * forms_stride, @COLUMNS@ * sizeof *x);
        if (count == @WAITING@ || (count > 0 && row + 1 == rows)) {
            @PRODUCT@(count, x, @COLUMNS@, words, NULL, gates, gates_stride, 1);
            gates += (size_t)count * gates_stride;
            count = 0;
        }
    }
    for (int32_t row = 0; row < rows; row++) {
        const int32_t id = row_ids[row];
        if (id < @KNOWN@ && form_ids[row] >= 0) {
            float *const difference = x + (size_t)count * @COLUMNS@;
            memcpy(difference, forms + (size_t)form_ids[row] * forms_stride, @COLUMNS@ * sizeof *difference);
            for (size_t i = 0; id < @SPELLED@ && i < @COLUMNS@; i++)
                difference[i] -= spellings[(size_t)id * @COLUMNS@ + i];
            waiting[count++] = row;
        }
        if (count == @WAITING@ || (count > 0 && row + 1 == rows)) {
            @PRODUCT@(count, x, @COLUMNS@, words, NULL, gates, gates_stride, 0);
            for (int32_t i = 0; i < count; i++, gates += gates_stride) {
                r->k->add_rows_f32(1, @GATES@, at[waiting[i]], 0, gates, 0);
                at[waiting[i]] = gates;
            }
            count = 0;
        }
    }
}

"""##,
    "layers/spell_gates": ##"""
// Adds the products of what is formed of characters with @COLUMNS@ columns of input weights to the gates. Those of
// the first @KNOWN@ words have that in them for the form that the vocabulary has: nothing is added for a token of
// that form (-1 in form_ids), the difference for another form.
static void @NAME@(const struct run *r, int32_t rows, const int32_t *row_ids, const int32_t *form_ids, const float *forms,
                   size_t forms_stride, const float *spellings, const float *words, float *x, float *products, float *gates,
                   size_t gates_stride) {
    int32_t waiting[@WAITING@], count = 0;
    for (int32_t row = 0; row < rows; row++) {
        if (form_ids[row] >= 0) {
            float *const difference = x + (size_t)count * @COLUMNS@;
            memcpy(difference, forms + (size_t)form_ids[row] * forms_stride, @COLUMNS@ * sizeof *difference);
            for (size_t i = 0; row_ids[row] < @KNOWN@ && i < @COLUMNS@; i++)
                difference[i] -= spellings[(size_t)row_ids[row] * @COLUMNS@ + i];
            waiting[count++] = row;
        }
        if (count == @WAITING@ || (count > 0 && row + 1 == rows)) {
            @PRODUCT@(count, x, @COLUMNS@, words, NULL, products, @GATES@, 0);
            for (int32_t i = 0; i < count; i++)
                add_gates(r->k, @GATES@, products + (size_t)i * @GATES@, gates + (size_t)waiting[i] * gates_stride, 1);
            count = 0;
        }
    }
}

"""##,
    "package/blob": ##"""
// ---- the file of weights ---------------------------------------------------------------------------------------

// A file is: a header of 64 bytes; a table of its sections; the sections, each at a multiple of 64 bytes. Nothing in it
// is believed before it has been checked.
enum { blob_header = 64, blob_entry = 32, blob_alignment = 64, blob_format = 1 };

enum section_kind { section_parameters = 1, section_mask, section_words, section_characters, section_column };

@SECTIONS@
// XXH64 (Collet), seed 0.
static uint64_t rotate_left(uint64_t value, int bits) {
    return value << bits | value >> (64 - bits);
}

static uint64_t checksum(const unsigned char *bytes, uint64_t count) {
    const uint64_t p1 = UINT64_C(0x9E3779B185EBCA87), p2 = UINT64_C(0xC2B2AE3D27D4EB4F);
    const uint64_t p3 = UINT64_C(0x165667B19E3779F9), p4 = UINT64_C(0x85EBCA77C2B2AE63);
    const uint64_t p5 = UINT64_C(0x27D4EB2F165667C5);
    const unsigned char *const end = bytes + count;
    uint64_t hash = p5;
    if (count >= 32) {
        uint64_t lane[4] = {p1 + p2, p2, 0, 0 - p1};
        for (; end - bytes >= 32; bytes += 32)
            for (int i = 0; i < 4; i++)
                lane[i] = rotate_left(lane[i] + read_u64(bytes + 8 * i) * p2, 31) * p1;
        hash = rotate_left(lane[0], 1) + rotate_left(lane[1], 7) + rotate_left(lane[2], 12) + rotate_left(lane[3], 18);
        for (int i = 0; i < 4; i++)
            hash = (hash ^ rotate_left(lane[i] * p2, 31) * p1) * p1 + p4;
    }
    hash += count;
    for (; end - bytes >= 8; bytes += 8)
        hash = rotate_left(hash ^ rotate_left(read_u64(bytes) * p2, 31) * p1, 27) * p1 + p4;
    for (; end - bytes >= 4; bytes += 4)
        hash = rotate_left(hash ^ read_u32(bytes) * p1, 23) * p2 + p3;
    for (; bytes < end; bytes++)
        hash = rotate_left(hash ^ *bytes * p5, 11) * p1;
    hash = (hash ^ hash >> 33) * p2;
    hash = (hash ^ hash >> 29) * p3;
    return hash ^ hash >> 32;
}

struct section {
    const unsigned char *bytes;
    uint64_t count;
};

// Checks the file but for what its sections hold, and finds them.
static int open_blob(const unsigned char *blob, size_t size, struct section sections[section_count]) {
    if (size < blob_header || !same_bytes(blob, "WEFTBLOB", 8) || read_u32(blob + 8) != blob_format ||
        read_u32(blob + 12) != section_count || read_u64(blob + 16) != size || size % blob_alignment != 0)
        return 0;
    if (!same_bytes(blob + 32, @P@_ARCHITECTURE, 16) || !same_bytes(blob + 48, @P@_DATA, 16))
        return 0;
    uint64_t next = blob_header + blob_entry * section_count;
    if (size < next || read_u64(blob + 24) != checksum(blob + 32, size - 32))
        return 0;
    for (size_t i = 0; i < section_count; i++) {
        const unsigned char *entry = blob + blob_header + blob_entry * i;
        const uint64_t offset = read_u64(entry + 8), count = read_u64(entry + 16);
        next = (next + blob_alignment - 1) / blob_alignment * blob_alignment;
        if (read_u32(entry) != section_kinds[i][0] || read_u32(entry + 4) != section_kinds[i][1] || offset != next ||
            offset > size || count > size - offset || read_u64(entry + 24) != 0)
            return 0;
        sections[i] = (struct section){.bytes = blob + offset, .count = count};
        next = offset + count;
    }
    return (next + blob_alignment - 1) / blob_alignment * blob_alignment == size;
}

"""##,
    "package/columns": ##"""

@p@_status @p@_tag_columns(@p@_session *session, const @p@_text *words, const @p@_text *const *columns,
                           const int32_t *lengths, int32_t sentences, uint64_t tasks, uint32_t wanted) {
    if (session == NULL)
        return @P@_BAD_ARGUMENT;
    const struct call call = {
        .words = words, .columns = columns, .lengths = lengths, .sentences = sentences, .tasks = tasks, .wanted = wanted};
    return tag_call(session, &call);
}

"""##,
    "package/columns.h": ##"""

/* Columns of further information on each word that this tagger reads. */
enum {
@COLUMNS@
    @P@_COLUMN_COUNT = @COLUMN_COUNT@
};

/* As @p@_tag_batch, with columns. What is missing counts as unknown.
   - columns: @P@_COLUMN_COUNT tables, or null; columns[@FIRST_COLUMN@][i] belongs to word i. A table may be null, and so
     may the text of a word. */
@p@_status @p@_tag_columns(@p@_session *session, const @p@_text *_Nullable words, const @p@_text *_Nullable const *_Nullable columns, const int32_t *_Nullable @P@_COUNTED_BY(sentences) lengths, int32_t sentences, uint64_t tasks, uint32_t wanted);

"""##,
    "package/decoding": ##"""
// Whether all numbers of a parameter are finite.
static int is_sound_parameter(const unsigned char *section, const struct parameter *p) {
    const size_t count = (size_t)p->rows * p->columns;
    uint32_t bad = 0;
    if (p->encoding == encoding_bf16) {
        for (size_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, section + p->offset + 2 * i, sizeof half);
            bad |= (half & 0x7F80u) == 0x7F80u;
        }
        return !bad;
    }
    const unsigned char *floats = section + (p->encoding == encoding_f32 ? p->offset : p->scales);
    const size_t floats_count = p->encoding == encoding_f32 ? count : p->rows;
    for (size_t i = 0; i < floats_count; i++)
        bad |= (read_u32(floats + 4 * i) & 0x7F800000u) == 0x7F800000u;
    return !bad;
}

// Rows of a parameter as floats under the mask.
static void read_rows(const struct weights *w, int number, size_t first, size_t rows, float *to) {
    const struct parameter *p = &parameters[number];
    const unsigned char *from = w->section + p->offset, *mask = p->mask_at < 0 ? NULL : w->mask;
    const size_t columns = p->columns, begin = first * columns, count = rows * columns;
    if (p->encoding == encoding_f32)
        memcpy(to, from + begin * sizeof(float), count * sizeof(float));
    for (size_t i = 0; p->encoding == encoding_bf16 && i < count; i++) {
        uint16_t half;
        memcpy(&half, from + 2 * (begin + i), sizeof half);
        const uint32_t bits = (uint32_t)half << 16;
        memcpy(to + i, &bits, sizeof bits);
    }
    for (size_t row = 0; p->encoding == encoding_int8 && row < rows; row++) {
        float scale;
        memcpy(&scale, w->section + p->scales + (first + row) * sizeof scale, sizeof scale);
        for (size_t i = row * columns; i < (row + 1) * columns; i++)
            to[i] = scale * (float)(from[begin + i] < 128 ? from[begin + i] : from[begin + i] - 256);
    }
    for (size_t i = 0; mask != NULL && i < count; i++)
        if ((mask[(size_t)p->mask_at + (begin + i) / 8] >> (begin + i) % 8 & 1) == 0)
            to[i] = 0.0f;
}

// A parameter as it is in the file.
static __attribute__((unused)) const float *stored_weights(const struct weights *w, int number) {
    return (const float *)(const void *)(w->section + parameters[number].offset);
}

// A parameter as floats under the mask: where it is in the file, or decoded to `to`.
static const float *read_weights(const struct weights *w, int number, float *to) {
    const struct parameter *p = &parameters[number];
    if (p->encoding == encoding_f32 && (p->mask_at < 0 || w->mask == NULL))
        return stored_weights(w, number);
    read_rows(w, number, 0, p->rows, to);
    return to;
}

// The row of a matrix that a column of its wide form stands for: the same, or with `hidden` units of an LSTM a gate,
// for 16 units those of i, f, g and o in turn, then as tightly those of the units that are left.
static size_t row_of_column(size_t column, size_t hidden) {
    const size_t whole = hidden / 16 * 64, left = hidden % 16;
    if (hidden == 0)
        return column;
    if (column < whole)
        return column % 64 / 16 * hidden + column / 64 * 16 + column % 16;
    return (column - whole) / left * hidden + whole / 4 + (column - whole) % left;
}

// The words of one column: weights side by side, int8 with the scale given; the words are `step` apart. Returns the sum
// of int8 weights.
static int32_t pack_column(enum encoding encoding, const float *row, const size_t (*ranges)[2], size_t range_count, float scale,
                           size_t step, float *to) {
    const size_t weights = encoding == encoding_f32 ? 1 : encoding == encoding_bf16 ? 2 : 4;
    uint32_t word = 0;
    int32_t sum = 0;
    size_t k = 0, depth = 0;
    for (size_t range = 0; range < range_count; range++)
        depth += ranges[range][1];
    for (size_t range = 0; range < range_count; range++)
        for (size_t i = 0; i < ranges[range][1]; i++) {
            const float weight = row[ranges[range][0] + i];
            uint32_t bits;
            memcpy(&bits, &weight, sizeof bits);
            if (encoding == encoding_bf16)
                bits >>= 16;
            if (encoding == encoding_int8) {
                // The quotient is within rounding of the integer that the file holds.
                const float quotient = scale > 0.0f ? weight / scale : 0.0f;
                const int32_t q = (int32_t)(quotient + (quotient < 0.0f ? -0.5f : 0.5f));
                sum += q;
                bits = (uint32_t)q & 0xFFu;
            }
            word |= bits << 32 / weights * (k % weights) % 32;
            k++;
            if (k % weights == 0 || k == depth) {
                memcpy(to, &word, sizeof word);
                to += step;
                word = 0;
            }
        }
    return sum;
}

// Packs some columns of a matrix as words of a wide matrix.
static __attribute__((unused)) void pack_words(const struct weights *w, int number, size_t hidden, const size_t (*ranges)[2],
                                               size_t range_count, float *scratch, float *words) {
    const struct parameter *p = &parameters[number];
    const float *matrix = read_weights(w, number, scratch);
    const size_t weights = p->encoding == encoding_f32 ? 1 : p->encoding == encoding_bf16 ? 2 : 4;
    size_t depth = 0;
    for (size_t range = 0; range < range_count; range++)
        depth += ranges[range][1];
    const size_t count = (depth + weights - 1) / weights, padded = (p->rows + 15) / 16 * 16;
    float *const scales = words + padded * count;
    memset(words, 0, padded * (count + (p->encoding == encoding_int8 ? 2 : 0)) * sizeof *words);
    for (size_t column = 0; column < p->rows; column++) {
        const size_t row = row_of_column(column, hidden), first = column / 64 * 64;
        const size_t vectors = smaller((p->rows - first + 15) / 16, 4);
        float scale = 0.0f;
        if (p->encoding == encoding_int8)
            memcpy(&scale, w->section + p->scales + row * sizeof scale, sizeof scale);
        const int32_t sum = 128 * pack_column(p->encoding, matrix + row * p->columns, ranges, range_count, scale, 16 * vectors,
                                              words + first * count + column % 64);
        if (p->encoding == encoding_int8) {
            scales[column] = scale;
            memcpy(scales + padded + column, &sum, sizeof sum);
        }
    }
}

@JOINT@@PACKED@@SPLIT@@SPELLING@// Whether some weight of 16 columns of the packed form and an input is not zero.
static int holds_weights(const float *matrix, const struct parameter *p, size_t hidden, size_t vector, size_t input) {
    for (size_t column = 16 * vector; column < smaller(16 * vector + 16, p->rows); column++)
        if (matrix[row_of_column(column, hidden) * p->columns + input] != 0.0f)
            return 1;
    return 0;
}

// Packs some columns of a matrix as blocks of 16 columns x 1 input, those that hold weights; 0 if there are more than
// `most` of them.
static __attribute__((unused)) int pack_blocks(const struct weights *w, int number, size_t hidden, const size_t (*ranges)[2],
                                               size_t range_count, size_t most, float *scratch, float *words) {
    const struct parameter *p = &parameters[number];
    const float *matrix = read_weights(w, number, scratch);
    const size_t vectors = (p->rows + 15) / 16, lists = (vectors + 16) / 16 * 16;
    uint32_t count = 0;
    for (size_t vector = 0; vector < vectors; vector++) {
        memcpy(words + vector, &count, sizeof count);
        for (size_t range = 0; range < range_count; range++)
            for (size_t i = 0; i < ranges[range][1]; i++)
                count += (uint32_t)holds_weights(matrix, p, hidden, vector, ranges[range][0] + i);
    }
    memcpy(words + vectors, &count, sizeof count);
    if (count > most)
        return 0;
    unsigned char *list = (unsigned char *)(words + lists);
    float *weights = words + lists + (count + 31) / 32 * 16;
    for (size_t vector = 0; vector < vectors; vector++) {
        uint16_t input = 0;
        for (size_t range = 0; range < range_count; range++)
            for (size_t i = 0; i < ranges[range][1]; i++, input++) {
                if (!holds_weights(matrix, p, hidden, vector, ranges[range][0] + i))
                    continue;
                memcpy(list, &input, sizeof input);
                list += sizeof input;
                for (size_t column = 16 * vector; column < 16 * vector + 16; column++)
                    *weights++ = column < p->rows ? matrix[row_of_column(column, hidden) * p->columns + ranges[range][0] + i] : 0.0f;
            }
    }
    return 1;
}

// The sum of both biases of an LSTM, gates in the order of wide matrices.
static __attribute__((unused)) void add_gate_biases(size_t hidden, const float *a, const float *b, float *sum) {
    for (size_t column = 0; column < 4 * hidden; column++) {
        const size_t row = row_of_column(column, hidden);
        sum[column] = a[row] + b[row];
    }
}

// Products of the first rows of a table with a wide matrix, with bias unless it is null.
static __attribute__((unused)) void
multiply_rows(const struct weights *w, int table, size_t rows, size_t columns,
              void (*linear)(int32_t rows, const float *x, size_t x_stride, const float *words, const float *bias, float *y,
                             size_t y_stride, int add),
              const float *words, const float *bias, float *scratch, float *products) {
    const size_t width = parameters[table].columns;
    for (size_t row = 0; row < rows; row += 16) {
        const size_t count = smaller(rows - row, 16);
        read_rows(w, table, row, count, scratch);
        linear((int32_t)count, scratch, width, words, bias, products + row * columns, columns, 0);
    }
}

// Products of characters with the taps of filters: [characters][width][filters padded to 16].
static __attribute__((unused)) void multiply_characters(size_t characters, size_t filters, size_t inputs, size_t width,
                                                        const float *embeddings, const float *weight, float *products) {
    const size_t padded = (filters + 15) / 16 * 16;
    memset(products, 0, characters * width * padded * sizeof *products);
    for (size_t character = 0; character < characters; character++)
        for (size_t filter = 0; filter < filters; filter++)
            for (size_t input = 0; input < inputs; input++)
                for (size_t tap = 0; tap < width; tap++)
                    products[(character * width + tap) * padded + filter] +=
                        embeddings[character * inputs + input] * weight[(filter * inputs + input) * width + tap];
}

static __attribute__((unused)) void add_vectors(size_t count, const float *a, const float *b, float *sum) {
    for (size_t i = 0; i < count; i++)
        sum[i] = a[i] + b[i];
}

"""##,
    "package/decoding_joint": ##"""
// Whether a group of tasks uses a weight.
static int is_used(const struct weights *w, size_t group, const struct parameter *p, size_t weight) {
    const unsigned char *mask = p->mask_at < 0 ? NULL : w->masks[group];
    return mask == NULL || (mask[(size_t)p->mask_at + weight / 8] >> weight % 8 & 1) != 0;
}

// The weight of a word in eight bits.
static int32_t weight_in(const float *words, size_t at, size_t field) {
    uint32_t word;
    memcpy(&word, words + at, sizeof word);
    const int32_t byte = (int32_t)(word >> 8 * field & 0xFFu);
    return byte < 128 ? byte : byte - 256;
}

// Notes that a group uses a weight of a joint matrix.
static void note_user(const struct joint *m, float *users, size_t weights, size_t group, size_t column, size_t k) {
    const size_t word = k / weights, field = k % weights, block = column / 64;
    const size_t vectors = smaller((m->columns - 64 * block + 15) / 16, 4), bit = column % 64 * weights + field;
    float *at = users + group * m->of_group + (block * m->words + word) * m->of_mask + bit / 32;
    uint32_t all, own = UINT32_C(1) << bit % 32;
    if (weights == WEIGHTS_int8) {
        at = users + 64 * block * m->words + word * 16 * vectors + column % 64;
        own = (uint32_t)field << 8 * field | UINT32_C(4) << (8 * field + group);
    }
    memcpy(&all, at, sizeof all);
    all |= own;
    memcpy(at, &all, sizeof all);
}

// Packs some columns of a matrix as a joint matrix, without a mask, and behind it for each bundle who uses what.
static void pack_joint(const struct weights *w, int number, size_t hidden, const size_t (*ranges)[2], size_t range_count,
                       float *scratch, float *words) {
    const struct parameter *p = &parameters[number];
    const size_t weights = p->encoding == encoding_f32 ? 1 : p->encoding == encoding_bf16 ? 2 : 4;
    const int is_int8 = weights == WEIGHTS_int8;
    size_t depth = 0;
    for (size_t range = 0; range < range_count; range++)
        depth += ranges[range][1];
    pack_words(w, number, hidden, ranges, range_count, scratch, words);
    const size_t padded = (p->rows + 15) / 16 * 16, count = (depth + weights - 1) / weights;
    float *const bundles = words + padded * (count + (is_int8 ? 2 : 0));
    const struct joint m = joint_matrix(p->rows, depth, weights, words, bundles);
    const size_t of_bundle = is_int8 ? padded * (count + JOINT_GROUPS) : JOINT_GROUPS * m.of_group;
    memset(bundles, 0, (group_count + JOINT_GROUPS - 1) / JOINT_GROUPS * of_bundle * sizeof *bundles);
    for (size_t group = 0; group < group_count; group++) {
        float *const users = bundles + group / JOINT_GROUPS * of_bundle;
        const size_t own = group % JOINT_GROUPS;
        for (size_t column = 0; column < p->rows; column++) {
            const size_t row = row_of_column(column, hidden), first = column / 64 * 64;
            const size_t step = 16 * smaller((p->rows - first + 15) / 16, 4);
            int32_t sum = 0;
            size_t k = 0;
            for (size_t range = 0; range < range_count; range++)
                for (size_t i = 0; i < ranges[range][1]; i++, k++) {
                    if (!is_used(w, group, p, row * p->columns + ranges[range][0] + i))
                        continue;
                    note_user(&m, users, weights, own, column, k);
                    if (is_int8)
                        sum += weight_in(words, first * count + column % 64 + k / 4 * step, k % 4);
                }
            sum *= 128;
            if (is_int8)
                memcpy(users + padded * (count + own) + column, &sum, sizeof sum);
        }
    }
}


"""##,
    "package/decoding_packed": ##"""
// The first input from `input` on with a weight that is not zero in a row; the number of inputs if there is none.
static size_t next_kept(const float *row, const size_t (*ranges)[2], size_t range_count, size_t input) {
    size_t first = 0;
    for (size_t range = 0; range < range_count; range++) {
        for (size_t i = input > first ? input - first : 0; i < ranges[range][1]; i++)
            if (row[ranges[range][0] + i] != 0.0f)
                return first + i;
        first += ranges[range][1];
    }
    return first;
}

// The weight of an input in a row.
static float weight_of(const float *row, const size_t (*ranges)[2], size_t input) {
    while (input >= (*ranges)[1])
        input -= (*ranges++)[1];
    return row[(*ranges)[0] + input];
}

// Where the windows of 16 columns are put.
struct windows {
    unsigned char *first_inputs, *numbers;
    float *weights;
};

// Packs 16 columns in windows that are zero so far, or counts them if `to` is null.
static uint32_t pack_columns(const float *matrix, const struct parameter *p, size_t hidden, size_t vector, const size_t (*ranges)[2],
                             size_t range_count, size_t depth, const struct windows *to) {
    const size_t columns = smaller(p->rows - 16 * vector, 16), last = depth > PACKED_INPUTS ? depth - PACKED_INPUTS : 0;
    const float *rows[16];
    size_t next[16];
    for (size_t column = 0; column < columns; column++) {
        rows[column] = matrix + row_of_column(16 * vector + column, hidden) * p->columns;
        next[column] = next_kept(rows[column], ranges, range_count, 0);
    }
    for (uint32_t window = 0;; window++) {
        size_t first = depth;
        for (size_t column = 0; column < columns; column++)
            first = smaller(first, next[column]);
        if (first == depth)
            return window;
        first = smaller(first, last);
        const uint16_t first_input = (uint16_t)first;
        if (to != NULL)
            memcpy(to->first_inputs + sizeof first_input * window, &first_input, sizeof first_input);
        for (size_t column = 0; column < columns; column++)
            for (size_t turn = 0; turn < PACKED_TURNS && next[column] < smaller(first + PACKED_INPUTS, depth); turn++) {
                const size_t at = 16 * (PACKED_TURNS * (size_t)window + turn) + column;
                if (to != NULL) {
                    to->numbers[at] = (unsigned char)(next[column] - first);
                    to->weights[at] = weight_of(rows[column], ranges, next[column]);
                }
                next[column] = next_kept(rows[column], ranges, range_count, next[column] + 1);
            }
    }
}

// Packs some columns of a matrix in windows, those weights that are not zero; 0 if it takes more than `most` windows. Where
// windows are not read, all weights are packed as words of a wide matrix.
static int pack_windows(int are_read, const struct weights *w, int number, size_t hidden, const size_t (*ranges)[2], size_t range_count,
                        size_t most, float *scratch, float *words) {
    const struct parameter *p = &parameters[number];
    const float *matrix = read_weights(w, number, scratch);
    const size_t vectors = (p->rows + 15) / 16;
    size_t depth = 0;
    for (size_t range = 0; range < range_count; range++)
        depth += ranges[range][1];
    uint32_t count = 0;
    for (size_t vector = 0; vector < vectors; vector++)
        count += pack_columns(matrix, p, hidden, vector, ranges, range_count, depth, NULL);
    if (count > most)
        return 0;
    if (!are_read) {
        pack_words(w, number, hidden, ranges, range_count, scratch, words);
        return 1;
    }
    float *const first_inputs = words + (vectors + 16) / 16 * 16, *const numbers = first_inputs + (count + 31) / 32 * 16;
    struct windows to = {
        .first_inputs = (unsigned char *)first_inputs,
        .numbers = (unsigned char *)numbers,
        .weights = numbers + 4 * PACKED_TURNS * (size_t)count,
    };
    memset(first_inputs, 0, sizeof(float) * ((count + 31) / 32 * 16 + 20 * PACKED_TURNS * (size_t)count));
    uint32_t start = 0;
    memcpy(words, &start, sizeof start);
    for (size_t vector = 0; vector < vectors; vector++) {
        const uint32_t taken = pack_columns(matrix, p, hidden, vector, ranges, range_count, depth, &to);
        start += taken;
        memcpy(words + vector + 1, &start, sizeof start);
        to.first_inputs += sizeof(uint16_t) * taken;
        to.numbers += 16 * PACKED_TURNS * (size_t)taken;
        to.weights += 16 * PACKED_TURNS * (size_t)taken;
    }
    return 1;
}


"""##,
    "package/decoding_spelling": ##"""
// What a convolution forms of the characters of the first words of the vocabulary: `spellings` [rows x filters]. Rows of no
// word, and of a word that is too long, are zeros.
static void spell_words(const struct weights *w, size_t rows, size_t filters,
                        void (*convolve)(int32_t forms, const int32_t *offsets, int32_t steps, const int32_t *ids,
                                         const float *table, const float *bias, float *y, size_t y_stride),
                        const float *table, const float *bias, float *spellings) {
    int32_t offsets[longest_spelling + 1], ids[longest_spelling];
    for (int32_t i = 0; i <= longest_spelling; i++)
        offsets[i] = i;
    memset(spellings, 0, rows * filters * sizeof *spellings);
    for (uint32_t entry = 0; entry < w->words->entries && entry + first_id < rows; entry++) {
        size_t bytes = 0, count;
        const unsigned char *const text = entry_of(w->words, entry, &count);
        int32_t scalars = 0;
        for (size_t at = 0; at < count && scalars <= longest_spelling; at += bytes, scalars++) {
            const uint32_t scalar = next_scalar(text + at, count - at, &bytes);
            if (scalars < longest_spelling)
                ids[scalars] = find_character(w->characters, scalar);
        }
        if (scalars <= longest_spelling)
            convolve(1, offsets, scalars, ids, table, bias, spellings + (entry + first_id) * filters, filters);
    }
}


"""##,
    "package/decoding_split": ##"""
// The nearest number in bfloat16: its bits. What would be infinite becomes the largest finite number.
static uint32_t nearest_half(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t half = (bits + 0x7FFFu + (bits >> 16 & 1)) >> 16;
    return (half & 0x7F80u) == 0x7F80u ? (half & 0x8000u) | 0x7F7Fu : half;
}

// Packs some columns of a matrix as `pack_words` does, or if asked for split in two halves.
static void pack_split(int in_halves, const struct weights *w, int number, size_t hidden, const size_t (*ranges)[2], size_t range_count,
                       float *scratch, float *words) {
    if (!in_halves) {
        pack_words(w, number, hidden, ranges, range_count, scratch, words);
        return;
    }
    const struct parameter *p = &parameters[number];
    const float *matrix = read_weights(w, number, scratch);
    size_t inputs = 0;
    for (size_t range = 0; range < range_count; range++)
        inputs += ranges[range][1];
    const size_t depth = DEPTH_split(inputs);
    memset(words, 0, (p->rows + 15) / 16 * 16 * depth * sizeof *words);
    for (size_t column = 0; column < p->rows; column++) {
        const size_t row = row_of_column(column, hidden), first = column / 64 * 64;
        const size_t step = 16 * smaller((p->rows - first + 15) / 16, 4);
        size_t input = 0;
        for (size_t range = 0; range < range_count; range++)
            for (size_t i = 0; i < ranges[range][1]; i++, input++) {
                const float weight = matrix[row * p->columns + ranges[range][0] + i];
                const uint32_t upper = nearest_half(weight), bits = upper << 16;
                float rounded;
                memcpy(&rounded, &bits, sizeof rounded);
                const uint32_t halves[2] = {upper, nearest_half(weight - rounded)};
                float *to = words + first * depth + column % 64 + (input / 32 * 32 + input % 32 / 2) * step;
                for (size_t half = 0; half < 2; half++, to += 16 * step) {
                    uint32_t word;
                    memcpy(&word, to, sizeof word);
                    word |= halves[half] << 16 * (input % 2);
                    memcpy(to, &word, sizeof word);
                }
            }
    }
}


"""##,
    "package/header.h": ##"""
#ifndef @GUARD@
#define @GUARD@

#include <stddef.h>
#include <stdint.h>

/* How to use it:

       const @p@_model *model;
       @p@_session *session;
       @p@_status status = @p@_open_file("@NAME@.weights", &model);
       if (status != @P@_OK)
           return fprintf(stderr, "%s\n", @p@_status_text(status)), 1;
       status = @p@_session_new(model, NULL, &session);

       const @p@_text words[] = {{"Paris", 5}, {"is", 2}, {"lovely", 6}};
       if (status == @P@_OK && @p@_tag(session, words, 3, @P@_ALL_TASKS, 0) == @P@_OK)
           for (int32_t i = 0; i < 3; i++)
               puts(@p@_word_tag(session, @EXAMPLE@, i));

       @p@_session_free(session);
       @p@_close(model);

   - Memory: only the functions of the last section allocate, and nothing does once a session is set up.
   - Threads: any number of threads may share a model. A session belongs to one thread at a time.
   - Failure: what can fail returns a status, and then leaves its outputs as they were; a call of a tagging function that
     failed leaves no results behind.
   - Text: UTF-8; no locale is asked. */

/* Of Weft, which wrote this file. */
#define @P@_VERSION "@VERSION@"
/* Of this header. Programs that link dynamically compare it with @p@_abi(). */
#define @P@_ABI @ABI@u
/* Hashes of the network, and of its vocabularies and labels. */
#define @P@_ARCHITECTURE "@ARCHITECTURE@"
#define @P@_DATA "@DATA@"

/* What clang can be told about pointers: how much they point to, and whether they may be null. */
#if defined(__has_include)
#if __has_include(<ptrcheck.h>)
#include <ptrcheck.h>
#define @P@_COUNTED_BY(count) __counted_by(count)
#define @P@_SIZED_BY(bytes) __sized_by(bytes)
#endif
#endif
#if !defined(@P@_COUNTED_BY)
#define @P@_COUNTED_BY(count)
#define @P@_SIZED_BY(bytes)
#endif
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang assume_nonnull begin
#elif !defined(_Nullable)
#define _Nullable
#define _Nonnull
#define @P@_DEFINES_NULLABLE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status --------------------------------------------------------------------------------------------------- */

typedef enum @p@_status {
    @P@_OK = 0,
    @P@_BAD_ARGUMENT = 1,  /* a null pointer, negative count, unknown task or empty word */
    @P@_TOO_SMALL = 2,     /* the memory given is smaller than its size function says */
    @P@_TOO_LONG = 3,      /* a sentence, word, batch or number of paths beyond the session's limits */
    @P@_NOT_SUPPORTED = 4, /* an instruction set that this processor or build lacks */
    @P@_BAD_MODEL = 5,     /* weights that are damaged, or of another model than this code */
    @P@_NO_MEMORY = 6,     /* malloc has none left */
    @P@_NO_FILE = 7        /* the file cannot be read */
} @p@_status;

/* A status in words; never null. */
const char *@p@_status_text(@p@_status status);

/* @P@_VERSION and @P@_ABI of the compiled code. */
const char *@p@_version(void);
uint32_t @p@_abi(void);

/* ---- tasks, labels and tags ----------------------------------------------------------------------------------- */

typedef enum @p@_task {
@TASKS@
    @P@_TASK_COUNT = @TASK_COUNT@
} @p@_task;

/* Sets of tasks are bits: UINT64_C(1) << task. */
#define @P@_ALL_TASKS UINT64_C(@ALL_TASKS@)

/* The name of a task; null for a number that is no task. */
const char *_Nullable @p@_task_name(@p@_task task);

/* The task with this name; @P@_BAD_ARGUMENT if there is none. */
@p@_status @p@_find_task(const char *name, @p@_task *task);

/* Labels are what the network predicts; scores and probabilities are of labels. The text of a label is null for a
   number that is none. */
int32_t @p@_label_count(@p@_task task);
const char *_Nullable @p@_label(@p@_task task, int32_t label);

/* Tags are what is written: labels in the scheme of the training data. For most tasks tags are labels; a task that is
   learnt as BIOES and written as BIO has tags of its own. */
int32_t @p@_tag_count(@p@_task task);
const char *_Nullable @p@_tag_text(@p@_task task, int32_t tag);

/* ---- model ---------------------------------------------------------------------------------------------------- */

/* Weights ready for use; read only. */
typedef struct @p@_model @p@_model;

/* What the memory that models and sessions are made in is aligned to, in bytes. */
#define @P@_ALIGNMENT 64u

/* Bytes of memory that opening takes: a constant. */
size_t @p@_model_size(void);

/* Opens weights, the bytes of @NAME@.weights, which are checked completely. They are not copied: they must stay where
   they are, unchanged, as long as the model is used.
   - weights: at a multiple of 4 bytes.
   - memory: for the model, @p@_model_size() bytes or more.
   - isa: the instruction set, one of @ISAS@; null for the best that this processor has. */
@p@_status @p@_model_open(const void *@P@_SIZED_BY(weight_bytes) weights, size_t weight_bytes, void *@P@_SIZED_BY(bytes) memory, size_t bytes, const char *_Nullable isa, const @p@_model *_Nullable *_Nonnull model);

/* The weights that are linked into the program, if @NAME@-weights.c is a part of it: where they are, and how long. */
const void *@p@_linked_weights(size_t *bytes);

/* The instruction set in use. */
const char *@p@_model_isa(const @p@_model *model);

/* ---- session -------------------------------------------------------------------------------------------------- */

/* All that tagging changes, and its results. */
typedef struct @p@_session @p@_session;

/* What a session is made for; 0 stands for the default. More needs more memory, whether it is used or not. Whatever is
   within the limits can be tagged; beyond them there is @P@_TOO_LONG. */
typedef struct @p@_limits {
    int32_t tokens;       /* words of the longest sentence */
    int32_t scalars;      /* characters (Unicode scalars) of the longest word */
    int32_t sentences;    /* sentences of a call */
    int32_t paths;        /* paths of an n-best list */
    int32_t batch_tokens; /* words of a call; by default tokens * sentences if both are given, else 4096,
                             or tokens if that is more */
    int32_t characters;   /* characters of the different words of a sentence together; by default
                             tokens * scalars if both are given, else 65536, or scalars if that is more */
} @p@_limits;

#define @P@_DEFAULT_TOKENS @TOKENS@
#define @P@_DEFAULT_SCALARS @SCALARS@
#define @P@_DEFAULT_SENTENCES @SENTENCES@
#define @P@_DEFAULT_PATHS @PATHS@

/* Bytes that a session with these limits takes; null: all defaults. 0 if a limit is negative or too large. */
size_t @p@_session_size(const @p@_limits *_Nullable limits);

/* Makes a session in `memory`, @p@_session_size(limits) bytes or more. */
@p@_status @p@_session_init(const @p@_model *model, const @p@_limits *_Nullable limits, void *@P@_SIZED_BY(bytes) memory, size_t bytes, @p@_session *_Nullable *_Nonnull session);

/* Calls run(argument, i) once for each i < count, possibly at the same time, and returns when all are done. */
typedef void @p@_parallel(void *_Nullable context, void (*run)(void *_Nullable argument, int32_t index), void *_Nullable argument, int32_t count);

/* Lends threads to a session, by a function that the caller has. Null: everything runs on the calling thread, as at
   first. Results are the same. */
void @p@_lend_threads(@p@_session *session, @p@_parallel *_Nullable parallel, void *_Nullable context);

/* ---- tagging -------------------------------------------------------------------------------------------------- */

/* A word in UTF-8; it need not end in 0. Bytes that are not UTF-8 count as U+FFFD. Words are given as they are spelled:
   look-up in the vocabulary, characters and casing are done inside. */
typedef struct @p@_text {
    const char *_Nullable bytes;
    size_t count;
} @p@_text;

/* What to compute besides labels and tags: scores of all labels at each word, which @p@_nbest needs; the probability of
   each label at each word, by softmax, or as marginals of a CRF. */
enum {
    @P@_SCORES = 1,
    @P@_PROBABILITIES = 2
};

/* Tags one sentence.
   - tasks: a set of tasks. Those that share a network are computed in one pass.
   - wanted: @P@_SCORES, @P@_PROBABILITIES, both or 0. */
@p@_status @p@_tag(@p@_session *session, const @p@_text *_Nullable @P@_COUNTED_BY(count) words, int32_t count, uint64_t tasks, uint32_t wanted);

/* Tags several sentences, which is faster than one by one.
   - words: of all sentences, one sentence after the other.
   - lengths: how many words each sentence has; 0 is allowed. */
@p@_status @p@_tag_batch(@p@_session *session, const @p@_text *_Nullable words, const int32_t *_Nullable @P@_COUNTED_BY(sentences) lengths, int32_t sentences, uint64_t tasks, uint32_t wanted);
@COLUMNS@
/* Results of the last call of a tagging function, for its words in their order; valid until the next call with the
   session. Null for tasks, and kinds of results, that were not asked for. One label and one tag a word: */
const int32_t *_Nullable @p@_labels(const @p@_session *session, @p@_task task);
const int32_t *_Nullable @p@_tags(const @p@_session *session, @p@_task task);

/* A row of @p@_label_count(task) numbers a word: */
const float *_Nullable @p@_scores(const @p@_session *session, @p@_task task);
const float *_Nullable @p@_probabilities(const @p@_session *session, @p@_task task);

/* The tag of one word as text; null if there is no such word, or if the task was not asked for. */
const char *_Nullable @p@_word_tag(const @p@_session *session, @p@_task task, int32_t word);

/* The n most probable label sequences of a sentence of the last call, best first; needs @P@_SCORES.
   - paths: gets up to n rows, each with a label for each word of the sentence.
   - log_probabilities: gets up to n natural logarithms.
   - found: gets how many there are; fewer than n if the sentence has fewer, and 0 if it has no words. */
@p@_status @p@_nbest(@p@_session *session, @p@_task task, int32_t sentence, int32_t n, int32_t *paths, float *@P@_COUNTED_BY(n) log_probabilities, int32_t *found);

/* The labels of one sentence, such as a path, as tags. */
@p@_status @p@_write_tags(@p@_task task, const int32_t *_Nullable @P@_COUNTED_BY(count) labels, int32_t count, int32_t *_Nullable @P@_COUNTED_BY(count) tags);

/* ---- raw text ------------------------------------------------------------------------------------------------- */

/* Where a token is: bytes begin to end - 1 of the text. */
typedef struct @p@_token {
    size_t begin, end;
    int32_t starts_sentence; /* 1 for the first token of a sentence, else 0 */
} @p@_token;

/* Splits English text into tokens and sentences, as the English Web Treebank does: punctuation and clitics (do|n't,
   John|'s) are tokens, and words with hyphens are split. White space is never part of a token, and every other byte
   belongs to exactly one.
   - tokens: gets the first `capacity` of them. No text has more tokens than bytes.
   - count: gets how many there are, also if that is more than `capacity`; then the status is @P@_TOO_SMALL. */
@p@_status @p@_tokenize(const char *_Nullable @P@_SIZED_BY(bytes) text, size_t bytes, @p@_token *_Nullable @P@_COUNTED_BY(capacity) tokens, size_t capacity, size_t *count);

/* ---- with an operating system --------------------------------------------------------------------------------- */

/* Compile with @P@_NO_HOST to leave all of this out. */
#ifndef @P@_NO_HOST

/* Opens weights from a file, which is mapped and not copied; from memory, which is not copied either and must outlive
   the model; or those that are linked into the program, of which @NAME@-weights.c must then be a part. The environment
   variable @P@_ISA, if it is set, names the instruction set, as for @p@_model_open. */
@p@_status @p@_open_file(const char *path, const @p@_model *_Nullable *_Nonnull model);
@p@_status @p@_open_memory(const void *@P@_SIZED_BY(bytes) weights, size_t bytes, const @p@_model *_Nullable *_Nonnull model);
@p@_status @p@_open_linked(const @p@_model *_Nullable *_Nonnull model);

/* Ends a model that one of these opened, after its last session. Null is allowed. */
void @p@_close(const @p@_model *_Nullable model);

/* Makes a session; limits: null for all defaults. */
@p@_status @p@_session_new(const @p@_model *model, const @p@_limits *_Nullable limits, @p@_session *_Nullable *_Nonnull session);

/* Ends a session that @p@_session_new made. Null is allowed. */
void @p@_session_free(@p@_session *_Nullable session);

#endif

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#pragma clang diagnostic pop
#elif defined(@P@_DEFINES_NULLABLE)
#undef _Nullable
#undef _Nonnull
#undef @P@_DEFINES_NULLABLE
#endif

#endif

"""##,
    "package/host": ##"""
// ---- with an operating system ----------------------------------------------------------------------------------

#ifndef @P@_NO_HOST

#include <stdlib.h>

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#if !defined(O_CLOEXEC)
#define O_CLOEXEC 0 // system headers were included before this file, and asked for less
#endif
#else
#include <stdio.h>
#endif

// Memory at the alignment that models and sessions need; the byte before it tells how far it was moved.
static void *allocate(size_t bytes) {
    unsigned char *const block = bytes > SIZE_MAX - @P@_ALIGNMENT ? NULL : malloc(bytes + @P@_ALIGNMENT);
    if (block == NULL)
        return NULL;
    const size_t moved = @P@_ALIGNMENT - (uintptr_t)block % @P@_ALIGNMENT;
    block[moved - 1] = (unsigned char)moved;
    return block + moved;
}

static void release(void *memory) {
    if (memory != NULL)
        free((unsigned char *)memory - ((unsigned char *)memory)[-1]);
}

static @p@_status open_weights(const void *weights, size_t bytes, struct @p@_model **out) {
    void *memory = allocate(@p@_model_size());
    if (memory == NULL)
        return @P@_NO_MEMORY;
    const @p@_model *model = NULL;
    const char *isa = getenv("@P@_ISA");
    const @p@_status status =
        @p@_model_open(weights, bytes, memory, @p@_model_size(), isa == NULL || isa[0] == 0 ? NULL : isa, &model);
    if (status != @P@_OK)
        release(memory);
    else
        *out = memory;
    return status;
}

@p@_status @p@_open_memory(const void *weights, size_t bytes, const @p@_model **out) {
    struct @p@_model *model = NULL;
    if (weights == NULL || out == NULL)
        return @P@_BAD_ARGUMENT;
    const @p@_status status = open_weights(weights, bytes, &model);
    if (status == @P@_OK)
        *out = model;
    return status;
}

#if defined(__unix__) || defined(__APPLE__)

// Maps a file; nothing of it is copied.
static void *load_file(const char *path, size_t *bytes, @p@_status *status) {
    *status = @P@_NO_FILE;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat information;
    if (file < 0)
        return NULL;
    void *data = NULL;
    if (fstat(file, &information) == 0 && S_ISREG(information.st_mode)) {
        const uint64_t length = (uint64_t)information.st_size;
        if (length == 0 || length > SIZE_MAX) {
            *status = @P@_BAD_MODEL;
        } else {
            *bytes = (size_t)length;
            data = mmap(NULL, *bytes, PROT_READ, MAP_PRIVATE, file, 0);
            data = data == MAP_FAILED ? NULL : data;
        }
    }
    close(file);
    return data;
}

static void unload_file(void *data, size_t bytes) {
    munmap(data, bytes);
}

#else

// Reads a file; there is no mapping to rely on.
static void *load_file(const char *path, size_t *bytes, @p@_status *status) {
    *status = @P@_NO_FILE;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    void *data = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        const long length = ftell(file);
        if (length > 0 && fseek(file, 0, SEEK_SET) == 0) {
            *bytes = (size_t)length;
            data = allocate(*bytes);
            if (data == NULL)
                *status = @P@_NO_MEMORY;
        }
        if (data != NULL && fread(data, 1, *bytes, file) != *bytes) {
            release(data);
            data = NULL;
        }
    }
    fclose(file);
    return data;
}

static void unload_file(void *data, size_t bytes) {
    (void)bytes;
    release(data);
}

#endif

@p@_status @p@_open_file(const char *path, const @p@_model **out) {
    if (path == NULL || out == NULL)
        return @P@_BAD_ARGUMENT;
    size_t bytes = 0;
    @p@_status status;
    void *data = load_file(path, &bytes, &status);
    if (data == NULL)
        return status;
    struct @p@_model *model = NULL;
    status = open_weights(data, bytes, &model);
    if (status != @P@_OK) {
        unload_file(data, bytes);
        return status;
    }
    model->host = data;
    model->host_bytes = bytes;
    *out = model;
    return @P@_OK;
}

void @p@_close(const @p@_model *model) {
    if (model == NULL)
        return;
    if (model->host != NULL)
        unload_file(model->host, model->host_bytes);
    release((void *)(uintptr_t)model);
}

@p@_status @p@_session_new(const @p@_model *model, const @p@_limits *limits, @p@_session **session) {
    const size_t bytes = @p@_session_size(limits);
    if (model == NULL || session == NULL || bytes == 0)
        return @P@_BAD_ARGUMENT;
    void *memory = allocate(bytes);
    if (memory == NULL)
        return @P@_NO_MEMORY;
    const @p@_status status = @p@_session_init(model, limits, memory, bytes, session);
    if (status != @P@_OK)
        release(memory);
    return status;
}

void @p@_session_free(@p@_session *session) {
    release(session);
}

#endif

"""##,
    "package/labels": ##"""
// ---- status, tasks, labels, tags -------------------------------------------------------------------------------

const char *@p@_status_text(@p@_status status) {
    static const char texts[][96] = {
        "ok",
        "an argument that cannot be: a null pointer, a negative count, an unknown task, or an empty word",
        "the memory given is too small",
        "a sentence, a word, a batch or a number of paths beyond the limits of the session",
        "an instruction set that this processor or this build lacks",
        "weights that are damaged, or that belong to another model than this code",
        "out of memory",
        "the file cannot be read",
        "no status",
    };
    const int last = (int)(sizeof texts / sizeof texts[0]) - 1;
    return texts[(int)status >= 0 && (int)status < last ? (int)status : last];
}

const char *@p@_version(void) {
    return @P@_VERSION;
}

uint32_t @p@_abi(void) {
    return @P@_ABI;
}

static const struct task *task_of(@p@_task task) {
    return (int)task >= 0 && (int)task < @P@_TASK_COUNT ? &task_table[task] : NULL;
}

const char *@p@_task_name(@p@_task task) {
    const struct task *t = task_of(task);
    return t == NULL ? NULL : task_names[task];
}

@p@_status @p@_find_task(const char *name, @p@_task *task) {
    if (name == NULL || task == NULL)
        return @P@_BAD_ARGUMENT;
    for (int i = 0; i < @P@_TASK_COUNT; i++) {
        if (same_text(task_names[i], name)) {
            *task = (@p@_task)i;
            return @P@_OK;
        }
    }
    return @P@_BAD_ARGUMENT;
}

int32_t @p@_label_count(@p@_task task) {
    const struct task *t = task_of(task);
    return t == NULL ? 0 : t->label_count;
}

const char *@p@_label(@p@_task task, int32_t label) {
    const struct task *t = task_of(task);
    return t == NULL || label < 0 || label >= t->label_count ? NULL : label_text((int)task, label);
}

int32_t @p@_tag_count(@p@_task task) {
    const struct task *t = task_of(task);
    return t == NULL ? 0 : t->tag_count;
}

const char *@p@_tag_text(@p@_task task, int32_t tag) {
    const struct task *t = task_of(task);
    return t == NULL || tag < 0 || tag >= t->tag_count ? NULL : tag_text((int)task, tag);
}

static int prefix_of(const struct tag_rules *rules, int32_t label) {
    return label_prefix[rules->labels + label];
}

static int type_of(const struct tag_rules *rules, int32_t label) {
    return label_type[rules->labels + label];
}

// Does the span that is open before token i go on in it? I and E continue a span of their type; E and S end theirs.
static int continues_span(const struct tag_rules *rules, const int32_t *labels, int32_t i) {
    if (i == 0)
        return 0;
    const int before = prefix_of(rules, labels[i - 1]), own = prefix_of(rules, labels[i]);
    const int is_open = before == tag_begin || before == tag_inside;
    return is_open && (own == tag_inside || own == tag_end) &&
           type_of(rules, labels[i - 1]) == type_of(rules, labels[i]);
}

// The tag of token i, of a span of labels of `rules`. What the tag is may depend on a neighbour that is no tag of the
// scheme; then the label stays as it is.
static int32_t tag_of(const struct tag_rules *rules, const int32_t *labels, int32_t count, int32_t i) {
    const int32_t label = labels[i];
    const int own = prefix_of(rules, label);
    if (own == tag_none)
        return label_unchanged[rules->labels + label];
    if (own == tag_outside)
        return rules->outside;
    enum { no, yes, unknown } starts, ends, touches = no;
    starts = continues_span(rules, labels, i) ? no : yes;
    ends = own == tag_end || own == tag_single || i + 1 == count || !continues_span(rules, labels, i + 1) ? yes : no;
    const int begins = own == tag_begin || own == tag_single;
    if (i > 0 && prefix_of(rules, labels[i - 1]) == tag_none) {
        starts = begins ? yes : rules->from == scheme_iob1 ? unknown : no;
        touches = rules->from == scheme_iob1 ? (begins ? yes : unknown) : (begins ? unknown : yes);
    } else if (i > 0) {
        const int32_t before = labels[i - 1];
        const int is_alike = type_of(rules, before) == type_of(rules, label);
        touches = prefix_of(rules, before) != tag_outside && is_alike ? yes : no;
    }
    if (i + 1 < count && prefix_of(rules, labels[i + 1]) == tag_none)
        ends = rules->from != scheme_bioes ? unknown : own == tag_end || own == tag_single ? yes : no;
    int prefix = -1;
    switch (rules->to) {
    case scheme_bio:
        prefix = starts == unknown ? -1 : starts == yes ? tag_begin : tag_inside;
        break;
    case scheme_iob1:
        if (starts == no)
            prefix = tag_inside;
        else if (starts == yes && touches != unknown)
            prefix = touches == yes ? tag_begin : tag_inside;
        break;
    case scheme_bioes:
        if (starts != unknown && ends != unknown)
            prefix = starts == yes ? (ends == yes ? tag_single : tag_begin) : (ends == yes ? tag_end : tag_inside);
        break;
    default:
        break;
    }
    if (prefix < 0)
        return label_unchanged[rules->labels + label];
    return type_tags[4 * (rules->types + type_of(rules, label)) + prefix - tag_begin];
}

static void write_tags(const struct task *task, const int32_t *labels, int32_t count, int32_t *tags) {
    for (int32_t i = 0; i < count; i++)
        tags[i] = task->rules < 0 ? labels[i] : tag_of(&tag_rules[task->rules], labels, count, i);
}

@p@_status @p@_write_tags(@p@_task task, const int32_t *labels, int32_t count, int32_t *tags) {
    const struct task *t = task_of(task);
    if (t == NULL || count < 0 || (count > 0 && (labels == NULL || tags == NULL)))
        return @P@_BAD_ARGUMENT;
    for (int32_t i = 0; i < count; i++)
        if (labels[i] < 0 || labels[i] >= t->label_count)
            return @P@_BAD_ARGUMENT;
    write_tags(t, labels, count, tags);
    return @P@_OK;
}

"""##,
    "package/measured_forms": ##"""
// Lists of matrices that leave weights out, for measurements: in words that are zero otherwise, and so are the weights.

// Of 16 columns each, `kept` inputs, as far apart as can be.
static void place_blocks(float *words, uint32_t columns, uint32_t inputs, uint32_t kept) {
    const uint32_t vectors = (columns + 15) / 16, lists = (vectors + 16) / 16 * 16;
    for (uint32_t vector = 0; vector <= vectors; vector++) {
        const uint32_t start = vector * kept;
        memcpy(words + vector, &start, sizeof start);
    }
    for (uint32_t block = 0; block < vectors * kept; block++) {
        const uint16_t input = (uint16_t)((block % kept * inputs + block / kept) / kept % inputs);
        memcpy((unsigned char *)(words + lists) + sizeof input * block, &input, sizeof input);
    }
}

// Of 16 columns each, `kept` windows, as far apart as can be, which pick any of their inputs.
static void place_windows(float *words, uint32_t columns, uint32_t inputs, uint32_t kept) {
    const uint32_t vectors = (columns + 15) / 16, lists = (vectors + 16) / 16 * 16, count = vectors * kept;
    for (uint32_t vector = 0; vector <= vectors; vector++) {
        const uint32_t start = vector * kept;
        memcpy(words + vector, &start, sizeof start);
    }
    unsigned char *const first_inputs = (unsigned char *)(words + lists);
    unsigned char *const numbers = (unsigned char *)(words + lists + (count + 31) / 32 * 16);
    for (uint32_t window = 0; window < count; window++) {
        const uint16_t first = (uint16_t)(window % kept * (inputs - PACKED_INPUTS + 1) / kept);
        memcpy(first_inputs + sizeof first * window, &first, sizeof first);
        for (uint32_t i = 0; i < 16 * PACKED_TURNS; i++)
            numbers[16 * PACKED_TURNS * window + i] = (unsigned char)((window + i * 7) % PACKED_INPUTS);
    }
}

"""##,
    "package/measurement": ##"""
// ---- what products with packed matrices take -------------------------------------------------------------------

#include <time.h>

enum { most_inputs = @MOST_INPUTS@, most_columns = @MOST_COLUMNS@, most_words = @MOST_WORDS@ };

static float words[most_words] __attribute__((aligned(64)));
static float x[@GROUPS@ * most_inputs] __attribute__((aligned(64)));
static float y[@GROUPS@ * most_columns] __attribute__((aligned(64)));

typedef void product(int32_t rows, const float *x, size_t x_stride, const float *words, const float *bias, float *y,
                     size_t y_stride, int add);
typedef void joint_product(int32_t count, const int32_t *groups, const float *x, size_t x_stride, const float *words,
                           const float *users, float *y, size_t y_stride);

// Nanoseconds of a product for one row, or for one of each group of tasks, whose users are where it is told: the least
// of many means, which other programs disturb least.
static double nanoseconds_of(product *multiply, joint_product *multiply_jointly, size_t users) {
    enum { rounds = 200, calls = 20 };
    static const int32_t groups[] = {0, 1, 2, 3};
    double least = 1e30;
    for (int round = 0; round < rounds; round++) {
        struct timespec before, after;
        timespec_get(&before, TIME_UTC);
        for (int call = 0; call < calls; call++)
            if (multiply != NULL)
                multiply(1, x, most_inputs, words, NULL, y, most_columns, 1);
            else
                multiply_jointly(@GROUPS@, groups, x, most_inputs, words, words + users, y, most_columns);
        timespec_get(&after, TIME_UTC);
        const double elapsed = 1e9 * (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec);
        if (elapsed >= 0.0 && elapsed < least * calls)
            least = elapsed / calls;
    }
    return least;
}

static double nanoseconds(product *multiply) {
    return nanoseconds_of(multiply, NULL, 0);
}

static double joint_nanoseconds(joint_product *multiply, size_t users) {
    return nanoseconds_of(NULL, multiply, users);
}

__attribute__((visibility("default"))) double weft_measure(int32_t number);

// Nanoseconds of a case for one row; -1 if this processor does not have its instruction set.
double weft_measure(int32_t number) {
    memset(words, 0, sizeof words);
    switch (number) {
@CASES@
    default:
        return -1.0;
    }
}

"""##,
    "package/model": ##"""
// ---- the model -------------------------------------------------------------------------------------------------

// Read only once opened; any number of threads may share it.
struct @p@_model {
    const struct kernels *kernels;   // the next
    struct kernels chosen;
    struct vocabulary words, columns[column_count + 1];
    struct characters characters;
    const float *shared;             // packed weights of all tasks
    const float *own[group_count];   // packed weights of each group of tasks
    const float *raw[raw_count + 1]; // parameters that are read as they are, in the file if they can be
    void *host;                      // what the host section has to give back
    size_t host_bytes;
};

"""##,
    "package/open": ##"""
// ---- opening a model -------------------------------------------------------------------------------------------

// Sizes are counted in 64 bits, so that they cannot wrap around before they are compared.
static uint64_t aligned(uint64_t bytes) {
    return (bytes + @P@_ALIGNMENT - 1) / @P@_ALIGNMENT * @P@_ALIGNMENT;
}

// The head; packed weights; last what is copied, whose place decoding uses first.
static uint64_t model_bytes(void) {
    const uint64_t last = copied_floats > scratch_floats ? copied_floats : scratch_floats;
    const uint64_t floats = shared_floats + (uint64_t)group_count * own_floats + last;
    return aligned(sizeof(struct @p@_model)) + floats * sizeof(float);
}

size_t @p@_model_size(void) {
    return (size_t)model_bytes();
}

static int open_section(struct @p@_model *model, const struct section *s, const uint32_t kind[2], const unsigned char **masks) {
    switch (kind[0]) {
    case section_parameters:
        if (s->count != parameter_bytes)
            return 0;
        for (int i = 0; i < parameter_count; i++)
            if (!is_sound_parameter(s->bytes, &parameters[i]))
                return 0;
        return 1;
    case section_mask:
        masks[kind[1]] = s->bytes;
        return s->count == mask_bytes;
    case section_words:
        return open_vocabulary(s->bytes, s->count, word_rows, &model->words) && is_complete(&model->words, words_lowercase);
    case section_characters:
        return open_characters(s->bytes, s->count, character_rows, &model->characters);
    default:
        return open_vocabulary(s->bytes, s->count, column_rows[kind[1]], &model->columns[kind[1]]) &&
               is_complete(&model->columns[kind[1]], 0);
    }
}

@p@_status @p@_model_open(const void *weights, size_t weight_bytes, void *memory, size_t bytes, const char *isa,
                          const @p@_model **out) {
    if (weights == NULL || memory == NULL || out == NULL || (uintptr_t)weights % 4 != 0 || (uintptr_t)memory % @P@_ALIGNMENT != 0)
        return @P@_BAD_ARGUMENT;
    if (bytes < model_bytes())
        return @P@_TOO_SMALL;
    struct @p@_model *model = memory;
    memset(model, 0, sizeof *model);
    model->kernels = &model->chosen;
    if (!choose_kernels(isa, &model->chosen))
        return @P@_NOT_SUPPORTED;
    struct section sections[section_count];
    const unsigned char *masks[group_count] = {NULL};
    if (!open_blob(weights, weight_bytes, sections))
        return @P@_BAD_MODEL;
    for (int i = 0; i < section_count; i++)
        if (!open_section(model, &sections[i], section_kinds[i], masks))
            return @P@_BAD_MODEL;
    float *const shared = (float *)(void *)((unsigned char *)memory + aligned(sizeof *model));
    float *const own = shared + shared_floats, *const last = own + (size_t)group_count * own_floats;
    struct weights w = {
        .section = sections[0].bytes, .masks = masks, .words = &model->words, .characters = &model->characters};
    if (!pack_shared(model->kernels, &w, shared, last))
        return @P@_BAD_MODEL;
    model->shared = shared;
    for (int group = 0; group < group_count; group++) {
        w.mask = masks[group];
        float *const packed = own + (size_t)group * own_floats;
        if (!pack_own(model->kernels, &w, shared, packed, last))
            return @P@_BAD_MODEL;
        model->own[group] = packed;
    }
    w.mask = NULL;
    place_raw(&w, last, model->raw);
    *out = model;
    return @P@_OK;
}

const char *@p@_model_isa(const @p@_model *model) {
    return model->kernels->name;
}

"""##,
    "package/run": ##"""
// The network over one batch.
static void run_network(const weft_model *model, const weft_threads *threads, void *workspace, const weft_batch *batch,
                        uint64_t tasks, uint32_t wanted, weft_output *outputs) {
    struct run run = {
        .k = model->kernels, .threads = threads, .batch = batch, .shared = model->shared, .own = model->own[0], .raw = model->raw};
    place_values(&batch->extent, workspace, &run.v);
    run_nodes(&run, tasks, wanted);
    read_outputs(&run, tasks, wanted, outputs);
}

"""##,
    "package/run_for_groups": ##"""
// The same for a node that runs for all groups of tasks.
static __attribute__((unused)) void run_for_groups(const struct groups *g, void (*piece)(void *argument, int32_t index), int32_t count) {
    const weft_threads *const threads = g->run[0].threads;
    if (threads->parallel != NULL) {
        threads->parallel(threads->context, piece, (void *)(uintptr_t)g, count);
        return;
    }
    for (int32_t i = 0; i < count; i++)
        piece((void *)(uintptr_t)g, i);
}


"""##,
    "package/run_groups": ##"""
// The network over one batch. The values of each group of tasks are in a part of the workspace of their own.
static void run_network(const weft_model *model, const weft_threads *threads, void *workspace, const weft_batch *batch,
                        uint64_t tasks, uint32_t wanted, weft_output *outputs) {
    struct groups g = {.apart = workspace_bytes(&batch->extent) / sizeof(float)};
    for (int32_t group = 0; group < group_count; group++) {
        if ((tasks & group_tasks[group]) == 0)
            continue;
        struct run *run = &g.run[g.count];
        *run = (struct run){
            .k = model->kernels, .threads = threads, .batch = batch, .shared = model->shared, .own = model->own[group], .raw = model->raw};
        place_values(&batch->extent, (float *)workspace + (size_t)group * g.apart, &run->v);
        share_values(&g.run[0].v, &run->v);
        g.number[g.count] = group;
        g.tasks[g.count++] = tasks & group_tasks[group];
    }
    run_nodes(&g, tasks, wanted);
    for (int32_t i = 0; i < g.count; i++)
        read_outputs(&g.run[i], g.tasks[i], wanted, outputs);
}

"""##,
    "package/run_support": ##"""
// ---- the network -----------------------------------------------------------------------------------------------

// Runs the pieces of a node, at the same time where the caller lends threads.
static __attribute__((unused)) void run_parallel(const struct run *r, void (*piece)(void *argument, int32_t index), int32_t count) {
    if (r->threads->parallel != NULL) {
        r->threads->parallel(r->threads->context, piece, (void *)(uintptr_t)r, count);
        return;
    }
    for (int32_t i = 0; i < count; i++)
        piece((void *)(uintptr_t)r, i);
}

static __attribute__((unused)) void zero_rows(int32_t rows, int32_t columns, float *y, size_t y_stride) {
    for (int32_t i = 0; i < rows; i++)
        memset(y + (size_t)i * y_stride, 0, (size_t)columns * sizeof(float));
}

@RUN_FOR_GROUPS@// The scales of the rows of a table in eight bits, which has so many bytes.
static __attribute__((unused)) const float *scales_behind(const float *table, size_t bytes) {
    return (const float *)(const void *)((const unsigned char *)(const void *)table + bytes);
}

"""##,
    "package/session": ##"""
// ---- the session: its memory -----------------------------------------------------------------------------------

// Most words of a pass through the network, unless a sentence is longer, so that the values of all groups of tasks stay
// in a cache; and what a call holds if nobody says.
enum { pass_tokens = 1024 / (group_count < 4 ? group_count : 4), default_batch_tokens = 4096, default_characters = 65536 };

// A different word of a pass.
struct form {
    const unsigned char *bytes;
    size_t count;
    uint32_t hash;
    int32_t scalars, word_id;
    struct word_classes classes;
    int is_spelled; // as its word, whose characters are known
    int32_t row;    // in the batch; -1 if nothing has to be formed of the characters
};

struct results {
    int32_t *labels, *tags;        // [words]
    float *scores, *probabilities; // [words x labels]
};

struct @p@_session {
    const struct @p@_model *model;
    @p@_limits limits; // none is 0
    weft_threads threads;

    // The last call.
    uint64_t tasks;
    uint32_t wanted;
    int32_t sentences;
    int32_t *first_word; // [sentences + 1]
    struct results results[@P@_TASK_COUNT];

    // Sentences of a call, longest first.
    int32_t *order;   // [sentences]
    int32_t *buckets; // [most tokens or scalars + 2]: how many are so long

    // A pass.
    int32_t pass;                             // most tokens
    int32_t *token_offsets, *scalar_offsets;  // [most tokens + 1], [most scalars + 1]
    int32_t *token_word;                      // [tokens]: place of a row's word in the call
    int32_t *token_form;                      // [tokens]
    struct form *forms;                       // [tokens]
    int32_t *form_order;                      // [tokens]: longest first
    int32_t *form_slots;                      // [slots]: hash table, 0 or form + 1
    uint32_t form_slot_count;                 // a power of two
    int32_t *word_ids, *form_ids, *feature_ids; // [tokens], [tokens], [features x tokens]
    int32_t *character_ids;                   // [characters]

    void *workspace; // of the network, and of the n best
    uint64_t workspace_bytes;
};

static int32_t clipped_product(int32_t a, int32_t b) {
    const int64_t product = (int64_t)a * b;
    return product > INT32_MAX ? INT32_MAX : (int32_t)product;
}

static int32_t greater(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static int32_t lesser(int32_t a, int32_t b) {
    return a < b ? a : b;
}

// Limits with defaults in place; 0 if one is negative, or so large that sizes could not be counted.
static int resolve_limits(const @p@_limits *given, @p@_limits *l) {
    const @p@_limits none = {0, 0, 0, 0, 0, 0};
    *l = given == NULL ? none : *given;
    if (l->tokens < 0 || l->scalars < 0 || l->sentences < 0 || l->paths < 0 || l->batch_tokens < 0 || l->characters < 0)
        return 0;
    if (l->tokens > 1 << 24 || l->scalars > 1 << 24 || l->paths > 1 << 16)
        return 0;
    const int is_exact_batch = l->tokens > 0 && l->sentences > 0, is_exact_word = l->tokens > 0 && l->scalars > 0;
    l->tokens = l->tokens > 0 ? l->tokens : @P@_DEFAULT_TOKENS;
    l->scalars = l->scalars > 0 ? l->scalars : @P@_DEFAULT_SCALARS;
    l->sentences = l->sentences > 0 ? l->sentences : @P@_DEFAULT_SENTENCES;
    l->paths = l->paths > 0 ? l->paths : @P@_DEFAULT_PATHS;
    if (l->batch_tokens == 0) {
        l->batch_tokens = clipped_product(l->tokens, l->sentences);
        if (!is_exact_batch)
            l->batch_tokens = greater(l->tokens, lesser(l->batch_tokens, default_batch_tokens));
    }
    if (l->characters == 0) {
        l->characters = clipped_product(l->tokens, l->scalars);
        if (!is_exact_word)
            l->characters = greater(l->scalars, lesser(l->characters, default_characters));
    }
    return 1;
}

// Memory that is dealt out piece by piece; without a base it is only counted.
struct pool {
    unsigned char *base;
    uint64_t used;
};

static void *take(struct pool *pool, uint64_t count, size_t size) {
    unsigned char *const place = pool->base == NULL ? NULL : pool->base + pool->used;
    // A session cannot be greater than half of the memory there may be; more than that stays too much.
    const uint64_t most = (uint64_t)(SIZE_MAX / 2);
    const uint64_t bytes = count > most / size ? most : aligned(count * size);
    pool->used = pool->used > most - bytes ? most : pool->used + bytes;
    return place;
}

// Deals out all memory of a session.
static void lay_out(struct @p@_session *s, struct pool *pool) {
    const @p@_limits *l = &s->limits;
    const uint64_t words = (uint64_t)l->batch_tokens;
    s->pass = greater(l->tokens, lesser(l->batch_tokens, pass_tokens));
    const uint64_t tokens = (uint64_t)s->pass;
    s->first_word = take(pool, (uint64_t)l->sentences + 1, sizeof *s->first_word);
    for (int task = 0; task < @P@_TASK_COUNT; task++) {
        struct results *results = &s->results[task];
        const uint64_t scores = words * (uint64_t)task_table[task].label_count;
        results->labels = take(pool, words, sizeof *results->labels);
        results->tags = task_table[task].rules < 0 ? results->labels : take(pool, words, sizeof *results->tags);
        results->scores = take(pool, scores, sizeof *results->scores);
        results->probabilities = take(pool, scores, sizeof *results->probabilities);
    }
    s->order = take(pool, (uint64_t)l->sentences, sizeof *s->order);
    s->buckets = take(pool, (uint64_t)greater(l->tokens, l->scalars) + 2, sizeof *s->buckets);
    s->token_offsets = take(pool, (uint64_t)l->tokens + 1, sizeof *s->token_offsets);
    s->scalar_offsets = take(pool, (uint64_t)l->scalars + 1, sizeof *s->scalar_offsets);
    s->token_word = take(pool, tokens, sizeof *s->token_word);
    s->token_form = take(pool, tokens, sizeof *s->token_form);
    s->forms = take(pool, tokens, sizeof *s->forms);
    s->form_order = take(pool, tokens, sizeof *s->form_order);
    uint64_t slots = 16;
    while (slots < 2 * tokens)
        slots *= 2;
    s->form_slot_count = (uint32_t)slots;
    s->form_slots = take(pool, slots, sizeof *s->form_slots);
    s->word_ids = take(pool, tokens, sizeof *s->word_ids);
    s->form_ids = take(pool, tokens, sizeof *s->form_ids);
    s->feature_ids = take(pool, tokens * feature_count, sizeof *s->feature_ids);
    s->character_ids = take(pool, has_characters ? (uint64_t)l->characters : 1, sizeof *s->character_ids);
    s->workspace_bytes = group_count * workspace_bound(tokens, tokens, has_characters ? (uint64_t)l->characters : 0, tokens);
    for (int task = 0; task < @P@_TASK_COUNT; task++) {
        const uint64_t needed = nbest_bound((uint64_t)l->tokens, (uint64_t)task_table[task].label_count, (uint64_t)l->paths);
        s->workspace_bytes = needed > s->workspace_bytes ? needed : s->workspace_bytes;
    }
    s->workspace = take(pool, s->workspace_bytes, 1);
}

// 0 if there cannot be such a session.
static uint64_t session_bytes(struct @p@_session *s) {
    struct pool pool = {.base = NULL, .used = aligned(sizeof *s)};
    lay_out(s, &pool);
    return pool.used < (uint64_t)(SIZE_MAX / 2) ? pool.used : 0;
}

size_t @p@_session_size(const @p@_limits *limits) {
    struct @p@_session session;
    return resolve_limits(limits, &session.limits) ? (size_t)session_bytes(&session) : 0;
}

@p@_status @p@_session_init(const @p@_model *model, const @p@_limits *limits, void *memory, size_t bytes,
                            @p@_session **out) {
    struct @p@_session session;
    if (model == NULL || memory == NULL || out == NULL || (uintptr_t)memory % @P@_ALIGNMENT != 0)
        return @P@_BAD_ARGUMENT;
    const uint64_t needed = resolve_limits(limits, &session.limits) ? session_bytes(&session) : 0;
    if (needed == 0)
        return @P@_BAD_ARGUMENT;
    if (bytes < needed)
        return @P@_TOO_SMALL;
    struct @p@_session *s = memory;
    memset(s, 0, sizeof *s);
    s->model = model;
    s->limits = session.limits;
    struct pool pool = {.base = memory, .used = aligned(sizeof *s)};
    lay_out(s, &pool);
    memset(s->form_slots, 0, s->form_slot_count * sizeof *s->form_slots);
    *out = s;
    return @P@_OK;
}

void @p@_lend_threads(@p@_session *session, @p@_parallel *parallel, void *context) {
    session->threads = (weft_threads){.parallel = parallel, .context = context};
}

"""##,
    "package/start": ##"""
#if !defined(@P@_NO_HOST) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L // open, mmap
#endif

#include "@NAME@.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the weights are little-endian"
#endif

"""##,
    "package/tagging": ##"""
// ---- tagging ---------------------------------------------------------------------------------------------------

// What a call is given.
struct call {
    const @p@_text *words;
    const @p@_text *const *columns; // [column_count], or null; null for a column that is not given
    const int32_t *lengths;         // of the sentences
    int32_t sentences;
    uint64_t tasks;
    uint32_t wanted;
};

static const unsigned char *bytes_of(const @p@_text *text) {
    return (const unsigned char *)text->bytes;
}

// Characters of a word; more than `limit` need not be counted.
static int32_t count_scalars(const @p@_text *word, int32_t limit) {
    int32_t scalars = 0;
    size_t bytes = 0;
    for (size_t at = 0; at < word->count && scalars <= limit; at += bytes, scalars++)
        next_scalar(bytes_of(word) + at, word->count - at, &bytes);
    return scalars;
}

// Checks a call against the limits; says where each sentence begins.
static @p@_status check_call(@p@_session *s, const struct call *call) {
    if (call->sentences < 0 || (call->tasks & ~@P@_ALL_TASKS) != 0 || call->tasks == 0 ||
        (call->wanted & ~(uint32_t)(@P@_SCORES | @P@_PROBABILITIES)) != 0 || (call->lengths == NULL && call->sentences > 0))
        return @P@_BAD_ARGUMENT;
    if (call->sentences > s->limits.sentences)
        return @P@_TOO_LONG;
    int64_t words = 0;
    for (int32_t i = 0; i < call->sentences; i++) {
        if (call->lengths[i] < 0)
            return @P@_BAD_ARGUMENT;
        if (call->lengths[i] > s->limits.tokens)
            return @P@_TOO_LONG;
        s->first_word[i] = (int32_t)words;
        words += call->lengths[i];
        if (words > s->limits.batch_tokens)
            return @P@_TOO_LONG;
    }
    s->first_word[call->sentences] = (int32_t)words;
    if (words > 0 && call->words == NULL)
        return @P@_BAD_ARGUMENT;
    for (int64_t i = 0; i < words; i++)
        if (call->words[i].bytes == NULL || call->words[i].count == 0)
            return @P@_BAD_ARGUMENT;
    // A word has no more characters than bytes.
    for (int64_t i = 0; i < words; i++)
        if (call->words[i].count > (size_t)s->limits.scalars && count_scalars(&call->words[i], s->limits.scalars) > s->limits.scalars)
            return @P@_TOO_LONG;
    return @P@_OK;
}

// Turns how many things have each length into the first places of the lengths when the longest come first.
static void place_lengths(int32_t *buckets, int32_t longest) {
    int32_t place = 0;
    for (int32_t length = longest; length >= 0; length--) {
        const int32_t count = buckets[length];
        buckets[length] = place;
        place += count;
    }
}

// The sentences that have words, longest first, equal ones as given; how many.
static int32_t sort_sentences(@p@_session *s, const struct call *call) {
    int32_t longest = 0, empty = 0;
    for (int32_t i = 0; i < call->sentences; i++)
        longest = greater(longest, call->lengths[i]);
    memset(s->buckets, 0, ((size_t)longest + 1) * sizeof *s->buckets);
    for (int32_t i = 0; i < call->sentences; i++) {
        s->buckets[call->lengths[i]]++;
        empty += call->lengths[i] == 0;
    }
    place_lengths(s->buckets, longest);
    for (int32_t i = 0; i < call->sentences; i++)
        s->order[s->buckets[call->lengths[i]]++] = i;
    return call->sentences - empty;
}

// First rows of the positions of sequences, given how many there are of each length.
static void place_rows(const int32_t *buckets, int32_t count, int32_t longest, int32_t *offsets) {
    offsets[0] = 0;
    for (int32_t t = 0; t < longest; t++) {
        count -= buckets[t];
        offsets[t + 1] = offsets[t] + count;
    }
}

// Looks a form up: as it is, which is cheap and finds what look-up finds, or else the usual way. Of a word that is spelled
// as the vocabulary has it the characters may be known.
static void look_up_form(const struct vocabulary *words, struct form *form) {
    form->word_id = find_spelled(words, form->bytes, form->count, form->hash);
    form->is_spelled =
        form->word_id != unknown_id && form->word_id < spelled_words && form->scalars <= longest_spelling;
    if (form->word_id == unknown_id)
        form->word_id = find_id(words, form->bytes, form->count, words_lowercase);
}

// The number of a word among the different words of the pass.
static int32_t intern(@p@_session *s, const @p@_text *word, int32_t *form_count) {
    const uint32_t hash = fold_hash(hash_bytes(hash_start, bytes_of(word), word->count)), mask = s->form_slot_count - 1;
    uint32_t slot = hash & mask;
    for (; s->form_slots[slot] != 0; slot = (slot + 1) & mask) {
        const int32_t number = s->form_slots[slot] - 1;
        const struct form *form = &s->forms[number];
        if (form->hash == hash && form->count == word->count && same_bytes(form->bytes, word->bytes, word->count))
            return number;
    }
    s->form_slots[slot] = *form_count + 1;
    struct form *form = &s->forms[*form_count];
    *form = (struct form){.bytes = bytes_of(word), .count = word->count, .hash = hash};
    form->scalars = count_scalars(word, s->limits.scalars);
    if (has_words)
        look_up_form(&s->model->words, form);
    if (has_classes)
        form->classes = classify(form->bytes, form->count);
    return (*form_count)++;
}

// Empties the hash table of words.
static void forget_forms(@p@_session *s, int32_t form_count) {
    const uint32_t mask = s->form_slot_count - 1;
    for (int32_t i = 0; i < form_count; i++)
        for (uint32_t slot = s->forms[i].hash & mask; s->form_slots[slot] != 0; slot = (slot + 1) & mask)
            s->form_slots[slot] = 0;
}

// Ids of the characters, time-major over the words of the pass whose characters are not known, longest first.
static @p@_status pack_characters(@p@_session *s, int32_t form_count, weft_extent *extent) {
    int32_t longest = 0, rows = 0;
    int64_t characters = 0;
    for (int32_t i = 0; i < form_count; i++) {
        if (s->forms[i].is_spelled)
            continue;
        longest = greater(longest, s->forms[i].scalars);
        characters += s->forms[i].scalars;
        rows++;
    }
    if (characters > s->limits.characters)
        return @P@_TOO_LONG;
    memset(s->buckets, 0, ((size_t)longest + 1) * sizeof *s->buckets);
    for (int32_t i = 0; i < form_count; i++)
        if (!s->forms[i].is_spelled)
            s->buckets[s->forms[i].scalars]++;
    place_rows(s->buckets, rows, longest, s->scalar_offsets);
    place_lengths(s->buckets, longest);
    for (int32_t i = 0; i < form_count; i++) {
        struct form *form = &s->forms[i];
        form->row = -1;
        if (form->is_spelled)
            continue;
        form->row = s->buckets[form->scalars]++;
        size_t bytes = 0;
        int32_t t = 0;
        for (size_t at = 0; at < form->count; at += bytes, t++) {
            const uint32_t scalar = next_scalar(form->bytes + at, form->count - at, &bytes);
            s->character_ids[s->scalar_offsets[t] + form->row] = find_character(&s->model->characters, scalar);
        }
    }
    extent->forms = rows;
    extent->scalars = (int32_t)characters;
    extent->longest_form = longest;
    return @P@_OK;
}

static int32_t feature_id(const @p@_session *s, const struct call *call, const struct feature *feature, int32_t row) {
    const struct form *form = &s->forms[s->token_form[row]];
    switch (feature->source) {
    case from_casing:
        return feature->ids[form->classes.casing];
    case from_digits:
        return feature->ids[form->classes.digits];
    default:
        break;
    }
    const @p@_text *column = call->columns == NULL ? NULL : call->columns[feature->column];
    if (column == NULL || column[s->token_word[row]].bytes == NULL || column[s->token_word[row]].count == 0)
        return unknown_id;
    const @p@_text *text = &column[s->token_word[row]];
    return find_id(&s->model->columns[feature->column], bytes_of(text), text->count, 0);
}

// Packs sentences order[first] to order[last - 1].
static @p@_status pack_batch(@p@_session *s, const struct call *call, int32_t first, int32_t last, weft_batch *batch) {
    const int32_t sentences = last - first, longest = call->lengths[s->order[first]];
    weft_extent *extent = &batch->extent;
    *extent = (weft_extent){.sentences = sentences, .longest_sentence = longest};
    int32_t active = sentences;
    s->token_offsets[0] = 0;
    for (int32_t t = 0; t < longest; t++) {
        while (call->lengths[s->order[first + active - 1]] <= t)
            active--;
        s->token_offsets[t + 1] = s->token_offsets[t] + active;
    }
    extent->tokens = s->token_offsets[longest];
    int32_t form_count = 0;
    for (int32_t t = 0, row = 0; t < longest; t++)
        for (int32_t i = 0; row < s->token_offsets[t + 1]; i++, row++) {
            s->token_word[row] = s->first_word[s->order[first + i]] + t;
            s->token_form[row] = intern(s, &call->words[s->token_word[row]], &form_count);
        }
    forget_forms(s, form_count);
    if (has_characters) {
        const @p@_status status = pack_characters(s, form_count, extent);
        if (status != @P@_OK)
            return status;
    }
    for (int32_t row = 0; row < extent->tokens; row++) {
        const struct form *form = &s->forms[s->token_form[row]];
        s->word_ids[row] = form->word_id;
        s->form_ids[row] = form->row;
    }
    for (int feature = 0; feature < feature_count; feature++)
        for (int32_t row = 0; row < extent->tokens; row++)
            s->feature_ids[(size_t)feature * (size_t)s->pass + (size_t)row] = feature_id(s, call, &features[feature], row);
    batch->token_offsets = s->token_offsets;
    batch->scalar_offsets = s->scalar_offsets;
    return @P@_OK;
}

// Brings a task's results into the order of the caller.
static void keep_results(@p@_session *s, int task, const weft_output *output, int32_t tokens, uint32_t wanted) {
    const struct results *results = &s->results[task];
    const size_t labels = (size_t)task_table[task].label_count;
    for (int32_t row = 0; row < tokens; row++) {
        const size_t word = (size_t)s->token_word[row], from = (size_t)row * labels;
        results->labels[word] = output->prediction[row];
        if ((wanted & @P@_SCORES) != 0)
            memcpy(results->scores + word * labels, output->scores + from, labels * sizeof(float));
        if ((wanted & @P@_PROBABILITIES) != 0)
            memcpy(results->probabilities + word * labels, output->probabilities + from, labels * sizeof(float));
    }
}

// A pass over some sentences.
static @p@_status run_pass(@p@_session *s, const struct call *call, int32_t first, int32_t last) {
    const int32_t *inputs[input_count + 1] = {NULL};
    weft_batch batch = {.inputs = inputs};
    const @p@_status status = pack_batch(s, call, first, last, &batch);
    if (status != @P@_OK)
        return status;
    if (group_count * (uint64_t)workspace_bytes(&batch.extent) > s->workspace_bytes)
        return @P@_TOO_LONG;
    connect_inputs(s, inputs);
    const uint32_t wanted = (call->wanted & @P@_PROBABILITIES) != 0 ? WEFT_PREDICTION | WEFT_PROBABILITIES : WEFT_PREDICTION;
    weft_output outputs[@P@_TASK_COUNT];
    memset(outputs, 0, sizeof outputs);
    run_network(s->model, &s->threads, s->workspace, &batch, call->tasks, wanted, outputs);
    for (int task = 0; task < @P@_TASK_COUNT; task++)
        if ((call->tasks >> task & 1) != 0)
            keep_results(s, task, &outputs[task], batch.extent.tokens, call->wanted);
    return @P@_OK;
}

// The end of the pass that begins with sentence order[first]: as many as there is room for.
static int32_t end_of_pass(const @p@_session *s, const struct call *call, int32_t first, int32_t count) {
    int64_t tokens = 0, characters = 0;
    int32_t last = first;
    for (; last < count; last++) {
        const int32_t sentence = s->order[last];
        tokens += call->lengths[sentence];
        for (int32_t i = s->first_word[sentence]; has_characters && i < s->first_word[sentence + 1]; i++)
            characters += count_scalars(&call->words[i], s->limits.scalars);
        if (last > first && (tokens > lesser(s->pass, pass_tokens) || characters > s->limits.characters))
            break;
    }
    return last;
}

static @p@_status tag_call(@p@_session *s, const struct call *call) {
    s->tasks = 0;
    s->wanted = 0;
    s->sentences = 0;
    @p@_status status = check_call(s, call);
    if (status != @P@_OK)
        return status;
    const int32_t count = sort_sentences(s, call);
    for (int32_t first = 0; first < count;) {
        const int32_t last = end_of_pass(s, call, first, count);
        status = run_pass(s, call, first, last);
        if (status != @P@_OK)
            return status;
        first = last;
    }
    for (int task = 0; task < @P@_TASK_COUNT; task++)
        for (int32_t i = 0; (call->tasks >> task & 1) != 0 && task_table[task].rules >= 0 && i < call->sentences; i++)
            write_tags(&task_table[task], s->results[task].labels + s->first_word[i], call->lengths[i],
                       s->results[task].tags + s->first_word[i]);
    s->tasks = call->tasks;
    s->wanted = call->wanted;
    s->sentences = call->sentences;
    return @P@_OK;
}

@p@_status @p@_tag(@p@_session *session, const @p@_text *words, int32_t count, uint64_t tasks, uint32_t wanted) {
    return @p@_tag_batch(session, words, &count, 1, tasks, wanted);
}

@p@_status @p@_tag_batch(@p@_session *session, const @p@_text *words, const int32_t *lengths, int32_t sentences,
                         uint64_t tasks, uint32_t wanted) {
    if (session == NULL)
        return @P@_BAD_ARGUMENT;
    const struct call call = {.words = words, .lengths = lengths, .sentences = sentences, .tasks = tasks, .wanted = wanted};
    return tag_call(session, &call);
}
@COLUMNS@
// A task's results, null if the last call did not compute them.
static const struct results *results_of(const @p@_session *s, @p@_task task) {
    return s != NULL && task_of(task) != NULL && (s->tasks >> task & 1) != 0 ? &s->results[task] : NULL;
}

const int32_t *@p@_labels(const @p@_session *session, @p@_task task) {
    const struct results *results = results_of(session, task);
    return results == NULL ? NULL : results->labels;
}

const int32_t *@p@_tags(const @p@_session *session, @p@_task task) {
    const struct results *results = results_of(session, task);
    return results == NULL ? NULL : results->tags;
}

const float *@p@_scores(const @p@_session *session, @p@_task task) {
    const struct results *results = results_of(session, task);
    return results == NULL || (session->wanted & @P@_SCORES) == 0 ? NULL : results->scores;
}

const float *@p@_probabilities(const @p@_session *session, @p@_task task) {
    const struct results *results = results_of(session, task);
    return results == NULL || (session->wanted & @P@_PROBABILITIES) == 0 ? NULL : results->probabilities;
}

const char *@p@_word_tag(const @p@_session *session, @p@_task task, int32_t word) {
    const struct results *results = results_of(session, task);
    if (results == NULL || word < 0 || word >= session->first_word[session->sentences])
        return NULL;
    return @p@_tag_text(task, results->tags[word]);
}

@p@_status @p@_nbest(@p@_session *session, @p@_task task, int32_t sentence, int32_t n, int32_t *paths,
                     float *log_probabilities, int32_t *found) {
    const float *scores = session == NULL ? NULL : @p@_scores(session, task);
    if (scores == NULL || sentence < 0 || sentence >= session->sentences || n < 1 || paths == NULL ||
        log_probabilities == NULL || found == NULL)
        return @P@_BAD_ARGUMENT;
    if (n > session->limits.paths)
        return @P@_TOO_LONG;
    const int32_t first = session->first_word[sentence], count = session->first_word[sentence + 1] - first;
    scores += (size_t)first * (size_t)task_table[task].label_count;
    const weft_status status = nbest(session->model, (int32_t)task, count, scores, n, session->workspace,
                                     (size_t)session->workspace_bytes, paths, log_probabilities, found);
    return status == WEFT_OK ? @P@_OK : @P@_BAD_ARGUMENT;
}

"""##,
    "package/text": ##"""
// ---- text ------------------------------------------------------------------------------------------------------

static int same_bytes(const void *a, const void *b, size_t count) {
    const unsigned char *x = a, *y = b;
    while (count > 0 && *x == *y)
        x++, y++, count--;
    return count == 0;
}

// The scalar that begins at text[0] (left > 0) and its bytes. What is not UTF-8 becomes U+FFFD, one for each longest
// piece that could have begun a scalar (the practice that the Unicode standard recommends, section 3.9).
static uint32_t next_scalar(const unsigned char *text, size_t left, size_t *bytes) {
    const uint32_t replacement = 0xFFFD, first = text[0];
    *bytes = 1;
    if (first < 0x80)
        return first;
    if (first < 0xC2 || first > 0xF4)
        return replacement;
    const size_t count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    // The second byte tells overlong forms, surrogates and what lies beyond U+10FFFF.
    const uint32_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const uint32_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    uint32_t scalar = first & (0xFFu >> (count + 1));
    for (size_t i = 1; i < count; i++) {
        if (i == left || text[i] < (i == 1 ? low : 0x80) || text[i] > (i == 1 ? high : 0xBF))
            return replacement;
        scalar = scalar << 6 | (text[i] & 0x3Fu);
        *bytes = i + 1;
    }
    return scalar;
}

// UTF-8 of a scalar: how many bytes.
static size_t encode_scalar(uint32_t scalar, unsigned char bytes[4]) {
    if (scalar < 0x80) {
        bytes[0] = (unsigned char)scalar;
        return 1;
    }
    const size_t count = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    for (size_t i = count; i-- > 1; scalar >>= 6)
        bytes[i] = (unsigned char)(0x80 | (scalar & 0x3F));
    bytes[0] = (unsigned char)((0xF00u >> count & 0xFF) | scalar);
    return count;
}

// The simple lower case of a scalar (Unicode @UNICODE@), never the locale's.
static uint32_t lower_scalar(uint32_t scalar) {
    if (scalar < 0x80)
        return scalar >= 'A' && scalar <= 'Z' ? scalar + 32 : scalar;
    size_t low = 0, high = sizeof lowercase / sizeof lowercase[0];
    const size_t end = high;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (lowercase[middle].last < scalar)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == end || scalar < lowercase[low].first || (scalar - lowercase[low].first) % lowercase[low].stride != 0)
        return scalar;
    return (uint32_t)((int32_t)scalar + lowercase[low].delta);
}

// Is a scalar the lower case of another one?
static int is_lower(uint32_t scalar) {
    if (scalar < 0x80)
        return scalar >= 'a' && scalar <= 'z';
    for (size_t i = 0; i < sizeof lowercase / sizeof lowercase[0]; i++) {
        const uint32_t upper = (uint32_t)((int32_t)scalar - lowercase[i].delta);
        if (upper >= lowercase[i].first && upper <= lowercase[i].last &&
            (upper - lowercase[i].first) % lowercase[i].stride == 0)
            return 1;
    }
    return 0;
}

// Classes of words, in the order of the network's feature: no letter with case; lower case; the first letter is the
// only upper-case one; upper case; everything else.
enum { casing_other, casing_lower, casing_initial, casing_upper, casing_mixed };

// Shares of ASCII digits: none, all, more than half, some.
enum { digits_none, digits_all, digits_most, digits_some };

struct word_classes {
    int casing, digits;
};

static struct word_classes classify(const unsigned char *text, size_t count) {
    size_t uppers = 0, lowers = 0, digits = 0, scalars = 0, bytes = 0;
    int first_is_upper = 0;
    for (size_t at = 0; at < count; at += bytes, scalars++) {
        const uint32_t scalar = next_scalar(text + at, count - at, &bytes);
        digits += scalar >= '0' && scalar <= '9';
        if (lower_scalar(scalar) != scalar) {
            uppers++;
            first_is_upper |= scalars == 0;
        } else {
            lowers += (size_t)is_lower(scalar);
        }
    }
    struct word_classes classes;
    if (uppers == 0)
        classes.casing = lowers == 0 ? casing_other : casing_lower;
    else if (uppers == 1 && first_is_upper)
        classes.casing = casing_initial;
    else
        classes.casing = lowers == 0 ? casing_upper : casing_mixed;
    if (digits == 0)
        classes.digits = digits_none;
    else if (digits == scalars)
        classes.digits = digits_all;
    else
        classes.digits = 2 * digits > scalars ? digits_most : digits_some;
    return classes;
}

"""##,
    "package/tokenizer": ##"""
// ---- tokenizer -------------------------------------------------------------------------------------------------

// The rules, which follow the English Web Treebank:
//  1. White space separates; a chunk is what lies between.
//  2. Addresses (http://..., www..., name at host, host.com), file names and smileys stay whole.
//  3. A word is letters, digits and what joins them: a period in abbreviations (U.S., Dr.) and numbers, a comma, colon
//     or slash between digits, a hyphen between digits or behind a prefix (pre-war), an apostrophe between letters.
//  4. Clitics are tokens: n't, 's, 'm, 're, 've, 'll, 'd; so are the parts of can|not, gon|na, do|nt and the like, and
//     units behind numbers (5|pm).
//  5. Everything else is a token a character, but that runs of one sign, and of . ? !, stay together.
//  6. A sentence ends after . ? ! and what closes it, and at an empty line.

enum { kind_space, kind_letter, kind_digit, kind_sign };

struct scan {
    const unsigned char *text;
    size_t end;
    @p@_token *tokens;
    size_t capacity, count;
    int starts_sentence; // the next token does
};

static int kind_at(const unsigned char *text, size_t end, size_t at, size_t *bytes) {
    const uint32_t c = next_scalar(text + at, end - at, bytes);
    if (c < 0x80) {
        if (c == ' ' || (c >= '\t' && c <= '\r'))
            return kind_space;
        if (c >= '0' && c <= '9')
            return kind_digit;
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ? kind_letter : kind_sign;
    }
    if (c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
        c == 0x205F || c == 0x3000 || c == 0xFEFF)
        return kind_space;
    // Latin-1 signs, general punctuation, arrows and symbols, CJK punctuation, pictographs.
    if ((c < 0xC0 && c != 0xAA && c != 0xB5 && c != 0xBA) || c == 0xD7 || c == 0xF7 || (c >= 0x2010 && c <= 0x206F) ||
        (c >= 0x20A0 && c <= 0x20CF) || (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3001 && c <= 0x303F) || c == 0xFFFD ||
        (c >= 0x1F000 && c <= 0x1FAFF))
        return kind_sign;
    return kind_letter;
}

static int kind_of(const struct scan *s, size_t at, size_t end) {
    size_t bytes;
    return at < end ? kind_at(s->text, end, at, &bytes) : kind_space;
}

static int is_alphanumeric(const struct scan *s, size_t at, size_t end) {
    const int kind = kind_of(s, at, end);
    return kind == kind_letter || kind == kind_digit;
}

static unsigned char lower_at(const struct scan *s, size_t at) {
    const unsigned char c = s->text[at];
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static int is_upper_at(const struct scan *s, size_t at, size_t end) {
    return at < end && s->text[at] >= 'A' && s->text[at] <= 'Z';
}

// Bytes of an apostrophe (', ` before s, or U+2019) at a place; 0 if there is none.
static size_t apostrophe_at(const struct scan *s, size_t at, size_t end) {
    if (at < end && (s->text[at] == '\'' || s->text[at] == '`'))
        return 1;
    return end - at >= 3 && at < end && same_bytes(s->text + at, "\xE2\x80\x99", 3) ? 3 : 0;
}

static int begins_with(const struct scan *s, size_t at, size_t end, const char *text) {
    for (; *text != 0; text++, at++)
        if (at >= end || lower_at(s, at) != (unsigned char)*text)
            return 0;
    return 1;
}

// Is [at, end) one of the words in a list like " mr mrs "?
static int is_listed(const struct scan *s, size_t at, size_t end, const char *list) {
    while (*list != 0) {
        size_t i = at;
        for (list++; *list != ' ' && *list != 0; list++)
            if (i < end && lower_at(s, i) == (unsigned char)*list)
                i++;
            else
                i = end + 1;
        if (i == end)
            return 1;
        if (*list == 0 || list[1] == 0)
            return 0;
    }
    return 0;
}

static void emit(struct scan *s, size_t begin, size_t end) {
    if (begin == end)
        return;
    if (s->count < s->capacity)
        s->tokens[s->count] = (@p@_token){.begin = begin, .end = end, .starts_sentence = s->starts_sentence};
    s->starts_sentence = 0;
    s->count++;
}

// The end of the run of letters and digits from `at` on.
static size_t run_end(const struct scan *s, size_t at, size_t end) {
    size_t bytes;
    for (; at < end; at += bytes) {
        const int kind = kind_at(s->text, end, at, &bytes);
        if (kind != kind_letter && kind != kind_digit)
            break;
    }
    return at;
}

static int is_all(const struct scan *s, size_t at, size_t end, int kind) {
    size_t bytes;
    for (; at < end; at += bytes)
        if (kind_at(s->text, end, at, &bytes) != kind)
            return 0;
    return 1;
}

// An address or file name that begins at `at` of a chunk: its end, or `at` if there is none.
static size_t address_end(const struct scan *s, size_t at, size_t end) {
    size_t last = end;
    int is_address = begins_with(s, at, end, "http://") || begins_with(s, at, end, "https://") ||
                     begins_with(s, at, end, "ftp://") || begins_with(s, at, end, "www.") ||
                     begins_with(s, at, end, "mailto:") || begins_with(s, at, end, "file://");
    size_t name_end = at;
    if (!is_address) {
        // name at host, host.com, name.doc: letters, digits and . - _ + only before the at sign or the last period.
        size_t bytes, mail = end, period = end;
        for (name_end = at; name_end < end; name_end += bytes) {
            const int kind = kind_at(s->text, end, name_end, &bytes);
            const unsigned char c = s->text[name_end];
            if (c == 0x40 && name_end > at && mail == end)
                mail = name_end;
            else if (c == '.' && name_end > at)
                period = name_end;
            else if (kind == kind_sign && c != '-' && c != '+' && c != '.' && c != '#' && c != '~' && c != '&')
                break;
        }
        while (name_end > at && (s->text[name_end - 1] == '.' || s->text[name_end - 1] == '-'))
            name_end--;
        if (period >= name_end && period != end) {
            // The period that was found last closes the sentence: look for one before it.
            period = end;
            for (size_t i = at + 1; i < name_end; i++)
                if (s->text[i] == '.')
                    period = i;
        }
        if (mail < name_end && mail + 1 < name_end && is_alphanumeric(s, mail + 1, end)) {
            is_address = 1;
            last = name_end;
        } else if (period < name_end && period > at) {
            const size_t suffix = period + 1;
            size_t suffix_end = run_end(s, suffix, name_end);
            const char *hosts = " com org net edu gov uk ca info biz tv us de fr ";
            const char *files = " doc docx xls xlsx ppt pdf txt zip jpg jpeg gif png html htm mp3 exe csv ";
            if (suffix_end == name_end && is_listed(s, suffix, suffix_end, files)) {
                is_address = 1;
                last = name_end;
            } else if (suffix_end == name_end && is_listed(s, suffix, suffix_end, hosts) &&
                       is_alphanumeric(s, period - 1, end)) {
                is_address = 1;
                last = name_end < end && s->text[name_end] == '/' ? end : name_end;
            }
        }
        if (!is_address)
            return at;
    }
    while (last > at + 1) {
        const unsigned char c = s->text[last - 1];
        const int closes = c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' || c == '\'' || c == '"' ||
                           c == '>' || c == ']' || c == ')';
        if (!closes)
            break;
        last--;
    }
    return last;
}

// A smiley: eyes, perhaps a nose, a mouth, and then no letter.
static size_t smiley_end(const struct scan *s, size_t at, size_t end) {
    size_t i = at;
    if (i < end && s->text[i] == '>')
        i++;
    if (i >= end || (s->text[i] != ':' && s->text[i] != ';' && s->text[i] != '='))
        return at;
    const unsigned char eyes = s->text[i];
    i++;
    if (i < end && (s->text[i] == '-' || s->text[i] == '\'') && eyes != '=')
        i++;
    const int has_nose = s->text[i - 1] == '-';
    const char *mouths = has_nose ? ")(DPpO/|" : ")(DP";
    while (i < end && *mouths != 0 && (unsigned char)*mouths != s->text[i])
        mouths++;
    if (i >= end || *mouths == 0)
        return at;
    const unsigned char mouth = s->text[i];
    i++;
    while (i < end && (mouth == ')' || mouth == '(') && s->text[i] == mouth)
        i++;
    return is_alphanumeric(s, i, end) ? at : i;
}

// Prefixes that keep their hyphen.
static int is_prefix(const struct scan *s, size_t at, size_t end) {
    return is_listed(s, at, end,
                     " anti arch co counter cross e ex inter intra mid mini multi neo non over post pre pro psycho re "
                     "semi socio sub super trans ultra un vice x ");
}

// May a period at `at`, behind the word from `begin` on, belong to the word?
static int is_abbreviation(const struct scan *s, size_t begin, size_t at, size_t end) {
    if (is_listed(s, begin, at,
                  " mr mrs ms dr prof sr jr st ft mt inc ltd co corp bros jan feb mar apr jun jul aug sept sep oct nov dec "
                  "mon tue tues wed thu thur thurs fri sat sun gen col lt sgt capt rep reps sen gov rev hon pres vs etc "
                  "attn dept univ assn ave blvd rd no vol fig sec approx est ext tel eg ie cf al arrv lv para ph ")) {
        // Some of these are words as well.
        if (is_listed(s, begin, at, " no co sat sun mar st sec mon dec jan ") && at + 1 == end && !is_upper_at(s, begin, end))
            return 0;
        return 1;
    }
    size_t bytes;
    if (kind_at(s->text, end, begin, &bytes) == kind_letter && begin + bytes == at)
        return is_upper_at(s, begin, end) && s->text[begin] != 'I'; // an initial
    // U.S., a.m.: single letters with periods between them.
    int is_dotted = 0;
    for (size_t i = begin; i < at; i += bytes) {
        if (kind_at(s->text, end, i, &bytes) != kind_letter)
            return 0;
        if (i + bytes < at) {
            if (s->text[i + bytes] != '.')
                return 0;
            is_dotted = 1;
            bytes++;
        }
    }
    return is_dotted;
}

// The end of a word that begins at `at`: letters and digits, and what joins them.
static size_t word_end(const struct scan *s, size_t at, size_t end) {
    size_t i = run_end(s, at, end), part = at; // the part behind the last joint
    while (i < end) {
        const unsigned char c = s->text[i];
        const size_t next = i + 1;
        const int before = kind_of(s, i - 1, i), after = kind_of(s, next, end);
        const int digits = before == kind_digit && after == kind_digit;
        const size_t apostrophe = apostrophe_at(s, i, end);
        int joins = 0;
        size_t width = 1;
        if (c == '.')
            joins = digits || (i == part + 1 && after == kind_letter && run_end(s, next, end) == next + 1) ||
                    (i == part + 1 && after == kind_letter && part == at && is_abbreviation(s, at, i, end) &&
                     next + 1 < end && s->text[next + 1] == '.');
        else if (c == ',')
            joins = digits;
        else if (c == ':' || c == '/')
            joins = digits || (c == '/' && i == at + 1 && run_end(s, next, end) == next + 1 && after == kind_letter &&
                               kind_of(s, at, end) == kind_letter);
        else if (c == '-')
            joins = (digits && is_all(s, part, i, kind_digit)) || (is_prefix(s, part, i) && part == at && after == kind_letter) ||
                    (is_listed(s, part, i, " mid pre post ") && after == kind_digit);
        else if (c == '&')
            joins = is_upper_at(s, i - 1, end) && is_upper_at(s, next, end) && i - at <= 3;
        else if (apostrophe != 0) {
            width = apostrophe;
            const int letter = kind_of(s, i + width, end) == kind_letter;
            joins = before != kind_sign && letter && c != '`';
        }
        if (!joins)
            break;
        part = i + width;
        i = run_end(s, part, end);
    }
    if (i < end && s->text[i] == '.' && is_abbreviation(s, at, i, end) && !(i + 1 < end && s->text[i + 1] == '.'))
        i++;
    return i;
}

// Splits what is written as one word but is several: where the second begins, or 0.
static size_t contraction(const struct scan *s, size_t begin, size_t end) {
    static const struct {
        char words[108];
        unsigned char second; // counted from the end
    } splits[] = {
        {" cannot ", 3},
        {" gonna wanna gotta outta ", 2}, {" alot ", 3},
        {" dont didnt doesnt wouldnt couldnt shouldnt cant wont isnt wasnt arent werent havent hasnt hadnt aint ", 2},
        {" im ", 1},
        {" ive youve weve theyve ", 2},
        {" youre theyre ", 2},
        {" thats theres whats lets hes ", 1},
        {" youll theyll itll ", 2},
    };
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++)
        if (is_listed(s, begin, end, splits[i].words))
            return end - splits[i].second;
    return 0;
}

// Emits a word, its clitics split off.
static void emit_word(struct scan *s, size_t begin, size_t end) {
    size_t split = contraction(s, begin, end);
    // n't
    for (size_t width = 1; split == 0 && width <= 3; width += 2)
        if (end - begin > 2 + width && lower_at(s, end - 1) == 't' && apostrophe_at(s, end - 1 - width, end) == width &&
            lower_at(s, end - 2 - width) == 'n' && s->text[end - 1 - width] != '`')
            split = end - 2 - width;
    // 's 'm 'd, 're 've 'll
    for (size_t letters = 1; split == 0 && letters <= 2; letters++)
        for (size_t width = 1; split == 0 && width <= 3; width += 2) {
            const size_t at = end - letters - width;
            if (end - begin <= letters + width || apostrophe_at(s, at, end) != width)
                continue;
            if (is_listed(s, end - letters, end, letters == 1 ? " s m d " : " re ve ll "))
                split = at;
        }
    if (split != 0) {
        emit_word(s, begin, split);
        emit(s, split, end);
        return;
    }
    // 5pm, 30min: a unit behind a number, but not 5th and 90s.
    size_t number = begin;
    while (number < end && (kind_of(s, number, end) == kind_digit ||
                            (number > begin && (s->text[number] == '.' || s->text[number] == ',' || s->text[number] == ':') &&
                             kind_of(s, number + 1, end) == kind_digit)))
        number++;
    if (number > begin && number < end) {
        const size_t letters = end - number;
        const int is_time = is_listed(s, number, end, " am pm a.m p.m a.m. p.m. ");
        const int is_ordinal = is_listed(s, number, end, " st nd rd th s ");
        int is_lower_case = 1;
        for (size_t i = number; i < end; i++)
            is_lower_case &= s->text[i] >= 'a' && s->text[i] <= 'z';
        if (is_time || (!is_ordinal && is_lower_case && letters >= 1)) {
            emit(s, begin, number);
            emit(s, number, end);
            return;
        }
    }
    emit(s, begin, end);
}

// The end of a run of signs that are one token.
static size_t sign_end(const struct scan *s, size_t at, size_t end) {
    size_t bytes;
    kind_at(s->text, end, at, &bytes);
    const unsigned char c = s->text[at];
    size_t i = at + bytes;
    if (c == '.' || c == '?' || c == '!') {
        while (i < end && (s->text[i] == '.' || s->text[i] == '?' || s->text[i] == '!'))
            i++;
        return i;
    }
    if (c == '%' || c == '(' || c == ')' || c == '[' || c == ']' || c == '"')
        return i;
    while (i + bytes <= end && same_bytes(s->text + i, s->text + at, bytes))
        i += bytes;
    return i;
}

static void split_chunk(struct scan *s, size_t at, size_t end) {
    const size_t begin = at;
    while (at < end) {
        const int may_begin = at == begin || !is_alphanumeric(s, at - 1, end);
        size_t last = may_begin ? address_end(s, at, end) : at;
        if (last == at)
            last = smiley_end(s, at, end);
        if (last > at) {
            emit(s, at, last);
            at = last;
            continue;
        }
        if (is_alphanumeric(s, at, end)) {
            last = word_end(s, at, end);
            emit_word(s, at, last);
            at = last;
            continue;
        }
        // 's behind a sign, '90s, 'em.
        const size_t apostrophe = apostrophe_at(s, at, end);
        if (apostrophe != 0 && at > begin && s->text[at] != '`') {
            const size_t letters = run_end(s, at + apostrophe, end);
            if (is_listed(s, at + apostrophe, letters, " s m d re ve ll t ")) {
                emit(s, at, letters);
                at = letters;
                continue;
            }
        }
        if (apostrophe != 0 && at > begin && s->text[at] == '`' && is_listed(s, at + 1, run_end(s, at + 1, end), " s ")) {
            emit(s, at, at + 2);
            at += 2;
            continue;
        }
        if (apostrophe != 0 && at == begin) {
            const size_t word = run_end(s, at + apostrophe, end);
            const int is_decade = kind_of(s, at + apostrophe, end) == kind_digit && word - at - apostrophe <= 3;
            if (is_decade || is_listed(s, at + apostrophe, word, " em cause til bout tis ")) {
                emit(s, at, word);
                at = word;
                continue;
            }
        }
        last = sign_end(s, at, end);
        emit(s, at, last);
        at = last;
    }
}

// Does the chunk [begin, end) end a sentence, if `next` is what follows?
static int ends_sentence(const struct scan *s, size_t begin, size_t end, size_t next) {
    size_t i = end;
    while (i > begin && (s->text[i - 1] == ')' || s->text[i - 1] == ']' || s->text[i - 1] == '"' || s->text[i - 1] == '\''))
        i--;
    if (i >= begin + 3 && (same_bytes(s->text + i - 3, "\xE2\x80\x9D", 3) || same_bytes(s->text + i - 3, "\xE2\x80\x99", 3)))
        i -= 3;
    if (i == begin || (s->text[i - 1] != '.' && s->text[i - 1] != '?' && s->text[i - 1] != '!'))
        return 0;
    const int period = s->text[i - 1] == '.' && !(i - 1 > begin && s->text[i - 2] == '.');
    size_t word = i - 1;
    while (period && word > begin && (is_alphanumeric(s, word - 1, end) || s->text[word - 1] == '.'))
        word--;
    if (period && word < i - 1 && is_abbreviation(s, word, i - 1, i))
        return 0;
    size_t bytes;
    if (next >= s->end)
        return 1;
    const uint32_t c = next_scalar(s->text + next, s->end - next, &bytes);
    return lower_scalar(c) == c && is_lower(c) ? 0 : 1;
}

@p@_status @p@_tokenize(const char *text, size_t bytes, @p@_token *tokens, size_t capacity, size_t *count) {
    if ((text == NULL && bytes > 0) || (tokens == NULL && capacity > 0) || count == NULL)
        return @P@_BAD_ARGUMENT;
    struct scan s = {.text = (const unsigned char *)text, .end = bytes, .tokens = tokens, .capacity = capacity, .starts_sentence = 1};
    size_t at = 0, begin = 0, chunk_end = 0;
    while (at < bytes) {
        size_t width;
        int newlines = 0;
        for (; at < bytes && kind_at(s.text, bytes, at, &width) == kind_space; at += width)
            newlines += s.text[at] == '\n';
        if (at == bytes)
            break;
        if (newlines > 1 || (chunk_end > 0 && ends_sentence(&s, begin, chunk_end, at)))
            s.starts_sentence = 1;
        begin = at;
        while (at < bytes && kind_at(s.text, bytes, at, &width) != kind_space)
            at += width;
        chunk_end = at;
        split_chunk(&s, begin, chunk_end);
    }
    *count = s.count;
    return s.count > capacity ? @P@_TOO_SMALL : @P@_OK;
}

"""##,
    "package/types": ##"""
// ---- terms of the network --------------------------------------------------------------------------------------

typedef struct @p@_model weft_model;

typedef enum weft_status { WEFT_OK, WEFT_BAD_ARGUMENT, WEFT_TOO_SMALL } weft_status;

// How large a batch is.
typedef struct weft_extent {
    int32_t sentences, tokens, forms, scalars;
    int32_t longest_sentence; // tokens
    int32_t longest_form;     // scalars
} weft_extent;

// A batch without padding: the tokens at position t of the sentences that are so long, longest sentence first, are
// rows token_offsets[t] to token_offsets[t + 1] - 1; scalars of the forms (different words) likewise.
typedef struct weft_batch {
    weft_extent extent;
    const int32_t *token_offsets;  // [longest_sentence + 1]
    const int32_t *scalar_offsets; // [longest_form + 1]
    const int32_t *const *inputs;  // ids: tables of the network's inputs
} weft_batch;

// Splits work; without `parallel` it is done piece by piece.
typedef struct weft_threads {
    @p@_parallel *parallel;
    void *context;
} weft_threads;

// Where the results of one task are, rows in the order of the batch.
typedef struct weft_output {
    const float *scores;
    const int32_t *prediction;
    const float *probabilities; // null unless wanted
} weft_output;

enum { WEFT_PREDICTION = 1, WEFT_PROBABILITIES = 2 };

"""##,
    "package/vocabulary": ##"""
// ---- vocabularies ----------------------------------------------------------------------------------------------

enum { unknown_id = 1, first_id = 2 };

// Numbers in a blob are little-endian, as on every processor that this code supports.
static uint32_t read_u32(const unsigned char *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t read_u64(const unsigned char *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

// A hash table of texts in the blob; all counts are checked.
struct vocabulary {
    uint32_t entries, slots; // slots is a power of two and greater than entries
    const unsigned char *ends, *slot, *text;
};

// FNV-1a of 64 bits, folded to 32.
static uint64_t hash_bytes(uint64_t hash, const unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static uint32_t fold_hash(uint64_t hash) {
    return (uint32_t)(hash ^ hash >> 32);
}

static const uint64_t hash_start = UINT64_C(0xCBF29CE484222325);

// The scalar of a word as look-up wants it, as UTF-8.
static size_t next_key(const unsigned char *text, size_t left, int lower, size_t *bytes, unsigned char key[4]) {
    const uint32_t scalar = next_scalar(text, left, bytes);
    return encode_scalar(lower ? lower_scalar(scalar) : scalar, key);
}

// The text of entry i, and its bytes.
static const unsigned char *entry_of(const struct vocabulary *v, uint32_t i, size_t *count) {
    const uint32_t begin = i == 0 ? 0 : read_u32(v->ends + 4 * (size_t)(i - 1));
    *count = read_u32(v->ends + 4 * (size_t)i) - begin;
    return v->text + begin;
}

// Is entry i this word?
static int is_entry(const struct vocabulary *v, uint32_t i, const unsigned char *word, size_t count, int lower) {
    size_t left, bytes = 0;
    const unsigned char *entry = entry_of(v, i, &left);
    for (size_t from = 0; from < count; from += bytes) {
        unsigned char key[4];
        const size_t length = next_key(word + from, count - from, lower, &bytes, key);
        if (left < length || !same_bytes(entry, key, length))
            return 0;
        entry += length;
        left -= length;
    }
    return left == 0;
}

// The id of a word.
static int32_t find_id(const struct vocabulary *v, const unsigned char *word, size_t count, int lower) {
    uint64_t hash = hash_start;
    size_t bytes = 0;
    for (size_t from = 0; from < count; from += bytes) {
        unsigned char key[4];
        hash = hash_bytes(hash, key, next_key(word + from, count - from, lower, &bytes, key));
    }
    // There is a free slot at least, so that the search ends.
    for (uint32_t slot = fold_hash(hash) & (v->slots - 1);; slot = (slot + 1) & (v->slots - 1)) {
        const uint32_t entry = read_u32(v->slot + 4 * (size_t)slot);
        if (entry == 0)
            return unknown_id;
        if (is_entry(v, entry - 1, word, count, lower))
            return (int32_t)(entry - 1) + first_id;
    }
}

// The id of a word that is an entry to the byte, given the hash of its bytes; unknown_id if it is none.
static int32_t find_spelled(const struct vocabulary *v, const unsigned char *word, size_t count, uint32_t hash) {
    for (uint32_t slot = hash & (v->slots - 1);; slot = (slot + 1) & (v->slots - 1)) {
        const uint32_t entry = read_u32(v->slot + 4 * (size_t)slot);
        if (entry == 0)
            return unknown_id;
        size_t length;
        const unsigned char *const text = entry_of(v, entry - 1, &length);
        if (length == count && same_bytes(text, word, count))
            return (int32_t)(entry - 1) + first_id;
    }
}

// Checks a section and says where its parts are.
static int open_vocabulary(const unsigned char *bytes, uint64_t size, uint32_t rows, struct vocabulary *v) {
    if (size < 16)
        return 0;
    v->entries = read_u32(bytes);
    v->slots = read_u32(bytes + 4);
    const uint64_t text = read_u32(bytes + 8), tables = 4 * ((uint64_t)v->entries + v->slots);
    if (read_u32(bytes + 12) != 0 || size != 16 + tables + text || (uint64_t)v->entries + first_id > rows ||
        v->slots <= v->entries || (v->slots & (v->slots - 1)) != 0)
        return 0;
    v->ends = bytes + 16;
    v->slot = v->ends + 4 * (size_t)v->entries;
    v->text = v->slot + 4 * (size_t)v->slots;
    uint32_t end = 0, used = 0;
    for (uint32_t i = 0; i < v->entries; i++) {
        const uint32_t next = read_u32(v->ends + 4 * (size_t)i);
        if (next <= end || next > text)
            return 0;
        end = next;
    }
    if (end != text)
        return 0;
    for (uint32_t i = 0; i < v->slots; i++) {
        const uint32_t entry = read_u32(v->slot + 4 * (size_t)i);
        if (entry > v->entries)
            return 0;
        used += entry != 0;
    }
    return used == v->entries && used < v->slots;
}

// Is each entry found where look-up searches it? So it also occurs once only.
static int is_complete(const struct vocabulary *v, int lower) {
    for (uint32_t i = 0; i < v->entries; i++) {
        size_t count;
        const unsigned char *const entry = entry_of(v, i, &count);
        if (find_id(v, entry, count, lower) != (int32_t)i + first_id)
            return 0;
    }
    return 1;
}

// Characters in ascending order, each with its id.
struct characters {
    uint32_t count;
    const unsigned char *pairs;
    int32_t ascii[128]; // ids of the most frequent ones
};

// The id of a character, by bisection.
static int32_t search_character(const struct characters *c, uint32_t scalar) {
    uint32_t low = 0, high = c->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (read_u32(c->pairs + 8 * (size_t)middle) < scalar)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == c->count || read_u32(c->pairs + 8 * (size_t)low) != scalar)
        return unknown_id;
    return (int32_t)read_u32(c->pairs + 8 * (size_t)low + 4);
}

static int32_t find_character(const struct characters *c, uint32_t scalar) {
    return scalar < 128 ? c->ascii[scalar] : search_character(c, scalar);
}

static int open_characters(const unsigned char *bytes, uint64_t size, uint32_t rows, struct characters *c) {
    if (size < 8)
        return 0;
    c->count = read_u32(bytes);
    c->pairs = bytes + 8;
    if (read_u32(bytes + 4) != 0 || size != 8 + 8 * (uint64_t)c->count)
        return 0;
    for (uint32_t i = 0; i < c->count; i++) {
        const uint32_t scalar = read_u32(c->pairs + 8 * (size_t)i), id = read_u32(c->pairs + 8 * (size_t)i + 4);
        if (id < first_id || id >= rows || (i > 0 && scalar <= read_u32(c->pairs + 8 * (size_t)i - 8)))
            return 0;
    }
    for (uint32_t scalar = 0; scalar < 128; scalar++)
        c->ascii[scalar] = search_character(c, scalar);
    return 1;
}

"""##,
    "package/weights": ##"""
// ---- parameters ------------------------------------------------------------------------------------------------

enum encoding { encoding_f32, encoding_bf16, encoding_int8 };

// Where a parameter is in its section, and its part of a mask (-1: masks leave it alone).
struct parameter {
    uint32_t rows, columns;
    enum encoding encoding;
    uint64_t offset, scales;
    int64_t mask_at;
};

// The section of the parameters, that of a mask or null, and those of the masks of all groups of tasks; what words and
// characters there are.
struct weights {
    const unsigned char *section, *mask;
    const unsigned char *const *masks;
    const struct vocabulary *words;
    const struct characters *characters;
};

"""##,
    "packing/pack_canonical": ##"""
// W [n x k] as it is, under a mask.
@SIGNATURE@ {
    pack_canonical(n, k, weight, kept, to);
}

"""##,
    "packing/pack_conv_panels": ##"""
// Panels [filters / 16][width][inputs][16] of weight [filters x inputs x width].
@SIGNATURE@ {
    pack_conv_panels(filters, inputs, width, weight, kept, panels);
}

"""##,
    "packing/pack_lstm_panels": ##"""
// Panels [units / 16][hidden][4 gates][16 units] of W_hh [4 hidden x hidden].
@SIGNATURE@ {
    pack_lstm_panels(hidden, weight, kept, panels);
}

"""##,
    "packing/pack_pair_lstm_panels": ##"""
// Panels [units / 16][hidden / 2][4 gates][16 units] of pairs of the columns of W_hh [4 hidden x hidden].
@SIGNATURE@ {
    const size_t words = (hidden + 1) / 2;
    for (size_t first = 0; first < hidden; first += 16) {
        for (size_t gate = 0; gate < 4; gate++) {
            float *to = panels + 4 * first * words + 16 * gate;
            const size_t row = gate * hidden + first;
            pack_pair_columns_@ISA@(lanes(hidden, first, 16), hidden, row, weight, kept, to, 64);
        }
    }
}

"""##,
    "packing/pack_pair_panels": ##"""
// Panels [n / 16][k / 2][16] of pairs of the columns of W [n x k].
@SIGNATURE@ {
    const size_t words = (k + 1) / 2;
    for (size_t first = 0; first < n; first += 16)
        pack_pair_columns_@ISA@(lanes(n, first, 16), k, first, weight, kept, panels + first * words, 16);
}

"""##,
    "packing/pack_pair_panels_transposed": ##"""
// Panels [k / 16][n / 2][16] of pairs of the rows of W [n x k].
@SIGNATURE@ {
    enum { most = 128 };
    const size_t words = (n + 1) / 2;
    float upper[most], lower[most];
    for (size_t row = 0; row < n; row += 2) {
        for (size_t first = 0; first < k; first += most) {
            const size_t columns = smaller(k - first, most);
            const float *one = weight + row * k + first, *other = row + 1 < n ? one + k : NULL;
            // What is whole and under no mask is read where it is.
            if (kept != NULL || columns % 16 != 0) {
                one = pack_padded_@ISA@(k, row, first, columns, weight, kept, upper);
                if (other != NULL)
                    other = pack_padded_@ISA@(k, row + 1, first, columns, weight, kept, lower);
            }
            for (size_t column = 0; column < columns; column += 16)
                pair_rows_@ISA@(16, one + column, other == NULL ? NULL : other + column, panels + (first + column) * words + 8 * row);
        }
    }
}

"""##,
    "packing/pack_panels": ##"""
// Panels [n / 16][k][16] of W [n x k].
@SIGNATURE@ {
    pack_panels(n, k, weight, kept, panels);
}

"""##,
    "packing/pack_panels_transposed": ##"""
// Panels of the transpose of W [n x k].
@SIGNATURE@ {
    pack_panels_transposed(n, k, weight, kept, panels);
}

"""##,
    "pairs/bf16": ##"""
// Pairs of numbers in bfloat16, the upper halves of floats, the first one below: two terms of a sum in
// the place of one.

// a b + c for both numbers of a pair, in single precision.
INLINE_@ISA@ vec_@VEC@ pair_fma_@ISA@(vec_@VEC@ a, vec_@VEC@ b, vec_@VEC@ c) {
    const uvec_@VEC@ x = (uvec_@VEC@)a, y = (uvec_@VEC@)b;
    c = vec_fma_@VEC@((vec_@VEC@)(x << 16), (vec_@VEC@)(y << 16), c);
    return vec_fma_@VEC@((vec_@VEC@)(x & 0xFFFF0000u), (vec_@VEC@)(y & 0xFFFF0000u), c);
}

// The nearest numbers in bfloat16, of two equally near the even one, in the upper halves; NaN stays NaN.
INLINE_@ISA@ uvec_@VEC@ pair_rounded_@ISA@(vec_@VEC@ x) {
    const uvec_@VEC@ bits = (uvec_@VEC@)x;
    const uvec_@VEC@ rounded = bits + (bits >> 16 & 1u) + 0x7FFFu;
    const uvec_@VEC@ is_nan = (uvec_@VEC@)(x != x);
    return (rounded & ~is_nan) | ((bits | 0x00400000u) & is_nan);
}

// Pairs of a number of one row and the one below it; without a second row 0 stands for it.
INLINE_@ISA@ void pair_rows_@ISA@(size_t count, const float *low, const float *high, float *pairs) {
    for (size_t i = 0; i < count; i += WIDTH_@VEC@) {
        const size_t n = lanes(count, i, WIDTH_@VEC@);
        uvec_@VEC@ pair = pair_rounded_@ISA@(vec_load_partial_@VEC@(low + i, n)) >> 16;
        if (high != NULL)
            pair |= pair_rounded_@ISA@(vec_load_partial_@VEC@(high + i, n)) & 0xFFFF0000u;
        vec_store_partial_@VEC@(pairs + i, (vec_@VEC@)pair, n);
    }
}

// Pairs of numbers that lie side by side, 0 beside an odd one.
INLINE_@ISA@ void pair_columns_@ISA@(size_t count, const float *x, float *pairs) {
    typedef uint16_t halves __attribute__((vector_size(2 * WIDTH_@VEC@)));
    unsigned char *to = (unsigned char *)pairs;
    for (size_t i = 0; i < count; i += WIDTH_@VEC@) {
        const size_t n = lanes(count, i, WIDTH_@VEC@);
        const uvec_@VEC@ rounded = pair_rounded_@ISA@(vec_load_partial_@VEC@(x + i, n)) >> 16;
        const halves narrow = __builtin_convertvector(rounded, halves);
        if (n >= WIDTH_@VEC@)
            memcpy(to + 2 * i, &narrow, sizeof narrow);
        else
            memcpy(to + 2 * i, &narrow, 2 * (n + n % 2));
    }
}

"""##,
    "pairs/bf16_dot": ##"""
// Pairs of numbers in bfloat16, the upper halves of floats, the first one below: one instruction adds
// both products of a pair, in single precision.
INLINE_@ISA@ vec_@VEC@ pair_fma_@ISA@(vec_@VEC@ a, vec_@VEC@ b, vec_@VEC@ c) {
    return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b);
}

// Pairs of a number of one row and the one below it; without a second row 0 stands for it.
INLINE_@ISA@ void pair_rows_@ISA@(size_t count, const float *low, const float *high, float *pairs) {
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23,
                                           7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    for (size_t i = 0; i < count; i += 16) {
        const size_t n = lanes(count, i, 16);
        const vec_@VEC@ first = vec_load_partial_@VEC@(low + i, n);
        const vec_@VEC@ second = high != NULL ? vec_load_partial_@VEC@(high + i, n) : vec_set1_@VEC@(0.0f);
        const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(second, first);
        vec_store_partial_@VEC@(pairs + i, (vec_@VEC@)_mm512_permutexvar_epi16(order, both), n);
    }
}

// Pairs of numbers that lie side by side, 0 beside an odd one.
INLINE_@ISA@ void pair_columns_@ISA@(size_t count, const float *x, float *pairs) {
    for (size_t i = 0; i < count; i += 16) {
        const size_t n = lanes(count, i, 16);
        const __m256i narrow = (__m256i)_mm512_cvtneps_pbh(vec_load_partial_@VEC@(x + i, n));
        const __mmask8 words = (__mmask8)((1u << (n + 1) / 2) - 1u);
        _mm256_mask_storeu_epi32(pairs + i / 2, words, narrow);
    }
}

"""##,
    "runtime/cpu": ##"""
// ---- which instruction sets this processor and operating system offer -----------------------------------------

#if defined(__x86_64__)
struct cpuid {
    uint32_t a, b, c, d;
};

static struct cpuid cpuid(uint32_t leaf) {
    struct cpuid r;
    __asm__("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(0));
    return r;
}

// Do all bits of `registers` say that the operating system saves these registers?
static int saves(uint32_t registers) {
    const uint32_t xsave_and_avx = (1u << 27) | (1u << 28);
    if ((cpuid(1).c & xsave_and_avx) != xsave_and_avx)
        return 0;
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & registers) == registers;
}

static __attribute__((unused)) int has_avx2(void) {
    const uint32_t fma = 1u << 12, avx2 = 1u << 5;
    return cpuid(0).a >= 7 && saves(0x6) && (cpuid(1).c & fma) != 0 && (cpuid(7).b & avx2) != 0;
}

static __attribute__((unused)) int has_avx512(void) {
    const uint32_t f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31, all = f | dq | bw | vl;
    return has_avx2() && saves(0xe6) && (cpuid(7).b & all) == all;
}
#endif

static __attribute__((unused)) int same_text(const char *a, const char *b) {
    while (*a != 0 && *a == *b)
        a++, b++;
    return *a == *b;
}

"""##,
    "runtime/cpu_narrow": ##"""
#if defined(__x86_64__)
// Products of eight-bit numbers (VNNI) and of bfloat16 with AVX-512, and tables of bytes (VBMI); the bit of bfloat16 is
// in a second part of leaf 7.
static __attribute__((unused)) int has_avx512vnni(void) {
    const uint32_t vbmi = 1u << 1, vnni = 1u << 11, bf16 = 1u << 5;
    uint32_t a = 7, b, c = 1, d;
    if (!has_avx512() || (cpuid(7).c & (vbmi | vnni)) != (vbmi | vnni) || cpuid(7).a < 1)
        return 0;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    (void)b, (void)d;
    return (a & bf16) != 0;
}
#endif

"""##,
    "runtime/cpu_pairs": ##"""
#if defined(__x86_64__)
// Does adding a pair of products take no longer than adding one? On Zen 4 and later; Intel's cores begin one such
// instruction where they begin four of the other kind.
static __attribute__((unused)) int adds_pairs_fast(void) {
    const struct cpuid vendor = cpuid(0);
    return vendor.b == 0x68747541u && vendor.d == 0x69746e65u && vendor.c == 0x444d4163u; // AuthenticAMD
}
#endif

"""##,
    "runtime/cpu_tiles": ##"""
#if defined(__x86_64__)
// Products of bfloat16 and of eight-bit numbers in tiles (AMX). The operating system saves them only for programs that
// have asked for it.
static __attribute__((unused)) int has_avx512amx(void) {
    const uint32_t tiles = 1u << 24, int8 = 1u << 25, bf16 = 1u << 22, all = tiles | int8 | bf16;
    const uint32_t saved = (1u << 17) | (1u << 18);
    if (!has_avx512vnni() || !saves(saved) || (cpuid(7).d & all) != all)
        return 0;
#if defined(__linux__)
    const long arch_prctl = 158, ask = 0x1023, data_of_tiles = 18;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(arch_prctl), "D"(ask), "S"(data_of_tiles)
                     : "rcx", "r11", "memory");
    return result == 0;
#else
    return 0;
#endif
}
#endif

"""##,
    "runtime/final_gradients": ##"""
// The way back of copy_final_states: every other position has no gradient of its own.
static void spread_final_gradients(int32_t steps, const int32_t *offsets, int32_t hidden, int32_t directions,
                                   const float *dy, size_t dy_stride, float *d_states, size_t d_states_stride) {
    const size_t row_bytes = (size_t)hidden * sizeof(float);
    memset(d_states, 0, (size_t)offsets[steps] * d_states_stride * sizeof(float));
    for (int32_t t = 0; t < steps; t++) {
        const int32_t rows = offsets[t + 1] - offsets[t];
        const int32_t longer = t + 1 < steps ? offsets[t + 2] - offsets[t + 1] : 0;
        for (int32_t s = longer; s < rows; s++) {
            float *last = d_states + (size_t)(offsets[t] + s) * d_states_stride;
            memcpy(last, dy + (size_t)s * dy_stride, row_bytes);
            if (directions == 2)
                memcpy(d_states + (size_t)s * d_states_stride + hidden, dy + (size_t)s * dy_stride + hidden, row_bytes);
        }
    }
}

"""##,
    "runtime/final_states": ##"""
// The last state of each sequence: of its last position in direction 0, of its first in direction 1.
static void copy_final_states(int32_t steps, const int32_t *offsets, int32_t hidden, int32_t directions,
                              const float *states, size_t states_stride, float *y, size_t y_stride) {
    const size_t row_bytes = (size_t)hidden * sizeof(float);
    for (int32_t t = 0; t < steps; t++) {
        const int32_t rows = offsets[t + 1] - offsets[t];
        const int32_t longer = t + 1 < steps ? offsets[t + 2] - offsets[t + 1] : 0;
        for (int32_t s = longer; s < rows; s++) {
            const float *last = states + (size_t)(offsets[t] + s) * states_stride;
            memcpy(y + (size_t)s * y_stride, last, row_bytes);
            if (directions == 2)
                memcpy(y + (size_t)s * y_stride + hidden, states + (size_t)s * states_stride + hidden, row_bytes);
        }
    }
}

"""##,
    "runtime/model": ##"""
// ---- the model -------------------------------------------------------------------------------------------------

// Read only once opened; any number of threads may share it.
struct weft_model {
    const struct kernels *kernels;
    float *stored; // parameters as the kernels read them
};

// The head of a model's memory, a whole number of alignment units.
enum { model_head = 64 };

"""##,
    "runtime/model_api": ##"""
// ---- the table -------------------------------------------------------------------------------------------------

static size_t model_size(void) {
    return model_head + stored_floats * sizeof(float);
}

static weft_status model_open(void *memory, size_t bytes, const float *parameter_block, const char *isa,
                              weft_model **out) {
    const struct kernels *kernels = choose_kernels(isa);
    if (kernels == NULL)
        return WEFT_NOT_SUPPORTED;
    if (memory == NULL || parameter_block == NULL || (uintptr_t)memory % WEFT_ALIGNMENT != 0)
        return WEFT_BAD_ARGUMENT;
    if (bytes < model_size())
        return WEFT_TOO_SMALL;
    struct weft_model *model = memory;
    model->kernels = kernels;
    model->stored = (float *)(void *)((unsigned char *)memory + model_head);
    store_parameters(kernels, parameter_block, model->stored);
    *out = model;
    return WEFT_OK;
}

static const char *model_isa(const weft_model *model) {
    return model->kernels->name;
}

static size_t workspace_size(const weft_extent *extent) {
    return is_sound(extent) ? workspace_bytes(extent) : 0;
}

static weft_status run_model(const weft_model *model, const weft_threads *threads, void *workspace, size_t bytes,
                             const weft_batch *batch, uint64_t tasks, uint32_t wanted, weft_output *outputs) {
    if (!is_sound(&batch->extent) || (tasks & ~all_tasks) != 0)
        return WEFT_BAD_ARGUMENT;
    if (workspace_bytes(&batch->extent) > bytes)
        return WEFT_TOO_SMALL;
    struct values values;
    place_values(&batch->extent, workspace, &values);
    const struct run run = {.k = model->kernels, .threads = threads, .batch = batch, .v = values, .stored = model->stored};
    run_nodes(&run, tasks, wanted);
    read_outputs(&run, tasks, wanted, outputs);
    return WEFT_OK;
}

static const weft_inference table = {
    .abi = WEFT_ABI_VERSION,
    .tables = &tables,
    .model_size = model_size,
    .model_open = model_open,
    .model_isa = model_isa,
    .workspace_size = workspace_size,
    .run = run_model,
    .nbest_size = nbest_size,
    .nbest = nbest,
};

const weft_inference *weft_@NAME@(uint32_t max_abi) {
    return max_abi >= WEFT_ABI_VERSION ? &table : NULL;
}

"""##,
    "runtime/random_dropout": ##"""
// Keys of all rows, unless there is nothing to draw.
static void dropout_keys(const struct run *r, int site, uint64_t *keys) {
    if (injected_values(r, site) == NULL && !r->random->is_off)
        row_keys(r, site, keys);
}

// Multipliers 0 or 1 / (1 - p) for `rows` rows from `first` on; keys and mask are those of all rows.
static void fill_dropout_mask(const struct run *r, int site, int32_t first, int32_t rows, int32_t columns, float p,
                              const uint64_t *keys, float *mask, size_t stride) {
    const float *injected = injected_values(r, site);
    mask += (size_t)first * stride;
    if (injected != NULL) {
        injected += (size_t)first * (size_t)columns;
        r->k->copy_rows_f32(rows, columns, injected, (size_t)columns, mask, stride);
    } else if (r->random->is_off) {
        for (int32_t i = 0; i < rows; i++)
            for (int32_t c = 0; c < columns; c++)
                mask[(size_t)i * stride + (size_t)c] = 1.0f;
    } else {
        r->k->dropout_mask_f32(rows, columns, keys + first, p, mask, stride);
    }
}

"""##,
    "runtime/random_noise": ##"""
// Normal values with the given standard deviation.
static void fill_noise(const struct run *r, int site, int32_t rows, int32_t columns, float deviation, uint64_t *keys,
                       float *values, size_t stride) {
    const float *injected = injected_values(r, site);
    if (injected != NULL) {
        r->k->copy_rows_f32(rows, columns, injected, (size_t)columns, values, stride);
    } else if (r->random->is_off) {
        zero_rows(rows, columns, values, stride);
    } else {
        row_keys(r, site, keys);
        r->k->gaussian_f32(rows, columns, keys, deviation, values, stride);
    }
}

"""##,
    "runtime/random_replacement": ##"""
// Ids, each replaced by `unknown` with probability p.
static void replace_ids(const struct run *r, int site, int32_t rows, float p, int32_t unknown, const int32_t *ids,
                        uint64_t *keys, int32_t *replaced) {
    const float *injected = injected_values(r, site);
    memcpy(replaced, ids, (size_t)rows * sizeof(int32_t));
    if (injected != NULL) {
        for (int32_t i = 0; i < rows; i++)
            replaced[i] = injected[i] != 0.0f ? unknown : ids[i];
    } else if (!r->random->is_off) {
        row_keys(r, site, keys);
        for (int32_t i = 0; i < rows; i++)
            replaced[i] = random_uniform(keys[i], 0) < p ? unknown : ids[i];
    }
}

"""##,
    "runtime/run": ##"""
// ---- what node functions stand on ------------------------------------------------------------------------------

// Runs the pieces of a node, at the same time where the host lends threads.
static __attribute__((unused)) void run_parallel(const struct run *r, void (*piece)(void *argument, int32_t index), int32_t count) {
    if (r->threads != NULL && r->threads->parallel != NULL) {
        r->threads->parallel(r->threads->context, piece, (void *)(uintptr_t)r, count);
        return;
    }
    for (int32_t i = 0; i < count; i++)
        piece((void *)(uintptr_t)r, i);
}

static __attribute__((unused)) void zero_rows(int32_t rows, int32_t columns, float *y, size_t y_stride) {
    for (int32_t i = 0; i < rows; i++)
        memset(y + (size_t)i * y_stride, 0, (size_t)columns * sizeof(float));
}

static int is_sound(const weft_extent *e) {
    return e->sentences >= 0 && e->tokens >= 0 && e->forms >= 0 && e->scalars >= 0 && e->longest_sentence >= 0 &&
           e->longest_form >= 0;
}

"""##,
    "runtime/run_pieces": ##"""
// A piece of one of several nodes.
struct piece {
    void (*run)(void *argument, int32_t index);
    int32_t index;
};

struct pieces {
    const struct run *r;
    const struct piece *list;
};

static void run_piece(void *argument, int32_t index) {
    const struct pieces *pieces = argument;
    pieces->list[index].run((void *)(uintptr_t)pieces->r, pieces->list[index].index);
}

// Runs pieces of several nodes, at the same time where the host lends threads.
static void run_pieces(const struct run *r, const struct piece *list, int32_t count) {
    struct pieces pieces = {r, list};
    if (r->threads != NULL && r->threads->parallel != NULL) {
        r->threads->parallel(r->threads->context, run_piece, &pieces, count);
        return;
    }
    for (int32_t i = 0; i < count; i++)
        run_piece(&pieces, i);
}

"""##,
    "runtime/shrink_groups": ##"""
// The proximal step of the group lasso (Yuan and Lin 2006), after an update: a group of weights G becomes
// G max(0, 1 - rate weight / |G|), so that a group that the tasks have little use for is exactly zero.
static void shrink_groups(weft_trainer *t, uint64_t tasks, float rate) {
    for (int i = 0; i < weight_group_count; i++) {
        const struct weight_group *group = &weight_groups[i];
        if (!is_updated(&parameters[group_parts[group->first_part].parameter], tasks))
            continue;
        const struct group_part *parts = group_parts + group->first_part, *end = parts + group->part_count;
        double squares = 0.0;
        for (const struct group_part *part = parts; part < end; part++)
            squares += t->kernels->sum_of_squares_f32(part->count, t->parameters + part->at);
        const double norm = sqrt(squares), step = (double)rate * (double)group->weight;
        for (const struct group_part *part = parts; part < end; part++) {
            float *weights = t->parameters + part->at;
            if (norm <= step)
                memset(weights, 0, part->count * sizeof(float));
            else
                t->kernels->scale_rows_f32(1, (int32_t)part->count, (float)(1.0 - step / norm), weights, 0, weights, 0, 0);
        }
    }
}


"""##,
    "runtime/trainer": ##"""
// ---- the trainer's memory --------------------------------------------------------------------------------------

// Rows of a row-sparse parameter that have a gradient; all other rows are zero and are not visited.
struct touched {
    int32_t *rows;
    int32_t count;
    uint8_t *is_touched; // [rows of the parameter]
};

// A mask in memory, a whole number of alignment units.
enum { mask_stride = (prunable_weights + WEFT_ALIGNMENT - 1) / WEFT_ALIGNMENT * WEFT_ALIGNMENT };
// The same as bits, rows of each parameter padded to words.
enum { kept_stride = (kept_words + WEFT_ALIGNMENT - 1) / WEFT_ALIGNMENT * WEFT_ALIGNMENT };

// In place of a mask's number: several masks, or gradients without one, that no mask may touch; and no pass.
enum { mixed_masks = -1, no_pass = -2 };

struct gradient_slot {
    float *gradient;  // [parameter_floats]
    uint8_t *started; // [parameter_count]: something has been added since the slot was zeroed
    uint8_t *unmasked; // [parameter_count]: in this pass, something that its mask still has to be put on
    uint8_t *penalised; // [penalty_count]: the penalty's gradient has been added since the slot was zeroed
    // Number of the mask under which all of that was formed, or mixed_masks; means nothing in an empty slot.
    int32_t mask;
    struct touched touched[sparse_count + 1];
};

// What rows of a row-sparse parameter have missed. An update without gradient maps a weight w and its momentum v
// linearly, so any number of missed updates is one 2 x 2 matrix, kept for each lag.
struct lag {
    int32_t *seen; // [rows]: updates since the last catch-up that the row has taken part in
    double *table; // [lag_capacity x 4]: entry k maps (w, v) over the last k + 1 updates
    int32_t length;
};

struct weft_trainer {
    float *parameters, *first_moments, *second_moments; // [parameter_floats]; the last is null without Adam
    float *packed;                                      // parameters as the kernels read them
    uint8_t *is_stale;                                  // [piece_count]: packed from older parameters
    int32_t *packed_under;                              // [piece_count]: number of the mask a piece is packed under
    uint8_t *masks;                                     // [tasks x mask_stride]: 0 or 1
    uint16_t *kept;                                     // [tasks x kept_stride]: words of 16 weights of a row
    uint8_t *has_mask;                                  // [tasks]
    // [tasks]: 0 without a mask, else 1 + the first task whose mask has the same bytes: equal masks, equal numbers.
    int32_t *mask_numbers;
    int32_t pass_mask;                                  // number of the mask of the last forward pass
    int64_t *clocks;                                    // [parameter_count]: updates so far
    struct gradient_slot *slots;
    int32_t slot_count;
    struct lag lags[sparse_count + 1];
    const struct kernels *kernels;
    weft_threads threads;
};

// Hands out aligned pieces of a block; with no block it only adds up.
struct carver {
    unsigned char *memory;
    size_t used;
};

static void *carve(struct carver *c, size_t count, size_t size) {
    const size_t at = c->used;
    c->used += (count * size + WEFT_ALIGNMENT - 1) / WEFT_ALIGNMENT * WEFT_ALIGNMENT;
    return c->memory == NULL ? NULL : c->memory + at;
}

static size_t lay_out(struct weft_trainer *t, struct carver *c, int32_t slots, int32_t adam) {
    carve(c, 1, sizeof(struct weft_trainer));
    t->parameters = carve(c, parameter_floats, sizeof(float));
    t->first_moments = carve(c, parameter_floats, sizeof(float));
    t->second_moments = adam ? carve(c, parameter_floats, sizeof(float)) : NULL;
    t->packed = carve(c, packed_floats + 1, sizeof(float));
    t->is_stale = carve(c, piece_count + 1, 1);
    t->packed_under = carve(c, piece_count + 1, sizeof(int32_t));
    t->masks = carve(c, number_of_tasks, mask_stride);
    t->kept = carve(c, number_of_tasks, kept_stride * sizeof(uint16_t));
    t->has_mask = carve(c, number_of_tasks, 1);
    t->mask_numbers = carve(c, number_of_tasks, sizeof(int32_t));
    t->clocks = carve(c, parameter_count, sizeof(int64_t));
    t->slots = carve(c, (size_t)slots, sizeof(struct gradient_slot));
    t->slot_count = slots;
    for (int32_t i = 0; i < slots; i++) {
        struct gradient_slot unused, *slot = t->slots == NULL ? &unused : &t->slots[i];
        slot->gradient = carve(c, parameter_floats, sizeof(float));
        slot->started = carve(c, parameter_count, 1);
        slot->unmasked = carve(c, parameter_count, 1);
        slot->penalised = carve(c, penalty_count + 1, 1);
        for (int s = 0; s < sparse_count; s++) {
            slot->touched[s].rows = carve(c, parameters[sparse_parameters[s]].rows, sizeof(int32_t));
            slot->touched[s].is_touched = carve(c, parameters[sparse_parameters[s]].rows, 1);
        }
    }
    for (int s = 0; s < sparse_count; s++) {
        t->lags[s].seen = carve(c, parameters[sparse_parameters[s]].rows, sizeof(int32_t));
        t->lags[s].table = carve(c, lag_capacity * 4, sizeof(double));
    }
    return c->used;
}

// ---- rows that have missed updates -----------------------------------------------------------------------------

// The last `missed` updates applied to one row: (w, v) to (w_out, v_out).
static void map_row(const struct lag *lag, int32_t missed, uint32_t columns, const float *w, const float *v,
                    float *w_out, float *v_out) {
    const double *m = lag->table + 4 * ((size_t)missed - 1);
    for (uint32_t i = 0; i < columns; i++) {
        const double weight = (double)w[i], momentum = (double)v[i];
        w_out[i] = (float)(m[0] * weight + m[1] * momentum);
        if (v_out != NULL)
            v_out[i] = (float)(m[2] * weight + m[3] * momentum);
    }
}

static void catch_up_row(struct weft_trainer *t, int sparse, int32_t row) {
    struct lag *lag = &t->lags[sparse];
    const int32_t missed = lag->length - lag->seen[row];
    if (missed == 0)
        return;
    const weft_parameter *p = &parameters[sparse_parameters[sparse]];
    const size_t at = p->offset + (size_t)row * p->columns;
    float *w = t->parameters + at, *v = t->first_moments + at;
    map_row(lag, missed, p->columns, w, v, w, v);
    lag->seen[row] = lag->length;
}

static void catch_up_parameter(struct weft_trainer *t, int sparse) {
    struct lag *lag = &t->lags[sparse];
    const uint32_t rows = parameters[sparse_parameters[sparse]].rows;
    if (lag->length == 0)
        return;
    for (uint32_t row = 0; row < rows; row++) {
        catch_up_row(t, sparse, (int32_t)row);
        lag->seen[row] = 0;
    }
    lag->length = 0;
}

// Puts one more update without gradient behind those in the table. With g = decay w, v' = momentum v + g and
// w' = w - rate v' (Nesterov: w - rate (g + momentum v')), entry k becomes A entry k-1.
static void extend_lag_table(struct lag *lag, const weft_update *u) {
    const double rate = (double)u->rate, momentum = (double)u->momentum, decay = (double)u->decay;
    const double c = decay, d = momentum;
    const double a = u->nesterov ? 1.0 - rate * decay * (1.0 + momentum) : 1.0 - rate * decay;
    const double b = u->nesterov ? -rate * momentum * momentum : -rate * momentum;
    for (int32_t k = lag->length; k > 0; k--) {
        const double *old = lag->table + 4 * ((size_t)k - 1);
        double *new = lag->table + 4 * (size_t)k;
        new[0] = a * old[0] + b * old[2];
        new[1] = a * old[1] + b * old[3];
        new[2] = c * old[0] + d * old[2];
        new[3] = c * old[1] + d * old[3];
    }
    lag->table[0] = a;
    lag->table[1] = b;
    lag->table[2] = c;
    lag->table[3] = d;
    lag->length++;
}

// ---- masks -----------------------------------------------------------------------------------------------------

// Number of the mask of all these tasks; mixed_masks if they differ.
static int32_t mask_of_tasks(const struct weft_trainer *t, uint64_t tasks) {
    int32_t number = 0;
    int found = 0;
    for (int task = 0; task < number_of_tasks; task++) {
        if (((tasks >> task) & 1) == 0)
            continue;
        if (found && t->mask_numbers[task] != number)
            return mixed_masks;
        number = t->mask_numbers[task];
        found = 1;
    }
    return number;
}

// The mask with this number over all prunable weights, null for 0.
static const uint8_t *numbered_mask(const struct weft_trainer *t, int32_t number) {
    return number <= 0 ? NULL : t->masks + (size_t)(number - 1) * mask_stride;
}

// Its bits.
static const uint16_t *numbered_words(const struct weft_trainer *t, int32_t number) {
    return number <= 0 ? NULL : t->kept + (size_t)(number - 1) * kept_stride;
}

// A parameter's part of a mask; null without a mask, and for what masks do not touch.
static const uint8_t *mask_of_parameter(const uint8_t *mask, int parameter) {
    return mask == NULL || mask_offsets[parameter] < 0 ? NULL : mask + mask_offsets[parameter];
}

// Sets the bits of a task's mask.
static void mask_words(struct weft_trainer *t, int32_t task) {
    const uint8_t *mask = t->masks + (size_t)task * mask_stride;
    uint16_t *kept = t->kept + (size_t)task * kept_stride;
    memset(kept, 0, kept_stride * sizeof *kept);
    for (int i = 0; i < parameter_count; i++) {
        if (mask_offsets[i] < 0)
            continue;
        const weft_parameter *p = &parameters[i];
        const uint8_t *own = mask + mask_offsets[i];
        for (uint32_t row = 0; row < p->rows; row++) {
            uint16_t *words = kept + kept_offsets[i] + (size_t)row * ((p->columns + 15) / 16);
            for (uint32_t column = 0; column < p->columns; column++, own++)
                if (*own != 0)
                    words[column / 16] |= (uint16_t)(1u << column % 16);
        }
    }
}

static int is_empty(const struct gradient_slot *slot) {
    for (int i = 0; i < parameter_count; i++)
        if (slot->started[i])
            return 0;
    return 1;
}

// What a slot's gradients are formed under once others are added to them.
static int32_t joined_masks(const struct gradient_slot *slot, int32_t number) {
    return is_empty(slot) || slot->mask == number ? number : mixed_masks;
}

// ---- what node functions stand on ------------------------------------------------------------------------------

// Before training reads rows of a table: brings them up to date.
static __attribute__((unused)) void catch_up_rows(const struct run *r, int parameter, int32_t rows, const int32_t *ids) {
    enum { ahead = 8 };
    const int sparse = sparse_of[parameter];
    const weft_parameter *p = &parameters[parameter];
    for (int32_t i = 0; i < rows; i++) {
        // A vocabulary is larger than caches: rows are asked for some time before they are needed.
        if (i + ahead < rows) {
            const size_t at = p->offset + (size_t)ids[i + ahead] * p->columns;
            for (size_t column = 0; column < p->columns; column += 16) {
                __builtin_prefetch(r->trainer->parameters + at + column);
                __builtin_prefetch(r->trainer->first_moments + at + column);
            }
        }
        catch_up_row(r->trainer, sparse, ids[i]);
    }
}

// A matrix where it is, or its copy under the mask of the pass.
static __attribute__((unused)) const float *under_mask(const struct run *r, size_t at, size_t copy) {
    return r->trainer->pass_mask > 0 ? r->packed + copy : r->parameters + at;
}

// A parameter's bits in the mask of the pass; null without a mask, and for what masks do not touch.
static __attribute__((unused)) const uint16_t *kept_of(const struct run *r, int parameter) {
    const uint16_t *kept = numbered_words(r->trainer, r->trainer->pass_mask);
    return kept == NULL || kept_offsets[parameter] < 0 ? NULL : kept + kept_offsets[parameter];
}

// Whether a parameter's gradient has contributions already; after this call it has.
static __attribute__((unused)) int begin_gradient(const struct run *r, int parameter) {
    const int started = r->slot->started[parameter];
    r->slot->started[parameter] = 1;
    return started;
}

static __attribute__((unused)) float *gradient_of(const struct run *r, int parameter) {
    return r->slot->gradient + parameters[parameter].offset;
}

// Whatever is added here gets the mask of the pass at its end.
static __attribute__((unused)) float *gradient_to_add_to(const struct run *r, int parameter) {
    float *gradient = gradient_of(r, parameter);
    r->slot->unmasked[parameter] = 1;
    if (!begin_gradient(r, parameter))
        memset(gradient, 0, (size_t)parameters[parameter].rows * parameters[parameter].columns * sizeof(float));
    return gradient;
}

// Whether a penalty's gradient is still to be added; after this call it is not. A slot gets it once, however many
// mini-batches its gradient is the sum of.
static __attribute__((unused)) int begin_penalty(const struct run *r, int penalty) {
    const int is_new = !r->slot->penalised[penalty];
    r->slot->penalised[penalty] = 1;
    return is_new;
}

// The gradient of one row of a row-sparse parameter, zero at first.
static __attribute__((unused)) float *row_gradient(struct gradient_slot *slot, int parameter, int32_t row) {
    struct touched *touched = &slot->touched[sparse_of[parameter]];
    const weft_parameter *p = &parameters[parameter];
    float *gradient = slot->gradient + p->offset + (size_t)row * p->columns;
    if (!touched->is_touched[row]) {
        touched->is_touched[row] = 1;
        touched->rows[touched->count++] = row;
        memset(gradient, 0, p->columns * sizeof(float));
    }
    slot->started[parameter] = 1;
    slot->unmasked[parameter] = 1;
    return gradient;
}

// The gradient of a table: the sum over its look-ups.
static __attribute__((unused)) void add_row_gradients(const struct run *r, int parameter, int32_t rows, const int32_t *ids, const float *dy,
                              size_t dy_stride) {
    const uint32_t columns = parameters[parameter].columns;
    for (int32_t i = 0; i < rows; i++) {
        float *gradient = row_gradient(r->slot, parameter, ids[i]);
        const float *d = dy + (size_t)i * dy_stride;
        for (uint32_t c = 0; c < columns; c++)
            gradient[c] += d[c];
    }
}

// db (+)= the column sums of dy.
static __attribute__((unused)) void add_bias_gradient(const struct run *r, int parameter, int32_t rows, int32_t outputs, const float *dy,
                              size_t dy_stride) {
    float *gradient = gradient_to_add_to(r, parameter);
    r->k->column_sums_f32(rows, outputs, dy, dy_stride, gradient);
}

static __attribute__((unused)) int32_t count_labelled(int32_t rows, const int32_t *labels) {
    int32_t labelled = 0;
    for (int32_t i = 0; i < rows; i++)
        labelled += labels[i] >= 0;
    return labelled;
}

// Sentences with at least one label: those a CRF's loss is a mean over.
static __attribute__((unused)) int32_t count_labelled_sentences(int32_t steps, const int32_t *offsets, const int32_t *labels) {
    int32_t labelled = 0;
    const int32_t sentences = steps > 0 ? offsets[1] : 0;
    for (int32_t s = 0; s < sentences; s++) {
        int found = 0;
        for (int32_t t = 0; t < steps && offsets[t] + s < offsets[t + 1]; t++)
            found |= labels[offsets[t] + s] >= 0;
        labelled += found;
    }
    return labelled;
}

// ---- random values ---------------------------------------------------------------------------------------------

// One key a row, from (seed, site, task, step, sentence, position): never from a global order.
static __attribute__((unused)) void row_keys(const struct run *r, int site, uint64_t *keys) {
    const weft_batch *batch = r->batch;
    const uint64_t stream =
        random_stream_key(r->random->seed, site_hashes[site], r->random->task, r->random->step);
    if (sites[site].rows == WEFT_SENTENCE)
        random_sentence_keys(stream, batch->sentence_ids, batch->extent.sentences, keys);
    else
        random_position_keys(stream, batch->sentence_ids, batch->token_offsets, batch->extent.longest_sentence, keys);
}

// Values that the caller put in the place of random ones, or null.
static __attribute__((unused)) const float *injected_values(const struct run *r, int site) {
    return r->random->injected == NULL ? NULL : r->random->injected[site];
}

"""##,
    "runtime/trainer_api": ##"""
// ---- the step --------------------------------------------------------------------------------------------------

// Does a mask change a piece?
static int is_maskable(int piece) {
    return mask_offsets[piece_parameters[piece][0]] >= 0 || mask_offsets[piece_parameters[piece][1]] >= 0;
}

// Work on several parameters or pieces, which do not touch each other's.
struct share {
    struct weft_trainer *t;
    const struct gradient_slot *slot;
    const weft_update *update;
    int32_t mask_number;
    int32_t count;
    int numbers[(size_t)piece_count > (size_t)parameter_count ? (size_t)piece_count : (size_t)parameter_count];
    double sums[parameter_count];
};

// Weights of a parameter, or of the first parameter of a piece.
static uint64_t share_size(int number, const int (*of)[2]) {
    const weft_parameter *p = &parameters[of == NULL ? number : of[number][0]];
    // Of tables that are looked up some hundred rows are touched, which are not in the cache.
    const uint64_t rows = (p->flags & WEFT_ROW_SPARSE) != 0 && p->rows > 512 ? 512 : p->rows;
    return rows * p->columns;
}

// At the same time where the host lends threads, the largest first, so that none is left with one when others are done.
static void run_shares(struct share *s, void (*run)(void *share, int32_t index), const int (*of)[2]) {
    if (s->t->threads.parallel != NULL) {
        for (int32_t i = 1; i < s->count; i++) {
            const int number = s->numbers[i];
            const uint64_t size = share_size(number, of);
            int32_t at = i;
            for (; at > 0 && share_size(s->numbers[at - 1], of) < size; at--)
                s->numbers[at] = s->numbers[at - 1];
            s->numbers[at] = number;
        }
        s->t->threads.parallel(s->t->threads.context, run, s, s->count);
        return;
    }
    for (int32_t i = 0; i < s->count; i++)
        run(s, i);
}

static void pack_share(void *argument, int32_t index) {
    const struct share *s = argument;
    const int piece = s->numbers[index];
    const int32_t number = is_maskable(piece) ? s->mask_number : 0;
    pack_piece(s->t->kernels, piece, s->t->parameters, numbered_words(s->t, number), s->t->packed);
    s->t->is_stale[piece] = 0;
    s->t->packed_under[piece] = number;
}

// Packs anew what one of the tasks reaches and has changed since it was packed, or was packed under another mask.
static void pack_stale(struct weft_trainer *t, uint64_t tasks, int32_t mask_number) {
    struct share share = {.t = t, .mask_number = mask_number};
    for (int i = 0; i < piece_count; i++) {
        if ((parameters[piece_parameters[i][0]].tasks & tasks) == 0)
            continue;
        const int32_t number = is_maskable(i) ? mask_number : 0;
        if (t->is_stale[i] || t->packed_under[i] != number)
            share.numbers[share.count++] = i;
    }
    run_shares(&share, pack_share, piece_parameters);
}

static size_t trainer_workspace_size(const weft_extent *extent) {
    return is_sound(extent) ? workspace_bytes(extent) : 0;
}

static weft_status forward(weft_trainer *t, void *workspace, size_t bytes, const weft_batch *batch, uint64_t tasks,
                           const weft_random *random, double *losses) {
    if (!is_sound(&batch->extent) || (tasks & ~all_tasks) != 0)
        return WEFT_BAD_ARGUMENT;
    if (workspace_bytes(&batch->extent) > bytes)
        return WEFT_TOO_SMALL;
    const int32_t mask_number = mask_of_tasks(t, tasks);
    t->pass_mask = mask_number == mixed_masks ? no_pass : mask_number;
    if (mask_number == mixed_masks)
        return WEFT_BAD_ARGUMENT;
    struct values values;
    place_values(&batch->extent, workspace, &values);
    pack_stale(t, tasks, mask_number);
    const struct run run = {.k = t->kernels,
                            .threads = &t->threads,
                            .batch = batch,
                            .v = values,
                            .parameters = t->parameters,
                            .packed = t->packed,
                            .trainer = t,
                            .random = random};
    forward_nodes(&run, tasks);
    read_losses(&run, tasks, losses);
    return WEFT_OK;
}

// Clears what a pass has added outside its mask, but for what kernels have left out as they formed it. All that the slot
// held was formed under the same mask, so nothing else goes.
static void mask_gradients(const weft_trainer *t, struct gradient_slot *slot, uint64_t tasks) {
    const uint8_t *mask = numbered_mask(t, slot->mask);
    for (int i = 0; i < parameter_count; i++) {
        const weft_parameter *p = &parameters[i];
        const uint8_t *own = mask_of_parameter(mask, i);
        const int is_unmasked = slot->unmasked[i];
        slot->unmasked[i] = 0;
        if (own != NULL && (p->tasks & tasks) != 0 && is_unmasked)
            t->kernels->mask_gradient_f32((size_t)p->rows * p->columns, own, slot->gradient + p->offset);
    }
}

static weft_status backward(weft_trainer *t, void *workspace, const weft_batch *batch, uint64_t tasks,
                            const float *seeds, int32_t slot) {
    if (slot < 0 || slot >= t->slot_count || (tasks & ~all_tasks) != 0)
        return WEFT_BAD_ARGUMENT;
    const int32_t mask_number = mask_of_tasks(t, tasks);
    const int32_t joined = joined_masks(&t->slots[slot], mask_number);
    if (mask_number != t->pass_mask || (mask_number != 0 && joined == mixed_masks))
        return WEFT_BAD_ARGUMENT;
    t->slots[slot].mask = joined;
    struct values values;
    place_values(&batch->extent, workspace, &values);
    struct contributions contributions;
    memset(&contributions, 0, sizeof contributions);
    struct run run = {.k = t->kernels,
                      .threads = &t->threads,
                      .batch = batch,
                      .v = values,
                      .parameters = t->parameters,
                      .packed = t->packed,
                      .trainer = t,
                      .slot = &t->slots[slot],
                      .contributions = &contributions};
    set_seeds(&run, seeds);
    backward_nodes(&run, tasks);
    mask_gradients(t, run.slot, tasks);
    return WEFT_OK;
}

// ---- gradients and updates -------------------------------------------------------------------------------------

static void zero(weft_trainer *t, int32_t slot) {
    struct gradient_slot *g = &t->slots[slot];
    memset(g->started, 0, parameter_count);
    memset(g->penalised, 0, penalty_count);
    for (int s = 0; s < sparse_count; s++) {
        struct touched *touched = &g->touched[s];
        for (int32_t i = 0; i < touched->count; i++)
            touched->is_touched[touched->rows[i]] = 0;
        touched->count = 0;
    }
}

// Is the parameter in the update set of these tasks?
static int is_updated(const weft_parameter *p, uint64_t tasks) {
    return (p->flags & WEFT_TRAINABLE) != 0 && (p->tasks & tasks) != 0;
}

static void square_share(void *argument, int32_t index) {
    struct share *s = argument;
    const int i = s->numbers[index];
    const weft_parameter *p = &parameters[i];
    const float *gradient = s->slot->gradient + p->offset;
    double sum = 0.0;
    if (sparse_of[i] < 0) {
        sum = s->t->kernels->sum_of_squares_f32((size_t)p->rows * p->columns, gradient);
    } else {
        const struct touched *touched = &s->slot->touched[sparse_of[i]];
        for (int32_t k = 0; k < touched->count; k++)
            sum += s->t->kernels->sum_of_squares_f32(p->columns, gradient + (size_t)touched->rows[k] * p->columns);
    }
    s->sums[i] = sum;
}

static double sum_of_squares(const weft_trainer *t, int32_t slot, uint64_t tasks) {
    struct share share = {.t = (weft_trainer *)(uintptr_t)t, .slot = &t->slots[slot]};
    for (int i = 0; i < parameter_count; i++)
        if (is_updated(&parameters[i], tasks) && share.slot->started[i])
            share.numbers[share.count++] = i;
    run_shares(&share, square_share, NULL);
    // In the order of the parameters, whoever summed them.
    double sum = 0.0;
    for (int i = 0; i < parameter_count; i++)
        sum += share.sums[i];
    return sum;
}

static double dot(const weft_trainer *t, int32_t slot, int32_t other, uint64_t tasks) {
    const struct gradient_slot *a = &t->slots[slot], *b = &t->slots[other];
    double sum = 0.0;
    for (int i = 0; i < parameter_count; i++) {
        const weft_parameter *p = &parameters[i];
        if (!is_updated(p, tasks) || !a->started[i] || !b->started[i])
            continue;
        if (sparse_of[i] < 0) {
            sum += t->kernels->dot_f32((size_t)p->rows * p->columns, a->gradient + p->offset, b->gradient + p->offset);
            continue;
        }
        const struct touched *touched = &a->touched[sparse_of[i]];
        for (int32_t k = 0; k < touched->count; k++) {
            const int32_t row = touched->rows[k];
            const size_t at = p->offset + (size_t)row * p->columns;
            if (b->touched[sparse_of[i]].is_touched[row])
                sum += t->kernels->dot_f32(p->columns, a->gradient + at, b->gradient + at);
        }
    }
    return sum;
}

static void axpy(weft_trainer *t, float factor, int32_t from, int32_t to, uint64_t tasks) {
    const struct gradient_slot *a = &t->slots[from];
    struct gradient_slot *b = &t->slots[to];
    if (is_empty(a))
        return;
    b->mask = joined_masks(b, a->mask);
    for (int i = 0; i < parameter_count; i++) {
        const weft_parameter *p = &parameters[i];
        if (!is_updated(p, tasks) || !a->started[i])
            continue;
        const size_t count = (size_t)p->rows * p->columns;
        if (sparse_of[i] < 0) {
            if (!b->started[i])
                memset(b->gradient + p->offset, 0, count * sizeof(float));
            b->started[i] = 1;
            t->kernels->axpy_f32(count, factor, a->gradient + p->offset, b->gradient + p->offset);
            continue;
        }
        const struct touched *touched = &a->touched[sparse_of[i]];
        for (int32_t k = 0; k < touched->count; k++) {
            const size_t at = p->offset + (size_t)touched->rows[k] * p->columns;
            t->kernels->axpy_f32(p->columns, factor, a->gradient + at, row_gradient(b, i, touched->rows[k]));
        }
    }
}

// The weights at `at` and their moments, by their gradient, as far as a mask (null: none) leaves them.
static void update_weights(weft_trainer *t, const float *gradient, size_t at, size_t count, int64_t clock,
                           const uint8_t *mask, const weft_update *u) {
    if (u->optimizer == WEFT_SGD) {
        // Without momentum there is none to keep.
        float *momentum = u->momentum == 0.0f ? NULL : t->first_moments + at;
        t->kernels->sgd_update_f32(count, t->parameters + at, gradient, momentum, u->rate, u->momentum,
                                   u->nesterov, u->decay, u->gradient_scale, u->clip_value, mask);
        return;
    }
    const double step = (double)clock;
    const float correction1 = (float)(1.0 - pow((double)u->beta1, step));
    const float correction2 = (float)(1.0 - pow((double)u->beta2, step));
    t->kernels->adam_update_f32(count, t->parameters + at, gradient, t->first_moments + at, t->second_moments + at,
                                u->rate, u->beta1, u->beta2, u->epsilon, u->decay, u->optimizer == WEFT_ADAMW,
                                correction1, correction2, u->gradient_scale, u->clip_value, mask);
}

static void update_rows(weft_trainer *t, const struct gradient_slot *g, int parameter, const weft_update *u) {
    const weft_parameter *p = &parameters[parameter];
    const int sparse = sparse_of[parameter];
    const struct touched *touched = &g->touched[sparse];
    struct lag *lag = &t->lags[sparse];
    for (int32_t k = 0; k < touched->count; k++)
        catch_up_row(t, sparse, touched->rows[k]);
    // Rows without gradient still move by momentum and decay; Adam leaves them unless it is to be dense.
    if (u->optimizer == WEFT_SGD && (u->momentum != 0.0f || u->decay != 0.0f)) {
        if (lag->length == lag_capacity)
            catch_up_parameter(t, sparse);
        extend_lag_table(lag, u);
    }
    for (int32_t k = 0; k < touched->count; k++) {
        const size_t at = p->offset + (size_t)touched->rows[k] * p->columns;
        update_weights(t, g->gradient + at, at, p->columns, t->clocks[parameter], NULL, u);
        lag->seen[touched->rows[k]] = lag->length;
    }
    if (u->dense && u->optimizer != WEFT_SGD) {
        static const float no_gradient[widest_sparse_row];
        for (uint32_t row = 0; row < p->rows; row++)
            if (!touched->is_touched[row])
                update_weights(t, no_gradient, p->offset + (size_t)row * p->columns, p->columns, t->clocks[parameter], NULL, u);
    }
}

static void update_share(void *argument, int32_t index) {
    const struct share *s = argument;
    const int i = s->numbers[index];
    const weft_parameter *p = &parameters[i];
    s->t->clocks[i]++;
    if (sparse_of[i] >= 0) {
        update_rows(s->t, s->slot, i, s->update);
        return;
    }
    const size_t count = (size_t)p->rows * p->columns;
    float *gradient = s->slot->gradient + p->offset;
    if (!s->slot->started[i])
        memset(gradient, 0, count * sizeof(float));
    const uint8_t *mask = mask_of_parameter(numbered_mask(s->t, s->mask_number), i);
    update_weights(s->t, gradient, p->offset, count, s->t->clocks[i], mask, s->update);
}

@SHRINK@static weft_status apply(weft_trainer *t, int32_t slot, uint64_t tasks, const weft_update *u) {
    if (slot < 0 || slot >= t->slot_count || (u->optimizer != WEFT_SGD && t->second_moments == NULL))
        return WEFT_BAD_ARGUMENT;
    struct gradient_slot *g = &t->slots[slot];
    const int32_t mask_number = u->ignore_masks ? 0 : mask_of_tasks(t, tasks);
    if (mask_number == mixed_masks)
        return WEFT_BAD_ARGUMENT;
    struct share share = {.t = t, .slot = g, .update = u, .mask_number = mask_number};
    for (int i = 0; i < parameter_count; i++)
        if (is_updated(&parameters[i], tasks))
            share.numbers[share.count++] = i;
    run_shares(&share, update_share, NULL);
@CALL_SHRINK@    for (int i = 0; i < piece_count; i++)
        t->is_stale[i] |= (uint8_t)is_updated(&parameters[piece_parameters[i][0]], tasks);
    return WEFT_OK;
}

static void catch_up(weft_trainer *t) {
    for (int s = 0; s < sparse_count; s++)
        catch_up_parameter(t, s);
}

// One row as it would be after catch_up.
static const float *current_row(const weft_trainer *t, int sparse, uint32_t row, float *memory) {
    const weft_parameter *p = &parameters[sparse_parameters[sparse]];
    const size_t at = p->offset + (size_t)row * p->columns;
    const struct lag *lag = &t->lags[sparse];
    const int32_t missed = lag->length - lag->seen[row];
    if (missed == 0)
        return t->parameters + at;
    map_row(lag, missed, p->columns, t->parameters + at, t->first_moments + at, memory, NULL);
    return memory;
}

static void snapshot(const weft_trainer *t, float *out) {
    memcpy(out, t->parameters, parameter_floats * sizeof(float));
    for (int s = 0; s < sparse_count; s++) {
        const weft_parameter *p = &parameters[sparse_parameters[s]];
        for (uint32_t row = 0; row < p->rows; row++) {
            float *to = out + p->offset + (size_t)row * p->columns;
            const float *from = current_row(t, s, row, to);
            if (from != to)
                memcpy(to, from, p->columns * sizeof(float));
        }
    }
}

static void average(const weft_trainer *t, float decay, float *average) {
    float row[widest_sparse_row];
    for (int i = 0; i < parameter_count; i++) {
        const weft_parameter *p = &parameters[i];
        for (uint32_t k = 0; k < p->rows; k++) {
            const size_t at = p->offset + (size_t)k * p->columns;
            const float *now = sparse_of[i] < 0 ? t->parameters + at : current_row(t, sparse_of[i], k, row);
            for (uint32_t c = 0; c < p->columns; c++)
                average[at + c] = decay * average[at + c] + (1.0f - decay) * now[c];
        }
    }
}

// ---- the table -------------------------------------------------------------------------------------------------

static size_t trainer_size(int32_t slots, int32_t adam) {
    struct weft_trainer ignored;
    memset(&ignored, 0, sizeof ignored);
    struct carver c = {NULL, 0};
    return slots < 1 ? 0 : lay_out(&ignored, &c, slots, adam);
}

static weft_status trainer_init(void *memory, size_t bytes, int32_t slots, int32_t adam, const char *isa,
                                const weft_threads *threads, weft_trainer **out) {
    const struct kernels *kernels = choose_kernels(isa);
    if (kernels == NULL)
        return WEFT_NOT_SUPPORTED;
    if (memory == NULL || slots < 1 || (uintptr_t)memory % WEFT_ALIGNMENT != 0)
        return WEFT_BAD_ARGUMENT;
    if (bytes < trainer_size(slots, adam))
        return WEFT_TOO_SMALL;
    memset(memory, 0, bytes);
    struct weft_trainer *t = memory;
    struct carver c = {memory, 0};
    lay_out(t, &c, slots, adam);
    t->kernels = kernels;
    if (threads != NULL)
        t->threads = *threads;
    memset(t->is_stale, 1, piece_count);
    t->pass_mask = no_pass;
    *out = t;
    return WEFT_OK;
}

static const char *trainer_isa(const weft_trainer *t) {
    return t->kernels->name;
}

static float *trainer_parameters(weft_trainer *t) {
    return t->parameters;
}

static float *first_moments(weft_trainer *t) {
    return t->first_moments;
}

static float *second_moments(weft_trainer *t) {
    return t->second_moments;
}

static const float *slot_gradient(weft_trainer *t, int32_t slot) {
    return t->slots[slot].gradient;
}

static int64_t *clocks(weft_trainer *t) {
    return t->clocks;
}

static int32_t *row_lags(weft_trainer *t, uint32_t parameter) {
    return parameter < parameter_count && sparse_of[parameter] >= 0 ? t->lags[sparse_of[parameter]].seen : NULL;
}

static double *lag_table(weft_trainer *t, uint32_t parameter, int32_t *length) {
    if (parameter >= parameter_count || sparse_of[parameter] < 0)
        return NULL;
    *length = t->lags[sparse_of[parameter]].length;
    return t->lags[sparse_of[parameter]].table;
}

static weft_status set_lag_length(weft_trainer *t, uint32_t parameter, int32_t length) {
    if (parameter >= parameter_count || sparse_of[parameter] < 0 || length < 0 || length > lag_capacity)
        return WEFT_BAD_ARGUMENT;
    t->lags[sparse_of[parameter]].length = length;
    return WEFT_OK;
}

static void changed(weft_trainer *t) {
    memset(t->is_stale, 1, piece_count);
}

static weft_status set_mask(weft_trainer *t, int32_t task, const uint8_t *mask) {
    if (task < 0 || task >= number_of_tasks)
        return WEFT_BAD_ARGUMENT;
    uint8_t *own = t->masks + (size_t)task * mask_stride;
    t->has_mask[task] = mask != NULL;
    for (int i = 0; mask != NULL && i < prunable_weights; i++)
        own[i] = mask[i] != 0;
    if (mask != NULL)
        mask_words(t, task);
    for (int32_t a = 0; a < number_of_tasks; a++) {
        const uint8_t *mask_a = t->masks + (size_t)a * mask_stride;
        t->mask_numbers[a] = t->has_mask[a] ? a + 1 : 0;
        for (int32_t b = a - 1; b >= 0 && t->has_mask[a]; b--)
            if (t->has_mask[b] && memcmp(mask_a, t->masks + (size_t)b * mask_stride, prunable_weights) == 0)
                t->mask_numbers[a] = b + 1;
    }
    // A number may now mean another mask.
    for (int i = 0; i < piece_count; i++)
        t->is_stale[i] |= (uint8_t)is_maskable(i);
    for (int32_t s = 0; s < t->slot_count; s++)
        t->slots[s].mask = mixed_masks;
    t->pass_mask = no_pass;
    return WEFT_OK;
}

static const weft_training table = {
    .abi = WEFT_ABI_VERSION,
    .tables = &tables,
    .trainer_size = trainer_size,
    .trainer_init = trainer_init,
    .trainer_isa = trainer_isa,
    .parameters = trainer_parameters,
    .first_moments = first_moments,
    .second_moments = second_moments,
    .gradient = slot_gradient,
    .clocks = clocks,
    .row_lags = row_lags,
    .lag_table = lag_table,
    .set_lag_length = set_lag_length,
    .lag_capacity = lag_capacity,
    .changed = changed,
    .set_mask = set_mask,
    .workspace_size = trainer_workspace_size,
    .forward = forward,
    .backward = backward,
    .zero = zero,
    .sum_of_squares = sum_of_squares,
    .dot = dot,
    .axpy = axpy,
    .apply = apply,
    .catch_up = catch_up,
    .snapshot = snapshot,
    .average = average,
};

const weft_training *weft_@NAME@_train(uint32_t max_abi) {
    return max_abi >= WEFT_ABI_VERSION ? &table : NULL;
}

"""##,
    "shared/block_sparse": ##"""
// A matrix W [columns x depth] of which blocks of 16 columns x 1 input are kept, for products x W^T: for
// every 16 columns a list of the inputs that they keep, with 16 weights each. In words of 32 bits: where the
// lists begin, and where the last one ends; the lists, two inputs a word; the weights. Each of these begins
// at a multiple of 16 words.
struct block_sparse {
    const uint32_t *starts;
    const uint16_t *inputs;
    const float *weights;
};

INLINE struct block_sparse block_sparse_matrix(size_t columns, const float *words) {
    const size_t vectors = (columns + 15) / 16, lists = (vectors + 16) / 16 * 16;
    const uint32_t *starts = (const uint32_t *)(const void *)words;
    return (struct block_sparse){
        .starts = starts,
        .inputs = (const uint16_t *)(const void *)(words + lists),
        .weights = words + lists + (starts[vectors] + 31) / 32 * 16,
    };
}

"""##,
    "shared/crf": ##"""
// Scores of a linear-chain CRF over L labels. Everything but the transitions may be NULL: no start or
// end scores, nothing forbidden.
struct crf {
    const float *transitions; // [L x L], from row to column
    const float *start, *end; // [L]
    const uint8_t *allowed;   // [L x L], 0 where a transition is forbidden
    const uint8_t *allowed_start;
    const uint8_t *allowed_end; // [L]
};

// Exponentials of a CRF's transitions, a row of `padded` doubles each, scaled so that the greatest is
// 1.
struct crf_tables {
    size_t padded;
    double peak;       // log of the scale
    double *from, *to; // [L x padded], from row to column, and its transpose
};

// The lattice of one sentence: its token t is row offsets[t] + sentence. With labels, only paths that
// agree with the known ones (>= 0).
struct crf_lattice {
    const struct crf *crf;
    struct crf_tables tables;
    const int32_t *offsets;
    size_t sentence, tokens;
    const float *scores;
    size_t stride;
    const int32_t *labels;
    double *emission, *forward; // [tokens x padded]
    double *backward;           // [3 x padded]
};

// Where the expectations of a lattice go: each is added with its factor, NULL for none.
struct crf_expectations {
    float factor;
    float *scores;
    size_t stride;
    float *start, *end;
    double *pairs; // [L x padded], to be multiplied by the exponentials of the transitions
    double pair_factor;
};

INLINE int crf_allows(const uint8_t *allowed, size_t at) {
    return allowed == NULL || allowed[at] != 0;
}

// Score of a label at a token by itself: its own, with start and end scores, -INFINITY where it is
// forbidden.
INLINE float crf_single_score(const struct crf *crf, float score, size_t label, int first, int last) {
    if (first && !crf_allows(crf->allowed_start, label))
        return -INFINITY;
    if (last && !crf_allows(crf->allowed_end, label))
        return -INFINITY;
    if (first && crf->start != NULL)
        score += crf->start[label];
    if (last && crf->end != NULL)
        score += crf->end[label];
    return score;
}

// The number of tokens of a sentence.
INLINE size_t crf_tokens(const int32_t *offsets, int32_t steps, int32_t sentence) {
    int32_t t = 0;
    while (t < steps && offsets[t + 1] - offsets[t] > sentence)
        t++;
    return (size_t)t;
}

// Row of token t of the lattice's sentence; without offsets its rows are contiguous.
INLINE size_t crf_row(const struct crf_lattice *lattice, size_t t) {
    return lattice->offsets == NULL ? t : (size_t)lattice->offsets[t] + lattice->sentence;
}

// Whether a sentence carries labels: 0 none, 1 some, 2 all.
INLINE int crf_labelled(const struct crf_lattice *lattice) {
    size_t known = 0;
    for (size_t t = 0; t < lattice->tokens; t++)
        known += lattice->labels[crf_row(lattice, t)] >= 0;
    return known == 0 ? 0 : known < lattice->tokens ? 1 : 2;
}

"""##,
    "shared/joint": ##"""
// A matrix of which each group of tasks uses the weights that its mask keeps, for a product for each of up
// to four groups, a bundle, that reads weights once. The weights of all are in words as in a wide matrix.
// Behind them is for one bundle after the other who uses them.
//
// Of f32 and bf16 weights there are the masks of one group after the other, of whole blocks of 64 columns,
// [blocks][words]. A mask of a word and 64 columns has one bit for each weight, in the order in which
// weights lie in memory: that of column c and weight w of the word is bit c WEIGHTS + w, counted from the
// lowest of the first number on.
//
// Of int8 weights there is a byte for each, placed as they are: the number of the weight in its word, and
// from bit 2 on a bit for each group. That is the number of an entry of a table, whose entries for a group
// hold the input where the group's bit is set, and zero elsewhere. Then follows for each group what `excess`
// is, of the weights that it uses.
struct joint {
    size_t columns, words; // words of a column
    const uint32_t *panels, *users;
    const float *scales;
    size_t of_mask, of_group; // numbers of 32 bits of one mask, and of all masks of a group
    const int32_t *excess;    // [4][columns, padded]
};

// Groups of a bundle: so many have their sums in registers at the same time.
#define JOINT_GROUPS 4

INLINE struct joint joint_matrix(size_t columns, size_t depth, size_t weights, const float *words,
                                 const float *users) {
    const size_t padded = (columns + 15) / 16 * 16, count = (depth + weights - 1) / weights;
    const uint32_t *panels = (const uint32_t *)(const void *)words;
    return (struct joint){
        .columns = columns,
        .words = count,
        .panels = panels,
        .users = (const uint32_t *)(const void *)users,
        .scales = (const float *)(const void *)(panels + padded * count),
        .of_mask = 2 * weights,
        .of_group = (columns + 63) / 64 * count * 2 * weights,
        .excess = (const int32_t *)(const void *)(users + padded * count),
    };
}

"""##,
    "shared/lstm_cells": ##"""
// How cells are formed: in the first step of a sequence; with functions that are less exact because states
// are rounded to fewer bits before they are multiplied.
enum { CELLS_FIRST = 1, CELLS_NEARLY = 2 };

"""##,
    "shared/lstm_step": ##"""
// One step of an LSTM over the rows that are active, gates i, f, g, o. Rows from `previous_rows` on
// start from zero.
struct lstm_step {
    size_t hidden, rows, previous_rows;
    size_t depth;        // numbers in a row of h_previous, or pairs of them
    const float *panels; // recurrent weights, [units / 16][depth][4 gates][16 units]
    float *gates;        // in: input projection and biases; out: activated
    size_t gates_stride;
    const float *h_previous, *c_previous;
    size_t h_previous_stride, c_previous_stride;
    float *h, *c;
    size_t h_stride, c_stride;
};

"""##,
    "shared/packed": ##"""
// A matrix W [columns x depth] of which any weights are kept, for products x W^T. Each 16 columns have
// windows on 32 neighbouring inputs. In a window each column has up to four weights, in four turns, and for
// each of them the number of its input in the window:
//
//     first input   columns of a turn    turn 0          turn 1        turn 2        turn 3
//           40      weight               .3 .1 .7 ...    .2 .9  0 ...  .4  0  0 ...   0  0  0 ...
//                   number of its input   0  5 17 ...    12 30  0 ...  31  0  0 ...   0  0  0 ...
//
// A window begins with the first input that has not had its turn in some column, or earlier so that it ends
// with the last input at most; each column takes the next four of its weights as far as they are in the
// window. What is left of a window is zeros. So a column with many weights among its neighbours goes on in
// the next window while the others wait, and there are about as many windows as the fullest column needs.
//
// In words of 32 bits: for every 16 columns the number of its first window, and where the last one ends;
// first inputs, two a word; numbers, [windows][4][16], four a word; weights, [windows][4][16]. Each of these
// begins at a multiple of 16 words.
#define PACKED_INPUTS 32
#define PACKED_TURNS 4

struct packed {
    const uint32_t *starts;
    const uint16_t *first_inputs;
    const uint8_t *numbers;
    const float *weights;
};

INLINE struct packed packed_matrix(size_t columns, const float *words) {
    const size_t vectors = (columns + 15) / 16;
    const uint32_t *starts = (const uint32_t *)(const void *)words;
    const float *firsts = words + (vectors + 16) / 16 * 16;
    const float *numbers = firsts + (starts[vectors] + 31) / 32 * 16;
    return (struct packed){
        .starts = starts,
        .first_inputs = (const uint16_t *)(const void *)firsts,
        .numbers = (const uint8_t *)(const void *)numbers,
        .weights = numbers + 4 * PACKED_TURNS * (size_t)starts[vectors],
    };
}

"""##,
    "shared/packing": ##"""
// Weights in the order in which the kernels read them, packed again after each change. A mask has one
// bit a weight, NULL for none: weights without it count as zero. Each row of the canonical matrix begins
// a new word of 16 bits, the lowest for the first column.

typedef float four_weights __attribute__((vector_size(16)));
typedef float sixteen_weights __attribute__((vector_size(64)));
typedef int32_t sixteen_words __attribute__((vector_size(64)));

// The bits of a row of k weights for the 16 from `column` on.
INLINE uint32_t packed_bits(size_t k, const uint16_t *kept, size_t row, size_t column) {
    const uint16_t *word = kept + row * ((k + 15) / 16) + column / 16;
    if (column % 16 == 0)
        return word[0];
    const uint32_t behind = column / 16 + 1 < (k + 15) / 16 ? word[1] : 0;
    return ((uint32_t)word[0] | behind << 16) >> column % 16;
}

INLINE float packed_one(size_t k, const float *weight, const uint16_t *kept, size_t row, size_t column) {
    if (kept != NULL && (packed_bits(k, kept, row, column) & 1) == 0)
        return 0.0f;
    return weight[row * k + column];
}

// Sixteen weights of a row that lie together.
INLINE void pack_sixteen(size_t k, const float *weight, const uint16_t *kept, size_t row, size_t column,
                         float *to) {
    const sixteen_words left = {31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16};
    sixteen_weights weights;
    memcpy(&weights, weight + row * k + column, sizeof weights);
    if (kept != NULL) {
        // Ones or zeros from the sign of a word: a comparison would become a load under a mask, which is slow
        // where it crosses a cache line.
        const sixteen_words all = (int32_t)packed_bits(k, kept, row, column) - (sixteen_words){0};
        weights = (sixteen_weights)((sixteen_words)weights & ((all << left) >> 31));
    }
    memcpy(to, &weights, sizeof weights);
}

// Four weights each of the rows j, j + 4, j + 8 and j + 12, which are `stride` apart; zeros for rows from
// `rows` on.
INLINE void packed_quarters(size_t rows, size_t stride, const float *weight, size_t j, sixteen_weights *all) {
    four_weights quarters[4] = {{0}, {0}, {0}, {0}};
    for (size_t quarter = 0; quarter < 4; quarter++) {
        const size_t row = j + 4 * quarter;
        if (row < rows)
            memcpy(&quarters[quarter], weight + row * stride, sizeof quarters[quarter]);
    }
    memcpy(all, quarters, sizeof *all);
}

// Four columns of up to 16 rows, which are `stride` apart, as four rows of 16 that are `step` apart.
INLINE void pack_four_columns(size_t rows, size_t stride, const float *weight, float *to, size_t step) {
    sixteen_weights a, b, c, d;
    packed_quarters(rows, stride, weight, 0, &a);
    packed_quarters(rows, stride, weight, 1, &b);
    packed_quarters(rows, stride, weight, 2, &c);
    packed_quarters(rows, stride, weight, 3, &d);
    // Each quarter of these vectors is a square of 4 x 4 by itself.
    const sixteen_weights ab_low =
        __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    const sixteen_weights cd_low =
        __builtin_shufflevector(c, d, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    const sixteen_weights ab_high =
        __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    const sixteen_weights cd_high =
        __builtin_shufflevector(c, d, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    const sixteen_weights columns[4] = {
        __builtin_shufflevector(ab_low, cd_low, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
        __builtin_shufflevector(ab_low, cd_low, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31),
        __builtin_shufflevector(ab_high, cd_high, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
        __builtin_shufflevector(ab_high, cd_high, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30,
                                31)};
    for (size_t i = 0; i < 4; i++)
        memcpy(to + i * step, &columns[i], sizeof columns[i]);
}

// Asks for a share of the rows behind those that are being packed: as many streams at a time as there are
// rows are more than processors follow by themselves.
INLINE void fetch_next_rows(const float *weight, size_t floats) {
    for (size_t i = 0; i < floats; i += 16)
        __builtin_prefetch(weight + i);
}

// The columns of up to 16 rows of W [n x k] from row `first` on as rows of 16 that are `step` apart.
INLINE void pack_columns(size_t rows, size_t k, size_t first, const float *weight, const uint16_t *kept,
                         float *to, size_t step) {
    const float *next = weight + (first + rows) * k;
    size_t column = 0;
    // Under a mask squares of 16 x 16, the last of which may begin inside the one before.
    for (; kept != NULL && k >= 16 && column < k; column += 16) {
        const size_t at = smaller(column, k - 16);
        float square[256];
        fetch_next_rows(next + 16 * column, 256);
        for (size_t row = 0; row < rows; row++)
            pack_sixteen(k, weight, kept, first + row, at, square + 16 * row);
        for (size_t j = 0; j < 16; j += 4)
            pack_four_columns(rows, 16, square + j, to + (at + j) * step, step);
    }
    for (; kept == NULL && column + 4 <= k; column += 4) {
        fetch_next_rows(next + 16 * column, 64);
        pack_four_columns(rows, k, weight + first * k + column, to + column * step, step);
    }
    for (; column < k; column++)
        for (size_t j = 0; j < 16; j++)
            to[column * step + j] = j < rows ? packed_one(k, weight, kept, first + j, column) : 0.0f;
}

// `count` weights of a row of k from column `first` on, as they are.
INLINE void pack_part(size_t k, size_t row, size_t first, size_t count, const float *weight,
                      const uint16_t *kept, float *to) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        pack_sixteen(k, weight, kept, row, first + i, to + i);
    for (; i < count; i++)
        to[i] = packed_one(k, weight, kept, row, first + i);
}

// Floats in the panels of W [n x k].
INLINE size_t panels_size(size_t n, size_t k) {
    return (n + 15) / 16 * 16 * k;
}

// Panels [n / 16][k][16] of W [n x k], rows of W padded with zeros.
INLINE void pack_panels(size_t n, size_t k, const float *weight, const uint16_t *kept, float *panels) {
    for (size_t first = 0; first < n; first += 16)
        pack_columns(lanes(n, first, 16), k, first, weight, kept, panels + first * k, 16);
}

// Panels of the transpose of W [n x k]: [k / 16][n][16].
INLINE void pack_panels_transposed(size_t n, size_t k, const float *weight, const uint16_t *kept,
                                   float *panels) {
    for (size_t first = 0; first < k; first += 16) {
        const size_t count = lanes(k, first, 16);
        for (size_t row = 0; row < n; row++) {
            float *to = panels + first * n + 16 * row;
            pack_part(k, row, first, count, weight, kept, to);
            for (size_t j = count; j < 16; j++)
                to[j] = 0.0f;
        }
    }
}

// W [n x k] as it is, under a mask.
INLINE void pack_canonical(size_t n, size_t k, const float *weight, const uint16_t *kept, float *to) {
    for (size_t row = 0; row < n; row++)
        pack_part(k, row, 0, k, weight, kept, to + row * k);
}

// Floats in the recurrent panels of an LSTM.
INLINE size_t lstm_panels_size(size_t hidden) {
    return (hidden + 15) / 16 * 64 * hidden;
}

// Panels [units / 16][hidden][4 gates][16 units] of W_hh [4 hidden x hidden].
INLINE void pack_lstm_panels(size_t hidden, const float *weight, const uint16_t *kept, float *panels) {
    for (size_t gate = 0; gate < 4; gate++)
        for (size_t first = 0; first < hidden; first += 16) {
            float *to = panels + 4 * first * hidden + 16 * gate;
            pack_columns(lanes(hidden, first, 16), hidden, gate * hidden + first, weight, kept, to, 64);
        }
}

// Floats in the panels of a character convolution.
INLINE size_t conv_panels_size(size_t filters, size_t inputs, size_t width) {
    return (filters + 15) / 16 * 16 * inputs * width;
}

// Panels [filters / 16][width][inputs][16] of weight [filters x inputs x width].
INLINE void pack_conv_panels(size_t filters, size_t inputs, size_t width, const float *weight,
                             const uint16_t *kept, float *panels) {
    const size_t k = inputs * width;
    for (size_t first = 0; first < filters; first += 16) {
        for (size_t tap = 0; tap < width; tap++) {
            for (size_t input = 0; input < inputs; input++, panels += 16)
                for (size_t j = 0; j < 16; j++)
                    panels[j] = first + j < filters
                                    ? packed_one(k, weight, kept, first + j, input * width + tap)
                                    : 0.0f;
        }
    }
}

"""##,
    "shared/prelude": ##"""
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Loops over the registers of a block must unroll completely, else their accumulators live in memory.
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

// For functions of every instruction set, usable inside any of them.
#define INLINE static inline __attribute__((always_inline, unused))

INLINE size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

// Floats left in a vector of `width` that begins at `offset` in a row of `count`.
INLINE size_t lanes(size_t count, size_t offset, size_t width) {
    return count > offset ? smaller(count - offset, width) : 0;
}

// Splits what is left into equal blocks of at most `limit`; the size of the next one.
INLINE size_t balanced(size_t left, size_t limit) {
    const size_t blocks = (left + limit - 1) / limit;
    return blocks == 0 ? 0 : (left + blocks - 1) / blocks;
}

"""##,
    "shared/product": ##"""
// A sum of outer products, y (+)= sum over k of a[:, k] b[k, :], whose operands are found as
//   a[row][k]            at a + row * a_row + k * a_step
//   b[k][16 panel + j]   at b + panel * b_panel + k * b_step + j
// or of pairs of these: each operand is then two numbers in bfloat16 in the place of a float, and a sum
// is over both.
struct product {
    size_t rows, columns, depth;
    const float *a;
    size_t a_row, a_step;
    const float *b;
    size_t b_panel, b_step;
    const float *bias; // [columns] or NULL
    float *y;
    size_t y_stride;
    int add;
    int padded; // every panel has 16 columns; else the last has what `columns` leaves for it
    // A bit for each of the 16 columns of a panel, or NULL: b (in row k) or y counts as zero without it. Rows
    // of words are `kept_stride` apart.
    const uint16_t *kept_b, *kept_y;
    size_t kept_stride;
};

"""##,
    "shared/random": ##"""
// Random numbers keyed by what they are for, so that a value never depends on what was drawn before it:
// splitmix64 folds seed, site, task, step, sentence and position into the key of a row, two rounds of
// lowbias32 give its columns.

INLINE uint64_t splitmix64(uint64_t x) {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

INLINE uint32_t lowbias32(uint32_t x) {
    x = (x ^ x >> 16) * 0x7FEB352Du;
    x = (x ^ x >> 15) * 0x846CA68Bu;
    return x ^ x >> 16;
}

// Key of the stream of a site (FNV-1a hash of its name) in one step of a task.
INLINE uint64_t random_stream_key(uint64_t seed, uint64_t site, uint64_t task, uint64_t task_step) {
    return splitmix64(splitmix64(splitmix64(seed ^ site) ^ task) ^ task_step);
}

INLINE uint64_t random_row_key(uint64_t stream_key, uint64_t sentence, uint64_t position) {
    return splitmix64(splitmix64(stream_key ^ sentence) ^ position);
}

INLINE uint32_t random_u32(uint64_t row_key, uint32_t column) {
    const uint32_t low = lowbias32((uint32_t)row_key + column * 0x9E3779B9u);
    return lowbias32(low ^ (uint32_t)(row_key >> 32));
}

// Uniform in [0, 1).
INLINE float random_uniform(uint64_t row_key, uint32_t column) {
    return (float)(random_u32(row_key, column) >> 8) * 0x1p-24f;
}

// Keys of time-major rows: row offsets[t] + s is position t of sentences[s].
INLINE void random_position_keys(uint64_t stream_key, const int32_t *sentences, const int32_t *offsets,
                                 int32_t steps, uint64_t *row_keys) {
    for (int32_t t = 0; t < steps; t++)
        for (int32_t row = offsets[t]; row < offsets[t + 1]; row++)
            row_keys[row] = random_row_key(stream_key, (uint64_t)sentences[row - offsets[t]], (uint64_t)t);
}

// Keys of sentence rows, for what stays the same over a sentence.
INLINE void random_sentence_keys(uint64_t stream_key, const int32_t *sentences, int32_t count,
                                 uint64_t *row_keys) {
    for (int32_t s = 0; s < count; s++)
        row_keys[s] = random_row_key(stream_key, (uint64_t)sentences[s], 0);
}

"""##,
    "shared/sparse": ##"""
// Of so many rows, those whose sums of `stride` each can wait on the stack, in 32 KiB if one fits.
#define SPARSE_WORDS 8192
#define SPARSE_FITTING(rows, stride)                                                                         \
    ((rows) * (stride) <= SPARSE_WORDS ? (rows) : (stride) < SPARSE_WORDS ? SPARSE_WORDS / (stride) : 1)

"""##,
    "shared/tiles": ##"""
// Shapes of the eight tiles (AMX), as the processor reads them.
struct tile_shapes {
    uint8_t palette, start_row, unused[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

// Rows of that many words of 32 bits; a tile without either is not used.
INLINE void set_tile_shape(struct tile_shapes *shapes, size_t tile, size_t rows, size_t words) {
    if (rows == 0 || words == 0)
        return;
    shapes->rows[tile] = (uint8_t)rows;
    shapes->bytes[tile] = (uint16_t)(4 * words);
}

// Whatever was written, to `memory` not least, is there for tiles to be loaded from: GCC's intrinsics do
// not say that they read it.
INLINE void finish_writing(const void *memory) {
    __asm__ volatile("" : : "r"(memory) : "memory");
}

// A factor of a product, as one tile or two beside each other. The 16 words of a product's sums that come
// after those of a tile lie `next` further on.
struct tile_factor {
    size_t count;
    const float *first, *second;
    size_t bytes; // from one row to the next
    size_t next;
};

"""##,
    "shared/wide": ##"""
// A matrix W [columns x depth] for products x W^T. Each word of 32 bits holds one float, two bf16 or four
// int8 weights of neighbouring inputs of one column. Words are in blocks of 64 columns, [words][4][16], and
// one block of 1 to 4 vectors for the columns that are left, [words][vectors][16]; then, for int8 weights,
// the scales of the columns and 128 times the sums of their weights. Weights in single precision may be split
// in two halves in bf16: of 32 inputs 16 words of upper halves come first, then 16 of lower halves.
struct wide {
    size_t columns, depth;
    const uint32_t *panels;
    const float *scales;
    const int32_t *excess;
};

// Weights in a word.
enum { WEIGHTS_f32 = 1, WEIGHTS_bf16 = 2, WEIGHTS_int8 = 4, WEIGHTS_split = 1 };

// Inputs of a matrix as it is packed: halves of weights come in blocks of 32 inputs.
#define DEPTH_bf16(inputs) (inputs)
#define DEPTH_int8(inputs) (inputs)
#define DEPTH_split(inputs) (((inputs) + 31) / 32 * 32)

// Weights that do not fit a second-level cache of 1 MiB with all else are read there and back: what one step
// read last is still in the cache when the next one begins with it.
#define FROM_THE_END(step, columns, depth, weights)                                                          \
    (4 * (size_t)(columns) * (size_t)(depth) / (weights) > (3u << 18) && (step) % 2 != 0)

// Rows whose inputs are prepared at the same time for narrow weights: as many as 32 KiB of the stack hold.
#define PREPARED_WORDS 8192
#define PREPARED_MOST 64
#define PREPARED_ROWS(stride)                                                                                \
    (PREPARED_MOST * (stride) <= PREPARED_WORDS ? PREPARED_MOST                                              \
     : (stride) < PREPARED_WORDS                ? PREPARED_WORDS / (stride)                                  \
                                                : 1)

INLINE struct wide wide_matrix(size_t columns, size_t depth, size_t weights, const float *words) {
    const size_t padded = (columns + 15) / 16 * 16;
    const uint32_t *panels = (const uint32_t *)(const void *)words;
    const uint32_t *end = panels + padded * ((depth + weights - 1) / weights);
    return (struct wide){
        .columns = columns,
        .depth = depth,
        .panels = panels,
        .scales = (const float *)(const void *)end,
        .excess = (const int32_t *)(const void *)(end + padded),
    };
}

"""##,
    "simd/avx2": ##"""
#include <immintrin.h>

#define TARGET_avx2 __attribute__((target("avx2,fma")))
#define INLINE_avx2 static inline __attribute__((always_inline, unused)) TARGET_avx2

typedef __m256 vec_avx2;
typedef uint32_t uvec_avx2 __attribute__((vector_size(32)));
enum { WIDTH_avx2 = 8 };
enum { PANEL_avx2 = 16 / WIDTH_avx2 }; // vectors in a panel of 16 columns

INLINE_avx2 __m256i first_lanes_avx2(size_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n < 8 ? (int32_t)n : 8), lane);
}

INLINE_avx2 vec_avx2 vec_load_avx2(const float *p) {
    return _mm256_loadu_ps(p);
}

INLINE_avx2 void vec_store_avx2(float *p, vec_avx2 v) {
    _mm256_storeu_ps(p, v);
}

// The first n lanes, zero behind them; no byte beyond is read.
INLINE_avx2 vec_avx2 vec_load_partial_avx2(const float *p, size_t n) {
    return n >= 8 ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, first_lanes_avx2(n));
}

INLINE_avx2 void vec_store_partial_avx2(float *p, vec_avx2 v, size_t n) {
    if (n >= 8)
        _mm256_storeu_ps(p, v);
    else
        _mm256_maskstore_ps(p, first_lanes_avx2(n), v);
}

INLINE_avx2 vec_avx2 vec_set1_avx2(float x) {
    return _mm256_set1_ps(x);
}

INLINE_avx2 uvec_avx2 uvec_set1_avx2(uint32_t x) {
    return (uvec_avx2)_mm256_set1_epi32((int32_t)x);
}

INLINE_avx2 uvec_avx2 uvec_load_partial_avx2(const uint32_t *p, size_t n) {
    return (uvec_avx2)_mm256_maskload_epi32((const int32_t *)p, first_lanes_avx2(n));
}

INLINE_avx2 void uvec_store_partial_avx2(uint32_t *p, uvec_avx2 v, size_t n) {
    _mm256_maskstore_epi32((int32_t *)p, first_lanes_avx2(n), (__m256i)v);
}

// 0, 1, 2, ...
INLINE_avx2 uvec_avx2 uvec_lanes_avx2(void) {
    return (uvec_avx2){0, 1, 2, 3, 4, 5, 6, 7};
}

// Integers below 2^31 as floats.
INLINE_avx2 vec_avx2 vec_from_uvec_avx2(uvec_avx2 x) {
    return _mm256_cvtepi32_ps((__m256i)x);
}

// a b + c, rounded once.
INLINE_avx2 vec_avx2 vec_fma_avx2(vec_avx2 a, vec_avx2 b, vec_avx2 c) {
    return _mm256_fmadd_ps(a, b, c);
}

// c - a b, rounded once.
INLINE_avx2 vec_avx2 vec_fnma_avx2(vec_avx2 a, vec_avx2 b, vec_avx2 c) {
    return _mm256_fnmadd_ps(a, b, c);
}

// a > b ? a : b, so that a NaN in b stays.
INLINE_avx2 vec_avx2 vec_max_avx2(vec_avx2 a, vec_avx2 b) {
    return _mm256_max_ps(a, b);
}

// a < b ? a : b
INLINE_avx2 vec_avx2 vec_min_avx2(vec_avx2 a, vec_avx2 b) {
    return _mm256_min_ps(a, b);
}

INLINE_avx2 vec_avx2 vec_sqrt_avx2(vec_avx2 a) {
    return _mm256_sqrt_ps(a);
}

// a > b ? yes : no
INLINE_avx2 vec_avx2 vec_select_avx2(vec_avx2 a, vec_avx2 b, vec_avx2 yes, vec_avx2 no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}

// a > b ? yes : no
INLINE_avx2 uvec_avx2 uvec_select_avx2(vec_avx2 a, vec_avx2 b, uvec_avx2 yes, uvec_avx2 no) {
    return (uvec_avx2)vec_select_avx2(a, b, (vec_avx2)yes, (vec_avx2)no);
}

// Lane i of yes where bytes[i] is nonzero, of no elsewhere; of the bytes only n are read.
INLINE_avx2 vec_avx2 vec_choose_avx2(const uint8_t *bytes, size_t n, vec_avx2 yes, vec_avx2 no) {
    uint64_t eight = 0;
    if (n >= 8)
        memcpy(&eight, bytes, 8);
    else
        for (size_t i = 0; i < n; i++)
            eight |= (uint64_t)bytes[i] << 8 * i;
    const __m256i words = _mm256_cvtepu8_epi32(_mm_set_epi64x(0, (int64_t)eight));
    const __m256i is_zero = _mm256_cmpeq_epi32(words, _mm256_setzero_si256());
    return _mm256_blendv_ps(yes, no, _mm256_castsi256_ps(is_zero));
}

// Lanes whose bit is set, from the lowest on; zero in the others, whatever was there.
INLINE_avx2 vec_avx2 vec_keep_avx2(vec_avx2 v, uint32_t bits) {
    const __m256i own = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i set = _mm256_and_si256(_mm256_set1_epi32((int32_t)bits), own);
    return _mm256_and_ps(v, _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, own)));
}

// Sum of the lanes, by halves.
INLINE_avx2 float vec_sum_avx2(vec_avx2 v) {
    const __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
}

INLINE_avx2 float vec_greatest_avx2(vec_avx2 v) {
    const __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 pair = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(pair, _mm_movehdup_ps(pair)));
}

"""##,
    "simd/avx512": ##"""
#include <immintrin.h>

#define TARGET_avx512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma")))
#define INLINE_avx512 static inline __attribute__((always_inline, unused)) TARGET_avx512

typedef __m512 vec_avx512;
typedef uint32_t uvec_avx512 __attribute__((vector_size(64)));
enum { WIDTH_avx512 = 16 };
enum { PANEL_avx512 = 16 / WIDTH_avx512 }; // vectors in a panel of 16 columns

INLINE_avx512 __mmask16 first_lanes_avx512(size_t n) {
    return n >= 16 ? (__mmask16)0xffff : (__mmask16)((1u << n) - 1u);
}

INLINE_avx512 vec_avx512 vec_load_avx512(const float *p) {
    return _mm512_loadu_ps(p);
}

INLINE_avx512 void vec_store_avx512(float *p, vec_avx512 v) {
    _mm512_storeu_ps(p, v);
}

// The first n lanes, zero behind them; no byte beyond is read.
INLINE_avx512 vec_avx512 vec_load_partial_avx512(const float *p, size_t n) {
    return n >= 16 ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(first_lanes_avx512(n), p);
}

INLINE_avx512 void vec_store_partial_avx512(float *p, vec_avx512 v, size_t n) {
    if (n >= 16)
        _mm512_storeu_ps(p, v);
    else
        _mm512_mask_storeu_ps(p, first_lanes_avx512(n), v);
}

INLINE_avx512 vec_avx512 vec_set1_avx512(float x) {
    return _mm512_set1_ps(x);
}

INLINE_avx512 uvec_avx512 uvec_set1_avx512(uint32_t x) {
    return (uvec_avx512)_mm512_set1_epi32((int32_t)x);
}

INLINE_avx512 uvec_avx512 uvec_load_partial_avx512(const uint32_t *p, size_t n) {
    return (uvec_avx512)_mm512_maskz_loadu_epi32(first_lanes_avx512(n), p);
}

INLINE_avx512 void uvec_store_partial_avx512(uint32_t *p, uvec_avx512 v, size_t n) {
    _mm512_mask_storeu_epi32(p, first_lanes_avx512(n), (__m512i)v);
}

// 0, 1, 2, ...
INLINE_avx512 uvec_avx512 uvec_lanes_avx512(void) {
    return (uvec_avx512){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}

// Integers below 2^31 as floats.
INLINE_avx512 vec_avx512 vec_from_uvec_avx512(uvec_avx512 x) {
    return _mm512_cvtepi32_ps((__m512i)x);
}

// a b + c, rounded once.
INLINE_avx512 vec_avx512 vec_fma_avx512(vec_avx512 a, vec_avx512 b, vec_avx512 c) {
    return _mm512_fmadd_ps(a, b, c);
}

// c - a b, rounded once.
INLINE_avx512 vec_avx512 vec_fnma_avx512(vec_avx512 a, vec_avx512 b, vec_avx512 c) {
    return _mm512_fnmadd_ps(a, b, c);
}

// a > b ? a : b, so that a NaN in b stays.
INLINE_avx512 vec_avx512 vec_max_avx512(vec_avx512 a, vec_avx512 b) {
    return _mm512_max_ps(a, b);
}

// a < b ? a : b
INLINE_avx512 vec_avx512 vec_min_avx512(vec_avx512 a, vec_avx512 b) {
    return _mm512_min_ps(a, b);
}

INLINE_avx512 vec_avx512 vec_sqrt_avx512(vec_avx512 a) {
    return _mm512_sqrt_ps(a);
}

// a > b ? yes : no
INLINE_avx512 vec_avx512 vec_select_avx512(vec_avx512 a, vec_avx512 b, vec_avx512 yes, vec_avx512 no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), no, yes);
}

// a > b ? yes : no
INLINE_avx512 uvec_avx512 uvec_select_avx512(vec_avx512 a, vec_avx512 b, uvec_avx512 yes, uvec_avx512 no) {
    const __mmask16 greater = _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
    return (uvec_avx512)_mm512_mask_blend_epi32(greater, (__m512i)no, (__m512i)yes);
}

// Lane i of yes where bytes[i] is nonzero, of no elsewhere; of the bytes only n are read.
INLINE_avx512 vec_avx512 vec_choose_avx512(const uint8_t *bytes, size_t n, vec_avx512 yes, vec_avx512 no) {
    const __m128i sixteen = n >= 16 ? _mm_loadu_si128((const __m128i *)(const void *)bytes)
                                    : _mm_maskz_loadu_epi8(first_lanes_avx512(n), bytes);
    return _mm512_mask_blend_ps(_mm_test_epi8_mask(sixteen, sixteen), no, yes);
}

// Lanes whose bit is set, from the lowest on; zero in the others, whatever was there.
INLINE_avx512 vec_avx512 vec_keep_avx512(vec_avx512 v, uint32_t bits) {
    // Compilers would make one instruction of this and of loading v: slow where that crosses a cache line.
    __asm__("" : "+v"(v));
    return _mm512_maskz_mov_ps((__mmask16)bits, v);
}

// Sum of the lanes, by halves.
INLINE_avx512 float vec_sum_avx512(vec_avx512 v) {
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
}

INLINE_avx512 float vec_greatest_avx512(vec_avx512 v) {
    const __m256 half = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    const __m128 quarter = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    const __m128 pair = _mm_max_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_max_ss(pair, _mm_movehdup_ps(pair)));
}

// 2^t within 3e-6 of it; 0 and infinity where single precision ends.
INLINE_avx512 vec_avx512 vec_exp2_nearly_avx512(vec_avx512 t) {
    const vec_avx512 r = _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF); // from 0 to 1
    vec_avx512 s = vec_set1_avx512(1.3534166850e-2f);
    s = vec_fma_avx512(s, r, vec_set1_avx512(5.2011460066e-2f));
    s = vec_fma_avx512(s, r, vec_set1_avx512(2.4144275486e-1f));
    s = vec_fma_avx512(s, r, vec_set1_avx512(6.9300383329e-1f));
    s = vec_fma_avx512(s, r, vec_set1_avx512(1.0000026226f));
    return _mm512_scalef_ps(s, t);
}

// 1 / (1 + e^-x) within 7e-5 of it, in half the instructions of the exact one.
INLINE_avx512 vec_avx512 vec_sigmoid_nearly_avx512(vec_avx512 x) {
    const vec_avx512 e = vec_exp2_nearly_avx512(x * vec_set1_avx512(-1.44269504f));
    return _mm512_rcp14_ps(e + vec_set1_avx512(1.0f));
}

// Hyperbolic tangent within 1.3e-4, as 1 - 2 / (1 + e^2x).
INLINE_avx512 vec_avx512 vec_tanh_nearly_avx512(vec_avx512 x) {
    const vec_avx512 e = vec_exp2_nearly_avx512(x * vec_set1_avx512(2.88539008f));
    const vec_avx512 y = _mm512_rcp14_ps(e + vec_set1_avx512(1.0f));
    return vec_fnma_avx512(vec_set1_avx512(2.0f), y, vec_set1_avx512(1.0f));
}
#define NEARLY_avx512

"""##,
    "simd/avx512amx": ##"""
#define TARGET_avx512amx                                                                                     \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vbmi,avx512vnni,avx512bf16,fma,"         \
                          "amx-tile,amx-bf16,amx-int8")))
#define INLINE_avx512amx static inline __attribute__((always_inline, unused)) TARGET_avx512amx

"""##,
    "simd/avx512vnni": ##"""
#define TARGET_avx512vnni                                                                                    \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vbmi,avx512vnni,avx512bf16,fma")))
#define INLINE_avx512vnni static inline __attribute__((always_inline, unused)) TARGET_avx512vnni

"""##,
    "simd/math": ##"""
// Elementary functions. Errors are the greatest found over all of [-87, 88] (see the tests); NaN stays
// NaN.

// 2^n for an integer-valued n in [-126, 128]; 2^128 is infinity.
INLINE_@ISA@ vec_@ISA@ power_of_two_@ISA@(vec_@ISA@ n) {
    // Adding 1.5 * 2^23 + 127 leaves n + 127 in the low bits of the sum: shifted, they are the
    // exponent.
    const vec_@ISA@ biased = n + vec_set1_@ISA@(12583039.0f);
    return (vec_@ISA@)((uvec_@ISA@)biased << 23);
}

// The integer nearest to x, |x| < 2^22.
INLINE_@ISA@ vec_@ISA@ nearest_@ISA@(vec_@ISA@ x) {
    const vec_@ISA@ shift = vec_set1_@ISA@(12582912.0f);
    return (x + shift) - shift;
}

// x - n ln 2, with ln 2 in two parts so that n times the first is exact.
INLINE_@ISA@ vec_@ISA@ reduced_@ISA@(vec_@ISA@ x, vec_@ISA@ n) {
    const vec_@ISA@ r = vec_fnma_@ISA@(n, vec_set1_@ISA@(0.693359375f), x);
    return vec_fnma_@ISA@(n, vec_set1_@ISA@(-2.12194440e-4f), r);
}

// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2.
INLINE_@ISA@ vec_@ISA@ exp_series_@ISA@(vec_@ISA@ r) {
    vec_@ISA@ s = vec_set1_@ISA@(1.9875691500e-4f);
    s = vec_fma_@ISA@(s, r, vec_set1_@ISA@(1.3981999507e-3f));
    s = vec_fma_@ISA@(s, r, vec_set1_@ISA@(8.3334519073e-3f));
    s = vec_fma_@ISA@(s, r, vec_set1_@ISA@(4.1665795894e-2f));
    s = vec_fma_@ISA@(s, r, vec_set1_@ISA@(1.6666665459e-1f));
    return vec_fma_@ISA@(s, r, vec_set1_@ISA@(5.0000001201e-1f));
}

// e^x within 2 ULP; 0 below -87.33 (where the result would be subnormal), infinity above 88.37.
INLINE_@ISA@ vec_@ISA@ vec_exp_@ISA@(vec_@ISA@ x) {
    const vec_@ISA@ least = vec_set1_@ISA@(-87.33f), greatest = vec_set1_@ISA@(89.0f);
    const vec_@ISA@ y = vec_min_@ISA@(greatest, vec_max_@ISA@(least, x));
    const vec_@ISA@ n = nearest_@ISA@(y * vec_set1_@ISA@(1.44269504f));
    const vec_@ISA@ r = reduced_@ISA@(y, n);
    const vec_@ISA@ tail = vec_fma_@ISA@(exp_series_@ISA@(r), r * r, r);
    const vec_@ISA@ scale = power_of_two_@ISA@(n);
    const vec_@ISA@ result = vec_fma_@ISA@(tail, scale, scale);
    return vec_select_@ISA@(least, x, vec_set1_@ISA@(0.0f), result);
}

// 1 / (1 + e^-x) within 3 ULP; not below 1.7e-38.
INLINE_@ISA@ vec_@ISA@ vec_sigmoid_@ISA@(vec_@ISA@ x) {
    const vec_@ISA@ bound = vec_set1_@ISA@(87.0f), one = vec_set1_@ISA@(1.0f);
    const vec_@ISA@ y = vec_min_@ISA@(bound, vec_max_@ISA@(-bound, x));
    const vec_@ISA@ n = nearest_@ISA@(y * vec_set1_@ISA@(-1.44269504f));
    const vec_@ISA@ r = reduced_@ISA@(-y, n);
    const vec_@ISA@ tail = vec_fma_@ISA@(exp_series_@ISA@(r), r * r, r);
    const vec_@ISA@ scale = power_of_two_@ISA@(n);
    return one / (vec_fma_@ISA@(tail, scale, scale) + one);
}

// Hyperbolic tangent within 3 ULP, as (e^2x - 1) / (e^2x + 1) with e^2x - 1 formed without
// cancellation.
INLINE_@ISA@ vec_@ISA@ vec_tanh_@ISA@(vec_@ISA@ x) {
    const vec_@ISA@ bound = vec_set1_@ISA@(9.1f);
    const vec_@ISA@ y = vec_min_@ISA@(bound, vec_max_@ISA@(-bound, x));
    const vec_@ISA@ doubled = y + y;
    const vec_@ISA@ n = nearest_@ISA@(y * vec_set1_@ISA@(2.88539008f));
    const vec_@ISA@ r = reduced_@ISA@(doubled, n);
    const vec_@ISA@ tail = vec_fma_@ISA@(exp_series_@ISA@(r), r * r, r);
    const vec_@ISA@ scale = power_of_two_@ISA@(n);
    const vec_@ISA@ less_one = vec_fma_@ISA@(tail, scale, scale - vec_set1_@ISA@(1.0f));
    return less_one / (less_one + vec_set1_@ISA@(2.0f));
}

// Where states are rounded to fewer bits, less exact functions do, if an instruction set has cheaper ones.
#ifndef NEARLY_@ISA@
#define vec_sigmoid_nearly_@ISA@ vec_sigmoid_@ISA@
#define vec_tanh_nearly_@ISA@ vec_tanh_@ISA@
#endif

"""##,
    "simd/neon": ##"""
#include <arm_neon.h>

#define TARGET_neon
#define INLINE_neon static inline __attribute__((always_inline, unused))

typedef float32x4_t vec_neon;
typedef uint32x4_t uvec_neon;
enum { WIDTH_neon = 4 };
enum { PANEL_neon = 16 / WIDTH_neon }; // vectors in a panel of 16 columns

INLINE_neon vec_neon vec_load_neon(const float *p) {
    return vld1q_f32(p);
}

INLINE_neon void vec_store_neon(float *p, vec_neon v) {
    vst1q_f32(p, v);
}

// The first n lanes, zero behind them; no byte beyond is read.
INLINE_neon vec_neon vec_load_partial_neon(const float *p, size_t n) {
    if (n >= 4)
        return vld1q_f32(p);
    float lane[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i++)
        lane[i] = p[i];
    return vld1q_f32(lane);
}

INLINE_neon void vec_store_partial_neon(float *p, vec_neon v, size_t n) {
    if (n >= 4) {
        vst1q_f32(p, v);
        return;
    }
    for (size_t i = 0; i < n; i++)
        p[i] = v[i];
}

INLINE_neon vec_neon vec_set1_neon(float x) {
    return vdupq_n_f32(x);
}

INLINE_neon uvec_neon uvec_set1_neon(uint32_t x) {
    return vdupq_n_u32(x);
}

INLINE_neon uvec_neon uvec_load_partial_neon(const uint32_t *p, size_t n) {
    uvec_neon v = {0, 0, 0, 0};
    for (size_t i = 0; i < n && i < 4; i++)
        v[i] = p[i];
    return v;
}

INLINE_neon void uvec_store_partial_neon(uint32_t *p, uvec_neon v, size_t n) {
    for (size_t i = 0; i < n && i < 4; i++)
        p[i] = v[i];
}

// 0, 1, 2, ...
INLINE_neon uvec_neon uvec_lanes_neon(void) {
    return (uvec_neon){0, 1, 2, 3};
}

// Integers below 2^31 as floats.
INLINE_neon vec_neon vec_from_uvec_neon(uvec_neon x) {
    return vcvtq_f32_u32(x);
}

// a b + c, rounded once.
INLINE_neon vec_neon vec_fma_neon(vec_neon a, vec_neon b, vec_neon c) {
    return vfmaq_f32(c, a, b);
}

// c - a b, rounded once.
INLINE_neon vec_neon vec_fnma_neon(vec_neon a, vec_neon b, vec_neon c) {
    return vfmsq_f32(c, a, b);
}

// a > b ? yes : no
INLINE_neon vec_neon vec_select_neon(vec_neon a, vec_neon b, vec_neon yes, vec_neon no) {
    return vbslq_f32(vcgtq_f32(a, b), yes, no);
}

// a > b ? yes : no
INLINE_neon uvec_neon uvec_select_neon(vec_neon a, vec_neon b, uvec_neon yes, uvec_neon no) {
    return vbslq_u32(vcgtq_f32(a, b), yes, no);
}

// Lane i of yes where bytes[i] is nonzero, of no elsewhere; of the bytes only n are read.
INLINE_neon vec_neon vec_choose_neon(const uint8_t *bytes, size_t n, vec_neon yes, vec_neon no) {
    uint32_t four = 0;
    if (n >= 4)
        memcpy(&four, bytes, 4);
    else
        for (size_t i = 0; i < n; i++)
            four |= (uint32_t)bytes[i] << 8 * i;
    const uint32x4_t words = vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(four))));
    return vbslq_f32(vtstq_u32(words, words), yes, no);
}

// Lanes whose bit is set, from the lowest on; zero in the others, whatever was there.
INLINE_neon vec_neon vec_keep_neon(vec_neon v, uint32_t bits) {
    static const uint32_t own[4] = {1, 2, 4, 8};
    const uint32x4_t kept = vtstq_u32(vdupq_n_u32(bits), vld1q_u32(own));
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(v), kept));
}

// The greater; a NaN stays.
INLINE_neon vec_neon vec_max_neon(vec_neon a, vec_neon b) {
    return vmaxq_f32(a, b);
}

INLINE_neon vec_neon vec_min_neon(vec_neon a, vec_neon b) {
    return vminq_f32(a, b);
}

INLINE_neon vec_neon vec_sqrt_neon(vec_neon a) {
    return vsqrtq_f32(a);
}

// Sum of the lanes, by halves.
INLINE_neon float vec_sum_neon(vec_neon v) {
    return (v[0] + v[2]) + (v[1] + v[3]);
}

INLINE_neon float vec_greatest_neon(vec_neon v) {
    return vmaxvq_f32(v);
}

"""##,
    "simd/portable": ##"""
// Portable C over vectors of 16 bytes (the vector extension of GCC and clang); products and sums round
// separately.
#define TARGET_portable
#define INLINE_portable static inline __attribute__((always_inline, unused))

typedef float vec_portable __attribute__((vector_size(16)));
typedef uint32_t uvec_portable __attribute__((vector_size(16)));
enum { WIDTH_portable = 4 };
enum { PANEL_portable = 16 / WIDTH_portable }; // vectors in a panel of 16 columns

INLINE_portable vec_portable vec_load_portable(const float *p) {
    vec_portable v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE_portable void vec_store_portable(float *p, vec_portable v) {
    memcpy(p, &v, sizeof v);
}

// The first n lanes, zero behind them; no byte beyond is read.
INLINE_portable vec_portable vec_load_partial_portable(const float *p, size_t n) {
    if (n >= 4)
        return vec_load_portable(p);
    float lane[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i++)
        lane[i] = p[i];
    return vec_load_portable(lane);
}

INLINE_portable void vec_store_partial_portable(float *p, vec_portable v, size_t n) {
    if (n >= 4) {
        vec_store_portable(p, v);
        return;
    }
    for (size_t i = 0; i < n; i++)
        p[i] = v[i];
}

INLINE_portable vec_portable vec_set1_portable(float x) {
    return (vec_portable){x, x, x, x};
}

INLINE_portable uvec_portable uvec_set1_portable(uint32_t x) {
    return (uvec_portable){x, x, x, x};
}

INLINE_portable uvec_portable uvec_load_partial_portable(const uint32_t *p, size_t n) {
    uvec_portable v = {0, 0, 0, 0};
    for (size_t i = 0; i < n && i < 4; i++)
        v[i] = p[i];
    return v;
}

INLINE_portable void uvec_store_partial_portable(uint32_t *p, uvec_portable v, size_t n) {
    for (size_t i = 0; i < n && i < 4; i++)
        p[i] = v[i];
}

// 0, 1, 2, ...
INLINE_portable uvec_portable uvec_lanes_portable(void) {
    return (uvec_portable){0, 1, 2, 3};
}

// Integers below 2^31 as floats.
INLINE_portable vec_portable vec_from_uvec_portable(uvec_portable x) {
    typedef int32_t ivec __attribute__((vector_size(16)));
    return __builtin_convertvector((ivec)x, vec_portable);
}

// a b + c
INLINE_portable vec_portable vec_fma_portable(vec_portable a, vec_portable b, vec_portable c) {
    return a * b + c;
}

// c - a b
INLINE_portable vec_portable vec_fnma_portable(vec_portable a, vec_portable b, vec_portable c) {
    return c - a * b;
}

// a > b ? yes : no
INLINE_portable uvec_portable uvec_select_portable(vec_portable a, vec_portable b, uvec_portable yes,
                                                   uvec_portable no) {
    const uvec_portable greater = (uvec_portable)(a > b);
    return (greater & yes) | (~greater & no);
}

// a > b ? yes : no
INLINE_portable vec_portable vec_select_portable(vec_portable a, vec_portable b, vec_portable yes,
                                                 vec_portable no) {
    return (vec_portable)uvec_select_portable(a, b, (uvec_portable)yes, (uvec_portable)no);
}

// Lane i of yes where bytes[i] is nonzero, of no elsewhere; of the bytes only n are read.
INLINE_portable vec_portable vec_choose_portable(const uint8_t *bytes, size_t n, vec_portable yes,
                                                 vec_portable no) {
    typedef uint8_t byte_vector __attribute__((vector_size(4)));
    byte_vector four = {0, 0, 0, 0};
    if (n >= 4)
        memcpy(&four, bytes, 4);
    else
        for (size_t i = 0; i < n; i++)
            four[i] = bytes[i];
    const uvec_portable words = __builtin_convertvector(four, uvec_portable);
    const uvec_portable kept = (uvec_portable)(words != 0);
    return (vec_portable)((kept & (uvec_portable)yes) | (~kept & (uvec_portable)no));
}

// Lanes whose bit is set, from the lowest on; zero in the others, whatever was there.
INLINE_portable vec_portable vec_keep_portable(vec_portable v, uint32_t bits) {
    const uvec_portable own = {1, 2, 4, 8};
    const uvec_portable kept = (uvec_portable)((uvec_set1_portable(bits) & own) != 0);
    return (vec_portable)((uvec_portable)v & kept);
}

// a > b ? a : b, so that a NaN in b stays.
INLINE_portable vec_portable vec_max_portable(vec_portable a, vec_portable b) {
    return vec_select_portable(a, b, a, b);
}

// a < b ? a : b
INLINE_portable vec_portable vec_min_portable(vec_portable a, vec_portable b) {
    return vec_select_portable(b, a, a, b);
}

INLINE_portable vec_portable vec_sqrt_portable(vec_portable a) {
    return (vec_portable){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}

// Sum of the lanes, by halves.
INLINE_portable float vec_sum_portable(vec_portable v) {
    return (v[0] + v[2]) + (v[1] + v[3]);
}

INLINE_portable float vec_greatest_portable(vec_portable v) {
    const float even = v[0] > v[2] ? v[0] : v[2];
    const float odd = v[1] > v[3] ? v[1] : v[3];
    return even > odd ? even : odd;
}

"""##,
    "weights/bf16": ##"""
// Weights in bfloat16, the upper halves of floats: a word holds those of two inputs, the first one below.
typedef vec_@VEC@ sum_bf16_@ISA@;
typedef vec_@VEC@ weight_bf16_@ISA@;
typedef float input_bf16_@ISA@;
enum { PARTS_bf16_@ISA@ = 2, ROUNDS_bf16_@ISA@ = 0 };

INLINE_@ISA@ weight_bf16_@ISA@ weights_bf16_@ISA@(const uint32_t *words, const size_t part) {
    uvec_@VEC@ w;
    memcpy(&w, words, sizeof w);
    return (vec_@VEC@)(part == 0 ? w << 16 : w & 0xFFFF0000u);
}

INLINE_@ISA@ weight_bf16_@ISA@ spread_bf16_@ISA@(const float *x, size_t word, const size_t part) {
    return vec_set1_@VEC@(x[2 * word + part]);
}

INLINE_@ISA@ sum_bf16_@ISA@ fma_bf16_@ISA@(weight_bf16_@ISA@ x, weight_bf16_@ISA@ w, sum_bf16_@ISA@ sum) {
    return vec_fma_@VEC@(x, w, sum);
}

INLINE_@ISA@ vec_@VEC@ floats_bf16_@ISA@(const struct wide *m, sum_bf16_@ISA@ sum, size_t column, const float *scales, size_t row) {
    (void)m, (void)column, (void)scales, (void)row;
    return sum;
}

// Inputs stay as they are, but for zeros where the last word has no inputs.
INLINE_@ISA@ float prepare_row_bf16_@ISA@(const float *x, size_t count, float bound, float *prepared) {
    (void)bound;
    memcpy(prepared, x, count * sizeof *x);
    for (; count % 2 != 0; count++)
        prepared[count] = 0.0f;
    return 1.0f;
}

"""##,
    "weights/bf16_dot": ##"""
// Weights in bfloat16, a word holds those of two inputs. The inputs are rounded to bfloat16 as well, so that
// one instruction adds the products of a word; sums are in single precision.
typedef __m512 sum_bf16_@ISA@;
typedef __m512bh weight_bf16_@ISA@;
typedef uint32_t input_bf16_@ISA@;
enum { PARTS_bf16_@ISA@ = 1, ROUNDS_bf16_@ISA@ = 1 };

INLINE_@ISA@ weight_bf16_@ISA@ weights_bf16_@ISA@(const uint32_t *words, const size_t part) {
    (void)part;
    return (__m512bh)_mm512_loadu_si512(words);
}

INLINE_@ISA@ weight_bf16_@ISA@ spread_bf16_@ISA@(const uint32_t *x, size_t word, const size_t part) {
    (void)part;
    return (__m512bh)_mm512_set1_epi32((int32_t)x[word]);
}

INLINE_@ISA@ sum_bf16_@ISA@ fma_bf16_@ISA@(weight_bf16_@ISA@ x, weight_bf16_@ISA@ w, sum_bf16_@ISA@ sum) {
    return _mm512_dpbf16_ps(sum, w, x);
}

INLINE_@ISA@ vec_@VEC@ floats_bf16_@ISA@(const struct wide *m, sum_bf16_@ISA@ sum, size_t column, const float *scales, size_t row) {
    (void)m, (void)column, (void)scales, (void)row;
    return sum;
}

// Rounds a row of inputs; returns what sums are to be multiplied with.
INLINE_@ISA@ float prepare_row_bf16_@ISA@(const float *x, size_t count, float bound, uint32_t *words) {
    (void)bound;
    for (size_t k = 0; k < count; k += 16) {
        const __m512 v = vec_load_partial_@VEC@(x + k, lanes(count, k, 16));
        _mm256_storeu_si256((__m256i *)(void *)(words + k / 2), (__m256i)_mm512_cvtneps_pbh(v));
    }
    return 1.0f;
}

"""##,
    "weights/f32": ##"""
// Weights in single precision: a word is one of them.
typedef vec_@VEC@ sum_f32_@ISA@;
typedef vec_@VEC@ weight_f32_@ISA@;
typedef float input_f32_@ISA@;
enum { PARTS_f32_@ISA@ = 1, ROUNDS_f32_@ISA@ = 0 };

INLINE_@ISA@ weight_f32_@ISA@ weights_f32_@ISA@(const uint32_t *words, const size_t part) {
    (void)part;
    return vec_load_@VEC@((const float *)(const void *)words);
}

INLINE_@ISA@ weight_f32_@ISA@ spread_f32_@ISA@(const float *x, size_t word, const size_t part) {
    return vec_set1_@VEC@(x[word + part]);
}

INLINE_@ISA@ sum_f32_@ISA@ fma_f32_@ISA@(weight_f32_@ISA@ x, weight_f32_@ISA@ w, sum_f32_@ISA@ sum) {
    return vec_fma_@VEC@(x, w, sum);
}

INLINE_@ISA@ vec_@VEC@ floats_f32_@ISA@(const struct wide *m, sum_f32_@ISA@ sum, size_t column, const float *scales, size_t row) {
    (void)m, (void)column, (void)scales, (void)row;
    return sum;
}

INLINE_@ISA@ float prepare_row_f32_@ISA@(const float *x, size_t count, float bound, float *prepared) {
    (void)bound;
    memcpy(prepared, x, count * sizeof *x);
    return 1.0f;
}

"""##,
    "weights/int8": ##"""
// Weights in eight bits with a scale for each row of the matrix: a word holds those of four inputs, the
// first one in its lowest byte.
typedef vec_@VEC@ sum_int8_@ISA@;
typedef vec_@VEC@ weight_int8_@ISA@;
typedef float input_int8_@ISA@;
enum { PARTS_int8_@ISA@ = 4, ROUNDS_int8_@ISA@ = 0 };

INLINE_@ISA@ weight_int8_@ISA@ weights_int8_@ISA@(const uint32_t *words, const size_t part) {
    typedef int32_t ints __attribute__((vector_size(sizeof(vec_@VEC@))));
    typedef float floats __attribute__((vector_size(sizeof(vec_@VEC@))));
    uvec_@VEC@ w;
    memcpy(&w, words, sizeof w);
    return (vec_@VEC@) __builtin_convertvector((ints)(w << (uint32_t)(24 - 8 * part)) >> 24, floats);
}

INLINE_@ISA@ weight_int8_@ISA@ spread_int8_@ISA@(const float *x, size_t word, const size_t part) {
    return vec_set1_@VEC@(x[4 * word + part]);
}

INLINE_@ISA@ sum_int8_@ISA@ fma_int8_@ISA@(weight_int8_@ISA@ x, weight_int8_@ISA@ w, sum_int8_@ISA@ sum) {
    return vec_fma_@VEC@(x, w, sum);
}

INLINE_@ISA@ vec_@VEC@ floats_int8_@ISA@(const struct wide *m, sum_int8_@ISA@ sum, size_t column, const float *scales, size_t row) {
    (void)scales, (void)row;
    return sum * vec_load_@VEC@(m->scales + column);
}

// Inputs stay as they are, but for zeros where the last word has no inputs.
INLINE_@ISA@ float prepare_row_int8_@ISA@(const float *x, size_t count, float bound, float *prepared) {
    (void)bound;
    memcpy(prepared, x, count * sizeof *x);
    for (; count % 4 != 0; count++)
        prepared[count] = 0.0f;
    return 1.0f;
}

"""##,
    "weights/int8_dot": ##"""
// Weights in eight bits with a scale for each row of the matrix, a word holds those of four inputs. The
// inputs are rounded to eight bits as well, with one scale for all of a row and 128 added, so that one
// instruction adds the products of a word; sums are exact.
typedef int32_t sum_int8_@ISA@ __attribute__((vector_size(64)));
typedef __m512i weight_int8_@ISA@;
typedef uint32_t input_int8_@ISA@;
enum { PARTS_int8_@ISA@ = 1, ROUNDS_int8_@ISA@ = 1 };

INLINE_@ISA@ weight_int8_@ISA@ weights_int8_@ISA@(const uint32_t *words, const size_t part) {
    (void)part;
    return _mm512_loadu_si512(words);
}

INLINE_@ISA@ weight_int8_@ISA@ spread_int8_@ISA@(const uint32_t *x, size_t word, const size_t part) {
    (void)part;
    return _mm512_set1_epi32((int32_t)x[word]);
}

INLINE_@ISA@ sum_int8_@ISA@ fma_int8_@ISA@(weight_int8_@ISA@ x, weight_int8_@ISA@ w, sum_int8_@ISA@ sum) {
    return (sum_int8_@ISA@)_mm512_dpbusd_epi32((__m512i)sum, x, w);
}

INLINE_@ISA@ vec_@VEC@ floats_int8_@ISA@(const struct wide *m, sum_int8_@ISA@ sum, size_t column, const float *scales, size_t row) {
    const __m512i products = _mm512_sub_epi32((__m512i)sum, _mm512_loadu_si512(m->excess + column));
    const vec_@VEC@ scale = vec_load_@VEC@(m->scales + column) * vec_set1_@VEC@(scales[row]);
    return _mm512_cvtepi32_ps(products) * scale;
}

// Rounds a row of inputs, none of which is beyond `bound` (0: beyond the greatest that is found); returns
// what sums are to be multiplied with.
INLINE_@ISA@ float prepare_row_int8_@ISA@(const float *x, size_t count, float bound, uint32_t *words) {
    if (bound == 0.0f) {
        __m512 greatest = _mm512_setzero_ps();
        for (size_t k = 0; k < count; k += 16) {
            const __m512 v = vec_load_partial_@VEC@(x + k, lanes(count, k, 16));
            greatest = _mm512_max_ps(greatest, _mm512_abs_ps(v));
        }
        bound = vec_greatest_@VEC@(greatest);
    }
    const __m512 factor = vec_set1_@VEC@(bound > 0.0f ? 127.0f / bound : 0.0f);
    for (size_t k = 0; k < count; k += 16) {
        const __m512 v = vec_load_partial_@VEC@(x + k, lanes(count, k, 16)) * factor;
        const __m512i q = _mm512_add_epi32(_mm512_cvtps_epi32(v), _mm512_set1_epi32(128));
        _mm_storeu_si128((__m128i *)(void *)(words + k / 4), _mm512_cvtepi32_epi8(q));
    }
    return bound / 127.0f;
}

"""##,
    "weights/joint_masks": ##"""
// The masks of a group for the block that begins with a column.
INLINE_@ISA@ const uint32_t *joint_users_@WEIGHTS@_@ISA@(const struct joint *m, size_t first, size_t group) {
    return m->users + group * m->of_group + first / 64 * m->words * m->of_mask;
}

// How far apart those of words are.
INLINE_@ISA@ size_t joint_step_@WEIGHTS@_@ISA@(const struct joint *m, size_t vectors) {
    (void)vectors;
    return m->of_mask;
}

INLINE_@ISA@ weight_@WEIGHTS@_@ISA@ joint_x_@WEIGHTS@_@ISA@(const input_@WEIGHTS@_@ISA@ *x, size_t word, const size_t part, size_t group) {
    (void)group;
    return spread_@WEIGHTS@_@ISA@(x, word, part);
}

"""##,
    "weights/joint_masks_any": ##"""
// Weights that a group does not use are multiplied as zeros.
typedef uvec_@VEC@ kept_@WEIGHTS@_@ISA@;

// Which of the weights of a vector group g uses; `at` is where the mask of the word is.
INLINE_@ISA@ kept_@WEIGHTS@_@ISA@ joint_kept_@WEIGHTS@_@ISA@(const uint32_t *at, size_t slice, size_t g, const size_t v, const size_t part) {
    (void)g;
    const size_t first = (16 * v + slice * WIDTH_@VEC@) * WEIGHTS_@WEIGHTS@;
    const uvec_@VEC@ bits = uvec_set1_@VEC@(at[first / 32] >> first % 32);
    const uvec_@VEC@ lane = uvec_lanes_@VEC@();
    const uvec_@VEC@ own = uvec_set1_@VEC@(1) << (lane * WEIGHTS_@WEIGHTS@ + (uint32_t)part);
    return (uvec_@VEC@)((bits & own) == own);
}

INLINE_@ISA@ sum_@WEIGHTS@_@ISA@ joint_fma_@WEIGHTS@_@ISA@(weight_@WEIGHTS@_@ISA@ x, weight_@WEIGHTS@_@ISA@ w, kept_@WEIGHTS@_@ISA@ kept, sum_@WEIGHTS@_@ISA@ sum) {
    return fma_@WEIGHTS@_@ISA@(x, (vec_@VEC@)((uvec_@VEC@)w & kept), sum);
}

"""##,
    "weights/joint_masks_bf16": ##"""
// Weights that a group does not use are multiplied as zeros, which mask registers make of them.
typedef __mmask32 kept_bf16_@ISA@;

// Which of the weights of a vector group g uses; `at` is where the mask of the word is.
INLINE_@ISA@ kept_bf16_@ISA@ joint_kept_bf16_@ISA@(const uint32_t *at, size_t slice, size_t g, const size_t v, const size_t part) {
    (void)slice, (void)g, (void)part;
    return (__mmask32)at[v];
}

INLINE_@ISA@ sum_bf16_@ISA@ joint_fma_bf16_@ISA@(weight_bf16_@ISA@ x, weight_bf16_@ISA@ w, kept_bf16_@ISA@ kept, sum_bf16_@ISA@ sum) {
    return _mm512_dpbf16_ps(sum, x, (__m512bh)_mm512_maskz_mov_epi16(kept, (__m512i)w));
}

"""##,
    "weights/joint_masks_f32": ##"""
// Weights that a group does not use are left out by mask registers.
typedef __mmask16 kept_f32_@ISA@;

// Which of the weights of a vector group g uses; `at` is where the mask of the word is. A shift is cheaper
// than another load.
INLINE_@ISA@ kept_f32_@ISA@ joint_kept_f32_@ISA@(const uint32_t *at, size_t slice, size_t g, const size_t v, const size_t part) {
    (void)slice, (void)g, (void)part;
    uint64_t all;
    memcpy(&all, at, sizeof all);
    return (__mmask16)(all >> 16 * v);
}

INLINE_@ISA@ sum_f32_@ISA@ joint_fma_f32_@ISA@(weight_f32_@ISA@ x, weight_f32_@ISA@ w, kept_f32_@ISA@ kept, sum_f32_@ISA@ sum) {
    return _mm512_mask3_fmadd_ps(x, w, sum, kept);
}

"""##,
    "weights/joint_numbers": ##"""
// The users of the weights of the block that begins with a column.
INLINE_@ISA@ const uint32_t *joint_users_int8_@ISA@(const struct joint *m, size_t first, size_t group) {
    (void)group;
    return m->users + first * m->words;
}

// How far apart those of words are.
INLINE_@ISA@ size_t joint_step_int8_@ISA@(const struct joint *m, size_t vectors) {
    (void)m;
    return 16 * vectors;
}

"""##,
    "weights/joint_numbers_any": ##"""
// Weights that a group does not use are multiplied as zeros.
typedef uvec_@VEC@ kept_int8_@ISA@;

INLINE_@ISA@ weight_int8_@ISA@ joint_x_int8_@ISA@(const input_int8_@ISA@ *x, size_t word, const size_t part, size_t group) {
    (void)group;
    return spread_int8_@ISA@(x, word, part);
}

// Which of the weights of a vector group g uses.
INLINE_@ISA@ kept_int8_@ISA@ joint_kept_int8_@ISA@(const uint32_t *at, size_t slice, size_t g, const size_t v, const size_t part) {
    uvec_@VEC@ all;
    memcpy(&all, at + 16 * v + slice * WIDTH_@VEC@, sizeof all);
    return -(all >> (uint32_t)(8 * part + 2 + g) & 1u);
}

INLINE_@ISA@ sum_int8_@ISA@ joint_fma_int8_@ISA@(weight_int8_@ISA@ x, weight_int8_@ISA@ w, kept_int8_@ISA@ kept, sum_int8_@ISA@ sum) {
    return fma_int8_@ISA@(x, (vec_@VEC@)((uvec_@VEC@)w & kept), sum);
}

"""##,
    "weights/joint_numbers_int8": ##"""
// Each weight is multiplied with the entry of a table that its users are the number of; the four weights of a
// word have tables side by side.
typedef __m512i kept_int8_@ISA@;

// The table of an input for a group.
INLINE_@ISA@ weight_int8_@ISA@ joint_x_int8_@ISA@(const input_int8_@ISA@ *x, size_t word, const size_t part, size_t group) {
    (void)part;
    const uint64_t with_bit = UINT64_C(0xFF00F0F0CCCCAAAA); // of each group: the numbers that have its bit
    return _mm512_maskz_set1_epi32((__mmask16)(with_bit >> 16 * group), (int32_t)x[word]);
}

// Numbers of entries.
INLINE_@ISA@ kept_int8_@ISA@ joint_kept_int8_@ISA@(const uint32_t *at, size_t slice, size_t g, const size_t v, const size_t part) {
    (void)slice, (void)g, (void)part;
    return _mm512_loadu_si512(at + 16 * v);
}

INLINE_@ISA@ sum_int8_@ISA@ joint_fma_int8_@ISA@(weight_int8_@ISA@ x, weight_int8_@ISA@ w, kept_int8_@ISA@ kept, sum_int8_@ISA@ sum) {
    return (sum_int8_@ISA@)_mm512_dpbusd_epi32((__m512i)sum, _mm512_permutexvar_epi8(kept, x), w);
}

"""##,
    "weights/packed": ##"""
// The inputs of a window are picked in memory, one by one.
typedef const float *packed_window_@ISA@;
typedef const uint8_t *packed_numbers_@ISA@;

INLINE_@ISA@ packed_window_@ISA@ packed_open_@ISA@(const float *x) {
    return x;
}

INLINE_@ISA@ packed_numbers_@ISA@ packed_read_@ISA@(const uint8_t *at) {
    return at;
}

INLINE_@ISA@ vec_@ISA@ packed_pick_@ISA@(packed_window_@ISA@ in, packed_numbers_@ISA@ numbers) {
    vec_@ISA@ picked = {0};
    UNROLL
    for (size_t lane = 0; lane < WIDTH_@ISA@; lane++)
        picked[lane] = in[numbers[lane]];
    return picked;
}

"""##,
    "weights/packed_permute": ##"""
// The inputs of a window are two registers, of which one instruction picks 16.
typedef struct {
    __m512 low, high;
} packed_window_@ISA@;
typedef __m512i packed_numbers_@ISA@;

INLINE_@ISA@ packed_window_@ISA@ packed_open_@ISA@(const float *x) {
    return (packed_window_@ISA@){_mm512_loadu_ps(x), _mm512_loadu_ps(x + 16)};
}

INLINE_@ISA@ packed_numbers_@ISA@ packed_read_@ISA@(const uint8_t *at) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)at));
}

INLINE_@ISA@ vec_@ISA@ packed_pick_@ISA@(packed_window_@ISA@ in, packed_numbers_@ISA@ numbers) {
    return _mm512_permutex2var_ps(in.low, numbers, in.high);
}

"""##,
    "weights/split_dot": ##"""
// Weights in single precision as sums of two numbers in bfloat16, the weight rounded and what is left of it,
// and inputs likewise: of the four products the one of both lower halves is left out. An input and a weight
// are within 2^-18 of themselves then, and so is what is left out.
typedef __m512 sum_split_@ISA@;
typedef uint32_t input_split_@ISA@;
enum { PARTS_split_@ISA@ = 1, ROUNDS_split_@ISA@ = 0 };

INLINE_@ISA@ vec_@VEC@ floats_split_@ISA@(const struct wide *m, sum_split_@ISA@ sum, size_t column, const float *scales, size_t row) {
    (void)m, (void)column, (void)scales, (void)row;
    return sum;
}

// Splits a row of inputs: upper halves, then lower halves, both with zeros up to a multiple of 32.
INLINE_@ISA@ float prepare_row_split_@ISA@(const float *x, size_t count, float bound, uint32_t *words) {
    (void)bound;
    uint32_t *const lower = words + (count + 63) / 64 * 32;
    for (size_t k = 0; k < DEPTH_split(count); k += 16) {
        const __m512 v = vec_load_partial_@VEC@(x + smaller(k, count), k < count ? lanes(count, k, 16) : 0);
        const __m256bh upper = _mm512_cvtneps_pbh(v);
        const __m256bh rest = _mm512_cvtneps_pbh(v - _mm512_cvtpbh_ps(upper));
        _mm256_storeu_si256((__m256i *)(void *)(words + k / 2), (__m256i)upper);
        _mm256_storeu_si256((__m256i *)(void *)(lower + k / 2), (__m256i)rest);
    }
    return 1.0f;
}

"""##,
  ]
}
