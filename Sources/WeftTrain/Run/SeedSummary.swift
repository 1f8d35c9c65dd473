/// Scores over seeds.
public struct SeedSummary: Sendable, Equatable, Codable {
  /// The values of one score, in the order of the seeds.
  public struct Spread: Sendable, Equatable, Codable {
    public var values: [Double]
    public var mean: Double
    /// Sample standard deviation, √(Σ(x − mean)² / (n − 1)); 0 for one value.
    public var standardDeviation: Double

    public init(_ values: [Double]) {
      self.values = values
      let count = Double(values.count)
      let mean = values.isEmpty ? 0 : values.reduce(0, +) / count
      self.mean = mean
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      standardDeviation = values.count < 2 ? 0 : (squares / (count - 1)).squareRoot()
    }
  }

  public var seeds: [UInt64]
  /// By task, and `mean`; in 0 ... 1.
  public var dev: [String: Spread]
  public var test: [String: Spread]

  init(seeds: [UInt64], dev: [Evaluation?], test: [Evaluation?]) {
    self.seeds = seeds
    self.dev = Self.spreads(dev)
    self.test = Self.spreads(test)
  }

  private static func spreads(_ evaluations: [Evaluation?]) -> [String: Spread] {
    var values: [String: [Double]] = [:]
    for evaluation in evaluations {
      for (name, value) in evaluation?.values ?? [:] { values[name, default: []].append(value) }
    }
    return values.mapValues(Spread.init)
  }
}
