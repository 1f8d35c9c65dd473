// swift-format-ignore-file
// Written by `make templates` from Templates/; do not edit.

/// The templates by their path under `Templates/`, without `.c.in`.
enum EmbeddedTemplates {
  static let texts: [String: String] = [
    "blocks/lstm_step": ##"""
// Adds h W_hh^T to the four gates of `groups` vectors of units in `rows` rows.
INLINE_@ISA@ void lstm_block_@ISA@(const struct lstm_step *s, size_t row, size_t unit, const size_t rows, const size_t groups) {
    enum { most = @LSTM_REGISTERS@ };
    const size_t hidden = s->hidden, h_stride = s->h_previous_stride, vectors = 4 * groups;
    const float *h = s->h_previous + row * h_stride;
    const float *panel[most];
    vec_@ISA@ sum[most];
    UNROLL
    for (size_t j = 0; j < groups; j++) {
        const size_t at = unit + j * WIDTH_@ISA@;
        panel[j] = s->panels + at / 16 * 64 * hidden + at % 16;
    }
    UNROLL
    for (size_t i = 0; i < rows * vectors; i++)
        sum[i] = vec_set1_@ISA@(0.0f);
    for (size_t k = 0; k < hidden; k++) {
        UNROLL
        for (size_t v = 0; v < vectors; v++) {
            const vec_@ISA@ w = vec_load_@ISA@(panel[v / 4] + 64 * k + 16 * (v % 4));
            UNROLL
            for (size_t r = 0; r < rows; r++) {
                const vec_@ISA@ x = vec_set1_@ISA@(h[r * h_stride + k]);
                sum[r * vectors + v] = vec_fma_@ISA@(x, w, sum[r * vectors + v]);
            }
        }
    }
    UNROLL
    for (size_t i = 0; i < rows * vectors; i++) {
        const size_t at = unit + i % vectors / 4 * WIDTH_@ISA@;
        const size_t n = lanes(hidden, at, WIDTH_@ISA@);
        float *gate = s->gates + (row + i / vectors) * s->gates_stride + i % 4 * hidden + at;
        vec_store_partial_@ISA@(gate, vec_load_partial_@ISA@(gate, n) + sum[i], n);
    }
}

static TARGET_@ISA@ void lstm_any_block_@ISA@(const struct lstm_step *s, size_t row, size_t unit, size_t rows, size_t groups) {
    switch (100 * groups + rows) {
@LSTM_CASES@
    }
}

// How many of the vectors of units that are left go into one block with this number of rows.
INLINE size_t lstm_groups_@ISA@(size_t rows, size_t left) {
@LSTM_WIDTHS@
    return 1;
}

// Activates the gates of one vector of units and forms c and h.
INLINE_@ISA@ void lstm_cell_@ISA@(const struct lstm_step *s, size_t row, size_t unit) {
    const size_t n = lanes(s->hidden, unit, WIDTH_@ISA@);
    float *gate = s->gates + row * s->gates_stride + unit;
    const vec_@ISA@ i = vec_sigmoid_@ISA@(vec_load_partial_@ISA@(gate, n));
    const vec_@ISA@ f = vec_sigmoid_@ISA@(vec_load_partial_@ISA@(gate + s->hidden, n));
    const vec_@ISA@ g = vec_tanh_@ISA@(vec_load_partial_@ISA@(gate + 2 * s->hidden, n));
    const vec_@ISA@ o = vec_sigmoid_@ISA@(vec_load_partial_@ISA@(gate + 3 * s->hidden, n));
    vec_@ISA@ c = i * g;
    if (row < s->previous_rows) {
        const float *c_previous = s->c_previous + row * s->c_previous_stride + unit;
        c = vec_fma_@ISA@(f, vec_load_partial_@ISA@(c_previous, n), c);
    }
    vec_store_partial_@ISA@(gate, i, n);
    vec_store_partial_@ISA@(gate + s->hidden, f, n);
    vec_store_partial_@ISA@(gate + 2 * s->hidden, g, n);
    vec_store_partial_@ISA@(gate + 3 * s->hidden, o, n);
    vec_store_partial_@ISA@(s->c + row * s->c_stride + unit, c, n);
    vec_store_partial_@ISA@(s->h + row * s->h_stride + unit, o * vec_tanh_@ISA@(c), n);
}

// Units outside, rows inside: the weights of a vector of units are read once from the second-level cache.
static TARGET_@ISA@ void lstm_step_@ISA@(const struct lstm_step *s) {
    const size_t block = balanced(s->previous_rows, @LSTM_ROWS@);
    const size_t vectors = (s->hidden + WIDTH_@ISA@ - 1) / WIDTH_@ISA@;
    for (size_t vector = 0, groups = 1; vector < vectors; vector += groups) {
        groups = lstm_groups_@ISA@(block, vectors - vector);
        for (size_t row = 0, rows = 0; row < s->previous_rows; row += rows) {
            rows = balanced(s->previous_rows - row, @LSTM_ROWS@);
            lstm_any_block_@ISA@(s, row, vector * WIDTH_@ISA@, rows, groups);
        }
        for (size_t row = 0; row < s->rows; row++)
            for (size_t j = 0; j < groups; j++)
                lstm_cell_@ISA@(s, row, (vector + j) * WIDTH_@ISA@);
    }
}

"""##,
    "blocks/product": ##"""
// Vectors in a panel of 16 columns.
enum { PANEL_@ISA@ = 16 / WIDTH_@ISA@ };

// Adds what the product is added to, and writes one vector; the last of a row may be cut short.
INLINE_@ISA@ void product_store_@ISA@(const struct product *p, size_t row, size_t column, vec_@ISA@ sum) {
    const size_t n = lanes(p->columns, column, WIDTH_@ISA@);
    float *y = p->y + row * p->y_stride + column;
    if (p->bias != NULL)
        sum += vec_load_partial_@ISA@(p->bias + column, n);
    if (p->add)
        sum += vec_load_partial_@ISA@(y, n);
    vec_store_partial_@ISA@(y, sum, n);
}

// A block of `rows` x `panels` sums: constants at each call, so that all of them are registers.
INLINE_@ISA@ void product_block_@ISA@(const struct product *p, size_t row, size_t panel, const size_t rows, const size_t panels, const int cut) {
    enum { most = @PRODUCT_REGISTERS@ };
    const size_t vectors = panels * PANEL_@ISA@;
    const size_t a_row = p->a_row, a_step = p->a_step, b_step = p->b_step, b_panel = p->b_panel;
    const size_t left = p->columns - 16 * panel;
    const float *a = p->a + row * a_row;
    const float *b = p->b + panel * b_panel;
    vec_@ISA@ sum[most];
    UNROLL
    for (size_t i = 0; i < rows * vectors; i++)
        sum[i] = vec_set1_@ISA@(0.0f);
    for (size_t k = p->depth; k > 0; k--, a += a_step, b += b_step) {
        vec_@ISA@ w[most];
        UNROLL
        for (size_t v = 0; v < vectors; v++) {
            const size_t column = v % PANEL_@ISA@ * WIDTH_@ISA@;
            const float *at = b + v / PANEL_@ISA@ * b_panel + column;
            if (cut)
                w[v] = vec_load_partial_@ISA@(at, lanes(left, column, WIDTH_@ISA@));
            else
                w[v] = vec_load_@ISA@(at);
        }
        UNROLL
        for (size_t r = 0; r < rows; r++) {
            const vec_@ISA@ x = vec_set1_@ISA@(a[r * a_row]);
            UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[r * vectors + v] = vec_fma_@ISA@(x, w[v], sum[r * vectors + v]);
        }
    }
    UNROLL
    for (size_t r = 0; r < rows; r++) {
        UNROLL
        for (size_t v = 0; v < vectors; v++)
            product_store_@ISA@(p, row + r, 16 * panel + v * WIDTH_@ISA@, sum[r * vectors + v]);
    }
}

static TARGET_@ISA@ void product_any_block_@ISA@(const struct product *p, size_t row, size_t panel, size_t rows, size_t panels, int cut) {
    switch (100 * panels + rows + (cut ? 1000 : 0)) {
@PRODUCT_CASES@
    }
}

// How many of the panels that are left go into one block with this number of rows.
INLINE size_t product_panels_@ISA@(size_t rows, size_t left) {
@PRODUCT_WIDTHS@
    return 1;
}

// Panels outside, rows inside: the panels of a block stay in the first-level cache while rows stream past.
static TARGET_@ISA@ void product_@ISA@(const struct product *p) {
    const size_t panels = (p->columns + 15) / 16;
    const size_t whole = p->padded ? panels : p->columns / 16;
    const size_t block = balanced(p->rows, @PRODUCT_ROWS@);
    for (size_t panel = 0, width = 1; panel < panels; panel += width) {
        const int cut = panel >= whole;
        width = cut ? 1 : product_panels_@ISA@(block, whole - panel);
        for (size_t row = 0, rows = 0; row < p->rows; row += rows) {
            rows = balanced(p->rows - row, @PRODUCT_ROWS@);
            product_any_block_@ISA@(p, row, panel, rows, width, cut);
        }
    }
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
// Loshchilov & Hutter 2019, algorithm 2). correction1 = 1 - beta1^t and correction2 = 1 - beta2^t at step
// t, counted from 1.
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
        vec_@ISA@ mean = vec_load_partial_@ISA@(m + i, left);
        vec_@ISA@ square = vec_load_partial_@ISA@(v + i, left);
        mean = vec_fma_@ISA@(fresh1, d - mean, mean);
        square = vec_fma_@ISA@(fresh2, d * d, vec_set1_@ISA@(beta2) * square);
        vec_store_partial_@ISA@(m + i, mean, left);
        vec_store_partial_@ISA@(v + i, square, left);
        const vec_@ISA@ step = mean / (vec_sqrt_@ISA@(square) / spread + least);
        vec_store_partial_@ISA@(w + i, vec_fnma_@ISA@(pace, step, weight * kept), left);
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
// Normal values of mean 0 and standard deviation sigma, by Box and Muller from columns 2c and 2c + 1 of a
// row's stream.
@SIGNATURE@ {
    for (size_t row = 0; row < (size_t)rows; row++) {
        for (size_t column = 0; column < (size_t)columns; column++) {
            const float radius = 1.0f - random_uniform(row_keys[row], (uint32_t)(2 * column));
            const float turn = random_uniform(row_keys[row], (uint32_t)(2 * column + 1));
            y[row * y_stride + column] = sigma * sqrtf(-2.0f * logf(radius)) * cosf(6.28318531f * turn);
        }
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
// Stochastic gradient descent as torch.optim.SGD: d = clamp(scale g) + decay w; v = momentum v + d; w -=
// rate (nesterov ? d + momentum v : v). Without v (NULL), w -= rate d. clip_value INFINITY clamps nothing.
@SIGNATURE@ {
    const vec_@ISA@ limit = vec_set1_@ISA@(clip_value), mu = vec_set1_@ISA@(momentum);
    for (size_t i = 0; i < n; i += WIDTH_@ISA@) {
        const size_t left = lanes(n, i, WIDTH_@ISA@);
        const vec_@ISA@ weight = vec_load_partial_@ISA@(w + i, left);
        vec_@ISA@ d = vec_load_partial_@ISA@(g + i, left) * vec_set1_@ISA@(scale);
        d = vec_min_@ISA@(limit, vec_max_@ISA@(-limit, d));
        d = vec_fma_@ISA@(vec_set1_@ISA@(decay), weight, d);
        if (v != NULL) {
            const vec_@ISA@ velocity = vec_fma_@ISA@(mu, vec_load_partial_@ISA@(v + i, left), d);
            vec_store_partial_@ISA@(v + i, velocity, left);
            d = nesterov ? vec_fma_@ISA@(mu, velocity, d) : velocity;
        }
        vec_store_partial_@ISA@(w + i, vec_fnma_@ISA@(vec_set1_@ISA@(rate), d, weight), left);
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
    "kernels/lstm_step": ##"""
// One step of an LSTM with @H@ units: gates, cells and states of the rows that are active.
@SIGNATURE@ {
    const struct lstm_step step = {
        .hidden = @H@,
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
    "kernels/weight_gradient": ##"""
// dW += dy^T x for W [@N@ x @K@], summed over the rows of both.
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
        .add = 1,
    };
    product_@ISA@(&product);
}

"""##,
    "packing": ##"""
// Weights in the order in which the kernels read them, packed again after each change. A mask has one byte
// a weight in the order of the canonical matrix, NULL for none: weights whose byte is 0 count as zero.

INLINE float packed_weight(const float *weight, const uint8_t *mask, size_t at) {
    return mask == NULL || mask[at] != 0 ? weight[at] : 0.0f;
}

// Floats in the panels of W [n x k].
INLINE size_t panels_size(size_t n, size_t k) {
    return (n + 15) / 16 * 16 * k;
}

// Panels [n / 16][k][16] of W [n x k], rows of W padded with zeros.
INLINE void pack_panels(size_t n, size_t k, const float *weight, const uint8_t *mask, float *panels) {
    for (size_t first = 0; first < n; first += 16) {
        for (size_t column = 0; column < k; column++, panels += 16)
            for (size_t j = 0; j < 16; j++)
                panels[j] = first + j < n ? packed_weight(weight, mask, (first + j) * k + column) : 0.0f;
    }
}

// Panels of the transpose of W [n x k]: [k / 16][n][16].
INLINE void pack_panels_transposed(size_t n, size_t k, const float *weight, const uint8_t *mask, float *panels) {
    for (size_t first = 0; first < k; first += 16) {
        for (size_t row = 0; row < n; row++, panels += 16)
            for (size_t j = 0; j < 16; j++)
                panels[j] = first + j < k ? packed_weight(weight, mask, row * k + first + j) : 0.0f;
    }
}

// Floats in the recurrent panels of an LSTM.
INLINE size_t lstm_panels_size(size_t hidden) {
    return (hidden + 15) / 16 * 64 * hidden;
}

// Panels [units / 16][hidden][4 gates][16 units] of W_hh [4 hidden x hidden].
INLINE void pack_lstm_panels(size_t hidden, const float *weight, const uint8_t *mask, float *panels) {
    for (size_t first = 0; first < hidden; first += 16) {
        for (size_t k = 0; k < hidden; k++) {
            for (size_t gate = 0; gate < 4; gate++, panels += 16)
                for (size_t j = 0; j < 16; j++) {
                    const size_t row = gate * hidden + first + j;
                    panels[j] = first + j < hidden ? packed_weight(weight, mask, row * hidden + k) : 0.0f;
                }
        }
    }
}

// Floats in the panels of a character convolution.
INLINE size_t conv_panels_size(size_t filters, size_t inputs, size_t width) {
    return (filters + 15) / 16 * 16 * inputs * width;
}

// Panels [filters / 16][width][inputs][16] of weight [filters x inputs x width].
INLINE void pack_conv_panels(size_t filters, size_t inputs, size_t width, const float *weight, const uint8_t *mask, float *panels) {
    for (size_t first = 0; first < filters; first += 16) {
        for (size_t tap = 0; tap < width; tap++) {
            for (size_t input = 0; input < inputs; input++, panels += 16)
                for (size_t j = 0; j < 16; j++) {
                    const size_t at = ((first + j) * inputs + input) * width + tap;
                    panels[j] = first + j < filters ? packed_weight(weight, mask, at) : 0.0f;
                }
        }
    }
}

"""##,
    "prelude": ##"""
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

// Scores of a linear-chain CRF over L labels. Everything but the transitions may be NULL: no start or end
// scores, nothing forbidden.
struct crf {
    const float *transitions; // [L x L], from row to column
    const float *start, *end; // [L]
    const uint8_t *allowed;   // [L x L], 0 where a transition is forbidden
    const uint8_t *allowed_start;
    const uint8_t *allowed_end; // [L]
};

// A sum of outer products, y (+)= sum over k of a[:, k] b[k, :], whose operands are found as
//   a[row][k]            at a + row * a_row + k * a_step
//   b[k][16 panel + j]   at b + panel * b_panel + k * b_step + j
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
};

// One step of an LSTM over the rows that are active, gates i, f, g, o. Rows from `previous_rows` on start
// from zero.
struct lstm_step {
    size_t hidden, rows, previous_rows;
    const float *panels; // recurrent weights, [units / 16][hidden][4 gates][16 units]
    float *gates;        // in: input projection and biases; out: activated
    size_t gates_stride;
    const float *h_previous, *c_previous;
    size_t h_previous_stride, c_previous_stride;
    float *h, *c;
    size_t h_stride, c_stride;
};

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
    "random": ##"""
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
    "simd/avx2": ##"""
#include <immintrin.h>

#define TARGET_avx2 __attribute__((target("avx2,fma")))
#define INLINE_avx2 static inline __attribute__((always_inline, unused)) TARGET_avx2

typedef __m256 vec_avx2;
typedef uint32_t uvec_avx2 __attribute__((vector_size(32)));
enum { WIDTH_avx2 = 8 };

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

INLINE_avx2 uvec_avx2 uvec_load_avx2(const uint32_t *p) {
    return (uvec_avx2)_mm256_loadu_si256((const __m256i *)(const void *)p);
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

INLINE_avx512 uvec_avx512 uvec_load_avx512(const uint32_t *p) {
    return (uvec_avx512)_mm512_loadu_si512(p);
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

"""##,
    "simd/math": ##"""
// Elementary functions. Errors are the greatest found over all of [-87, 88] (see the tests); NaN stays NaN.

// 2^n for an integer-valued n in [-126, 128]; 2^128 is infinity.
INLINE_@ISA@ vec_@ISA@ power_of_two_@ISA@(vec_@ISA@ n) {
    // Adding 1.5 * 2^23 + 127 leaves n + 127 in the low bits of the sum: shifted, they are the exponent.
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

// Hyperbolic tangent within 3 ULP, as (e^2x - 1) / (e^2x + 1) with e^2x - 1 formed without cancellation.
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

"""##,
    "simd/neon": ##"""
#include <arm_neon.h>

#define TARGET_neon
#define INLINE_neon static inline __attribute__((always_inline, unused))

typedef float32x4_t vec_neon;
typedef uint32x4_t uvec_neon;
enum { WIDTH_neon = 4 };

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

INLINE_neon uvec_neon uvec_load_neon(const uint32_t *p) {
    return vld1q_u32(p);
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

INLINE_portable uvec_portable uvec_load_portable(const uint32_t *p) {
    uvec_portable v;
    memcpy(&v, p, sizeof v);
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
  ]
}
