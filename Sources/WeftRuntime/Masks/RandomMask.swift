import WeftCorpus

extension Mask {
  /// A mask that keeps exactly k = density · n weights, half to even, chosen at random.
  ///
  /// - Parameters:
  ///   - density: in (0, 1].
  ///   - reached: parameters to choose from; nil for all. Nothing is used of others.
  ///   - perParameter: the density holds in each parameter rather than over all of them.
  ///   - seed, task: the same seed and task give the same mask on every machine.
  /// - Throws: `.invalidInput` if the density is outside (0, 1] or leaves no weight.
  public static func random(
    _ layout: MaskLayout, density: Double, among reached: Set<String>? = nil, perParameter: Bool = false,
    seed: UInt64, task: String
  ) throws(RuntimeError) -> Mask {
    guard density > 0, density <= 1 else {
      throw RuntimeError(
        .invalidInput, "The density of a random mask must be above 0 and at most 1, is \(density).")
    }
    let chosen = layout.parameters.filter { reached?.contains($0.name) ?? true }
    func quota(_ count: Int) -> Int { Int((density * Double(count)).rounded(.toNearestOrEven)) }
    var mask = Mask(layout, all: false)
    let total = chosen.reduce(0) { $0 + $1.count }
    if perParameter {
      let stream = RandomStream(seed: seed, site: "mask.\(task)", task: 0, step: 1)
      for parameter in chosen {
        mask.keep(
          quota(parameter.count), of: [parameter.range], stream, sequence: fnv1a64(parameter.name))
      }
    } else {
      let stream = RandomStream(seed: seed, site: "mask.\(task)", task: 0, step: 0)
      mask.keep(quota(total), of: chosen.map(\.range), stream, sequence: 0)
    }
    guard total == 0 || mask.keptCount > 0 else {
      throw RuntimeError(
        .invalidInput, "A random mask of density \(density) keeps none of \(total) weights.")
    }
    return mask
  }

  /// Keeps so many of the weights in some ranges: the first of a Fisher–Yates shuffle.
  private mutating func keep(
    _ quota: Int, of ranges: [Range<Int>], _ stream: RandomStream, sequence: UInt64
  ) {
    var places = ranges.flatMap(Array.init)
    // A row has room for 2³¹ integers.
    var (number, row) = (UInt64.max, stream.row(sentence: sequence, position: 0))
    for index in 0..<quota {
      if UInt64(index >> 30) != number {
        number = UInt64(index >> 30)
        row = stream.row(sentence: sequence, position: number)
      }
      let other = index + row.integer(below: places.count - index, UInt32(index & (1 << 30 - 1)))
      places.swapAt(index, other)
      self[places[index]] = true
    }
  }
}
