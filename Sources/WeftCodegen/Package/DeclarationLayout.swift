/// Layout of what people read first: once names have been filled in, comments in front of declarations are set anew,
/// rules have their width, and the parameters of functions stand below each other.
enum DeclarationLayout {
  static func apply(to text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var result: [String] = []
    var index = 0
    while index < lines.count {
      let line = lines[index]
      if line.hasPrefix("// ---- ") || line.hasPrefix("/* ---- ") {
        result.append(rule(line))
      } else if line.hasPrefix("/*") {
        let end = lines[index...].firstIndex { $0.contains("*/") } ?? lines.count - 1
        result += comment(lines[index...end])
        index = end
      } else if isOpen(line), let end = endOfCall(lines, from: index) {
        let joined =
          line + lines[(index + 1)...end].map { " " + $0.drop { $0 == " " } }.joined()
        // Template placeholders are gone, so that the line's own indentation is all that is left to keep.
        result.append(CLayout.wrapLine(joined[...]))
        index = end
      } else {
        result.append(CLayout.wrapLine(line))
      }
      index += 1
    }
    return result.joined(separator: "\n")
  }

  /// `// ---- title ----` at the width of a line.
  private static func rule(_ line: Substring) -> String {
    let title = line.dropFirst(8).prefix { $0 != "-" }
    let end = line.hasPrefix("/*") ? " */" : ""
    let dashes = max(4, CLayout.columns - 8 - title.count - end.count)
    return line.prefix(8) + title + String(repeating: "-", count: dashes) + end
  }

  // MARK: Comments

  /// Fills the lines of a block comment. Lines that begin with a hyphen begin items; those that are further in are code.
  private static func comment(_ lines: ArraySlice<Substring>) -> [String] {
    let body = lines.enumerated().map { number, line in number == 0 ? "   " + line.dropFirst(3) : String(line)
    }
    var result: [String] = []
    var words: [Substring] = []
    var isItem = false
    func flush() {
      guard !words.isEmpty else { return }
      var current = isItem ? "   - " : "   "
      let indentation = isItem ? "     " : "   "
      var isFirst = true
      for word in words {
        if !isFirst, current.count + 1 + word.count > CLayout.columns {
          result.append(current)
          current = indentation + word
        } else {
          current += (isFirst ? "" : " ") + word
        }
        isFirst = false
      }
      result.append(current)
      words = []
      isItem = false
    }
    for line in body {
      let text = line.drop { $0 == " " }
      if text.isEmpty || line.count - text.count >= 7 {
        flush()
        result.append(text.isEmpty ? "" : line)
      } else if text.hasPrefix("- ") {
        flush()
        isItem = true
        words = text.dropFirst(2).split(separator: " ")
      } else {
        words += text.split(separator: " ")
      }
    }
    // The end of the comment stays with the last word.
    if words.count > 1, words[words.count - 1] == "*/" {
      words.removeLast()
      words[words.count - 1] += " */"
    }
    flush()
    if let first = result.first { result[0] = "/* " + first.dropFirst(3) }
    return result
  }

  // MARK: Calls and declarations

  /// Does the line end within the parentheses of a call or a declaration?
  private static func isOpen(_ line: Substring) -> Bool {
    !line.hasPrefix("#") && line.hasSuffix(",") && line.contains("(") && depth(of: line) > 0
      && !line.contains("//") && !line.contains("/*") && !line.contains("\"")
  }

  private static func depth(of line: Substring) -> Int {
    line.reduce(0) { $0 + ($1 == "(" ? 1 : $1 == ")" ? -1 : 0) }
  }

  /// The last line of a call; nil if it is not all arguments, one after the other.
  private static func endOfCall(_ lines: [Substring], from first: Int) -> Int? {
    var open = depth(of: lines[first])
    for index in lines.indices.dropFirst(first + 1) {
      let line = lines[index]
      if line.contains("//") || line.contains("/*") || line.contains("\"") || line.contains("{") && open > 1 {
        return nil
      }
      open += depth(of: line)
      if open <= 0 { return line.hasSuffix(";") || line.hasSuffix("{") || line.hasSuffix(")") ? index : nil }
      if !line.hasSuffix(",") { return nil }
    }
    return nil
  }
}
