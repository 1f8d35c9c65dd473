import WeftTrain

/// How scores and their differences are written: in points of a hundred, with the sign that typographers use.
enum ScoreFormat {
  /// `94.12`.
  static func score(_ value: Double) -> String { Quantity.percent(value) }

  /// `+0.51`, `−1.20`, `0.00`.
  static func difference(_ value: Double) -> String {
    let text = Quantity.percent(value).replacing("-", with: "−")
    return value > 0 && text != "0.00" ? "+" + text : text
  }

  /// Mean and sample deviation over seeds; `–` without values.
  static func cell(_ values: [Double]) -> ReportTable.Cell {
    guard !values.isEmpty else { return .none }
    let spread = SeedSummary.Spread(values)
    return ReportTable.Cell(
      score(spread.mean), detail: values.count > 1 ? "± " + score(spread.standardDeviation) : "")
  }

  /// A difference in colour and with its sign.
  static func differenceCell(_ value: Double?, mark: String = "") -> ReportTable.Cell {
    guard let value else { return .none }
    let text = difference(value)
    let tone: ReportTable.Cell.Tone = text == "0.00" ? .plain : value > 0 ? .better : .worse
    return ReportTable.Cell(text + mark, tone: tone)
  }

  /// Stars by p: `**` below 0.01, `*` below 0.05.
  static func mark(_ pValue: Double) -> String { pValue < 0.01 ? "**" : pValue < 0.05 ? "*" : "" }

  static func pValue(_ value: Double) -> String {
    value < 0.001 ? "p < 0.001" : "p = \(Quantity.fixed(value, 3))"
  }

  static func ratio(_ value: Double) -> String { Quantity.fixed(value, 3) }
}

extension SeedSummary.Spread {
  /// Nil without values.
  init?(nonEmpty values: [Double]) {
    guard !values.isEmpty else { return nil }
    self.init(values)
  }
}

extension ComparisonResults {
  /// Mean over seeds of system − baseline, over the seeds that both have.
  func difference(_ system: System, from baseline: System, _ score: (Run) -> Double?) -> Double? {
    let pairs = seeds.compactMap { seed -> Double? in
      guard let first = system.run(seed: seed).flatMap(score),
        let second = baseline.run(seed: seed).flatMap(score)
      else { return nil }
      return first - second
    }
    return SeedSummary.Spread(nonEmpty: pairs)?.mean
  }

  var baselineSystem: System? { baseline.flatMap(system(named:)) }
}
