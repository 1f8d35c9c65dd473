import WeftSpec

/// A way to score labelled tokens; one file each.
protocol TokenMetric {
  /// Where its definition is from.
  static var reference: String { get }
  /// Counts one sentence.
  ///
  /// - Parameters:
  ///   - gold: labels in the scheme of the data; nil where unknown.
  ///   - predicted: labels in the scheme of the model, as many.
  static func add(gold: [String?], predicted: [String], scheme: TagScheme, to score: inout Score)
  /// The value in 0 ... 1; higher is better.
  static func value(_ score: Score) -> Double
}

/// Collects the score of a task, sentence by sentence.
///
/// A token without gold label adds nothing. A gold label that the model does not know can only be wrong.
public struct Scorer: Sendable {
  public private(set) var score: Score
  /// Scheme of the gold labels. That of the predicted ones makes no difference: one rule reads all (`docs/scores.md`).
  public let scheme: TagScheme

  public init(metric: Metric, scheme: TagScheme = .none) {
    score = Score(metric: metric)
    self.scheme = scheme
  }

  public init(_ task: TaskSpec) { self.init(metric: task.metric, scheme: task.dataScheme) }

  /// Counts one sentence.
  ///
  /// - Parameters:
  ///   - gold: labels as the file has them; nil where there is none.
  ///   - predicted: as many labels of the model.
  public mutating func add(gold: [String?], predicted: [String]) {
    score.metric.implementation.add(gold: gold, predicted: predicted, scheme: scheme, to: &score)
  }
}

extension Metric {
  /// Where the metric's definition is from.
  public var reference: String { implementation.reference }

  var implementation: any TokenMetric.Type {
    switch self {
    case .accuracy: Accuracy.self
    case .spanF1: SpanF1.self
    }
  }
}
