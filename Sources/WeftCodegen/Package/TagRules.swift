import WeftCorpus
import WeftSpec

/// How the labels of a task are written in the scheme of its data, as tables of numbers.
struct TagRules {
  struct Tables {
    /// [labels]: 0 outside, then B, I, E, S; 5 for a label that is no tag.
    var prefixes: [Int] = []
    /// [labels]
    var types: [Int] = []
    /// [types × 4]: numbers of the tags B, I, E and S; 0 for those that the scheme lacks.
    var written: [Int] = []
    var outside = 0
    /// [labels]: the tag of a label that stays as it is.
    var unchanged: [Int] = []
  }

  /// The tags, by number.
  private(set) var tags: [String] = []
  /// Nil where labels are written as they are.
  private(set) var tables: Tables?

  private static let prefixes: [SpanTag.Prefix] = [.outside, .begin, .inside, .end, .single]

  init(_ task: PackageContents.Task) {
    guard task.modelScheme != .none, task.dataScheme != .none, task.modelScheme != task.dataScheme else {
      tags = task.labels
      return
    }
    var tables = Tables()
    var types: [String] = []
    let parsed = task.labels.map { SpanTag($0) }
    let isWhole = !parsed.contains { $0 == nil }
    tables.outside = Self.number(of: "O", in: &tags)
    for (label, tag) in zip(task.labels, parsed) {
      // Where all labels are tags, every one can be written.
      tables.unchanged.append(isWhole ? 0 : Self.number(of: label, in: &tags))
      tables.prefixes.append(tag.map { Self.prefixes.firstIndex(of: $0.prefix) ?? 0 } ?? Self.prefixes.count)
      let type = tag.flatMap { $0.prefix == .outside ? nil : $0.type }
      tables.types.append(type.map { Self.number(of: $0, in: &types) } ?? 0)
    }
    let used: [SpanTag.Prefix] =
      task.dataScheme == .bioes ? [.begin, .inside, .end, .single] : [.begin, .inside]
    for type in types {
      for prefix in Self.prefixes.dropFirst() {
        tables.written.append(
          used.contains(prefix) ? Self.number(of: SpanTag(prefix, type).text, in: &tags) : 0)
      }
    }
    self.tables = tables
  }

  /// The place of a text, which is added if it is new. Texts differ as soon as their bytes do.
  private static func number(of text: String, in list: inout [String]) -> Int {
    if let known = list.firstIndex(where: { $0.utf8.elementsEqual(text.utf8) }) { return known }
    list.append(text)
    return list.count - 1
  }
}
