/// A C function that exists once per instruction set and per choice of its constants.
///
/// The name is the contract: `linear_f32_n800_k130__avx512` is `linear` with N = 800 and K = 130 for AVX-512.
public struct Kernel: Sendable, Hashable {
  public struct Parameter: Sendable, Hashable {
    /// C type; a pointer's asterisk stands at its end.
    public let type: String
    public let name: String

    var declaration: String { type.hasSuffix("*") ? type + name : "\(type) \(name)" }
  }

  public let name: String
  /// Names of the constants, in the order in which an instance gives their values, e.g. `["N", "K"]`.
  public let constants: [String]
  public let returnType: String
  public let parameters: [Parameter]
  /// Of the weights that it reads, if it reads weights.
  public let weights: WeightType
  /// Template of the function, a path under `Templates/`.
  let template: String
  /// Code that the function builds on, once per instruction set and translation unit.
  let blocks: Set<Block>

  /// Shared code of kernels.
  enum Block: Sendable, Hashable {
    case math, random, product, lstmStep, charConv, charConvGradient, packing, row, crf, viterbi, nbest
    case lstmCells
    /// Products with matrices that masks thin out: what all forms share, and the forms.
    case sparse, blockSparse, packed
    /// Sums of products with weights of a type; what becomes of them.
    case wide(WeightType)
    case wideLinear(WeightType)
    case wideLstm(WeightType)
    /// The same with weights in single precision as sums of two numbers in bf16, in tiles alone.
    case split, splitLinear, splitLstm
    /// The same for groups of tasks with masks over one matrix.
    case joint(WeightType)
    /// Pairs of numbers in bf16, and the blocks above over such pairs.
    case pairs, pairProduct, pairLstmStep, pairPacking

    /// In the order in which they have to be emitted.
    static let all: [Block] =
      [.math, .random, .product, .lstmStep, .charConv, .charConvGradient, .packing, .row, .crf, .viterbi]
      + [.nbest, .lstmCells, .sparse, .blockSparse, .packed]
      + WeightType.allCases.flatMap { [.wide($0), .wideLinear($0), .wideLstm($0)] }
      + [.split, .splitLinear, .splitLstm]
      + WeightType.allCases.map { .joint($0) }
      + [.pairs, .pairProduct, .pairLstmStep, .pairPacking]

    var template: String {
      switch self {
      case .math: "simd/math"
      case .random: "blocks/random"
      case .product: "blocks/product"
      case .lstmStep: "blocks/lstm_step"
      case .charConv: "blocks/char_conv"
      case .charConvGradient: "blocks/char_conv_gradient"
      case .packing: "shared/packing"
      case .row: "blocks/row"
      case .crf: "blocks/crf"
      case .viterbi: "blocks/viterbi"
      case .nbest: "blocks/nbest"
      case .pairs: "pairs/bf16"
      case .pairProduct: "blocks/product"
      case .pairLstmStep: "blocks/lstm_step"
      case .pairPacking: "blocks/pair_packing"
      case .lstmCells: "blocks/lstm_cells"
      case .sparse: "blocks/sparse"
      case .blockSparse: "blocks/block_sparse"
      case .packed: "blocks/packed"
      case .wide, .split: "blocks/wide"
      case .wideLinear, .splitLinear: "blocks/wide_linear"
      case .wideLstm, .splitLstm: "blocks/wide_lstm"
      case .joint: "blocks/joint"
      }
    }

    /// Is it the same text for every instruction set, which only the kernels around it choose?
    var isShared: Bool { self == .packing }

    /// Does it depend on a type of weights? An addition to an instruction set replaces these alone.
    var isOfWeights: Bool {
      switch self {
      case .wide, .wideLinear, .wideLstm, .joint: true
      case .split, .splitLinear, .splitLstm: true
      case .pairs, .pairProduct, .pairLstmStep, .pairPacking: true
      default: false
      }
    }

    /// Does it have a form in tiles?
    var isOfTiles: Bool {
      switch self {
      case .pairProduct, .pairLstmStep, .split, .splitLinear, .splitLstm: true
      case .wide(let weights), .wideLinear(let weights), .wideLstm(let weights): weights != .f32
      default: false
      }
    }

    /// Template of what the block needs once in a translation unit.
    var shared: String? {
      switch self {
      case .packing, .pairPacking: "shared/packing"
      case .product, .pairProduct: "shared/product"
      case .lstmStep, .pairLstmStep: "shared/lstm_step"
      case .lstmCells: "shared/lstm_cells"
      case .crf, .viterbi: "shared/crf"
      case .wide, .split: "shared/wide"
      case .joint: "shared/joint"
      case .sparse: "shared/sparse"
      case .blockSparse: "shared/block_sparse"
      case .packed: "shared/packed"
      default: nil
      }
    }
  }

  /// - Parameter signature: C parameters as in a prototype, separated by commas.
  init(
    _ name: String, in folder: String = "kernels", constants: [String] = [],
    returns returnType: String = "void", weights: WeightType = .f32, template: String? = nil,
    _ signature: String, blocks: Set<Block> = []
  ) {
    self.name = name
    self.weights = weights
    self.constants = constants
    self.returnType = returnType
    self.template = "\(folder)/\(template ?? name)"
    self.blocks = blocks
    parameters = signature.split(separator: ",").map { parameter in
      let text = parameter.drop { $0 == " " }
      let split = text.lastIndex { $0 == " " || $0 == "*" } ?? text.startIndex
      let type = text[split] == "*" ? text[...split] : text[..<split]
      return Parameter(type: String(type), name: String(text[text.index(after: split)...]))
    }
  }

  /// The kernel with values for its constants.
  public func callAsFunction(_ values: Int...) -> KernelInstance { KernelInstance(self, values) }

  public static func == (a: Kernel, b: Kernel) -> Bool { a.name == b.name && a.weights == b.weights }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(weights)
  }

  /// Rows from which on a set with tiles has a better way than the set that it is an addition to; 0 if always.
  ///
  /// Weights are read once, whatever the rows, and a few rows of eight-bit numbers are multiplied while they are.
  func leastRows(for set: InstructionSet) -> Int { set.hasTiles && weights == .int8 ? 4 : 0 }

  /// Whether it is for tiles alone: what has none runs ``KernelInstance/dense`` in its place.
  var needsTiles: Bool { blocks.contains(.split) }

  /// Whether an instruction set has a kernel of its own, as an addition to another one does not have all.
  func isSpecial(for set: InstructionSet) -> Bool {
    if set.base == nil { return !needsTiles }
    return set.hasTiles
      ? blocks.contains(where: \.isOfTiles) && !blocks.contains(.joint(weights))
      : set.isFor(weights) && blocks.contains(where: \.isOfWeights)
  }
}

/// A kernel with values for its constants.
public struct KernelInstance: Sendable, Hashable {
  public let kernel: Kernel
  public let values: [Int]

  /// - Precondition: one value for each constant of the kernel.
  public init(_ kernel: Kernel, _ values: [Int]) {
    precondition(values.count == kernel.constants.count, "\(kernel.name) takes \(kernel.constants)")
    self.kernel = kernel
    self.values = values
  }

  /// The kernel of the same signature for dense matrices, for one that reads packed weights or halves.
  var dense: KernelInstance {
    switch kernel {
    case .splitLinear: KernelInstance(.wideLinear(.f32), values)
    case .splitLstmStep: KernelInstance(.wideLstmStep(.f32), values)
    case .packedLinear(kernel.weights): KernelInstance(.wideLinear(kernel.weights), values)
    case .packedLstmStep(kernel.weights): KernelInstance(.wideLstmStep(kernel.weights), values)
    default: self
    }
  }

  /// The name without an instruction set, e.g. `linear_f32_n800_k130`; also its name in a dispatch table.
  public var baseName: String {
    zip(kernel.constants, values).reduce("\(kernel.name)_\(kernel.weights)") {
      "\($0)_\($1.0.lowercased())\($1.1)"
    }
  }

  /// The C function's name.
  ///
  /// An addition to an instruction set takes over the kernels that it does not replace.
  public func symbol(_ set: InstructionSet) -> String {
    guard let base = set.base, !kernel.isSpecial(for: set) else { return "\(baseName)__\(set.rawValue)" }
    return symbol(base)
  }

  /// The head of the definition, without a brace.
  func signature(_ set: InstructionSet) -> String {
    let parameters = kernel.parameters.map(\.declaration).joined(separator: ", ")
    return "static TARGET_\(set.rawValue) \(kernel.returnType) \(symbol(set))(\(parameters))"
  }

  /// Forward declaration of the function.
  public func prototype(_ set: InstructionSet) -> String { CLayout.wrap(signature(set) + ";") }

  /// Declaration of a pointer to such a function, with this name or else the base name; no semicolon.
  public func pointerDeclaration(named name: String? = nil) -> String {
    let parameters = kernel.parameters.map(\.declaration).joined(separator: ", ")
    return "\(kernel.returnType) (*\(name ?? baseName))(\(parameters))"
  }

  /// The function, without the blocks that it builds on (see `KernelUnit`).
  public func source(_ set: InstructionSet) throws(TemplateError) -> String {
    let template = try Template(embedded: kernel.template)
    var placeholders = ["SIGNATURE": signature(set)]
    for (name, value) in zip(kernel.constants, values) { placeholders[name] = String(value) }
    if template.mentions("ISA") { placeholders["ISA"] = set.rawValue }
    if template.mentions("VEC") { placeholders["VEC"] = set.vectors.rawValue }
    if template.mentions("FORM") {
      placeholders["FORM"] = kernel.blocks.contains(.packed) ? "packed" : "block_sparse"
      placeholders["KEPT"] = kernel.blocks.contains(.packed) ? "some" : "blocks"
    }
    if template.mentions("FEW_ROWS") { placeholders["FEW_ROWS"] = fewRows(set) }
    if template.mentions("WEIGHTS") {
      placeholders["WEIGHTS"] = kernel.needsTiles ? "split" : kernel.weights.rawValue
    }
    return try template.render(placeholders)
  }

  /// What the function begins with if it leaves a few rows to the set that its own is an addition to.
  private func fewRows(_ set: InstructionSet) -> String {
    let least = kernel.leastRows(for: set)
    guard least > 0, let base = set.base else { return "" }
    let arguments = kernel.parameters.map(\.name).joined(separator: ", ")
    return """

          // Tiles are for more rows.
          if (rows < \(least)) {
              \(symbol(base))(\(arguments));
              return;
          }
      """
  }
}
