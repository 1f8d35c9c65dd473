import WeftGraph

/// How an operation becomes C; the twin of its meaning in `WeftGraph/Operations`.
protocol Emitting: Operation {
  /// Memory that it needs only while it runs.
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch]
  /// Is its code nothing but pieces (`NodeWriter.runPieces`)? Then neighbours of its kind may run at the same time.
  var isPieces: Bool { get }
  /// More of it where products are of pairs in bf16; follows the other.
  func pairScratch(for node: Node, in graph: Graph) -> [Scratch]
  /// Writes the body of the node's function.
  func emit(_ node: Node, into c: inout NodeWriter)
}

extension Emitting {
  var isPieces: Bool { false }
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] { [] }
  func pairScratch(for node: Node, in graph: Graph) -> [Scratch] { [] }
}

/// A matrix in generated code.
struct Operand {
  /// C expression of the first element.
  var pointer: String
  /// C expression of the elements from row to row.
  var stride: String
  var rows: IndexSet
  var columns: Int

  /// C expression of the first element of the row `first`.
  var first: String { "\(pointer) + (size_t)first * \(stride)" }
}

/// How a kernel reads a parameter.
enum PackedForm: String, Sendable, Hashable, CaseIterable {
  /// W as it is: [N × K] → panels of N.
  case panels
  /// Recurrent weights of an LSTM, the four gates of 16 units side by side.
  case lstmPanels = "lstm_panels"
  /// Filters of a convolution.
  case convPanels = "conv_panels"
  /// The sum of two bias vectors.
  case sum
  /// As it is, but under the mask of the pass: for kernels that read prunable weights unpacked.
  case canonical
  /// The same three of pairs of numbers in bf16: W, Wᵀ for gradients that flow back, and recurrent weights.
  case pairPanels = "pair_panels"
  case pairTransposedPanels = "pair_transposed_panels"
  case pairLstmPanels = "pair_lstm_panels"
  /// Words of a wide matrix (`Templates/shared/wide.c.in`), of any type of weights; for packages, as those below.
  case wide
  /// The same with rows, the gates of an LSTM, in the order in which its step forms cells.
  case wideGates = "wide_gates"
  /// The same once for all groups of tasks, with the weights that each of them uses (`Templates/shared/joint.c.in`).
  case joint
  /// The sum of two bias vectors in that order.
  case gateSum = "gate_sum"
  /// Products of the first rows of a table with some columns of input weights, with biases if they are given.
  case knownGates = "known_gates"
  /// Products of characters with the taps of filters.
  case charTable = "char_table"
  /// What a convolution forms of the characters of the first words of the vocabulary.
  case spellings
}

extension PackedForm {
  /// The kernel that packs; nil where a loop does.
  var kernel: Kernel? {
    switch self {
    case .panels: .packPanels
    case .lstmPanels: .packLstmPanels
    case .convPanels: .packConvPanels
    case .pairPanels: .packPairPanels
    case .pairTransposedPanels: .packPairPanelsTransposed
    case .pairLstmPanels: .packPairLstmPanels
    case .sum, .wide, .wideGates, .joint, .gateSum, .knownGates, .charTable, .spellings: nil
    case .canonical: .packCanonical
    }
  }
}

/// Parameters in the form in which a kernel reads them; made anew when they change.
struct PackedPiece: Sendable, Hashable {
  var form: PackedForm
  /// What characters add to known gates.
  struct Spelling: Sendable, Hashable {
    /// A piece of the form `.spellings`.
    var rows: PackedPiece
    /// The input weights that they are multiplied with.
    var columns: [Range<Int>]
  }

  /// One parameter, or two for `.sum` and `.gateSum`; weight and table for `.charTable`; weight, table and maybe biases
  /// for `.knownGates`; weight, table and bias for `.spellings`.
  var parameters: [ParameterID]
  /// Of a wide matrix.
  var weights = WeightType.f32
  /// Columns of the first parameter that are taken, all if there are none named.
  var columns: [Range<Int>] = []
  /// Rows of the table, for `.knownGates`; words, for `.spellings`.
  var rows = 0
  /// For `.knownGates`.
  var spellings: [Spelling] = []
  /// The one that forms `.spellings`.
  var kernel: KernelInstance?
  /// For a matrix that leaves out what masks remove: how.
  var sparse: SparseForm?
  /// Whether tiles read it in halves.
  var isSplit = false
  /// Of tasks, for a joint matrix.
  var groups = 1

  /// Whether groups of tasks have it each to themselves, as masks may change it.
  func isPrunable(in graph: Graph) -> Bool {
    form != .joint
      && (parameters.contains { graph[$0].isPrunable }
        || spellings.contains { $0.rows.isPrunable(in: graph) })
  }

  /// Whether it is made of windows of weights.
  var isPacked: Bool {
    if case .windows = sparse { true } else { false }
  }

  /// Columns of the first parameter that are taken.
  func depth(in graph: Graph) -> Int {
    columns.isEmpty ? graph[parameters[0]].columns : columns.reduce(0) { $0 + $1.count }
  }

  /// Floats that it takes.
  func floats(in graph: Graph) -> Int {
    let first = graph[parameters[0]]
    func blocks(_ n: Int) -> Int { (n + 15) / 16 * 16 }
    switch form {
    case .panels: return blocks(first.rows) * first.columns
    case .lstmPanels: return blocks(first.rows / 4) * first.columns * 4
    case .convPanels: return blocks(first.rows) * first.columns
    case .pairPanels: return blocks(first.rows) * ((first.columns + 1) / 2)
    case .pairTransposedPanels: return blocks(first.columns) * ((first.rows + 1) / 2)
    case .pairLstmPanels: return blocks(first.rows / 4) * 4 * ((first.columns + 1) / 2)
    case .sum: return blocks(first.count)
    case .canonical, .gateSum: return blocks(first.count)
    case .wide, .wideGates:
      let words = (depth(in: graph) + weights.perWord - 1) / weights.perWord
      let dense = blocks(first.rows) * (words + (weights == .int8 ? 2 : 0))
      if isSplit { return max(dense, blocks(first.rows) * ((depth(in: graph) + 31) / 32 * 32)) }
      guard let sparse else { return dense }
      // Instruction sets that do not read packed weights read all.
      return isPacked ? max(sparse.words(columns: first.rows), dense) : sparse.words(columns: first.rows)
    case .joint:
      return JointLayout(rows: first.rows, depth: depth(in: graph), weights: weights, groups: groups).floats
    case .knownGates: return rows * first.rows
    case .spellings: return rows * first.rows
    case .charTable: return graph[parameters[1]].rows * blocks(first.rows) * (first.shape.last ?? 1)
    }
  }
}

/// A function that node functions call.
struct SharedFunction: Sendable {
  enum Source: Sendable {
    case text(String)
    case template(String, [String: String])
  }
  var name: String
  var source: Source
}

/// What node functions need besides their own code; collected while they are written.
struct Resources {
  /// Kernels in order of first use.
  private(set) var kernels: [KernelInstance] = []
  /// Packed parameters in order of first use.
  private(set) var pieces: [PackedPiece] = []
  /// Parameters that are read as they are.
  private(set) var raw: [ParameterID] = []
  /// Those among them whose rows are looked up, so that they may stay narrow.
  private(set) var tables: Set<ParameterID> = []
  /// Functions that node functions call, in order of first use.
  private(set) var functions: [SharedFunction] = []
  /// Constant tables: declaration by name.
  private(set) var constants: [(name: String, declaration: String)] = []
  /// Random sites in order of first use.
  private(set) var sites: [(site: RandomSite, rows: IndexSet, columns: Int)] = []

  /// Nodes whose gradient a slot gets once, whatever the number of its backward passes; in order of first use.
  private(set) var penalties: [NodeID] = []

  mutating func usePenalty(of node: NodeID) -> Int {
    if let known = penalties.firstIndex(of: node) { return known }
    penalties.append(node)
    return penalties.count - 1
  }
  mutating func use(kernel: KernelInstance) {
    if !kernels.contains(kernel) { kernels.append(kernel) }
  }
  mutating func use(piece: PackedPiece) {
    if !pieces.contains(piece) { pieces.append(piece) }
  }
  mutating func use(raw parameter: ParameterID) {
    if !raw.contains(parameter) { raw.append(parameter) }
  }
  mutating func use(table parameter: ParameterID) {
    use(raw: parameter)
    tables.insert(parameter)
  }
  mutating func define(_ function: SharedFunction) {
    if !functions.contains(where: { $0.name == function.name }) { functions.append(function) }
  }
  mutating func define(constant name: String, declaration: String) {
    if !constants.contains(where: { $0.name == name }) { constants.append((name, declaration)) }
  }
  mutating func use(site: RandomSite, rows: IndexSet, columns: Int) {
    if !sites.contains(where: { $0.site.name == site.name }) { sites.append((site, rows, columns)) }
  }
}
