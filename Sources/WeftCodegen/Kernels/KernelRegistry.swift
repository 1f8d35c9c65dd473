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

  /// dW [N × K] += dyᵀ x, summed over the rows of dy [rows × N] and x [rows × K].
  public static let weightGradient = Kernel(
    "weight_gradient", constants: ["N", "K"],
    "int32_t rows, const float *dy, size_t dy_stride, const float *x, size_t x_stride, float *dweight",
    blocks: [.product])

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
  /// the previous states is then `linear` with N = H, K = 4H over transposed panels.
  public static let lstmStepGradient = Kernel(
    "lstm_step_gradient", constants: ["H"],
    """
    int32_t rows, int32_t previous_rows, int32_t next_rows, float *gates, size_t gates_stride, const float *c, \
    size_t c_stride, const float *c_previous, size_t c_previous_stride, const float *dy, size_t dy_stride, \
    const float *dh_next, size_t dh_next_stride, float *dc, size_t dc_stride
    """, blocks: [.math])

  // MARK: Rows of runtime size

  private static func rows(_ name: String, _ signature: String, blocks: Set<Block> = []) -> Kernel {
    Kernel(name, in: "elementwise", "int32_t rows, int32_t columns, " + signature, blocks: blocks)
  }

  /// y = x m
  public static let multiply = rows(
    "multiply", "const float *x, size_t x_stride, const float *m, size_t m_stride, float *y, size_t y_stride")
  /// y += x
  public static let addRows = rows("add_rows", "const float *x, size_t x_stride, float *y, size_t y_stride")
  /// y = x
  public static let copyRows = rows("copy_rows", "const float *x, size_t x_stride, float *y, size_t y_stride")
  /// y[r] = x[index[r]], zeros for a negative index
  public static let gatherRows = rows(
    "gather_rows", "const float *x, size_t x_stride, const int32_t *index, float *y, size_t y_stride")
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
    "gaussian", "const uint64_t *row_keys, float sigma, float *y, size_t y_stride")
  /// u[r] = column 0 of the stream of row r, in [0, 1)
  public static let uniformColumn0 = Kernel(
    "uniform_column0", in: "elementwise", "int32_t rows, const uint64_t *row_keys, float *u")

  // MARK: Flat arrays

  /// Σ x²
  public static let sumOfSquares = Kernel(
    "sum_of_squares", in: "elementwise", returns: "double", "size_t n, const float *x")
  /// Σ x y
  public static let dot = Kernel(
    "dot", in: "elementwise", returns: "double", "size_t n, const float *x, const float *y")
  /// y += a x
  public static let axpy = Kernel("axpy", in: "elementwise", "size_t n, float a, const float *x, float *y")
  /// torch.optim.SGD, v nullable; see the template
  public static let sgdUpdate = Kernel(
    "sgd_update", in: "elementwise",
    """
    size_t n, float *w, const float *g, float *v, float rate, float momentum, int nesterov, float decay, float scale, \
    float clip_value
    """)
  /// torch.optim.Adam and AdamW; see the template
  public static let adamUpdate = Kernel(
    "adam_update", in: "elementwise",
    """
    size_t n, float *w, const float *g, float *m, float *v, float rate, float beta1, float beta2, float epsilon, \
    float decay, int decoupled, float correction1, float correction2, float scale, float clip_value
    """)

  /// Every kernel.
  public static let all: [Kernel] = [
    linear, weightGradient, lstmStep, lstmStepGradient,
    multiply, addRows, copyRows, gatherRows, scatterAddRows, columnSums,
    relu, tanh, sigmoid, reluGradient, tanhGradient, sigmoidGradient,
    dropoutMask, gaussian, uniformColumn0,
    sumOfSquares, dot, axpy, sgdUpdate, adamUpdate,
  ]
}
