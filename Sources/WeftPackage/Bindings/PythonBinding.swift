/// A Python module over ctypes, from which `pip wheel` makes a wheel with the compiled C inside.
enum PythonBinding {
  static func files(_ tagger: TaggerInterface) throws(PackageError) -> [PackageFile] {
    var values = tagger.values
    values["PYTHON_TASKS"] = tuple(tagger.tasks.map(\.name))
    values["PYTHON_LABELS"] =
      "{\n" + tagger.tasks.map { "    \(literal($0.name)): \(tuple($0.labels)),\n" }.joined() + "}"
    return [
      try PackageFile("python/pyproject.toml", template: "python/pyproject.toml", values),
      try PackageFile("python/build_tagger.py", template: "python/build_tagger.py", values),
      try PackageFile("python/\(tagger.names.prefix)/__init__.py", template: "python/init.py", values),
      try PackageFile("test/test_python.py", template: "test/test_python.py", values),
    ]
  }

  private static func tuple(_ texts: [String]) -> String {
    "(" + texts.map { literal($0) + "," }.joined(separator: " ") + ")"
  }

  /// A text as a Python string literal, ASCII only.
  private static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case " "..."~": result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return result + "\""
  }
}
