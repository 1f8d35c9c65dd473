import Foundation
import Testing

@testable import WeftRuntime

@Suite struct MaskFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// In the order of a network, which is not that of names.
  static let layout = MaskLayout([
    (name: "chars.conv.weight", shape: [2, 3, 3]), (name: "encoder.0.weight_ih_l0", shape: [4, 5]),
    (name: "encoder.0.weight_hh_l0", shape: [4, 1]),
  ])

  static func mask(_ isKept: (Int) -> Bool) -> Mask {
    Mask(layout, bytes: (0..<layout.count).map { isKept($0) ? 1 : 0 })
  }

  private func file(_ mask: Mask = Self.mask { $0 % 3 == 0 }, reached: Set<String>? = nil) -> MaskFile {
    MaskFile(
      mask: mask, task: "ner", architectureHash: "a1", granularity: "weights", reached: reached,
      provenance: MaskProvenance(spec: "tiny", seed: 7, round: 3, madeBy: "test"), devScore: 0.1 + 0.2)
  }

  /// A file that is right but for what the closures change.
  private func write(
    metadata change: (inout [String: String]) -> Void = { _ in },
    tensors edit: (inout [Safetensors.Tensor]) -> Void = { _ in }
  ) throws -> URL {
    let right = folder.file("right.safetensors")
    try file().write(to: right)
    let source = try Safetensors.File(contentsOf: right)
    var metadata = source.metadata
    change(&metadata)
    var tensors = try source.names.map {
      Safetensors.Tensor($0, shape: try source.info($0).shape, .uint8(try source.uint8s($0)))
    }
    edit(&tensors)
    let url = folder.file("wrong.safetensors")
    try Safetensors.write(tensors, metadata: metadata, to: url)
    return url
  }

  private func message(_ url: URL) -> String? {
    let error = runtimeError { _ = try MaskFile(contentsOf: url, layout: Self.layout) }
    return error?.message.replacingOccurrences(of: url.path, with: "FILE")
  }

  @Test func whatIsWrittenIsRead() throws {
    let url = folder.file("ner.safetensors")
    let saved = file()
    try saved.write(to: url)
    #expect(try MaskFile(contentsOf: url, layout: Self.layout) == saved)
    let alone = try MaskFile(contentsOf: url)
    #expect(alone.mask.layout.parameters.map(\.name) == Self.layout.names.sorted())
    #expect(try alone.mask.laidOut(as: Self.layout) == saved.mask)
    #expect(alone.density == saved.density)
    try saved.write(to: folder.file("2"))
    #expect(try Data(contentsOf: url) == Data(contentsOf: folder.file("2")))
    try saved.check(architecture: "a1", task: "ner", file: "m")
  }

  @Test func bitsAreInNumpysLittleOrder() throws {
    let url = folder.file("ner.safetensors")
    try file(Self.mask { [0, 9, 17].contains($0) }).write(to: url)
    let tensors = try Safetensors.File(contentsOf: url)
    #expect(try tensors.uint8s("chars.conv.weight") == [1, 2, 2])
    #expect(try tensors.uint8s("encoder.0.weight_hh_l0") == [0])
    #expect(tensors.metadata["weft.kind"] == "mask")
    #expect(
      tensors.metadata["weft.provenance"] == #"{"madeBy":"test","round":3,"seed":7,"spec":"tiny"}"#)
  }

  @Test func densityIsOfWhatTheTaskReaches() throws {
    let reached: Set = ["encoder.0.weight_ih_l0"]
    let saved = file(Self.mask { $0 < 28 }, reached: reached)
    #expect(saved.density == 0.5)
    #expect(saved.mask.keptCount == 10)
    let url = folder.file("ner.safetensors")
    try saved.write(to: url)
    let read = try MaskFile(contentsOf: url, layout: Self.layout)
    #expect(read == saved)
    #expect(read.reachedCount == 20)
  }

  @Test func masksOfNothingCanBeLookedAtButNotUsed() throws {
    let url = folder.file("none.safetensors")
    try file(Self.mask { _ in false }).write(to: url)
    #expect(try MaskFile(contentsOf: url).density == 0)
    #expect(
      message(url) == "FILE has density 0: it keeps none of the 42 weights that task ner reaches.")
  }

  @Test func masksOfOtherTasksAndNetworksAreRefused() throws {
    let task = runtimeError { try file().check(architecture: "a1", task: "pos", file: "m") }
    #expect(task?.message == "m is the mask of task ner, not of task pos.")
    let network = runtimeError { try file().check(architecture: "a2", task: "ner", file: "m") }
    #expect(network?.kind == .checkpointMismatch)
    #expect(
      network?.message.contains("the architecture a1 (made for the spec `tiny`); this one's is a2") == true)
    let url = folder.file("ner.safetensors")
    try file().write(to: url)
    let other = MaskLayout([
      (name: "chars.conv.weight", shape: [3, 3, 2]), (name: "encoder.0.weight_ih_l0", shape: [4, 5]),
      (name: "encoder.1.weight_ih_l0", shape: [4, 5]),
    ])
    let error = runtimeError { _ = try MaskFile(contentsOf: url, layout: other) }
    #expect(error?.kind == .checkpointMismatch)
    #expect(
      error?.message
        == "\(url.path) is a mask of another network: chars.conv.weight is [2, 3, 3] in the file and [3, 3, 2] in "
        + "the network; encoder.1.weight_ih_l0 is missing in the file; encoder.0.weight_hh_l0 is unknown in the "
        + "network.")
    // A library knows the convolution as a matrix.
    let flat = MaskLayout(
      Self.layout.parameters.map { (name: $0.name, shape: [$0.shape[0], $0.count / $0.shape[0]]) })
    #expect(try MaskFile(contentsOf: url, layout: flat).mask.bytes == file().mask.bytes)
  }

  @Test func whatIsNoMaskIsRefused() throws {
    let url = folder.file("m.safetensors")
    try Safetensors.write(
      [.init("a", shape: [1], .float32([1]))], metadata: ["weft.format": "weft-model-1"], to: url)
    #expect(
      message(url)
        == "FILE is not a mask of Weft (its format is `weft-model-1`). 0/1 tensors made elsewhere are brought in "
        + "with `weft masks import`.")
    #expect(
      message(try write(metadata: { $0["weft.format"] = "weft-mask-2" }))
        == "FILE has the format `weft-mask-2`; `weft-mask-1` is expected here.")
    for key in ["task", "architecture", "density", "granularity", "shapes", "provenance"] {
      #expect(
        message(try write(metadata: { $0["weft.\(key)"] = nil }))
          == "FILE is not a valid mask: its metadata lack `weft.\(key)`.")
    }
    try Data(Data(contentsOf: write()).dropLast()).write(to: url)
    #expect(message(url)?.contains("cut short") == true)
  }

  @Test(arguments: [
    ("1.5", "its density is given as 1.5, which is not in (0, 1]"),
    ("-0.1", "its density is given as -0.1, which is not in (0, 1]"),
    ("nan", "its `weft.density` is `nan`, which is no number"),
    ("much", "its `weft.density` is `much`, which is no number"),
    (
      "0.5",
      "its density is given as 0.5, and its bits have \(14.0 / 42) of the 42 weights that the task reaches"
    ),
  ]) func densityMustBeWhatTheBitsSay(stated: String, problem: String) throws {
    #expect(
      message(try write(metadata: { $0["weft.density"] = stated })) == "FILE is not a valid mask: \(problem)."
    )
  }

  @Test func tensorsMustBeTheBitsOfTheShapes() throws {
    let conv = "chars.conv.weight"
    #expect(
      message(try write(tensors: { $0[0].elements = .uint8([0, 0, 4]) }))
        == "The tensor `\(conv)` of FILE has bits set beyond its 18 weights.")
    #expect(
      message(
        try write(tensors: { $0[0] = .init(conv, shape: [18], .uint8(Array(repeating: 1, count: 18))) }))
        == "The tensor `\(conv)` of FILE has the shape [18]; the 18 weights of [2, 3, 3] are [3] bytes.")
    #expect(
      message(try write(tensors: { $0[0] = .init(conv, shape: [3], .int32([1, 0, 0])) }))
        == "The tensor `\(conv)` of FILE is I32, not U8 with eight weights a byte.")
    #expect(
      message(try write(tensors: { $0[0].name = "chars.conv" }))
        == "FILE is not a valid mask: the tensor `chars.conv.weight` is missing; the tensor `chars.conv` is not "
        + "among `weft.shapes`.")
    #expect(message(try write(tensors: { $0.removeLast() }))?.contains("weight_ih_l0` is missing") == true)
    for shape in ["[-1, 3]", "[0]", "[4611686018427387904, 4]", "[]"] {
      let text = #"{"chars.conv.weight": \#(shape)}"#
      let url = try write(metadata: { $0["weft.shapes"] = text }, tensors: { $0.removeLast(2) })
      #expect(message(url)?.contains("shape") == true)
    }
    #expect(
      message(try write(metadata: { $0["weft.shapes"] = "[1]" }))?.contains("`weft.shapes` is not JSON")
        == true)
    #expect(
      message(try write(metadata: { $0["weft.reached"] = #"["words.weight"]"# }))
        == "FILE is not a valid mask: `weft.reached` names words.weight, which is not among `weft.shapes`.")
  }

  @Test func aMaskThatSaysNothingOfReachReachesAll() throws {
    let read = try MaskFile(contentsOf: write(metadata: { $0["weft.reached"] = nil }), layout: Self.layout)
    #expect(read.reachedCount == 42)
    #expect(read == file())
  }

  @Test func devScoresMustBeNumbers() throws {
    var saved = file()
    saved.devScore = .infinity
    #expect(runtimeError { try saved.write(to: folder.file("m")) }?.kind == .invalidInput)
    #expect(folder.contents().isEmpty)
  }
}
