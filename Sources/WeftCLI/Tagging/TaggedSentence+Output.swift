import WeftCorpus
import WeftReport
import WeftSpec
import WeftTrain

extension TaggedSentence {
  /// The sentence as it came in, with a column for each task, and one for the probability of the label if there are
  /// probabilities.
  ///
  /// - Parameter labels: of each task, in the order of probabilities.
  func conll(format: CorpusSpec.Format, labels: [String: [String]]) -> String {
    var columns: [(name: String, labels: [String])] = []
    for task in tasks {
      columns.append((task.task, task.tags))
      guard let rows = task.probabilities, let names = labels[task.task] else { continue }
      let chosen = zip(task.labels, rows).map { label, row in
        names.firstIndex(of: label).map { Quantity.fixed(Double(row[$0]), 4) } ?? "_"
      }
      columns.append((task.task + ".p", chosen))
    }
    return sentence.rendered(adding: columns, format: format)
  }

  /// A line of JSON: `words`, `tags` by task and, if asked for, `probabilities` and `alternatives`.
  func json(labels: [String: [String]]) -> String {
    var json = JSONLine()
    json.object { json in
      if let id = sentence.id { json.member("id") { $0.string(id) } }
      json.member("words") { $0.array(sentence.words) { $0.string($1) } }
      json.member("tags") { json in
        json.object { json in
          for task in tasks { json.member(task.task) { $0.array(task.tags) { $0.string($1) } } }
        }
      }
      if tasks.contains(where: { $0.probabilities != nil }) {
        json.member("probabilities") { addProbabilities(to: &$0, labels) }
      }
      if tasks.contains(where: { $0.alternatives != nil }) {
        json.member("alternatives") { addAlternatives(to: &$0) }
      }
    }
    return json.text + "\n"
  }

  /// For each task and token an object from label to probability.
  private func addProbabilities(to json: inout JSONLine, _ labels: [String: [String]]) {
    json.object { json in
      for task in tasks {
        let names = labels[task.task] ?? []
        json.member(task.task) { json in
          json.array(task.probabilities ?? []) { json, row in
            json.object { json in
              for (name, value) in zip(names, row) { json.member(name) { $0.number(value) } }
            }
          }
        }
      }
    }
  }

  private func addAlternatives(to json: inout JSONLine) {
    json.object { json in
      for task in tasks {
        json.member(task.task) { json in
          json.array(task.alternatives ?? []) { json, path in
            json.object { json in
              json.member("tags") { $0.array(path.tags) { $0.string($1) } }
              json.member("logProbability") { $0.number(path.logProbability) }
            }
          }
        }
      }
    }
  }
}

/// Writes JSON on one line, members in the order given.
struct JSONLine {
  private(set) var text = ""
  private var needsComma = false

  mutating func object(_ body: (inout JSONLine) -> Void) {
    text += "{"
    needsComma = false
    body(&self)
    text += "}"
    needsComma = true
  }

  mutating func member(_ name: String, _ value: (inout JSONLine) -> Void) {
    if needsComma { text += "," }
    string(name)
    text += ":"
    value(&self)
    needsComma = true
  }

  mutating func array<Element>(_ elements: [Element], _ body: (inout JSONLine, Element) -> Void) {
    text += "["
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      body(&self, element)
    }
    text += "]"
    needsComma = true
  }

  mutating func string(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\u{00}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
    needsComma = true
  }

  /// The shortest text that reads back to the same number; JSON has no word for what is not finite.
  mutating func number(_ value: Float) {
    text += value.isFinite ? "\(value)" : "null"
    needsComma = true
  }
}
