// Steps of compiled taggers: recurrent weights in words that a step reads from where the step before left
// them. All weights are zero, which changes no time.

enum { most_hidden = 333, most_sequences = 32, most_step_words = 4 * 336 * 336 };

static float *step_words, *kept_blocks, *kept_windows;
static float *state, *next_state, *cell_state, *projections;
static const float *gate_rows[most_sequences];
static int32_t step_number;

static float *zeros(size_t count) {
    const size_t bytes = (count * sizeof(float) + 4095) / 4096 * 4096;
    // Pages that nobody has written to are all one and the same.
    return memset(aligned_alloc(4096, bytes), 0, bytes);
}

static void prepare_steps(void) {
    step_words = zeros(most_step_words), kept_blocks = zeros(most_step_words),
    kept_windows = zeros(most_step_words);
    place_blocks(kept_blocks, 800, 200, 50);
    // As many as 16 columns take of which a quarter of the weights is left by chance.
    place_windows(kept_windows, 800, 200, 16);
    state = numbers(most_sequences * most_hidden), next_state = numbers(most_sequences * most_hidden);
    cell_state = numbers(most_sequences * most_hidden);
    projections = numbers(most_sequences * 4 * most_hidden);
    for (size_t row = 0; row < most_sequences; row++)
        gate_rows[row] = projections + row * 4 * most_hidden;
}

typedef void recurrent_step(int32_t rows, int32_t previous_rows, int32_t step, const float *words,
                            const float *const *gates, const float *h_previous, size_t h_previous_stride,
                            float *c, size_t c_stride, float *h, size_t h_stride);

// Begins where the step before ended, so that cells keep moving.
static void tagger_step(recurrent_step *step, const float *words, size_t hidden, int32_t rows) {
    float *const h_previous = state;
    state = next_state;
    next_state = h_previous;
    step(rows, rows, step_number++, words, gate_rows, h_previous, hidden, cell_state, hidden, state, hidden);
}

#define TAGGER_STEP(weights, hidden)                                                                         \
    static void tagger_step_##weights##_##hidden(const struct kernels *k, int32_t rows) {                    \
        tagger_step(k->wide_lstm_step_##weights##_h##hidden, step_words, hidden, rows);                      \
    }
#define TAGGER_STEPS(weights)                                                                                \
    TAGGER_STEP(weights, 64)                                                                                 \
    TAGGER_STEP(weights, 100)                                                                                \
    TAGGER_STEP(weights, 200)                                                                                \
    TAGGER_STEP(weights, 256)                                                                                \
    TAGGER_STEP(weights, 333)

TAGGER_STEPS(f32)
TAGGER_STEPS(bf16)
TAGGER_STEPS(int8)

static void tagger_step_blocks(const struct kernels *k, int32_t rows) {
    tagger_step(k->block_sparse_lstm_step_f32_h200, kept_blocks, 200, rows);
}

static void tagger_step_windows(const struct kernels *k, int32_t rows) {
    tagger_step(k->packed_lstm_step_f32_h200, kept_windows, 200, rows);
}

// Of a precision at every width, as in the table of cases.
#define TAGGER_STEP_CASES(in, weights, rows, text)                                                           \
    {"tagger step 64" in ", " text, tagger_step_##weights##_64, rows, 0, 8.0 * rows * 64 * 64},              \
        {"tagger step 100" in ", " text, tagger_step_##weights##_100, rows, 0, 8.0 * rows * 100 * 100},      \
        {"tagger step 200" in ", " text, tagger_step_##weights##_200, rows, 0, 8.0 * rows * 200 * 200},      \
        {"tagger step 256" in ", " text, tagger_step_##weights##_256, rows, 0, 8.0 * rows * 256 * 256}, {    \
        "tagger step 333" in ", " text, tagger_step_##weights##_333, rows, 0, 8.0 * rows * 333 * 333         \
    }
