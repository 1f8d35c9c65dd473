#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a file of word vectors once, keeping the rows of wanted words only.
///
/// A line is a word and `width` numbers, separated by single spaces or tabs. A first line of two whole numbers is the
/// header of word2vec and fastText. Numbers are taken from the right, since words of GloVe may hold spaces. The
/// width of every line is checked, the numbers of kept rows only.
struct VectorFile {
  let path: String
  let width: Int
  let lowercase: Bool
  private(set) var fileCount = 0
  /// For each word of the table the row of ``values``, or −1.
  private var rows: [Int32] = []
  /// Whether the row's word was spelled as the table has it, not only the same in lower case.
  private var exact: [Bool] = []
  private var values: [Float] = []
  /// The current line and a zero byte.
  private var line: [UInt8] = []
  /// Length of the current line.
  private var end = 0
  private var fields: [Range<Int>] = []

  init(path: String, width: Int, lowercase: Bool) {
    self.path = path
    self.width = width
    self.lowercase = lowercase
  }

  /// The row of a word of the table.
  func row(of word: Int) -> Int? { word < rows.count && rows[word] >= 0 ? Int(rows[word]) : nil }

  /// The vectors of a vocabulary whose id i + 2 is the word `words[i]` of the table.
  func vectors(of words: [Int]) -> WordVectors {
    var ids: [Int32] = []
    var kept: [Float] = []
    for (index, word) in words.enumerated() {
      guard let row = row(of: word) else { continue }
      ids.append(Int32(index + Vocabulary.unknown + 1))
      kept += values[(row * width)..<((row + 1) * width)]
    }
    return WordVectors(width: width, ids: ids, values: kept, fileCount: fileCount)
  }

  /// - Parameters:
  ///   - table: the wanted words; in lower case if ``lowercase``.
  ///   - adding: also add and keep every other word of the file.
  mutating func read(table: inout ByteTable, adding: Bool) throws(CorpusError) {
    rows = Array(repeating: -1, count: table.count)
    exact = Array(repeating: false, count: table.count)
    if try isGzip() {
      let unpacked = try GzipStream(path: path)
      var lines = ByteLines(descriptor: unpacked.descriptor, path: path)
      do throws(CorpusError) {
        try read(&lines, table: &table, adding: adding)
      } catch {
        // A truncated archive ends in a broken line; what gzip says is the cause.
        if lines.isAtEnd { try unpacked.finish() } else { unpacked.stop() }
        throw error
      }
      try unpacked.finish()
    } else {
      var lines = try ByteLines(path: path)
      try read(&lines, table: &table, adding: adding)
    }
    if fileCount == 0 { throw CorpusError(.empty, path: path, "the file holds no vector") }
  }

  private mutating func read(_ lines: inout ByteLines, table: inout ByteTable, adding: Bool)
    throws(CorpusError)
  {
    while try lines.next(into: &line) {
      while let last = line.last, last == 0x20 || last == 0x09 { line.removeLast() }
      if line.isEmpty { continue }
      end = line.count
      line.append(0)
      if lines.number == 1, try isHeader() { continue }
      let word = try splitRow(lines.number)
      fileCount += 1
      guard let entry = entry(word, table: &table, adding: adding) else { continue }
      let row = try numbers(lines.number)
      if rows[entry.id] < 0 {
        rows[entry.id] = Int32(values.count / width)
        values += row
        exact[entry.id] = entry.exact
      } else if entry.exact && !exact[entry.id] {
        values.replaceSubrange((Int(rows[entry.id]) * width)..<((Int(rows[entry.id]) + 1) * width), with: row)
        exact[entry.id] = true
      }
    }
  }

  /// Finds or adds the table's word for a word of the file; nil if its vector is not wanted.
  private mutating func entry(_ word: Range<Int>, table: inout ByteTable, adding: Bool) -> (
    id: Int, exact: Bool
  )? {
    let bytes = Array(line[word])
    var id = table.find(bytes.span)
    var isExact = true
    var lowered: String?
    if lowercase, id == nil {
      let text = String(decoding: bytes, as: UTF8.self)
      let lower = SimpleLowercase.map(text)
      isExact = lower.utf8.elementsEqual(text.utf8)
      if !isExact { id = table.find(lower) }
      lowered = lower
    }
    if let id { return rows[id] < 0 || (isExact && !exact[id]) ? (id, isExact) : nil }
    guard adding else { return nil }
    let added = lowered.map { table.intern($0) } ?? table.intern(bytes.span)
    if added < rows.count { return nil }
    rows.append(-1)
    exact.append(false)
    return (added, isExact)
  }

  /// `2000000 300`: the number of vectors and their width.
  private func isHeader() throws(CorpusError) -> Bool {
    let parts = line[..<end].split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
    guard parts.count == 2, width != 1,
      let count = Int(String(decoding: parts[0], as: UTF8.self)), count >= 0,
      let declared = Int(String(decoding: parts[1], as: UTF8.self))
    else { return false }
    if declared != width {
      throw wrongWidth(
        1, "the header says \(count) vectors of \(declared) numbers, the spec says \(width)", declared)
    }
    return true
  }

  /// Finds the numbers of a row from the right.
  ///
  /// - Returns: the word.
  private mutating func splitRow(_ number: Int) throws(CorpusError) -> Range<Int> {
    fields.removeAll(keepingCapacity: true)
    var end = self.end
    while fields.count < width {
      var start = end
      while start > 0, line[start - 1] != 0x20, line[start - 1] != 0x09 { start -= 1 }
      // The first field of a line is the word, whatever it looks like.
      guard start > 0 else {
        throw wrongWidth(
          number, "this line has \(fields.count) numbers, the spec says \(width)", fields.count)
      }
      fields.append(start..<end)
      end = start - 1
      while end > 0, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
    }
    guard end > 0 else {
      throw wrongWidth(number, "this line has \(width - 1) numbers, the spec says \(width)", width - 1)
    }
    var start = end
    while start > 0, line[start - 1] != 0x20, line[start - 1] != 0x09 { start -= 1 }
    if start > 0, parse(start..<end) != nil {
      let count = line[..<self.end].split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).count - 1
      throw wrongWidth(number, "this line has \(count) numbers, the spec says \(width)", count)
    }
    return 0..<end
  }

  private mutating func numbers(_ number: Int) throws(CorpusError) -> [Float] {
    var row: [Float] = []
    row.reserveCapacity(width)
    for field in fields.reversed() {
      guard let value = parse(field) else {
        throw CorpusError(
          .vectors, path: path, line: number, column: field.lowerBound + 1,
          "'\(String(decoding: line[field], as: UTF8.self))' is no finite number")
      }
      row.append(value)
    }
    return row
  }

  private func parse(_ field: Range<Int>) -> Float? {
    // Sound: `line` ends in a zero byte, so strtof stops inside it.
    line.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { chars in
        guard let base = chars.baseAddress else { return nil }
        var stop: UnsafeMutablePointer<CChar>?
        let value = strtof(base + field.lowerBound, &stop)
        guard let stop, UnsafePointer(stop) == base + field.upperBound, value.isFinite else { return nil }
        return value
      }
    }
  }

  private func wrongWidth(_ number: Int, _ message: String, _ found: Int) -> CorpusError {
    CorpusError(
      .vectors, path: path, line: number, column: 1, message,
      suggestion: found > 0 ? "set 'words: {dim: \(found)}', or use vectors of \(width) numbers" : nil)
  }

  private func isGzip() throws(CorpusError) -> Bool {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw CorpusError(
        .unreadable, path: path, "cannot open the vectors: \(String(cString: strerror(errno)))",
        suggestion: errno == ENOENT ? "paths are relative to the folder of the spec" : nil)
    }
    defer { close(descriptor) }
    var magic: [UInt8] = [0, 0]
    // Sound: `read` writes at most the two bytes of `magic`.
    let got = magic.withUnsafeMutableBytes { platformRead(descriptor, $0) }
    return got == 2 && magic == [0x1F, 0x8B]
  }
}

private func platformRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, bytes.baseAddress, bytes.count)
}
