// Kernels of every instruction set that this machine has, and OpenBLAS where it has an equivalent, in turns:
// medians of 45 rounds of all cases, since a slow phase of the machine then hits all alike.
#include "kernels.c"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { tokens = 160, steps = 25, forms = 120, scalars = 560, rounds = 45 };

// Everything that the cases read and write.
static float *x, *y, *weight, *panels, *bias, *h, *c, *h_next, *c_next, *work;
static int32_t token_offsets[steps + 1], scalar_offsets[64], labels[tokens], best[tokens], index_rows[tokens];
static int32_t argmax[forms * 32], scalar_steps;
static uint64_t keys[tokens];
static struct crf crf;
static volatile double sink;

static float *numbers(size_t count) {
    float *memory = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
    for (size_t i = 0; i < count; i++)
        memory[i] = 0.2f * random_uniform(splitmix64(count), (uint32_t)i) - 0.1f;
    return memory;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef void run(const struct kernels *k, int32_t rows);

static void linear_input(const struct kernels *k, int32_t rows) {
    if (k != NULL)
        k->linear_f32_n800_k130(rows, x, 130, panels, bias, y, 800, 0);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, 800, 130, 1, x, 130, weight, 130, 0, y,
                    800);
}

static void linear_recurrent(const struct kernels *k, int32_t rows) {
    if (k != NULL)
        k->linear_f32_n800_k200(rows, x, 200, panels, NULL, y, 800, 0);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, 800, 200, 1, x, 200, weight, 200, 0, y,
                    800);
}

static void linear_recurrent_back(const struct kernels *k, int32_t rows) {
    if (k != NULL)
        k->linear_transposed_f32_n200_k800(rows, x, 800, weight, NULL, y, 200, 0);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, 200, 800, 1, x, 800, weight, 200, 0, y,
                    200);
}

static void linear_input_back(const struct kernels *k, int32_t rows) {
    if (k != NULL)
        k->linear_transposed_f32_n130_k800(rows, x, 800, weight, NULL, y, 130, 0);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, 130, 800, 1, x, 800, weight, 130, 0, y,
                    130);
}

static void linear_head(const struct kernels *k, int32_t rows) {
    if (k != NULL)
        k->linear_f32_n17_k400(rows, x, 400, panels, bias, y, 17, 0);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, 17, 400, 1, x, 400, weight, 400, 0, y, 17);
}

static void weight_gradient_input(const struct kernels *k, int32_t rows) {
    if (k != NULL)
        k->weight_gradient_f32_n800_k130(rows, x, 800, h, 130, y, NULL, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, 800, 130, rows, 1, x, 800, h, 130, 1, y, 130);
}

static void weight_gradient_recurrent(const struct kernels *k, int32_t rows) {
    if (k != NULL)
        k->weight_gradient_f32_n800_k200(rows, x, 800, h, 200, y, NULL, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, 800, 200, rows, 1, x, 800, h, 200, 1, y, 200);
}

// Products of pairs in bf16: what is multiplied is in pairs already, `panels` and `h` being read as such.
static void pair_linear_input(const struct kernels *k, int32_t rows) {
    k->pair_linear_bf16_n800_k130(rows, x, 80, panels, bias, y, 800, 0);
}

static void pair_linear_recurrent_back(const struct kernels *k, int32_t rows) {
    k->pair_linear_bf16_n200_k800(rows, x, 400, panels, NULL, y, 200, 0);
}

static void pair_weight_gradient_recurrent(const struct kernels *k, int32_t rows) {
    k->pair_weight_gradient_bf16_n800_k200(rows, x, 800, h, 208, y, NULL, 0);
}

static void pair_lstm_step(const struct kernels *k, int32_t rows) {
    memcpy(y, x, sizeof(float) * 800 * (size_t)rows);
    k->pair_lstm_step_bf16_h200(rows, rows, panels, y, 800, h, 112, c, 200, h_next, 200, c_next, 200);
}

static void pair_columns(const struct kernels *k, int32_t rows) {
    k->pair_columns_bf16(rows, 800, x, 800, y, 400);
}

static void pair_rows(const struct kernels *k, int32_t rows) {
    k->pair_rows_bf16(rows, 800, x, 800, y, 800);
}

static void pack_pairs_transposed(const struct kernels *k, int32_t rows) {
    k->pack_pair_panels_transposed_bf16((size_t)rows, 200, weight, NULL, panels);
}

static void pack_lstm_pairs(const struct kernels *k, int32_t rows) {
    k->pack_pair_lstm_panels_bf16((size_t)rows / 4, weight, NULL, panels);
}

// Gates are filled anew, as the input projection would: activated gates fed back would drift to constants.
static void lstm_step(const struct kernels *k, int32_t rows) {
    memcpy(y, x, sizeof(float) * 800 * (size_t)rows);
    k->lstm_step_f32_h200(rows, rows, panels, y, 800, h, 200, c, 200, h_next, 200, c_next, 200);
}

static void lstm_step_gradient(const struct kernels *k, int32_t rows) {
    memcpy(y, x, sizeof(float) * 800 * (size_t)rows);
    k->lstm_step_gradient_f32_h200(rows, rows, rows, y, 800, c, 200, h, 200, x, 200, h, 200, c_next, 200);
}

static void char_conv(const struct kernels *k, int32_t rows) {
    k->char_conv_f32_e30_f30_w3_r1(rows, scalar_offsets, scalar_steps, x, 30, panels, bias, y, 30, argmax,
                                   30);
}

static void char_conv_gradient(const struct kernels *k, int32_t rows) {
    k->char_conv_gradient_f32_e30_f30_w3_r1(rows, scalar_offsets, scalar_steps, x, 30, weight, argmax, 30, y,
                                            30, h, 30, h_next, 30, c_next, c);
}

static void cross_entropy(const struct kernels *k, int32_t rows) {
    int32_t labelled;
    sink = k->cross_entropy_f32_l17(rows, x, 17, labels, 0, &labelled);
    k->cross_entropy_gradient_f32_l17(rows, x, 17, labels, 0, 1.0f / (float)rows, y, 17, 0);
}

static void crf_loss(const struct kernels *k, int32_t rows) {
    int32_t labelled;
    (void)rows;
    sink = k->crf_loss_f32_l17(10, token_offsets, steps, x, 17, labels, &crf, work, &labelled);
}

static void crf_gradient(const struct kernels *k, int32_t rows) {
    (void)rows;
    k->crf_gradient_f32_l17(10, token_offsets, steps, x, 17, labels, &crf, work, 0.1f, y, 17, 0, c_next, NULL,
                            NULL);
}

static void crf_viterbi(const struct kernels *k, int32_t rows) {
    (void)rows;
    k->crf_viterbi_f32_l17(10, token_offsets, steps, x, 17, &crf, work, best);
}

static void dropout_mask(const struct kernels *k, int32_t rows) {
    k->dropout_mask_f32(rows, 400, keys, 0.5f, y, 400);
}

static void gaussian(const struct kernels *k, int32_t rows) {
    k->gaussian_f32(rows, 130, keys, 0.2f, y, 130);
}

static void gather(const struct kernels *k, int32_t rows) {
    k->gather_rows_f32(rows, 130, x, 130, index_rows, y, 130);
}

static void sgd_update(const struct kernels *k, int32_t rows) {
    k->sgd_update_f32((size_t)rows, weight, x, y, 1e-9f, 0.9f, 0, 0, 1, INFINITY, NULL);
}

static void adam_update(const struct kernels *k, int32_t rows) {
    k->adam_update_f32((size_t)rows, weight, x, y, work, 1e-9f, 0.9f, 0.999f, 1e-8f, 0, 0, 1, 1, 1, INFINITY,
                       NULL);
}

static void sum_of_squares(const struct kernels *k, int32_t rows) {
    sink = k->sum_of_squares_f32((size_t)rows, weight);
}

static void pack_rows(const struct kernels *k, int32_t rows) {
    k->pack_panels_f32((size_t)rows, 200, weight, NULL, panels);
}

static void pack_transposed(const struct kernels *k, int32_t rows) {
    k->pack_panels_transposed_f32((size_t)rows, 200, weight, NULL, panels);
}

static void pack_lstm(const struct kernels *k, int32_t rows) {
    k->pack_lstm_panels_f32((size_t)rows / 4, weight, NULL, panels);
}

#include "tagger_steps.h"

// What is counted: multiply-adds twice, or elements.
static const struct {
    const char *name;
    run *run;
    int32_t rows;
    int has_blas;
    double operations;
} cases[] = {
    {"linear 800x130, 1 row", linear_input, 1, 1, 2.0 * 800 * 130},
    {"linear 800x130, 10 rows", linear_input, 10, 1, 2.0 * 10 * 800 * 130},
    {"linear 800x130, 150 rows", linear_input, 150, 1, 2.0 * 150 * 800 * 130},
    {"linear 130x800, 150 rows", linear_input_back, 150, 1, 2.0 * 150 * 800 * 130},
    {"linear 800x200, 10 rows", linear_recurrent, 10, 1, 2.0 * 10 * 800 * 200},
    {"linear 200x800, 1 row", linear_recurrent_back, 1, 1, 2.0 * 800 * 200},
    {"linear 200x800, 10 rows", linear_recurrent_back, 10, 1, 2.0 * 10 * 800 * 200},
    {"linear 17x400, 150 rows", linear_head, 150, 1, 2.0 * 150 * 17 * 400},
    {"weight gradient 800x130, 150 rows", weight_gradient_input, 150, 1, 2.0 * 150 * 800 * 130},
    {"weight gradient 800x200, 150 rows", weight_gradient_recurrent, 150, 1, 2.0 * 150 * 800 * 200},
    {"linear 800x130 in bf16, 150 rows", pair_linear_input, 150, 0, 2.0 * 150 * 800 * 130},
    {"linear 200x800 in bf16, 10 rows", pair_linear_recurrent_back, 10, 0, 2.0 * 10 * 800 * 200},
    {"weight gradient 800x200 in bf16, 150 rows", pair_weight_gradient_recurrent, 150, 0,
     2.0 * 150 * 800 * 200},
    {"lstm step 200 in bf16, 1 row", pair_lstm_step, 1, 0, 2.0 * 800 * 200},
    {"lstm step 200 in bf16, 10 rows", pair_lstm_step, 10, 0, 2.0 * 10 * 800 * 200},
    {"lstm step 200, 1 row", lstm_step, 1, 0, 2.0 * 800 * 200},
    {"lstm step 200, 2 rows", lstm_step, 2, 0, 2.0 * 2 * 800 * 200},
    {"lstm step 200, 3 rows", lstm_step, 3, 0, 2.0 * 3 * 800 * 200},
    {"lstm step 200, 4 rows", lstm_step, 4, 0, 2.0 * 4 * 800 * 200},
    {"lstm step 200, 7 rows", lstm_step, 7, 0, 2.0 * 7 * 800 * 200},
    {"lstm step 200, 10 rows", lstm_step, 10, 0, 2.0 * 10 * 800 * 200},
    {"lstm step 200, 32 rows", lstm_step, 32, 0, 2.0 * 32 * 800 * 200},
    {"lstm step gradient 200, 10 rows", lstm_step_gradient, 10, 0, 10 * 200},
    TAGGER_STEP_CASES("", f32, 1, "1 row"),
    TAGGER_STEP_CASES(" in bf16", bf16, 1, "1 row"),
    TAGGER_STEP_CASES(" in int8", int8, 1, "1 row"),
    TAGGER_STEP_CASES("", f32, 10, "10 rows"),
    TAGGER_STEP_CASES(" in bf16", bf16, 10, "10 rows"),
    TAGGER_STEP_CASES(" in int8", int8, 10, "10 rows"),
    {"tagger step 200, 32 rows", tagger_step_f32_200, 32, 0, 2.0 * 32 * 800 * 200},
    {"tagger step 200 in bf16, 32 rows", tagger_step_bf16_200, 32, 0, 2.0 * 32 * 800 * 200},
    {"tagger step 200 in int8, 32 rows", tagger_step_int8_200, 32, 0, 2.0 * 32 * 800 * 200},
    {"tagger step 200, 25 % of blocks, 1 row", tagger_step_blocks, 1, 0, 2.0 * 800 * 200},
    {"tagger step 200, 25 % of blocks, 10 rows", tagger_step_blocks, 10, 0, 2.0 * 10 * 800 * 200},
    {"tagger step 200, 25 % of weights, 1 row", tagger_step_windows, 1, 0, 2.0 * 800 * 200},
    {"tagger step 200, 25 % of weights, 10 rows", tagger_step_windows, 10, 0, 2.0 * 10 * 800 * 200},
    {"char conv 30x30x3, 120 forms", char_conv, forms, 0, 2.0 * scalars * 30 * 30 * 3},
    {"char conv gradient 30x30x3, 120 forms", char_conv_gradient, forms, 0, 4.0 * forms * 30 * 30 * 3},
    {"cross-entropy and gradient, 160 x 17", cross_entropy, tokens, 0, tokens * 17},
    {"CRF loss, 160 tokens, 17 labels", crf_loss, tokens, 0, tokens},
    {"CRF gradient, 160 tokens, 17 labels", crf_gradient, tokens, 0, tokens},
    {"Viterbi, 160 tokens, 17 labels", crf_viterbi, tokens, 0, tokens},
    {"dropout mask 160 x 400", dropout_mask, tokens, 0, tokens * 400},
    {"gaussian 160 x 130", gaussian, tokens, 0, tokens * 130},
    {"gather 160 x 130", gather, tokens, 0, tokens * 130},
    {"SGD update, 280,000 weights", sgd_update, 280000, 0, 280000},
    {"Adam update, 280,000 weights", adam_update, 280000, 0, 280000},
    {"sum of squares, 280,000 weights", sum_of_squares, 280000, 0, 280000},
    {"pack panels 800x200", pack_rows, 800, 0, 800 * 200},
    {"pack transposed panels 800x200", pack_transposed, 800, 0, 800 * 200},
    {"pack recurrent panels 800x200", pack_lstm, 800, 0, 800 * 200},
    {"pairs of 160 x 800, side by side", pair_columns, tokens, 0, tokens * 800},
    {"pairs of 160 x 800, one above another", pair_rows, tokens, 0, tokens * 800},
    {"pack transposed panels of pairs 800x200", pack_pairs_transposed, 800, 0, 800 * 200},
    {"pack recurrent panels of pairs 800x200", pack_lstm_pairs, 800, 0, 800 * 200},
};

static void prepare(void) {
    x = numbers(300 * 1000), y = numbers(300 * 1000), weight = numbers(300 * 1000),
    panels = numbers(300 * 1000);
    bias = numbers(1000), h = numbers(150 * 200), c = numbers(150 * 200);
    h_next = numbers(150 * 200), c_next = numbers(150 * 200), work = numbers(300 * 1000);
    prepare_steps();
    crf.transitions = bias;
    memset(work, 0, sizeof(float) * 300 * 1000);
    // Ten sentences of 5 to 25 tokens, 120 forms of up to about 10 scalars.
    for (int32_t t = 0; t < steps; t++)
        token_offsets[t + 1] = token_offsets[t] + (t < 5 ? 10 : (steps - t + 1) / 2);
    while (scalar_offsets[scalar_steps] < scalars && scalar_steps < 60) {
        const int32_t active = scalar_steps < 3 ? forms : forms - 15 * (scalar_steps - 2);
        scalar_offsets[scalar_steps + 1] = scalar_offsets[scalar_steps] + (active > 1 ? active : 1);
        scalar_steps++;
    }
    for (int32_t i = 0; i < tokens; i++) {
        keys[i] = splitmix64((uint64_t)i);
        labels[i] = (int32_t)(keys[i] % 17);
        index_rows[i] = (int32_t)(keys[i] % 1000);
    }
}

static int is_supported(const char *name) {
#if defined(__x86_64__)
    if (strcmp(name, "avx512vnni") == 0)
        return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16");
    if (strcmp(name, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
    if (strcmp(name, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    (void)name;
    return 1;
}

static double measure(run *run, const struct kernels *kernels, int32_t rows) {
    int repeats = 0;
    run(kernels, rows); // brings what it reads into the caches
    const double start = seconds();
    double end = start;
    while (end < start + 1e-3) {
        run(kernels, rows);
        repeats++;
        end = seconds();
    }
    return (end - start) / repeats;
}

static int ascending(const void *a, const void *b) {
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int count, char **arguments) {
    enum { sets = sizeof all_kernels / sizeof *all_kernels, case_count = sizeof cases / sizeof *cases };
    static double times[case_count][sets + 1][rounds];
    const char *const part = count > 1 ? arguments[1] : "";
    prepare();
    for (int round = 0; round < rounds; round++) {
        for (size_t i = 0; i < case_count; i++) {
            if (strstr(cases[i].name, part) == NULL)
                continue;
            if (cases[i].has_blas)
                times[i][sets][round] = measure(cases[i].run, NULL, cases[i].rows);
            for (int set = 0; set < sets; set++) {
                if (is_supported(all_kernels[set].name))
                    times[i][set][round] = measure(cases[i].run, &all_kernels[set], cases[i].rows);
            }
        }
    }
    printf("%-44s %22s", "median of 45 rounds: us (G/s)", "OpenBLAS");
    for (int set = 0; set < sets; set++)
        printf("%22s", all_kernels[set].name);
    printf("\n");
    for (size_t i = 0; i < case_count; i++) {
        if (strstr(cases[i].name, part) == NULL)
            continue;
        printf("%-44s", cases[i].name);
        for (int column = 0; column <= sets; column++) {
            const int set = column == 0 ? sets : column - 1;
            if (set == sets ? !cases[i].has_blas : !is_supported(all_kernels[set].name)) {
                printf("%22s", "");
                continue;
            }
            qsort(times[i][set], rounds, sizeof(double), ascending);
            const double median = times[i][set][rounds / 2];
            printf("%12.2f (%7.2f)", median * 1e6, cases[i].operations / median * 1e-9);
        }
        printf("\n");
    }
}
