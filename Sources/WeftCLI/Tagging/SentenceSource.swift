import ArgumentParser
import Foundation
import WeftCorpus
import WeftSpec

/// Sentences from standard input, one by one.
struct SentenceSource: ~Copyable {
  enum Format: String, ExpressibleByArgument, CaseIterable { case conll, text, jsonl }

  // One of them is there: an enum of readers that cannot be copied could not be advanced in place.
  private var columns: SentenceReader?
  private var text: PlainTextReader?
  private var json: JSONSentenceReader?

  /// - Parameter layout: format and columns of CoNLL input.
  init(_ format: Format, layout: CorpusSpec) {
    switch format {
    case .conll: columns = SentenceReader(descriptor: 0, spec: layout)
    case .text: text = PlainTextReader(descriptor: 0)
    case .jsonl: json = JSONSentenceReader()
    }
  }

  /// Nil at the end.
  mutating func next() throws -> Sentence? {
    if let sentence = try columns?.next() { return sentence }
    if let sentence = try text?.next() { return sentence }
    return try json?.next()
  }
}

/// Sentences as JSON, one a line: an array of words, or an object with `words` and further columns.
struct JSONSentenceReader {
  private var number = 0
  private let path = "<standard input>"

  mutating func next() throws -> Sentence? {
    while let line = readLine() {
      number += 1
      if line.allSatisfy(\.isWhitespace) { continue }
      return try sentence(line)
    }
    return nil
  }

  private func sentence(_ line: String) throws -> Sentence {
    let value: Any
    do {
      value = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
    } catch {
      throw problem("this line is no JSON")
    }
    if let words = value as? [String] { return Sentence(words: words, path: path, line: number) }
    guard let object = value as? [String: Any], let words = object["words"] as? [String] else {
      throw problem("a line must be an array of words, or an object with the array 'words'")
    }
    if words.contains("") { throw problem("a word is empty") }
    var sentence = Sentence(words: words, path: path, line: number)
    sentence.id = object["id"] as? String
    for (name, column) in object where name != "words" && name != "id" {
      guard let cells = column as? [Any], cells.count == words.count else {
        throw problem("'\(name)' must be an array with one value a word (\(words.count))")
      }
      sentence.columns[name] = cells.map { $0 as? String }
    }
    return sentence
  }

  private func problem(_ message: String) -> CorpusError {
    CorpusError(
      .malformedLine, path: path, line: number, message,
      suggestion: #"e.g. {"words": ["Ann", "lives", "in", "Oslo"]}"#)
  }
}
