import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Vocabularies")
struct VocabularyTests {
  private func corpus(_ name: String, _ sentences: [([String], [String?])]) -> Corpus {
    Corpus(name: name, sentences: sentences.map { Sentence(words: $0.0, columns: ["tag": $0.1]) })
  }

  private func spec(_ network: NetworkSpec, tasks: [TaskSpec] = [], data: [String] = ["a", "b"]) -> Spec {
    Spec(name: "s", data: data.map { CorpusSpec(name: $0, columns: []) }, tasks: tasks, network: network)
  }

  @Test func idsAndEntries() {
    let words = Vocabulary(entries: ["b", "a", "b"])
    #expect(words.count == 4)
    #expect(["b", "a", "z", "<pad>", "<unk>"].map(words.id) == [2, 3, 1, 1, 1])
    #expect((0..<4).map(words.entry) == ["<pad>", "<unk>", "b", "a"])
    #expect(Vocabulary(entries: [String]()).count == 2)
  }

  @Test func scalarsDecideNotCanonicalEquivalence() {
    let words = Vocabulary(entries: ["caf\u{E9}", "cafe\u{301}"])
    #expect(words.count == 4)
    #expect(words.id(of: "caf\u{E9}") == 2 && words.id(of: "cafe\u{301}") == 3)
    #expect(words != Vocabulary(entries: ["cafe\u{301}", "caf\u{E9}"]))
  }

  @Test func lowerCaseLookup() {
    let words = Vocabulary(entries: ["The", "the", "ÉTÉ"], lowercase: true)
    #expect(words.entries == ["the", "été"])
    #expect(words.id(of: "THE") == 2 && words.id(of: "Été") == 3)
  }

  @Test func codingAndHash() throws {
    var all = Vocabularies(
      words: Vocabulary(entries: ["b", "a"], lowercase: true), characters: Vocabulary(entries: ["b"]),
      features: ["casing": Vocabulary(entries: ["x"])],
      labels: ["ner": LabelSet(labels: ["O", "B-X"], scheme: .bio)])
    let copy = try JSONDecoder().decode(Vocabularies.self, from: JSONEncoder().encode(all))
    #expect(copy == all && copy.hash == all.hash)
    #expect(all.hash.count == 16)
    var hashes: Set<String> = [all.hash]
    all.labels["ner"] = LabelSet(labels: ["B-X", "O"], scheme: .bio)
    hashes.insert(all.hash)
    all.words = Vocabulary(entries: ["ba"], lowercase: true)
    hashes.insert(all.hash)
    all.words = Vocabulary(entries: ["ba"])
    hashes.insert(all.hash)
    all.words = nil
    hashes.insert(all.hash)
    #expect(hashes.count == 5)
    let repeated = Data(#"{"entries": ["a", "a"], "lowercase": false}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: repeated) }
  }

  @Test func orderOfFirstAppearanceOverCorpora() throws {
    let a = corpus("a", [(["B", "c"], ["X", "Y"]), (["b"], ["X"])])
    let b = corpus("b", [(["d", "C", "a"], ["Z", "Y", nil])])
    let builder = VocabularyBuilder(
      spec: spec(
        NetworkSpec(
          chars: CharSpec(), features: [FeatureSpec(name: "f", source: .column("tag"), dim: 2)]),
        tasks: [TaskSpec(name: "t", data: "b", column: "tag")]))
    let (all, vectors) = try builder.build(["a": a, "b": b])
    #expect(vectors == nil)
    #expect(all.words?.entries == ["b", "c", "d", "a"])
    #expect(all.wordCounts == [2, 2, 1, 1])
    #expect(all.characters?.entries == ["B", "c", "b", "d", "C", "a"])
    #expect(all.features["f"]?.entries == ["X", "Y", "Z"])
    #expect(all.labels["t"]?.labels == ["Z", "Y"])
  }

  @Test func rareWordsAndCharactersAreUnknown() throws {
    let a = corpus("a", [(["the", "The", "cat"], [nil, nil, nil])])
    let builder = VocabularyBuilder(
      spec: spec(NetworkSpec(words: WordSpec(minCount: 2), chars: CharSpec(minCount: 2)), data: ["a"]))
    let (all, _) = try builder.build(["a": a])
    #expect(all.words?.entries == ["the"])
    #expect(all.wordCounts == [2])
    #expect(all.characters?.entries == ["t", "h", "e"])
  }

  @Test func classesAreFixed() throws {
    let builder = VocabularyBuilder(
      spec: spec(
        NetworkSpec(
          words: nil,
          features: [
            FeatureSpec(name: "casing", source: .capitalization, dim: 2),
            FeatureSpec(name: "digits", source: .digits, dim: 2),
          ]), data: ["a"]))
    let (all, _) = try builder.build(["a": corpus("a", [(["x"], [nil])])])
    #expect(all.words == nil && all.characters == nil)
    #expect(all.features["casing"]?.entries == ["other", "lower", "initial", "upper", "mixed"])
    #expect(all.features["digits"]?.entries == ["none", "all", "most", "some"])
  }

  @Test func wordsFromAFile() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("weft-vocabulary-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("\u{FEFF}Zoo\r\n\nzoo\nNew York\n".utf8).write(to: folder.appendingPathComponent("words.txt"))
    let a = corpus("a", [(["x"], [nil])])
    let words = WordSpec(vocabulary: .file("words.txt"), minCount: 5)
    let (all, _) = try VocabularyBuilder(
      spec: spec(NetworkSpec(words: words), data: ["a"]), folder: folder.path
    )
    .build(["a": a])
    #expect(all.words?.entries == ["zoo", "new york"])
    #expect(all.wordCounts == [0, 0])
    try Data("\n".utf8).write(to: folder.appendingPathComponent("words.txt"))
    #expect {
      try VocabularyBuilder(spec: spec(NetworkSpec(words: words), data: ["a"]), folder: folder.path).build([
        "a": a
      ])
    } throws: {
      "\($0)".contains("words.txt: error: the vocabulary is empty")
    }
  }

  @Test func labelsInTheSchemeOfTheModel() throws {
    let a = corpus("a", [(["a", "b", "c", "d"], ["O", "B-X", "I-X", "B-Y"]), (["e"], ["B-X"])])
    func labels(_ data: TagScheme, _ model: TagScheme) throws -> LabelSet? {
      let task = TaskSpec(name: "t", data: "a", column: "tag", dataScheme: data, modelScheme: model)
      return try VocabularyBuilder(spec: spec(NetworkSpec(), tasks: [task], data: ["a"])).build(["a": a]).0
        .labels["t"]
    }
    #expect(try labels(.bio, .bioes)?.labels == ["O", "B-X", "E-X", "S-Y", "S-X"])
    #expect(try labels(.bio, .bioes)?.scheme == .bioes)
    #expect(try labels(.bio, .iob1)?.labels == ["O", "I-X", "I-Y"])
    #expect(try labels(.none, .none)?.labels == ["O", "B-X", "I-X", "B-Y"])
    #expect(throws: CorpusError.self) { try labels(.iob1, .bio) }
  }

  @Test func wrongSchemeNamesTheLineTheTagAndTheLikelyScheme() throws {
    let text = "a O\nb I-PER\n\nc I-PER\nd B-PER\n"
    let data = CorpusSpec(
      name: "a",
      columns: [ColumnSpec(name: "word", source: .index(0)), ColumnSpec(name: "tag", source: .index(1))])
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("weft-scheme-\(UUID()).conll")
      .path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let corpus = try Corpus.read(data, paths: [path])
    func failure(_ scheme: TagScheme, _ corpus: Corpus) -> String {
      let task = TaskSpec(name: "t", data: "a", column: "tag", dataScheme: scheme, modelScheme: .bioes)
      do {
        _ = try ColumnLabels(task, corpus: corpus)
        return "no error"
      } catch { return error.description }
    }
    #expect(
      failure(.bio, corpus)
        == "\(path):2:3: error: column 'tag' is not bio: I-PER follows O, but a span must begin with B-PER\n"
        + "  help: the whole column is valid iob1: declare 'scheme: {data: iob1}'")
    #expect(failure(.iob1, corpus) == "no error")
    let plain = try Corpus.read(data, text: Array("a NN\nb O\n".utf8), path: "p.conll")
    #expect(
      failure(.bio, plain)
        == "p.conll:1:1: error: column 'tag' is not bio: 'NN' is no tag of scheme bio: expected O, B-type or I-type\n"
        + "  help: the column does not look like span tags: declare 'scheme: none', or name another column")
    let broken = try Corpus.read(
      data, text: Array("a B-X\n\nb O\nc I-X\n\nd I-X\n\ne B-X\n\nf B-X\n".utf8), path: "p")
    #expect(failure(.bio, broken).hasSuffix("help: 2 of 5 sentences contradict bio; correct these lines"))
  }
}
