import WeftCorpus

/// Where training starts: a function of the seed and the parameter alone.
public struct ParameterInitialization: Sendable {
  public var seed: UInt64
  public init(seed: UInt64) { self.seed = seed }

  /// Initial numbers of a parameter, row-major.
  ///
  /// Row r of parameter n comes from the random stream of site n (task 0, step 0) in row (sentence 0, position r).
  public func values(of parameter: Parameter) -> [Float] {
    switch parameter.initializer {
    case .zero: return [Float](repeating: 0, count: parameter.count)
    case .constant(let value): return [Float](repeating: Float(value), count: parameter.count)
    case .values(let values): return values.map { Float($0) }
    case .forgetGateOne:
      let quarter = parameter.count / 4
      return (0..<parameter.count).map { quarter..<(2 * quarter) ~= $0 ? 1 : 0 }
    case .embedding(let bound):
      var values = uniform(parameter, bound: bound)
      for column in 0..<parameter.columns { values[column] = 0 }
      return values
    case .xavier(let fanIn, let fanOut):
      return uniform(parameter, bound: (6 / Double(fanIn + fanOut)).squareRoot())
    }
  }

  private func uniform(_ parameter: Parameter, bound: Double) -> [Float] {
    let stream = RandomStream(seed: seed, site: parameter.name, task: 0, step: 0)
    var values: [Float] = []
    values.reserveCapacity(parameter.count)
    for row in 0..<parameter.rows {
      let random = stream.row(sentence: 0, position: UInt64(row))
      for column in 0..<parameter.columns {
        values.append(Float((2 * Double(random.uniform(UInt32(column))) - 1) * bound))
      }
    }
    return values
  }
}
