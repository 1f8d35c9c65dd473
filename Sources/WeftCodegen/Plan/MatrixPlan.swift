import WeftGraph

/// How a package can hold a matrix of weights.
public enum MatrixForm: String, Sendable, Hashable, CaseIterable {
  /// All weights (`Templates/shared/wide.c.in`), of one of the types of weights.
  case f32, bf16, int8
  /// Blocks of 16 columns × 1 input that hold a weight, in fp32 (`Templates/shared/block_sparse.c.in`).
  case blocks
  /// The weights that are kept, wherever they are, in fp32 (`Templates/shared/packed.c.in`).
  case packed
  /// Once for all groups of tasks with what each of them uses (`Templates/shared/joint.c.in`), beside all weights for
  /// each group, which steps of several rows read.
  case jointF32 = "joint_f32"
  case jointBF16 = "joint_bf16"
  case jointInt8 = "joint_int8"

  static func joint(_ weights: WeightType) -> MatrixForm {
    switch weights {
    case .f32: .jointF32
    case .bf16: .jointBF16
    case .int8: .jointInt8
    }
  }

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
  private var sparse: [Key: SparseForm] = [:]
  private var joint: Set<Key> = []
  private var split: Set<Key> = []
  /// Instruction sets for which the joint form of those matrices that have it is the cheaper one.
  private(set) var jointSets: Set<InstructionSet> = []
  /// Instruction sets that read packed weights: for all of a package's together that is the cheaper way, or the choice was
  /// made for them. Others read all weights, with zeros.
  public private(set) var windowSets: Set<InstructionSet> = []
  /// How many groups of tasks there are.
  private(set) var groups = 1

  private struct Key: Hashable {
    var parameter: ParameterID
    var columns: [Range<Int>]
  }

  /// The form of a matrix that leaves out what masks remove; nil if it is dense.
  func sparseForm(_ parameter: ParameterID, _ columns: [Range<Int>]) -> SparseForm? {
    sparse[Key(parameter: parameter, columns: columns)]
  }

  /// Whether steps of one row read recurrent weights jointly for all groups of tasks.
  func isJoint(_ parameter: ParameterID) -> Bool { joint.contains(Key(parameter: parameter, columns: [])) }

  /// Whether tiles read the matrix, which is in fp32, in halves; what has no tiles reads it whole.
  func isSplit(_ parameter: ParameterID, _ columns: [Range<Int>]) -> Bool {
    split.contains(Key(parameter: parameter, columns: columns))
  }

  init() {}

  /// - Parameters:
  ///   - graph: folded.
  ///   - weights: how each parameter is stored.
  ///   - masks: of groups that have one.
  ///   - groups: how many there are.
  ///   - sets: instruction sets of the package, best first; the choice is made for the first that `costs` knows.
  ///   - splits: whether dense matrices in fp32 are split for tiles.
  init(
    graph: Graph, weights: [WeightType], masks: GroupMasks, groups: Int, costs: CostTable,
    sets: [InstructionSet], splits: Bool = false
  ) {
    let set = sets.first { costs.costs[$0] != nil }
    self.set = set
    self.groups = groups
    // How much longer those weights take packed that are packed; an addition to a set does as that set.
    var excess: [InstructionSet: Double] = [:]
    for node in graph.nodes {
      if let lstm = node.operation as? FoldedLstm {
        for part in lstm.parts {
          add((0..<lstm.directions).map { node.parameters[4 * $0] }, part.columns, isGates: true)
        }
        add((0..<lstm.directions).map { node.parameters[4 * $0 + 1] }, [], isGates: true, isRecurrent: true)
      } else if node.operation is Linear {
        add([node.parameters[0]], [], isGates: false)
      }
    }
    windowSets = Set(
      sets.filter { $0.layers[0] == set?.layers[0] || (excess[$0.layers[0]] ?? 0) < 0 })

    func add(
      _ parameters: [ParameterID], _ columns: [Range<Int>], isGates: Bool, isRecurrent: Bool = false
    ) {
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
      func time(_ form: MatrixForm, _ bytes: Int, on set: InstructionSet?) -> Double? {
        set.flatMap { costs[$0, form] }.map { $0.time(bytes: bytes, columns: first.rows) }
      }
      let words = (depth + type.perWord - 1) / type.perWord
      let denseBytes = 4 * ((first.rows + 15) / 16 * 16) * words
      let copiesOfAll = parameters.count * copies
      func denseTime(on set: InstructionSet?) -> Double? {
        time(MatrixForm(type), denseBytes, on: set).map { Double(copiesOfAll) * $0 }
      }
      var candidates = [
        Candidate(
          form: MatrixForm(type), bytes: copiesOfAll * denseBytes, nanoseconds: denseTime(on: set))
      ]
      func sparse(_ form: MatrixForm, bytes: [Int]) -> Candidate {
        let times = bytes.compactMap { time(form, $0, on: set) }
        return Candidate(
          form: form, bytes: bytes.reduce(0, +),
          nanoseconds: times.count == bytes.count ? times.reduce(0, +) : nil)
      }
      var reason = "not prunable"
      let isMasked =
        first.isPrunable
        && parameters.contains { id in masks.values.contains { $0[graph[id].name] != nil } }
      if first.isPrunable {
        reason = isMasked ? "cheapest" : "without masks"
        if isMasked && first.columns <= 1 << 16 {
          candidates.append(sparse(.blocks, bytes: patterns.joined().map { 66 * $0.blocks }))
          candidates.append(
            sparse(.packed, bytes: patterns.joined().map { PackedWindows.bytes * $0.windows }))
        }
      }
      let jointBytes = JointLayout(rows: first.rows, depth: depth, weights: type, groups: groups).bytes
      func jointTime(on set: InstructionSet?) -> Double? {
        time(.joint(type), jointBytes, on: set).map { Double(copiesOfAll) * $0 }
      }
      if isRecurrent && isMasked && groups > 1 && depth <= JointLayout.mostInputs {
        candidates.append(
          Candidate(
            form: .joint(type), bytes: copiesOfAll * denseBytes + parameters.count * jointBytes,
            nanoseconds: jointTime(on: set)))
      }
      // What has no costs is not chosen, unless nothing has.
      if let least = candidates.indices.min(by: {
        (candidates[$0].nanoseconds ?? .infinity, $0) < (candidates[$1].nanoseconds ?? .infinity, $1)
      }), candidates[0].nanoseconds != nil {
        candidates.insert(candidates.remove(at: least), at: 0)
      }
      switch candidates[0].form {
      case .blocks:
        for (id, groups) in zip(parameters, patterns) {
          self.sparse[Key(parameter: id, columns: columns)] = .blocks(groups.map(\.blocks).max() ?? 0)
        }
      case .packed:
        for (id, groups) in zip(parameters, patterns) {
          self.sparse[Key(parameter: id, columns: columns)] = .windows(groups.map(\.windows).max() ?? 0)
        }
        for base in Set(sets.map { $0.layers[0] }) {
          let times = patterns.joined().map { time(.packed, PackedWindows.bytes * $0.windows, on: base) }
          let packed = times.reduce(0) { $0 + ($1 ?? .infinity) }
          excess[base, default: 0] += packed - (denseTime(on: base) ?? 0)
        }
      case .jointF32, .jointBF16, .jointInt8:
        joint.formUnion(parameters.map { Key(parameter: $0, columns: columns) })
        for set in sets {
          // What is an addition to a set takes its kernels over.
          let known = set.layers.last { costs.costs[$0] != nil }
          if let dense = denseTime(on: known), let joint = jointTime(on: known), joint < dense {
            jointSets.insert(set)
          }
        }
      case .f32, .bf16, .int8: break
      }
      let keys = parameters.map { Key(parameter: $0, columns: columns) }
      if splits && type == .f32 && keys.allSatisfy({ self.sparse[$0] == nil }) { split.formUnion(keys) }
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
  /// Windows of weights that are packed.
  var windows = 0
  var weights = 0

  init(_ parameter: Parameter, _ ranges: [Range<Int>], mask: [UInt8]?, isGates: Bool) {
    let (rows, columns) = (parameter.rows, parameter.columns)
    let hidden = isGates ? rows / 4 : 0
    for first in stride(from: 0, to: rows, by: 16) {
      let packed = (first..<min(first + 16, rows)).map { WideOrder.row(ofColumn: $0, hidden: hidden) }
      var kept = Array(repeating: [Int](), count: packed.count)
      var depth = 0
      for input in ranges.joined() {
        let before = weights
        for (column, row) in packed.enumerated() where mask == nil || mask?[row * columns + input] != 0 {
          kept[column].append(depth)
          weights += 1
        }
        blocks += weights > before ? 1 : 0
        depth += 1
      }
      windows += PackedWindows.count(kept, depth: depth)
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
