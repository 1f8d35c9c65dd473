import Testing
import WeftCorpus
import WeftRuntime
import WeftSpec

@testable import WeftCodegen

/// What `PackageHarness` is to print for a sample, computed by the library of the same network.
enum PackageExpectation {
  static let sentences: [[String]] = [
    ["The", "cat", "sat", "in", "Paris"], ["PARIS"], [],
    ["É", "straße", "STRASSE", "ΣΑΣ", "İ", "a_b", "b_", "ç_x", "1999", "19a", "x1y2", "McDonald", "𝕏"],
    ["the", "the", "in", "in"], [PackageSample.longWord, PackageSample.longWord.capitalized],
    Array(repeating: "a", count: 40), [String(repeating: "Pé", count: 30)],
  ]

  /// Reports the first line that differs.
  static func compare(_ found: ArraySlice<String>, _ expected: [String]) {
    guard found.count == expected.count else {
      Issue.record("the package prints \(found.count) lines, not \(expected.count)")
      return
    }
    for (line, (a, b)) in zip(found, expected).enumerated() where !agree(a, b) {
      Issue.record("line \(line + 1): the package says \(a), the library \(b)")
      return
    }
  }

  /// Lines of text, or a word and numbers that are to agree to 1e-5.
  static func agree(_ a: String, _ b: String) -> Bool {
    let (a, b) = (a.split(separator: " "), b.split(separator: " "))
    guard a.count == b.count else { return false }
    return zip(a, b).allSatisfy { left, right in
      if left == right { return true }
      guard let x = Double(left), let y = Double(right) else { return false }
      return abs(x - y) <= 1e-5 * max(1, abs(y))
    }
  }

  /// What the harness is to print.
  static func lines(_ sample: PackageSample, isa: String) async throws -> [String] {
    let library = try await LibraryCache().inference(
      files: CodeGenerator(
        graph: sample.generator.graph, name: sample.generator.name, architectureHash: "0123456789abcdef",
        options: CodegenOptions(instructionSets: Compiled.instructionSets)
      ).inferenceFiles(), name: sample.generator.name)
    let encoder = BatchEncoder(spec: sample.spec, vocabularies: sample.vocabularies)
    let words = sentences.map { words in
      Sentence(
        words: words,
        columns: [
          "kind": words.map { word in
            word.firstIndex(of: "_").map { String(word[..<$0]) }.flatMap { $0.isEmpty ? nil : $0 }
          }
        ])
    }
    let batch = try encoder.encode(words)
    var lines: [String] = []
    for (number, task) in sample.spec.tasks.enumerated() {
      var block = try ParameterBlock(library.tables)
      for (name, values) in sample.values() { try block.set(name, to: decoded(name, values, sample)) }
      if let mask = sample.masks[number] {
        block = try block.masked(by: Mask(MaskLayout(library.tables), bytes: mask))
      }
      var session = try Session(model: Model(library: library, parameters: block, instructionSet: isa))
      try session.run(batch, wanted: [.prediction, .probabilities])
      let labels = sample.vocabularies.labels[task.name]?.labels ?? []
      let predicted = batch.bySentence(try session.prediction(task: number), count: words.count)
      let scores = batch.bySentence(
        rows(try session.scores(task: number), labels.count), count: words.count)
      let probabilities = batch.bySentence(
        rows(try session.probabilities(task: number), labels.count), count: words.count)
      for sentence in words.indices {
        let names = predicted[sentence].map { labels[Int($0)] }
        let tags = task.modelScheme.convert(names.map(Optional.some), to: task.dataScheme)
        for token in names.indices {
          lines += ["label \(names[token])", "tag \(tags[token] ?? "")"]
          lines.append("scores " + scores[sentence][token].map { "\($0)" }.joined(separator: " "))
          lines.append(
            "probabilities " + probabilities[sentence][token].map { "\($0)" }.joined(separator: " "))
        }
      }
      for sentence in words.indices {
        guard let packed = batch.order.firstIndex(of: sentence) else {
          lines.append("logs")
          continue
        }
        let paths = try session.nBest(task: number, sentence: packed, count: 5)
        lines.append((["logs"] + paths.map { "\($0.logProbability)" }).joined(separator: " "))
        for path in paths { lines += path.labels.map { "path \($0)" } }
      }
    }
    return lines
  }

  private static func rows(_ values: [Float], _ columns: Int) -> [[Float]] {
    (0..<values.count / columns).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
  }

  /// Values as they come back from the blob.
  private static func decoded(_ name: String, _ values: [Float], _ sample: PackageSample) throws -> [Float] {
    let layout = try sample.generator.packageLayout(sample.contents.weights)
    guard let entry = layout.entries.first(where: { $0.name == name }) else { return values }
    switch entry.encoding {
    case .f32: return values
    case .bf16: return values.map(PackageSample.rounded)
    case .int8:
      return (0..<entry.rows).flatMap { row in
        let numbers = values[row * entry.columns..<(row + 1) * entry.columns]
        let scale = numbers.reduce(0) { max($0, abs($1)) } / 127
        return numbers.map { scale * ($0 / scale).rounded(.toNearestOrEven) }
      }
    }
  }
}
