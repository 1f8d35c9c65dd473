import Foundation
import Testing

@testable import WeftRuntime

/// A header, the bytes after it, and what must be said about them.
struct Attack: Sendable, CustomTestStringConvertible {
  var name: String
  var header: [UInt8]
  var data: Int
  var reason: String
  /// The length that the file claims for its header, if it lies.
  var claimed: UInt64?
  var testDescription: String { name }

  init(_ name: String, _ header: String, data: Int = 4, _ reason: String, claimed: UInt64? = nil) {
    self.init(name, Array(header.utf8), data: data, reason, claimed: claimed)
  }
  init(_ name: String, _ header: [UInt8], data: Int = 4, _ reason: String, claimed: UInt64? = nil) {
    self.name = name
    self.header = header
    self.data = data
    self.reason = reason
    self.claimed = claimed
  }

  private static let tensor = #"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
  private static let second = #"{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#

  static let all: [Attack] = [
    Attack("duplicate tensor", #"{"a":\#(tensor),"a":\#(second)}"#, data: 8, "it has two tensors named `a`"),
    Attack(
      "duplicate tensor by escape", #"{"a":\#(tensor),"\u0061":\#(second)}"#, data: 8, "two tensors named `a`"
    ),
    Attack(
      "duplicate field", #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      "has the field `dtype` twice"),
    Attack(
      "duplicate metadata", #"{"__metadata__":{},"__metadata__":{},"a":\#(tensor)}"#, "two `__metadata__`"),
    Attack(
      "duplicate metadata key", #"{"__metadata__":{"k":"1","k":"2"},"a":\#(tensor)}"#,
      "have the key `k` twice"),
    Attack("metadata that are no texts", #"{"__metadata__":{"k":1},"a":\#(tensor)}"#, "`\"` is expected"),
    Attack("nested metadata", #"{"__metadata__":{"k":{}},"a":\#(tensor)}"#, "`\"` is expected"),
    Attack("overlap", #"{"a":\#(tensor),"b":\#(tensor)}"#, "overlaps the one before it"),
    Attack(
      "partial overlap",
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      data: 8, "tensor `b` overlaps the one before it"),
    Attack(
      "hole", #"{"a":\#(tensor),"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}"#, data: 6,
      "a hole of 1 bytes"),
    Attack("hole at the start", #"{"a":\#(second)}"#, data: 8, "a hole of 4 bytes before tensor `a`"),
    Attack("trailing bytes", #"{"a":\#(tensor)}"#, data: 5, "1 bytes follow its last tensor"),
    Attack("only data", "{}", data: 1, "1 bytes follow its last tensor"),
    Attack("data cut short", #"{"a":\#(tensor)}"#, data: 3, "its tensors need 4 bytes, and 3 are there"),
    Attack(
      "size mismatch", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, "needs 8 bytes but has 4"),
    Attack(
      "backward offsets", #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}"#,
      "has the data_offsets [4, 0]"),
    Attack(
      "three offsets", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, "has the data_offsets"),
    Attack(
      "shape overflow", #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#,
      "overflows"),
    Attack(
      "shape overflow to zero and back",
      #"{"a":{"dtype":"F32","shape":[9223372036854775807,2,0],"data_offsets":[0,0]}}"#, data: 0, "overflows"),
    Attack(
      "number overflow", #"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}"#,
      "a number is too large"),
    Attack(
      "negative extent", #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
      "a natural number is expected"),
    Attack("fraction", #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, "`]` is expected"),
    Attack("exponent", #"{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}"#, "`]` is expected"),
    Attack(
      "leading zero", #"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#,
      "a natural number is expected"),
    Attack(
      "unknown type", #"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, "the unknown type `F31`"),
    Attack("missing field", #"{"a":{"dtype":"F32","shape":[1]}}"#, "lacks a field"),
    Attack(
      "unknown field", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#,
      "the unknown field `x`"),
    Attack("tensor that is a list", #"{"a":[1]}"#, "`{` is expected"),
    Attack(
      "list of lists", #"{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}"#,
      "a natural number is expected"),
    Attack("list at the top", "[]", data: 0, "does not start with `{`"),
    Attack("space at the start", " {}", data: 0, "does not start with `{`"),
    Attack("empty header", "", data: 0, "does not start with `{`"),
    Attack("deep header", String(repeating: #"{"a":"#, count: 100_000), "the unknown field `a`"),
    Attack(
      "deep lists", #"{"a":{"dtype":"F32","shape":"# + String(repeating: "[", count: 100_000),
      "natural number"),
    Attack("something after the header", #"{"a":\#(tensor)}x"#, "something follows the header"),
    Attack(
      "zero bytes as padding", Array(#"{"a":\#(tensor)}"#.utf8) + [0, 0], "something follows the header"),
    Attack("comma at the end", #"{"a":\#(tensor),}"#, "`\"` is expected"),
    Attack("no end", #"{"a":\#(tensor)"#, "`}` is expected"),
    Attack("text without end", #"{"a"#, "a text does not end"),
    Attack("not UTF-8", [0x7b, 0x22, 0xff, 0x22, 0x3a] + Array("\(tensor)}".utf8), "not valid UTF-8"),
    Attack(
      "overlong UTF-8", [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a] + Array("\(tensor)}".utf8), "not valid UTF-8"),
    Attack("control character", Array("{\"a\n\":\(tensor)}".utf8), "a control character"),
    Attack("half a surrogate", #"{"\ud800":\#(tensor)}"#, "half a surrogate pair"),
    Attack("low surrogate first", #"{"\udc00":\#(tensor)}"#, "half a surrogate pair"),
    Attack("unknown escape", #"{"\x":\#(tensor)}"#, "an unknown escape"),
    Attack("huge header", "{}", data: 0, "would have 100000001 bytes", claimed: 100_000_001),
    Attack(
      "header length that overflows", "{}", data: 0, "would have 18446744073709551615 bytes", claimed: .max),
    Attack(
      "header beyond the file", "{}", data: 0, "it is cut short: its header has 100 bytes", claimed: 100),
    Attack("header that ends early", "{}      ", data: 0, "`\"` is expected", claimed: 1),
  ]
}

@Suite struct SafetensorsAttackTests {
  @Test(arguments: Attack.all) func attacksAreRefused(attack: Attack) throws {
    let folder = try TemporaryFolder()
    let length = attack.claimed ?? UInt64(attack.header.count)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    bytes += attack.header + [UInt8](repeating: 0, count: attack.data)
    let url = folder.file("attack.safetensors")
    try Data(bytes).write(to: url)
    let error = runtimeError { _ = try Safetensors.File(contentsOf: url) }
    #expect(error?.kind == .invalidFile)
    #expect(error?.message.hasPrefix("\(url.path) is not a valid safetensors file: ") == true)
    #expect(error?.message.contains(attack.reason) == true, "\(error?.message ?? "no error")")
  }

  /// What an attack is one step away from.
  @Test(arguments: [
    ("{}", 0), (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   "#, 4),
    (#"{ "\ud83c\udf89" : { "shape" : [ ] , "dtype" : "F32" , "data_offsets" : [ 0 , 4 ] } }"#, 4),
    (#"{"__metadata__":{"k":"v"},"e":{"dtype":"I64","shape":[3,0],"data_offsets":[0,0]}}"#, 0),
  ])
  func validFilesAreRead(header: String, data: Int) throws {
    let folder = try TemporaryFolder()
    let bytes =
      [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
    try Data(bytes).write(to: folder.file("t"))
    let file = try Safetensors.File(contentsOf: folder.file("t"))
    #expect(file.tensors.values.reduce(0) { $0 + $1.range.count } == data)
  }
}
