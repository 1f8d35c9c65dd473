/// Reads domains from comments (`domains: {comment: …}`).
struct DomainComments {
  /// What stands before `=`.
  let field: String
  /// The domain ends before this; nil: it is the whole value.
  let until: String?
  /// What the last comment said.
  private(set) var current: Int32?
  private(set) var names: [String] = []

  init(field: String, until: String?) {
    self.field = field
    self.until = until
  }

  /// A comment holds to the end of its file.
  mutating func beginFile() { current = nil }

  /// Takes in a comment line; others than those of the field are left alone.
  mutating func read(_ line: [UInt8]) {
    guard let value = Self.value(of: field, in: String(decoding: line, as: UTF8.self)) else { return }
    var domain = value
    if let until, let end = value.firstRange(of: until) { domain = value[..<end.lowerBound] }
    let name = String(domain)
    if let known = names.firstIndex(of: name) {
      current = Int32(known)
    } else {
      current = Int32(names.count)
      names.append(name)
    }
  }

  /// `# field = value`, with any number of spaces around `#`, `=` and the value; nil for another comment, or without
  /// a value.
  static func value(of field: String, in line: String) -> Substring? {
    guard line.first == "#", let sign = line.firstIndex(of: "=") else { return nil }
    let name = trimmed(line[line.index(after: line.startIndex)..<sign])
    let value = trimmed(line[line.index(after: sign)...])
    return name == field && !value.isEmpty ? value : nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var text = text.drop(while: blank)
    while text.last.map(blank) == true { text.removeLast() }
    return text
  }

  /// For messages: `# genre = …`.
  var form: String { "# \(field) = …" }
}
