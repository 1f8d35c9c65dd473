/// How far masks use the same weights (Sun et al. 2020, equation 7 and Table 7).
public struct MaskOverlap: Sendable, Equatable {
  /// Weights that all masks use.
  public let intersection: Int
  /// Weights that some mask uses.
  public let union: Int
  /// The overlap ratio that masks of these densities would have if they were independent:
  /// Σ_m n_m Π_t d_{t,m} / Σ_m n_m (1 − Π_t (1 − d_{t,m})) over matrices m of n_m weights. 0 if nothing is used.
  public let expectedRatio: Double

  /// OR = ‖∩ M‖₀ / ‖∪ M‖₀; 0 if nothing is used.
  public var ratio: Double { union == 0 ? 0 : Double(intersection) / Double(union) }

  /// - Throws: `.invalidInput` for no masks; `.checkpointMismatch` if they are of different networks.
  public init(_ masks: [Mask]) throws(RuntimeError) {
    guard let first = masks.first else {
      throw RuntimeError(.invalidInput, "There are no masks to compare.")
    }
    var (intersection, union) = (first, first)
    var counts = [first.keptCounts]
    for mask in masks.dropFirst() {
      intersection = try intersection.intersection(mask)
      union = try union.union(mask)
      counts.append(mask.keptCounts)
    }
    self.intersection = intersection.keptCount
    self.union = union.keptCount
    var (both, any) = (0.0, 0.0)
    for parameter in first.layout.parameters {
      let size = Double(parameter.count)
      let densities = counts.map { Double($0[parameter.name] ?? 0) / size }
      both += size * densities.reduce(1, *)
      any += size * (1 - densities.reduce(1) { $0 * (1 - $1) })
    }
    expectedRatio = any == 0 ? 0 : both / any
  }
}
