import Testing

@testable import WeftRuntime

@Suite struct ParameterTransferTests {
  /// A block whose parameters hold start, start + 1, ...
  private func block(_ shapes: [(String, [Int])], start: Float) throws -> ParameterBlock {
    var table: [ParameterInfo] = []
    var end = 0
    for (name, shape) in shapes {
      table.append(ParameterInfo(name: name, offset: end, shape: shape))
      end = (end + shape.reduce(1, *) + 15) / 16 * 16
    }
    var block = try ParameterBlock(table: table, count: end)
    for (name, shape) in shapes {
      try block.set(name, to: (0..<shape.reduce(1, *)).map { start + Float($0) })
    }
    return block
  }

  @Test func rowsFollowTheirEntries() throws {
    let source = try block(
      [("words.weight", [4, 2]), ("heads.ner.weight", [3, 2]), ("heads.ner.transitions", [3, 3])], start: 0)
    var target = try block(
      [("words.weight", [5, 2]), ("heads.ner.weight", [2, 2]), ("heads.ner.transitions", [2, 2])], start: 100)
    let transfer = try ParameterTransfer(
      from: source,
      EntryNames(words: ["", "<unk>", "the", "cat"], labels: ["ner": ["O", "B-PER", "I-PER"]]),
      to: &target,
      EntryNames(words: ["", "<unk>", "cat", "Katze", "Straße"], labels: ["ner": ["I-PER", "O"]]))
    #expect(target["words.weight"] == [0, 1, 2, 3, 6, 7, 106, 107, 108, 109])
    #expect(target["heads.ner.weight"] == [4, 5, 0, 1])
    #expect(target["heads.ner.transitions"] == [8, 6, 2, 0])
    #expect(
      transfer.matched == [
        .init(name: "words.weight", loaded: 3, new: 2, dropped: 1),
        .init(name: "heads.ner.weight", loaded: 2, new: 0, dropped: 1),
        .init(name: "heads.ner.transitions", loaded: 2, new: 0, dropped: 1),
      ])
    #expect(transfer.loaded.isEmpty && transfer.new.isEmpty && transfer.dropped.isEmpty)
  }

  @Test func newDroppedAndReshapedAreReported() throws {
    let source = try block(
      [("encoder.0.weight_ih_l0", [8, 3]), ("encoder.0.bias_ih_l0", [8]), ("heads.pos.weight", [2, 4])],
      start: 0)
    var target = try block(
      [("encoder.0.weight_ih_l0", [8, 5]), ("encoder.0.bias_ih_l0", [8]), ("heads.ner.weight", [2, 4])],
      start: 100)
    let transfer = try ParameterTransfer(
      from: source, EntryNames(labels: ["pos": ["N", "V"]]), to: &target,
      EntryNames(labels: ["ner": ["O", "B"]]))
    #expect(target["encoder.0.bias_ih_l0"] == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(target["encoder.0.weight_ih_l0"]?.first == 100)
    #expect(
      transfer.report == """
        loaded: encoder.0.bias_ih_l0
        new: heads.ner.weight
        dropped: heads.pos.weight
        not loaded: encoder.0.weight_ih_l0 is [8, 3] in the checkpoint and [8, 5] here
        """)
  }

  @Test func equalEntriesAreLoadedWhole() throws {
    let names = EntryNames(words: ["", "<unk>"], features: ["case": ["", "<unk>", "U"]])
    let shapes = [("ner.words.weight", [2, 2]), ("ner.features.case.weight", [3, 1])]
    let source = try block(shapes, start: 0)
    var target = try block(shapes, start: 100)
    let transfer = try ParameterTransfer(from: source, names, to: &target, names)
    #expect(target == source)
    #expect(transfer.loaded == ["ner.words.weight", "ner.features.case.weight"])
    #expect(transfer.report == "loaded: ner.words.weight, ner.features.case.weight")
  }

  @Test func parametersCanBeRenamed() throws {
    let source = try block([("ner.encoder.0.bias_ih_l0", [4])], start: 0)
    var target = try block([("encoder.0.bias_ih_l0", [4])], start: 100)
    let transfer = try ParameterTransfer(
      from: source, EntryNames(), to: &target, EntryNames(), rename: { "ner.\($0)" })
    #expect(target["encoder.0.bias_ih_l0"] == [0, 1, 2, 3])
    #expect(transfer.loaded == ["encoder.0.bias_ih_l0"] && transfer.dropped.isEmpty)
  }

  /// A row is not taken over if the width of the table differs, nor a table whose names are unknown and size differs.
  @Test func sizesThatNamesDoNotExplain() throws {
    let source = try block([("words.weight", [2, 3]), ("chars.embedding.weight", [3, 1])], start: 0)
    var target = try block([("words.weight", [2, 4]), ("chars.embedding.weight", [4, 1])], start: 100)
    let names = EntryNames(words: ["", "<unk>"])
    let transfer = try ParameterTransfer(from: source, names, to: &target, names)
    #expect(transfer.reshaped.map(\.name) == ["words.weight", "chars.embedding.weight"])
    #expect(target["words.weight"]?.first == 100)
  }
}
