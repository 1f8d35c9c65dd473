import Foundation
import WeftSpec

/// A folder that is gone when its owner is.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "weft-test-\(UUID())", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: url.appending(path: name))
  }

  /// Writes a spec and loads it.
  func load(_ spec: String, overrides: [String] = []) throws -> LoadedSpec {
    try write(spec, "spec.yaml")
    return try SpecLoader().load(path: url.appending(path: "spec.yaml").path, overrides: overrides)
  }

  /// A text without the folder's own path.
  func relative(_ text: String) -> String { text.replacing(url.path + "/", with: "") }
}

/// Small corpora and specs.
enum Samples {
  static let spec = """
    weft: 1
    name: sample
    data:
      news:
        train: train.conll
        dev: dev.conll
        test: test.conll
        columns: {word: 0, pos: 1, ner: 2}
        unlabelled: ['?']
    tasks:
      pos: {data: news, column: pos}
      ner: {data: news, column: ner, scheme: {data: bio, model: bioes}, decoder: crf, metric: span-f1}
    network:
      words: {dim: 8}
      chars: {kind: cnn, dim: 4, filters: 6, width: 3}
      encoder: [{kind: bilstm, hidden: 8}]
      dropout: {input: 0.2, output: 0.2}
    train: {optimizer: sgd, rate: 0.1, batch: 2, epochs: 3, patience: 3}
    """

  /// Five sentences: of one token, of several, without labels, with labels of one task only, of non-ASCII words.
  static let train = """
    Yes UH O

    Ann NNP B-PER
    saw VBD O
    Île NNP B-LOC
    de NNP I-LOC
    Ré NNP I-LOC

    no ? ?
    labels ? ?

    only NN ?
    these VB ?

    Ann NNP B-PER
    saw VBD O
    日本 NNP B-LOC
    . . O

    """

  static let dev = """
    Ann NNP B-PER
    saw VBD O
    Bob NNP B-PER
    . . O

    """

  static func folder(train: String = train, dev: String = dev, test: String = dev) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(train, "train.conll")
    try folder.write(dev, "dev.conll")
    try folder.write(test, "test.conll")
    return folder
  }
}
