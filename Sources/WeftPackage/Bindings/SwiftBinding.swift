/// A SwiftPM package: the C as a target, and a typed library over it.
enum SwiftBinding {
  static func files(_ tagger: TaggerInterface, excludedTests: [String]) throws(PackageError) -> [PackageFile]
  {
    let module = tagger.names.module
    var types = SwiftNames()
    let tasks = tagger.tasks.map { task in
      (task: task, member: types.member(task.name), type: types.type(task.name + "Tag"))
    }
    var values = tagger.values
    values["SWIFT_TASKS"] =
      tasks.enumerated().map { "  case \($1.member) = \($0)" }.joined(separator: "\n")
    values["SWIFT_TASK_SETS"] =
      tasks.map { "  public static let \($0.member) = TaggingTasks(.\($0.member))" }.joined(separator: "\n")
    values["SWIFT_TAGS"] =
      tasks.map { tags(of: $0.task, member: $0.member, type: $0.type) }.joined(separator: "\n\n")
    values["SWIFT_TEST_TAGS"] =
      tasks.map { "Self.tags(of: \($0.type).self, session)" }.joined(separator: ", ")
    values["FIRST_TAG"] = tasks.first?.type ?? ""
    values["SWIFT_TEST_EXCLUDES"] = excludedTests.map { "\"\($0)\"" }.joined(separator: ", ")
    return [
      try PackageFile("Package.swift", template: "swift/Package.swift", values),
      try PackageFile("Sources/C\(module)/include/C\(module).h", template: "swift/shim.h", values),
      try PackageFile("Sources/C\(module)/C\(module).c", template: "swift/shim.c", values),
      try PackageFile("Sources/C\(module)/C\(module)-weights.c", template: "swift/shim-weights.c", values),
      try PackageFile("Sources/\(module)/Tagger.swift", template: "swift/Tagger.swift", values),
      try PackageFile("Sources/\(module)/Session.swift", template: "swift/Session.swift", values),
      try PackageFile("Sources/\(module)/Tags.swift", template: "swift/Tags.swift", values),
      try PackageFile("Sources/\(module)/Tokenizer.swift", template: "swift/Tokenizer.swift", values),
      try PackageFile("test/swift/TaggerTests.swift", template: "swift/Tests.swift", values),
    ]
  }

  /// The type of the first task's tags.
  static func firstTagType(_ tagger: TaggerInterface) -> String {
    var types = SwiftNames()
    guard let task = tagger.tasks.first else { return "" }
    _ = types.member(task.name)
    return types.type(task.name + "Tag")
  }

  private static func tags(of task: TaggerInterface.Task, member: String, type: String) -> String {
    var names = SwiftNames()
    let cases = task.tags.enumerated().map { number, tag in
      let name = names.member(tag)
      // The comment shows what the name hides.
      let note = name == tag ? "" : "  /// `\(tag)`\n"
      return "\(note)  case \(name) = \(number)"
    }
    return """
      /// Tags of the task '\(task.name)'.
      public enum \(type): Int32, TaskTag {
      \(cases.joined(separator: "\n"))

        public static var task: TaggingTask { .\(member) }
      }
      """
  }
}

/// Hands out distinct Swift identifiers for distinct texts.
struct SwiftNames {
  private var taken: Set<String> = []

  private static let punctuation: [Unicode.Scalar: String] = [
    ".": "period", ",": "comma", ":": "colon", ";": "semicolon", "!": "exclamation", "?": "question",
    "'": "quote", "\"": "doubleQuote", "`": "backquote", "(": "open", ")": "close", "[": "openSquare",
    "]": "closeSquare", "{": "openBrace", "}": "closeBrace", "$": "dollar", "#": "hash", "%": "percent",
    "&": "and", "*": "star", "+": "plus", "-": "minus", "/": "slash", "=": "equals", "<": "less",
    ">": "greater",
    "@": "at", "^": "caret", "|": "bar", "~": "tilde", "\\": "backslash", "_": "underscore",
  ]
  private static let reserved: Set<String> = [
    "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
    "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
    "import",
    "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private",
    "protocol",
    "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "switch",
    "throw", "throws", "true", "try", "typealias", "var", "where", "while",
  ]
  /// Members that the generated types have already, or that Swift does not let a case be called.
  private static let members: Set<String> = [
    "Type", "Protocol", "all", "allCases", "c", "description", "hash", "hashValue", "labels", "name", "none",
    "rawValue", "some", "task",
  ]

  /// A case or property, letters as they are: `B_PER`, `NNP`, `period`, `PRPdollar`.
  mutating func member(_ text: String) -> String {
    let name = unique(Self.identifier(text), avoiding: Self.members)
    return Self.reserved.contains(name) ? "`\(name)`" : name
  }

  /// A type: `NerTag`.
  mutating func type(_ text: String) -> String {
    let name = Self.identifier(text).split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
      .joined()
    return unique(name, avoiding: ["TaskTag", "Token", "Tagger", "Session", "Tokenizer", "TaggerError"])
  }

  private mutating func unique(_ base: String, avoiding: Set<String>) -> String {
    var candidate = avoiding.contains(base) ? base + "_" : base
    var number = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(base)_\(number)"
      number += 1
    }
    return candidate
  }

  static func identifier(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isASCII ? scalar == "_" || scalar.properties.isAlphabetic || isDigit(scalar) : false
    }
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    var result = ""
    for (index, scalar) in scalars.enumerated() {
      if isWord(scalar), scalars.contains(where: { isWord($0) && $0 != "_" }) {
        result.unicodeScalars.append(scalar)
        continue
      }
      let isBetween =
        index > 0 && index + 1 < scalars.count && isWord(scalars[index - 1]) && isWord(scalars[index + 1])
      if isBetween, "-:./|".unicodeScalars.contains(scalar) {
        result += "_"
        continue
      }
      let word = punctuation[scalar] ?? "u" + String(scalar.value, radix: 16)
      result += result.isEmpty ? word : word.prefix(1).uppercased() + word.dropFirst()
    }
    if let first = result.unicodeScalars.first, isDigit(first) { result = "_" + result }
    return result.isEmpty || result.allSatisfy { $0 == "_" } ? "empty" + result : result
  }
}
