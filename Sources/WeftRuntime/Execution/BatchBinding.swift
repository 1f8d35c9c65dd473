import CWeftABI
import WeftCorpus

/// A batch as generated code takes it: checked, and copied into memory that stays where it is.
///
/// Everything that C indexes with is checked here, so that no batch, however wrong, leads it outside its
/// memory.
struct BatchBinding {
  private(set) var batch = weft_batch()
  private var memory = GrowingMemory()
  private var pointers: [UnsafePointer<Int32>?] = []
  private var pointerMemory = GrowingMemory()

  /// - Throws: `.invalidInput`, saying what about the batch is wrong.
  mutating func bind(_ source: PackedBatch, inputs: [InputInfo], tasks: [TaskInfo]) throws(RuntimeError) {
    let extent = try Self.checkedExtent(source, needsScalars: inputs.contains { $0.rows == .scalar })
    let rowCounts: [RowSet: Int] = [
      .one: 1, .sentence: source.sentenceCount, .token: source.tokenCount, .form: source.formCount,
      .scalar: source.scalarCount,
    ]

    // One arena: offsets, sentence ids, inputs; each starts on its own cache line.
    let counts =
      [source.tokenOffsets.count, source.scalarOffsets.count, source.sentenceCount]
      + inputs.map { rowCounts[$0.rows, default: 0] }
    var starts: [Int] = []
    var total = 0
    for count in counts {
      starts.append(total)
      total += (count + 15) / 16 * 16
    }
    let base = try memory.reserve(total * MemoryLayout<Int32>.stride, for: "a batch")
      .assumingMemoryBound(to: Int32.self)
    func copy(_ values: [Int32], to slot: Int) {
      values.withUnsafeBufferPointer { values in
        guard let address = values.baseAddress else { return }
        (base + starts[slot]).update(from: address, count: values.count)
      }
    }
    copy(source.tokenOffsets, to: 0)
    copy(source.scalarOffsets, to: 1)
    copy(source.sentences, to: 2)

    pointers.removeAll(keepingCapacity: true)
    for (index, input) in inputs.enumerated() {
      let slot = index + 3
      let rows = rowCounts[input.rows, default: 0]
      if let values = source.inputs[input.name] {
        try Self.check(values, of: input, rows: rows, forms: source.formCount)
        copy(values, to: slot)
      } else if input.name.hasPrefix("label.") {
        // A corpus that has no column for a task: all its tokens are unlabelled.
        (base + starts[slot]).update(repeating: -1, count: rows)
      } else {
        throw RuntimeError(.invalidInput, "The batch lacks the input `\(input.name)`.")
      }
      pointers.append(UnsafePointer(base + starts[slot]))
    }
    let table = try pointerMemory.reserve(
      max(pointers.count, 1) * MemoryLayout<UnsafePointer<Int32>?>.stride, for: "a batch"
    ).assumingMemoryBound(to: UnsafePointer<Int32>?.self)
    for (index, pointer) in pointers.enumerated() { table[index] = pointer }
    batch = weft_batch(
      extent: extent, token_offsets: UnsafePointer(base + starts[0]),
      scalar_offsets: UnsafePointer(base + starts[1]), sentence_ids: UnsafePointer(base + starts[2]),
      inputs: UnsafePointer(table))
  }

  private static func check(
    _ values: [Int32], of input: InputInfo, rows: Int, forms: Int
  ) throws(RuntimeError) {
    guard values.count == rows else {
      throw RuntimeError(
        .invalidInput,
        "The input `\(input.name)` has \(values.count) values; the batch has \(rows) rows of that kind.")
    }
    let isLabel = input.name.hasPrefix("label.")
    // Forms are numbered within the batch, so their limit is the batch's own.
    let limit = input.name == "form" ? Int32(clamping: forms) : Int32(clamping: input.limit)
    let lowest: Int32 = isLabel ? -1 : 0
    // A plain loop over the buffer: this runs for every token of every step, in debug builds too.
    let bad = values.withUnsafeBufferPointer { values in
      values.firstIndex { $0 < lowest || $0 >= limit }
    }
    if let bad {
      let what = isLabel ? "label" : "id"
      throw RuntimeError(
        .invalidInput,
        "Row \(bad) of the input `\(input.name)` has the \(what) \(values[bad]); it must be from "
          + "\(lowest) to \(limit - 1). Was the batch made with the vocabularies that this network was "
          + "built for?")
    }
  }

  private static func checkedExtent(
    _ source: PackedBatch, needsScalars: Bool
  ) throws(RuntimeError) -> weft_extent {
    func fail(_ problem: String) -> RuntimeError {
      RuntimeError(.invalidInput, "The batch is inconsistent: \(problem).")
    }
    for count in [source.sentenceCount, source.tokenCount, source.formCount, source.scalarCount] {
      // Generated code multiplies these by constants in 64 bits, but counts rows in 32.
      guard (0...Int(Int32.max) / 2).contains(count) else { throw fail("it has \(count) rows of one kind") }
    }
    guard source.sentences.count == source.sentenceCount else {
      throw fail("it has \(source.sentenceCount) sentences but \(source.sentences.count) sentence ids")
    }
    try check(
      source.tokenOffsets, sequences: source.sentenceCount, positions: source.tokenCount,
      sequence: "sentences",
      position: "tokens", mayBeEmpty: true, fail)
    try check(
      source.scalarOffsets, sequences: source.formCount, positions: source.scalarCount, sequence: "forms",
      position: "scalars", mayBeEmpty: !needsScalars, fail)
    return weft_extent(
      sentences: Int32(source.sentenceCount), tokens: Int32(source.tokenCount),
      forms: Int32(source.formCount),
      scalars: Int32(source.scalarCount), longest_sentence: Int32(source.tokenOffsets.count - 1),
      longest_form: Int32(source.scalarOffsets.count - 1))
  }

  /// Offsets of a time-major packing: from 0 to the number of positions, in steps that are positive, never
  /// grow, and are no more than the number of sequences.
  private static func check(
    _ offsets: [Int32], sequences: Int, positions: Int, sequence: String, position: String, mayBeEmpty: Bool,
    _ fail: (String) -> RuntimeError
  ) throws(RuntimeError) {
    guard offsets.first == 0, offsets.last == Int32(positions) else {
      throw fail("the offsets of its \(position) do not run from 0 to \(positions)")
    }
    var active = sequences
    for step in 0..<offsets.count - 1 {
      let (width, overflow) = offsets[step + 1].subtractingReportingOverflow(offsets[step])
      guard !overflow, width > 0, Int(width) <= active else {
        throw fail("\(width) of its \(sequence) have \(position) at position \(step), after \(active) before")
      }
      if step == 0, Int(width) < sequences, !mayBeEmpty {
        throw fail("\(sequences - Int(width)) of its \(sequence) have no \(position)")
      }
      active = Int(width)
    }
    if offsets.count == 1, sequences > 0, !mayBeEmpty { throw fail("its \(sequence) have no \(position)") }
  }
}
