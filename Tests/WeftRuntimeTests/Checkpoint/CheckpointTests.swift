import Foundation
import Testing

@testable import WeftRuntime

@Suite struct CheckpointTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  static let description = CheckpointDescription(
    toolVersion: "0.1.0", hashes: CheckpointHashes(architecture: "a1", data: "d1", recipe: "r1"),
    spec: #"{"name":"tiny","network":{"encoder":[{"hidden":200}]},"train":{"rate":0.1}}"#,
    vocabularies: #"{"labels":{"tag":["A","B","C"]},"words":["<pad>","<unk>","the"]}"#)

  private let table = [
    ParameterInfo(name: "chars.conv.weight", offset: 0, shape: [2, 6]),
    ParameterInfo(name: "chars.conv.bias", offset: 16, shape: [2]),
    ParameterInfo(name: "encoder.0.weight_ih_l0", offset: 32, shape: [4, 3]),
  ]

  private func checkpoint() throws -> Checkpoint {
    var block = try ParameterBlock(table: table, count: 48).reshaped(["chars.conv.weight": [2, 3, 2]])
    try block.set("chars.conv.weight", to: (0..<12).map { Float($0) })
    try block.set("encoder.0.weight_ih_l0", to: (0..<12).map { -Float($0) / 3 })
    return Checkpoint(
      description: Self.description, parameters: block,
      scores: ["dev": ["tag": 0.5, "mean": 0.1 + 0.2], "test": ["tag": 1]])
  }

  private func tables() -> LibraryTables {
    LibraryTables(
      name: "tiny", toolVersion: "0.1.0", architectureHash: "a1", instructionSets: ["portable"],
      parameters: table,
      inputs: [], tasks: [TaskInfo(name: "tag", labelCount: 3, isCRF: false)], sites: [], parameterFloats: 48)
  }

  @Test func whatIsWrittenIsRead() throws {
    let url = folder.file("model.safetensors")
    let saved = try checkpoint()
    try saved.write(to: url)
    let read = try Checkpoint(contentsOf: url)
    #expect(read.description == saved.description)
    #expect(read.scores == saved.scores)
    #expect(read.parameters.info("chars.conv.weight")?.shape == [2, 3, 2])
    let block = try read.parameters(for: tables())
    #expect(block == saved.parameters)
    try Checkpoint(description: read.description, parameters: block, scores: read.scores).write(
      to: folder.file("2"))
    #expect(try Data(contentsOf: url) == Data(contentsOf: folder.file("2")))
  }

  @Test func otherNetworksAreRefusedWithReasons() throws {
    var other = tables()
    other.parameters[2] = ParameterInfo(name: "encoder.0.weight_ih_l0", offset: 32, shape: [8, 3])
    other.parameters[1] = ParameterInfo(name: "chars.lstm.bias", offset: 16, shape: [2])
    other.parameterFloats = 64
    let checkpoint = try checkpoint()
    let error = runtimeError { _ = try checkpoint.parameters(for: other) }
    #expect(error?.kind == .checkpointMismatch)
    #expect(
      error?.message
        == "The checkpoint is of another network than `tiny`: chars.lstm.bias is missing; "
        + "encoder.0.weight_ih_l0 is [4, 3], not [8, 3]; chars.conv.bias is not a parameter of the network.")
  }

  @Test func librariesOfOtherArchitecturesAreRefused() throws {
    var other = tables()
    try checkpoint().check(library: other, file: "m")
    other.architectureHash = "a2"
    let error = runtimeError { try checkpoint().check(library: other, file: "m") }
    #expect(
      error?.message
        == "m is of a network with the architecture a1; the library `tiny` was generated for a2. Generate it from "
        + "the checkpoint's spec.")
  }

  @Test func scoresMustBeNumbers() throws {
    var checkpoint = try checkpoint()
    checkpoint.scores["dev"]?["tag"] = .nan
    #expect(runtimeError { try checkpoint.write(to: folder.file("m")) }?.kind == .invalidInput)
    #expect(folder.contents().isEmpty)
  }

  @Test func otherFilesAreNoCheckpoints() throws {
    let url = folder.file("m")
    try Safetensors.write([.init("a", shape: [1], .float32([1]))], to: url)
    #expect(
      runtimeError { _ = try Checkpoint(contentsOf: url) }?.message
        == "\(url.path) is not a checkpoint of Weft: its metadata lack `weft.format`.")
    var metadata = Self.description.metadata(format: "weft-model-2")
    try Safetensors.write([], metadata: metadata, to: url)
    #expect(
      runtimeError { _ = try Checkpoint(contentsOf: url) }?.message
        == "\(url.path) has the format `weft-model-2`; `weft-model-1` is expected here.")
    metadata = Self.description.metadata(format: "weft-model-1")
    try Safetensors.write([.init("a", shape: [1], .float64([1]))], metadata: metadata, to: url)
    #expect(runtimeError { _ = try Checkpoint(contentsOf: url) }?.message.contains("is F64, not F32") == true)
  }

  @Test func hashesMatterByUse() throws {
    var wanted = Self.description
    wanted.hashes.recipe = "r2"
    wanted.spec = wanted.spec.replacingOccurrences(of: "0.1", with: "0.05")
    try Self.description.check(against: wanted, for: .use, file: "m")
    let recipe = runtimeError { try Self.description.check(against: wanted, for: .resume, file: "m") }
    #expect(
      recipe?.message
        == "m is a checkpoint of another training recipe. Checkpoint against spec:\n  train.rate: 0.1 against 0.05\n"
        + "To go on from its weights with a training of its own, start from the checkpoint instead of resuming it."
    )
    wanted = Self.description
    wanted.hashes.data = "d2"
    wanted.vocabularies = #"{"labels":{"tag":["A","X","C"]},"words":["<pad>","<unk>","a","the"]}"#
    try Self.description.check(against: wanted, for: .masks, file: "m")
    let data = runtimeError { try Self.description.check(against: wanted, for: .use, file: "m") }
    #expect(
      data?.message
        == "m is a checkpoint of another vocabularies or labels. Checkpoint against spec:\n"
        + "  vocabularies.labels.tag[1]: \"B\" against \"X\"\n"
        + "  vocabularies.words: 3 entries against 4; number 2 is \"the\" against \"a\"\n"
        + "To take over the weights that fit, start a training from this checkpoint.")
    wanted = Self.description
    wanted.hashes.architecture = "a2"
    wanted.spec = wanted.spec.replacingOccurrences(of: "200", with: "100")
    let network = runtimeError { try Self.description.check(against: wanted, for: .masks, file: "m") }
    #expect(network?.message.contains("another network") == true)
    #expect(network?.message.contains("network.encoder[0].hidden: 200 against 100") == true)
  }
}

@Suite struct TrainingCheckpointTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func trained(steps: Int, adam: Bool = false) async throws -> TrainerState {
    let library = try await TinyLibrary.training()
    let trainer = try TrainerState(library: library, adam: adam)
    try trainer.setParameters(TinyLibrary.parameters(library.tables))
    let batch = TinyLibrary.batch([[1, 2, 3], [4, 1]], labels: [[0, 1, 2], [1, -1]])
    for number in 0..<steps {
      _ = try trainer.forward(batch, random: RandomKey(seed: 1, task: 0, step: number))
      try trainer.zero()
      try trainer.backward()
      try trainer.apply(tasks: TaskSet(task: 0), UpdateRule())
    }
    return trainer
  }

  @Test(arguments: [false, true]) func stateComesBackBitForBit(adam: Bool) async throws {
    let trainer = try await trained(steps: 5, adam: adam)
    let saved = TrainingCheckpoint(
      description: CheckpointTests.description, state: try trainer.export(),
      average: adam ? try trainer.snapshot() : nil, loop: #"{"epoch":3}"#)
    let url = folder.file("state.safetensors")
    try saved.write(to: url)
    #expect(try TrainingCheckpoint.description(of: url) == saved.description)
    let read = try TrainingCheckpoint(contentsOf: url, tables: trainer.tables)
    #expect(read == saved)
    try read.write(to: folder.file("2"))
    #expect(try Data(contentsOf: url) == Data(contentsOf: folder.file("2")))
  }

  @Test func stateOfAnotherNetworkIsRefused() async throws {
    let trainer = try await trained(steps: 1)
    let url = folder.file("state.safetensors")
    try TrainingCheckpoint(description: CheckpointTests.description, state: try trainer.export(), loop: "{}")
      .write(to: url)
    var tables = trainer.tables
    tables.parameters[1] = ParameterInfo(name: "heads.ner.bias", offset: 16, shape: [3])
    let missing = runtimeError { _ = try TrainingCheckpoint(contentsOf: url, tables: tables) }
    #expect(missing?.message.contains("has no tensor `parameter.heads.ner.bias`") == true)
    tables.parameters.removeLast()
    tables.parameterFloats = 16
    let extra = runtimeError { _ = try TrainingCheckpoint(contentsOf: url, tables: tables) }
    #expect(
      extra?.message.contains("`first_moment.heads.tag.bias`, which this network does not know") == true)
    tables.parameters[0] = ParameterInfo(name: "words.weight", offset: 0, shape: [4, 3])
    let smaller = runtimeError { _ = try TrainingCheckpoint(contentsOf: url, tables: tables) }
    #expect(smaller?.message.contains("is F32 [5, 3], not F32 [4, 3]") == true)
    let model = folder.file("model.safetensors")
    try Checkpoint(description: CheckpointTests.description, parameters: try trainer.snapshot()).write(
      to: model)
    let kind = runtimeError { _ = try TrainingCheckpoint(contentsOf: model, tables: trainer.tables) }
    #expect(kind?.message.contains("has the format `weft-model-1`; `weft-state-1` is expected here") == true)
  }
}
