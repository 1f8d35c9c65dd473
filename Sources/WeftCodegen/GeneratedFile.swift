/// One file that the code generator wrote, in memory.
public struct GeneratedFile: Sendable, Equatable {
  /// File name without folder, e.g. `ewt_hard.c`.
  public var name: String
  public var contents: String
  public init(name: String, contents: String) {
    self.name = name
    self.contents = contents
  }
}
