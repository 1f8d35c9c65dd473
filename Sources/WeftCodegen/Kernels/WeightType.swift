/// How weights are stored where kernels read them.
public enum WeightType: String, Sendable, Hashable, CaseIterable {
  case f32
  /// The upper half of a float.
  case bf16
  /// Eight bits, and a scale for each row of the matrix.
  case int8

  /// Weights in a word of 32 bits.
  public var perWord: Int {
    switch self {
    case .f32: 1
    case .bf16: 2
    case .int8: 4
    }
  }
}
