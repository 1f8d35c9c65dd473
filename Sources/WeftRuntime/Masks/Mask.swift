/// The weights that masks are made over: the prunable parameters of a network, in the order of its parameter table.
public struct MaskLayout: Sendable, Hashable {
  public struct Parameter: Sendable, Hashable {
    public var name: String
    /// As checkpoints show it: [4H × in], [filters × dim × width].
    public var shape: [Int]
    /// Place of its first weight in a mask.
    public var offset: Int
    public var count: Int { shape.reduce(1, *) }
    public var range: Range<Int> { offset..<offset + count }
  }
  public let parameters: [Parameter]
  /// Prunable weights of the network.
  public let count: Int

  public init(_ parameters: [(name: String, shape: [Int])]) {
    var offset = 0
    var laidOut: [Parameter] = []
    for (name, shape) in parameters {
      laidOut.append(Parameter(name: name, shape: shape, offset: offset))
      offset += laidOut[laidOut.count - 1].count
    }
    self.parameters = laidOut
    count = offset
  }

  /// The prunable parameters of a library.
  ///
  /// - Parameter shapes: the shapes that checkpoints show, where they have more than two extents.
  public init(_ tables: LibraryTables, shapes: [String: [Int]] = [:]) {
    self.init(
      tables.parameters.filter(\.isPrunable).map {
        (name: $0.name, shape: shapes[$0.name] ?? $0.shape)
      })
  }

  public func parameter(named name: String) -> Parameter? { parameters.first { $0.name == name } }
}

/// A task's subnet: which of the prunable weights it uses (M_t of Sun et al. 2020, section 3).
public struct Mask: Sendable, Hashable {
  public let layout: MaskLayout
  /// 1 for a weight that is used, 0 for one that is not; the parameters one after the other, row-major.
  public private(set) var bytes: [UInt8]

  /// - Parameter isKept: whether all weights are used, or none.
  public init(_ layout: MaskLayout, all isKept: Bool) {
    self.layout = layout
    bytes = Array(repeating: isKept ? 1 : 0, count: layout.count)
  }

  /// - Precondition: as many bytes as the layout has weights, each 0 or 1.
  public init(_ layout: MaskLayout, bytes: [UInt8]) {
    precondition(bytes.count == layout.count, "\(bytes.count) bytes for \(layout.count) weights")
    self.layout = layout
    self.bytes = bytes
  }

  /// The bytes of each parameter by its name.
  public var byParameter: [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: layout.parameters.map { ($0.name, Array(bytes[$0.range])) })
  }

  /// Is the weight at this place of the layout used?
  public subscript(index: Int) -> Bool {
    get { bytes[index] != 0 }
    set { bytes[index] = newValue ? 1 : 0 }
  }

  /// Weights that are used.
  public var keptCount: Int { bytes.reduce(0) { $0 + Int($1) } }
  /// Share of the weights that are used, in 0 ... 1; 1 for an empty layout.
  public var density: Double { layout.count == 0 ? 1 : Double(keptCount) / Double(layout.count) }
}
