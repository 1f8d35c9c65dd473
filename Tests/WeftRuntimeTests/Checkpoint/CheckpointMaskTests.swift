import Foundation
import Testing

@testable import WeftRuntime

@Suite struct CheckpointMaskTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private let table = [
    ParameterInfo(name: "chars.conv.weight", offset: 0, shape: [2, 6], isPrunable: true),
    ParameterInfo(name: "masks.weight", offset: 16, shape: [2]),
    ParameterInfo(name: "encoder.0.weight_ih_l0", offset: 32, shape: [4, 3], isPrunable: true),
  ]

  private var tables: LibraryTables {
    LibraryTables(
      name: "tiny", toolVersion: "0.1.0", architectureHash: "a1", instructionSets: ["portable"],
      parameters: table,
      inputs: [], tasks: [TaskInfo(name: "tag", labelCount: 3, isCRF: false)], sites: [], parameterFloats: 48)
  }

  private func checkpoint(_ masks: [String: Mask]) throws -> Checkpoint {
    let block = try ParameterBlock(table: table, count: 48).reshaped(["chars.conv.weight": [2, 3, 2]])
    return Checkpoint(description: CheckpointTests.description, parameters: block, masks: masks)
  }

  @Test func masksComeBack() throws {
    let layout = MaskLayout(tables)
    var pos = Mask(layout, all: true)
    pos[3] = false
    pos[23] = false
    let saved = try checkpoint(["pos": pos, "ner": Mask(layout, all: false)])
    let url = folder.file("model.safetensors")
    try saved.write(to: url)
    let read = try Checkpoint(contentsOf: url)
    #expect(read.parameters.names == ["chars.conv.weight", "encoder.0.weight_ih_l0", "masks.weight"])
    let masks = try read.masks(for: tables)
    #expect(masks.keys.sorted() == ["ner", "pos"])
    #expect(masks["pos"]?.bytes == pos.bytes)
    #expect(masks["ner"]?.keptCount == 0)
    #expect(try read.parameters(for: tables) == saved.parameters)
    #expect(try Safetensors.File(contentsOf: url).info("masks.pos.chars.conv.weight").shape == [2])
  }

  @Test func checkpointsWithoutMasksStayAsTheyWere() throws {
    let url = folder.file("model.safetensors")
    try checkpoint([:]).write(to: url)
    let read = try Checkpoint(contentsOf: url)
    #expect(read.masks.isEmpty)
    #expect(try Safetensors.File(contentsOf: url).names.count == 3)
  }

  @Test func masksMustFitTheParameters() throws {
    let foreign = MaskLayout([(name: "encoder.1.weight_ih_l0", shape: [4, 3])])
    let error = runtimeError {
      try checkpoint(["pos": Mask(foreign, all: true)]).write(to: folder.file("m"))
    }
    #expect(
      error?.message
        == "The mask of task pos covers encoder.1.weight_ih_l0 [4, 3], which the checkpoint lacks.")
    let url = folder.file("model.safetensors")
    let tensors = try checkpoint([:]).parameters.tensors(prefix: "")
    let metadata = CheckpointTests.description.metadata(format: "weft-model-1")
    func write(_ name: String, _ bytes: [UInt8]) throws -> String? {
      try Safetensors.write(
        tensors + [.init(name, shape: [bytes.count], .uint8(bytes))], metadata: metadata, to: url)
      return runtimeError { _ = try Checkpoint(contentsOf: url) }?.message
        .replacingOccurrences(of: url.path, with: "FILE")
    }
    #expect(
      try write("masks.pos.encoder.1.weight_ih_l0", [1, 1])
        == "The tensor `masks.pos.encoder.1.weight_ih_l0` of FILE is a mask of a parameter that the file does not "
        + "have.")
    #expect(
      try write("masks.pos.encoder.0.weight_ih_l0", [1])?.contains("has the shape [1]; the 12 weights")
        == true)
    #expect(
      try write("masks.pos.encoder.0.weight_ih_l0", [1, 16])?.contains("beyond its 12 weights") == true)
    // A mask of one parameter of two cannot be laid out for a network with both.
    try Safetensors.write(
      tensors + [.init("masks.pos.encoder.0.weight_ih_l0", shape: [2], .uint8([1, 1]))], metadata: metadata,
      to: url)
    let read = try Checkpoint(contentsOf: url)
    #expect(
      runtimeError { _ = try read.masks(for: tables) }?.message
        == "The mask is of another network: chars.conv.weight is missing in the mask.")
  }
}
