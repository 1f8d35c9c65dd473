extension TaskTags {
  /// Are other labels as right as these? Where they differ, the model gives both labels of a token probabilities that lie
  /// within the tolerance of each other, so that the order of a sum decides between them.
  ///
  /// What is asked is about the whole sentence, since a tag can change with its neighbour's label. Equal labels are no tie.
  ///
  /// - Parameters:
  ///   - others: a label a token, as a number in `names`.
  ///   - names: the task's labels, in the order of ``probabilities``.
  ///   - tolerance: a difference of probabilities.
  public func isTied(with others: [Int32], names: [String], tolerance: Float) -> Bool {
    guard let probabilities, others.count == labels.count, probabilities.count == others.count else {
      return false
    }
    var differ = false
    for (token, other) in others.enumerated() {
      guard names.indices.contains(Int(other)) else { return false }
      guard names[Int(other)] != labels[token] else { continue }
      guard let own = names.firstIndex(of: labels[token]),
        abs(probabilities[token][own] - probabilities[token][Int(other)]) <= tolerance
      else { return false }
      differ = true
    }
    return differ
  }
}
