/// Where the parts of a spec were written, by key path (`data.ewt.train`, `tasks.ner.scheme`,
/// `network.encoder.0`).
public struct SpecLocations: Sendable, Equatable {
  private var spans: [String: SourceSpan] = [:]
  private let root: SourceSpan

  /// A spec that was not read from anywhere.
  public init(path: String) { root = SourceSpan(path: path) }

  init(path: String, root node: SpecNode) {
    self.init(path: path)
    node.visit { path, key, node in
      // A mapping begins at its first key, which says less than the key that it stands under.
      spans[path] = path.isEmpty ? nil : node.isMapping ? key ?? node.span : node.span
    }
  }

  /// The place of a key path, or of the nearest part around it that was written down; the file as a last
  /// resort.
  public subscript(keyPath: String) -> SourceSpan {
    var path: String? = keyPath
    while let current = path {
      if let span = spans[current] { return span }
      path = KeyPathText.parent(of: current)
    }
    return root
  }

  /// Whether exactly this key path was written down.
  public func isWritten(_ keyPath: String) -> Bool { spans[keyPath] != nil }
}

extension SpecNode {
  /// Where the keys stand, by key path.
  var keySpans: [String: SourceSpan] {
    var spans: [String: SourceSpan] = [:]
    visit { path, key, _ in spans[path] = key }
    return spans
  }
}
