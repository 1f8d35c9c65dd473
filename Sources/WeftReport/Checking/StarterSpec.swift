import WeftCorpus
import WeftSpec

/// A first spec for a corpus, with the reasons for what was guessed as comments.
public struct StarterSpec: Sendable {
  public var name: String
  /// Paths as the spec is to write them.
  public var train: String
  public var dev: String?
  public var test: String?
  private let inspection: CorpusInspection

  public init(_ inspection: CorpusInspection, name: String, train: String, dev: String?, test: String?) {
    self.inspection = inspection
    self.name = Self.identifier(name)
    self.train = train
    self.dev = dev
    self.test = test
  }

  /// Letters, digits, `-` and `_`, beginning with a letter.
  public static func identifier(_ text: String) -> String {
    let kept = text.unicodeScalars.map { scalar -> Character in
      let isAllowed = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      return isAllowed || scalar == "_" ? Character(scalar) : "-"
    }
    let name = String(kept).split(separator: "-").joined(separator: "-")
    guard let first = name.first else { return "tagger" }
    return first.isLetter ? name : "c-" + name
  }

  private typealias Named = (name: String, column: CorpusInspection.Column, place: String)

  /// The columns by the names they get here, with their places in the file.
  private var columns: [Named] {
    var taken: Set<String> = []
    return inspection.columns.enumerated().map { index, column in
      var name = Self.identifier(column.name)
      while !taken.insert(name).inserted { name += "-\(index)" }
      let place: String
      switch column.source {
      case .index(let number): place = String(number)
      case .field(let field): place = inspection.format == .conllu ? field : String(index)
      case .key(let field, let key): place = "\(field).\(key)"
      }
      return (name, column, place)
    }
  }

  /// The spec as YAML.
  public func text() -> String {
    let columns = self.columns
    let tasks = columns.filter { $0.column.role == .label }
    return head() + data(columns) + self.tasks(tasks) + Self.rest
  }

  private func head() -> String {
    """
    # A starter spec, guessed from \(inspection.path):
    # \(Quantity.count(inspection.sentences)) sentences, \(Quantity.count(inspection.tokens)) tokens, \
    the longest sentence \(Quantity.count(inspection.longestSentence)) tokens.
    # Look at each guess, then: weft check, weft train.
    weft: 1
    name: \(name)
    seed: 1


    """
  }

  private func data(_ columns: [Named]) -> String {
    var text = "data:\n  corpus:\n    format: \(inspection.format.rawValue)\n"
    text += "    train: \(Self.scalar(train))\n"
    if let dev {
      text += "    dev: \(Self.scalar(dev))\n"
    } else {
      text +=
        "    # dev: DEV_FILE     # decides which epoch is the best, and when to stop; no such file was found\n"
    }
    if let test {
      text += "    test: \(Self.scalar(test))\n"
    } else {
      text += "    # test: TEST_FILE   # no such file was found\n"
    }
    text += "    columns:\n"
    for (name, column, place) in columns {
      let line: String
      switch column.role {
      case .word: line = "word: \(place)"
      case .label: line = "\(name): \(place)"
      default: line = "# \(name): \(place)"
      }
      text += "      " + TextTable.pad(line, to: 20, .left) + " # \(Self.describe(column))\n"
    }
    return text + "\n"
  }

  private static func describe(_ column: CorpusInspection.Column) -> String {
    let kind: String
    switch column.role {
    case .word: kind = "\(Quantity.count(column.distinct)) different words"
    case .label: kind = "\(Quantity.count(column.distinct)) labels"
    case .index: kind = "token numbers"
    case .number: kind = "numbers"
    case .constant: kind = column.filled == 0 ? "empty" : "the same everywhere"
    case .text: kind = "\(Quantity.count(column.distinct)) different values"
    }
    let examples = column.examples.prefix(4).map { printable($0.value) }.joined(separator: "  ")
    return examples.isEmpty ? kind : "\(kind): \(examples)"
  }

  private func tasks(_ tasks: [Named]) -> String {
    guard !tasks.isEmpty else {
      return """
        # No column looks like labels: name one above, and a task that reads it.
        # tasks:
        #   NAME: {column: NAME}


        """
    }
    var text = "tasks:\n"
    for (name, column, _) in tasks {
      let scheme = column.scheme
      guard scheme.scheme != .none else {
        text += "  \(name): {column: \(name)}  # scored by accuracy\n"
        continue
      }
      let types = scheme.types.prefix(8).map { $0.isEmpty ? "(no type)" : Self.printable($0) }
      text +=
        "  # Spans of \(types.joined(separator: ", "))\(scheme.types.count > 8 ? ", …" : ""), written as "
      text += "\(scheme.scheme.rawValue)"
      if scheme.violations > 0 {
        text +=
          ", which \(Quantity.count(scheme.violations)) of \(Quantity.count(scheme.sentences)) sentences contradict"
      }
      text += ".\n"
      text +=
        "  \(name): {column: \(name), scheme: {data: \(scheme.scheme.rawValue), model: bioes}, metric: span-f1}\n"
    }
    return text + "\n"
  }

  private static let rest = """
    network:
      words: {dim: 100}                  # vectors: FILE starts from given ones (GloVe, word2vec, fastText)
      chars: {kind: cnn, dim: 30, filters: 30, width: 3}
      encoder: [{kind: bilstm, hidden: 200}]
      dropout: {input: 0.5, output: 0.5}

    sharing: {kind: hard}                # one network for all tasks; single: one for each

    train:
      optimizer: sgd
      rate: 0.1
      momentum: 0.9
      decay: 0.05                        # rate / (1 + decay · epoch)
      clip: {norm: 5}
      batch: 10
      epochs: 30
      patience: 5                        # epochs without a better dev score before training stops

    """

  private static func printable(_ text: String) -> String {
    var view = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(20) {
      view.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
    return String(view)
  }

  /// A path as YAML: plain where that can be read in one way only.
  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "/" || $0 == "." } == true
      && text.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./".unicodeScalars.contains($0)
      } && text.contains { $0 == "/" || $0 == "." }
    if isPlain { return text }
    return "'" + text.replacing("'", with: "''") + "'"
  }
}
