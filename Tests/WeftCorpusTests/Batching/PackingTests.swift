import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Packed batches")
struct PackingTests {
  private let tasks = [
    TaskSpec(name: "ner", data: "c", column: "tag", dataScheme: .bio, modelScheme: .bioes),
    TaskSpec(name: "other", data: "elsewhere", column: "tag"),
  ]

  private func encoder(_ limits: LimitsSpec = LimitsSpec()) -> BatchEncoder {
    BatchEncoder(
      vocabularies: Vocabularies(
        words: Vocabulary(entries: ["a", "bb"], lowercase: true),
        characters: Vocabulary(entries: ["a", "b", "é"]),
        features: [
          "casing": Vocabulary(entries: Capitalization.allCases.map(\.rawValue)),
          "tags": Vocabulary(entries: ["O"]),
        ],
        labels: ["ner": LabelSet(labels: ["O", "S-X", "B-X", "E-X"], scheme: .bioes)]),
      features: [
        FeatureSpec(name: "casing", source: .capitalization, dim: 1),
        FeatureSpec(name: "tags", source: .column("tag"), dim: 1),
      ], tasks: tasks, limits: limits)
  }

  private func corpus(_ sentences: [([String], [String?])]) -> Corpus {
    Corpus(name: "c", sentences: sentences.map { Sentence(words: $0.0, columns: ["tag": $0.1]) })
  }

  @Test func layout() throws {
    let encoded = try encoder().encode(
      corpus([
        (["a"], ["B-X"]), (["BB", "é", "a"], ["B-X", "I-X", "O"]), (["a", "zzz"], [nil, "B-Y"]),
        (["bb", "a"], ["O", nil]),
      ]))
    #expect(encoded.unseenLabels == ["ner": ["S-Y": 1]])
    #expect(encoded.sentences(labelledFor: "ner") == [0, 1, 3])
    let batch = encoded.pack([2, 0, 1, 3])
    #expect(batch.order == [2, 0, 3, 1])
    #expect(batch.sentences == [1, 2, 3, 0])
    #expect(batch.tokenOffsets == [0, 4, 7, 8])
    #expect(batch.lengths == [3, 2, 2, 1])
    // Tokens: BB a bb a | é zzz a | a
    #expect(batch.inputs["word"] == [3, 2, 3, 2, 1, 1, 2, 2])
    #expect(batch.inputs["label.ner"] == [2, -1, 0, 1, 3, -1, -1, 0])
    #expect(batch.inputs["feature.casing"] == [5, 3, 3, 3, 3, 3, 3, 3])
    #expect(batch.inputs["feature.tags"] == [1, 1, 2, 1, 1, 1, 1, 2])
    // Forms by length, then by first appearance: zzz, BB, bb, a, é.
    #expect(batch.formCount == 5)
    #expect(batch.inputs["form"] == [1, 3, 2, 3, 4, 0, 3, 3])
    #expect(batch.scalarOffsets == [0, 5, 8, 9])
    #expect(batch.inputs["character"] == [1, 1, 3, 2, 4, 1, 1, 3, 1])
    #expect(batch.sentenceCount == 4 && batch.tokenCount == 8 && batch.scalarCount == 9)
    #expect(batch.input("sentence") == batch.sentences)
    #expect(batch.bySentence(batch.inputs["word"] ?? [], count: 4) == [[2, 1], [2], [3, 1, 2], [3, 2]])
    #expect(encoded.pack([0], labels: []).inputs["label.ner"] == nil)
    #expect(batch.inputs["label.other"] == nil)
  }

  @Test func noSentenceAndEmptySentences() throws {
    let encoded = try encoder().encode(corpus([([], []), (["a"], ["O"]), ([], [])]))
    let none = encoded.pack([])
    #expect(none.sentenceCount == 0 && none.tokenOffsets == [0] && none.scalarOffsets == [0])
    #expect(none.inputs["word"] == [] && none.inputs["form"] == [] && none.inputs["character"] == [])
    let some = encoded.pack([0, 1, 2])
    #expect(some.sentenceCount == 1 && some.order == [1] && some.sentences == [1])
    #expect(some.bySentence(["x"], count: 3) == [[], ["x"], []])
    let nothing = try encoder().encode([Sentence]())
    #expect(nothing.tokenCount == 0 && nothing.inputs["word"] == [])
    #expect(try encoder().encode([Sentence(words: [])]).sentenceCount == 0)
  }

  @Test func rawSentencesNeedNoLabels() throws {
    let batch = try encoder().encode([Sentence(words: ["a"]), Sentence(words: ["bb", "A"])])
    #expect(batch.order == [1, 0])
    #expect(batch.inputs["word"] == [3, 2, 2])
    #expect(batch.inputs["feature.tags"] == [1, 1, 1])
    #expect(batch.inputs.keys.filter { $0.hasPrefix("label") }.isEmpty)
  }

  @Test func withoutWordsOrCharacters() throws {
    let encoder = BatchEncoder(vocabularies: Vocabularies())
    let batch = try encoder.encode([Sentence(words: ["a", "b"])])
    #expect(batch.inputs.isEmpty && batch.formCount == 0 && batch.tokenCount == 2)
  }

  @Test func aThousandTokensAndScalars() throws {
    let word = String(repeating: "b", count: 1000)
    let batch = try encoder().encode([
      Sentence(words: ["a"]), Sentence(words: Array(repeating: "a", count: 999) + [word]),
    ])
    #expect(batch.tokenCount == 1001 && batch.tokenOffsets.count == 1001 && batch.tokenOffsets[1] == 2)
    #expect(batch.formCount == 2 && batch.scalarCount == 1001 && batch.scalarOffsets.count == 1001)
    #expect(batch.inputs["form"]?.last == 0)
  }

  @Test func limitsNameFileAndLine() throws {
    let limits = LimitsSpec(tokens: 3, scalars: 4)
    let spec = CorpusSpec(name: "c", columns: [ColumnSpec(name: "word", source: .index(0))])
    func encode(_ text: String) throws(CorpusError) -> EncodedCorpus {
      try encoder(limits).encode(try Corpus.read(spec, text: Array(text.utf8), path: "f.conll"))
    }
    func failure(_ text: String) -> String {
      do {
        _ = try encode(text)
        return "no error"
      } catch { return error.description }
    }
    #expect(failure("a\nb\nc\n\nññññ\n") == "no error")
    #expect(
      failure("a\n\nb\nc\nd\ne\n")
        == "f.conll:3:1: error: this sentence has 4 tokens; the limit is 3\n"
        + "  help: raise 'limits: {tokens: ...}', or cut the sentence")
    #expect(
      failure("a\nabcde\n").hasPrefix(
        "f.conll:2:1: error: the word 'abcde...' has 5 characters; the limit is 4"))
    let long = Sentence(words: ["a", "b", "c", "d"], path: "<standard input>", line: 7)
    #expect {
      try encoder(limits).encode([Sentence(words: ["a"]), long])
    } throws: {
      "\($0)".hasPrefix("<standard input>:7:1: error: this sentence has 4 tokens")
    }
  }

  @Test func sentencesWithoutAnAllowedPath() throws {
    var task = tasks[0]
    task.decoder = .crf
    task.crf.constrained = true
    var encoder = self.encoder()
    encoder = BatchEncoder(vocabularies: encoder.vocabularies, tasks: [task])
    // The model has no I-X, which alone could stand between; the label set is from train.
    var strict = task
    strict.dataScheme = .bioes
    let bioes = BatchEncoder(vocabularies: encoder.vocabularies, tasks: [strict])
    #expect(try bioes.encode(corpus([(["a", "b"], ["B-X", nil])])).sentences(labelledFor: "ner") == [0])
    #expect {
      try bioes.encode(corpus([(["a"], ["O"]), (["a", "b", "c"], ["B-X", nil, "E-X"])]))
    } throws: {
      "\($0)".contains("no sequence of the model's labels agrees with the labels of this sentence")
    }
    // A label that the model lacks is the cause: the sentence adds nothing to the loss.
    let unseen = try encoder.encode(corpus([(["a", "b", "c"], ["B-X", "I-X", "I-X"]), (["a"], ["B-X"])]))
    #expect(unseen.sentences(labelledFor: "ner") == [1])
    #expect(unseen.unseenLabels == ["ner": ["I-X": 1]])
  }
}
