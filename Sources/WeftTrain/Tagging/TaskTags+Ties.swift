extension TaskTags {
  /// Are other labels as right as these? Where they differ, the model gives both labels of a token probabilities that lie
  /// within the tolerance of each other, so that the order of a sum decides between them.
  ///
  /// What is asked is about the whole sentence, since a tag can change with its neighbour's label. Equal labels are no tie.
  ///
  /// - Parameters:
  ///   - others: a label a token, as a number in the task's list of labels.
  ///   - labels: the task's list, in the order of ``probabilities``.
  ///   - tolerance: a difference of probabilities.
  public func isTied(with others: [Int32], labels: [String], tolerance: Float) -> Bool {
    guard let probabilities, others.count == self.labels.count, probabilities.count == others.count else {
      return false
    }
    var differ = false
    for (token, other) in others.enumerated() {
      guard labels.indices.contains(Int(other)) else { return false }
      guard labels[Int(other)] != self.labels[token] else { continue }
      guard let own = labels.firstIndex(of: self.labels[token]),
        abs(probabilities[token][own] - probabilities[token][Int(other)]) <= tolerance
      else { return false }
      differ = true
    }
    return differ
  }
}
