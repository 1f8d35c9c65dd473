/// Writes C line by line with four spaces an indentation level.
struct CWriter {
  private(set) var text = ""
  private var level = 0

  mutating func line(_ line: String = "") {
    if line.isEmpty {
      text += "\n"
      return
    }
    text += String(repeating: "    ", count: level) + line + "\n"
  }

  mutating func lines(_ lines: String) {
    for part in lines.split(separator: "\n", omittingEmptySubsequences: false) { line(String(part)) }
  }

  /// Writes `head {`, the body one level deeper, and `}` with what follows it.
  mutating func block(_ head: String, closing: String = "}", _ body: (inout CWriter) -> Void) {
    line(head + " {")
    level += 1
    body(&self)
    level -= 1
    line(closing)
  }

  /// A call whose arguments are broken over lines of at most 110 columns.
  mutating func call(_ function: String, _ arguments: [String]) {
    list(function + "(", arguments, closing: ");")
  }

  /// A list between brackets, broken over lines of at most 110 columns and aligned behind the opening one.
  mutating func list(_ head: String, _ arguments: [String], closing: String) {
    let indentation = String(repeating: "    ", count: level)
    let continuation = indentation + String(repeating: " ", count: head.count)
    var current = indentation + head
    var isFirst = true
    for (index, argument) in arguments.enumerated() {
      let piece = argument + (index + 1 < arguments.count ? "," : closing)
      if current.count + piece.count + 1 > 110 && !isFirst {
        text += current + "\n"
        current = continuation + piece
      } else {
        current += (isFirst ? "" : " ") + piece
      }
      isFirst = false
    }
    if arguments.isEmpty { current += closing }
    text += current + "\n"
  }

  /// A comment of one or more lines, wrapped at 110 columns.
  mutating func comment(_ comment: String) {
    let indentation = String(repeating: "    ", count: level)
    var lines: [String] = []
    for paragraph in comment.split(separator: "\n", omittingEmptySubsequences: false) {
      if indentation.count + 3 + paragraph.count <= 110 {
        lines.append(String(paragraph))
        continue
      }
      var current = ""
      for word in paragraph.split(separator: " ") {
        if !current.isEmpty && indentation.count + 3 + current.count + 1 + word.count > 110 {
          lines.append(current)
          current = ""
        }
        current += (current.isEmpty ? "" : " ") + word
      }
      lines.append(current)
    }
    for part in lines {
      text += part.isEmpty ? indentation + "//\n" : indentation + "// " + part + "\n"
    }
  }
}
