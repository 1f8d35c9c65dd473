import Foundation

/// A linear-chain CRF over one sentence, in the log domain (Lafferty et al. 2001; Lample et al. 2016, section 2.2).
///
/// The score of a path y is start[y_1] + Σ_t scores[t, y_t] + Σ_t transitions[y_{t−1}, y_t] + end[y_n]; a forbidden
/// step or a label that contradicts a known one counts as −∞.
struct CRFChain {
  /// Attributes that the CRF operations share.
  struct Form {
    var hasStartEnd: Bool
    var constraints: CRFConstraints?

    /// Shape rule of the parameters: transitions [L × L] and, with start and end scores, start [L] and end [L].
    func check(_ kind: (any Operation.Type), labels: Int, parameters: [Parameter]) throws(GraphError) {
      try kind.requireShape(parameters[0], [labels, labels], "the transitions")
      if hasStartEnd {
        try kind.requireShape(parameters[1], [labels], "the start scores")
        try kind.requireShape(parameters[2], [labels], "the end scores")
      }
      guard let constraints else { return }
      try kind.require(
        constraints.allowed.count == labels * labels && constraints.allowedStart.count == labels
          && constraints.allowedEnd.count == labels, "the constraints are not those of \(labels) labels")
      if let length = constraints.impossibleLength {
        throw GraphError(
          "the constraints of the tag scheme leave no labelling for a sentence of \(length) tokens with the labels"
            + " of the training data; train without constraints", at: kind.kind)
      }
    }

    var parameterCount: Int { hasStartEnd ? 3 : 1 }
    var attributes: [String] {
      ["startEnd=\(hasStartEnd)", "constraints=\(constraints?.description ?? "none")"]
    }

    /// The chain of the tokens in these rows; `known` labels, −1 where any label will do.
    func chain(_ scores: Matrix, rows: [Int], parameters: [Matrix], known: [Int]? = nil) -> CRFChain {
      let labels = scores.columns
      var emissions = rows.map(scores.row)
      var transitions = parameters[0]
      if let constraints {
        for from in 0..<labels {
          for to in 0..<labels where !constraints.allows(from, to) { transitions[from, to] = -.infinity }
        }
      }
      for label in 0..<labels {
        guard let last = emissions.indices.last else { break }
        if hasStartEnd {
          emissions[0][label] += parameters[1].elements[label]
          emissions[last][label] += parameters[2].elements[label]
        }
        if let constraints {
          if !constraints.allowedStart[label] { emissions[0][label] = -.infinity }
          if !constraints.allowedEnd[label] { emissions[last][label] = -.infinity }
        }
      }
      for (position, label) in (known ?? []).enumerated() where label >= 0 {
        for other in 0..<labels where other != label { emissions[position][other] = -.infinity }
      }
      return CRFChain(labels: labels, emissions: emissions, transitions: transitions)
    }
  }

  let labels: Int
  /// [position][label], start and end scores included.
  let emissions: [[Double]]
  let transitions: Matrix

  /// α[t][j]: log of the summed exponentials of all paths that end in label j at t.
  func forward() -> [[Double]] {
    var alpha: [[Double]] = []
    for emission in emissions {
      guard let previous = alpha.last else {
        alpha.append(emission)
        continue
      }
      alpha.append(
        (0..<labels).map { to in
          emission[to] + logSumExp((0..<labels).map { previous[$0] + transitions[$0, to] })
        })
    }
    return alpha
  }

  /// β[t][i]: log of the summed exponentials of all continuations after label i at t.
  func backward() -> [[Double]] {
    var beta = [[Double]](repeating: [Double](repeating: 0, count: labels), count: emissions.count)
    for t in emissions.indices.dropLast().reversed() {
      beta[t] = (0..<labels).map { from in
        logSumExp((0..<labels).map { transitions[from, $0] + emissions[t + 1][$0] + beta[t + 1][$0] })
      }
    }
    return beta
  }

  /// log Z; 0 for an empty sentence, which has one path of score 0.
  func logPartition() -> Double { forward().last.map(logSumExp) ?? 0 }

  /// P(y_t = j) as [position][label], and Σ_t P(y_{t−1} = i, y_t = j) as [from × to].
  func marginals() -> (labels: [[Double]], pairs: Matrix) {
    let (alpha, beta) = (forward(), backward())
    let logZ = alpha.last.map(logSumExp) ?? 0
    let single = zip(alpha, beta).map { alpha, beta in zip(alpha, beta).map { exp($0 + $1 - logZ) } }
    var pairs = Matrix(rows: labels, columns: labels)
    for t in emissions.indices.dropFirst() {
      for from in 0..<labels {
        for to in 0..<labels {
          pairs[from, to] += exp(
            alpha[t - 1][from] + transitions[from, to] + emissions[t][to] + beta[t][to] - logZ)
        }
      }
    }
    return (single, pairs)
  }

  /// The best path (Viterbi 1967); of equally good predecessors and last labels the smallest.
  func bestPath() -> [Int] {
    guard var scores = emissions.first else { return [] }
    func firstMaximum(_ values: [Double]) -> Int {
      values.indices.dropFirst().reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    }
    var predecessors: [[Int]] = []
    for emission in emissions.dropFirst() {
      let steps = (0..<labels).map { to in (0..<labels).map { scores[$0] + transitions[$0, to] } }
      let best = steps.map(firstMaximum)
      scores = (0..<labels).map { steps[$0][best[$0]] + emission[$0] }
      predecessors.append(best)
    }
    var path = [firstMaximum(scores)]
    for best in predecessors.reversed() { path.append(best[path[path.count - 1]]) }
    return path.reversed()
  }
}
