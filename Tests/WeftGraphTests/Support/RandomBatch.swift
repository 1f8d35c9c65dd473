import WeftCorpus
import WeftGraph

/// Packed batches of random ids, to try operations on.
struct RandomBatch {
  /// Tokens of the sentences, in any order.
  var lengths: [Int]
  /// Scalars of the forms, in any order.
  var formLengths: [Int] = [1, 4, 2]
  var words = 7
  var characters = 6
  var features: [String: Int] = [:]
  /// Numbers of labels by task.
  var labels: [String: Int] = [:]
  /// Share of tokens without a label.
  var unlabelled = 0.0
  var seed: UInt64 = 5

  func pack() -> PackedBatch {
    let lengths = lengths.sorted(by: >)
    let formLengths = formLengths.sorted(by: >)
    let tokens = lengths.reduce(0, +)
    var batch = PackedBatch(
      sentenceCount: lengths.count, tokenCount: tokens, formCount: formLengths.count,
      scalarCount: formLengths.reduce(0, +), tokenOffsets: Self.offsets(lengths),
      scalarOffsets: Self.offsets(formLengths), sentences: lengths.indices.map { Int32(100 + 3 * $0) },
      order: Array(lengths.indices))
    batch.inputs["word"] = ids("word", tokens, 1..<words)
    batch.inputs["form"] = ids("form", tokens, 0..<formLengths.count)
    batch.inputs["character"] = ids("character", batch.scalarCount, 1..<characters)
    for (name, rows) in features { batch.inputs["feature.\(name)"] = ids(name, tokens, 1..<rows) }
    for (name, count) in labels {
      let chances = RandomStream(seed: seed, site: "unlabelled." + name, task: 0, step: 0)
        .row(sentence: 0, position: 0)
      batch.inputs["label.\(name)"] = ids("label." + name, tokens, 0..<count).enumerated().map {
        Double(chances.uniform(UInt32($0))) < unlabelled ? -1 : $1
      }
    }
    return batch
  }

  /// First rows of the steps when sequences of these lengths, longest first, are packed time-major.
  static func offsets(_ lengths: [Int]) -> [Int32] {
    var offsets: [Int32] = [0]
    for step in 0..<(lengths.first ?? 0) {
      offsets.append(offsets[step] + Int32(lengths.count { $0 > step }))
    }
    return offsets
  }

  private func ids(_ name: String, _ count: Int, _ range: Range<Int>) -> [Int32] {
    let random = RandomStream(seed: seed, site: name, task: 1, step: 0).row(sentence: 0, position: 0)
    return (0..<count).map { Int32(range.lowerBound + random.integer(below: range.count, UInt32($0))) }
  }
}

extension Graph {
  /// Random values for every parameter, uniform in ± `scale`.
  func randomParameters(scale: Double = 0.7, seed: UInt64 = 9) -> [String: Matrix] {
    var result: [String: Matrix] = [:]
    for parameter in parameters {
      let random = RandomStream(seed: seed, site: parameter.name, task: 0, step: 0)
        .row(sentence: 0, position: 0)
      result[parameter.name] = Matrix(
        rows: parameter.rows, columns: parameter.columns,
        elements: (0..<parameter.count).map { scale * (2 * Double(random.uniform(UInt32($0))) - 1) })
    }
    return result
  }
}
