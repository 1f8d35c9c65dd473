extension Corpus {
  /// The corpus that has only some of the sentences: equal to one read from files that hold only these, but that
  /// locations are those of the files as they are.
  ///
  /// - Parameter sentences: ascending.
  public func selecting(_ sentences: [Int]) -> Corpus {
    if sentences.count == sentenceCount { return self }
    var starts = [0]
    var tokens: [Int] = []
    for sentence in sentences {
      tokens += self.tokens(of: sentence)
      starts.append(tokens.count)
    }
    var ids: [Int: String] = [:]
    for (number, sentence) in sentences.enumerated() { ids[number] = self.ids[sentence] }
    var files: [(path: String, firstSentence: Int)] = []
    var kept = 0
    for file in self.files {
      while kept < sentences.count, sentences[kept] < file.firstSentence { kept += 1 }
      files.append((file.path, kept))
    }
    return Corpus(
      name: name, columns: columns.map { $0.selecting(tokens) }, starts: starts, files: files,
      lines: lines.isEmpty ? [] : tokens.map { lines[$0] }, ids: ids, wordColumn: wordColumn,
      domains: domains?.selecting(sentences), relabelled: relabelled.mapValues { $0.selecting(tokens) })
  }

  /// The sentences of some domains; the corpus itself if it has no domains.
  public func selecting(domains wanted: [String]) -> Corpus {
    guard let domains else { return self }
    return selecting(domains.sentences(of: Set(wanted)))
  }
}

extension Corpus.Column {
  /// The column over some tokens; values that none of them has are forgotten.
  func selecting(_ tokens: [Int]) -> Corpus.Column {
    var numbers = Array(repeating: Int32(-1), count: values.count)
    var kept: [String] = []
    let cells = tokens.map { token -> Int32 in
      let value = self.cells[token]
      if value < 0 { return -1 }
      if numbers[Int(value)] < 0 {
        numbers[Int(value)] = Int32(kept.count)
        kept.append(values[Int(value)])
      }
      return numbers[Int(value)]
    }
    return Corpus.Column(name: name, values: kept, cells: cells)
  }
}
