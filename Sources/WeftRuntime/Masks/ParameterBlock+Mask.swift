extension ParameterBlock {
  /// M ⊙ θ: the parameters of a task's subnet. Parameters that the mask does not cover stay as they are.
  ///
  /// - Throws: `.checkpointMismatch` if the mask covers a parameter that is not there or has another size.
  public func masked(by mask: Mask) throws(RuntimeError) -> ParameterBlock {
    var places: [(offset: Int, weights: Range<Int>)] = []
    for parameter in mask.layout.parameters {
      guard let info = info(parameter.name), info.count == parameter.count else {
        throw RuntimeError(
          .checkpointMismatch,
          "The mask covers \(parameter.name) \(parameter.shape), which the parameters "
            + "\(info(parameter.name).map { "have as \($0.shape)" } ?? "lack").")
      }
      places.append((info.offset, parameter.range))
    }
    var copy = self
    try copy.withMutableFloats { floats in
      for (offset, weights) in places {
        for weight in weights where !mask[weight] { floats[offset + weight - weights.lowerBound] = 0 }
      }
    }
    return copy
  }
}
