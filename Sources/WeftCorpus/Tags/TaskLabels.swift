import WeftSpec

extension Corpus {
  /// The labels that a task finds in the corpus, in the scheme of the data; nil where the corpus has none of them.
  public func labels(from source: LabelSource) -> Column? {
    switch source {
    case .column(let name): column(name)
    case .synthetic(.position): positions
    }
  }

  /// The labels of one sentence; nil where there are none.
  public func labels(from source: LabelSource, of sentence: Int) -> [String?] {
    switch source {
    case .column(let name): values(name, of: sentence)
    case .synthetic(.position): (0..<length(of: sentence)).map(String.init)
    }
  }

  /// Each token's place in its sentence, from 0.
  private var positions: Column {
    var cells: [Int32] = []
    cells.reserveCapacity(tokenCount)
    var longest = 0
    for sentence in 0..<sentenceCount {
      let length = length(of: sentence)
      longest = max(longest, length)
      cells += (0..<length).map { Int32($0) }
    }
    return Column(
      name: SyntheticLabels.position.rawValue, values: (0..<longest).map(String.init), cells: cells)
  }
}
