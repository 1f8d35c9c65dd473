import WeftSpec

extension Corpus {
  /// The corpus with labels by chance for the tasks that ask for them (`random-labels`); other tasks that read the same
  /// columns have them as they are.
  ///
  /// Whether a label is drawn anew, and which comes out, depends on the draws' seed, the task's name and the place of the
  /// token alone.
  public func relabelled(for tasks: [TaskSpec]) -> Corpus {
    var corpus = self
    for task in tasks where task.data == name {
      guard let random = task.randomLabels, let column = labels(from: task.labels) else { continue }
      corpus.relabelled[task.name] = column.relabelled(random, site: "labels.\(task.name)", corpus: self)
    }
    return corpus
  }

  /// The labels of a task, in the scheme of the data; nil where the corpus has none of them.
  public func labels(of task: TaskSpec) -> Column? { relabelled[task.name] ?? labels(from: task.labels) }

  /// The labels of a task in one sentence; nil where there are none.
  public func labels(of task: TaskSpec, sentence: Int) -> [String?] {
    guard let column = relabelled[task.name] else { return labels(from: task.labels, of: sentence) }
    return tokens(of: sentence).map { column[$0] }
  }
}

extension Corpus.Column {
  fileprivate func relabelled(_ random: RandomLabelsSpec, site: String, corpus: Corpus) -> Corpus.Column {
    let stream = RandomStream(seed: random.seed, site: site, task: 0, step: 0)
    // A text that stands for "no label" is among the values, but no token has it.
    let labels = Set(cells).subtracting([-1]).sorted()
    var cells = cells
    for sentence in 0..<corpus.sentenceCount {
      for (position, token) in corpus.tokens(of: sentence).enumerated() where cells[token] >= 0 {
        let row = stream.row(sentence: UInt64(sentence), position: UInt64(position))
        guard Double(row.uniform(0)) < random.share else { continue }
        // Columns 2 and 3: those of the first draw are taken.
        cells[token] = labels[row.integer(below: labels.count, 1)]
      }
    }
    return Corpus.Column(name: name, values: values, cells: cells)
  }
}
