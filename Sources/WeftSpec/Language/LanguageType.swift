/// What may stand at a place of a spec. One description serves the checker, the JSON Schema and the
/// documentation.
public indirect enum LanguageType: Sendable {
  case boolean
  case integer(ClosedRange<Int>, odd: Bool = false)
  case number(Bounds)
  /// A letter, then letters, digits, `-` and `_`.
  case name
  /// A file, relative to the folder of the file that says it.
  case path
  /// Any text; the phrase says what it is.
  case text(String)
  case choice([Choice])
  /// A list; the phrase names what it holds in the plural.
  case list(LanguageType, of: String)
  /// One value, or a list of them.
  case oneOrMore(LanguageType, of: String)
  case section(Section)
  /// A mapping whose keys the person chooses; the phrase names one entry.
  case dictionary(LanguageType, of: String)
  /// One of several types that differ in form: words, numbers, lists, a mapping.
  case either([LanguageType])
}

/// One of the words that a key may have as its value.
public struct Choice: Sendable, Hashable {
  public var word: String
  public var doc: String
  public init(_ word: String, _ doc: String) {
    self.word = word
    self.doc = doc
  }
}

/// An interval of numbers.
public struct Bounds: Sendable, Hashable {
  public var lower: Double
  public var includesLower: Bool
  public var upper: Double?
  public var includesUpper = false

  /// Any number.
  public static let any = Bounds(lower: -.infinity, includesLower: false, upper: nil)
  /// `lower` or more.
  public static func atLeast(_ lower: Double) -> Bounds {
    Bounds(lower: lower, includesLower: true, upper: nil)
  }
  /// More than 0.
  public static let positive = Bounds(lower: 0, includesLower: false, upper: nil)
  /// From 0 to below `upper`.
  public static func below(_ upper: Double) -> Bounds { Bounds(lower: 0, includesLower: true, upper: upper) }

  /// More than 0, up to 1.
  public static let share = Bounds(lower: 0, includesLower: false, upper: 1, includesUpper: true)
  /// More than 0 and below `upper`.
  public static func within(_ upper: Double) -> Bounds {
    Bounds(lower: 0, includesLower: false, upper: upper)
  }

  public func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower)
      && upper.map { includesUpper ? value <= $0 : value < $0 } ?? true
  }

  /// What follows `a number`.
  var phrase: String {
    if lower == -.infinity { return "" }
    let lowerText = NumberText.text(lower)
    if let upper {
      let upperText = NumberText.text(upper)
      return (includesLower ? " from \(lowerText)" : " above \(lowerText)")
        + (includesUpper
          ? (includesLower ? " to " : " and at most ") : (includesLower ? " to below " : " and below "))
        + upperText
    }
    return includesLower ? ", \(lowerText) or more" : " above \(lowerText)"
  }
}

/// A mapping with fixed keys.
public struct Section: Sendable {
  /// In the singular, for headings and messages.
  public var name: String
  public var doc: String
  public var keys: [Key]
  /// Exactly one of the keys may be given.
  public var isUnion: Bool
  /// The keys that a scalar in place of the mapping gives (`crf` for `{kind: crf}`); nil where none can stand
  /// there.
  public var shorthand: [String]?
  /// Whether the keys of a spec can stand here too, which are checked once they are laid over one.
  public var takesSpecKeys: Bool

  /// The kind that holds without the key `kind`.
  var defaultKind: String? {
    guard let key = keys.first(where: { $0.name == "kind" }), case .value(let kind) = key.presence else {
      return nil
    }
    return kind
  }

  public init(
    _ name: String, _ doc: String, isUnion: Bool = false, shorthand: [String]? = nil,
    takesSpecKeys: Bool = false, keys: [Key]
  ) {
    self.name = name
    self.doc = doc
    self.isUnion = isUnion
    self.shorthand = shorthand
    self.takesSpecKeys = takesSpecKeys
    self.keys = keys
  }
}

/// A key of a section.
public struct Key: Sendable {
  public enum Presence: Sendable, Equatable {
    case required
    /// What holds without the key, as YAML.
    case value(String)
    /// What holds without the key, in words.
    case described(String)
  }

  public var name: String
  public var type: LanguageType
  public var presence: Presence
  public var doc: String
  /// The words of the section's `kind` under which the key is read; empty: all of them.
  public var readBy: [String]

  public init(
    _ name: String, _ type: LanguageType, _ presence: Presence, _ doc: String, readBy: [String] = []
  ) {
    self.name = name
    self.type = type
    self.presence = presence
    self.doc = doc
    self.readBy = readBy
  }

  func isRead(byKind kind: String) -> Bool { readBy.isEmpty || readBy.contains(kind) }

  /// What the key means, and under which kinds it is read.
  var fullDoc: String {
    readBy.isEmpty ? doc : doc + " Read by " + readBy.map { "`\($0)`" }.list(last: "and") + "."
  }
}

extension LanguageType {
  /// Integers of at least `lower`.
  static func count(from lower: Int = 1, to upper: Int = 1_000_000) -> LanguageType {
    .integer(lower...upper)
  }

  static func word(_ word: String, _ doc: String) -> LanguageType { .choice([Choice(word, doc)]) }

  /// All the values of an enumeration, each with its description.
  static func choice<E: CaseIterable & RawRepresentable>(_: E.Type, _ doc: (E) -> String) -> LanguageType
  where E.RawValue == String {
    .choice(E.allCases.map { Choice($0.rawValue, doc($0)) })
  }

  /// The type in words, as it follows `must be`.
  var phrase: String {
    switch self {
    case .boolean: return "true or false"
    case .integer(let range, let odd):
      if range.count == 1 { return "\(range.lowerBound)" }
      let kind = odd ? "an odd integer" : "an integer"
      return range.upperBound >= 1_000_000
        ? "\(kind), \(range.lowerBound) or more" : "\(kind) from \(range.lowerBound) to \(range.upperBound)"
    case .number(let bounds): return "a number\(bounds.phrase)"
    case .name: return "a name (a letter, then letters, digits, '-' and '_')"
    case .path: return "a path"
    case .text(let what): return what
    case .choice(let choices): return choices.map { "'\($0.word)'" }.list(last: "or")
    case .list(_, let what): return "a list of \(what)"
    case .oneOrMore(let type, let what): return "\(type.phrase) or a list of \(what)"
    case .section(let section):
      return section.isUnion
        ? "a mapping with \(section.keys.map { "'\($0.name)'" }.list(last: "or"))"
        : section.keys.count > 5
          ? "a mapping" : "a mapping (\(section.keys.map(\.name).joined(separator: ", ")))"
    case .dictionary(_, let what): return "a mapping from the name of each \(what)"
    case .either:
      return alternatives.flatMap { type -> [String] in
        if case .choice(let choices) = type { choices.map { "'\($0.word)'" } } else { [type.phrase] }
      }.list(last: "or")
    }
  }

  /// The alternatives of `either`, or the type itself.
  var alternatives: [LanguageType] {
    if case .either(let types) = self { types.flatMap(\.alternatives) } else { [self] }
  }

  /// The section that a mapping at this place is, if it is one.
  var section: Section? {
    for case .section(let section) in alternatives { return section }
    return nil
  }
}

extension [String] {
  /// `a, b or c`.
  func list(last word: String) -> String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " \(word) " + last
  }
}
