import WeftSpec

/// A corpus as ids: what ``BatchEncoder`` makes once, and batches are packed from.
public struct EncodedCorpus: Sendable {
  public let corpus: Corpus
  /// The tasks that label this corpus.
  public let tasks: [TaskSpec]
  /// For each task the labels that the model cannot predict, with the number of tokens that carry them.
  public let unseenLabels: [String: [String: Int]]

  /// The domains that the model was trained on; empty: all.
  public var trainedOn: [String] = []

  /// Row of the word table by token; empty if the network has no word embeddings.
  let words: [Int32]
  /// Ids of the characters of each distinct word; empty if the network does not read characters.
  let characters: [Int32]
  /// First character of each distinct word in ``characters``, and at the end their number.
  let characterStarts: [Int]
  let features: [(name: String, ids: [Int32])]
  let labels: [String: [Int32]]

  public var sentenceCount: Int { corpus.sentenceCount }

  /// Is the model trained on sentences of a domain?
  public func isTrainedOn(_ domain: String) -> Bool { trainedOn.isEmpty || trainedOn.contains(domain) }

  /// Tokens of each sentence.
  public var lengths: [Int] { (0..<sentenceCount).map(corpus.length) }

  /// Sentences that carry at least one label of a task, ascending; empty for an unknown task.
  public func sentences(labelledFor task: String) -> [Int] {
    guard let labels = labels[task] else { return [] }
    return (0..<sentenceCount).filter { corpus.tokens(of: $0).contains { labels[$0] >= 0 } }
  }

  /// The labels of one sentence as the data have them, in their scheme; nil where there is none.
  public func gold(_ task: TaskSpec, sentence: Int) -> [String?] {
    corpus.labels(of: task, sentence: sentence)
  }

  /// Packs sentences.
  ///
  /// - Parameters:
  ///   - chosen: their indices; the batch's `order` refers to this array.
  ///   - tasks: whose labels go in; nil for all.
  public func pack(_ chosen: [Int], labels tasks: [String]? = nil) -> PackedBatch {
    var batch = PackedBatch()
    batch.order = chosen.indices.filter { corpus.length(of: chosen[$0]) > 0 }.sorted {
      let (left, right) = (corpus.length(of: chosen[$0]), corpus.length(of: chosen[$1]))
      return left == right ? $0 < $1 : left > right
    }
    let sentences = batch.order.map { chosen[$0] }
    batch.sentences = sentences.map { Int32($0) }
    batch.sentenceCount = sentences.count
    batch.tokenOffsets = PackedBatch.offsets(sentences.map(corpus.length))
    batch.tokenCount = Int(batch.tokenOffsets[batch.tokenOffsets.count - 1])

    var tokens: [Int] = []
    tokens.reserveCapacity(batch.tokenCount)
    let starts = sentences.map { corpus.starts[$0] }
    for t in 0..<(batch.tokenOffsets.count - 1) {
      for s in 0..<Int(batch.tokenOffsets[t + 1] - batch.tokenOffsets[t]) { tokens.append(starts[s] + t) }
    }
    if !words.isEmpty || corpus.tokenCount == 0 { batch.inputs["word"] = tokens.map { words[$0] } }
    for (name, ids) in features { batch.inputs["feature." + name] = tokens.map { ids[$0] } }
    for (task, ids) in labels where tasks?.contains(task) ?? true {
      batch.inputs["label." + task] = tokens.map { ids[$0] }
    }
    if !characterStarts.isEmpty { packForms(tokens, into: &batch) }
    return batch
  }

  private func packForms(_ tokens: [Int], into batch: inout PackedBatch) {
    let cells = corpus.words.cells
    var rank = Array(repeating: Int32(-1), count: corpus.words.values.count)
    var forms: [(form: Int, first: Int, length: Int)] = []
    for token in tokens {
      let form = Int(cells[token])
      if rank[form] >= 0 { continue }
      rank[form] = 0
      forms.append((form, forms.count, characterStarts[form + 1] - characterStarts[form]))
    }
    forms.sort { $0.length == $1.length ? $0.first < $1.first : $0.length > $1.length }
    for (index, entry) in forms.enumerated() { rank[entry.form] = Int32(index) }
    batch.formCount = forms.count
    batch.inputs["form"] = tokens.map { rank[Int(cells[$0])] }
    batch.scalarOffsets = PackedBatch.offsets(forms.map(\.length))
    batch.scalarCount = Int(batch.scalarOffsets[batch.scalarOffsets.count - 1])
    var ids: [Int32] = []
    ids.reserveCapacity(batch.scalarCount)
    for t in 0..<(batch.scalarOffsets.count - 1) {
      for f in 0..<Int(batch.scalarOffsets[t + 1] - batch.scalarOffsets[t]) {
        ids.append(characters[characterStarts[forms[f].form] + t])
      }
    }
    batch.inputs["character"] = ids
  }
}
