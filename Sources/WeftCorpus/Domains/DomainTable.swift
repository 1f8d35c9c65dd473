import WeftSpec

/// A table that says which sentences are of which domain (`domains: {file: …}`).
///
/// ```
/// split   domain  first  last
/// train   weblog  0      1584
/// train   email   1585   5354
/// ```
///
/// Columns are separated by tabs and named by the header; others than these four are ignored. `first` and `last` number
/// the sentences of a split's files, taken one after the other, from 0; both ends are included.
struct DomainTable {
  struct Range {
    var domain: String
    var first: Int
    var last: Int
    /// In the table, from 1.
    var line: Int
  }

  let path: String
  private(set) var ranges: [Split: [Range]] = [:]

  private static let columns = ["split", "domain", "first", "last"]

  init(path: String) throws(CorpusError) { try self.init(ByteLines(path: path)) }

  init(text: [UInt8], path: String) throws(CorpusError) { try self.init(ByteLines(bytes: text, path: path)) }

  private init(_ lines: consuming ByteLines) throws(CorpusError) {
    path = lines.path
    var lines = lines
    var places: [Int]?
    var width = 0
    var bytes: [UInt8] = []
    while try lines.next(into: &bytes) {
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      let cells = bytes.split(separator: 0x09, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      guard let found = places else {
        places = try Self.places(cells, path: path, line: lines.number)
        width = cells.count
        continue
      }
      guard cells.count == width else {
        throw CorpusError(
          .raggedLine, path: path, line: lines.number,
          "this line has \(cells.count) column\(cells.count == 1 ? "" : "s"), but the header has \(width)",
          suggestion: "columns are separated by single tabs")
      }
      try add(cells, found, line: lines.number)
    }
    if places == nil {
      throw CorpusError(
        .empty, path: path, "the table of domains is empty",
        suggestion: "its first line is \(Self.columns.joined(separator: "<tab>"))")
    }
  }

  private static func places(_ header: [String], path: String, line: Int) throws(CorpusError) -> [Int] {
    var places: [Int] = []
    for column in columns {
      guard let place = header.firstIndex(of: column) else {
        throw CorpusError(
          .missingColumn, path: path, line: line, "the table of domains has no column '\(column)'",
          suggestion: Spelling.suggestion(for: column, among: header)
            ?? "its first line names the columns, separated by tabs: \(columns.joined(separator: ", "))")
      }
      places.append(place)
    }
    return places
  }

  private mutating func add(_ cells: [String], _ places: [Int], line: Int) throws(CorpusError) {
    func problem(_ place: Int, _ message: String, _ suggestion: String? = nil) -> CorpusError {
      let before = cells[..<places[place]].reduce(0) { $0 + $1.unicodeScalars.count + 1 }
      return CorpusError(
        .malformedLine, path: path, line: line, column: before + 1, message, suggestion: suggestion)
    }
    let text = places.map { cells[$0] }
    guard let split = Split(rawValue: text[0]) else {
      throw problem(0, "there is no split '\(text[0])'", "the splits are train, dev and test")
    }
    guard !text[1].isEmpty else { throw problem(1, "the domain has no name") }
    guard let first = Int(text[2]), first >= 0 else {
      throw problem(2, "'\(text[2])' is no number of a sentence", "sentences are numbered from 0")
    }
    guard let last = Int(text[3]), last >= 0 else {
      throw problem(3, "'\(text[3])' is no number of a sentence", "sentences are numbered from 0")
    }
    guard first <= last else {
      throw problem(2, "the range ends before it begins: \(first) to \(last)", "both ends are included")
    }
    ranges[split, default: []].append(Range(domain: text[1], first: first, last: last, line: line))
  }

  /// The domains of a split's sentences.
  ///
  /// - Parameters:
  ///   - count: sentences of the split.
  ///   - files: for messages.
  /// - Throws: ``CorpusError`` at the line of a range that overlaps another or goes beyond the last sentence, or after
  ///   which sentences are left out.
  func domains(of split: Split, count: Int, files: String) throws(CorpusError) -> SentenceDomains {
    guard let listed = ranges[split], !listed.isEmpty else {
      throw CorpusError(
        .malformedLine, path: path,
        "no range is of the split '\(split.rawValue)', which has \(count) sentences",
        suggestion: "add a line: \(split.rawValue), a domain, 0, \(count - 1)")
    }
    var names: [String] = []
    for range in listed where !names.contains(range.domain) { names.append(range.domain) }
    var indices: [Int32] = []
    var before: Range?
    // Of ranges that begin alike the first in the file is taken for the right one.
    for range in listed.sorted(by: { ($0.first, $0.line) < ($1.first, $1.line) }) {
      guard range.last < count else {
        throw error(
          range,
          "sentence \(range.last) of \(split.rawValue) does not exist: \(files) has \(count) sentences",
          "they are numbered from 0 to \(count - 1)")
      }
      guard range.first >= indices.count else {
        let other = before.map { "\($0.first) to \($0.last) of line \($0.line)" } ?? ""
        throw error(
          range,
          "sentences \(range.first) to \(range.last) of \(split.rawValue) overlap those of another range",
          "the other is \(other); a sentence is of one domain")
      }
      guard range.first == indices.count else {
        throw error(
          range, gap(indices.count..<range.first, split), "begin this range at \(indices.count), or add one")
      }
      let number = Int32(names.firstIndex(of: range.domain) ?? 0)
      indices += Array(repeating: number, count: range.last - range.first + 1)
      before = range
    }
    guard indices.count == count else {
      throw error(
        before ?? listed[0], gap(indices.count..<count, split),
        "end this range at \(count - 1), or add one")
    }
    return SentenceDomains(names: names, indices: indices)
  }

  private func gap(_ sentences: Swift.Range<Int>, _ split: Split) -> String {
    sentences.count == 1
      ? "sentence \(sentences.lowerBound) of \(split.rawValue) is in no range"
      : "sentences \(sentences.lowerBound) to \(sentences.upperBound - 1) of \(split.rawValue) are in no range"
  }

  private func error(_ range: Range, _ message: String, _ suggestion: String) -> CorpusError {
    CorpusError(.malformedLine, path: path, line: range.line, message, suggestion: suggestion)
  }
}
