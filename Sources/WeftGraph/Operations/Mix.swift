/// A task's mixture of what several tasks, or several layers, computed:
/// y_s = Σ_{m, s'} α[row·S + s, m·S + s'] x_{m, s'}.
///
/// With one subspace it is a row of a cross-stitch unit (Misra et al. 2016); with more it is that of a sluice network
/// (Ruder et al. 2019, section 2), where subspace s of a layer is its s-th part of the units of each direction. Over
/// the layers of one task it is the layer mixture β of the same paper. There is a node for each output, so that what a
/// task does not read is not computed for it.
public struct Mix: Operation {
  public static let kind = "mix"
  /// Which output's rows of α it takes.
  public var row: Int
  /// Which column block of α belongs to each input. Ascending; outputs that constant zeros keep out are left out.
  public var sources: [Int]
  /// S: parts that the units are split in.
  public var subspaces: Int
  /// Parts of the columns that are split each by itself: the directions of a recurrent layer.
  public var directions: Int
  /// Which entries of α the parameter holds; nil: all of them, row-major.
  public var entries: MixEntries?
  public var attributes: [String] {
    ["row=\(row)", "sources=\(sources)", "subspaces=\(subspaces)", "directions=\(directions)"]
      + (entries.map { ["columns=\($0.columns)", "entries=\($0.entries.map(Self.text))"] } ?? [])
  }

  private static func text(_ entry: MixEntries.Entry) -> String {
    switch entry {
    case .constant(let value): "\(value)"
    case .learned(let index): "#\(index)"
    }
  }

  public init(
    row: Int, sources: [Int], subspaces: Int = 1, directions: Int = 1, entries: MixEntries? = nil
  ) {
    self.row = row
    self.sources = sources
    self.subspaces = subspaces
    self.directions = directions
    self.entries = entries
  }

  /// Inputs: one x [R × D] for each of `sources`. Parameters: α [rows·S × columns·S], or with `entries` their distinct
  /// numbers [1 × n]. Outputs: y [R × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, max(1, sources.count), parameters: parameters, 1)
    try check(Self.self, value: inputs[0], alpha: parameters[0])
    for (position, input) in inputs.enumerated() {
      try Self.requireType(input, inputs[0], "input \(position)")
    }
    return [inputs[0]]
  }

  /// The shape rule that the gradient shares.
  fileprivate func check(
    _ operation: any Operation.Type, value: ValueType, alpha: Parameter
  ) throws(GraphError) {
    try operation.requireFloat(value, "input 0")
    try operation.require(
      subspaces > 0 && directions > 0,
      "needs one subspace and one direction at least, has \(subspaces) and \(directions)")
    try operation.require(
      value.columns % (subspaces * directions) == 0,
      "\(value.columns / directions) units of each direction cannot be split in \(subspaces) subspaces of equal size"
    )
    if let entries {
      try operation.requireShape(alpha, [1, entries.learnedCount], "the learned entries of α")
    }
    let shape = entries.map { [$0.rows, $0.columns] } ?? alpha.shape
    try operation.require(
      shape.count == 2 && shape[0] % subspaces == 0 && shape[1] % subspaces == 0,
      "α (\(alpha.name)) must be a matrix of whole blocks of \(subspaces), has shape \(shape)")
    try operation.require(
      (0..<shape[0] / subspaces).contains(row),
      "α (\(alpha.name)) of shape \(shape) has no block row \(row)")
    try operation.require(
      zip(sources, sources.dropFirst()).allSatisfy(<)
        && sources.allSatisfy((0..<shape[1] / subspaces).contains),
      "the inputs \(sources) are no ascending block columns of α (\(alpha.name)) of shape \(shape)")
  }

  /// Calls with every pair of parts that an entry of α joins: its place, and the columns of the output's and of the
  /// input's part in each direction.
  fileprivate func forEachEntry(
    input position: Int, columns: Int,
    _ body: (_ row: Int, _ column: Int, _ output: Range<Int>, _ input: Range<Int>) -> Void
  ) {
    let width = columns / directions / subspaces
    for part in 0..<subspaces {
      for other in 0..<subspaces {
        for direction in 0..<directions {
          let first = direction * subspaces * width
          let (to, from) = (first + part * width, first + other * width)
          body(
            row * subspaces + part, sources[position] * subspaces + other, to..<to + width,
            from..<from + width)
        }
      }
    }
  }

  /// α as a matrix.
  fileprivate func matrix(_ parameter: Matrix) -> Matrix {
    entries?.matrix(of: parameter.elements) ?? parameter
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let alpha = matrix(context.parameters[0])
    var y = context.zeros(0)
    for (position, x) in context.inputs.enumerated() {
      forEachEntry(input: position, columns: x.columns) { row, column, output, input in
        for r in 0..<x.rows {
          for (to, from) in zip(output, input) { y[r, to] += alpha[row, column] * x[r, from] }
        }
      }
    }
    context.outputs[0] = y
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    var outputs: [ValueID?] = []
    for input in node.inputs { outputs.append(try gradient.contribution(to: input)) }
    gradient.add(
      MixGradient(mix: self), for: node, inputs: node.inputs + [outputGradient], parameters: node.parameters,
      accumulates: try gradient.trainableParameters(of: node), outputs: outputs)
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: inputs.count * subspaces * inputs[0].columns])
  }
}

/// dx_{m, s'} = Σ_s α[row·S + s, m·S + s'] dy_s, and dα of the same entry += Σ_r dy_s[r] · x_{m, s'}[r].
public struct MixGradient: Operation {
  public static let kind = "mixGradient"
  public var mix: Mix
  public var attributes: [String] { mix.attributes }
  public init(mix: Mix) { self.mix = mix }

  /// Inputs: x_1 … x_n [R × D], dy [R × D]. Parameters: α. Outputs: dx_1 … dx_n [R × D] (each may be left out).
  /// Accumulates: α.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, max(1, mix.sources.count) + 1, parameters: parameters, 1)
    try mix.check(Self.self, value: inputs[0], alpha: parameters[0])
    for (position, input) in inputs.dropLast().enumerated() {
      try Self.requireType(input, inputs[0], "input \(position)")
    }
    try Self.requireType(inputs[inputs.count - 1], inputs[0], "the output's gradient")
    return Array(inputs.dropLast())
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (alpha, dy) = (mix.matrix(context.parameters[0]), context.inputs[context.inputs.count - 1])
    for (position, x) in context.inputs.dropLast().enumerated() {
      var dx = Matrix(rows: x.rows, columns: x.columns)
      var products = Matrix(rows: alpha.rows, columns: alpha.columns)
      mix.forEachEntry(input: position, columns: x.columns) { row, column, output, input in
        for r in 0..<x.rows {
          for (to, from) in zip(output, input) {
            dx[r, from] += alpha[row, column] * dy[r, to]
            products[row, column] += x[r, from] * dy[r, to]
          }
        }
      }
      if context.isNeeded[position] { context.outputs[position] = dx }
      if !context.accumulated.isEmpty { context.accumulated[0] += mix.entries?.gather(products) ?? products }
    }
  }
}
