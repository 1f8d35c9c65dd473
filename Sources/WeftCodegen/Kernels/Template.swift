/// C text with `@NAME@` placeholders.
///
/// Strict: rendering fails if the text has a name without a value or a value is never used.
public struct Template: Sendable {
  public let name: String
  public let text: String

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// A template that is compiled into this library, by its path under `Templates/` without `.c.in`.
  public init(embedded name: String) throws(TemplateError) {
    guard let text = EmbeddedTemplates.texts[name] else {
      throw TemplateError(template: name, problem: .notFound)
    }
    self.init(name: name, text: text)
  }

  /// The text with every `@NAME@` replaced, lines longer than 110 columns wrapped as clang-format would.
  public func render(_ values: [String: String]) throws(TemplateError) -> String {
    var result = ""
    var unused = Set(values.keys)
    var rest = text[...]
    while let opening = rest.firstIndex(of: "@") {
      let afterOpening = rest.index(after: opening)
      guard let closing = rest[afterOpening...].firstIndex(of: "@") else {
        throw TemplateError(template: name, problem: .unclosed)
      }
      let placeholder = String(rest[afterOpening..<closing])
      guard let value = values[placeholder] else {
        throw TemplateError(template: name, problem: .unknown(placeholder))
      }
      unused.remove(placeholder)
      result += rest[..<opening]
      result += value
      rest = rest[rest.index(after: closing)...]
    }
    result += rest
    if let first = unused.min() { throw TemplateError(template: name, problem: .unused(first)) }
    return CLayout.wrap(result)
  }

  /// Whether the text has this placeholder.
  func mentions(_ placeholder: String) -> Bool { text.contains("@\(placeholder)@") }
}

/// Why a template cannot be rendered: always a mistake in a template or in the code that renders it.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Problem: Sendable, Equatable {
    case notFound
    case unclosed
    case unknown(String)
    case unused(String)
  }
  public let template: String
  public let problem: Problem

  public var description: String {
    switch problem {
    case .notFound: "template '\(template)' does not exist"
    case .unclosed: "template '\(template)': a placeholder has no closing '@'"
    case .unknown(let name): "template '\(template)': no value for '@\(name)@'"
    case .unused(let name): "template '\(template)': the value of '@\(name)@' is not used"
    }
  }
}
