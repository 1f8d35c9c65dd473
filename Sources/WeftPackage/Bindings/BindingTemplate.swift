/// The text of a file of a package, with `@NAME@` placeholders of capitals, digits and `_`.
///
/// Other signs `@` stay: make, Swift and Python use them too. A placeholder without a value is an error.
struct BindingTemplate {
  let name: String
  let text: String

  /// - Parameter name: path under `Templates/bindings/`, without `.in`.
  init(_ name: String) throws(PackageError) {
    // Templates end in a line break, and the literal adds one.
    guard let text = EmbeddedBindings.texts[name] else {
      throw PackageError(.file, "there is no template '\(name)': this is a mistake in Weft; please report it")
    }
    self.name = name
    self.text = text
  }

  func render(_ values: [String: String]) throws(PackageError) -> String {
    var result = ""
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    var index = 0
    while index < parts.count {
      result += parts[index]
      index += 1
      guard index < parts.count else { break }
      let isPlaceholder =
        index + 1 < parts.count && parts[index].first.map { $0.isASCII && $0.isUppercase } == true
        && parts[index].allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
      guard isPlaceholder else {
        result += "@"
        continue
      }
      guard let value = values[String(parts[index])] else {
        throw PackageError(
          .file, "template '\(name)' has no value for '@\(parts[index])@': please report this mistake in Weft"
        )
      }
      result += value
      index += 1
    }
    return result
  }
}
