/// Builds SVG as text.
struct SVG {
  private(set) var text = ""

  /// An element without content; attributes whose value is nil are left out.
  mutating func element(_ name: String, _ attributes: [(String, String?)]) {
    text += "<\(name)\(Self.attributes(attributes))/>\n"
  }

  /// An element with text in it.
  mutating func element(_ name: String, _ attributes: [(String, String?)], text content: String) {
    text += "<\(name)\(Self.attributes(attributes))>\(HTMLText.escaped(content))</\(name)>\n"
  }

  /// An element around others.
  mutating func group(_ name: String = "g", _ attributes: [(String, String?)], _ body: (inout SVG) -> Void) {
    text += "<\(name)\(Self.attributes(attributes))>\n"
    body(&self)
    text += "</\(name)>\n"
  }

  private static func attributes(_ attributes: [(String, String?)]) -> String {
    attributes.map { name, value in value.map { " \(name)=\"\(HTMLText.escaped($0))\"" } ?? "" }.joined()
  }

  /// A coordinate: two decimals at most, so that files are small and equal everywhere.
  static func number(_ value: Double) -> String {
    let text = Quantity.fixed(value, 2)
    guard text.contains(".") else { return text }
    var end = text.endIndex
    while text[text.index(before: end)] == "0" { end = text.index(before: end) }
    if text[text.index(before: end)] == "." { end = text.index(before: end) }
    return String(text[..<end])
  }
}
