import WeftGraph

/// How a package can hold a matrix of weights.
public enum MatrixForm: String, Sendable, Hashable, CaseIterable {
  /// All weights (`Templates/shared/wide.c.in`), of one of the types of weights.
  case f32, bf16, int8
  /// Blocks of 16 columns × 1 input that hold a weight, in fp32 (`Templates/shared/block_sparse.c.in`).
  case blocks

  init(_ weights: WeightType) {
    switch weights {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .int8: self = .int8
    }
  }
}

/// The weights of prunable parameters that each group of tasks uses.
public typealias GroupMasks = [Int: [String: [UInt8]]]

/// The form of each matrix of a package, and why it has it.
public struct MatrixPlan: Sendable {
  /// A form that a matrix could have.
  public struct Candidate: Sendable, Equatable {
    public var form: MatrixForm
    /// Of the packed weights of all groups of tasks.
    public var bytes: Int
    /// Predicted for one row of inputs and all groups of tasks; nil if the table of costs does not know the form.
    public var nanoseconds: Double?
  }

  /// A matrix, or the equal matrices of both directions of a layer, which have one form.
  public struct Entry: Sendable {
    /// Names of the parameters.
    public var names: [String]
    /// The columns of the parameters that are taken.
    public var columns: [Range<Int>]
    public var rows: Int
    /// Inputs.
    public var depth: Int
    /// Share of the weights that each group of tasks uses.
    public var densities: [Double]
    /// Cheapest first, the chosen one in front.
    public var candidates: [Candidate]
    /// Why the first of them is chosen.
    public var reason: String
  }

  /// The instruction set that the choice is made for.
  public private(set) var set: InstructionSet?
  public private(set) var entries: [Entry] = []
  private var kept: [Key: Int] = [:]

  private struct Key: Hashable {
    var parameter: ParameterID
    var columns: [Range<Int>]
  }

  /// Blocks that a matrix keeps at most in any group of tasks; nil if it is dense.
  func keptBlocks(_ parameter: ParameterID, _ columns: [Range<Int>]) -> Int? {
    kept[Key(parameter: parameter, columns: columns)]
  }

  init() {}

  /// - Parameters:
  ///   - graph: folded.
  ///   - weights: how each parameter is stored.
  ///   - masks: of groups that have one.
  ///   - groups: how many there are.
  ///   - sets: instruction sets of the package, best first; the choice is made for the first that `costs` knows.
  init(
    graph: Graph, weights: [WeightType], masks: GroupMasks, groups: Int, costs: CostTable,
    sets: [InstructionSet]
  ) {
    let set = sets.first { costs.costs[$0] != nil }
    self.set = set
    for node in graph.nodes {
      if let lstm = node.operation as? FoldedLstm {
        for part in lstm.parts {
          add((0..<lstm.directions).map { node.parameters[4 * $0] }, part.columns, isGates: true)
        }
        add((0..<lstm.directions).map { node.parameters[4 * $0 + 1] }, [], isGates: true)
      } else if node.operation is Linear {
        add([node.parameters[0]], [], isGates: false)
      }
    }

    func add(_ parameters: [ParameterID], _ columns: [Range<Int>], isGates: Bool) {
      let first = graph[parameters[0]]
      let ranges = columns.isEmpty ? [0..<first.columns] : columns
      let depth = ranges.reduce(0) { $0 + $1.count }
      let type = weights[parameters[0].index]
      let patterns = parameters.map { id in
        (0..<groups).map { group in
          KeptPattern(
            graph[id], ranges, mask: graph[id].isPrunable ? masks[group]?[graph[id].name] : nil,
            isGates: isGates)
        }
      }
      let copies = first.isPrunable ? groups : 1
      func time(_ form: MatrixForm, _ bytes: Int) -> Double? {
        set.flatMap { costs[$0, form] }.map { $0.time(bytes: bytes, columns: first.rows) }
      }
      let words = (depth + type.perWord - 1) / type.perWord
      let denseBytes = 4 * ((first.rows + 15) / 16 * 16) * words
      let copiesOfAll = parameters.count * copies
      var candidates = [
        Candidate(
          form: MatrixForm(type), bytes: copiesOfAll * denseBytes,
          nanoseconds: time(MatrixForm(type), denseBytes).map { Double(copiesOfAll) * $0 })
      ]
      var reason = "not prunable"
      if first.isPrunable {
        let isMasked = parameters.contains { id in masks.values.contains { $0[graph[id].name] != nil } }
        reason = isMasked ? "cheapest" : "without masks"
        if isMasked && first.columns <= 1 << 16 {
          let bytes = patterns.joined().map { 66 * $0.blocks }
          let times = bytes.compactMap { time(.blocks, $0) }
          candidates.append(
            Candidate(
              form: .blocks, bytes: bytes.reduce(0, +),
              nanoseconds: times.count == bytes.count ? times.reduce(0, +) : nil))
        }
      }
      if let dense = candidates[0].nanoseconds, candidates.count > 1, let sparse = candidates[1].nanoseconds,
        sparse < dense
      {
        candidates.swapAt(0, 1)
        for (id, groups) in zip(parameters, patterns) {
          kept[Key(parameter: id, columns: columns)] = groups.map(\.blocks).max() ?? 0
        }
      }
      entries.append(
        Entry(
          names: parameters.map { graph[$0].name }, columns: columns, rows: first.rows, depth: depth,
          densities: (0..<copies).map { group in
            let used = patterns.reduce(0) { $0 + $1[group].weights }
            return Double(used) / Double(max(1, first.rows * depth * parameters.count))
          }, candidates: candidates, reason: reason))
    }
  }
}

/// What a mask leaves of some columns of a matrix.
private struct KeptPattern {
  /// Blocks of 16 packed columns × 1 input with a weight.
  var blocks = 0
  var weights = 0

  init(_ parameter: Parameter, _ ranges: [Range<Int>], mask: [UInt8]?, isGates: Bool) {
    let (rows, columns) = (parameter.rows, parameter.columns)
    let hidden = isGates ? rows / 4 : 0
    for first in stride(from: 0, to: rows, by: 16) {
      let packed = (first..<min(first + 16, rows)).map { WideOrder.row(ofColumn: $0, hidden: hidden) }
      for input in ranges.joined() {
        let count = packed.count { mask == nil || mask?[$0 * columns + input] != 0 }
        weights += count
        blocks += count > 0 ? 1 : 0
      }
    }
  }
}

/// The order of columns in packed matrices.
enum WideOrder {
  /// The row of a matrix that a packed column stands for: the same, or with `hidden` units of an LSTM those of i, f, g and
  /// o in turn for 16 units, then as tightly those of the units that are left.
  static func row(ofColumn column: Int, hidden: Int) -> Int {
    let whole = hidden / 16 * 64
    let left = hidden % 16
    if hidden == 0 { return column }
    if column < whole { return column % 64 / 16 * hidden + column / 64 * 16 + column % 16 }
    return (column - whole) / left * hidden + whole / 4 + (column - whole) % left
  }
}
