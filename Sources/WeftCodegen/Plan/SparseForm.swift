/// A form of a matrix in fp32 that leaves out what masks remove, with as much room as any group of tasks needs.
enum SparseForm: Sendable, Hashable {
  /// So many blocks of 16 columns × 1 input (`Templates/shared/block_sparse.c.in`).
  case blocks(Int)
  /// So many windows (`Templates/shared/packed.c.in`).
  case windows(Int)

  /// Words of 32 bits of a matrix with so many columns of results.
  func words(columns: Int) -> Int {
    let lists = ((columns + 15) / 16 + 16) / 16 * 16
    return switch self {
    case .blocks(let count): lists + (count + 31) / 32 * 16 + 16 * count
    case .windows(let count): lists + (count + 31) / 32 * 16 + PackedWindows.words * count
    }
  }

  /// The kernel for products with such a matrix, whose weights would be dense of this type.
  func linear(_ weights: WeightType) -> Kernel {
    switch self {
    case .blocks: .blockSparseLinear
    case .windows: .packedLinear(weights)
    }
  }

  /// The kernel for steps of an LSTM with such recurrent weights.
  func lstmStep(_ weights: WeightType) -> Kernel {
    switch self {
    case .blocks: .blockSparseLstmStep
    case .windows: .packedLstmStep(weights)
    }
  }

  /// What names in generated code begin with that belong to it.
  var prefix: String {
    switch self {
    case .blocks: "kept"
    case .windows: "packed"
    }
  }

  /// The function that packs it when a model is opened.
  var packing: String {
    switch self {
    case .blocks: "pack_blocks"
    case .windows: "pack_windows"
    }
  }

  /// How much there is room for.
  var most: Int {
    switch self {
    case .blocks(let count), .windows(let count): count
    }
  }
}

/// How many windows packed columns take (`Templates/shared/packed.c.in`); `Templates/package/decoding_packed.c.in`
/// makes them.
enum PackedWindows {
  /// Neighbouring inputs in a window.
  static let inputs = 32
  /// Weights of a column in a window.
  static let turns = 4
  /// Of a window: the numbers of inputs, a byte each, and the weights. Its first input is half a word more.
  static let words = 20 * turns
  static let bytes = 4 * words + 2

  /// Windows that 16 columns take.
  ///
  /// With fewer weights they are never more: the next input of no column comes earlier then.
  ///
  /// - Parameters:
  ///   - columns: the inputs that each column keeps, in their order.
  ///   - depth: all inputs.
  static func count(_ columns: [[Int]], depth: Int) -> Int {
    var taken = Array(repeating: 0, count: columns.count)
    var windows = 0
    while true {
      let next = zip(columns, taken).compactMap { $1 < $0.count ? $0[$1] : nil }.min()
      guard let next else { return windows }
      let end = min(next, max(0, depth - inputs)) + inputs
      for (number, column) in columns.enumerated() {
        var at = taken[number]
        while at < column.count && at < taken[number] + turns && column[at] < end { at += 1 }
        taken[number] = at
      }
      windows += 1
    }
  }
}
