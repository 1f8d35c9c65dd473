/// The C library around the amalgamation: how it is built, installed, tested, and used from the command line.
enum CBinding {
  static func files(_ tagger: TaggerInterface) throws(PackageError) -> [PackageFile] {
    let name = tagger.names.name
    var values = tagger.values
    values["VERSION_LINES"] = versionLines(tagger)
    return [
      try PackageFile("\(name)-weights.c", template: "c/weights.c", values),
      try PackageFile("Makefile", template: "c/Makefile", values),
      try PackageFile("\(name).pc.in", template: "c/pc", values),
      try PackageFile("cli/\(name)-main.c", template: "cli/main.c", values),
      try PackageFile("test/\(name)-test.c", template: "test/test.c", values),
      try PackageFile("test/command.sh", template: "test/command.sh", values),
    ]
  }

  /// What `--version` prints, as C string literals, a line each.
  private static func versionLines(_ tagger: TaggerInterface) -> String {
    var lines = [
      "\(tagger.names.name) \(tagger.version), made by weft \(tagger.toolVersion)",
      "architecture  \(tagger.architectureHash)",
      "data          \(tagger.dataHash)",
      "recipe        \(tagger.recipeHash)",
      "weights       \(tagger.weights.rawValue)",
    ]
    lines += tagger.scoreLines.map { "scores        \($0)" }
    return lines.map { "    \(literal($0 + "\n"))" }.joined(separator: "\n")
  }

  /// A text as a C string literal, ASCII only.
  static func literal(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): result += "\\\""
      case UInt8(ascii: "\\"): result += "\\\\"
      case UInt8(ascii: "\n"): result += "\\n"
      // A trigraph would begin with two of them.
      case UInt8(ascii: "?"): result += "\\?"
      case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        // Octal escapes end after three digits, so a digit behind one cannot be swallowed.
        let octal = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
      }
    }
    return result + "\""
  }
}

/// The package as a CMake project with the target `<name>::<name>`.
enum CMakeBinding {
  static func files(_ tagger: TaggerInterface) throws(PackageError) -> [PackageFile] {
    [try PackageFile("CMakeLists.txt", template: "c/CMakeLists.txt", tagger.values)]
  }
}
