/// Layout of generated C, as clang-format with the repository's style would have it.
public enum CLayout {
  public static let columns = 110

  /// Breaks lines that are too long at commas of their outermost parenthesis; comments stay as they are.
  public static func wrap(_ text: String) -> String {
    var isComment = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      isComment = isComment || line.hasPrefix("/*")
      defer { isComment = isComment && !line.hasSuffix("*/") }
      return isComment ? String(line) : wrapLine(line)
    }.joined(separator: "\n")
  }

  static func wrapLine(_ line: Substring) -> String {
    // An attribute's parentheses are not those of parameters.
    let attribute = "static __attribute__((noinline)) "
    let isOutOfLine = line.hasPrefix(attribute)
    let start = isOutOfLine ? line.index(line.startIndex, offsetBy: attribute.count) : line.startIndex
    guard line.count > columns, let parenthesis = line[start...].firstIndex(of: "("),
      !line.drop(while: { $0 == " " }).hasPrefix("//")
    else { return String(line) }
    let head = line[...parenthesis]
    let arguments = arguments(of: line, from: line.index(after: parenthesis))
    let aligned = fill(arguments, indent: head.count, firstLine: String(head))
    guard line.first != " " else { return aligned.joined(separator: "\n") }
    // A declaration may also move its parameters, or its name, to a line of their own when that saves lines. The
    // weights stand for clang-format's penalties: 20 a break, 15 for the first among the parameters, 46 and 90 for
    // these two kinds.
    let below = [String(head)] + fill(arguments, indent: 4, firstLine: "    ")
    let name = head.lastIndex(of: " ").map { head[head.index(after: $0)...] } ?? head
    let type = head.dropLast(name.count + 1)
    let underType = [String(type)] + fill(arguments, indent: name.count, firstLine: String(name))
    let choices = [
      (15 + 20 * (aligned.count - 1), aligned), (90 + 20 * (below.count - 2), below),
      (46 + 20 * (underType.count - 2) + (underType.count > 2 ? 15 : 0), underType),
    ]
    // Nothing is worse than a line that is still too long.
    let weighed = choices.map { ($0.0 + 1000 * $0.1.count { $0.count > columns }, $0.1) }
    return (weighed.min { $0.0 < $1.0 }?.1 ?? aligned).joined(separator: "\n")
  }

  /// Puts as many arguments on each line as fit.
  private static func fill(_ arguments: [Substring], indent: Int, firstLine: String) -> [String] {
    var lines = [firstLine]
    for (position, argument) in arguments.enumerated() {
      let isFirstOfLine = position == 0
      if !isFirstOfLine, lines[lines.count - 1].count + 1 + argument.count > columns {
        lines.append(String(repeating: " ", count: indent) + argument)
      } else {
        lines[lines.count - 1] += (isFirstOfLine ? "" : " ") + argument
      }
    }
    return lines
  }

  /// The arguments with their commas, the last with all that follows it.
  private static func arguments(of line: Substring, from start: Substring.Index) -> [Substring] {
    var depth = 1
    var start = start
    var result: [Substring] = []
    for index in line.indices[start...] {
      switch line[index] {
      case "(", "{", "[": depth += 1
      case ")", "}", "]": depth -= 1
      case " " where depth == 1 && line[line.index(before: index)] == ",":
        result.append(line[start..<index])
        start = line.index(after: index)
      default: break
      }
    }
    return result + [line[start...]]
  }
}
