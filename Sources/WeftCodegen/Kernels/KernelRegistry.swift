/// The registry: one entry a kernel. Generated code, tests and benchmarks are driven from it.
///
/// Matrices are row-major with a stride in floats; rows need be neither padded nor aligned. `restrict` is left out: sums
/// are kept in registers and written once.
extension Kernel {
  /// y (+)= x Wᵀ + bias, with W [N × K] in panels (`pack_panels`), bias nullable.
  public static let linear = Kernel(
    "linear", constants: ["N", "K"],
    """
    int32_t rows, const float *x, size_t x_stride, const float *panels, const float *bias, float *y, size_t y_stride, \
    int add
    """, blocks: [.product])

  /// y (+)= x W for W [K × N] as it is: what flows back through `linear` with W. Weights count as zero where `kept`
  /// (nullable, [K × ⌈N / 16⌉] words, the lowest bit first) has no bit.
  public static let linearTransposed = Kernel(
    "linear_transposed", constants: ["N", "K"],
    """
    int32_t rows, const float *x, size_t x_stride, const float *weight, const uint16_t *kept, float *y, \
    size_t y_stride, int add
    """, blocks: [.product])

  /// dW [N × K] (+)= dyᵀ x, summed over the rows of dy [rows × N] and x [rows × K]; zero where `kept` (nullable,
  /// [N × ⌈K / 16⌉] words, the lowest bit first) has no bit.
  public static let weightGradient = Kernel(
    "weight_gradient", constants: ["N", "K"],
    """
    int32_t rows, const float *dy, size_t dy_stride, const float *x, size_t x_stride, float *dweight, \
    const uint16_t *kept, int add
    """, blocks: [.product])

  /// One time step of an LSTM (torch.nn.LSTM). `gates` holds the input projection with both biases, in columns i, f, g, o
  /// of H, and is replaced by the activated gates. Rows from `previous_rows` on start with h = c = 0.
  public static let lstmStep = Kernel(
    "lstm_step", constants: ["H"],
    """
    int32_t rows, int32_t previous_rows, const float *panels, float *gates, size_t gates_stride, \
    const float *h_previous, size_t h_previous_stride, const float *c_previous, size_t c_previous_stride, float *h, \
    size_t h_stride, float *c, size_t c_stride
    """, blocks: [.math, .lstmStep])

  /// Gradient of `lstmStep`. Activated gates become gradients of their pre-activations; `dc` holds what the following
  /// step sends back for rows below `next_rows` and is replaced by the gradient of the previous cells. The gradient of
  /// the previous states is then `linear_transposed` with N = H, K = 4H.
  public static let lstmStepGradient = Kernel(
    "lstm_step_gradient", constants: ["H"],
    """
    int32_t rows, int32_t previous_rows, int32_t next_rows, float *gates, size_t gates_stride, const float *c, \
    size_t c_stride, const float *c_previous, size_t c_previous_stride, const float *dy, size_t dy_stride, \
    const float *dh_next, size_t dh_next_stride, float *dc, size_t dc_stride
    """, blocks: [.math])

  /// Character convolution with maximum over positions: x [scalars × E] time-major by `offsets` (steps + 1 entries),
  /// W taps with zeros beyond the ends of a form, F filters, R = 1 with ReLU. `conv_panels` from `pack_conv_panels`;
  /// argmax (nullable) is the 0-based position of the maximum before the activation, the first of equals.
  public static let charConv = Kernel(
    "char_conv", constants: ["E", "F", "W", "R"],
    """
    int32_t forms, const int32_t *offsets, int32_t steps, const float *x, size_t x_stride, const float *conv_panels, \
    const float *bias, float *y, size_t y_stride, int32_t *argmax, size_t argmax_stride
    """, blocks: [.product, .charConv])

  /// Gradient of `charConv`; weight and dweight [F × E × W], what is added to is nullable.
  public static let charConvGradient = Kernel(
    "char_conv_gradient", constants: ["E", "F", "W", "R"],
    """
    int32_t forms, const int32_t *offsets, int32_t steps, const float *x, size_t x_stride, const float *weight, \
    const int32_t *argmax, size_t argmax_stride, const float *y, size_t y_stride, const float *dy, size_t dy_stride, \
    float *dx, size_t dx_stride, float *dweight, float *dbias
    """, blocks: [.charConvGradient])

  // MARK: For training in bf16: operands are pairs of numbers in bf16 that each fill the place of a float

  /// y (+)= x Wᵀ + bias for pairs of the columns of x, with W [N × K] in panels (`pack_pair_panels`), bias nullable.
  public static let pairLinear = Kernel(
    "pair_linear", constants: ["N", "K"], weights: .bf16,
    """
    int32_t rows, const float *x, size_t x_stride, const float *panels, const float *bias, float *y, size_t y_stride, \
    int add
    """, blocks: [.pairs, .pairProduct])

  /// dW [N × K] (+)= dyᵀ x for pairs of the rows of dy and x, of which there are `rows` before they are paired.
  public static let pairWeightGradient = Kernel(
    "pair_weight_gradient", constants: ["N", "K"], weights: .bf16,
    """
    int32_t rows, const float *dy, size_t dy_stride, const float *x, size_t x_stride, float *dweight, \
    const uint16_t *kept, int add
    """, blocks: [.pairs, .pairProduct])

  /// `lstmStep` that reads pairs of the columns of the previous states, and panels of `pack_pair_lstm_panels`.
  public static let pairLstmStep = Kernel(
    "pair_lstm_step", constants: ["H"], weights: .bf16,
    """
    int32_t rows, int32_t previous_rows, const float *panels, float *gates, size_t gates_stride, \
    const float *h_previous, size_t h_previous_stride, const float *c_previous, size_t c_previous_stride, float *h, \
    size_t h_stride, float *c, size_t c_stride
    """, blocks: [.math, .pairs, .pairLstmStep])

  private static func pairing(_ name: String) -> Kernel {
    Kernel(
      name, in: "elementwise", weights: .bf16,
      "int32_t rows, int32_t columns, const float *x, size_t x_stride, float *y, size_t y_stride",
      blocks: [.pairs])
  }
  /// Pairs of the columns of each row: y [rows × ⌈columns / 2⌉]
  public static let pairColumns = pairing("pair_columns")
  /// Pairs of the rows: y [⌈rows / 2⌉ × columns]
  public static let pairRows = pairing("pair_rows")

  private static func pairPacking(_ name: String, _ signature: String) -> Kernel {
    Kernel(
      name, in: "packing", weights: .bf16,
      signature + ", const float *weight, const uint16_t *kept, float *panels",
      blocks: [.packing, .pairs, .pairPacking])
  }
  /// Panels [n / 16][k / 2][16] of pairs of the columns of W [n × k]
  public static let packPairPanels = pairPacking("pack_pair_panels", "size_t n, size_t k")
  /// Panels [k / 16][n / 2][16] of pairs of the rows of W [n × k]: those of its transpose
  public static let packPairPanelsTransposed = pairPacking(
    "pack_pair_panels_transposed", "size_t n, size_t k")
  /// Panels [units / 16][hidden / 2][4 gates][16 units] of pairs of the columns of W_hh [4 hidden × hidden]
  public static let packPairLstmPanels = pairPacking("pack_pair_lstm_panels", "size_t hidden")

  // MARK: For compiled taggers, over wide matrices of any type of weights (`Templates/shared/wide.c.in`)

  /// y (+)= x Wᵀ + bias for W [N × K], bias nullable.
  public static func wideLinear(_ weights: WeightType) -> Kernel {
    wideLinear(
      "wide_linear", weights, template: weights == .f32 ? "wide_linear_f32" : nil,
      blocks: [.wide(weights), .wideLinear(weights)])
  }

  private static func wideLinear(
    _ name: String, _ weights: WeightType = .f32, template: String?, blocks: Set<Kernel.Block>
  ) -> Kernel {
    Kernel(
      name, constants: ["N", "K"], weights: weights, template: template,
      """
      int32_t rows, const float *x, size_t x_stride, const float *words, const float *bias, float *y, \
      size_t y_stride, int add
      """, blocks: blocks)
  }

  /// One step of an LSTM of H units. `gates` says for each row where its input projection with both biases lies, columns
  /// in the order of the recurrent weights; `c` is replaced. Rows from `previous_rows` on start with h = c = 0. Of weights
  /// that do not fit a cache every other `step` begins with the last, which are still there.
  public static func wideLstmStep(_ weights: WeightType) -> Kernel {
    wideLstmStep(
      "wide_lstm_step", weights, template: weights == .f32 ? "wide_lstm_step_f32" : nil,
      blocks: [.wide(weights), .wideLstm(weights)])
  }

  private static func wideLstmStep(
    _ name: String, _ weights: WeightType = .f32, template: String?, blocks: Set<Kernel.Block>
  ) -> Kernel {
    Kernel(
      name, constants: ["H"], weights: weights, template: template,
      """
      int32_t rows, int32_t previous_rows, int32_t step, const float *words, const float *const *gates, \
      const float *h_previous, size_t h_previous_stride, float *c, size_t c_stride, float *h, size_t h_stride
      """, blocks: blocks.union([.math, .lstmCells]))
  }

  /// `wideLinear` in tiles over weights in single precision as sums of two numbers in bf16: inputs are split as well, and
  /// of the four products of halves all but the least are added.
  public static let splitLinear = wideLinear(
    "split_linear", template: "wide_linear", blocks: [.split, .splitLinear])
  /// `wideLstmStep` over such weights.
  public static let splitLstmStep = wideLstmStep(
    "split_lstm_step", template: "wide_lstm_step", blocks: [.split, .splitLstm])

  private static func sparseLinear(
    _ form: String, _ block: Kernel.Block, _ weights: WeightType = .f32
  ) -> Kernel {
    Kernel(
      form + "_linear", constants: ["N", "K"], weights: weights, template: "sparse_linear",
      """
      int32_t rows, const float *x, size_t x_stride, const float *words, const float *bias, float *y, \
      size_t y_stride, int add
      """, blocks: [.sparse, block])
  }
  private static func sparseLstmStep(
    _ form: String, _ block: Kernel.Block, _ weights: WeightType = .f32
  ) -> Kernel {
    Kernel(
      form + "_lstm_step", constants: ["H"], weights: weights, template: "sparse_lstm_step",
      """
      int32_t rows, int32_t previous_rows, int32_t step, const float *words, const float *const *gates, \
      const float *h_previous, size_t h_previous_stride, float *c, size_t c_stride, float *h, size_t h_stride
      """, blocks: [.math, .lstmCells, .sparse, block])
  }

  /// `wideLinear` over a matrix of which blocks of 16 columns × 1 input are kept.
  public static let blockSparseLinear = sparseLinear("block_sparse", .blockSparse)
  /// `wideLstmStep` over such a matrix, whatever the number of the step.
  public static let blockSparseLstmStep = sparseLstmStep("block_sparse", .blockSparse)
  /// The same over a matrix of which any weights are kept, in fp32. The type is that of the dense matrix which
  /// ``KernelInstance/dense`` reads where packed weights are slower.
  public static func packedLinear(_ weights: WeightType) -> Kernel {
    sparseLinear("packed", .packed, weights)
  }
  public static func packedLstmStep(_ weights: WeightType) -> Kernel {
    sparseLstmStep("packed", .packed, weights)
  }

  /// y = x Wᵀ for W [N × K] of which each of up to G ≤ 4 groups of tasks uses some weights
  /// (`Templates/shared/joint.c.in`): rows of x and y are the groups of a bundle, those that `groups` names are formed.
  public static func jointLinear(_ weights: WeightType) -> Kernel {
    Kernel(
      "joint_linear", constants: ["N", "K", "G"], weights: weights,
      """
      int32_t count, const int32_t *groups, const float *x, size_t x_stride, const float *words, \
      const float *users, float *y, size_t y_stride
      """, blocks: [.wide(weights), .joint(weights)])
  }

  /// `wideLstmStep` of one row for each of such groups, of which `gates` has one each in the order of `groups`; step 0
  /// begins with h = c = 0.
  public static func jointLstmStep(_ weights: WeightType) -> Kernel {
    Kernel(
      "joint_lstm_step", constants: ["H", "G"], weights: weights,
      """
      int32_t count, const int32_t *groups, int32_t step, const float *words, const float *users, \
      const float *const *gates, const float *h_previous, size_t h_previous_stride, float *c, size_t c_stride, \
      float *h, size_t h_stride
      """, blocks: [.math, .lstmCells, .wide(weights), .joint(weights)])
  }

  /// `charConv` over a table [characters × W × F padded to 16] of products of characters with filters.
  public static let charTable = Kernel(
    "char_table", constants: ["F", "W", "R"],
    """
    int32_t forms, const int32_t *offsets, int32_t steps, const int32_t *ids, const float *table, const float *bias, \
    float *y, size_t y_stride
    """)

  // MARK: Losses and decoding over L labels; a label below 0 is unknown

  /// Σ cross-entropy over labelled rows; `labelled` receives their number.
  public static let crossEntropy = Kernel(
    "cross_entropy", constants: ["L"], returns: "double",
    """
    int32_t rows, const float *scores, size_t stride, const int32_t *labels, float smoothing, int32_t *labelled
    """, blocks: [.math, .row])

  /// d (+)= scale · gradient of `crossEntropy`; rows without label get (or add) 0.
  public static let crossEntropyGradient = Kernel(
    "cross_entropy_gradient", constants: ["L"],
    """
    int32_t rows, const float *scores, size_t stride, const int32_t *labels, float smoothing, float scale, float *d, \
    size_t d_stride, int add
    """, blocks: [.math, .row])

  /// p = softmax of each row
  public static let softmax = Kernel(
    "softmax", constants: ["L"],
    "int32_t rows, const float *scores, size_t stride, float *p, size_t p_stride",
    blocks: [.math, .row])

  /// best[r] = the column of the greatest score, the first of equals
  public static let argmax = Kernel(
    "argmax", constants: ["L"], "int32_t rows, const float *scores, size_t stride, int32_t *best",
    blocks: [.math, .row])

  private static let packedScores =
    "int32_t sentences, const int32_t *offsets, int32_t steps, const float *scores, size_t stride, "

  /// Σ over sentences with a label of log Z − log Z(paths that agree with the known labels); `labelled` receives their
  /// number. Scores time-major by `offsets`; `work` has `KernelWork.crf` floats, aligned to 8 bytes.
  public static let crfLoss = Kernel(
    "crf_loss", constants: ["L"], returns: "double",
    packedScores + "const int32_t *labels, const struct crf *crf, void *work, int32_t *labelled",
    blocks: [.crf])

  /// scale · gradient of `crfLoss`: d_scores set or (add) added to, the others added to (start and end nullable).
  public static let crfGradient = Kernel(
    "crf_gradient", constants: ["L"],
    packedScores + """
      const int32_t *labels, const struct crf *crf, void *work, float scale, float *d_scores, size_t d_stride, int add, \
      float *d_transitions, float *d_start, float *d_end
      """, blocks: [.crf])

  /// p = probability of each label at each token
  public static let crfMarginals = Kernel(
    "crf_marginals", constants: ["L"],
    packedScores + "const struct crf *crf, void *work, float *p, size_t p_stride", blocks: [.crf])

  /// best = the best path of each sentence; of equals the smallest label, decided from the last token backwards
  public static let crfViterbi = Kernel(
    "crf_viterbi", constants: ["L"], packedScores + "const struct crf *crf, void *work, int32_t *best",
    blocks: [.viterbi])

  /// The n best paths of one sentence with scores [tokens × L], without crf (NULL) of independent tokens; their
  /// log-probabilities; returns how many there are. `work` has `KernelWork.nbest` floats, aligned to 8 bytes.
  public static let nbest = Kernel(
    "nbest", constants: ["L"], returns: "int",
    """
    int32_t tokens, const float *scores, const struct crf *crf, int32_t n, int32_t *paths, float *log_scores, void *work
    """, blocks: [.math, .row, .crf, .nbest])

  // MARK: Rows of runtime size

  private static func rows(
    _ name: String, returns type: String = "void", _ signature: String, blocks: Set<Block> = []
  ) -> Kernel {
    Kernel(
      name, in: "elementwise", returns: type, "int32_t rows, int32_t columns, " + signature, blocks: blocks)
  }

  /// y = x m
  public static let multiply = rows(
    "multiply", "const float *x, size_t x_stride, const float *m, size_t m_stride, float *y, size_t y_stride")
  /// y += x m
  public static let multiplyAdd = rows(
    "multiply_add",
    "const float *x, size_t x_stride, const float *m, size_t m_stride, float *y, size_t y_stride")
  /// y = a x or (add) y += a x
  public static let scaleRows = rows(
    "scale_rows", "float a, const float *x, size_t x_stride, float *y, size_t y_stride, int add")
  /// Σ x y over all rows
  public static let dotRows = rows(
    "dot_rows", returns: "double", "const float *x, size_t x_stride, const float *y, size_t y_stride")
  /// y += x
  public static let addRows = rows("add_rows", "const float *x, size_t x_stride, float *y, size_t y_stride")
  /// y = x
  public static let copyRows = rows("copy_rows", "const float *x, size_t x_stride, float *y, size_t y_stride")
  /// y[r] = x[index[r]], zeros for a negative index
  public static let gatherRows = rows(
    "gather_rows", "const float *x, size_t x_stride, const int32_t *index, float *y, size_t y_stride")
  /// y[r] = row index[r] of a table in narrow weights; int8 has `scales` [rows of the table]
  public static func lookUp(_ weights: WeightType) -> Kernel {
    Kernel(
      "look_up", in: "elementwise", weights: weights, template: "look_up_\(weights)",
      """
      int32_t rows, int32_t columns, const void *table, const float *scales, const int32_t *index, float *y, \
      size_t y_stride
      """)
  }
  /// y[index[r]] += x[r] in the order of r; negative indices are left out
  public static let scatterAddRows = rows(
    "scatter_add_rows", "const float *x, size_t x_stride, const int32_t *index, float *y, size_t y_stride")
  /// y[column] += Σ x[r][column]
  public static let columnSums = rows("column_sums", "const float *x, size_t x_stride, float *y")

  private static func activation(_ function: String, blocks: Set<Block> = []) -> Kernel {
    rows(
      "activation_" + function, "const float *x, size_t x_stride, float *y, size_t y_stride", blocks: blocks)
  }
  private static func activationGradient(_ function: String) -> Kernel {
    rows(
      "activation_gradient_" + function,
      "const float *y, size_t y_stride, const float *dy, size_t dy_stride, float *dx, size_t dx_stride")
  }
  /// y = max(x, 0); all activations may work in place
  public static let relu = activation("relu")
  public static let tanh = activation("tanh", blocks: [.math])
  public static let sigmoid = activation("sigmoid", blocks: [.math])
  /// dx from y and dy
  public static let reluGradient = activationGradient("relu")
  public static let tanhGradient = activationGradient("tanh")
  public static let sigmoidGradient = activationGradient("sigmoid")

  /// 0 with probability p, else 1 / (1 − p)
  public static let dropoutMask = rows(
    "dropout_mask", "const uint64_t *row_keys, float p, float *mask, size_t mask_stride", blocks: [.random])
  /// Normal values with this standard deviation
  public static let gaussian = rows(
    "gaussian", "const uint64_t *row_keys, float sigma, float *y, size_t y_stride", blocks: [.random])
  /// u[r] = column 0 of the stream of row r, in [0, 1)
  public static let uniformColumn0 = Kernel(
    "uniform_column0", in: "elementwise", "int32_t rows, const uint64_t *row_keys, float *u")

  // MARK: Packing of weights; zeros where a mask (nullable, a word of 16 bits for 16 weights of a row) has no bit

  private static func packing(_ name: String, _ signature: String) -> Kernel {
    Kernel(name, in: "packing", signature, blocks: [.packing])
  }
  private static let packed = ", const float *weight, const uint16_t *kept, float *panels"

  /// Panels [n / 16][k][16] of W [n × k], rows of W padded with zeros
  public static let packPanels = packing("pack_panels", "size_t n, size_t k" + packed)
  /// Panels of the transpose of W [n × k]: [k / 16][n][16]
  public static let packPanelsTransposed = packing("pack_panels_transposed", "size_t n, size_t k" + packed)
  /// Panels [units / 16][hidden][4 gates][16 units] of W_hh [4 hidden × hidden]
  public static let packLstmPanels = packing("pack_lstm_panels", "size_t hidden" + packed)
  /// Panels [filters / 16][width][inputs][16] of weight [filters × inputs × width]
  public static let packConvPanels = packing(
    "pack_conv_panels", "size_t filters, size_t inputs, size_t width" + packed)
  /// As it is
  public static let packCanonical = packing(
    "pack_canonical", "size_t n, size_t k, const float *weight, const uint16_t *kept, float *to")

  // MARK: Flat arrays

  /// Σ x²
  public static let sumOfSquares = Kernel(
    "sum_of_squares", in: "elementwise", returns: "double", "size_t n, const float *x")
  /// Σ x y
  public static let dot = Kernel(
    "dot", in: "elementwise", returns: "double", "size_t n, const float *x, const float *y")
  /// y += a x
  public static let axpy = Kernel("axpy", in: "elementwise", "size_t n, float a, const float *x, float *y")
  /// g = m g
  public static let maskGradient = Kernel(
    "mask_gradient", in: "elementwise", "size_t n, const uint8_t *mask, float *g")
  /// torch.optim.SGD, v and mask nullable; see the template
  public static let sgdUpdate = Kernel(
    "sgd_update", in: "elementwise",
    """
    size_t n, float *w, const float *g, float *v, float rate, float momentum, int nesterov, float decay, float scale, \
    float clip_value, const uint8_t *mask
    """)
  /// torch.optim.Adam and AdamW, mask nullable; see the template
  public static let adamUpdate = Kernel(
    "adam_update", in: "elementwise",
    """
    size_t n, float *w, const float *g, float *m, float *v, float rate, float beta1, float beta2, float epsilon, \
    float decay, int decoupled, float correction1, float correction2, float scale, float clip_value, \
    const uint8_t *mask
    """)

  /// Every kernel.
  public static let all: [Kernel] =
    WeightType.allCases.flatMap {
      [
        wideLinear($0), wideLstmStep($0), jointLinear($0), jointLstmStep($0), packedLinear($0),
        packedLstmStep($0),
      ]
    } + [
      pairLinear, pairWeightGradient, pairLstmStep, pairColumns, pairRows, packPairPanels,
      packPairPanelsTransposed, packPairLstmPanels,
      linear, linearTransposed, weightGradient, lstmStep, lstmStepGradient, charConv, charConvGradient,
      charTable, blockSparseLinear, blockSparseLstmStep, splitLinear, splitLstmStep,
      crossEntropy, crossEntropyGradient, softmax, argmax, crfLoss, crfGradient, crfMarginals, crfViterbi,
      nbest,
      multiply, multiplyAdd, scaleRows, dotRows, addRows, copyRows, gatherRows, scatterAddRows, columnSums,
      lookUp(.bf16), lookUp(.int8),
      relu, tanh, sigmoid, reluGradient, tanhGradient, sigmoidGradient,
      dropoutMask, gaussian, uniformColumn0,
      packPanels, packPanelsTransposed, packLstmPanels, packConvPanels, packCanonical,
      sumOfSquares, dot, axpy, maskGradient, sgdUpdate, adamUpdate,
    ]
}
