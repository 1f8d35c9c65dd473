import Foundation

/// The safetensors format: eight bytes of header length (little-endian), a JSON header, then the tensors'
/// bytes without gaps (github.com/huggingface/safetensors).
public enum Safetensors {
  /// Element types, by the names in the header.
  public enum DataType: String, Sendable, Hashable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float8e4m3 = "F8_E4M3"
    case float8e5m2 = "F8_E5M2"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint64 = "U64"
    case uint32 = "U32"
    case uint16 = "U16"
    case uint8 = "U8"
    case bool = "BOOL"

    /// Bytes of an element.
    public var byteCount: Int {
      switch self {
      case .float64, .int64, .uint64: 8
      case .float32, .int32, .uint32: 4
      case .float16, .bfloat16, .int16, .uint16: 2
      case .float8e4m3, .float8e5m2, .int8, .uint8, .bool: 1
      }
    }
  }

  /// A tensor of a file.
  public struct TensorInfo: Sendable, Hashable {
    public var name: String
    public var type: DataType
    public var shape: [Int]
    /// Bytes from the end of the header.
    public var range: Range<Int>
    /// Number of elements.
    public var count: Int { range.count / type.byteCount }
  }

  /// Longest header that is read or written, in bytes; as in the reference implementation.
  static let longestHeader = 100_000_000
}

extension Safetensors {
  /// A checked safetensors file, mapped into memory.
  ///
  /// Sound to share: the mapping is private and read only. Weft replaces files by renaming and never shortens
  /// one, so that a mapping stays whole.
  public final class File: @unchecked Sendable {
    public let url: URL
    public let metadata: [String: String]
    public let tensors: [String: TensorInfo]
    /// Tensors' names, sorted.
    public var names: [String] { tensors.keys.sorted() }
    private let mapping: UnsafeRawBufferPointer
    private let dataStart: Int

    /// Opens a file and checks everything: the header's form, every tensor's size, and that tensors fill the
    /// rest of the file without overlaps, holes or anything after them.
    ///
    /// - Throws: `.fileAccess`, or `.invalidFile` saying what is wrong and where.
    public init(contentsOf url: URL) throws(RuntimeError) {
      self.url = url
      let path = url.path
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileProblem.error(errno, doing: "read", path) }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw FileProblem.error(errno, doing: "read", path) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw RuntimeError(.fileAccess, "Cannot read \(path): it is not a file.")
      }
      let size = Int(status.st_size)
      func fail(_ problem: String) -> RuntimeError {
        RuntimeError(.invalidFile, "\(path) is not a valid safetensors file: \(problem).")
      }
      guard size >= 8 else { throw fail("it is cut short, with \(size) bytes") }
      guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
        throw FileProblem.error(errno, doing: "read", path)
      }
      let mapping = UnsafeRawBufferPointer(start: address, count: size)
      do throws(SafetensorsProblem) {
        let length = UInt64(littleEndian: mapping.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Safetensors.longestHeader) else {
          throw SafetensorsProblem(
            "its header would have \(length) bytes; at most \(longestHeader) are allowed")
        }
        guard length <= UInt64(size - 8) else {
          throw SafetensorsProblem("it is cut short: its header has \(length) bytes, the file \(size)")
        }
        dataStart = 8 + Int(length)
        let header = try SafetensorsHeader(parsing: mapping[8..<dataStart], dataSize: size - dataStart)
        metadata = header.metadata
        tensors = header.tensors
        self.mapping = mapping
      } catch {
        munmap(address, size)
        throw fail(error.reason)
      }
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress!), mapping.count) }

    /// The bytes of a tensor, little-endian.
    public func withBytes<Result: ~Copyable>(
      of name: String, _ body: (RawSpan) throws(RuntimeError) -> Result
    ) throws(RuntimeError) -> Result {
      try withUnsafeBytes(of: try info(name)) { bytes throws(RuntimeError) in try body(bytes.bytes) }
    }

    /// A tensor's elements.
    ///
    /// - Throws: `.invalidFile` if there is no such tensor or it is of another type.
    public func floats(_ name: String) throws(RuntimeError) -> [Float] { try elements(name, .float32) }
    public func doubles(_ name: String) throws(RuntimeError) -> [Double] { try elements(name, .float64) }
    public func int32s(_ name: String) throws(RuntimeError) -> [Int32] { try elements(name, .int32) }
    public func int64s(_ name: String) throws(RuntimeError) -> [Int64] { try elements(name, .int64) }
    public func uint8s(_ name: String) throws(RuntimeError) -> [UInt8] { try elements(name, .uint8) }

    /// - Throws: `.invalidFile` if there is no such tensor.
    public func info(_ name: String) throws(RuntimeError) -> TensorInfo {
      guard let info = tensors[name] else {
        throw RuntimeError(.invalidFile, "\(url.path) has no tensor `\(name)`.")
      }
      return info
    }

    func withUnsafeBytes<Result: ~Copyable>(
      of info: TensorInfo, _ body: (UnsafeRawBufferPointer) throws(RuntimeError) -> Result
    ) throws(RuntimeError) -> Result {
      let range = dataStart + info.range.lowerBound..<dataStart + info.range.upperBound
      return try body(UnsafeRawBufferPointer(rebasing: mapping[range]))
    }

    /// Elements in the machine's order; every machine that Weft runs on is little-endian.
    private func elements<Element: BitwiseCopyable>(
      _ name: String, _ type: DataType
    ) throws(RuntimeError) -> [Element] {
      let info = try info(name)
      guard info.type == type else {
        throw RuntimeError(
          .invalidFile, "The tensor `\(name)` of \(url.path) is \(info.type.rawValue), not \(type.rawValue).")
      }
      return try withUnsafeBytes(of: info) { bytes in
        [Element](unsafeUninitializedCapacity: info.count) { target, count in
          // A copy of bytes: the file need not align tensors.
          UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
          count = info.count
        }
      }
    }
  }
}

/// What is wrong with a safetensors file.
struct SafetensorsProblem: Error {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}
