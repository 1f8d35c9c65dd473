/// A file as a value, so that generation never touches a disk.
public struct GeneratedFile: Sendable, Equatable {
  /// File name without folder.
  public var name: String
  public var contents: String
  public init(name: String, contents: String) {
    self.name = name
    self.contents = contents
  }
}
