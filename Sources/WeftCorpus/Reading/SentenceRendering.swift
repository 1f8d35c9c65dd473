import WeftSpec

extension Sentence {
  /// The sentence as text with one more column a task, ending in an empty line.
  ///
  /// `conll` and `tsv` lines get cells at their end, separated as they are; a CoNLL-U line gets `name=label` in MISC.
  /// Comments, multiword ranges, empty nodes and `-DOCSTART-` lines are repeated as they were. A sentence without
  /// lines is written as words and labels with tabs.
  ///
  /// - Parameter added: for each new column its name and one label a token.
  public func rendered(adding added: [(name: String, labels: [String])], format: CorpusSpec.Format) -> String
  {
    var text = ""
    if lines.isEmpty {
      for (token, word) in words.enumerated() {
        text += ([word] + added.map { $0.labels[token] }).joined(separator: "\t") + "\n"
      }
      return text + "\n"
    }
    for line in lines {
      guard let token = line.token else {
        text += line.text
        if format == .tsv { for column in added { text += "\t" + column.name } }
        text += "\n"
        continue
      }
      if format == .conllu {
        text += universal(line.text, added: added.map { ($0.name, $0.labels[token]) })
      } else {
        text += line.text
        let spaced = line.text.utf8.contains(0x20) && !line.text.utf8.contains(0x09)
        let separator = spaced && format == .conll ? " " : "\t"
        for column in added { text += separator + column.labels[token] }
      }
      text += "\n"
    }
    return words.isEmpty ? text : text + "\n"
  }

  private func universal(_ line: String, added: [(name: String, label: String)]) -> String {
    var cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard let last = cells.indices.last else { return line }
    let names = Set(added.map(\.name))
    var pairs = cells[last] == "_" ? [] : cells[last].split(separator: "|").map(String.init)
    pairs.removeAll { pair in names.contains(String(pair.prefix { $0 != "=" })) }
    pairs += added.map { "\($0.name)=\($0.label)" }
    cells[last] = pairs.isEmpty ? "_" : pairs.joined(separator: "|")
    return cells.joined(separator: "\t")
  }
}
