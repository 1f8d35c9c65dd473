import Foundation

/// All parameters of a network (or gradients, moments or averages of their shape) in one flat block, in the
/// canonical layout of the library's parameter table: row-major, each starting at a multiple of 16 floats.
///
/// A value: copies are independent, and share memory until one is changed.
public struct ParameterBlock: Sendable {
  public private(set) var table: [ParameterInfo]
  /// Length in floats, gaps for alignment included.
  public let count: Int
  private var storage: Storage
  private let positions: [String: Int]

  /// Sound to share: `ParameterBlock` writes to a storage only while it holds the sole reference.
  private final class Storage: @unchecked Sendable {
    let memory: AlignedMemory
    init(_ memory: AlignedMemory) { self.memory = memory }
  }

  /// A block of zeros.
  ///
  /// - Throws: `.invalidInput` if the table's entries overlap or reach beyond `count`; `.outOfMemory`.
  public init(table: [ParameterInfo], count: Int) throws(RuntimeError) {
    var end = 0
    for entry in table {
      guard entry.offset >= end, entry.rows >= 0, entry.columns >= 0, entry.offset + entry.count <= count
      else {
        throw RuntimeError(
          .invalidInput, "Parameter \(entry.name) does not fit in a block of \(count) floats.")
      }
      end = entry.offset + entry.count
    }
    self.table = table
    self.count = count
    positions = Dictionary(table.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    storage = Storage(
      try AlignedMemory(byteCount: count * MemoryLayout<Float>.stride, for: "\(count) parameters"))
  }

  /// A block of zeros for a library.
  public init(_ tables: LibraryTables) throws(RuntimeError) {
    try self.init(table: tables.parameters, count: tables.parameterFloats)
  }

  public var names: [String] { table.map(\.name) }
  public func info(_ name: String) -> ParameterInfo? { positions[name].map { table[$0] } }

  /// A parameter's values, row-major; nil if there is none of this name.
  public subscript(name: String) -> [Float]? {
    info(name).map { Array(floats[$0.range]) }
  }

  /// Replaces a parameter's values.
  ///
  /// - Throws: `.invalidInput` if there is no such parameter or the number of values is not its size.
  public mutating func set(_ name: String, to values: [Float]) throws(RuntimeError) {
    guard let info = info(name) else {
      throw RuntimeError(.invalidInput, "There is no parameter \(name).")
    }
    guard values.count == info.count else {
      throw RuntimeError(
        .invalidInput, "Parameter \(name) has \(info.count) values \(info.shape), not \(values.count).")
    }
    try makeUnique()
    _ = UnsafeMutableBufferPointer(rebasing: floats[info.range]).update(from: values)
  }

  /// Replaces the shapes that checkpoints show, which a library's table (rows and columns) does not know in
  /// full: those of the convolution weights [filters × dim × width].
  ///
  /// - Throws: `.invalidInput` if a shape has another number of values.
  public func reshaped(_ shapes: [String: [Int]]) throws(RuntimeError) -> ParameterBlock {
    var table = table
    for index in table.indices {
      guard let shape = shapes[table[index].name] else { continue }
      guard shape.first == table[index].rows, shape.reduce(1, *) == table[index].count else {
        throw RuntimeError(
          .invalidInput,
          "Parameter \(table[index].name) is \(table[index].shape) in the library and cannot have the "
            + "shape \(shape)."
        )
      }
      table[index].shape = shape
    }
    var copy = self
    copy.table = table
    return copy
  }

  /// Reads the whole block.
  public func withFloats<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The storage outlives the call: this block holds it.
    try withExtendedLifetime(storage) { () throws(Failure) -> Result in
      try body(UnsafeBufferPointer(floats).span)
    }
  }

  /// Writes the whole block in place.
  public mutating func withMutableFloats<Result>(
    _ body: (inout MutableSpan<Float>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    try makeUnique()
    var span = floats.mutableSpan
    return try body(&span)
  }

  /// Writes the whole block in place, for C.
  mutating func withUnsafeAddress<Result>(
    _ body: (UnsafeMutablePointer<Float>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    try makeUnique()
    return try body(storage.memory.address.assumingMemoryBound(to: Float.self))
  }

  /// Address that stays valid and constant as long as some copy of this block lives and is not changed.
  var address: UnsafePointer<Float> {
    UnsafePointer(storage.memory.address.assumingMemoryBound(to: Float.self))
  }

  private var floats: UnsafeMutableBufferPointer<Float> { storage.memory.floats(count: count) }

  private mutating func makeUnique() throws(RuntimeError) {
    if isKnownUniquelyReferenced(&storage) { return }
    let copy = try AlignedMemory(byteCount: count * MemoryLayout<Float>.stride, for: "\(count) parameters")
    _ = copy.floats(count: count).update(from: floats)
    storage = Storage(copy)
  }
}

extension ParameterBlock: Equatable {
  /// Equal tables and equal bits, gaps included.
  public static func == (left: ParameterBlock, right: ParameterBlock) -> Bool {
    guard left.table == right.table, left.count == right.count else { return false }
    return withExtendedLifetime((left.storage, right.storage)) {
      memcmp(left.address, right.address, left.count * MemoryLayout<Float>.stride) == 0
    }
  }
}
