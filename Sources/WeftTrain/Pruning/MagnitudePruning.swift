import WeftRuntime
import WeftSpec

/// Removes the weights of smallest magnitude from a mask (Han et al. 2015; Sun et al. 2020, Algorithm 1, step 3).
///
/// The order is total, so that equal weights give equal masks: magnitude, then the parameter's name, then the place in
/// it. Single weights rank by |w|; what is removed as one (`PruningPiece`) by the mean |w| of its surviving weights.
public struct MagnitudePruning: Sendable, Equatable {
  public var granularity: PruneSpec.Granularity
  /// `.global` ranks all parameters together. `.layer` takes the same share of the surviving weights of each: of each
  /// parameter (W_ih and W_hh of a direction are two), and for whole units of each direction of a layer, whose matrices
  /// go together. Shares are rounded by largest remainder, so that their sum is exact.
  public var scope: PruneSpec.Scope

  public init(granularity: PruneSpec.Granularity = .weights, scope: PruneSpec.Scope = .global) {
    self.granularity = granularity
    self.scope = scope
  }

  public init(_ spec: PruneSpec) { self.init(granularity: spec.granularity, scope: spec.scope) }

  /// Prunes a task's mask.
  ///
  /// - Parameters:
  ///   - weights: trained weights; every parameter of the mask is there.
  ///   - reached: names of the parameters that the task reaches. Only they take part; of others nothing is kept.
  ///   - count: weights to remove. Exactly so many go if they go one by one; blocks and units go in their order
  ///     until the next would make it more. The last unit of a direction or convolution is passed over.
  ///   - task: for messages.
  /// - Throws: `.invalidInput` if there are not so many weights, a parameter is missing, or the task's head would read
  ///   through a layer of which nothing is left.
  public func prune(
    _ mask: Mask, weights: ParameterBlock, reached: Set<String>, removing count: Int, task: String
  ) throws(RuntimeError) -> Mask {
    var pruned = mask.restricted(to: reached)
    let left = pruned.keptCount
    guard count >= 0, count <= left else {
      throw RuntimeError(
        .invalidInput,
        "\(count) weights cannot be removed from the \(left) that the mask of task \(task) keeps.")
    }
    let names = mask.layout.parameters.map(\.name).filter(reached.contains).sorted()
    switch granularity {
    case .weights: try removeWeights(count, from: &pruned, weights, names)
    case .blocks, .units:
      let pieces = PruningPiece.all(of: pruned, in: names, granularity)
      try removePieces(count, pieces, from: &pruned, weights, names)
    }
    try pruned.checkReach(
      ofTask: task, reached: reached, source: "Pruning task \(task) to \(pruned.keptCount) weights")
    return pruned
  }

  /// Prunes a task's mask to what a schedule leaves; what blocks or units could not remove in one round is thus made
  /// up for in the next.
  public func prune(
    _ mask: Mask, weights: ParameterBlock, reached: Set<String>, keeping target: Int, task: String
  ) throws(RuntimeError) -> Mask {
    let left = mask.keptCount(of: reached)
    return try prune(mask, weights: weights, reached: reached, removing: max(0, left - target), task: task)
  }

  // MARK: single weights

  private func removeWeights(
    _ count: Int, from mask: inout Mask, _ weights: ParameterBlock, _ names: [String]
  ) throws(RuntimeError) {
    switch scope {
    case .global: try removeSmallest(count, from: &mask, weights, names)
    case .layer:
      let shares = Self.shares(of: count, among: names.map { mask.keptCount(of: [$0]) })
      for (name, share) in zip(names, shares) { try removeSmallest(share, from: &mask, weights, [name]) }
    }
  }

  /// Sorts whole numbers: 31 bits of magnitude, which order as the numbers do, before 32 of the place in the order of
  /// names.
  private func removeSmallest(
    _ count: Int, from mask: inout Mask, _ weights: ParameterBlock, _ names: [String]
  ) throws(RuntimeError) {
    guard count > 0 else { return }
    var keys: [UInt64] = []
    var places: [Int] = []
    for name in names {
      let (parameter, values) = try Self.values(of: name, mask.layout, weights)
      mask.bytes.withUnsafeBufferPointer { bytes in
        values.withUnsafeBufferPointer { values in
          for index in 0..<parameter.count where bytes[parameter.offset + index] != 0 {
            keys.append(UInt64(values[index].magnitude.bitPattern) << 32 | UInt64(places.count))
            places.append(parameter.offset + index)
          }
        }
      }
    }
    keys.sort()
    for key in keys[..<count] { mask[places[Int(key & 0xFFFF_FFFF)]] = false }
  }

  // MARK: blocks and units

  private func removePieces(
    _ count: Int, _ pieces: [PruningPiece], from mask: inout Mask, _ weights: ParameterBlock,
    _ names: [String]
  ) throws(RuntimeError) {
    var block = [Float](repeating: 0, count: mask.layout.count)
    for name in names {
      let (parameter, values) = try Self.values(of: name, mask.layout, weights)
      block.replaceSubrange(parameter.range, with: values)
    }
    // Stable: pieces come in the order that ties follow.
    let ranked = pieces.map { ($0.meanMagnitude(block), $0) }.enumerated().sorted {
      ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
    }.map(\.element.1)
    switch scope {
    case .global: remove(count, ranked, from: &mask)
    case .layer:
      let groups = Array(Set(pieces.map(\.group))).sorted()
      let sizes = groups.map { group in
        pieces.reduce(0) { $1.group == group ? $0 + $1.weights.count : $0 }
      }
      for (group, share) in zip(groups, Self.shares(of: count, among: sizes)) {
        remove(share, ranked.filter { $0.group == group }, from: &mask)
      }
    }
  }

  private func remove(_ count: Int, _ ranked: [PruningPiece], from mask: inout Mask) {
    var left = count
    var rest: [Int: Int] = [:]
    if granularity == .units { for piece in ranked { rest[piece.group, default: 0] += 1 } }
    for piece in ranked {
      if rest[piece.group] == 1 { continue }
      guard piece.weights.count <= left else { return }
      for place in piece.weights { mask[place] = false }
      left -= piece.weights.count
      rest[piece.group]? -= 1
    }
  }

  // MARK: -

  private static func values(
    of name: String, _ layout: MaskLayout, _ weights: ParameterBlock
  ) throws(RuntimeError) -> (parameter: MaskLayout.Parameter, values: [Float]) {
    guard let parameter = layout.parameter(named: name), let values = weights[name],
      values.count == parameter.count
    else {
      throw RuntimeError(
        .invalidInput, "The weights lack the parameter \(name), or have it in another size than the mask.")
    }
    return (parameter, values)
  }

  /// Divides a number in proportion to sizes by largest remainder; ties go to the first.
  ///
  /// - Returns: parts that sum to `count` exactly, none above its size if `count` is not above their sum.
  static func shares(of count: Int, among sizes: [Int]) -> [Int] {
    let total = sizes.reduce(0, +)
    guard total > 0 else { return sizes.map { _ in 0 } }
    var shares = sizes.map { count.multipliedFullWidth(by: $0) }.map { total.dividingFullWidth($0) }
    let missing = count - shares.reduce(0) { $0 + $1.quotient }
    let order = shares.indices.sorted {
      (shares[$1].remainder, $0) < (shares[$0].remainder, $1)
    }
    for index in order.prefix(missing) { shares[index].quotient += 1 }
    return shares.map(\.quotient)
  }
}
