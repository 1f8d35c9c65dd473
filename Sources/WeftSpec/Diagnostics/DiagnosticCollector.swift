/// Gathers the problems of a stage, so that a person sees all of them at once.
public struct DiagnosticCollector: Sendable {
  public private(set) var diagnostics: [Diagnostic] = []

  public init() {}

  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  public mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  public mutating func add(contentsOf more: some Sequence<Diagnostic>) {
    diagnostics.append(contentsOf: more)
  }

  public mutating func error(_ message: String, at span: SourceSpan? = nil, suggestion: String? = nil) {
    add(.error(message, at: span, suggestion: suggestion))
  }

  public mutating func warning(_ message: String, at span: SourceSpan? = nil, suggestion: String? = nil) {
    add(.warning(message, at: span, suggestion: suggestion))
  }

  /// The diagnostics as a reader meets them: files in order of first mention, then by line and column.
  public var sorted: [Diagnostic] {
    var rank: [String: Int] = [:]
    for diagnostic in diagnostics {
      if let path = diagnostic.location?.path, rank[path] == nil { rank[path] = rank.count }
    }
    let keyed = diagnostics.enumerated().map { offset, diagnostic in
      let location = diagnostic.location
      let file = location.map { rank[$0.path] ?? 0 } ?? Int.max
      return (key: (file, location?.line ?? 0, location?.column ?? 0, offset), diagnostic: diagnostic)
    }
    return keyed.sorted { $0.key < $1.key }.map(\.diagnostic)
  }
}

extension Sequence<Diagnostic> {
  /// All diagnostics, one after the other, and a last line that counts them; empty without any.
  public func rendered() -> String {
    let all = Array(self)
    guard !all.isEmpty else { return "" }
    func count(_ severity: Diagnostic.Severity) -> String? {
      let number = all.count { $0.severity == severity }
      return number == 0 ? nil : "\(number) \(severity.rawValue)\(number == 1 ? "" : "s")"
    }
    let summary = [count(.error), count(.warning)].compactMap(\.self).joined(separator: ", ")
    return (all.map(\.description) + (summary.isEmpty ? [] : [summary])).joined(separator: "\n")
  }
}

/// A spec that cannot be used; holds every problem that was found, warnings included.
public struct SpecError: Error, Sendable, Equatable, CustomStringConvertible {
  public var diagnostics: [Diagnostic]

  public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  public var description: String { diagnostics.rendered() }
}
