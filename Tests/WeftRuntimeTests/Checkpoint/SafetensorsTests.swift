import Foundation
import Testing

@testable import WeftRuntime

@Suite struct SafetensorsTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private let tensors: [Safetensors.Tensor] = [
    .init("b", shape: [2, 3], .float32([1, -2, 3.5, .infinity, -0.0, 0x1p-140])),
    .init("a", shape: [], .float64([.pi])), .init("ids", shape: [2], .int32([.min, .max])),
    .init("clock", shape: [1], .int64([1 << 40])), .init("mask", shape: [3], .uint8([0, 1, 255])),
    .init("nothing", shape: [0, 4], .float32([])),
  ]
  private let metadata = ["format": "pt", "text": "q\"\\\n\u{1}é🎉", "": ""]

  @Test func whatIsWrittenIsRead() throws {
    let url = folder.file("t.safetensors")
    try Safetensors.write(tensors, metadata: metadata, to: url)
    let file = try Safetensors.File(contentsOf: url)
    #expect(file.metadata == metadata)
    #expect(file.names == ["a", "b", "clock", "ids", "mask", "nothing"])
    #expect(
      try file.floats("b").map(\.bitPattern)
        == [1, -2, 3.5, .infinity, -0.0, 0x1p-140].map { ($0 as Float).bitPattern })
    #expect(try file.info("b").shape == [2, 3])
    #expect(try file.doubles("a") == [.pi])
    #expect(try file.int32s("ids") == [.min, .max])
    #expect(try file.int64s("clock") == [1 << 40])
    #expect(try file.uint8s("mask") == [0, 1, 255])
    #expect(try file.floats("nothing") == [])
    #expect(try file.withBytes(of: "mask") { $0.byteCount } == 3)
    #expect(runtimeError { _ = try file.floats("a") }?.message.contains("is F64, not F32") == true)
    #expect(runtimeError { _ = try file.floats("c") }?.message.contains("has no tensor `c`") == true)
  }

  /// The whole file, byte by byte: whoever changes this changes every checkpoint.
  @Test func bytesAreFixed() throws {
    let url = folder.file("t.safetensors")
    try Safetensors.write(
      [
        .init("z", shape: [1], .uint8([7])), .init("y", shape: [1], .float32([1])),
        .init("x", shape: [1], .uint8([9])),
      ],
      metadata: ["b": "2", "a": "1"], to: url)
    let header =
      #"{"__metadata__":{"a":"1","b":"2"},"x":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"#
      + #""y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"z":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = padded.utf8.count
    let expected =
      [UInt8(length & 255), UInt8(length >> 8), 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [
        0, 0, 128, 63, 9, 7,
      ]
    #expect(try Array(Data(contentsOf: url)) == expected)
  }

  @Test func orderOfArgumentsDoesNotMatter() throws {
    try Safetensors.write(tensors, metadata: metadata, to: folder.file("1"))
    try Safetensors.write(tensors.reversed(), metadata: metadata, to: folder.file("2"))
    #expect(try Data(contentsOf: folder.file("1")) == Data(contentsOf: folder.file("2")))
  }

  @Test func writerRefusesWhatReadersWould() {
    let url = folder.file("t")
    let one = Safetensors.Tensor("a", shape: [1], .float32([1]))
    #expect(runtimeError { try Safetensors.write([one, one], to: url) }?.kind == .invalidInput)
    #expect(
      runtimeError { try Safetensors.write([.init("a", shape: [2], .float32([1]))], to: url) }?.message
        == "Tensor `a` has 1 elements and the shape [2].")
    #expect(
      runtimeError { try Safetensors.write([.init("__metadata__", shape: [0], .uint8([]))], to: url) } != nil)
    #expect(folder.contents().isEmpty)
  }

  /// Files that the reference implementation wrote.
  @Test func fixturesOfTheReferenceImplementationAreRead() throws {
    let fixtures = TinyLibrary.root.appendingPathComponent("Tests/Fixtures/torch")
    let files = try FileManager.default.contentsOfDirectory(at: fixtures, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "safetensors" }
    #expect(!files.isEmpty)
    for url in files {
      let file = try Safetensors.File(contentsOf: url)
      #expect(!file.names.isEmpty)
    }
  }

  @Test func filesThatCannotBeRead() {
    #expect(
      runtimeError { _ = try Safetensors.File(contentsOf: folder.file("absent")) }?.message
        == "Cannot read \(folder.url.path)/absent: No such file or directory.")
    #expect(
      runtimeError { _ = try Safetensors.File(contentsOf: folder.url) }?.message.contains("it is not a file")
        == true)
  }

  /// Every way to cut a valid file short.
  @Test func truncatedFilesAreRefused() throws {
    let url = folder.file("t")
    try Safetensors.write(tensors, metadata: metadata, to: url)
    let whole = try Data(contentsOf: url)
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: url)
      #expect(
        runtimeError { _ = try Safetensors.File(contentsOf: url) }?.kind == .invalidFile, "\(length) bytes")
    }
  }

  /// Any one byte of the header changed gives an error or a file that is valid in itself, never a crash.
  @Test func damagedHeadersAreReadSafely() throws {
    let url = folder.file("t")
    try Safetensors.write(tensors, metadata: ["k": "v"], to: url)
    let whole = Array(try Data(contentsOf: url))
    let headerEnd = 8 + Int(whole[0]) + Int(whole[1]) << 8
    var refused = 0
    for position in 0..<headerEnd {
      for change: UInt8 in [0x01, 0x20, 0x80, 0xff] {
        var damaged = whole
        damaged[position] ^= change
        try Data(damaged).write(to: url)
        do {
          let file = try Safetensors.File(contentsOf: url)
          let bytes = try file.names.map { try file.info($0).range.count }.reduce(0, +)
          #expect(bytes == whole.count - headerEnd)
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused > headerEnd)
  }
}
