/// A file of a package as a value.
public struct PackageFile: Sendable, Equatable {
  /// Relative to the package, with `/` between folders.
  public var path: String
  public var bytes: [UInt8]

  public init(_ path: String, _ bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  public init(_ path: String, text: String) { self.init(path, Array(text.utf8)) }

  /// A file from a template.
  init(_ path: String, template: String, _ values: [String: String]) throws(PackageError) {
    var text = try BindingTemplate(template).render(values)
    while text.hasSuffix("\n\n") { text.removeLast() }
    self.init(path, text: text)
  }
}
