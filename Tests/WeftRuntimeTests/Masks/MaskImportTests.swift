import Foundation
import Testing

@testable import WeftRuntime

@Suite struct MaskImportTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  static let layout = MaskLayout([
    (name: "chars.conv.weight", shape: [2, 3, 2]), (name: "encoder.0.weight_ih_l0", shape: [4, 2]),
  ])
  static let conv: [Double] = [0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1]
  static let encoder: [Double] = [1, 0, 0, 1, 1, 1, 0, 1]
  static let bytes = (conv + encoder).map { UInt8($0) }

  /// A file of one element type, written byte by byte, which `Safetensors.write` does not do for all of them.
  private func file(
    _ type: Safetensors.DataType, one: UInt64, changing position: Int? = nil, to bits: UInt64 = 0
  ) throws -> URL {
    var data = Data()
    for (index, value) in (Self.encoder + Self.conv).enumerated() {
      let element = index == position ? bits : value == 1 ? one : 0
      for byte in 0..<type.byteCount { data.append(UInt8(truncatingIfNeeded: element >> UInt64(8 * byte))) }
    }
    let end = Self.encoder.count * type.byteCount
    let header =
      #"{"encoder.0.weight_ih_l0":{"dtype":"\#(type.rawValue)","shape":[4,2],"data_offsets":[0,\#(end)]},"#
      + #""chars.conv.weight":{"dtype":"\#(type.rawValue)","shape":[2,3,2],"data_offsets":[\#(end),\#(data.count)]}}"#
    var contents = Data()
    for byte in 0..<8 { contents.append(UInt8(truncatingIfNeeded: header.utf8.count >> (8 * byte))) }
    contents += Data(header.utf8)
    let url = folder.file("mine.safetensors")
    try (contents + data).write(to: url)
    return url
  }

  private func message(_ url: URL, reached: Set<String>? = nil, fill: Mask.Fill? = nil) -> String? {
    runtimeError { _ = try Mask(importing: url, layout: Self.layout, reached: reached, fill: fill) }?
      .message.replacingOccurrences(of: url.path, with: "FILE")
  }

  /// The pattern of 1 in each type, as numpy and ml_dtypes write it.
  static let ones: [(Safetensors.DataType, UInt64)] = [
    (.float64, 0x3FF0_0000_0000_0000), (.float32, 0x3F80_0000), (.float16, 0x3C00), (.bfloat16, 0x3F80),
    (.float8e4m3, 0x38), (.float8e5m2, 0x3C), (.int64, 1), (.int32, 1), (.int16, 1), (.int8, 1), (.uint64, 1),
    (.uint32, 1), (.uint16, 1), (.uint8, 1), (.bool, 1),
  ]

  @Test(arguments: ones) func everyTypeIsRead(type: Safetensors.DataType, one: UInt64) throws {
    #expect(Self.ones.count == Safetensors.DataType.allCases.count)
    let mask = try Mask(importing: file(type, one: one), layout: Self.layout)
    #expect(mask.layout == Self.layout)
    #expect(mask.bytes == Self.bytes)
  }

  @Test(arguments: [
    (Safetensors.DataType.float32, 0x3F80_0000 as UInt64, 0x3F00_0000 as UInt64, "0.5"),
    (.float32, 0x3F80_0000, 0xBF80_0000, "-1.0"), (.float32, 0x3F80_0000, 1, "1e-45"),
    (.float32, 0x3F80_0000, 0x7FC0_0000, "nan"),
    (.float64, 0x3FF0_0000_0000_0000, 0x4000_0000_0000_0000, "2.0"),
    (.float16, 0x3C00, 0x7C00, "inf"), (.float16, 0x3C00, 0xFC01, "nan"), (.float16, 0x3C00, 0x3400, "0.25"),
    (.float16, 0x3C00, 0x0001, "5.960464477539063e-08"), (.bfloat16, 0x3F80, 0xC040, "-3.0"),
    (.float8e4m3, 0x38, 0x7E, "448.0"), (.float8e4m3, 0x38, 0x7F, "nan"), (.float8e5m2, 0x3C, 0x7C, "inf"),
    (.int8, 1, 0xFF, "-1"), (.int64, 1, .max, "-1"), (.uint64, 1, .max, "18446744073709551615"),
    (.uint8, 1, 255, "255"), (.bool, 1, 2, "2"),
  ]) func otherValuesAreNamedWithTheirPlace(
    type: Safetensors.DataType, one: UInt64, bits: UInt64, text: String
  ) throws {
    // Element 5 of the convolution: [0, 2, 1].
    #expect(
      message(try file(type, one: one, changing: 13, to: bits))
        == "The tensor `chars.conv.weight` of FILE is \(text) at [0, 2, 1]; a mask holds nothing but 0 and 1."
    )
  }

  @Test func minusZeroIsZero() throws {
    let url = try file(.float32, one: 0x3F80_0000, changing: 1, to: 0x8000_0000)
    #expect(try Mask(importing: url, layout: Self.layout).bytes == Self.bytes)
  }

  private func write(_ tensors: [Safetensors.Tensor], _ metadata: [String: String] = [:]) throws -> URL {
    let url = folder.file("mine.safetensors")
    try Safetensors.write(tensors, metadata: metadata, to: url)
    return url
  }

  @Test func aConvolutionMayBeAMatrix() throws {
    let encoder = Safetensors.Tensor("encoder.0.weight_ih_l0", shape: [4, 2], .float64(Self.encoder))
    let url = try write([encoder, .init("chars.conv.weight", shape: [2, 6], .float64(Self.conv))])
    #expect(try Mask(importing: url, layout: Self.layout).bytes == Self.bytes)
    for shape in [[12], [3, 4], [2, 2, 3], [1, 2, 6]] {
      let url = try write([encoder, .init("chars.conv.weight", shape: shape, .float64(Self.conv))])
      #expect(
        message(url)
          == "FILE does not fit the network: chars.conv.weight is \(shape) in the file and [2, 3, 2] in the network."
      )
    }
  }

  @Test func absentParametersNeedAFill() throws {
    let url = try write([.init("encoder.0.weight_ih_l0", shape: [4, 2], .float64(Self.encoder))])
    #expect(
      message(url)
        == "FILE does not fit the network: chars.conv.weight [2, 3, 2] is missing. With `--fill ones` or "
        + "`--fill zeros`, parameters may be missing.")
    let ones = try Mask(importing: url, layout: Self.layout, fill: .ones)
    #expect(ones.bytes == Array(repeating: 1, count: 12) + Self.bytes.dropFirst(12))
    let zeros = try Mask(importing: url, layout: Self.layout, fill: .zeros)
    #expect(zeros.bytes == Array(repeating: 0, count: 12) + Self.bytes.dropFirst(12))
    // What the task does not reach may be absent, and is not filled.
    let below = try Mask(
      importing: url, layout: Self.layout, reached: ["encoder.0.weight_ih_l0"], fill: .ones)
    #expect(below == zeros)
    #expect(try Mask(importing: url, layout: Self.layout, reached: ["encoder.0.weight_ih_l0"]) == zeros)
  }

  @Test func whatTheNetworkDoesNotKnowIsRefused() throws {
    let url = try write([
      .init("encoder.0.weight_ih_l0", shape: [4, 2], .float64(Self.encoder)),
      .init("conv.weight", shape: [2, 3, 2], .float64(Self.conv)),
    ])
    #expect(
      message(url, fill: .ones)
        == "FILE does not fit the network: conv.weight is no prunable parameter of the network.")
  }

  @Test func filesOfOtherKindsAreRefused() throws {
    #expect(message(try write([], ["weft.kind": "mask"]))?.contains("need not be imported") == true)
    let url = folder.file("text")
    try Data("1 0 1".utf8).write(to: url)
    #expect(message(url)?.contains("not a valid safetensors file: it is cut short") == true)
    #expect(
      runtimeError { _ = try Mask(importing: folder.file("none"), layout: Self.layout) }?.kind == .fileAccess)
  }
}
