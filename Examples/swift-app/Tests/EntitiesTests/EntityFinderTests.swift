import Foundation
import Testing
import Weft

@testable import Entities

struct EntityFinderTests {
  /// Trains on one sentence until the model knows it by heart.
  private func trainedModel() async throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "entities-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    try write(
      "Ann B-PER\nLee I-PER\nlives O\nin O\nOslo B-LOC\n. O\n\nShe O\nsleeps O\n. O\n", "train.conll")
    try write(
      """
      weft: 1
      name: by-heart
      data: {corpus: {train: train.conll, columns: {word: 0, ner: 1}}}
      tasks: {ner: {scheme: bio}}
      network: {words: {dim: 10}, encoder: [{hidden: 10}], dropout: 0}
      train: {epochs: 60, patience: none, optimizer: adam, rate: 0.02}
      """, "spec.yaml")
    let trainer = try await Trainer(spec: folder.appending(path: "spec.yaml").path)
    let run = folder.appending(path: "run")
    _ = try await trainer.train(in: run).result
    return run
  }

  @Test func entitiesAreFoundInOrder() async throws {
    let finder = try await EntityFinder(model: trainedModel())
    #expect(
      try finder.entities(in: "Ann Lee lives in Oslo .\nShe sleeps .\n")
        == [Entity(type: "PER", text: "Ann Lee"), Entity(type: "LOC", text: "Oslo")])
    #expect(try finder.entities(in: "").isEmpty)
  }

  @Test func theTaskMustExist() async throws {
    let model = try await trainedModel()
    await #expect(throws: NoSuchTask.self) { try await EntityFinder(model: model, task: "chunk") }
  }
}
